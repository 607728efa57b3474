//! What a text that stands in the output folder says, for stores that do not know it.

use crate::fingerprint::Fingerprint;
use crate::frontier::{Likeness, RelativePath};
use crate::render::Format;
use serde_json::Value;
use std::borrow::Cow;
use std::path::Path;

/// What the text at `path` says; `None` where none stands there or it says nothing. `title` is its headline, which is no
/// part of what is compared.
pub(crate) fn likeness(folder: &Path, path: &RelativePath, title: Option<&str>, is_whole: bool) -> Option<Likeness> {
    let text = std::fs::read_to_string(path.under(folder)).ok()?;
    let words = words(&text, Format::of_name(path.as_str()));
    Fingerprint::of(body(&words, title)).map(|fingerprint| Likeness { fingerprint, is_whole })
}

/// A file of a format as text, its paragraphs parted by blank lines: near enough to what was written of it, for the signs of a
/// format are no words.
fn words(file: &str, format: Format) -> Cow<'_, str> {
    match format {
        Format::Text | Format::Markdown => Cow::Borrowed(without_front_matter(file)),
        Format::Json => Cow::Owned(blocks(file)),
        Format::Html => Cow::Owned(without_tags(file)),
    }
}

/// The texts of a JSON document's blocks; empty for what is none.
fn blocks(json: &str) -> String {
    let document: Value = serde_json::from_str(json).unwrap_or_default();
    let blocks = document["blocks"].as_array().map(Vec::as_slice).unwrap_or_default();
    blocks.iter().filter_map(|block| block["text"].as_str()).collect::<Vec<_>>().join("\n\n")
}

/// What our own HTML says between its tags, below its head.
fn without_tags(html: &str) -> String {
    let body = html.split_once("<body").map_or(html, |(_, body)| body.split_once('>').map_or("", |(_, rest)| rest));
    let mut text = String::with_capacity(body.len());
    for piece in body.split('<') {
        let (tag, said) = piece.split_once('>').unwrap_or(("", piece));
        // Marks within a line part no words.
        let is_mark = ["a", "em", "strong", "code", "sub", "sup"]
            .iter()
            .any(|mark| tag.trim_start_matches('/').split(' ').next() == Some(mark));
        text.push_str(if is_mark || tag.is_empty() { "" } else { "\n\n" });
        text.push_str(said);
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&nbsp;", " ");
    text.replace("&amp;", "&").trim().to_owned()
}

/// A text without its headline.
fn body<'a>(text: &'a str, title: Option<&str>) -> &'a str {
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
    use crate::article::{Article, ArticleBlock, Metadata, Role};
    use crate::render::{self, About};

    #[test]
    fn headline_and_front_matter_are_no_part_of_what_a_text_says() {
        let title = Some("Ferry sails “again”");
        for text in [
            "First.\n\nSecond.\n",
            "Ferry sails “again”\n\nFirst.\n\nSecond.\n",
            "---\ntitle: \"Ferry sails\"\n---\n\nFerry sails “again”\n\nFirst.\n\nSecond.\n",
            "---\n---\n\n# Ferry sails “again”\n\nFirst.\n\nSecond.\n",
        ] {
            assert_eq!(body(without_front_matter(text), title), "First.\n\nSecond.\n", "{text}");
        }
        assert_eq!(body("First.\n\nSecond.\n", Some("Other")), "First.\n\nSecond.\n");
        assert_eq!(without_front_matter("---\nno end"), "---\nno end");
    }

    #[test]
    fn file_of_every_format_says_the_same() {
        let block = |role, text: &str| ArticleBlock::new(role, text);
        let sentence = |of: &str| (0..40).map(|number| format!("{of}{number}")).collect::<Vec<_>>().join(" ");
        let blocks = vec![
            block(Role::Paragraph, &(sentence("a") + " < & > \"b\"")),
            block(Role::Heading { level: 2 }, "Between"),
            block(Role::Quote, &sentence("c")),
        ];
        let title = Some("Ferry sails again".to_owned());
        let article = Article { metadata: Metadata { title: title.clone(), ..Metadata::default() }, blocks };
        let said = Fingerprint::of(&render::body(&article));
        for (id, format) in Format::ALL {
            let file = render::document(format, &article, &About::default(), true);
            assert_eq!(Fingerprint::of(body(&words(&file, format), title.as_deref())), said, "{id}: {file}");
        }
    }
}
