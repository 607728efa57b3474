//! The words of attributes, and what they mark.

use crate::extract::word_list::WordList;

/// How much of an attribute is read, in bytes: enough for any real list of classes, and little
/// enough that one element with a huge one may have many descendants.
pub(super) const MAX_ATTRIBUTE_BYTES: usize = 512;

/// Words of `class`, `id`, `itemprop`, `rel` or `data-testid` that mark who wrote something, then those that mark a date
/// of publication.
static MARKS: WordList = WordList::new(&[
    "author",
    "authors",
    "byline",
    "bylines",
    "autor",
    "autoren",
    "autorzy",
    "auteur",
    "auteurs",
    "autore",
    "writer",
    "reporter",
    "journalist",
    "contributor",
    "contributors",
    "redacteur",
    "skribent",
    "forfatter",
    "kirjoittaja",
    "creator",
    "date",
    "datum",
    "fecha",
    "data",
    "pubdate",
    "published",
    "publish",
    "datepublished",
    "dateline",
    "timestamp",
    "datetime",
    "posted",
    "publication",
    "created",
    "datecreated",
    "time",
]);

/// How many of these mark who wrote something.
const BYLINE_MARKS: usize = 20;

/// What the words of an attribute mark.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Marks {
    /// Who wrote something.
    pub(super) byline: bool,
    /// When it was published.
    pub(super) date: bool,
}

impl Marks {
    pub(super) fn of(value: &str) -> Self {
        let mut marks = Self::default();
        for mark in words(value).filter_map(|word| MARKS.find(word)) {
            marks.byline |= mark < BYLINE_MARKS;
            marks.date |= mark >= BYLINE_MARKS;
        }
        marks
    }
}

/// What a byte is in a word of an attribute.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Letter {
    None,
    Small,
    Capital,
    Digit,
}

/// Every byte; all beyond ASCII stand between words.
const LETTERS: [Letter; 256] = {
    let mut letters = [Letter::None; 256];
    let mut byte = 0;
    while byte < 128 {
        letters[byte as usize] = match byte as u8 {
            b'a'..=b'z' => Letter::Small,
            b'A'..=b'Z' => Letter::Capital,
            b'0'..=b'9' => Letter::Digit,
            _ => Letter::None,
        };
        byte += 1;
    }
    letters
};

/// The words of an attribute: `entry-meta__authorName` is `entry`, `meta`, `author`, `Name`.
pub(super) fn words(value: &str) -> impl Iterator<Item = &str> {
    let bytes = &value.as_bytes()[..value.len().min(MAX_ATTRIBUTE_BYTES)];
    let letter = |at: usize| bytes.get(at).map_or(Letter::None, |byte| LETTERS[usize::from(*byte)]);
    let mut at = 0;
    std::iter::from_fn(move || {
        while letter(at) == Letter::None {
            if at >= bytes.len() {
                return None;
            }
            at += 1;
        }
        let start = at;
        let mut last = Letter::None;
        // A capital behind a small letter begins another word.
        loop {
            let next = letter(at);
            if next == Letter::None || next == Letter::Capital && last == Letter::Small {
                return Some(&value[start..at]);
            }
            last = next;
            at += 1;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_attributes_into_words() {
        assert_eq!(words("entry-meta__authorName x2").collect::<Vec<_>>(), ["entry", "meta", "author", "Name", "x2"]);
        assert_eq!(words(&"é".repeat(1_000)).count(), 0);
    }
}
