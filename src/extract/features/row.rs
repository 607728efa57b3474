//! The rows of a page's blocks, made one after the other.

use super::family;
use super::path::{ANCESTORS, Path, Step};
use super::place::{CAPPED_BLOCKS, FAR};
use super::twins::Twins;
use super::words::{self, Around, Scores, TokenTable};
use super::{BlockFeatures, CONTAINERS, ContainerFeatures, Facts, NEIGHBOURS, NeighbourFeatures, ROW, TwinFeatures};
use super::{flag, is_long, text};
use crate::extract::block::{Block, BlockId, BlockRole, RegionId};
use crate::extract::dom::Tag;
use std::collections::VecDeque;

/// A neighbour's value outside the page.
const OUTSIDE: f32 = -5.0;

/// How far away neighbours may stand.
const REACH: usize = 2;

/// Tags a block's nearest element may have; the place in the list is the feature `tag`.
const OWNERS: &[Tag] = {
    use Tag::*;
    &[
        P, Blockquote, Pre, Li, Dd, Td, Div, Section, Article, Main, H1, H2, H3, H4, H5, H6, Figcaption, Span, Th, Dt,
        Summary, Caption, Figure, Header, Footer, Aside, Nav, Form, Label, Legend, Button, A, Body,
    ]
};

impl Facts<'_> {
    /// Makes the rows of the blocks that are asked about, in order. `table` weighs the words around blocks. On an
    /// article, whose trees do not ask for them, twins are not looked for and their columns 0.
    pub(crate) fn each_row(
        &self,
        table: &TokenTable,
        on_article: bool,
        is_asked: impl Fn(BlockId) -> bool,
        mut each: impl FnMut(BlockId, &[f32]),
    ) {
        let blocks = &self.view.blocks.blocks;
        let mut path = Path::new(self.view, &self.sums);
        let mut scores = Scores::new(self.view, table);
        let around: Vec<Around> =
            if on_article { vec![] } else { blocks.iter().map(|block| scores.of(block)).collect() };
        let twins = (!on_article).then(|| Twins::of(self, &around));
        let mut own = |id: BlockId| {
            let step = path.go_to(blocks[id].region);
            let attr = around.get(id).map_or_else(|| scores.of(&blocks[id]).score, |around| around.score);
            self.own(id, step, attr)
        };
        let is_near = |id: BlockId| (id.saturating_sub(REACH)..blocks.len().min(id + REACH + 1)).any(&is_asked);
        // The block in the center and those around it that its row tells of; of no use where no row asks.
        let mut window: VecDeque<Option<Own>> = VecDeque::with_capacity(2 * REACH + 2);
        let mut row = Vec::with_capacity(ROW);
        for id in 0..blocks.len() + REACH {
            window.push_back((id < blocks.len() && is_near(id)).then(|| own(id)));
            if window.len() > 2 * REACH + 1 {
                window.pop_front();
            }
            let Some(center) = id.checked_sub(REACH).filter(|center| is_asked(*center)) else { continue };
            let at = window.len() - 1 - REACH;
            row.clear();
            window[at].iter().for_each(|own| own.write(&mut row));
            for (offset, _) in NEIGHBOURS {
                match at.checked_add_signed(offset).and_then(|at| window.get(at)?.as_ref()) {
                    Some(own) => own.to_neighbours().write(&mut row),
                    None => row.extend(std::iter::repeat_n(OUTSIDE, NeighbourFeatures::NAMES.len())),
                }
            }
            twins.as_ref().map_or_else(TwinFeatures::default, |twins| twins.features(self, center)).write(&mut row);
            each(center, &row);
        }
    }

    fn own(&self, id: BlockId, step: &Step, attr: f32) -> Own {
        let mut block = BlockFeatures { attr, ..BlockFeatures::default() };
        self.set_text(&mut block, id);
        self.set_markup(&mut block, id, step);
        self.set_place(&mut block, id);
        self.set_rules(&mut block, id);
        self.set_page(&mut block);
        let containers = std::array::from_fn(|level| self.container(id, step.containers[level]));
        Own { block, containers }
    }

    fn set_text(&self, f: &mut BlockFeatures, id: BlockId) {
        let measure = self.view.blocks.blocks[id].measure;
        let text = &self.texts[id];
        let words = measure.words;
        let runs = text.words.max(1) as f32;
        f.wt = words;
        f.logwt = words.ln_1p();
        f.awl = text.letters as f32 / runs;
        f.chars_per_word = measure.chars as f32 / words.max(1.0);
        f.sent = measure.sentences as f32;
        f.sentw = 10.0 * f.sent / (words + 1.0);
        f.comma = 10.0 * text.commas as f32 / (words + 1.0);
        f.endp = flag(text.has(text::ENDS_SENTENCE));
        f.endcolon = flag(text.has(text::ENDS_COLON));
        f.endell = flag(text.has(text::ENDS_ELLIPSIS));
        f.start_l = flag(text.has(text::STARTS_LOWER));
        f.start_q = flag(text.has(text::STARTS_QUOTE));
        f.pipe = text.pipes as f32;
        f.digit = text.digits as f32 / measure.chars.max(1) as f32;
        f.upw = text.capitalised as f32 / runs;
        f.allcap = flag(text.has(text::ALL_CAPITALS));
        f.excl = text.exclamations as f32;
        f.quest = text.questions as f32;
        f.price = flag(text.has(text::PRICE));
        f.clock = flag(text.has(text::CLOCK));
        f.atsign = flag(text.has(text::ADDRESS));
        f.copyc = flag(text.has(text::COPYRIGHT));
        f.stopish = text.short_words as f32 / runs;
        f.spaceless = flag(text.has(text::SPACELESS));
        f.tj = text.title_likeness;
        f.descj = text.description_share;
        f.in_desc = text.description_grams;
        f.dup = text.copies as f32;
    }

    fn set_markup(&self, f: &mut BlockFeatures, id: BlockId, step: &Step) {
        let Block { region, role, links, is_hidden, .. } = self.view.blocks.blocks[id];
        let block = &self.view.blocks.blocks[id];
        let inline = self.view.blocks.inline(block);
        let is_inside = |tags: &[Tag]| {
            inline
                .iter()
                .rev()
                .take(words::INLINE_ELEMENTS)
                .any(|node| self.view.document.tag(*node).is_some_and(|tag| tags.contains(&tag)))
        };
        f.ld = block.link_share();
        f.nl = links as f32;
        f.nlw = block.measure.words * (1.0 - f.ld);
        f.bold = flag(is_inside(&[Tag::B, Tag::Strong]));
        f.small = flag(is_inside(&[Tag::Small]));
        f.em = flag(is_inside(&[Tag::Em, Tag::I, Tag::Cite]));
        f.img = self.sums.own_images(region);
        f.timetag = flag(self.sums.has_time(region));
        f.ninner = inline.len().min(8) as f32;
        f.tag = owner_index(self.view.blocks.regions[region].tag);
        f.hl = if let BlockRole::Heading(level) = role { f32::from(level) } else { 0.0 };
        f.depth = step.depth as f32;
        f.hidden = flag(is_hidden);
        f.role = role_index(role);
        f.quoted = flag(role == BlockRole::Quote);
        self.set_ancestors(f, step);
        f.same = self.view.blocks.regions[region].alike.min(1000) as f32;
        if let Some(repeated) = step.repeated {
            let region = &self.view.blocks.regions[repeated];
            f.rep_n = region.alike.min(1000) as f32;
            f.rep_d = (step.depth - step.repeated_depth) as f32;
            f.rep_w = self.sums.words(repeated);
            f.rep_ld = region.link_share();
        } else {
            f.rep_d = -1.0;
        }
        f.top_up = step.top_up as f32;
        f.top_k = step.top_level as f32;
        f.top_share = self.sums.top_share();
        f.sc_rel = step.score_near;
    }

    fn set_ancestors(&self, f: &mut BlockFeatures, step: &Step) {
        let fields: [&mut f32; ANCESTORS] = [
            &mut f.anc_article,
            &mut f.anc_main,
            &mut f.anc_section,
            &mut f.anc_aside,
            &mut f.anc_nav,
            &mut f.anc_header,
            &mut f.anc_footer,
            &mut f.anc_form,
            &mut f.anc_table,
            &mut f.anc_ul,
            &mut f.anc_ol,
            &mut f.anc_li,
            &mut f.anc_dl,
            &mut f.anc_figure,
            &mut f.anc_blockquote,
            &mut f.anc_details,
            &mut f.anc_dialog,
            &mut f.anc_noscript,
            &mut f.anc_a,
            &mut f.anc_pre,
            &mut f.anc_button,
        ];
        for (field, depth) in fields.into_iter().zip(step.ancestors) {
            *field = if depth == 0 { -1.0 } else { (step.depth - u32::from(depth)) as f32 };
        }
    }

    fn set_place(&self, f: &mut BlockFeatures, id: BlockId) {
        let count = self.places.len();
        let place = &self.places[id];
        let (all_words, long_words) = (self.sums.words(0).max(1.0), self.sums.long_words(0).max(1.0));
        let all_long = self.page.nlong;
        let is_long = flag(is_long(&self.view.blocks.blocks[id]));
        f.pos = id as f32 / count as f32;
        f.idx = (id as f32).min(CAPPED_BLOCKS);
        f.ridx = ((count - id) as f32).min(CAPPED_BLOCKS);
        f.wpos = place.words_before / all_words;
        f.gpos = place.long_words_before / long_words;
        f.gbefore = (place.long_before as f32).min(CAPPED_BLOCKS);
        f.gafter = (all_long - place.long_before as f32 - is_long).clamp(0.0, CAPPED_BLOCKS);
        f.prevl = place.previous_long;
        f.nextl = place.next_long;
        match self.headline {
            Some(headline) => {
                f.dh1 = (id as f32 - headline as f32).clamp(-CAPPED_BLOCKS, CAPPED_BLOCKS);
                f.wdh1 = (place.words_before - self.places[headline].words_before) / all_words;
                f.ish1 = flag(id == headline);
            }
            None => (f.dh1, f.wdh1, f.ish1) = (-FAR, -FAR, 0.0),
        }
        match place.heading {
            Some(heading) => {
                let heading = heading as usize;
                let block = &self.view.blocks.blocks[heading];
                f.dh = ((id - heading) as f32).min(CAPPED_BLOCKS);
                f.hh = if let BlockRole::Heading(level) = block.role { f32::from(level) } else { 0.0 };
                f.hw = block.measure.words;
                f.hrule = flag(self.rules[heading] & !family::HEADLINE != 0);
            }
            None => f.dh = -1.0,
        }
    }

    fn set_rules(&self, f: &mut BlockFeatures, id: BlockId) {
        let says = |family| flag(self.rules[id] & family != 0);
        f.rule_word = says(family::WORD);
        f.rule_role = says(family::ROLE);
        f.rule_phrase = says(family::PHRASE);
        f.rule_company = says(family::COMPANY);
        f.rule_link = says(family::LINK);
        f.rule_hidden = says(family::HIDDEN);
        f.rule_headline = says(family::HEADLINE);
        f.rule_copy = says(family::COPY);
        f.is_main = flag(self.is_main[id]);
        let (first, last) = self.main.unwrap_or((0, 0));
        f.main_before = first.saturating_sub(id) as f32;
        f.main_after = id.saturating_sub(last) as f32;
    }

    fn set_page(&self, f: &mut BlockFeatures) {
        let page = &self.page;
        f.pg_n = page.n;
        f.pg_w = page.w;
        f.pg_logw = page.logw;
        f.pg_ld = page.ld;
        f.pg_pw = page.pw;
        f.pg_nlong = page.nlong;
        f.pg_flong = page.flong;
        f.pg_cw = page.cw;
        f.pg_article = page.articles;
        f.pg_li = page.li;
        f.pg_td = page.td;
        f.pg_pre = page.pre;
        f.pg_heading = page.heading;
        f.pg_price = page.price;
        f.pg_maxw = page.maxw;
        f.pg_has_main = page.has_main;
        f.pg_main_w = page.main_w;
        f.pg_ruled = page.ruled;
    }

    fn container(&self, id: BlockId, region: Option<RegionId>) -> ContainerFeatures {
        let Some(id_of_region) = region else {
            return ContainerFeatures { nb: -1.0, wshare: -1.0, ld: -1.0, rel: -1.0, ..ContainerFeatures::default() };
        };
        let region = &self.view.blocks.regions[id_of_region];
        let sum = self.sums.of(id_of_region);
        let (nb, words) = (region.blocks.len() as f32, sum.words.max(1.0));
        let span = region.blocks.len().saturating_sub(1).max(1) as f32;
        ContainerFeatures {
            nb,
            wshare: sum.words / self.sums.words(0).max(1.0),
            ld: sum.link_words / words,
            pw: sum.p_words / words,
            wpb: sum.words / nb,
            cw: sum.long_words / words,
            sent: 10.0 * sum.sentences / words,
            nh: sum.headings / nb,
            inp: region.inputs.min(100) as f32,
            rel: (id - region.blocks.start) as f32 / span,
            same: region.alike.min(1000) as f32,
            img: sum.images / nb,
            ruled: sum.ruled / words,
        }
    }
}

