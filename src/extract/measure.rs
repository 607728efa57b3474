//! How long a text is, in units that treat scripts alike.

use super::letters::{ascii_word_end, is_letter_or_digit};

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
    let mut result = Measure::default();
    let mut in_word = false;
    let (mut words, mut ideographs) = (0_u32, 0_u32);
    let mut at = 0;
    let bytes = text.as_bytes();
    // Most bytes of most texts are ASCII: those need no decoding, and no table of Unicode.
    while let Some(&byte) = bytes.get(at) {
        let end = ascii_word_end(bytes, at);
        if end > at || byte == b'_' {
            let end = end.max(at + 1);
            words += u32::from(!in_word);
            in_word = true;
            result.chars += (end - at) as u32;
            at = end;
            continue;
        }
        if byte == b' ' {
            in_word = false;
            at += 1;
            continue;
        }
        let Some(c) = text[at..].chars().next() else { break };
        at += c.len_utf8();
        if c.is_whitespace() {
            in_word = false;
            continue;
        }
        let is_spaceless = is_spaceless(c);
        result.chars += if is_spaceless { 3 } else { 1 };
        if is_spaceless {
            ideographs += 1;
            in_word = false;
        } else if is_letter_or_digit(c) {
            words += u32::from(!in_word);
            in_word = true;
        } else if c != '\'' && c != '’' && c != '-' {
            in_word = false;
        }
        result.sentences += u32::from(ends_sentence(c, &text[at..]));
    }
    result.words = words as f32 + ideographs as f32 / 2.0;
    result
}

/// Whether `c` closes a sentence, given what follows.
fn ends_sentence(c: char, rest: &str) -> bool {
    match c {
        '。' | '！' | '？' | '।' | '։' | '።' => true,
        '.' | '!' | '?' | '…' | '؟' | '۔' => {
            rest.chars().next().is_none_or(|next| next.is_whitespace() || is_closing(next))
        }
        _ => false,
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
}
