//! Feeds that have moved for good: their new address is learnt from redirects that say so, and forgotten where it fails.

use crate::fetch::FailureClass;
use crate::frontier::{Address, Lease};
use crate::page::Hop;
use jiff::{SignedDuration, Timestamp};
use url::Url;

/// So many polls in a row have to be led to the same place by permanent redirects alone, before it is asked by itself:
/// servers in the middle of a change say "for good" too, and take it back.
const SIGHTINGS: u32 = 3;

/// A learnt address that fails for passing reasons is forgotten after so long.
const PATIENCE: SignedDuration = SignedDuration::from_hours(3 * 24);

/// Where to ask for a feed.
pub(super) fn asked(lease: &Lease) -> &Url {
    lease.address.learnt.as_ref().unwrap_or(&lease.url)
}

/// Whether the whole chain of redirects has to be seen, and so nothing be asked that can be answered by "not modified".
pub(super) fn is_watched(lease: &Lease) -> bool {
    lease.address.sighted.is_some()
}

/// Remembers where a poll was led to. Gives the new address if it has just been learnt.
pub(super) fn learn(lease: &mut Lease, hops: &[Hop]) -> Option<Url> {
    let address = &mut lease.address;
    let Some(end) = permanent_end(hops) else {
        (address.sighted, address.sightings) = (None, 0);
        return None;
    };
    let is_again = address.sighted.as_ref() == Some(end);
    address.sightings = if is_again { address.sightings.saturating_add(1) } else { 1 };
    address.sighted = Some(end.clone());
    if address.sightings < SIGHTINGS {
        return None;
    }
    let is_home = *end == lease.url;
    *address = Address { learnt: (!is_home).then(|| end.clone()), ..Address::default() };
    Some(end.clone())
}

/// Forgets a learnt address that fails: for a reason that does not pass, or for days. Gives it if so.
pub(super) fn unlearn(lease: &mut Lease, class: FailureClass, now: Timestamp) -> Option<Url> {
    let is_old = lease.failing_since.is_some_and(|since| now.duration_since(since) > PATIENCE);
    if class == FailureClass::Transient && !is_old {
        return None;
    }
    let learnt = lease.address.learnt.take()?;
    lease.address = Address::default();
    Some(learnt)
}

/// The end of a chain of redirects that all are for good (301, 308); `None` where there is none or one is not.
fn permanent_end(hops: &[Hop]) -> Option<&Url> {
    let (last, redirects) = hops.split_last()?;
    let is_permanent = !redirects.is_empty() && redirects.iter().all(|hop| matches!(hop.status, 301 | 308));
    is_permanent.then_some(&last.url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frontier::{Host, Key, Polling, Target, Validators};

    const NOW: Timestamp = Timestamp::constant(1_790_000_000, 0);

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn lease() -> Lease {
        let url = url("http://old.example/feed");
        Lease {
            key: Key::of(&url),
            host: Host::of(&url),
            url,
            target: Target::Feed,
            validators: Validators::default(),
            path: None,
            attempt: 1,
            title: None,
            published: None,
            feed: None,
            entry: None,
            first_seen: NOW,
            due: NOW,
            failing_since: None,
            address: Address::default(),
            polling: Polling::default(),
            token: 1,
        }
    }

    fn chain(hops: &[(&str, u16)]) -> Vec<Hop> {
        hops.iter().map(|(text, status)| Hop { url: url(text), status: *status }).collect()
    }

    fn moved() -> Vec<Hop> {
        chain(&[("http://old.example/feed", 301), ("http://old.example/new", 308), ("http://new.example/feed", 200)])
    }

    #[test]
    fn address_is_learnt_at_the_third_sighting_in_a_row() {
        let mut lease = lease();
        assert_eq!(learn(&mut lease, &moved()), None);
        assert!(is_watched(&lease));
        assert_eq!(learn(&mut lease, &moved()), None);
        assert_eq!(asked(&lease), &url("http://old.example/feed"));
        assert_eq!(learn(&mut lease, &moved()), Some(url("http://new.example/feed")));
        assert_eq!(asked(&lease), &url("http://new.example/feed"));
        assert!(!is_watched(&lease));
    }

    #[test]
    fn passing_redirect_in_the_chain_or_another_end_begins_the_count_anew() {
        for breaker in [
            chain(&[("http://old.example/feed", 301), ("http://mid.example/", 302), ("http://new.example/feed", 200)]),
            chain(&[("http://old.example/feed", 200)]),
            chain(&[("http://old.example/feed", 301), ("http://other.example/feed", 200)]),
        ] {
            let mut lease = lease();
            learn(&mut lease, &moved());
            learn(&mut lease, &moved());
            learn(&mut lease, &breaker);
            assert_eq!([learn(&mut lease, &moved()), learn(&mut lease, &moved())], [None, None], "{breaker:?}");
            assert!(learn(&mut lease, &moved()).is_some());
        }
    }

    #[test]
    fn learnt_address_that_moves_on_or_back_is_learnt_from_too() {
        let mut lease = lease();
        lease.address.learnt = Some(url("http://new.example/feed"));
        let on = chain(&[("http://new.example/feed", 301), ("http://newer.example/feed", 200)]);
        (0..3).for_each(|_| drop(learn(&mut lease, &on)));
        assert_eq!(asked(&lease), &url("http://newer.example/feed"));
        let back = chain(&[("http://newer.example/feed", 308), ("http://old.example/feed", 200)]);
        (0..3).for_each(|_| drop(learn(&mut lease, &back)));
        assert_eq!(lease.address, Address::default());
    }

    #[test]
    fn learnt_address_is_forgotten_where_it_fails_for_good_or_for_days() {
        let failed = |class, days: i64| {
            let mut lease = lease();
            lease.address.learnt = Some(url("http://new.example/feed"));
            lease.failing_since = NOW.checked_sub(SignedDuration::from_hours(24 * days)).ok();
            unlearn(&mut lease, class, NOW).is_some()
        };
        assert!(failed(FailureClass::Slow, 0) && failed(FailureClass::Final, 0));
        assert!(!failed(FailureClass::Transient, 0) && failed(FailureClass::Transient, 4));
        assert_eq!(unlearn(&mut lease(), FailureClass::Slow, NOW), None, "nothing was learnt");
    }
}
