//! What makes two addresses one: normalised URLs, their keys, and the hosts they stand on.

use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;
use url::Url;

/// Query parameters that say where a reader came from, a line each; the file says what may stand in it.
const TRACKING_PARAMETERS: &str = include_str!("key/tracking.txt");

/// Those of them that are whole names, and the beginnings of others.
static TRACKING: LazyLock<(HashSet<&str>, Vec<&str>)> = LazyLock::new(|| {
    let lines = TRACKING_PARAMETERS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (starts, names): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.ends_with('*'));
    (names.into_iter().collect(), starts.into_iter().map(|start| start.trim_end_matches('*')).collect())
});

/// The URL that stands for all spellings of it: no fragment, no credentials, no tracking parameters.
///
/// Host case, default ports and `..` are settled by the `url` crate already. The order of the
/// remaining parameters is kept, and so are scheme, `www.` and a closing slash: sites exist where
/// each of them leads elsewhere.
pub fn normalise(url: &Url) -> Url {
    let mut normal = url.clone();
    normal.set_fragment(None);
    // Both fail only for URLs that cannot carry credentials, and those have none to drop.
    let _ = normal.set_username("");
    let _ = normal.set_password(None);
    let kept =
        url.query().map(|query| query.split('&').filter(|pair| !is_tracking(pair)).collect::<Vec<_>>().join("&"));
    normal.set_query(kept.as_deref().filter(|query| !query.is_empty()));
    normal
}

fn is_tracking(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    let (names, starts) = &*TRACKING;
    name.is_empty() || names.contains(name.as_str()) || starts.iter().any(|start| name.starts_with(start))
}

/// The first 64 bits of a hash.
pub(crate) fn first_bits(hash: blake3::Hash) -> u64 {
    u64::from_be_bytes(std::array::from_fn(|at| hash.as_bytes()[at]))
}

/// The name of an item: the first 64 bits of the BLAKE3 hash of its normalised URL, written as 16
/// hexadecimal digits. A billion URLs meet with a probability of about 3 % (birthday bound, n²/2⁶⁵).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(u64);

impl Key {
    /// The fewest digits of a key that a file name carries.
    pub const SHORTEST: usize = 8;
    /// All digits of a key.
    pub const DIGITS: usize = 16;

    /// The key of a URL; the same for every spelling that [`normalise`] makes one.
    pub fn of(url: &Url) -> Self {
        Self(first_bits(blake3::hash(normalise(url).as_str().as_bytes())))
    }

    /// The key as a number, for stores.
    pub fn to_bits(self) -> u64 {
        self.0
    }

    /// The key that [`Key::to_bits`] gave out.
    pub fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The first `count` hexadecimal digits, at least one and at most 16.
    pub fn digits(self, count: usize) -> String {
        let mut digits = self.to_string();
        digits.truncate(count.clamp(1, Self::DIGITS));
        digits
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

/// A text that is no key.
#[derive(Debug, thiserror::Error)]
#[error("a key is {} hexadecimal digits", Key::DIGITS)]
pub struct KeyError;

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        if text.len() != Self::DIGITS || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(KeyError);
        }
        u64::from_str_radix(text, 16).map(Self).map_err(|_| KeyError)
    }
}

