//! The faults of a transport, row by row as in CRAWLING.md, C. Each row asserts the class of the failure, that a healthy
//! host beside the faulty one is served all the while, and that nothing partial is handed on or left on the disk.

use crate::loopback::{Reply, Server, gzip, lookup, memory, options, request};
use gleaner::extract::{Extractor, Options};
use gleaner::fetch::{
    DiskCache, FailureClass, FetchError, FetchOptions, Fetched, Fetcher, Lookup, Request, Reuse, Target,
};
use jiff::Timestamp;
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use url::Url;

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n";
const WHOLE: &str = "<html><p>Words</p></html>";

/// A fetcher, its cache, and a host that is well.
struct Bench {
    fetcher: Arc<Fetcher>,
    folder: TempDir,
    healthy: Server,
}

impl Bench {
    async fn new(options: &FetchOptions) -> Self {
        Self::with_lookup(options, lookup(&[])).await
    }

    async fn with_lookup(options: &FetchOptions, lookup: Lookup) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cache = DiskCache::open(folder.path(), 100_000_000, Reuse::Allowed).unwrap();
        let fetcher = Fetcher::with_lookup(options, lookup).unwrap().cached(cache);
        let healthy = Server::start_at("127.0.0.3:0", |_| Reply::with(200, &["Cache-Control: no-store"], WHOLE)).await;
        Self { fetcher: Arc::new(fetcher), folder, healthy }
    }

    /// Does `work` while the healthy host is fetched from; each of its answers must be whole and soon there.
    async fn beside<T>(&self, work: impl Future<Output = T>) -> T {
        let mut slowest = Duration::ZERO;
        let others = async {
            loop {
                let started = Instant::now();
                let fetched = self.fetcher.fetch(&request(self.healthy.url("/"))).await.unwrap();
                assert!(matches!(fetched, Fetched::Page { page, .. } if page.body == WHOLE));
                slowest = slowest.max(started.elapsed());
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let done = tokio::select! {
            biased;
            never = others => never,
            done = work => done,
        };
        assert!(slowest < Duration::from_millis(900), "the healthy host had to wait {slowest:?}");
        done
    }

    async fn fetch(&self, target: Target, url: Url) -> Result<Fetched, FetchError> {
        self.beside(self.fetcher.fetch(&Request { target, ..request(url) })).await
    }

    /// The body that comes.
    async fn body(&self, url: Url) -> String {
        match self.fetch(Target::Page, url.clone()).await {
            Ok(Fetched::Page { page, .. }) => String::from_utf8(page.body.to_vec()).unwrap(),
            other => panic!("{url}: {other:?}"),
        }
    }

    /// What must fail, by its id, in this class, and leave nothing.
    async fn fails(&self, url: Url, id: &str, class: FailureClass) -> FetchError {
        for target in [Target::Page, Target::Feed] {
            let error = self.fetch(target, url.clone()).await.unwrap_err();
            assert_eq!(error.id(), id, "{url}: {error}");
            assert!(target == Target::Feed || error.class(target) == class, "{url}: {:?}", error.class(target));
            assert_eq!(files_below(self.folder.path()), 0, "{url}");
            if target == Target::Feed {
                return error;
            }
        }
        unreachable!("a feed comes last");
    }
}

fn files_below(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files_below(&path) } else { 1 }).sum()
}

#[tokio::test]
async fn row_1_body_shorter_than_announced_fails_and_comes_whole_the_next_time() {
    let server = Server::start(|asked| match (asked.target.as_str(), asked.connection) {
        ("/again", 3..) => Reply::html(WHOLE),
        _ => Reply::raw(format!("{HEAD}Content-Length: 1000\r\n\r\n<html><p>Wor")),
    })
    .await;
    let bench = Bench::new(&options()).await;
    bench.fails(server.url("/"), "truncated", FailureClass::Transient).await;
    bench.fetch(Target::Page, server.url("/again")).await.unwrap_err();
    assert_eq!(bench.body(server.url("/again")).await, WHOLE);
}

