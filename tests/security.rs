//! Attacks on the fetcher, each against real sockets on loopback. Inside and outside are played by
//! two addresses of 127.0.0.0/8, of which one is allowed: that the other is refused is shown by its
//! server, which must see no connection at all.
#![cfg(feature = "crawl")]
#![allow(clippy::unwrap_used, reason = "a panic in a test is a failure that names its line")]

mod loopback;

use gleaner::fetch::{FailureClass, FetchOptions, Fetcher, Request, Target, parse_url};
use loopback::{Reply, Server, failure, fetch_with, gzip, options, request};
use std::process::Command;
use url::Url;

/// Only 127.0.0.1 is "outside"; everything else on loopback is "inside".
fn guarded() -> FetchOptions {
    FetchOptions { allow_private: vec!["127.0.0.1/32".parse().unwrap()], ..options() }
}

async fn inside() -> Server {
    Server::start_at("127.0.0.2:0", |_| Reply::html("secret")).await
}

#[tokio::test]
async fn redirect_to_an_inside_address_is_refused_in_every_spelling() {
    let inside = inside().await;
    let port = inside.address.port();
    for host in [
        "127.0.0.2",
        "2130706434",
        "0x7f.2",
        "0177.0.0.2",
        "127.2",
        "127.0.0.2.",
        "[::ffff:127.0.0.2]",
        "[64:ff9b::127.0.0.2]",
        "%31%32%37.0.0.2",
    ] {
        let location = format!("http://{host}:{port}/");
        let outside = Server::start(move |_| Reply::redirect(302, &location)).await;
        let error = failure(&guarded(), outside.url("/")).await;
        assert_eq!(
            (error.id().as_str(), error.class(Target::Page)),
            ("address", FailureClass::Final),
            "{host}: {error}"
        );
        assert!(error.is_refusal() && error.to_string().contains("`allow_private`"), "{error}");
    }
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn name_that_resolves_inward_is_refused() {
    let inside = Server::start(|_| Reply::html("secret")).await;
    let port = inside.address.port();
    let closed = FetchOptions { allow_private: Vec::new(), ..options() };
    for host in ["localhost", "LOCALHOST"] {
        let error = failure(&closed, Url::parse(&format!("http://{host}:{port}/")).unwrap()).await;
        assert_eq!(error.id(), "address", "{host}: {error}");
    }
    let location = format!("http://localhost:{port}/");
    let outside = Server::start_at("127.0.0.3:0", move |_| Reply::redirect(302, &location)).await;
    let only_outside = FetchOptions { allow_private: vec!["127.0.0.3/32".parse().unwrap()], ..options() };
    assert_eq!(failure(&only_outside, outside.url("/")).await.id(), "address");
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn nothing_on_loopback_is_reached_by_default() {
    let inside = Server::start(|_| Reply::html("secret")).await;
    for obey_robots in [false, true] {
        let asked = Request { obey_robots, ..request(inside.url("/")) };
        let error = fetch_with(&FetchOptions::default(), &asked).await.unwrap_err();
        assert_eq!((error.id().as_str(), error.is_refusal()), ("address", true));
    }
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn redirects_that_leave_http_or_can_be_read_two_ways_are_refused() {
    let inside = inside().await;
    let port = inside.address.port();
    for location in [
        "file:///etc/passwd".to_owned(),
        "gopher://127.0.0.1/".to_owned(),
        "data:text/html,hello".to_owned(),
        format!("http:\\\\127.0.0.2:{port}/"),
        format!("http://127.0.0.2:{port}\\@127.0.0.1/"),
        format!("\\\\127.0.0.2:{port}\\x"),
        format!("http://user:secret@127.0.0.1:{port}/"),
        "http://[fe80::1%25lo]/".to_owned(),
    ] {
        let sent = location.clone();
        let outside = Server::start(move |_| Reply::redirect(302, &sent)).await;
        let error = failure(&guarded(), outside.url("/")).await;
        assert_eq!(
            (error.id().as_str(), error.class(Target::Page)),
            ("url", FailureClass::Final),
            "{location}: {error}"
        );
        assert!(!error.to_string().contains("secret"), "{error}");
        assert_eq!(outside.asked().len(), 1);
    }
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn robots_txt_does_not_lead_inside_either() {
    let inside = inside().await;
    let location = inside.url("/robots.txt").to_string();
    let outside = Server::start(move |asked| match asked.target.as_str() {
        "/robots.txt" => Reply::redirect(302, &location),
        _ => Reply::html("page"),
    })
    .await;
    let asked = Request { obey_robots: true, ..request(outside.url("/")) };
    assert!(fetch_with(&guarded(), &asked).await.unwrap_err().is_refusal());
    assert_eq!((inside.connections(), outside.targets()), (0, vec!["/robots.txt".to_owned()]));
}

#[tokio::test]
async fn user_name_and_password_are_neither_sent_nor_shown() {
    let server = Server::start(|_| Reply::html("page")).await;
    let url = Url::parse(&format!("http://alice:secret@{}/", server.address)).unwrap();
    let error = fetch_with(&options(), &request(url)).await.unwrap_err();
    assert_eq!(error.id(), "url");
    assert!(!error.to_string().contains("secret") && !error.to_string().contains("alice"), "{error}");
    assert_eq!(server.connections(), 0);
    assert_eq!(parse_url("http://alice:secret@a.example/", None).unwrap_err().to_string().matches("secret").count(), 0);
}

#[tokio::test]
async fn cookies_are_not_taken_from_one_answer_to_the_next() {
    let server = Server::start(|asked| match asked.target.as_str() {
        "/" => Reply::with(302, &["Location: /next", "Set-Cookie: id=1"], ""),
        _ => Reply::html("page"),
    })
    .await;
    fetch_with(&options(), &request(server.url("/"))).await.unwrap();
    assert!(server.asked().iter().all(|asked| asked.header("cookie").is_none() && asked.header("referer").is_none()));
}

#[tokio::test]
async fn oversized_bodies_stop_at_the_cap() {
    let large = "x".repeat(300_000);
    let chunk = format!("{:x}\r\n{large}\r\n", large.len());
    let chunked =
        format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n{}", chunk.repeat(20));
    let unannounced = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{}", large.repeat(20));
    let server = Server::start(move |asked| match asked.target.as_str() {
        "/announced" => {
            Reply::raw("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99999999999\r\n\r\nx")
        }
        "/chunked" => Reply::raw(&chunked),
        _ => Reply::raw(&unannounced),
    })
    .await;
    let small = FetchOptions { max_body_bytes: 1_000_000, ..options() };
    for path in ["/announced", "/chunked", "/unannounced"] {
        let error = failure(&small, server.url(path)).await;
        assert_eq!((error.id().as_str(), error.class(Target::Page)), ("too_large", FailureClass::Final), "{path}");
        assert_eq!(error.class(Target::Feed), FailureClass::Slow);
        assert!(
            error.to_string().contains("1000000 bytes; raise `max_body_bytes`, or give --max-body-bytes"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn compressed_bombs_stop_at_the_caps() {
    let bomb = gzip(&vec![b' '; 50_000_000]).await;
    let twice = gzip(&bomb).await;
    let server = Server::start(move |asked| match asked.target.as_str() {
        "/bomb" => Reply::with(200, &["Content-Type: text/html", "Content-Encoding: gzip"], &bomb),
        "/twice" => Reply::with(200, &["Content-Type: text/html", "Content-Encoding: gzip, gzip"], &twice),
        _ => Reply::with(200, &["Content-Type: text/html", "Content-Encoding: gzip, gzip, gzip"], "x"),
    })
    .await;
    for (path, max_body_bytes, id) in [
        ("/bomb", 1_000_000, "too_large"),
        ("/bomb", 10_000_000, "bomb"),
        ("/twice", 10_000_000, "bomb"),
        ("/thrice", 10_000_000, "encoding"),
    ] {
        let error = failure(&FetchOptions { max_body_bytes, ..options() }, server.url(path)).await;
        assert_eq!(error.id(), id, "{path}: {error}");
    }
}

#[tokio::test]
async fn what_servers_say_reaches_the_log_without_escapes() {
    let server = Server::start(|asked| match asked.target.as_str() {
        "/location" => Reply::redirect(302, "foo://\u{9b}31m\u{202e}red"),
        "/type" => Reply::with(200, &["Content-Type: text/\u{9b}31m"], b"\x01\x00binary"),
        _ => Reply::with(200, &["Content-Encoding: \u{9b}31m"], "x"),
    })
    .await;
    for path in ["/location", "/type", "/encoding"] {
        let said = failure(&options(), server.url(path)).await.to_string();
        assert!(!said.chars().any(|c| c.is_control() || c == '\u{202e}'), "{said:?}");
    }
}

#[tokio::test]
async fn https_without_a_valid_certificate_is_never_taken() {
    // Speaks plain HTTP on a port where TLS is asked for, which is as invalid as it gets.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("https://{}/", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut hello = [0; 64];
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut hello).await;
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad\r\n\r\n").await;
        }
    });
    let error = failure(&options(), url).await;
    assert_eq!((error.id().as_str(), error.class(Target::Page)), ("tls", FailureClass::Slow), "{error}");
}

/// A proxy that answers everything itself.
async fn proxy() -> Server {
    Server::start_at("127.0.0.1:0", |asked| Reply::html(&format!("by proxy: {}", asked.target))).await
}

#[tokio::test]
async fn proxy_is_used_when_configured_and_gets_no_inside_target() {
    let (proxy, inside) = (proxy().await, inside().await);
    let by_proxy = FetchOptions { proxy: Some(proxy.url("").to_string()), ..guarded() };
    let page = fetch_with(&by_proxy, &request("http://127.0.0.1:9/page".parse().unwrap())).await.unwrap();
    assert_eq!(page.body, "by proxy: http://127.0.0.1:9/page");
    assert_eq!(failure(&by_proxy, inside.url("/")).await.id(), "address");
    let closed = FetchOptions { allow_private: Vec::new(), ..by_proxy.clone() };
    assert_eq!(failure(&closed, "http://localhost/".parse().unwrap()).await.id(), "address", "names are resolved here");
    assert_eq!(proxy.asked().len(), 1);
    let trusting = FetchOptions { proxy_resolves: true, ..closed };
    let page = fetch_with(&trusting, &request("http://name-only-the-proxy-knows.invalid/".parse().unwrap())).await;
    assert_eq!(page.unwrap().body, "by proxy: http://name-only-the-proxy-knows.invalid/");
    assert_eq!(failure(&trusting, inside.url("/")).await.id(), "address", "literals are refused all the same");
}

#[tokio::test]
async fn proxy_of_the_environment_is_ignored() {
    if std::env::var_os("http_proxy").is_some() {
        let server = Server::start(|_| Reply::html("direct")).await;
        assert_eq!(fetch_with(&options(), &request(server.url("/"))).await.unwrap().body, "direct");
        return;
    }
    let proxy = proxy().await;
    let test = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "proxy_of_the_environment_is_ignored"])
        .env("http_proxy", proxy.url("").as_str())
        .env("ALL_PROXY", proxy.url("").as_str())
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .output()
        .unwrap();
    assert!(test.status.success(), "{}", String::from_utf8_lossy(&test.stdout));
    assert_eq!(proxy.connections(), 0);
}

#[tokio::test]
async fn unusable_settings_are_told_at_the_start() {
    let wrong = FetchOptions { total_timeout_s: 0, ..options() };
    assert!(Fetcher::new(&wrong).unwrap_err().to_string().contains("`total_timeout_s` is 0"));
}
