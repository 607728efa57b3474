//! The loop: feeds in, text files out.
//!
//! The loop claims what is due, one item of a host at a time, and hands each to a worker (`worker`),
//! which fetches it and brings it to its outcome: a feed by `poll` (`moved`: where it stands now), a page by `read`, with
//! the further pages of its article (`pages`). `schedule` says when to come back; `blame` says whether a failure counts,
//! by the `signs` that it gives of its host (`circuits`) and of the `network`. `reload` keeps the site rules as they are
//! on the disk. But for hosts that are ill, nothing is kept in memory between two items: what a feed announces goes into
//! the frontier and is claimed from there. Each item in flight holds at most one body, so that `max_fetches` bounds the memory too.

mod announce;
mod blame;
mod circuits;
mod from_feed;
mod interval;
mod moved;
mod network;
mod pages;
mod poll;
mod pool;
mod read;
mod recall;
mod reextract;
mod reload;
mod schedule;
mod signs;
mod sitemaps;
mod start;
mod worker;

use crate::config::Config;
use crate::fetch::{FetchSetupError, Fetcher};
use crate::frontier::{Frontier, FrontierError, Host, Lease};
use crate::output::{OutputError, RawStore, Writer};
use circuits::Circuits;
pub use interval::reason_of;
use jiff::{SignedDuration, Timestamp};
use network::Network;
pub use pages::{KeptPage, Link, Panicked, Reach, Reader, Reading, Shortfall, ShortfallCause, headers_for};
pub use reextract::{Reextracted, Retold, reextract};
pub use reload::{LiveExtractor, keep_current};
use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use worker::{Done, Failure};

/// How long the loop sleeps at most before it looks for work again while others are at work; bounds
/// how late an item is fetched that has become due meanwhile.
const GLANCE: Duration = Duration::from_secs(1);

/// The same while nothing is in flight and the frontier names no earlier moment.
const LONG_GLANCE: Duration = Duration::from_secs(60);

/// How many items may wait for the turn of an address for each that is at work: so many hosts on one address hold nobody
/// up, and a lease is long enough for them.
const MOST_WAITING: usize = 2;

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
    /// Texts that stood there already: of the same article under another URL, or byte for byte, where a killed run had
    /// come that far.
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
}

/// What all workers share.
struct Crawl<F> {
    config: Config,
    fetcher: Arc<Fetcher>,
    reader: Reader,
    extractor: LiveExtractor,
    frontier: F,
    writer: Arc<Writer>,
    /// `None` where raw pages are not kept.
    raw: Option<Arc<RawStore>>,
    circuits: Circuits,
    network: Network,
    mode: Mode,
    started: Timestamp,
    /// Told when the loop stops, so that nobody waits for a second attempt.
    stopping: CancellationToken,
}

impl<F> Crawl<F> {
    /// The time as the frontier is told it. A run that ends lives in the moment of its start: what
    /// it puts back for later is then not due any more, however long it takes.
    fn now(&self) -> Timestamp {
        match self.mode {
            Mode::Once => self.started,
            Mode::Forever => Timestamp::now(),
        }
    }
}

/// Runs until `shutdown`, or in [`Mode::Once`] until the work is done. Told to stop, it gives
/// `crawl.drain_s` seconds to what is in flight and then lets it go; the frontier hands that out again
/// in the next run. An extractor that takes the place of `extractor` under way ([`keep_current`]) takes the pages
/// that are fetched from then on.
///
/// # Errors
/// A store that fails, an output folder that cannot be written to, fetch settings that cannot be
/// used; with what was done until then. Nothing that a feed or page does is an error.
pub async fn run<F: Frontier>(
    config: &Config,
    extractor: impl Into<LiveExtractor>,
    frontier: F,
    mode: Mode,
    shutdown: impl Future<Output = ()>,
) -> Result<Summary, Halted> {
    let fetcher = Fetcher::new(&config.fetch_options())?;
    run_with(fetcher, config, extractor, frontier, mode, shutdown).await
}

/// The same with a fetcher of the caller's own, for instance with its own way to look names up
/// ([`Fetcher::with_lookup`]); `[fetch]` of the configuration counts for nothing then.
///
/// # Errors
/// As [`run`].
pub async fn run_with<F: Frontier>(
    fetcher: Fetcher,
    config: &Config,
    extractor: impl Into<LiveExtractor>,
    frontier: F,
    mode: Mode,
    shutdown: impl Future<Output = ()>,
) -> Result<Summary, Halted> {
    let fetcher = Arc::new(fetcher);
    let crawl = Arc::new(Crawl {
        reader: Reader::new(Arc::clone(&fetcher), true, Reach::default()).keeping_pages(config.raw.keep),
        fetcher,
        extractor: extractor.into(),
        circuits: Circuits::new(frontier.ill_hosts().await?),
        network: network_of(config),
        frontier,
        writer: Arc::new(Writer::open(&config.output.folder)?),
        raw: config.raw.keep.then(|| RawStore::open(&config.raw).map(Arc::new)).transpose()?,
        config: config.clone(),
        mode,
        started: Timestamp::now(),
        stopping: CancellationToken::new(),
    });
    crawl.frontier.pull_back(start::latest(config, crawl.started)).await?;
    recall::recall(&crawl).await?;
    let feeds = start::feeds(config, mode, crawl.started);
    crawl.frontier.set_feeds(&feeds, mode == Mode::Once, crawl.started).await?;

    let mut crew = Crew { crawl: crawl.clone(), at_work: JoinSet::new(), summary: Summary::default() };
    let ended = crew.work(shutdown).await;
    crawl.stopping.cancel();
    let ended = ended.and(crew.drain().await);
    let standing = crawl.frontier.standing().await;
    // What was let go in flight waits as well.
    let queued = standing.as_ref().map_or(0, |standing| standing.queued_pages + standing.leased_pages);
    let summary = Summary { queued, ..crew.summary };
    match ended.and(standing.map_err(CrawlError::from)) {
        Ok(_) => Ok(summary),
        Err(cause) => Err(Halted { cause, summary: Some(summary) }),
    }
}

