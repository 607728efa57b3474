//! The settings of the room and their checks.

use super::cidr::Cidr;
use super::proxy::Proxy;
use super::site::{SiteOptions, SiteSetupError};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Settings of the room, as in the `[fetch]` section of the configuration.
///
/// The caps are those of CRAWLING.md, section A ("Size/time caps"), which set them beside what
/// miniflux, Scrapy, trafilatura and StormCrawler use.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FetchOptions {
    /// The whole `User-Agent` header; what stands before its first `/` or space is the name that
    /// robots.txt files know us by. `None`: `Gleaner/<version>`, with the contact where one is
    /// given ([`Self::identify`]).
    pub user_agent: Option<String>,
    /// Networks that may be connected to although they are not global; empty: only global
    /// addresses. `0.0.0.0/0` and `::/0` switch the guard off, which is logged.
    pub allow_private: Vec<Cidr>,
    /// Seconds for resolving, connecting and the TLS handshake together, 1 to 3600.
    pub connect_timeout_s: u64,
    /// Seconds without a byte of the answer, 1 to 3600.
    pub idle_timeout_s: u64,
    /// Seconds for one fetch on the wire, all its redirects together, 1 to 3600. Waiting for a
    /// host's turn and asking for robots.txt do not count.
    pub total_timeout_s: u64,
    /// Bytes a second that a body must come with on the average; 0: any pace will do.
    pub least_bytes_per_s: u64,
    /// Seconds of a body for which no pace is asked, 1 to 3600.
    pub rate_grace_s: u64,
    /// Bytes of a body, 1024 to [`MOST_BODY_BYTES`]; holds for the bytes on the wire and for the decoded ones.
    pub max_body_bytes: u64,
    /// Redirects followed for one fetch; 0: none.
    pub max_redirects: usize,
    /// Milliseconds between the end of one request to a host, or to an address of it, and the start of the next, at
    /// most 3,600,000; more after a slow answer, and by chance. Less than 1000 takes effect only for hosts whose every
    /// address lies inside `allow_private`, and exactly.
    pub host_pause_ms: u64,
    /// The longest `Crawl-delay` of a robots.txt that is waited for, in seconds, at most 3600; pages of a site that wants
    /// more are not fetched.
    pub max_crawl_delay_s: u64,
    /// Seconds for which the addresses of a name are remembered, at most 3600; 0: never.
    pub dns_cache_s: u64,
    /// A file of PEM certificates that are trusted beside those of the machine.
    pub ca_file: Option<PathBuf>,
    /// `http://`, `https://` or `socks5://` URL of a proxy for all requests. `None`: no proxy; the
    /// environment is never read.
    pub proxy: Option<Proxy>,
    /// Behind a proxy, whether to leave names to the proxy altogether. `false`: they are resolved
    /// and guarded here too, before the proxy is asked.
    pub proxy_resolves: bool,
    /// How single sites are asked, by host: `example.org` with its `www.` host, `.example.org` with all hosts below it.
    /// Not in `[fetch]`: in the configuration each stands in its `[[site]]` table.
    #[serde(skip)]
    pub sites: BTreeMap<String, SiteOptions>,
}

impl Default for FetchOptions {
    fn default() -> Self {
        Self {
            user_agent: None,
            allow_private: Vec::new(),
            connect_timeout_s: 10,
            idle_timeout_s: 15,
            total_timeout_s: 60,
            least_bytes_per_s: 1000,
            rate_grace_s: 10,
            max_body_bytes: 10 * 1024 * 1024,
            max_redirects: 10,
            host_pause_ms: 1000,
            max_crawl_delay_s: 30,
            dns_cache_s: 60,
            ca_file: None,
            proxy: None,
            proxy_resolves: false,
            sites: BTreeMap::new(),
        }
    }
}

