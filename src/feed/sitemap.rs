//! Sitemaps (sitemaps.org 0.9, with Google's news extension): what a site says of its own pages.
//!
//! An index lists other sitemaps, a plain one all pages, a news sitemap those of two days; a text sitemap is one URL a
//! line. Any of them may be packed with gzip.

use super::parse::absolute;
use super::text::{beginning, plain};
use super::xml::tolerant_reader;
use super::{Entry, Feed, FeedKind, SitemapLink, dates};
use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use std::borrow::Cow;
use std::collections::HashSet;
use std::io::Read as _;
use url::Url;

/// URLs of one sitemap; the protocol allows no more.
pub const MAX_SITEMAP_URLS: usize = 50_000;

/// Bytes of a sitemap once it is unpacked; the protocol allows no more.
pub const MAX_SITEMAP_BYTES: usize = 50 * 1024 * 1024;

/// Why a packed body cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unpacking {
    /// It grows too large.
    #[error("it has more than {} MiB when it is unpacked", MAX_SITEMAP_BYTES / 1024 / 1024)]
    TooLarge,
    /// It is cut or damaged.
    #[error("its gzip is damaged")]
    Damaged(#[source] std::io::Error),
}

/// The body without the gzip that it may be packed with.
pub(super) fn unpacked(body: &[u8]) -> Result<Cow<'_, [u8]>, Unpacking> {
    if !body.starts_with(b"\x1f\x8b\x08") {
        return Ok(Cow::Borrowed(body));
    }
    let mut out = Vec::new();
    let most = MAX_SITEMAP_BYTES as u64 + 1;
    MultiGzDecoder::new(body).take(most).read_to_end(&mut out).map_err(Unpacking::Damaged)?;
    if out.len() > MAX_SITEMAP_BYTES { Err(Unpacking::TooLarge) } else { Ok(Cow::Owned(out)) }
}

/// The sitemap, where the text is one.
pub(super) fn read(text: &str, base: Option<&Url>) -> Option<Feed> {
    if !text.starts_with('<') {
        return url_list(text, base);
    }
    // Comments and style sheets may stand before the root.
    let head = beginning(text, 4096);
    let is = |name: &str| head.split('<').any(|tag| root_name(tag) == name);
    if is("sitemapindex") {
        Some(tolerant(text, base, FeedKind::SitemapIndex))
    } else if is("urlset") {
        Some(tolerant(text, base, FeedKind::Sitemap))
    } else {
        None
    }
}

fn root_name(tag: &str) -> &str {
    let name = tag.split(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).next().unwrap_or_default();
    name.rsplit(':').next().unwrap_or(name)
}

/// One URL a line and nothing else.
fn url_list(text: &str, base: Option<&Url>) -> Option<Feed> {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let is_url = |line: &str| (line.starts_with("http://") || line.starts_with("https://")) && !line.contains(' ');
    if !lines().take(10).all(is_url) {
        return None;
    }
    let found = lines().map(|line| Location { url: line.to_owned(), ..Location::default() });
    Some(gathered(found.collect(), base, FeedKind::UrlList))
}

/// A `<url>` or `<sitemap>` as it stands in the file.
#[derive(Debug, Default)]
struct Location {
    url: String,
    modified: Option<Timestamp>,
    title: Option<String>,
    published: Option<Timestamp>,
}

/// Reads `<url>` and `<sitemap>` with their children by local names, however broken the rest is.
fn tolerant(text: &str, base: Option<&Url>, kind: FeedKind) -> Feed {
    let mut reader = tolerant_reader(text);
    let mut walk = Walk::default();
    let mut is_news = false;
    while walk.found.len() <= MAX_SITEMAP_URLS {
        match reader.read_event() {
            Ok(Event::Eof) | Err(_) => break,
            Ok(Event::Start(tag)) => {
                is_news |= tag.local_name().as_ref() == "publication_date";
                walk.start(tag.name().as_ref());
            }
            Ok(Event::End(tag)) => walk.end(tag.name().as_ref()),
            Ok(Event::Text(text)) => walk.text.push_str(&text),
            Ok(Event::CData(text)) => walk.text.push_str(&text),
            Ok(Event::GeneralRef(name)) => match (name.resolve_char_ref(), resolve_predefined_entity(&name)) {
                (Ok(Some(character)), _) => walk.text.push(character),
                (_, Some(text)) => walk.text.push_str(text),
                _ => walk.text.push_str(&format!("&{};", &*name)),
            },
            Ok(_) => {}
        }
    }
    walk.close();
    let kind = if is_news && kind == FeedKind::Sitemap { FeedKind::NewsSitemap } else { kind };
    gathered(walk.found, base, kind)
}

#[derive(Debug, Default)]
struct Walk {
    found: Vec<Location>,
    open: Option<Location>,
    text: String,
}

impl Walk {
    fn start(&mut self, name: &str) {
        self.text.clear();
        if matches!(name.rsplit(':').next(), Some("url" | "sitemap")) {
            self.close();
            self.open = Some(Location::default());
        }
    }

    fn end(&mut self, name: &str) {
        let text = std::mem::take(&mut self.text);
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let Some(open) = &mut self.open else { return };
        match local {
            // image:loc and video:loc are pictures.
            "loc" if !matches!(prefix, "image" | "video") => open.url = text.trim().to_owned(),
            "lastmod" => open.modified = dates::read(&text),
            "publication_date" if prefix != "video" => open.published = dates::read(&text),
            "title" if !matches!(prefix, "image" | "video") => {
                open.title = Some(plain(&text)).filter(|it| !it.is_empty())
            }
            "url" | "sitemap" => self.close(),
            _ => {}
        }
    }

