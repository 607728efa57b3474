//! Words that head a part of the text, or lead into a paragraph of it.

use super::{Heard, is_heading, is_headline, is_sentence};
use crate::extract::block::{Block, BlockId, BlockRole, Boilerplate};
use crate::extract::lexicon::Form;
use crate::extract::main_content::flow;
use crate::extract::rules::reach::{container, is_running_text};

/// Whether the block is a heading, a label or an answer of the text that it stands in.
pub(super) fn is_of_section(heard: &Heard<'_, '_>) -> bool {
    names_section(heard)
        || heads_section(heard)
        || is_between_paragraphs(heard)
        || is_explained(heard)
        || is_answer(heard)
        || is_no_pointer(heard)
}

/// Whether a word that buttons have ("Alerts", "TikTok", "Next") names a section of the text: a heading or a single item
/// with prose right behind it.
/// Of the gold blocks of the corpora's article pages that a phrase spoke against, this was the most
/// frequent error.
fn names_section(heard: &Heard<'_, '_>) -> bool {
    let Heard { hits, id, hit, .. } = *heard;
    let is_one_of_many = id > 0 && hits[id - 1].is_some_and(|previous| previous.kind == hit.kind);
    let is_introduced = |next: &Block| is_running_text(next) || is_heading(heard.block()) && is_item_text(heard, next);
    is_of_buttons(hit.kind)
        && matches!(hit.form, Form::Block | Form::Heading)
        && (is_heading(heard.block()) || matches!(heard.block().role, BlockRole::Item(..)))
        && !is_one_of_many
        && heard.other(1).is_some_and(is_introduced)
}

/// A sentence in a list.
fn is_item_text(heard: &Heard<'_, '_>, block: &Block) -> bool {
    matches!(block.role, BlockRole::Item(..)) && block.link_share() < 0.5 && is_sentence(heard.view, block)
}

/// Whether a heading that lists of links and notices have ("Most read ...", "More about ...", "Cookies") heads a section
/// of the text: with prose right behind it in the same element, in or close below the one that holds the article.
fn heads_section(heard: &Heard<'_, '_>) -> bool {
    use Boilerplate::*;
    let Heard { view, id, hit, .. } = *heard;
    let holds_article = |region| view.prose_share(region) > view.lexicon.engine().prose_guard;
    let is_known_to_head = match hit.kind {
        MostRead => true,
        ReadAlso | Membership | Consent | ContactTip | SourceAttr | Ad | EventPromo | FollowUs => {
            !view.blocks.is_flat()
        }
        _ => false,
    };
    is_known_to_head
        && is_heading(heard.block())
        && prose_behind(heard).is_some_and(|next| flow(view, id) == flow(view, next))
        && view.blocks.around(container(view, id)).take(SECTION_LEVELS).any(holds_article)
}

/// How many elements up from a heading the article may be: sections stand in sections.
const SECTION_LEVELS: usize = 3;

/// The prose right behind a block, or behind a further heading where there is markup.
fn prose_behind(heard: &Heard<'_, '_>) -> Option<BlockId> {
    let is_prose = |offset| heard.other(offset).is_some_and(is_running_text);
    let is_subheading =
        |block: &Block| is_heading(block) && !is_headline(heard.view, block) && !heard.view.blocks.is_flat();
    if is_prose(1) {
        return Some(heard.id + 1);
    }
    (heard.other(1).is_some_and(is_subheading) && is_prose(2)).then_some(heard.id + 2)
}

/// Whether a word of menus or of pointers ("Customer service", "See more colour") that is no link stands between two
/// paragraphs: it leads into the second.
fn is_between_paragraphs(heard: &Heard<'_, '_>) -> bool {
    let may_lead_in = match heard.hit.form {
        Form::Block => heard.hit.kind == Boilerplate::Nav,
        Form::Label => heard.hit.kind == Boilerplate::ReadAlso && !heard.text().contains([':', '：']),
        _ => false,
    };
    may_lead_in
        && !heard.view.blocks.is_flat()
        && heard.block().links == 0
        && [-1, 1].iter().all(|offset| heard.other(*offset).is_some_and(is_running_text))
}

/// Whether a term with a colon ("Keywords:") has its explanation behind it, not a list.
fn is_explained(heard: &Heard<'_, '_>) -> bool {
    heard.hit.kind == Boilerplate::Tags
        && !heard.view.blocks.is_flat()
        && heard.text().ends_with(':')
        && heard.other(1).is_some_and(|next| next.link_share() < 0.2 && is_sentence(heard.view, next))
}

