//! Writings: which of them a text has, and how words join in those that glue small words to others.

use crate::extract::letters::ascii_run;
use serde::Deserialize;

/// The writing of a language, for pages that do not say theirs or speak another beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Script {
    Latin,
    Cyrillic,
    /// Kana with Han.
    Japanese,
    /// Han alone: Chinese.
    Han,
    Hangul,
    Arabic,
    Devanagari,
}

/// The writings that occur in a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Scripts(u8);

const KANA: u8 = 1 << Script::Japanese as u8;
const HAN: u8 = 1 << Script::Han as u8;

impl Scripts {
    pub(super) fn of(text: &str) -> Self {
        if text.is_ascii() {
            return Self(u8::from(text.bytes().any(|byte| byte.is_ascii_alphabetic())) << Script::Latin as u8);
        }
        let has_letters = text.bytes().any(|byte| byte.is_ascii_alphabetic());
        let mut found = u8::from(has_letters) << Script::Latin as u8;
        let mut rest = &text[ascii_run(text.as_bytes())..];
        while let Some(c) = rest.chars().next() {
            found |= bit(c);
            rest = &rest[c.len_utf8()..];
            rest = &rest[ascii_run(rest.as_bytes())..];
        }
        Self(found)
    }

    /// Whether text of a language may be here, if nothing is known of the page.
    pub(super) fn may_hold(self, script: Script) -> bool {
        let wanted = if script == Script::Japanese { KANA | HAN } else { 1 << script as u8 };
        self.0 & wanted != 0
    }

    /// Whether text of a language is here beside that of a page in another writing. Chinese and
    /// Japanese share Han: only kana tell.
    pub(super) fn hold_beside(self, script: Script, own: Script) -> bool {
        match (script, own) {
            (Script::Japanese, Script::Han) => self.0 & KANA != 0,
            (Script::Han, Script::Japanese) => false,
            _ => script != own && self.may_hold(script),
        }
    }
}

fn bit(c: char) -> u8 {
    let script = match c {
        'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{24f}' => Script::Latin,
        '\u{400}'..='\u{52f}' => Script::Cyrillic,
        '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}' => Script::Japanese,
        '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' => Script::Han,
        c if is_hangul(c) => Script::Hangul,
        c if is_arabic(c) => Script::Arabic,
        '\u{900}'..='\u{97f}' => Script::Devanagari,
        _ => return 0,
    };
    1 << script as u8
}

pub(super) fn is_hangul(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7a3}')
}

pub(super) fn is_arabic(c: char) -> bool {
    matches!(c, '\u{620}'..='\u{64a}' | '\u{671}'..='\u{6d3}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

/// Korean particles, which are written without a space behind a noun.
const PARTICLES: &[&str] = &[
    "을",
    "를",
    "이",
    "가",
    "은",
    "는",
    "의",
    "에",
    "에서",
    "에게",
    "께",
    "께서",
    "로",
    "으로",
    "와",
    "과",
    "도",
    "만",
    "부터",
    "까지",
    "보다",
    "처럼",
    "이나",
    "나",
    "이며",
    "이고",
    "입니다",
];

/// Arabic conjunctions, prepositions and the article, which are written without a space before a word.
const PROCLITICS: &[&str] =
    &["و", "ف", "ب", "ل", "ك", "ال", "وال", "فال", "بال", "كال", "لل", "ولل", "وبال", "وب", "ول"];

/// Whether a word is made up of two at `at`: a Korean noun and its particle, or an Arabic word and
/// what is written before it.
pub(super) fn is_seam(text: &str, at: usize) -> bool {
    let Some((before, after)) = text[..at].chars().next_back().zip(text[at..].chars().next()) else { return false };
    if is_hangul(before) && is_hangul(after) {
        let rest = &text[at..];
        PARTICLES.contains(&&rest[..rest.find(|c| !is_hangul(c)).unwrap_or(rest.len())])
    } else if is_arabic(before) && is_arabic(after) {
        let head = &text[..at];
        PROCLITICS.contains(&head.rsplit(|c| !is_arabic(c)).next().unwrap_or_default())
    } else {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_writings_apart() {
        let undeclared = |text: &str, script| Scripts::of(text).may_hold(script);
        assert!(undeclared("Ärger", Script::Latin) && !undeclared("Ärger", Script::Cyrillic));
        assert!(undeclared("구독하기", Script::Hangul) && !undeclared("구독하기", Script::Japanese));
        assert!(undeclared("اقرأ أيضا", Script::Arabic) && undeclared("यह भी पढ़ें", Script::Devanagari));
        assert!(undeclared("関連記事", Script::Japanese) && undeclared("関連記事", Script::Han));
        assert!(!undeclared("おすすめ", Script::Han) && !undeclared("123", Script::Latin));
    }

    #[test]
    fn han_is_the_pages_own_where_it_has_chinese_or_japanese() {
        assert!(!Scripts::of("相关文章").hold_beside(Script::Japanese, Script::Han));
        assert!(Scripts::of("おすすめ").hold_beside(Script::Japanese, Script::Han));
        assert!(!Scripts::of("関連記事").hold_beside(Script::Han, Script::Japanese));
        assert!(Scripts::of("関連記事").hold_beside(Script::Han, Script::Latin));
        assert!(!Scripts::of("related").hold_beside(Script::Latin, Script::Latin));
    }

    #[test]
    fn words_join_at_particles_and_before_what_arabic_glues_on() {
        let seam = |text: &str, before: &str| is_seam(text, before.len());
        assert!(seam("뉴스레터를 구독", "뉴스레터"));
        assert!(!seam("구독자가", "구독"), "a longer noun");
        assert!(seam("والنشرة", "وال") && seam("واشترك", "و"));
        assert!(!seam("اشتراكات", "اشتراك") && !seam("word", "wo"));
    }
}
