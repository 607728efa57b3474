//! Connections that prove nothing.

use crate::loopback::tls::Authority;
use crate::loopback::{Reply, Server, failure, fetch_with, lookup, options, request};
use gleaner::fetch::{FailureClass, FetchOptions, Fetcher, SiteOptions, Target};
use url::Url;

#[tokio::test]
async fn https_without_a_valid_certificate_is_never_taken() {
    // Speaks plain HTTP on a port where TLS is asked for, which is as invalid as it gets.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("https://{}/", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut hello = [0; 64];
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut hello).await;
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad\r\n\r\n").await;
        }
    });
    let error = failure(&options(), url).await;
    assert_eq!((error.id().as_str(), error.class(Target::Page)), ("tls", FailureClass::Slow), "{error}");
}

#[tokio::test]
async fn certificates_that_prove_nothing_are_refused_and_nothing_is_asked() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let trusting = FetchOptions { ca_file: Some(authority.write(folder.path())), ..options() };
    let own_word = Authority::new().certify(&["127.0.0.1"], 2100);
    let run_out = authority.certify(&["127.0.0.1"], 2021);
    let of_others = authority.certify(&["127.0.0.9", "other.example"], 2100);
    for (identity, what) in [(own_word, "unknown authority"), (run_out, "run out"), (of_others, "another host's")] {
        let server = Server::start_tls("127.0.0.1:0", &identity, |_| Reply::html("secret")).await;
        let error = failure(&trusting, server.url("/")).await;
        assert_eq!((error.id().as_str(), error.class(Target::Page)), ("tls", FailureClass::Slow), "{what}: {error}");
        assert!(server.asked().is_empty(), "{what}: nothing is asked over a connection that proves nothing");
    }
    let honest = authority.certify(&["127.0.0.1"], 2100);
    let server = Server::start_tls("127.0.0.1:0", &honest, |_| Reply::html("<p>Words")).await;
    assert_eq!(fetch_with(&trusting, &request(server.url("/"))).await.unwrap().body, "<p>Words");
    assert_eq!(failure(&options(), server.url("/")).await.id(), "tls", "without the authority's file");
}

#[tokio::test]
async fn insecure_is_for_the_site_that_says_so_and_for_no_other() {
    let nobody = Authority::new().certify(&["nobody.example"], 2100);
    let server = Server::start_tls("127.0.0.1:0", &nobody, |_| Reply::html("<p>Words")).await;
    let site = SiteOptions { insecure: true, ..SiteOptions::default() };
    let options = FetchOptions { sites: [("lax.example".to_owned(), site)].into(), ..options() };
    let names = lookup(&[("lax.example", &["127.0.0.1"]), ("strict.example", &["127.0.0.1"])]);
    #[cfg(feature = "cli")]
    let log = crate::log::Log::default();
    #[cfg(feature = "cli")]
    let guard = log.listen();
    let fetcher = Fetcher::with_lookup(&options, names).unwrap();
    #[cfg(feature = "cli")]
    {
        drop(guard);
        assert!(log.text().contains("\"WARN\"") && log.text().contains("lax.example"), "{}", log.text());
    }
    assert!(fetcher.fetch(&request(server.named("lax.example", "/"))).await.is_ok());
    let error = fetcher.fetch(&request(server.named("strict.example", "/"))).await.unwrap_err();
    assert_eq!((error.id().as_str(), server.asked().len()), ("tls", 1), "{error}");
}

#[tokio::test]
async fn file_without_certificates_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("empty.pem"), "no certificate").unwrap();
    for (name, said) in [("absent.pem", "cannot be read"), ("empty.pem", "holds no certificates in PEM")] {
        let wrong = FetchOptions { ca_file: Some(folder.path().join(name)), ..options() };
        let error = Fetcher::new(&wrong).unwrap_err().to_string();
        assert!(error.contains("`ca_file`") && error.contains(said), "{error}");
    }
}
