//! `gleaner extract` when all goes well.

use super::site::{Reply, Signal, Site};
use super::{article, extract, folder, gleaner, run_in, text};
use std::fs;
use std::process::{Command, Stdio};

#[test]
fn prints_title_and_text_of_a_page() {
    let site = Site::new(&[("/bridge", Reply::html(article("The bridge")))]);
    let run = extract(&[&site.url("/bridge")]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), text("The bridge").as_str(), ""));
}

#[test]
fn follows_redirects_and_asks_robots_txt() {
    let site = Site::new(&[("/old", Reply::redirect("/new")), ("/new", Reply::html(article("The mill")))]);
    let run = extract(&[&site.url("/old")]);
    assert_eq!((run.code, run.stdout), (Some(0), text("The mill")));
    assert!(site.was_asked("/robots.txt"));
}

#[test]
fn reads_files_and_standard_input() {
    let here = folder();
    fs::write(here.path().join("page.html"), article("The pier")).unwrap();
    assert_eq!(run_in(&here, &["extract", "page.html"]).stdout, text("The pier"));
    let run = gleaner(here.path()).args(["extract", "-"]).write_stdin(article("The dam")).output().unwrap();
    assert_eq!(String::from_utf8(run.stdout).unwrap(), text("The dam"));
}

#[test]
#[cfg(target_os = "linux")]
fn several_inputs_keep_their_order_though_they_are_fetched_together() {
    let fast = Site::at("127.0.0.2", &[("/fast", Reply::html(article("The school")))]);
    let asked = Signal::default();
    let slow = Site::new(&[("/slow", Reply::html(article("The market")).after(&asked))]);
    let (slow_url, fast_url) = (slow.url("/slow"), fast.url("/fast"));
    let waiter = std::thread::spawn(move || {
        // Were inputs fetched one after the other, this would wait in vain.
        fast.wait_for("/fast");
        asked.give();
    });
    let run = extract(&[&slow_url, &fast_url]);
    waiter.join().unwrap();
    let expected =
        format!("==> {slow_url} <==\n\n{}\n==> {fast_url} <==\n\n{}", text("The market"), text("The school"));
    assert_eq!((run.code, run.stdout), (Some(0), expected));
}

#[test]
fn lists_name_inputs_beside_the_arguments() {
    let here = folder();
    for (file, subject) in [("a.html", "The inn"), ("b.html", "The farm"), ("c.html", "The well")] {
        fs::write(here.path().join(file), article(subject)).unwrap();
    }
    fs::write(here.path().join("list"), "# two files\n\nb.html\r\n  c.html\n").unwrap();
    let run = run_in(&here, &["extract", "--format", "json", "a.html", "--from-file", "list"]);
    let input = |line| serde_json::from_str::<serde_json::Value>(line).unwrap()["input"].clone();
    let inputs: Vec<_> = run.stdout.lines().map(input).collect();
    assert_eq!(inputs, ["a.html", "b.html", "c.html"]);
    let mut command = gleaner(here.path());
    let run = command.args(["extract", "--from-file", "-"]).write_stdin("c.html\n").output().unwrap();
    assert_eq!(String::from_utf8(run.stdout).unwrap(), text("The well"));
}

#[test]
fn json_has_one_object_a_line_with_all_fields() {
    let site = Site::new(&[("/a", Reply::html(article("The lock")))]);
    let (url, missing) = (site.url("/a"), site.url("/missing"));
    let run = extract(&["--format", "json", &url, &missing, &url]);
    let lines: Vec<serde_json::Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((run.code, lines.len()), (Some(3), 2));
    let object = lines[0].as_object().unwrap();
    let names: Vec<&str> = object.keys().map(String::as_str).collect();
    let expected = "accessible_for_free agency authors blocks claims confidence counters dateline from_data image input \
                    language license modified published related removed section site subtitle tags text title url verdict \
                    version words";
    assert_eq!(names.join(" "), expected);
    assert_eq!(object["input"], url.as_str());
    assert_eq!(object["url"], url.as_str());
    assert_eq!(object["verdict"], "article");
    assert_eq!(object["title"], "The lock opens after two years of work");
    assert_eq!(object["authors"], serde_json::json!(["Ines Calder"]));
    assert_eq!(object["published"], "2026-04-02T08:30:00Z");
    let whole = text("The lock");
    assert_eq!(object["text"], whole.split_once("\n\n").unwrap().1);
    let removed = object["removed"].as_array().unwrap();
    let newsletter = removed.iter().find(|removal| removal["kind"] == "newsletter").expect("a newsletter");
    assert!(newsletter["rule"].is_string() && newsletter["text"].is_string(), "{newsletter}");
    assert!(newsletter["score"].as_f64().is_some_and(|score| score < 0.5), "{newsletter}");
    assert!(object["counters"]["newsletter"]["chars"].as_u64() > Some(20), "{}", object["counters"]);
}

