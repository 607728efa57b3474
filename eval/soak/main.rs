//! `cargo run --release --example soak -- PORT ARTICLES SECONDS`: the sites of `eval/soak/run.py`.
//!
//! Listens on every address of 127.0.0.0/8, each of which is a host of its own. `/feed/F.rss` announces up to ARTICLES
//! articles of feed F, more with time: all of them after SECONDS. `/a/F-I.html` is article I of feed F, some kilobytes that
//! are like no other. One in twenty paths fails when it is asked for first: 503, a connection that is reset, a body that is
//! cut, an answer after two seconds, a redirect. `/announced` says how many articles have been told of, and `/faults` how
//! often something went wrong. All else is 404. Prints `ready` when it is.
#![allow(clippy::print_stdout, reason = "a tool for measuring, which says what it has done")]

use anyhow::{Result, bail};
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// One path in so many fails when it is asked for first.
const FAULT_EVERY: u64 = 20;

/// The words that articles are made of.
const WORDS: [&str; 48] = [
    "harbour",
    "council",
    "bridge",
    "river",
    "market",
    "engine",
    "winter",
    "signal",
    "letter",
    "garden",
    "station",
    "orchard",
    "captain",
    "village",
    "teacher",
    "budget",
    "forest",
    "window",
    "railway",
    "island",
    "vessel",
    "mayor",
    "archive",
    "turbine",
    "meadow",
    "quarry",
    "library",
    "festival",
    "ferry",
    "report",
    "granite",
    "lantern",
    "opens",
    "reached",
    "promised",
    "crossed",
    "measured",
    "carried",
    "refused",
    "followed",
    "rebuilt",
    "counted",
    "visited",
    "described",
    "repaired",
    "gathered",
    "returned",
    "finished",
];

struct Town {
    began: Instant,
    articles: usize,
    lasts: Duration,
    /// How many articles of each feed have been told of.
    announced: Mutex<HashMap<usize, usize>>,
    /// Paths that have failed once.
    failed: Mutex<HashSet<String>>,
}

fn main() -> Result<()> {
    let numbers: Vec<u64> = std::env::args().skip(1).map(|word| Ok(word.parse()?)).collect::<Result<_>>()?;
    let [port, articles, seconds] = numbers.as_slice() else { bail!("PORT ARTICLES SECONDS") };
    let town = Arc::new(Town {
        began: Instant::now(),
        articles: usize::try_from(*articles)?,
        lasts: Duration::from_secs(*seconds),
        announced: Mutex::default(),
        failed: Mutex::default(),
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(u16::try_from(*port)?, town))
}

async fn serve(port: u16, town: Arc<Town>) -> Result<()> {
    let listener = TcpListener::bind(("0.0.0.0", port)).await?;
    println!("ready");
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let town = town.clone();
        tokio::spawn(async move {
            // A client that goes away ends its connection and nothing else.
            let _ = converse(stream, &town).await;
        });
    }
}

async fn converse(stream: TcpStream, town: &Town) -> Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let (mut path, mut host, mut line) = (String::new(), String::new(), String::new());
        while stream.read_line(&mut line).await? > 2 {
            match line.split_once(':') {
                _ if path.is_empty() => path = line.split(' ').nth(1).unwrap_or_default().to_owned(),
                Some((name, value)) if name.eq_ignore_ascii_case("host") => host = value.trim().to_owned(),
                _ => (),
            }
            line.clear();
        }
        if path.is_empty() {
            return Ok(());
        }
        let path = path.split('?').next().unwrap_or_default();
        let answer = town.answer(path, &host);
        tokio::time::sleep(answer.after).await;
        stream.write_all(answer.bytes.as_bytes()).await?;
        stream.flush().await?;
        if answer.ends {
            return Ok(());
        }
    }
}

/// What is sent, and when; whether the connection ends with it.
#[derive(Default)]
struct Answer {
    after: Duration,
    bytes: String,
    ends: bool,
}

