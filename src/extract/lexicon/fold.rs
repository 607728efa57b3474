//! Text as phrases see it: one spelling for what the eye takes for the same.

use crate::extract::letters::{Eight, is_letter_or_digit, small};
use std::borrow::Cow;
use std::cell::OnceCell;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// Compatibility composition (NFKC), lower case, straight quotes and dashes, single spaces, trimmed.
/// Invisible characters (soft hyphens, joiners, byte order marks) are left out.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_onto(text, &mut folded);
    folded
}

/// Appends a folded text to others.
pub(super) fn fold_onto(text: &str, folded: &mut String) {
    fold_into(text, folded);
}

/// What takes folded text.
trait Sink {
    /// A folded character and the offset of its source.
    fn take(&mut self, character: char, origin: usize);

    /// Characters that only have to be made small: ASCII, from `origin` on.
    fn take_plain(&mut self, run: &str, origin: usize);
}

impl Sink for String {
    fn take(&mut self, character: char, _origin: usize) {
        self.push(character);
    }

    fn take_plain(&mut self, run: &str, _origin: usize) {
        let start = self.len();
        self.push_str(run);
        self[start..].make_ascii_lowercase();
    }
}

/// For each byte of folded text the offset of its source.
impl Sink for Vec<u32> {
    fn take(&mut self, character: char, origin: usize) {
        self.resize(self.len() + character.len_utf8(), origin as u32);
    }

    fn take_plain(&mut self, run: &str, origin: usize) {
        self.extend(origin as u32..(origin + run.len()) as u32);
    }
}

/// Folded text that knows where each of its characters stood in the original, so that a match on
/// the folded text can ask the original for its capitals.
#[derive(Debug)]
pub(super) struct Folded<'a> {
    original: &'a str,
    text: Cow<'a, str>,
    /// For each byte of `text` the offset of its source character in `original`; one more for the end. Few texts
    /// are asked.
    origins: OnceCell<Vec<u32>>,
}

impl<'a> Folded<'a> {
    /// Folds a text of less than 4 GiB (callers pass blocks of a few hundred characters).
    pub(super) fn new(original: &'a str) -> Self {
        Self { original, text: Cow::Owned(fold(original)), origins: OnceCell::new() }
    }

    /// A text that has been folded before.
    pub(super) fn again(original: &'a str, folded: &'a str) -> Self {
        Self { original, text: Cow::Borrowed(folded), origins: OnceCell::new() }
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
        if self.is_plain_to(at) {
            return at.min(self.original.len());
        }
        let origins = self.origins.get_or_init(|| origins(self.original));
        origins.get(at).map_or(self.original.len(), |&origin| origin as usize)
    }

    /// Whether the text up to a place, the byte there too, is the original but for its capitals: each byte then stands
    /// where it stood.
    fn is_plain_to(&self, at: usize) -> bool {
        let (original, text) = (self.original.as_bytes(), self.text.as_bytes());
        let end = if at < text.len() { at + 1 } else { text.len().max(original.len()) };
        let pair = original.get(..end).zip(text.get(..end));
        pair.is_some_and(|(original, text)| original.is_ascii() && original.eq_ignore_ascii_case(text))
    }

    /// Whether the original has a capital at `at`, or a letter of a script that knows no capitals.
    pub(super) fn is_capital(&self, at: usize) -> bool {
        let first = self.original[self.origin(at)..].chars().next();
        first.is_some_and(|first| first.is_alphabetic() && !first.is_lowercase())
    }
}

fn origins(original: &str) -> Vec<u32> {
    let mut origins = Vec::with_capacity(original.len() + 1);
    fold_into(original, &mut origins);
    origins.push(original.trim_end().len() as u32);
    origins
}

/// The first byte of the first characters that join what stands before them (U+0300).
const FIRST_MARK: u8 = 0xcc;

fn fold_into(text: &str, sink: &mut impl Sink) {
    let mut spacing = Spacing { sink, space: None, has_begun: false };
    let mut at = 0;
    let mut buffer = String::new();
    let is_marked = |end: usize| text.as_bytes().get(end).is_some_and(|byte| *byte >= FIRST_MARK && is_mark(text, end));
    while let Some(&byte) = text.as_bytes().get(at) {
        let run = plain_run(&text.as_bytes()[at..]);
        if run > 0 {
            spacing.take_plain(&text[at..at + run], at);
            at += run;
            continue;
        }
        if byte.is_ascii() && !is_marked(at + 1) {
            spacing.take(straight(char::from(byte.to_ascii_lowercase())), at);
            at += 1;
            continue;
        }
        let Some(character) = text[at..].chars().next() else { return };
        let end = at + character.len_utf8();
        if is_settled(character) && !is_marked(end) {
            match straight(character) {
                'İ' => 'İ'.to_lowercase().for_each(|lower| spacing.take(lower, at)),
                plain => spacing.take(small(plain), at),
            }
            at = end;
            continue;
        }
        at += fold_cluster(&text[at..], at, &mut buffer, &mut spacing);
    }
}

/// Whether the character at a place joins what stands before it.
fn is_mark(text: &str, at: usize) -> bool {
    text[at..].chars().next().is_some_and(|character| !is_settled(character) && joins_previous(character))
}

/// The length of a beginning that is folded by making its letters small: words of ASCII with single spaces between
/// them, without a mark on the last character.
fn plain_run(bytes: &[u8]) -> usize {
    let (mut begun, mut is_behind_space) = (0, true);
    while let Some(eight) = Eight::of_ascii(&bytes[begun..]) {
        if !eight.is_spaced_singly(is_behind_space) || eight.has(b'`') {
            break;
        }
        begun += 8;
        is_behind_space = eight.ends_in(b' ');
    }
    let mut end = begun - usize::from(begun > 0 && is_behind_space);
    for (at, byte) in bytes.iter().enumerate().skip(begun) {
        match byte {
            b'`' => return end,
            b'!'..=b'~' => end = at + 1,
            b' ' if at > 0 && end == at => {}
            0..FIRST_MARK => return end,
            FIRST_MARK.. => return if end == at { at.saturating_sub(1) } else { end },
        }
    }
    end
}

