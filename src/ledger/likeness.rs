//! What a text that stands in the output folder says, for stores that do not know it.

use crate::fingerprint::Fingerprint;
use crate::frontier::{Likeness, RelativePath};
use std::path::Path;

/// What the text at `path` says; `None` where none stands there or it says nothing. `title` is its headline, which is no
/// part of what is compared.
pub(crate) fn likeness(folder: &Path, path: &RelativePath, title: Option<&str>, is_whole: bool) -> Option<Likeness> {
    let text = std::fs::read_to_string(path.under(folder)).ok()?;
    Fingerprint::of(body(&text, title)).map(|fingerprint| Likeness { fingerprint, is_whole })
}

/// A text without front matter and headline.
pub(crate) fn body<'a>(text: &'a str, title: Option<&str>) -> &'a str {
    let text = without_front_matter(text);
    let letters = |line: &str| line.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    match text.split_once("\n\n") {
        Some((first, rest)) if title.is_some_and(|title| letters(first) == letters(title)) => rest,
        _ => text,
    }
}

/// A text without the front matter that may stand above it.
pub(crate) fn without_front_matter(text: &str) -> &str {
    let head = text.strip_prefix("---\n").and_then(|text| text.split_once("---\n\n"));
    head.filter(|(head, _)| head.is_empty() || head.ends_with('\n')).map_or(text, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headline_and_front_matter_are_no_part_of_what_a_text_says() {
        let title = Some("Ferry sails “again”");
        for text in [
            "First.\n\nSecond.\n",
            "Ferry sails “again”\n\nFirst.\n\nSecond.\n",
            "---\ntitle: \"Ferry sails\"\n---\n\nFerry sails “again”\n\nFirst.\n\nSecond.\n",
            "---\n---\n\n# Ferry sails “again”\n\nFirst.\n\nSecond.\n",
        ] {
            assert_eq!(body(text, title), "First.\n\nSecond.\n", "{text}");
        }
        assert_eq!(body("First.\n\nSecond.\n", Some("Other")), "First.\n\nSecond.\n");
        assert_eq!(without_front_matter("---\nno end"), "---\nno end");
    }
}
