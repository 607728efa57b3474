//! Words that are one of several such things: items, headings, cells, cards.

use super::sections::is_of_buttons;
use super::{Heard, is_heading};
use crate::extract::block::{Block, BlockRole, Boilerplate};
use crate::extract::dom::Tag;
use crate::extract::lexicon::Form;
use crate::extract::measure::ends_in_sentence;
use std::collections::HashSet;

/// Whether the block is an item of a list, a cell of a table, a badge of a card.
pub(super) fn is_of_list(heard: &Heard<'_, '_>) -> bool {
    is_value_of_table(heard)
        || is_one_of_other_things(heard)
        || is_badge(heard)
        || heads_bare_list(heard)
        || heads_pages(heard)
        || is_label_of_field(heard)
}

/// Whether a word that buttons have, a date or a path is a cell among rows of cells.
fn is_value_of_table(heard: &Heard<'_, '_>) -> bool {
    use Boilerplate::{Breadcrumb, Timestamp};
    let Heard { view, id, hit, .. } = *heard;
    let BlockRole::Cell { row } = heard.block().role else { return false };
    let is_word = (is_of_buttons(hit.kind) || hit.kind == Timestamp) && matches!(hit.form, Form::Block | Form::Heading);
    if !is_word && hit.kind != Breadcrumb {
        return false;
    }
    let blocks = &view.blocks.blocks;
    let near = &blocks[id.saturating_sub(TABLE_REACH)..(id + 1 + TABLE_REACH).min(blocks.len())];
    let rows = near.iter().filter_map(|block| match block.role {
        BlockRole::Cell { row } => Some(row),
        _ => None,
    });
    let rows: Vec<usize> = rows.collect();
    let others: HashSet<usize> = rows.iter().copied().filter(|other| *other != row).collect();
    others.len() >= OTHER_ROWS && rows.iter().filter(|other| **other == row).count() > 1
}

/// How many blocks away the rows of a table are looked for, and how many others there must be.
const TABLE_REACH: usize = 12;
const OTHER_ROWS: usize = 2;

/// Whether the block is an item, a heading or a name between others of which no phrase says anything: one of a list of
/// such things ("Advertising" among trades, "Facebook" among ways to log in, "Source" among languages). Items that are
/// links are navigation, unless the phrase says something else of them. Without markup nobody knows what is a link.
fn is_one_of_other_things(heard: &Heard<'_, '_>) -> bool {
    use Boilerplate::*;
    let Heard { view, hit, .. } = *heard;
    let block = heard.block();
    let may_be_links = matches!(hit.kind, SourceAttr | Tags | ContactTip | Consent | ReadAlso);
    let is_alike = |other: &Block| match (block.role, other.role) {
        (BlockRole::Item(..), BlockRole::Item(..)) => other.links == 0 || may_be_links,
        (BlockRole::Heading(own), BlockRole::Heading(level)) => own == level,
        (BlockRole::Paragraph, BlockRole::Paragraph) => {
            matches!(hit.kind, SourceAttr | Tags) && is_name(heard, block) && is_name(heard, other)
        }
        _ => false,
    };
    let is_other_thing = |offset| heard.other(offset).is_some_and(is_alike);
    let is_thing_beside =
        |step: isize| is_other_thing(step) || heard.beside(step).is_some_and(is_alike) && is_other_thing(2 * step);
    let is_last = || is_heading(block) && is_other_thing(-1) && is_other_thing(-2);
    let covers_item = match hit.form {
        Form::Block => true,
        Form::Label => hit.kind == ReadAlso && block.links > 0,
        Form::Start => hit.kind == Tags,
        _ => false,
    };
    covers_item
        && !view.blocks.is_flat()
        && hit.kind != Timestamp
        && (hit.form == Form::Block || matches!(block.role, BlockRole::Item(..)))
        && (is_thing_beside(-1) && is_thing_beside(1) || is_last())
}

/// A word or two that are no sentence.
fn is_name(heard: &Heard<'_, '_>, block: &Block) -> bool {
    block.measure.words <= NAME_WORDS && !ends_in_sentence(heard.view.blocks.text(block))
}

const NAME_WORDS: f32 = 3.0;

