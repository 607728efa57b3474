//! Why a configuration cannot be used, and where in it.

use super::crawl::CrawlOptionsError;
use super::place::{self, Place};
use crate::extract::SiteFault;
use crate::extract::block::Boilerplate;
use std::fmt;
use std::path::PathBuf;
use url::Url;

/// What stands between backticks in a message of `toml` or ours: the key or value in question first,
/// then, for `toml`'s, what would have been known.
pub(super) fn quoted(message: &str) -> impl Iterator<Item = &str> {
    message.split('`').skip(1).step_by(2)
}

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No file, or no permission.
    #[error("{path}: cannot read the configuration")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// A key, or a word in a closed list, that means nothing.
    #[error("{place}: unknown {what} `{given}`{}", Hint(.nearest.as_deref(), .what))]
    Unknown {
        /// Where it stands.
        place: Place,
        /// `key in [crawl]`, `key at the top level`, `table`, `kind`.
        what: String,
        /// As it stands there.
        given: String,
        /// The known one that is spelled most like it, where one is near.
        nearest: Option<String>,
    },
    /// No TOML, or a value of another type than the key wants.
    #[error("{place}: {key}{message}")]
    Value {
        /// Where it stands.
        place: Place,
        /// The key in backticks with a colon, or empty where none is in question.
        key: String,
        /// What is wrong with it, and with which value.
        message: String,
    },
    /// A value of `[fetch]` that cannot work.
    #[error("{place}: {source}")]
    Fetch {
        /// Where it stands.
        place: Place,
        /// What is wrong with it.
        source: crate::fetch::FetchSetupError,
    },
    /// A value of the `fetch` table of a `[[site]]` that cannot work.
    #[error("{place}: {source}")]
    SiteFetch {
        /// Where it stands.
        place: Place,
        /// What is wrong with it.
        source: crate::fetch::SiteSetupError,
    },
    /// Leases that run out while their page is still being fetched.
    #[error("{place}: `lease_s` is {lease_s}, but must be at least {least}, twice `total_timeout_s` of [fetch]")]
    Lease {
        /// Where it stands.
        place: Place,
        /// As given, seconds.
        lease_s: u64,
        /// The least that works with the time-out given, seconds.
        least: u64,
    },
    /// A rule of a `[[site]]` table that cannot be used.
    #[error(transparent)]
    Site(#[from] SiteFault),
    /// One host in two `[[site]]` tables.
    #[error("{place}: the site {host} is there twice; make one table of the two")]
    SiteTwice {
        /// Where it stands for the second time.
        place: Place,
        /// The host as it stands there.
        host: String,
    },
    /// One feed in two tables.
    #[error("{place}: the feed {url} is there twice; remove one of the two")]
    FeedTwice {
        /// Where it stands for the second time.
        place: Place,
        /// Its URL.
        url: Box<Url>,
    },
    /// One kind that is to stay and to go.
    #[error("{place}: the kind `{kind}` stands under `keep` and under `drop`; remove one of the two")]
    KeptAndDropped {
        /// Where it stands under `drop`.
        place: Place,
        /// Its id.
        kind: &'static str,
    },
    /// Raw pages among the texts, or texts among the raw pages.
    #[error(
        "{place}: raw pages and texts need folders of their own, and neither may stand in the other; `folder` in [output] is {output}"
    )]
    RawAmongTexts {
        /// Where the folder of raw pages stands.
        place: Place,
        /// The folder of texts.
        output: String,
    },
    /// A value of `[crawl]` that cannot work.
    #[error("{place}: {source}")]
    Crawl {
        /// Where it stands.
        place: Place,
        /// What is wrong with it.
        source: CrawlOptionsError,
    },
}

/// A secret of a site cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("[[site]] {host}: {source}")]
pub struct SecretsError {
    /// The host, as it is filed.
    pub host: String,
    /// Why not, with the key.
    #[source]
    pub source: Box<crate::fetch::SiteSetupError>,
}

/// The nearest known word, and what kind of word it is.
struct Hint<'a>(Option<&'a str>, &'a str);

impl fmt::Display for Hint<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(nearest) => write!(formatter, "; did you mean `{nearest}`?"),
            None if self.1 == "kind" => formatter.write_str("; docs/kinds.md of the distribution lists them"),
            None => formatter.write_str("; the file config.toml of the distribution lists what is known"),
        }
    }
}

impl ConfigError {
    pub(super) fn of_toml(error: &toml::de::Error, source: &str, name: &str) -> Self {
        let start = error.span().map_or(0, |span| span.start);
        let place = Place::of_offset(source, name, start);
        let message = error.message();
        let mut words = quoted(message).map(str::to_owned);
        let (given, known): (String, Vec<String>) = (words.next().unwrap_or_default(), words.collect());
        let value = |message| Self::Value { place: place.clone(), key: place::key(source, start), message };
        let what = match message.split('`').next() {
            Some("unknown field ") => place::section(source, start),
            Some("unknown variant ") if known.iter().any(|word| word == Boilerplate::Caption.id()) => "kind".to_owned(),
            Some("unknown variant ") => return value(format!("`{given}` is none of `{}`", known.join("`, `"))),
            _ => return value(place::plain(message)),
        };
        let nearest = place::nearest(&given, known.into_iter());
        Self::Unknown { place, what, given, nearest }
    }
}