#[tokio::test]
async fn row_2_body_of_unknown_length_without_its_end_is_asked_for_again_and_then_flagged() {
    let server = Server::start(|asked| {
        let body = match (asked.target.as_str(), asked.connection) {
            ("/page", 0) | ("/cut", _) => "<html><p>Wor",
            ("/feed", _) => "<rss><channel><item>",
            ("/text", _) => "Words",
            _ => WHOLE,
        };
        let kind = if asked.target == "/text" { "plain" } else { "html" };
        Reply::raw(format!("HTTP/1.1 200 OK\r\nContent-Type: text/{kind}\r\n\r\n{body}"))
    })
    .await;
    let bench = Bench::new(&options()).await;
    for (path, target, attempts, is_flagged) in [
        ("/page", Target::Page, 2, false),
        ("/whole", Target::Page, 1, false),
        ("/text", Target::Page, 1, false),
        ("/cut", Target::Page, 2, true),
        ("/feed", Target::Feed, 2, true),
    ] {
        let before = (server.asked().len(), files_below(bench.folder.path()));
        let Fetched::Page { page, may_be_cut, .. } = bench.fetch(target, server.url(path)).await.unwrap() else {
            panic!("no page")
        };
        assert_eq!((server.asked().len() - before.0, may_be_cut), (attempts, is_flagged), "{path}");
        assert!(!page.body.is_empty());
        assert_eq!(
            files_below(bench.folder.path()) - before.1,
            usize::from(!is_flagged),
            "{path}: only what is whole is kept"
        );
    }
}

#[tokio::test]
async fn row_3_garbled_framing_fails_or_gives_one_defined_body() {
    let server = Server::start(|asked| {
        Reply::raw(match asked.target.as_str() {
            "/garbage" => format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\n<p>ab\r\nzz\r\n"),
            "/open" => format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\n<p>ab\r\n"),
            "/huge" => format!("{HEAD}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n<p>ab\r\n"),
            "/lengths" => format!("{HEAD}Content-Length: 5\r\nContent-Length: 9\r\n\r\n<p>ab<p>c"),
            "/negative" => format!("{HEAD}Content-Length: -5\r\n\r\n<p>ab"),
            _ => format!("{HEAD}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<p>ab\r\n0\r\n\r\n"),
        })
    })
    .await;
    let bench = Bench::new(&options()).await;
    for (path, id) in [
        ("/garbage", "truncated"),
        ("/open", "truncated"),
        ("/huge", "truncated"),
        ("/lengths", "answer"),
        ("/negative", "answer"),
    ] {
        bench.fails(server.url(path), id, FailureClass::Transient).await;
    }
    assert_eq!(bench.body(server.url("/both")).await, "<p>ab", "chunks overrule a length (RFC 9112, 6.3)");
}

#[tokio::test]
async fn row_4_body_longer_than_announced_is_cut_there_and_its_connection_dropped() {
    let server = Server::start(|asked| match asked.target.as_str() {
        "/long" => {
            Reply::raw(format!("{HEAD}Content-Length: 4\r\n\r\n<p>aHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad"))
                .kept()
        }
        _ => Reply::html("good"),
    })
    .await;
    let bench = Bench::new(&options()).await;
    assert_eq!(bench.body(server.url("/long")).await, "<p>a");
    assert_eq!(bench.body(server.url("/next")).await, "good", "what was left over is nobody's answer");
    let connections: Vec<usize> = server.asked().iter().map(|asked| asked.connection).collect();
    assert_eq!(connections, [0, 1]);
}

#[tokio::test]
async fn row_5_encodings_come_whole_or_not_at_all() {
    let whole = gzip(WHOLE.as_bytes()).await;
    let cut = whole[..whole.len() / 2].to_vec();
    let without_trailer = whole[..whole.len() - 8].to_vec();
    let with_junk = [&whole[..], b"junk"].concat();
    let twice = whole.repeat(2);
    let server = Server::start(move |asked| {
        let (coding, body) = match asked.target.as_str() {
            "/cut" => ("gzip", &cut[..]),
            "/trailer" => ("gzip", &without_trailer[..]),
            "/junk" => ("gzip", &with_junk[..]),
            "/twice" => ("gzip", &twice[..]),
            "/lie" => ("gzip", WHOLE.as_bytes()),
            "/lie-br" => ("br", WHOLE.as_bytes()),
            "/not-br" => ("br", &b"\x01\x02\x03 no brotli at all"[..]),
            _ => ("compress", &b"\x1f\x9d\x90"[..]),
        };
        Reply::with(200, &["Content-Type: text/html", &format!("Content-Encoding: {coding}")], body)
    })
    .await;
    let bench = Bench::new(&options()).await;
    for (path, id, class) in [
        ("/cut", "damaged", FailureClass::Transient),
        ("/trailer", "damaged", FailureClass::Transient),
        ("/not-br", "damaged", FailureClass::Transient),
        ("/never-offered", "encoding", FailureClass::Final),
    ] {
        bench.fails(server.url(path), id, class).await;
    }
    for (path, expected) in [
        ("/junk", WHOLE.to_owned()),
        ("/twice", WHOLE.repeat(2)),
        ("/lie", WHOLE.to_owned()),
        ("/lie-br", WHOLE.to_owned()),
    ] {
        assert_eq!(bench.body(server.url(path)).await, expected, "{path}");
    }
}

