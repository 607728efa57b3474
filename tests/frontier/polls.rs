//! How feeds are polled, and what they carry.

use crate::{at, claim_one, feed, page, urls, written};
use gleaner::feed::Hints;
use gleaner::frontier::{Content, Frontier, Offer, Outcome, Polling, Validators};

pub(crate) async fn polling_stays_as_the_last_lease_left_it(frontier: impl Frontier) {
    frontier.set_feeds(&[feed("http://a.test/feed")], false, at(0)).await.unwrap();
    let mut lease = claim_one(&frontier, at(0)).await;
    assert_eq!(lease.polling, Polling::default());
    let polling = Polling {
        interval_s: Some(1800),
        reason: Some("quiet: nothing new".into()),
        body: Some(u64::MAX - 1),
        of_week: 7,
        hints: Hints { ttl_min: Some(5), skip_hours: 1 << 23, ..Hints::default() },
        whole_at: Some(at(0)),
    };
    lease.polling = polling.clone();
    let outcome = Outcome::Polled { entries: vec![], validators: Validators::default(), next: at(9) };
    frontier.finish(lease, outcome, at(1)).await.unwrap();
    let lease = claim_one(&frontier, at(9)).await;
    assert_eq!(lease.polling, polling);
    frontier.finish(lease, Outcome::Unchanged { next: at(19) }, at(10)).await.unwrap();
    assert_eq!(claim_one(&frontier, at(19)).await.polling, polling);
}

pub(crate) async fn new_feed_waits_for_its_moment_and_a_known_one_does_not(frontier: impl Frontier) {
    frontier.set_feeds(&[feed("http://a.test/feed")], false, at(0)).await.unwrap();
    let late = |url| Offer { not_before: Some(at(50)), ..feed(url) };
    frontier.set_feeds(&[late("http://a.test/feed"), late("http://b.test/feed")], false, at(1)).await.unwrap();
    assert_eq!(urls(&frontier.claim(9, at(49)).await.unwrap()), ["http://a.test/feed"]);
    assert_eq!(urls(&frontier.claim(9, at(50)).await.unwrap()), ["http://b.test/feed"]);
}

pub(crate) async fn feeds_that_are_brought_forward_do_not_come_together(frontier: impl Frontier) {
    let by = |moment| (0..40).map(move |n| Offer { latest: Some(moment), ..feed(&format!("http://{n}.test/feed")) });
    let planned: Vec<Offer> = by(at(99)).map(|feed| Offer { not_before: Some(at(50)), ..feed }).collect();
    frontier.set_feeds(&planned, false, at(0)).await.unwrap();
    frontier.set_feeds(&by(at(9)).collect::<Vec<_>>(), false, at(1)).await.unwrap();
    assert_eq!(frontier.standing().await.unwrap().next, Some(at(50)), "new ones wait for their turn");
    for lease in frontier.claim(40, at(50)).await.unwrap() {
        frontier.finish(lease, Outcome::Unchanged { next: at(500) }, at(50)).await.unwrap();
    }
    frontier.set_feeds(&by(at(90)).collect::<Vec<_>>(), false, at(50)).await.unwrap();
    let first = frontier.claim(40, at(70)).await.unwrap().len();
    assert!((10..30).contains(&first), "{first} of 40 in the first half");
    assert_eq!(first + frontier.claim(40, at(90)).await.unwrap().len(), 40);
}

pub(crate) async fn feed_that_answers_is_due_at_the_latest_that_its_offer_names(frontier: impl Frontier) {
    let by = |at| Offer { latest: Some(at), ..feed("http://a.test/feed") };
    frontier.set_feeds(&[by(at(5))], false, at(0)).await.unwrap();
    let lease = claim_one(&frontier, at(0)).await;
    frontier.finish(lease, Outcome::Unchanged { next: at(90) }, at(1)).await.unwrap();
    frontier.set_feeds(&[by(at(95))], false, at(2)).await.unwrap();
    assert_eq!(frontier.standing().await.unwrap().next, Some(at(90)));
    frontier.set_feeds(&[by(at(30))], false, at(3)).await.unwrap();
    let next = frontier.standing().await.unwrap().next.unwrap();
    assert!(at(3) <= next && next < at(30), "{next}");
    // Who fails waits as he was told to.
    let lease = claim_one(&frontier, at(30)).await;
    frontier.finish(lease, Outcome::Retry { next: at(80), cause: "503".into() }, at(31)).await.unwrap();
    frontier.set_feeds(&[by(at(40))], false, at(32)).await.unwrap();
    assert_eq!(frontier.standing().await.unwrap().next, Some(at(80)));
}

