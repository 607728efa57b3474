//! A server on loopback that says whatever a test wants, well-formed or not.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a panic in a test is a failure that names its line")]

pub(crate) mod memory;
pub(crate) mod tls;

use gleaner::fetch::{FetchError, FetchOptions, Fetched, Fetcher, Lookup, LookupError, Request};
use gleaner::page::Page;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use url::Url;

/// A request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// What stands between method and version: a path, for a proxy a URL.
    pub(crate) target: String,
    /// The whole head, lines as sent.
    pub(crate) head: String,
    /// Which connection it came on, from 0.
    pub(crate) connection: usize,
    pub(crate) at: Instant,
}

impl Asked {
    /// The value of a header, its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// What goes back: raw bytes, each piece after a wait; then the connection closes or is kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reply {
    pieces: Vec<(Duration, Vec<u8>)>,
    keep: bool,
}

impl Reply {
    pub(crate) fn raw(bytes: impl AsRef<[u8]>) -> Self {
        Self::default().then(Duration::ZERO, bytes)
    }

    pub(crate) fn then(mut self, wait: Duration, bytes: impl AsRef<[u8]>) -> Self {
        self.pieces.push((wait, bytes.as_ref().to_vec()));
        self
    }

    /// A well-formed answer; `headers` are whole lines without line ends.
    pub(crate) fn with(status: u16, headers: &[&str], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        let head = format!("HTTP/1.1 {status} Some\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
        Self { keep: true, ..Self::raw([head.as_bytes(), body].concat()) }
    }

    pub(crate) fn html(body: &str) -> Self {
        Self::with(200, &["Content-Type: text/html; charset=utf-8"], body)
    }

    pub(crate) fn redirect(status: u16, location: &str) -> Self {
        Self::with(status, &[&format!("Location: {location}")], "")
    }

    pub(crate) fn not_found() -> Self {
        Self::with(404, &[], "nothing")
    }

    /// Keeps the connection open for the next request.
    pub(crate) fn kept(mut self) -> Self {
        self.keep = true;
        self
    }
}

/// The server; it lives as long as the test's runtime.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    scheme: &'static str,
    asked: Arc<Mutex<Vec<Asked>>>,
    connections: Arc<AtomicUsize>,
    most_at_once: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) async fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_at("127.0.0.1:0", answer).await
    }

    pub(crate) async fn start_at(address: &str, answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::listen(TcpListener::bind(address).await.unwrap(), None, answer)
    }

    /// Speaks https under the name of `identity`.
    pub(crate) async fn start_tls(
        address: &str,
        identity: &tls::Identity,
        answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::listen(TcpListener::bind(address).await.unwrap(), Some(identity.acceptor()), answer)
    }

    /// Answers on a listener that is there already.
    pub(crate) fn listen(
        listener: TcpListener,
        tls: Option<TlsAcceptor>,
        answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let server = Self {
            address: listener.local_addr().unwrap(),
            scheme: if tls.is_some() { "https" } else { "http" },
            asked: Arc::default(),
            connections: Arc::default(),
            most_at_once: Arc::default(),
        };
        let (asked, connections, most) =
            (server.asked.clone(), server.connections.clone(), server.most_at_once.clone());
        let answer = Arc::new(answer);
        let at_once = Arc::new(AtomicUsize::new(0));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = connections.fetch_add(1, Ordering::SeqCst);
                let (asked, answer, tls) = (asked.clone(), answer.clone(), tls.clone());
                let (at_once, most) = (at_once.clone(), most.clone());
                tokio::spawn(async move {
                    let _ = match tls {
                        None => serve(stream, number, &asked, &*answer, &at_once, &most).await,
                        // A client that does not trust us hangs up here.
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => serve(stream, number, &asked, &*answer, &at_once, &most).await,
                            Err(refused) => Err(refused),
                        },
                    };
                });
            }
        });
        server
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        self.named(&self.address.ip().to_string(), path)
    }

    /// The same under a name, which a [`lookup`] leads here.
    pub(crate) fn named(&self, name: &str, path: &str) -> Url {
        Url::parse(&format!("{}://{name}:{}{path}", self.scheme, self.address.port())).unwrap()
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// What was asked for, in order.
    pub(crate) fn targets(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.target).collect()
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The most requests that were being answered at the same time.
    pub(crate) fn most_at_once(&self) -> usize {
        self.most_at_once.load(Ordering::SeqCst)
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    connection: usize,
    asked: &Mutex<Vec<Asked>>,
    answer: &(impl Fn(&Asked) -> Reply + ?Sized),
    at_once: &AtomicUsize,
    most: &AtomicUsize,
) -> std::io::Result<()> {
    while let Some(head) = read_head(&mut stream).await? {
        let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let request = Asked { target, head, connection, at: Instant::now() };
        asked.lock().unwrap().push(request.clone());
        most.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let reply = answer(&request);
        let mut sent = Ok(());
        for (wait, bytes) in reply.pieces {
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            sent = stream.write_all(&bytes).await;
            if sent.is_err() {
                break;
            }
        }
        at_once.fetch_sub(1, Ordering::SeqCst);
        sent?;
        if !reply.keep {
            return stream.shutdown().await;
        }
    }
    Ok(())
}

async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Option<String>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).await? == 0 {
            return Ok(None);
        }
        head.push(byte[0]);
    }
    Ok(Some(String::from_utf8_lossy(&head).into_owned()))
}

/// Options for servers on loopback: no pause, short patience.
pub(crate) fn options() -> FetchOptions {
    FetchOptions {
        allow_private: vec!["127.0.0.0/8".parse().unwrap()],
        host_pause_ms: 0,
        connect_timeout_s: 2,
        idle_timeout_s: 5,
        total_timeout_s: 10,
        ..FetchOptions::default()
    }
}

/// A resolver that knows these names alone; `!` in the place of addresses is a resolver that fails.
pub(crate) fn lookup(names: &'static [(&'static str, &'static [&'static str])]) -> Lookup {
    Arc::new(move |name| {
        let found = names.iter().find(|(known, _)| *known == name).map(|(_, addresses)| *addresses);
        Box::pin(async move {
            match found {
                Some(["!"]) => Err(LookupError::Temporary(io::Error::other("SERVFAIL"))),
                Some(addresses) => Ok(addresses.iter().map(|address| address.parse::<IpAddr>().unwrap()).collect()),
                None => Err(LookupError::Unknown(io::Error::other("NXDOMAIN"))),
            }
        })
    })
}

/// A request for a page, robots.txt not asked.
pub(crate) fn request(url: Url) -> Request {
    Request { obey_robots: false, ..Request::page(url) }
}

pub(crate) async fn fetch_with(options: &FetchOptions, request: &Request) -> Result<Page, FetchError> {
    match Fetcher::new(options).unwrap().fetch(request).await? {
        Fetched::Page { page, .. } => Ok(page),
        Fetched::NotModified { .. } => panic!("304 without a condition"),
    }
}

pub(crate) async fn fetch(url: Url) -> Result<Page, FetchError> {
    fetch_with(&options(), &request(url)).await
}

/// Fetches what must fail; the message is checked for what all messages have in common.
pub(crate) async fn failure(options: &FetchOptions, url: Url) -> FetchError {
    let error = fetch_with(options, &request(url.clone())).await.unwrap_err();
    let said = error.to_string();
    assert!(said.starts_with(url.as_str()) && !said.contains('\n'), "{said}");
    error
}

pub(crate) async fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    async_compression::tokio::bufread::GzipEncoder::new(plain).read_to_end(&mut out).await.unwrap();
    out
}
