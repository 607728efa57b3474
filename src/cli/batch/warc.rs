//! WARC files (ISO 28500:2017), of which the records are read that are texts: `conversion`, which make up WET files.
//!
//! There are crates for this. `fastwarc` 2.0 takes a cut gzip member for the end of the file, wants files to seek in,
//! and brings four codecs, four hashes, another library of time and `encoding`, which nobody maintains
//! (RUSTSEC-2021-0153), none of which can be left out.

use super::gzip::Members;
use super::{Broken, Content, LineEnd, Record, RecordFault, read_line};
use std::io::{self, BufRead, Read};
use url::Url;

/// Longest head of a record, and longest line of it, in bytes. Those of Common Crawl have some 600.
const MOST_HEAD_BYTES: usize = 64 * 1024;
const MOST_LINE_BYTES: usize = 16 * 1024;

/// The types of records that are passed over (5.5 of the standard); the last one stands for all others.
const PASSED_OVER: [&str; 8] =
    ["response", "resource", "warcinfo", "request", "metadata", "revisit", "continuation", "unknown"];

/// A WARC file being read.
pub(crate) struct Archive {
    stream: Stream,
    /// Bytes that a text may have.
    limit: u64,
    /// How many records were met, of any type.
    number: u64,
    /// The first line of the next record and where it begins, where it was met in the search for it.
    version: Option<(u64, Vec<u8>)>,
    /// By [`PASSED_OVER`].
    passed_over: [u64; PASSED_OVER.len()],
    is_over: bool,
}

/// Records as they stand in the file, or in gzip members.
enum Stream {
    Plain { reader: Box<dyn BufRead + Send>, passed: u64 },
    Gzip(Box<Members>),
}

/// What the head of a record says.
struct Head {
    /// `WARC-Type`, in lower case.
    kind: String,
    length: Option<u64>,
    id: Option<String>,
    url: Option<Url>,
}

/// Why a step came to nothing.
enum Unread {
    /// The record is of no use.
    Record(RecordFault),
    /// The file, or a gzip member, cannot be read.
    File(io::Error),
}

impl From<RecordFault> for Unread {
    fn from(fault: RecordFault) -> Self {
        Self::Record(fault)
    }
}

impl From<io::Error> for Unread {
    fn from(cause: io::Error) -> Self {
        Self::File(cause)
    }
}

impl Archive {
    pub(super) fn plain(reader: impl BufRead + Send + 'static, limit: u64) -> Self {
        Self::of(Stream::Plain { reader: Box::new(reader), passed: 0 }, limit)
    }

    pub(super) fn compressed(reader: impl Read + Send + 'static, limit: u64) -> Self {
        Self::of(Stream::Gzip(Box::new(Members::new(reader))), limit)
    }

    fn of(stream: Stream, limit: u64) -> Self {
        let passed_over = [0; PASSED_OVER.len()];
        Self { stream, limit, number: 0, version: None, passed_over, is_over: false }
    }

    pub(super) fn passed_over(&self) -> Vec<(&'static str, u64)> {
        PASSED_OVER.into_iter().zip(self.passed_over).filter(|(_, count)| *count > 0).collect()
    }

    /// Reads a record; `None` where it is no text or the file ends.
    fn step(&mut self) -> Result<Option<Record>, Unread> {
        let Some((offset, version)) = self.first_line()? else {
            self.is_over = true;
            return Ok(None);
        };
        self.number += 1;
        if !is_version(&version) {
            self.seek_record()?;
            return Err(RecordFault::NoRecord { offset }.into());
        }
        let head = self.head(offset)?;
        let Some(length) = head.length else {
            self.seek_record()?;
            return Err(RecordFault::NoLength { offset }.into());
        };
        let (is_text, is_too_long) = (head.kind == "conversion", length > self.limit);
        let mut body = Vec::new();
        let held = self.hold(length, (is_text && !is_too_long).then_some(&mut body))?;
        if held < length {
            return Err(RecordFault::CutOff { offset }.into());
        }
        self.end_record()?;
        if !is_text {
            let at = PASSED_OVER.iter().position(|kind| *kind == head.kind);
            self.passed_over[at.unwrap_or(PASSED_OVER.len() - 1)] += 1;
            return Ok(None);
        }
        if is_too_long {
            return Err(RecordFault::TooLong { limit: self.limit }.into());
        }
        let content = Content::Text(String::from_utf8_lossy(&body).into_owned());
        Ok(Some(Record { number: self.number, id: head.id.map(Into::into), url: head.url, content }))
    }

    /// The first line that is not blank, and where it begins; `None` at the end of the file.
    fn first_line(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        match self.version.take() {
            Some(version) => Ok(Some(version)),
            None => self.line_that(|line| !line.trim_ascii().is_empty()),
        }
    }

    /// Goes to the next line that begins a record, or to the end.
    fn seek_record(&mut self) -> io::Result<()> {
        self.version = self.line_that(is_version)?;
        Ok(())
    }

