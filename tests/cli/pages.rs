//! Articles on several pages, by `gleaner extract` and by the daemon; `tests/pages.rs` has what is refused.

use super::site::{Reply, Site};
use super::{LOOPBACK, Run, folder, run_in};
use std::fs;
use tempfile::TempDir;

/// What stands on one page of the article and on no other.
const PARTS: [&str; 3] = [
    "The first of the old mills was measured in spring, when the water stood so high that nobody could enter the wheelhouse for a month.",
    "The second mill, which burned down a century ago, is a heap of stones today, but its cellar holds the oldest gears of the valley.",
    "The third belongs to a family of bakers, who grind there every autumn and do not think of selling it to the town, as they told us.",
];

/// A page of the article that goes on at `next`.
fn page(part: &str, next: &str) -> Reply {
    let more =
        "Whoever wants to see it has to ask at the town hall, where the only key hangs on a nail behind the door.";
    let number = PARTS.iter().position(|it| *it == part).unwrap();
    Reply::html(format!(
        r#"<html lang="en"><head><title>Mills of the valley</title></head><body><nav><a href="/">Home</a></nav>
        <article><h1>Mills of the valley</h1><p>{part}</p><p>{more} So it is for number {number}.</p></article>
        <a class="next" href="{next}">Next page</a><footer><p>© 2026 The Harbour Post</p></footer></body></html>"#
    ))
}

