//! A store or a manifest that was lost or damaged is made again of what is left, and nothing is fetched or written twice.

use crate::home::{Home, log_of, run_once};
use crate::support::{Reply, STORIES, Site};
use gleaner::crawl::Summary;
use gleaner::ledger::{FindingKind, Repaired, Wish, repair};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// How often a store is damaged, each time at another place, in a plain `cargo test`; `GLEANER_FLIPS` asks for another
/// number.
const PLACES: usize = 24;

impl Home {
    fn store_path(&self) -> PathBuf {
        self.folder.path().join("gleaner.db")
    }

    fn manifest_path(&self) -> PathBuf {
        self.output().join("manifest.jsonl")
    }

    fn repair(&self, wish: Wish) -> Repaired {
        repair(&self.output(), &self.store_path(), wish).unwrap()
    }

    fn lose_store(&self) {
        for ending in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{ending}", self.store_path().display()));
        }
    }

    /// Nothing is wrong, and a run fetches and writes nothing.
    async fn assert_nothing_to_do(&self, site: &Site) {
        let report = self.verify();
        assert_eq!(report.findings, []);
        let (asked, texts) = (site.asked_for_stories(), self.texts());
        let summary = self.once().await;
        assert_eq!((summary.written, summary.unchanged, site.asked_for_stories()), (0, 0, asked), "{summary}");
        assert_eq!(self.texts(), texts);
        self.assert_consistent();
    }
}

