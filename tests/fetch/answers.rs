//! Statuses, types, validators, and answers that are broken.

use crate::loopback::{Reply, Server, failure, fetch, fetch_with, gzip, options, request};
use gleaner::fetch::{FailureClass, FetchOptions, Fetched, Fetcher, Request, Target};
use jiff::{SignedDuration, Timestamp};
use std::time::{Duration, Instant};

#[tokio::test]
async fn statuses_become_failures_with_class_refusal_and_advice() {
    let server = Server::start(|asked| Reply::with(asked.target[1..].parse().unwrap(), &[], "sorry")).await;
    for (status, class, is_refusal, said) in [
        (404, FailureClass::Final, false, "no such page"),
        (410, FailureClass::Final, false, "no such page"),
        (401, FailureClass::Slow, true, "login"),
        (403, FailureClass::Slow, true, "refuses us"),
        (451, FailureClass::Final, true, "legal"),
        (500, FailureClass::Transient, false, "try again later"),
        (206, FailureClass::Final, false, "HTTP status 206"),
    ] {
        let error = failure(&options(), server.url(&format!("/{status}"))).await;
        assert_eq!(error.id(), format!("status_{status}"));
        assert_eq!((error.class(Target::Page), error.is_refusal()), (class, is_refusal), "{status}");
        assert!(error.to_string().contains(said), "{error}");
    }
}

#[tokio::test]
async fn retry_after_of_429_and_503_is_passed_on() {
    let server = Server::start(|asked| match asked.target.as_str() {
        "/busy" => Reply::with(429, &["Retry-After: 120"], ""),
        "/down" => Reply::with(503, &["Retry-After: Fri, 01 Jan 2100 00:00:00 GMT"], ""),
        "/gone" => Reply::with(404, &["Retry-After: 120"], ""),
        _ => Reply::with(429, &["Retry-After: soon"], ""),
    })
    .await;
    let wait = async |path: &str| {
        let now = Timestamp::now();
        failure(&options(), server.url(path)).await.retry_at().map(|at| at.duration_since(now))
    };
    let near = |wait: Option<SignedDuration>, seconds: i64| (wait.unwrap().as_secs() - seconds).abs() <= 5;
    assert!(near(wait("/busy").await, 120));
    assert!(near(wait("/down").await, 24 * 60 * 60), "never more than a day");
    assert_eq!(wait("/gone").await, None);
    assert_eq!(wait("/vague").await, None);
}

#[tokio::test]
async fn pdf_is_refused_by_name_whatever_its_label() {
    let server = Server::start(|asked| match asked.target.as_str() {
        "/labelled" => Reply::with(200, &["Content-Type: application/pdf"], "%PDF-1.7"),
        "/lying" => Reply::with(200, &["Content-Type: text/html"], "%PDF-1.7 and more"),
        "/bare" => Reply::with(200, &[], "\u{89}PNG is no picture like this, but text"),
        _ => Reply::with(200, &["Content-Type: application/json"], "{}"),
    })
    .await;
    for path in ["/labelled", "/lying"] {
        let error = failure(&options(), server.url(path)).await;
        assert_eq!((error.id().as_str(), error.class(Target::Page)), ("content_type", FailureClass::Final));
        assert!(error.to_string().ends_with(": is application/pdf; Gleaner reads HTML and plain text"), "{error}");
    }
    assert!(failure(&options(), server.url("/json")).await.to_string().contains("is application/json"));
    assert!(fetch(server.url("/bare")).await.is_ok());
}

#[tokio::test]
async fn feed_is_taken_under_any_label_but_not_as_a_picture() {
    let server = Server::start(|asked| match asked.target.as_str() {
        "/feed" => Reply::with(200, &["Content-Type: application/octet-stream"], "<rss/>"),
        _ => Reply::with(200, &["Content-Type: application/rss+xml"], b"\x89PNG\r\n\x1a\n"),
    })
    .await;
    let feed = |path: &str| Request { target: Target::Feed, ..request(server.url(path)) };
    assert_eq!(fetch_with(&options(), &feed("/feed")).await.unwrap().body, "<rss/>");
    let error = fetch_with(&options(), &feed("/picture")).await.unwrap_err();
    assert_eq!((error.id().as_str(), error.class(Target::Feed)), ("content_type", FailureClass::Slow));
}

#[tokio::test]
async fn encoded_bodies_come_whole_or_not_at_all() {
    let (first, second) = (gzip(b"<p>first member</p>").await, gzip(b"<p>second member</p>").await);
    let both = [first.clone(), second].concat();
    let cut = first[..first.len() - 4].to_vec();
    let server = Server::start(move |asked| match asked.target.as_str() {
        "/both" => Reply::with(200, &["Content-Type: text/html", "Content-Encoding: gzip"], &both),
        "/cut" => Reply::with(200, &["Content-Type: text/html", "Content-Encoding: gzip"], &cut),
        "/lie" => Reply::with(200, &["Content-Type: text/html", "Content-Encoding: gzip"], "<p>plain</p>"),
        _ => Reply::with(200, &["Content-Type: text/html", "Content-Encoding: sdch"], "?"),
    })
    .await;
    assert_eq!(fetch(server.url("/both")).await.unwrap().body, "<p>first member</p><p>second member</p>");
    assert_eq!(fetch(server.url("/lie")).await.unwrap().body, "<p>plain</p>");
    let cut = failure(&options(), server.url("/cut")).await;
    assert_eq!((cut.id().as_str(), cut.class(Target::Page)), ("damaged", FailureClass::Transient));
    let unknown = failure(&options(), server.url("/unknown")).await;
    assert!(unknown.id() == "encoding" && unknown.to_string().contains("\"sdch\""), "{unknown}");
}

