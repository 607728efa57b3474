//! Rules read a page and propose: this block is boilerplate of this kind, because of that.
//! None changes anything; `decide` weighs what they say, so their order never matters.

mod belief;
mod copies;
mod credits;
mod lines;
mod links;
mod markup;
mod phrases;
mod reach;
mod tail;

pub(crate) use links::LINK_LIST;
pub(crate) use markup::{likely_name, names_kind};
pub(crate) use phrases::hits as phrase_hits;
pub(crate) use phrases::is_doubted;
pub(crate) use tail::{cut_tail, is_of_thread};

use super::block::{BlockId, Blocks, Boilerplate, RegionId};
use super::dom::Document;
use super::lexicon::{Lexicon, Memo, PhraseHit};
use super::metadata::Evidence;
use std::rc::Rc;
use url::Url;

/// What every rule may look at.
pub(crate) struct View<'a> {
    pub(crate) document: &'a Document<'a>,
    pub(crate) blocks: &'a Blocks,
    pub(crate) lexicon: &'a Lexicon,
    pub(crate) evidence: &'a Evidence,
    pub(crate) url: Option<&'a Url>,
    /// Where the page stands.
    pub(crate) host: Option<&'a str>,
    /// Whether the article of another page goes on here.
    pub(crate) continues: bool,
    /// Families of rules that decide nothing, for measurements: what stands before the `:` of a rule.
    pub(crate) muted: &'a [String],
    /// What was asked of each block before.
    pub(crate) memo: &'a Memo,
}

/// One proposal about one block.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Finding {
    pub(crate) block: BlockId,
    pub(crate) kind: Boilerplate,
    /// `family:detail`, for instance `word:newsletter-form` or `phrase:en:read also`.
    /// One rule often speaks of many blocks, and shares its name among them.
    pub(crate) rule: Rc<str>,
    pub(crate) certainty: Certainty,
    /// A heading or line of its own after which articles have ended.
    pub(crate) marks_end: bool,
}

/// How much stands behind a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Certainty {
    /// Undone where such proposals together would take most of the page's prose.
    Witnessed,
    /// Holds whatever else is said.
    Sure,
}

/// All proposals that do not depend on where the main content stands.
pub(crate) fn propose(view: &View<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    markup::propose(view, &mut findings);
    phrases::propose(view, &mut findings);
    copies::propose(view, &mut findings);
    credits::propose(view, &mut findings);
    links::propose(view, &mut findings);
    lines::propose(view, &mut findings);
    findings
}

impl<'a> View<'a> {
    /// A block's text as phrases see it: `lexicon::fold`.
    pub(crate) fn folded(&self, id: BlockId) -> &'a str {
        self.memo.folded(self.blocks, id)
    }

    /// The phrases that stand in a block, as if it were a heading.
    pub(crate) fn phrases(&self, id: BlockId) -> impl Iterator<Item = PhraseHit<'a>> {
        self.memo.phrases(self.blocks, self.lexicon, self.language(), id)
    }

    /// The declared language of the page.
    pub(crate) fn language(&self) -> Option<&str> {
        self.evidence.metadata.language.as_deref()
    }

    /// Whether a family of rules decides nothing.
    pub(crate) fn is_muted(&self, rule: &str) -> bool {
        let family = || rule.split(':').next().unwrap_or(rule);
        self.muted.iter().any(|muted| muted == family())
    }

    /// Share of the page's prose that a region holds, 0 to 1.
    pub(crate) fn prose_share(&self, region: RegionId) -> f32 {
        let whole = self.blocks.prose_chars().max(1);
        self.blocks.regions[region].prose_chars as f32 / whole as f32
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::extract::{dom, segment};

    /// What `ask` says of a page of which nothing is known but its markup.
    pub(in crate::extract) fn viewed<T>(html: &str, ask: impl FnOnce(&View<'_>) -> T) -> T {
        let document = dom::parse(html).unwrap();
        let blocks = segment::segment(&document);
        let (lexicon, evidence, memo) = (Lexicon::built_in().unwrap(), Evidence::default(), Memo::default());
        ask(&View {
            document: &document,
            blocks: &blocks,
            lexicon: &lexicon,
            evidence: &evidence,
            url: None,
            host: None,
            continues: false,
            muted: &[],
            memo: &memo,
        })
    }
}
