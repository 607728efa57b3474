//! The loop: claims what is due, as far as there are places, and waits for what ends.

use super::pause::Pause;
use super::renewal::Renewal;
use super::start::{self, Clock};
use super::worker::{self, Done};
use super::{Crawl, CrawlError, Halted, Mode, Summary};
use crate::frontier::{Frontier, Key, Lease, Target};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};
use tracing::Instrument as _;

/// How long the loop sleeps at most, whatever there is to do: whoever watches it sees that it lives
/// ([`Vitals::since_beat`](super::Vitals::since_beat)).
const LONG_GLANCE: Duration = Duration::from_secs(10);

/// How many items may wait for the turn of an address for each that is at work: so many hosts on one address hold nobody
/// up, and a lease is long enough for them.
const MOST_WAITING: usize = 2;

/// The workers, and what they have done so far.
pub(super) struct Crew<F> {
    pub(super) crawl: Arc<Crawl<F>>,
    at_work: JoinSet<Worked>,
    summary: Summary,
    renewals: Option<mpsc::Receiver<Renewal>>,
    pub(super) pause: Pause,
    /// Feeds that a new configuration has left out while they were at work, and so come back once more.
    pub(super) left_out: HashSet<Key>,
    /// Whether one of them has come back.
    pub(super) has_returned: bool,
    clock: Clock,
}

/// An item, and how it ended.
struct Worked {
    lease: Lease,
    done: Result<Done, CrawlError>,
}

impl<F: Frontier> Crew<F> {
    pub(super) fn new(crawl: Arc<Crawl<F>>, renewals: Option<mpsc::Receiver<Renewal>>) -> Self {
        let (at_work, summary, pause) = (JoinSet::new(), Summary::default(), Pause::default());
        let clock = Clock::new(Timestamp::now());
        Self { crawl, at_work, summary, renewals, pause, left_out: HashSet::new(), has_returned: false, clock }
    }

    /// Works to the end and sums up.
    pub(super) async fn run(mut self, shutdown: impl Future<Output = ()>) -> Result<Summary, Halted> {
        let ended = self.work(shutdown).await;
        self.crawl.stopping.cancel();
        let ended = ended.and(self.drain().await);
        let standing = self.crawl.frontier.standing().await;
        // What was let go in flight waits as well.
        let queued = standing.as_ref().map_or(0, |standing| standing.queued_pages + standing.leased_pages);
        let summary = Summary { queued, ..self.summary };
        match ended.and(standing.map_err(CrawlError::from)) {
            Ok(_) => Ok(summary),
            Err(cause) => Err(Halted { cause, summary: Some(summary) }),
        }
    }

    /// Claims and works until nothing is left to do, `shutdown`, or a failure that stops everything.
    async fn work(&mut self, shutdown: impl Future<Output = ()>) -> Result<(), CrawlError> {
        let mut shutdown = pin!(shutdown);
        loop {
            self.crawl.vitals.beat();
            if let Err(cause) = self.begin_what_is_due().await {
                self.stumble(cause, None)?;
            }
            let wait = match self.crawl.mode {
                Mode::Once if self.at_work.is_empty() => return Ok(()),
                Mode::Once => None,
                Mode::Forever => Some(self.glance().await.or_else(|cause| self.stumble(cause, None))?),
            };
            tokio::select! {
                biased;
                () = &mut shutdown => {
                    let seconds = self.crawl.config.crawl.drain_s;
                    tracing::info!("stopping: what is in flight gets {seconds} s; ask again to stop at once");
                    return Ok(());
                }
                Some(ended) = self.at_work.join_next() => self.tally_all(ended)?,
                Some(renewal) = next(&mut self.renewals) => self.renew(renewal).await,
                () = tokio::time::sleep(wait.unwrap_or_default()), if wait.is_some() => (),
            }
        }
    }

    async fn begin_what_is_due(&mut self) -> Result<(), CrawlError> {
        if self.pause.holds() {
            return Ok(());
        }
        self.resume().await?;
        self.dismiss().await?;
        let now = Timestamp::now();
        if self.clock.went_back(now) {
            tracing::warn!("the clock was put back; what was put off further than it may be is brought back");
            self.crawl.frontier.pull_back(start::latest(&self.crawl.config, now)).await?;
        }
        let free = self.free();
        let leases = if free > 0 { self.crawl.frontier.claim(free, self.crawl.now()).await? } else { vec![] };
        if self.crawl.network.next_look().is_some() {
            self.crawl.fetcher.forget_failures();
        }
        leases.into_iter().for_each(|lease| self.begin(lease));
        Ok(())
    }

