//! Feeds as they are met: every format, and what is wrong with them.
#![cfg(feature = "crawl")]
#![allow(clippy::unwrap_used, reason = "a panic in a test is a failure that names its line")]

mod malformed;

use gleaner::feed::{self, Feed, FeedError};
use gleaner::page::Page;
use url::Url;

const HOME: &str = "https://news.example/feeds/all.xml";

fn parse(body: impl AsRef<[u8]>) -> Result<Feed, FeedError> {
    feed::parse(&Page::from_bytes(body.as_ref().to_vec()).at(Url::parse(HOME).unwrap()))
}

fn urls(feed: &Feed) -> Vec<&str> {
    feed.entries.iter().map(|entry| entry.url.as_str()).collect()
}

fn rss(items: &str) -> String {
    format!(
        "<?xml version='1.0' encoding='utf-8'?>\n<rss version='2.0'><channel><title>The Ferry Post</title>{items}</channel></rss>"
    )
}

#[test]
fn rss_gives_links_titles_and_dates_in_the_feeds_order() {
    let feed = parse(rss("<item><title>Second bridge opens</title><link>https://news.example/bridge</link>\
             <pubDate>Tue, 03 Mar 2026 07:30:00 +0200</pubDate></item>\
         <item><title>Tide tables</title><link>/tides</link></item>"))
    .unwrap();
    assert_eq!(feed.title.as_deref(), Some("The Ferry Post"));
    assert_eq!(urls(&feed), ["https://news.example/bridge", "https://news.example/tides"]);
    assert_eq!(feed.entries[0].title.as_deref(), Some("Second bridge opens"));
    assert_eq!(feed.entries[0].published, Some("2026-03-03T05:30:00Z".parse().unwrap()));
    assert_eq!((feed.entries[1].published, feed.skipped), (None, 0));
}

#[test]
fn rss_says_for_how_long_it_holds() {
    let of = |ttl: &str| {
        parse(rss(&format!("{ttl}<item><link>https://news.example/1</link></item>"))).unwrap().hints.ttl_min
    };
    assert_eq!([of("<ttl>120</ttl>"), of("<ttl>soon</ttl>"), of("")], [Some(120), None, None]);
}

#[test]
fn atom_takes_the_alternate_link_and_falls_back_to_the_update() {
    let feed = parse(
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>Harbour notes</title><entry>\
           <id>tag:news.example,2026:7</id><title type='html'>Fog &amp;amp; &lt;i&gt;foghorns&lt;/i&gt;</title>\
           <link rel='enclosure' type='audio/mpeg' href='/fog.mp3'/><link rel='replies' href='/fog#talk'/>\
           <link rel='alternate' type='text/html' href='../fog'/><updated>2026-03-04T10:00:00Z</updated>\
         </entry></feed>",
    )
    .unwrap();
    assert_eq!(urls(&feed), ["https://news.example/fog"]);
    assert_eq!(feed.entries[0].title.as_deref(), Some("Fog & foghorns"));
    assert_eq!(feed.entries[0].published, Some("2026-03-04T10:00:00Z".parse().unwrap()));
}

#[test]
fn json_feed_and_rss_1_are_read_too() {
    let json = parse(
        "\u{feff}{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"Quay\",\"items\":[\
         {\"id\":\"1\",\"url\":\"https://news.example/quay\",\"title\":\"New quay\",\"date_published\":\"2026-03-01T00:00:00Z\"},\
         {\"id\":\"2\",\"title\":\"Only a sound\",\"attachments\":[{\"url\":\"https://news.example/a.mp3\",\"mime_type\":\"audio/mpeg\"}]}]}",
    )
    .unwrap();
    assert_eq!((urls(&json), json.skipped), (vec!["https://news.example/quay"], 1));
    let rdf = parse(
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>\
         <channel><title>Old format</title></channel>\
         <item><title>Still here</title><link>https://news.example/old</link></item></rdf:RDF>",
    )
    .unwrap();
    assert_eq!(urls(&rdf), ["https://news.example/old"]);
}

#[test]
fn permalink_guid_stands_in_for_a_missing_link_and_entries_with_neither_are_counted() {
    let feed = parse(rss("<item><title>By guid</title><guid>https://news.example/by-guid</guid></item>\
         <item><title>No link</title><guid isPermaLink='false'>17</guid></item>\
         <item><title>Mail only</title><link>mailto:desk@news.example</link></item>"))
    .unwrap();
    assert_eq!((urls(&feed), feed.skipped), (vec!["https://news.example/by-guid"], 2));
}

