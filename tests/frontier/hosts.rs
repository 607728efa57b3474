//! Hosts that are ill, failures that count and failures that do not, feeds that have moved.

use crate::{at, claim_one, feed, host, page, urls};
use gleaner::frontier::{Address, Frontier, Health, Outcome, Target};
use jiff::Timestamp;
use url::Url;

fn ill(failures: u32, rest_until: Timestamp) -> Health {
    Health { failures, rest_until, cause: "connection refused".into() }
}

pub(crate) async fn ill_host_rests_and_what_ails_it_is_kept(frontier: impl Frontier) {
    frontier.offer(&[page("http://a.test/"), page("http://b.test/")], at(0)).await.unwrap();
    frontier.set_health(&host("a.test"), Some(&ill(1, at(50)))).await.unwrap();
    frontier.set_health(&host("a.test"), Some(&ill(5, at(100)))).await.unwrap();
    assert_eq!(frontier.ill_hosts().await.unwrap(), [(host("a.test"), ill(5, at(100)))]);
    assert_eq!(urls(&frontier.claim(9, at(99)).await.unwrap()), ["http://b.test/"]);
    assert_eq!(urls(&frontier.claim(9, at(100)).await.unwrap()), ["http://a.test/"], "one item looks how it fares");
    assert!(frontier.claim(9, at(100)).await.unwrap().is_empty());
}

pub(crate) async fn host_that_is_well_again_is_forgotten(frontier: impl Frontier) {
    frontier.offer(&[page("http://a.test/")], at(0)).await.unwrap();
    frontier.set_health(&host("a.test"), Some(&ill(5, at(100)))).await.unwrap();
    frontier.set_health(&host("a.test"), None).await.unwrap();
    assert_eq!(frontier.ill_hosts().await.unwrap(), []);
    assert_eq!(frontier.claim(9, at(0)).await.unwrap().len(), 1);
}

pub(crate) async fn ill_and_blocked_host_rests_until_both_are_over(frontier: impl Frontier) {
    frontier.offer(&[page("http://a.test/"), page("http://b.test/")], at(0)).await.unwrap();
    frontier.block_host(&host("a.test"), at(100)).await.unwrap();
    frontier.set_health(&host("a.test"), Some(&ill(1, at(50)))).await.unwrap();
    frontier.set_health(&host("b.test"), Some(&ill(1, at(80)))).await.unwrap();
    frontier.block_host(&host("b.test"), at(40)).await.unwrap();
    assert_eq!(urls(&frontier.claim(9, at(99)).await.unwrap()), ["http://b.test/"]);
    assert_eq!(frontier.standing().await.unwrap().next, Some(at(100)));
}

pub(crate) async fn uncounted_failure_is_no_attempt_but_a_failure(frontier: impl Frontier) {
    frontier.offer(&[page("http://a.test/")], at(0)).await.unwrap();
    let lease = claim_one(&frontier, at(1)).await;
    assert_eq!(lease.failing_since, None);
    let uncounted = |next| Outcome::Uncounted { next, cause: "ill".into() };
    frontier.finish(lease, uncounted(at(10)), at(2)).await.unwrap();
    let lease = claim_one(&frontier, at(10)).await;
    assert_eq!((lease.attempt, lease.failing_since), (1, Some(at(2))));
    frontier.finish(lease, Outcome::Retry { next: at(20), cause: "503".into() }, at(11)).await.unwrap();
    let lease = claim_one(&frontier, at(20)).await;
    assert_eq!((lease.attempt, lease.failing_since), (2, Some(at(2))), "since the first failure");
    frontier.finish(lease, uncounted(at(30)), at(21)).await.unwrap();
    assert_eq!(claim_one(&frontier, at(30)).await.attempt, 2);
}

pub(crate) async fn deferred_item_comes_back_as_it_was(frontier: impl Frontier) {
    frontier.offer(&[page("http://a.test/")], at(0)).await.unwrap();
    let lease = claim_one(&frontier, at(0)).await;
    frontier.finish(lease, Outcome::Deferred { next: at(10) }, at(1)).await.unwrap();
    assert!(frontier.claim(1, at(9)).await.unwrap().is_empty());
    let lease = claim_one(&frontier, at(10)).await;
    assert_eq!((lease.attempt, lease.failing_since), (1, None));
}

