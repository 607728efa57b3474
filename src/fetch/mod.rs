//! From a URL to a page: redirects, guard, robots, caps and decoding are ours, the wire is reqwest's.

use crate::page::Page;
use jiff::Timestamp;
use url::Url;

/// What a server said of a body's age, to be sent back with the next request for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// The `ETag` header.
    pub etag: Option<String>,
    /// The `Last-Modified` header, as sent.
    pub last_modified: Option<String>,
}

/// What the body is wanted for; decides which content types are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// A feed: XML or JSON.
    Feed,
    /// A page: HTML, XHTML or plain text.
    Page,
}

/// One thing to fetch.
#[derive(Debug, Clone)]
pub struct Request {
    /// http or https.
    pub url: Url,
    /// What for.
    pub target: Target,
    /// What the last answer carried; makes the request conditional.
    pub validators: Validators,
    /// Whether robots.txt is asked (`--ignore-robots` for one-off URLs only).
    pub obey_robots: bool,
}

/// An answer.
#[derive(Debug)]
pub enum Fetched {
    /// A body, and the validators that came with it.
    Page {
        /// The body and where it came from.
        page: Page,
        /// To be kept for the next request, once the body has been dealt with.
        validators: Validators,
    },
    /// 304: nothing new since the validators.
    NotModified,
}

/// How a failure is to be treated (CRAWLING.md, C).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureClass {
    /// Try again soon: time-outs, resets, 408, 425, 429, 5xx, truncated bodies.
    Transient,
    /// Try again much later: 401, 403, TLS, unknown host, robots; a feed's 404.
    Slow,
    /// Never again: an article's 404, 410, 451, a refused address or scheme, too large, not HTML.
    Final,
}

/// Why nothing came back. The fetch helper completes the variants; the methods stay.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The server answered with a status that is no success.
    #[error("{url}: HTTP status {status}")]
    Status {
        /// What was asked for.
        url: Url,
        /// The status.
        status: u16,
        /// When the server wants to be asked again, from `Retry-After`.
        retry_at: Option<Timestamp>,
    },
}

impl FetchError {
    /// What to do about it.
    pub fn class(&self, _target: Target) -> FailureClass {
        FailureClass::Final
    }

    /// Whether we or they declined (guard, robots, 401, 403, 451), as opposed to "could not".
    pub fn is_refusal(&self) -> bool {
        false
    }

    /// When the server wants to be asked again.
    pub fn retry_at(&self) -> Option<Timestamp> {
        None
    }
}

/// Settings of the room, as in the `[fetch]` section of the configuration.
#[derive(Debug, Clone, Default)]
pub struct FetchOptions {}

/// The settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FetchSetupError {}

/// Fetches; shared between tasks, keeps connections, robots.txt files and hosts' paces.
#[derive(Debug)]
pub struct Fetcher {}

impl Fetcher {
    /// Prepares the client.
    ///
    /// # Errors
    /// Where the options do not hold together.
    pub fn new(_options: &FetchOptions) -> Result<Self, FetchSetupError> {
        Ok(Self {})
    }

    /// Fetches one URL: waits for the host's turn, follows redirects, obeys robots.txt at each hop.
    ///
    /// # Errors
    /// Whatever keeps the body from coming whole.
    pub async fn fetch(&self, _request: &Request) -> Result<Fetched, FetchError> {
        Ok(Fetched::NotModified)
    }
}
