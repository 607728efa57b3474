//! Which images belong to a body, and where they are.

use super::{absolute, line, squeezed};
use crate::article::Image;
use crate::extract::block::{Block, BlockId, BlockMark, BlockRole, Boilerplate, RegionId};
use crate::extract::decide::Decision;
use crate::extract::dom::{Document, NodeId, Tag};
use crate::extract::rules::View;
use std::collections::HashSet;
use url::Url;

/// Smaller ones are icons, faces beside a byline and pixels that count readers.
const LEAST_PIXELS: u32 = 64;

/// Most images of one article; galleries of archives have thousands.
const MOST: usize = 500;

/// How many elements around an image are looked at for its figure and for what hides it.
const AROUND: usize = 12;

/// Where pages put the address of an image that is loaded when it is scrolled to.
const LAZY: &[&str] = &["data-src", "data-lazy-src", "data-original", "data-lazy", "data-url"];

/// Takes the images of a page one by one.
pub(super) struct Images<'a> {
    view: &'a View<'a>,
    decisions: &'a [Decision],
    /// The innermost region around all that is kept.
    around: RegionId,
    /// The first and the last block that is kept.
    kept: (BlockId, BlockId),
    /// By block: how many before it are kept, and how many are left out that are no captions.
    sums: Vec<(u32, u32)>,
    taken: HashSet<Url>,
    /// The figures whose caption an image has.
    captioned: HashSet<NodeId>,
}

impl<'a> Images<'a> {
    /// `kept`: the blocks that are, in their order; not empty.
    pub(super) fn of(view: &'a View<'a>, decisions: &'a [Decision], kept: &[BlockId]) -> Self {
        let (mut sums, mut sum) = (Vec::with_capacity(decisions.len() + 1), (0, 0));
        for (block, decision) in view.blocks.blocks.iter().zip(decisions) {
            sums.push(sum);
            sum.0 += u32::from(*decision == Decision::Keep);
            sum.1 += u32::from(!matches!(decision, Decision::Keep) && !is_caption(block, decision));
        }
        sums.push(sum);
        let kept = (kept.first().copied().unwrap_or(0), kept.last().copied().unwrap_or(0));
        let around = around(view, kept);
        Self { view, decisions, around, kept, sums, taken: HashSet::new(), captioned: HashSet::new() }
    }

    /// The image of a mark, where it belongs to the body and was not taken before.
    pub(super) fn take(&mut self, mark: &BlockMark, base: Option<&Url>) -> Option<Image> {
        let document = self.view.document;
        if self.taken.len() >= MOST || is_small(document, mark.node) || !self.is_of_body(mark) {
            return None;
        }
        let url = addresses(document, mark.node).into_iter().filter_map(|it| absolute(it, base)).find(is_web)?;
        if self.is_copy(mark.node) || !self.taken.insert(url.clone()) {
            return None;
        }
        let caption = self.caption(mark.node);
        Some(Image { url, alt: line(document, mark.node, "alt").unwrap_or_default(), caption })
    }

    /// Whether it stands among what is kept: in the element around all of it (where that is the whole page, between its
    /// first and last block), and the innermost element around it that has text has some of the article's.
    fn is_of_body(&self, mark: &BlockMark) -> bool {
        let (document, regions) = (self.view.document, &self.view.blocks.regions);
        let whole = &regions[self.around];
        if !(whole.node..document.after(whole.node)).contains(&mark.node) {
            return false;
        }
        let (first, last) = self.kept;
        if whole.parent.is_none() && !(first + 1..=last).contains(&mark.block) && mark.range.start == 0 {
            return false;
        }
        let region = document.ancestors(mark.node).find_map(|node| {
            let at = regions.binary_search_by_key(&node, |region| region.node).ok()?;
            let (kept, left_out) = self.counts(at);
            (kept + left_out > 0).then_some(kept > 0)
        });
        region == Some(true)
    }

    /// How many blocks of a region are kept, and how many left out that are no captions.
    fn counts(&self, region: RegionId) -> (u32, u32) {
        let blocks = &self.view.blocks.regions[region].blocks;
        let (from, to) = (self.sums[blocks.start], self.sums[blocks.end]);
        (to.0 - from.0, to.1 - from.1)
    }

