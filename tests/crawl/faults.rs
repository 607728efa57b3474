//! Matrix C of the study, rows 6, 7, 8 and 10: one host fails in every way, and the others do not notice. Each check ends
//! with the files: whole ones of the others, none of the fault.

use crate::home::Home;
use crate::support::{Reply, STORIES, Site};
use gleaner::crawl::Summary;
use std::time::{Duration, Instant};

/// Short patience, so that a fault shows within seconds.
const IMPATIENT: &str = "connect_timeout_s = 1\nidle_timeout_s = 2\ntotal_timeout_s = 3";

/// A host with one page, which fails, beside a host with fourteen that do not.
struct Pair {
    faulty: Site,
    well: Site,
    home: Home,
}

impl Pair {
    fn new(page: impl Fn(&Site) -> Reply) -> Self {
        let (faulty, well) = (Site::start_at("127.0.0.4:0"), Site::with_stories());
        faulty.put("/feed.rss", Reply::rss(faulty.feed(&STORIES[..1])));
        faulty.put(&STORIES[0].path(), page(&faulty));
        let home = Home::polling(&[faulty.url("/feed.rss"), well.url("/feed.rss")], IMPATIENT);
        Self { faulty, well, home }
    }

    /// Runs once; all that is well is written, within `most` of the start, and nothing else.
    async fn run(&self, most: Duration) -> Summary {
        let began = Instant::now();
        let summary = self.home.once().await;
        assert_eq!(summary.written, 14, "{summary}");
        let last = STORIES.iter().flat_map(|story| self.well.times(&story.path())).max().unwrap();
        assert!(last.duration_since(began) < most, "the others were held up: {:?}", last.duration_since(began));
        assert_eq!((self.home.count_of("127.0.0.1"), self.home.count()), (14, 14));
        self.home.assert_consistent();
        summary
    }
}

/// What the head of a page says that never comes whole.
const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9000\r\n\r\n<html><body><p>The first";

#[tokio::test(flavor = "multi_thread")]
async fn page_that_drips_or_stalls_costs_its_own_host_the_time_alone() {
    let second = Duration::from_secs(1);
    let drip = |_: &Site| (0..20).fold(Reply::raw(HEAD), |reply, _| reply.then(second, "x"));
    let stall = |_: &Site| Reply::raw(HEAD).then(20 * second, "too late");
    let flood = |_: &Site| {
        (0..2000).fold(Reply::raw(""), |reply, _| reply.then(second / 100, "HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n"))
    };
    for (name, pair) in [("drip", Pair::new(drip)), ("stall", Pair::new(stall)), ("flood", Pair::new(flood))] {
        let began = Instant::now();
        let summary = pair.run(Duration::from_secs(6)).await;
        assert_eq!((summary.queued, summary.failed), (1, 0), "{name}: {summary}");
        assert_eq!(pair.faulty.asked(&STORIES[0].path()), 2, "{name}");
        assert!(began.elapsed() < Duration::from_secs(12), "{name}: {:?} for two attempts of 3 s", began.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_without_an_end_and_to_where_nobody_may_go_fail_once_and_write_nothing() {
    // The feed's link has a query that the redirects have not, so that a circle is one request longer.
    let circle = |_: &Site| Reply::redirect(302, &STORIES[0].path());
    let there_and_back = |site: &Site| {
        site.put("/back", Reply::redirect(302, &STORIES[0].path()));
        Reply::redirect(302, "/back")
    };
    let eleven = |site: &Site| {
        (1..20).for_each(|hop| site.put(&format!("/{hop}"), Reply::redirect(302, &format!("/{}", hop + 1))));
        Reply::redirect(302, "/1")
    };
    let to_file = |_: &Site| Reply::redirect(302, "file:///etc/hostname");
    let to_private = |_: &Site| Reply::redirect(302, "http://169.254.169.254/latest");
    for (name, pair, most) in [
        ("circle", Pair::new(circle), 2),
        ("there and back", Pair::new(there_and_back), 3),
        ("eleven", Pair::new(eleven), 11),
        ("file", Pair::new(to_file), 1),
        ("private", Pair::new(to_private), 1),
    ] {
        let summary = pair.run(Duration::from_secs(10)).await;
        assert_eq!((summary.failed, summary.queued), (1, 0), "{name}: {summary}");
        let asked = pair.faulty.asked_in_all() - pair.faulty.asked("/feed.rss");
        assert!((1..=most).contains(&asked), "{name}: {asked} requests");
        pair.home.once().await;
        assert_eq!(pair.faulty.asked_in_all() - pair.faulty.asked("/feed.rss"), asked, "{name}: final");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn body_that_is_cut_short_is_asked_for_again_and_nothing_of_it_is_kept() {
    let pair = Pair::new(|_| Reply::raw(HEAD));
    let summary = pair.run(Duration::from_secs(10)).await;
    assert_eq!((summary.queued, summary.failed), (1, 0), "{summary}");
    assert_eq!(pair.faulty.asked(&STORIES[0].path()), 2);
    assert!(!pair.home.manifest().iter().any(|line| line.to_string().contains("127.0.0.4")));
}

#[tokio::test(flavor = "multi_thread")]
async fn page_that_nobody_knows_the_end_of_is_asked_for_twice_then_written_and_marked() {
    let site = Site::with_stories();
    let page = STORIES[0].page();
    let end = page.find("</article>").unwrap();
    site.put(
        &STORIES[0].path(),
        Reply::raw(format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{}", &page[..end])),
    );
    let home = Home::of(&site);
    assert_eq!(home.once().await.written, 14);
    assert_eq!(site.asked(&STORIES[0].path()), 2);
    for line in home.manifest() {
        let expected = if line["title"] == STORIES[0].title { "truncated" } else { "article" };
        assert_eq!(line["verdict"], expected, "{line}");
    }
    home.assert_consistent();
}
