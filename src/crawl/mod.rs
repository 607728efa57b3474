//! The loop: feeds in, text files out.
//!
//! The loop (`crew`) claims what is due, one item of a host at a time, and hands each to a worker (`worker`), which
//! fetches it and brings it to its outcome: a feed by `poll` (`moved`: where it stands now), a page by `read`, with
//! the further pages of its article (`pages`). `schedule` says when to come back; `blame` says whether a failure counts,
//! by the `signs` that it gives of its host (`circuits`) and of the `network`. Where the machine itself fails, the loop
//! pauses (`pause`). `reload` keeps the site rules as they are on the disk and brings a new configuration, whose place
//! among those at work `renewal` finds; `vitals` and `metrics` tell how the run fares. But for hosts that are ill,
//! nothing is kept in memory between two items: what a feed announces goes into the frontier and is claimed from there. The bodies in memory are bounded by their bytes, extraction by the cores.

mod announce;
mod blame;
mod circuits;
mod crew;
mod from_feed;
mod interval;
mod metrics;
mod moved;
mod network;
mod pages;
mod pause;
mod poll;
mod pool;
mod read;
mod recall;
mod reextract;
mod reload;
mod renewal;
mod schedule;
mod signs;
mod sitemaps;
mod start;
mod vitals;
mod worker;

use crate::config::{Config, FeedConfig, TextSettings};
use crate::extract::Extractor;
use crate::fetch::{FetchError, FetchSetupError, Fetcher};
use crate::frontier::{Frontier, FrontierError, Host, Key, Lease};
use crate::output::{OutputError, RawStore, Writer};
use circuits::Circuits;
pub use circuits::OPENS_AFTER;
use crew::Crew;
pub use interval::reason_of;
use jiff::{SignedDuration, Timestamp};
pub use metrics::Metrics;
use network::Network;
pub use pages::{KeptPage, Link, Panicked, Reach, Reader, Reading, Shortfall, ShortfallCause, headers_for};
pub use reextract::{Reextracted, Retold, reextract};
pub use reload::{Keeper, LiveExtractor, ReloadError, keep_current};
pub use renewal::Renewal;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
pub use vitals::{Condition, Paused, Reload, Vitals};

/// When the loop ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Polls every feed once and works on all that is due at the start or announced meanwhile. What
    /// fails for a passing reason gets a second attempt after half a second, or when the server wants
    /// it within ten seconds, and else stays queued for the next run.
    Once,
    /// Until it is told to stop.
    Forever,
}

/// What a run has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Feeds that were asked.
    pub feeds: u64,
    /// Those of them that gave no answer or none that could be read.
    pub feeds_failed: u64,
    /// Those of the failed ones that were refused: by robots.txt, by our guard, by the server.
    pub feeds_refused: u64,
    /// Announced pages that were unknown.
    pub discovered: u64,
    /// Texts written.
    pub written: u64,
    /// Texts that stood there already: of the same article under another URL, nearly the same where copies are left out
    /// (`[duplicates]`), or byte for byte, where a killed run had come that far.
    pub unchanged: u64,
    /// Pages without an article.
    pub not_articles: u64,
    /// Pages given up for good.
    pub failed: u64,
    /// Pages that wait for their next attempt when the run ends; 0 too where the store cannot tell.
    pub queued: u64,
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { feeds, feeds_failed, discovered, written, unchanged, not_articles, failed, queued, .. } = self;
        write!(formatter, "feeds: {feeds} asked, {feeds_failed} failed; pages: {discovered} new, {written} written, ")?;
        write!(formatter, "{unchanged} unchanged, {not_articles} without an article, {failed} failed, {queued} queued")
    }
}

/// A run that could not go on: why, and how far it has come.
#[derive(Debug, thiserror::Error)]
#[error("{cause}")]
pub struct Halted {
    /// What has happened.
    #[source]
    pub cause: CrawlError,
    /// What was done until then; `None` where nothing had begun.
    pub summary: Option<Summary>,
}

