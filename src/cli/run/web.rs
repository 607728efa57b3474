//! `/metrics`, `/healthz` and `/readyz` of a daemon, for those that `[status]` lets ask.

use crate::config::StatusOptions;
use crate::crawl::Vitals;
use crate::frontier::{FrontierError, StoreView, Totals};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE, HOST};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::Timestamp;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// Connections at a time; more wait.
const MOST_CONNECTIONS: usize = 16;

/// How long one connection may take, all in all.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long the head of a request may take.
const HEAD_PATIENCE: Duration = Duration::from_secs(5);

/// How long the wait after a connection that could not be taken: too many files are open.
const BREATH: Duration = Duration::from_secs(1);

/// A loop that has not come round for so long is not well: it does so every ten seconds.
const LONGEST_BEAT: Duration = Duration::from_secs(60);

/// The port cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("{address}: cannot listen there ({source}); free it, or name another under `listen` in [status]")]
pub(super) struct ListenError {
    address: SocketAddr,
    source: io::Error,
}

/// What is told, and to whom.
struct Told {
    vitals: Arc<Vitals>,
    store: PathBuf,
    hosts: Vec<String>,
}

/// An open port.
pub(super) struct Web {
    listener: TcpListener,
    told: Arc<Told>,
}

type Answer = Response<Full<Bytes>>;

impl Web {
    /// Opens the port of `[status]`, or any where it names none.
    ///
    /// # Errors
    /// A port that somebody else has, or an address that is not this machine's.
    pub(super) async fn listen(
        options: &StatusOptions,
        vitals: Arc<Vitals>,
        store: PathBuf,
    ) -> Result<Self, ListenError> {
        let address = options.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)));
        let listener = TcpListener::bind(address).await.map_err(|source| ListenError { address, source })?;
        tracing::info!(at = %address, "telling how the run fares: /metrics, /healthz, /readyz");
        let hosts = options.hosts.iter().map(|host| host.to_lowercase()).collect();
        Ok(Self { listener, told: Arc::new(Told { vitals, store, hosts }) })
    }

    /// Answers for ever.
    pub(super) async fn serve(self) {
        let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        // The semaphore is never closed.
        while let Ok(place) = places.clone().acquire_owned().await {
            let Ok((stream, _)) = self.listener.accept().await else {
                tokio::time::sleep(BREATH).await;
                continue;
            };
            let told = self.told.clone();
            tokio::spawn(async move {
                // A client that hangs up or dawdles is its own loss.
                let _ = timeout(PATIENCE, converse(stream, told)).await;
                drop(place);
            });
        }
    }
}

async fn converse(stream: TcpStream, told: Arc<Told>) -> hyper::Result<()> {
    let service = service_fn(move |request| {
        let told = told.clone();
        async move { Ok::<_, Infallible>(answer(&request, &told).await) }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.keep_alive(false).timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE).max_buf_size(16 * 1024);
    http.serve_connection(TokioIo::new(stream), service).await
}

async fn answer(request: &Request<Incoming>, told: &Arc<Told>) -> Answer {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    if !host.is_some_and(|host| is_welcome(host, &told.hosts)) {
        return text(StatusCode::FORBIDDEN, "ask by address, as localhost, or by a name under `hosts` in [status]\n");
    }
    if request.method() != Method::GET {
        let mut refused = text(StatusCode::METHOD_NOT_ALLOWED, "only GET\n");
        refused.headers_mut().insert(ALLOW, hyper::header::HeaderValue::from_static("GET"));
        return refused;
    }
    match request.uri().path() {
        "/healthz" => health(&told.vitals),
        "/readyz" => readiness(told).await,
        "/metrics" => metrics(told).await,
        _ => text(StatusCode::NOT_FOUND, "/metrics, /healthz, /readyz\n"),
    }
}

/// Whether a `Host` header is one of ours: a page in a browser cannot ask in a name of its own that it makes point here.
fn is_welcome(host: &str, ours: &[String]) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.to_lowercase();
    let is_address = name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    is_address || name == "localhost" || ours.contains(&name)
}

fn health(vitals: &Vitals) -> Answer {
    let beat = vitals.since_beat();
    if beat < LONGEST_BEAT {
        return text(StatusCode::OK, "alive\n");
    }
    text(StatusCode::SERVICE_UNAVAILABLE, &format!("the loop has not come round for {} s\n", beat.as_secs()))
}

