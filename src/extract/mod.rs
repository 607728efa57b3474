//! From a page's bytes to its article.
//!
//! ```text
//! decode -> dom (parse) -> segment (blocks, regions) -> metadata (evidence)
//!        -> rules propose findings -> decide -> assemble -> Extraction
//! ```

mod assemble;
pub mod block;
mod decide;
mod decode;
mod detail;
mod dom;
mod explain;
mod features;
mod fnv;
mod heard;
mod join;
mod letters;
mod level;
mod lexicon;
mod main_content;
mod marks;
mod measure;
mod metadata;
mod model;
mod naming;
mod plain;
mod related;
mod rules;
mod script_data;
#[cfg(feature = "readability")]
mod second_opinion;
mod segment;
mod select;
mod shown;
mod sites;
mod source;
mod stages;
mod steps;
mod tables;
mod verdict;
mod word_list;

use crate::article::{Article, Metadata, Verdict};
use crate::page::Page;
use block::Boilerplate;
use block::{Block, Blocks};
use decide::{Decision, Decisions};
#[cfg(feature = "cli")]
pub(crate) use decode::decode;
pub use detail::Detail;
#[doc(hidden)]
pub use dom::Agreement;
pub use explain::{BlockVerdict, Count, Counters, Evidence as BlockEvidence, Explanation, Sureness};
#[doc(hidden)]
pub use features::{BlockDump, PageDump, Schema};
#[doc(hidden)]
pub use heard::{HeardBlock, HeardPhrase};
pub use level::Level;
use lexicon::Lexicon;
pub use lexicon::LexiconError;
use metadata::{OfText, Stated};
pub use model::ModelError;
use model::{Model, Subject};
use rules::View;
use select::{Asked, Opinion};
use serde::Serialize;
#[doc(hidden)]
pub use shown::{Shown, ShownLine};
use sites::{Effects, HostRules};
pub use sites::{
    Onward, SiteEntry, SiteFault, SiteFaultKind, SiteFile, SiteMatch, SiteOutcome, SitePlace, SiteRules, is_same_site,
};
#[cfg(feature = "cli")]
pub(crate) use source::is_binary;
use source::{Source, readable};
use std::sync::Arc;
pub use tables::Tables;
use verdict::Walls;

/// Who chooses the text of the article; metadata and the verdict are Gleaner's own in any case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Engine {
    /// The rules and the model of this crate.
    #[default]
    Gleaner,
    /// The crate `readability`, as a second opinion to compare with: it knows no kinds and no expected
    /// score, and nothing is added to its text or taken from it. Pages that would overflow its stack or
    /// keep it busy for many seconds are [`Verdict::Hostile`]; one that it panics on, after the panic hook
    /// has told, is [`Verdict::NotAnArticle`] without text.
    #[cfg(feature = "readability")]
    Readability,
}

/// What the caller wants of an extraction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Kinds that stay in the text although they are dropped by default; for [`Engine::Gleaner`] alone.
    pub keep: Vec<Boilerplate>,
    /// Kinds that go although they are kept by default or though the model takes them for content: what
    /// rules propose of them holds. For [`Engine::Gleaner`] alone; where a kind is in `keep` too, it stays.
    pub drop: Vec<Boilerplate>,
    /// How much is kept where there is doubt; for [`Engine::Gleaner`] alone.
    pub level: Level,
    /// What becomes of tables; for [`Engine::Gleaner`] alone.
    pub tables: Tables,
    /// Who chooses the text.
    pub engine: Engine,
    /// Whether links in the kept text are given with it ([`crate::article::ArticleBlock::spans`]); for
    /// [`Engine::Gleaner`] alone.
    pub with_links: bool,
    /// Whether the images of the body are given with it; for [`Engine::Gleaner`] alone.
    pub with_images: bool,
    /// What is told beside the text; for [`Engine::Gleaner`] alone, another tells all.
    pub detail: Detail,
    /// What is known of single sites; for [`Engine::Gleaner`] alone.
    pub sites: Arc<SiteRules>,
}

/// A block that was left out, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Removal {
    /// What it was taken for.
    pub kind: Boilerplate,
    /// The rule that decided, `family:detail`; `likely:...` where the model decided, and the rule names
    /// what it left out.
    pub rule: String,
    /// How likely the model took it to be content, 0 to 1 in hundredths; `None` without a model, and, but for
    /// [`Detail::Scored`], where a rule has settled it that the model does not outweigh.
    pub score: Option<f32>,
    /// The text that was left out, whole.
    pub text: String,
}

