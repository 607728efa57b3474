//! A page: fetched, extracted, written.

use super::blame::Blame;
use super::worker::{Done, Failure, behind, fetch, heed};
use super::{Crawl, CrawlError, KeptPage, Link, Reading, Shortfall, ShortfallCause, from_feed, headers_for, schedule};
use crate::article::{Article, Provenance, Published, Verdict};
use crate::config::{DuplicatePolicy, TextSettings};
use crate::extract::{Counters, Extraction, is_same_site};
use crate::fetch::{FailureClass, Fetched};
use crate::fingerprint::Fingerprint;
use crate::frontier::{Cause, Frontier, FrontierError, Lease, Likeness, Name, Outcome, Placed, United};
use crate::key::Key;
use crate::output::{
    ArticleName, Change, OutputError, RawArticle, RawKept, RawPart, RawRole, Record, RelativePath, Truncated, Writer,
    Written,
};
use crate::render::{self, About, Format};
use bytes::Bytes;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// What may be spent on the pages of an article of each second of its lease; the rest is for writing it.
pub(super) const LEASE_SHARE: Duration = Duration::from_millis(750);

/// How far ahead of the clock a feed may date an entry.
const AHEAD: SignedDuration = SignedDuration::from_hours(48);

/// How soon, in seconds, a page is looked at again while another one is at work that may be the same: at one moment
/// between these, so that two such pages do not meet again and again.
const SAME_WAIT_S: std::ops::Range<i64> = 30..90;

pub(super) async fn read<F: Frontier>(crawl: &Crawl<F>, lease: Lease) -> Result<Done, CrawlError> {
    // What takes its place meanwhile is for pages that begin later.
    let extractor = crawl.extractor_for(&lease);
    let until = Instant::now() + LEASE_SHARE * crawl.config.frontier.lease_s;
    let (page, may_be_cut) = match fetch(crawl, &lease, headers_for(extractor.sites(), &lease.url)).await? {
        Ok(Fetched::Page { page, may_be_cut, .. }) => (page, may_be_cut),
        // We sent no validators, so that there is nothing it could be unmodified since.
        Ok(Fetched::NotModified { .. }) => {
            let cause = "answered 304 to a plain request".to_owned();
            return failed(crawl, lease, Failure::of_item(FailureClass::Slow, cause)).await;
        }
        Err(failure) => return failed(crawl, lease, failure).await,
    };
    let fetched = page.fetched_at.unwrap_or_else(Timestamp::now);
    let landed = page.url.clone().unwrap_or_else(|| lease.url.clone());
    let mut reading = match crawl.reader.read(&extractor, page, until).await {
        Ok(reading) => reading,
        Err(panic) => return failed(crawl, lease, Failure::of_item(FailureClass::Final, panic.to_string())).await,
    };
    if let Some(missing) = &reading.shortfall {
        let failure = missing_page(crawl, &lease, missing).await?;
        if schedule::waits_for_whole(missing.cause.may_pass(), lease.attempt) {
            return failed(crawl, lease, failure).await;
        }
        tracing::warn!(url = %lease.url, host = %lease.host, cause = failure.cause, "a page of the article is missing");
        heed(crawl, failure.wish.as_ref(), Timestamp::now()).await?;
    }
    if may_be_cut && reading.extraction.verdict == Verdict::Article {
        reading.extraction.verdict = Verdict::Truncated;
    }
    let raw = raw_of(&lease, &mut reading, may_be_cut);
    let (extraction, source) = from_feed::or_article(crawl, &lease, reading.extraction).await?;
    // The page is not of what the feed's text was made.
    let raw = raw.filter(|_| source.is_page());
    settle(crawl, lease, Found { extraction, landed, fetched, source, raw }).await
}

/// What a page has come to.
struct Found {
    extraction: Extraction,
    /// Where it was found.
    landed: Url,
    fetched: Timestamp,
    source: Provenance,
    /// Of what it was made, where that is to be kept.
    raw: Option<(RawArticle, Vec<Bytes>)>,
}