#[test]
fn one_url_announced_twice_is_one_entry() {
    let item = "<item><title>T</title><link>https://news.example/same</link></item>";
    let feed = parse(rss(&item.repeat(3))).unwrap();
    assert_eq!((urls(&feed), feed.skipped), (vec!["https://news.example/same"], 0));
}

#[test]
fn entries_without_id_are_the_same_at_each_poll() {
    let body = rss("<item><link>/a</link></item><item><description>no link, no id</description></item>");
    assert_eq!(parse(&body).unwrap(), parse(&body).unwrap());
}

#[test]
fn feed_says_what_it_is_not() {
    let said = |body: &str| {
        let error = parse(body).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with(HOME) && !text.contains('\n'), "{text}");
        error.id()
    };
    assert_eq!(said("  \n"), "feed_empty");
    assert_eq!(
        said("<!DOCTYPE html><html><head><title>News</title></head><body>Hello<br></body></html>"),
        "feed_is_web_page"
    );
    assert_eq!(said("<?xml version='1.0'?><sitemap/>"), "feed_unreadable");
    assert_eq!(said("{\"version\": 3}"), "feed_unreadable");
    assert_eq!(said("just words"), "feed_unreadable");
}

#[test]
fn encoding_of_the_xml_declaration_counts() {
    let mut body = b"<?xml version='1.0' encoding='windows-1251'?><rss version='2.0'><channel><title>".to_vec();
    body.extend([0xcf, 0xee, 0xf0, 0xf2]);
    body.extend(b"</title><item><link>/p</link></item></channel></rss>");
    assert_eq!(parse(body).unwrap().title.as_deref(), Some("Порт"));
}

#[test]
fn hostile_xml_neither_expands_nor_reaches_out() {
    let laughs = "<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY x SYSTEM 'file:///etc/passwd'>]>\
         <rss version='2.0'><channel><title>&b;&x;</title><item><link>/x</link><title>&x;</title></item></channel></rss>";
    if let Ok(feed) = parse(laughs) {
        let titles = format!("{:?}{:?}", feed.title, feed.entries);
        assert!(!titles.contains("haha") && !titles.contains("root:"), "{titles}");
    }
    let deep = rss(&format!("{}{}", "<a>".repeat(70_000), "</a>".repeat(70_000)));
    let _ends = parse(deep);
}

#[test]
fn huge_feed_gives_its_first_five_thousand_entries() {
    let items: String =
        (0..20_000).map(|n| format!("<item><title>Note {n}</title><link>/n/{n}</link></item>")).collect();
    let feed = parse(rss(&items)).unwrap();
    assert_eq!(feed.entries.len(), 5000);
    assert_eq!(feed.entries[0].url.as_str(), "https://news.example/n/0");
}

#[test]
fn relative_links_need_to_know_where_the_feed_stands() {
    let feed = feed::parse(&Page::from_bytes(rss("<item><link>/a</link></item>"))).unwrap();
    assert_eq!((feed.entries.len(), feed.skipped), (0, 1));
}

/// Three items with something wrong in or around the second.
fn damaged(second: &str) -> String {
    let item = |n: u8| format!("<item><title>Note {n}</title><link>https://news.example/{n}</link></item>");
    rss(&format!("{}{second}{}", item(1), item(3)))
}

#[test]
fn damage_stays_where_it_is() {
    for second in [
        "<item><title>Salt & pepper</title><link>https://news.example/2</link></item>",
        "<item><title>Bold <b>words</title><link>https://news.example/2</link></item>",
        "<item><title>Unclosed<link>https://news.example/2</link></item>",
        "<item><title>No end</title><link>https://news.example/2</link>",
        "</div><item><title>Stray end</title><link>https://news.example/2</link></item>",
        "<item><title>Query</title><link>https://news.example/2?a=1&b=2</link></item>",
    ] {
        let feed = parse(damaged(second)).unwrap();
        let found = urls(&feed);
        assert!(feed.salvaged, "{second}");
        assert_eq!(
            (found.len(), found[0], found[2]),
            (3, "https://news.example/1", "https://news.example/3"),
            "{second}"
        );
        assert!(found[1].starts_with("https://news.example/2"), "{second}");
    }
    assert!(!parse(damaged("")).unwrap().salvaged);
}

