//! Dates as pages write them: ISO 8601 and its neighbours, RFC 2822, days in words of many
//! languages, numbers with the day or the month first.

use super::months::month;
use crate::article::Published;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// The web's first year with news on it; older dates are what an article is about.
const FIRST_YEAR: i16 = 1990;

/// How far a clock may be ahead of ours.
const MAX_AHEAD: SignedDuration = SignedDuration::from_hours(48);

/// Longest text that is searched for a date, in bytes.
const MAX_TEXT_BYTES: usize = 400;

/// Which of two small numbers is the month in `3/6/2026`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberOrder {
    /// As in most of the world.
    DayFirst,
    /// As in the United States.
    MonthFirst,
}

/// The first date in a text that is credible as the day of publication: from 1990 on, and no more
/// than two days after `now`.
pub(super) fn find(text: &str, order: NumberOrder, now: Option<Timestamp>) -> Option<Published> {
    let end = (0..=MAX_TEXT_BYTES.min(text.len())).rev().find(|end| text.is_char_boundary(*end))?;
    let tokens = tokens(&text[..end]);
    let found = epoch(text.trim()).or_else(|| {
        (0..tokens.len()).find_map(|at| {
            let (date, next) = date_at(&tokens, at, order)?;
            is_credible(date, now).then(|| published(date, &tokens, at, next))
        })
    })?;
    is_credible(found.date, now).then_some(found)
}

/// Whether something can have been published on that day.
pub(super) fn is_credible(date: Date, now: Option<Timestamp>) -> bool {
    let latest =
        now.map(|now| now.saturating_add(MAX_AHEAD).map_or(Date::MAX, |time| Offset::UTC.to_datetime(time).date()));
    date.year() >= FIRST_YEAR && latest.is_none_or(|latest| date <= latest)
}

/// Seconds or milliseconds since 1970, alone in the text.
fn epoch(text: &str) -> Option<Published> {
    if !matches!(text.len(), 10 | 13) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = text.parse().ok()?;
    let timestamp =
        if text.len() == 13 { Timestamp::from_millisecond(number) } else { Timestamp::from_second(number) }.ok()?;
    Some(Published { date: Offset::UTC.to_datetime(timestamp).date(), timestamp: Some(timestamp) })
}

/// A number, a word, or one sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Number { value: u32, digits: usize },
    Word(&'a str),
    Sign(char),
}

/// Cuts a text into tokens; white space goes, but a `T` or `Z` glued to digits is a word.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_digit() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            if let Ok(value) = rest[..digits].parse() {
                tokens.push(Token::Number { value, digits });
            }
            digits
        } else if first.is_alphabetic() {
            let is_han = |character: char| matches!(character, '年' | '月' | '日' | '년' | '월' | '일');
            let end =
                rest.find(|character: char| !character.is_alphabetic() || is_han(character)).unwrap_or(rest.len());
            let end = end.max(first.len_utf8());
            tokens.push(Token::Word(&rest[..end]));
            end
        } else {
            if !first.is_whitespace() {
                tokens.push(Token::Sign(first));
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

fn number(tokens: &[Token<'_>], at: usize) -> Option<(u32, usize)> {
    match tokens.get(at) {
        Some(Token::Number { value, digits }) => Some((*value, *digits)),
        _ => None,
    }
}

fn sign(tokens: &[Token<'_>], at: usize) -> Option<char> {
    match tokens.get(at) {
        Some(Token::Sign(sign)) => Some(*sign),
        _ => None,
    }
}

fn word<'a>(tokens: &[Token<'a>], at: usize) -> Option<&'a str> {
    match tokens.get(at) {
        Some(Token::Word(word)) => Some(word),
        _ => None,
    }
}

fn day_of(year: u32, month: i8, day: u32) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, month, i8::try_from(day).ok()?).ok()
}

