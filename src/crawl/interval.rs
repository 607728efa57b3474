//! How often a feed is looked at, and why: pure arithmetic on what it publishes, what it says, and times that the caller
//! names.
//!
//! The interval follows what is found: a look that finds something new makes it shorter, one that finds nothing longer
//! (×0.8 and ×1.5, the rates of StormCrawler's AdaptiveScheduler, so that in the long run two looks of three find
//! something), and it is never longer than the mean distance of the entries of the last seven days (miniflux's entry
//! count), so that a newspaper is not found asleep in the morning. What the feed and its server say of themselves makes
//! it longer, never shorter; and the configuration has the last word.

use crate::config::CrawlOptions;
use crate::feed::Hints;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::fmt;

/// How a look that found something new, and one that did not, change the interval.
const FOUND: f64 = 0.8;
const QUIET: f64 = 1.5;

/// For how long back entries are counted.
pub(super) const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How far chance moves an interval, so that feeds do not march in step.
const JITTER: f64 = 0.1;

/// Into how many minutes of an hour chance spreads the feeds that wait for it.
const HOUR_SPREAD_MIN: f64 = 10.0;

/// Between what the interval of a feed is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    start: SignedDuration,
    shortest: SignedDuration,
    longest: SignedDuration,
    fixed: Option<SignedDuration>,
}

impl Bounds {
    /// Those of the configuration; `fixed_s` is what it says of the feed itself.
    pub(super) fn of(options: &CrawlOptions, fixed_s: Option<u32>) -> Self {
        let seconds = |seconds: u32| SignedDuration::from_secs(i64::from(seconds));
        let start = seconds(options.poll_interval_s);
        Self {
            start,
            shortest: seconds(options.shortest_poll_interval_s).min(start),
            longest: seconds(options.longest_poll_interval_s).max(start),
            fixed: fixed_s.map(seconds),
        }
    }

    /// What a sound feed waits at least before it is looked at once more when it has failed.
    pub(super) fn usual(&self, learnt_s: Option<u32>) -> SignedDuration {
        let learnt = learnt_s.map(|seconds| SignedDuration::from_secs(i64::from(seconds)));
        self.fixed.unwrap_or_else(|| learnt.unwrap_or(self.start).clamp(self.shortest, self.longest))
    }

    /// The longest that a look at a sound feed is put off, chance included.
    pub(super) fn longest(&self) -> SignedDuration {
        self.fixed.map_or(self.longest, |fixed| jittered(fixed, 1.0))
    }

    /// The longest wait of all.
    pub(super) fn most(&self) -> SignedDuration {
        self.longest.max(self.fixed.unwrap_or_default())
    }
}

/// What a look at a feed has given.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Look {
    /// Seconds between the looks until now; `None`: it is the first.
    pub(super) interval_s: Option<u32>,
    /// Entries that nobody knew.
    pub(super) new: usize,
    /// Entries dated in the last seven days.
    pub(super) of_week: u32,
    pub(super) hints: Hints,
    /// Until when the server says that it holds.
    pub(super) fresh_until: Option<Timestamp>,
}

/// When to look again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) next: Timestamp,
    pub(super) interval_s: u32,
    pub(super) reason: Reason,
}

/// Why a feed is looked at next when it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reason {
    /// It was read for the first time.
    Start,
    /// It had something new.
    Found { new: usize },
    /// It had nothing new.
    Quiet,
    /// It publishes as often as that.
    Rate { of_week: u32 },
    /// No interval is shorter.
    Shortest,
    /// No interval is longer.
    Longest,
    /// The configuration says so.
    Fixed,
    /// RSS `ttl`.
    Ttl,
    /// `sy:updatePeriod`.
    UpdatePeriod,
    /// `Cache-Control`, `Expires`.
    Fresh,
    /// RSS `skipHours`.
    SkippedHour,
    /// RSS `skipDays`.
    SkippedDay,
    /// It failed.
    Failed { attempts: u32 },
    /// It failed, and its server wants to be left alone.
    RetryAfter,
    /// Its host fails.
    HostIll,
    /// The network is down.
    NetworkDown,
    /// The address that was learnt fails.
    Forgotten,
}

