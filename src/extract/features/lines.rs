//! What the model knows of a line of a text without markup, and of the text as a whole.
//!
//! What stands around a block on a page is here what stands before and behind the line: how much prose, how
//! many short lines, how far from the run of prose lines that is the likeliest body, how long ago something
//! ended an article, and whether the line speaks of what that run speaks of.

use super::line_page::{TextFeatures, page_words};
use super::place::{CAPPED_BLOCKS, FAR, Place, places};
use super::runs::{Run, Since, Sum, distances, is_ruled, runs, sums};
use super::text::{self, TextFacts};
use super::{TokenTable, families, family, features, flag, is_long, line_words};
use crate::extract::block::{BlockId, BlockRole, Boilerplate};
use crate::extract::main_content::MainContent;
use crate::extract::rules::{Finding, View};
use line_words::LineWords;
use std::collections::VecDeque;

features! {
    /// A line by itself, by its place, and by the text it stands in. Units as in [`super::BlockFeatures`];
    /// distances in lines.
    LineFeatures {
        // The text.
        wt logwt awl chars_per_word sent sentw comma endp endcolon endell start_l start_q pipe digit upw allcap
        excl quest price clock atsign copyc stopish spaceless
        // How it stands: bullets, blank lines around it, role; what the head says it is; copies.
        bullet blanks blanks_after joined heading item said tj dup
        // The place, and the distance to the headline.
        pos idx ridx wpos gpos gbefore gafter prevl nextl dtitle
        // The run of prose lines that it stands in, and the best one; `best_before` and `best_after` count
        // lines up to it and from it.
        run_n run_w run_share best_before best_after best_share in_best
        // Six lines before and six behind.
        nb_w na_w nb_short na_short nb_sent na_sent nb_hit na_hit nb_caps na_caps
        // Shares of its longer words that the best run and the headline have too, itself apart.
        topic topic_title
        // What rules and phrases say; marks are lines that end articles.
        rule_phrase rule_company rule_headline rule_copy rule_line heard hit is_main main_before main_after
        marks since_mark since_rule until_rule
        // The score of its words and its neighbours', written by the model (0 in a dump).
        attr
        // The text as a whole.
        pg_n pg_w pg_logw pg_nlong pg_flong pg_cw pg_maxw pg_wpb pg_blank pg_joined pg_hits pg_caps pg_short
        pg_main_w pg_best_share
    }
}

features! {
    /// What a line tells its neighbours of itself.
    LineNeighbour { wt sentw endp upw digit clock dup attr ruled long blanks is_main }
}

/// Where neighbours stand, and what their columns end in.
const NEIGHBOURS: [(isize, &str); 6] = [(-3, "m3"), (-2, "m2"), (-1, "m1"), (1, "p1"), (2, "p2"), (3, "p3")];

/// How far neighbours reach.
const REACH: usize = 3;

/// Values in a row.
pub(crate) const LINE_ROW: usize = LineFeatures::NAMES.len() + NEIGHBOURS.len() * LineNeighbour::NAMES.len();

/// A neighbour's value outside the text.
const OUTSIDE: f32 = -5.0;

/// How many lines on either side make the density around a line.
const DENSITY: usize = 6;

/// The names of a row's values, in their order.
pub(crate) fn line_names() -> Vec<String> {
    let own = LineFeatures::NAMES.iter().map(|name| (*name).to_owned());
    let neighbours =
        NEIGHBOURS.iter().flat_map(|(_, end)| LineNeighbour::NAMES.iter().map(move |name| format!("{name}_{end}")));
    own.chain(neighbours).collect()
}

/// Everything about a text that a row is made of.
pub(crate) struct LineFacts<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) texts: Vec<TextFacts>,
    /// Which families of rules speak against each line, and which lines end articles.
    pub(super) rules: Vec<u16>,
    is_mark: Vec<bool>,
    pub(super) is_main: &'a [bool],
    pub(super) places: Vec<Place>,
    pub(super) sums: Vec<Sum>,
    /// By line the number of its run; runs in order; the best.
    run_of: Vec<Option<u32>>,
    pub(super) runs: Vec<Run>,
    pub(super) best: Option<Run>,
    words: LineWords,
    title: Option<BlockId>,
    main: Option<(BlockId, BlockId)>,
    page: TextFeatures,
    page_words: Vec<String>,
}