    fn close(&mut self) {
        self.found.extend(self.open.take().filter(|location| !location.url.is_empty()));
    }
}

/// Entries of the pages, or links to the other sitemaps: each URL once.
fn gathered(found: Vec<Location>, base: Option<&Url>, kind: FeedKind) -> Feed {
    let mut seen = HashSet::new();
    let mut feed = Feed { kind, ..Feed::default() };
    for location in found.into_iter().take(MAX_SITEMAP_URLS) {
        let Some(url) = absolute(&location.url, base) else {
            feed.skipped += 1;
            continue;
        };
        if !seen.insert(url.clone()) {
            continue;
        }
        if kind == FeedKind::SitemapIndex {
            feed.sitemaps.push(SitemapLink { url, modified: location.modified });
            continue;
        }
        let Location { modified: updated, title, published, .. } = location;
        feed.entries.push(Entry { url, id: None, title, published, updated, authors: vec![], content: None });
    }
    feed
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write as _;

    const HOME: &str = "https://a.example/sitemaps/s.xml";

    fn parsed(text: &str) -> Option<Feed> {
        read(text, Url::parse(HOME).ok().as_ref())
    }

    fn urls(feed: &Feed) -> Vec<&str> {
        feed.entries.iter().map(|entry| entry.url.as_str()).collect()
    }

    #[test]
    fn news_sitemap_gives_titles_and_dates_and_no_pictures() {
        let feed = parsed(
            "<!-- made by hand --><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url>\
             <loc>https://a.example/1?a=1&amp;b=2</loc><lastmod>2026-03-02</lastmod><news:news><news:publication>\
             <news:name>The Quay</news:name></news:publication><news:publication_date>2026-03-01T08:00:00Z\
             </news:publication_date><news:title>Salt &amp; pepper</news:title></news:news>\
             <image:image><image:loc>https://a.example/1.jpg</image:loc><image:title>No</image:title></image:image></url>\
             <url><loc>/2</loc></url><url><loc>https://a.example/2</loc></url><url><loc>mailto:x@a.example</loc></url></urlset>",
        )
        .unwrap();
        assert_eq!((feed.kind, feed.skipped), (FeedKind::NewsSitemap, 1));
        assert_eq!(urls(&feed), ["https://a.example/1?a=1&b=2", "https://a.example/2"]);
        let first = &feed.entries[0];
        assert_eq!(first.title.as_deref(), Some("Salt & pepper"));
        assert_eq!(first.published, "2026-03-01T08:00:00Z".parse().ok());
        assert_eq!(first.updated, "2026-03-02T00:00:00Z".parse().ok());
    }

    #[test]
    fn index_gives_the_sitemaps_and_no_entries() {
        let feed = parsed(
            "<sm:sitemapindex xmlns:sm='x'><sm:sitemap><sm:loc>https://a.example/1.xml.gz</sm:loc>\
             <sm:lastmod>2026-03</sm:lastmod></sm:sitemap><sm:sitemap><sm:loc>2.xml</sm:loc></sm:sitemap></sm:sitemapindex>",
        )
        .unwrap();
        let found: Vec<_> = feed.sitemaps.iter().map(|link| (link.url.as_str(), link.modified.is_some())).collect();
        assert_eq!(found, [("https://a.example/1.xml.gz", true), ("https://a.example/sitemaps/2.xml", false)]);
        assert_eq!((feed.kind, feed.entries.len()), (FeedKind::SitemapIndex, 0));
    }

    #[test]
    fn list_of_urls_is_a_sitemap_and_prose_is_none() {
        let feed = parsed("https://a.example/1\r\nhttps://a.example/2\n\n").unwrap();
        assert_eq!((feed.kind, urls(&feed).len()), (FeedKind::UrlList, 2));
        assert!(parsed("https://a.example/1 is worth a look").is_none());
        assert!(parsed("{\"version\":1}").is_none());
        assert!(parsed("<rss><channel><url>https://a.example/</url></channel></rss>").is_none());
    }

    #[test]
    fn sitemap_that_is_cut_or_too_long_gives_what_is_allowed() {
        let url = |n: usize| format!("<url><loc>https://a.example/{n}</loc></url>");
        let long: String = (0..MAX_SITEMAP_URLS + 5).map(url).collect();
        assert_eq!(parsed(&format!("<urlset>{long}</urlset>")).unwrap().entries.len(), MAX_SITEMAP_URLS);
        assert_eq!(
            parsed("<urlset><url><loc>https://a.example/1</loc></url><url><loc>https://a.ex").unwrap().entries.len(),
            1
        );
    }

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    #[test]
    fn packed_bodies_are_unpacked_as_far_as_is_safe() {
        assert_eq!(unpacked(b"<urlset/>").unwrap(), &b"<urlset/>"[..]);
        assert_eq!(unpacked(&[packed(b"<urlset>"), packed(b"</urlset>")].concat()).unwrap(), &b"<urlset></urlset>"[..]);
        let whole = packed(&vec![b'x'; 100_000]);
        assert!(matches!(unpacked(&whole[..whole.len() / 2]), Err(Unpacking::Damaged(_))));
        assert!(matches!(unpacked(&packed(&vec![b' '; MAX_SITEMAP_BYTES + 1])), Err(Unpacking::TooLarge)));
    }

    proptest! {
        #[test]
        fn random_text_never_panics(body in "\\PC{0,300}") {
            parsed(&body);
            parsed(&format!("<urlset><url><loc>{body}</loc></url>"));
        }
    }
}
