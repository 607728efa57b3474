//! What must not get out: user names, passwords, tokens, cookies.

use crate::loopback::tls::Authority;
use crate::loopback::{Asked, Reply, Server, fetch_with, lookup, options, request};
use gleaner::fetch::{Basic, DiskCache, FetchOptions, Fetcher, Reuse, SiteOptions, parse_url};
#[cfg(feature = "cli")]
use gleaner::page::ExtraHeaders;
use std::collections::BTreeMap;
use std::path::Path;
use url::Url;

#[tokio::test]
async fn user_name_and_password_are_neither_sent_nor_shown() {
    let server = Server::start(|_| Reply::html("page")).await;
    let url = Url::parse(&format!("http://alice:secret@{}/", server.address)).unwrap();
    let error = fetch_with(&options(), &request(url)).await.unwrap_err();
    assert_eq!(error.id(), "url");
    assert!(!error.to_string().contains("secret") && !error.to_string().contains("alice"), "{error}");
    assert_eq!(server.connections(), 0);
    assert_eq!(parse_url("http://alice:secret@a.example/", None).unwrap_err().to_string().matches("secret").count(), 0);
}

#[tokio::test]
async fn cookies_are_not_taken_from_one_answer_to_the_next() {
    let server = Server::start(|asked| match asked.target.as_str() {
        "/" => Reply::with(302, &["Location: /next", "Set-Cookie: id=1"], ""),
        _ => Reply::html("page"),
    })
    .await;
    fetch_with(&options(), &request(server.url("/"))).await.unwrap();
    assert!(server.asked().iter().all(|asked| asked.header("cookie").is_none() && asked.header("referer").is_none()));
}

const SECRETS: [&str; 4] = ["key-hunter1", "password-hunter2", "cookie-hunter3", "jar-hunter4"];

/// A site with a key, a login and a jar.
fn site(origin: Option<&str>) -> SiteOptions {
    let mut site: SiteOptions = SiteOptions {
        origin: origin.map(str::to_owned),
        headers: BTreeMap::from([("X-Api-Key".to_owned(), SECRETS[0].into())]),
        cookies: true,
        basic: Some(Basic { user: "reader".into(), password: from_variable() }),
        ..SiteOptions::default()
    };
    site.read_secrets(Path::new(""), &|name| (name == "PASSWORD").then(|| SECRETS[1].to_owned())).unwrap();
    site
}

fn from_variable() -> gleaner::fetch::Secret {
    #[derive(serde::Deserialize)]
    struct Table {
        password: gleaner::fetch::Secret,
    }
    toml::from_str::<Table>("password = { env = 'PASSWORD' }").unwrap().password
}

fn with_site(host: &str, site: SiteOptions) -> FetchOptions {
    FetchOptions { sites: [(host.to_owned(), site)].into(), ..options() }
}

fn carried(asked: &Asked) -> bool {
    ["x-api-key", "authorization", "cookie"].into_iter().any(|name| asked.header(name).is_some())
}

#[tokio::test]
async fn secrets_of_a_site_go_to_its_origin_and_no_redirect_takes_them_along() {
    let elsewhere = Server::start_at("127.0.0.2:0", |_| Reply::html("<p>Words</html>")).await;
    let (other_port, other_host) = (elsewhere.url("/port").to_string(), elsewhere.named("other.example", "/host"));
    let own = Server::start(move |asked| match asked.target.as_str() {
        "/login" => Reply::with(302, &["Location: /in", &format!("Set-Cookie: id={}", SECRETS[3])], ""),
        "/to-port" => Reply::redirect(302, &other_port.replace("127.0.0.2", "own.example")),
        "/to-host" => Reply::redirect(302, other_host.as_str()),
        "/robots.txt" => Reply::not_found(),
        _ => Reply::html("<p>Words"),
    })
    .await;
    let origin = own.named("own.example", "").to_string();
    let names = lookup(&[("own.example", &["127.0.0.1", "127.0.0.2"]), ("other.example", &["127.0.0.2"])]);
    let fetcher = Fetcher::with_lookup(&with_site("own.example", site(Some(&origin))), names).unwrap();
    for path in ["/login", "/to-port", "/to-host"] {
        let polite = gleaner::fetch::Request { obey_robots: true, ..request(own.named("own.example", path)) };
        fetcher.fetch(&polite).await.unwrap();
    }
    for asked in own.asked() {
        assert_eq!(carried(&asked), asked.target != "/robots.txt", "{}", asked.target);
    }
    let inside = own.asked().into_iter().find(|asked| asked.target == "/in").unwrap();
    assert_eq!(inside.header("x-api-key"), Some(SECRETS[0]));
    assert_eq!(inside.header("authorization"), Some("Basic cmVhZGVyOnBhc3N3b3JkLWh1bnRlcjI="));
    assert_eq!(inside.header("cookie"), Some(format!("id={}", SECRETS[3]).as_str()));
    assert!(elsewhere.asked().len() >= 4 && !elsewhere.asked().iter().any(carried), "{:?}", elsewhere.asked());
}

