//! One article that several sites carry, each in its own dress.

use crate::home::{Home, run_once};
use crate::support::{Reply, STORIES, Site, Story};
use gleaner::crawl::Summary;
use gleaner::ledger::{FindingKind, Wish, repair};

/// The page of each site: other headline, menu, appeal, credits and markup around the same story.
fn page(site: usize, story: &Story) -> String {
    page_of(site, story, &story.paragraphs())
}

fn page_of(site: usize, story: &Story, paragraphs: &[String]) -> String {
    let body: String = paragraphs.iter().map(|paragraph| format!("<p>{paragraph}</p>\n")).collect();
    let (title, person) = (story.title, story.person);
    match site {
        0 => story.page(),
        1 => format!(
            "<html lang=\"en\"><head><title>{person} and the long wait - Valley Post</title></head><body><div id=\"top\">\
             <a href=\"/\">Start</a> <a href=\"/local\">Local</a> <a href=\"/weather\">Weather</a></div>\
             <div class=\"entry-content\"><h1>{person} and the long wait</h1>{body}</div>\
             <div class=\"share\"><a href=\"/s\">Share on Facebook</a></div><div class=\"footer\">Imprint</div></body></html>"
        ),
        2 => format!(
            "<html><head><meta property=\"og:title\" content=\"In short: {title}\"></head><body><main><h2>In short: {title}</h2>\
             <div class=\"support\">Support our journalism from three coins a month.</div><section>{body}</section>\
             <ul class=\"tags\"><li><a href=\"/t/1\">Region</a></li></ul></main></body></html>"
        ),
        3 => format!(
            "<html><head><title>Wire: {title}</title></head><body><table><tr><td><a href=\"/a\">Archive</a></td><td>\
             <h1>Wire: {title}</h1><p>Published by the news desk</p>{body}</td></tr></table></body></html>"
        ),
        _ => format!(
            "<html><head><title>{title} | Island Radio</title></head><body><article><header><h1>{title}</h1></header>{body}\
             <div class=\"author-bio\">The author has worked for Island Radio since 2011.</div></article>\
             <div class=\"comments\"><h3>3 comments</h3><p>First!</p></div></body></html>"
        ),
    }
}

/// Five sites that all announce one story.
fn five(story: &Story) -> Vec<Site> {
    let site = |number: usize| {
        let site = Site::start_at(&format!("127.0.0.{}:0", 11 + number));
        site.put(&story.path(), Reply::html(page(number, story)));
        site.put("/feed.rss", Reply::rss(site.feed(&[*story])));
        site
    };
    (0..5).map(site).collect()
}

fn home_of(sites: &[Site], policy: &str) -> Home {
    let feeds: Vec<String> = sites.iter().map(|site| site.url("/feed.rss")).collect();
    Home::polling(&feeds, &format!("[output]\nfront_matter = true\n[duplicates]\npolicy = \"{policy}\"\n"))
}

