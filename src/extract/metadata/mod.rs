//! Title, authors, dates: what a page says about its article.
//!
//! Evidence is read in a fixed order: JSON-LD, Open Graph and other metas, microdata, what stands
//! on the page, the URL. The document is walked once ([`markup`]); everything after that looks at
//! lists of bounded length.

mod about;
mod address;
mod authors;
mod byline_words;
mod claims;
mod clean;
mod contradiction;
mod date_lines;
mod dated;
mod dateline;
mod dates;
mod elsewhere;
mod json_ld;
mod marks;
mod markup;
mod months;
mod names;
mod near;
mod plain;
mod published;
mod site;
mod title;
mod tongue;

use super::Detail;
use super::dom::Document;
use crate::article::{ArticleBlock, Claim, Dateline, Field, Link, Metadata, Origin, Published};
pub(crate) use dateline::dateline;
use jiff::Timestamp;
use markup::Markup;
pub(crate) use plain::evidence_of_lines;
use std::collections::BTreeSet;
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
    /// The topics that metadata name, for an article whose page shows none, and where they stand.
    pub(crate) keywords: Option<(Origin, Vec<String>)>,
    /// Whether JSON-LD or metas name an author.
    pub(crate) is_signed: bool,
    /// Whether JSON-LD, metas, the URL or `time` elements have a day of publication.
    pub(crate) is_dated: bool,
}

/// What site rules say of the article, in their own words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Stated {
    pub(crate) title: Option<String>,
    /// Lines that name authors.
    pub(crate) authors: Vec<String>,
    /// Texts with the date; the first that is one counts.
    pub(crate) dates: Vec<String>,
}

impl Stated {
    /// Takes the values of a field: `title`, `author` or `date`.
    pub(crate) fn state(&mut self, field: &str, values: Vec<String>) {
        match field {
            "title" => self.title = values.into_iter().next(),
            "author" => self.authors = values,
            _ => self.dates = values,
        }
    }
}

impl Evidence {
    /// The metadata of [`Detail::Text`].
    pub(crate) fn title_alone(self) -> Metadata {
        Metadata { title: self.metadata.title, ..Metadata::default() }
    }

    /// Puts what site rules state in the place of what was found, and `fallback` where nothing was.
    pub(crate) fn overrule(&mut self, stated: Stated, fallback: Stated, now: Option<Timestamp>) {
        let metadata = &mut self.metadata;
        let site: Vec<String> = metadata.site.iter().map(|name| clean::squeezed(name)).collect();
        let title = |stated: &Stated| stated.title.as_deref().map(|title| title::without_site(title, &site, &[]));
        let authors = |stated: &Stated| authors::stated(&stated.authors, &site);
        let date = |stated: &Stated| published::stated(&stated.dates, metadata.language.as_deref(), now);
        let (dated, late_date) = (date(&stated), date(&fallback));
        let mut rule = |field, value: String| claims::replace(&mut metadata.claims, field, Origin::SiteRule, value);
        if let Some(title) = title(&stated) {
            self.headlines.insert(0, title.clone());
            rule(Field::Title, title.clone());
            metadata.title = Some(title);
        } else if let Some(title) = title(&fallback).filter(|_| metadata.title.is_none()) {
            rule(Field::Title, title.clone());
            metadata.title = Some(title);
        }
        if let Some(date) = dated.or(late_date.filter(|_| metadata.published.is_none())) {
            rule(Field::Published, date.to_string());
            metadata.published = Some(date);
        }
        let found = std::mem::take(&mut metadata.authors);
        // One element for several people says nothing of where a name ends, nor which is the first name.
        let stated = authors(&stated);
        let late_authors = authors(&fallback);
        metadata.authors = if !stated.is_empty() && words_of(&stated) != words_of(&found) {
            rule(Field::Authors, stated.join(", "));
            stated
        } else if found.is_empty() && !late_authors.is_empty() {
            rule(Field::Authors, late_authors.join(", "));
            late_authors
        } else {
            found
        };
    }

