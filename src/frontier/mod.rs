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
//! - A host that is ill ([`Health`]) rests like a blocked one; what is known of its illness stays until it is well.
//! - A page that has another's text under another URL is known by that page's key from then on
//!   ([`Frontier::unite`]): it is neither written nor, offered once more, fetched.
//! - Which page was first with a text is decided once, by [`Frontier::unite`], and kept before anything is written. A page
//!   that was left out as a copy ([`Outcome::Copy`]) comes back when the first one comes to nothing.
//! - Leases carry a token: who finishes or places an item after his lease ran out and was given to
//!   another gets [`FrontierError::LeaseLost`], and nothing changes.
//! - The path of an item is fixed by the first [`Frontier::place`] that succeeds and handed out with
//!   every later lease. No two items share a path.
//! - What a feed announced and the validators that came with it are saved in one transaction, by
//!   [`Frontier::finish`]. There is no other way to save validators.
//! - A page that the feed itself names like one that was written ([`Offer::entry`]) is the same. What a feed carries of
//!   a page in full ([`Offer::content`]) is kept until the page is finished.
//! - Time is what the caller says it is; a store reads no clock.
//! - What a call has returned from survives a killed process and a lost power supply.

mod error;
mod item;
mod polling;
pub mod sqlite;

pub use crate::key::{Host, Key};
pub use crate::page::{Target, Validators};
pub use crate::path::RelativePath;
pub use error::FrontierError;
pub use item::{
    Address, Cause, Health, Lease, Likeness, Name, NewText, Offer, Outcome, Placed, Remembered, Standing, United,
};
use jiff::Timestamp;
pub use polling::{Content, Polling};
use serde::{Deserialize, Serialize};
pub use sqlite::{
    Condition, Holder, Kept, PageState, Rebuild, Recalled, SqliteFrontier, StoreView, StoredCopy, StoredFailure,
    StoredFeed, StoredHost, StoredPage, Totals, holder,
};
use std::future::Future;
use std::path::PathBuf;

/// The store of items; see the [module](self) for its contract.
///
/// # Errors
/// Every method fails where the store does; then nothing of the call was saved.
pub trait Frontier: Send + Sync + 'static {
    /// Makes these feeds, and no others, the ones that are polled. New ones are due at `now`, or at
    /// [`Offer::not_before`]; feeds that are left out rest with all that is known of them until they are named again. With
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

    /// Keeps how a host fares and hands out nothing of it before [`Health::rest_until`]; `None`: it is well.
    fn set_health(
        &self,
        host: &Host,
        health: Option<&Health>,
    ) -> impl Future<Output = Result<(), FrontierError>> + Send;

    /// The hosts that are ill.
    fn ill_hosts(&self) -> impl Future<Output = Result<Vec<(Host, Health)>, FrontierError>> + Send;

    /// Takes back the last counted failure of each item, for it was nobody's fault but our network's, and makes them
    /// due at `next` at the latest. Pages that were given up for that failure are not. Items that are at work or
    /// done stay as they are.
    fn forgive(
        &self,
        items: &[(Key, Target)],
        next: Timestamp,
    ) -> impl Future<Output = Result<(), FrontierError>> + Send;

    /// Tells of a leased page under which other URLs it is known, before its path is fixed, and asks whether another
    /// page has its text under one of them. `title` is the page's own. With `text`, asks too whether another page came
    /// first with nearly that text; where none did, this one is the first from now on.
    fn unite(
        &self,
        lease: &Lease,
        names: &[Name],
        title: Option<&str>,
        text: Option<&Likeness>,
    ) -> impl Future<Output = Result<United, FrontierError>> + Send;

    /// The first moment at which a claim may give something, as things stand; `None` where only the finishing of a
    /// lease can change that, or nothing is left.
    fn next_due(&self) -> impl Future<Output = Result<Option<Timestamp>, FrontierError>> + Send;

    /// How many of these nobody knows yet.
    fn unknown(&self, offers: &[Offer]) -> impl Future<Output = Result<usize, FrontierError>> + Send;

    /// What a feed carries of a leased page, in full; `None`: nothing, or a summary.
    fn content(&self, lease: &Lease) -> impl Future<Output = Result<Option<Content>, FrontierError>> + Send;

    /// Makes everything due at `latest` that would be later, and no host rest longer: the clock was ahead when those
    /// moments were written.
    fn pull_back(&self, latest: Timestamp) -> impl Future<Output = Result<(), FrontierError>> + Send;

    /// Makes pages known as written that were so before the store was lost; those that it knows stay as they are. Returns
    /// how many were unknown.
    fn recall(&self, pages: &[Remembered]) -> impl Future<Output = Result<usize, FrontierError>> + Send;

    /// Keeps that texts of written pages have other bytes now; pages that are not written stay as they are.
    fn renew(&self, texts: &[NewText]) -> impl Future<Output = Result<(), FrontierError>> + Send;

    /// Whether no page has ever been put in.
    fn is_blank(&self) -> impl Future<Output = Result<bool, FrontierError>> + Send;

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
