//! What the JSON-LD of a page says about its article.

mod repair;
mod value;

use super::clean::{clean, comparable};
use std::collections::HashMap;
use url::Url;
use value::Value;

/// Most bytes of JSON-LD read from one page, all scripts together; the largest of 1,934 real pages
/// has 153,095.
const MAX_BYTES: usize = 2_000_000;

/// Most things of the graph looked at; the rest of a longer graph is not the article.
const MAX_THINGS: usize = 10_000;

/// Most values followed to get the names of one field, references and lists included.
const MAX_STEPS: usize = 64;

/// Somebody named as author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Author {
    /// The name, cleaned, not yet split or judged.
    pub(super) name: String,
    /// Declared to be an organisation.
    pub(super) is_organisation: bool,
}

/// What the article's own thing says, gaps filled from the page's other things.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// Types of all things met, in order, without repeats.
    pub(super) types: Vec<String>,
    /// Whether a thing is there that is an article or a post, not just a page.
    pub(super) has_article: bool,
    /// The headline of the page's own article, where its type is one of news.
    pub(super) news_headline: Option<String>,
    pub(super) headlines: Vec<String>,
    pub(super) authors: Vec<Author>,
    /// When the article or the page around it was published, as stated, best first.
    pub(super) published: Vec<String>,
    /// When something else of the page was published, or the article was made, as stated, best first.
    pub(super) made: Vec<String>,
    /// When the article or the page around it was changed last, as stated, best first.
    pub(super) modified: Vec<String>,
    /// Names of the article's sections, best first.
    pub(super) sections: Vec<String>,
    /// What the article is about, each keyword for itself.
    pub(super) keywords: Vec<String>,
    /// Addresses of pictures of the article, best first, perhaps relative.
    pub(super) images: Vec<String>,
    /// The address or the name of the article's licence.
    pub(super) license: Option<String>,
    pub(super) sites: Vec<String>,
    pub(super) language: Option<String>,
    pub(super) description: Option<String>,
    pub(super) is_accessible_for_free: Option<bool>,
}

/// How near to being the article a thing is by its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// Organisation, breadcrumb, picture: says nothing of the article.
    Other,
    /// Web site.
    Site,
    /// The page around the article.
    Page,
    /// A recipe, a video, a question, a product.
    Work,
    /// An article or a post.
    Article,
}

/// Reads the scripts. `titles` are what the rest of the page calls its article, for choosing
/// between several articles in one graph; `url` is the page's.
pub(super) fn read<'a>(scripts: impl Iterator<Item = &'a str>, titles: &[String], url: Option<&Url>) -> Facts {
    let graphs = parse(scripts);
    let things = things(&graphs);
    let references: HashMap<&str, &Value> =
        things.iter().filter_map(|thing| Some((thing.value.get("@id")?.text()?, thing.value))).collect();
    Reader { things, references, titles: titles.iter().map(|title| comparable(title)).collect(), url }.facts()
}

/// Parses every script, repaired where it does not parse as it stands.
fn parse<'a>(scripts: impl Iterator<Item = &'a str>) -> Vec<Value> {
    let mut left = MAX_BYTES;
    let mut graphs = Vec::new();
    for script in scripts {
        let Some(rest) = left.checked_sub(script.len()) else { break };
        left = rest;
        graphs.extend(parse_script(script));
    }
    graphs
}

fn parse_script(script: &str) -> Vec<Value> {
    let source = repair::unwrap(script);
    let parsed: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(source).into_iter().collect();
    parsed.unwrap_or_else(|_| {
        let unescaped = if source.contains('"') { None } else { Some(source.replace("&quot;", "\"")) };
        let repaired = repair::repair(unescaped.as_deref().unwrap_or(source));
        // What stands before the place that still does not parse is kept.
        serde_json::Deserializer::from_str(&repaired).into_iter().map_while(Result::ok).collect()
    })
}

/// An object with a type.
struct Thing<'a> {
    value: &'a Value,
    rank: Rank,
}

