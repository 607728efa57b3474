//! What is to be fetched next, and what became of what was.
//!
//! A frontier holds *items*: feeds, which come back for ever, and pages, which end. It is shaped like
//! the URLFrontier protocol (claim one per host, put what was discovered, put back with a date, block
//! a host until), so that a store for many machines is one more file beside [`sqlite`].
//!
//! # The contract
//! `tests/frontier.rs` holds every store to it.
//! - An item is its [`Key`] and its [`Target`]: offering it twice is one item, whatever the title,
//!   the date or the spelling of its URL. What was finished stays known.
//! - A claimed item is *leased*: nobody else gets it until it is finished or its lease has run out. At
//!   most one item of a host is leased at a time, and none of a host that is blocked. Among the items
//!   of a host feeds come first, then what has been due longest, then what was offered first.
//! - Leases carry a token: who finishes or places an item after his lease ran out and was given to
//!   another gets [`FrontierError::LeaseLost`], and nothing changes.
//! - The path of an item is fixed by the first [`Frontier::place`] that succeeds and handed out with
//!   every later lease. No two items share a path.
//! - What a feed announced and the validators that came with it are saved in one transaction, by
//!   [`Frontier::finish`]. There is no other way to save validators.
//! - Time is what the caller says it is; a store reads no clock.
//! - What a call has returned from survives a killed process and a lost power supply.

pub mod sqlite;

use crate::article::Verdict;
pub use crate::key::{Host, Key};
pub use crate::page::{Target, Validators};
pub use crate::path::RelativePath;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
pub use sqlite::SqliteFrontier;
use std::future::Future;
use std::path::PathBuf;
use url::Url;

/// Something to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Where it stands; http or https.
    pub url: Url,
    /// What it is.
    pub target: Target,
    /// Its title as far as known: the feed's word for a page, the configuration's for a feed.
    pub title: Option<String>,
    /// Its publication as the feed gives it.
    pub published: Option<Timestamp>,
    /// The feed that announced it.
    pub feed: Option<Key>,
}

impl Offer {
    /// A feed of the configuration.
    pub fn feed(url: Url, name: Option<String>) -> Self {
        Self { url, target: Target::Feed, title: name, published: None, feed: None }
    }

    /// A page of which only the URL is known.
    pub fn page(url: Url) -> Self {
        Self { url, target: Target::Page, title: None, published: None, feed: None }
    }
}

/// An item handed out to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Where it stands, as it was first offered.
    pub url: Url,
    /// What it is.
    pub target: Target,
    /// Its name.
    pub key: Key,
    /// Its host, which nobody else fetches from meanwhile.
    pub host: Host,
    /// What the last answer carried; empty for pages.
    pub validators: Validators,
    /// The name of its file, where an earlier lease has fixed it.
    pub path: Option<RelativePath>,
    /// Which attempt this is since the last success, from 1.
    pub attempt: u32,
    /// Its title when it was first offered.
    pub title: Option<String>,
    /// Its publication when it was first offered.
    pub published: Option<Timestamp>,
    /// The feed that first announced it.
    pub feed: Option<Key>,
    /// When it was first offered.
    pub first_seen: Timestamp,
    /// Tells this lease from every other of the same item.
    pub token: u64,
}

/// What became of a leased item.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A feed was read. Its entries, its validators and its next check are saved together.
    Polled {
        /// What it announced.
        entries: Vec<Offer>,
        /// What its answer carried.
        validators: Validators,
        /// When to look again.
        next: Timestamp,
    },
    /// A feed has nothing new (304); its validators stay.
    Unchanged {
        /// When to look again.
        next: Timestamp,
    },
    /// A page's file stands on the disk. Final.
    Written {
        /// `article` or `truncated`.
        verdict: Verdict,
        /// BLAKE3 of the file's bytes, hexadecimal.
        hash: String,
    },
    /// A page was read and there is nothing to write. Final.
    NoArticle {
        /// What it is instead.
        verdict: Verdict,
    },
    /// It failed and comes back; one more attempt is counted.
    Retry {
        /// When.
        next: Timestamp,
        /// What happened, for people.
        cause: String,
    },
    /// A page failed for good.
    Failed {
        /// What happened, for people.
        cause: String,
    },
    /// Given back as it was, at once claimable: nobody tried.
    Abandoned,
}

