//! `gleaner capture`: a failing page becomes the beginning of a fixture.

use super::code::{Code, Ended, OrUsage as _};
use super::logs::LogArgs;
use super::source::{FetchArgs, Input, Loader, web_url};
use super::terminal::{plain, print};
use crate::article::Metadata;
use crate::extract::block::Boilerplate;
use crate::extract::{Extraction, Extractor, Options};
use crate::page::Page;
use crate::render;
use anyhow::{Context as _, ensure};
use clap::Args;
use indicatif::MultiProgress;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// Where fixtures stand, as seen from the project's folder.
const FIXTURES: &str = "fixtures";
/// Where captured pages wait to be rewritten; git ignores it.
const INBOX: &str = "fixtures/.inbox";
/// The longest name of a case, in bytes.
const MAX_CASE_BYTES: usize = 60;
/// How much of a removed text is quoted to find it again, in characters.
const QUOTE_CHARS: usize = 40;

/// The arguments of `gleaner capture`.
#[derive(Debug, Clone, Args)]
pub(crate) struct CaptureArgs {
    /// The page: http://, https://, or a file
    #[arg(value_name = "URL | FILE")]
    input: OsString,
    /// The name of the case: what the page is an example of, in lower case (wire_dateline)
    case: String,
    /// Where the file comes from on the web
    #[arg(long, value_name = "URL", value_parser = web_url)]
    base_url: Option<Url>,
    #[command(flatten)]
    fetch: FetchArgs,
}

/// Writes `fixtures/.inbox/<case>/{page.html, case.toml, expected.txt}` and says what to do next.
///
/// # Errors
/// A name that is none or is taken, and a folder that cannot be written.
pub(crate) async fn run(args: CaptureArgs, log: &LogArgs, progress: &MultiProgress) -> Result<Code, Ended> {
    check_case(&args.case).or_usage()?;
    let loader = Loader::new(&args.fetch, args.base_url, &Arc::default()).or_usage()?;
    let input = Input::parse(&args.input);
    let page = match loader.load(input.source.clone()).await {
        Ok(page) => page,
        Err(problem) => {
            log.failure(&input, &problem, progress);
            return Ok(Code::of(1, &[problem.failure()]));
        }
    };
    let extractor = Extractor::new(&Options::default()).context("the extractor's own rules cannot be used")?;
    let folder = write(&args.case, &page, &extractor.extract(&page)).or_usage()?;
    print(&next_steps(&folder, &args.case))?;
    Ok(Code::AllWell)
}

/// Whether the name can be a folder's and is free.
fn check_case(case: &str) -> anyhow::Result<()> {
    ensure!(
        is_case_name(case),
        "`{case}` is no name for a case: use a-z, 0-9 and single _ in between, at most {MAX_CASE_BYTES} characters"
    );
    ensure!(Path::new(FIXTURES).is_dir(), "there is no folder `{FIXTURES}` here; run this in the project's folder");
    for folder in [FIXTURES, INBOX] {
        let taken = Path::new(folder).join(case);
        ensure!(!taken.exists(), "{} is there already; choose another name or remove it", taken.display());
    }
    Ok(())
}

fn is_case_name(case: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    case.len() <= MAX_CASE_BYTES && case.split('_').all(is_word)
}

