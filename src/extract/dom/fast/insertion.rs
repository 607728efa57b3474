//! Where elements and texts go (13.2.6.1), and elements whose content is no markup.

use super::super::build::{MAX_DEPTH, ParseError};
use super::super::{Attribute, Tag};
use super::Stop;
use super::modes::Builder;
use super::open::Open;
use super::references::Around;
use super::tokens::{Name, StartTag};
use super::traits::FOSTERS;
use super::tree::{Leaf, NONE, Place, ROOT};
use std::ops::Range;

/// Most elements that may be open at once. What goes before a table stands less deep than what is open, and what is cut
/// out of formatting elements too; so this is more than the levels of a page.
const MAX_OPEN: usize = 2 * MAX_DEPTH as usize;

/// What is kept of an element whose content is no markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Nothing,
    AsItStands,
    Decoded,
}

impl Builder<'_> {
    /// Puts a text to where the current element has come, joined with text right before it.
    pub(super) fn append_text(&mut self, text: Range<u32>) {
        if text.is_empty() {
            return;
        }
        let place = self.place(self.current_node());
        let Some(before) = self.tree.text_before(place) else {
            self.tree.insert_text(text, place);
            return;
        };
        let wording = &mut self.tokens.wording;
        let is_last = wording.is_last(before);
        if wording.meet(before, &text) {
            before.end = text.end;
        } else if is_last || self.joins_left >= before.len() {
            let mut start = before.start as usize;
            if !is_last {
                self.joins_left -= before.len();
                start = wording.len();
                wording.repeat(before);
            }
            wording.repeat(&text);
            *before = wording.since(start);
        } else {
            self.tree.insert_text(text, place);
        }
    }

    pub(super) fn current_node(&self) -> u32 {
        self.stack.current().map_or(ROOT, |open| open.node)
    }

    /// Where something goes that is to stand in `target` (13.2.6.1).
    pub(super) fn place(&self, target: u32) -> Place {
        let fosters = |open: &&Open| open.node == target && open.traits & FOSTERS != 0;
        if !self.is_fostering || self.stack.nearest_first().find(fosters).is_none() {
            return Place::at_end_of(target);
        }
        let mut nearest_first = self.stack.nearest_first();
        let Some(table) = nearest_first.find(|open| open.name == Name::of(Tag::Table)) else {
            return Place::at_end_of(self.stack.get(0).map_or(ROOT, |html| html.node));
        };
        match self.tree.node(table.node).parent {
            NONE => Place::at_end_of(nearest_first.next().map_or(ROOT, |open| open.node)),
            parent => Place { parent, before: table.node },
        }
    }

    /// Puts an element to where the current one has come.
    pub(super) fn insert(&mut self, name: Name, attributes: Range<u32>) -> Result<u32, Stop> {
        let node = self.tree.element(name, attributes)?;
        self.tree.insert(node, self.place(self.current_node()))?;
        Ok(node)
    }

    pub(super) fn insert_for(&mut self, tag: &StartTag) -> Result<u32, Stop> {
        self.insert(tag.name, tag.attributes.clone())
    }

    /// As [`Self::insert`]; what follows stands in it.
    pub(super) fn open(&mut self, name: Name, attributes: Range<u32>) -> Result<u32, Stop> {
        if self.stack.len() >= MAX_OPEN {
            return Err(ParseError::Depth.into());
        }
        let node = self.insert(name, attributes)?;
        self.stack.push(Open { node, name, traits: self.tokens.traits(name) });
        Ok(node)
    }

    pub(super) fn open_for(&mut self, tag: &StartTag) -> Result<u32, Stop> {
        self.open(tag.name, tag.attributes.clone())
    }

    /// An element whose content is no markup.
    pub(super) fn insert_raw(&mut self, tag: &StartTag, content: Content) -> Result<(), Stop> {
        let node = self.insert_for(tag)?;
        let range = self.tokens.raw(tag.name.tag())?;
        let text = match content {
            Content::Nothing => return Ok(()),
            Content::AsItStands => self.tokens.decoded(range, Around::Nothing),
            Content::Decoded => self.tokens.decoded(range, Around::Text),
        };
        if !text.is_empty() {
            self.tree.insert_text(text, Place::at_end_of(node));
        }
        Ok(())
    }

    /// An element whose content is text without references.
    pub(super) fn insert_verbatim(&mut self, tag: &StartTag) -> Result<(), Stop> {
        self.insert_raw(tag, Content::AsItStands)
    }

    /// An element whose content nobody sees.
    pub(super) fn insert_empty(&mut self, tag: &StartTag) -> Result<(), Stop> {
        self.insert_raw(tag, Content::Nothing)
    }

    /// Gives an open element the attributes of a tag that it has not.
    pub(super) fn add_attributes(&mut self, at: usize, tag: &StartTag) {
        let Some(open) = self.stack.get(at) else { return };
        let Leaf::Element { attributes, .. } = &self.tree.node(open.node).leaf else { return };
        let tokens = &mut self.tokens;
        let said = |range: &Range<u32>| tokens.wording.get(range);
        let listed = |range: &Range<u32>| &tokens.attributes[range.start as usize..range.end as usize];
        let known = listed(attributes);
        let is_new = |new: &&Attribute| !known.iter().any(|old| said(&old.name) == said(&new.name));
        let all: Vec<_> = known.iter().chain(listed(&tag.attributes).iter().filter(is_new)).cloned().collect();
        if all.len() > known.len() {
            let start = tokens.attributes.len() as u32;
            tokens.attributes.extend(all);
            self.tree.set_attributes(open.node, start..tokens.attributes.len() as u32);
        }
    }
}
