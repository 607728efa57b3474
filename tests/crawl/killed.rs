//! Killed with SIGKILL, at any moment: nothing lost, nothing doubled.

use crate::expected_texts;
use crate::home::{Home, run_once};
use crate::support::{Reply, STORIES, Site};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Child;
use std::time::{Duration, Instant};

/// How many random moments a plain `cargo test` tries; `GLEANER_KILLS` asks for another number.
const KILLS: usize = 12;

fn slow_site() -> Site {
    let site = Site::with_stories();
    for story in STORIES {
        site.put(&story.path(), Reply::html(story.page()).after(Duration::from_millis(5)));
    }
    site
}

/// Waits until `ready` and for `wait` and kills, or until the child has ended by itself; says whether it was killed.
fn kill_when(mut child: Child, ready: impl Fn() -> bool, wait: Duration) -> bool {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{status}");
            return false;
        }
        if ready() {
            std::thread::sleep(wait);
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
    let report = home.verify();
    assert_eq!((&report.findings[..], &report.notes[..]), (&[][..], &[][..]));
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
        killed += usize::from(kill_when(run_once(&home.config()).spawn().unwrap(), ready, Duration::ZERO));
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
        if !kill_when(child, || home.count() > before, Duration::ZERO) {
            break;
        }
        kills += 1;
        assert!(kills <= 40, "no progress");
    }
    assert!(kills >= 7, "only {kills} kills");
    assert_whole(&home, &undisturbed);
}

/// Lets the binary die at a moment, named as in `gleaner::crash`; says whether it came to it.
#[cfg(debug_assertions)]
fn die_at(home: &Home, moment: &str) -> bool {
    let status = run_once(&home.config()).env("GLEANER_CRASH_AT", moment).status().unwrap();
    assert!(status.success() || status.code().is_none(), "{moment}: {status}");
    status.code().is_none()
}

/// A killed run leaves nothing that is wrong, only what the next one puts in order.
#[cfg(debug_assertions)]
fn assert_nothing_wrong(home: &Home, when: &str) {
    let report = home.verify();
    assert_eq!(report.findings, [], "{when}");
    assert!(report.counts.add_up(), "{when}");
}

#[test]
#[cfg(debug_assertions)]
fn death_at_each_named_moment_loses_nothing_and_doubles_nothing() {
    use gleaner::crash::Point;
    let site = Site::with_stories();
    // Were they saved before the entries, the next run would hear that nothing is new.
    site.put("/feed.rss", Reply::rss(site.feed(STORIES)).with("ETag", "\"1\""));
    let undisturbed = undisturbed(&site);
    let (mut names, mut died) = (BTreeSet::new(), BTreeSet::new());
    for (name, point) in Point::ALL.iter().filter(|named| !named.0.starts_with("store_")) {
        names.insert(name);
        for time in [1, 6] {
            let home = Home::of(&site);
            home.configure(&site, "[raw]\nkeep = true");
            let moment = format!("{name}:{time}");
            if !die_at(&home, &moment) {
                continue;
            }
            died.insert(name);
            assert_nothing_wrong(&home, &moment);
            assert!(run_once(&home.config()).status().unwrap().success(), "{point:?}");
            assert_whole(&home, &undisturbed);
        }
    }
    assert_eq!(died, names, "a moment that never comes");
}

#[test]
#[cfg(debug_assertions)]
fn death_of_every_run_at_the_same_moment_is_overcome_where_the_work_was_done() {
    let site = Site::with_stories();
    let undisturbed = undisturbed(&site);
    for moment in ["page_finished", "page_finished:3"] {
        let home = Home::of(&site);
        let mut runs = 0;
        while die_at(&home, moment) {
            assert_nothing_wrong(&home, moment);
            runs += 1;
            assert!(runs <= STORIES.len(), "{moment}: no progress");
        }
        assert_whole(&home, &undisturbed);
    }
}

/// When the kill number `number` falls: so many requests after the start, and so long after the last of them. Both are
/// spread evenly, in an order that jumps (the golden section), so that any count of kills is spread over a whole run.
fn moment_of(number: usize) -> (usize, Duration) {
    let jump = |by: f64| (number as f64 * by).fract();
    let requests = jump(0.618_033_988_75) * (STORIES.len() + 2) as f64;
    (requests as usize, Duration::from_millis(40).mul_f64(jump(0.754_877_666_25)))
}

