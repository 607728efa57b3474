//! Every block of a page, and why it stayed or went.

use super::block::{Block, BlockId, BlockRole, Boilerplate, RegionId};
use super::decide::{self, Decision, Decisions};
use super::dom::Tag;
use super::level::Level;
use super::rules::{Certainty, View};
use super::{Extraction, Options, Source, rounded};
use serde::Serialize;
use std::collections::BTreeMap;

/// An extraction with all that led to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The same as [`super::Extractor::extract`] gives.
    pub extraction: Extraction,
    /// Every block of the page in its order: together they hold all its visible text. On a page whose
    /// text was read from its data ([`Extraction::is_from_data`]) they are those of the data. Empty
    /// where nothing could be read.
    pub blocks: Vec<BlockVerdict>,
}

/// A block, what became of it, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BlockVerdict {
    /// Whether it stayed. On a page that is no article by its verdict, no text comes of it all the same.
    pub kept: bool,
    /// What it was taken for; `None` where it stayed.
    pub kind: Option<Boilerplate>,
    /// The rule that decided, `family:detail`. Of blocks that stayed: `model`, `keep:KIND` by the
    /// caller's wish, `context` where neighbours or the rules outweigh the model, `rules` without a model.
    pub rule: String,
    /// How likely the model takes it to be content, 0 to 1 in hundredths; `None` without a model.
    pub score: Option<f32>,
    /// Everything that rules proposed, believed or not, most telling last.
    pub evidence: Vec<Evidence>,
    /// Where it stands: the element that its text is a piece of (`p`, `li`, `td`).
    pub tag: &'static str,
    /// Whether it stands among the article: between its first and last block, or in the element or the
    /// `article` that holds it.
    pub inside: bool,
    /// Its text, whole.
    pub text: String,
}

/// What a rule said of a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// What the rule takes the block for.
    pub kind: Boilerplate,
    /// `family:detail`.
    pub rule: String,
    /// How sure it is.
    pub certainty: Sureness,
}

/// How sure a proposal is of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sureness {
    /// It needs the company of others.
    Witnessed,
    /// It stands alone.
    Sure,
}

impl From<Certainty> for Sureness {
    fn from(certainty: Certainty) -> Self {
        match certainty {
            Certainty::Witnessed => Self::Witnessed,
            Certainty::Sure => Self::Sure,
        }
    }
}

/// How much of one kind was left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Blocks.
    pub blocks: usize,
    /// Their characters, spaces included.
    pub chars: usize,
}

/// What was left out of a page, by kind; kinds that it has none of are not in it.
pub type Counters = BTreeMap<Boilerplate, Count>;

impl Extraction {
    /// How much of each kind was left out. Over the pages of a site these numbers are steady: where one
    /// jumps, the site has changed its layout.
    pub fn counters(&self) -> Counters {
        let mut counters = Counters::new();
        for removal in &self.removals {
            let count = counters.entry(removal.kind).or_default();
            count.blocks += 1;
            count.chars += removal.text.chars().count();
        }
        counters
    }
}

/// The verdict on every block, in order.
pub(super) fn blocks(view: &View<'_>, decided: &Decisions, options: &Options) -> Vec<BlockVerdict> {
    let inside = inside(view, decided);
    let mut verdicts: Vec<BlockVerdict> =
        (0..view.blocks.blocks.len()).map(|id| verdict(view, decided, id, inside[id], options.level)).collect();
    for finding in decide::strongest_last(view, decided.proposals.clone(), decided.body()) {
        let certainty = finding.certainty.into();
        verdicts[finding.block].evidence.push(Evidence {
            kind: finding.kind,
            rule: finding.rule.to_string(),
            certainty,
        });
    }
    for verdict in &mut verdicts {
        let wished = verdict.evidence.iter().find(|evidence| options.keep.contains(&evidence.kind));
        if let (true, Some(evidence)) = (verdict.kept, wished) {
            verdict.rule = format!("keep:{}", evidence.kind.id());
        }
    }
    verdicts
}

