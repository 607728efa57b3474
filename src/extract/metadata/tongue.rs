//! The language of a text that declares none, by its commonest words or its script.

use crate::extract::letters::{Eight, small};
use crate::extract::measure::is_spaceless;
use std::ops::Range;
use std::sync::OnceLock;

/// Words of each language that stand in any text of it, and in few texts of others.
const COMMON_WORDS: &[(&str, &[&str])] = &[
    ("cs", &["že", "se", "jsou", "který", "také", "podle", "byl", "jako", "které", "až", "jeho", "ale", "při"]),
    ("da", &["og", "af", "ikke", "også", "til", "efter", "blev", "jeg", "hvor", "har", "være", "siger", "mere"]),
    ("de", &["der", "die", "und", "das", "nicht", "mit", "ist", "auch", "für", "von", "sich", "ein", "dem"]),
    ("en", &["the", "and", "of", "that", "with", "was", "for", "this", "have", "from", "which", "are", "been"]),
    ("es", &["el", "los", "las", "del", "una", "por", "con", "para", "más", "pero", "también", "y", "su"]),
    ("fi", &["ja", "että", "myös", "mutta", "hän", "ovat", "ei", "joka", "oli", "kun", "sen", "mukaan", "olisi"]),
    ("fr", &["le", "les", "des", "dans", "une", "pour", "qui", "est", "pas", "sur", "aux", "avec", "plus"]),
    ("it", &["il", "che", "della", "di", "gli", "per", "sono", "con", "anche", "nel", "alla", "più", "dei"]),
    ("lt", &["ir", "kad", "yra", "su", "buvo", "tai", "bet", "iš", "taip", "apie", "kaip", "pat", "dėl"]),
    ("nl", &["het", "een", "van", "niet", "ook", "zijn", "voor", "dat", "wordt", "naar", "maar", "bij", "deze"]),
    ("no", &["og", "av", "ikke", "også", "til", "etter", "ble", "jeg", "hvor", "har", "være", "sier", "mer"]),
    ("pl", &["się", "jest", "nie", "że", "przez", "oraz", "również", "tym", "jak", "dla", "był", "które", "jego"]),
    ("pt", &["que", "não", "uma", "com", "dos", "da", "os", "mais", "também", "foi", "pelo", "ao", "são"]),
    ("ru", &["что", "это", "как", "его", "было", "только", "также", "были", "она", "или", "при", "от", "и"]),
    ("sv", &["och", "att", "inte", "också", "som", "efter", "är", "för", "jag", "hade", "från", "säger", "av"]),
    ("tr", &["bir", "ve", "bu", "için", "olarak", "daha", "ile", "çok", "olan", "gibi", "ancak", "da", "de"]),
    ("uk", &["що", "та", "це", "як", "його", "було", "також", "від", "про", "або", "які", "для", "і"]),
];

/// Longest word of [`COMMON_WORDS`], in bytes.
const LONGEST_COMMON: usize = 12;

/// How much of the text is read, in words: a body's first paragraphs.
const READ_WORDS: usize = 400;

/// Fewest bytes of a line that is read, for menus and labels are often of another language; where the longer
/// lines have fewer words than this, all lines are read.
const LINE_BYTES: usize = 60;
const FEWEST_WORDS: u32 = 40;

/// Least share of its words that a language's commonest make, and how much oftener they must stand than any
/// other language's. Danish and Norwegian are closest: an eighth of their words here differ.
const LEAST_SHARE: f32 = 0.04;
const LEAST_LEAD: f32 = 1.15;

/// The tag of the language, where the text shows one.
pub(super) fn language_of<'a>(lines: impl Iterator<Item = &'a str> + Clone) -> Option<&'static str> {
    if let Some(language) = by_script(lines.clone()) {
        return Some(language);
    }
    let (read, counts) = match count(lines.clone().filter(|line| line.len() >= LINE_BYTES)) {
        (read, _) if read < FEWEST_WORDS => count(lines),
        counted => counted,
    };
    let best = (0..counts.len()).max_by_key(|at| (counts[*at], usize::MAX - at))?;
    let second = (0..counts.len()).filter(|at| *at != best).map(|at| counts[at]).max()?;
    let is_common = counts[best] as f32 >= LEAST_SHARE * read as f32;
    let leads = counts[best] as f32 >= LEAST_LEAD * second as f32;
    (counts[best] > 2 && is_common && leads).then_some(COMMON_WORDS[best].0)
}

/// How many words were read, and how many of them are common in each language.
fn count<'a>(lines: impl Iterator<Item = &'a str>) -> (u32, [u32; COMMON_WORDS.len()]) {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    let known = KNOWN.get_or_init(Known::new);
    let (mut read, mut counts) = (0, [0; COMMON_WORDS.len()]);
    let words_of = |line: &'a str| words(line).map(move |word| (line, word));
    for (line, word) in lines.flat_map(words_of).take(READ_WORDS) {
        read += 1;
        if word.len() > LONGEST_COMMON {
            continue;
        }
        let mut languages = known.languages(key_of(line, word));
        while languages != 0 {
            counts[languages.trailing_zeros() as usize] += 1;
            languages &= languages - 1;
        }
    }
    (read, counts)
}

/// The languages of the common words, a bit each, by [`key_of`] the word, each in the first slot that was free from
/// its hash on.
struct Known(Vec<(u128, u32)>);

impl Known {
    /// More than twice as many as there are words.
    const SLOTS: usize = 512;

    fn new() -> Self {
        let mut known = Self(vec![(0, 0); Self::SLOTS]);
        for (bit, (_, words)) in COMMON_WORDS.iter().enumerate() {
            for word in *words {
                let key = key_of(word, 0..word.len());
                let slot = known.slot(key);
                known.0[slot].0 = key;
                known.0[slot].1 |= 1 << bit;
            }
        }
        known
    }

