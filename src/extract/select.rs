//! Which blocks are the main content, by what the model says of each.
//!
//! Articles keep what is likelier content than not. Other pages, where little is sure, keep the
//! blocks whose word F1 is expected to be best. The latter is the confidence of both
//! (EXTRACTION.md section 5, Selection).

use super::block::{BlockId, BlockRole};
use super::features::{Facts, LineFacts};
use super::level::Level;
use super::main_content::{self, MainContent};
use super::measure::ends_in_sentence;
use super::model::Model;
use super::rules::{Finding, View};
use super::{Options, decide};

/// From here a page is read as an article: rules hold, and it has an end.
pub(super) const ARTICLE_LIKELY: f32 = 0.5;

/// From here its blocks are judged by the trees of articles, each for itself. Below, those that have seen all
/// kinds of pages choose what promises the best word F1 (three runs out of fold: wcxb-dev +.003 against .5, and
/// fundus and trafeval the same).
pub(super) const ARTICLE_SURE: f32 = 0.7;

/// The same of a text without markup, which shows less of what it is: an article among menus and forms is easily
/// taken for another page, and that costs more than a list that is read as an article (one run out of fold: fundus
/// +.003 against .5 for both, the articles of wcxb-dev and all of it the same).
const ARTICLE_TEXT_LIKELY: f32 = 0.2;
const ARTICLE_TEXT_SURE: f32 = 0.4;

/// How much more word F1 another choice must promise to be taken in an article.
const TORN: f32 = 0.05;

/// From here a block is a sure part of the body.
pub(crate) const SURE: f32 = 0.8;

/// Words up to which a block between sure ones is taken along, and how likely it must be.
const ABSORBED_WORDS: f32 = 30.0;
const ABSORBED_LIKELY: f32 = 0.2;

/// How likely a paragraph must be that goes on right where a kept one ends, if the rules choose it too.
const CONTINUED_LIKELY: f32 = 0.1;

/// How likely one must be that goes on in another element.
const ALMOST_LIKELY: f32 = 0.4;

/// How many blocks back that one may stand.
const CONTINUED_REACH: usize = 4;

/// How likely a standfirst must be.
const STANDFIRST_LIKELY: f32 = 0.02;

/// What word F1 to expect where the block probabilities promise so much: they know nothing of what all
/// blocks of a page share, and promise too much in the middle. Fitted by `eval/reliability.py --fit` to
/// pages of fundus and wcxb-dev that the model was not trained on (docs/quality.md).
const CALIBRATION: [(f32, f32); 8] =
    [(0.0, 0.0), (0.6, 0.58), (0.75, 0.65), (0.85, 0.765), (0.9, 0.84), (0.95, 0.91), (0.98, 0.965), (1.0, 0.997)];

/// What the model says of a page.
#[derive(Debug)]
pub(crate) struct Scores {
    pub(crate) on_article: bool,
    /// Whether it is so likely one that each block is judged for itself.
    pub(crate) is_sure_article: bool,
    /// The probability of each block to be main content; 0 of those that rules settle.
    pub(crate) content: Vec<f32>,
    /// What to do with what is doubtful.
    pub(crate) level: Level,
}

/// Which blocks the model is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Those that it has a say in: most of a news page is left out by rules that it does not outweigh.
    Open,
    /// All, for whoever wants to know what it says of them. What is decided is the same.
    All,
}

/// What the model says of a block.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Opinion {
    /// How likely it is content, 0 to 1; `None` where the model was not asked.
    pub(crate) content: Option<f32>,
    /// Whether the model had a say in it.
    pub(crate) counts: bool,
}

impl Opinion {
    /// How likely it is content, where that had a say.
    pub(crate) fn that_counts(&self) -> Option<f32> {
        self.content.filter(|_| self.counts)
    }
}

/// What the model is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'q> {
    /// All that rules say.
    pub(crate) proposals: &'q [Finding],
    /// What of it counts.
    pub(crate) findings: &'q [Finding],
    /// What they would choose.
    pub(crate) by_rules: &'q MainContent,
    pub(crate) options: &'q Options,
    pub(crate) asked: Asked,
}

