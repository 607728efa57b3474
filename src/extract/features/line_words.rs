//! The words of a line: those that the model has learnt weights of, and those that tell what it is about.
//!
//! A learnt word is known by the FNV-1a hash of its UTF-8 bytes, lower case, numbers as `0`. `near` are the
//! words of a short line and their pairs, the whole of a very short one (`=more news`), the first of any line
//! (`^by`) and the last (`ago$`); `far` are the beginnings and wholes of the lines before and behind.

use super::text::{self, TELLING_CHARS, TextFacts};
use super::word_hash::small_hash;
use super::words::TokenTable;
use crate::extract::block::BlockId;
use crate::extract::fnv;
use crate::extract::letters::{self, is_letter_or_digit, small};
use crate::extract::measure::is_spaceless;
use crate::extract::rules::View;
use std::ops::Range;

/// Most words of a line whose words, word pairs, and whole are learnt.
const SHORT: usize = 12;
const PAIRED: usize = 8;
const WHOLE: usize = 5;

/// Longest learnt word, in bytes.
const WORD_BYTES: usize = 24;

/// Most words of a line that are compared with the body's.
const COMPARED: usize = 160;

/// Hashes of the longer words of each line, and how many lines of the best run have each.
#[derive(Debug, Default)]
pub(super) struct LineWords {
    /// All lines' words, each line's sorted.
    words: Vec<u32>,
    ends: Vec<u32>,
    /// Those of the best run.
    known: Sorted,
    best: Range<BlockId>,
}

impl LineWords {
    /// Takes the next line: its text, and its longer words where they are known.
    pub(super) fn take(&mut self, text: &str, facts: &TextFacts, long: &[u32]) {
        let start = self.words.len();
        if facts.has(text::SPACELESS) {
            telling(text, |hash| self.words.push(hash));
        } else {
            self.words.extend_from_slice(&long[..long.len().min(COMPARED)]);
        }
        self.words[start..].sort_unstable();
        let mut kept = start;
        for at in start..self.words.len() {
            if kept == start || self.words[kept - 1] != self.words[at] {
                self.words[kept] = self.words[at];
                kept += 1;
            }
        }
        self.words.truncate(kept);
        self.ends.push(self.words.len() as u32);
    }

    /// Says which lines are the best run.
    pub(super) fn set_best(&mut self, best: Range<BlockId>) {
        self.known = Sorted::of(&self.words[self.end_before(best.start)..self.end_before(best.end)]);
        self.best = best;
    }

    /// Where the words of the lines before one end.
    fn end_before(&self, id: BlockId) -> usize {
        id.checked_sub(1).map_or(0, |before| self.ends[before] as usize)
    }

    fn of(&self, id: BlockId) -> &[u32] {
        &self.words[self.end_before(id)..self.ends[id] as usize]
    }

    /// Shares of a line's telling words that other lines of the best run have, and that the headline has;
    /// -1 for a line without any.
    pub(super) fn shared(&self, id: BlockId, title: Option<BlockId>) -> (f32, f32) {
        let own = self.of(id);
        if own.is_empty() {
            return (-1.0, -1.0);
        }
        let is_in_best = usize::from(self.best.contains(&id));
        let is_known = |word: &&u32| self.known.has_more(**word, is_in_best);
        let title = title.map(|title| self.of(title)).unwrap_or_default();
        let known = own.iter().filter(is_known).count() as f32;
        let titled = own.iter().filter(|word| title.binary_search(word).is_ok()).count() as f32;
        (known / own.len() as f32, titled / own.len() as f32)
    }
}

/// Hashes in their order, found by their highest bits.
#[derive(Debug, Default)]
struct Sorted {
    hashes: Vec<u32>,
    /// Where those begin that have the same highest bits, and at last where all end.
    starts: Vec<u32>,
    /// By how many bits a hash is moved that its highest bits are left.
    shift: u32,
}

/// Most bits by which hashes are parted.
const MOST_BITS: u32 = 16;

impl Sorted {
    fn of(hashes: &[u32]) -> Self {
        let bits = hashes.len().next_power_of_two().trailing_zeros().clamp(1, MOST_BITS);
        let shift = u32::BITS - bits;
        let mut next = vec![0_u32; 1 << bits];
        hashes.iter().for_each(|hash| next[(hash >> shift) as usize] += 1);
        let (mut starts, mut end) = (Vec::with_capacity(next.len() + 1), 0);
        for count in &mut next {
            starts.push(end);
            end += std::mem::replace(count, end);
        }
        starts.push(end);
        let mut sorted = vec![0; hashes.len()];
        for hash in hashes {
            let place = &mut next[(hash >> shift) as usize];
            sorted[*place as usize] = *hash;
            *place += 1;
        }
        for ends in starts.windows(2).filter(|ends| ends[1] - ends[0] > 1) {
            sorted[ends[0] as usize..ends[1] as usize].sort_unstable();
        }
        Self { hashes: sorted, starts, shift }
    }