impl<'a> LineFacts<'a> {
    /// Gathers, in a few passes over the lines.
    pub(crate) fn gather(view: &'a View<'a>, findings: &[Finding], main: &'a MainContent) -> Self {
        let mut words = LineWords::default();
        let texts = text::facts_and_words(view, |text, facts, long| words.take(text, facts, long));
        let rules = families(view, findings);
        let mut is_mark = vec![false; rules.len()];
        for finding in findings.iter().filter(|finding| finding.marks_end) {
            is_mark[finding.block] = true;
        }
        let (runs, run_of) = runs(view, &rules);
        // Of runs of equal length the first.
        let best = runs.iter().copied().rev().max_by(|a, b| a.words.total_cmp(&b.words));
        words.set_best(best.map_or(0..0, |run| run.first..run.last + 1));
        let first = main.is_main.iter().position(|it| *it);
        let last = main.is_main.iter().rposition(|it| *it);
        let title = view.blocks.lines.iter().position(|line| line.metadata == Some(Boilerplate::HeadlineCopy));
        let sums = sums(view, &texts, &rules);
        let mut facts = Self {
            view,
            texts,
            rules,
            is_mark,
            is_main: &main.is_main,
            places: places(view),
            sums,
            run_of,
            runs,
            best,
            words,
            title,
            main: first.zip(last),
            page: TextFeatures::default(),
            page_words: page_words(findings),
        };
        facts.page = facts.page_features();
        facts
    }

    /// The text as a whole.
    pub(crate) fn page(&self) -> &TextFeatures {
        &self.page
    }

    /// Words that tell the text's kind, sorted, each once.
    pub(crate) fn page_words(&self) -> &[String] {
        &self.page_words
    }

    /// The near and the far words of a line as they are written for training.
    pub(super) fn words_of(&self, id: BlockId) -> (Vec<String>, Vec<String>) {
        line_words::around(self.view, id)
    }

    /// Makes the rows of the lines that are asked about, in order. `scores` weighs words; without it `attr` is 0.
    pub(crate) fn each_row(
        &self,
        scores: Option<&TokenTable>,
        is_asked: impl Fn(BlockId) -> bool,
        mut each: impl FnMut(BlockId, &[f32]),
    ) {
        let count = self.places.len();
        let scores = scores.map(|table| line_words::scores(self.view, table));
        let attr = |id: BlockId| scores.as_ref().map_or(0.0, |scores| scores[id]);
        let since = distances(&self.rules, &self.is_mark);
        let mut window: VecDeque<(LineFeatures, LineNeighbour)> = VecDeque::with_capacity(2 * REACH + 1);
        let mut row = Vec::with_capacity(LINE_ROW);
        for id in 0..count + REACH {
            if let Some(since) = since.get(id) {
                let own = self.own(id, attr(id), since);
                window.push_back((own, self.to_neighbours(id, &own)));
            }
            let Some(center) = id.checked_sub(REACH) else { continue };
            let first = (id + 1).min(count).saturating_sub(window.len());
            if is_asked(center) {
                row.clear();
                window[center - first].0.write(&mut row);
                for (offset, _) in NEIGHBOURS {
                    let at = center.checked_add_signed(offset).filter(|id| *id >= first);
                    match at.and_then(|id| window.get(id - first)) {
                        Some((_, neighbour)) => neighbour.write(&mut row),
                        None => row.extend(std::iter::repeat_n(OUTSIDE, LineNeighbour::NAMES.len())),
                    }
                }
                each(center, &row);
            }
            if center >= first + REACH {
                window.pop_front();
            }
        }
    }