/// All things that may be the page's subject: from the top down through lists, `@graph`,
/// `mainEntity` and `mainEntityOfPage`, in source order.
fn things(graphs: &[Value]) -> Vec<Thing<'_>> {
    let mut things = Vec::new();
    let mut waiting: Vec<&Value> = graphs.iter().rev().collect();
    while let Some(value) = waiting.pop() {
        if things.len() >= MAX_THINGS {
            break;
        }
        if let Value::List(list) = value {
            waiting.extend(list.iter().rev());
            continue;
        }
        if let Some(rank) = rank(value) {
            things.push(Thing { value, rank });
        }
        waiting.extend(["mainEntityOfPage", "mainEntity", "@graph"].iter().filter_map(|key| value.get(key)));
    }
    things
}

/// The types of an object, without their namespace.
fn types(value: &Value) -> impl Iterator<Item = &str> {
    value
        .get("@type")
        .map_or(&[][..], Value::members)
        .iter()
        .filter_map(Value::text)
        .map(|name| name.rsplit(['/', ':', '#']).next().unwrap_or(name))
}

fn rank(value: &Value) -> Option<Rank> {
    types(value).map(type_rank).max()
}

fn type_rank(name: &str) -> Rank {
    const WORKS: &[&str] = &[
        "CreativeWork",
        "Recipe",
        "HowTo",
        "Question",
        "Review",
        "CriticReview",
        "VideoObject",
        "PodcastEpisode",
        "RadioEpisode",
        "Episode",
        "Course",
        "Book",
        "Product",
        "Event",
        "JobPosting",
        "SoftwareApplication",
        "ImageGallery",
        "MediaGallery",
        "Report",
        "Legislation",
        "WebContent",
        "Chapter",
        "Claim",
        "ClaimReview",
    ];
    match name {
        "WebSite" | "Blog" => Rank::Site,
        "WebPage" | "ItemPage" | "AboutPage" | "FAQPage" | "QAPage" | "CollectionPage" | "MedicalWebPage"
        | "ProfilePage" => Rank::Page,
        _ if WORKS.contains(&name) => Rank::Work,
        _ if name.ends_with("Article") || name.ends_with("Posting") || name.ends_with("BlogPost") => Rank::Article,
        _ => Rank::Other,
    }
}

struct Reader<'a> {
    things: Vec<Thing<'a>>,
    references: HashMap<&'a str, &'a Value>,
    /// Comparable forms of what the page is called elsewhere.
    titles: Vec<String>,
    url: Option<&'a Url>,
}

impl<'a> Reader<'a> {
    fn facts(&self) -> Facts {
        let subjects = self.subjects();
        Facts {
            types: self.all_types(),
            has_article: subjects.first().is_some_and(|thing| thing.rank == Rank::Article),
            news_headline: subjects
                .first()
                .filter(|thing| types(thing.value).any(|name| name.ends_with("NewsArticle")))
                .and_then(|thing| text(thing.value, "headline")),
            headlines: subjects
                .iter()
                .filter(|thing| thing.rank >= Rank::Page)
                .flat_map(|thing| ["headline", "name", "alternativeHeadline"].map(|key| text(thing.value, key)))
                .flatten()
                .take(MAX_STEPS)
                .collect(),
            authors: subjects
                .iter()
                .map(|thing| self.authors(thing))
                .find(|found| !found.is_empty())
                .unwrap_or_default(),
            published: dates(&subjects, |rank| rank != Rank::Work, &["datePublished"]),
            made: [
                dates(&subjects, |rank| rank == Rank::Work, &["datePublished"]),
                dates(&subjects, |_| true, &["dateCreated", "uploadDate"]),
            ]
            .concat(),
            modified: dates(&subjects, |rank| rank != Rank::Work, &["dateModified"]),
            sections: texts(&subjects, "articleSection"),
            keywords: texts(&subjects, "keywords").iter().flat_map(|list| keywords(list)).take(MAX_STEPS).collect(),
            images: self.addresses(&subjects, "image"),
            license: self.addresses(&subjects, "license").into_iter().next(),
            sites: self.sites(&subjects),
            language: subjects.iter().find_map(|thing| self.language(thing.value)),
            description: subjects.iter().find_map(|thing| text(thing.value, "description")),
            is_accessible_for_free: subjects.iter().find_map(|thing| free(thing.value)),
        }
    }

