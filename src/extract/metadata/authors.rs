//! Who wrote the article.

use super::claims::{Said, origin_of_meta};
use super::dates::{self, NumberOrder};
use super::elsewhere::is_elsewhere;
use super::json_ld::Author;
use super::markup::{Marked, Markup, separated_text, short_text};
use super::names::{self, Source};
use crate::article::Origin;
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

/// Most people of a marked byline in a script without case.
const MAX_CASELESS: usize = 4;

/// Longest line that names a group, in bytes.
const MAX_TEAM_BYTES: usize = 60;

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

/// Who wrote an article, and what each source says of it.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) names: Vec<String>,
    /// Where they were found.
    pub(super) origin: Option<Origin>,
    pub(super) said: Said,
    /// The first wire agency that some source names as an author.
    pub(super) agency: Option<(Origin, String)>,
}

/// Where a page may name the authors of its article.
pub(super) struct Evidence<'a> {
    pub(super) document: &'a Document<'a>,
    pub(super) markup: &'a Markup<'a>,
    /// As JSON-LD states them.
    pub(super) json_ld: &'a [Author],
    /// Lines around the headline.
    pub(super) lines: &'a [String],
    /// The site's names, squeezed.
    pub(super) site: &'a [String],
}

/// Where authors are looked for.
#[derive(Debug, Clone, Copy)]
enum Place {
    People,
    Metas,
    FirmMarks,
    Lines,
    FullLooseMarks,
    RankedLines,
    LabelledMeta,
    Organisations,
    SigningOrganisations,
    /// A site that bears the name of its only author.
    PeopleNamedLikeSite,
    PersonLinks,
    LooseMarks,
    /// A site that signs as a whole.
    SigningSite,
    SigningMeta,
    Team,
}

/// All places, best first.
const PLACES: [Place; 15] = {
    use Place::*;
    [
        People,
        Metas,
        FirmMarks,
        Lines,
        FullLooseMarks,
        RankedLines,
        LabelledMeta,
        Organisations,
        SigningOrganisations,
        PeopleNamedLikeSite,
        PersonLinks,
        LooseMarks,
        SigningSite,
        SigningMeta,
        Team,
    ]
};

/// Those of JSON-LD and metas.
const STATED: [Place; 7] = {
    use Place::*;
    [People, Metas, LabelledMeta, Organisations, SigningOrganisations, SigningSite, SigningMeta]
};

/// How many of the places are read for what they say although one before them has named somebody: those that cost
/// next to nothing.
const ALWAYS_READ: usize = 8;

/// The authors: people of JSON-LD, of metas, of marked bylines, of lines around the headline; the
/// first source that names any. Where none does: the organisation, the agency or the site itself
/// that is stated to be the author.
pub(super) fn choose(evidence: &Evidence<'_>) -> Found {
    let mut found = Found::default();
    let mut wires = None;
    for (at, place) in PLACES.into_iter().enumerate() {
        if at >= ALWAYS_READ && !found.names.is_empty() {
            break;
        }
        let (origin, named) = evidence.named_at(place);
        found.said.push((origin, named.join(", ")));
        let (agencies, people): (Vec<_>, Vec<_>) = named.into_iter().partition(|name| names::is_agency(name));
        found.agency = found.agency.or_else(|| Some((origin, agencies.first()?.clone())));
        if found.names.is_empty() && !people.is_empty() {
            (found.names, found.origin) = (people, Some(origin));
        }
        wires = wires.or(Some((origin, agencies)).filter(|(_, agencies)| !agencies.is_empty()));
    }
    if let Some((origin, agencies)) = wires.filter(|_| found.names.is_empty()) {
        (found.names, found.origin) = (agencies, Some(origin));
    }
    found
}

