//! A configuration that changes under a daemon: taken as a whole, or refused as a whole and told.
#![cfg(unix)]

use super::daemon::send;
use super::running::{BEGINNING, Daemon, feed, feed_of, free_port, get, one_page, until};
use super::site::{Reply, Signal, Site};
use super::{article, folder, run_in};
use std::fs;

#[test]
fn new_feed_is_polled_after_a_reload_and_the_command_says_what_was_taken() {
    let (first, second) = (one_page("The bridge"), one_page("The weir"));
    let mut daemon = Daemon::start(&format!("{BEGINNING}{}", feed(&first.url("/feed"))));
    daemon.wait_for("written");
    daemon.configure(&format!("{BEGINNING}{}", feed(&second.url("/feed"))));
    let run = daemon.beside(&["reload"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.stdout, "configuration taken: feeds: 1 (1 new, 1 gone)\n");
    daemon.wait_for("written");
    assert_eq!(daemon.texts(), 2);
    assert_eq!(daemon.stop().0, Some(0));
}

#[test]
fn options_of_extraction_and_output_hold_for_pages_that_begin_after_a_reload() {
    let go_on = Signal::default();
    let site = Site::new(&[
        ("/feed", feed_of(&["/a", "/b"])),
        ("/a", Reply::html(article("The bridge")).after(&go_on)),
        ("/b", Reply::html(article("The weir"))),
    ]);
    let config = format!("{BEGINNING}{}", feed(&site.url("/feed")));
    let mut daemon = Daemon::start(&config);
    site.wait_for("/a");
    daemon.configure(&format!(
        "{config}[output]\nfront_matter = true\n[[site]]\nhost = \"127.0.0.1\"\ndrop = [\"article p:first-of-type\"]\n"
    ));
    assert_eq!(daemon.beside(&["reload"]).code, Some(0));
    go_on.give();
    let of = |line: &str, daemon: &Daemon| {
        let path = line.split("path=").nth(1).and_then(|rest| rest.split(' ').next()).unwrap().to_owned();
        fs::read_to_string(daemon.path("articles").join(path)).unwrap()
    };
    let line = daemon.wait_for("written");
    let old = of(&line, &daemon);
    let line = daemon.wait_for("written");
    let new = of(&line, &daemon);
    assert!(old.starts_with("The bridge opens") && old.contains("has opened to the public"), "{old}");
    assert!(new.starts_with("---\n") && !new.contains("has opened to the public"), "{new}");
}

#[test]
fn configuration_that_cannot_be_used_is_told_by_line_and_the_old_one_stays() {
    let (site, port) = (one_page("The bridge"), free_port());
    let good = format!("{BEGINNING}[status]\nlisten = \"127.0.0.1:{port}\"\n{}", feed(&site.url("/feed")));
    let mut daemon = Daemon::start(&good);
    daemon.wait_for("written");
    daemon.configure(&format!("{good}[crawl]\npoll_intervall_s = 60\n"));
    send("HUP", &daemon.child);
    let line = daemon.wait_for("the old one stays");
    assert!(line.contains("config.toml:10:1") && line.contains("poll_interval_s`?"), "{line}");
    let refused = "gleaner_reloads_total{outcome=\"refused\"} 1";
    until("the count", || get(port, "/metrics").is_some_and(|(_, page)| page.contains(refused)));
    // The command reads it too, and does not even ask.
    let run = daemon.beside(&["reload"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("config.toml:10:1"), "{run:?}");
    assert_eq!(daemon.stop().0, Some(0));
}

#[test]
fn refusal_that_only_the_daemon_sees_is_told_by_the_command() {
    let site = one_page("The bridge");
    let good = format!("{BEGINNING}{}", feed(&site.url("/feed")));
    let mut daemon = Daemon::start(&good);
    daemon.wait_for("written");
    let secret = "[[site]]\nhost = \"site.test\"\n[site.fetch]\nbearer = { env = \"GLEANER_TEST_NO_SUCH\" }\n";
    daemon.configure(&format!("{good}{secret}"));
    let run = daemon.beside(&["reload"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("keeps its old") && run.stderr.contains("GLEANER_TEST_NO_SUCH"), "{run:?}");
}

#[test]
fn what_takes_a_restart_is_named_and_the_rest_is_taken() {
    let site = one_page("The bridge");
    let config = format!("{BEGINNING}{}", feed(&site.url("/feed")));
    let mut daemon = Daemon::start(&config);
    daemon.wait_for("written");
    daemon.configure(&format!("{config}[output]\nfolder = \"elsewhere\"\nfront_matter = true\n"));
    let run = daemon.beside(&["reload"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.contains("takes hold with a restart: `folder` in [output]"), "{run:?}");
    assert!(!daemon.path("elsewhere").exists());
}

#[test]
fn reload_without_a_daemon_says_so() {
    let here = folder();
    fs::write(here.path().join("config.toml"), BEGINNING).unwrap();
    let run = run_in(&here, &["reload"]);
    assert_eq!((run.code, run.stderr.lines().count()), (Some(2), 1), "{run:?}");
    assert!(run.stderr.contains("no daemon") && run.stderr.contains("gleaner run"), "{run:?}");
}
