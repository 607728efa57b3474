//! WARC files (ISO 28500:2017), of which the records are read that are texts (`conversion`, which make up WET files) or may
//! be pages (`response`, `resource`).
//!
//! There are crates for this. `fastwarc` 2.0 takes a cut gzip member for the end of the file, wants files to seek in,
//! and brings four codecs, four hashes, another library of time and `encoding`, which nobody maintains
//! (RUSTSEC-2021-0153), none of which can be left out.

use super::gzip::Members;
use super::head::{Head, Purpose};
use super::http::MOST_HEAD_BYTES as MOST_HTTP_HEAD_BYTES;
use super::lookout::Lookout;
use super::stream::Stream;
use super::{Broken, LineEnd, Place, Record, RecordFault, read_line};
use std::io::{self, BufRead, Read};
use url::Url;

/// Longest head of a record, and longest line of it, in bytes. Those of Common Crawl have some 600.
const MOST_HEAD_BYTES: usize = 64 * 1024;
const MOST_LINE_BYTES: usize = 16 * 1024;

/// Memory that is taken for a record before its bytes are there.
const MOST_RESERVED_BYTES: u64 = 1024 * 1024;

/// How much is read again of a file, in bytes, beyond as much as was read.
const MOST_REREAD_BYTES: u64 = 64 * 1024 * 1024;

/// The types of records that are passed over (5.5 of the standard); the last one stands for all others.
const PASSED_OVER: [&str; 6] = ["warcinfo", "request", "metadata", "revisit", "continuation", "unknown"];

/// A WARC file being read.
pub(crate) struct Archive {
    stream: Stream,
    /// Bytes that a text or a page may have.
    limit: u64,
    /// How many records were met, of any type.
    number: u64,
    /// Records before this one are passed.
    first: u64,
    /// Where the record, or its gzip member, begins that was met last.
    place: Place,
    /// The first line of the next record and where it begins, where it was met in the search for it.
    version: Option<(u64, Vec<u8>)>,
    /// By [`PASSED_OVER`].
    passed_over: [u64; PASSED_OVER.len()],
    is_over: bool,
    /// How many bytes were read again.
    reread: u64,
}

/// Why a step came to nothing.
enum Unread {
    /// The record is of no use.
    Record(Box<Useless>),
    /// The file, or a gzip member, cannot be read.
    File(io::Error),
}

/// A record of no use, and as much as was read of its head.
struct Useless {
    fault: RecordFault,
    id: Option<String>,
    url: Option<Url>,
}

impl Unread {
    /// A fault of the record that has this head.
    fn of(head: Head, fault: RecordFault) -> Self {
        Self::Record(Box::new(Useless { fault, id: head.id, url: head.url }))
    }
}

impl From<RecordFault> for Unread {
    fn from(fault: RecordFault) -> Self {
        Self::Record(Box::new(Useless { fault, id: None, url: None }))
    }
}

impl From<io::Error> for Unread {
    fn from(cause: io::Error) -> Self {
        Self::File(cause)
    }
}

impl Archive {
    pub(super) fn plain(reader: impl BufRead + Send + 'static, limit: u64, place: Place, first: u64) -> Self {
        Self::of(Stream::plain(reader, place.offset), limit, place, first)
    }

    pub(super) fn compressed(reader: impl Read + Send + 'static, limit: u64, place: Place, first: u64) -> Self {
        Self::of(Stream::Gzip(Box::new(Members::new(reader, place.offset))), limit, place, first)
    }

    fn of(stream: Stream, limit: u64, place: Place, first: u64) -> Self {
        let passed_over = [0; PASSED_OVER.len()];
        Self {
            stream,
            limit,
            number: place.number - 1,
            first,
            place,
            version: None,
            passed_over,
            is_over: false,
            reread: 0,
        }
    }

    /// How many records were met, of any type.
    pub(super) fn met(&self) -> u64 {
        self.number
    }

    /// As [`super::Batch::place`].
    pub(super) fn place(&self) -> Place {
        self.place
    }

    pub(super) fn passed_over(&self) -> Vec<(&'static str, u64)> {
        PASSED_OVER.into_iter().zip(self.passed_over).filter(|(_, count)| *count > 0).collect()
    }