/// Whether what heads lists ("Popular", "Just in") stands on the page again and again, or beside prices: a badge on cards.
fn is_badge(heard: &Heard<'_, '_>) -> bool {
    let Heard { view, hits, id, .. } = *heard;
    let text = view.folded(id);
    let says_the_same = |other: &usize| hits[*other].is_some() && view.folded(*other) == text;
    heard.hit.kind == Boilerplate::MostRead
        && !view.blocks.is_flat()
        && ((0..hits.len()).filter(says_the_same).nth(BADGES - 1).is_some()
            || heard.has_price(-PRICED_CARD..0) && heard.has_price(1..PRICED_CARD))
}

/// How many headings of the same words are badges.
const BADGES: usize = 3;

/// How far away the price of a card, and that of the one before it, may be.
const PRICED_CARD: isize = 4;

/// Whether what heads lists of other articles ("Recommended") has plain items behind it: they are what is recommended.
fn heads_bare_list(heard: &Heard<'_, '_>) -> bool {
    let near: Vec<&Block> = (1..=BARE_LIST).filter_map(|offset| heard.beside(offset)).collect();
    let items = near.iter().filter(|block| matches!(block.role, BlockRole::Item(..))).count();
    heard.hit.kind == Boilerplate::RelatedList
        && !heard.view.blocks.is_flat()
        && is_heading(heard.block())
        && items >= 2
        && near.iter().all(|block| block.links == 0)
}

/// How many blocks behind such a heading are looked at.
const BARE_LIST: isize = 3;

/// Whether a word that leads to further pages ("All features") is a heading: pages are not turned by it.
fn heads_pages(heard: &Heard<'_, '_>) -> bool {
    heard.hit.kind == Boilerplate::Pagination
        && is_heading(heard.block())
        && heard.block().links == 0
        && !heard.view.blocks.is_flat()
}

/// Whether what credits have ("Source") is the label of a field.
fn is_label_of_field(heard: &Heard<'_, '_>) -> bool {
    heard.hit.kind == Boilerplate::SourceAttr
        && heard.view.document.tag(heard.view.blocks.regions[heard.block().region].node) == Some(Tag::Label)
}

#[cfg(test)]
mod tests {
    use super::super::super::phrases::tests::{PROSE, against};

    #[test]
    fn a_cell_among_rows_of_cells_is_a_value() {
        let row = |name| format!("<tr><td>{name}</td><td>12 boats</td></tr>");
        let table = format!("<table>{}{}{}</table>", row("YouTube"), row("Reddit"), row("Harbour"));
        assert_eq!(against("YouTube", &format!("{PROSE}{table}{PROSE}")), [""; 0]);
        assert_eq!(against("YouTube", &format!("{PROSE}<table><tr><td>YouTube</td></tr></table>{PROSE}")).len(), 1);
    }

    #[test]
    fn an_item_among_items_that_no_phrase_knows_is_one_of_them() {
        let list = |other: &str| format!("{PROSE}<ul><li>Rigging</li><li>Advertising</li><li>{other}</li></ul>{PROSE}");
        assert_eq!(against("Advertising", &list("Sail making")), [""; 0]);
        assert_eq!(against("Advertising", &list("Newsletter")).len(), 1);
        assert_eq!(against("Advertising", &list("<a href=/a>Sail making</a>")).len(), 1);
    }

    #[test]
    fn a_heading_among_headings_that_no_phrase_knows_is_one_of_them() {
        let cards = |last: &str| format!("{PROSE}<h5>Harbour pass</h5><h5>Facebook</h5><h5>{last}</h5>{PROSE}");
        assert_eq!(against("Facebook", &cards("Ferry card")), [""; 0]);
        assert_eq!(against("Facebook", &cards("Instagram")).len(), 1);
    }

    #[test]
    fn a_linked_item_is_navigation_unless_the_phrase_says_otherwise() {
        let list = |text: &str| {
            format!(
                "{PROSE}<ul><li><a href=/a>Scheme</a></li><li><a href=/b>{text}</a></li><li><a href=/c>Sed</a></li></ul>"
            )
        };
        assert_eq!(against("Source", &list("Source")), [""; 0]);
        assert_eq!(against("Contact us", &list("Contact us")).len(), 1);
    }

