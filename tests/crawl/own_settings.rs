//! What a feed wants for its own articles, in the place of what holds for all.

use crate::home::Home;
use crate::support::{Reply, STORIES, Site};
use gleaner::extract::{Extractor, Level, Options};
use gleaner::page::Page;
use gleaner::render;
use std::fs;

/// A list that is kept or not according to the level.
const DOUBTFUL: &str = "<ul><li>The pier has 12 feet</li><li>A cart: two pence</li></ul>";

/// A page of a story with [`DOUBTFUL`] behind its text.
fn page(story: usize) -> String {
    STORIES[story].page().replace("</div>\n</article>", &format!("{DOUBTFUL}</div>\n</article>"))
}

/// A site with two feeds of two stories each, and a home that polls the first as `own` says.
fn two_feeds(own: &str) -> (Site, Home) {
    let site = Site::with_stories();
    (0..4).for_each(|story| site.put(&STORIES[story].path(), Reply::html(page(story))));
    site.put("/feed.rss", Reply::rss(site.feed(&STORIES[..2])));
    site.put("/other.rss", Reply::rss(site.feed(&STORIES[2..4])));
    let home = Home::polling(&[site.url("/feed.rss")], "");
    let config = fs::read_to_string(home.config()).unwrap();
    let other = format!("[[feed]]\nurl = \"{}\"\nlevel = \"generous\"\n[raw]\nkeep = true\n", site.url("/other.rss"));
    fs::write(home.config(), format!("{config}{own}{other}")).unwrap();
    (site, home)
}

#[tokio::test(flavor = "multi_thread")]
async fn level_and_front_matter_are_those_of_the_feed_also_when_texts_are_written_again() {
    let (site, home) = two_feeds("level = \"strict\"\nfront_matter = true\n");
    assert_eq!(home.once().await.written, 4);
    let extractor = Extractor::new(&Options::default()).unwrap();
    let text_at = |level: Level, story: usize| {
        let mut page = Page::from_bytes(page(story).into_bytes());
        page.url = site.url(&STORIES[story].path()).parse().ok();
        render::text(&extractor.at(level).extract(&page).article)
    };
    assert_ne!(text_at(Level::Strict, 0), text_at(Level::Generous, 0), "the page leaves no doubt");
    for (path, text) in home.texts() {
        let story = STORIES.iter().position(|story| path.contains(&story.date())).unwrap();
        let (level, front_matter) = if story < 2 { (Level::Strict, true) } else { (Level::Generous, false) };
        assert_eq!(text.starts_with("---\ntitle: "), front_matter, "{path}");
        assert!(text.ends_with(&text_at(level, story)), "{path}: {text}");
    }
    let (code, said) = home.command(&["reextract", "-q"]);
    assert!(code == Some(0) && said.contains("0 changed, 4 the same"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn manifest_says_which_feed_announced_an_article_and_under_what_name() {
    let (site, home) = two_feeds("");
    home.once().await;
    let manifest = home.manifest();
    let of_first = manifest.iter().filter(|line| line["feed"] == site.url("/feed.rss"));
    assert_eq!(of_first.count(), 2);
    let names: std::collections::BTreeSet<_> = manifest.iter().map(|line| line["entry"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 4);
}