fn clusters(home: &Home) -> serde_json::Value {
    let (code, said) = home.command(&["duplicates", "--format", "json"]);
    assert_eq!(code, Some(0), "{said}");
    serde_json::from_str::<serde_json::Value>(&said).unwrap()["clusters"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_skip_one_file_is_written_of_an_article_that_five_feeds_carry() {
    let sites = five(&STORIES[0]);
    let home = home_of(&sites, "skip");
    let summary = home.once().await;
    assert_eq!(summary, Summary { feeds: 5, discovered: 5, written: 1, unchanged: 4, ..Summary::default() });
    assert_eq!((home.count(), home.manifest().len()), (1, 1), "{:?}", home.texts().keys());
    home.assert_consistent();

    let found = clusters(&home);
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(found[0]["first"]["key"], home.manifest()[0]["key"]);
    let copies = found[0]["copies"].as_array().unwrap();
    assert!(copies.len() == 4 && copies.iter().all(|copy| copy["state"] == "left_out"), "{found}");
    let (code, said) = home.command(&["duplicates"]);
    assert!(code == Some(0) && said.ends_with("4 copies of 1 article\n"), "{said}");

    let report = home.verify();
    assert_eq!((report.findings.len(), report.counts.same), (0, 4), "{report:?}");
    // Known: nothing of it is fetched again.
    assert_eq!(home.once().await, Summary { feeds: 5, ..Summary::default() });
    assert!(sites.iter().all(|site| site.asked(&STORIES[0].path()) == 1));
}

#[test]
fn killed_at_any_moment_one_file_is_written_and_every_copy_is_known() {
    for point in ["united", "united:3", "placed", "renamed", "page_finishing:2", "page_saved", "page_saved:4"] {
        let sites = five(&STORIES[6]);
        let home = home_of(&sites, "skip");
        assert!(!run_once(&home.config()).env("GLEANER_CRASH_AT", point).status().unwrap().success(), "{point}");
        assert!(run_once(&home.config()).status().unwrap().success(), "{point}");
        assert_eq!((home.count(), home.verify().findings), (1, vec![]), "{point}");
        let found = clusters(&home);
        assert_eq!((found.as_array().unwrap().len(), found[0]["copies"].as_array().unwrap().len()), (1, 4), "{point}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_mark_manifest_and_front_matter_name_the_first_copy() {
    let sites = five(&STORIES[1]);
    let home = home_of(&sites, "mark");
    assert_eq!(home.once().await.written, 5);
    let manifest = home.manifest();
    let (firsts, copies): (Vec<_>, Vec<_>) = manifest.iter().partition(|line| line["duplicate_of"].is_null());
    assert_eq!((firsts.len(), copies.len()), (1, 4));
    let texts = home.texts();
    for copy in copies {
        assert_eq!(copy["duplicate_of"], firsts[0]["key"]);
        let line = format!("\nduplicate_of: \"{}\"\n", firsts[0]["key"].as_str().unwrap());
        assert!(texts[copy["path"].as_str().unwrap()].contains(&line));
    }
    assert!(!texts[firsts[0]["path"].as_str().unwrap()].contains("duplicate_of"));
    home.assert_consistent();
}

#[tokio::test(flavor = "multi_thread")]
async fn told_nothing_all_are_written_and_listed_as_copies() {
    let sites = five(&STORIES[2]);
    let home = home_of(&sites, "keep");
    assert_eq!(home.once().await.written, 5);
    assert!(home.manifest().iter().all(|line| line["duplicate_of"].is_null()));
    assert_eq!(clusters(&home)[0]["copies"].as_array().unwrap().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_articles_of_one_site_are_no_copies() {
    let site = Site::start();
    // All stories are told after one pattern; their first paragraphs are each their own.
    let told: Vec<&Story> = STORIES.iter().step_by(5).collect();
    for (story, leads) in told.iter().zip(STORIES.chunks(5)) {
        let paragraphs: Vec<String> = leads.iter().map(|other| other.lead.to_owned()).collect();
        site.put(&story.path(), Reply::html(page_of(4, story, &paragraphs)));
    }
    site.put("/feed.rss", Reply::rss(site.feed(&told.iter().map(|story| **story).collect::<Vec<_>>())));
    let home = home_of(std::slice::from_ref(&site), "skip");
    assert_eq!(home.once().await.written, 3);
    assert_eq!(clusters(&home), serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn store_made_anew_of_manifest_and_texts_knows_what_a_copy_is() {
    let sites = five(&STORIES[3]);
    for by_repair in [true, false] {
        let home = home_of(&sites[..1], "skip");
        assert_eq!(home.once().await.written, 1);
        std::fs::remove_file(home.folder.path().join("gleaner.db")).unwrap();
        if by_repair {
            let done = repair(&home.output(), &home.folder.path().join("gleaner.db"), Wish::default()).unwrap();
            assert_eq!((done.recalled, done.compared), (1, 1), "{done:?}");
            let again = repair(&home.output(), &home.folder.path().join("gleaner.db"), Wish::default()).unwrap();
            assert!(again.is_nothing(), "{again:?}");
        }
        let feeds: Vec<String> = sites.iter().map(|site| site.url("/feed.rss")).collect();
        home.poll(&feeds, "[duplicates]\npolicy = \"skip\"\n");
        let summary = home.once().await;
        assert_eq!((summary.written, summary.unchanged), (0, 4), "{summary}, by repair: {by_repair}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_of_what_is_not_there_are_found_and_fetched_after_a_repair() {
    let sites = five(&STORIES[4]);
    let home = home_of(&sites[..2], "skip");
    assert_eq!(home.once().await.written, 1);
    // As a damaged store may have lost it.
    let first = home.manifest()[0]["path"].as_str().unwrap().to_owned();
    home.sql("DELETE FROM items WHERE target = 0 AND hash IS NOT NULL");
    std::fs::remove_file(home.output().join(first)).unwrap();
    std::fs::write(home.output().join("manifest.jsonl"), "").unwrap();
    assert_eq!(home.verify().count(FindingKind::Orphan), 1);
    let done = repair(&home.output(), &home.folder.path().join("gleaner.db"), Wish::default()).unwrap();
    assert_eq!((done.orphans, done.after.findings.len()), (1, 0), "{done:?}");
    // The lost one is announced once more, and one of the two is left out again.
    assert_eq!(home.once().await.written, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_follow_the_template_and_grow_where_they_are_taken() {
    let sites = five(&STORIES[5]);
    let feeds: Vec<String> = sites.iter().map(|site| site.url("/feed.rss")).collect();
    let home = Home::polling(&feeds, "[output]\nnames = \"{year}/{month}/{slug}\"\n");
    assert_eq!(home.once().await.written, 5);
    let texts = home.texts();
    let same: Vec<&String> = texts.keys().filter(|path| path.contains(&plain_slug())).collect();
    assert_eq!((texts.len(), same.len() >= 2), (5, true), "{:?}", texts.keys());
    assert!(texts.contains_key(&format!("2026/11/{}.txt", plain_slug())), "{:?}", texts.keys());
    assert_eq!(home.verify().findings, []);
    assert_eq!(home.once().await, Summary { feeds: 5, ..Summary::default() });
}

/// The slug of the story that two sites call the same.
fn plain_slug() -> String {
    let letters = STORIES[5].title.to_lowercase().replace(',', "").replace(' ', "-");
    letters.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}
