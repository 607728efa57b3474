//! `--tables drop`: the text without its tables.

use super::block::{BlockRole, Boilerplate, RegionId};
use super::decide::Decision;
use super::dom::Tag;
use super::rules::View;
use std::collections::{HashMap, HashSet};

/// What becomes of the tables of an article.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Tables {
    /// Their rows stay, cells separated by tabs.
    #[default]
    Keep,
    /// Tables with rows of several cells are left out; those that only lay a page out stay.
    Drop,
}

/// The rule that is named for them.
const RULE: &str = "option:tables";

/// Drops the cells and captions of all tables of which some row would come out with several cells.
pub(super) fn leave_out(view: &View<'_>, decisions: &mut [Decision]) {
    let blocks = &view.blocks.blocks;
    let mut cells: HashMap<RegionId, u32> = HashMap::new();
    for (block, decision) in blocks.iter().zip(&*decisions) {
        if let (BlockRole::Cell { row }, Decision::Keep) = (block.role, decision) {
            *cells.entry(row).or_default() += 1;
        }
    }
    let rows = cells.into_iter().filter(|(_, cells)| *cells > 1).map(|(row, _)| row);
    let tables: HashSet<RegionId> = rows.filter_map(|row| table_around(view, row)).collect();
    for (block, decision) in blocks.iter().zip(decisions) {
        let is_piece = matches!(block.role, BlockRole::Cell { .. } | BlockRole::Caption);
        let is_in_table = || table_around(view, block.region).is_some_and(|table| tables.contains(&table));
        if *decision == Decision::Keep && is_piece && is_in_table() {
            *decision = Decision::Drop { kind: Boilerplate::Unclassified, rule: RULE.into() };
        }
    }
}

/// The innermost table around a region.
fn table_around(view: &View<'_>, region: RegionId) -> Option<RegionId> {
    view.blocks.around(region).find(|around| view.blocks.regions[*around].tag == Tag::Table)
}
