//! `gleaner check` and `gleaner run` as far as the command line goes; `tests/crawl.rs` runs the daemon.

use super::{folder, run_in};
use std::fs;

#[test]
fn unknown_key_is_told_with_file_and_line() {
    let here = folder();
    fs::write(here.path().join("my.toml"), "contact = \"me@site.test\"\n\n[crawl]\npoll_intervall_s = 60\n").unwrap();
    for command in ["check", "run"] {
        let run = run_in(&here, &[command, "--config", "my.toml"]);
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.lines().count()), (Some(2), "", 1), "{run:?}");
        assert!(run.stderr.contains("my.toml:4") && run.stderr.contains("poll_intervall_s"), "{}", run.stderr);
        assert!(run.stderr.contains("poll_interval_s`?"), "{}", run.stderr);
    }
}

#[test]
fn bad_value_is_told_with_file_and_line() {
    let here = folder();
    fs::write(here.path().join("config.toml"), "[fetch]\nallow_private = [\"home\"]\n").unwrap();
    let run = run_in(&here, &["check"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("config.toml:2") && run.stderr.contains("home"), "{}", run.stderr);
}

#[test]
fn what_is_missing_is_told_with_how_to_add_it() {
    let here = folder();
    fs::write(here.path().join("config.toml"), "").unwrap();
    for command in ["check", "run"] {
        let run = run_in(&here, &[command]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
        assert!(run.stderr.contains("contact = ") && run.stderr.contains("[[feed]]"), "{}", run.stderr);
    }
    assert_eq!(fs::read_dir(here.path()).unwrap().count(), 1, "nothing may be made before all is well");
}

#[test]
fn missing_configuration_is_told_with_the_option() {
    let here = folder();
    for command in ["check", "run"] {
        let run = run_in(&here, &[command]);
        assert_eq!((run.code, run.stderr.lines().count()), (Some(2), 1), "{run:?}");
        assert!(run.stderr.contains("config.toml") && run.stderr.contains("--config"), "{}", run.stderr);
    }
}

#[test]
fn good_configuration_is_told_so() {
    let here = folder();
    let config =
        "contact = \"me@site.test\"\n[[feed]]\nurl = \"https://site.test/rss\"\n[output]\nfolder = \"texts\"\n";
    fs::write(here.path().join("config.toml"), config).unwrap();
    let run = run_in(&here, &["check"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    assert_eq!(run.stdout, "config.toml: ready to run: 1 feed, texts go to texts\n");
}
