//! JSON Lines: an object on each line, with a text or a page in it.

use super::{Broken, Content, LineEnd, Record, RecordFault, read_line};
use serde::Deserialize;
use serde_json::Value;
use std::io::BufRead;
use url::Url;

/// JSON Lines being read.
pub(crate) struct Lines {
    reader: Box<dyn BufRead + Send>,
    /// Bytes that a line may have.
    limit: u64,
    /// How many lines were read.
    number: u64,
    line: Vec<u8>,
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
    pub(super) fn new(reader: impl BufRead + Send + 'static, limit: u64) -> Self {
        Self { reader: Box::new(reader), limit, number: 0, line: Vec::new(), is_over: false }
    }

    /// The record on the line that was just read; `None` where it is blank.
    fn record(&self) -> Result<Option<Record>, RecordFault> {
        let line = self.line.strip_prefix(b"\xef\xbb\xbf").filter(|_| self.number == 1).unwrap_or(&self.line);
        if line.trim_ascii().is_empty() {
            return Ok(None);
        }
        // An array would do as a struct.
        if !line.trim_ascii_start().starts_with(b"{") {
            return Err(RecordFault::NoObject);
        }
        let Fields { id, text, html, url } = serde_json::from_slice(line).map_err(RecordFault::Json)?;
        let content = match (text, html) {
            (Some(text), None) => Content::Text(text),
            (None, Some(html)) => Content::Html(html),
            (Some(_), Some(_)) => return Err(RecordFault::TwoContents),
            (None, None) => return Err(RecordFault::NoContent),
        };
        let is_id = |id: &Value| id.is_string() || id.is_i64() || id.is_u64();
        if id.as_ref().is_some_and(|id| !is_id(id)) {
            return Err(RecordFault::Id);
        }
        let url = url.map(|url| web_url(&url)).transpose()?;
        Ok(Some(Record { number: self.number, id, url, content }))
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
            self.number += 1;
            let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
            let found = match read_line(&mut self.reader, &mut self.line, limit) {
                Ok(LineEnd::Whole) => self.record(),
                Ok(LineEnd::TooLong) => Err(RecordFault::TooLong { limit: self.limit }),
                Ok(LineEnd::Input) => {
                    self.is_over = true;
                    Ok(None)
                }
                Err(cause) => {
                    self.is_over = true;
                    Err(RecordFault::Read(cause))
                }
            };
            match found {
                Ok(None) => {}
                Ok(Some(record)) => return Some(Ok(record)),
                Err(fault) => return Some(Err(Broken { number: self.number, fault })),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line's number with what it says: the content, or the beginning of what is wrong.
    fn read(lines: &'static str) -> Vec<(u64, String)> {
        let told = |found: Result<Record, Broken>| match found {
            Ok(Record { number, content: Content::Text(text) | Content::Html(text), .. }) => (number, text),
            Err(Broken { number, fault }) => (number, format!("{fault:.20}")),
        };
        Lines::new(lines.as_bytes(), 40).map(told).collect()
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
        )
        .map(|found| found.unwrap().id)
        .collect();
        assert_eq!(ids, [Some("007".into()), Some(u64::MAX.into()), None]);
    }
}
