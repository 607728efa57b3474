//! Attacks on the fetcher, each against real sockets on loopback. Inside and outside are played by
//! two addresses of 127.0.0.0/8, of which one is allowed: that the other is refused is shown by its
//! server, which must see no connection at all.
#![cfg(feature = "crawl")]
#![allow(clippy::unwrap_used, reason = "a panic in a test is a failure that names its line")]

mod addresses;
mod bombs;
mod feeds;
#[cfg(feature = "cli")]
#[path = "../loopback/log.rs"]
mod log;
#[path = "../loopback/mod.rs"]
mod loopback;
mod secrets;
mod shown;
mod slow;
mod table;
mod tls;

use gleaner::fetch::{FetchOptions, Fetcher};
use loopback::{Reply, Server, options};

/// Only 127.0.0.1 is "outside"; everything else on loopback is "inside".
fn guarded() -> FetchOptions {
    FetchOptions { allow_private: vec!["127.0.0.1/32".parse().unwrap()], ..options() }
}

async fn inside() -> Server {
    Server::start_at("127.0.0.2:0", |_| Reply::html("secret")).await
}

#[tokio::test]
async fn unusable_settings_are_told_at_the_start() {
    let wrong = FetchOptions { total_timeout_s: 0, ..options() };
    assert!(Fetcher::new(&wrong).unwrap_err().to_string().contains("`total_timeout_s` is 0"));
}
