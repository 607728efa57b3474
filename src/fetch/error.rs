//! Why nothing came back, in words for the user and in classes for the crawler.

use super::Target;
use super::retry::{self, FailureClass};
use super::urls::UrlProblem;
use crate::trouble::Trouble;
use jiff::Timestamp;
use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use url::Url;

/// What went wrong below HTTP; shows the innermost reason, which is the one that tells something.
#[derive(Debug, Clone)]
pub struct Cause(Arc<dyn Error + Send + Sync>);

impl Cause {
    pub(super) fn new(error: impl Error + Send + Sync + 'static) -> Self {
        Self(Arc::new(error))
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut innermost: &dyn Error = &*self.0;
        while let Some(source) = innermost.source() {
            innermost = source;
        }
        fmt::Display::fmt(innermost, formatter)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

/// Which limit on time was struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimeLimit {
    /// No connection within `connect_timeout_s`.
    #[error("no connection within `connect_timeout_s`")]
    Connect,
    /// No byte within `idle_timeout_s`.
    #[error("nothing came for `idle_timeout_s`")]
    Idle,
    /// Not finished within `total_timeout_s`.
    #[error("not finished within `total_timeout_s`")]
    Total,
    /// Fewer bytes a second than we wait for.
    #[error("slower than `least_bytes_per_s`")]
    Rate,
}

/// Why nothing came back. Every message begins with the URL and is one line.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FetchError {
    /// A text that is no URL, or one that programs read differently.
    #[error("{url}: {problem}")]
    Url {
        /// The text, control characters made visible, user name and password left out.
        url: String,
        /// What is wrong with it.
        problem: UrlProblem,
    },
    /// The guard declined the address.
    #[error(
        "{url}: refused: {address} is not a global address ({range}); add its network to `allow_private`, or give --allow-private"
    )]
    Address {
        /// What was asked for.
        url: Url,
        /// What its host is, or resolves to.
        address: IpAddr,
        /// What the address is for.
        range: &'static str,
    },
    /// The host's name does not resolve.
    #[error("{url}: host not found ({cause}); check the name and the network")]
    Dns {
        /// What was asked for.
        url: Url,
        /// What the resolver said.
        #[source]
        cause: Cause,
        /// Whether the resolver says that asking again may help.
        temporary: bool,
    },
    /// No connection.
    #[error("{url}: cannot connect ({cause}); check that the server is up")]
    Connect {
        /// What was asked for.
        url: Url,
        /// What the system said.
        #[source]
        cause: Cause,
    },
    /// No secure connection.
    #[error(
        "{url}: no secure connection ({cause}); check the site's certificate and this machine's clock and CA certificates"
    )]
    Tls {
        /// What was asked for.
        url: Url,
        /// What the TLS library said.
        #[source]
        cause: Cause,
    },
    /// Too slow.
    #[error("{url}: timed out: {limit}; try again later, or raise the limit, for a single page with --timeout")]
    Timeout {
        /// What was asked for.
        url: Url,
        /// Which limit.
        limit: TimeLimit,
    },
    /// The server answered with a status that is no success.
    #[error("{url}: HTTP status {status}{}", retry::advice(*status))]
    Status {
        /// What was asked for.
        url: Url,
        /// The status.
        status: u16,
        /// When the server wants to be asked again, from `Retry-After`.
        retry_at: Option<Timestamp>,
    },
    /// The server did not speak HTTP, or not to the end of the headers.
    #[error("{url}: the answer is broken ({cause}); try again later")]
    Answer {
        /// What was asked for.
        url: Url,
        /// What the HTTP library said.
        #[source]
        cause: Cause,
    },
    /// A redirect without an address.
    #[error("{url}: HTTP status {status}, which redirects, but does not say where")]
    Redirect {
        /// What was asked for.
        url: Url,
        /// The status, 3xx.
        status: u16,
    },
    /// A redirect to a URL that was asked before.
    #[error("{url}: redirects in a circle")]
    RedirectLoop {
        /// The URL that came up twice.
        url: Url,
    },
    /// More redirects than `max_redirects`.
    #[error(
        "{url}: still redirects after {limit} redirects, the most that is followed (`max_redirects`); check the address in a browser"
    )]
    TooManyRedirects {
        /// The last URL asked.
        url: Url,
        /// `max_redirects`.
        limit: usize,
    },
    /// robots.txt says no.
    #[error(
        "{url}: robots.txt disallows it (`{rule}`); `gleaner extract --ignore-robots` fetches a single page all the same"
    )]
    Robots {
        /// What was asked for.
        url: Url,
        /// The rule, as in the file.
        rule: String,
    },
    /// robots.txt wants longer pauses than we have patience for.
    #[error(
        "{url}: robots.txt wants {delay_s} s between two requests, more than {most_s} s (`max_crawl_delay_s`); `gleaner extract --ignore-robots` fetches a single page all the same"
    )]
    CrawlDelay {
        /// What was asked for.
        url: Url,
        /// `Crawl-delay`, in seconds.
        delay_s: u64,
        /// `max_crawl_delay_s`.
        most_s: u64,
    },
    /// robots.txt cannot be had, which counts as a no (RFC 9309, section 2.3.1.4).
    #[error(
        "{url}: not fetched, as its robots.txt cannot be had: {cause}; `gleaner extract --ignore-robots` fetches a single page all the same"
    )]
    RobotsUnreachable {
        /// What was asked for.
        url: Url,
        /// What happened to robots.txt.
        #[source]
        cause: Box<FetchError>,
    },
    /// More bytes than `max_body_bytes`.
    #[error("{url}: larger than {limit} bytes; raise `max_body_bytes`, or give --max-body-bytes")]
    TooLarge {
        /// What was asked for.
        url: Url,
        /// `max_body_bytes`.
        limit: u64,
    },
    /// A body that grows out of proportion when decompressed.
    #[error("{url}: grows more than {limit} times when decompressed, which no page does")]
    Bomb {
        /// What was asked for.
        url: Url,
        /// The ratio at which we stop.
        limit: u64,
    },
    /// Something that we do not read.
    #[error("{url}: is {found}; Gleaner reads HTML and plain text")]
    ContentType {
        /// What was asked for.
        url: Url,
        /// The media type declared, or seen in the first bytes.
        found: String,
    },
    /// A content encoding that we did not offer.
    #[error("{url}: is sent in the encoding {encoding:?}, which was not asked for and is not known here")]
    Encoding {
        /// What was asked for.
        url: Url,
        /// Its name in `Content-Encoding`.
        encoding: String,
    },
    /// Compressed data that cannot be decompressed to the end.
    #[error("{url}: the {encoding} data is cut off or damaged ({cause}); try again later")]
    Damaged {
        /// What was asked for.
        url: Url,
        /// gzip, deflate, br or zstd.
        encoding: &'static str,
        /// What the decoder said.
        #[source]
        cause: Cause,
    },
    /// The connection broke off in the middle of the body.
    #[error("{url}: broke off after {received} bytes ({cause}); try again later")]
    Truncated {
        /// What was asked for.
        url: Url,
        /// Bytes of the body on the wire until then.
        received: u64,
        /// What the HTTP library said.
        #[source]
        cause: Cause,
    },
    /// Whatever went wrong after a redirect.
    #[error("{url} redirects to {cause}")]
    Redirected {
        /// What was asked for at first.
        url: Url,
        /// What went wrong at the end of the chain.
        #[source]
        cause: Box<FetchError>,
    },
}

