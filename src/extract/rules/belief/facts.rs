//! Days and names that are facts of the text, not of its publication.

use super::{Heard, is_heading, is_headline};
use crate::extract::block::{Block, BlockRole, Boilerplate};
use crate::extract::rules::reach::is_running_text;

/// Whether a date or a name is of what the text is about.
pub(super) fn is_fact(heard: &Heard<'_, '_>) -> bool {
    match heard.hit.kind {
        Boilerplate::Byline => is_brand(heard),
        Boilerplate::Timestamp => opens_entry(heard) || is_day_of_section(heard) || is_span_of_time(heard),
        _ => false,
    }
}

/// Whether a date opens an item of a list that goes on with a heading and with prose: a calendar.
fn opens_entry(heard: &Heard<'_, '_>) -> bool {
    let is_name = |next: &Block| is_heading(next) && !is_headline(heard.view, next);
    matches!(heard.block().role, BlockRole::Item(..))
        && heard.beside(1).is_some_and(is_name)
        && (1..=1 + ENTRY_REACH).any(|offset| heard.beside(offset).is_some_and(is_running_text))
}

/// How many blocks behind an entry's heading its prose is looked for.
const ENTRY_REACH: isize = 2;

/// Whether a day is all that stands below a heading, and something else below the next one of its level: a deadline
/// among facts. Teasers have a day each, and links.
fn is_day_of_section(heard: &Heard<'_, '_>) -> bool {
    let level = |offset| {
        let heading = heard.other(offset).filter(|block| block.links == 0 && !is_headline(heard.view, block))?;
        is_heading(heading).then_some(heading.role)
    };
    heard.block().role == BlockRole::Paragraph
        && level(-1).is_some()
        && level(-1) == level(1)
        && heard.other(2).is_some()
        && !heard.view.blocks.is_flat()
}

/// Whether hours are given from when to when, twice with morning or afternoon: a lesson, a shop.
fn is_span_of_time(heard: &Heard<'_, '_>) -> bool {
    let words = heard.view.folded(heard.id).split(' ');
    words.filter(|word| matches!(*word, "am" | "pm" | "a.m." | "p.m.")).count() > 1
}

/// Whether a byline names who makes a thing that is for sale: its price stands near, or the page says that it shows a
/// product and no article.
fn is_brand(heard: &Heard<'_, '_>) -> bool {
    let types = &heard.view.evidence.json_ld_types;
    let is_text = |name: &String| ["Article", "Posting", "Review"].iter().any(|end| name.ends_with(end));
    heard.has_price(1..1 + PRICE_REACH) || types.iter().any(|name| name == "Product") && !types.iter().any(is_text)
}

/// How many blocks behind a maker's name the price is looked for: stars, votes and colours stand between.
const PRICE_REACH: isize = 5;

impl Heard<'_, '_> {
    /// Whether one of the blocks at these distances begins with a price.
    pub(super) fn has_price(&self, mut offsets: std::ops::Range<isize>) -> bool {
        let text = |offset| self.beside(offset).map(|block| self.view.blocks.text(block));
        offsets.any(|offset| text(offset).is_some_and(is_price))
    }
}

/// A text that begins with an amount of money: `$879.99`, `£ 12`.
fn is_price(text: &str) -> bool {
    let amount = text.strip_prefix(['$', '€', '£', '¥', '₹', '₽', '₴']).map(str::trim_start);
    amount.is_some_and(|amount| amount.starts_with(|first: char| first.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::super::super::phrases::tests::{PROSE, against};

    #[test]
    fn a_date_that_opens_an_entry_with_prose_is_its_own() {
        let entry = |text| format!("<ul><li><div>March 16, 2026</div><h2>Boat show</h2>{text}</li></ul>");
        assert_eq!(against("March 16, 2026", &format!("{PROSE}{}", entry(PROSE))), [""; 0]);
        assert_eq!(against("March 16, 2026", &format!("{PROSE}{}", entry(""))).len(), 1);
        assert_eq!(against("March 16, 2026", &format!("<div>March 16, 2026</div>{PROSE}")).len(), 1);
    }

    #[test]
    fn who_makes_a_thing_with_a_price_is_no_author() {
        let card = |last: &str| {
            format!("{PROSE}<div>Deck chair</div><div>By Harbour Crafts</div><div>(26)</div><div>{last}</div>")
        };
        assert_eq!(against("By Harbour Crafts", &card("$ 89.99 was $120")), [""; 0]);
        assert_eq!(against("By Harbour Crafts", &card("Costs $ 89")).len(), 1);
    }

    #[test]
    fn who_makes_what_the_page_sells_is_no_author() {
        let page = |types: &str| {
            let data = format!("<script type=application/ld+json>[{types}]</script>");
            format!("{data}<div>Deck chair</div><div>By Harbour Crafts</div>{PROSE}")
        };
        assert_eq!(against("By Harbour Crafts", &page(r#"{"@type":"Product"}"#)), [""; 0]);
        assert_eq!(against("By Harbour Crafts", &page(r#"{"@type":"Product"},{"@type":"NewsArticle"}"#)).len(), 1);
    }

    #[test]
    fn a_day_below_a_heading_among_facts_is_one_of_them() {
        let facts = |second: &str| {
            format!("{PROSE}<h4>Last day to apply</h4><p>March 1</p><h4>What it costs</h4><p>{second}</p>{PROSE}")
        };
        assert_eq!(against("March 1", &facts("A barrel of tar")), [""; 0]);
        assert_eq!(against("March 1", &facts("March 3")).len(), 1);
    }

    #[test]
    fn hours_from_and_to_are_of_a_lesson() {
        let page = |hours: &str| format!("{PROSE}<p>{hours}</p>{PROSE}");
        assert_eq!(against("6:15 PM - 8:15 PM", &page("6:15 PM - 8:15 PM")), [""; 0]);
        assert_eq!(against("6:15 PM GMT", &page("6:15 PM GMT")).len(), 1);
    }
}
