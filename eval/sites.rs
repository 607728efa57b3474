//! `cargo run --release --example sites -- FOLDER [--faults]`
//!
//! Loads a folder of FiveFilters files and counts, as a table in Markdown, how many directives of each kind
//! there are and how many cannot be run, by reason; `--faults` lists those instead, one a line.

use anyhow::{Context, Result, bail};
use gleaner::config::read_site_rules;
use gleaner::extract::{SiteFault, SiteFaultKind, SiteRules};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The directives that issue 4 counts.
const COUNTED: &[&str] =
    &["body", "title", "author", "date", "strip", "strip_id_or_class", "next_page_link", "single_page_link"];

fn main() -> Result<()> {
    let usage = "usage: sites FOLDER [--faults]";
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().context(usage)?);
    let mut rules = SiteRules::default();
    let faults = read_site_rules(&folder, &mut rules)?;
    match arguments.next().as_deref() {
        None => table(&folder, &rules, &faults),
        Some("--faults") => {
            faults.iter().for_each(|fault| println!("{fault}"));
            Ok(())
        }
        Some(other) => bail!("{other}: {usage}"),
    }
}

fn table(folder: &Path, rules: &SiteRules, faults: &[SiteFault]) -> Result<()> {
    let written = written(folder)?;
    println!("{} hosts with rules of their own, {} lines that cannot be used\n", rules.hosts(), faults.len());
    println!("| directive | written | run | share |\n|---|---:|---:|---:|");
    let mut whole = (0, 0);
    for directive in COUNTED {
        let count = written.get(*directive).copied().unwrap_or(0);
        let run = count - faults.iter().filter(|fault| fault.directive() == *directive).count();
        whole = (whole.0 + count, whole.1 + run);
        println!("| {directive} | {count} | {run} | {:.2} % |", percent(run, count));
    }
    println!("| all of these | {} | {} | {:.2} % |\n", whole.0, whole.1, percent(whole.1, whole.0));
    println!("| reason | lines |\n|---|---:|");
    let mut reasons: BTreeMap<(SiteFaultKind, &str), usize> = BTreeMap::new();
    for fault in faults {
        let directive = COUNTED.iter().find(|it| **it == fault.directive()).copied().unwrap_or("other");
        *reasons.entry((fault.kind(), directive)).or_default() += 1;
    }
    for ((kind, directive), count) in reasons {
        println!("| {kind:?}, `{directive}` | {count} |");
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
