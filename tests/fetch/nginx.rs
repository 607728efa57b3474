//! The fetcher against a server of the real world: nginx, on loopback, where it is installed. `.ci/run` installs it.

use crate::loopback::tls::Authority;
use crate::loopback::{fetch_with, options, request};
use gleaner::fetch::{FailureClass, FetchOptions, Fetched, Fetcher, Target};
use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use url::Url;

/// Where Debian puts the module for br.
const BROTLI: &str = "/usr/lib/nginx/modules/ngx_http_brotli_filter_module.so";

/// A running nginx; ends with the test.
struct Nginx {
    child: Child,
    folder: TempDir,
    ports: [u16; 2],
    page: String,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn binary() -> Option<PathBuf> {
    ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx", "/usr/local/bin/nginx", "/opt/homebrew/bin/nginx"]
        .map(PathBuf::from)
        .into_iter()
        .find(|path| path.is_file())
}

/// Free ports, as far as nobody takes them in the next moment.
fn free_ports() -> [u16; 2] {
    let held = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    held.map(|listener| listener.local_addr().unwrap().port())
}

fn configuration([plain, secure]: [u16; 2], certificate: &[PathBuf; 2]) -> String {
    let has_brotli = Path::new(BROTLI).is_file();
    let load = if has_brotli { format!("load_module {BROTLI};") } else { String::new() };
    let [brotli_on, brotli_off] = if has_brotli { ["brotli on;", "brotli off;"] } else { [""; 2] };
    let mut statuses = String::new();
    for status in 200..600 {
        let told = if (300..309).contains(&status) { "/page.html" } else { "\"told\"" };
        writeln!(statuses, "location = /status/{status} {{ default_type text/html; return {status} {told}; }}")
            .unwrap();
    }
    format!(
        "{load}\ndaemon off;\nmaster_process off;\npid nginx.pid;\nerror_log error.log;\nevents {{ worker_connections 256; }}\n\
         http {{\n types {{ text/html html; application/rss+xml rss; }}\n\
         log_format told '$connection $server_protocol $status $uri enc=$sent_http_content_encoding';\n\
         access_log access.log told;\n\
         client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;\n\
         gzip on; gzip_min_length 1; gzip_types application/rss+xml; {brotli_on}\n\
         keepalive_requests 3; keepalive_timeout 1s;\n\
         server {{\n listen 127.0.0.1:{plain};\n listen 127.0.0.1:{secure} ssl http2;\n\
         ssl_certificate {}; ssl_certificate_key {};\n root www;\n etag on;\n\
         location /gzip/ {{ alias www/; {brotli_off} }}\n location /plain/ {{ alias www/; gzip off; {brotli_off} }}\n\
         location = /hangs-up {{ return 444; }}\n location /many/ {{ rewrite ^ /page.html break; }}\n{statuses} }}\n}}\n",
        certificate[0].display(),
        certificate[1].display(),
    )
}

impl Nginx {
    /// `None` where it is not installed.
    fn start(authority: &Authority) -> Option<Self> {
        let binary = binary()?;
        let folder = tempfile::tempdir().unwrap();
        let page = format!("<html><body>{}</body></html>", "<p>Words of a page that is worth packing.</p>".repeat(500));
        fs::create_dir(folder.path().join("www")).unwrap();
        fs::write(folder.path().join("www/page.html"), &page).unwrap();
        fs::write(folder.path().join("www/feed.rss"), "<rss version='2.0'><channel></channel></rss>").unwrap();
        let certificate = authority.certify(&["127.0.0.1", "h2.example"], 2100).write(folder.path());
        let prefix = format!("{}/", folder.path().display());
        let run = |ports| {
            fs::write(folder.path().join("nginx.conf"), configuration(ports, &certificate)).unwrap();
            let mut command = Command::new(&binary);
            command.args(["-p", &prefix, "-c", "nginx.conf", "-e", "error.log"]);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        };
        // Another test may be quicker to take a port that was free.
        for _ in 0..5 {
            let ports = free_ports();
            let mut child = run(ports);
            if listens(&mut child, ports[0]) {
                return Some(Self { child, folder, ports, page });
            }
        }
        panic!("nginx does not start: {}", fs::read_to_string(folder.path().join("error.log")).unwrap_or_default());
    }

    fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://127.0.0.1:{}{path}", self.ports[0])).unwrap()
    }

    fn secure_url(&self, path: &str) -> Url {
        Url::parse(&format!("https://127.0.0.1:{}{path}", self.ports[1])).unwrap()
    }

