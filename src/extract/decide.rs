//! The one place where proposals and main content meet: a decision per block.

use super::block::{BlockId, BlockRole, Boilerplate};
use super::features::{Facts, LineFacts, PageDump};
use super::fnv::FastSet;
use super::lexicon::{Action, Zone};
use super::main_content::{self, MainContent};
use super::measure::ends_in_sentence;
use super::model::Model;
use super::rules::{self, Certainty, Finding, LINK_LIST, View, cut_tail};
use super::select::{self, Asked, Opinion, Question, SURE, Scores};
use super::sites::{Chosen, Ruling, is_site_rule};
use super::tables::{self, Tables};
use super::{Detail, Options};
use std::ops::RangeInclusive;
use std::rc::Rc;

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

/// Below this many words the model, which learns from whole pages' words, is no judge: labels of
/// buttons and counters of an article are for the rules.
const LABEL_WORDS: f32 = 5.0;

/// Fewest blocks behind an end mark that show that the article goes on there.
const GOING_ON: usize = 3;

/// How likely a line of a text without markup must be to stay behind an end mark: whether the mark heads a box
/// in the middle, no element tells. Other stories, which a source and a time head, and conversations go in any case.
const LIKELY_LINE: f32 = 0.6;

/// How likely a line at the very end must be to stay.
const STAYS_AT_END: f32 = 0.7;

/// Fewest words that are the main content of a page that is no article (the golds of wcxb-dev begin at 15).
const LEAST_WORDS: f32 = 10.0;

