//! How long a text is, in units that treat scripts alike.

use super::letters::{Eight, is_letter_or_digit};

/// Counts of one text.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Measure {
    /// Words; in scripts without spaces between words two characters count as one.
    pub(crate) words: f32,
    /// Characters that are no white space; one of a script without spaces counts as three.
    pub(crate) chars: u32,
    /// Sentence ends: a full stop or the like before a space, a closing quote or the end.
    pub(crate) sentences: u32,
}

/// Measures a text.
pub(crate) fn measure(text: &str) -> Measure {
    measure_spaced(text).0
}

/// Measures a text, and tells whether its white space is single spaces between words.
pub(crate) fn measure_spaced(text: &str) -> (Measure, bool) {
    let mut tally = Tally { spaces: Eight::HIGHEST, ..Tally::default() };
    let mut rest = text;
    while !rest.is_empty() {
        // Most bytes of most texts are ASCII: those need no decoding, and no table of Unicode.
        while Eight::of_ascii(rest.as_bytes()).is_some_and(|eight| tally.push_eight(eight)) {
            rest = &rest[8..];
        }
        let mut chars = rest.chars();
        for c in chars.by_ref() {
            tally.push(c);
            if !matches!(c, ' '..='~') {
                break;
            }
        }
        rest = chars.as_str();
    }
    tally.sum_up()
}

/// What was counted of a text; and, as answers about [`Eight`] characters, what stands before its rest.
#[derive(Debug, Default)]
struct Tally {
    words: u32,
    ideographs: u32,
    chars: u32,
    sentences: u32,
    /// What is part of a word.
    insides: u64,
    /// What ends a sentence if the next character agrees.
    stops: u64,
    spaces: u64,
    is_spaced_otherwise: bool,
}

impl Tally {
    /// Counts eight characters, if all can be printed.
    #[inline]
    fn push_eight(&mut self, eight: Eight) -> bool {
        let (letters, spaces) = (eight.letters_and_digits(), eight.all_of(b' '));
        let (mut words, mut insides) = (letters, letters);
        if letters | spaces != Eight::HIGHEST {
            if !eight.is_printed() {
                return false;
            }
            words |= eight.all_of(b'_');
            insides = Eight::carried_on(words, self.insides, eight.all_of(b'\'') | eight.all_of(b'-'));
            let stops = eight.all_of(b'.') | eight.all_of(b'!') | eight.all_of(b'?');
            let quotes = eight.all_of(b'"') | eight.all_of(b'\'');
            let closing = quotes | eight.all_of(b')') | eight.all_of(b']');
            self.sentences += Eight::count(Eight::behind(stops, self.stops) & (closing | spaces));
            self.stops = stops;
        } else {
            self.sentences += Eight::count(Eight::behind(0, self.stops) & spaces);
            self.stops = 0;
        }
        self.words += Eight::count(words & !Eight::behind(insides, self.insides));
        self.chars += Eight::count(spaces ^ Eight::HIGHEST);
        self.is_spaced_otherwise |= spaces & Eight::behind(spaces, self.spaces) != 0;
        self.insides = insides;
        self.spaces = spaces;
        true
    }

    // Apart from the loop over eights, which needs the registers.
    #[inline(never)]
    fn push(&mut self, c: char) {
        let (is_behind_stop, is_behind_space) = (self.stops >> 63 != 0, self.spaces >> 63 != 0);
        let was_in_word = self.insides >> 63 != 0;
        let is_letter = c == '_' || is_letter_or_digit(c);
        let is_space = !is_letter && c.is_whitespace();
        self.is_spaced_otherwise |= is_space && (c != ' ' || is_behind_space);
        self.sentences += u32::from(is_behind_stop && (is_space || is_closing(c)));
        self.sentences += u32::from(matches!(c, '。' | '！' | '？' | '।' | '։' | '።'));
        let mut is_in_word = false;
        if !is_space && is_spaceless(c) {
            self.chars += 3;
            self.ideographs += 1;
        } else if !is_space {
            self.chars += 1;
            self.words += u32::from(is_letter && !was_in_word);
            is_in_word = is_letter || was_in_word && matches!(c, '\'' | '’' | '-');
        }
        self.insides = Eight::all_or_none(is_in_word);
        self.spaces = Eight::all_or_none(is_space);
        self.stops = Eight::all_or_none(matches!(c, '.' | '!' | '?' | '…' | '؟' | '۔'));
    }

