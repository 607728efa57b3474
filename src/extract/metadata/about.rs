//! What else a page states of its article: standfirst, section, keywords, picture, licence, whether it is free.

use super::address::absolute;
use super::claims::{Said, origin_of_meta};
use super::clean::{clean, comparable};
use super::json_ld::Facts;
use super::markup::Markup;
use crate::article::Origin;
use url::Url;

/// Longest name of a section and longest keyword, in characters.
const MAX_NAME_CHARS: usize = 60;

/// Most keywords that are of one article; longer lists are written for search engines.
const MAX_KEYWORDS: usize = 30;

/// What JSON-LD says, then metas in the order of their keys, cleaned.
fn said(json_ld: impl IntoIterator<Item = String>, markup: &Markup<'_>, keys: &[&str]) -> Said {
    let stated = json_ld.into_iter().map(|value| (Origin::JsonLd, value));
    stated.chain(markup.metas_by_key(keys).map(|(key, value)| (origin_of_meta(key), clean(value)))).collect()
}

/// The first that fits.
fn first<T>(said: &Said, fits: impl Fn(&str) -> Option<T>) -> Option<(Origin, T)> {
    said.iter().find_map(|(origin, value)| Some((*origin, fits(value)?)))
}

/// The standfirst as JSON-LD and metas state it: the first that is not cut off, nor the title again.
pub(super) fn subtitle(markup: &Markup<'_>, json_ld: &Facts, title: Option<&str>) -> (Option<(Origin, String)>, Said) {
    let keys = ["og:description", "dc.description", "dcterms.description", "description", "twitter:description"];
    let said = said(json_ld.description.clone(), markup, &keys);
    let title = title.map(comparable);
    let is_cut = |text: &str| text.ends_with(['…', '[', ']']) || text.ends_with("...");
    let is_own = |text: &str| !text.is_empty() && title.as_deref() != Some(comparable(text).as_str());
    let whole = first(&said, |text| (is_own(text) && !is_cut(text)).then(|| text.to_owned()));
    let any = || first(&said, |text| is_own(text).then(|| text.to_owned()));
    (whole.or_else(any), said)
}

/// The section that the article stands in.
pub(super) fn section(markup: &Markup<'_>, json_ld: &Facts) -> (Option<(Origin, String)>, Said) {
    let keys = ["article:section", "dc.subject.section", "parsely-section", "section", "category"];
    let said = said(json_ld.sections.first().cloned(), markup, &keys);
    let is_name = |name: &str| (1..=MAX_NAME_CHARS).contains(&name.chars().count()) && !name.contains("://");
    (first(&said, |name| is_name(name).then(|| name.to_owned())), said)
}

/// The topics that metadata name for the article: `article:tag`, the keywords of its JSON-LD, `news_keywords`. The meta
/// `keywords` is not asked: on most pages it is of the whole site.
pub(super) fn keywords(markup: &Markup<'_>, json_ld: &Facts) -> (Option<(Origin, Vec<String>)>, Said) {
    let parts = |values: &[&str]| values.iter().flat_map(|value| value.split([',', ';'])).map(clean).collect();
    let lists: [(Origin, Vec<String>); 4] = [
        (Origin::OpenGraph, parts(markup.meta_all(&["article:tag"]))),
        (Origin::JsonLd, json_ld.keywords.clone()),
        (Origin::Meta, parts(markup.meta_all(&["news_keywords"]))),
        (Origin::Meta, parts(markup.meta_all(&["parsely-tags"]))),
    ];
    let lists: Vec<_> = lists.into_iter().map(|(origin, list)| (origin, each_once(list))).collect();
    let said = lists.iter().map(|(origin, list)| (*origin, list.join(", "))).collect();
    let of_article = |(_, list): &(Origin, Vec<String>)| (1..=MAX_KEYWORDS).contains(&list.len());
    (lists.into_iter().find(of_article), said)
}

/// Keywords without `#`, blanks and repeats, those that are names and no sentences.
fn each_once(list: Vec<String>) -> Vec<String> {
    let mut each: Vec<String> = Vec::new();
    for word in list.iter().map(|word| word.trim_start_matches('#').trim()).take(10 * MAX_KEYWORDS) {
        // Those of machines have a colon or an equals sign: `topic:rain`, `id=17`.
        let is_name = (1..=MAX_NAME_CHARS).contains(&word.chars().count()) && !word.contains([':', '=', '{']);
        if is_name && each.len() <= MAX_KEYWORDS && !each.iter().any(|known| known == word) {
            each.push(word.to_owned());
        }
    }
    each
}

