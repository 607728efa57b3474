//! Who wrote the article.

use super::json_ld::Author;
use super::markup::{Marked, Markup, separated_text};
use super::names::{self, Source};
use crate::extract::dom::{Document, NodeId, Tag};

/// Metas that name authors, best first.
const FIELDS: &[&str] = &[
    "author",
    "article:author",
    "og:article:author",
    "parsely-author",
    "sailthru.author",
    "byl",
    "dc.creator",
    "dcterms.creator",
    "dc:creator",
    "citation_author",
    "article:author_name",
    "authors",
    "book:author",
    "twitter:data1-author",
    "cxenseparse:author",
    "cxense:author",
    "article.author",
    "creator",
    "shareaholic:article_author_name",
];

/// Longest text of a byline element, in bytes; what is longer is a biography.
const MAX_BYLINE_BYTES: usize = 200;

/// How many bylines are looked at until one names somebody.
const MAX_BYLINES: usize = 24;

/// The authors: people of JSON-LD, metas, microdata and the visible byline, the first source that
/// names any; else the organisation or agency that is named as author. `site` holds the site's
/// names, squeezed.
pub(super) fn choose(document: &Document, markup: &Markup<'_>, json_ld: &[Author], site: &[String]) -> Vec<String> {
    let people = from_json_ld(json_ld, site);
    let sources: [&dyn Fn() -> Vec<String>; 3] =
        [&|| people.clone(), &|| from_metas(markup, site), &|| from_page(document, markup, site)];
    let mut fallback = Vec::new();
    for source in sources {
        let found = source();
        if found.iter().any(|name| !names::is_agency(name)) {
            return found.into_iter().filter(|name| !names::is_agency(name)).collect();
        }
        if fallback.is_empty() {
            fallback = found;
        }
    }
    if fallback.is_empty() { organisations(json_ld, site) } else { fallback }
}

fn from_json_ld(authors: &[Author], site: &[String]) -> Vec<String> {
    let mut people = Vec::new();
    for author in authors.iter().filter(|author| !author.is_organisation) {
        for name in names::people(&author.name, Source::Field, site) {
            names::push_name(&mut people, &name);
        }
    }
    people
}

fn organisations(authors: &[Author], site: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for author in authors.iter().filter(|author| author.is_organisation) {
        for name in names::people(&author.name, Source::Field, site) {
            names::push_name(&mut found, &name);
        }
    }
    found
}

fn from_metas(markup: &Markup<'_>, site: &[String]) -> Vec<String> {
    for field in FIELDS {
        let mut found = Vec::new();
        for value in markup.meta_all(&[field]) {
            for name in names::people(value, Source::Field, site) {
                names::push_name(&mut found, &name);
            }
        }
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// The first byline that names somebody, semantic marks before classes.
fn from_page(document: &Document, markup: &Markup<'_>, site: &[String]) -> Vec<String> {
    let headline = markup.h1.first().map(|(node, _)| *node);
    let (firm, loose): (Vec<Marked>, Vec<Marked>) =
        markup.bylines.iter().copied().partition(|marked| marked.is_semantic);
    let after = |node: NodeId| headline.is_none_or(|headline| node > headline);
    let near =
        loose.iter().filter(|marked| after(marked.node)).chain(loose.iter().filter(|marked| !after(marked.node)));
    for marked in firm.iter().chain(near).take(MAX_BYLINES) {
        if is_aside(document, marked.node) {
            continue;
        }
        let found = named_in(document, marked.node, site);
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// The people that an element names; its parts are read apart, as "By", names and roles stand in
/// elements of their own.
fn named_in(document: &Document, node: NodeId, site: &[String]) -> Vec<String> {
    let text = separated_text(document, node, '|');
    let mut found = Vec::new();
    if text.trim().len() > MAX_BYLINE_BYTES {
        return found;
    }
    for name in names::people(&text, Source::Text, site) {
        names::push_name(&mut found, &name);
    }
    found
}

/// Whether an element stands where other people are named: comments, related articles, footers.
fn is_aside(document: &Document, node: NodeId) -> bool {
    document.ancestors(node).take(24).any(|above| {
        matches!(document.tag(above), Some(Tag::Aside | Tag::Footer | Tag::Nav | Tag::Form))
            || document
                .attribute(above, "class")
                .into_iter()
                .chain(document.attribute(above, "id"))
                .flat_map(super::markup::words)
                .any(|word| {
                    ["comment", "comments", "related", "sidebar", "footer", "recommended", "widget", "teaser"]
                        .iter()
                        .any(|known| word.eq_ignore_ascii_case(known))
                })
    })
}
