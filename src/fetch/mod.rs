//! From a URL to a page: redirects, guard, robots, caps and decoding are ours, the wire is reqwest's.
//!
//! [`Fetcher::fetch`] follows a chain of redirects (`hops`). For each hop, the disk may have the answer (`cache`,
//! `freshness`), robots.txt is asked (`robots`), the address is checked (`guard`, `ranges`, `names`), the host's turn is
//! waited for (`politeness`), one request is sent (`wire`) by the way that leads to its site (`way`, `site`, `jar`,
//! `secret`), and its body is received and decoded under caps (`body`, `memory`, `encoding`, `sniff`). What fails is a
//! [`FetchError`], whose class says what to do next (`retry`).

mod body;
mod cache;
mod cidr;
mod encoding;
mod error;
mod freshness;
mod guard;
mod hops;
mod jar;
mod kept;
mod memory;
mod names;
mod options;
mod politeness;
mod proxy;
mod ranges;
mod retry;
mod robots;
mod secret;
mod site;
mod sniff;
mod urls;
mod way;
mod wire;

use crate::page::Page;
use guard::AddressPolicy;
use jiff::Timestamp;
use memory::Memory;
use names::{GuardedResolver, Names};
use politeness::Pause;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

pub use crate::page::{ExtraHeaders, Target, Validators};
pub use cache::{CacheError, DiskCache, Reuse};
pub use cidr::{Cidr, CidrError};
#[cfg(feature = "cli")]
pub(crate) use encoding::{Undecodable, decoded};
pub use error::{Cause, FetchError, TimeLimit};
pub use names::{Looking, Lookup, LookupError};
pub use options::{CaError, FetchOptions, FetchSetupError, MOST_BODY_BYTES};
pub use proxy::Proxy;
pub use retry::FailureClass;
pub use secret::{Secret, SecretError};
pub use site::{Basic, SiteOptions, SiteSetupError};
#[cfg(feature = "cli")]
pub(crate) use sniff::is_page;
pub use urls::{UrlProblem, parse_url};

/// One thing to fetch.
#[derive(Debug, Clone)]
pub struct Request {
    /// http or https.
    pub url: Url,
    /// What for.
    pub target: Target,
    /// What the last answer carried; makes the request conditional.
    pub validators: Validators,
    /// What the site wants to be asked with; not sent where a redirect leads elsewhere, nor for robots.txt.
    pub headers: ExtraHeaders,
    /// Whether robots.txt is asked (`--ignore-robots` for one-off URLs only).
    pub obey_robots: bool,
}

impl Request {
    /// A request for a page, which asks nothing but robots.txt before.
    pub fn page(url: Url) -> Self {
        Self {
            url,
            target: Target::Page,
            validators: Validators::default(),
            headers: ExtraHeaders::default(),
            obey_robots: true,
        }
    }
}

/// An answer.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "moved once or twice per fetch, which is nothing beside the network")]
pub enum Fetched {
    /// A body, and the validators that came with it.
    Page {
        /// The body and where it came from.
        page: Page,
        /// To be kept for the next request, once the body has been dealt with.
        validators: Validators,
        /// Until when the server says that it holds (RFC 9111), a year at most; `None` where it does not say, and the
        /// moment of the answer where it is not to be relied on.
        fresh_until: Option<Timestamp>,
        /// Whether it may have been cut off: nothing said where it ends, and it has not the end of its kind, in two
        /// attempts.
        may_be_cut: bool,
    },
    /// 304: nothing new since the validators.
    NotModified {
        /// As that of a page.
        fresh_until: Option<Timestamp>,
    },
}

/// Is told of every exchange with a host, robots.txt among them.
pub type Observer = Arc<dyn Fn(Exchange) + Send + Sync>;

/// One request and its answer, for whoever counts them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exchange {
    /// From the request to the end of the body, without the wait for the host's turn or for memory.
    pub took: Duration,
    /// Of the unpacked body; `None` where there is none: a failure, a redirect, nothing new.
    pub bytes: Option<u64>,
}

/// Fetches; shared between tasks, keeps connections, names, robots.txt files and hosts' paces.
pub struct Fetcher {
    options: FetchOptions,
    ways: way::Ways,
    policy: Arc<AddressPolicy>,
    resolver: GuardedResolver,
    paces: Arc<politeness::Paces>,
    robots: Arc<robots::Cache>,
    kept_hosts: kept::KeptHosts,
    cache: Option<DiskCache>,
    memory: Option<Memory>,
    observer: Option<Observer>,
}

