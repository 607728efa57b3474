//! What the characters of a block say, counted in one pass.

use super::word_hash::word_hash;
use crate::extract::block::{BlockId, Blocks};
use crate::extract::fnv::FastMap;
use crate::extract::letters::{is_capital, is_letter_or_digit};
use crate::extract::measure::{ends_in_sentence, is_spaceless};
use crate::extract::rules::View;
use foldhash::fast::RandomState;
use std::hash::BuildHasher;

pub(super) const ENDS_SENTENCE: u16 = 1;
pub(super) const ENDS_COLON: u16 = 1 << 1;
pub(super) const ENDS_ELLIPSIS: u16 = 1 << 2;
pub(super) const STARTS_LOWER: u16 = 1 << 3;
pub(super) const STARTS_QUOTE: u16 = 1 << 4;
pub(super) const ALL_CAPITALS: u16 = 1 << 5;
pub(super) const PRICE: u16 = 1 << 6;
pub(super) const CLOCK: u16 = 1 << 7;
pub(super) const ADDRESS: u16 = 1 << 8;
pub(super) const COPYRIGHT: u16 = 1 << 9;
pub(super) const SPACELESS: u16 = 1 << 10;

/// Most words of a block that is compared with titles, or with the description.
const COMPARED_WORDS: usize = 120;

/// Titles that are compared: one bit each, the highest is the description's.
const TITLES: usize = 7;
const DESCRIPTION: u8 = 1 << TITLES;

/// Counts and signs of one block.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TextFacts {
    /// Runs of letters and digits; a character of a script without spaces is one.
    pub(super) words: u32,
    pub(super) letters: u32,
    pub(super) digits: u32,
    pub(super) capitalised: u32,
    /// Words of at most three letters.
    pub(super) short_words: u32,
    pub(super) commas: u32,
    pub(super) pipes: u16,
    pub(super) exclamations: u16,
    pub(super) questions: u16,
    signs: u16,
    /// How often the same words stand on the page as a block.
    pub(super) copies: u32,
    /// Jaccard index of its words and the likest title's.
    pub(super) title_likeness: f32,
    /// Share of its words, and of its runs of three, that the description has; -1 without one.
    pub(super) description_share: f32,
    pub(super) description_grams: f32,
}

impl TextFacts {
    pub(super) fn has(&self, sign: u16) -> bool {
        self.signs & sign != 0
    }
}

/// The facts of every block.
pub(super) fn facts(view: &View<'_>) -> Vec<TextFacts> {
    read_all(view, view.memo.originals(view.blocks), |_, _, _| {})
}

/// The same; `each` is called with the text of each block in order, its facts and the hashes of its longer words.
pub(super) fn facts_and_words(view: &View<'_>, each: impl FnMut(&str, &TextFacts, &[u32])) -> Vec<TextFacts> {
    read_all(view, &[], each)
}

/// `originals`: for each block one whose facts are its own too; for those that have another one there, `each` is not
/// called.
fn read_all(view: &View<'_>, originals: &[BlockId], mut each: impl FnMut(&str, &TextFacts, &[u32])) -> Vec<TextFacts> {
    let known = Known::new(view);
    let Blocks { blocks, .. } = view.blocks;
    let (mut words, mut seen, hasher) = (Words::default(), Seen::new(), RandomState::default());
    let mut texts = Vec::with_capacity(blocks.len());
    let mut keys: Vec<(u64, BlockId)> = Vec::with_capacity(blocks.len());
    for (id, block) in blocks.iter().enumerate() {
        if let Some(known) = originals.get(id).filter(|original| **original < id) {
            keys.push((keys[*known].0, id));
            texts.push(texts[*known]);
            continue;
        }
        let text = view.blocks.text(block);
        let mut facts = read(text, &mut words);
        each(text, &facts, &words.long);
        let key = hasher.hash_one(&words.all);
        keys.push((key, id));
        known.compare(&mut facts, &words.all, &mut seen);
        texts.push(facts);
    }
    keys.sort_unstable();
    for copies in keys.chunk_by(|a, b| a.0 == b.0) {
        copies.iter().for_each(|(_, id)| texts[*id].copies = copies.len() as u32);
    }
    texts
}

/// The word being read; none where it has no letters.
#[derive(Clone, Copy)]
struct Word {
    start: usize,
    letters: u32,
    starts_upper: bool,
    is_ascii: bool,
}

impl Word {
    const NONE: Self = Self { start: 0, letters: 0, starts_upper: false, is_ascii: true };

