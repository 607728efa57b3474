//! The form in which articles are printed or written.

use super::{ExtractArgs, Extracted, Failed, Format};
use crate::article::{Provenance, Verdict};
use crate::cli::terminal::plain;
use crate::extract::{Counters, Extraction, Removal};
use crate::render::{self, About, BlockShown, Facts};
use anyhow::ensure;
use serde::Serialize;
use url::Url;

/// The form that articles are shown in; any thread may put them into it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) format: Format,
    front_matter: bool,
    sidecar: bool,
}

/// An article in its form.
pub(super) struct Shown {
    pub(super) content: String,
    /// What stands beside its file.
    pub(super) sidecar: Option<String>,
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
    /// Why the archive has the beginning of the page alone; absent elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    cut_off: Option<&'a str>,
}

/// What stands in JSON Lines for what could not be read.
#[derive(Debug, Serialize)]
struct FailureRow<'a> {
    version: u32,
    id: Option<&'a serde_json::Value>,
    input: &'a str,
    url: Option<&'a Url>,
    error: &'a str,
}

impl Shape {
    /// The form that the arguments ask for.
    ///
    /// # Errors
    /// Arguments that contradict each other.
    pub(super) fn new(args: &ExtractArgs) -> anyhow::Result<Self> {
        let (format, name) = (args.format, args.format.name());
        let takes_front_matter = format.of_file().is_some_and(render::Format::takes_front_matter);
        ensure!(
            !args.front_matter || takes_front_matter,
            "--front-matter is for text and Markdown; {name} has its fields already, or its own place for them"
        );
        let has_all = matches!(format, Format::Json | Format::Jsonl);
        ensure!(!args.sidecar || !has_all, "--sidecar is for files that are no JSON; {name} has it all");
        for (is_given, option) in [(args.with_links, "--with-links"), (args.with_images, "--with-images")] {
            let has_place = !matches!(format, Format::Text | Format::Jsonl);
            ensure!(
                !is_given || has_place,
                "{option} is for --format markdown, html and json; {name} has no place for it"
            );
        }
        Ok(Self { format, front_matter: args.front_matter, sidecar: args.sidecar })
    }

    /// A format without anything more.
    #[cfg(test)]
    pub(super) fn of(format: Format) -> Self {
        Self { format, front_matter: false, sidecar: false }
    }

    /// Whether what holds no article has a line too.
    pub(super) fn shows_all(self) -> bool {
        self.format == Format::Jsonl
    }

    /// Whether objects stand for themselves, without a line that says what they are of.
    pub(super) fn is_json(self) -> bool {
        matches!(self.format, Format::Json | Format::Jsonl)
    }

    /// What came of an input or a record; `None` where it is not shown.
    pub(super) fn show(self, found: &Extracted) -> Option<Shown> {
        if !self.shows(found.reading.extraction.verdict) {
            return None;
        }
        let article = &found.reading.extraction.article;
        let content = match self.format.of_file() {
            None | Some(render::Format::Json) => record(found, self.format),
            Some(format) => render::document(format, article, &about(found), self.front_matter),
        };
        let sidecar = self.sidecar.then(|| render::sidecar(article, &about(found)));
        Some(Shown { content, sidecar })
    }

    fn shows(self, verdict: Verdict) -> bool {
        verdict.has_article() || self.shows_all()
    }

    /// The line of an input or a record that could not be read, where it has one.
    pub(super) fn failure(self, failed: &Failed) -> Option<String> {
        if !self.shows_all() {
            return None;
        }
        let url = failed.url.as_ref().or(failed.input.url());
        let error = plain(&failed.problem.without(url));
        let (id, input) = (failed.id.as_ref(), failed.input.name.as_str());
        let row = FailureRow { version: render::VERSION, id, input, url, error: &error };
        // Strings and an object of fixed keys: there is no key to refuse.
        Some(serde_json::to_string(&row).unwrap_or_default() + "\n")
    }
}

impl Shown {
    /// How many bytes it has.
    pub(super) fn bytes(&self) -> usize {
        self.content.len() + self.sidecar.as_ref().map_or(0, String::len)
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
        cut_off: found.cut_off.as_deref(),
    };
    // Strings, lists and objects with ids for keys: there is no key to refuse.
    serde_json::to_string(&record).unwrap_or_default() + "\n"
}