impl fmt::Debug for Fetcher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Fetcher").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Fetcher {
    /// Prepares the client.
    ///
    /// # Errors
    /// Where the options do not hold together.
    pub fn new(options: &FetchOptions) -> Result<Self, FetchSetupError> {
        Self::with_lookup(options, names::system_lookup())
    }

    /// The same with names looked up by `lookup` in the place of the system's resolver. What it answers is guarded and
    /// remembered like the system's answers.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_lookup(options: &FetchOptions, lookup: Lookup) -> Result<Self, FetchSetupError> {
        options.check()?;
        let policy = Arc::new(AddressPolicy::new(&options.allow_private));
        let names = Names::new(lookup, Duration::from_secs(options.dns_cache_s));
        let resolver = GuardedResolver::new(policy.clone(), names);
        Ok(Self {
            ways: way::Ways::new(options, &resolver)?,
            options: options.clone(),
            policy,
            resolver,
            paces: Arc::default(),
            robots: Arc::default(),
            kept_hosts: kept::KeptHosts::default(),
            cache: None,
            memory: None,
            observer: None,
        })
    }

    /// The same with other options, to take this one's place under way: hosts' paces, answers of robots.txt and the way
    /// names are looked up go over; connections and cookies do not.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn renewed(&self, options: &FetchOptions) -> Result<Self, FetchSetupError> {
        let new = Self::with_lookup(options, self.resolver.lookup())?;
        // Its rules were read for the name that we gave.
        let is_same_name = self.options.agent() == options.agent();
        Ok(Self {
            paces: self.paces.clone(),
            robots: if is_same_name { self.robots.clone() } else { new.robots.clone() },
            cache: self.cache.clone(),
            memory: self.memory.clone(),
            observer: self.observer.clone(),
            ..new
        })
    }

    /// The same with at most so many bytes of bodies in memory, from the head of an answer until its page is dropped;
    /// who comes later waits. One body that turns out longer than its answer has announced may exceed it.
    #[must_use]
    pub fn bounded(self, most_bytes: u64) -> Self {
        Self { memory: Some(Memory::new(most_bytes)), ..self }
    }

    /// The same with somebody who counts.
    #[must_use]
    pub fn observed(self, observer: Observer) -> Self {
        Self { observer: Some(observer), ..self }
    }

    /// The same with answers kept on the disk. Requests with validators of their own, and those with secrets, pass it by.
    #[must_use]
    pub fn cached(self, cache: DiskCache) -> Self {
        Self { cache: Some(cache), ..self }
    }

    /// Fetches one URL: waits for the host's turn, follows redirects, obeys robots.txt at each hop.
    ///
    /// # Errors
    /// Whatever keeps the body from coming whole.
    pub async fn fetch(&self, request: &Request) -> Result<Fetched, FetchError> {
        hops::follow(self, request).await
    }

    /// How many fetches wait for the turn of a host or an address and hold nothing else.
    pub fn waiting(&self) -> usize {
        self.paces.waiting()
    }

    /// Forgets which robots.txt files could not be had, which is remembered for a minute else: the network was down.
    pub fn forget_failures(&self) {
        self.robots.forget_failures();
    }

    /// The addresses of a URL's host that may be connected to, at least one; remembered for `dns_cache_s`.
    ///
    /// # Errors
    /// A name that does not resolve, or not to an address that may be connected to; a resolver that takes longer than
    /// `connect_timeout_s`.
    pub async fn resolve(&self, url: &Url) -> Result<Vec<IpAddr>, FetchError> {
        let found = tokio::time::timeout(self.ways.of(url).connect, self.resolver.addresses(url)).await;
        found.unwrap_or_else(|_| Err(FetchError::Timeout { url: url.clone(), limit: TimeLimit::Connect }))
    }

    /// How long the URL's host rests from now on, by the configuration, its `Crawl-delay` and its speed: a fetch would
    /// wait for so long, and a caller with other hosts to ask can come back then. Zero for a host that was not asked yet
    /// or is being asked just now.
    pub fn rest(&self, url: &Url) -> Duration {
        self.paces.rest(url)
    }

    /// The pause after a request to a host at `addresses`: at least [`options::LEAST_PAUSE_MS`], unless the host is
    /// the operator's own.
    fn pause(&self, addresses: &[IpAddr]) -> Pause {
        let wanted = self.options.host_pause_ms;
        let is_own = !addresses.is_empty() && addresses.iter().all(|address| self.policy.is_own(*address));
        if is_own && wanted < options::LEAST_PAUSE_MS {
            return Pause::Exactly(Duration::from_millis(wanted));
        }
        Pause::AtLeast(Duration::from_millis(wanted.max(options::LEAST_PAUSE_MS)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(network: &str) -> FetchOptions {
        FetchOptions { allow_private: vec![network.parse().unwrap()], host_pause_ms: 0, ..FetchOptions::default() }
    }

    #[tokio::test]
    async fn short_pauses_are_for_hosts_whose_every_address_is_ones_own() {
        let lookup: Lookup = Arc::new(|name| {
            let addresses: &[&str] = match name.as_str() {
                "own.example" => &["10.0.0.1", "10.0.0.2"],
                "mixed.example" => &["10.0.0.1", "1.1.1.1"],
                _ => &["1.1.1.1"],
            };
            Box::pin(async { Ok(addresses.iter().map(|address| address.parse().unwrap()).collect()) })
        });
        let fetcher = Fetcher::with_lookup(&own("10.0.0.0/8"), lookup).unwrap();
        let (own, others) = (Pause::Exactly(Duration::ZERO), Pause::AtLeast(Duration::from_secs(1)));
        for (url, expected) in [
            ("http://own.example/", own),
            ("http://10.9.9.9/", own),
            ("http://mixed.example/", others),
            ("http://far.example/", others),
            ("http://1.1.1.1/", others),
        ] {
            let addresses = fetcher.resolve(&Url::parse(url).unwrap()).await.unwrap();
            assert_eq!(fetcher.pause(&addresses), expected, "{url}");
        }
        assert_eq!(fetcher.pause(&[]), others, "nobody knows where it is");
    }
}