#[tokio::test]
async fn broken_answers_are_failures_never_pages() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n";
    let server = Server::start(move |asked| {
        Reply::raw(match asked.target.as_str() {
            "/short" => format!("{head}Content-Length: 100\r\n\r\n<p>only this"),
            "/chunks" => format!("{head}Transfer-Encoding: chunked\r\n\r\n5\r\n<p>ab\r\nzz\r\n"),
            "/open" => format!("{head}Transfer-Encoding: chunked\r\n\r\n5\r\n<p>ab\r\n"),
            "/lengths" => format!("{head}Content-Length: 5\r\nContent-Length: 9\r\n\r\n<p>ab<p>c"),
            "/flood" => format!("{head}{}\r\n", "X-More: x\r\n".repeat(500)),
            "/noise" => "\u{1}\u{2} no HTTP at all\r\n\r\n".to_owned(),
            _ => String::new(),
        })
    })
    .await;
    for (path, id) in [
        ("/short", "truncated"),
        ("/chunks", "truncated"),
        ("/open", "truncated"),
        ("/lengths", "answer"),
        ("/flood", "answer"),
        ("/noise", "answer"),
        ("/silence", "answer"),
    ] {
        let error = failure(&options(), server.url(path)).await;
        assert_eq!((error.id().as_str(), error.class(Target::Page)), (id, FailureClass::Transient), "{path}: {error}");
    }
}

#[tokio::test]
async fn body_longer_than_announced_is_read_as_announced() {
    let server = Server::start(|_| Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<p>abcdef")).await;
    assert_eq!(fetch(server.url("/")).await.unwrap().body, "<p>a");
}

#[tokio::test]
async fn empty_page_is_a_page() {
    let server = Server::start(|_| Reply::html("")).await;
    assert!(fetch(server.url("/")).await.unwrap().body.is_empty());
}

#[tokio::test]
async fn nobody_listening_and_unknown_names_are_told_plainly() {
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let url: url::Url = format!("http://{gone}/page").parse().unwrap();
    for obey_robots in [false, true] {
        let asked = Request { obey_robots, ..request(url.clone()) };
        let error = fetch_with(&options(), &asked).await.unwrap_err();
        assert_eq!((error.id().as_str(), error.is_refusal()), ("connect", false), "{error}");
        assert!(error.to_string().starts_with(asked.url.as_str()), "{error}");
    }
    let unknown = failure(&options(), "http://no-such-host.invalid/".parse().unwrap()).await;
    assert_eq!(unknown.id(), "dns", "{unknown}");
}

#[tokio::test]
async fn unchanged_page_costs_no_body() {
    let server = Server::start(|asked| {
        let known = asked.header("if-none-match") == Some("\"v1\"")
            && asked.header("if-modified-since") == Some("Sun, 01 Mar 2026 12:00:00 GMT");
        let validators = ["ETag: \"v1\"", "Last-Modified: Sun, 01 Mar 2026 12:00:00 GMT", "Content-Type: text/html"];
        if known { Reply::raw("HTTP/1.1 304 Same\r\n\r\n").kept() } else { Reply::with(200, &validators, "<p>new") }
    })
    .await;
    let fetcher = Fetcher::new(&options()).unwrap();
    let Fetched::Page { validators, .. } = fetcher.fetch(&request(server.url("/"))).await.unwrap() else {
        panic!("304 at first")
    };
    assert_eq!(validators.etag.as_deref(), Some("\"v1\""));
    let again = Request { validators, ..request(server.url("/")) };
    assert!(matches!(fetcher.fetch(&again).await.unwrap(), Fetched::NotModified { .. }));
}

#[tokio::test]
async fn unasked_304_is_a_failure() {
    let server = Server::start(|_| Reply::raw("HTTP/1.1 304 Same\r\n\r\n").kept()).await;
    assert_eq!(failure(&options(), server.url("/")).await.id(), "status_304");
}

#[tokio::test]
async fn slow_answers_are_given_up() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n";
    let server = Server::start(move |asked| match asked.target.as_str() {
        "/stall" => Reply::raw(head).then(Duration::from_secs(30), "late"),
        "/flood" => (0..300).fold(Reply::default(), |reply, _| {
            reply.then(Duration::from_millis(50), "HTTP/1.1 103 Early Hints\r\n\r\n")
        }),
        _ => (0..300).fold(Reply::raw(head), |reply, _| reply.then(Duration::from_millis(50), "x")),
    })
    .await;
    let impatient = FetchOptions { idle_timeout_s: 1, total_timeout_s: 2, ..options() };
    for (path, said) in [("/stall", "idle_timeout_s"), ("/drip", "total_timeout_s"), ("/flood", "total_timeout_s")] {
        let started = Instant::now();
        let error = failure(&impatient, server.url(path)).await;
        assert_eq!((error.id().as_str(), error.class(Target::Page)), ("timeout", FailureClass::Transient), "{path}");
        assert!(error.to_string().contains(said), "{path}: {error}");
        assert!(started.elapsed() < Duration::from_secs(4), "{path}: {:?}", started.elapsed());
    }
}