/// The article on three pages, whose third is answered as given; a feed with its first page.
fn site(third: Reply) -> Site {
    let item = r#"<item><title>Mills of the valley</title><link>/1</link></item>"#;
    let feed = format!(r#"<rss version="2.0"><channel><title>t</title>{item}</channel></rss>"#);
    Site::new(&[
        ("/feed", Reply::new(200, "application/rss+xml", feed)),
        ("/1", page(PARTS[0], "/2")),
        ("/2", page(PARTS[1], "/3")),
        ("/3", third),
    ])
}

/// A folder with rules for the site and a configuration that polls its feed.
fn home(site: &Site) -> TempDir {
    let here = folder();
    fs::create_dir(here.path().join("rules")).unwrap();
    fs::write(here.path().join("rules/127.0.0.1.txt"), "next_page_link: //a[@class='next']").unwrap();
    let config = format!(
        "contact = \"me@site.test\"\n[extract]\nsite_rules = \"rules\"\n[fetch]\nallow_private = [\"127.0.0.0/8\"]\n\
         host_pause_ms = 0\n[[feed]]\nurl = \"{}\"\n",
        site.url("/feed")
    );
    fs::write(here.path().join("config.toml"), config).unwrap();
    here
}

fn extract(here: &TempDir, arguments: &[&str]) -> Run {
    run_in(here, &[&["extract", "--site-rules", "rules"], &LOOPBACK[..], arguments].concat())
}

/// A folder in which the site's article was written with its pages kept, and came out of those the same.
fn extracted_twice(site: &Site) -> TempDir {
    let here = home(site);
    let config = fs::read_to_string(here.path().join("config.toml")).unwrap();
    fs::write(here.path().join("config.toml"), format!("{config}[raw]\nkeep = true\n")).unwrap();
    assert_eq!(run_in(&here, &["run", "--once", "-q"]).code, Some(0));
    let again = run_in(&here, &["reextract", "-q"]);
    assert!(again.code == Some(0) && again.stdout.contains("0 changed, 1 the same"), "{again:?}");
    here
}

#[test]
fn pages_of_an_article_are_kept_in_their_order_and_joined_again() {
    let site = site(page(PARTS[2], "/1"));
    let here = extracted_twice(&site);
    let rules = "next_page_link: //a[@class='next']\nstrip: //article/p[2]";
    fs::write(here.path().join("rules/127.0.0.1.txt"), rules).unwrap();
    let again = run_in(&here, &["reextract", "-q", "--diff"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert_eq!(again.stdout.matches("- Whoever wants to see it").count(), 3, "{again:?}");
}

#[test]
fn an_end_of_few_words_among_many_is_kept_and_kept_again() {
    let menu: String =
        (0..40).map(|number| format!("<li><a href='/{number}'>Street number {number}</a></li>")).collect();
    let end = "The last mill was closed on Monday.";
    let site = site(Reply::html(format!(
        "<html lang=en><title>Mills of the valley</title><nav><ul>{menu}</ul></nav><article><p>{end}</p></article>"
    )));
    let here = extracted_twice(&site);
    let single = extract(&here, &[&site.url("/1")]);
    assert_eq!(parts(&single.stdout), 2);
    assert!(single.stdout.trim_end().ends_with(end), "{single:?}");
}

/// How many of the article's parts a text has; they are the first ones, each once and in order.
fn parts(text: &str) -> usize {
    let places: Vec<usize> = PARTS.iter().filter_map(|part| text.find(part)).collect();
    assert!(places.is_sorted() && PARTS.iter().all(|part| text.matches(part).count() <= 1), "{text}");
    places.len()
}

#[test]
fn extract_joins_the_pages_of_an_article() {
    let site = site(page(PARTS[2], "/1"));
    let here = home(&site);
    let run = extract(&here, &[&site.url("/1")]);
    assert_eq!((run.code, run.stderr.as_str(), parts(&run.stdout)), (Some(0), "", 3), "{run:?}");
    let run = extract(&here, &["--format", "json", &site.url("/1")]);
    let record: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(record["pages"], serde_json::json!([site.url("/2"), site.url("/3")]));
    assert_eq!((&record["verdict"], record.get("missing_page")), (&"article".into(), None));
    let alone = run_in(&here, &[&["extract"], &LOOPBACK[..], &[&site.url("/1")]].concat());
    assert_eq!(parts(&alone.stdout), 1, "nothing is followed without a rule");
}

#[test]
fn extract_says_which_page_is_missing() {
    let site = site(Reply::new(404, "text/html", ""));
    let here = home(&site);
    let run = extract(&here, &["--format", "json", &site.url("/1")]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stderr.contains("a page of the article is missing") && run.stderr.contains("/3"), "{}", run.stderr);
    let record: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&record["verdict"], parts(record["text"].as_str().unwrap())), (&"truncated".into(), 2));
    let missing = record["missing_page"].as_str().unwrap();
    assert!(missing.starts_with(&format!("next_page_link: {}: HTTP status 404", site.url("/3"))), "{missing}");
}

#[test]
fn file_leads_nowhere_and_says_so() {
    let site = site(page(PARTS[2], "/1"));
    let here = home(&site);
    let html =
        format!("<article><h1>Mills</h1><p>{}</p><p>{}</p></article><a class=next href=/2>On</a>", PARTS[0], PARTS[1]);
    fs::write(here.path().join("a.html"), html).unwrap();
    let run = extract(&here, &["--base-url", "http://127.0.0.1:9/1", "a.html"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stderr.contains("goes on elsewhere") && run.stderr.contains("http://127.0.0.1:9/2"), "{}", run.stderr);
    let run = run_in(&here, &["explain", "--site-rules", "rules", "--base-url", "http://127.0.0.1:9/1", "a.html"]);
    assert!(run.code == Some(0) && run.stderr.contains("goes on elsewhere"), "{run:?}");
}

/// The one text that the daemon has written, and its verdict in the manifest.
fn written(here: &TempDir) -> (String, String) {
    let manifest = fs::read_to_string(here.path().join("articles/manifest.jsonl")).unwrap();
    let line: serde_json::Value = serde_json::from_str(manifest.trim()).unwrap();
    let text = fs::read_to_string(here.path().join("articles").join(line["path"].as_str().unwrap())).unwrap();
    (text, line["verdict"].as_str().unwrap().to_owned())
}

#[test]
fn daemon_writes_one_text_of_all_pages() {
    let site = site(page(PARTS[2], "/1"));
    let here = home(&site);
    let run = run_in(&here, &["run", "--once"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let (text, verdict) = written(&here);
    assert_eq!((parts(&text), verdict.as_str()), (3, "article"));
}

#[test]
fn daemon_writes_what_there_is_where_a_page_will_not_come() {
    let site = site(Reply::new(404, "text/html", ""));
    let here = home(&site);
    let run = run_in(&here, &["run", "--once"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let (text, verdict) = written(&here);
    assert_eq!((parts(&text), verdict.as_str()), (2, "truncated"));
    assert!(run.stderr.contains("a page of the article is missing") && run.stderr.contains("/3"), "{}", run.stderr);
}

#[test]
fn daemon_comes_back_for_a_page_that_fails_for_a_passing_reason() {
    let site = site(Reply::new(500, "text/html", ""));
    let here = home(&site);
    let run = run_in(&here, &["run", "--once"]);
    assert!(run.stdout.contains("0 written") && run.stdout.contains("1 queued"), "{run:?}");
    assert!(run.stderr.contains("page failed, comes back") && run.stderr.contains("/3"), "{}", run.stderr);
}
