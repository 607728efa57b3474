//! Inside addresses by every way: literals, names, redirects, robots.txt, proxies.

use crate::loopback::{Reply, Server, failure, fetch_with, lookup, options, request};
use crate::{guarded, inside};
use gleaner::fetch::{FailureClass, FetchOptions, Fetcher, Lookup, Request, Target};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use url::Url;

#[tokio::test]
async fn redirect_to_an_inside_address_is_refused_in_every_spelling() {
    let inside = inside().await;
    let port = inside.address.port();
    for host in [
        "127.0.0.2",
        "2130706434",
        "0x7f.2",
        "0177.0.0.2",
        "127.2",
        "127.0.0.2.",
        "[::ffff:127.0.0.2]",
        "[64:ff9b::127.0.0.2]",
        "%31%32%37.0.0.2",
    ] {
        let location = format!("http://{host}:{port}/");
        let outside = Server::start(move |_| Reply::redirect(302, &location)).await;
        let error = failure(&guarded(), outside.url("/")).await;
        assert_eq!(
            (error.id().as_str(), error.class(Target::Page)),
            ("address", FailureClass::Final),
            "{host}: {error}"
        );
        assert!(error.is_refusal() && error.to_string().contains("`allow_private`"), "{error}");
    }
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn name_that_resolves_inward_is_refused() {
    let inside = Server::start(|_| Reply::html("secret")).await;
    let port = inside.address.port();
    let closed = FetchOptions { allow_private: Vec::new(), ..options() };
    for host in ["localhost", "LOCALHOST"] {
        let error = failure(&closed, Url::parse(&format!("http://{host}:{port}/")).unwrap()).await;
        assert_eq!(error.id(), "address", "{host}: {error}");
    }
    let location = format!("http://localhost:{port}/");
    let outside = Server::start_at("127.0.0.3:0", move |_| Reply::redirect(302, &location)).await;
    let only_outside = FetchOptions { allow_private: vec!["127.0.0.3/32".parse().unwrap()], ..options() };
    assert_eq!(failure(&only_outside, outside.url("/")).await.id(), "address");
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn nothing_on_loopback_is_reached_by_default() {
    let inside = Server::start(|_| Reply::html("secret")).await;
    for obey_robots in [false, true] {
        let asked = Request { obey_robots, ..request(inside.url("/")) };
        let error = fetch_with(&FetchOptions::default(), &asked).await.unwrap_err();
        assert_eq!((error.id().as_str(), error.is_refusal()), ("address", true));
    }
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn redirects_that_leave_http_or_can_be_read_two_ways_are_refused() {
    let inside = inside().await;
    let port = inside.address.port();
    for location in [
        "file:///etc/passwd".to_owned(),
        "gopher://127.0.0.1/".to_owned(),
        "data:text/html,hello".to_owned(),
        format!("http:\\\\127.0.0.2:{port}/"),
        format!("http://127.0.0.2:{port}\\@127.0.0.1/"),
        format!("\\\\127.0.0.2:{port}\\x"),
        format!("http://user:secret@127.0.0.1:{port}/"),
        "http://[fe80::1%25lo]/".to_owned(),
    ] {
        let sent = location.clone();
        let outside = Server::start(move |_| Reply::redirect(302, &sent)).await;
        let error = failure(&guarded(), outside.url("/")).await;
        assert_eq!(
            (error.id().as_str(), error.class(Target::Page)),
            ("url", FailureClass::Final),
            "{location}: {error}"
        );
        assert!(!error.to_string().contains("secret"), "{error}");
        assert_eq!(outside.asked().len(), 1);
    }
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn robots_txt_does_not_lead_inside_either() {
    let inside = inside().await;
    let location = inside.url("/robots.txt").to_string();
    let outside = Server::start(move |asked| match asked.target.as_str() {
        "/robots.txt" => Reply::redirect(302, &location),
        _ => Reply::html("page"),
    })
    .await;
    let asked = Request { obey_robots: true, ..request(outside.url("/")) };
    assert!(fetch_with(&guarded(), &asked).await.unwrap_err().is_refusal());
    assert_eq!((inside.connections(), outside.targets()), (0, vec!["/robots.txt".to_owned()]));
}

/// A proxy that answers everything itself.
async fn proxy() -> Server {
    Server::start_at("127.0.0.1:0", |asked| Reply::html(&format!("by proxy: {}", asked.target))).await
}

#[tokio::test]
async fn proxy_is_used_when_configured_and_gets_no_inside_target() {
    let (proxy, inside) = (proxy().await, inside().await);
    let by_proxy = FetchOptions { proxy: Some(proxy.url("").as_str().into()), ..guarded() };
    let page = fetch_with(&by_proxy, &request("http://127.0.0.1:9/page".parse().unwrap())).await.unwrap();
    assert_eq!(page.body, "by proxy: http://127.0.0.1:9/page");
    assert_eq!(failure(&by_proxy, inside.url("/")).await.id(), "address");
    let closed = FetchOptions { allow_private: Vec::new(), ..by_proxy.clone() };
    assert_eq!(failure(&closed, "http://localhost/".parse().unwrap()).await.id(), "address", "names are resolved here");
    assert_eq!(proxy.asked().len(), 1);
    let trusting = FetchOptions { proxy_resolves: true, ..closed };
    let page = fetch_with(&trusting, &request("http://name-only-the-proxy-knows.invalid/".parse().unwrap())).await;
    assert_eq!(page.unwrap().body, "by proxy: http://name-only-the-proxy-knows.invalid/");
    assert_eq!(failure(&trusting, inside.url("/")).await.id(), "address", "literals are refused all the same");
}

#[tokio::test]
async fn proxy_of_the_environment_is_ignored() {
    if std::env::var_os("http_proxy").is_some() {
        let server = Server::start(|_| Reply::html("direct")).await;
        assert_eq!(fetch_with(&options(), &request(server.url("/"))).await.unwrap().body, "direct");
        return;
    }
    let proxy = proxy().await;
    let test = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "addresses::proxy_of_the_environment_is_ignored"])
        .env("http_proxy", proxy.url("").as_str())
        .env("ALL_PROXY", proxy.url("").as_str())
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .output()
        .unwrap();
    assert!(test.status.success(), "{}", String::from_utf8_lossy(&test.stdout));
    assert_eq!(proxy.connections(), 0);
}

#[tokio::test]
async fn every_special_range_is_refused_as_a_literal_and_behind_a_name() {
    const SPECIAL: [&str; 32] = [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "fc00::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ];
    let by_turns: Arc<AtomicUsize> = Arc::default();
    let answered = by_turns.clone();
    let lookup: Lookup = Arc::new(move |_| {
        let address = SPECIAL[answered.load(Ordering::SeqCst)].parse().unwrap();
        Box::pin(async move { Ok(vec![address]) })
    });
    let fetcher = Fetcher::with_lookup(&FetchOptions { dns_cache_s: 0, ..FetchOptions::default() }, lookup).unwrap();
    for (number, address) in SPECIAL.iter().enumerate() {
        by_turns.store(number, Ordering::SeqCst);
        let literal = if address.contains(':') { format!("http://[{address}]/") } else { format!("http://{address}/") };
        for target in [Target::Page, Target::Feed] {
            // A name of its own for each, so that none waits for its turn.
            for url in [literal.clone(), format!("http://{target:?}{number}.example/")] {
                let asked = Request { target, ..request(Url::parse(&url).unwrap()) };
                let error = fetcher.fetch(&asked).await.unwrap_err();
                let found = (error.id(), error.class(target), error.is_refusal());
                assert_eq!(found, ("address".to_owned(), FailureClass::Final, true), "{address} {url}: {error}");
            }
        }
    }
}

#[tokio::test]
async fn name_that_changes_its_address_between_check_and_connection_gains_nothing() {
    let inside = inside().await;
    let outside = Server::start(|_| Reply::html("<p>outside")).await;
    for (dns_cache_s, expected, asked_for) in [(0, Err("address".to_owned()), 2), (60, Ok(()), 1)] {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = asked.clone();
        let rebinding: Lookup = Arc::new(move |_| {
            let first = counted.fetch_add(1, Ordering::SeqCst) == 0;
            let address = if first { "127.0.0.1" } else { "127.0.0.2" }.parse().unwrap();
            Box::pin(async move { Ok(vec![address]) })
        });
        let fetcher = Fetcher::with_lookup(&FetchOptions { dns_cache_s, ..guarded() }, rebinding).unwrap();
        let server = if dns_cache_s == 0 { &inside } else { &outside };
        let result = fetcher.fetch(&request(server.named("rebinding.example", "/"))).await;
        assert_eq!(result.map(|_| ()).map_err(|error| error.id()), expected, "{dns_cache_s}");
        assert_eq!(asked.load(Ordering::SeqCst), asked_for, "for the pause, and again for the connection");
    }
    assert_eq!((inside.connections(), outside.connections()), (0, 1));
}

#[cfg(feature = "cli")]
#[tokio::test]
async fn guard_that_is_off_is_said_in_the_log() {
    let off = |options: FetchOptions| {
        let log = crate::log::Log::default();
        let _guard = log.listen();
        Fetcher::new(&options).unwrap();
        log.text()
    };
    let networks = ["0.0.0.0/0", "::/0"].map(|network| network.parse().unwrap()).to_vec();
    let said = off(FetchOptions { allow_private: networks, ..FetchOptions::default() });
    assert_eq!(said.matches("`allow_private` lets every address pass").count(), 2, "{said}");
    let proxy = Some("http://reader:hunter2@proxy.example:3128".into());
    let said = off(FetchOptions { proxy, proxy_resolves: true, ..FetchOptions::default() });
    assert!(said.contains("`proxy_resolves`") && !said.contains("hunter2"), "{said}");
    assert!(!off(guarded()).contains("WARN"));
}

#[tokio::test]
async fn name_with_inside_and_outside_addresses_is_only_reached_outside() {
    let inside = inside().await;
    let names = lookup(&[("mixed.example", &["127.0.0.2", "127.0.0.1"])]);
    let fetcher = Fetcher::with_lookup(&guarded(), names).unwrap();
    let error = fetcher.fetch(&request(inside.named("mixed.example", "/"))).await.unwrap_err();
    assert_eq!((error.id().as_str(), inside.connections()), ("connect", 0), "nobody listens outside: {error}");
}

#[tokio::test]
async fn proxy_gets_no_name_that_leads_inside() {
    let proxy = proxy().await;
    let by_proxy = FetchOptions { proxy: Some(proxy.url("").as_str().into()), ..guarded() };
    let names = lookup(&[("inside.example", &["127.0.0.2"]), ("outside.example", &["127.0.0.1"])]);
    let fetcher = Fetcher::with_lookup(&by_proxy, names).unwrap();
    let page = fetcher.fetch(&request("http://outside.example/".parse().unwrap())).await;
    assert!(page.is_ok(), "{page:?}");
    for url in ["http://inside.example/", "https://inside.example/"] {
        let error = fetcher.fetch(&request(url.parse().unwrap())).await.unwrap_err();
        assert_eq!(error.id(), "address", "{error}");
    }
    assert_eq!(proxy.targets(), ["http://outside.example/"]);
}

#[tokio::test]
async fn proxy_of_one_site_is_for_that_site_alone() {
    let (proxy, direct) = (proxy().await, Server::start(|_| Reply::html("direct")).await);
    let site = gleaner::fetch::SiteOptions { proxy: Some(proxy.url("").as_str().into()), ..Default::default() };
    let options = FetchOptions { sites: [("by-proxy.example".to_owned(), site)].into(), ..guarded() };
    let names = lookup(&[
        ("by-proxy.example", &["127.0.0.1"]),
        ("www.by-proxy.example", &["127.0.0.2"]),
        ("other.example", &["127.0.0.1"]),
    ]);
    let fetcher = Fetcher::with_lookup(&options, names).unwrap();
    assert!(fetcher.fetch(&request(direct.named("by-proxy.example", "/"))).await.is_ok());
    assert!(fetcher.fetch(&request(direct.named("other.example", "/"))).await.is_ok());
    let inside = fetcher.fetch(&request(direct.named("www.by-proxy.example", "/"))).await.unwrap_err();
    assert_eq!((inside.id().as_str(), proxy.asked().len(), direct.asked().len()), ("address", 1, 1));
}

#[tokio::test]
async fn what_was_fetched_inside_is_not_served_from_the_disk_to_those_who_may_not_go_there() {
    let inside = Server::start_at("127.0.0.2:0", |_| Reply::with(200, &["Cache-Control: max-age=600"], "secret")).await;
    let location = inside.url("/").to_string();
    let outside = Server::start(move |_| Reply::redirect(302, &location)).await;
    let folder = tempfile::tempdir().unwrap();
    let fetcher = |options: &FetchOptions| {
        let cache = gleaner::fetch::DiskCache::open(folder.path(), 1_000_000, gleaner::fetch::Reuse::Allowed).unwrap();
        Fetcher::new(options).unwrap().cached(cache)
    };
    fetcher(&options()).fetch(&request(inside.url("/"))).await.unwrap();
    assert_eq!(fetcher(&guarded()).fetch(&request(outside.url("/"))).await.unwrap_err().id(), "address");
}
