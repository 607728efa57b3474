//! What a hop leaves in the log.

use crate::log::Log;
use crate::loopback::{Reply, Server, failure, fetch, gzip, options};
use serde_json::Value;

#[tokio::test]
async fn each_hop_is_a_span_with_host_status_bytes_and_milliseconds() {
    let log = Log::default();
    let _guard = log.listen();
    let body = gzip(&b"<p>Words</p>".repeat(100)).await;
    let wire_bytes = body.len();
    let server = Server::start(move |asked| match asked.target.as_str() {
        "/old" => Reply::redirect(301, "/new"),
        "/gone" => Reply::with(410, &[], ""),
        _ => Reply::with(200, &["Content-Type: text/html", "Content-Encoding: gzip"], &body),
    })
    .await;
    fetch(server.url("/old")).await.unwrap();
    failure(&options(), server.url("/gone")).await;
    let logged = log.text();
    let lines = logged.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let hops: Vec<Value> = lines.filter(|line| line["target"] == "gleaner::fetch::wire").collect();
    let said: Vec<&str> = hops.iter().map(|line| line["fields"]["message"].as_str().unwrap()).collect();
    assert_eq!(said, ["redirected", "fetched", "failed"]);
    for (line, path, status) in [(&hops[0], "/old", 301), (&hops[1], "/new", 200), (&hops[2], "/gone", 410)] {
        let span = &line["span"];
        assert_eq!(span["name"], "hop");
        assert_eq!((span["url"].as_str(), span["host"].as_str()), (Some(server.url(path).as_str()), Some("127.0.0.1")));
        assert_eq!((span["status"].as_u64(), span["version"].as_str()), (Some(status), Some("HTTP/1.1")));
        assert!(span["ms"].is_u64(), "{span}");
    }
    assert_eq!(
        (hops[1]["span"]["bytes"].as_u64(), hops[1]["span"]["wire_bytes"].as_u64()),
        (Some(1200), Some(wire_bytes as u64))
    );
    assert_eq!(hops[2]["fields"]["error"], "status_410");
}
