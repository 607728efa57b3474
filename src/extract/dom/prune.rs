//! Cuts out of the source what no reader sees, before anything is parsed.
//!
//! Comments and the content of scripts (JSON-LD apart), styles, text areas and inline frames are
//! much of the bytes of a news page, and html5ever's tokenizer goes through them character by
//! character. The same scan counts the attributes of every tag that is left: html5ever compares
//! each attribute of a tag with all before it, so a tag with 100,000 of them takes seconds.
//!
//! Every byte that goes on to the parser has been read here as markup, so that a page cannot hide
//! a tag from this scan by a different idea of where a script or a comment ends.

use memchr::{memchr, memchr2, memmem};
use std::borrow::Cow;

/// Most attributes of one tag; none of the 1,934 pages of the shared corpora strikes it.
pub(super) const MAX_ATTRIBUTES: usize = 512;

/// Some tag is past [`MAX_ATTRIBUTES`].
#[derive(Debug)]
pub(super) struct TooManyAttributes;

/// The source without comments and without the content of scripts, styles and the like.
///
/// # Errors
/// When a tag has more than [`MAX_ATTRIBUTES`] attributes.
pub(super) fn prune(html: &str) -> Result<Cow<'_, str>, TooManyAttributes> {
    let source = html.as_bytes();
    let mut out = String::new();
    let mut kept_from = 0;
    let mut at = 0;
    while let Some(offset) = memchr(b'<', &source[at..]) {
        let open = at + offset;
        if source[open..].starts_with(b"<!--") {
            out.push_str(&html[kept_from..open]);
            at = comment_end(source, open);
            kept_from = at;
            continue;
        }
        let Some(tag) = read_tag(source, open) else {
            at = open + 1;
            continue;
        };
        if tag.attributes > MAX_ATTRIBUTES {
            return Err(TooManyAttributes);
        }
        at = tag.end;
        if !tag.is_closing && is_dropped(source, &tag) {
            out.push_str(&html[kept_from..at]);
            at = raw_text_end(source, at, tag.name(source));
            kept_from = at;
        }
    }
    if out.is_empty() && kept_from == 0 {
        return Ok(Cow::Borrowed(html));
    }
    out.push_str(&html[kept_from..]);
    Ok(Cow::Owned(out))
}

/// The content of every script, in source order.
pub(crate) fn script_texts(html: &str) -> Vec<&str> {
    let source = html.as_bytes();
    let mut texts = Vec::new();
    let mut at = 0;
    while let Some(offset) = memchr(b'<', &source[at..]) {
        let open = at + offset;
        at = open + 1;
        if source[open..].starts_with(b"<!--") {
            at = comment_end(source, open);
        } else if let Some(tag) = read_tag(source, open) {
            at = tag.end;
            if !tag.is_closing && is_raw_text(tag.name(source)) {
                let end = raw_text_end(source, at, tag.name(source));
                if tag.name(source).eq_ignore_ascii_case(b"script") {
                    texts.push(&html[at..end]);
                }
                at = end;
            }
        }
    }
    texts
}

struct Tag {
    name_start: usize,
    name_end: usize,
    /// One past the `>`.
    end: usize,
    attributes: usize,
    is_closing: bool,
}

impl Tag {
    fn name<'a>(&self, source: &'a [u8]) -> &'a [u8] {
        &source[self.name_start..self.name_end]
    }
}

/// Reads the tag that opens at `open`, by the states of the WHATWG tokenizer (13.2.5.6 to .40);
/// `None` where no tag starts there.
fn read_tag(source: &[u8], open: usize) -> Option<Tag> {
    let is_closing = source.get(open + 1) == Some(&b'/');
    let name_start = open + 1 + usize::from(is_closing);
    if !source.get(name_start)?.is_ascii_alphabetic() {
        return None;
    }
    let is_name_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
    let name_end = position(source, name_start, is_name_end);
    let mut at = name_end;
    let mut attributes = 0;
    loop {
        at = position(source, at, |byte| !byte.is_ascii_whitespace() && *byte != b'/');
        match source.get(at) {
            None => break,
            Some(b'>') => {
                at += 1;
                break;
            }
            Some(_) => {}
        }
        attributes += 1;
        // A `=` at the very start belongs to the name.
        at = position(source, at + 1, |byte| is_name_end(byte) || *byte == b'=');
        let equals = position(source, at, |byte| !byte.is_ascii_whitespace());
        if source.get(equals) == Some(&b'=') {
            at = value_end(source, equals + 1);
        }
    }
    Some(Tag { name_start, name_end, end: at, attributes, is_closing })
}

/// Where the value after a `=` ends.
fn value_end(source: &[u8], after_equals: usize) -> usize {
    let start = position(source, after_equals, |byte| !byte.is_ascii_whitespace());
    match source.get(start) {
        Some(quote @ (b'"' | b'\'')) => {
            memchr(*quote, &source[start + 1..]).map_or(source.len(), |offset| start + 1 + offset + 1)
        }
        _ => position(source, start, |byte| byte.is_ascii_whitespace() || *byte == b'>'),
    }
}

