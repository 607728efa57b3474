//! Titles without markup.

/// Characters of a title; a headline has some 100.
const MAX_CHARS: usize = 1000;

/// Characters of a title with its markup; the search for ends of tags is quadratic where they have
/// none.
const MAX_SOURCE_CHARS: usize = 10_000;

/// A title as plain text on one line: tags left out, entities read, white space single, control
/// and direction characters dropped, at most 1,000 characters.
///
/// A `<` counts as a tag only before a letter, `/` or `!`, so that `a < b` stays.
pub(super) fn plain(html: &str) -> String {
    let mut out = String::new();
    let mut rest = match html.char_indices().nth(MAX_SOURCE_CHARS) {
        Some((end, _)) => &html[..end],
        None => html,
    };
    while let Some(at) = rest.find(['<', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (read, text) = if rest.starts_with('<') { tag(rest) } else { entity(rest) };
        out.push_str(&text);
        rest = &rest[read..];
    }
    out.push_str(rest);
    single_line(&out)
}

/// The beginning of a text, at most so many bytes.
pub(super) fn beginning(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

/// Bytes read of what may be a tag, and the text that it stands for.
pub(super) fn tag(rest: &str) -> (usize, String) {
    let begins = rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
    match rest.find('>') {
        Some(end) if begins => (end + 1, String::new()),
        _ => (1, "<".to_owned()),
    }
}

/// Entities that titles carry on top of what the feed's own XML has undone already.
const NAMED: &[(&str, &str)] = &[
    ("amp", "&"),
    ("apos", "'"),
    ("gt", ">"),
    ("hellip", "…"),
    ("laquo", "«"),
    ("ldquo", "“"),
    ("lsquo", "‘"),
    ("lt", "<"),
    ("mdash", "—"),
    ("nbsp", " "),
    ("ndash", "–"),
    ("quot", "\""),
    ("raquo", "»"),
    ("rdquo", "”"),
    ("rsquo", "’"),
    ("shy", ""),
];

/// Bytes read of what may be an entity, and the text that it stands for.
pub(super) fn entity(rest: &str) -> (usize, String) {
    let found = rest.bytes().skip(1).take(9).position(|byte| byte == b';').and_then(|end| {
        let name = &rest[1..=end];
        Some((end + 2, meaning(name)?))
    });
    found.unwrap_or((1, "&".to_owned()))
}

fn meaning(name: &str) -> Option<String> {
    let Some(number) = name.strip_prefix('#') else {
        return NAMED.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned());
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code).map(String::from)
}

fn single_line(text: &str) -> String {
    let visible: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| !turns_text(*c)).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_CHARS).collect()
}

/// Marks that change the direction of what follows (UAX #9): a title could disguise itself in logs.
fn turns_text(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_lose_their_markup_and_nothing_else() {
        for (html, expected) in [
            ("Plain", "Plain"),
            ("A <b>bold</b> word", "A bold word"),
            ("Fish &amp; chips &#8211; &#x201C;fresh&#x201D;", "Fish & chips – “fresh”"),
            ("1 < 2 & 3 > 2", "1 < 2 & 3 > 2"),
            ("AT&T; and R&D", "AT&T; and R&D"),
            ("a <!-- hidden --> b<br/>c", "a bc"),
            ("  two\n\tlines ", "two lines"),
            ("broken <b", "broken <b"),
            ("red \u{1b}[31m\u{9b}1m \u{202e}gnp", "red [31m 1m gnp"),
            ("&bogus; &#xD800; &", "&bogus; &#xD800; &"),
            ("Юлія &laquo;каже&raquo;", "Юлія «каже»"),
            ("", ""),
        ] {
            assert_eq!(plain(html), expected, "{html:?}");
        }
        assert_eq!(plain(&"é".repeat(50_000)).chars().count(), MAX_CHARS);
    }

    #[test]
    fn title_of_nothing_but_beginnings_takes_no_time() {
        for beginning in ["&", "<a", "&#x"] {
            let started = std::time::Instant::now();
            plain(&beginning.repeat(5_000_000));
            assert!(started.elapsed() < std::time::Duration::from_secs(1), "{beginning}");
        }
    }
}