/// Folds the first character of a text with the marks on it; returns its length in bytes.
fn fold_cluster(text: &str, offset: usize, buffer: &mut String, spacing: &mut Spacing<'_, impl Sink>) -> usize {
    let mut rest = text.chars();
    let Some(character) = rest.next() else { return 0 };
    let length = character.len_utf8();
    if is_invisible(character) {
        return length;
    }
    let marks: usize = rest.take_while(|mark| joins_previous(*mark)).map(char::len_utf8).sum();
    let first = if marks == 0 { straight(character) } else { character };
    buffer.clear();
    buffer.extend(std::iter::once(first).chain(text[length..length + marks].chars()).nfkc());
    for folded in buffer.chars().filter(|c| !is_invisible(*c)).map(straight).flat_map(char::to_lowercase) {
        spacing.take(folded, offset);
    }
    length + marks
}

/// Makes white space single spaces, none before the text or behind it.
struct Spacing<'s, S> {
    sink: &'s mut S,
    space: Option<usize>,
    has_begun: bool,
}

impl<S: Sink> Spacing<'_, S> {
    fn take(&mut self, character: char, offset: usize) {
        if character.is_whitespace() {
            self.space.get_or_insert(offset);
        } else {
            self.go_on();
            self.sink.take(character, offset);
        }
    }

    fn take_plain(&mut self, run: &str, offset: usize) {
        self.go_on();
        self.sink.take_plain(run, offset);
    }

    /// A word comes: the space before it is one between words if another has been.
    fn go_on(&mut self) {
        if let Some(origin) = self.space.take().filter(|_| self.has_begun) {
            self.sink.take(' ', origin);
        }
        self.has_begun = true;
    }
}

/// Whether normalisation leaves a character alone, among those that most texts are made of: letters of Latin (but for
/// ligatures and the like), Greek, Cyrillic, Georgian, Arabic, kana, Han and Hangul, quotes, brackets and dashes.
fn is_settled(character: char) -> bool {
    matches!(character,
        'À'..='ı' | 'Ĵ'..='ľ' | 'Ł'..='ň' | 'Ŋ'..='ž' | 'Ơ' | 'ơ' | 'Ư' | 'ư' | 'Α'..='ώ' | 'Ѐ'..='џ' | 'Ạ'..='ỹ' | '–'..='―'
        | '‘'..='‟' | '•' | '€' | '«' | '»' | '©' | '®' | '·' | '、'..='】' | 'ぁ'..='ゖ' | 'ァ'..='・' | 'ー' | '一'..='鿿'
        | '가'..='힣' | 'ა'..='ჺ' | 'ء'..='غ' | 'ف'..='ي' | 'پ' | 'چ' | 'ژ' | 'ک' | 'گ' | 'ی')
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
    is_letter_or_digit(character) || !character.is_ascii() && canonical_combining_class(character) != 0
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
    fn runs_of_plain_words_are_folded_like_their_characters() {
        let by_characters = |text: &str| {
            let spaced: Vec<&str> = text.split_whitespace().collect();
            spaced.join(" ").nfkc().map(straight).flat_map(char::to_lowercase).collect::<String>()
        };
        for text in [
            "Plain Words",
            " A  B c",
            "Late caf\u{e9} Noir",
            "e\u{301}",
            "Caf E\u{301} X",
            "A`B",
            "a\tB c ",
            "An – Bo",
            "Plain Words of Ferries e\u{301}",
            "Eight By ",
            "Eight By  t",
            "Eight By`t",
            "Eight B é",
            "Привет, мир и\u{306}",
            "さ\u{3099}くら・市場「ー」",
            "Tiếng Việt o\u{31b}\u{301}",
            "ქართული",
            "لغة عربي\u{6cc}",
            "각\u{11a8}가\u{11a8}",
        ] {
            assert_eq!(fold(text), by_characters(text));
            assert_eq!(Folded::new(text).origin(0), text.find(|c: char| !c.is_whitespace()).unwrap());
        }
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
    fn characters_that_are_taken_as_they_are_are_what_normalisation_leaves() {
        let settled = ('\u{80}'..='\u{ffff}').filter(|c| is_settled(*c));
        let changed: String = settled.filter(|c| !std::iter::once(*c).nfkc().eq([*c]) || is_invisible(*c)).collect();
        assert_eq!(changed, "");
        assert!(('\u{80}'..='\u{2ff}').all(|c| !joins_previous(c)), "no mark stands before FIRST_MARK");
        assert!(!('\u{80}'..='\u{ffff}').any(|c| is_settled(c) && joins_previous(c)));
        let longer = ('\u{80}'..='\u{ffff}').filter(|c| is_settled(*c) && !c.to_lowercase().eq([small(*c)]));
        assert_eq!(longer.collect::<String>(), "İ", "all others have one small letter");
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

    #[test]
    fn plain_beginnings_stand_where_they_stood() {
        for original in
            ["By Ann", "By  Ann", "By Ann ", " By Ann", "By\u{a0}Ann", "By Änn", "B\ty", "`A`", "e\u{301} q\u{301}", ""]
        {
            let folded = Folded::new(original);
            let origins = origins(original);
            for at in (0..=folded.text().len()).filter(|at| folded.text().is_char_boundary(*at)) {
                assert_eq!(folded.origin(at), origins[at] as usize, "{original:?} at {at}");
            }
        }
    }
}
