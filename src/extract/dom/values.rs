//! Numbers for the values by which elements are told: most of a page's share theirs with others, so that what is read
//! of a value need be read once.

use super::Wording;
use foldhash::fast::RandomState;
use std::hash::BuildHasher;
use std::ops::Range;

/// Most values that are numbered: hostile pages have millions, all different.
const MOST_VALUES: usize = 1 << 16;

/// How many slots there are at the beginning, a power of two.
const FIRST_SLOTS: usize = 1 << 10;

/// The number of values that have none.
pub(super) const UNNUMBERED: u32 = u32::MAX;

/// The values of a page so far; seeded, so that no page can have values that meet.
#[derive(Debug)]
pub(super) struct Values {
    /// The hash of the value that is found there, or in a later one, and its number; [`UNNUMBERED`] where none is.
    slots: Vec<(u32, u32)>,
    /// Where each first stood.
    ranges: Vec<Range<u32>>,
    hasher: RandomState,
}

impl Values {
    pub(super) fn new() -> Self {
        Self { slots: vec![(0, UNNUMBERED); FIRST_SLOTS], ranges: Vec::new(), hasher: RandomState::default() }
    }

    /// How many there are.
    pub(super) fn len(&self) -> u32 {
        self.ranges.len() as u32
    }

    /// The number of a value, the same wherever it stands.
    pub(super) fn number(&mut self, wording: &Wording<'_>, value: &Range<u32>) -> u32 {
        let said = |range: &Range<u32>| wording.get(range).as_bytes();
        let hash = self.hasher.hash_one(said(value)) as u32;
        let mut slot = hash as usize & (self.slots.len() - 1);
        while self.slots[slot].1 != UNNUMBERED {
            let (known, number) = self.slots[slot];
            if known == hash && said(&self.ranges[number as usize]) == said(value) {
                return number;
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        if self.ranges.len() == MOST_VALUES {
            return UNNUMBERED;
        }
        let number = self.ranges.len() as u32;
        self.ranges.push(value.clone());
        self.slots[slot] = (hash, number);
        if 2 * self.ranges.len() > self.slots.len() {
            self.grow();
        }
        number
    }

    fn grow(&mut self) {
        let slots = 2 * self.slots.len();
        let known = std::mem::replace(&mut self.slots, vec![(0, UNNUMBERED); slots]);
        for (hash, number) in known.into_iter().filter(|(_, number)| *number != UNNUMBERED) {
            let mut slot = hash as usize & (slots - 1);
            while self.slots[slot].1 != UNNUMBERED {
                slot = (slot + 1) & (slots - 1);
            }
            self.slots[slot] = (hash, number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_one_number_and_others_their_own_as_far_as_there_are_numbers() {
        let mut values = Values::new();
        let text: String = (0..MOST_VALUES + 2).map(|value| format!("{value:08}")).collect();
        let wording = Wording::new(&text);
        let mut number = |value: usize| values.number(&wording, &(8 * value as u32..8 * value as u32 + 8));
        for value in 0..MOST_VALUES {
            assert_eq!(number(value), value as u32);
        }
        assert_eq!((number(MOST_VALUES), number(MOST_VALUES + 1)), (UNNUMBERED, UNNUMBERED));
        assert_eq!((number(0), number(777)), (0, 777));
        assert_eq!(values.len(), MOST_VALUES as u32);
    }
}
