//! `gleaner duplicates` and `gleaner export` as users meet them.

use super::site::{Reply, Site};
use super::{Run, article, folder, run_in};
use std::fs;
use tempfile::TempDir;

/// A folder in which two articles were written, the one from a feed with a name.
fn written() -> (TempDir, Site) {
    let here = folder();
    let item = |title: &str, path: &str, day: u32| {
        format!(
            "<item><title>{title}</title><link>{path}</link><pubDate>{day:02} Nov 2026 09:00:00 +0000</pubDate></item>"
        )
    };
    let feed = |items: String| {
        let feed = format!("<rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>");
        Reply::new(200, "application/rss+xml", feed)
    };
    let site = Site::new(&[
        ("/one", feed(item("The lock", "/a", 3))),
        ("/two", feed(item("The other lock", "/b", 5))),
        ("/a", Reply::html(article("The lock"))),
        ("/b", Reply::html(article("The lock").replace("2026-04-02", "2026-04-05"))),
    ]);
    let config = format!(
        "contact = \"me@site.test\"\n[output]\nfront_matter = true\n[fetch]\nallow_private = [\"127.0.0.0/8\"]\n\
         host_pause_ms = 0\n[[feed]]\nurl = \"{}\"\nname = \"First\"\n[[feed]]\nurl = \"{}\"\n",
        site.url("/one"),
        site.url("/two")
    );
    fs::write(here.path().join("config.toml"), config).unwrap();
    assert_eq!(run_in(&here, &["run", "--once", "-q"]).code, Some(0));
    (here, site)
}

fn lines(text: &str) -> Vec<serde_json::Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn export(here: &TempDir, arguments: &[&str]) -> Run {
    run_in(here, &[&["export"], arguments].concat())
}

#[test]
fn copies_are_listed_below_the_first_one() {
    let (here, site) = written();
    let run = run_in(&here, &["duplicates"]);
    let said: Vec<&str> = run.stdout.lines().collect();
    assert_eq!((run.code, said.len()), (Some(0), 3), "{run:?}");
    assert!(said[0].starts_with("first   ") && said[0].contains(" written 127.0.0.1/2026-04-"), "{run:?}");
    assert!(said[1].starts_with("  copy  ") && said[1].contains(&site.url("/")), "{run:?}");
    assert_eq!(said[2], "1 copy of 1 article");
    let run = run_in(&folder(), &["duplicates"]);
    assert_eq!(run.code, Some(2), "without a configuration: {run:?}");
}

#[test]
fn export_writes_what_the_manifest_says_and_the_text_without_its_front_matter() {
    let (here, site) = written();
    let run = export(&here, &[]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    let all = lines(&run.stdout);
    assert_eq!(all.len(), 2);
    let line = all.iter().find(|line| line["url"] == site.url("/a")).unwrap();
    assert_eq!((&line["feed"], &line["verdict"]), (&site.url("/one").into(), &"article".into()));
    assert!(
        line["text"].as_str().unwrap().starts_with("The lock opens after two years of work\n\nThe lock has"),
        "{line}"
    );
    assert!(line["confidence"].as_f64().unwrap() > 0.5 && line["hash"].as_str().unwrap().len() == 64, "{line}");
}

#[test]
fn export_takes_what_its_filters_take() {
    let (here, site) = written();
    for (arguments, expected) in [
        (&["--since", "2026-04-03"][..], &["/b"][..]),
        (&["--until", "2026-04-02"], &["/a"]),
        (&["--since", "2026-04-02", "--until", "2026-04-05"], &["/a", "/b"]),
        (&["--feed", "First"], &["/a"]),
        (&["--min-confidence", "1"], &[]),
        (&["--language", "xx"], &[]),
    ] {
        let run = export(&here, arguments);
        let mut urls: Vec<String> =
            lines(&run.stdout).iter().map(|line| line["url"].as_str().unwrap().into()).collect();
        urls.sort();
        let expected: Vec<String> = expected.iter().map(|path| site.url(path)).collect();
        assert_eq!((run.code, urls), (Some(0), expected), "{arguments:?}");
    }
    let run = export(&here, &["--feed", "Nobody"]);
    assert!(run.code == Some(2) && run.stderr.contains("--feed Nobody"), "{run:?}");
    assert_eq!(export(&here, &["--since", "soon"]).code, Some(2));
}

#[test]
fn export_names_a_text_that_is_not_there_and_writes_the_others_whole_or_not_at_all() {
    let (here, _site) = written();
    let first = lines(&export(&here, &[]).stdout)[0]["path"].as_str().unwrap().to_owned();
    fs::remove_file(here.path().join("articles").join(&first)).unwrap();
    let run = export(&here, &["all.jsonl"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(3), ""), "{run:?}");
    assert!(run.stderr.contains(&first) && run.stderr.contains("the text is not there"), "{run:?}");
    assert_eq!(lines(&fs::read_to_string(here.path().join("all.jsonl")).unwrap()).len(), 1);
    let run = export(&here, &["nowhere/all.jsonl"]);
    assert!(run.code == Some(7) && run.stderr.contains("nowhere/all.jsonl"), "{run:?}");
}

#[test]
#[cfg(unix)]
fn export_may_be_read_by_whom_any_new_file_may() {
    use std::os::unix::fs::PermissionsExt as _;
    let (here, _site) = written();
    assert_eq!(export(&here, &["all.jsonl"]).code, Some(0));
    fs::write(here.path().join("other"), "").unwrap();
    let mode = |name: &str| here.path().join(name).metadata().unwrap().permissions().mode();
    assert_eq!(mode("all.jsonl"), mode("other"));
}
