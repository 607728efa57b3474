//! The feeds of a configuration, as a run begins with them.

use super::Mode;
use super::interval::{Bounds, place_in, spread};
use super::schedule::LONGEST_WAIT;
use crate::config::{Config, FeedConfig};
use crate::frontier::{Key, Offer};
use jiff::{SignedDuration, Timestamp};

/// The feeds as they are offered at `now`: an interval that was made shorter holds for the next look too.
pub(super) fn feeds(config: &Config, now: Timestamp) -> Vec<Offer> {
    let longest = |feed: &FeedConfig| Bounds::of(&config.crawl, feed.interval_s).longest();
    let offer = |feed: &FeedConfig| Offer {
        latest: now.saturating_add(longest(feed)).ok(),
        ..Offer::feed(feed.url.clone(), feed.name.clone())
    };
    config.polled().map(offer).collect()
}

/// The feeds as they begin at `now`, where nobody knows `new` of them: those one after the other, by their keys; in a run
/// that ends all at once.
pub(super) fn spread_out(offers: Vec<Offer>, new: usize, config: &Config, mode: Mode, now: Timestamp) -> Vec<Offer> {
    let window = match mode {
        Mode::Once => SignedDuration::ZERO,
        Mode::Forever => spread(new, config.crawl.max_fetches),
    };
    if window.is_zero() {
        return offers;
    }
    let begins = |key: Key| now.saturating_add(place_in(window, key.to_bits())).ok();
    offers.into_iter().map(|offer| Offer { not_before: begins(Key::of(&offer.url)), ..offer }).collect()
}

/// No moment that is written at `now` by this configuration is later: what is has been written while the clock was
/// ahead. A tenth is for chance.
pub(super) fn latest(config: &Config, now: Timestamp) -> Timestamp {
    let fixed = config.feeds.iter().map(|feed| feed.interval_s);
    let all = fixed.chain([None]).map(|fixed_s| Bounds::of(&config.crawl, fixed_s).most());
    let most = all.max().unwrap_or(LONGEST_WAIT).max(LONGEST_WAIT);
    now.saturating_add(most).and_then(|at| at.saturating_add(most / 10)).unwrap_or(Timestamp::MAX)
}

/// How far the clock goes back by itself where it is put right by small steps.
const STEP: SignedDuration = SignedDuration::from_mins(1);

/// Sees a clock that is put back under way, which would leave the feeds waiting for the time that it was ahead.
#[derive(Debug)]
pub(super) struct Clock(Timestamp);

impl Clock {
    pub(super) fn new(now: Timestamp) -> Self {
        Self(now)
    }

    /// Whether it has gone back since the last call.
    pub(super) fn went_back(&mut self, now: Timestamp) -> bool {
        let last = std::mem::replace(&mut self.0, now);
        last.duration_since(now) > STEP
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    const NOW: Timestamp = Timestamp::constant(1_790_512_000, 0);

    fn config(feeds: usize, more: &str) -> Config {
        let mut text = String::new();
        (0..feeds).for_each(|n| writeln!(text, "[[feed]]\nurl = \"https://{n}.example/feed\"").unwrap());
        Config::parse(&format!("{text}{more}"), "test").unwrap()
    }

    #[test]
    fn thousands_of_new_feeds_are_spread_and_some_are_not() {
        let waits = |count, mode| -> Vec<i64> {
            let config = config(count, "");
            let offers = spread_out(feeds(&config, NOW), count, &config, mode, NOW);
            offers.iter().map(|offer| offer.not_before.unwrap_or(NOW).duration_since(NOW).as_secs()).collect()
        };
        assert!(waits(20, Mode::Forever).iter().all(|wait| *wait == 0));
        let many = waits(1032, Mode::Forever);
        assert!(many.iter().all(|wait| (0..100).contains(wait)));
        assert!(many.iter().filter(|wait| **wait < 50).count() < 600);
        assert_eq!(many, waits(1032, Mode::Forever), "the same at each start");
        assert!(waits(1032, Mode::Once).iter().all(|wait| *wait == 0));
        let config = config(1032, "");
        let known = spread_out(feeds(&config, NOW), 1, &config, Mode::Forever, NOW);
        assert!(known.iter().all(|offer| offer.not_before.is_none()), "one new feed waits for nobody");
    }

    #[test]
    fn latest_moment_is_that_of_the_longest_wait() {
        let hours = |config| latest(&config, NOW).duration_since(NOW).as_hours();
        assert_eq!(hours(config(1, "")), 26);
        assert_eq!(hours(config(1, "interval_s = 864000")), 264);
    }

    #[test]
    fn clock_that_is_put_back_is_seen_once() {
        let at = |seconds| NOW.checked_add(SignedDuration::from_secs(seconds)).unwrap();
        let mut clock = Clock::new(NOW);
        let seen = [10, 5, 2_592_000, 100, 90, 100].map(|seconds| clock.went_back(at(seconds)));
        assert_eq!(seen, [false, false, false, true, false, false]);
    }
}
