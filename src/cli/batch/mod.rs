//! Many texts or pages in one file: JSON Lines, and the texts and pages of WARC files. Read one after the other, never all.

mod fault;
mod gzip;
mod head;
mod http;
mod lines;
mod lookout;
mod range;
mod stream;
mod warc;

use crate::page::Page;
pub(crate) use fault::RecordFault;
use flate2::bufread::MultiGzDecoder;
pub(crate) use http::{NoPage, Stored};
use jiff::Timestamp;
use lines::Lines;
pub(crate) use range::RecordRange;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io::{self, BufRead, BufReader, Read};
use url::Url;
use warc::Archive;

/// What comes piece by piece: a file, standard input.
pub(crate) type Bytes = Box<dyn Read + Send>;

/// How much is read at a time, in bytes.
const CHUNK_BYTES: usize = 64 * 1024;

/// What a batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BatchForm {
    /// JSON Lines.
    Jsonl,
    /// WARC records, of which those are read that are texts or pages.
    Warc,
}

/// How a batch is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) form: BatchForm,
    pub(crate) is_gzip: bool,
}

/// One text or page of a batch.
#[derive(Debug, PartialEq)]
pub(crate) struct Record {
    /// Its line, or which record of the archive it is, from 1.
    pub(crate) number: u64,
    /// Text or a whole number, as it stands there.
    pub(crate) id: Option<Value>,
    /// http or https.
    pub(crate) url: Option<Url>,
    /// When it was fetched, where the batch says so.
    pub(crate) fetched_at: Option<Timestamp>,
    /// Why the archive has its beginning alone (`WARC-Truncated`), where it says so.
    pub(crate) cut_off: Option<String>,
    pub(crate) content: Content,
}

/// What is to be extracted from.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Without markup.
    Text(String),
    /// With markup.
    Html(String),
    /// What a server has answered.
    Stored(Stored),
}

impl Content {
    /// How much of it is held, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Text(text) | Self::Html(text) => text.len(),
            Self::Stored(stored) => stored.bytes.len(),
        }
    }
}

/// What a record holds, ready to be extracted from.
pub(crate) enum Readable {
    Text(String),
    Page(Page),
}

impl Content {
    /// `url`: where it was found, and when that was; a page may have `limit` bytes.
    ///
    /// # Errors
    /// What cannot be read, and where there is nothing wrong but no page, why.
    pub(crate) async fn readable(
        self,
        url: Option<Url>,
        fetched_at: Option<Timestamp>,
        limit: u64,
    ) -> Result<Result<Readable, NoPage>, RecordFault> {
        let (content_type, body) = match self {
            Self::Text(text) => return Ok(Ok(Readable::Text(text))),
            // JSON is UTF-8, whatever the page says of itself.
            Self::Html(html) => (Some("text/html; charset=utf-8".to_owned()), html.into()),
            Self::Stored(stored) => match stored.page(limit).await? {
                Ok(archived) => (archived.content_type, archived.body),
                Err(why) => return Ok(Err(why)),
            },
        };
        Ok(Ok(Readable::Page(Page { url, content_type, fetched_at, ..Page::from_bytes(body) })))
    }
}

/// A record that cannot be used; the batch goes on behind it, unless it cannot be read any more.
#[derive(Debug)]
pub(crate) struct Broken {
    /// As that of a [`Record`].
    pub(crate) number: u64,
    /// As far as it could be read.
    pub(crate) id: Option<Value>,
    /// As far as it could be read.
    pub(crate) url: Option<Url>,
    pub(crate) fault: RecordFault,
}

/// Where reading may begin: at `offset` in the file stands the record that is the `number`-th.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// In bytes; in a compressed file, where a gzip member begins.
    pub(crate) offset: u64,
    /// From 1.
    pub(crate) number: u64,
}

impl Place {
    /// The beginning of a file.
    pub(crate) const START: Self = Self { offset: 0, number: 1 };
}

/// A batch being read.
pub(crate) struct Batch {
    records: Records,
    range: RecordRange,
}

enum Records {
    Lines(Lines),
    Archive(Box<Archive>),
}

