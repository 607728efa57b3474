//! JSON Lines: an object on each line, with a text or a page in it.

use super::{Broken, Content, LineEnd, Place, Record, RecordFault, read_line};
use serde::Deserialize;
use serde_json::Value;
use std::io::{self, BufRead, Read};
use url::Url;

/// JSON Lines being read.
pub(crate) struct Lines {
    reader: Box<dyn BufRead + Send>,
    /// Bytes that a line may have.
    limit: u64,
    /// How many lines were read.
    number: u64,
    /// Lines before this one are not looked into.
    first: u64,
    line: Vec<u8>,
    /// Bytes of the file before what is read next; `None` where that cannot be told.
    passed: Option<u64>,
    place: Place,
    is_over: bool,
}

/// The fields of a line; others mean nothing.
#[derive(Debug, Deserialize)]
struct Fields {
    id: Option<Value>,
    text: Option<String>,
    html: Option<String>,
    url: Option<String>,
}

impl Lines {
    pub(super) fn new(reader: impl BufRead + Send + 'static, limit: u64, place: Place, first: u64) -> Self {
        let (number, passed) = (place.number - 1, Some(place.offset));
        Self { reader: Box::new(reader), limit, number, first, line: Vec::new(), passed, place, is_over: false }
    }

    /// The same for what is compressed as a whole: reading begins where it began.
    pub(super) fn without_places(self) -> Self {
        Self { passed: None, ..self }
    }

    /// How many lines were read.
    pub(super) fn met(&self) -> u64 {
        self.number
    }

    /// As [`super::Batch::place`].
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Reads the next line.
    fn read(&mut self) -> io::Result<LineEnd> {
        self.number += 1;
        if let Some(offset) = self.passed {
            self.place = Place { offset, number: self.number };
        }
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let mut counted = Counted { reader: &mut self.reader, bytes: 0 };
        let end = read_line(&mut counted, &mut self.line, limit);
        self.passed = self.passed.map(|passed| passed + counted.bytes);
        end
    }

    /// The record on the line that was just read; `None` where it is blank or not wanted.
    fn record(&self) -> Result<Option<Record>, Box<Broken>> {
        if self.number < self.first {
            return Ok(None);
        }
        let line = self.line.strip_prefix(b"\xef\xbb\xbf").filter(|_| self.number == 1).unwrap_or(&self.line);
        if line.trim_ascii().is_empty() {
            return Ok(None);
        }
        // An array would do as a struct.
        if !line.trim_ascii_start().starts_with(b"{") {
            return Err(self.broken(RecordFault::NoObject));
        }
        let Fields { id, text, html, url } =
            serde_json::from_slice(line).map_err(|cause| self.broken(RecordFault::Json(cause)))?;
        let is_id = |id: &Value| id.is_string() || id.is_i64() || id.is_u64();
        if id.as_ref().is_some_and(|id| !is_id(id)) {
            return Err(self.broken(RecordFault::Id));
        }
        let named = |fault| Box::new(Broken { id: id.clone(), ..*self.broken(fault) });
        let content = match (text, html) {
            (Some(text), None) => Content::Text(text),
            (None, Some(html)) => Content::Html(html),
            (Some(_), Some(_)) => return Err(named(RecordFault::TwoContents)),
            (None, None) => return Err(named(RecordFault::NoContent)),
        };
        let url = url.map(|url| web_url(&url)).transpose().map_err(named)?;
        Ok(Some(Record { number: self.number, id, url, fetched_at: None, cut_off: None, content }))
    }

    fn broken(&self, fault: RecordFault) -> Box<Broken> {
        Box::new(Broken { number: self.number, id: None, url: None, fault })
    }
}

fn web_url(url: &str) -> Result<Url, RecordFault> {
    let url = Url::parse(url).map_err(RecordFault::Url)?;
    if matches!(url.scheme(), "http" | "https") { Ok(url) } else { Err(RecordFault::Scheme) }
}

