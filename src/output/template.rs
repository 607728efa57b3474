//! How the names of texts are built: `{host}/{date}/{slug}-{key}`.

use crate::path::RelativePath;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The longest part of a path that is made by a template, in bytes, without what tells two of one name apart. File systems
/// take 255; encrypted ones 143, which the names that are in use by default stay below.
const MAX_PART_BYTES: usize = 200;

/// The most bytes between the placeholders of one part, so that there is room for the key.
const MAX_FIXED_BYTES: usize = 100;

/// What stands for something of the article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Placeholder {
    Host,
    Year,
    Month,
    Day,
    Date,
    Slug,
    Section,
    Language,
    Feed,
    Key,
}

impl Placeholder {
    const ALL: &[(&'static str, Self)] = &[
        ("host", Self::Host),
        ("year", Self::Year),
        ("month", Self::Month),
        ("day", Self::Day),
        ("date", Self::Date),
        ("slug", Self::Slug),
        ("section", Self::Section),
        ("language", Self::Language),
        ("feed", Self::Feed),
        ("key", Self::Key),
    ];
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Fixed(String),
    Of(Placeholder),
}

/// A template of names, checked: whatever the article, what comes of it stays below the output folder. The extension is no
/// part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NameTemplate {
    text: String,
    /// The parts of the path, outermost first; at least one.
    parts: Vec<Vec<Piece>>,
}

/// A text that is no template of names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A word in braces that stands for nothing.
    #[error("`{{{given}}}` stands for nothing; there are {}", Known)]
    Unknown {
        /// The word.
        given: String,
    },
    /// A brace without the other.
    #[error("`{given}` has a brace without the other one")]
    Unclosed {
        /// The template.
        given: String,
    },
    /// A path that does not stay below the output folder.
    #[error(
        "`{given}` is no path below the output folder: it must not begin with /, and no part be empty or begin or end with a dot"
    )]
    LeadsOut {
        /// The template.
        given: String,
    },
    /// What some file system cannot have in a name, or reads otherwise.
    #[error(
        "`{given}` cannot stand in a name everywhere; beside placeholders there are a-z, 0-9, -, _ and ., and a part is no name of a device"
    )]
    Foreign {
        /// The part.
        given: String,
    },
    /// So much beside the placeholders that there is no room for them.
    #[error("`{given}` is too long: a part has at most {MAX_FIXED_BYTES} characters beside its placeholders")]
    TooLong {
        /// The part.
        given: String,
    },
    /// A key of which cannot be seen where it begins and ends.
    #[error("`{given}`: {{key}} has to stand apart, between any of / - _ . or at an end, and once at most")]
    KeyNotApart {
        /// The template.
        given: String,
    },
}

/// The placeholders as a list in words.
struct Known;

impl fmt::Display for Known {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = Placeholder::ALL.iter().map(|(name, _)| format!("{{{name}}}")).collect();
        formatter.write_str(&names.join(", "))
    }
}

impl Default for NameTemplate {
    /// `{host}/{date}/{slug}-{key}`
    fn default() -> Self {
        let (fixed, of) = (|text: &str| Piece::Fixed(text.to_owned()), Piece::Of);
        let file = vec![of(Placeholder::Slug), fixed("-"), of(Placeholder::Key)];
        let parts = vec![vec![of(Placeholder::Host)], vec![of(Placeholder::Date)], file];
        Self { text: "{host}/{date}/{slug}-{key}".to_owned(), parts }
    }
}

impl FromStr for NameTemplate {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        let parts = text.split('/').map(pieces).collect::<Result<Vec<_>, _>>()?;
        let given = || text.to_owned();
        for (part, pieces) in text.split('/').zip(&parts) {
            check(part, pieces).map_err(|error| {
                if let TemplateError::LeadsOut { .. } = error {
                    TemplateError::LeadsOut { given: given() }
                } else {
                    error
                }
            })?;
        }
        let template = Self { text: given(), parts };
        if template.keys_apart() { Ok(template) } else { Err(TemplateError::KeyNotApart { given: given() }) }
    }
}

