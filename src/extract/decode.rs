//! Bytes to text, by the WHATWG order: byte order mark, HTTP header, `meta`, detector.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use memchr::memmem;
use std::borrow::Cow;

/// How far into the page a `meta` declaration is looked for, in bytes. The standard asks for 1024;
/// pages with long preambles declare later, and browsers honour that too.
const HEAD_BYTES: usize = 64 * 1024;

/// Decodes a page. `content_type` is the HTTP header, `top_level_domain` helps the detector
/// (`ua` makes windows-1251 likelier).
///
/// A declaration is overruled only where the bytes prove it wrong: bytes that are UTF-8 past ASCII
/// are UTF-8 whatever was declared, and bytes declared UTF-8 that mostly are not go to the detector, as do
/// undeclared ones.
pub(crate) fn decode<'a>(body: &'a [u8], content_type: Option<&str>, top_level_domain: Option<&str>) -> Cow<'a, str> {
    if let Some((encoding, mark_bytes)) = Encoding::for_bom(body) {
        return encoding.decode_without_bom_handling(&body[mark_bytes..]).0;
    }
    let declared = content_type.and_then(charset_of_header).or_else(|| charset_of_meta(body));
    if let Ok(text) = simdutf8::basic::from_utf8(body) {
        let is_proven = |declared: &'static Encoding| declared.is_ascii_compatible() && !text.is_ascii();
        if declared.is_none_or(|declared| declared == UTF_8 || is_proven(declared)) {
            return Cow::Borrowed(text);
        }
    }
    let encoding = match declared {
        Some(encoding) if encoding != UTF_8 => encoding,
        _ if is_mostly_utf8(body) => UTF_8,
        _ => detect(body, top_level_domain),
    };
    encoding.decode_without_bom_handling(body).0
}

/// The `charset` parameter of a `Content-Type` header.
fn charset_of_header(header: &str) -> Option<&'static Encoding> {
    header
        .split(';')
        .skip(1)
        .find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']))
        })
        .and_then(|label| Encoding::for_label(label.as_bytes()))
}

/// The encoding that a `meta` tag or an XML declaration in the head of the page names.
fn charset_of_meta(body: &[u8]) -> Option<&'static Encoding> {
    let head = &body[..body.len().min(HEAD_BYTES)];
    let begins =
        |start: &usize, tag: &[u8]| head[*start..].get(..tag.len()).is_some_and(|it| it.eq_ignore_ascii_case(tag));
    let metas = memchr::memchr_iter(b'<', head).filter(|start| begins(start, b"<meta"));
    let declarations = metas.chain(Some(0).filter(|start| begins(start, b"<?xml")));
    declarations.filter_map(|start| encoding_in(&head[start..])).next().map(|encoding| {
        // A page that can be read as ASCII up to its declaration is not UTF-16 (13.2.3.2, step 13).
        if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding }
    })
}

/// What the label after `charset=` or `encoding=` names in the tag that `text` starts with.
fn encoding_in(text: &[u8]) -> Option<&'static Encoding> {
    let tag = &text[..memchr::memchr(b'>', text)?].to_ascii_lowercase();
    let key = [&b"charset"[..], b"encoding"].into_iter().find_map(|key| Some(memmem::find(tag, key)? + key.len()))?;
    let value = tag[key..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let value = value.strip_prefix(b"\"").or(value.strip_prefix(b"'")).unwrap_or(value);
    let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b';' | b'/' | b'?');
    Encoding::for_label(&value[..value.iter().position(is_end).unwrap_or(value.len())])
}

/// Whether most bytes past ASCII stand in valid UTF-8 sequences: a page with a few broken ones.
fn is_mostly_utf8(body: &[u8]) -> bool {
    let invalid: usize = body.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    let past_ascii = body.iter().filter(|byte| !byte.is_ascii()).count();
    2 * invalid < past_ascii
}

fn detect(body: &[u8], top_level_domain: Option<&str>) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(body, true);
    let tld = top_level_domain.filter(|tld| tld.bytes().all(|byte| byte.is_ascii_lowercase()));
    let guess = detector.guess(tld.map(str::as_bytes), Utf8Detection::Allow);
    if guess.is_ascii_compatible() { guess } else { WINDOWS_1252 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUSSIAN: &str = "Городской совет утвердил новый маршрут трамвая, который свяжет вокзал с университетом.";

    fn in_1251(text: &str) -> Vec<u8> {
        encoding_rs::WINDOWS_1251.encode(text).0.into_owned()
    }

    #[test]
    fn byte_order_mark_beats_the_header() {
        assert_eq!(decode(b"\xef\xbb\xbfd\xc3\xa9j\xc3\xa0", Some("text/html; charset=windows-1251"), None), "déjà");
        assert_eq!(decode(b"\xff\xfeh\0i\0", Some("text/html; charset=utf-8"), None), "hi");
    }

    #[test]
    fn header_beats_meta_and_meta_beats_the_detector() {
        let page = in_1251(&format!("<meta charset=iso-8859-1><p>{RUSSIAN}"));
        assert!(decode(&page, Some("text/html; Charset=\"windows-1251\""), None).contains(RUSSIAN));
        let page = in_1251(&format!("<META http-equiv=x content='text/html; charset=windows-1251'><p>{RUSSIAN}"));
        assert!(decode(&page, Some("text/html"), None).contains(RUSSIAN));
    }

    #[test]
    fn detects_without_a_declaration() {
        assert!(decode(&in_1251(RUSSIAN), None, Some("ru")).contains("маршрут"));
        assert_eq!(decode(RUSSIAN.as_bytes(), None, None), RUSSIAN);
    }

    #[test]
    fn lying_declarations_are_overruled_only_by_proof() {
        assert_eq!(decode("<meta charset=iso-8859-1>déjà".as_bytes(), None, None), "<meta charset=iso-8859-1>déjà");
        assert!(decode(&in_1251(RUSSIAN), Some("text/html; charset=utf-8"), Some("ru")).contains("маршрут"));
        let broken = [RUSSIAN.as_bytes(), b"\xff"].concat();
        assert_eq!(decode(&broken, Some("text/html; charset=utf-8"), None), format!("{RUSSIAN}\u{fffd}"));
        assert_eq!(decode(b"caf\xe9", Some("text/html; charset=iso-8859-1"), None), "café");
    }

    #[test]
    fn a_multibyte_declaration_holds() {
        let page = encoding_rs::SHIFT_JIS.encode("<meta charset=Shift_JIS>市議会は").0.into_owned();
        assert_eq!(decode(&page, None, None), "<meta charset=Shift_JIS>市議会は");
        let page = encoding_rs::ISO_2022_JP.encode("市議会は").0.into_owned();
        assert_eq!(decode(&page, Some("text/html; charset=iso-2022-jp"), None), "市議会は");
    }
}
