//! One article is one file, whatever its feed does with ids, titles, order and dates.

use crate::home::Home;
use crate::support::{Reply, STORIES, Site, Story};
use gleaner::crawl::Summary;

/// An item as the feed has it: path, id, title, date.
struct Item {
    path: String,
    id: Option<String>,
    title: String,
    date: Option<String>,
}

fn item(story: &Story) -> Item {
    Item { path: story.path(), id: None, title: story.title.to_owned(), date: Some(story.rfc2822()) }
}

fn feed(site: &Site, items: &[Item]) -> Reply {
    let line = |item: &Item| {
        let id = item.id.as_ref().map_or(String::new(), |id| format!("<guid isPermaLink=\"false\">{id}</guid>"));
        let date = item.date.as_ref().map_or(String::new(), |date| format!("<pubDate>{date}</pubDate>"));
        format!("<item><title>{}</title><link>{}</link>{id}{date}</item>", item.title, site.url(&item.path))
    };
    let items: String = items.iter().map(line).collect();
    Reply::rss(format!("<rss version=\"2.0\"><channel><title>The Harbour Courier</title>{items}</channel></rss>"))
}

/// Announces these one poll after the other; gives what each run wrote.
async fn written(site: &Site, home: &Home, polls: Vec<Vec<Item>>) -> Vec<u64> {
    let mut written = vec![];
    for items in polls {
        site.put("/feed.rss", feed(site, &items));
        written.push(home.once().await.written);
        home.assert_consistent();
    }
    written
}

fn with_ids(stories: &[Story], id: impl Fn(usize) -> String) -> Vec<Item> {
    stories.iter().map(|story| Item { id: Some(id(story.index())), ..item(story) }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn feed_that_flips_shares_or_drops_its_ids_writes_nothing_twice_and_loses_nothing() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    let stories = &STORIES[..4];
    let polls = vec![
        with_ids(stories, |at| format!("urn:story:{at}")),
        with_ids(stories, |at| format!("urn:story:{}", 3 - at)),
        with_ids(stories, |_| "the same for all".to_owned()),
        with_ids(&STORIES[..6], |_| "the same for all".to_owned()),
        // A number that counts from the top: each newer story takes the number of the one before.
        with_ids(&STORIES[..7], |at| at.to_string()),
        with_ids(&STORIES[1..8], |at| (at - 1).to_string()),
        STORIES[..8].iter().map(item).collect(),
    ];
    assert_eq!(written(&site, &home, polls).await, [4, 0, 0, 2, 1, 1, 0]);
    assert_eq!(home.count(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_titles_and_dates_another_order_and_repetition_write_nothing() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    let stories = &STORIES[..4];
    let edited = |story: &Story| Item {
        title: format!("UPDATE: {}", story.title),
        date: Some("24 Dec 2026 00:00:00 +0000".to_owned()),
        ..item(story)
    };
    let polls = vec![
        stories.iter().map(item).collect(),
        stories.iter().map(edited).collect(),
        stories.iter().rev().map(item).collect(),
        stories.iter().chain(stories).chain(stories).map(item).collect(),
        stories.iter().map(|story| Item { date: None, ..item(story) }).collect(),
    ];
    assert_eq!(written(&site, &home, polls).await, [4, 0, 0, 0, 0]);
    let asked: usize = stories.iter().map(|story| site.asked(&story.path())).sum();
    assert_eq!(asked, 4, "what is known is not asked for again");
}

#[tokio::test(flavor = "multi_thread")]
async fn article_whose_url_changes_with_its_title_is_the_same_by_its_id_and_date() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    let named = |path: &str| Item { path: path.to_owned(), id: Some("urn:story:1".into()), ..item(&STORIES[0]) };
    site.put("/new-slug", Reply::html(STORIES[0].page()));
    let polls =
        vec![vec![named(&STORIES[0].path())], vec![Item { title: "Boats are back".into(), ..named("/new-slug") }]];
    assert_eq!(written(&site, &home, polls).await, [1, 0]);
    assert_eq!(site.asked("/new-slug"), 0);
    // The same id with another date is another article.
    let other = Item { date: Some(STORIES[1].rfc2822()), ..named(&STORIES[1].path()) };
    assert_eq!(written(&site, &home, vec![vec![other]]).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn article_that_moved_before_it_could_be_read_is_read_where_it_is_now() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    let named = |path: &str| Item { path: path.to_owned(), id: Some("urn:story:1".into()), ..item(&STORIES[0]) };
    site.put(&STORIES[0].path(), Reply::status(404));
    site.put("/new-slug", Reply::html(STORIES[0].page()));
    let polls = vec![vec![named(&STORIES[0].path())], vec![named("/new-slug")]];
    assert_eq!(written_or_not(&site, &home, polls).await, [(0, 1), (1, 0)]);
}

async fn written_or_not(site: &Site, home: &Home, polls: Vec<Vec<Item>>) -> Vec<(u64, u64)> {
    let mut done = vec![];
    for items in polls {
        site.put("/feed.rss", feed(site, &items));
        let Summary { written, failed, .. } = home.once().await;
        done.push((written, failed));
    }
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn feed_under_any_label_is_read() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    for (at, label) in
        ["text/html", "text/plain; charset=iso-8859-1", "application/octet-stream", "image/png"].into_iter().enumerate()
    {
        let feed = Reply { content_type: label, ..Reply::rss(site.feed(&STORIES[at..=at])) };
        site.put("/feed.rss", feed);
        assert_eq!(home.once().await.written, 1, "{label}");
    }
}
