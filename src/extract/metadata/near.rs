//! The lines around the headline, where bylines and dates stand that nothing marks.

use super::clean::collapse;
use super::markup::Markup;
use crate::extract::dom::{Document, NodeId, Tag};

/// Most nodes looked at after the headline.
const NODES_AFTER: usize = 160;

/// Most nodes looked at before it.
const NODES_BEFORE: usize = 40;

/// Longest line that can be a byline or a date, in bytes; the first longer one is the body and
/// ends the neighbourhood.
const MAX_LINE_BYTES: usize = 200;

/// The short lines after the headline down to the first long one, then those just before it. Each
/// is the text between two ends of blocks.
pub(super) fn lines(document: &Document, markup: &Markup<'_>, title: Option<&str>) -> Vec<String> {
    let Some(headline) = headline(markup, title) else { return Vec::new() };
    let start = document.after(headline).index();
    let mut lines = collect(document, document.nodes().skip(start).take(NODES_AFTER), true);
    let before = headline.index().saturating_sub(NODES_BEFORE);
    lines.extend(collect(document, document.nodes().skip(before).take(headline.index() - before), false));
    lines
}

/// The `h1` that is the title, else the first.
fn headline(markup: &Markup<'_>, title: Option<&str>) -> Option<NodeId> {
    let same = markup.h1.iter().find(|(_, text)| title.is_some_and(|title| title == text));
    same.or_else(|| markup.h1.first()).map(|(node, _)| *node)
}

fn collect(document: &Document, nodes: impl Iterator<Item = NodeId>, stops: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for node in nodes {
        match document.text(node) {
            Some(text) => line.push_str(text),
            None if is_inline(document.tag(node)) => line.push(' '),
            None => push(&mut lines, &mut line),
        }
        if stops && line.len() > MAX_LINE_BYTES && collapse(&line).len() > MAX_LINE_BYTES {
            return lines;
        }
    }
    push(&mut lines, &mut line);
    lines
}

fn push(lines: &mut Vec<String>, line: &mut String) {
    let text = collapse(line);
    line.clear();
    if !text.is_empty() && text.len() <= MAX_LINE_BYTES {
        lines.push(text);
    }
}

fn is_inline(tag: Option<Tag>) -> bool {
    matches!(
        tag,
        Some(
            Tag::A
                | Tag::Abbr
                | Tag::Address
                | Tag::B
                | Tag::Cite
                | Tag::Em
                | Tag::Font
                | Tag::I
                | Tag::Img
                | Tag::Small
                | Tag::Span
                | Tag::Strong
                | Tag::Sup
                | Tag::Time
                | Tag::U
                | Tag::Wbr
        )
    )
}