    /// The next line that is as wanted, and where it begins.
    fn line_that(&mut self, is_wanted: impl Fn(&[u8]) -> bool) -> io::Result<Option<(u64, Vec<u8>)>> {
        let mut line = Vec::new();
        loop {
            let before = self.stream.offset();
            if read_line(&mut self.stream, &mut line, MOST_LINE_BYTES)? == LineEnd::Input {
                return Ok(None);
            }
            if is_wanted(&line) {
                // Before the line was read, the member was the one before.
                let is_plain = matches!(self.stream, Stream::Plain { .. });
                return Ok(Some((if is_plain { before } else { self.stream.offset() }, line)));
            }
        }
    }

    /// Reads the head, behind its first line, of the record at `offset`.
    fn head(&mut self, offset: u64) -> Result<Head, Unread> {
        let mut head = Head { kind: String::new(), length: None, id: None, url: None };
        let (mut line, mut bytes) = (Vec::new(), 0);
        loop {
            let end = read_line(&mut self.stream, &mut line, MOST_LINE_BYTES)?;
            bytes += line.len();
            if end == LineEnd::Input {
                return Err(RecordFault::CutOff { offset }.into());
            }
            if end == LineEnd::TooLong || bytes > MOST_HEAD_BYTES {
                self.seek_record()?;
                return Err(RecordFault::Head { offset }.into());
            }
            if line.trim_ascii().is_empty() {
                return Ok(head);
            }
            head.take(&String::from_utf8_lossy(&line));
        }
    }

    /// Reads what a record holds, or passes it; gives how many bytes were there.
    fn hold(&mut self, length: u64, mut body: Option<&mut Vec<u8>>) -> io::Result<u64> {
        let mut left = length;
        while left > 0 {
            let available = match self.stream.fill_record() {
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
                available => available?,
            };
            let part = &available[..available.len().min(usize::try_from(left).unwrap_or(usize::MAX))];
            if part.is_empty() {
                break;
            }
            if let Some(body) = &mut body {
                body.extend_from_slice(part);
            }
            let bytes = part.len();
            self.stream.consume(bytes);
            left -= bytes as u64;
        }
        Ok(length - left)
    }

    /// Passes the two line ends behind a record; a gzip member that ends there must end well.
    fn end_record(&mut self) -> io::Result<()> {
        let Stream::Gzip(members) = &mut self.stream else { return Ok(()) };
        for _ in 0.."\r\n\r\n".len() {
            if members.fill_member()?.first().is_some_and(u8::is_ascii_whitespace) {
                members.consume(1);
            }
        }
        members.fill_member().map(|_| ())
    }

    /// What a step that came to nothing means for those that follow.
    fn fault(&mut self, unread: Unread, met: u64) -> RecordFault {
        let cause = match unread {
            Unread::Record(fault) => return fault,
            Unread::File(cause) => cause,
        };
        // What is damaged counts as a record, as it most likely was one.
        self.number = met + 1;
        match &self.stream {
            Stream::Gzip(members) if !members.has_failed() => RecordFault::Gzip { offset: members.offset(), cause },
            _ => {
                self.is_over = true;
                RecordFault::Read(cause)
            }
        }
    }
}

impl Iterator for Archive {
    type Item = Result<Record, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_over {
            let met = self.number;
            match self.step() {
                Ok(None) => {}
                Ok(Some(record)) => return Some(Ok(record)),
                Err(unread) => {
                    let fault = self.fault(unread, met);
                    return Some(Err(Broken { number: self.number, fault }));
                }
            }
        }
        None
    }
}

impl Head {
    /// Takes a line of the head; what is no field means nothing.
    fn take(&mut self, line: &str) {
        let Some((name, value)) = line.split_once(':') else { return };
        let value = value.trim();
        // URLs stand in angle brackets, some of them.
        let bare = || value.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(value);
        match name.trim().to_ascii_lowercase().as_str() {
            "warc-type" => self.kind = value.to_ascii_lowercase(),
            "content-length" => self.length = value.parse().ok(),
            "warc-record-id" => self.id = Some(bare().to_owned()),
            "warc-target-uri" => {
                self.url = Url::parse(bare()).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
            }
            _ => {}
        }
    }
}

/// Whether a record begins with this line: `WARC/1.0`, `WARC/1.1`.
fn is_version(line: &[u8]) -> bool {
    let number = line.trim_ascii_end().strip_prefix(b"WARC/");
    number.is_some_and(|number| {
        (3..8).contains(&number.len()) && number.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
    })
}

impl Stream {
    /// Where it stands: in bytes of the file, or where the gzip member begins.
    fn offset(&self) -> u64 {
        match self {
            Self::Plain { passed, .. } => *passed,
            Self::Gzip(members) => members.offset(),
        }
    }

    /// What follows of the record; nothing at the end of its gzip member, which no record goes beyond.
    fn fill_record(&mut self) -> io::Result<&[u8]> {
        match self {
            Self::Plain { reader, .. } => reader.fill_buf(),
            Self::Gzip(members) => members.fill_member(),
        }
    }
}

