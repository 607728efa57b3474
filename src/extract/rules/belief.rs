//! Whether a phrase says of a block what it says elsewhere: a word that buttons have may be a heading of the article, and
//! a sentence that appeals to readers its own.

use super::phrases::is_appeal;
use super::reach::{container, is_running_text};
use super::{View, credits};
use crate::extract::block::{Block, BlockId, BlockRole, Boilerplate};
use crate::extract::dom::Tag;
use crate::extract::lexicon::{Form, PhraseHit};
use crate::extract::main_content::flow;
use crate::extract::measure::ends_in_sentence;
use std::collections::HashSet;

/// A phrase at the beginning or somewhere in running text may be the article's own: a sentence needs
/// a link or a field beside it, the company of a line that is no sentence, or to stand where no more
/// text follows.
pub(super) fn is_believed(view: &View<'_>, hits: &[Option<PhraseHit<'_>>], id: BlockId, hit: &PhraseHit<'_>) -> bool {
    let block = &view.blocks.blocks[id];
    if is_headline(view, block) {
        return false;
    }
    if hit.kind == Boilerplate::AmpJson && ends_in_sentence(view.blocks.text(block)) {
        return false;
    }
    let is_of_the_text = is_label_of_content(view, hits, id, hit)
        || is_one_of_other_things(view, hits, id, hit)
        || is_date_of_entry(view, id, hit)
        || heads_section(view, hits, id, hit)
        || is_no_pointer(view, id, hit)
        || is_badge(view, hits, id, hit)
        || is_brand(view, id, hit)
        || is_code(view, id, hit);
    if is_of_the_text {
        return false;
    }
    if !matches!(hit.form, Form::Start | Form::Has) || block.links > 0 {
        return true;
    }
    if view.blocks.text(block).starts_with(['“', '"', '«', '„', '‘', '「']) {
        return false;
    }
    if !is_sentence(view, block) || hit.kind == Boilerplate::Caption && credits::ends_in_brackets(view, block) {
        return true;
    }
    let own = container(view, id);
    let near = id.saturating_sub(COMPANY)..(id + COMPANY + 1).min(hits.len());
    let is_company = |other: usize| {
        let neighbour = &view.blocks.blocks[other];
        let speaks_alike = |kind| kind == hit.kind || is_appeal(hit.kind) && (is_appeal(kind) || is_form(kind));
        hits[other].is_some_and(|hit| speaks_alike(hit.kind))
            && (!is_sentence(view, neighbour) || neighbour.links > 0)
            && !is_headline(view, neighbour)
            && container(view, other) == own
    };
    near.filter(|other| *other != id).any(is_company) || !is_about_appeals(view) && !text_follows(view, hits, id)
}

/// Whether the headline itself speaks of newsletters, subscriptions or support: such an article
/// quotes what others only print.
fn is_about_appeals(view: &View<'_>) -> bool {
    let title = view.evidence.metadata.title.as_deref().unwrap_or_default();
    view.lexicon.phrases(title, false, view.language()).iter().any(|hit| is_appeal(hit.kind))
}

/// Whether a word that buttons have ("Alerts", "TikTok", "Next") names a section of the text or a
/// cell of a table: a heading or a single item with prose right behind it, a cell among rows of cells. Dates among
/// cells are those of a table too.
/// Of the gold blocks of the corpora's article pages that a phrase spoke against, this was the most
/// frequent error.
fn is_label_of_content(view: &View<'_>, hits: &[Option<PhraseHit<'_>>], id: BlockId, hit: &PhraseHit<'_>) -> bool {
    let is_date = hit.kind == Boilerplate::Timestamp;
    if !is_of_buttons(hit.kind) && !is_date || !matches!(hit.form, Form::Block | Form::Heading) {
        return false;
    }
    let blocks = &view.blocks.blocks;
    match blocks[id].role {
        BlockRole::Heading(_) | BlockRole::Item(..) if !is_date => {
            let is_one_of_many = id > 0 && hits[id - 1].is_some_and(|previous| previous.kind == hit.kind);
            let introduces = |next: &Block| is_running_text(next) && hits[id + 1].is_none();
            !is_one_of_many && blocks.get(id + 1).is_some_and(introduces)
        }
        BlockRole::Cell { row } => {
            let near = &blocks[id.saturating_sub(TABLE_REACH)..(id + 1 + TABLE_REACH).min(blocks.len())];
            let rows = near.iter().filter_map(|block| match block.role {
                BlockRole::Cell { row } => Some(row),
                _ => None,
            });
            let rows: Vec<usize> = rows.collect();
            let others: HashSet<usize> = rows.iter().copied().filter(|other| *other != row).collect();
            others.len() >= OTHER_ROWS && rows.iter().filter(|other| **other == row).count() > 1
        }
        _ => false,
    }
}

