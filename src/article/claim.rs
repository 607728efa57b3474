//! What a page's sources say of its article, each for itself.

use serde::Serialize;

/// What is said of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// [`super::Metadata::title`].
    Title,
    /// [`super::Metadata::subtitle`].
    Subtitle,
    /// [`super::Metadata::authors`], in one line.
    Authors,
    /// [`super::Metadata::published`].
    Published,
    /// [`super::Metadata::modified`].
    Modified,
    /// [`super::Metadata::agency`].
    Agency,
    /// [`super::Metadata::site`].
    Site,
    /// [`super::Metadata::language`].
    Language,
    /// [`super::Metadata::canonical_url`].
    CanonicalUrl,
    /// [`super::Metadata::section`].
    Section,
    /// [`super::Metadata::tags`], in one line.
    Tags,
    /// [`super::Metadata::image`].
    Image,
    /// [`super::Metadata::license`].
    License,
    /// [`super::Metadata::accessible_for_free`].
    AccessibleForFree,
}

impl Field {
    /// The id used in JSON and in tables.
    pub fn id(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Subtitle => "subtitle",
            Self::Authors => "authors",
            Self::Published => "published",
            Self::Modified => "modified",
            Self::Agency => "agency",
            Self::Site => "site",
            Self::Language => "language",
            Self::CanonicalUrl => "canonical_url",
            Self::Section => "section",
            Self::Tags => "tags",
            Self::Image => "image",
            Self::License => "license",
            Self::AccessibleForFree => "accessible_for_free",
        }
    }
}

/// Where something is said, in about the order in which sources are believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A rule for the page's site.
    SiteRule,
    /// JSON-LD, repaired within reason.
    JsonLd,
    /// A meta of Open Graph (`og:...`, `article:...`).
    OpenGraph,
    /// A meta of the Dublin Core (`dc.`, `dcterms.`).
    DublinCore,
    /// Another meta.
    Meta,
    /// An `itemprop`, or a `rel` of the same meaning.
    Microdata,
    /// A `link` in the page's head.
    Link,
    /// The `lang` of the page.
    Html,
    /// The page's `title`.
    TitleElement,
    /// A heading that readers see.
    Heading,
    /// A `time` element.
    TimeElement,
    /// An element that its class calls a byline, or a line around the headline that reads like one.
    Byline,
    /// The page's address.
    Url,
    /// The text of the article, or a line of the page.
    Text,
}

impl Origin {
    /// The id used in JSON and in tables.
    pub fn id(self) -> &'static str {
        match self {
            Self::SiteRule => "site_rule",
            Self::JsonLd => "json_ld",
            Self::OpenGraph => "open_graph",
            Self::DublinCore => "dublin_core",
            Self::Meta => "meta",
            Self::Microdata => "microdata",
            Self::Link => "link",
            Self::Html => "html",
            Self::TitleElement => "title_element",
            Self::Heading => "heading",
            Self::TimeElement => "time_element",
            Self::Byline => "byline",
            Self::Url => "url",
            Self::Text => "text",
        }
    }
}

/// What one source says of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// Of what.
    pub field: Field,
    /// Where.
    pub source: Origin,
    /// What it says, on one line: the value cleaned, of a title still with the name of the site.
    pub value: String,
    /// Whether the field's value is from here; of each field that has a value, that is one claim.
    pub chosen: bool,
}
