//! A host that fails again and again is left alone, and what waits for it is not charged.

use crate::home::{Home, log_of, run_once};
use crate::support::{Reply, STORIES, Site};
use gleaner::frontier::{Frontier, Health, Host, Key, Target};
use jiff::{SignedDuration, Timestamp};
use url::Url;

fn host(site: &Site) -> Host {
    Host::of(&Url::parse(&site.url("/")).unwrap())
}

fn failing(site: &Site) {
    for story in STORIES {
        site.put(&story.path(), Reply::status(500));
    }
}

/// The attempts counted of each item that waits, feeds first.
async fn attempts(home: &Home) -> Vec<(Target, u32)> {
    let (frontier, far) = (home.store(), Timestamp::MAX);
    let mut attempts = vec![];
    loop {
        let leases = frontier.claim(99, far).await.unwrap();
        if leases.is_empty() {
            attempts.sort_by_key(|(target, attempts): &(Target, u32)| (*target == Target::Page, *attempts));
            return attempts;
        }
        for lease in leases {
            attempts.push((lease.target, lease.attempt - 1));
            let outcome = gleaner::frontier::Outcome::Failed { cause: "looked at".into() };
            frontier.finish(lease, outcome, far).await.unwrap();
        }
    }
}

async fn set_health(home: &Home, site: &Site, failures: u32) {
    let rest_until = Timestamp::now().checked_sub(SignedDuration::from_secs(1)).unwrap();
    let health = Health { failures, rest_until, cause: "HTTP status 500".into() };
    home.store().set_health(&host(site), Some(&health)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn five_failures_in_a_row_open_the_circuit_and_the_rest_is_not_charged() {
    let (ill, well) = (Site::with_stories_at("127.0.0.2:0"), Site::with_stories());
    failing(&ill);
    let home = Home::polling(&[ill.url("/feed.rss"), well.url("/feed.rss")], "");
    let summary = home.once().await;
    assert_eq!((summary.written, summary.queued, summary.failed), (14, 14, 0), "{summary}");
    assert_eq!(ill.asked_for_stories(), 10, "five pages, each twice");
    let (sick, health) = home.store().ill_hosts().await.unwrap().remove(0);
    assert_eq!((sick, health.failures), (host(&ill), 5));
    assert!(health.cause.contains("500"), "{}", health.cause);
    let rest = health.rest_until.duration_since(Timestamp::now());
    assert!((SignedDuration::from_secs(240)..SignedDuration::from_secs(331)).contains(&rest), "{rest:?}");
    let charged: Vec<u32> = attempts(&home).await.into_iter().map(|(_, attempts)| attempts).skip(2).collect();
    assert_eq!(charged, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
}

#[test]
fn circuit_that_opens_and_closes_is_told_with_its_reason() {
    let site = Site::with_stories();
    failing(&site);
    let home = Home::of(&site);
    let log = log_of(&mut run_once(&home.config()));
    let opened: Vec<&str> = log.lines().filter(|line| line.contains("circuit is open")).collect();
    assert_eq!(opened.len(), 1, "{log}");
    assert!(opened[0].contains("127.0.0.1") && opened[0].contains("HTTP status 500"), "{}", opened[0]);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(set_health(&home, &site, 5));
    let log = log_of(run_once(&home.config()).arg("-v"));
    assert_eq!(log.lines().filter(|line| line.contains("answers again")).count(), 1, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn open_circuit_outlives_the_run() {
    let site = Site::with_stories();
    failing(&site);
    let home = Home::of(&site);
    home.once().await;
    let asked = site.asked_in_all();
    let summary = home.once().await;
    assert_eq!((site.asked_in_all(), summary.feeds, summary.queued), (asked, 0, 14), "{summary}");
}

#[tokio::test(flavor = "multi_thread")]
async fn probe_that_fails_is_the_only_one_and_is_not_charged() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    site.put("/feed.rss", Reply::status(502));
    set_health(&home, &site, 5).await;
    let summary = home.once().await;
    assert_eq!((site.asked("/feed.rss"), site.asked_in_all(), summary.feeds_failed), (2, 2, 1));
    assert_eq!(home.store().ill_hosts().await.unwrap()[0].1.failures, 6);
    assert_eq!(attempts(&home).await, [(Target::Feed, 0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn probe_that_is_answered_closes_the_circuit() {
    let site = Site::with_stories();
    // Any answer will do: the host is there.
    site.first("/feed.rss", Reply::status(404));
    let home = Home::of(&site);
    set_health(&home, &site, 7).await;
    home.once().await;
    assert_eq!(home.store().ill_hosts().await.unwrap(), []);
    assert_eq!(home.once().await.written, 14);
}

#[tokio::test(flavor = "multi_thread")]
async fn page_that_always_fails_does_not_keep_its_host_shut() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    failing(&site);
    home.once().await;
    for (number, story) in STORIES.iter().enumerate() {
        // All but the first five, which are behind the others now.
        if number >= 5 {
            site.put(&story.path(), Reply::html(story.page()));
        }
    }
    set_health(&home, &site, 5).await;
    // The feed, asked again by every run, stays broken too.
    site.put("/feed.rss", Reply::status(500));
    home.once().await;
    set_health(&home, &site, 6).await;
    let frontier = home.store();
    let now = Timestamp::now().checked_add(SignedDuration::from_secs(1)).unwrap();
    let first = frontier.claim(1, now).await.unwrap().remove(0);
    assert_eq!(first.target, Target::Page, "the feed has given way");
    assert!(first.url.path() >= STORIES[5].path().as_str(), "{}", first.url);
    assert_ne!(first.key, Key::of(&Url::parse(&site.url("/feed.rss")).unwrap()));
}
