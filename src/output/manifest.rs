//! `manifest.jsonl`: one line for each text written, append-only, the latest line of a key holds.

use super::{Change, OutputError, RelativePath};
use crate::article::{Provenance, Published, Verdict};
use crate::crash::{self, Point};
use crate::key::{Key, first_bits};
use jiff::Timestamp;
use jiff::tz::Offset;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use url::Url;

/// The manifest's name in the output folder.
pub(super) const NAME: &str = "manifest.jsonl";

/// What the manifest says of a text, but for the hash of its bytes, which the writer adds (`hash`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The key of `url`.
    pub key: Key,
    /// Where the text was announced.
    pub url: Url,
    /// Other URLs of the same page: where redirects led, what it calls canonical.
    pub aliases: Vec<Url>,
    /// Where the text stands, below the output folder.
    pub path: RelativePath,
    /// The headline.
    pub title: Option<String>,
    /// RFC 3339 where the moment is known, else the day.
    #[serde(serialize_with = "moment_or_day", deserialize_with = "from_moment_or_day")]
    pub published: Option<Published>,
    /// When the page was fetched.
    pub fetched: Timestamp,
    /// Where the feed stands that announced it first; left out where nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feed: Option<Url>,
    /// What that feed calls it, hashed; left out where it gives no name but the URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<Key>,
    /// `article` or `truncated`.
    pub verdict: Verdict,
    /// `feed` where the text is the feed's; else it is left out.
    #[serde(default, skip_serializing_if = "Provenance::is_page")]
    pub source: Provenance,
    /// The language of the text ([`crate::article::Metadata::language`]); left out where nothing is known of it, and by older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The word F1 to be expected of the text, 0 to 1; left out by older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
    /// The key of the page that came first with nearly this text, where copies are to be marked; else it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<Key>,
}

fn moment_or_day<S: Serializer>(published: &Option<Published>, serializer: S) -> Result<S::Ok, S::Error> {
    match published {
        None => serializer.serialize_none(),
        Some(Published { timestamp: Some(moment), .. }) => serializer.collect_str(moment),
        Some(Published { date, .. }) => serializer.collect_str(date),
    }
}

/// The day is read as that of the moment in UTC: a line does not keep the zone.
fn from_moment_or_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Published>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    let of_moment = |moment| Published { date: Offset::UTC.to_datetime(moment).date(), timestamp: Some(moment) };
    let of_day = |date| Published { date, timestamp: None };
    let published = text.parse().map(of_moment).or_else(|_| text.parse().map(of_day));
    published.map(Some).map_err(serde::de::Error::custom)
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    record: &'a Record,
    hash: &'a str,
}

/// As much of a line as has to be read back.
#[derive(Deserialize)]
struct Known {
    key: Key,
    path: String,
    #[serde(deserialize_with = "from_hex")]
    hash: blake3::Hash,
}

