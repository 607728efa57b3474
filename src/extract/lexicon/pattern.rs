//! Phrases with placeholders, matched on folded text.

use super::fold::{Folded, fold, is_in_word};
use super::script::{is_hangul, is_seam};
use crate::extract::letters::is_letter_or_digit;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// Words that stand for each other, folded, in the order of their first bytes: `{month}` in a phrase is any of the list
/// `month`.
pub(super) type Lists = BTreeMap<String, Arc<[String]>>;

/// Most words that `{*}` stands for; of a script without spaces, three characters count as one.
const GAP_WORDS: usize = 8;
/// Most capitalised words that `{name}` stands for.
const NAME_WORDS: usize = 4;
/// How many characters `{name}` stands for where titles and particles are written to it without a
/// space: family and given name.
const SPACELESS_NAME: std::ops::RangeInclusive<usize> = 2..=7;

/// More than any number or name has, and any marks and spaces between parts or around a phrase, in bytes: longer texts
/// need no look.
const NUMBER_BYTES: usize = 24;
const NAME_BYTES: usize = NAME_WORDS * 64;
const BETWEEN_BYTES: usize = 16;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Words(String),
    /// The name of a list in braces: one of its words.
    OneOf(Arc<[String]>),
    /// `{*}`: up to [`GAP_WORDS`] words, also none.
    Gap,
    /// `{n}`: digits, with separators inside.
    Number,
    /// `{name}`: one to [`NAME_WORDS`] capitalised words; any words in scripts without capitals.
    Name,
}

/// A phrase, compiled.
#[derive(Debug)]
pub(super) struct Pattern {
    parts: Vec<Part>,
}

/// A set of bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Bytes([u64; 4]);

impl Bytes {
    pub(super) const ALL: Self = Self([u64::MAX; 4]);

    pub(super) fn of(bytes: impl Iterator<Item = u8>) -> Self {
        let mut set = Self::default();
        bytes.for_each(|byte| set.0[usize::from(byte / 64)] |= 1 << (byte % 64));
        set
    }

    pub(super) fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte / 64)] >> (byte % 64) & 1 != 0
    }
}

/// Where a match has to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// At a word's end.
    Anywhere,
    /// At the text's end; marks without letters and digits may follow.
    OfText,
}

impl Pattern {
    /// Compiles a phrase; `None` if a placeholder is unknown or no words are left.
    pub(super) fn parse(phrase: &str, lists: &Lists) -> Option<Self> {
        let folded = fold(phrase);
        let mut parts = Vec::new();
        let mut rest = folded.as_str();
        while let Some(open) = rest.find('{') {
            push_words(&mut parts, &rest[..open]);
            let close = open + rest[open..].find('}')?;
            parts.push(match &rest[open + 1..close] {
                "*" => Part::Gap,
                "n" => Part::Number,
                "name" => Part::Name,
                list => Part::OneOf(Arc::clone(lists.get(list)?)),
            });
            rest = &rest[close + 1..];
        }
        push_words(&mut parts, rest);
        let pattern = Self { parts };
        (!pattern.anchors().is_empty()).then_some(pattern)
    }

    /// Words of which one is in every text that has the phrase: its longest ones, else a list's, else mere marks, which
    /// are in most texts.
    pub(super) fn anchors(&self) -> Vec<&str> {
        self.anchor().map_or_else(Vec::new, |at| self.parts[at].choices())
    }

    /// The part that is those.
    fn anchor(&self) -> Option<usize> {
        let said = self.parts.iter().enumerate().filter_map(|(at, part)| match part {
            Part::Words(words) => Some((at, words)),
            _ => None,
        });
        let words = said.filter(|(_, words)| words.contains(is_letter_or_digit));
        let longest = words.max_by_key(|(_, words)| words.len()).map(|(at, _)| at);
        let first = |is_anchor: fn(&Part) -> bool| self.parts.iter().position(is_anchor);
        longest
            .or_else(|| first(|part| matches!(part, Part::OneOf(_))))
            .or_else(|| first(|part| !part.choices().is_empty()))
    }

    /// How many spaces at most stand before its anchor in a text that it begins, its own marks aside; `None` where that
    /// may be any number.
    pub(super) fn spaces_before_anchor(&self) -> Option<usize> {
        let before = &self.parts[..self.anchor()?];
        // One before each part, and one before the anchor.
        before.iter().map(Part::spaces).try_fold(before.len() + 1, |sum, spaces| Some(sum + spaces?))
    }

