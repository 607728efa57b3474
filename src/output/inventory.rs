//! What stands in the output folder, read without changing anything and without the lock: for looking after it, also
//! while somebody writes there.

use super::manifest::{NAME, Record};
use super::tree::STAGING;
use super::{OutputError, RelativePath};
use crate::key::Key;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

/// A line of the manifest as it was read back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// What it says of the text.
    #[serde(flatten)]
    pub record: Record,
    /// BLAKE3 of the file's bytes, hexadecimal.
    pub hash: String,
}

/// A manifest from its first line to its last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lines {
    /// Whether there is one.
    pub is_there: bool,
    /// Whole lines, bad ones too.
    pub count: u64,
    /// Bytes after the last whole line: a line that is being written, or was when its run was killed.
    pub torn_bytes: u64,
}

/// Hands each whole line of the manifest in `folder` to `take`, with its number, from 1. The latest line of a key holds.
///
/// # Errors
/// A manifest that is there and cannot be read.
pub fn read_manifest(
    folder: &Path,
    mut take: impl FnMut(u64, Result<Entry, serde_json::Error>),
) -> Result<Lines, OutputError> {
    let path = folder.join(NAME);
    let error = |error| OutputError::of(&path, error);
    let file = match File::open(&path) {
        Err(absent) if absent.kind() == io::ErrorKind::NotFound => return Ok(Lines::default()),
        opened => opened.map_err(error)?,
    };
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let mut lines = Lines { is_there: true, ..Lines::default() };
    let mut line = Vec::new();
    loop {
        line.clear();
        reader.read_until(b'\n', &mut line).map_err(error)?;
        if line.last() != Some(&b'\n') {
            return Ok(Lines { torn_bytes: line.len() as u64, ..lines });
        }
        lines.count += 1;
        take(lines.count, serde_json::from_slice(&line));
    }
}

/// What the manifest in `folder` says last of each key; lines that cannot be read are left out.
///
/// # Errors
/// As [`read_manifest`].
pub fn latest_entries(folder: &Path) -> Result<HashMap<Key, Entry>, OutputError> {
    let mut latest = HashMap::new();
    read_manifest(folder, |_, line| {
        if let Ok(entry) = line {
            latest.insert(entry.record.key, entry);
        }
    })?;
    Ok(latest)
}

/// The same one by one, in the order of their lines: a key and a number of a line are held in memory for each text, as
/// much as a [`Writer`](super::Writer) holds. What is appended meanwhile is not among them.
#[derive(Debug)]
pub struct LatestEntries {
    path: PathBuf,
    reader: Option<BufReader<File>>,
    /// The line of each key that holds.
    latest: HashMap<Key, u64>,
    number: u64,
}

impl LatestEntries {
    /// Reads the manifest in `folder` once; one that is missing has no entries.
    ///
    /// # Errors
    /// As [`read_manifest`].
    pub fn open(folder: &Path) -> Result<Self, OutputError> {
        let path = folder.join(NAME);
        let mut latest = HashMap::new();
        let lines = read_manifest(folder, |number, line| {
            if let Ok(entry) = line {
                latest.insert(entry.record.key, number);
            }
        })?;
        let reader =
            if lines.is_there { Some(File::open(&path).map_err(|error| OutputError::of(&path, error))?) } else { None };
        Ok(Self { path, reader: reader.map(BufReader::new), latest, number: 0 })
    }
}

impl Iterator for LatestEntries {
    type Item = Result<Entry, OutputError>;

    fn next(&mut self) -> Option<Self::Item> {
        let reader = self.reader.as_mut()?;
        let mut line = Vec::new();
        loop {
            line.clear();
            match reader.read_until(b'\n', &mut line) {
                Err(error) => {
                    self.reader = None;
                    return Some(Err(OutputError::of(&self.path, error)));
                }
                Ok(_) if line.last() != Some(&b'\n') => return None,
                Ok(_) => self.number += 1,
            }
            let entry = serde_json::from_slice::<Entry>(&line).ok();
            if let Some(entry) = entry.filter(|entry| self.latest.get(&entry.record.key) == Some(&self.number)) {
                return Some(Ok(entry));
            }
        }
    }
}

/// What a name in the output folder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A file that may be a text.
    File,
    /// What was being written when a run was killed, or is being written.
    Temporary,
    /// A link, a pipe or something else that no text is.
    Other,
}

