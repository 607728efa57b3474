//! Which URLs and addresses are fetched at all.
//!
//! Names are checked where they are resolved ([`GuardedResolver`]): the client connects to the very
//! addresses that were checked, so a name that changes its mind between two look-ups gains nothing.
//! Literal addresses never reach a resolver and are checked per hop ([`AddressPolicy::check_url`]).

use super::cidr::Cidr;
use super::error::{Cause, FetchError};
use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use url::{Host, Url};

/// What is wrong with a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlProblem {
    /// No absolute URL.
    #[error("is no URL ({0}); write it whole, as in `https://example.org/page`")]
    Unreadable(#[from] url::ParseError),
    /// Neither http nor https.
    #[error("refused: only http and https URLs are fetched")]
    Scheme,
    /// Backslashes: some programs take them for slashes, some do not, so that a check and a
    /// connection can mean different hosts (`http://inside\@outside/`).
    #[error("has a backslash, which programs read differently; write `/`, or `%5C` where it is meant")]
    Backslash,
    /// Tabs, line breaks and their like.
    #[error("has control characters; remove them")]
    ControlCharacter,
    /// `user:password@` before the host.
    #[error("carries a user name or password, which is never sent; remove what stands before the `@`")]
    UserInfo,
}

/// Reads a URL to be fetched, relative to `base` where one is given; its fragment is dropped.
///
/// # Errors
/// [`FetchError::Url`] for what is no http or https URL, or could be read in more ways than one.
pub fn parse_url(text: &str, base: Option<&Url>) -> Result<Url, FetchError> {
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    let wrong = |problem| FetchError::Url { url: shown(text), problem };
    // Behind the `?` a backslash is data, and every reader agrees on where the host ends.
    let before_query = text.split(['?', '#']).next().unwrap_or_default();
    if text.chars().any(char::is_control) {
        return Err(wrong(UrlProblem::ControlCharacter));
    }
    if before_query.contains('\\') {
        return Err(wrong(UrlProblem::Backslash));
    }
    let url = Url::options().base_url(base).parse(text).map_err(|error| wrong(error.into()))?;
    admit(&url)
}

/// Checks a URL that is parsed already, and drops its fragment.
pub(super) fn admit(url: &Url) -> Result<Url, FetchError> {
    let wrong = |problem| FetchError::Url { url: shown(url.as_str()), problem };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong(UrlProblem::Scheme));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(UrlProblem::UserInfo));
    }
    let mut url = url.clone();
    url.set_fragment(None);
    Ok(url)
}

/// A text that claims to be a URL, fit for a log: one line, no escapes, no user name or password.
fn shown(text: &str) -> String {
    let (scheme, rest) = text.split_once("://").map_or(("", text), |(scheme, rest)| (scheme, rest));
    let authority_end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let after_user = rest[..authority_end].rfind('@').map_or(rest, |at| &rest[at + 1..]);
    let separator = if scheme.is_empty() { "" } else { "://" };
    format!("{scheme}{separator}{after_user}").chars().take(500).flat_map(char::escape_debug).collect()
}

/// A range of addresses that are not global.
struct Range {
    network: Cidr,
    what: &'static str,
}

const fn v4(octets: [u8; 4], prefix: u8, what: &'static str) -> Range {
    Range { network: Cidr::v4(octets, prefix), what }
}

const fn v6(groups: [u16; 8], prefix: u8, what: &'static str) -> Range {
    Range { network: Cidr::v6(groups, prefix), what }
}

/// The IPv4 ranges of the IANA special-purpose registry (RFC 6890 and later) that are not globally
/// reachable, with multicast and the reserved block.
const SPECIAL_V4: [Range; 15] = [
    v4([0, 0, 0, 0], 8, "this network, RFC 791"),
    v4([10, 0, 0, 0], 8, "private, RFC 1918"),
    v4([100, 64, 0, 0], 10, "carrier's own network, RFC 6598"),
    v4([127, 0, 0, 0], 8, "loopback, RFC 1122"),
    v4([169, 254, 0, 0], 16, "link-local, RFC 3927"),
    v4([172, 16, 0, 0], 12, "private, RFC 1918"),
    v4([192, 0, 0, 0], 24, "protocol assignments, RFC 6890"),
    v4([192, 0, 2, 0], 24, "documentation, RFC 5737"),
    v4([192, 88, 99, 0], 24, "former 6to4 relays, RFC 7526"),
    v4([192, 168, 0, 0], 16, "private, RFC 1918"),
    v4([198, 18, 0, 0], 15, "benchmarks, RFC 2544"),
    v4([198, 51, 100, 0], 24, "documentation, RFC 5737"),
    v4([203, 0, 113, 0], 24, "documentation, RFC 5737"),
    v4([224, 0, 0, 0], 4, "multicast, RFC 5771"),
    v4([240, 0, 0, 0], 4, "reserved, RFC 1112"),
];

