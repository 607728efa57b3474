//! What a text says, in 64 bytes: by which copies of an article are known although each site wraps it differently.
//!
//! A text is taken for the set of its *shingles*, three words in a row (six letters in scripts that have no spaces), and two
//! texts resemble each other by the share of all their shingles that both have (Jaccard's index). A [`Sketch`] keeps the
//! 128 smallest hashes of the set, one for each of 128 hash functions, cut to four bits (Broder, "On the resemblance and
//! containment of documents", 1997; Li and König, "b-Bit minwise hashing", 2010): as many of them are equal in two texts
//! as shingles are. The *bands* of a [`Fingerprint`] are what an index looks up: hashes of two of the whole values each,
//! one of which two texts that resemble each other share nearly always, and others hardly ever.
//!
//! docs/duplicates.md has what was measured, SimHash beside it.

use std::array;
use unicode_normalization::UnicodeNormalization as _;

/// How much of two texts together both have to say, from 0 to 1, for them to be one: held against both halves of the domains of
/// `eval/near_duplicates.rs` and held against the other; docs/duplicates.md has the table.
pub const ONE_TEXT: f32 = 0.40;

/// The numbers of [`Fingerprint::bands`]. Texts that share 57 % of their shingles, as a tenth of other words leaves them,
/// miss all of them in one case of 500.
pub const BANDS: usize = 16;

/// Smallest hashes that make a band.
const ROWS: usize = 2;

/// Smallest hashes that a sketch keeps.
const HASHES: usize = 128;

/// Words in a row that make a shingle.
const WORDS: usize = 3;

/// The same for letters that are written without spaces between words, of which a word has two or so.
const LETTERS: usize = 2 * WORDS;

/// A text of fewer shingles is one shingle: so few words are the same text only where all of them are, for notices of one
/// form (the weather, a result) differ by little else.
const FEWEST_WORDS: usize = 50;

/// The first hash function's multiplier comes after this number; any other would do.
const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

/// The smallest hashes of a text's shingles, cut to four bits, two a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sketch([u8; Sketch::BYTES]);

impl Sketch {
    /// How many bytes it takes.
    pub const BYTES: usize = HASHES / 2;

    /// To be kept.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// What [`Sketch::as_bytes`] gave out; `None` for any other length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().map(Self).ok()
    }

    /// The share of all shingles of two texts that both have, 0 to 1, within some 0.045 (the deviation of 128 draws at
    /// one half). One value in sixteen is equal by chance, and taken off.
    pub fn resemblance(&self, other: &Self) -> f32 {
        let pairs = self.0.iter().zip(&other.0).map(|(one, other)| one ^ other);
        let equal: u16 = pairs.map(|differ| u16::from(differ & 0x0f == 0) + u16::from(differ & 0xf0 == 0)).sum();
        let share = f32::from(equal) / HASHES as f32;
        ((share - 1.0 / 16.0) / (15.0 / 16.0)).max(0.0)
    }
}

/// A text as an index of fingerprints knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint {
    bands: [u32; BANDS],
    sketch: Sketch,
}

impl Fingerprint {
    /// The fingerprint of a text: of the body of an article, without its headline, which each site writes anew. Case,
    /// punctuation and markup signs count for nothing. `None` for a text without letters and digits.
    pub fn of(text: &str) -> Option<Self> {
        let shingles = shingles(text);
        if shingles.is_empty() {
            return None;
        }
        let least = least_hashes(&shingles);
        let nibble = |at: usize| (least[at] & 0x0f) as u8;
        let sketch = Sketch(array::from_fn(|at| nibble(2 * at) | nibble(2 * at + 1) << 4));
        let bands = array::from_fn(|band| {
            let rows = &least[band * ROWS..(band + 1) * ROWS];
            (rows.iter().fold(band as u64, |hash, row| mixed(hash ^ row)) >> 32) as u32
        });
        Some(Self { bands, sketch })
    }

    /// What an index looks up, in order; each is a hash with its place mixed in, so that all may stand in one table.
    pub fn bands(&self) -> &[u32; BANDS] {
        &self.bands
    }

    /// What tells whether that which was looked up is the same text.
    pub fn sketch(&self) -> &Sketch {
        &self.sketch
    }
}

/// The least value of each hash function over all shingles (multiply, add, shift: Dietzfelbinger 1996), spread out once
/// more so that all of its bits may be used.
fn least_hashes(shingles: &[u64]) -> [u64; HASHES] {
    let mut state = SEED;
    array::from_fn(|_| {
        let factor = next(&mut state) | 1;
        let summand = next(&mut state);
        let least = shingles.iter().map(|shingle| shingle.wrapping_mul(factor).wrapping_add(summand) >> 16).min();
        mixed(least.unwrap_or_default())
    })
}

/// SplitMix64 (Steele, Lea and Flood 2014).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(SEED);
    mixed(*state)
}

