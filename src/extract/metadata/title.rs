//! The headline, without the site's name.

use super::claims::{Said, origin_of_meta};
use super::clean::{clean, collapse, comparable, squeezed};
use super::json_ld::Facts;
use super::markup::{Markup, short_text};
use crate::article::Origin;
use crate::extract::dom::{Document, NodeId};
use std::collections::HashSet;

/// Metas that state the title, best first.
const TITLE_FIELDS: &[&str] = &[
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
];

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

/// Most nodes of a heading that are looked at.
const MAX_NODES: usize = 64;

/// Most headlines of a page that are compared word by word.
const MAX_COMPARED: usize = 8;

/// Signs that stand between a headline and the name of the site, with a space before and after.
const SEPARATORS: &[&str] =
    &[" | ", " - ", " – ", " — ", " · ", " : ", " « ", " » ", " • ", " / ", " ‹ ", " › ", " :: ", ": ", "| ", " |"];

/// Everything that calls itself the title, best source first, cleaned, without repeats: JSON-LD,
/// Open Graph and other metas, microdata, `h1`, `title`.
pub(super) fn candidates(document: &Document<'_>, markup: &Markup<'_>, json_ld: &[String]) -> Vec<String> {
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

/// What each source says the title is, best first, and of which of them `title` was taken.
pub(super) fn claims(
    document: &Document<'_>,
    markup: &Markup<'_>,
    json_ld: &Facts,
    site: &[String],
    title: Option<&str>,
) -> (Option<(Origin, String)>, Said) {
    let headlines = if json_ld.has_article { json_ld.headlines.as_slice() } else { &[] };
    let mut said: Said =
        headlines.iter().map(|headline| (Origin::JsonLd, headline.clone())).take(MAX_COMPARED).collect();
    said.extend(markup.metas_by_key(TITLE_FIELDS).map(|(key, value)| (origin_of_meta(key), clean(value))));
    let marked = markup.headlines.iter().take(2).map(|node| (Origin::Microdata, short_text(document, *node)));
    said.extend(marked);
    said.extend(markup.h1.iter().take(MAX_COMPARED).map(|(_, text)| (Origin::Heading, text.clone())));
    said.extend(markup.title.iter().map(|title| (Origin::TitleElement, title.clone())));
    let Some(title) = title else { return (None, said) };
    let form = comparable(title);
    let is_it = |value: &str| {
        value == title
            || comparable(value) == form
            || comparable(&without_site(value, site, std::slice::from_ref(&form))) == form
    };
    let chosen = said.iter().find(|(_, value)| is_it(value)).cloned();
    (Some(chosen.unwrap_or((Origin::Heading, title.to_owned()))), said)
}

/// What metas state as the title.
pub(super) fn stated<'a>(markup: &Markup<'a>) -> impl Iterator<Item = &'a str> {
    markup.metas(TITLE_FIELDS)
}

/// The headline. A news article's JSON-LD may have one that the newsroom gave it ([`newsroom`]). Else what readers
/// see counts most: a headline on the page that JSON-LD, metas or `title` repeat, then one that resembles them; else
/// what those state; else the first on the page. `site` holds the site's names as [`squeezed`].
pub(super) fn choose(document: &Document<'_>, markup: &Markup<'_>, json_ld: &Facts, site: &[String]) -> Option<String> {
    let shown = shown(document, markup, site);
    let told = told(markup, json_ld);
    let texts = shown.iter().map(|shown| &shown.text);
    let known: Vec<String> = texts.clone().chain(&json_ld.headlines).map(|title| comparable(title)).collect();
    let plain: Vec<String> = told.iter().map(|title| without_site(title, site, &known)).collect();
    if let Some(headline) = newsroom(document, markup, json_ld, &shown, site) {
        return Some(headline);
    }
    if let Some(chosen) = agreed(&shown, &told).or_else(|| alike(&shown, &plain)) {
        return Some(without_site(&chosen, site, &[]));
    }
    let first = plain.iter().chain(texts).find(|title| !title.is_empty() && !site.contains(&squeezed(title)));
    let first = first.or_else(|| told.first())?;
    // Where one source leaves off a suffix, it is one.
    let form = comparable(first);
    let shorter = plain.iter().find(|title| title.split(' ').count() > 2 && is_beginning(&comparable(title), &form));
    Some(collapse(without_section(shorter.unwrap_or(first))))
}

