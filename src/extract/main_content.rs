//! Where the article stands: the region whose own prose weighs most, joined with its neighbours.
//!
//! A plain choice that can be told in three sentences, to be replaced by the learned one: every
//! prose block gives its words to the element that holds it, half to the next and a quarter to the
//! one after (Readability's propagation). From the heaviest element the choice climbs while what is
//! won above is more prose than anything else. Within it, prose is in, and what is short between.

use super::block::{Block, BlockId, BlockRole, Region, RegionId};
use super::dom::{Attr, Tag};
use super::lexicon::fold;
use super::measure::ends_in_sentence;
use super::rules::{self, Finding, View};

/// What of its prose a region must add to be climbed into.
const LEAST_GAIN: f32 = 0.04;

/// Most words that are no prose, by word of prose, in what is won by climbing.
const MOST_NOISE: f32 = 0.6;

/// Share of the page's prose from which an element that is marked up as the article bounds the climb.
const BOUNDING_SHARE: f32 = 0.25;

/// Below all headings.
const TEXT_LEVEL: u8 = 7;

/// The region of the main content, and which blocks are in it.
#[derive(Debug)]
pub(crate) struct MainContent {
    pub(crate) is_main: Vec<bool>,
}

/// Chooses, leaving out what `findings` propose to drop.
pub(crate) fn choose(view: &View<'_>, findings: &[Finding]) -> MainContent {
    let mut is_out = vec![false; view.blocks.blocks.len()];
    for finding in findings.iter().filter(|finding| !rules::is_doubted(finding)) {
        is_out[finding.block] = true;
    }
    if view.blocks.is_flat() {
        return choose_lines(view, &is_out);
    }
    let main = choose_among(view, &is_out, SENTENCE_WORDS);
    let words = |main: &MainContent| -> f32 {
        view.blocks
            .blocks
            .iter()
            .zip(&main.is_main)
            .filter(|(_, is_main)| **is_main)
            .map(|(block, _)| block.measure.words)
            .sum()
    };
    if words(&main) >= LEAST_MAIN_WORDS { main } else { choose_among(view, &is_out, SHORT_SENTENCE_WORDS) }
}

/// Fewest words of a sentence that speaks for a body, and of one on pages that have no longer ones:
/// interviews, poems.
const SENTENCE_WORDS: f32 = 8.0;
const SHORT_SENTENCE_WORDS: f32 = 3.0;

/// Fewest words of a main content that is no mistake.
const LEAST_MAIN_WORDS: f32 = 25.0;

/// What a line that is no prose costs beside its words: so many of prose must be won behind it.
const LINE_COST: f32 = 10.0;

/// Of a text without markup, the stretch with most words of prose less those of other lines (Finn's body text
/// extraction); what stands in it is in, proposals apart.
fn choose_lines(view: &View<'_>, is_out: &[bool]) -> MainContent {
    let blocks = &view.blocks.blocks;
    let (mut best, mut best_sum) = (0..0, 0.0);
    let (mut start, mut sum) = (0, 0.0);
    for (id, block) in blocks.iter().enumerate() {
        let is_won = !is_out[id] && counts_as_prose(view, block, SHORT_SENTENCE_WORDS);
        sum += if is_won { block.measure.words } else { -LINE_COST - block.measure.words };
        if sum <= 0.0 {
            (start, sum) = (id + 1, 0.0);
        } else if sum > best_sum {
            (best, best_sum) = (start..id + 1, sum);
        }
    }
    MainContent { is_main: (0..blocks.len()).map(|id| best.contains(&id) && !is_out[id]).collect() }
}

/// The element whose own prose weighs most, whatever rules say: what a simple scraper takes for the article.
pub(crate) fn heaviest(view: &View<'_>) -> Option<RegionId> {
    Weights::new(view, &vec![false; view.blocks.blocks.len()], SENTENCE_WORDS).top(view)
}

fn choose_among(view: &View<'_>, is_out: &[bool], shortest: f32) -> MainContent {
    let weights = Weights::new(view, is_out, shortest);
    let Some(top) = weights.top(view) else { return MainContent { is_main: vec![false; is_out.len()] } };
    let region = weights.climb(view, top);
    let mut is_main = within(view, region, is_out, shortest);
    add_standfirst(view, is_out, &mut is_main);
    MainContent { is_main }
}

