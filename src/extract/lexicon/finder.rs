//! Finds the words by which phrases are known, by their first bytes, where words begin: at most places of most texts
//! two bytes are enough to know that none of them stands there, or that the text is too long for it.

use super::fold::{Folded, is_in_word};
use super::pattern::{Bytes, is_spaceless};
use super::script::{is_arabic, is_hangul};
use crate::extract::letters::{Eight, is_letter_or_digit};
use std::cell::{Cell, OnceCell};
use std::collections::HashSet;

/// Where in a text an anchor is of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// At its beginning or behind the marks there: the phrase begins the text, with these words.
    Beginning,
    Anywhere,
}

/// A block's text, and what a phrase may ask of it.
pub(super) struct Searched<'t> {
    pub(super) folded: &'t Folded<'t>,
    /// Its length in characters.
    pub(super) chars: u32,
    /// Its length in characters or, where that is less, in bytes of folded text: never more than a limit on either
    /// that it keeps.
    pub(super) size: u16,
    pub(super) is_heading: bool,
    /// What a phrase may begin with: the text's first byte, and the one behind the marks there.
    first_bytes: [u8; 2],
    /// Where in the folded text the first letter or digit stands.
    pub(super) first_word: usize,
    pub(super) particles: &'t HashSet<String>,
    /// Long texts are not asked.
    word_starts: OnceCell<Vec<u32>>,
    /// Room for them.
    room: Cell<Vec<u32>>,
}

impl<'t> Searched<'t> {
    pub(super) fn new(folded: &'t Folded<'t>, chars: u32, is_heading: bool, particles: &'t HashSet<String>) -> Self {
        let first_word = first_word(folded.text()).unwrap_or(0);
        let size = limit(chars, folded.text().len());
        let first_bytes = [0, first_word].map(|at| folded.text().as_bytes().get(at).copied().unwrap_or(0));
        let (word_starts, room) = (OnceCell::new(), Cell::default());
        Self { folded, chars, size, is_heading, first_bytes, first_word, particles, word_starts, room }
    }

    /// With the room that a text before it has left.
    pub(super) fn in_room(self, room: Vec<u32>) -> Self {
        Self { room: Cell::new(room), ..self }
    }

    /// Leaves its room to another.
    pub(super) fn into_room(self) -> Vec<u32> {
        self.word_starts.into_inner().unwrap_or(self.room.into_inner())
    }

    /// Whether it begins with one of some bytes, behind marks or at once.
    fn may_begin(&self, openings: &Bytes) -> bool {
        self.first_bytes.iter().any(|first| openings.has(*first))
    }

    /// Where in the folded text words may begin.
    fn word_starts(&self) -> &[u32] {
        self.word_starts.get_or_init(|| word_starts(self.folded.text(), self.room.take()))
    }
}

/// The lesser of a number of characters and one of bytes.
pub(super) fn limit(chars: u32, bytes: usize) -> u16 {
    u16::try_from(bytes.min(chars as usize)).unwrap_or(u16::MAX)
}

/// Where the first letter or digit stands.
pub(super) fn first_word(text: &str) -> Option<usize> {
    text.find(is_letter_or_digit)
}

/// Words that phrases are known by, and whose each is.
#[derive(Debug)]
pub(super) struct Finder<O> {
    beginnings: Starts<O>,
    anywhere: Starts<O>,
}

impl<O: Copy> Finder<O> {
    pub(super) fn new<'a>(anchors: impl Iterator<Item = Anchor<'a, O>>) -> Self {
        let (beginnings, anywhere): (Vec<_>, Vec<_>) = anchors.partition(|anchor| anchor.place == Place::Beginning);
        Self { beginnings: Starts::new(&beginnings), anywhere: Starts::new(&anywhere) }
    }

    /// The owner and the place of each word in the text: first those at its beginning, then by where they end and
    /// begin.
    pub(super) fn find(&self, text: &Searched<'_>) -> impl Iterator<Item = (O, usize)> + use<'_, O> {
        let bytes = text.folded.text().as_bytes();
        let behind_marks = Some(text.first_word).filter(|first_word| *first_word > 0);
        // Where they end and begin, their numbers and whose they are.
        let mut found: Vec<(usize, usize, u32, O)> = Vec::new();
        for at in [Some(0), behind_marks].into_iter().flatten() {
            self.beginnings.find_at(bytes, at, text, |word| found.push((0, at, 0, word.owner)));
        }
        let beginnings = found.len();
        if self.anywhere.longest >= text.size {
            for at in text.word_starts() {
                let at = *at as usize;
                let mut add = |word: &Word<O>| found.push((at + word.text.len(), at, word.number, word.owner));
                self.anywhere.find_at(bytes, at, text, &mut add);
            }
            found[beginnings..].sort_unstable_by_key(|(end, at, number, _)| (*end, *at, *number));
        }
        found.into_iter().map(|(_, at, _, owner)| (owner, at))
    }
}