    /// Things that may speak for the article, best first: articles before works before the page.
    fn subjects(&self) -> Vec<&Thing<'a>> {
        let mut subjects: Vec<_> = self.things.iter().filter(|thing| thing.rank > Rank::Other).collect();
        subjects.sort_by_cached_key(|thing| std::cmp::Reverse((thing.rank, self.likeness(thing.value))));
        let articles = subjects.iter().filter(|thing| thing.rank == Rank::Article).count();
        let is_list = articles > 2 && subjects.first().is_some_and(|thing| self.likeness(thing.value) < 2);
        if is_list {
            // Several articles and none is this page: it lists them.
            subjects.retain(|thing| thing.rank != Rank::Article);
        }
        subjects
    }

    /// How much speaks for a thing being this page's subject: 4 for its URL, 2 for its title, 1 for
    /// saying who wrote it.
    fn likeness(&self, value: &Value) -> u8 {
        let same_url = self.url.is_some_and(|url| {
            ["url", "@id", "mainEntityOfPage"].iter().filter_map(|key| value.get(key)).any(|stated| {
                let stated = stated.text().or_else(|| stated.get("@id").and_then(Value::text));
                stated.is_some_and(|stated| is_same_page(stated, url))
            })
        });
        let same_title = ["headline", "name"].iter().filter_map(|key| text(value, key)).any(|title| {
            let title = comparable(&title);
            !title.is_empty() && self.titles.iter().any(|other| other.contains(&title))
        });
        4 * u8::from(same_url) + 2 * u8::from(same_title) + u8::from(value.get("author").is_some())
    }

    fn all_types(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for name in self.things.iter().flat_map(|thing| types(thing.value)) {
            if all.len() < MAX_STEPS && !all.iter().any(|known| known == name) {
                all.push(name.to_owned());
            }
        }
        all
    }

    fn authors(&self, thing: &Thing<'a>) -> Vec<Author> {
        if thing.rank < Rank::Page {
            return Vec::new();
        }
        ["author", "creator"]
            .iter()
            .filter_map(|key| thing.value.get(key))
            .map(|value| self.names(value))
            .find(|names| !names.is_empty())
            .unwrap_or_default()
    }

    /// The names in a field: strings, objects, references into the graph, lists of any of them.
    fn names(&self, field: &'a Value) -> Vec<Author> {
        let mut names = Vec::new();
        let mut waiting = vec![field];
        for _ in 0..MAX_STEPS {
            let Some(value) = waiting.pop() else { break };
            match value {
                Value::Text(name) => match self.references.get(name.as_str()) {
                    Some(person) if person.get("name").is_some() => waiting.push(person),
                    _ => names.push(Author { name: clean(name), is_organisation: false }),
                },
                Value::List(list) => waiting.extend(list.iter().take(MAX_STEPS).rev()),
                Value::Object(_) => {
                    match value.get("name") {
                        Some(name) => names.extend(name.members().iter().filter_map(Value::text).map(|name| Author {
                            name: clean(name),
                            is_organisation: types(value).any(|name| name.ends_with("Organization") || name == "Brand"),
                        })),
                        None => waiting.extend(value.get("@id").and_then(Value::text).and_then(|id| {
                            self.references.get(id).copied().filter(|person| person.get("name").is_some())
                        })),
                    }
                }
                Value::Bool(_) => {}
            }
        }
        names.retain(|author| !author.name.is_empty());
        names
    }

    /// The addresses that the article or, where it has none, a work or the page has in a field: strings, objects,
    /// references into the graph, lists of any of them.
    fn addresses(&self, subjects: &[&Thing<'a>], key: &str) -> Vec<String> {
        let fields = subjects.iter().filter(|thing| thing.rank >= Rank::Page).filter_map(|thing| thing.value.get(key));
        let of_field = |field: &'a Value| -> Vec<String> {
            let found = field.members().iter().take(MAX_STEPS).filter_map(|value| {
                let known = |id: &str| self.references.get(id).copied();
                let value = value.get("@id").and_then(Value::text).and_then(known).unwrap_or(value);
                let value = value.text().and_then(known).unwrap_or(value);
                let keys = ["url", "contentUrl", "@id"];
                value.text().or_else(|| keys.iter().find_map(|key| value.get(key).and_then(Value::text)))
            });
            found.map(clean).filter(|address| !address.is_empty()).collect()
        };
        fields.map(of_field).find(|found| !found.is_empty()).unwrap_or_default()
    }

    /// Names of the site: publishers of the subjects, then web sites.
    fn sites(&self, subjects: &[&Thing<'a>]) -> Vec<String> {
        let publishers =
            subjects.iter().filter_map(|thing| thing.value.get("publisher")).flat_map(|value| self.names(value));
        let around = subjects
            .iter()
            .filter_map(|thing| thing.value.get("isPartOf"))
            .filter(|value| types(value).any(|name| name == "WebSite"));
        let around = around.filter_map(|value| text(value, "name"));
        let own =
            subjects.iter().filter(|thing| thing.rank == Rank::Site).filter_map(|thing| text(thing.value, "name"));
        own.chain(publishers.map(|author| author.name)).chain(around).take(MAX_STEPS).collect()
    }

    fn language(&self, value: &Value) -> Option<String> {
        let field = value.get("inLanguage")?;
        field.text().map(str::to_owned).or_else(|| text(field, "alternateName").or_else(|| text(field, "name")))
    }
}