#[test]
fn cut_feed_gives_the_items_before_the_cut() {
    let whole = damaged("<item><title>Two</title><link>https://news.example/2</link></item>");
    let cut = &whole[..whole.find("<title>Note 3").unwrap() + 9];
    let feed = parse(cut).unwrap();
    assert_eq!(urls(&feed), ["https://news.example/1", "https://news.example/2"]);
    assert!(feed.salvaged);
}

#[test]
fn undeclared_latin_1_and_versions_that_feed_rs_does_not_know_are_read() {
    let mut latin =
        rss("<item><title>Caf@</title><link>/cafe</link></item>").replace(" encoding='utf-8'", "").into_bytes();
    let at = latin.iter().position(|byte| *byte == b'@').unwrap();
    latin[at] = 0xe9;
    assert_eq!(parse(latin).unwrap().entries[0].title.as_deref(), Some("Café"));
    let no_version = rss("<item><link>/a</link></item>").replace(" version='2.0'", "");
    assert_eq!(urls(&parse(no_version).unwrap()), ["https://news.example/a"]);
    let atom_03 = parse(
        "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><title>Old Atom</title><entry><title>One</title>\
         <link rel='alternate' type='text/html' href='/one'/><issued>2004-05-06T07:08:09Z</issued>\
         <modified>2005-01-01T00:00:00Z</modified></entry></feed>",
    )
    .unwrap();
    assert_eq!((urls(&atom_03), atom_03.title.as_deref()), (vec!["https://news.example/one"], Some("Old Atom")));
    assert_eq!(atom_03.entries[0].published, Some("2004-05-06T07:08:09Z".parse().unwrap()));
}

/// An article of five paragraphs.
fn paragraphs() -> Vec<String> {
    let paragraph =
        |n: u8| format!("Paragraph {n}: {}.", "the lock was opened at six & closed at nine ".repeat(7).trim_end());
    (1..=5).map(paragraph).collect()
}

#[test]
fn content_in_full_is_kept_in_every_format_and_summaries_are_not() {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let html: String = paragraphs().iter().map(|paragraph| format!("<p>{}</p>", escaped(paragraph))).collect();
    let text = paragraphs().join("\n\n");
    let atom = |content: &str| {
        format!(
            "<feed xmlns='http://www.w3.org/2005/Atom'><entry><link href='/a'/><author><name>Ann Lee</name></author>{content}</entry></feed>"
        )
    };
    let json = |field: &str, value: &str| {
        let item = serde_json::json!({ "id": "1", "url": "/a", field: value, "authors": [{ "name": "Ann Lee" }] });
        serde_json::json!({ "version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [item] }).to_string()
    };
    let item =
        |content: &str| rss(&format!("<item><link>/a</link><author>a@b.example (Ann Lee)</author>{content}</item>"));
    for feed in [
        item(&format!(
            "<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'><![CDATA[{html}]]></content:encoded>"
        )),
        item(&format!("<description>{}</description>", escaped(&html))),
        item(&format!(
            "<description>Broken & short</description><content:encoded><![CDATA[{html}]]></content:encoded>"
        )),
        atom(&format!("<content type='html'>{}</content>", escaped(&html))),
        atom(&format!("<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>{html}</div></content>")),
        atom(&format!("<content>{}</content>", escaped(&text))),
        json("content_html", &html),
        json("content_text", &text),
    ] {
        let found = parse(&feed).unwrap();
        let content = found.entries[0].content.as_deref().unwrap_or_else(|| panic!("none in {feed}"));
        assert_eq!(content.matches("<p>").count(), 5, "{content}");
        assert!(content.contains("six &amp; closed"), "{content}");
        assert_eq!(found.entries[0].authors, ["Ann Lee"], "{feed}");
    }
    let short = &html[..html.find("<p>Paragraph 3").unwrap()];
    for feed in [
        item(&format!("<description>{}</description>", escaped(short))),
        atom(&format!("<summary type='html'>{}</summary>", escaped(&format!("{html}[…]")))),
        json("content_html", short),
    ] {
        assert_eq!(parse(&feed).unwrap().entries[0].content, None, "{feed}");
    }
}
