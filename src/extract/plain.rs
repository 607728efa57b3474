//! Cuts a text without markup into blocks: what somebody's scraper left of a page.
//!
//! A line is a block, for that is how such texts are made. Only where the text is hard-wrapped are the
//! lines of a paragraph joined again: a wrapped line ends where its next word would not have fitted,
//! whatever the width, which lines of their own do by chance alone.

use super::block::{Block, BlockRole, Blocks, Line, Region};
use super::dom::{NodeId, Tag};
use super::measure::{Measure, ends_in_sentence, is_spaceless, measure, measure_spaced};
use memchr::{memchr_iter, memchr3, memmem};

/// Most lines accepted; past it a text is [`crate::article::Verdict::Hostile`], as a page past
/// `dom::build::MAX_NODES` is.
const MAX_LINES: usize = 1_000_000;

/// Widths between which texts are wrapped, in characters: 72 and 80 are common, mail goes down to 60.
const WRAP_CHARS: std::ops::RangeInclusive<usize> = 40..=120;

/// Fewest lines that end where their next word would not have fitted, in a text that is wrapped, and the
/// share of them that must break off in the middle of a sentence: a text of short lines of its own has few
/// of the former (one in five by chance) and hardly any of the latter.
const LEAST_FULL: usize = 2;
const BREAKING_OFF: f32 = 0.4;

/// Longest heading, in words and characters.
const HEADING_WORDS: f32 = 14.0;
const HEADING_CHARS: u32 = 100;

/// Most blank lines that are told apart.
const MOST_BLANKS: u8 = 3;

/// The text has more lines than are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooManyLines;

/// Cuts a text.
///
/// # Errors
/// Where it has more than a million lines, or 4 GB.
pub(crate) fn cut(text: &str) -> Result<Blocks, TooManyLines> {
    if u32::try_from(text.len()).is_err() {
        return Err(TooManyLines);
    }
    let raw = raw_lines(text)?;
    let width = wrap_width(&raw);
    let mut cutter = Cutter::new(text.len());
    let mut at = 0;
    while at < raw.len() {
        let mut end = at + 1;
        while width.is_some_and(|width| is_continued(&raw, end - 1, width)) {
            end += 1;
        }
        cutter.push(text, &raw[at..end], bullet_at(&raw, at));
        at = end;
    }
    let mut blocks = cutter.blocks;
    mark_headings(&mut blocks);
    sum_up(&mut blocks);
    Ok(blocks)
}

/// A line that is not blank.
#[derive(Debug, Clone, Copy)]
struct Raw<'a> {
    /// Without white space around it.
    text: &'a str,
    blanks_before: u8,
    /// With what it is indented by.
    indented: &'a str,
}

impl Raw<'_> {
    /// How long it is, in characters; in bytes where it is longer than any that is wrapped.
    fn chars(&self) -> usize {
        if self.indented.len() > 4 * WRAP_CHARS.end() { self.indented.len() } else { self.indented.chars().count() }
    }
}

/// Ends of lines beside the common one.
const OTHER_ENDS: &[char] = &['\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];

fn raw_lines(text: &str) -> Result<Vec<Raw<'_>>, TooManyLines> {
    let mut raw = RawLines { lines: Vec::new(), blanks_before: 0 };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // Few texts have others than the common one; looking for all of them costs more than all else that is done here.
    let has_other_ends = has_other_ends(text.as_bytes());
    let mut start = 0;
    for end in memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
        let line = &text[start..end];
        start = end + 1;
        if has_other_ends {
            line.trim_end_matches('\r').split(OTHER_ENDS).try_for_each(|line| raw.push(line))?;
        } else {
            raw.push(line)?;
        }
    }
    Ok(raw.lines)
}

/// The lines so far, and the blank ones behind them.
struct RawLines<'a> {
    lines: Vec<Raw<'a>>,
    blanks_before: u8,
}