/// What came of a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Extraction {
    /// Metadata and body.
    pub article: Article,
    /// Everything that was left out, in the page's order; nothing with [`Detail::Text`].
    pub removals: Vec<Removal>,
    /// The word F1 to be expected, 0 to 1; `None` where nothing was read, or no model was asked (another
    /// engine was).
    pub confidence: Option<f32>,
    /// What the page is.
    pub verdict: Verdict,
    /// Whether the body was read from data in the page's scripts, since its markup holds none.
    pub is_from_data: bool,
    /// The site rules of the page's host that matched nothing on it, `file:line: directive: expression`, with
    /// the reason in brackets where it is another one. Alternatives behind one that matched are not asked,
    /// and rules for any host are not told.
    pub unmatched_rules: Vec<String>,
    /// Where the article goes on; whoever fetches follows ([`Extraction::append`]).
    pub onward: Onward,
}

/// The extractor: built once, immutable, shared between threads. Clones share what it was built of.
#[derive(Debug, Clone)]
pub struct Extractor {
    options: Options,
    lexicon: Arc<Lexicon>,
    walls: Arc<Walls>,
    /// `None`: the rules decide alone.
    model: Option<Arc<Model>>,
    /// For texts without markup.
    text_model: Option<Arc<Model>>,
    /// Families of rules that decide nothing.
    muted: Vec<String>,
}

