//! `cargo run --release --example sites -- FOLDER [--faults | --over CORPUS_DIR]`
//!
//! Loads a folder of FiveFilters files and counts, as a table in Markdown, how many directives of each kind
//! there are and how many cannot be run, by reason. `--faults` lists those instead, one a line; `--over` tells
//! what became of the rules on those pages of a corpus (`truth.jsonl`, `html/ID.html`) whose hosts have any.
//! What they do to the text is told by `evaluate` with `--site-rules FOLDER --covered`, and `--unapplied`.

use anyhow::{Context, Result, bail};
use gleaner::config::read_site_rules;
use gleaner::extract::{Extractor, Options, SiteFault, SiteFaultKind, SiteRules};
use gleaner::page::Page;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::{StdoutLock, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// The directives that are counted: all that have an effect on what is extracted, or lead to more of it.
const COUNTED: &[&str] =
    &["body", "title", "author", "date", "strip", "strip_id_or_class", "next_page_link", "single_page_link"];

fn main() -> Result<()> {
    let usage = "usage: sites FOLDER [--faults | --over CORPUS_DIR]";
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().context(usage)?);
    let mut rules = SiteRules::default();
    let faults = read_site_rules(&folder, &mut rules)?;
    let mut out = std::io::stdout().lock();
    match arguments.next().as_deref() {
        None => table(&mut out, &folder, &rules, &faults),
        Some("--faults") => faults.iter().try_for_each(|fault| Ok(writeln!(out, "{fault}")?)),
        Some("--over") => over(&mut out, Path::new(&arguments.next().context(usage)?), rules),
        Some(other) => bail!("{other}: {usage}"),
    }
}

fn table(out: &mut StdoutLock<'_>, folder: &Path, rules: &SiteRules, faults: &[SiteFault]) -> Result<()> {
    let written = written(folder)?;
    writeln!(out, "{} hosts with rules of their own, {} lines that cannot be used\n", rules.hosts(), faults.len())?;
    writeln!(out, "| directive | written | run | share |\n|---|---:|---:|---:|")?;
    let mut whole = (0, 0);
    for directive in COUNTED {
        let count = written.get(*directive).copied().unwrap_or(0);
        let run = count - faults.iter().filter(|fault| fault.directive() == *directive).count();
        whole = (whole.0 + count, whole.1 + run);
        writeln!(out, "| {directive} | {count} | {run} | {:.2} % |", percent(run, count))?;
    }
    writeln!(out, "| all of these | {} | {} | {:.2} % |\n", whole.0, whole.1, percent(whole.1, whole.0))?;
    writeln!(out, "| reason | lines |\n|---|---:|")?;
    let mut reasons: BTreeMap<(SiteFaultKind, &str), usize> = BTreeMap::new();
    for fault in faults {
        let directive = COUNTED.iter().find(|it| **it == fault.directive()).copied().unwrap_or("other");
        *reasons.entry((fault.kind(), directive)).or_default() += 1;
    }
    for ((kind, directive), count) in reasons {
        writeln!(out, "| {kind:?}, `{directive}` | {count} |")?;
    }
    Ok(())
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

/// How often each directive is written, by the plainest reading of the files.
fn written(folder: &Path) -> Result<BTreeMap<String, usize>> {
    let mut counts = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            let bytes = std::fs::read(&path)?;
            for line in String::from_utf8_lossy(&bytes).lines() {
                if let Some((name, _)) = line.trim_start_matches('\u{feff}').split_once(':') {
                    *counts.entry(name.trim().to_owned()).or_default() += 1;
                }
            }
        }
    }
    Ok(counts)
}

#[derive(Deserialize)]
struct Truth {
    id: String,
    url: Option<Url>,
}

/// What became of the rules of one directive.
#[derive(Debug, Default)]
struct Outcomes {
    asked: usize,
    matched: usize,
    out_of_steps: usize,
}

fn over(out: &mut StdoutLock<'_>, corpus: &Path, rules: SiteRules) -> Result<()> {
    let sites = Arc::new(rules);
    let extractor = Extractor::new(&Options { sites: Arc::clone(&sites), ..Options::default() })?;
    let mut by_directive: BTreeMap<&str, Outcomes> = BTreeMap::new();
    let (mut pages, mut doubted) = (0, 0);
    for line in std::fs::read_to_string(corpus.join("truth.jsonl"))?.lines() {
        let truth: Truth = serde_json::from_str(line)?;
        if !truth.url.as_ref().and_then(|url| url.host_str()).is_some_and(|host| sites.covers(host)) {
            continue;
        }
        let body = std::fs::read(corpus.join("html").join(format!("{}.html", truth.id)))?;
        let page = Page { url: truth.url, body: body.into(), ..Page::default() };
        pages += 1;
        for outcome in extractor.check_site(&page) {
            let counts = by_directive.entry(outcome.directive).or_default();
            counts.asked += 1;
            match outcome.matched {
                None => counts.out_of_steps += 1,
                Some(found) => counts.matched += usize::from(found.count > 0),
            }
        }
        let unmatched = extractor.extract(&page).unmatched_rules;
        doubted += usize::from(unmatched.iter().any(|rule| rule.ends_with("(holds too little of the page's text)")));
    }
    writeln!(out, "{pages} pages, on {doubted} the body rule is not believed\n")?;
    writeln!(out, "| directive | asked | matched | out of steps |\n|---|---:|---:|---:|")?;
    for (directive, Outcomes { asked, matched, out_of_steps }) in by_directive {
        writeln!(out, "| {directive} | {asked} | {matched} | {out_of_steps} |")?;
    }
    Ok(())
}
