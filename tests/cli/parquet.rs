//! `gleaner export --format parquet`.

use super::{Run, folder, run_in};
use std::fs;
use tempfile::TempDir;

/// A folder whose manifest has these lines.
fn collected(lines: impl Iterator<Item = String>) -> TempDir {
    let here = folder();
    fs::create_dir(here.path().join("articles")).unwrap();
    fs::write(here.path().join("config.toml"), "contact = \"me@site.test\"\n").unwrap();
    fs::write(here.path().join("articles/manifest.jsonl"), lines.collect::<String>()).unwrap();
    here
}

/// The line of a text of which little is known.
#[cfg(feature = "parquet")]
fn line(key: u64, path: &str, more: &str) -> String {
    format!(
        r#"{{"key":"{key:016x}","url":"http://a.test/{key}","aliases":[],"path":"{path}","hash":"00","title":null,"published":null,"fetched":"2026-11-20T10:00:00Z","verdict":"article"{more}}}"#
    ) + "\n"
}

fn export(here: &TempDir, arguments: &[&str]) -> Run {
    run_in(here, &[&["export"], arguments].concat())
}

#[test]
#[cfg(not(feature = "parquet"))]
fn parquet_is_refused_by_name_where_it_is_not_built_in() {
    let here = collected(std::iter::empty());
    for arguments in [&["--format", "parquet"][..], &["all.parquet"]] {
        let run = export(&here, arguments);
        assert!(run.code == Some(2) && run.stderr.contains("--features parquet"), "{run:?}");
    }
    assert!(!here.path().join("all.parquet").exists());
}

#[cfg(feature = "parquet")]
mod built_in {
    use super::*;
    use ::parquet::file::reader::{FileReader, SerializedFileReader};
    use ::parquet::record::Field;
    use std::collections::HashMap;
    use std::fs::File;

    type Row = HashMap<String, Field>;

    fn open(here: &TempDir, name: &str) -> SerializedFileReader<File> {
        SerializedFileReader::new(File::open(here.path().join(name)).unwrap()).unwrap()
    }

    fn rows(here: &TempDir, name: &str) -> Vec<Row> {
        let file = open(here, name);
        let rows = file.get_row_iter(None).unwrap();
        rows.map(|row| row.unwrap().get_column_iter().map(|(name, field)| (name.clone(), field.clone())).collect())
            .collect()
    }

    /// What a column says in each row that has a text in it.
    fn texts(rows: &[Row], column: &str) -> Vec<Option<String>> {
        let text = |row: &Row| match &row[column] {
            Field::Str(text) => Some(text.clone()),
            Field::Null => None,
            other => panic!("{column}: {other:?}"),
        };
        rows.iter().map(text).collect()
    }

