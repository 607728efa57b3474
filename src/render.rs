//! Articles as text: plain, and as front matter before it.

use crate::article::{Article, ArticleBlock, Dateline, Link, Metadata, Provenance, Role, Verdict};
use std::borrow::Cow;
use std::fmt::Write;
use url::Url;

/// The article as plain text: title, blank line, body. UTF-8 with LF, no trailing spaces, no
/// control characters but tabs between cells; ends with one newline unless it is empty.
pub fn text(article: &Article) -> String {
    let body = body(article);
    match &article.metadata.title {
        Some(title) if !body.is_empty() => format!("{}\n\n{body}", clean(title)),
        _ => body,
    }
}

/// The body alone, as [`text`] prints it: blocks separated by blank lines, items of a list, rows of
/// a table and lines of code on lines of their own.
pub fn body(article: &Article) -> String {
    let mut out = String::new();
    let mut previous: Option<Role> = None;
    for block in &article.blocks {
        if let Some(previous) = previous {
            out.push_str(if is_tight(previous, block.role) { "\n" } else { "\n\n" });
        }
        push_block(&mut out, block);
        previous = Some(block.role);
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// YAML between `---` lines: title, url, authors, date, tags, related; what is unknown is left out. An article that is
/// not whole says so (`verdict: truncated`), and so does one that its feed had and not its page (`source: feed`).
pub fn front_matter(metadata: &Metadata, url: Option<&Url>, verdict: Verdict, source: Provenance) -> String {
    let mut out = String::from("---\n");
    if let Some(title) = &metadata.title {
        push_field(&mut out, "title", &yaml(title));
    }
    if let Some(url) = metadata.canonical_url.as_ref().or(url) {
        push_field(&mut out, "url", &yaml(url.as_str()));
    }
    if !metadata.authors.is_empty() {
        out.push_str("authors:\n");
        for author in &metadata.authors {
            out.push_str(&format!("  - {}\n", yaml(author)));
        }
    }
    if let Some(published) = metadata.published {
        let date = published.timestamp.map_or(published.date.to_string(), |moment| moment.to_string());
        push_field(&mut out, "date", &date);
    }
    if let Some(Dateline { place, agency }) = &metadata.dateline {
        place.iter().for_each(|place| push_field(&mut out, "place", &yaml(place)));
        agency.iter().for_each(|agency| push_field(&mut out, "agency", &yaml(agency)));
    }
    if verdict == Verdict::Truncated {
        push_field(&mut out, "verdict", verdict.id());
    }
    if source == Provenance::Feed {
        push_field(&mut out, "source", "feed");
    }
    if !metadata.tags.is_empty() {
        out.push_str("tags:\n");
        for tag in &metadata.tags {
            out.push_str(&format!("  - {}\n", yaml(tag)));
        }
    }
    if !metadata.related.is_empty() {
        out.push_str("related:\n");
        for Link { text, url } in &metadata.related {
            out.push_str(&format!("  - title: {}\n    url: {}\n", yaml(text), yaml(url.as_str())));
        }
    }
    out.push_str("---\n\n");
    out
}

fn push_field(out: &mut String, name: &str, value: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{name}: {value}");
}

/// A YAML double-quoted scalar: the one form in which nothing means anything else.
fn yaml(value: &str) -> String {
    let escaped = clean(value).replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

/// Whether no blank line stands between two blocks.
fn is_tight(before: Role, after: Role) -> bool {
    matches!(
        (before, after),
        (Role::ListItem { .. }, Role::ListItem { .. }) | (Role::Row, Role::Row) | (Role::Code, Role::Code)
    )
}

fn push_block(out: &mut String, block: &ArticleBlock) {
    match block.role {
        Role::Paragraph | Role::Heading { .. } | Role::Caption => out.push_str(&clean(&block.text)),
        Role::ListItem { depth, number } => {
            let indent = "  ".repeat(usize::from(depth.saturating_sub(1)));
            let sign = number.map_or("-".to_owned(), |number| format!("{number}."));
            // Writing to a string cannot fail.
            let _ = write!(out, "{indent}{sign} {}", clean(&block.text));
        }
        Role::Quote => {
            out.push_str("> ");
            out.push_str(&clean(&block.text));
        }
        Role::Code => {
            let lines: Vec<_> = block.text.lines().map(|line| clean_line(line).trim_end().to_owned()).collect();
            out.push_str(&lines.join("\n"));
        }
        Role::Row => {
            let cells: Vec<_> = block.text.split('\t').map(|cell| clean(cell).into_owned()).collect();
            out.push_str(cells.join("\t").trim_end());
        }
    }
}

/// One line without control characters and outer white space.
fn clean(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if text.bytes().any(|byte| byte.is_ascii_control() || byte == 0xc2) && text.contains(char::is_control) {
        Cow::Owned(text.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "))
    } else {
        Cow::Borrowed(text)
    }
}

/// A line of code: tabs stay.
fn clean_line(line: &str) -> String {
    line.chars().filter(|c| !c.is_control() || *c == '\t').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(role: Role, text: &str) -> ArticleBlock {
        ArticleBlock { role, text: text.into() }
    }

    fn article(title: Option<&str>, blocks: Vec<ArticleBlock>) -> Article {
        Article { metadata: Metadata { title: title.map(Into::into), ..Metadata::default() }, blocks }
    }

    #[test]
    fn separates_blocks_by_blank_lines_and_keeps_lists_tables_and_code_together() {
        let item = |depth, number| Role::ListItem { depth, number };
        let blocks = vec![
            block(Role::Paragraph, "First."),
            block(item(1, None), "a"),
            block(item(2, Some(3)), "b"),
            block(Role::Row, "x\t1"),
            block(Role::Row, "y\t"),
            block(Role::Code, "fn a() {\n\tb();  \n}"),
            block(Role::Quote, "Said."),
        ];
        assert_eq!(
            text(&article(Some("Title"), blocks)),
            "Title\n\nFirst.\n\n- a\n  3. b\n\nx\t1\ny\n\nfn a() {\n\tb();\n}\n\n> Said.\n"
        );
    }

    #[test]
    fn an_article_without_a_body_is_empty() {
        assert_eq!(text(&article(Some("Title"), vec![])), "");
    }

    #[test]
    fn control_characters_never_come_through() {
        let blocks = vec![block(Role::Paragraph, "a\u{1b}]52;c\u{7}b")];
        assert_eq!(text(&article(Some("t\nu"), blocks)), "t u\n\na ]52;c b\n");
    }

    #[test]
    fn front_matter_quotes_what_yaml_would_misread() {
        let link = Url::parse("https://news.example/b").unwrap();
        let metadata = Metadata {
            title: Some("\"No\": a\\b".into()),
            authors: vec!["Ann # Lee".into()],
            tags: vec!["a: b".into()],
            related: vec![Link { text: "- c".into(), url: link }],
            ..Metadata::default()
        };
        let url = Url::parse("https://news.example/a").ok();
        assert_eq!(
            front_matter(&metadata, url.as_ref(), Verdict::Article, Provenance::Page),
            "---\ntitle: \"\\\"No\\\": a\\\\b\"\nurl: \"https://news.example/a\"\nauthors:\n  - \"Ann # Lee\"\ntags:\n  - \"a: b\"\n\
             related:\n  - title: \"- c\"\n    url: \"https://news.example/b\"\n---\n\n"
        );
    }

    #[test]
    fn front_matter_says_that_an_article_is_not_whole() {
        let of = |verdict, source| front_matter(&Metadata::default(), None, verdict, source);
        assert_eq!(of(Verdict::Truncated, Provenance::Page), "---\nverdict: truncated\n---\n\n");
        assert_eq!(of(Verdict::Article, Provenance::Feed), "---\nsource: feed\n---\n\n");
        assert_eq!(of(Verdict::Article, Provenance::Page), "---\n---\n\n");
    }
}
