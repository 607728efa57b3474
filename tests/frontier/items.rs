//! Items: offered, claimed, placed, finished.

use crate::{LEASE_S, at, claim_one, feed, host, page, urls, written};
use gleaner::article::Verdict;
use gleaner::frontier::{Frontier, FrontierError, Key, Offer, Outcome, Placed, RelativePath, Target, Validators};
use jiff::SignedDuration;
use url::Url;

pub(crate) async fn offering_twice_is_one_item(frontier: impl Frontier) {
    assert_eq!(frontier.offer(&[page("http://a.test/1"), page("http://a.test/1#top")], at(0)).await.unwrap(), 1);
    let renamed = Offer { title: Some("Other".into()), published: Some(at(9)), ..page("http://A.test/1?utm_source=x") };
    assert_eq!(frontier.offer(&[renamed], at(5)).await.unwrap(), 0);
    let lease = claim_one(&frontier, at(5)).await;
    frontier.finish(lease, written(), at(6)).await.unwrap();
    assert!(frontier.claim(9, at(1_000_000)).await.unwrap().is_empty());
}

pub(crate) async fn finished_pages_stay_known(frontier: impl Frontier) {
    let pages = [page("http://a.test/1"), page("http://b.test/2"), page("http://c.test/3")];
    frontier.offer(&pages, at(0)).await.unwrap();
    let outcomes = [written(), Outcome::NoArticle { verdict: Verdict::Empty }, Outcome::Failed { cause: "404".into() }];
    for (lease, outcome) in frontier.claim(9, at(0)).await.unwrap().into_iter().zip(outcomes) {
        frontier.finish(lease, outcome, at(1)).await.unwrap();
    }
    assert_eq!(frontier.offer(&pages, at(2)).await.unwrap(), 0);
    assert!(frontier.claim(9, at(1_000_000)).await.unwrap().is_empty());
}

pub(crate) async fn claims_one_per_host_and_none_of_a_host_at_work(frontier: impl Frontier) {
    let offers = ["http://a.test/1", "http://a.test:81/2", "http://b.test/1", "http://b.test/2"].map(page);
    frontier.offer(&offers, at(0)).await.unwrap();
    let mut leases = frontier.claim(9, at(0)).await.unwrap();
    assert_eq!(urls(&leases), ["http://a.test/1", "http://b.test/1"]);
    assert!(frontier.claim(9, at(0)).await.unwrap().is_empty());
    frontier.finish(leases.remove(1), written(), at(1)).await.unwrap();
    assert_eq!(urls(&frontier.claim(9, at(1)).await.unwrap()), ["http://b.test/2"]);
}

pub(crate) async fn claims_no_more_than_asked(frontier: impl Frontier) {
    let offers = ["http://a.test/", "http://b.test/", "http://c.test/"].map(page);
    frontier.offer(&offers, at(0)).await.unwrap();
    assert_eq!(frontier.claim(2, at(0)).await.unwrap().len(), 2);
    assert_eq!(frontier.claim(2, at(0)).await.unwrap().len(), 1);
    assert_eq!(frontier.claim(0, at(0)).await.unwrap().len(), 0);
}

pub(crate) async fn claims_nothing_of_a_blocked_host_before_its_time(frontier: impl Frontier) {
    frontier.block_host(&host("a.test"), at(100)).await.unwrap();
    frontier.offer(&[page("http://a.test/"), page("http://b.test/")], at(0)).await.unwrap();
    assert_eq!(urls(&frontier.claim(9, at(99)).await.unwrap()), ["http://b.test/"]);
    assert_eq!(frontier.standing().await.unwrap().next, Some(at(100)));
    assert_eq!(urls(&frontier.claim(9, at(100)).await.unwrap()), ["http://a.test/"]);
}

pub(crate) async fn feeds_come_first_then_the_longest_due_then_the_first_offered(frontier: impl Frontier) {
    frontier.offer(&[page("http://a.test/late")], at(3)).await.unwrap();
    frontier.offer(&[page("http://a.test/early-1"), page("http://a.test/early-2")], at(2)).await.unwrap();
    frontier.set_feeds(&[feed("http://a.test/feed")], false, at(4)).await.unwrap();
    let mut order = vec![];
    for _ in 0..4 {
        let lease = claim_one(&frontier, at(5)).await;
        order.push(lease.url.path().to_owned());
        let outcome = if lease.target == Target::Feed { Outcome::Unchanged { next: at(99) } } else { written() };
        frontier.finish(lease, outcome, at(5)).await.unwrap();
    }
    assert_eq!(order, ["/feed", "/early-1", "/early-2", "/late"]);
}