    /// The metadata with what the text has: its language held against the declared one, its dateline's agency, its
    /// tags, or, where it shows none, the topics that metadata name.
    pub(crate) fn completed(self, text: OfText<'_>) -> Metadata {
        let OfText { related, tags, keeps_tags, dateline, body } = text;
        let mut metadata = self.metadata;
        contradiction::check_language(&mut metadata, body);
        if !tags.is_empty() {
            claims::replace(&mut metadata.claims, Field::Tags, Origin::Text, tags.join(", "));
            metadata.tags = tags;
        } else if let Some((origin, words)) = self.keywords.filter(|_| !keeps_tags) {
            claims::choose(&mut metadata.claims, Field::Tags, origin, &words.join(", "));
            metadata.tags = words;
        }
        if let Some(agency) = dateline.as_ref().and_then(|dateline| dateline.agency.clone()) {
            claims::replace(&mut metadata.claims, Field::Agency, Origin::Text, agency.clone());
            metadata.agency = Some(agency);
        }
        Metadata { related, dateline, ..metadata }
    }
}

/// What the decision on a page's blocks has brought to light.
#[derive(Debug)]
pub(crate) struct OfText<'a> {
    pub(crate) related: Vec<Link>,
    /// The tags that the page shows, unless they stay in the text.
    pub(crate) tags: Vec<String>,
    pub(crate) keeps_tags: bool,
    pub(crate) dateline: Option<Dateline>,
    pub(crate) body: &'a [ArticleBlock],
}

/// The words of some names, in no order.
fn words_of(names: &[String]) -> BTreeSet<String> {
    let words = names.iter().flat_map(|name| name.split(|c: char| !c.is_alphanumeric()));
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// Reads a page's metadata. `url` is the page's, after redirects; dates of publication more than
/// two days after `now` are refused. With [`Detail::Text`] the metadata are the title and what finding the body takes.
pub(crate) fn evidence(document: &Document<'_>, url: Option<&Url>, now: Option<Timestamp>, detail: Detail) -> Evidence {
    let markup = Markup::scan(document);
    let shown = title::candidates(document, &markup, &[]);
    let scripts: Vec<String> = markup.json_ld.iter().map(|node| document.text_below(*node)).collect();
    let facts = json_ld::read(scripts.iter().map(String::as_str), &shown, url);
    let names = site::names(document, &markup, &facts, url);
    let mut metadata = Metadata::default();
    let page = Page { document, markup: &markup, facts: &facts, names: &names, url };
    let keywords = if detail == Detail::Text {
        page.read_least(&mut metadata);
        None
    } else {
        page.read_article(&mut metadata, now);
        page.read_surroundings(&mut metadata)
    };
    let (is_signed, is_dated) = page.is_stated(metadata.language.as_deref(), now);
    Evidence {
        metadata,
        headlines: title::candidates(document, &markup, &facts.headlines),
        description: description(&markup, facts.description.clone()),
        is_accessible_for_free: facts.is_accessible_for_free,
        json_ld_types: facts.types,
        keywords,
        is_signed,
        is_dated,
    }
}

/// A page with what was read of it.
struct Page<'a> {
    document: &'a Document<'a>,
    markup: &'a Markup<'a>,
    facts: &'a json_ld::Facts,
    /// The site's names, squeezed.
    names: &'a [String],
    url: Option<&'a Url>,
}

