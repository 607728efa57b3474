//! The head of a WARC record: what the record is, and of what.

use super::http::Stored;
use super::{Content, Record};
use bytes::Bytes;
use jiff::Timestamp;
use url::Url;

/// How much of `WARC-Truncated` is kept; the standard's words have at most 11 characters.
const MOST_REASON_CHARS: usize = 32;

/// What the head of a record says.
#[derive(Default)]
pub(super) struct Head {
    /// `WARC-Type`, in lower case.
    pub(super) kind: String,
    pub(super) length: Option<u64>,
    pub(super) id: Option<String>,
    pub(super) url: Option<Url>,
    pub(super) date: Option<Timestamp>,
    pub(super) content_type: Option<String>,
    /// `WARC-Truncated`.
    pub(super) cut_off: Option<String>,
}

/// What a record is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Text,
    /// An HTTP message.
    Message,
    /// What would be the body of one.
    Body,
}

impl Head {
    /// Takes a line of the head; what is no field means nothing.
    pub(super) fn take(&mut self, line: &str) {
        let Some((name, value)) = line.split_once(':') else { return };
        let value = value.trim();
        // URLs stand in angle brackets, some of them.
        let bare = || value.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(value);
        match name.trim().to_ascii_lowercase().as_str() {
            "warc-type" => self.kind = value.to_ascii_lowercase(),
            "content-length" => self.length = value.parse().ok(),
            "warc-record-id" => self.id = Some(bare().to_owned()),
            "warc-date" => self.date = value.parse().ok(),
            "content-type" => self.content_type = Some(value.to_owned()),
            "warc-truncated" => self.cut_off = Some(value.chars().take(MOST_REASON_CHARS).collect()),
            "warc-target-uri" => {
                self.url = Url::parse(bare()).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
            }
            _ => {}
        }
    }

    /// What the record is read for; `None` where it is passed over.
    pub(super) fn purpose(&self) -> Option<Purpose> {
        match self.kind.as_str() {
            "conversion" => Some(Purpose::Text),
            "response" => Some(Purpose::Message),
            "resource" => Some(Purpose::Body),
            _ => None,
        }
    }

    /// The record itself; of a long one the beginning alone.
    pub(super) fn record(self, number: u64, purpose: Purpose, body: Vec<u8>, is_beginning: bool) -> Record {
        let content = match purpose {
            Purpose::Text => Content::Text(String::from_utf8_lossy(&body).into_owned()),
            Purpose::Message | Purpose::Body => Content::Stored(Stored {
                bytes: Bytes::from(body),
                content_type: self.content_type,
                is_message: purpose == Purpose::Message,
                is_beginning,
            }),
        };
        let (id, url) = (self.id.map(Into::into), self.url);
        Record { number, id, url, fetched_at: self.date, cut_off: self.cut_off, content }
    }
}