/// The date that starts at a token, and the first token after it.
fn date_at(tokens: &[Token<'_>], at: usize, order: NumberOrder) -> Option<(Date, usize)> {
    in_characters(tokens, at)
        .or_else(|| year_first(tokens, at))
        .or_else(|| year_last(tokens, at, order))
        .or_else(|| day_in_words(tokens, at))
        .or_else(|| month_in_words(tokens, at))
        .or_else(|| year_and_words(tokens, at))
}

/// `2026年3月6日`, `2026년 3월 6일`.
fn in_characters(tokens: &[Token<'_>], at: usize) -> Option<(Date, usize)> {
    let unit = |at, signs: [&str; 2]| word(tokens, at).is_some_and(|word| signs.contains(&word));
    let (year, _) = number(tokens, at)?;
    let (month, _) = number(tokens, at + 2)?;
    let (day, _) = number(tokens, at + 4)?;
    if !unit(at + 1, ["年", "년"]) || !unit(at + 3, ["月", "월"]) || !unit(at + 5, ["日", "일"]) {
        return None;
    }
    Some((day_of(year, i8::try_from(month).ok()?, day)?, at + 6))
}

/// `2026-03-06`, `2026/3/6`, `2026. 3. 6.`, `20260306`.
fn year_first(tokens: &[Token<'_>], at: usize) -> Option<(Date, usize)> {
    let (first, digits) = number(tokens, at)?;
    if digits == 8 && (sign(tokens, at + 1).is_none() || tokens.len() == at + 1) {
        return Some((day_of(first / 10_000, i8::try_from(first / 100 % 100).ok()?, first % 100)?, at + 1));
    }
    let separator = sign(tokens, at + 1).filter(|sign| digits == 4 && matches!(sign, '-' | '/' | '.' | '‐' | '–'))?;
    let (month, _) = number(tokens, at + 2)?;
    let (day, _) = number(tokens, at + 4).filter(|_| sign(tokens, at + 3) == Some(separator))?;
    Some((day_of(first, i8::try_from(month).ok()?, day)?, at + 5))
}

/// `6.3.2026`, `06/03/2026`, `03-06-2026`.
fn year_last(tokens: &[Token<'_>], at: usize, order: NumberOrder) -> Option<(Date, usize)> {
    let (first, _) = number(tokens, at).filter(|(_, digits)| *digits <= 2)?;
    let separator = sign(tokens, at + 1).filter(|sign| matches!(sign, '.' | '/' | '-'))?;
    let (second, _) = number(tokens, at + 2).filter(|(_, digits)| *digits <= 2)?;
    let (year, digits) = number(tokens, at + 4).filter(|_| sign(tokens, at + 3) == Some(separator))?;
    let year = match digits {
        4 => year,
        // Two digits are a year only after full stops, as in German; `1/2/03` can be anything.
        2 if separator == '.' => 2000 + year,
        _ => return None,
    };
    let is_month_first = separator != '.' && (order == NumberOrder::MonthFirst || second > 12) && first <= 12;
    let (day, month) = if is_month_first { (second, first) } else { (first, second) };
    Some((day_of(year, i8::try_from(month).ok()?, day)?, at + 5))
}

/// Skips one full stop, comma or the little words and endings between the parts of a date.
fn skip(tokens: &[Token<'_>], mut at: usize) -> usize {
    const BETWEEN: &[&str] =
        &["de", "del", "of", "st", "nd", "rd", "th", "er", "º", "ª", "o", "a", "d", "m", "den", "г", "року"];
    for _ in 0..2 {
        let skips = match tokens.get(at) {
            Some(Token::Sign(sign)) => matches!(sign, '.' | ',' | '-' | '/' | '’' | '\'' | 'º'),
            Some(Token::Word(word)) => BETWEEN.iter().any(|between| word.eq_ignore_ascii_case(between)),
            _ => false,
        };
        at += usize::from(skips);
    }
    at
}

fn year_at(tokens: &[Token<'_>], at: usize) -> Option<u32> {
    number(tokens, at).filter(|(_, digits)| *digits == 4).map(|(year, _)| year)
}

/// `6 March 2026`, `6. März 2026`, `1er mars 2026`, `6 de marzo de 2026`, `06-Mar-2026`.
fn day_in_words(tokens: &[Token<'_>], at: usize) -> Option<(Date, usize)> {
    let (day, _) = number(tokens, at).filter(|(_, digits)| *digits <= 2)?;
    let name = skip(tokens, at + 1);
    let month = month(word(tokens, name)?)?;
    let year = skip(tokens, name + 1);
    Some((day_of(year_at(tokens, year)?, month, day)?, year + 1))
}

/// `March 6, 2026`, `Mar. 6th 2026`.
fn month_in_words(tokens: &[Token<'_>], at: usize) -> Option<(Date, usize)> {
    let month = month(word(tokens, at)?)?;
    let day_at = skip(tokens, at + 1);
    let (day, _) = number(tokens, day_at).filter(|(_, digits)| *digits <= 2)?;
    let year = skip(tokens, day_at + 1);
    Some((day_of(year_at(tokens, year)?, month, day)?, year + 1))
}

/// `2026. március 6.`, `2026 m. kovo 6 d.`, `2026. gada 6. marts`, `2026 March 6`.
fn year_and_words(tokens: &[Token<'_>], at: usize) -> Option<(Date, usize)> {
    let year = year_at(tokens, at)?;
    let mut next = skip(tokens, at + 1);
    next += usize::from(word(tokens, next) == Some("gada"));
    let (day, name, after) = match number(tokens, next) {
        Some((day, _)) => {
            let name = skip(tokens, next + 1);
            (day, name, name + 1)
        }
        None => {
            let day_at = skip(tokens, next + 1);
            (number(tokens, day_at)?.0, next, day_at + 1)
        }
    };
    Some((day_of(year, month(word(tokens, name)?)?, day)?, after))
}

/// The date with the moment, where a time with its zone follows it, or stands before the year as
/// in `Fri Mar 06 10:00:00 +0100 2026`.
fn published(date: Date, tokens: &[Token<'_>], _start: usize, next: usize) -> Published {
    let timestamp = time_at(tokens, next).and_then(|(time, zone)| {
        let offset = offset_at(tokens, zone)?;
        offset.to_timestamp(date.to_datetime(time)).ok()
    });
    Published { date, timestamp }
}

/// The time of day near the end of a date, and the first token after it.
fn time_at(tokens: &[Token<'_>], mut at: usize) -> Option<(Time, usize)> {
    if matches!(word(tokens, at), Some("T" | "t" | "at" | "um" | "à"))
        || matches!(sign(tokens, at), Some(',' | '-' | '|'))
    {
        at += 1;
    }
    let (hour, _) = number(tokens, at)?;
    let (minute, _) = number(tokens, at + 2).filter(|_| sign(tokens, at + 1) == Some(':'))?;
    at += 3;
    let mut second = 0;
    if let Some((value, _)) = number(tokens, at + 1).filter(|_| sign(tokens, at) == Some(':')) {
        second = value.min(59);
        at += 2;
    }
    if sign(tokens, at).is_some_and(|sign| matches!(sign, '.' | ',')) && number(tokens, at + 1).is_some() {
        at += 2;
    }
    let hour = match word(tokens, at).map(str::to_ascii_lowercase).as_deref() {
        Some("pm") if hour < 12 => hour + 12,
        Some("am") if hour == 12 => 0,
        _ => hour,
    };
    at += usize::from(
        word(tokens, at).is_some_and(|word| word.eq_ignore_ascii_case("am") || word.eq_ignore_ascii_case("pm")),
    );
    let part = |value: u32| i8::try_from(value).ok();
    Some((Time::new(part(hour)?, part(minute)?, part(second)?, 0).ok()?, at))
}

/// `Z`, `UTC`, `GMT`, `+01:00`, `+0100`, `-05`. Other names of zones mean several offsets each.
fn offset_at(tokens: &[Token<'_>], at: usize) -> Option<Offset> {
    if let Some(name) = word(tokens, at) {
        let is_utc = ["Z", "UTC", "GMT"].iter().any(|utc| name.eq_ignore_ascii_case(utc));
        return (is_utc).then_some(Offset::UTC);
    }
    let direction = match sign(tokens, at)? {
        '+' => 1,
        '-' | '−' => -1,
        _ => return None,
    };
    let (value, digits) = number(tokens, at + 1)?;
    let minutes = match digits {
        4 => value / 100 * 60 + value % 100,
        1 | 2 => {
            value * 60
                + number(tokens, at + 3).filter(|_| sign(tokens, at + 2) == Some(':')).map_or(0, |(minutes, _)| minutes)
        }
        _ => return None,
    };
    Offset::from_seconds(direction * i32::try_from(minutes).ok()? * 60).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn day(text: &str) -> Option<Date> {
        find(text, NumberOrder::DayFirst, None).map(|found| found.date)
    }

    fn moment(text: &str) -> Option<String> {
        find(text, NumberOrder::DayFirst, None)?.timestamp.map(|timestamp| timestamp.to_string())
    }

    #[test]
    fn reads_iso_dates_with_and_without_zone() {
        assert_eq!(moment("2026-03-06T23:30:00+01:00").as_deref(), Some("2026-03-06T22:30:00Z"));
        assert_eq!(moment("2026-03-06T23:30:00.123Z").as_deref(), Some("2026-03-06T23:30:00Z"));
        assert_eq!(moment("2026-03-06 23:30 -0500").as_deref(), Some("2026-03-07T04:30:00Z"));
        assert_eq!(moment("2026-03-06T23:30:00"), None);
        assert_eq!(day("2026-03-06T23:30:00-05:00"), Some(date(2026, 3, 6)));
        assert_eq!(day("20260306"), Some(date(2026, 3, 6)));
    }

    #[test]
    fn reads_mail_dates() {
        assert_eq!(moment("Fri, 06 Mar 2026 10:00:00 +0100").as_deref(), Some("2026-03-06T09:00:00Z"));
        assert_eq!(moment("Fri, 06 Mar 2026 10:00:00 GMT").as_deref(), Some("2026-03-06T10:00:00Z"));
        assert_eq!(moment("Fri, 06 Mar 2026 10:00:00 CST"), None);
    }

    #[test]
    fn reads_days_in_words() {
        for text in [
            "6 March 2026",
            "Published on Friday, March 6th, 2026 at 5:30 pm",
            "6. März 2026, 10:15 Uhr",
            "le 6 mars 2026 à 10h",
            "6 de marzo de 2026",
            "6 березня 2026, 12:00",
            "6 марта 2026 г.",
            "2026年3月6日(金)",
            "2026년 3월 6일",
            "2026. március 6.",
            "2026 m. kovo 6 d.",
            "2026. gada 6. marts",
            "06-Mar-2026",
            "6 marca 2026",
            "6. maaliskuuta 2026",
        ] {
            assert_eq!(day(text), Some(date(2026, 3, 6)), "{text}");
        }
    }

    #[test]
    fn reads_numbers_by_the_order_of_the_place() {
        assert_eq!(day("06.03.2026"), Some(date(2026, 3, 6)));
        assert_eq!(day("06.03.26"), Some(date(2026, 3, 6)));
        assert_eq!(day("06/03/2026"), Some(date(2026, 3, 6)));
        assert_eq!(find("03/06/2026", NumberOrder::MonthFirst, None).map(|found| found.date), Some(date(2026, 3, 6)));
        assert_eq!(day("03/26/2026"), Some(date(2026, 3, 26)));
        assert_eq!(find("26/03/2026", NumberOrder::MonthFirst, None).map(|found| found.date), Some(date(2026, 3, 26)));
    }

    #[test]
    fn reads_epochs_alone_in_the_text() {
        assert_eq!(moment("1772791200").as_deref(), Some("2026-03-06T10:00:00Z"));
        assert_eq!(moment("1772791200000").as_deref(), Some("2026-03-06T10:00:00Z"));
        assert_eq!(day("call 1772791200"), None);
    }

    #[test]
    fn finds_no_date_in_other_numbers() {
        for text in [
            "",
            "5 min read",
            "10:15",
            "2026",
            "March 2026",
            "31.02.2026",
            "v1.2.3",
            "5/10",
            "+49 30 123456",
            "1,234 comments",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn refuses_the_future_and_the_time_before_the_web() {
        let now = date(2026, 3, 6).to_datetime(Time::midnight());
        let now = Offset::UTC.to_timestamp(now).ok();
        let day = |text| find(text, NumberOrder::DayFirst, now).map(|found| found.date);
        assert_eq!(day("2026-03-08"), Some(date(2026, 3, 8)));
        assert_eq!(day("2026-03-09"), None);
        assert_eq!(day("1989-11-09"), None);
        assert_eq!(day("1990-01-01"), Some(date(1990, 1, 1)));
    }

    #[test]
    fn goes_on_after_a_date_that_is_refused() {
        assert_eq!(day("9 November 1969 | 6 March 2026"), Some(date(2026, 3, 6)));
    }
}
