//! Batches that are stopped or killed, and gone on with: nothing is lost, nothing is there twice.
#![cfg(unix)]

use super::archives::{gzip, response};
use super::{Run, article, folder, run_in};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long something is waited for that has to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// Subjects of many words, so that no two articles are alike.
fn page(number: usize) -> String {
    let more: String =
        (0..40).map(|line| format!("<p>Line {line} of report {number} says what was seen there.</p>")).collect();
    article(&format!("The ferry number {number}")).replace("</article>", &format!("{more}</article>"))
}

/// A batch of so many pages: JSON Lines, or WARC by gzip member.
fn batch(count: usize, is_archive: bool) -> Vec<u8> {
    let line = |number: usize| {
        format!("{}\n", json!({"id": number, "html": page(number), "url": format!("https://post.example/{number}")}))
    };
    let member = |number: usize| {
        gzip(&response(&number.to_string(), "HTTP/1.1 200 OK\nContent-Type: text/html", page(number).as_bytes()))
    };
    let record = |number| if is_archive { member(number) } else { line(number).into_bytes() };
    (1..=count).flat_map(record).collect()
}

fn started(here: &TempDir, arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner"));
    command.args(arguments).current_dir(here.path());
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits for what has to come.
fn wait_for(what: &str, mut has_come: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !has_come() {
        assert!(begun.elapsed() < PATIENCE, "{what} has not come");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// How many records the state says that are done.
fn delivered(state: &Path) -> u64 {
    let state = fs::read(state).ok().and_then(|text| serde_json::from_slice::<Value>(&text).ok());
    let batch = state.map_or(Value::Null, |state| state["batch"]["through"].clone());
    batch["number"].as_u64().unwrap_or(0) + batch["beyond"].as_array().map_or(0, |beyond| beyond.len() as u64)
}

fn ids(lines: &Path) -> Vec<String> {
    let text = fs::read_to_string(lines).unwrap();
    text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].to_string()).collect()
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap().success());
}

/// Kills a call once some of it is done, goes on with it, and gives how that ended. How many threads there are may differ.
fn killed_and_resumed(here: &TempDir, arguments: &[&str], threads: &str, state: &str) -> Run {
    let mut child = started(here, &[arguments, &["--threads", threads]].concat());
    let state = here.path().join(state);
    wait_for("a state", || delivered(&state) > 0);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(state.exists(), "it was killed too late to show anything");
    let run = run_in(here, &[arguments, &["--resume"]].concat());
    assert!(!state.exists(), "{run:?}");
    run
}

/// So many that one thread takes more than a second for them, in which a state is written.
const MANY: usize = 1_200;

#[test]
fn what_is_killed_is_gone_on_with_to_the_same_file() {
    for (name, threads, options) in
        [("a.jsonl", "1", &[][..]), ("a.warc.gz", "2", &[]), ("a.warc.gz", "2", &["--unordered"])]
    {
        let here = folder();
        fs::write(here.path().join(name), batch(MANY, name != "a.jsonl")).unwrap();
        let arguments = [&["extract", "--format", "jsonl", "-o", "out.jsonl", name], options].concat();
        let run = killed_and_resumed(&here, &arguments, threads, "out.jsonl.state");
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{name} {options:?}");
        let whole = run_in(&here, &["extract", "--format", "jsonl", name]);
        let resumed = fs::read_to_string(here.path().join("out.jsonl")).unwrap();
        if options.is_empty() {
            assert!(resumed == whole.stdout, "{name}");
        } else {
            let sorted = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
            assert_eq!(resumed.lines().count(), MANY);
            assert!(sorted(&resumed) == sorted(&whole.stdout));
        }
    }
}

#[test]
fn folders_are_gone_on_with_too() {
    let here = folder();
    fs::write(here.path().join("a.warc.gz"), batch(MANY, true)).unwrap();
    let run = killed_and_resumed(&here, &["extract", "-o", "out", "a.warc.gz"], "1", "out.state");
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let manifest = fs::read_to_string(here.path().join("out/manifest.jsonl")).unwrap();
    let urls: Vec<String> =
        manifest.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["url"].to_string()).collect();
    assert_eq!((urls.len(), urls.iter().collect::<BTreeSet<_>>().len()), (MANY, MANY));
}

