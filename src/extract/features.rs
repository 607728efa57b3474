//! What the model knows of a block and of a page: numbers with names (EXTRACTION.md section 5).
//!
//! One definition serves training and use: the names in the dump are the fields here, in their
//! order, and the model file carries a hash of them. A field whose meaning changes must change its
//! name. Rows are made one at a time, so that a page of a million blocks costs no million rows.

mod dump;
mod page;
mod path;
mod sums;
mod text;
mod words;

pub use dump::{BlockDump, PageDump, Schema};
pub(crate) use page::PageFeatures;
pub(crate) use words::{TokenTable, TokenWeight, fnv1a_64, page_tokens};

use super::block::{Block, BlockId, BlockRole, RegionId};
use super::dom::Tag;
use super::main_content::MainContent;
use super::rules::{Finding, View};
use path::{ANCESTORS, Path, Step};
use std::collections::VecDeque;
use sums::Sums;
use text::TextFacts;
use words::Scores;

/// Declares a set of features: a struct of `f32` fields, their names and their values in order.
macro_rules! features {
    ($(#[$doc:meta])* $set:ident { $($field:ident)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq)]
        pub(crate) struct $set { $(pub(crate) $field: f32,)* }

        impl $set {
            pub(crate) const NAMES: &'static [&'static str] = &[$(stringify!($field),)*];

            pub(crate) fn write(&self, row: &mut Vec<f32>) {
                row.extend_from_slice(&[$(self.$field,)*]);
            }
        }
    };
}
use features;

features! {
    /// A block by itself, by its place, and by the page it stands on. Lengths are script-weighted
    /// words ([`super::measure`]), shares 0 to 1, distances in blocks or levels, -1 for none.
    BlockFeatures {
        // The text.
        wt logwt awl chars_per_word sent sentw comma endp endcolon endell start_l start_q pipe digit upw allcap
        excl quest price clock atsign copyc stopish spaceless
        // The block: links, markup inside and around.
        ld nl nlw bold small em img timetag ninner tag hl depth hidden role quoted
        // Levels to the nearest element of a tag or role around it.
        anc_article anc_main anc_section anc_aside anc_nav anc_header anc_footer anc_form anc_table anc_ul anc_ol
        anc_li anc_dl anc_figure anc_blockquote anc_details anc_dialog anc_noscript anc_a anc_pre anc_button
        // The largest set of alike siblings that it or something around it belongs to.
        same rep_n rep_d rep_w rep_ld
        // The element whose prose weighs most.
        top_up top_k top_share sc_rel
        // The place on the page.
        pos idx ridx wpos gpos gbefore gafter prevl nextl dh1 wdh1 ish1 tj descj in_desc dup dh hh hw hrule
        // What rules and the choice of the main content by rules say.
        rule_word rule_role rule_phrase rule_company rule_link rule_hidden rule_headline rule_copy is_main
        main_before main_after
        // The score of the words around it, written by the model (0 in a dump).
        attr
        // The page.
        pg_n pg_w pg_logw pg_ld pg_pw pg_nlong pg_flong pg_cw pg_article pg_li pg_td pg_pre pg_heading pg_price
        pg_maxw pg_has_main pg_main_w pg_ruled
    }
}

features! {
    /// An element around the block that holds notably more than the one before.
    ContainerFeatures { nb wshare ld pw wpb cw sent nh inp rel same img ruled }
}

features! {
    /// What a block tells its neighbours of itself.
    NeighbourFeatures { wt ld hl tag sentw endp prevl rep_n attr digit upw c0_wshare ruled is_main }
}

/// How many containers are looked at.
const CONTAINERS: usize = 4;

/// Where neighbours stand, and what their columns end in.
const NEIGHBOURS: [(isize, &str); 4] = [(-2, "m2"), (-1, "m1"), (1, "p1"), (2, "p2")];

/// A neighbour's value outside the page.
const OUTSIDE: f32 = -5.0;

