//! When to come back: pure arithmetic on times that the caller names.

use crate::article::Verdict;
use crate::fetch::FailureClass;
use jiff::{SignedDuration, Timestamp};

/// No wait is longer: a feed is never given up, and no server's `Retry-After` keeps us away longer.
pub(super) const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(24);

/// The longest wait by chance before a page is tried again that failed once for a passing reason (time-out, 5xx) ...
const TRANSIENT_WAIT: SignedDuration = SignedDuration::from_mins(2);

/// ... and for one that takes people to change (401, 403, TLS, unknown host).
const SLOW_WAIT: SignedDuration = SignedDuration::from_hours(2);

/// After so many counted failures a page is given up: in the mean after 29 hours of passing reasons (1 + 2 + … + 512
/// minutes and half a day), four days of slow ones (1 + 2 + 4 + 8 hours and seven half days).
const PAGE_ATTEMPTS: u32 = 12;

/// However few attempts were counted, a page is given up that has failed for so long: its host was ill all the time.
const PAGE_AGE: SignedDuration = SignedDuration::from_hours(14 * 24);

/// When to look at a feed again that has failed `attempt` times in a row: not before a sound one would be (`least`),
/// and by chance up to twice as late with each failure, but every day; and not before the server wants it.
pub(super) fn feed_retry(
    least: SignedDuration,
    attempt: u32,
    retry_at: Option<Timestamp>,
    now: Timestamp,
    chance: f64,
) -> Timestamp {
    let most = doubled(least, attempt.saturating_add(1)).max(least);
    after(now, least + share(most - least, chance)).max(capped(retry_at, now))
}

/// What has been spent on a page: failures that count, this one among them, and since when it fails.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spent {
    pub(super) attempts: u32,
    pub(super) failing_since: Option<Timestamp>,
}

/// When to try a page again; `None`: never. The wait is full of chance, from nothing to twice the mean, so that what
/// failed together does not come back together (full jitter). A server that names a time gets the first attempt then,
/// and later ones not before.
pub(super) fn page_retry(
    class: FailureClass,
    spent: Spent,
    retry_at: Option<Timestamp>,
    now: Timestamp,
    chance: f64,
) -> Option<Timestamp> {
    let first = match class {
        FailureClass::Transient => TRANSIENT_WAIT,
        FailureClass::Slow => SLOW_WAIT,
        FailureClass::Final => return None,
    };
    let is_too_old = spent.failing_since.is_some_and(|since| now.duration_since(since) > PAGE_AGE);
    if spent.attempts >= PAGE_ATTEMPTS || is_too_old {
        return None;
    }
    let wished = retry_at.filter(|at| *at > now).map(|at| capped(Some(at), now));
    if let Some(wished) = wished.filter(|_| spent.attempts <= 1) {
        return Some(wished);
    }
    let wait = share(doubled(first, spent.attempts.saturating_sub(1)), chance);
    Some(after(now, wait).max(wished.unwrap_or(now)))
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

/// `wait` × 2^`times`, at most [`LONGEST_WAIT`].
fn doubled(wait: SignedDuration, times: u32) -> SignedDuration {
    let factor = 1_i32.checked_shl(times.min(30)).unwrap_or(i32::MAX);
    wait.checked_mul(factor).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT)
}

/// As much of a wait as chance leaves.
fn share(wait: SignedDuration, chance: f64) -> SignedDuration {
    SignedDuration::try_from_secs_f64(wait.as_secs_f64() * chance.clamp(0.0, 1.0)).unwrap_or(wait)
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

    fn later(wait_s: i64) -> Timestamp {
        after(NOW, SignedDuration::from_secs(wait_s))
    }

    #[test]
    fn failing_feed_is_asked_ever_less_but_every_day() {
        let half_an_hour = SignedDuration::from_mins(30);
        let waits = |chance| {
            [1, 2, 3, 6, 60, u32::MAX].map(|attempt| seconds(feed_retry(half_an_hour, attempt, None, NOW, chance)))
        };
        assert_eq!(waits(1.0), [7200, 14_400, 28_800, 86_400, 86_400, 86_400]);
        assert_eq!(waits(0.0), [1800; 6], "never more often than a sound one");
        let week = SignedDuration::from_hours(7 * 24);
        assert_eq!(seconds(feed_retry(week, 1, None, NOW, 0.5)), 7 * 86_400);
    }

    #[test]
    fn article_waits_a_few_minutes_for_its_other_pages() {
        assert_eq!([1, 3, 4].map(|attempt| waits_for_whole(true, attempt)), [true, true, false]);
        assert!(!waits_for_whole(false, 1), "what will not come is not waited for");
    }

    fn retry(class: FailureClass, attempts: u32, chance: f64) -> Option<i64> {
        page_retry(class, Spent { attempts, failing_since: None }, None, NOW, chance).map(seconds)
    }

    #[test]
    fn servers_wish_is_heard_up_to_a_day() {
        let wished = |attempts, wait_s| {
            let spent = Spent { attempts, failing_since: None };
            page_retry(FailureClass::Transient, spent, Some(later(wait_s)), NOW, 0.5).map(seconds)
        };
        assert_eq!([wished(1, 2), wished(1, 600), wished(1, 315_000_000)], [Some(2), Some(600), Some(86_400)]);
        assert_eq!(wished(1, -600), Some(60), "a time that is past is no wish");
        assert_eq!([wished(4, 2), wished(4, 600)], [Some(480), Some(600)], "who asks again and again is not obeyed");
    }

    #[test]
    fn pages_wait_by_the_class_of_their_failure_and_are_given_up_late() {
        assert_eq!(retry(FailureClass::Transient, 1, 0.5), Some(60));
        assert_eq!(retry(FailureClass::Transient, 4, 0.5), Some(480));
        assert_eq!(retry(FailureClass::Slow, 1, 0.5), Some(3600));
        assert_eq!(retry(FailureClass::Slow, 11, 0.5), Some(43_200));
        assert_eq!(retry(FailureClass::Slow, 12, 0.5), None);
        assert_eq!(retry(FailureClass::Final, 1, 0.5), None);
        let hours =
            |class| (1..PAGE_ATTEMPTS).filter_map(|attempt| retry(class, attempt, 0.5)).sum::<i64>() as f64 / 3600.0;
        let means = (hours(FailureClass::Transient).round(), hours(FailureClass::Slow).round());
        assert_eq!(means, (29.0, 99.0));
    }

    #[test]
    fn waits_are_full_of_chance() {
        let waits = [0.0, 0.25, 1.0].map(|chance| retry(FailureClass::Transient, 3, chance));
        assert_eq!(waits, [Some(0), Some(120), Some(480)]);
    }

    #[test]
    fn page_that_has_failed_for_two_weeks_is_given_up_however_few_attempts_counted() {
        let retry = |days: i64| {
            let spent = Spent { attempts: 1, failing_since: Some(later(-days * 86_400)) };
            page_retry(FailureClass::Transient, spent, None, NOW, 0.5)
        };
        assert!(retry(13).is_some());
        assert_eq!(retry(15), None);
    }

    #[test]
    fn walls_pass_and_verdicts_on_the_page_itself_stay() {
        assert!([Verdict::ConsentPage, Verdict::BotWall, Verdict::NeedsScript].into_iter().all(passes));
        assert!(
            ![Verdict::NotAnArticle, Verdict::Empty, Verdict::Hostile, Verdict::Unsupported].into_iter().any(passes)
        );
    }
}