impl Evidence<'_> {
    /// Whether JSON-LD or a meta names anybody.
    pub(super) fn is_stated(&self) -> bool {
        STATED.into_iter().any(|place| !self.named_at(place).1.is_empty())
    }

    /// Whom a place names, and what it is called.
    fn named_at(&self, place: Place) -> (Origin, Vec<String>) {
        let Self { document, markup, json_ld, lines, site } = *self;
        let people = |site: &[String]| from_json_ld(json_ld.iter().filter(|author| !author.is_organisation), site);
        let organisations = || json_ld.iter().filter(|author| author.is_organisation);
        let loose = || from_marks(document, markup, site, Marks::Loose);
        let signed = |names: &mut dyn Iterator<Item = &str>| {
            merged(names.map(|name| names::signature(name).into_iter().collect()))
        };
        match place {
            Place::People => (Origin::JsonLd, people(site)),
            Place::Metas => from_metas(markup, site).unwrap_or((Origin::Meta, Vec::new())),
            Place::FirmMarks => (Origin::Microdata, from_marks(document, markup, site, Marks::Firm)),
            Place::Lines => (Origin::Byline, from_lines(lines, site)),
            Place::FullLooseMarks => {
                let full = Some(loose()).filter(|names| names.iter().any(|name| !is_single(name)));
                (Origin::Byline, full.unwrap_or_default())
            }
            Place::RankedLines => (Origin::Byline, from_ranked(lines, site)),
            Place::LabelledMeta => (Origin::Meta, from_label(markup, site)),
            Place::Organisations => (Origin::JsonLd, from_json_ld(organisations(), site)),
            Place::SigningOrganisations => {
                (Origin::JsonLd, signed(&mut organisations().map(|author| author.name.as_str())))
            }
            Place::PeopleNamedLikeSite => (Origin::JsonLd, people(&[])),
            Place::PersonLinks => (Origin::Byline, from_person_links(document, markup, site)),
            Place::LooseMarks => (Origin::Byline, loose()),
            Place::SigningSite => (Origin::JsonLd, signed(&mut json_ld.iter().map(|author| author.name.as_str()))),
            Place::SigningMeta => (Origin::Meta, signed(&mut markup.metas(FIELDS)).into_iter().take(1).collect()),
            Place::Team => (Origin::Byline, from_team(document, markup)),
        }
    }
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

