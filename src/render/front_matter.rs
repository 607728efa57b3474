//! Front matter: what is known of an article, in YAML above its text.

use super::About;
use super::line::clean;
use crate::article::{Article, Link, Provenance, Verdict};
use std::fmt::Write as _;
use url::Url;

/// What stands behind a name.
enum Value<'a> {
    /// A text, in quotes.
    Text(Option<&'a str>),
    /// A date, a number or a word of a closed list: it means nothing else in YAML.
    Plain(Option<String>),
    List(&'a [String]),
    Links(&'a [Link]),
}

/// All that is told, in its order; what is unknown is left out.
fn facts<'a>(article: &'a Article, about: &About<'a>) -> Vec<(&'static str, Value<'a>)> {
    let metadata = &article.metadata;
    let dateline = metadata.dateline.as_ref();
    let agency = metadata.agency.as_deref().or(dateline.and_then(|dateline| dateline.agency.as_deref()));
    let words = Some(article.words()).filter(|words| *words > 0);
    let confidence = about.confidence.map(|expected| format!("{expected:.2}"));
    let verdict = (about.verdict == Verdict::Truncated).then(|| about.verdict.id().to_owned());
    let source = (about.source == Provenance::Feed).then(|| "feed".to_owned());
    vec![
        ("title", Value::Text(metadata.title.as_deref())),
        ("subtitle", Value::Text(metadata.subtitle.as_deref())),
        ("url", Value::Text(about.url_of(metadata).map(|url| url.as_str()))),
        ("authors", Value::List(&metadata.authors)),
        ("date", Value::Plain(metadata.published.map(|published| published.to_string()))),
        ("modified", Value::Plain(metadata.modified.map(|modified| modified.to_string()))),
        ("place", Value::Text(dateline.and_then(|dateline| dateline.place.as_deref()))),
        ("agency", Value::Text(agency)),
        ("site", Value::Text(metadata.site.as_deref())),
        ("section", Value::Text(metadata.section.as_deref())),
        ("language", Value::Text(metadata.language.as_deref())),
        ("image", Value::Text(metadata.image.as_ref().map(Url::as_str))),
        ("license", Value::Text(metadata.license.as_deref())),
        ("accessible_for_free", Value::Plain(metadata.accessible_for_free.map(|is_free| is_free.to_string()))),
        ("words", Value::Plain(words.map(|words| words.to_string()))),
        ("confidence", Value::Plain(confidence)),
        ("verdict", Value::Plain(verdict)),
        ("source", Value::Plain(source)),
        // As a text: some keys look like numbers.
        ("duplicate_of", Value::Text(about.duplicate_of)),
        ("tags", Value::List(&metadata.tags)),
        ("related", Value::Links(&metadata.related)),
    ]
}

/// YAML between `---` lines, and a blank line: title, url, authors, date and the rest of docs/formats.md; what is unknown
/// is left out. An article that is not whole says so (`verdict: truncated`), and so does one that its feed had and not its
/// page (`source: feed`), and a copy of another (`duplicate_of`).
pub fn front_matter(article: &Article, about: &About<'_>) -> String {
    let mut out = String::from("---\n");
    for (name, value) in facts(article, about) {
        // Writing to a string cannot fail.
        let _ = push(&mut out, name, value);
    }
    out.push_str("---\n\n");
    out
}

fn push(out: &mut String, name: &str, value: Value<'_>) -> std::fmt::Result {
    match value {
        Value::Text(None) | Value::Plain(None) | Value::List([]) | Value::Links([]) => Ok(()),
        Value::Text(Some(text)) => writeln!(out, "{name}: {}", quoted(text)),
        Value::Plain(Some(word)) => writeln!(out, "{name}: {word}"),
        Value::List(texts) => {
            writeln!(out, "{name}:")?;
            texts.iter().try_for_each(|text| writeln!(out, "  - {}", quoted(text)))
        }
        Value::Links(links) => {
            writeln!(out, "{name}:")?;
            let mut link = |link: &Link| {
                writeln!(out, "  - title: {}\n    url: {}", quoted(&link.text), quoted(link.url.as_str()))
            };
            links.iter().try_for_each(&mut link)
        }
    }
}

/// A YAML double-quoted scalar: the one form in which nothing means anything else. What YAML calls a line's end or not
/// printable (1.2.2, 5.1 and 5.4) is a space.
fn quoted(text: &str) -> String {
    let is_foreign = |c| matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    let escaped = clean(text).replace(is_foreign, " ").replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Metadata;

    #[test]
    fn quotes_what_yaml_would_misread() {
        let link = Url::parse("https://news.example/b").unwrap();
        let metadata = Metadata {
            title: Some("\"No\": a\\b\u{2028}c".into()),
            authors: vec!["Ann # Lee".into()],
            tags: vec!["a: b".into()],
            related: vec![Link { text: "- c".into(), url: link }],
            language: Some("no".into()),
            ..Metadata::default()
        };
        let url = Url::parse("https://news.example/a").ok();
        assert_eq!(
            front_matter(&Article { metadata, blocks: vec![] }, &About { url: url.as_ref(), ..About::default() }),
            "---\ntitle: \"\\\"No\\\": a\\\\b c\"\nurl: \"https://news.example/a\"\nauthors:\n  - \"Ann # Lee\"\n\
             language: \"no\"\ntags:\n  - \"a: b\"\nrelated:\n  - title: \"- c\"\n    url: \"https://news.example/b\"\n---\n\n"
        );
    }

    #[test]
    fn says_that_an_article_is_not_whole() {
        let of = |verdict, source| front_matter(&Article::default(), &About { verdict, source, ..About::default() });
        assert_eq!(of(Verdict::Truncated, Provenance::Page), "---\nverdict: truncated\n---\n\n");
        assert_eq!(of(Verdict::Article, Provenance::Feed), "---\nsource: feed\n---\n\n");
        assert_eq!(of(Verdict::Article, Provenance::Page), "---\n---\n\n");
    }
}
