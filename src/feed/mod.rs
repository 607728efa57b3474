//! Feeds: what they announce.

mod parse;
mod salvage;
mod text;

use crate::page::Page;
use jiff::Timestamp;
use url::Url;

/// One announced article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where the article stands, absolute, http or https.
    pub url: Url,
    /// Its title as the feed gives it, plain text.
    pub title: Option<String>,
    /// Publication as the feed gives it.
    pub published: Option<Timestamp>,
}

/// A parsed feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Feed {
    /// The feed's own title.
    pub title: Option<String>,
    /// Entries that have a usable link, in the feed's order, each URL once; the first 5,000 of them.
    pub entries: Vec<Entry>,
    /// Entries that were left out for want of a usable link.
    pub skipped: usize,
    /// For how many minutes the feed says that it holds (RSS `ttl`).
    pub ttl_min: Option<u32>,
    /// Whether the feed is broken, and its entries are what a tolerant reading could save. The
    /// validators of such a body are better not kept: the next one may be whole.
    pub salvaged: bool,
}

/// A body that is no feed. Every message begins with the URL and is one line.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// Nothing came.
    #[error("{url}: the feed is empty; open it in a browser to see whether it still exists")]
    Empty {
        /// Where it came from, or `feed` where nobody knows.
        url: String,
    },
    /// A web page came instead.
    #[error("{url}: is a web page, not a feed; look for the feed's own address in the page (`link rel=\"alternate\"`)")]
    WebPage {
        /// Where it came from, or `feed` where nobody knows.
        url: String,
    },
    /// Neither RSS nor Atom nor JSON Feed, or broken.
    #[error("{url}: cannot be read as RSS, Atom or JSON Feed ({cause}); check it with a feed validator")]
    Unreadable {
        /// Where it came from, or `feed` where nobody knows.
        url: String,
        /// What the parser said.
        #[source]
        cause: feed_rs::parser::ParseFeedError,
    },
}

impl FeedError {
    /// A short id for logs and manifests, which stays when the message improves.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Empty { .. } => "feed_empty",
            Self::WebPage { .. } => "feed_is_web_page",
            Self::Unreadable { .. } => "feed_unreadable",
        }
    }
}

/// Parses RSS, Atom or JSON Feed; relative links are resolved against the page's URL.
///
/// Entries without a usable link are counted in [`Feed::skipped`]; an entry whose id is an http or
/// https URL has a link. Large feeds take a while (10 MB: about a second): call it off the async
/// threads.
///
/// What is broken (bare `&`, mismatched tags, a cut end, a lying encoding) or of a version that
/// `feed-rs` does not know (Atom 0.3) is read once more with less strictness; see
/// [`Feed::salvaged`].
///
/// # Errors
/// A body that is no feed, or is too broken to read.
pub fn parse(page: &Page) -> Result<Feed, FeedError> {
    parse::parse(page)
}
