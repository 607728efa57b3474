//! The flat document: what the rest of the extractor knows of a page's markup.
//!
//! Nodes stand in one array in document order; each knows its parent and where its subtree ends,
//! so that every walk is a loop over indices and none recurses. Only this room names a parser.

mod attr;
mod build;
mod css;
mod fast;
mod names;
mod prune;
#[cfg(feature = "readability")]
mod survey;
mod tag;
mod values;

use std::ops::Range;

pub(crate) use attr::Attr;
pub(crate) use build::ParseError;
pub(crate) use css::{SelectorError, Selectors};
pub(crate) use prune::script_texts;
#[cfg(feature = "readability")]
pub(crate) use survey::survey;
pub(crate) use tag::Tag;
use values::{UNNUMBERED, Values};

/// How the two parsers agree on a page, for measurements.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Agreement {
    /// The same document to the letter, or the same cap struck.
    Same,
    /// Left to the conforming one, and why.
    Guess(String),
    /// The first node that is another one, by both.
    Differs {
        /// As our own has it.
        fast: String,
        /// As `scraper` has it.
        conforming: String,
    },
}

/// Index of a node in its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId(u32);

impl NodeId {
    /// The document node.
    pub(crate) const ROOT: Self = Self(0);

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Debug)]
enum Content {
    /// `name` is the place in [`Document::custom_names`] where the tag is [`Tag::Custom`].
    Element {
        tag: Tag,
        name: u32,
        attributes: Range<u32>,
    },
    Text(Range<u32>),
}

/// An attribute: where its name and its value stand in the [`Wording`], which name it is, and the number of the value, if
/// it has one.
#[derive(Debug, Clone)]
struct Attribute {
    name: Range<u32>,
    value: Range<u32>,
    attr: Attr,
    number: u32,
}

impl Attribute {
    /// `wording`: what the ranges are of.
    fn new(attr: Attr, name: Range<u32>, value: Range<u32>, wording: &Wording<'_>, values: &mut Values) -> Self {
        let number = if attr.is_telling() { values.number(wording, &value) } else { UNNUMBERED };
        Self { name, value, attr, number }
    }

    fn id(&self) -> Option<ValueId> {
        (self.number != UNNUMBERED).then_some(ValueId(self.number))
    }
}

/// The number of a value by which elements are told: equal values of a page have one number, whatever attributes they
/// are of. Numbers are less than [`Document::values`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ValueId(u32);

impl ValueId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A value by which an element is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Telling<'a> {
    pub(crate) attr: Attr,
    pub(crate) value: &'a str,
    /// `None` where the page has too many values.
    pub(crate) id: Option<ValueId>,
}

#[derive(Debug)]
struct Node {
    parent: u32,
    /// One past the last descendant.
    end: u32,
    content: Content,
}

/// What texts, names and values of attributes are ranges of: the source, so that what stands there as it is meant need
/// not be copied, and behind it what does not. No range is of both.
#[derive(Debug, Default)]
struct Wording<'s> {
    source: &'s str,
    more: String,
}

impl<'s> Wording<'s> {
    fn new(source: &'s str) -> Self {
        Self { source, more: String::new() }
    }

    /// Where what is added next will begin.
    fn len(&self) -> usize {
        self.source.len() + self.more.len()
    }

    /// The range of what was added from `start` on.
    fn since(&self, start: usize) -> Range<u32> {
        start as u32..self.len() as u32
    }

    fn push(&mut self, text: &str) -> Range<u32> {
        let start = self.len();
        self.more.push_str(text);
        self.since(start)
    }

    /// Adds what a range says once more.
    fn repeat(&mut self, range: &Range<u32>) {
        let (start, end) = (range.start as usize, range.end as usize);
        match start.checked_sub(self.source.len()) {
            Some(from) => self.more.extend_from_within(from..end - self.source.len()),
            None => self.more.push_str(&self.source[start..end]),
        }
    }

    /// Whether a range goes on with what is added.
    fn is_last(&self, range: &Range<u32>) -> bool {
        range.start as usize >= self.source.len() && range.end as usize == self.len()
    }

    /// Whether two ranges are one, which they are not across the end of the source.
    fn meet(&self, before: &Range<u32>, after: &Range<u32>) -> bool {
        before.end == after.start && before.end as usize != self.source.len()
    }

    fn get(&self, range: &Range<u32>) -> &str {
        let (start, end) = (range.start as usize, range.end as usize);
        match start.checked_sub(self.source.len()) {
            Some(from) => &self.more[from..end - self.source.len()],
            None => &self.source[start..end],
        }
    }
}

/// A parsed page. Comments, doctypes and the content of scripts (JSON-LD apart), styles and
/// text areas are not in it; `noscript` is, as markup.
#[derive(Debug, Default)]
pub(crate) struct Document<'s> {
    nodes: Vec<Node>,
    /// By node, the tags of elements: whoever looks for some goes through these few bytes.
    tags: Vec<Option<Tag>>,
    wording: Wording<'s>,
    attributes: Vec<Attribute>,
    /// Names of elements that [`Tag`] does not know.
    custom_names: Vec<Box<str>>,
    /// How many values have numbers.
    values: u32,
}

