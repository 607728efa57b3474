//! Where a site may have feeds: what its page links, what stands at the usual places, what robots.txt names.
//!
//! Nothing here is known to be a feed before it was fetched and parsed.

use super::parse::absolute;
use super::text::{beginning, plain};
use super::xml::attribute;
use crate::key::Key;
use crate::page::Page;
use quick_xml::events::BytesStart;
use std::collections::HashSet;
use url::Url;

/// Bytes of a page that are looked at; links to feeds stand in its head or in its foot, and pages have 150 kB in the mean.
const MAX_BYTES: usize = 2 * 1024 * 1024;

/// Links of a page's text that are taken; sites with a feed for each subject list hundreds.
const MAX_ANCHORS: usize = 20;

/// Bytes after a link in which its words end.
const MAX_WORDS: usize = 200;

/// Bytes of a tag.
const MAX_TAG: usize = 4000;

/// Sitemaps of a robots.txt that are taken.
const MAX_SITEMAPS: usize = 20;

/// Media types of `link rel="alternate"` that are feeds; those of plain XML and JSON are taken at their word, for
/// what they lead to is parsed before it counts.
const TYPES: &[&str] = &[
    "application/rss+xml",
    "application/atom+xml",
    "application/rdf+xml",
    "application/feed+json",
    "application/json",
    "application/xml",
    "text/xml",
    "text/rss+xml",
];

/// Where the common programs for blogs and news put their feeds, seen from a site's root: WordPress, Ghost, Hugo, Jekyll,
/// Blogger, Drupal, Micro.blog.
const PLACES: &[&str] = &[
    "/feed",
    "/feed/",
    "/rss",
    "/rss/",
    "/rss.xml",
    "/atom.xml",
    "/feed.xml",
    "/index.xml",
    "/feed.json",
    "/feeds/posts/default",
];

/// Where sitemaps stand that robots.txt does not name.
const SITEMAPS: &[&str] = &["/sitemap.xml", "/sitemap_index.xml", "/news-sitemap.xml", "/sitemap.txt"];

/// What a page links that may be feeds, each URL once, without those that are in an earlier list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidates {
    /// By `link rel="alternate"`: the page says that they are.
    pub links: Vec<Url>,
    /// By links in its text whose address or words look like it; the first 20.
    pub anchors: Vec<Url>,
}

/// Looks through the tags of a page. Scripts and comments are not told from the rest: nobody believes a candidate
/// before it is parsed.
pub fn candidates(page: &Page) -> Candidates {
    let body = &page.body[..page.body.len().min(MAX_BYTES)];
    let text = String::from_utf8_lossy(body);
    let mut base = page.url.clone();
    let mut seen = HashSet::new();
    let mut found = Candidates::default();
    let mut rest: &str = &text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let Some(inside) = tag(rest) else { continue };
        let after = &rest[inside.len()..];
        let tag = BytesStart::from_content(inside, name_length(inside));
        let address = |base: &Option<Url>| attribute(&tag, "href").and_then(|href| absolute(&href, base.as_ref()));
        match tag.name().as_ref().to_ascii_lowercase().as_str() {
            "base" => base = address(&base).or(base),
            "link" if is_feed_link(&tag) => {
                found.links.extend(address(&base).filter(|url| seen.insert(Key::of(url))));
            }
            "a" if found.anchors.len() < MAX_ANCHORS => {
                let after = beginning(after.get(1..).unwrap_or_default(), MAX_WORDS);
                let words = plain(after.split("</").next().unwrap_or_default());
                let link = address(&base).filter(|url| looks_like_feed(url) || is_feed_word(&words));
                found.anchors.extend(link.filter(|url| seen.insert(Key::of(url))));
            }
            _ => {}
        }
    }
    found
}

/// The inside of a tag that begins here, up to its `>`; `None` for other tags than those that are looked at.
fn tag(rest: &str) -> Option<&str> {
    let is = |name: &str| {
        rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
            && rest[name.len()..].starts_with(|c: char| c.is_ascii_whitespace())
    };
    if !["a", "link", "base"].into_iter().any(is) {
        return None;
    }
    let mut quote = None;
    for (at, byte) in rest.bytes().take(MAX_TAG).enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(&rest[..at]),
            // Another tag begins: this one has no end.
            (None, b'<') => return None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if byte == open => quote = None,
            _ => {}
        }
    }
    None
}

fn name_length(inside: &str) -> usize {
    inside.find(|c: char| c.is_ascii_whitespace()).unwrap_or(inside.len())
}