impl Reason {
    /// A short id, which stays when the words improve.
    pub(super) fn id(&self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Found { .. } => "found",
            Self::Quiet => "quiet",
            Self::Rate { .. } => "rate",
            Self::Shortest => "shortest",
            Self::Longest => "longest",
            Self::Fixed => "fixed",
            Self::Ttl => "ttl",
            Self::UpdatePeriod => "update_period",
            Self::Fresh => "fresh",
            Self::SkippedHour => "skip_hours",
            Self::SkippedDay => "skip_days",
            Self::Failed { .. } => "failed",
            Self::RetryAfter => "retry_after",
            Self::HostIll => "host_ill",
            Self::NetworkDown => "network_down",
            Self::Forgotten => "address",
        }
    }

    /// As it is kept: the id and the words.
    pub(super) fn kept(&self) -> String {
        format!("{}: {self}", self.id())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => write!(formatter, "read for the first time, poll_interval_s"),
            Self::Found { new } => write!(formatter, "had {new} new, so sooner"),
            Self::Quiet => write!(formatter, "had nothing new, so later"),
            Self::Rate { of_week } => write!(formatter, "publishes {of_week} a week"),
            Self::Shortest => write!(formatter, "has much, but not before shortest_poll_interval_s"),
            Self::Longest => write!(formatter, "has little, but not after longest_poll_interval_s"),
            Self::Fixed => write!(formatter, "the configuration says so"),
            Self::Ttl => write!(formatter, "it says that it holds so long (ttl)"),
            Self::UpdatePeriod => write!(formatter, "it says that it is updated so often (sy:updatePeriod)"),
            Self::Fresh => write!(formatter, "its server says that it holds so long (Cache-Control, Expires)"),
            Self::SkippedHour => write!(formatter, "it says that nobody need look before (skipHours)"),
            Self::SkippedDay => write!(formatter, "it says that nobody need look before (skipDays)"),
            Self::Failed { attempts: 1 } => write!(formatter, "failed"),
            Self::Failed { attempts } => write!(formatter, "failed {attempts} times in a row, so later"),
            Self::RetryAfter => write!(formatter, "its server wants to be left alone (Retry-After)"),
            Self::HostIll => write!(formatter, "its host fails"),
            Self::NetworkDown => write!(formatter, "the network is down"),
            Self::Forgotten => write!(formatter, "not where it had moved to, so its own address again"),
        }
    }
}

/// Takes the reason of a feed's next check apart, as the store has it: a short id and words for people. A feed that
/// was never read has none.
pub fn reason_of(kept: Option<&str>) -> (&str, &str) {
    kept.and_then(|kept| kept.split_once(": ")).unwrap_or(("new", "not read yet"))
}

/// When to look at a feed again that has been read. `chance` is 0 to 1.
pub(super) fn plan(bounds: &Bounds, look: &Look, now: Timestamp, chance: f64) -> Plan {
    let (interval, reason) = interval(bounds, look);
    let interval_s = u32::try_from(interval.as_secs()).unwrap_or(u32::MAX);
    let next = after(now, jittered(interval, chance));
    if bounds.fixed.is_some() {
        return Plan { next, interval_s, reason };
    }
    let latest = after(now, bounds.longest);
    let minutes = |minutes: Option<u32>| minutes.map(|minutes| after(now, SignedDuration::from_mins(minutes.into())));
    let said = [
        (minutes(look.hints.ttl_min), Reason::Ttl),
        (minutes(look.hints.update_min), Reason::UpdatePeriod),
        (look.fresh_until, Reason::Fresh),
    ];
    let (mut next, mut reason) = (next.min(latest), reason);
    for (until, why) in said {
        if let Some(until) = until.map(|until| until.min(latest)).filter(|until| *until > next) {
            (next, reason) = (until, why);
        }
    }
    if let Some((later, why)) = awake(&look.hints, next, latest, chance) {
        (next, reason) = (later, why);
    }
    Plan { next, interval_s, reason }
}

