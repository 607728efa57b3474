//! Bytes of a feed -> text.

use crate::page::Page;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// The text without byte order mark, white space and XML declaration before it.
///
/// What says the encoding, in this order: a byte order mark, zero bytes where UTF-16 has them, the XML declaration, the
/// `charset` of the `Content-Type`. RFC 7303 puts that before the declaration; but servers state one for all files of a
/// kind, while the declaration is written by whatever writes the feed. Without any of them it is UTF-8; what is no UTF-8
/// for the most part, whatever it says, is windows-1252, which takes any bytes.
pub(super) fn decoded<'a>(body: &'a [u8], page: &Page) -> Cow<'a, str> {
    let stated = page.content_type.as_deref().and_then(charset);
    let said = Encoding::for_bom(body).map(|(encoding, _)| encoding).or_else(|| wide(body)).or_else(|| declared(body));
    let said = said.or(stated);
    let (text, encoding, has_errors) = said.unwrap_or(UTF_8).decode(body);
    let is_no_utf_8 = has_errors && encoding == UTF_8 && !is_mostly_right(&text);
    let text = if is_no_utf_8 { WINDOWS_1252.decode(body).0 } else { text };
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(bare(text)),
        Cow::Owned(text) => Cow::Owned(bare(&text).to_owned()),
    }
}

/// Whether more of what lies beyond ASCII could be read than not: a cut character or two are no other encoding.
fn is_mostly_right(text: &str) -> bool {
    let beyond = text.chars().filter(|c| !c.is_ascii());
    beyond.fold(0_i64, |sum, c| if c == '\u{fffd}' { sum - 1 } else { sum + 1 }) > 0
}

/// What stands after the declaration, which speaks of the bytes and not of the text.
fn bare(text: &str) -> &str {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}');
    let declaration = text.strip_prefix("<?xml").filter(|rest| rest.starts_with(char::is_whitespace));
    let rest = declaration.and_then(|rest| rest.split_once("?>")).map(|(_, rest)| rest);
    rest.map_or(text, str::trim_start)
}

/// UTF-16 without a mark: the first character of a feed is `<` or `{`.
fn wide(body: &[u8]) -> Option<&'static Encoding> {
    match body {
        [b'<' | b'{', 0, second, 0, ..] if *second != 0 => Some(UTF_16LE),
        [0, b'<' | b'{', 0, second, ..] if *second != 0 => Some(UTF_16BE),
        _ => None,
    }
}

fn declared(body: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&body[..body.len().min(200)]);
    let declaration = head.trim_start().strip_prefix("<?xml")?.split("?>").next()?;
    let value = declaration.split("encoding").nth(1)?.trim_start().strip_prefix('=')?.trim_start();
    Encoding::for_label(value.trim_matches(['"', '\'']).split(['"', '\'']).next()?.as_bytes()).map(narrow)
}

fn charset(content_type: &str) -> Option<&'static Encoding> {
    let parameter = content_type.split(';').skip(1).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']).to_owned())
    })?;
    Encoding::for_label(parameter.as_bytes()).map(narrow)
}

/// Who could read `encoding="utf-16"` or the header byte by byte was not reading UTF-16.
fn narrow(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &[u8], content_type: Option<&str>) -> String {
        let page = Page { content_type: content_type.map(Into::into), ..Page::default() };
        decoded(body, &page).into_owned()
    }

    #[test]
    fn encodings_are_taken_from_mark_declaration_header_and_bytes() {
        let wide: Vec<u8> = "<a>é</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (body, content_type, expected) in [
            (&b"\xef\xbb\xbf \n<a/>"[..], None, "<a/>"),
            (b"<?xml version=\"1.0\" encoding = 'iso-8859-5'?>\n<a>\xbf</a>", None, "<a>П</a>"),
            (b"<?xml version=\"1.0\" encoding='iso-8859-5'?><a>\xbf</a>", Some("text/xml; charset=utf-8"), "<a>П</a>"),
            (b"<a>\xcf</a>", Some("text/xml; Charset=\"windows-1251\""), "<a>П</a>"),
            (b"<a>caf\xe9</a>", Some("text/xml; charset=utf-8"), "<a>café</a>"),
            (b"<a>caf\xe9</a>", None, "<a>café</a>"),
            ("<a>café</a>".as_bytes(), None, "<a>café</a>"),
            (b"<?xml version='1.0' encoding='utf-16'?><a>x</a>", None, "<a>x</a>"),
            (&wide, None, "<a>é</a>"),
            (b"<?xml-stylesheet href='a'?><a/>", None, "<?xml-stylesheet href='a'?><a/>"),
        ] {
            assert_eq!(of(body, content_type), expected, "{body:?}");
        }
    }
}