#[tokio::test]
async fn secrets_of_a_site_never_leave_https_unless_its_origin_says_so() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let identity = authority.certify(&["own.example"], 2100);
    let (plain, secure) = (
        Server::start(|_| Reply::html("<p>Words")).await,
        Server::start_tls("127.0.0.1:0", &identity, |_| Reply::html("<p>Words")).await,
    );
    let ca_file = Some(authority.write(folder.path()));
    let by_default = FetchOptions { ca_file: ca_file.clone(), ..with_site("own.example", site(None)) };
    let stated = secure.named("own.example", "").to_string();
    let stated = FetchOptions { ca_file, ..with_site("own.example", site(Some(&stated))) };
    let names = || lookup(&[("own.example", &["127.0.0.1"])]);
    for (options, url, is_carried) in [
        (&by_default, plain.named("own.example", "/"), false),
        // Another port than the usual one.
        (&by_default, secure.named("own.example", "/"), false),
        (&stated, plain.named("own.example", "/"), false),
        (&stated, secure.named("own.example", "/"), true),
    ] {
        let fetcher = Fetcher::with_lookup(options, names()).unwrap();
        fetcher.fetch(&request(url.clone())).await.unwrap();
        let server = if url.scheme() == "https" { &secure } else { &plain };
        assert_eq!(carried(server.asked().last().unwrap()), is_carried, "{url}");
    }
}

#[tokio::test]
async fn what_was_asked_for_with_secrets_is_not_kept_on_the_disk() {
    let server = Server::start(|_| Reply::with(200, &["Cache-Control: max-age=600"], "<p>for members")).await;
    let folder = tempfile::tempdir().unwrap();
    let cache = DiskCache::open(folder.path(), 1_000_000, Reuse::Allowed).unwrap();
    let origin = server.url("").to_string();
    let fetcher = Fetcher::new(&with_site("127.0.0.1", site(Some(&origin)))).unwrap().cached(cache);
    for _ in 0..2 {
        fetcher.fetch(&request(server.url("/"))).await.unwrap();
    }
    assert_eq!(server.asked().len(), 2);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Everything that is logged in here, to the finest level.
#[cfg(feature = "cli")]
#[tokio::test]
async fn no_secret_is_logged_or_shown() {
    let log = crate::log::Log::default();
    let _guard = log.listen();
    let server = Server::start(|asked| match asked.target.as_str() {
        "/login" => Reply::with(302, &["Location: /in", &format!("Set-Cookie: id={}", SECRETS[3])], ""),
        "/broken" => Reply::raw("\u{1}"),
        _ => Reply::html("<p>Words"),
    })
    .await;
    let origin = server.url("").to_string();
    let options = with_site("127.0.0.1", site(Some(&origin)));
    let fetcher = Fetcher::new(&options).unwrap();
    let proxied = FetchOptions { proxy: Some("http://reader:password-hunter2@127.0.0.1:9".into()), ..options.clone() };
    let by_proxy = Fetcher::new(&proxied).unwrap();
    let headers = ExtraHeaders { cookie: Some(format!("c={}", SECRETS[2])), referer: None };
    let mut shown = format!("{options:?} {fetcher:?} {proxied:?} {by_proxy:?}");
    let error = by_proxy.fetch(&request(server.url("/"))).await.unwrap_err();
    shown += &format!("{error} {error:?}");
    for path in ["/login", "/broken"] {
        let asked = gleaner::fetch::Request { headers: headers.clone(), ..request(server.url(path)) };
        if let Err(error) = fetcher.fetch(&asked).await {
            shown += &format!("{error} {error:?}");
        }
    }
    let sent = &server.asked()[1];
    assert!(carried(sent) && sent.header("cookie").unwrap().contains(SECRETS[2]), "{sent:?}");
    shown += &format!("{fetcher:?}");
    let logged = log.text();
    assert!(logged.contains("fetched") && logged.contains("failed"), "{logged}");
    for secret in SECRETS.into_iter().chain(["cmVhZGVyOnBhc3N3b3Jk"]) {
        assert!(!logged.contains(secret), "{secret} is logged: {logged}");
        assert!(!shown.contains(secret), "{secret} is shown: {shown}");
    }
}
