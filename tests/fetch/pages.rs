//! Pages that come whole and are odd all the same: rows 9 and 20 of the matrix.

use crate::bench::Bench;
use crate::loopback::{Reply, Server, fetch, memory, options};
use gleaner::extract::{Extractor, Options};
use gleaner::fetch::{Fetched, Target};
use std::time::Instant;

/// A page of one story in an encoding of its own.
fn encoded(label: &str, meta: &str, words: &str) -> Vec<u8> {
    let paragraph = format!("<p>{}</p>", [words; 12].join(" "));
    let page = format!(
        "<!doctype html><html><head>{meta}<title>{words}</title></head><body><article><h1>{words}</h1>{}</article></body></html>",
        paragraph.repeat(3)
    );
    match label {
        "utf-16" => {
            page.encode_utf16().fold(b"\xff\xfe".to_vec(), |bytes, unit| [bytes, unit.to_le_bytes().to_vec()].concat())
        }
        label => encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(&page).0.into_owned(),
    }
}

#[tokio::test]
async fn row_9_words_come_out_as_they_were_written_in_whatever_encoding() {
    const META: &str = "<meta charset=iso-8859-1>";
    let pages = [
        (
            "header lies",
            "text/html; charset=iso-8859-1",
            encoded("utf-8", "", "\u{feff}Der Fluß über Köln"),
            "Der Fluß über Köln",
        ),
        ("meta lies", "text/html; charset=utf-8", encoded("utf-8", META, "Der Fluß über Köln"), "Der Fluß über Köln"),
        ("neither", "text/html", encoded("utf-8", "", "Der Fluß über Köln"), "Der Fluß über Köln"),
        ("utf-16", "text/html", encoded("utf-16", "", "Der Fluß über Köln"), "Der Fluß über Köln"),
        (
            "gbk",
            "text/html; charset=gbk",
            encoded("gbk", "", "渡船今天回到港口，市民都来迎接"),
            "渡船今天回到港口，市民都来迎接",
        ),
        (
            "gbk by meta",
            "text/html",
            encoded("gbk", "<meta charset=gbk>", "渡船今天回到港口，市民都来迎接"),
            "渡船今天回到港口，市民都来迎接",
        ),
        (
            "1251",
            "text/html; charset=windows-1251",
            encoded("windows-1251", "", "Паром вернулся в порт"),
            "Паром вернулся в порт",
        ),
    ];
    let served = pages.clone();
    let server = Server::start(move |asked| {
        let (_, label, body, _) = &served[asked.target[1..].parse::<usize>().unwrap()];
        Reply::with(200, &[&format!("Content-Type: {label}")], body)
    })
    .await;
    let (bench, extractor) = (Bench::new(&options()).await, Extractor::new(&Options::default()).unwrap());
    for (number, (what, _, _, words)) in pages.iter().enumerate() {
        let fetched = bench.fetch(Target::Page, server.url(&format!("/{number}"))).await.unwrap();
        let Fetched::Page { page, .. } = fetched else { panic!("{what}: no page") };
        let article = extractor.extract(&page).article;
        let paragraph = [*words; 12].join(" ");
        assert_eq!(article.blocks.first().map(|block| block.text.as_str()), Some(paragraph.as_str()), "{what}");
    }
}

/// Not a test but the process that one measures: fetches and extracts.
#[tokio::test]
async fn extracting_process() {
    let Some(url) = memory::job() else { return };
    let page = fetch(url.parse().unwrap()).await.unwrap();
    let extractor = Extractor::new(&Options::default()).unwrap();
    let started = Instant::now();
    let verdict = extractor.extract(&page).verdict;
    memory::end(&format!("{} {}", verdict.id(), started.elapsed().as_millis()));
}

#[tokio::test(flavor = "multi_thread")]
async fn row_20_hostile_pages_end_soon_with_a_verdict_and_in_bounded_memory() {
    let server = Server::start(|asked| {
        Reply::html(&match asked.target.as_str() {
            "/deep" => "<div>".repeat(4000) + "words",
            "/line" => format!("<html><body><p>{}</p></body></html>", "word ".repeat(1_000_000)),
            _ => format!("<html><body><p>{}</p></body></html>", "a\0b ".repeat(100_000)),
        })
    })
    .await;
    let bench = Bench::new(&options()).await;
    // Without optimisation everything takes many times as long.
    let most_ms = if cfg!(debug_assertions) { 30_000 } else { 2000 };
    for (path, expected) in [("/deep", "hostile"), ("/line", ""), ("/zeros", "")] {
        let url = server.url(path);
        let ended = bench.beside(memory::run("pages::extracting_process", url.as_str())).await;
        let (verdict, ms) = ended.said.split_once(' ').unwrap();
        assert!(verdict.starts_with(expected), "{path}: {verdict}");
        assert!(ms.parse::<u64>().unwrap() < most_ms, "{path}: {ms} ms");
        memory::assert_below(&ended, 512);
    }
}
