//! The account of a page: kept and left-out blocks together are all its visible text, and every removal
//! names kind and rule; options choose what stays.
#![allow(clippy::unwrap_used, reason = "a panic in a test is a failure that names its line")]

use gleaner::extract::block::Boilerplate;
use gleaner::extract::{Detail, Extraction, Extractor, Options, Tables};
use gleaner::page::Page;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use url::Url;

static EXTRACTOR: LazyLock<Extractor> = LazyLock::new(|| Extractor::new(&Options::default()).unwrap());

/// Elements whose text readers see.
const SHOWN: &[&str] = &[
    "div",
    "p",
    "ul",
    "li",
    "nav",
    "aside",
    "h2",
    "span",
    "a href=/x",
    "button",
    "table",
    "tr",
    "td",
    "blockquote",
    "pre",
    "form",
    "label",
    "figure",
    "figcaption",
    "b",
    "em",
    "section class=related-posts",
    "div class=newsletter",
    "span class=sr-only",
    "div hidden",
    "div style='display:none'",
    "footer",
    "article",
    "main",
    "dl",
    "dt",
    "details",
    "summary",
    "x-card",
    "ol",
    "time",
    "noscript",
    "center",
    "div class='share \" <p>'",
];

/// Elements whose content is no text of the page.
const NO_TEXT: &[&str] = &["script", "style", "textarea", "iframe", "select", "template", "video", "object", "audio"];

/// A piece of a page: markup, with the words that it shows.
#[derive(Debug, Clone)]
enum Piece {
    Text(usize),
    Break,
    Shown(usize, Vec<Piece>),
    NoText(usize),
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let leaf = prop_oneof![
        5 => (1_usize..30).prop_map(Piece::Text),
        1 => Just(Piece::Break),
        1 => (0..NO_TEXT.len()).prop_map(Piece::NoText),
    ];
    let piece = leaf.prop_recursive(5, 60, 6, |inner| {
        (0..SHOWN.len(), prop::collection::vec(inner, 0..6)).prop_map(|(tag, inner)| Piece::Shown(tag, inner))
    });
    prop::collection::vec(piece, 0..12)
}

/// Writes the markup, every word of it another one, and counts the words that are shown.
fn write(pieces: &[Piece], html: &mut String, words: &mut usize) {
    for piece in pieces {
        match piece {
            Piece::Text(count) => {
                for _ in 0..*count {
                    html.push_str(&format!(" word{words}"));
                    *words += 1;
                }
                html.push_str(". ");
            }
            Piece::Break => html.push_str("<br><br>"),
            Piece::NoText(tag) => {
                let tag = NO_TEXT[*tag];
                html.push_str(&format!("<{tag}>unseen</{tag}>"));
            }
            Piece::Shown(tag, inner) => {
                let tag = SHOWN[*tag];
                html.push_str(&format!("<{tag}>"));
                write(inner, html, words);
                html.push_str(&format!("</{}>", tag.split(' ').next().unwrap()));
            }
        }
    }
}

/// How often each word stands in some texts.
fn counted<'a>(texts: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for word in texts.flat_map(|text| text.split(|c: char| !c.is_alphanumeric())).filter(|word| !word.is_empty()) {
        *counts.entry(word).or_default() += 1;
    }
    counts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn blocks_are_all_visible_text_and_removals_are_named(pieces in pieces()) {
        let (mut html, mut words) = (String::from("<!doctype html><html lang=en><title>A page</title><body>"), 0);
        write(&pieces, &mut html, &mut words);
        let page = Page::from_bytes(html.clone());
        let explanation = EXTRACTOR.explain(&page);
        let all = (0..words).map(|word| format!("word{word}")).collect::<Vec<_>>();
        let expected: BTreeMap<&str, usize> = all.iter().map(|word| (word.as_str(), 1)).collect();
        prop_assert_eq!(counted(explanation.blocks.iter().map(|block| block.text.as_str())), expected, "{}", html);
        prop_assert_eq!(&EXTRACTOR.extract(&page), &explanation.extraction);
        let removed = explanation.blocks.iter().filter(|block| !block.kept);
        let removed: Vec<_> = removed.map(|block| (block.kind, &block.rule, &block.text)).collect();
        let listed = explanation.extraction.removals.iter();
        let listed: Vec<_> = listed.map(|removal| (Some(removal.kind), &removal.rule, &removal.text)).collect();
        prop_assert_eq!(removed, listed);
        for block in &explanation.blocks {
            prop_assert!(!block.rule.is_empty() && block.kept == block.kind.is_none(), "{:?}", block);
        }
        if !explanation.extraction.article.blocks.is_empty() {
            let kept = explanation.blocks.iter().filter(|block| block.kept).map(|block| block.text.as_str());
            let text = explanation.extraction.article.blocks.iter().map(|block| block.text.as_str());
            prop_assert_eq!(counted(kept), counted(text));
        }
    }
}

