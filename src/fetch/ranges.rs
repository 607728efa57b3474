//! The addresses that are not global.

use super::cidr::Cidr;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

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
pub(super) fn special(address: IpAddr) -> Option<&'static str> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
                assert!(special(address.parse().unwrap()).is_some(), "{address}");
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
            assert_eq!(special(address.parse().unwrap()), None, "{address}");
        }
    }
}