    fn own(&self, id: BlockId, attr: f32, since: &Since) -> LineFeatures {
        let mut line = LineFeatures { attr, ..LineFeatures::default() };
        self.set_text(&mut line, id);
        self.set_place(&mut line, id);
        self.set_runs(&mut line, id);
        self.set_density(&mut line, id);
        self.set_rules(&mut line, id, since);
        self.set_page(&mut line);
        line
    }

    fn set_text(&self, f: &mut LineFeatures, id: BlockId) {
        let block = &self.view.blocks.blocks[id];
        let (measure, text, line) = (block.measure, &self.texts[id], self.view.blocks.lines[id]);
        let runs = text.words.max(1) as f32;
        f.wt = measure.words;
        f.logwt = measure.words.ln_1p();
        f.awl = text.letters as f32 / runs;
        f.chars_per_word = measure.chars as f32 / measure.words.max(1.0);
        f.sent = measure.sentences as f32;
        f.sentw = 10.0 * f.sent / (measure.words + 1.0);
        f.comma = 10.0 * text.commas as f32 / (measure.words + 1.0);
        f.endp = flag(text.has(text::ENDS_SENTENCE));
        f.endcolon = flag(text.has(text::ENDS_COLON));
        f.endell = flag(text.has(text::ENDS_ELLIPSIS));
        f.start_l = flag(text.has(text::STARTS_LOWER));
        f.start_q = flag(text.has(text::STARTS_QUOTE));
        f.pipe = f32::from(text.pipes);
        f.digit = text.digits as f32 / measure.chars.max(1) as f32;
        f.upw = text.capitalised as f32 / runs;
        f.allcap = flag(text.has(text::ALL_CAPITALS));
        f.excl = f32::from(text.exclamations);
        f.quest = f32::from(text.questions);
        f.price = flag(text.has(text::PRICE));
        f.clock = flag(text.has(text::CLOCK));
        f.atsign = flag(text.has(text::ADDRESS));
        f.copyc = flag(text.has(text::COPYRIGHT));
        f.stopish = text.short_words as f32 / runs;
        f.spaceless = flag(text.has(text::SPACELESS));
        f.bullet = flag(line.is_bulleted);
        f.blanks = f32::from(line.blanks_before);
        f.blanks_after = self.view.blocks.lines.get(id + 1).map_or(-1.0, |next| f32::from(next.blanks_before));
        f.joined = f32::from(line.joined.min(50));
        f.heading = flag(matches!(block.role, BlockRole::Heading(_)));
        f.item = flag(matches!(block.role, BlockRole::Item(..)));
        f.said = match line.metadata {
            None => 0.0,
            Some(Boilerplate::HeadlineCopy) => 1.0,
            Some(Boilerplate::Byline) => 2.0,
            Some(_) => 3.0,
        };
        f.tj = text.title_likeness;
        f.dup = text.copies as f32;
        let (topic, topic_title) = self.words.shared(id, self.title);
        (f.topic, f.topic_title) = (topic, topic_title);
    }

    fn set_place(&self, f: &mut LineFeatures, id: BlockId) {
        let (count, place) = (self.places.len(), &self.places[id]);
        let is_long = flag(is_long(&self.view.blocks.blocks[id]));
        f.pos = id as f32 / count as f32;
        f.idx = (id as f32).min(CAPPED_BLOCKS);
        f.ridx = ((count - id) as f32).min(CAPPED_BLOCKS);
        f.wpos = place.words_before / self.page.w.max(1.0);
        f.gpos = place.long_words_before / (self.page.cw * self.page.w).max(1.0);
        f.gbefore = (place.long_before as f32).min(CAPPED_BLOCKS);
        f.gafter = (self.page.nlong - place.long_before as f32 - is_long).clamp(0.0, CAPPED_BLOCKS);
        f.prevl = place.previous_long;
        f.nextl = place.next_long;
        let from = |title| (id as f32 - title as f32).clamp(-CAPPED_BLOCKS, CAPPED_BLOCKS);
        f.dtitle = self.title.map_or(-FAR, from);
    }

