//! HTTP/2 that breaks: a server that resets streams and says goodbye, as nginx does not when it is asked.

use crate::loopback::tls::Authority;
use crate::loopback::{options, request};
use bytes::Bytes;
use gleaner::fetch::{FailureClass, FetchOptions, Fetched, Fetcher, Target};
use h2::Reason;
use h2::server::SendResponse;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;
use tokio::net::TcpListener;
use url::Url;

/// A server that speaks HTTP/2 alone; what it does is in the path.
struct Broken {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    folder: TempDir,
    fetcher: Fetcher,
}

impl Broken {
    async fn start() -> Self {
        let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
        let tls = authority.certify(&["127.0.0.1"], 2100).acceptor_for(&["h2"]);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections: Arc<AtomicUsize> = Arc::default();
        let counted = connections.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = counted.fetch_add(1, Ordering::SeqCst);
                let tls = tls.clone();
                tokio::spawn(async move {
                    let Ok(stream) = tls.accept(stream).await else { return };
                    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
                    while let Some(Ok((asked, answer))) = connection.accept().await {
                        let path = asked.uri().path().to_owned();
                        respond(&path, number, answer);
                        if path == "/goodbye" {
                            connection.graceful_shutdown();
                        }
                        if path == "/abrupt" && number == 0 {
                            connection.abrupt_shutdown(Reason::ENHANCE_YOUR_CALM);
                        }
                    }
                });
            }
        });
        let trusting = FetchOptions { ca_file: Some(authority.write(folder.path())), ..options() };
        let fetcher = Fetcher::new(&trusting).unwrap();
        Self { address, connections, folder, fetcher }
    }

    async fn fetch(&self, path: &str) -> Result<String, gleaner::fetch::FetchError> {
        assert!(self.folder.path().exists());
        let url = Url::parse(&format!("https://{}{path}", self.address)).unwrap();
        match self.fetcher.fetch(&request(url)).await? {
            Fetched::Page { page, .. } => Ok(String::from_utf8(page.body.to_vec()).unwrap()),
            Fetched::NotModified { .. } => panic!("304 to somebody who has nothing"),
        }
    }
}

fn respond(path: &str, connection: usize, mut answer: SendResponse<Bytes>) {
    if path == "/refused" || (path == "/refused-once" && connection == 0) {
        return answer.send_reset(Reason::REFUSED_STREAM);
    }
    let head = http::Response::builder().header("content-type", "text/html");
    let head = if path == "/short" { head.header("content-length", "100") } else { head };
    let Ok(mut body) = answer.send_response(head.body(()).unwrap(), false) else { return };
    if path == "/reset" {
        let _ = body.send_data("<p>Wor".into(), false);
        return body.send_reset(Reason::INTERNAL_ERROR);
    }
    let _ = body.send_data("<p>Words".into(), true);
}

#[tokio::test]
async fn streams_that_are_reset_are_failures_to_be_tried_again() {
    let server = Broken::start().await;
    for (path, ids) in [("/reset", &["answer", "truncated"][..]), ("/short", &["truncated"]), ("/refused", &["answer"])]
    {
        let error = server.fetch(path).await.unwrap_err();
        assert!(ids.contains(&error.id().as_str()), "{path}: {error}");
        assert_eq!(error.class(Target::Page), FailureClass::Transient, "{path}: {error}");
        assert_eq!(server.fetch("/good").await.unwrap(), "<p>Words", "after {path}");
    }
}

#[tokio::test]
async fn connection_that_says_goodbye_is_replaced() {
    let server = Broken::start().await;
    for expected in 1..4 {
        assert_eq!(server.fetch("/goodbye").await.unwrap(), "<p>Words");
        assert_eq!(server.connections.load(Ordering::SeqCst), expected);
    }
    let server = Broken::start().await;
    assert_eq!(server.fetch("/good").await.unwrap(), "<p>Words");
    assert_eq!(server.fetch("/abrupt").await.unwrap(), "<p>Words", "asked again over a new connection");
    assert_eq!(server.connections.load(Ordering::SeqCst), 2);
}
