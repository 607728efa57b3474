//! What class names, ids, roles, tags and hiding say of a region.

use super::{Certainty, Finding, View};
use crate::extract::block::{Block, BlockId, Boilerplate, Region, RegionId};
use crate::extract::dom::{NodeId, Tag};
use crate::extract::lexicon::{Strength, WordHit, tokens};
use std::ops::Range;

/// Attributes whose words name what an element is for.
const NAMING_ATTRIBUTES: &[&str] =
    &["class", "id", "role", "itemprop", "data-testid", "data-component", "data-qa", "data-module", "aria-label"];

/// Share of hidden prose past which hiding says nothing: such pages show their text by script.
const MOST_HIDDEN: f32 = 0.5;

pub(super) fn propose(view: &View<'_>, findings: &mut Vec<Finding>) {
    let blocks = view.blocks;
    for (id, region) in blocks.regions.iter().enumerate().filter(|(_, region)| !region.blocks.is_empty()) {
        if let Some(proposal) = of_region(view, id, region) {
            findings.extend(region.blocks.clone().map(|block| proposal.about(block)));
        }
    }
    for (id, block) in blocks.blocks.iter().enumerate() {
        let inline = blocks.inline(block).iter().find_map(|node| of_inline(view, *node, block));
        findings.extend(inline.map(|proposal| proposal.about(id)));
    }
    propose_hidden(view, findings);
}

struct Proposal {
    kind: Boilerplate,
    rule: String,
    certainty: Certainty,
}

impl Proposal {
    fn about(&self, block: BlockId) -> Finding {
        Finding { block, kind: self.kind, rule: self.rule.clone(), certainty: self.certainty }
    }
}

fn of_region(view: &View<'_>, id: RegionId, region: &Region) -> Option<Proposal> {
    if region.parent.is_none() || matches!(region.tag, Tag::Article | Tag::Main | Tag::Body | Tag::Pre | Tag::Code) {
        return None;
    }
    if view.prose_share(id) > view.lexicon.engine().prose_guard {
        return None;
    }
    by_words(view, region).or_else(|| by_role_or_tag(view, region))
}

fn by_words(view: &View<'_>, region: &Region) -> Option<Proposal> {
    let words = naming_words(view, region.node);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let hits = view.lexicon.words(&words);
    let sure = hits.iter().find(|hit| hit.strength == Strength::Sure);
    sure.or_else(|| hits.iter().find(|hit| is_witnessed(view, region, hit))).map(|hit| Proposal {
        kind: hit.kind,
        rule: format!("word:{}", hit.word),
        certainty: Certainty::Witnessed,
    })
}

/// Whether something besides the word speaks for boilerplate: no run of prose, inputs, or mostly links.
fn is_witnessed(view: &View<'_>, region: &Region, _hit: &WordHit<'_>) -> bool {
    let (paragraphs, _) = view.lexicon.engine().prose_run;
    region.prose_blocks < paragraphs || region.inputs > 0 || region.link_share() >= 0.5
}

fn by_role_or_tag(view: &View<'_>, region: &Region) -> Option<Proposal> {
    let role = view.document.attribute(region.node, "role").map(str::trim).unwrap_or_default();
    let by_role = view.lexicon.role_kind(role).map(|kind| (kind, format!("role:{role}")));
    let by_tag = || view.lexicon.tag_kind(region.tag.name()).map(|kind| (kind, format!("tag:{}", region.tag.name())));
    let (kind, rule) = by_role.or_else(by_tag)?;
    let (paragraphs, _) = view.lexicon.engine().prose_run;
    (region.prose_blocks < paragraphs).then_some(Proposal { kind, rule, certainty: Certainty::Witnessed })
}

/// An inline element around a whole block speaks for the block, unless that is prose.
fn of_inline(view: &View<'_>, node: NodeId, block: &Block) -> Option<Proposal> {
    if block.is_prose() {
        return None;
    }
    let words = naming_words(view, node);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let hit = view.lexicon.words(&words).into_iter().next().map(|hit| (hit.kind, format!("word:{}", hit.word)));
    let by_tag = || {
        let name = view.document.name(node);
        view.lexicon.tag_kind(name).map(|kind| (kind, format!("tag:{name}")))
    };
    let (kind, rule) = hit.or_else(by_tag)?;
    Some(Proposal { kind, rule, certainty: Certainty::Witnessed })
}

/// The naming words of an element, attributes separated by an empty word.
fn naming_words(view: &View<'_>, node: NodeId) -> Vec<String> {
    let mut words = Vec::new();
    for (name, value) in view.document.attributes(node) {
        if NAMING_ATTRIBUTES.contains(&name) {
            for part in value.split_ascii_whitespace() {
                words.extend(tokens(part).map(Into::into));
                words.push(String::new());
            }
        }
    }
    words
}

fn propose_hidden(view: &View<'_>, findings: &mut Vec<Finding>) {
    let hidden = |range: Range<usize>| range.filter(|id| view.blocks.blocks[*id].is_hidden);
    let all = 0..view.blocks.blocks.len();
    let hidden_prose: u32 = hidden(all.clone())
        .map(|id| &view.blocks.blocks[id])
        .filter(|block| block.is_prose())
        .map(|block| block.measure.chars)
        .sum();
    if hidden_prose as f32 <= MOST_HIDDEN * view.blocks.prose_chars() as f32 {
        findings.extend(hidden(all).map(|block| Finding {
            block,
            kind: Boilerplate::Hidden,
            rule: "hidden".into(),
            certainty: Certainty::Witnessed,
        }));
    }
}