#[test]
fn front_matter_stands_before_the_text() {
    let here = folder();
    fs::write(here.path().join("a.html"), article("The hall")).unwrap();
    let base = ["--base-url", "https://post.example/hall"];
    let run = run_in(&here, &[&["extract", "--front-matter", "a.html"], &base[..]].concat());
    let (front, rest) = run.stdout.strip_prefix("---\n").unwrap().split_once("---\n\n").unwrap();
    for line in ["title: ", "url: ", "authors:", "date: 2026-04-02"] {
        assert!(front.lines().any(|there| there.starts_with(line)), "{line} is missing in\n{front}");
    }
    assert!(front.contains("https://post.example/hall"), "{front}");
    assert_eq!(rest, text("The hall"));
}

#[test]
fn front_matter_among_several_inputs_stands_below_the_inputs_name() {
    let here = folder();
    for (file, subject) in [("a.html", "The inn"), ("b.html", "The farm")] {
        fs::write(here.path().join(file), article(subject)).unwrap();
    }
    let run = run_in(&here, &["extract", "--front-matter", "a.html", "b.html"]);
    assert!(run.stdout.starts_with("==> a.html <==\n\n---\n"), "{}", run.stdout);
    assert!(run.stdout.contains("\n\n==> b.html <==\n\n---\n"), "{}", run.stdout);
}

#[test]
fn verbose_tells_of_each_input_what_was_done() {
    let here = folder();
    fs::write(here.path().join("a.html"), article("The inn")).unwrap();
    let run = run_in(&here, &["extract", "-v", "a.html"]);
    assert!(run.stderr.contains("a.html") && run.stderr.contains("removed="), "{run:?}");
    assert!(!run.stderr.contains("removed=0"), "what was left out is counted: {run:?}");
    assert_eq!(run_in(&here, &["extract", "a.html"]).stderr, "");
}

#[test]
fn kinds_can_be_kept() {
    let here = folder();
    let page = article("The quay").replace(
        "<p>The architect",
        "<figure><img src=a.jpg alt=''><figcaption>The quay seen from the lighthouse, before the storm.</figcaption></figure><p>The architect",
    );
    fs::write(here.path().join("a.html"), page).unwrap();
    let with = run_in(&here, &["extract", "a.html", "--keep", "caption,newsletter"]);
    let without = run_in(&here, &["extract", "a.html"]);
    assert!(with.stdout.contains("seen from the lighthouse"), "{}", with.stdout);
    assert!(!without.stdout.contains("seen from the lighthouse"), "{}", without.stdout);
}

#[test]
fn reader_that_has_had_enough_ends_it_quietly() {
    let here = folder();
    fs::write(here.path().join("a.html"), article("The tower")).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_gleaner"))
        .current_dir(here.path())
        .args(["extract", "-", "a.html"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Nothing is printed before standard input has ended, so that the pipe is closed by then.
    drop(child.stdout.take());
    drop(child.stdin.take());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    // Standard input was empty, which is told; the pipe is not.
    assert!(stderr.lines().all(|line| line.starts_with("gleaner: -: ")), "{stderr}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
#[cfg(unix)]
fn first_signal_ends_it_with_the_signals_code() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let never = Signal::default();
        let site = Site::new(&[("/a", Reply::html("").after(&never))]);
        let child = Command::new(env!("CARGO_BIN_EXE_gleaner"))
            .args(["extract", "-q", "--ignore-robots", "--allow-private", "127.0.0.0/8", &site.url("/a")])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        site.wait_for("/a");
        assert!(Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr), (Some(code), vec![]));
        never.give();
    }
}