/// A row without its neighbours.
struct Own {
    block: BlockFeatures,
    containers: [ContainerFeatures; CONTAINERS],
}

impl Own {
    fn write(&self, row: &mut Vec<f32>) {
        self.block.write(row);
        for container in &self.containers {
            container.write(row);
        }
    }

    fn to_neighbours(&self) -> NeighbourFeatures {
        let f = &self.block;
        NeighbourFeatures {
            wt: f.wt,
            ld: f.ld,
            hl: f.hl,
            tag: f.tag,
            sentw: f.sentw,
            endp: f.endp,
            prevl: f.prevl,
            rep_n: f.rep_n,
            attr: f.attr,
            digit: f.digit,
            upw: f.upw,
            c0_wshare: self.containers[0].wshare,
            ruled: f.rule_word.max(f.rule_phrase).max(f.rule_company).max(f.rule_link),
            is_main: f.is_main,
        }
    }
}

fn owner_index(tag: Tag) -> f32 {
    OWNERS.iter().position(|owner| *owner == tag).unwrap_or(OWNERS.len()) as f32
}

fn role_index(role: BlockRole) -> f32 {
    match role {
        BlockRole::Paragraph => 0.0,
        BlockRole::Quote => 1.0,
        BlockRole::Heading(_) => 2.0,
        BlockRole::Item(..) => 3.0,
        BlockRole::Cell { .. } => 4.0,
        BlockRole::Code => 5.0,
        BlockRole::Caption => 6.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::model::Model;
    use crate::extract::rules::tests::viewed;
    use crate::extract::{Options, decide};

    #[test]
    fn rows_are_the_same_whoever_else_is_asked_about() {
        let item = |i: usize| format!("<li class=item-{}><a href=/{i}>Boat {i}</a><li>Ferry {i} sails.", i % 3);
        let items: String = (0..9).map(item).collect();
        let html = format!("<nav class=menu><ul>{items}</ul></nav><article><h1>Boats</h1><p>One. Two.</p></article>");
        viewed(&html, |view| {
            let (proposals, _, main) = decide::by_rules(view, &Options::default());
            let (facts, model) = (Facts::gather(view, &proposals, &main), Model::built_in().unwrap());
            let rows = |is_asked: &dyn Fn(BlockId) -> bool| {
                let mut rows: Vec<(BlockId, Vec<f32>)> = Vec::new();
                facts.each_row(&model.words, false, is_asked, |id, row| rows.push((id, row.to_vec())));
                rows
            };
            let all = rows(&|_| true);
            assert!(all.len() == 20 && all.iter().all(|(_, row)| row.len() == ROW));
            facts.each_row(
                &model.words,
                true,
                |_| true,
                |id, row| {
                    let (same, twins) = row.split_at(ROW - TwinFeatures::NAMES.len());
                    assert!(all[id].1.starts_with(same) && twins.iter().all(|value| *value == 0.0), "on an article");
                },
            );
            for is_asked in
                [&|id: BlockId| id == 0 || id == 19, &|id| id % 7 == 3, &|id| id == 9, &|id| id > 16, &|_| false]
                    as [&dyn Fn(BlockId) -> bool; 5]
            {
                let expected: Vec<_> = all.iter().filter(|(id, _)| is_asked(*id)).cloned().collect();
                assert_eq!(rows(is_asked), expected);
            }
        });
    }
}
