//! What the rules hear in each block, whether or not it is believed: for the measures in `eval/`.

use super::block::{Block, Boilerplate};
use super::decide::Decision;
use super::lexicon::Form;
use super::rules::{self, Certainty, View};
use serde::Serialize;

/// A block, what became of it, and all that speaks against it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeardBlock {
    /// Its text.
    pub text: String,
    /// Kind and rule of its removal; `None` where it is kept.
    pub removed: Option<(Boilerplate, String)>,
    /// Kind and rule of every proposal, also of those that were outweighed or concern kinds that are kept.
    pub proposed: Vec<(Boilerplate, String, Sureness)>,
    /// Every phrase that its text is, begins with or has, in the order in which they tell.
    pub phrases: Vec<HeardPhrase>,
}

/// How sure a proposal is of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sureness {
    /// It needs the company of others.
    Witnessed,
    /// It stands alone.
    Sure,
}

/// A phrase as it stands in the data, and how it stands in a block.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeardPhrase {
    language: String,
    kind: Boilerplate,
    form: Form,
    phrase: String,
}

/// Every block of the page, in order, beside the decisions on them.
pub(super) fn listen(view: &View<'_>, decisions: Vec<Decision>) -> Vec<HeardBlock> {
    let mut heard: Vec<HeardBlock> =
        view.blocks.blocks.iter().zip(decisions).map(|(block, decision)| heard_block(view, block, decision)).collect();
    for finding in rules::propose(view) {
        let sureness = match finding.certainty {
            Certainty::Witnessed => Sureness::Witnessed,
            Certainty::Sure => Sureness::Sure,
        };
        heard[finding.block].proposed.push((finding.kind, finding.rule, sureness));
    }
    heard
}

fn heard_block(view: &View<'_>, block: &Block, decision: Decision) -> HeardBlock {
    let removed = match decision {
        Decision::Keep => None,
        Decision::Drop { kind, rule } => Some((kind, rule)),
    };
    let phrases = rules::phrase_hits(view, block).into_iter().map(|hit| HeardPhrase {
        language: hit.language.to_owned(),
        kind: hit.kind,
        form: hit.form,
        phrase: hit.phrase.to_owned(),
    });
    HeardBlock { text: view.blocks.text(block).to_owned(), removed, proposed: vec![], phrases: phrases.collect() }
}
