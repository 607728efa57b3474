//! Feeds: what they announce.

mod charset;
mod content;
mod dates;
mod discover;
mod draft;
mod json;
mod opml;
mod parse;
mod salvage;
mod sitemap;
mod text;
mod xml;

use crate::page::Page;
pub use discover::{Candidates, candidates, sitemaps_of, usual_places, usual_sitemaps};
pub use draft::Hints;
use jiff::Timestamp;
pub use opml::{Opml, OpmlError, Outline, read_opml, write_opml};
pub use sitemap::{MAX_SITEMAP_BYTES, MAX_SITEMAP_URLS, Unpacking};
use std::fmt;
use url::Url;

/// One announced article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where the article stands, absolute, http or https.
    pub url: Url,
    /// Its title as the feed gives it, plain text.
    pub title: Option<String>,
    /// Publication as the feed gives it, else its last change; of a sitemap the word of its news extension alone.
    pub published: Option<Timestamp>,
    /// The last change as the feed gives it.
    pub updated: Option<Timestamp>,
    /// The feed's own name for it, as written, at most 1,000 characters; feeds say that it stays while titles and URLs
    /// change, and not all of them keep the promise.
    pub id: Option<String>,
    /// Who wrote it, plain names.
    pub authors: Vec<String>,
    /// The article as HTML, where the feed carries it in full, at most 256 KiB; never a summary.
    pub content: Option<String>,
}

/// What a feed is written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FeedKind {
    /// RSS 0.9 to 2.0, RDF.
    #[default]
    Rss,
    /// Atom 0.3 or 1.0.
    Atom,
    /// JSON Feed 1.x.
    JsonFeed,
    /// All pages of a site.
    Sitemap,
    /// Those of two days, with titles and dates.
    NewsSitemap,
    /// A list of sitemaps.
    SitemapIndex,
    /// A text sitemap: a URL a line.
    UrlList,
}

impl FeedKind {
    /// A short id, for output.
    pub fn id(self) -> &'static str {
        match self {
            Self::Rss => "rss",
            Self::Atom => "atom",
            Self::JsonFeed => "json_feed",
            Self::Sitemap => "sitemap",
            Self::NewsSitemap => "news_sitemap",
            Self::SitemapIndex => "sitemap_index",
            Self::UrlList => "url_list",
        }
    }

    /// Whether it lists what a site has, as opposed to what is new on it.
    pub fn is_sitemap(self) -> bool {
        matches!(self, Self::Sitemap | Self::NewsSitemap | Self::SitemapIndex | Self::UrlList)
    }
}

impl fmt::Display for FeedKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}

/// A sitemap that an index names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitemapLink {
    /// Where it stands, absolute, http or https.
    pub url: Url,
    /// Its last change as the index gives it.
    pub modified: Option<Timestamp>,
}

/// A parsed feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Feed {
    /// What it is written in.
    pub kind: FeedKind,
    /// The feed's own title.
    pub title: Option<String>,
    /// Entries that have a usable link, in the feed's order, each URL once; the first 5,000 of them, of a sitemap the
    /// first 50,000.
    pub entries: Vec<Entry>,
    /// What a sitemap index names, each URL once; the first 50,000.
    pub sitemaps: Vec<SitemapLink>,
    /// Entries that were left out for want of a usable link.
    pub skipped: usize,
    /// What it says of when it is worth a look.
    pub hints: Hints,
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
    /// Packed with gzip that cannot be read.
    #[error("{url}: cannot be unpacked ({cause}); try again later")]
    Packed {
        /// Where it came from, or `feed` where nobody knows.
        url: String,
        /// Why.
        #[source]
        cause: Unpacking,
    },
    /// Neither RSS nor Atom nor JSON Feed, or broken.
    #[error("{url}: cannot be read as RSS, Atom, JSON Feed or sitemap ({cause}); check it with a feed validator")]
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
            Self::Packed { .. } => "feed_packed",
            Self::Unreadable { .. } => "feed_unreadable",
        }
    }
}

/// Parses RSS, Atom, JSON Feed or a sitemap, packed with gzip or not; relative links are resolved against the page's URL.
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
