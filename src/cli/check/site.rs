//! `gleaner check --site`: what the rules of a site do to one of its pages.

use super::CheckArgs;
use crate::cli::code::{Code, Ended, OrUsage as _};
use crate::cli::logs::LogArgs;
use crate::cli::source::{Input, Loader};
use crate::cli::terminal::{message, plain, print};
use crate::config::{Config, read_site_rules};
use crate::extract::{Extraction, Extractor, Options, SiteFault, SiteOutcome, SiteRules, is_same_site};
use crate::fetch::SiteOptions;
use crate::page::Page;
use anyhow::{Context as _, ensure};
use indicatif::MultiProgress;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

/// How much of a value is shown, in characters.
const SHOWN_CHARS: usize = 60;

/// What the command line or else the configuration says of sites.
struct Sites {
    /// With their rules.
    options: Options,
    /// What cannot be used in the folder of rules.
    faults: Vec<SiteFault>,
    /// How they are asked.
    fetch: BTreeMap<String, SiteOptions>,
}

/// Reads it.
///
/// # Errors
/// A configuration or a folder that cannot be read.
fn sites(args: &CheckArgs) -> Result<Sites, Ended> {
    let has_config = args.config.config.exists() || args.site_rules.is_none();
    let config = if has_config { args.config.load()? } else { Config::default() };
    let fetch = config.fetch.sites.clone();
    let Some(folder) = &args.site_rules else {
        let (options, faults) = config.extractor_options().or_usage()?;
        return Ok(Sites { options, faults, fetch });
    };
    let mut rules = config.site_rules.clone();
    let faults = read_site_rules(folder, &mut rules).or_usage()?;
    Ok(Sites { options: Options { sites: Arc::new(rules), ..config.extract.options() }, faults, fetch })
}

/// Prints what each rule does.
///
/// # Errors
/// Rules that cannot be read, a page that nobody says the host of, a host without rules.
pub(super) async fn run(
    args: &CheckArgs,
    site: &OsStr,
    log: &LogArgs,
    progress: &MultiProgress,
) -> Result<Code, Ended> {
    let Sites { options, faults, fetch } = sites(args)?;
    let rules = Arc::clone(&options.sites);
    let loader = Loader::with_sites(&args.fetch, args.url.clone(), &options.sites, &fetch).or_usage()?;
    let input = Input::parse(site);
    let page = match loader.load(input.source.clone()).await {
        Ok(page) => page,
        Err(problem) => {
            log.failure(&input, &problem, progress);
            return Ok(Code::of(1, &[problem.failure()]));
        }
    };
    let extractor = Extractor::new(&options).context("the extractor's own rules cannot be used")?;
    let (page, extraction) = at_its_url(&extractor, page).or_usage()?;
    let host = host(&page).to_owned();
    covered(&rules, &host).or_usage()?;
    for fault in faults.iter().filter(|fault| names(&extractor, &page, fault)) {
        message(&fault.to_string());
    }
    print(&report(&host, &extractor, &page, &extraction))?;
    Ok(Code::AllWell)
}

/// The page where it says itself that it stands, if nobody else does, and what is extracted there.
fn at_its_url(extractor: &Extractor, page: Page) -> anyhow::Result<(Page, Extraction)> {
    let extraction = extractor.extract(&page);
    if page.url.is_some() {
        return Ok((page, extraction));
    }
    let url = extraction.article.metadata.canonical_url;
    ensure!(url.is_some(), "the page does not say where it stands; add --url URL");
    let page = Page { url, ..page };
    let extraction = extractor.extract(&page);
    Ok((page, extraction))
}

fn host(page: &Page) -> &str {
    page.url.as_ref().and_then(|url| url.host_str()).unwrap_or_default()
}

fn covered(rules: &SiteRules, host: &str) -> anyhow::Result<()> {
    ensure!(
        rules.covers(host),
        "no rules for {host}; add a [[site]] table with `host = \"{host}\"` to the configuration, or name a folder \
         that has {host}.txt with --site-rules"
    );
    Ok(())
}