/// Parses decoded HTML: the fast way, or by `scraper` where that would have to guess.
///
/// # Errors
/// When a cap strikes; the page is then to be treated as hostile.
pub(crate) fn parse(html: &str) -> Result<Document<'_>, ParseError> {
    match fast::parse(html) {
        Ok(document) => Ok(document),
        Err(fast::Stop::Struck(error)) => Err(error),
        Err(fast::Stop::Guess(_)) => build::parse(html),
    }
}

/// Compares what both parsers make of a page.
pub(super) fn agreement(html: &str) -> Agreement {
    let differs = |fast: String, conforming: String| Agreement::Differs { fast, conforming };
    match (fast::parse(html), build::parse(html)) {
        (Err(fast::Stop::Guess(guess)), _) => Agreement::Guess(format!("{guess:?}")),
        (Err(fast::Stop::Struck(fast)), Err(conforming)) if fast == conforming => Agreement::Same,
        (Ok(fast), Ok(conforming)) => {
            let (fast, conforming) = (fast.lines(), conforming.lines());
            let nothing = || std::iter::repeat(String::new());
            let longer = fast.len().max(conforming.len());
            let pairs = fast.into_iter().chain(nothing()).zip(conforming.into_iter().chain(nothing())).take(longer);
            let first = pairs.into_iter().find(|(one, other)| one != other);
            first.map_or(Agreement::Same, |(one, other)| differs(one, other))
        }
        (fast, conforming) => differs(format!("{:?}", fast.err()), format!("{:?}", conforming.err())),
    }
}

