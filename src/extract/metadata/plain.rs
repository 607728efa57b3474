//! Metadata of a text without markup: the headline, byline and date among the lines above its body.

use super::names::{self, Source};
use super::{Evidence, claims, date_lines, published, tongue};
use crate::article::{Claim, Field, Metadata, Origin};
use crate::extract::block::{Block, BlockId, BlockRole, Blocks, Boilerplate};
use crate::extract::fnv;
use crate::extract::letters;
use crate::extract::lexicon::{Form, Lexicon, Memo, PhraseHit};
use crate::extract::measure::{ends_in_sentence, is_spaceless};
use std::ops::Range;

/// How many lines above the body the headline may stand, and how many around it byline and date.
const HEADLINE_REACH: usize = 15;
const HEAD_REACH: usize = 6;

/// How many blocks behind a first paragraph another must stand for a body to begin there.
const BODY_REACH: usize = 6;

/// How many first blocks are searched for the body's beginning: each costs a look at the lexicon.
const MOST_SEARCHED: usize = 400;

/// How many blocks of the body are read for the words that the headline shares with them.
const COMPARED_BLOCKS: usize = 16;

/// Shortest and longest headline, in words and characters.
const HEADLINE_WORDS: std::ops::RangeInclusive<f32> = 2.5..=30.0;
const HEADLINE_CHARS: u32 = 220;

/// Longest byline, in bytes.
const BYLINE_BYTES: usize = 200;

/// What a headline must weigh: as much as its first line, or half of its words in the body.
const LEAST_WEIGHT: f32 = 1.0;

/// Most labels with a date that are looked at below the head.
const MOST_LABELS: usize = 16;

/// Reads what the lines say of the article, and notes on those lines that they are metadata.
pub(crate) fn evidence_of_lines(blocks: &mut Blocks, lexicon: &Lexicon, memo: &Memo) -> Evidence {
    let texts = blocks.blocks.iter().map(|block| blocks.text(block));
    let language = tongue::language_of(texts);
    let lines = Lines { blocks, memo, lexicon, language };
    let start = lines.body_start();
    let title = start.and_then(|start| lines.headline(start));
    let head = lines.head(title, start);
    let (mut authors, bylines) = lines.authors(head.clone());
    let (mut published, dates) = lines.date(head.clone(), &bylines);
    published = published.or_else(|| lines.labelled_date(head.end));
    authors.truncate(names::MAX_AUTHORS);
    let title_text = title.map(|id| lines.text(id).to_owned());
    for (ids, kind) in [(&dates, Boilerplate::Timestamp), (&bylines, Boilerplate::Byline)] {
        for id in ids {
            blocks.lines[*id].metadata = Some(kind);
        }
    }
    if let Some(title) = title {
        blocks.lines[title].metadata = Some(Boilerplate::HeadlineCopy);
    }
    let (title, language) = (title_text.clone(), language.map(str::to_owned));
    let metadata = Metadata { title, authors, published, language, ..Metadata::default() };
    let metadata = Metadata { claims: claims_of(&metadata), ..metadata };
    Evidence { metadata, headlines: title_text.into_iter().collect(), ..Evidence::default() }
}

/// Everything that a text without markup says of its article stands in it.
fn claims_of(metadata: &Metadata) -> Vec<Claim> {
    let authors = (!metadata.authors.is_empty()).then(|| metadata.authors.join(", "));
    let fields = [
        (Field::Title, metadata.title.clone()),
        (Field::Authors, authors),
        (Field::Published, metadata.published.map(|date| date.to_string())),
        (Field::Language, metadata.language.clone()),
    ];
    let mut claims = Vec::new();
    for (field, value) in fields {
        claims::add(&mut claims, field, Vec::new(), value.map(|value| (Origin::Text, value)));
    }
    claims
}

struct Lines<'a> {
    blocks: &'a Blocks,
    memo: &'a Memo,
    lexicon: &'a Lexicon,
    language: Option<&'static str>,
}

impl<'a> Lines<'a> {
    fn count(&self) -> usize {
        self.blocks.blocks.len()
    }

