//! One request in flight per host and per address, and a pause between two: the configured one or that of robots.txt, with
//! some chance in it, and longer where the host is slow.

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;
use tokio::time::{Instant, sleep_until};
use url::Url;

/// Past this number of hosts and addresses, those that nobody waits for are forgotten.
const PACES_KEPT: usize = 2048;

/// A host rests at least so many times as long as its last answer took: we keep it busy for a third of the time at
/// most, and one that gets slower is asked less. Heritrix has 5 for this (`delayFactor`), and three seconds at least.
const LATENCY_FACTOR: u32 = 2;

/// The longest pause that comes of a slow answer, as in Heritrix (`maxDelayMs`).
const LONGEST_OF_LATENCY: Duration = Duration::from_secs(30);

/// How much longer than it must be a pause may get by chance, so that our requests do not come by the clock.
const JITTER: f64 = 0.5;

/// How long a host rests after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pause {
    /// For so long, whatever its answers take: hosts of one's own network, whose pace the operator has set.
    Exactly(Duration),
    /// At least for so long; longer after a slow answer, and by chance.
    AtLeast(Duration),
}

impl Pause {
    /// The pause after an answer that took `latency`. `chance` is 0 to 1.
    fn after(self, latency: Duration, chance: f64) -> Duration {
        match self {
            Self::Exactly(pause) => pause,
            Self::AtLeast(least) => {
                let wanted = least.max((LATENCY_FACTOR * latency).min(LONGEST_OF_LATENCY));
                wanted.mul_f64(1.0 + JITTER * chance.clamp(0.0, 1.0))
            }
        }
    }

    /// The same, and at least what robots.txt wants.
    fn and_at_least(self, wanted: Duration) -> Self {
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

/// The paces of all hosts, by `host:port`, and of all addresses, by `address:port`.
#[derive(Debug, Default)]
pub(super) struct Paces {
    known: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Pace>>>>,
    waiting: AtomicUsize,
}

/// Counts one who waits for a turn, for as long as it lives.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn among(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A host's turn: while it lives, nobody else sends to the host or to one of its addresses; when it ends, the pause
/// begins, also where the fetch was given up in between.
#[derive(Debug)]
pub(super) struct Turn {
    host: OwnedMutexGuard<Pace>,
    /// Of its addresses, but for one that is the host's name.
    addresses: Vec<OwnedMutexGuard<Pace>>,
    is_repeated: bool,
    began: Instant,
    /// From the request to the head of the answer; until there is one, as long as the turn has lasted.
    latency: Option<Duration>,
    pause: Pause,
    crawl_delay: Duration,
}

impl Paces {
    /// Waits for the turn of the URL's host at `addresses`, first come, first served. Names that share an address
    /// share its pace, but not the `crawl_delay` that robots.txt of one of them wants. Behind a proxy that resolves names
    /// nobody knows the addresses; then there are none.
    pub(super) async fn turn(&self, url: &Url, addresses: &[IpAddr], pause: Pause, crawl_delay: Duration) -> Turn {
        let _waiting = Waiting::among(&self.waiting);
        let name = host_key(url);
        let host = self.pace(&name).lock_owned().await;
        // After the host's and sorted, so that everybody waits in the same order and no two for each other.
        let keys: BTreeSet<String> = addresses.iter().map(|address| address_key(*address, url)).collect();
        let mut addresses = Vec::with_capacity(keys.len());
        for key in keys.iter().filter(|key| **key != name) {
            addresses.push(self.pace(key).lock_owned().await);
        }
        if let Some(next) = addresses.iter().chain([&host]).filter_map(|pace| pace.next).max() {
            sleep_until(next).await;
        }
        let is_repeated = host.next.is_some();
        Turn { host, addresses, is_repeated, began: Instant::now(), latency: None, pause, crawl_delay }
    }

    /// How many wait for a turn.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// How long the URL's host rests from now on; zero where it is unknown, rested, or being asked just now.
    pub(super) fn rest(&self, url: &Url) -> Duration {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let next = known.get(&host_key(url)).and_then(|pace| pace.try_lock().ok()?.next);
        next.map_or(Duration::ZERO, |next| next.saturating_duration_since(Instant::now()))
    }

    fn pace(&self, key: &str) -> Arc<tokio::sync::Mutex<Pace>> {
        // A panic elsewhere leaves the map whole: entries are only added and dropped.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= PACES_KEPT {
            let now = Instant::now();
            known.retain(|_, pace| !is_idle(pace, now));
        }
        known.entry(key.to_owned()).or_default().clone()
    }
}

/// Whether nobody holds or waits for the turn and the pause is over.
fn is_idle(pace: &Arc<tokio::sync::Mutex<Pace>>, now: Instant) -> bool {
    Arc::strong_count(pace) == 1 && pace.try_lock().is_ok_and(|pace| pace.next.is_none_or(|next| next <= now))
}

/// `host:port`, the port also where it is the scheme's own; `a.example.` is `a.example`.
fn host_key(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    format!("{host}:{}", port(url))
}

/// `address:port`, which is also the key of a host that is written as its address.
fn address_key(address: IpAddr, url: &Url) -> String {
    SocketAddr::new(address, port(url)).to_string()
}

fn port(url: &Url) -> u16 {
    url.port_or_known_default().unwrap_or_default()
}

impl Turn {
    /// Whether something was sent to the host before, so that a kept connection may be in use.
    pub(super) fn is_repeated(&self) -> bool {
        self.is_repeated
    }

