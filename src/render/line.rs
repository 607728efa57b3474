//! Pieces of text as they may be shown: without control characters, in Unicode's composed form, and with the links and
//! images that stand in them.

use crate::article::{ArticleBlock, Image, Mark, Role, Span};
use crate::eight::first_from;
use std::borrow::Cow;
use std::ops::Range;
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};
use url::Url;

/// One line without control characters and outer white space, composed (NFC).
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    composed(without_controls(text.trim()))
}

/// A line of code: tabs stay, and characters are what they are.
pub(super) fn clean_code(line: &str) -> String {
    let kept: String = line.chars().filter(|c| !c.is_control() || *c == '\t').collect();
    kept.trim_end().to_owned()
}

fn without_controls(text: &str) -> Cow<'_, str> {
    // No way out at the first of them, so that many bytes are looked at in one.
    let may_be = |byte: u8| byte < b' ' || byte == 0x7f || byte == 0xc2;
    let may_have = text.bytes().fold(false, |found, byte| found | may_be(byte));
    if may_have && text.contains(char::is_control) {
        Cow::Owned(text.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text in Unicode's composed form (UAX 15, NFC): one code for a letter with its marks where there is one.
fn composed(text: Cow<'_, str>) -> Cow<'_, str> {
    if is_surely_composed(&text) || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return text;
    }
    Cow::Owned(text.nfc().collect())
}

/// The first byte of the first character that may melt into the one before (U+0300), in UTF-8.
const FIRST_MARK: u8 = 0xcc;

/// Whether all characters stand for themselves, told without looking into Unicode's tables; only those are looked at that
/// do not lie below all marks.
fn is_surely_composed(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = first_from::<FIRST_MARK>(rest.as_bytes()) {
        let mut chars = rest[at..].chars();
        if !chars.next().is_some_and(stands_for_itself) {
            return false;
        }
        rest = chars.as_str();
    }
    true
}

/// Letters and signs that stand for themselves and never melt into the one before: most of most texts, told without
/// looking into Unicode's tables.
fn stands_for_itself(c: char) -> bool {
    matches!(c, '\0'..='\u{2ff}' | '\u{400}'..='\u{482}' | '\u{2010}'..='\u{2027}' | '\u{20a0}'..='\u{20c0}'
        | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// A piece of a block.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(Cow<'a, str>),
    Link(Cow<'a, str>, &'a Url),
    Image(&'a Image),
}

/// A block's pieces, and the images that stand apart from it.
#[derive(Debug, Default)]
pub(super) struct Pieces<'a> {
    pub(super) before: Vec<&'a Image>,
    pub(super) line: Vec<Piece<'a>>,
    pub(super) behind: Vec<&'a Image>,
}

/// The pieces of a block that is no row. Images at its start and its end stand apart, but for those of an item, which
/// would end its list.
pub(super) fn pieces(block: &ArticleBlock) -> Pieces<'_> {
    let mut pieces = Pieces { line: line(block, 0..block.text.len()), ..Pieces::default() };
    if matches!(block.role, Role::ListItem { .. }) {
        return pieces;
    }
    let is_text = |piece: &Piece<'_>| !matches!(piece, Piece::Image(_));
    let first = pieces.line.iter().position(is_text).unwrap_or(pieces.line.len());
    let end = pieces.line.iter().rposition(is_text).map_or(first, |last| last + 1);
    pieces.behind = images(pieces.line.split_off(end));
    let line = pieces.line.split_off(first);
    pieces.before = images(std::mem::replace(&mut pieces.line, line));
    pieces
}

fn images(pieces: Vec<Piece<'_>>) -> Vec<&Image> {
    let image = |piece| match piece {
        Piece::Image(image) => Some(image),
        Piece::Text(_) | Piece::Link(..) => None,
    };
    pieces.into_iter().filter_map(image).collect()
}

/// Takes the images at the start of the first item of a list, or of the first row of a table: they stand before it.
pub(super) fn take_leading<'a>(line: &mut Vec<Piece<'a>>) -> Vec<&'a Image> {
    let end = line.iter().position(|piece| !matches!(piece, Piece::Image(_))).unwrap_or(line.len());
    images(line.drain(..end).collect())
}

/// The cells of a row.
pub(super) fn cells(block: &ArticleBlock) -> Vec<Vec<Piece<'_>>> {
    let mut from = 0;
    let cell = |cell: &str| {
        let range = from..from + cell.len();
        from = range.end + 1;
        line(block, range)
    };
    block.text.split('\t').map(cell).collect()
}

/// The pieces of a part of a block; the outer white space is no part of it.
fn line(block: &ArticleBlock, range: Range<usize>) -> Vec<Piece<'_>> {
    let text = &block.text[range.clone()];
    let here = |span: &&Span| span.range.start >= range.start && span.range.end <= range.end;
    let mut spans = block.spans.iter().filter(here).peekable();
    if spans.peek().is_none() {
        let text = clean(text);
        return if text.is_empty() { Vec::new() } else { vec![Piece::Text(text)] };
    }
    let mut at = range.start + (text.len() - text.trim_start().len());
    let end = range.end - (text.len() - text.trim_end().len());
    let mut pieces = Vec::new();
    for span in spans {
        let (start, span_end) = (span.range.start.max(at), span.range.end.min(end));
        push_text(&mut pieces, block, at..start.min(end));
        at = start.min(end).max(at);
        match &span.mark {
            Mark::Image(image) => pieces.push(Piece::Image(image)),
            Mark::Link(url) if start < span_end && span.range.start == start => {
                pieces.push(Piece::Link(piece(block, start..span_end), url));
                at = span_end;
            }
            // Within another one, or around nothing.
            Mark::Link(_) => {}
        }
    }
    push_text(&mut pieces, block, at..end);
    pieces
}

fn push_text<'a>(pieces: &mut Vec<Piece<'a>>, block: &'a ArticleBlock, range: Range<usize>) {
    if range.start < range.end {
        pieces.push(Piece::Text(piece(block, range)));
    }
}

fn piece(block: &ArticleBlock, range: Range<usize>) -> Cow<'_, str> {
    composed(without_controls(block.text.get(range).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_their_marks_are_one_and_what_has_no_such_form_stays() {
        assert_eq!(clean("Cafe\u{301} o\u{323}\u{302}"), "Café ộ");
        assert_eq!(clean("\u{1112}\u{1161}\u{11ab}"), "한");
        for text in ["plain", "Ärger – „so“", "Київ", "東京がら", "שָׁלוֹם \u{200f}!", "\u{202b}سلام\u{202c}"]
        {
            let expected: String = text.nfc().collect();
            assert_eq!(clean(text), expected, "{text}");
        }
    }

    #[test]
    fn every_letter_called_composed_is() {
        for c in ('\0'..=char::MAX).filter(|c| stands_for_itself(*c)) {
            assert_eq!(is_nfc_quick([c].into_iter()), IsNormalized::Yes, "{c:?}");
            assert_eq!(unicode_normalization::char::canonical_combining_class(c), 0, "{c:?}");
        }
    }

    #[test]
    fn links_within_links_and_around_nothing_are_text() {
        let url = Url::parse("https://a.example/").unwrap();
        let link = |range| Span { range, mark: Mark::Link(url.clone()) };
        let spans = vec![link(0..3), link(1..2), link(4..4), link(4..9)];
        let block = ArticleBlock { spans, ..ArticleBlock::new(Role::Paragraph, "one two  ") };
        let expected = [Piece::Link("one".into(), &url), Piece::Text(" ".into()), Piece::Link("two".into(), &url)];
        assert_eq!(pieces(&block).line, expected);
    }
}