#[tokio::test]
async fn row_6_retry_after_is_passed_on_exactly_or_not_at_all() {
    let server = Server::start(|asked| {
        let (status, value) = asked.target[1..].split_once('/').unwrap();
        let later = Timestamp::now() + Duration::from_secs(100);
        let date = httpdate::fmt_http_date(later.into());
        let value = match value {
            "date" => &date,
            "past" => "Sun, 01 Mar 2020 12:00:00 GMT",
            "ten-years" => "315360000",
            other => other,
        };
        Reply::with(status.parse().unwrap(), &[&format!("Retry-After: {value}")], "")
    })
    .await;
    let bench = Bench::new(&options()).await;
    for status in [429, 503] {
        for (value, expected_s) in
            [("2", Some(2)), ("date", Some(100)), ("past", Some(0)), ("ten-years", Some(86_400)), ("soon", None)]
        {
            let id = format!("status_{status}");
            let error = bench.fails(server.url(&format!("/{status}/{value}")), &id, FailureClass::Transient).await;
            let wait_s = error.retry_at().map(|at| at.duration_since(Timestamp::now()).as_millis() as f64 / 1000.0);
            match (wait_s, expected_s) {
                (Some(wait_s), Some(expected_s)) => {
                    assert!((wait_s - f64::from(expected_s)).abs() <= 1.5, "{status} {value}: {wait_s}");
                }
                (found, expected) => assert_eq!(found.is_some(), expected.is_some(), "{status} {value}"),
            }
        }
    }
}

