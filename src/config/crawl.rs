//! The settings of the loop. They live here and not in the loop's room, since that one reads the
//! whole configuration.

use serde::Deserialize;

/// Settings of the loop, as in the `[crawl]` section.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CrawlOptions {
    /// Seconds between the first looks at a feed, give or take a tenth; at least 60. What it publishes makes it shorter
    /// or longer later.
    pub poll_interval_s: u32,
    /// The shortest wait between two looks, in seconds, at feeds that publish much; at least 60. More than
    /// `poll_interval_s` is that.
    pub shortest_poll_interval_s: u32,
    /// The longest wait between two looks, in seconds, at feeds that publish little, or that say for how long they hold
    /// (`ttl`, `Cache-Control`, `Expires`); at least `poll_interval_s`.
    pub longest_poll_interval_s: u32,
    /// Items in flight at a time, each of another host; 1 to 1024.
    pub max_fetches: usize,
    /// Bytes of bodies in memory at a time, from the head of an answer until its page has been extracted; who comes later
    /// waits. 1 MiB to 1 TiB. One body that is longer than all that, or than it has announced, is let through.
    pub max_held_bytes: u64,
    /// Seconds that are given to what is in flight when the loop is told to stop.
    pub drain_s: u32,
}

impl Default for CrawlOptions {
    fn default() -> Self {
        Self {
            poll_interval_s: 1800,
            shortest_poll_interval_s: 600,
            longest_poll_interval_s: 21_600,
            max_fetches: 32,
            max_held_bytes: 32 << 20,
            drain_s: 20,
        }
    }
}

/// A value that cannot work; the message names its key in `[crawl]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` is {value}, but must be {least} to {most}")]
pub struct CrawlOptionsError {
    key: &'static str,
    value: u64,
    least: u64,
    most: u64,
}

impl CrawlOptions {
    /// Checks that every value can work.
    ///
    /// # Errors
    /// The first one that cannot.
    pub fn check(&self) -> Result<(), CrawlOptionsError> {
        let a_year_s = 366 * 24 * 3600;
        for (key, value, least, most) in [
            ("poll_interval_s", u64::from(self.poll_interval_s), 60, a_year_s),
            ("shortest_poll_interval_s", u64::from(self.shortest_poll_interval_s), 60, a_year_s),
            (
                "longest_poll_interval_s",
                u64::from(self.longest_poll_interval_s),
                u64::from(self.poll_interval_s),
                a_year_s,
            ),
            ("max_fetches", self.max_fetches as u64, 1, 1024),
            ("max_held_bytes", self.max_held_bytes, 1 << 20, 1 << 40),
            ("drain_s", u64::from(self.drain_s), 0, a_year_s),
        ] {
            if !(least..=most).contains(&value) {
                return Err(CrawlOptionsError { key, value, least, most });
            }
        }
        Ok(())
    }
}
