//! Feeds that say that they have moved for good are asked where they are.

use crate::home::{Home, log_of, run_once};
use crate::support::{Reply, STORIES, Site};
use gleaner::frontier::{Frontier, Target};
use jiff::Timestamp;
use url::Url;

/// A feed that is led from one site to another, by redirects with these statuses.
fn moving(statuses: &[u16]) -> (Site, Site, Home) {
    let (old, new) = (Site::start_at("127.0.0.3:0"), Site::with_stories());
    for (number, status) in statuses.iter().enumerate() {
        let is_last = number + 1 == statuses.len();
        let to = if is_last { new.url("/feed.rss") } else { old.url(&format!("/hop-{}", number + 1)) };
        let from = if number == 0 { "/feed.rss".to_owned() } else { format!("/hop-{number}") };
        old.put(&from, Reply::redirect(*status, &to));
    }
    let home = Home::polling(&[old.url("/feed.rss")], "");
    (old, new, home)
}

/// Where the feed is asked, as the store has it.
async fn learnt(home: &Home) -> Option<Url> {
    let leases = home.store().claim(99, Timestamp::MAX).await.unwrap();
    leases.into_iter().find(|lease| lease.target == Target::Feed).unwrap().address.learnt
}

#[tokio::test(flavor = "multi_thread")]
async fn moved_feed_is_asked_at_its_new_address_after_three_sightings_and_doubles_nothing() {
    let (old, new, home) = moving(&[301, 308]);
    assert_eq!(home.once().await.written, 14);
    assert_eq!(home.once().await.discovered, 0);
    assert_eq!(learnt(&home).await, None);
    let log = log_of(run_once(&home.config()).arg("-v"));
    let line = log.lines().find(|line| line.contains("moved for good")).unwrap_or_else(|| panic!("{log}"));
    assert!(line.contains(&old.url("/feed.rss")) && line.contains(&new.url("/feed.rss")), "{line}");
    assert_eq!(learnt(&home).await.unwrap().as_str(), new.url("/feed.rss"));

    new.put("/feed.rss", Reply::rss(new.feed(STORIES).replace("Ferry to", "Boat to")));
    let summary = home.once().await;
    assert_eq!((summary.feeds, summary.discovered, summary.written), (1, 0, 0), "{summary}");
    assert_eq!((old.asked("/feed.rss"), new.asked("/feed.rss")), (3, 4));
    home.assert_consistent();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_passing_redirect_in_the_chain_keeps_the_old_address() {
    let (old, _new, home) = moving(&[301, 302]);
    for _ in 0..4 {
        home.once().await;
    }
    assert_eq!((learnt(&home).await, old.asked("/feed.rss")), (None, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn own_address_is_asked_again_where_the_new_one_fails_for_good() {
    let (old, new, home) = moving(&[308]);
    for _ in 0..3 {
        home.once().await;
    }
    new.put("/feed.rss", Reply::status(410));
    old.put("/feed.rss", Reply::rss(new.feed(STORIES)));
    let summary = home.once().await;
    assert_eq!((summary.feeds_failed, old.asked("/feed.rss")), (1, 3), "{summary}");
    assert_eq!(learnt(&home).await, None);
    let summary = home.once().await;
    assert_eq!((summary.feeds_failed, summary.discovered), (0, 0), "{summary}");
    assert_eq!(old.asked("/feed.rss"), 4);
}
