//! Markdown: CommonMark 0.31, with the tables of GitHub's (GFM 4.10).

use super::line::{Piece, Pieces, cells, clean, pieces};
use super::list::{Lists, Step};
use super::{runs, text};
use crate::article::{Article, ArticleBlock, Image, Role};
use std::fmt::Write as _;
use url::Url;

/// The article as Markdown: the title as a heading of the first level, blank line, body. What Markdown would misread is
/// escaped, so that a reader of CommonMark shows the text of [`super::text`]: the same words in the same blocks. Ends
/// with one newline unless it is empty.
///
/// A caption stands in emphasis. A table whose first row does not name its columns has an empty header, since Markdown
/// knows none without; of several rows of names the first is the header. Numbers of items past nine digits, which
/// Markdown does not know, are text behind a bullet.
pub fn markdown(article: &Article) -> String {
    let mut writer = Writer::default();
    if let Some(title) = article.metadata.title.as_deref().filter(|_| !article.blocks.is_empty()) {
        writer.paragraph(&heading(1, &escaped(&clean(title), true)));
    }
    runs(&article.blocks).for_each(|run| writer.push(run));
    if !writer.out.is_empty() {
        writer.out.push('\n');
    }
    writer.out
}

/// The largest number of an item (CommonMark 5.2).
const MOST_NUMBER: u32 = 999_999_999;

#[derive(Debug, Default)]
struct Writer {
    out: String,
    lists: Lists,
    /// Of the open lists, outermost first: the sign of the latest item.
    signs: Vec<Sign>,
}

/// The sign of an item.
#[derive(Debug, Clone, Copy)]
struct Sign {
    /// What stands behind a number; another one begins another list.
    delimiter: char,
    /// With its space: how far what is in the item is indented.
    columns: usize,
}

impl Writer {
    fn push(&mut self, run: &[ArticleBlock]) {
        let Some(first) = run.first() else { return };
        if let Role::ListItem { depth, number } = first.role {
            return self.item(depth, number, first);
        }
        self.lists.close();
        self.signs.clear();
        match first.role {
            Role::Row { is_header, .. } => self.paragraph(&table(run, is_header)),
            Role::Code => {
                let Pieces { before, behind, .. } = pieces(first);
                self.images(&before);
                self.paragraph(&code(run));
                self.images(&behind);
            }
            Role::Quote => {
                let paragraphs: Vec<String> = run.iter().flat_map(quoted).collect();
                self.paragraph(&paragraphs.join("\n>\n"));
            }
            role => {
                let Pieces { before, line, behind } = pieces(first);
                self.images(&before);
                let line = inline(&line, Place::Line);
                match role {
                    Role::Heading { level } => self.paragraph(&heading(level, &line)),
                    Role::Caption if !line.is_empty() => self.paragraph(&format!("*{line}*")),
                    _ => self.paragraph(&line),
                }
                self.images(&behind);
            }
        }
    }

    /// Appends what stands between blank lines.
    fn paragraph(&mut self, lines: &str) {
        if lines.is_empty() {
            return;
        }
        if !self.out.is_empty() {
            self.out.push_str("\n\n");
        }
        self.out.push_str(lines);
    }

    fn images(&mut self, images: &[&Image]) {
        for image in images {
            self.paragraph(&image_of(image));
            if let Some(caption) = image.caption.as_deref().map(clean).filter(|caption| !caption.is_empty()) {
                self.paragraph(&format!("*{}*", escaped(&caption, true)));
            }
        }
    }

    fn item(&mut self, depth: u8, number: Option<u32>, block: &ArticleBlock) {
        let mut line = inline(&pieces(block).line, Place::Line);
        let known = number.filter(|number| *number <= MOST_NUMBER);
        if let Some(foreign) = number.filter(|_| known.is_none()) {
            line.insert_str(0, &format!("{foreign}\\. "));
        }
        let is_first = self.lists.len() == 0;
        let step = self.lists.take(depth, known);
        let delimiter = self.delimiter(step, known);
        self.signs.truncate(self.lists.len() - 1);
        let indent: usize = self.signs.iter().map(|sign| sign.columns).sum();
        let sign = known.map_or("- ".to_owned(), |number| format!("{number}{delimiter} "));
        let columns = sign.len();
        // A list that begins within an item and with another number than 1 would be taken for the item's text (5.2).
        let is_loose = step.goes_on.is_none() && !self.signs.is_empty() && known.is_some_and(|number| number != 1);
        self.out.push_str(match (self.out.is_empty(), is_first || is_loose) {
            (true, _) => "",
            (false, true) => "\n\n",
            (false, false) => "\n",
        });
        // Writing to a string cannot fail.
        let _ = write!(self.out, "{:indent$}{sign}{line}", "");
        self.signs.push(Sign { delimiter, columns });
    }

    /// The list goes on where the number does, else another delimiter begins another one (5.3).
    fn delimiter(&self, step: Step, number: Option<u32>) -> char {
        let latest = self.signs.get(self.lists.len() - 1).map_or('.', |sign| sign.delimiter);
        let goes_on = step.goes_on.is_some_and(|level| level.number.and_then(|latest| latest.checked_add(1)) == number);
        match (step.goes_on.is_some(), goes_on, latest) {
            (true, false, '.') => ')',
            (true, true, latest) => latest,
            _ => '.',
        }
    }
}