/// The IPv6 ranges that are not global, named; whatever is outside of 2000::/3 and not named here
/// is not global either, since nothing else has been given out (RFC 4291, section 2.4).
const SPECIAL_V6: [Range; 13] = [
    v6([0, 0, 0, 0, 0, 0, 0, 0], 128, "unspecified, RFC 4291"),
    v6([0, 0, 0, 0, 0, 0, 0, 1], 128, "loopback, RFC 4291"),
    v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48, "local translation, RFC 8215"),
    v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64, "discarded, RFC 6666"),
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32, "Teredo, RFC 4380"),
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, "protocol assignments, RFC 2928"),
    v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, "documentation, RFC 3849"),
    v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, "documentation, RFC 9637"),
    v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16, "segment routing, RFC 9602"),
    v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, "unique local, RFC 4193"),
    v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10, "link-local, RFC 4291"),
    v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10, "site-local, RFC 3879"),
    v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8, "multicast, RFC 4291"),
];

/// Parts of 2001::/23 that are globally reachable all the same: AMT (RFC 7450), AS112 (RFC 7535).
const GLOBAL_ASSIGNMENTS: [Cidr; 2] =
    [Cidr::v6([0x2001, 3, 0, 0, 0, 0, 0, 0], 32), Cidr::v6([0x2001, 4, 0x112, 0, 0, 0, 0, 0], 48)];

const GLOBAL_UNICAST: Cidr = Cidr::v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);
const NAT64: Cidr = Cidr::v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96);
const SIX_TO_FOUR: Cidr = Cidr::v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16);

/// What `address` is for where it is not global; `None` for a global address.
fn special(address: IpAddr) -> Option<&'static str> {
    match address.to_canonical() {
        IpAddr::V4(address) => special_v4(address),
        IpAddr::V6(address) => special_v6(address),
    }
}

fn special_v4(address: Ipv4Addr) -> Option<&'static str> {
    SPECIAL_V4.iter().find(|range| range.network.contains(address.into())).map(|range| range.what)
}

fn special_v6(address: Ipv6Addr) -> Option<&'static str> {
    if let Some(inner) = embedded_v4(address) {
        return special_v4(inner);
    }
    if GLOBAL_ASSIGNMENTS.iter().any(|network| network.contains(address.into())) {
        return None;
    }
    let named = SPECIAL_V6.iter().find(|range| range.network.contains(address.into()));
    match named {
        Some(range) => Some(range.what),
        None if GLOBAL_UNICAST.contains(address.into()) => None,
        None => Some("not given out, RFC 4291"),
    }
}

