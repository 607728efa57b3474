//! The end of the article: what comes after a strong end mark is no longer it.

use super::{Certainty, Finding, View};
use crate::extract::block::BlockId;
use crate::extract::lexicon::fold;
use std::collections::HashSet;

/// Body that must have been seen before a mark counts, in prose blocks and their characters
/// (TAXONOMY.md section 5, End-of-article cut).
const BODY_BLOCKS: usize = 3;
const BODY_CHARS: u32 = 500;

/// Fewest rare words of the title in a later paragraph that show that the article goes on.
const SHARED_TITLE_WORDS: usize = 2;

/// Share of the longer words of a later paragraph that the body has used before from which it is of
/// the same topic. Paragraphs of one news article share a third with what precedes them, those of
/// another a tenth.
const SAME_TOPIC: f32 = 0.25;

/// Everything after the first end mark behind enough body. `findings` are the proposals so far;
/// `is_main` says which blocks stand in the main content.
pub(crate) fn cut_tail(view: &View<'_>, findings: &[Finding], is_main: &[bool]) -> Vec<Finding> {
    let blocks = &view.blocks.blocks;
    let mut is_proposed = vec![false; blocks.len()];
    let mut marks: Vec<Option<&Finding>> = vec![None; blocks.len()];
    for finding in findings {
        is_proposed[finding.block] = true;
        if finding.marks_end {
            marks[finding.block] = Some(finding);
        }
    }
    let is_body = |id: BlockId| is_main[id] && blocks[id].is_prose() && !is_proposed[id];
    let (mut body, mut body_chars) = (Vec::new(), 0);
    for id in 0..blocks.len() {
        if let Some(mark) = marks[id]
            && body.len() >= BODY_BLOCKS
            && body_chars >= BODY_CHARS
            && !goes_on(view, &body, (id + 1..blocks.len()).filter(|id| is_body(*id)))
        {
            return after(id, mark, blocks.len());
        }
        if is_body(id) {
            body.push(id);
            body_chars += blocks[id].measure.chars;
        }
    }
    Vec::new()
}

fn after(mark: BlockId, finding: &Finding, end: BlockId) -> Vec<Finding> {
    let rule = format!("tail:{}", finding.rule);
    let certainty = Certainty::Sure;
    (mark + 1..end)
        .map(|block| Finding { block, kind: finding.kind, rule: rule.clone(), certainty, marks_end: false })
        .collect()
}

/// Whether body paragraphs after the mark still speak of what the title and the body before speak of.
fn goes_on(view: &View<'_>, body: &[BlockId], mut later: impl Iterator<Item = BlockId>) -> bool {
    let title = fold(view.evidence.metadata.title.as_deref().unwrap_or_default());
    let rare = long_words(&title);
    let before: String = body.iter().map(|id| fold(view.blocks.text(&view.blocks.blocks[*id])) + " ").collect();
    let used = long_words(&before);
    later.any(|id| {
        let text = fold(view.blocks.text(&view.blocks.blocks[id]));
        let words = long_words(&text);
        rare.intersection(&words).count() >= SHARED_TITLE_WORDS
            || used.intersection(&words).count() as f32 >= SAME_TOPIC * words.len().max(4) as f32
    })
}

/// Words of five characters and more.
fn long_words(folded: &str) -> HashSet<&str> {
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() >= 5).collect()
}