/// Words by region, of prose and of the rest, proposals left out.
struct Weights {
    prose: Vec<f32>,
    noise: Vec<f32>,
    score: Vec<f32>,
}

impl Weights {
    fn new(view: &View<'_>, is_out: &[bool], shortest: f32) -> Self {
        let regions = &view.blocks.regions;
        let empty = vec![0.0; regions.len()];
        let mut weights = Self { prose: empty.clone(), noise: empty.clone(), score: empty };
        for (id, block) in view.blocks.blocks.iter().enumerate().filter(|(id, _)| !is_out[*id]) {
            if counts_as_prose(view, block, shortest) {
                weights.prose[block.region] += block.measure.words * (1.0 - block.link_share());
                weights.propagate(view, id);
            } else {
                weights.noise[block.region] += block.measure.words;
            }
        }
        for id in (1..regions.len()).rev() {
            if let Some(parent) = regions[id].parent {
                weights.prose[parent] += weights.prose[id];
                weights.noise[parent] += weights.noise[id];
            }
        }
        weights
    }

    fn propagate(&mut self, view: &View<'_>, id: BlockId) {
        let block = &view.blocks.blocks[id];
        let mut gift = block.measure.words * (1.0 - block.link_share());
        for region in view.blocks.around(block.region).skip_while(|region| is_piece(view, *region)).take(3) {
            self.score[region] += gift;
            gift /= 2.0;
        }
    }

    fn top(&self, view: &View<'_>) -> Option<RegionId> {
        let best =
            (0..view.blocks.regions.len()).max_by(|a, b| self.score[*a].total_cmp(&self.score[*b]).then(b.cmp(a)))?;
        (self.score[best] > 0.0).then_some(best)
    }

    /// The outermost region around `top` that adds prose without adding more noise; not past the
    /// element that is marked up as the article, if that holds a good part of the page's prose.
    fn climb(&self, view: &View<'_>, top: RegionId) -> RegionId {
        let mut chosen = top;
        let mut below = top;
        for above in view.blocks.around(top).skip(1) {
            if is_marked_as_article(view, below) && self.prose[below] >= BOUNDING_SHARE * self.prose[0] {
                break;
            }
            let gain = self.prose[above] - self.prose[chosen];
            let noise = self.noise[above] - self.noise[chosen];
            if gain > LEAST_GAIN * self.prose[chosen] && noise < MOST_NOISE * gain {
                chosen = above;
            }
            below = above;
        }
        chosen
    }
}

fn is_marked_as_article(view: &View<'_>, region: RegionId) -> bool {
    let Region { tag, node, .. } = view.blocks.regions[region];
    let says = |attr, value: &str| view.document.attribute(node, attr).is_some_and(|it| it.eq_ignore_ascii_case(value));
    matches!(tag, Tag::Article | Tag::Main) || says(Attr::Itemprop, "articleBody") || says(Attr::Role, "main")
}

/// Prose, or a shorter block that is a sentence of at least `shortest` words outside links.
fn counts_as_prose(view: &View<'_>, block: &Block, shortest: f32) -> bool {
    let is_sentence = block.measure.words >= shortest && block.link_share() < 0.4;
    matches!(block.role, BlockRole::Heading(_)) && block.is_prose()
        || !matches!(block.role, BlockRole::Heading(_))
            && (block.is_prose() || is_sentence && ends_in_sentence(view.blocks.text(block)))
}

/// The blocks of the region from its first prose to its last, without links and dangling headings.
fn within(view: &View<'_>, region: RegionId, is_out: &[bool], shortest: f32) -> Vec<bool> {
    let blocks = &view.blocks.blocks;
    let range = view.blocks.regions[region].blocks.clone();
    let is_body = |id: &BlockId| !is_out[*id] && counts_as_prose(view, &blocks[*id], shortest);
    let mut is_main = vec![false; blocks.len()];
    let (Some(first), Some(last)) = (range.clone().find(is_body), range.clone().rev().find(is_body)) else {
        return is_main;
    };
    let last = stretch(view, is_out, last, last + 1..range.end);
    let first = stretch(view, is_out, first, (range.start..first).rev());
    let first = headings_before(view, is_out, range.start, first);
    // The level of what is kept next, running text below all headings.
    let mut next_level = None;
    for id in (first..=last).rev().filter(|id| !is_out[*id]) {
        let block = &blocks[id];
        let level = match block.role {
            BlockRole::Heading(level) => level,
            _ => TEXT_LEVEL,
        };
        let is_linked = block.link_share() > 0.6 && !ends_in_sentence(view.blocks.text(block));
        let heads_nothing = level < TEXT_LEVEL && next_level.is_none_or(|next| next <= level);
        if !is_linked && !heads_nothing {
            is_main[id] = true;
            next_level = Some(level);
        }
    }
    is_main
}