    /// Three texts: one of which all is known, one of which little is, and one that is not there.
    fn three() -> TempDir {
        let all = r#","feed":"http://a.test/feed","entry":"00000000000000aa","language":"en-gb","confidence":0.5,"source":"feed","duplicate_of":"0000000000000002""#;
        let first = line(1, "one.txt", all)
            .replace(r#""aliases":[]"#, r#""aliases":["http://a.test/x","http://a.test/y"]"#)
            .replace(r#""title":null"#, r#""title":"The lock""#)
            .replace(r#""published":null"#, r#""published":"1969-12-31T23:59:59.5Z""#);
        let second = line(2, "two.txt", "").replace(r#""published":null"#, r#""published":"2026-11-18""#);
        let here = collected([first, second, line(3, "three.txt", "")].into_iter());
        fs::write(here.path().join("articles/one.txt"), "---\ntitle: The lock\n---\n\nThe lock has opened.\n").unwrap();
        fs::write(here.path().join("articles/two.txt"), "Zwei Schlösser.\n").unwrap();
        here
    }

    #[test]
    fn a_row_has_what_the_manifest_says_and_null_where_it_says_nothing() {
        let here = three();
        let run = export(&here, &["all.parquet"]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(3), ""), "a text is missing: {run:?}");
        assert!(run.stderr.contains("three.txt") && run.stderr.contains("the text is not there"), "{run:?}");
        let rows = rows(&here, "all.parquet");
        let some = |first: &str, second: &str| vec![Some(first.to_owned()), Some(second.to_owned())];
        let first_alone = |first: &str| vec![Some(first.to_owned()), None];
        for (column, expected) in [
            ("key", some("0000000000000001", "0000000000000002")),
            ("url", some("http://a.test/1", "http://a.test/2")),
            ("path", some("one.txt", "two.txt")),
            ("hash", some("00", "00")),
            ("title", first_alone("The lock")),
            ("feed", first_alone("http://a.test/feed")),
            ("entry", first_alone("00000000000000aa")),
            ("language", first_alone("en-gb")),
            ("verdict", some("article", "article")),
            ("source", some("feed", "page")),
            ("duplicate_of", first_alone("0000000000000002")),
            ("text", some("The lock has opened.\n", "Zwei Schlösser.\n")),
        ] {
            assert_eq!(texts(&rows, column), expected, "{column}");
        }
        for (column, expected) in [
            ("published", [Field::TimestampMicros(-500_000), Field::Null]),
            ("published_day", [Field::Date(-1), Field::Date(20_775)]),
            ("fetched", [Field::TimestampMicros(1_795_168_800_000_000), Field::TimestampMicros(1_795_168_800_000_000)]),
            ("confidence", [Field::Float(0.5), Field::Null]),
        ] {
            assert_eq!([rows[0][column].clone(), rows[1][column].clone()], expected, "{column}");
        }
        let aliases = |row: &Row| match &row["aliases"] {
            Field::ListInternal(list) => list.elements().to_vec(),
            other => panic!("{other:?}"),
        };
        assert_eq!(aliases(&rows[0]), ["x", "y"].map(|path| Field::Str(format!("http://a.test/{path}"))));
        assert_eq!((aliases(&rows[1]), rows[0].len()), (vec![], 17));
    }

    #[test]
    fn a_row_group_ends_with_a_thousand_texts_or_with_16_mib_of_them() {
        let here = collected((0..2_001).map(|key| line(key, "one.txt", "")).chain([line(9_000, "big.txt", "")]));
        fs::write(here.path().join("articles/one.txt"), "One.\n").unwrap();
        fs::write(here.path().join("articles/big.txt"), "long ".repeat(4 << 20)).unwrap();
        let more =
            fs::read_to_string(here.path().join("articles/manifest.jsonl")).unwrap() + &line(9_001, "one.txt", "");
        fs::write(here.path().join("articles/manifest.jsonl"), more).unwrap();
        let run = export(&here, &["all.parquet"]);
        assert_eq!(run.code, Some(0), "{run:?}");
        let file = open(&here, "all.parquet");
        let groups: Vec<i64> = file.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
        assert_eq!(groups, [1_000, 1_000, 2, 1]);
        let keys = texts(&rows(&here, "all.parquet"), "key");
        assert_eq!((keys.len(), keys[2_001].as_deref()), (2_003, Some("0000000000002328")));
    }

    #[test]
    fn the_format_is_that_of_the_files_name_unless_one_is_given_and_the_filters_hold() {
        let here = three();
        fs::write(here.path().join("articles/three.txt"), "Three.\n").unwrap();
        assert_eq!(export(&here, &["--language", "en", "english.parquet"]).code, Some(0));
        assert_eq!(texts(&rows(&here, "english.parquet"), "key"), [Some("0000000000000001".to_owned())]);
        assert_eq!(export(&here, &["--language", "xx", "none.parquet"]).code, Some(0));
        assert_eq!((rows(&here, "none.parquet").len(), open(&here, "none.parquet").num_row_groups()), (0, 0));
        assert_eq!(export(&here, &["--format", "parquet", "all.table"]).code, Some(0));
        assert_eq!(rows(&here, "all.table").len(), 3);
        assert_eq!(export(&here, &["--format", "jsonl", "lines.parquet"]).code, Some(0));
        assert_eq!(fs::read_to_string(here.path().join("lines.parquet")).unwrap().lines().count(), 3);
        let output = super::super::gleaner(here.path()).args(["export", "--format", "parquet"]).output().unwrap();
        assert_eq!(
            output.stdout,
            fs::read(here.path().join("all.table")).unwrap(),
            "standard output has the same table"
        );
    }

    #[test]
    fn a_file_that_cannot_be_written_whole_is_not_there() {
        let here = three();
        let run = export(&here, &["nowhere/all.parquet"]);
        assert!(run.code == Some(7) && run.stderr.contains("nowhere/all.parquet"), "{run:?}");
        fs::remove_file(here.path().join("articles/one.txt")).unwrap();
        fs::write(here.path().join("all.parquet"), "as before").unwrap();
        fs::create_dir(here.path().join("articles/manifest")).unwrap();
        fs::remove_file(here.path().join("articles/manifest.jsonl")).unwrap();
        fs::rename(here.path().join("articles/manifest"), here.path().join("articles/manifest.jsonl")).unwrap();
        assert_ne!(export(&here, &["all.parquet"]).code, Some(0), "the manifest is a folder");
        assert_eq!(fs::read_to_string(here.path().join("all.parquet")).unwrap(), "as before");
        let left: Vec<_> = fs::read_dir(here.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(left.len(), 3, "{left:?}");
    }
}
