//! A feed: asked, read, announced.

use super::blame::Blame;
use super::worker::{Done, Failure, behind, fetch, heed};
use super::{Crawl, CrawlError, Mode, moved, schedule};
use crate::feed::{self, Feed};
use crate::fetch::{ExtraHeaders, FailureClass, Fetched, Validators};
use crate::frontier::{Frontier, Lease, Offer, Outcome, Target};
use crate::page::Page;
use jiff::{SignedDuration, Timestamp};

/// How soon a feed's own address is asked after the one that was learnt has failed.
const HOME_WAIT: SignedDuration = SignedDuration::from_mins(1);

pub(super) async fn poll<F: Frontier>(crawl: &Crawl<F>, lease: Lease) -> Result<Done, CrawlError> {
    match fetch(crawl, &lease, ExtraHeaders::default()).await? {
        Ok(Fetched::NotModified { fresh_until }) => {
            tracing::debug!(url = %lease.url, host = %lease.host, "feed unchanged");
            let next = schedule::next_poll(&crawl.config.crawl, fresh_until, Timestamp::now(), rand::random());
            crawl.frontier.finish(lease, Outcome::Unchanged { next }, crawl.now()).await?;
            Ok(Done::Feed { new: 0 })
        }
        Ok(Fetched::Page { page, validators, fresh_until, may_be_cut }) => {
            let validators = if may_be_cut { Validators::default() } else { validators };
            take(crawl, lease, page, validators, fresh_until).await
        }
        Err(failure) => failed(crawl, lease, failure).await,
    }
}

/// Reads what came and remembers where it was found.
async fn take<F: Frontier>(
    crawl: &Crawl<F>,
    mut lease: Lease,
    page: Page,
    validators: Validators,
    fresh_until: Option<Timestamp>,
) -> Result<Done, CrawlError> {
    let hops = page.hops.clone();
    let unreadable = |cause| Failure::of_item(FailureClass::Slow, cause);
    match crawl.reader.think(move || feed::parse(&page)).await {
        Ok(Ok(feed)) => {
            if let Some(new) = moved::learn(&mut lease, &hops) {
                let (url, host) = (&lease.url, &lease.host);
                tracing::info!(%url, %host, %new, "the feed has moved for good and is asked there from now on");
            }
            let ttl = feed.ttl_min.map(|minutes| SignedDuration::from_mins(i64::from(minutes)));
            let holds_until = ttl.and_then(|ttl| Timestamp::now().saturating_add(ttl).ok());
            announce(crawl, lease, feed, validators, fresh_until.max(holds_until)).await
        }
        Ok(Err(error)) => failed(crawl, lease, unreadable(error.to_string())).await,
        Err(panic) => failed(crawl, lease, unreadable(format!("reading the feed panicked: {panic}"))).await,
    }
}

/// Puts the entries into the frontier. What was saved of a broken feed may lack some, and is not to be asked for by
/// "unless it has changed".
async fn announce<F: Frontier>(
    crawl: &Crawl<F>,
    lease: Lease,
    feed: Feed,
    validators: Validators,
    fresh_until: Option<Timestamp>,
) -> Result<Done, CrawlError> {
    let validators = if feed.salvaged { Validators::default() } else { validators };
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
    let next = schedule::next_poll(&crawl.config.crawl, fresh_until, Timestamp::now(), rand::random());
    let new = crawl.frontier.finish(lease, Outcome::Polled { entries, validators, next }, crawl.now()).await?;
    tracing::info!(%url, %host, announced, new, skipped = feed.skipped, "feed read");
    Ok(Done::Feed { new: new as u64 })
}

async fn failed<F: Frontier>(crawl: &Crawl<F>, mut lease: Lease, failure: Failure) -> Result<Done, CrawlError> {
    let now = Timestamp::now();
    heed(crawl, failure.wish.as_ref(), now).await?;
    let Failure { class, cause, blame, is_refusal, .. } = &failure;
    let mut next = schedule::feed_retry(&crawl.config.crawl, lease.attempt, failure.retry_at(), now, rand::random());
    let is_lasting = !matches!(blame, Blame::Network { .. });
    if let Some(learnt) = is_lasting.then(|| moved::unlearn(&mut lease, *class, now)).flatten() {
        next = now.saturating_add(HOME_WAIT).unwrap_or(next);
        tracing::warn!(url = %lease.url, %learnt, cause, "the feed is not where it had moved to, asking its own address");
    }
    let outcome = match *blame {
        Blame::Item => Outcome::Retry { next, cause: failure.cause() },
        Blame::Host { until } => Outcome::Uncounted { next: next.max(behind(until)), cause: failure.cause() },
        Blame::Network { until } => Outcome::Deferred { next: until },
    };
    // Named however quiet the log, for feeds are what the user has asked for; but not each of them while none can be had.
    if is_lasting || crawl.mode == Mode::Once {
        tracing::error!(url = %lease.url, host = %lease.host, cause, %next, "feed failed");
    }
    let item = (lease.key, lease.target);
    crawl.frontier.finish(lease, outcome, crawl.now()).await?;
    crawl.note_counted(item).await?;
    Ok(Done::FeedFailed { refused: *is_refusal })
}