#[test]
fn kill_at_any_moment_loses_nothing_and_doubles_nothing() {
    let kills = std::env::var("GLEANER_KILLS").ok().map_or(KILLS, |count| count.parse().unwrap());
    let site = slow_site();
    let undisturbed = undisturbed(&site);
    let (mut home, mut left, mut homes, mut restarts) = (Home::of(&site), [0_usize; 3], 1, vec![]);
    let mut number = 0;
    while number < kills {
        let (requests, wait) = moment_of(number);
        let (asked, begun) = (site.asked_in_all(), Instant::now());
        let first = std::cell::OnceCell::new();
        let ready = || {
            let since = site.asked_in_all() - asked;
            if since > 0 {
                first.get_or_init(|| begun.elapsed());
            }
            since >= requests
        };
        let killed = kill_when(run_once(&home.config()).spawn().unwrap(), ready, wait);
        restarts.extend(first.into_inner());
        if !killed {
            // It was done before its time: all is there, and another one begins.
            assert_whole(&home, &undisturbed);
            (home, homes) = (Home::of(&site), homes + 1);
            continue;
        }
        number += 1;
        let report = home.verify();
        assert_eq!(report.findings, [], "kill {number}");
        for note in &report.notes {
            left[match note.kind.id() {
                "temporary" => 0,
                "torn_line" => 1,
                _ => 2,
            }] += 1;
        }
    }
    assert!(run_once(&home.config()).status().unwrap().success());
    assert_whole(&home, &undisturbed);
    restarts.sort();
    eprintln!(
        "{kills} kills over {homes} homes: 0 lost, 0 doubled; left to the next run: {} temporaries, {} \
         torn lines, {} unfinished texts; {} ms from start to first request in the median, {} ms at most",
        left[0],
        left[1],
        left[2],
        restarts.get(restarts.len() / 2).map_or(0, Duration::as_millis),
        restarts.last().map_or(0, Duration::as_millis),
    );
}

/// How many texts are known at a restart in a plain `cargo test`; `GLEANER_TEXTS` asks for another number.
const TEXTS: usize = 300;

/// A home that knows `count` texts, in manifest and store; they stand nowhere, which no start looks at.
fn home_of(site: &Site, count: usize) -> Home {
    use gleaner::article::{Provenance, Verdict};
    use gleaner::output::{ArticleName, Record, Writer};
    let home = Home::of(site);
    let record = |number: usize| {
        let url = url::Url::parse(&format!("http://host-{}.test/2026/11/story-{number}.html", number % 2000)).unwrap();
        let title = format!("Story number {number} of a long row of stories about nothing");
        let name = ArticleName::new(&url, Some(&title), jiff::civil::date(2026, 11, 1));
        let record = Record {
            key: gleaner::key::Key::of(&url),
            aliases: vec![url.join("?page=1").unwrap()],
            path: name.paths().next().unwrap(),
            title: Some(title),
            published: None,
            fetched: jiff::Timestamp::UNIX_EPOCH,
            feed: None,
            entry: None,
            verdict: Verdict::Article,
            source: Provenance::Page,
            language: None,
            confidence: None,
            duplicate_of: None,
            url,
        };
        let hash = blake3::hash(record.path.as_str().as_bytes());
        (record, hash)
    };
    let records: Vec<_> = (0..count).map(record).collect();
    Writer::open(&home.output()).unwrap().list(&records).unwrap();
    home
}

#[test]
fn restart_after_a_kill_knows_all_that_was_written_and_is_at_work_soon() {
    let count = std::env::var("GLEANER_TEXTS").ok().map_or(TEXTS, |count| count.parse().unwrap());
    let site = slow_site();
    let home = home_of(&site, count);
    let begun = Instant::now();
    let done =
        gleaner::ledger::repair(&home.output(), &home.folder.path().join("gleaner.db"), Default::default()).unwrap();
    let rebuilt = begun.elapsed();
    assert_eq!(done.recalled, count as u64);
    let first_request = |site: &Site| {
        let (asked, begun) = (site.asked_in_all(), Instant::now());
        let asked_now = || site.asked_in_all() > asked;
        kill_when(run_once(&home.config()).spawn().unwrap(), asked_now, Duration::ZERO);
        begun.elapsed()
    };
    let times: Vec<_> = (0..4).map(|_| first_request(&site)).collect();
    assert!(run_once(&home.config()).status().unwrap().success());
    assert_eq!(home.count(), STORIES.len());
    let size = home.folder.path().join("gleaner.db").metadata().unwrap().len();
    eprintln!(
        "{count} texts, a store of {} MB, rebuilt and verified in {} ms; {:?} ms from start to first request after a kill",
        size / 1_000_000,
        rebuilt.as_millis(),
        times.iter().map(Duration::as_millis).collect::<Vec<_>>(),
    );
}