impl Town {
    fn answer(&self, path: &str, host: &str) -> Answer {
        let Some((kind, body)) = self.page(path, host) else { return whole("404 Not Found", "", "text/plain", "") };
        match self.fault(path) {
            Some(0) => whole("503 Service Unavailable", "Retry-After: 2\r\n", "text/plain", ""),
            Some(1) => Answer { ends: true, ..Answer::default() },
            Some(2) => {
                let Answer { mut bytes, .. } = whole("200 OK", "", kind, &body);
                bytes.truncate(bytes.len() - body.len() / 2);
                Answer { bytes, ends: true, ..Answer::default() }
            }
            Some(3) => Answer { after: Duration::from_secs(2), ..whole("200 OK", "", kind, &body) },
            Some(_) => whole("302 Found", &format!("Location: {path}?moved\r\n"), "text/plain", ""),
            None => whole("200 OK", "", kind, &body),
        }
    }

    /// Which fault the first request for a path meets.
    fn fault(&self, path: &str) -> Option<u64> {
        let number = BuildHasherDefault::<DefaultHasher>::default().hash_one(path);
        let is_faulty = path.len() > "/announced".len() && number.is_multiple_of(FAULT_EVERY);
        let is_first = is_faulty && lock(&self.failed).insert(path.to_owned());
        is_first.then_some((number / FAULT_EVERY) % 5)
    }

    fn page(&self, path: &str, host: &str) -> Option<(&'static str, String)> {
        match path {
            "/announced" => Some(("text/plain", lock(&self.announced).values().sum::<usize>().to_string())),
            "/faults" => Some(("text/plain", lock(&self.failed).len().to_string())),
            _ => match path.strip_prefix("/feed/") {
                Some(feed) => self.feed(feed.strip_suffix(".rss")?.parse().ok()?, host),
                None => article(path.strip_prefix("/a/")?.strip_suffix(".html")?),
            },
        }
    }

    fn feed(&self, feed: usize, host: &str) -> Option<(&'static str, String)> {
        let share = self.began.elapsed().as_secs_f64() / self.lasts.as_secs_f64();
        let count = ((self.articles as f64 * share).ceil() as usize).clamp(1, self.articles);
        lock(&self.announced).insert(feed, count);
        let mut items = String::new();
        for number in (0..count).rev() {
            let url = format!("http://{host}/a/{feed}-{number}.html");
            write!(items, "<item><title>{}</title><link>{url}</link><guid>{url}</guid></item>", title(feed, number))
                .ok()?;
        }
        let feed = format!("<rss version=\"2.0\"><channel><title>{host}</title>{items}</channel></rss>");
        Some(("application/rss+xml", feed))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn whole(status: &str, headers: &str, kind: &str, body: &str) -> Answer {
    let length = body.len();
    let bytes = format!("HTTP/1.1 {status}\r\n{headers}Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}");
    Answer { bytes, ..Answer::default() }
}

fn title(feed: usize, number: usize) -> String {
    format!("The {} of day {number} in district {feed}", sentence(feed * 1000 + number, 4).to_lowercase())
}

/// So many words, the same for the same seed.
fn sentence(seed: usize, words: usize) -> String {
    let mut state = (seed as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        WORDS[(state % WORDS.len() as u64) as usize]
    };
    (0..words).map(|_| next()).collect::<Vec<_>>().join(" ")
}

fn article(name: &str) -> Option<(&'static str, String)> {
    let (feed, number) = name.split_once('-')?;
    let (feed, number) = (feed.parse().ok()?, number.parse().ok()?);
    let title = title(feed, number);
    let paragraphs: String = (0..12).fold(String::new(), |mut text, paragraph| {
        let words = sentence(feed * 100_000 + number * 100 + paragraph, 45);
        let _ = write!(text, "<p>On day {number} the {words}, as the people of district {feed} have told us.</p>");
        text
    });
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta property=\"og:type\" content=\"article\"></head><body><header><nav><a href=\"/\">Home</a> \
         <a href=\"/local\">Local</a> <a href=\"/sport\">Sport</a></nav></header><main><article><h1>{title}</h1>\
         {paragraphs}</article><form action=\"/subscribe\"><h3>Sign up to our newsletter</h3><input type=\"email\">\
         </form></main><footer><p>© 2026 The District Post. All rights reserved.</p></footer></body></html>"
    );
    Some(("text/html; charset=utf-8", page))
}
