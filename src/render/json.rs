//! JSON: an article with what is known of it.

use super::About;
use super::line::{Piece, cells, pieces};
use super::text::words;
use crate::article::{Article, ArticleBlock, Claim, Dateline, Image, Link, Provenance, Role};
use serde::Serialize;
use url::Url;

/// The version of all that is written as JSON: another one where a field goes or means something else, not where one is
/// added.
pub const VERSION: u32 = 1;

/// What is known of an article; the fields are documented in docs/formats.md.
#[derive(Debug, Serialize)]
pub struct Facts<'a> {
    /// The page's canonical URL, else where it was found.
    pub url: Option<&'a Url>,
    /// `article` or `truncated`; of what is no article what that is.
    pub verdict: &'static str,
    /// `feed` where the text is the feed's; else it is left out.
    #[serde(skip_serializing_if = "Provenance::is_page")]
    pub source: Provenance,
    /// The key of the article that it is a copy of; else it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<&'a str>,
    /// The word F1 to be expected, in hundredths.
    pub confidence: Option<f64>,
    /// The headline.
    pub title: Option<&'a str>,
    /// What the page says of the article in a sentence or two.
    pub subtitle: Option<&'a str>,
    /// Who has written it.
    pub authors: &'a [String],
    /// RFC 3339, or a day.
    pub published: Option<String>,
    /// The last change: RFC 3339, or a day.
    pub modified: Option<String>,
    /// Where the report was written and whose it is.
    pub dateline: Option<&'a Dateline>,
    /// The wire agency.
    pub agency: Option<&'a str>,
    /// The name of the site.
    pub site: Option<&'a str>,
    /// The part of the site.
    pub section: Option<&'a str>,
    /// BCP 47.
    pub language: Option<&'a str>,
    /// The picture that stands for the article.
    pub image: Option<&'a Url>,
    /// What the text may be used for.
    pub license: Option<&'a str>,
    /// Whether everybody can read the whole.
    pub accessible_for_free: Option<bool>,
    /// How many words the body has.
    pub words: usize,
    /// The topics that the page names.
    pub tags: &'a [String],
    /// The links of its lists of related articles.
    pub related: &'a [Link],
    /// What each source says of each field.
    pub claims: &'a [Claim],
}

impl<'a> Facts<'a> {
    /// What metadata and the way to the article tell.
    pub fn of(article: &'a Article, about: &About<'a>) -> Self {
        let metadata = &article.metadata;
        Self {
            url: about.url_of(metadata),
            verdict: about.verdict.id(),
            source: about.source,
            confidence: about.confidence.map(|expected| (f64::from(expected) * 100.0).round() / 100.0),
            duplicate_of: about.duplicate_of,
            title: metadata.title.as_deref(),
            subtitle: metadata.subtitle.as_deref(),
            authors: &metadata.authors,
            published: metadata.published.map(|published| published.to_string()),
            modified: metadata.modified.map(|modified| modified.to_string()),
            dateline: metadata.dateline.as_ref(),
            agency: metadata.agency.as_deref(),
            site: metadata.site.as_deref(),
            section: metadata.section.as_deref(),
            language: metadata.language.as_deref(),
            image: metadata.image.as_ref(),
            license: metadata.license.as_deref(),
            accessible_for_free: metadata.accessible_for_free,
            words: article.words(),
            tags: &metadata.tags,
            related: &metadata.related,
            claims: &metadata.claims,
        }
    }
}

/// An article as one document.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    /// [`VERSION`].
    pub version: u32,
    /// What is known of it.
    #[serde(flatten)]
    pub facts: Facts<'a>,
    /// Its body; `None` in what stands beside a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocks: Option<Vec<BlockShown<'a>>>,
}

/// A block of the body.
#[derive(Debug, Serialize)]
pub struct BlockShown<'a> {
    /// What it is.
    #[serde(flatten)]
    pub role: Role,
    /// Its text, as plain text has it but for the signs of lists and quotations.
    pub text: String,
    /// Its links; left out where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<LinkShown<'a>>,
    /// Its images; left out where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<ImageShown<'a>>,
}

/// A link in a block.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct LinkShown<'a> {
    /// Where it begins, in characters (code points) of the block's text, from 0.
    pub from: usize,
    /// Where it ends: one past its last character.
    pub to: usize,
    /// Where it leads.
    pub url: &'a Url,
}

/// An image in a block.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct ImageShown<'a> {
    /// Before which character of the block's text it stands, from 0; as many as there are where it stands behind.
    pub at: usize,
    /// Where it is.
    pub url: &'a Url,
    /// What it shows.
    pub alt: &'a str,
    /// The line below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<&'a str>,
}

impl<'a> BlockShown<'a> {
    /// A block as it is shown.
    pub fn of(block: &'a ArticleBlock) -> Self {
        let mut shown =
            Self { role: block.role, text: words(block).into_owned(), links: Vec::new(), images: Vec::new() };
        if block.spans.is_empty() {
            return shown;
        }
        let mut at = 0;
        if matches!(block.role, Role::Row { .. }) {
            for cell in cells(block) {
                at = shown.note(&cell, at) + 1;
            }
            return shown;
        }
        let pieces = pieces(block);
        pieces.before.into_iter().for_each(|image| shown.note_image(image, 0));
        if block.role == Role::Code {
            at = shown.text.chars().count();
        } else {
            at = shown.note(&pieces.line, at);
        }
        pieces.behind.into_iter().for_each(|image| shown.note_image(image, at));
        shown
    }

    /// Notes links and images among pieces that begin at `at`; gives where they end.
    fn note(&mut self, pieces: &[Piece<'a>], mut at: usize) -> usize {
        for piece in pieces {
            match piece {
                Piece::Text(text) => at += text.chars().count(),
                Piece::Link(text, url) => {
                    let from = at;
                    at += text.chars().count();
                    self.links.push(LinkShown { from, to: at, url });
                }
                Piece::Image(image) => self.note_image(image, at),
            }
        }
        at
    }

    fn note_image(&mut self, image: &'a Image, at: usize) {
        self.images.push(ImageShown { at, url: &image.url, alt: &image.alt, caption: image.caption.as_deref() });
    }
}

/// The article as one JSON object on one line: what is known of it, and its blocks.
pub fn json(article: &Article, about: &About<'_>) -> String {
    let blocks = article.blocks.iter().map(BlockShown::of).collect();
    line(&Document { version: VERSION, facts: Facts::of(article, about), blocks: Some(blocks) })
}

/// What stands beside a text: the object of [`json`] without the blocks.
pub fn sidecar(article: &Article, about: &About<'_>) -> String {
    line(&Document { version: VERSION, facts: Facts::of(article, about), blocks: None })
}

fn line(document: &Document<'_>) -> String {
    // Texts, lists and objects with ids for keys: there is no key to refuse.
    serde_json::to_string(document).unwrap_or_default() + "\n"
}
