//! Who wrote the article.

use super::json_ld::Author;
use super::markup::{Marked, Markup, is_elsewhere, separated_text};
use super::names::{self, Source};
use crate::extract::dom::{Document, NodeId};
use std::borrow::Cow;

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

/// The authors: people of JSON-LD, of metas, of marked bylines, of lines around the headline; the
/// first source that names any. Where none does: the organisation, the agency or the site itself
/// that is stated to be the author. `site` holds the site's names, squeezed.
pub(super) fn choose(
    document: &Document,
    markup: &Markup<'_>,
    json_ld: &[Author],
    lines: &[String],
    site: &[String],
) -> Vec<String> {
    let people = |site: &[String]| from_json_ld(json_ld.iter().filter(|author| !author.is_organisation), site);
    let organisations = |site: &[String]| from_json_ld(json_ld.iter().filter(|author| author.is_organisation), site);
    let sources: [&dyn Fn() -> Vec<String>; 9] = [
        &|| people(site),
        &|| from_metas(markup, site),
        &|| from_marks(document, markup, site, Marks::Firm),
        &|| from_lines(lines, site),
        &|| from_marks(document, markup, site, Marks::Loose),
        &|| organisations(site),
        // A site that bears the name of its only author, or that signs as a whole.
        &|| people(&[]),
        &|| merged(json_ld.iter().map(|author| names::signature(&author.name).into_iter().collect())),
        &|| {
            merged(markup.metas(FIELDS).map(|value| names::signature(value).into_iter().collect()))
                .into_iter()
                .take(1)
                .collect()
        },
    ];
    let mut agencies = Vec::new();
    for source in sources {
        let (wires, people): (Vec<_>, Vec<_>) = source().into_iter().partition(|name| names::is_agency(name));
        if !people.is_empty() {
            return people;
        }
        if agencies.is_empty() {
            agencies = wires;
        }
    }
    agencies
}

fn merged(lines: impl Iterator<Item = Vec<String>>) -> Vec<String> {
    let mut all = Vec::new();
    for name in lines.flatten() {
        names::push_name(&mut all, &name);
    }
    all
}

fn from_json_ld<'a>(authors: impl Iterator<Item = &'a Author>, site: &[String]) -> Vec<String> {
    merged(authors.map(|author| names::people(&author.name, Source::Field, site)))
}

fn from_metas(markup: &Markup<'_>, site: &[String]) -> Vec<String> {
    let fields = FIELDS.iter().map(|field| markup.meta_all(&[field]));
    fields
        .map(|values| {
            merged(values.iter().map(|value| names::people(&in_order(value, values.len()), Source::Field, site)))
        })
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

/// Turns "Lee, Ann" round, where each of several values is one person.
fn in_order(value: &str, values: usize) -> Cow<'_, str> {
    match value.split_once(',') {
        Some((family, given)) if values > 1 && !given.contains(',') => {
            format!("{} {}", given.trim(), family.trim()).into()
        }
        _ => value.into(),
    }
}

/// Lines that begin like a byline ("By ...").
fn from_lines(lines: &[String], site: &[String]) -> Vec<String> {
    lines
        .iter()
        .filter(|line| names::is_byline(line))
        .map(|line| names::people(line, Source::Text, site))
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

/// How sure a mark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marks {
    /// `itemprop` and `rel`.
    Firm,
    /// Words of a class.
    Loose,
}

/// The first marked byline that names somebody; those after the headline first.
fn from_marks(document: &Document, markup: &Markup<'_>, site: &[String], marks: Marks) -> Vec<String> {
    let headline = markup.h1.first().map(|(node, _)| *node);
    let is_after = |marked: &&Marked| headline.is_none_or(|headline| marked.node > headline);
    let chosen = || markup.bylines.iter().filter(|marked| marked.is_semantic == (marks == Marks::Firm));
    let ordered = chosen().filter(is_after).chain(chosen().filter(|marked| !is_after(marked)));
    ordered
        .take(MAX_BYLINES)
        .filter(|marked| !is_elsewhere(document, marked.node))
        .map(|marked| named_in(document, marked.node, site))
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

/// The people that an element names; its parts are read apart, as "By", names and roles stand in
/// elements of their own.
fn named_in(document: &Document, node: NodeId, site: &[String]) -> Vec<String> {
    let text = separated_text(document, node, '|');
    if text.trim().len() > MAX_BYLINE_BYTES { Vec::new() } else { names::people(&text, Source::Text, site) }
}
