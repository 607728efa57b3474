//! The declared language held against the text.

use super::{claims, tongue};
use crate::article::{ArticleBlock, Field, Metadata, Origin};
use whatlang::{Info, Lang};

/// How much of a text is read, in bytes: the detector's trigrams settle long before.
const READ_BYTES: usize = 1_500;

/// Fewest letters from which a text can contradict what is declared, and from which it can stand in for a declaration.
const LEAST_LETTERS: usize = 200;

/// How sure the detector must be, 0 to 1. Of the 1,934 pages of the corpora, see docs/quality.md.
const LEAST_CONFIDENCE: f64 = 0.9;

/// Languages, by their tags, that the detector takes for each other or cannot tell apart: none of a row contradicts another.
const ALIKE: &[&[&str]] = &[
    &["no", "nb", "nn", "da", "sv", "is", "fo"],
    &["hr", "sr", "bs", "sh", "sl", "mk", "cnr"],
    &["id", "ms", "jv", "su", "tl"],
    &["uk", "ru", "be", "bg", "rue"],
    &["cs", "sk"],
    &["es", "ca", "gl", "pt", "oc", "ast", "an", "eu", "it"],
    &["nl", "af", "fy", "li"],
    &["de", "lb", "gsw", "nds", "als", "bar"],
    &["tr", "az", "tk", "tt"],
    &["hi", "mr", "ne", "bho", "mai", "sa"],
    &["ar", "fa", "ur", "ps", "ckb"],
    &["zh", "yue", "wuu", "cmn"],
    &["zu", "xh", "nd", "ss", "sn", "nr"],
    &["he", "yi", "iw"],
    &["et", "fi"],
    &["lv", "lt", "ltg"],
];

/// Checks the language against the body: where the text is clearly in another one, or where none is declared, it is
/// the text's; what was declared stays among the claims.
pub(super) fn check_language(metadata: &mut Metadata, blocks: &[ArticleBlock]) {
    let text = beginning(blocks);
    if text.chars().filter(|c| c.is_alphabetic()).nth(LEAST_LETTERS - 1).is_none() {
        return;
    }
    let declared = metadata.language.as_deref().map(primary);
    // One that the detector does not know is believed: a text in it looks like one of those that it knows.
    if declared.is_some_and(|declared| !is_known(declared)) {
        return;
    }
    // A few common words tell for a tenth of what the trigrams cost.
    if declared.is_some() && tongue::language_of(std::iter::once(text.as_str())) == declared {
        return;
    }
    let Some(tag) = whatlang::detect(&text).filter(is_sure).and_then(|info| tag(info.lang())) else { return };
    if declared.is_none_or(|declared| contradicts(tag, declared)) {
        claims::replace(&mut metadata.claims, Field::Language, Origin::Text, tag.to_owned());
        metadata.language = Some(tag.to_owned());
    }
}

fn is_sure(info: &Info) -> bool {
    info.is_reliable() && info.confidence() >= LEAST_CONFIDENCE
}

/// The paragraphs' first bytes.
fn beginning(blocks: &[ArticleBlock]) -> String {
    let mut text = String::new();
    for block in blocks {
        let left = READ_BYTES.saturating_sub(text.len());
        if left == 0 {
            break;
        }
        let end = (0..=left.min(block.text.len())).rev().find(|end| block.text.is_char_boundary(*end)).unwrap_or(0);
        text.push_str(&block.text[..end]);
        text.push(' ');
    }
    text
}

/// Whether a text in one language cannot be what is declared.
fn contradicts(shown: &str, declared: &str) -> bool {
    let is_alike = ALIKE.iter().any(|row| row.contains(&shown) && row.contains(&declared));
    shown != declared && !is_alike
}

/// Whether the detector knows a language.
fn is_known(language: &str) -> bool {
    Lang::all().iter().any(|lang| tag(*lang) == Some(language))
}

fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or_default()
}