    /// The slot of a word, or a free one.
    fn slot(&self, key: u128) -> usize {
        let halves = key as u64 ^ (key >> 64) as u64;
        let mut slot = (halves.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize % Self::SLOTS;
        while self.0[slot].1 != 0 && self.0[slot].0 != key {
            slot = (slot + 1) % Self::SLOTS;
        }
        slot
    }

    fn languages(&self, key: u128) -> u32 {
        self.0[self.slot(key)].1
    }
}

/// A word of a line in small letters, as a number: it has [`LONGEST_COMMON`] bytes at most, and where it gets longer only
/// the beginning counts.
fn key_of(line: &str, word: Range<usize>) -> u128 {
    let rest = &line.as_bytes()[word.start..];
    let bytes = rest.first_chunk::<16>().copied().unwrap_or_else(|| padded(rest));
    let key = u128::from_le_bytes(bytes) & (u128::MAX >> (128 - 8 * word.len()));
    if key & u128::from_le_bytes([0x80; 16]) == 0 {
        // Letters of ASCII differ from the small ones in one bit, which makes spaces of the bytes behind the word.
        return key | u128::from_le_bytes([0x20; 16]);
    }
    let small: String = line[word].chars().map(small).collect();
    u128::from_le_bytes(padded(small.as_bytes()))
}

/// The first bytes, and spaces behind them.
fn padded(bytes: &[u8]) -> [u8; 16] {
    let mut padded = [b' '; 16];
    padded.iter_mut().zip(bytes).for_each(|(into, byte)| *into = *byte);
    padded
}

/// The runs of letters of a line.
fn words(line: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = run_end(line, at, false);
        at = run_end(line, start, true);
        (start < at).then_some(start..at)
    })
}

/// Where the characters end that begin at a place and are letters, or are none.
fn run_end(text: &str, mut at: usize, of_letters: bool) -> usize {
    while let Some(&byte) = text.as_bytes().get(at) {
        if byte.is_ascii() {
            if byte.is_ascii_alphabetic() != of_letters {
                break;
            }
            at += 1;
            continue;
        }
        let Some(c) = text[at..].chars().next().filter(|c| c.is_alphabetic() == of_letters) else { break };
        at += c.len_utf8();
    }
    at
}

fn is_letter(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphabetic() } else { c.is_alphabetic() }
}

/// Languages that have a script for themselves here.
fn by_script<'a>(lines: impl Iterator<Item = &'a str>) -> Option<&'static str> {
    let mut letters = Letters::default();
    for line in lines {
        letters.read(line);
        if letters.all >= MOST_LETTERS {
            break;
        }
    }
    let is_most = |count: u32| 2 * count > letters.all;
    if is_most(letters.kana + letters.han) {
        return Some(if 10 * letters.kana > letters.han { "ja" } else { "zh" });
    }
    let counts = [(letters.hangul, "ko"), (letters.arabic, "ar"), (letters.devanagari, "hi")];
    counts.into_iter().find(|(count, _)| is_most(*count)).map(|it| it.1)
}

/// How many letters tell the script.
const MOST_LETTERS: u32 = 2 * READ_WORDS as u32;

/// Letters by script.
#[derive(Default)]
struct Letters {
    all: u32,
    kana: u32,
    han: u32,
    hangul: u32,
    arabic: u32,
    devanagari: u32,
}

impl Letters {
    fn read(&mut self, line: &str) {
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            if self.all == MOST_LETTERS {
                return;
            }
            if let Some(eight) = Eight::of_ascii(rest.as_bytes()).filter(|_| self.all + 8 <= MOST_LETTERS) {
                self.all += eight.letters().count_ones();
                rest = &rest[8..];
                continue;
            }
            rest = &rest[c.len_utf8()..];
            if !is_letter(c) {
                continue;
            }
            self.all += 1;
            match c {
                '\0'..='\u{5ff}' => {}
                '\u{3040}'..='\u{30ff}' => self.kana += 1,
                '\u{ac00}'..='\u{d7a3}' => self.hangul += 1,
                '\u{0600}'..='\u{06ff}' => self.arabic += 1,
                '\u{0900}'..='\u{097f}' => self.devanagari += 1,
                _ if is_spaceless(c) && c >= '\u{3400}' => self.han += 1,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_common_word_is_longer_than_is_looked_for() {
        let longest = COMMON_WORDS.iter().flat_map(|(_, words)| *words).map(|word| word.len()).max();
        assert_eq!(longest, Some(LONGEST_COMMON));
    }

    #[test]
    fn tells_languages_by_their_commonest_words_and_scripts() {
        for (text, language) in [
            (
                "The ferry was late, and the people of the island have not been told which of the boats are for them.",
                "en",
            ),
            (
                "Die Fähre ist auch am Montag nicht gekommen, und der Hafen hat das mit keinem Wort für die Gäste erklärt.",
                "de",
            ),
            (
                "Le bateau est en retard et les habitants qui attendent dans le port ne sont pas contents pour une fois.",
                "fr",
            ),
            (
                "Färjan är sen och det är inte bara för att den gick från fel hamn, säger hamnen som också var stängd.",
                "sv",
            ),
            ("渡し船は月曜日に来ませんでした。", "ja"),
            ("渡轮星期一没有来，岛上的居民都在等待。", "zh"),
            ("페리는 월요일에 오지 않았다", "ko"),
        ] {
            assert_eq!(language_of([text].into_iter()), Some(language), "{text}");
        }
    }

    #[test]
    fn says_nothing_of_few_words() {
        assert_eq!(language_of(["Home", "News", "Sport"].into_iter()), None);
        assert_eq!(language_of(std::iter::empty()), None);
    }
}