/// The people of the first meta that names any.
fn from_metas(markup: &Markup<'_>, site: &[String]) -> Option<(Origin, Vec<String>)> {
    let people = |values: &[&str]| {
        merged(values.iter().map(|value| names::people(&in_order(value, values.len()), Source::Field, site)))
    };
    let fields = FIELDS.iter().map(|field| (origin_of_meta(field), people(markup.meta_all(&[field]))));
    fields.into_iter().find(|(_, found)| !found.is_empty())
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

/// Lines that begin like a byline ("By ..."); the next one too, where a line is nothing but such a beginning.
fn from_lines(lines: &[String], site: &[String]) -> Vec<String> {
    let people = |line: &String| names::people(line, Source::Text, site);
    let signed = lines.iter().enumerate().map(|(at, line)| match lines.get(at + 1) {
        Some(next) if names::is_lone_start(line) => people(next),
        _ if names::is_byline(line) => people(line),
        _ => Vec::new(),
    });
    signed.into_iter().find(|found| !found.is_empty()).unwrap_or_default()
}

/// One word in a script with case: a first name, a user's, or what a button says.
fn is_single(name: &str) -> bool {
    !name.contains(' ') && name.chars().any(char::is_lowercase)
}

/// Links to the page of an author, from the headline on: the first one, and those in the same element.
fn from_person_links(document: &Document<'_>, markup: &Markup<'_>, site: &[String]) -> Vec<String> {
    let headline = markup.h1.first().map(|(node, _)| *node);
    let named = |node: NodeId| {
        let text = short_text(document, node);
        let names = if text.len() <= MAX_BYLINE_BYTES { names::people(&text, Source::Text, site) } else { Vec::new() };
        names.into_iter().filter(|name| !is_single(name)).collect::<Vec<_>>()
    };
    let links = markup.marked().person_links.iter().filter(|node| headline.is_none_or(|headline| **node > headline));
    let mut links = links.take(MAX_BYLINES).filter(|node| !is_elsewhere(document, **node)).peekable();
    while let Some(first) = links.next() {
        let mut found = named(*first);
        if !found.is_empty() {
            let beside = links.take_while(|node| document.parent(**node) == document.parent(*first));
            found.extend(beside.flat_map(|node| named(*node)));
            return merged(std::iter::once(found));
        }
    }
    Vec::new()
}

/// What `twitter:data1` says where its label is that of a byline ("Written by").
fn from_label(markup: &Markup<'_>, site: &[String]) -> Vec<String> {
    let is_byline = markup.meta(&["twitter:label1"]).is_some_and(names::is_lone_start);
    let stated = markup.meta(&["twitter:data1"]).filter(|_| is_byline);
    stated.map(|value| names::people(value, Source::Field, site)).unwrap_or_default()
}

/// A marked byline that a group signs ("By the Daily Sun Team").
fn from_team(document: &Document<'_>, markup: &Markup<'_>) -> Vec<String> {
    let texts = markup.marked().bylines.iter().take(MAX_BYLINES).filter(|marked| !is_elsewhere(document, marked.node));
    let texts = texts.map(|marked| short_text(document, marked.node)).filter(|text| text.len() <= MAX_TEAM_BYTES);
    texts.filter_map(|text| names::team(&text)).take(1).collect()
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
fn from_marks(document: &Document<'_>, markup: &Markup<'_>, site: &[String], marks: Marks) -> Vec<String> {
    let headline = markup.h1.first().map(|(node, _)| *node);
    let is_after = |marked: &&Marked| headline.is_none_or(|headline| marked.node > headline);
    let chosen = || markup.marked().bylines.iter().filter(|marked| marked.is_semantic == (marks == Marks::Firm));
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
fn named_in(document: &Document<'_>, node: NodeId, site: &[String]) -> Vec<String> {
    let text = separated_text(document, node, '|');
    let people =
        if text.trim().len() > MAX_BYLINE_BYTES { Vec::new() } else { names::people(&text, Source::Text, site) };
    // Where no case tells names, a longer list is of somebody's subjects.
    let is_caseless = people.iter().all(|name| !name.chars().any(|c| c.is_lowercase() || c.is_uppercase()));
    if is_caseless && people.len() > MAX_CASELESS { Vec::new() } else { people }
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
        let site = ["dailysun".to_owned()];
        let evidence = Evidence { document: &document, markup: &markup, json_ld: &stated, lines: &lines, site: &site };
        choose(&evidence).names
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
    fn reads_a_name_on_the_line_below_its_label() {
        assert_eq!(authors("<h1>Rain</h1><p>Written by</p><p>Ann Lee</p>"), ["Ann Lee"]);
        let labelled = "<meta name=twitter:label1 content='Written by'><meta name=twitter:data1 content='Ann Lee'>";
        assert_eq!(authors(labelled), ["Ann Lee"]);
        let other = "<meta name=twitter:label1 content='Reading time'><meta name=twitter:data1 content='Ten Minutes'>";
        assert_eq!(authors(other), [""; 0]);
    }

    #[test]
    fn reads_links_to_the_pages_of_authors() {
        let links = "<p><a href=/authors/ann-lee>Ann Lee</a> <a href=/authors/bo-chan>Bo Chan</a></p>";
        assert_eq!(
            authors(&format!("<h1>Rain</h1>{links}<p><a href=/authors/cy-dorn>Cy Dorn</a></p>")),
            ["Ann Lee", "Bo Chan"]
        );
        assert_eq!(authors("<h1>Rain</h1><p><a href=/authors/>Our Authors</a></p>"), [""; 0], "the list of all");
        assert_eq!(authors("<p><a href=/authors/cy-dorn>Cy Dorn</a></p><h1>Rain</h1>"), [""; 0], "before");
    }

    #[test]
    fn reads_the_lines_below_a_post() {
        let post = "<h1>Rain</h1><p>It rained.</p><div class=post-footer><span class=post-author>Ann Lee</span></div>";
        assert_eq!(authors(post), ["Ann Lee"]);
        let site = "<h1>Rain</h1><p>It rained.</p><div class=site-footer><span class=author>Ann Lee</span></div>";
        assert_eq!(authors(site), [""; 0]);
    }

    #[test]
    fn reads_a_team_where_nobody_else_signs() {
        assert_eq!(
            authors("<h1>Rain</h1><p class=author-name>By the Moor Weather Team</p>"),
            ["the Moor Weather Team"]
        );
        assert_eq!(authors("<h1>Rain</h1><p class=author-name>Staff</p>"), [""; 0]);
    }

    #[test]
    fn one_word_of_a_byline_counts_less_than_who_is_stated_to_sign() {
        let html = "<h1>Rain</h1><p class=author>Abbruch</p>";
        assert_eq!(with_json_ld(html, &[("Weather Institute", true)]), ["Weather Institute"]);
        assert_eq!(authors("<h1>Rain</h1><button class=author-follow>Ann Lee</button>"), [""; 0], "a button");
    }

    #[test]
    fn an_address_with_a_town_is_nobody() {
        assert_eq!(authors("<meta name=author content='dailysun.example.com, Harbour Town, Northland'>"), [""; 0]);
    }

    #[test]
    fn a_box_of_subjects_in_a_script_without_case_is_no_byline() {
        let subjects = "<span>渡辺洋介</span><span>社会部</span><span>戦争</span><span>平和</span><span>災害</span>";
        assert_eq!(authors(&format!("<h1>雨</h1><div class=author>{subjects}</div>")), [""; 0]);
        assert_eq!(authors("<h1>雨</h1><div class=author><span>渡辺洋介</span></div>"), ["渡辺洋介"]);
    }

    #[test]
    fn an_author_is_stated_by_json_ld_and_metas_not_by_what_stands_on_the_page() {
        let is_stated = |html: &str, json_ld: &[Author]| {
            let Ok(document) = parse(html) else { panic!("{html}") };
            let markup = Markup::scan(&document);
            Evidence { document: &document, markup: &markup, json_ld, lines: &[], site: &[] }.is_stated()
        };
        let author = |name: &str, is_organisation| [Author { name: name.into(), is_organisation }];
        assert!(is_stated("", &author("Ann Lee", false)) && is_stated("", &author("Weather Institute", true)));
        assert!(is_stated("<meta name=author content='Ann Lee'>", &[]));
        assert!(!is_stated("<meta name=author content=admin><h1>Rain</h1><p class=byline>By Ann Lee</p>", &[]));
    }

    #[test]
    fn tells_what_each_source_says_and_the_agency() {
        let Ok(document) = parse("<meta name=author content='Bo Chan'><h1>Rain</h1><p class=byline>By Ann Lee</p>")
        else {
            panic!("a page")
        };
        let markup = Markup::scan(&document);
        let lines = near::lines(&document, &markup, None);
        let author = |name: &str| Author { name: name.into(), is_organisation: false };
        let json_ld = &[author("Cy Dorn"), author("dpa")];
        let found = choose(&Evidence { document: &document, markup: &markup, json_ld, lines: &lines, site: &[] });
        assert_eq!((found.names.as_slice(), found.origin), (&["Cy Dorn".to_owned()][..], Some(Origin::JsonLd)));
        assert_eq!(found.agency, Some((Origin::JsonLd, "dpa".into())));
        for claim in [(Origin::Meta, "Bo Chan".to_owned()), (Origin::Byline, "Ann Lee".to_owned())] {
            assert!(found.said.contains(&claim), "{claim:?}: {:?}", found.said);
        }
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
