//! The one place where proposals and main content meet: a decision per block.

use super::block::{BlockId, BlockRole, Boilerplate};
use super::lexicon::{Action, Zone};
use super::main_content;
use super::measure::ends_in_sentence;
use super::rules::{Certainty, Finding, LINK_LIST, View, cut_tail};
use std::collections::HashSet;
use std::ops::RangeInclusive;

/// Share of the page's prose past which proposals that are not sure are undone together: the rules
/// then misread the page (trafilatura and defuddle guard themselves alike).
const OVER_PRUNING: f32 = 0.5;

/// What becomes of a block.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Decision {
    Keep,
    /// Left out; kinds that are metadata too are named the same way.
    Drop {
        kind: Boilerplate,
        rule: String,
    },
}

/// Decides on every block of the page, in order.
pub(crate) fn decide(view: &View<'_>, proposals: Vec<Finding>, keep: &[Boilerplate]) -> Vec<Decision> {
    let mut findings = heard(view, proposals, keep);
    undo_over_pruning(view, &mut findings);
    let main = main_content::choose(view, &findings);
    findings
        .extend(cut_tail(view, &findings, &main.is_main).into_iter().filter(|finding| !keep.contains(&finding.kind)));
    let mut decisions: Vec<Decision> = main.is_main.iter().map(|is_main| outside(*is_main)).collect();
    let first = main.is_main.iter().position(|is_main| *is_main).unwrap_or(main.is_main.len());
    let last = main.is_main.iter().rposition(|is_main| *is_main).unwrap_or(0);
    for finding in strongest_last(view, findings, first..=last) {
        let kind = if finding.rule == LINK_LIST && finding.block < first { Boilerplate::Nav } else { finding.kind };
        decisions[finding.block] = Decision::Drop { kind, rule: finding.rule };
    }
    trim_end(view, &mut decisions);
    decisions
}

/// Lines that are no sentence behind the last paragraph are what is left of a cut.
fn trim_end(view: &View<'_>, decisions: &mut [Decision]) {
    for (block, decision) in view.blocks.blocks.iter().zip(decisions).rev() {
        if *decision == Decision::Keep {
            let is_line = matches!(block.role, BlockRole::Paragraph | BlockRole::Heading(_));
            if !is_line || block.is_prose() || ends_in_sentence(view.blocks.text(block)) {
                return;
            }
            *decision = Decision::Drop { kind: Boilerplate::Unclassified, rule: "main:trailing".into() };
        }
    }
}

fn outside(is_main: bool) -> Decision {
    if is_main {
        Decision::Keep
    } else {
        Decision::Drop { kind: Boilerplate::Unclassified, rule: "main:outside".into() }
    }
}

/// The proposals that count: not of kinds that are kept, nor against blocks that such a kind protects.
fn heard(view: &View<'_>, proposals: Vec<Finding>, keep: &[Boilerplate]) -> Vec<Finding> {
    let is_kept = |kind| keep.contains(&kind) || view.lexicon.kind(kind).action == Action::Keep;
    let protected: HashSet<BlockId> =
        proposals.iter().filter(|finding| is_kept(finding.kind)).map(|finding| finding.block).collect();
    proposals
        .into_iter()
        .filter(|finding| !is_kept(finding.kind))
        .filter(|finding| finding.certainty == Certainty::Sure || !protected.contains(&finding.block))
        .collect()
}

/// Drops the proposals that are not sure where together they would take most of the page's prose.
fn undo_over_pruning(view: &View<'_>, findings: &mut Vec<Finding>) {
    let mut is_out = vec![false; view.blocks.blocks.len()];
    for finding in findings.iter().filter(|finding| finding.certainty == Certainty::Witnessed) {
        is_out[finding.block] = true;
    }
    let lost: u32 = view
        .blocks
        .blocks
        .iter()
        .zip(&is_out)
        .filter(|(block, is_out)| **is_out && block.is_prose())
        .map(|(block, _)| block.measure.chars)
        .sum();
    if lost as f32 > OVER_PRUNING * view.blocks.prose_chars() as f32 {
        findings.retain(|finding| finding.certainty == Certainty::Sure);
    }
}

/// The proposals so that the one to be named for a block comes last: not the mere end of the article
/// where something else is known, a kind where it is at home, then the sure and the most telling.
fn strongest_last(view: &View<'_>, mut findings: Vec<Finding>, body: RangeInclusive<BlockId>) -> Vec<Finding> {
    findings.sort_by_key(|finding| {
        let is_at_home = zones(finding.block, &body).iter().any(|zone| view.lexicon.kind(finding.kind).is_in(*zone));
        (!finding.rule.starts_with("tail:"), is_at_home, finding.certainty, specificity(finding))
    });
    findings
}

/// Where a block may be said to stand, given the range of the body.
fn zones(block: BlockId, body: &RangeInclusive<BlockId>) -> &'static [Zone] {
    if block < *body.start() {
        &[Zone::Pre, Zone::Out]
    } else if block <= *body.end() {
        &[Zone::Mid]
    } else {
        &[Zone::Post, Zone::Out]
    }
}

/// Phrases name a kind better than words around them, and words better than tags.
fn specificity(finding: &Finding) -> u8 {
    match finding.rule.split(':').next() {
        Some("phrase") => 4,
        Some("after" | "box") => 3,
        Some("word") => 2,
        Some("role" | "links") => 1,
        _ => 0,
    }
}