/// What the things of some ranks state under some keys, in their order.
fn dates(subjects: &[&Thing<'_>], is_asked: impl Fn(Rank) -> bool, keys: &[&str]) -> Vec<String> {
    let asked = subjects.iter().filter(|thing| is_asked(thing.rank));
    asked.flat_map(|thing| keys.iter().filter_map(|key| text(thing.value, key))).take(MAX_STEPS).collect()
}

/// The texts of a key of the first thing about the article that has any: strings, named things, lists of them.
fn texts(subjects: &[&Thing<'_>], key: &str) -> Vec<String> {
    let fields = subjects.iter().filter(|thing| thing.rank >= Rank::Page).filter_map(|thing| thing.value.get(key));
    let of_field = |field: &Value| -> Vec<String> {
        let texts = field.members().iter().take(MAX_STEPS).filter_map(|value| match value {
            Value::Object(_) => text(value, "name"),
            _ => value.text().map(clean),
        });
        texts.filter(|text| !text.is_empty()).collect()
    };
    fields.map(of_field).find(|found| !found.is_empty()).unwrap_or_default()
}

/// The keywords of one text: parts between commas.
fn keywords(list: &str) -> impl Iterator<Item = String> {
    list.split([',', ';']).map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned)
}

/// The cleaned text of a key, `None` where it is missing or blank.
fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::text).map(clean).filter(|text| !text.is_empty())
}

fn free(value: &Value) -> Option<bool> {
    match value.get("isAccessibleForFree")? {
        Value::Bool(free) => Some(*free),
        other => match other.text()?.to_ascii_lowercase().rsplit('/').next()? {
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" => Some(false),
            _ => None,
        },
    }
}

