//! To whom connections without TLS are kept: to a few hosts at a time.
//!
//! Such a connection holds on to the buffer that it has read the last page with, up to 400 kB in the HTTP library. Kept to
//! every host, they cost a crawl of 5,000 hosts 562 MB at its peak, and 136 kept to none (`eval/crawl_bench/run.py --hosts
//! 5000 --pages 6000 --connections 256`). A new connection costs such a host one round trip. With TLS it costs more, and
//! what is read at a time is a record, of 16 kB at most (RFC 8446, 5.1); what such connections hold was not measured.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// To how many hosts connections are kept at a time.
const PLACES: usize = 16;

/// How long a host has its place after its last request.
const PLACE_HELD: Duration = Duration::from_secs(60);

/// The hosts that have a place, and when they were asked last.
#[derive(Debug, Default)]
pub(super) struct KeptHosts(Mutex<HashMap<String, Instant>>);

impl KeptHosts {
    /// Whether the connection of a request that is sent at `now` may be kept for the host's next one.
    pub(super) fn may_keep(&self, url: &Url, now: Instant) -> bool {
        if url.scheme() != "http" {
            return true;
        }
        let host = url.host_str().unwrap_or_default();
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(asked) = places.get_mut(host) {
            *asked = now;
            return true;
        }
        if places.len() >= PLACES {
            places.retain(|_, asked| now.duration_since(*asked) < PLACE_HELD);
        }
        let has_place = places.len() < PLACES;
        if has_place {
            places.insert(host.to_owned(), now);
        }
        has_place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(host: usize) -> Url {
        Url::parse(&format!("http://host-{host}.test/page")).unwrap()
    }

    #[test]
    fn a_few_hosts_keep_their_connections_until_they_are_not_asked_any_more() {
        let (kept, now) = (KeptHosts::default(), Instant::now());
        assert!((0..PLACES).all(|host| kept.may_keep(&url(host), now)));
        assert!(!kept.may_keep(&url(PLACES), now), "all places are taken");
        assert!(
            kept.may_keep(&Url::parse("https://host.test/").unwrap(), now),
            "with TLS a connection is worth its memory"
        );
        let later = now + PLACE_HELD / 2;
        assert!(kept.may_keep(&url(0), later), "who has a place has it again");
        let after = now + PLACE_HELD;
        assert!(
            (1..PLACES).all(|host| kept.may_keep(&url(PLACES + host), after)),
            "the places of those that were not asked"
        );
        assert!(!kept.may_keep(&url(3), after), "all are taken again, by the first host too");
    }
}
