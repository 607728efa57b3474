//! Articles on several pages, against a server on loopback: what is fetched, what is refused, what comes of it.
#![cfg(feature = "crawl")]
#![allow(clippy::unwrap_used, reason = "a panic in a test is a failure that names its line")]

mod loopback;

use gleaner::article::Verdict;
use gleaner::crawl::{Link, Reach, Reader, Reading, headers_for};
use gleaner::extract::{Extractor, Options, SiteRules};
use gleaner::fetch::{FetchOptions, Fetched, Fetcher, Request};
use gleaner::render;
use loopback::{Reply, Server, options};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

const RULES: &str = "body: //article\nnext_page_link: //a[@class='next']\nsingle_page_link: //a[@class='print']";

/// Two paragraphs that stand on page `number` alone.
fn paragraphs(number: usize) -> [String; 2] {
    let places = ["harbour", "mill", "bridge", "lighthouse", "quarry", "weir"];
    let place = places[number % places.len()];
    [
        format!(
            "On day {number} the survey came to the {place}, where the engineers measured every wall twice and wrote \
             down what the winter had done to it."
        ),
        format!(
            "The council will hear of the {place} in its next session, said the surveyor, who wants to be done with \
             all {number} of them before the snow comes."
        ),
    ]
}

const STANDFIRST: &str =
    "For three years nobody looked after the old walls of the town; now a survey goes from one to the next.";

