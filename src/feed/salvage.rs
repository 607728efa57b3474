//! A tolerant reading of XML feeds: for those that `feed-rs` rejects whole, and of all for what it does not read.
//!
//! Elements are known by their local names wherever they stand; end tags need not match, entities
//! need not exist. Damage stays where it is: every complete item of a broken feed comes out
//! (CRAWLING.md 0.5 measured it on eight kinds of damage).

use super::dates;
use super::draft::{Draft, Hints, day_bit, period_min, person, with_sane_dates};
use super::xml::{attribute, tolerant_reader};
use quick_xml::Error;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::QName;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) title: Option<String>,
    pub(super) hints: Hints,
    pub(super) entries: Vec<Draft>,
    /// The local name of the first element.
    pub(super) root: String,
}

/// Syntax errors after which the rest is given up; a feed has some damage, noise has nothing else.
const MAX_ERRORS: usize = 1000;

/// So often the reading begins anew behind something that has no end; each time may cost a look at all the rest.
const MAX_RESTARTS: usize = 20;

/// Entries after which the rest is left: some times what is taken in the end, so that doubles and
/// entries without a link do not cost others their place.
const MAX_DRAFTS: usize = 20_000;

/// Bytes of one element's text. What is longer is no text that is kept.
const MAX_TEXT_BYTES: usize = 1024 * 1024;

/// Reads what can be read.
pub(super) fn read(text: &str) -> Found {
    let mut walk = Walk::default();
    let (mut rest, mut errors) = (text, 0);
    for _ in 0..MAX_RESTARTS {
        match pass(rest, &mut walk, &mut errors) {
            Some(next) => rest = next,
            None => break,
        }
    }
    walk.close_entry();
    walk.found
}

/// Reads to the end, or to something that swallows the rest; gives what stands behind its beginning.
fn pass<'a>(text: &'a str, walk: &mut Walk, errors: &mut usize) -> Option<&'a str> {
    let mut reader = tolerant_reader(text);
    while *errors < MAX_ERRORS && walk.found.entries.len() < MAX_DRAFTS {
        match reader.read_event() {
            Ok(Event::Eof) => return None,
            Ok(Event::CData(data)) if swallows_items(&data) => {
                return text.get(usize::try_from(reader.buffer_position()).ok()?.checked_sub(data.len() + 3)?..);
            }
            Ok(event) => walk.take(&event),
            Err(Error::Syntax(_)) => {
                *errors += 1;
                return behind(text, usize::try_from(reader.error_position()).ok()?);
            }
            Err(_) => *errors += 1,
        }
    }
    None
}

/// Whether a CDATA section has run into other items for want of an end.
fn swallows_items(data: &str) -> bool {
    ["</item>", "</entry>"].iter().any(|end| data.contains(end))
}

/// What stands behind the beginning of something that has no end.
fn behind(text: &str, at: usize) -> Option<&str> {
    let rest = text.get(at..).and_then(|rest| rest.find('<').map(|mark| &rest[mark..]))?;
    let opening = ["<![CDATA[", "<!--", "<"].into_iter().find(|opening| rest.starts_with(opening))?;
    Some(&rest[opening.len()..])
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
    Author,
    Content,
    Summary,
    Ttl,
    SkippedHour,
    SkippedDay,
    UpdatePeriod,
    UpdateFrequency,
}

/// Prefixes under which an element means what it means without one; `media:title` and its like describe something else
/// than the entry.
const PREFIXES: &[&str] = &["atom", "a10", "content", "dc", "dcterms", "rss", "sy", "syn"];

impl Element {
    fn of(name: QName<'_>) -> Option<Self> {
        let (local, prefix) = name.decompose();
        if prefix.is_some_and(|prefix| !PREFIXES.contains(&prefix.as_ref())) {
            return None;
        }
        Some(match local.as_ref().to_ascii_lowercase().as_str() {
            "item" | "entry" => Self::Entry,
            "title" => Self::Title,
            "link" => Self::Link,
            "guid" | "id" => Self::Id,
            "pubdate" | "published" | "issued" | "date" | "created" => Self::Published,
            "updated" | "modified" => Self::Updated,
            "author" | "creator" | "name" => Self::Author,
            "encoded" | "content" => Self::Content,
            "description" | "summary" => Self::Summary,
            "ttl" => Self::Ttl,
            "hour" => Self::SkippedHour,
            "day" => Self::SkippedDay,
            "updateperiod" => Self::UpdatePeriod,
            "updatefrequency" => Self::UpdateFrequency,
            _ => return None,
        })
    }

