//! Walls are never written and come back; articles that a paywall cuts are written or not, as the configuration says.

use crate::home::Home;
use crate::support::{Reply, STORIES, Site, Story};
use gleaner::frontier::{Frontier, Outcome};
use jiff::{SignedDuration, Timestamp};

const BOT_WALL: &str = "<html><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1>\
    <p>Please verify you are human to continue.</p></body></html>";

const CONSENT: &str = "<html><head><title>The Harbour Courier</title></head><body><h1>We value your privacy</h1>\
    <p>We and our partners store cookies on your device.</p><button>Reject all</button></body></html>";

#[tokio::test(flavor = "multi_thread")]
async fn page_behind_a_wall_is_not_written_and_comes_back_when_the_wall_is_gone() {
    for wall in [BOT_WALL, CONSENT] {
        let site = Site::with_stories();
        site.put(&STORIES[3].path(), Reply::html(wall));
        let home = Home::of(&site);
        let summary = home.once().await;
        assert_eq!((summary.written, summary.queued, summary.not_articles), (13, 1, 0), "{summary}");
        assert_eq!(site.asked(&STORIES[3].path()), 1, "no second try at once");
        assert!(!home.texts().values().any(|text| text.contains("privacy") || text.contains("human")));
        home.assert_consistent();

        // Another day.
        site.put(&STORIES[3].path(), Reply::html(STORIES[3].page()));
        let frontier = home.store();
        let feed = frontier.claim(1, Timestamp::MAX).await.unwrap().remove(0);
        frontier.finish(feed, Outcome::Unchanged { next: Timestamp::MAX }, Timestamp::now()).await.unwrap();
        let tomorrow = Timestamp::now().checked_add(SignedDuration::from_hours(24)).unwrap();
        let page = frontier.claim(1, tomorrow).await.unwrap().remove(0);
        assert_eq!((page.url.path(), page.attempt), (STORIES[3].path().as_str(), 2));
        frontier.finish(page, Outcome::Deferred { next: Timestamp::now() }, Timestamp::now()).await.unwrap();
        drop(frontier);
        assert_eq!(home.once().await.written, 1);
    }
}

/// A story whose page is cut off after two paragraphs, as its publisher says.
pub(crate) fn cut_by_a_paywall(story: &Story) -> Reply {
    let page = story.page();
    let cut = page.find(&format!("<p>{}", story.paragraphs()[2])).unwrap();
    let end = page.find("</div>\n</article>").unwrap();
    let prompt = "<div class=\"paywall\"><h3>Subscribe to continue reading</h3>\
        <p>Already a subscriber? Log in.</p></div>";
    let data = "<script type=\"application/ld+json\">{\"@context\":\"https://schema.org\",\"@type\":\"NewsArticle\",\
        \"isAccessibleForFree\":false}</script></head>";
    Reply::html(format!("{}{prompt}{}", &page[..cut], &page[end..]).replace("</head>", data))
}

/// A site of which one article is.
fn with_a_paywall() -> Site {
    let site = Site::with_stories();
    site.put(&STORIES[6].path(), cut_by_a_paywall(&STORIES[6]));
    site
}

#[tokio::test(flavor = "multi_thread")]
async fn article_cut_by_a_paywall_is_written_and_marked() {
    let site = with_a_paywall();
    let home = Home::of(&site);
    home.configure(&site, "[output]\nfront_matter = true");
    assert_eq!(home.once().await.written, 14);
    let verdicts: Vec<_> = home.manifest().into_iter().filter(|line| line["verdict"] == "truncated").collect();
    assert_eq!(verdicts.len(), 1);
    assert_eq!(verdicts[0]["title"], STORIES[6].title);
    let texts = home.texts();
    let text = &texts[verdicts[0]["path"].as_str().unwrap()];
    assert!(text.contains("\nverdict: truncated\n") && !text.contains("Subscribe to continue"), "{text}");
    assert_eq!(texts.values().filter(|text| text.contains("verdict:")).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn article_cut_by_a_paywall_is_skipped_where_the_configuration_says_so() {
    let site = with_a_paywall();
    let home = Home::of(&site);
    home.configure(&site, "[output]\ntruncated = \"skip\"");
    let summary = home.once().await;
    assert_eq!((summary.written, summary.not_articles, summary.queued), (13, 1, 0), "{summary}");
    home.once().await;
    assert_eq!(site.asked(&STORIES[6].path()), 1, "known by now");
    home.assert_consistent();
}