/// The picture that stands for the article.
pub(super) fn image(markup: &Markup<'_>, json_ld: &Facts, url: Option<&Url>) -> (Option<(Origin, Url)>, Said) {
    let keys =
        ["og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src", "parsely-image-url"];
    let said = said(json_ld.images.first().cloned(), markup, &keys);
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
    (first(&said, |address| absolute(address, markup, url).filter(is_web)), said)
}

/// The licence: where it stands, absolute, or what it is called.
pub(super) fn license(markup: &Markup<'_>, json_ld: &Facts, url: Option<&Url>) -> (Option<(Origin, String)>, Said) {
    let mut said = said(json_ld.license.clone(), markup, &["dcterms.license", "dc.rights", "dcterms.rights"]);
    said.extend(markup.license().map(|href| (Origin::Link, clean(href))));
    let name = |text: &str| {
        let is_address = text.starts_with('/') || text.contains("://");
        if is_address { absolute(text, markup, url).map(String::from) } else { Some(text.to_owned()) }
    };
    (first(&said, |text| name(text).filter(|text| !text.is_empty())), said)
}

/// Whether everybody can read the whole: JSON-LD, else the tier that a meta states.
pub(super) fn is_free(markup: &Markup<'_>, json_ld: &Facts) -> (Option<(Origin, bool)>, Said) {
    let stated = json_ld.is_accessible_for_free.map(|free| free.to_string());
    let said = said(stated, markup, &["article:content_tier"]);
    let free = |text: &str| match text.to_ascii_lowercase().as_str() {
        "true" | "free" => Some(true),
        "false" | "locked" => Some(false),
        _ => None,
    };
    (first(&said, free), said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::dom::{Document, parse};

    fn page(html: &str) -> Document<'_> {
        let Ok(document) = parse(html) else { panic!("{html}") };
        document
    }

    fn url() -> Url {
        Url::parse("https://sun.example/news/rain").unwrap_or_else(|_| panic!("an address"))
    }

    #[test]
    fn a_standfirst_that_is_cut_off_gives_way_to_a_whole_one() {
        let document = page(
            "<meta property=og:description content='The gardens dr…'><meta name=description content='The gardens drink.'>",
        );
        let (chosen, said) = subtitle(&Markup::scan(&document), &Facts::default(), None);
        assert_eq!(chosen, Some((Origin::Meta, "The gardens drink.".into())));
        assert_eq!(said.len(), 2, "both are claims");
    }

    #[test]
    fn the_title_again_is_no_standfirst() {
        let document = page("<meta name=description content='Rain at last!'>");
        assert_eq!(subtitle(&Markup::scan(&document), &Facts::default(), Some("Rain at Last")).0, None);
    }

    #[test]
    fn keywords_are_of_the_article_not_of_the_site() {
        let of = |html: &str| keywords(&Markup::scan(&page(html)), &Facts::default()).0.map(|(_, words)| words);
        let tags = "<meta property=article:tag content=Rain><meta property=article:tag content='#Gardens'>";
        assert_eq!(of(tags), Some(vec!["Rain".into(), "Gardens".into()]));
        assert_eq!(of("<meta name=news_keywords content='Rain, topic:x, Rain'>"), Some(vec!["Rain".into()]));
        assert_eq!(of("<meta name=keywords content='news, online, paper'>"), None);
        let many: String = (0..50).map(|number| format!("word {number},")).collect();
        assert_eq!(of(&format!("<meta name=news_keywords content='{many}'>")), None);
    }

    #[test]
    fn addresses_are_absolute_and_of_the_web() {
        let document = page("<meta property=og:image content=/rain.jpg><link rel=license href=/terms>");
        let markup = Markup::scan(&document);
        let image = image(&markup, &Facts::default(), Some(&url())).0.map(|(_, url)| url.to_string());
        assert_eq!(image.as_deref(), Some("https://sun.example/rain.jpg"));
        let license = license(&markup, &Facts::default(), Some(&url())).0;
        assert_eq!(license, Some((Origin::Link, "https://sun.example/terms".into())));
        let data = page("<meta property=og:image content='data:image/png;base64,x'>");
        assert_eq!(super::image(&Markup::scan(&data), &Facts::default(), Some(&url())).0, None);
    }

    #[test]
    fn a_tier_says_whether_the_article_is_free() {
        for (tier, free) in [("free", Some(true)), ("locked", Some(false)), ("metered", None)] {
            let html = format!("<meta property=article:content_tier content={tier}>");
            let document = page(&html);
            let found = is_free(&Markup::scan(&document), &Facts::default()).0.map(|(_, free)| free);
            assert_eq!(found, free, "{tier}");
        }
    }
}
