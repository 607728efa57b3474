//! Rules of our own writing on pages of our own.

mod data;

use super::*;
use crate::extract::{Extraction, Extractor, Options};
use crate::page::{ExtraHeaders, Page};
use url::Url;

const URL: &str = "https://www.harbour.example/news/ferry?page=1";

/// Four paragraphs of which every extractor would take all, in two columns.
fn page() -> String {
    let sentence = "The ferry left the northern pier at dawn and came back before the tide had turned, as it has on \
                    every working day since the bridge was closed";
    format!(
        r#"<html lang="en"><head><title>Ferry sails again - Harbour Post</title>
        <meta property="og:site_name" content="Harbour Post"></head><body class="no-sidebar">
        <div class="page"><h1 class="top">Ferry sails again</h1><h2 class="alt">The harbour has its ferry back</h2>
        <div class="facts"><span class="who">By Ann Lee and Bo Chan</span> <b class="when">7 March 2026</b></div>
        <div id="story" class="story wide"><p class="first">{sentence}, the captain said.</p>
        <p class="second">{sentence}, said the mate <span class="tip">(photo: harbour office)</span> on Monday.</p>
        <div class="promo-box-3"><p>{sentence}, as the shop beside the pier wrote in its own letter.</p></div></div>
        <div class="column"><p class="third">{sentence}, according to the harbour office.</p>
        <a class="next" href="?page=2">Next page</a> <a class="print" href="/print/ferry">Print</a></div>
        </div></body></html>"#
    )
}

fn rules(files: &[(&str, &str)]) -> SiteRules {
    let mut rules = SiteRules::default();
    for (name, text) in files {
        let faults = rules.add_file(name, text);
        assert!(faults.is_empty(), "{faults:?}");
    }
    rules
}

fn extractor(rules: SiteRules) -> Extractor {
    Extractor::new(&Options { sites: Arc::new(rules), ..Options::default() }).unwrap()
}

fn fetched() -> Page {
    Page { url: Url::parse(URL).ok(), ..Page::from_bytes(page()) }
}

fn extract(files: &[(&str, &str)]) -> Extraction {
    extractor(rules(files)).extract(&fetched())
}

/// With a file for the page's host.
fn under(text: &str) -> Extraction {
    extract(&[("harbour.example.txt", text)])
}

/// With an entry for the page's host.
fn under_entry(entry: &str) -> Extraction {
    let mut rules = SiteRules::default();
    rules.add_entry::<()>(&toml::from_str(entry).unwrap(), "config.toml", entry).unwrap();
    extractor(rules).extract(&fetched())
}

