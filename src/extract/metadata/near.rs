//! The lines around the headline, where bylines and dates stand that nothing marks.

use super::clean::{collapse, comparable};
use super::markup::{Markup, short_text};
use crate::extract::dom::{Document, NodeId, Tag};

/// Most nodes looked at after the headline.
const NODES_AFTER: usize = 240;

/// Most nodes looked at before it.
const NODES_BEFORE: usize = 40;

/// Longest line that can be a byline or a date, in bytes.
const MAX_LINE_BYTES: usize = 200;

/// How many longer lines may stand between the headline and the byline: a standfirst of two
/// paragraphs. After that the body has begun.
const MAX_LONG_LINES: usize = 2;

/// The short lines after the headline down to the body, then those just before it. Each
/// is the text between two ends of blocks.
pub(super) fn lines(document: &Document<'_>, markup: &Markup<'_>, title: Option<&str>) -> Vec<String> {
    let Some(headline) = headline(document, markup, title) else { return Vec::new() };
    let start = document.after(headline).index();
    let mut lines = collect(document, document.nodes().skip(start).take(NODES_AFTER));
    let before = headline.index().saturating_sub(NODES_BEFORE);
    lines.extend(collect(document, document.nodes().skip(before).take(headline.index() - before)));
    lines
}

/// The heading that is the title, else the first `h1`, else the text that is the title.
fn headline(document: &Document<'_>, markup: &Markup<'_>, title: Option<&str>) -> Option<NodeId> {
    let title = title.map(comparable).filter(|title| !title.is_empty());
    let is_title = |text: &str| {
        title.as_ref().is_some_and(|title| text.len() <= MAX_LINE_BYTES + title.len() && *title == comparable(text))
    };
    let same = markup.h1.iter().find(|(_, text)| is_title(text)).map(|(node, _)| *node);
    let lesser = || markup.subheadings.iter().copied().find(|node| is_title(&short_text(document, *node)));
    let first = || markup.h1.first().map(|(node, _)| *node);
    let plain =
        || document.nodes().find(|node| document.text(*node).is_some_and(is_title) && is_in_body(document, *node));
    same.or_else(lesser).or_else(first).or_else(plain)
}

fn is_in_body(document: &Document<'_>, node: NodeId) -> bool {
    document.ancestors(node).any(|above| document.tag(above) == Some(Tag::Body))
}

fn collect(document: &Document<'_>, nodes: impl Iterator<Item = NodeId>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut long_lines = 0;
    for node in nodes {
        match document.text(node) {
            Some(_) if is_aside(document, node) => {}
            Some(text) => line.push_str(text),
            None if is_inline(document.tag(node)) => line.push(' '),
            None => {
                long_lines += usize::from(push(&mut lines, &mut line));
                if long_lines > MAX_LONG_LINES {
                    return lines;
                }
            }
        }
    }
    push(&mut lines, &mut line);
    lines
}

/// Whether a text stands in a part of the page that has lines of its own. Classes are not asked: a
/// headline's own surroundings are called all sorts of things.
fn is_aside(document: &Document<'_>, node: NodeId) -> bool {
    document.ancestors(node).any(|above| matches!(document.tag(above), Some(Tag::Aside | Tag::Footer | Tag::Nav)))
}

/// Ends a line; whether it was too long to be kept.
fn push(lines: &mut Vec<String>, line: &mut String) -> bool {
    let text = collapse(line);
    line.clear();
    let is_long = text.len() > MAX_LINE_BYTES;
    if !is_long && !text.is_empty() {
        lines.push(text);
    }
    is_long
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