    /// Takes letters or digits that begin at a place.
    fn take(&mut self, letters: u32, at: usize, is_upper: bool, is_ascii: bool) {
        if self.letters == 0 {
            (self.start, self.starts_upper) = (at, is_upper);
        }
        self.letters += letters;
        self.is_ascii &= is_ascii;
    }
}

/// Shortest word that tells a topic, in characters.
pub(super) const TELLING_CHARS: u32 = 5;

/// The hashes of a text's words ([`word_hash`]): all, and those that tell a topic.
#[derive(Debug, Default)]
struct Words {
    all: Vec<u32>,
    long: Vec<u32>,
    /// Room to write a word in.
    small: String,
}

/// Small letters, capitals and digits, sixteen bits each.
const SMALL: u64 = 1;
const CAPITAL: u64 = 1 << 16;
const DIGIT: u64 = 1 << 32;

/// How many bytes are counted so before a number may not fit.
const MOST_COUNTED: usize = 1 << 15;

/// What each byte adds to the counts; nothing for what is no letter or digit of ASCII.
const COUNTS: [u64; 256] = {
    let mut counts = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        counts[byte] = match byte as u8 {
            b'a'..=b'z' => SMALL,
            b'A'..=b'Z' => CAPITAL,
            b'0'..=b'9' => DIGIT,
            _ => 0,
        };
        byte += 1;
    }
    counts
};

/// Reads a text; `words` become its own.
fn read(text: &str, words: &mut Words) -> TextFacts {
    words.all.clear();
    words.long.clear();
    let bytes = text.as_bytes();
    let mut facts = TextFacts::default();
    let mut word = Word::NONE;
    let (mut upper, mut lower) = (0_u32, 0_u32);
    let mut first_letter = None;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        // Most bytes of most texts are ASCII: those need no decoding, and no table of Unicode.
        if COUNTS[usize::from(byte)] != 0 {
            let (start, mut counts) = (at, 0);
            let most = bytes.len().min(start + MOST_COUNTED);
            let of_bytes = bytes[start..most].iter().map(|byte| COUNTS[usize::from(*byte)]);
            for count in of_bytes.take_while(|count| *count != 0) {
                counts += count;
                at += 1;
            }
            first_letter.get_or_insert(char::from(byte));
            word.take((at - start) as u32, start, byte.is_ascii_uppercase(), true);
            lower += u32::from(counts as u16);
            upper += u32::from((counts >> 16) as u16);
            facts.digits += (counts >> 32) as u32;
            if byte.is_ascii_digit() && is_clock(text, start) {
                facts.signs |= CLOCK;
            }
            continue;
        }
        if byte.is_ascii() {
            close(&mut word, &mut facts, words, text, at);
            if byte != b' ' {
                sign(&mut facts, char::from(byte));
            }
            at += 1;
            continue;
        }
        let Some(c) = text[at..].chars().next() else { break };
        let end = at + c.len_utf8();
        if is_letter_or_digit(c) {
            let is_apart = is_spaceless(c);
            if is_apart {
                close(&mut word, &mut facts, words, text, at);
                facts.signs |= SPACELESS;
            }
            first_letter.get_or_insert(c);
            let is_upper = is_capital(c);
            word.take(1, at, is_upper, false);
            upper += u32::from(is_upper);
            lower += u32::from(!is_upper);
            if is_apart {
                close(&mut word, &mut facts, words, text, end);
            }
        } else {
            close(&mut word, &mut facts, words, text, at);
            sign(&mut facts, c);
        }
        at = end;
    }
    close(&mut word, &mut facts, words, text, text.len());
    set_ends(&mut facts, text);
    if upper >= 2 && lower == 0 {
        facts.signs |= ALL_CAPITALS;
    }
    if first_letter.is_some_and(char::is_lowercase) {
        facts.signs |= STARTS_LOWER;
    }
    facts
}

/// Whether a digit stands behind a colon, and that behind a digit.
fn is_clock(text: &str, at: usize) -> bool {
    matches!(text.as_bytes()[..at], [.., hour, b':'] if hour.is_ascii_digit())
}

fn close(word: &mut Word, facts: &mut TextFacts, words: &mut Words, text: &str, end: usize) {
    if word.letters == 0 {
        return;
    }
    let word = std::mem::replace(word, Word::NONE);
    facts.words += 1;
    facts.letters += word.letters;
    facts.capitalised += u32::from(word.starts_upper);
    facts.short_words += u32::from(word.letters <= 3);
    if matches!(&text.as_bytes()[word.start..end], b"http" | b"https" | b"www") {
        facts.signs |= ADDRESS;
    }
    let hash = word_hash(text, word.start..end, word.is_ascii, &mut words.small);
    words.all.push(hash);
    if word.letters >= TELLING_CHARS {
        words.long.push(hash);
    }
}

