//! One leased item, from its URL to its outcome.

use super::{Crawl, CrawlError, Mode, headers_for, schedule};
use crate::article::{Article, Published, Verdict};
use crate::extract::{Counters, Extraction};
use crate::feed::{self, Feed};
use crate::fetch::{ExtraHeaders, FailureClass, FetchError, Fetched, Request, Validators};
use crate::frontier::{Frontier, FrontierError, Lease, Offer, Outcome, Placed, Target};
use crate::output::{ArticleName, Change, Record, RelativePath};
use crate::render;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// How often an item is fetched within one lease in [`Mode::Once`].
const ONCE_ATTEMPTS: u32 = 2;

/// The wait before the second attempt in [`Mode::Once`], where the server names none ...
const ONCE_WAIT: Duration = Duration::from_millis(500);

/// ... and the longest one that is granted to a server that does.
const ONCE_PATIENCE: Duration = Duration::from_secs(10);

/// What may be spent on the pages of an article of each second of its lease; the rest is for writing it.
const LEASE_SHARE: Duration = Duration::from_millis(750);

/// How far ahead of the clock a feed may date an entry.
const AHEAD: SignedDuration = SignedDuration::from_hours(48);

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
    /// A page without an article.
    NotAnArticle,
    /// A page given up for good.
    Failed,
    /// A page that comes back.
    PutBack,
}

/// Fetches the item and brings it to its outcome, in the frontier as on the disk.
pub(super) async fn work<F: Frontier>(crawl: &Crawl<F>, lease: Lease) -> Result<Done, CrawlError> {
    let url = lease.url.clone();
    let done = match lease.target {
        Target::Feed => poll(crawl, lease).await,
        Target::Page => read(crawl, lease).await,
    };
    match done {
        Err(CrawlError::Frontier(lost @ FrontierError::LeaseLost { .. })) => {
            tracing::warn!(%url, %lost, "somebody else has the item now");
            Ok(Done::PutBack)
        }
        done => done,
    }
}

