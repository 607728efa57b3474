//! Names for lines of a text without markup that no word, copy or neighbour has named.

use super::company::comes_in_groups;
use super::{lacks_name, named_as, named_kind};
use crate::extract::block::{BlockId, Boilerplate};
use crate::extract::decide::Decision;
use crate::extract::measure::ends_in_sentence;
use crate::extract::rules::View;

/// Most words of an entry of a menu.
const MENU_WORDS: f32 = 4.0;

/// How many lines a kind is carried on.
const REACH: usize = 12;

/// Above the body short lines are a menu. Behind it, and between its pieces, a line is of the kind of what was
/// left out before it, else a headline points to another article, and a short line is of a menu again.
pub(super) fn name(view: &View<'_>, decisions: &mut [Decision]) {
    let first = decisions.iter().position(|it| *it == Decision::Keep).unwrap_or(decisions.len());
    let last = decisions.iter().rposition(|it| *it == Decision::Keep).unwrap_or(0);
    let mut carried: Option<(Boilerplate, BlockId)> = None;
    for (id, decision) in decisions.iter_mut().enumerate() {
        if *decision == Decision::Keep {
            carried = None;
        } else if let Some(kind) = named_kind(decision) {
            carried = comes_in_groups(kind).then_some((kind, id)).or(carried);
        } else if lacks_name(decision)
            && let Some((kind, rule)) = of_line(view, id, first..=last, carried)
        {
            *decision = named_as(decision, kind, rule);
        }
    }
}

fn of_line(
    view: &View<'_>,
    id: BlockId,
    body: std::ops::RangeInclusive<BlockId>,
    carried: Option<(Boilerplate, BlockId)>,
) -> Option<(Boilerplate, &'static str)> {
    let block = &view.blocks.blocks[id];
    let is_label = block.measure.words <= MENU_WORDS && !ends_in_sentence(view.blocks.text(block));
    if id < *body.start() {
        return is_label.then_some((Boilerplate::Nav, "line:menu"));
    }
    if let Some((kind, _)) = carried.filter(|(_, at)| id - at <= REACH) {
        return Some((kind, "line:after"));
    }
    if id < *body.end() {
        return None;
    }
    Some(if is_label { (Boilerplate::Nav, "line:menu") } else { (Boilerplate::RelatedList, "line:behind") })
}