/// The most telling words of a phrase.
#[derive(Debug, Clone, Copy)]
pub(super) struct Anchor<'a, O> {
    pub(super) owner: O,
    pub(super) words: &'a str,
    pub(super) place: Place,
    /// The longest text in which they are of use, as [`Searched::size`] counts.
    pub(super) longest: u16,
    /// The bytes that the text may begin with, where the phrase begins it; `None` where that may be any.
    pub(super) openings: Option<Bytes>,
}

impl<'a, O> Anchor<'a, O> {
    /// The same for an owner among more.
    pub(super) fn of<P>(self, owner: P) -> Anchor<'a, P> {
        Anchor { owner, words: self.words, place: self.place, longest: self.longest, openings: self.openings }
    }
}

/// Words by their first bytes.
#[derive(Debug)]
struct Starts<O> {
    longest: u16,
    /// By [`pair`].
    pairs: Box<[Pair; PAIRS]>,
    keys: KeyBits,
    /// For each key, in the first slot that was free from its hash on, where its words begin in `words`.
    slots: Vec<Option<Slot>>,
    /// By key, those of a key in the order in which they came.
    words: Vec<Word<O>>,
    /// What texts may begin with, each once; first the set of all bytes.
    openings: Vec<Bytes>,
}

/// What is known of words by their first two bytes.
#[derive(Debug, Clone, Copy, Default)]
struct Pair {
    /// The longest text in which one of them is of use, 0 where there are none.
    longest: u16,
    /// By how many bytes they are looked up: a bit for each number.
    lengths: u8,
}

/// The words of a key.
#[derive(Debug, Clone, Copy)]
struct Slot {
    key: u32,
    first: u32,
    /// The longest text in which one of them is of use.
    longest: u16,
}

#[derive(Debug)]
struct Word<O> {
    /// The first [`FIRST_BYTES`]; of shorter words the rest is zero.
    key: u32,
    /// The next as many, and a mask of those that there are.
    next: u32,
    mask: u32,
    text: Box<str>,
    /// Whether it ends in a small letter of ASCII: where another follows, a longer word stands.
    ends_in_letter: bool,
    /// Which of the openings a text must have.
    opening: u16,
    longest: u16,
    /// Which of the anchors it was.
    number: u32,
    owner: O,
}

/// By how many bytes words are looked up.
const FIRST_BYTES: usize = 4;

const PAIRS: usize = 1 << 12;

/// A bit for the hash of each key, which mostly tells that there is none: some ten bits a key, so that those of a language
/// stay close to the processor.
#[derive(Debug)]
struct KeyBits {
    words: Vec<u64>,
    /// How far a hash is shifted to be a bit's number.
    shift: u32,
}

impl KeyBits {
    fn of<O>(words: &[Word<O>]) -> Self {
        let bits = (10 * words.len()).next_power_of_two().max(1 << 10);
        let mut keys = Self { words: vec![0; bits / 64], shift: 32 - bits.trailing_zeros() };
        for word in words {
            let bit = keys.bit(word.key);
            keys.words[bit / 64] |= 1 << (bit % 64);
        }
        keys
    }

    fn bit(&self, key: u32) -> usize {
        (key.wrapping_mul(0x9e37_79b1) >> self.shift) as usize
    }

    fn may_have(&self, key: u32) -> bool {
        let bit = self.bit(key);
        self.words[bit / 64] >> (bit % 64) & 1 != 0
    }
}

/// A number for the first two bytes, of which most pairs of small letters have one of their own.
fn pair(first: u8, second: u8) -> usize {
    (usize::from(first) << 5 ^ usize::from(second)) % PAIRS
}

