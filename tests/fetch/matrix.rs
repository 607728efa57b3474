//! The faults of a transport, row by row as in CRAWLING.md, C; row 10 is in `names`, 9 and 20 are in `pages`. Each row
//! asserts the class of the failure, that a healthy host beside the faulty one is served all the while, and that nothing
//! partial is handed on or left on the disk.

use crate::bench::{Bench, WHOLE, files_below};
use crate::loopback::{Reply, Server, gzip, options};
use gleaner::fetch::{FailureClass, FetchOptions, Fetched, Target};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::{Duration, Instant};

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n";

#[tokio::test]
async fn row_1_body_shorter_than_announced_fails_and_comes_whole_the_next_time() {
    let server = Server::start(|asked| match (asked.target.as_str(), asked.connection) {
        ("/again", 3..) => Reply::html(WHOLE),
        _ => Reply::raw(format!("{HEAD}Content-Length: 1000\r\n\r\n<html><p>Wor")),
    })
    .await;
    let bench = Bench::new(&options()).await;
    bench.fails(server.url("/"), "truncated", FailureClass::Transient).await;
    bench.fetch(Target::Page, server.url("/again")).await.unwrap_err();
    assert_eq!(bench.body(server.url("/again")).await, WHOLE);
}

#[tokio::test]
async fn row_2_body_of_unknown_length_without_its_end_is_asked_for_again_and_then_flagged() {
    let server = Server::start(|asked| {
        let body = match (asked.target.as_str(), asked.connection) {
            ("/page", 0) | ("/cut", _) => "<html><p>Wor",
            ("/feed", _) => "<rss><channel><item>",
            ("/text", _) => "Words",
            _ => WHOLE,
        };
        let kind = if asked.target == "/text" { "plain" } else { "html" };
        Reply::raw(format!("HTTP/1.1 200 OK\r\nContent-Type: text/{kind}\r\n\r\n{body}"))
    })
    .await;
    let bench = Bench::new(&options()).await;
    for (path, target, attempts, is_flagged) in [
        ("/page", Target::Page, 2, false),
        ("/whole", Target::Page, 1, false),
        ("/text", Target::Page, 1, false),
        ("/cut", Target::Page, 2, true),
        ("/feed", Target::Feed, 2, true),
    ] {
        let before = (server.asked().len(), files_below(bench.folder.path()));
        let Fetched::Page { page, may_be_cut, .. } = bench.fetch(target, server.url(path)).await.unwrap() else {
            panic!("no page")
        };
        assert_eq!((server.asked().len() - before.0, may_be_cut), (attempts, is_flagged), "{path}");
        assert!(!page.body.is_empty());
        assert_eq!(
            files_below(bench.folder.path()) - before.1,
            usize::from(!is_flagged),
            "{path}: only what is whole is kept"
        );
    }
}

#[tokio::test]
async fn row_3_garbled_framing_fails_or_gives_one_defined_body() {
    let server = Server::start(|asked| {
        Reply::raw(match asked.target.as_str() {
            "/garbage" => format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\n<p>ab\r\nzz\r\n"),
            "/open" => format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\n<p>ab\r\n"),
            "/huge" => format!("{HEAD}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n<p>ab\r\n"),
            "/lengths" => format!("{HEAD}Content-Length: 5\r\nContent-Length: 9\r\n\r\n<p>ab<p>c"),
            "/negative" => format!("{HEAD}Content-Length: -5\r\n\r\n<p>ab"),
            _ => format!("{HEAD}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<p>ab\r\n0\r\n\r\n"),
        })
    })
    .await;
    let bench = Bench::new(&options()).await;
    for (path, id) in [
        ("/garbage", "truncated"),
        ("/open", "truncated"),
        ("/huge", "truncated"),
        ("/lengths", "answer"),
        ("/negative", "answer"),
    ] {
        bench.fails(server.url(path), id, FailureClass::Transient).await;
    }
    assert_eq!(bench.body(server.url("/both")).await, "<p>ab", "chunks overrule a length (RFC 9112, 6.3)");
}

#[tokio::test]
async fn row_4_body_longer_than_announced_is_cut_there_and_its_connection_dropped() {
    let server = Server::start(|asked| match asked.target.as_str() {
        "/long" => {
            Reply::raw(format!("{HEAD}Content-Length: 4\r\n\r\n<p>aHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad"))
                .kept()
        }
        _ => Reply::html("good"),
    })
    .await;
    let bench = Bench::new(&options()).await;
    assert_eq!(bench.body(server.url("/long")).await, "<p>a");
    assert_eq!(bench.body(server.url("/next")).await, "good", "what was left over is nobody's answer");
    let connections: Vec<usize> = server.asked().iter().map(|asked| asked.connection).collect();
    assert_eq!(connections, [0, 1]);
}

