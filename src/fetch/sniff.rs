//! What a body is, by its header and by its first bytes.

use super::Target;

/// The media type of a `Content-Type` header, lower case, without parameters; `None` where there is
/// none that could be one.
pub(super) fn media_type(header: Option<&str>) -> Option<String> {
    let essence = header?.split(';').next().unwrap_or_default().trim();
    let is_type = essence.len() <= 100
        && essence.contains('/')
        && essence.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
    is_type.then(|| essence.to_ascii_lowercase())
}

/// What a page is, judged before its body is read, where that is something that we do not read.
pub(super) fn refused_by_header(target: Target, header: Option<&str>) -> Option<String> {
    if target == Target::Feed {
        // Feeds come under every label there is; their bytes decide.
        return None;
    }
    media_type(header).filter(|found| !is_page_type(found) && !is_xml_type(found))
}

fn is_page_type(found: &str) -> bool {
    matches!(found, "text/html" | "application/xhtml+xml" | "text/plain")
}

/// Labels under which XHTML is sent, and much else: the bytes must say it.
fn is_xml_type(found: &str) -> bool {
    matches!(found, "text/xml" | "application/xml")
}

/// What a body is by its first bytes, where that is something that we do not read, whatever the
/// header says of it.
pub(super) fn refused_by_bytes(target: Target, header: Option<&str>, body: &[u8]) -> Option<String> {
    // Sitemaps come packed; their reader undoes that under a cap of its own.
    let is_packed_feed = |found: &&str| target == Target::Feed && *found == "application/gzip";
    if let Some(found) = magic(body).filter(|found| !is_packed_feed(found)) {
        return Some(found.to_owned());
    }
    if target == Target::Feed {
        return None;
    }
    let declared = media_type(header);
    match declared.as_deref() {
        Some(found) if is_xml_type(found) => (!names_html(body)).then(|| found.to_owned()),
        Some("text/html" | "application/xhtml+xml") => None,
        _ => is_binary(body, header).then(|| "binary data".to_owned()),
    }
}

/// Whether something that came as a page, from an archive, is one that we read.
#[cfg(feature = "cli")]
pub(crate) fn is_page(header: Option<&str>, body: &[u8]) -> bool {
    refused_by_header(Target::Page, header).is_none() && refused_by_bytes(Target::Page, header, body).is_none()
}