/// The network as the configured feeds let us see it.
fn network_of(config: &Config) -> Network {
    let hosts: HashSet<Host> = config.feeds.iter().map(|feed| Host::of(&feed.url)).collect();
    let longest = config.crawl.longest_poll_interval_s;
    Network::new(hosts.len(), SignedDuration::from_secs(2 * i64::from(longest)))
}

/// The workers, and what they have done so far.
struct Crew<F> {
    crawl: Arc<Crawl<F>>,
    at_work: JoinSet<Result<Done, CrawlError>>,
    summary: Summary,
}

impl<F: Frontier> Crew<F> {
    /// Claims and works until nothing is left to do, `shutdown`, or a failure that stops everything.
    async fn work(&mut self, shutdown: impl Future<Output = ()>) -> Result<(), CrawlError> {
        let mut shutdown = pin!(shutdown);
        loop {
            let free = self.free();
            let leases = if free > 0 { self.crawl.frontier.claim(free, self.crawl.now()).await? } else { vec![] };
            if self.crawl.network.next_look().is_some() {
                self.crawl.fetcher.forget_failures();
            }
            leases.into_iter().for_each(|lease| self.begin(lease));
            let wait = match self.crawl.mode {
                Mode::Once if self.at_work.is_empty() => return Ok(()),
                Mode::Once => None,
                Mode::Forever => Some(self.glance().await?),
            };
            tokio::select! {
                biased;
                () = &mut shutdown => return Ok(()),
                Some(ended) = self.at_work.join_next() => self.tally(ended)?,
                () = tokio::time::sleep(wait.unwrap_or_default()), if wait.is_some() => (),
            }
        }
    }

    /// How many items may be begun. While the network is down, one at a time and only now and then, to see whether it is
    /// back; a run that ends asks each feed all the same.
    fn free(&self) -> usize {
        match self.crawl.network.next_look() {
            Some(_) if self.crawl.mode == Mode::Forever && !self.at_work.is_empty() => 0,
            Some(next) if self.crawl.mode == Mode::Forever => usize::from(Timestamp::now() >= next),
            _ => self.places(),
        }
    }

    /// Places that nobody has, or somebody who waits for the turn of an address that many hosts share and holds nothing:
    /// those may be as many as [`MOST_WAITING`] times the places.
    fn places(&self) -> usize {
        let (most, begun) = (self.crawl.config.crawl.max_fetches, self.at_work.len());
        let busy = begun.saturating_sub(self.crawl.fetcher.waiting());
        most.saturating_sub(busy).min((most * (1 + MOST_WAITING)).saturating_sub(begun))
    }

    fn begin(&mut self, lease: Lease) {
        let crawl = self.crawl.clone();
        self.at_work.spawn(async move { worker::work(&crawl, lease).await });
    }

    /// How long to wait for something to become due.
    async fn glance(&self) -> Result<Duration, CrawlError> {
        if !self.at_work.is_empty() {
            return Ok(GLANCE);
        }
        let due = self.crawl.frontier.standing().await?.next;
        let next = due.map(|due| self.crawl.network.next_look().map_or(due, |look| look.max(due)));
        let wait = next.map(|next| next.duration_since(Timestamp::now()).max(jiff::SignedDuration::ZERO));
        Ok(wait.map_or(LONG_GLANCE, |wait| wait.unsigned_abs()).min(LONG_GLANCE))
    }

    /// Waits for what is in flight, but not for ever.
    async fn drain(&mut self) -> Result<(), CrawlError> {
        let patience = Duration::from_secs(u64::from(self.crawl.config.crawl.drain_s));
        let deadline = tokio::time::Instant::now() + patience;
        let mut drained = Ok(());
        loop {
            match tokio::time::timeout_at(deadline, self.at_work.join_next()).await {
                Ok(None) => return drained,
                Ok(Some(ended)) => drained = drained.and(self.tally(ended)),
                Err(_) => {
                    tracing::warn!(left = self.at_work.len(), "stopping; what is in flight is fetched anew next time");
                    self.at_work.shutdown().await;
                    return drained;
                }
            }
        }
    }

    fn tally(&mut self, ended: Result<Result<Done, CrawlError>, JoinError>) -> Result<(), CrawlError> {
        let summary = &mut self.summary;
        match ended {
            Ok(done) => match done? {
                Done::Feed { new } => {
                    summary.feeds += 1;
                    summary.discovered += new;
                }
                Done::FeedFailed { refused } => {
                    summary.feeds += 1;
                    summary.feeds_failed += 1;
                    summary.feeds_refused += u64::from(refused);
                }
                Done::Written => summary.written += 1,
                Done::Unchanged => summary.unchanged += 1,
                Done::NotAnArticle => summary.not_articles += 1,
                Done::Failed => summary.failed += 1,
                Done::Same => summary.unchanged += 1,
                Done::PutBack => (),
            },
            Err(panic) => {
                tracing::error!(%panic, "a worker panicked; its item comes back when its lease has run out");
            }
        }
        Ok(())
    }
}
