//! Names looked up, remembered for a while, and handed on only where the guard lets their addresses pass.

use super::error::{Cause, FetchError};
use super::guard::{AddressPolicy, Refused, literal};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// A look-up under way: the addresses of a name in the order in which they are to be tried.
pub type Looking = Pin<Box<dyn Future<Output = Result<Vec<IpAddr>, LookupError>> + Send>>;

/// Looks a name up: the system's resolver, or one of a caller's own ([`Fetcher::with_lookup`](super::Fetcher::with_lookup)).
pub type Lookup = Arc<dyn Fn(String) -> Looking + Send + Sync>;

/// Why a name has no addresses.
#[derive(Debug, thiserror::Error)]
pub enum LookupError {
    /// The resolver says that there is no such name, or that it has no address.
    #[error("{0}")]
    Unknown(#[source] io::Error),
    /// The resolver fails, cannot be reached or is too slow; asking again may help.
    #[error("{0}")]
    Temporary(#[source] io::Error),
}

/// What the system's resolvers say where a name does not exist or has no address (glibc, musl, macOS, Windows). They
/// tell it by their message alone: std passes on no number.
const UNKNOWN_NAME: [&str; 6] = [
    "Name or service not known",
    "No address associated with",
    "Name does not resolve",
    "Name has no usable address",
    "nodename nor servname provided",
    "No such host is known",
];

impl From<io::Error> for LookupError {
    fn from(error: io::Error) -> Self {
        let said = error.to_string();
        let is_unknown = UNKNOWN_NAME.iter().any(|known| said.contains(known));
        if is_unknown { Self::Unknown(error) } else { Self::Temporary(error) }
    }
}

/// The system's resolver.
pub(super) fn system_lookup() -> Lookup {
    Arc::new(|host| {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            Ok(found.map(|socket| socket.ip()).collect())
        })
    })
}

/// Past this number of names, those that are out of date are forgotten, then any.
const NAMES_KEPT: usize = 4096;

/// Addresses kept of one name: more are never tried within the time for connecting.
const ADDRESSES_KEPT: usize = 16;

#[derive(Debug, Clone)]
struct Known {
    addresses: Vec<IpAddr>,
    until: Instant,
}

/// Names and their addresses, as they were answered. What fails is not remembered.
#[derive(Clone)]
pub(super) struct Names {
    lookup: Lookup,
    kept: Duration,
    known: Arc<Mutex<HashMap<String, Known>>>,
}

impl Names {
    /// Looks up by `lookup`; an answer holds for `kept`, the system's resolver does not tell for how long it would.
    pub(super) fn new(lookup: Lookup, kept: Duration) -> Self {
        Self { lookup, kept, known: Arc::default() }
    }

    /// The addresses of a name, none of them checked.
    async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, LookupError> {
        if let Some(known) = self.remembered(name) {
            return Ok(known);
        }
        let mut addresses = (self.lookup)(name.to_owned()).await?;
        addresses.truncate(ADDRESSES_KEPT);
        if !self.kept.is_zero() && !addresses.is_empty() {
            self.remember(name, &addresses);
        }
        Ok(addresses)
    }

    fn remembered(&self, name: &str) -> Option<Vec<IpAddr>> {
        // A panic elsewhere leaves the map whole: entries are only added and dropped.
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(name).filter(|known| known.until > Instant::now()).map(|known| known.addresses.clone())
    }

    fn remember(&self, name: &str, addresses: &[IpAddr]) {
        let now = Instant::now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= NAMES_KEPT && !known.contains_key(name) {
            known.retain(|_, known| known.until > now);
            if known.len() >= NAMES_KEPT {
                known.clear();
            }
        }
        known.insert(name.to_owned(), Known { addresses: addresses.to_vec(), until: now + self.kept });
    }
}

/// Resolves names and yields only addresses that the policy lets pass, remembered ones too: the client connects to the
/// very addresses that were checked, so a name that changes its mind between two look-ups gains nothing.
#[derive(Clone)]
pub(super) struct GuardedResolver {
    policy: Arc<AddressPolicy>,
    names: Names,
    /// The configured proxy's name: chosen by the operator, who may well keep it inside.
    trusted_name: Option<String>,
}

impl fmt::Debug for GuardedResolver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("GuardedResolver").field("policy", &self.policy).finish_non_exhaustive()
    }
}

/// A name without addresses.
#[derive(Debug, thiserror::Error)]
#[error("the name has no address")]
struct NoAddress;

/// Why a name gives nothing to connect to.
#[derive(Debug, thiserror::Error)]
enum Unresolved {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error(transparent)]
    Lookup(#[from] LookupError),
}

impl GuardedResolver {
    pub(super) fn new(policy: Arc<AddressPolicy>, names: Names) -> Self {
        Self { policy, names, trusted_name: None }
    }

    /// How names are looked up.
    pub(super) fn lookup(&self) -> Lookup {
        self.names.lookup.clone()
    }

    /// The same for a client that uses a proxy, whose own name passes.
    pub(super) fn behind(&self, proxy: &Url) -> Self {
        Self { trusted_name: proxy.domain().map(str::to_owned), ..self.clone() }
    }