impl Iterator for Lines {
    type Item = Result<Record, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_over {
            let found = match self.read() {
                Ok(LineEnd::Whole) => self.record(),
                Ok(LineEnd::TooLong) => Err(self.broken(RecordFault::TooLong { limit: self.limit })),
                Ok(LineEnd::Input) => {
                    self.is_over = true;
                    Ok(None)
                }
                Err(cause) => {
                    self.is_over = true;
                    Err(self.broken(RecordFault::Read(cause)))
                }
            };
            match found {
                Ok(None) => {}
                Ok(Some(record)) => return Some(Ok(record)),
                Err(broken) => return Some(Err(*broken)),
            }
        }
        None
    }
}

/// Counts what is read.
struct Counted<'a> {
    reader: &'a mut Box<dyn BufRead + Send>,
    bytes: u64,
}

impl Read for Counted<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(into)?;
        self.bytes += read as u64;
        Ok(read)
    }
}

impl BufRead for Counted<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.reader.consume(bytes);
        self.bytes += bytes as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line's number with what it says: the content, or the beginning of what is wrong.
    fn read(lines: &'static str) -> Vec<(u64, String)> {
        let told = |found: Result<Record, Broken>| match found {
            Ok(Record { number, content: Content::Text(text) | Content::Html(text), .. }) => (number, text),
            Ok(other) => panic!("{other:?}"),
            Err(Broken { number, fault, .. }) => (number, format!("{fault:.20}")),
        };
        Lines::new(lines.as_bytes(), 40, Place::START, 1).map(told).collect()
    }

    #[test]
    fn lines_are_records_and_bad_ones_are_told_by_their_numbers() {
        let lines = "\u{feff}{\"text\": \"one\"}\n\n  \r\n{\"html\": \"<p>two\", \"text\": null}\r\n{\"text\": \"cut\n\
                     {\"text\": \"a\", \"html\": \"b\"}\n{\"id\": 7}\n[1]\n{\"text\": \"long long long long long long long\"}\n\
                     {\"id\": 1.5, \"text\": \"a\"}\n{\"url\": \"mailto:a@b\", \"text\": \"a\"}\n{\"text\": \"last\", \"x\": {}}";
        let found = read(lines);
        let numbers: Vec<u64> = found.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [1, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        let texts: Vec<&str> = found.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!((texts[0], texts[1], texts[9]), ("one", "<p>two", "last"));
        for (at, why) in [
            (2, "no usable JSON"),
            (3, "both"),
            (4, "neither"),
            (5, "no JSON object"),
            (6, "longer than 40"),
            (7, "`id` is"),
            (8, "`url` does not"),
        ] {
            assert!(texts[at].starts_with(why), "{why}: {texts:?}");
        }
    }

    #[test]
    fn ids_come_as_they_are() {
        let ids: Vec<Option<Value>> = Lines::new(
            &b"{\"id\":\"007\",\"text\":\"\"}\n{\"id\":18446744073709551615,\"text\":\"\"}\n{\"text\":\"\"}"[..],
            99,
            Place::START,
            1,
        )
        .map(|found| found.unwrap().id)
        .collect();
        assert_eq!(ids, [Some("007".into()), Some(u64::MAX.into()), None]);
    }

    #[test]
    fn reading_may_begin_at_any_line_that_was_read() {
        let lines = "{\"text\": \"one\"}\n\n{\"text\": \"two\"}\r\n{\"text\": \"three\"}";
        let mut all = Lines::new(lines.as_bytes(), 40, Place::START, 1);
        let places: Vec<Place> = std::iter::from_fn(|| all.next().map(|_| all.place())).collect();
        assert_eq!(places.iter().map(|place| place.number).collect::<Vec<_>>(), [1, 3, 4]);
        for place in places {
            let rest = &lines.as_bytes()[usize::try_from(place.offset).unwrap()..];
            let found = Lines::new(rest, 40, place, 1).next().unwrap().unwrap();
            assert_eq!(found.number, place.number);
        }
        let numbers: Vec<u64> =
            Lines::new(lines.as_bytes(), 40, Place::START, 3).map(|found| found.unwrap().number).collect();
        assert_eq!(numbers, [3, 4], "what stands before is passed");
    }
}
