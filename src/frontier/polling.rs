//! What is kept of how a feed is polled, and of what it carries.

use crate::feed::Hints;
use jiff::Timestamp;

/// How a feed is polled; as it stands in a lease when that is finished, it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Polling {
    /// Seconds between two looks, as learnt from what it publishes; `None` before it was read.
    pub interval_s: Option<u32>,
    /// Why it is looked at next when it is: an id, a colon, and the same in words.
    pub reason: Option<String>,
    /// A hash of the body that was read last; `None` before it was read.
    pub body: Option<u64>,
    /// How many of its entries were of the last seven days when it was read last.
    pub of_week: u32,
    /// What it said of when it is worth a look.
    pub hints: Hints,
    /// When its body came last, as opposed to the word that it is the same.
    pub whole_at: Option<Timestamp>,
}

/// An article that a feed carries in full; kept until its page is finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Its HTML, 256 KiB at most.
    pub html: String,
    /// Who wrote it, plain names.
    pub authors: Vec<String>,
}
