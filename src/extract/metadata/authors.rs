//! Who wrote the article.

use super::dates::{self, NumberOrder};
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

/// The people that lines name which site rules found, else whoever signs there.
pub(super) fn stated(lines: &[String], site: &[String]) -> Vec<String> {
    let people = merged(lines.iter().map(|line| names::people(line, names::Source::Field, site)));
    if people.is_empty() {
        merged(lines.iter().map(|line| names::signature(line).into_iter().collect()))
    } else {
        people
    }
}

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
    let sources: [&dyn Fn() -> Vec<String>; 10] = [
        &|| people(site),
        &|| from_metas(markup, site),
        &|| from_marks(document, markup, site, Marks::Firm),
        &|| from_lines(lines, site),
        &|| from_marks(document, markup, site, Marks::Loose),
        &|| from_ranked(lines, site),
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

/// A line of a name and a rank that the time of publication stands in or behind. A line with a name
/// before it says that it is the rank alone.
fn from_ranked(lines: &[String], site: &[String]) -> Vec<String> {
    let has_date = |line: &String| dates::find(line, NumberOrder::DayFirst, None).is_some();
    let signed = lines.iter().enumerate().find_map(|(at, line)| {
        let name = names::before_rank(line)?;
        let is_rank_alone = at > 0 && !names::people(&lines[at - 1], Source::Text, site).is_empty();
        let is_dated = has_date(line) || lines.get(at + 1).is_some_and(has_date);
        (is_dated && !is_rank_alone).then(|| vec![name.to_owned()])
    });
    signed.unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::dom::parse;
    use crate::extract::metadata::near;

    fn authors(html: &str) -> Vec<String> {
        with_json_ld(html, &[])
    }

    fn with_json_ld(html: &str, json_ld: &[(&str, bool)]) -> Vec<String> {
        let Ok(document) = parse(html) else { panic!("{html}") };
        let markup = Markup::scan(&document);
        let lines = near::lines(&document, &markup, None);
        let stated: Vec<Author> = json_ld
            .iter()
            .map(|(name, is_organisation)| Author { name: (*name).to_owned(), is_organisation: *is_organisation })
            .collect();
        choose(&document, &markup, &stated, &lines, &["dailysun".to_owned()])
    }

    #[test]
    fn reads_metas() {
        assert_eq!(authors("<meta name=author content='Ann Lee and Bo Chan'>"), ["Ann Lee", "Bo Chan"]);
        assert_eq!(authors("<meta property=article:author content='https://social.example/ann'>"), [""; 0]);
        let several = "<meta name=citation_author content='Lee, Ann'><meta name=citation_author content='Chan, Bo'>";
        assert_eq!(authors(several), ["Ann Lee", "Bo Chan"]);
    }

    #[test]
    fn reads_marked_bylines() {
        for html in [
            "<h1>Rain</h1><span itemprop=author><span itemprop=name>Ann Lee</span></span>",
            "<h1>Rain</h1><a rel=author href=/ann>Ann Lee</a>",
            "<h1>Rain</h1><div class=article__byline>By <a>Ann Lee</a>, <span>Reporter</span></div>",
            "<h1>Rain</h1><div class='entry-meta postAuthor'>Ann Lee</div>",
        ] {
            assert_eq!(authors(html), ["Ann Lee"], "{html}");
        }
    }

    #[test]
    fn reads_a_byline_that_nothing_marks() {
        assert_eq!(authors("<h1>Rain</h1><p class=x>By <a>Ann Lee</a></p><p>By noon it rained.</p>"), ["Ann Lee"]);
        assert_eq!(authors("<h1>Rain</h1><p>By noon it rained.</p>"), [""; 0]);
    }

    #[test]
    fn reads_a_name_with_a_rank_and_a_time() {
        let title = "<h1>Rain falls on the harbour town again</h1>";
        let page =
            |rest: &str| authors(&format!("{title}<p>It fell for three days and nobody had an umbrella.</p>{rest}"));
        assert_eq!(page("<div><span>Ann Lee Reporter</span> <span>| 2026-03-13 19:57</span></div>"), ["Ann Lee"]);
        assert_eq!(page("<ul><li>Ann Lee Reporter</li><li>2026-03-13 19:57</li></ul>"), ["Ann Lee"]);
        assert_eq!(page("<p>Ann Lee Reporter</p><p>It rained.</p>"), [""; 0], "no time");
        assert_eq!(page("<p>Bo Chan</p><p>Harbour Town Reporter</p><p>2026-03-13</p>"), [""; 0], "a rank of Bo Chan");
    }

    #[test]
    fn leaves_people_of_comments_and_other_articles() {
        for html in [
            "<h1>Rain</h1><div class=comment-list><span class=author>Ann Lee</span></div>",
            "<h1>Rain</h1><aside><span class=author>Ann Lee</span></aside>",
            "<h1>Rain</h1><div class=related><a rel=author>Ann Lee</a></div>",
        ] {
            assert_eq!(authors(html), [""; 0], "{html}");
        }
    }

    #[test]
    fn prefers_people_to_agencies_and_organisations() {
        let html = "<h1>Rain</h1><p class=byline>By Ann Lee</p>";
        assert_eq!(with_json_ld(html, &[("Weather Institute", true)]), ["Ann Lee"]);
        assert_eq!(with_json_ld(html, &[("Reuters", false)]), ["Ann Lee"]);
        assert_eq!(with_json_ld("", &[("Ann Lee", false), ("dpa", false)]), ["Ann Lee"]);
    }

    #[test]
    fn names_whoever_signs_where_no_person_does() {
        assert_eq!(with_json_ld("", &[("Weather Institute", true)]), ["Weather Institute"]);
        assert_eq!(with_json_ld("", &[("Reuters", true)]), ["Reuters"]);
        assert_eq!(with_json_ld("", &[("Daily Sun", true)]), ["Daily Sun"]);
        assert_eq!(with_json_ld("", &[("Daily Sun", true), ("Ann Lee", false)]), ["Ann Lee"]);
        assert_eq!(authors("<meta name=author content=admin>"), [""; 0]);
    }
}