fn sign(facts: &mut TextFacts, c: char) {
    match c {
        ',' | ';' | '，' | '、' | '；' | '،' => facts.commas += 1,
        '|' | '»' | '›' | '•' | '·' | '→' | '▶' => facts.pipes = facts.pipes.saturating_add(1),
        '!' | '！' => facts.exclamations = facts.exclamations.saturating_add(1),
        '?' | '？' | '؟' => facts.questions = facts.questions.saturating_add(1),
        '$' | '€' | '£' | '¥' | '₹' | '₽' | '₴' => facts.signs |= PRICE,
        '@' => facts.signs |= ADDRESS,
        '©' => facts.signs |= COPYRIGHT,
        _ => {}
    }
}

fn set_ends(facts: &mut TextFacts, text: &str) {
    if ends_in_sentence(text) {
        facts.signs |= ENDS_SENTENCE;
    }
    if text.ends_with([':', '：']) {
        facts.signs |= ENDS_COLON;
    }
    if text.ends_with('…') || text.ends_with("...") {
        facts.signs |= ENDS_ELLIPSIS;
    }
    if text.starts_with(['"', '“', '„', '«', '‘', '「', '\'']) {
        facts.signs |= STARTS_QUOTE;
    }
}

/// What the page's head says of the article.
struct Known {
    words: KnownWords,
    /// Distinct words of each title.
    sizes: [u32; TITLES],
    has_description: bool,
    /// The description's runs of three words, sorted.
    grams: Vec<[u32; 3]>,
}

impl Known {
    fn new(view: &View<'_>) -> Self {
        let (mut sizes, mut has_description, mut grams) = ([0; TITLES], false, Vec::new());
        let (mut words, mut found) = (Words::default(), Vec::new());
        for (title, headline) in view.evidence.headlines.iter().take(TITLES).enumerate() {
            read(headline, &mut words);
            words.all.sort_unstable();
            words.all.dedup();
            sizes[title] = words.all.len() as u32;
            found.extend(words.all.iter().map(|word| (*word, 1 << title)));
        }
        if let Some(description) = &view.evidence.description {
            read(description, &mut words);
            has_description = !words.all.is_empty();
            grams.extend(words.all.windows(3).map(|gram| [gram[0], gram[1], gram[2]]));
            grams.sort_unstable();
            found.extend(words.all.iter().map(|word| (*word, DESCRIPTION)));
        }
        Self { words: KnownWords::new(&found), sizes, has_description, grams }
    }

    /// Compares a block's words.
    fn compare(&self, facts: &mut TextFacts, words: &[u32], seen: &mut Seen) {
        (facts.description_share, facts.description_grams) = (-1.0, -1.0);
        if self.words.is_empty() || words.is_empty() || words.len() > COMPARED_WORDS {
            return;
        }
        seen.clear();
        let (mut distinct, mut described, mut shared) = (0_u32, 0_u32, [0_u32; TITLES]);
        for word in words.iter().filter(|word| seen.is_new(**word)) {
            distinct += 1;
            let places = self.words.places(*word);
            if places == 0 {
                continue;
            }
            for (title, shared) in shared.iter_mut().enumerate() {
                *shared += u32::from(places >> title & 1);
            }
            described += u32::from(places & DESCRIPTION != 0);
        }
        if self.has_description {
            facts.description_share = described as f32 / distinct as f32;
            facts.description_grams = if described == 0 { 0.0 } else { self.gram_share(words) };
        }
        let likeness = |(shared, size): (&u32, &u32)| *shared as f32 / (distinct + size - shared).max(1) as f32;
        facts.title_likeness = shared.iter().zip(&self.sizes).map(likeness).fold(0.0, f32::max);
    }

    /// The share of some words' runs of three that the description has.
    fn gram_share(&self, words: &[u32]) -> f32 {
        let may_be = |gram: &[u32]| gram.iter().all(|word| self.words.places(*word) & DESCRIPTION != 0);
        let is_known = |gram: &&[u32]| may_be(gram) && self.grams.binary_search_by(|known| known[..].cmp(gram)).is_ok();
        let grams = words.windows(3).filter(is_known).count();
        grams as f32 / words.len().saturating_sub(2).max(1) as f32
    }
}

