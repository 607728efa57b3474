//! Hashes of words, eight bytes at a time: words are only compared within a text, so that nothing outside reads them.

use crate::extract::letters::small;
use std::ops::Range;

/// The hash of a word of a text, made small; `room` is to write in.
pub(super) fn word_hash(text: &str, word: Range<usize>, is_ascii: bool, room: &mut String) -> u32 {
    if is_ascii {
        // Letters of ASCII are made small by this bit, which digits have.
        return hash_of(text.as_bytes(), word, 0x2020_2020_2020_2020);
    }
    room.clear();
    room.extend(text[word].chars().map(small));
    small_hash(room)
}

/// The hash of a word that is in small letters.
pub(super) fn small_hash(word: &str) -> u32 {
    hash_of(word.as_bytes(), 0..word.len(), 0)
}

/// Takes eight bytes at a time. `set`: bits that are set in each.
fn hash_of(bytes: &[u8], word: Range<usize>, set: u64) -> u32 {
    let (mut at, end, mut hash) = (word.start, word.end, word.len() as u64);
    while at < end {
        let eight = bytes[at..].first_chunk::<8>().copied().unwrap_or_else(|| last_eight(&bytes[at..]));
        let behind = 64 - 8 * (end - at).min(8);
        let eight = (u64::from_le_bytes(eight) | set) << behind >> behind;
        // The golden ratio's bits spread over the upper half, which the next step mixes in.
        hash = (hash ^ eight).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        hash ^= hash >> 32;
        at += 8;
    }
    hash as u32
}

/// Fewer bytes than eight, and zeros.
fn last_eight(bytes: &[u8]) -> [u8; 8] {
    let mut eight = [0; 8];
    eight[..bytes.len()].copy_from_slice(bytes);
    eight
}
