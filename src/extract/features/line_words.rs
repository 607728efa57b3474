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
    /// Sorted by hash: in how many lines of the best run it stands.
    known: Vec<(u32, u32)>,
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
        self.best = best.clone();
        let mut all: Vec<u32> = best.flat_map(|id| self.of(id)).copied().collect();
        all.sort_unstable();
        self.known = all.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u32)).collect();
    }

    fn of(&self, id: BlockId) -> &[u32] {
        let start = id.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.words[start..self.ends[id] as usize]
    }

    /// Shares of a line's telling words that other lines of the best run have, and that the headline has;
    /// -1 for a line without any.
    pub(super) fn shared(&self, id: BlockId, title: Option<BlockId>) -> (f32, f32) {
        let own = self.of(id);
        if own.is_empty() {
            return (-1.0, -1.0);
        }
        let is_in_best = u32::from(self.best.contains(&id));
        let is_known = |word: &&u32| {
            self.known.binary_search_by_key(*word, |known| known.0).is_ok_and(|at| self.known[at].1 > is_in_best)
        };
        let title = title.map(|title| self.of(title)).unwrap_or_default();
        let known = own.iter().filter(is_known).count() as f32;
        let titled = own.iter().filter(|word| title.binary_search(word).is_ok()).count() as f32;
        (known / own.len() as f32, titled / own.len() as f32)
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
        let is_sign = |c: char| !is_letter_or_digit(c);
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
        if let Some(last) = line.rsplit(is_sign).find(|word| !word.is_empty()) {
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

/// Calls `each` with the pieces of every near word of a line.
fn each_near(words: &Words, mut each: impl FnMut(&[&str])) {
    each_far(words, &mut each);
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

/// Calls `each` with the pieces of what a line tells those beside it: its beginning, and the whole of a very short one.
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
        own.clear();
        each_near(&words, |pieces| own.extend(table.place_of(fnv::pieces_32(pieces))));
        each_far(&words, |pieces| far.extend(table.place_of(fnv::pieces_32(pieces))));
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
    fn topics_are_long_words_and_pairs_of_ideographs() {
        let count = |text: &str| {
            let mut count = 0;
            telling(text, |_| count += 1);
            count
        };
        assert_eq!((count("The ferry sails to Northern islands"), count("渡し船が")), (4, 3));
    }
}
