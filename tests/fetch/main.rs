//! Fetching from servers on loopback: redirects, bodies, robots.txt, politeness, broken answers.
#![cfg(feature = "crawl")]
#![allow(clippy::unwrap_used, reason = "a panic in a test is a failure that names its line")]

mod answers;
mod bench;
mod cache;
#[cfg(feature = "cli")]
mod flags;
mod http2;
#[cfg(feature = "cli")]
#[path = "../loopback/log.rs"]
mod log;
#[path = "../loopback/mod.rs"]
mod loopback;
mod matrix;
mod names;
mod nginx;
mod pages;
mod pauses;
mod redirects;
mod robots;
mod sites;
#[cfg(feature = "cli")]
mod spans;
