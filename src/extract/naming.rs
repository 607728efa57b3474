//! Names for what was left out for its score or its place alone.
//!
//! The decision stands already, so that the evidence need not be strong enough to decide: words
//! without the witnesses that they need to remove, proposals that the model outweighed or that were
//! undone, regions of which nothing is kept, neighbours. What has none of that stays `unclassified`.
//! Nothing here changes which blocks are kept.

mod lines;

use super::block::{Block, BlockId, BlockRole, Boilerplate, RegionId};
use super::decide::{self, Decision, Decisions};
use super::dom::Tag;
use super::lexicon::{Form, fold};
use super::rules::{self, View};
use super::sites::is_site_rule;
use std::collections::{HashMap, HashSet};
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

/// Share of the words of an element that must be of one kind for it to speak for the others.
const MAJORITY: f32 = 0.5;

/// Fewest words of a link that leads to another article.
const TITLE_WORDS: f32 = 4.0;

/// How many elements around a block are asked.
const LEVELS: usize = 16;

/// How many blocks away a neighbour's name counts.
const REACH: usize = 6;

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
    by_company(&evidence, &mut decisions.by_block);
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
) -> HashMap<BlockId, Name> {
    let tells = |kind| kind != Boilerplate::Unclassified && !decide::is_kept_by_default(view, kind);
    let findings = decisions.proposals.iter().filter(|finding| is_unnamed[finding.block] && tells(finding.kind));
    let strongest = decide::strongest_last(view, findings.cloned().collect(), body);
    strongest.into_iter().map(|finding| (finding.block, (finding.kind, finding.rule))).collect()
}

