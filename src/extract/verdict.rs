//! What a page as a whole is.

use super::block::{Blocks, Boilerplate};
use super::decide::Decision;
use super::dom::{Document, Tag};
use super::metadata::Evidence;
use crate::article::Verdict;

/// Fewest words of an article; agency flashes have about thirty.
const SHORTEST_ARTICLE_WORDS: f32 = 25.0;

/// Fewest words below which a page that asks for consent, a proof or a script is nothing else.
const WALL_WORDS: f32 = 120.0;

/// How many blocks behind the body a paywall's prompt may stand.
const PROMPT_REACH: usize = 4;

/// Judges the page by what was kept and what was left out of it.
pub(crate) fn judge(document: &Document, blocks: &Blocks, evidence: &Evidence, decisions: &[Decision]) -> Verdict {
    let words = |keep: bool| {
        let of =
            blocks.blocks.iter().zip(decisions).filter(move |(_, decision)| (**decision == Decision::Keep) == keep);
        of.map(|(block, _)| block.measure.words).sum::<f32>()
    };
    let (kept, dropped) = (words(true), words(false));
    if kept >= SHORTEST_ARTICLE_WORDS && is_text(blocks, decisions) {
        return if is_cut(evidence, decisions) { Verdict::Truncated } else { Verdict::Article };
    }
    wall(document, blocks, kept + dropped, decisions).unwrap_or(Verdict::NotAnArticle)
}

/// Whether some of what was kept reads like text.
fn is_text(blocks: &Blocks, decisions: &[Decision]) -> bool {
    blocks.blocks.iter().zip(decisions).any(|(block, decision)| *decision == Decision::Keep && block.is_prose())
}

/// Whether a paywall cuts the article: the publisher says that it is not free and a prompt stands on
/// the page, or a prompt follows the last kept block.
fn is_cut(evidence: &Evidence, decisions: &[Decision]) -> bool {
    let is_prompt = |decision: &Decision| matches!(decision, Decision::Drop { kind: Boilerplate::Paywall, rule } if rule.starts_with("phrase:"));
    let last = decisions.iter().rposition(|decision| *decision == Decision::Keep).map_or(0, |last| last + 1);
    let free = evidence.is_accessible_for_free;
    free == Some(false) && decisions.iter().any(is_prompt)
        || free != Some(true) && decisions[last..].iter().take(PROMPT_REACH).any(is_prompt)
}

/// Why a page without an article has none, where that can be told.
fn wall(document: &Document, blocks: &Blocks, words: f32, decisions: &[Decision]) -> Option<Verdict> {
    let scripts = document.elements(Tag::Script).count();
    if words < 1.0 {
        return Some(if scripts > 0 { Verdict::NeedsScript } else { Verdict::Empty });
    }
    if words > WALL_WORDS {
        return None;
    }
    let is_consent = |decision: &&Decision| matches!(decision, Decision::Drop { kind: Boilerplate::Consent, .. });
    let text = blocks.text.to_lowercase();
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| text.contains(phrase));
    if says(BOT_WALL) {
        Some(Verdict::BotWall)
    } else if decisions.iter().filter(is_consent).count() * 2 > decisions.len() {
        Some(Verdict::ConsentPage)
    } else if scripts > 0 && says(NEEDS_SCRIPT) {
        Some(Verdict::NeedsScript)
    } else {
        None
    }
}

const BOT_WALL: &[&str] = &["verify you are human", "checking your browser", "are you a robot", "captcha"];
const NEEDS_SCRIPT: &[&str] = &["enable javascript", "javascript is required", "requires javascript"];