/// The IPv4 address to which a translator (NAT64, RFC 6052; 6to4, RFC 3056) would pass packets on.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let bits = address.to_bits();
    if NAT64.contains(address.into()) {
        Some(Ipv4Addr::from_bits(bits as u32))
    } else if SIX_TO_FOUR.contains(address.into()) {
        Some(Ipv4Addr::from_bits((bits >> 80) as u32))
    } else {
        None
    }
}

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

    /// Whether the configuration names networks at all.
    pub(super) fn has_own(&self) -> bool {
        !self.own.is_empty()
    }

    pub(super) fn check(&self, address: IpAddr) -> Result<(), Refused> {
        match special(address) {
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
    use super::*;

    fn policy(own: &[&str]) -> AddressPolicy {
        AddressPolicy::new(&own.iter().map(|network| network.parse().unwrap()).collect::<Vec<_>>())
    }

    #[test]
    fn special_addresses_are_refused_to_the_edges_of_their_ranges() {
        for (first, last) in [
            ("0.0.0.0", "0.255.255.255"),
            ("10.0.0.0", "10.255.255.255"),
            ("100.64.0.0", "100.127.255.255"),
            ("127.0.0.0", "127.255.255.255"),
            ("169.254.0.0", "169.254.255.255"),
            ("172.16.0.0", "172.31.255.255"),
            ("192.0.0.0", "192.0.0.255"),
            ("192.0.2.0", "192.0.2.255"),
            ("192.88.99.0", "192.88.99.255"),
            ("192.168.0.0", "192.168.255.255"),
            ("198.18.0.0", "198.19.255.255"),
            ("198.51.100.0", "198.51.100.255"),
            ("203.0.113.0", "203.0.113.255"),
            ("224.0.0.0", "239.255.255.255"),
            ("240.0.0.0", "255.255.255.255"),
            ("::", "::1"),
            ("::2", "63:ffff::"),
            ("::ffff:10.0.0.0", "::ffff:10.255.255.255"),
            ("64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254"),
            ("64:ff9b:1::", "64:ff9b:1:ffff::"),
            ("100::", "100::ffff"),
            ("2001::", "2001:2:ffff::"),
            ("2001:4::", "2001:1ff:ffff::"),
            ("2001:db8::", "2001:db8:ffff::"),
            ("2002:7f00:1::", "2002:c0a8:101::"),
            ("3fff::", "3fff:fff::"),
            ("5f00::", "5f00:ffff::"),
            ("fc00::", "fdff:ffff::"),
            ("fe80::", "febf:ffff::"),
            ("fec0::", "feff:ffff::"),
            ("ff00::", "ffff:ffff::"),
        ] {
            for address in [first, last] {
                assert!(policy(&[]).check(address.parse().unwrap()).is_err(), "{address}");
            }
        }
    }

    #[test]
    fn global_addresses_next_to_the_special_ones_pass() {
        for address in [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
            "2001:3::1",
            "2001:4:112::1",
            "2001:200::1",
            "2002:101:101::1",
            "2606:4700::1111",
            "3ffe:ffff::1",
        ] {
            assert_eq!(policy(&[]).check(address.parse().unwrap()), Ok(()), "{address}");
        }
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

    #[test]
    fn urls_that_programs_read_differently_are_refused() {
        for (text, problem) in [
            ("http://127.0.0.1:80\\@example.org/", UrlProblem::Backslash),
            ("http:\\\\example.org/", UrlProblem::Backslash),
            ("http://exa\tmple.org/", UrlProblem::ControlCharacter),
            ("http://example.org/\u{0}", UrlProblem::ControlCharacter),
            ("http://example.org/\u{9b}31m", UrlProblem::ControlCharacter),
            ("http://user:secret@example.org/", UrlProblem::UserInfo),
            ("http://127.0.0.1@example.org/", UrlProblem::UserInfo),
            ("file:///etc/passwd", UrlProblem::Scheme),
            ("gopher://example.org/", UrlProblem::Scheme),
            ("data:text/html,x", UrlProblem::Scheme),
            ("javascript:alert(1)", UrlProblem::Scheme),
            ("/page", UrlProblem::Unreadable(url::ParseError::RelativeUrlWithoutBase)),
            ("http://[fe80::1%25eth0]/", UrlProblem::Unreadable(url::ParseError::InvalidIpv6Address)),
        ] {
            let FetchError::Url { problem: found, .. } = parse_url(text, None).unwrap_err() else { panic!("{text:?}") };
            assert_eq!(found, problem, "{text:?}");
        }
    }

    #[test]
    fn backslash_in_a_query_is_data_and_a_fragment_is_dropped() {
        assert_eq!(parse_url("http://a.example/?q=\\#top", None).unwrap().as_str(), "http://a.example/?q=\\");
        let base = Url::parse("https://a.example/x/y").unwrap();
        assert_eq!(parse_url(" ../z ", Some(&base)).unwrap().as_str(), "https://a.example/z");
    }

    #[test]
    fn refused_urls_are_shown_without_secrets_and_escapes() {
        for (text, said) in [
            ("http://user:secret@example.org/", "http://example.org/"),
            ("http://user:se@cret@example.org/a@b", "http://example.org/a@b"),
            ("http://example.org/\u{1b}]52;c;x\u{7}", "http://example.org/\\u{1b}]52;c;x\\u{7}"),
            ("http://example.org/\u{9b}\u{202e}", "http://example.org/\\u{9b}\\u{202e}"),
        ] {
            assert_eq!(shown(text), said);
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