#[test]
fn a_signal_leaves_what_is_in_work_finished_and_a_state() {
    let here = folder();
    let lines = batch(6, false);
    let cut = lines.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(2).unwrap().0 + 1;
    let arguments = ["extract", "--input", "jsonl", "--format", "jsonl", "-o", "out.jsonl", "-"];
    let out = here.path().join("out.jsonl");
    let mut child = started(&here, &arguments);
    // Standard input stays open: without the signal this would never end.
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&lines[..cut]).unwrap();
    wait_for("three lines", || {
        fs::read(&out).is_ok_and(|text| text.iter().filter(|byte| **byte == b'\n').count() == 3)
    });
    signal(&child, "TERM");
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(143) && told.contains("--resume"), "{told}");
    assert_eq!(ids(&out), ["1", "2", "3"]);
    let again = run_in(&here, &arguments);
    assert!(again.code == Some(2) && again.stderr.contains("--resume"), "nothing is overwritten: {again:?}");
    // What a kill may leave behind the state.
    let mut torn = fs::OpenOptions::new().append(true).open(&out).unwrap();
    torn.write_all(b"{\"id\": 4, \"te").unwrap();
    let resume = |input: &[u8]| {
        let mut child = started(&here, &[&arguments[..], &["--resume"]].concat());
        child.stdin.take().unwrap().write_all(input).unwrap();
        child.wait_with_output().unwrap().status.code()
    };
    assert_eq!((resume(&lines), ids(&out).join(" ").as_str()), (Some(0), "1 2 3 4 5 6"));
    let before = fs::read(&out).unwrap();
    assert!(resume(&lines) == Some(0) && fs::read(&out).unwrap() == before, "what is finished stays as it is");
}

#[test]
fn inputs_that_are_done_are_not_read_again() {
    let here = folder();
    fs::write(here.path().join("a.jsonl"), batch(2, false)).unwrap();
    fs::write(here.path().join("b.html"), article("The mill")).unwrap();
    let inputs = ["a.jsonl", "b.html", "-"];
    let arguments = [&["extract", "--format", "jsonl", "--input", "auto", "-o", "out.jsonl"], &inputs[..]].concat();
    let out = here.path().join("out.jsonl");
    let mut child = started(&here, &arguments);
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&batch(1, false)).unwrap();
    wait_for("four lines", || fs::read(&out).is_ok_and(|text| text.iter().filter(|byte| **byte == b'\n').count() == 4));
    signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    drop(stdin);
    fs::remove_file(here.path().join("a.jsonl")).unwrap();
    fs::remove_file(here.path().join("b.html")).unwrap();
    let mut child = started(&here, &[&arguments[..], &["--resume"]].concat());
    child.stdin.take().unwrap().write_all(&batch(2, false)).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(ids(&out), ["1", "2", "null", "1", "2"]);
}

#[test]
fn a_state_is_of_one_call_and_of_the_files_as_they_were() {
    let here = folder();
    fs::write(here.path().join("a.jsonl"), batch(MANY, false)).unwrap();
    let arguments = ["extract", "--format", "jsonl", "-o", "out.jsonl", "a.jsonl"];
    let mut child = started(&here, &arguments);
    let state = here.path().join("out.jsonl.state");
    wait_for("a state", || delivered(&state) > 0);
    signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let before = fs::read(here.path().join("out.jsonl")).unwrap();
    let refused = |more: &[&str], why: &str| {
        let run = run_in(&here, &[&arguments[..], &["--resume"], more].concat());
        assert!(run.code == Some(2) && run.stderr.contains(why), "{more:?}: {run:?}");
    };
    refused(&["--level", "strict"], "other inputs or options");
    refused(&["b.jsonl"], "other inputs or options");
    let mut longer = fs::OpenOptions::new().append(true).open(here.path().join("a.jsonl")).unwrap();
    longer.write_all(b"{}\n").unwrap();
    refused(&["--threads", "1"], "longer or shorter");
    let out = here.path().join("out.jsonl");
    assert!(fs::read(&out).unwrap() == before && state.exists(), "nothing was touched");
    fs::write(here.path().join("a.jsonl"), batch(MANY, false)).unwrap();
    fs::remove_file(&out).unwrap();
    refused(&[], "is not there any more; to begin anew remove out.jsonl.state");
    assert!(!out.exists(), "nor is it made");
    fs::write(&out, "").unwrap();
    refused(&[], "is shorter than when it was left; to begin anew remove out.jsonl.state");
    fs::remove_file(&state).unwrap();
    assert_eq!(run_in(&here, &arguments).code, Some(0), "the remedy works");
    assert_eq!(ids(&out).len(), MANY);
}

