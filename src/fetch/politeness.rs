//! One request in flight per host, and a pause between two: the configured one or that of robots.txt, with some chance in
//! it, and longer where the host is slow.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;
use tokio::time::{Instant, sleep_until};
use url::Url;

/// Past this number of hosts, those that nobody waits for are forgotten.
const HOSTS_KEPT: usize = 1024;

/// The pause is this many times what the last answer took, if that is more, up to [`LONGEST_FOR_SLOW`]. Heritrix takes 5
/// and 30 s by default; a person who waits for one page, with robots.txt before it, is served by less.
const PAUSE_BY_LATENCY: u32 = 2;
const LONGEST_FOR_SLOW: Duration = Duration::from_secs(30);

/// How much longer than wanted a pause may be by chance, so that crawlers and their hosts do not beat in time: half.
const LONGEST_CHANCE: f64 = 0.5;

/// The pause that a host is to have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Pause {
    /// This one, for hosts of one's own.
    Exactly(Duration),
    /// This one or longer, by chance and where the host is slow.
    AtLeast(Duration),
}

impl Pause {
    /// The pause after an answer that took `latency`; `chance` is 0 to 1.
    fn after(self, latency: Duration, chance: f64) -> Duration {
        match self {
            Self::Exactly(pause) => pause,
            Self::AtLeast(least) => {
                let for_slow = (latency * PAUSE_BY_LATENCY).min(LONGEST_FOR_SLOW);
                least.max(for_slow).mul_f64(1.0 + LONGEST_CHANCE * chance)
            }
        }
    }

    /// The same, and at least what robots.txt wants.
    pub(super) fn and_at_least(self, wanted: Duration) -> Self {
        match self {
            Self::Exactly(pause) => Self::Exactly(pause.max(wanted)),
            Self::AtLeast(pause) => Self::AtLeast(pause.max(wanted)),
        }
    }
}

#[derive(Debug, Default)]
struct Pace {
    /// Before this moment nothing is sent; `None`: nothing has been sent yet.
    next: Option<Instant>,
}

/// The paces of all hosts, by `host:port`.
#[derive(Debug, Default)]
pub(super) struct Paces {
    hosts: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Pace>>>>,
}

/// A host's turn: while it lives, nobody else sends to the host; when it ends, the pause begins,
/// also where the fetch was given up in between.
#[derive(Debug)]
pub(super) struct Turn {
    pace: OwnedMutexGuard<Pace>,
    pause: Pause,
    began: Instant,
    /// From the request to the head of the answer; until there is one, as long as the turn has lasted.
    latency: Option<Duration>,
}

impl Paces {
    /// Waits for the turn of the URL's host, first come, first served.
    pub(super) async fn turn(&self, url: &Url, pause: Pause) -> Turn {
        let pace = self.pace(url).lock_owned().await;
        if let Some(next) = pace.next {
            sleep_until(next).await;
        }
        Turn { pace, pause, began: Instant::now(), latency: None }
    }

    /// How long the URL's host rests from now on; zero where it is unknown, rested, or being asked just now.
    pub(super) fn rest(&self, url: &Url) -> Duration {
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let next = hosts.get(&host_key(url)).and_then(|pace| pace.try_lock().ok()?.next);
        next.map_or(Duration::ZERO, |next| next.saturating_duration_since(Instant::now()))
    }

    fn pace(&self, url: &Url) -> Arc<tokio::sync::Mutex<Pace>> {
        // A panic elsewhere leaves the map whole: entries are only added and dropped.
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= HOSTS_KEPT {
            let now = Instant::now();
            hosts.retain(|_, pace| !is_idle(pace, now));
        }
        hosts.entry(host_key(url)).or_default().clone()
    }
}

/// Whether nobody holds or waits for the host's turn and its pause is over.
fn is_idle(pace: &Arc<tokio::sync::Mutex<Pace>>, now: Instant) -> bool {
    Arc::strong_count(pace) == 1 && pace.try_lock().is_ok_and(|pace| pace.next.is_none_or(|next| next <= now))
}

/// `host:port`, the port also where it is the scheme's own; `a.example.` is `a.example`.
fn host_key(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    format!("{host}:{}", url.port_or_known_default().unwrap_or_default())
}