/// Of what an article was made, with the bodies.
fn raw_of(lease: &Lease, reading: &mut Reading, may_be_cut: bool) -> Option<(RawArticle, Vec<Bytes>)> {
    let kept = std::mem::take(&mut reading.kept);
    let is_short = reading.shortfall.as_ref().is_some_and(|missing| missing.link == Link::NextPage);
    let part = |KeptPage { page, link }: &KeptPage| RawPart {
        hash: blake3::hash(&page.body).to_hex().to_string(),
        url: page.url.clone().unwrap_or_else(|| lease.url.clone()),
        content_type: page.content_type.clone(),
        fetched: page.fetched_at.unwrap_or(Timestamp::UNIX_EPOCH),
        role: match link {
            None => RawRole::First,
            Some(Link::SinglePage) => RawRole::SinglePage,
            Some(Link::NextPage) => RawRole::NextPage,
        },
    };
    let pages: Vec<RawPart> = kept.iter().map(part).collect();
    let (title, published) = (lease.title.clone(), lease.published);
    let article = RawArticle { key: lease.key, title, published, is_cut: may_be_cut || is_short, pages };
    (!kept.is_empty()).then(|| (article, kept.into_iter().map(|kept| kept.page.body).collect()))
}

/// What a page of the article that could not be had means for the article, and what it tells of its host.
async fn missing_page<F: Frontier>(
    crawl: &Crawl<F>,
    lease: &Lease,
    missing: &Shortfall,
) -> Result<Failure, CrawlError> {
    let failure = match &missing.cause {
        ShortfallCause::Fetch(error) => Failure::of(error, lease, crawl.note_failure(lease, error).await?),
        _ => Failure::of_item(FailureClass::Final, String::new()),
    };
    Ok(Failure { cause: missing.to_string(), ..failure })
}

async fn failed<F: Frontier>(crawl: &Crawl<F>, lease: Lease, failure: Failure) -> Result<Done, CrawlError> {
    let now = Timestamp::now();
    heed(crawl, failure.wish.as_ref(), now).await?;
    let (url, host, item) = (lease.url.clone(), lease.host.clone(), (lease.key, lease.target));
    if let Blame::Network { until } = failure.blame {
        crawl.frontier.finish(lease, Outcome::Deferred { next: until }, crawl.now()).await?;
        return Ok(Done::PutBack);
    }
    let counts = failure.blame == Blame::Item;
    let attempts = if counts { lease.attempt } else { lease.attempt.saturating_sub(1) };
    let spent = schedule::Spent { attempts, failing_since: lease.failing_since };
    let next = schedule::page_retry(failure.class, spent, failure.retry_at(), now, rand::random());
    if counts && let Some(article) = from_feed::instead_of_failed(crawl, &lease, &failure, next.is_none()).await? {
        let found = Found { extraction: article, landed: url, fetched: now, source: Provenance::Feed, raw: None };
        return settle(crawl, lease, found).await;
    }
    let (kept, cause) = (failure.cause(), failure.cause);
    let (outcome, done) = match (next, failure.blame) {
        (None, _) => {
            tracing::warn!(%url, %host, cause, "page failed");
            (Outcome::Failed { cause: kept }, Done::Failed)
        }
        (Some(next), Blame::Host { until }) => {
            let next = next.max(behind(until));
            tracing::info!(%url, %host, cause, %next, "host fails, page comes back");
            (Outcome::Uncounted { next, cause: kept }, Done::PutBack)
        }
        (Some(next), _) => {
            tracing::info!(%url, %host, cause, %next, "page failed, comes back");
            (Outcome::Retry { next, cause: kept }, Done::PutBack)
        }
    };
    crawl.frontier.finish(lease, outcome, crawl.now()).await?;
    crawl.note_counted(item).await?;
    Ok(done)
}

