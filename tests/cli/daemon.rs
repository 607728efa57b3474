//! `gleaner check` and `gleaner run` as far as the command line goes; `tests/crawl.rs` runs the daemon.

use super::site::{Reply, Signal, Site};
use super::{folder, run_in};
use std::fs;
use std::io::{BufRead, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

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
fn what_stands_in_the_way_is_told_before_the_start() {
    let here = folder();
    fs::write(here.path().join("texts"), "").unwrap();
    for (more, why) in
        [("[output]\nfolder = \"texts/below\"", "texts: is a file"), ("[frontier]\nstore = \".\"", "is a folder")]
    {
        let config = format!("contact = \"me@site.test\"\n[[feed]]\nurl = \"https://site.test/rss\"\n{more}\n");
        fs::write(here.path().join("config.toml"), config).unwrap();
        for command in ["check", "run"] {
            let run = run_in(&here, &[command]);
            assert_eq!((run.code, run.stderr.lines().count()), (Some(2), 1), "{run:?}");
            assert!(run.stderr.contains(why) && run.stderr.contains("; "), "{}", run.stderr);
        }
    }
}

#[test]
fn bad_number_is_told_once() {
    let here = folder();
    fs::write(here.path().join("config.toml"), "[crawl]\npoll_interval_s = 1\n").unwrap();
    let run = run_in(&here, &["check"]);
    assert_eq!(run.stderr.matches("but must be").count(), 1, "{}", run.stderr);
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

/// A daemon that polls one feed of `site`.
#[cfg(unix)]
fn daemon(here: &TempDir, site: &Site) -> Child {
    let config = format!(
        "contact = \"me@site.test\"\n[fetch]\nallow_private = [\"127.0.0.0/8\"]\nhost_pause_ms = 0\n\
         [[feed]]\nurl = \"{}\"\n",
        site.url("/feed")
    );
    fs::write(here.path().join("config.toml"), config).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner"));
    command.current_dir(here.path()).arg("run").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[cfg(unix)]
pub(super) fn send(signal: &str, child: &Child) {
    assert!(Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap().success());
}

#[test]
#[cfg(unix)]
fn daemon_finishes_what_is_in_flight_and_ends_with_0() {
    for signal in ["INT", "TERM"] {
        let (here, go_on) = (folder(), Signal::default());
        let feed =
            Reply::new(200, "application/rss+xml", r#"<rss version="2.0"><channel><title>t</title></channel></rss>"#);
        let site = Site::new(&[("/feed", feed.after(&go_on))]);
        let mut child = daemon(&here, &site);
        site.wait_for("/feed");
        send(signal, &child);
        let mut log = BufReader::new(child.stderr.take().unwrap());
        wait_for_line(&mut log, "stopping");
        go_on.give();
        let mut rest = String::new();
        log.read_to_string(&mut rest).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{rest}");
        assert!(rest.contains("1 asked"), "no summary in {rest}");
    }
}

#[test]
#[cfg(unix)]
fn second_signal_ends_the_daemon_at_once() {
    let (here, never) = (folder(), Signal::default());
    let site = Site::new(&[("/feed", Reply::html("").after(&never))]);
    let mut child = daemon(&here, &site);
    site.wait_for("/feed");
    send("TERM", &child);
    wait_for_line(&mut BufReader::new(child.stderr.take().unwrap()), "stopping");
    send("TERM", &child);
    assert_eq!(child.wait().unwrap().code(), Some(143));
    never.give();
}

#[cfg(unix)]
pub(super) fn wait_for_line(log: &mut impl BufRead, word: &str) {
    let mut line = String::new();
    while !line.contains(word) {
        line.clear();
        assert_ne!(log.read_line(&mut line).unwrap(), 0, "the log ended without `{word}`");
    }
}

/// A configuration that polls one feed; `fetch` is what it says in `[fetch]`.
fn configure(here: &TempDir, fetch: &str, feed: &str) {
    let config = format!("contact = \"me@site.test\"\n[fetch]\n{fetch}\n[[feed]]\nurl = \"{feed}\"\n");
    fs::write(here.path().join("config.toml"), config).unwrap();
}

const OWN_NETWORK: &str = "allow_private = [\"127.0.0.0/8\"]\nhost_pause_ms = 0";

#[test]
fn feed_that_fails_is_told_by_the_code_of_once_and_named_though_quiet() {
    let here = folder();
    let site = Site::new(&[]);
    configure(&here, OWN_NETWORK, &site.url("/feed"));
    let run = run_in(&here, &["run", "--once", "-q"]);
    assert_eq!((run.code, run.stdout.lines().count()), (Some(7), 1), "{run:?}");
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    assert_eq!(run.stderr.matches(&site.url("/feed")).count(), 1, "named once: {}", run.stderr);
    assert!(run.stderr.contains("404"), "{}", run.stderr);
}

#[test]
fn text_that_cannot_be_written_under_way_ends_once_with_7_and_the_summary() {
    let here = folder();
    let pages = Site::new(&[("/a", Reply::html(super::article("The weir")))]);
    let item = format!("<item><title>w</title><link>{}</link></item>", pages.url("/a"));
    let feed = format!(r#"<rss version="2.0"><channel><title>t</title>{item}</channel></rss>"#);
    let feeds = Site::new(&[("/feed", Reply::new(200, "application/rss+xml", feed))]);
    configure(&here, OWN_NETWORK, &feeds.url("/feed"));
    fs::create_dir(here.path().join("articles")).unwrap();
    fs::write(here.path().join("articles/127.0.0.1"), "in the way").unwrap();
    let run = run_in(&here, &["run", "--once", "-q"]);
    assert_eq!(run.code, Some(7), "{run:?}");
    assert!(run.stdout.starts_with("feeds: 1 asked, 0 failed; pages: 1 new, 0 written"), "{run:?}");
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    assert!(run.stderr.contains("articles/127.0.0.1: ") && run.stderr.contains("; "), "{run:?}");
}

#[test]
fn refused_feed_ends_once_with_6() {
    let (here, guarded) = (folder(), folder());
    let rules = Reply::new(200, "text/plain", "User-agent: *\nDisallow: /\n");
    let site = Site::new(&[("/robots.txt", rules)]);
    configure(&here, OWN_NETWORK, &site.url("/feed"));
    configure(&guarded, "", &site.url("/feed"));
    for (folder, why) in [(here, "robots.txt"), (guarded, "allow_private")] {
        let run = run_in(&folder, &["run", "--once"]);
        assert_eq!(run.code, Some(6), "{run:?}");
        assert!(run.stderr.contains(why), "{run:?}");
    }
}

#[test]
fn each_article_is_logged_with_what_was_left_out_of_it() {
    let here = folder();
    let feed = r#"<rss version="2.0"><channel><title>t</title><item><title>The lock</title><link>/a</link></item></channel></rss>"#;
    let feed = Reply::new(200, "application/rss+xml", feed);
    let site = Site::new(&[("/feed", feed), ("/a", Reply::html(super::article("The lock")))]);
    configure(&here, OWN_NETWORK, &site.url("/feed"));
    let run = run_in(&here, &["run", "--once"]);
    let line = run.stderr.lines().find(|line| line.contains("written")).unwrap_or_default();
    assert!(line.contains("removed=") && line.contains("newsletter=") && line.contains("nav="), "{}", run.stderr);
}