pub(crate) async fn entry_that_was_written_is_known_under_another_url(frontier: impl Frontier) {
    let named = |url, entry| Offer { entry: Some(entry), ..page(url) };
    frontier.offer(&[named("http://a.test/1", 7), named("http://a.test/2", 8)], at(0)).await.unwrap();
    // What waits may fail yet.
    assert_eq!(frontier.offer(&[named("http://a.test/1-moved", 7)], at(0)).await.unwrap(), 1);
    let lease = claim_one(&frontier, at(0)).await;
    frontier.finish(lease, written(), at(1)).await.unwrap();
    let lease = claim_one(&frontier, at(1)).await;
    frontier.finish(lease, Outcome::Failed { cause: "404".into() }, at(2)).await.unwrap();
    let offers = [named("http://a.test/1-again", 7), named("http://a.test/2-again", 8), named("http://a.test/3", 9)];
    assert_eq!(frontier.unknown(&offers).await.unwrap(), 2);
    assert_eq!(frontier.offer(&offers, at(3)).await.unwrap(), 2);
    assert_eq!(frontier.unknown(&offers).await.unwrap(), 0);
}

pub(crate) async fn content_is_kept_until_the_page_is_finished(frontier: impl Frontier) {
    let content = Content { html: "<p>Text</p>".into(), authors: vec!["Ann Lee".into(), "Bo".into()] };
    let offer = Offer { content: Some(content.clone()), ..page("http://a.test/1") };
    frontier.offer(&[offer.clone(), page("http://b.test/2")], at(0)).await.unwrap();
    let mut leases = frontier.claim(9, at(0)).await.unwrap();
    assert_eq!(frontier.content(&leases[1]).await.unwrap(), None);
    let lease = leases.remove(0);
    assert_eq!(frontier.content(&lease).await.unwrap(), Some(content.clone()));
    frontier.finish(lease, Outcome::Retry { next: at(5), cause: "503".into() }, at(1)).await.unwrap();
    let lease = claim_one(&frontier, at(5)).await;
    assert_eq!(frontier.content(&lease).await.unwrap(), Some(content));
    frontier.finish(lease.clone(), written(), at(6)).await.unwrap();
    assert_eq!(frontier.content(&lease).await.unwrap(), None);
    // Nor is it kept of what is known.
    frontier.offer(&[offer], at(7)).await.unwrap();
    assert_eq!(frontier.content(&lease).await.unwrap(), None);
}

pub(crate) async fn old_page_is_known_and_fetched_only_where_another_feed_announces_it(frontier: impl Frontier) {
    let of = |name: &str| Some(gleaner::frontier::Key::of(&feed(name).url));
    let by_sitemap = Offer { is_old: true, feed: of("http://a.test/map"), ..page("http://a.test/1") };
    assert_eq!(frontier.unknown(std::slice::from_ref(&by_sitemap)).await.unwrap(), 0);
    assert_eq!(frontier.offer(std::slice::from_ref(&by_sitemap), at(0)).await.unwrap(), 0);
    assert_eq!(frontier.offer(&[Offer { is_old: false, ..by_sitemap.clone() }], at(1)).await.unwrap(), 0);
    assert!(frontier.claim(9, at(2)).await.unwrap().is_empty());
    assert_eq!(frontier.standing().await.unwrap().queued_pages, 0);
    let by_feed = Offer { is_old: false, feed: of("http://a.test/feed"), ..by_sitemap };
    assert_eq!(frontier.offer(&[by_feed], at(3)).await.unwrap(), 1);
    assert_eq!(urls(&frontier.claim(9, at(3)).await.unwrap()), ["http://a.test/1"]);
}

pub(crate) async fn moments_beyond_the_latest_are_brought_back(frontier: impl Frontier) {
    frontier.set_feeds(&[feed("http://a.test/feed")], false, at(0)).await.unwrap();
    let lease = claim_one(&frontier, at(0)).await;
    frontier.finish(lease, Outcome::Unchanged { next: at(1_000_000) }, at(1)).await.unwrap();
    frontier.offer(&[page("http://b.test/")], at(1)).await.unwrap();
    let b = crate::host("b.test");
    frontier.block_host(&b, at(2_000_000)).await.unwrap();
    frontier.pull_back(at(100)).await.unwrap();
    assert!(frontier.claim(9, at(99)).await.unwrap().is_empty());
    let leases = frontier.claim(9, at(100)).await.unwrap();
    assert_eq!(urls(&leases), ["http://a.test/feed", "http://b.test/"]);
    assert_eq!(leases[0].polling.reason.as_deref(), Some("clock: the clock was ahead"));
}
