//! What makes two addresses one: normalised URLs, their keys, and the hosts they stand on.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use url::Url;

/// Query parameters that say where a reader came from and nothing about what is shown.
/// A name that ends in `*` stands for everything that starts like it.
const TRACKING_PARAMETERS: &[&str] = &[
    "utm_*",
    "mtm_*",
    "pk_campaign",
    "pk_kwd",
    "pk_source",
    "pk_medium",
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "at_campaign",
    "at_medium",
    "dclid",
    "fbclid",
    "gbraid",
    "gclid",
    "gclsrc",
    "igsh",
    "igshid",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "msclkid",
    "oly_anon_id",
    "oly_enc_id",
    "srsltid",
    "ttclid",
    "twclid",
    "vero_id",
    "wbraid",
    "wt_mc",
    "xtor",
    "yclid",
];

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
    name.is_empty()
        || TRACKING_PARAMETERS.iter().any(|known| match known.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == *known,
        })
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
        let hash = blake3::hash(normalise(url).as_str().as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&hash.as_bytes()[..8]);
        Self(u64::from_be_bytes(first))
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
