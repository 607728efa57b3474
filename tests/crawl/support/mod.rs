//! A news site on loopback: a feed and article pages, written by the test, served by plain threads
//! so that it keeps answering while the test waits for a child process.
#![expect(unreachable_pub, reason = "a test's own module has nobody to be reached by")]

mod stories;

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
pub use stories::{STORIES, Story};

/// One answer.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub content_type: &'static str,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// The wait before it is sent.
    pub delay: Duration,
    /// Sent as they are in the place of all that, each after a wait; then the connection closes.
    pub pieces: Vec<(Duration, String)>,
}

impl Reply {
    pub fn html(body: impl Into<Vec<u8>>) -> Self {
        Self::of(200, "text/html; charset=utf-8", body)
    }

    pub fn rss(body: impl Into<Vec<u8>>) -> Self {
        Self::of(200, "application/rss+xml", body)
    }

    pub fn status(status: u16) -> Self {
        Self::of(status, "text/plain", "")
    }

    pub fn with(mut self, header: &'static str, value: &str) -> Self {
        self.headers.push((header, value.to_owned()));
        self
    }

    /// Bytes that need not be HTTP; more of them by [`Self::then`].
    pub fn raw(bytes: impl Into<String>) -> Self {
        Self::status(200).then(Duration::ZERO, bytes)
    }

    pub fn then(mut self, wait: Duration, bytes: impl Into<String>) -> Self {
        self.pieces.push((wait, bytes.into()));
        self
    }

    pub fn redirect(status: u16, location: &str) -> Self {
        Self::status(status).with("Location", location)
    }

    pub fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    fn of(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, content_type, headers: vec![], body: body.into(), delay: Duration::ZERO, pieces: vec![] }
    }
}

#[derive(Default)]
struct State {
    /// What stands at a path.
    pages: HashMap<String, Reply>,
    /// What is answered at a path before that, once each.
    first: HashMap<String, VecDeque<Reply>>,
    /// Every request's path, in order, and when it came.
    asked: Vec<(String, Instant)>,
}

/// The running site; stops when it is dropped.
pub struct Site {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    stopping: Arc<AtomicBool>,
}

impl Site {
    /// A site without pages.
    pub fn start() -> Self {
        Self::start_at("127.0.0.1:0")
    }

    /// A site without pages at an address, each of which in 127.0.0.0/8 is a host of its own.
    pub fn start_at(address: &str) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let site = Self { address: listener.local_addr().unwrap(), state: Arc::default(), stopping: Arc::default() };
        let (state, stopping) = (site.state.clone(), site.stopping.clone());
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                if stopping.load(Ordering::SeqCst) {
                    return;
                }
                let state = state.clone();
                std::thread::spawn(move || answer(&connection, &state));
            }
        });
        site
    }

    /// A site with a feed at `/feed.rss` and a page for each of [`STORIES`].
    pub fn with_stories() -> Self {
        Self::start().telling()
    }

    /// The same at an address.
    pub fn with_stories_at(address: &str) -> Self {
        Self::start_at(address).telling()
    }

    fn telling(self) -> Self {
        let site = self;
        site.put("/feed.rss", Reply::rss(site.feed(STORIES)));
        for story in STORIES {
            site.put(&story.path(), Reply::html(story.page()));
        }
        site
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Puts a page in place of what stood there.
    pub fn put(&self, path: &str, reply: Reply) {
        self.state.lock().unwrap().pages.insert(path.to_owned(), reply);
    }

    /// Answers the next request for `path` with `reply`, before what stands there.
    pub fn first(&self, path: &str, reply: Reply) {
        self.state.lock().unwrap().first.entry(path.to_owned()).or_default().push_back(reply);
    }

    /// How often a path was asked for.
    pub fn asked(&self, path: &str) -> usize {
        self.state.lock().unwrap().asked.iter().filter(|(asked, _)| asked == path).count()
    }

    /// How often anything but robots.txt was asked for.
    pub fn asked_in_all(&self) -> usize {
        self.state.lock().unwrap().asked.iter().filter(|(asked, _)| asked != "/robots.txt").count()
    }

    /// When a path was asked for.
    pub fn times(&self, path: &str) -> Vec<Instant> {
        let state = self.state.lock().unwrap();
        state.asked.iter().filter(|(asked, _)| asked == path).map(|(_, at)| *at).collect()
    }

    /// How many requests for a story there were.
    pub fn asked_for_stories(&self) -> usize {
        self.state.lock().unwrap().asked.iter().filter(|(asked, _)| asked.contains("/story-")).count()
    }

    /// `address:port`, where a site may be started again.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// The RSS feed that announces `stories`.
    pub fn feed(&self, stories: &[Story]) -> String {
        let mut items = String::new();
        for story in stories {
            let url = self.url(&story.path());
            write!(
                items,
                "<item><title>{}</title><link>{url}?utm_source=rss</link><guid>{url}</guid><pubDate>{}</pubDate></item>",
                story.title,
                story.rfc2822(),
            )
            .unwrap();
        }
        format!("<rss version=\"2.0\"><channel><title>The Harbour Courier</title>{items}</channel></rss>")
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // Wakes the listener up, so that it sees it.
        let _ = TcpStream::connect(self.address);
    }
}

fn answer(mut connection: &TcpStream, state: &Mutex<State>) {
    let mut lines = BufReader::new(connection).lines().map_while(Result::ok);
    let Some(request) = lines.next() else { return };
    let headers: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let path = request.split(' ').nth(1).unwrap_or("/").split('?').next().unwrap_or("/").to_owned();
    let reply = {
        let mut state = state.lock().unwrap();
        state.asked.push((path.clone(), Instant::now()));
        let first = state.first.get_mut(&path).and_then(VecDeque::pop_front);
        first.or_else(|| state.pages.get(&path).cloned()).unwrap_or(Reply::status(404))
    };
    std::thread::sleep(reply.delay);
    if !reply.pieces.is_empty() {
        for (wait, bytes) in reply.pieces {
            std::thread::sleep(wait);
            if connection.write_all(bytes.as_bytes()).is_err() {
                return;
            }
        }
        return;
    }
    let reply = if is_unmodified(&headers, &reply) { Reply { status: 304, body: vec![], ..reply } } else { reply };
    let mut head = format!("HTTP/1.1 {} Reason\r\nContent-Type: {}\r\n", reply.status, reply.content_type);
    reply.headers.iter().for_each(|(name, value)| write!(head, "{name}: {value}\r\n").unwrap());
    if reply.status != 304 {
        write!(head, "Content-Length: {}\r\n", reply.body.len()).unwrap();
    }
    // The client may have been killed; then nobody is there to hear of it.
    let head = format!("{head}Connection: close\r\n\r\n");
    let _ = connection.write_all(&[head.as_bytes(), &reply.body].concat());
}

fn is_unmodified(headers: &[String], reply: &Reply) -> bool {
    let asked = headers.iter().filter_map(|line| line.split_once(':'));
    let mut asked = asked.filter(|(name, _)| name.eq_ignore_ascii_case("if-none-match")).map(|(_, value)| value.trim());
    let etag = reply.headers.iter().find(|(name, _)| *name == "ETag").map(|(_, value)| value.as_str());
    reply.status == 200 && etag.is_some() && asked.next() == etag
}
