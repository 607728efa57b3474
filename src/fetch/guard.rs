//! Which addresses are connected to at all.
//!
//! Names are checked where they are resolved ([`GuardedResolver`]): the client connects to the very
//! addresses that were checked, so a name that changes its mind between two look-ups gains nothing.
//! Literal addresses never reach a resolver and are checked per hop ([`AddressPolicy::check_url`]).

use super::cidr::Cidr;
use super::error::{Cause, FetchError};
use super::ranges;
use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use url::{Host, Url};

/// An address that is not connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{address} is not a global address ({range})")]
pub(super) struct Refused {
    pub(super) address: IpAddr,
    pub(super) range: &'static str,
}

/// A name without addresses.
#[derive(Debug, thiserror::Error)]
#[error("the name has no address")]
struct NoAddress;

/// Which addresses are connected to: global ones, and those of the configuration's own networks.
#[derive(Debug, Clone)]
pub(super) struct AddressPolicy {
    own: Vec<Cidr>,
}

impl AddressPolicy {
    pub(super) fn new(own: &[Cidr]) -> Self {
        for network in own.iter().filter(|network| network.is_everything()) {
            tracing::warn!(%network, "`allow_private` lets every address pass: pages and feeds can reach inside networks");
        }
        Self { own: own.to_vec() }
    }

    /// Whether `address` lies in a network of the configuration.
    pub(super) fn is_own(&self, address: IpAddr) -> bool {
        let canonical = address.to_canonical();
        self.own.iter().any(|network| network.contains(address) || network.contains(canonical))
    }

    pub(super) fn check(&self, address: IpAddr) -> Result<(), Refused> {
        match ranges::special(address) {
            Some(range) if !self.is_own(address) => Err(Refused { address, range }),
            _ => Ok(()),
        }
    }

    /// Checks a URL whose host is a literal address, in any spelling: `url` reads decimal, octal,
    /// hexadecimal and short forms as the browsers do. Names pass; their addresses are checked by
    /// the resolver.
    pub(super) fn check_url(&self, url: &Url) -> Result<(), FetchError> {
        literal(url).map_or(Ok(()), |address| self.check(address).map_err(|refused| refused.at(url)))
    }
}

impl Refused {
    pub(super) fn at(self, url: &Url) -> FetchError {
        FetchError::Address { url: url.clone(), address: self.address, range: self.range }
    }
}

/// The literal address that a URL has for its host.
fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

/// Looks a name up; the system's resolver, or one of a test's own.
pub(super) type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// The system's resolver.
pub(super) fn system_lookup() -> Lookup {
    Arc::new(|host| {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            Ok(found.map(|socket| socket.ip()).collect())
        })
    })
}

/// Resolves names and yields only addresses that the policy lets pass.
#[derive(Clone)]
pub(super) struct GuardedResolver {
    policy: Arc<AddressPolicy>,
    lookup: Lookup,
    /// The configured proxy's name: chosen by the operator, who may well keep it inside.
    trusted_name: Option<String>,
}

impl fmt::Debug for GuardedResolver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("GuardedResolver").field("policy", &self.policy).finish_non_exhaustive()
    }
}

