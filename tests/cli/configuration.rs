//! A configuration that changes under a daemon: taken as a whole, or refused as a whole and told.
#![cfg(unix)]

use super::daemon::send;
use super::running::{BEGINNING, Daemon, feed, feed_of, free_port, get, one_page, until, walk};
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

#[test]
fn feeds_own_settings_choose_entries_and_place_their_texts() {
    let here = folder();
    let titled = |items: &[(&str, &str, &str)]| {
        let items: String = items
            .iter()
            .map(|(path, title, date)| format!("<item><title>{title}</title><link>{path}</link>{date}</item>"))
            .collect();
        let feed = format!(r#"<rss version="2.0"><channel><title>t</title>{items}</channel></rss>"#);
        Reply::new(200, "application/rss+xml", feed)
    };
    let long_ago = "<pubDate>Thu, 02 Jan 2020 08:00:00 GMT</pubDate>";
    let feed_of_all = titled(&[
        ("/a", "The bridge of the council", ""),
        ("/b", "The weir", ""),
        ("/c", "The council's sport day", ""),
        ("/d", "The old council", long_ago),
    ]);
    let page = || Reply::html(article("The bridge"));
    let site = Site::new(&[("/feed", feed_of_all), ("/a", page()), ("/b", page()), ("/c", page()), ("/d", page())]);
    let off = one_page("The lock");
    let own = "folder = \"news/town\"\ninclude = [\"Council\"]\nexclude = [\"sport\"]\nmax_age_days = 30\n";
    let feeds = format!("{}{own}{}enabled = false\n", feed(&site.url("/feed")), feed(&off.url("/feed")));
    fs::write(here.path().join("config.toml"), format!("{BEGINNING}{feeds}")).unwrap();
    let run = run_in(&here, &["run", "--once"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.contains("feeds: 1 asked") && run.stdout.contains("pages: 1 new, 1 written"), "{run:?}");
    let texts = walk(here.path().join("articles/news/town/127.0.0.1"));
    assert!(texts.len() == 1 && site.was_asked("/a"), "{texts:?}");
    assert!(!["/b", "/c", "/d"].iter().any(|path| site.was_asked(path)));
    assert_eq!(run_in(&here, &["verify"]).code, Some(0));
}

#[test]
fn status_tells_of_daemon_feeds_pages_and_hosts() {
    let site = Site::new(&[("/feed", feed_of(&["/a", "/gone"])), ("/a", Reply::html(article("The bridge")))]);
    let bad = Site::at("127.0.0.9", &[]);
    let config = format!("{BEGINNING}{}{}", feed(&site.url("/feed")), feed(&bad.url("/feed")));
    let mut daemon = Daemon::start(&config);
    daemon.wait_for("page failed");
    assert_eq!(daemon.beside(&["reload"]).code, Some(0));
    let status = || -> serde_json::Value {
        serde_json::from_str(&daemon.beside(&["status", "--format", "json"]).stdout).unwrap()
    };
    until("both feeds", || status()["feeds"].as_array().unwrap().iter().all(|feed| !feed["asked"].is_null()));
    let told = status();
    assert_eq!(told["daemon"]["pid"], daemon.child.id());
    assert_eq!(told["daemon"]["reload"]["taken"], true);
    assert_eq!((&told["pages"]["written"], &told["pages"]["failed"]), (&1.into(), &1.into()), "{told}");
    assert!(told["failures"][0]["cause"].as_str().unwrap().contains("404"), "{told}");
    let feeds = told["feeds"].as_array().unwrap();
    let of = |site: &Site| feeds.iter().find(|feed| feed["url"] == site.url("/feed").as_str()).unwrap();
    assert!(!of(&site)["succeeded"].is_null() && of(&site)["failures"] == 0, "{told}");
    assert!(of(&bad)["succeeded"].is_null() && of(&bad)["failures"] == 1, "{told}");
    let table = daemon.beside(&["status"]).stdout;
    assert!(table.contains("last reload") && table.contains("404") && table.contains("1 written"), "{table}");
    daemon.stop();
    let after = daemon.beside(&["status"]);
    assert!(after.code == Some(0) && after.stdout.contains("none runs"), "{after:?}");
}

#[test]
fn dry_run_tells_the_plan_and_asks_and_writes_nothing() {
    let (here, site) = (folder(), one_page("The bridge"));
    let own = "folder = \"town\"\n";
    let off = format!("{}enabled = false\n", feed("http://127.0.0.1:9/off"));
    fs::write(here.path().join("config.toml"), format!("{BEGINNING}{}{own}{off}", feed(&site.url("/feed")))).unwrap();
    let run = run_in(&here, &["run", "--dry-run"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    let first = format!("feed {}: asked for the first time, texts in town\n", site.url("/feed"));
    let expected = format!(
        "{first}feed http://127.0.0.1:9/off: left out (`enabled`)\n0 pages of earlier runs\ntexts would go to articles, the store is gleaner.db, which would be made\n"
    );
    assert_eq!(run.stdout, expected);
    assert!(!site.was_asked("/feed") && !site.was_asked("/robots.txt"));
    assert_eq!(fs::read_dir(here.path()).unwrap().count(), 1, "nothing is made");
    assert_eq!(run_in(&here, &["run", "--once", "-q"]).code, Some(0));
    let again = run_in(&here, &["run", "--dry-run"]).stdout;
    assert!(again.contains(&format!("feed {}: asked at 20", site.url("/feed"))), "{again}");
}

#[test]
fn feed_that_is_left_out_while_it_is_asked_does_not_come_back() {
    let (go_on, other) = (Signal::default(), one_page("The weir"));
    let site = Site::new(&[("/feed", feed_of(&["/a"]).after(&go_on)), ("/a", Reply::html(article("The bridge")))]);
    let mut daemon = Daemon::start(&format!("{BEGINNING}{}", feed(&site.url("/feed"))));
    site.wait_for("/feed");
    daemon.configure(&format!("{BEGINNING}{}", feed(&other.url("/feed"))));
    assert_eq!(daemon.beside(&["reload"]).code, Some(0));
    go_on.give();
    for _ in 0..2 {
        daemon.wait_for("written");
    }
    let polled = || -> Vec<String> {
        let status: serde_json::Value =
            serde_json::from_str(&daemon.beside(&["status", "--format", "json"]).stdout).unwrap();
        status["feeds"].as_array().unwrap().iter().map(|feed| feed["url"].as_str().unwrap().to_owned()).collect()
    };
    until("the end of the old feed", || polled() == [other.url("/feed")]);
}
