//! `gleaner run` when its site rules change under way.
#![cfg(unix)]

use super::daemon::{send, wait_for_line};
use super::site::{Reply, Signal, Site};
use super::{article, folder};
use std::fs;
use std::io::BufReader;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use tempfile::TempDir;

/// A daemon with three pages before it, of which the second waits for a signal.
struct Town {
    here: TempDir,
    child: Child,
    log: BufReader<ChildStderr>,
    go_on: Signal,
    site: Site,
}

impl Town {
    /// A daemon that has written `/a`, is fetching `/b`, and has yet to fetch `/c`, all of one host.
    fn start(rules: &str) -> Self {
        let (here, go_on) = (folder(), Signal::default());
        let items: String =
            ["a", "b", "c"].map(|page| format!("<item><title>{page}</title><link>/{page}</link></item>")).concat();
        let feed = format!(r#"<rss version="2.0"><channel><title>t</title>{items}</channel></rss>"#);
        let page = |subject: &str| Reply::html(article(subject));
        let site = Site::new(&[
            ("/feed", Reply::new(200, "application/rss+xml", feed)),
            ("/a", page("The bridge")),
            ("/b", page("The weir").after(&go_on)),
            ("/c", page("The lock")),
        ]);
        fs::create_dir(here.path().join("rules")).unwrap();
        fs::write(here.path().join("rules/127.0.0.1.txt"), rules).unwrap();
        let config = format!(
            "contact = \"me@site.test\"\n[extract]\nsite_rules = \"rules\"\n[fetch]\nallow_private = [\"127.0.0.0/8\"]\n\
             host_pause_ms = 0\n[[feed]]\nurl = \"{}\"\n",
            site.url("/feed")
        );
        fs::write(here.path().join("config.toml"), config).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner"));
        command.current_dir(here.path()).arg("run").stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        wait_for_line(&mut log, "written");
        site.wait_for("/b");
        Self { here, child, log, go_on, site }
    }

    /// Writes the rules anew, says so, and waits for what the log says of it.
    fn change(&mut self, rules: &str, told: &str) {
        fs::write(self.here.path().join("rules/127.0.0.1.txt"), rules).unwrap();
        send("HUP", &self.child);
        wait_for_line(&mut self.log, told);
    }

    /// Lets the daemon fetch the rest, ends it and gives the texts of all three pages.
    fn end(mut self) -> [String; 3] {
        self.go_on.give();
        for _ in 0..2 {
            wait_for_line(&mut self.log, "written");
        }
        assert!(self.site.was_asked("/c"));
        send("TERM", &self.child);
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        ["the-bridge", "the-weir", "the-lock"].map(|name| text_of(self.here.path(), name))
    }
}

/// The one text below the articles whose name begins with `name`.
fn text_of(here: &Path, name: &str) -> String {
    let folder = here.join("articles/127.0.0.1/2026-04-02");
    let mut files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let file = files.find(|file| file.file_name().to_string_lossy().starts_with(name)).unwrap();
    fs::read_to_string(file.path()).unwrap()
}

const OF_ARCHITECT: &str = "strip: //p[contains(., 'architect')]";
const OF_CHILDREN: &str = "strip: //p[contains(., 'children')]";

#[test]
fn page_begun_under_the_old_rules_ends_with_them_and_the_next_has_the_new() {
    let mut town = Town::start(OF_ARCHITECT);
    town.change(OF_CHILDREN, "site rules read again");
    let left_out = town.end().map(|text| (!text.contains("architect"), !text.contains("children")));
    assert_eq!(left_out, [(true, false), (true, false), (false, true)]);
}

#[test]
fn rules_that_no_longer_load_are_told_by_name_and_line_and_the_old_ones_stay() {
    let mut town = Town::start(OF_ARCHITECT);
    town.change(
        &format!("{OF_CHILDREN}\nstrip: //p["),
        "127.0.0.1.txt:2: strip: is no XPath that can be run: ends too early\"",
    );
    let left_out = town.end().map(|text| (!text.contains("architect"), !text.contains("children")));
    assert_eq!(left_out, [(true, false); 3]);
}
