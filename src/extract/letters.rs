//! What a character is, without the tables of Unicode for those that most texts are made of.
//!
//! The answers are those of the methods of `char`; a test holds that for every character.

pub(crate) use crate::eight::Eight;

/// [`char::is_alphanumeric`].
pub(crate) fn is_letter_or_digit(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => c.is_ascii_alphanumeric(),
        'À'..='ʯ' => c != '×' && c != '÷',
        'Ѐ'..='ҁ' | 'Ҋ'..='ԯ' | 'ぁ'..='ゖ' | 'ァ'..='ヺ' | '一'..='鿿' | '가'..='힣' => true,
        '\u{2010}'..='\u{205e}' | '、'..='〄' => false,
        _ => c.is_alphanumeric(),
    }
}

/// The first character of [`char::to_lowercase`].
pub(crate) fn small(c: char) -> char {
    match c {
        '\0'..='\u{7f}' => c.to_ascii_lowercase(),
        'ß'..='ÿ' | 'а'..='џ' | '\u{2010}'..='\u{205e}' | 'ぁ'..='ヺ' | '一'..='鿿' | '가'..='힣' => c,
        'À'..='Ö' | 'Ø'..='Þ' | 'А'..='Я' => moved(c, 32),
        'Ѐ'..='Џ' => moved(c, 80),
        _ => c.to_lowercase().next().unwrap_or(c),
    }
}

/// [`char::is_uppercase`].
pub(crate) fn is_capital(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => c.is_ascii_uppercase(),
        'ß'..='ÿ' | 'а'..='џ' | '\u{2010}'..='\u{205e}' | 'ぁ'..='ヺ' | '一'..='鿿' | '가'..='힣' => false,
        'À'..='Ö' | 'Ø'..='Þ' | 'Ѐ'..='Я' => true,
        _ => c.is_uppercase(),
    }
}

/// Whether a text in small letters ([`str::to_lowercase`]) begins with `start`, which is in small letters that are none of
/// Greek.
#[inline]
pub(crate) fn begins_in_small(text: &str, start: &str) -> bool {
    let first = text.as_bytes().first().filter(|first| first.is_ascii());
    if first.is_some_and(|first| start.as_bytes().first().is_some_and(|letter| first.to_ascii_lowercase() != *letter)) {
        return false;
    }
    let mut letters = text.chars().flat_map(char::to_lowercase);
    start.chars().all(|letter| letters.next() == Some(letter))
}

/// What a byte is in the name of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Letter {
    Small,
    Capital,
    Digit,
    Space,
    /// All others, those beyond ASCII among them.
    Sign,
}

const LETTERS: [Letter; 256] = {
    let mut letters = [Letter::Sign; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        letters[byte as usize] = match byte {
            b'a'..=b'z' => Letter::Small,
            b'A'..=b'Z' => Letter::Capital,
            b'0'..=b'9' => Letter::Digit,
            _ if byte.is_ascii_whitespace() => Letter::Space,
            _ => Letter::Sign,
        };
        byte += 1;
    }
    letters
};

impl Letter {
    pub(crate) fn of(byte: u8) -> Self {
        LETTERS[usize::from(byte)]
    }

    /// Whether it is a letter or a digit.
    pub(crate) fn is_of_word(self) -> bool {
        matches!(self, Self::Small | Self::Capital | Self::Digit)
    }
}

/// The bytes that are letters or digits of ASCII.
const IS_LETTER_OR_DIGIT: [bool; 256] = {
    let mut is = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        is[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    is
};

/// The runs of letters and digits of a text ([`is_letter_or_digit`]).
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = run_end(text, at, false);
        at = run_end(text, start, true);
        (start < at).then(|| &text[start..at])
    })
}

/// The last of those.
pub(crate) fn last_word(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let end = bytes.iter().rposition(|byte| !byte.is_ascii() || IS_LETTER_OR_DIGIT[usize::from(*byte)])?;
    let start = bytes[..=end].iter().rposition(|byte| !IS_LETTER_OR_DIGIT[usize::from(*byte)]).map_or(0, |at| at + 1);
    let is_ascii = bytes.get(start.wrapping_sub(1)).is_none_or(u8::is_ascii);
    if is_ascii && start <= end {
        return Some(&text[start..=end]);
    }
    text.rsplit(|c: char| !is_letter_or_digit(c)).find(|word| !word.is_empty())
}

