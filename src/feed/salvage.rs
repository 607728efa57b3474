//! A tolerant reading of XML feeds, for those that `feed-rs` rejects whole.
//!
//! Elements are known by their local names wherever they stand; end tags need not match, entities
//! need not exist. Damage stays where it is: every complete item of a broken feed comes out
//! (CRAWLING.md 0.5 measured it on eight kinds of damage).

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::QName;
use quick_xml::{Reader, XmlVersion};
use std::borrow::Cow;

/// An entry as it stands in the file; nothing is resolved yet.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) link: Option<String>,
    pub(super) id: Option<String>,
    pub(super) title: Option<String>,
    pub(super) published: Option<Timestamp>,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) title: Option<String>,
    pub(super) entries: Vec<Draft>,
}

/// Syntax errors after which the rest is given up; a feed has some damage, noise has nothing else.
const MAX_ERRORS: usize = 1000;

/// Entries after which the rest is left: some times what is taken in the end, so that doubles and
/// entries without a link do not cost others their place.
const MAX_DRAFTS: usize = 20_000;

/// Reads what can be read.
pub(super) fn read(body: &[u8]) -> Found {
    let text = decoded(body);
    let mut reader = Reader::from_str(&text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut walk = Walk::default();
    let mut errors = 0;
    while errors < MAX_ERRORS && walk.found.entries.len() < MAX_DRAFTS {
        match reader.read_event() {
            Ok(Event::Eof) => break,
            Ok(event) => walk.take(&event),
            Err(_) => errors += 1,
        }
    }
    walk.close_entry();
    walk.found
}

/// The text by byte order mark, XML declaration, UTF-8, and windows-1252 in the end, which takes
/// any bytes.
fn decoded(body: &[u8]) -> Cow<'_, str> {
    let declared = Encoding::for_bom(body).map(|(encoding, _)| encoding).or_else(|| declared_encoding(body));
    let encoding = declared.unwrap_or(UTF_8);
    let (text, _, has_errors) = encoding.decode(body);
    if has_errors && encoding == UTF_8 && declared.is_none() { WINDOWS_1252.decode(body).0 } else { text }
}

fn declared_encoding(body: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&body[..body.len().min(200)]);
    let declaration = head.strip_prefix("<?xml")?.split("?>").next()?;
    let value = declaration.split("encoding").nth(1)?.trim_start().strip_prefix('=')?.trim_start();
    Encoding::for_label(value.trim_matches(['"', '\'']).split(['"', '\'']).next()?.as_bytes())
}

/// The elements that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    Entry,
    Title,
    Link,
    Id,
    Published,
    Updated,
}

impl Element {
    fn of(name: QName<'_>) -> Option<Self> {
        let (local, prefix) = name.decompose();
        // media:title and its like describe something else than the entry.
        if prefix.is_some_and(|prefix| !matches!(prefix.as_ref(), "atom" | "a10" | "dc" | "dcterms" | "rss")) {
            return None;
        }
        Some(match local.as_ref() {
            "item" | "entry" => Self::Entry,
            "title" => Self::Title,
            "link" => Self::Link,
            "guid" | "id" => Self::Id,
            "pubDate" | "published" | "issued" | "date" | "created" => Self::Published,
            "updated" | "modified" => Self::Updated,
            _ => return None,
        })
    }
}

#[derive(Debug, Default)]
struct Walk {
    found: Found,
    entry: Option<Draft>,
    /// The element whose text is being gathered.
    open: Option<Element>,
    text: String,
}

