//! One pass over the document that collects what the metadata room looks at.

use super::clean::collapse;
use super::marks::{MAX_ATTRIBUTE_BYTES, Marks};
use crate::extract::dom::{Attr, Document, NodeId, Tag, Telling};
use crate::extract::fnv::FastMap;
use crate::extract::word_list::WordList;
use memchr::memchr2;
use std::borrow::Cow;
use std::cell::OnceCell;

/// Most elements kept of each sort that a page may have without end (times, bylines, headings).
const MAX_ELEMENTS: usize = 64;

/// Most nodes read to get the text of one element, so that nested candidates stay cheap.
const MAX_NODES_READ: usize = 400;

/// Longest text that is still read from an element, in bytes.
const MAX_TEXT_BYTES: usize = 2_000;

/// Folders of addresses in which each author has a page.
static PERSON_FOLDERS: WordList = WordList::new(&[
    "author",
    "authors",
    "autor",
    "autoren",
    "autores",
    "autorzy",
    "auteur",
    "auteurs",
    "contributor",
    "contributors",
    "columnist",
    "journalist",
    "journalists",
    "reporter",
    "reporters",
    "producers",
    "profil",
    "writers",
]);

/// An element that may name authors or a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marked {
    pub(super) node: NodeId,
    /// Where it is said: `itemprop` and `rel` are firmer than a class.
    pub(super) is_semantic: bool,
}

/// What stands in a page's markup.
#[derive(Debug)]
pub(super) struct Markup<'a> {
    document: &'a Document<'a>,
    metas: FastMap<Cow<'a, str>, Vec<&'a str>>,
    pub(super) json_ld: Vec<NodeId>,
    /// The text of the first `title` that has any.
    pub(super) title: Option<String>,
    pub(super) h1: Vec<(NodeId, String)>,
    /// `h2` and `h3`, for pages whose headline is no `h1`.
    pub(super) subheadings: Vec<NodeId>,
    pub(super) canonical: Option<&'a str>,
    /// Where a `link` with `rel=license` leads.
    license: Option<&'a str>,
    pub(super) language: Option<&'a str>,
    pub(super) base: Option<&'a str>,
    pub(super) times: Vec<NodeId>,
    /// Elements with `itemprop=headline`.
    pub(super) headlines: Vec<NodeId>,
    marked: OnceCell<MarkedElements>,
}

/// What elements are marked as, mostly by their classes: not asked where metas and JSON-LD say enough.
#[derive(Debug, Default)]
pub(super) struct MarkedElements {
    pub(super) bylines: Vec<Marked>,
    /// Links to the page of somebody who writes for the site.
    pub(super) person_links: Vec<NodeId>,
    /// Elements whose class or `itemprop` speaks of a date of publication.
    pub(super) dates: Vec<NodeId>,
    /// The first link with `rel=license`.
    license: Option<NodeId>,
}

impl<'a> Markup<'a> {
    pub(super) fn scan(document: &'a Document<'a>) -> Self {
        let mut markup = Self {
            document,
            metas: FastMap::default(),
            json_ld: Vec::new(),
            title: None,
            h1: Vec::new(),
            subheadings: Vec::new(),
            canonical: None,
            license: None,
            language: None,
            base: None,
            times: Vec::new(),
            headlines: Vec::new(),
            marked: OnceCell::new(),
        };
        for node in document.nodes() {
            let Some(tag) = document.tag(node) else { continue };
            markup.note(document, node, tag);
            if may_be_marked(tag) && document.attribute(node, Attr::Itemprop).is_some_and(|it| it.trim() == "headline")
            {
                push_capped(&mut markup.headlines, node);
            }
        }
        markup
    }

    /// What elements are marked as.
    pub(super) fn marked(&self) -> &MarkedElements {
        self.marked.get_or_init(|| MarkedElements::find(self.document))
    }

