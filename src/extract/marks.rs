//! Links and images of what is kept, for those who ask for them.

mod images;

use super::Options;
use super::block::{BlockId, BlockMark, BlockRole, RegionId};
use super::decide::Decision;
use super::dom::{Attr, Document, NodeId, Tag};
use super::rules::View;
use crate::article::{Mark, Span};
use images::Images;
use url::Url;

impl Options {
    /// Whether links or images are asked for.
    pub(super) fn marks(&self) -> bool {
        self.with_links || self.with_images
    }
}

/// Links and images by the kept block that has them, in the order of the blocks and of their places there. Images stand
/// where they stood; where that is no kept block's text, before the next kept one or behind the last.
pub(super) fn spans(view: &View<'_>, decisions: &[Decision], options: &Options) -> Vec<(BlockId, Span)> {
    let marks = &view.blocks.marks;
    if marks.is_empty() {
        return Vec::new();
    }
    let kept: Vec<BlockId> = (0..decisions.len()).filter(|id| decisions[*id] == Decision::Keep).collect();
    if kept.is_empty() {
        return Vec::new();
    }
    let base = base(view);
    let mut images = Images::of(view, decisions, &kept);
    let mut spans = Vec::new();
    for mark in marks {
        let is_image = view.document.tag(mark.node) == Some(Tag::Img);
        if is_image && options.with_images {
            let Some(image) = images.take(mark, base.as_ref()) else { continue };
            let (block, at) = place(view, mark, &kept);
            spans.push((block, Span { range: at..at, mark: Mark::Image(Box::new(image)) }));
        } else if !is_image && options.with_links && decisions[mark.block] == Decision::Keep {
            spans.extend(link(view, mark, base.as_ref()).map(|span| (mark.block, span)));
        }
    }
    // Links are noted where they end, and images stay in their order where they have one place.
    spans.sort_by_key(|(block, span)| (*block, span.range.start));
    spans
}

/// Where an image stands among the kept blocks, which are some: the block, and the byte in its text. One that stands
/// before a list or a table stands behind the block above it, if that is none of them.
fn place(view: &View<'_>, mark: &BlockMark, kept: &[BlockId]) -> (BlockId, usize) {
    let blocks = view.blocks;
    let end = |id: BlockId| (id, blocks.text(&blocks.blocks[id]).len());
    let next = kept.partition_point(|id| *id < mark.block);
    let before = next.checked_sub(1).map(|before| kept[before]);
    let Some(block) = kept.get(next).copied() else { return end(before.unwrap_or(0)) };
    let piece = |id: BlockId| piece_of_whole(view, id);
    match (piece(block), before) {
        (Some(whole), Some(before)) if !holds(view, whole, mark.node) && piece(before).is_none() => end(before),
        _ if block == mark.block => (block, mark.range.start as usize),
        _ => (block, 0),
    }
}

/// The item or the row that a block is in.
fn piece_of_whole(view: &View<'_>, block: BlockId) -> Option<RegionId> {
    let block = &view.blocks.blocks[block];
    match block.role {
        BlockRole::Cell { row } => Some(row),
        BlockRole::Item(..) => view.blocks.around(block.region).find(|it| view.blocks.regions[*it].tag == Tag::Li),
        _ => None,
    }
}

fn holds(view: &View<'_>, region: RegionId, node: NodeId) -> bool {
    let around = view.blocks.regions[region].node;
    (around..view.document.after(around)).contains(&node)
}

fn link(view: &View<'_>, mark: &BlockMark, base: Option<&Url>) -> Option<Span> {
    let text = view.blocks.text(&view.blocks.blocks[mark.block]);
    let linked = text.get(mark.range.start as usize..mark.range.end as usize)?;
    let start = mark.range.start as usize + (linked.len() - linked.trim_start().len());
    let range = start..start + linked.trim().len();
    let url = absolute(view.document.attribute(mark.node, Attr::Href)?, base)?;
    (!range.is_empty() && matches!(url.scheme(), "http" | "https" | "mailto"))
        .then_some(Span { range, mark: Mark::Link(url) })
}

/// What relative URLs refer to: what the page says, else where it was found, else what it calls itself.
fn base(view: &View<'_>) -> Option<Url> {
    let own = view.url.or(view.evidence.metadata.canonical_url.as_ref());
    let stated = |node: NodeId| view.document.attribute(node, Attr::Href);
    let stated = view.document.elements(Tag::Base).find_map(stated).and_then(|stated| absolute(stated, own));
    stated.or_else(|| own.cloned())
}

fn absolute(stated: &str, base: Option<&Url>) -> Option<Url> {
    let stated = stated.trim();
    if stated.is_empty() {
        return None;
    }
    match base {
        Some(base) => base.join(stated).ok(),
        None => Url::parse(stated).ok(),
    }
}

/// An attribute as one line; `None` where it is missing or blank.
fn line(document: &Document<'_>, node: NodeId, name: &str) -> Option<String> {
    document.attribute_named(node, name).map(squeezed).filter(|text| !text.is_empty())
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
