//! Shows what is read of feed files, a line of JSON each: `feeds FILE...`. Used by `.ci/feeds`.

use gleaner::feed;
use gleaner::page::Page;
use std::io::Write as _;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for file in std::env::args_os().skip(1) {
        let mut page = Page::from_bytes(std::fs::read(&file)?);
        page.url = "https://feeds.example/folder/feed.xml".parse().ok();
        let line = match feed::parse(&page) {
            Ok(feed) => {
                let urls: Vec<&str> = feed.entries.iter().map(|entry| entry.url.as_str()).collect();
                let dated = feed.entries.iter().filter(|entry| entry.published.is_some()).count();
                let (kind, salvaged) = (feed.kind.id(), feed.salvaged);
                serde_json::json!({ "file": file.to_string_lossy(), "kind": kind, "salvaged": salvaged,
                    "skipped": feed.skipped, "dated": dated, "urls": urls })
            }
            Err(error) => serde_json::json!({ "file": file.to_string_lossy(), "error": error.to_string() }),
        };
        writeln!(out, "{line}")?;
    }
    Ok(())
}