/// Sub-headings right before the body belong to it.
fn headings_before(view: &View<'_>, is_out: &[bool], start: BlockId, first: BlockId) -> BlockId {
    let is_heading = |id: &BlockId| {
        let block = &view.blocks.blocks[*id];
        !is_out[*id] && block.link_share() < 0.3 && matches!(block.role, BlockRole::Heading(2..=6))
    };
    (start..first).rev().take_while(is_heading).last().unwrap_or(first)
}

/// How far the body goes on from `from`, its first or last sure block, along `way`: over short
/// sentences beside it, lists, tables, code and quotations, and over headings and lines with a colon
/// that more of these follow.
fn stretch(view: &View<'_>, is_out: &[bool], from: BlockId, way: impl Iterator<Item = BlockId>) -> BlockId {
    let beside = flow(view, from);
    let mut reached = from;
    for id in way.filter(|id| !is_out[*id]) {
        let block = &view.blocks.blocks[id];
        match block.role {
            BlockRole::Heading(2..=6) => {}
            _ if view.blocks.text(block).ends_with([':', '：']) && flow(view, id) == beside => {}
            _ if belongs(block) || flow(view, id) == beside && is_short_sentence(view, block) => reached = id,
            _ => break,
        }
    }
    reached
}

fn belongs(block: &Block) -> bool {
    matches!(block.role, BlockRole::Item(..) | BlockRole::Cell { .. } | BlockRole::Code | BlockRole::Quote)
        && block.link_share() < 0.3
}

fn is_short_sentence(view: &View<'_>, block: &Block) -> bool {
    block.measure.words >= 2.0 && block.link_share() < 0.4 && ends_in_sentence(view.blocks.text(block))
}

/// The element whose children a block's paragraph and its neighbours are.
pub(crate) fn flow(view: &View<'_>, id: BlockId) -> Option<RegionId> {
    view.blocks.around(view.blocks.blocks[id].region).find(|region| !is_piece(view, *region))
}

/// Whether an element holds one paragraph, item or cell rather than several.
fn is_piece(view: &View<'_>, region: RegionId) -> bool {
    use Tag::*;
    let tag = view.blocks.regions[region].tag;
    matches!(tag, P | Li | Blockquote | Pre | Td | Th | Dd | Dt) || tag.heading_level().is_some()
}

/// The standfirst: what the page's description says, or a sentence between headline and body.
pub(crate) fn add_standfirst(view: &View<'_>, is_out: &[bool], is_main: &mut [bool]) {
    let Some(first) = is_main.iter().position(|it| *it) else { return };
    let description = view.evidence.description.as_deref().map(fold).unwrap_or_default();
    let headline = headline_before(view, first);
    for id in 0..first {
        let block = &view.blocks.blocks[id];
        let text = view.blocks.text(block);
        if is_out[id] || block.link_share() > 0.5 || matches!(block.role, BlockRole::Heading(1)) {
            continue;
        }
        let is_description = block.measure.words >= 5.0 && starts_alike(&description, view.folded(id));
        let follows_headline = headline.is_some_and(|headline| id > headline && id <= headline + 6);
        if is_description
            || follows_headline && block.measure.words >= 8.0 && (ends_in_sentence(text) || block.measure.words >= 12.0)
        {
            is_main[id] = true;
        }
    }
}

/// The last block before the body that is the headline.
fn headline_before(view: &View<'_>, first: BlockId) -> Option<BlockId> {
    let title = view.evidence.metadata.title.as_deref().map(fold);
    (0..first).rev().find(|id| {
        let block = &view.blocks.blocks[*id];
        block.role == BlockRole::Heading(1) || title.as_ref().is_some_and(|title| view.folded(*id) == title)
    })
}

/// Whether one text begins as the other, over at least 40 characters or all of it.
fn starts_alike(a: &str, b: &str) -> bool {
    let length = a.chars().count().min(b.chars().count()).min(80);
    length >= 20 && a.chars().take(length).eq(b.chars().take(length))
}
