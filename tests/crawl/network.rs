//! While the network is down nothing counts, and the crawl goes on by itself when it is back.

use crate::home::{Home, daemon};
use crate::support::Site;
use gleaner::frontier::Frontier;
use jiff::Timestamp;
use std::process::Child;
use std::time::{Duration, Instant};

/// Addresses where nobody listens, each a host of its own.
fn empty_places(hosts: [&str; 3]) -> Vec<String> {
    hosts.iter().map(|host| Site::start_at(&format!("{host}:0")).address()).collect()
}

fn feeds(places: &[String]) -> Vec<String> {
    places.iter().map(|place| format!("http://{place}/feed.rss")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_charged_where_no_host_can_be_reached() {
    let places = empty_places(["127.0.1.1", "127.0.1.2", "127.0.1.3"]);
    let home = Home::polling(&feeds(&places), "");
    let summary = home.once().await;
    assert_eq!((summary.feeds, summary.feeds_failed), (3, 3), "{summary}");
    let frontier = home.store();
    assert_eq!(frontier.ill_hosts().await.unwrap(), [], "no host is to blame");
    let leases = frontier.claim(9, Timestamp::MAX).await.unwrap();
    let charged: Vec<_> = leases.iter().map(|lease| (lease.attempt, lease.failing_since)).collect();
    assert_eq!(charged, [(1, None); 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_host_out_of_reach_is_its_own_fault_where_another_answers() {
    let places = empty_places(["127.0.2.1", "127.0.2.2", "127.0.2.3"]);
    let site = Site::with_stories();
    let mut feeds = feeds(&places);
    feeds.truncate(1);
    feeds.push(site.url("/feed.rss"));
    let home = Home::polling(&feeds, "");
    assert_eq!(home.once().await.written, 14);
    let frontier = home.store();
    assert_eq!(frontier.ill_hosts().await.unwrap()[0].1.failures, 1);
    let leases = frontier.claim(9, Timestamp::MAX).await.unwrap();
    let failed = leases.iter().find(|lease| lease.url.as_str() == feeds[0]).unwrap();
    assert_eq!(failed.attempt, 2);
}

#[test]
fn crawl_goes_on_by_itself_when_the_network_is_back_and_says_so_once() {
    let places = empty_places(["127.0.3.1", "127.0.3.2", "127.0.3.3"]);
    let home = Home::polling(&feeds(&places), "");
    let log_file = home.folder.path().join("log");
    let mut child = daemon(&home.config(), &log_file).spawn().unwrap();
    let told = |edge: &str| std::fs::read_to_string(&log_file).unwrap().matches(edge).count();
    let wait_until = |ready: &dyn Fn() -> bool, child: &mut Child| {
        let deadline = Instant::now() + Duration::from_secs(40);
        while !ready() {
            assert!(Instant::now() < deadline && child.try_wait().unwrap().is_none(), "the daemon gets nowhere");
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    wait_until(&|| told("taken for down") == 1, &mut child);
    let sites: Vec<Site> = places.iter().map(|place| Site::with_stories_at(place)).collect();
    // A failed feed that counts waits for half an hour at least.
    wait_until(&|| home.count() == 42, &mut child);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!([told("taken for down"), told("network is back"), told("feed failed")], [1, 1, 2]);
    assert!(sites.iter().all(|site| site.asked("/feed.rss") == 1));
}
