//! The next page of an article where no site rule names it: `rel=next`, where its address says so too.
//!
//! `rel=next` alone proves nothing: most of those who write it lead to the next article of a blog, the next picture, the
//! next strip of a comic. So the two addresses must differ in a page's number alone, and the number must be one: in a
//! parameter or behind a word that says `page`, or 2 where the first page has none, or one that the page's own row of
//! page numbers counts up to. And the page must say that it is an article: of 40 pages of the shared corpora whose
//! addresses are like that, one is an article on several pages, and the others are threads and lists of a shop or a blog.

use super::links::{is_same_site, without_fragment};
use crate::extract::dom::{Attr, Document, NodeId, Tag};
use std::collections::HashSet;
use url::Url;

/// Names of parameters, and words before a number in a path, that number pages, in the languages of the phrases.
const PAGE_WORDS: [&str; 16] = [
    "page", "p", "pg", "pag", "pagina", "pagenum", "pageno", "paged", "seite", "sida", "side", "sayfa", "strona",
    "strana", "str", "num_page",
];

/// The highest number that is believed: no article has more pages, and years and numbers of articles are greater.
const MOST_PAGES: u32 = 99;

/// Links looked at on a page.
const MOST_LINKS: usize = 2000;

/// Ends of the names of JSON-LD types that are articles, and names of those that are not, whatever stands beside them.
const ARTICLES: [&str; 2] = ["Article", "BlogPosting"];
const OTHERS: [&str; 7] =
    ["CollectionPage", "DiscussionForumPosting", "ItemList", "OfferCatalog", "Product", "QAPage", "SearchResultsPage"];

/// Whether a page says that it is an article, by its JSON-LD: `og:type` and `article:published_time` stand on lists of
/// blogs and on threads too.
pub(super) fn is_article(json_ld_types: &[String]) -> bool {
    let is_other = json_ld_types.iter().any(|found| OTHERS.contains(&found.as_str()));
    !is_other && json_ld_types.iter().any(|found| ARTICLES.iter().any(|article| found.ends_with(article)))
}

/// The page that follows the page at `url`.
pub(super) fn next(document: &Document<'_>, url: &Url) -> Option<Url> {
    let links = document.elements(Tag::Link).chain(document.elements(Tag::A)).take(MOST_LINKS);
    let mut marked = links.filter(|link| is_next(document, *link)).filter_map(|link| target(document, link, url));
    marked.find(|next| follows(document, url, next))
}

fn is_next(document: &Document<'_>, link: NodeId) -> bool {
    let rel = document.attribute(link, Attr::Rel).unwrap_or_default();
    rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("next"))
}

fn target(document: &Document<'_>, link: NodeId, url: &Url) -> Option<Url> {
    let target = url.join(document.attribute(link, Attr::Href)?.trim()).ok()?;
    matches!(target.scheme(), "http" | "https").then(|| without_fragment(target))
}

fn follows(document: &Document<'_>, here: &Url, next: &Url) -> bool {
    if !is_same_site(here, next) || here.host() != next.host() {
        return false;
    }
    let (this, that) = (Numbered::of(here), Numbered::of(next));
    if this.stem != that.stem || this.parameters != that.parameters {
        return false;
    }
    match (this.number, that.number) {
        (None, Some(number)) => number.value == 2,
        (Some(before), Some(number)) => {
            let is_one_more = number.value == before.value + 1;
            is_one_more && (number.is_named || is_counted(document, here, before.value))
        }
        (_, None) => false,
    }
}

/// Whether a bare number is a page's: the page has links to the first and to all that lie between.
fn is_counted(document: &Document<'_>, here: &Url, number: u32) -> bool {
    let stem = Numbered::of(here);
    let links = document.elements(Tag::A).take(MOST_LINKS).filter_map(|link| target(document, link, here));
    let numbers =
        links.map(|link| Numbered::of(&link)).filter(|it| it.stem == stem.stem && it.parameters == stem.parameters);
    let counted: HashSet<u32> = numbers.map(|it| it.number.map_or(1, |number| number.value)).collect();
    (1..number).all(|page| counted.contains(&page))
}