impl BufRead for Stream {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self {
            Self::Plain { reader, .. } => reader.fill_buf(),
            Self::Gzip(members) => members.fill_buf(),
        }
    }

    fn consume(&mut self, bytes: usize) {
        match self {
            Self::Plain { reader, passed } => {
                reader.consume(bytes);
                *passed += bytes as u64;
            }
            Self::Gzip(members) => members.consume(bytes),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write as _;

    fn record(kind: &str, id: &str, text: &str) -> String {
        format!(
            "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: https://post.example/{id}\r\n\
             warc-record-id: <urn:x:{id}>\r\nContent-Length: {}\r\n\r\n{text}\r\n\r\n",
            text.len()
        )
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    /// The records' numbers, ids and texts; the beginning of what is wrong with the others.
    fn read(archive: Archive) -> Vec<(u64, String)> {
        let told = |found: Result<Record, Broken>| match found {
            Ok(Record { number, id, content: Content::Text(text), .. }) => {
                (number, format!("{} {text}", id.unwrap().as_str().unwrap()))
            }
            Ok(other) => panic!("{other:?}"),
            Err(Broken { number, fault }) => (number, format!("{fault}")),
        };
        archive.map(told).collect()
    }

    fn plain(text: &str) -> Vec<(u64, String)> {
        read(Archive::plain(io::Cursor::new(text.to_owned()), 40))
    }

    #[test]
    fn texts_are_read_and_other_records_counted() {
        let file = record("warcinfo", "i", "a: b")
            + &record("conversion", "1", "Ferry")
            + &record("response", "r", "x")
            + &record("conversion", "2", "Dæmi");
        let mut archive = Archive::plain(io::Cursor::new(file), 40);
        let first = archive.next().unwrap().unwrap();
        assert_eq!(first.url.as_ref().map(Url::as_str), Some("https://post.example/1"));
        assert_eq!((first.number, first.id, first.content), (2, Some("urn:x:1".into()), Content::Text("Ferry".into())));
        assert_eq!(archive.next().unwrap().unwrap().number, 4);
        assert!(archive.next().is_none());
        assert_eq!(archive.passed_over(), [("response", 1), ("warcinfo", 1)]);
    }

    #[test]
    fn broken_records_are_told_and_the_next_one_is_found() {
        let good = record("conversion", "g", "fine");
        let no_length = "WARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: x\r\n\r\nlost\r\n\r\n";
        let short = record("conversion", "s", "abcdef").replace("Content-Length: 6", "Content-Length: 3");
        let long = record("conversion", "l", &"long ".repeat(20));
        let found = plain(&format!("{good}garbage\n\n{good}{no_length}{good}{short}{long}{good}"));
        let numbers: Vec<u64> = found.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8, 9], "{found:?}");
        let told = |at: usize, why: &str| assert!(found[at].1.starts_with(why), "{why}: {found:?}");
        for at in [0, 2, 4, 8] {
            told(at, "urn:x:g fine");
        }
        told(1, &format!("no WARC record begins at byte {}", good.len()));
        told(3, "the WARC record at byte ");
        told(5, "urn:x:s abc");
        told(6, "no WARC record begins");
        told(7, "longer than 40 bytes");
    }

    #[test]
    fn a_record_that_the_file_cuts_off_is_told() {
        let file = record("conversion", "1", "Ferry") + &record("conversion", "2", "The mill opens");
        let found = plain(&file[..file.len() - 9]);
        assert_eq!(found[0].1, "urn:x:1 Ferry");
        assert!(found[1].1.contains("is cut off") && found.len() == 2, "{found:?}");
        assert!(plain(&record("warcinfo", "1", "Ferry")[..60])[0].1.contains("is cut off"));
    }

    #[test]
    fn damaged_members_are_told_and_all_others_read() {
        let (one, two, three) =
            (record("conversion", "1", "Ferry"), record("conversion", "2", "Mill"), record("conversion", "3", "Weir"));
        let whole = [gzip(&one), gzip(&two), gzip(&three)];
        let texts = |bytes: Vec<u8>| read(Archive::compressed(io::Cursor::new(bytes), 40));
        assert_eq!(texts(whole.concat()).len(), 3);
        let too_much = gzip(&two.replace("Content-Length: 4", "Content-Length: 30"));
        let found = texts([&whole[0][..], &too_much, &whole[2]].concat());
        assert!(found[1].1.contains("is cut off") && found[2].1 == "urn:x:3 Weir", "no record goes beyond its member");
        assert_eq!(texts(gzip(&(one.clone() + &two + &three))).len(), 3, "one member may hold them all");
        let cut = texts([&whole[0], &whole[1][..whole[1].len() / 2], &whole[2]].concat());
        assert_eq!((cut[0].1.as_str(), cut[2].1.as_str()), ("urn:x:1 Ferry", "urn:x:3 Weir"));
        assert!(cut[1].1.starts_with(&format!("the gzip member at byte {} is damaged", whole[0].len())), "{cut:?}");
        let mut false_sum = whole.clone();
        let at = false_sum[1].len() - 6;
        false_sum[1][at] ^= 1;
        let found = texts(false_sum.concat());
        assert!(found.len() == 3 && found[1].1.contains("is damaged") && found[2].1 == "urn:x:3 Weir", "{found:?}");
    }
}
