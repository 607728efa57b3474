//! The words of a line: those that the model has learnt weights of, and those that tell what it is about.
//!
//! A learnt word is known by the FNV-1a hash of its UTF-8 bytes, lower case, numbers as `0`. `near` are the
//! words of a short line and their pairs, the whole of a very short one (`=more news`), the first of any line
//! (`^by`) and the last (`ago$`); `far` are the beginnings and wholes of the lines before and behind.

use super::words::{TokenTable, fnv1a_32};
use crate::extract::block::BlockId;
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

/// Shortest word that tells a topic, in characters.
const TELLING_CHARS: usize = 5;

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
    pub(super) fn gather(view: &View<'_>, best: Range<BlockId>) -> Self {
        let (mut words, mut ends) = (Vec::new(), Vec::with_capacity(view.blocks.blocks.len()));
        for block in &view.blocks.blocks {
            let start = words.len();
            telling(view.blocks.text(block), |hash| words.push(hash));
            words[start..].sort_unstable();
            let mut kept = start;
            for at in start..words.len() {
                if kept == start || words[kept - 1] != words[at] {
                    words[kept] = words[at];
                    kept += 1;
                }
            }
            words.truncate(kept);
            ends.push(words.len() as u32);
        }
        let mut found = Self { words, ends, known: Vec::new(), best: best.clone() };
        let mut all: Vec<u32> = best.flat_map(|id| found.of(id).to_vec()).collect();
        all.sort_unstable();
        found.known = all.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u32)).collect();
        found
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
    const START: u32 = 0x811c_9dc5;
    let mix = |hash: u32, c: char| (hash ^ c as u32).wrapping_mul(0x0100_0193);
    let (mut hash, mut chars, mut before, mut left) = (START, 0, None, COMPARED);
    for c in text.chars().chain([' ']) {
        if left == 0 {
            return;
        }
        if is_spaceless(c) {
            if let Some(before) = before.replace(c) {
                each(mix(mix(START, before), c));
                left -= 1;
            }
            continue;
        }
        before = None;
        if c.is_alphanumeric() {
            hash = mix(hash, if c.is_ascii() { c.to_ascii_lowercase() } else { c.to_lowercase().next().unwrap_or(c) });
            chars += 1;
        } else {
            if chars >= TELLING_CHARS {
                each(hash);
                left -= 1;
            }
            (hash, chars) = (START, 0);
        }
    }
}

/// A line's words for learning.
struct Words {
    /// The first of the line, [`SHORT`] at most and one more where there are more.
    first: Vec<String>,
    last: String,
    is_short: bool,
}

fn words(text: &str) -> Words {
    let mut found = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let first: Vec<String> = found.by_ref().take(SHORT + 1).map(learnt).collect();
    let is_short = first.len() <= SHORT;
    let last =
        text.rsplit(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty()).map(learnt).unwrap_or_default();
    Words { first, last, is_short }
}

/// A word as it is learnt: lower case, cut, `0` for a number.
fn learnt(word: &str) -> String {
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        return "0".to_owned();
    }
    let mut lower = word.to_lowercase();
    let end = (0..=WORD_BYTES.min(lower.len())).rev().find(|end| lower.is_char_boundary(*end));
    lower.truncate(end.unwrap_or(0));
    lower
}

/// Calls `each` with every near word of a line.
fn each_near(words: &Words, mut each: impl FnMut(&str)) {
    each_far(words, &mut each);
    if words.last.is_empty() {
        return;
    }
    each(&format!("{}$", words.last));
    if words.is_short {
        words.first.iter().for_each(|word| each(word));
    }
    if words.first.len() <= PAIRED {
        words.first.windows(2).for_each(|pair| each(&format!("{} {}", pair[0], pair[1])));
    }
}

/// Calls `each` with what a line tells those beside it: its beginning, and the whole of a very short one.
fn each_far(words: &Words, mut each: impl FnMut(&str)) {
    let [first, rest @ ..] = words.first.as_slice() else { return };
    each(&format!("^{first}"));
    if let [second, ..] = rest {
        each(&format!("^{first} {second}"));
    }
    if words.first.len() <= WHOLE {
        each(&format!("={}", words.first.join(" ")));
    }
}

/// The near and the far words of a line as they are written for training.
pub(super) fn around(view: &View<'_>, id: BlockId) -> (Vec<String>, Vec<String>) {
    let text = |id: BlockId| view.blocks.text(&view.blocks.blocks[id]);
    let (mut near, mut far) = (Vec::new(), Vec::new());
    each_near(&words(text(id)), |word| near.push(word.to_owned()));
    let beside = [id.checked_sub(1), Some(id + 1).filter(|id| *id < view.blocks.blocks.len())];
    for id in beside.into_iter().flatten() {
        each_far(&words(text(id)), |word| far.push(word.to_owned()));
    }
    for words in [&mut near, &mut far] {
        words.sort_unstable();
        words.dedup();
    }
    (near, far)
}

/// The score of every line.
pub(super) fn scores(view: &View<'_>, table: &TokenTable) -> Vec<f32> {
    let mut near: Vec<Vec<u16>> = Vec::with_capacity(view.blocks.blocks.len());
    let mut far: Vec<Vec<u16>> = Vec::with_capacity(view.blocks.blocks.len());
    let find = |word: &str, found: &mut Vec<u16>| found.extend(table.place_of(fnv1a_32(word.as_bytes())));
    for block in &view.blocks.blocks {
        let words = words(view.blocks.text(block));
        let (mut own, mut told) = (Vec::new(), Vec::new());
        each_near(&words, |word| find(word, &mut own));
        each_far(&words, |word| find(word, &mut told));
        near.push(distinct(own));
        far.push(told);
    }
    let count = near.len();
    let score = |id: usize| {
        let beside = [id.checked_sub(1), Some(id + 1).filter(|id| *id < count)];
        let told = distinct(beside.into_iter().flatten().flat_map(|id| far[id].clone()).collect());
        let sum: i32 = near[id].iter().map(|place| table.near(*place)).sum();
        table.score(sum + told.into_iter().map(|place| table.far(place)).sum::<i32>())
    };
    (0..count).map(score).collect()
}

fn distinct(mut places: Vec<u16>) -> Vec<u16> {
    places.sort_unstable();
    places.dedup();
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(text: &str) -> Vec<String> {
        let mut near = Vec::new();
        each_near(&words(text), |word| near.push(word.to_owned()));
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
