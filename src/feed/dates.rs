//! Moments as feeds write them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::{rfc2822, strtime};
use jiff::tz::TimeZone;

/// A moment in any of the forms that feeds use: RFC 3339 and W3C dates with less, RFC 2822 with its old zones, long
/// names of days and months, the forms of C and JavaScript. The weekday may be wrong. Without a zone it is taken for UTC.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    static RFC_2822: rfc2822::DateTimeParser = rfc2822::DateTimeParser::new().relaxed_weekday(true);
    let text = text.trim();
    if text.len() > 80 {
        return None;
    }
    let iso = text.parse().ok().or_else(|| without_zone(text)).or_else(|| month(text));
    iso.or_else(|| RFC_2822.parse_timestamp(text).ok()).or_else(|| {
        let short = shortened(text);
        let with_zone = format!("{short} +0000");
        RFC_2822.parse_timestamp(&short).or_else(|_| RFC_2822.parse_timestamp(&with_zone)).ok().or_else(|| of_c(&short))
    })
}

fn utc(moment: DateTime) -> Option<Timestamp> {
    moment.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

fn without_zone(text: &str) -> Option<Timestamp> {
    // `2026-03-01 12:00:00 +0200` is written by many a template.
    let spaced = strtime::parse("%Y-%m-%d %H:%M:%S %z", text).or_else(|_| strtime::parse("%Y-%m-%dT%H:%M:%S%z", text));
    let minutes = || text.parse::<DateTime>().ok().and_then(utc);
    spaced.ok().and_then(|parsed| parsed.to_timestamp().ok()).or_else(minutes)
}

/// `2026-03` and `2026` (W3C-DTF), the first day of them.
fn month(text: &str) -> Option<Timestamp> {
    let (year, month) = text.split_once('-').unwrap_or((text, "1"));
    let is_short = year.len() == 4 && month.len() <= 2;
    let date = is_short.then(|| Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()).flatten()?;
    utc(date.to_datetime(jiff::civil::Time::midnight()))
}

/// `Sun Mar  1 12:00:00 2026`, as `asctime` and `Date.toString` write it, of which the zone stands elsewhere or not.
fn of_c(text: &str) -> Option<Timestamp> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let found = match words.as_slice() {
        [month, day, time, year] | [month, day, time, _, year] if time.contains(':') => {
            format!("{day} {month} {year} {time} +0000")
        }
        [month, day, year, time, zone, ..] if time.contains(':') => {
            format!("{day} {month} {year} {time} {}", zone.trim_start_matches("GMT").trim_start_matches("UTC"))
        }
        _ => return None,
    };
    rfc2822::DateTimeParser::new().parse_timestamp(found.trim()).ok()
}

/// Names of months by three letters, hours by two digits, `UTC` and `Z` as a number; weekdays go, which say nothing, and so do commas.
fn shortened(text: &str) -> String {
    let words = text.split_whitespace().enumerate().filter_map(|(at, word)| {
        let word = word.trim_end_matches([',', '.']);
        let is_name = word.len() > 3 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
        Some(match word {
            "UTC" | "Z" | "GMT" | "UT" => "+0000".to_owned(),
            _ if at == 0 && is_weekday(word) => return None,
            _ if is_name => word[..3].to_owned(),
            _ if word.as_bytes().get(1) == Some(&b':') => format!("0{word}"),
            _ => word.to_owned(),
        })
    });
    words.collect::<Vec<_>>().join(" ")
}

fn is_weekday(word: &str) -> bool {
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    word.get(..3).is_some_and(|start| days.iter().any(|day| start.eq_ignore_ascii_case(day)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_the_forms_that_feeds_use() {
        for (text, expected) in [
            ("2026-03-01T12:00:00Z", Some("2026-03-01T12:00:00Z")),
            ("2026-03-01T12:00:00+02:00", Some("2026-03-01T10:00:00Z")),
            ("2026-03-01T12:00:00+0200", Some("2026-03-01T10:00:00Z")),
            ("2026-03-01T12:00:00", Some("2026-03-01T12:00:00Z")),
            ("2026-03-01 12:00:00", Some("2026-03-01T12:00:00Z")),
            ("2026-03-01 12:00:00 +0200", Some("2026-03-01T10:00:00Z")),
            ("2026-03-01", Some("2026-03-01T00:00:00Z")),
            ("2026-03", Some("2026-03-01T00:00:00Z")),
            ("2026", Some("2026-01-01T00:00:00Z")),
            ("Sun, 01 Mar 2026 12:00:00 GMT", Some("2026-03-01T12:00:00Z")),
            ("Sun, 01 Mar 2026 12:00:00", Some("2026-03-01T12:00:00Z")),
            ("Sun, 1 Mar 2026 12:00 EST", Some("2026-03-01T17:00:00Z")),
            ("Mon, 01 Mar 2026 12:00:00 +0100", Some("2026-03-01T11:00:00Z")),
            ("Sunday, 01 March 2026 12:00:00 UTC", Some("2026-03-01T12:00:00Z")),
            ("01 March 2026 12:00:00 +0000", Some("2026-03-01T12:00:00Z")),
            ("Tuesday, 3 March 2026 8:15 GMT", Some("2026-03-03T08:15:00Z")),
            ("Sun Mar  1 12:00:00 2026", Some("2026-03-01T12:00:00Z")),
            ("Sun Mar 01 2026 12:00:00 GMT+0100 (CET)", Some("2026-03-01T11:00:00Z")),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(read(text), expected.map(|text| text.parse().unwrap()), "{text}");
        }
    }
}
