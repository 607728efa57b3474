//! The crawl against a site on loopback: feeds in, text files out, whatever happens in between.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a panic in a test is a failure that names its line")]

mod support;

use gleaner::config::Config;
use gleaner::crawl::{CrawlError, Halted, Mode, Summary, run};
use gleaner::extract::Extractor;
use gleaner::frontier::SqliteFrontier;
use gleaner::output::OutputError;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use support::{Reply, STORIES, Site};
use tempfile::TempDir;

/// A folder with a configuration that polls `/feed.rss` of a site.
struct Home {
    folder: TempDir,
}

impl Home {
    fn of(site: &Site) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Self { folder };
        home.configure(site, "");
        home
    }

    fn configure(&self, site: &Site, more: &str) {
        let feed = site.url("/feed.rss");
        let text = format!(
            "contact = \"tests@localhost\"\n[fetch]\nallow_private = [\"127.0.0.0/8\"]\nhost_pause_ms = 0\n{more}\n\
             [[feed]]\nurl = \"{feed}\"\n"
        );
        std::fs::write(self.config(), text).unwrap();
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }

    fn output(&self) -> PathBuf {
        self.folder.path().join("articles")
    }

    async fn once(&self) -> Summary {
        crawl(&self.config(), Mode::Once, std::future::pending()).await.unwrap()
    }

    /// Every text by its path.
    fn texts(&self) -> BTreeMap<String, String> {
        let files = files(&self.output()).into_iter().filter(|path| path != "manifest.jsonl");
        files.map(|path| (path.clone(), std::fs::read_to_string(self.output().join(&path)).unwrap())).collect()
    }

    /// How many texts stand there, also while a run is at work.
    fn count(&self) -> usize {
        files(&self.output()).iter().filter(|path| path.ends_with(".txt")).count()
    }

    fn times(&self) -> Vec<SystemTime> {
        files(&self.output())
            .iter()
            .map(|path| self.output().join(path).metadata().unwrap().modified().unwrap())
            .collect()
    }

    fn manifest(&self) -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(self.output().join("manifest.jsonl")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Every text stands in the manifest once, under its key, with the hash of its bytes, and nothing
    /// else stands there or in the folder.
    fn assert_consistent(&self) {
        let texts = self.texts();
        let manifest = self.manifest();
        let paths: BTreeSet<&str> = manifest.iter().map(|line| line["path"].as_str().unwrap()).collect();
        assert_eq!(paths, texts.keys().map(String::as_str).collect());
        let keys: BTreeSet<&str> = manifest.iter().map(|line| line["key"].as_str().unwrap()).collect();
        assert_eq!(keys.len(), manifest.len(), "a key for each line");
        for line in &manifest {
            let path = line["path"].as_str().unwrap();
            assert_eq!(line["hash"], blake3::hash(texts[path].as_bytes()).to_hex().as_str(), "{path}");
            let key = line["key"].as_str().unwrap();
            assert!(path.ends_with(&format!("-{}.txt", &key[..8])), "{path} of {key}");
        }
        for path in texts.keys() {
            assert!(path.split('/').count() == 3 && !path.split('/').any(|part| part.starts_with('.')), "{path}");
        }
    }
}

async fn crawl(config: &Path, mode: Mode, shutdown: impl Future<Output = ()>) -> Result<Summary, Halted> {
    let config = Config::load(config).unwrap();
    let extractor = Arc::new(Extractor::new(&config.extract.options()).unwrap());
    let frontier = SqliteFrontier::open(&config.frontier).unwrap();
    run(&config, extractor, frontier, mode, shutdown).await
}

