//! Feeds in, text files out.

use crate::expected_texts;
use crate::home::{Home, crawl, files};
use crate::support::{Reply, STORIES, Site};
use gleaner::crawl::{CrawlError, Mode, Summary};
use gleaner::frontier::Frontier;
use gleaner::output::OutputError;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn feed_becomes_text_files_and_a_manifest() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    let summary = home.once().await;
    assert_eq!(summary, Summary { feeds: 1, discovered: 14, written: 14, ..Summary::default() });
    let texts = home.texts();
    assert_eq!(texts.len(), 14);
    for story in STORIES {
        let folder = format!("127.0.0.1/{}/", story.date());
        let (path, text) = texts.iter().find(|(path, _)| path.starts_with(&folder)).unwrap();
        assert_eq!(*text, story.text(), "{path}");
    }
    assert!(texts.keys().any(|path| path.starts_with("127.0.0.1/2026-11-01/ferry-to-the-northern-islands-")));
    home.assert_consistent();
    let manifest = home.manifest();
    let ferry = manifest.iter().find(|line| line["title"] == STORIES[0].title).unwrap();
    assert_eq!(ferry["published"], "2026-11-01T09:30:00Z");
    assert_eq!(ferry["url"], site.url("/2026/11/story-00.html?utm_source=rss"));
    assert_eq!(ferry["verdict"], "article");
}