impl Batch {
    /// Begins to read at a place of the file, which may be compressed, those records whose numbers are in the range. Each
    /// may have `limit` bytes.
    pub(crate) fn new(bytes: Bytes, layout: Layout, limit: u64, place: Place, range: RecordRange) -> Self {
        let reader = BufReader::with_capacity(CHUNK_BYTES, bytes);
        let Layout { form, is_gzip } = layout;
        let records = match form {
            BatchForm::Jsonl if is_gzip => {
                let reader = BufReader::with_capacity(CHUNK_BYTES, MultiGzDecoder::new(reader));
                Records::Lines(Lines::new(reader, limit, place, range.first).without_places())
            }
            BatchForm::Jsonl => Records::Lines(Lines::new(reader, limit, place, range.first)),
            BatchForm::Warc if is_gzip => {
                Records::Archive(Box::new(Archive::compressed(reader, limit, place, range.first)))
            }
            BatchForm::Warc => Records::Archive(Box::new(Archive::plain(reader, limit, place, range.first))),
        };
        Self { records, range }
    }

    /// Where reading would begin to come to the record that was read last, or next where none was.
    pub(crate) fn place(&self) -> Place {
        match &self.records {
            Records::Lines(lines) => lines.place(),
            Records::Archive(archive) => archive.place(),
        }
    }

    /// Records that were passed over, by their types, as far as has been read.
    pub(crate) fn passed_over(&self) -> Vec<(&'static str, u64)> {
        match &self.records {
            Records::Lines(_) => Vec::new(),
            Records::Archive(archive) => archive.passed_over(),
        }
    }
}

impl Iterator for Batch {
    type Item = Result<Record, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (met, next) = match &mut self.records {
                Records::Lines(lines) => (lines.met(), lines as &mut dyn Iterator<Item = Self::Item>),
                Records::Archive(archive) => (archive.met(), archive.as_mut() as _),
            };
            // What lies behind the range is not waited for.
            if self.range.is_behind(met + 1) {
                return None;
            }
            let found = next.next()?;
            let number = found.as_ref().map_or_else(|broken| broken.number, |record| record.number);
            if self.range.is_behind(number) {
                return None;
            }
            if number >= self.range.first {
                return Some(found);
            }
        }
    }
}

/// How reading a line ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineEnd {
    /// The line is there, without its end.
    Whole,
    /// The line had more bytes than allowed; only as many are there, and the others are passed.
    TooLong,
    /// There was nothing more.
    Input,
}

/// Reads a line of at most `limit` bytes into `line`, which is emptied before.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>, limit: usize) -> io::Result<LineEnd> {
    line.clear();
    let (mut is_any, mut is_too_long) = (false, false);
    loop {
        let available = match reader.fill_buf() {
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
            available => available?,
        };
        if available.is_empty() && !is_any {
            return Ok(LineEnd::Input);
        }
        is_any = true;
        let end = memchr::memchr(b'\n', available);
        let part = &available[..end.unwrap_or(available.len())];
        let room = limit - line.len();
        is_too_long |= part.len() > room;
        line.extend_from_slice(&part[..part.len().min(room)]);
        let is_last = end.is_some() || available.is_empty();
        let passed = part.len() + usize::from(end.is_some());
        reader.consume(passed);
        if is_last {
            return Ok(if is_too_long { LineEnd::TooLong } else { LineEnd::Whole });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_up_to_the_limit_and_passed_whole() {
        // A buffer of two bytes, so that every line comes in pieces.
        let mut reader = BufReader::with_capacity(2, &b"abc\n\nabcdefgh\nxy"[..]);
        let mut line = Vec::new();
        let mut read = || {
            let end = read_line(&mut reader, &mut line, 4).unwrap();
            (end, String::from_utf8(line.clone()).unwrap())
        };
        assert_eq!(read(), (LineEnd::Whole, "abc".into()));
        assert_eq!(read(), (LineEnd::Whole, String::new()));
        assert_eq!(read(), (LineEnd::TooLong, "abcd".into()));
        assert_eq!(read(), (LineEnd::Whole, "xy".into()));
        assert_eq!(read(), (LineEnd::Input, String::new()));
    }
}