    #[test]
    fn a_heading_that_comes_again_and_again_is_a_badge() {
        let cards = |count: usize| format!("{PROSE}{}", "<div><p>Just in</p><a href=/b>Oars</a></div>".repeat(count));
        assert_eq!(against("Just in", &cards(3)), [""; 0]);
        assert_eq!(against("Just in", &cards(1)).len(), 1);
    }

    #[test]
    fn a_date_among_cells_is_of_the_table() {
        let row = |day| format!("<tr><td>{day}</td><td>Rope and knots</td></tr>");
        let table = format!("<table>{}{}{}</table>", row("Sep 6"), row("Sep 11"), row("Sep 13"));
        assert_eq!(against("Sep 11", &format!("{PROSE}{table}")), [""; 0]);
        assert_eq!(against("Sep 11", &format!("{PROSE}<div>Sep 11</div>")).len(), 1);
    }

    #[test]
    fn a_thing_is_one_of_others_though_a_phrase_knows_the_next() {
        let list = |last: &str| {
            format!("{PROSE}<ul><li>Rigging</li><li>Advertising</li><li>Newsletter</li><li>{last}</li></ul>{PROSE}")
        };
        assert_eq!(against("Advertising", &list("Sail making")), [""; 0]);
        assert_eq!(against("Advertising", &list("Share")).len(), 1);
    }

    #[test]
    fn the_last_of_three_headings_is_one_of_them() {
        let cards =
            |first: &str| format!("{PROSE}<h5>{first}</h5><h5>Ferry card</h5><h5>Zoom</h5><p>Telephone</p>{PROSE}");
        assert_eq!(against("Zoom", &cards("Harbour pass")), [""; 0]);
        assert_eq!(against("Zoom", &cards("Next")).len(), 1);
    }

    #[test]
    fn a_name_among_names_is_no_credit() {
        let names = |next: &str| format!("{PROSE}<div>Boats</div><div>Sources</div><div>{next}</div>");
        assert_eq!(against("Sources", &names("Sails")), [""; 0]);
        assert_eq!(against("Sources", &names("The log of the ferry, and what its master told.")).len(), 1);
    }

    #[test]
    fn a_badge_beside_prices_is_of_a_card() {
        let card = |price: &str| format!("<p>Deck chair</p><p>{price}</p>");
        let cards = |price: &str| format!("{PROSE}{}<p>Popular</p>{}", card(price), card(price));
        assert_eq!(against("Popular", &cards("$289+")), [""; 0]);
        assert_eq!(against("Popular", &cards("A classic")).len(), 1);
    }

    #[test]
    fn what_is_recommended_in_plain_items_is_said_here() {
        let list = |item: &str| format!("{PROSE}<h2>Recommended</h2><ul>{}</ul>", item.repeat(3));
        assert_eq!(against("Recommended", &list("<li>Memory: 2 GB</li>")), [""; 0]);
        assert_eq!(against("Recommended", &list("<li><a href=/a>The cat of the ferry</a></li>")).len(), 1);
    }

    #[test]
    fn a_heading_does_not_turn_pages() {
        assert_eq!(against("All features", &format!("{PROSE}<h2>All features</h2>{PROSE}")), [""; 0]);
        assert_eq!(against("All features", &format!("{PROSE}<p><a href=/f>All features</a></p>")).len(), 1);
    }

    #[test]
    fn the_label_of_a_field_is_no_credit() {
        assert_eq!(against("Source", &format!("{PROSE}<form><label>Source</label><input></form>")), [""; 0]);
        assert_eq!(against("Source", &format!("{PROSE}<p>Source</p>")).len(), 1);
    }

    #[test]
    fn a_path_in_a_cell_is_a_value() {
        let row = |value| format!("<tr><td>Category</td><td>{value}</td></tr>");
        let path = "Home &gt; Boats &gt; Ferries";
        let table = format!("<table>{}{}{}</table>", row("yes"), row(path), row("no"));
        assert_eq!(against("Home > Boats > Ferries", &format!("{PROSE}{table}")), [""; 0]);
        assert_eq!(against("Home > Boats > Ferries", &format!("<div>{path}</div>{PROSE}")).len(), 1);
    }
}
