//! A daemon that runs while a test looks at it, and ends with the test.
#![cfg(unix)]

use super::daemon::send;
use super::site::{PATIENCE, Reply, Site};
use super::{Run, article, folder, run_in};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The daemon, in a folder of its own.
pub(super) struct Daemon {
    pub(super) here: TempDir,
    pub(super) child: Child,
    log: Receiver<String>,
}

/// The beginning of a configuration that may ask this machine.
pub(super) const BEGINNING: &str =
    "contact = \"me@site.test\"\n[fetch]\nallow_private = [\"127.0.0.0/8\"]\nhost_pause_ms = 0\n";

/// A `[[feed]]` table.
pub(super) fn feed(url: &str) -> String {
    format!("[[feed]]\nurl = \"{url}\"\n")
}

/// A feed of pages, by their paths.
pub(super) fn feed_of(paths: &[&str]) -> Reply {
    let items: String =
        paths.iter().map(|path| format!("<item><title>{path}</title><link>{path}</link></item>")).collect();
    let feed = format!(r#"<rss version="2.0"><channel><title>t</title>{items}</channel></rss>"#);
    Reply::new(200, "application/rss+xml", feed)
}

/// A site with a feed of one page, `/a`.
pub(super) fn one_page(subject: &str) -> Site {
    Site::new(&[("/feed", feed_of(&["/a"])), ("/a", Reply::html(article(subject)))])
}

impl Daemon {
    /// Starts it with a configuration.
    pub(super) fn start(config: &str) -> Self {
        Self::start_in(folder(), config, |_| ())
    }

    /// The same in a folder and with more said to its process.
    pub(super) fn start_in(here: TempDir, config: &str, prepare: impl FnOnce(&mut Command)) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner"));
        prepare(command.arg("run"));
        Self::start_by(here, config, command)
    }

    /// The same by a command of its own.
    pub(super) fn start_by(here: TempDir, config: &str, mut command: Command) -> Self {
        fs::write(here.path().join("config.toml"), config).unwrap();
        command.current_dir(here.path()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log = lines_of(child.stderr.take().unwrap());
        Self { here, child, log }
    }

    /// Writes the configuration anew.
    pub(super) fn configure(&self, config: &str) {
        fs::write(self.path("config.toml"), config).unwrap();
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.here.path().join(name)
    }

    /// Another command in the daemon's folder.
    pub(super) fn beside(&self, arguments: &[&str]) -> Run {
        run_in(&self.here, arguments)
    }

    /// Waits for a line of the log, and gives it.
    pub(super) fn wait_for(&mut self, word: &str) -> String {
        let mut seen = String::new();
        loop {
            let line = self.log.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|error| panic!("the log has no `{word}` ({error}):\n{seen}"));
            if line.contains(word) {
                return line;
            }
            seen += &line;
            seen.push('\n');
        }
    }

    /// Asks it to stop; gives its code and the rest of its log.
    pub(super) fn stop(&mut self) -> (Option<i32>, String) {
        send("TERM", &self.child);
        let rest: Vec<String> = self.log.iter().collect();
        (self.child.wait().unwrap().code(), rest.join("\n"))
    }

    /// How many texts there are.
    pub(super) fn texts(&self) -> usize {
        let found = walk(self.path("articles"));
        found.iter().filter(|path| path.extension().is_some_and(|extension| extension == "txt")).count()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines of a log as they come.
fn lines_of(log: ChildStderr) -> Receiver<String> {
    let (lines, received) = channel();
    std::thread::spawn(move || BufReader::new(log).lines().map_while(Result::ok).try_for_each(|line| lines.send(line)));
    received
}

/// Every file below a folder; none where there is no folder.
pub(super) fn walk(folder: PathBuf) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(&folder) else { return vec![] };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { walk(path) } else { vec![path] }).collect()
}

/// Waits until something holds.
pub(super) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "{what} never came");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A port that is free.
pub(super) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// One request by hand; gives the whole answer.
pub(super) fn ask(port: u16, request: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

/// The status and the body of a page.
pub(super) fn get(port: u16, path: &str) -> Option<(u16, String)> {
    let answer = ask(port, &format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"))?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}
