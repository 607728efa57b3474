//! When the article was first published.

use super::dates::{self, NumberOrder};
use super::markup::{Markup, is_elsewhere, short_text, words};
use crate::article::Published;
use crate::extract::dom::{Document, NodeId};
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
    "published",
    "published_at",
    "date_published",
    "pub_date",
    "publish_time",
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
];

/// Longest line that is searched for a date, in bytes.
const MAX_LINE_BYTES: usize = 120;

/// Longest text that can be a label with or without its date, in bytes.
const MAX_LABEL_BYTES: usize = 80;

/// Longest text of an element that is searched for a date, in bytes.
const MAX_DATE_BYTES: usize = 160;

/// Where a page may date its article.
pub(super) struct Evidence<'a> {
    pub(super) document: &'a Document,
    pub(super) markup: &'a Markup<'a>,
    /// As JSON-LD states it, best first.
    pub(super) json_ld: &'a [String],
    /// Lines around the headline.
    pub(super) lines: &'a [String],
    pub(super) language: Option<&'a str>,
    pub(super) url: Option<&'a Url>,
}

/// The day of first publication: JSON-LD, metas, microdata, `time`, lines at the headline, the
/// path of the URL, marked and labelled text; the first that is credible.
pub(super) fn choose(evidence: &Evidence<'_>, now: Option<Timestamp>) -> Option<Published> {
    let order = order(evidence.language);
    let read = |text: &str| dates::find(text, order, now);
    let Evidence { document, markup, lines, .. } = *evidence;
    let stated = evidence.json_ld.iter().map(String::as_str).chain(markup.metas(FIELDS));
    let in_page = |nodes: Vec<NodeId>| nodes.into_iter().find_map(|node| date_of(document, node, &read));
    stated
        .into_iter()
        .find_map(read)
        .or_else(|| in_page(items(document, markup)))
        .or_else(|| in_page(own(document, markup, &markup.times)))
        .or_else(|| lines.iter().filter(|line| is_date_line(line)).find_map(|line| read(line)))
        .or_else(|| from_url(evidence.url?, now))
        .or_else(|| in_page(own(document, markup, &markup.dates)))
        .or_else(|| labelled(document, &read))
}

/// Elements with `itemprop=datePublished`.
fn items(document: &Document, markup: &Markup<'_>) -> Vec<NodeId> {
    let is_item =
        |node: &NodeId| document.attribute(*node, "itemprop").is_some_and(|name| name.contains("datePublished"));
    own(document, markup, &markup.dates).into_iter().filter(is_item).collect()
}

/// Those of some elements that date this article and not others or its changes; those after the
/// headline first.
fn own(document: &Document, markup: &Markup<'_>, nodes: &[NodeId]) -> Vec<NodeId> {
    let headline = markup.h1.first().map(|(node, _)| *node);
    let mut own: Vec<NodeId> =
        nodes.iter().copied().filter(|node| !is_elsewhere(document, *node) && !is_change(document, *node)).collect();
    own.sort_by_key(|node| headline.is_some_and(|headline| *node < headline));
    own
}

/// American pages write the month first.
fn order(language: Option<&str>) -> NumberOrder {
    match language {
        Some("en" | "en-us") | None => NumberOrder::MonthFirst,
        _ => NumberOrder::DayFirst,
    }
}

/// The date of an element: its machine-readable attribute, else its text.
fn date_of(document: &Document, node: NodeId, read: &dyn Fn(&str) -> Option<Published>) -> Option<Published> {
    let attributes = ["datetime", "content", "data-datetime", "title"];
    attributes.iter().filter_map(|name| document.attribute(node, name)).find_map(read).or_else(|| {
        let text = short_text(document, node);
        if text.len() <= MAX_DATE_BYTES { read(&text) } else { None }
    })
}

/// Words before the day of publication, lower case.
const LABELS: &[&str] = &[
    "published",
    "posted",
    "date published",
    "publication date",
    "release date",
    "veröffentlicht",
    "erschienen",
    "erstellt",
    "publié",
    "mise en ligne",
    "publicado",
    "fecha",
    "publicada",
    "pubblicato",
    "gepubliceerd",
    "publisert",
    "publicerad",
    "udgivet",
    "opublikowano",
    "data publikacji",
    "опубліковано",
    "опубликовано",
    "дата",
    "datum",
    "date",
    "julkaistu",
    "paskelbta",
    "发布",
    "公開",
    "掲載",
];

/// A date behind a label, anywhere on the page.
fn labelled(document: &Document, read: &dyn Fn(&str) -> Option<Published>) -> Option<Published> {
    let mut texts = document
        .nodes()
        .filter_map(|node| Some((node, document.text(node)?)))
        .filter(|(_, text)| !text.trim().is_empty())
        .peekable();
    while let Some((node, text)) = texts.next() {
        let text = text.trim();
        if text.len() > MAX_LABEL_BYTES || !is_label(text) || is_elsewhere(document, node) {
            continue;
        }
        let next = texts.peek().map(|(_, next)| next.trim()).filter(|next| next.len() <= MAX_LABEL_BYTES);
        if let Some(found) = read(text).or_else(|| read(next?)) {
            return Some(found);
        }
    }
    None
}

fn is_label(text: &str) -> bool {
    let lower = text.to_lowercase();
    LABELS.iter().any(|label| lower.strip_prefix(label).is_some_and(|rest| !rest.starts_with(char::is_alphabetic)))
}

/// Whether a line can date the article: it is short, or begins like a byline, and does not speak
/// of a change.
fn is_date_line(line: &str) -> bool {
    const CHANGES: &[&str] = &[
        "updated",
        "modified",
        "edited",
        "aktualisiert",
        "stand",
        "mis à jour",
        "modifié",
        "actualizado",
        "aggiornato",
        "оновлено",
        "обновлено",
        "atualizado",
        "oppdatert",
        "uppdaterad",
        "reviewed",
        "bijgewerkt",
    ];
    let lower = line.to_lowercase();
    line.len() <= MAX_LINE_BYTES && !CHANGES.iter().any(|change| lower.starts_with(change) || lower.starts_with("last"))
}

/// Whether an element says when the article was changed, and not also when it was published.
fn is_change(document: &Document, node: NodeId) -> bool {
    let says = |known: &[&str]| {
        ["class", "id", "itemprop"]
            .into_iter()
            .filter_map(|name| document.attribute(node, name))
            .flat_map(words)
            .any(|word| known.iter().any(|known| word.eq_ignore_ascii_case(known)))
    };
    says(&["modified", "updated", "update", "changed"]) && !says(&["published", "publish", "pubdate"])
}

/// `/2026/03/06/`, `2026-03-06`, `/20260306/` in a path.
fn from_url(url: &Url, now: Option<Timestamp>) -> Option<Published> {
    let path = url.path();
    let joined = path.replace('_', "-");
    dates::find(&joined, NumberOrder::DayFirst, now).map(|found| Published { timestamp: None, ..found })
}
