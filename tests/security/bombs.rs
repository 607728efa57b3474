//! Bodies that grow: under every encoding, once and twice, and what they cost in memory.

use crate::loopback::{Reply, Server, failure, fetch_with, gzip, memory, options, request};
use async_compression::Level;
use async_compression::tokio::bufread::{BrotliEncoder, GzipEncoder, ZlibEncoder, ZstdEncoder};
use gleaner::fetch::{FailureClass, FetchOptions, Request, Target};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, BufReader};

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

/// What any body may cost: the cap of 10 MiB on the wire and decoded, and the rest of the process.
const MOST_MIB: u64 = 64;

const BOMB_BYTES: u64 = 200_000_000;

async fn encoded(coding: &str, plain: impl AsyncRead + Unpin) -> Vec<u8> {
    let plain = BufReader::with_capacity(256 * 1024, plain);
    let mut out = Vec::new();
    match coding {
        "gzip" => GzipEncoder::new(plain).read_to_end(&mut out).await,
        "deflate" => ZlibEncoder::new(plain).read_to_end(&mut out).await,
        "br" => BrotliEncoder::with_quality(plain, Level::Precise(4)).read_to_end(&mut out).await,
        _ => ZstdEncoder::new(plain).read_to_end(&mut out).await,
    }
    .unwrap();
    out
}

/// Not a test but the process that one measures: fetches what it is told and says what came of it.
#[tokio::test]
async fn fetching_process() {
    let Some(url) = memory::job() else { return };
    let said = match fetch_with(&options(), &request(url.parse().unwrap())).await {
        Ok(page) => format!("page {}", page.body.len()),
        Err(error) => error.id(),
    };
    memory::end(&said);
}

async fn cost(server: &Server, path: &str) -> memory::Ended {
    memory::run("bombs::fetching_process", server.url(path).as_str()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn bombs_of_every_encoding_stay_below_the_memory_cap() {
    for coding in ["gzip", "deflate", "br", "zstd"] {
        let bomb = encoded(coding, tokio::io::repeat(b' ').take(BOMB_BYTES)).await;
        let nested = encoded(coding, &bomb[..]).await;
        let bombs = [bomb, nested];
        let server = Server::start(move |asked| {
            let body = &bombs[usize::from(asked.target != "/bomb")];
            let label = if asked.target == "/twice" { format!("{coding}, {coding}") } else { coding.to_owned() };
            Reply::with(200, &["Content-Type: text/html", &format!("Content-Encoding: {label}")], body)
        })
        .await;
        let once = cost(&server, "/bomb").await;
        assert!(["bomb", "too_large"].contains(&once.said.as_str()), "{coding}: {once:?}");
        let twice = cost(&server, "/twice").await;
        assert!(["bomb", "too_large"].contains(&twice.said.as_str()), "{coding}, {coding}: {twice:?}");
        // Half undone it is small, and no page: told by its first bytes where the encoding has such.
        let inner = cost(&server, "/inner").await;
        assert!(inner.said == "content_type" || inner.said.starts_with("page "), "{coding} in {coding}: {inner:?}");
        for ended in [once, twice, inner] {
            memory::assert_below(&ended, MOST_MIB);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_without_an_end_stay_below_the_memory_cap() {
    let piece = "x".repeat(1 << 20);
    let chunk = format!("{:x}\r\n{piece}\r\n", piece.len());
    let server = Server::start(move |asked| {
        let (framing, piece) = match asked.target.as_str() {
            "/chunked" => ("Transfer-Encoding: chunked\r\n", &chunk),
            _ => ("", &piece),
        };
        let head = Reply::raw(format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{framing}\r\n"));
        (0..100).fold(head, |reply, _| reply.then(Duration::ZERO, piece))
    })
    .await;
    for path in ["/chunked", "/endless"] {
        let ended = cost(&server, path).await;
        assert_eq!(ended.said, "too_large", "{path}");
        memory::assert_below(&ended, MOST_MIB);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn robots_txt_that_is_a_bomb_costs_no_more_than_its_cap() {
    let rules: String = (0..200_000).map(|n| format!("Disallow: /*a*b*{n}*z\n")).collect();
    let bomb = gzip(format!("User-agent: *\nDisallow: /private\n{rules}").as_bytes()).await;
    let server = Server::start(move |asked| match asked.target.as_str() {
        "/robots.txt" => Reply::with(200, &["Content-Encoding: gzip"], &bomb),
        _ => Reply::html("<p>Words"),
    })
    .await;
    let ended = memory::run("bombs::polite_process", server.url("/private/page").as_str()).await;
    assert_eq!(ended.said, "robots", "what stands before the cap holds");
    memory::assert_below(&ended, MOST_MIB);
}

/// As [`fetching_process`], robots.txt obeyed.
#[tokio::test]
async fn polite_process() {
    let Some(url) = memory::job() else { return };
    let polite = Request { obey_robots: true, ..request(url.parse().unwrap()) };
    memory::end(&fetch_with(&options(), &polite).await.unwrap_err().id());
}
