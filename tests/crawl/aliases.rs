//! One article under several URLs is one file.

use crate::home::Home;
use crate::support::{Reply, STORIES, Site, Story};
use gleaner::crawl::Summary;

/// A feed item for each path, without a title.
fn feed(site: &Site, paths: &[&str]) -> Reply {
    let items: String = paths.iter().map(|path| format!("<item><link>{}</link></item>", site.url(path))).collect();
    Reply::rss(format!("<rss version=\"2.0\"><channel><title>The Harbour Courier</title>{items}</channel></rss>"))
}

fn with_canonical(story: &Story, canonical: &str) -> Reply {
    Reply::html(story.page().replace("</head>", &format!("<link rel=\"canonical\" href=\"{canonical}\"></head>")))
}

/// A site whose feed announces these.
fn announcing(paths: &[&str]) -> (Site, Home) {
    let site = Site::with_stories();
    site.put("/feed.rss", feed(&site, paths));
    let home = Home::of(&site);
    (site, home)
}

#[tokio::test(flavor = "multi_thread")]
async fn page_that_was_found_behind_a_redirect_is_not_fetched_under_its_own_url() {
    let long = STORIES[0].path();
    let (site, home) = announcing(&["/short", &long]);
    site.put("/short", Reply::redirect(302, &long));
    let summary = home.once().await;
    assert_eq!(summary, Summary { feeds: 1, discovered: 2, written: 1, ..Summary::default() });
    assert_eq!((site.asked("/short"), site.asked(&long)), (1, 1));
    assert_eq!(home.manifest()[0]["aliases"], serde_json::json!([site.url(&long)]));
    // Nor when it is announced another day.
    site.put("/feed.rss", feed(&site, &[&format!("{long}?utm_source=mail")]));
    assert_eq!(home.once().await, Summary { feeds: 1, ..Summary::default() });
    home.assert_consistent();
}

#[tokio::test(flavor = "multi_thread")]
async fn redirect_to_an_article_that_is_there_writes_no_second_file() {
    let long = STORIES[0].path();
    let (site, home) = announcing(&[&long, "/short", "/shorter"]);
    site.put("/short", Reply::redirect(301, &long));
    site.put("/shorter", Reply::redirect(302, "/short"));
    let summary = home.once().await;
    assert_eq!(summary, Summary { feeds: 1, discovered: 3, written: 1, unchanged: 2, ..Summary::default() });
    assert_eq!(home.once().await, Summary { feeds: 1, ..Summary::default() });
    assert_eq!(site.asked("/short"), 2, "known by now");
    home.assert_consistent();
}

#[tokio::test(flavor = "multi_thread")]
async fn amp_page_and_its_canonical_page_are_one_file_whichever_comes_first() {
    let (story, plain) = (&STORIES[1], STORIES[1].path());
    for (order, expected) in [
        (["/amp/1", plain.as_str()], Summary { feeds: 1, discovered: 2, written: 1, ..Summary::default() }),
        (
            [plain.as_str(), "/amp/1"],
            Summary { feeds: 1, discovered: 2, written: 1, unchanged: 1, ..Summary::default() },
        ),
    ] {
        let (site, home) = announcing(&order);
        site.put("/amp/1", with_canonical(story, &site.url(&plain)));
        assert_eq!(home.once().await, expected, "{order:?}");
        assert_eq!(home.count(), 1);
        home.assert_consistent();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_urls_of_one_article_are_one_file() {
    let (story, plain) = (&STORIES[2], STORIES[2].path());
    let tracked = format!("{plain}?utm_source=x#top");
    let (site, home) = announcing(&["/r/1", &tracked, "/amp/2", "/print/2", &plain]);
    site.put("/r/1", Reply::redirect(302, "/print/2"));
    site.put("/print/2", with_canonical(story, &site.url(&plain)));
    site.put("/amp/2", with_canonical(story, &site.url(&plain)));
    home.once().await;
    assert_eq!(home.count(), 1, "{:?}", home.texts().keys());
    home.assert_consistent();
}

#[tokio::test(flavor = "multi_thread")]
async fn site_that_calls_one_page_canonical_everywhere_loses_no_article() {
    let site = Site::with_stories();
    for story in STORIES {
        site.put(&story.path(), with_canonical(story, &site.url("/news")));
    }
    let home = Home::of(&site);
    assert_eq!(home.once().await.written, 14);
}

#[tokio::test(flavor = "multi_thread")]
async fn canonical_url_of_another_site_is_no_alias() {
    let site = Site::with_stories();
    site.put(&STORIES[0].path(), with_canonical(&STORIES[0], "https://elsewhere.example/story"));
    let home = Home::of(&site);
    assert_eq!(home.once().await.written, 14);
    let line = home.manifest().into_iter().find(|line| line["title"] == STORIES[0].title).unwrap();
    assert_eq!(line["aliases"], serde_json::json!([]));
}
