//! What is printed or written for an article.

use super::files::Files;
use super::{ExtractArgs, Extracted, Format};
use crate::article::{Dateline, Link, Metadata, Published};
use crate::cli::problem::Problem;
use crate::extract::{Counters, Extraction, Removal};
use crate::render;
use anyhow::ensure;
use serde::Serialize;
use url::Url;

/// The form that articles are shown in.
#[derive(Debug)]
pub(super) struct Form {
    format: Format,
    front_matter: bool,
    files: Option<Files>,
    several: bool,
    shown: usize,
}

/// The version of the lines of [`Format::Jsonl`]: another one where a field goes or means something else, not where one
/// is added.
const VERSION: u32 = 1;

/// An article as a JSON object; the fields are documented in docs/formats.md.
#[derive(Debug, Serialize)]
struct Record<'a> {
    /// What [`Format::Jsonl`] has before the others.
    #[serde(flatten)]
    label: Option<Label<'a>>,
    input: &'a str,
    url: Option<&'a Url>,
    verdict: &'static str,
    /// Two decimals.
    confidence: Option<f64>,
    /// Whether the text was read from data in the page's scripts.
    from_data: bool,
    title: Option<&'a str>,
    authors: &'a [String],
    published: Option<String>,
    dateline: Option<&'a Dateline>,
    text: String,
    tags: &'a [String],
    related: &'a [Link],
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

/// What a line of a batch is known by.
#[derive(Debug, Serialize)]
struct Label<'a> {
    version: u32,
    id: Option<&'a serde_json::Value>,
}

impl Form {
    /// The form that the arguments ask for, with `count` inputs to come.
    ///
    /// # Errors
    /// Arguments that contradict each other.
    pub(super) fn new(args: &ExtractArgs, count: usize) -> anyhow::Result<Self> {
        let json = match args.format {
            Format::Text => None,
            Format::Json => Some("--format json"),
            Format::Jsonl => Some("--format jsonl"),
        };
        if let Some(json) = json {
            ensure!(!args.front_matter, "--front-matter is for text; {json} has its fields already");
            ensure!(args.output.is_none(), "--output writes text; leave it out and redirect what {json} prints");
        }
        let files = args.output.as_deref().map(Files::open).transpose()?;
        Ok(Self { format: args.format, front_matter: args.front_matter, files, several: count > 1, shown: 0 })
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
        let front_matter = self.front_matter;
        let text = match (&mut self.files, self.format) {
            (Some(files), _) => files.write(found, &text(found, front_matter))?,
            (None, Format::Json) => record(found, None),
            (None, Format::Jsonl) => record(found, Some(Label { version: VERSION, id: found.id.as_ref() })),
            (None, Format::Text) => self.opening(found) + &text(found, front_matter),
        };
        self.shown += 1;
        Ok(text)
    }

    /// What stands before an article among several: its input, in the manner of `head` and `tail`.
    fn opening(&self, found: &Extracted) -> String {
        if !self.several && !found.is_of_batch {
            return String::new();
        }
        let gap = if self.shown > 0 { "\n" } else { "" };
        format!("{gap}==> {} <==\n\n", found.input.name)
    }
}

fn text(found: &Extracted, front_matter: bool) -> String {
    let Extraction { article, verdict, .. } = &found.reading.extraction;
    let before = front_matter.then(|| {
        render::front_matter(
            &article.metadata,
            &render::About { url: found.url.as_ref(), verdict: *verdict, ..render::About::default() },
        )
    });
    before.unwrap_or_default() + &render::text(article)
}

fn record(found: &Extracted, label: Option<Label<'_>>) -> String {
    let Metadata { title, authors, published, dateline, canonical_url, tags, related, .. } =
        &found.reading.extraction.article.metadata;
    let verdict = found.reading.extraction.verdict;
    // Of what is no article no text is written.
    let text = if verdict.has_article() { render::body(&found.reading.extraction.article) } else { String::new() };
    let record = Record {
        label,
        input: &found.input.name,
        url: canonical_url.as_ref().or(found.url.as_ref()),
        verdict: verdict.id(),
        confidence: found.reading.extraction.confidence.map(|expected| (f64::from(expected) * 100.0).round() / 100.0),
        from_data: found.reading.extraction.is_from_data,
        title: title.as_deref(),
        authors,
        published: published.map(moment),
        dateline: dateline.as_ref(),
        text,
        tags,
        related,
        counters: found.reading.extraction.counters(),
        removed: &found.reading.extraction.removals,
        pages: &found.reading.pages,
        missing_page: found.reading.shortfall.as_ref().map(ToString::to_string),
        unmatched_rules: &found.reading.extraction.unmatched_rules,
    };
    // Strings, lists and objects with ids for keys: there is no key to refuse.
    serde_json::to_string(&record).unwrap_or_default() + "\n"
}

/// RFC 3339: the moment in UTC where the page gives one, else the day.
fn moment(published: Published) -> String {
    published.timestamp.map_or_else(|| published.date.to_string(), |moment| moment.to_string())
}
