//! Where a page cannot be had, the article is written as its feed carries it in full, and says so.

use crate::home::Home;
use crate::support::{Reply, STORIES, Site, Story};
use crate::verdicts::cut_by_a_paywall;
use gleaner::crawl::Summary;
use std::fmt::Write as _;

/// A feed that carries its articles; of `short` only the beginning.
fn full_feed(site: &Site, stories: &[Story], is_short: bool) -> Reply {
    let mut items = String::new();
    for story in stories {
        let paragraphs = story.paragraphs();
        let shown = if is_short { &paragraphs[..1] } else { &paragraphs[..] };
        let html: String = shown.iter().map(|paragraph| format!("<p>{paragraph}</p>")).collect();
        write!(
            items,
            "<item><title>{}</title><link>{}</link><pubDate>{}</pubDate><dc:creator>Vera Holm</dc:creator>\
             <description>{}</description><content:encoded><![CDATA[{html}]]></content:encoded></item>",
            story.title,
            site.url(&story.path()),
            story.rfc2822(),
            story.lead,
        )
        .unwrap();
    }
    Reply::rss(format!(
        "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>The Harbour Courier</title>{items}</channel></rss>"
    ))
}

/// What becomes of the first story, whose page is `reply`, where the feed carries it in full.
async fn crawled(reply: Reply) -> (Home, Summary, Site) {
    let site = Site::with_stories();
    site.put("/feed.rss", full_feed(&site, &STORIES[..1], false));
    site.put(&STORIES[0].path(), reply);
    let home = Home::of(&site);
    home.configure(&site, "[output]\nfront_matter = true");
    let summary = home.once().await;
    home.assert_consistent();
    (home, summary, site)
}

/// Whether the text that was written is the feed's, and says so in manifest and front matter.
fn assert_from_feed(home: &Home, what: &str) {
    let texts = home.texts();
    let text = texts.values().next().unwrap_or_else(|| panic!("{what}: nothing was written"));
    let (front, body) = text.split_once("---\n\n").unwrap();
    assert_eq!(body, STORIES[0].text(), "{what}");
    assert!(front.contains("\nsource: feed\n") && front.contains("Vera Holm"), "{what}: {front}");
    assert!(front.contains("date: 2026-11-01T09:30:00Z"), "{what}: {front}");
    let line = &home.manifest()[0];
    assert_eq!((line["source"].as_str(), line["verdict"].as_str()), (Some("feed"), Some("article")), "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn page_that_is_gone_refused_or_walled_is_taken_from_the_feed() {
    let wall = "<!doctype html><html><head><title>Just a moment...</title></head><body><h1>Checking your browser \
                before accessing the site</h1><div id=\"cf-challenge-running\"></div></body></html>";
    let script = "<!doctype html><html><head><title>News</title></head><body><noscript>You need to enable JavaScript \
                  to run this app.</noscript><div id=\"root\"></div></body></html>";
    for (what, reply) in [
        ("gone", Reply::status(404)),
        ("refused", Reply::status(403)),
        ("walled", Reply::html(wall)),
        ("script", Reply::html(script)),
        ("empty", Reply::html("")),
    ] {
        let (home, summary, _site) = crawled(reply).await;
        assert_eq!((summary.written, summary.failed, summary.queued), (1, 0, 0), "{what}");
        assert_from_feed(&home, what);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paywalled_remnant_gives_way_to_the_feed() {
    let (home, summary, _site) = crawled(cut_by_a_paywall(&STORIES[0])).await;
    assert_eq!(summary.written, 1);
    assert_from_feed(&home, "paywall");
}

#[tokio::test(flavor = "multi_thread")]
async fn robots_txt_that_keeps_us_from_the_page_does_not_keep_us_from_the_feed() {
    let site = Site::with_stories();
    site.put("/robots.txt", Reply::html("User-agent: *\nDisallow: /2026/"));
    site.put("/feed.rss", full_feed(&site, &STORIES[..2], false));
    let home = Home::of(&site);
    assert_eq!(home.once().await.written, 2);
    assert_eq!(site.asked_for_stories(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn page_that_can_be_had_is_taken_and_its_content_forgotten() {
    let (home, summary, _site) = crawled(Reply::html(STORIES[0].page())).await;
    assert_eq!(summary.written, 1);
    assert_eq!(home.manifest()[0].get("source"), None);
    assert!(!home.texts().values().next().unwrap().contains("source:"));
    assert_eq!(home.of_feed("(SELECT count(*) FROM contents)"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn page_that_fails_for_now_is_waited_for_and_its_content_kept() {
    let (home, summary, _site) = crawled(Reply::status(503)).await;
    assert_eq!((summary.written, summary.queued), (0, 1));
    assert_eq!(home.of_feed("(SELECT count(*) FROM contents)"), "1");
    // Its last attempt.
    home.sql("UPDATE items SET attempts = 11, due = 0 WHERE target = 0");
    home.sql("UPDATE hosts SET failures = 0, rest_until = 0, blocked_until = 0, ready = 0");
    assert_eq!(home.once().await.written, 1);
    assert_from_feed(&home, "given up");
}

#[tokio::test(flavor = "multi_thread")]
async fn summary_is_never_an_article() {
    let site = Site::with_stories();
    site.put("/feed.rss", full_feed(&site, &STORIES[..1], true));
    site.put(&STORIES[0].path(), Reply::status(404));
    let summary = Home::of(&site).once().await;
    assert_eq!((summary.written, summary.failed), (0, 1));
}