impl<O: Copy> Starts<O> {
    fn new(anchors: &[Anchor<'_, O>]) -> Self {
        let mut pairs = Box::new([Pair::default(); PAIRS]);
        let mut words = Vec::with_capacity(anchors.len());
        let mut openings = vec![Bytes::ALL];
        for (number, anchor) in (0..).zip(anchors) {
            let bytes = anchor.words.as_bytes();
            let Some(&first) = bytes.first() else { continue };
            // What follows a word of one byte is not known.
            for second in bytes.get(1).map_or(0..=u8::MAX, |second| *second..=*second) {
                let pair: &mut Pair = &mut pairs[pair(first, second)];
                pair.longest = anchor.longest.max(pair.longest);
                pair.lengths |= 1 << bytes.len().min(FIRST_BYTES);
            }
            let (key, longest) = (key_of(bytes), anchor.longest);
            let more = bytes.get(FIRST_BYTES..).unwrap_or_default();
            let (next, mask) = (key_of(more), mask_of(more.len()));
            let opening = anchor.openings.unwrap_or(Bytes::ALL);
            let known = openings.iter().position(|known| *known == opening);
            let opening = known.unwrap_or_else(|| {
                openings.push(opening);
                openings.len() - 1
            });
            words.push(Word {
                key,
                next,
                mask,
                text: anchor.words.into(),
                ends_in_letter: bytes.last().is_some_and(u8::is_ascii_lowercase),
                opening: opening as u16,
                longest,
                number,
                owner: anchor.owner,
            });
        }
        words.sort_by_key(|word| word.key);
        let longest = words.iter().map(|word| word.longest).max().unwrap_or(0);
        let keys = KeyBits::of(&words);
        Self { longest, pairs, keys, slots: slots(&words), words, openings }
    }

    /// Calls `each` with the words of use that stand at a place of a text, by the length of what they are looked
    /// up by; not with beginnings of longer ones, as far as letters of ASCII tell.
    #[inline]
    fn find_at(&self, bytes: &[u8], at: usize, text: &Searched<'_>, each: impl FnMut(&Word<O>)) {
        let rest = &bytes[at..];
        let pair = match rest {
            [first, second, ..] => self.pairs[pair(*first, *second)],
            [first] => self.pairs[pair(*first, 0)],
            [] => return,
        };
        if pair.longest >= text.size {
            self.find_known(rest, pair.lengths, text, each);
        }
    }

    fn find_known(&self, rest: &[u8], lengths: u8, text: &Searched<'_>, mut each: impl FnMut(&Word<O>)) {
        let (key, next) = (key_of(rest), key_of(rest.get(FIRST_BYTES..).unwrap_or_default()));
        // A bit for each length, none for more than there is.
        let mut lengths = lengths & u8::MAX >> (7 - FIRST_BYTES.min(rest.len()));
        while lengths != 0 {
            let length = lengths.trailing_zeros() as usize;
            lengths &= lengths - 1;
            let key = key & u32::MAX >> (8 * (FIRST_BYTES - length));
            let of_key = self.words_from(key, text.size).iter().take_while(|word| word.key == key);
            let stands = |word: &&Word<O>| {
                next & word.mask == word.next
                    && word.longest >= text.size
                    && (word.opening == 0 || text.may_begin(&self.openings[usize::from(word.opening)]))
                    && (word.text.len() <= 2 * FIRST_BYTES || rest.starts_with(word.text.as_bytes()))
                    && !(word.ends_in_letter && rest.get(word.text.len()).is_some_and(u8::is_ascii_lowercase))
            };
            of_key.filter(stands).for_each(&mut each);
        }
    }

    /// The words from the first with a key on, if one of those is of use in a text of some size.
    fn words_from(&self, key: u32, size: u16) -> &[Word<O>] {
        if !self.keys.may_have(key) {
            return &[];
        }
        let mut number = slot_of(key, self.slots.len());
        while let Some(slot) = self.slots[number] {
            if slot.key == key {
                return if slot.longest >= size { &self.words[slot.first as usize..] } else { &[] };
            }
            number = (number + 1) & (self.slots.len() - 1);
        }
        &[]
    }
}

fn slots<O>(words: &[Word<O>]) -> Vec<Option<Slot>> {
    let mut slots: Vec<Option<Slot>> = vec![None; (2 * words.len() + 1).next_power_of_two()];
    let mut first = 0;
    for alike in words.chunk_by(|a, b| a.key == b.key) {
        let key = alike[0].key;
        let mut number = slot_of(key, slots.len());
        while slots[number].is_some() {
            number = (number + 1) & (slots.len() - 1);
        }
        let longest = alike.iter().map(|word| word.longest).max().unwrap_or(0);
        slots[number] = Some(Slot { key, first, longest });
        first += alike.len() as u32;
    }
    slots
}

/// Where the search for a key begins, among a power of two of slots (multiplicative hashing, Knuth).
fn slot_of(key: u32, slots: usize) -> usize {
    (key.wrapping_mul(0x9e37_79b1) >> 12) as usize & (slots - 1)
}

/// The bytes of a key that a word of so many has.
fn mask_of(bytes: usize) -> u32 {
    u32::MAX.checked_shr(8 * FIRST_BYTES.saturating_sub(bytes) as u32).unwrap_or(0)
}

fn key_of(bytes: &[u8]) -> u32 {
    if let Some(first) = bytes.first_chunk::<FIRST_BYTES>() {
        return u32::from_le_bytes(*first);
    }
    let mut first = [0; FIRST_BYTES];
    first[..bytes.len()].copy_from_slice(bytes);
    u32::from_le_bytes(first)
}

/// Where in a folded text words may begin, in the room of `starts`: all places where `pattern::is_boundary` has a
/// boundary are among them.
fn word_starts(text: &str, mut starts: Vec<u32>) -> Vec<u32> {
    let bytes = text.as_bytes();
    starts.clear();
    starts.reserve(text.len() / 4 + 1);
    let (mut at, mut is_behind_letter) = (0, false);
    while at < bytes.len() {
        if let Some(eight) = Eight::of_ascii(&bytes[at..]) {
            let letters = eight.small_letters();
            let mut here = eight.others_than(b' ') & !(letters & (letters << 8 | u64::from(is_behind_letter) << 7));
            while here != 0 {
                starts.push((at + here.trailing_zeros() as usize / 8) as u32);
                here &= here - 1;
            }
            is_behind_letter = letters >> 63 != 0;
            at += 8;
            continue;
        }
        let Some(c) = text[at..].chars().next() else { break };
        let is_letter = joins(c);
        if c != ' ' && !(is_letter && is_behind_letter) {
            starts.push(at as u32);
        }
        is_behind_letter = is_letter;
        at += c.len_utf8();
    }
    starts
}

/// Whether no word begins between two such characters. Digits are left to whoever looks closer, and in some scripts
/// words may begin anywhere.
fn joins(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_lowercase();
    }
    is_in_word(c) && !is_spaceless(c) && !is_hangul(c) && !is_arabic(c)
}

