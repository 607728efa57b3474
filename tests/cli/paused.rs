//! A machine that does not let a daemon write: it pauses, says so once, resumes by itself, and nothing is lost by it.
#![cfg(target_os = "linux")]

use super::folder;
use super::running::{BEGINNING, Daemon, feed, feed_of, free_port, get, until, walk};
use super::site::{Reply, Signal, Site};
use super::{article, run_in};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Three pages, of which the first waits for a signal.
fn town(go_on: &Signal) -> Site {
    Site::new(&[
        ("/feed", feed_of(&["/a", "/b", "/c"])),
        ("/a", Reply::html(article("The bridge")).after(go_on)),
        ("/b", Reply::html(article("The weir"))),
        ("/c", Reply::html(article("The lock"))),
    ])
}

fn config(site: &Site, port: u16, folder: &str) -> String {
    let status = format!("[status]\nlisten = \"127.0.0.1:{port}\"\n[output]\nfolder = \"{folder}\"\n");
    format!("{BEGINNING}{status}{}", feed(&site.url("/feed")))
}

/// What every such story ends with: all three texts, whole, each after one counted attempt.
fn assert_whole(mut daemon: Daemon, folder: &Path) {
    until("the third text", || texts(folder).len() == 3);
    assert!(texts(folder).iter().all(|path| fs::metadata(path).unwrap().len() > 500), "an empty file");
    let (code, log) = daemon.stop();
    assert_eq!(code, Some(0), "{log}");
    assert!(!log.contains("page failed"), "{log}");
    let verified = daemon.beside(&["verify"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
}

fn texts(folder: &Path) -> Vec<PathBuf> {
    walk(folder.to_owned()).into_iter().filter(|path| path.extension().is_some_and(|it| it == "txt")).collect()
}

/// A small disk that is unmounted in the end; `None` where this user may not mount.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount_at(folder: &Path, options: &str) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder);
        mount.output().is_ok_and(|output| output.status.success()).then(|| Self(folder.to_owned()))
    }

    /// Leaves no byte free; gives the file that does it.
    fn fill(&self) -> PathBuf {
        let ballast = self.0.join("ballast");
        let mut file = fs::File::create(&ballast).unwrap();
        while file.write(&[b'x'; 4096]).is_ok_and(|written| written > 0) {}
        ballast
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // A test that failed may have left it busy.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn full_disk_pauses_the_daemon_until_there_is_room() {
    let mounted = folder();
    let Some(disk) = SmallDisk::mount_at(mounted.path(), "size=256k") else { return };
    let (go_on, port) = (Signal::default(), free_port());
    let site = town(&go_on);
    let texts = disk.0.join("texts");
    let mut daemon = Daemon::start(&config(&site, port, &texts.display().to_string()));
    site.wait_for("/a");
    let ballast = disk.fill();
    go_on.give();
    let line = daemon.wait_for("paused");
    assert!(line.contains("the disk is full") && line.contains("texts"), "{line}");
    until("a port that says so", || {
        get(port, "/readyz").is_some_and(|(status, why)| status == 503 && why.contains("full"))
    });
    assert!(get(port, "/metrics").unwrap().1.contains("gleaner_paused 1"));
    assert_eq!(get(port, "/healthz").unwrap().0, 200, "it lives");
    fs::remove_file(&ballast).unwrap();
    daemon.wait_for("resumed");
    until("a port that says so", || get(port, "/readyz").is_some_and(|(status, _)| status == 200));
    assert_whole(daemon, &texts);
}

#[test]
fn folder_that_becomes_read_only_pauses_the_daemon_until_it_is_not() {
    let (go_on, port) = (Signal::default(), free_port());
    let site = town(&go_on);
    let mut daemon = Daemon::start(&config(&site, port, "articles"));
    site.wait_for("/a");
    let unfinished = daemon.path("articles/.gleaner-unfinished");
    fs::create_dir_all(&unfinished).unwrap();
    let Some(disk) = SmallDisk::mount_at(&unfinished, "ro") else { return go_on.give() };
    go_on.give();
    let line = daemon.wait_for("paused");
    assert!(line.contains("cannot be written to"), "{line}");
    drop(disk);
    daemon.wait_for("resumed");
    let texts = daemon.path("articles");
    assert_whole(daemon, &texts);
}

#[test]
fn folder_that_the_daemon_may_not_write_to_any_more_pauses_it_until_it_may() {
    let (go_on, port, here) = (Signal::default(), free_port(), folder());
    let site = town(&go_on);
    // Root may write everywhere: the daemon is started as nobody, where the test itself is root.
    fs::set_permissions(here.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let may_run = nobody().arg("--version").output().is_ok_and(|output| output.status.success());
    let mut command = if may_run { nobody() } else { Command::new(env!("CARGO_BIN_EXE_gleaner")) };
    command.arg("run");
    let mut daemon = Daemon::start_by(here, &config(&site, port, "articles"), command);
    site.wait_for("/a");
    let unfinished = daemon.path("articles/.gleaner-unfinished");
    fs::create_dir_all(&unfinished).unwrap();
    let allow = |mode| fs::set_permissions(&unfinished, fs::Permissions::from_mode(mode)).unwrap();
    allow(0o555);
    go_on.give();
    if !may_run && fs::write(unfinished.join("may-write"), "").is_ok() {
        return;
    }
    let line = daemon.wait_for("paused");
    assert!(line.contains("cannot be written to"), "{line}");
    allow(0o777);
    daemon.wait_for("resumed");
    let texts = daemon.path("articles");
    assert_whole(daemon, &texts);
}

/// The program as a user who may do nothing but what everybody may.
fn nobody() -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", env!("CARGO_BIN_EXE_gleaner")]);
    command
}

#[test]
fn store_on_a_full_disk_pauses_the_daemon_until_there_is_room() {
    let mounted = folder();
    let Some(disk) = SmallDisk::mount_at(mounted.path(), "size=1m") else { return };
    let (go_on, port) = (Signal::default(), free_port());
    let site = town(&go_on);
    let store = format!("[frontier]\nstore = \"{}\"\n", disk.0.join("a.db").display());
    let mut daemon = Daemon::start(&format!("{}{store}", config(&site, port, "articles")));
    site.wait_for("/a");
    let ballast = disk.fill();
    go_on.give();
    daemon.wait_for("paused");
    fs::remove_file(&ballast).unwrap();
    daemon.wait_for("resumed");
    let texts = daemon.path("articles");
    assert_whole(daemon, &texts);
}

#[test]
fn want_of_descriptors_is_nobodys_fault_and_ends_once_with_7() {
    let here = folder();
    let sites: Vec<Site> = (2..40)
        .map(|number| {
            let page = Reply::html(article("The bridge"));
            Site::at(&format!("127.0.0.{number}"), &[("/feed", feed_of(&["/a"])), ("/a", page)])
        })
        .collect();
    let feeds: String = sites.iter().map(|site| feed(&site.url("/feed"))).collect();
    fs::write(here.path().join("config.toml"), format!("{BEGINNING}[crawl]\nmax_fetches = 64\n{feeds}")).unwrap();
    let limited = |arguments: &str| {
        let command = format!("ulimit -n 40; exec {} {arguments}", env!("CARGO_BIN_EXE_gleaner"));
        Command::new("bash").current_dir(here.path()).args(["-c", &command]).output().unwrap()
    };
    let output = limited("run --once");
    let log = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(7), "{log}");
    assert!(log.contains("too many files are open; "), "{log}");
    assert!(!log.contains("feed failed"), "{log}");
    let run = run_in(&here, &["run", "--once"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(texts(&here.path().join("articles")).len(), 38);
}

#[test]
fn daemon_short_of_descriptors_comes_through_with_everything() {
    let sites: Vec<Site> = (2..40)
        .map(|number| {
            let page = Reply::html(article("The bridge"));
            Site::at(&format!("127.0.1.{number}"), &[("/feed", feed_of(&["/a"])), ("/a", page)])
        })
        .collect();
    let feeds: String = sites.iter().map(|site| feed(&site.url("/feed"))).collect();
    let here = folder();
    let mut limited = Command::new("bash");
    limited.args(["-c", &format!("ulimit -n 40; exec {} run", env!("CARGO_BIN_EXE_gleaner"))]);
    let config = format!("{BEGINNING}[crawl]\nmax_fetches = 64\n{feeds}");
    let mut daemon = Daemon::start_by(here, &config, limited);
    let line = daemon.wait_for("paused");
    assert!(line.contains("too many files"), "{line}");
    daemon.wait_for("resumed");
    until("all texts", || daemon.texts() == 38);
}
