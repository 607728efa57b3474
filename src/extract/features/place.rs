//! Where blocks stand among the others, and which of them is the headline.

use super::is_long;
use super::text::TextFacts;
use crate::extract::block::{Block, BlockId, BlockRole};
use crate::extract::rules::View;

/// A distance to something that is not there.
pub(super) const FAR: f32 = 999.0;

/// Most columns a distance in blocks may span; farther is as far.
pub(super) const CAPPED_BLOCKS: f32 = 200.0;

/// Where a block stands among the others.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    pub(super) words_before: f32,
    pub(super) long_words_before: f32,
    pub(super) long_before: u32,
    pub(super) previous_long: f32,
    pub(super) next_long: f32,
    /// The last heading before it.
    pub(super) heading: Option<u32>,
}

/// Places, in one pass forwards and one backwards.
pub(super) fn places(view: &View<'_>) -> Vec<Place> {
    let blocks = &view.blocks.blocks;
    let mut places = Vec::with_capacity(blocks.len());
    let mut at = Place { previous_long: FAR, ..Place::default() };
    for (id, block) in blocks.iter().enumerate() {
        places.push(at);
        at.words_before += block.measure.words;
        at.previous_long = if at.previous_long < CAPPED_BLOCKS { at.previous_long + 1.0 } else { FAR };
        if is_long(block) {
            at.long_words_before += block.measure.words;
            at.long_before += 1;
            at.previous_long = 1.0;
        }
        if matches!(block.role, BlockRole::Heading(_)) {
            at.heading = Some(id as u32);
        }
    }
    let mut next_long = FAR;
    for (place, block) in places.iter_mut().zip(blocks).rev() {
        place.next_long = next_long;
        next_long = if is_long(block) {
            1.0
        } else if next_long < CAPPED_BLOCKS {
            next_long + 1.0
        } else {
            FAR
        };
    }
    places
}

/// The block that looks most like the headline, the first of several.
pub(super) fn headline(view: &View<'_>, texts: &[TextFacts]) -> Option<BlockId> {
    let mut best = None;
    let mut best_score = 0.0;
    for (id, text) in texts.iter().enumerate() {
        let score = headline_score(&view.blocks.blocks[id], text);
        if score > best_score {
            (best, best_score) = (Some(id), score);
        }
    }
    best
}

/// How much a block looks like the headline; 0 if it cannot be it.
fn headline_score(block: &Block, text: &TextFacts) -> f32 {
    match block.role {
        BlockRole::Heading(1) => text.title_likeness + 0.5,
        BlockRole::Heading(_) => text.title_likeness,
        _ if text.title_likeness > 0.6 => text.title_likeness,
        _ => 0.0,
    }
}