impl Document<'_> {
    /// The document of a text without markup: a root and nothing below it.
    pub(crate) fn without_markup() -> Self {
        let root = Node { parent: 0, end: 1, content: Content::Text(0..0) };
        Self { nodes: vec![root], ..Self::default() }.with_tags()
    }

    /// Reads the tags of its nodes, which are all there.
    fn with_tags(self) -> Self {
        let tag = |(id, node): (usize, &Node)| match &node.content {
            Content::Element { tag, .. } if id != NodeId::ROOT.index() => Some(*tag),
            _ => None,
        };
        Self { tags: self.nodes.iter().enumerate().map(tag).collect(), ..self }
    }

    /// Number of nodes, the root included.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// All nodes in document order, the root first.
    pub(crate) fn nodes(&self) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// The node right after `id` in document order, its first child if it has one.
    pub(crate) fn next(&self, id: NodeId) -> NodeId {
        NodeId(id.0 + 1)
    }

    /// The nodes below `id`, in document order, `id` itself not among them.
    pub(crate) fn descendants(&self, id: NodeId) -> impl Iterator<Item = NodeId> + use<> {
        (id.0 + 1..self.nodes[id.index()].end).map(NodeId)
    }

    /// The node after the subtree of `id` in document order; may be past the last node.
    pub(crate) fn after(&self, id: NodeId) -> NodeId {
        NodeId(self.nodes[id.index()].end)
    }

    /// The node right before `id` in document order; `None` for the root.
    pub(crate) fn before(&self, id: NodeId) -> Option<NodeId> {
        id.0.checked_sub(1).map(NodeId)
    }

    /// The nodes right below `id`, in document order.
    pub(crate) fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let end = self.after(id);
        let is_child = move |child: &NodeId| *child < end;
        std::iter::successors(Some(self.next(id)).filter(is_child), move |child| {
            Some(self.after(*child)).filter(is_child)
        })
    }

    /// The parent; `None` for the root.
    pub(crate) fn parent(&self, id: NodeId) -> Option<NodeId> {
        (id != NodeId::ROOT).then(|| NodeId(self.nodes[id.index()].parent))
    }

    /// The ancestors, nearest first, the root not among them.
    pub(crate) fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.parent(id), |node| self.parent(*node)).take_while(|node| *node != NodeId::ROOT)
    }

    /// The tag of an element; `None` for text and the root.
    pub(crate) fn tag(&self, id: NodeId) -> Option<Tag> {
        self.tags[id.index()]
    }

    /// The lower-case name of an element; empty for text and the root.
    pub(crate) fn name(&self, id: NodeId) -> &str {
        match &self.nodes[id.index()].content {
            Content::Element { tag: Tag::Custom, name, .. } => {
                self.custom_names.get(*name as usize).map_or("", |name| name)
            }
            Content::Element { tag, .. } => tag.name(),
            Content::Text(_) => "",
        }
    }

    /// The text of a text node, as in the source with entities decoded; `None` for elements.
    pub(crate) fn text(&self, id: NodeId) -> Option<&str> {
        match &self.nodes[id.index()].content {
            Content::Text(range) => Some(self.said(range)),
            Content::Element { .. } => None,
        }
    }

    /// All text below `id`, concatenated as it stands.
    pub(crate) fn text_below(&self, id: NodeId) -> String {
        self.descendants(id).filter_map(|node| self.text(node)).collect()
    }

    /// The value of an attribute of an element, entities decoded.
    pub(crate) fn attribute(&self, id: NodeId, attr: Attr) -> Option<&str> {
        self.attributes_of(id).iter().find(|it| it.attr == attr).map(|it| self.said(&it.value))
    }

    /// The same by the name, in lower case.
    pub(crate) fn attribute_named(&self, id: NodeId, name: &str) -> Option<&str> {
        self.attributes(id).find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// All attributes of an element, in the order of the source or of their names.
    pub(crate) fn attributes(&self, id: NodeId) -> impl Iterator<Item = (&str, &str)> {
        self.attributes_of(id).iter().map(|it| (self.said(&it.name), self.said(&it.value)))
    }

    /// Those that somebody asks for, in that order.
    pub(crate) fn known_attributes(&self, id: NodeId) -> impl Iterator<Item = (Attr, &str)> {
        let known = self.attributes_of(id).iter().filter(|it| it.attr != Attr::Other);
        known.map(|it| (it.attr, self.said(&it.value)))
    }

    /// The values by which an element is told, in the order of the attributes' names: parsers give them in another.
    pub(crate) fn telling(&self, id: NodeId) -> impl Iterator<Item = Telling<'_>> {
        let attributes = self.attributes_of(id);
        // A bit for each name, and where its attribute stands.
        let (mut names, mut places) = (0_u64, [0_u16; Attr::ALL.len()]);
        for (place, it) in attributes.iter().enumerate().filter(|(_, it)| it.attr.is_telling()) {
            names |= 1 << it.attr as u32;
            places[it.attr as usize] = place as u16;
        }
        std::iter::from_fn(move || {
            let name = (names != 0).then(|| names.trailing_zeros() as usize)?;
            names &= names - 1;
            let it = &attributes[usize::from(places[name])];
            Some(Telling { attr: it.attr, value: self.said(&it.value), id: it.id() })
        })
    }

    /// The number of the value of an attribute by which elements are told.
    pub(crate) fn value_id(&self, id: NodeId, attr: Attr) -> Option<ValueId> {
        self.attributes_of(id).iter().find(|it| it.attr == attr).and_then(Attribute::id)
    }

    /// How many values have numbers.
    pub(crate) fn values(&self) -> usize {
        self.values as usize
    }

    fn attributes_of(&self, id: NodeId) -> &[Attribute] {
        match &self.nodes[id.index()].content {
            Content::Element { attributes, .. } => &self.attributes[attributes.start as usize..attributes.end as usize],
            Content::Text(_) => &[],
        }
    }

    fn said(&self, range: &Range<u32>) -> &str {
        self.wording.get(range)
    }

    /// A line for each node, to compare documents by: attributes in the order of their names, which is that of
    /// `scraper`, and texts that nothing stands between as one, since parsers differ on what a comment parts.
    fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut text: Option<(Option<NodeId>, String)> = None;
        for id in self.nodes() {
            let parent = self.parent(id);
            match (self.text(id), &mut text) {
                (Some(more), Some((around, text))) if *around == parent => text.push_str(more),
                (Some(begun), _) => lines.extend(text.replace((parent, begun.to_owned())).map(|(_, text)| text)),
                (None, _) => {
                    lines.extend(text.take().map(|(_, text)| text));
                    let mut attributes: Vec<_> = self.attributes(id).collect();
                    attributes.sort_unstable();
                    let depth = self.ancestors(id).count();
                    lines.push(format!("{depth}: <{}> {attributes:?}", self.name(id)));
                }
            }
        }
        lines.extend(text.map(|(_, text)| text));
        lines
    }

    /// All elements of a tag, in document order.
    pub(crate) fn elements(&self, tag: Tag) -> impl Iterator<Item = NodeId> + '_ {
        self.nodes().filter(move |id| self.tag(*id) == Some(tag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wording_says_what_stands_in_the_source_and_what_was_added_behind_it() {
        let mut wording = Wording::new("source");
        let (own, added) = (2..6, wording.push("added"));
        assert_eq!((wording.get(&own), wording.get(&added)), ("urce", "added"));
        assert!(!wording.meet(&own, &added) && !wording.is_last(&own), "one is of the source alone");
        assert!(wording.meet(&(0..2), &own) && wording.is_last(&added));
        let start = wording.len();
        wording.repeat(&own);
        wording.repeat(&added);
        assert_eq!(wording.get(&wording.since(start)), "urceadded");
        assert!(wording.meet(&added, &wording.since(start)) && !wording.is_last(&added));
        let empty = Wording::new("x");
        assert!(!empty.is_last(&(0..1)) && empty.get(&(1..1)).is_empty());
    }
}
