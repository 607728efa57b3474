//! What the model knows of a block and of a page: numbers with names (EXTRACTION.md section 5).
//!
//! One definition serves training and use: the names in the dump are the fields here, in their
//! order, and the model file carries a hash of them. A field whose meaning changes must change its
//! name. Rows are made one at a time, so that a page of a million blocks costs no million rows.

mod dump;
mod line_page;
mod line_words;
mod lines;
mod page;
mod path;
mod place;
mod row;
mod runs;
mod sums;
mod text;
mod twins;
mod value_words;
mod word_hash;
mod words;

pub use dump::{BlockDump, PageDump, Schema};
pub(crate) use line_page::TextFeatures;
pub(crate) use lines::{LINE_ROW, LineFacts, line_names};
pub(crate) use page::PageFeatures;
pub(crate) use words::{TokenTable, TokenWeight};

use super::block::{Block, BlockId};
use super::main_content::MainContent;
use super::rules::{Finding, View};
use place::{Place, headline, places};
use sums::Sums;
use text::TextFacts;

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

features! {
    /// All blocks of the page whose near words are those of the block, it among them: how many, their share of the page's
    /// words, words a block, where the first stands and how far they reach (shares of the page's blocks), how many of the
    /// blocks between are of them, which of them the block is, their links, their sentences, and how much of them the rules
    /// choose.
    TwinFeatures { n wshare wpb first span dense rel ld sent is_main }
}

/// How many containers are looked at.
const CONTAINERS: usize = 4;

/// Where neighbours stand, and what their columns end in.
const NEIGHBOURS: [(isize, &str); 4] = [(-2, "m2"), (-1, "m1"), (1, "p1"), (2, "p2")];

/// Values in a row.
pub(crate) const ROW: usize = BlockFeatures::NAMES.len()
    + CONTAINERS * ContainerFeatures::NAMES.len()
    + NEIGHBOURS.len() * NeighbourFeatures::NAMES.len()
    + TwinFeatures::NAMES.len();

/// The names of a row's values, in their order.
pub(crate) fn block_names() -> Vec<String> {
    let own = BlockFeatures::NAMES.iter().map(|name| (*name).to_owned());
    let containers =
        (0..CONTAINERS).flat_map(|level| ContainerFeatures::NAMES.iter().map(move |name| format!("c{level}_{name}")));
    let neighbours =
        NEIGHBOURS.iter().flat_map(|(_, end)| NeighbourFeatures::NAMES.iter().map(move |name| format!("{name}_{end}")));
    let twins = TwinFeatures::NAMES.iter().map(|name| format!("tw_{name}"));
    own.chain(containers).chain(neighbours).chain(twins).collect()
}

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
    /// Rules for texts without markup.
    pub(super) const LINE: u16 = 1 << 8;
    /// Phrases that are not believed, in texts without markup.
    pub(super) const HEARD: u16 = 1 << 9;
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
    /// Words that tell the page's kind.
    page_words: Vec<String>,
    page: PageFeatures,
}

impl<'a> Facts<'a> {
    /// Gathers, in a few passes over blocks and regions.
    pub(crate) fn gather(view: &'a View<'a>, findings: &[Finding], main: &'a MainContent) -> Self {
        let texts = text::facts(view);
        let rules = families(view, findings);
        let sums = Sums::new(view, &rules);
        let places = places(view);
        let headline = headline(view, &texts);
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
            page_words: words::page_tokens(view),
            page: PageFeatures::default(),
        };
        facts.page = page::features(&facts);
        facts
    }

    /// The page as a whole.
    pub(crate) fn page(&self) -> &PageFeatures {
        &self.page
    }

    /// Words that tell the page's kind, sorted, each once.
    pub(crate) fn page_words(&self) -> &[String] {
        &self.page_words
    }
}

fn flag(holds: bool) -> f32 {
    f32::from(u8::from(holds))
}

/// A block of running text, by its length alone.
fn is_long(block: &Block) -> bool {
    block.measure.words >= 20.0 && block.link_share() < 0.35
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
            "line" => family::LINE,
            "heard" => family::HEARD,
            _ => 0,
        };
    }
    families
}
