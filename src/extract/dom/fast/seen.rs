//! Which attributes a tag has: the first of a name counts (13.2.5.33).

use super::super::Attr;
use super::super::build::ParseError;
use super::super::prune::MAX_ATTRIBUTES;
use foldhash::fast::RandomState;
use std::hash::BuildHasher;

/// Twice as many as a tag may have attributes, so that a search soon meets a free one.
const SLOTS: usize = 2 * MAX_ATTRIBUTES;

/// The attributes of one tag after the other, by their names' hashes; seeded, so that no page can have names that meet.
const _: () = assert!(Attr::ALL.len() <= 64, "a bit for each name");

#[derive(Debug)]
pub(super) struct Seen {
    /// Which tag's attribute stands there, by [`Self::tag`], and which one of all it is.
    slots: Vec<(u32, u32)>,
    tag: u32,
    count: usize,
    /// A bit for each name that the program knows.
    known: u64,
    hasher: RandomState,
}

impl Seen {
    pub(super) fn new() -> Self {
        Self { slots: vec![(0, 0); SLOTS], tag: 0, count: 0, known: 0, hasher: RandomState::default() }
    }

    /// Begins another tag.
    pub(super) fn begin(&mut self) {
        self.tag += 1;
        self.count = 0;
        self.known = 0;
    }

    /// Whether the tag has no attribute of this name yet, which is not [`Attr::Other`]; then it is noted.
    ///
    /// # Errors
    /// As [`Self::note`].
    pub(super) fn note_known(&mut self, attr: Attr) -> Result<bool, ParseError> {
        self.one_more()?;
        let before = self.known;
        self.known |= 1 << attr as u32;
        Ok(before != self.known)
    }

    fn one_more(&mut self) -> Result<(), ParseError> {
        self.count += 1;
        if self.count > MAX_ATTRIBUTES { Err(ParseError::Attributes) } else { Ok(()) }
    }

    /// Whether the tag has no attribute of this name yet; then it is noted as the attribute `at`. `has_name` says whether
    /// an attribute has it.
    ///
    /// # Errors
    /// Where the tag has too many attributes, each counted as often as it stands there.
    pub(super) fn note(&mut self, name: &[u8], at: u32, has_name: impl Fn(u32) -> bool) -> Result<bool, ParseError> {
        self.one_more()?;
        let mut slot = self.hasher.hash_one(name) as usize % SLOTS;
        while self.slots[slot].0 == self.tag {
            if has_name(self.slots[slot].1) {
                return Ok(false);
            }
            slot = (slot + 1) % SLOTS;
        }
        self.slots[slot] = (self.tag, at);
        Ok(true)
    }
}