/// Whether a fault stands in a file that holds for the page: that of one of its rules.
fn names(extractor: &Extractor, page: &Page, fault: &SiteFault) -> bool {
    let file = |place: &str| place.rsplit_once(':').map(|(file, _)| file.to_owned());
    let files: Vec<_> = extractor.check_site(page).iter().filter_map(|outcome| file(&outcome.place)).collect();
    file(&fault.place().to_string()).is_some_and(|file| files.contains(&file))
}

/// A line for each rule, aligned, then where the article goes on and what came of it all.
fn report(host: &str, extractor: &Extractor, page: &Page, extraction: &Extraction) -> String {
    let outcomes = extractor.check_site(page);
    let width = |text: &dyn Fn(&SiteOutcome) -> usize| outcomes.iter().map(text).max().unwrap_or(0);
    let (places, directives) = (width(&|it| it.place.chars().count()), width(&|it| it.directive.len()));
    let matches: Vec<String> = outcomes.iter().map(matched).collect();
    let matched = matches.iter().map(|it| it.chars().count()).max().unwrap_or(0);
    let mut report = format!("rules for {}:\n", plain(host));
    for (outcome, found) in outcomes.iter().zip(&matches) {
        let (place, directive, expression) = (plain(&outcome.place), outcome.directive, plain(&outcome.expression));
        // Writing to a string cannot fail.
        let _ = writeln!(
            report,
            "{place:places$}  {directive:directives$}  {found:matched$}  {expression}{}",
            value(outcome)
        );
    }
    let links = [("single page", &extraction.onward.single_page), ("next page", &extraction.onward.next_page)];
    for (name, url) in links.into_iter().filter_map(|(name, url)| Some((name, url.as_ref()?))) {
        let is_followed = page.url.as_ref().is_some_and(|here| is_same_site(here, url));
        let refused = if is_followed { "" } else { " (not followed: another site)" };
        let _ = writeln!(report, "{name}: {}{refused}", plain(url.as_str()));
    }
    let chars: usize = extraction.article.blocks.iter().map(|block| block.text.chars().count()).sum();
    let (verdict, blocks) = (extraction.verdict.id(), extraction.article.blocks.len());
    let doubted = extraction.unmatched_rules.iter().filter(|rule| rule.ends_with(')') && rule.contains(" ("));
    for rule in doubted.filter(|rule| !outcomes.iter().any(|outcome| rule.ends_with(&outcome.expression))) {
        let _ = writeln!(report, "not applied: {}", plain(rule));
    }
    let _ = writeln!(report, "with all of them: {verdict}, {blocks} blocks, {chars} characters");
    report
}

/// How much a rule matches, in words.
fn matched(outcome: &SiteOutcome) -> String {
    let Some(found) = &outcome.matched else { return "too many steps".to_owned() };
    match (found.count, found.chars) {
        (0, _) => "nothing".to_owned(),
        (1, 0) => "1 match".to_owned(),
        (count, 0) => format!("{count} matches"),
        (1, chars) => format!("1 match, {chars} characters"),
        (count, chars) => format!("{count} matches, {chars} characters"),
    }
}

/// The value of what names one, and whether it is asked for.
fn value(outcome: &SiteOutcome) -> String {
    if outcome.is_spare {
        return " (not needed)".to_owned();
    }
    let found = outcome.matched.as_ref().map_or("", |found| &found.value);
    let names_value = !matches!(outcome.directive, "body" | "keep" | "drop" | "strip" | "strip_id_or_class");
    if !names_value || found.is_empty() {
        return String::new();
    }
    let cut: String = plain(found).chars().take(SHOWN_CHARS).collect();
    let sign = if cut.chars().count() < found.chars().count() { "..." } else { "" };
    format!(" = \"{cut}{sign}\"")
}

/// Says in the log what cannot be used in a folder: how much, and each line for those who ask.
pub(crate) fn warn_of(folder: &Path, faults: &[SiteFault]) {
    if faults.is_empty() {
        return;
    }
    let (folder, lines) = (folder.display(), faults.len());
    tracing::warn!(%folder, lines, "some lines of the site rules cannot be used; `gleaner check` lists them");
    for fault in faults {
        tracing::debug!("{fault}");
    }
}
