//! Killed with SIGKILL, at any moment: nothing lost, nothing doubled.

use crate::expected_texts;
use crate::home::{Home, run_once};
use crate::support::{Reply, STORIES, Site};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Child;
use std::time::{Duration, Instant};

fn slow_site() -> Site {
    let site = Site::with_stories();
    for story in STORIES {
        site.put(&story.path(), Reply::html(story.page()).after(Duration::from_millis(5)));
    }
    site
}

/// Waits until `ready` and kills, or until the child has ended by itself; says whether it was killed.
fn kill_when(mut child: Child, ready: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{status}");
            return false;
        }
        if ready() {
            child.kill().unwrap();
            return !child.wait().unwrap().success();
        }
        assert!(Instant::now() < deadline, "the child gets nowhere");
        std::thread::sleep(Duration::from_micros(200));
    }
}

fn assert_whole(home: &Home, undisturbed: &BTreeMap<String, String>) {
    assert_eq!(home.texts(), *undisturbed);
    home.assert_consistent();
}

fn undisturbed(site: &Site) -> BTreeMap<String, String> {
    let home = Home::of(site);
    assert!(run_once(&home.config()).status().unwrap().success());
    let texts = home.texts();
    assert_eq!(texts.values().cloned().collect::<BTreeSet<_>>(), expected_texts());
    texts
}

#[test]
fn killed_run_is_completed_by_the_next_one() {
    let site = slow_site();
    let undisturbed = undisturbed(&site);
    let mut killed = 0;
    for texts_before_the_kill in [0, 1, 5, 9, 13] {
        let home = Home::of(&site);
        let asked = site.asked("/feed.rss");
        let ready = || site.asked("/feed.rss") > asked && home.count() >= texts_before_the_kill;
        killed += usize::from(kill_when(run_once(&home.config()).spawn().unwrap(), ready));
        assert!(run_once(&home.config()).status().unwrap().success());
        assert_whole(&home, &undisturbed);
    }
    assert!(killed >= 3, "only {killed} of 5 runs were killed before their end");
}

#[test]
fn run_that_is_killed_after_every_text_gets_there_all_the_same() {
    let site = slow_site();
    let undisturbed = undisturbed(&site);
    let home = Home::of(&site);
    let mut kills = 0;
    loop {
        let before = home.count();
        let child = run_once(&home.config()).spawn().unwrap();
        if !kill_when(child, || home.count() > before) {
            break;
        }
        kills += 1;
        assert!(kills <= 40, "no progress");
    }
    assert!(kills >= 7, "only {kills} kills");
    assert_whole(&home, &undisturbed);
}