/// The headline of a news article's JSON-LD, where it is another one than the page shows: the shown one is then
/// written for search engines or by a template. Not where only `title` has it too, which is then what was written for
/// search engines; not where `og:title` has the shown one, unless the page shows this one too, in a heading of a single
/// text below the first; and not where one is the beginning of the other.
fn newsroom(
    document: &Document<'_>,
    markup: &Markup<'_>,
    json_ld: &Facts,
    shown: &[Shown],
    site: &[String],
) -> Option<String> {
    let headline = without_site(json_ld.news_headline.as_deref()?, site, &[]);
    let form = comparable(&headline);
    let is_same = |other: &str| *other == form || is_beginning(other, &form) || is_beginning(&form, other);
    let plain = |title: &str| comparable(&without_site(&clean(title), site, std::slice::from_ref(&form)));
    let social = markup.meta(&["og:title"]).map(plain).unwrap_or_default();
    let is_social = social == form;
    let is_below = || {
        let is_it = |node: &NodeId| comparable(&short_text(document, *node)) == form && !is_composed(document, *node);
        markup.subheadings.iter().any(is_it)
    };
    let is_against = shown.iter().any(|shown| comparable(&shown.text) == social) && !is_below();
    let is_title = markup.title.as_deref().is_some_and(|title| is_same(&plain(title)));
    let is_shown = shown.iter().any(|shown| is_same(&comparable(&shown.text)));
    let is_long = form.split(' ').nth(2).is_some() || !form.is_ascii();
    (is_long && !shown.is_empty() && !is_shown && !is_against && (is_social || !is_title)).then_some(headline)
}

/// Cuts a last part after an upright line off a title of several words: what stands there is a section or a site.
fn without_section(title: &str) -> &str {
    let rest = title.rsplit_once(" | ").map(|(rest, part)| (rest.trim_end(), part));
    let is_title = |(rest, part): &(&str, &str)| rest.len() > part.len() && rest.split(' ').nth(2).is_some();
    rest.filter(is_title).map_or(title, |(rest, _)| rest)
}

/// A headline on the page.
struct Shown {
    text: String,
    /// Whether it is put together of several texts: a kicker, a date or a subtitle may be among them.
    is_composed: bool,
}

/// Headlines on the page, marked ones before `h1`; the site's name is none.
fn shown(document: &Document<'_>, markup: &Markup<'_>, site: &[String]) -> Vec<Shown> {
    let marked = markup.headlines.iter().map(|node| (*node, short_text(document, *node)));
    let all = marked.chain(markup.h1.iter().cloned());
    let is_headline = |text: &str| !text.is_empty() && text.len() <= MAX_BYTES && !site.contains(&squeezed(text));
    let all = all.filter(|(_, text)| is_headline(text));
    all.map(|(node, text)| Shown { text, is_composed: is_composed(document, node) }).collect()
}

/// Whether a heading has more than one text that is not blank.
fn is_composed(document: &Document<'_>, heading: NodeId) -> bool {
    let texts = document.descendants(heading).take(MAX_NODES).filter_map(|node| document.text(node));
    texts.filter(|text| !text.trim().is_empty()).nth(1).is_some()
}

/// What the head states, best first.
fn told(markup: &Markup<'_>, json_ld: &Facts) -> Vec<String> {
    let headlines = if json_ld.has_article { json_ld.headlines.as_slice() } else { &[] };
    let all = headlines.iter().cloned().chain(stated(markup).map(clean)).chain(markup.title.clone());
    all.filter(|title| !title.is_empty() && title.len() <= MAX_BYTES).collect()
}

/// The first shown headline that a told title equals, or is a beginning of.
fn agreed(shown: &[Shown], told: &[String]) -> Option<String> {
    let forms: Vec<String> = told.iter().map(|title| comparable(title)).collect();
    let texts = || shown.iter().map(|shown| (&shown.text, comparable(&shown.text)));
    let equal = texts().find(|(_, form)| !form.is_empty() && forms.contains(form));
    let begins = |(_, form): &(&String, String)| {
        form.split(' ').count() > 2 && forms.iter().any(|title| is_beginning(form, title))
    };
    equal.or_else(|| texts().find(begins)).map(|(text, _)| text.clone())
}

fn is_beginning(short: &str, long: &str) -> bool {
    long.strip_prefix(short).is_some_and(|rest| rest.starts_with(' '))
}

/// The shown headline that resembles a told title most, where it resembles it enough; or that told
/// title, where the headline has a date, a section or a subtitle glued to it.
fn alike(shown: &[Shown], plain: &[String]) -> Option<String> {
    let likeness = |shown: &Shown| {
        let text = comparable(&shown.text);
        let likest = plain.iter().map(|title| shared_words(&text, &comparable(title))).fold(0.0, f32::max);
        (likest >= MIN_SHARED_WORDS).then_some(likest)
    };
    let best = shown.iter().take(MAX_COMPARED).filter_map(|shown| Some((likeness(shown)?, shown)));
    let (_, best) = best.max_by(|one, other| one.0.total_cmp(&other.0))?;
    let glued = plain.iter().find(|title| best.is_composed && is_glued(&best.text, title));
    Some(glued.unwrap_or(&best.text).clone())
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
        let is_known = |cut: &&Cut<'_>| !known.is_empty() && known.contains(&comparable(cut.rest));
        let to_known = cuts.iter().flatten().filter(may_go).find(is_known);
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

/// Where separators stand in a title: all of [`SEPARATORS`] begin with one of three signs of ASCII.
fn separators(title: &str) -> impl Iterator<Item = (usize, usize)> {
    let bytes = title.as_bytes();
    let is_before_word = |at: usize| bytes.get(at + 1).is_none_or(u8::is_ascii_alphanumeric);
    let may_begin = move |at: &usize| matches!(bytes[*at], b' ' | b':' | b'|') && !is_before_word(*at);
    (0..bytes.len()).filter(may_begin).flat_map(move |at| {
        let rest = &bytes[at..];
        let here = SEPARATORS.iter().filter(move |separator| rest.starts_with(separator.as_bytes()));
        here.map(move |separator| (at, at + separator.len()))
    })
}

fn cut_end(title: &str) -> Option<Cut<'_>> {
    let (start, end) = separators(title).max_by_key(|(start, end)| (*end, end - start))?;
    Some(Cut { rest: &title[..start], part: &title[end..], is_front: false, has_colon: title[start..end] == *": " })
}

