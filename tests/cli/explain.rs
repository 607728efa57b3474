//! `gleaner explain`.

use super::{Run, article, folder, gleaner, run_in};
use std::fs;

fn explain(html: &str, options: &[&str]) -> Run {
    let here = folder();
    fs::write(here.path().join("page.html"), html).unwrap();
    run_in(&here, &[&["explain", "page.html"], options].concat())
}

#[test]
fn every_block_has_a_line_with_decision_kind_and_rule() {
    let run = explain(&article("The bridge"), &[]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert!(run.stdout.starts_with("page.html: article, expected F1 "), "{}", run.stdout);
    let line = |words: &str| run.stdout.lines().find(|line| line.contains(words)).unwrap_or_default().to_owned();
    assert!(line("Home Local Sport").contains("  drop  nav "), "{}", run.stdout);
    assert!(line("The architect said").contains("  keep  - "), "{}", run.stdout);
    assert!(line("Sign up to our newsletter").contains("phrase:en:"), "{}", run.stdout);
    assert!(!run.stdout.contains('\u{1b}'), "no colours where no terminal is");
}

#[test]
fn json_holds_all_text_and_the_evidence() {
    let run = explain(&article("The mill"), &["--format", "json"]);
    let record: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&record["input"], &record["verdict"]), (&"page.html".into(), &"article".into()));
    let blocks = record["blocks"].as_array().unwrap();
    let kept = blocks.iter().filter(|block| block["kept"] == true).count();
    assert_eq!((kept, blocks.iter().all(|block| block["rule"] != "")), (4, true));
    let pitch = blocks.iter().find(|block| block["text"] == "Sign up to our newsletter").unwrap();
    assert_eq!((&pitch["kind"], &pitch["inside"]), (&"newsletter".into(), &false.into()));
    assert!(!pitch["evidence"].as_array().unwrap().is_empty());
    assert!(record["counters"]["newsletter"]["blocks"].as_u64() > Some(0));
}

#[test]
fn html_is_one_page_that_brings_nothing_along() {
    let run = explain(&article("The <i>quay"), &["--format", "html"]);
    assert!(run.stdout.starts_with("<!doctype html>") && run.stdout.trim_end().ends_with("</html>"));
    for word in ["<script", "<link", "<img", "http:", "https:", "url(", "@import"] {
        assert!(!run.stdout.contains(word), "{word}: {}", run.stdout);
    }
}

#[test]
fn standard_input_is_explained_too() {
    let here = folder();
    let run: Run = gleaner(here.path()).args(["explain", "-"]).write_stdin(article("The dam")).output().unwrap().into();
    assert!(run.stdout.starts_with("-: article"), "{}", run.stdout);
}

#[test]
fn a_page_without_an_article_is_explained_and_one_without_text_fails() {
    let run = explain(super::NO_ARTICLE, &[]);
    assert!(run.code == Some(0) && run.stdout.contains("not_an_article"), "{}{}", run.stdout, run.stderr);
    assert_eq!(explain("  ", &[]).code, Some(5));
    assert_eq!(explain("%PDF-1.7", &[]).code, Some(7));
}

#[test]
fn options_of_kinds_hold_here_as_for_extract() {
    let run = explain(&article("The well"), &["--keep", "copyright", "--drop", "copyright"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("copyright stands under --keep and --drop; choose one"), "{}", run.stderr);
    let run = explain(&article("The well"), &["--drop", "corection"]);
    assert!(run.code == Some(2) && run.stderr.contains("correction"), "{}", run.stderr);
}
