//! Text as phrases see it: one spelling for what the eye takes for the same.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// Compatibility composition (NFKC), lower case, straight quotes and dashes, single spaces, trimmed.
/// Invisible characters (soft hyphens, joiners, byte order marks) are left out.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(text, |piece, _| folded.push_str(piece));
    folded
}

/// Folded text that knows where each of its characters stood in the original, so that a match on
/// the folded text can ask the original for its capitals.
#[derive(Debug)]
pub(super) struct Folded<'a> {
    original: &'a str,
    text: String,
    /// For each byte of `text` the offset of its source character in `original`; one more for the end.
    origins: Vec<u32>,
}

impl<'a> Folded<'a> {
    /// Folds a text of less than 4 GiB (callers pass blocks of a few hundred characters).
    pub(super) fn new(original: &'a str) -> Self {
        let mut text = String::with_capacity(original.len());
        let mut origins = Vec::with_capacity(original.len() + 1);
        fold_into(original, |piece, origin| {
            text.push_str(piece);
            origins.resize(text.len(), origin as u32);
        });
        origins.push(original.trim_end().len() as u32);
        Self { original, text, origins }
    }

    /// The text as it was given.
    pub(super) fn original(&self) -> &'a str {
        self.original
    }

    /// The folded text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Offset in the original of the character at `at` in the folded text.
    pub(super) fn origin(&self, at: usize) -> usize {
        self.origins.get(at).map_or(self.original.len(), |&origin| origin as usize)
    }

    /// Whether the original has a capital at `at`, or a letter of a script that knows no capitals.
    pub(super) fn is_capital(&self, at: usize) -> bool {
        let first = self.original[self.origin(at)..].chars().next();
        first.is_some_and(|first| first.is_alphabetic() && !first.is_lowercase())
    }
}

/// Calls `push` with each folded piece and the offset of its source.
fn fold_into(text: &str, mut push: impl FnMut(&str, usize)) {
    let mut space: Option<usize> = None;
    let mut begun = false;
    let mut buffer = String::new();
    let mut rest = text.char_indices().peekable();
    while let Some((offset, character)) = rest.next() {
        if is_invisible(character) {
            continue;
        }
        buffer.clear();
        fold_char(straight(character), &mut buffer);
        if !character.is_ascii() || rest.peek().is_some_and(|(_, next)| !next.is_ascii()) {
            let mut marks = String::new();
            while let Some((_, mark)) = rest.next_if(|&(_, next)| joins_previous(next)) {
                marks.push(mark);
            }
            if !marks.is_empty() {
                let composed = std::iter::once(character).chain(marks.chars()).nfkc();
                buffer = composed.filter(|c| !is_invisible(*c)).map(straight).flat_map(char::to_lowercase).collect();
            }
        }
        for (at, piece) in buffer.char_indices() {
            if piece.is_whitespace() {
                space.get_or_insert(offset);
                continue;
            }
            if let Some(origin) = space.take().filter(|_| begun) {
                push(" ", origin);
            }
            begun = true;
            push(&buffer[at..at + piece.len_utf8()], offset);
        }
    }
}

fn fold_char(character: char, buffer: &mut String) {
    if character.is_ascii() {
        buffer.push(character.to_ascii_lowercase());
    } else {
        let plain = std::iter::once(character).nfkc().filter(|c| !is_invisible(*c)).map(straight);
        buffer.extend(plain.flat_map(char::to_lowercase));
    }
}

/// Quotes, dashes and digits in their ASCII shape, letters that are written for each other as one of
/// them, all else as it is.
fn straight(character: char) -> char {
    match character {
        '٠'..='٩' => ascii_digit(character, '٠'),
        '۰'..='۹' => ascii_digit(character, '۰'),
        '०'..='९' => ascii_digit(character, '०'),
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ى' => 'ي',
        'ँ' => 'ं',
        '‘' | '’' | '‚' | '‛' | '′' | 'ʼ' | 'ʻ' | '`' | '´' => '\'',
        '“' | '”' | '„' | '‟' | '«' | '»' | '″' => '"',
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => '-',
        other => other,
    }
}

fn ascii_digit(digit: char, zero: char) -> char {
    let value = digit as u32 - zero as u32;
    char::from_digit(value, 10).unwrap_or(digit)
}

/// What the eye does not see, or a writer may leave out: Arabic vowel signs and stretches, the dot
/// below that Hindi sets or not.
fn is_invisible(character: char) -> bool {
    is_optional(character)
        || matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{fe0e}' | '\u{fe0f}')
}

fn is_optional(character: char) -> bool {
    matches!(character, '\u{640}' | '\u{64b}'..='\u{652}' | '\u{670}' | '\u{93c}')
}

/// Whether a character is part of a word: a letter, a digit, or a mark on one.
pub(super) fn is_in_word(character: char) -> bool {
    character.is_alphanumeric() || !character.is_ascii() && canonical_combining_class(character) != 0
}

/// Combining marks, and the two kinds of starters that compose with what stands before them:
/// halfwidth kana voice marks and Hangul vowels and finals.
fn joins_previous(character: char) -> bool {
    canonical_combining_class(character) != 0 || matches!(character, '\u{ff9e}' | '\u{ff9f}' | '\u{1160}'..='\u{11ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_one_spelling_of_quotes_dashes_spaces_and_case() {
        assert_eq!(fold("  Don’t\u{a0}\n MISS — „it“… "), "don't miss - \"it\"...");
        assert_eq!(fold("Ｓｕｂｓｃｒｉｂｅ　１"), "subscribe 1");
        assert_eq!(fold("news\u{ad}letter\u{200b}s"), "newsletters");
        assert_eq!(fold(" \n\t "), "");
    }

    #[test]
    fn composes_marks_with_their_letters() {
        assert_eq!(fold("E\u{301}te\u{301}"), "été");
        assert_eq!(fold("Читаи\u{306}те"), "читайте");
        assert_eq!(fold("ｶﾞｲﾄﾞ"), "ガイド");
    }

    #[test]
    fn leaves_out_what_writers_may_leave_out() {
        assert_eq!(fold("اِقْرَأ أيضـــاً"), "اقرا ايضا");
        assert_eq!(fold("आगे पढ़ें"), fold("आगे पढे\u{902}"));
        assert_eq!(fold("\u{95b}ू\u{901}"), "जूं");
        assert_eq!(fold("٣ دقائق ५ मिनट"), "3 دقائق 5 मिनट");
    }

    #[test]
    fn remembers_where_characters_stood() {
        let folded = Folded::new("  Von  ÄNNE…\u{ad} x ");
        let at = folded.text().find("änne").unwrap();
        assert!(folded.is_capital(at));
        assert_eq!(&"  Von  ÄNNE…\u{ad} x "[folded.origin(at)..][.."ÄNNE".len()], "ÄNNE");
        assert!(!folded.is_capital(folded.text().find('x').unwrap()));
        assert_eq!(folded.origin(folded.text().len()), "  Von  ÄNNE…\u{ad} x".len());
    }
}
