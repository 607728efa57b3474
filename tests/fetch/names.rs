//! Names: what resolvers say, what is remembered, and IPv6 that leads nowhere (CRAWLING.md, C, row 10).

use crate::loopback::{Reply, Server, lookup, options, request};
use gleaner::fetch::{FailureClass, FetchOptions, Fetched, Fetcher, Lookup, Target};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use url::Url;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

#[tokio::test]
async fn row_10_resolvers_that_fail_are_told_from_names_that_do_not_exist() {
    let known = lookup(&[("servfail.example", &["!"]), ("empty.example", &[]), ("good.example", &["127.0.0.1"])]);
    let slow: Lookup = Arc::new(move |name| match name.as_str() {
        "slow.example" => Box::pin(std::future::pending()),
        _ => known(name),
    });
    let healthy = Server::start(|_| Reply::html("<p>Words")).await;
    let options = FetchOptions { connect_timeout_s: 1, ..options() };
    let fetcher = Fetcher::with_lookup(&options, slow).unwrap();
    for (host, id, class) in [
        ("absent.example", "dns", FailureClass::Slow),
        ("empty.example", "dns", FailureClass::Slow),
        ("servfail.example", "dns", FailureClass::Transient),
        ("slow.example", "timeout", FailureClass::Transient),
    ] {
        let started = Instant::now();
        let (faulty, good) = (request(url(&format!("http://{host}/"))), request(healthy.named("good.example", "/")));
        let (failed, unmoved) = tokio::join!(fetcher.fetch(&faulty), async {
            let unmoved = fetcher.fetch(&good).await;
            (unmoved, started.elapsed())
        });
        let error = failed.unwrap_err();
        assert_eq!((error.id().as_str(), error.class(Target::Page)), (id, class), "{host}: {error}");
        assert!(!error.is_refusal() && error.to_string().starts_with(faulty.url.as_str()), "{error}");
        assert!(unmoved.0.is_ok() && unmoved.1 < Duration::from_millis(900), "{host}: {unmoved:?}");
        assert!(started.elapsed() < Duration::from_secs(4), "{host}: {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn broken_ipv6_costs_less_than_a_second() {
    let server = Server::start(|_| Reply::html("<p>Words")).await;
    let port = server.address.port();
    // A listener whose queue is full answers no more: packets get lost, as where IPv6 is broken on the way.
    let socket = TcpSocket::new_v6().unwrap();
    let Ok(()) = socket.bind(format!("[::1]:{port}").parse().unwrap()) else {
        // No IPv6 on this machine: connecting to it fails at once, which is as good.
        return;
    };
    let deaf: TcpListener = socket.listen(1).unwrap();
    let address = deaf.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(Ok(stream)) = tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address)).await {
        waiting.push(stream);
        assert!(waiting.len() < 100, "the queue is never full");
    }
    let names = lookup(&[("both.example", &["::1", "127.0.0.1"]), ("refused.example", &["::2", "127.0.0.1"])]);
    let own = ["::/64", "127.0.0.0/8"].map(|network| network.parse().unwrap()).to_vec();
    let fetcher = Fetcher::with_lookup(&FetchOptions { allow_private: own, ..options() }, names).unwrap();
    for host in ["both.example", "refused.example"] {
        let started = Instant::now();
        let fetched = fetcher.fetch(&request(server.named(host, "/"))).await;
        assert!(fetched.is_ok(), "{host}: {fetched:?}");
        assert!(started.elapsed() < Duration::from_secs(1), "{host}: {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn name_is_looked_up_once_for_its_pause_its_robots_txt_and_its_pages() {
    let server = Server::start(|_| Reply::html("<p>Words")).await;
    let asked = Arc::new(AtomicUsize::new(0));
    for (dns_cache_s, expected) in [(60, 1), (0, 4)] {
        let counted = asked.clone();
        counted.store(0, Ordering::SeqCst);
        let lookup: Lookup = Arc::new(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            Box::pin(async { Ok(vec![IpAddr::from([127, 0, 0, 1])]) })
        });
        let options = FetchOptions { dns_cache_s, ..options() };
        let fetcher = Fetcher::with_lookup(&options, lookup).unwrap();
        for path in ["/1", "/2", "/3"] {
            let fetched = fetcher.fetch(&request(server.named("counted.example", path))).await.unwrap();
            assert!(matches!(fetched, Fetched::Page { .. }));
        }
        let found = asked.load(Ordering::SeqCst);
        assert_eq!(found, expected, "one connection and, where nothing is remembered, a look before each request");
    }
}