/// Whether a sentence stands between two headings that ask: the answer to the first of them.
fn is_answer(heard: &Heard<'_, '_>) -> bool {
    let asks = |block: &Block| is_heading(block) && heard.view.blocks.text(block).ends_with(['?', '？', '؟', ';']);
    matches!(heard.hit.form, Form::Start | Form::Has)
        && is_sentence(heard.view, heard.block())
        && [-1, 1].iter().all(|offset| heard.other(*offset).is_some_and(asks))
}

/// Whether a heading or an item that calls to read on ("Learn more about ...", "Recommended: ...") leads nowhere: neither
/// it nor what follows it is a link.
fn is_no_pointer(heard: &Heard<'_, '_>) -> bool {
    heard.hit.kind == Boilerplate::ReadAlso
        && heard.hit.form == Form::Label
        && !heard.view.blocks.is_flat()
        && matches!(heard.block().role, BlockRole::Heading(_) | BlockRole::Item(..))
        && heard.block().links == 0
        && heard.beside(1).is_some_and(|next| next.links == 0)
}

/// Kinds whose phrases are mostly single words on buttons and fields.
pub(super) fn is_of_buttons(kind: Boilerplate) -> bool {
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

#[cfg(test)]
mod tests {
    use super::super::super::phrases::tests::{PROSE, against};

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
    fn a_heading_of_notices_with_prose_behind_it_heads_a_section() {
        assert_eq!(against("Cookies", &format!("{PROSE}{PROSE}<h2>Cookies</h2>{PROSE}")), [""; 0]);
        assert_eq!(against("Cookies", &format!("{PROSE}{PROSE}<h2>Cookies</h2><a href=/c>Settings</a>")).len(), 1);
    }

    #[test]
    fn a_call_in_a_heading_that_leads_nowhere_is_the_texts_own() {
        let page = |next: &str| format!("{PROSE}<h2>Learn more about the Harbour 3</h2>{next}");
        assert_eq!(against("Learn more about the Harbour 3", &page("<p>Length: 12 m</p>")), [""; 0]);
        assert_eq!(against("Learn more about the Harbour 3", &page("<p><a href=/b>Brochure</a></p>")).len(), 1);
    }

    #[test]
    fn a_heading_above_an_item_that_is_a_sentence_names_it() {
        let entry = |text: &str| format!("{PROSE}<h3>Instagram</h3><ul><li>{text}</li></ul>");
        let sentence = "Show pictures of your boats in each letter that you send out.";
        assert_eq!(against("Instagram", &entry(sentence)), [""; 0]);
        assert_eq!(against("Instagram", &entry(&format!("<a href=/a>{sentence}</a>"))).len(), 1);
    }

    #[test]
    fn a_heading_above_a_heading_with_prose_heads_a_section() {
        let page = |next: &str| format!("{PROSE}{PROSE}<h2>Tips</h2>{next}{PROSE}");
        assert_eq!(against("Tips", &page("<h3>Knots that hold</h3>")), [""; 0]);
        assert_eq!(against("Tips", &page("<h3><a href=/t>Send us one</a></h3><p><a href=/m>Mail</a></p>")).len(), 1);
    }

    #[test]
    fn a_word_of_menus_between_paragraphs_leads_into_the_second() {
        let page = |word: &str| format!("{PROSE}<div>{word}</div>{PROSE}");
        assert_eq!(against("Customer service", &page("Customer service")), [""; 0]);
        assert_eq!(against("Customer service", &page("<a href=/c>Customer service</a>")).len(), 1);
        assert_eq!(against("See more sea", &page("See more sea")), [""; 0]);
        assert_eq!(against("See more: the sea", &page("See more: the sea")).len(), 1);
    }

    #[test]
    fn a_term_with_its_explanation_is_no_label_of_tags() {
        let page = |next: &str| format!("{PROSE}<div>Keywords:</div>{next}");
        assert_eq!(against("Keywords:", &page("<p>What the captains type when they look for a quay.</p>")), [""; 0]);
        assert_eq!(against("Keywords:", &page("<p><a href=/quay>Quay</a></p>")).len(), 1);
    }

    #[test]
    fn an_answer_between_two_questions_is_content() {
        let answer = "Yes, you can unsubscribe at any time, and the harbour pays back what is left of the year.";
        let page = |before: &str| format!("{PROSE}<h3>{before}</h3><p>{answer}</p><h3>Is there a cat?</h3>{PROSE}");
        assert_eq!(against(answer, &page("May I leave the club?")), [""; 0]);
        assert_eq!(against(answer, &format!("{PROSE}{PROSE}<h3>Our letter</h3><p>{answer}</p>")).len(), 1);
    }
}