    /// Whether the words of [`Pattern::anchors`] stand at its beginning.
    pub(super) fn opens_with_anchor(&self) -> bool {
        self.openings() == self.anchors()
    }

    /// The bytes that a match may begin with; `None` where that may be any.
    pub(super) fn first_bytes(&self) -> Option<Bytes> {
        match self.parts.first()? {
            Part::Number => Some(Bytes::of(b'0'..=b'9')),
            Part::Gap | Part::Name => None,
            words => Some(Bytes::of(words.choices().iter().filter_map(|words| words.bytes().next()))),
        }
    }

    /// The words that the phrase begins with; none if it begins with another placeholder.
    pub(super) fn openings(&self) -> Vec<&str> {
        self.parts.first().map(Part::choices).unwrap_or_default()
    }

    /// No text that is the phrase is longer, in bytes; `None` where it may be of any length.
    pub(super) fn longest(&self) -> Option<usize> {
        let longest = |part: &Part| match part {
            Part::Words(words) => Some(words.len()),
            Part::OneOf(words) => words.iter().map(String::len).max(),
            Part::Number => Some(NUMBER_BYTES),
            Part::Name => Some(NAME_BYTES),
            Part::Gap => None,
        };
        self.parts.iter().map(|part| Some(longest(part)? + BETWEEN_BYTES)).sum()
    }

    /// The end of a match that begins at `from` of the folded text.
    pub(super) fn match_at(
        &self,
        text: &Folded<'_>,
        from: usize,
        end: End,
        particles: &HashSet<String>,
    ) -> Option<usize> {
        Matcher { text, from, end, particles }.parts(&self.parts, from)
    }
}

impl Part {
    /// How many spaces at most stand in it; `None` where that may be any number.
    fn spaces(&self) -> Option<usize> {
        match self {
            Self::Words(_) | Self::OneOf(_) => self.choices().iter().map(|words| words.matches(' ').count()).max(),
            Self::Number => Some(0),
            Self::Name => Some(NAME_WORDS - 1),
            Self::Gap => None,
        }
    }

    /// The words that the part may be, if they are known.
    fn choices(&self) -> Vec<&str> {
        match self {
            Self::Words(words) => vec![words],
            Self::OneOf(words) => words.iter().map(String::as_str).collect(),
            Self::Gap | Self::Number | Self::Name => vec![],
        }
    }
}

fn push_words(parts: &mut Vec<Part>, words: &str) {
    let words = words.trim();
    if !words.is_empty() {
        parts.push(Part::Words(words.to_owned()));
    }
}

struct Matcher<'a> {
    text: &'a Folded<'a>,
    /// Where the match begins.
    from: usize,
    end: End,
    particles: &'a HashSet<String>,
}