/// Fewer words than that are content where they are more than this part of all words: the page says no more.
const SCANT_SHARE: f32 = 0.1;

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
        let outweighed = findings
            .extract_if(.., |finding| opinions[finding.block].counts && is_outweighed(view, finding, scores, options));
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
        let cut = tail(view, &findings, &main, scores.as_ref(), keep);
        findings.extend(cut.into_iter().filter(|finding| !is_kept(finding.block)));
    }
    let mut confidence = scores.as_ref().map(|scores| select::confidence(view, scores, &out(view, &findings)));
    let score = |id: BlockId| scores.as_ref().map(|scores| scores.content[id]);
    // Where nobody is told, the probability is not written down.
    let told_score = |id: BlockId| score(id).filter(|_| options.detail > Detail::Text);
    let mut by_block = each_block(view, &findings, &main, told_score, by_site.name);
    if ends_somewhere {
        trim_end(view, is_kept, |id| score(id).is_some_and(|score| score >= STAYS_AT_END), &mut by_block);
    } else if !by_site.is_whole {
        trim_headline(view, is_kept, &mut by_block);
        if leave_scant(view, |id| is_kept(id) || protected[id], &mut by_block) {
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

/// By block, whether rules leave it out whatever the model says.
pub(crate) fn settled(view: &View<'_>, findings: &[Finding], options: &Options, on_article: bool) -> Vec<bool> {
    if !on_article {
        return menus(view, findings);
    }
    out(view, findings.iter().filter(|finding| settles(view, finding, options)))
}

/// By block, whether it is a menu's on any page: the tag of an element around it says so, or two names do. Of the blocks of
/// wcxb-dev's pages that are no articles these are 27 in 100; gold has 1 word in 140 of theirs.
fn menus(view: &View<'_>, findings: &[Finding]) -> Vec<bool> {
    let mut names: Vec<Option<&str>> = vec![None; view.blocks.blocks.len()];
    let mut is_menu = vec![false; names.len()];
    for finding in findings.iter().filter(|finding| finding.kind == Boilerplate::Nav) {
        let Some((family @ ("word" | "role" | "tag"), _)) = finding.rule.split_once(':') else { continue };
        let known = names[finding.block].replace(&finding.rule);
        is_menu[finding.block] |= family == "tag" || known.is_some_and(|known| *known != *finding.rule);
    }
    is_menu
}

fn settles(view: &View<'_>, finding: &Finding, options: &Options) -> bool {
    finding.certainty == Certainty::Sure || is_unheard(finding, options) || is_label(view, finding)
}

/// Whether the model has nothing to say to a rule, on whatever page.
fn is_unheard(finding: &Finding, options: &Options) -> bool {
    is_site_rule(&finding.rule) || options.drop.contains(&finding.kind)
}

/// Whether a rule is of a label. Without elements, the company that a line keeps is a guess.
fn is_label(view: &View<'_>, finding: &Finding) -> bool {
    let is_guess = view.blocks.is_flat() && finding.rule.starts_with("after:");
    view.blocks.blocks[finding.block].measure.words < LABEL_WORDS && !is_guess
}

/// Whether the model's word counts more than the rule's. On pages that are no articles it does, for their calls,
/// dates and lists are content, unless a sure rule names what is content nowhere and the model is not sure.
fn is_outweighed(view: &View<'_>, finding: &Finding, scores: &Scores, options: &Options) -> bool {
    let content = scores.content[finding.block];
    if scores.on_article {
        return !settles(view, finding, options) && content >= scores.level.outweighs();
    }
    let is_lesser = || content >= SURE || is_label(view, finding) || !is_content_nowhere(finding.kind);
    !is_unheard(finding, options) && (finding.certainty == Certainty::Witnessed || is_lesser())
}

/// Kinds that are no content of forums, shops and overviews either.
fn is_content_nowhere(kind: Boilerplate) -> bool {
    use Boilerplate::*;
    matches!(kind, Paywall | Membership | Newsletter | FollowUs | AppInstall | Consent | Caption)
}

/// What is cut behind the end of the article: not what the caller keeps, nor what the model is sure
/// of and goes on in the very element that the body before stands in.
fn tail(
    view: &View<'_>,
    findings: &[Finding],
    main: &MainContent,
    scores: Option<&Scores>,
    keep: &[Boilerplate],
) -> Vec<Finding> {
    let mut cut = cut_tail(view, findings, &main.is_main);
    if view.blocks.is_flat() {
        let is_likely = |id: BlockId| scores.is_some_and(|scores| scores.content[id] >= LIKELY_LINE);
        let is_sure = |finding: &Finding| finding.kind == Boilerplate::Embedded || rules::is_of_thread(finding);
        let goes_on = |finding: &Finding| !is_sure(finding) && is_likely(finding.block);
        cut.retain(|finding| !(keep.contains(&finding.kind) || goes_on(finding)));
        return cut;
    }
    let Some(first) = cut.first().map(|finding| finding.block) else { return cut };
    let body: FastSet<_> = (0..first).filter(|id| main.is_main[*id]).map(|id| main_content::flow(view, id)).collect();
    let goes_on = |id: BlockId| {
        scores.is_some_and(|scores| scores.content[id] >= SURE) && body.contains(&main_content::flow(view, id))
    };
    let is_one_of_many = cut.iter().filter(|finding| goes_on(finding.block)).count() >= GOING_ON;
    cut.retain(|finding| !(keep.contains(&finding.kind) || is_one_of_many && goes_on(finding.block)));
    cut
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

/// Lines that are no sentence behind the last paragraph are what is left of a cut.
fn trim_end(
    view: &View<'_>,
    is_kept: impl Fn(BlockId) -> bool,
    stays: impl Fn(BlockId) -> bool,
    decisions: &mut [Decision],
) {
    for (id, decision) in decisions.iter_mut().enumerate().rev() {
        let block = &view.blocks.blocks[id];
        if *decision == Decision::Keep {
            let is_line = matches!(block.role, BlockRole::Paragraph | BlockRole::Heading(_));
            let is_likely = is_kept(id) || block.measure.words >= LABEL_WORDS && stays(id);
            if !is_line || is_likely || block.is_prose() || ends_in_sentence(view.blocks.text(block)) {
                return;
            }
            *decision = Decision::Drop { kind: Boilerplate::Unclassified, rule: "main:trailing".into() };
        }
    }
}

/// A single headline at the very end that links elsewhere is the first of a list whose rest is gone.
fn trim_headline(view: &View<'_>, is_kept: impl Fn(BlockId) -> bool, decisions: &mut [Decision]) {
    let is_linked = |id: BlockId| view.blocks.blocks[id].link_share() > 0.9;
    let mut kept = (0..decisions.len()).rev().filter(|id| decisions[*id] == Decision::Keep);
    let (Some(last), Some(before)) = (kept.next(), kept.next()) else { return };
    let is_heading = matches!(view.blocks.blocks[last].role, BlockRole::Heading(_));
    if is_heading && is_linked(last) && !is_linked(before) && !is_kept(last) {
        decisions[last] = Decision::Drop { kind: Boilerplate::RelatedList, rule: "main:trailing".into() };
    }
}

/// Leaves out what is left of a menu or a form: so few words, of so many, that they are no page's content. Whether nothing
/// is left.
fn leave_scant(view: &View<'_>, is_kept: impl Fn(BlockId) -> bool, decisions: &mut [Decision]) -> bool {
    let words = |id: BlockId| view.blocks.blocks[id].measure.words;
    let kept: Vec<BlockId> = (0..decisions.len()).filter(|id| decisions[*id] == Decision::Keep).collect();
    let left: f32 = kept.iter().map(|id| words(*id)).sum();
    let is_scant = left < LEAST_WORDS && left < SCANT_SHARE * (0..decisions.len()).map(words).sum::<f32>();
    if view.blocks.is_flat() || view.continues || !is_scant || kept.iter().any(|id| is_kept(*id)) {
        return false;
    }
    for id in kept {
        decisions[id] = Decision::Drop { kind: Boilerplate::Unclassified, rule: "main:scant".into() };
    }
    true
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::level::Level;
    use crate::extract::rules::tests::viewed;

    /// Whether a rule of a certainty gives way about a line, given what the model says of the line and of the page.
    fn gives_way(line: &str, kind: Boilerplate, certainty: Certainty, content: f32, on_article: bool) -> bool {
        let html = format!("<p>{line}</p>");
        let finding = Finding { block: 0, kind, rule: "phrase:en:x".into(), certainty, marks_end: false };
        let (content, is_sure_article, level) = (vec![content], on_article, Level::Balanced);
        let scores = Scores { on_article, is_sure_article, content, level };
        viewed(&html, |view| is_outweighed(view, &finding, &scores, &Options::default()))
    }

    const APPEAL: &str = "Sign up for our weekly letter and never miss a ferry again";

    #[test]
    fn on_articles_sure_rules_hold_and_others_give_way_to_likely_text() {
        use Boilerplate::Newsletter;
        assert!(!gives_way(APPEAL, Newsletter, Certainty::Sure, 0.99, true));
        assert!(gives_way(APPEAL, Newsletter, Certainty::Witnessed, 0.6, true));
        assert!(!gives_way(APPEAL, Newsletter, Certainty::Witnessed, 0.4, true));
        assert!(!gives_way("Sign up here", Newsletter, Certainty::Witnessed, 0.9, true), "a label");
    }

    #[test]
    fn on_other_pages_sure_words_hold_of_what_is_content_nowhere_unless_the_model_is_sure() {
        let gives_way = |line, kind, certainty, content| gives_way(line, kind, certainty, content, false);
        assert!(!gives_way(APPEAL, Boilerplate::Newsletter, Certainty::Sure, 0.7));
        assert!(gives_way(APPEAL, Boilerplate::Newsletter, Certainty::Sure, 0.9), "the model is sure");
        assert!(gives_way(APPEAL, Boilerplate::Newsletter, Certainty::Witnessed, 0.1), "the rule is not");
        assert!(gives_way("260 followers", Boilerplate::FollowUs, Certainty::Sure, 0.1), "a label");
        assert!(gives_way(APPEAL, Boilerplate::Comments, Certainty::Sure, 0.1), "forums have them");
    }

    #[test]
    fn what_is_left_of_a_menu_or_a_form_is_no_content() {
        let menu = "<li>Fish and crabs</li>".repeat(30);
        let form = "<p>Lissmouth Market</p><p>I'm shopping for ...</p>";
        let more = format!("{form}<p>{APPEAL}</p>");
        // How many paragraphs are left of a page whose menu is gone.
        let left = |html: &str, is_kept: bool, continues: bool| {
            viewed(html, |view| {
                let is_paragraph = |block: &crate::extract::Block| block.role == BlockRole::Paragraph;
                let gone = Decision::Drop { kind: Boilerplate::Nav, rule: "tag:nav".into() };
                let blocks = view.blocks.blocks.iter();
                let decision = |block| if is_paragraph(block) { Decision::Keep } else { gone.clone() };
                let mut decisions: Vec<Decision> = blocks.map(decision).collect();
                let is_scant = leave_scant(&View { continues, ..*view }, |_| is_kept, &mut decisions);
                let left = decisions.iter().filter(|decision| **decision == Decision::Keep).count();
                assert_eq!(is_scant, left == 0);
                left
            })
        };
        assert_eq!(left(&format!("{menu}{form}"), false, false), 0);
        assert_eq!(left(&format!("{menu}{form}"), true, false), 2, "the caller keeps it");
        assert_eq!(left(&format!("{menu}{form}"), false, true), 2, "the article of another page goes on");
        assert_eq!(left(&format!("{menu}{more}"), false, false), 3, "more words");
        assert_eq!(left(form, false, false), 2, "the page says no more");
    }

    #[test]
    fn two_names_or_a_tag_make_a_menu_and_one_name_does_not() {
        let is_menu = |rules: &[&str], kind: Boilerplate| {
            let finding = |rule: &&str| Finding {
                block: 0,
                kind,
                rule: (*rule).into(),
                certainty: Certainty::Sure,
                marks_end: false,
            };
            viewed("<p>Fish and crabs</p>", |view| menus(view, &rules.iter().map(finding).collect::<Vec<_>>()))
        };
        assert_eq!(is_menu(&["word:menu"], Boilerplate::Nav), [false]);
        assert_eq!(is_menu(&["word:menu", "word:menu"], Boilerplate::Nav), [false], "the same");
        assert_eq!(is_menu(&["word:menu", "word:navbar"], Boilerplate::Nav), [true]);
        assert_eq!(is_menu(&["tag:nav"], Boilerplate::Nav), [true]);
        assert_eq!(is_menu(&["phrase:en:menu", "word:menu"], Boilerplate::Nav), [false], "what it says is no name");
        assert_eq!(is_menu(&["tag:form"], Boilerplate::Newsletter), [false]);
    }
}
