//! By which way a host is reached: the client, the name that we give, the patience, and what only that site may see.

use super::error::Cause;
use super::jar::Jar;
use super::names::GuardedResolver;
use super::options::{self, CaError, FetchOptions, FetchSetupError};
use super::proxy::Proxy;
use super::site::{self, SiteOptions, SiteSetupError};
use reqwest::header::{COOKIE, HeaderMap, HeaderValue};
use reqwest::{Certificate, Client, ClientBuilder};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, SystemTime};
use url::Url;

/// How long an unused connection is kept: the usual pause long, for a page after its robots.txt, and not so long that
/// thousands of hosts use up memory and file descriptors.
const IDLE_CONNECTION: Duration = Duration::from_secs(2);

/// One way.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) client: Client,
    /// The `User-Agent` header.
    pub(super) agent: HeaderValue,
    /// The name at its start, by which robots.txt files know us.
    pub(super) product: String,
    pub(super) connect: Duration,
    pub(super) idle: Duration,
    pub(super) total: Duration,
    /// Whether nobody here resolves names: neither for the guard nor for the pace of an address. Behind any other proxy
    /// they are checked before it is asked, since the client resolves nothing then.
    pub(super) leaves_names_to_proxy: bool,
    private: Option<Private>,
}

/// What only one origin may see.
#[derive(Debug)]
struct Private {
    site: SiteOptions,
    /// All marked as sensitive.
    credentials: HeaderMap,
    /// Where the site's cookies are kept, if they are.
    jar: Option<Jar>,
}

impl Way {
    /// Whether requests for this URL carry what others must not see.
    pub(super) fn is_private(&self, url: &Url) -> bool {
        self.private.as_ref().is_some_and(|private| private.site.trusts(url))
    }

    /// Adds what this origin may see to the headers of a request; cookies join those that are there.
    pub(super) fn add_private(&self, url: &Url, headers: &mut HeaderMap) {
        let Some(private) = self.private.as_ref().filter(|private| private.site.trusts(url)) else { return };
        headers.extend(private.credentials.clone());
        let kept = private.jar.as_ref().and_then(|jar| jar.header(url, SystemTime::now()));
        let Some(kept) = kept else { return };
        let given = headers.get(COOKIE).and_then(|value| value.to_str().ok()).map(|given| format!("{given}; "));
        if let Ok(mut value) = HeaderValue::from_str(&format!("{}{kept}", given.unwrap_or_default())) {
            value.set_sensitive(true);
            headers.insert(COOKIE, value);
        }
    }

    /// Takes the cookies of an answer, where they are wanted.
    pub(super) fn take_cookies(&self, url: &Url, headers: &HeaderMap) {
        let private = self.private.as_ref().filter(|private| private.site.trusts(url));
        if let Some(jar) = private.and_then(|private| private.jar.as_ref()) {
            jar.take(url, headers, SystemTime::now());
        }
    }
}

/// The ways of all hosts.
#[derive(Debug)]
pub(super) struct Ways {
    usual: Way,
    sites: BTreeMap<String, Way>,
}

impl Ways {
    /// Prepares a client for all, and one for each site that needs its own.
    pub(super) fn new(options: &FetchOptions, resolver: &GuardedResolver) -> Result<Self, FetchSetupError> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // An `Err` says that somebody else was quicker, which is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let certificates = options.ca_file.as_deref().map(certificates).transpose()?.unwrap_or_default();
        let usual = way(options, &SiteOptions::default(), None, resolver, &certificates)?;
        let of_site = |(host, site): (&String, &SiteOptions)| {
            let wrong = |source| FetchSetupError::Site { host: host.clone(), source: Box::new(source) };
            let credentials = site.credentials().map_err(wrong)?;
            let private = site.has_secrets().then(|| Private {
                site: site.clone(),
                credentials,
                jar: site.cookies.then(Jar::default),
            });
            if site.insecure {
                tracing::warn!(host, "`insecure`: this site's certificates are not checked, anybody may answer for it");
            }
            let own = with_site(options, site);
            let way = way(&own, site, private, resolver, &certificates)
                .map_err(|source| wrong(SiteSetupError::Value(Box::new(source))))?;
            Ok((host.clone(), way))
        };
        Ok(Self { usual, sites: options.sites.iter().map(of_site).collect::<Result<_, FetchSetupError>>()? })
    }

    /// The way to a URL.
    pub(super) fn of(&self, url: &Url) -> &Way {
        site::nearest(&self.sites, url).unwrap_or(&self.usual)
    }
}

