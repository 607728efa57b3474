//! Texts without markup, JSON Lines and WET files: what comes out, in which order, and what is told.

use super::archives::response;
use super::{NO_ARTICLE, Run, article, folder, gleaner, run_in, text};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

/// What a scraper leaves of a page about `subject`: menu, article, footer.
fn scraped(subject: &str) -> String {
    format!(
        "Home\nLocal\nSport\n{}\nSign up to our newsletter\n© 2026 The Harbour Post. All rights reserved.\n",
        text(subject)
    )
}

fn body(subject: &str) -> String {
    text(subject).split_once("\n\n").unwrap().1.to_owned()
}

/// An article with markup about `subject`, as a record of JSON Lines.
fn line(id: u32, subject: &str) -> String {
    json!({"id": id, "html": article(subject)}).to_string()
}

/// All lines of a text that an object has, kept or removed. What of it is an article is for the quality gate to say.
fn all_lines(object: &Value) -> Vec<&str> {
    let removed = object["removed"].as_array().unwrap().iter().map(|removal| removal["text"].as_str().unwrap());
    removed.chain(object["text"].as_str().unwrap().lines()).filter(|line| !line.is_empty()).collect()
}

/// Whether an object comes of the text that [`scraped`] makes, read line by line.
fn is_scraped(object: &Value, subject: &str) -> bool {
    let lines = all_lines(object);
    body(subject).lines().filter(|line| !line.is_empty()).all(|line| lines.contains(&line)) && lines.contains(&"Local")
}

/// Runs `gleaner extract` on what comes through standard input.
fn piped(arguments: &[&str], input: impl Into<Vec<u8>>) -> Run {
    gleaner(folder().path()).arg("extract").args(arguments).arg("-").write_stdin(input).output().unwrap().into()
}

fn objects(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn ids(run: &Run) -> Vec<Value> {
    objects(run).into_iter().map(|mut object| object["id"].take()).collect()
}

fn wet_record(kind: &str, id: &str, content: &str) -> String {
    format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: https://post.example/{id}\r\nWARC-Record-ID: <urn:uuid:{id}>\r\n\
         Content-Type: text/plain\r\nContent-Length: {}\r\n\r\n{content}\r\n\r\n",
        content.len()
    )
}

