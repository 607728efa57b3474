//! Fetching from servers on loopback: redirects, bodies, robots.txt, politeness, broken answers.
#![cfg(feature = "crawl")]
#![allow(clippy::unwrap_used, reason = "a panic in a test is a failure that names its line")]

mod loopback;

use gleaner::fetch::{FailureClass, FetchOptions, Fetched, Fetcher, Request, Target, Validators};
use jiff::{SignedDuration, Timestamp};
use loopback::{Reply, Server, failure, fetch, fetch_with, gzip, options, request};
use std::sync::Arc;
use std::time::{Duration, Instant};

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
async fn host_gets_one_request_at_a_time_and_others_do_not_wait() {
    let slow =
        || Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n").then(Duration::from_millis(150), "ok").kept();
    let one = Server::start(move |_| slow()).await;
    let other = Server::start_at("127.0.0.2:0", move |_| slow()).await;
    let fetcher = Arc::new(Fetcher::new(&FetchOptions { host_pause_ms: 100, ..options() }).unwrap());
    let started = Instant::now();
    let urls: Vec<_> = (0..4).map(|n| one.url(&format!("/{n}"))).chain([other.url("/")]).collect();
    let tasks: Vec<_> = urls
        .into_iter()
        .map(|url| {
            let fetcher = fetcher.clone();
            tokio::spawn(async move { fetcher.fetch(&request(url)).await.map(|_| started.elapsed()) })
        })
        .collect();
    let mut took = Vec::new();
    for task in tasks {
        took.push(task.await.unwrap().unwrap());
    }
    assert_eq!(one.most_at_once(), 1);
    let starts: Vec<_> = one.asked().iter().map(|asked| asked.at).collect();
    for pair in starts.windows(2) {
        assert!(pair[1] - pair[0] >= Duration::from_millis(245), "work and pause: {:?}", pair[1] - pair[0]);
    }
    assert!(other.asked()[0].at < starts[1], "the other host was asked while the first was busy");
    assert_eq!(took.len(), 5);
}

#[tokio::test]
async fn pause_of_a_second_holds_for_hosts_that_are_not_ones_own() {
    let server = Server::start(|_| Reply::html("x")).await;
    let pauses = async |host_pause_ms: u64| {
        let fetcher = Fetcher::new(&FetchOptions { host_pause_ms, ..options() }).unwrap();
        let started = Instant::now();
        for _ in 0..2 {
            fetcher.fetch(&request(server.url("/"))).await.unwrap();
        }
        started.elapsed()
    };
    assert!(pauses(0).await < Duration::from_millis(900));
    assert!(pauses(1000).await >= Duration::from_millis(1000));
}

#[tokio::test]
async fn kept_connection_that_died_is_replaced_once() {
    let server = Server::start(|asked| match (asked.connection, asked.target.as_str()) {
        (0, "/first") => Reply::html("first"),
        (0, _) => Reply::raw(""),
        (_, "/dead") => Reply::raw(""),
        _ => Reply::html("again"),
    })
    .await;
    let fetcher = Fetcher::new(&options()).unwrap();
    assert!(fetcher.fetch(&request(server.url("/first"))).await.is_ok());
    let Fetched::Page { page, .. } = fetcher.fetch(&request(server.url("/second"))).await.unwrap() else { panic!() };
    assert_eq!(page.body, "again");
    assert_eq!(server.targets(), ["/first", "/second", "/second"]);
    assert!(fetcher.fetch(&request(server.url("/dead"))).await.is_err());
    assert_eq!(server.asked().len(), 5, "asked once more, and not again");
}

#[tokio::test]
async fn connection_is_kept_between_requests() {
    let server = Server::start(|_| Reply::html("x")).await;
    let fetcher = Fetcher::new(&options()).unwrap();
    for _ in 0..3 {
        fetcher.fetch(&request(server.url("/"))).await.unwrap();
    }
    assert_eq!(server.connections(), 1);
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
