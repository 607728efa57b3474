//! What starts a line of its own on a page, and what is not seen on it.

use crate::extract::dom::{Document, NodeId, Tag};

/// Elements whose start and end end a block (EXTRACTION.md section 5).
pub(super) fn is_block_level(tag: Tag) -> bool {
    use Tag::*;
    matches!(
        tag,
        Address
            | Article
            | Aside
            | Blockquote
            | Body
            | Button
            | Caption
            | Center
            | Dd
            | Details
            | Dialog
            | Dir
            | Div
            | Dl
            | Dt
            | Fieldset
            | Figcaption
            | Figure
            | Footer
            | Form
            | Frameset
            | H1
            | H2
            | H3
            | H4
            | H5
            | H6
            | Header
            | Hgroup
            | Html
            | Label
            | Legend
            | Li
            | Main
            | Menu
            | Nav
            | Noscript
            | Ol
            | P
            | Pre
            | Search
            | Section
            | Summary
            | Table
            | Tbody
            | Td
            | Tfoot
            | Th
            | Thead
            | Tr
            | Ul
            | Xmp
    )
}

/// Hidden from everybody by its own attributes.
pub(super) fn is_invisible(document: &Document, node: NodeId) -> bool {
    document.attributes(node).any(|(name, value)| match name {
        "hidden" => !value.eq_ignore_ascii_case("until-found"),
        "aria-hidden" => value.eq_ignore_ascii_case("true"),
        "style" => {
            let style: String = value.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
            style.contains("display:none") || style.contains("visibility:hidden")
        }
        _ => false,
    })
}

/// Shown to screen readers alone, by the class names that the common style sheets give it.
pub(super) fn is_for_screen_readers(document: &Document, node: NodeId) -> bool {
    const CLASSES: &[&str] = &[
        "sr-only",
        "visually-hidden",
        "visuallyhidden",
        "screen-reader-text",
        "screen-reader-only",
        "sr-text",
        "a11y-hidden",
        "u-visually-hidden",
        "is-visually-hidden",
        "screenreader",
        "assistive-text",
    ];
    document.attribute(node, "class").is_some_and(|classes| {
        classes.split_ascii_whitespace().any(|class| CLASSES.contains(&class.to_ascii_lowercase().as_str()))
    })
}

/// Soft hyphens, zero-width spaces and marks of direction that carry no text. Joiners stay: they
/// shape letters in Persian, Hindi and others.
pub(super) fn is_invisible_character(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{fffc}')
}