/// A distance to something that is not there.
const FAR: f32 = 999.0;

/// Most columns a distance in blocks may span; farther is as far.
const CAPPED_BLOCKS: f32 = 200.0;

/// Values in a row.
pub(crate) const ROW: usize = BlockFeatures::NAMES.len()
    + CONTAINERS * ContainerFeatures::NAMES.len()
    + NEIGHBOURS.len() * NeighbourFeatures::NAMES.len();

/// The names of a row's values, in their order.
pub(crate) fn block_names() -> Vec<String> {
    let own = BlockFeatures::NAMES.iter().map(|name| (*name).to_owned());
    let containers =
        (0..CONTAINERS).flat_map(|level| ContainerFeatures::NAMES.iter().map(move |name| format!("c{level}_{name}")));
    let neighbours =
        NEIGHBOURS.iter().flat_map(|(_, end)| NeighbourFeatures::NAMES.iter().map(move |name| format!("{name}_{end}")));
    own.chain(containers).chain(neighbours).collect()
}

/// Tags a block's nearest element may have; the place in the list is the feature `tag`.
const OWNERS: &[Tag] = {
    use Tag::*;
    &[
        P, Blockquote, Pre, Li, Dd, Td, Div, Section, Article, Main, H1, H2, H3, H4, H5, H6, Figcaption, Span, Th, Dt,
        Summary, Caption, Figure, Header, Footer, Aside, Nav, Form, Label, Legend, Button, A, Body,
    ]
};

/// Families of rules, as bits of [`Facts::rules`].
mod family {
    pub(super) const WORD: u16 = 1;
    pub(super) const ROLE: u16 = 1 << 1;
    pub(super) const PHRASE: u16 = 1 << 2;
    pub(super) const COMPANY: u16 = 1 << 3;
    pub(super) const LINK: u16 = 1 << 4;
    pub(super) const HIDDEN: u16 = 1 << 5;
    pub(super) const HEADLINE: u16 = 1 << 6;
    pub(super) const COPY: u16 = 1 << 7;
}

/// Everything about a page that a row is made of.
pub(crate) struct Facts<'a> {
    view: &'a View<'a>,
    texts: Vec<TextFacts>,
    /// Which families of rules speak against each block.
    rules: Vec<u16>,
    is_main: &'a [bool],
    sums: Sums,
    places: Vec<Place>,
    /// The headline's block.
    headline: Option<BlockId>,
    /// First and last block of the choice by rules.
    main: Option<(BlockId, BlockId)>,
    page: PageFeatures,
}

/// Where a block stands among the others.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    words_before: f32,
    long_words_before: f32,
    long_before: u32,
    previous_long: f32,
    next_long: f32,
    /// The last heading before it.
    heading: Option<u32>,
}

impl<'a> Facts<'a> {
    /// Gathers, in a few passes over blocks and regions.
    pub(crate) fn gather(view: &'a View<'a>, findings: &[Finding], main: &'a MainContent) -> Self {
        let texts = text::facts(view);
        let rules = families(view, findings);
        let sums = Sums::new(view, &rules);
        let places = places(view);
        let headline = texts
            .iter()
            .enumerate()
            .map(|(id, text)| (id, headline_score(&view.blocks.blocks[id], text)))
            .filter(|(_, score)| *score > 0.0)
            .fold(
                None,
                |best: Option<(BlockId, f32)>, next| {
                    if best.is_none_or(|best| next.1 > best.1) { Some(next) } else { best }
                },
            )
            .map(|(id, _)| id);
        let first = main.is_main.iter().position(|it| *it);
        let last = main.is_main.iter().rposition(|it| *it);
        let mut facts = Self {
            view,
            texts,
            rules,
            is_main: &main.is_main,
            sums,
            places,
            headline,
            main: first.zip(last),
            page: PageFeatures::default(),
        };
        facts.page = page::features(&facts);
        facts
    }

    /// The page as a whole.
    pub(crate) fn page(&self) -> &PageFeatures {
        &self.page
    }

