//! Closed lists of words that are asked of nearly every element of a page.

/// Longest word of a list, in bytes.
const LONGEST: usize = 31;

/// Words of ASCII in small letters. Most words that are asked for are not in the list; length and first letter say so of
/// nearly all of them, at the cost of a look into a table.
#[derive(Debug)]
pub(crate) struct WordList {
    words: &'static [&'static str],
    /// By length: a bit for each letter that a word of that length begins with.
    first_letters: [u32; LONGEST + 1],
}

/// The bit of a letter, capital or small; other bytes share theirs with one.
const fn bit(byte: u8) -> u32 {
    1 << (byte & 31)
}

impl WordList {
    /// For constants: a word that is empty or longer than [`LONGEST`] does not compile there.
    pub(crate) const fn new(words: &'static [&'static str]) -> Self {
        let mut first_letters = [0; LONGEST + 1];
        let mut at = 0;
        while at < words.len() {
            let word = words[at].as_bytes();
            first_letters[word.len()] |= bit(word[0]);
            at += 1;
        }
        Self { words, first_letters }
    }

    /// Which word of the list a word is, in whatever case.
    #[inline]
    pub(crate) fn find(&self, word: &str) -> Option<usize> {
        self.find_bytes(word.as_bytes())
    }

    #[inline]
    fn find_bytes(&self, word: &[u8]) -> Option<usize> {
        let first = *word.first()?;
        if self.first_letters.get(word.len())? & bit(first) == 0 {
            return None;
        }
        self.words.iter().position(|known| known.as_bytes().eq_ignore_ascii_case(word))
    }

    /// Whether a word is in the list, in whatever case.
    #[inline]
    pub(crate) fn has(&self, word: &str) -> bool {
        self.find(word).is_some()
    }

    /// Whether a word is in the list as it stands there.
    pub(crate) fn has_exactly(&self, word: &str) -> bool {
        self.find(word).is_some_and(|at| self.words[at] == word)
    }

    /// Whether one of the words of a text is in the list, in whatever case; white space of ASCII is between them.
    pub(crate) fn has_one_of(&self, text: &str) -> bool {
        text.as_bytes().split(u8::is_ascii_whitespace).any(|word| self.find_bytes(word).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_case_and_others_are_not() {
        const LIST: WordList = WordList::new(&["date", "sr-only", "time"]);
        for word in ["date", "Date", "SR-ONLY", "tiMe"] {
            assert!(LIST.has(word), "{word}");
        }
        for word in ["", "dat", "dame", "dates", "sr_only", "ätime", &"d".repeat(100)] {
            assert!(!LIST.has(word), "{word}");
        }
        assert!(LIST.has_one_of(" a\tSr-only b ") && !LIST.has_one_of("a dates") && !LIST.has_one_of(""));
        assert!(LIST.has_exactly("date") && !LIST.has_exactly("Date"));
    }
}
