//! `cargo run --release --example evaluate -- CORPUS_DIR > predictions.jsonl`
//!
//! Runs the extractor over an unpacked corpus (`truth.jsonl`, `html/ID.html`) and writes one JSON
//! line a page for `eval/score.py`. Of the truth it reads nothing but `id` and `url`. Files are read
//! before the clock starts: `seconds` is bytes in to text out, one thread.
//!
//! - `--engine readability` asks the crate `readability` instead, on the same pages, for a table of both.
//! - `--level strict|balanced|generous` is how much is kept where there is doubt.
//! - `--removed` adds what was left out and why.
//! - `--heard` adds every block with what became of it and all that the rules heard in it, for
//!   `eval/phrases.py` and `eval/leaks.py`.
//! - `--explain` adds the verdict on every block, for `eval/unclassified.py`.
//! - `--account` adds nothing, but ends in an error where the blocks of some page do not add up to its text.
//! - `--rules` asks no model; `--model FILE` asks that one instead of the program's own.
//! - `--without FAMILY,...` lets families of rules decide nothing (`Extractor::without`): an ablation.
//! - `--ids FILE` (an id a line) reads those pages alone: with a model that was trained without them, the
//!   scores of the whole extractor are honest.
//! - `--input text` flattens each page to all its visible lines first (`eval/flatten.rs`), so that nothing of
//!   the markup is left, and extracts from that; `--way NUMBER` flattens it in another way. `--lines` extracts
//!   nothing: the text is the lines themselves, a baseline, and what `eval/justext_lines.py` reads.
//! - `--gold` gives the truth's own text as the input instead: what is lost of clean text.
//! - `--site-rules FOLDER` reads FiveFilters files; `--covered` reads those pages alone whose hosts they have
//!   rules for, and `--unapplied` reads the same pages without the rules.

mod flatten;

use anyhow::{Context, Result, bail};
use flatten::Way;
use gleaner::config::read_site_rules;
use gleaner::extract::{BlockVerdict, Engine, Extraction, Extractor, HeardBlock, Level, Options, SiteRules};
use gleaner::page::Page;
use gleaner::render;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;
use url::Url;

#[derive(Deserialize)]
struct Truth {
    id: String,
    url: Option<String>,
    /// Read with `--gold` alone.
    text: Option<String>,
}

#[derive(Serialize)]
struct Prediction {
    id: String,
    text: String,
    title: Option<String>,
    author: Option<String>,
    date: Option<String>,
    seconds: f64,
    verdict: &'static str,
    confidence: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    removed: Option<Vec<(&'static str, String, String)>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heard: Option<Vec<HeardBlock>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocks: Option<Vec<BlockVerdict>>,
}

/// What the command line asks for.
#[derive(Default)]
struct Arguments {
    corpus: PathBuf,
    with_removed: bool,
    with_heard: bool,
    with_blocks: bool,
    with_account: bool,
    by_rules: bool,
    without: Vec<String>,
    engine: Engine,
    level: Level,
    model: Option<PathBuf>,
    ids: Option<HashSet<String>>,
    site_rules: Option<PathBuf>,
    only_covered: bool,
    /// Site rules choose the pages at most.
    without_rules: bool,
    input: Form,
    only_lines: bool,
}

/// What the extractor is given of a page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Form {
    #[default]
    Html,
    Text(Way),
    Gold,
}