fn gzip(bytes: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn texts_are_recognised_and_that_is_told() {
    let here = folder();
    fs::write(here.path().join("a.txt"), scraped("The bridge")).unwrap();
    let of = |arguments: &[&str]| run_in(&here, &[&["extract", "--format", "jsonl", "a.txt"], arguments].concat());
    let run = of(&[]);
    assert!(is_scraped(&objects(&run)[0], "The bridge"), "{run:?}");
    let notes = |run: &Run| run.stderr.lines().filter(|line| line.contains("plain text")).count();
    assert!(notes(&run) == 1 && run.stderr.contains("a.txt"), "{}", run.stderr);
    let told = of(&["--input", "text"]);
    assert_eq!((&told.stdout, notes(&told), notes(&of(&["-q"]))), (&run.stdout, 0, 0));
    assert!(is_scraped(
        &objects(&piped(&["--format", "jsonl", "--input", "text"], scraped("The mill")))[0],
        "The mill"
    ));
    let as_page = of(&["--input", "html"]);
    assert!(!is_scraped(&objects(&as_page)[0], "The bridge") && notes(&as_page) == 0, "{as_page:?}");
}

#[test]
fn markup_stays_markup_unless_it_is_said_to_be_text() {
    let page = piped(&["--format", "jsonl"], article("The dam"));
    assert_eq!((&objects(&page)[0]["text"], page.stderr.as_str()), (&json!(body("The dam")), ""));
    let as_text = piped(&["--format", "jsonl", "--input", "text"], article("The dam"));
    assert!(all_lines(&objects(&as_text)[0]).iter().any(|line| line.starts_with("<p>")), "{as_text:?}");
}

#[test]
fn explain_reads_texts_too() {
    let here = folder();
    fs::write(here.path().join("a.txt"), scraped("The bridge")).unwrap();
    let run = run_in(&here, &["explain", "--format", "json", "a.txt"]);
    assert!(run.code == Some(0) && run.stderr.contains("plain text"), "{run:?}");
    assert_eq!(objects(&run)[0]["blocks"].as_array().map(Vec::len), Some(10));
    let told = run_in(&here, &["explain", "--format", "json", "--input", "text", "a.txt"]);
    assert_eq!((told.stdout, told.stderr.as_str()), (run.stdout, ""));
}

#[test]
fn explain_reads_one_record_of_a_batch() {
    let here = folder();
    let redirect = response("1", "HTTP/1.1 301 Moved\nLocation: /b", b"");
    let page = response("2", "HTTP/1.1 200 OK\nContent-Type: text/html", article("The dam").as_bytes());
    fs::write(here.path().join("a.warc"), [redirect, page].concat()).unwrap();
    fs::write(here.path().join("a.jsonl"), format!("{}\n{}\n{{}}\n", line(1, "The quay"), line(2, "The mill")))
        .unwrap();
    fs::write(here.path().join("page.html"), article("The lock")).unwrap();
    let explained = |file: &str, record: &str, text: &str| {
        let run = run_in(&here, &["explain", "--format", "json", file, "--record", record]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{file}");
        assert_eq!(objects(&run)[0]["input"], format!("{file}:{record}"));
        assert!(run.stdout.contains(text), "{run:?}");
    };
    explained("a.warc", "2", "The dam has opened");
    explained("a.jsonl", "2", "The mill");
    for (arguments, why) in [
        (&["a.warc"][..], "a.warc: holds many pages; name one by --record"),
        (&["a.warc", "--record", "1"], "a.warc:1: holds no page (redirects); name another record"),
        (&["a.warc", "--record", "3"], "a.warc:3: is no record that may hold a page"),
        (&["a.jsonl", "--record", "3"], "a.jsonl:3: neither `text` nor `html` is given"),
        (&["page.html", "--record", "1"], "page.html:1: is no batch; leave --record out"),
    ] {
        let run = run_in(&here, &[&["explain"], arguments].concat());
        assert!(run.code == Some(7) && run.stderr.contains(why), "{arguments:?}: {run:?}");
    }
}

#[test]
fn json_lines_give_json_lines_in_their_order() {
    let lines = [
        json!({"id": "a", "html": article("The bridge"), "url": "https://post.example/a", "unknown": [1]}),
        json!({"id": 7, "text": scraped("The mill")}),
        json!({"html": article("The weir")}),
    ];
    let run = piped(&["--format", "jsonl"], format!("{}\n\n{}\r\n{}", lines[0], lines[1], lines[2]));
    assert_eq!((ids(&run), run.stderr.as_str()), (vec![json!("a"), json!(7), Value::Null], ""));
    let objects = objects(&run);
    let names = objects[0].as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    let expected = "accessible_for_free agency authors claims confidence counters dateline from_data id image input language \
                    license modified published related removed section site subtitle tags text title url verdict version words";
    assert_eq!(names, expected);
    assert_eq!((&objects[0]["version"], &objects[0]["url"]), (&json!(1), &json!("https://post.example/a")));
    let inputs: Vec<&str> = objects.iter().map(|object| object["input"].as_str().unwrap()).collect();
    assert_eq!(inputs, ["-:1", "-:3", "-:4"]);
    assert_eq!((&objects[0]["text"], &objects[2]["text"]), (&json!(body("The bridge")), &json!(body("The weir"))));
    assert!(is_scraped(&objects[1], "The mill"), "{}", objects[1]);
}

#[test]
fn a_bad_line_is_told_by_its_number_and_the_others_go_on() {
    let here = folder();
    let good = |id: u32| line(id, "The bridge");
    let both = json!({"text": "a", "html": "b"}).to_string();
    fs::write(here.path().join("a.jsonl"), [&good(1), "{\"text\": \"cut", &good(2), &both, &good(3)].join("\n"))
        .unwrap();
    let run = run_in(&here, &["extract", "--format", "jsonl", "a.jsonl"]);
    assert_eq!((run.code, ids(&run)), (Some(3), vec![json!(1), Value::Null, json!(2), Value::Null, json!(3)]));
    let row = &objects(&run)[1];
    assert_eq!((&row["version"], &row["input"], &row["url"]), (&json!(1), &json!("a.jsonl:2"), &Value::Null));
    assert!(row["error"].as_str().unwrap().starts_with("no usable JSON") && row.get("verdict").is_none(), "{row}");
    let told: Vec<&str> = run.stderr.lines().collect();
    assert!(told.len() == 2 && told[0].starts_with("gleaner: a.jsonl:2: no usable JSON"), "{told:?}");
    assert!(told[1].starts_with("gleaner: a.jsonl:4: both `text` and `html`"), "{told:?}");
    let all_bad = piped(&["--format", "jsonl", "--input", "jsonl"], "{}\n[]\nx");
    let has_error = objects(&all_bad).iter().all(|row| row["error"].is_string());
    assert_eq!((all_bad.code, ids(&all_bad).len(), all_bad.stderr.lines().count()), (Some(7), 3, 3));
    assert!(has_error, "{all_bad:?}");
    let as_text = piped(&["--input", "jsonl"], "{}\n[]\nx");
    assert_eq!((as_text.code, as_text.stdout.as_str()), (Some(7), ""), "no rows but in JSON Lines");
}

#[test]
fn a_record_without_an_article_has_a_line_of_its_own_and_counts_as_one() {
    let lines = format!("{}\n{}", json!({"id": 1, "html": NO_ARTICLE}), line(2, "The weir"));
    let run = piped(&["--format", "jsonl"], lines.clone());
    assert_eq!((run.code, run.stderr.as_str(), ids(&run)), (Some(3), "", vec![json!(1), json!(2)]));
    let objects = objects(&run);
    assert_eq!((&objects[0]["verdict"], &objects[0]["text"]), (&json!("not_an_article"), &json!("")));
    for format in ["json", "text"] {
        let run = piped(&["--format", format], lines.clone());
        assert!(run.code == Some(3) && run.stderr.starts_with("gleaner: -:1: no article"), "{run:?}");
    }
}

#[test]
fn a_line_past_the_limit_is_passed_and_told() {
    let huge = json!({"id": 1, "text": "word ".repeat(100_000)});
    let good = line(2, "The weir");
    let run = piped(&["--format", "jsonl", "--max-body-bytes", "20000"], format!("{huge}\n{good}\n"));
    assert_eq!((run.code, ids(&run)), (Some(3), vec![Value::Null, json!(2)]));
    assert!(run.stderr.starts_with("gleaner: -:1: longer than 20000 bytes"), "{}", run.stderr);
}

#[test]
fn batches_without_records_are_done() {
    let here = folder();
    fs::write(here.path().join("a.jsonl"), "\n \n").unwrap();
    for arguments in [&["a.jsonl"][..], &["--input", "jsonl", "a.jsonl"], &["--input", "warc", "a.jsonl"]] {
        let run = run_in(&here, &[&["extract"], arguments].concat());
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), "", ""), "{arguments:?}");
    }
    let run = piped(&[], "");
    assert_eq!(run.code, Some(5), "what is empty is a page by default");
}

