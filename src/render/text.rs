//! Plain text.

use super::line::{clean, clean_code};
use crate::article::{Article, ArticleBlock, Role};
use std::borrow::Cow;
use std::fmt::Write as _;

/// The article as plain text: title, blank line, body. UTF-8 with LF in composed form (NFC, but for code), no trailing
/// spaces, no control characters but tabs between cells and in code; ends with one newline unless it is empty.
pub fn text(article: &Article) -> String {
    let body = body(article);
    match &article.metadata.title {
        Some(title) if !body.is_empty() => format!("{}\n\n{body}", clean(title)),
        _ => body,
    }
}

/// How many bytes stand beside the text of most blocks: a blank line, the sign of an item.
const BESIDE_BLOCK: usize = 4;

/// The body alone, as [`text`] prints it: blocks separated by blank lines, items of a list, rows of
/// a table and lines of code on lines of their own.
pub fn body(article: &Article) -> String {
    let bytes: usize = article.blocks.iter().map(|block| block.text.len() + BESIDE_BLOCK).sum();
    let mut out = String::with_capacity(bytes);
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

/// Whether no blank line stands between two blocks.
fn is_tight(before: Role, after: Role) -> bool {
    matches!(
        (before, after),
        (Role::ListItem { .. }, Role::ListItem { .. })
            | (Role::Row { .. }, Role::Row { .. })
            | (Role::Code, Role::Code)
    )
}

fn push_block(out: &mut String, block: &ArticleBlock) {
    match block.role {
        Role::ListItem { depth, number } => {
            let indent = "  ".repeat(usize::from(depth.saturating_sub(1)));
            let sign = number.map_or("-".to_owned(), |number| format!("{number}."));
            // Writing to a string cannot fail.
            let _ = write!(out, "{indent}{sign} ");
        }
        Role::Quote => out.push_str("> "),
        Role::Paragraph | Role::Heading { .. } | Role::Caption | Role::Code | Role::Row { .. } => {}
    }
    out.push_str(&words(block));
}

/// The text of a block without the sign of what it is.
pub(super) fn words(block: &ArticleBlock) -> Cow<'_, str> {
    match block.role {
        Role::Code => block.text.lines().map(clean_code).collect::<Vec<_>>().join("\n").into(),
        Role::Row { .. } => {
            let cells: Vec<_> = block.text.split('\t').map(clean).collect();
            cells.join("\t").trim_end().to_owned().into()
        }
        _ => clean(&block.text),
    }
}