    /// Reads a record; `None` where it is of another type or not wanted, or the file ends.
    fn step(&mut self) -> Result<Option<Record>, Unread> {
        let Some((offset, version)) = self.first_line()? else {
            self.is_over = true;
            return Ok(None);
        };
        self.number += 1;
        if offset != self.place.offset {
            self.place = Place { offset, number: self.number };
        }
        if !is_version(&version) {
            self.seek_record()?;
            return Err(RecordFault::NoRecord { offset }.into());
        }
        let head = self.head(offset)?;
        let Some(length) = head.length else {
            self.seek_record()?;
            return Err(Unread::of(head, RecordFault::NoLength { offset }));
        };
        let purpose = head.purpose();
        let wanted = purpose.filter(|_| self.number >= self.first);
        let is_too_long = length > self.most_bytes(purpose);
        let mut body = Vec::new();
        let kept = match wanted {
            Some(Purpose::Text) if is_too_long => 0,
            // Its head tells whether it matters.
            Some(_) if is_too_long => MOST_HTTP_HEAD_BYTES as u64,
            Some(_) => length,
            None => 0,
        };
        let (held, inside) = self.hold(length, &mut body, kept)?;
        if let Some(inside) = inside
            && (held < length || !self.stream.is_at_end_of_record()?)
        {
            self.reread += inside.len() as u64;
            self.stream.go_back(inside);
            return Err(Unread::of(head, RecordFault::Length { offset }));
        }
        if held < length {
            return Err(Unread::of(head, RecordFault::CutOff { offset }));
        }
        self.end_record()?;
        let Some(wanted) = wanted else {
            if purpose.is_none() && self.number >= self.first {
                self.pass_over(&head.kind);
            }
            return Ok(None);
        };
        if wanted == Purpose::Text && is_too_long {
            return Err(Unread::of(head, RecordFault::TooLong { limit: self.limit }));
        }
        Ok(Some(head.record(self.number, wanted, body, is_too_long)))
    }

    /// How long a record may be.
    fn most_bytes(&self, purpose: Option<Purpose>) -> u64 {
        let head = if purpose == Some(Purpose::Message) { MOST_HTTP_HEAD_BYTES as u64 } else { 0 };
        self.limit.saturating_add(head)
    }

    fn pass_over(&mut self, kind: &str) {
        let at = PASSED_OVER.iter().position(|known| *known == kind);
        self.passed_over[at.unwrap_or(PASSED_OVER.len() - 1)] += 1;
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
        let mut head = Head::default();
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

    /// What looks out for other records in one that is not compressed; nothing where so much was read again already that
    /// the file would cost more than its size.
    fn lookout(&self) -> Option<Lookout> {
        let most_bytes = self.stream.offset() + MOST_REREAD_BYTES;
        let is_worthwhile = matches!(self.stream, Stream::Plain { .. }) && self.reread <= most_bytes;
        is_worthwhile.then(|| Lookout::new(usize::try_from(self.limit).unwrap_or(usize::MAX)))
    }

    /// Passes what a record holds, and keeps the first `kept` bytes of it; gives how many bytes were there, and all from
    /// the first line on that may begin another record, if there is one.
    fn hold(&mut self, length: u64, body: &mut Vec<u8>, kept: u64) -> io::Result<(u64, Option<Vec<u8>>)> {
        let (mut left, mut lookout) = (length, self.lookout());
        // What is said of the length need not be true.
        body.reserve(usize::try_from(kept.min(MOST_RESERVED_BYTES)).unwrap_or(0));
        while left > 0 {
            let available = match self.stream.fill_record() {
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
                available => available?,
            };
            let part = &available[..available.len().min(usize::try_from(left).unwrap_or(usize::MAX))];
            if part.is_empty() {
                break;
            }
            let bytes = part.len();
            let room = usize::try_from(kept).unwrap_or(usize::MAX).saturating_sub(body.len());
            body.extend_from_slice(&part[..bytes.min(room)]);
            let goes_on = lookout.as_mut().is_none_or(|lookout| lookout.take(part));
            self.stream.consume(bytes);
            left -= bytes as u64;
            if !goes_on {
                break;
            }
        }
        Ok((length - left, lookout.and_then(Lookout::found)))
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
    fn broken(&mut self, unread: Unread, met: u64) -> Broken {
        let cause = match unread {
            Unread::Record(useless) => {
                let Useless { fault, id, url } = *useless;
                return Broken { number: self.number, id: id.map(Into::into), url, fault };
            }
            Unread::File(cause) => cause,
        };
        // What is damaged counts as a record, as it most likely was one.
        self.number = met + 1;
        let fault = match &self.stream {
            Stream::Gzip(members) if !members.has_failed() => RecordFault::Gzip { offset: members.offset(), cause },
            _ => {
                self.is_over = true;
                RecordFault::Read(cause)
            }
        };
        if let RecordFault::Gzip { offset, .. } = fault
            && offset != self.place.offset
        {
            self.place = Place { offset, number: self.number };
        }
        Broken { number: self.number, id: None, url: None, fault }
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
                Err(unread) => return Some(Err(self.broken(unread, met))),
            }
        }
        None
    }
}