    fn sum_up(self) -> (Measure, bool) {
        let words = self.words as f32 + self.ideographs as f32 / 2.0;
        let sentences = self.sentences + u32::from(self.stops >> 63 != 0);
        let is_spaced_singly = !self.is_spaced_otherwise && self.spaces >> 63 == 0;
        (Measure { words, chars: self.chars, sentences }, is_spaced_singly)
    }
}

/// Whether the text ends in a sentence's end, closing quotes and brackets looked through.
pub(crate) fn ends_in_sentence(text: &str) -> bool {
    let last = text.chars().rev().find(|c| !c.is_whitespace() && !is_closing(*c));
    last.is_some_and(|c| matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？' | '؟' | '।' | '۔' | '։' | '።'))
}

fn is_closing(c: char) -> bool {
    matches!(c, '"' | '\'' | '”' | '“' | '’' | '»' | '«' | ')' | ']' | '」' | '』' | '）' | '›')
}

/// Characters of scripts that write no spaces between words: Chinese, Japanese, Thai, Lao, Khmer, Burmese.
pub(crate) fn is_spaceless(c: char) -> bool {
    // Nearly all characters of most pages stand before the first of these.
    c >= '\u{e00}'
        && matches!(c as u32,
        0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x3040..=0x30ff | 0x31f0..=0x31ff
        | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counts_words_and_sentences() {
        let m = measure("It cost $3.50, she said. \"Don't!\" he cried.");
        assert_eq!((m.words, m.sentences), (9.0, 3));
        assert_eq!(measure("市議会は新しい路線を承認した。").words, 7.0);
        assert_eq!(measure("市議会は新しい路線を承認した。").sentences, 1);
    }

    #[test]
    fn sees_a_sentence_end_behind_quotes() {
        assert!(ends_in_sentence("He said: “Go.”"));
        assert!(!ends_in_sentence("Read more"));
    }

    /// As [`measure_spaced`], told by the neighbours of each character.
    fn measured_each(text: &str) -> (Measure, bool) {
        let chars: Vec<char> = text.chars().collect();
        let mut measure = Measure::default();
        let mut is_in_word = false;
        for (at, &c) in chars.iter().enumerate() {
            let next = chars.get(at + 1);
            let is_word = !is_spaceless(c) && (c.is_alphanumeric() || c == '_');
            measure.words += if is_spaceless(c) { 0.5 } else { f32::from(is_word && !is_in_word) };
            measure.chars += if c.is_whitespace() { 0 } else { 1 + 2 * u32::from(is_spaceless(c)) };
            let is_before_end = next.is_none_or(|next| next.is_whitespace() || is_closing(*next));
            let is_stop = "。！？।։።".contains(c) || ".!?…؟۔".contains(c) && is_before_end;
            measure.sentences += u32::from(is_stop);
            is_in_word = is_word || is_in_word && "'’-".contains(c);
        }
        let is_spaced_singly = text == text.split_whitespace().collect::<Vec<_>>().join(" ");
        (measure, is_spaced_singly && !text.is_empty())
    }

    const PIECES: &[&str] = &[
        "a",
        "Zq9",
        "_",
        " ",
        " ",
        "  ",
        "'",
        "-",
        "--",
        "’",
        ".",
        "!",
        "?",
        "\"",
        ")",
        "]",
        ",",
        "\n",
        "\t",
        "\u{7f}",
        "\u{1}",
        "\u{a0}",
        "é",
        "№",
        "…",
        "”",
        "市議",
        "。",
        "слово",
        "ไทย",
        "؟",
        "words and more words of plain text",
        "\u{85}",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn eight_characters_in_one_measure_as_one_by_one(
            pieces in prop::collection::vec(prop::sample::select(PIECES), 0..23),
        ) {
            let text = pieces.concat();
            prop_assert_eq!(measure_spaced(&text), measured_each(&text));
        }
    }
}
