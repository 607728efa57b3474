//! `gleaner capture`.

use super::site::{Reply, Site};
use super::{LOOPBACK, article, folder, run_in, text};
use std::fs;

#[test]
fn page_becomes_the_beginning_of_a_fixture() {
    let here = folder();
    fs::create_dir(here.path().join("fixtures")).unwrap();
    let site = Site::new(&[("/a", Reply::html(article("The ferry")))]);
    let run = run_in(&here, &[&["capture"], &LOOPBACK[..], &[&site.url("/a"), "new_ferry"]].concat());
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let read = |name: &str| fs::read_to_string(here.path().join("fixtures/.inbox/new_ferry").join(name)).unwrap();
    assert_eq!(read("page.html"), article("The ferry"));
    assert_eq!(read("expected.txt"), text("The ferry"));
    let case: toml::Table = toml::from_str(&read("case.toml")).unwrap();
    assert_eq!(case["url"].as_str(), Some(site.url("/a").as_str()));
    assert_eq!(case["expect"]["title"].as_str(), Some("The ferry opens after two years of work"));
}

#[test]
fn nothing_is_overwritten_and_names_stay_inside() {
    let here = folder();
    fs::write(here.path().join("a.html"), article("The tram")).unwrap();
    let without_folder = run_in(&here, &["capture", "a.html", "tram"]);
    assert_eq!(without_folder.code, Some(2), "{without_folder:?}");
    fs::create_dir_all(here.path().join("fixtures/old_tram")).unwrap();
    assert_eq!(run_in(&here, &["capture", "a.html", "tram"]).code, Some(0));
    for taken in ["tram", "old_tram", "../tram", "Tram", ""] {
        let run = run_in(&here, &["capture", "a.html", taken]);
        assert_eq!((run.code, run.stderr.lines().count()), (Some(2), 1), "{taken}: {run:?}");
    }
}

#[test]
fn page_that_cannot_be_had_is_told_and_leaves_nothing() {
    let here = folder();
    fs::create_dir(here.path().join("fixtures")).unwrap();
    let run = run_in(&here, &["capture", "missing.html", "tram"]);
    assert_eq!(run.code, Some(7));
    assert!(!here.path().join("fixtures/.inbox").exists());
}
