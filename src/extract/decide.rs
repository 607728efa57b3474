//! The one place where proposals and main content meet: a decision per block.

mod ends;
mod weigh;

use super::block::{BlockId, Boilerplate};
use super::features::{Facts, LineFacts, PageDump};
use super::lexicon::{Action, Zone};
use super::main_content::{self, MainContent};
use super::model::Model;
use super::rules::{self, Certainty, Finding, LINK_LIST, View};
use super::select::{self, Asked, Opinion, Question};
use super::sites::{Chosen, Ruling};
use super::tables::{self, Tables};
use super::{Detail, Options};
use std::ops::RangeInclusive;
use std::rc::Rc;
pub(crate) use weigh::settled;

/// Share of the page's prose past which proposals that are not sure are undone together: the rules
/// then misread the page (trafilatura and defuddle guard themselves alike).
const OVER_PRUNING: f32 = 0.5;

/// What becomes of a block.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Decision {
    Keep,
    /// Left out; kinds that are metadata too are named the same way.
    Drop {
        kind: Boilerplate,
        rule: Rc<str>,
    },
}

/// What becomes of a page.
#[derive(Debug)]
pub(crate) struct Decisions {
    /// By block, in order.
    pub(crate) by_block: Vec<Decision>,
    /// The word F1 to be expected; `None` without a model.
    pub(crate) confidence: Option<f32>,
    /// Whether the page was read as an article; without a model all are.
    pub(crate) on_article: bool,
    /// The site rule for the body that was not believed.
    pub(crate) doubted_rule: Option<String>,
    /// All that the rules proposed, believed or not.
    pub(crate) proposals: Vec<Finding>,
    /// By block, whether rules left it out that nothing outweighed, the end of the article aside.
    pub(crate) ruled_out: Vec<bool>,
    /// By block what the model says.
    pub(crate) opinions: Vec<Opinion>,
}

impl Decisions {
    /// The range from the first block that is kept to the last; empty, at the page's end, where none is.
    pub(crate) fn body(&self) -> RangeInclusive<BlockId> {
        let is_kept = |decision: &Decision| *decision == Decision::Keep;
        let first = self.by_block.iter().position(is_kept).unwrap_or(self.by_block.len());
        first..=self.by_block.iter().rposition(is_kept).unwrap_or(0)
    }
}

/// Decides on every block of the page, in order; by the rules alone where there is no model. What the rules of
/// the page's site say holds before all else.
pub(crate) fn decide(
    view: &View<'_>,
    model: Option<&Model>,
    options: &Options,
    site: Option<&Ruling>,
    asked: Asked,
) -> Decisions {
    let keep = &options.keep;
    let proposals = rules::propose(view);
    let protected = out(view, proposals.iter().filter(|finding| keep.contains(&finding.kind)));
    let mut findings = heard(view, proposals.clone(), options);
    if let Some(site) = site {
        site.amend(&mut findings, &proposals);
    }
    if model.is_none() {
        findings.retain(|finding| !rules::is_doubted(finding));
    }
    undo_over_pruning(view, &mut findings);
    let by_rules = main_content::choose(view, &findings);
    let question = Question { proposals: &proposals, findings: &findings, by_rules: &by_rules, options, asked };
    let (scores, opinions) = model.map(|model| select::score(view, model, &question)).unzip();
    let opinions = opinions.unwrap_or_else(|| vec![Opinion::default(); view.blocks.blocks.len()]);
    let mut main = by_rules;
    let choose = |findings: &[Finding], main: &mut MainContent| {
        site.map_or_else(Chosen::default, |site| site.choose(view.blocks, &out(view, findings), &mut main.is_main))
    };
    let mut by_site = choose(&findings, &mut main);
    let mut ruled_out = out(view, &findings);
    if let Some(scores) = &scores {
        let outweighed = findings.extract_if(.., |finding| {
            opinions[finding.block].counts && weigh::is_outweighed(view, finding, scores, options)
        });
        let outweighed: Vec<Finding> = outweighed.collect();
        ruled_out = out(view, &findings);
        main = select::select(view, scores, &ruled_out, &main);
        keep_protected(&protected, &mut main.is_main);
        by_site = choose(&findings, &mut main);
        // What the model leaves out by itself still has the name that the rule gives it.
        findings.extend(outweighed.into_iter().filter(|finding| !main.is_main[finding.block]));
    }
    let is_kept = |id: BlockId| site.is_some_and(|site| site.keeps(id));
    let on_article = scores.as_ref().is_none_or(|scores| scores.on_article);
    let ends_somewhere = on_article && !by_site.is_whole;
    if ends_somewhere && !view.is_muted("tail") {
        let cut = ends::cut(view, &findings, &main, scores.as_ref(), keep);
        findings.extend(cut.into_iter().filter(|finding| !is_kept(finding.block)));
    }
    let mut confidence = scores.as_ref().map(|scores| select::confidence(view, scores, &out(view, &findings)));
    let score = |id: BlockId| scores.as_ref().map(|scores| scores.content[id]);
    // Where nobody is told, the probability is not written down.
    let told_score = |id: BlockId| score(id).filter(|_| options.detail > Detail::Text);
    let mut by_block = each_block(view, &findings, &main, told_score, by_site.name);
    if ends_somewhere {
        ends::trim_lines(view, is_kept, |id| score(id).is_some_and(|score| score >= ends::STAYS), &mut by_block);
    } else if !by_site.is_whole {
        ends::trim_headline(view, is_kept, &mut by_block);
        if by_site.name.is_none() && ends::leave_scant(view, |id| is_kept(id) || protected[id], &mut by_block) {
            confidence = Some(0.0);
        }
    }
    if options.tables == Tables::Drop {
        tables::leave_out(view, &mut by_block);
    }
    let doubted_rule = by_site.doubted.map(str::to_owned);
    Decisions { by_block, confidence, on_article, doubted_rule, proposals, ruled_out, opinions }
}