fn write(case: &str, page: &Page, extraction: &Extraction) -> anyhow::Result<PathBuf> {
    let folder = Path::new(INBOX).join(case);
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    for (name, bytes) in [
        ("page.html", page.body.as_ref()),
        ("case.toml", case_toml(page, extraction).as_bytes()),
        ("expected.txt", render::text(&extraction.article).as_bytes()),
    ] {
        let path = folder.join(name);
        fs::write(&path, bytes).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(folder)
}

/// What was found, in the form of `case.toml`, to be put right by hand.
fn case_toml(page: &Page, extraction: &Extraction) -> String {
    let Metadata { title, authors, published, site, language, canonical_url, .. } = &extraction.article.metadata;
    let mut toml = String::from(
        "# What Gleaner finds today. Put right what is wrong, and rewrite page.html into a page of your own:\n\
         # the same build, other names, other sentences.\n",
    );
    let mut field = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            // Writing to a string cannot fail.
            let _ = writeln!(toml, "{name} = {value}");
        }
    };
    field("models", Some(quoted("say what the page is an example of")));
    field("url", page.url.as_ref().map(|url| quoted(url.as_str())));
    field("content_type", page.content_type.as_deref().map(quoted));
    field("\n[expect]\nverdict", Some(quoted(extraction.verdict.id())));
    field("title", title.as_deref().map(quoted));
    field("authors", (!authors.is_empty()).then(|| list(authors.iter().map(|author| quoted(author)))));
    field("published", published.map(|published| quoted(&published.date.to_string())));
    field("language", language.as_deref().map(quoted));
    field("site", site.as_deref().map(quoted));
    field("canonical_url", canonical_url.as_ref().map(|url| quoted(url.as_str())));
    field("removed", Some(removed(extraction)));
    field("kept", Some("[]".to_owned()));
    toml
}

/// The first removal of each kind, by the beginning of its text.
fn removed(extraction: &Extraction) -> String {
    let mut seen: BTreeSet<Boilerplate> = BTreeSet::new();
    let mut lines = String::new();
    for removal in extraction.removals.iter().filter(|removal| seen.insert(removal.kind)) {
        let start: String = removal.text.lines().next().unwrap_or_default().chars().take(QUOTE_CHARS).collect();
        // Writing to a string cannot fail.
        let _ = write!(lines, "\n    {{ kind = {}, has = {} }},", quoted(removal.kind.id()), quoted(start.trim_end()));
    }
    if lines.is_empty() { "[]".to_owned() } else { format!("[{lines}\n]") }
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// A TOML string. JSON's escapes are TOML's too, and control characters are left out before.
fn quoted(text: &str) -> String {
    serde_json::Value::from(plain(text)).to_string()
}

fn next_steps(folder: &Path, case: &str) -> String {
    let folder = folder.display();
    format!(
        "{folder}\n\
         1. Rewrite page.html into a page of your own: the same build, other names, other sentences.\n\
         2. Put right case.toml and expected.txt: they hold what is found today.\n\
         3. mv {folder} {FIXTURES}/{case}, then `cargo test` shows what differs, `UPDATE=1 cargo test` takes it over.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::{Article, Verdict};
    use crate::extract::{Onward, Removal};

    #[test]
    fn names_of_cases_are_plain_words() {
        for name in ["wire_dateline", "a", "live_blog_2"] {
            assert!(is_case_name(name), "{name}");
        }
        for name in ["", "_a", "a_", "a__b", "A", "a-b", "../a", "a/b", ".a", "ä", &"a".repeat(61)] {
            assert!(!is_case_name(name), "{name}");
        }
    }

    #[test]
    fn case_is_toml_whatever_the_page_says() {
        let metadata = Metadata {
            title: Some("A \"quoted\" \\ title\u{1b}".into()),
            authors: vec!["Ada".into()],
            ..Metadata::default()
        };
        let removal =
            |text: &str| Removal { kind: Boilerplate::Ad, rule: "words:ad".into(), score: None, text: text.into() };
        let extraction = Extraction {
            article: Article { metadata, blocks: vec![] },
            removals: vec![removal("Ad \"1\"\nsecond line"), removal("Ad 2")],
            confidence: None,
            verdict: Verdict::Article,
            is_from_data: false,
            unmatched_rules: vec![],
            onward: Onward::default(),
        };
        let page = Page::from_bytes("x").at(Url::parse("https://example.org/a").unwrap());
        let case: toml::Table = toml::from_str(&case_toml(&page, &extraction)).unwrap();
        assert_eq!(case["url"].as_str(), Some("https://example.org/a"));
        let expect = case["expect"].as_table().unwrap();
        assert_eq!(expect["title"].as_str(), Some("A \"quoted\" \\ title"));
        assert_eq!(expect["authors"].as_array().unwrap().len(), 1);
        assert_eq!(expect["removed"].as_array().unwrap().len(), 1);
        assert_eq!(expect["removed"][0]["has"].as_str(), Some("Ad \"1\""));
    }
}
