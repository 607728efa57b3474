//! The end of the article: what comes after a strong end mark is no longer it.

use super::lines::{STORY, begins_story};
use super::phrases::{appeals, is_appeal};
use super::{Certainty, Finding, View};
use crate::extract::block::{Block, BlockId, BlockRole, Boilerplate, RegionId};
use crate::extract::dom::Attr;
use crate::extract::fnv::{self, FastSet};
use crate::extract::letters;
use crate::extract::lexicon::fold;
use std::cell::LazyCell;
use std::rc::Rc;

/// Body that must have been seen before a mark counts, in prose blocks and their characters
/// (TAXONOMY.md section 5, End-of-article cut).
const BODY_BLOCKS: usize = 3;
const BODY_CHARS: u32 = 500;

/// Fewest rare words of the title in a later paragraph that show that the article goes on.
const SHARED_TITLE_WORDS: usize = 2;

/// Share of the longer words of a later paragraph that the body has used before from which it is of
/// the same topic. Over the fundus gold, a paragraph from the fifth on shares 0.30 of its words of five
/// letters and more with what precedes it (median of 1,380), one of another article in the same
/// language 0.09 (median of 587; one in twenty shares 0.25).
const SAME_TOPIC: f32 = 0.25;

/// Most marks that are looked at; each costs a look at the whole page.
const MOST_MARKS: usize = 32;

/// What rules of the end of the article begin with; of a conversation of readers behind it.
const TAIL: &str = "tail:";
const THREAD: &str = "tail:thread:";

/// Whether a line is cut for readers' talking from there on, which signatures and buttons show.
pub(crate) fn is_of_thread(finding: &Finding) -> bool {
    finding.rule.starts_with(THREAD)
}

/// Everything after the first end mark behind enough body. `findings` are the proposals so far;
/// `is_main` says which blocks stand in the main content.
pub(crate) fn cut_tail(view: &View<'_>, findings: &[Finding], is_main: &[bool]) -> Vec<Finding> {
    let blocks = &view.blocks.blocks;
    let mut is_proposed = vec![false; blocks.len()];
    let mut marks: Vec<Option<&Finding>> = vec![None; blocks.len()];
    let mut asks = vec![false; blocks.len()];
    let mut talks = vec![false; blocks.len()];
    for finding in findings {
        is_proposed[finding.block] = true;
        asks[finding.block] |= is_appeal(finding.kind);
        talks[finding.block] |= matches!(finding.kind, Boilerplate::Comments | Boilerplate::CommentForm);
        if finding.marks_end {
            marks[finding.block] = Some(finding);
        }
    }
    let is_body = |id: BlockId| is_main[id] && blocks[id].is_prose() && !is_proposed[id];
    let (mut body, mut body_chars, mut marks_seen) = (Vec::new(), 0, 0);
    for id in 0..blocks.len() {
        if let Some(mark) = marks[id]
            && body.len() >= BODY_BLOCKS
            && body_chars >= BODY_CHARS
            && marks_seen < MOST_MARKS
        {
            marks_seen += 1;
            let is_asked = |id: &BlockId| asks[*id] && blocks[*id].is_prose();
            let mut later = (id + 1..blocks.len()).filter(|id| is_body(*id) || is_asked(id)).collect();
            leave_out_appeal(view, &mut later, &asks);
            later.retain(|id| is_body(*id));
            let is_on_topic = || goes_on(view, &body, &later);
            let is_alike = || is_alike(view, mark, &body, &later);
            let is_thread =
                view.blocks.is_flat() && mark.kind == Boilerplate::Comments && is_thread(view, &talks, id + 1);
            let is_end = if view.blocks.is_flat() {
                let next = later.first().copied().unwrap_or(id);
                begins_story(findings, |block| (id..=next).contains(&block)) || is_thread || !is_on_topic()
            } else if mark.kind == Boilerplate::Comments {
                // What readers write is on the topic, so that it takes both to be the article.
                !(is_alike() && is_on_topic())
            } else {
                !(is_alike() || is_on_topic())
            };
            if is_end {
                return after(view, id, mark, if is_thread { THREAD } else { TAIL }, findings);
            }
        }
        if is_body(id) {
            body.push(id);
            body_chars += blocks[id].measure.chars;
        }
    }
    Vec::new()
}

/// Most paragraphs of an appeal.
const APPEAL_BLOCKS: usize = 4;

/// Takes the appeal off that the paragraphs after a mark begin with, if they do: what leads up to its
/// request, in the same container, may be prose on the article's own topic. `asks` says which blocks
/// are known appeals.
fn leave_out_appeal(view: &View<'_>, later: &mut Vec<BlockId>, asks: &[bool]) {
    let Some(first) = later.first().map(|id| container(view, *id)) else { return };
    let is_one = |id: &BlockId| asks[*id] || appeals(view, &view.blocks.blocks[*id]);
    let run = later.iter().take(APPEAL_BLOCKS).take_while(|id| container(view, **id) == first).count();
    let last = later[..run].iter().rposition(is_one);
    later.drain(..last.map_or(0, |last| last + 1));
}

