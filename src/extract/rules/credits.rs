//! Captions that stand in no figure: lines that end in the credit of a picture ("Fans at dawn. © Jo Doe/Agency").

use super::{Certainty, Finding, View};
use crate::extract::block::{Block, BlockRole, Boilerplate};
use crate::extract::measure::ends_in_sentence;

/// Most characters of a caption. Of 500 blocks up to this length that end in such a credit, none on the
/// articles of fundus and wcxb-dev is in the gold but for lists whose items name the source of a picture
/// in the middle.
const CAPTION_CHARS: u32 = 400;

/// Most characters of a credit.
const CREDIT_CHARS: usize = 60;

/// Share of the page's prose past which its captions are the content: a photo essay.
const ESSAY: f32 = 0.5;

pub(super) fn propose(view: &View<'_>, findings: &mut Vec<Finding>) {
    let is_text = |block: &Block| !matches!(block.role, BlockRole::Heading(_) | BlockRole::Code);
    let is_caption =
        |block: &Block| block.measure.chars <= CAPTION_CHARS && is_text(block) && ends_in_sign(view.blocks.text(block));
    let captions = view.blocks.blocks.iter().enumerate().filter(|(_, block)| is_caption(block));
    let captions: Vec<_> = captions.collect();
    let prose: u32 = captions.iter().filter(|(_, block)| block.is_prose()).map(|(_, block)| block.measure.chars).sum();
    if prose as f32 > ESSAY * view.blocks.prose_chars() as f32 {
        return;
    }
    findings.extend(captions.into_iter().map(|(block, _)| Finding {
        block,
        kind: Boilerplate::Caption,
        rule: "credit:©".into(),
        certainty: Certainty::Sure,
        marks_end: false,
    }));
}

/// Whether a text ends in brackets that name who took a picture: what comes before them describes it.
pub(super) fn ends_in_brackets(view: &View<'_>, block: &Block) -> bool {
    let text = view.blocks.text(block).trim_end_matches('.');
    let Some(start) = text.rfind(['(', '[']).filter(|_| text.ends_with([')', ']'])) else { return false };
    let hits = view.lexicon.phrases(&text[start..], false, view.language());
    hits.iter().any(|hit| hit.kind == Boilerplate::Caption)
}

/// The last byte of `©` in UTF-8.
const LAST_OF_SIGN: u8 = 0xa9;

/// Whether the text's last words are the sign and a name; a year behind the sign is a notice of the whole site.
fn ends_in_sign(text: &str) -> bool {
    // A byte that few texts have is found sooner than a character.
    if memchr::memchr(LAST_OF_SIGN, text.as_bytes()).is_none() {
        return false;
    }
    let Some((_, credit)) = text.rsplit_once('©') else { return false };
    let credit = credit.trim();
    credit.starts_with(|c: char| !c.is_numeric())
        && credit.chars().count() <= CREDIT_CHARS
        && !credit.contains(". ")
        && !ends_in_sentence(credit)
}

#[cfg(test)]
mod tests {
    use super::ends_in_sign;

    #[test]
    fn a_sign_and_a_name_at_the_end_are_a_credit() {
        for caption in [
            "Die Fähre im Hafen von Norden. © Jana Petersen/Küstenbild",
            "The ferry at dawn | © Harbour Agency",
            "Foto: ©Jana Petersen",
        ] {
            assert!(ends_in_sign(caption), "{caption}");
        }
    }

    #[test]
    fn a_sign_in_running_text_is_none() {
        for text in [
            "The sign © stands for copyright. It was first used on maps, long before anybody printed it on records.",
            "Put © before your name.",
            "© 2026 Harbour Agency",
            "All rights reserved ©",
        ] {
            assert!(!ends_in_sign(text), "{text}");
        }
    }
}
