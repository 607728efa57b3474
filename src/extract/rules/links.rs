//! Links without a telling word: lists of them, and paragraphs that are nothing else.

use super::{Certainty, Finding, View};
use crate::extract::block::{BlockId, BlockRole, Boilerplate, Region};
use crate::extract::dom::Tag;
use crate::extract::measure::ends_in_sentence;

/// Share of link characters of a list that is nothing but links; lists that are content have text
/// outside their links (TAXONOMY.md 4.5).
const LIST_LINK_SHARE: f32 = 0.9;

/// Fewest links of such a list.
const LIST_LINKS: u32 = 2;

/// Share of link characters and fewest words of a paragraph that is one link (EXTRACTION.md
/// section 5, Rules).
const PARAGRAPH_LINK_SHARE: f32 = 0.95;
const PARAGRAPH_WORDS: f32 = 4.0;

pub(super) fn propose(view: &View<'_>, findings: &mut Vec<Finding>) {
    for region in &view.blocks.regions {
        if is_link_list(view, region) {
            findings.extend(region.blocks.clone().map(|block| finding(block, Boilerplate::RelatedList, "links:list")));
        }
    }
    for (id, block) in view.blocks.blocks.iter().enumerate() {
        let is_text = matches!(block.role, BlockRole::Paragraph | BlockRole::Heading(2..=6) | BlockRole::Quote);
        if is_text
            && block.link_share() >= PARAGRAPH_LINK_SHARE
            && block.measure.words >= PARAGRAPH_WORDS
            && !ends_in_sentence(view.blocks.text(block))
        {
            findings.push(finding(id, Boilerplate::ReadAlso, "links:only"));
        }
    }
}

fn is_link_list(view: &View<'_>, region: &Region) -> bool {
    let links: u32 = view.blocks.blocks[region.blocks.clone()].iter().map(|block| block.links).sum();
    matches!(region.tag, Tag::Ul | Tag::Ol | Tag::Menu | Tag::Dl)
        && region.link_share() >= LIST_LINK_SHARE
        && links >= LIST_LINKS
}

fn finding(block: BlockId, kind: Boilerplate, rule: &str) -> Finding {
    Finding { block, kind, rule: rule.into(), certainty: Certainty::Witnessed }
}
