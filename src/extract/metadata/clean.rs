//! Strings as pages state them, made plain: entities decoded, tags taken out, white space single.

use crate::extract::letters::{is_letter_or_digit, spaced_run};
use std::borrow::Cow;

/// Named character references met in metadata; HTML knows 2,231 of them, but what goes through a
/// template engine twice is nearly always one of these.
const ENTITIES: &[(&str, &str)] = &[
    ("amp", "&"),
    ("apos", "'"),
    ("quot", "\""),
    ("lt", "<"),
    ("gt", ">"),
    ("nbsp", " "),
    ("shy", ""),
    ("ndash", "–"),
    ("mdash", "—"),
    ("hellip", "…"),
    ("bull", "•"),
    ("middot", "·"),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("sbquo", "‚"),
    ("ldquo", "“"),
    ("rdquo", "”"),
    ("bdquo", "„"),
    ("laquo", "«"),
    ("raquo", "»"),
    ("lsaquo", "‹"),
    ("rsaquo", "›"),
    ("copy", "©"),
    ("reg", "®"),
    ("trade", "™"),
    ("euro", "€"),
    ("pound", "£"),
    ("deg", "°"),
    ("Agrave", "À"),
    ("Aacute", "Á"),
    ("Acirc", "Â"),
    ("Atilde", "Ã"),
    ("Auml", "Ä"),
    ("Aring", "Å"),
    ("AElig", "Æ"),
    ("Ccedil", "Ç"),
    ("Egrave", "È"),
    ("Eacute", "É"),
    ("Ecirc", "Ê"),
    ("Iacute", "Í"),
    ("Icirc", "Î"),
    ("Ntilde", "Ñ"),
    ("Oacute", "Ó"),
    ("Ocirc", "Ô"),
    ("Ouml", "Ö"),
    ("Oslash", "Ø"),
    ("Uacute", "Ú"),
    ("Uuml", "Ü"),
    ("szlig", "ß"),
    ("agrave", "à"),
    ("aacute", "á"),
    ("acirc", "â"),
    ("atilde", "ã"),
    ("auml", "ä"),
    ("aring", "å"),
    ("aelig", "æ"),
    ("ccedil", "ç"),
    ("egrave", "è"),
    ("eacute", "é"),
    ("ecirc", "ê"),
    ("euml", "ë"),
    ("igrave", "ì"),
    ("iacute", "í"),
    ("icirc", "î"),
    ("iuml", "ï"),
    ("ntilde", "ñ"),
    ("ograve", "ò"),
    ("oacute", "ó"),
    ("ocirc", "ô"),
    ("otilde", "õ"),
    ("ouml", "ö"),
    ("oslash", "ø"),
    ("ugrave", "ù"),
    ("uacute", "ú"),
    ("ucirc", "û"),
    ("uuml", "ü"),
    ("oelig", "œ"),
    ("scaron", "š"),
    ("zcaron", "ž"),
    ("yacute", "ý"),
];

/// Longest reference looked for, in bytes between `&` and `;`.
const MAX_ENTITY_BYTES: usize = 8;

/// One line of plain text: references decoded (twice, as `&amp;quot;` is common), tags taken out,
/// invisible characters dropped, runs of white space made one space.
pub(super) fn clean(raw: &str) -> String {
    let decoded = decode(raw);
    collapse(&without_tags(&decode(&decoded)))
}

/// White space collapsed and invisible characters dropped, nothing else.
pub(super) fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let is_behind_space = out.as_bytes().last().is_none_or(|last| *last == b' ');
        let run = spaced_run(&text.as_bytes()[at..], is_behind_space);
        out.push_str(&text[at..at + run]);
        at += run;
        let Some(character) = text[at..].chars().next() else { break };
        at += character.len_utf8();
        if character.is_whitespace() {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !is_invisible(character) {
            out.push(character);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        || (character.is_control() && !character.is_whitespace())
}

/// Decodes character references that end with `;`.
fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match reference(rest) {
            Some((decoded, length)) => {
                out.push_str(&decoded);
                rest = &rest[length..];
            }
            None => out.push('&'),
        }
    }
    out.push_str(rest);
    out.into()
}

/// What stands after a `&`: its decoded form and the length of the source with the `;`.
fn reference(rest: &str) -> Option<(String, usize)> {
    let end = rest.bytes().take(MAX_ENTITY_BYTES + 1).position(|byte| byte == b';')?;
    let name = &rest[..end];
    let decoded = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|character| *character != '\0')?.to_string()
        }
        None => ENTITIES.iter().find(|(key, _)| *key == name)?.1.to_owned(),
    };
    Some((decoded, end + 1))
}

/// Takes out what looks like a tag: `<` and a letter or `/`, up to the next `>`.
fn without_tags(text: &str) -> Cow<'_, str> {
    if !text.contains('<') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        if !tail[1..].starts_with(|character: char| character.is_ascii_alphabetic() || character == '/') {
            out.push('<');
            rest = &tail[1..];
            continue;
        }
        // Where no `>` follows, none of the later signs opens a tag either.
        let Some(close) = tail.find('>') else {
            rest = tail;
            break;
        };
        rest = &tail[close + 1..];
    }
    out.push_str(rest);
    out.into()
}

/// The form in which two strings are compared: lower-case letters and digits, words apart by one
/// space, so that quotes, dashes and case do not count.
pub(super) fn comparable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii_alphanumeric() {
            out.push(character.to_ascii_lowercase());
        } else if is_letter_or_digit(character) {
            out.extend(character.to_lowercase());
        } else if !matches!(character, '\'' | '’' | '\u{ad}') && !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// As [`comparable`], without spaces: "The Daily Sun" and `thedailysun` are one name.
pub(super) fn squeezed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars().filter(|character| is_letter_or_digit(*character)) {
        if character.is_ascii() {
            out.push(character.to_ascii_lowercase());
        } else {
            out.extend(character.to_lowercase());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_references_twice_and_takes_tags_out() {
        assert_eq!(clean("Rock &amp;amp; Roll&#8217;s <em>best</em> &#x2014;  live"), "Rock & Roll’s best — live");
    }

    #[test]
    fn keeps_signs_that_are_no_reference_or_tag() {
        assert_eq!(clean("AT&T: 1 < 2, a <3 b; Q&A &unknown;"), "AT&T: 1 < 2, a <3 b; Q&A &unknown;");
    }

    #[test]
    fn drops_invisible_characters() {
        assert_eq!(collapse("Ra\u{ad}dio\u{200b}\u{a0}\n\tnews\u{0}"), "Radio news");
        assert_eq!(collapse("\u{202e}swen\u{202c} \u{2066}today\u{2069}"), "swen today", "what turns the writing");
    }

    #[test]
    fn compares_without_case_and_quotes() {
        assert_eq!(comparable("„Wir sind’s“ – SAGT Ö."), "wir sinds sagt ö");
        assert_eq!(squeezed("The Daily-Sun"), "thedailysun");
    }

    #[test]
    fn takes_linear_time_on_unclosed_signs() {
        assert_eq!(clean(&"<a ".repeat(200_000)).len(), 599_999);
        assert_eq!(clean(&"&#".repeat(200_000)).len(), 400_000);
    }
}
