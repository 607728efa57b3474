//! From a URL to a page: redirects, guard, robots, caps and decoding are ours, the wire is reqwest's.
//!
//! [`Fetcher::fetch`] follows a chain of redirects (`hops`). For each hop, robots.txt is asked
//! (`robots`), the address is checked (`guard`, `ranges`), the host's turn is waited for (`politeness`), one
//! request is sent (`wire`), and its body is received and decoded under caps (`body`, `encoding`,
//! `sniff`). What fails is a [`FetchError`], whose class says what to do next (`retry`).

mod body;
mod cidr;
mod encoding;
mod error;
mod guard;
mod hops;
mod options;
mod politeness;
mod ranges;
mod retry;
mod robots;
mod sniff;
mod urls;
mod wire;

use crate::page::Page;
use guard::{AddressPolicy, GuardedResolver, Lookup};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

pub use crate::page::{ExtraHeaders, Target, Validators};
pub use cidr::{Cidr, CidrError};
pub use error::{Cause, FetchError, TimeLimit};
pub use options::{FetchOptions, FetchSetupError, MOST_BODY_BYTES};
pub use retry::FailureClass;
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
    },
    /// 304: nothing new since the validators.
    NotModified,
}

/// Fetches; shared between tasks, keeps connections, robots.txt files and hosts' paces.
#[derive(Debug)]
pub struct Fetcher {
    options: FetchOptions,
    client: reqwest::Client,
    policy: Arc<AddressPolicy>,
    resolver: GuardedResolver,
    /// Whether nobody here resolves names: neither for the guard nor for the pace of an address.
    leaves_names_to_proxy: bool,
    paces: politeness::Paces,
    robots: robots::Cache,
}

impl Fetcher {
    /// Prepares the client.
    ///
    /// # Errors
    /// Where the options do not hold together.
    pub fn new(options: &FetchOptions) -> Result<Self, FetchSetupError> {
        Self::with_lookup(options, guard::system_lookup())
    }

    fn with_lookup(options: &FetchOptions, lookup: Lookup) -> Result<Self, FetchSetupError> {
        options.check()?;
        let policy = Arc::new(AddressPolicy::new(&options.allow_private));
        let proxy = options.proxy_url()?;
        let resolver = GuardedResolver::new(policy.clone(), lookup, proxy.as_ref());
        Ok(Self {
            client: client(options, proxy.as_ref(), &resolver)?,
            leaves_names_to_proxy: proxy.is_some() && options.proxy_resolves,
            options: options.clone(),
            policy,
            resolver,
            paces: politeness::Paces::default(),
            robots: robots::Cache::default(),
        })
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

    /// The addresses of a URL's host that may be connected to.
    async fn resolve(&self, url: &Url) -> Result<Vec<IpAddr>, FetchError> {
        let patience = Duration::from_secs(self.options.connect_timeout_s);
        let found = tokio::time::timeout(patience, self.resolver.addresses(url)).await;
        found.unwrap_or_else(|_| Err(FetchError::Timeout { url: url.clone(), limit: TimeLimit::Connect }))
    }

    /// The pause after a request to a host at `addresses`: at least [`options::LEAST_PAUSE_MS`], unless the host is
    /// the operator's own.
    fn pause(&self, addresses: &[IpAddr]) -> politeness::Pause {
        let wanted = self.options.host_pause_ms;
        let is_own = !addresses.is_empty() && addresses.iter().all(|address| self.policy.is_own(*address));
        if is_own && wanted < options::LEAST_PAUSE_MS {
            return politeness::Pause::Exactly(Duration::from_millis(wanted));
        }
        politeness::Pause::AtLeast(Duration::from_millis(wanted.max(options::LEAST_PAUSE_MS)))
    }
}

/// How long an unused connection is kept: some pauses long, and not so long that thousands of hosts
/// use up the file descriptors.
const IDLE_CONNECTION: Duration = Duration::from_secs(15);

/// The client: no redirects, decoders, cookies or proxies but the configured one; names only
/// through the guard.
fn client(
    options: &FetchOptions,
    proxy: Option<&Url>,
    resolver: &GuardedResolver,
) -> Result<reqwest::Client, FetchSetupError> {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // An `Err` says that somebody else was quicker, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    let prepare = || -> Result<reqwest::ClientBuilder, FetchSetupError> {
        let builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .dns_resolver(resolver.clone())
            .user_agent(options.header()?)
            .connect_timeout(Duration::from_secs(options.connect_timeout_s))
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(IDLE_CONNECTION);
        Ok(match proxy {
            Some(url) => builder.proxy(reqwest::Proxy::all(url.clone()).map_err(FetchSetupError::Client)?),
            None => builder,
        })
    };
    prepare()?.build().or_else(|error| {
        // A machine without CA certificates can still fetch over http and from files.
        tracing::warn!(cause = %Cause::new(error), "no https: no CA certificates found; install the package `ca-certificates`");
        prepare()?.tls_certs_only([]).build().map_err(FetchSetupError::Client)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn own(network: &str) -> FetchOptions {
        FetchOptions { allow_private: vec![network.parse().unwrap()], host_pause_ms: 0, ..FetchOptions::default() }
    }

    #[tokio::test]
    async fn name_that_changes_its_address_between_check_and_connection_gains_nothing() {
        let inside = TcpListener::bind("127.0.0.2:0").unwrap();
        inside.set_nonblocking(true).unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = asked.clone();
        let lookup: Lookup = Arc::new(move |_| {
            let first = counted.fetch_add(1, Ordering::SeqCst) == 0;
            let address = if first { "127.0.0.1" } else { "127.0.0.2" };
            Box::pin(async move { Ok(vec![address.parse().unwrap()]) })
        });
        let fetcher = Fetcher::with_lookup(&own("127.0.0.1/32"), lookup).unwrap();
        let url = Url::parse(&format!("http://rebinding.example:{}/", inside.local_addr().unwrap().port())).unwrap();
        let request = Request { obey_robots: false, ..Request::page(url) };
        let error = fetcher.fetch(&request).await.unwrap_err();
        assert_eq!(error.id(), "address", "{error}");
        assert_eq!(asked.load(Ordering::SeqCst), 2, "looked up for the pause, and again for the connection");
        assert!(inside.accept().is_err(), "nobody connected");
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
        let (own, others) =
            (politeness::Pause::Exactly(Duration::ZERO), politeness::Pause::AtLeast(Duration::from_secs(1)));
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
