//! Names for what was left out for its score or its place alone.
//!
//! The decision stands already, so that the evidence need not be strong enough to decide: words
//! without the witnesses that they need to remove, proposals that the model outweighed or that were
//! undone, regions of which nothing is kept, neighbours. What has none of that stays `unclassified`.
//! Nothing here changes which blocks are kept.

mod company;
mod lines;

use super::block::{Block, BlockId, BlockRole, Boilerplate, RegionId};
use super::decide::{self, Decision, Decisions};
use super::dom::Tag;
use super::fnv::{FastMap, FastSet};
use super::lexicon::{Form, fold};
use super::rules::{self, View};
use super::sites::is_site_rule;
use std::fmt::Display;
use std::ops::RangeInclusive;

/// The family of all rules that only name: `likely:word:related`.
const FAMILY: &str = "likely";

/// Share of link characters from which an element is taken for links.
const MOSTLY_LINKS: f32 = 0.5;

/// Fewest siblings of one build that are cards of a list.
const CARDS: u32 = 3;

/// Share of link characters of a card: the rest of it is its teaser.
const CARD_LINKS: f32 = 0.25;

/// Fewest links of a list, and of a menu above the text, where names of authors are links too.
const LIST_LINKS: u32 = 2;
const MENU_LINKS: u32 = 3;

/// Fewest paragraphs of an element that is another article, rather than its teaser.
const PARAGRAPHS: u32 = 2;

/// Fewest words of a link that leads to another article.
const TITLE_WORDS: f32 = 4.0;

/// How many elements around a block are asked.
const LEVELS: usize = 16;

type Name = (Boilerplate, String);

/// Gives every block that was left out without a kind the likeliest one, where there is evidence.
pub(super) fn name(view: &View<'_>, decisions: &mut Decisions) {
    let is_unnamed: Vec<bool> = decisions.by_block.iter().map(lacks_name).collect();
    if !is_unnamed.contains(&true) {
        return;
    }
    let body = decisions.body();
    let mut names = proposed(view, decisions, &is_unnamed, body.clone());
    let mut evidence = Evidence::gather(view, &decisions.by_block, body);
    for id in (0..is_unnamed.len()).filter(|id| is_unnamed[*id]) {
        if !names.contains_key(&id)
            && let Some(name) = evidence.of(id)
        {
            names.insert(id, name);
        }
    }
    for (id, (kind, rule)) in names {
        decisions.by_block[id] = named_as(&decisions.by_block[id], kind, rule);
    }
    company::by_company(&evidence, &mut decisions.by_block);
    if view.blocks.is_flat() {
        lines::name(view, &mut decisions.by_block);
    }
}

/// Whether a block is left out without a kind, by no wish of the caller.
fn lacks_name(decision: &Decision) -> bool {
    matches!(decision, Decision::Drop { kind: Boilerplate::Unclassified, rule } if !rule.starts_with("option:"))
}

/// What the rules have proposed for the unnamed, whatever became of it.
fn proposed(
    view: &View<'_>,
    decisions: &Decisions,
    is_unnamed: &[bool],
    body: RangeInclusive<BlockId>,
) -> FastMap<BlockId, Name> {
    let tells = |kind| kind != Boilerplate::Unclassified && !decide::is_kept_by_default(view, kind);
    let findings = decisions.proposals.iter().filter(|finding| is_unnamed[finding.block] && tells(finding.kind));
    let strongest = decide::strongest(view, findings, body);
    strongest.into_iter().flatten().map(|finding| (finding.block, (finding.kind, finding.rule.to_string()))).collect()
}

/// What a page says of the blocks that are left out of it.
struct Evidence<'a> {
    view: &'a View<'a>,
    body: RangeInclusive<BlockId>,
    /// By region: whether some block in it is kept.
    holds_kept: Vec<bool>,
    /// What regions without a kept block say of themselves.
    of_region: FastMap<RegionId, Option<Name>>,
    /// What their build says.
    of_build: FastMap<RegionId, Option<Name>>,
    /// Folded names of the authors and the site, and headlines.
    authors: FastSet<String>,
    headlines: FastSet<String>,
    site: Option<String>,
    /// By block, how often its text stands on the page: told of the first alone.
    copies: Vec<u32>,
}