/// Whether a record begins with this line: `WARC/1.0`, `WARC/1.1`.
fn is_version(line: &[u8]) -> bool {
    let number = line.trim_ascii_end().strip_prefix(b"WARC/");
    number.is_some_and(|number| {
        (3..8).contains(&number.len()) && number.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
    })
}

#[cfg(test)]
mod tests {
    use super::super::Content;
    use super::super::http::Stored;
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;
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
            Ok(Record { number, id, content, .. }) => {
                let text = match content {
                    Content::Text(text) | Content::Html(text) => text,
                    Content::Stored(stored) => String::from_utf8(stored.bytes.to_vec()).unwrap(),
                };
                (number, format!("{} {text}", id.unwrap().as_str().unwrap()))
            }
            Err(Broken { number, fault, .. }) => (number, format!("{fault}")),
        };
        archive.map(told).collect()
    }

    fn plain(text: &str) -> Vec<(u64, String)> {
        read(Archive::plain(io::Cursor::new(text.to_owned()), 40, Place::START, 1))
    }

    #[test]
    fn texts_are_read_and_other_records_counted() {
        let file = record("warcinfo", "i", "a: b")
            + &record("conversion", "1", "Ferry")
            + &record("request", "r", "x")
            + &record("conversion", "2", "Dæmi");
        let mut archive = Archive::plain(io::Cursor::new(file), 40, Place::START, 1);
        let first = archive.next().unwrap().unwrap();
        assert_eq!(first.url.as_ref().map(Url::as_str), Some("https://post.example/1"));
        assert_eq!((first.number, first.id, first.content), (2, Some("urn:x:1".into()), Content::Text("Ferry".into())));
        assert_eq!(archive.next().unwrap().unwrap().number, 4);
        assert!(archive.next().is_none());
        assert_eq!(archive.passed_over(), [("warcinfo", 1), ("request", 1)]);
    }

    #[test]
    fn a_length_that_ends_in_another_record_loses_that_record_alone() {
        let good = record("conversion", "g", "fine");
        let wrong = |length: &str| good.replace("Length: 4", &format!("Length: {length}"));
        for length in ["60", "180", "999999999"] {
            let found = plain(&format!("{good}{}{good}{}{good}{good}", wrong(length), wrong(length)));
            let (told, read): (Vec<_>, Vec<_>) =
                found.iter().partition(|(_, what)| what.starts_with("the WARC record"));
            assert_eq!(read.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 3, 5, 6], "{length}: {found:?}");
            let at = format!("the WARC record at byte {} is not as long as it says", good.len());
            assert!(told.len() == 2 && told[0].1.starts_with(&at), "{length}: {found:?}");
        }
        // What is as long as it says may hold what looks like a record.
        let nested = record("conversion", "n", "a\r\n\r\nWARC/1.0\r\nb");
        let found = plain(&format!("{nested}{good}{nested}"));
        assert!(found.len() == 3 && found.iter().all(|(_, what)| what.starts_with("urn:x:")), "{found:?}");
    }

    #[test]
    fn what_is_wrong_again_and_again_costs_no_more_than_the_file() {
        let wrong = record("conversion", "g", "fine").replace("Length: 4", "Length: 999999999");
        let file = wrong.repeat(20_000);
        let bytes = file.len() as u64;
        let mut archive = Archive::plain(io::BufReader::new(io::Cursor::new(file)), 40, Place::START, 1);
        let broken = archive.by_ref().filter(Result::is_err).count();
        // A piece of the reader, or what a record may have.
        let once = 64 * 1024;
        assert!(broken > 4_000 && archive.reread <= bytes + MOST_REREAD_BYTES + once, "{broken}, {}", archive.reread);
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
        let texts = |bytes: Vec<u8>| read(Archive::compressed(io::Cursor::new(bytes), 40, Place::START, 1));
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

    #[test]
    fn answers_come_with_what_the_record_says_of_them() {
        let file = record("response", "1", "HTTP/1.1 200 OK").replace(
            "Content-Length",
            "WARC-Date: 2026-04-02T08:30:00Z\r\nWARC-Truncated: length\r\nContent-Type: application/http\r\nContent-Length",
        ) + &record("resource", "2", "<p>x").replace("Content-Length", "Content-Type: text/html\r\nContent-Length");
        let found: Vec<Record> =
            Archive::plain(io::Cursor::new(file), 40, Place::START, 1).map(|found| found.unwrap()).collect();
        assert_eq!(found[0].fetched_at, Some("2026-04-02T08:30:00Z".parse().unwrap()));
        assert_eq!((found[0].cut_off.as_deref(), found[1].cut_off.as_deref()), (Some("length"), None));
        let stored = |bytes: &'static str, content_type: &str, is_message| {
            let content_type = Some(content_type.to_owned());
            Content::Stored(Stored { bytes: bytes.into(), content_type, is_message, is_beginning: false })
        };
        assert_eq!(found[0].content, stored("HTTP/1.1 200 OK", "application/http", true));
        assert_eq!(found[1].content, stored("<p>x", "text/html", false));
    }

    #[test]
    fn of_answers_that_are_too_long_the_head_is_kept() {
        let body = "x".repeat(3 * MOST_HTTP_HEAD_BYTES);
        let file = record("response", "1", &body) + &record("conversion", "2", "Mill");
        let found: Vec<_> = Archive::plain(io::Cursor::new(file), 40, Place::START, 1).collect();
        let Ok(Record { content: Content::Stored(stored), .. }) = &found[0] else { panic!("{found:?}") };
        assert!(stored.is_beginning && stored.bytes.len() == MOST_HTTP_HEAD_BYTES);
        assert_eq!(found[1].as_ref().unwrap().content, Content::Text("Mill".into()));
    }

    #[test]
    fn reading_may_begin_at_any_place_that_was_told() {
        let records: Vec<String> = (1..=6)
            .map(|number| record(if number == 3 { "request" } else { "conversion" }, &number.to_string(), "Ferry"))
            .collect();
        let in_pairs: Vec<Vec<u8>> = records.chunks(2).map(|pair| gzip(&pair.concat())).collect();
        let damaged = [&in_pairs[0][..], &in_pairs[1][..30], &in_pairs[2]].concat();
        let files: [(bool, Vec<u8>); 4] = [
            (false, records.concat().into_bytes()),
            (true, records.iter().flat_map(|record| gzip(record)).collect()),
            (true, in_pairs.concat()),
            (true, damaged),
        ];
        for (is_gzip, file) in files {
            let open = |place: Place, first| {
                let rest = io::Cursor::new(file[usize::try_from(place.offset).unwrap()..].to_vec());
                if is_gzip {
                    Archive::compressed(rest, 40, place, first)
                } else {
                    Archive::plain(rest, 40, place, first)
                }
            };
            let mut all = open(Place::START, 1);
            let mut told = |found: Result<Record, Broken>| match found {
                Ok(record) => (record.number, record.id),
                Err(broken) => (broken.number, None),
            };
            let found: Vec<_> = std::iter::from_fn(|| all.next().map(&mut told).map(|it| (it, all.place()))).collect();
            assert!(found.len() >= 4, "{found:?}");
            for ((number, id), place) in &found {
                let again: Vec<_> = open(*place, *number).map(&mut told).collect();
                assert_eq!(again.iter().find(|(met, _)| met == number), Some(&(*number, id.clone())), "{place:?}");
                let rest: Vec<_> = again.into_iter().filter(|(met, _)| met >= number).collect();
                let expected: Vec<_> =
                    found.iter().map(|(it, _)| it.clone()).filter(|(met, _)| met >= number).collect();
                assert_eq!(rest, expected);
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_stands_in_a_file_comes_to_its_end(
            parts in prop::collection::vec((0..5_usize, prop::collection::vec(any::<u8>(), 0..80)), 0..12),
            is_gzip in any::<bool>(),
        ) {
            let part = |(kind, noise): &(usize, Vec<u8>)| match kind {
                0 => noise.clone(),
                1 => record("response", "1", "HTTP/1.1 200 OK").into_bytes(),
                2 => record("conversion", "2", "Mill").replace("Length: 4", "Length: 99999999999999").into_bytes(),
                3 => [b"WARC/1.0\r\nWARC-Type: conversion\r\n", &noise[..]].concat(),
                _ => gzip(&record("conversion", "3", "Weir")),
            };
            let whole: Vec<u8> = parts.iter().flat_map(part).collect();
            let bytes = io::Cursor::new(if is_gzip { [gzip(&String::from_utf8_lossy(&whole)), whole].concat() } else { whole });
            let archive = if is_gzip {
                Archive::compressed(bytes, 40, Place::START, 1)
            } else {
                Archive::plain(bytes, 40, Place::START, 1)
            };
            prop_assert!(archive.count() < 2000);
        }
    }
}