fn interval(bounds: &Bounds, look: &Look) -> (SignedDuration, Reason) {
    if let Some(fixed) = bounds.fixed {
        return (fixed, Reason::Fixed);
    }
    let (wanted, reason) = match look.interval_s {
        None => (bounds.start, Reason::Start),
        Some(before) if look.new > 0 => (times(before, FOUND), Reason::Found { new: look.new }),
        Some(before) => (times(before, QUIET), Reason::Quiet),
    };
    let mean = WEEK.checked_div(i32::try_from(look.of_week).unwrap_or(i32::MAX)).unwrap_or(SignedDuration::MAX);
    let (wanted, reason) =
        if mean < wanted { (mean, Reason::Rate { of_week: look.of_week }) } else { (wanted, reason) };
    if wanted < bounds.shortest {
        (bounds.shortest, Reason::Shortest)
    } else if wanted > bounds.longest {
        (bounds.longest, Reason::Longest)
    } else {
        (wanted, reason)
    }
}

/// The first hour from `next` on in which the feed says that a look is worth it, `latest` at the latest; `None` where
/// `next` is as good as any. A feed that wants no look ever is not heard.
fn awake(hints: &Hints, next: Timestamp, latest: Timestamp, chance: f64) -> Option<(Timestamp, Reason)> {
    let sleeps = |at: Timestamp| {
        let at = Offset::UTC.to_datetime(at);
        let skips_hour = hints.skip_hours & 1 << at.hour() != 0;
        let skips_day = hints.skip_days & 1 << at.weekday().to_monday_zero_offset() != 0;
        if skips_day { Some(Reason::SkippedDay) } else { skips_hour.then_some(Reason::SkippedHour) }
    };
    let mut why = sleeps(next)?;
    let first_full = Offset::UTC.to_datetime(next).round(jiff::Unit::Hour).ok()?;
    let start = Offset::UTC.to_timestamp(first_full).ok()?;
    let mut hour = if start > next { start } else { start.checked_add(1.hour()).ok()? };
    while hour < latest {
        match sleeps(hour) {
            None => {
                let spread = SignedDuration::from_secs((HOUR_SPREAD_MIN * 60.0 * chance.clamp(0.0, 1.0)) as i64);
                return Some((after(hour, spread).min(latest), why));
            }
            Some(reason) => why = reason,
        }
        hour = hour.checked_add(1.hour()).ok()?;
    }
    let is_always = hints.skip_hours & 0xff_ffff == 0xff_ffff || hints.skip_days & 0x7f == 0x7f;
    (!is_always).then_some((latest, why))
}

/// For how long the feeds of a first start are spread: ten of them begin in a second, once those that are fetched
/// together have begun.
pub(super) fn spread(new: usize, together: usize) -> SignedDuration {
    SignedDuration::from_millis(i64::try_from(new.saturating_sub(together)).unwrap_or(i64::MAX).saturating_mul(100))
}

/// Where in a window of that length a feed begins: by its key, so that it is the same at each start.
pub(super) fn place_in(window: SignedDuration, key: u64) -> SignedDuration {
    let part = (key >> 11) as f64 / (1_u64 << 53) as f64;
    SignedDuration::try_from_secs_f64(window.as_secs_f64() * part).unwrap_or(window)
}

fn times(seconds: u32, factor: f64) -> SignedDuration {
    SignedDuration::try_from_secs_f64(f64::from(seconds) * factor).unwrap_or(SignedDuration::MAX)
}

