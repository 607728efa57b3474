//! What the rules of a host make of a page.

use super::places::{Apart, Subtrees};
use super::{Budget, Directive, Expression, HostRules, Rule, Site};
use crate::extract::block::{BlockId, Blocks, Boilerplate};
use crate::extract::dom::{Document, NodeId, Tag};
use crate::extract::metadata::Stated;
use crate::extract::rules::{Certainty, Finding};

/// Where the text of a page stands, by a rule.
#[derive(Debug, Clone)]
struct Body<T> {
    place: T,
    /// The name of the rule.
    name: String,
    /// The rule as it is told.
    rule: String,
    /// The rule is the user's own and not from a collection, whose rules may be older than the page.
    is_certain: bool,
}

/// What rules found on a page.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// What the host's own rules say of the article.
    pub(crate) stated: Stated,
    /// What the rules for any host say of it, where nothing else does.
    pub(crate) fallback: Stated,
    /// The elements that hold the text.
    body: Option<Body<Vec<NodeId>>>,
    /// What is left out, each with the name of the rule.
    cuts: Vec<(NodeId, String)>,
    keeps: Vec<NodeId>,
    /// The host's own rules that matched nothing, or could not be run to their end.
    pub(crate) unmatched: Vec<String>,
}

impl Effects {
    /// Runs the rules, and says in the log, once for each host, that none of those for the body matches. `stated` is
    /// what is known already, so that no rule is asked for it.
    pub(crate) fn of(rules: &HostRules<'_>, document: &Document<'_>, stated: Stated) -> Self {
        let mut effects = Self { stated, ..Self::default() };
        let budget = Budget::for_page();
        let (bodies, others): (Vec<_>, Vec<_>) = rules.all().partition(|(_, rule)| rule.directive == Directive::Body);
        for (site, rule) in others {
            effects.run(site, rule, document, &budget);
        }
        let out = Subtrees::of(document, effects.cuts.iter().map(|(node, _)| *node));
        for (site, rule) in &bodies {
            effects.find_body(site, rule, document, &budget, &out);
        }
        if let (None, Some((site, rule))) = (&effects.body, bodies.first()) {
            effects.tell(site, &rule.place.to_string());
        }
        effects
    }

    /// The rule that says where the text stands, and whether it is the user's own, which is certain.
    pub(crate) fn body_rule(&self) -> Option<(String, bool)> {
        self.body.as_ref().map(|body| (body.rule.clone(), body.is_certain))
    }

    fn tell(&self, site: &Site, place: &str) {
        let host = &site.host;
        if site.is_first_time() {
            tracing::warn!(host, place, "no body rule of the site matches; has its layout changed?");
        } else {
            tracing::debug!(host, place, "no body rule of the site matches");
        }
    }

    /// Runs a rule that is not for the body.
    fn run(&mut self, site: &Site, rule: &Rule, document: &Document<'_>, budget: &Budget) {
        let stated = if is_own(site) { &mut self.stated } else { &mut self.fallback };
        let is_needless = match rule.directive {
            Directive::Title => stated.title.is_some(),
            Directive::Author => !stated.authors.is_empty(),
            Directive::Date => !stated.dates.is_empty(),
            // Whoever follows links asks for them.
            Directive::NextPage | Directive::SinglePage => true,
            _ => false,
        };
        if is_needless {
            return;
        }
        let found = match rule.find(document, budget) {
            Ok(found) => found,
            Err(cause) => return self.unmatched.push(format!("{rule} ({cause})")),
        };
        let is_matched = match rule.directive {
            Directive::Title | Directive::Author | Directive::Date => {
                let values = found.values(document, rule.directive);
                let is_matched = !values.is_empty();
                stated.state(rule.directive.id(), values);
                is_matched
            }
            directive => {
                let elements = found.elements(document);
                let is_matched = !found.is_empty();
                if directive == Directive::Keep {
                    self.keeps.extend(elements);
                } else {
                    self.cut(site, rule, document, elements);
                }
                is_matched
            }
        };
        if !is_matched && is_own(site) {
            self.unmatched.push(rule.to_string());
        }
    }

    /// Leaves elements out, but never the whole page, as `strip_id_or_class: sidebar` would where the body's
    /// class is `no-sidebar`.
    fn cut(&mut self, site: &Site, rule: &Rule, document: &Document<'_>, elements: Vec<NodeId>) {
        let (whole, parts): (Vec<_>, Vec<_>) =
            elements.into_iter().partition(|node| matches!(document.tag(*node), None | Some(Tag::Html | Tag::Body)));
        if !whole.is_empty() {
            self.unmatched.push(format!("{rule} (would take the whole page)"));
        }
        let name = name(site, rule);
        self.cuts.extend(parts.into_iter().map(|node| (node, name.clone())));
    }

