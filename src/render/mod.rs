//! Articles as text, Markdown, HTML and JSON, and what may stand above or beside them.
//!
//! One table of what is known (`front_matter.rs` for YAML, `json.rs` for JSON), one file for each format, and
//! `line.rs`, through which every text goes before it is shown.

mod front_matter;
mod html;
mod json;
mod line;
mod list;
mod markdown;
mod text;

use crate::article::{Article, ArticleBlock, Metadata, Provenance, Role, Verdict};
use crate::key::Key;
pub use front_matter::front_matter;
pub use html::{html, html_page};
pub use json::{BlockShown, Document, Facts, ImageShown, LinkShown, VERSION, json, sidecar};
pub use markdown::markdown;
use serde::{Deserialize, Deserializer, Serialize};
pub use text::{body, text};
use url::Url;

/// What an article is written as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Plain text.
    #[default]
    Text,
    /// Markdown: CommonMark, with the tables of GFM.
    Markdown,
    /// One JSON document.
    Json,
    /// A page of HTML.
    Html,
}

impl Format {
    /// Each with its id, as the configuration and the command line have it.
    pub const ALL: [(&'static str, Self); 4] =
        [("text", Self::Text), ("markdown", Self::Markdown), ("json", Self::Json), ("html", Self::Html)];

    /// What the names of its files end in, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Markdown => "md",
            Self::Json => "json",
            Self::Html => "html",
        }
    }

    /// The format of a file by its name; text where it ends in none of [`Format::extension`].
    pub fn of_name(name: &str) -> Self {
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        Self::ALL.into_iter().map(|(_, format)| format).find(|it| it.extension() == extension).unwrap_or_default()
    }

    /// Whether front matter may stand above it; the others have their own place for what it says.
    pub fn takes_front_matter(self) -> bool {
        matches!(self, Self::Text | Self::Markdown)
    }
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        let format = Self::ALL.into_iter().find(|(own, _)| *own == id).map(|(_, format)| format);
        let ids = Self::ALL.map(|(own, _)| format!("`{own}`")).join(", ");
        format.ok_or_else(|| serde::de::Error::custom(format_args!("`{id}` is none of {ids}")))
    }
}

/// What is known of an article besides itself.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Where it was found.
    pub url: Option<&'a Url>,
    /// What its page is.
    pub verdict: Verdict,
    /// Where its text was found.
    pub source: Provenance,
    /// The word F1 to be expected, 0 to 1.
    pub confidence: Option<f32>,
    /// The article that it is a copy of, where copies are marked.
    pub duplicate_of: Option<Key>,
}

impl Default for About<'_> {
    /// Nothing is known; a whole article, of its page.
    fn default() -> Self {
        Self { url: None, verdict: Verdict::Article, source: Provenance::Page, confidence: None, duplicate_of: None }
    }
}

impl<'a> About<'a> {
    /// What the article is known by: the canonical URL, else where it was found.
    fn url_of(&self, metadata: &'a Metadata) -> Option<&'a Url> {
        metadata.canonical_url.as_ref().or(self.url)
    }
}

/// The whole of a file: the article in a format, below its front matter where that is wanted and the format takes it.
/// Empty where the article has no body, but for JSON.
pub fn document(format: Format, article: &Article, about: &About<'_>, with_front_matter: bool) -> String {
    let shown = match format {
        Format::Text => text(article),
        Format::Markdown => markdown(article),
        Format::Json => json(article, about),
        Format::Html => html_page(article, about),
    };
    if with_front_matter && format.takes_front_matter() {
        return front_matter(&article.metadata, about) + &shown;
    }
    shown
}

/// The blocks in runs that are one thing: the rows of a table, the paragraphs of a quotation, the lines of code that
/// their page has set one by one. Any other block is a run of its own.
fn runs(blocks: &[ArticleBlock]) -> impl Iterator<Item = &[ArticleBlock]> {
    blocks.chunk_by(|before, after| match (before.role, after.role) {
        (Role::Row { .. }, Role::Row { opens_table, .. }) => !opens_table,
        (Role::Code, Role::Code) => after.spans.is_empty(),
        (Role::Quote, Role::Quote) => true,
        _ => false,
    })
}

#[cfg(test)]
mod tests;