/// What becomes of each block. `score` is what is told of the model's opinion, `body_rule` the rule of the site that has
/// chosen instead.
fn each_block(
    view: &View<'_>,
    findings: &[Finding],
    main: &MainContent,
    score: impl Fn(BlockId) -> Option<f32>,
    body_rule: Option<&str>,
) -> Vec<Decision> {
    let first = main.is_main.iter().position(|is_main| *is_main).unwrap_or(main.is_main.len());
    let last = main.is_main.iter().rposition(|is_main| *is_main).unwrap_or(0);
    let elsewhere: Rc<str> = body_rule.unwrap_or("main:outside").into();
    let outside = |id: BlockId| match score(id).filter(|_| body_rule.is_none()) {
        Some(score) => format!("model:{score:.2}").into(),
        None => Rc::clone(&elsewhere),
    };
    let decision = |(id, finding): (BlockId, Option<&Finding>)| match finding {
        Some(finding) => dropped(finding, first),
        None if main.is_main[id] => Decision::Keep,
        None => Decision::Drop { kind: Boilerplate::Unclassified, rule: outside(id) },
    };
    strongest(view, findings, first..=last).into_iter().enumerate().map(decision).collect()
}

/// Which blocks some finding drops.
fn out<'f>(view: &View<'_>, findings: impl IntoIterator<Item = &'f Finding>) -> Vec<bool> {
    let mut is_out = vec![false; view.blocks.blocks.len()];
    for finding in findings {
        is_out[finding.block] = true;
    }
    is_out
}

/// Within the main content, what the caller wants to keep is kept whatever the model says.
fn keep_protected(protected: &[bool], is_main: &mut [bool]) {
    let (first, last) = (is_main.iter().position(|it| *it), is_main.iter().rposition(|it| *it));
    let Some((first, last)) = first.zip(last) else { return };
    for id in first..=last {
        is_main[id] |= protected[id];
    }
}

/// What the rules propose, what of it counts, and what they would choose; without those of a site.
pub(crate) fn by_rules(view: &View<'_>, options: &Options) -> (Vec<Finding>, Vec<Finding>, MainContent) {
    let proposals = rules::propose(view);
    let mut findings = heard(view, proposals.clone(), options);
    undo_over_pruning(view, &mut findings);
    let main = main_content::choose(view, &findings);
    (proposals, findings, main)
}

/// What training reads of a page: as [`decide`] sees it with default options.
pub(crate) fn features(view: &View<'_>) -> PageDump {
    let (proposals, _, main) = by_rules(view, &Options::default());
    if view.blocks.is_flat() {
        return PageDump::of_lines(view, &LineFacts::gather(view, &proposals, &main));
    }
    PageDump::of(view, &Facts::gather(view, &proposals, &main))
}

