//! HTTP messages as archives keep them: what a server has answered, head and body, some as it came over the wire.
//!
//! Common Crawl undoes transfer and content encodings and renames the headers that spoke of them (`X-Crawler-...`); most
//! other writers keep both as they were. Some keep the headers and undo the encodings all the same, so what the headers
//! say is believed only where the bytes agree.

use super::RecordFault;
use crate::fetch::{decoded, is_page};
use bytes::Bytes;
use httparse::{EMPTY_HEADER, ParserConfig, Response, Status, parse_chunk_size};
use std::borrow::Cow;

/// Longest head of a message that is read, in bytes; servers allow 8 to 32 KiB.
pub(super) const MOST_HEAD_BYTES: usize = 64 * 1024;

/// Headers of a message that are read; browsers stop at 256.
const MOST_HEADERS: usize = 256;

/// A page out of an archive.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Archived {
    /// The `Content-Type` header, whole.
    pub(crate) content_type: Option<String>,
    /// With all encodings but that of the characters undone.
    pub(crate) body: Bytes,
}

/// Why an answer is no page, though nothing is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NoPage {
    /// A status from 300 to 399.
    Redirect,
    /// Another one than 200.
    Status,
    /// An image, a script, a document ...
    MediaType,
    /// An answer by another protocol: of the name service, for instance.
    Protocol,
}

impl NoPage {
    /// In words, as counts name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Redirect => "redirects",
            Self::Status => "of another status than 200",
            Self::MediaType => "of another type than HTML",
            Self::Protocol => "not HTTP",
        }
    }
}

/// What an archive holds under a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    /// An HTTP message (`response`), or a body alone (`resource`).
    pub(crate) bytes: Bytes,
    /// What the record says of a body alone.
    pub(crate) content_type: Option<String>,
    pub(crate) is_message: bool,
    /// Whether more was there than may be held: then the beginning is here, which tells whether it would have been a
    /// page.
    pub(crate) is_beginning: bool,
}

impl Stored {
    /// The page; its body may have `limit` bytes.
    ///
    /// # Errors
    /// What cannot be read, and where there is nothing wrong but no page, why.
    pub(crate) async fn page(self, limit: u64) -> Result<Result<Archived, NoPage>, RecordFault> {
        let Answer { content_type, encoding, body } = if self.is_message {
            match answer(&self.bytes)? {
                Ok(answer) => answer,
                Err(why) => return Ok(Err(why)),
            }
        } else {
            Answer { content_type: self.content_type, encoding: String::new(), body: self.bytes }
        };
        // What is encoded is looked at when it is decoded: a header may lie.
        if !is_page(content_type.as_deref(), if encoding.is_empty() { &body } else { b"" }) {
            return Ok(Err(NoPage::MediaType));
        }
        if self.is_beginning {
            return Err(RecordFault::TooLong { limit });
        }
        let body = if encoding.is_empty() { body } else { decoded(&encoding, body, limit).await? };
        if body.len() as u64 > limit {
            return Err(RecordFault::TooLong { limit });
        }
        let is_page = encoding.is_empty() || is_page(content_type.as_deref(), &body);
        Ok(if is_page { Ok(Archived { content_type, body }) } else { Err(NoPage::MediaType) })
    }
}

/// What counts of a message.
struct Answer {
    content_type: Option<String>,
    /// All `Content-Encoding` headers as one list.
    encoding: String,
    /// As it came, but for chunks.
    body: Bytes,
}

