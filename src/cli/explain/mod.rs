//! `gleaner explain`: every block of a page, what became of it, and why.

mod page;
mod table;

use super::batch::{Place, Readable, RecordRange};
use super::code::{Code, Ended, OrUsage as _};
use super::form::{PageForm, text_of};
use super::logs::LogArgs;
use super::page::PageArgs;
use super::problem::Problem;
use super::source::{Input, Loader, Opened, Part};
use super::terminal;
use crate::article::{Metadata, Verdict};
use crate::extract::{BlockVerdict, Counters, Explanation, Extractor};
use anyhow::Context as _;
use clap::{Args, ValueEnum};
use indicatif::MultiProgress;
use jiff::Timestamp;
use serde::Serialize;
use std::ffi::OsString;
use url::Url;

/// The arguments of `gleaner explain`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ExplainArgs {
    /// A web page (http:// or https://), a file, or - for standard input
    #[arg(value_name = "URL | FILE | -")]
    input: OsString,
    /// What the input is
    #[arg(long = "input", value_enum, default_value_t, value_name = "FORM")]
    read_as: PageForm,
    /// What is printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Of a batch (JSON Lines, WARC), explain the record of this number, as messages and `input` in JSON name it
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    record: Option<u64>,
    #[command(flatten)]
    page: PageArgs,
}

/// What an explanation is printed as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each block: decision, kind, score, rule and the beginning of the text
    #[default]
    Text,
    /// One JSON object with all blocks, whole
    Json,
    /// A page for the browser that shows all blocks, with a switch for each kind
    Html,
}

/// A page and its explanation.
struct Explained {
    name: String,
    /// What the page calls itself, else where it was found.
    url: Option<Url>,
    explanation: Explanation,
}

/// An explanation as a JSON object; the fields are documented in README.md.
#[derive(Debug, Serialize)]
struct Record<'a> {
    input: &'a str,
    url: Option<&'a Url>,
    verdict: &'static str,
    /// Two decimals.
    confidence: Option<f64>,
    from_data: bool,
    title: Option<&'a str>,
    /// With what each source says of each field.
    metadata: &'a Metadata,
    counters: Counters,
    blocks: &'a [BlockVerdict],
}

/// Explains a page.
///
/// # Errors
/// Arguments that cannot be used, and a standard output that cannot be written.
pub(crate) async fn run(args: ExplainArgs, log: &LogArgs, progress: &MultiProgress) -> Result<Code, Ended> {
    let options = args.page.kinds.options().or_usage()?;
    let loader = Loader::new(&args.page.fetch, args.page.base_url.clone(), &options.sites).or_usage()?;
    let extractor = Extractor::new(&options).context("the extractor's own rules cannot be used")?;
    let mut input = Input::parse(&args.input);
    if let Some(number) = args.record {
        input.name = format!("{}:{number}", input.name);
    }
    match explain(&loader, extractor, &input, &args).await {
        Ok(explained) => {
            terminal::print(&match args.format {
                Format::Text => table::render(&explained, terminal::takes_colours()),
                Format::Json => record(&explained),
                Format::Html => page::render(&explained),
            })?;
            Ok(Code::AllWell)
        }
        Err(problem) => {
            log.failure(&input, &problem, progress);
            Ok(Code::of(1, &[problem.failure()]))
        }
    }
}

/// # Errors
/// Whatever keeps the page from being read. One without an article is explained like any.
async fn explain(
    loader: &Loader,
    extractor: Extractor,
    input: &Input,
    args: &ExplainArgs,
) -> Result<Explained, Problem> {
    let (landed, readable) = read(loader, input, args).await?;
    let explaining = tokio::task::spawn_blocking(move || match readable {
        Readable::Text(text) => extractor.explain_text(&text),
        Readable::Page(page) => extractor.explain(&page),
    });
    let explanation = explaining.await.map_err(|_| Problem::Panicked)?;
    let verdict = explanation.extraction.verdict;
    if matches!(verdict, Verdict::Empty | Verdict::Hostile | Verdict::Unsupported) {
        return Err(Problem::NoArticle(verdict));
    }
    let onward = &explanation.extraction.onward;
    for url in [&onward.single_page, &onward.next_page].into_iter().flatten() {
        tracing::warn!(input = input.name, %url, "the article goes on elsewhere; only this page is explained");
    }
    let url = explanation.extraction.article.metadata.canonical_url.clone().or(landed);
    Ok(Explained { name: input.name.clone(), url, explanation })
}

