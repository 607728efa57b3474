//! The one place where proposals and main content meet: a decision per block.

use super::block::{BlockId, BlockRole, Boilerplate};
use super::features::{Facts, PageDump};
use super::lexicon::Action;
use super::main_content;
use super::rules::{self, Certainty, Finding, LINK_LIST, View, cut_tail};
use std::collections::HashSet;

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
    for finding in strongest_last(findings) {
        let kind = if finding.rule == LINK_LIST && finding.block < first { Boilerplate::Nav } else { finding.kind };
        decisions[finding.block] = Decision::Drop { kind, rule: finding.rule };
    }
    trim_end(view, &mut decisions);
    decisions
}

/// What training reads of a page: as [`decide`] sees it with default options.
pub(crate) fn features(view: &View<'_>) -> PageDump {
    let proposals = rules::propose(view);
    let mut findings = heard(view, proposals.clone(), &[]);
    undo_over_pruning(view, &mut findings);
    let main = main_content::choose(view, &findings);
    PageDump::of(view, &Facts::gather(view, &proposals, &main))
}

/// Lines that are no sentence behind the last paragraph are what is left of a cut.
fn trim_end(view: &View<'_>, decisions: &mut [Decision]) {
    for (block, decision) in view.blocks.blocks.iter().zip(decisions).rev() {
        if *decision == Decision::Keep {
            let is_line = matches!(block.role, BlockRole::Paragraph | BlockRole::Heading(_));
            if !is_line || main_content::counts_as_prose(view, block) {
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

/// The proposals so that the one to be named for a block comes last: sure ones, and of those alike
/// the innermost and most telling.
fn strongest_last(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_key(|finding| (!finding.rule.starts_with("tail:"), finding.certainty, specificity(finding)));
    findings
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