/// Reads the head of a message.
fn answer(message: &Bytes) -> Result<Result<Answer, NoPage>, RecordFault> {
    if !message.starts_with(b"HTTP/") {
        return Ok(Err(NoPage::Protocol));
    }
    let (patched, longer_by) = in_known_version(message);
    let mut headers = [EMPTY_HEADER; MOST_HEADERS];
    let mut response = Response::new(&mut headers);
    let mut config = ParserConfig::default();
    config.allow_spaces_after_header_name_in_responses(true);
    config.allow_obsolete_multiline_headers_in_responses(true);
    config.allow_multiple_spaces_in_response_status_delimiters(true);
    config.ignore_invalid_headers_in_responses(true);
    let head_bytes = match config.parse_response(&mut response, &patched).map_err(RecordFault::Http)? {
        Status::Complete(bytes) => bytes - longer_by,
        Status::Partial => return Err(RecordFault::HttpHead),
    };
    match response.code {
        Some(200) => {}
        Some(300..400) => return Ok(Err(NoPage::Redirect)),
        _ => return Ok(Err(NoPage::Status)),
    }
    let all = |name: &str| {
        let named = response.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
        named.map(|header| String::from_utf8_lossy(header.value).trim().to_owned()).collect::<Vec<_>>()
    };
    let body = message.slice(head_bytes.min(message.len())..);
    let is_chunked = all("transfer-encoding").iter().any(|value| value.to_ascii_lowercase().contains("chunked"));
    let body = if is_chunked { unchunked(&body).map_or(body, Bytes::from) } else { body };
    let encoding = all("content-encoding").join(",").to_ascii_lowercase();
    let encoding = if encoding.trim_matches([',', ' ']) == "identity" { String::new() } else { encoding };
    Ok(Ok(Answer { content_type: all("content-type").into_iter().next(), encoding, body }))
}

/// The head with a version that the parser knows, and by how many bytes that made it longer: archives of browsers say
/// `HTTP/2 200`, old ones `HTTP/1.x 200`.
fn in_known_version(message: &[u8]) -> (Cow<'_, [u8]>, usize) {
    const KNOWN: &[u8] = b"HTTP/1.1";
    let head = &message[..message.len().min(MOST_HEAD_BYTES)];
    match memchr::memchr(b' ', head) {
        Some(end @ 1..=8) if !matches!(&head[..end], b"HTTP/1.0" | b"HTTP/1.1") => {
            (Cow::Owned([KNOWN, &head[end..]].concat()), KNOWN.len() - end)
        }
        _ => (Cow::Borrowed(head), 0),
    }
}