/// Where the characters end that begin at a place and are letters or digits, or are none.
fn run_end(text: &str, mut at: usize, of_words: bool) -> usize {
    while let Some(&byte) = text.as_bytes().get(at) {
        if byte.is_ascii() {
            if IS_LETTER_OR_DIGIT[usize::from(byte)] != of_words {
                break;
            }
            at += 1;
            continue;
        }
        let Some(c) = text[at..].chars().next().filter(|c| is_letter_or_digit(*c) == of_words) else { break };
        at += c.len_utf8();
    }
    at
}

/// How many bytes of ASCII stand at the beginning, eight looked at in one.
pub(crate) fn ascii_run(bytes: &[u8]) -> usize {
    let mut run = 0;
    while let Some(eight) = bytes[run..].first_chunk::<8>() {
        let beyond = u64::from_le_bytes(*eight) & Eight::HIGHEST;
        if beyond != 0 {
            return run + beyond.trailing_zeros() as usize / 8;
        }
        run += 8;
    }
    run + bytes[run..].iter().take_while(|byte| byte.is_ascii()).count()
}

/// How many bytes at the beginning are printed ASCII without two spaces in a row, also with what stands before.
pub(crate) fn spaced_run(bytes: &[u8], mut is_behind_space: bool) -> usize {
    let mut run = 0;
    while let Some(eight) = Eight::of_ascii(&bytes[run..]).filter(|eight| eight.is_spaced_singly(is_behind_space)) {
        is_behind_space = eight.ends_in(b' ');
        run += 8;
    }
    let is_spaced_singly = |byte: &&u8| {
        let was_space = std::mem::replace(&mut is_behind_space, **byte == b' ');
        matches!(**byte, b'!'..=b'~') || **byte == b' ' && !was_space
    };
    run + bytes[run..].iter().take_while(is_spaced_singly).count()
}

fn moved(c: char, by: u32) -> char {
    char::from_u32(u32::from(c) + by).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        for text in ["", "a", " – ", "So it's 5min, “Über” 市場!", "ends in a wordé", "éa.", "über –", "a é"]
        {
            let expected = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
            assert!(words(text).eq(expected), "{text}");
            assert_eq!(last_word(text), words(text).last(), "{text}");
        }
    }

    #[test]
    fn runs_of_ascii_end_where_another_byte_stands() {
        for end in 0..20 {
            let text = format!("{}é and so on", "a".repeat(end));
            assert_eq!((ascii_run(text.as_bytes()), ascii_run(&text.as_bytes()[..end])), (end, end));
        }
    }

    #[test]
    fn runs_of_single_spaces_end_before_the_second_and_before_other_signs() {
        for (text, run) in
            [("", 0), (" a", 0), ("a b", 3), ("a  b", 2), ("eight by, eight by\n", 18), ("nine bytes  ", 11)]
        {
            assert_eq!(spaced_run(text.as_bytes(), true), run, "{text}");
        }
        assert_eq!((spaced_run(b" a\x7f", false), spaced_run("12345678é".as_bytes(), false)), (2, 8));
    }

    #[test]
    fn beginnings_are_told_in_any_case() {
        assert!(begins_in_small("RÉDIGÉ par Ann", "rédigé par ") && begins_in_small("a", ""));
        assert!(!begins_in_small("Redige", "rédigé") && !begins_in_small("By", "by "));
    }

    #[test]
    fn answers_are_those_of_unicode_for_every_character() {
        for c in '\0'..=char::MAX {
            assert_eq!(is_letter_or_digit(c), c.is_alphanumeric(), "{c:?}");
            assert_eq!(Some(small(c)), c.to_lowercase().next(), "{c:?}");
            assert_eq!(is_capital(c), c.is_uppercase(), "{c:?}");
        }
    }
}