    /// The head of the answer is there.
    pub(super) fn answered(&mut self) {
        self.latency = Some(self.began.elapsed());
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let latency = self.latency.unwrap_or_else(|| self.began.elapsed());
        let (now, chance) = (Instant::now(), rand::random());
        let after = |pause: Pause| Some(now + pause.after(latency, chance));
        self.host.next = after(self.pause.and_at_least(self.crawl_delay));
        self.addresses.iter_mut().for_each(|pace| pace.next = after(self.pause));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &[IpAddr] = &[IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1))];
    const TWO: &[IpAddr] = &[IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2))];

    const NONE: Duration = Duration::ZERO;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn exact(seconds: u64) -> Pause {
        Pause::Exactly(Duration::from_secs(seconds))
    }

    #[test]
    fn pause_grows_with_the_latency_up_to_a_cap_and_by_chance() {
        let second = Pause::AtLeast(Duration::from_secs(1));
        let ms = |latency_ms, chance| second.after(Duration::from_millis(latency_ms), chance).as_millis();
        assert_eq!([ms(10, 0.0), ms(500, 0.0), ms(4000, 0.0), ms(60_000, 0.0)], [1000, 1000, 8000, 30_000]);
        assert_eq!([ms(10, 0.5), ms(10, 1.0), ms(60_000, 1.0)], [1250, 1500, 45_000], "chance only adds");
        let minute = Pause::AtLeast(Duration::from_secs(60));
        assert_eq!(minute.after(Duration::from_secs(60), 0.0).as_secs(), 60, "the cap is on the latency's share");
        assert_eq!(exact(0).after(Duration::from_secs(9), 1.0), Duration::ZERO);
        let wanted = minute.and_at_least(Duration::from_secs(90));
        assert_eq!(
            [wanted, exact(0).and_at_least(Duration::from_secs(2))],
            [Pause::AtLeast(Duration::from_secs(90)), exact(2)]
        );
    }

    /// Three tasks that take turns at `urls`, work for a second and pause for two; when each began, in seconds.
    async fn beginnings(urls: [&'static str; 3], addresses: &'static [IpAddr]) -> Vec<u64> {
        let paces = Arc::new(Paces::default());
        let start = Instant::now();
        let tasks = urls.map(|text| {
            let paces = paces.clone();
            tokio::spawn(async move {
                let turn = paces.turn(&url(text), addresses, exact(2), NONE).await;
                let began = start.elapsed();
                tokio::time::sleep(Duration::from_secs(1)).await;
                drop(turn);
                began.as_secs()
            })
        });
        let mut began = Vec::new();
        for task in tasks {
            began.push(task.await.unwrap());
        }
        began
    }

    #[tokio::test(start_paused = true)]
    async fn requests_to_one_host_are_a_pause_apart_and_in_order() {
        assert_eq!(beginnings(["http://a.example/x"; 3], &[]).await, [0, 3, 6], "a second of work and two of pause");
    }

    #[tokio::test(start_paused = true)]
    async fn names_on_one_address_share_a_pace() {
        let names = ["http://a.example/", "http://b.example/", "http://192.0.2.1/"];
        assert_eq!(beginnings(names, ONE).await, [0, 3, 6]);
    }

    #[tokio::test(start_paused = true)]
    async fn delay_that_robots_txt_of_a_host_wants_is_not_its_neighbours() {
        let paces = Paces::default();
        let start = Instant::now();
        let (slow, other) = (url("http://a.example/"), url("http://b.example/"));
        drop(paces.turn(&slow, ONE, exact(2), Duration::from_secs(30)).await);
        drop(paces.turn(&other, ONE, exact(2), NONE).await);
        assert_eq!(start.elapsed().as_secs(), 2);
        drop(paces.turn(&slow, ONE, exact(2), NONE).await);
        assert_eq!(start.elapsed().as_secs(), 30);
    }

    #[tokio::test(start_paused = true)]
    async fn hosts_and_ports_do_not_wait_for_each_other() {
        let paces = Paces::default();
        let start = Instant::now();
        let _first = paces.turn(&url("http://a.example/"), ONE, exact(9), NONE).await;
        let _other = paces.turn(&url("http://b.example/"), TWO, exact(9), NONE).await;
        let _port = paces.turn(&url("https://a.example/"), ONE, exact(9), NONE).await;
        assert_eq!(start.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn slow_host_gets_a_longer_pause() {
        let paces = Paces::default();
        let target = url("http://a.example/");
        let turn = paces.turn(&target, ONE, Pause::AtLeast(Duration::from_secs(1)), NONE).await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        drop(turn);
        let answered = Instant::now();
        drop(paces.turn(&target, ONE, exact(0), NONE).await);
        assert!((10..=15).contains(&answered.elapsed().as_secs()), "{:?}", answered.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn rest_of_a_host_is_known_and_asking_for_it_makes_nobody_wait() {
        let paces = Paces::default();
        let target = url("http://a.example/");
        assert_eq!(paces.rest(&target), Duration::ZERO);
        let turn = paces.turn(&target, ONE, exact(5), NONE).await;
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
        let first = paces.turn(&target, ONE, exact(5), NONE).await;
        assert_eq!(paces.waiting(), 0);
        let waits = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            assert_eq!(paces.waiting(), 1);
        };
        let given_up = tokio::time::timeout(Duration::from_secs(1), paces.turn(&target, ONE, exact(0), NONE));
        let (given_up, ()) = tokio::join!(given_up, waits);
        assert!(given_up.is_err() && paces.waiting() == 0);
        drop(first);
        assert!(paces.turn(&target, ONE, exact(0), NONE).await.is_repeated());
        assert!(
            !paces.turn(&url("http://b.example/"), ONE, exact(0), NONE).await.is_repeated(),
            "no connection is shared"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn idle_hosts_are_forgotten_and_pausing_ones_are_not() {
        let paces = Paces::default();
        drop(paces.turn(&url("http://pausing.example/"), &[], exact(60), NONE).await);
        for number in 0..2 * PACES_KEPT {
            drop(paces.turn(&url(&format!("http://h{number}.example/")), &[], exact(0), NONE).await);
        }
        let known = paces.known.lock().unwrap();
        assert!(known.len() <= PACES_KEPT, "{}", known.len());
        assert!(known.contains_key("pausing.example:80"));
    }
}
