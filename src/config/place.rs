//! Where something stands in a configuration text, and what its writer may have meant.

use std::fmt;
use toml::de::DeTable;

/// `file:line:column`, both from 1; the column counts characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    file: String,
    line: usize,
    column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl Place {
    /// The place of a byte of `source`.
    pub(super) fn of_offset(source: &str, file: &str, offset: usize) -> Self {
        let before = source.get(..offset).unwrap_or(source);
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        Self {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    /// The place of the URL of the feed at `index`; the start of the text where it has none.
    pub(super) fn of_feed(source: &str, file: &str, index: usize) -> Self {
        let table = DeTable::parse(source).ok();
        let feed = table.as_ref().and_then(|table| table.get_ref().get("feed")?.get_ref().get(index));
        let url = feed.and_then(|feed| feed.get_ref().get("url")).map(|it| it.span());
        Self::of_offset(source, file, url.map_or(0, |span| span.start))
    }

    /// The place of `section.key`'s value; the start of the text where it is not set there.
    pub(super) fn of_value(source: &str, file: &str, section: &str, key: Option<&str>) -> Self {
        let table = DeTable::parse(source).ok();
        let value = key.and_then(|key| table.as_ref()?.get_ref().get(section)?.get_ref().get(key).map(|it| it.span()));
        Self::of_offset(source, file, value.map_or(0, |span| span.start))
    }

    /// The place of a value in the `fetch` table of the site at `index`; of its host where it is not set there.
    pub(super) fn of_site_value(source: &str, file: &str, index: usize, key: Option<&str>) -> Self {
        let table = DeTable::parse(source).ok();
        let site = table.as_ref().and_then(|table| table.get_ref().get("site")?.get_ref().get(index));
        let value = key.and_then(|key| site?.get_ref().get("fetch")?.get_ref().get(key));
        let found = value.or_else(|| site?.get_ref().get("host")).map(|it| it.span());
        Self::of_offset(source, file, found.map_or(0, |span| span.start))
    }
}

/// Which table the key at `offset` belongs to, in words; a key in a header names a table itself.
pub(super) fn section(source: &str, offset: usize) -> String {
    let before = source.get(..offset).unwrap_or(source);
    let line = before.rfind('\n').map_or(before, |end| &before[end + 1..]).trim_start();
    if line.starts_with('[') && !line.contains('=') {
        let outer = line.trim_matches(['[', ' ', '.']);
        return if outer.is_empty() { "table".to_owned() } else { format!("key in [{outer}]") };
    }
    // The last line is the key's own, whose value may begin with a bracket.
    let above = before.rfind('\n').map_or("", |end| &before[..end]);
    match above.lines().rev().map(str::trim).find(|line| line.starts_with('[')) {
        Some(header) => format!("key in {}", header.split('#').next().unwrap_or_default().trim()),
        None => "key at the top level".to_owned(),
    }
}

/// The key whose value stands at `offset`, as "`key`: "; empty where the line has none before it.
pub(super) fn key(source: &str, offset: usize) -> String {
    let before = source.get(..offset).unwrap_or(source);
    let line = before.rfind('\n').map_or(before, |end| &before[end + 1..]);
    line.split_once('=').map(|(key, _)| format!("`{}`: ", key.trim())).unwrap_or_default()
}

/// What `toml` says of a value of the wrong type or size, in the words of a configuration's writer:
/// "invalid type: string \"60\", expected u32".
pub(super) fn plain(message: &str) -> String {
    let clash = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    let Some((given, expected)) = clash.and_then(|clash| clash.split_once(", expected ")) else {
        return message.to_owned();
    };
    let wanted = match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number without a sign or quotes",
        "a boolean" => "true or false, without quotes",
        "a string" => "a text in quotes",
        "a sequence" => "a list in brackets",
        other => other,
    };
    format!("is the {given}, but must be {wanted}")
}

/// The known word most like `given`, where at most a third of its letters are other ones.
pub(super) fn nearest(given: &str, known: impl Iterator<Item = String>) -> Option<String> {
    let given = given.to_lowercase().replace('-', "_");
    known
        .map(|word| (distance(&given, &word), word))
        .filter(|(distance, word)| *distance <= word.len().max(given.len()).div_ceil(3))
        .min()
        .map(|(_, word)| word)
}

/// Levenshtein's distance: how many letters have to be put in, taken out or changed.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in right.iter().enumerate() {
            let change = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = change.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_changed_letters() {
        for (left, right, expected) in [("", "abc", 3), ("kitten", "sitting", 3), ("same", "same", 0), ("ab", "ba", 2)]
        {
            assert_eq!(distance(left, right), expected, "{left} {right}");
            assert_eq!(distance(right, left), expected, "{right} {left}");
        }
    }

    #[test]
    fn types_are_told_in_plain_words() {
        assert_eq!(
            plain("invalid type: string \"60\", expected u32"),
            "is the string \"60\", but must be a whole number without a sign or quotes"
        );
        assert_eq!(plain("something else"), "something else");
    }

    #[test]
    fn column_counts_characters_not_bytes() {
        let source = "a = 1\nname = \"ü\", x";
        let place = Place::of_offset(source, "f", source.find('x').unwrap());
        assert_eq!(place.to_string(), "f:2:13");
    }
}
