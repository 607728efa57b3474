//! What a text says of itself: the last resort where store and manifest are lost.

use crate::article::{Published, Verdict};
use crate::key::Key;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use serde::Deserialize;
use url::Url;

/// As much of the front matter as has to be read back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FrontMatter {
    pub(super) title: Option<String>,
    pub(super) url: Option<Url>,
    pub(super) published: Option<Published>,
    pub(super) is_truncated: bool,
    pub(super) duplicate_of: Option<Key>,
}

/// Reads what `render::front_matter` writes; `None` for a text that does not begin with it.
pub(super) fn read(text: &str) -> Option<FrontMatter> {
    let (head, _) = text.strip_prefix("---\n")?.split_once("\n---\n")?;
    let mut found = FrontMatter::default();
    for (name, value) in head.lines().filter_map(|line| line.split_once(": ")) {
        match name {
            "title" => found.title = Some(unquoted(value)),
            "url" => found.url = Url::parse(&unquoted(value)).ok(),
            "date" => found.published = published(value),
            "verdict" => found.is_truncated = value == "truncated",
            "duplicate_of" => found.duplicate_of = unquoted(value).parse().ok(),
            _ => (),
        }
    }
    Some(found)
}

/// What `render::json` and `render::sidecar` write of an article.
#[derive(Deserialize)]
struct Said {
    url: Option<Url>,
    title: Option<String>,
    published: Option<String>,
    verdict: String,
    duplicate_of: Option<Key>,
}

/// Reads as much of a JSON document, or of what stands beside a text; `None` for what is neither.
pub(super) fn read_json(json: &[u8]) -> Option<FrontMatter> {
    let Said { url, title, published: date, verdict, duplicate_of } = serde_json::from_slice(json).ok()?;
    let is_truncated = verdict == Verdict::Truncated.id();
    let published = date.as_deref().and_then(published);
    Some(FrontMatter { title, url, published, is_truncated, duplicate_of })
}

fn published(value: &str) -> Option<Published> {
    let of_moment =
        |moment: Timestamp| Published { date: Offset::UTC.to_datetime(moment).date(), timestamp: Some(moment) };
    let of_day = |date: Date| Published { date, timestamp: None };
    value.parse().map(of_moment).or_else(|_| value.parse().map(of_day)).ok()
}

/// The text of a double-quoted scalar of YAML, in which a backslash comes before a quote or another one.
fn unquoted(value: &str) -> String {
    let inner = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    let mut plain = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        plain.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::{Article, Metadata};
    use crate::render;

    #[test]
    fn what_was_written_is_read_back() {
        let url = Url::parse("https://news.test/a").unwrap();
        let published = Published { date: jiff::civil::date(2026, 3, 6), timestamp: None };
        let title = Some("\"No\": a\\b, said C:".to_owned());
        let metadata = Metadata { title: title.clone(), published: Some(published), ..Metadata::default() };
        let first = Key::from_bits(7);
        let about = render::About {
            url: Some(&url),
            verdict: Verdict::Truncated,
            duplicate_of: Some(first),
            ..render::About::default()
        };
        let text = render::front_matter(&metadata, &about) + "A text.\n";
        let expected = FrontMatter {
            title,
            url: Some(url.clone()),
            published: Some(published),
            is_truncated: true,
            duplicate_of: Some(first),
        };
        assert_eq!(read(&text), Some(expected.clone()));
        assert_eq!(read("A text.\n---\n"), None);
        let article = Article { metadata, blocks: vec![] };
        let documents = [render::json(&article, &about), render::sidecar(&article.metadata, &about)];
        for json in documents {
            assert_eq!(read_json(json.as_bytes()).as_ref(), Some(&expected));
        }
        assert_eq!(read_json(b"{\"title\": \"Whose?\"}"), None);
    }
}
