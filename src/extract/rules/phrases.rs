//! What a block's own words say: whole lines, beginnings, labels, and headings with what follows them.

use super::reach::{
    box_around, cluster_end, container, is_running_text, leads_nowhere, opens_cluster, points_elsewhere,
};
use super::{Certainty, Finding, View, credits};
use crate::extract::block::{Block, BlockId, BlockRole, Boilerplate};
use crate::extract::lexicon::{Form, PhraseHit, has_sentence_end};
use crate::extract::main_content::flow;
use crate::extract::measure::ends_in_sentence;
use std::collections::HashSet;

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
        findings.push(Finding { marks_end: marks_end(view, block, &hit), ..finding(id, &hit) });
        if id < covered_until {
            continue;
        }
        let cluster = view.lexicon.kind(hit.kind).cluster.filter(|_| opens_cluster(block, &hit));
        if let Some(cluster) = cluster {
            covered_until = cluster_end(view, id, hit.kind, cluster);
            if points_elsewhere(hit.kind) && leads_nowhere(view, id..covered_until) {
                continue;
            }
            findings.extend((id + 1..covered_until).map(|follower| by_company(follower, "after", &hit)));
        } else if is_appeal(hit.kind) {
            findings.extend(box_around(view, id).map(|other| by_company(other, "box", &hit)));
        }
    }
}

/// The family of phrases that are not believed.
const HEARD: &str = "heard:";

/// Whether a proposal is of a phrase that is not believed: it counts only where the model agrees.
pub(crate) fn is_doubted(finding: &Finding) -> bool {
    finding.rule.starts_with(HEARD)
}

/// Without markup nothing but the model can tell whether a sentence with a phrase is the article's own: it
/// hears of it, and has the last word.
fn doubted(view: &View<'_>, id: BlockId, hit: &PhraseHit<'_>) -> Option<Finding> {
    let block = &view.blocks.blocks[id];
    let is_heard = view.blocks.is_flat() && is_sentence(view, block) && !is_headline(view, block);
    let rule = format!("{HEARD}{}:{}", hit.language, hit.phrase);
    is_heard.then(|| Finding { rule, certainty: Certainty::Witnessed, ..finding(id, hit) })
}

fn by_company(block: BlockId, family: &str, hit: &PhraseHit<'_>) -> Finding {
    let rule = format!("{family}:{}:{}", hit.language, hit.phrase);
    Finding { rule, certainty: Certainty::Witnessed, ..finding(block, hit) }
}

/// Kinds that speak to the reader in sentences, several in a box.
pub(super) fn is_appeal(kind: Boilerplate) -> bool {
    use Boilerplate::*;
    matches!(kind, Paywall | Membership | Newsletter | FollowUs | AppInstall)
}

/// A phrase at the beginning or somewhere in running text may be the article's own: a sentence needs
/// a link or a field beside it, the company of a line that is no sentence, or to stand where no more
/// text follows.
fn is_believed(view: &View<'_>, hits: &[Option<PhraseHit<'_>>], id: BlockId, hit: &PhraseHit<'_>) -> bool {
    let block = &view.blocks.blocks[id];
    if is_headline(view, block) {
        return false;
    }
    if hit.kind == Boilerplate::AmpJson && ends_in_sentence(view.blocks.text(block)) {
        return false;
    }
    if is_label_of_content(view, hits, id, hit) || is_date_of_entry(view, id, hit) || heads_section(view, hits, id, hit)
    {
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
/// cell of a table: a heading or a single item with prose right behind it, a cell among rows of cells.
/// Of the gold blocks of the corpora's article pages that a phrase spoke against, this was the most
/// frequent error.
fn is_label_of_content(view: &View<'_>, hits: &[Option<PhraseHit<'_>>], id: BlockId, hit: &PhraseHit<'_>) -> bool {
    if !is_of_buttons(hit.kind) || !matches!(hit.form, Form::Block | Form::Heading) {
        return false;
    }
    let blocks = &view.blocks.blocks;
    match blocks[id].role {
        BlockRole::Heading(_) | BlockRole::Item(..) => {
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

/// Whether a heading that lists of links have ("Most read ...") heads a section of the text: in the element
/// that holds the article, with prose right behind it.
fn heads_section(view: &View<'_>, hits: &[Option<PhraseHit<'_>>], id: BlockId, hit: &PhraseHit<'_>) -> bool {
    let blocks = &view.blocks.blocks;
    hit.kind == Boilerplate::MostRead
        && matches!(blocks[id].role, BlockRole::Heading(_))
        && blocks.get(id + 1).is_some_and(|next| is_running_text(next) && hits[id + 1].is_none())
        && flow(view, id) == flow(view, id + 1)
        && view.prose_share(container(view, id)) > view.lexicon.engine().prose_guard
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
        Share | Nav | Tools | GalleryCtl | VideoPlayer | AppInstall | FormState | PollQuiz | CommentForm | Byline
    )
}

fn is_form(kind: Boilerplate) -> bool {
    matches!(kind, Boilerplate::FormState | Boilerplate::Login)
}

/// Whether the block is the headline, which may quote anything.
fn is_headline(view: &View<'_>, block: &Block) -> bool {
    let text = view.blocks.text(block);
    let evidence = view.evidence;
    evidence.metadata.title.as_deref() == Some(text) || evidence.headlines.iter().any(|headline| headline == text)
}

/// How many blocks away company may stand.
const COMPANY: usize = 3;

fn is_sentence(view: &View<'_>, block: &Block) -> bool {
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

fn finding(block: BlockId, hit: &PhraseHit<'_>) -> Finding {
    Finding {
        block,
        kind: hit.kind,
        rule: format!("phrase:{}:{}", hit.language, hit.phrase),
        certainty: Certainty::Sure,
        marks_end: false,
    }
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
mod tests {
    use crate::extract::{Extractor, Options};
    use crate::page::Page;

    /// The rules of phrases that speak against a text on a page.
    fn against(text: &str, body: &str) -> Vec<String> {
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

    const PROSE: &str = "<p>The ferry left at noon with forty people on board and came back with only the cat.</p>";

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
}
