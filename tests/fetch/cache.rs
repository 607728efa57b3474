//! Freshness, and answers kept on the disk.

use crate::loopback::{Asked, Reply, Server, options, request};
use gleaner::fetch::{DiskCache, Fetched, Fetcher, Request, Reuse, Target, Validators};
use jiff::Timestamp;
use std::path::Path;
use std::time::Duration;

fn cached(folder: &Path, reuse: Reuse) -> Fetcher {
    let cache = DiskCache::open(folder, 1_000_000, reuse).unwrap();
    Fetcher::new(&options()).unwrap().cached(cache)
}

async fn body(fetcher: &Fetcher, request: &Request) -> String {
    match fetcher.fetch(request).await.unwrap() {
        Fetched::Page { page, .. } => String::from_utf8(page.body.to_vec()).unwrap(),
        Fetched::NotModified { .. } => panic!("304 to somebody who has nothing"),
    }
}

fn number(asked: &Asked, server_count: &std::sync::atomic::AtomicUsize) -> String {
    let number = server_count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    format!("<p>{} {number}</p></html>", asked.target)
}

#[tokio::test]
async fn feed_says_until_when_it_is_fresh_with_and_without_a_body() {
    let server = Server::start(|asked| match asked.header("if-none-match") {
        Some(_) => Reply::raw("HTTP/1.1 304 Same\r\nCache-Control: max-age=1200\r\n\r\n").kept(),
        None if asked.target == "/silent" => Reply::with(200, &[], "<rss></rss>"),
        None => Reply::with(200, &["Cache-Control: max-age=600", "Age: 60", "ETag: \"a\""], "<rss></rss>"),
    })
    .await;
    let fetcher = Fetcher::new(&options()).unwrap();
    let in_seconds = |until: Option<Timestamp>| until.map(|until| until.duration_since(Timestamp::now()).as_secs());
    let ask = |path: &str, validators| Request { target: Target::Feed, validators, ..request(server.url(path)) };
    let Fetched::Page { fresh_until, validators, .. } = fetcher.fetch(&ask("/", Validators::default())).await.unwrap()
    else {
        panic!("no feed")
    };
    assert!((535..=540).contains(&in_seconds(fresh_until).unwrap()), "{fresh_until:?}");
    let Fetched::NotModified { fresh_until } = fetcher.fetch(&ask("/", validators)).await.unwrap() else {
        panic!("no 304")
    };
    assert!((1195..=1200).contains(&in_seconds(fresh_until).unwrap()), "{fresh_until:?}");
    let silent = fetcher.fetch(&ask("/silent", Validators::default())).await.unwrap();
    assert!(matches!(silent, Fetched::Page { fresh_until: None, .. }), "{silent:?}");
}

#[tokio::test]
async fn fresh_answer_is_served_without_asking_and_another_one_after_a_304() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |asked| {
        let body = number(asked, &count);
        match asked.target.as_str() {
            "/fresh" => Reply::with(200, &["Cache-Control: max-age=600"], &body),
            "/secret" => Reply::with(200, &["Cache-Control: no-store"], &body),
            "/plain" => Reply::with(200, &[], &body),
            "/error" => Reply::with(404, &["Cache-Control: max-age=600"], &body),
            _ if asked.header("if-none-match") == Some("\"a\"") => Reply::raw("HTTP/1.1 304 Same\r\n\r\n").kept(),
            _ => Reply::with(200, &["Cache-Control: no-cache", "ETag: \"a\""], &body),
        }
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    for (path, requests, is_same) in
        [("/fresh", 1, true), ("/stale", 2, true), ("/secret", 2, false), ("/plain", 2, false)]
    {
        let before = server.asked().len();
        // A process each.
        let first = body(&cached(folder.path(), Reuse::Allowed), &request(server.url(path))).await;
        let second = body(&cached(folder.path(), Reuse::Allowed), &request(server.url(path))).await;
        assert_eq!((server.asked().len() - before, first == second), (requests, is_same), "{path}: {first} {second}");
    }
    let fetcher = cached(folder.path(), Reuse::Allowed);
    for _ in 0..2 {
        assert_eq!(fetcher.fetch(&request(server.url("/error"))).await.unwrap_err().id(), "status_404");
    }
    assert_eq!(server.targets().iter().filter(|target| *target == "/error").count(), 2, "failures are not kept");
}

#[tokio::test]
async fn stale_answer_is_not_served_where_the_server_cannot_be_asked() {
    let server = Server::start(|asked| match asked.header("if-none-match") {
        Some(_) => Reply::with(503, &[], ""),
        None => Reply::with(200, &["Cache-Control: no-cache", "ETag: \"a\""], "<p>Words</html>"),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let fetcher = cached(folder.path(), Reuse::Allowed);
    body(&fetcher, &request(server.url("/"))).await;
    assert_eq!(fetcher.fetch(&request(server.url("/"))).await.unwrap_err().id(), "status_503");
}

#[tokio::test]
async fn refetching_asks_without_conditions_and_stores_what_comes() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |asked| {
        Reply::with(200, &["Cache-Control: max-age=600", "ETag: \"a\""], number(asked, &count))
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let ask = request(server.url("/"));
    assert_eq!(body(&cached(folder.path(), Reuse::Allowed), &ask).await, "<p>/ 0</p></html>");
    assert_eq!(body(&cached(folder.path(), Reuse::Never), &ask).await, "<p>/ 1</p></html>");
    assert_eq!(body(&cached(folder.path(), Reuse::Allowed), &ask).await, "<p>/ 1</p></html>");
    assert!(server.asked().iter().all(|asked| asked.header("if-none-match").is_none()));
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn cached_page_keeps_its_chain_and_the_time_of_its_answer() {
    let server = Server::start(|asked| match asked.target.as_str() {
        "/old" => Reply::redirect(301, "/new"),
        _ => Reply::with(200, &["Cache-Control: max-age=600", "Content-Type: text/html"], "<p>Words</html>"),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let page = async || {
        let fetched = cached(folder.path(), Reuse::Allowed).fetch(&request(server.url("/old"))).await.unwrap();
        let Fetched::Page { page, .. } = fetched else { panic!("no page") };
        page
    };
    let first = page().await;
    tokio::time::sleep(Duration::from_millis(5)).await;
    let second = page().await;
    assert_eq!(first.hops, second.hops);
    assert_eq!((first.fetched_at, first.content_type), (second.fetched_at, second.content_type));
    assert_eq!(server.targets(), ["/old", "/new", "/old"]);
}
