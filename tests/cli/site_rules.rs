//! `--site-rules` and `gleaner check --site`.

use super::site::{Reply, Site};
use super::{LOOPBACK, article, folder, gleaner, run_in};
use std::fs;
use tempfile::TempDir;

const URL: &str = "https://www.harbour.example/bridge";

/// A folder with the page `a.html` and rules for its host.
fn with_rules(rules: &str) -> TempDir {
    let here = folder();
    fs::write(here.path().join("a.html"), article("The bridge")).unwrap();
    fs::create_dir(here.path().join("rules")).unwrap();
    fs::write(here.path().join("rules/harbour.example.txt"), rules).unwrap();
    here
}

#[test]
fn extract_follows_the_rules_of_a_folder() {
    let here =
        with_rules("strip: //p[contains(., 'architect')]\nstrip: //aside\ntitle: substring-before(//h1, ' after')");
    let arguments = ["extract", "--site-rules", "rules", "--base-url", URL, "--format", "json", "a.html"];
    let run = run_in(&here, &arguments);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let record: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(record["title"], "The bridge opens");
    assert!(!record["text"].as_str().unwrap().contains("architect"));
    assert!(record["text"].as_str().unwrap().contains("four hundred people"));
    let removed = record["removed"].as_array().unwrap();
    assert!(removed.iter().any(|it| it["rule"] == "site:harbour.example:strip"), "{removed:?}");
    assert_eq!(record["unmatched_rules"], serde_json::json!(["harbour.example.txt:2: strip: //aside"]));
    let elsewhere = run_in(&here, &["extract", "--site-rules", "rules", "--base-url", "https://b.example/", "a.html"]);
    assert!(elsewhere.stdout.contains("architect"));
}

#[test]
fn extract_warns_once_of_lines_that_cannot_be_used_and_of_a_body_that_is_gone() {
    let here = with_rules("body: //main[\nbody: //div[@id='gone']");
    let run = run_in(&here, &["extract", "--site-rules", "rules", "--base-url", URL, "a.html", "a.html"]);
    assert_eq!(run.code, Some(0));
    assert!(run.stderr.contains("some lines of the site rules cannot be used"), "{}", run.stderr);
    assert_eq!(run.stderr.matches("no body rule of the site matches").count(), 1, "{}", run.stderr);
}

#[test]
fn rules_that_cannot_be_read_are_a_fault_of_the_command_line() {
    let here = with_rules("");
    let run = run_in(&here, &["extract", "--site-rules", "nowhere", "a.html"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("nowhere: cannot read the site rules"), "{}", run.stderr);
}

#[test]
fn check_shows_what_each_rule_does_to_a_page() {
    let here = with_rules(
        "title: //h1\nbody: //div[@id='gone']\nbody: //article\nbody: //main\nstrip: //nav\nstrip: //p[\n\
         next_page_link: //nav/a[2]",
    );
    let run = run_in(&here, &["check", "--site", "a.html", "--url", URL, "--site-rules", "rules"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines[0], "rules for www.harbour.example:");
    let starts = [
        (1, "harbour.example.txt:1  title           1 match, ", "//h1 = \"The bridge opens after two years of work\""),
        (2, "harbour.example.txt:2  body            nothing ", "//div[@id='gone']"),
        (3, "harbour.example.txt:3  body            1 match, ", "//article"),
        (4, "harbour.example.txt:4  body            1 match, ", "//main (not needed)"),
        (5, "harbour.example.txt:5  strip           1 match, 14 characters", "//nav"),
        (6, "harbour.example.txt:7  next_page_link  1 match, 5 characters", "//nav/a[2] = \"/local\""),
        (7, "next page: https://www.harbour.example/local", "/local"),
        (8, "with all of them: article, 4 blocks, ", " characters"),
    ];
    for (index, start, end) in starts {
        assert!(lines[index].starts_with(start) && lines[index].ends_with(end), "{}", lines[index]);
    }
    assert!(run.stderr.contains("harbour.example.txt:6: strip: is no XPath that can be run"), "{}", run.stderr);
}

#[test]
fn check_reads_the_site_tables_of_the_configuration_and_fetches_pages() {
    let here = folder();
    fs::write(here.path().join("my.toml"), "[[site]]\nhost = '127.0.0.1'\nbody = ['main article']").unwrap();
    let site = Site::new(&[("/a", Reply::html(article("The ferry")))]);
    let url = site.url("/a");
    let run = run_in(&here, &[&["check", "--config", "my.toml", "--site", &url], &LOOPBACK[..]].concat());
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.contains("my.toml:3:9  body  1 match, "), "{}", run.stdout);
}

#[test]
fn check_says_what_it_lacks() {
    let here = with_rules("body: //p");
    let lacks = |arguments: &[&str], words: &str| {
        let run = run_in(&here, &[&["check", "--site", "a.html"], arguments].concat());
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.stderr.contains(words), "{}", run.stderr);
    };
    lacks(&["--site-rules", "rules"], "the page does not say where it stands; add --url URL");
    lacks(&["--site-rules", "rules", "--url", "https://b.example/"], "no rules for b.example; add a [[site]] table");
    lacks(&[], "config.toml: cannot read the configuration");
    let missing = gleaner(here.path()).args(["check", "--site", "b.html", "--site-rules", "rules"]).output().unwrap();
    assert_eq!(missing.status.code(), Some(7));
}

#[test]
fn check_of_a_configuration_lists_what_cannot_be_used_in_its_folder() {
    let here = with_rules("body: //p\nbodies: //p");
    let config =
        "contact = 'me@harbour.test'\n[[feed]]\nurl = 'https://harbour.test/rss'\n[extract]\nsite_rules = 'rules'";
    fs::write(here.path().join("config.toml"), config).unwrap();
    let run = run_in(&here, &["check"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.contains("ready to run: 1 feed, rules for 1 site, texts go to"), "{}", run.stdout);
    assert_eq!(run.stderr, "gleaner: harbour.example.txt:2: bodies: unknown directive\n");
}
