//! The feeds of a configuration, as a run begins with them.

use super::Mode;
use super::interval::{Bounds, place_in, spread};
use super::schedule::LONGEST_WAIT;
use crate::config::Config;
use crate::frontier::{Key, Offer};
use jiff::{SignedDuration, Timestamp};

/// The feeds as they are offered at `now`. New ones begin one after the other, by their keys; a run that ends asks all
/// at once.
pub(super) fn feeds(config: &Config, mode: Mode, now: Timestamp) -> Vec<Offer> {
    let window = match mode {
        Mode::Once => SignedDuration::ZERO,
        Mode::Forever => spread(config.polled().count(), config.crawl.max_fetches),
    };
    let begins = |key: Key| now.saturating_add(place_in(window, key.to_bits())).ok();
    let offer = |feed: &crate::config::FeedConfig| Offer {
        not_before: begins(Key::of(&feed.url)).filter(|_| !window.is_zero()),
        ..Offer::feed(feed.url.clone(), feed.name.clone())
    };
    config.polled().map(offer).collect()
}

/// No moment that is written at `now` by this configuration is later: what is has been written while the clock was
/// ahead. A tenth is for chance.
pub(super) fn latest(config: &Config, now: Timestamp) -> Timestamp {
    let fixed = config.feeds.iter().map(|feed| feed.interval_s);
    let all = fixed.chain([None]).map(|fixed_s| Bounds::of(&config.crawl, fixed_s).most());
    let most = all.max().unwrap_or(LONGEST_WAIT).max(LONGEST_WAIT);
    now.saturating_add(most).and_then(|at| at.saturating_add(most / 10)).unwrap_or(Timestamp::MAX)
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
            let offers = feeds(&config(count, ""), mode, NOW);
            offers.iter().map(|offer| offer.not_before.unwrap_or(NOW).duration_since(NOW).as_secs()).collect()
        };
        assert!(waits(20, Mode::Forever).iter().all(|wait| *wait == 0));
        let many = waits(1032, Mode::Forever);
        assert!(many.iter().all(|wait| (0..100).contains(wait)));
        assert!(many.iter().filter(|wait| **wait < 50).count() < 600);
        assert_eq!(many, waits(1032, Mode::Forever), "the same at each start");
        assert!(waits(1032, Mode::Once).iter().all(|wait| *wait == 0));
    }

    #[test]
    fn latest_moment_is_that_of_the_longest_wait() {
        let hours = |config| latest(&config, NOW).duration_since(NOW).as_hours();
        assert_eq!(hours(config(1, "")), 26);
        assert_eq!(hours(config(1, "interval_s = 864000")), 264);
    }
}
