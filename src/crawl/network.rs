//! Whether the network itself is down, in which case nothing that fails is anybody's fault.
//!
//! It is taken for down when connections to several hosts have failed, one after the other, and nothing has answered in
//! between. Then nothing is claimed but one item now and then, to see whether it is back; the first answer of any host
//! ends it.

use crate::frontier::{Host, Key, Target};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// At least so many hosts have to be out of reach, fewer where fewer are polled: one host that is down is no news.
const MOST_HOSTS: usize = 5;
const LEAST_HOSTS: usize = 2;

/// The wait before the first look whether the network is back, doubled with each that fails ...
const FIRST_LOOK: SignedDuration = SignedDuration::from_secs(2);

/// ... up to this.
const LONGEST_LOOK: SignedDuration = SignedDuration::from_mins(1);

/// An item that failed for want of a connection since the last answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Suspect {
    pub(super) key: Key,
    pub(super) target: Target,
    /// The host that could not be reached.
    pub(super) host: Host,
}

/// What one more failure makes of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reading {
    /// Up as far as is known: the failure counts.
    Up,
    /// Down since this failure. Those before it should not have counted.
    JustDown(Vec<Suspect>),
    /// Down as before.
    Down,
}

/// What is known of the network.
#[derive(Debug)]
pub(super) struct Network {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    hosts_needed: usize,
    window: SignedDuration,
    suspects: Vec<Failure>,
    down: Option<Down>,
}

#[derive(Debug)]
struct Failure {
    suspect: Suspect,
    at: Timestamp,
    /// Whether its attempt has been counted in the store; before, it cannot be taken back.
    is_counted: bool,
}

#[derive(Debug, Clone, Copy)]
struct Down {
    since: Timestamp,
    looks: u32,
    next: Timestamp,
}

impl Network {
    /// For feeds on so many hosts, each polled once in `window` or more often.
    pub(super) fn new(hosts: usize, window: SignedDuration) -> Self {
        let state = State { hosts_needed: needed(hosts), window, suspects: Vec::new(), down: None };
        Self { state: Mutex::new(state) }
    }

    /// The feeds are others from now on.
    pub(super) fn resize(&self, hosts: usize, window: SignedDuration) {
        let mut state = self.lock();
        state.hosts_needed = needed(hosts);
        state.window = window;
    }

    /// Whether it is down, and then when to look again.
    pub(super) fn next_look(&self) -> Option<Timestamp> {
        self.lock().down.map(|down| down.next)
    }

    /// A connection failed.
    pub(super) fn failed(&self, suspect: Suspect, now: Timestamp) -> Reading {
        let mut state = self.lock();
        if let Some(down) = &mut state.down {
            if now >= down.next {
                down.looks = down.looks.saturating_add(1);
                down.next = now.saturating_add(look(down.looks)).unwrap_or(Timestamp::MAX);
            }
            return Reading::Down;
        }
        let window = state.window;
        state.suspects.retain(|failure| now.duration_since(failure.at) <= window);
        state.suspects.push(Failure { suspect, at: now, is_counted: false });
        let hosts: HashSet<&Host> = state.suspects.iter().map(|failure| &failure.suspect.host).collect();
        if hosts.len() < state.hosts_needed {
            return Reading::Up;
        }
        let next = now.saturating_add(FIRST_LOOK).unwrap_or(Timestamp::MAX);
        state.down = Some(Down { since: now, looks: 0, next });
        // The last one has not been counted and will not be.
        state.suspects.pop();
        let (counted, open) = state.suspects.drain(..).partition::<Vec<_>, _>(|failure| failure.is_counted);
        state.suspects = open;
        Reading::JustDown(counted.into_iter().map(|failure| failure.suspect).collect())
    }

    /// The failure of an item has been counted in the store. Gives back what should not have been: the network has turned
    /// out to be down meanwhile.
    pub(super) fn counted(&self, key: Key, target: Target) -> Option<Suspect> {
        let mut state = self.lock();
        let is_it = |failure: &Failure| failure.suspect.key == key && failure.suspect.target == target;
        let at = state.suspects.iter().rposition(|failure| is_it(failure) && !failure.is_counted)?;
        if state.down.is_some() {
            return Some(state.suspects.remove(at).suspect);
        }
        state.suspects[at].is_counted = true;
        None
    }

