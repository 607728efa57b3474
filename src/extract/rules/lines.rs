//! What the lines of a text without markup say by the company they keep: metadata above the body, the heads of
//! other stories behind it, teasers that break off.

use super::phrases::is_appeal;
use super::{Certainty, Finding, View};
use crate::extract::block::{BlockId, Boilerplate};
use crate::extract::measure::ends_in_sentence;

/// Fewest paragraphs before a line that may be the head or teaser of another story.
const BODY_PARAGRAPHS: usize = 3;

/// Most words of a source's name, and fewest and most of a headline.
const SOURCE_WORDS: f32 = 5.0;
const HEADLINE_WORDS: std::ops::RangeInclusive<f32> = 4.0..=30.0;

/// How many lines behind a time its story's headline may stand: the source is often said again.
const HEADLINE_REACH: usize = 3;

/// Fewest words of a story's text.
const TEXT_WORDS: f32 = 20.0;

/// How soon behind a teaser an appeal or an end mark must come for it to stand at the article's end.
const APPEAL_REACH: usize = 4;

/// The rule of lines that belong to another story.
pub(super) const STORY: &str = "line:story";

pub(super) fn propose(view: &View<'_>, findings: &mut Vec<Finding>) {
    if !view.blocks.is_flat() {
        return;
    }
    let heard = Heard::of(view, findings);
    let from = body_end(view, findings).unwrap_or(heard.is_time.len());
    propose_metadata(view, findings);
    for time in (from..heard.is_time.len()).filter(|id| heard.is_time[*id]) {
        propose_story(view, time, &heard, findings);
    }
    for teaser in from..heard.is_time.len() {
        propose_teaser(view, teaser, &heard, findings);
    }
}

/// What phrases say of the lines.
struct Heard {
    /// Lines that are a time.
    is_time: Vec<bool>,
    /// Lines that end articles, or appeal to the reader.
    is_end: Vec<bool>,
    first_mark: Option<BlockId>,
}

impl Heard {
    fn of(view: &View<'_>, findings: &[Finding]) -> Self {
        let none = vec![false; view.blocks.blocks.len()];
        let mut heard = Self { is_time: none.clone(), is_end: none, first_mark: None };
        for Finding { block, kind, marks_end, rule, .. } in findings {
            // A day is a calendar's or an archive's; news is told by the hour.
            heard.is_time[*block] |= *kind == Boilerplate::Timestamp && !rule.contains("{month}");
            heard.is_end[*block] |= *marks_end || is_appeal(*kind);
            if *marks_end {
                heard.first_mark = Some(heard.first_mark.map_or(*block, |first| first.min(*block)));
            }
        }
        heard
    }
}

/// One past the paragraphs that must stand before other stories.
fn body_end(view: &View<'_>, findings: &[Finding]) -> Option<BlockId> {
    let mut is_out = vec![false; view.blocks.blocks.len()];
    for finding in findings {
        is_out[finding.block] = true;
    }
    let paragraphs = (0..is_out.len()).filter(|id| !is_out[*id] && is_paragraph(view, *id));
    paragraphs.take(BODY_PARAGRAPHS).nth(BODY_PARAGRAPHS - 1).map(|id| id + 1)
}

fn is_paragraph(view: &View<'_>, id: BlockId) -> bool {
    let block = &view.blocks.blocks[id];
    block.is_prose() && block.measure.sentences > 0
}

fn propose_metadata(view: &View<'_>, findings: &mut Vec<Finding>) {
    for (block, line) in view.blocks.lines.iter().enumerate() {
        let (kind, rule) = match line.metadata {
            Some(kind @ Boilerplate::Byline) => (kind, "line:byline"),
            Some(kind @ Boilerplate::Timestamp) => (kind, "line:date"),
            _ => continue,
        };
        let certainty = Certainty::Sure;
        findings.push(Finding { block, kind, rule: rule.into(), certainty, marks_end: false });
    }
}

/// A source's name, a time, perhaps the name again, a headline, a text: another story.
fn propose_story(view: &View<'_>, time: BlockId, heard: &Heard, findings: &mut Vec<Finding>) {
    let blocks = &view.blocks.blocks;
    let mut after = (time + 1..blocks.len()).take(HEADLINE_REACH);
    let Some(headline) = after.find(|id| is_headline(view, *id)) else { return };
    let has_text = blocks.get(headline + 1).is_some_and(|next| next.measure.words >= TEXT_WORDS);
    if !has_text || (time + 1..headline).any(|id| blocks[id].measure.words > SOURCE_WORDS) {
        return;
    }
    let source = time.checked_sub(1).filter(|id| is_source(view, *id));
    let first = source.unwrap_or(time);
    // The entries of a live blog are headed alike, but no mark stands before them.
    let is_behind_mark = heard.first_mark.is_some_and(|mark| mark < first);
    findings.extend((first..=headline + 1).map(|block| Finding {
        block,
        kind: Boilerplate::Embedded,
        rule: STORY.into(),
        certainty: if is_behind_mark { Certainty::Sure } else { Certainty::Witnessed },
        marks_end: block == first && source.is_some(),
    }));
}

fn is_source(view: &View<'_>, id: BlockId) -> bool {
    view.blocks.blocks[id].measure.words <= SOURCE_WORDS && !ends_in_sentence(view.blocks.text(&view.blocks.blocks[id]))
}

fn is_headline(view: &View<'_>, id: BlockId) -> bool {
    let block = &view.blocks.blocks[id];
    let text = view.blocks.text(block);
    HEADLINE_WORDS.contains(&block.measure.words) && (!ends_in_sentence(text) || text.ends_with(['?', '!', '？', '！']))
}

/// A headline, and a text that breaks off.
fn propose_teaser(view: &View<'_>, headline: BlockId, heard: &Heard, findings: &mut Vec<Finding>) {
    let Some(next) = view.blocks.blocks.get(headline + 1) else { return };
    let text = view.blocks.text(next);
    if !is_headline(view, headline) || next.measure.words < 8.0 || !(text.ends_with('…') || text.ends_with("...")) {
        return;
    }
    let is_before_appeal = heard.is_end.iter().skip(headline + 2).take(APPEAL_REACH).any(|is_end| *is_end);
    findings.extend([headline, headline + 1].map(|block| Finding {
        block,
        kind: Boilerplate::RelatedList,
        rule: "line:teaser".into(),
        certainty: if is_before_appeal { Certainty::Sure } else { Certainty::Witnessed },
        marks_end: false,
    }));
}

/// Whether some line of a range is the head of another story, by what was proposed.
pub(super) fn begins_story(findings: &[Finding], mut within: impl FnMut(BlockId) -> bool) -> bool {
    findings.iter().any(|finding| *finding.rule == *STORY && within(finding.block))
}
