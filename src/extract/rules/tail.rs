//! The end of the article: what comes after a strong end mark is no longer it.

use super::{Certainty, Finding, View};
use crate::extract::block::{BlockId, BlockRole, Boilerplate};
use crate::extract::lexicon::fold;
use std::collections::HashSet;

/// Body that must have been seen before a mark counts, in prose blocks and their characters
/// (TAXONOMY.md section 5, End-of-article cut).
const BODY_BLOCKS: usize = 3;
const BODY_CHARS: u32 = 500;

/// Fewest rare words of the title in a later paragraph that show that the article goes on.
const SHARED_TITLE_WORDS: usize = 2;

/// Everything after the first end mark behind enough body. `findings` are the proposals so far;
/// `is_main` says which blocks stand in the main content.
pub(crate) fn cut_tail(view: &View<'_>, findings: &[Finding], is_main: &[bool]) -> Vec<Finding> {
    let mut proposed: Vec<Option<&Finding>> = vec![None; is_main.len()];
    for finding in findings {
        proposed[finding.block].get_or_insert(finding);
    }
    let (mut body_blocks, mut body_chars) = (0, 0);
    for (id, block) in view.blocks.blocks.iter().enumerate() {
        let mark = findings_at(findings, id).find(|finding| is_end_mark(view, id, finding));
        if let Some(mark) = mark
            && body_blocks >= BODY_BLOCKS
            && body_chars >= BODY_CHARS
            && !goes_on(view, id, &proposed)
        {
            return after(view, id, mark);
        }
        if is_main[id] && block.is_prose() && proposed[id].is_none() {
            body_blocks += 1;
            body_chars += block.measure.chars;
        }
    }
    Vec::new()
}

fn findings_at(findings: &[Finding], block: BlockId) -> impl Iterator<Item = &Finding> {
    findings.iter().filter(move |finding| finding.block == block)
}

/// A heading or line whose kind ends articles.
fn is_end_mark(view: &View<'_>, id: BlockId, finding: &Finding) -> bool {
    let block = &view.blocks.blocks[id];
    view.lexicon.kind(finding.kind).ends_article
        && finding.rule.starts_with("phrase:")
        && !block.is_prose()
        && !matches!(block.role, BlockRole::Item(..) | BlockRole::Cell { .. })
}

fn after(view: &View<'_>, mark: BlockId, finding: &Finding) -> Vec<Finding> {
    let rule = format!("tail:{}", finding.rule);
    (mark + 1..view.blocks.blocks.len())
        .map(|block| Finding { block, kind: kind_after(finding.kind), rule: rule.clone(), certainty: Certainty::Sure })
        .collect()
}

/// Long text after the mark is another article rather than the list that the mark announced.
fn kind_after(mark: Boilerplate) -> Boilerplate {
    mark
}

/// Whether paragraphs after the mark still speak of what the title speaks of.
fn goes_on(view: &View<'_>, mark: BlockId, proposed: &[Option<&Finding>]) -> bool {
    let title = fold(view.evidence.metadata.title.as_deref().unwrap_or_default());
    let rare: HashSet<&str> =
        title.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 4).collect();
    let blocks = &view.blocks.blocks;
    (mark + 1..blocks.len()).filter(|id| blocks[*id].is_prose() && proposed[*id].is_none()).any(|id| {
        let text = fold(view.blocks.text(&blocks[id]));
        let words: HashSet<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
        rare.intersection(&words).count() >= SHARED_TITLE_WORDS
    })
}