/// What [`Frontier::place`] made of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placed {
    /// The path of the item from now on: the one proposed, or the one fixed before.
    At(RelativePath),
    /// Another item has that path: propose another.
    Taken,
}

/// How much there is to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// Pages that wait, due or not.
    pub queued_pages: u64,
    /// Items handed out and not yet finished.
    pub leased: u64,
    /// Those of them that are pages.
    pub leased_pages: u64,
    /// The first moment at which a claim may give something, as things stand; `None` where only the
    /// finishing of a lease can change that, or nothing is left.
    pub next: Option<Timestamp>,
}

/// The store of items; see the [module](self) for its contract.
///
/// # Errors
/// Every method fails where the store does; then nothing of the call was saved.
pub trait Frontier: Send + Sync + 'static {
    /// Makes these feeds, and no others, the ones that are polled. New ones are due at `now`; feeds
    /// that are left out rest with all that is known of them until they are named again. With
    /// `at_once` all of them become due at `now`.
    fn set_feeds(
        &self,
        feeds: &[Offer],
        at_once: bool,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), FrontierError>> + Send;

    /// Puts new items in, due at `now`. Returns how many of them were unknown.
    fn offer(&self, offers: &[Offer], now: Timestamp) -> impl Future<Output = Result<usize, FrontierError>> + Send;

    /// Leases at most `max` items that are due at `now`, each of another host.
    fn claim(&self, max: usize, now: Timestamp) -> impl Future<Output = Result<Vec<Lease>, FrontierError>> + Send;

    /// Fixes the path of an item's file, before the file is written.
    fn place(&self, lease: &Lease, path: &RelativePath) -> impl Future<Output = Result<Placed, FrontierError>> + Send;

    /// Ends a lease. Returns how many unknown items came with it ([`Outcome::Polled`]).
    fn finish(
        &self,
        lease: Lease,
        outcome: Outcome,
        now: Timestamp,
    ) -> impl Future<Output = Result<usize, FrontierError>> + Send;

    /// Hands out nothing of `host` before `until`. A later call replaces an earlier one.
    fn block_host(&self, host: &Host, until: Timestamp) -> impl Future<Output = Result<(), FrontierError>> + Send;

    /// How much there is to do.
    fn standing(&self) -> impl Future<Output = Result<Standing, FrontierError>> + Send;
}

/// Settings of the room, as in the `[frontier]` section of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FrontierOptions {
    /// The store's file; its folder is made where it is missing. One process at a time.
    pub store: PathBuf,
    /// After how many seconds an unfinished item is handed out again within one run; longer than
    /// any fetch may take.
    pub lease_s: u32,
}

impl Default for FrontierOptions {
    fn default() -> Self {
        Self { store: PathBuf::from("gleaner.db"), lease_s: 900 }
    }
}

/// The store failed, or somebody may not use it.
#[derive(Debug, thiserror::Error)]
pub enum FrontierError {
    /// A second process, or a second opening in this one.
    #[error("{path}: another gleaner uses this store; stop it first, or name another file under `store` in [frontier]")]
    Busy {
        /// The store.
        path: PathBuf,
    },
    /// A store of a later version of this program.
    #[error(
        "{path}: this store has format {found}, and this gleaner knows formats up to {known}; use the newer gleaner"
    )]
    Newer {
        /// The store.
        path: PathBuf,
        /// The format found.
        found: i64,
        /// The newest format known.
        known: i64,
    },
    /// A file of something else.
    #[error("{path}: not a store of gleaner; name another file under `store` in [frontier]")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file or its folder cannot be opened or made.
    #[error("{path}: cannot open the store; name a file in a writable folder under `store` in [frontier]")]
    Open {
        /// The store.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The store failed while in use: disk full, damaged file.
    #[error(
        "the store cannot be read or written; make room on its disk, see that its folder is writable, and start again"
    )]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The store holds something that this program never writes.
    #[error("the store is damaged: {column} of item {key} cannot be read")]
    Damaged {
        /// The item.
        key: Key,
        /// What is wrong with it.
        column: &'static str,
    },
    /// The lease ran out and the item was given to another.
    #[error("{url}: the lease ran out")]
    LeaseLost {
        /// The item.
        url: Url,
    },
    /// The store was closed while a call was under way.
    #[error("the store is closed")]
    Closed,
}