impl Arguments {
    fn read() -> Result<Self> {
        let mut arguments = std::env::args().skip(1);
        let usage = "usage: evaluate CORPUS_DIR [--engine NAME] [--level NAME] [--removed] [--heard] [--explain] [--account] \
                     [--rules] [--without FAMILY,...] [--model FILE] [--ids FILE] \
                     [--site-rules FOLDER [--covered] [--unapplied]] [--input text|html] [--way NUMBER] [--lines] \
                     [--gold]";
        let mut read = Self { corpus: arguments.next().context(usage)?.into(), ..Self::default() };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--engine" => read.engine = engine(&arguments.next().context(usage)?)?,
                "--level" => read.level = level(&arguments.next().context(usage)?)?,
                "--removed" => read.with_removed = true,
                "--heard" => read.with_heard = true,
                "--explain" => read.with_blocks = true,
                "--account" => read.with_account = true,
                "--rules" => read.by_rules = true,
                "--without" => {
                    read.without = arguments.next().context(usage)?.split(',').map(str::to_owned).collect();
                }
                "--model" => read.model = Some(arguments.next().context(usage)?.into()),
                "--site-rules" => read.site_rules = Some(arguments.next().context(usage)?.into()),
                "--covered" => read.only_covered = true,
                "--unapplied" => read.without_rules = true,
                "--input" => read.input = form(&arguments.next().context(usage)?)?,
                "--way" => read.input = Form::Text(Way::numbered(arguments.next().context(usage)?.parse()?)),
                "--lines" => read.only_lines = true,
                "--gold" => read.input = Form::Gold,
                "--ids" => {
                    let file = arguments.next().context(usage)?;
                    let lines = std::fs::read_to_string(&file).context(file)?;
                    read.ids = Some(lines.lines().map(|line| line.trim().to_owned()).collect());
                }
                _ => bail!("{argument}: {usage}"),
            }
        }
        Ok(read)
    }

    fn sites(&self) -> Result<Arc<SiteRules>> {
        let mut rules = SiteRules::default();
        if let Some(folder) = &self.site_rules {
            read_site_rules(folder, &mut rules)?;
        }
        Ok(Arc::new(rules))
    }

    fn extractor(&self, sites: &Arc<SiteRules>) -> Result<Extractor> {
        let sites = if self.without_rules { Arc::default() } else { Arc::clone(sites) };
        let options = Options { engine: self.engine, level: self.level, sites, ..Options::default() };
        let without: Vec<&str> = self.without.iter().map(String::as_str).collect();
        let extractor = Extractor::new(&options)?.without(&without);
        if self.by_rules {
            return Ok(extractor.with_model(None)?);
        }
        let Some(file) = &self.model else { return Ok(extractor) };
        let bytes = std::fs::read(file).with_context(|| format!("{}", file.display()))?;
        extractor.with_model(Some(&bytes)).with_context(|| format!("{}", file.display()))
    }
}

fn form(name: &str) -> Result<Form> {
    match name {
        "html" => Ok(Form::Html),
        "text" => Ok(Form::Text(Way::LINES)),
        _ => bail!("--input {name}: there is html and text"),
    }
}

/// The input that is made of a page or its truth; `None` for the page itself.
fn flat(form: Form, extractor: &Extractor, page: &Page, truth: &Truth) -> Option<String> {
    match form {
        Form::Html => None,
        Form::Text(way) => Some(way.flatten(&extractor.shown(page))),
        Form::Gold => Some(truth.text.clone().unwrap_or_default()),
    }
}

fn level(name: &str) -> Result<Level> {
    let found = Level::ALL.into_iter().find(|(id, _)| *id == name);
    found.map(|(_, level)| level).with_context(|| format!("{name}: no such level"))
}

