//! Inputs that fail: one line for each, the right code, and the others go on.

use super::site::{Reply, Site, closed_url};
use super::{NO_ARTICLE, Run, article, extract, folder, gleaner, run, run_in, text};
use std::fs;

/// The run must have failed with `code` and one line that names the input, says why, and what to do.
fn assert_told(run: &Run, code: i32, input: &str, why: &str) {
    assert_eq!(run.code, Some(code), "{run:?}");
    let lines: Vec<&str> = run.stderr.lines().collect();
    let [line] = lines.as_slice() else { panic!("one line was expected: {run:?}") };
    let rest =
        line.strip_prefix(&format!("gleaner: {input}: ")).unwrap_or_else(|| panic!("{input} is not named: {line}"));
    assert!(rest.contains(why), "{why} is not said: {rest}");
    assert!(rest.contains("; "), "no remedy is given: {rest}");
}

#[test]
fn pages_that_cannot_be_fetched_are_told_with_7() {
    let site = Site::new(&[
        ("/pdf", Reply::new(200, "application/pdf", "%PDF-1.7\n1 0 obj")),
        ("/gone", Reply::redirect("/missing")),
    ]);
    for (url, why) in [
        (site.url("/missing"), "404"),
        (site.url("/gone"), "404"),
        (site.url("/pdf"), "pdf"),
        (closed_url(), "cannot connect"),
    ] {
        let run = extract(&[&url]);
        assert_told(&run, 7, &url, why);
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn host_that_does_not_exist_is_told_with_7() {
    // RFC 6761 keeps .invalid from ever resolving.
    assert_told(&extract(&["http://nowhere.invalid/"]), 7, "http://nowhere.invalid/", "host not found");
}

#[test]
fn files_that_cannot_be_read_are_told_with_7() {
    let here = folder();
    fs::write(here.path().join("a.pdf"), b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n")
        .unwrap();
    fs::create_dir(here.path().join("folder")).unwrap();
    for (input, why) in [
        ("missing.html", "no such file; check the path"),
        ("example.org/news", "write https://example.org/news"),
        ("ftp://example.org/", "only http:// and https://"),
        ("http://[", "no usable URL"),
        ("folder", "is a folder"),
        ("a.pdf", "neither HTML nor plain text"),
    ] {
        assert_told(&run_in(&here, &["extract", input]), 7, input, why);
    }
}

#[test]
fn pages_without_an_article_are_told_with_5() {
    let site = Site::new(&[("/empty", Reply::html("")), ("/search", Reply::html(NO_ARTICLE))]);
    for (url, why) in [(site.url("/empty"), "empty"), (site.url("/search"), "no article")] {
        assert_told(&extract(&[&url]), 5, &url, why);
    }
}

#[test]
fn own_network_is_refused_with_6_unless_it_is_allowed() {
    let site = Site::new(&[("/a", Reply::html(article("The gate")))]);
    let url = site.url("/a");
    assert_told(&run(&["extract", &url]), 6, &url, "refused");
    assert!(!site.was_asked("/a") && !site.was_asked("/robots.txt"));
    assert_eq!(extract(&[&url]).code, Some(0));
}

#[test]
fn robots_txt_is_obeyed_with_6_unless_it_is_ignored() {
    let rules = Reply::new(200, "text/plain", "User-agent: *\nDisallow: /private\n");
    let site = Site::new(&[("/robots.txt", rules), ("/private", Reply::html(article("The vault")))]);
    let url = site.url("/private");
    assert_told(&extract(&[&url]), 6, &url, "robots.txt");
    assert!(!site.was_asked("/private"));
    assert_eq!(extract(&["--ignore-robots", &url]).stdout, text("The vault"));
}

#[test]
fn forbidden_page_is_told_with_6() {
    let site = Site::new(&[("/a", Reply::new(403, "text/html", "no"))]);
    assert_told(&extract(&[&site.url("/a")]), 6, &site.url("/a"), "403");
}

#[test]
fn one_failure_among_several_is_told_with_3_and_stops_nobody() {
    let here = folder();
    for (file, subject) in [("a.html", "The barn"), ("c.html", "The lane")] {
        fs::write(here.path().join(file), article(subject)).unwrap();
    }
    let run = run_in(&here, &["extract", "a.html", "b.html", "c.html"]);
    assert_told(&run, 3, "b.html", "no such file");
    assert_eq!(run.stdout, format!("==> a.html <==\n\n{}\n==> c.html <==\n\n{}", text("The barn"), text("The lane")));
}

#[test]
fn failures_for_several_reasons_are_told_with_4_in_order() {
    let here = folder();
    fs::write(here.path().join("list.html"), NO_ARTICLE).unwrap();
    let run = run_in(&here, &["extract", "missing.html", "list.html"]);
    let names: Vec<&str> = run.stderr.lines().filter_map(|line| line.split(": ").nth(1)).collect();
    assert_eq!((run.code, names), (Some(4), vec!["missing.html", "list.html"]));
}

#[test]
fn wrong_command_lines_are_told_with_2() {
    let here = folder();
    fs::write(here.path().join("a.html"), article("The ford")).unwrap();
    for (arguments, why) in [
        (&[][..], "Usage"),
        (&["extract"], "required"),
        (&["extract", "--wrong", "a.html"], "--wrong"),
        (&["extract", "a.html", "--keep", "newsleter"], "newsletter"),
        (&["extract", "a.html", "--allow-private", "localhost"], "localhost"),
        (&["extract", "a.html", "--timeout", "0"], "--timeout"),
        (&["extract", "a.html", "--base-url", "post.example"], "--base-url"),
        (&["extract", "a.html", "--user-agent", "bad\nagent"], "user_agent"),
        (&["extract", "-", "-"], "standard input"),
        (&["extract", "-", "--from-file", "-"], "standard input"),
        (&["extract", "--from-file", "nowhere"], "nowhere"),
        (&["extract", "--from-file", "-"], "names no input"),
        (&["extract", "a.html", "--front-matter", "--format", "json"], "--front-matter"),
        (&["extract", "a.html", "--front-matter", "--format", "html"], "--front-matter"),
        (&["extract", "a.html", "-o", ".", "--format", "jsonl"], "--output"),
        (&["extract", "a.html", "--sidecar"], "--output"),
        (&["extract", "a.html", "-o", "out", "--sidecar", "--format", "json"], "--sidecar"),
        (&["extract", "a.html", "--with-links"], "--with-links"),
        (&["extract", "a.html", "--with-images", "--format", "jsonl"], "--with-images"),
        (&["extract", "a.html", "--engine", "readability", "--with-links", "--format", "html"], "--with-links"),
        (&["extract", "a.html", "-v", "-q"], "--quiet"),
    ] {
        let run: Run = gleaner(here.path()).args(arguments).write_stdin("").output().unwrap().into();
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}: {run:?}");
        assert!(run.stderr.contains(why), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn full_disk_under_standard_output_is_told_with_7() {
    let here = folder();
    fs::write(here.path().join("a.html"), article("The weir")).unwrap();
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_gleaner"))
        .current_dir(here.path())
        .args(["extract", "a.html"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(7));
    assert!(String::from_utf8(output.stderr).unwrap().contains("standard output cannot be written"));
}

#[test]
fn messages_cannot_command_a_terminal() {
    let run = run(&["extract", "a\u{1b}]0;x\u{7}\n.html"]);
    assert!(!run.stderr.contains(['\u{1b}', '\u{7}']), "{:?}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 1);
}

#[test]
fn failures_are_json_where_logs_are() {
    let run = run(&["extract", "--log-format", "json", "-q", "missing.html"]);
    let line: serde_json::Value = serde_json::from_str(run.stderr.trim_end()).unwrap();
    assert_eq!((&line["input"], &line["level"]), (&"missing.html".into(), &"ERROR".into()));
    assert!(line["why"].as_str().unwrap().contains("no such file"));
}