fn verdict(view: &View<'_>, decided: &Decisions, id: BlockId, inside: bool, level: Level) -> BlockVerdict {
    let block = &view.blocks.blocks[id];
    let score = decided.opinions[id].content;
    let (kind, rule) = match &decided.by_block[id] {
        Decision::Drop { kind, rule } => (Some(*kind), rule.to_string()),
        Decision::Keep => (None, stayed(score, level).to_owned()),
    };
    BlockVerdict {
        kept: kind.is_none(),
        kind,
        rule,
        score: score.map(rounded),
        evidence: Vec::new(),
        tag: tag(view, block),
        inside,
        text: view.blocks.text(block).to_owned(),
    }
}

/// What speaks for a block that stayed: the model where it alone would keep it in an article.
fn stayed(score: Option<f32>, level: Level) -> &'static str {
    match score {
        None => "rules",
        Some(score) if score >= level.likely() => "model",
        Some(_) => "context",
    }
}

/// The element whose piece a block is; that of its role where the markup has none of its own.
fn tag(view: &View<'_>, block: &Block) -> &'static str {
    match block.role {
        BlockRole::Heading(level) => ["h1", "h2", "h3", "h4", "h5", "h6"][usize::from(level.clamp(1, 6)) - 1],
        BlockRole::Item(..) => "li",
        BlockRole::Quote => "blockquote",
        BlockRole::Code => "pre",
        BlockRole::Cell { .. } => "td",
        BlockRole::Caption => "figcaption",
        BlockRole::Paragraph => view.blocks.regions[block.region].tag.name(),
    }
}

/// Share of the kept words that an element holds if it is the one that holds the article: a standfirst
/// or a caption in the page's header is outside of it.
const MOST_OF_ARTICLE: f32 = 0.9;

/// Which blocks stand among the article.
fn inside(view: &View<'_>, decided: &Decisions) -> Vec<bool> {
    let blocks = &view.blocks.blocks;
    let mut is_inside = vec![false; blocks.len()];
    let body = decided.body();
    if body.is_empty() || blocks.is_empty() {
        return is_inside;
    }
    is_inside[body.clone()].fill(true);
    if view.blocks.is_flat() {
        return is_inside;
    }
    if let Some(holder) = holder(view, decided) {
        let article = view.blocks.around(holder).find(|region| view.blocks.regions[*region].tag == Tag::Article);
        for region in [Some(holder), article].into_iter().flatten() {
            is_inside[view.blocks.regions[region].blocks.clone()].fill(true);
        }
    }
    is_inside
}

/// The smallest element with most of the kept words.
fn holder(view: &View<'_>, decided: &Decisions) -> Option<RegionId> {
    let words_before: Vec<f32> = std::iter::once(0.0)
        .chain(view.blocks.blocks.iter().zip(&decided.by_block).scan(0.0, |sum, (block, decision)| {
            *sum += if *decision == Decision::Keep { block.measure.words } else { 0.0 };
            Some(*sum)
        }))
        .collect();
    let whole = *words_before.last()?;
    let holds_most = |region: &RegionId| {
        let range = &view.blocks.regions[*region].blocks;
        words_before[range.end] - words_before[range.start] >= MOST_OF_ARTICLE * whole
    };
    // Of two elements that hold most of it, one is in the other.
    (0..view.blocks.regions.len()).rev().find(holds_most)
}

/// All text that a page shows, for a check that no block is missing: read off the document, not off
/// its blocks.
pub(super) fn visible_text(source: &Source<'_>) -> String {
    let document = &source.document;
    let mut text = String::new();
    let mut skip_until = None;
    let body = [Tag::Body, Tag::Frameset, Tag::Html].into_iter().find_map(|tag| document.elements(tag).next());
    let Some(body) = body else { return text };
    for node in document.descendants(body) {
        if skip_until.is_some_and(|end| node < end) {
            continue;
        }
        if document.tag(node).is_some_and(is_no_text) {
            skip_until = Some(document.after(node));
        }
        text.push_str(document.text(node).unwrap_or_default());
    }
    text
}

/// Elements whose content is no text of the page: scripts, players, frames, choices and fields of forms.
fn is_no_text(tag: Tag) -> bool {
    use Tag::*;
    matches!(
        tag,
        Script | Head | Map | Audio | Template | Style | Iframe | Video | Object | Select | Textarea | Embed | Hr
    )
}
