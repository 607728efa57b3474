//! `cargo run --release --example crawl_bench -- serve PORT DELAY_MS FOLDER...` and
//! `... -- fetch CONNECTIONS < URLS`: the server and the bare fetcher of `eval/crawl_bench/run.py`.
//!
//! The server answers on every address of 127.0.0.0/8 at the port, each of which is a host of its own:
//! `/page/N.html` is the N-th file of the folders, which are held in memory, and `/feed/FROM-TO-STEP.rss` announces those
//! with these numbers on the host that was asked. All else is 404. It prints `ready` when it is.
#![allow(clippy::print_stdout, reason = "a tool for measuring, which says what it has done")]

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use gleaner::fetch::{FetchOptions, Fetched, Fetcher, Request};
use std::fmt::Write as _;
use std::io::BufRead;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use url::Url;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match arguments.as_slice() {
        ["serve", port, delay_ms, folders @ ..] => {
            let files = folders.iter().map(|folder| read(folder)).collect::<Result<Vec<_>>>()?;
            let delay = Duration::from_millis(delay_ms.parse()?);
            runtime.block_on(serve(port.parse()?, delay, files.concat()))
        }
        ["fetch", connections] => runtime.block_on(fetch(connections.parse()?)),
        _ => bail!("serve PORT DELAY_MS FOLDER... | fetch CONNECTIONS"),
    }
}

/// The files of a folder, by name.
fn read(folder: &str) -> Result<Vec<Bytes>> {
    let entries = std::fs::read_dir(folder).with_context(|| folder.to_owned())?;
    let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.sort();
    paths.iter().map(|path| Ok(Bytes::from(std::fs::read(path)?))).collect()
}

async fn serve(port: u16, delay: Duration, files: Vec<Bytes>) -> Result<()> {
    let listener = TcpListener::bind(("0.0.0.0", port)).await?;
    println!("ready: {} files, {} bytes", files.len(), files.iter().map(Bytes::len).sum::<usize>());
    let files = Arc::new(files);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let files = files.clone();
        tokio::spawn(async move {
            // A client that goes away ends its connection and nothing else.
            let _ = answer(stream, delay, &files).await;
        });
    }
}

async fn answer(stream: TcpStream, delay: Duration, files: &[Bytes]) -> Result<()> {
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
        tokio::time::sleep(delay).await;
        let (status, kind, body) = match (page(&path, files), feed(&path, &host)) {
            (Some(page), _) => ("200 OK", "text/html", page),
            (None, Some(feed)) => ("200 OK", "application/rss+xml", feed.into()),
            (None, None) => ("404 Not Found", "text/plain", Bytes::new()),
        };
        let head = format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(&body).await?;
        stream.flush().await?;
    }
}

fn page(path: &str, files: &[Bytes]) -> Option<Bytes> {
    let number: usize = path.strip_prefix("/page/")?.strip_suffix(".html")?.parse().ok()?;
    files.get(number % files.len().max(1)).cloned()
}

fn feed(path: &str, host: &str) -> Option<String> {
    let range: Vec<usize> =
        path.strip_prefix("/feed/")?.strip_suffix(".rss")?.split('-').map_while(|number| number.parse().ok()).collect();
    let [from, to, step] = range.as_slice() else { return None };
    let mut items = String::new();
    for number in (*from..*to).step_by(*step) {
        write!(items, "<item><link>http://{host}/page/{number}.html</link></item>").ok()?;
    }
    Some(format!("<rss version=\"2.0\"><channel><title>{host}</title>{items}</channel></rss>"))
}

/// Fetches the URLs of standard input and throws away what comes: what our fetching costs by itself.
async fn fetch(connections: usize) -> Result<()> {
    let options =
        FetchOptions { allow_private: vec!["127.0.0.0/8".parse()?], host_pause_ms: 0, ..FetchOptions::default() };
    let (fetcher, places) = (Arc::new(Fetcher::new(&options)?), Arc::new(Semaphore::new(connections)));
    let mut tasks = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let (url, fetcher, places) = (Url::parse(&line?)?, fetcher.clone(), places.clone());
        tasks.push(tokio::spawn(async move {
            let _place = places.acquire().await;
            match fetcher.fetch(&Request { obey_robots: false, ..Request::page(url) }).await {
                Ok(Fetched::Page { page, .. }) => page.body.len(),
                _ => 0,
            }
        }));
    }
    let (mut pages, mut bytes) = (0, 0);
    for task in tasks {
        let length = task.await?;
        (pages, bytes) = (pages + usize::from(length > 0), bytes + length);
    }
    println!("{pages} pages, {bytes} bytes");
    Ok(())
}
