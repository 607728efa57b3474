//! Networks in CIDR notation, as the configuration writes them.

use serde::Deserialize;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A network: every address whose first `prefix` bits are those of `network`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Cidr {
    network: IpAddr,
    prefix: u8,
}

/// A text that names no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CidrError {
    /// The part before the slash is no address.
    #[error("`{text}` is no network: write an address and a prefix, for instance `10.0.0.0/8` or `fd00::/8`")]
    Address {
        /// What was written.
        text: String,
    },
    /// The prefix is no number, or longer than the address.
    #[error("`{text}`: the prefix after the slash must be a number from 0 to {longest}")]
    Prefix {
        /// What was written.
        text: String,
        /// 32 or 128.
        longest: u8,
    },
    /// The address has bits set outside of the prefix: a network and a host were mixed up.
    #[error("`{text}` is an address inside of a network: write `{meant}`")]
    HostBits {
        /// What was written.
        text: String,
        /// The network that the address lies in.
        meant: Cidr,
    },
}

impl Cidr {
    /// A network from four numbers, for tables.
    pub(super) const fn v4(octets: [u8; 4], prefix: u8) -> Self {
        let [a, b, c, d] = octets;
        Self { network: IpAddr::V4(Ipv4Addr::new(a, b, c, d)), prefix }
    }

    /// A network from eight groups, for tables.
    pub(super) const fn v6(groups: [u16; 8], prefix: u8) -> Self {
        let [a, b, c, d, e, f, g, h] = groups;
        Self { network: IpAddr::V6(Ipv6Addr::new(a, b, c, d, e, f, g, h)), prefix }
    }

    /// Whether `address` lies in the network; an IPv4 address never lies in an IPv6 network.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                masked(network.to_bits().into(), self.prefix, 32) == masked(address.to_bits().into(), self.prefix, 32)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                masked(network.to_bits(), self.prefix, 128) == masked(address.to_bits(), self.prefix, 128)
            }
            _ => false,
        }
    }

    /// Whether the network is all addresses of its family, so that nothing is left to guard.
    pub fn is_everything(&self) -> bool {
        self.prefix == 0
    }
}

/// `bits` without the last `width - prefix` of its `width` bits.
fn masked(bits: u128, prefix: u8, width: u8) -> u128 {
    let dropped = u32::from(width - prefix);
    bits.checked_shr(dropped).unwrap_or(0)
}

impl FromStr for Cidr {
    type Err = CidrError;

    fn from_str(text: &str) -> Result<Self, CidrError> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
        let address: IpAddr = address.parse().map_err(|_| CidrError::Address { text: text.to_owned() })?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => longest,
            Some(digits) => digits
                .parse()
                .ok()
                .filter(|prefix| *prefix <= longest)
                .ok_or_else(|| CidrError::Prefix { text: text.to_owned(), longest })?,
        };
        let meant = Self { network: network_of(address, prefix), prefix };
        if meant.network == address { Ok(meant) } else { Err(CidrError::HostBits { text: text.to_owned(), meant }) }
    }
}

/// `address` with everything after the prefix set to zero.
fn network_of(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            Ipv4Addr::from_bits(address.to_bits() & mask).into()
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            Ipv6Addr::from_bits(address.to_bits() & mask).into()
        }
    }
}

impl TryFrom<String> for Cidr {
    type Error = CidrError;

    fn try_from(text: String) -> Result<Self, CidrError> {
        text.parse()
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.network, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cidr(text: &str) -> Cidr {
        text.parse().unwrap()
    }

    #[test]
    fn network_holds_its_own_addresses_and_no_others() {
        for (network, inside, outside) in [
            ("127.0.0.0/8", "127.255.0.1", "128.0.0.0"),
            ("192.168.4.0/22", "192.168.7.255", "192.168.8.0"),
            ("10.1.2.3", "10.1.2.3", "10.1.2.4"),
            ("0.0.0.0/0", "203.0.113.9", "::1"),
            ("fd00::/8", "fdff::1", "fe00::1"),
            ("::1/128", "::1", "::2"),
            ("::/0", "2001:db8::1", "127.0.0.1"),
        ] {
            assert!(cidr(network).contains(inside.parse().unwrap()), "{inside} in {network}");
            assert!(!cidr(network).contains(outside.parse().unwrap()), "{outside} not in {network}");
        }
    }

    #[test]
    fn wrong_networks_are_told_with_what_was_written_and_what_was_meant() {
        for (text, said) in [
            ("localhost", "`localhost` is no network"),
            ("", "`` is no network"),
            ("10.0.0.0/33", "from 0 to 32"),
            ("10.0.0.0/x", "from 0 to 32"),
            ("::/129", "from 0 to 128"),
            ("10.0.0.1/8", "write `10.0.0.0/8`"),
            ("fd00::1/8", "write `fd00::/8`"),
        ] {
            let error = text.parse::<Cidr>().unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
