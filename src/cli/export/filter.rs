//! Which of the texts are wanted.

use crate::key::Key;
use crate::output::Entry;
use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan as _};
use std::collections::HashSet;

pub(super) fn since(text: &str) -> Result<Timestamp, jiff::Error> {
    moment(text, Ok)
}

/// A day counts to its end.
pub(super) fn until(text: &str) -> Result<Timestamp, jiff::Error> {
    let end = |day: Date| day.checked_add(1.day());
    let of_day = !text.contains(['T', 't', ' ']);
    moment(text, end).and_then(|moment| if of_day { moment.checked_sub(1.nanosecond()) } else { Ok(moment) })
}

fn moment(text: &str, of_day: impl Fn(Date) -> Result<Date, jiff::Error>) -> Result<Timestamp, jiff::Error> {
    match text.parse::<Date>() {
        Ok(day) if !text.contains(['T', 't', ' ']) => Offset::UTC.to_timestamp(of_day(day)?.at(0, 0, 0, 0)),
        _ => text.parse(),
    }
}

pub(super) fn share(text: &str) -> Result<f32, String> {
    let share = text.parse::<f32>().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "is no number from 0 to 1".to_owned())
}

/// What is wanted of all that there is.
#[derive(Debug, Default)]
pub(super) struct Filter {
    pub(super) since: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
    /// Empty: all of them.
    pub(super) feeds: HashSet<Key>,
    /// Lower case; empty: all of them.
    pub(super) languages: Vec<String>,
    pub(super) min_confidence: Option<f32>,
}

impl Filter {
    /// Whether a text is wanted, by what the manifest says of it.
    pub(super) fn takes(&self, Entry { record, .. }: &Entry) -> bool {
        let day = |date: Date| Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok();
        let published = record.published.and_then(|published| published.timestamp.or_else(|| day(published.date)));
        let moment = published.unwrap_or(record.fetched);
        let language = record.language.as_deref().unwrap_or_default().to_lowercase();
        let speaks =
            |tag: &String| language.strip_prefix(tag.as_str()).is_some_and(|it| it.is_empty() || it.starts_with('-'));
        self.since.is_none_or(|since| moment >= since)
            && self.until.is_none_or(|until| moment <= until)
            && (self.feeds.is_empty() || record.feed.as_ref().is_some_and(|feed| self.feeds.contains(&Key::of(feed))))
            && (self.languages.is_empty() || self.languages.iter().any(speaks))
            && self.min_confidence.is_none_or(|least| record.confidence.is_some_and(|found| found >= least))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    fn entry(more: &str) -> Entry {
        let line = format!(
            r#"{{"key":"0123456789abcdef","url":"http://a.test/1","aliases":[],"path":"a.txt","title":null,
            "published":null,"fetched":"2026-11-20T10:00:00Z","verdict":"article","hash":"00"{more}}}"#
        );
        serde_json::from_str(&line).unwrap()
    }

    #[test]
    fn texts_are_taken_by_when_they_were_published_else_fetched() {
        let takes = |from: Option<&str>, to: Option<&str>, entry: &Entry| {
            let filter = Filter {
                since: from.map(|text| since(text).unwrap()),
                until: to.map(|text| until(text).unwrap()),
                ..Filter::default()
            };
            filter.takes(entry)
        };
        let (undated, dated) = (entry(""), entry(""));
        let day = crate::article::Published { date: jiff::civil::date(2026, 11, 18), timestamp: None };
        let mut dated = dated;
        dated.record.published = Some(day);
        assert!(takes(Some("2026-11-20"), Some("2026-11-20"), &undated));
        assert!(!takes(Some("2026-11-20T10:00:01Z"), None, &undated) && !takes(None, Some("2026-11-19"), &undated));
        assert!(takes(Some("2026-11-18"), Some("2026-11-18"), &dated) && !takes(Some("2026-11-19"), None, &dated));
        assert!(since("yesterday").is_err() && until("2026-13-01").is_err());
    }

    #[test]
    fn old_lines_without_language_confidence_or_feed_are_left_out_where_those_are_asked_for() {
        let (old, new) =
            (entry(""), entry(r#","language":"en-gb","confidence":0.9,"feed":"http://a.test/feed?utm_source=x""#));
        let feed = Key::of(&Url::parse("http://a.test/feed").unwrap());
        for filter in [
            Filter { languages: vec!["en".into()], ..Filter::default() },
            Filter { min_confidence: Some(0.9), ..Filter::default() },
            Filter { feeds: HashSet::from([feed]), ..Filter::default() },
        ] {
            assert!(filter.takes(&new) && !filter.takes(&old), "{filter:?}");
        }
        let others = Filter { languages: vec!["e".into(), "en-us".into()], ..Filter::default() };
        assert!(!others.takes(&new));
        assert!(Filter::default().takes(&old));
        assert!(share("1.1").is_err() && share("NaN").is_err() && share("0.5").is_ok());
    }
}