#[tokio::test]
async fn row_5_encodings_come_whole_or_not_at_all() {
    let whole = gzip(WHOLE.as_bytes()).await;
    let cut = whole[..whole.len() / 2].to_vec();
    let without_trailer = whole[..whole.len() - 8].to_vec();
    let with_junk = [&whole[..], b"junk"].concat();
    let twice = whole.repeat(2);
    let server = Server::start(move |asked| {
        let (coding, body) = match asked.target.as_str() {
            "/cut" => ("gzip", &cut[..]),
            "/trailer" => ("gzip", &without_trailer[..]),
            "/junk" => ("gzip", &with_junk[..]),
            "/twice" => ("gzip", &twice[..]),
            "/lie" => ("gzip", WHOLE.as_bytes()),
            "/lie-br" => ("br", WHOLE.as_bytes()),
            "/not-br" => ("br", &b"\x01\x02\x03 no brotli at all"[..]),
            _ => ("compress", &b"\x1f\x9d\x90"[..]),
        };
        Reply::with(200, &["Content-Type: text/html", &format!("Content-Encoding: {coding}")], body)
    })
    .await;
    let bench = Bench::new(&options()).await;
    for (path, id, class) in [
        ("/cut", "damaged", FailureClass::Transient),
        ("/trailer", "damaged", FailureClass::Transient),
        ("/not-br", "damaged", FailureClass::Transient),
        ("/never-offered", "encoding", FailureClass::Final),
    ] {
        bench.fails(server.url(path), id, class).await;
    }
    for (path, expected) in [
        ("/junk", WHOLE.to_owned()),
        ("/twice", WHOLE.repeat(2)),
        ("/lie", WHOLE.to_owned()),
        ("/lie-br", WHOLE.to_owned()),
    ] {
        assert_eq!(bench.body(server.url(path)).await, expected, "{path}");
    }
}

#[tokio::test]
async fn row_6_retry_after_is_passed_on_exactly_or_not_at_all() {
    let server = Server::start(|asked| {
        let (status, value) = asked.target[1..].split_once('/').unwrap();
        let later = Timestamp::now() + Duration::from_secs(100);
        let date = httpdate::fmt_http_date(later.into());
        let value = match value {
            "date" => &date,
            "past" => "Sun, 01 Mar 2020 12:00:00 GMT",
            "ten-years" => "315360000",
            other => other,
        };
        Reply::with(status.parse().unwrap(), &[&format!("Retry-After: {value}")], "")
    })
    .await;
    let bench = Bench::new(&options()).await;
    for status in [429, 503] {
        for (value, expected_s) in
            [("2", Some(2)), ("date", Some(100)), ("past", Some(0)), ("ten-years", Some(86_400)), ("soon", None)]
        {
            let id = format!("status_{status}");
            let error = bench.fails(server.url(&format!("/{status}/{value}")), &id, FailureClass::Transient).await;
            let wait_s = error.retry_at().map(|at| at.duration_since(Timestamp::now()).as_millis() as f64 / 1000.0);
            match (wait_s, expected_s) {
                (Some(wait_s), Some(expected_s)) => {
                    assert!((wait_s - f64::from(expected_s)).abs() <= 1.5, "{status} {value}: {wait_s}");
                }
                (found, expected) => assert_eq!(found.is_some(), expected.is_some(), "{status} {value}"),
            }
        }
    }
}

#[tokio::test]
async fn row_7_slow_answers_end_in_time_and_hold_up_nobody_else() {
    let dripping = |head: String, piece: &str| {
        (0..600).fold(Reply::raw(head), |reply, _| reply.then(Duration::from_millis(50), piece))
    };
    let server = Server::start(move |asked| match asked.target.as_str() {
        "/drip" => dripping(format!("{HEAD}\r\n"), "x"),
        "/stall" => Reply::raw(format!("{HEAD}Content-Length: 9\r\n\r\n")).then(Duration::from_secs(30), "late"),
        _ => dripping(String::new(), "HTTP/1.1 103 Early Hints\r\n\r\n"),
    })
    .await;
    let impatient = FetchOptions { idle_timeout_s: 1, total_timeout_s: 2, rate_grace_s: 1, ..options() };
    let bench = Bench::new(&impatient).await;
    for (path, limit) in [("/drip", "least_bytes_per_s"), ("/stall", "idle_timeout_s"), ("/flood", "total_timeout_s")] {
        let started = Instant::now();
        let error = bench.fails(server.url(path), "timeout", FailureClass::Transient).await;
        assert!(error.to_string().contains(limit), "{path}: {error}");
        assert!(started.elapsed() < Duration::from_secs(2 * 4), "{path}: {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn row_8_redirects_end_in_one_error_after_eleven_requests_at_most() {
    let inside = Server::start_at("127.9.9.9:0", |_| Reply::html("secret")).await;
    let private = inside.url("/").to_string();
    let back: Arc<std::sync::OnceLock<String>> = Arc::default();
    let known = back.clone();
    let b = Server::start_at("127.0.0.2:0", move |_| Reply::redirect(302, known.get().unwrap())).await;
    let to_b = b.url("/there").to_string();
    let server = Server::start(move |asked| match asked.target.as_str() {
        "/self" => Reply::redirect(302, "/self"),
        "/there" => Reply::redirect(307, &to_b),
        "/file" => Reply::redirect(302, "file:///etc/passwd"),
        "/private" => Reply::redirect(302, &private),
        step => Reply::redirect(301, &format!("/{}", step[1..].parse::<u32>().unwrap_or_default() + 1)),
    })
    .await;
    back.set(server.url("/there").to_string()).unwrap();
    let own = ["127.0.0.0/24"].map(|network| network.parse().unwrap()).to_vec();
    let bench = Bench::new(&FetchOptions { allow_private: own, ..options() }).await;
    for (path, id, requests) in [
        ("/self", "redirect_loop", 1),
        ("/there", "redirect_loop", 2),
        ("/file", "url", 1),
        ("/private", "address", 1),
        ("/1", "too_many_redirects", 11),
    ] {
        let before = server.asked().len() + b.asked().len();
        bench.fails(server.url(path), id, FailureClass::Final).await;
        let asked = server.asked().len() + b.asked().len() - before;
        assert_eq!(asked, 2 * requests, "{path}: once for a page, once for a feed");
    }
    assert_eq!(inside.connections(), 0);
}