/// What becomes of a block that rules leave out; `first` is the first of the main content.
fn dropped(finding: &Finding, first: BlockId) -> Decision {
    let is_menu = *finding.rule == *LINK_LIST && finding.block < first;
    Decision::Drop { kind: if is_menu { Boilerplate::Nav } else { finding.kind }, rule: Rc::clone(&finding.rule) }
}

/// The proposals that count: not of kinds that are kept, nor against blocks that such a kind protects.
fn heard(view: &View<'_>, proposals: Vec<Finding>, options: &Options) -> Vec<Finding> {
    let is_kept =
        |kind| options.keep.contains(&kind) || is_kept_by_default(view, kind) && !options.drop.contains(&kind);
    let protected = out(view, proposals.iter().filter(|finding| is_kept(finding.kind)));
    proposals
        .into_iter()
        .filter(|finding| !is_kept(finding.kind) && !view.is_muted(&finding.rule))
        .filter(|finding| finding.certainty == Certainty::Sure || !protected[finding.block])
        .collect()
}

/// Whether blocks of the kind stay unless the caller wants them gone.
pub(crate) fn is_kept_by_default(view: &View<'_>, kind: Boilerplate) -> bool {
    view.lexicon.kind(kind).action == Action::Keep
}

/// Drops the proposals that are not sure where together they would take most of the page's prose.
fn undo_over_pruning(view: &View<'_>, findings: &mut Vec<Finding>) {
    let is_out = out(view, findings.iter().filter(|finding| finding.certainty == Certainty::Witnessed));
    let lost: u32 = view
        .blocks
        .blocks
        .iter()
        .zip(&is_out)
        .filter(|(block, is_out)| **is_out && block.is_prose())
        .map(|(block, _)| block.measure.chars)
        .sum();
    if lost as f32 > OVER_PRUNING * view.blocks.prose_chars() as f32 {
        findings.retain(|finding| finding.certainty == Certainty::Sure);
    }
}

/// For each block the proposal to be named, the last of those that tell as much.
pub(crate) fn strongest<'f>(
    view: &View<'_>,
    findings: impl IntoIterator<Item = &'f Finding>,
    body: RangeInclusive<BlockId>,
) -> Vec<Option<&'f Finding>> {
    let mut strongest = vec![None; view.blocks.blocks.len()];
    for finding in findings {
        let (known, telling) = (&mut strongest[finding.block], telling(view, finding, &body));
        if known.is_none_or(|(_, most)| telling >= most) {
            *known = Some((finding, telling));
        }
    }
    strongest.into_iter().map(|known| known.map(|(finding, _)| finding)).collect()
}

/// The proposals so that the one to be named for a block comes last.
pub(crate) fn strongest_last(
    view: &View<'_>,
    mut findings: Vec<Finding>,
    body: RangeInclusive<BlockId>,
) -> Vec<Finding> {
    findings.sort_by_cached_key(|finding| telling(view, finding, &body));
    findings
}

/// How much a proposal tells of its block: least of all that the article has ended, more a kind where it is at home,
/// then the sure and the most telling.
fn telling(view: &View<'_>, finding: &Finding, body: &RangeInclusive<BlockId>) -> (bool, bool, Certainty, u8) {
    let is_at_home = zones(finding.block, body).iter().any(|zone| view.lexicon.kind(finding.kind).is_in(*zone));
    (!finding.rule.starts_with("tail:"), is_at_home, finding.certainty, specificity(finding))
}

/// Where a block may be said to stand, given the range of the body.
fn zones(block: BlockId, body: &RangeInclusive<BlockId>) -> &'static [Zone] {
    if block < *body.start() {
        &[Zone::Pre, Zone::Out]
    } else if block <= *body.end() {
        &[Zone::Mid]
    } else {
        &[Zone::Post, Zone::Out]
    }
}

/// Phrases name a kind better than words around them, and words better than tags.
fn specificity(finding: &Finding) -> u8 {
    let family = finding.rule.bytes().position(|byte| byte == b':').unwrap_or(finding.rule.len());
    match &finding.rule[..family] {
        "site" => 5,
        "phrase" | "line" => 4,
        "after" | "box" => 3,
        "word" => 2,
        "role" | "links" => 1,
        _ => 0,
    }
}