const STORY: &str = "<h1>The ferry sails again</h1><p>The ferry between the two islands sails again from Monday, the harbour \
    office said, after its engine had been repaired for the third time this year.</p><p>Tickets cost what they cost before, \
    and children travel free, as long as they bring a grown-up who does not, the office said on Thursday.</p>";

const END: &str = "<p>The old engine goes to the museum, where it will stand beside the one before it, and beside the \
    bell that nobody has rung since the war.</p>";

fn page(middle: &str, end: &str) -> Page {
    let html = format!(
        "<!doctype html><html lang=en><head><title>The ferry sails again</title></head><body><nav><a href=/>Home</a> \
         <a href=/b>Boats</a></nav><article>{STORY}{middle}{END}</article>{end}</body></html>"
    );
    Page::from_bytes(html).at(Url::parse("https://harbour.example/news/ferry").unwrap())
}

fn extract(options: Options, page: &Page) -> Extraction {
    Extractor::new(&options).unwrap().extract(page)
}

fn text(extraction: &Extraction) -> String {
    gleaner::render::body(&extraction.article)
}

#[test]
fn corrections_stay_unless_they_are_to_go() {
    let page =
        page("<p class=correction>Correction: An earlier version of this article named the wrong museum.</p>", "");
    assert!(text(&extract(Options::default(), &page)).contains("wrong museum"));
    let extraction = extract(Options { drop: vec![Boilerplate::Correction], ..Options::default() }, &page);
    assert!(!text(&extraction).contains("wrong museum") && text(&extraction).contains("The old engine"));
    assert!(extraction.removals.iter().any(|removal| removal.kind == Boilerplate::Correction));
}

#[test]
fn a_kind_that_is_to_stay_and_to_go_stays() {
    let page =
        page("<p class=correction>Correction: An earlier version of this article named the wrong museum.</p>", "");
    let both =
        Options { keep: vec![Boilerplate::Correction], drop: vec![Boilerplate::Correction], ..Options::default() };
    assert!(text(&extract(both, &page)).contains("wrong museum"));
}

#[test]
fn tables_go_where_they_are_not_wanted_and_layout_tables_stay() {
    let table = "<table><caption>Prices on board</caption><tr><th>Who</th><th>Price</th></tr><tr><td>Grown-ups</td><td>4 crowns</td></tr>\
        <tr><td>Dogs on a lead</td><td>1 crown</td></tr></table>";
    let whole = page(table, "");
    assert!(text(&extract(Options::default(), &whole)).contains("Grown-ups\t4 crowns"));
    let without = Options { tables: Tables::Drop, ..Options::default() };
    let extraction = extract(without.clone(), &whole);
    assert!(
        !text(&extraction).contains("crowns") && text(&extraction).contains("The old engine"),
        "{}",
        text(&extraction)
    );
    assert!(
        extraction.removals.iter().any(|removal| removal.rule == "option:tables" && removal.text == "Dogs on a lead")
    );
    let layout =
        format!("<html lang=en><title>The ferry sails again</title><table><tr><td>{STORY}{END}</td></tr></table>");
    assert!(text(&extract(without, &Page::from_bytes(layout))).contains("The old engine"));
}

