//! `cargo run --release --example features -- CORPUS_DIR > features.jsonl`
//!
//! Writes what the model sees of a corpus, for `training/`: a first line with the names, then a
//! line a page in the order of `truth.jsonl`. Of the truth it reads nothing but `id` and `url`.

use anyhow::{Context, Result};
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
}

#[derive(Serialize)]
struct Line {
    id: String,
    url: Option<String>,
    #[serde(flatten)]
    page: PageDump,
}

fn main() -> Result<()> {
    let corpus = std::env::args().nth(1).context("usage: features CORPUS_DIR")?;
    let corpus = Path::new(&corpus);
    let truths =
        std::fs::read_to_string(corpus.join("truth.jsonl")).with_context(|| format!("{}", corpus.display()))?;
    let extractor = Extractor::new(&Options::default())?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    serde_json::to_writer(&mut out, &Schema::current())?;
    out.write_all(b"\n")?;
    for line in truths.lines().filter(|line| !line.trim().is_empty()) {
        let truth: Truth = serde_json::from_str(line)?;
        let path = corpus.join("html").join(format!("{}.html", truth.id));
        let body = std::fs::read(&path).with_context(|| format!("{}", path.display()))?;
        let url = truth.url.as_deref().and_then(|url| Url::parse(url).ok());
        let page = extractor.features(&Page { url, body: body.into(), ..Page::default() });
        serde_json::to_writer(&mut out, &Line { id: truth.id, url: truth.url, page })?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
}
