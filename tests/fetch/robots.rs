//! robots.txt.

use crate::loopback::{self, Reply, Server, fetch_with, options, request};
use gleaner::fetch::{FailureClass, Fetcher, Request, Target};
use std::time::{Duration, Instant};

fn robots(rules: &'static str) -> impl Fn(&loopback::Asked) -> Reply + Send + Sync + 'static {
    move |asked| match asked.target.as_str() {
        "/robots.txt" => Reply::with(200, &["Content-Type: text/plain"], rules),
        "/to-private" => Reply::redirect(302, "/private/page"),
        _ => Reply::html("<p>Words"),
    }
}

#[tokio::test]
async fn robots_txt_is_obeyed_at_each_hop_and_asked_once() {
    let server = Server::start(robots("User-agent: Gleaner\nDisallow: /private\n")).await;
    let fetcher = Fetcher::new(&options()).unwrap();
    let polite = |path: &str| Request { obey_robots: true, ..request(server.url(path)) };
    assert!(fetcher.fetch(&polite("/open")).await.is_ok());
    for path in ["/private/page", "/to-private"] {
        let error = fetcher.fetch(&polite(path)).await.unwrap_err();
        assert_eq!(
            (error.id().as_str(), error.class(Target::Page), error.is_refusal()),
            ("robots", FailureClass::Slow, true)
        );
        let said = error.to_string();
        assert!(said.contains("Disallow: /private") && said.contains("--ignore-robots"), "{said}");
    }
    assert_eq!(server.targets(), ["/robots.txt", "/open", "/to-private"]);
    let rude = Request { obey_robots: false, ..polite("/private/page") };
    assert!(fetcher.fetch(&rude).await.is_ok());
}

#[tokio::test]
async fn robots_txt_that_is_missing_allows_and_one_that_fails_forbids() {
    for (status, id) in [(404, None), (403, None), (503, Some("robots_unreachable")), (429, Some("robots_unreachable"))]
    {
        let server = Server::start(move |asked| match asked.target.as_str() {
            "/robots.txt" => Reply::with(status, &["Retry-After: 60"], ""),
            _ => Reply::html("<p>Words"),
        })
        .await;
        let polite = Request { obey_robots: true, ..request(server.url("/page")) };
        let result = fetch_with(&options(), &polite).await;
        assert_eq!(result.as_ref().err().map(|error| error.id()).as_deref(), id, "{status}");
        if let Err(error) = result {
            assert!(error.is_refusal() && error.retry_at().is_some(), "{error}");
            assert_eq!(error.class(Target::Page), FailureClass::Transient);
            assert_eq!(server.targets(), ["/robots.txt"], "the page itself is not asked for");
        }
    }
}

#[tokio::test]
async fn robots_txt_is_looked_for_behind_five_redirects_and_no_further() {
    for (redirects, is_allowed) in [(5, false), (6, true)] {
        let server = Server::start(move |asked| match asked.target.strip_prefix("/r") {
            Some("obots.txt") => Reply::redirect(301, "/r1"),
            Some(step) if step.parse::<usize>().is_ok_and(|step| step < redirects) => {
                Reply::redirect(301, &format!("/r{}", step.parse::<usize>().unwrap() + 1))
            }
            Some(_) => Reply::with(200, &[], "User-agent: *\nDisallow: /\n"),
            None => Reply::html("<p>Words"),
        })
        .await;
        let polite = Request { obey_robots: true, ..request(server.url("/page")) };
        assert_eq!(fetch_with(&options(), &polite).await.is_ok(), is_allowed, "{redirects}");
    }
}

#[tokio::test]
async fn endless_robots_txt_is_read_to_its_cap() {
    let body = format!("User-agent: *\nDisallow: /private\n{}", "# filler, filler, filler\n".repeat(100_000));
    let server = Server::start(move |asked| match asked.target.as_str() {
        "/robots.txt" => Reply::with(200, &[], &body),
        _ => Reply::html("<p>Words"),
    })
    .await;
    let fetcher = Fetcher::new(&options()).unwrap();
    let polite = |path: &str| Request { obey_robots: true, ..request(server.url(path)) };
    assert!(fetcher.fetch(&polite("/open")).await.is_ok());
    assert_eq!(fetcher.fetch(&polite("/private")).await.unwrap_err().id(), "robots");
}

#[tokio::test]
async fn robots_txt_holds_for_a_day() {
    let server = Server::start(robots("User-agent: *\nDisallow: /private\n")).await;
    let fetcher = Fetcher::new(&options()).unwrap();
    let polite = Request { obey_robots: true, ..request(server.url("/open")) };
    for (minutes, asked) in [(0, 1), (24 * 60 - 1, 1), (2, 2)] {
        // The clock only stands still while nobody waits for the network.
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(60 * minutes)).await;
        tokio::time::resume();
        assert!(fetcher.fetch(&polite).await.is_ok());
        let targets = server.targets();
        assert_eq!(targets.iter().filter(|it| *it == "/robots.txt").count(), asked, "{minutes} minutes later");
    }
}

#[tokio::test]
async fn crawl_delay_is_the_pause_between_two_requests() {
    let server = Server::start(robots("User-agent: *\nCrawl-delay: 0.5\n")).await;
    let fetcher = Fetcher::new(&options()).unwrap();
    let started = Instant::now();
    for path in ["/1", "/2"] {
        let polite = Request { obey_robots: true, ..request(server.url(path)) };
        assert!(fetcher.fetch(&polite).await.is_ok());
        let rest = fetcher.rest(&polite.url);
        assert!((1..=500).contains(&rest.as_millis()), "callers know it: {rest:?}");
    }
    assert!(started.elapsed() >= Duration::from_millis(500), "{:?}", started.elapsed());
}
