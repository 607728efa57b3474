//! Sitemaps in the place of feeds.

use crate::home::Home;
use crate::support::{Reply, STORIES, Site, Story};
use gleaner::crawl::Summary;
use jiff::{SignedDuration, Timestamp};
use std::io::Write as _;

fn hours_ago(hours: i64) -> Timestamp {
    Timestamp::now().checked_sub(SignedDuration::from_hours(hours)).unwrap()
}

fn xml(text: &str) -> Reply {
    Reply { content_type: "application/xml", ..Reply::rss(text) }
}

fn url(site: &Site, story: &Story, more: &str) -> String {
    format!("<url><loc>{}</loc>{more}</url>", site.url(&story.path()))
}

fn urlset(urls: &str) -> String {
    format!("<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">{urls}</urlset>")
}

fn modified(hours: i64) -> String {
    format!("<lastmod>{}</lastmod>", hours_ago(hours))
}

fn index(site: &Site, sitemaps: &[(&str, Option<i64>)]) -> Reply {
    let line = |(path, hours): &(&str, Option<i64>)| {
        format!("<sitemap><loc>{}</loc>{}</sitemap>", site.url(path), hours.map_or(String::new(), modified))
    };
    xml(&format!("<sitemapindex>{}</sitemapindex>", sitemaps.iter().map(line).collect::<String>()))
}

fn polling(site: &Site, path: &str) -> Home {
    Home::polling(&[site.url(path)], "")
}

#[tokio::test(flavor = "multi_thread")]
async fn news_sitemap_announces_its_articles_with_titles_and_dates() {
    let site = Site::with_stories();
    let news = format!(
        "<news:news><news:publication_date>{}</news:publication_date><news:title>By the sitemap</news:title></news:news>",
        hours_ago(3)
    );
    let bare = Reply::html(STORIES[0].page().replace("<title>", "<!--").replace("</title>", "-->"));
    site.put(&STORIES[0].path(), bare);
    site.put("/news.xml", xml(&urlset(&(url(&site, &STORIES[0], &news) + &url(&site, &STORIES[1], &news)))));
    let summary = polling(&site, "/news.xml").once().await;
    assert_eq!(summary, Summary { feeds: 1, discovered: 2, written: 2, ..Summary::default() });
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_sitemap_announces_what_is_new_and_floods_nobody() {
    let site = Site::with_stories();
    let old = (0..1000).map(|n| format!("<url><loc>{}</loc>{}</url>", site.url(&format!("/old/{n}")), modified(2400)));
    let undated = url(&site, &STORIES[2], "");
    let first = url(&site, &STORIES[0], &modified(5)) + &old.collect::<String>() + &undated;
    site.put("/sitemap.xml", xml(&urlset(&first)));
    let home = polling(&site, "/sitemap.xml");
    let summary = home.once().await;
    assert_eq!(summary, Summary { feeds: 1, discovered: 1, written: 1, ..Summary::default() });
    // What comes later is new, with a date or without one.
    site.put(
        "/sitemap.xml",
        xml(&urlset(&(first + &url(&site, &STORIES[3], "") + &url(&site, &STORIES[4], &modified(0))))),
    );
    assert_eq!(home.once().await.written, 2);
    assert_eq!(site.asked(&STORIES[2].path()), 0, "it stood there before we came");
    // Unless a feed announces it.
    site.put("/feed.rss", Reply::rss(site.feed(&STORIES[2..3])));
    home.poll(&[site.url("/sitemap.xml"), site.url("/feed.rss")], "");
    assert_eq!(home.once().await.written, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn list_of_urls_is_noted_at_first_and_followed_from_then_on() {
    let site = Site::with_stories();
    let list = |stories: &[Story]| stories.iter().map(|story| site.url(&story.path()) + "\n").collect::<String>();
    let text = |body: String| Reply { content_type: "text/plain", ..Reply::rss(body) };
    site.put("/sitemap.txt", text(list(&STORIES[..5])));
    let home = polling(&site, "/sitemap.txt");
    assert_eq!(home.once().await.discovered, 0);
    site.put("/sitemap.txt", text(list(&STORIES[..7])));
    assert_eq!(home.once().await.written, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn index_is_followed_as_far_as_is_decent() {
    let site = Site::with_stories();
    let elsewhere = Site::start_at("127.0.0.9:0");
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(urlset(&url(&site, &STORIES[0], &modified(1))).as_bytes()).unwrap();
    let packed = Reply { content_type: "application/x-gzip", ..Reply::rss(packer.finish().unwrap()) };
    site.put("/1.xml.gz", packed);
    site.put("/2.xml", xml(&urlset(&url(&site, &STORIES[1], &modified(1)))));
    site.put("/old.xml", xml(&urlset("")));
    site.put("/deep.xml", index(&site, &[("/deeper.xml", None), ("/index.xml", None), ("/deep.xml", None)]));
    site.put("/deeper.xml", index(&site, &[("/deepest.xml", None)]));
    site.put("/deepest.xml", index(&site, &[("/too-deep.xml", None)]));
    let all =
        [("/1.xml.gz", Some(1)), ("/2.xml", None), ("/old.xml", Some(100)), ("/deep.xml", None), ("/gone.xml", None)];
    let body = String::from_utf8(index(&site, &all).body).unwrap();
    let stranger = format!("<sitemap><loc>{}</loc></sitemap></sitemapindex>", elsewhere.url("/other.xml"));
    site.put("/index.xml", xml(&body.replace("</sitemapindex>", &stranger)));
    let home = polling(&site, "/index.xml");
    let summary = home.once().await;
    assert_eq!(summary, Summary { feeds: 1, discovered: 2, written: 2, ..Summary::default() });
    let asked = ["/index.xml", "/deep.xml", "/deepest.xml", "/old.xml", "/too-deep.xml"].map(|path| site.asked(path));
    assert_eq!((asked, elsewhere.asked("/other.xml")), ([1, 1, 1, 0, 0], 0));
    // The index has not changed, one of its sitemaps has.
    site.put("/2.xml", xml(&urlset(&(url(&site, &STORIES[1], &modified(1)) + &url(&site, &STORIES[5], "")))));
    assert_eq!(home.once().await.written, 1);
}
