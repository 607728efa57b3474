//! Names: what a resolver can do to a crawl, and hosts that share an address.

use crate::home::Home;
use crate::support::{Reply, STORIES, Site};
use gleaner::fetch::{FetchOptions, Fetcher, Lookup, LookupError, Request};
use gleaner::frontier::{Frontier, Target};
use jiff::{SignedDuration, Timestamp};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::Url;

/// A resolver that knows one good name and all that can go wrong.
fn lookup() -> Lookup {
    Arc::new(|name| {
        Box::pin(async move {
            match name.as_str() {
                "unknown.test" => Err(LookupError::Unknown(io::Error::other("no such name"))),
                "failing.test" => Err(LookupError::Temporary(io::Error::other("server failure"))),
                "silent.test" => std::future::pending().await,
                "empty.test" => Ok(vec![]),
                "deaf6.test" => Ok(vec!["::1".parse().unwrap(), "127.0.0.1".parse().unwrap()]),
                _ => Ok(vec!["127.0.0.1".parse().unwrap()]),
            }
        })
    })
}

/// The URL of a site under another name.
fn at(site: &Site, host: &str, path: &str) -> String {
    site.url(path).replace("127.0.0.1", host)
}

/// Matrix C, row 10: one feed behind each fault, beside one that is well.
#[tokio::test(flavor = "multi_thread")]
async fn names_that_fail_in_every_way_hold_nobody_up_and_stay_queued() {
    let site = Site::with_stories();
    let faulty = ["unknown.test", "failing.test", "silent.test", "empty.test"];
    let mut feeds: Vec<String> = faulty.map(|host| at(&site, host, "/feed.rss")).to_vec();
    feeds.push(site.url("/feed.rss"));
    let home = Home::polling(&feeds, "connect_timeout_s = 4");
    let began = Instant::now();
    let summary = home.once_by(lookup()).await;
    assert_eq!((summary.feeds, summary.feeds_failed, summary.written), (5, 4, 14), "{summary}");
    let last = STORIES.iter().flat_map(|story| site.times(&story.path())).max().unwrap();
    // The silent name has two attempts of four seconds.
    assert!(last.duration_since(began) < Duration::from_secs(8), "{:?}", last.duration_since(began));
    home.assert_consistent();

    let frontier = home.store();
    let ill: Vec<String> =
        frontier.ill_hosts().await.unwrap().into_iter().map(|(host, _)| host.as_str().to_owned()).collect();
    assert_eq!(ill, ["empty.test", "failing.test", "silent.test", "unknown.test"]);
    let next_week = Timestamp::now().checked_add(SignedDuration::from_hours(7 * 24)).unwrap();
    let leases = frontier.claim(9, next_week).await.unwrap();
    assert_eq!(leases.iter().filter(|lease| lease.target == Target::Feed).count(), 5, "no feed is given up");
}

#[tokio::test(flavor = "multi_thread")]
async fn host_whose_ipv6_address_is_deaf_is_crawled_by_its_ipv4_address() {
    let site = Site::with_stories();
    let home = Home::polling(&[at(&site, "deaf6.test", "/feed.rss")], "");
    let config = std::fs::read_to_string(home.config()).unwrap().replace("127.0.0.0/8\"", "127.0.0.0/8\", \"::1/128\"");
    std::fs::write(home.config(), config).unwrap();
    let summary = home.once_by(lookup()).await;
    assert_eq!((summary.feeds_failed, summary.written), (0, 14), "{summary}");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_to_two_names_on_one_address_are_a_pause_apart() {
    let site = Site::start();
    site.put("/x", Reply::html("<p>x</p>"));
    let options = FetchOptions {
        allow_private: vec!["127.0.0.0/8".parse().unwrap()],
        host_pause_ms: 400,
        ..FetchOptions::default()
    };
    let fetcher = Fetcher::with_lookup(&options, lookup()).unwrap();
    let request = |host: &str| {
        let url = Url::parse(&at(&site, host, "/x")).unwrap();
        Request { obey_robots: false, ..Request::page(url) }
    };
    let requests = ["one.test", "two.test", "three.test"].map(request);
    let [one, two, three] = requests.each_ref().map(|request| fetcher.fetch(request));
    let (one, two, three) = tokio::join!(one, two, three);
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    let times = site.times("/x");
    let pauses = [times[1].duration_since(times[0]), times[2].duration_since(times[1])];
    assert!(pauses.iter().all(|pause| *pause >= Duration::from_millis(395)), "{pauses:?}");
}