/// The settings cannot be used. Each message names the key of `[fetch]`.
#[derive(Debug, thiserror::Error)]
pub enum FetchSetupError {
    /// A number that cannot work.
    #[error("`{key}` is {value}, but must be {least} to {most}")]
    OutOfRange {
        /// The key in `[fetch]`.
        key: &'static str,
        /// What was given.
        value: u64,
        /// The least that works.
        least: u64,
        /// The most that makes sense.
        most: u64,
    },
    /// A user agent that cannot stand in a header, or that has no name at its start.
    #[error(
        "`user_agent` is {value:?}, but must be printable ASCII that starts with a name, as in `MyBot/1.0 (+https://example.org/bot)`"
    )]
    UserAgent {
        /// What was given.
        value: String,
    },
    /// A proxy that is no URL of a kind we can use.
    #[error("`proxy` is {value:?}, but must be a URL as in `http://proxy.example:3128` or `socks5://localhost:1080`")]
    Proxy {
        /// What was given, without user name and password.
        value: String,
    },
    /// Certificates that cannot be read.
    #[error("`ca_file` {path}: {cause}", path = .path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: CaError,
    },
    /// Settings of one site.
    #[error("site {host}: {source}")]
    Site {
        /// As it is given.
        host: String,
        /// What is wrong with it.
        source: Box<SiteSetupError>,
    },
    /// The HTTP client could not be built.
    #[error("the HTTP client cannot be set up")]
    Client(#[source] reqwest::Error),
}

/// Certificates that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// No PEM, or no certificate in it.
    #[error("holds no certificates in PEM")]
    Pem,
}

/// The name by which robots.txt files know us unless `user_agent` says otherwise.
const NAME: &str = "Gleaner";

/// The longest time-out and pause, in seconds: an hour, beyond which a slip of the pen is likelier than
/// a wish.
pub(super) const MOST_WAIT_S: u64 = 3600;

/// The largest body that can be asked for, 1 GiB: each one in flight is held in memory.
pub const MOST_BODY_BYTES: u64 = 1 << 30;

/// The least pause between two requests to a host that is not our own, in milliseconds.
pub(super) const LEAST_PAUSE_MS: u64 = 1000;

impl FetchOptions {
    /// Puts a contact (a URL or mail address) into the `User-Agent`, unless one was set by hand.
    #[must_use]
    pub fn identify(mut self, contact: &str) -> Self {
        if self.user_agent.is_none() {
            self.user_agent = Some(format!("{NAME}/{} (+{contact})", env!("CARGO_PKG_VERSION")));
        }
        self
    }

    /// Checks that the options hold together.
    ///
    /// # Errors
    /// The first value that cannot be used, with its key.
    pub fn check(&self) -> Result<(), FetchSetupError> {
        for (key, value, least, most) in [
            ("connect_timeout_s", self.connect_timeout_s, 1, MOST_WAIT_S),
            ("idle_timeout_s", self.idle_timeout_s, 1, MOST_WAIT_S),
            ("total_timeout_s", self.total_timeout_s, 1, MOST_WAIT_S),
            ("least_bytes_per_s", self.least_bytes_per_s, 0, MOST_BODY_BYTES),
            ("rate_grace_s", self.rate_grace_s, 1, MOST_WAIT_S),
            ("max_crawl_delay_s", self.max_crawl_delay_s, 0, MOST_WAIT_S),
            ("dns_cache_s", self.dns_cache_s, 0, MOST_WAIT_S),
            ("max_body_bytes", self.max_body_bytes, 1024, MOST_BODY_BYTES),
            ("host_pause_ms", self.host_pause_ms, 0, MOST_WAIT_S * 1000),
        ] {
            if !(least..=most).contains(&value) {
                return Err(FetchSetupError::OutOfRange { key, value, least, most });
            }
        }
        let agent = self.agent();
        if !is_named(&agent) {
            return Err(FetchSetupError::UserAgent { value: agent });
        }
        for (host, site) in &self.sites {
            site.check().map_err(|source| FetchSetupError::Site { host: host.clone(), source: Box::new(source) })?;
        }
        self.proxy.as_ref().map(Proxy::url).transpose().map(|_| ())
    }

