//! `gleaner extract --engine readability`.

use super::{Run, folder, run_in, text};
use std::fs;

fn extract(html: &str, options: &[&str]) -> Run {
    let here = folder();
    fs::write(here.path().join("page.html"), html).unwrap();
    run_in(&here, &[&["extract", "page.html"], options].concat())
}

#[test]
#[cfg(feature = "readability")]
fn prints_the_article_as_readability_sees_it() {
    let page = super::article("The bridge");
    let run = extract(&page, &["--engine", "readability"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), text("The bridge").as_str(), ""));
    let run = extract(&page, &["--engine", "readability", "--format", "json"]);
    let record: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&record["verdict"], &record["confidence"]), (&"article".into(), &serde_json::Value::Null));
    assert_eq!(record["authors"], serde_json::json!(["Ines Calder"]));
    let removed = record["removed"].as_array().unwrap();
    assert!(!removed.is_empty() && removed.iter().all(|it| it["rule"] == "engine:readability"), "{removed:?}");
}

#[test]
#[cfg(feature = "readability")]
fn a_hostile_page_ends_as_with_our_own_engine() {
    let page = format!("<body>{}<p>Down here.", "<div>".repeat(50_000));
    let ours = extract(&page, &["--engine", "gleaner"]);
    let theirs = extract(&page, &["--engine", "readability"]);
    assert_eq!((ours.code, theirs.code), (Some(7), Some(7)));
    assert_eq!(ours.stderr, theirs.stderr);
    assert!(theirs.stderr.contains("nested too deeply"), "{}", theirs.stderr);
}

#[test]
#[cfg(feature = "readability")]
fn kinds_cannot_be_kept_from_what_knows_none() {
    let run = extract(&super::article("The quay"), &["--engine", "readability", "--keep", "caption"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("--keep is for Gleaner's own engine"), "{}", run.stderr);
    let run = extract(&super::article("The quay"), &["--engine", "readability", "--tables", "drop"]);
    assert!(run.code == Some(2) && run.stderr.contains("--tables is for"), "{}", run.stderr);
    let run = extract(&super::article("The quay"), &["--engine", "readability", "--site-rules", "rules"]);
    assert!(run.code == Some(2) && run.stderr.contains("--site-rules is for"), "{}", run.stderr);
}

#[test]
#[cfg(not(feature = "readability"))]
fn says_how_to_build_it_in() {
    let run = extract(&super::article("The quay"), &["--engine", "readability"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("is not built into this program; build it with"), "{}", run.stderr);
    assert!(run.stderr.contains("--features readability"), "{}", run.stderr);
}

#[test]
fn our_own_engine_is_the_default() {
    let page = super::article("The dyke");
    assert_eq!(extract(&page, &[]).stdout, text("The dyke"));
    assert_eq!(extract(&page, &["--engine", "gleaner"]).stdout, text("The dyke"));
}
