//! `gleaner discover`: the feeds of a site, each of them looked at.

use crate::site::{Reply, Site};
use crate::{LOOPBACK, Run, run};

const FEED: &str = "<rss version='2.0'><channel><title>The Quay \u{1b}[31m\"daily\"</title><item><title>A</title><link>/a</link>\
    <pubDate>Sun, 01 Mar 2026 10:00:00 GMT</pubDate></item><item><link>/b</link></item></channel></rss>";

fn page(head: &str, body: &str) -> Reply {
    Reply::html(format!("<!doctype html><html><head><title>Quay</title>{head}</head><body>{body}</body></html>"))
}

fn xml(body: &str) -> Reply {
    Reply::new(200, "application/xml", body)
}

fn discover(url: &str, more: &[&str]) -> Run {
    run(&[&["discover", url], &LOOPBACK[..], more].concat())
}

#[test]
fn feeds_that_the_page_links_are_found_and_what_is_none_is_not() {
    let link = "<link rel='alternate' type='application/rss+xml' href=";
    let site = Site::new(&[
        (
            "/",
            page(&format!("{link}'/feed.xml'>{link}'/gone.xml'>{link}'/page.html'>"), "<a href='/moved/rss'>RSS</a>"),
        ),
        ("/feed.xml", xml(FEED)),
        ("/page.html", page("", "No feed.")),
        ("/moved/rss", Reply::redirect("/feed.xml")),
    ]);
    let run = discover(&site.url("/"), &[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let lines: Vec<Vec<&str>> = run.stdout.lines().map(|line| line.split('\t').map(str::trim).collect()).collect();
    assert_eq!(lines, [["rss", "2", "2026-03-01", &site.url("/feed.xml"), "The Quay [31m\"daily\""]]);
}

#[test]
fn blocks_can_be_pasted_into_the_configuration() {
    let site = Site::new(&[("/", page("", "<a href='/feed.xml'>Feed</a>")), ("/feed.xml", xml(FEED))]);
    let run = discover(&site.url("/"), &["--format", "toml"]);
    let config = gleaner::config::Config::parse(&run.stdout, "test").unwrap();
    assert_eq!(config.feeds[0].url.as_str(), site.url("/feed.xml"));
    assert_eq!(config.feeds[0].name.as_deref(), Some("The Quay [31m\"daily\""));
}

#[test]
fn usual_places_and_the_sitemaps_of_robots_txt_are_tried() {
    let site = Site::new(&[
        ("/news/", page("", "Nothing links a feed.")),
        ("/atom.xml", xml("<feed xmlns='http://www.w3.org/2005/Atom'><entry><link href='/a'/></entry></feed>")),
        ("/robots.txt", Reply::new(200, "text/plain", "User-agent: *\nDisallow: /x\nSitemap: /maps/news.xml\n")),
        (
            "/maps/news.xml",
            xml(
                "<urlset><url><loc>/a</loc><news:news><news:publication_date>2026-03-02</news:publication_date></news:news></url></urlset>",
            ),
        ),
    ]);
    let run = discover(&site.url("/news/"), &[]);
    let kinds: Vec<&str> = run.stdout.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!((run.code, kinds), (Some(0), vec!["atom", "news_sitemap"]), "{}", run.stderr);
    assert!(run.stdout.contains(&site.url("/maps/news.xml")) && run.stdout.contains("2026-03-02"), "{}", run.stdout);
}

#[test]
fn address_of_a_feed_is_its_own_answer() {
    let site = Site::new(&[(
        "/feed.json",
        Reply::new(
            200,
            "application/feed+json",
            "{\"version\":\"https://jsonfeed.org/version/1\",\"title\":\"J\",\"items\":[]}",
        ),
    )]);
    let run = discover(&site.url("/feed.json"), &[]);
    assert!(run.code == Some(0) && run.stdout.starts_with("json_feed"), "{run:?}");
}

#[test]
fn site_without_feeds_and_one_that_cannot_be_asked_are_told_apart() {
    let site = Site::new(&[("/", page("", "Nothing here."))]);
    let none = discover(&site.url("/"), &[]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(5), ""));
    assert!(none.stderr.contains("no feed found; look for one"), "{}", none.stderr);
    assert_eq!(discover(&site.url("/gone"), &[]).code, Some(7));
    assert_eq!(run(&["discover", &site.url("/")]).code, Some(6), "the guard");
    let no_address = run(&["discover", "notes.txt"]);
    assert_eq!(no_address.code, Some(2), "{}", no_address.stderr);
}