impl<E: Into<CrawlError>> From<E> for Halted {
    /// A run that has not begun.
    fn from(cause: E) -> Self {
        Self { cause: cause.into(), summary: None }
    }
}

/// The run cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum CrawlError {
    /// The store failed.
    #[error(transparent)]
    Frontier(#[from] FrontierError),
    /// Texts cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The settings of `[fetch]` cannot be used.
    #[error(transparent)]
    Fetch(#[from] FetchSetupError),
    /// This machine lets us open nothing more.
    #[error("too many files are open; raise the limit (`ulimit -n`, `LimitNOFILE=`) or lower `max_fetches` in [crawl]")]
    OutOfFiles(#[source] Box<FetchError>),
}

impl CrawlError {
    /// Whether waiting, or somebody who makes room, may put it right.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Frontier(error) => error.trouble().is_some(),
            Self::Output(error) => error.trouble().is_some(),
            Self::Fetch(_) => false,
            Self::OutOfFiles(_) => true,
        }
    }
}

/// What a worker goes by, from the beginning of its item to the end: when a new configuration comes, those that begin later
/// have another one, which shares all that is not settings.
struct Crawl<F> {
    config: Arc<Config>,
    /// The feeds of the configuration.
    feeds: Arc<HashMap<Key, FeedConfig>>,
    fetcher: Arc<Fetcher>,
    reader: Reader,
    extractor: LiveExtractor,
    frontier: Arc<F>,
    writer: Arc<Writer>,
    /// `None` where raw pages are not kept.
    raw: Option<Arc<RawStore>>,
    circuits: Arc<Circuits>,
    network: Arc<Network>,
    vitals: Arc<Vitals>,
    mode: Mode,
    started: Timestamp,
    /// Told when the loop stops, so that nobody waits for a second attempt.
    stopping: CancellationToken,
}

impl<F> Crawl<F> {
    /// The feed that announced a page first, where it is one of the configuration.
    fn feed_of(&self, lease: &Lease) -> Option<&FeedConfig> {
        self.feeds.get(&lease.feed?)
    }

    /// How a page's text is made.
    fn text_settings(&self, lease: &Lease) -> TextSettings {
        self.config.text_settings(self.feed_of(lease))
    }

    /// The extractor as it is now, at the level that the page's feed asks for.
    fn extractor_for(&self, lease: &Lease) -> Arc<Extractor> {
        let (current, level) = (self.extractor.current(), self.text_settings(lease).level);
        if current.level() == level { current } else { Arc::new(current.at(level)) }
    }

    /// The time as the frontier is told it. A run that ends lives in the moment of its start: what
    /// it puts back for later is then not due any more, however long it takes.
    fn now(&self) -> Timestamp {
        match self.mode {
            Mode::Once => self.started,
            Mode::Forever => Timestamp::now(),
        }
    }
}

/// A run that has not begun.
#[derive(Debug)]
pub struct Run<F> {
    config: Config,
    extractor: LiveExtractor,
    frontier: F,
    mode: Mode,
    fetcher: Option<Fetcher>,
    vitals: Arc<Vitals>,
    renewals: Option<mpsc::Receiver<Renewal>>,
}

impl<F: Frontier> Run<F> {
    /// A run by a configuration. An extractor that takes the place of `extractor` under way takes the pages that are
    /// fetched from then on.
    pub fn new(config: &Config, extractor: impl Into<LiveExtractor>, frontier: F, mode: Mode) -> Self {
        let (config, extractor) = (config.clone(), extractor.into());
        Self { config, extractor, frontier, mode, fetcher: None, vitals: Arc::default(), renewals: None }
    }

    /// The same with a fetcher of the caller's own, for instance with its own way to look names up
    /// ([`Fetcher::with_lookup`]); `[fetch]` of the configuration counts for nothing then, until a new one comes.
    #[must_use]
    pub fn with_fetcher(self, fetcher: Fetcher) -> Self {
        Self { fetcher: Some(fetcher), ..self }
    }