/// Whether an address names the page: host without `www.` and path are the same.
fn is_same_page(stated: &str, url: &Url) -> bool {
    let Ok(stated) = url.join(stated) else { return false };
    let host = |url: &Url| url.host_str().map(|host| host.trim_start_matches("www.").to_owned());
    let path = |url: &Url| url.path().trim_end_matches('/').to_owned();
    !path(&stated).is_empty() && host(&stated) == host(url) && path(&stated) == path(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(script: &str) -> Facts {
        facts_of(&[script], &[], None)
    }

    fn facts_of(scripts: &[&str], titles: &[&str], url: Option<&str>) -> Facts {
        let titles: Vec<String> = titles.iter().map(|title| (*title).to_owned()).collect();
        let url = url.and_then(|url| Url::parse(url).ok());
        read(scripts.iter().copied(), &titles, url.as_ref())
    }

    fn headline(script: &str) -> Option<String> {
        facts(script).headlines.into_iter().next()
    }

    #[test]
    fn finds_the_article_in_every_shape_of_graph() {
        for script in [
            r#"{"@type": "NewsArticle", "headline": "Rain"}"#,
            r#"[{"@type": "Organization", "name": "Sun"}, {"@type": ["Thing", "BlogPosting"], "headline": "Rain"}]"#,
            r#"{"@graph": [{"@type": "WebSite", "name": "Sun"}, {"@type": "schema:Article", "headline": "Rain"}]}"#,
            r#"{"@type": "WebPage", "name": "Page", "mainEntity": {"@type": "LiveBlogPosting", "headline": "Rain"}}"#,
            r#"{"@type": "Thing", "mainEntityOfPage": {"@type": "http://schema.org/ReportageNewsArticle", "headline": "Rain"}}"#,
            r#"{"@type": "Organization", "name": "Sun"}{"@type": "Article", "headline": "Rain"}"#,
        ] {
            assert_eq!(headline(script).as_deref(), Some("Rain"), "{script}");
        }
    }

    #[test]
    fn takes_nothing_from_things_beside_the_article() {
        let script = r#"[{"@type": "Organization", "name": "Sun", "description": "A paper"},
            {"@type": "BreadcrumbList", "itemListElement": [{"@type": "Article", "headline": "Other"}]}]"#;
        let facts = facts(script);
        assert_eq!((facts.headlines, facts.description, facts.has_article), (vec![], None, false));
        assert_eq!(facts.types, ["Organization", "BreadcrumbList"]);
    }

    #[test]
    fn reads_authors_in_every_shape() {
        let names = |author: &str| -> Vec<String> {
            let person = r##"{"@type": "Person", "@id": "#ann", "name": "Ann Lee"}"##;
            let script = format!(r#"[{person}, {{"@type": "Article", "author": {author}}}]"#);
            facts(&script).authors.into_iter().map(|author| author.name).collect()
        };
        assert_eq!(names(r#""Ann Lee""#), ["Ann Lee"]);
        assert_eq!(names(r#"{"name": "Ann Lee"}"#), ["Ann Lee"]);
        assert_eq!(names(r##"{"@id": "#ann"}"##), ["Ann Lee"]);
        assert_eq!(
            names(r##"["Bo Chan", {"@id": "#ann"}, {"name": ["Cy Dorn"]}]"##),
            ["Bo Chan", "Ann Lee", "Cy Dorn"]
        );
        assert!(names(r##"{"@id": "#nobody"}"##).is_empty());
        assert!(names(r#"{"name": ""}"#).is_empty());
    }

    #[test]
    fn reads_what_surrounds_the_article() {
        let script = r##"[{"@type": "ImageObject", "@id": "#p", "contentUrl": "/rain.jpg"},
            {"@type": "VideoObject", "name": "Rain", "uploadDate": "2025-01-01", "keywords": "video"},
            {"@type": "NewsArticle", "headline": "Rain", "image": [{"@id": "#p"}], "articleSection": ["Weather", "Town"],
             "keywords": ["rain", {"@type": "DefinedTerm", "name": "gardens"}, "moor, hill"], "dateModified": "2026-03-08",
             "license": {"@id": "https://sun.example/terms"}, "datePublished": "2026-03-06"}]"##;
        let facts = facts(script);
        assert_eq!(facts.news_headline.as_deref(), Some("Rain"));
        assert_eq!(facts.images, ["/rain.jpg"]);
        assert_eq!(facts.sections, ["Weather", "Town"]);
        assert_eq!(facts.keywords, ["rain", "gardens", "moor", "hill"]);
        assert_eq!(facts.license.as_deref(), Some("https://sun.example/terms"));
        assert_eq!((facts.published, facts.modified), (vec!["2026-03-06".to_owned()], vec!["2026-03-08".to_owned()]));
        assert_eq!(facts.made, ["2025-01-01"], "of the video");
    }

    #[test]
    fn ends_on_references_in_a_circle() {
        let script = r##"[{"@type": "Article", "@id": "#a", "name": "#a", "author": "#a"}]"##;
        assert_eq!(facts(script).authors.len(), 1);
    }

    #[test]
    fn tells_people_from_organisations() {
        let script = r#"{"@type": "Article", "author": [{"@type": "Person", "name": "Ann Lee"},
            {"@type": "NewsMediaOrganization", "name": "Sun"}]}"#;
        let are_organisations: Vec<bool> = facts(script).authors.iter().map(|author| author.is_organisation).collect();
        assert_eq!(are_organisations, [false, true]);
    }

    #[test]
    fn chooses_the_article_of_this_page_among_several() {
        let script = r#"[{"@type": "Article", "headline": "Snow", "url": "https://sun.example/snow"},
            {"@type": "Article", "headline": "Rain", "url": "https://www.sun.example/rain/"}]"#;
        let first = |titles: &[&str], url| facts_of(&[script], titles, url).headlines.into_iter().next();
        assert_eq!(first(&[], Some("https://sun.example/rain?ref=x")).as_deref(), Some("Rain"));
        assert_eq!(first(&["Rain | Sun"], None).as_deref(), Some("Rain"));
        assert_eq!(first(&[], None).as_deref(), Some("Snow"));
    }

    #[test]
    fn takes_no_article_from_a_list_of_others() {
        let script = r#"[{"@type": "Article", "headline": "Snow"}, {"@type": "Article", "headline": "Hail"},
            {"@type": "Article", "headline": "Wind"}]"#;
        assert!(!facts_of(&[script], &["Weather"], None).has_article);
        assert!(facts_of(&[script], &["Hail"], None).has_article);
    }

    #[test]
    fn reads_whether_the_article_is_free() {
        for (stated, expected) in [
            ("false", Some(false)),
            (r#""False""#, Some(false)),
            (r#""http://schema.org/True""#, Some(true)),
            ("[]", None),
        ] {
            let script = format!(r#"{{"@type": "Article", "isAccessibleForFree": {stated}}}"#);
            assert_eq!(facts(&script).is_accessible_for_free, expected, "{stated}");
        }
    }

    #[test]
    fn reads_broken_scripts_as_far_as_they_go() {
        assert_eq!(
            headline("<!-- {\"@type\": \"Article\", \"headline\": \"Rain\nand \"wind\"\",} -->").as_deref(),
            Some("Rain and \"wind\"")
        );
        assert_eq!(
            headline("{&quot;@type&quot;: &quot;Article&quot;, &quot;headline&quot;: &quot;Rain&quot;}").as_deref(),
            Some("Rain")
        );
        assert_eq!(headline("window.x = 1"), None);
        assert_eq!(headline(""), None);
    }

    #[test]
    fn survives_deep_and_large_scripts() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let article = r#"{"@type": "Article", "headline": "Rain"}"#;
        assert_eq!(facts_of(&[&deep, article], &[], None).headlines, ["Rain"]);
        let nested = r#"{"mainEntity":"#.repeat(10_000);
        assert_eq!(facts_of(&[&nested, article], &[], None).headlines, ["Rain"]);
        let many = format!("[{}]", vec![article; 30_000].join(","));
        assert!(facts(&many).headlines.len() <= MAX_STEPS);
        let unread = format!(r#"{{"@type": "Article", "headline": "Rain", "comment": "{}"}}"#, "x".repeat(1_500_000));
        assert_eq!(headline(&unread).as_deref(), Some("Rain"));
        assert_eq!(headline(&" ".repeat(MAX_BYTES + 1)), None);
    }
}
