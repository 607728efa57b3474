//! `cargo bench --bench lexicon -- [FOLDER]`: what 10,000 blocks cost the phrases, beside parsing them.
//!
//! Takes the blocks of the `.html` files of a folder, or of the fixtures, over and over until there are
//! 10,000, and looks for the phrases of all languages as on a page that declares one, on one that
//! declares a language without a file, and on one that declares none, where every language of a script
//! that occurs is tried. Parsing is the time that `scraper` takes for the pages of as many blocks.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a benchmark prints, and stops where it cannot measure")]

use gleaner::extract::{Extractor, Options};
use gleaner::page::Page;
use scraper::Html;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

const BLOCKS: usize = 10_000;
const ROUNDS: usize = 5;

fn main() {
    let folder = std::env::args().skip(1).find(|argument| argument != "--bench");
    let pages = folder.map_or_else(fixtures, |folder| files(Path::new(&folder)));
    let extractor = Extractor::new(&Options::default()).expect("the built-in data").with_model(None).expect("no model");
    let (blocks, sources) = blocks(&extractor, &pages);
    let parsing = least_seconds(|| sources.iter().map(|html| Html::parse_document(html).tree.nodes().len()).sum());
    let bytes: usize = sources.iter().map(String::len).sum();
    println!("{} blocks of {} pages, {:.1} MB", blocks.len(), sources.len(), bytes as f64 / 1e6);
    println!("{:<28} {:>8.1} ms", "parsing with scraper", parsing * 1e3);
    for (name, language) in [
        ("phrases, declared en", Some("en")),
        ("phrases, declared de", Some("de")),
        ("phrases, declared eo", Some("eo")),
        ("phrases, nothing declared", None),
    ] {
        let seconds = least_seconds(|| extractor.phrases_in(&blocks, language));
        println!("{name:<28} {:>8.1} ms  {:>6.3} x parsing", seconds * 1e3, seconds / parsing);
    }
}

/// 10,000 blocks, and the pages that they come from, as often as they were taken.
fn blocks(extractor: &Extractor, pages: &[PathBuf]) -> (Vec<String>, Vec<String>) {
    let (mut blocks, mut sources) = (Vec::new(), Vec::new());
    for path in pages.iter().cycle() {
        let body = std::fs::read(path).expect("a readable page");
        sources.push(String::from_utf8_lossy(&body).into_owned());
        blocks.extend(extractor.heard(&Page::from_bytes(body)).into_iter().map(|block| block.text));
        if blocks.len() >= BLOCKS || sources.len() >= BLOCKS {
            break;
        }
    }
    blocks.truncate(BLOCKS);
    (blocks, sources)
}

fn least_seconds(mut work: impl FnMut() -> usize) -> f64 {
    let mut least = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        black_box(work());
        least = least.min(start.elapsed().as_secs_f64());
    }
    least
}

fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let cases = std::fs::read_dir(root).expect("the fixtures").flatten();
    let mut pages: Vec<PathBuf> = cases.map(|entry| entry.path().join("page.html")).collect();
    pages.retain(|page| page.is_file());
    pages.sort();
    pages
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut pages: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()).collect();
    pages.retain(|page| page.extension().is_some_and(|extension| extension == "html"));
    pages.sort();
    pages
}