/// A home of a site whose articles are all written.
async fn written(more: &str) -> (Site, Home) {
    let site = Site::with_stories();
    let home = Home::of(&site);
    home.configure(&site, more);
    assert_eq!(home.once().await.written, STORIES.len() as u64);
    (site, home)
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_ledger_has_nothing_to_repair() {
    let (site, home) = written("").await;
    let before = fs::read(home.manifest_path()).unwrap();
    let done = home.repair(Wish::default());
    assert!(done.is_nothing() && done.kept_aside.is_empty(), "{done:?}");
    assert_eq!(fs::read(home.manifest_path()).unwrap(), before);
    home.assert_nothing_to_do(&site).await;
}

/// The feed as it stands on a site that gives its articles new addresses and keeps their names.
fn feed_with_new_addresses(site: &Site) -> Reply {
    let names: Vec<String> = STORIES.iter().map(|story| site.url(&story.path())).collect();
    let mut feed = site.feed(STORIES);
    for name in names {
        feed = feed.replace(&format!("<link>{name}?utm_source=rss"), &format!("<link>{name}?page=new"));
    }
    Reply::rss(feed)
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_entries_outlive_store_and_manifest_each() {
    for lost in ["store", "store, repaired", "manifest"] {
        let (site, home) = written("").await;
        match lost {
            "manifest" => fs::remove_file(home.manifest_path()).unwrap(),
            _ => home.lose_store(),
        }
        if lost != "store" {
            home.repair(Wish::default());
        }
        let names: Vec<_> = home.manifest().iter().filter_map(|line| line["entry"].as_str().map(str::len)).collect();
        assert_eq!(names, [16; 14], "{lost}");
        site.put("/feed.rss", feed_with_new_addresses(&site));
        let (asked, texts) = (site.asked_for_stories(), home.texts());
        home.once().await;
        assert_eq!((site.asked_for_stories(), home.texts()), (asked, texts), "{lost}: nothing is new");
        assert_eq!(home.verify().findings, [], "{lost}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_store_is_made_again_by_the_next_run_itself() {
    let (site, home) = written("").await;
    home.lose_store();
    let report = home.verify();
    assert_eq!((report.findings.len(), report.count(FindingKind::NoStore)), (1, 1), "{report:?}");
    assert_eq!(home.once().await, Summary { feeds: 1, ..Summary::default() });
    home.assert_nothing_to_do(&site).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_store_is_repaired_once() {
    let (site, home) = written("").await;
    home.lose_store();
    let planned = home.repair(Wish { dry_run: true, ..Wish::default() });
    assert_eq!((planned.recalled, planned.store_is_new, home.store_path().exists()), (14, true, false), "{planned:?}");
    let done = home.repair(Wish::default());
    assert_eq!((done.recalled, done.store_was_absent, done.after.findings.len()), (14, true, 0), "{done:?}");
    assert!(home.repair(Wish::default()).is_nothing(), "twice is no more than once");
    home.assert_nothing_to_do(&site).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_urls_of_articles_are_known_after_the_store_was_lost() {
    let (site, home) = written("").await;
    let (long, story) = (STORIES[0].path(), STORIES[0]);
    site.put("/short", Reply::redirect(302, "/moved"));
    site.put("/moved", Reply::html(story.page_with("Short way to a story of the ferry", "2026-11-20")));
    let item = |path: &str| format!("<item><link>{}</link></item>", site.url(path));
    let feed = |items: String| {
        Reply::rss(format!("<rss version=\"2.0\"><channel><title>The Harbour Courier</title>{items}</channel></rss>"))
    };
    site.put("/feed.rss", feed(item("/short")));
    assert_eq!(home.once().await.written, 1);
    home.lose_store();
    // Under the URL to which the redirect leads, which only the manifest's aliases know.
    site.put("/feed.rss", feed(item("/moved") + &item(&long)));
    let asked = site.asked("/moved");
    assert_eq!(home.once().await, Summary { feeds: 1, ..Summary::default() });
    assert_eq!(site.asked("/moved"), asked);
    home.assert_consistent();
}

#[tokio::test(flavor = "multi_thread")]
async fn truncated_store_is_refused_with_a_hint_and_repaired() {
    let (site, home) = written("").await;
    let whole = fs::read(home.store_path()).unwrap();
    for part in [whole.len() / 2, whole.len() - 4096, 4096, 100] {
        fs::write(home.store_path(), &whole[..part]).unwrap();
        assert!(home.verify().count(FindingKind::DamagedStore) > 0, "{part} bytes");
        let said = log_of(&mut run_once(&home.config()));
        assert!(said.contains("gleaner repair") && said.contains("gleaner.db"), "{part} bytes: {said}");
        let done = home.repair(Wish::default());
        assert!(done.store_is_new && !done.store_damage.is_empty() && done.after.findings.is_empty(), "{done:?}");
        let kept = fs::read(&done.kept_aside[0]).unwrap();
        assert_eq!(kept, whole[..part], "the damaged store is kept as it was");
        assert!(done.kept_aside[0].to_str().unwrap().contains("gleaner.db.damaged-20"), "{done:?}");
        fs::remove_file(&done.kept_aside[0]).unwrap();
        home.assert_nothing_to_do(&site).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bit_that_flips_in_the_store_never_doubles_a_text() {
    let (site, home) = written("").await;
    let whole = fs::read(home.store_path()).unwrap();
    let texts = home.texts();
    let places = std::env::var("GLEANER_FLIPS").ok().map_or(PLACES, |count| count.parse().unwrap());
    let mut repaired = 0;
    for place in 0..places {
        let mut damaged = whole.clone();
        let at = (whole.len() * (2 * place + 1) / (2 * places) + place).min(whole.len() - 1);
        // Of these bytes of the head other values are as good: that of a newer format, of a file that may only be read.
        if (18..20).contains(&at) || (60..64).contains(&at) {
            continue;
        }
        damaged[at] ^= 1 << (place % 8);
        home.lose_store();
        fs::write(home.store_path(), &damaged).unwrap();
        if !home.verify().findings.is_empty() {
            repaired += 1;
            let mut wish = Wish::default();
            let done = home.repair(wish);
            if !done.after.findings.is_empty() {
                wish.rebuild = true;
                assert_eq!(home.repair(wish).after.findings, [], "byte {at}");
            }
        }
        assert!(run_once(&home.config()).status().unwrap().success(), "byte {at}");
        assert_eq!(home.texts(), texts, "byte {at}");
        assert_eq!(home.verify().findings, [], "byte {at}");
    }
    assert!(repaired > PLACES / 12, "only {repaired} of {PLACES} flips were seen");
    home.assert_nothing_to_do(&site).await;
}

/// Has the store end with a page on which nothing of the ledger stands.
fn add_last_page(home: &Home) {
    let store = rusqlite::Connection::open(home.store_path()).unwrap();
    store.execute_batch("CREATE TABLE filler AS SELECT zeroblob(9000) AS x; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_waited_in_a_damaged_store_wait_in_the_new_one() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    for story in &STORIES[4..] {
        site.put(&story.path(), Reply::status(503));
    }
    assert_eq!(home.once().await.queued, 10);
    // They stand in no feed any more.
    site.put("/feed.rss", Reply::rss(site.feed(&STORIES[..1])));
    add_last_page(&home);
    let mut store = fs::read(home.store_path()).unwrap();
    let end = store.len();
    store[end - 4096..].fill(0x5a);
    fs::write(home.store_path(), store).unwrap();
    let done = home.repair(Wish::default());
    assert!(done.store_is_new, "{done:?}");
    assert_eq!((done.after.counts.queued, done.after.counts.written), (10, 4), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg(debug_assertions)]
async fn repair_that_dies_is_completed_by_the_next_one() {
    for moment in ["store_rebuilt", "store_aside"] {
        let site = Site::with_stories();
        let home = Home::of(&site);
        for story in &STORIES[4..] {
            site.put(&story.path(), Reply::status(503));
        }
        assert_eq!(home.once().await.queued, 10);
        add_last_page(&home);
        let store = fs::read(home.store_path()).unwrap();
        // The last page, and the first bytes.
        fs::write(home.store_path(), [&[0xff; 16], &store[16..store.len() - 4096]].concat()).unwrap();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_gleaner"));
        command.args(["repair", "--config"]).arg(home.config()).env("GLEANER_CRASH_AT", moment);
        assert_eq!(command.output().unwrap().status.code(), None, "{moment}: it dies");
        assert!(log_of(&mut run_once(&home.config())).contains("gleaner repair"), "{moment}: the old one stands there");
        let after = home.repair(Wish::default()).after;
        assert_eq!((after.findings.len(), after.counts.queued, after.counts.written), (0, 10, 4), "{moment}");
        assert!(!home.store_path().with_file_name("gleaner.db.rebuilt").exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_manifest_is_made_again_by_the_store() {
    let (site, home) = written("").await;
    let mut before = home.manifest();
    fs::remove_file(home.manifest_path()).unwrap();
    let report = home.verify();
    assert_eq!((report.findings.len(), report.count(FindingKind::Unlisted)), (14, 14), "{report:?}");
    assert_eq!(home.repair(Wish::default()).listed, 14);
    let mut after = home.manifest();
    for lines in [&mut before, &mut after] {
        lines.sort_by_key(|line| line["key"].as_str().unwrap().to_owned());
        // Of the first the store keeps no more than the moment at which it was told, of the others nothing.
        for field in ["fetched", "language", "confidence"] {
            lines.iter_mut().for_each(|line| drop(line.as_object_mut().unwrap().remove(field)));
        }
    }
    assert_eq!(after, before);
    home.assert_nothing_to_do(&site).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_lines_of_the_manifest_are_taken_out_and_the_old_one_is_kept() {
    let (site, home) = written("").await;
    let before = fs::read_to_string(home.manifest_path()).unwrap();
    let (first, rest) = before.split_once('\n').unwrap();
    fs::write(home.manifest_path(), format!("{}\n{rest}{{\"key\":", &first[..first.len() / 2])).unwrap();
    let report = home.verify();
    let counts = [FindingKind::BadLine, FindingKind::Unlisted].map(|kind| report.count(kind));
    assert_eq!((report.findings.len(), counts, report.notes.len()), (2, [1, 1], 1), "{report:?}");
    let done = home.repair(Wish::default());
    assert_eq!((done.bad_lines, done.listed, done.kept_aside.len()), (1, 1, 1), "{done:?}");
    assert!(home.repair(Wish::default()).is_nothing());
    home.assert_nothing_to_do(&site).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn store_and_manifest_are_made_again_by_front_matter() {
    let (site, home) = written("[output]\nfront_matter = true").await;
    home.lose_store();
    fs::remove_file(home.manifest_path()).unwrap();
    assert_eq!(home.verify().count(FindingKind::Stray), 14);
    let done = home.repair(Wish::default());
    assert_eq!((done.of_front_matter, done.recalled, done.listed, done.nameless.len()), (14, 14, 14, 0), "{done:?}");
    home.assert_nothing_to_do(&site).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_known_by_their_names_alone_are_told_and_written_to_the_same_names() {
    let (_site, home) = written("").await;
    let texts = home.texts();
    home.lose_store();
    fs::remove_file(home.manifest_path()).unwrap();
    let done = home.repair(Wish::default());
    assert_eq!((done.nameless.len(), done.recalled), (14, 0), "{done:?}");
    let summary = home.once().await;
    assert_eq!((summary.written + summary.unchanged, home.texts()), (14, texts), "{summary}");
    assert_eq!(home.verify().findings, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_and_changed_texts_are_told_and_fetched_again_on_demand() {
    let (_site, home) = written("").await;
    let texts = home.texts();
    let mut paths = texts.keys();
    fs::remove_file(home.output().join(paths.next().unwrap())).unwrap();
    fs::write(home.output().join(paths.next().unwrap()), "something else").unwrap();
    let report = home.verify();
    let counts = [FindingKind::Lost, FindingKind::Changed].map(|kind| report.count(kind));
    assert_eq!((report.findings.len(), counts), (2, [1, 1]), "{report:?}");
    assert!(home.repair(Wish::default()).is_nothing(), "a text may be gone because somebody wants it so");
    assert_eq!(home.repair(Wish { refetch: true, ..Wish::default() }).requeued, 2);
    assert_eq!(home.once().await.written, 2);
    assert_eq!(home.texts(), texts);
    assert_eq!(home.verify().findings, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_belong_to_nothing_are_named() {
    let (_site, home) = written("").await;
    let path = home.texts().keys().next().unwrap().clone();
    fs::create_dir_all(home.output().join("mine")).unwrap();
    fs::write(home.output().join("mine/notes.txt"), "notes").unwrap();
    fs::copy(home.output().join(&path), home.output().join("mine").join(path.rsplit('/').next().unwrap())).unwrap();
    let report = home.verify();
    let counts = [FindingKind::Stray, FindingKind::Doubled].map(|kind| report.count(kind));
    assert_eq!((report.findings.len(), counts), (2, [1, 1]), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ledger_of_a_daemon_at_work_is_verified_beside_it() {
    let site = Site::with_stories();
    for story in STORIES {
        site.put(&story.path(), Reply::html(story.page()).after(Duration::from_millis(60)));
    }
    let home = Home::of(&site);
    let mut child = run_once(&home.config()).spawn().unwrap();
    while site.asked_for_stories() == 0 {
        std::thread::sleep(Duration::from_millis(2));
    }
    let mut beside = 0;
    while child.try_wait().unwrap().is_none() {
        let report = home.verify();
        assert_eq!(report.findings, []);
        if report.beside_a_daemon {
            assert_eq!(report.daemon, Some(child.id()));
            beside += 1;
        }
    }
    assert!(beside > 0, "never looked beside it");
    assert_eq!(home.verify().texts, 14);
}

#[tokio::test(flavor = "multi_thread")]
async fn store_and_manifest_are_made_again_by_json_in_the_files_and_beside_them() {
    for settings in ["format = \"json\"", "format = \"html\"\nsidecar = true", "sidecar = true"] {
        let (_site, home) = written(&format!("[output]\n{settings}")).await;
        home.lose_store();
        fs::remove_file(home.manifest_path()).unwrap();
        let done = home.repair(Wish::default());
        assert_eq!((done.of_front_matter, done.listed, done.nameless.len()), (14, 14, 0), "{settings}: {done:?}");
        assert_eq!((home.verify().findings, home.once().await.written), (vec![], 0), "{settings}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn html_without_anything_beside_it_is_known_by_the_manifest() {
    let (_site, home) = written("[output]\nformat = \"html\"").await;
    home.lose_store();
    let done = home.repair(Wish::default());
    assert_eq!((done.recalled, done.of_front_matter, done.nameless.len()), (14, 0, 0), "{done:?}");
    assert_eq!((home.verify().findings, home.once().await.written), (vec![], 0));
}
