//! Formatting elements, which go on where other elements end them (13.2.4.3), and end across others (13.2.6.4.7, "adoption
//! agency").

use super::super::{Attribute, Tag};
use super::Stop;
use super::modes::Builder;
use super::open::Open;
use super::tokens::{Name, StartTag};
use super::traits::{SCOPE, SPECIAL};
use super::tree::Place;
use std::ops::Range;

/// An element that is to go on, or a wall that none goes through.
#[derive(Debug, Clone)]
pub(super) enum Entry {
    Marker,
    Element(Formatting),
}

#[derive(Debug, Clone)]
pub(super) struct Formatting {
    node: u32,
    name: Name,
    attributes: Range<u32>,
}

/// How many formatting elements of the same name and attributes are kept.
const MOST_ALIKE: usize = 3;

/// Most attributes of a formatting element that are compared with those of others in any order.
const MOST_IN_ANY_ORDER: usize = 16;

/// How often a formatting element is cut at a block, and how many elements within are cut with it.
const MOST_CUTS: usize = 8;
const MOST_INNER_CUTS: usize = 3;

impl Builder<'_> {
    /// Opens again what was ended by an element around it.
    pub(super) fn reopen_formatting(&mut self) -> Result<(), Stop> {
        let is_open = |entry: &Entry| match entry {
            Entry::Marker => true,
            Entry::Element(element) => self.stack.position(element.node).is_some(),
        };
        let closed = self.formatting.iter().rev().take_while(|entry| !is_open(entry)).count();
        for at in self.formatting.len() - closed..self.formatting.len() {
            if let Entry::Element(Formatting { name, attributes, .. }) = self.formatting[at].clone() {
                let node = self.open(name, attributes.clone())?;
                self.formatting[at] = Entry::Element(Formatting { node, name, attributes });
            }
        }
        Ok(())
    }

    pub(super) fn open_formatting(&mut self, tag: &StartTag) -> Result<(), Stop> {
        self.reopen_formatting()?;
        let alike: Vec<usize> = self
            .formatting_from_last()
            .filter(|(_, other)| other.name == tag.name && self.is_alike(&other.attributes, &tag.attributes))
            .map(|(at, _)| at)
            .collect();
        if let (true, Some(first)) = (alike.len() >= MOST_ALIKE, alike.last()) {
            self.formatting.remove(*first);
        }
        let node = self.open_for(tag)?;
        let (name, attributes) = (tag.name, tag.attributes.clone());
        self.formatting.push(Entry::Element(Formatting { node, name, attributes }));
        Ok(())
    }

    /// Forgets all formatting since the last marker.
    pub(super) fn forget_formatting(&mut self) {
        while matches!(self.formatting.pop(), Some(Entry::Element(_))) {}
    }

    /// A link ends one that is open.
    pub(super) fn close_link(&mut self) -> Result<(), Stop> {
        let link = Name::of(Tag::A);
        let Some(node) = self.formatting_from_last().find(|(_, it)| it.name == link).map(|(_, it)| it.node) else {
            return Ok(());
        };
        self.close_formatting(link)?;
        if let Some(at) = self.place_in_formatting(node) {
            self.formatting.remove(at);
        }
        self.stack.remove_node(node);
        Ok(())
    }

    /// Ends a formatting element. Where a block is open in it, the block is taken out, and its content formatted anew.
    pub(super) fn close_formatting(&mut self, name: Name) -> Result<(), Stop> {
        let current = self.stack.current().filter(|open| open.name == name).map(|open| open.node);
        if current.is_some_and(|node| self.place_in_formatting(node).is_none()) {
            self.stack.pop();
            return Ok(());
        }
        for _ in 0..MOST_CUTS {
            let found = self.formatting_from_last().find(|(_, it)| it.name == name);
            let Some((at, formatting)) = found.map(|(at, formatting)| (at, formatting.clone())) else {
                self.close_other(name);
                return Ok(());
            };
            let Some(height) = self.stack.position(formatting.node) else {
                self.formatting.remove(at);
                return Ok(());
            };
            if !self.stack.has_within(SCOPE, |open| open.node == formatting.node) {
                return Ok(());
            }
            let is_block = |at: &usize| self.stack.get(*at).is_some_and(|open| open.traits & SPECIAL != 0);
            let Some(block) = (height..self.stack.len()).find(is_block) else {
                self.stack.truncate(height);
                self.formatting.remove(at);
                return Ok(());
            };
            self.cut(&formatting, height, block)?;
        }
        Ok(())
    }

    /// Takes the block at `block` on the stack out of the formatting element at `height` and formats its content.
    fn cut(&mut self, formatting: &Formatting, height: usize, block: usize) -> Result<(), Stop> {
        let (Some(block_node), Some(outer)) =
            (self.node_at(block), height.checked_sub(1).and_then(|at| self.node_at(at)))
        else {
            return Ok(());
        };
        let (last, behind) = self.cut_between(height, block, block_node)?;
        self.tree.detach(last);
        self.tree.insert(last, self.place(outer))?;

        let Formatting { name, attributes, .. } = formatting.clone();
        let node = self.tree.element(name, attributes.clone())?;
        self.tree.move_children(block_node, node)?;
        self.tree.insert(node, Place::at_end_of(block_node))?;

        let entry = Entry::Element(Formatting { node, name, attributes });
        match behind.and_then(|behind| self.place_in_formatting(behind)) {
            Some(at) => {
                self.formatting.insert(at + 1, entry);
                if let Some(old) = self.place_in_formatting(formatting.node) {
                    self.formatting.remove(old);
                }
            }
            None => {
                if let Some(at) = self.place_in_formatting(formatting.node) {
                    self.formatting[at] = entry;
                }
            }
        }
        self.stack.remove_node(formatting.node);
        if let Some(at) = self.stack.position(block_node) {
            self.stack.insert(at + 1, Open { node, name, traits: self.tokens.traits(name) });
        }
        Ok(())
    }

    /// Rebuilds the elements between a formatting element and a block around the block. Gives the outermost of them, and
    /// the innermost, behind which the formatting goes on in the list; the block itself and none where there is none.
    fn cut_between(&mut self, height: usize, block: usize, block_node: u32) -> Result<(u32, Option<u32>), Stop> {
        let (mut last, mut behind) = (block_node, None);
        for (cuts, at) in (height + 1..block).rev().enumerate() {
            let Some(node) = self.node_at(at) else { break };
            let place = self.place_in_formatting(node);
            let Some(entry) = place.filter(|_| cuts < MOST_INNER_CUTS) else {
                place.into_iter().for_each(|place| _ = self.formatting.remove(place));
                self.stack.remove(at);
                continue;
            };
            let Entry::Element(Formatting { name, attributes, .. }) = self.formatting[entry].clone() else { continue };
            let node = self.tree.element(name, attributes.clone())?;
            self.stack.replace(at, node);
            self.formatting[entry] = Entry::Element(Formatting { node, name, attributes });
            behind = behind.or(Some(node));
            self.tree.detach(last);
            // It stands nowhere yet; its depth is told when it is put somewhere.
            self.tree.insert(last, Place::at_end_of(node))?;
            last = node;
        }
        Ok((last, behind))
    }

    fn node_at(&self, at: usize) -> Option<u32> {
        self.stack.get(at).map(|open| open.node)
    }

    /// Formatting elements since the last marker, the last one first.
    fn formatting_from_last(&self) -> impl Iterator<Item = (usize, &Formatting)> {
        self.formatting.iter().enumerate().rev().map_while(|(at, entry)| match entry {
            Entry::Marker => None,
            Entry::Element(formatting) => Some((at, formatting)),
        })
    }

    fn place_in_formatting(&self, node: u32) -> Option<usize> {
        self.formatting.iter().rposition(|entry| matches!(entry, Entry::Element(it) if it.node == node))
    }

    /// Whether two elements have the same attributes; in any order, unless there are more than anybody writes.
    fn is_alike(&self, one: &Range<u32>, other: &Range<u32>) -> bool {
        let listed = |range: &Range<u32>| &self.tokens.attributes[range.start as usize..range.end as usize];
        let said = |range: &Range<u32>| self.tokens.wording.get(range);
        let is_same = |a: &Attribute, b: &Attribute| said(&a.name) == said(&b.name) && said(&a.value) == said(&b.value);
        let (one, other) = (listed(one), listed(other));
        one.len() == other.len()
            && if one.len() > MOST_IN_ANY_ORDER {
                one.iter().zip(other).all(|(one, other)| is_same(one, other))
            } else {
                one.iter().all(|one| other.iter().any(|other| is_same(one, other)))
            }
    }
}
