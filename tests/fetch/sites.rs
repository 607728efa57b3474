//! Settings of single sites.

use crate::loopback::{Reply, Server, lookup, options, request};
use gleaner::fetch::{FetchOptions, Fetcher, Request, SiteOptions};
use std::time::{Duration, Instant};

fn with_sites(sites: Vec<(&str, SiteOptions)>) -> FetchOptions {
    let sites = sites.into_iter().map(|(host, site)| (host.to_owned(), site)).collect();
    FetchOptions { sites, user_agent: Some("Usual/1".into()), ..options() }
}

fn named(agent: &str) -> SiteOptions {
    SiteOptions { user_agent: Some(agent.into()), ..SiteOptions::default() }
}

#[tokio::test]
async fn robots_txt_is_obeyed_under_the_name_that_the_site_is_told() {
    let rules = "User-agent: Own\nDisallow: /own\n\nUser-agent: Usual\nDisallow: /usual\n";
    let server = Server::start(move |asked| match asked.target.as_str() {
        "/robots.txt" => Reply::with(200, &[], rules),
        _ => Reply::html("<p>Words"),
    })
    .await;
    let names = lookup(&[("own.example", &["127.0.0.1"]), ("usual.example", &["127.0.0.1"])]);
    let fetcher = Fetcher::with_lookup(&with_sites(vec![("own.example", named("Own/2 (+mailto:a@b.test)"))]), names);
    let fetcher = fetcher.unwrap();
    for (host, path, is_allowed) in [
        ("own.example", "/own", false),
        ("own.example", "/usual", true),
        ("usual.example", "/own", true),
        ("usual.example", "/usual", false),
    ] {
        let polite = Request { obey_robots: true, ..request(server.named(host, path)) };
        assert_eq!(fetcher.fetch(&polite).await.is_ok(), is_allowed, "{host}{path}");
    }
    let agents: Vec<_> = server.asked().iter().map(|asked| asked.header("user-agent").unwrap().to_owned()).collect();
    assert_eq!(agents, ["Own/2 (+mailto:a@b.test)", "Own/2 (+mailto:a@b.test)", "Usual/1", "Usual/1"]);
}

#[tokio::test]
async fn patience_is_the_sites_own() {
    let server =
        Server::start(|_| Reply::raw("").then(Duration::from_secs(2), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
            .await;
    let impatient = SiteOptions { total_timeout_s: Some(1), ..SiteOptions::default() };
    let names = lookup(&[("short.example", &["127.0.0.1"]), ("long.example", &["127.0.0.1"])]);
    let fetcher = Fetcher::with_lookup(&with_sites(vec![("short.example", impatient)]), names).unwrap();
    let started = Instant::now();
    assert_eq!(fetcher.fetch(&request(server.named("short.example", "/"))).await.unwrap_err().id(), "timeout");
    assert!(started.elapsed() < Duration::from_millis(1900));
    assert!(fetcher.fetch(&request(server.named("long.example", "/"))).await.is_ok());
}

#[tokio::test]
async fn cookies_are_kept_for_the_site_that_wants_them_and_no_other() {
    let server = Server::start(|asked| match asked.target.as_str() {
        "/set" => Reply::with(200, &["Set-Cookie: id=1; Path=/"], "<p>Words"),
        _ => Reply::html("<p>Words"),
    })
    .await;
    let origin = Some(server.named("jar.example", "").to_string());
    let jar = SiteOptions { cookies: true, origin, ..SiteOptions::default() };
    let names = lookup(&[("jar.example", &["127.0.0.1"]), ("other.example", &["127.0.0.1"])]);
    let fetcher = Fetcher::with_lookup(&with_sites(vec![("jar.example", jar)]), names).unwrap();
    for host in ["jar.example", "other.example"] {
        for path in ["/set", "/next"] {
            fetcher.fetch(&request(server.named(host, path))).await.unwrap();
        }
    }
    let cookies: Vec<Option<String>> =
        server.asked().iter().map(|asked| asked.header("cookie").map(str::to_owned)).collect();
    assert_eq!(cookies, [None, Some("id=1".to_owned()), None, None]);
}