    /// Whether tags in it are part of it.
    fn holds_markup(self) -> bool {
        matches!(self, Self::Title | Self::Content | Self::Summary)
    }
}

#[derive(Debug, Default)]
struct Walk {
    found: Found,
    entry: Option<Draft>,
    /// The element whose text is being gathered.
    open: Option<Element>,
    /// Whether its text is markup as it stands (`type="xhtml"`), of which `&lt;` is no tag.
    is_xhtml: bool,
    text: String,
    /// How often a day is to be asked for, by its `sy:updatePeriod` and `sy:updateFrequency`.
    period: Option<String>,
    frequency: Option<String>,
    /// `xml:base` of the feed, and of the entry.
    bases: [Option<String>; 2],
}

impl Walk {
    fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::Empty(tag) if self.open.is_some_and(Element::holds_markup) => self.add(&format!("<{}/>", &**tag)),
            Event::Empty(tag) if Element::of(tag.name()) == Some(Element::Link) => self.link_of(tag),
            Event::Empty(tag) => self.note_root(tag),
            Event::End(tag) => self.end(Element::of(tag.name()), tag),
            Event::Text(text) => self.add(text),
            Event::CData(text) => self.add(text),
            Event::GeneralRef(name) => self.refer(name, name.resolve_char_ref().ok().flatten()),
            _ => {}
        }
    }

    fn refer(&mut self, name: &str, character: Option<char>) {
        match character {
            _ if self.is_xhtml => self.add(&format!("&{name};")),
            Some(character) => self.add(character.encode_utf8(&mut [0; 4])),
            None => match resolve_predefined_entity(name) {
                Some(text) => self.add(text),
                None => self.add(&format!("&{name};")),
            },
        }
    }

    fn add(&mut self, text: &str) {
        if self.open.is_some() && self.text.len() < MAX_TEXT_BYTES {
            self.text.push_str(text);
        }
    }

    fn note_root(&mut self, tag: &BytesStart<'_>) {
        if self.found.root.is_empty() {
            self.found.root = tag.local_name().as_ref().to_owned();
            self.bases[0] = attribute(tag, "xml:base");
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>) {
        self.note_root(tag);
        let element = Element::of(tag.name());
        if self.open.is_some_and(Element::holds_markup) && element != Some(Element::Entry) && !self.is_stray(element) {
            return self.add(&format!("<{}>", &**tag));
        }
        let Some(element) = element else { return };
        self.text.clear();
        if element == Element::Entry {
            self.close_entry();
            self.bases[1] = attribute(tag, "xml:base");
            self.entry = Some(Draft::default());
            return;
        }
        self.open = Some(element);
        self.is_xhtml = attribute(tag, "type").is_some_and(|kind| kind == "xhtml");
        if element == Element::Link {
            self.link_of(tag);
        }
    }

    /// Whether an element that begins within a title has nothing to do there: the title lacks its end.
    fn is_stray(&mut self, element: Option<Element>) -> bool {
        let is_stray = self.open == Some(Element::Title) && element.is_some();
        if is_stray {
            self.keep_text();
        }
        is_stray
    }

    /// Atom's way: the address is an attribute.
    fn link_of(&mut self, tag: &BytesStart<'_>) {
        let leads_to_page = attribute(tag, "rel").is_none_or(|rel| rel == "alternate");
        let is_page = attribute(tag, "type").is_none_or(|kind| kind.contains("html") || kind == "text/plain");
        let base = self.bases.iter().rev().flatten().next().cloned();
        if let (true, Some(entry), Some(address)) = (leads_to_page && is_page, &mut self.entry, attribute(tag, "href"))
        {
            entry.link.get_or_insert(address);
            entry.base = entry.base.take().or(base);
        }
    }

    fn end(&mut self, element: Option<Element>, tag: &str) {
        match element {
            Some(Element::Entry) => self.close_entry(),
            Some(element) if Some(element) == self.open => self.keep_text(),
            _ if self.open.is_some_and(Element::holds_markup) => self.add(&format!("</{tag}>")),
            _ => {}
        }
    }

    /// Gives the gathered text to the entry, or the feed; the first of a kind counts.
    fn keep_text(&mut self) {
        let text = std::mem::take(&mut self.text).trim().to_owned();
        let Some(element) = self.open.take().filter(|_| !text.is_empty()) else { return };
        let base = self.bases.iter().rev().flatten().next();
        let Some(entry) = &mut self.entry else { return self.keep_of_feed(element, text) };
        match element {
            Element::Title => drop(entry.title.get_or_insert(text)),
            Element::Link => {
                entry.link.get_or_insert(text);
                entry.base = entry.base.take().or_else(|| base.cloned());
            }
            Element::Id => drop(entry.id.get_or_insert(text)),
            Element::Published => entry.published = dates::read(&text).or(entry.published),
            Element::Updated => entry.updated = entry.updated.or_else(|| dates::read(&text)),
            Element::Author => entry.authors.extend(person(&text)),
            Element::Content => drop(entry.content.get_or_insert(text)),
            Element::Summary => drop(entry.summary.get_or_insert(text)),
            _ => {}
        }
    }

    fn keep_of_feed(&mut self, element: Element, text: String) {
        let hints = &mut self.found.hints;
        match element {
            Element::Title if self.found.entries.is_empty() => drop(self.found.title.get_or_insert(text)),
            Element::Ttl => hints.ttl_min = hints.ttl_min.or_else(|| text.parse().ok()),
            // The standard counts hours from 0; some feeds say 24 for it.
            Element::SkippedHour => {
                hints.skip_hours |=
                    text.parse().ok().filter(|hour| *hour <= 24).map_or(0, |hour: u32| 1 << (hour % 24));
            }
            Element::SkippedDay => hints.skip_days |= day_bit(&text),
            Element::UpdatePeriod => self.period = Some(text),
            Element::UpdateFrequency => self.frequency = Some(text),
            _ => {}
        }
        self.found.hints.update_min =
            self.period.as_deref().and_then(|period| period_min(period, self.frequency.as_deref()));
    }

    /// Ends the entry, also one whose end tag is missing.
    fn close_entry(&mut self) {
        if self.open.is_some_and(Element::holds_markup) {
            self.keep_text();
        }
        self.open = None;
        self.found.entries.extend(self.entry.take().map(with_sane_dates));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn links(text: &str) -> Vec<String> {
        read(text).entries.into_iter().filter_map(|entry| entry.link).collect()
    }

    #[test]
    fn what_has_no_end_swallows_no_other_item() {
        for broken in ["<![CDATA[cut", "<!-- cut", "<a href=\"cut", "<![CDATA[cut]]", "a < b"] {
            let text = format!(
                "<rss><item><link>/1</link></item><item><link>/2</link><description>{broken}</description></item>\
                 <item><link>/3</link><description><![CDATA[whole]]></description></item></rss>"
            );
            let found = links(&text);
            assert_eq!((found.first().unwrap().as_str(), found.last().unwrap().as_str()), ("/1", "/3"), "{broken}");
        }
    }

    #[test]
    fn hints_of_the_channel_are_read_wherever_they_stand() {
        let hints = read(
            "<rss><channel><ttl>90</ttl><item><ttl>1</ttl></item><skipHours><hour>0</hour><hour>23</hour><hour>24</hour>\
             <hour>99</hour></skipHours><skipDays><day>Sunday</day><day>Noday</day></skipDays>\
             <sy:updateFrequency>4</sy:updateFrequency><sy:updatePeriod>daily</sy:updatePeriod></channel></rss>",
        )
        .hints;
        assert_eq!(
            hints,
            Hints { ttl_min: Some(90), update_min: Some(360), skip_hours: 1 | 1 << 23, skip_days: 1 << 6 }
        );
    }

    #[test]
    fn markup_within_titles_and_texts_stays_with_them() {
        let found = read(
            "<feed xml:base='http://a.example/'><entry xml:base='/b/'><title type='xhtml'>One <b>two</b> three</title>\
             <content type='xhtml'><div><p>a &lt; <id>b</id><br/></p></div></content><link href='c'/></entry></feed>",
        );
        let entry = &found.entries[0];
        assert_eq!(entry.title.as_deref(), Some("One <b>two</b> three"));
        assert_eq!(entry.content.as_deref(), Some("<div><p>a &lt; <id>b</id><br/></p></div>"));
        assert_eq!(entry.base.as_deref(), Some("/b/"));
    }

    proptest! {
        #[test]
        fn random_text_never_panics(body in "\\PC{0,400}") {
            read(&body);
            read(&format!("<rss><item><link>{body}</link></item>"));
        }

        #[test]
        fn random_bits_of_feeds_never_panic(
            parts in proptest::collection::vec(
                proptest::sample::select(vec![
                    "<item>", "</item>", "<![CDATA[", "]]>", "<!--", "-->", "<link>", "</link>", "<title>", "x", "&", "<",
                    "\"", "<a href=\"", "é", "<content type='xhtml'>", "</content>", "<?", "<!DOCTYPE", "]]",
                ]), 0..40)
        ) {
            read(&parts.concat());
        }
    }
}
