//! What a block's own words say: whole lines, beginnings, labels, and headings with what follows them.

use super::belief::{is_believed, is_headline, is_sentence};
use super::reach::{box_around, cluster_end, is_bare_list, leads_nowhere, opens_cluster, points_elsewhere};
use super::{Certainty, Finding, View};
use crate::extract::block::{Block, BlockId, BlockRole, Boilerplate};
use crate::extract::lexicon::{Form, PhraseHit, has_sentence_end};
use crate::extract::measure::ends_in_sentence;
use std::rc::Rc;

/// Share of link characters from which a block counts as links.
const MOSTLY_LINKS: f32 = 0.8;

pub(super) fn propose(view: &View<'_>, findings: &mut Vec<Finding>) {
    let hits: Vec<Option<PhraseHit<'_>>> = (0..view.blocks.blocks.len()).map(|id| telling_hit(view, id)).collect();
    let mut covered_until = 0;
    for (id, block) in view.blocks.blocks.iter().enumerate() {
        let Some(hit) = hits[id] else { continue };
        if !is_believed(view, &hits, id, &hit) {
            findings.extend(doubted(view, id, &hit));
            continue;
        }
        let cluster = view.lexicon.kind(hit.kind).cluster.filter(|_| opens_cluster(block, &hit));
        if cluster.is_some() && points_elsewhere(hit.kind) && is_bare_list(view, id + 1) {
            continue;
        }
        let phrase = name(view, "phrase", &hit);
        findings.push(Finding { marks_end: marks_end(view, block, &hit), ..finding(id, &hit, phrase) });
        if id < covered_until {
            continue;
        }
        if let Some(cluster) = cluster {
            covered_until = cluster_end(view, id, hit.kind, cluster);
            if points_elsewhere(hit.kind) && leads_nowhere(view, id..covered_until) {
                continue;
            }
            findings.extend(by_company(id + 1..covered_until, &hit, name(view, "after", &hit)));
        } else if is_appeal(hit.kind) {
            findings.extend(by_company(box_around(view, id), &hit, name(view, "box", &hit)));
        }
    }
}

/// The family of phrases that are not believed.
const HEARD: &str = "heard";

/// Whether a proposal is of a phrase that is not believed: it counts only where the model agrees.
pub(crate) fn is_doubted(finding: &Finding) -> bool {
    finding.rule.strip_prefix(HEARD).is_some_and(|rest| rest.starts_with(':'))
}

/// Without markup nothing but the model can tell whether a sentence with a phrase is the article's own: it
/// hears of it, and has the last word.
fn doubted(view: &View<'_>, id: BlockId, hit: &PhraseHit<'_>) -> Option<Finding> {
    let block = &view.blocks.blocks[id];
    let is_heard = view.blocks.is_flat() && is_sentence(view, block) && !is_headline(view, block);
    is_heard.then(|| Finding { certainty: Certainty::Witnessed, ..finding(id, hit, name(view, HEARD, hit)) })
}

/// What a phrase says of the blocks that keep its company.
fn by_company(
    blocks: impl Iterator<Item = BlockId>,
    hit: &PhraseHit<'_>,
    rule: Rc<str>,
) -> impl Iterator<Item = Finding> {
    blocks.map(move |block| Finding { certainty: Certainty::Witnessed, ..finding(block, hit, Rc::clone(&rule)) })
}

/// Kinds that speak to the reader in sentences, several in a box.
pub(super) fn is_appeal(kind: Boilerplate) -> bool {
    use Boilerplate::*;
    matches!(kind, Paywall | Membership | Newsletter | FollowUs | AppInstall)
}

/// The name of a rule of a phrase.
fn name(view: &View<'_>, family: &'static str, hit: &PhraseHit<'_>) -> Rc<str> {
    view.memo.rule(family, hit.number, || format!("{}:{}", hit.language, hit.phrase))
}

fn finding(block: BlockId, hit: &PhraseHit<'_>, rule: Rc<str>) -> Finding {
    Finding { block, kind: hit.kind, rule, certainty: Certainty::Sure, marks_end: false }
}

/// Whether articles end at such a heading or line.
fn marks_end(view: &View<'_>, block: &Block, hit: &PhraseHit<'_>) -> bool {
    let stands_alone = match hit.form {
        Form::Heading | Form::Block => !block.is_prose(),
        // With the headline that the comments are on.
        Form::Label => hit.kind == Boilerplate::Comments,
        Form::Start | Form::Has => false,
    };
    view.lexicon.kind(hit.kind).ends_article
        && stands_alone
        && !matches!(block.role, BlockRole::Item(..) | BlockRole::Cell { .. })
}

/// The phrase that tells most of the block, given its markup.
pub(super) fn telling_hit<'a>(view: &View<'a>, id: BlockId) -> Option<PhraseHit<'a>> {
    hits(view, id).min_by_key(|hit| rank(hit.form))
}

/// The phrases that say something of the block, given its markup.
pub(crate) fn hits<'v, 'a>(view: &'v View<'a>, id: BlockId) -> impl Iterator<Item = PhraseHit<'a>> + 'v {
    let block = &view.blocks.blocks[id];
    let text = view.blocks.text(block);
    view.phrases(id).filter(move |hit| match hit.form {
        _ if block.role == BlockRole::Code => false,
        Form::Heading => is_heading_like(block, text),
        Form::Label => is_pointer(block, text, hit),
        _ => true,
    })
}

