//! What a sitemap index leads to: read within the poll of the index, which so is a feed like any other.

use super::Crawl;
use super::announce::SITEMAP_AGE;
use crate::extract::is_same_site;
use crate::feed::{self, Feed, FeedKind, MAX_SITEMAP_URLS, SitemapLink};
use crate::fetch::{Fetched, Request};
use crate::frontier::Frontier;
use crate::page::{Page, Target};
use jiff::Timestamp;
use std::collections::HashSet;
use tokio::time::{Instant, timeout_at};
use url::Url;

/// Sitemaps that are read in one poll; a host is asked once a second, and archives go back for years.
const MOST: usize = 20;

/// How deep indexes may stand in indexes; the protocol allows none in others, and some sites have them.
const DEEPEST: usize = 3;

/// A sitemap that is still to be read, and how many indexes lead to it.
struct Waiting {
    link: SitemapLink,
    depth: usize,
}

/// Reads the sitemaps of an index that stood at `home`: those that changed last first, on its own site alone, each once,
/// as many as is decent and until a moment. One that cannot be had is left for the next poll.
pub(super) async fn follow<F: Frontier>(crawl: &Crawl<F>, home: &Url, index: Feed, until: Instant) -> Feed {
    let now = Timestamp::now();
    let mut seen = HashSet::from([home.clone()]);
    let mut waiting = chosen(index.sitemaps, 1, now);
    let mut found = Feed { kind: FeedKind::Sitemap, ..Feed { sitemaps: vec![], ..index } };
    let mut read = 0;
    while let Some(Waiting { link, depth }) = waiting.pop() {
        if !is_same_site(home, &link.url) || !seen.insert(link.url.clone()) {
            continue;
        }
        if read == MOST || found.entries.len() >= MAX_SITEMAP_URLS || Instant::now() >= until {
            tracing::debug!(url = %home, left = waiting.len() + 1, "sitemaps are left for another poll");
            break;
        }
        read += 1;
        match one(crawl, &link.url, until).await {
            Ok(feed) if feed.kind == FeedKind::SitemapIndex && depth < DEEPEST => {
                waiting.extend(chosen(feed.sitemaps, depth + 1, now));
            }
            Ok(feed) => {
                let room = MAX_SITEMAP_URLS - found.entries.len();
                found.skipped += feed.skipped;
                found.entries.extend(feed.entries.into_iter().take(room));
            }
            Err(cause) => tracing::warn!(url = %link.url, cause, "a sitemap of an index cannot be read"),
        }
    }
    found
}

/// Those worth a look, the best last: what changed lately before what does not say. One that has not changed for so long as
/// news is taken for news has none.
fn chosen(mut links: Vec<SitemapLink>, depth: usize, now: Timestamp) -> Vec<Waiting> {
    links.retain(|link| link.modified.is_none_or(|at| now.duration_since(at) < SITEMAP_AGE));
    links.sort_by_key(|link| link.modified);
    links.into_iter().map(|link| Waiting { link, depth }).collect()
}

async fn one<F: Frontier>(crawl: &Crawl<F>, url: &Url, until: Instant) -> Result<Feed, String> {
    let request = Request { target: Target::Feed, ..Request::page(url.clone()) };
    let page: Page = match timeout_at(until, crawl.fetcher.fetch(&request)).await {
        Ok(Ok(Fetched::Page { page, .. })) => page,
        Ok(Ok(Fetched::NotModified { .. })) => return Err("answered 304 to a plain request".to_owned()),
        Ok(Err(error)) => return Err(error.reason(url)),
        Err(_) => return Err("no time is left for it".to_owned()),
    };
    match crawl.reader.think(move || feed::parse(&page)).await {
        Ok(Ok(feed)) if feed.kind.is_sitemap() => Ok(feed),
        Ok(Ok(feed)) => Err(format!("is no sitemap but {}", feed.kind)),
        Ok(Err(error)) => Err(error.to_string()),
        Err(panic) => Err(format!("reading it panicked: {panic}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn sitemaps_that_changed_last_are_read_first_and_old_ones_not_at_all() {
        let now = Timestamp::constant(1_790_512_000, 0);
        let link = |path: &str, hours_ago: Option<i64>| SitemapLink {
            url: Url::parse("https://a.example/").unwrap().join(path).unwrap(),
            modified: hours_ago.and_then(|hours| now.checked_sub(SignedDuration::from_hours(hours)).ok()),
        };
        let links = vec![link("a", Some(5)), link("b", None), link("c", Some(72)), link("d", Some(1))];
        let order: Vec<_> = chosen(links, 1, now).into_iter().rev().map(|it| it.link.url.path().to_owned()).collect();
        assert_eq!(order, ["/d", "/a", "/b"]);
    }
}
