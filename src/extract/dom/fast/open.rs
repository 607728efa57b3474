//! The stack of open elements (13.2.4.2).

use super::super::Tag;
use super::tokens::Name;
use super::traits::{IMPLIED, SCOPE};

#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    pub(super) node: u32,
    pub(super) name: Name,
    pub(super) traits: u16,
}

/// The open elements, the current one last.
#[derive(Debug)]
pub(super) struct Stack {
    open: Vec<Open>,
    /// How many are open of each tag of HTML: most searches are for what is not.
    counts: [u16; Tag::ALL.len()],
}

impl Stack {
    pub(super) fn new() -> Self {
        Self { open: Vec::with_capacity(64), counts: [0; Tag::ALL.len()] }
    }

    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    pub(super) fn get(&self, at: usize) -> Option<&Open> {
        self.open.get(at)
    }

    pub(super) fn current(&self) -> Option<&Open> {
        self.open.last()
    }

    pub(super) fn nearest_first(&self) -> impl Iterator<Item = &Open> {
        self.open.iter().rev()
    }

    pub(super) fn is_current(&self, tag: Tag) -> bool {
        self.current().is_some_and(|open| open.name == Name::of(tag))
    }

    pub(super) fn current_has(&self, traits: u16) -> bool {
        self.current().is_some_and(|open| open.traits & traits != 0)
    }

    pub(super) fn push(&mut self, open: Open) {
        self.insert(self.open.len(), open);
    }

    pub(super) fn insert(&mut self, at: usize, open: Open) {
        if !open.name.is_foreign() {
            self.counts[open.name.tag() as usize] += 1;
        }
        self.open.insert(at, open);
    }

    pub(super) fn pop(&mut self) -> Option<Open> {
        let at = self.open.len().checked_sub(1)?;
        self.remove(at)
    }

    pub(super) fn remove(&mut self, at: usize) -> Option<Open> {
        let closed = (at < self.open.len()).then(|| self.open.remove(at))?;
        if !closed.name.is_foreign() {
            self.counts[closed.name.tag() as usize] -= 1;
        }
        Some(closed)
    }

    /// Puts another node of the same name in the place of one.
    pub(super) fn replace(&mut self, at: usize, node: u32) {
        self.open[at].node = node;
    }

    pub(super) fn position(&self, node: u32) -> Option<usize> {
        self.open.iter().rposition(|open| open.node == node)
    }

    pub(super) fn remove_node(&mut self, node: u32) {
        if let Some(at) = self.position(node) {
            self.remove(at);
        }
    }

    pub(super) fn truncate(&mut self, length: usize) {
        while self.open.len() > length {
            self.pop();
        }
    }

    /// Whether an element that passes is open and nothing of `scope` stands in between.
    pub(super) fn has_within(&self, scope: u16, passes: impl Fn(&Open) -> bool) -> bool {
        for open in self.nearest_first() {
            if passes(open) {
                return true;
            }
            if open.traits & scope != 0 {
                return false;
            }
        }
        false
    }

    pub(super) fn has(&self, tag: Tag, scope: u16) -> bool {
        self.is_open(tag) && self.has_within(scope, |open| open.name == Name::of(tag))
    }

    /// As [`Self::has`], for what the usual elements end.
    pub(super) fn has_in_scope(&self, name: Name) -> bool {
        (name.tag() == Tag::Custom || self.is_open(name.tag())) && self.has_within(SCOPE, |open| open.name == name)
    }

    pub(super) fn is_open(&self, tag: Tag) -> bool {
        self.counts[tag as usize] > 0
    }

    /// Closes elements up to one of these traits, which is closed too.
    pub(super) fn pop_through_trait(&mut self, traits: u16) {
        while self.pop().is_some_and(|closed| closed.traits & traits == 0) {}
    }

    /// Closes elements up to one of this name, which is closed too.
    pub(super) fn pop_through(&mut self, name: Name) {
        while self.pop().is_some_and(|closed| closed.name != name) {}
    }

    /// Closes elements until the current one has one of these traits.
    pub(super) fn pop_to(&mut self, traits: u16) {
        while self.current().is_some_and(|open| open.traits & traits == 0) {
            self.pop();
        }
    }

    /// Closes what needs no end tag.
    pub(super) fn pop_implied(&mut self) {
        while self.current_has(IMPLIED) {
            self.pop();
        }
    }

    /// As well, up to an element of this name.
    pub(super) fn pop_implied_but(&mut self, name: Name) {
        while self.current().is_some_and(|open| open.traits & IMPLIED != 0 && open.name != name) {
            self.pop();
        }
    }
}