/// The body without its chunks (RFC 9112, 7.1), as far as they come; `None` where it has none, whatever its head says.
fn unchunked(body: &[u8]) -> Option<Vec<u8>> {
    let (mut whole, mut rest) = (Vec::new(), body);
    loop {
        let (at, size) = match parse_chunk_size(rest) {
            Ok(Status::Complete((_, 0))) => return Some(whole),
            Ok(Status::Complete(found)) => found,
            Ok(Status::Partial) | Err(_) => return (!whole.is_empty()).then_some(whole),
        };
        rest = &rest[at..];
        let chunk = &rest[..rest.len().min(usize::try_from(size).unwrap_or(usize::MAX))];
        whole.extend_from_slice(chunk);
        rest = &rest[chunk.len()..];
        rest = rest.strip_prefix(b"\r\n").or(rest.strip_prefix(b"\n")).unwrap_or(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;
    use std::io::Write as _;

    const PAGE: &str = "<!doctype html><p>The ferry sails again";

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn message(head: &str, body: &[u8]) -> Stored {
        let bytes = Bytes::from([head.replace('\n', "\r\n").as_bytes(), b"\r\n\r\n", body].concat());
        Stored { bytes, content_type: None, is_message: true, is_beginning: false }
    }

    /// The body, or in words why there is none.
    fn read(stored: Stored) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        match runtime.block_on(stored.page(2000)) {
            Ok(Ok(archived)) => String::from_utf8(archived.body.to_vec()).unwrap(),
            Ok(Err(why)) => why.name().to_owned(),
            Err(fault) => fault.to_string(),
        }
    }

    const OK: &str = "HTTP/1.1 200 OK\nContent-Type: text/html; charset=utf-8";

    #[test]
    fn pages_come_out_under_every_version_and_in_sloppy_heads() {
        for head in [
            OK,
            "HTTP/2 200\ncontent-type: text/html",
            "HTTP/1.0 200  Fine\nContent-Type : text/html\nX: a\n b\nno header at all",
            "HTTP/3 200 \nx: y",
            "HTTP/1.x 200 OK",
            "HTTP/1.1 200 OK\nContent-Encoding: identity",
        ] {
            assert_eq!(read(message(head, PAGE.as_bytes())), PAGE, "{head}");
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let page = runtime.block_on(message(OK, PAGE.as_bytes()).page(99)).unwrap().unwrap();
        assert_eq!(page.content_type.as_deref(), Some("text/html; charset=utf-8"));
    }

    #[test]
    fn chunks_are_joined_as_far_as_they_come() {
        let chunked = format!("{OK}\nTransfer-Encoding: chunked");
        let (one, two) = PAGE.split_at(10);
        let body = format!("a;x=y\r\n{one}\r\n{:X}\r\n{two}\r\n0\r\n\r\n", two.len());
        assert_eq!(read(message(&chunked, body.as_bytes())), PAGE);
        assert_eq!(read(message(&chunked, PAGE.as_bytes())), PAGE, "undone already, and the header left");
        assert_eq!(read(message(&chunked, &body.as_bytes()[..30])), PAGE[..10 + 7]);
    }

    #[test]
    fn encodings_are_undone_unless_they_are_already() {
        let gzipped = format!("{OK}\nContent-Encoding: gzip");
        assert_eq!(read(message(&gzipped, &gzip(PAGE.as_bytes()))), PAGE);
        assert_eq!(read(message(&gzipped, PAGE.as_bytes())), PAGE);
        let both = format!("{gzipped}\nTransfer-Encoding: chunked");
        let packed = gzip(PAGE.as_bytes());
        let body = [format!("{:x}\r\n", packed.len()).as_bytes(), &packed, b"\r\n0\r\n\r\n"].concat();
        assert_eq!(read(message(&both, &body)), PAGE);
        assert!(read(message(&gzipped, &packed[..packed.len() - 12])).contains("gzip data is damaged"));
        let unknown = format!("{OK}\nContent-Encoding: compress");
        assert!(read(message(&unknown, b"x")).contains("\"compress\""));
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let packed = gzip(&b"<p>word ".repeat(1_000_000));
        let told = read(message(&format!("{OK}\nContent-Encoding: gzip"), &packed));
        assert!(told.contains("more than 2000 bytes"), "{told}");
        let long = PAGE.repeat(100);
        assert!(read(message(OK, long.as_bytes())).starts_with("longer than 2000"), "plain ones too");
    }

    #[test]
    fn what_is_no_page_is_told_by_its_reason() {
        for (head, why) in [
            ("HTTP/1.1 301 Moved\nLocation: /", NoPage::Redirect),
            ("HTTP/1.1 404 Not Found", NoPage::Status),
            ("HTTP/1.1 206 Partial", NoPage::Status),
            ("HTTP/1.1 200 OK\nContent-Type: image/png", NoPage::MediaType),
            ("20260101 A 192.0.2.1", NoPage::Protocol),
        ] {
            assert_eq!(read(message(head, PAGE.as_bytes())), why.name(), "{head}");
        }
        assert_eq!(read(message(OK, b"%PDF-1.7 x")), NoPage::MediaType.name());
        let packed = format!("{OK}\nContent-Encoding: gzip");
        assert_eq!(read(message(&packed, &gzip(b"%PDF-1.7 x"))), NoPage::MediaType.name());
        assert!(read(message("HTTP/1.1 2x0 OK", b"")).contains("cannot be read"));
        let cut = Stored { bytes: "HTTP/1.1 200 OK\r\nContent-".into(), ..message(OK, b"") };
        assert!(read(cut).contains("no end of its head"));
    }

    proptest! {
        #[test]
        fn whatever_stands_in_an_archive_is_read_or_told(
            head in prop::sample::select(vec![
                "HTTP/1.1 200 OK\r\n\r\n", "HTTP/2 200\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/",
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip, br\r\nTransfer-Encoding: chunked\r\n\r\n1f\r\n", "",
            ]),
            rest in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let bytes = Bytes::from([head.as_bytes(), &rest].concat());
            let stored = Stored { bytes, content_type: None, is_message: true, is_beginning: false };
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            if let Ok(Ok(archived)) = runtime.block_on(stored.page(200)) {
                prop_assert!(archived.body.len() <= 200);
            }
        }
    }

    #[test]
    fn of_what_is_too_long_only_pages_are_told() {
        let of = |head: &str| read(Stored { is_beginning: true, ..message(head, PAGE.as_bytes()) });
        assert!(of(OK).starts_with("longer than"));
        assert_eq!(of("HTTP/1.1 200 OK\nContent-Type: video/mp4"), NoPage::MediaType.name());
    }
}
