//! When the article was first published.

use super::dates::{self, NumberOrder};
use super::markup::{Marked, Markup, short_text};
use crate::article::Published;
use crate::extract::dom::{Document, NodeId, Tag};
use jiff::Timestamp;
use url::Url;

/// Metas that state the first publication, best first.
const FIELDS: &[&str] = &[
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "og:published_time",
    "article:published",
    "parsely-pub-date",
    "sailthru.date",
    "published_time",
    "publish_date",
    "publish-date",
    "publishdate",
    "pubdate",
    "publication_date",
    "publicationdate",
    "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime",
    "article_date_original",
    "originalpublicationdate",
    "article.published",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date.created",
    "dc.date",
    "dcterms.date",
    "dc:date",
    "citation_publication_date",
    "citation_date",
    "citation_online_date",
    "bt:pubdate",
    "displaydate",
    "ptime",
    "date",
    "datecreated",
    "created",
    "og:pubdate",
    "rnews:datepublished",
    "shareaholic:article_published_time",
    "last-modified-never",
];

/// Longest text of an element that is searched for a date, in bytes.
const MAX_DATE_BYTES: usize = 160;

/// The day of first publication: JSON-LD, metas, microdata, `time`, marked text, the URL; the first
/// that is credible.
pub(super) fn choose(
    document: &Document,
    markup: &Markup<'_>,
    json_ld: &[String],
    language: Option<&str>,
    url: Option<&Url>,
    now: Option<Timestamp>,
) -> Option<Published> {
    let order = order(language);
    let read = |text: &str| dates::find(text, order, now);
    json_ld
        .iter()
        .map(String::as_str)
        .chain(markup.metas(FIELDS))
        .find_map(read)
        .or_else(|| from_page(document, markup, &read))
        .or_else(|| from_url(url?, now))
}

/// American pages write the month first.
fn order(language: Option<&str>) -> NumberOrder {
    match language {
        Some("en" | "en-us") | None => NumberOrder::MonthFirst,
        _ => NumberOrder::DayFirst,
    }
}

fn from_page(document: &Document, markup: &Markup<'_>, read: &dyn Fn(&str) -> Option<Published>) -> Option<Published> {
    let headline = markup.h1.first().map(|(node, _)| *node);
    let firm = markup.dates.iter().filter(|marked| is_item(document, marked)).map(|marked| marked.node);
    let times = || markup.times.iter().copied();
    let loose = || markup.dates.iter().map(|marked| marked.node);
    let after = |node: &NodeId| headline.is_none_or(|headline| *node > headline);
    let nodes = firm.chain(times().filter(after)).chain(times()).chain(loose().filter(after)).chain(loose());
    nodes.filter(|node| !is_elsewhere(document, *node)).find_map(|node| date_of(document, node, read))
}

fn is_item(document: &Document, marked: &Marked) -> bool {
    marked.is_semantic && document.attribute(marked.node, "itemprop").is_some_and(|prop| prop.contains("datePublished"))
}

/// The date of an element: its machine-readable attribute, else its text.
fn date_of(document: &Document, node: NodeId, read: &dyn Fn(&str) -> Option<Published>) -> Option<Published> {
    let attributes = ["datetime", "content", "data-datetime", "title"];
    attributes.iter().filter_map(|name| document.attribute(node, name)).find_map(read).or_else(|| {
        let text = short_text(document, node);
        if text.len() <= MAX_DATE_BYTES { read(&text) } else { None }
    })
}

/// Whether an element stands where other articles are dated, or says when this one was changed.
fn is_elsewhere(document: &Document, node: NodeId) -> bool {
    let marks = |node| {
        ["class", "id", "itemprop"]
            .into_iter()
            .filter_map(move |name| document.attribute(node, name))
            .flat_map(super::markup::words)
    };
    let is_change =
        marks(node).any(|word| ["modified", "updated", "update"].iter().any(|known| word.eq_ignore_ascii_case(known)));
    is_change
        || document.ancestors(node).take(24).any(|above| {
            matches!(document.tag(above), Some(Tag::Aside | Tag::Footer | Tag::Nav))
                || marks(above).any(|word| {
                    ["comment", "comments", "related", "sidebar", "footer", "recommended", "widget", "teaser"]
                        .iter()
                        .any(|known| word.eq_ignore_ascii_case(known))
                })
        })
}

/// `/2026/03/06/`, `2026-03-06`, `/20260306/` in a path.
fn from_url(url: &Url, now: Option<Timestamp>) -> Option<Published> {
    let path = url.path();
    let joined = path.replace('_', "-");
    dates::find(&joined, NumberOrder::DayFirst, now).map(|found| Published { timestamp: None, ..found })
}
