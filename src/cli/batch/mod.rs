//! Many texts or pages in one file: JSON Lines, and the texts of WARC files. Read one after the other, never all.

mod gzip;
mod lines;
mod warc;

use super::form::is_gzip;
use flate2::bufread::MultiGzDecoder;
use lines::Lines;
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
    /// WARC records, of which those are read that are texts.
    Warc,
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
    pub(crate) content: Content,
}

/// What is to be extracted from.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Without markup.
    Text(String),
    /// With markup.
    Html(String),
}

/// A record that cannot be used; the batch goes on behind it, unless it cannot be read any more.
#[derive(Debug)]
pub(crate) struct Broken {
    /// As that of a [`Record`].
    pub(crate) number: u64,
    pub(crate) fault: RecordFault,
}

/// Why a record cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordFault {
    /// Not the object that was expected; `what` is cut off where it quotes at length.
    #[error("no usable JSON: {} (column {}); the line is skipped", what(.0), .0.column())]
    Json(#[source] serde_json::Error),
    /// A line that begins like no object.
    #[error("no JSON object; the line is skipped")]
    NoObject,
    /// Two contents.
    #[error("both `text` and `html` are given; the line is skipped, leave one of them out")]
    TwoContents,
    /// No content.
    #[error("neither `text` nor `html` is given; the line is skipped")]
    NoContent,
    /// An id that would not come out as it went in.
    #[error("`id` is neither a text nor a whole number; the line is skipped")]
    Id,
    /// A `url` that is none.
    #[error("`url` is none: {0}; the line is skipped, leave the URL out where there is none")]
    Url(#[source] url::ParseError),
    /// A `url` that is not on the web.
    #[error("`url` does not begin with http:// or https://; the line is skipped")]
    Scheme,
    /// Too long to be held.
    #[error("longer than {limit} bytes, the limit for one record; it is skipped, --max-body-bytes allows more")]
    TooLong {
        /// The limit, in bytes.
        limit: u64,
    },
    /// Something else than a record.
    #[error("no WARC record begins at byte {offset}; all is skipped up to the next one")]
    NoRecord {
        /// Where, in the file; in a compressed one where the gzip member begins.
        offset: u64,
    },
    /// A head without an end.
    #[error("the WARC record at byte {offset} has too long a head; it is skipped")]
    Head {
        /// As above.
        offset: u64,
    },
    /// A head that does not say how long the record is.
    #[error("the WARC record at byte {offset} has no usable Content-Length; it is skipped")]
    NoLength {
        /// As above.
        offset: u64,
    },
    /// The input ends in the middle.
    #[error("the WARC record at byte {offset} is cut off; it is skipped, get the file anew")]
    CutOff {
        /// As above.
        offset: u64,
    },
    /// Compressed bytes that cannot be.
    #[error("the gzip member at byte {offset} is damaged: {cause}; it is skipped, get the file anew")]
    Gzip {
        /// As above.
        offset: u64,
        /// What the decoder says.
        #[source]
        cause: io::Error,
    },
    /// Nothing more can be read.
    #[error("cannot be read on: {0}; what follows is left out")]
    Read(#[source] io::Error),
}

/// How much of the parser's message is told, in characters: it may quote the whole line.
const MESSAGE_CHARS: usize = 160;

/// What `serde_json` says, without the line, which it counts within the line.
fn what(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    message.strip_suffix(&place).unwrap_or(&message).chars().take(MESSAGE_CHARS).collect()
}

/// A batch being read.
pub(crate) enum Batch {
    /// JSON Lines.
    Jsonl(Lines),
    /// WARC records.
    Warc(Box<Archive>),
}

impl Batch {
    /// Begins to read; compressed bytes are known by their first ones. A record may have `limit` bytes.
    ///
    /// # Errors
    /// Whatever keeps the first bytes from being read.
    pub(crate) fn open(bytes: Bytes, form: BatchForm, limit: u64) -> io::Result<Self> {
        let mut reader = BufReader::with_capacity(CHUNK_BYTES, bytes);
        let is_gzip = is_gzip(reader.fill_buf()?);
        Ok(match form {
            BatchForm::Jsonl if is_gzip => {
                Self::Jsonl(Lines::new(BufReader::with_capacity(CHUNK_BYTES, MultiGzDecoder::new(reader)), limit))
            }
            BatchForm::Jsonl => Self::Jsonl(Lines::new(reader, limit)),
            BatchForm::Warc if is_gzip => Self::Warc(Box::new(Archive::compressed(reader, limit))),
            BatchForm::Warc => Self::Warc(Box::new(Archive::plain(reader, limit))),
        })
    }

    /// Records that were passed over, by their types, as far as has been read.
    pub(crate) fn passed_over(&self) -> Vec<(&'static str, u64)> {
        match self {
            Self::Jsonl(_) => Vec::new(),
            Self::Warc(archive) => archive.passed_over(),
        }
    }
}

impl Iterator for Batch {
    type Item = Result<Record, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Jsonl(lines) => lines.next(),
            Self::Warc(archive) => archive.next(),
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

    #[test]
    fn messages_of_the_parser_are_cut_and_name_the_column() {
        let quoted = format!("\"{}\"", "x".repeat(5000));
        let error = serde_json::from_str::<Vec<u8>>(&quoted).unwrap_err();
        let told = RecordFault::Json(error).to_string();
        assert!(told.len() < 300 && told.contains("(column ") && !told.contains("at line"), "{told}");
    }
}
