//! Whether a phrase says of a block what it says elsewhere: a word that buttons have may be a heading of the article, and
//! a sentence that appeals to readers its own.

mod facts;
mod lists;
mod sections;

use super::phrases::is_appeal;
use super::reach::container;
use super::{View, credits};
use crate::extract::block::{Block, BlockId, BlockRole, Boilerplate};
use crate::extract::dom::Tag;
use crate::extract::lexicon::{Form, PhraseHit};
use crate::extract::measure::ends_in_sentence;

/// What the phrases say of a page's blocks, and which of them is in question.
struct Heard<'v, 'a> {
    view: &'v View<'a>,
    hits: &'v [Option<PhraseHit<'a>>],
    id: BlockId,
    hit: &'v PhraseHit<'a>,
}

impl<'v> Heard<'v, '_> {
    fn block(&self) -> &'v Block {
        &self.view.blocks.blocks[self.id]
    }

    fn text(&self) -> &'v str {
        self.view.blocks.text(self.block())
    }

    /// The block so many places further on, or back.
    fn beside(&self, offset: isize) -> Option<&'v Block> {
        self.view.blocks.blocks.get(self.id.checked_add_signed(offset)?)
    }

    /// The same, where no phrase says anything of it.
    fn other(&self, offset: isize) -> Option<&'v Block> {
        self.beside(offset).filter(|_| self.hits[self.id.saturating_add_signed(offset)].is_none())
    }
}

/// A phrase at the beginning or somewhere in running text may be the article's own: a sentence needs
/// a link or a field beside it, the company of a line that is no sentence, or to stand where no more
/// text follows.
pub(super) fn is_believed(view: &View<'_>, hits: &[Option<PhraseHit<'_>>], id: BlockId, hit: &PhraseHit<'_>) -> bool {
    let heard = Heard { view, hits, id, hit };
    let block = heard.block();
    if is_headline(view, block) {
        return false;
    }
    if hit.kind == Boilerplate::AmpJson && ends_in_sentence(heard.text()) {
        return false;
    }
    if sections::is_of_section(&heard) || lists::is_of_list(&heard) || facts::is_fact(&heard) || is_code(&heard) {
        return false;
    }
    if !matches!(hit.form, Form::Start | Form::Has) || block.links > 0 {
        return true;
    }
    if heard.text().starts_with(['“', '"', '«', '„', '‘', '「']) {
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

/// Whether a word is one of a language for machines: `print()`, `<caption>`, or marked up as code.
fn is_code(heard: &Heard<'_, '_>) -> bool {
    let (view, text) = (heard.view, heard.text());
    matches!(heard.hit.form, Form::Block | Form::Heading)
        && (text.ends_with("()")
            || text.starts_with('<') && text.ends_with('>')
            || view.blocks.inline(heard.block()).iter().any(|node| view.document.tag(*node) == Some(Tag::Code)))
}

fn is_heading(block: &Block) -> bool {
    matches!(block.role, BlockRole::Heading(_))
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
    fn words_of_machines_are_not_buttons() {
        assert_eq!(against("print()", &format!("{PROSE}<div>print()</div>")), [""; 0]);
        assert_eq!(against("close", &format!("{PROSE}<div><a href=/c><code>close</code></a></div>")), [""; 0]);
        assert_eq!(against("Print", &format!("{PROSE}<div>Print</div>")).len(), 1);
    }
}