/// Page `number` of the article, with links of the given classes.
fn page(number: usize, links: &[(&str, &str)]) -> String {
    let [first, second] = paragraphs(number);
    let links: String =
        links.iter().map(|(class, url)| format!(r#"<a class="{class}" href="{url}">On</a> "#)).collect();
    format!(
        r#"<html lang="en"><head><title>Survey of the old walls</title><meta name="author" content="Vera Holm"></head>
        <body><nav><a href="/">Home</a> <a href="/news">News</a></nav><article><h1>Survey of the old walls</h1>
        <p>{STANDFIRST}</p><p>{first}</p><p>{second}</p></article><div class="pager">{links}</div>
        <footer><p>© 2026 The Harbour Post</p></footer></body></html>"#
    )
}

/// The text of an article that has these pages.
fn text(pages: &[usize]) -> String {
    let paragraphs = pages.iter().flat_map(|number| paragraphs(*number));
    let blocks: Vec<String> = [STANDFIRST.to_owned()].into_iter().chain(paragraphs).collect();
    format!("Survey of the old walls\n\n{}\n", blocks.join("\n\n"))
}

fn extractor(rules: &str) -> Arc<Extractor> {
    let mut sites = SiteRules::default();
    assert!(sites.add_file("127.0.0.1.txt", rules).is_empty());
    Arc::new(Extractor::new(&Options { sites: Arc::new(sites), ..Options::default() }).unwrap())
}

/// Reads the article at `/1` of a server, as the daemon does.
async fn read_within(server: &Server, options: &FetchOptions, reach: Reach, patience: Duration) -> Reading {
    let (extractor, fetcher) = (extractor(RULES), Arc::new(Fetcher::new(options).unwrap()));
    let request =
        Request { headers: headers_for(extractor.sites(), &server.url("/1")), ..Request::page(server.url("/1")) };
    let Fetched::Page { page, .. } = fetcher.fetch(&request).await.unwrap() else { panic!("no page") };
    let reader = Reader::new(fetcher, true, reach);
    reader.read(&extractor, page, Instant::now() + patience).await.unwrap()
}

async fn read(server: &Server) -> Reading {
    read_within(server, &options(), Reach::default(), Duration::from_secs(60)).await
}

/// A server whose `/1`, `/2` ... have the links that `links` gives for their number; all else is missing.
async fn serving(links: impl Fn(usize) -> Vec<(&'static str, String)> + Send + Sync + 'static) -> Server {
    Server::start(move |asked| match asked.target[1..].parse() {
        Ok(number) => {
            let links = links(number);
            let links: Vec<(&str, &str)> = links.iter().map(|(class, url)| (*class, url.as_str())).collect();
            Reply::html(&page(number, &links))
        }
        Err(_) => Reply::not_found(),
    })
    .await
}

fn next(url: impl Into<String>) -> Vec<(&'static str, String)> {
    vec![("next", url.into())]
}

fn rendered(reading: &Reading) -> String {
    render::text(&reading.extraction.article)
}

/// The article is cut short after `pages`, and said to be for a reason that has `word` in it.
fn assert_cut(reading: &Reading, pages: &[usize], word: &str) {
    assert_eq!(rendered(reading), text(pages));
    assert_eq!(reading.extraction.verdict, Verdict::Truncated);
    let missing = reading.shortfall.as_ref().unwrap();
    assert_eq!(missing.link, Link::NextPage);
    assert!(missing.to_string().starts_with("next_page_link: http") && missing.to_string().contains(word), "{missing}");
}

#[tokio::test]
async fn article_on_three_pages_becomes_one_text() {
    let server = serving(|number| if number < 3 { next(format!("/{}", number + 1)) } else { vec![] }).await;
    let reading = read(&server).await;
    assert_eq!(rendered(&reading), text(&[1, 2, 3]));
    assert_eq!(reading.extraction.verdict, Verdict::Article);
    assert!(reading.shortfall.is_none());
    assert_eq!(reading.pages, [server.url("/2"), server.url("/3")]);
    assert_eq!(reading.extraction.article.metadata.authors, ["Vera Holm"]);
    let again = reading.extraction.removals.iter().filter(|removal| removal.rule == "duplicate:page");
    assert_eq!(again.map(|removal| removal.text.as_str()).collect::<Vec<_>>(), [STANDFIRST; 2]);
    assert_eq!(server.targets(), ["/robots.txt", "/1", "/2", "/3"]);
}

#[tokio::test]
async fn last_page_may_be_too_short_to_be_an_article() {
    let end = "The last wall is to be measured tomorrow.";
    let menu: String =
        (0..40).map(|number| format!(r#"<li><a href="/{number}">Street number {number}</a></li>"#)).collect();
    let head = format!("<html lang=en><title>Survey of the old walls</title><nav><ul>{menu}</ul></nav>");
    let server = Server::start(move |asked| match asked.target.as_str() {
        "/1" => Reply::html(&page(1, &[("next", "/2")])),
        "/2" => Reply::html(&format!("{head}<article><p>{end}</p></article>")),
        _ => Reply::not_found(),
    })
    .await;
    let reading = read(&server).await;
    assert_eq!(rendered(&reading), format!("{}\n{end}\n", text(&[1])));
    assert!(reading.shortfall.is_none());
}

#[tokio::test]
async fn links_in_a_circle_end_where_they_began() {
    let server = serving(|number| next(format!("/{}#top", number % 3 + 1))).await;
    let reading = read(&server).await;
    assert_eq!((rendered(&reading), reading.extraction.verdict), (text(&[1, 2, 3]), Verdict::Article));
    assert!(reading.shortfall.is_none());
    assert_eq!(server.targets(), ["/robots.txt", "/1", "/2", "/3"], "no page twice");
}

#[tokio::test]
async fn page_past_the_end_that_shows_the_last_again_is_the_end() {
    // Other URLs and one page, as servers do it that take any number.
    let server = Server::start(|asked| {
        let number: usize = asked.target[1..].parse().unwrap_or(0);
        Reply::html(&page(number.min(2), &[("next", &format!("/{}", number + 1))]))
    })
    .await;
    let reading = read(&server).await;
    assert_eq!((rendered(&reading), reading.pages.len()), (text(&[1, 2]), 1));
    assert!(reading.shortfall.is_none());
}

#[tokio::test]
async fn next_page_on_another_site_is_refused_without_being_asked_for() {
    let elsewhere = Server::start_at("127.0.0.2:0", |_| Reply::html("<p>Somebody else's.</p>")).await;
    let url = elsewhere.url("/2").to_string();
    let reading = read(&serving(move |_| next(url.clone())).await).await;
    assert_cut(&reading, &[1], "another site than the article's");
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn next_page_at_a_private_address_is_refused_also_behind_a_redirect() {
    let reading = read(&serving(|_| next("http://10.0.0.1/2")).await).await;
    assert_cut(&reading, &[1], "http://10.0.0.1/2: not followed");
    let inside = Server::start_at("127.0.0.2:0", |_| Reply::html("<p>Inside.</p>")).await;
    let target = inside.url("/secret").to_string();
    let server = Server::start(move |asked| match asked.target.as_str() {
        "/1" => Reply::html(&page(1, &[("next", "/2")])),
        "/2" => Reply::redirect(302, &target),
        _ => Reply::not_found(),
    })
    .await;
    let own = FetchOptions { allow_private: vec!["127.0.0.1/32".parse().unwrap()], ..options() };
    let reading = read_within(&server, &own, Reach::default(), Duration::from_secs(60)).await;
    assert_cut(&reading, &[1], "refused: 127.0.0.2 is not a global address");
    assert!(inside.asked().is_empty());
}

#[tokio::test]
async fn redirect_to_another_site_is_not_joined() {
    let elsewhere = Server::start_at("127.0.0.2:0", |_| Reply::html(&page(4, &[]))).await;
    let target = elsewhere.url("/4").to_string();
    let server = Server::start(move |asked| match asked.target.as_str() {
        "/1" => Reply::html(&page(1, &[("next", "/2")])),
        "/2" => Reply::redirect(302, &target),
        _ => Reply::not_found(),
    })
    .await;
    assert_cut(&read(&server).await, &[1], "another site than the article's");
}

#[tokio::test]
async fn page_that_robots_txt_forbids_is_not_fetched() {
    let server = Server::start(|asked| match asked.target.as_str() {
        "/robots.txt" => Reply::with(200, &["Content-Type: text/plain"], "User-agent: *\nDisallow: /2\n"),
        "/1" => Reply::html(&page(1, &[("next", "/2")])),
        _ => Reply::html(&page(2, &[])),
    })
    .await;
    assert_cut(&read(&server).await, &[1], "robots.txt");
    assert_eq!(server.targets(), ["/robots.txt", "/1"]);
}

#[tokio::test]
async fn failing_page_leaves_what_there_is_and_says_whether_it_may_come() {
    for (status, may_pass) in [(500, true), (404, false)] {
        let server = Server::start(move |asked| match asked.target.as_str() {
            "/1" => Reply::html(&page(1, &[("next", "/2")])),
            "/2" => Reply::html(&page(2, &[("next", "/3")])),
            "/3" => Reply::with(status, &[], ""),
            _ => Reply::not_found(),
        })
        .await;
        let reading = read(&server).await;
        assert_cut(&reading, &[1, 2], &format!("/3: HTTP status {status}"));
        assert_eq!(reading.shortfall.unwrap().cause.may_pass(), may_pass, "{status}");
    }
}

#[tokio::test]
async fn pages_bytes_and_time_are_bounded() {
    let server = serving(|number| next(format!("/{}", number + 1))).await;
    let options = options();
    let within = |reach, patience| read_within(&server, &options, reach, patience);
    let minute = Duration::from_secs(60);
    assert_cut(
        &within(Reach { pages: 3, ..Reach::default() }, minute).await,
        &[1, 2, 3],
        "/4: not followed: more than 3 pages",
    );
    let two_pages = page(1, &[("next", "/2")]).len() * 5 / 2;
    assert_cut(
        &within(Reach { bytes: two_pages, ..Reach::default() }, minute).await,
        &[1, 2],
        "/3: not taken: all pages",
    );
    assert_cut(&within(Reach::default(), Duration::ZERO).await, &[1], "no time is left");
}

#[tokio::test]
async fn single_page_takes_the_place_of_the_first() {
    let server = Server::start(|asked| match asked.target.as_str() {
        "/1" => Reply::html(&page(1, &[("next", "/2"), ("print", "/print")])),
        "/print" => {
            let whole: String = (1..4).flat_map(paragraphs).map(|paragraph| format!("<p>{paragraph}</p>")).collect();
            Reply::html(&format!("<title>Print</title><article><p>{STANDFIRST}</p>{whole}</article>"))
        }
        _ => Reply::not_found(),
    })
    .await;
    let reading = read(&server).await;
    assert_eq!(rendered(&reading), text(&[1, 2, 3]));
    assert_eq!(reading.pages, [server.url("/print")]);
    assert_eq!(reading.extraction.article.metadata.authors, ["Vera Holm"], "the first page says who wrote it");
    assert_eq!(server.targets(), ["/robots.txt", "/1", "/print"]);
}

#[tokio::test]
async fn without_its_single_page_an_article_is_followed_page_by_page() {
    let server = serving(|number| match number {
        1 => vec![("next", "/2".into()), ("print", "/print".into())],
        _ => vec![],
    })
    .await;
    let reading = read(&server).await;
    assert_eq!((rendered(&reading), reading.extraction.verdict), (text(&[1, 2]), Verdict::Article));
    assert!(reading.shortfall.is_none());
    let alone = read(&serving(|_| vec![("print", "/print".into())]).await).await;
    assert_eq!((rendered(&alone), alone.extraction.verdict), (text(&[1]), Verdict::Article));
    let missing = alone.shortfall.unwrap().to_string();
    assert!(missing.starts_with("single_page_link: ") && missing.contains("/print: HTTP status 404"), "{missing}");
}

#[tokio::test]
async fn headers_of_a_site_go_to_its_pages_and_nowhere_else() {
    let elsewhere = Server::start_at("127.0.0.2:0", |_| Reply::html(&page(3, &[]))).await;
    let target = elsewhere.url("/3").to_string();
    let server = Server::start(move |asked| match asked.target.as_str() {
        "/1" => Reply::html(&page(1, &[("next", "/2")])),
        "/2" => Reply::redirect(302, &target),
        _ => Reply::not_found(),
    })
    .await;
    let rules = "next_page_link: //a[@class='next']\nhttp_header(Cookie): consent=yes\n\
                 http_header(referer): https://search.example/\nhttp_header(user-agent): Somebody/1.0";
    let extractor = extractor(rules);
    let fetcher = Arc::new(Fetcher::new(&options()).unwrap());
    let request =
        Request { headers: headers_for(extractor.sites(), &server.url("/1")), ..Request::page(server.url("/1")) };
    let Fetched::Page { page, .. } = fetcher.fetch(&request).await.unwrap() else { panic!("no page") };
    let reader = Reader::new(fetcher, true, Reach::default());
    reader.read(&extractor, page, Instant::now() + Duration::from_secs(60)).await.unwrap();
    let sent = |server: &Server| -> Vec<(String, Option<String>, Option<String>)> {
        let header = |asked: &loopback::Asked, name| asked.header(name).map(str::to_owned);
        let asked = server.asked();
        asked.iter().map(|it| (it.target.clone(), header(it, "cookie"), header(it, "referer"))).collect()
    };
    let both =
        |path: &str| (path.to_owned(), Some("consent=yes".to_owned()), Some("https://search.example/".to_owned()));
    let neither = |path: &str| (path.to_owned(), None, None);
    assert_eq!(sent(&server), [neither("/robots.txt"), both("/1"), both("/2")]);
    assert_eq!(sent(&elsewhere), [neither("/robots.txt"), neither("/3")]);
    assert!(server.asked().iter().all(|asked| asked.header("user-agent").unwrap().starts_with("Gleaner/")));
}