fn text(extraction: &Extraction) -> String {
    extraction.article.blocks.iter().map(|block| block.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// Which of the page's telling words stand in the text.
fn told(extraction: &Extraction) -> Vec<&'static str> {
    let text = text(extraction);
    ["captain", "mate", "photo", "shop", "according"].into_iter().filter(|word| text.contains(word)).collect()
}

#[track_caller]
fn removed_by(extraction: &Extraction, word: &str) -> String {
    let removal = extraction.removals.iter().find(|removal| removal.text.contains(word));
    removal.unwrap_or_else(|| panic!("{word} is not removed")).rule.clone()
}

#[test]
fn without_rules_all_paragraphs_stay() {
    assert_eq!(told(&extract(&[])), ["captain", "mate", "photo", "shop", "according"]);
}

#[test]
fn body_is_what_the_rule_selects_and_nothing_else() {
    let extraction = under("body: //div[@id='story']");
    assert_eq!(told(&extraction), ["captain", "mate", "photo", "shop"]);
    assert_eq!(removed_by(&extraction, "according"), "site:harbour.example:body");
    assert!(extraction.unmatched_rules.is_empty());
}

#[test]
fn first_body_rule_that_finds_text_counts() {
    let extraction = under("body: //main\nbody: //h3 | //br\nbody: //p[not(@class='first')]\nbody: //div[@id='story']");
    assert_eq!(told(&extraction), ["mate", "photo", "shop", "according"]);
    assert_eq!(
        extraction.unmatched_rules,
        ["harbour.example.txt:1: body: //main", "harbour.example.txt:2: body: //h3 | //br"]
    );
}

#[test]
fn body_of_a_collection_that_holds_too_little_is_not_believed() {
    let extraction = under("body: //p[@class='third']");
    assert_eq!(told(&extraction).len(), 5);
    let told = "harbour.example.txt:1: body: //p[@class='third'] (holds too little of the page's text)";
    assert_eq!(extraction.unmatched_rules, [told]);
}

#[test]
fn body_of_an_entry_is_certain() {
    let extraction = under_entry("host = 'harbour.example'\nbody = ['.third']");
    assert_eq!(told(&extraction), ["according"]);
    assert!(extraction.unmatched_rules.is_empty());
}

#[test]
fn body_of_a_collection_bounds_what_the_extractor_chooses_inside() {
    let list = "<ul class='list'><li><a href='/1'>One</a></li><li><a href='/2'>Two</a></li></ul></div>";
    let with_list = page().replacen("<div class=\"column\">", &format!("{list}<div><div class=\"column\">"), 1);
    let page = Page { body: with_list.into(), ..fetched() };
    let under = |rules: SiteRules| extractor(rules).extract(&page);
    let bounded = under(rules(&[("harbour.example.txt", "body: //div[@class='page']")]));
    assert!(!text(&bounded).contains("Two") && told(&bounded).contains(&"captain"), "{}", text(&bounded));
}

#[test]
fn few_words_are_the_body_where_a_rule_says_so() {
    let menu = "<li><a href='/street'>A street of the town</a></li>".repeat(40);
    let notice = "The last wall is to be measured tomorrow.";
    let html =
        format!("<html lang=en><title>Walls</title><nav><ul>{menu}</ul></nav><article><p>{notice}</p></article>");
    let page = Page { body: html.into(), ..fetched() };
    let scant = extractor(SiteRules::default()).extract(&page);
    assert_eq!(text(&scant), "", "few words among many");
    let ruled = extractor(rules(&[("harbour.example.txt", "body: //article")])).extract(&page);
    assert_eq!(text(&ruled), notice);
}

#[test]
fn several_elements_of_a_body_rule_stay_together() {
    let paragraphs = "body: //p[@class='first'] | //p[@class='second'] | //p[@class='third']";
    assert_eq!(told(&under(paragraphs)), ["captain", "mate", "photo", "according"]);
}

#[test]
fn where_no_body_rule_matches_the_extractor_chooses() {
    let extraction = under("body: //main");
    assert_eq!(text(&extraction), text(&extract(&[])));
    assert_eq!(extraction.unmatched_rules, ["harbour.example.txt:1: body: //main"]);
}

#[test]
fn strip_leaves_elements_out_with_their_name() {
    let extraction = under("strip: //p[@class='first']\nstrip_id_or_class: promo-box\nstrip: //nav");
    assert_eq!(told(&extraction), ["mate", "photo", "according"]);
    assert_eq!(removed_by(&extraction, "captain"), "site:harbour.example:strip");
    assert_eq!(removed_by(&extraction, "shop"), "site:harbour.example:strip_id_or_class");
    assert_eq!(extraction.unmatched_rules, ["harbour.example.txt:3: strip: //nav"]);
}

#[test]
fn strip_takes_a_few_words_out_of_a_paragraph() {
    let extraction = under("strip: //span[@class='tip']");
    assert_eq!(told(&extraction), ["captain", "mate", "shop", "according"]);
    assert!(text(&extraction).contains("said the mate on Monday."), "{}", text(&extraction));
    assert_eq!(removed_by(&extraction, "photo"), "site:harbour.example:strip");
}

#[test]
fn strip_takes_text_that_fills_its_element_and_no_attribute() {
    assert_eq!(
        told(&under("strip: //p[@class='first']/text()\nstrip: //@class")),
        ["mate", "photo", "shop", "according"]
    );
}

#[test]
fn strip_never_takes_the_whole_page() {
    let extraction = under("strip_id_or_class: sidebar");
    assert_eq!(told(&extraction).len(), 5);
    let told = "harbour.example.txt:1: strip_id_or_class: sidebar (would take the whole page)";
    assert_eq!(extraction.unmatched_rules, [told]);
}

#[test]
fn body_inside_what_is_stripped_is_none() {
    let extraction = under("body: //div[@id='story']\nbody: //div[@class='column']\nstrip_id_or_class: story");
    assert_eq!(told(&extraction), ["according"]);
}

#[test]
fn title_author_and_date_overrule_the_page() {
    let extraction = under("title: //h2[@class='alt']\nauthor: //span[@class='who']\ndate: //b[@class='when']");
    let metadata = extraction.article.metadata;
    assert_eq!(metadata.title.as_deref(), Some("The harbour has its ferry back"));
    assert_eq!(metadata.authors, ["Ann Lee", "Bo Chan"]);
    assert_eq!(metadata.published.map(|it| it.date.to_string()).as_deref(), Some("2026-03-07"));
}

#[test]
fn title_may_be_a_text_and_loses_the_name_of_the_site() {
    let title = |file| under(file).article.metadata.title;
    assert_eq!(title("title: concat(//h2, ' - Harbour Post')").as_deref(), Some("The harbour has its ferry back"));
    let extraction = under("title: //h3\ntitle: substring-before(//title, ' again')");
    assert_eq!(extraction.article.metadata.title.as_deref(), Some("Ferry sails"));
    assert_eq!(extraction.unmatched_rules, ["harbour.example.txt:1: title: //h3"]);
}

#[test]
fn strings_are_replaced_before_the_page_is_read() {
    let pairs =
        "find_string: <div class=\"promo\nfind_string: </h2>\nreplace_string: <div class=\"gone\nreplace_string: </h2>";
    assert_eq!(
        told(&under(&format!(
            "{}\nstrip_id_or_class: gone-box",
            pairs.replace("\"promo", "\"promo-box-3").replace("\"gone", "\"gone-box")
        )))
        .len(),
        4
    );
    let extraction = under("replace_string(the captain said): the cook said");
    assert!(text(&extraction).contains("the cook said"));
}

#[test]
fn replacing_does_not_let_a_page_grow_without_end() {
    let rules = rules(&[("harbour.example.txt", &format!("replace_string(e): {}", "e".repeat(1_000)))]);
    let host_rules = rules.for_host(Some("harbour.example")).unwrap();
    let html = "e".repeat(10_000);
    assert_eq!(host_rules.replaced(Cow::Borrowed(&html)).len(), html.len());
    assert_eq!(host_rules.replaced(Cow::Borrowed("e")).len(), 1_000);
}

#[test]
fn conditions_hold_for_the_rule_above() {
    assert_eq!(told(&under("strip: //p\nif_page_contains: //main")).len(), 5);
    assert_eq!(told(&under("strip: //p[@class='first']\nif_page_contains: //h2[contains(., 'ferry')]")).len(), 4);
}

#[test]
fn extraction_says_where_the_article_goes_on() {
    let extractor = extractor(rules(&[(
        "harbour.example.txt",
        "next_page_link: //a[@class='none']\nnext_page_link: //a[@class='next']\nsingle_page_link: //a[@class='print']/@href",
    )]));
    let onward = |page: &Page| {
        let Onward { next_page, single_page } = extractor.extract(page).onward;
        [next_page, single_page].map(|url| url.map(String::from).unwrap_or_default())
    };
    let print = "https://www.harbour.example/print/ferry";
    assert_eq!(onward(&fetched()), ["https://www.harbour.example/news/ferry?page=2", print]);
    let second = Page { url: Url::parse("https://www.harbour.example/news/ferry?page=2#top").ok(), ..fetched() };
    assert_eq!(onward(&second), ["", print], "a page never goes on in itself");
    assert_eq!(onward(&Page { url: None, ..fetched() }), ["", ""]);
}

#[test]
fn headers_and_test_pages_are_at_hand() {
    let rules = rules(&[(
        ".example.org.txt",
        "http_header(User-Agent): Reader\nhttp_header(Cookie): a=b\nhttp_header(cookie): c=d\ntest_url: https://a.example.org/1",
    )]);
    assert_eq!(rules.headers("b.example.org"), ExtraHeaders { referer: None, cookie: Some("a=b".into()) });
    assert_eq!(rules.test_urls("example.org"), ["https://a.example.org/1"]);
    assert_eq!(rules.headers("example.net"), ExtraHeaders::default());
}

#[test]
fn nearest_file_counts_and_www_is_none() {
    let files = [
        ("harbour.example.txt", "body: //p[not(@class='first')]"),
        (".harbour.example.txt", "body: //p[not(@class='second')]"),
        (".example.txt", "body: //p[not(@class='third')]"),
    ];
    let told_at = |url: &str| {
        let page = Page { url: Url::parse(url).ok(), ..fetched() };
        told(&extractor(rules(&files)).extract(&page))
    };
    assert_eq!(told_at("https://www.harbour.example/"), ["mate", "photo", "shop", "according"]);
    assert_eq!(told_at("https://news.harbour.example/"), ["captain", "shop", "according"]);
    assert_eq!(told_at("https://other.example/"), ["captain", "mate", "photo", "shop"]);
    assert_eq!(told_at("https://example.com/").len(), 5);
}

#[test]
fn global_rules_fill_gaps_and_are_not_told() {
    let global = ("global.txt", "title: //h2\nstrip: //p[@class='first']\nstrip: //nav\nbody: //main");
    let extraction = extract(&[global]);
    assert_eq!(told(&extraction).len(), 4);
    assert_eq!(extraction.article.metadata.title.as_deref(), Some("Ferry sails again"), "found without a rule");
    assert!(extraction.unmatched_rules.is_empty());
}

#[test]
fn entries_select_by_css() {
    let extraction = under_entry(
        "host = 'harbour.example'\nbody = ['main', '#story']\ndrop = ['[class^=promo]', '.tip']\ntitle = 'h2.alt'\n\
         author = '.who'\ndate = '.when'",
    );
    assert_eq!(told(&extraction), ["captain", "mate"]);
    assert_eq!(extraction.article.metadata.authors, ["Ann Lee", "Bo Chan"]);
    assert_eq!(extraction.article.metadata.title.as_deref(), Some("The harbour has its ferry back"));
    assert_eq!(removed_by(&extraction, "shop"), "site:harbour.example:drop");
    assert_eq!(extraction.unmatched_rules, ["config.toml:2:9: body: main"]);
}

#[test]
fn keep_holds_against_every_other_rule() {
    let entry = "host = '.example'\ndrop = ['p']\nkeep = ['.third', '.facts', '.none']";
    let extraction = under_entry(entry);
    assert_eq!(told(&extraction), ["according"]);
    assert!(text(&extraction).contains("By Ann Lee"), "{}", text(&extraction));
    assert_eq!(extraction.unmatched_rules, ["config.toml:3:29: keep: .none"]);
}

#[test]
fn entry_comes_before_the_file_of_its_host() {
    let mut both = rules(&[("harbour.example.txt", "body: //p[@class='third']\nstrip_id_or_class: promo")]);
    let entry = "host = 'harbour.example'\nbody = ['#story']";
    both.add_entry::<()>(&toml::from_str(entry).unwrap(), "config.toml", entry).unwrap();
    assert_eq!((both.hosts(), both.covers("www.harbour.example"), both.covers("example")), (1, true, false));
    assert_eq!(told(&extractor(both).extract(&fetched())), ["captain", "mate", "photo"]);
}

#[test]
fn what_is_wrong_with_an_entry_is_told_with_its_place() {
    let fault = |entry: &str| {
        SiteRules::default().add_entry::<()>(&toml::from_str(entry).unwrap(), "my.toml", entry).unwrap_err().to_string()
    };
    assert_eq!(
        fault("host = 'https://example.org'"),
        "my.toml:1:8: host: `https://example.org` is no host name; write `example.org`, or `.example.org` for all below it too"
    );
    let told = fault("host = 'example.org'\nbody = ['p', 'p:hover']");
    assert!(told.starts_with("my.toml:2:14: body: is no CSS selector: "), "{told}");
    assert!(toml::from_str::<SiteEntry<()>>("host = 'example.org'\nbodies = []").is_err());
}

#[test]
fn what_is_wrong_with_a_file_is_told_line_by_line_and_the_rest_is_used() {
    let file = "# comment\n\ntitle: //h2[\nbodies: //p\nno directive\nstrip:\nbody: //p[not(@class='first')]\nfind_string: a\n\
                date: //script[@id='data']\ntidy: no\nprune: yes\ntest_url: https://harbour.example/1\n\
                strip: //script\nif_page_contains: //a[";
    let mut rules = SiteRules::default();
    let faults = rules.add_file("harbour.example.txt", file);
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let expected = [
        "harbour.example.txt:3: title: is no XPath that can be run: ends too early",
        "harbour.example.txt:4: bodies: unknown directive",
        "harbour.example.txt:5: neither a comment nor a directive with a colon",
        "harbour.example.txt:6: strip: has no value",
        "harbour.example.txt:9: date: reads `script`, which is not kept of a page",
        "harbour.example.txt:14: if_page_contains: is no XPath that can be run: ends too early",
        "harbour.example.txt:8: find_string: has no `replace_string` to it",
    ];
    assert_eq!(told, expected);
    assert_eq!(faults[0].kind(), SiteFaultKind::XPath);
    assert_eq!(faults[4].kind(), SiteFaultKind::NotInDocument);
    assert_eq!(self::told(&extractor(rules).extract(&fetched())), ["mate", "photo", "shop", "according"]);
}

#[test]
fn check_tells_what_each_rule_matches() {
    let file =
        "body: //main\nbody: //div[@id='story']\nbody: //p\nstrip: //p//span\ntitle: substring-before(//title, ' -')";
    let outcomes = extractor(rules(&[("harbour.example.txt", file)])).check_site(&fetched());
    let counts: Vec<(usize, bool)> =
        outcomes.iter().map(|it| (it.matched.as_ref().map_or(9, |matched| matched.count), it.is_spare)).collect();
    assert_eq!(counts, [(0, false), (1, false), (4, true), (1, false), (1, false)]);
    let matched = |index: usize| outcomes[index].matched.clone().unwrap();
    assert_eq!((matched(3).chars, matched(3).value.as_str()), (21, "(photo: harbour office)"));
    assert_eq!(matched(4).value, "Ferry sails again");
    assert_eq!(outcomes[4].place, "harbour.example.txt:5");
}

#[test]
fn rules_that_take_too_long_are_told_and_the_others_run() {
    let deep = format!("{}{}", "<div>".repeat(300), "<p><b></b>".repeat(8_000));
    let page = Page { url: Url::parse(URL).ok(), ..Page::from_bytes(page().replace("</body>", &deep)) };
    let file = "strip: //*[contains(., 'nothing')]\nbody: //div[@id='story']";
    let extraction = extractor(rules(&[("harbour.example.txt", file)])).extract(&page);
    let told_of = "harbour.example.txt:1: strip: //*[contains(., 'nothing')] (takes too many steps on this page)";
    assert_eq!(extraction.unmatched_rules, [told_of]);
    assert_eq!(told(&extraction), ["captain", "mate", "photo", "shop"]);
}
