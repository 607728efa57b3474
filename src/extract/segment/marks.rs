//! Where links and images stand in what is cut.

use super::{Cutter, Open, Pending, PendingKind};
use crate::extract::block::BlockMark;
use crate::extract::dom::{NodeId, Tag};
use std::ops::Range;

impl Cutter<'_> {
    /// Notes a link or an image that reaches from a place in the open text to its end.
    pub(super) fn mark(&mut self, node: NodeId, from: usize) {
        if self.with_marks {
            self.open.marks.push((node, from..self.open.text.len()));
        }
    }

    /// Notes the links that go on behind the open block.
    pub(super) fn mark_pending(&mut self) {
        let link = |pending: &Pending| match pending.kind {
            PendingKind::Link { from } => Some((pending.node, from..self.open.text.len())),
            _ => None,
        };
        let links: Vec<_> = self.pending.iter().filter_map(link).collect();
        self.open.marks.extend(links);
    }

    /// Hands the links and images of a block that begins at `start` of what was open to its place among all, with the
    /// images before it; code has no places for them in its text.
    pub(super) fn mark_block(&mut self, open: &Open, start: usize, length: usize, is_code: bool) {
        self.mark_loose();
        let block = self.blocks.blocks.len();
        let within = |at: usize| if is_code { 0 } else { at.saturating_sub(start).min(length) as u32 };
        let mark = |(node, range): &(NodeId, Range<usize>)| {
            let is_image = self.document.tag(*node) == Some(Tag::Img);
            let range = within(range.start)..within(range.end);
            (is_image || !range.is_empty()).then_some(BlockMark { block, range, node: *node })
        };
        self.blocks.marks.extend(open.marks.iter().filter_map(mark));
    }

    /// Notes the images that stand before the next block.
    pub(super) fn mark_loose(&mut self) {
        let block = self.blocks.blocks.len();
        self.blocks.marks.extend(self.loose.drain(..).map(|node| BlockMark { block, range: 0..0, node }));
    }

    /// Keeps the images of what has no text for the next block.
    pub(super) fn loosen(&mut self, open: &Open) {
        let is_image = |node: &NodeId| self.document.tag(*node) == Some(Tag::Img);
        self.loose.extend(open.marks.iter().map(|(node, _)| *node).filter(is_image));
    }
}