fn is_feed_link(tag: &BytesStart<'_>) -> bool {
    let rel = attribute(tag, "rel").unwrap_or_default().to_ascii_lowercase();
    let kind = attribute(tag, "type").unwrap_or_default().to_ascii_lowercase();
    let is_alternate = rel.split_ascii_whitespace().any(|word| matches!(word, "alternate" | "feed"));
    is_alternate && TYPES.contains(&kind.split(';').next().unwrap_or_default().trim())
}

fn looks_like_feed(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    let is_word = |part: &str| matches!(part, "feed" | "feeds" | "rss" | "rss2" | "atom" | "rdf");
    let ends = [".rss", ".rdf", ".atom", "rss.xml", "atom.xml", "feed.xml", "feed.json", "/index.xml"];
    path.split(['/', '.', '-', '_']).any(is_word) || ends.iter().any(|end| path.ends_with(end))
}

fn is_feed_word(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    words.len() < 40
        && words.split(|c: char| !c.is_alphanumeric()).any(|word| matches!(word, "rss" | "atom" | "feed" | "feeds"))
}

/// The usual places of feeds on the site of a URL.
pub fn usual_places(home: &Url) -> Vec<Url> {
    PLACES.iter().filter_map(|place| home.join(place).ok()).collect()
}

/// The usual places of its sitemaps.
pub fn usual_sitemaps(home: &Url) -> Vec<Url> {
    SITEMAPS.iter().filter_map(|place| home.join(place).ok()).collect()
}

/// What robots.txt of the site of `home` names as its sitemaps (sitemaps.org, "Specifying the Sitemap location"), each
/// once, the first 20.
pub fn sitemaps_of(robots_txt: &str, home: &Url) -> Vec<Url> {
    let mut seen = HashSet::new();
    let values = robots_txt.lines().filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("sitemap").then(|| value.split(" #").next().unwrap_or_default())
    });
    let urls = values.filter_map(|value| absolute(value, Some(home))).filter(|url| seen.insert(url.clone()));
    urls.take(MAX_SITEMAPS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(html: &str) -> (Vec<String>, Vec<String>) {
        let page = Page::from_bytes(html.to_owned()).at(Url::parse("https://a.example/news/").unwrap());
        let Candidates { links, anchors } = candidates(&page);
        let texts = |urls: Vec<Url>| urls.into_iter().map(String::from).collect();
        (texts(links), texts(anchors))
    }

    #[test]
    fn page_names_its_feeds_by_links_and_by_words() {
        let (links, anchors) = found(
            "<html><head><LINK REL='Alternate' type=\"application/rss+xml; charset=utf-8\" href=all.rss>\
             <link rel=alternate type=application/atom+xml href='/atom?a=1&amp;b=2' title='>'>\
             <link rel='alternate' hreflang='de' href='/de'><link rel='stylesheet' type='text/css' href='/rss.css'>\
             <link rel='alternate' type='application/rss+xml' href='https://a.example/news/all.rss#again'></head>\
             <body><a href='/about'>About</a><a class=x href='/news/feed/'>News</a><a href='/abo'><b>RSS</b> feed</a>\
             <a href='/news/all.rss'>Again</a><a href='mailto:rss@a.example'>RSS</a><a href='/feedback'>Feedback</a></body>",
        );
        assert_eq!(links, ["https://a.example/news/all.rss", "https://a.example/atom?a=1&b=2"]);
        assert_eq!(anchors, ["https://a.example/news/feed/", "https://a.example/abo"]);
    }

    #[test]
    fn base_of_the_page_counts() {
        let (links, _) = found("<base href='https://b.example/x/'><link rel=alternate type='text/xml' href='y'>");
        assert_eq!(links, ["https://b.example/x/y"]);
    }

    #[test]
    fn robots_txt_names_sitemaps() {
        let home = Url::parse("https://a.example/").unwrap();
        let robots = "User-agent: *\nDisallow: /x\nSITEMAP : https://a.example/1.xml # main\nSitemap: /2.xml\r\nsitemap:\n\
                      Sitemap: https://a.example/1.xml";
        let urls: Vec<String> = sitemaps_of(robots, &home).into_iter().map(String::from).collect();
        assert_eq!(urls, ["https://a.example/1.xml", "https://a.example/2.xml"]);
    }

    #[test]
    fn page_of_nothing_but_beginnings_takes_no_time() {
        let started = std::time::Instant::now();
        for beginning in ["<a ", "<a href='", "<a href=x>", "<link href=x>", "<"] {
            found(&beginning.repeat(200_000 / beginning.len()));
        }
        assert!(started.elapsed() < std::time::Duration::from_secs(20), "{:?}", started.elapsed());
    }

    proptest! {
        #[test]
        fn random_text_never_panics(html in "\\PC{0,200}") {
            found(&html);
            found(&format!("<a href=x {html}><link {html}>"));
        }
    }
}