/// How many lines behind the heading of comments are read, and how many of them must be of a conversation.
const THREAD_LINES: usize = 60;
const THREAD_TURNS: usize = 3;

/// Most words of a line that says who wrote a comment, and when.
const SIGNATURE_WORDS: f32 = 12.0;

/// Whether readers talk from a line on, in a text without markup: buttons to answer, lines with day and time.
fn is_thread(view: &View<'_>, talks: &[bool], from: BlockId) -> bool {
    let blocks = &view.blocks.blocks;
    let lines = from..(from + THREAD_LINES).min(blocks.len());
    let is_turn = |id: &BlockId| talks[*id] || is_signature(view.blocks.text(&blocks[*id]), blocks[*id].measure.words);
    lines.filter(is_turn).count() >= THREAD_TURNS
}

/// Whether a short line has a year and a time of day.
fn is_signature(text: &str, words: f32) -> bool {
    let is_digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let has_clock = || text.match_indices(':').any(|(at, _)| at > 0 && is_digit(at - 1) && is_digit(at + 1));
    let is_year = |word: &str| word.len() == 4 && (word.starts_with("20") || word.starts_with("19"));
    words <= SIGNATURE_WORDS && has_clock() && text.split(|c: char| !c.is_ascii_digit()).any(is_year)
}

/// The element around a block's paragraph.
fn container(view: &View<'_>, id: BlockId) -> RegionId {
    let piece = view.blocks.blocks[id].region;
    view.blocks.regions[piece].parent.unwrap_or(piece)
}

/// Whether later paragraphs stand in a container built like that of the earlier ones: the mark then
/// heads a box in the middle.
fn is_alike(view: &View<'_>, mark: &Finding, body: &[BlockId], later: &[BlockId]) -> bool {
    let build = |id: &BlockId| view.blocks.regions[container(view, *id)].first_alike;
    let before: FastSet<RegionId> = body.iter().map(build).collect();
    let is_built = later.iter().any(|id| before.contains(&build(id)));
    is_built || is_resumed(view, mark.block, body, later)
}

/// Classes that two containers must share to be pieces of one text, and the share of all that both have.
const SHARED_CLASSES: usize = 3;
const ALIKE_CLASSES: f32 = 0.5;

/// Whether the text goes on behind the mark in a piece of its own that is classed like the last one
/// before it, with no headline of another story between.
fn is_resumed(view: &View<'_>, mark: BlockId, body: &[BlockId], later: &[BlockId]) -> bool {
    let (Some(last), Some(first)) = (body.last(), later.first()) else { return false };
    let blocks = &view.blocks.blocks;
    let between = &blocks[mark.min(*first)..*first];
    let is_headline = |block: &Block| is_other_headline(block) && block.link_share() < 0.5;
    let (before, after) = (classes(view, *last), classes(view, *first));
    let shared = before.intersection(&after).count();
    shared >= SHARED_CLASSES
        && shared as f32 >= ALIKE_CLASSES * before.union(&after).count() as f32
        && !between.iter().any(is_headline)
}

/// The classes of the element around a block's paragraph.
fn classes<'a>(view: &View<'a>, id: BlockId) -> FastSet<&'a str> {
    let node = view.blocks.regions[container(view, id)].node;
    view.document.attribute(node, Attr::Class).unwrap_or_default().split_whitespace().collect()
}

fn after(view: &View<'_>, mark: BlockId, finding: &Finding, family: &str, findings: &[Finding]) -> Vec<Finding> {
    let rule: Rc<str> = format!("{family}{}", finding.rule).into();
    let mut kind = finding.kind;
    let blocks = &view.blocks.blocks;
    let stories: FastSet<BlockId> =
        findings.iter().filter(|finding| *finding.rule == *STORY).map(|finding| finding.block).collect();
    (mark + 1..blocks.len())
        .map(|block| {
            if stories.contains(&block) {
                kind = Boilerplate::Embedded;
            }
            if is_other_headline(&blocks[block]) && blocks.get(block + 1..).is_some_and(opens_text) {
                kind = Boilerplate::Embedded;
            }
            Finding { block, kind, rule: Rc::clone(&rule), certainty: Certainty::Sure, marks_end: false }
        })
        .collect()
}

/// A heading long enough for a story of its own.
fn is_other_headline(block: &Block) -> bool {
    matches!(block.role, BlockRole::Heading(_)) && block.measure.words >= 4.0
}

/// Whether two paragraphs of text follow closely: the body of a story.
fn opens_text(next: &[Block]) -> bool {
    next.iter().take(8).filter(|block| block.is_prose() && block.measure.sentences > 0).count() >= 2
}