/// Whether the block is an item or a heading between two others of which no phrase says anything: one of a list of such
/// things ("Advertising" among trades, "Facebook" among ways to log in, "Source" among languages). Items that are links
/// are navigation, unless the phrase says something else of them. Without markup nobody knows what is a link.
fn is_one_of_other_things(view: &View<'_>, hits: &[Option<PhraseHit<'_>>], id: BlockId, hit: &PhraseHit<'_>) -> bool {
    use Boilerplate::*;
    let blocks = &view.blocks.blocks;
    let may_be_links = matches!(hit.kind, SourceAttr | Tags | ContactTip);
    let is_alike = |other: usize| {
        blocks.get(other).is_some_and(|block| match (blocks[id].role, block.role) {
            (BlockRole::Item(..), BlockRole::Item(..)) => block.links == 0 || may_be_links,
            (BlockRole::Heading(own), BlockRole::Heading(level)) => own == level,
            _ => false,
        })
    };
    let is_other_thing = |other: usize| is_alike(other) && hits[other].is_none();
    hit.form == Form::Block
        && !view.blocks.is_flat()
        && hit.kind != Timestamp
        && is_alike(id)
        && id > 0
        && is_other_thing(id - 1)
        && is_other_thing(id + 1)
}

/// Whether a heading or an item that calls to read on ("Learn more about ...", "Recommended: ...") leads nowhere: neither
/// it nor what follows it is a link.
fn is_no_pointer(view: &View<'_>, id: BlockId, hit: &PhraseHit<'_>) -> bool {
    let blocks = &view.blocks.blocks;
    hit.kind == Boilerplate::ReadAlso
        && hit.form == Form::Label
        && !view.blocks.is_flat()
        && matches!(blocks[id].role, BlockRole::Heading(_) | BlockRole::Item(..))
        && blocks[id].links == 0
        && blocks.get(id + 1).is_some_and(|next| next.links == 0)
}

/// Whether what heads lists ("Popular", "Just in") stands on the page again and again: a badge on cards.
fn is_badge(view: &View<'_>, hits: &[Option<PhraseHit<'_>>], id: BlockId, hit: &PhraseHit<'_>) -> bool {
    let text = view.folded(id);
    let says_the_same = |other: &usize| hits[*other].is_some() && view.folded(*other) == text;
    hit.kind == Boilerplate::MostRead
        && !view.blocks.is_flat()
        && (0..hits.len()).filter(says_the_same).nth(BADGES - 1).is_some()
}

/// How many headings of the same words are badges.
const BADGES: usize = 3;

/// Whether a heading that lists of links and notices have ("Most read ...", "More about ...", "Cookies") heads a section
/// of the text: with prose right behind it in the same element, in or close below the one that holds the article.
fn heads_section(view: &View<'_>, hits: &[Option<PhraseHit<'_>>], id: BlockId, hit: &PhraseHit<'_>) -> bool {
    use Boilerplate::*;
    let blocks = &view.blocks.blocks;
    let holds_article = |region| view.prose_share(region) > view.lexicon.engine().prose_guard;
    let is_known_to_head = hit.kind == MostRead
        || !view.blocks.is_flat() && matches!(hit.kind, ReadAlso | Membership | Consent | ContactTip | SourceAttr | Ad);
    is_known_to_head
        && matches!(blocks[id].role, BlockRole::Heading(_))
        && blocks.get(id + 1).is_some_and(|next| is_running_text(next) && hits[id + 1].is_none())
        && flow(view, id) == flow(view, id + 1)
        && view.blocks.around(container(view, id)).take(SECTION_LEVELS).any(holds_article)
}

/// How many elements up from a heading the article may be: sections stand in sections.
const SECTION_LEVELS: usize = 3;

