//! Every phrase has a line that is taken for its kind and lines that stay: made from the phrase itself
//! and the sentences of `data/carriers.toml`.

use super::super::*;
use crate::extract::{Extractor, Options, Source, rules, source};
use crate::page::Page;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Phrases whose sentences stand together on one page.
const PHRASES_A_PAGE: usize = 40;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Carrier {
    first: String,
    inside: String,
    filler: String,
    name: String,
}

fn carriers() -> BTreeMap<String, Carrier> {
    toml::from_str(include_str!("../../data/carriers.toml")).unwrap()
}

const FORMS: [(Form, &str); 5] = [
    (Form::Block, "block"),
    (Form::Start, "start"),
    (Form::Heading, "heading"),
    (Form::Label, "label"),
    (Form::Has, "has"),
];

/// One phrase of a file, and a text that has it.
#[derive(Debug)]
struct Case {
    kind: Boilerplate,
    form: Form,
    phrase: String,
    text: String,
}

fn lists(file: &toml::Table) -> BTreeMap<&str, &str> {
    let lists = file.get("lists").and_then(toml::Value::as_table).into_iter().flatten();
    lists.map(|(name, words)| (name.as_str(), words[0].as_str().unwrap())).collect()
}

/// The phrase with its placeholders filled.
fn filled(phrase: &str, lists: &BTreeMap<&str, &str>, name: &str) -> String {
    let first_name = name.split(' ').next().unwrap_or(name);
    let mut text = phrase.replace("{*}", first_name).replace("{name}", name).replace("{n}", "5");
    for (list, word) in lists {
        text = text.replace(&format!("{{{list}}}"), word);
    }
    text.trim().to_owned()
}

fn cases(file: &toml::Table, name: &str) -> Vec<Case> {
    let lists = lists(file);
    let mut cases = Vec::new();
    for (key, section) in file {
        let Some(kind) = Boilerplate::from_id(key) else { continue };
        for (form, id) in FORMS {
            let list = section.get(id).map(|list| list.get("any").unwrap_or(list));
            for phrase in list.and_then(toml::Value::as_array).into_iter().flatten() {
                let phrase = phrase.as_str().unwrap();
                cases.push(Case { kind, form, phrase: phrase.to_owned(), text: filled(phrase, &lists, name) });
            }
        }
    }
    cases
}

/// Code, cases and carrier of every language.
fn languages() -> Vec<(String, Vec<Case>, Carrier)> {
    let mut carriers = carriers();
    let read = |(file, text): &(&str, &str)| {
        let table: toml::Table = toml::from_str(text).unwrap();
        let code = table["language"].as_str().unwrap().to_owned();
        let carrier = carriers.remove(&code).unwrap_or_else(|| panic!("{file}: no sentences in carriers.toml"));
        let cases = cases(&table, &carrier.name);
        (code, cases, carrier)
    };
    PHRASES.iter().map(read).collect()
}

#[test]
fn every_phrase_is_taken_for_its_kind() {
    let lexicon = &super::BUILT_IN;
    let mut missed = Vec::new();
    for (code, cases, _) in languages() {
        for case in cases {
            let hits = lexicon.phrases(&case.text, case.form == Form::Heading, Some(&code));
            if !hits.iter().any(|hit| (hit.kind, hit.form, hit.phrase) == (case.kind, case.form, &case.phrase)) {
                missed.push(format!("{code}: {case:?}"));
            }
        }
    }
    assert!(missed.is_empty(), "{} phrases:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn every_phrase_stays_in_sentences_of_an_article() {
    let extractor = Extractor::new(&Options::default()).unwrap().with_model(None).unwrap();
    let lost: Vec<String> =
        languages().iter().flat_map(|(code, cases, carrier)| lost(&extractor, code, cases, carrier)).collect();
    assert!(lost.is_empty(), "{} lines:\n{}", lost.len(), lost.join("\n"));
}

#[test]
fn a_phrase_that_takes_a_sentence_of_an_article_is_found_out() {
    let file = "language = 'en'\nscript = 'latin'\n[test]\n[share]\nblock = ['{*} the old sign {*}, and nobody {*}']";
    let lexicon = Lexicon::compile(KINDS, &[("phrases/en.toml", file)]).unwrap();
    let extractor = Extractor { lexicon: lexicon.into(), model: None, ..Extractor::new(&Options::default()).unwrap() };
    let case = Case { kind: Boilerplate::Share, form: Form::Block, phrase: "share".into(), text: "share".into() };
    assert_eq!(lost(&extractor, "en", &[case], &carriers()["en"]).len(), 1);
}

/// The sentences of a language that some phrase speaks against.
fn lost(extractor: &Extractor, code: &str, cases: &[Case], carrier: &Carrier) -> Vec<String> {
    let mut lost = Vec::new();
    for cases in cases.chunks(PHRASES_A_PAGE) {
        let page = page(code, cases, carrier);
        let html = source::readable(&page).unwrap();
        let source = Source::read(&html, &page).unwrap();
        let view = extractor.view(&source, &page);
        let findings = rules::propose(&view);
        for line in cases.iter().flat_map(|case| sentences(case, carrier)) {
            let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
            let block = view.blocks.blocks.iter().position(|block| view.blocks.text(block) == line);
            let block = block.unwrap_or_else(|| panic!("{code}: {line:?} is no block"));
            let mut against = findings.iter().filter(|finding| {
                finding.block == block
                    && finding.rule.starts_with("phrase:")
                    && extractor.lexicon.kind(finding.kind).action != Action::Keep
            });
            lost.extend(against.next().map(|finding| format!("{code}: {} takes {line:?}", finding.rule)));
        }
    }
    lost
}

fn sentences(case: &Case, carrier: &Carrier) -> [String; 2] {
    [&carrier.first, &carrier.inside].map(|sentence| sentence.replace("{}", &case.text))
}

fn page(code: &str, cases: &[Case], carrier: &Carrier) -> Page {
    let mut html = format!("<!doctype html><html lang={code}><title>1926</title><body><article><h1>1926</h1>");
    for case in cases {
        let [first, inside] =
            sentences(case, carrier).map(|sentence| sentence.replace('&', "&amp;").replace('<', "&lt;"));
        html.push_str(&format!("<p>{first}</p>\n<p>{inside}</p>\n<p>{}</p>\n", carrier.filler));
    }
    html.push_str("</article></html>");
    Page::from_bytes(html.into_bytes())
}

#[test]
fn every_phrase_says_where_it_was_seen() {
    let record = |code: &str| {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("eval/seen").join(format!("{code}.toml"));
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        text.parse::<toml::Table>().unwrap()
    };
    let mut wrong = Vec::new();
    for (code, cases, _) in languages() {
        let record = record(&code);
        let said: BTreeSet<[&str; 3]> = record
            .iter()
            .flat_map(|(kind, forms)| forms.as_table().unwrap().iter().map(move |(form, said)| (kind, form, said)))
            .flat_map(|(kind, form, said)| said.as_table().unwrap().keys().map(move |key| [kind, form, key]))
            .map(|names| names.map(String::as_str))
            .collect();
        let phrases: BTreeSet<[&str; 3]> =
            cases.iter().map(|case| [case.kind.id(), id(case.form), case.phrase.as_str()]).collect();
        wrong.extend(said.symmetric_difference(&phrases).map(|names| format!("{code}: {names:?}")));
    }
    assert!(wrong.is_empty(), "run `eval/phrases.py --seen`: {} phrases:\n{}", wrong.len(), wrong.join("\n"));
}

fn id(form: Form) -> &'static str {
    FORMS.iter().find(|(other, _)| *other == form).unwrap().1
}
