//! When to come back: pure arithmetic on times that the caller names.

use crate::article::Verdict;
use crate::config::CrawlOptions;
use crate::fetch::FailureClass;
use jiff::{SignedDuration, Timestamp};

/// No wait is longer: a feed is never given up, and no server's `Retry-After` keeps us away longer.
pub(super) const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(24);

/// The first wait after a page failed for a passing reason (time-out, 5xx) ...
const TRANSIENT_WAIT: SignedDuration = SignedDuration::from_mins(1);

/// ... and for one that takes people to change (401, 403, TLS, unknown host).
const SLOW_WAIT: SignedDuration = SignedDuration::from_hours(1);

/// After so many failures a page is given up: after some 34 hours of passing reasons (1 + 2 + … + 1024
/// minutes), a week of slow ones (1 + 2 + 4 + 8 + 16 hours and six days).
const PAGE_ATTEMPTS: u32 = 12;

/// How far chance moves a wait, so that feeds do not march in step.
const JITTER: f64 = 0.1;

/// When to look at a feed again. `chance` is 0 to 1.
pub(super) fn next_poll(options: &CrawlOptions, now: Timestamp, chance: f64) -> Timestamp {
    after(now, jittered(interval(options), chance))
}

/// When to look at a feed again that has failed `attempt` times in a row: each time after twice the
/// wait, but not before the server wants it.
pub(super) fn feed_retry(
    options: &CrawlOptions,
    attempt: u32,
    retry_at: Option<Timestamp>,
    now: Timestamp,
    chance: f64,
) -> Timestamp {
    let wait = doubled(interval(options), attempt).max(interval(options));
    after(now, jittered(wait, chance)).max(capped(retry_at, now))
}

/// When to try a page again that has failed `attempt` times; `None`: never.
pub(super) fn page_retry(
    class: FailureClass,
    attempt: u32,
    retry_at: Option<Timestamp>,
    now: Timestamp,
    chance: f64,
) -> Option<Timestamp> {
    let first = match class {
        FailureClass::Transient => TRANSIENT_WAIT,
        FailureClass::Slow => SLOW_WAIT,
        FailureClass::Final => return None,
    };
    let wait = jittered(doubled(first, attempt.saturating_sub(1)), chance);
    (attempt < PAGE_ATTEMPTS).then(|| after(now, wait).max(capped(retry_at, now)))
}

/// After so many attempts an article is written without the pages of it that still fail: after some seven minutes
/// (1 + 2 + 4). News should not wait a day for its last page.
const WHOLE_ATTEMPTS: u32 = 4;

/// Whether an article of which a further page fails waits for another attempt. `may_pass`: the reason is a passing one.
pub(super) fn waits_for_whole(may_pass: bool, attempt: u32) -> bool {
    may_pass && attempt < WHOLE_ATTEMPTS
}

/// Whether what stands before the page may be gone another day: consent, a look for robots, a page
/// that was served without its text. Such a page is tried again in the class of slow failures.
pub(super) fn passes(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::ConsentPage | Verdict::BotWall | Verdict::NeedsScript)
}

/// A server's wish, as far as it is heard.
pub(super) fn capped(retry_at: Option<Timestamp>, now: Timestamp) -> Timestamp {
    retry_at.unwrap_or(now).min(after(now, LONGEST_WAIT))
}

fn interval(options: &CrawlOptions) -> SignedDuration {
    SignedDuration::from_secs(i64::from(options.poll_interval_s))
}

/// `wait` × 2^`times`, at most [`LONGEST_WAIT`].
fn doubled(wait: SignedDuration, times: u32) -> SignedDuration {
    let factor = 1_i32.checked_shl(times.min(30)).unwrap_or(i32::MAX);
    wait.checked_mul(factor).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT)
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

    const NOW: Timestamp = Timestamp::constant(1_790_000_000, 0);

    fn seconds(time: Timestamp) -> i64 {
        time.duration_since(NOW).as_secs()
    }

    #[test]
    fn polls_come_back_within_a_tenth_of_the_interval() {
        let options = CrawlOptions { poll_interval_s: 1000, ..CrawlOptions::default() };
        for (chance, expected) in [(0.0, 900), (0.5, 1000), (1.0, 1100)] {
            assert_eq!(seconds(next_poll(&options, NOW, chance)), expected);
        }
    }

    #[test]
    fn failing_feed_is_asked_ever_less_but_every_day() {
        let options = CrawlOptions { poll_interval_s: 1800, ..CrawlOptions::default() };
        let waits = [1, 2, 3, 6, 60, u32::MAX].map(|attempt| seconds(feed_retry(&options, attempt, None, NOW, 0.5)));
        assert_eq!(waits, [3600, 7200, 14_400, 86_400, 86_400, 86_400]);
        let rare = CrawlOptions { poll_interval_s: 7 * 86_400, ..options };
        assert_eq!(seconds(feed_retry(&rare, 1, None, NOW, 0.5)), 7 * 86_400, "never more often than a sound one");
    }

    #[test]
    fn article_waits_a_few_minutes_for_its_other_pages() {
        assert_eq!([1, 3, 4].map(|attempt| waits_for_whole(true, attempt)), [true, true, false]);
        assert!(!waits_for_whole(false, 1), "what will not come is not waited for");
    }

    #[test]
    fn servers_wish_is_heard_up_to_a_day() {
        let wish = |wait_s| Some(after(NOW, SignedDuration::from_secs(wait_s)));
        let retry = |wait_s| page_retry(FailureClass::Transient, 1, wish(wait_s), NOW, 0.5).map(seconds);
        assert_eq!(retry(600), Some(600));
        assert_eq!(retry(5), Some(60));
        assert_eq!(retry(-600), Some(60));
        assert_eq!(retry(315_000_000), Some(86_400));
    }

    #[test]
    fn pages_wait_by_the_class_of_their_failure_and_are_given_up_late() {
        let retry = |class, attempt| page_retry(class, attempt, None, NOW, 0.5).map(seconds);
        assert_eq!(retry(FailureClass::Transient, 1), Some(60));
        assert_eq!(retry(FailureClass::Transient, 4), Some(480));
        assert_eq!(retry(FailureClass::Slow, 1), Some(3600));
        assert_eq!(retry(FailureClass::Slow, 11), Some(86_400));
        assert_eq!(retry(FailureClass::Slow, 12), None);
        assert_eq!(retry(FailureClass::Final, 1), None);
        let hours = |class| (1..PAGE_ATTEMPTS).filter_map(|attempt| retry(class, attempt)).sum::<i64>() / 3600;
        assert_eq!((hours(FailureClass::Transient), hours(FailureClass::Slow)), (34, 7 * 24 + 7));
    }

    #[test]
    fn walls_pass_and_verdicts_on_the_page_itself_stay() {
        assert!([Verdict::ConsentPage, Verdict::BotWall, Verdict::NeedsScript].into_iter().all(passes));
        assert!(
            ![Verdict::NotAnArticle, Verdict::Empty, Verdict::Hostile, Verdict::Unsupported].into_iter().any(passes)
        );
    }
}