/// Whether a byline names who makes a thing that is for sale: its price stands near.
fn is_brand(view: &View<'_>, id: BlockId, hit: &PhraseHit<'_>) -> bool {
    let blocks = &view.blocks.blocks;
    let near = &blocks[id + 1..(id + 1 + PRICE_REACH).min(blocks.len())];
    hit.kind == Boilerplate::Byline && near.iter().any(|block| is_price(view.blocks.text(block)))
}

/// How many blocks behind a maker's name the price is looked for: stars, votes and colours stand between.
const PRICE_REACH: usize = 5;

/// A text that begins with an amount of money: `$879.99`, `£ 12`.
fn is_price(text: &str) -> bool {
    let amount = text.strip_prefix(['$', '€', '£', '¥', '₹', '₽', '₴']).map(str::trim_start);
    amount.is_some_and(|amount| amount.starts_with(|first: char| first.is_ascii_digit()))
}

/// Whether a word is one of a language for machines: `print()`, `<caption>`, or marked up as code.
fn is_code(view: &View<'_>, id: BlockId, hit: &PhraseHit<'_>) -> bool {
    let block = &view.blocks.blocks[id];
    let text = view.blocks.text(block);
    matches!(hit.form, Form::Block | Form::Heading)
        && (text.ends_with("()")
            || text.starts_with('<') && text.ends_with('>')
            || view.blocks.inline(block).iter().any(|node| view.document.tag(*node) == Some(Tag::Code)))
}

/// Whether a date opens an item of a list that goes on with a heading and with prose: a calendar.
fn is_date_of_entry(view: &View<'_>, id: BlockId, hit: &PhraseHit<'_>) -> bool {
    let blocks = &view.blocks.blocks;
    let after = &blocks[id + 1..(id + 2 + ENTRY_REACH).min(blocks.len())];
    hit.kind == Boilerplate::Timestamp
        && matches!(blocks[id].role, BlockRole::Item(..))
        && after.first().is_some_and(|next| matches!(next.role, BlockRole::Heading(_)) && !is_headline(view, next))
        && after.iter().any(is_running_text)
}

/// How many blocks behind an entry's heading its prose is looked for.
const ENTRY_REACH: usize = 2;

/// How many blocks away the rows of a table are looked for, and how many others there must be.
const TABLE_REACH: usize = 12;
const OTHER_ROWS: usize = 2;

/// Kinds whose phrases are mostly single words on buttons and fields.
fn is_of_buttons(kind: Boilerplate) -> bool {
    use Boilerplate::*;
    matches!(
        kind,
        Share
            | Nav
            | Tools
            | GalleryCtl
            | VideoPlayer
            | AppInstall
            | FormState
            | PollQuiz
            | CommentForm
            | Byline
            | Login
    )
}

fn is_form(kind: Boilerplate) -> bool {
    matches!(kind, Boilerplate::FormState | Boilerplate::Login)
}

/// Whether the block is the headline, which may quote anything.
pub(super) fn is_headline(view: &View<'_>, block: &Block) -> bool {
    let text = view.blocks.text(block);
    let evidence = view.evidence;
    evidence.metadata.title.as_deref() == Some(text) || evidence.headlines.iter().any(|headline| headline == text)
}

/// How many blocks away company may stand.
const COMPANY: usize = 3;

pub(super) fn is_sentence(view: &View<'_>, block: &Block) -> bool {
    block.is_prose() || block.measure.words >= 8.0 && ends_in_sentence(view.blocks.text(block))
}

/// Whether prose without a phrase of its own follows soon, no more than [`REACH_LEVELS`] levels up.
fn text_follows(view: &View<'_>, hits: &[Option<PhraseHit<'_>>], id: BlockId) -> bool {
    let own = view.blocks.blocks[id].region;
    let around = view.blocks.around(own).take(REACH_LEVELS).last().unwrap_or(own);
    let end = view.blocks.regions[around].blocks.end.min(id + 1 + REACH_BLOCKS);
    (id + 1..end).any(|other| hits[other].is_none() && view.blocks.blocks[other].is_prose())
}

const REACH_LEVELS: usize = 4;
const REACH_BLOCKS: usize = 6;

#[cfg(test)]
mod tests {
    use super::super::phrases::tests::{PROSE, against};

