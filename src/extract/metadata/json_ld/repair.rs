//! JSON-LD as it is found: wrapped in CDATA or comments, with raw line ends in strings, trailing
//! commas, unescaped quotes, curly quotes for straight ones, or cut off.

/// Takes off what templates wrap around a script: comment and CDATA signs, a final semicolon.
pub(super) fn unwrap(source: &str) -> &str {
    const BEFORE: &[&str] = &["<!--", "<![CDATA[", "//", "/*", "*/"];
    const AFTER: &[&str] = &["-->", "]]>", "//", "/*", "*/", ";"];
    let mut rest = source.trim_matches(is_padding);
    while let Some(shorter) = BEFORE.iter().find_map(|wrapper| rest.strip_prefix(wrapper)) {
        rest = shorter.trim_start_matches(is_padding);
    }
    while let Some(shorter) = AFTER.iter().find_map(|wrapper| rest.strip_suffix(wrapper)) {
        rest = shorter.trim_end_matches(is_padding);
    }
    rest
}

fn is_padding(character: char) -> bool {
    character.is_whitespace() || character == '\u{feff}'
}

/// Rewrites what is no JSON into what was meant. One pass; what is already JSON stays the same in
/// meaning, but parsing the source comes first, as a guess can also be wrong.
pub(super) fn repair(source: &str) -> String {
    let mut writer = Writer { out: String::with_capacity(source.len() + 16), open: Vec::new(), after_value: false };
    let mut rest = source;
    while let Some(character) = rest.chars().next() {
        rest = match character {
            '"' | '\'' | '“' | '”' | '„' => {
                writer.start_value();
                let after = string(&rest[character.len_utf8()..], character, &mut writer.out);
                writer.after_value = true;
                after
            }
            '/' if rest.starts_with("//") => rest.find('\n').map_or("", |end| &rest[end..]),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or("", |end| &rest[end + 2..]),
            _ => {
                let length = word_length(rest);
                if length > 0 {
                    writer.word(&rest[..length])
                } else {
                    writer.sign(character)
                }
                &rest[length.max(character.len_utf8())..]
            }
        };
    }
    writer.close()
}

/// Length of the number or keyword that `rest` starts with, in bytes; 0 where there is none.
fn word_length(rest: &str) -> usize {
    rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.' | b'_')).count()
}

struct Writer {
    out: String,
    /// Closing brackets of what is open.
    open: Vec<char>,
    /// Whether a value or key was just written, so that another needs a comma.
    after_value: bool,
}

impl Writer {
    fn start_value(&mut self) {
        if self.after_value {
            self.out.push(',');
        }
        self.after_value = false;
    }

    fn word(&mut self, word: &str) {
        self.start_value();
        let is_json = matches!(word, "true" | "false" | "null") || word.parse::<f64>().is_ok_and(f64::is_finite);
        self.out.push_str(if is_json { word } else { "null" });
        self.after_value = true;
    }

    fn sign(&mut self, sign: char) {
        match sign {
            '{' | '[' => {
                self.start_value();
                self.out.push(sign);
                self.open.push(if sign == '{' { '}' } else { ']' });
            }
            '}' | ']' => {
                self.drop_comma();
                if self.open.last() == Some(&sign) {
                    self.open.pop();
                    self.out.push(sign);
                }
                self.after_value = true;
            }
            ',' => {
                if self.out.ends_with(':') {
                    self.out.push_str("null,");
                } else if self.after_value {
                    self.out.push(',');
                }
                self.after_value = false;
            }
            ':' => {
                self.out.push(':');
                self.after_value = false;
            }
            _ => {}
        }
    }

    /// Takes back a comma that nothing follows, and gives a value to a key without one.
    fn drop_comma(&mut self) {
        if self.out.ends_with(',') {
            self.out.pop();
        } else if self.out.ends_with(':') {
            self.out.push_str("null");
        }
    }

    fn close(mut self) -> String {
        while let Some(bracket) = self.open.pop() {
            self.drop_comma();
            self.out.push(bracket);
        }
        self.out
    }
}

/// Copies a string whose opening quote was read, as a JSON string, and returns what follows it.
fn string<'a>(source: &'a str, quote: char, out: &mut String) -> &'a str {
    out.push('"');
    let mut rest = source;
    while let Some(character) = rest.chars().next() {
        let after = &rest[character.len_utf8()..];
        rest = match character {
            '\\' => escape(after, out),
            '"' | '\'' | '“' | '”' if closes(character, quote, after) => {
                out.push('"');
                return after;
            }
            '"' => {
                out.push_str("\\\"");
                after
            }
            _ if character.is_control() => {
                out.push(' ');
                after
            }
            _ => {
                out.push(character);
                after
            }
        };
    }
    out.push('"');
    rest
}