    /// Pauses where waiting may help, and gives how long until the first look; else the failure stops everything.
    fn stumble(&mut self, cause: CrawlError, lease: Option<Lease>) -> Result<Duration, CrawlError> {
        if self.crawl.mode == Mode::Once || !cause.may_pass() {
            return Err(cause);
        }
        Ok(self.pause.begin(&self.crawl.vitals, &cause, lease))
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
        if lease.target == Target::Feed && crawl.mode == Mode::Forever {
            let late = Timestamp::now().duration_since(lease.due.max(crawl.started)).max(SignedDuration::ZERO);
            crawl.vitals.metrics.lateness.observe(late.as_secs_f64());
        }
        let feed = lease.feed.map(tracing::field::display);
        let span = tracing::debug_span!("item", url = %lease.url, host = %lease.host, feed);
        let work = async move {
            let done = worker::work(&crawl, lease.clone()).await;
            Worked { lease, done }
        };
        self.at_work.spawn(work.instrument(span));
        self.note_at_work();
    }

    fn note_at_work(&self) {
        let at_work = i64::try_from(self.at_work.len()).unwrap_or(i64::MAX);
        self.crawl.vitals.metrics.in_flight.set(at_work);
    }

    /// How long to wait for something to become due that there is a place for.
    async fn glance(&self) -> Result<Duration, CrawlError> {
        if let Some(wait) = self.pause.left() {
            return Ok(wait.min(LONG_GLANCE));
        }
        let look = self.crawl.network.next_look();
        if self.places() == 0 || (look.is_some() && !self.at_work.is_empty()) {
            // Whoever ends wakes the loop up.
            return Ok(LONG_GLANCE);
        }
        let due = self.crawl.frontier.next_due().await?;
        let next = due.map(|due| look.map_or(due, |look| look.max(due)));
        let wait = next.map(|next| next.duration_since(Timestamp::now()).max(SignedDuration::ZERO));
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

    /// Tallies what has ended, and all that has beside it: the next claim waits for the disk, and those that wait to be
    /// tallied meanwhile would keep their places.
    fn tally_all(&mut self, first: Result<Worked, JoinError>) -> Result<(), CrawlError> {
        let mut next = Some(first);
        while let Some(ended) = next {
            self.tally(ended)?;
            next = self.at_work.try_join_next();
        }
        Ok(())
    }

    fn tally(&mut self, ended: Result<Worked, JoinError>) -> Result<(), CrawlError> {
        self.note_at_work();
        match ended {
            Ok(Worked { done: Ok(done), lease }) => {
                self.note_return(&lease);
                self.count(done);
            }
            Ok(Worked { done: Err(cause), lease }) => return self.stumble(cause, Some(lease)).map(drop),
            Err(panic) => {
                tracing::error!(%panic, "a worker panicked; its item comes back when its lease has run out");
            }
        }
        Ok(())
    }

    fn count(&mut self, done: Done) {
        let (summary, metrics) = (&mut self.summary, &self.crawl.vitals.metrics);
        let (counters, outcome) = match done {
            Done::Feed { .. } => (&metrics.polls, "read"),
            Done::FeedFailed { refused: false } => (&metrics.polls, "failed"),
            Done::FeedFailed { refused: true } => (&metrics.polls, "refused"),
            Done::Written => (&metrics.pages, "written"),
            Done::Unchanged => (&metrics.pages, "unchanged"),
            Done::Same => (&metrics.pages, "same"),
            Done::Copy => (&metrics.pages, "copy"),
            Done::NotAnArticle => (&metrics.pages, "not_an_article"),
            Done::Failed => (&metrics.pages, "failed"),
            Done::PutBack => (&metrics.pages, "put_back"),
        };
        counters.of(outcome).inc();
        match done {
            Done::Feed { new } => {
                summary.feeds += 1;
                summary.discovered += new;
                metrics.discovered.inc_by(new);
            }
            Done::FeedFailed { refused } => {
                summary.feeds += 1;
                summary.feeds_failed += 1;
                summary.feeds_refused += u64::from(refused);
            }
            Done::Written => {
                summary.written += 1;
                self.pause.forget();
            }
            Done::Unchanged | Done::Same | Done::Copy => summary.unchanged += 1,
            Done::NotAnArticle => summary.not_articles += 1,
            Done::Failed => summary.failed += 1,
            Done::PutBack => (),
        }
    }
}

/// The next renewal; never, where none comes any more.
async fn next(renewals: &mut Option<mpsc::Receiver<Renewal>>) -> Option<Renewal> {
    match renewals {
        Some(open) => {
            let next = open.recv().await;
            if next.is_none() {
                *renewals = None;
            }
            next
        }
        None => std::future::pending().await,
    }
}