impl<'a> Evidence<'a> {
    fn gather(view: &'a View<'a>, decisions: &[Decision], body: RangeInclusive<BlockId>) -> Self {
        let kept_before: Vec<u32> = std::iter::once(0)
            .chain(decisions.iter().scan(0, |kept, decision| {
                *kept += u32::from(*decision == Decision::Keep);
                Some(*kept)
            }))
            .collect();
        let holds_kept =
            |region: &super::block::Region| kept_before[region.blocks.end] > kept_before[region.blocks.start];
        let originals = view.memo.originals(view.blocks);
        let mut copies = vec![0; originals.len()];
        originals.iter().for_each(|original| copies[*original] += 1);
        let metadata = &view.evidence.metadata;
        Self {
            view,
            body,
            holds_kept: view.blocks.regions.iter().map(holds_kept).collect(),
            of_region: FastMap::default(),
            of_build: FastMap::default(),
            authors: metadata.authors.iter().map(|author| fold(author)).collect(),
            headlines: view.evidence.headlines.iter().map(|headline| fold(headline)).collect(),
            site: metadata.site.as_deref().map(fold),
            copies,
        }
    }

    fn of(&mut self, id: BlockId) -> Option<Name> {
        let view = self.view;
        let block = &view.blocks.blocks[id];
        self.by_text(id, block)
            .or_else(|| by_phrase(view, id, block))
            .or_else(|| self.by_inline(block))
            .or_else(|| self.by_regions(block))
            .or_else(|| self.by_build(id, block))
    }

    /// What a short text is, whatever stands around it.
    fn by_text(&self, id: BlockId, block: &Block) -> Option<Name> {
        let text = self.view.blocks.text(block);
        let named = |kind, rule: &str| Some((kind, rule.to_owned()));
        if block.is_hidden && !block.is_prose() {
            return named(Boilerplate::Hidden, "hidden");
        }
        if block.role == BlockRole::Caption {
            return named(Boilerplate::Caption, "caption");
        }
        if text.starts_with('©') || text.starts_with("(c) ") {
            return named(Boilerplate::Copyright, "sign:©");
        }
        if block.measure.words > 20.0 {
            return None;
        }
        let folded = self.view.folded(id);
        if self.headlines.contains(folded) {
            return named(Boilerplate::HeadlineCopy, "headline:copy");
        }
        if self.authors.iter().any(|author| is_signature(folded, author)) {
            return named(Boilerplate::Byline, "text:author");
        }
        if self.site.as_deref() == Some(folded) {
            return named(Boilerplate::Nav, "text:site");
        }
        None
    }

    fn by_inline(&self, block: &Block) -> Option<Name> {
        let inline = self.view.blocks.inline(block).iter();
        inline.filter_map(|node| rules::likely_name(self.view, *node, self.view.document.tag(*node)?)).next()
    }

    /// The innermost element of which nothing is kept and that says what it is.
    fn by_regions(&mut self, block: &Block) -> Option<Name> {
        let view = self.view;
        self.lost_around(block).into_iter().find_map(|region| {
            let known = self.of_region.entry(region);
            known
                .or_insert_with(|| {
                    let region = &view.blocks.regions[region];
                    rules::likely_name(view, region.node, region.tag)
                })
                .clone()
        })
    }

    /// The elements around a block of which nothing is kept, innermost first, the body not among them.
    fn lost_around(&self, block: &Block) -> Vec<RegionId> {
        let blocks = self.view.blocks;
        let lost = blocks.around(block.region).take_while(|region| !self.holds_kept[*region]).take(LEVELS);
        lost.filter(|region| blocks.regions[*region].parent.is_some()).collect()
    }