/// In which titles, or in the description, words stand, as bits.
struct KnownWords {
    places: FastMap<u32, u8>,
    /// By the last bits of a hash, whether one of them ends so: most words of a page are known not to be among them.
    endings: [u64; ENDINGS / 64],
}

impl KnownWords {
    /// A word may stand in many places.
    fn new(words: &[(u32, u8)]) -> Self {
        let mut known = Self { places: FastMap::default(), endings: [0; ENDINGS / 64] };
        for (word, place) in words {
            *known.places.entry(*word).or_default() |= place;
            known.endings[ending(*word) / 64] |= 1 << (ending(*word) % 64);
        }
        known
    }

    fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    fn places(&self, word: u32) -> u8 {
        if self.endings[ending(word) / 64] >> (ending(word) % 64) & 1 == 0 {
            return 0;
        }
        self.places.get(&word).copied().unwrap_or(0)
    }
}

const ENDINGS: usize = 1 << 12;

/// The last bits of a word's hash.
fn ending(word: u32) -> usize {
    word as usize % ENDINGS
}

/// The words of a block that have been seen; its room is used again for the next.
struct Seen {
    /// Each in the first slot that was free from its last bits on, with the round in which it came.
    slots: [(u32, u32); SEEN_SLOTS],
    round: u32,
}

/// Enough for [`COMPARED_WORDS`].
const SEEN_SLOTS: usize = 256;

impl Seen {
    fn new() -> Self {
        Self { slots: [(0, 0); SEEN_SLOTS], round: 0 }
    }

    fn clear(&mut self) {
        self.round += 1;
    }

    /// Whether a word comes for the first time. To be asked of fewer words than there are slots.
    fn is_new(&mut self, word: u32) -> bool {
        let mut slot = word as usize % SEEN_SLOTS;
        while self.slots[slot].1 == self.round {
            if self.slots[slot].0 == word {
                return false;
            }
            slot = (slot + 1) % SEEN_SLOTS;
        }
        self.slots[slot] = (word, self.round);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_signs_of_a_text() {
        let mut words = Words::default();
        let facts = read("at 18:30, Ann paid $5 – see www.shop.example:", &mut words);
        assert_eq!((facts.words, facts.capitalised, facts.commas, facts.digits), (10, 1, 1, 5));
        for sign in [CLOCK, PRICE, ADDRESS, ENDS_COLON, STARTS_LOWER] {
            assert!(facts.has(sign), "{sign}");
        }
        assert!(!facts.has(ALL_CAPITALS) && !facts.has(ENDS_SENTENCE));
        assert!(read("NATO 2026", &mut words).has(ALL_CAPITALS));
    }

    #[test]
    fn words_are_the_same_in_any_case_and_at_any_place() {
        let of = |text: &str| {
            let mut words = Words::default();
            read(text, &mut words);
            words.all
        };
        assert_eq!(of("the Lighthouse-keepers of Lissmouth"), of("THE LIGHTHOUSE KEEPERS OF lissmouth, "));
        assert_eq!(of("Über Straße İzmir"), of("ÜBER straße izmir"));
        let distinct = of("a aa aaaaaaaa aaaaaaaaa aaaaaaaab baaaaaaaa aaaaaaaaaaaaaaaaaaaaaaab é è éa aé");
        let mut sorted = distinct.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), distinct.len());
    }

    #[test]
    fn known_words_have_all_their_places_and_others_none() {
        let words: Vec<(u32, u8)> = (0..50).map(|word| (word * 64, 1 << (word % 3))).chain([(0, 8)]).collect();
        let known = KnownWords::new(&words);
        assert_eq!((known.places(0), known.places(64), known.places(65)), (9, 2, 0));
        assert!(words.iter().all(|(word, place)| known.places(*word) & place != 0));
        assert!(KnownWords::new(&[]).is_empty() && !known.is_empty());
    }

    #[test]
    fn words_are_new_once_a_block() {
        let mut seen = Seen::new();
        for _ in 0..3 {
            seen.clear();
            assert!((0..COMPARED_WORDS as u32).all(|word| seen.is_new(word * 256)));
            assert!((0..COMPARED_WORDS as u32).all(|word| !seen.is_new(word * 256)));
        }
    }

    #[test]
    fn words_of_scripts_without_spaces_are_characters() {
        let mut words = Words::default();
        let facts = read("市議会 abc", &mut words);
        assert_eq!((facts.words, words.all.len()), (4, 4));
        assert!(facts.has(SPACELESS));
    }
}