impl FetchError {
    /// What to do about it (the classes of CRAWLING.md, C).
    pub fn class(&self, target: Target) -> FailureClass {
        retry::class(self, target)
    }

    /// Whether we or they declined (guard, robots, 401, 403, 451), as opposed to "could not".
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Redirected { cause, .. } => cause.is_refusal(),
            Self::Url { problem, .. } => *problem == UrlProblem::Scheme,
            Self::Address { .. } | Self::Robots { .. } | Self::CrawlDelay { .. } | Self::RobotsUnreachable { .. } => {
                true
            }
            Self::Status { status, .. } => matches!(status, 401 | 403 | 451),
            _ => false,
        }
    }

    /// When the server wants to be asked again: `Retry-After` of 429 and 503, at most a day away.
    pub fn retry_at(&self) -> Option<Timestamp> {
        match self {
            Self::Status { retry_at, .. } => *retry_at,
            Self::Redirected { cause, .. } | Self::RobotsUnreachable { cause, .. } => cause.retry_at(),
            _ => None,
        }
    }

    /// Whether the fault is this machine's, which has no descriptor left to open, and so nobody's else.
    pub fn is_of_the_machine(&self) -> bool {
        let mut cause = self.source();
        while let Some(error) = cause {
            if error.downcast_ref().map(Trouble::of) == Some(Trouble::TooManyFiles) {
                return true;
            }
            cause = error.source();
        }
        false
    }

    /// The message without the URL that it begins with, for where that is named already.
    pub fn reason(&self, url: &Url) -> String {
        let message = self.to_string();
        let stripped = message.strip_prefix(url.as_str()).map(|rest| rest.trim_start_matches([':', ' ']).to_owned());
        stripped.unwrap_or(message)
    }

    /// A short id for logs and manifests, which stays when the message improves. Statuses give
    /// `status_404` and so on.
    pub fn id(&self) -> String {
        let id = match self {
            Self::Status { status, .. } => return format!("status_{status}"),
            Self::Redirected { cause, .. } => return cause.id(),
            Self::Url { .. } => "url",
            Self::Address { .. } => "address",
            Self::Dns { .. } => "dns",
            Self::Connect { .. } => "connect",
            Self::Tls { .. } => "tls",
            Self::Timeout { .. } => "timeout",
            Self::Answer { .. } => "answer",
            Self::Redirect { .. } => "redirect",
            Self::RedirectLoop { .. } => "redirect_loop",
            Self::TooManyRedirects { .. } => "too_many_redirects",
            Self::Robots { .. } => "robots",
            Self::CrawlDelay { .. } => "crawl_delay",
            Self::RobotsUnreachable { .. } => "robots_unreachable",
            Self::TooLarge { .. } => "too_large",
            Self::Bomb { .. } => "bomb",
            Self::ContentType { .. } => "content_type",
            Self::Encoding { .. } => "encoding",
            Self::Damaged { .. } => "damaged",
            Self::Truncated { .. } => "truncated",
        };
        id.to_owned()
    }

    /// The same failure, told of `asked`, from which redirects led to it.
    pub(super) fn after_redirect(self, asked: &Url) -> Self {
        Self::Redirected { url: asked.clone(), cause: Box::new(self) }
    }

    /// What a failure to get robots.txt means for a page of the same origin: where no connection
    /// comes about, the page fails for the same reason and is better told so.
    pub(super) fn of_robots_for(self, page: &Url) -> Self {
        let url = page.clone();
        match self {
            Self::Address { address, range, .. } => Self::Address { url, address, range },
            Self::Dns { cause, temporary, .. } => Self::Dns { url, cause, temporary },
            Self::Connect { cause, .. } => Self::Connect { url, cause },
            Self::Tls { cause, .. } => Self::Tls { url, cause },
            Self::Timeout { limit, .. } => Self::Timeout { url, limit },
            other => Self::RobotsUnreachable { url, cause: Box::new(other) },
        }
    }
}
