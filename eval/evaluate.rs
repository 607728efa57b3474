//! `cargo run --release --example evaluate -- CORPUS_DIR > predictions.jsonl`
//!
//! Runs the extractor over an unpacked corpus (`truth.jsonl`, `html/ID.html`) and writes one JSON
//! line a page for `eval/score.py`. Of the truth it reads nothing but `id` and `url`. Files are read
//! before the clock starts: `seconds` is bytes in to text out, one thread.

use anyhow::{Context, Result};
use gleaner::extract::{Extraction, Extractor, Options};
use gleaner::page::Page;
use gleaner::render;
use serde::{Deserialize, Serialize};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;
use url::Url;

#[derive(Deserialize)]
struct Truth {
    id: String,
    url: Option<String>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    removed: Option<Vec<(&'static str, String, String)>>,
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let corpus = arguments.next().context("usage: evaluate CORPUS_DIR [--removed]")?;
    let with_removed = arguments.next().is_some_and(|argument| argument == "--removed");
    let corpus = Path::new(&corpus);
    let truths =
        std::fs::read_to_string(corpus.join("truth.jsonl")).with_context(|| format!("{}", corpus.display()))?;
    let extractor = Extractor::new(&Options::default())?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in truths.lines().filter(|line| !line.trim().is_empty()) {
        let truth: Truth = serde_json::from_str(line)?;
        let path = corpus.join("html").join(format!("{}.html", truth.id));
        let body = std::fs::read(&path).with_context(|| format!("{}", path.display()))?;
        let url = truth.url.as_deref().and_then(|url| Url::parse(url).ok());
        let page = Page { url, body: body.into(), ..Page::default() };
        let start = Instant::now();
        let extraction = extractor.extract(&page);
        let text = render::body(&extraction.article);
        let seconds = start.elapsed().as_secs_f64();
        serde_json::to_writer(&mut out, &prediction(truth.id, text, extraction, seconds, with_removed))?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
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
        removed,
    }
}
