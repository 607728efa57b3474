//! `cargo bench --bench stages -- [FOLDER]`: what the parts of an extraction cost, beside a bare parse by `scraper`.
//!
//! Reads the `.html` files of a folder, or the fixtures, one thread, the allocator of the program. Each page is parsed
//! with `scraper`, goes through each part of an extraction and through the whole of it, several times in turn, and its
//! least times count. `text alone` is the whole with [`Detail::Text`]; the parts are of the whole. `decide` is rules,
//! features, model and choice. What is left of the whole (names, assembling, giving memory back) is told as the rest.
//! `render`, which makes a text file of it, comes on top.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a benchmark prints, and stops where it cannot measure")]

use gleaner::extract::{Detail, Extractor, Options};
use gleaner::page::Page;
use scraper::Html;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 5;

const PARSING: &str = "scraper's bare parse";

fn main() {
    let folder = std::env::args().skip(1).find(|argument| argument != "--bench");
    let pages = folder.map_or_else(fixtures, |folder| files(Path::new(&folder)));
    let [extractor, text_alone] = [Detail::Whole, Detail::Text]
        .map(|detail| Extractor::new(&Options { detail, ..Options::default() }).expect("the built-in data"));
    let (mut totals, mut bytes) = (Totals::default(), 0);
    for path in &pages {
        let page = Page::from_bytes(std::fs::read(path).expect("a readable page"));
        bytes += page.body.len();
        measure(&page, &extractor, &text_alone, &mut totals);
    }
    let count = pages.len().max(1) as f64;
    let (parsing, megabytes) = (totals.of(PARSING), bytes as f64 / 1e6);
    println!("{} pages, {:.0} kB each", pages.len(), bytes as f64 / 1e3 / count);
    let sum = |parts: &[&str]| parts.iter().map(|part| totals.of(part)).sum::<f64>();
    let choice = totals.of("decide") - sum(&["rules", "features", "model"]);
    let rest = totals.of("whole") - sum(&["decode", "parse", "metadata", "segment", "decide"]);
    totals.add("choice", choice);
    totals.add("the rest", rest);
    for (name, total) in &totals.0 {
        let rate = megabytes / total;
        println!(
            "{name:<32} {:>8.3} ms a page {:>6.2} x scraper {rate:>8.0} MB/s",
            total * 1e3 / count,
            total / parsing
        );
    }
}

/// Seconds by part, all pages together, in the order in which they were first measured.
#[derive(Default)]
struct Totals(Vec<(String, f64)>);

impl Totals {
    fn add(&mut self, name: &str, seconds: f64) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, total)) => *total += seconds,
            None => self.0.push((name.to_owned(), seconds)),
        }
    }

    fn of(&self, name: &str) -> f64 {
        self.0.iter().find(|(known, _)| known == name).map_or(0.0, |(_, total)| *total)
    }
}

fn measure(page: &Page, extractor: &Extractor, text_alone: &Extractor, totals: &mut Totals) {
    let html = String::from_utf8_lossy(&page.body).into_owned();
    let mut least = Totals::default();
    let mut note = |name: &str, seconds: f64| match least.0.iter_mut().find(|(known, _)| known == name) {
        Some((_, best)) => *best = best.min(seconds),
        None => least.0.push((name.to_owned(), seconds)),
    };
    for _ in 0..ROUNDS {
        note(PARSING, seconds(|| Html::parse_document(&html).tree.nodes().len()));
        note("whole", seconds(|| extractor.extract(page).removals.len()));
        note("text alone", seconds(|| text_alone.extract(page).article.blocks.len()));
        extractor.stages(page, &mut |name, part| note(name, seconds(part)));
    }
    least.0.iter().for_each(|(name, seconds)| totals.add(name, *seconds));
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
