//! One article under several URLs is one page.

use crate::{at, claim_one, page, written};
use gleaner::frontier::{Frontier, Key, Lease, Name, Offer, Outcome, RelativePath, United};
use url::Url;

const HERON: Option<&str> = Some("Herons nest on the weir");

fn led_to(url: &str) -> Name {
    Name { url: Url::parse(url).unwrap(), is_sure: true }
}

fn canonical(url: &str) -> Name {
    Name { is_sure: false, ..led_to(url) }
}

fn key(url: &str) -> Key {
    Key::of(&Url::parse(url).unwrap())
}

async fn leased(frontier: &impl Frontier, url: &str) -> Lease {
    assert_eq!(frontier.offer(&[page(url)], at(0)).await.unwrap(), 1, "{url} is new");
    claim_one(frontier, at(0)).await
}

/// Writes the page at `url`, known as `names` too.
async fn write(frontier: &impl Frontier, url: &str, names: &[Name], title: Option<&str>) {
    let lease = leased(frontier, url).await;
    assert_eq!(frontier.unite(&lease, names, title, None).await.unwrap(), United::Alone);
    frontier.finish(lease, written(), at(1)).await.unwrap();
}

pub(crate) async fn page_written_under_its_redirects_end_is_known_there(frontier: impl Frontier) {
    write(&frontier, "http://a.test/short", &[led_to("http://a.test/long")], HERON).await;
    let titled = Offer { title: Some("Heron news".into()), ..page("http://a.test/long?utm_source=x") };
    assert_eq!(frontier.offer(&[titled], at(2)).await.unwrap(), 0, "whatever a feed calls it");
}

pub(crate) async fn page_that_waits_under_a_name_of_a_written_one_is_taken_off(frontier: impl Frontier) {
    let lease = leased(&frontier, "http://a.test/amp/1").await;
    let titled = |url, title: &str| Offer { title: Some(title.into()), ..page(url) };
    let offers = [titled("http://a.test/1", "HERONS nest on the weir!"), titled("http://a.test/2", "Something else")];
    frontier.offer(&offers, at(0)).await.unwrap();
    let names = [canonical("http://a.test/1"), canonical("http://a.test/2")];
    assert_eq!(frontier.unite(&lease, &names, HERON, None).await.unwrap(), United::Alone);
    frontier.finish(lease, written(), at(1)).await.unwrap();
    assert_eq!(claim_one(&frontier, at(1)).await.url.path(), "/2", "another title is another article");
    assert_eq!(frontier.standing().await.unwrap().queued_pages, 0);
}

pub(crate) async fn page_led_to_a_written_one_is_the_same(frontier: impl Frontier) {
    write(&frontier, "http://a.test/long", &[], HERON).await;
    let lease = leased(&frontier, "http://a.test/short").await;
    let united =
        frontier.unite(&lease, &[led_to("http://a.test/long")], Some("Title that was edited"), None).await.unwrap();
    assert_eq!(united, United::With(key("http://a.test/long")));
}

pub(crate) async fn canonical_name_of_another_title_joins_nothing(frontier: impl Frontier) {
    // A site that calls its front page canonical everywhere.
    write(&frontier, "http://a.test/1", &[canonical("http://a.test/news")], HERON).await;
    let lease = leased(&frontier, "http://a.test/2").await;
    let united =
        frontier.unite(&lease, &[canonical("http://a.test/news")], Some("Otters move in"), None).await.unwrap();
    assert_eq!(united, United::Alone);
    frontier.finish(lease, written(), at(1)).await.unwrap();
    let other = Offer { title: Some("Today's news".into()), ..page("http://a.test/news") };
    assert_eq!(frontier.offer(&[other], at(2)).await.unwrap(), 1);
}

pub(crate) async fn canonical_name_of_the_same_title_joins(frontier: impl Frontier) {
    write(&frontier, "http://a.test/1", &[canonical("http://a.test/canonical")], HERON).await;
    let lease = leased(&frontier, "http://a.test/amp/1").await;
    let united = frontier.unite(&lease, &[canonical("http://a.test/canonical")], HERON, None).await.unwrap();
    assert_eq!(united, United::With(key("http://a.test/1")));
    let by_its_own_url = frontier.unite(&lease, &[canonical("http://a.test/1")], HERON, None).await.unwrap();
    assert_eq!(by_its_own_url, United::With(key("http://a.test/1")));
}

pub(crate) async fn page_at_work_under_the_name_decides_first(frontier: impl Frontier) {
    let long = leased(&frontier, "http://a.test/long").await;
    let short = leased(&frontier, "http://b.test/short").await;
    let names = [led_to("http://a.test/long")];
    assert_eq!(frontier.unite(&short, &names, HERON, None).await.unwrap(), United::Undecided);
    frontier.finish(long, Outcome::Failed { cause: "410".into() }, at(1)).await.unwrap();
    assert_eq!(frontier.unite(&short, &names, HERON, None).await.unwrap(), United::Alone);
}

pub(crate) async fn page_that_a_killed_run_may_have_written_decides_first(frontier: impl Frontier) {
    let short = leased(&frontier, "http://a.test/short").await;
    frontier.unite(&short, &[led_to("http://a.test/long")], HERON, None).await.unwrap();
    frontier.place(&short, &RelativePath::of_parts(&["x"])).await.unwrap();
    // Killed; the lease runs out.
    frontier.finish(short, Outcome::Deferred { next: at(10) }, at(1)).await.unwrap();
    let titled = Offer { title: Some("Other".into()), ..page("http://b.test/again") };
    frontier.offer(&[titled], at(1)).await.unwrap();
    let again = claim_one(&frontier, at(1)).await;
    let names = [led_to("http://a.test/long")];
    assert_eq!(frontier.unite(&again, &names, HERON, None).await.unwrap(), United::Undecided);
    let short = claim_one(&frontier, at(10)).await;
    assert_eq!(frontier.unite(&short, &names, HERON, None).await.unwrap(), United::Alone);
    frontier.finish(short, written(), at(11)).await.unwrap();
    assert_eq!(frontier.unite(&again, &names, HERON, None).await.unwrap(), United::With(key("http://a.test/short")));
}

pub(crate) async fn page_that_failed_gives_its_names_back(frontier: impl Frontier) {
    let lease = leased(&frontier, "http://a.test/short").await;
    frontier.unite(&lease, &[led_to("http://a.test/long")], HERON, None).await.unwrap();
    frontier.finish(lease, Outcome::Failed { cause: "410".into() }, at(1)).await.unwrap();
    assert_eq!(frontier.offer(&[page("http://a.test/long")], at(2)).await.unwrap(), 1);
}

pub(crate) async fn copy_that_is_found_is_final_and_known(frontier: impl Frontier) {
    write(&frontier, "http://a.test/long", &[], HERON).await;
    let lease = leased(&frontier, "http://a.test/short").await;
    frontier.finish(lease, Outcome::Same { page: key("http://a.test/long") }, at(1)).await.unwrap();
    assert_eq!(frontier.offer(&[page("http://a.test/short")], at(2)).await.unwrap(), 0);
    assert!(frontier.claim(9, at(1_000_000)).await.unwrap().is_empty());
}
