//! What a block's own words say: whole lines, beginnings, labels, and headings with what follows them.

use super::{Certainty, Finding, View};
use crate::extract::block::{Block, BlockId, BlockRole, Boilerplate};
use crate::extract::lexicon::{Cluster, Form, PhraseHit, Until};
use crate::extract::measure::ends_in_sentence;

/// Share of link characters from which a block counts as links.
const MOSTLY_LINKS: f32 = 0.8;

pub(super) fn propose(view: &View<'_>, findings: &mut Vec<Finding>) {
    let mut covered_until = 0;
    for (id, block) in view.blocks.blocks.iter().enumerate() {
        let Some(hit) = telling_hit(view, block) else { continue };
        findings.push(Finding { marks_end: marks_end(view, block, &hit), ..finding(id, &hit) });
        if let Some(cluster) = view.lexicon.kind(hit.kind).cluster
            && opens_cluster(block, &hit)
            && id >= covered_until
        {
            covered_until = cluster_end(view, id, cluster);
            findings.extend((id + 1..covered_until).map(|follower| Finding {
                rule: format!("after:{}:{}", hit.language, hit.phrase),
                ..finding(follower, &hit)
            }));
        }
    }
}

fn finding(block: BlockId, hit: &PhraseHit<'_>) -> Finding {
    Finding {
        block,
        kind: hit.kind,
        rule: format!("phrase:{}:{}", hit.language, hit.phrase),
        certainty: Certainty::Sure,
        marks_end: false,
    }
}

/// Whether articles end at such a heading or line.
fn marks_end(view: &View<'_>, block: &Block, hit: &PhraseHit<'_>) -> bool {
    view.lexicon.kind(hit.kind).ends_article
        && matches!(hit.form, Form::Heading | Form::Block)
        && !block.is_prose()
        && !matches!(block.role, BlockRole::Item(..) | BlockRole::Cell { .. })
}

/// The first phrase that says something of the block, given its markup.
pub(super) fn telling_hit<'a>(view: &View<'a>, block: &Block) -> Option<PhraseHit<'a>> {
    let text = view.blocks.text(block);
    let is_heading = is_heading_like(block, text);
    let hits = view.lexicon.phrases(text, is_heading, view.language());
    hits.into_iter().find(|hit| hit.form != Form::Label || is_pointer(block, text, hit))
}

/// A heading, or a short line in its place.
fn is_heading_like(block: &Block, text: &str) -> bool {
    matches!(block.role, BlockRole::Heading(_))
        || block.measure.words <= 8.0 && !ends_in_sentence(text) && block.role == BlockRole::Paragraph
}

/// Whether what follows a label is a link or a headline, not the rest of a sentence.
fn is_pointer(block: &Block, text: &str, hit: &PhraseHit<'_>) -> bool {
    let rest = text.get(hit.rest_from..).unwrap_or_default();
    if rest.trim().is_empty() {
        return true;
    }
    let rest_chars = crate::extract::measure::measure(rest).chars.max(1);
    block.link_chars as f32 >= MOSTLY_LINKS * rest_chars as f32 || !ends_in_sentence(rest)
}

/// Whether the block is the heading of what follows it.
fn opens_cluster(block: &Block, hit: &PhraseHit<'_>) -> bool {
    match hit.form {
        Form::Heading => true,
        Form::Block => !block.is_prose(),
        Form::Label => hit.kind == Boilerplate::RelatedList,
        Form::Start | Form::Has => false,
    }
}

/// One past the last block that a heading speaks for: the blocks of its container, or, where the
/// container is the article itself, those up to the next heading of its level or to prose.
fn cluster_end(view: &View<'_>, heading: BlockId, cluster: Cluster) -> BlockId {
    let blocks = &view.blocks.blocks;
    let container = container(view, heading);
    let end = view.blocks.regions[container].blocks.end;
    let holds_article = view.prose_share(container) > view.lexicon.engine().prose_guard;
    if cluster.until == Until::EndOfContainer && !holds_article {
        return end;
    }
    let level = level(blocks[heading].role);
    let is_next =
        |block: &Block| is_running_text(block) || matches!(block.role, BlockRole::Heading(other) if other <= level);
    blocks[heading + 1..end].iter().position(is_next).map_or(end, |offset| heading + 1 + offset)
}

/// Text that no list of links or cards carries: prose with a sentence, outside links.
fn is_running_text(block: &Block) -> bool {
    block.is_prose() && block.link_share() < 0.2 && block.measure.sentences >= 1
}

fn level(role: BlockRole) -> u8 {
    match role {
        BlockRole::Heading(level) => level,
        _ => 6,
    }
}

/// The innermost region around the heading that holds more than the heading.
fn container(view: &View<'_>, heading: BlockId) -> usize {
    let region = view.blocks.blocks[heading].region;
    view.blocks.around(region).find(|id| view.blocks.regions[*id].blocks.len() > 1).unwrap_or(0)
}
