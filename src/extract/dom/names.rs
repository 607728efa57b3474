//! Names that the program knows, found by a look at their first bytes.

/// How many entries a table of names has: a power of two, many more than there are names.
pub(super) const SLOTS: usize = 1024;

/// How many of the first bytes are looked at before all.
pub(super) const FIRST_BYTES: usize = 8;

/// Makes an enum of names, and of one variant for all others, which comes last.
macro_rules! names {
    ($(#[$about:meta])* $enum:ident, else $other:ident: $($variant:ident = $name:literal,)*) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub(crate) enum $enum { $($variant,)* $other }

        impl $enum {
            /// All, the one for others last; each stands at its own number.
            pub(super) const ALL: &[Self] = &[$(Self::$variant,)* Self::$other];

            /// Which one a lower-case name is.
            pub(crate) fn from_name(name: &str) -> Self {
                Self::from_bytes(name.as_bytes())
            }

            /// Which one a lower-case name is.
            pub(super) fn from_bytes(name: &[u8]) -> Self {
                static TABLE: $crate::extract::dom::names::Table<{ $enum::ALL.len() }> =
                    $crate::extract::dom::names::Table::new($enum::NAMES);
                Self::ALL[TABLE.find(name)]
            }

            /// The lower-case names, empty for others.
            const NAMES: &[&str] = &[$($name,)* ""];
        }
    };
}

pub(super) use names;

/// Names by their first bytes and their lengths; the last is empty and stands for all others.
pub(super) struct Table<const COUNT: usize> {
    names: &'static [&'static str],
    first_bytes: [u64; COUNT],
    /// For each slot the number of the name that is found there, or a later one; the last where none is.
    slots: [u8; SLOTS],
}

impl<const COUNT: usize> Table<COUNT> {
    pub(super) const fn new(names: &'static [&'static str]) -> Self {
        let others = (COUNT - 1) as u8;
        let (mut slots, mut first_bytes) = ([others; SLOTS], [0; COUNT]);
        let mut number = 0;
        while number < COUNT - 1 {
            let name = names[number].as_bytes();
            let mut at = 0;
            while at < name.len() && at < FIRST_BYTES {
                first_bytes[number] |= (name[at] as u64) << (8 * at);
                at += 1;
            }
            let mut slot = slot(first_bytes[number], name.len());
            while slots[slot] != others {
                slot = (slot + 1) % SLOTS;
            }
            slots[slot] = number as u8;
            number += 1;
        }
        Self { names, first_bytes, slots }
    }

    /// The number of a name.
    pub(super) fn find(&self, name: &[u8]) -> usize {
        let first = first_bytes(name);
        let mut at = slot(first, name.len());
        loop {
            let number = usize::from(self.slots[at]);
            let known = self.names[number].as_bytes();
            let is_it = self.first_bytes[number] == first
                && known.len() == name.len()
                && known.get(FIRST_BYTES..) == name.get(FIRST_BYTES..);
            if is_it || number == COUNT - 1 {
                return number;
            }
            at = (at + 1) % SLOTS;
        }
    }
}

/// Where a name is looked for first (multiplicative hashing, Knuth).
const fn slot(first_bytes: u64, length: usize) -> usize {
    ((first_bytes ^ (length as u64) << 59).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54) as usize
}

/// The first bytes as one number; of shorter names the rest is zero.
fn first_bytes(name: &[u8]) -> u64 {
    if let Some(first) = name.first_chunk::<FIRST_BYTES>() {
        return u64::from_le_bytes(*first);
    }
    // Two looks that overlap see all of what is shorter.
    if let (Some(first), Some(last)) = (name.first_chunk::<4>(), name.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << (8 * (name.len() - 4));
    }
    if let (Some(first), Some(last)) = (name.first_chunk::<2>(), name.last_chunk::<2>()) {
        return u64::from(u16::from_le_bytes(*first)) | u64::from(u16::from_le_bytes(*last)) << (8 * (name.len() - 2));
    }
    name.first().map_or(0, |byte| u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::first_bytes;

    #[test]
    fn first_bytes_are_those_that_stand_there() {
        for length in 0..12 {
            let name = &b"abcdefghijkl"[..length];
            let mut first = [0; 8];
            first[..length.min(8)].copy_from_slice(&name[..length.min(8)]);
            assert_eq!(first_bytes(name), u64::from_le_bytes(first), "{length}");
        }
    }
}
