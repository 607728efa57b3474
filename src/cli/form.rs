//! `--input`: whether an input is markup, text or a batch of them, as told or as recognised.

use super::batch::BatchForm;
use super::source::Input;
use crate::extract::{decode, is_binary};
use crate::page::Page;
use clap::ValueEnum;
use flate2::bufread::GzDecoder;
use memchr::memmem;
use std::borrow::Cow;
use std::io::Read as _;
use std::path::Path;

/// What `gleaner extract` reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum InputForm {
    /// A batch by its name or first bytes, else HTML where there is markup, else plain text; URLs are HTML
    #[default]
    Auto,
    /// A page of HTML
    Html,
    /// A text without markup, as scrapers and archives leave it
    Text,
    /// JSON Lines: {"id", "text" or "html", "url"} on each line; .gz too
    Jsonl,
    /// WARC files: the pages in them (`response`, `resource`) and the texts of WET files (`conversion`); .gz too
    Warc,
}

/// What `gleaner explain` reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum PageForm {
    /// HTML where there is markup, else plain text; URLs are HTML
    #[default]
    Auto,
    /// A page of HTML
    Html,
    /// A text without markup, as scrapers and archives leave it
    Text,
}

impl From<PageForm> for InputForm {
    fn from(form: PageForm) -> Self {
        match form {
            PageForm::Auto => Self::Auto,
            PageForm::Html => Self::Html,
            PageForm::Text => Self::Text,
        }
    }
}

impl InputForm {
    /// How an input is read that is no batch.
    pub(crate) fn page(self) -> PageForm {
        match self {
            Self::Html => PageForm::Html,
            Self::Text => PageForm::Text,
            Self::Auto | Self::Jsonl | Self::Warc => PageForm::Auto,
        }
    }

    /// The batch that an input is, by what was told, its file's name or its first bytes; `None` where it is none.
    pub(crate) fn batch(self, head: &[u8], path: Option<&Path>) -> Option<BatchForm> {
        match self {
            Self::Jsonl => Some(BatchForm::Jsonl),
            Self::Warc => Some(BatchForm::Warc),
            Self::Html | Self::Text => None,
            Self::Auto => by_bytes(head).or_else(|| path.and_then(by_name)),
        }
    }
}

/// Bytes of the head of a compressed file that are looked at.
const HEAD_BYTES: u64 = 4096;

fn by_bytes(head: &[u8]) -> Option<BatchForm> {
    if is_gzip(head) {
        let mut inner = Vec::new();
        // The head may be cut off anywhere: what came until then is looked at.
        let _ = GzDecoder::new(head).take(HEAD_BYTES).read_to_end(&mut inner);
        return by_plain_bytes(&inner);
    }
    by_plain_bytes(head)
}

fn by_plain_bytes(head: &[u8]) -> Option<BatchForm> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if head.starts_with(b"WARC/1.") || head.starts_with(b"WARC/0.") {
        return Some(BatchForm::Warc);
    }
    let object = head.strip_prefix(b"{")?.trim_ascii_start();
    let has_key = |key: &[u8]| {
        memmem::find_iter(object, key).any(|at| object[at + key.len()..].trim_ascii_start().starts_with(b":"))
    };
    (object.starts_with(b"\"") && (has_key(b"\"text\"") || has_key(b"\"html\""))).then_some(BatchForm::Jsonl)
}

fn by_name(path: &Path) -> Option<BatchForm> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    match name.strip_suffix(".gz").unwrap_or(&name).rsplit_once('.')?.1 {
        "jsonl" | "ndjson" => Some(BatchForm::Jsonl),
        "wet" | "warc" => Some(BatchForm::Warc),
        _ => None,
    }
}

/// Whether the bytes begin as a gzip member does (RFC 1952, 2.3.1).
pub(crate) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x1f\x8b")
}

/// The text that an input is, and says so where it was recognised; `None` where it is a page.
pub(crate) fn text_of(input: &Input, page: &Page, form: PageForm) -> Option<String> {
    if form == PageForm::Auto && input.url().is_some() {
        return None;
    }
    let text = text_in(&page.body, form)?.into_owned();
    if form == PageForm::Auto {
        tracing::warn!(
            input = input.name,
            "no markup found, so it is read as plain text; --input html reads it as a page"
        );
    }
    Some(text)
}

fn text_in(bytes: &[u8], form: PageForm) -> Option<Cow<'_, str>> {
    // What is no text at all the extractor refuses as a page.
    if form == PageForm::Html || is_binary(bytes) {
        return None;
    }
    let text = decode(bytes, None, None);
    let is_text = form == PageForm::Text || !text.trim().is_empty() && !has_markup(&text);
    is_text.then_some(text)
}

/// Elements that a page is built of. Those that stand in texts about pages are left out: what may be embedded, and
/// what comment forms allow (`<a href="" title=""> <abbr title=""> <b> <blockquote cite="">`).
const BUILDING: &[&str] = &[
    "article", "aside", "body", "br", "dd", "div", "dl", "dt", "figure", "footer", "form", "h1", "h2", "h3", "h4",
    "h5", "h6", "head", "header", "hr", "html", "li", "main", "meta", "nav", "noscript", "ol", "p", "section", "style",
    "table", "tbody", "td", "th", "title", "tr", "ul",
];