#[tokio::test(flavor = "multi_thread")]
async fn second_run_changes_nothing_and_asks_for_the_feed_alone() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    home.once().await;
    let (texts, times, asked) = (home.texts(), home.times(), site.asked_in_all());
    assert_eq!(home.once().await, Summary { feeds: 1, ..Summary::default() });
    assert_eq!((home.texts(), home.times()), (texts, times));
    assert_eq!(site.asked_in_all(), asked + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn unchanged_feed_is_asked_for_with_its_validators() {
    let site = Site::with_stories();
    site.put("/feed.rss", Reply::rss(site.feed(&STORIES[..2])).with("ETag", "\"one\""));
    let home = Home::of(&site);
    assert_eq!(home.once().await.written, 2);
    // The same validator: the site answers 304, and new entries stay unseen.
    site.put("/feed.rss", Reply::rss(site.feed(&STORIES[..3])).with("ETag", "\"one\""));
    assert_eq!(home.once().await, Summary { feeds: 1, ..Summary::default() });
    site.put("/feed.rss", Reply::rss(site.feed(&STORIES[..3])).with("ETag", "\"two\""));
    assert_eq!(home.once().await.written, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_title_or_date_makes_no_second_file() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    home.once().await;
    let texts = home.texts();
    let feed = site.feed(STORIES).replace("Ferry to", "Boat to").replace("Nov 2026", "Dec 2026");
    site.put("/feed.rss", Reply::rss(feed.replace("utm_source=rss", "utm_source=mail")));
    let (first, second) = (&STORIES[0], &STORIES[1]);
    site.put(&first.path(), Reply::html(first.page_with("Boat to the islands", &first.date())));
    site.put(&second.path(), Reply::html(second.page_with(second.title, "2026-12-24")));
    assert_eq!(home.once().await, Summary { feeds: 1, ..Summary::default() });
    assert_eq!(home.texts(), texts);
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_store_is_no_reason_for_other_names() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    home.once().await;
    let texts = home.texts();
    for file in files(home.folder.path()).iter().filter(|file| file.starts_with("gleaner.db")) {
        std::fs::remove_file(home.folder.path().join(file)).unwrap();
    }
    let first = &STORIES[0];
    site.put(&first.path(), Reply::html(first.page_with("Boat to the islands", "2026-12-24")));
    let lost = texts.keys().find(|path| !path.contains(&first.date())).unwrap();
    std::fs::remove_file(home.output().join(lost)).unwrap();
    // The manifest says what was written: nothing is asked for, nor is what was taken away written again.
    assert_eq!(home.once().await, Summary { feeds: 1, ..Summary::default() });
    let left: Vec<_> = texts.keys().filter(|path| *path != lost).collect();
    assert_eq!(home.texts().keys().collect::<Vec<_>>(), left);
}

#[tokio::test(flavor = "multi_thread")]
async fn passing_failure_is_retried_within_the_run() {
    let site = Site::with_stories();
    site.first(&STORIES[3].path(), Reply::status(503));
    site.first("/feed.rss", Reply::status(500));
    let home = Home::of(&site);
    assert_eq!(home.once().await, Summary { feeds: 1, discovered: 14, written: 14, ..Summary::default() });
    assert_eq!(site.asked(&STORIES[3].path()), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn lasting_failure_leaves_the_page_queued_and_the_others_written() {
    let site = Site::with_stories();
    site.put(&STORIES[3].path(), Reply::status(503));
    site.put(&STORIES[4].path(), Reply::status(404));
    site.put(&STORIES[5].path(), Reply::html("<html><body><p>Nothing here.</p></body></html>"));
    let home = Home::of(&site);
    let summary = home.once().await;
    let expected =
        Summary { feeds: 1, discovered: 14, written: 11, not_articles: 1, failed: 1, queued: 1, ..Summary::default() };
    assert_eq!(summary, expected);
    assert_eq!(site.asked(&STORIES[3].path()), 2);
    home.assert_consistent();
}

/// After how many hours a feed is looked at again, looked at every half hour, of which a tenth is left to chance.
async fn hours_until_the_next_look(site: &Site) -> Option<i64> {
    let home = Home::of(site);
    home.once().await;
    let frontier = home.store();
    let now = Timestamp::now();
    for minutes in (60..600).step_by(60) {
        let then = now.checked_add(SignedDuration::from_mins(minutes)).unwrap();
        if !frontier.claim(1, then).await.unwrap().is_empty() {
            return Some(minutes / 60);
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn feed_that_holds_for_hours_is_looked_at_when_they_are_over_and_at_the_latest_after_six() {
    let site = Site::with_stories();
    let plain = site.feed(&STORIES[..1]);
    for (ttl, expected) in [("", 1), ("<ttl>5</ttl>", 1), ("<ttl>150</ttl>", 3), ("<ttl>100000</ttl>", 6)] {
        site.put("/feed.rss", Reply::rss(plain.replace("<item>", &format!("{ttl}<item>"))));
        assert_eq!(hours_until_the_next_look(&site).await, Some(expected), "{ttl}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn feed_whose_server_says_for_how_long_it_holds_is_heard_too() {
    let site = Site::with_stories();
    for (header, value, expected) in [
        ("Cache-Control", "max-age=9000", 3),
        ("Cache-Control", "no-store", 1),
        ("Cache-Control", "max-age=31536000", 6),
    ] {
        let feed = Reply::rss(site.feed(&STORIES[..1])).with(header, value).with("ETag", "\"1\"");
        site.put("/feed.rss", feed);
        assert_eq!(hours_until_the_next_look(&site).await, Some(expected), "{value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_feed_is_asked_for_whole_until_it_is_whole() {
    let site = Site::with_stories();
    let broken = site.feed(&STORIES[..2]).replace("</title><link>", "</title><b><link>");
    site.put("/feed.rss", Reply::rss(broken).with("ETag", "\"1\""));
    let home = Home::of(&site);
    assert_eq!(home.once().await.written, 2);
    site.put("/feed.rss", Reply::rss(site.feed(&STORIES[..3])).with("ETag", "\"1\""));
    assert_eq!(home.once().await.written, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn date_in_the_future_is_not_believed_whoever_states_it() {
    let site = Site::with_stories();
    // The calendar of 2099 has the weekdays of 2026.
    site.put("/feed.rss", Reply::rss(site.feed(&STORIES[..1]).replace("Nov 2026", "Nov 2099")));
    site.put(&STORIES[0].path(), Reply::html(STORIES[0].page_with(STORIES[0].title, "2099-11-01")));
    let home = Home::of(&site);
    assert_eq!(home.once().await.written, 1);
    assert!(home.texts().keys().all(|path| !path.contains("2099")), "{:?}", home.texts().keys());
}

#[tokio::test(flavor = "multi_thread")]
async fn server_that_wants_to_be_left_alone_is() {
    let site = Site::with_stories();
    site.put(&STORIES[0].path(), Reply::status(503).with("Retry-After", "3600"));
    let home = Home::of(&site);
    let summary = home.once().await;
    assert_eq!(site.asked(&STORIES[0].path()), 1, "no second attempt");
    assert_eq!((summary.written, summary.queued), (0, 14), "the whole host rests");
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_feed_stops_no_other_and_is_asked_again() {
    let site = Site::with_stories();
    site.put("/broken.rss", Reply::rss("no feed at all"));
    let home = Home::of(&site);
    home.configure(&site, &format!("[[feed]]\nurl = \"{}\"", site.url("/broken.rss")));
    let summary = home.once().await;
    assert_eq!((summary.feeds, summary.feeds_failed, summary.written), (2, 1, 14));
    home.once().await;
    assert_eq!(site.asked("/broken.rss"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn redirected_page_is_filed_once_with_its_alias() {
    let site = Site::with_stories();
    let story = &STORIES[2];
    site.put(&story.path(), Reply::status(302).with("Location", "/moved"));
    site.put("/moved", Reply::html(story.page()));
    let home = Home::of(&site);
    assert_eq!(home.once().await.written, 14);
    let line = home.manifest().into_iter().find(|line| line["title"] == story.title).unwrap();
    assert_eq!(line["aliases"], serde_json::json!([site.url("/moved")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn front_matter_stands_before_the_text_where_it_is_wanted() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    home.configure(&site, "[output]\nfront_matter = true");
    home.once().await;
    for text in home.texts().values() {
        assert!(text.starts_with("---\ntitle: ") && text.contains(&site.url("/2026/11/story-")), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn daemon_works_until_it_is_told_to_stop_and_leaves_nothing_half_done() {
    let site = Site::with_stories();
    for story in STORIES {
        site.put(&story.path(), Reply::html(story.page()).after(Duration::from_millis(20)));
    }
    let home = Home::of(&site);
    let five_texts = async {
        while home.count() < 5 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let summary = crawl(&home.config(), Mode::Forever, five_texts).await.unwrap();
    assert!((5..14).contains(&summary.written), "{summary}");
    assert_eq!(summary.queued + summary.written, 14, "{summary}");
    home.assert_consistent();
    assert_eq!(home.once().await.written + summary.written, 14);
    assert_eq!(home.texts().into_values().collect::<BTreeSet<_>>(), expected_texts());
}

#[tokio::test(flavor = "multi_thread")]
async fn page_that_never_ends_does_not_hold_up_the_stop() {
    let site = Site::with_stories();
    site.put(&STORIES[0].path(), Reply::html("").after(Duration::from_secs(30)));
    let home = Home::of(&site);
    home.configure(&site, "[crawl]\ndrain_s = 0");
    let asked = async {
        while site.asked(&STORIES[0].path()) == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let began = Instant::now();
    let summary = crawl(&home.config(), Mode::Forever, asked).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert_eq!((summary.written, summary.queued), (0, 14), "what was in flight waits too");
}

#[tokio::test(flavor = "multi_thread")]
async fn file_in_the_place_of_the_output_folder_ends_the_run_with_a_remedy() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    std::fs::write(home.output(), "in the way").unwrap();
    let error = crawl(&home.config(), Mode::Once, std::future::pending()).await.unwrap_err();
    assert!(matches!(error.cause, CrawlError::Output(OutputError::NotAFolder { .. })), "{error}");
    assert_eq!(error.summary, None, "nothing had begun");
    assert!(error.to_string().contains("articles") && error.to_string().contains("move it away"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn output_that_goes_away_under_way_ends_the_run_and_loses_nothing() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    std::fs::create_dir(home.output()).unwrap();
    std::fs::write(home.output().join("127.0.0.1"), "in the way").unwrap();
    let error = crawl(&home.config(), Mode::Once, std::future::pending()).await.unwrap_err();
    assert!(error.to_string().contains("127.0.0.1"), "{error}");
    let summary = error.summary.unwrap();
    assert_eq!((summary.discovered, summary.written, summary.queued), (14, 0, 14), "{summary}");
    std::fs::remove_file(home.output().join("127.0.0.1")).unwrap();
    assert_eq!(home.once().await.written, 14);
}
