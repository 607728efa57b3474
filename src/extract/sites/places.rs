//! Which blocks stand in which elements.

use super::super::block::{Block, Blocks};
use super::super::dom::{Document, NodeId};
use std::collections::HashSet;
use std::ops::Range;

/// Elements with all that stands in them.
#[derive(Debug, Clone, Default)]
pub(super) struct Subtrees(Vec<Range<NodeId>>);

impl Subtrees {
    pub(super) fn of(document: &Document<'_>, nodes: impl IntoIterator<Item = NodeId>) -> Self {
        let mut ranges: Vec<Range<NodeId>> = nodes.into_iter().map(|node| node..document.after(node)).collect();
        ranges.sort_unstable_by_key(|range| range.start);
        // What stands inside the one before is in it already.
        ranges.dedup_by(|inner, outer| inner.start < outer.end);
        Self(ranges)
    }

    /// Whether a node is in one of them.
    pub(super) fn hold(&self, node: NodeId) -> bool {
        let next = self.0.partition_point(|range| range.start <= node);
        next.checked_sub(1).is_some_and(|before| self.0[before].contains(&node))
    }

    /// Whether the whole text of a block is in one of them.
    pub(super) fn hold_block(&self, blocks: &Blocks, block: &Block) -> bool {
        self.hold(blocks.regions[block.region].node) || blocks.inline(block).iter().any(|node| self.hold(*node))
    }
}

/// Elements whose text is to be in blocks of its own, though they would not break a line.
#[derive(Debug, Default)]
pub(crate) struct Apart {
    /// Those that the text around them ends before and goes on behind.
    pub(crate) regions: HashSet<NodeId>,
    /// Those that the text around them goes on over.
    pub(crate) asides: HashSet<NodeId>,
}