pub(crate) async fn path_is_fixed_by_the_first_place(frontier: impl Frontier) {
    frontier.offer(&[page("http://a.test/")], at(0)).await.unwrap();
    let (first, second) = (RelativePath::of_parts(&["a", "first"]), RelativePath::of_parts(&["a", "second"]));
    let lease = claim_one(&frontier, at(0)).await;
    assert_eq!(lease.path, None);
    assert_eq!(frontier.place(&lease, &first).await.unwrap(), Placed::At(first.clone()));
    frontier.finish(lease, Outcome::Retry { next: at(1), cause: "disk".into() }, at(0)).await.unwrap();
    let lease = claim_one(&frontier, at(1)).await;
    assert_eq!(lease.path, Some(first.clone()));
    assert_eq!(frontier.place(&lease, &second).await.unwrap(), Placed::At(first));
}

pub(crate) async fn path_of_another_item_is_refused(frontier: impl Frontier) {
    frontier.offer(&[page("http://a.test/"), page("http://b.test/")], at(0)).await.unwrap();
    let leases = frontier.claim(2, at(0)).await.unwrap();
    let (taken, free) = (RelativePath::of_parts(&["x"]), RelativePath::of_parts(&["y"]));
    frontier.place(&leases[0], &taken).await.unwrap();
    assert_eq!(frontier.place(&leases[1], &taken).await.unwrap(), Placed::Taken);
    assert_eq!(frontier.place(&leases[1], &free).await.unwrap(), Placed::At(free));
}

pub(crate) async fn retry_comes_back_at_its_time_with_one_more_attempt(frontier: impl Frontier) {
    frontier.offer(&[page("http://a.test/")], at(0)).await.unwrap();
    for attempt in 1..4_i64 {
        let lease = claim_one(&frontier, at(attempt * 10)).await;
        assert_eq!(i64::from(lease.attempt), attempt);
        let next = at(attempt * 10 + 10);
        frontier.finish(lease, Outcome::Retry { next, cause: "503".into() }, at(attempt * 10)).await.unwrap();
        let before = next.checked_sub(SignedDuration::from_millis(1)).unwrap();
        assert!(frontier.claim(1, before).await.unwrap().is_empty());
    }
}

pub(crate) async fn success_forgets_earlier_attempts(frontier: impl Frontier) {
    frontier.set_feeds(&[feed("http://a.test/feed")], false, at(0)).await.unwrap();
    let lease = claim_one(&frontier, at(0)).await;
    frontier.finish(lease, Outcome::Retry { next: at(1), cause: "503".into() }, at(0)).await.unwrap();
    let lease = claim_one(&frontier, at(1)).await;
    assert_eq!(lease.attempt, 2);
    frontier.finish(lease, Outcome::Unchanged { next: at(2) }, at(1)).await.unwrap();
    assert_eq!(claim_one(&frontier, at(2)).await.attempt, 1);
}

pub(crate) async fn abandoned_item_comes_back_at_once_uncounted(frontier: impl Frontier) {
    frontier.offer(&[page("http://a.test/")], at(0)).await.unwrap();
    let lease = claim_one(&frontier, at(0)).await;
    frontier.finish(lease, Outcome::Abandoned, at(0)).await.unwrap();
    assert_eq!(claim_one(&frontier, at(0)).await.attempt, 1);
}

pub(crate) async fn lease_that_ran_out_comes_back_and_its_late_holder_is_refused(frontier: impl Frontier) {
    frontier.offer(&[page("http://a.test/")], at(0)).await.unwrap();
    let late = claim_one(&frontier, at(0)).await;
    let end = i64::from(LEASE_S);
    assert!(frontier.claim(1, at(end - 1)).await.unwrap().is_empty());
    let lease = claim_one(&frontier, at(end)).await;
    assert_eq!(lease.key, late.key);
    assert_ne!(lease.token, late.token);
    let path = RelativePath::of_parts(&["x"]);
    assert!(matches!(frontier.place(&late, &path).await, Err(FrontierError::LeaseLost { .. })));
    assert!(matches!(frontier.finish(late, written(), at(end)).await, Err(FrontierError::LeaseLost { .. })));
    frontier.finish(lease, written(), at(end)).await.unwrap();
}

pub(crate) async fn feed_brings_validators_and_entries_together(frontier: impl Frontier) {
    frontier.set_feeds(&[feed("http://a.test/feed")], false, at(0)).await.unwrap();
    let validators = Validators { etag: Some("\"1\"".into()), last_modified: Some("yesterday".into()) };
    let outcome = |next| Outcome::Polled {
        entries: vec![page("http://a.test/1"), page("http://b.test/2"), page("http://a.test/1")],
        validators: validators.clone(),
        next,
    };

    // A holder whose lease is lost saves neither.
    let late = claim_one(&frontier, at(0)).await;
    assert_eq!(late.validators, Validators::default());
    let lease = claim_one(&frontier, at(i64::from(LEASE_S))).await;
    assert!(frontier.finish(late, outcome(at(500)), at(61)).await.is_err());
    assert_eq!(frontier.standing().await.unwrap().queued_pages, 0);
    assert_eq!(lease.validators, Validators::default());

    assert_eq!(frontier.finish(lease, outcome(at(600)), at(61)).await.unwrap(), 2);
    let pages = frontier.claim(9, at(61)).await.unwrap();
    assert_eq!(urls(&pages), ["http://a.test/1", "http://b.test/2"]);
    for lease in pages {
        frontier.finish(lease, written(), at(62)).await.unwrap();
    }
    assert_eq!(claim_one(&frontier, at(600)).await.validators, validators);
}

