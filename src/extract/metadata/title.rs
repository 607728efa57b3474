//! The headline, without the site's name.

use super::clean::{clean, collapse, comparable, squeezed};
use super::json_ld::Facts;
use super::markup::{Markup, short_text};
use crate::extract::dom::Document;

/// Longest text taken for a headline, in bytes.
const MAX_BYTES: usize = 400;

/// How much longer than the site's name a part of a title may be and still be the name ("The ...",
/// "... Online"), in bytes.
const MAX_NAME_EXTRA_BYTES: usize = 6;

/// Signs that stand between a headline and the name of the site, with a space before and after.
const SEPARATORS: &[&str] =
    &[" | ", " - ", " – ", " — ", " · ", " : ", " « ", " » ", " • ", " / ", " ‹ ", " › ", " :: ", ": ", "| ", " |"];

/// Everything that calls itself the title, best source first, cleaned, without repeats: JSON-LD,
/// Open Graph and other metas, microdata, `h1`, `title`.
pub(super) fn candidates(document: &Document, markup: &Markup<'_>, json_ld: &[String]) -> Vec<String> {
    let mut all = json_ld.to_vec();
    all.extend(stated(markup).map(clean));
    all.extend(markup.headlines.iter().map(|node| short_text(document, *node)));
    all.extend(markup.h1.iter().map(|(_, text)| text.clone()));
    all.extend(markup.title.clone());
    let mut seen = Vec::new();
    all.retain(|title| {
        let is_new = !title.is_empty() && title.len() <= MAX_BYTES && !seen.contains(title);
        if is_new {
            seen.push(title.clone());
        }
        is_new
    });
    all
}

/// What metas state as the title.
pub(super) fn stated<'a>(markup: &Markup<'a>) -> impl Iterator<Item = &'a str> {
    markup.metas(&[
        "og:title",
        "parsely-title",
        "sailthru.title",
        "twitter:title",
        "citation_title",
        "dc.title",
        "dcterms.title",
        "dc:title",
        "headline",
        "title",
    ])
}

/// The headline: an `h1` that another source agrees with, else JSON-LD, metas, the only `h1`,
/// `title`. `site` holds the site's names as [`squeezed`].
pub(super) fn choose(document: &Document, markup: &Markup<'_>, json_ld: &Facts, site: &[String]) -> Option<String> {
    let shown: Vec<String> = markup
        .headlines
        .iter()
        .map(|node| short_text(document, *node))
        .chain(markup.h1.iter().map(|(_, text)| text.clone()))
        .filter(|text| is_headline(text, site))
        .collect();
    let mut told: Vec<String> = if json_ld.has_article { json_ld.headlines.clone() } else { Vec::new() };
    told.extend(stated(markup).map(clean));
    told.extend(markup.title.clone());
    told.retain(|title| title.len() <= MAX_BYTES);
    if let Some(agreed) = agreed(&shown, &told) {
        return Some(agreed);
    }
    let known: Vec<String> = shown.iter().chain(&json_ld.headlines).map(|title| comparable(title)).collect();
    told.iter()
        .map(|title| without_site(title, site, &known))
        .chain(shown.iter().cloned())
        .find(|title| !title.is_empty() && !site.contains(&squeezed(title)))
        .or_else(|| told.into_iter().find(|title| !title.is_empty()))
        .map(|title| collapse(&title))
}

fn is_headline(text: &str, site: &[String]) -> bool {
    !text.is_empty() && text.len() <= MAX_BYTES && !site.contains(&squeezed(text))
}

/// The first shown headline that a told title equals, whole or in one of its parts.
fn agreed(shown: &[String], told: &[String]) -> Option<String> {
    let told: Vec<String> = told.iter().map(|title| comparable(title)).collect();
    let agrees = |text: &&String| {
        let text = comparable(text);
        !text.is_empty() && told.iter().any(|title| *title == text)
    };
    let begins = |text: &&String| {
        let text = comparable(text);
        text.split(' ').count() > 2 && told.iter().any(|title| title.starts_with(&text) || title.ends_with(&text))
    };
    shown.iter().find(agrees).or_else(|| shown.iter().find(begins)).cloned()
}

/// Cuts the site's name off the end or the front of a title, once or more; `known` are comparable
/// forms of headlines of the page, at which the cutting stops.
pub(super) fn without_site(title: &str, site: &[String], known: &[String]) -> String {
    let mut rest = title.trim();
    while !known.iter().any(|known| *known == comparable(rest)) {
        let Some(shorter) = cut_end(rest, site, known).or_else(|| cut_front(rest, site, known)) else { break };
        rest = shorter.trim();
    }
    rest.to_owned()
}

fn cut_end<'a>(title: &'a str, site: &[String], known: &[String]) -> Option<&'a str> {
    SEPARATORS
        .iter()
        .filter_map(|separator| title.rfind(separator).map(|at| (at, separator)))
        .max_by_key(|(at, separator)| (at + separator.len(), separator.len()))
        .map(|(at, separator)| (&title[..at], &title[at + separator.len()..]))
        .filter(|(rest, part)| is_site(part, rest, site) || known.contains(&comparable(rest)))
        .map(|(rest, _)| rest)
}

fn cut_front<'a>(title: &'a str, site: &[String], known: &[String]) -> Option<&'a str> {
    SEPARATORS
        .iter()
        .filter_map(|separator| title.find(separator).map(|at| (at, separator)))
        .min_by_key(|(at, separator)| (*at, std::cmp::Reverse(separator.len())))
        .map(|(at, separator)| (&title[at + separator.len()..], &title[..at]))
        .filter(|(rest, part)| is_site(part, rest, site) || known.contains(&comparable(rest)))
        .map(|(rest, _)| rest)
}

/// Whether a part of a title is the name of the site: equal to it but for an article or an ending,
/// or containing it and shorter than what is left.
fn is_site(part: &str, rest: &str, site: &[String]) -> bool {
    let part = squeezed(part);
    let is_shorter = part.len() < squeezed(rest).len();
    let is_name = |name: &String| {
        let is_near = part.contains(name.as_str()) && (is_shorter || part.len() <= name.len() + MAX_NAME_EXTRA_BYTES);
        let is_short_form = is_shorter && part.len() > 3 && name.starts_with(&part);
        *name == part || name.len() > 3 && (is_near || is_short_form)
    };
    !part.is_empty() && site.iter().any(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(title: &str) -> String {
        without_site(title, &["dailysun".to_owned(), "sunexample".to_owned()], &[])
    }

    #[test]
    fn cuts_the_site_off_either_end() {
        for title in [
            "Rain at last | Daily Sun",
            "Rain at last - The Daily Sun",
            "Daily Sun: Rain at last",
            "Rain at last — DailySun — Daily Sun",
        ] {
            assert_eq!(cut(title), "Rain at last", "{title}");
        }
    }

    #[test]
    fn keeps_parts_that_are_not_the_site() {
        for title in [
            "Rain - at last",
            "Rain: a daily pleasure",
            "How the Daily Sun was founded",
            "Rain | Weather",
            "Well-being",
        ] {
            assert_eq!(cut(title), title);
        }
    }

    #[test]
    fn cuts_anything_beside_a_known_headline() {
        let known = [comparable("Rain at last")];
        assert_eq!(without_site("Rain at last | Weather", &[], &known), "Rain at last");
        assert_eq!(without_site("Snow at last | Weather", &[], &known), "Snow at last | Weather");
    }
}