async fn fetch<F: Frontier>(crawl: &Crawl<F>, lease: &Lease, headers: ExtraHeaders) -> Result<Fetched, FetchError> {
    let (target, validators) = (lease.target, lease.validators.clone());
    let request = Request { target, validators, headers, ..Request::page(lease.url.clone()) };
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

// ---------------------------------------------------------------- feeds

async fn poll<F: Frontier>(crawl: &Crawl<F>, lease: Lease) -> Result<Done, CrawlError> {
    let next = schedule::next_poll(&crawl.config.crawl, Timestamp::now(), rand::random());
    match fetch(crawl, &lease, ExtraHeaders::default()).await {
        Ok(Fetched::NotModified { .. }) => {
            tracing::debug!(url = %lease.url, host = %lease.host, "feed unchanged");
            crawl.frontier.finish(lease, Outcome::Unchanged { next }, crawl.now()).await?;
            Ok(Done::Feed { new: 0 })
        }
        Ok(Fetched::Page { page, validators, .. }) => match tokio::task::spawn_blocking(move || feed::parse(&page))
            .await
        {
            Ok(Ok(feed)) => announce(crawl, lease, feed, validators, next).await,
            Ok(Err(error)) => feed_failed(crawl, lease, error.to_string(), None, false).await,
            Err(panic) => feed_failed(crawl, lease, format!("reading the feed panicked: {panic}"), None, false).await,
        },
        Err(error) => {
            let (retry_at, refused) = (error.retry_at(), error.is_refusal());
            let cause = error.reason(&lease.url);
            feed_failed(crawl, lease, cause, retry_at, refused).await
        }
    }
}

async fn announce<F: Frontier>(
    crawl: &Crawl<F>,
    lease: Lease,
    feed: Feed,
    validators: Validators,
    next: Timestamp,
) -> Result<Done, CrawlError> {
    let entries: Vec<Offer> = feed
        .entries
        .into_iter()
        .map(|entry| Offer {
            url: entry.url,
            target: Target::Page,
            title: entry.title,
            published: entry.published,
            feed: Some(lease.key),
        })
        .collect();
    let (url, host, announced) = (lease.url.clone(), lease.host.clone(), entries.len());
    let new = crawl.frontier.finish(lease, Outcome::Polled { entries, validators, next }, crawl.now()).await?;
    tracing::info!(%url, %host, announced, new, skipped = feed.skipped, "feed read");
    Ok(Done::Feed { new: new as u64 })
}

async fn feed_failed<F: Frontier>(
    crawl: &Crawl<F>,
    lease: Lease,
    cause: String,
    retry_at: Option<Timestamp>,
    refused: bool,
) -> Result<Done, CrawlError> {
    let now = Timestamp::now();
    let next = schedule::feed_retry(&crawl.config.crawl, lease.attempt, retry_at, now, rand::random());
    // Named however quiet the log: feeds are what the user has asked for.
    tracing::error!(url = %lease.url, host = %lease.host, cause, %next, "feed failed");
    block_host(crawl, &lease, retry_at, now).await?;
    crawl.frontier.finish(lease, Outcome::Retry { next, cause }, crawl.now()).await?;
    Ok(Done::FeedFailed { refused })
}

/// Lets the whole host rest for as long as the server wants.
async fn block_host<F: Frontier>(
    crawl: &Crawl<F>,
    lease: &Lease,
    retry_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), CrawlError> {
    if retry_at.is_some_and(|until| until > now) {
        crawl.frontier.block_host(&lease.host, schedule::capped(retry_at, now)).await?;
    }
    Ok(())
}

// ---------------------------------------------------------------- pages

async fn read<F: Frontier>(crawl: &Crawl<F>, lease: Lease) -> Result<Done, CrawlError> {
    // What takes its place meanwhile is for pages that begin later.
    let extractor = crawl.extractor.current();
    let until = Instant::now() + LEASE_SHARE * crawl.config.frontier.lease_s;
    let page = match fetch(crawl, &lease, headers_for(extractor.sites(), &lease.url)).await {
        Ok(Fetched::Page { page, .. }) => page,
        // We sent no validators, so that there is nothing it could be unmodified since.
        Ok(Fetched::NotModified { .. }) => {
            return page_failed(crawl, lease, FailureClass::Slow, "answered 304 to a plain request".into(), None).await;
        }
        Err(error) => {
            let (class, retry_at) = (error.class(lease.target), error.retry_at());
            let cause = error.reason(&lease.url);
            return page_failed(crawl, lease, class, cause, retry_at).await;
        }
    };
    let fetched = page.fetched_at.unwrap_or_else(Timestamp::now);
    let landed = page.url.clone().unwrap_or_else(|| lease.url.clone());
    let reading = match crawl.reader.read(&extractor, page, until).await {
        Ok(reading) => reading,
        Err(panic) => return page_failed(crawl, lease, FailureClass::Final, panic.to_string(), None).await,
    };
    if let Some(missing) = &reading.shortfall {
        let (cause, retry_at) = (missing.to_string(), missing.cause.retry_at());
        if schedule::waits_for_whole(missing.cause.may_pass(), lease.attempt) {
            return page_failed(crawl, lease, FailureClass::Transient, cause, retry_at).await;
        }
        tracing::warn!(url = %lease.url, host = %lease.host, cause, "a page of the article is missing");
        block_host(crawl, &lease, retry_at, Timestamp::now()).await?;
    }
    settle(crawl, lease, reading.extraction, landed, fetched).await
}

async fn page_failed<F: Frontier>(
    crawl: &Crawl<F>,
    lease: Lease,
    class: FailureClass,
    cause: String,
    retry_at: Option<Timestamp>,
) -> Result<Done, CrawlError> {
    let now = Timestamp::now();
    block_host(crawl, &lease, retry_at, now).await?;
    let (url, host) = (lease.url.clone(), lease.host.clone());
    match schedule::page_retry(class, lease.attempt, retry_at, now, rand::random()) {
        Some(next) => {
            tracing::info!(%url, %host, cause, %next, "page failed, comes back");
            crawl.frontier.finish(lease, Outcome::Retry { next, cause }, crawl.now()).await?;
            Ok(Done::PutBack)
        }
        None => {
            tracing::warn!(%url, %host, cause, "page failed");
            crawl.frontier.finish(lease, Outcome::Failed { cause }, crawl.now()).await?;
            Ok(Done::Failed)
        }
    }
}

async fn settle<F: Frontier>(
    crawl: &Crawl<F>,
    lease: Lease,
    extraction: Extraction,
    landed: Url,
    fetched: Timestamp,
) -> Result<Done, CrawlError> {
    let verdict = extraction.verdict;
    let removed = counted(&extraction.counters());
    if schedule::passes(verdict) {
        return walled(crawl, lease, verdict).await;
    }
    if !verdict.has_article() {
        tracing::info!(url = %lease.url, host = %lease.host, verdict = verdict.id(), removed, "no article");
        crawl.frontier.finish(lease, Outcome::NoArticle { verdict }, crawl.now()).await?;
        return Ok(Done::NotAnArticle);
    }
    let article = with_hints(extraction.article, &lease, fetched);
    let mut text = render::text(&article);
    if crawl.config.output.front_matter {
        text.insert_str(0, &render::front_matter(&article.metadata, Some(&landed)));
    }
    let path = place(crawl, &lease, &article, &landed).await?;
    let record = Record {
        key: lease.key,
        url: lease.url.clone(),
        aliases: aliases(&lease.url, [Some(landed), article.metadata.canonical_url.clone()]),
        path,
        title: article.metadata.title,
        published: article.metadata.published,
        fetched,
        verdict,
    };
    store(crawl, lease, record, text, &removed).await
}

/// A wall before the page: comes back much later, and counts as a page without an article where it
/// still stands after the last attempt.
async fn walled<F: Frontier>(crawl: &Crawl<F>, lease: Lease, verdict: Verdict) -> Result<Done, CrawlError> {
    let (url, host, now) = (lease.url.clone(), lease.host.clone(), Timestamp::now());
    let cause = verdict.id().to_owned();
    match schedule::page_retry(FailureClass::Slow, lease.attempt, None, now, rand::random()) {
        Some(next) => {
            tracing::info!(%url, %host, cause, %next, "page behind a wall, comes back");
            crawl.frontier.finish(lease, Outcome::Retry { next, cause }, crawl.now()).await?;
            Ok(Done::PutBack)
        }
        None => {
            tracing::info!(%url, %host, cause, "page behind a wall, given up");
            crawl.frontier.finish(lease, Outcome::NoArticle { verdict }, crawl.now()).await?;
            Ok(Done::NotAnArticle)
        }
    }
}

/// What the page does not say of itself, as the feed said it; but no publication that lies ahead of
/// `fetched` by more than clocks and zones explain, as for the page's own word.
fn with_hints(mut article: Article, lease: &Lease, fetched: Timestamp) -> Article {
    let metadata = &mut article.metadata;
    metadata.title = metadata.title.take().or_else(|| lease.title.clone());
    let announced = lease.published.filter(|moment| moment.duration_since(fetched) <= AHEAD);
    let announced = announced.map(|moment| {
        let date = Offset::UTC.to_datetime(moment).date();
        Published { date, timestamp: Some(moment) }
    });
    metadata.published = metadata.published.or(announced);
    article
}

/// Other URLs than `url`, each once.
fn aliases(url: &Url, others: [Option<Url>; 2]) -> Vec<Url> {
    let mut aliases: Vec<Url> = others.into_iter().flatten().filter(|other| other != url).collect();
    aliases.dedup();
    aliases
}

/// Fixes where the text goes, before it goes there: the path of an earlier attempt, else the one in
/// the manifest (where the frontier's store was lost), else the shortest free name.
async fn place<F: Frontier>(
    crawl: &Crawl<F>,
    lease: &Lease,
    article: &Article,
    landed: &Url,
) -> Result<RelativePath, CrawlError> {
    if let Some(path) = &lease.path {
        return Ok(path.clone());
    }
    let date = ArticleName::day(article.metadata.published, lease.first_seen);
    let name = ArticleName::new(&lease.url, article.metadata.title.as_deref(), date).below_host_of(landed);
    let (writer, key) = (crawl.writer.clone(), lease.key);
    let recorded = off_thread(move || writer.path_of(key)).await?;
    for path in recorded.into_iter().chain(name.paths()) {
        if let Placed::At(path) = crawl.frontier.place(lease, &path).await? {
            return Ok(path);
        }
    }
    // The longest name shows the whole key, which no other page has: only a damaged store gets here.
    Err(FrontierError::Damaged { key, column: "path" }.into())
}

/// What was left out, for the log: `nav=12 related_list=5`, blocks by kind. A site where these numbers
/// jump has changed its layout.
fn counted(counters: &Counters) -> String {
    let counts: Vec<String> = counters.iter().map(|(kind, count)| format!("{}={}", kind.id(), count.blocks)).collect();
    counts.join(" ")
}

async fn store<F: Frontier>(
    crawl: &Crawl<F>,
    lease: Lease,
    record: Record,
    text: String,
    removed: &str,
) -> Result<Done, CrawlError> {
    let (path, verdict, writer) = (record.path.clone(), record.verdict, crawl.writer.clone());
    let written = off_thread(move || writer.write(&record, &text)).await?;
    let (url, host) = (lease.url.clone(), lease.host.clone());
    crawl.frontier.finish(lease, Outcome::Written { verdict, hash: written.hash }, crawl.now()).await?;
    tracing::info!(%url, %host, %path, verdict = verdict.id(), removed, "written");
    Ok(if written.change == Change::Written { Done::Written } else { Done::Unchanged })
}

/// Runs what waits for the disk where it holds nobody up.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        // The worker's own panic is counted and logged by the loop.
        Err(failed) => match failed.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => std::future::pending().await,
        },
    }
}