/// The data files that are part of the program do not hold together.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// Kinds or phrases.
    #[error(transparent)]
    Lexicon(#[from] LexiconError),
    /// The model.
    #[error("model.bin: {0}")]
    Model(#[from] ModelError),
    /// Walls.
    #[error("walls.toml: {0}")]
    Walls(#[source] toml::de::Error),
}

impl Extractor {
    /// Compiles the lexicons and reads the model.
    ///
    /// # Errors
    /// A data file that does not parse or names an unknown kind, a model of other features.
    pub fn new(options: &Options) -> Result<Self, RulesError> {
        let (model, text_model) = (Model::built_in()?.into(), Model::built_in_for_text()?.into());
        Ok(Self { model: Some(model), text_model: Some(text_model), ..Self::untrained(options)? })
    }

    /// By the rules alone. What training reads is computed so: the program's own model may be of other features.
    ///
    /// # Errors
    /// A data file that does not parse or names an unknown kind.
    #[doc(hidden)]
    pub fn untrained(options: &Options) -> Result<Self, RulesError> {
        let walls = Walls::built_in().map_err(RulesError::Walls)?;
        let (options, lexicon) = (options.clone(), Lexicon::built_in()?.into());
        Ok(Self { options, lexicon, walls: walls.into(), model: None, text_model: None, muted: Vec::new() })
    }

    /// How much it keeps where there is doubt.
    pub fn level(&self) -> Level {
        self.options.level
    }

    /// The same with another level, sharing all else.
    #[must_use]
    pub fn at(&self, level: Level) -> Self {
        Self { options: Options { level, ..self.options.clone() }, ..self.clone() }
    }

    fn telling_all(&self) -> Self {
        let detail = self.options.detail.max(Detail::Whole);
        Self { options: Options { detail, ..self.options.clone() }, ..self.clone() }
    }

    /// With another model, for pages or for texts as its file says, or, without one, by the rules alone: for
    /// measurements.
    ///
    /// # Errors
    /// A model file that does not fit.
    #[doc(hidden)]
    pub fn with_model(self, file: Option<&[u8]>) -> Result<Self, ModelError> {
        Ok(match file.map(Model::read).transpose()? {
            Some(model) if model.subject == Subject::Text => Self { text_model: Some(model.into()), ..self },
            Some(model) => Self { model: Some(model.into()), ..self },
            None => Self { model: None, text_model: None, ..self },
        })
    }

    /// Without what some families of rules decide, for measurements: `word`, `role`, `tag`, `phrase`,
    /// `after`, `box`, `links`, `duplicate`, `hidden`, `headline`, `tail`, or `page-kind`, which reads
    /// every page as an article. The model still knows what the rules say.
    #[doc(hidden)]
    #[must_use]
    pub fn without(self, families: &[&str]) -> Self {
        Self { muted: families.iter().map(|family| (*family).to_owned()).collect(), ..self }
    }

    /// The site rules that it goes by.
    pub fn sites(&self) -> &SiteRules {
        &self.options.sites
    }

    /// Extracts the article of a page. Never fails: a bad page is a verdict.
    pub fn extract(&self, page: &Page) -> Extraction {
        match self.try_extract(page, false) {
            Ok(explanation) => explanation.extraction,
            Err(verdict) => Extraction::without_article(verdict),
        }
    }

    /// Extracts the article and says of every block of the page what became of it and why. Costs more
    /// memory than [`Extractor::extract`], which goes the same way. Its extraction has at least [`Detail::Whole`].
    pub fn explain(&self, page: &Page) -> Explanation {
        self.telling_all().try_extract(page, true).unwrap_or_else(|verdict| Explanation {
            extraction: Extraction::without_article(verdict),
            blocks: Vec::new(),
        })
    }

    /// Extracts the article of a text without markup: what a scraper, an archive or a feed has left of a page,
    /// its boilerplate among it. Lines are blocks, hard-wrapped ones joined to paragraphs again; what markup
    /// would tell comes from the lines themselves and their neighbours. Never fails: a bad text is a verdict.
    /// A text that is all article comes back as it was, but for white space. [`Options::engine`],
    /// [`Options::sites`] and [`Options::tables`] mean nothing here.
    pub fn extract_text(&self, text: &str) -> Extraction {
        self.text_explained(text, false).map_or_else(Extraction::without_article, |found| found.extraction)
    }

    /// Extracts the article of a text without markup and says of every line what became of it and why. Its extraction
    /// has at least [`Detail::Whole`].
    pub fn explain_text(&self, text: &str) -> Explanation {
        self.telling_all().text_explained(text, true).unwrap_or_else(|verdict| Explanation {
            extraction: Extraction::without_article(verdict),
            blocks: Vec::new(),
        })
    }

    /// # Errors
    /// What the text is, if there is nothing to read in it.
    fn text_explained(&self, text: &str, with_blocks: bool) -> Result<Explanation, Verdict> {
        let source = Source::of_text(text, &self.lexicon)?;
        Ok(self.extract_source(source, &Page::default(), with_blocks).0)
    }

    /// # Errors
    /// What the page is, if there is nothing to read in it.
    fn try_extract(&self, page: &Page, with_blocks: bool) -> Result<Explanation, Verdict> {
        let html = readable(page)?;
        match self.options.engine {
            Engine::Gleaner => {
                let rules = self.site_rules(page);
                let html = rules.iter().fold(html, |html, rules| rules.replaced(html));
                let source = Source::under_rules(&html, page, rules.as_ref(), Stated::default(), &self.options)?;
                Ok(self.first_opinion(&html, source, page, rules.as_ref(), with_blocks))
            }
            #[cfg(feature = "readability")]
            Engine::Readability => {
                let source = Source::read(&html, page)?;
                let mut found = self.second_opinion(&html, source, page, with_blocks)?;
                found.extraction.unmatched_rules = self.site_rules(page).map_or_else(Vec::new, |rules| rules.unheard());
                Ok(found)
            }
        }
    }

    fn site_rules(&self, page: &Page) -> Option<HostRules<'_>> {
        self.options.sites.for_host(page.url.as_ref().and_then(|url| url.host_str()))
    }

    /// What each site rule that holds for the page's host does to the page, in their order; empty where there is
    /// none, or nothing to read.
    pub fn check_site(&self, page: &Page) -> Vec<SiteOutcome> {
        let Some(rules) = self.site_rules(page) else { return Vec::new() };
        let Ok(html) = readable(page).map(|html| rules.replaced(html)) else { return Vec::new() };
        dom::parse(&html).map_or_else(|_| Vec::new(), |document| rules.check(&document))
    }

    /// What the markup holds, or, where that is next to nothing and no rule is certain that it is all, the page's
    /// data. The site's rules hold there too, and what they say of the article in the markup is not said anew.
    fn first_opinion(
        &self,
        html: &str,
        source: Source<'_>,
        page: &Page,
        rules: Option<&HostRules<'_>>,
        with_blocks: bool,
    ) -> Explanation {
        let (stated, onward) = (source.stated.clone(), source.onward.clone());
        let body_rule = source.effects.as_ref().and_then(Effects::body_rule);
        let (found, _) = self.extract_source(source, page, with_blocks);
        let is_certain = body_rule.as_ref().is_some_and(|(_, is_certain)| *is_certain);
        if is_certain || !found.extraction.is_bare() {
            return found;
        }
        let Some(html) = script_data::page_of(html) else { return found };
        let of_data = Source::under_rules(&html, page, rules, stated, &self.options);
        let Ok(source) = of_data else { return found };
        let has_body_rule = source.effects.as_ref().is_some_and(|effects| effects.body_rule().is_some());
        let (mut better, on_article) = self.extract_source(source, page, with_blocks);
        if !on_article || !better.extraction.verdict.has_article() {
            return found;
        }
        let extraction = &mut better.extraction;
        extraction.is_from_data = true;
        extraction.onward = onward;
        // What has matched in the markup or in the data has matched.
        extraction.unmatched_rules.retain(|rule| found.extraction.unmatched_rules.contains(rule));
        let unused = body_rule.filter(|_| !has_body_rule);
        extraction.unmatched_rules.extend(unused.map(|(rule, _)| doubted(&rule)));
        better
    }

    /// What a source holds, and whether it was read as an article's. `with_blocks`: with the verdict on
    /// every block.
    fn extract_source(&self, source: Source<'_>, page: &Page, with_blocks: bool) -> (Explanation, bool) {
        let view = self.view(&source, page);
        let ruling = source.effects.as_ref().map(|effects| effects.ruling(&source.document, &source.blocks));
        let model = if source.blocks.is_flat() { &self.text_model } else { &self.model };
        let detail = self.options.detail;
        let asked = if with_blocks || detail == Detail::Scored { Asked::All } else { Asked::Open };
        let mut decided = decide::decide(&view, model.as_deref(), &self.options, ruling.as_ref(), asked);
        let verdict = verdict::judge(&view, &self.walls, &decided.by_block);
        let tells_removals = detail > Detail::Text;
        if tells_removals || self.options.with_images {
            naming::name(&view, &mut decided);
        }
        let blocks = if with_blocks { explain::blocks(&view, &decided, &self.options) } else { Vec::new() };
        let (related, tags) = if tells_removals { related::gather(&view, &decided.by_block) } else { <_>::default() };
        let spans = marks::spans(&view, &decided.by_block, &self.options);
        let mut body = if has_body(verdict) {
            assemble::assemble(&source.document, &source.blocks, &decided.by_block, spans)
        } else {
            Vec::new()
        };
        let (confidence, on_article) = (decided.confidence, decided.on_article);
        let mut unmatched_rules = source.effects.map_or_else(Vec::new, |effects| effects.unmatched);
        unmatched_rules.extend(decided.doubted_rule.take().map(|rule| doubted(&rule)));
        let is_dropped = self.options.drop.contains(&Boilerplate::Dateline);
        let (dateline, cut) = assemble::dateline(&mut body, is_dropped);
        let keeps_tags = self.options.keep.contains(&Boilerplate::Tags);
        let (removals, metadata) = if tells_removals {
            let of_text = OfText { related, tags, keeps_tags, dateline, body: &body };
            (removals(&source.blocks, decided, cut, detail), source.evidence.completed(of_text))
        } else {
            (Vec::new(), source.evidence.title_alone())
        };
        let article = Article { metadata, blocks: body };
        let onward = source.onward;
        let extraction =
            Extraction { article, removals, confidence, verdict, is_from_data: false, unmatched_rules, onward };
        (Explanation { extraction, blocks }, on_article)
    }

    /// All text that a page shows, as it stands in its markup: what the blocks of
    /// [`Extractor::explain`] must add up to.
    #[doc(hidden)]
    pub fn visible_text(&self, page: &Page) -> String {
        let Ok(html) = readable(page) else { return String::new() };
        Source::read(&html, page).map(|source| explain::visible_text(&source)).unwrap_or_default()
    }

    /// What a page shows, line by line, for the flattener in `eval/`; nothing where there is nothing to read.
    #[doc(hidden)]
    pub fn shown(&self, page: &Page) -> Shown {
        let Ok(html) = readable(page) else { return Shown::default() };
        let Ok(source) = Source::read(&html, page) else { return Shown::default() };
        shown::lines(&self.view(&source, page))
    }

    /// What training reads of a page; empty where there is nothing to read.
    #[doc(hidden)]
    pub fn features(&self, page: &Page) -> PageDump {
        let Ok(html) = readable(page) else { return PageDump::default() };
        let Ok(source) = Source::read(&html, page) else { return PageDump::default() };
        decide::features(&self.view(&source, page))
    }

    /// What training reads of a text without markup.
    #[doc(hidden)]
    pub fn line_features(&self, text: &str) -> PageDump {
        let Ok(source) = Source::of_text(text, &self.lexicon) else { return PageDump::default() };
        decide::features(&self.view(&source, &Page::default()))
    }

    /// What speaks against each block of a page; empty where there is nothing to read.
    #[doc(hidden)]
    pub fn heard(&self, page: &Page) -> Vec<HeardBlock> {
        let Ok(html) = readable(page) else { return vec![] };
        let Ok(source) = Source::read(&html, page) else { return vec![] };
        let view = self.view(&source, page);
        let mut decided = decide::decide(&view, self.model.as_deref(), &self.options, None, Asked::All);
        naming::name(&view, &mut decided);
        heard::listen(&view, &decided, &self.options)
    }

    /// How the two parsers agree on a page; `None` where there is nothing to read in it.
    #[doc(hidden)]
    pub fn agreement(page: &Page) -> Option<Agreement> {
        readable(page).ok().map(|html| dom::agreement(&html))
    }

    /// How many phrases stand in some texts of a page in `language`: for the benchmark of the lexicon.
    #[doc(hidden)]
    pub fn phrases_in(&self, texts: &[String], language: Option<&str>) -> usize {
        texts.iter().map(|text| self.lexicon.phrases(text, true, language).len()).sum()
    }

    fn view<'a>(&'a self, source: &'a Source<'a>, page: &'a Page) -> View<'a> {
        let Source { document, blocks, memo, evidence, .. } = source;
        let url = page.url.as_ref();
        View {
            document,
            blocks,
            lexicon: &self.lexicon,
            evidence,
            url,
            host: url.and_then(|url| url.host_str()),
            continues: page.continues,
            muted: &self.muted,
            memo,
        }
    }
}

/// How a body rule is told that is not believed.
fn doubted(rule: &str) -> String {
    format!("{rule} (holds too little of the page's text)")
}

/// Whether a page that is this has a body to show.
fn has_body(verdict: Verdict) -> bool {
    verdict.has_article() || verdict == Verdict::NotAnArticle
}

impl Extraction {
    fn without_article(verdict: Verdict) -> Self {
        let article = Article { metadata: Metadata::default(), blocks: Vec::new() };
        let (removals, unmatched_rules) = (Vec::new(), Vec::new());
        let onward = Onward::default();
        Self { article, removals, confidence: None, verdict, is_from_data: false, unmatched_rules, onward }
    }

    /// Whether next to nothing was found, though there may be more in the page's data.
    fn is_bare(&self) -> bool {
        match self.verdict {
            Verdict::NeedsScript | Verdict::Empty => true,
            Verdict::NotAnArticle => {
                self.article.blocks.iter().map(|block| block.text.len()).sum::<usize>() < BARE_BYTES
            }
            _ => false,
        }
    }
}

/// What was left out, `cut` from the beginning of the body among it.
fn removals(blocks: &Blocks, decided: Decisions, cut: Option<Removal>, detail: Detail) -> Vec<Removal> {
    let cut = cut.map(|cut| (assemble::removed_before(blocks, &decided.by_block, &cut), cut));
    let has_all = detail == Detail::Scored;
    let score = |opinion: &Opinion| if has_all { opinion.content } else { opinion.that_counts() };
    let dropped = |((block, opinion), decision): ((&Block, &Opinion), Decision)| match decision {
        Decision::Keep => None,
        Decision::Drop { kind, rule } => {
            let (rule, text) = (rule.to_string(), blocks.text(block).to_owned());
            Some(Removal { kind, rule, score: score(opinion).map(rounded), text })
        }
    };
    let mut removals: Vec<Removal> =
        blocks.blocks.iter().zip(&decided.opinions).zip(decided.by_block).filter_map(dropped).collect();
    if let Some((at, cut)) = cut {
        removals.insert(at, cut);
    }
    removals
}

/// A probability in hundredths.
fn rounded(probability: f32) -> f32 {
    (probability * 100.0).round() / 100.0
}

/// Below this a body is a crumb: a slogan, a notice to turn scripts on.
const BARE_BYTES: usize = 200;
