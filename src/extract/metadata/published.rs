//! When the article was first published.

use super::claims::{Said, origin_of_meta};
use super::date_lines::{can_be_date, is_date_line, labelled, lone};
use super::dated::{items, own};
use super::dates::{self, NumberOrder};
use super::markup::{Markup, short_text};
use crate::article::{Origin, Published};
use crate::extract::dom::{Document, NodeId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
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
    "citation_publication_date",
    "citation_date",
    "citation_online_date",
    "bt:pubdate",
    "displaydate",
    "ptime",
    "og:pubdate",
    "rnews:datepublished",
    "shareaholic:article_published_time",
];

/// Metas with a date that many systems renew with every change; what the page itself says of its publication is
/// better.
const LOOSE_FIELDS: &[&str] = &[
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date.created",
    "dc.date",
    "dcterms.date",
    "dc:date",
    "date",
    "datecreated",
    "created",
];

/// Metas that state the last change, best first.
const MODIFIED_FIELDS: &[&str] = &[
    "article:modified_time",
    "og:article:modified_time",
    "og:updated_time",
    "article:modified",
    "datemodified",
    "modified_time",
    "dcterms.modified",
    "dc.date.modified",
    "last-modified",
    "lastmod",
    "updated_time",
];

/// Longest text of an element that is searched for a date, in bytes.
const MAX_DATE_BYTES: usize = 160;

/// How far the clocks of inhabited places are behind and ahead of UTC, in hours (IANA: Pacific/Pago_Pago and
/// Pacific/Kiritimati).
const MOST_HOURS_BEHIND: i8 = 11;
const MOST_HOURS_AHEAD: i8 = 14;

/// Where a page may date its article.
pub(super) struct Evidence<'a> {
    pub(super) document: &'a Document<'a>,
    pub(super) markup: &'a Markup<'a>,
    /// As JSON-LD states it of the article, best first.
    pub(super) json_ld: &'a [String],
    /// As JSON-LD states it of other things of the page, best first.
    pub(super) made: &'a [String],
    /// Lines around the headline.
    pub(super) lines: &'a [String],
    pub(super) language: Option<&'a str>,
    pub(super) url: Option<&'a Url>,
}

/// A day that was found, and what each source says.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) chosen: Option<(Origin, Published)>,
    pub(super) said: Said,
}

/// Where a day is looked for.
#[derive(Debug, Clone, Copy)]
enum Place {
    JsonLd,
    Metas,
    Microdata,
    Lines,
    TimeElements,
    OtherJsonLd,
    LooseMetas,
    Url,
    Marks,
    LabelledText,
    LoneText,
}

/// All places, best first.
const PLACES: [Place; 11] = {
    use Place::*;
    [JsonLd, Metas, Microdata, Lines, TimeElements, OtherJsonLd, LooseMetas, Url, Marks, LabelledText, LoneText]
};

/// JSON-LD, metas, the URL and elements made for dates.
const STATED: [Place; 6] = {
    use Place::*;
    [JsonLd, Metas, TimeElements, OtherJsonLd, LooseMetas, Url]
};

/// How many of the places are read for what they say although one before them has a date: those that cost next to
/// nothing.
const ALWAYS_READ: usize = 8;

/// The day of first publication: JSON-LD, metas, microdata, lines at the headline, `time`, metas that change with the
/// page, the path of the URL, marked and labelled text; the first that is credible.
pub(super) fn choose(evidence: &Evidence<'_>, now: Option<Timestamp>) -> Found {
    let mut found = Found::default();
    for (at, place) in PLACES.into_iter().enumerate() {
        if at >= ALWAYS_READ && found.chosen.is_some() {
            break;
        }
        let (origin, date) = evidence.dated_at(place, now);
        let Some(date) = date else { continue };
        found.said.push((origin, date.to_string()));
        found.chosen = found.chosen.or(Some((origin, date)));
    }
    found.chosen =
        found.chosen.map(|(origin, date)| (origin, Published { date: own_day(date, evidence, now), ..date }));
    found
}