impl<'a> RawLines<'a> {
    fn push(&mut self, line: &'a str) -> Result<(), TooManyLines> {
        let indented = line.trim_end();
        if indented.is_empty() {
            self.blanks_before = (self.blanks_before + 1).min(MOST_BLANKS);
            return Ok(());
        }
        if self.lines.len() == MAX_LINES {
            return Err(TooManyLines);
        }
        let blanks_before = std::mem::take(&mut self.blanks_before);
        self.lines.push(Raw { text: indented.trim_start(), blanks_before, indented });
        Ok(())
    }
}

fn has_other_ends(text: &[u8]) -> bool {
    let beyond_ascii = OTHER_ENDS.iter().filter(|end| !end.is_ascii());
    let mut beyond_ascii = beyond_ascii.map(|end| memmem::find(text, end.encode_utf8(&mut [0; 4]).as_bytes()));
    memchr3(b'\r', b'\x0b', b'\x0c', text).is_some() || beyond_ascii.any(|at| at.is_some())
}

/// The width that the text is wrapped at, if it is.
fn wrap_width(lines: &[Raw<'_>]) -> Option<usize> {
    let mut width = 0;
    // A line of one word may be longer: there was no place to break it.
    for line in lines.iter().filter(|line| line.text.contains(' ')) {
        width = width.max(line.chars());
        if width > *WRAP_CHARS.end() {
            return None;
        }
    }
    Some(width).filter(|width| WRAP_CHARS.contains(width))?;
    let (mut full, mut breaking_off) = (0, 0);
    for at in 0..lines.len() {
        if is_continued(lines, at, width) {
            full += 1;
            breaking_off += usize::from(breaks_off(lines[at].text, lines[at + 1].text));
        }
    }
    let is_wrapped = full >= LEAST_FULL && breaking_off as f32 >= (BREAKING_OFF * full as f32).max(2.0);
    is_wrapped.then_some(width)
}

/// Whether a line goes on in the next: that one's first word would not have fitted.
fn is_continued(lines: &[Raw<'_>], at: usize, width: usize) -> bool {
    let Some(next) = lines.get(at + 1).filter(|next| next.blanks_before == 0) else { return false };
    let first_word = next.text.split_whitespace().next().unwrap_or_default();
    let is_full = lines[at].chars() + 1 + first_word.chars().count() > width;
    is_full && lines[at].text.contains(' ') && bullet_at(lines, at + 1).is_none()
}

/// Whether a sentence stands on both lines.
fn breaks_off(line: &str, next: &str) -> bool {
    !ends_in_sentence(line) && next.chars().find(|c| c.is_alphanumeric()).is_some_and(|c| !c.is_uppercase())
}

/// What an item of a list begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bullet {
    /// `- `, with its length in bytes.
    Dash(usize),
    /// `7. `, with its length in bytes.
    Number(u32, usize),
    /// Another sign, which stays in the text.
    Sign,
}

/// How many lines away the item before or behind a numbered one may begin.
const ITEM_LINES: usize = 8;

/// What the line at a place begins with. A number is one of a list only where the next or the last stands near:
/// "14. Mai" is a date.
fn bullet_at(lines: &[Raw<'_>], at: usize) -> Option<Bullet> {
    let found = bullet(lines[at].text)?;
    let Bullet::Number(number, _) = found else { return Some(found) };
    let near = &lines[at.saturating_sub(ITEM_LINES)..(at + 1 + ITEM_LINES).min(lines.len())];
    let is_beside =
        |line: &Raw<'_>| matches!(bullet(line.text), Some(Bullet::Number(other, _)) if other.abs_diff(number) == 1);
    near.iter().any(is_beside).then_some(found)
}

fn bullet(line: &str) -> Option<Bullet> {
    if line.starts_with("- ") {
        return Some(Bullet::Dash(2));
    }
    let is_sign = |c| matches!(c, '*' | '•' | '·' | '–' | '—' | '‣' | '◦' | '▪' | '■' | '●' | '○' | '+' | '»');
    if line.strip_prefix(is_sign).is_some_and(|rest| rest.starts_with(char::is_whitespace)) {
        return Some(Bullet::Sign);
    }
    let digits = line.bytes().take(3).take_while(u8::is_ascii_digit).count();
    let number = line[..digits].parse().ok().filter(|_| digits < 3 && !line.starts_with('0'))?;
    let rest = &line[digits..];
    if rest.starts_with(") ") {
        return Some(Bullet::Sign);
    }
    rest.starts_with(". ").then_some(Bullet::Number(number, digits + 2))
}

struct Cutter {
    blocks: Blocks,
    /// How many words with a hyphen may still be looked for in the whole text.
    searches_left: u32,
}

impl Cutter {
    fn new(bytes: usize) -> Self {
        let blocks = Blocks { text: String::with_capacity(bytes), ..Blocks::default() };
        Self { blocks, searches_left: MOST_SEARCHES }
    }

    /// Makes one block of the lines of a paragraph.
    fn push(&mut self, whole: &str, lines: &[Raw<'_>], bullet: Option<Bullet>) {
        let Some(first) = lines.first() else { return };
        let (role, skipped) = match bullet {
            Some(Bullet::Dash(length)) => (BlockRole::Item(1, None), length),
            Some(Bullet::Number(number, length)) => (BlockRole::Item(1, Some(number)), length),
            Some(Bullet::Sign) | None => (BlockRole::Paragraph, 0),
        };
        let blocks = &mut self.blocks;
        let start = blocks.text.len();
        let measured = push_spaced(&mut blocks.text, &first.text[skipped..]).filter(|_| lines.len() == 1);
        for line in &lines[1..] {
            join(&mut blocks.text, start, line.text, whole, &mut self.searches_left);
        }
        let block = Block {
            text: start as u32..blocks.text.len() as u32,
            region: 0,
            role,
            measure: measured.unwrap_or_else(|| measure(&blocks.text[start..])),
            link_chars: 0,
            links: 0,
            inline: 0..0,
            is_hidden: false,
        };
        blocks.blocks.push(block);
        blocks.lines.push(Line {
            blanks_before: first.blanks_before,
            joined: lines.len().min(usize::from(u16::MAX)) as u16,
            is_bulleted: bullet.is_some(),
            metadata: None,
        });
    }
}

/// Appends a line with single spaces; gives its measure where it had no others.
fn push_spaced(text: &mut String, line: &str) -> Option<Measure> {
    let (measure, is_spaced_singly) = measure_spaced(line);
    if is_spaced_singly {
        text.push_str(line);
        return Some(measure);
    }
    for (at, word) in line.split_whitespace().enumerate() {
        if at > 0 {
            text.push(' ');
        }
        text.push_str(word);
    }
    None
}

/// Appends the next line of a paragraph that begins at `start`. Scripts without spaces get none, and so do
/// words with a hyphen at the line's end. The hyphen goes where the whole text has the word without it.
fn join(text: &mut String, start: usize, line: &str, whole: &str, searches_left: &mut u32) {
    let (Some(last), Some(first)) = (text.chars().next_back(), line.chars().next()) else { return };
    let stem = text[start..].strip_suffix('-').and_then(|before| before.split_whitespace().next_back());
    let stem = stem.filter(|stem| stem.ends_with(char::is_alphanumeric) && first.is_alphanumeric());
    if let Some(stem) = stem {
        let end = line.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        if LONE_WORDS.contains(&end) {
            text.push(' ');
        } else if first.is_lowercase() && *searches_left > 0 {
            *searches_left -= 1;
            let is_one_word = memmem::find(whole.as_bytes(), format!("{stem}{end}").as_bytes()).is_some();
            text.truncate(text.len() - usize::from(is_one_word));
        }
    } else if !(is_spaceless(last) && is_spaceless(first)) {
        text.push(' ');
    }
    push_spaced(text, line);
}

/// Most words that are looked for in the whole text: each costs a look at all of it.
const MOST_SEARCHES: u32 = 64;

/// Words that stand behind the hyphen of a word cut short ("Vor- und Nachteile").
const LONE_WORDS: &[&str] =
    &["und", "oder", "bis", "sowie", "bzw", "and", "or", "to", "en", "of", "och", "og", "eller"];

/// A short line that ends like no sentence, right before prose and not alone with it, heads that prose.
fn mark_headings(blocks: &mut Blocks) {
    for at in 1..blocks.blocks.len().saturating_sub(1) {
        let is_text = |block: &Block| block.is_prose() && block.measure.sentences > 0;
        let (before, block, next) = (&blocks.blocks[at - 1], &blocks.blocks[at], &blocks.blocks[at + 1]);
        let Measure { words, chars, .. } = block.measure;
        let is_short = (1.0..=HEADING_WORDS).contains(&words) && chars <= HEADING_CHARS;
        let heads = is_text(next) && is_text(before) && block.role == BlockRole::Paragraph && is_short;
        if heads && is_heading_text(blocks.text(block)) {
            blocks.blocks[at].role = BlockRole::Heading(2);
        }
    }
}

fn is_heading_text(text: &str) -> bool {
    let first = text.chars().find(|c| c.is_alphanumeric());
    let opens = first.is_some_and(|first| !first.is_lowercase());
    let is_sentence = ends_in_sentence(text) && !text.ends_with(['?', '？', '؟']);
    opens && !is_sentence && !text.ends_with([',', ':', ';', '，', '：', '；', '"', '”', '»', '’'])
}

fn sum_up(blocks: &mut Blocks) {
    let mut region = Region {
        tag: Tag::Body,
        node: NodeId::ROOT,
        parent: None,
        blocks: 0..blocks.blocks.len(),
        end: 1,
        alike: 1,
        first_alike: 0,
        inputs: 0,
        prose_chars: 0,
        prose_blocks: 0,
        chars: 0,
        link_chars: 0,
    };
    for block in &blocks.blocks {
        region.chars += block.measure.chars;
        if block.is_prose() {
            region.prose_chars += block.measure.chars;
            region.prose_blocks += 1;
        }
    }
    blocks.regions.push(region);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        let blocks = cut(text).unwrap();
        blocks.blocks.iter().map(|block| blocks.text(block).to_owned()).collect()
    }

    fn roles(text: &str) -> Vec<BlockRole> {
        cut(text).unwrap().blocks.iter().map(|block| block.role).collect()
    }

    /// As a scraper wraps at 72 columns, hyphens broken at.
    fn wrapped(paragraph: &str) -> String {
        let mut lines = vec![String::new()];
        let pieces = paragraph.split(' ').flat_map(|word| {
            let glued = word.split_inclusive('-').enumerate();
            glued.map(|(at, piece)| (at > 0, piece)).collect::<Vec<_>>()
        });
        for (is_glued, piece) in pieces {
            let line = lines.last_mut().unwrap();
            let space = usize::from(!is_glued && !line.is_empty());
            if line.chars().count() + space + piece.chars().count() > 72 {
                lines.push(piece.to_owned());
            } else {
                line.push_str(&" ".repeat(space));
                line.push_str(piece);
            }
        }
        lines.join("\n")
    }

    const FERRY: &str = "The ferry between the two islands sails again from Monday, the harbour office said, after its \
                         engine had been repaired for the third time this year by a well-known yard on the mainland, \
                         which charged nothing. Nobody in the office could say why.";
    const TICKETS: &str = "Tickets cost what they cost before, and children travel free as long as they bring a grown-up \
                           who does not, the office said on Thursday. Dogs pay half, and cats are asked to be quiet.";

    #[test]
    fn a_line_is_a_block_and_blank_lines_are_counted() {
        let blocks = cut("\u{feff}One\r\n\r\n\r\n  Two \t words\rThree\u{2028}\n\n\n\n\n\nFour").unwrap();
        let texts: Vec<&str> = blocks.blocks.iter().map(|block| blocks.text(block)).collect();
        assert_eq!(texts, ["One", "Two words", "Three", "Four"]);
        let blanks: Vec<u8> = blocks.lines.iter().map(|line| line.blanks_before).collect();
        assert_eq!(blanks, [0, 2, 0, 3]);
        assert!(cut(" \n\t\n").unwrap().blocks.is_empty());
    }

    #[test]
    fn joins_hard_wrapped_paragraphs_and_nothing_else() {
        let text = format!("Home\nNews\n{}\n{}\nMore\nImprint", wrapped(FERRY), wrapped(TICKETS));
        assert_eq!(texts(&text), ["Home", "News", FERRY, TICKETS, "More", "Imprint"]);
        let spread = format!("{}\n\n{}\n\n- {}", wrapped(FERRY), wrapped(TICKETS), wrapped("One item."));
        assert_eq!(texts(&spread), [FERRY, TICKETS, "One item."]);
    }

    #[test]
    fn lines_of_their_own_stay_apart() {
        let verse = "The harbour sleeps beneath the moon\nAnd all its boats are still\nThe ferry will be leaving soon\n\
                     From underneath the hill\nThe captain counts his crew of one\nAnd whistles to the gull";
        assert_eq!(texts(verse).len(), 6);
        assert_eq!(texts(&format!("{FERRY}\n{TICKETS}\n{FERRY}")).len(), 3);
        assert_eq!(texts("Politics\nCulture\nSport and leisure\nWeather\nTraffic").len(), 5);
    }

    #[test]
    fn hyphens_at_the_end_of_a_line_belong_to_words_cut_short_or_in_two() {
        let joined = |end: &str, line: &str, whole: &str| {
            let mut text = end.to_owned();
            join(&mut text, 0, line, whole, &mut 9);
            text
        };
        assert_eq!(joined("Die Vor-", "und Nachteile", ""), "Die Vor- und Nachteile");
        assert_eq!(joined("the well-", "known yard", ""), "the well-known yard");
        assert_eq!(joined("der Fähr-", "hafen war", "Am Fährhafen"), "der Fährhafen war", "the text has it in one");
        assert_eq!(joined("渡船", "今日", ""), "渡船今日");
        assert_eq!(joined("it –", "they", ""), "it – they");
    }

    #[test]
    fn bullets_that_are_printed_again_are_items_and_others_stay_text() {
        let text = "- one\n2. two\n3. three\n• four\n007. five\n-six\n2024. seven\n14. Mai 2026";
        let item = BlockRole::Item;
        let items = [item(1, None), item(1, Some(2)), item(1, Some(3))];
        assert_eq!(roles(text)[..3], items);
        assert!(roles(text)[3..].iter().all(|role| *role == BlockRole::Paragraph));
        assert_eq!(texts(text)[1..4], ["two", "three", "• four"]);
        assert_eq!(texts(text)[7], "14. Mai 2026", "a date");
    }

    #[test]
    fn a_short_line_between_prose_is_a_heading() {
        let text = format!("Home\n{FERRY}\nWhat it costs\n{TICKETS}\nHe waited.\n{FERRY}");
        assert_eq!(roles(&text)[2], BlockRole::Heading(2));
        assert!(roles(&text).iter().filter(|role| matches!(role, BlockRole::Heading(_))).count() == 1);
    }

    #[test]
    fn a_million_lines_are_the_most() {
        assert_eq!(cut(&"a\n".repeat(MAX_LINES + 1)).unwrap_err(), TooManyLines);
    }
}