    /// Takes what a body rule finds outside of what is left out, if it holds text and no rule before did.
    fn find_body(&mut self, site: &Site, rule: &Rule, document: &Document<'_>, budget: &Budget, out: &Subtrees) {
        if self.body.is_some() {
            return;
        }
        let found = match rule.find(document, budget) {
            Ok(found) => found,
            Err(cause) => return self.unmatched.push(format!("{rule} ({cause})")),
        };
        let holds_text = |node: &NodeId| {
            let is_text = |node: NodeId| document.text(node).is_some_and(|text| !text.trim().is_empty());
            document.descendants(*node).any(|below| is_text(below) && !out.hold(below))
        };
        let mut elements = found.elements(document);
        elements.retain(|node| !out.hold(*node));
        if elements.iter().any(holds_text) {
            let is_certain = matches!(rule.expression, Expression::Css(_));
            self.body = Some(Body { place: elements, name: name(site, rule), rule: rule.to_string(), is_certain });
        } else if is_own(site) {
            self.unmatched.push(rule.to_string());
        }
    }

    /// The elements whose text has to be in blocks of its own for the rules to take hold of it.
    pub(crate) fn apart(&self) -> Apart {
        let body = self.body.iter().flat_map(|body| &body.place);
        Apart {
            regions: body.chain(&self.keeps).copied().collect(),
            asides: self.cuts.iter().map(|(node, _)| *node).collect(),
        }
    }

    /// What that means for the page's blocks.
    pub(crate) fn ruling(&self, document: &Document<'_>, blocks: &Blocks) -> Ruling {
        let held = |nodes: &[NodeId]| {
            let subtrees = Subtrees::of(document, nodes.iter().copied());
            blocks.blocks.iter().map(|block| subtrees.hold_block(blocks, block)).collect::<Vec<bool>>()
        };
        let is_kept = held(&self.keeps);
        let mut cut_by = vec![None; blocks.blocks.len()];
        for group in self.cuts.chunk_by(|(_, left), (_, right)| left == right) {
            let nodes: Vec<NodeId> = group.iter().map(|(node, _)| *node).collect();
            let name = group.first().map(|(_, name)| name.clone());
            for (id, is_cut) in held(&nodes).into_iter().enumerate() {
                if is_cut && !is_kept[id] && cut_by[id].is_none() {
                    cut_by[id].clone_from(&name);
                }
            }
        }
        let body = self.body.as_ref().map(|Body { place, name, rule, is_certain }| Body {
            place: held(place),
            name: name.clone(),
            rule: rule.clone(),
            is_certain: *is_certain,
        });
        // A body without any text of the segmenter's is none.
        let body = body.filter(|body| body.place.contains(&true));
        Ruling { body, is_kept, cut_by }
    }
}

/// Whether rules are for their host and not for any.
fn is_own(site: &Site) -> bool {
    site.host != "global"
}

fn name(site: &Site, rule: &Rule) -> String {
    format!("site:{}:{}", site.host, rule.directive.id())
}

/// Whether a rule is a site's, which nothing outweighs.
pub(crate) fn is_site_rule(rule: &str) -> bool {
    rule.starts_with("site:")
}

/// Share of what the extractor would choose below which a collection's rule is not believed to hold the
/// article: sites are rebuilt, and their old rules then match some box (docs/sites.md).
const LEAST_HELD: f32 = 0.5;

/// Share of the text inside below which the extractor's choice is not believed, but the rule.
const LEAST_CHOSEN: f32 = 0.25;

/// What site rules say of each block.
#[derive(Debug)]
pub(crate) struct Ruling {
    /// Which blocks are inside.
    body: Option<Body<Vec<bool>>>,
    is_kept: Vec<bool>,
    /// The name of the rule that leaves the block out.
    cut_by: Vec<Option<String>>,
}

/// What became of a rule for the body.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Chosen<'a> {
    /// The name of the rule that leaves out what stands outside.
    pub(crate) name: Option<&'a str>,
    /// Whether all that stands inside was taken, so that no end of the article is looked for.
    pub(crate) is_whole: bool,
    /// The rule that was not believed.
    pub(crate) doubted: Option<&'a str>,
}

impl Ruling {
    /// Whether a rule keeps a block.
    pub(crate) fn keeps(&self, id: BlockId) -> bool {
        self.is_kept[id]
    }

