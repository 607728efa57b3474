//! The bytes of a WARC file: of one that is not compressed, some can be read again.

use super::gzip::Members;
use std::io::{self, BufRead, Read};

/// Records as they stand in the file, or in gzip members.
pub(super) enum Stream {
    Plain {
        reader: Box<dyn BufRead + Send>,
        /// What comes before the rest of the reader: it was read, and is to be read again.
        again: io::Cursor<Vec<u8>>,
        passed: u64,
    },
    Gzip(Box<Members>),
}

impl Stream {
    /// A file without compression, from a byte on.
    pub(super) fn plain(reader: impl BufRead + Send + 'static, offset: u64) -> Self {
        Self::Plain { reader: Box::new(reader), again: io::Cursor::default(), passed: offset }
    }

    /// Where it stands: in bytes of the file, or where the gzip member begins.
    pub(super) fn offset(&self) -> u64 {
        match self {
            Self::Plain { passed, .. } => *passed,
            Self::Gzip(members) => members.offset(),
        }
    }

    /// What follows of the record; nothing at the end of its gzip member, which no record goes beyond.
    pub(super) fn fill_record(&mut self) -> io::Result<&[u8]> {
        match self {
            Self::Plain { .. } => self.fill_buf(),
            Self::Gzip(members) => members.fill_member(),
        }
    }

    /// Has what was read last, of one record, read again.
    pub(super) fn go_back(&mut self, last: Vec<u8>) {
        let Self::Plain { again, passed, .. } = self else { return };
        let bytes = last.len() as u64;
        *passed -= bytes;
        // What is read again already began with a record before this one.
        match again.position().checked_sub(bytes).filter(|_| is_left(again)) {
            Some(position) => again.set_position(position),
            None => *again = io::Cursor::new(last),
        }
    }

    /// Whether nothing follows, or what follows a record: blank lines and another one, as far as is to be seen.
    pub(super) fn is_at_end_of_record(&mut self) -> io::Result<bool> {
        let available = self.fill_buf()?;
        let next = available.trim_ascii_start();
        let opening = &b"WARC/"[..next.len().min(b"WARC/".len())];
        Ok(available.is_empty() || next.len() < available.len() && next.starts_with(opening))
    }
}

impl BufRead for Stream {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self {
            Self::Plain { reader, again, .. } => {
                if is_left(again) {
                    again.fill_buf()
                } else {
                    reader.fill_buf()
                }
            }
            Self::Gzip(members) => members.fill_buf(),
        }
    }

    fn consume(&mut self, bytes: usize) {
        match self {
            Self::Plain { reader, again, passed } => {
                if is_left(again) {
                    again.consume(bytes)
                } else {
                    reader.consume(bytes)
                }
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

fn is_left(again: &io::Cursor<Vec<u8>>) -> bool {
    again.position() < again.get_ref().len() as u64
}