/// What covers the block tells more than what only occurs in it.
fn rank(form: Form) -> u8 {
    match form {
        Form::Block => 0,
        Form::Heading => 1,
        Form::Label => 2,
        Form::Start => 3,
        Form::Has => 4,
    }
}

/// A heading, or a short line in its place.
fn is_heading_like(block: &Block, text: &str) -> bool {
    matches!(block.role, BlockRole::Heading(_))
        || block.measure.words <= 8.0 && !ends_in_sentence(text) && block.role == BlockRole::Paragraph
}

/// Whether what follows a label is a link or a headline, not the rest of a sentence.
fn is_pointer(block: &Block, text: &str, hit: &PhraseHit<'_>) -> bool {
    let rest = text.get(hit.rest_from..).unwrap_or_default();
    if rest.trim().is_empty() {
        return true;
    }
    let rest_chars = crate::extract::measure::measure(rest).chars.max(1);
    block.link_chars as f32 >= MOSTLY_LINKS * rest_chars as f32 || !has_sentence_end(rest)
}

/// Whether some sentence of a paragraph is an appeal, however long the paragraph. Only to be asked
/// where articles have ended: within them, such sentences may be quotations.
pub(super) fn appeals(view: &View<'_>, block: &Block) -> bool {
    sentences(view.blocks.text(block)).any(|sentence| {
        let hits = view.lexicon.phrases(sentence, false, view.language());
        hits.iter().any(|hit| is_appeal(hit.kind) && hit.form != Form::Label)
    })
}

/// A text cut behind its full stops and the like, and at semicolons.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['.', '!', '?', '…', ';', '。', '！', '？'])
        .map(str::trim)
        .filter(|sentence| !sentence.is_empty())
}

#[cfg(test)]
pub(super) mod tests {
    use crate::extract::{Extractor, Options};
    use crate::page::Page;

    /// The rules of phrases that speak against a text on a page.
    pub(in super::super) fn against(text: &str, body: &str) -> Vec<String> {
        let extractor = Extractor::new(&Options::default()).unwrap();
        let html = format!("<!doctype html><html lang=en><title>1926</title><body><article>{body}</article>");
        let blocks = extractor.heard(&Page::from_bytes(html.into_bytes()));
        let block = blocks.iter().find(|block| block.text == text).unwrap();
        let rules = block.proposed.iter().map(|(_, rule, _)| rule.clone());
        rules.filter(|rule| rule.starts_with("phrase:")).collect()
    }

    /// Whether the company of a heading or an appeal speaks against a text.
    fn by_company(text: &str, body: &str) -> bool {
        let extractor = Extractor::new(&Options::default()).unwrap();
        let html = format!("<!doctype html><html lang=en><title>1926</title><body><article>{body}</article>");
        let blocks = extractor.heard(&Page::from_bytes(html.into_bytes()));
        let block = blocks.iter().find(|block| block.text == text).unwrap();
        block.proposed.iter().any(|(_, rule, _)| rule.starts_with("after:") || rule.starts_with("box:"))
    }

    #[test]
    fn a_list_of_what_is_recommended_leads_elsewhere_or_is_content() {
        let list = |item: &str| format!("{PROSE}{PROSE}<h3>Recommended</h3><ul><li>{item}</li><li>12 GB</li></ul>");
        assert!(!by_company("Memory", &list("Memory")), "the requirements of a game");
        assert!(by_company("The cat of the ferry", &list("<a href=/a>The cat of the ferry</a>")));
    }

    pub(in super::super) const PROSE: &str =
        "<p>The ferry left at noon with forty people on board and came back with only the cat.</p>";

    #[test]
    fn a_credit_in_brackets_at_the_end_makes_a_caption() {
        let caption = "The ferry at the quay of Lissmouth on Jan. 6, 2023, in a storm that lasted for three days. (Photo: Ann Lee/Strait Pictures)";
        assert_eq!(against(caption, &format!("<div>{caption}</div>{PROSE}{PROSE}")).len(), 1);
        let story =
            "The show has three prints (photo: Ann Lee) of the ferry, and a model of the quay that took two years.";
        assert_eq!(against(story, &format!("<p>{story}</p>{PROSE}{PROSE}")), [""; 0]);
    }

    #[test]
    fn long_paragraphs_in_the_container_of_a_list_or_an_appeal_are_the_articles_own() {
        let long = "The keeper of the lamp had seen the ferry come home in every weather. ".repeat(8);
        let body = PROSE.repeat(12);
        let list =
            |text: &str| format!("{body}<div><h2>Related stories</h2><p><a href=/1>One</a></p><p>{text}</p></div>");
        let (long, teaser) =
            (long.trim(), "The keeper of the lamp had seen the ferry come home in every weather of the year.");
        let pitch = |text: &str| format!("{body}<div><p>Sign up for our newsletter</p><p>{text}</p></div>");
        let longer = format!("{long} {long}");
        assert!(!by_company(long, &list(long)) && !by_company(&longer, &pitch(&longer)));
        assert!(by_company(teaser, &list(teaser)) && by_company(teaser, &pitch(teaser)));
    }
}