fn engine(name: &str) -> Result<Engine> {
    match name {
        "gleaner" => Ok(Engine::Gleaner),
        #[cfg(feature = "readability")]
        "readability" => Ok(Engine::Readability),
        _ => bail!("--engine {name}: there is gleaner and, with the cargo feature `readability`, readability"),
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::read()?;
    let corpus = &arguments.corpus;
    let truths =
        std::fs::read_to_string(corpus.join("truth.jsonl")).with_context(|| format!("{}", corpus.display()))?;
    let sites = arguments.sites()?;
    let extractor = arguments.extractor(&sites)?;
    let mut unaccounted = Vec::new();
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in truths.lines().filter(|line| !line.trim().is_empty()) {
        let truth: Truth = serde_json::from_str(line)?;
        if arguments.ids.as_ref().is_some_and(|ids| !ids.contains(&truth.id)) {
            continue;
        }
        let url = truth.url.as_deref().and_then(|url| Url::parse(url).ok());
        let is_covered = || url.as_ref().and_then(|url| url.host_str()).is_some_and(|host| sites.covers(host));
        if arguments.only_covered && !is_covered() {
            continue;
        }
        let path = corpus.join("html").join(format!("{}.html", truth.id));
        let body = std::fs::read(&path).with_context(|| format!("{}", path.display()))?;
        let page = Page { url, body: body.into(), ..Page::default() };
        let lines = flat(arguments.input, &extractor, &page, &truth);
        let start = Instant::now();
        let extraction = match &lines {
            Some(lines) => extractor.extract_text(lines),
            None => extractor.extract(&page),
        };
        let text = render::body(&extraction.article);
        let seconds = start.elapsed().as_secs_f64();
        let text = lines.clone().filter(|_| arguments.only_lines).unwrap_or(text);
        if arguments.with_account && lines.is_none() {
            unaccounted.extend(account(&extractor, &page, &extraction).map(|fault| format!("{}: {fault}", truth.id)));
        }
        let heard = arguments.with_heard.then(|| extractor.heard(&page));
        let explain = || match &lines {
            Some(lines) => extractor.explain_text(lines).blocks,
            None => extractor.explain(&page).blocks,
        };
        let blocks = arguments.with_blocks.then(explain);
        let prediction = prediction(truth.id, text, extraction, seconds, arguments.with_removed);
        serde_json::to_writer(&mut out, &Prediction { heard, blocks, ..prediction })?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    if !unaccounted.is_empty() {
        bail!("blocks that do not account for their page:\n{}", unaccounted.join("\n"));
    }
    Ok(())
}

/// What is wrong with the account that the blocks of a page give: all its visible text, each left-out
/// block named and listed among the removals.
fn account(extractor: &Extractor, page: &Page, extraction: &Extraction) -> Option<String> {
    let explanation = extractor.explain(page);
    if explanation.extraction != *extraction {
        return Some("is explained otherwise than it is extracted".into());
    }
    let removed = explanation.blocks.iter().filter(|block| !block.kept);
    let listed = extraction.removals.iter().map(|removal| (Some(removal.kind), &removal.rule, &removal.text));
    if !removed.map(|block| (block.kind, &block.rule, &block.text)).eq(listed) {
        return Some("has other blocks left out than it lists".into());
    }
    if explanation.blocks.iter().any(|block| block.rule.is_empty()) {
        return Some("has a block that no rule is named for".into());
    }
    let shown = extractor.visible_text(page);
    let missing = difference(&shown, explanation.blocks.iter().map(|block| block.text.as_str()));
    let is_whole = extraction.is_from_data || missing.is_empty();
    (!is_whole).then(|| format!("shows other characters than its blocks: {missing:?}"))
}

/// How much oftener each character stands in the whole than in its parts; white space, and what no font
/// shows, apart.
fn difference<'a>(whole: &str, parts: impl Iterator<Item = &'a str>) -> BTreeMap<char, i64> {
    let is_seen = |c: &char| {
        let is_invisible = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffc}');
        !c.is_whitespace() && !c.is_control() && !is_invisible
    };
    let mut counts: BTreeMap<char, i64> = BTreeMap::new();
    for c in whole.chars().filter(is_seen) {
        *counts.entry(c).or_default() += 1;
    }
    for c in parts.flat_map(str::chars).filter(is_seen) {
        *counts.entry(c).or_default() -= 1;
    }
    counts.retain(|_, count| *count != 0);
    counts
}

fn prediction(id: String, text: String, extraction: Extraction, seconds: f64, with_removed: bool) -> Prediction {
    let metadata = extraction.article.metadata;
    let removed = with_removed.then(|| {
        extraction.removals.into_iter().map(|removal| (removal.kind.id(), removal.rule, removal.text)).collect()
    });
    Prediction {
        id,
        text,
        title: metadata.title,
        author: (!metadata.authors.is_empty()).then(|| metadata.authors.join(", ")),
        date: metadata.published.map(|published| published.date.to_string()),
        seconds,
        verdict: extraction.verdict.id(),
        confidence: extraction.confidence,
        removed,
        heard: None,
        blocks: None,
    }
}
