//! `cargo run --release --example round_trip -- CORPUS_DIR ...`
//!
//! Extracts every page of unpacked corpora (`truth.jsonl`, `html/ID.html`) and holds each format against the text: what
//! a parser of CommonMark reads in the Markdown must be the same blocks with the same words, whether links were asked
//! for or not, and the words of the HTML must be those of the text. Prints how many pages and blocks there were, and ends
//! in an error that names the pages where it is otherwise.

#[path = "../src/render/tests/read_back.rs"]
mod read_back;

use anyhow::{Context, Result, bail};
use gleaner::article::{Article, Role};
use gleaner::extract::{Extractor, Options};
use gleaner::page::Page;
use gleaner::render::{self, BlockShown};
use serde::Deserialize;
use std::path::PathBuf;
use url::Url;

#[derive(Deserialize)]
struct Truth {
    id: String,
    url: Option<String>,
}

#[derive(Default)]
struct Counts {
    pages: usize,
    blocks: usize,
    links: usize,
    images: usize,
    faults: Vec<String>,
}

fn main() -> Result<()> {
    let corpora: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if corpora.is_empty() {
        bail!("usage: round_trip CORPUS_DIR ...");
    }
    let plain = Extractor::new(&Options::default())?;
    let marked = Extractor::new(&Options { with_links: true, with_images: true, ..Options::default() })?;
    let mut counts = Counts::default();
    for corpus in &corpora {
        let path = corpus.join("truth.jsonl");
        let truths = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        for line in truths.lines().filter(|line| !line.trim().is_empty()) {
            let truth: Truth = serde_json::from_str(line)?;
            let path = corpus.join("html").join(format!("{}.html", truth.id));
            let body = std::fs::read(&path).with_context(|| path.display().to_string())?;
            let url = truth.url.as_deref().and_then(|url| Url::parse(url).ok());
            let page = Page { url, body: body.into(), ..Page::default() };
            let article = plain.extract(&page).article;
            let mut with_marks = marked.extract(&page).article;
            note(&mut counts, &article, &mut with_marks, &truth.id);
        }
    }
    let Counts { pages, blocks, links, images, faults } = counts;
    println!("{pages} pages, {blocks} blocks, {links} links, {images} images: {} differ", faults.len());
    if !faults.is_empty() {
        bail!("formats that do not hold the text:\n{}", faults.join("\n"));
    }
    Ok(())
}

fn note(counts: &mut Counts, article: &Article, marked: &mut Article, id: &str) {
    counts.pages += 1;
    counts.blocks += article.blocks.len();
    if render::body(article) != render::body(marked) {
        counts.faults.push(format!("{id}: links and images change the text"));
    }
    let is_sanitised = sanitised_words(article);
    if words(&render::text(article)) != is_sanitised {
        counts.faults.push(format!("{id}: the HTML has other words"));
    }
    for block in &mut marked.blocks {
        let shown = BlockShown::of(block);
        counts.links += shown.links.len();
        counts.images += shown.images.len();
        // What an image shows and its caption are no text of the article.
        block.spans.retain(|span| !span.range.is_empty());
    }
    for (article, kind) in [(article, "Markdown"), (&*marked, "Markdown with links")] {
        if let Some(difference) = difference(&expected(article), &found(article)) {
            counts.faults.push(format!("{id}: {kind}: {difference}"));
        }
    }
}

/// The first block that is another one.
fn difference(expected: &[String], found: &[String]) -> Option<String> {
    let at = expected.iter().zip(found).position(|(expected, found)| expected != found);
    let at = at.or_else(|| (expected.len() != found.len()).then_some(expected.len().min(found.len())))?;
    Some(format!("block {at}: {:?} is read as {:?}", expected.get(at), found.get(at)))
}

/// The title and the text of each block; code that its page has set line by line is one.
fn expected(article: &Article) -> Vec<String> {
    let title = article.metadata.title.as_deref().filter(|_| !article.blocks.is_empty());
    // As plain text shows it.
    let title = title.map(|_| render::text(article).lines().next().unwrap_or_default().to_owned());
    let mut texts: Vec<String> = title.into_iter().collect();
    let mut was_code = false;
    for block in &article.blocks {
        let text = BlockShown::of(block).text;
        let is_code = block.role == Role::Code;
        match texts.last_mut().filter(|_| was_code && is_code) {
            Some(last) => *last = format!("{last}\n{text}"),
            None => texts.push(text.trim().to_owned()),
        }
        was_code = is_code;
    }
    texts.into_iter().map(|text| text.trim().to_owned()).collect()
}

fn found(article: &Article) -> Vec<String> {
    let blocks = read_back::read_back(&render::markdown(article)).into_iter();
    // A table without a header has an empty one.
    let blocks = blocks.filter(|(kind, text)| kind != "row" || !text.trim().is_empty());
    blocks.map(|(_, text)| text.trim().to_owned()).collect()
}

/// Words without the signs of items and quotations.
fn words(text: &str) -> Vec<String> {
    text.split_whitespace().filter(|word| !matches!(*word, "-" | ">") && !is_number(word)).map(str::to_owned).collect()
}

/// Numbers of items are no text in HTML; those that are text are left out on both sides.
fn is_number(word: &str) -> bool {
    word.strip_suffix('.').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit()))
}

/// The words of the article's HTML, which has few elements and entities.
fn sanitised_words(article: &Article) -> Vec<String> {
    let html = render::html(article);
    let mut text = String::new();
    for piece in html.split('<') {
        let (tag, rest) = piece.split_once('>').unwrap_or(("", piece));
        let name = tag.trim_start_matches('/').split(' ').next().unwrap_or_default();
        if !tag.is_empty() && name != "code" {
            text.push('\n');
        }
        text.push_str(rest);
    }
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&nbsp;", "\u{a0}"), ("&amp;", "&")];
    let text = entities.iter().fold(text, |text, (entity, sign)| text.replace(entity, sign));
    words(&text)
}