fn heading(level: u8, line: &str) -> String {
    let rest = line.trim_end_matches('#');
    let signs = "#".repeat(usize::from(level.clamp(1, 6)));
    if rest.len() < line.len() && rest.ends_with(' ') {
        // They would be taken for the end of the heading (4.2).
        return format!("{signs} {rest}\\{}", &line[rest.len()..]);
    }
    format!("{signs} {line}")
}

/// The paragraphs of a block of a quotation.
fn quoted(block: &ArticleBlock) -> Vec<String> {
    let Pieces { before, line, behind } = pieces(block);
    let images = |images: Vec<_>| images.into_iter().map(|image| format!("> {}", image_of(image))).collect::<Vec<_>>();
    let line = Some(inline(&line, Place::Line)).filter(|line| !line.is_empty()).map(|line| format!("> {line}"));
    images(before).into_iter().chain(line).chain(images(behind)).collect()
}

/// Code between fences that are longer than any run of backticks in it.
fn code(run: &[ArticleBlock]) -> String {
    let lines = run.iter().map(text::words).collect::<Vec<_>>().join("\n");
    let longest = lines.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}\n{lines}\n{fence}")
}

fn table(rows: &[ArticleBlock], has_header: bool) -> String {
    let shown: Vec<Vec<String>> =
        rows.iter().map(|row| cells(row).iter().map(|cell| inline(cell, Place::Cell)).collect()).collect();
    let columns = shown.iter().map(Vec::len).max().unwrap_or(0);
    let line = |cells: &[String]| {
        let cells = (0..columns).map(|at| cells.get(at).map_or("", String::as_str));
        cells.fold("|".to_owned(), |line, cell| if cell.is_empty() { line + "  |" } else { line + " " + cell + " |" })
    };
    let (header, rest) = if has_header { shown.split_at(1) } else { shown.split_at(0) };
    let mut lines = vec![line(header.first().map_or(&[], Vec::as_slice)), "|".to_owned() + &" --- |".repeat(columns)];
    lines.extend(rest.iter().map(|cells| line(cells)));
    lines.join("\n")
}

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At the beginning of a block.
    Line,
    /// In a cell of a table, where `|` means its end.
    Cell,
}

fn inline(pieces: &[Piece<'_>], place: Place) -> String {
    let mut out = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) => {
                out.push_str(&escaped(text, place == Place::Line && at == 0));
                // Before a link it would make an image of it.
                if text.ends_with('!') && matches!(pieces.get(at + 1), Some(Piece::Link(..))) {
                    out.insert(out.len() - 1, '\\');
                }
            }
            Piece::Link(text, url) => out.push_str(&format!("[{}]({})", escaped(text, false), destination(url))),
            Piece::Image(image) => out.push_str(&image_of(image)),
        }
    }
    if place == Place::Cell { out.replace('|', "\\|") } else { out }
}

fn image_of(image: &Image) -> String {
    format!("![{}]({})", escaped(&clean(&image.alt), false), destination(&image.url))
}

/// A link's destination (6.3). URLs have few of these signs: brackets must pair, and the others mean something before
/// links do.
fn destination(url: &Url) -> String {
    let mut out = String::new();
    for (at, c) in url.as_str().char_indices() {
        match c {
            '(' | ')' | '\\' => out.extend(['\\', c]),
            '&' if is_entity(&url.as_str()[at + 1..]) => out.push_str("\\&"),
            ' ' | '<' | '>' | '`' | '"' => out.push_str(&format!("%{:02X}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out
}

/// A text in which nothing means anything but itself; at the beginning of a block (`opens`) that is more.
fn escaped(text: &str, opens: bool) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let opening = if opens { opening_at(text) } else { None };
    let mut before = None;
    for (at, c) in text.char_indices() {
        if opening == Some(at) || is_misread(c, before, &text[at + c.len_utf8()..]) {
            out.push('\\');
        }
        out.push(c);
        before = Some(c);
    }
    out
}

/// Whether a sign in a line would mean something, given what stands around it.
fn is_misread(c: char, before: Option<char>, rest: &str) -> bool {
    let next = rest.chars().next();
    match c {
        '*' | '`' | '[' | ']' | '~' => true,
        // Between letters it emphasises nothing (6.2).
        '_' => !(before.is_some_and(char::is_alphanumeric) && next.is_some_and(char::is_alphanumeric)),
        '\\' => next.is_none_or(|next| next.is_ascii_punctuation()),
        '<' => next.is_none_or(|next| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?')),
        '&' => is_entity(rest),
        _ => false,
    }
}

/// Whether what follows an ampersand makes a character of it (6.2); the longest name has 31 letters.
fn is_entity(rest: &str) -> bool {
    let name = rest.bytes().take(40).take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'#').count();
    name > 0 && rest.as_bytes().get(name) == Some(&b';')
}

/// Where the sign stands that would make something else than a paragraph of a line.
fn opening_at(text: &str) -> Option<usize> {
    let ends = |rest: &str| rest.is_empty() || rest.starts_with(char::is_whitespace);
    let run = |sign| text.len() - text.trim_start_matches(sign).len();
    match text.chars().next()? {
        '#' if run('#') <= 6 && ends(&text[run('#')..]) => Some(0),
        '>' => Some(0),
        '+' | '-' if ends(&text[1..]) => Some(0),
        // A break between sections, or what makes a heading of the line above.
        '-' if text.chars().all(|c| c == '-' || c.is_whitespace()) => Some(0),
        '0'..='9' => {
            let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let is_sign = matches!(text.as_bytes().get(digits), Some(b'.' | b')'));
            (digits <= 9 && is_sign && ends(&text[digits + 1..])).then_some(digits)
        }
        _ => None,
    }
}