/// Whether body paragraphs after the mark still speak of what the title and the body before speak of.
fn goes_on(view: &View<'_>, body: &[BlockId], later: &[BlockId]) -> bool {
    let title = fold(view.evidence.metadata.title.as_deref().unwrap_or_default());
    let rare = distinct(long_words(&title).collect());
    let used = LazyCell::new(|| distinct(body.iter().flat_map(|id| long_words(view.folded(*id))).collect()));
    let shared = |known: &[u64], words: &[u64]| words.iter().filter(|word| known.binary_search(word).is_ok()).count();
    later.iter().any(|id| {
        let words = distinct(long_words(view.folded(*id)).collect());
        shared(&rare, &words) >= SHARED_TITLE_WORDS
            || shared(&used, &words) as f32 >= SAME_TOPIC * words.len().max(4) as f32
    })
}

/// The hashes of the words of five characters and more.
fn long_words(folded: &str) -> impl Iterator<Item = u64> {
    let is_long = |word: &&str| word.len() >= 5 && word.chars().nth(4).is_some();
    letters::words(folded).filter(is_long).map(|word| fnv::bytes_64(word.as_bytes()))
}

fn distinct(mut words: Vec<u64>) -> Vec<u64> {
    words.sort_unstable();
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::rules::tests::viewed;

    /// Whether the text of the first block goes on in the last, the second being the mark.
    fn goes_on_in(last: &str, between: &str) -> bool {
        let html = format!("<div class='rich wide text body'><p>A.</p></div><h4>More</h4>{between}{last}");
        viewed(&html, |view| is_resumed(view, 1, &[0], &[view.blocks.blocks.len() - 1]))
    }

    #[test]
    fn text_goes_on_behind_a_box_in_a_piece_of_the_same_classes() {
        let piece = "<div class='rich wide text body last'><p>B.</p></div>";
        assert!(goes_on_in(piece, ""));
        assert!(goes_on_in(piece, "<h3><a href=/x>The ferry that came back</a></h3>"), "the box's own links");
        assert!(!goes_on_in(piece, "<h2>The ferry that came back</h2>"), "another story begins");
        assert!(!goes_on_in("<div class='rich teaser small grid'><p>B.</p></div>", ""), "classed otherwise");
        assert!(!goes_on_in("<div><p>B.</p></div>", ""), "no classes");
    }

    /// How many of the prose blocks behind a mark are cut, of a page whose prose is all chosen so far.
    fn cut_behind(mark: &str, later: &str) -> usize {
        let body = "<p>The harbour council voted on the northern ferry after a debate of four hours on Monday.</p>\
                    <p>The ferry had carried passengers between the northern harbour and the island for sixty years.</p>\
                    <p>Councillors said that the harbour could not afford another winter of repairs to the old ferry.</p>\
                    <p>Passengers who had waited in the harbour since noon heard the decision of the council there.</p>\
                    <p>The northern island has no other harbour, and its passengers have no other ferry to go by.</p>\
                    <p>A majority of the council thinks that passengers will come back when the ferry does too.</p>\
                    <p>The council will hear from the owner of the northern ferry before the harbour freezes again.</p>";
        let html = format!("<html lang=en><body><div class=story>{body}</div>{mark}{later}");
        viewed(&html, |view| {
            let is_main: Vec<bool> = view.blocks.blocks.iter().map(Block::is_prose).collect();
            let findings: Vec<Finding> =
                super::super::propose(view).into_iter().filter(|finding| finding.marks_end).collect();
            assert_eq!(findings.len(), 1, "the mark");
            cut_tail(view, &findings, &is_main).iter().filter(|cut| is_main[cut.block]).count()
        })
    }

    #[test]
    fn a_line_with_a_day_and_a_time_signs_a_comment() {
        for line in ["Ann Lee December 19, 2025, 9:49 am", "Mo Reyes says: 3. März 2026 um 14:05 Uhr"] {
            assert!(is_signature(line, 8.0), "{line}");
        }
        for line in ["December 19, 2025", "The ferry left at 9:49", "Bus 2025: every hour"] {
            assert!(!is_signature(line, 5.0), "{line}");
        }
        assert!(!is_signature("On December 19, 2025, at 9:49, the ferry left", 13.0), "a sentence of an article");
    }

    #[test]
    fn what_readers_write_is_cut_though_it_is_on_the_topic() {
        let paragraph = "The council never asked the passengers of the northern ferry what the harbour is worth.";
        let (elsewhere, alike) =
            (format!("<ol><li><p>{paragraph}</p></li></ol>"), format!("<div class=story><p>{paragraph}</p></div>"));
        assert_eq!(cut_behind("<h3>3 Comments</h3>", &elsewhere), 1);
        assert_eq!(cut_behind("<h3>3 Comments</h3>", &alike), 0, "the text goes on behind a counter");
        assert_eq!(cut_behind("<h3>Related articles</h3>", &elsewhere), 0, "on the topic");
    }
}
