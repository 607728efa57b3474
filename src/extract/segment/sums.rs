//! What is counted of regions when all blocks are cut.

use super::sight::is_block_level;
use crate::extract::block::{Blocks, Region, RegionId};
use crate::extract::dom::{Document, ValueId};
use crate::extract::fnv::FastMap;

/// Adds each block to all regions around it: bottom-up, since a region's parent stands before it.
pub(super) fn sum_up(blocks: &mut Blocks) {
    for block in &blocks.blocks {
        let region = &mut blocks.regions[block.region];
        region.chars += block.measure.chars;
        region.link_chars += block.link_chars;
        if block.is_prose() {
            region.prose_chars += block.measure.chars;
            region.prose_blocks += 1;
        }
    }
    for id in (1..blocks.regions.len()).rev() {
        let Region { parent, chars, link_chars, prose_chars, prose_blocks, inputs, .. } = blocks.regions[id];
        if let Some(parent) = parent {
            let parent = &mut blocks.regions[parent];
            parent.chars += chars;
            parent.link_chars += link_chars;
            parent.prose_chars += prose_chars;
            parent.prose_blocks += prose_blocks;
            parent.inputs += inputs;
        }
    }
}

/// Counts siblings of equal tag and class, and tells each which is their first.
pub(super) fn count_alike(blocks: &mut Blocks, classes: &[Option<ValueId>]) {
    let mut known: FastMap<[u32; 3], RegionId> = FastMap::default();
    known.reserve(classes.len());
    let number = |class: Option<ValueId>| class.map_or(u32::MAX, |class| class.index() as u32);
    let kind = |(region, class): (&Region, &Option<ValueId>)| {
        [region.parent.map_or(u32::MAX, |parent| parent as u32), region.tag as u32, number(*class)]
    };
    let kinds = blocks.regions.iter().zip(classes).map(kind);
    let firsts: Vec<RegionId> = kinds.enumerate().map(|(id, kind)| *known.entry(kind).or_insert(id)).collect();
    let mut alike = vec![0; firsts.len()];
    firsts.iter().for_each(|first| alike[*first] += 1);
    for (region, first) in blocks.regions.iter_mut().zip(firsts) {
        region.alike = alike[first];
        region.first_alike = first;
    }
}

/// Marks the ancestors of block-level elements: one backward pass, since parents stand before children.
pub(super) fn holds_block_level(document: &Document<'_>) -> Vec<bool> {
    let mut holds = vec![false; document.len()];
    for node in document.nodes().rev() {
        let counts = holds[node.index()] || document.tag(node).is_some_and(is_block_level);
        if let (true, Some(parent)) = (counts, document.parent(node)) {
            holds[parent.index()] = true;
        }
    }
    holds
}

#[cfg(test)]
mod tests {
    use crate::extract::{dom, segment};

    #[test]
    fn siblings_of_one_tag_and_class_are_told_the_first_of_them() {
        let page = "<div class=a>one</div><p class=a>two</p><div class='a'>three</div><div>four</div><div class=''>five</div>\
                    <section><div class=a>six</div></section>";
        let blocks = segment::segment(&dom::parse(page).unwrap());
        let alike = |id: usize| {
            let region = blocks.blocks[id].region;
            let first = blocks.regions[region].first_alike;
            let of = |block: &crate::extract::block::Block| block.region == first;
            (blocks.regions[region].alike, blocks.blocks.iter().position(of))
        };
        let all: Vec<_> = (0..6).map(alike).collect();
        assert_eq!(
            all,
            [(2, Some(0)), (1, Some(1)), (2, Some(0)), (2, Some(3)), (2, Some(3)), (1, Some(5))],
            "no class and an empty one are the same, and other parents' children are none"
        );
    }
}
