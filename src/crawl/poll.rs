//! A feed: asked, read, announced.

use super::blame::Blame;
use super::interval::{self, Bounds, Look, Reason};
use super::read::LEASE_SHARE;
use super::worker::{Done, Failure, behind, fetch, heed};
use super::{Crawl, CrawlError, Mode, announce, moved, schedule, sitemaps};
use crate::feed::{self, Feed, FeedKind};
use crate::fetch::{ExtraHeaders, FailureClass, Fetched, Validators};
use crate::frontier::{Frontier, Lease, Outcome};
use crate::key::first_bits;
use crate::page::Page;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// How soon a feed's own address is asked after the one that was learnt has failed.
const HOME_WAIT: SignedDuration = SignedDuration::from_mins(1);

/// A server that has said "not modified" for so long is asked without conditions: some say so for ever (CRAWLING.md C,
/// row 12).
const TRUST: SignedDuration = SignedDuration::from_hours(24);

/// What came.
struct Answer {
    page: Page,
    validators: Validators,
    fresh_until: Option<Timestamp>,
    /// A hash of the body.
    body: u64,
}

pub(super) async fn poll<F: Frontier>(crawl: &Crawl<F>, mut lease: Lease) -> Result<Done, CrawlError> {
    let until = Instant::now() + LEASE_SHARE * crawl.config.frontier.lease_s;
    let is_trusted = lease.polling.whole_at.is_some_and(|at| (-TRUST..TRUST).contains(&since(at)));
    if !is_trusted {
        lease.validators = Validators::default();
    }
    match fetch(crawl, &lease, ExtraHeaders::default()).await? {
        Ok(Fetched::NotModified { fresh_until }) => unchanged(crawl, lease, None, fresh_until).await,
        Ok(Fetched::Page { page, validators, fresh_until, may_be_cut }) => {
            let validators = if may_be_cut { Validators::default() } else { validators };
            let answer = Answer { body: hash(&page), page, validators, fresh_until };
            if is_trusted && lease.polling.body == Some(answer.body) {
                lease.polling.whole_at = Some(Timestamp::now());
                learn(&mut lease, &answer.page);
                return unchanged(crawl, lease, Some(answer.validators), fresh_until).await;
            }
            take(crawl, lease, answer, until).await
        }
        Err(failure) => failed(crawl, lease, failure).await,
    }
}

fn since(at: Timestamp) -> SignedDuration {
    Timestamp::now().duration_since(at)
}

/// A hash of a body and of the program that reads it, so that another one reads it anew.
fn hash(page: &Page) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(env!("CARGO_PKG_VERSION").as_bytes()).update(&page.body);
    first_bits(hasher.finalize())
}

/// Nothing has changed: by the server's word, or by the body itself, with which validators came.
async fn unchanged<F: Frontier>(
    crawl: &Crawl<F>,
    mut lease: Lease,
    validators: Option<Validators>,
    fresh_until: Option<Timestamp>,
) -> Result<Done, CrawlError> {
    tracing::debug!(url = %lease.url, host = %lease.host, "feed unchanged");
    let polling = &lease.polling;
    let (interval_s, of_week, hints) = (polling.interval_s, polling.of_week, polling.hints);
    let next = scheduled(crawl, &mut lease, &Look { interval_s, new: 0, of_week, hints, fresh_until });
    let outcome = match validators {
        Some(validators) => Outcome::Polled { entries: vec![], validators, next },
        None => Outcome::Unchanged { next },
    };
    crawl.frontier.finish(lease, outcome, crawl.now()).await?;
    Ok(Done::Feed { new: 0 })
}

/// When to look again; the reason is kept with the feed.
fn scheduled<F: Frontier>(crawl: &Crawl<F>, lease: &mut Lease, look: &Look) -> Timestamp {
    let plan = interval::plan(&bounds(crawl, lease), look, Timestamp::now(), rand::random());
    lease.polling.interval_s = Some(plan.interval_s);
    lease.polling.reason = Some(plan.reason.kept());
    plan.next
}

/// Between what the interval of a feed is kept, by the configuration.
fn bounds<F: Frontier>(crawl: &Crawl<F>, lease: &Lease) -> Bounds {
    Bounds::of(&crawl.config.crawl, crawl.feeds.get(&lease.key).and_then(|feed| feed.interval_s))
}

/// Remembers where it was found.
fn learn(lease: &mut Lease, page: &Page) {
    if let Some(new) = moved::learn(lease, &page.hops) {
        let (url, host) = (&lease.url, &lease.host);
        tracing::info!(%url, %host, %new, "the feed has moved for good and is asked there from now on");
    }
}

