//! Feeds that are broken in one way each: `malformed/<way>` holds the feed, `<way>.expected` a line for each entry that
//! comes out of it, `url | title | published`. All of them are made up for these tests.

use crate::parse;
use gleaner::feed::Entry;
use std::path::{Path, PathBuf};

fn shown(entry: &Entry) -> String {
    let published = entry.published.map_or("-".to_owned(), |moment| moment.to_string());
    format!("{} | {} | {published}\n", entry.url, entry.title.as_deref().unwrap_or("-"))
}

fn expected(feed: &Path) -> PathBuf {
    let is_json = feed.extension().is_some_and(|extension| extension == "json");
    feed.with_extension(if is_json { "json.expected" } else { "expected" })
}

#[test]
fn no_complete_entry_of_a_broken_feed_is_lost() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/feeds/malformed");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension != "expected"));
    assert!(files.len() >= 15, "{files:?}");
    let mut wrong = vec![];
    for file in &files {
        let found = match parse(std::fs::read(file).unwrap()) {
            Ok(feed) => feed.entries.iter().map(shown).collect(),
            Err(error) => error.to_string(),
        };
        let expected = std::fs::read_to_string(expected(file)).unwrap();
        if found != expected {
            wrong.push(format!("{}:\n{found}instead of\n{expected}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