/// Why a name gives nothing to connect to.
#[derive(Debug, thiserror::Error)]
enum Unresolved {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error(transparent)]
    NoAddress(#[from] NoAddress),
    #[error(transparent)]
    Failed(#[from] io::Error),
}

impl GuardedResolver {
    pub(super) fn new(policy: Arc<AddressPolicy>, lookup: Lookup, proxy: Option<&Url>) -> Self {
        let trusted_name = proxy.and_then(Url::domain).map(str::to_owned);
        Self { policy, lookup, trusted_name }
    }

    async fn allowed(&self, name: &str) -> Result<Vec<IpAddr>, Unresolved> {
        let found = (self.lookup)(name.to_owned()).await?;
        let first_refused = found.iter().find_map(|address| self.policy.check(*address).err());
        let allowed: Vec<IpAddr> = found.into_iter().filter(|address| self.policy.check(*address).is_ok()).collect();
        match first_refused {
            _ if !allowed.is_empty() => Ok(allowed),
            Some(refused) => Err(refused.into()),
            None => Err(NoAddress.into()),
        }
    }

    /// The addresses of a URL's host that may be connected to, at least one.
    pub(super) async fn addresses(&self, url: &Url) -> Result<Vec<IpAddr>, FetchError> {
        self.policy.check_url(url)?;
        if let Some(address) = literal(url) {
            return Ok(vec![address]);
        }
        self.allowed(url.host_str().unwrap_or_default()).await.map_err(|error| match error {
            Unresolved::Refused(refused) => refused.at(url),
            Unresolved::NoAddress(cause) => not_found(url, Cause::new(cause)),
            Unresolved::Failed(cause) => not_found(url, Cause::new(cause)),
        })
    }
}

/// A name that does not resolve. The system's resolver tells "no such name" from "ask again" by its
/// message alone: std passes on no number.
pub(super) fn not_found(url: &Url, cause: Cause) -> FetchError {
    let temporary = cause.to_string().contains("Temporary failure");
    FetchError::Dns { url: url.clone(), cause, temporary }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            let addresses = if resolver.trusted_name.as_deref() == Some(name.as_str()) {
                (resolver.lookup)(name.as_str().to_owned()).await?
            } else {
                match resolver.allowed(name.as_str()).await {
                    Ok(addresses) => addresses,
                    Err(Unresolved::Refused(refused)) => return Err(refused.into()),
                    Err(Unresolved::NoAddress(error)) => return Err(error.into()),
                    Err(Unresolved::Failed(error)) => return Err(error.into()),
                }
            };
            let sockets = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(sockets) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::urls::parse_url;
    use super::*;

    fn policy(own: &[&str]) -> AddressPolicy {
        AddressPolicy::new(&own.iter().map(|network| network.parse().unwrap()).collect::<Vec<_>>())
    }

    #[test]
    fn own_networks_pass_in_either_spelling_and_only_they() {
        let policy = policy(&["10.0.0.0/8", "fd00::/8"]);
        for address in ["10.1.2.3", "::ffff:10.1.2.3", "fd00::1"] {
            assert!(policy.check(address.parse().unwrap()).is_ok(), "{address}");
        }
        for address in ["127.0.0.1", "192.168.0.1", "fc00::1", "64:ff9b::10.0.0.1"] {
            assert!(policy.check(address.parse().unwrap()).is_err(), "{address}");
        }
    }

    #[test]
    fn every_spelling_of_an_inside_address_is_seen_through() {
        for text in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0177.0.0.1/",
            "http://0x7f.1/",
            "http://0x7f000001/",
            "http://127.1/",
            "http://127.0.0.1./",
            "http://%31%32%37.0.0.1/",
            "http://１２７.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[0:0:0:0:0:0:0:1]/",
            "http://169.254.169.254/latest/meta-data/",
            "http://0/",
        ] {
            let url = parse_url(text, None).unwrap();
            let error = policy(&[]).check_url(&url).unwrap_err();
            assert_eq!((error.id().as_str(), error.is_refusal()), ("address", true), "{text}");
        }
    }

    fn answering(addresses: &'static [&'static str]) -> Lookup {
        Arc::new(move |_| Box::pin(async move { Ok(addresses.iter().map(|a| a.parse().unwrap()).collect()) }))
    }

    #[tokio::test]
    async fn resolver_yields_only_what_the_policy_lets_pass() {
        let url = Url::parse("http://name.example/").unwrap();
        let resolver = |lookup| GuardedResolver::new(Arc::new(policy(&[])), lookup, None);
        let mixed = resolver(answering(&["10.0.0.1", "1.1.1.1", "::1", "2606:4700::1111"]));
        let passed: Vec<IpAddr> = vec!["1.1.1.1".parse().unwrap(), "2606:4700::1111".parse().unwrap()];
        assert_eq!(mixed.addresses(&url).await.unwrap(), passed);
        let inside = resolver(answering(&["10.0.0.1", "::1"])).addresses(&url).await.unwrap_err();
        assert_eq!(inside.id(), "address");
        let none = resolver(answering(&[])).addresses(&url).await.unwrap_err();
        assert_eq!(none.id(), "dns");
    }

    #[tokio::test]
    async fn name_of_the_proxy_itself_may_lie_inside() {
        let proxy = Url::parse("http://proxy.example:3128").unwrap();
        let resolver = GuardedResolver::new(Arc::new(policy(&[])), answering(&["10.0.0.1"]), Some(&proxy));
        assert_eq!(resolver.resolve("proxy.example".parse().unwrap()).await.unwrap().count(), 1);
        assert!(resolver.resolve("other.example".parse().unwrap()).await.is_err());
    }
}