async fn settle<F: Frontier>(
    crawl: &Crawl<F>,
    lease: Lease,
    Found { extraction, landed, fetched, source, raw }: Found,
) -> Result<Done, CrawlError> {
    let (verdict, counters, confidence) = (extraction.verdict, extraction.counters(), extraction.confidence);
    crawl.vitals.metrics.judged(verdict, &counters);
    let removed = counted(&counters);
    if schedule::passes(verdict) {
        return walled(crawl, lease, verdict).await;
    }
    let settings = crawl.text_settings(&lease);
    let is_unwanted = verdict == Verdict::Truncated && settings.truncated == Truncated::Skip;
    if !verdict.has_article() || is_unwanted {
        tracing::info!(url = %lease.url, host = %lease.host, verdict = verdict.id(), removed, "no article");
        crawl.frontier.finish(lease, Outcome::NoArticle { verdict }, crawl.now()).await?;
        return Ok(Done::NotAnArticle);
    }
    let names = names(&lease.url, &landed, extraction.article.metadata.canonical_url.as_ref());
    let hints = Hints { title: lease.title.clone(), published: lease.published };
    let article = with_hints(extraction.article, hints, fetched);
    let likeness = likeness(crawl, &article, verdict).await;
    let policy = crawl.config.duplicates.policy;
    let mut duplicate_of = None;
    match crawl.frontier.unite(&lease, &names, article.metadata.title.as_deref(), likeness.as_ref()).await? {
        United::Alone => (),
        // One whose place is fixed may stand there: it was begun when copies were written.
        United::CopyOf(page) if policy == DuplicatePolicy::Skip && lease.path.is_none() => {
            tracing::info!(url = %lease.url, host = %lease.host, %page, "nearly the same article as one that came before");
            crawl.frontier.finish(lease, Outcome::Copy { page }, crawl.now()).await?;
            return Ok(Done::Copy);
        }
        United::CopyOf(page) => duplicate_of = Some(page).filter(|_| policy != DuplicatePolicy::Keep),
        United::With(page) => {
            tracing::info!(url = %lease.url, host = %lease.host, %page, "the same article as one that is there");
            crawl.frontier.finish(lease, Outcome::Same { page }, crawl.now()).await?;
            return Ok(Done::Same);
        }
        United::Undecided => {
            let wait = SignedDuration::from_secs(rand::random_range(SAME_WAIT_S));
            let next = Timestamp::now().saturating_add(wait).unwrap_or(Timestamp::MAX);
            crawl.frontier.finish(lease, Outcome::Deferred { next }, crawl.now()).await?;
            return Ok(Done::PutBack);
        }
    }
    keep_raw(crawl, &lease, raw).await;
    let path = place(crawl, &lease, &article, &landed).await?;
    let first = duplicate_of.map(|first: Key| first.to_string());
    let about = About { url: Some(&landed), verdict, source, confidence, duplicate_of: first.as_deref() };
    let files = Files::of(&article, &about, &path, settings);
    let record = Record {
        key: lease.key,
        url: lease.url.clone(),
        aliases: names.into_iter().map(|name| name.url).collect(),
        path,
        title: article.metadata.title,
        published: article.metadata.published,
        fetched,
        feed: crawl.feed_of(&lease).map(|feed| feed.url.clone()),
        entry: lease.entry.map(Key::from_bits),
        verdict,
        source,
        language: article.metadata.language,
        confidence,
        duplicate_of,
    };
    store(crawl, lease, record, files, &removed).await
}

