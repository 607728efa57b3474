//! What the rules hear in each block, whether or not it is believed: for the measures in `eval/`.

use super::Options;
use super::block::{BlockId, Boilerplate};
use super::decide::Decisions;
use super::explain::{self, BlockVerdict, Sureness};
use super::lexicon::Form;
use super::rules::{self, View};
use serde::Serialize;

/// A block, what became of it, and all that speaks against it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeardBlock {
    /// Its text.
    pub text: String,
    /// Kind and rule of its removal; `None` where it is kept.
    pub removed: Option<(Boilerplate, String)>,
    /// Whether rules left it out by themselves, whatever the model says of it.
    pub ruled_out: bool,
    /// Kind and rule of every proposal, also of those that were outweighed or concern kinds that are kept.
    pub proposed: Vec<(Boilerplate, String, Sureness)>,
    /// Every phrase that its text is, begins with or has, in the order in which they tell.
    pub phrases: Vec<HeardPhrase>,
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
pub(super) fn listen(view: &View<'_>, decided: &Decisions, options: &Options) -> Vec<HeardBlock> {
    let verdicts = explain::blocks(view, decided, options);
    let blocks = verdicts.into_iter().zip(&decided.ruled_out);
    let blocks = blocks.enumerate();
    blocks.map(|(id, (verdict, ruled_out))| heard_block(view, id, verdict, *ruled_out)).collect()
}

fn heard_block(view: &View<'_>, id: BlockId, verdict: BlockVerdict, ruled_out: bool) -> HeardBlock {
    let phrases = rules::phrase_hits(view, id).map(|hit| HeardPhrase {
        language: hit.language.to_owned(),
        kind: hit.kind,
        form: hit.form,
        phrase: hit.phrase.to_owned(),
    });
    let proposed = verdict.evidence.into_iter().map(|evidence| (evidence.kind, evidence.rule, evidence.certainty));
    HeardBlock {
        ruled_out,
        removed: verdict.kind.map(|kind| (kind, verdict.rule)),
        proposed: proposed.collect(),
        phrases: phrases.collect(),
        text: verdict.text,
    }
}
