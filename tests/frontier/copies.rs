//! Copies: who was first with a text is decided once, and holds until nothing comes of it.

use crate::{at, claim_one, options, page, written};
use gleaner::article::Verdict;
use gleaner::fingerprint::Fingerprint;
use gleaner::frontier::{Frontier, Key, Lease, Likeness, Outcome, SqliteFrontier, United};
use tempfile::TempDir;
use url::Url;

fn likeness(of: &str) -> Likeness {
    let words: Vec<String> = (0..200).map(|number| format!("{of}{number}")).collect();
    Likeness { fingerprint: Fingerprint::of(&words.join(" ")).unwrap(), is_whole: true }
}

fn key(url: &str) -> Key {
    Key::of(&Url::parse(url).unwrap())
}

const FIRST: &str = "http://a.test/1";

async fn opened() -> (TempDir, SqliteFrontier) {
    let folder = tempfile::tempdir().unwrap();
    let frontier = SqliteFrontier::open(&options(folder.path())).unwrap();
    frontier.offer(&[page(FIRST), page("http://b.test/1"), page("http://c.test/1")], at(0)).await.unwrap();
    (folder, frontier)
}

async fn ask(frontier: &SqliteFrontier, lease: &Lease, text: Likeness) -> United {
    frontier.unite(lease, &[], None, Some(&text)).await.unwrap()
}

#[tokio::test]
async fn first_stays_first_and_copies_stay_copies_also_after_a_new_start() {
    let (folder, frontier) = opened().await;
    let first = claim_one(&frontier, at(0)).await;
    assert_eq!(ask(&frontier, &first, likeness("heron")).await, United::Alone);
    let copy = claim_one(&frontier, at(0)).await;
    assert_eq!(ask(&frontier, &copy, likeness("heron")).await, United::CopyOf(key(FIRST)), "though it is not written");
    drop(frontier);
    let frontier = SqliteFrontier::open(&options(folder.path())).unwrap();
    let (first, copy) = (claim_one(&frontier, at(1)).await, claim_one(&frontier, at(1)).await);
    // It was edited meanwhile; what was decided holds.
    assert_eq!(ask(&frontier, &copy, likeness("otter")).await, United::CopyOf(key(FIRST)));
    assert_eq!(ask(&frontier, &first, likeness("heron")).await, United::Alone);
    let other = claim_one(&frontier, at(1)).await;
    assert_eq!(ask(&frontier, &other, likeness("otter")).await, United::Alone, "a text of its own");
}

#[tokio::test]
async fn copy_that_was_left_out_comes_back_when_the_first_comes_to_nothing() {
    let outcomes = [Outcome::Failed { cause: "gone".into() }, Outcome::NoArticle { verdict: Verdict::Empty }];
    for outcome in outcomes {
        let (_folder, frontier) = opened().await;
        let (first, copy) = (claim_one(&frontier, at(0)).await, claim_one(&frontier, at(0)).await);
        ask(&frontier, &first, likeness("heron")).await;
        let found = ask(&frontier, &copy, likeness("heron")).await;
        assert_eq!(found, United::CopyOf(key(FIRST)));
        frontier.finish(copy, Outcome::Copy { page: first.key }, at(0)).await.unwrap();
        frontier.finish(first, outcome, at(1)).await.unwrap();
        let leases = frontier.claim(9, at(1)).await.unwrap();
        let copy =
            leases.iter().find(|lease| lease.url.as_str() == "http://b.test/1").expect("it is fetched once more");
        assert_eq!(ask(&frontier, copy, likeness("heron")).await, United::Alone, "the first one now");
    }
}

#[tokio::test]
async fn copy_of_a_written_page_is_final() {
    let (_folder, frontier) = opened().await;
    let (first, copy) = (claim_one(&frontier, at(0)).await, claim_one(&frontier, at(0)).await);
    ask(&frontier, &first, likeness("heron")).await;
    ask(&frontier, &copy, likeness("heron")).await;
    let page_of_first = first.key;
    frontier.finish(first, written(), at(0)).await.unwrap();
    frontier.finish(copy, Outcome::Copy { page: page_of_first }, at(0)).await.unwrap();
    assert_eq!(frontier.claim(9, at(9)).await.unwrap().len(), 1, "the third page alone");
    assert_eq!(frontier.offer(&[page("http://b.test/1")], at(9)).await.unwrap(), 0, "known");
}

#[tokio::test]
async fn nothing_is_a_copy_of_an_article_that_is_not_whole() {
    let (_folder, frontier) = opened().await;
    let cut = Likeness { is_whole: false, ..likeness("heron") };
    let (first, second) = (claim_one(&frontier, at(0)).await, claim_one(&frontier, at(0)).await);
    assert_eq!(ask(&frontier, &first, cut).await, United::Alone);
    assert_eq!(ask(&frontier, &second, likeness("heron")).await, United::Alone);
    let third = claim_one(&frontier, at(0)).await;
    assert_eq!(ask(&frontier, &third, cut).await, United::CopyOf(second.key), "the whole one is there");
}
