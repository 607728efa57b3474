//! What a failure means for the next attempt.

use super::Target;
use super::error::FetchError;
use jiff::{SignedDuration, Timestamp};

/// How a failure is to be treated (CRAWLING.md, C).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureClass {
    /// Try again soon: time-outs, resets, 408, 425, 429, 5xx, truncated bodies.
    Transient,
    /// Try again much later: 401, 403, TLS, unknown host, robots; a feed's 404.
    Slow,
    /// Never again: an article's 404, 410, 451, a refused address or scheme, too large, not HTML.
    Final,
}

impl FailureClass {
    /// Its name in the store and in what users see.
    pub fn id(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::Slow => "slow",
            Self::Final => "final",
        }
    }
}

/// The class of a failure. Nothing but a refused URL or address is final for a feed: feeds come
/// back, and giving up on them is what readers of other crawlers complain of most (CRAWLING.md 0.12).
pub(super) fn class(error: &FetchError, target: Target) -> FailureClass {
    use FailureClass::{Final, Slow, Transient};
    let final_for_pages = match target {
        Target::Feed => Slow,
        Target::Page => Final,
    };
    match error {
        FetchError::Redirected { cause, .. } => class(cause, target),
        FetchError::Url { .. } | FetchError::Address { .. } => Final,
        FetchError::Status { status, .. } => match status {
            408 | 425 | 429 | 500.. => Transient,
            401 | 403 => Slow,
            _ => final_for_pages,
        },
        FetchError::Dns { temporary: false, .. }
        | FetchError::Tls { .. }
        | FetchError::Robots { .. }
        | FetchError::CrawlDelay { .. } => Slow,
        FetchError::Redirect { .. }
        | FetchError::RedirectLoop { .. }
        | FetchError::TooManyRedirects { .. }
        | FetchError::TooLarge { .. }
        | FetchError::Bomb { .. }
        | FetchError::ContentType { .. }
        | FetchError::Encoding { .. } => final_for_pages,
        FetchError::Dns { temporary: true, .. }
        | FetchError::Connect { .. }
        | FetchError::Timeout { .. }
        | FetchError::Answer { .. }
        | FetchError::RobotsUnreachable { .. }
        | FetchError::Damaged { .. }
        | FetchError::Truncated { .. } => Transient,
    }
}

/// What a user can do about a status, as the end of a message.
pub(super) fn advice(status: u16) -> &'static str {
    match status {
        401 | 407 => ": it asks for a login",
        403 => ": the site refuses us",
        404 | 410 => ": there is no such page; check the URL",
        429 => ": too many requests; try again later",
        451 => ": withheld for legal reasons",
        400..=499 => ": check the URL",
        500..=599 => ": the server fails; try again later",
        _ => "",
    }
}

/// The longest `Retry-After` that is believed.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(24);

/// When to come back by a `Retry-After` header (RFC 9110, section 10.2.3): seconds or an HTTP date,
/// never before `now` and at most a day after it. `None` for what is neither.
pub(super) fn retry_at(header: &str, now: Timestamp) -> Option<Timestamp> {
    let header = header.trim();
    let latest = now.saturating_add(LONGEST_WAIT).ok()?;
    let wanted = if header.bytes().all(|byte| byte.is_ascii_digit()) && !header.is_empty() {
        let seconds = header.parse().unwrap_or(i64::MAX);
        now.saturating_add(SignedDuration::from_secs(seconds)).ok()?
    } else {
        Timestamp::try_from(httpdate::parse_http_date(header).ok()?).ok()?
    };
    Some(wanted.clamp(now, latest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    #[test]
    fn retry_after_is_read_in_both_forms_and_capped_to_a_day() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        for (header, expected) in [
            ("2", Some("2026-03-01T12:00:02Z")),
            (" 120 ", Some("2026-03-01T12:02:00Z")),
            ("0", Some("2026-03-01T12:00:00Z")),
            ("315360000", Some("2026-03-02T12:00:00Z")),
            ("99999999999999999999999", Some("2026-03-02T12:00:00Z")),
            ("Sun, 01 Mar 2026 12:30:00 GMT", Some("2026-03-01T12:30:00Z")),
            ("Sun, 01 Mar 2020 12:30:00 GMT", Some("2026-03-01T12:00:00Z")),
            ("Sun, 01 Mar 2037 12:30:00 GMT", Some("2026-03-02T12:00:00Z")),
            ("soon", None),
            ("-5", None),
            ("", None),
        ] {
            assert_eq!(retry_at(header, now), expected.map(|text| text.parse().unwrap()), "{header:?}");
        }
    }

    #[test]
    fn statuses_fall_into_the_classes_of_the_study() {
        use FailureClass::{Final, Slow, Transient};
        for (status, page, feed) in [
            (404, Final, Slow),
            (410, Final, Slow),
            (451, Final, Slow),
            (400, Final, Slow),
            (401, Slow, Slow),
            (403, Slow, Slow),
            (408, Transient, Transient),
            (425, Transient, Transient),
            (429, Transient, Transient),
            (500, Transient, Transient),
            (503, Transient, Transient),
        ] {
            let url = Url::parse("http://a.example/").unwrap();
            let error = FetchError::Status { url, status, retry_at: None };
            assert_eq!((error.class(Target::Page), error.class(Target::Feed)), (page, feed), "{status}");
        }
    }
}
