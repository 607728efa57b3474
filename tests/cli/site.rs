//! A web site on a loopback address that answers as each test wants.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// How long a test waits for something that must come: far more than it takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// What is answered to one path.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: u16,
    content_type: &'static str,
    body: Vec<u8>,
    location: Option<String>,
    until: Option<Signal>,
}

impl Reply {
    /// An answer with a body.
    pub(crate) fn new(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, content_type, body: body.into(), location: None, until: None }
    }

    /// A page, status 200.
    pub(crate) fn html(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, "text/html; charset=utf-8", body)
    }

    /// A redirect.
    pub(crate) fn redirect(location: impl Into<String>) -> Self {
        Self { location: Some(location.into()), ..Self::new(302, "text/html", "") }
    }

    /// The same answer, held back until the signal is given.
    pub(crate) fn after(self, signal: &Signal) -> Self {
        Self { until: Some(signal.clone()), ..self }
    }
}

/// Something that happens once and can be waited for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Signal(Arc<(Mutex<bool>, Condvar)>);

impl Signal {
    /// Lets everybody go on who waits.
    pub(crate) fn give(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    /// Waits; false where it never comes.
    pub(crate) fn wait(&self) -> bool {
        let given = self.0.0.lock().unwrap();
        !self.0.1.wait_timeout_while(given, PATIENCE, |given| !*given).unwrap().1.timed_out()
    }
}

/// A running site; it ends with the process.
#[derive(Debug)]
pub(crate) struct Site {
    address: SocketAddr,
    asked: Arc<(Mutex<BTreeSet<String>>, Condvar)>,
}

impl Site {
    /// A site on 127.0.0.1; paths that are not named are 404.
    pub(crate) fn new(pages: &[(&str, Reply)]) -> Self {
        Self::at("127.0.0.1", pages)
    }

    /// A site on another loopback address, which is another host.
    pub(crate) fn at(host: &str, pages: &[(&str, Reply)]) -> Self {
        let listener = TcpListener::bind((host, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new((Mutex::new(BTreeSet::new()), Condvar::new()));
        let pages: BTreeMap<String, Reply> =
            pages.iter().map(|(path, reply)| ((*path).into(), reply.clone())).collect();
        let (pages, noted) = (Arc::new(pages), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (pages, noted) = (Arc::clone(&pages), Arc::clone(&noted));
                // A client that hangs up early is no concern of the site.
                std::thread::spawn(move || answer(stream, &pages, &noted));
            }
        });
        Self { address, asked }
    }

    /// The URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Waits until a path has been asked for.
    pub(crate) fn wait_for(&self, path: &str) {
        let (asked, changed) = &*self.asked;
        let waited =
            changed.wait_timeout_while(asked.lock().unwrap(), PATIENCE, |asked| !asked.contains(path)).unwrap();
        assert!(!waited.1.timed_out(), "nobody asked for {path}");
    }

    /// Whether a path has been asked for.
    pub(crate) fn was_asked(&self, path: &str) -> bool {
        self.asked.0.lock().unwrap().contains(path)
    }
}

fn answer(
    stream: TcpStream,
    pages: &BTreeMap<String, Reply>,
    asked: &(Mutex<BTreeSet<String>>, Condvar),
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let reply = pages.get(&path).cloned().unwrap_or_else(|| Reply::new(404, "text/html", "<p>Not here.</p>"));
    asked.0.lock().unwrap().insert(path);
    asked.1.notify_all();
    if let Some(signal) = &reply.until {
        signal.wait();
    }
    let location = reply.location.map(|location| format!("Location: {location}\r\n")).unwrap_or_default();
    let head = format!(
        "HTTP/1.1 {} Said\r\nContent-Type: {}\r\n{location}Content-Length: {}\r\nConnection: close\r\n\r\n",
        reply.status,
        reply.content_type,
        reply.body.len()
    );
    (&stream).write_all(head.as_bytes())?;
    (&stream).write_all(&reply.body)
}

/// An address on which nobody listens.
pub(crate) fn closed_url() -> String {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    format!("http://{address}/")
}