impl TryFrom<String> for NameTemplate {
    type Error = TemplateError;

    fn try_from(text: String) -> Result<Self, TemplateError> {
        text.parse()
    }
}

impl From<NameTemplate> for String {
    fn from(template: NameTemplate) -> Self {
        template.text
    }
}

impl fmt::Display for NameTemplate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl NameTemplate {
    /// Whether names show the key, so that hardly ever two are the same.
    pub(super) fn has_key(&self) -> bool {
        self.parts.iter().flatten().any(|piece| *piece == Piece::Of(Placeholder::Key))
    }

    /// Each key at most once, and nothing beside it that could be taken for some of it.
    fn keys_apart(&self) -> bool {
        let is_apart = |piece: Option<&Piece>, side: fn(&str) -> Option<char>| match piece {
            None => true,
            Some(Piece::Fixed(text)) => side(text).is_some_and(|c| matches!(c, '-' | '_' | '.')),
            Some(Piece::Of(_)) => false,
        };
        let keys = self.parts.iter().flat_map(|part| {
            let at = part.iter().enumerate().filter(|(_, piece)| **piece == Piece::Of(Placeholder::Key));
            at.map(move |(at, _)| (at.checked_sub(1).and_then(|before| part.get(before)), part.get(at + 1)))
        });
        let keys: Vec<_> = keys.collect();
        let last = |text: &str| text.chars().next_back();
        let first = |text: &str| text.chars().next();
        keys.len() <= 1 && keys.iter().all(|(before, after)| is_apart(*before, last) && is_apart(*after, first))
    }