async fn readiness(told: &Arc<Told>) -> Answer {
    let condition = told.vitals.condition().borrow().clone();
    let obstacle = match condition.paused {
        _ if !condition.running => Some("not running yet".to_owned()),
        Some(paused) => Some(format!("paused since {}: {}", paused.since, paused.cause)),
        None => {
            let told = told.clone();
            let tried = tokio::task::spawn_blocking(move || try_out(&told)).await;
            tried.unwrap_or_else(|_| Some("looking panicked".to_owned()))
        }
    };
    match obstacle {
        None => text(StatusCode::OK, "ready\n"),
        Some(obstacle) => text(StatusCode::SERVICE_UNAVAILABLE, &format!("{obstacle}\n")),
    }
}

/// What keeps texts from being written or the store from answering.
fn try_out(told: &Told) -> Option<String> {
    told.vitals
        .try_out()
        .err()
        .map(|error| error.to_string())
        .or_else(|| totals(told).err().map(|error| error.to_string()))
}

fn totals(told: &Told) -> Result<Totals, FrontierError> {
    StoreView::open(&told.store)?.map_or_else(|| Ok(Totals::default()), |view| view.totals(Timestamp::now()))
}

async fn metrics(told: &Arc<Told>) -> Answer {
    let mut page = told.vitals.metrics.encode();
    let looking = told.clone();
    if let Ok(Ok(totals)) = tokio::task::spawn_blocking(move || totals(&looking)).await {
        add_totals(&mut page, &totals);
    }
    add_process(&mut page);
    page.push_str("# EOF\n");
    let mut answer = text(StatusCode::OK, &page);
    let kind = hyper::header::HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}

fn add_totals(page: &mut String, totals: &Totals) {
    let Totals { feeds, feeds_failing, pages_queued, pages_failing, hosts_resting, leased, .. } = totals;
    let Totals { pages_written, pages_without_article, pages_failed, .. } = totals;
    gauge(
        page,
        "gleaner_feeds",
        "Feeds in the store",
        &[("{state=\"well\"}", feeds - feeds_failing), ("{state=\"failing\"}", *feeds_failing)],
    );
    gauge(
        page,
        "gleaner_queue_pages",
        "Pages that wait",
        &[("{state=\"new\"}", pages_queued - pages_failing), ("{state=\"failed_before\"}", *pages_failing)],
    );
    gauge(
        page,
        "gleaner_done_pages",
        "Pages that ended, in the store",
        &[
            ("{state=\"written\"}", *pages_written),
            ("{state=\"no_article\"}", *pages_without_article),
            ("{state=\"failed\"}", *pages_failed),
        ],
    );
    gauge(page, "gleaner_leased", "Feeds and pages handed out", &[("", *leased)]);
    gauge(page, "gleaner_resting_hosts", "Hosts of which nothing is asked just now", &[("", *hosts_resting)]);
}

/// What the process itself takes, as Prometheus' own libraries name it; on Linux alone.
fn add_process(page: &mut String) {
    let resident = std::fs::read_to_string("/proc/self/status").ok().and_then(|status| {
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    });
    if let Some(kibibytes) = resident {
        gauge(page, "process_resident_memory_bytes", "Resident memory size in bytes", &[("", kibibytes * 1024)]);
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        gauge(page, "process_open_fds", "Number of open file descriptors", &[("", files.count() as u64)]);
    }
}

fn gauge(page: &mut String, name: &str, help: &str, values: &[(&str, u64)]) {
    // Writing to a string does not fail.
    let _ = writeln!(page, "# HELP {name} {help}.\n# TYPE {name} gauge");
    for (labels, value) in values {
        let _ = writeln!(page, "{name}{labels} {value}");
    }
}

fn text(status: StatusCode, body: &str) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(body.to_owned())));
    *answer.status_mut() = status;
    let plain = hyper::header::HeaderValue::from_static("text/plain; charset=utf-8");
    answer.headers_mut().insert(CONTENT_TYPE, plain);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_names_are_not_welcome() {
        let ours = ["gleaner.internal".to_owned()];
        for host in ["127.0.0.1:9464", "localhost", "LocalHost:80", "[::1]:9464", "10.1.2.3", "gleaner.internal:9464"] {
            assert!(is_welcome(host, &ours), "{host}");
        }
        for host in ["evil.example", "evil.example:9464", "localhost.evil.example", "127.0.0.1.evil.example", ""] {
            assert!(!is_welcome(host, &ours), "{host}");
        }
    }
}