/// A wall before the page: comes back much later, and counts as a page without an article where it
/// still stands after the last attempt.
async fn walled<F: Frontier>(crawl: &Crawl<F>, lease: Lease, verdict: Verdict) -> Result<Done, CrawlError> {
    let (url, host, now) = (lease.url.clone(), lease.host.clone(), Timestamp::now());
    let cause = verdict.id().to_owned();
    let spent = schedule::Spent { attempts: lease.attempt, failing_since: lease.failing_since };
    match schedule::page_retry(FailureClass::Slow, spent, None, now, rand::random()) {
        Some(next) => {
            tracing::info!(%url, %host, cause, %next, "page behind a wall, comes back");
            let cause = Cause { class: Some(FailureClass::Slow.id()), said: cause };
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

/// Keeps the pages of an article. That they cannot be kept is no reason to lose the text.
async fn keep_raw<F: Frontier>(crawl: &Crawl<F>, lease: &Lease, raw: Option<(RawArticle, Vec<Bytes>)>) {
    let Some((store, (article, bodies))) = crawl.raw.clone().zip(raw) else { return };
    let kept = off_thread(move || {
        let bodies: Vec<&[u8]> = bodies.iter().map(|body| &body[..]).collect();
        store.keep(&article, &bodies)
    });
    match kept.await {
        Ok(RawKept::Kept) => {}
        Ok(RawKept::TooLarge) => {
            tracing::warn!(url = %lease.url, host = %lease.host, "the raw page is larger than `max_bytes` in [raw], not kept");
        }
        Err(error) => tracing::warn!(url = %lease.url, host = %lease.host, %error, "the raw page is not kept"),
    }
}

/// What is written for an article.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) text: String,
    pub(super) sidecar: Option<String>,
}

impl Files {
    /// The article in the format that its name says, so that one that is there keeps its own.
    pub(super) fn of(article: &Article, about: &About<'_>, path: &RelativePath, settings: TextSettings) -> Self {
        let format = Format::of_name(path.as_str());
        let text = render::document(format, article, about, settings.front_matter);
        let has_sidecar = settings.sidecar && format != Format::Json;
        Self { text, sidecar: has_sidecar.then(|| render::sidecar(article, about)) }
    }

    /// Writes both; the text, which makes the article known, last.
    pub(super) fn write(&self, writer: &Writer, record: &Record) -> Result<Written, OutputError> {
        if let Some(sidecar) = &self.sidecar {
            writer.write_sidecar(&record.path, sidecar)?;
        }
        writer.write(record, &self.text)
    }
}

/// What the article is held against others by.
async fn likeness<F: Frontier>(crawl: &Crawl<F>, article: &Article, verdict: Verdict) -> Option<Likeness> {
    let (body, is_whole) = (render::body(article), verdict == Verdict::Article);
    let fingerprint = crawl.reader.think(move || Fingerprint::of(&body)).await.ok()??;
    Some(Likeness { fingerprint, is_whole })
}

/// What a feed said of a page.
pub(super) struct Hints {
    pub(super) title: Option<String>,
    pub(super) published: Option<Timestamp>,
}

/// What the page does not say of itself, as the feed said it; but no publication that lies ahead of
/// `fetched` by more than clocks and zones explain, as for the page's own word.
pub(super) fn with_hints(mut article: Article, hints: Hints, fetched: Timestamp) -> Article {
    let metadata = &mut article.metadata;
    metadata.title = metadata.title.take().or(hints.title);
    let announced = hints.published.filter(|moment| moment.duration_since(fetched) <= AHEAD);
    let announced = announced.map(|moment| {
        let date = Offset::UTC.to_datetime(moment).date();
        Published { date, timestamp: Some(moment) }
    });
    metadata.published = metadata.published.or(announced);
    article
}

/// The other URLs of the page at `url`, each once: where redirects led, and what the page calls canonical, on its own
/// site only. A front page that is called canonical is a mistake of the site's, for no article stands there.
pub(super) fn names(url: &Url, landed: &Url, canonical: Option<&Url>) -> Vec<Name> {
    let mut names = Vec::new();
    if landed != url {
        names.push(Name { url: landed.clone(), is_sure: true });
    }
    let is_of_use = |canonical: &&Url| canonical.path() != "/" && is_same_site(landed, canonical);
    if let Some(canonical) = canonical.filter(is_of_use).filter(|canonical| *canonical != url && *canonical != landed) {
        names.push(Name { url: canonical.clone(), is_sure: false });
    }
    names
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
    let feed = crawl.feed_of(lease);
    let name = ArticleName::new(&lease.url, article.metadata.title.as_deref(), date)
        .below_host_of(landed)
        .shaped_by(&crawl.config.output.names)
        .in_section(article.metadata.section.as_deref())
        .in_language(article.metadata.language.as_deref())
        .of_feed(feed.and_then(|feed| feed.name.as_deref()), feed.map(|feed| &feed.url));
    let (writer, key) = (crawl.writer.clone(), lease.key);
    let recorded = off_thread(move || writer.path_of(key)).await?;
    let extension = crawl.text_settings(lease).format.extension();
    let folder = feed.and_then(|feed| feed.folder.as_ref());
    let names = name.paths().map(|path| path.with_extension(extension));
    let names = names.map(|path| folder.map_or(path.clone(), |folder| path.within(folder)));
    for path in recorded.into_iter().chain(names) {
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
    files: Files,
    removed: &str,
) -> Result<Done, CrawlError> {
    let (path, verdict, writer) = (record.path.clone(), record.verdict, crawl.writer.clone());
    let written = off_thread(move || files.write(&writer, &record)).await?;
    let (url, host) = (lease.url.clone(), lease.host.clone());
    crawl.frontier.finish(lease, Outcome::Written { verdict, hash: written.hash }, crawl.now()).await?;
    tracing::info!(%url, %host, %path, verdict = verdict.id(), removed, "written");
    Ok(if written.change == Change::Written { Done::Written } else { Done::Unchanged })
}

/// Runs what waits for the disk where it holds nobody up.
pub(super) async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        // The worker's own panic is counted and logged by the loop.
        Err(failed) => match failed.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => std::future::pending().await,
        },
    }
}
