//! Feeds that are weapons: too large, entities that grow, entities that fetch.

use crate::loopback::{Reply, Server, fetch_with, memory, options, request};
use gleaner::feed;
use gleaner::fetch::{Request, Target};
use std::time::{Duration, Instant};

/// Not a test but the process that one measures: fetches a feed and says what was read.
#[tokio::test]
async fn reading_process() {
    let Some(url) = memory::job() else { return };
    let asked = Request { target: Target::Feed, ..request(url.parse().unwrap()) };
    let page = fetch_with(&options(), &asked).await.unwrap();
    let said = match feed::parse(&page) {
        Ok(feed) => format!("{} entries, first {:?}", feed.entries.len(), feed.entries.first().map(|it| &it.title)),
        Err(error) => format!("no feed: {error}"),
    };
    memory::end(&said);
}

/// What reading a feed may take: its bytes twice, and what a parser makes of them.
async fn read(body: String, most_mib: u64) -> String {
    let server = Server::start(move |_| Reply::with(200, &["Content-Type: application/rss+xml"], &body)).await;
    let started = Instant::now();
    let ended = memory::run("feeds::reading_process", server.url("/feed").as_str()).await;
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    memory::assert_below(&ended, most_mib);
    ended.said
}

#[tokio::test(flavor = "multi_thread")]
async fn feed_of_a_hundred_thousand_items_is_read_to_its_cap() {
    let items: String = (0..100_000)
        .map(|n| format!("<item><title>Item {n}</title><link>https://a.example/{n}</link><guid>{n}</guid></item>"))
        .collect();
    let said = read(format!("<rss version='2.0'><channel><title>Many</title>{items}</channel></rss>"), 512).await;
    assert!(said.starts_with("5000 entries"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn entities_that_grow_are_not_expanded() {
    let entities: String =
        (1..10).map(|n| format!("<!ENTITY lol{n} \"{}\">", format!("&lol{};", n - 1).repeat(10))).collect();
    let feed = format!(
        "<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY lol0 'lol'>{entities}]><rss version='2.0'><channel>\
         <item><title>&lol9;</title><link>https://a.example/1</link></item></channel></rss>"
    );
    let said = read(feed, 64).await;
    assert!(!said.contains("lollol") && said.len() < 1000, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn entities_that_fetch_are_not_followed() {
    let inside = Server::start_at("127.0.0.2:0", |_| Reply::html("secret")).await;
    let here = tempfile::tempdir().unwrap();
    let file = here.path().join("secret.txt");
    std::fs::write(&file, "hunter2").unwrap();
    for system in [format!("file://{}", file.display()), inside.url("/secret").to_string()] {
        let feed = format!(
            "<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY x SYSTEM '{system}'><!ENTITY % p SYSTEM '{system}'> %p;]>\
             <rss version='2.0'><channel><item><title>a &x; b</title><link>https://a.example/1</link></item></channel></rss>"
        );
        let said = read(feed, 64).await;
        assert!(!said.contains("hunter2") && !said.contains("secret"), "{said}");
    }
    assert_eq!(inside.connections(), 0);
}