impl Evidence<'_> {
    /// Whether JSON-LD, a meta, the URL or a `time` element has a day.
    pub(super) fn is_stated(&self, now: Option<Timestamp>) -> bool {
        STATED.into_iter().any(|place| self.dated_at(place, now).1.is_some())
    }

    /// What a place says, and what it is called.
    fn dated_at(&self, place: Place, now: Option<Timestamp>) -> (Origin, Option<Published>) {
        let order = order(self.language);
        let read = |text: &str| dates::find(text, order, now);
        let Self { document, markup, .. } = *self;
        let in_page = |nodes: Vec<NodeId>| nodes.into_iter().find_map(|node| date_of(document, node, &read));
        match place {
            Place::JsonLd => (Origin::JsonLd, self.json_ld.iter().find_map(|text| read(text))),
            Place::Metas => of_metas(markup, FIELDS, &read),
            Place::Microdata => (Origin::Microdata, in_page(items(document, markup, "datePublished"))),
            Place::Lines => {
                let mut lines = self.lines.iter().filter(|line| is_date_line(line));
                (Origin::Byline, lines.find_map(|line| read(line)))
            }
            Place::TimeElements => (Origin::TimeElement, in_page(own(document, markup, &markup.times))),
            Place::OtherJsonLd => (Origin::JsonLd, self.made.iter().find_map(|text| read(text))),
            Place::LooseMetas => of_metas(markup, LOOSE_FIELDS, &read),
            Place::Url => (Origin::Url, self.url.and_then(|url| from_url(url, now))),
            Place::Marks => (Origin::Byline, in_page(own(document, markup, &markup.marked().dates))),
            Place::LabelledText => (Origin::Text, labelled(document, &read)),
            Place::LoneText => (Origin::Text, lone(document, &read)),
        }
    }
}

/// The day of the last change: JSON-LD, metas, microdata; the first that is credible and not before the publication.
pub(super) fn modified(
    evidence: &Evidence<'_>,
    json_ld: &[String],
    published: Option<Published>,
    now: Option<Timestamp>,
) -> Found {
    let order = order(evidence.language);
    let read = |text: &str| dates::find(text, order, now);
    let Evidence { document, markup, .. } = *evidence;
    let (meta, meta_date) = of_metas(markup, MODIFIED_FIELDS, &read);
    let item = items(document, markup, "dateModified").into_iter().find_map(|node| date_of(document, node, &read));
    let sources =
        [(Origin::JsonLd, json_ld.iter().find_map(|text| read(text))), (meta, meta_date), (Origin::Microdata, item)];
    let found = || sources.iter().filter_map(|(origin, date)| Some((*origin, (*date)?)));
    let is_later = |(_, date): &(Origin, Published)| published.is_none_or(|published| date.date >= published.date);
    Found { chosen: found().find(is_later), said: found().map(|(origin, date)| (origin, date.to_string())).collect() }
}

/// The first credible date of some metas, and whose they are.
fn of_metas(
    markup: &Markup<'_>,
    keys: &[&str],
    read: &dyn Fn(&str) -> Option<Published>,
) -> (Origin, Option<Published>) {
    let found = markup.metas_by_key(keys).find_map(|(key, value)| Some((origin_of_meta(key), read(value)?)));
    found.map_or((Origin::Meta, None), |(origin, date)| (origin, Some(date)))
}

/// The day in the page's own zone of a moment that is stated in UTC: that of the URL, where it is the day before or
/// after and some zone makes it so.
fn own_day(found: Published, evidence: &Evidence<'_>, now: Option<Timestamp>) -> Date {
    let Some(moment) = found.timestamp.map(|moment| Offset::UTC.to_datetime(moment)) else { return found.date };
    if moment.date() != found.date {
        return found.date;
    }
    let may_be = |day: &Date| {
        let is_before = day.tomorrow().is_ok_and(|next| next == found.date) && moment.hour() < MOST_HOURS_BEHIND;
        let is_after = day.yesterday().is_ok_and(|last| last == found.date) && moment.hour() >= 24 - MOST_HOURS_AHEAD;
        *day == found.date || is_before || is_after
    };
    let of_url = evidence.url.and_then(|url| from_url(url, now));
    of_url.map(|shown| shown.date).filter(may_be).unwrap_or(found.date)
}

/// The first of some texts that is a date, as site rules state it.
pub(super) fn stated(texts: &[String], language: Option<&str>, now: Option<Timestamp>) -> Option<Published> {
    texts.iter().find_map(|text| dates::find(text, order(language), now))
}

/// The day that a line of a text without markup states as that of publication: the line is a date and hardly
/// anything else, begins with a label, or is a byline (`is_byline`).
pub(super) fn of_line(line: &str, is_byline: bool) -> Option<Published> {
    let states = can_be_date(line, is_byline);
    states.then(|| dates::find(line, order(None), None)).flatten()
}

