//! Gzip members, one after the other: a damaged one is told, and reading goes on at the next record.

use super::{Bytes, CHUNK_BYTES};
use flate2::bufread::GzDecoder;
use memchr::memmem;
use std::io::{self, BufRead, Read};

/// How many compressed bytes of a member are kept, so that the next one is found within what a damaged one seemed to
/// hold. Members of WET files have some kilobytes.
const MOST_KEPT_BYTES: usize = 4 * 1024 * 1024;

/// Compressed bytes that are enough to decode the first five of a member.
const OPENING_BYTES: usize = 2048;

/// What members begin with: the sign of gzip, and its one method (RFC 1952, 2.3.1).
const MEMBER_SIGN: &[u8] = b"\x1f\x8b\x08";

/// What a member must hold first to go on at it.
const RECORD_SIGN: &[u8] = b"WARC/";

/// What members hold, decoded, one after the other.
///
/// Where a member is damaged, reading fails once, and what is read after that is the next member that begins with a
/// record. Where the file itself cannot be read any more, [`Members::has_failed`] says so.
pub(super) struct Members {
    /// `None` between two members, while the tape stands here.
    decoder: Option<GzDecoder<Tape>>,
    tape: Option<Tape>,
    /// Where the member begins, in compressed bytes.
    offset: u64,
    decoded: Vec<u8>,
    /// How much of it was consumed.
    at: usize,
    has_failed: bool,
}

impl Members {
    /// Members that begin at `offset` in the file.
    pub(super) fn new(bytes: impl Read + Send + 'static, offset: u64) -> Self {
        let tape = Tape { inner: Box::new(bytes), kept: Vec::new(), at: 0, passed: offset, has_failed: false };
        Self { decoder: None, tape: Some(tape), offset, decoded: Vec::new(), at: 0, has_failed: false }
    }

    /// Where the member begins that is being read, in compressed bytes.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether the file itself cannot be read on.
    pub(super) fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// What follows in the member, nothing at its end; the next one is not looked at.
    ///
    /// # Errors
    /// A damaged member, also where all that it holds was consumed and its sum is false.
    pub(super) fn fill_member(&mut self) -> io::Result<&[u8]> {
        if self.at == self.decoded.len() {
            self.decode()?;
        }
        Ok(&self.decoded[self.at..])
    }

    /// Decodes more of the member; at its end the decoder is gone.
    fn decode(&mut self) -> io::Result<()> {
        let Some(mut decoder) = self.decoder.take() else { return Ok(()) };
        self.at = 0;
        self.decoded.resize(CHUNK_BYTES, 0);
        let read = loop {
            match decoder.read(&mut self.decoded) {
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.decoded.truncate(*read.as_ref().unwrap_or(&0));
        match read {
            Ok(0) => self.tape = Some(decoder.into_inner()),
            Ok(_) => self.decoder = Some(decoder),
            Err(cause) => return self.damaged(decoder.into_inner(), cause),
        }
        Ok(())
    }

    /// Goes on behind a damaged member, which is told.
    fn damaged(&mut self, mut tape: Tape, cause: io::Error) -> io::Result<()> {
        let found = if tape.has_failed { Ok(()) } else { tape.seek_record() };
        self.has_failed = tape.has_failed || found.is_err();
        self.tape = Some(tape);
        Err(cause)
    }

    /// Begins the next member; false where there is none.
    fn begin(&mut self) -> io::Result<bool> {
        let Some(mut tape) = self.tape.take() else { return Ok(false) };
        let begun = tape.skip_padding();
        tape.mark();
        let offset = tape.passed;
        match begun {
            Ok(true) => {
                self.offset = offset;
                self.decoder = Some(GzDecoder::new(tape));
                Ok(true)
            }
            Ok(false) => {
                self.tape = Some(tape);
                Ok(false)
            }
            Err(cause) => {
                self.has_failed = true;
                Err(cause)
            }
        }
    }
}

impl BufRead for Members {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at == self.decoded.len() {
            if self.decoder.is_none() && !self.begin()? {
                break;
            }
            self.decode()?;
        }
        Ok(&self.decoded[self.at..])
    }

    fn consume(&mut self, bytes: usize) {
        self.at += bytes;
    }
}

impl Read for Members {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

/// Compressed bytes that can be gone back in, as far as they are kept.
struct Tape {
    inner: Bytes,
    /// What was read since the mark, or the last of it.
    kept: Vec<u8>,
    /// How much of it was consumed.
    at: usize,
    /// Bytes of the file before those kept.
    passed: u64,
    /// Whether the file cannot be read.
    has_failed: bool,
}

impl Tape {
    /// Forgets what was consumed.
    fn mark(&mut self) {
        self.kept.drain(..self.at);
        self.passed += self.at as u64;
        self.at = 0;
    }

