//! The settings of a daemon that runs, and what becomes of them when their files change.

use super::renewal::Renewal;
use super::{CrawlError, Vitals};
use crate::config::{Config, ConfigError, NotReady, SecretsError, SiteChanges, SiteFolderError, SiteSource};
use crate::extract::{Extractor, Options, RulesError};
use crate::key::Key;
use crate::trouble::with_sources;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinError;

/// How often the times of the files are looked at: soon enough for whoever edits one and waits, and with the
/// 2,041 files of the public collection some 10 ms of work.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// An extractor that another one can take the place of, under way. Clones are the same one.
#[derive(Debug, Clone)]
pub struct LiveExtractor(Arc<RwLock<Arc<Extractor>>>);

impl From<Arc<Extractor>> for LiveExtractor {
    fn from(extractor: Arc<Extractor>) -> Self {
        Self(Arc::new(RwLock::new(extractor)))
    }
}

impl LiveExtractor {
    /// The extractor as it is now; who has begun a page with one ends it with the same.
    pub fn current(&self) -> Arc<Extractor> {
        // A panic elsewhere leaves a whole extractor: it is only ever put in another's place.
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another one in its place.
    pub fn replace(&self, extractor: Arc<Extractor>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = extractor;
    }
}

/// What a daemon's settings are kept by.
#[derive(Debug)]
pub struct Keeper {
    /// The configuration's file.
    pub path: PathBuf,
    /// What the run goes by.
    pub config: Config,
    /// The site rules as last read.
    pub source: SiteSource,
    /// The extractor's options, whatever site rules they hold.
    pub options: Options,
    /// The run's extractor.
    pub live: LiveExtractor,
    /// What a variable of the environment says, for the secrets of sites.
    pub environment: fn(&str) -> Option<String>,
    /// Leads to the run ([`Run::renewed_by`](super::Run::renewed_by)).
    pub renewals: mpsc::Sender<Renewal>,
    /// Where it is told how a reload went.
    pub vitals: Arc<Vitals>,
}

/// Why the old configuration stays.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// The file cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A secret cannot be had.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// Something is missing that a daemon needs.
    #[error(transparent)]
    NotReady(#[from] NotReady),
    /// The folder of site rules cannot be read.
    #[error(transparent)]
    Sites(#[from] SiteFolderError),
    /// The extractor cannot be built.
    #[error("the extractor's own rules cannot be used")]
    Rules(#[from] RulesError),
    /// The run cannot go by it.
    #[error(transparent)]
    Run(#[from] CrawlError),
    /// The run is coming to its end.
    #[error("the daemon is stopping")]
    Stopping,
    /// Reading it panicked.
    #[error("reading it panicked; please report it")]
    Panicked(#[from] JoinError),
}

/// A configuration as it was read, and what comes of it.
struct Read {
    config: Config,
    source: SiteSource,
    changes: SiteChanges,
    options: Options,
    extractor: Arc<Extractor>,
}

/// Keeps a daemon's settings as they are on the disk: looks at the times of the files with site rules every ten seconds,
/// and when `asked` (SIGHUP), reads the whole configuration again, which then takes the old one's place or is refused as
/// a whole. Never ends.
pub async fn keep_current(keeper: Keeper, asked: Arc<Notify>) {
    let mut keeper = keeper;
    loop {
        let is_asked = tokio::select! {
            () = asked.notified() => true,
            () = tokio::time::sleep(LOOK_EVERY) => false,
        };
        if is_asked {
            keeper.reload().await;
        } else if let Err(error) = keeper.refresh().await {
            tracing::error!(%error, "the site rules cannot be read again; they stay as they are");
        }
    }
}

impl Keeper {
    /// Reads all again and says what came of it.
    async fn reload(&mut self) {
        match self.try_reload().await {
            Ok(said) => {
                tracing::info!("configuration read again: {said}");
                self.vitals.reloaded(true, said);
            }
            Err(error) => {
                let cause = with_sources(&error);
                tracing::error!(cause, "the new configuration cannot be used; the old one stays");
                self.vitals.reloaded(false, cause);
            }
        }
    }

    async fn try_reload(&mut self) -> Result<String, ReloadError> {
        let (path, environment, source) = (self.path.clone(), self.environment, self.source.clone());
        let read = tokio::task::spawn_blocking(move || read(&path, environment, source)).await??;
        let Read { mut config, source, changes, options, extractor } = read;
        let fixed = keep_what_is_fixed(&mut config, &self.config);
        let hosts = extractor.sites().hosts();
        let (answer, answered) = oneshot::channel();
        let renewal = Renewal { config: config.clone(), extractor, answer };
        self.renewals.send(renewal).await.map_err(|_| ReloadError::Stopping)?;
        answered.await.map_err(|_| ReloadError::Stopping)??;
        tell(&changes, true, hosts);
        let said = in_words(&self.config, &config, &fixed);
        (self.config, self.source, self.options) = (config, source, options);
        Ok(said)
    }

    /// Reads the site rules again that have changed.
    async fn refresh(&mut self) -> Result<(), JoinError> {
        let (live, options, mut source) = (self.live.clone(), self.options.clone(), self.source.clone());
        self.source = tokio::task::spawn_blocking(move || {
            let changes = source.refresh();
            if changes.files > 0 {
                renew(&live, &source, options);
            }
            tell(&changes, false, live.current().sites().hosts());
            source
        })
        .await?;
        Ok(())
    }
}

fn read(path: &Path, environment: fn(&str) -> Option<String>, mut source: SiteSource) -> Result<Read, ReloadError> {
    let mut config = Config::load(path)?;
    config.read_secrets(path.parent().unwrap_or(Path::new("")), &environment)?;
    config.ready_to_run()?;
    let changes = source.renew(&config)?;
    let options = Options { sites: Arc::new(source.rules()), ..config.extract.options() };
    let extractor = Arc::new(Extractor::new(&options)?);
    Ok(Read { config, source, changes, options, extractor })
}

/// Leaves in `new` what a run cannot change under way as it is in `old`; gives the keys of what it would have changed.
fn keep_what_is_fixed(new: &mut Config, old: &Config) -> Vec<&'static str> {
    let mut fixed = Vec::new();
    let mut keep = |is_same: bool, key| {
        if !is_same {
            fixed.push(key);
        }
    };
    keep(new.output.folder == old.output.folder, "`folder` in [output]");
    keep(new.frontier.store == old.frontier.store, "`store` in [frontier]");
    keep(new.frontier.lease_s == old.frontier.lease_s, "`lease_s` in [frontier]");
    keep(new.crawl.max_held_bytes == old.crawl.max_held_bytes, "`max_held_bytes` in [crawl]");
    keep(new.raw == old.raw, "[raw]");
    keep(new.status == old.status, "[status]");
    new.raw.clone_from(&old.raw);
    new.status.clone_from(&old.status);
    new.output.folder.clone_from(&old.output.folder);
    new.frontier.clone_from(&old.frontier);
    new.crawl.max_held_bytes = old.crawl.max_held_bytes;
    fixed
}

/// What a reload has brought: `12 feeds (1 new, 2 gone)`, and what has to wait.
fn in_words(old: &Config, new: &Config, fixed: &[&str]) -> String {
    let keys = |config: &Config| config.polled().map(|feed| Key::of(&feed.url)).collect::<HashSet<Key>>();
    let (before, after) = (keys(old), keys(new));
    let (come, gone) = (after.difference(&before).count(), before.difference(&after).count());
    let feeds = format!("feeds: {} ({come} new, {gone} gone)", after.len());
    match fixed {
        [] => feeds,
        keys => format!("{feeds}; takes hold with a restart: {}", keys.join(", ")),
    }
}

/// Builds an extractor with the rules as they were read.
fn renew(live: &LiveExtractor, source: &SiteSource, options: Options) {
    match Extractor::new(&Options { sites: Arc::new(source.rules()), ..options }) {
        Ok(extractor) => live.replace(Arc::new(extractor)),
        Err(error) => tracing::error!(%error, "the extractor cannot be built again; the site rules stay as they are"),
    }
}

fn tell(changes: &SiteChanges, is_forced: bool, hosts: usize) {
    for refusal in &changes.refused {
        tracing::warn!(cause = with_sources(refusal), "site rules cannot be used; the old ones stay");
    }
    for fault in &changes.unusable {
        tracing::debug!("{fault}");
    }
    let SiteChanges { files, unusable, wants_reload, .. } = changes;
    if !unusable.is_empty() {
        let lines = unusable.len();
        tracing::warn!(lines, "some lines of the site rules cannot be used; `gleaner check` lists them");
    }
    if is_forced || *files > 0 {
        tracing::info!(files, hosts, "site rules read again");
    }
    if *wants_reload {
        tracing::warn!("the configuration says more that is new; `gleaner reload` makes it hold");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[tokio::test(start_paused = true)]
    async fn rules_are_taken_when_their_file_changes() {
        let here = tempfile::tempdir().unwrap();
        let path = here.path().join("my.toml");
        let entry = |host: &str| fs::write(&path, format!("[[site]]\nhost = \"{host}\"\nbody = [\"p\"]")).unwrap();
        entry("first.example");
        let config = Config::load(&path).unwrap();
        let (source, _) = SiteSource::open(&path, &config).unwrap();
        let options = Options { sites: Arc::new(source.rules()), ..Options::default() };
        let live = LiveExtractor::from(Arc::new(Extractor::new(&options).unwrap()));
        let (renewals, _run) = mpsc::channel(1);
        let (environment, vitals) = (|_: &str| None, Arc::default());
        let first = live.current();
        let keeper =
            Keeper { path: path.clone(), config, source, options, live: live.clone(), environment, renewals, vitals };
        let keeper = tokio::spawn(keep_current(keeper, Arc::default()));
        entry("another.example");
        while !live.current().sites().covers("another.example") {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        assert!(first.sites().covers("first.example"), "who has begun goes on with the old ones");
        keeper.abort();
    }

    fn config(text: &str) -> Config {
        Config::parse(text, "my.toml").unwrap()
    }

    #[test]
    fn what_takes_a_restart_stays_and_is_named() {
        let old = config("[output]\nfolder = \"a\"\n[[feed]]\nurl = \"https://a.example/\"");
        let mut new = config("[output]\nfolder = \"b\"\n[crawl]\ndrain_s = 1\n[[feed]]\nurl = \"https://b.example/\"");
        let fixed = keep_what_is_fixed(&mut new, &old);
        assert_eq!((&new.output.folder, new.crawl.drain_s), (&PathBuf::from("a"), 1));
        let said = in_words(&old, &new, &fixed);
        assert_eq!(said, "feeds: 1 (1 new, 1 gone); takes hold with a restart: `folder` in [output]");
    }
}