/// American pages write the month first.
fn order(language: Option<&str>) -> NumberOrder {
    match language {
        Some("en" | "en-us") | None => NumberOrder::MonthFirst,
        _ => NumberOrder::DayFirst,
    }
}

/// The date of an element: its machine-readable attribute, else its text.
fn date_of(document: &Document<'_>, node: NodeId, read: &dyn Fn(&str) -> Option<Published>) -> Option<Published> {
    let attributes = ["datetime", "content", "data-datetime", "title"];
    attributes.iter().filter_map(|name| document.attribute_named(node, name)).find_map(read).or_else(|| {
        let text = short_text(document, node);
        if text.len() <= MAX_DATE_BYTES { read(&text) } else { None }
    })
}

/// `/2026/03/06/`, `2026-03-06`, `/20260306/` in a path.
fn from_url(url: &Url, now: Option<Timestamp>) -> Option<Published> {
    let path = url.path();
    let joined = path.replace('_', "-");
    dates::find(&joined, NumberOrder::DayFirst, now).map(|found| Published { timestamp: None, ..found })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::dom::parse;
    use crate::extract::metadata::near;

    const DAY: &str = "2026-03-06";

    fn day(html: &str) -> Option<String> {
        day_at(html, None)
    }

    fn day_at(html: &str, url: Option<&str>) -> Option<String> {
        let Ok(document) = parse(html) else { panic!("{html}") };
        let markup = Markup::scan(&document);
        let lines = near::lines(&document, &markup, None);
        let url = url.and_then(|url| Url::parse(url).ok());
        let evidence = Evidence {
            document: &document,
            markup: &markup,
            json_ld: &[],
            made: &[],
            lines: &lines,
            language: Some("en-gb"),
            url: url.as_ref(),
        };
        choose(&evidence, None).chosen.map(|(_, found)| found.date.to_string())
    }

    #[test]
    fn reads_metas() {
        for html in [
            "<meta property=article:published_time content=2026-03-06T10:00:00Z>",
            "<meta name=publish-date content='6 March 2026'>",
            "<meta name=DC.date.issued content=2026-03-06>",
            "<meta itemprop=datePublished content=2026-03-06>",
        ] {
            assert_eq!(day(html).as_deref(), Some(DAY), "{html}");
        }
        assert_eq!(day("<meta property=article:modified_time content=2026-03-06>"), None);
    }

    #[test]
    fn reads_marked_elements() {
        for html in [
            "<h1>Rain</h1><time datetime=2026-03-06>Friday</time>",
            "<h1>Rain</h1><time>6 March 2026</time>",
            "<h1>Rain</h1><time itemprop=dateModified datetime=2026-04-01></time><time itemprop=datePublished datetime=2026-03-06></time>",
            "<h1>Rain</h1><span class=post-date>6. März 2026</span>",
        ] {
            assert_eq!(day(html).as_deref(), Some(DAY), "{html}");
        }
    }

    #[test]
    fn leaves_changes_comments_and_other_articles() {
        for html in [
            "<h1>Rain</h1><time class=updated datetime=2026-03-06></time>",
            "<h1>Rain</h1><p>Updated 6 March 2026</p>",
            "<h1>Rain</h1><div class=comments><time datetime=2026-03-06></time></div>",
            "<h1>Rain</h1><aside><time datetime=2026-03-06></time></aside>",
            "<h1>Rain</h1><footer>6 March 2026</footer>",
        ] {
            assert_eq!(day(html), None, "{html}");
        }
        let both = "<h1>Rain</h1><time class='published updated' datetime=2026-03-06></time>";
        assert_eq!(day(both).as_deref(), Some(DAY));
    }

    #[test]
    fn reads_lines_at_the_headline_and_labels_elsewhere() {
        assert_eq!(day("<h1>Rain</h1><p>London, 6 March 2026</p>").as_deref(), Some(DAY));
        let far = "<p>It rained.</p>".repeat(300);
        assert_eq!(day(&format!("<h1>Rain</h1>{far}<p>Published on 6 March 2026</p>")).as_deref(), Some(DAY));
        assert_eq!(day(&format!("<h1>Rain</h1>{far}<dl><dt>Published<dd>6 March 2026</dl>")).as_deref(), Some(DAY));
        assert_eq!(
            day(&format!("<h1>Rain</h1>{far}<p>It rained on 6 March 2026, and on every day after that.</p>")),
            None
        );
    }

    #[test]
    fn what_the_page_says_is_better_than_metas_that_change() {
        let meta = "<meta name=date content=2026-04-01>";
        let shown = "<h1>Rain</h1><time datetime=2026-03-06></time>";
        assert_eq!(day(&format!("{meta}{shown}")).as_deref(), Some(DAY));
        assert_eq!(day(&format!("{meta}<h1>Rain</h1>")).as_deref(), Some("2026-04-01"));
    }

    #[test]
    fn reads_what_stands_nearest_to_the_headline() {
        let list = format!("{}<ul><li><time datetime=2026-01-02></time></ul>", "<p>It rained.</p>".repeat(300));
        let before = "<div><time datetime=2026-03-06></time></div><h1>Rain</h1>";
        assert_eq!(day(&format!("{before}{list}")).as_deref(), Some(DAY));
        let column = "<h1>Rain</h1><aside class=article-meta><time datetime=2026-03-06></time></aside>";
        assert_eq!(day(column).as_deref(), Some(DAY), "a column beside the article");
    }

    #[test]
    fn a_moment_in_utc_is_of_the_day_that_the_url_has() {
        let meta = "<meta property=article:published_time content=2026-03-07T02:00:00Z>";
        assert_eq!(day_at(meta, Some("https://sun.example/2026/03/06/rain")).as_deref(), Some(DAY));
        assert_eq!(day_at(meta, Some("https://sun.example/2026/03/05/rain")).as_deref(), Some("2026-03-07"));
        let late = "<meta property=article:published_time content=2026-03-07T13:00:00Z>";
        let found = day_at(late, Some("https://sun.example/2026/03/06/rain"));
        assert_eq!(found.as_deref(), Some("2026-03-07"), "no zone makes it so");
    }

    #[test]
    fn a_day_is_stated_where_it_is_made_for_machines() {
        let is_stated = |html: &str| {
            let Ok(document) = parse(html) else { panic!("{html}") };
            let (document, markup) = (&document, &Markup::scan(&document));
            let (json_ld, made, lines, language, url) = (&[], &[], &[], None, None);
            Evidence { document, markup, json_ld, made, lines, language, url }.is_stated(None)
        };
        assert!(
            is_stated("<meta name=date content=2026-03-06>") && is_stated("<time datetime=2026-03-06>today</time>")
        );
        assert!(!is_stated("<h1>Rain</h1><p class=date>2026-03-06</p><p>Published: 2026-03-06</p>"));
    }

    #[test]
    fn the_last_change_is_not_before_the_publication() {
        let modified_of = |html: &str, json_ld: &[String]| {
            let Ok(document) = parse(html) else { panic!("{html}") };
            let markup = Markup::scan(&document);
            let lines = near::lines(&document, &markup, None);
            let dated = Evidence {
                document: &document,
                markup: &markup,
                json_ld: &[],
                made: &[],
                lines: &lines,
                language: None,
                url: None,
            };
            let published = dates::find(DAY, NumberOrder::DayFirst, None);
            modified(&dated, json_ld, published, None).chosen.map(|(origin, date)| (origin, date.date.to_string()))
        };
        let meta = "<meta property=article:modified_time content=2026-03-09>";
        assert_eq!(modified_of(meta, &["2026-03-01".into()]), Some((Origin::OpenGraph, "2026-03-09".into())));
        let item = "<h1>Rain</h1><time itemprop=dateModified datetime=2026-03-08></time>";
        assert_eq!(modified_of(item, &[]), Some((Origin::Microdata, "2026-03-08".into())));
        assert_eq!(modified_of("", &["2026-03-01".into()]), None);
    }

    #[test]
    fn prefers_the_page_to_its_url_and_the_url_to_nothing() {
        let url = Some("https://sun.example/2026/03/06/rain");
        assert_eq!(day_at("<h1>Rain</h1>", url).as_deref(), Some(DAY));
        assert_eq!(day_at("<h1>Rain</h1><time datetime=2026-03-05></time>", url).as_deref(), Some("2026-03-05"));
        assert_eq!(day_at("<h1>Rain</h1>", Some("https://sun.example/2026/rain-12")), None);
    }
}