impl Turn {
    /// Whether something was sent to the host before, so that a kept connection may be in use.
    pub(super) fn is_repeated(&self) -> bool {
        self.pace.next.is_some()
    }

    /// The head of the answer is there.
    pub(super) fn answered(&mut self) {
        self.latency = Some(self.began.elapsed());
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let latency = self.latency.unwrap_or_else(|| self.began.elapsed());
        self.pace.next = Some(Instant::now() + self.pause.after(latency, rand::random()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Pause = Pause::Exactly(Duration::ZERO);

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn pauses_are_never_shorter_than_wanted_and_longer_for_slow_hosts() {
        let ms = Duration::from_millis;
        for (pause, latency_ms, chance, expected_ms) in [
            (Pause::Exactly(ms(0)), 900, 0.9, 0),
            (Pause::AtLeast(ms(1000)), 0, 0.0, 1000),
            (Pause::AtLeast(ms(1000)), 100, 1.0, 1500),
            (Pause::AtLeast(ms(1000)), 700, 0.0, 1400),
            (Pause::AtLeast(ms(1000)), 20_000, 0.0, 30_000),
            (Pause::AtLeast(ms(1000)).and_at_least(ms(40_000)), 20_000, 0.0, 40_000),
            (Pause::Exactly(ms(0)).and_at_least(ms(300)), 20_000, 0.0, 300),
        ] {
            assert_eq!(pause.after(ms(latency_ms), chance), ms(expected_ms), "{pause:?} {latency_ms} {chance}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn requests_to_one_host_are_a_pause_apart_and_in_order() {
        let paces = Arc::new(Paces::default());
        let start = Instant::now();
        let tasks: Vec<_> = (0..3)
            .map(|_| {
                let paces = paces.clone();
                tokio::spawn(async move {
                    let turn = paces.turn(&url("http://a.example/x"), Pause::Exactly(Duration::from_secs(2))).await;
                    let began = start.elapsed();
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    drop(turn);
                    began.as_secs()
                })
            })
            .collect();
        let mut began = Vec::new();
        for task in tasks {
            began.push(task.await.unwrap());
        }
        assert_eq!(began, [0, 3, 6], "one second of work and two of pause each");
    }

    #[tokio::test(start_paused = true)]
    async fn hosts_and_ports_do_not_wait_for_each_other() {
        let paces = Paces::default();
        let start = Instant::now();
        let _first = paces.turn(&url("http://a.example/"), Pause::Exactly(Duration::from_secs(9))).await;
        let _other = paces.turn(&url("http://b.example/"), Pause::Exactly(Duration::from_secs(9))).await;
        let _port = paces.turn(&url("https://a.example/"), Pause::Exactly(Duration::from_secs(9))).await;
        assert_eq!(start.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn rest_of_a_host_is_known_and_asking_for_it_makes_nobody_wait() {
        let paces = Paces::default();
        let target = url("http://a.example/");
        assert_eq!(paces.rest(&target), Duration::ZERO);
        let turn = paces.turn(&target, Pause::Exactly(Duration::from_secs(5))).await;
        assert_eq!(paces.rest(&target), Duration::ZERO, "nobody knows how long it will take");
        drop(turn);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(paces.rest(&target), Duration::from_secs(3));
        assert_eq!(paces.rest(&url("http://b.example/")), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn turn_given_up_while_waiting_blocks_nobody() {
        let paces = Paces::default();
        let target = url("http://a.example/");
        let first = paces.turn(&target, Pause::Exactly(Duration::from_secs(5))).await;
        let given_up = tokio::time::timeout(Duration::from_secs(1), paces.turn(&target, NONE)).await;
        assert!(given_up.is_err());
        drop(first);
        assert!(paces.turn(&target, NONE).await.is_repeated());
    }

    #[tokio::test(start_paused = true)]
    async fn idle_hosts_are_forgotten_and_pausing_ones_are_not() {
        let paces = Paces::default();
        drop(paces.turn(&url("http://pausing.example/"), Pause::Exactly(Duration::from_secs(60))).await);
        for number in 0..2 * HOSTS_KEPT {
            drop(paces.turn(&url(&format!("http://h{number}.example/")), NONE).await);
        }
        let hosts = paces.hosts.lock().unwrap();
        assert!(hosts.len() <= HOSTS_KEPT, "{}", hosts.len());
        assert!(hosts.contains_key("pausing.example:80"));
    }
}
