//! `gleaner verify` and `gleaner repair` as users meet them, and what `run` says of a store that it cannot use.

use super::site::{Reply, Site};
use super::{Run, folder, run_in};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A folder in which one article was written.
fn written() -> (TempDir, Site) {
    let here = folder();
    let feed = r#"<rss version="2.0"><channel><title>t</title><item><title>The lock</title><link>/a</link></item></channel></rss>"#;
    let feed = Reply::new(200, "application/rss+xml", feed);
    let site = Site::new(&[("/feed", feed), ("/a", Reply::html(super::article("The lock")))]);
    let config = format!(
        "contact = \"me@site.test\"\n[fetch]\nallow_private = [\"127.0.0.0/8\"]\nhost_pause_ms = 0\n[[feed]]\nurl = \"{}\"\n",
        site.url("/feed")
    );
    fs::write(here.path().join("config.toml"), config).unwrap();
    assert_eq!(run_in(&here, &["run", "--once", "-q"]).code, Some(0));
    (here, site)
}

fn store(here: &TempDir) -> std::path::PathBuf {
    here.path().join("gleaner.db")
}

/// Every file below a folder with its bytes.
fn everything(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = vec![];
    for entry in fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            found.extend(everything(&entry.path()));
        } else {
            found.push((entry.path(), fs::read(entry.path()).unwrap()));
        }
    }
    found.sort();
    found
}

/// `run` refuses in one line that names the store and what helps.
fn assert_refused(here: &TempDir, why: &str, remedy: &str) {
    let run = run_in(here, &["run", "--once", "-q"]);
    assert_eq!((run.code, run.stderr.lines().count()), (Some(2), 1), "{run:?}");
    assert!(run.stderr.contains("gleaner.db: ") && run.stderr.contains(why) && run.stderr.contains(remedy), "{run:?}");
}