#[test]
fn what_is_there_is_not_gone_on_with_in_silence() {
    let here = folder();
    fs::write(here.path().join("a.jsonl"), batch(1, false)).unwrap();
    fs::write(here.path().join("out.jsonl"), "theirs").unwrap();
    let run = run_in(&here, &["extract", "--format", "jsonl", "-o", "out.jsonl", "--resume", "a.jsonl"]);
    assert!(run.code == Some(0) && run.stderr.contains("out.jsonl is there"), "{run:?}");
    assert_eq!(fs::read_to_string(here.path().join("out.jsonl")).unwrap(), "theirs");
}

#[test]
fn a_call_under_way_is_not_told_to_be_stopped() {
    let here = folder();
    let arguments = ["extract", "--input", "jsonl", "--format", "jsonl", "-o", "out.jsonl", "-"];
    let mut child = started(&here, &arguments);
    let state = here.path().join("out.jsonl.state");
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&batch(1, false)).unwrap();
    wait_for("a line", || fs::read(here.path().join("out.jsonl")).is_ok_and(|text| !text.is_empty()));
    let second = run_in(&here, &arguments);
    assert!(second.code == Some(2) && second.stderr.contains("another gleaner is writing there"), "{second:?}");
    assert!(state.exists(), "that of the first is left to it");
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn an_output_that_somebody_writes_to_is_refused_and_left_as_it_was() {
    let here = folder();
    fs::write(here.path().join("a.jsonl"), batch(1, false)).unwrap();
    fs::write(here.path().join("out.jsonl"), "theirs").unwrap();
    let held = fs::File::open(here.path().join("out.jsonl")).unwrap();
    held.lock().unwrap();
    let arguments = ["extract", "--format", "jsonl", "-o", "out.jsonl", "a.jsonl"];
    let run = run_in(&here, &arguments);
    assert!(run.code == Some(2) && run.stderr.contains("another gleaner"), "{run:?}");
    assert_eq!(fs::read_to_string(here.path().join("out.jsonl")).unwrap(), "theirs");
    assert!(!here.path().join("out.jsonl.state").exists(), "a state would be in the way of the next call");
    drop(held);
    for _ in 0..2 {
        assert_eq!(run_in(&here, &arguments).code, Some(0), "what is finished is written anew where that is asked for");
        assert_eq!(ids(&here.path().join("out.jsonl")), ["1"]);
    }
}

#[test]
fn on_standard_output_it_is_told_where_to_go_on() {
    let here = folder();
    let mut child = started(&here, &["extract", "--input", "jsonl", "--format", "jsonl", "-v", "-"]);
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&batch(2, false)).unwrap();
    let mut stderr = std::io::BufReader::new(child.stderr.take().unwrap());
    // The third line has come to its end when its failure is told; the two before it were delivered before.
    stdin.write_all(b"broken\n").unwrap();
    let mut told = String::new();
    while !told.contains("-:3") {
        assert!(std::io::BufRead::read_line(&mut stderr, &mut told).unwrap() > 0, "{told}");
    }
    signal(&child, "INT");
    std::io::Read::read_to_string(&mut stderr, &mut told).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(told.contains("--records 4.."), "{told}");
}