impl Question<'_> {
    /// By block, whether the model has a say in it.
    pub(crate) fn open(&self, view: &View<'_>, on_article: bool) -> Vec<bool> {
        let settled = decide::settled(view, self.findings, self.options, on_article);
        settled.into_iter().map(|is_settled| !is_settled).collect()
    }

    /// `open`: of [`Self::open`].
    pub(crate) fn is_asked(&self, id: BlockId, open: &[bool]) -> bool {
        self.asked == Asked::All || open[id]
    }
}

/// Asks the model. What it says of the blocks that it was asked about comes with the scores.
pub(crate) fn score(view: &View<'_>, model: &Model, question: &Question<'_>) -> (Scores, Vec<Opinion>) {
    if view.blocks.is_flat() {
        return score_lines(view, model, question);
    }
    let facts = Facts::gather(view, question.proposals, question.by_rules);
    let likely = if view.is_muted("page-kind") { 1.0 } else { model.is_article(facts.page(), facts.page_words()) };
    let (on_article, is_sure_article) = (likely > ARTICLE_LIKELY, likely > ARTICLE_SURE);
    let mut judge = model.judge(is_sure_article);
    let open = question.open(view, on_article);
    let is_asked = |id: BlockId| question.is_asked(id, &open);
    facts.each_row(&model.words, is_sure_article, is_asked, |_, row| judge.push(row));
    let (content, opinions) = heard(question, &open, judge.finish());
    (Scores { on_article, is_sure_article, content, level: question.options.level }, opinions)
}

fn score_lines(view: &View<'_>, model: &Model, question: &Question<'_>) -> (Scores, Vec<Opinion>) {
    let facts = LineFacts::gather(view, question.proposals, question.by_rules);
    let likely = if view.is_muted("page-kind") { 1.0 } else { model.is_article_text(facts.page(), facts.page_words()) };
    let (on_article, is_sure_article) = (likely > ARTICLE_TEXT_LIKELY, likely > ARTICLE_TEXT_SURE);
    let mut judge = model.judge(is_sure_article);
    let open = question.open(view, on_article);
    let is_asked = |id: BlockId| question.is_asked(id, &open);
    facts.each_row(Some(&model.words), is_asked, |_, row| judge.push(row));
    let (content, opinions) = heard(question, &open, judge.finish());
    (Scores { on_article, is_sure_article, content, level: question.options.level }, opinions)
}

/// The probabilities that count, and what the model says of each block.
fn heard(question: &Question<'_>, open: &[bool], answers: Vec<f32>) -> (Vec<f32>, Vec<Opinion>) {
    let mut answers = answers.into_iter();
    let opinion = |(id, is_open): (BlockId, &bool)| {
        let content = if question.is_asked(id, open) { answers.next() } else { None };
        Opinion { content, counts: *is_open }
    };
    let opinions: Vec<Opinion> = open.iter().enumerate().map(opinion).collect();
    (opinions.iter().map(|opinion| opinion.that_counts().unwrap_or(0.0)).collect(), opinions)
}

/// Chooses among the blocks that are not out.
pub(crate) fn select(view: &View<'_>, scores: &Scores, is_out: &[bool], by_rules: &MainContent) -> MainContent {
    if !scores.is_sure_article {
        return MainContent { is_main: best_expected(view, scores, is_out) };
    }
    let is_chosen = |id: BlockId| scores.content[id] >= scores.level.likely() && !is_out[id] && !is_counter(view, id);
    let mut is_main: Vec<bool> = (0..is_out.len()).map(is_chosen).collect();
    if !is_main.contains(&true) {
        return MainContent { is_main: by_rules.is_main.clone() };
    }
    keep_torn(view, scores, is_out, by_rules, &mut is_main);
    absorb(view, scores, is_out, by_rules, &mut is_main);
    let unlikely: Vec<bool> =
        scores.content.iter().zip(is_out).map(|(p, is_out)| *is_out || *p < STANDFIRST_LIKELY).collect();
    main_content::add_standfirst(view, &unlikely, &mut is_main);
    MainContent { is_main }
}