    /// What the build of a lost element says: a picture with its text, cards, links, a form, a story.
    fn build(&self, region: RegionId) -> Option<Name> {
        let view = self.view;
        let region = &view.blocks.regions[region];
        let is_before = region.blocks.start < *self.body.start();
        let links: u32 = view.blocks.blocks[region.blocks.clone()].iter().map(|block| block.links).sum();
        let is_card = !matches!(region.tag, Tag::P | Tag::Blockquote | Tag::Td)
            && region.alike >= CARDS
            && region.link_share() >= CARD_LINKS
            && region.prose_blocks < PARAGRAPHS;
        let list = if is_before { Boilerplate::Nav } else { Boilerplate::RelatedList };
        let (kind, rule) = if region.tag == Tag::Figure {
            (Boilerplate::Caption, "figure")
        } else if is_card {
            (list, "cards")
        } else if links >= if is_before { MENU_LINKS } else { LIST_LINKS } && region.link_share() >= MOSTLY_LINKS {
            (list, "links")
        } else if region.inputs > 0 && links == 0 && region.prose_blocks == 0 {
            (Boilerplate::FormState, "inputs")
        } else if region.prose_blocks >= PARAGRAPHS
            && region.blocks.start > *self.body.end()
            && has_headline(view, region.blocks.clone())
        {
            (Boilerplate::Embedded, "story")
        } else {
            return None;
        };
        Some((kind, format!("build:{rule}")))
    }

    /// What its markup and its place make of a block, words apart.
    fn by_build(&mut self, id: BlockId, block: &Block) -> Option<Name> {
        for region in self.lost_around(block) {
            if !self.of_build.contains_key(&region) {
                let name = self.build(region);
                self.of_build.insert(region, name);
            }
            if let Some(Some(name)) = self.of_build.get(&region) {
                return Some(name.clone());
            }
        }
        let text = self.view.blocks.text(block);
        let (kind, rule) = if block.link_share() >= MOSTLY_LINKS
            && let Some(kind) = self.link_kind(id, block)
        {
            (kind, "link")
        } else if !text.contains(char::is_alphabetic)
            && text.contains(char::is_numeric)
            && text.contains([':', '.', '/'])
        {
            (Boilerplate::Timestamp, "digits")
        } else if self.copies[self.view.memo.originals(self.view.blocks)[id]] > 1 {
            (Boilerplate::Duplicate, "text")
        } else {
            return None;
        };
        Some((kind, format!("build:{rule}")))
    }
}

impl Evidence<'_> {
    /// What a block is that is mostly a link: outside the text of a menu, in or behind it, if it is long
    /// enough for a headline, a pointer to another article.
    fn link_kind(&self, id: BlockId, block: &Block) -> Option<Boilerplate> {
        let is_title = block.measure.words >= TITLE_WORDS;
        if id < *self.body.start() || id > *self.body.end() && !is_title {
            Some(Boilerplate::Nav)
        } else {
            is_title.then_some(Boilerplate::ReadAlso)
        }
    }
}

/// Longest text before a name in its byline, and behind it: rank, time, minutes of reading. In bytes.
const BEFORE_NAME: usize = 20;
const BEHIND_NAME: usize = 60;

/// Whether a line is a name, or one with a word or two before it or with rank and time behind it: "von
/// Ines Calder", "Reporter: Ines Calder", "By Ines Calder | 2026-03-13 | 3 min read".
fn is_signature(line: &str, name: &str) -> bool {
    let Some((before, behind)) = line.split_once(name).filter(|_| !name.is_empty()) else { return false };
    let is_dated = behind.len() <= BEHIND_NAME && behind.contains(|c: char| c.is_numeric());
    (before.is_empty() || before.len() <= BEFORE_NAME && before.ends_with(' ')) && (behind.is_empty() || is_dated)
}

fn has_headline(view: &View<'_>, mut blocks: std::ops::Range<BlockId>) -> bool {
    blocks.any(|id| {
        let block = &view.blocks.blocks[id];
        matches!(block.role, BlockRole::Heading(_)) && block.measure.words >= TITLE_WORDS
    })
}

/// A phrase that covers a block, or opens it, though it was not believed.
fn by_phrase(view: &View<'_>, id: BlockId, block: &Block) -> Option<Name> {
    let mut hits = rules::phrase_hits(view, id);
    let tells =
        |form| matches!(form, Form::Block | Form::Heading | Form::Label | Form::Start) || block.measure.words < 40.0;
    let hit = hits.find(|hit| tells(hit.form) && !decide::is_kept_by_default(view, hit.kind))?;
    Some((hit.kind, format!("phrase:{}:{}", hit.language, hit.phrase)))
}

