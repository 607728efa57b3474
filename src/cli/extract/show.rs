//! What is printed or written for an article.

use super::files::Files;
use super::{ExtractArgs, Extracted, Format};
use crate::article::Provenance;
use crate::cli::problem::Problem;
use crate::extract::{Counters, Extraction, Removal};
use crate::render::{self, About, BlockShown, Facts};
use anyhow::ensure;
use serde::Serialize;
use url::Url;

/// The form that articles are shown in.
#[derive(Debug)]
pub(super) struct Form {
    format: Format,
    front_matter: bool,
    sidecar: bool,
    files: Option<Files>,
    several: bool,
    shown: usize,
}

/// An article as a JSON object; the fields are documented in docs/formats.md.
#[derive(Debug, Serialize)]
struct Record<'a> {
    version: u32,
    /// What a batch calls it; of [`Format::Jsonl`] alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Option<&'a serde_json::Value>>,
    input: &'a str,
    #[serde(flatten)]
    facts: Facts<'a>,
    /// Whether the text was read from data in the page's scripts.
    from_data: bool,
    text: String,
    /// Not of [`Format::Jsonl`].
    #[serde(skip_serializing_if = "Option::is_none")]
    blocks: Option<Vec<BlockShown<'a>>>,
    counters: Counters,
    removed: &'a [Removal],
    /// Where the further pages of the article were found that the text has; absent where there are none.
    #[serde(skip_serializing_if = "<[Url]>::is_empty")]
    pages: &'a [Url],
    /// Which page is missing, and why; absent where none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_page: Option<String>,
    /// The site rules that had no effect; absent where there are none.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    unmatched_rules: &'a [String],
}

impl Form {
    /// The form that the arguments ask for, with `count` inputs to come.
    ///
    /// # Errors
    /// Arguments that contradict each other.
    pub(super) fn new(args: &ExtractArgs, count: usize) -> anyhow::Result<Self> {
        let (format, name) = (args.format, args.format.name());
        let takes_front_matter = format.of_file().is_some_and(render::Format::takes_front_matter);
        ensure!(
            !args.front_matter || takes_front_matter,
            "--front-matter is for text and Markdown; {name} has its fields already, or its own place for them"
        );
        let has_file = args.output.is_none() || format.of_file().is_some();
        ensure!(has_file, "--output writes a file for each article; leave it out and redirect what {name} prints");
        ensure!(!args.sidecar || format != Format::Json, "--sidecar is for files that are no JSON; {name} has it all");
        for (is_given, option) in [(args.with_links, "--with-links"), (args.with_images, "--with-images")] {
            let has_place = !matches!(format, Format::Text | Format::Jsonl);
            ensure!(
                !is_given || has_place,
                "{option} is for --format markdown, html and json; {name} has no place for it"
            );
        }
        let files = args.output.as_deref().map(Files::open).transpose()?;
        let (front_matter, sidecar) = (args.front_matter, args.sidecar);
        Ok(Self { format, front_matter, sidecar, files, several: count > 1, shown: 0 })
    }

    /// Whether what holds no article has a line too.
    pub(super) fn shows_all(&self) -> bool {
        self.format == Format::Jsonl
    }

    /// What to print for the next article; its file, where one was asked for, is written before.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn render(&mut self, found: &Extracted) -> Result<String, Problem> {
        let content = match self.format.of_file() {
            None | Some(render::Format::Json) => record(found, self.format),
            Some(format) => {
                let article = &found.reading.extraction.article;
                render::document(format, article, &about(found), self.front_matter)
            }
        };
        let shown = match (&mut self.files, self.format.of_file()) {
            (Some(files), Some(format)) => {
                let article = &found.reading.extraction.article;
                let sidecar = self.sidecar.then(|| render::sidecar(article, &about(found)));
                files.write(found, format, &content, sidecar.as_deref())?
            }
            _ => match self.opening(found) {
                opening if opening.is_empty() => content,
                opening => opening + &content,
            },
        };
        self.shown += 1;
        Ok(shown)
    }

    /// What stands before an article among several, but for JSON: its input, in the manner of `head` and `tail`.
    fn opening(&self, found: &Extracted) -> String {
        let is_json = matches!(self.format, Format::Json | Format::Jsonl);
        if is_json || !self.several && !found.is_of_batch {
            return String::new();
        }
        let gap = if self.shown > 0 { "\n" } else { "" };
        format!("{gap}==> {} <==\n\n", found.input.name)
    }
}

fn about(found: &Extracted) -> About<'_> {
    let Extraction { verdict, confidence, .. } = found.reading.extraction;
    About { url: found.url.as_ref(), verdict, source: Provenance::Page, confidence, duplicate_of: None }
}

fn record(found: &Extracted, format: Format) -> String {
    let extraction = &found.reading.extraction;
    let article = &extraction.article;
    // Of what is no article no text is written.
    let has_article = extraction.verdict.has_article();
    let is_line = format == Format::Jsonl;
    let record = Record {
        version: render::VERSION,
        id: is_line.then_some(found.id.as_ref()),
        input: &found.input.name,
        facts: Facts::of(article, &about(found)),
        from_data: extraction.is_from_data,
        text: if has_article { render::body(article) } else { String::new() },
        blocks: (!is_line && has_article).then(|| article.blocks.iter().map(BlockShown::of).collect()),
        counters: extraction.counters(),
        removed: &extraction.removals,
        pages: &found.reading.pages,
        missing_page: found.reading.shortfall.as_ref().map(ToString::to_string),
        unmatched_rules: &extraction.unmatched_rules,
    };
    // Strings, lists and objects with ids for keys: there is no key to refuse.
    serde_json::to_string(&record).unwrap_or_default() + "\n"
}