    async fn allowed(&self, name: &str) -> Result<Vec<IpAddr>, Unresolved> {
        let found = self.names.addresses(name).await?;
        let first_refused = found.iter().find_map(|address| self.policy.check(*address).err());
        let allowed: Vec<IpAddr> = found.into_iter().filter(|address| self.policy.check(*address).is_ok()).collect();
        match first_refused {
            _ if !allowed.is_empty() => Ok(allowed),
            Some(refused) => Err(refused.into()),
            None => Err(LookupError::Unknown(io::Error::other(NoAddress)).into()),
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
            Unresolved::Lookup(error) => not_found(url, error),
        })
    }
}

/// The failure of a URL whose name has no addresses.
fn not_found(url: &Url, error: LookupError) -> FetchError {
    let temporary = is_temporary(&error);
    FetchError::Dns { url: url.clone(), cause: Cause::new(error), temporary }
}

/// Whether asking again may help.
pub(super) fn is_temporary(error: &LookupError) -> bool {
    matches!(error, LookupError::Temporary(_))
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            let addresses = if resolver.trusted_name.as_deref() == Some(name.as_str()) {
                resolver.names.addresses(name.as_str()).await?
            } else {
                match resolver.allowed(name.as_str()).await {
                    Ok(addresses) => addresses,
                    Err(Unresolved::Refused(refused)) => return Err(refused.into()),
                    Err(Unresolved::Lookup(error)) => return Err(error.into()),
                }
            };
            let sockets = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(sockets) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::guard::tests::policy;
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn answering(addresses: &'static [&'static str]) -> Lookup {
        Arc::new(move |_| Box::pin(async move { Ok(addresses.iter().map(|a| a.parse().unwrap()).collect()) }))
    }

    fn resolver(lookup: Lookup) -> GuardedResolver {
        GuardedResolver::new(Arc::new(policy(&[])), Names::new(lookup, Duration::from_secs(60)))
    }

    #[tokio::test]
    async fn resolver_yields_only_what_the_policy_lets_pass() {
        let url = Url::parse("http://name.example/").unwrap();
        let mixed = resolver(answering(&["10.0.0.1", "1.1.1.1", "::1", "2606:4700::1111"]));
        let passed: Vec<IpAddr> = vec!["1.1.1.1".parse().unwrap(), "2606:4700::1111".parse().unwrap()];
        for _ in 0..2 {
            assert_eq!(mixed.addresses(&url).await.unwrap(), passed, "remembered addresses are checked as well");
        }
        let inside = resolver(answering(&["10.0.0.1", "::1"])).addresses(&url).await.unwrap_err();
        assert_eq!(inside.id(), "address");
        let none = resolver(answering(&[])).addresses(&url).await.unwrap_err();
        assert_eq!(none.id(), "dns");
    }

    #[tokio::test]
    async fn name_of_the_proxy_itself_may_lie_inside() {
        let proxy = Url::parse("http://proxy.example:3128").unwrap();
        let resolver = resolver(answering(&["10.0.0.1"])).behind(&proxy);
        assert_eq!(resolver.resolve("proxy.example".parse().unwrap()).await.unwrap().count(), 1);
        assert!(resolver.resolve("other.example".parse().unwrap()).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn answers_are_remembered_for_their_time_and_failures_are_not() {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = asked.clone();
        let names = Names::new(
            Arc::new(move |name| {
                counted.fetch_add(1, Ordering::SeqCst);
                Box::pin(async move {
                    match name.as_str() {
                        "good.example" => Ok(vec!["1.1.1.1".parse().unwrap(); 40]),
                        _ => Err(LookupError::Temporary(io::Error::other("SERVFAIL"))),
                    }
                })
            }),
            Duration::from_secs(60),
        );
        for (name, waited_s, asked_in_all) in [
            ("good.example", 0, 1),
            ("good.example", 59, 1),
            ("good.example", 2, 2),
            ("bad.example", 0, 3),
            ("bad.example", 0, 4),
        ] {
            tokio::time::advance(Duration::from_secs(waited_s)).await;
            let found = names.addresses(name).await;
            assert!(found.is_err() || found.is_ok_and(|found| found.len() == ADDRESSES_KEPT));
            assert_eq!(asked.load(Ordering::SeqCst), asked_in_all, "{name} after {waited_s} s");
        }
    }

    #[tokio::test]
    async fn names_are_forgotten_before_they_fill_the_memory() {
        let names = Names::new(answering(&["1.1.1.1"]), Duration::from_secs(60));
        for number in 0..=NAMES_KEPT {
            names.addresses(&format!("h{number}.example")).await.unwrap();
        }
        assert!(names.known.lock().unwrap().len() <= NAMES_KEPT);
    }

    #[test]
    fn unknown_names_are_told_from_resolvers_that_fail() {
        for (said, temporary) in [
            ("failed to lookup address information: Name or service not known", false),
            ("failed to lookup address information: No address associated with hostname", false),
            ("failed to lookup address information: nodename nor servname provided, or not known", false),
            ("failed to lookup address information: Temporary failure in name resolution", true),
            ("failed to lookup address information: Non-recoverable failure in name resolution", true),
            ("Too many open files (os error 24)", true),
        ] {
            assert_eq!(is_temporary(&LookupError::from(io::Error::other(said))), temporary, "{said}");
        }
    }
}
