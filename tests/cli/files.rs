//! `gleaner extract --output`: whole files under the daemon's names, and folders that cannot be written.

use super::{Run, article, folder, run_in, text};
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// The binary, whose standard input and output may be anything.
fn program(here: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner"));
    command.arg("extract").current_dir(here.path());
    command
}

/// A folder with two pages in it.
fn two_pages() -> TempDir {
    let here = folder();
    fs::write(here.path().join("a.html"), article("The arch")).unwrap();
    fs::write(here.path().join("b.html"), article("The path")).unwrap();
    here
}

fn names_below(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn articles_are_written_where_the_printed_paths_say() {
    let here = two_pages();
    let run = run_in(&here, &["extract", "a.html", "--base-url", "https://post.example/arch", "-o", "out"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let path = run.stdout.strip_suffix('\n').unwrap();
    let name = path.strip_prefix("out/post.example/2026-04-02/the-arch-opens-after-two-years-of-work-").unwrap();
    assert_eq!(name.strip_suffix(".txt").map(str::len), Some(8), "{path}");
    assert_eq!(fs::read_to_string(here.path().join(path)).unwrap(), text("The arch"));
    let manifest = fs::read_to_string(here.path().join("out/manifest.jsonl")).unwrap();
    let line: serde_json::Value = serde_json::from_str(manifest.trim_end()).unwrap();
    assert_eq!(line["url"], "https://post.example/arch");
}

#[test]
fn late_evening_elsewhere_is_filed_under_the_day_in_utc_as_the_daemon_does() {
    let here = two_pages();
    let page = article("The arch").replace("2026-04-02T08:30:00Z", "2026-03-06T23:30:00-05:00");
    fs::write(here.path().join("a.html"), page).unwrap();
    let run = run_in(&here, &["extract", "a.html", "--base-url", "https://post.example/arch", "-o", "out"]);
    assert!(run.stdout.starts_with("out/post.example/2026-03-07/"), "{run:?}");
}

#[test]
fn date_in_the_future_is_not_believed() {
    let here = two_pages();
    fs::write(here.path().join("a.html"), article("The arch").replace("2026-04-02T", "2099-01-01T")).unwrap();
    let run = run_in(&here, &["extract", "a.html", "-o", "out"]);
    assert!(run.code == Some(0) && !run.stdout.contains("2099"), "{run:?}");
}

#[test]
fn article_keeps_its_file_when_its_title_changes() {
    let here = two_pages();
    let first = run_in(&here, &["extract", "a.html", "-o", "out", "--front-matter"]);
    fs::write(here.path().join("a.html"), article("The old arch")).unwrap();
    let second = run_in(&here, &["extract", "a.html", "b.html", "-o", "out", "--front-matter"]);
    let paths: Vec<&str> = second.stdout.lines().collect();
    assert_eq!((paths.len(), paths[0]), (2, first.stdout.trim_end()));
    let written = fs::read_to_string(here.path().join(paths[0])).unwrap();
    assert!(written.starts_with("---\n") && written.ends_with(&text("The old arch")), "{written}");
}

#[test]
fn file_in_the_folders_place_is_told_with_2() {
    let here = two_pages();
    fs::write(here.path().join("out"), "in the way").unwrap();
    let run = run_in(&here, &["extract", "a.html", "-o", "out"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.lines().count()), (Some(2), "", 1), "{run:?}");
    assert!(run.stderr.contains("out: is a file"), "{}", run.stderr);
}

#[test]
fn what_is_read_is_not_written_over() {
    let here = two_pages();
    let (page, list) = (here.path().join("a.html"), here.path().join("list.txt"));
    fs::write(&list, "a.html\n").unwrap();
    fs::hard_link(&page, here.path().join("other.jsonl")).unwrap();
    let before = fs::read(&page).unwrap();
    let refused = |command: &mut Command| {
        let run: Run = command.output().unwrap().into();
        assert!(run.code == Some(2) && run.stderr.contains("is read from, too"), "{run:?}");
    };
    for (output, inputs) in [
        ("a.html", &["b.html", "a.html"][..]),
        ("other.jsonl", &["a.html"]),
        ("list.txt", &["--from-file", "list.txt"]),
    ] {
        refused(program(&here).args(["--format", "jsonl", "-o", output]).args(inputs));
    }
    let stdin = fs::File::open(&page).unwrap();
    refused(program(&here).args(["--format", "jsonl", "-o", "a.html", "-"]).stdin(stdin));
    assert!(fs::read(&page).unwrap() == before && fs::read_to_string(&list).unwrap() == "a.html\n");
    assert_eq!(names_below(here.path()), ["a.html", "b.html", "list.txt", "other.jsonl"], "no state is left");
}

#[test]
fn files_are_written_though_nobody_reads_their_paths() {
    let here = two_pages();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let run: Run = program(&here).args(["a.html", "b.html", "-o", "out"]).stdout(writer).output().unwrap().into();
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(fs::read_to_string(here.path().join("out/manifest.jsonl")).unwrap().lines().count(), 2);
}

#[test]
fn the_folder_of_a_file_of_lines_is_made() {
    let here = two_pages();
    let run = run_in(&here, &["extract", "--format", "jsonl", "a.html", "-o", "new/below/out.jsonl"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(fs::read_to_string(here.path().join("new/below/out.jsonl")).unwrap().lines().count(), 1);
}

#[test]
fn article_that_cannot_be_written_stops_no_other() {
    let here = two_pages();
    // The folder that both go to is taken by a file for the first article's host only.
    fs::write(
        here.path().join("c.html"),
        article("The moat").replace("</head>", r#"<link rel="canonical" href="https://moat.example/a"></head>"#),
    )
    .unwrap();
    fs::create_dir(here.path().join("out")).unwrap();
    fs::write(here.path().join("out/moat.example"), "in the way").unwrap();
    let run = run_in(&here, &["extract", "c.html", "b.html", "-o", "out"]);
    assert_eq!((run.code, run.stdout.lines().count()), (Some(3), 1), "{run:?}");
    assert!(run.stderr.starts_with("gleaner: c.html: ") && run.stderr.contains("out/moat.example"), "{}", run.stderr);
    assert_eq!(run_in(&here, &["extract", "c.html", "-o", "out"]).code, Some(7));
}

/// A file system mounted read-only, taken away at the end.
struct ReadOnly(std::path::PathBuf);

impl ReadOnly {
    /// `None` where this user may not mount.
    fn at(path: &Path) -> Option<Self> {
        fs::create_dir(path).unwrap();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "ro", "tmpfs"]).arg(path).output().ok()?;
        mount.status.success().then(|| Self(path.to_path_buf()))
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn read_only_folder_is_told_with_2() {
    let here = two_pages();
    let Some(mounted) = ReadOnly::at(&here.path().join("out")) else {
        eprintln!("not shown: mounting needs root; the file in the folder's place is tested elsewhere");
        return;
    };
    let obstacle = fs::write(mounted.0.join("probe"), "x").unwrap_err();
    assert_eq!(obstacle.kind(), std::io::ErrorKind::ReadOnlyFilesystem, "the obstacle must be one");
    for output in ["out", "out/below"] {
        let run = run_in(&here, &["extract", "a.html", "-o", output]);
        assert_eq!((run.code, run.stderr.lines().count()), (Some(2), 1), "{run:?}");
        assert!(run.stderr.contains("cannot be written to"), "{}", run.stderr);
    }
}

#[test]
fn no_temporaries_stay() {
    let here = two_pages();
    assert_eq!(run_in(&here, &["extract", "a.html", "b.html", "-o", "out"]).code, Some(0));
    let left = names_below(&here.path().join("out"));
    for name in left.iter().filter(|name| here.path().join("out").join(name).is_dir()) {
        let hidden_and_empty = name.starts_with('.') && names_below(&here.path().join("out").join(name)).is_empty();
        assert!(hidden_and_empty || !name.starts_with('.'), "{left:?}");
    }
}

#[test]
fn two_files_that_claim_one_address_are_two_texts() {
    let here = two_pages();
    let base = ["--base-url", "https://post.example/"];
    let run = run_in(&here, &[&["extract", "a.html", "b.html", "-o", "out"], &base[..]].concat());
    let paths: Vec<&str> = run.stdout.lines().collect();
    let read = |path: &str| fs::read_to_string(here.path().join(path)).unwrap();
    assert_eq!(paths.iter().map(|path| read(path)).collect::<Vec<_>>(), [text("The arch"), text("The path")]);
}