impl Page<'_> {
    /// Title, language and, where the page's address is not known, the one that it states.
    fn read_least(&self, metadata: &mut Metadata) {
        let Self { document, markup, facts, names, url } = *self;
        let (language, _) = address::language(markup, facts.language.as_deref());
        metadata.language = language.map(|(_, tag)| tag);
        metadata.title = title::choose(document, markup, facts, names);
        if url.is_none() {
            metadata.canonical_url = address::canonical(markup, url).0.map(|(_, url)| url);
        }
    }

    /// Whether an author and a day of publication are stated, without looking for them in the text.
    fn is_stated(&self, language: Option<&str>, now: Option<Timestamp>) -> (bool, bool) {
        (self.signed(&[]).is_stated(), self.dated(&[], language).is_stated(now))
    }

    fn signed<'l>(&'l self, lines: &'l [String]) -> authors::Evidence<'l> {
        let Self { document, markup, facts, names, .. } = *self;
        authors::Evidence { document, markup, json_ld: &facts.authors, lines, site: names }
    }

    fn dated<'l>(&'l self, lines: &'l [String], language: Option<&'l str>) -> published::Evidence<'l> {
        let Self { document, markup, facts, url, .. } = *self;
        published::Evidence { document, markup, json_ld: &facts.published, made: &facts.made, lines, language, url }
    }

    /// Title, standfirst, authors, dates.
    fn read_article(&self, metadata: &mut Metadata, now: Option<Timestamp>) {
        let Self { document, markup, facts, names, .. } = *self;
        let (language, languages) = address::language(markup, facts.language.as_deref());
        metadata.title = title::choose(document, markup, facts, names);
        let title = metadata.title.as_deref();
        let lines = near::lines(document, markup, title);
        let dated = self.dated(&lines, language.as_ref().map(|(_, tag)| tag.as_str()));
        let published = published::choose(&dated, now);
        let modified = published::modified(&dated, &facts.modified, published.chosen.map(|(_, date)| date), now);
        let (title_claim, titles) = title::claims(document, markup, facts, names, title);
        let (subtitle, subtitles) = about::subtitle(markup, facts, title);
        let authors = authors::choose(&self.signed(&lines));

        let claims = &mut metadata.claims;
        claims::add(claims, Field::Title, titles, title_claim);
        claims::add(claims, Field::Subtitle, subtitles, subtitle.clone());
        claims::add(claims, Field::Authors, authors.said, authors.origin.map(|at| (at, authors.names.join(", "))));
        metadata.published = put_date(claims, Field::Published, published);
        metadata.modified = put_date(claims, Field::Modified, modified);
        claims::add(claims, Field::Agency, authors.agency.iter().cloned().collect(), authors.agency.clone());
        let (site, sites) = site::name(markup, facts);
        claims::add(claims, Field::Site, sites, site.clone());
        claims::add(claims, Field::Language, languages, language.clone());
        metadata.subtitle = subtitle.map(|(_, text)| text);
        metadata.authors = authors.names;
        metadata.agency = authors.agency.map(|(_, name)| name);
        metadata.site = site.map(|(_, name)| name);
        metadata.language = language.map(|(_, tag)| tag);
    }

    /// Address, section, keywords, picture, licence, whether it is free. Gives the keywords.
    fn read_surroundings(&self, metadata: &mut Metadata) -> Option<(Origin, Vec<String>)> {
        let Self { markup, facts, url, .. } = *self;
        let claims = &mut metadata.claims;
        let text = |(origin, value): &(Origin, Url)| (*origin, value.to_string());
        let (canonical, canonicals) = address::canonical(markup, url);
        claims::add(claims, Field::CanonicalUrl, canonicals, canonical.as_ref().map(text));
        let (section, sections) = about::section(markup, facts);
        claims::add(claims, Field::Section, sections, section.clone());
        let (keywords, lists) = about::keywords(markup, facts);
        claims::add(claims, Field::Tags, lists, None);
        let (image, images) = about::image(markup, facts, url);
        claims::add(claims, Field::Image, images, image.as_ref().map(text));
        let (license, licenses) = about::license(markup, facts, url);
        claims::add(claims, Field::License, licenses, license.clone());
        let (free, tiers) = about::is_free(markup, facts);
        claims::add(claims, Field::AccessibleForFree, tiers, free.map(|(origin, free)| (origin, free.to_string())));
        metadata.canonical_url = canonical.map(|(_, url)| url);
        metadata.section = section.map(|(_, name)| name);
        metadata.image = image.map(|(_, url)| url);
        metadata.license = license.map(|(_, name)| name);
        metadata.accessible_for_free = free.map(|(_, free)| free);
        keywords
    }
}

/// Claims a date; gives it.
fn put_date(claims: &mut Vec<Claim>, field: Field, found: published::Found) -> Option<Published> {
    claims::add(claims, field, found.said, found.chosen.map(|(origin, date)| (origin, date.to_string())));
    found.chosen.map(|(_, date)| date)
}

