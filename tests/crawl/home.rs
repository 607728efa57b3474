//! A folder with a configuration, and what a crawl leaves in it.

use crate::support::Site;
use gleaner::config::Config;
use gleaner::crawl::{Halted, Mode, Summary, run, run_with};
use gleaner::extract::{Extractor, Options};
use gleaner::fetch::{Fetcher, Lookup};
use gleaner::frontier::SqliteFrontier;
use gleaner::ledger::Report;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime};
use tempfile::TempDir;

/// Built once: it takes seconds without optimisation.
static EXTRACTOR: LazyLock<Arc<Extractor>> = LazyLock::new(|| Arc::new(Extractor::new(&Options::default()).unwrap()));

/// A folder with a configuration that polls `/feed.rss` of a site.
pub(crate) struct Home {
    pub(crate) folder: TempDir,
}

impl Home {
    pub(crate) fn of(site: &Site) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Self { folder };
        home.configure(site, "");
        home
    }

    /// One that polls these feeds too or instead; `fetch` goes into the `[fetch]` section.
    pub(crate) fn polling(feeds: &[String], fetch: &str) -> Self {
        let home = Self { folder: tempfile::tempdir().unwrap() };
        home.poll(feeds, fetch);
        home
    }

    pub(crate) fn poll(&self, feeds: &[String], fetch: &str) {
        let mut text = format!(
            "contact = \"tests@localhost\"\n[fetch]\nallow_private = [\"127.0.0.0/8\"]\nhost_pause_ms = 0\n{fetch}\n"
        );
        feeds.iter().for_each(|feed| write!(text, "[[feed]]\nurl = \"{feed}\"\n").unwrap());
        std::fs::write(self.config(), text).unwrap();
    }

    /// The store between two runs.
    pub(crate) fn store(&self) -> SqliteFrontier {
        SqliteFrontier::open(&Config::load(&self.config()).unwrap().frontier).unwrap()
    }

    /// Runs as a daemon until `is_enough`, a minute at most.
    pub(crate) async fn until(&self, is_enough: impl Fn() -> bool) -> Summary {
        let enough = async {
            let deadline = Instant::now() + Duration::from_secs(60);
            while !is_enough() {
                assert!(Instant::now() < deadline, "the daemon gets nowhere");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        crawl(&self.config(), Mode::Forever, enough).await.unwrap()
    }

    /// Changes what the store holds between two runs.
    pub(crate) fn sql(&self, change: &str) {
        let store = rusqlite::Connection::open(self.folder.path().join("gleaner.db")).unwrap();
        assert!(store.execute(change, []).unwrap() > 0, "{change}");
    }

    /// What the store says of its only feed.
    pub(crate) fn of_feed(&self, column: &str) -> String {
        let store = rusqlite::Connection::open(self.folder.path().join("gleaner.db")).unwrap();
        let select = format!("SELECT cast({column} AS TEXT) FROM items WHERE target = 1");
        store.query_row(&select, [], |row| row.get(0)).unwrap()
    }

    /// What `gleaner verify` finds.
    pub(crate) fn verify(&self) -> Report {
        gleaner::ledger::verify(&self.output(), &self.folder.path().join("gleaner.db"), None).unwrap()
    }

    /// Runs a command of the binary here; gives its exit code and what it prints.
    pub(crate) fn command(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner"));
        let output = command.args(arguments).arg("--config").arg(self.config()).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    }

    /// How many texts of a host stand there.
    pub(crate) fn count_of(&self, host: &str) -> usize {
        files(&self.output().join(host)).iter().filter(|path| path.ends_with(".txt")).count()
    }

    pub(crate) fn configure(&self, site: &Site, more: &str) {
        let feed = site.url("/feed.rss");
        let text = format!(
            "contact = \"tests@localhost\"\n[fetch]\nallow_private = [\"127.0.0.0/8\"]\nhost_pause_ms = 0\n{more}\n\
             [[feed]]\nurl = \"{feed}\"\n"
        );
        std::fs::write(self.config(), text).unwrap();
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }

    pub(crate) fn output(&self) -> PathBuf {
        self.folder.path().join("articles")
    }

    pub(crate) async fn once(&self) -> Summary {
        crawl(&self.config(), Mode::Once, std::future::pending()).await.unwrap()
    }

    /// The same where names are looked up by `lookup`.
    pub(crate) async fn once_by(&self, lookup: Lookup) -> Summary {
        let config = Config::load(&self.config()).unwrap();
        let fetcher = Fetcher::with_lookup(&config.fetch_options(), lookup).unwrap();
        run_with(fetcher, &config, EXTRACTOR.clone(), self.store(), Mode::Once, std::future::pending()).await.unwrap()
    }

    /// Every text by its path.
    pub(crate) fn texts(&self) -> BTreeMap<String, String> {
        let files = files(&self.output()).into_iter().filter(|path| !path.starts_with("manifest.jsonl"));
        files.map(|path| (path.clone(), std::fs::read_to_string(self.output().join(&path)).unwrap())).collect()
    }

    /// How many texts stand there, also while a run is at work.
    pub(crate) fn count(&self) -> usize {
        files(&self.output()).iter().filter(|path| path.ends_with(".txt")).count()
    }

    pub(crate) fn times(&self) -> Vec<SystemTime> {
        files(&self.output())
            .iter()
            .map(|path| self.output().join(path).metadata().unwrap().modified().unwrap())
            .collect()
    }

    pub(crate) fn manifest(&self) -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(self.output().join("manifest.jsonl")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Every text stands in the manifest once, under its key, with the hash of its bytes, and nothing
    /// else stands there or in the folder.
    pub(crate) fn assert_consistent(&self) {
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

pub(crate) async fn crawl(config: &Path, mode: Mode, shutdown: impl Future<Output = ()>) -> Result<Summary, Halted> {
    let config = Config::load(config).unwrap();
    let frontier = SqliteFrontier::open(&config.frontier).unwrap();
    run(&config, EXTRACTOR.clone(), frontier, mode, shutdown).await
}

/// Every file below a folder, hidden ones too; none where the folder is missing.
pub(crate) fn files(folder: &Path) -> BTreeSet<String> {
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

/// What a run says on standard error.
pub(crate) fn log_of(run: &mut Command) -> String {
    String::from_utf8(run.stderr(Stdio::piped()).output().unwrap().stderr).unwrap()
}

/// The real thing, as a process that can be killed.
pub(crate) fn run_once(config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner"));
    command.args(["run", "--once", "--config"]).arg(config).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// The same as a daemon, which logs into `log`.
pub(crate) fn daemon(config: &Path, log: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner"));
    let log = std::fs::File::create(log).unwrap();
    command.args(["run", "--config"]).arg(config).stdout(Stdio::null()).stderr(log);
    command
}
