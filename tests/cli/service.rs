//! What a daemon tells a service manager and whoever asks at its port.
#![cfg(unix)]

use super::daemon::send;
use super::folder;
use super::running::{BEGINNING, Daemon, ask, feed, free_port, get, one_page, until};
use super::site::PATIENCE;
use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

/// A service manager.
struct Manager {
    socket: UnixDatagram,
}

impl Manager {
    /// Every line it is told, until one begins with `wanted`.
    fn wait_for(&self, wanted: &str) -> Vec<String> {
        let mut lines = vec![];
        let mut buffer = [0; 4096];
        while !lines.iter().any(|line: &String| line.starts_with(wanted)) {
            let length = self.socket.recv(&mut buffer).unwrap_or_else(|error| panic!("{wanted}: {error}: {lines:?}"));
            lines.extend(String::from_utf8_lossy(&buffer[..length]).lines().map(str::to_owned));
        }
        lines
    }
}

fn managed(config: &str, watchdog: Option<Duration>) -> (Manager, Daemon) {
    let here = folder();
    let path = here.path().join("manager.sock");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let daemon = Daemon::start_in(here, config, |command| {
        command.env("NOTIFY_SOCKET", &path);
        if let Some(watchdog) = watchdog {
            command.env("WATCHDOG_USEC", watchdog.as_micros().to_string());
        }
    });
    (Manager { socket }, daemon)
}

#[test]
fn service_manager_is_told_of_start_reload_and_stop() {
    let site = one_page("The bridge");
    let (manager, mut daemon) = managed(&format!("{BEGINNING}{}", feed(&site.url("/feed"))), None);
    let told = manager.wait_for("STATUS=");
    assert!(told.contains(&"READY=1".into()) && told.iter().any(|line| line.contains("1 feeds")), "{told:?}");
    daemon.wait_for("written");
    send("HUP", &daemon.child);
    let told = manager.wait_for("READY=1");
    let at = told.iter().position(|line| line == "RELOADING=1").unwrap_or_else(|| panic!("{told:?}"));
    assert!(told[at + 1].starts_with("MONOTONIC_USEC=") && told[at + 2] == "READY=1", "{told:?}");
    send("TERM", &daemon.child);
    manager.wait_for("STOPPING=1");
}

#[test]
fn watchdog_hears_of_a_loop_that_goes_round() {
    let site = one_page("The bridge");
    let (manager, _daemon) =
        managed(&format!("{BEGINNING}{}", feed(&site.url("/feed"))), Some(Duration::from_millis(300)));
    for _ in 0..3 {
        manager.wait_for("WATCHDOG=1");
    }
}

#[test]
fn metrics_count_what_was_done() {
    let (site, port) = (one_page("The bridge"), free_port());
    let config = format!("{BEGINNING}[status]\nlisten = \"127.0.0.1:{port}\"\n{}", feed(&site.url("/feed")));
    let mut daemon = Daemon::start(&config);
    daemon.wait_for("written");
    let expected = [
        "gleaner_polls_total{outcome=\"read\"} 1",
        "gleaner_pages_total{outcome=\"written\"} 1",
        "gleaner_discovered_total 1",
        "gleaner_verdicts_total{verdict=\"article\"} 1",
        "gleaner_removed_blocks_total{kind=\"newsletter\"} ",
        "gleaner_extraction_seconds_count 1",
        "gleaner_fetch_bytes_count ",
        "gleaner_poll_lateness_seconds_count 1",
        "gleaner_feeds{state=\"well\"} 1",
        "gleaner_done_pages{state=\"written\"} 1",
        "gleaner_configured_feeds 1",
        "gleaner_paused 0",
    ];
    let mut page = String::new();
    until("the count of all", || {
        page = get(port, "/metrics").unwrap_or_default().1;
        expected.iter().all(|line| page.lines().any(|found| found.starts_with(line)))
    });
    assert!(page.ends_with("# EOF\n"), "{page}");
    for path in ["/healthz", "/readyz"] {
        assert_eq!(get(port, path).unwrap().0, 200, "{path}");
    }
}

#[test]
fn port_answers_get_alone_and_nobody_who_asks_in_another_name() {
    let (site, port) = (one_page("The bridge"), free_port());
    let config = format!("{BEGINNING}[status]\nlisten = \"127.0.0.1:{port}\"\n{}", feed(&site.url("/feed")));
    let mut daemon = Daemon::start(&config);
    daemon.wait_for("written");
    let status = |request: &str| ask(port, request).unwrap().split(' ').nth(1).unwrap().to_owned();
    assert_eq!(status("POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"), "405");
    assert_eq!(status("GET /metrics HTTP/1.1\r\nHost: rebound.example\r\n\r\n"), "403");
    assert_eq!(status("GET /metrics HTTP/1.0\r\n\r\n"), "403");
    assert_eq!(status("GET /elsewhere HTTP/1.1\r\nHost: localhost\r\n\r\n"), "404");
}

#[test]
fn stopping_takes_no_longer_than_is_allowed() {
    let (here, never) = (folder(), super::site::Signal::default());
    let site = super::site::Site::new(&[("/feed", super::site::Reply::html("").after(&never))]);
    let config = format!("{BEGINNING}[crawl]\ndrain_s = 1\n{}", feed(&site.url("/feed")));
    let mut daemon = Daemon::start_in(here, &config, |_| ());
    site.wait_for("/feed");
    let asked = Instant::now();
    let (code, rest) = daemon.stop();
    assert_eq!(code, Some(0), "{rest}");
    assert!(asked.elapsed() < Duration::from_secs(10) && rest.contains("fetched anew next time"), "{rest}");
    never.give();
}