/// Its finaliser: each bit of the input changes half of the output.
fn mixed(bits: u64) -> u64 {
    let bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

/// The hashes of all shingles, in order; one of the whole where there are few words.
fn shingles(text: &str) -> Vec<u64> {
    let Words { words, unspaced } = Words::of(text);
    let is_unspaced = 2 * unspaced > words.len();
    let (length, fewest) = if is_unspaced { (LETTERS, 2 * FEWEST_WORDS) } else { (WORDS, FEWEST_WORDS) };
    let hash = |words: &[u64]| words.iter().fold(SEED, |hash, word| mixed(hash ^ word));
    match words.len() {
        0 => Vec::new(),
        few if few < fewest => vec![hash(&words)],
        _ => words.windows(length).map(hash).collect(),
    }
}

/// The words of a text, hashed, in order.
#[derive(Default)]
struct Words {
    words: Vec<u64>,
    /// How many of them are single letters of scripts without spaces.
    unspaced: usize,
}

impl Words {
    fn of(text: &str) -> Self {
        let mut found = Self::default();
        let mut word = None;
        for character in text.nfkc().flat_map(char::to_lowercase) {
            if is_unspaced(character) {
                found.words.extend(word.take());
                found.words.push(mixed(u64::from(character)));
                found.unspaced += 1;
            } else if character.is_alphanumeric() {
                word = Some(mixed(word.unwrap_or(SEED) ^ u64::from(character)));
            } else if !is_within_words(character) {
                found.words.extend(word.take());
            }
        }
        found.words.extend(word);
        found
    }
}

/// Whether a letter is of a script that sets no spaces between words: Thai to Tibetan, Burmese, Khmer, kana, and the
/// Chinese characters (Unicode 16, blocks).
fn is_unspaced(character: char) -> bool {
    character.is_alphabetic()
        && matches!(character, '\u{e00}'..='\u{fff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
            | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

/// What stands in the middle of a word without parting it: marks, apostrophes, signs that are not seen.
fn is_within_words(character: char) -> bool {
    matches!(character, '\'' | '’' | '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
        || unicode_normalization::char::is_combining_mark(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words that no other text has.
    fn words(of: &str, count: usize) -> Vec<String> {
        (0..count).map(|number| format!("{of}{number}")).collect()
    }

    fn resemblance(one: &str, other: &str) -> f32 {
        Fingerprint::of(one).unwrap().sketch().resemblance(Fingerprint::of(other).unwrap().sketch())
    }

    #[test]
    fn punctuation_case_and_forms_of_letters_count_for_nothing() {
        let plain = words("word", 80).join(" ") + " the mayor's cafe\u{301}";
        let other = plain.to_uppercase().replace(' ', ",\n").replace("'", "’").replace("E\u{301}", "É");
        assert_eq!(Fingerprint::of(&plain), Fingerprint::of(&other));
        assert_eq!(Fingerprint::of("!?— …"), None);
    }

    #[test]
    fn resemblance_is_the_share_of_common_shingles() {
        let (one, other) = (words("a", 1000), words("b", 500));
        // 498 shingles of 1496 + 2 over the joint.
        let half = [&one[..500], &other[..]].concat().join(" ");
        let found = resemblance(&one.join(" "), &half);
        assert!((found - 1.0 / 3.0).abs() < 0.1, "{found}");
        assert!(resemblance(&one.join(" "), &other.join(" ")) < 0.1);
    }

    #[test]
    fn paragraph_that_moves_changes_little() {
        let all = words("a", 600);
        let moved = [&all[200..], &all[..200]].concat().join(" ");
        assert!(resemblance(&all.join(" "), &moved) > 0.9);
    }

    #[test]
    fn copies_share_a_band_and_strangers_do_not() {
        let one = words("a", 600);
        let edited: Vec<String> =
            one.iter().enumerate().map(|(at, it)| if at % 12 == 0 { format!("x{at}") } else { it.clone() }).collect();
        let [one, edited, other] =
            [one, edited, words("b", 600)].map(|words| Fingerprint::of(&words.join(" ")).unwrap());
        let shared = |other: &Fingerprint| one.bands().iter().zip(other.bands()).filter(|(a, b)| a == b).count();
        assert!(shared(&edited) >= 3, "{}", shared(&edited));
        assert_eq!(shared(&other), 0);
    }

    #[test]
    fn short_texts_are_the_same_only_word_by_word() {
        let (notice, other) = (words("a", 40).join(" "), words("a", 39).join(" ") + " b");
        assert_eq!(resemblance(&notice, &format!("{notice}!")), 1.0);
        assert!(resemblance(&notice, &other) < ONE_TEXT);
        let (notice, other) = (words("a", 60).join(" "), words("a", 59).join(" ") + " b");
        assert!(resemblance(&notice, &other) > ONE_TEXT);
    }

    #[test]
    fn scripts_without_spaces_are_compared_by_letters() {
        // Letters in an order that does not come again.
        let text = |from: u32| -> String {
            (0..400).filter_map(|at| char::from_u32(0x4e00 + (from + at * at * 7 + at * 13) % 9000)).collect()
        };
        let whole = text(0);
        let cut: String = whole.chars().skip(30).collect();
        assert!(resemblance(&whole, &cut) > 0.8);
        assert!(resemblance(&whole, &text(4321)) < 0.1);
        let kana: String = whole.chars().take(60).collect();
        let fewer: String = kana.chars().skip(1).collect();
        assert!(resemblance(&kana, &fewer) < ONE_TEXT, "sixty letters are a short text");
    }

    #[test]
    fn sketch_is_read_back() {
        let sketch = *Fingerprint::of("a text of some words").unwrap().sketch();
        assert_eq!(Sketch::from_bytes(sketch.as_bytes()), Some(sketch));
        assert_eq!(Sketch::from_bytes(&[0; 3]), None);
    }
}
