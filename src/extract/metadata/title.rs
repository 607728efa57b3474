//! The headline, without the site's name.

use super::clean::{clean, collapse, comparable, squeezed};
use super::json_ld::Facts;
use super::markup::{Markup, short_text};
use crate::extract::dom::Document;
use std::collections::HashSet;

/// Longest text taken for a headline, in bytes.
const MAX_BYTES: usize = 400;

/// How much longer than the site's name a part of a title may be and still be the name ("The ...",
/// "... Online"), in bytes.
const MAX_NAME_EXTRA_BYTES: usize = 6;

/// Most candidates given out; real pages have fewer than ten that differ.
const MAX_CANDIDATES: usize = 64;

/// How many of all words a headline on the page and a told title must share to be two versions of
/// one headline; below that the `h1` is mostly the name of a section.
const MIN_SHARED_WORDS: f32 = 0.2;

/// Most headlines of a page that are compared word by word.
const MAX_COMPARED: usize = 8;

/// Signs that stand between a headline and the name of the site, with a space before and after.
const SEPARATORS: &[&str] =
    &[" | ", " - ", " – ", " — ", " · ", " : ", " « ", " » ", " • ", " / ", " ‹ ", " › ", " :: ", ": ", "| ", " |"];

/// Everything that calls itself the title, best source first, cleaned, without repeats: JSON-LD,
/// Open Graph and other metas, microdata, `h1`, `title`.
pub(super) fn candidates(document: &Document, markup: &Markup<'_>, json_ld: &[String]) -> Vec<String> {
    let mut all = json_ld.to_vec();
    all.extend(stated(markup).map(clean));
    // More than two are the entries of a live blog or a list, each with a headline of its own.
    if markup.headlines.len() <= 2 {
        all.extend(markup.headlines.iter().map(|node| short_text(document, *node)));
    }
    all.extend(markup.h1.iter().map(|(_, text)| text.clone()));
    all.extend(markup.title.clone());
    let mut seen = HashSet::new();
    all.retain(|title| !title.is_empty() && title.len() <= MAX_BYTES && seen.insert(title.clone()));
    all.truncate(MAX_CANDIDATES);
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

/// The headline. What readers see counts most: a headline on the page that JSON-LD, metas or
/// `title` repeat, then one that resembles them; else what those state; else the first on the page.
/// `site` holds the site's names as [`squeezed`].
pub(super) fn choose(document: &Document, markup: &Markup<'_>, json_ld: &Facts, site: &[String]) -> Option<String> {
    let shown = shown(document, markup, site);
    let told = told(markup, json_ld);
    let known: Vec<String> = shown.iter().chain(&json_ld.headlines).map(|title| comparable(title)).collect();
    let plain: Vec<String> = told.iter().map(|title| without_site(title, site, &known)).collect();
    if let Some(chosen) = agreed(&shown, &told, &plain).or_else(|| alike(&shown, &plain)) {
        return Some(without_site(&chosen, site, &[]));
    }
    let first = plain.iter().chain(&shown).find(|title| !title.is_empty() && !site.contains(&squeezed(title)));
    let first = first.or_else(|| told.first())?;
    // Where one source leaves off a suffix, it is one.
    let form = comparable(first);
    let shorter = plain.iter().find(|title| title.split(' ').count() > 2 && is_beginning(&comparable(title), &form));
    Some(collapse(shorter.unwrap_or(first)))
}

/// Headlines on the page, marked ones before `h1`; the site's name is none.
fn shown(document: &Document, markup: &Markup<'_>, site: &[String]) -> Vec<String> {
    let marked = markup.headlines.iter().map(|node| short_text(document, *node));
    let all = marked.chain(markup.h1.iter().map(|(_, text)| text.clone()));
    all.filter(|text| !text.is_empty() && text.len() <= MAX_BYTES && !site.contains(&squeezed(text))).collect()
}

/// What the head states, best first.
fn told(markup: &Markup<'_>, json_ld: &Facts) -> Vec<String> {
    let headlines = if json_ld.has_article { json_ld.headlines.as_slice() } else { &[] };
    let all = headlines.iter().cloned().chain(stated(markup).map(clean)).chain(markup.title.clone());
    all.filter(|title| !title.is_empty() && title.len() <= MAX_BYTES).collect()
}

/// The first shown headline that a told title equals, or is a beginning of; or the told title that
/// puts a kicker and a colon before it.
fn agreed(shown: &[String], told: &[String], plain: &[String]) -> Option<String> {
    let forms: Vec<String> = told.iter().map(|title| comparable(title)).collect();
    let equal = |text: &&String| {
        let text = comparable(text);
        !text.is_empty() && forms.contains(&text)
    };
    if let Some(equal) = shown.iter().find(equal) {
        let kicker = plain.first().filter(|title| has_kicker(title, equal));
        return Some(kicker.unwrap_or(equal).clone());
    }
    let begins = |text: &&String| {
        let text = comparable(text);
        text.split(' ').count() > 2 && forms.iter().any(|title| is_beginning(&text, title))
    };
    let with_kicker = shown.iter().find_map(|text| plain.iter().find(|title| has_kicker(title, text)));
    with_kicker.or_else(|| shown.iter().find(begins)).cloned()
}

/// Whether `title` is `headline` after a few words and a colon.
fn has_kicker(title: &str, headline: &str) -> bool {
    title.strip_suffix(headline).is_some_and(|kicker| kicker.trim_end().ends_with(':') && kicker.split(' ').count() < 6)
}

fn is_beginning(short: &str, long: &str) -> bool {
    long.strip_prefix(short).is_some_and(|rest| rest.starts_with(' '))
}

/// The shown headline that resembles a told title most, where it resembles it enough; or that told
/// title, where the headline has a date, a section or a subtitle glued to it.
fn alike(shown: &[String], plain: &[String]) -> Option<String> {
    let likeness = |text: &String| {
        let likest = plain.iter().map(|title| shared_words(&comparable(text), &comparable(title))).fold(0.0, f32::max);
        (likest >= MIN_SHARED_WORDS).then_some(likest)
    };
    let best = shown.iter().take(MAX_COMPARED).filter_map(|text| Some((likeness(text)?, text)));
    let (_, text) = best.max_by(|one, other| one.0.total_cmp(&other.0))?;
    Some(plain.iter().find(|title| is_glued(text, title)).unwrap_or(text).clone())
}

/// Whether `text` is `title` with something before it, or with something after it that no sign
/// joins to it.
fn is_glued(text: &str, title: &str) -> bool {
    let after = || text.strip_prefix(title).is_some_and(|rest| rest.trim_start().starts_with(char::is_alphanumeric));
    title.contains(' ') && text.len() > title.len() && (text.ends_with(title) || after())
}

/// Words in common among all words of two comparable forms, 0 to 1.
fn shared_words(one: &str, other: &str) -> f32 {
    let one: HashSet<&str> = one.split(' ').collect();
    let other: HashSet<&str> = other.split(' ').collect();
    one.intersection(&other).count() as f32 / one.union(&other).count() as f32
}

/// Cuts the site's name off the end or the front of a title, once or more, and whatever stands
/// beside a headline that the page is known to have; `known` are comparable forms of such headlines.
pub(super) fn without_site(title: &str, site: &[String], known: &[String]) -> String {
    let mut rest = title.trim();
    loop {
        let cuts = [cut_end(rest), cut_front(rest)];
        // What stands before a headline with a colon is its kicker, not a section.
        let may_go = |cut: &&Cut<'_>| cut.rest.len() > cut.part.len() && !(cut.is_front && cut.has_colon);
        let to_known = cuts.iter().flatten().filter(may_go).find(|cut| known.contains(&comparable(cut.rest)));
        let shorter = match to_known {
            Some(cut) => cut.rest,
            None => match cuts.iter().flatten().find(|cut| is_site(cut, site)) {
                Some(cut) => cut.rest,
                None => return rest.to_owned(),
            },
        };
        rest = shorter.trim();
    }
}

/// A title cut in two.
struct Cut<'a> {
    rest: &'a str,
    /// What may be the site's name.
    part: &'a str,
    is_front: bool,
    has_colon: bool,
}

