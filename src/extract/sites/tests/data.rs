//! Site rules on pages whose text stands in their scripts, and beside an engine that takes none.

use super::*;
use crate::article::Verdict;

/// Each with the class that it stands under.
const STORY: [(&str, &str); 5] = [
    (
        "lead",
        "The harbour office counted every crate that the two ferries brought over from the island in the first week of \
         spring, and it found ninety more than in any year before.",
    ),
    (
        "second",
        "Most of them hold early potatoes, said Jonas Abeling, who has run the office for eleven years. “People in the \
         city wait for them, and they pay what the farmers ask,” he said on Tuesday.",
    ),
    ("promo", "Whoever books a crossing before Friday pays half, says the shop beside the pier."),
    (
        "third",
        "On the island itself nobody wanted to speak of a good year yet. A frost in April has ruined the crop twice in \
         the past decade, and the old farmers remember both of them well.",
    ),
    (
        "rest",
        "The ferries will sail four times a day until the end of June. After that the boats belong to the tourists again, \
         and the crates have to wait for the night.",
    ),
];

/// A page that a script fills: a headline and a line in the markup, the text in its data.
fn page() -> Page {
    let text: String = STORY.map(|(class, text)| format!("<p class='{class}'>{text}</p>")).concat();
    let html = format!(
        r#"<html lang="en"><head><title>Harbour Post</title><meta property="og:type" content="article"></head><body><h2 class="head">Crates are counted again</h2>
        <span class="who">Ann Lee</span><div id="app"><p>Loading the story of the crates.</p></div>
        <a class="next" href="?page=2">Next</a>
        <script>window.state = {{"story": {}}}</script></body></html>"#,
        serde_json::Value::from(text)
    );
    Page { url: Url::parse(URL).ok(), ..Page::from_bytes(html) }
}

fn extract(rules: SiteRules) -> Extraction {
    extractor(rules).extract(&page())
}

fn under(text: &str) -> Extraction {
    extract(rules(&[("harbour.example.txt", text)]))
}

fn under_entry(entry: &str) -> Extraction {
    let mut rules = SiteRules::default();
    rules.add_entry::<()>(&toml::from_str(entry).unwrap(), "config.toml", entry).unwrap();
    extract(rules)
}

#[test]
fn what_rules_say_of_the_article_in_the_markup_holds_for_its_data() {
    let extraction =
        under("title: //h2[@class='head']\nauthor: //span[@class='who']\nnext_page_link: //a[@class='next']");
    assert_eq!((extraction.verdict, extraction.is_from_data), (Verdict::Article, true));
    let metadata = &extraction.article.metadata;
    assert_eq!(metadata.title.as_deref(), Some("Crates are counted again"));
    assert_eq!(metadata.authors, ["Ann Lee"]);
    assert_eq!(extraction.unmatched_rules, Vec::<String>::new());
    assert!(extraction.onward.next_page.is_some());
}

#[test]
fn strip_holds_in_the_data_and_is_told_where_it_matches_in_neither() {
    let extraction = under("strip_id_or_class: promo\nstrip: //*[@class='head']\nstrip: //aside");
    assert!(extraction.is_from_data && !text(&extraction).contains("pays half"), "{}", text(&extraction));
    assert_eq!(removed_by(&extraction, "pays half"), "site:harbour.example:strip_id_or_class");
    assert_eq!(extraction.unmatched_rules, ["harbour.example.txt:3: strip: //aside"]);
}

#[test]
fn body_of_an_entry_that_matches_the_markup_is_the_text() {
    let extraction = under_entry("host = 'harbour.example'\nbody = ['#app']");
    assert!(!extraction.is_from_data);
    assert!(!text(&extraction).contains("counted every crate"), "{}", text(&extraction));
}

#[test]
fn body_of_an_entry_that_matches_nothing_leaves_the_data_to_be_read() {
    let extraction = under_entry("host = 'harbour.example'\nbody = ['.gone']");
    assert!(extraction.is_from_data);
    assert_eq!(extraction.unmatched_rules, ["config.toml:2:9: body: .gone"]);
}

#[test]
fn body_of_a_collection_that_matches_a_shell_is_not_believed_against_the_data() {
    let extraction = under("body: //div[@id='app']");
    assert!(extraction.is_from_data && text(&extraction).contains("counted every crate"));
    let told = "harbour.example.txt:1: body: //div[@id='app'] (holds too little of the page's text)";
    assert_eq!(extraction.unmatched_rules, [told]);
}

#[test]
fn body_rule_may_match_in_the_data() {
    let extraction = under("body: //div[@class='gone']\nbody: //p[@class!='lead']");
    assert!(extraction.is_from_data && !text(&extraction).contains("counted every crate"));
    assert_eq!(extraction.unmatched_rules, ["harbour.example.txt:1: body: //div[@class='gone']"]);
}

#[cfg(feature = "readability")]
#[test]
fn engine_that_takes_no_rules_says_so_of_each() {
    let sites = Arc::new(rules(&[("harbour.example.txt", "strip: //p\ntitle: //h2")]));
    let options = Options { sites, engine: crate::extract::Engine::Readability, ..Options::default() };
    let extraction = Extractor::new(&options).unwrap().extract(&fetched());
    let told =
        ["1: strip: //p", "2: title: //h2"].map(|it| format!("harbour.example.txt:{it} (this engine takes no rules)"));
    assert_eq!(extraction.unmatched_rules, told);
}