#[cfg(test)]
mod tests {
    use super::super::pattern::is_boundary;
    use super::*;

    #[test]
    fn words_may_begin_at_every_boundary() {
        for text in [
            "so it's 5min, (by ann)",
            "the 7 boats of l'île d'yeu, 12.5 km",
            "뉴스레터를 구독",
            "والنشرة واشترك",
            "関連記事 a文b",
            "ünlü привет, мир",
            "यह भी पढ़ें",
        ] {
            let starts = word_starts(text, Vec::new());
            let is_start = |at: usize| is_boundary(text, at) && !text[at..].starts_with(' ');
            for at in text.char_indices().map(|(at, _)| at).filter(|at| is_start(*at)) {
                assert!(starts.contains(&(at as u32)), "{text} at {at}");
            }
        }
        assert_eq!(word_starts("so it's 5min", vec![7]), [0, 3, 5, 6, 8, 9]);
    }

    #[test]
    fn finds_what_a_look_at_every_place_finds() {
        let words =
            ["a", "ad", "add", "adds", "adder", "addition", "additional", "ferry", "ferry to", "©", "文章", "文"];
        let anchors = words.iter().enumerate().map(|(owner, words)| {
            let place = if owner % 3 == 0 { Place::Beginning } else { Place::Anywhere };
            let openings = (owner % 4 == 1).then(|| Bytes::of(b"a-".iter().copied()));
            Anchor { owner, words, place, longest: if owner % 2 == 0 { 40 } else { 80 }, openings }
        });
        let (finder, particles) = (Finder::new(anchors.clone()), HashSet::new());
        for text in
            ["adds", "- additional ferry to add ad", "ferry to addition; adder", "a 文章文 © ad", "文", "x ad", "ferry"]
        {
            for padded in [text.to_owned(), format!("{text} {}", "x".repeat(45))] {
                let folded = Folded::new(&padded);
                let searched = Searched::new(&folded, padded.chars().count() as u32, false, &particles);
                let stands = |anchor: &Anchor<'_, usize>, at: usize| {
                    let begins = at == 0 || at == searched.first_word;
                    let rest = padded[at..].strip_prefix(anchor.words);
                    let goes_on = |rest: &str| {
                        anchor.words.ends_with(|c: char| c.is_ascii_lowercase())
                            && rest.starts_with(|c: char| c.is_ascii_lowercase())
                    };
                    rest.is_some_and(|rest| !goes_on(rest))
                        && anchor.openings.is_none_or(|openings| searched.may_begin(&openings))
                        && searched.size <= anchor.longest
                        && (anchor.place == Place::Anywhere && is_boundary(&padded, at)
                            || anchor.place == Place::Beginning && begins)
                };
                let places = padded.char_indices().map(|(at, _)| at);
                let mut expected: Vec<(usize, usize)> = places
                    .flat_map(|at| anchors.clone().filter(move |it| stands(it, at)).map(move |it| (it.owner, at)))
                    .collect();
                let mut found: Vec<(usize, usize)> = finder.find(&searched).collect();
                expected.sort_unstable();
                found.sort_unstable();
                assert_eq!(found, expected, "{padded}");
            }
        }
    }
}
