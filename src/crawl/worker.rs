//! One leased item, from its URL to its outcome.

use super::blame::Blame;
use super::{Crawl, CrawlError, Mode, moved, poll, read, schedule, signs};
use crate::fetch::{ExtraHeaders, FailureClass, FetchError, Fetched, Request, Validators};
use crate::frontier::{Cause, Frontier, FrontierError, Host, Lease, Target};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// How often an item is fetched within one lease in [`Mode::Once`].
const ONCE_ATTEMPTS: u32 = 2;

/// The wait before the second attempt in [`Mode::Once`], where the server names none ...
const ONCE_WAIT: Duration = Duration::from_millis(500);

/// ... and the longest one that is granted to a server that does.
const ONCE_PATIENCE: Duration = Duration::from_secs(10);

/// What became of an item, as far as the summary counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    /// A feed was read or has not changed.
    Feed { new: u64 },
    /// A feed could not be had or read; it comes back.
    FeedFailed { refused: bool },
    /// A new text.
    Written,
    /// A text that stood there already.
    Unchanged,
    /// The text of another page, which stands there already.
    Same,
    /// Nearly the text of another page, which came first.
    Copy,
    /// A page without an article.
    NotAnArticle,
    /// A page given up for good.
    Failed,
    /// A page that comes back.
    PutBack,
}

/// Why an item has to come back or to be given up.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) class: FailureClass,
    /// For people.
    pub(super) cause: String,
    pub(super) blame: Blame,
    /// Whether we or they declined.
    pub(super) is_refusal: bool,
    /// Which host wants to be left alone until when.
    pub(super) wish: Option<(Host, Timestamp)>,
}

impl Failure {
    /// One that came of a fetch.
    pub(super) fn of(error: &FetchError, lease: &Lease, blame: Blame) -> Self {
        Self {
            class: error.class(lease.target),
            cause: error.reason(&lease.url),
            blame,
            is_refusal: error.is_refusal(),
            wish: error.retry_at().map(|at| (signs::host_of(error, &lease.host), at)),
        }
    }

    /// One that is the item's own.
    pub(super) fn of_item(class: FailureClass, cause: String) -> Self {
        Self { class, cause, blame: Blame::Item, is_refusal: false, wish: None }
    }

    /// The same as the frontier keeps it.
    pub(super) fn cause(&self) -> Cause {
        Cause { class: Some(self.class.id()), said: self.cause.clone() }
    }

    /// When the server wants to be asked again.
    pub(super) fn retry_at(&self) -> Option<Timestamp> {
        self.wish.as_ref().map(|(_, at)| *at)
    }
}

/// Fetches the item and brings it to its outcome, in the frontier as on the disk.
pub(super) async fn work<F: Frontier>(crawl: &Crawl<F>, lease: Lease) -> Result<Done, CrawlError> {
    let url = lease.url.clone();
    let done = match lease.target {
        Target::Feed => poll::poll(crawl, lease).await,
        Target::Page => read::read(crawl, lease).await,
    };
    match done {
        Err(CrawlError::Frontier(lost @ FrontierError::LeaseLost { .. })) => {
            tracing::warn!(%url, %lost, "somebody else has the item now");
            Ok(Done::PutBack)
        }
        done => done,
    }
}

/// Fetches the item, a second time where that is worth it, and notes what it tells of hosts and network.
pub(super) async fn fetch<F: Frontier>(
    crawl: &Crawl<F>,
    lease: &Lease,
    headers: ExtraHeaders,
) -> Result<Result<Fetched, Failure>, CrawlError> {
    match ask(crawl, lease, headers).await {
        Ok(fetched) => {
            crawl.note_answer(lease, &fetched).await?;
            Ok(Ok(fetched))
        }
        Err(error) => {
            let blame = crawl.note_failure(lease, &error).await?;
            Ok(Err(Failure::of(&error, lease, blame)))
        }
    }
}

async fn ask<F: Frontier>(crawl: &Crawl<F>, lease: &Lease, headers: ExtraHeaders) -> Result<Fetched, FetchError> {
    let validators = if moved::is_watched(lease) { Validators::default() } else { lease.validators.clone() };
    let request = Request { target: lease.target, validators, headers, ..Request::page(moved::asked(lease).clone()) };
    let mut attempt = 1;
    loop {
        let failed = match crawl.fetcher.fetch(&request).await {
            Err(error) if crawl.mode == Mode::Once && attempt < ONCE_ATTEMPTS => error,
            fetched => return fetched,
        };
        let Some(wait) = second_wait(&failed, lease.target, Timestamp::now()) else { return Err(failed) };
        tokio::select! {
            () = crawl.stopping.cancelled() => return Err(failed),
            () = tokio::time::sleep(wait) => attempt += 1,
        }
    }
}

/// How long to wait for a second attempt within one lease; `None`: not worth it.
fn second_wait(failed: &FetchError, target: Target, now: Timestamp) -> Option<Duration> {
    if failed.class(target) != FailureClass::Transient {
        return None;
    }
    let wished =
        failed.retry_at().map_or(Duration::ZERO, |at| Duration::try_from(at.duration_since(now)).unwrap_or_default());
    (wished <= ONCE_PATIENCE).then(|| wished.max(ONCE_WAIT))
}

/// Lets the host that wants it rest for as long as it wants.
pub(super) async fn heed<F: Frontier>(
    crawl: &Crawl<F>,
    wish: Option<&(Host, Timestamp)>,
    now: Timestamp,
) -> Result<(), CrawlError> {
    if let Some((host, until)) = wish.filter(|(_, until)| *until > now) {
        let until = schedule::capped(Some(*until), now);
        tracing::info!(%host, %until, "the host wants to be left alone");
        crawl.frontier.block_host(host, until).await?;
    }
    Ok(())
}

/// When an item whose host is ill comes back: once the rest is over, but behind what waits for it without having failed,
/// so that one that always fails does not keep the host shut.
pub(super) fn behind(until: Timestamp) -> Timestamp {
    until.saturating_add(SignedDuration::from_secs(1)).unwrap_or(Timestamp::MAX)
}