/// The options as they are for one site.
fn with_site(options: &FetchOptions, site: &SiteOptions) -> FetchOptions {
    FetchOptions {
        user_agent: site.user_agent.clone().or_else(|| options.user_agent.clone()),
        connect_timeout_s: site.connect_timeout_s.unwrap_or(options.connect_timeout_s),
        idle_timeout_s: site.idle_timeout_s.unwrap_or(options.idle_timeout_s),
        total_timeout_s: site.total_timeout_s.unwrap_or(options.total_timeout_s),
        proxy: site.proxy.clone().or_else(|| options.proxy.clone()),
        ..options.clone()
    }
}

fn way(
    options: &FetchOptions,
    site: &SiteOptions,
    private: Option<Private>,
    resolver: &GuardedResolver,
    certificates: &[Certificate],
) -> Result<Way, FetchSetupError> {
    let proxy = options.proxy.as_ref().map(Proxy::url).transpose()?;
    let resolver = proxy.as_ref().map_or_else(|| resolver.clone(), |proxy| resolver.behind(proxy));
    let connect = Duration::from_secs(options.connect_timeout_s);
    let agent = options.agent();
    if let Some(proxy) = proxy.as_ref().filter(|_| options.proxy_resolves) {
        let proxy = proxy.host_str().unwrap_or_default();
        tracing::warn!(
            proxy,
            "`proxy_resolves`: where names lead is not checked, pages may reach what the proxy reaches"
        );
    }
    Ok(Way {
        client: client(proxy.as_ref(), connect, site.insecure, &resolver, certificates)?,
        product: options::product(&agent).to_owned(),
        agent: HeaderValue::from_str(&agent).map_err(|_| FetchSetupError::UserAgent { value: agent })?,
        connect,
        idle: Duration::from_secs(options.idle_timeout_s),
        total: Duration::from_secs(options.total_timeout_s),
        leaves_names_to_proxy: proxy.is_some() && options.proxy_resolves,
        private,
    })
}

/// A client: no redirects, decoders, cookies or proxies but the configured one; names only through the guard. Of the
/// addresses of a name, IPv6 is tried first where it comes first, and IPv4 beside it after 300 ms (RFC 8305, which
/// the connector does by itself).
fn client(
    proxy: Option<&Url>,
    connect: Duration,
    is_insecure: bool,
    resolver: &GuardedResolver,
    certificates: &[Certificate],
) -> Result<Client, FetchSetupError> {
    let prepare = || -> Result<ClientBuilder, FetchSetupError> {
        let builder = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .dns_resolver(resolver.clone())
            .connect_timeout(connect)
            .tls_danger_accept_invalid_certs(is_insecure)
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(IDLE_CONNECTION);
        Ok(match proxy {
            Some(url) => builder.proxy(reqwest::Proxy::all(url.clone()).map_err(FetchSetupError::Client)?),
            None => builder,
        })
    };
    prepare()?.tls_certs_merge(certificates.iter().cloned()).build().or_else(|error| {
        // A machine without CA certificates can still fetch over http, from files, and from who is trusted by hand.
        tracing::warn!(cause = %Cause::new(error), "no https: no CA certificates found; install the package `ca-certificates`");
        prepare()?.tls_certs_only(certificates.iter().cloned()).build().map_err(FetchSetupError::Client)
    })
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, FetchSetupError> {
    let wrong = |cause| FetchSetupError::CaFile { path: path.to_owned(), cause };
    let pem = std::fs::read(path).map_err(|error| wrong(error.into()))?;
    let found = Certificate::from_pem_bundle(&pem).map_err(|_| wrong(CaError::Pem))?;
    if found.is_empty() { Err(wrong(CaError::Pem)) } else { Ok(found) }
}
