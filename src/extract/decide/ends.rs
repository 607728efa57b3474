//! What is cut from the ends of the main content, and what is then too little to be any.

use super::Decision;
use super::weigh::LABEL_WORDS;
use crate::extract::block::{BlockId, BlockRole, Boilerplate};
use crate::extract::fnv::FastSet;
use crate::extract::main_content::{self, MainContent};
use crate::extract::measure::ends_in_sentence;
use crate::extract::rules::{self, Finding, View, cut_tail};
use crate::extract::select::{SURE, Scores};

/// Fewest blocks behind an end mark that show that the article goes on there.
const GOING_ON: usize = 3;

/// How likely a line of a text without markup must be to stay behind an end mark: whether the mark heads a box
/// in the middle, no element tells. Other stories, which a source and a time head, and conversations go in any case.
const LIKELY_LINE: f32 = 0.6;

/// How likely a line at the very end must be to stay.
pub(super) const STAYS: f32 = 0.7;

/// Fewest words that are the main content of a page that is no article (the golds of wcxb-dev begin at 15).
const LEAST_WORDS: f32 = 10.0;

/// Fewer words than that are content where they are more than this part of all words: the page says no more.
const SCANT_SHARE: f32 = 0.1;

/// What is cut behind the end of the article: not what the caller keeps, nor what the model is sure
/// of and goes on in the very element that the body before stands in.
pub(super) fn cut(
    view: &View<'_>,
    findings: &[Finding],
    main: &MainContent,
    scores: Option<&Scores>,
    keep: &[Boilerplate],
) -> Vec<Finding> {
    let mut cut = cut_tail(view, findings, &main.is_main);
    if view.blocks.is_flat() {
        let is_likely = |id: BlockId| scores.is_some_and(|scores| scores.content[id] >= LIKELY_LINE);
        let is_sure = |finding: &Finding| finding.kind == Boilerplate::Embedded || rules::is_of_thread(finding);
        let goes_on = |finding: &Finding| !is_sure(finding) && is_likely(finding.block);
        cut.retain(|finding| !(keep.contains(&finding.kind) || goes_on(finding)));
        return cut;
    }
    let Some(first) = cut.first().map(|finding| finding.block) else { return cut };
    let body: FastSet<_> = (0..first).filter(|id| main.is_main[*id]).map(|id| main_content::flow(view, id)).collect();
    let goes_on = |id: BlockId| {
        scores.is_some_and(|scores| scores.content[id] >= SURE) && body.contains(&main_content::flow(view, id))
    };
    let is_one_of_many = cut.iter().filter(|finding| goes_on(finding.block)).count() >= GOING_ON;
    cut.retain(|finding| !(keep.contains(&finding.kind) || is_one_of_many && goes_on(finding.block)));
    cut
}

/// Lines that are no sentence behind the last paragraph are what is left of a cut.
pub(super) fn trim_lines(
    view: &View<'_>,
    is_kept: impl Fn(BlockId) -> bool,
    stays: impl Fn(BlockId) -> bool,
    decisions: &mut [Decision],
) {
    for (id, decision) in decisions.iter_mut().enumerate().rev() {
        let block = &view.blocks.blocks[id];
        if *decision == Decision::Keep {
            let is_line = matches!(block.role, BlockRole::Paragraph | BlockRole::Heading(_));
            let is_likely = is_kept(id) || block.measure.words >= LABEL_WORDS && stays(id);
            if !is_line || is_likely || block.is_prose() || ends_in_sentence(view.blocks.text(block)) {
                return;
            }
            *decision = Decision::Drop { kind: Boilerplate::Unclassified, rule: "main:trailing".into() };
        }
    }
}

/// A single headline at the very end that links elsewhere is the first of a list whose rest is gone.
pub(super) fn trim_headline(view: &View<'_>, is_kept: impl Fn(BlockId) -> bool, decisions: &mut [Decision]) {
    let is_linked = |id: BlockId| view.blocks.blocks[id].link_share() > 0.9;
    let mut kept = (0..decisions.len()).rev().filter(|id| decisions[*id] == Decision::Keep);
    let (Some(last), Some(before)) = (kept.next(), kept.next()) else { return };
    let is_heading = matches!(view.blocks.blocks[last].role, BlockRole::Heading(_));
    if is_heading && is_linked(last) && !is_linked(before) && !is_kept(last) {
        decisions[last] = Decision::Drop { kind: Boilerplate::RelatedList, rule: "main:trailing".into() };
    }
}

/// Leaves out what is left of a menu or a form: so few words, of so many, that they are no page's content. Whether nothing
/// is left.
pub(super) fn leave_scant(view: &View<'_>, is_kept: impl Fn(BlockId) -> bool, decisions: &mut [Decision]) -> bool {
    let words = |id: BlockId| view.blocks.blocks[id].measure.words;
    let kept: Vec<BlockId> = (0..decisions.len()).filter(|id| decisions[*id] == Decision::Keep).collect();
    let left: f32 = kept.iter().map(|id| words(*id)).sum();
    let is_scant = left < LEAST_WORDS && left < SCANT_SHARE * (0..decisions.len()).map(words).sum::<f32>();
    if view.blocks.is_flat() || view.continues || !is_scant || kept.iter().any(|id| is_kept(*id)) {
        return false;
    }
    for id in kept {
        decisions[id] = Decision::Drop { kind: Boilerplate::Unclassified, rule: "main:scant".into() };
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::Block;
    use crate::extract::rules::tests::viewed;

    #[test]
    fn what_is_left_of_a_menu_or_a_form_is_no_content() {
        let menu = "<li>Fish and crabs</li>".repeat(30);
        let form = "<p>Lissmouth Market</p><p>I'm shopping for ...</p>";
        let more = format!("{form}<p>Sign up for our weekly letter and never miss a ferry again</p>");
        // How many paragraphs are left of a page whose menu is gone.
        let left = |html: &str, is_kept: bool, continues: bool| {
            viewed(html, |view| {
                let is_paragraph = |block: &Block| block.role == BlockRole::Paragraph;
                let gone = Decision::Drop { kind: Boilerplate::Nav, rule: "tag:nav".into() };
                let blocks = view.blocks.blocks.iter();
                let decision = |block| if is_paragraph(block) { Decision::Keep } else { gone.clone() };
                let mut decisions: Vec<Decision> = blocks.map(decision).collect();
                let is_scant = leave_scant(&View { continues, ..*view }, |_| is_kept, &mut decisions);
                let left = decisions.iter().filter(|decision| **decision == Decision::Keep).count();
                assert_eq!(is_scant, left == 0);
                left
            })
        };
        assert_eq!(left(&format!("{menu}{form}"), false, false), 0);
        assert_eq!(left(&format!("{menu}{form}"), true, false), 2, "the caller keeps it");
        assert_eq!(left(&format!("{menu}{form}"), false, true), 2, "the article of another page goes on");
        assert_eq!(left(&format!("{menu}{more}"), false, false), 3, "more words");
        assert_eq!(left(form, false, false), 2, "the page says no more");
    }
}