/// The standfirst as metas and JSON-LD state it.
fn description(markup: &Markup<'_>, json_ld: Option<String>) -> Option<String> {
    let metas =
        markup.metas(&["og:description", "description", "twitter:description", "dc.description"]).map(clean::clean);
    metas.chain(json_ld).find(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::dom::parse;

    fn evidence_of(html: &str, url: &str) -> Evidence {
        let Ok(document) = parse(html) else { panic!("{html}") };
        evidence(&document, Url::parse(url).ok().as_ref(), None, Detail::Whole)
    }

    const PAGE: &str = r#"<html lang="en-GB"><head><title>Rain at last | The Daily Sun</title>
        <link rel="canonical" href="https://dailysun.example/rain">
        <meta property="og:site_name" content="The Daily Sun"><meta property="og:title" content="Rain at last!">
        <meta name="description" content="After weeks of sun the gardens drink.">
        <script type="application/ld+json">{"@type": "NewsArticle", "headline": "Rain at last",
            "author": {"@type": "Person", "name": "Ann Lee"}, "datePublished": "2026-03-06T23:30:00-05:00",
            "dateModified": "2026-03-08", "isAccessibleForFree": "False"}</script></head>
        <body><h1>Rain at Last</h1><p>By Bo Chan</p></body></html>"#;

    #[test]
    fn puts_a_page_together() {
        let Evidence { metadata, headlines, description, is_accessible_for_free, json_ld_types, .. } =
            evidence_of(PAGE, "https://dailysun.example/rain?ref=rss");
        assert_eq!(metadata.title.as_deref(), Some("Rain at Last"));
        assert_eq!(metadata.authors, ["Ann Lee"]);
        let published =
            metadata.published.map(|found| (found.date.to_string(), found.timestamp.map(|time| time.to_string())));
        assert_eq!(published, Some(("2026-03-06".into(), Some("2026-03-07T04:30:00Z".into()))));
        assert_eq!(metadata.site.as_deref(), Some("The Daily Sun"));
        assert_eq!(metadata.language.as_deref(), Some("en-gb"));
        assert_eq!(metadata.canonical_url.map(String::from).as_deref(), Some("https://dailysun.example/rain"));
        assert_eq!(headlines, ["Rain at last", "Rain at last!", "Rain at Last", "Rain at last | The Daily Sun"]);
        assert_eq!(description.as_deref(), Some("After weeks of sun the gardens drink."));
        assert_eq!(is_accessible_for_free, Some(false));
        assert_eq!(json_ld_types, ["NewsArticle"]);
    }

    #[test]
    fn the_text_alone_is_found_by_the_same_evidence() {
        let document = parse(PAGE).unwrap();
        let [least, whole] = [Detail::Text, Detail::Whole].map(|detail| evidence(&document, None, None, detail));
        assert!(
            whole.is_signed && whole.is_dated && !evidence_of("<p>By Ann Lee", "https://sun.example/rain").is_signed
        );
        assert_eq!((least.metadata.authors.len(), whole.metadata.authors.len()), (0, 1));
        let Metadata { title, language, canonical_url, .. } = whole.metadata;
        let metadata = Metadata { title, language, canonical_url, ..Metadata::default() };
        assert_eq!(least, Evidence { metadata, ..whole });
    }

    #[test]
    fn keeps_what_sources_say_apart() {
        let metadata = evidence_of(PAGE, "https://dailysun.example/rain?ref=rss").metadata;
        let line = |claim: &Claim| {
            let sign = if claim.chosen { "*" } else { "" };
            format!("{sign}{} {} {}", claim.field.id(), claim.source.id(), claim.value)
        };
        let lines: Vec<String> = metadata.claims.iter().map(line).collect();
        assert_eq!(
            lines,
            [
                "*title json_ld Rain at last",
                "title open_graph Rain at last!",
                "title heading Rain at Last",
                "title title_element Rain at last | The Daily Sun",
                "*subtitle meta After weeks of sun the gardens drink.",
                "*authors json_ld Ann Lee",
                "authors byline Bo Chan",
                "*published json_ld 2026-03-07T04:30:00Z",
                "*modified json_ld 2026-03-08",
                "*site open_graph The Daily Sun",
                "*language html en-gb",
                "*canonical_url link https://dailysun.example/rain",
                "*accessible_for_free json_ld false",
            ]
        );
    }

    #[test]
    fn every_field_with_a_value_has_one_claim_that_was_taken() {
        let metadata = evidence_of(PAGE, "https://dailysun.example/rain").metadata;
        for claims in metadata.claims.chunk_by(|one, other| one.field == other.field) {
            assert_eq!(claims.iter().filter(|claim| claim.chosen).count(), 1, "{claims:?}");
        }
    }

    #[test]
    fn site_rules_are_a_source_too() {
        let mut evidence = evidence_of(PAGE, "https://dailysun.example/rain");
        let stated = Stated { title: Some("Wet at last".into()), ..Stated::default() };
        evidence.overrule(stated, Stated::default(), None);
        let chosen = evidence.metadata.claims.iter().find(|claim| claim.field == Field::Title && claim.chosen);
        assert_eq!(chosen.map(|claim| (claim.source, claim.value.as_str())), Some((Origin::SiteRule, "Wet at last")));
    }

    #[test]
    fn tags_of_metadata_stand_in_for_those_that_the_page_does_not_show() {
        let html = "<meta property=article:tag content=Rain><meta property=article:tag content=Gardens>";
        let completed = |tags: &[&str], keeps_tags| {
            let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
            let text = OfText { related: Vec::new(), tags, keeps_tags, dateline: None, body: &[] };
            let metadata = evidence_of(html, "https://dailysun.example/rain").completed(text);
            let source = metadata.claims.iter().find(|claim| claim.chosen).map(|claim| claim.source);
            (metadata.tags, source)
        };
        assert_eq!(completed(&[], false), (vec!["Rain".into(), "Gardens".into()], Some(Origin::OpenGraph)));
        assert_eq!(completed(&["Moor"], false), (vec!["Moor".into()], Some(Origin::Text)));
        assert_eq!(completed(&[], true), (vec![], None));
    }

    #[test]
    fn says_nothing_of_an_empty_page() {
        assert_eq!(evidence_of("", "https://sun.example/rain"), Evidence::default());
    }

    #[test]
    fn takes_linear_time_on_hostile_pages() {
        let class = format!("<div class='{}'>", "author date ".repeat(50_000));
        for (html, name) in [
            (format!("{class}{}", "<p>Published 99.99.9999</p>".repeat(50_000)), "labels below a huge class"),
            ("<p class=author>By x<p class=date>1.2.3".repeat(50_000), "marks"),
            ("<h1><a href=/>x</a></h1>".repeat(50_000), "headlines"),
            ("<div class=byline>".repeat(500) + &"x ".repeat(500_000), "nested bylines"),
            (format!("<title>{}</title>", "a | ".repeat(200_000)), "separators"),
            ("<meta name=author content='a and b and c'>".repeat(50_000), "metas"),
            ("<meta property=article:tag content='a,b,c,d'>".repeat(50_000), "tags"),
            (format!("<meta name=news_keywords content='{}'>", "a,b;".repeat(200_000)), "keywords"),
            ("<h1>x</h1><a rel=license href=/authors/ann-lee>Ann Lee</a>".repeat(20_000), "authors' pages"),
            (
                "<h1>x</h1><time itemprop='datePublished dateModified' datetime=x></time>".repeat(20_000),
                "dates of no day",
            ),
            ("<aside class=meta><div class=post-footer>".repeat(200) + &"<p class=author>x".repeat(50_000), "columns"),
        ] {
            let started = std::time::Instant::now();
            let Ok(document) = parse(&html) else { panic!("{name}") };
            let parsed = started.elapsed();
            evidence(&document, None, None, Detail::Whole);
            assert!(started.elapsed() < parsed * 4 + std::time::Duration::from_secs(2), "{name}");
        }
    }
}