/// Where an article's blocks are alike and doubtful, some stand above the line and some below it. What
/// the rules choose is added then, where that promises more.
fn keep_torn(view: &View<'_>, scores: &Scores, is_out: &[bool], by_rules: &MainContent, is_main: &mut [bool]) {
    let total = total(view, scores, is_out);
    let promised = |is_kept: &dyn Fn(BlockId) -> bool| {
        let kept = (0..is_out.len()).filter(|id| is_kept(*id));
        let words = |id: BlockId| view.blocks.blocks[id].measure.words;
        let (right, all) =
            kept.fold((0.0, total), |(right, all), id| (right + scores.content[id] * words(id), all + words(id)));
        expected_f1(right, all)
    };
    let is_added = |id: BlockId| by_rules.is_main[id] && !is_out[id] && scores.content[id] >= CONTINUED_LIKELY;
    if promised(&|id| is_main[id] || is_added(id)) > promised(&|id| is_main[id]) + TORN {
        for id in (0..is_main.len()).filter(|id| is_added(*id)) {
            is_main[id] = true;
        }
    }
}

/// A paragraph that is one number.
fn is_counter(view: &View<'_>, id: BlockId) -> bool {
    let block = &view.blocks.blocks[id];
    block.role == BlockRole::Paragraph && view.blocks.text(block).chars().all(char::is_numeric)
}

/// Short doubtful blocks between two sure ones belong to them, and so do paragraphs that follow a
/// kept one in the same element, with the heading between.
fn absorb(view: &View<'_>, scores: &Scores, is_out: &[bool], by_rules: &MainContent, is_main: &mut [bool]) {
    let blocks = &view.blocks.blocks;
    let is_sure = |id: usize| scores.content.get(id).is_some_and(|likely| *likely >= SURE) && !is_out[id];
    let is_between = |id: usize| blocks[id].measure.words <= ABSORBED_WORDS && is_sure(id - 1) && is_sure(id + 1);
    for id in (1..is_main.len()).filter(|id| !is_out[*id]) {
        let likely = scores.content[id];
        is_main[id] |= likely >= ABSORBED_LIKELY && (is_between(id) || heads_kept(view, is_main, id));
        let is_text = blocks[id].is_prose() || blocks[id].links == 0 && ends_in_sentence(view.blocks.text(&blocks[id]));
        if is_main[id] || likely < CONTINUED_LIKELY || !by_rules.is_main[id] || !is_text {
            continue;
        }
        let own = main_content::flow(view, id);
        let is_before =
            |other: &BlockId| is_main[*other] && (likely >= ALMOST_LIKELY || main_content::flow(view, *other) == own);
        if let Some(before) = (id.saturating_sub(CONTINUED_REACH)..id).rev().find(is_before) {
            for between in (before + 1..=id).filter(|id| by_rules.is_main[*id] && !is_out[*id]) {
                is_main[between] = true;
            }
        }
    }
}

/// Whether a block is the heading of a kept paragraph that comes right after it: it goes only with its
/// section.
fn heads_kept(view: &View<'_>, is_main: &[bool], id: BlockId) -> bool {
    let blocks = &view.blocks.blocks;
    let is_heading = matches!(blocks[id].role, BlockRole::Heading(_)) && blocks[id].links == 0;
    is_heading && blocks.get(id + 1).is_some_and(|next| is_main[id + 1] && next.is_prose())
}

/// The blocks with the best expected word F1: the likeliest, as many as make it greatest.
fn best_expected(view: &View<'_>, scores: &Scores, is_out: &[bool]) -> Vec<bool> {
    let mut order = by_likelihood(scores, |id| !is_out[id] && !is_counter(view, id));
    order.retain(|id| scores.content[*id] >= scores.level.least_likely());
    let (count, _) = best_prefix(view, scores, &order, total(view, scores, is_out));
    let mut is_main = vec![false; is_out.len()];
    for id in &order[..count] {
        is_main[*id] = true;
    }
    is_main
}

/// The word F1 to be expected of the best choice, 0 to 1.
pub(crate) fn confidence(view: &View<'_>, scores: &Scores, is_out: &[bool]) -> f32 {
    let order = by_likelihood(scores, |id| !is_out[id]);
    calibrated(best_prefix(view, scores, &order, total(view, scores, is_out)).1)
}

/// On the broken line through [`CALIBRATION`].
fn calibrated(promised: f32) -> f32 {
    let above = CALIBRATION.iter().position(|(knot, _)| promised <= *knot).unwrap_or(CALIBRATION.len() - 1).max(1);
    let ((low, from), (high, to)) = (CALIBRATION[above - 1], CALIBRATION[above]);
    from + (to - from) * ((promised - low) / (high - low)).clamp(0.0, 1.0)
}