impl Matcher<'_> {
    /// Matches the parts one after the other; as deep as a phrase has parts.
    fn parts(&self, parts: &[Part], at: usize) -> Option<usize> {
        let Some((part, rest)) = parts.split_first() else {
            return self.ends_at(at).then_some(at);
        };
        match part {
            Part::Words(words) => self.parts(rest, self.words(words, at, !rest.is_empty())?),
            Part::OneOf(words) => {
                // Most words of a list begin with another letter.
                let first = self.text.text().as_bytes().get(skip_space(self.text.text(), at));
                let from = words.partition_point(|words| words.as_bytes().first() < first);
                let mut may_stand = words[from..].iter().take_while(|words| words.as_bytes().first() == first);
                may_stand.find_map(|words| self.parts(rest, self.words(words, at, !rest.is_empty())?))
            }
            Part::Number => self.parts(rest, self.number(at)?),
            Part::Name => self.names(at).into_iter().rev().find_map(|end| self.parts(rest, end)),
            Part::Gap => self.gaps(at).into_iter().find_map(|end| self.parts(rest, end)),
        }
    }

    fn ends_at(&self, at: usize) -> bool {
        match self.end {
            End::Anywhere => is_boundary(self.text.text(), at),
            End::OfText => !self.text.text()[at..].contains(is_letter_or_digit),
        }
    }

    /// `goes_on`: other parts follow.
    fn words(&self, words: &str, at: usize, goes_on: bool) -> Option<usize> {
        let text = self.text.text();
        let from = skip_space(text, at);
        if !text[from..].starts_with(words) {
            return None;
        }
        let end = from + words.len();
        // Korean writes the parts of a phrase together.
        let begins = is_boundary(text, from) || at > self.from && is_between_hangul(text, from);
        let ends = || is_boundary(text, end) || goes_on && is_between_hangul(text, end);
        (begins && ends()).then_some(end)
    }

    fn number(&self, at: usize) -> Option<usize> {
        let text = self.text.text();
        let from = skip_space(text, at);
        let length = text[from..].find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',' | '\''));
        let digits = text[from..from + length.unwrap_or(text.len() - from)].trim_end_matches(['.', ',', '\'']);
        digits.starts_with(|first: char| first.is_ascii_digit()).then_some(from + digits.len())
    }

    /// The ends of a name of one, two, ... words.
    fn names(&self, at: usize) -> Vec<usize> {
        let text = self.text.text();
        let mut ends = Vec::new();
        let mut at = skip_space(text, at);
        for _ in 0..NAME_WORDS {
            if at >= text.len() {
                break;
            }
            let end = name_word_end(text, at);
            let word = &text[at..end];
            if word.starts_with(is_spaceless) {
                ends.extend(spaceless_ends(word).map(|length| at + length));
                break;
            }
            if word.starts_with(is_hangul) {
                ends.extend(spaceless_ends(word).map(|length| at + length));
            }
            if self.text.is_capital(at) {
                let is_initial = word.len() <= 3;
                let word = word.trim_end_matches(['\'', '-']);
                ends.push(at + if is_initial { word } else { word.trim_end_matches('.') }.len());
            } else if ends.is_empty() || !self.particles.contains(word) {
                break;
            }
            if !text[end..].starts_with(' ') {
                break;
            }
            at = end + 1;
        }
        ends
    }

    /// The ends of a gap of none, one, two, ... words.
    fn gaps(&self, at: usize) -> Vec<usize> {
        let text = self.text.text();
        let mut ends = vec![at];
        let (mut words, mut spaceless) = (0, 0);
        let mut previous = text[..at].chars().next_back();
        for (offset, character) in text[at..].char_indices().chain([(text.len() - at, ' ')]) {
            if offset > 0 && previous != Some(' ') && is_boundary(text, at + offset) {
                ends.push(at + offset);
            }
            spaceless += usize::from(is_spaceless(character));
            words += usize::from(offset > 0 && character == ' ');
            if words + spaceless / 3 >= GAP_WORDS {
                break;
            }
            previous = Some(character);
        }
        ends
    }
}

fn is_between_hangul(text: &str, at: usize) -> bool {
    text[..at].ends_with(is_hangul) && text[at..].starts_with(is_hangul)
}

/// Where a name may end in a word of a script without spaces, or of Hangul.
fn spaceless_ends(word: &str) -> impl Iterator<Item = usize> {
    let ends =
        word.char_indices().take_while(|(_, c)| is_spaceless(*c) || is_hangul(*c)).map(|(at, c)| at + c.len_utf8());
    ends.take(*SPACELESS_NAME.end()).skip(SPACELESS_NAME.start() - 1)
}

fn name_word_end(text: &str, at: usize) -> usize {
    let is_inside = |c: char| is_in_word(c) || matches!(c, '\'' | '-' | '.');
    text[at..].find(|c: char| !is_inside(c)).map_or(text.len(), |length| at + length)
}

fn skip_space(text: &str, at: usize) -> usize {
    at + usize::from(text[at..].starts_with(' '))
}

/// Whether no word goes on across `at`. Digits and letters are words apart ("5min"), and so are
/// what Korean and Arabic write together.
pub(super) fn is_boundary(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    let after = text[at..].chars().next();
    !before.zip(after).is_some_and(|(before, after)| {
        is_in_word(before)
            && is_in_word(after)
            && before.is_ascii_digit() == after.is_ascii_digit()
            && !is_spaceless(before)
            && !is_spaceless(after)
            && !is_seam(text, at)
    })
}