    /// Where a `link` or a link with `rel=license` leads, the first of them.
    pub(super) fn license(&self) -> Option<&'a str> {
        self.license.or_else(|| self.document.attribute(self.marked().license?, Attr::Href))
    }

    fn note(&mut self, document: &'a Document<'a>, node: NodeId, tag: Tag) {
        match tag {
            Tag::Meta => self.note_meta(document, node),
            Tag::Link => self.note_link(document, node),
            Tag::Html => self.language = self.language.or_else(|| document.attribute(node, Attr::Lang)),
            Tag::Base => self.base = self.base.or_else(|| document.attribute(node, Attr::Href)),
            Tag::Title if self.title.is_none() => {
                self.title = Some(collapse(&document.text_below(node))).filter(|title| !title.is_empty());
            }
            Tag::Script if is_json_ld(document, node) => push_capped(&mut self.json_ld, node),
            Tag::H1 => push_capped(&mut self.h1, (node, short_text(document, node))),
            Tag::H2 | Tag::H3 => push_capped(&mut self.subheadings, node),
            Tag::Time => push_capped(&mut self.times, node),
            _ => {}
        }
    }

    fn note_meta(&mut self, document: &'a Document<'a>, node: NodeId) {
        let Some(content) = document.attribute(node, Attr::Content).filter(|content| !content.trim().is_empty()) else {
            return;
        };
        for attr in [Attr::Property, Attr::Name, Attr::Itemprop, Attr::HttpEquiv] {
            for key in document.attribute(node, attr).into_iter().flat_map(str::split_ascii_whitespace).take(4) {
                push_capped(self.metas.entry(key_form(key)).or_default(), content);
            }
        }
    }

    fn note_link(&mut self, document: &'a Document<'a>, node: NodeId) {
        let rel = document.attribute(node, Attr::Rel).unwrap_or_default();
        let is_rel = |name: &str| rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case(name));
        if is_rel("canonical") {
            self.canonical = self.canonical.or_else(|| document.attribute(node, Attr::Href));
        }
        if is_rel("license") {
            self.license = self.license.or_else(|| document.attribute(node, Attr::Href));
        }
    }

    /// The values of the first of these keys that has any, in document order.
    pub(super) fn meta_all(&self, keys: &[&str]) -> &[&'a str] {
        keys.iter().find_map(|key| self.metas.get(&*key_form(key))).map_or(&[], Vec::as_slice)
    }

    /// Those of these keys that have a value, with the first one.
    pub(super) fn metas_by_key<'k>(&self, keys: &'k [&'k str]) -> impl Iterator<Item = (&'k str, &'a str)> {
        keys.iter().filter_map(|key| Some((*key, *self.metas.get(&*key_form(key))?.first()?)))
    }

    /// The first value of each of these keys, in the order of the keys.
    pub(super) fn metas(&self, keys: &[&str]) -> impl Iterator<Item = &'a str> {
        keys.iter().filter_map(|key| self.metas.get(&*key_form(key))).filter_map(|values| values.first().copied())
    }

    /// The first value of the first of these keys that has any.
    pub(super) fn meta(&self, keys: &[&str]) -> Option<&'a str> {
        self.metas(keys).next()
    }
}

impl MarkedElements {
    fn find(document: &Document<'_>) -> Self {
        let mut marked = Self::default();
        let mut known = vec![None; document.values()];
        for node in document.nodes() {
            let Some(tag) = document.tag(node) else { continue };
            if may_be_marked(tag) {
                marked.note(document, node, &mut known);
            }
            if tag == Tag::A {
                marked.note_anchor(document, node);
            }
        }
        marked
    }

    fn note_anchor(&mut self, document: &Document<'_>, node: NodeId) {
        if document.attribute(node, Attr::Href).is_some_and(is_person_page) {
            push_capped(&mut self.person_links, node);
        }
        if document.attribute(node, Attr::Rel).is_some_and(|rel| rel.eq_ignore_ascii_case("license")) {
            let has_target = document.attribute(node, Attr::Href).is_some();
            self.license = self.license.or(Some(node).filter(|_| has_target));
        }
    }

    /// `known` are the values that were read before, by their numbers.
    fn note(&mut self, document: &Document<'_>, node: NodeId, known: &mut [Option<Marks>]) {
        for Telling { attr, value, id } in document.telling(node) {
            if !matches!(attr, Attr::Itemprop | Attr::Rel | Attr::Class | Attr::DataTestid | Attr::Id) {
                continue;
            }
            let is_semantic = matches!(attr, Attr::Itemprop | Attr::Rel);
            let read = || Marks::of(value);
            let marks = id.map_or_else(read, |id| *known[id.index()].get_or_insert_with(read));
            if marks.byline {
                push_once(&mut self.bylines, Marked { node, is_semantic });
            }
            if marks.date && self.dates.last() != Some(&node) {
                push_capped(&mut self.dates, node);
            }
        }
    }
}