    /// Adds what is left out and takes back what is kept; inside a certain body only what is sure counts.
    /// `proposals` are all that other rules say: they know better what a block is.
    pub(crate) fn amend(&self, findings: &mut Vec<Finding>, proposals: &[Finding]) {
        let certain = self.body.as_ref().filter(|body| body.is_certain);
        findings.retain(|finding| {
            let is_inside = certain.is_some_and(|body| body.place[finding.block]);
            !self.is_kept[finding.block] && (finding.certainty == Certainty::Sure || !is_inside)
        });
        let mut kinds = vec![None; self.cut_by.len()];
        for proposal in proposals {
            let known: &mut Option<(Certainty, Boilerplate)> = &mut kinds[proposal.block];
            *known = (*known).max(Some((proposal.certainty, proposal.kind)));
        }
        for (block, rule) in self.cut_by.iter().enumerate() {
            let Some(rule) = rule.as_deref() else { continue };
            let kind = kinds[block].map_or(Boilerplate::Unclassified, |(_, kind)| kind);
            findings.push(Finding { block, kind, rule: rule.into(), certainty: Certainty::Sure, marks_end: false });
        }
    }

    /// Chooses the main content where a rule does, and what is kept in any case. What is inside a certain body
    /// is main. A collection's body bounds the extractor's choice, and takes its place where that leaves out most
    /// of what is inside; it is not believed where it holds too little of that choice. `is_out` are the blocks
    /// that some finding drops.
    pub(crate) fn choose(&self, blocks: &Blocks, is_out: &[bool], is_main: &mut [bool]) -> Chosen<'_> {
        let chosen = self.choose_body(blocks, is_out, is_main);
        for (is_main, is_kept) in is_main.iter_mut().zip(&self.is_kept) {
            *is_main |= is_kept;
        }
        chosen
    }

    fn choose_body(&self, blocks: &Blocks, is_out: &[bool], is_main: &mut [bool]) -> Chosen<'_> {
        let Some(Body { place: is_inside, name, rule, is_certain }) = &self.body else { return Chosen::default() };
        let words = |is_counted: &dyn Fn(BlockId) -> bool| -> f32 {
            let counted = (0..is_out.len()).filter(|id| !is_out[*id] && is_counted(*id));
            counted.map(|id| blocks.blocks[id].measure.words).sum()
        };
        let inside = words(&|id| is_inside[id]);
        let own = words(&|id| is_main[id]);
        let both = words(&|id| is_main[id] && is_inside[id]);
        if !is_certain && inside < LEAST_HELD * own {
            return Chosen { doubted: Some(rule), ..Chosen::default() };
        }
        let is_whole = *is_certain || both < LEAST_CHOSEN * inside;
        for (is_main, is_inside) in is_main.iter_mut().zip(is_inside) {
            *is_main = *is_inside && (is_whole || *is_main);
        }
        Chosen { name: Some(name), is_whole, doubted: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::{dom, segment};

    /// What is main of five paragraphs of ten words, where the rule's body is `inside` and the extractor's choice
    /// `chosen`.
    fn main(is_certain: bool, inside: &[BlockId], chosen: &[BlockId]) -> (Vec<BlockId>, bool) {
        let html = "<p>one two three four five six seven eight nine ten".repeat(5);
        let document = dom::parse(&html).unwrap();
        let blocks = segment::segment(&document);
        let mark = |ids: &[BlockId]| (0..5).map(|id| ids.contains(&id)).collect::<Vec<bool>>();
        let body = Body { place: mark(inside), name: "site:a:body".into(), rule: "a.txt:1: body".into(), is_certain };
        let ruling = Ruling { body: Some(body), is_kept: mark(&[]), cut_by: vec![None; 5] };
        let mut is_main = mark(chosen);
        let is_believed = ruling.choose(&blocks, &[false; 5], &mut is_main).doubted.is_none();
        ((0..5).filter(|id| is_main[*id]).collect(), is_believed)
    }

    #[test]
    fn body_of_a_collection_bounds_a_choice() {
        assert_eq!(main(false, &[1, 2, 3], &[0, 1, 2]), (vec![1, 2], true));
    }

    #[test]
    fn body_of_a_collection_takes_the_place_of_a_choice_that_leaves_most_of_it_out() {
        assert_eq!(main(false, &[0, 1, 2, 3, 4], &[3]), (vec![0, 1, 2, 3, 4], true));
        assert_eq!(main(false, &[0, 1, 2, 3], &[4]), (vec![0, 1, 2, 3], true));
    }

    #[test]
    fn body_of_a_collection_that_holds_too_little_of_a_choice_is_not_believed() {
        assert_eq!(main(false, &[4], &[0, 1, 2, 4]), (vec![0, 1, 2, 4], false));
        assert_eq!(main(true, &[4], &[0, 1, 2, 4]), (vec![4], true), "but the user's own is");
    }
}
