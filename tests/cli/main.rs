//! The binary as users meet it: what it prints, where, and how it ends.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic in a test is a failure that names its line")]

mod archives;
mod batch;
mod browser;
mod capture;
mod configuration;
mod copies;
mod daemon;
mod discover;
mod explain;
mod extract;
mod failures;
mod files;
mod formats;
mod ledger;
mod opml;
mod pages;
mod parquet;
mod paused;
mod reload;
mod resumed;
mod running;
mod second_opinion;
mod service;
mod site;
mod site_rules;

use assert_cmd::Command;
use std::path::Path;
use std::process::Output;
use tempfile::TempDir;

/// Lets the binary connect to the sites of these tests.
const LOOPBACK: [&str; 2] = ["--allow-private", "127.0.0.0/8"];

/// The binary, in a folder of its own.
fn gleaner(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner"));
    command.current_dir(folder);
    command
}

/// How one run ended.
#[derive(Debug)]
struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Runs the binary in a new folder.
fn run(arguments: &[&str]) -> Run {
    run_in(&folder(), arguments)
}

/// Runs the binary in `folder`.
fn run_in(folder: &TempDir, arguments: &[&str]) -> Run {
    gleaner(folder.path()).args(arguments).output().unwrap().into()
}

/// Runs `gleaner extract`, loopback allowed.
fn extract(arguments: &[&str]) -> Run {
    run(&[&["extract"], &LOOPBACK[..], arguments].concat())
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A news page: an article of four paragraphs about `subject`, and a newsletter form below it.
fn article(subject: &str) -> String {
    format!(
        r#"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{subject} opens after two years of work - The Harbour Post</title>
<meta property="og:type" content="article"><meta property="og:title" content="{subject} opens after two years of work">
<meta name="author" content="Ines Calder"><meta property="article:published_time" content="2026-04-02T08:30:00Z">
</head><body>
<header><nav><a href="/">Home</a> <a href="/local">Local</a> <a href="/sport">Sport</a></nav></header>
<main><article>
<h1>{subject} opens after two years of work</h1>
<p>{subject} has opened to the public, two years after the first stone was laid and one year later than the council had promised.</p>
<p>More than four hundred people came to the opening on Thursday, although it rained until noon and the band had to play under a tent beside the gate.</p>
<p>The architect said that the foundations had been the hardest part, because the ground near the river turned out to be softer than the old maps had shown.</p>
<p>From next week it will be open every day except Mondays, and children under twelve will not have to pay until the end of the summer.</p>
</article>
<form class="newsletter" action="/subscribe"><h3>Sign up to our newsletter</h3>
<p>Get the best stories of the week in your inbox.</p><input type="email"><button>Subscribe</button></form>
</main><footer><p>© 2026 The Harbour Post. All rights reserved.</p></footer></body></html>"#
    )
}

/// The text that `article` must give.
fn text(subject: &str) -> String {
    format!(
        "{subject} opens after two years of work\n\n\
         {subject} has opened to the public, two years after the first stone was laid and one year later than the council had promised.\n\n\
         More than four hundred people came to the opening on Thursday, although it rained until noon and the band had to play under a tent beside the gate.\n\n\
         The architect said that the foundations had been the hardest part, because the ground near the river turned out to be softer than the old maps had shown.\n\n\
         From next week it will be open every day except Mondays, and children under twelve will not have to pay until the end of the summer.\n"
    )
}

/// A page that lists things and tells nothing.
const NO_ARTICLE: &str = r#"<!doctype html><html><head><title>Search</title></head><body>
<form action="/search"><input name="q"><button>Search</button></form>
<ul><li><a href="/a">A</a></li><li><a href="/b">B</a></li><li><a href="/c">C</a></li></ul></body></html>"#;

#[test]
fn help_names_the_exit_codes() {
    for arguments in [&["--help"][..], &["extract", "--help"][..]] {
        let run = run(arguments);
        assert_eq!(run.code, Some(0));
        assert!(run.stdout.contains("5    all inputs failed: no article found"), "{}", run.stdout);
    }
}

#[test]
fn version_is_that_of_the_package() {
    assert_eq!(run(&["--version"]).stdout, format!("gleaner {}\n", env!("CARGO_PKG_VERSION")));
}
