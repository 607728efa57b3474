//! What class names, ids, roles, tags and hiding say of a region.

use super::{Certainty, Finding, View};
use crate::extract::block::{Block, BlockId, Boilerplate, Region, RegionId};
use crate::extract::dom::{Attr, Document, NodeId, Tag, Telling};
use crate::extract::fnv::{FastMap, FastSet};
use crate::extract::lexicon::{Sign, Strength, WordHit};
use std::rc::Rc;

/// Whether an element's words or role name a kind, whatever it holds.
pub(crate) fn names_kind(view: &View<'_>, region: RegionId, kind: Boilerplate) -> bool {
    let Region { node, tag, .. } = view.blocks.regions[region];
    if matches!(tag, Tag::Body | Tag::Html) {
        return false;
    }
    let by_role = role(view, node).and_then(|role| view.lexicon.role_kind(role));
    by_role == Some(kind)
        || named_kinds(view, node).iter().any(|hit| hit.kind == kind && hit.strength == Strength::Sure)
}

/// Share of hidden prose past which hiding says nothing: such pages show their text by script.
const MOST_HIDDEN: f32 = 0.5;

pub(super) fn propose(view: &View<'_>, findings: &mut Vec<Finding>) {
    let blocks = view.blocks;
    let (is_barred, signs) = (barred(view), Signs::of(view.document));
    let is_open = |(id, region): &(RegionId, &Region)| !region.blocks.is_empty() && !is_barred[*id];
    for (id, region) in blocks.regions.iter().enumerate().filter(is_open) {
        if let Some(proposal) = of_region(view, &signs, id, region) {
            findings.extend(region.blocks.clone().map(|block| proposal.about(block)));
        }
    }
    // An element may stand around many blocks.
    let mut known: FastMap<NodeId, Option<Proposal>> = FastMap::default();
    for (id, block) in blocks.blocks.iter().enumerate().filter(|(_, block)| !block.is_prose()) {
        let outermost_first = blocks.inline(block).iter().rev();
        for node in outermost_first {
            if let Some(proposal) = known.entry(*node).or_insert_with(|| of_inline(view, *node)) {
                findings.push(proposal.about(id));
                break;
            }
        }
    }
    propose_hidden(view, findings);
}

/// By region, whether it stands in an element inside which nothing is removed.
fn barred(view: &View<'_>) -> Vec<bool> {
    let bars = &view.lexicon.engine().never_inside;
    let mut is_barred: Vec<bool> = Vec::with_capacity(view.blocks.regions.len());
    for region in &view.blocks.regions {
        let is_around = region.parent.is_some_and(|parent| is_barred[parent]);
        is_barred.push(is_around || bars.contains(region.tag.name()));
    }
    is_barred
}

struct Proposal {
    kind: Boilerplate,
    rule: Rc<str>,
    certainty: Certainty,
}

impl Proposal {
    fn about(&self, block: BlockId) -> Finding {
        Finding { block, kind: self.kind, rule: self.rule.clone(), certainty: self.certainty, marks_end: false }
    }
}

fn of_region(view: &View<'_>, signs: &Signs, id: RegionId, region: &Region) -> Option<Proposal> {
    let engine = view.lexicon.engine();
    let is_exempt = region.parent.is_none() || matches!(region.tag, Tag::Article | Tag::Main | Tag::Body);
    if is_exempt || view.prose_share(id) > engine.prose_guard {
        return None;
    }
    by_words(view, signs, region).or_else(|| by_role_or_tag(view, region))
}

fn by_words(view: &View<'_>, signs: &Signs, region: &Region) -> Option<Proposal> {
    let hits = named_kinds(view, region.node);
    let sure = hits.iter().find(|hit| hit.strength == Strength::Sure);
    let is_meant = |hit: &&WordHit<'_>| is_witnessed(view, signs, region, hit.kind) && leads(view, signs, region, hit);
    sure.or_else(|| hits.iter().find(is_meant)).map(|hit| Proposal {
        kind: hit.kind,
        rule: of_word(view, hit),
        certainty: Certainty::Witnessed,
    })
}

/// The name of a word's rule.
fn of_word(view: &View<'_>, hit: &WordHit<'_>) -> Rc<str> {
    view.memo.rule("word", hit.number, || hit.word.to_owned())
}

/// Whether an element does what its word says, where the word is also one of other trades: a menu of pages leads
/// somewhere, one of dishes does not.
fn leads(view: &View<'_>, signs: &Signs, region: &Region, hit: &WordHit<'_>) -> bool {
    let must = view.lexicon.kind(hit.kind).leading.iter().any(|word| word == hit.word);
    !must || [Sign::Link, Sign::Button].into_iter().any(|sign| shows(view, signs, region, hit.kind, sign))
}