#[tokio::test]
async fn row_7_slow_answers_end_in_time_and_hold_up_nobody_else() {
    let dripping = |head: String, piece: &str| {
        (0..600).fold(Reply::raw(head), |reply, _| reply.then(Duration::from_millis(50), piece))
    };
    let server = Server::start(move |asked| match asked.target.as_str() {
        "/drip" => dripping(format!("{HEAD}\r\n"), "x"),
        "/stall" => Reply::raw(format!("{HEAD}Content-Length: 9\r\n\r\n")).then(Duration::from_secs(30), "late"),
        _ => dripping(String::new(), "HTTP/1.1 103 Early Hints\r\n\r\n"),
    })
    .await;
    let impatient = FetchOptions { idle_timeout_s: 1, total_timeout_s: 2, rate_grace_s: 1, ..options() };
    let bench = Bench::new(&impatient).await;
    for (path, limit) in [("/drip", "least_bytes_per_s"), ("/stall", "idle_timeout_s"), ("/flood", "total_timeout_s")] {
        let started = Instant::now();
        let error = bench.fails(server.url(path), "timeout", FailureClass::Transient).await;
        assert!(error.to_string().contains(limit), "{path}: {error}");
        assert!(started.elapsed() < Duration::from_secs(2 * 4), "{path}: {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn row_8_redirects_end_in_one_error_after_eleven_requests_at_most() {
    let inside = Server::start_at("127.9.9.9:0", |_| Reply::html("secret")).await;
    let private = inside.url("/").to_string();
    let back: Arc<std::sync::OnceLock<String>> = Arc::default();
    let known = back.clone();
    let b = Server::start_at("127.0.0.2:0", move |_| Reply::redirect(302, known.get().unwrap())).await;
    let to_b = b.url("/there").to_string();
    let server = Server::start(move |asked| match asked.target.as_str() {
        "/self" => Reply::redirect(302, "/self"),
        "/there" => Reply::redirect(307, &to_b),
        "/file" => Reply::redirect(302, "file:///etc/passwd"),
        "/private" => Reply::redirect(302, &private),
        step => Reply::redirect(301, &format!("/{}", step[1..].parse::<u32>().unwrap_or_default() + 1)),
    })
    .await;
    back.set(server.url("/there").to_string()).unwrap();
    let own = ["127.0.0.0/24"].map(|network| network.parse().unwrap()).to_vec();
    let bench = Bench::new(&FetchOptions { allow_private: own, ..options() }).await;
    for (path, id, requests) in [
        ("/self", "redirect_loop", 1),
        ("/there", "redirect_loop", 2),
        ("/file", "url", 1),
        ("/private", "address", 1),
        ("/1", "too_many_redirects", 11),
    ] {
        let before = server.asked().len() + b.asked().len();
        bench.fails(server.url(path), id, FailureClass::Final).await;
        let asked = server.asked().len() + b.asked().len() - before;
        assert_eq!(asked, 2 * requests, "{path}: once for a page, once for a feed");
    }
    assert_eq!(inside.connections(), 0);
}

/// A page of one story in an encoding of its own.
fn encoded(label: &str, meta: &str, words: &str) -> Vec<u8> {
    let paragraph = format!("<p>{}</p>", [words; 12].join(" "));
    let page = format!(
        "<!doctype html><html><head>{meta}<title>{words}</title></head><body><article><h1>{words}</h1>{}</article></body></html>",
        paragraph.repeat(3)
    );
    match label {
        "utf-16" => {
            page.encode_utf16().fold(b"\xff\xfe".to_vec(), |bytes, unit| [bytes, unit.to_le_bytes().to_vec()].concat())
        }
        label => encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(&page).0.into_owned(),
    }
}

#[tokio::test]
async fn row_9_words_come_out_as_they_were_written_in_whatever_encoding() {
    const META: &str = "<meta charset=iso-8859-1>";
    let pages = [
        (
            "header lies",
            "text/html; charset=iso-8859-1",
            encoded("utf-8", "", "\u{feff}Der Fluß über Köln"),
            "Der Fluß über Köln",
        ),
        ("meta lies", "text/html; charset=utf-8", encoded("utf-8", META, "Der Fluß über Köln"), "Der Fluß über Köln"),
        ("neither", "text/html", encoded("utf-8", "", "Der Fluß über Köln"), "Der Fluß über Köln"),
        ("utf-16", "text/html", encoded("utf-16", "", "Der Fluß über Köln"), "Der Fluß über Köln"),
        (
            "gbk",
            "text/html; charset=gbk",
            encoded("gbk", "", "渡船今天回到港口，市民都来迎接"),
            "渡船今天回到港口，市民都来迎接",
        ),
        (
            "gbk by meta",
            "text/html",
            encoded("gbk", "<meta charset=gbk>", "渡船今天回到港口，市民都来迎接"),
            "渡船今天回到港口，市民都来迎接",
        ),
        (
            "1251",
            "text/html; charset=windows-1251",
            encoded("windows-1251", "", "Паром вернулся в порт"),
            "Паром вернулся в порт",
        ),
    ];
    let served = pages.clone();
    let server = Server::start(move |asked| {
        let (_, label, body, _) = &served[asked.target[1..].parse::<usize>().unwrap()];
        Reply::with(200, &[&format!("Content-Type: {label}")], body)
    })
    .await;
    let (bench, extractor) = (Bench::new(&options()).await, Extractor::new(&Options::default()).unwrap());
    for (number, (what, _, _, words)) in pages.iter().enumerate() {
        let fetched = bench.fetch(Target::Page, server.url(&format!("/{number}"))).await.unwrap();
        let Fetched::Page { page, .. } = fetched else { panic!("{what}: no page") };
        let article = extractor.extract(&page).article;
        let paragraph = [*words; 12].join(" ");
        assert_eq!(article.blocks.first().map(|block| block.text.as_str()), Some(paragraph.as_str()), "{what}");
    }
}

/// Not a test but the process that one measures: fetches and extracts.
#[tokio::test]
async fn extracting_process() {
    let Some(url) = memory::job() else { return };
    let page = crate::loopback::fetch(url.parse().unwrap()).await.unwrap();
    let extractor = Extractor::new(&Options::default()).unwrap();
    let started = Instant::now();
    let verdict = extractor.extract(&page).verdict;
    memory::end(&format!("{} {}", verdict.id(), started.elapsed().as_millis()));
}

#[tokio::test(flavor = "multi_thread")]
async fn row_20_hostile_pages_end_soon_with_a_verdict_and_in_bounded_memory() {
    let server = Server::start(|asked| {
        Reply::html(&match asked.target.as_str() {
            "/deep" => "<div>".repeat(4000) + "words",
            "/line" => format!("<html><body><p>{}</p></body></html>", "word ".repeat(1_000_000)),
            _ => format!("<html><body><p>{}</p></body></html>", "a\0b ".repeat(100_000)),
        })
    })
    .await;
    let bench = Bench::new(&options()).await;
    // Without optimisation everything takes many times as long.
    let most_ms = if cfg!(debug_assertions) { 30_000 } else { 2000 };
    for (path, expected) in [("/deep", "hostile"), ("/line", ""), ("/zeros", "")] {
        let url = server.url(path);
        let ended = bench.beside(memory::run("matrix::extracting_process", url.as_str())).await;
        let (verdict, ms) = ended.said.split_once(' ').unwrap();
        assert!(verdict.starts_with(expected), "{path}: {verdict}");
        assert!(ms.parse::<u64>().unwrap() < most_ms, "{path}: {ms} ms");
        memory::assert_below(&ended, 512);
    }
}