    /// The path with `value` in the place of each placeholder, and `ending` (what tells two of one name apart, and the
    /// extension) after the last part. What is too long for a part is taken off its longest values, never off the key.
    pub(super) fn path(&self, value: &dyn Fn(Placeholder) -> String, ending: &str) -> RelativePath {
        let last = self.parts.len() - 1;
        let parts =
            self.parts.iter().enumerate().map(|(at, part)| filled(part, value, if at == last { ending } else { "" }));
        let parts: Vec<String> = parts.collect();
        RelativePath::of_parts(&parts.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

fn pieces(part: &str) -> Result<Vec<Piece>, TemplateError> {
    let unclosed = || TemplateError::Unclosed { given: part.to_owned() };
    let (mut found, mut rest) = (Vec::new(), part);
    while let Some((fixed, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').ok_or_else(unclosed)?;
        if fixed.contains('}') || name.contains('{') {
            return Err(unclosed());
        }
        let known = Placeholder::ALL.iter().find(|(known, _)| *known == name).map(|(_, placeholder)| *placeholder);
        let placeholder = known.ok_or_else(|| TemplateError::Unknown { given: name.to_owned() })?;
        found.extend([Piece::Fixed(fixed.to_owned()), Piece::Of(placeholder)]);
        rest = after;
    }
    if rest.contains('}') {
        return Err(unclosed());
    }
    found.push(Piece::Fixed(rest.to_owned()));
    found.retain(|piece| *piece != Piece::Fixed(String::new()));
    Ok(found)
}

/// Whether a part is one whatever its placeholders come to.
fn check(part: &str, pieces: &[Piece]) -> Result<(), TemplateError> {
    let given = || part.to_owned();
    if part.is_empty() || part.starts_with('.') || part.ends_with('.') {
        return Err(TemplateError::LeadsOut { given: given() });
    }
    let fixed = |piece: &Piece| if let Piece::Fixed(text) = piece { text.clone() } else { String::new() };
    let all: String = pieces.iter().map(fixed).collect();
    if all.len() > MAX_FIXED_BYTES {
        return Err(TemplateError::TooLong { given: given() });
    }
    let is_plain = all.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_' | '.'));
    let is_device = pieces.len() == 1 && all == part && RelativePath::of_parts(&[part]).as_str() != part;
    if is_plain && !is_device { Ok(()) } else { Err(TemplateError::Foreign { given: given() }) }
}

fn filled(part: &[Piece], value: &dyn Fn(Placeholder) -> String, ending: &str) -> String {
    let mut texts: Vec<(bool, String)> = part
        .iter()
        .map(|piece| match piece {
            Piece::Fixed(text) => (false, text.clone()),
            Piece::Of(Placeholder::Key) => (false, value(Placeholder::Key)),
            Piece::Of(placeholder) => (true, plain(&value(*placeholder))),
        })
        .collect();
    loop {
        let excess = texts.iter().map(|(_, text)| text.len()).sum::<usize>().saturating_sub(MAX_PART_BYTES);
        let longest = texts.iter_mut().filter(|(is_value, _)| *is_value).max_by_key(|(_, text)| text.len());
        match longest {
            // Half of it at most, so that several long ones are shortened alike.
            Some((_, text)) if excess > 0 && !text.is_empty() => {
                text.truncate(text.len() - excess.min(text.len().div_ceil(2)));
            }
            _ => break,
        }
    }
    let whole: String = texts.into_iter().map(|(_, text)| text).collect();
    // An ending's dots and dashes are its own.
    format!("{}{ending}", if whole.is_empty() { "_" } else { whole.as_str() })
}

/// ASCII alone, so that any byte is a boundary. What a whole part must not be is seen to once it is whole.
fn plain(value: &str) -> String {
    let is_plain = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_' | '.');
    value.chars().map(|c| c.to_ascii_lowercase()).map(|c| if is_plain(c) { c } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        text.parse::<NameTemplate>().unwrap_err().to_string()
    }

    fn path(template: &str, ending: &str) -> String {
        let value = |placeholder: Placeholder| match placeholder {
            Placeholder::Host => "News.Test".to_owned(),
            Placeholder::Slug => "s".repeat(180),
            Placeholder::Section => "con".to_owned(),
            Placeholder::Feed => "f".repeat(180),
            Placeholder::Key => "0123456789abcdef".to_owned(),
            _ => "x".to_owned(),
        };
        template.parse::<NameTemplate>().unwrap().path(&value, ending).as_str().to_owned()
    }

    #[test]
    fn default_is_what_its_text_says() {
        let default = NameTemplate::default();
        assert_eq!(default.to_string().parse(), Ok(default));
    }

    #[test]
    fn templates_that_cannot_be_are_refused_with_what_could_be() {
        assert!(refused("{host}/{titel}").starts_with("`{titel}` stands for nothing; there are {host}, {year}, "));
        for (text, said) in [
            ("{host", "brace"),
            ("a}b", "brace"),
            ("{{host}}", "brace"),
            ("", "no path below"),
            ("/{host}", "no path below"),
            ("{host}//{slug}", "no path below"),
            ("{host}/", "no path below"),
            ("../{slug}", "no path below"),
            ("{host}/./{slug}", "no path below"),
            (".{slug}", "no path below"),
            ("{slug}.", "no path below"),
            ("C:\\{slug}", "everywhere"),
            ("Texts/{slug}", "everywhere"),
            ("{host}/{slug} {key}", "everywhere"),
            ("nul/{slug}", "device"),
            ("{slug}{key}", "apart"),
            ("{key}/{slug}-{key}", "apart"),
        ] {
            assert!(refused(text).contains(said), "{text}: {}", refused(text));
        }
        assert!(refused(&"a".repeat(101)).contains("too long"));
    }

    #[test]
    fn long_values_give_way_and_the_key_stays() {
        let name = path("{feed}-{slug}-{key}", ".txt");
        assert!(name.ends_with("-0123456789abcdef.txt") && name.len() <= MAX_PART_BYTES + 4, "{name}");
        assert!(name.contains("ffff-ssss"), "{name}");
        let name = path("{slug}", "-0123456789abcdef-12.txt");
        assert!(name.ends_with("s-0123456789abcdef-12.txt"), "{name}");
    }

    #[test]
    fn what_comes_of_a_placeholder_is_no_device_and_no_capital() {
        assert_eq!(path("{section}/{host}/{year}", ".md"), "_con/news.test/x.md");
    }
}