    /// Whether it is what browsers without scripts show in the place of another one.
    fn is_copy(&self, image: NodeId) -> bool {
        let document = self.view.document;
        let mut around = document.ancestors(image).take(AROUND);
        let Some(noscript) = around.find(|node| document.tag(*node) == Some(Tag::Noscript)) else { return false };
        // White space may stand between the two.
        let mut before = std::iter::successors(document.before(noscript), |node| document.before(*node)).take(3);
        let other = before.find(|node| document.tag(*node).is_some());
        other.is_some_and(|it| document.tag(it) == Some(Tag::Img) && !addresses(document, it).is_empty())
    }

    /// The caption of its figure, for the first image there, unless it stands in the text.
    fn caption(&mut self, image: NodeId) -> Option<String> {
        let document = self.view.document;
        let figure = document.ancestors(image).take(AROUND).find(|node| document.tag(*node) == Some(Tag::Figure))?;
        let caption = document.descendants(figure).find(|node| document.tag(*node) == Some(Tag::Figcaption))?;
        let regions = &self.view.blocks.regions;
        let region = regions.binary_search_by_key(&caption, |region| region.node).ok()?;
        let blocks = regions[region].blocks.clone();
        if blocks.clone().any(|id| self.decisions[id] == Decision::Keep) || !self.captioned.insert(figure) {
            return None;
        }
        let texts = self.view.blocks.blocks[blocks].iter().map(|block| self.view.blocks.text(block));
        Some(squeezed(&texts.collect::<Vec<_>>().join(" "))).filter(|text| !text.is_empty())
    }
}

fn is_caption(block: &Block, decision: &Decision) -> bool {
    block.role == BlockRole::Caption || matches!(decision, Decision::Drop { kind: Boilerplate::Caption, .. })
}

/// The innermost region around two blocks and so around all between.
fn around(view: &View<'_>, (first, last): (BlockId, BlockId)) -> RegionId {
    let blocks = view.blocks;
    let holds = |region: &RegionId| blocks.regions[*region].blocks.contains(&last);
    blocks.around(blocks.blocks[first].region).find(holds).unwrap_or(0)
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.host_str().is_some()
}

/// By its own word; most say nothing.
fn is_small(document: &Document<'_>, image: NodeId) -> bool {
    let pixels = |name| document.attribute_named(image, name)?.trim().trim_end_matches("px").parse::<u32>().ok();
    let is_small = |name| pixels(name).is_some_and(|pixels| pixels < LEAST_PIXELS);
    let is_pixel = |name| pixels(name).is_some_and(|pixels| pixels <= 1);
    is_small("width") && is_small("height") || is_pixel("width") || is_pixel("height")
}

/// Where it may be, the likeliest first: what is loaded late, its own source, the largest of a set, those of the picture
/// around it.
fn addresses<'a>(document: &'a Document<'a>, image: NodeId) -> Vec<&'a str> {
    let attribute = |node, name: &str| document.attribute_named(node, name).filter(|value| !value.trim().is_empty());
    let picture = document.parent(image).filter(|parent| document.tag(*parent) == Some(Tag::Picture));
    let sources = picture.into_iter().flat_map(|picture| document.children(picture));
    let sets = [image].into_iter().chain(sources).flat_map(|node| {
        ["srcset", "data-srcset"].into_iter().filter_map(move |name| attribute(node, name).and_then(largest))
    });
    let late = LAZY.iter().filter_map(|name| attribute(image, name));
    let own = attribute(image, "src").filter(|source| !source.trim_start().starts_with("data:"));
    late.chain(own).chain(sets).collect()
}

/// The largest of a set of sources (`a.jpg 480w, b.jpg 2x`).
fn largest(set: &str) -> Option<&str> {
    let size = |candidate: &str| {
        let size = candidate.split_whitespace().nth(1)?;
        size.trim_end_matches(['w', 'x']).parse::<f32>().ok()
    };
    // A comma belongs to an address unless white space follows.
    let candidates = set.split(", ").flat_map(|part| part.split(",\n")).map(str::trim).filter(|it| !it.is_empty());
    let best = candidates.max_by(|a, b| size(a).unwrap_or(1.0).total_cmp(&size(b).unwrap_or(1.0)))?;
    best.split_whitespace().next().map(|address| address.trim_end_matches(','))
}