#[test]
fn wet_files_give_their_texts_with_url_and_id() {
    let members = [
        gzip(&wet_record("warcinfo", "info", "software: none\r\n")),
        gzip(&wet_record("conversion", "1", &scraped("The bridge"))),
        gzip(&wet_record("conversion", "2", &scraped("The mill"))),
    ];
    let here = folder();
    fs::write(here.path().join("a.warc.wet.gz"), members.concat()).unwrap();
    let run = run_in(&here, &["extract", "--format", "jsonl", "a.warc.wet.gz"]);
    assert_eq!((run.stderr.as_str(), ids(&run)), ("", vec![json!("urn:uuid:1"), json!("urn:uuid:2")]));
    let objects = objects(&run);
    assert!(objects[1]["url"] == "https://post.example/2" && is_scraped(&objects[1], "The mill"), "{}", objects[1]);
    assert_eq!(objects[0]["input"], "a.warc.wet.gz:2");
    let plain = piped(&["--format", "jsonl"], wet_record("conversion", "1", &scraped("The bridge")));
    assert_eq!(ids(&plain), [json!("urn:uuid:1")], "recognised without its name and uncompressed");
}

#[test]
fn a_cut_member_is_told_and_those_around_it_are_read() {
    let record = |id: &str, subject: &str| gzip(&wet_record("conversion", id, &scraped(subject)));
    let (one, cut, three) = (record("1", "The bridge"), record("2", "The mill"), record("3", "The weir"));
    let bytes = [&one, &cut[..cut.len() / 2], &three].concat();
    let run = piped(&["--format", "jsonl"], bytes);
    assert_eq!(ids(&run), [json!("urn:uuid:1"), Value::Null, json!("urn:uuid:3")]);
    let told = format!("gleaner: -:2: the gzip member at byte {} is damaged", one.len());
    assert!(run.stderr.starts_with(&told) && run.stderr.lines().count() == 1, "{}", run.stderr);
    let run = piped(&["--format", "jsonl"], [&one, &cut[..cut.len() / 2]].concat());
    assert!(
        ids(&run) == [json!("urn:uuid:1"), Value::Null] && run.code != Some(0) && run.stderr.contains("damaged"),
        "{run:?}"
    );
}

