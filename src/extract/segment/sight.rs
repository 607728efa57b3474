//! What starts a line of its own on a page, and what is not seen on it.

use crate::extract::dom::{Attr, Document, NodeId, Tag};
use crate::extract::word_list::WordList;

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
pub(super) fn is_invisible(document: &Document<'_>, node: NodeId) -> bool {
    document.known_attributes(node).any(|(attr, value)| match attr {
        Attr::Hidden => !value.eq_ignore_ascii_case("until-found"),
        Attr::AriaHidden => value.eq_ignore_ascii_case("true"),
        Attr::Style => states(value, "display:none") || states(value, "visibility:hidden"),
        _ => false,
    })
}

/// Whether a style states a declaration, in whatever case and with whatever white space.
fn states(style: &str, declaration: &str) -> bool {
    let first = declaration.as_bytes()[0];
    let starts = style.bytes().enumerate().filter(|(_, byte)| byte.eq_ignore_ascii_case(&first));
    starts.into_iter().any(|(start, _)| {
        let mut letters = style[start..].chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_lowercase());
        declaration.chars().all(|letter| letters.next() == Some(letter))
    })
}

/// Class names that the common style sheets give to what is for screen readers alone.
static SCREEN_READER_CLASSES: WordList = WordList::new(&[
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
]);

/// Whether an element of these classes is shown to screen readers alone.
pub(super) fn is_for_screen_readers(classes: &str) -> bool {
    SCREEN_READER_CLASSES.has_one_of(classes)
}

/// Soft hyphens, zero-width spaces and marks of direction that carry no text. Joiners stay: they
/// shape letters in Persian, Hindi and others.
pub(super) fn is_invisible_character(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{fffc}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_hides_in_any_spelling() {
        for style in ["display:none", "color: red; DISPLAY :\u{a0}None !important", "d dis play: none"] {
            assert!(states(style, "display:none"), "{style}");
        }
        for style in ["", "display", "display:block", "é: none", "dis;play:none"] {
            assert!(!states(style, "display:none"), "{style}");
        }
    }
}
