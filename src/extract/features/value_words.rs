//! The words of an attribute's value: whole names, behind a prefix, and the parts that signs and camel case divide them
//! into.

use crate::extract::fnv;
use crate::extract::letters::Letter;
use std::ops::RangeInclusive;

/// How much of a value is read, in bytes.
const MAX_ATTRIBUTE_BYTES: usize = 512;

/// Most words of one element.
pub(super) const MAX_WORDS: usize = 64;

/// How many bytes a whole name has, and how many letters a part.
const NAME_BYTES: RangeInclusive<usize> = 3..=28;
const PART_LETTERS: RangeInclusive<usize> = 2..=20;

/// The words of an attribute's value in two pieces, whole names before parts; at most `left`, which is lowered.
/// `small` is room to write in.
pub(super) fn each_word_of_value(
    prefix: &str,
    value: &str,
    left: &mut usize,
    small: &mut String,
    each: &mut impl FnMut(&str, &str),
) {
    let value = beginning(value);
    small.clear();
    small.push_str(value);
    small.make_ascii_lowercase();
    if !prefix.is_empty() {
        whole_words(small, left, &mut |word: &str| each(prefix, word));
    }
    let part = &mut |word: &str| each("", word);
    parts(value, left, small, part);
}

/// As much of a value as is read.
fn beginning(value: &str) -> &str {
    let end = (0..=value.len().min(MAX_ATTRIBUTE_BYTES)).rev().find(|end| value.is_char_boundary(*end));
    &value[..end.unwrap_or(0)]
}

/// Whole names: 3 to 28 characters without digits, which are mostly generated.
fn whole_words(small: &str, left: &mut usize, each: &mut impl FnMut(&str)) {
    for name in small.split_ascii_whitespace() {
        let is_name = NAME_BYTES.contains(&name.len()) && !name.bytes().any(|byte| byte.is_ascii_digit());
        if is_name && *left > 0 {
            *left -= 1;
            each(name);
        }
    }
}

/// The parts that signs and camel case divide a value into, lower-cased; 2 to 20 letters.
fn parts(value: &str, left: &mut usize, small: &mut String, each: &mut impl FnMut(&str)) {
    let mut end = |part: &str| {
        small.clear();
        let letters = if part.is_ascii() {
            small.push_str(part);
            small.make_ascii_lowercase();
            part.len()
        } else {
            small.extend(part.chars().flat_map(char::to_lowercase));
            small.chars().count()
        };
        if PART_LETTERS.contains(&letters) && *left > 0 {
            *left -= 1;
            each(small);
        }
    };
    let mut start = 0;
    let mut previous_is_lower = false;
    for (at, c) in value.char_indices() {
        let is_letter = c.is_alphabetic();
        if !is_letter || c.is_uppercase() && previous_is_lower {
            end(&value[start..at]);
            start = if is_letter { at } else { at + c.len_utf8() };
        }
        previous_is_lower = c.is_lowercase();
    }
    end(&value[start..]);
}

/// The hashes of the words of values ([`fnv::pieces_32`]); kept to be used again.
#[derive(Debug, Default)]
pub(super) struct WordHashes {
    hashes: Vec<u32>,
    parts: Vec<u32>,
    small: String,
}

impl WordHashes {
    /// Those of [`each_word_of_value`], at most [`MAX_WORDS`].
    pub(super) fn of(&mut self, prefix: &str, value: &str) -> &[u32] {
        self.hashes.clear();
        let value = beginning(value);
        if value.is_ascii() {
            self.read_ascii(prefix, value.as_bytes());
        } else {
            let Self { hashes, small, .. } = self;
            let each = &mut |prefix: &str, word: &str| hashes.push(fnv::pieces_32(&[prefix, word]));
            each_word_of_value(prefix, value, &mut { MAX_WORDS }, small, each);
        }
        &self.hashes
    }

    /// Cuts and hashes whole names and parts in one pass.
    fn read_ascii(&mut self, prefix: &str, value: &[u8]) {
        self.parts.clear();
        let (of_prefix, has_names) = (fnv::pieces_32(&[prefix]), !prefix.is_empty());
        let (mut name, mut name_bytes, mut has_digit) = (of_prefix, 0, false);
        let (mut part, mut part_letters, mut is_behind_small) = (fnv::START_32, 0, false);
        // A space behind the value ends what is begun.
        for &byte in value.iter().chain(b" ") {
            let letter = Letter::of(byte);
            let is_letter = matches!(letter, Letter::Small | Letter::Capital);
            let unit = u32::from(byte.to_ascii_lowercase());
            if !is_letter || is_behind_small && letter == Letter::Capital {
                if PART_LETTERS.contains(&part_letters) {
                    self.parts.push(part);
                }
                (part, part_letters) = (fnv::START_32, 0);
            }
            if is_letter {
                (part, part_letters) = (fnv::step_32(part, unit), part_letters + 1);
            }
            is_behind_small = letter == Letter::Small;
            if letter != Letter::Space {
                (name, name_bytes) = (fnv::step_32(name, unit), name_bytes + 1);
                has_digit |= letter == Letter::Digit;
                continue;
            }
            if has_names && NAME_BYTES.contains(&name_bytes) && !has_digit {
                self.hashes.push(name);
            }
            (name, name_bytes, has_digit) = (of_prefix, 0, false);
        }
        self.hashes.extend_from_slice(&self.parts);
        self.hashes.truncate(MAX_WORDS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_of(prefix: &str, value: &str) -> Vec<String> {
        let mut words = Vec::new();
        let each = &mut |prefix: &str, word: &str| words.push(format!("{prefix}{word}"));
        each_word_of_value(prefix, value, &mut { MAX_WORDS }, &mut String::new(), each);
        words
    }

    #[test]
    fn cuts_names_into_words() {
        assert_eq!(
            words_of("=", "entry-content relatedPosts"),
            ["=entry-content", "=relatedposts", "entry", "content", "related", "posts"]
        );
        assert_eq!(words_of("=", "css-1x2abc h2"), ["css", "abc"]);
        assert_eq!(words_of("=", "ÜberUns"), ["=Überuns".to_owned(), "über".to_owned(), "uns".to_owned()]);
        assert_eq!(words_of("", "entry-content"), ["entry", "content"]);
    }

    #[test]
    fn hashes_are_those_of_the_words() {
        let mut hashes = WordHashes::default();
        let (many, long) = ("ab-cd efg ".repeat(40), "x".repeat(600));
        for value in [
            "",
            "a",
            "aBc",
            "ABc-dEF",
            "xX9yY",
            " relatedPosts--top_Item 7",
            "a\tbcd\nEfG",
            "ab\x0bcd",
            "ÜberUns menu",
            "abcdefghijklmnopqrstuvwxyzab abcdefghijklmnopqrstuvwxyzabc",
            "abcdefghijklmnopqrst-abcdefghijklmnopqrstu",
            &many,
            &long,
        ] {
            for prefix in ["", "=", "role="] {
                let words = words_of(prefix, value);
                let expected: Vec<u32> = words.iter().map(|word| fnv::pieces_32(&[word])).collect();
                assert_eq!(hashes.of(prefix, value), expected, "{prefix}{value}");
            }
        }
    }
}
