//! Texts are written again from raw pages after rules have changed, and only where they differ.

use crate::home::{Home, files};
use crate::support::{Reply, STORIES, Site};
use std::fs;
use std::time::{Duration, SystemTime};

const RAW: &str = "[raw]\nkeep = true\n";

/// A home that keeps raw pages, all of whose articles are written; their files are a day old.
async fn written(site: &Site) -> Home {
    let home = Home::of(site);
    home.configure(site, RAW);
    assert_eq!(home.once().await.written, STORIES.len() as u64);
    for path in home.texts().keys() {
        let file = fs::File::options().append(true).open(home.output().join(path)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(86_400)).unwrap();
    }
    home
}

/// What a rule drops that concerns one story alone: its second paragraph.
const DROPPED: &str = "article p:nth-of-type(3)";

fn rule(site: &Site, home: &Home) {
    let more = format!("{RAW}[[site]]\nhost = \"127.0.0.1\"\ndrop = [\"{DROPPED}\", \".only-here\"]\n");
    home.configure(site, &more);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_touched_where_nothing_has_changed() {
    let site = Site::with_stories();
    let home = written(&site).await;
    let (times, manifest) = (home.times(), home.manifest());
    let (code, said) = home.command(&["reextract", "-q"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(
        said,
        "14 texts: 0 changed, 14 the same, 0 without raw pages, 0 without an article, 0 left to whoever changed them, 0 failed\n"
    );
    assert_eq!((home.times(), home.manifest()), (times, manifest));
    assert_eq!(files(&home.folder.path().join("raw")).len(), 15, "a body for each story, and the index");
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_that_come_out_otherwise_are_written_under_their_names_and_no_other_is_touched() {
    let site = Site::with_stories();
    let special = &STORIES[3];
    let aside = "<p class=\"only-here\">This sentence stands on one page alone, and it is long enough to be kept by whoever has no rule for it.</p>";
    let page = special.page().replacen("<p>", &format!("{aside}\n<p>"), 1);
    site.put(&special.path(), Reply::html(page));
    let home = written(&site).await;
    let (before, asked) = (home.texts(), site.asked_in_all());
    home.configure(&site, &format!("{RAW}[[site]]\nhost = \"127.0.0.1\"\ndrop = [\".only-here\"]\n"));
    let (code, said) = home.command(&["reextract", "-q", "--dry-run", "--diff"]);
    let changed = said.lines().filter(|line| line.starts_with("changed ")).count();
    assert_eq!((code, changed), (Some(0), 1), "{said}");
    assert!(
        said.contains("- This sentence stands on one page alone") && said.contains("1 would change, 13 the same"),
        "{said}"
    );
    assert_eq!(home.texts(), before, "a dry run writes nothing");
    let (code, said) = home.command(&["reextract", "-q"]);
    assert_eq!(code, Some(0), "{said}");
    let after = home.texts();
    let changed: Vec<_> = before.keys().filter(|path| before[*path] != after[*path]).collect();
    assert_eq!((after.len(), changed.len()), (14, 1));
    assert_eq!(after[changed[0]], special.text());
    let hour_ago = SystemTime::now() - Duration::from_secs(3600);
    assert_eq!(home.times().iter().filter(|time| **time > hour_ago).count(), 2, "the text and the manifest");
    assert_eq!(home.manifest().len(), 15, "one more line, which counts");
    assert_eq!(home.verify().findings, []);
    assert_eq!(site.asked_in_all(), asked, "nothing is fetched");
    let (_, said) = home.command(&["reextract", "-q"]);
    assert!(said.contains("0 changed, 14 the same"), "{said}");
    assert_eq!(home.once().await.written, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_with_another_hand_in_them_and_those_without_pages_are_left_alone() {
    let site = Site::with_stories();
    let home = written(&site).await;
    let paths: Vec<String> = home.texts().into_keys().collect();
    fs::write(home.output().join(&paths[0]), "my own notes").unwrap();
    fs::remove_file(home.output().join(&paths[1])).unwrap();
    let bodies = files(&home.folder.path().join("raw"));
    let body = bodies.iter().find(|path| path.ends_with(".zst")).unwrap();
    fs::remove_file(home.folder.path().join("raw").join(body)).unwrap();
    rule(&site, &home);
    let (code, said) = home.command(&["reextract", "-q"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains(" 1 without raw pages"), "{said}");
    assert_eq!(fs::read_to_string(home.output().join(&paths[0])).unwrap(), "my own notes");
    assert!(!home.output().join(&paths[1]).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn page_that_cannot_be_read_any_more_is_told_and_ends_with_3() {
    let site = Site::with_stories();
    let home = written(&site).await;
    let raw = home.folder.path().join("raw");
    let bodies = files(&raw);
    let (code, said) = home.command(&["verify", "--raw"]);
    assert!(code == Some(0) && said.contains("raw pages: 14 as they were kept, 0 damaged"), "{said}");
    fs::write(raw.join(bodies.iter().find(|path| path.ends_with(".zst")).unwrap()), "no zstd").unwrap();
    let (code, said) = home.command(&["verify", "--raw"]);
    assert!(code == Some(3) && said.starts_with("damaged_raw ") && said.contains("; remove the file"), "{said}");
    assert!(said.contains("raw pages: 13 as they were kept, 1 damaged"), "{said}");
    assert_eq!(home.command(&["verify"]).0, Some(0), "the texts are well");
    let (code, said) = home.command(&["reextract", "-q"]);
    assert_eq!((code, said.lines().count()), (Some(3), 2), "{said}");
    assert!(said.contains("13 the same") && said.contains("1 failed") && said.starts_with("failed "), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn full_store_of_raw_pages_keeps_no_article_back() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    for max_bytes in [4000, 10] {
        home.configure(&site, &format!("{RAW}max_bytes = {max_bytes}\n"));
        home.once().await;
        assert_eq!(home.count(), 14);
        let raw = home.folder.path().join("raw");
        let bytes: u64 = files(&raw)
            .iter()
            .filter(|path| path.ends_with(".zst"))
            .map(|path| raw.join(path).metadata().unwrap().len())
            .sum();
        assert!(bytes <= 4000, "{bytes}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reextract_is_refused_where_no_pages_are_kept_and_beside_a_daemon() {
    let site = Site::with_stories();
    let home = Home::of(&site);
    let (code, said) = home.command(&["reextract", "-q"]);
    assert!(code == Some(2) && said.contains("keep = true"), "{said}");
    let home = written(&site).await;
    let _held = home.store();
    let (code, said) = home.command(&["reextract", "-q"]);
    assert!(code == Some(2) && said.contains(&format!("(process {})", std::process::id())), "{said}");
}

#[test]
#[cfg(debug_assertions)]
fn reextract_that_dies_is_completed_by_the_next_one() {
    let site = Site::with_stories();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for moment in ["temporary_synced:2", "renamed:2", "line_torn:2", "line_written:2"] {
        let home = runtime.block_on(written(&site));
        let before = home.texts();
        rule(&site, &home);
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_gleaner"));
        command.args(["reextract", "-q", "--config"]).arg(home.config()).env("GLEANER_CRASH_AT", moment);
        assert_eq!(command.output().unwrap().status.code(), None, "{moment}: it dies");
        let (code, said) = home.command(&["reextract", "-q"]);
        assert!(code == Some(0) && said.contains(" 0 left to whoever"), "{moment}: {said}");
        assert_eq!(home.verify().findings, [], "{moment}");
        let after = home.texts();
        assert!(
            before.keys().eq(after.keys())
                && before.values().zip(after.values()).all(|(old, new)| new.len() < old.len())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_is_written_looked_after_and_written_again_in_its_own() {
    for (format, extension) in [("markdown", "md"), ("html", "html"), ("json", "json")] {
        let site = Site::with_stories();
        let home = Home::of(&site);
        let settings = format!("{RAW}[output]\nformat = \"{format}\"\nsidecar = true\n");
        home.configure(&site, &settings);
        assert_eq!(home.once().await.written, 14, "{format}");
        let names: Vec<String> = home.manifest().iter().map(|line| line["path"].as_str().unwrap().to_owned()).collect();
        assert!(names.iter().all(|name| name.ends_with(&format!(".{extension}"))), "{names:?}");
        let sidecars = names.iter().filter(|name| home.output().join(format!("{name}.json")).is_file()).count();
        assert_eq!(sidecars, if format == "json" { 0 } else { 14 }, "{format}");
        assert_eq!(home.verify().findings, [], "{format}");
        let (_, said) = home.command(&["reextract", "-q"]);
        assert!(said.contains("0 changed, 14 the same"), "{format}: {said}");
        // Another format is for articles to come: those that are there keep theirs.
        let settings = format!("{RAW}[[site]]\nhost = \"127.0.0.1\"\ndrop = [\"{DROPPED}\"]\n");
        home.configure(&site, &settings);
        let (_, said) = home.command(&["reextract", "-q"]);
        assert!(!said.contains(" 0 changed") && said.contains(" 0 failed"), "{format}: {said}");
        assert_eq!(home.verify().findings, [], "{format}");
        let text = fs::read_to_string(home.output().join(&names[0])).unwrap();
        let beginning = match format {
            "markdown" => "# ",
            "html" => "<!DOCTYPE html>",
            _ => "{\"version\":1,",
        };
        assert!(text.starts_with(beginning), "{text}");
        assert_eq!(home.once().await.written, 0, "{format}");
    }
}
