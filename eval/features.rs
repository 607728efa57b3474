//! `cargo run --release --example features -- CORPUS_DIR [--input text] > features.jsonl`
//!
//! Writes what the model sees of a corpus, for `training/`: a first line with the names, then a
//! line a page in the order of `truth.jsonl`. Of the truth it reads nothing but `id` and `url`.
//!
//! With `--input text` the pages are flattened first (`eval/flatten.rs`): each to all its visible lines, and
//! once more in the way of its number, which is then only there to learn from, as is the gold text itself:
//! that clean text stays whole must be learned too.

mod flatten;

use anyhow::{Context, Result};
use flatten::Way;
use gleaner::extract::{Extractor, Options, PageDump, Schema};
use gleaner::page::Page;
use serde::{Deserialize, Serialize};
use std::io::{BufWriter, Write};
use std::path::Path;
use url::Url;

#[derive(Deserialize)]
struct Truth {
    id: String,
    url: Option<String>,
    text: Option<String>,
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    url: &'a Option<String>,
    /// What is only there to learn from: `way` or `gold`.
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<&'static str>,
    #[serde(flatten)]
    page: PageDump,
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: features CORPUS_DIR [--input text]";
    let corpus = arguments.next().context(usage)?;
    let is_text = match arguments.next().as_deref() {
        None => false,
        Some("--input") => arguments.next().as_deref() == Some("text"),
        Some(_) => anyhow::bail!(usage),
    };
    let corpus = Path::new(&corpus);
    let truths =
        std::fs::read_to_string(corpus.join("truth.jsonl")).with_context(|| format!("{}", corpus.display()))?;
    let extractor = Extractor::untrained(&Options::default())?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    serde_json::to_writer(&mut out, &if is_text { Schema::of_lines() } else { Schema::current() })?;
    out.write_all(b"\n")?;
    for line in truths.lines().filter(|line| !line.trim().is_empty()) {
        let truth: Truth = serde_json::from_str(line)?;
        let path = corpus.join("html").join(format!("{}.html", truth.id));
        let body = std::fs::read(&path).with_context(|| format!("{}", path.display()))?;
        let url = truth.url.as_deref().and_then(|url| Url::parse(url).ok());
        let page = Page { url, body: body.into(), ..Page::default() };
        let dumps = if is_text { of_text(&extractor, &page, &truth) } else { vec![(None, extractor.features(&page))] };
        for (variant, page) in dumps {
            serde_json::to_writer(&mut out, &Line { id: &truth.id, url: &truth.url, variant, page })?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    Ok(())
}

/// A page as all its visible lines, in the way of its number, and as its gold text.
fn of_text(extractor: &Extractor, page: &Page, truth: &Truth) -> Vec<(Option<&'static str>, PageDump)> {
    let shown = extractor.shown(page);
    let flat = |way: Way| extractor.line_features(&way.flatten(&shown));
    let mut dumps = vec![(None, flat(Way::LINES))];
    if let Some(gold) = truth.text.as_ref().filter(|text| !text.trim().is_empty()) {
        dumps.push((Some("way"), flat(Way::numbered(number(&truth.id)))));
        dumps.push((Some("gold"), extractor.line_features(gold)));
    }
    dumps
}

/// FNV-1a, 32 bits, of a page's id.
fn number(id: &str) -> u32 {
    id.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
