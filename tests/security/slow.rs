//! Servers that keep us waiting: drips, floods of heads, and pauses without end.

use crate::loopback::{Reply, Server, failure, fetch_with, options, request};
use gleaner::fetch::{FailureClass, FetchOptions, Request, Target};
use std::time::{Duration, Instant};

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n";

/// Pieces, one every 50 ms, far longer than anybody waits.
fn dripping(head: &str, piece: &str) -> Reply {
    (0..600).fold(Reply::raw(head), |reply, _| reply.then(Duration::from_millis(50), piece))
}

#[tokio::test]
async fn drips_end_with_the_total_time_and_sooner_below_the_least_rate() {
    let server = Server::start(|_| dripping(HEAD, "x")).await;
    let total = FetchOptions { total_timeout_s: 2, ..options() };
    let rate = FetchOptions { rate_grace_s: 1, total_timeout_s: 20, ..options() };
    let patient = FetchOptions { least_bytes_per_s: 0, rate_grace_s: 1, total_timeout_s: 3, ..options() };
    for (options, said) in [(total, "total_timeout_s"), (rate, "least_bytes_per_s"), (patient, "total_timeout_s")] {
        let started = Instant::now();
        let error = failure(&options, server.url("/")).await;
        assert_eq!((error.id().as_str(), error.class(Target::Page)), ("timeout", FailureClass::Transient), "{error}");
        assert!(error.to_string().contains(said), "{said}: {error}");
        assert!(started.elapsed() < Duration::from_secs(5), "{said}: {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn flood_of_interim_answers_ends_with_the_total_time() {
    let server = Server::start(|_| dripping("", "HTTP/1.1 103 Early Hints\r\n\r\n")).await;
    let started = Instant::now();
    let error = failure(&FetchOptions { total_timeout_s: 2, ..options() }, server.url("/")).await;
    assert_eq!((error.id().as_str(), error.class(Target::Page)), ("timeout", FailureClass::Transient), "{error}");
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
}

#[tokio::test]
async fn floods_of_headers_are_broken_answers() {
    let server = Server::start(|asked| {
        let flood = match asked.target.as_str() {
            "/many" => "X-More: x\r\n".repeat(500),
            "/large" => format!("X-Large: {}\r\n", "x".repeat(900_000)),
            _ => "X-Large: ".to_owned() + &"x".repeat(900_000),
        };
        Reply::raw(format!("HTTP/1.1 200 OK\r\n{flood}\r\n\r\n<p>Words"))
    })
    .await;
    for path in ["/many", "/large", "/endless"] {
        let error = failure(&options(), server.url(path)).await;
        assert_eq!((error.id().as_str(), error.class(Target::Page)), ("answer", FailureClass::Transient), "{path}");
    }
}

#[tokio::test]
async fn crawl_delay_without_end_is_a_refusal_and_not_a_wait() {
    for (delay, id) in [("99999999999", Some("crawl_delay")), ("31", Some("crawl_delay")), ("0.2", None)] {
        let server = Server::start(move |asked| match asked.target.as_str() {
            "/robots.txt" => Reply::with(200, &[], format!("User-agent: *\nCrawl-delay: {delay}\n")),
            _ => Reply::html("<p>Words"),
        })
        .await;
        let polite = Request { obey_robots: true, ..request(server.url("/page")) };
        let started = Instant::now();
        let result = fetch_with(&options(), &polite).await;
        assert!(started.elapsed() < Duration::from_secs(3), "{delay}: {:?}", started.elapsed());
        assert_eq!(result.as_ref().err().map(|error| error.id()).as_deref(), id, "{delay}");
        if let Err(error) = result {
            assert_eq!((error.class(Target::Page), error.is_refusal()), (FailureClass::Slow, true));
            assert!(error.to_string().contains("`max_crawl_delay_s`"), "{error}");
            assert_eq!(server.targets(), ["/robots.txt"]);
        }
    }
}