    fn block(&self, id: BlockId) -> &'a Block {
        &self.blocks.blocks[id]
    }

    fn text(&self, id: BlockId) -> &'a str {
        self.blocks.text(self.block(id))
    }

    /// Whether the lexicon knows the line as boilerplate of whatever kind.
    fn is_known(&self, id: BlockId) -> bool {
        let is_heading = self.block(id).measure.words <= 8.0;
        self.phrases(id).any(|hit| is_heading || hit.form != Form::Heading)
    }

    /// The phrases that stand in a line, as if it were a heading.
    fn phrases(&self, id: BlockId) -> impl Iterator<Item = PhraseHit<'a>> {
        self.memo.phrases(self.blocks, self.lexicon, self.language, id)
    }

    /// Whether the lexicon takes the line for nothing but a byline.
    fn is_known_as_byline_alone(&self, id: BlockId) -> bool {
        self.phrases(id).all(|hit| hit.kind == Boilerplate::Byline)
    }

    fn is_paragraph(&self, id: BlockId) -> bool {
        self.block(id).is_prose() && self.block(id).measure.sentences > 0
    }

    /// The first paragraph of the body: one that the lexicon does not know, with another soon behind it,
    /// or the only one.
    fn body_start(&self) -> Option<BlockId> {
        let mut paragraphs = (0..self.count().min(MOST_SEARCHED)).filter(|id| self.is_paragraph(*id)).peekable();
        let mut first = None;
        while let Some(id) = paragraphs.next() {
            if self.is_known(id) {
                continue;
            }
            first = first.or(Some(id));
            if paragraphs.peek().is_some_and(|next| *next <= id + BODY_REACH) {
                return Some(id);
            }
        }
        first
    }

    /// The weightiest line above the body that can be the headline.
    fn headline(&self, start: BlockId) -> Option<BlockId> {
        let candidates = (start.saturating_sub(HEADLINE_REACH)..start).filter(|id| self.can_be_headline(*id));
        let candidates: Vec<BlockId> = candidates.collect();
        if candidates.is_empty() {
            return None;
        }
        let body = self.body_words(start);
        let weighed = candidates.into_iter().map(|id| (id, self.weight(id, start, &body)));
        let best = weighed.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        best.filter(|(_, weight)| *weight >= LEAST_WEIGHT).map(|(id, _)| id)
    }

    fn can_be_headline(&self, id: BlockId) -> bool {
        let (block, text) = (self.block(id), self.text(id));
        let is_line = !self.blocks.lines[id].is_bulleted && !matches!(block.role, BlockRole::Item(..));
        let is_sentence = ends_in_sentence(text) && !text.ends_with(['?', '!', '？', '！', '؟']);
        is_line
            && HEADLINE_WORDS.contains(&block.measure.words)
            && block.measure.chars <= HEADLINE_CHARS
            && text.contains(char::is_alphabetic)
            && !is_sentence
            && !text.ends_with([':', ',', ';', '：', '，'])
            && !self.is_byline(id)
            && published::of_line(text, false).is_none()
            && !self.is_known(id)
    }

    /// How much speaks for a line as the headline: the words that it shares with the body above all.
    fn weight(&self, id: BlockId, start: BlockId, body: &[u64]) -> f32 {
        let words = telling_words(self.memo.folded(self.blocks, id));
        let shared =
            words.iter().filter(|word| body.binary_search(word).is_ok()).count() as f32 / words.len().max(1) as f32;
        let is_long = self.block(id).measure.words >= 5.0;
        let mut near = id + 1..start.min(id + 4);
        let is_dated = near.any(|id| self.is_byline(id) || published::of_line(self.text(id), false).is_some());
        let flag = |holds: bool, weight: f32| if holds { weight } else { 0.0 };
        2.0 * shared + flag(is_long, 0.5) + flag(id == 0, 0.5) + flag(is_dated, 0.5) + flag(self.is_repeated(id), 0.5)
            - 0.06 * (start - id) as f32
    }

    fn is_repeated(&self, id: BlockId) -> bool {
        let text = self.text(id);
        (0..self.count().min(id + COMPARED_BLOCKS)).any(|other| other != id && self.text(other) == text)
    }

    /// Sorted.
    fn body_words(&self, start: BlockId) -> Vec<u64> {
        let blocks = start..self.count().min(start + COMPARED_BLOCKS);
        let mut words: Vec<u64> = blocks.flat_map(|id| telling_words(self.memo.folded(self.blocks, id))).collect();
        words.sort_unstable();
        words
    }

    /// The lines among which byline and date are looked for.
    fn head(&self, title: Option<BlockId>, start: Option<BlockId>) -> Range<BlockId> {
        let start = start.unwrap_or(0);
        let from = title.unwrap_or(start).saturating_sub(HEAD_REACH);
        from..(start + 3).min(self.count())
    }

    fn is_byline(&self, id: BlockId) -> bool {
        let text = self.text(id);
        text.len() <= BYLINE_BYTES && !ends_in_sentence(text) && names::is_byline(text)
    }

    /// The authors that the head names, and the lines that name them.
    fn authors(&self, head: Range<BlockId>) -> (Vec<String>, Vec<BlockId>) {
        let short = |id: &BlockId| self.text(*id).len() <= BYLINE_BYTES && !self.is_paragraph(*id);
        for id in head.clone().filter(short) {
            let text = self.text(id);
            if self.is_byline(id) {
                let people = names::people(text, Source::Text, &[]);
                if !people.is_empty() {
                    return (people, vec![id]);
                }
            } else if names::is_lone_start(text) && head.contains(&(id + 1)) {
                let people = names::people(self.text(id + 1), Source::Text, &[]);
                if !people.is_empty() && names::is_lone_name(&people[0]) {
                    return (people, vec![id, id + 1]);
                }
            }
        }
        for id in head.clone().filter(short) {
            let text = self.text(id);
            let is_beside_date = || {
                let beside = [id.checked_sub(1), Some(id + 1)].into_iter().flatten().filter(|id| head.contains(id));
                beside.into_iter().any(|id| published::of_line(self.text(id), false).is_some())
            };
            let lone = || (names::is_lone_name(text) && is_beside_date()).then(|| text.to_owned());
            if let Some(name) = names::with_role(text).or_else(lone).filter(|_| self.is_known_as_byline_alone(id)) {
                return (vec![name], vec![id]);
            }
        }
        (Vec::new(), Vec::new())
    }

    /// The day that the head states, and the lines that are nothing but a date.
    fn date(&self, head: Range<BlockId>, bylines: &[BlockId]) -> (Option<crate::article::Published>, Vec<BlockId>) {
        let dated = head.filter(|id| !self.is_paragraph(*id)).filter_map(|id| {
            let found = published::of_line(self.text(id), bylines.contains(&id))?;
            Some((id, found))
        });
        let dated: Vec<_> = dated.collect();
        let alone = dated.iter().map(|(id, _)| *id).filter(|id| !bylines.contains(id)).collect();
        (dated.first().map(|(_, found)| *found), alone)
    }

    /// A date behind a label, below the head.
    fn labelled_date(&self, from: BlockId) -> Option<crate::article::Published> {
        let is_label = |id: &BlockId| self.text(*id).len() <= BYLINE_BYTES && date_lines::is_label(self.text(*id));
        let labels = (from..self.count()).filter(is_label);
        labels.take(MOST_LABELS).find_map(|id| published::of_line(self.text(id), false))
    }
}