    /// A host has answered. Gives since when the network was down, if it was.
    pub(super) fn answered(&self) -> Option<Timestamp> {
        let mut state = self.lock();
        state.suspects.clear();
        state.down.take().map(|down| down.since)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves the state whole: nothing in here can.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many hosts have to be out of reach where feeds are on so many.
fn needed(hosts: usize) -> usize {
    hosts.clamp(LEAST_HOSTS, MOST_HOSTS)
}

/// The wait before the next look after so many that failed.
fn look(looks: u32) -> SignedDuration {
    FIRST_LOOK.saturating_mul(1 << looks.min(10)).min(LONGEST_LOOK)
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    fn suspect(host: &str) -> Suspect {
        let url = Url::parse(&format!("http://{host}/feed")).unwrap();
        Suspect { key: Key::of(&url), target: Target::Feed, host: Host::of(&url) }
    }

    fn network() -> Network {
        Network::new(3, SignedDuration::from_mins(60))
    }

    /// Fails for a host and has it counted.
    fn fail(network: &Network, host: &str, second: i64) -> Reading {
        let suspect = suspect(host);
        let reading = network.failed(suspect.clone(), at(second));
        if reading == Reading::Up {
            assert_eq!(network.counted(suspect.key, suspect.target), None);
        }
        reading
    }

    #[test]
    fn several_hosts_out_of_reach_and_none_that_answers_make_the_network_down() {
        let network = network();
        assert_eq!(fail(&network, "a.example", 0), Reading::Up);
        assert_eq!(fail(&network, "b.example", 1), Reading::Up);
        assert_eq!(fail(&network, "b.example", 2), Reading::Up, "the same host again");
        let expected = ["a.example", "b.example", "b.example"].map(suspect).to_vec();
        assert_eq!(fail(&network, "c.example", 3), Reading::JustDown(expected));
        assert_eq!(fail(&network, "d.example", 4), Reading::Down);
    }

    #[test]
    fn answer_of_any_host_in_between_keeps_it_up() {
        let network = network();
        for second in 0..20 {
            assert_eq!(fail(&network, &format!("h{second}.example"), second), Reading::Up);
            if second % 2 == 1 {
                assert_eq!(network.answered(), None);
            }
        }
    }

    #[test]
    fn failures_far_apart_say_nothing() {
        let network = network();
        for (host, second) in [("a.example", 0), ("b.example", 3000), ("c.example", 6000), ("d.example", 9000)] {
            assert_eq!(fail(&network, host, second), Reading::Up, "{host}");
        }
    }

    #[test]
    fn network_that_is_down_is_looked_at_ever_less_but_every_minute() {
        let network = network();
        assert_eq!(network.next_look(), None);
        for host in ["a.example", "b.example", "c.example"] {
            fail(&network, host, 0);
        }
        let mut waits = vec![];
        let mut now = at(0);
        for _ in 0..7 {
            let next = network.next_look().unwrap();
            waits.push(next.duration_since(now).as_secs());
            now = next;
            network.failed(suspect("a.example"), now);
            network.failed(suspect("b.example"), now);
        }
        assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(network.answered(), Some(at(0)));
        assert_eq!((network.next_look(), network.answered()), (None, None));
    }

    #[test]
    fn failure_that_is_counted_late_is_given_back_once() {
        let network = network();
        let late = suspect("a.example");
        assert_eq!(network.failed(late.clone(), at(0)), Reading::Up);
        fail(&network, "b.example", 1);
        assert_eq!(fail(&network, "c.example", 2), Reading::JustDown(vec![suspect("b.example")]));
        assert_eq!(network.counted(late.key, late.target), Some(late.clone()));
        assert_eq!(network.counted(late.key, late.target), None);
    }
}