/// The page or the text, and where it was found.
///
/// # Errors
/// Whatever keeps it from being read.
async fn read(loader: &Loader, input: &Input, args: &ExplainArgs) -> Result<(Option<Url>, Readable), Problem> {
    let range = args.record.map_or(RecordRange::ALL, RecordRange::of);
    let part = Part { place: Place::START, range };
    let mut records = match loader.open(input.source.clone(), args.read_as.into(), part).await? {
        Opened::Page(_) if args.record.is_some() => return Err(Problem::NoBatch),
        Opened::Page(page) => {
            let (url, text) = (page.url.clone(), text_of(input, &page, args.read_as));
            return Ok((url, text.map_or(Readable::Page(page), Readable::Text)));
        }
        Opened::Batch(_) if args.record.is_none() => return Err(Problem::Batch),
        Opened::Batch(batch) => batch.records,
    };
    let found = tokio::task::spawn_blocking(move || records.next()).await.map_err(|_| Problem::Panicked)?;
    let record = found.ok_or(Problem::NoRecord)?.map_err(|broken| broken.fault)?;
    let url = record.url.or_else(|| args.page.base_url.clone());
    let fetched_at = Some(record.fetched_at.unwrap_or_else(Timestamp::now));
    let readable = record.content.readable(url.clone(), fetched_at, loader.max_body_bytes()).await?;
    Ok((url, readable.map_err(Problem::NoPage)?))
}

fn record(explained: &Explained) -> String {
    let Explanation { extraction, blocks } = &explained.explanation;
    let record = Record {
        input: &explained.name,
        url: explained.url.as_ref(),
        verdict: extraction.verdict.id(),
        confidence: extraction.confidence.map(|expected| (f64::from(expected) * 100.0).round() / 100.0),
        from_data: extraction.is_from_data,
        title: extraction.article.metadata.title.as_deref(),
        metadata: &extraction.article.metadata,
        counters: extraction.counters(),
        blocks,
    };
    // Strings, lists and objects with ids for keys: there is no key to refuse.
    serde_json::to_string(&record).unwrap_or_default() + "\n"
}

/// What was found, in a line: `article, expected F1 0.93, 12 of 57 blocks kept`.
fn summary(explanation: &Explanation) -> String {
    let Explanation { extraction, blocks } = explanation;
    let kept = blocks.iter().filter(|block| block.kept).count();
    let expected = extraction.confidence.map_or(String::new(), |expected| format!(", expected F1 {expected:.2}"));
    let data = if extraction.is_from_data { ", read from the page's data" } else { "" };
    let verdict = extraction.verdict;
    let unwritten = if verdict.has_article() { "" } else { "; of such a page no text is written" };
    format!("{}{expected}{data}, {kept} of {} blocks kept{unwritten}", verdict.id(), blocks.len())
}

/// What else rules said of a block than what decided, most telling first: `share (word:social)`.
fn other_evidence(block: &BlockVerdict) -> Vec<String> {
    let mut said = Vec::new();
    for evidence in block.evidence.iter().rev().filter(|evidence| evidence.rule != block.rule) {
        let line = format!("{} ({})", evidence.kind.id(), evidence.rule);
        if !said.contains(&line) {
            said.push(line);
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::Options;
    use crate::page::Page;

    /// The explanation of a page of `html`.
    pub(super) fn explained(html: &str) -> Explained {
        let explanation = Extractor::new(&Options::default()).unwrap().explain(&Page::from_bytes(html.to_owned()));
        Explained { name: "page.html".into(), url: None, explanation }
    }

    #[test]
    fn json_has_every_block() {
        let html = "<title>Boats</title><nav><a href=/>Home</a> <a href=/b>Boats</a></nav><p>The ferry sails again from Monday.</p>";
        let record: serde_json::Value = serde_json::from_str(&record(&explained(html))).unwrap();
        let texts: Vec<&str> =
            record["blocks"].as_array().unwrap().iter().map(|it| it["text"].as_str().unwrap()).collect();
        assert_eq!(texts, ["Home Boats", "The ferry sails again from Monday."]);
        assert_eq!((&record["blocks"][0]["kept"], &record["blocks"][0]["kind"]), (&false.into(), &"nav".into()));
        assert_eq!(record["metadata"]["title"], "Boats");
        let claims =
            serde_json::json!([{"field": "title", "source": "title_element", "value": "Boats", "chosen": true}]);
        assert_eq!(record["metadata"]["claims"], claims);
        assert_eq!(record["counters"]["nav"], serde_json::json!({"blocks": 1, "chars": 10}));
    }
}