fn cut_front(title: &str) -> Option<Cut<'_>> {
    let (start, end) = separators(title).min_by_key(|(start, end)| (*start, std::cmp::Reverse(end - start)))?;
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

    fn chosen(html: &str) -> Option<String> {
        let Ok(document) = crate::extract::dom::parse(html) else { panic!("{html}") };
        let markup = Markup::scan(&document);
        let scripts: Vec<String> = markup.json_ld.iter().map(|node| document.text_below(*node)).collect();
        let facts = crate::extract::metadata::json_ld::read(scripts.iter().map(String::as_str), &[], None);
        choose(&document, &markup, &facts, &["dailysun".to_owned()])
    }

    fn news(headline: &str, rest: &str) -> String {
        let json = format!(r#"{{"@type": "NewsArticle", "headline": "{headline}"}}"#);
        format!("<script type=application/ld+json>{json}</script>{rest}")
    }

    #[test]
    fn a_newsroom_has_a_headline_of_its_own_beside_that_for_search_engines() {
        let for_search = "<title>Storm in Turvik: all that is known | Daily Sun</title>\
            <meta property=og:title content='Storm in Turvik: all that is known'><h1>Storm in Turvik: all that is known</h1>";
        let with_its_own = format!("{for_search}<h2>The night of the roofs</h2>");
        assert_eq!(chosen(&news("The night of the roofs", &with_its_own)).as_deref(), Some("The night of the roofs"));
        for nowhere_whole in ["", "<h2><span>Turvik</span> The night of the roofs</h2>"] {
            let found = chosen(&news("The night of the roofs", &format!("{for_search}{nowhere_whole}")));
            assert_eq!(found.as_deref(), Some("Storm in Turvik: all that is known"), "{nowhere_whole}");
        }
        let unlike = for_search.replace("content='Storm in Turvik: all that is known'", "content='Roofs fly'");
        assert_eq!(chosen(&news("The night of the roofs", &unlike)).as_deref(), Some("The night of the roofs"));
        let shown = "<title>The night of the roofs | Daily Sun</title><meta property=og:title content='How Turvik lost \
            its roofs'><h1>How Turvik lost its roofs</h1>";
        let found = chosen(&news("The night of the roofs", shown));
        assert_eq!(found.as_deref(), Some("How Turvik lost its roofs"), "only title has it too");
        let longer = "<title>x</title><h1>The night of the roofs that flew away</h1>";
        let found = chosen(&news("The night of the roofs", longer));
        assert_eq!(
            found.as_deref(),
            Some("The night of the roofs that flew away"),
            "one is the beginning of the other"
        );
    }

    #[test]
    fn a_headline_of_one_text_stays_whole() {
        let told = "<meta property=og:title content='Rain at last'>";
        let whole = chosen(&format!("{told}<h1>Rain at last in Turvik</h1>"));
        assert_eq!(whole.as_deref(), Some("Rain at last in Turvik"));
        let glued = chosen(&format!("{told}<h1>Rain at last <span>6 March</span></h1>"));
        assert_eq!(glued.as_deref(), Some("Rain at last"));
    }

    #[test]
    fn a_section_behind_an_upright_line_goes() {
        assert_eq!(chosen("<title>Rain falls at last | Weather</title>").as_deref(), Some("Rain falls at last"));
        assert_eq!(chosen("<title>Rain | Weather</title>").as_deref(), Some("Rain | Weather"));
    }

    #[test]
    fn the_claims_of_a_title_name_the_source_that_it_was_taken_of() {
        let html =
            "<title>Rain at last | Daily Sun</title><meta property=og:title content='It rains'><h1>Rain at Last</h1>";
        let Ok(document) = crate::extract::dom::parse(html) else { panic!("{html}") };
        let (taken, said) = claims(
            &document,
            &Markup::scan(&document),
            &Facts::default(),
            &["dailysun".to_owned()],
            Some("Rain at Last"),
        );
        assert_eq!(taken, Some((Origin::Heading, "Rain at Last".into())));
        assert_eq!(said.len(), 3);
    }
}
