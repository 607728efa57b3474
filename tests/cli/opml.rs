//! `gleaner opml`: feeds from other readers, and back.

use crate::{folder, run_in};
use std::fs;

const LIST: &str = "<?xml version='1.0'?><opml version='2.0'><body><outline text='News'>\
    <outline text='The Quay' type='rss' xmlUrl='https://quay.example/feed?a=1&b=2'/></outline>\
    <outline text='Fog' xmlUrl='https://fog.example/atom'/></body></opml>";

#[test]
fn list_becomes_a_configuration_and_a_list_again() {
    let folder = folder();
    fs::write(folder.path().join("list.opml"), LIST).unwrap();
    fs::write(folder.path().join("config.toml"), "# Mine\ncontact = \"me@home.example\"\n").unwrap();
    let import = run_in(&folder, &["opml", "import", "list.opml"]);
    assert_eq!(import.stdout, "config.toml: 2 feeds added, 0 there already\n", "{}", import.stderr);
    let config = fs::read_to_string(folder.path().join("config.toml")).unwrap();
    assert!(config.starts_with("# Mine\n"), "{config}");
    let export = run_in(&folder, &["opml", "export"]);
    assert!(export.stdout.contains("xmlUrl=\"https://quay.example/feed?a=1&amp;b=2\""), "{}", export.stdout);
    fs::write(folder.path().join("again.opml"), export.stdout).unwrap();
    let again = run_in(&folder, &["opml", "import", "again.opml"]);
    assert_eq!((again.code, again.stdout.as_str()), (Some(0), "config.toml: 0 feeds added, 2 there already\n"));
    assert_eq!(fs::read_to_string(folder.path().join("config.toml")).unwrap(), config);
}

#[test]
fn blocks_are_printed_where_nothing_is_to_be_written() {
    let folder = folder();
    fs::write(folder.path().join("list.opml"), LIST).unwrap();
    let run = run_in(&folder, &["opml", "import", "--print", "list.opml"]);
    assert!(run.stdout.starts_with("[[feed]]\nurl = \"https://quay.example/feed?a=1&b=2\"\nname = \"The Quay\"\n"));
    assert!(!folder.path().join("config.toml").exists());
}

#[test]
fn broken_list_is_named_with_its_line_and_changes_nothing() {
    let folder = folder();
    fs::write(folder.path().join("list.opml"), format!("{}\n</body>", &LIST[..LIST.len() - 7])).unwrap();
    let run = run_in(&folder, &["opml", "import", "list.opml"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.contains("list.opml: line 2: ") && !folder.path().join("config.toml").exists(),
        "{}",
        run.stderr
    );
}