/// Whether elements of a tag are asked for marks: what the whole page has, and what nobody sees, is not.
fn may_be_marked(tag: Tag) -> bool {
    !matches!(tag, Tag::Meta | Tag::Link | Tag::Html | Tag::Body | Tag::Script | Tag::Button)
}

fn is_json_ld(document: &Document<'_>, node: NodeId) -> bool {
    document.attribute(node, Attr::Type).is_some_and(|kind| kind.to_ascii_lowercase().contains("ld+json"))
}

/// The form in which names of metas are compared: `publish-date`, `publish_date` and `PublishDate`
/// are one.
fn key_form(key: &str) -> Cow<'_, str> {
    if !key.bytes().any(|byte| byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_')) {
        return Cow::Borrowed(key);
    }
    let letters = key.chars().filter(|character| !matches!(character, '-' | '_'));
    letters.map(|character| character.to_ascii_lowercase()).collect()
}

/// Whether a path leads to the page of one author: `/authors/ann-lee`, `/autor/17`.
fn is_person_page(href: &str) -> bool {
    let end = (0..=MAX_ATTRIBUTE_BYTES.min(href.len())).rev().find(|end| href.is_char_boundary(*end)).unwrap_or(0);
    let path = &href[..memchr2(b'?', b'#', &href.as_bytes()[..end]).unwrap_or(end)];
    let mut segments = path.trim_end_matches('/').split('/');
    segments.any(|segment| PERSON_FOLDERS.has_exactly(segment)) && segments.next().is_some_and(|name| !name.is_empty())
}

/// The text of an element on one line, a space where an element starts or ends; cut off at
/// [`MAX_TEXT_BYTES`] and [`MAX_NODES_READ`].
pub(super) fn short_text(document: &Document<'_>, node: NodeId) -> String {
    let mut text = String::new();
    for below in document.descendants(node).take(MAX_NODES_READ) {
        match document.text(below) {
            Some(piece) => text.push_str(piece),
            None if is_break(document.tag(below)) => text.push(' '),
            None => {}
        }
        if text.len() > MAX_TEXT_BYTES {
            break;
        }
    }
    collapse(&text)
}

/// As [`short_text`], with `separator` between the texts of different elements.
pub(super) fn separated_text(document: &Document<'_>, node: NodeId, separator: char) -> String {
    let mut text = String::new();
    for below in document.descendants(node).take(MAX_NODES_READ) {
        match document.text(below) {
            Some(piece) => text.push_str(piece),
            None => text.push(separator),
        }
        if text.len() > MAX_TEXT_BYTES {
            break;
        }
    }
    text
}

fn is_break(tag: Option<Tag>) -> bool {
    !matches!(
        tag,
        Some(
            Tag::A
                | Tag::Abbr
                | Tag::B
                | Tag::Em
                | Tag::Font
                | Tag::I
                | Tag::Ins
                | Tag::Mark
                | Tag::Small
                | Tag::Strong
                | Tag::Sub
                | Tag::Sup
                | Tag::U
                | Tag::Wbr
                | Tag::Span
                | Tag::Cite
        )
    )
}

fn push_capped<T>(list: &mut Vec<T>, item: T) {
    if list.len() < MAX_ELEMENTS {
        list.push(item);
    }
}

fn push_once(list: &mut Vec<Marked>, marked: Marked) {
    match list.last_mut().filter(|last| last.node == marked.node) {
        Some(last) => last.is_semantic |= marked.is_semantic,
        None => push_capped(list, marked),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::dom::parse;

    #[test]
    fn finds_metas_by_any_spelling_of_their_name() -> Result<(), crate::extract::dom::ParseError> {
        let document = parse(
            "<meta name=Publish_Date content=x><meta property=og:title content=' '><meta name=og:title content=y>",
        )?;
        let markup = Markup::scan(&document);
        assert_eq!(markup.meta(&["publish-date"]), Some("x"));
        assert_eq!(markup.meta(&["og:title"]), Some("y"));
        assert_eq!(markup.meta(&["title"]), None);
        Ok(())
    }

    #[test]
    fn finds_json_ld_behind_many_other_scripts() -> Result<(), crate::extract::dom::ParseError> {
        let html = format!("{}<script type='application/ld+json'>{{}}</script>", "<script></script>".repeat(100));
        let document = parse(&html)?;
        assert_eq!(Markup::scan(&document).json_ld.len(), 1);
        Ok(())
    }
}