    /// Makes the row of every block in order. `scores` weighs the words around blocks; without it
    /// `attr` is 0.
    pub(crate) fn each_row(&self, scores: Option<&TokenTable>, mut each: impl FnMut(BlockId, &[f32])) {
        let blocks = &self.view.blocks.blocks;
        let mut path = Path::new(self.view, &self.sums);
        let mut scores = scores.map(|table| Scores::new(self.view, table));
        let mut window: VecDeque<Own> = VecDeque::with_capacity(5);
        let mut row = Vec::with_capacity(ROW);
        for id in 0..blocks.len() + 2 {
            if let Some(block) = blocks.get(id) {
                let step = path.go_to(block.region);
                let attr = scores.as_mut().map_or(0.0, |scores| scores.of(block));
                window.push_back(self.own(id, step, attr));
            }
            let Some(center) = id.checked_sub(2) else { continue };
            let first = (id + 1).min(blocks.len()).saturating_sub(window.len());
            row.clear();
            window[center - first].write(&mut row);
            for (offset, _) in NEIGHBOURS {
                let neighbour =
                    center.checked_add_signed(offset).filter(|id| *id >= first).and_then(|id| window.get(id - first));
                match neighbour {
                    Some(own) => own.to_neighbours().write(&mut row),
                    None => row.extend(std::iter::repeat_n(OUTSIDE, NeighbourFeatures::NAMES.len())),
                }
            }
            each(center, &row);
            if center >= first + 2 {
                window.pop_front();
            }
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

fn flag(holds: bool) -> f32 {
    f32::from(u8::from(holds))
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

/// A block of running text, by its length alone.
fn is_long(block: &Block) -> bool {
    block.measure.words >= 20.0 && block.link_share() < 0.35
}

/// How much a block looks like the headline; 0 if it cannot be it.
fn headline_score(block: &Block, text: &TextFacts) -> f32 {
    match block.role {
        BlockRole::Heading(1) => text.title_likeness + 0.5,
        BlockRole::Heading(_) => text.title_likeness,
        _ if text.title_likeness > 0.6 => text.title_likeness,
        _ => 0.0,
    }
}

fn families(view: &View<'_>, findings: &[Finding]) -> Vec<u16> {
    let mut families = vec![0; view.blocks.blocks.len()];
    for finding in findings {
        let end = finding.rule.bytes().position(|byte| byte == b':').unwrap_or(finding.rule.len());
        families[finding.block] |= match &finding.rule[..end] {
            "word" => family::WORD,
            "role" | "tag" => family::ROLE,
            "phrase" => family::PHRASE,
            "after" | "box" => family::COMPANY,
            "links" => family::LINK,
            "hidden" => family::HIDDEN,
            "headline" => family::HEADLINE,
            "duplicate" => family::COPY,
            _ => 0,
        };
    }
    families
}

/// Places, in one pass forwards and one backwards.
fn places(view: &View<'_>) -> Vec<Place> {
    let blocks = &view.blocks.blocks;
    let mut places = Vec::with_capacity(blocks.len());
    let mut at = Place { previous_long: FAR, ..Place::default() };
    for (id, block) in blocks.iter().enumerate() {
        places.push(at);
        at.words_before += block.measure.words;
        at.previous_long = if at.previous_long < CAPPED_BLOCKS { at.previous_long + 1.0 } else { FAR };
        if is_long(block) {
            at.long_words_before += block.measure.words;
            at.long_before += 1;
            at.previous_long = 1.0;
        }
        if matches!(block.role, BlockRole::Heading(_)) {
            at.heading = Some(id as u32);
        }
    }
    let mut next_long = FAR;
    for (place, block) in places.iter_mut().zip(blocks).rev() {
        place.next_long = next_long;
        next_long = if is_long(block) {
            1.0
        } else if next_long < CAPPED_BLOCKS {
            next_long + 1.0
        } else {
            FAR
        };
    }
    places
}
