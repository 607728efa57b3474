//! `cargo run --release --example parsers -- CORPUS_DIR...`
//!
//! Parses every page of unpacked corpora (`html/*.html`) with both parsers, our own and `scraper`, compares the documents
//! node by node, and prints each page on which they differ, with the first node that does. Ends in an error where that
//! is more than one page in a hundred of a corpus, or where more than that are left to `scraper`.

use anyhow::{Context, Result, bail};
use gleaner::extract::{Agreement, Extractor};
use gleaner::page::Page;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What may be found of any number of pages.
const FINE: [&str; 2] = ["the same", "nothing to read"];

#[expect(clippy::print_stdout, reason = "a measurement prints")]
fn main() -> Result<()> {
    for corpus in std::env::args().skip(1) {
        let folder = PathBuf::from(&corpus).join("html");
        let files = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
        let mut paths: Vec<PathBuf> = files.map(|file| Ok(file?.path())).collect::<Result<_>>()?;
        paths.sort();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for path in &paths {
            let page = Page::from_bytes(std::fs::read(path).with_context(|| path.display().to_string())?);
            let found = match Extractor::agreement(&page) {
                None => "nothing to read".to_owned(),
                Some(Agreement::Same) => "the same".to_owned(),
                Some(Agreement::Guess(guess)) => format!("left to scraper: {guess}"),
                Some(Agreement::Differs { fast, conforming }) => {
                    println!("{}\n  fast:       {fast:.300}\n  conforming: {conforming:.300}", path.display());
                    "differ".to_owned()
                }
            };
            *counts.entry(found).or_default() += 1;
        }
        println!("{corpus}: {} pages, {counts:?}", paths.len());
        let others: usize =
            counts.iter().filter(|(found, _)| !FINE.contains(&found.as_str())).map(|(_, count)| count).sum();
        if others * 100 > paths.len() {
            bail!(
                "{corpus}: {others} of {} pages are not parsed by our own parser as `scraper` parses them",
                paths.len()
            );
        }
    }
    Ok(())
}