/// Expected words of content among what is not out.
fn total(view: &View<'_>, scores: &Scores, is_out: &[bool]) -> f32 {
    let expected = |id: usize| scores.content[id] * view.blocks.blocks[id].measure.words;
    (0..is_out.len()).filter(|id| !is_out[*id]).map(expected).sum()
}

fn by_likelihood(scores: &Scores, is_in: impl Fn(BlockId) -> bool) -> Vec<BlockId> {
    let mut order: Vec<BlockId> = (0..scores.content.len()).filter(|id| is_in(*id)).collect();
    order.sort_by(|a, b| scores.content[*b].total_cmp(&scores.content[*a]).then(a.cmp(b)));
    order
}

/// The word F1 to be expected of `right` expected words of content among those kept: 2 sum(p w) /
/// (sum(w) + all expected words), the latter two being `all`.
fn expected_f1(right: f32, all: f32) -> f32 {
    2.0 * right / all.max(f32::MIN_POSITIVE)
}

/// How many blocks of the order to keep, and the word F1 to be expected then.
fn best_prefix(view: &View<'_>, scores: &Scores, order: &[BlockId], total: f32) -> (usize, f32) {
    let (mut right, mut kept) = (0.0, 0.0);
    let mut best = (0, 0.0);
    for (index, id) in order.iter().enumerate() {
        let words = view.blocks.blocks[*id].measure.words;
        right += scores.content[*id] * words;
        kept += words;
        let expected = expected_f1(right, kept + total);
        if expected >= best.1 {
            best = (index + 1, expected);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::rules::tests::viewed;

    /// About twenty words of prose.
    const PROSE: &str = "The ferry left the northern pier at dawn and came back before the tide turned, as it has on \
                         every working day since the war.";

    /// What is chosen of a page, given what the model says of each block and what the rules chose.
    fn chosen(html: &str, on_article: bool, content: &[f32], by_rules: &[BlockId]) -> Vec<BlockId> {
        chosen_at(Level::Balanced, html, on_article, content, by_rules)
    }

    fn chosen_at(level: Level, html: &str, on_article: bool, content: &[f32], by_rules: &[BlockId]) -> Vec<BlockId> {
        let scores = Scores { on_article, is_sure_article: on_article, content: content.to_vec(), level };
        chosen_by(&scores, html, by_rules)
    }

    fn chosen_by(scores: &Scores, html: &str, by_rules: &[BlockId]) -> Vec<BlockId> {
        let content = &scores.content;
        viewed(html, |view| {
            assert_eq!(view.blocks.blocks.len(), content.len(), "a score for each block");
            let by_rules = MainContent { is_main: (0..content.len()).map(|id| by_rules.contains(&id)).collect() };
            let main = select(view, scores, &vec![false; content.len()], &by_rules);
            (0..content.len()).filter(|id| main.is_main[*id]).collect()
        })
    }

    #[test]
    fn calibration_rises_from_nothing_to_almost_all() {
        let line: Vec<f32> = (0_u8..=100).map(|percent| calibrated(f32::from(percent) / 100.0)).collect();
        assert_eq!((line[0], line[75], line[100]), (0.0, 0.65, 0.997));
        assert!(line.windows(2).all(|pair| pair[0] < pair[1]), "{line:?}");
    }

    fn paragraphs(count: usize) -> String {
        format!("<p>{PROSE}</p>").repeat(count)
    }

    #[test]
    fn articles_keep_what_is_likelier_content_than_not() {
        assert_eq!(chosen(&paragraphs(4), true, &[0.9, 0.4, 0.5, 0.05], &[]), [0, 2]);
    }

    #[test]
    fn a_level_moves_the_line_of_doubt() {
        let (page, content) = (paragraphs(4), [0.9, 0.6, 0.4, 0.05]);
        assert_eq!(chosen_at(Level::Strict, &page, true, &content, &[]), [0]);
        assert_eq!(chosen_at(Level::Balanced, &page, true, &content, &[]), [0, 1]);
        assert_eq!(chosen_at(Level::Generous, &page, true, &content, &[]), [0, 1, 2]);
    }

    #[test]
    fn a_short_doubtful_block_between_sure_ones_is_taken_along() {
        let page = format!("<p>{PROSE}</p><p>Nobody did.</p><p>{PROSE}</p>");
        assert_eq!(chosen(&page, true, &[0.9, 0.3, 0.9], &[]), [0, 1, 2]);
        assert_eq!(chosen(&page, true, &[0.9, 0.1, 0.9], &[]), [0, 2], "too unlikely");
        assert_eq!(chosen(&page, true, &[0.9, 0.3, 0.6], &[]), [0, 2], "not between sure ones");
    }

    #[test]
    fn a_paragraph_that_the_rules_choose_too_goes_on_in_the_element_of_a_kept_one() {
        let page = format!("<div>{}</div><aside><p>{PROSE}</p></aside>", paragraphs(2));
        assert_eq!(chosen(&page, true, &[0.9, 0.2, 0.2], &[0, 1, 2]), [0, 1]);
        assert_eq!(chosen(&page, true, &[0.9, 0.2, 0.2], &[0]), [0], "the rules do not choose it");
    }

    #[test]
    fn an_article_of_alike_doubtful_blocks_is_kept_whole_where_the_rules_choose_them() {
        // Each stands in an element of its own, so that none continues another.
        let page = format!("<div><p>{PROSE}</p></div>").repeat(5);
        let doubtful = [0.55, 0.35, 0.35, 0.35, 0.35];
        assert_eq!(chosen(&page, true, &doubtful, &[0, 1, 2, 3, 4]), [0, 1, 2, 3, 4]);
        assert_eq!(chosen(&page, true, &doubtful, &[0]), [0], "the rules do not choose them");
        assert_eq!(chosen(&page, true, &[0.99, 0.12, 0.12, 0.12, 0.12], &[0, 1, 2, 3, 4]), [0], "nothing is torn");
    }

    #[test]
    fn a_heading_goes_only_with_its_section() {
        let page = format!("<p>{PROSE}</p><h2>What it cost</h2><p>{PROSE}</p>");
        assert_eq!(chosen(&page, true, &[0.6, 0.3, 0.6], &[]), [0, 1, 2]);
        assert_eq!(chosen(&page, true, &[0.6, 0.3, 0.1], &[]), [0], "its section is gone");
        assert_eq!(chosen(&page, true, &[0.6, 0.1, 0.6], &[]), [0, 2], "too unlikely");
    }

    #[test]
    fn a_paragraph_that_is_a_number_is_a_counter() {
        assert_eq!(chosen(&format!("<p>{PROSE}</p><p>128</p>"), true, &[0.9, 0.9], &[]), [0]);
    }

    #[test]
    fn an_article_that_the_model_finds_nothing_in_is_left_to_the_rules() {
        assert_eq!(chosen(&paragraphs(3), true, &[0.4, 0.3, 0.2], &[1]), [1]);
    }

    #[test]
    fn a_page_that_is_barely_an_article_keeps_what_promises_the_best_word_f1() {
        let scores = |is_sure_article| Scores {
            on_article: true,
            is_sure_article,
            content: vec![0.9, 0.45, 0.4, 0.1],
            level: Level::Balanced,
        };
        assert_eq!(chosen_by(&scores(true), &paragraphs(4), &[]), [0]);
        assert_eq!(chosen_by(&scores(false), &paragraphs(4), &[]), [0, 1, 2]);
    }

    #[test]
    fn a_short_sentence_goes_on_in_the_element_of_a_kept_one() {
        let page = format!("<div><p>{PROSE}</p><p>Nobody came.</p><p>More</p></div>");
        assert_eq!(chosen(&page, true, &[0.9, 0.4, 0.4], &[0, 1, 2]), [0, 1], "a line is no sentence");
    }

    #[test]
    fn other_pages_keep_what_promises_the_best_word_f1() {
        assert_eq!(chosen(&paragraphs(4), false, &[0.9, 0.45, 0.4, 0.1], &[]), [0, 1, 2]);
        assert_eq!(chosen(&paragraphs(4), false, &[0.99, 0.99, 0.4, 0.1], &[]), [0, 1]);
        assert_eq!(chosen(&paragraphs(2), false, &[0.2, 0.1], &[0, 1]), [0; 0], "nothing is likely");
    }
}