/// The decision with a kind. A rule of the site stays named: it has decided, and the kind only says about what.
fn named_as(decision: &Decision, kind: Boilerplate, rule: impl Display) -> Decision {
    match decision {
        Decision::Drop { rule: by_site, .. } if is_site_rule(by_site) => Decision::Drop { kind, rule: by_site.clone() },
        _ => Decision::Drop { kind, rule: format!("{FAMILY}:{rule}").into() },
    }
}

fn named_kind(decision: &Decision) -> Option<Boilerplate> {
    match decision {
        Decision::Drop { kind, .. } if *kind != Boilerplate::Unclassified => Some(*kind),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::extract::{Extractor, Options};
    use crate::page::Page;

    const STORY: &str = "<article><p>The ferry between the two islands sails again from Monday, the harbour office said, after its \
        engine had been repaired for the third time this year.</p><p>Tickets cost what they cost before, and children travel free, \
        as long as they bring a grown-up who does not, the office said on Thursday.</p></article>";

    /// Kind and rule of a block behind (or, for `before`, above) the story, where the rules choose alone.
    fn named(before: &str, after: &str, text: &str) -> (String, String) {
        let extractor = Extractor::new(&Options::default()).unwrap().with_model(None).unwrap();
        let html = format!("<html lang=en><title>The ferry</title><body>{before}{STORY}{after}</body></html>");
        let extraction = extractor.extract(&Page::from_bytes(html));
        let removal = extraction.removals.iter().find(|removal| removal.text == text).unwrap();
        (removal.kind.id().to_owned(), removal.rule.clone())
    }

    fn name_behind(after: &str, text: &str) -> (String, String) {
        named("", after, text)
    }

    fn is(kind: &str, rule: &str) -> (String, String) {
        (kind.to_owned(), rule.to_owned())
    }

    #[test]
    fn a_word_names_what_it_may_not_remove() {
        let poll = "<div class=poll><p>Do you like boats?</p><p>A lot</p></div>";
        assert_eq!(name_behind(&poll.replace("poll", "box-teaser"), "A lot"), is("related_list", "likely:word:teaser"));
        assert_eq!(name_behind(&poll.replace(" class=poll", ""), "A lot"), is("unclassified", "main:outside"));
    }

    #[test]
    fn a_word_around_kept_text_names_nothing() {
        assert_eq!(named("<div class=box-teaser>", "<p>A lot</p></div>", "A lot").0, "unclassified");
    }

    #[test]
    fn a_line_of_name_rank_and_time_is_a_byline() {
        let line = "Ines Calder Reporter | 2026-03-13 19:57";
        let above = |line: &str| format!("<meta name=author content='Ines Calder'><div class=k>{line}</div>");
        assert_eq!(named(&above(line), "", line), is("byline", "likely:text:author"));
        let line = "By Ines CalderMay 14, 2026 3 min read";
        assert_eq!(named(&above(line), "", line), is("byline", "likely:text:author"));
        let line = "Ines Calder on stage";
        assert_eq!(named(&above(line), "", line).0, "unclassified");
    }

    #[test]
    fn cards_behind_the_text_are_related_and_links_above_it_a_menu() {
        let card = |n| format!("<div class=c><p><a href=/{n}>Boat {n}</a></p><p>Of wood</p></div>");
        let cards = format!("<section>{}{}{}</section>", card(1), card(2), card(3));
        assert_eq!(name_behind(&cards, "Of wood"), is("related_list", "likely:build:cards"));
        assert_eq!(named(&cards, "", "Of wood"), is("nav", "likely:build:cards"));
    }

    #[test]
    fn company_names_what_comes_in_groups_and_not_what_stands_alone() {
        let between = |kind| format!("<div class={kind}>One</div><div>Two</div><div class={kind}>Three</div>");
        assert_eq!(name_behind(&between("comments"), "Two"), is("comments", "likely:beside"));
        assert_eq!(name_behind(&between("byline"), "Two").0, "unclassified");
    }

    #[test]
    fn a_heading_takes_the_kind_of_what_it_stands_before() {
        let list = "<div>Quiet</div><div><h3>Harbour matters</h3><div class=most-read>One</div></div>";
        assert_eq!(name_behind(list, "Harbour matters"), is("most_read", "likely:beside"));
    }
}