    /// The `User-Agent` header.
    pub(super) fn agent(&self) -> String {
        self.user_agent.clone().unwrap_or_else(|| format!("{NAME}/{}", env!("CARGO_PKG_VERSION")))
    }
}

/// Whether a text can be a `User-Agent`: printable ASCII that begins with a name.
pub(super) fn is_named(agent: &str) -> bool {
    !product(agent).is_empty() && agent.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// The product token of RFC 9309, section 2.2.1: letters, `_` and `-` at the start of the header.
pub(super) fn product(agent: &str) -> &str {
    let end = agent.find(|c: char| !(c.is_ascii_alphabetic() || c == '_' || c == '-')).unwrap_or(agent.len());
    &agent[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contact_is_put_beside_the_name_but_never_over_a_user_agent_of_ones_own() {
        let said = FetchOptions::default().identify("https://example.org/bot");
        assert_eq!(said.agent(), format!("Gleaner/{} (+https://example.org/bot)", env!("CARGO_PKG_VERSION")));
        let own = FetchOptions { user_agent: Some("MyBot/1.0".into()), ..FetchOptions::default() };
        assert_eq!(own.clone().identify("x").agent(), "MyBot/1.0");
        assert_eq!(product(&own.agent()), "MyBot");
        assert_eq!(product(&FetchOptions::default().agent()), "Gleaner");
    }

    #[test]
    fn values_that_cannot_work_are_refused_with_their_key() {
        let default = FetchOptions::default;
        for (options, key) in [
            (FetchOptions { connect_timeout_s: 0, ..default() }, "connect_timeout_s"),
            (FetchOptions { idle_timeout_s: 0, ..default() }, "idle_timeout_s"),
            (FetchOptions { total_timeout_s: 0, ..default() }, "total_timeout_s"),
            (FetchOptions { max_body_bytes: 10, ..default() }, "max_body_bytes"),
            (FetchOptions { host_pause_ms: 99_999_999_999, ..default() }, "host_pause_ms"),
            (FetchOptions { total_timeout_s: u64::MAX, ..default() }, "total_timeout_s"),
            (FetchOptions { max_body_bytes: u64::MAX, ..default() }, "max_body_bytes"),
            (FetchOptions { user_agent: Some("bad\nagent".into()), ..default() }, "user_agent"),
            (FetchOptions { user_agent: Some(String::new()), ..default() }, "user_agent"),
            (FetchOptions { proxy: Some("proxy.example:3128".into()), ..default() }, "proxy"),
            (FetchOptions { rate_grace_s: 0, ..default() }, "rate_grace_s"),
            (FetchOptions { max_crawl_delay_s: 3601, ..default() }, "max_crawl_delay_s"),
            (FetchOptions { dns_cache_s: 3601, ..default() }, "dns_cache_s"),
            (FetchOptions { proxy: Some("ftp://proxy.example".into()), ..default() }, "proxy"),
        ] {
            let said = options.check().unwrap_err().to_string();
            assert!(said.contains(&format!("`{key}`")), "{said}");
        }
        assert!(default().check().is_ok());
    }

    #[test]
    fn section_of_the_configuration_is_read_and_unknown_keys_are_refused() {
        let options: FetchOptions = toml::from_str("allow_private = ['10.0.0.0/8']\nhost_pause_ms = 0").unwrap();
        assert_eq!(options.allow_private, ["10.0.0.0/8".parse().unwrap()]);
        assert_eq!(toml::from_str::<FetchOptions>("").unwrap(), FetchOptions::default());
        assert!(toml::from_str::<FetchOptions>("timeout = 3").is_err());
        let wrong = toml::from_str::<FetchOptions>("allow_private = ['10.0.0.1/8']").unwrap_err().to_string();
        assert!(wrong.contains("write `10.0.0.0/8`"), "{wrong}");
    }
}
