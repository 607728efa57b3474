//! What elements hold, summed from the blocks up, and which of them holds the page's prose.

use super::is_long;
use crate::extract::block::{BlockRole, RegionId};
use crate::extract::dom::Tag;
use crate::extract::rules::View;

/// Sums over the blocks of an element, those of elements within it included.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    pub(super) words: f32,
    pub(super) link_words: f32,
    /// Words of blocks whose own element is a `p`.
    pub(super) p_words: f32,
    pub(super) long_words: f32,
    pub(super) sentences: f32,
    pub(super) headings: f32,
    pub(super) images: f32,
    /// Words of blocks that some rule speaks against.
    pub(super) ruled: f32,
}

/// The sums of all elements, by region.
#[derive(Debug)]
pub(super) struct Sums {
    sums: Vec<Sum>,
    own_images: Vec<u16>,
    has_time: Vec<bool>,
    /// Prose given by blocks to the elements around them.
    scores: Vec<f32>,
    pub(super) top: Option<RegionId>,
}

impl Sums {
    pub(super) fn new(view: &View<'_>, rules: &[u16]) -> Self {
        let regions = &view.blocks.regions;
        let mut sums = vec![Sum::default(); regions.len().max(1)];
        for (block, rules) in view.blocks.blocks.iter().zip(rules) {
            let sum = &mut sums[block.region];
            let words = block.measure.words;
            sum.words += words;
            sum.link_words += words * block.link_share();
            sum.sentences += block.measure.sentences as f32;
            if regions[block.region].tag == Tag::P {
                sum.p_words += words;
            }
            if is_long(block) {
                sum.long_words += words;
            }
            if matches!(block.role, BlockRole::Heading(_)) {
                sum.headings += 1.0;
            }
            if *rules != 0 {
                sum.ruled += words;
            }
        }
        let (own_images, has_time) = marks(view);
        for (sum, images) in sums.iter_mut().zip(&own_images) {
            sum.images = f32::from(*images);
        }
        for id in (1..regions.len()).rev() {
            let sum = sums[id];
            if let Some(parent) = regions[id].parent {
                sums[parent].add(&sum);
            }
        }
        let scores = scores(view);
        let best = (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b]).then(b.cmp(a)));
        let top = best.filter(|best| scores[*best] > 0.0);
        Self { sums, own_images, has_time, scores, top }
    }

    pub(super) fn of(&self, region: RegionId) -> &Sum {
        &self.sums[region]
    }

    pub(super) fn words(&self, region: RegionId) -> f32 {
        self.sums[region].words
    }

    pub(super) fn long_words(&self, region: RegionId) -> f32 {
        self.sums[region].long_words
    }

    /// Pictures that stand in the element itself, not in elements within it.
    pub(super) fn own_images(&self, region: RegionId) -> f32 {
        f32::from(self.own_images[region])
    }

    /// Whether a `time` stands in the element itself.
    pub(super) fn has_time(&self, region: RegionId) -> bool {
        self.has_time[region]
    }

    /// The element's share of the best score, 0 to 1.
    pub(super) fn score(&self, region: RegionId) -> f32 {
        self.top.map_or(0.0, |top| self.scores[region] / self.scores[top])
    }

    /// Share of the page's words that the best score stands for.
    pub(super) fn top_share(&self) -> f32 {
        self.top.map_or(0.0, |top| self.scores[top] / self.words(0).max(1.0))
    }
}

impl Sum {
    fn add(&mut self, other: &Self) {
        self.words += other.words;
        self.link_words += other.link_words;
        self.p_words += other.p_words;
        self.long_words += other.long_words;
        self.sentences += other.sentences;
        self.headings += other.headings;
        self.images += other.images;
        self.ruled += other.ruled;
    }
}

/// Pictures, and whether there are times, by the region they stand in.
fn marks(view: &View<'_>) -> (Vec<u16>, Vec<bool>) {
    let regions = &view.blocks.regions;
    let mut images = vec![0_u16; regions.len().max(1)];
    let mut has_time = vec![false; images.len()];
    let mut open: Vec<RegionId> = Vec::new();
    let mut next = 0;
    for node in view.document.nodes() {
        while open.last().is_some_and(|region| view.document.after(regions[*region].node) <= node) {
            open.pop();
        }
        if regions.get(next).is_some_and(|region| region.node == node) {
            open.push(next);
            next += 1;
        }
        let Some(region) = open.last() else { continue };
        match view.document.tag(node) {
            Some(Tag::Img) => images[*region] = images[*region].saturating_add(1),
            Some(Tag::Time) => has_time[*region] = true,
            _ => {}
        }
    }
    (images, has_time)
}

/// Each block of prose gives its words outside links to its element (to the one around it where
/// that is a mere piece of text), half to the next and a quarter to the one after.
fn scores(view: &View<'_>) -> Vec<f32> {
    let regions = &view.blocks.regions;
    let mut scores = vec![0.0; regions.len()];
    for block in &view.blocks.blocks {
        let (words, links) = (block.measure.words, block.link_share());
        let is_sentence = block.measure.sentences > 0 && words >= 8.0 && links < 0.4;
        if !is_long(block) && !is_sentence {
            continue;
        }
        use Tag::*;
        let is_piece = matches!(regions[block.region].tag, P | Li | Blockquote | Pre | Td | Dd);
        let mut gift = words * (1.0 - links);
        for region in view.blocks.around(block.region).skip(usize::from(is_piece)).take(3) {
            scores[region] += gift;
            gift /= 2.0;
        }
    }
    scores
}
