//! Which addresses are connected to at all.
//!
//! Names are checked where they are resolved (`names`). Literal addresses never reach a resolver and are checked per
//! hop ([`AddressPolicy::check_url`]).

use super::cidr::Cidr;
use super::error::FetchError;
use super::ranges;
use std::net::IpAddr;
use url::{Host, Url};

/// An address that is not connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{address} is not a global address ({range})")]
pub(super) struct Refused {
    pub(super) address: IpAddr,
    pub(super) range: &'static str,
}

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
pub(super) fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::urls::parse_url;
    use super::*;
    use proptest::prelude::*;
    use std::net::Ipv4Addr;

    pub(in super::super) fn policy(own: &[&str]) -> AddressPolicy {
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

    proptest! {
        #[test]
        fn no_spelling_of_any_special_address_passes(
            (network, bits) in (prop::sample::select(vec![(0x0000_0000_u32, 8), (0x0a00_0000, 8), (0x7f00_0000, 8), (0x6440_0000, 10),
                (0xa9fe_0000, 16), (0xac10_0000, 12), (0xc0a8_0000, 16), (0xc612_0000, 15), (0xe000_0000, 3)]), any::<u32>())
        ) {
            let (network, prefix) = network;
            let address = Ipv4Addr::from_bits(network | (bits & (u32::MAX >> prefix)));
            let [a, b, c, d] = address.octets();
            let number = address.to_bits();
            let [high, low] = [number >> 16, number & 0xffff];
            for host in [
                format!("{a}.{b}.{c}.{d}"),
                format!("{a}.{b}.{c}.{d}."),
                format!("{number}"),
                format!("0x{number:x}"),
                format!("0{number:o}"),
                format!("0x{a:x}.0{b:o}.{c}.0X{d:X}"),
                format!("{a}.{b}.{}", number & 0xffff),
                format!("{a}.{}", number & 0x00ff_ffff),
                format!("%{:x}{}.{b}.{c}.{d}", a.to_string().as_bytes()[0], &a.to_string()[1..]),
                format!("[::ffff:{a}.{b}.{c}.{d}]"),
                format!("[::ffff:{high:x}:{low:x}]"),
                format!("[64:ff9b::{high:x}:{low:x}]"),
                format!("[2002:{high:x}:{low:x}::]"),
                format!("[::{high:x}:{low:x}]"),
            ] {
                let url = parse_url(&format!("http://{host}/"), None).unwrap();
                prop_assert!(policy(&[]).check_url(&url).is_err(), "{host} is {url}");
            }
        }
    }
}
