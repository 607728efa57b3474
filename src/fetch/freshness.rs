//! For how long an answer holds, by its own word (RFC 9111).
//!
//! Three headers and one sum, for a cache that serves one user: a crate for it would bring a second library for dates
//! and the rules of shared caches. What the server does not say is not guessed.

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{AGE, CACHE_CONTROL, DATE, EXPIRES, HeaderMap, HeaderName, VARY};

/// The longest time that is believed: a year, as RFC 2616 had it; what is said to hold longer is said for ever.
const LONGEST: SignedDuration = SignedDuration::from_hours(365 * 24);

/// What an answer says of its own use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Freshness {
    /// Whether it may be stored at all.
    pub(super) may_store: bool,
    /// Until when it holds without asking again; `None` where the server does not say. Never before now.
    pub(super) until: Option<Timestamp>,
}

/// Reads the headers of an answer that came at `now`.
pub(super) fn read(headers: &HeaderMap, now: Timestamp) -> Freshness {
    let control = all(headers, CACHE_CONTROL);
    let has = |name: &str| directives(&control).any(|(found, _)| found.eq_ignore_ascii_case(name));
    let may_store = !has("no-store") && !all(headers, VARY).contains('*');
    if has("no-store") || has("no-cache") {
        return Freshness { may_store, until: Some(now) };
    }
    let lifetime = max_age(&control).or_else(|| by_expiry(headers, now));
    let age = one(headers, AGE).and_then(|value| seconds(&value)).unwrap_or(SignedDuration::ZERO);
    let until = lifetime.and_then(|lifetime| {
        let left = lifetime.saturating_sub(age).clamp(SignedDuration::ZERO, LONGEST);
        now.saturating_add(left).ok()
    });
    Freshness { may_store, until }
}

fn max_age(control: &str) -> Option<SignedDuration> {
    directives(control).find(|(name, _)| name.eq_ignore_ascii_case("max-age")).map(|(_, value)| {
        // What cannot be read is stale (RFC 9111, section 4.2.1).
        seconds(value.trim_matches('"')).unwrap_or(SignedDuration::ZERO)
    })
}

/// `Expires`, counted from the server's own clock; what cannot be read, such as `0`, is past.
fn by_expiry(headers: &HeaderMap, now: Timestamp) -> Option<SignedDuration> {
    let expires = one(headers, EXPIRES)?;
    let date = one(headers, DATE).and_then(|value| moment(&value)).unwrap_or(now);
    Some(moment(&expires).map_or(SignedDuration::ZERO, |expires| expires.duration_since(date)))
}

fn moment(text: &str) -> Option<Timestamp> {
    Timestamp::try_from(httpdate::parse_http_date(text).ok()?).ok()
}

/// Whole seconds; more than can be counted are as many as can.
fn seconds(text: &str) -> Option<SignedDuration> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| SignedDuration::from_secs(text.parse().unwrap_or(i64::MAX)))
}

fn directives(control: &str) -> impl Iterator<Item = (&str, &str)> {
    control
        .split(',')
        .map(|part| part.split_once('=').map_or((part.trim(), ""), |(name, value)| (name.trim(), value.trim())))
}

fn all(headers: &HeaderMap, name: HeaderName) -> String {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(",")
}

fn one(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(|value| value.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn freshness(lines: &[(&str, &str)]) -> Freshness {
        let headers = lines.iter().map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()));
        read(&headers.collect(), "2026-03-01T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn age_and_expiry_are_counted_as_the_standard_says() {
        const DATE: (&str, &str) = ("date", "Sun, 01 Mar 2026 11:00:00 GMT");
        for (lines, until) in [
            (&[][..], None),
            (&[("cache-control", "max-age=600")], Some("2026-03-01T12:10:00Z")),
            (&[("cache-control", "public, Max-Age=\"600\"")], Some("2026-03-01T12:10:00Z")),
            (&[("cache-control", "max-age=600"), ("age", "540")], Some("2026-03-01T12:01:00Z")),
            (&[("cache-control", "max-age=600"), ("age", "9999999999999999999999")], Some("2026-03-01T12:00:00Z")),
            (&[("cache-control", "s-maxage=600")], None),
            (&[("cache-control", "max-age=oops")], Some("2026-03-01T12:00:00Z")),
            (&[("cache-control", "max-age=99999999999")], Some("2027-03-01T12:00:00Z")),
            (&[("expires", "Sun, 01 Mar 2026 12:30:00 GMT"), DATE], Some("2026-03-01T13:30:00Z")),
            (&[("expires", "0")], Some("2026-03-01T12:00:00Z")),
            (
                &[("expires", "Sun, 01 Mar 2026 12:30:00 GMT"), ("cache-control", "max-age=60")],
                Some("2026-03-01T12:01:00Z"),
            ),
            (&[("cache-control", "no-cache, max-age=600")], Some("2026-03-01T12:00:00Z")),
        ] {
            let found = freshness(lines);
            assert_eq!(found, Freshness { may_store: true, until: until.map(|it| it.parse().unwrap()) }, "{lines:?}");
        }
    }

    #[test]
    fn what_must_not_be_stored_is_told() {
        for lines in [&[("cache-control", "private, no-store")][..], &[("vary", "*")], &[("vary", "accept, *")]] {
            assert!(!freshness(lines).may_store, "{lines:?}");
        }
        assert!(freshness(&[("cache-control", "private"), ("vary", "accept-encoding")]).may_store);
    }

    proptest! {
        #[test]
        fn whatever_is_said_nothing_holds_before_now_or_for_more_than_a_year(
            control in "[ -~]{0,60}", age in "[0-9 -]{0,25}", expires in "[ -~]{0,40}"
        ) {
            let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
            let found = freshness(&[("cache-control", &control), ("age", &age), ("expires", &expires)]);
            let year = SignedDuration::from_hours(365 * 24);
            prop_assert!(found.until.is_none_or(|until| until >= now && until.duration_since(now) <= year), "{found:?}");
        }
    }
}
