//! The text of a block while it is gathered.

use super::sight::is_invisible_character;
use crate::extract::dom::NodeId;
use crate::extract::letters::spaced_run;
use std::ops::Range;

/// Text gathered since the last boundary.
#[derive(Debug, Default)]
pub(super) struct Open {
    pub(super) text: String,
    pub(super) link_chars: u32,
    pub(super) links: u32,
    /// Inline elements that begin before any text: the element, and the length of the text at its
    /// end (`None` while open).
    pub(super) leading: Vec<(NodeId, Option<usize>)>,
    /// The last character is a `br` with nothing after it yet.
    pub(super) after_break: bool,
    /// Links and images in it; their ranges are of the text here.
    pub(super) marks: Vec<(NodeId, Range<usize>)>,
}

impl Open {
    /// Begins anew, in the memory that it has.
    pub(super) fn clear(&mut self) {
        let Self { text, link_chars, links, leading, after_break, marks } = self;
        text.clear();
        leading.clear();
        marks.clear();
        (*link_chars, *links, *after_break) = (0, 0, false);
    }

    /// Adds text, white space and control characters as single spaces, none at the beginning.
    pub(super) fn push(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let is_behind_space = self.text.as_bytes().last().is_none_or(|last| *last == b' ');
            if byte <= b' ' {
                // Between elements stands little else.
                at += bytes[at..].iter().take_while(|byte| **byte <= b' ').count();
                if !is_behind_space {
                    self.text.push(' ');
                }
                continue;
            }
            let run = spaced_run(&bytes[at..], is_behind_space);
            if run > 0 {
                self.text.push_str(&text[at..at + run]);
                self.after_break = false;
                at += run;
                continue;
            }
            let Some(c) = text[at..].chars().next() else { break };
            at += c.len_utf8();
            if c.is_whitespace() || c.is_control() {
                if !is_behind_space {
                    self.text.push(' ');
                }
            } else if !is_invisible_character(c) {
                self.text.push(c);
                self.after_break = false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_is_single_and_what_nobody_sees_goes() {
        let pushed = |pieces: &[&str]| {
            let mut open = Open::default();
            pieces.iter().for_each(|piece| open.push(piece));
            open.text
        };
        assert_eq!(pushed(&["  The ferry  is\n\t late", " again. "]), "The ferry is late again. ");
        assert_eq!(pushed(&["The ferry", " ", " ", "is late"]), "The ferry is late");
        assert_eq!(pushed(&["Fähr\u{ad}boot\u{200b}\u{a0}\u{0}é  ü", "市場\u{3000}a"]), "Fährboot é ü市場 a");
        assert_eq!(
            pushed(&["eight by", " eight  bytes and more than that  "]),
            "eight by eight bytes and more than that "
        );
    }

    #[test]
    fn a_break_lasts_until_something_is_seen() {
        let mut open = Open { text: "a ".into(), after_break: true, ..Open::default() };
        open.push(" \n\u{200b} ");
        assert!(open.after_break);
        open.push(" b");
        assert!(!open.after_break);
    }
}