fn jittered(wait: SignedDuration, chance: f64) -> SignedDuration {
    let factor = 1.0 + JITTER * (2.0 * chance.clamp(0.0, 1.0) - 1.0);
    // A wait is at most a year, so that the factor cannot carry it out of range.
    SignedDuration::try_from_secs_f64(wait.as_secs_f64() * factor).unwrap_or(wait)
}

fn after(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A Sunday, 12:26:40 UTC.
    const NOW: Timestamp = Timestamp::constant(1_790_512_000, 0);

    fn bounds() -> Bounds {
        let options = CrawlOptions { poll_interval_s: 1800, ..CrawlOptions::default() };
        Bounds::of(&CrawlOptions { shortest_poll_interval_s: 600, longest_poll_interval_s: 21_600, ..options }, None)
    }

    fn planned(look: &Look) -> (i64, &'static str) {
        let plan = plan(&bounds(), look, NOW, 0.5);
        (plan.next.duration_since(NOW).as_secs(), plan.reason.id())
    }

    #[test]
    fn interval_follows_what_is_found() {
        let look = |interval_s, new, of_week| Look { interval_s, new, of_week, ..Look::default() };
        for (given, expected) in [
            (look(None, 14, 0), (1800, "start")),
            (look(Some(1800), 3, 0), (1440, "found")),
            (look(Some(1800), 0, 0), (2700, "quiet")),
            (look(Some(700), 1, 0), (600, "shortest")),
            (look(Some(20_000), 0, 0), (21_600, "longest")),
            (look(Some(1800), 0, 280), (2160, "rate")),
            (look(None, 900, 700), (864, "rate")),
            (look(Some(1800), 1, 1_000_000), (600, "shortest")),
        ] {
            assert_eq!(planned(&given), expected, "{given:?}");
        }
    }

    #[test]
    fn dead_feed_is_looked_at_as_seldom_as_allowed_and_a_live_one_finds_its_pace() {
        let mut interval_s = None;
        for _ in 0..20 {
            interval_s = Some(plan(&bounds(), &Look { interval_s, ..Look::default() }, NOW, 0.5).interval_s);
        }
        assert_eq!(interval_s, Some(21_600));
        // Something new every hour: in the long run two looks of three find it.
        let (mut now, mut last, mut looks, mut finds) = (0, 0, 0, 0);
        let mut interval_s = Some(1800);
        while now < 90 * 24 * 3600 {
            let new = usize::from(now / 3600 > last / 3600);
            (last, looks, finds) = (now, looks + 1, finds + new);
            let plan = plan(&bounds(), &Look { interval_s, new, ..Look::default() }, NOW, 0.5);
            interval_s = Some(plan.interval_s);
            now += i64::from(plan.interval_s);
        }
        let share = finds as f64 / f64::from(looks);
        assert!((0.55..0.85).contains(&share), "{share}");
    }

    #[test]
    fn what_the_feed_says_makes_it_later_up_to_the_longest_interval() {
        let said = |hints: Hints, fresh_s: Option<i64>| {
            let fresh_until = fresh_s.map(|seconds| after(NOW, SignedDuration::from_secs(seconds)));
            planned(&Look { interval_s: Some(1000), new: 1, hints, fresh_until, ..Look::default() })
        };
        let none = Hints::default();
        assert_eq!(said(Hints { ttl_min: Some(5), ..none }, None), (800, "found"), "never sooner");
        assert_eq!(said(Hints { ttl_min: Some(150), ..none }, None), (9000, "ttl"));
        assert_eq!(said(Hints { ttl_min: Some(u32::MAX), ..none }, None), (21_600, "ttl"));
        assert_eq!(said(Hints { update_min: Some(60), ttl_min: Some(30), ..none }, None), (3600, "update_period"));
        assert_eq!(said(none, Some(7000)), (7000, "fresh"));
        assert_eq!(said(none, Some(-60)), (800, "found"), "a clock that goes back");
    }

    #[test]
    fn hours_and_days_to_be_skipped_are() {
        let at = |hints: Hints| {
            let look = Look { interval_s: Some(1800), new: 1, hints, ..Look::default() };
            let plan = plan(&bounds(), &look, NOW, 0.5);
            (plan.next.to_string(), plan.reason.id())
        };
        let none = Hints::default();
        // 1440 seconds on it is 12:50; half of ten minutes is left to chance.
        assert_eq!(at(Hints { skip_hours: 1 << 13, ..none }), ("2026-09-27T12:50:40Z".into(), "found"));
        assert_eq!(at(Hints { skip_hours: 0b11 << 12, ..none }), ("2026-09-27T14:05:00Z".into(), "skip_hours"));
        // Six hours on at the latest, although the feed sleeps all Sunday.
        assert_eq!(at(Hints { skip_days: 1 << 6, ..none }), ("2026-09-27T18:26:40Z".into(), "skip_days"));
        assert_eq!(at(Hints { skip_hours: u32::MAX, ..none }), ("2026-09-27T12:50:40Z".into(), "found"));
        assert_eq!(at(Hints { skip_days: u8::MAX, ..none }), ("2026-09-27T12:50:40Z".into(), "found"));
    }

    #[test]
    fn fixed_interval_is_kept_whatever_is_said() {
        let bounds = Bounds::of(&CrawlOptions::default(), Some(86_400));
        let hints = Hints { ttl_min: Some(5), skip_hours: u32::MAX, ..Hints::default() };
        let plan = plan(&bounds, &Look { new: 100, of_week: 900, hints, ..Look::default() }, NOW, 0.5);
        assert_eq!((plan.next.duration_since(NOW).as_secs(), plan.reason), (86_400, Reason::Fixed));
        assert_eq!(bounds.most(), SignedDuration::from_hours(24));
    }

    #[test]
    fn reasons_come_apart_as_they_were_kept() {
        let kept = Reason::Failed { attempts: 3 }.kept();
        assert_eq!(reason_of(Some(&kept)), ("failed", "failed 3 times in a row, so later"));
        assert_eq!(reason_of(None), ("new", "not read yet"));
    }

    #[test]
    fn thousands_of_new_feeds_begin_one_after_the_other() {
        assert_eq!(spread(20, 32), SignedDuration::ZERO);
        let window = spread(5032, 32);
        assert_eq!(window, SignedDuration::from_secs(500));
        let mut seconds = [0; 500];
        for n in 0..5000_u64 {
            let key = u64::from_be_bytes(blake3::hash(&n.to_be_bytes()).as_bytes()[..8].try_into().unwrap());
            assert_eq!(place_in(window, key), place_in(window, key));
            seconds[usize::try_from(place_in(window, key).as_secs()).unwrap()] += 1;
        }
        assert!(seconds.iter().max() < Some(&40), "{seconds:?}");
    }

    proptest! {
        /// Whatever the clock says (a day back, a month on, the hour that summer time takes or gives), the wait is the
        /// same, lies between the bounds and is never in the past.
        #[test]
        fn next_look_lies_between_the_bounds_whatever_the_clock_says(
            now in 0_i64..4_102_444_800, interval_s in proptest::option::of(any::<u32>()), new in 0_usize..100,
            of_week in any::<u32>(), ttl_min in proptest::option::of(any::<u32>()), skip_hours in any::<u32>(),
            skip_days in any::<u8>(), fresh in proptest::option::of(0_i64..4_102_444_800), chance in 0.0..=1.0_f64,
        ) {
            let now = Timestamp::from_second(now).unwrap();
            let hints = Hints { ttl_min, update_min: None, skip_hours, skip_days };
            let fresh_until = fresh.map(|at| Timestamp::from_second(at).unwrap());
            let plan = plan(&bounds(), &Look { interval_s, new, of_week, hints, fresh_until }, now, chance);
            let wait = plan.next.duration_since(now).as_secs();
            prop_assert!((540..=21_600).contains(&wait), "{wait}");
            prop_assert!((600..=21_600).contains(&plan.interval_s));
        }
    }
}
