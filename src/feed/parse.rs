//! `feed-rs`, our tolerant readings behind it, and what we make of their entries.

use super::draft::{Draft, Hints, with_sane_dates};
use super::text::plain;
use super::{Entry, Feed, FeedError, FeedKind, charset, content, dates, json, salvage, sitemap};
use crate::page::Page;
use feed_rs::model::{self, FeedType};
use feed_rs::parser::{Builder, ParseFeedError};
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::HashSet;
use std::time::SystemTime;
use url::Url;

/// Entries taken from one feed (CRAWLING.md, B, "Huge feed"). Feeds list the newest first, and real
/// ones hold some tens.
const MAX_ENTRIES: usize = 5000;

/// Characters of a URL; servers refuse more than about 8,000.
const MAX_URL_CHARS: usize = 8000;

/// Characters of an entry's id; a longer one is none.
const MAX_ID_CHARS: usize = 1000;

pub(super) fn parse(page: &Page) -> Result<Feed, FeedError> {
    let url = || page.url.as_ref().map_or_else(|| "feed".to_owned(), Url::to_string);
    let body = sitemap::unpacked(&page.body).map_err(|cause| FeedError::Packed { url: url(), cause })?;
    let text = charset::decoded(&body, page);
    if text.trim().is_empty() {
        return Err(FeedError::Empty { url: url() });
    }
    if let Some(sitemap) = sitemap::read(&text, page.url.as_ref()) {
        return Ok(sitemap);
    }
    let tolerant = if text.starts_with(['{', '[']) { json::read(&text) } else { salvage::read(&text) };
    match strict(&text, page.url.as_ref()) {
        Ok(feed) if !feed.entries.is_empty() => Ok(converted(feed, tolerant, page.url.as_ref())),
        Ok(empty) => {
            let channel = salvage::Found { title: tolerant.title.clone(), hints: tolerant.hints, ..Default::default() };
            let found = salvaged(tolerant, page.url.as_ref());
            Ok(found.unwrap_or_else(|| converted(empty, channel, page.url.as_ref())))
        }
        Err(_) if is_web_page(&text) => Err(FeedError::WebPage { url: url() }),
        Err(cause) => salvaged(tolerant, page.url.as_ref()).ok_or_else(|| FeedError::Unreadable { url: url(), cause }),
    }
}

fn strict(text: &str, base: Option<&Url>) -> Result<model::Feed, ParseFeedError> {
    Builder::new()
        .base_uri(base)
        // The default makes up a random id for entries without one; we go by links alone.
        .id_generator(|_, _, _| String::new())
        .sanitize_content(false)
        // Its own rejects dates without a zone.
        .timestamp_parser(|text| dates::read(text).map(|moment| SystemTime::from(moment).into()))
        .build()
        .parse(text.as_bytes())
}

/// What a tolerant reading saves, where it saves any entry.
fn salvaged(found: salvage::Found, base: Option<&Url>) -> Option<Feed> {
    let kind = match found.root.as_str() {
        "feed" | "entry" => FeedKind::Atom,
        "" => FeedKind::JsonFeed,
        _ => FeedKind::Rss,
    };
    let feed = gathered(found.title.as_deref().map(plain), found.entries, base);
    (!feed.entries.is_empty()).then_some(Feed { salvaged: true, kind, hints: found.hints, ..feed })
}

/// Whether the body begins as HTML does; looked at only once it has turned out to be no feed.
fn is_web_page(text: &str) -> bool {
    let head = text.as_bytes()[..text.len().min(1024)].to_ascii_lowercase();
    [&b"<!doctype html"[..], b"<html"].iter().any(|mark| head.windows(mark.len()).any(|window| window == *mark))
}

/// What `feed-rs` read, with what the tolerant reading knows better: the channel's hints, and titles with markup in
/// them, of which `feed-rs` gives what stands before the first tag, and what stands under prefixes that nobody declared.
fn converted(feed: model::Feed, tolerant: salvage::Found, base: Option<&Url>) -> Feed {
    let kind = match feed.feed_type {
        FeedType::Atom => FeedKind::Atom,
        FeedType::JSON => FeedKind::JsonFeed,
        _ => FeedKind::Rss,
    };
    let in_step = tolerant.entries.len() == feed.entries.len();
    let others = tolerant.entries.into_iter().map(Some).filter(|_| in_step).chain(std::iter::repeat(None));
    let title = tolerant.title.or(feed.title.map(|title| title.content));
    let drafts = feed.entries.into_iter().zip(others).map(|(entry, other)| draft(entry, other, base)).collect();
    let hints = Hints { ttl_min: feed.ttl, ..tolerant.hints };
    Feed { kind, hints, ..gathered(title.as_deref().map(plain), drafts, base) }
}

fn draft(entry: model::Entry, other: Option<Draft>, base: Option<&Url>) -> Draft {
    let moment = |moment: Option<_>| moment.and_then(|moment| Timestamp::try_from(SystemTime::from(moment)).ok());
    // Many an Atom feed carries HTML and does not say so, and then it is text by the standard.
    let is_text =
        |content: &model::Content, body: &str| content.content_type.subty() == "plain" && !body.contains("</");
    let link = link(&entry, base);
    let content = entry.content.and_then(|mut content| {
        let body = content.body.take()?;
        Some(if is_text(&content, &body) { content::of_text(&body) } else { body })
    });
    let other = other.unwrap_or_default();
    let authors: Vec<String> =
        entry.authors.iter().filter_map(|person| super::draft::person(person.name.as_deref()?)).collect();
    with_sane_dates(Draft {
        link: link.map(String::from),
        base: None,
        id: Some(entry.id.trim().to_owned()).filter(|id| !id.is_empty()),
        title: other.title.or(entry.title.map(|title| title.content)),
        published: moment(entry.published).or(other.published),
        updated: moment(entry.updated).or(other.updated),
        authors: if authors.is_empty() { other.authors } else { authors },
        content,
        summary: entry.summary.map(|summary| summary.content),
    })
}

/// Puts a feed together: each URL once, entries without one counted, at most [`MAX_ENTRIES`].
fn gathered(title: Option<String>, drafts: Vec<Draft>, base: Option<&Url>) -> Feed {
    let mut seen = HashSet::new();
    let mut feed = Feed { title: title.filter(|title| !title.is_empty()), ..Feed::default() };
    for draft in drafts {
        let Some(entry) = entry(draft, base) else {
            feed.skipped += 1;
            continue;
        };
        if feed.entries.len() == MAX_ENTRIES {
            break;
        }
        if seen.insert(entry.url.clone()) {
            feed.entries.push(entry);
        }
    }
    feed
}

/// The entry, where it has a usable link, or an id that is one.
fn entry(draft: Draft, home: Option<&Url>) -> Option<Entry> {
    let base = match &draft.base {
        Some(base) => absolute(base, home).map(Cow::Owned),
        None => home.map(Cow::Borrowed),
    };
    let link = draft.link.as_deref().and_then(|link| absolute(link, base.as_deref()));
    let url = link.or_else(|| draft.id.as_deref().and_then(|id| absolute(id, None)))?;
    let id = draft.id.filter(|id| id.chars().count() <= MAX_ID_CHARS);
    let title = draft.title.as_deref().map(plain).filter(|title| !title.is_empty());
    let content = content::in_full(draft.content, draft.summary);
    let (published, updated) = (draft.published.or(draft.updated), draft.updated);
    Some(Entry { url, id, title, published, updated, authors: draft.authors, content })
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
pub(super) fn absolute(text: &str, base: Option<&Url>) -> Option<Url> {
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