/// Whether one of the conditions holds that a likely word of this kind needs beside it. A run of
/// paragraphs outweighs all of them.
fn is_witnessed(view: &View<'_>, signs: &Signs, region: &Region, kind: Boilerplate) -> bool {
    let (paragraphs, _) = view.lexicon.engine().prose_run;
    if region.prose_blocks >= paragraphs {
        return false;
    }
    let Some(witness) = &view.lexicon.kind(kind).witness else { return true };
    let blocks = &view.blocks.blocks[region.blocks.clone()];
    let links: u32 = blocks.iter().map(|block| block.links).sum();
    let share = witness.link_share.or(witness.link_share_after_label);
    witness.no_prose && region.prose_blocks == 0
        || witness.max_chars.is_some_and(|max| region.chars <= max)
        || share.is_some_and(|share| region.link_share() >= share && links >= witness.min_links.unwrap_or(1))
        || witness.has.iter().any(|sign| shows(view, signs, region, kind, *sign))
}

/// How many nodes of an element are searched for a sign: boilerplate is small.
const SEARCHED_NODES: usize = 2_000;

/// Where on a page the signs are that are elements.
#[derive(Default)]
struct Signs {
    /// By [`Signs::place`], in document order.
    places: [Vec<NodeId>; 7],
}

impl Signs {
    fn of(document: &Document<'_>) -> Self {
        let mut signs = Self::default();
        for node in document.nodes() {
            let sign = match document.tag(node) {
                Some(Tag::Form) => Sign::Form,
                Some(Tag::Button) => Sign::Button,
                Some(Tag::A) => Sign::Link,
                Some(Tag::Img | Tag::Picture) => Sign::Image,
                Some(Tag::Time) => Sign::Time,
                Some(Tag::Iframe | Tag::Video | Tag::Embed | Tag::Object) => Sign::Frame,
                Some(Tag::Input) => match document.attribute(node, Attr::Type) {
                    Some("email") => Sign::EmailField,
                    Some("submit" | "button") => Sign::Button,
                    _ => continue,
                },
                _ => continue,
            };
            if let Some(place) = Self::place(sign) {
                signs.places[place].push(node);
            }
        }
        signs
    }

    /// `None` for what is no element.
    fn place(sign: Sign) -> Option<usize> {
        Some(match sign {
            Sign::EmailField => 0,
            Sign::Form => 1,
            Sign::Button => 2,
            Sign::Link => 3,
            Sign::Image => 4,
            Sign::Time => 5,
            Sign::Frame => 6,
            Sign::Phrase => return None,
        })
    }

    /// Whether one stands among the first nodes below another.
    fn has_below(&self, document: &Document<'_>, node: NodeId, sign: Sign) -> bool {
        let Some(places) = Self::place(sign).map(|place| &self.places[place]) else { return false };
        let next = places.partition_point(|place| *place <= node);
        let is_near = |place: &NodeId| place.index() - node.index() <= SEARCHED_NODES;
        places.get(next).is_some_and(|place| *place < document.after(node) && is_near(place))
    }
}

fn shows(view: &View<'_>, signs: &Signs, region: &Region, kind: Boilerplate, sign: Sign) -> bool {
    match sign {
        Sign::Form if region.tag == Tag::Form || region.inputs > 0 => true,
        Sign::Phrase => region
            .blocks
            .clone()
            .any(|block| super::phrases::telling_hit(view, block).is_some_and(|hit| hit.kind == kind)),
        _ => signs.has_below(view.document, region.node, sign),
    }
}

fn by_role_or_tag(view: &View<'_>, region: &Region) -> Option<Proposal> {
    let by_role = role_kind(view, region.node);
    let by_tag = || view.lexicon.tag_kind(region.tag.name()).map(|kind| (kind, format!("tag:{}", region.tag.name())));
    let (kind, rule) = by_role.or_else(by_tag)?;
    let (paragraphs, _) = view.lexicon.engine().prose_run;
    (region.prose_blocks < paragraphs).then(|| Proposal { kind, rule: rule.into(), certainty: Certainty::Witnessed })
}

/// What an inline element says of blocks whose whole text it holds, unless they are prose.
fn of_inline(view: &View<'_>, node: NodeId) -> Option<Proposal> {
    let hit = named_kinds(view, node).first().map(|hit| (hit.kind, of_word(view, hit)));
    let by_tag = || {
        let name = view.document.name(node);
        view.lexicon.tag_kind(name).map(|kind| (kind, format!("tag:{name}").into()))
    };
    let (kind, rule) = hit.or_else(by_tag)?;
    Some(Proposal { kind, rule, certainty: Certainty::Witnessed })
}

