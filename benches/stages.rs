//! `cargo bench --bench stages -- [FOLDER]`: what the parts of an extraction cost, beside parsing.
//!
//! Reads the `.html` files of a folder, or the fixtures. Each page is parsed with `scraper` alone,
//! extracted by the rules alone and extracted with the model, several times in turn, and its least
//! times count. What the model costs (features, words, trees, choice) is the difference of the last
//! two; the aim is less than half of parsing.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a benchmark prints, and stops where it cannot measure")]

use gleaner::extract::{Extractor, Options};
use gleaner::page::Page;
use scraper::Html;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

const ROUNDS: usize = 5;

fn main() {
    let folder = std::env::args().skip(1).find(|argument| argument != "--bench");
    let pages = folder.map_or_else(fixtures, |folder| files(Path::new(&folder)));
    let with_model = Extractor::new(&Options::default()).expect("the built-in data");
    let by_rules = Extractor::new(&Options::default()).expect("the built-in data").with_model(None).expect("no model");
    let (mut parsing, mut rules, mut whole, mut bytes) = (0.0, 0.0, 0.0, 0);
    for path in &pages {
        let body = std::fs::read(path).expect("a readable page");
        let html = String::from_utf8_lossy(&body).into_owned();
        let page = Page::from_bytes(body);
        bytes += html.len();
        let mut least = [f64::INFINITY; 3];
        for _ in 0..ROUNDS {
            least[0] = least[0].min(seconds(|| black_box(Html::parse_document(&html)).tree.nodes().len()));
            least[1] = least[1].min(seconds(|| by_rules.extract(&page).removals.len()));
            least[2] = least[2].min(seconds(|| with_model.extract(&page).removals.len()));
        }
        parsing += least[0];
        rules += least[1];
        whole += least[2];
    }
    let count = pages.len().max(1) as f64;
    println!("{} pages, {:.0} kB each", pages.len(), bytes as f64 / 1e3 / count);
    for (name, total) in [
        ("parsing with scraper", parsing),
        ("extraction by rules", rules),
        ("extraction with the model", whole),
        ("the model: the difference", whole - rules),
    ] {
        println!("{name:<28} {:>8.2} ms a page  {:>6.2} x parsing", total * 1e3 / count, total / parsing);
    }
}

fn seconds<T>(work: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    black_box(work());
    start.elapsed().as_secs_f64()
}

fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(root).expect("the fixtures").flatten().map(|entry| entry.path().join("page.html")).collect();
    cases.retain(|page| page.is_file());
    cases.sort();
    cases
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut pages: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()).collect();
    pages.retain(|page| page.extension().is_some_and(|extension| extension == "html"));
    pages.sort();
    pages
}