#[test]
fn batches_stand_among_other_inputs_as_text_and_as_files() {
    let here = folder();
    let lines = format!("{}\n{}\n", line(1, "The inn"), line(2, "The farm"));
    fs::write(here.path().join("a.jsonl"), lines).unwrap();
    fs::write(here.path().join("b.html"), article("The well")).unwrap();
    let run = run_in(&here, &["extract", "a.jsonl", "b.html"]);
    let expected = [("a.jsonl:1", "The inn"), ("a.jsonl:2", "The farm"), ("b.html", "The well")]
        .map(|(input, subject)| format!("==> {input} <==\n\n{}", text(subject)));
    assert_eq!((run.code, run.stdout), (Some(0), expected.join("\n")));
    let run = run_in(&here, &["extract", "a.jsonl", "-o", "out"]);
    let texts: Vec<String> =
        run.stdout.lines().map(|path| fs::read_to_string(here.path().join(path)).unwrap()).collect();
    assert_eq!(texts, [text("The inn"), text("The farm")], "each record has a file of its own");
}

#[test]
fn what_cannot_be_a_batch_is_refused() {
    let here = folder();
    let run = run_in(&here, &["extract", "--input", "jsonl", "https://post.example/a"]);
    assert!(run.code == Some(7) && run.stderr.contains("files and standard input"), "{run:?}");
    let run = run_in(&here, &["extract", "--input", "text", "--engine", "readability", "a.txt"]);
    assert!(run.code == Some(2) && run.stderr.contains("readability"), "{run:?}");
    fs::create_dir(here.path().join("out")).unwrap();
    let run = run_in(&here, &["extract", "--format", "jsonl", "-o", "out", "a.jsonl"]);
    assert!(run.code == Some(2) && run.stderr.contains("--format jsonl"), "{run:?}");
    let run = run_in(&here, &["extract", "--records", "7..3", "a.jsonl"]);
    assert!(run.code == Some(2) && run.stderr.contains("TO must be greater"), "{run:?}");
    let run = run_in(&here, &["extract", "--resume", "a.jsonl"]);
    assert!(run.code == Some(2) && run.stderr.contains("--output"), "{run:?}");
}

/// A running `gleaner extract --format jsonl -` with pipes.
fn child() -> std::process::Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner"));
    command.args(["extract", "--input", "jsonl", "--format", "jsonl", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn lines_come_out_as_they_go_in_and_a_reader_that_leaves_ends_it_quietly() {
    let mut child = child();
    let line = line(1, "The tower");
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    writeln!(stdin, "{line}").unwrap();
    let mut first = String::new();
    // Were the input read to its end first, this would wait in vain.
    stdout.read_line(&mut first).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&first).unwrap()["id"], 1);
    drop(stdout);
    // The pipe holds no more than some lines: the process ends or is told to by the closed one.
    while writeln!(stdin, "{line}").is_ok() {}
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""));
}

#[test]
#[cfg(unix)]
fn a_signal_leaves_whole_lines() {
    let mut child = child();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let line = line(1, "The tower");
    writeln!(stdin, "{line}").unwrap();
    let mut out = String::new();
    stdout.read_line(&mut out).unwrap();
    // Standard input stays open: without the signal this would never end.
    write!(stdin, "{line}").unwrap();
    assert!(Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status().unwrap().success());
    std::io::Read::read_to_string(&mut stdout, &mut out).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(out.ends_with('\n') && out.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{out}");
}
