//! The words of attributes, and what they mark.

use crate::extract::letters::Letter;
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

/// The words of an attribute: `entry-meta__authorName` is `entry`, `meta`, `author`, `Name`.
pub(super) fn words(value: &str) -> impl Iterator<Item = &str> {
    let bytes = &value.as_bytes()[..value.len().min(MAX_ATTRIBUTE_BYTES)];
    // Nothing but ASCII is part of a word.
    let letter = |at: usize| bytes.get(at).map(|byte| Letter::of(*byte)).filter(|letter| letter.is_of_word());
    let mut at = 0;
    std::iter::from_fn(move || {
        while letter(at).is_none() {
            if at >= bytes.len() {
                return None;
            }
            at += 1;
        }
        let start = at;
        let mut last = None;
        // A capital behind a small letter begins another word.
        loop {
            let next = letter(at);
            if next.is_none() || next == Some(Letter::Capital) && last == Some(Letter::Small) {
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
