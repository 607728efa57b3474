//! `feed-rs`, and what we make of its entries.

use super::text::plain;
use super::{Entry, Feed, FeedError, salvage};
use crate::page::Page;
use feed_rs::model;
use feed_rs::parser::Builder;
use jiff::Timestamp;
use std::collections::HashSet;
use url::Url;

/// Entries taken from one feed (CRAWLING.md, B, "Huge feed"). Feeds list the newest first, and real
/// ones hold some tens.
const MAX_ENTRIES: usize = 5000;

/// Characters of a URL; servers refuse more than about 8,000.
const MAX_URL_CHARS: usize = 8000;

pub(super) fn parse(page: &Page) -> Result<Feed, FeedError> {
    let url = || page.url.as_ref().map_or_else(|| "feed".to_owned(), Url::to_string);
    // JSON's parser does not know of byte order marks.
    let body = page.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&page.body).trim_ascii_start();
    if body.is_empty() {
        return Err(FeedError::Empty { url: url() });
    }
    let parser = Builder::new()
        .base_uri(page.url.as_ref())
        // The default makes up a random id for entries without one; we go by links alone.
        .id_generator(|_, _, _| String::new())
        .sanitize_content(false)
        .build();
    match parser.parse(body).map(|feed| converted(feed, page.url.as_ref())) {
        Ok(feed) if !feed.entries.is_empty() || feed.skipped > 0 => Ok(feed),
        Ok(empty) => Ok(salvaged(body, page.url.as_ref()).unwrap_or(empty)),
        Err(_) if is_web_page(body) => Err(FeedError::WebPage { url: url() }),
        Err(cause) => salvaged(body, page.url.as_ref()).ok_or_else(|| FeedError::Unreadable { url: url(), cause }),
    }
}

/// What a tolerant reading saves, where it saves any entry.
fn salvaged(body: &[u8], base: Option<&Url>) -> Option<Feed> {
    let found = salvage::read(body);
    let entries = found.entries.into_iter().map(|draft| {
        let link = draft.link.as_deref().and_then(|link| absolute(link, base));
        let url = link.or_else(|| draft.id.as_deref().and_then(|id| absolute(id, None)));
        (url, draft.title.as_deref().map(plain), draft.published)
    });
    let feed = gathered(found.title.as_deref().map(plain), entries);
    (!feed.entries.is_empty()).then_some(Feed { salvaged: true, ..feed })
}

/// Whether the body begins as HTML does; looked at only once it has turned out to be no feed.
fn is_web_page(body: &[u8]) -> bool {
    let head = body[..body.len().min(1024)].to_ascii_lowercase();
    [&b"<!doctype html"[..], b"<html"].iter().any(|mark| head.windows(mark.len()).any(|window| window == *mark))
}

fn converted(feed: model::Feed, base: Option<&Url>) -> Feed {
    let text = |text: Option<model::Text>| text.map(|text| plain(&text.content));
    let entries = feed.entries.into_iter().map(|entry| {
        let published = entry.published.or(entry.updated);
        let published = published.and_then(|at| Timestamp::from_second(at.timestamp()).ok());
        (link(&entry, base), text(entry.title), published)
    });
    let ttl_min = feed.ttl;
    Feed { ttl_min, ..gathered(text(feed.title), entries) }
}

/// Puts a feed together: each URL once, entries without one counted, at most [`MAX_ENTRIES`].
fn gathered(
    title: Option<String>,
    entries: impl Iterator<Item = (Option<Url>, Option<String>, Option<Timestamp>)>,
) -> Feed {
    let some = |title: Option<String>| title.filter(|title| !title.is_empty());
    let mut seen = HashSet::new();
    let mut feed = Feed { title: some(title), ..Feed::default() };
    for (url, title, published) in entries {
        let Some(url) = url else {
            feed.skipped += 1;
            continue;
        };
        if feed.entries.len() == MAX_ENTRIES {
            break;
        }
        if seen.insert(url.clone()) {
            feed.entries.push(Entry { url, title: some(title), published });
        }
    }
    feed
}

/// Where the entry's article stands: its `alternate` link, else a link that says nothing of what it
/// is, else its id where that is a URL (RSS: a permalink `guid`).
fn link(entry: &model::Entry, base: Option<&Url>) -> Option<Url> {
    let first = |rel: Option<&str>| {
        let mut links = entry.links.iter().filter(|link| link.rel.as_deref() == rel && may_be_page(link));
        links.find_map(|link| absolute(&link.href, base))
    };
    first(Some("alternate")).or_else(|| first(None)).or_else(|| absolute(&entry.id, None))
}

/// Links to comments have a target; attachments of JSON Feed have a media type.
fn may_be_page(link: &model::Link) -> bool {
    let is_html = |found: &str| found.contains("html") || found == "text/plain";
    link.target.is_none() && link.media_type.as_deref().is_none_or(is_html)
}

/// An absolute http or https URL without user name and password, or nothing.
fn absolute(text: &str, base: Option<&Url>) -> Option<Url> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MAX_URL_CHARS || text.contains('\\') {
        return None;
    }
    let url = Url::options().base_url(base).parse(text).ok()?;
    let is_usable = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
    is_usable.then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_other_places_than_the_web_are_none() {
        let base = Url::parse("https://a.example/feed").unwrap();
        for (text, expected) in [
            (" /x ", Some("https://a.example/x")),
            ("https://b.example/y\n", Some("https://b.example/y")),
            ("//c.example/z", Some("https://c.example/z")),
            ("", None),
            ("javascript:alert(1)", None),
            ("file:///etc/passwd", None),
            ("ftp://a.example/", None),
            ("http://inside\\@outside.example/", None),
            ("http://user:secret@a.example/", None),
            ("tag:a.example,2026:1", None),
        ] {
            assert_eq!(absolute(text, Some(&base)).as_ref().map(Url::as_str), expected, "{text:?}");
        }
        assert_eq!(absolute("/x", None), None);
        assert_eq!(absolute(&format!("http://a.example/{}", "x".repeat(MAX_URL_CHARS)), None), None);
    }
}
