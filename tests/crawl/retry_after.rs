//! A server that says when it wants to be asked again is left alone until then, and the others are not.

use crate::home::Home;
use crate::support::{Reply, STORIES, Site};
use gleaner::frontier::Frontier;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn host_is_paused_for_as_long_as_it_wants_while_others_flow() {
    let (busy, other) = (Site::with_stories_at("127.0.0.2:0"), Site::with_stories());
    let story = STORIES[0].path();
    busy.first(&story, Reply::status(503).with("Retry-After", "6"));
    let home = Home::polling(&[busy.url("/feed.rss"), other.url("/feed.rss")], "");
    let asked_before = std::sync::OnceLock::new();
    home.until(|| {
        if home.count_of("127.0.0.1") == 14 {
            asked_before.get_or_init(|| busy.asked_for_stories());
        }
        home.count() == 28
    })
    .await;
    assert_eq!(asked_before.get(), Some(&1), "the other site was through while this one rested");
    let times = busy.times(&story);
    let wait = times[1].duration_since(times[0]);
    assert!((Duration::from_millis(5900)..Duration::from_millis(7500)).contains(&wait), "{wait:?}");
    let next = busy.times(&STORIES[1].path())[0].duration_since(times[0]);
    assert!(next >= Duration::from_millis(5900), "the whole host rested: {next:?}");
    home.assert_consistent();
}

/// For how many seconds a host rests that answers with this header; 0: no longer than any page that fails.
async fn rest(status: u16, header: &str) -> i64 {
    let site = Site::with_stories();
    site.put("/feed.rss", Reply::rss(site.feed(&STORIES[..2])));
    site.put(&STORIES[0].path(), Reply::status(status).with("Retry-After", header));
    let home = Home::of(&site);
    let began = Timestamp::now();
    let summary = home.once().await;
    if summary.written == 1 {
        return 0;
    }
    assert_eq!((site.asked(&STORIES[0].path()), site.asked(&STORIES[1].path())), (1, 0), "{header}");
    let frontier = home.store();
    let in_s = |wait_s: i64| began.checked_add(SignedDuration::from_secs(wait_s)).unwrap();
    for wait_s in [60, 3540, 85_000, 87_000] {
        if !frontier.claim(1, in_s(wait_s)).await.unwrap().is_empty() {
            return wait_s;
        }
    }
    i64::MAX
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_after_is_kept_over_a_restart_in_both_forms_and_capped() {
    let in_an_hour = Timestamp::now().checked_add(SignedDuration::from_mins(58)).unwrap();
    let date = in_an_hour.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    for (status, header, expected) in [
        (503, "3000", 3540),
        (429, "3000", 3540),
        (503, date.as_str(), 3540),
        (503, "315360000", 87_000),
        (429, "Sun, 01 Mar 2037 12:30:00 GMT", 87_000),
        (503, "Sun, 01 Mar 2020 12:30:00 GMT", 0),
        (503, "after lunch", 0),
        (404, "3000", 0),
    ] {
        assert_eq!(rest(status, header).await, expected, "{status} {header}");
    }
}
