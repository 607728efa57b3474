//! What was fetched.

use bytes::Bytes;
use jiff::Timestamp;
use url::Url;

/// One answered request of a chain of redirects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// The URL that was asked for.
    pub url: Url,
    /// The HTTP status that came back.
    pub status: u16,
}

/// What a server said of a body's age, to be sent back with the next request for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// The `ETag` header.
    pub etag: Option<String>,
    /// The `Last-Modified` header, as sent.
    pub last_modified: Option<String>,
}

/// What a site wants its pages to be requested with beside what every request carries. Nothing of it is ever sent to
/// another origin than that of the URL asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExtraHeaders {
    /// The `Referer` header.
    pub referer: Option<String>,
    /// The `Cookie` header.
    pub cookie: Option<String>,
}

/// What the body is wanted for; decides which content types are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// A feed: XML or JSON.
    Feed,
    /// A page: HTML, XHTML or plain text.
    Page,
}

/// A page as it came from the network, a file or standard input: bytes, and what was said of them.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Where the body came from, after all redirects; `None` where nobody knows (standard input).
    pub url: Option<Url>,
    /// The `Content-Type` header, whole, as sent.
    pub content_type: Option<String>,
    /// The body, with content encodings (gzip ...) undone and the character encoding as sent.
    pub body: Bytes,
    /// When the body was fetched.
    pub fetched_at: Option<Timestamp>,
    /// The chain of redirects, first request first; empty for a file.
    pub hops: Vec<Hop>,
    /// Whether the article of another page goes on here, so that what it says is text, however little.
    pub continues: bool,
}

impl Page {
    /// A page from bytes alone, for instance a file.
    pub fn from_bytes(body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..Self::default() }
    }

    /// The same page, said to stand at `url`.
    #[must_use]
    pub fn at(self, url: Url) -> Self {
        Self { url: Some(url), ..self }
    }
}