    #[test]
    fn a_heading_with_prose_behind_it_names_a_section() {
        assert_eq!(against("TikTok", &format!("{PROSE}<h2>TikTok</h2>{PROSE}")), [""; 0]);
        assert_eq!(against("Instagram", &format!("<ul><li>Instagram{PROSE}</li></ul>")), [""; 0]);
    }

    #[test]
    fn a_heading_of_links_with_prose_behind_it_heads_a_section() {
        let links = "<ul><li><a href=/a>The cat of the ferry</a></li><li><a href=/b>The quay at night</a></li></ul>";
        assert_eq!(against("Most read", &format!("{PROSE}{PROSE}<h2>Most read</h2>{PROSE}")), [""; 0]);
        assert_eq!(against("Most read", &format!("{PROSE}{PROSE}<h2>Most read</h2>{links}{PROSE}")).len(), 1);
        assert_eq!(
            against("Most read", &format!("{PROSE}{PROSE}<div><h2>Most read</h2>{links}</div>{PROSE}")).len(),
            1
        );
    }

    #[test]
    fn a_row_of_buttons_before_prose_is_a_row_of_buttons() {
        let buttons = "<ul><li>Facebook</li><li>Instagram</li></ul>";
        assert_eq!(against("Instagram", &format!("{PROSE}{buttons}{PROSE}")).len(), 1);
        assert_eq!(against("Share", &format!("{PROSE}<h4>Share</h4><ul><li>Link</li></ul>{PROSE}")).len(), 1);
    }

    #[test]
    fn a_date_that_opens_an_entry_with_prose_is_its_own() {
        let entry = |text| format!("<ul><li><div>March 16, 2026</div><h2>Boat show</h2>{text}</li></ul>");
        assert_eq!(against("March 16, 2026", &format!("{PROSE}{}", entry(PROSE))), [""; 0]);
        assert_eq!(against("March 16, 2026", &format!("{PROSE}{}", entry(""))).len(), 1);
        assert_eq!(against("March 16, 2026", &format!("<div>March 16, 2026</div>{PROSE}")).len(), 1);
    }

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
    fn a_call_in_a_heading_that_leads_nowhere_is_the_texts_own() {
        let page = |next: &str| format!("{PROSE}<h2>Learn more about the Harbour 3</h2>{next}");
        assert_eq!(against("Learn more about the Harbour 3", &page("<p>Length: 12 m</p>")), [""; 0]);
        assert_eq!(against("Learn more about the Harbour 3", &page("<p><a href=/b>Brochure</a></p>")).len(), 1);
    }

    #[test]
    fn a_heading_that_comes_again_and_again_is_a_badge() {
        let cards = |count: usize| format!("{PROSE}{}", "<div><p>Just in</p><a href=/b>Oars</a></div>".repeat(count));
        assert_eq!(against("Just in", &cards(3)), [""; 0]);
        assert_eq!(against("Just in", &cards(1)).len(), 1);
    }

    #[test]
    fn a_heading_of_notices_with_prose_behind_it_heads_a_section() {
        assert_eq!(against("Cookies", &format!("{PROSE}{PROSE}<h2>Cookies</h2>{PROSE}")), [""; 0]);
        assert_eq!(against("Cookies", &format!("{PROSE}{PROSE}<h2>Cookies</h2><a href=/c>Settings</a>")).len(), 1);
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
    fn words_of_machines_are_not_buttons() {
        assert_eq!(against("print()", &format!("{PROSE}<div>print()</div>")), [""; 0]);
        assert_eq!(against("close", &format!("{PROSE}<div><a href=/c><code>close</code></a></div>")), [""; 0]);
        assert_eq!(against("Print", &format!("{PROSE}<div>Print</div>")).len(), 1);
    }

    #[test]
    fn a_date_among_cells_is_of_the_table() {
        let row = |day| format!("<tr><td>{day}</td><td>Rope and knots</td></tr>");
        let table = format!("<table>{}{}{}</table>", row("Sep 6"), row("Sep 11"), row("Sep 13"));
        assert_eq!(against("Sep 11", &format!("{PROSE}{table}")), [""; 0]);
        assert_eq!(against("Sep 11", &format!("{PROSE}<div>Sep 11</div>")).len(), 1);
    }
}