/// Whether a quote ends the string that `opening` began: it must be of its sort, and a sign that can
/// follow a string must come next.
fn closes(quote: char, opening: char, after: &str) -> bool {
    let same_sort = match opening {
        '"' => quote == '"',
        '\'' => quote == '\'',
        _ => quote != '\'',
    };
    let next = after.trim_start();
    same_sort
        && (next.is_empty()
            || next.starts_with([',', ':', '}', ']'])
            || (after.len() != next.len() && next.starts_with('"')))
}

/// Copies an escape, whose backslash was read, and returns what follows it.
fn escape<'a>(rest: &'a str, out: &mut String) -> &'a str {
    let Some(character) = rest.chars().next() else { return rest };
    let after = &rest[character.len_utf8()..];
    match character {
        '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' => {
            out.push('\\');
            out.push(character);
        }
        'u' => return unicode_escape(after, out),
        _ if character.is_control() => out.push(' '),
        _ => out.push(character),
    }
    after
}

/// Copies `\uXXXX`, and drops half of a surrogate pair.
fn unicode_escape<'a>(rest: &'a str, out: &mut String) -> &'a str {
    let Some(high) = hex(rest) else { return rest };
    let pair = rest[4..].strip_prefix("\\u").and_then(hex);
    match (high, pair) {
        (0xD800..=0xDBFF, Some(0xDC00..=0xDFFF)) => {
            out.push_str("\\u");
            out.push_str(&rest[..10]);
            &rest[10..]
        }
        (0xD800..=0xDFFF, _) => &rest[4..],
        _ => {
            out.push_str("\\u");
            out.push_str(&rest[..4]);
            &rest[4..]
        }
    }
}

fn hex(rest: &str) -> Option<u32> {
    let digits = rest.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repaired(source: &str) -> serde_json::Value {
        let repaired = repair(unwrap(source));
        serde_json::from_str(&repaired).unwrap_or_else(|error| panic!("{error}: {repaired}"))
    }

    #[test]
    fn leaves_json_as_it_is() {
        let source = r#"{"a": ["x, }", "\"q\" \u00e9 \ud83d\ude00", -1.5e3, true, null], "b": {"c": ""}}"#;
        assert_eq!(repair(source).parse::<serde_json::Value>().ok(), source.parse::<serde_json::Value>().ok());
    }

    #[test]
    fn takes_wrappers_off() {
        for source in
            ["//<![CDATA[\n{\"a\": 1}\n//]]>", "<!-- {\"a\": 1} -->", "/*<![CDATA[*/{\"a\": 1}/*]]>*/", "{\"a\": 1};"]
        {
            assert_eq!(unwrap(source), "{\"a\": 1}", "{source}");
        }
    }

    #[test]
    fn repairs_line_ends_in_strings_and_trailing_commas() {
        assert_eq!(
            repaired("{\"a\": \"one\ntwo\t\", \"b\": [1, 2,], }"),
            serde_json::json!({"a": "one two ", "b": [1, 2]})
        );
    }

    #[test]
    fn repairs_quotes_inside_strings() {
        assert_eq!(
            repaired(r#"{"a": "he said "no" twice", "b": "x"}"#),
            serde_json::json!({"a": "he said \"no\" twice", "b": "x"})
        );
    }

    #[test]
    fn reads_single_and_curly_quotes() {
        assert_eq!(
            repaired("{“a”: ‘, 'b': 'it’s'}".replace('‘', "1").as_str()),
            serde_json::json!({"a": 1, "b": "it’s"})
        );
    }

    #[test]
    fn drops_comments_but_not_addresses() {
        assert_eq!(
            repaired("{\"a\": \"https://x.example/\", // home\n \"b\": 1 /* one */}"),
            serde_json::json!({"a": "https://x.example/", "b": 1})
        );
    }

    #[test]
    fn adds_commas_and_values_that_are_missing() {
        assert_eq!(
            repaired("{\"a\": {\"b\": 1} \"c\": , \"d\": undefined}"),
            serde_json::json!({"a": {"b": 1}, "c": null, "d": null})
        );
    }

    #[test]
    fn closes_what_was_cut_off() {
        assert_eq!(repaired("{\"a\": [{\"b\": \"cut o"), serde_json::json!({"a": [{"b": "cut o"}]}));
    }

    #[test]
    fn drops_half_of_a_surrogate_pair() {
        assert_eq!(repaired(r#"{"a": "x\ud83d y\'s \xe9"}"#), serde_json::json!({"a": "x y's xe9"}));
    }
}