#[test]
fn related_links_and_tags_become_metadata() {
    let end = "<ul class=tags><li><a href=/t/sea>#Sea</a></li><li><a href=/t/boats>Boats</a></li></ul>\
        <div class=related-posts><h3>Related</h3><ul><li><a href=/news/bell>The bell that nobody rings</a></li>\
        <li><a href='https://other.example/museum'>Museum gets a second engine</a></li>\
        <li><a href=/news/bell>The bell again</a></li><li><a href='javascript:alert(1)'>A trap for readers</a></li></ul></div>";
    let extraction = extract(Options::default(), &page("", end));
    let metadata = &extraction.article.metadata;
    assert_eq!(metadata.tags, ["Sea", "Boats"]);
    let related: Vec<(&str, &str)> =
        metadata.related.iter().map(|link| (link.text.as_str(), link.url.as_str())).collect();
    assert_eq!(
        related,
        [
            ("The bell that nobody rings", "https://harbour.example/news/bell"),
            ("Museum gets a second engine", "https://other.example/museum"),
        ]
    );
    assert!(!text(&extraction).contains("bell again"));
}

#[test]
fn links_that_stay_in_the_text_are_no_metadata() {
    let middle = "<p class=read-also><a href=/news/bell>The bell that nobody rings has a story</a></p>";
    let extraction = extract(Options::default(), &page(middle, ""));
    assert_eq!(extraction.article.metadata.related.len(), 1);
    let extraction = extract(Options { keep: vec![Boilerplate::ReadAlso], ..Options::default() }, &page(middle, ""));
    assert!(text(&extraction).contains("The bell"));
    assert_eq!(extraction.article.metadata.related, []);
}

#[test]
fn what_rules_settle_is_removed_without_the_models_word_and_explained_with_it() {
    let page = Page::from_bytes(format!(
        "<!doctype html><html lang=en><title>The ferry</title><meta property=og:type content=article><article>{STORY}\
         <p>The crew of four had waited since the spring, and so had the post, which came by helicopter.</p>\
         <p>Sign up for our newsletter</p>{END}</article>"
    ));
    let explanation = EXTRACTOR.explain(&page);
    let removed = EXTRACTOR.extract(&page).removals;
    let appeal = removed.iter().find(|removal| removal.kind == Boilerplate::Newsletter).unwrap();
    assert_eq!(appeal.score, None, "{removed:?}");
    let explained = explanation.blocks.iter().find(|block| block.text == appeal.text).unwrap();
    assert!(explained.score.is_some() && explained.rule == appeal.rule, "{explained:?}");
    assert_eq!(explanation.extraction.removals, removed);
    let scored = extract(Options { detail: Detail::Scored, ..Options::default() }, &page);
    assert!(scored.removals.iter().all(|removal| removal.score.is_some()), "{:?}", scored.removals);
    assert_eq!(text(&scored), text(&explanation.extraction));
}

#[test]
fn counters_add_up_to_the_removals() {
    let extraction =
        extract(Options::default(), &page("", "<div class=newsletter-form><p>Sign up to our newsletter</p></div>"));
    let counters = extraction.counters();
    let blocks: usize = counters.values().map(|count| count.blocks).sum();
    assert_eq!(blocks, extraction.removals.len());
    assert_eq!((counters[&Boilerplate::Newsletter].blocks, counters[&Boilerplate::Newsletter].chars), (1, 25));
    assert!(!counters.contains_key(&Boilerplate::Comments));
}

#[test]
fn explains_why_blocks_stay() {
    let keep = Options { keep: vec![Boilerplate::ReadAlso], ..Options::default() };
    let page = page("<p class=read-also><a href=/news/bell>The bell that nobody rings has a story</a></p>", "");
    let explanation = Extractor::new(&keep).unwrap().explain(&page);
    let block = |start: &str| explanation.blocks.iter().find(|block| block.text.starts_with(start)).unwrap();
    assert_eq!((block("The bell").rule.as_str(), block("The bell").inside), ("keep:read_also", true));
    assert_eq!((block("Tickets").rule.as_str(), block("Tickets").tag), ("model", "p"));
    assert!(block("Tickets").score > block("Home").score && !block("Home").inside);
    assert_eq!(block("Home").kind, Some(Boilerplate::Nav));
}