    /// Whether a hash is there more than so many times.
    fn has_more(&self, hash: u32, times: usize) -> bool {
        let place = (hash >> self.shift) as usize;
        let (Some(&start), Some(&end)) = (self.starts.get(place), self.starts.get(place + 1)) else { return false };
        let alike = &self.hashes[start as usize..end as usize];
        alike.get(alike.partition_point(|other| *other < hash) + times) == Some(&hash)
    }
}

/// The hashes of the words of at least five characters, and of pairs of characters in scripts without spaces.
fn telling(text: &str, mut each: impl FnMut(u32)) {
    let (mut word, mut chars, mut before, mut left) = (String::new(), 0, None, COMPARED);
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if left == 0 {
            return;
        }
        if is_spaceless(c) {
            if let Some(before) = before.replace(at) {
                each(small_hash(&text[before..at + c.len_utf8()]));
                left -= 1;
            }
            continue;
        }
        before = None;
        if is_letter_or_digit(c) {
            word.push(small(c));
            chars += 1;
        } else {
            if chars >= TELLING_CHARS {
                each(small_hash(&word));
                left -= 1;
            }
            word.clear();
            chars = 0;
        }
    }
}

/// A line's words for learning.
#[derive(Debug, Default)]
struct Words {
    /// The first of the line and the last, one after the other: all [`SHORT`] at most, of longer lines the first two.
    text: String,
    /// Where the first ones end.
    ends: Vec<usize>,
    /// How many the line has, or one more than [`SHORT`].
    count: usize,
}

impl Words {
    fn read(&mut self, line: &str) {
        self.text.clear();
        self.ends.clear();
        let mut first = [""; SHORT + 1];
        self.count = 0;
        for (place, word) in first.iter_mut().zip(letters::words(line)) {
            *place = word;
            self.count += 1;
        }
        for word in &first[..if self.count > SHORT { 2 } else { self.count }] {
            push_learnt(word, &mut self.text);
            self.ends.push(self.text.len());
        }
        if let Some(last) = letters::last_word(line) {
            push_learnt(last, &mut self.text);
        }
    }

    fn first(&self, at: usize) -> &str {
        &self.text[at.checked_sub(1).map_or(0, |before| self.ends[before])..self.ends[at]]
    }

    fn last(&self) -> &str {
        &self.text[self.ends.last().copied().unwrap_or(0)..]
    }
}

/// Appends a word as it is learnt: lower case, cut, `0` for a number.
fn push_learnt(word: &str, text: &mut String) {
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        text.push('0');
        return;
    }
    let start = text.len();
    if word.is_ascii() {
        text.push_str(&word[..word.len().min(WORD_BYTES)]);
        text[start..].make_ascii_lowercase();
        return;
    }
    text.push_str(&word.to_lowercase());
    let end = (0..=WORD_BYTES.min(text.len() - start)).rev().find(|end| text.is_char_boundary(start + end));
    text.truncate(start + end.unwrap_or(0));
}

/// Calls `each` with the pieces of the near words of a line that are no far ones ([`each_far`]) too.
fn each_near(words: &Words, mut each: impl FnMut(&[&str])) {
    if words.last().is_empty() {
        return;
    }
    each(&[words.last(), "$"]);
    if words.count <= SHORT {
        (0..words.ends.len()).for_each(|at| each(&[words.first(at)]));
    }
    if words.count <= PAIRED {
        (1..words.ends.len()).for_each(|at| each(&[words.first(at - 1), " ", words.first(at)]));
    }
}

/// Calls `each` with the pieces of what a line tells of itself and those beside it: its beginning, and the whole of a very
/// short one.
fn each_far(words: &Words, mut each: impl FnMut(&[&str])) {
    if words.ends.is_empty() {
        return;
    }
    each(&["^", words.first(0)]);
    if words.ends.len() > 1 {
        each(&["^", words.first(0), " ", words.first(1)]);
    }
    if words.count <= WHOLE {
        let mut pieces = ["="; 2 * WHOLE];
        for at in 0..words.ends.len() {
            (pieces[2 * at], pieces[2 * at + 1]) = (if at == 0 { "=" } else { " " }, words.first(at));
        }
        each(&pieces[..2 * words.ends.len()]);
    }
}

