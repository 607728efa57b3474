//! A circuit breaker for each host: one that fails again and again is left alone, but for a look now and then.
//!
//! After [`OPENS_AFTER`] failures in a row the circuit is *open*: nothing of the host is handed out, and no item is
//! charged an attempt. When its rest is over, the frontier hands out one item, and nothing else of the host while that
//! is at work: the probe. An answer, whatever it is, closes the circuit; a failure opens it for twice as long.
//!
//! The circuits of ill hosts stand in memory and in the store, those of all others nowhere.

use super::signs::Trouble;
use crate::frontier::{Health, Host};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Failures in a row that open a circuit (CRAWLING.md, section A).
pub const OPENS_AFTER: u32 = 5;

/// The rest after a failure that all pages of a host share, while its circuit is closed. Longer than robots.txt of a
/// host that is down is remembered (a minute), so that each failure counted is one that has happened.
const SHORT_REST: SignedDuration = SignedDuration::from_secs(75);

/// The first rest of an open circuit, doubled with each probe that fails ...
const FIRST_REST: SignedDuration = SignedDuration::from_mins(5);

/// ... up to the longest, so that a host which comes back is noticed the same day.
const LONGEST_REST: SignedDuration = SignedDuration::from_hours(6);

/// How much longer than that a rest may be by chance, so that hosts which went down together are not all asked together.
const JITTER: f64 = 0.1;

/// A moment before all runs: the end of a rest that there was not.
const NO_REST: Timestamp = Timestamp::UNIX_EPOCH;

/// The circuits of all hosts that are ill.
#[derive(Debug, Default)]
pub(super) struct Circuits {
    ill: Mutex<HashMap<Host, Health>>,
}

/// Whether nothing of the host is handed out.
pub(super) fn is_open(health: &Health) -> bool {
    health.failures >= OPENS_AFTER
}

impl Circuits {
    /// The circuits as the last run has left them.
    pub(super) fn new(ill: Vec<(Host, Health)>) -> Self {
        Self { ill: Mutex::new(ill.into_iter().collect()) }
    }

    /// Until when the host's circuit is open; `None`: it is closed.
    pub(super) fn open_until(&self, host: &Host) -> Option<Timestamp> {
        self.lock().get(host).filter(|health| is_open(health)).map(|health| health.rest_until)
    }

    /// Counts a failure of the host and gives how it fares now. `chance` is 0 to 1.
    pub(super) fn fail(&self, host: &Host, trouble: Trouble, cause: &str, now: Timestamp, chance: f64) -> Health {
        let mut ill = self.lock();
        let failures = ill.get(host).map_or(0, |health| health.failures).saturating_add(1);
        let rest = rest(failures, trouble, chance);
        let rest_until = rest.map_or(NO_REST, |rest| now.saturating_add(rest).unwrap_or(Timestamp::MAX));
        let health = Health { failures, rest_until, cause: cause.to_owned() };
        ill.insert(host.clone(), health.clone());
        health
    }

    /// The host has answered: gives how it fared, if it was ill.
    pub(super) fn recover(&self, host: &Host) -> Option<Health> {
        self.lock().remove(host)
    }

    /// Takes the last failure of a host back, which was not its own; gives how it fares now, `None` for well. Its rest
    /// is over in any case.
    pub(super) fn pardon(&self, host: &Host) -> Option<Health> {
        let mut ill = self.lock();
        let health = ill.get_mut(host)?;
        health.failures -= 1;
        health.rest_until = NO_REST;
        let left = (health.failures > 0).then(|| health.clone());
        if left.is_none() {
            ill.remove(host);
        }
        left
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Host, Health>> {
        // A panic elsewhere leaves the map whole: entries are only put in and taken out.
        self.ill.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a host rests after the last of so many failures; `None`: not at all.
fn rest(failures: u32, trouble: Trouble, chance: f64) -> Option<SignedDuration> {
    let rest = match failures.checked_sub(OPENS_AFTER) {
        Some(probes) => FIRST_REST.saturating_mul(1 << probes.min(20)).min(LONGEST_REST),
        None if matches!(trouble, Trouble::Answer | Trouble::Status) => return None,
        None => SHORT_REST,
    };
    // At most seven hours, so that the factor cannot carry it out of range.
    SignedDuration::try_from_secs_f64(rest.as_secs_f64() * (1.0 + JITTER * chance.clamp(0.0, 1.0))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    const NOW: Timestamp = Timestamp::constant(1_790_000_000, 0);

    fn host() -> Host {
        Host::of(&Url::parse("http://a.example/").unwrap())
    }

    /// Seconds of rest; 0 for none.
    fn fail(circuits: &Circuits, trouble: Trouble) -> i64 {
        let until = circuits.fail(&host(), trouble, "timed out", NOW, 0.0).rest_until;
        until.max(NOW).duration_since(NOW).as_secs()
    }

    #[test]
    fn circuit_opens_after_five_failures_in_a_row_and_each_probe_that_fails_doubles_its_rest() {
        let circuits = Circuits::default();
        let rests: Vec<i64> = (0..4).map(|_| fail(&circuits, Trouble::Answer)).collect();
        assert_eq!(rests, [0; 4], "single pages may fail");
        assert_eq!(circuits.open_until(&host()), None);
        let rests: Vec<i64> = (0..9).map(|_| fail(&circuits, Trouble::Answer)).collect();
        assert_eq!(rests, [300, 600, 1200, 2400, 4800, 9600, 19_200, 21_600, 21_600]);
        assert!(circuits.open_until(&host()).is_some());
    }

    #[test]
    fn host_that_cannot_be_reached_rests_from_the_first_failure_on() {
        let circuits = Circuits::default();
        let rests: Vec<i64> = (0..5).map(|_| fail(&circuits, Trouble::Connection)).collect();
        assert_eq!(rests, [75, 75, 75, 75, 300]);
    }

    #[test]
    fn answer_closes_the_circuit_and_the_count_begins_anew() {
        let circuits = Circuits::default();
        for _ in 0..7 {
            fail(&circuits, Trouble::Answer);
        }
        let was = circuits.recover(&host()).unwrap();
        assert!(is_open(&was) && was.cause == "timed out");
        assert_eq!((circuits.open_until(&host()), circuits.recover(&host())), (None, None));
        assert_eq!(circuits.fail(&host(), Trouble::Answer, "reset", NOW, 0.0).failures, 1);
    }

    #[test]
    fn circuit_of_the_last_run_is_still_open() {
        let circuits = Circuits::default();
        let health = (0..5).map(|_| circuits.fail(&host(), Trouble::Door, "no route", NOW, 1.0)).last().unwrap();
        let next_run = Circuits::new(vec![(host(), health.clone())]);
        assert_eq!(next_run.open_until(&host()), Some(health.rest_until));
        assert_eq!(health.rest_until.duration_since(NOW).as_secs(), 330, "a tenth by chance");
    }

    #[test]
    fn pardoned_failures_do_not_count() {
        let circuits = Circuits::default();
        (0..5).for_each(|_| drop(circuits.fail(&host(), Trouble::Connection, "no route", NOW, 0.0)));
        let health = circuits.pardon(&host()).unwrap();
        assert_eq!((health.failures, health.rest_until), (4, NO_REST));
        assert_eq!(circuits.open_until(&host()), None);
        assert!((0..4).filter_map(|_| circuits.pardon(&host())).count() == 3);
        assert_eq!(circuits.pardon(&host()), None);
    }
}
