//! `cargo bench --bench fetch -- [FOLDER]`: pages a second and processor time a page, fetched from a server on loopback
//! over 1, 16 and 256 connections.
//!
//! The pages of a folder, or the fixtures, are served by this process to another one, which fetches them as the daemon
//! does, a host for each connection (127.0.x.y), without pauses and robots.txt, and once more with extraction. The other
//! process's own time and memory count (`/proc/self`, so Linux alone), of which the first pages, fetched before the clock
//! starts, are no part but for the memory.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a benchmark prints, and stops where it cannot measure")]

use bytes::Bytes;
use gleaner::crawl::{Reach, Reader};
use gleaner::extract::{Extractor, Options};
use gleaner::fetch::{FetchOptions, Fetched, Fetcher, Request};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use url::Url;

const CONNECTIONS: [usize; 3] = [1, 16, 256];
const ROUNDS: usize = 5;

/// How many pages are fetched, and fetched and extracted, in one round.
const FETCHED: usize = 10_000;
const EXTRACTED: usize = 1000;

/// What says that this is the process that fetches.
const CLIENT: &str = "--client";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.split_first() {
        Some((first, rest)) if first == CLIENT => client(rest),
        folder => server(folder.map(|(folder, _)| folder.as_str())),
    }
}

// ---------------------------------------------------------------- the server

fn server(folder: Option<&str>) {
    let pages: Arc<[Bytes]> = pages(folder).iter().map(|page| answer(page)).collect();
    let bytes: usize = pages.iter().map(Bytes::len).sum();
    println!(
        "{} pages, {:.1} kB each; medians of {ROUNDS} rounds",
        pages.len(),
        bytes as f64 / 1e3 / pages.len() as f64
    );
    println!("{:<20} {:>12} {:>10} {:>12} {:>10}", "", "connections", "pages/s", "CPU ms/page", "peak MB");
    let runtime = Runtime::new().expect("a runtime");
    // All of 127/8, each address a host.
    let listener = runtime.block_on(TcpListener::bind("0.0.0.0:0")).expect("a port");
    let port = listener.local_addr().expect("its address").port();
    runtime.spawn(serve(listener, pages));
    for (job, count) in [("fetch", FETCHED), ("fetch and extract", EXTRACTED)] {
        for connections in CONNECTIONS {
            let mut rounds: Vec<[f64; 3]> = (0..ROUNDS).map(|_| round(job, port, connections, count)).collect();
            let [seconds, cpu, peak_mb] = [0, 1, 2].map(|field| {
                rounds.sort_by(|one, other| one[field].total_cmp(&other[field]));
                rounds[ROUNDS / 2][field]
            });
            let (rate, cpu_ms) = (count as f64 / seconds, cpu * 1e3 / count as f64);
            println!("{job:<20} {connections:>12} {rate:>10.0} {cpu_ms:>12.3} {peak_mb:>10.0}");
        }
    }
}

/// Seconds on the clock, seconds of processor, and megabytes of one round.
fn round(job: &str, port: u16, connections: usize, count: usize) -> [f64; 3] {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args([CLIENT, job, &port.to_string(), &connections.to_string(), &count.to_string()]);
    let output = command.output().expect("the client");
    let text = String::from_utf8_lossy(&output.stdout);
    let mut figures = text.split_whitespace().filter_map(|figure| figure.parse().ok());
    [(); 3].map(|()| figures.next().unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr))))
}

/// A page as it goes over the wire, head and all.
fn answer(page: &Path) -> Bytes {
    let body = std::fs::read(page).expect("a readable page");
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), &body].concat().into()
}

async fn serve(listener: TcpListener, pages: Arc<[Bytes]>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve_one(stream, pages.clone()));
    }
}

/// Answers `GET /<number>` with the page of that number, or of what is left of it by the number of pages.
async fn serve_one(stream: TcpStream, pages: Arc<[Bytes]>) {
    let mut stream = BufReader::new(stream);
    let mut number = None;
    let mut line = String::new();
    while matches!(stream.read_line(&mut line).await, Ok(1..)) {
        if let Some(path) = line.strip_prefix("GET /") {
            number = path.split(' ').next().and_then(|number| number.parse::<usize>().ok());
        } else if line == "\r\n" {
            let page = &pages[number.take().unwrap_or_default() % pages.len()];
            if stream.get_mut().write_all(page).await.is_err() {
                return;
            }
        }
        line.clear();
    }
}

fn pages(folder: Option<&str>) -> Vec<PathBuf> {
    let of = |folder: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()).collect()
    };
    let mut pages = match folder {
        Some(folder) => of(Path::new(folder)),
        None => of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"))
            .iter()
            .map(|case| case.join("page.html"))
            .collect(),
    };
    pages.retain(|page| page.is_file() && page.extension().is_some_and(|extension| extension == "html"));
    pages.sort();
    pages
}

// ---------------------------------------------------------------- the client

fn client(arguments: &[String]) {
    let [job, numbers @ ..] = arguments else { panic!("{arguments:?}") };
    let numbers: Vec<usize> = numbers.iter().map(|number| number.parse().expect("a number")).collect();
    let [port, connections, count] = numbers[..] else { panic!("{arguments:?}") };
    Runtime::new().expect("a runtime").block_on(async {
        let options = FetchOptions {
            allow_private: vec!["127.0.0.0/8".parse().expect("a network")],
            host_pause_ms: 0,
            ..FetchOptions::default()
        };
        let fetcher = Arc::new(Fetcher::new(&options).expect("a fetcher"));
        let extractor =
            (job != "fetch").then(|| Arc::new(Extractor::new(&Options::default()).expect("the built-in data")));
        let reader = Reader::new(fetcher.clone(), false, Reach::default());
        let work = async |each: usize| {
            let hosts = (0..connections).map(|number| {
                let (fetcher, reader, extractor) = (fetcher.clone(), reader.clone(), extractor.clone());
                let host = format!("127.0.{}.{}:{port}", number / 250, number % 250 + 1);
                tokio::spawn(async move { fetch(&fetcher, &reader, extractor, &host, number * each, each).await })
            });
            for host in hosts.collect::<Vec<_>>() {
                host.await.expect("no panic");
            }
        };
        // Connections are made and lazy things are built.
        work(2).await;
        let (clock, cpu) = (Instant::now(), processor_seconds());
        work(count.div_ceil(connections)).await;
        let seconds = clock.elapsed().as_secs_f64();
        println!("{seconds} {} {}", processor_seconds() - cpu, peak_mb());
    });
}

async fn fetch(
    fetcher: &Fetcher,
    reader: &Reader,
    extractor: Option<Arc<Extractor>>,
    host: &str,
    first: usize,
    count: usize,
) {
    for number in first..first + count {
        let url = Url::parse(&format!("http://{host}/{number}")).expect("a URL");
        let request = Request { obey_robots: false, ..Request::page(url) };
        let Fetched::Page { page, .. } = fetcher.fetch(&request).await.expect("a page") else { panic!("304") };
        if let Some(extractor) = &extractor {
            reader.extract(extractor, page).await.expect("an extraction");
        }
    }
}

/// The processor time of this process: fields 14 and 15 of `stat`, in hundredths of a second (proc_pid_stat(5)).
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields = stat.rsplit_once(") ").expect("a name in brackets").1.split(' ').skip(11).take(2);
    fields.map(|ticks| ticks.parse::<f64>().expect("ticks") / 100.0).sum()
}

fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    peak.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).expect("a number") * 1024.0 / 1e6
}