/// First bytes of what is sent in place of pages, by offset; from the MIME Sniffing Standard,
/// section 6, and the formats' own definitions.
const MAGIC: &[(usize, &[u8], &str)] = &[
    (0, b"%PDF-", "application/pdf"),
    (0, b"%!PS-", "application/postscript"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x00\x00\x01\x00", "image/x-icon"),
    (0, b"\x1f\x8b\x08", "application/gzip"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"\x28\xb5\x2f\xfd", "application/zstd"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"OggS\x00", "application/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (0, b"wOFF", "font/woff"),
    (0, b"wOF2", "font/woff2"),
    (0, b"\x7fELF", "application/x-executable"),
];

fn magic(body: &[u8]) -> Option<&'static str> {
    MAGIC.iter().find(|(offset, bytes, _)| body.get(*offset..).is_some_and(|rest| rest.starts_with(bytes))).map(|m| m.2)
}

/// Bytes looked at for what has no magic number; the MIME Sniffing Standard takes 1445.
const HEAD_BYTES: usize = 1445;

fn names_html(body: &[u8]) -> bool {
    let head = &body[..body.len().min(HEAD_BYTES)];
    head.windows(5).any(|window| window.eq_ignore_ascii_case(b"<html"))
}

/// Whether zero bytes stand where text would have none: UTF-16 and UTF-32 have them, announced.
fn is_binary(body: &[u8], header: Option<&str>) -> bool {
    let head = &body[..body.len().min(HEAD_BYTES)];
    let is_wide = head.starts_with(b"\xff\xfe")
        || head.starts_with(b"\xfe\xff")
        || head.starts_with(b"\0\0\xfe\xff")
        || header.is_some_and(|header| header.to_ascii_lowercase().contains("utf-16"));
    !is_wide && !looks_like_markup(body) && head.contains(&0)
}

/// Whether the bytes begin as markup or JSON does, after a byte order mark and white space.
pub(super) fn looks_like_markup(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    matches!(body.trim_ascii_start().first(), Some(b'<' | b'{' | b'['))
}

/// Bytes at the end of a body in which its last tag is looked for: comments, counters and scripts may follow it.
const TAIL_BYTES: usize = 4096;

/// Whether a body of which nothing says where it ends lacks the end that its kind has: a page `</html>`, a feed the end
/// tag of its root, or a brace. Plain text ends anywhere.
pub(super) fn lacks_end(target: Target, header: Option<&str>, body: &[u8]) -> bool {
    let tail = &body[body.len().saturating_sub(TAIL_BYTES)..];
    let ends = |tag: &str| tail.windows(tag.len()).any(|window| window.eq_ignore_ascii_case(tag.as_bytes()));
    match target {
        Target::Page => media_type(header).as_deref() != Some("text/plain") && !ends("</html"),
        Target::Feed if matches!(body.trim_ascii_start().first(), Some(b'{' | b'[')) => {
            !matches!(body.trim_ascii_end().last(), Some(b'}' | b']'))
        }
        Target::Feed => !["</rss", "</feed", "</rdf:rdf", "</urlset", "</sitemapindex"].into_iter().any(ends),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_taken_under_their_labels_and_without_one() {
        for header in
            [None, Some(""), Some("text/html; charset=utf-8"), Some("TEXT/HTML"), Some("text/plain"), Some("x")]
        {
            assert_eq!(refused_by_header(Target::Page, header), None, "{header:?}");
            assert_eq!(refused_by_bytes(Target::Page, header, b" <p>Words"), None, "{header:?}");
            assert_eq!(refused_by_bytes(Target::Page, header, b"Words without markup"), None, "{header:?}");
            assert_eq!(refused_by_bytes(Target::Page, header, b""), None, "{header:?}");
        }
    }

    #[test]
    fn other_labels_are_refused_by_name() {
        for header in ["application/pdf", "image/png", "application/octet-stream", "application/json; charset=utf-8"] {
            let name = header.split(';').next().map(str::to_owned);
            assert_eq!(refused_by_header(Target::Page, Some(header)), name);
            assert_eq!(refused_by_header(Target::Feed, Some(header)), None);
        }
    }

    #[test]
    fn bodies_without_their_last_tag_are_seen() {
        let page = |body: &str| lacks_end(Target::Page, Some("text/html"), body.as_bytes());
        assert!(page("<html><p>Words") && page("") && page(&format!("</html>{}", "x".repeat(TAIL_BYTES))));
        assert!(!page("<html><p>Words</HTML>\n<!-- served in 3 ms -->"));
        assert!(!lacks_end(Target::Page, Some("text/plain; charset=utf-8"), b"Words"));
        let feed = |body: &str| lacks_end(Target::Feed, None, body.as_bytes());
        assert!(feed("<rss><channel><item>") && feed("<feed><entry></entry>") && feed("{\"items\": [{},"));
        assert!(!feed("<rss></rss>") && !feed("<feed></feed>\n") && !feed("<rdf:RDF></rdf:RDF>") && !feed("{}\n"));
    }

    #[test]
    fn first_bytes_overrule_the_label() {
        for target in [Target::Page, Target::Feed] {
            let pdf = refused_by_bytes(target, Some("text/html"), b"%PDF-1.7 ...");
            assert_eq!(pdf.as_deref(), Some("application/pdf"));
            let picture = refused_by_bytes(target, Some("text/html"), b"\x89PNG\r\n\x1a\n...");
            assert_eq!(picture.as_deref(), Some("image/png"));
        }
        assert_eq!(refused_by_bytes(Target::Page, None, b"\x01\x00\x02 data").as_deref(), Some("binary data"));
        assert_eq!(refused_by_bytes(Target::Page, None, b"\xff\xfeW\x00o\x00"), None);
        assert_eq!(refused_by_bytes(Target::Page, Some("text/html"), b"stray \x00 zero"), None);
    }

    #[test]
    fn xml_is_a_page_only_where_it_is_xhtml() {
        let header = Some("application/xml");
        let xhtml = b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>";
        assert_eq!(refused_by_bytes(Target::Page, header, xhtml), None);
        assert_eq!(refused_by_bytes(Target::Page, header, b"<rss/>").as_deref(), Some("application/xml"));
        assert_eq!(refused_by_bytes(Target::Feed, header, b"<rss/>"), None);
    }
}