/// The first place from `start` whose byte passes, else the end.
fn position(source: &[u8], start: usize, passes: impl Fn(&u8) -> bool) -> usize {
    source[start.min(source.len())..].iter().position(passes).map_or(source.len(), |offset| start + offset)
}

/// Whether the content of the element is text that no reader sees.
fn is_dropped(source: &[u8], tag: &Tag) -> bool {
    let is_json_ld = || {
        let attributes = source[tag.name_end..tag.end].to_ascii_lowercase();
        memmem::find(&attributes, b"ld+json").is_some()
    };
    let name = tag.name(source);
    is_raw_text(name) && !(name.eq_ignore_ascii_case(b"script") && is_json_ld())
}

/// Whether an element's content is no markup.
fn is_raw_text(name: &[u8]) -> bool {
    ["script", "style", "textarea", "iframe", "noembed", "noframes"]
        .iter()
        .any(|other| name.eq_ignore_ascii_case(other.as_bytes()))
}

/// Where a comment that opens at `open` ends (13.2.5.43 to .51); the end of the source if it never does.
pub(super) fn comment_end(source: &[u8], open: usize) -> usize {
    let body = open + 4;
    if source[body..].starts_with(b">") {
        return body + 1;
    }
    if source[body..].starts_with(b"->") {
        return body + 2;
    }
    let mut at = body;
    while let Some(offset) = memmem::find(&source[at..], b"--") {
        let dashes = at + offset;
        match source.get(dashes + 2) {
            Some(b'>') => return dashes + 3,
            Some(b'!') if source.get(dashes + 3) == Some(&b'>') => return dashes + 4,
            _ => at = dashes + 1,
        }
    }
    source.len()
}

/// Where the raw text of the element `name` that starts at `start` ends: at its closing tag, which
/// is not part of it, or at the end of the source.
pub(super) fn raw_text_end(source: &[u8], start: usize, name: &[u8]) -> usize {
    let is_script = name.eq_ignore_ascii_case(b"script");
    let mut escaped = false;
    let mut double_escaped = false;
    let mut at = start;
    // Only in what is escaped does a `-` mean anything.
    let next = |at: usize, escaped: bool| {
        if escaped { memchr2(b'<', b'-', &source[at..]) } else { memchr(b'<', &source[at..]) }
    };
    while let Some(offset) = next(at, escaped) {
        let here = at + offset;
        let rest = &source[here..];
        at = here + 1;
        if is_script && rest.starts_with(b"<!--") {
            escaped = true;
            at = here + 2;
        } else if escaped && rest.starts_with(b"-->") {
            escaped = false;
            double_escaped = false;
        } else if escaped && !double_escaped && opens(rest, b"<", name) {
            double_escaped = true;
        } else if opens(rest, b"</", name) {
            if !double_escaped {
                return here;
            }
            double_escaped = false;
        }
    }
    source.len()
}

/// Whether `rest` starts with a tag of this name.
fn opens(rest: &[u8], bracket: &[u8], name: &[u8]) -> bool {
    let Some(after) = rest.strip_prefix(bracket) else { return false };
    after.len() > name.len()
        && after[..name.len()].eq_ignore_ascii_case(name)
        && (after[name.len()].is_ascii_whitespace() || matches!(after[name.len()], b'/' | b'>'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pruned(html: &str) -> String {
        prune(html).map(Cow::into_owned).unwrap_or_else(|_| "struck".into())
    }

    #[test]
    fn drops_comments_scripts_and_styles() {
        assert_eq!(
            pruned(
                "a<!-- b --><p title='<!--'>c<script>if (a<b) {}</script><STYLE>p{}</style >d<!---->e<!-->f<!--x--!>g"
            ),
            "a<p title='<!--'>c<script></script><STYLE></style >defg"
        );
    }

    #[test]
    fn keeps_json_ld() {
        let html = r#"<script type="application/ld+json">{"a": "<b>"}</script>"#;
        assert_eq!(pruned(html), html);
    }

    #[test]
    fn reads_a_script_to_its_own_end() {
        assert_eq!(pruned("<script><!-- <script> </script> --></script>x"), "<script></script>x");
        assert_eq!(pruned("<script>'</scripts>'</script>x"), "<script></script>x");
        assert_eq!(pruned("<script>never closed"), "<script>");
    }

    #[test]
    fn counts_attributes_past_quotes_and_signs() {
        let many = format!("<a {}>", "x='>' ".repeat(MAX_ATTRIBUTES));
        assert_eq!(pruned(&many), many);
        assert_eq!(pruned(&format!("<a {}>", "x ".repeat(MAX_ATTRIBUTES + 1))), "struck");
        assert_eq!(pruned(&format!("<!-- <script> --><a {}>", "x ".repeat(MAX_ATTRIBUTES + 1))), "struck");
        let quoted = format!("<a title=\"{}\">", "x ".repeat(MAX_ATTRIBUTES * 2));
        assert_eq!(pruned(&quoted), quoted);
    }

    #[test]
    fn leaves_signs_that_open_no_tag() {
        for text in ["1 < 2 and <3", "a <", "</", "<p", "<!doctype html><p>", "<p a=\"unclosed"] {
            assert_eq!(pruned(text), text);
        }
    }
}
