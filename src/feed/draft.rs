//! An entry as it stands in a feed, before it is known to be of use.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An entry of which nothing is resolved yet.
#[derive(Debug, Default, Clone)]
pub(super) struct Draft {
    pub(super) link: Option<String>,
    /// What relative links in it are relative to, itself relative to the feed's URL.
    pub(super) base: Option<String>,
    pub(super) id: Option<String>,
    pub(super) title: Option<String>,
    pub(super) published: Option<Timestamp>,
    pub(super) updated: Option<Timestamp>,
    pub(super) authors: Vec<String>,
    /// HTML that the feed calls the content.
    pub(super) content: Option<String>,
    /// HTML that it calls the description or a summary.
    pub(super) summary: Option<String>,
}

/// What a feed says of when it is worth a look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hints {
    /// For how many minutes it holds (RSS `ttl`).
    pub ttl_min: Option<u32>,
    /// Minutes between two updates (`sy:updatePeriod` divided by `sy:updateFrequency`), at least 1.
    pub update_min: Option<u32>,
    /// Hours, UTC, in which nobody need look (RSS `skipHours`): bit 0 is midnight to one.
    pub skip_hours: u32,
    /// Days, UTC, on which nobody need look (RSS `skipDays`): bit 0 is Monday.
    pub skip_days: u8,
}

/// The bit of a day by its English name; 0 for what is none.
pub(super) fn day_bit(name: &str) -> u8 {
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    days.iter().position(|day| name.eq_ignore_ascii_case(day)).map_or(0, |day| 1 << day)
}

/// Minutes between two updates by the Syndication module of RSS 1.0; the frequency is 1 where it is missing.
pub(super) fn period_min(period: &str, frequency: Option<&str>) -> Option<u32> {
    let minutes = match period.to_ascii_lowercase().as_str() {
        "hourly" => 60,
        "daily" => 24 * 60,
        "weekly" => 7 * 24 * 60,
        "monthly" => 30 * 24 * 60,
        "yearly" => 365 * 24 * 60,
        _ => return None,
    };
    let frequency: u32 = frequency.map_or(Some(1), |frequency| frequency.parse().ok())?;
    Some((minutes / frequency.max(1)).max(1))
}

/// A name as RSS and Atom give it: `desk@a.example (Ann Lee)` and `Ann Lee <desk@a.example>` are Ann Lee; an address
/// alone is nobody.
pub(super) fn person(text: &str) -> Option<String> {
    let inside = |open: char, close: char| text.split_once(open)?.1.split_once(close).map(|(name, _)| name);
    let name = match (text.contains('@'), inside('(', ')'), text.split_once('<')) {
        (true, Some(name), _) => name,
        (true, None, Some((name, _))) => name,
        (true, None, None) => return None,
        _ => text,
    };
    let name = super::text::plain(name);
    // What `feed-rs` leaves of the first form.
    let name = name.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(&name).to_owned();
    (!name.is_empty() && name.chars().count() <= 100).then_some(name)
}

/// The entry without dates that no clock had then: many a template writes the first second of 1970 for "unknown".
pub(super) fn with_sane_dates(draft: Draft) -> Draft {
    let of_the_web = |moment: &Timestamp| moment.as_second() > 24 * 3600;
    Draft { published: draft.published.filter(of_the_web), updated: draft.updated.filter(of_the_web), ..draft }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_named_and_addresses_are_not() {
        for (text, expected) in [
            ("Ann Lee", Some("Ann Lee")),
            ("desk@a.example (Ann Lee)", Some("Ann Lee")),
            ("Ann Lee <desk@a.example>", Some("Ann Lee")),
            ("(Ann Lee)", Some("Ann Lee")),
            ("desk@a.example", None),
            (" ", None),
        ] {
            assert_eq!(person(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn periods_are_divided_by_their_frequency() {
        assert_eq!(period_min("hourly", None), Some(60));
        assert_eq!(period_min("Daily", Some("4")), Some(360));
        assert_eq!(period_min("hourly", Some("0")), Some(60));
        assert_eq!(period_min("hourly", Some("6000")), Some(1));
        assert_eq!([period_min("often", None), period_min("daily", Some("x"))], [None, None]);
    }
}