impl Serialize for Key {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A host as politeness counts them: lower case, without port and closing dot; brackets stay
/// around an IPv6 address. Empty for a URL without a host, which nothing fetches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host(String);

impl Host {
    /// The host of a URL.
    pub fn of(url: &Url) -> Self {
        Self(url.host_str().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase())
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(url: &str) -> Key {
        Key::of(&Url::parse(url).unwrap())
    }

    #[test]
    fn spellings_of_one_address_share_a_key() {
        let plain = key("https://news.test/a?id=7&page=2");
        for other in [
            "https://NEWS.test:443/a?id=7&page=2",
            "https://news.test/x/../a?id=7&page=2#comments",
            "https://news.test/a?utm_source=feed&id=7&fbclid=abc&page=2",
            "https://news.test/a?id=7&page=2&UTM_Campaign=spring",
            "https://reader:secret@news.test/a?id=7&page=2",
        ] {
            assert_eq!(key(other), plain, "{other}");
        }
    }

    #[test]
    fn parameters_that_choose_the_content_keep_addresses_apart() {
        let plain = key("https://news.test/a?id=7");
        for other in [
            "https://news.test/a?id=8",
            "https://news.test/a",
            "https://news.test/a/?id=7",
            "http://news.test/a?id=7",
            "https://news.test/a?id=7&campaign=1",
        ] {
            assert_ne!(key(other), plain, "{other}");
        }
    }

    #[test]
    fn query_of_tracking_parameters_alone_disappears() {
        let url = Url::parse("https://news.test/a?utm_source=x&gclid=y").unwrap();
        assert_eq!(normalise(&url).as_str(), "https://news.test/a");
    }

    #[test]
    fn tracking_parameters_are_listed_once_in_lower_case() {
        let lines: Vec<&str> =
            TRACKING_PARAMETERS.lines().filter(|it| !it.is_empty() && !it.starts_with('#')).collect();
        let (names, starts) = &*TRACKING;
        assert_eq!(names.len() + starts.len(), lines.len());
        assert!(lines.len() >= 60);
        for line in lines {
            let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.');
            assert!(line.trim_end_matches('*').chars().all(is_name) && line.len() >= 3, "{line}");
            assert!(
                !starts.iter().any(|start| line.starts_with(start) && !line.ends_with('*')),
                "{line} is said twice"
            );
        }
    }

    #[test]
    fn what_chooses_the_content_is_no_tracking_parameter() {
        for pair in ["id=1", "p=1", "page=2", "ref=main", "source=a", "article=7", "cid=3", "share=1", "s=x", "q=gclid"]
        {
            assert!(!is_tracking(pair), "{pair}");
        }
    }

    proptest! {
        #[test]
        fn normalising_is_done_once_and_leaves_host_and_path(
            host in "[a-z]{1,8}\\.(test|example)", path in "(/[a-zA-Z0-9%._~-]{0,8}){0,4}",
            query in proptest::option::of("([a-zA-Z_]{0,10}(=[a-zA-Z0-9%+=.]{0,6})?&?){0,5}"),
            tracking in "(utm_source|fbclid|GCLID|mc_eid)=[a-z0-9]{0,6}", fragment in "[a-z#!/]{0,6}",
        ) {
            let query = query.map_or(String::new(), |query| format!("{query}&"));
            let url = Url::parse(&format!("https://{host}:8443{path}?{query}{tracking}#{fragment}")).unwrap();
            let normal = normalise(&url);
            prop_assert_eq!(normalise(&normal), normal.clone());
            prop_assert_eq!((normal.scheme(), normal.host(), normal.port()), (url.scheme(), url.host(), url.port()));
            prop_assert_eq!(normal.path(), url.path());
            prop_assert_eq!(normal.fragment(), None);
            let kept = |url: &Url| url.query().unwrap_or_default().split('&').filter(|it| !is_tracking(it)).map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(kept(&normal), kept(&url));
            prop_assert_eq!(Key::of(&normal), Key::of(&url));
        }
    }

    #[test]
    fn key_survives_being_written_and_read() {
        let key = key("https://news.test/a");
        assert_eq!(key.to_string().len(), Key::DIGITS);
        assert_eq!(key.to_string().parse::<Key>().unwrap(), key);
        assert_eq!(Key::from_bits(key.to_bits()), key);
        assert!(key.to_string().starts_with(&key.digits(Key::SHORTEST)));
        assert!("12".parse::<Key>().is_err() && "+23456789abcdef0".parse::<Key>().is_err());
    }

    #[test]
    fn host_has_no_port_case_or_closing_dot() {
        let host = |url| Host::of(&Url::parse(url).unwrap()).as_str().to_owned();
        assert_eq!(host("http://News.Test.:8080/a"), "news.test");
        assert_eq!(host("http://[::1]:80/"), "[::1]");
    }
}