    /// The same watched by somebody.
    #[must_use]
    pub fn watched_by(self, vitals: Arc<Vitals>) -> Self {
        Self { vitals, ..self }
    }

    /// The same with new configurations under way ([`keep_current`]); a run that ends takes none.
    #[must_use]
    pub fn renewed_by(self, renewals: mpsc::Receiver<Renewal>) -> Self {
        Self { renewals: Some(renewals), ..self }
    }

    /// Runs until `shutdown`, or in [`Mode::Once`] until the work is done. Told to stop, it gives
    /// `crawl.drain_s` seconds to what is in flight and then lets it go; the frontier hands that out again
    /// in the next run. A daemon that cannot write pauses until it can.
    ///
    /// # Errors
    /// A store that fails, an output folder that cannot be written to, fetch settings that cannot be
    /// used; with what was done until then. Nothing that a feed or page does is an error.
    pub async fn until(self, shutdown: impl Future<Output = ()>) -> Result<Summary, Halted> {
        let Self { config, extractor, frontier, mode, fetcher, vitals, renewals } = self;
        let fetcher = fetcher.map_or_else(|| Fetcher::new(&config.fetch_options()), Ok)?;
        let counting = vitals.clone();
        let fetcher = fetcher
            .bounded(config.crawl.max_held_bytes)
            .observed(Arc::new(move |exchange| counting.metrics.exchanged(exchange)));
        let fetcher = Arc::new(fetcher);
        let crawl = Arc::new(Crawl {
            reader: Reader::new(Arc::clone(&fetcher), true, Reach::default())
                .keeping_pages(config.raw.keep)
                .watched_by(vitals.clone()),
            fetcher,
            extractor,
            circuits: Arc::new(Circuits::new(frontier.ill_hosts().await?)),
            network: Arc::new(network_of(&config)),
            frontier: Arc::new(frontier),
            writer: Arc::new(Writer::open(&config.output.folder)?),
            raw: config.raw.keep.then(|| RawStore::open(&config.raw).map(Arc::new)).transpose()?,
            feeds: Arc::new(config.feeds_by_key()),
            config: Arc::new(config),
            vitals,
            mode,
            started: Timestamp::now(),
            stopping: CancellationToken::new(),
        });
        crawl.frontier.pull_back(start::latest(&crawl.config, crawl.started)).await?;
        recall::recall(&crawl).await?;
        crawl.name_feeds(mode == Mode::Once).await?;
        crawl.vitals.begin(crawl.writer.clone());
        Crew::new(crawl, renewals).run(shutdown).await
    }
}

/// Runs by a configuration and nothing else: see [`Run::until`].
///
/// # Errors
/// As [`Run::until`].
pub async fn run<F: Frontier>(
    config: &Config,
    extractor: impl Into<LiveExtractor>,
    frontier: F,
    mode: Mode,
    shutdown: impl Future<Output = ()>,
) -> Result<Summary, Halted> {
    Run::new(config, extractor, frontier, mode).until(shutdown).await
}

/// The same with a fetcher of the caller's own: see [`Run::with_fetcher`].
///
/// # Errors
/// As [`Run::until`].
pub async fn run_with<F: Frontier>(
    fetcher: Fetcher,
    config: &Config,
    extractor: impl Into<LiveExtractor>,
    frontier: F,
    mode: Mode,
    shutdown: impl Future<Output = ()>,
) -> Result<Summary, Halted> {
    Run::new(config, extractor, frontier, mode).with_fetcher(fetcher).until(shutdown).await
}

/// The network as the configured feeds let us see it.
fn network_of(config: &Config) -> Network {
    let (hosts, window) = network_size(config);
    Network::new(hosts, window)
}

/// How many hosts the feeds have, and how long they take to be asked all.
fn network_size(config: &Config) -> (usize, SignedDuration) {
    let hosts: HashSet<Host> = config.polled().map(|feed| Host::of(&feed.url)).collect();
    let longest = config.crawl.longest_poll_interval_s;
    (hosts.len(), SignedDuration::from_secs(2 * i64::from(longest)))
}