/// Every file below a folder, hidden ones too; none where the folder is missing.
fn files(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                open.push(entry.path());
            } else {
                found.insert(entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found
}

fn expected_texts() -> BTreeSet<String> {
    STORIES.iter().map(support::Story::text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn feed_becomes_text_files_and_a_manifest() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    let summary = home.once().await;
    assert_eq!(summary, Summary { feeds: 1, discovered: 14, written: 14, ..Summary::default() });
    let texts = home.texts();
    assert_eq!(texts.len(), 14);
    for story in STORIES {
        let folder = format!("127.0.0.1/{}/", story.date());
        let (path, text) = texts.iter().find(|(path, _)| path.starts_with(&folder)).unwrap();
        assert_eq!(*text, story.text(), "{path}");
    }
    assert!(texts.keys().any(|path| path.starts_with("127.0.0.1/2026-11-01/ferry-to-the-northern-islands-")));
    home.assert_consistent();
    let manifest = home.manifest();
    let ferry = manifest.iter().find(|line| line["title"] == STORIES[0].title).unwrap();
    assert_eq!(ferry["published"], "2026-11-01T09:30:00Z");
    assert_eq!(ferry["url"], site.url("/2026/11/story-00.html?utm_source=rss"));
    assert_eq!(ferry["verdict"], "article");
}

#[tokio::test(flavor = "multi_thread")]
async fn second_run_changes_nothing_and_asks_for_the_feed_alone() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    home.once().await;
    let (texts, times, asked) = (home.texts(), home.times(), site.asked_in_all());
    assert_eq!(home.once().await, Summary { feeds: 1, ..Summary::default() });
    assert_eq!((home.texts(), home.times()), (texts, times));
    assert_eq!(site.asked_in_all(), asked + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn unchanged_feed_is_asked_for_with_its_validators() {
    let site = Site::with_stories();
    site.put("/feed.rss", Reply::rss(site.feed(&STORIES[..2])).with("ETag", "\"one\""));
    let home = Home::of(&site);
    assert_eq!(home.once().await.written, 2);
    // The same validator: the site answers 304, and new entries stay unseen.
    site.put("/feed.rss", Reply::rss(site.feed(&STORIES[..3])).with("ETag", "\"one\""));
    assert_eq!(home.once().await, Summary { feeds: 1, ..Summary::default() });
    site.put("/feed.rss", Reply::rss(site.feed(&STORIES[..3])).with("ETag", "\"two\""));
    assert_eq!(home.once().await.written, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_title_or_date_makes_no_second_file() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    home.once().await;
    let texts = home.texts();
    let feed = site.feed(STORIES).replace("Ferry to", "Boat to").replace("Nov 2026", "Dec 2026");
    site.put("/feed.rss", Reply::rss(feed.replace("utm_source=rss", "utm_source=mail")));
    let (first, second) = (&STORIES[0], &STORIES[1]);
    site.put(&first.path(), Reply::html(first.page_with("Boat to the islands", &first.date())));
    site.put(&second.path(), Reply::html(second.page_with(second.title, "2026-12-24")));
    assert_eq!(home.once().await, Summary { feeds: 1, ..Summary::default() });
    assert_eq!(home.texts(), texts);
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_store_is_no_reason_for_other_names() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    home.once().await;
    let texts = home.texts();
    for file in files(home.folder.path()).iter().filter(|file| file.starts_with("gleaner.db")) {
        std::fs::remove_file(home.folder.path().join(file)).unwrap();
    }
    let first = &STORIES[0];
    site.put(&first.path(), Reply::html(first.page_with("Boat to the islands", "2026-12-24")));
    let lost = texts.keys().find(|path| !path.contains(&first.date())).unwrap();
    std::fs::remove_file(home.output().join(lost)).unwrap();
    let summary = home.once().await;
    assert_eq!((summary.written, summary.unchanged), (2, 12));
    assert_eq!(home.texts().into_keys().collect::<Vec<_>>(), texts.into_keys().collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn passing_failure_is_retried_within_the_run() {
    let site = Site::with_stories();
    site.first(&STORIES[3].path(), Reply::status(503));
    site.first("/feed.rss", Reply::status(500));
    let home = Home::of(&site);
    assert_eq!(home.once().await, Summary { feeds: 1, discovered: 14, written: 14, ..Summary::default() });
    assert_eq!(site.asked(&STORIES[3].path()), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn lasting_failure_leaves_the_page_queued_and_the_others_written() {
    let site = Site::with_stories();
    site.put(&STORIES[3].path(), Reply::status(503));
    site.put(&STORIES[4].path(), Reply::status(404));
    site.put(&STORIES[5].path(), Reply::html("<html><body><p>Nothing here.</p></body></html>"));
    let home = Home::of(&site);
    let summary = home.once().await;
    let expected =
        Summary { feeds: 1, discovered: 14, written: 11, not_articles: 1, failed: 1, queued: 1, ..Summary::default() };
    assert_eq!(summary, expected);
    assert_eq!(site.asked(&STORIES[3].path()), 2);
    home.assert_consistent();
}

#[tokio::test(flavor = "multi_thread")]
async fn date_in_the_future_is_not_believed_whoever_states_it() {
    let site = Site::with_stories();
    // The calendar of 2099 has the weekdays of 2026.
    site.put("/feed.rss", Reply::rss(site.feed(&STORIES[..1]).replace("Nov 2026", "Nov 2099")));
    site.put(&STORIES[0].path(), Reply::html(STORIES[0].page_with(STORIES[0].title, "2099-11-01")));
    let home = Home::of(&site);
    assert_eq!(home.once().await.written, 1);
    assert!(home.texts().keys().all(|path| !path.contains("2099")), "{:?}", home.texts().keys());
}

#[tokio::test(flavor = "multi_thread")]
async fn page_behind_a_wall_comes_back_another_day() {
    let site = Site::with_stories();
    let wall = "<html><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1>\
                <p>Please verify you are human to continue.</p></body></html>";
    site.put(&STORIES[3].path(), Reply::html(wall));
    let home = Home::of(&site);
    let summary = home.once().await;
    assert_eq!((summary.written, summary.queued, summary.not_articles), (13, 1, 0), "{summary}");
}

#[tokio::test(flavor = "multi_thread")]
async fn server_that_wants_to_be_left_alone_is() {
    let site = Site::with_stories();
    site.put(&STORIES[0].path(), Reply::status(503).with("Retry-After", "3600"));
    let home = Home::of(&site);
    let summary = home.once().await;
    assert_eq!(site.asked(&STORIES[0].path()), 1, "no second attempt");
    assert_eq!((summary.written, summary.queued), (0, 14), "the whole host rests");
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_feed_stops_no_other_and_is_asked_again() {
    let site = Site::with_stories();
    site.put("/broken.rss", Reply::rss("no feed at all"));
    let home = Home::of(&site);
    home.configure(&site, &format!("[[feed]]\nurl = \"{}\"", site.url("/broken.rss")));
    let summary = home.once().await;
    assert_eq!((summary.feeds, summary.feeds_failed, summary.written), (2, 1, 14));
    home.once().await;
    assert_eq!(site.asked("/broken.rss"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn redirected_page_is_filed_once_with_its_alias() {
    let site = Site::with_stories();
    let story = &STORIES[2];
    site.put(&story.path(), Reply::status(302).with("Location", "/moved"));
    site.put("/moved", Reply::html(story.page()));
    let home = Home::of(&site);
    assert_eq!(home.once().await.written, 14);
    let line = home.manifest().into_iter().find(|line| line["title"] == story.title).unwrap();
    assert_eq!(line["aliases"], serde_json::json!([site.url("/moved")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn front_matter_stands_before_the_text_where_it_is_wanted() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    home.configure(&site, "[output]\nfront_matter = true");
    home.once().await;
    for text in home.texts().values() {
        assert!(text.starts_with("---\ntitle: ") && text.contains(&site.url("/2026/11/story-")), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn daemon_works_until_it_is_told_to_stop_and_leaves_nothing_half_done() {
    let site = Site::with_stories();
    for story in STORIES {
        site.put(&story.path(), Reply::html(story.page()).after(Duration::from_millis(20)));
    }
    let home = Home::of(&site);
    let five_texts = async {
        while home.count() < 5 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let summary = crawl(&home.config(), Mode::Forever, five_texts).await.unwrap();
    assert!((5..14).contains(&summary.written), "{summary}");
    assert_eq!(summary.queued + summary.written, 14, "{summary}");
    home.assert_consistent();
    assert_eq!(home.once().await.written + summary.written, 14);
    assert_eq!(home.texts().into_values().collect::<BTreeSet<_>>(), expected_texts());
}

#[tokio::test(flavor = "multi_thread")]
async fn page_that_never_ends_does_not_hold_up_the_stop() {
    let site = Site::with_stories();
    site.put(&STORIES[0].path(), Reply::html("").after(Duration::from_secs(30)));
    let home = Home::of(&site);
    home.configure(&site, "[crawl]\ndrain_s = 0");
    let asked = async {
        while site.asked(&STORIES[0].path()) == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let began = Instant::now();
    let summary = crawl(&home.config(), Mode::Forever, asked).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert_eq!((summary.written, summary.queued), (0, 14), "what was in flight waits too");
}

#[tokio::test(flavor = "multi_thread")]
async fn file_in_the_place_of_the_output_folder_ends_the_run_with_a_remedy() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    std::fs::write(home.output(), "in the way").unwrap();
    let error = crawl(&home.config(), Mode::Once, std::future::pending()).await.unwrap_err();
    assert!(matches!(error.cause, CrawlError::Output(OutputError::NotAFolder { .. })), "{error}");
    assert_eq!(error.summary, None, "nothing had begun");
    assert!(error.to_string().contains("articles") && error.to_string().contains("move it away"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn output_that_goes_away_under_way_ends_the_run_and_loses_nothing() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    std::fs::create_dir(home.output()).unwrap();
    std::fs::write(home.output().join("127.0.0.1"), "in the way").unwrap();
    let error = crawl(&home.config(), Mode::Once, std::future::pending()).await.unwrap_err();
    assert!(error.to_string().contains("127.0.0.1"), "{error}");
    let summary = error.summary.unwrap();
    assert_eq!((summary.discovered, summary.written, summary.queued), (14, 0, 14), "{summary}");
    std::fs::remove_file(home.output().join("127.0.0.1")).unwrap();
    assert_eq!(home.once().await.written, 14);
}

// ---------------------------------------------------------------- killed with SIGKILL

/// The real thing, as a process that can be killed.
fn run_once(config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner"));
    command.args(["run", "--once", "--config"]).arg(config).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

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