    /// Reads on; false at the end.
    fn read_on(&mut self) -> io::Result<bool> {
        let end = self.kept.len();
        self.kept.resize(end + CHUNK_BYTES, 0);
        let read = loop {
            match self.inner.read(&mut self.kept[end..]) {
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.has_failed |= read.is_err();
        self.kept.truncate(end + *read.as_ref().unwrap_or(&0));
        read.map(|bytes| bytes > 0)
    }

    /// Passes the zeros that some writers fill blocks with; false where nothing follows.
    fn skip_padding(&mut self) -> io::Result<bool> {
        loop {
            let available = self.fill_buf()?;
            let zeros = available.iter().take_while(|byte| **byte == 0).count();
            let (is_all, is_none) = (zeros == available.len(), available.is_empty());
            self.consume(zeros);
            if !is_all || is_none {
                return Ok(!is_none);
            }
        }
    }

    /// Goes to the next member that begins with a record, behind the first byte kept, or to the end.
    fn seek_record(&mut self) -> io::Result<()> {
        self.at = self.kept.len().min(1);
        loop {
            self.mark();
            while self.kept.len() < OPENING_BYTES && self.read_on()? {}
            let is_last = self.kept.len() < OPENING_BYTES;
            match memmem::find(&self.kept, MEMBER_SIGN) {
                Some(0) if self.opens_record() => return Ok(()),
                Some(0) => self.at = 1,
                Some(found) => self.at = found,
                None if is_last => {
                    self.at = self.kept.len();
                    return Ok(());
                }
                // The sign may stand across the end of what is there.
                None => self.at = self.kept.len() + 1 - MEMBER_SIGN.len(),
            }
        }
    }

    /// Whether a member begins here that holds a record.
    fn opens_record(&self) -> bool {
        let mut opening = [0; RECORD_SIGN.len()];
        GzDecoder::new(&self.kept[self.at..]).read_exact(&mut opening).is_ok() && opening == *RECORD_SIGN
    }
}

impl BufRead for Tape {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.kept.len() {
            if self.kept.len() >= MOST_KEPT_BYTES {
                self.mark();
            }
            self.read_on()?;
        }
        Ok(&self.kept[self.at..])
    }

    fn consume(&mut self, bytes: usize) {
        self.at += bytes;
    }
}

impl Read for Tape {
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

    fn member(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    /// What comes out, a `!` for each damage.
    fn read(bytes: Vec<u8>) -> String {
        let mut members = Members::new(io::Cursor::new(bytes), 0);
        let mut out = String::new();
        loop {
            let length = match members.fill_buf() {
                Ok([]) => return out,
                Ok(part) => {
                    out.push_str(std::str::from_utf8(part).unwrap());
                    part.len()
                }
                Err(_) => {
                    out.push('!');
                    0
                }
            };
            members.consume(length);
        }
    }

    #[test]
    fn members_are_read_as_one_and_padding_between_them_is_none() {
        assert_eq!(read([member("WARC/1"), member("b"), vec![0; 700], member("c"), vec![0; 9]].concat()), "WARC/1bc");
        assert_eq!(read(Vec::new()), "");
    }

    #[test]
    fn what_follows_a_cut_member_is_found_within_what_it_seemed_to_hold() {
        let (first, last) = (member("WARC/1.0 one of some length"), member("WARC/1.0 two"));
        for cut in [3, 11, first.len() / 2, first.len() - 9, first.len() - 1] {
            let out = read([&first[..cut], &last[..]].concat());
            assert!(out.ends_with("!WARC/1.0 two"), "cut at {cut}: {out}");
        }
        let out = read([&last[..], &first[..first.len() / 2]].concat());
        assert!(out.starts_with("WARC/1.0 two") && out.ends_with('!'), "{out}");
    }

    #[test]
    fn a_member_that_holds_no_record_is_no_place_to_go_on() {
        let noise: Vec<u8> = (0..9000_u32).map(|at| (at * 7919 % 251) as u8).collect();
        let bytes = [&b"\x1f\x8b\x08\xffbroken"[..], &member("inside"), &noise, &member("WARC/1.0 next")].concat();
        assert_eq!(read(bytes), "!WARC/1.0 next");
    }
}