/// The hashes of those words of a folded text that tell what it is about: those of four characters and more, and
/// pairs of characters in scripts without spaces.
fn telling_words(folded: &str) -> Vec<u64> {
    let mut words = Vec::new();
    for word in letters::words(folded) {
        if !word.is_ascii() && word.chars().any(is_spaceless) {
            let pairs = word.chars().zip(word.chars().skip(1));
            words.extend(pairs.map(|(a, b)| [a, b].map(u64::from).into_iter().fold(fnv::START_64, fnv::step_64)));
        } else if word.chars().nth(3).is_some() {
            words.push(fnv::bytes_64(word.as_bytes()));
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::plain;

    const BODY: &str = "The ferry between the two islands sails again from Monday, the harbour office said on Tuesday.\n\
                        Tickets for the ferry cost what they cost before the repair, and children travel free.";

    fn found(head: &str) -> (Option<String>, Vec<String>, Option<String>) {
        let mut blocks = plain::cut(&format!("{head}\n{BODY}")).unwrap();
        let metadata = evidence_of_lines(&mut blocks, &Lexicon::built_in().unwrap(), &Memo::default()).metadata;
        (metadata.title, metadata.authors, metadata.published.map(|published| published.date.to_string()))
    }

    #[test]
    fn reads_headline_byline_and_date() {
        let title = Some("Island ferry sails again".to_owned());
        let day = Some("2026-03-06".to_owned());
        let names = vec!["Ines Calder".to_owned()];
        for head in [
            "Island ferry sails again\nBy Ines Calder\nMarch 6, 2026",
            "Home\nNews\nSport\nIsland ferry sails again\nBy\nInes Calder\n| 2026-03-06 19:57:49",
            "Island ferry sails again\n\nInes Calder Reporter\n\n6 March 2026",
            "Island ferry sails again\nInes Calder\n6 March 2026",
            "6. März 2026\nIsland ferry sails again\nVon Ines Calder",
            "Island ferry sails again\nVon Ines Calder, 6. März 2026",
        ] {
            assert_eq!(found(head), (title.clone(), names.clone(), day.clone()), "{head}");
        }
    }

    #[test]
    fn prefers_the_line_that_speaks_of_what_the_body_speaks_of() {
        let head = "The Harbour Ledger online\nIsland ferry sails again\nWeather for the whole week\nSkip to content";
        assert_eq!(found(head).0.as_deref(), Some("Island ferry sails again"));
        assert_eq!(found("Home\nNews\nWeather, tides, moon and stars").0, None);
    }

    #[test]
    fn a_caption_dates_nothing_and_a_sentence_heads_nothing() {
        let caption = "The remains of the old pier on Jan. 6, 2023, seen from the ferry. (Photo: Ines Calder)";
        assert_eq!(found(caption), (None, vec![], None));
        assert_eq!(found("The island ferry sails again."), (None, vec![], None));
    }

    #[test]
    fn lines_that_were_read_are_noted() {
        let mut blocks =
            plain::cut(&format!("Island ferry sails again\nBy Ines Calder\n6 March 2026\n{BODY}")).unwrap();
        evidence_of_lines(&mut blocks, &Lexicon::built_in().unwrap(), &Memo::default());
        let kinds: Vec<Option<Boilerplate>> = blocks.lines.iter().map(|line| line.metadata).collect();
        use Boilerplate::*;
        assert_eq!(kinds, [Some(HeadlineCopy), Some(Byline), Some(Timestamp), None, None]);
    }
}