impl Walk {
    fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::Empty(tag) if Element::of(tag.name()) == Some(Element::Link) => self.link_of(tag),
            Event::End(tag) => self.end(Element::of(tag.name())),
            Event::Text(text) => self.add(text),
            Event::CData(text) => self.add(text),
            Event::GeneralRef(name) => match name.resolve_char_ref() {
                Ok(Some(character)) => self.add(character.encode_utf8(&mut [0; 4])),
                _ => match resolve_predefined_entity(name) {
                    Some(text) => self.add(text),
                    None => self.add(&format!("&{};", &**name)),
                },
            },
            _ => {}
        }
    }

    fn add(&mut self, text: &str) {
        if self.open.is_some() {
            self.text.push_str(text);
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>) {
        let Some(element) = Element::of(tag.name()) else { return };
        self.text.clear();
        if element == Element::Entry {
            self.close_entry();
            self.entry = Some(Draft::default());
            return;
        }
        self.open = Some(element);
        if element == Element::Link {
            self.link_of(tag);
        }
    }

    /// Atom's way: the address is an attribute.
    fn link_of(&mut self, tag: &BytesStart<'_>) {
        let attribute = |wanted: &str| {
            let mut all = tag.html_attributes();
            let found = all.with_checks(false).flatten().find(|attribute| attribute.key.as_ref() == wanted)?;
            let value = found.normalized_value(XmlVersion::Implicit1_0).map(Cow::into_owned);
            Some(value.unwrap_or_else(|_| found.value.into_owned()))
        };
        let leads_to_page = attribute("rel").is_none_or(|rel| rel == "alternate");
        if let (true, Some(entry), Some(address)) = (leads_to_page, &mut self.entry, attribute("href")) {
            entry.link.get_or_insert(address);
        }
    }

    fn end(&mut self, element: Option<Element>) {
        if element == Some(Element::Entry) {
            self.close_entry();
        } else if element.is_some() && element == self.open {
            self.keep_text();
        }
    }

    /// Gives the gathered text to the entry, or the feed; the first of a kind counts.
    fn keep_text(&mut self) {
        let text = std::mem::take(&mut self.text).trim().to_owned();
        let Some(element) = self.open.take().filter(|_| !text.is_empty()) else { return };
        let Some(entry) = &mut self.entry else {
            if element == Element::Title && self.found.entries.is_empty() {
                self.found.title.get_or_insert(text);
            }
            return;
        };
        match element {
            Element::Title => drop(entry.title.get_or_insert(text)),
            Element::Link => drop(entry.link.get_or_insert(text)),
            Element::Id => drop(entry.id.get_or_insert(text)),
            Element::Published => entry.published = timestamp(&text).or(entry.published),
            Element::Updated => entry.published = entry.published.or_else(|| timestamp(&text)),
            Element::Entry => {}
        }
    }

    /// Ends the entry, also one whose end tag is missing.
    fn close_entry(&mut self) {
        self.open = None;
        self.found.entries.extend(self.entry.take());
    }
}

/// A moment as feeds write it: RFC 3339, RFC 2822 (the weekday may be wrong), or without a zone,
/// which is taken for UTC.
fn timestamp(text: &str) -> Option<Timestamp> {
    static RFC_2822: rfc2822::DateTimeParser = rfc2822::DateTimeParser::new().relaxed_weekday(true);
    let without_zone = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    text.parse().ok().or_else(|| RFC_2822.parse_timestamp(text).ok()).or_else(without_zone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn moments_are_read_in_the_forms_that_feeds_use() {
        for (text, expected) in [
            ("2026-03-01T12:00:00Z", Some("2026-03-01T12:00:00Z")),
            ("2026-03-01T12:00:00+02:00", Some("2026-03-01T10:00:00Z")),
            ("2026-03-01T12:00:00", Some("2026-03-01T12:00:00Z")),
            ("2026-03-01", Some("2026-03-01T00:00:00Z")),
            ("Sun, 01 Mar 2026 12:00:00 GMT", Some("2026-03-01T12:00:00Z")),
            ("Mon, 01 Mar 2026 12:00:00 +0100", Some("2026-03-01T11:00:00Z")),
            ("yesterday", None),
        ] {
            assert_eq!(timestamp(text), expected.map(|text| text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn encodings_are_taken_from_mark_declaration_and_bytes() {
        assert_eq!(decoded(b"\xef\xbb\xbf<a/>"), "<a/>");
        assert_eq!(
            decoded(b"<?xml version=\"1.0\" encoding = 'iso-8859-5'?>\xbf"),
            "<?xml version=\"1.0\" encoding = 'iso-8859-5'?>П"
        );
        assert_eq!(decoded(b"caf\xe9"), "café");
        assert_eq!(decoded("café".as_bytes()), "café");
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(body in proptest::collection::vec(any::<u8>(), 0..400)) {
            read(&body);
            read(&[b"<rss><item><link>", &body[..], b"</link></item>"].concat());
        }
    }
}