/// Reads what came.
async fn take<F: Frontier>(
    crawl: &Crawl<F>,
    mut lease: Lease,
    answer: Answer,
    until: Instant,
) -> Result<Done, CrawlError> {
    let Answer { page, validators, fresh_until, body } = answer;
    let unreadable = |cause| Failure::of_item(FailureClass::Slow, cause);
    let (page, read) = match crawl.reader.think(move || (feed::parse(&page), page)).await {
        Ok((Ok(feed), page)) => (page, feed),
        Ok((Err(error), _)) => return failed(crawl, lease, unreadable(error.to_string())).await,
        Err(panic) => return failed(crawl, lease, unreadable(format!("reading the feed panicked: {panic}"))).await,
    };
    learn(&mut lease, &page);
    let is_index = read.kind == FeedKind::SitemapIndex;
    let is_sound = !read.salvaged && !is_index;
    // What was saved of a broken feed may lack some, and the sitemaps of an index change without it: neither is to be
    // asked for by "unless it has changed".
    let validators = if is_sound { validators } else { Validators::default() };
    let is_first = lease.polling.body.is_none();
    // For the same reason their bodies equal none.
    lease.polling.body = Some(if is_sound { body } else { !body });
    lease.polling.whole_at = Some(Timestamp::now());
    let home = page.url.unwrap_or_else(|| lease.url.clone());
    let read = if is_index { sitemaps::follow(crawl, &home, read, until).await } else { read };
    announce(crawl, lease, read, validators, fresh_until, is_first).await
}

/// Puts the entries into the frontier.
async fn announce<F: Frontier>(
    crawl: &Crawl<F>,
    mut lease: Lease,
    feed: Feed,
    validators: Validators,
    fresh_until: Option<Timestamp>,
    is_first: bool,
) -> Result<Done, CrawlError> {
    let now = Timestamp::now();
    let (kind, hints, skipped, of_week) = (feed.kind, feed.hints, feed.skipped, announce::of_week(&feed, now));
    let mut entries = announce::offers(feed, lease.key, is_first, now);
    if let Some(own) = crawl.feeds.get(&lease.key) {
        entries.retain(|entry| own.wants(entry.title.as_deref(), entry.published, now));
    }
    let new = crawl.frontier.unknown(&entries).await?;
    let look = Look { interval_s: lease.polling.interval_s, new, of_week, hints, fresh_until };
    (lease.polling.of_week, lease.polling.hints) = (of_week, hints);
    let next = scheduled(crawl, &mut lease, &look);
    let (url, host, announced) = (lease.url.clone(), lease.host.clone(), entries.len());
    let new = crawl.frontier.finish(lease, Outcome::Polled { entries, validators, next }, crawl.now()).await?;
    tracing::info!(%url, %host, %kind, announced, new, skipped, "feed read");
    Ok(Done::Feed { new: new as u64 })
}

async fn failed<F: Frontier>(crawl: &Crawl<F>, mut lease: Lease, failure: Failure) -> Result<Done, CrawlError> {
    let now = Timestamp::now();
    heed(crawl, failure.wish.as_ref(), now).await?;
    let Failure { class, cause, blame, is_refusal, .. } = &failure;
    let usual = bounds(crawl, &lease).usual(lease.polling.interval_s);
    let wished = failure.retry_at().filter(|at| *at > now);
    let mut next = schedule::feed_retry(usual, lease.attempt, wished, now, rand::random());
    let mut reason = Reason::Failed { attempts: lease.attempt };
    if wished.is_some_and(|wished| schedule::capped(Some(wished), now) >= next) {
        reason = Reason::RetryAfter;
    }
    let is_lasting = !matches!(blame, Blame::Network { .. });
    if let Some(learnt) = is_lasting.then(|| moved::unlearn(&mut lease, *class, now)).flatten() {
        next = now.saturating_add(HOME_WAIT).unwrap_or(next);
        reason = Reason::Forgotten;
        tracing::warn!(url = %lease.url, %learnt, cause, "the feed is not where it had moved to, asking its own address");
    }
    let outcome = match *blame {
        Blame::Item => Outcome::Retry { next, cause: failure.cause() },
        Blame::Host { until } => {
            reason = Reason::HostIll;
            Outcome::Uncounted { next: next.max(behind(until)), cause: failure.cause() }
        }
        Blame::Network { until } => {
            reason = Reason::NetworkDown;
            Outcome::Deferred { next: until }
        }
    };
    lease.polling.reason = Some(reason.kept());
    // Named however quiet the log, for feeds are what the user has asked for; but not each of them while none can be had.
    if is_lasting || crawl.mode == Mode::Once {
        tracing::error!(url = %lease.url, host = %lease.host, cause, %next, "feed failed");
    }
    let item = (lease.key, lease.target);
    crawl.frontier.finish(lease, outcome, crawl.now()).await?;
    crawl.note_counted(item).await?;
    Ok(Done::FeedFailed { refused: *is_refusal })
}
