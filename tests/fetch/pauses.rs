//! A host's turn, its pause, and its connections.

use crate::loopback::{Reply, Server, options, request};
use gleaner::fetch::{FetchOptions, Fetched, Fetcher};
use std::sync::Arc;
use std::time::{Duration, Instant};

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