fn from_hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<blake3::Hash, D::Error> {
    blake3::Hash::from_hex(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

/// What is remembered of a key's latest line.
#[derive(Debug, Clone, Copy)]
struct Latest {
    /// The first 64 bits of the content hash: enough to tell two versions of one text apart.
    hash_start: u64,
    /// Where the line begins, bytes.
    offset: u64,
}

/// The open, locked file.
#[derive(Debug)]
pub(super) struct Manifest {
    path: PathBuf,
    file: File,
    /// Bytes; whole lines only.
    length: u64,
    latest: HashMap<Key, Latest>,
}

impl Manifest {
    pub(super) fn open(root: &Path) -> Result<Self, OutputError> {
        let path = root.join(NAME);
        let error = |error| OutputError::of(&path, error);
        let file = locked(&path)?;
        let mut manifest = Self { path: path.clone(), file, length: 0, latest: HashMap::new() };
        manifest.read().map_err(error)?;
        Ok(manifest)
    }

    /// Reads all lines. What follows the last line feed was torn by a kill and is cut off: its text
    /// is still leased in the frontier, and will be recorded again.
    fn read(&mut self) -> std::io::Result<()> {
        let mut reader = BufReader::new(&self.file);
        let mut line = vec![];
        loop {
            line.clear();
            let bytes = reader.read_until(b'\n', &mut line)?;
            if line.last() != Some(&b'\n') {
                break;
            }
            match serde_json::from_slice(&line) {
                Ok(known) => remember(&mut self.latest, self.length, &known),
                Err(error) => tracing::warn!(
                    manifest = %self.path.display(), offset = self.length, %error,
                    "a line of the manifest cannot be read; its text may be written once more"
                ),
            }
            self.length += bytes as u64;
        }
        if !line.is_empty() {
            self.file.set_len(self.length)?;
            self.file.sync_all()?;
        }
        Ok(())
    }

    /// How long it is, in bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.length
    }

    /// The keys whose latest lines begin within these bytes.
    pub(super) fn keys_within(&self, bytes: &Range<u64>) -> Vec<Key> {
        self.latest.iter().filter(|(_, latest)| bytes.contains(&latest.offset)).map(|(key, _)| *key).collect()
    }

    /// Appends lines for texts that stand there already.
    pub(super) fn list(&mut self, entries: &[(Record, blake3::Hash)]) -> Result<(), OutputError> {
        let listed = entries.iter().try_for_each(|(record, hash)| {
            let line = line(record, *hash)?;
            self.file.write_all(&line)?;
            let known = Known { key: record.key, path: record.path.as_str().to_owned(), hash: *hash };
            remember(&mut self.latest, self.length, &known);
            self.length += line.len() as u64;
            Ok(())
        });
        listed.and_then(|()| self.file.sync_data()).map_err(|error| OutputError::of(&self.path, error))
    }

    /// Writes the manifest anew without the lines that cannot be read, and keeps the old one beside it, its name
    /// followed by `ending`.
    pub(super) fn clean(&mut self, ending: &str) -> Result<PathBuf, OutputError> {
        let path = self.path.clone();
        let folder = path.parent().unwrap_or(Path::new("."));
        let aside = folder.join(format!("{NAME}{ending}"));
        let error = |error| OutputError::of(&path, error);
        std::fs::copy(&path, &aside).and_then(|_| File::open(&aside)?.sync_all()).map_err(error)?;
        let new = folder.join(format!("{NAME}.new"));
        let mut clean = File::create(&new).map_err(error)?;
        self.file.seek(SeekFrom::Start(0)).map_err(error)?;
        let mut reader = BufReader::new(&self.file);
        let mut line = vec![];
        while reader.read_until(b'\n', &mut line).map_err(error)? > 0 {
            if serde_json::from_slice::<super::Entry>(&line).is_ok() {
                clean.write_all(&line).map_err(error)?;
            }
            line.clear();
        }
        clean.sync_all().and_then(|()| std::fs::rename(&new, &path)).map_err(error)?;
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(error)?;
        *self = Self { path: path.clone(), file: locked(&path)?, length: 0, latest: HashMap::new() };
        self.read().map_err(error)?;
        Ok(aside)
    }

    pub(super) fn path_of(&mut self, key: Key) -> Result<Option<RelativePath>, OutputError> {
        let Some(latest) = self.latest.get(&key) else { return Ok(None) };
        let known = self.read_line(latest.offset).map_err(|error| OutputError::of(&self.path, error))?;
        Ok(RelativePath::parse(&known.path).ok())
    }

    fn read_line(&self, offset: u64) -> std::io::Result<Known> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(offset))?;
        let mut line = vec![];
        BufReader::new(file.take(self.length - offset)).read_until(b'\n', &mut line)?;
        Ok(serde_json::from_slice(&line)?)
    }

    /// Appends the record, unless the latest line of its key says the same of path and content.
    pub(super) fn record(&mut self, record: &Record, hash: blake3::Hash) -> Result<Change, OutputError> {
        let same_bytes = self.latest.get(&record.key).is_some_and(|latest| latest.hash_start == first_bits(hash));
        if same_bytes && self.path_of(record.key)?.as_ref() == Some(&record.path) {
            // The run that appended it may have been killed before it synced.
            self.file.sync_data().map_err(|error| OutputError::of(&self.path, error))?;
            return Ok(Change::Nothing);
        }
        let known = Known { key: record.key, path: record.path.as_str().to_owned(), hash };
        self.append(record, hash).map_err(|error| OutputError::of(&self.path, error)).map(|bytes| {
            remember(&mut self.latest, self.length, &known);
            self.length += bytes;
            Change::Written
        })
    }

    fn append(&mut self, record: &Record, hash: blake3::Hash) -> std::io::Result<u64> {
        let line = line(record, hash)?;
        crash::point_after(Point::LineTorn, || {
            let _ = self.file.write_all(&line[..line.len() / 2]);
        });
        let written = self.file.write_all(&line);
        crash::point(Point::LineWritten);
        if let Err(error) = written.and_then(|()| self.file.sync_data()) {
            // Half a line must not become the start of the next one. Where even this fails, the next
            // opening cuts it off.
            let _ = self.file.set_len(self.length);
            return Err(error);
        }
        Ok(line.len() as u64)
    }
}

/// Opens the file, or makes it, for this process alone.
pub(super) fn locked(path: &Path) -> Result<File, OutputError> {
    let error = |error| OutputError::of(path, error);
    let file = File::options().read(true).append(true).create(true).open(path).map_err(error)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OutputError::Busy { path: path.to_path_buf() }),
        Err(TryLockError::Error(failed)) => Err(error(failed)),
    }
}

