//! The crawl against a site on loopback: feeds in, text files out, whatever happens in between.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a panic in a test is a failure that names its line")]

mod aliases;
mod copies;
mod entries;
mod faults;
mod feeds;
mod from_feed;
mod home;
mod ill_hosts;
mod killed;
mod moved;
mod names;
mod network;
mod own_settings;
mod reextracted;
mod repaired;
mod retry_after;
mod schedule;
mod sitemaps;
mod support;
mod verdicts;

use std::collections::BTreeSet;
use support::STORIES;

fn expected_texts() -> BTreeSet<String> {
    STORIES.iter().map(support::Story::text).collect()
}