/// Letters of scripts that write no spaces between words.
pub(super) fn is_spaceless(character: char) -> bool {
    matches!(character,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3005}'..='\u{3007}' | '\u{3031}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists() -> Lists {
        Lists::from([("unit".to_owned(), ["min", "minutes"].map(str::to_owned).into())])
    }

    fn matches(phrase: &str, text: &str, end: End) -> bool {
        let particles = HashSet::from(["von".to_owned(), "de".to_owned()]);
        let pattern = Pattern::parse(phrase, &lists()).unwrap();
        pattern.match_at(&Folded::new(text), 0, end, &particles).is_some()
    }

    #[test]
    fn name_needs_capitals() {
        assert!(matches("by {name}", "By Ann Lee", End::OfText));
        assert!(matches("by {name}", "By Ann de Lee", End::OfText));
        assert!(matches("by {name}", "By J. R. Lee-O’Hara", End::OfText));
        assert!(!matches("by {name}", "By ann lee", End::OfText));
        assert!(!matches("by {name}", "By Ann and friends", End::OfText));
        assert!(!matches("by {name}", "By One Two Three Four Five", End::OfText));
        assert!(matches("文{name}", "文山田太郎", End::OfText));
        assert!(matches("{name}記者", "山田太郎記者", End::OfText));
        assert!(!matches("文{name}", "文化の日に市議会が開かれた", End::OfText));
        assert!(matches("{name} 기자", "김철수 기자", End::OfText));
        assert!(matches("{name}기자", "김철수기자", End::OfText));
        assert!(matches("{name}의 모든 글", "김철수의 모든 글", End::OfText));
        assert!(matches("{*}에 대한 댓글 {n}개", "새 항로에 대한 댓글 5개", End::OfText));
        assert!(matches("{name} की रिपोर्ट", "अनिरुद्ध शर्मा की रिपोर्ट", End::OfText));
    }

    #[test]
    fn number_needs_digits() {
        assert!(matches("{n} comments", "1,204 Comments", End::OfText));
        assert!(matches("{n}:{n} / {n}:{n}", "0:00 / 12:31", End::OfText));
        assert!(matches("{n} min read", "10min read", End::OfText));
        assert!(!matches("top {n} s", "top 5 0", End::OfText));
        assert!(!matches("{n} comments", "Some comments", End::OfText));
        assert!(!matches("{n} comments", ", comments", End::OfText));
    }

    #[test]
    fn list_stands_for_one_of_its_words() {
        assert!(matches("{n} {unit} read", "5 minutes read", End::OfText));
        assert!(matches("{n} {unit}", "5 min", End::OfText));
        assert!(!matches("{n} {unit} read", "5 pages read", End::OfText));
    }

    #[test]
    fn gap_spans_up_to_eight_words() {
        assert!(matches("join {*} newsletter", "Join newsletter", End::OfText));
        assert!(matches("join {*} newsletter", "Join our free weekly newsletter!", End::OfText));
        assert!(matches("join {*} newsletter", "join 1 2 3 4 5 6 7 8 newsletter", End::OfText));
        assert!(!matches("join {*} newsletter", "join 1 2 3 4 5 6 7 8 9 newsletter", End::OfText));
        assert!(matches("more from {*}", "More from the Harbour desk", End::OfText));
        assert!(matches("want more {*}? sign up", "Want more harbour news? Sign up", End::OfText));
        assert!(matches("(by {*})", "(By Ann Lee)", End::OfText));
        assert!(matches("続きを{*}登録", "続きを読むには会員登録", End::OfText));
    }

    #[test]
    fn anchors_stand_behind_no_more_spaces_than_the_parts_before_them_have() {
        let spaces = |phrase: &str| Pattern::parse(phrase, &lists()).unwrap().spaces_before_anchor();
        assert_eq!(spaces("by {name}"), Some(1));
        assert_eq!(spaces("{name}, {n} {unit}"), Some(4 + 3), "the comma is in most texts");
        assert_eq!(spaces("{n} {unit} of reading"), Some(3));
        assert_eq!(spaces("one {n} three and four"), Some(3));
        assert_eq!(spaces("{*} said {name}"), None);
    }

    #[test]
    fn words_end_where_the_phrase_ends() {
        assert!(!matches("ad", "adder", End::Anywhere));
        assert!(matches("広告", "広告です", End::Anywhere));
        assert!(matches("뉴스레터", "뉴스레터를 받아 보세요", End::Anywhere));
        assert!(!matches("구독", "구독자가 늘었다", End::Anywhere));
        assert!(!matches("न्यू", "न्यूज़लेटर", End::Anywhere));
        assert!(!matches("न", "न्यूज़", End::Anywhere), "a sign joins two letters");
        assert!(!matches("share", "share it", End::OfText));
    }

    #[test]
    fn refuses_unknown_placeholders_and_bare_ones() {
        for phrase in ["by {who}", "by {name", "{n} {*}", ""] {
            assert!(Pattern::parse(phrase, &lists()).is_none(), "{phrase}");
        }
    }
}