/// Elements that are markup where they are closed.
const CLOSED: &[&str] = &["a", "b", "center", "em", "font", "i", "span", "strong", "u"];

/// Whether a text is markup: it begins with a tag, or has tags that pages are built of.
fn has_markup(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').as_bytes();
    let begins = |sign: &[u8]| text.get(..sign.len()).is_some_and(|start| start.eq_ignore_ascii_case(sign));
    if begins(b"<!") || begins(b"<?xml") || text.strip_prefix(b"<").is_some_and(|rest| tag(rest).is_some()) {
        return true;
    }
    memchr::memchr_iter(b'<', text).any(|at| {
        tag(&text[at + 1..]).is_some_and(|(name, is_closing)| {
            let is_one = |names: &[&str]| names.iter().any(|it| it.as_bytes().eq_ignore_ascii_case(name));
            is_one(BUILDING) || is_closing && is_one(CLOSED)
        })
    })
}

/// The name of the tag that goes on like this after its `<`, and whether it closes.
fn tag(rest: &[u8]) -> Option<(&[u8], bool)> {
    let name = rest.strip_prefix(b"/").unwrap_or(rest);
    let length = name.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
    let is_end = name.get(length).is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
    let is_tag = is_end && name.first().is_some_and(u8::is_ascii_alphabetic);
    is_tag.then(|| (&name[..length], name.len() < rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write as _;

    #[test]
    fn markup_is_told_from_text_about_it() {
        for markup in [
            "<!DOCTYPE html><title>x</title>",
            " \u{feff}<x-app>y",
            "<!-- a --> b",
            "Ferry sails\n<P>again",
            "Ferry<br/>sails",
            "The <b>ferry</b> sails",
            "<?xml version='1.0'?><rss>",
        ] {
            assert!(has_markup(markup), "{markup}");
        }
        for text in [
            "The ferry sails again.\nTickets cost 3 < 4 > 2.",
            "You may use these tags: <a href=\"\" title=\"\"> <abbr title=\"\"> <b> <blockquote cite=\"\"> <code>",
            "Embed: <iframe src=\"https://video.example/1\"></iframe>",
            "Write to <desk@post.example> or <https://post.example/>",
            "a <- b, c <3",
            "",
        ] {
            assert!(!has_markup(text), "{text}");
        }
    }

    #[test]
    fn batches_are_known_by_their_first_bytes_and_names() {
        let auto = |head: &[u8], name: &str| InputForm::Auto.batch(head, Some(Path::new(name)));
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(b"WARC/1.0\r\nWARC-Type: warcinfo\r\n").unwrap();
        let gzip = gzip.finish().unwrap();
        assert_eq!(auto(&gzip, "a"), Some(BatchForm::Warc));
        assert_eq!(auto(&gzip[..24], "a"), Some(BatchForm::Warc), "a head that is cut off");
        assert_eq!(auto(b"WARC/1.1\r\n", "-"), Some(BatchForm::Warc));
        assert_eq!(auto(b"\n{ \"id\": 1, \"text\" : \"a\"}", "-"), Some(BatchForm::Jsonl));
        for (name, form) in [
            ("a.jsonl", Some(BatchForm::Jsonl)),
            ("dump/A.NDJSON.GZ", Some(BatchForm::Jsonl)),
            ("CC-1.warc.wet.gz", Some(BatchForm::Warc)),
            ("jsonl", None),
            ("a.txt.gz", None),
        ] {
            assert_eq!(auto(b"", name), form, "{name}");
        }
        for head in [&b"<html>{\"text\": 1}"[..], b"{\"@context\": \"x\"}", b"{{ \"text\": }}", b"WARC files"] {
            assert_eq!(auto(head, "-"), None, "{head:?}");
        }
        assert_eq!(InputForm::Text.batch(b"WARC/1.0\r\n", None), None, "what is told counts");
    }

    #[test]
    fn texts_are_decoded_and_what_is_no_text_is_left_to_the_extractor() {
        let of = |bytes: &'static [u8]| text_in(bytes, PageForm::Text).map(Cow::into_owned);
        assert_eq!(of(b"\xff\xfeh\0i\0").as_deref(), Some("hi"));
        assert_eq!(of(b"caf\xc3\xa9 \xff\xc3\xa9").as_deref(), Some("café \u{fffd}é"));
        assert_eq!(
            of(b"Der F\xe4hrhafen \xf6ffnet f\xfcr alle, die \xfcber den Sund wollen")
                .as_deref()
                .map(|it| it.contains("Fährhafen")),
            Some(true)
        );
        assert_eq!(of(b"%PDF-1.7\n"), None);
        assert_eq!(of(b"PK\x03\x04\0\0"), None);
        assert_eq!(of(b"\x1f\x8b\x08\x08abc"), None);
        let auto = |body: &'static str| text_in(body.as_bytes(), PageForm::Auto).is_some();
        assert_eq!([auto("The ferry sails."), auto("<p>The ferry"), auto(" \n")], [true, false, false]);
    }
}