    fn set_runs(&self, f: &mut LineFeatures, id: BlockId) {
        let all: f32 = self.runs.iter().map(|run| run.words).sum::<f32>().max(1.0);
        if let Some(run) = self.run_of[id].map(|run| self.runs[run as usize]) {
            f.run_n = run.lines as f32;
            f.run_w = run.words;
            f.run_share = run.words / all;
        }
        let Some(best) = self.best else {
            (f.best_before, f.best_after) = (-1.0, -1.0);
            return;
        };
        f.best_before = (best.first.saturating_sub(id) as f32).min(CAPPED_BLOCKS);
        f.best_after = (id.saturating_sub(best.last) as f32).min(CAPPED_BLOCKS);
        f.best_share = best.words / all;
        f.in_best = flag((best.first..=best.last).contains(&id));
    }

    fn set_density(&self, f: &mut LineFeatures, id: BlockId) {
        let count = self.places.len();
        let within = |from: usize, to: usize| {
            let (a, b) = (&self.sums[from], &self.sums[to]);
            let (lines, words) = (((to - from) as f32).max(1.0), (b.words - a.words).max(1.0));
            let per_line = |a: f32, b: f32| (b - a) / lines;
            (
                per_line(a.words, b.words),
                per_line(a.short, b.short),
                10.0 * (b.sentences - a.sentences) / words,
                per_line(a.hits, b.hits),
                per_line(a.capitals, b.capitals),
            )
        };
        (f.nb_w, f.nb_short, f.nb_sent, f.nb_hit, f.nb_caps) = within(id.saturating_sub(DENSITY), id);
        (f.na_w, f.na_short, f.na_sent, f.na_hit, f.na_caps) = within(id + 1, (id + 1 + DENSITY).min(count));
    }

    fn set_rules(&self, f: &mut LineFeatures, id: BlockId, since: &Since) {
        let says = |family| flag(self.rules[id] & family != 0);
        f.rule_phrase = says(family::PHRASE);
        f.rule_company = says(family::COMPANY);
        f.rule_headline = says(family::HEADLINE);
        f.rule_copy = says(family::COPY);
        f.rule_line = says(family::LINE);
        f.heard = says(family::HEARD);
        f.hit = flag(is_ruled(self.rules[id]));
        f.is_main = flag(self.is_main[id]);
        let (first, last) = self.main.unwrap_or((0, 0));
        f.main_before = (first.saturating_sub(id) as f32).min(CAPPED_BLOCKS);
        f.main_after = (id.saturating_sub(last) as f32).min(CAPPED_BLOCKS);
        f.marks = since.marks.min(9.0);
        f.since_mark = since.mark;
        f.since_rule = since.rule;
        f.until_rule = since.until_rule;
    }

    fn set_page(&self, f: &mut LineFeatures) {
        let page = &self.page;
        f.pg_n = page.n;
        f.pg_w = page.w;
        f.pg_logw = page.logw;
        f.pg_nlong = page.nlong;
        f.pg_flong = page.flong;
        f.pg_cw = page.cw;
        f.pg_maxw = page.maxw;
        f.pg_wpb = page.wpb;
        f.pg_blank = page.blank;
        f.pg_joined = page.joined;
        f.pg_hits = page.hits;
        f.pg_caps = page.caps;
        f.pg_short = page.short;
        f.pg_main_w = page.main_w;
        f.pg_best_share = page.best_share;
    }

    fn to_neighbours(&self, id: BlockId, f: &LineFeatures) -> LineNeighbour {
        LineNeighbour {
            wt: f.wt,
            sentw: f.sentw,
            endp: f.endp,
            upw: f.upw,
            digit: f.digit,
            clock: f.clock,
            dup: f.dup,
            attr: f.attr,
            ruled: f.hit,
            long: flag(is_long(&self.view.blocks.blocks[id])),
            blanks: f.blanks,
            is_main: f.is_main,
        }
    }
}