fn cut_end(title: &str) -> Option<Cut<'_>> {
    let places = SEPARATORS.iter().filter_map(|separator| title.rfind(separator).map(|at| (at, at + separator.len())));
    let (start, end) = places.max_by_key(|(start, end)| (*end, end - start))?;
    Some(Cut { rest: &title[..start], part: &title[end..], is_front: false, has_colon: title[start..end] == *": " })
}

fn cut_front(title: &str) -> Option<Cut<'_>> {
    let places = SEPARATORS.iter().filter_map(|separator| title.find(separator).map(|at| (at, at + separator.len())));
    let (start, end) = places.min_by_key(|(start, end)| (*start, std::cmp::Reverse(end - start)))?;
    Some(Cut { rest: &title[end..], part: &title[..start], is_front: true, has_colon: title[start..end] == *": " })
}

/// Whether the part cut off is the name of the site: equal to it but for an article or an ending,
/// or, at the end, containing it and shorter than what is left.
fn is_site(cut: &Cut<'_>, site: &[String]) -> bool {
    let part = squeezed(cut.part);
    let is_shorter = part.len() < squeezed(cut.rest).len();
    let is_name = |name: &String| {
        let is_near = part.contains(name.as_str()) && (is_shorter || part.len() <= name.len() + MAX_NAME_EXTRA_BYTES);
        let is_short_form = is_shorter && part.len() > 3 && name.starts_with(&part);
        *name == part || !cut.is_front && name.len() > 3 && (is_near || is_short_form)
    };
    !part.is_empty() && !cut.rest.trim().is_empty() && site.iter().any(is_name)
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
