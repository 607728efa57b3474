//! Chains of redirects, and what is said with each request.

use crate::loopback::{Reply, Server, failure, fetch, fetch_with, options, request};
use gleaner::fetch::{FailureClass, FetchOptions, Fetched, Fetcher, Request, Target, Validators};
use std::time::Duration;

#[tokio::test]
async fn page_comes_with_its_address_type_time_and_chain() {
    let server = Server::start(|asked| match asked.target.as_str() {
        "/old" => Reply::redirect(301, "/newer#top"),
        "/newer" => Reply::redirect(307, "newest?x=1"),
        _ => Reply::html("<p>Words</p>"),
    })
    .await;
    let page = fetch(server.url("/old#part")).await.unwrap();
    assert_eq!(page.url, Some(server.url("/newest?x=1")));
    assert_eq!(page.content_type.as_deref(), Some("text/html; charset=utf-8"));
    assert_eq!(page.body, "<p>Words</p>");
    assert!(page.fetched_at.is_some());
    let chain: Vec<_> = page.hops.iter().map(|hop| (hop.url.path(), hop.status)).collect();
    assert_eq!(chain, [("/old", 301), ("/newer", 307), ("/newest", 200)]);
}

#[tokio::test]
async fn request_says_who_asks_and_what_is_read() {
    let server = Server::start(|_| Reply::html("x")).await;
    let options = options().identify("https://example.org/contact");
    fetch_with(&options, &request(server.url("/"))).await.unwrap();
    let asked = server.asked().remove(0);
    let agent = format!("Gleaner/{} (+https://example.org/contact)", env!("CARGO_PKG_VERSION"));
    assert_eq!(asked.header("user-agent"), Some(agent.as_str()));
    assert_eq!(asked.header("accept-encoding"), Some("gzip, deflate, br, zstd"));
    assert!(asked.header("accept").unwrap().starts_with("text/html"));
    assert_eq!((asked.header("referer"), asked.header("cookie"), asked.header("authorization")), (None, None, None));
}

#[tokio::test]
async fn circle_of_redirects_ends_at_the_first_url_that_comes_again() {
    let server = Server::start(|asked| Reply::redirect(302, if asked.target == "/a" { "/b" } else { "/a" })).await;
    let error = failure(&options(), server.url("/a")).await;
    assert_eq!(error.id(), "redirect_loop");
    assert_eq!(server.targets(), ["/a", "/b"]);
}

#[tokio::test]
async fn ten_redirects_are_followed_and_an_eleventh_is_not() {
    let server = Server::start(|asked| {
        let step: usize = asked.target[1..].parse().unwrap();
        if step == 20 { Reply::html("end") } else { Reply::redirect(302, &format!("/{}", step + 1)) }
    })
    .await;
    assert_eq!(fetch(server.url("/10")).await.unwrap().hops.len(), 11);
    let before = server.asked().len();
    let error = failure(&options(), server.url("/9")).await;
    assert_eq!((error.id().as_str(), error.class(Target::Page)), ("too_many_redirects", FailureClass::Final));
    assert_eq!(server.asked().len() - before, 11);
}

#[tokio::test]
async fn redirect_without_address_and_other_3xx_are_failures() {
    let server = Server::start(|asked| match asked.target.as_str() {
        "/nowhere" => Reply::with(302, &[], ""),
        _ => Reply::with(300, &["Location: /x"], ""),
    })
    .await;
    assert_eq!(failure(&options(), server.url("/nowhere")).await.id(), "redirect");
    assert_eq!(failure(&options(), server.url("/choices")).await.id(), "status_300");
}

#[tokio::test]
async fn total_time_is_for_all_redirects_together() {
    let server = Server::start(|asked| {
        let step: usize = asked.target[1..].parse().unwrap();
        let head = format!("HTTP/1.1 302 Found\r\nLocation: /{}\r\nContent-Length: 0\r\n\r\n", step + 1);
        Reply::default().then(Duration::from_millis(700), head)
    })
    .await;
    let impatient = FetchOptions { total_timeout_s: 2, ..options() };
    let error = failure(&impatient, server.url("/1")).await;
    assert_eq!(error.id(), "timeout", "{error}");
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn validators_are_sent_along_redirects() {
    let server = Server::start(|asked| match asked.target.as_str() {
        "/old" => Reply::redirect(301, "/new"),
        _ if asked.header("if-none-match").is_some() => Reply::raw("HTTP/1.1 304 Same\r\n\r\n").kept(),
        _ => Reply::html("new"),
    })
    .await;
    let validators = Validators { etag: Some("\"a\"".into()), last_modified: None };
    let asked = Request { validators, target: Target::Feed, ..request(server.url("/old")) };
    let fetched = Fetcher::new(&options()).unwrap().fetch(&asked).await.unwrap();
    assert!(matches!(fetched, Fetched::NotModified { .. }));
}