fn json(run: &Run) -> serde_json::Value {
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn verify_of_a_sound_ledger_says_so_and_changes_nothing() {
    let (here, _site) = written();
    let before = everything(here.path());
    let run = run_in(&here, &["verify"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    let expected = "pages: 1 discovered = 0 queued + 0 leased + 1 written + 0 same + 0 not articles + 0 failed\n\
        texts: 1 as they were written, 0 lost, 0 doubled, 0 changed, 0 findings in all\n";
    assert_eq!(run.stdout, expected);
    assert_eq!(everything(here.path()), before);
}

#[test]
fn verify_names_what_is_wrong_with_a_remedy_and_ends_with_3() {
    let (here, _site) = written();
    let text = everything(&here.path().join("articles")).remove(0).0;
    fs::remove_file(&text).unwrap();
    let run = run_in(&here, &["verify"]);
    let path = text.strip_prefix(here.path().join("articles")).unwrap().to_str().unwrap().to_owned();
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stdout.starts_with("lost ") && run.stdout.contains(&format!(" {path}: it is not there; ")), "{run:?}");
    let run = run_in(&here, &["verify", "--format", "json"]);
    let report = json(&run);
    assert_eq!((run.code, &report["ok"], &report["lost"]), (Some(3), &false.into(), &1.into()));
    let finding = &report["findings"][0];
    assert_eq!((finding["kind"].as_str(), finding["path"].as_str()), (Some("lost"), Some(path.as_str())));
    assert!(finding["key"].as_str().unwrap().len() == 16 && finding["remedy"].as_str().unwrap().contains("--refetch"));
}

#[test]
fn verify_of_nothing_finds_nothing() {
    let here = folder();
    fs::write(here.path().join("config.toml"), "").unwrap();
    assert_eq!(run_in(&here, &["verify"]).code, Some(0));
    assert_eq!(fs::read_dir(here.path()).unwrap().count(), 1);
}

#[test]
fn truncated_store_is_refused_with_the_remedy_and_repaired() {
    let (here, _site) = written();
    let whole = fs::read(store(&here)).unwrap();
    fs::write(store(&here), &whole[..whole.len() / 2]).unwrap();
    assert_refused(&here, "the store is damaged", "gleaner repair");
    assert_eq!(run_in(&here, &["verify"]).code, Some(3));
    let dry = run_in(&here, &["repair", "--dry-run"]);
    assert_eq!(dry.code, Some(3), "{dry:?}");
    assert!(dry.stdout.contains("would be made anew"), "{dry:?}");
    assert_eq!(fs::read(store(&here)).unwrap(), whole[..whole.len() / 2], "a dry run changes nothing");
    let run = run_in(&here, &["repair"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        run.stdout.contains("kept: ") && run.stdout.ends_with("verified: 1 texts as they were written, 0 findings\n"),
        "{run:?}"
    );
    let again = run_in(&here, &["repair", "--format", "json"]);
    assert_eq!((again.code, &json(&again)["store_is_new"]), (Some(0), &false.into()));
    let run = run_in(&here, &["run", "--once", "-q"]);
    assert_eq!(run.code, Some(0));
    assert!(run.stdout.contains("0 new, 0 written, 0 unchanged"), "nothing is fetched twice: {run:?}");
}

#[test]
fn bit_that_flipped_in_the_middle_of_the_store_is_refused_with_the_remedy() {
    let (here, _site) = written();
    let mut bytes = fs::read(store(&here)).unwrap();
    // The kind of the tree's page that the file holds second: the table of items.
    bytes[4096] ^= 0x40;
    fs::write(store(&here), bytes).unwrap();
    assert_refused(&here, "the store is damaged", "gleaner repair");
    assert_eq!(run_in(&here, &["repair"]).code, Some(0));
    assert_eq!(run_in(&here, &["run", "--once", "-q"]).code, Some(0));
}

#[test]
fn store_whose_beginning_is_overwritten_can_be_repaired_and_a_strange_file_is_left_alone() {
    let (here, _site) = written();
    let mut bytes = fs::read(store(&here)).unwrap();
    bytes[..16].fill(0xff);
    fs::write(store(&here), bytes).unwrap();
    assert_refused(&here, "not a store of gleaner", "gleaner repair");
    assert_eq!(run_in(&here, &["repair"]).code, Some(0));
    fs::remove_file(store(&here)).unwrap();
    rusqlite::Connection::open(store(&here)).unwrap().execute_batch("CREATE TABLE recipes (name TEXT)").unwrap();
    let run = run_in(&here, &["repair"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("not a store of gleaner"), "{run:?}");
}

#[test]
fn store_of_a_newer_format_is_refused_by_all() {
    let (here, _site) = written();
    rusqlite::Connection::open(store(&here)).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert_refused(&here, "format 99", "use the newer gleaner");
    for command in ["verify", "repair"] {
        let run = run_in(&here, &[command]);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.stderr.contains("format 99"), "{run:?}");
    }
}

#[test]
fn store_of_an_older_format_is_verified_as_it_is() {
    let (here, _site) = written();
    let old = rusqlite::Connection::open(store(&here)).unwrap();
    // What `to_3.sql` has added.
    old.execute_batch("DROP INDEX entries; DROP TABLE contents; ALTER TABLE aliases DROP COLUMN url").unwrap();
    for column in ["class", "succeeded", "entry", "interval_s", "reason", "body", "of_week", "whole_at", "hints"] {
        old.execute_batch(&format!("ALTER TABLE items DROP COLUMN {column}")).unwrap();
    }
    old.pragma_update(None, "user_version", 2).unwrap();
    drop(old);
    assert_eq!(run_in(&here, &["verify"]).code, Some(0));
    assert_eq!(run_in(&here, &["run", "--once", "-q"]).code, Some(0));
    assert_eq!(run_in(&here, &["verify"]).code, Some(0));
}

#[test]
#[cfg(target_os = "linux")]
fn store_on_a_read_only_disk_is_refused_by_run_and_verified() {
    // Root may write whatever the permissions say, but not on a file system that is mounted read-only; where a test may
    // not mount, there is nothing to try.
    let (here, _site) = written();
    let script = "mount --bind . . && cd \"$PWD\" && mount -o remount,bind,ro . && exec \"$0\" \"$@\"";
    let read_only = |arguments: &[&str]| -> Option<Run> {
        let mut command = assert_cmd::Command::new("unshare");
        command
            .current_dir(here.path())
            .args(["-rm", "sh", "-c", script, env!("CARGO_BIN_EXE_gleaner")])
            .args(arguments);
        command.output().ok().map(Run::from)
    };
    let Some(verified) =
        read_only(&["verify"]).filter(|run| !run.stderr.contains("unshare:") && !run.stderr.contains("mount:"))
    else {
        return;
    };
    assert_eq!((verified.code, verified.stderr.as_str()), (Some(0), ""), "{verified:?}");
    let run = read_only(&["run", "--once", "-q"]).unwrap();
    assert!(matches!(run.code, Some(2 | 7)) && run.stderr.lines().count() == 1, "{run:?}");
    assert!(run.stderr.contains("gleaner.db: ") && run.stderr.contains("writable"), "{run:?}");
}

#[test]
fn second_daemon_is_told_whose_store_it_is() {
    let (here, _site) = written();
    let options = gleaner::frontier::FrontierOptions { store: store(&here), lease_s: 60 };
    let held = gleaner::frontier::SqliteFrontier::open(&options).unwrap();
    for command in [&["run", "--once", "-q"][..], &["repair"]] {
        let run = run_in(&here, command);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.stderr.contains(&format!("(process {})", std::process::id())), "{run:?}");
    }
    let run = run_in(&here, &["verify"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.contains(&format!("beside the daemon (process {})", std::process::id())), "{run:?}");
    drop(held);
    assert_eq!(run_in(&here, &["run", "--once", "-q"]).code, Some(0));
}