/// What a page says of the blocks that are left out of it.
struct Evidence<'a> {
    view: &'a View<'a>,
    body: RangeInclusive<BlockId>,
    /// By region: whether some block in it is kept.
    holds_kept: Vec<bool>,
    /// What regions without a kept block say of themselves.
    of_region: HashMap<RegionId, Option<Name>>,
    /// What their build says.
    of_build: HashMap<RegionId, Option<Name>>,
    /// Folded names of the authors and the site, and headlines.
    authors: HashSet<String>,
    headlines: HashSet<String>,
    site: Option<String>,
    /// How often each text stands on the page.
    seen: HashMap<&'a str, u32>,
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
        let mut seen: HashMap<&str, u32> = HashMap::new();
        for block in &view.blocks.blocks {
            *seen.entry(view.blocks.text(block)).or_default() += 1;
        }
        let metadata = &view.evidence.metadata;
        Self {
            view,
            body,
            holds_kept: view.blocks.regions.iter().map(holds_kept).collect(),
            of_region: HashMap::new(),
            of_build: HashMap::new(),
            authors: metadata.authors.iter().map(|author| fold(author)).collect(),
            headlines: view.evidence.headlines.iter().map(|headline| fold(headline)).collect(),
            site: metadata.site.as_deref().map(fold),
            seen,
        }
    }

    fn of(&mut self, id: BlockId) -> Option<Name> {
        let view = self.view;
        let block = &view.blocks.blocks[id];
        self.by_text(block)
            .or_else(|| by_phrase(view, block))
            .or_else(|| self.by_inline(block))
            .or_else(|| self.by_regions(block))
            .or_else(|| self.by_build(id, block))
    }

    /// What a short text is, whatever stands around it.
    fn by_text(&self, block: &Block) -> Option<Name> {
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
        let folded = fold(text);
        if self.headlines.contains(&folded) {
            return named(Boilerplate::HeadlineCopy, "headline:copy");
        }
        if self.authors.contains(&folded) || self.authors.iter().any(|author| ends_with_name(&folded, author)) {
            return named(Boilerplate::Byline, "text:author");
        }
        if self.site.as_ref() == Some(&folded) {
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
        } else if self.seen.get(text).is_some_and(|count| *count > 1) {
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

/// Whether a line is a name with a word or two before it: "von Ines Calder", "Reporter: Ines Calder".
fn ends_with_name(line: &str, name: &str) -> bool {
    !name.is_empty() && line.strip_suffix(name).is_some_and(|before| before.len() <= 20 && before.ends_with(' '))
}

fn has_headline(view: &View<'_>, mut blocks: std::ops::Range<BlockId>) -> bool {
    blocks.any(|id| {
        let block = &view.blocks.blocks[id];
        matches!(block.role, BlockRole::Heading(_)) && block.measure.words >= TITLE_WORDS
    })
}

/// A phrase that covers a block, or opens it, though it was not believed.
fn by_phrase(view: &View<'_>, block: &Block) -> Option<Name> {
    let hits = rules::phrase_hits(view, block);
    let tells =
        |form| matches!(form, Form::Block | Form::Heading | Form::Label | Form::Start) || block.measure.words < 40.0;
    let hit = hits.into_iter().find(|hit| tells(hit.form) && !decide::is_kept_by_default(view, hit.kind))?;
    Some((hit.kind, format!("phrase:{}:{}", hit.language, hit.phrase)))
}

/// Blocks without a name take that of the company they keep: of both neighbours, of what a heading
/// stands before, of most of the element that was left out whole with them.
fn by_company(evidence: &Evidence<'_>, decisions: &mut [Decision]) {
    let view = evidence.view;
    let kinds: Vec<Option<Boilerplate>> = decisions.iter().map(named_kind).collect();
    for id in (0..decisions.len()).filter(|id| lacks_name(&decisions[*id])).collect::<Vec<_>>() {
        let found = evidence
            .by_neighbours(id, &kinds, decisions)
            .map(|kind| (kind, "beside"))
            .or_else(|| by_majority(view, evidence, id, &kinds).map(|kind| (kind, "among")));
        if let Some((kind, rule)) = found {
            decisions[id] = named_as(&decisions[id], kind, rule);
        }
    }
}

/// The decision with a kind. A rule of the site stays named: it has decided, and the kind only says about what.
fn named_as(decision: &Decision, kind: Boilerplate, rule: impl Display) -> Decision {
    match decision {
        Decision::Drop { rule: by_site, .. } if is_site_rule(by_site) => Decision::Drop { kind, rule: by_site.clone() },
        _ => Decision::Drop { kind, rule: format!("{FAMILY}:{rule}") },
    }
}

fn named_kind(decision: &Decision) -> Option<Boilerplate> {
    match decision {
        Decision::Drop { kind, .. } if *kind != Boilerplate::Unclassified => Some(*kind),
        _ => None,
    }
}

impl Evidence<'_> {
    /// The kind of the nearest named blocks on both sides, or, for a heading, of what follows it.
    fn by_neighbours(&self, id: BlockId, kinds: &[Option<Boilerplate>], decisions: &[Decision]) -> Option<Boilerplate> {
        let nearest = |way: &mut dyn Iterator<Item = BlockId>| {
            way.take(REACH).take_while(|near| decisions[*near] != Decision::Keep).find_map(|near| kinds[near])
        };
        let after = nearest(&mut (id + 1..kinds.len()));
        let before = nearest(&mut (0..id).rev());
        let is_heading = matches!(self.view.blocks.blocks[id].role, BlockRole::Heading(_));
        let is_its_heading = is_heading && kinds.get(id + 1).copied().flatten().is_some();
        after.filter(|kind| comes_in_groups(*kind) && (is_its_heading || after == before))
    }
}

/// The kind of most named words of the innermost element that was left out whole and holds any.
fn by_majority(
    view: &View<'_>,
    evidence: &Evidence<'_>,
    id: BlockId,
    kinds: &[Option<Boilerplate>],
) -> Option<Boilerplate> {
    let own = view.blocks.blocks[id].region;
    let mut lost = view.blocks.around(own).take_while(|region| !evidence.holds_kept[*region]).take(LEVELS);
    lost.find_map(|region| {
        let blocks = view.blocks.regions[region].blocks.clone();
        if blocks.len() > MOST_COMPANY {
            return None;
        }
        let mut words: HashMap<Option<Boilerplate>, f32> = HashMap::new();
        for other in blocks {
            *words.entry(kinds[other]).or_default() += view.blocks.blocks[other].measure.words.max(1.0);
        }
        let all: f32 = words.values().sum();
        let most = words.into_iter().find(|(_, words)| *words > MAJORITY * all);
        most.and_then(|(kind, _)| kind).filter(|kind| comes_in_groups(*kind))
    })
}

/// Whether blocks of a kind stand together, so that one among them is likely of it too. A line about the
/// author or a repeated paragraph says nothing of its neighbours.
fn comes_in_groups(kind: Boilerplate) -> bool {
    use Boilerplate::*;
    !matches!(
        kind,
        HeadlineCopy
            | Hidden
            | Duplicate
            | Byline
            | Timestamp
            | ReadingTime
            | SourceAttr
            | Copyright
            | Dateline
            | Correction
            | AuthorBio
            | Tools
            | SkipLink
            | SocialEmbed
            | AmpJson
            | Unclassified
    )
}

/// Larger elements are no company.
const MOST_COMPANY: usize = 60;

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