/// What the words, role or name of an element say of what was left out with it, without the
/// witnesses that they need to remove something; kinds that stay by default only in want of others.
pub(crate) fn likely_name(view: &View<'_>, node: NodeId, tag: Tag) -> Option<(Boilerplate, String)> {
    let hits = named_kinds(view, node);
    let sure = hits.iter().find(|hit| hit.strength == Strength::Sure).or(hits.first());
    let hints = view.memo.hints(view.lexicon, names(view, node));
    let by_word = sure.or(hints.first()).map(|hit| (hit.kind, format!("word:{}", hit.word)));
    let by_role = || role_kind(view, node);
    let by_tag = || view.lexicon.tag_kind(tag.name()).map(|kind| (kind, format!("tag:{}", tag.name())));
    by_word
        .filter(|(kind, _)| *kind != Boilerplate::Unclassified)
        .or_else(by_role)
        .filter(|(kind, _)| *kind != Boilerplate::Unclassified)
        .or_else(by_tag)
        .filter(|(kind, _)| *kind != Boilerplate::Unclassified)
}

/// The values by which an element is named.
fn names<'a>(view: &View<'a>, node: NodeId) -> impl Iterator<Item = Telling<'a>> {
    use Attr::*;
    let is_name = |attr| {
        matches!(attr, AriaLabel | Class | DataComponent | DataModule | DataQa | DataTestid | Id | Itemprop | Role)
    };
    view.document.telling(node).filter(move |telling| is_name(telling.attr))
}

/// The kinds that the words of an element name.
fn named_kinds<'a>(view: &View<'a>, node: NodeId) -> Vec<WordHit<'a>> {
    view.memo.words(view.lexicon, names(view, node))
}

fn role<'a>(view: &View<'a>, node: NodeId) -> Option<&'a str> {
    view.document.attribute(node, Attr::Role).map(str::trim)
}

/// The kind that the role of an element names, with the name of the rule.
fn role_kind(view: &View<'_>, node: NodeId) -> Option<(Boilerplate, String)> {
    let role = role(view, node)?;
    view.lexicon.role_kind(role).map(|kind| (kind, format!("role:{role}")))
}

/// Hidden blocks go, but for prose that is said nowhere else: text behind a fold is part of the page.
fn propose_hidden(view: &View<'_>, findings: &mut Vec<Finding>) {
    let blocks = &view.blocks.blocks;
    if !blocks.iter().any(|block| block.is_hidden) {
        return;
    }
    let prose = |hidden: bool| blocks.iter().filter(move |block| block.is_prose() && block.is_hidden == hidden);
    let chars = |hidden| prose(hidden).map(|block| block.measure.chars).sum::<u32>();
    if chars(true) as f32 > MOST_HIDDEN * view.blocks.prose_chars() as f32 {
        return;
    }
    let shown: FastSet<&str> = prose(false).map(|block| view.blocks.text(block)).collect();
    let is_lost = |block: &Block| block.is_hidden && (!block.is_prose() || shown.contains(view.blocks.text(block)));
    findings.extend(blocks.iter().enumerate().filter(|(_, block)| is_lost(block)).map(|(block, _)| Finding {
        block,
        kind: Boilerplate::Hidden,
        rule: "hidden".into(),
        certainty: Certainty::Witnessed,
        marks_end: false,
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::dom;

    #[test]
    fn signs_are_found_below_an_element_alone_and_not_too_far_down() {
        let far = "<i></i>".repeat(SEARCHED_NODES);
        let page =
            format!("<form></form><div><input type=email><input><b></b></div><ul>{far}<a></a></ul><time></time>");
        let document = dom::parse(&page).unwrap();
        let signs = Signs::of(&document);
        let first = |tag| document.elements(tag).next().unwrap();
        let has = |tag, sign| signs.has_below(&document, first(tag), sign);
        assert!(has(Tag::Div, Sign::EmailField) && has(Tag::Body, Sign::Form));
        assert!(!has(Tag::Div, Sign::Form) && !has(Tag::Div, Sign::Time) && !has(Tag::Form, Sign::EmailField));
        assert!(!has(Tag::Div, Sign::Button), "an input without a type is none");
        assert!(!has(Tag::Ul, Sign::Link), "one node too far");
        let near = page.replacen("<i></i>", "", 1);
        let near = dom::parse(&near).unwrap();
        let list = near.elements(Tag::Ul).next().unwrap();
        assert!(Signs::of(&near).has_below(&near, list, Sign::Link));
    }
}