/// An address, taken apart into what all pages of an article share and the number of one.
#[derive(Debug, PartialEq, Eq)]
struct Numbered {
    /// The path without the number, what joins it and the ending of a file.
    stem: String,
    /// The parameters without the number, in order.
    parameters: Vec<(String, String)>,
    number: Option<PageNumber>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PageNumber {
    value: u32,
    /// Whether a word says that it is a page's.
    is_named: bool,
}

impl Numbered {
    fn of(url: &Url) -> Self {
        let mut number = None;
        let mut parameters = Vec::new();
        for (name, value) in url.query_pairs() {
            match page_number(&value) {
                Some(value) if number.is_none() && is_page_word(&name) => {
                    number = Some(PageNumber { value, is_named: true })
                }
                _ => parameters.push((name.into_owned(), value.into_owned())),
            }
        }
        let path = without_ending(url.path().trim_end_matches('/'));
        let numbered = if number.is_none() { path_number(path) } else { None };
        let (stem, number) = numbered.map_or((path, number), |(stem, number)| (stem, Some(number)));
        Self { stem: stem.trim_end_matches('/').to_owned(), parameters, number }
    }
}

fn is_page_word(word: &str) -> bool {
    PAGE_WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

fn page_number(text: &str) -> Option<u32> {
    let is_number = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = if is_number { text.parse().ok() } else { None };
    number.filter(|number| (1..=MOST_PAGES).contains(number))
}

/// The path without the ending of its file (`.html`, `.php5`).
fn without_ending(path: &str) -> &str {
    let start = path.rfind('/').map_or(0, |slash| slash + 1);
    match path[start..].rfind('.') {
        Some(dot) if dot > 0 && (1..=5).contains(&(path.len() - start - dot - 1)) => &path[..start + dot],
        _ => path,
    }
}

/// A number at the end of a path, behind a slash, a dash, an underline or a comma, and what stands before it.
fn path_number(path: &str) -> Option<(&str, PageNumber)> {
    let joined = path.trim_end_matches(|c: char| c.is_ascii_digit());
    let value = page_number(&path[joined.len()..])?;
    let stem = joined.strip_suffix(['/', '-', '_', ',']).unwrap_or(joined);
    // A letter before the number is the end of a word, which must then be one for pages.
    let is_joined = stem.len() < joined.len();
    let word_start = stem.rfind(['/', '-', '_', ',', '.']).map_or(0, |at| at + 1);
    if is_page_word(&stem[word_start..]) {
        let stem = stem[..word_start].trim_end_matches(['/', '-', '_', ',']);
        return Some((without_ending(stem), PageNumber { value, is_named: true }));
    }
    is_joined.then(|| (without_ending(stem), PageNumber { value, is_named: false }))
}

#[cfg(test)]
mod tests {
    use super::super::super::dom;
    use super::*;

    const SITE: &str = "https://www.harbour.example";

    fn found(here: &str, html: &str) -> Option<String> {
        let document = dom::parse(html).unwrap();
        let next = next(&document, &Url::parse(&format!("{SITE}{here}")).unwrap())?;
        Some(next.as_str().replace(SITE, ""))
    }

    #[test]
    fn next_pages_of_an_article_are_known_by_their_numbers() {
        for (here, next) in [
            ("/2026/03/ferry/", "/2026/03/ferry/2/"),
            ("/news/ferry-12345.html", "/news/ferry-12345-2.html"),
            ("/news/ferry.html", "/news/ferry,2.html"),
            ("/news/ferry", "/news/ferry/page/2"),
            ("/news/ferry", "/news/ferry/page2"),
            ("/news/ferry/seite-2", "/news/ferry/seite-3"),
            ("/news/ferry?page=3&id=7", "/news/ferry?page=4&id=7"),
            ("/news/ferry?id=7", "/news/ferry?id=7&p=2"),
        ] {
            for html in [
                format!("<link rel=next href='{next}'>"),
                format!("<p>x<a rel='nofollow next' href='{next}#top'>on</a>"),
            ] {
                assert_eq!(found(here, &html).as_deref(), Some(next), "{here}");
            }
        }
    }

    #[test]
    fn next_articles_pictures_and_strips_are_no_next_pages() {
        for (here, next) in [
            ("/2026/03/ferry/", "/2026/03/bridge/"),
            ("/2026/03/ferry/", "/2026/03/ferry/"),
            ("/story/1234", "/story/1235"),
            ("/strip/7", "/strip/8"),
            ("/news/ferry-2025", "/news/ferry-2026"),
            ("/2026/03/02", "/2026/03/03"),
            ("/news/ferry", "/news/ferry/3"),
            // The second page of something else on it, comments mostly, counted from 0.
            ("/news/ferry", "/news/ferry?page=1"),
            ("/news/ferry?page=4", "/news/ferry?page=3"),
            ("/news/ferry?page=2&id=7", "/news/ferry?page=3&id=8"),
            ("/news/ferry", "https://cdn.harbour.example/news/ferry/2"),
            ("/news/ferry", "https://elsewhere.example/news/ferry/2"),
            ("/news/ferry", "javascript:next(2)"),
        ] {
            assert_eq!(found(here, &format!("<link rel=next href='{next}'>")), None, "{here} {next}");
        }
        assert_eq!(found("/news/ferry", "<link rel=prev href='/news/ferry/2'><a href='/news/ferry/2'>2</a>"), None);
    }

    #[test]
    fn only_pages_that_say_so_are_articles() {
        let is_article = |types: &[&str]| is_article(&types.iter().map(|&it| it.to_owned()).collect::<Vec<_>>());
        assert!(is_article(&["WebPage", "NewsArticle"]));
        assert!(!is_article(&["CollectionPage", "BlogPosting"]));
        assert!(!is_article(&["DiscussionForumPosting"]) && !is_article(&["WebPage"]) && !is_article(&[]));
    }

    #[test]
    fn bare_numbers_are_believed_where_the_page_counts_up_to_them() {
        let row = |numbers: &[&str]| -> String {
            let links = numbers.iter().map(|number| format!("<a href='/news/ferry/{number}'>{number}</a> "));
            links.chain(["<link rel=next href='/news/ferry/4/'>".to_owned()]).collect()
        };
        assert_eq!(found("/news/ferry/3/", &row(&["", "2", "4"])).as_deref(), Some("/news/ferry/4/"));
        assert_eq!(found("/news/ferry/3/", &row(&["", "4"])), None, "a strip links to the first and the next");
        assert_eq!(found("/news/ferry/3/", &row(&["2", "4"])), None);
    }
}