pub(crate) async fn forgiven_items_come_back_with_the_attempt_uncounted(frontier: impl Frontier) {
    frontier.offer(&[page("http://a.test/"), page("http://b.test/")], at(0)).await.unwrap();
    let mut keys = vec![];
    for lease in frontier.claim(2, at(0)).await.unwrap() {
        keys.push((lease.key, lease.target));
        frontier.finish(lease, Outcome::Retry { next: at(900), cause: "no route".into() }, at(1)).await.unwrap();
    }
    frontier.forgive(&keys[..1], at(5)).await.unwrap();
    let lease = claim_one(&frontier, at(5)).await;
    assert_eq!((lease.key, lease.attempt, lease.failing_since), (keys[0].0, 1, None));
    frontier.forgive(&keys[..1], at(5)).await.unwrap();
    frontier.finish(lease, crate::written(), at(6)).await.unwrap();
    assert_eq!(claim_one(&frontier, at(900)).await.attempt, 2, "the other one was not forgiven");
}

pub(crate) async fn forgiven_page_is_not_given_up(frontier: impl Frontier) {
    frontier.offer(&[page("http://a.test/")], at(0)).await.unwrap();
    let lease = claim_one(&frontier, at(0)).await;
    let item = (lease.key, lease.target);
    frontier.finish(lease, Outcome::Failed { cause: "no route".into() }, at(1)).await.unwrap();
    frontier.forgive(&[item], at(5)).await.unwrap();
    assert_eq!(claim_one(&frontier, at(5)).await.attempt, 1);
}

fn moved(url: &str) -> Address {
    Address { learnt: Some(Url::parse(url).unwrap()), sighted: None, sightings: 0 }
}

pub(crate) async fn feed_that_moved_is_asked_on_its_new_host(frontier: impl Frontier) {
    let configured = feed("http://old.test/feed");
    frontier.set_feeds(std::slice::from_ref(&configured), false, at(0)).await.unwrap();
    let mut lease = claim_one(&frontier, at(0)).await;
    let key = lease.key;
    assert_eq!(lease.address, Address::default());
    lease.address = moved("http://new.test/feed");
    frontier.finish(lease, Outcome::Unchanged { next: at(10) }, at(0)).await.unwrap();

    frontier.offer(&[page("http://new.test/1"), page("http://old.test/2")], at(0)).await.unwrap();
    frontier.set_feeds(&[configured], false, at(1)).await.unwrap();
    let leases = frontier.claim(9, at(10)).await.unwrap();
    assert_eq!(urls(&leases), ["http://old.test/feed", "http://old.test/2"], "its name stays");
    let mut lease = leases.into_iter().find(|lease| lease.target == Target::Feed).unwrap();
    assert_eq!((lease.key, &lease.host), (key, &host("new.test")));
    assert_eq!(lease.address, moved("http://new.test/feed"));

    lease.address = Address::default();
    frontier.finish(lease, Outcome::Retry { next: at(20), cause: "404".into() }, at(11)).await.unwrap();
    assert_eq!(urls(&frontier.claim(9, at(20)).await.unwrap()), ["http://new.test/1"], "the old host is at work");
}

pub(crate) async fn moved_feed_that_was_left_out_is_asked_again_when_it_is_named(frontier: impl Frontier) {
    let configured = [feed("http://old.test/feed")];
    frontier.set_feeds(&configured, false, at(0)).await.unwrap();
    let mut lease = claim_one(&frontier, at(0)).await;
    lease.address = moved("http://new.test/feed");
    frontier.finish(lease, Outcome::Unchanged { next: at(10) }, at(0)).await.unwrap();
    frontier.set_feeds(&[], false, at(1)).await.unwrap();
    assert!(frontier.claim(9, at(20)).await.unwrap().is_empty());
    frontier.set_feeds(&configured, false, at(2)).await.unwrap();
    assert_eq!(claim_one(&frontier, at(20)).await.host, host("new.test"));
}

pub(crate) async fn address_of_a_feed_stays_as_the_last_lease_left_it(frontier: impl Frontier) {
    frontier.set_feeds(&[feed("http://a.test/feed")], false, at(0)).await.unwrap();
    let sighted =
        |times| Address { learnt: None, sighted: Some(Url::parse("http://a.test/new").unwrap()), sightings: times };
    let mut lease = claim_one(&frontier, at(0)).await;
    lease.address = sighted(1);
    frontier.finish(lease, Outcome::Unchanged { next: at(1) }, at(0)).await.unwrap();
    let lease = claim_one(&frontier, at(1)).await;
    assert_eq!(lease.address, sighted(1));
    frontier.finish(lease, Outcome::Retry { next: at(2), cause: "503".into() }, at(1)).await.unwrap();
    assert_eq!(claim_one(&frontier, at(2)).await.address, sighted(1));
}