pub(crate) async fn unchanged_feed_keeps_its_validators(frontier: impl Frontier) {
    frontier.set_feeds(&[feed("http://a.test/feed")], false, at(0)).await.unwrap();
    let validators = Validators { etag: Some("\"1\"".into()), last_modified: None };
    let lease = claim_one(&frontier, at(0)).await;
    let polled = Outcome::Polled { entries: vec![], validators: validators.clone(), next: at(1) };
    frontier.finish(lease, polled, at(0)).await.unwrap();
    for outcome in [Outcome::Unchanged { next: at(1) }, Outcome::Retry { next: at(1), cause: "503".into() }] {
        let lease = claim_one(&frontier, at(1)).await;
        assert_eq!(lease.validators, validators);
        frontier.finish(lease, outcome, at(1)).await.unwrap();
    }
    assert_eq!(claim_one(&frontier, at(1)).await.validators, validators);
}

pub(crate) async fn feeds_left_out_rest_until_named_again(frontier: impl Frontier) {
    let (a, b) = (feed("http://a.test/feed"), feed("http://b.test/feed"));
    frontier.set_feeds(&[a.clone(), b.clone()], false, at(0)).await.unwrap();
    let lease = claim_one(&frontier, at(0)).await;
    frontier.finish(lease, Outcome::Unchanged { next: at(50) }, at(0)).await.unwrap();
    frontier.set_feeds(std::slice::from_ref(&b), false, at(1)).await.unwrap();
    assert_eq!(urls(&frontier.claim(9, at(55)).await.unwrap()), ["http://b.test/feed"]);
    frontier.set_feeds(&[a, b], false, at(56)).await.unwrap();
    assert!(frontier.claim(9, at(49)).await.unwrap().is_empty(), "what was known of it has stayed");
    assert_eq!(urls(&frontier.claim(9, at(56)).await.unwrap()), ["http://a.test/feed"]);
}

pub(crate) async fn feeds_become_due_at_once_on_demand(frontier: impl Frontier) {
    let feeds = [feed("http://a.test/feed")];
    frontier.set_feeds(&feeds, false, at(0)).await.unwrap();
    let lease = claim_one(&frontier, at(0)).await;
    frontier.finish(lease, Outcome::Unchanged { next: at(1000) }, at(0)).await.unwrap();
    frontier.set_feeds(&feeds, false, at(10)).await.unwrap();
    assert!(frontier.claim(9, at(10)).await.unwrap().is_empty());
    frontier.set_feeds(&feeds, true, at(10)).await.unwrap();
    assert_eq!(frontier.claim(9, at(10)).await.unwrap().len(), 1);
}

pub(crate) async fn hints_of_the_first_offer_are_kept(frontier: impl Frontier) {
    let source = Key::of(&Url::parse("http://a.test/feed").unwrap());
    let hinted =
        Offer { title: Some("Title".into()), published: Some(at(-9)), feed: Some(source), ..page("http://a.test/") };
    frontier.offer(&[hinted], at(7)).await.unwrap();
    frontier.offer(&[Offer { title: Some("Changed".into()), ..page("http://a.test/") }], at(8)).await.unwrap();
    let lease = claim_one(&frontier, at(9)).await;
    assert_eq!((lease.title.as_deref(), lease.published), (Some("Title"), Some(at(-9))));
    assert_eq!((lease.feed, lease.first_seen), (Some(source), at(7)));
}

pub(crate) async fn standing_counts_and_names_the_next_moment(frontier: impl Frontier) {
    assert_eq!(frontier.standing().await.unwrap().next, None);
    frontier.offer(&[page("http://a.test/1"), page("http://a.test/2")], at(5)).await.unwrap();
    frontier.set_feeds(&[feed("http://b.test/feed")], false, at(7)).await.unwrap();
    let standing = frontier.standing().await.unwrap();
    assert_eq!((standing.queued_pages, standing.leased, standing.next), (2, 0, Some(at(5))));
    claim_one(&frontier, at(6)).await;
    let standing = frontier.standing().await.unwrap();
    assert_eq!((standing.queued_pages, standing.leased, standing.next), (1, 1, Some(at(7))));
    assert_eq!(standing.leased_pages, 1);
}