/// The BCP 47 tag of a language of the detector; `None` for those that it finds in texts of other languages more often
/// than in their own.
fn tag(lang: Lang) -> Option<&'static str> {
    Some(match lang {
        Lang::Eng => "en",
        Lang::Rus => "ru",
        Lang::Cmn => "zh",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Ben => "bn",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Ukr => "uk",
        Lang::Kat => "ka",
        Lang::Ara => "ar",
        Lang::Hin => "hi",
        Lang::Jpn => "ja",
        Lang::Heb => "he",
        Lang::Yid => "yi",
        Lang::Pol => "pl",
        Lang::Amh => "am",
        Lang::Kor => "ko",
        Lang::Nob => "no",
        Lang::Dan => "da",
        Lang::Swe => "sv",
        Lang::Fin => "fi",
        Lang::Tur => "tr",
        Lang::Nld => "nl",
        Lang::Hun => "hu",
        Lang::Ces => "cs",
        Lang::Ell => "el",
        Lang::Bul => "bg",
        Lang::Bel => "be",
        Lang::Mar => "mr",
        Lang::Ron => "ro",
        Lang::Slv => "sl",
        Lang::Hrv => "hr",
        Lang::Srp => "sr",
        Lang::Mkd => "mk",
        Lang::Lit => "lt",
        Lang::Lav => "lv",
        Lang::Est => "et",
        Lang::Tam => "ta",
        Lang::Vie => "vi",
        Lang::Urd => "ur",
        Lang::Tha => "th",
        Lang::Guj => "gu",
        Lang::Pan => "pa",
        Lang::Tel => "te",
        Lang::Pes => "fa",
        Lang::Ind => "id",
        Lang::Slk => "sk",
        Lang::Cat => "ca",
        Lang::Hye => "hy",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Role;

    const GERMAN: &str = "Die Fähre zwischen den beiden Inseln fährt vom Montag an wieder, teilte das Hafenamt mit, nachdem ihre \
        Maschine zum dritten Mal in diesem Jahr ausgebessert worden war. Wer schon eine Karte hat, braucht keine neue zu kaufen, \
        sagte der Hafenmeister am Abend vor dem Rathaus.";

    fn checked(declared: Option<&str>, text: &str) -> Metadata {
        let mut metadata = Metadata { language: declared.map(str::to_owned), ..Metadata::default() };
        let said = declared.map(|tag| (Origin::Html, tag.to_owned()));
        claims::add(&mut metadata.claims, Field::Language, said.iter().cloned().collect(), said);
        check_language(&mut metadata, &[ArticleBlock::new(Role::Paragraph, text)]);
        metadata
    }

    #[test]
    fn a_text_in_another_language_overrules_the_template() {
        let metadata = checked(Some("en-us"), GERMAN);
        assert_eq!(metadata.language.as_deref(), Some("de"));
        let claims: Vec<_> =
            metadata.claims.iter().map(|claim| (claim.source, claim.value.as_str(), claim.chosen)).collect();
        assert_eq!(claims, [(Origin::Text, "de", true), (Origin::Html, "en-us", false)]);
    }

    #[test]
    fn a_declared_language_stays_where_the_text_agrees_or_says_little() {
        assert_eq!(checked(Some("de-ch"), GERMAN).language.as_deref(), Some("de-ch"));
        assert_eq!(checked(Some("en"), &GERMAN[..60]).language.as_deref(), Some("en"));
        assert_eq!(checked(Some("lb"), GERMAN).language.as_deref(), Some("lb"), "close to German");
        assert_eq!(checked(Some("zu"), GERMAN).language.as_deref(), Some("zu"), "unknown to the detector");
    }

    #[test]
    fn the_text_stands_in_for_a_missing_declaration() {
        assert_eq!(checked(None, GERMAN).language.as_deref(), Some("de"));
        assert_eq!(checked(None, "Home News Sport").language, None);
    }
}