/// The near and the far words of a line as they are written for training.
pub(super) fn around(view: &View<'_>, id: BlockId) -> (Vec<String>, Vec<String>) {
    let mut words = Words::default();
    let read = |id: BlockId, words: &mut Words| words.read(view.blocks.text(&view.blocks.blocks[id]));
    let (mut near, mut far) = (Vec::new(), Vec::new());
    read(id, &mut words);
    each_far(&words, |pieces| near.push(pieces.concat()));
    each_near(&words, |pieces| near.push(pieces.concat()));
    let beside = [id.checked_sub(1), Some(id + 1).filter(|id| *id < view.blocks.blocks.len())];
    for id in beside.into_iter().flatten() {
        read(id, &mut words);
        each_far(&words, |pieces| far.push(pieces.concat()));
    }
    for words in [&mut near, &mut far] {
        words.sort_unstable();
        words.dedup();
    }
    (near, far)
}

/// The score of every line.
pub(super) fn scores(view: &View<'_>, table: &TokenTable) -> Vec<f32> {
    let mut words = Words::default();
    // What each line has of its own, as a sum, and the places in the table of what it tells those beside it.
    let (mut near, mut far) = (Vec::with_capacity(view.blocks.blocks.len()), Vec::new());
    let mut far_ends = Vec::with_capacity(view.blocks.blocks.len());
    let mut own: Vec<u16> = Vec::new();
    for block in &view.blocks.blocks {
        words.read(view.blocks.text(block));
        let first_far = far.len();
        each_far(&words, |pieces| far.extend(table.place_of(fnv::pieces_32(pieces))));
        own.clear();
        own.extend_from_slice(&far[first_far..]);
        each_near(&words, |pieces| own.extend(table.place_of(fnv::pieces_32(pieces))));
        far_ends.push(far.len());
        sort_distinct(&mut own);
        near.push(own.iter().map(|place| table.near(*place)).sum::<i32>());
    }
    let told = |id: BlockId| &far[id.checked_sub(1).map_or(0, |before| far_ends[before])..far_ends[id]];
    let mut score = |id: BlockId| {
        own.clear();
        let beside = [id.checked_sub(1), Some(id + 1).filter(|id| *id < near.len())];
        beside.into_iter().flatten().for_each(|id| own.extend_from_slice(told(id)));
        sort_distinct(&mut own);
        table.score(near[id] + own.iter().map(|place| table.far(*place)).sum::<i32>())
    };
    (0..near.len()).map(&mut score).collect()
}

fn sort_distinct(places: &mut Vec<u16>) {
    places.sort_unstable();
    places.dedup();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(text: &str) -> Vec<String> {
        let (mut words, mut near) = (Words::default(), Vec::new());
        words.read(text);
        each_far(&words, |pieces| near.push(pieces.concat()));
        each_near(&words, |pieces| near.push(pieces.concat()));
        near
    }

    #[test]
    fn short_lines_are_learnt_whole_and_long_ones_by_their_ends() {
        assert_eq!(
            near("21 Minutes ago"),
            ["^0", "^0 minutes", "=0 minutes ago", "ago$", "0", "minutes", "ago", "0 minutes", "minutes ago"]
        );
        let long = "The ferry between the two islands sails again from Monday, the harbour office said on Thursday";
        assert_eq!(near(long), ["^the", "^the ferry", "thursday$"]);
        assert!(near("—").is_empty());
    }

    #[test]
    fn hashes_are_found_as_often_as_they_are_there() {
        let hashes = [7, u32::MAX, 7, 1 << 30, 0, u32::MAX, u32::MAX, (1 << 30) + 1];
        let sorted = Sorted::of(&hashes);
        for hash in hashes.into_iter().chain([1, 8, 1 << 31]) {
            let count = hashes.iter().filter(|other| **other == hash).count();
            assert!((0..5).all(|times| sorted.has_more(hash, times) == (count > times)), "{hash}");
        }
        assert!(!Sorted::of(&[]).has_more(0, 0) && !Sorted::default().has_more(0, 0));
    }

    #[test]
    fn topics_are_long_words_and_pairs_of_ideographs() {
        let count = |text: &str| {
            let mut count = 0;
            telling(text, |_| count += 1);
            count
        };
        assert_eq!((count("The ferry sails to Northern islands"), count("渡し船が")), (4, 3));
    }
}
