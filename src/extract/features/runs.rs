//! How prose, rules and marks are spread over the lines of a text without markup.

use super::place::{CAPPED_BLOCKS, FAR};
use super::text::TextFacts;
use super::{family, flag, is_long};
use crate::extract::block::BlockId;
use crate::extract::rules::View;

/// Below this many words a line is short.
const SHORT_WORDS: f32 = 5.0;

/// How many lines that are no prose a run of prose bridges.
const BRIDGED: usize = 2;

/// A run of prose lines: those it begins and ends with, and the words of its prose.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub(super) first: BlockId,
    pub(super) last: BlockId,
    pub(super) words: f32,
    pub(super) lines: u32,
}

/// Sums of what stands in lines, up to each.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    pub(super) words: f32,
    pub(super) short: f32,
    pub(super) sentences: f32,
    pub(super) hits: f32,
    pub(super) capitals: f32,
}

/// The runs of prose lines, and the run of each line. Lines that rules speak against bridge nothing.
pub(super) fn runs(view: &View<'_>, rules: &[u16]) -> (Vec<Run>, Vec<Option<u32>>) {
    let mut runs: Vec<Run> = Vec::new();
    let mut run_of = vec![None; rules.len()];
    let mut is_open = false;
    for (id, block) in view.blocks.blocks.iter().enumerate() {
        let is_prose = is_long(block) || block.measure.sentences > 0 && block.measure.words >= 8.0;
        if rules[id] & (family::PHRASE | family::LINE) != 0 {
            is_open = false;
        } else if is_prose {
            let words = block.measure.words;
            match runs.last_mut().filter(|run| is_open && id - run.last <= BRIDGED + 1) {
                Some(run) => {
                    run_of[run.last + 1..id].fill(Some((runs.len() - 1) as u32));
                    let run = runs.len() - 1;
                    runs[run] =
                        Run { last: id, words: runs[run].words + words, lines: runs[run].lines + 1, ..runs[run] };
                }
                None => runs.push(Run { first: id, last: id, words, lines: 1 }),
            }
            run_of[id] = Some((runs.len() - 1) as u32);
            is_open = true;
        }
    }
    (runs, run_of)
}

/// Sums up to each line, and up to the end.
pub(super) fn sums(view: &View<'_>, texts: &[TextFacts], rules: &[u16]) -> Vec<Sum> {
    let mut sum = Sum::default();
    let mut sums = Vec::with_capacity(texts.len() + 1);
    sums.push(sum);
    for ((block, text), rules) in view.blocks.blocks.iter().zip(texts).zip(rules) {
        sum.words += block.measure.words;
        sum.short += flag(block.measure.words < SHORT_WORDS);
        sum.sentences += block.measure.sentences as f32;
        sum.hits += flag(is_ruled(*rules));
        sum.capitals += text.capitalised as f32 / text.words.max(1) as f32;
        sums.push(sum);
    }
    sums
}

/// How far a line is from others.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Since {
    /// Marks before it.
    pub(super) marks: f32,
    pub(super) mark: f32,
    pub(super) rule: f32,
    pub(super) until_rule: f32,
}

/// For each line how far it is from marks and from lines that rules speak against.
pub(super) fn distances(rules: &[u16], is_mark: &[bool]) -> Vec<Since> {
    let count = rules.len();
    let mut all = vec![Since::default(); count];
    let (mut marks, mut mark, mut rule) = (0.0, FAR, FAR);
    let step = |distance: f32| if distance < CAPPED_BLOCKS { distance + 1.0 } else { FAR };
    for (id, since) in all.iter_mut().enumerate() {
        (since.marks, since.mark, since.rule) = (marks, mark, rule);
        (mark, rule) = (step(mark), step(rule));
        if is_mark[id] {
            (marks, mark) = (marks + 1.0, 1.0);
        }
        if is_ruled(rules[id]) {
            rule = 1.0;
        }
    }
    let mut until = FAR;
    for (id, since) in all.iter_mut().enumerate().rev() {
        since.until_rule = until;
        until = if is_ruled(rules[id]) { 1.0 } else { step(until) };
    }
    all
}

/// Whether a rule that is believed speaks against a line.
pub(super) fn is_ruled(rules: u16) -> bool {
    rules & !family::HEARD != 0
}