fn line(record: &Record, hash: blake3::Hash) -> std::io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(&Line { record, hash: hash.to_hex().as_str() })?;
    line.push(b'\n');
    Ok(line)
}

fn remember(latest: &mut HashMap<Key, Latest>, offset: u64, known: &Known) {
    latest.insert(known.key, Latest { hash_start: first_bits(known.hash), offset });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(url: &str, path: &str) -> Record {
        let url = Url::parse(url).unwrap();
        Record {
            key: Key::of(&url),
            url,
            aliases: vec![],
            path: RelativePath::parse(path).unwrap(),
            title: Some("A \"title\"\nof two lines".into()),
            published: Some(Published { date: jiff::civil::date(2026, 11, 21), timestamp: None }),
            fetched: Timestamp::UNIX_EPOCH,
            feed: Url::parse("https://a.test/feed").ok(),
            entry: Some(Key::from_bits(7)),
            verdict: Verdict::Article,
            source: Provenance::Page,
            language: None,
            confidence: None,
            duplicate_of: None,
        }
    }

    fn lines(folder: &Path) -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(folder.join(NAME)).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn replay_adds_no_line_and_new_bytes_do() {
        let folder = tempfile::tempdir().unwrap();
        let record = record("http://a.test/1", "a/1.txt");
        for _ in 0..2 {
            let mut manifest = Manifest::open(folder.path()).unwrap();
            manifest.record(&record, blake3::hash(b"one")).unwrap();
            assert_eq!(manifest.record(&record, blake3::hash(b"one")).unwrap(), Change::Nothing);
        }
        assert_eq!(lines(folder.path()).len(), 1);
        let mut manifest = Manifest::open(folder.path()).unwrap();
        assert_eq!(manifest.record(&record, blake3::hash(b"two")).unwrap(), Change::Written);
        assert_eq!(lines(folder.path()).len(), 2);
    }

    #[test]
    fn line_says_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let record = record("http://a.test/1?utm_source=x", "a/1.txt");
        Manifest::open(folder.path()).unwrap().record(&record, blake3::hash(b"one")).unwrap();
        let line = &lines(folder.path())[0];
        assert_eq!(line["key"], Key::of(&Url::parse("http://a.test/1").unwrap()).to_string());
        assert_eq!(line["url"], "http://a.test/1?utm_source=x");
        assert_eq!(line["path"], "a/1.txt");
        assert_eq!(line["hash"], blake3::hash(b"one").to_hex().as_str());
        assert_eq!(line["published"], "2026-11-21");
        assert_eq!(line["fetched"], "1970-01-01T00:00:00Z");
        assert_eq!(line["verdict"], "article");
    }

    #[test]
    fn torn_last_line_is_cut_off_at_every_byte() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (record("http://a.test/1", "a/1.txt"), record("http://a.test/2", "a/2.txt"));
        let mut manifest = Manifest::open(folder.path()).unwrap();
        manifest.record(&first, blake3::hash(b"one")).unwrap();
        let whole_lines = manifest.length;
        manifest.record(&second, blake3::hash(b"two")).unwrap();
        drop(manifest);
        let whole = std::fs::read(folder.path().join(NAME)).unwrap();
        for end in (usize::try_from(whole_lines).unwrap()..whole.len()).rev() {
            std::fs::write(folder.path().join(NAME), &whole[..end]).unwrap();
            let mut manifest = Manifest::open(folder.path()).unwrap();
            assert_eq!(manifest.length, whole_lines);
            assert_eq!(manifest.path_of(first.key).unwrap().as_ref(), Some(&first.path));
            assert_eq!(manifest.path_of(second.key).unwrap(), None);
            manifest.record(&second, blake3::hash(b"two")).unwrap();
            assert_eq!(std::fs::read(folder.path().join(NAME)).unwrap(), whole);
        }
    }

    #[test]
    fn damaged_line_in_the_middle_hides_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (record("http://a.test/1", "a/1.txt"), record("http://a.test/2", "a/2.txt"));
        Manifest::open(folder.path()).unwrap().record(&first, blake3::hash(b"one")).unwrap();
        let mut file = File::options().append(true).open(folder.path().join(NAME)).unwrap();
        file.write_all(b"{ rubbish \xff\n").unwrap();
        Manifest::open(folder.path()).unwrap().record(&second, blake3::hash(b"two")).unwrap();
        let mut manifest = Manifest::open(folder.path()).unwrap();
        assert_eq!(manifest.path_of(first.key).unwrap(), Some(first.path));
        assert_eq!(manifest.path_of(second.key).unwrap(), Some(second.path));
    }

    #[test]
    fn second_writer_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let _first = Manifest::open(folder.path()).unwrap();
        assert!(matches!(Manifest::open(folder.path()).unwrap_err(), OutputError::Busy { .. }));
    }
}
