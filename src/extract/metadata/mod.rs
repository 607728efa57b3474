//! Title, authors, dates: what a page says about its article.
//!
//! Evidence is read in a fixed order: JSON-LD, Open Graph and other metas, microdata, what stands
//! on the page, the URL. The document is walked once ([`markup`]); everything after that looks at
//! lists of bounded length.

mod address;
mod authors;
mod clean;
mod dates;
mod json_ld;
mod markup;
mod months;
mod names;
mod near;
mod published;
mod site;
mod title;

use super::dom::Document;
use crate::article::Metadata;
use jiff::Timestamp;
use markup::Markup;
use url::Url;

/// The metadata, and what else the page's head says that helps to find the body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// What goes out with the article.
    pub(crate) metadata: Metadata,
    /// Everything that calls itself the title, best source first: JSON-LD, Open Graph, other metas,
    /// microdata, `h1`, `title` (with the site's name).
    pub(crate) headlines: Vec<String>,
    /// What describes the article in a sentence or two; often the standfirst.
    pub(crate) description: Option<String>,
    /// What JSON-LD says of a paywall.
    pub(crate) is_accessible_for_free: Option<bool>,
    /// Types of the things in the JSON-LD, without namespace, without repeats, in source order.
    pub(crate) json_ld_types: Vec<String>,
}

/// Reads a page's metadata. `url` is the page's, after redirects; dates of publication more than
/// two days after `now` are refused.
pub(crate) fn evidence(document: &Document, url: Option<&Url>, now: Option<Timestamp>) -> Evidence {
    let markup = Markup::scan(document);
    let shown = title::candidates(document, &markup, &[]);
    let scripts: Vec<String> = markup.json_ld.iter().map(|node| document.text_below(*node)).collect();
    let facts = json_ld::read(scripts.iter().map(String::as_str), &shown, url);
    let names = site::names(document, &markup, &facts, url);
    let language = address::language(&markup, facts.language.as_deref());
    let title = title::choose(document, &markup, &facts, &names);
    let lines = near::lines(document, &markup, title.as_deref());
    let dated = published::Evidence {
        document,
        markup: &markup,
        json_ld: &facts.published,
        lines: &lines,
        language: language.as_deref(),
        url,
    };
    let metadata = Metadata {
        title,
        authors: authors::choose(document, &markup, &facts.authors, &lines, &names),
        published: published::choose(&dated, now),
        site: site::name(&markup, &facts),
        language,
        canonical_url: address::canonical(&markup, url),
    };
    Evidence {
        metadata,
        headlines: title::candidates(document, &markup, &facts.headlines),
        description: description(&markup, facts.description),
        is_accessible_for_free: facts.is_accessible_for_free,
        json_ld_types: facts.types,
    }
}

/// The standfirst as metas and JSON-LD state it.
fn description(markup: &Markup<'_>, json_ld: Option<String>) -> Option<String> {
    let metas =
        markup.metas(&["og:description", "description", "twitter:description", "dc.description"]).map(clean::clean);
    metas.chain(json_ld).find(|text| !text.is_empty())
}
