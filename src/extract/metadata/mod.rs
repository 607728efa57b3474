//! Title, authors, dates: what a page says about its article.
//!
//! Evidence is read in a fixed order: JSON-LD, Open Graph and other metas, microdata, what stands
//! on the page, the URL. The document is walked once ([`markup`]); everything after that looks at
//! lists of bounded length.

mod address;
mod authors;
mod byline_words;
mod clean;
mod dateline;
mod dates;
mod json_ld;
mod markup;
mod months;
mod names;
mod near;
mod plain;
mod published;
mod site;
mod title;
mod tongue;

use super::dom::Document;
use crate::article::Metadata;
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
    /// Puts what site rules state in the place of what was found, and `fallback` where nothing was.
    pub(crate) fn overrule(&mut self, stated: Stated, fallback: Stated, now: Option<Timestamp>) {
        let metadata = &mut self.metadata;
        let site: Vec<String> = metadata.site.iter().map(|name| clean::squeezed(name)).collect();
        let title = |stated: &Stated| stated.title.as_deref().map(|title| title::without_site(title, &site, &[]));
        let authors = |stated: &Stated| authors::stated(&stated.authors, &site);
        let date = |stated: &Stated| published::stated(&stated.dates, metadata.language.as_deref(), now);
        if let Some(title) = title(&stated) {
            self.headlines.insert(0, title.clone());
            metadata.title = Some(title);
        }
        metadata.title = metadata.title.take().or_else(|| title(&fallback));
        metadata.published = date(&stated).or(metadata.published).or_else(|| date(&fallback));
        let found = std::mem::take(&mut metadata.authors);
        // One element for several people says nothing of where a name ends, nor which is the first name.
        let stated = Some(authors(&stated)).filter(|names| words_of(names) != words_of(&found));
        let names = [stated.unwrap_or_default(), found, authors(&fallback)];
        metadata.authors = names.into_iter().find(|names| !names.is_empty()).unwrap_or_default();
    }
}

/// The words of some names, in no order.
fn words_of(names: &[String]) -> BTreeSet<String> {
    let words = names.iter().flat_map(|name| name.split(|c: char| !c.is_alphanumeric()));
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
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
        // Found in the text.
        dateline: None,
        site: site::name(&markup, &facts),
        language,
        canonical_url: address::canonical(&markup, url),
        // Found among what is left out.
        tags: Vec::new(),
        related: Vec::new(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::dom::parse;

    fn evidence_of(html: &str, url: &str) -> Evidence {
        let Ok(document) = parse(html) else { panic!("{html}") };
        evidence(&document, Url::parse(url).ok().as_ref(), None)
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
        let Evidence { metadata, headlines, description, is_accessible_for_free, json_ld_types } =
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
        ] {
            let started = std::time::Instant::now();
            let Ok(document) = parse(&html) else { panic!("{name}") };
            let parsed = started.elapsed();
            evidence(&document, None, None);
            assert!(started.elapsed() < parsed * 4 + std::time::Duration::from_secs(2), "{name}");
        }
    }
}
