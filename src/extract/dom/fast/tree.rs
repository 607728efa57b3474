//! The tree while it grows: nodes that know their neighbours, so that any of them can be moved.

use super::super::build::{MAX_DEPTH, MAX_NODES, ParseError};
use super::super::{Content, Node, Tag};
use super::tokens::Name;
use std::ops::Range;

/// No node.
pub(super) const NONE: u32 = u32::MAX;

/// The document.
pub(super) const ROOT: u32 = 0;

#[derive(Debug, Clone)]
pub(super) enum Leaf {
    Element { name: Name, attributes: Range<u32> },
    Text(Range<u32>),
}

#[derive(Debug)]
pub(super) struct Draft {
    pub(super) parent: u32,
    first: u32,
    last: u32,
    next: u32,
    previous: u32,
    depth: u16,
    pub(super) leaf: Leaf,
}

/// Where something goes: at the end of a parent, or before one of its children.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) parent: u32,
    pub(super) before: u32,
}

impl Place {
    pub(super) fn at_end_of(parent: u32) -> Self {
        Self { parent, before: NONE }
    }
}

#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Draft>,
    elements: usize,
}

impl Tree {
    pub(super) fn new(source_bytes: usize) -> Self {
        let root = Leaf::Text(0..0);
        // Pages have a node for every 30 to 100 bytes.
        let mut nodes = Vec::with_capacity(source_bytes / 64 + 8);
        nodes.push(Draft { parent: NONE, first: NONE, last: NONE, next: NONE, previous: NONE, depth: 0, leaf: root });
        Self { nodes, elements: 0 }
    }

    pub(super) fn node(&self, id: u32) -> &Draft {
        &self.nodes[id as usize]
    }

    fn node_mut(&mut self, id: u32) -> &mut Draft {
        &mut self.nodes[id as usize]
    }

    /// A node that stands nowhere yet.
    fn create(&mut self, leaf: Leaf) -> u32 {
        let id = self.nodes.len() as u32;
        self.nodes.push(Draft { parent: NONE, first: NONE, last: NONE, next: NONE, previous: NONE, depth: 0, leaf });
        id
    }

    /// # Errors
    /// Where there are too many.
    pub(super) fn element(&mut self, name: Name, attributes: Range<u32>) -> Result<u32, ParseError> {
        self.elements += 1;
        if self.elements > MAX_NODES {
            return Err(ParseError::Nodes);
        }
        Ok(self.create(Leaf::Element { name, attributes }))
    }

    /// Puts a node that stands nowhere to its place.
    ///
    /// # Errors
    /// Where that is too deep.
    pub(super) fn insert(&mut self, id: u32, place: Place) -> Result<(), ParseError> {
        let depth = self.node(place.parent).depth + 1;
        if depth > MAX_DEPTH {
            return Err(ParseError::Depth);
        }
        self.node_mut(id).depth = depth;
        self.link(id, place);
        Ok(())
    }

    fn link(&mut self, id: u32, Place { parent, before }: Place) {
        let previous = if before == NONE { self.node(parent).last } else { self.node(before).previous };
        let node = self.node_mut(id);
        (node.parent, node.previous, node.next) = (parent, previous, before);
        match previous {
            NONE => self.node_mut(parent).first = id,
            previous => self.node_mut(previous).next = id,
        }
        match before {
            NONE => self.node_mut(parent).last = id,
            before => self.node_mut(before).previous = id,
        }
    }

    /// Takes a node with all below it from its place.
    pub(super) fn detach(&mut self, id: u32) {
        let Draft { parent, previous, next, .. } = *self.node(id);
        if parent == NONE {
            return;
        }
        match previous {
            NONE => self.node_mut(parent).first = next,
            previous => self.node_mut(previous).next = next,
        }
        match next {
            NONE => self.node_mut(parent).last = previous,
            next => self.node_mut(next).previous = previous,
        }
        let node = self.node_mut(id);
        (node.parent, node.previous, node.next) = (NONE, NONE, NONE);
    }

    /// Moves all children of one element to the end of another.
    ///
    /// # Errors
    /// Where that is too deep.
    pub(super) fn move_children(&mut self, from: u32, to: u32) -> Result<(), ParseError> {
        while self.node(from).first != NONE {
            let child = self.node(from).first;
            self.detach(child);
            self.insert(child, Place::at_end_of(to))?;
        }
        Ok(())
    }

    /// The text that stands right before a place, if text does.
    pub(super) fn text_before(&mut self, place: Place) -> Option<&mut Range<u32>> {
        let previous =
            if place.before == NONE { self.node(place.parent).last } else { self.node(place.before).previous };
        match self.nodes.get_mut(previous as usize).map(|node| &mut node.leaf) {
            Some(Leaf::Text(range)) => Some(range),
            _ => None,
        }
    }

    pub(super) fn insert_text(&mut self, range: Range<u32>, place: Place) {
        let id = self.create(Leaf::Text(range));
        self.link(id, place);
    }

    /// Gives an element other attributes.
    pub(super) fn set_attributes(&mut self, id: u32, new: Range<u32>) {
        if let Leaf::Element { attributes, .. } = &mut self.node_mut(id).leaf {
            *attributes = new;
        }
    }

    /// The nodes in document order, without those that no reader sees.
    pub(super) fn flattened(self) -> Vec<Node> {
        let mut nodes: Vec<Node> = Vec::with_capacity(self.nodes.len());
        let root = Content::Element { tag: Tag::Custom, name: NONE, attributes: 0..0 };
        nodes.push(Node { parent: 0, end: 1, content: root });
        let mut at = self.node(ROOT).first;
        // The parent in the flat array; its own parent stands there.
        let mut parent = 0_u32;
        while at != NONE {
            let draft = self.node(at);
            let mut below = NONE;
            if !is_unseen(&draft.leaf) {
                let id = nodes.len() as u32;
                nodes.push(Node { parent, end: id + 1, content: content(&draft.leaf) });
                below = draft.first;
                if below != NONE {
                    parent = id;
                }
            }
            at = if below == NONE { self.close(at, &mut parent, &mut nodes) } else { below };
        }
        nodes[0].end = nodes.len() as u32;
        nodes
    }

    /// The next node that does not stand below this one, with all elements closed that end before it.
    fn close(&self, mut at: u32, parent: &mut u32, nodes: &mut [Node]) -> u32 {
        loop {
            let draft = self.node(at);
            if draft.next != NONE || draft.parent == ROOT {
                return draft.next;
            }
            let end = nodes.len() as u32;
            let closed = &mut nodes[*parent as usize];
            closed.end = end;
            *parent = closed.parent;
            at = draft.parent;
        }
    }
}

fn content(leaf: &Leaf) -> Content {
    match leaf {
        Leaf::Element { name, attributes } => {
            Content::Element { tag: name.tag(), name: name.custom(), attributes: attributes.clone() }
        }
        Leaf::Text(range) => Content::Text(range.clone()),
    }
}

fn is_unseen(leaf: &Leaf) -> bool {
    match leaf {
        Leaf::Element { name, .. } => {
            name.is_foreign()
                || matches!(name.tag(), Tag::Template | Tag::Style | Tag::Textarea | Tag::Datalist | Tag::Canvas)
        }
        Leaf::Text(_) => false,
    }
}