/// Everything below `folder` but the manifest (and what `repair` has kept of one), by its path with `/` between the
/// names; names that are no UTF-8 are shown with replacement characters.
///
/// # Errors
/// A folder that cannot be listed. One that is missing holds nothing.
pub fn list(folder: &Path) -> Result<BTreeMap<String, Standing>, OutputError> {
    let mut found = BTreeMap::new();
    let mut open = vec![(folder.to_path_buf(), String::new())];
    while let Some((below, prefix)) = open.pop() {
        let error = |error| OutputError::of(&below, error);
        let entries = match fs::read_dir(&below) {
            // Also one that was empty and has just been taken away.
            Err(absent) if absent.kind() == io::ErrorKind::NotFound => continue,
            entries => entries.map_err(error)?,
        };
        for entry in entries {
            let entry = entry.map_err(error)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if prefix.is_empty() && name.starts_with(NAME) {
                continue;
            }
            let path = format!("{prefix}{name}");
            match entry.file_type().map_err(error)? {
                kind if kind.is_dir() => open.push((entry.path(), format!("{path}/"))),
                _ if path.starts_with(STAGING) => drop(found.insert(path, Standing::Temporary)),
                kind if kind.is_file() => drop(found.insert(path, Standing::File)),
                // A link inside the folder leads to what is listed there; see `Tree::make_folder_of`.
                _ if fs::metadata(entry.path()).is_ok_and(|facts| facts.is_dir()) => {}
                _ => drop(found.insert(path, Standing::Other)),
            }
        }
    }
    Ok(found)
}

/// BLAKE3 of a text's bytes, hexadecimal; `None` where no plain file stands at `path`.
///
/// # Errors
/// A file that cannot be read.
pub fn hash_of(folder: &Path, path: &RelativePath) -> Result<Option<String>, OutputError> {
    let file = path.under(folder);
    let mut hasher = blake3::Hasher::new();
    let read = File::open(&file).and_then(|mut opened| io::copy(&mut opened, &mut hasher));
    match read {
        Ok(_) => Ok(Some(hasher.finalize().to_hex().to_string())),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory => Ok(None),
            _ => Err(OutputError::of(&file, error)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::{Provenance, Published, Verdict};
    use crate::output::Writer;
    use url::Url;

    fn record(number: u8) -> Record {
        let url = Url::parse(&format!("http://a.test/{number}")).unwrap();
        Record {
            key: Key::of(&url),
            aliases: vec![Url::parse("http://a.test/other").unwrap()],
            url,
            path: RelativePath::parse(&format!("a.test/{number}.txt")).unwrap(),
            title: Some("Title".into()),
            published: Some(Published { date: jiff::civil::date(2026, 11, 21), timestamp: None }),
            fetched: jiff::Timestamp::UNIX_EPOCH,
            feed: Url::parse("https://a.test/feed").ok(),
            entry: Some(Key::from_bits(7)),
            verdict: Verdict::Truncated,
            source: Provenance::Page,
            language: Some("en-gb".into()),
            confidence: Some(0.97),
            duplicate_of: Some(Key::from_bits(7)),
        }
    }

    #[test]
    fn manifest_is_read_back_as_it_was_written_and_bad_and_torn_lines_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let moment = "2026-11-21T23:30:00Z".parse().unwrap();
        let exact = Published { date: jiff::civil::date(2026, 11, 21), timestamp: Some(moment) };
        let records =
            [record(1), Record { published: Some(exact), ..record(2) }, Record { published: None, ..record(3) }];
        let writer = Writer::open(folder.path()).unwrap();
        records.iter().for_each(|record| drop(writer.write(record, "text\n").unwrap()));
        let mut text = fs::read(folder.path().join(NAME)).unwrap();
        text.extend_from_slice(b"rubbish\n{\"key\":");
        fs::write(folder.path().join(NAME), text).unwrap();
        let (mut good, mut bad) = (vec![], vec![]);
        let lines = read_manifest(folder.path(), |number, line| match line {
            Ok(entry) => good.push(entry),
            Err(_) => bad.push(number),
        });
        assert_eq!(lines.unwrap(), Lines { is_there: true, count: 4, torn_bytes: 7 });
        assert_eq!(
            (good.iter().map(|entry| entry.record.clone()).collect::<Vec<_>>(), bad),
            (records.to_vec(), vec![4])
        );
        let latest: Vec<Entry> = LatestEntries::open(folder.path()).unwrap().map(Result::unwrap).collect();
        assert_eq!(latest, good);
        assert_eq!(hash_of(folder.path(), &record(1).path).unwrap(), Some(good[0].hash.clone()));
        assert_eq!(hash_of(folder.path(), &record(9).path).unwrap(), None);
    }

    #[test]
    fn folder_is_listed_with_what_is_no_text() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read_manifest(&folder.path().join("none"), |_, _| ()).unwrap(), Lines::default());
        assert!(list(&folder.path().join("none")).unwrap().is_empty());
        Writer::open(folder.path()).unwrap().write(&record(1), "text\n").unwrap();
        fs::create_dir(folder.path().join(STAGING)).unwrap();
        fs::write(folder.path().join(STAGING).join("half"), "te").unwrap();
        let listed = list(folder.path()).unwrap();
        let expected = [(format!("{STAGING}/half"), Standing::Temporary), ("a.test/1.txt".into(), Standing::File)];
        assert_eq!(listed.into_iter().collect::<Vec<_>>(), expected);
    }
}
