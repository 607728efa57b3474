//! When feeds are looked at again, and why.

use crate::home::Home;
use crate::support::{Reply, STORIES, Site};
use gleaner::crawl::{Summary, reason_of};

fn reason(home: &Home) -> String {
    reason_of(Some(&home.of_feed("reason"))).0.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn interval_follows_what_the_feed_publishes_and_the_reason_is_kept() {
    let site = Site::with_stories();
    site.put("/feed.rss", Reply::rss(site.feed(&STORIES[..2])));
    let home = Home::of(&site);
    home.once().await;
    assert_eq!((reason(&home), home.of_feed("interval_s")), ("start".into(), "1800".into()));
    home.once().await;
    assert_eq!((reason(&home), home.of_feed("interval_s")), ("quiet".into(), "2700".into()));
    site.put("/feed.rss", Reply::rss(site.feed(&STORIES[..3])));
    home.once().await;
    assert_eq!((reason(&home), home.of_feed("interval_s")), ("found".into(), "2160".into()));
    site.put("/feed.rss", Reply::status(404));
    home.once().await;
    assert_eq!((reason(&home), home.of_feed("interval_s")), ("failed".into(), "2160".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_feed_said_counts_while_it_has_not_changed_too() {
    let site = Site::with_stories();
    let feed = site.feed(&STORIES[..1]).replace("<item>", "<ttl>300</ttl><item>");
    site.put("/feed.rss", Reply::rss(feed).with("ETag", "\"1\""));
    let home = Home::of(&site);
    home.once().await;
    assert_eq!(reason(&home), "ttl");
    home.once().await;
    assert_eq!((reason(&home), home.of_feed("interval_s")), ("ttl".into(), "2700".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn interval_of_the_configuration_has_the_last_word() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    let text = std::fs::read_to_string(home.config()).unwrap();
    std::fs::write(home.config(), format!("{text}interval_s = 86400\n")).unwrap();
    home.once().await;
    home.once().await;
    assert_eq!((reason(&home), home.of_feed("interval_s")), ("fixed".into(), "86400".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn body_that_comes_again_as_it_was_counts_as_unchanged() {
    let site = Site::with_stories();
    site.put("/feed.rss", Reply::rss(site.feed(&STORIES[..2])).with("ETag", "\"1\""));
    let home = Home::of(&site);
    home.once().await;
    site.put("/feed.rss", Reply::rss(site.feed(&STORIES[..2])).with("ETag", "\"2\""));
    assert_eq!(home.once().await, Summary { feeds: 1, ..Summary::default() });
    assert_eq!((reason(&home), home.of_feed("etag")), ("quiet".into(), "\"2\"".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn server_that_says_not_modified_for_ever_is_asked_whole_once_a_day() {
    let site = Site::with_stories();
    site.put("/feed.rss", Reply::rss(site.feed(&STORIES[..2])).with("ETag", "\"one\""));
    let home = Home::of(&site);
    assert_eq!(home.once().await.written, 2);
    site.put("/feed.rss", Reply::rss(site.feed(&STORIES[..3])).with("ETag", "\"one\""));
    assert_eq!(home.once().await.written, 0, "the server lies");
    home.sql("UPDATE items SET whole_at = whole_at - 25 * 3600 * 1000 WHERE target = 1");
    assert_eq!(home.once().await.written, 1);
    // And is trusted for another day.
    site.put("/feed.rss", Reply::rss(site.feed(&STORIES[..4])).with("ETag", "\"one\""));
    assert_eq!(home.once().await.written, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_put_off_while_the_clock_was_ahead_is_brought_back_at_the_start() {
    let site = Site::with_stories();
    site.put(&STORIES[0].path(), Reply::status(503));
    let home = Home::of(&site);
    assert_eq!(home.once().await.queued, 1);
    home.sql("UPDATE items SET due = due + 30 * 24 * 3600 * 1000");
    home.sql("UPDATE hosts SET blocked_until = 1900000000000, rest_until = 1900000000000, ready = 1900000000000");
    // Asks for nothing: told to stop at once.
    home.until(|| true).await;
    let late = "(SELECT max(due) - CAST(strftime('%s') AS INTEGER) * 1000 FROM items WHERE state = 0) / 3600000";
    assert_eq!(home.of_feed(late), "26");
    assert_eq!(reason(&home), "clock");
}

#[tokio::test(flavor = "multi_thread")]
async fn daemon_begins_with_many_new_feeds_one_after_the_other() {
    let site = Site::start();
    let feeds: Vec<String> = (0..300).map(|n| site.url(&format!("/{n}.rss"))).collect();
    (0..300).for_each(|n| site.put(&format!("/{n}.rss"), Reply::rss(site.feed(&[]))));
    let home = Home::polling(&feeds, "");
    home.until(|| true).await;
    let within = |ms: i64| {
        format!(
            "(SELECT count(*) FROM items WHERE finished IS NOT NULL OR due < (SELECT min(first_seen) FROM items) + {ms})"
        )
    };
    let store = rusqlite::Connection::open(home.folder.path().join("gleaner.db")).unwrap();
    let count = |ms| store.query_row(&format!("SELECT {}", within(ms)), [], |row| row.get::<_, i64>(0)).unwrap();
    // 268 of them beyond the 32 that begin together, ten a second; what was asked before the stop has begun.
    assert!((100..200).contains(&count(13_400)), "{}", count(13_400));
    assert_eq!(count(26_801), 300);
}
