//! Character references (13.2.5.72 to .80) and ends of lines (13.2.3.5).

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};
use memchr::memchr2;

/// What a text stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// Text, in which references count.
    Text,
    /// An attribute, in which some that lack their semicolon do not.
    Attribute,
    /// An element in which none count.
    Nothing,
}

/// Longest name of a reference, its semicolon counted.
const MAX_NAME_BYTES: usize = 32;

/// Appends a text with its references and ends of lines replaced.
pub(super) fn decode_into(out: &mut String, text: &str, around: Around) {
    let mut rest = text;
    while let Some(at) = memchr2(b'&', b'\r', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        if rest.as_bytes()[at] == b'\r' {
            out.push('\n');
            rest = behind.strip_prefix('\n').unwrap_or(behind);
        } else if around == Around::Nothing {
            out.push('&');
            rest = behind;
        } else {
            let read = reference(out, behind, around);
            if read == 0 {
                out.push('&');
            }
            rest = &behind[read..];
        }
    }
    out.push_str(rest);
}

/// Appends what the reference behind an `&` means, and gives its length; 0 where there is none.
fn reference(out: &mut String, behind: &str, around: Around) -> usize {
    match behind.as_bytes() {
        [b'#', b'x' | b'X', ..] => numeric(out, &behind[2..], 16).map_or(0, |read| read + 2),
        [b'#', ..] => numeric(out, &behind[1..], 10).map_or(0, |read| read + 1),
        [first, ..] if first.is_ascii_alphanumeric() => named(out, behind, around),
        _ => 0,
    }
}

fn numeric(out: &mut String, digits: &str, base: u32) -> Option<usize> {
    let length = digits.bytes().position(|byte| !(byte as char).is_digit(base)).unwrap_or(digits.len());
    if length == 0 {
        return None;
    }
    let value = digits[..length].bytes().fold(0_u32, |value, digit| {
        let digit = (digit as char).to_digit(base).unwrap_or_default();
        value.saturating_mul(base).saturating_add(digit)
    });
    let replaced = || C1_REPLACEMENTS.get((value.checked_sub(0x80)?) as usize).copied().flatten();
    let meant = if value == 0 { None } else { replaced().or_else(|| char::from_u32(value)) };
    out.push(meant.unwrap_or(char::REPLACEMENT_CHARACTER));
    Some(length + usize::from(digits[length..].starts_with(';')))
}

/// The longest name that there is counts.
fn named(out: &mut String, behind: &str, around: Around) -> usize {
    let bytes = behind.as_bytes();
    let letters = bytes.iter().take(MAX_NAME_BYTES).position(|byte| !byte.is_ascii_alphanumeric());
    let letters = letters.unwrap_or(bytes.len().min(MAX_NAME_BYTES));
    let has_end = bytes.get(letters) == Some(&b';');
    let lengths = has_end.then_some(letters + 1).into_iter().chain((1..=letters).rev());
    let found = lengths.filter_map(|length| Some((length, common_or_rare(&behind[..length])?)));
    let Some((length, (first, second))) = found.into_iter().next() else { return 0 };
    let follows = bytes.get(length).is_some_and(|byte| *byte == b'=' || byte.is_ascii_alphanumeric());
    if around == Around::Attribute && bytes[length - 1] != b';' && follows {
        return 0;
    }
    out.extend([first, second].into_iter().filter_map(char::from_u32).filter(|c| *c != '\0'));
    length
}

/// The one or two characters of a name; 0 stands for none.
fn common_or_rare(name: &str) -> Option<(u32, u32)> {
    match name {
        "amp;" => Some((0x26, 0)),
        "quot;" => Some((0x22, 0)),
        "nbsp;" => Some((0xa0, 0)),
        _ => NAMED_ENTITIES.get(name).copied().filter(|meant| meant.0 != 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str, around: Around) -> String {
        let mut out = String::new();
        decode_into(&mut out, text, around);
        out
    }

    #[test]
    fn names_count_with_and_some_without_their_semicolon() {
        for (text, meant) in [
            ("a &amp; b &lt;p&gt;", "a & b <p>"),
            ("&notit; &notin; &not", "¬it; ∉ ¬"),
            ("&nGt;", "\u{226b}\u{20d2}"),
            ("&unknown; & &; &#; &#x; &#xg;", "&unknown; & &; &#; &#x; &#xg;"),
            ("AT&T &copy2026", "AT&T ©2026"),
        ] {
            assert_eq!(decoded(text, Around::Text), meant, "{text}");
        }
        assert_eq!(decoded("?a=1&copy=2&amp=3&amp;b&notit;&copy", Around::Attribute), "?a=1&copy=2&amp=3&b&notit;©");
        assert_eq!(decoded("&amp;\r\n&", Around::Nothing), "&amp;\n&");
    }

    #[test]
    fn numbers_that_are_no_characters_are_replaced() {
        assert_eq!(
            decoded("&#65;&#x42&#X43;&#150;&#0;&#xD800;&#99999999999;", Around::Text),
            "ABC–\u{fffd}\u{fffd}\u{fffd}"
        );
        assert_eq!(decoded("a\r\nb\rc\n", Around::Text), "a\nb\nc\n");
    }
}