    /// The lines of its log so far, each of which is written before the answer is read to its end or soon after.
    async fn log(&self, lines: usize) -> Vec<String> {
        let path = self.folder.path().join("access.log");
        for _ in 0..200 {
            let found: Vec<String> = fs::read_to_string(&path).unwrap_or_default().lines().map(str::to_owned).collect();
            if found.len() >= lines {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("nginx has not logged {lines} requests")
    }
}

/// Waits until it does; `false` where it ends instead.
fn listens(child: &mut Child, port: u16) -> bool {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(20) {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    false
}

async fn body(fetcher: &Fetcher, url: Url) -> String {
    match fetcher.fetch(&request(url)).await.unwrap() {
        Fetched::Page { page, .. } => String::from_utf8(page.body.to_vec()).unwrap(),
        Fetched::NotModified { .. } => panic!("304 to somebody who has nothing"),
    }
}

#[tokio::test]
async fn nginx_packs_its_pages_and_they_come_whole() {
    let Some(nginx) = Nginx::start(&Authority::new()) else { return };
    let fetcher = Fetcher::new(&options()).unwrap();
    for path in ["/gzip/page.html", "/plain/page.html", "/page.html"] {
        assert_eq!(body(&fetcher, nginx.url(path)).await, nginx.page, "{path}");
    }
    let log = nginx.log(3).await;
    assert!(log[0].ends_with("enc=gzip") && log[1].ends_with("enc=-"), "{log:?}");
    assert!(log[2].ends_with(if Path::new(BROTLI).is_file() { "enc=br" } else { "enc=gzip" }), "{log:?}");
}

#[tokio::test]
async fn nginx_says_what_has_not_changed() {
    let Some(nginx) = Nginx::start(&Authority::new()) else { return };
    let fetcher = Fetcher::new(&options()).unwrap();
    let feed = gleaner::fetch::Request { target: Target::Feed, ..request(nginx.url("/feed.rss")) };
    let Fetched::Page { validators, .. } = fetcher.fetch(&feed).await.unwrap() else { panic!("304 at first") };
    assert!(validators.etag.is_some() && validators.last_modified.is_some());
    let again = gleaner::fetch::Request { validators, ..feed };
    assert!(matches!(fetcher.fetch(&again).await.unwrap(), Fetched::NotModified { .. }));
}

#[tokio::test]
async fn every_status_of_nginx_is_a_page_a_redirect_or_a_failure_of_its_class() {
    let Some(nginx) = Nginx::start(&Authority::new()) else { return };
    let fetcher = Fetcher::new(&options()).unwrap();
    for status in 200..600_u16 {
        let url = nginx.url(&format!("/status/{status}"));
        match (status, fetcher.fetch(&request(url)).await) {
            (204, Ok(Fetched::Page { page, .. })) => assert!(page.body.is_empty()),
            (200..=299, Ok(Fetched::Page { page, .. })) if status != 206 => assert_eq!(page.body, "told", "{status}"),
            (301 | 302 | 303 | 307 | 308, Ok(Fetched::Page { page, .. })) => {
                assert_eq!(page.body, nginx.page, "{status}")
            }
            (_, Err(error)) => {
                let class = match status {
                    408 | 425 | 429 | 500.. => FailureClass::Transient,
                    401 | 403 => FailureClass::Slow,
                    _ => FailureClass::Final,
                };
                assert_eq!((error.id(), error.class(Target::Page)), (format!("status_{status}"), class), "{error}");
                assert!(!(200..=299).contains(&status) || status == 206, "{error}");
            }
            (_, other) => panic!("{status}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn connections_that_nginx_closes_are_replaced() {
    let Some(nginx) = Nginx::start(&Authority::new()) else { return };
    let fetcher = Fetcher::new(&options()).unwrap();
    for number in 0..7 {
        assert_eq!(body(&fetcher, nginx.url(&format!("/many/{number}"))).await, nginx.page);
    }
    // Longer than nginx keeps an idle connection.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(body(&fetcher, nginx.url("/many/7")).await, nginx.page);
    let error = fetcher.fetch(&request(nginx.url("/hangs-up"))).await.unwrap_err();
    assert_eq!((error.id().as_str(), error.class(Target::Page)), ("answer", FailureClass::Transient), "{error}");
    let log = nginx.log(8).await;
    let mut connections: Vec<&str> = log.iter().filter_map(|line| line.split(' ').next()).collect();
    connections.dedup();
    assert!(connections.len() >= 4, "three requests a connection, then a new one: {log:?}");
}

#[tokio::test]
async fn http_2_is_spoken_over_tls_and_outlives_the_end_of_a_connection() {
    let authority = Authority::new();
    let Some(nginx) = Nginx::start(&authority) else { return };
    let trusting = FetchOptions { ca_file: Some(authority.write(nginx.folder.path())), ..options() };
    let fetcher = Fetcher::new(&trusting).unwrap();
    for number in 0..7 {
        assert_eq!(body(&fetcher, nginx.secure_url(&format!("/many/{number}"))).await, nginx.page);
    }
    let log = nginx.log(7).await;
    assert!(log.iter().all(|line| line.contains(" HTTP/2.0 200 ")), "{log:?}");
    let stranger = fetch_with(&options(), &request(nginx.secure_url("/page.html"))).await.unwrap_err();
    assert_eq!(stranger.id(), "tls", "{stranger}");
}
