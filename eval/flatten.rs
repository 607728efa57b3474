//! Pages made texts without markup, in the ways in which scrapers, archives and search dumps do it. What
//! comes out is lines and nothing else; what is invisible on the page is not in it.
//!
//! Shared by the examples `evaluate` and `features`.

use gleaner::extract::{Shown, ShownLine};

/// One way to flatten a page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Way {
    /// Only the lines of the element that a simple scraper takes for the article.
    pub(crate) container_only: bool,
    /// A blank line between any two blocks.
    pub(crate) is_spaced: bool,
    /// Lines are broken at this many columns.
    pub(crate) wrap: Option<usize>,
    /// What items of lists begin with.
    pub(crate) bullet: &'static str,
    /// The document's title as the first line, as in WET files.
    pub(crate) is_titled: bool,
    /// The cells of a table row on one line.
    pub(crate) joins_rows: bool,
}

impl Way {
    /// All visible lines, one a block: what the shared corpora are measured on, and what BeautifulSoup's
    /// `get_text("\n")` and WET files come close to.
    pub(crate) const LINES: Self =
        Self { container_only: false, is_spaced: false, wrap: None, bullet: "", is_titled: false, joins_rows: false };

    /// A way by a number, so that the pages of a corpus are spread over the ways.
    pub(crate) fn numbered(number: u32) -> Self {
        let is = |bit: u32| number >> bit & 1 == 1;
        Self {
            container_only: number.is_multiple_of(3),
            is_spaced: is(2),
            wrap: (number / 8).is_multiple_of(3).then_some(72),
            bullet: ["", "- ", "* ", "• "][(number >> 5 & 3) as usize],
            is_titled: is(7),
            joins_rows: is(8),
        }
    }

    /// The text that a scraper of this sort would have stored.
    pub(crate) fn flatten(self, shown: &Shown) -> String {
        let title = shown.title.as_ref().filter(|_| self.is_titled).cloned();
        let mut blocks: Vec<String> = title.into_iter().collect();
        let mut open_row = None;
        for line in shown.lines.iter().filter(|line| line.in_container || !self.container_only) {
            let is_same_row = line.row.is_some() && line.row == open_row;
            open_row = line.row;
            match blocks.last_mut() {
                Some(row) if self.joins_rows && is_same_row => *row = format!("{row} {}", line.text),
                _ => blocks.push(self.block(line)),
            }
        }
        if let Some(columns) = self.wrap {
            blocks = blocks.iter().map(|block| wrapped(block, columns)).collect();
        }
        blocks.join(if self.is_spaced { "\n\n" } else { "\n" })
    }

    fn block(self, line: &ShownLine) -> String {
        // Code keeps its lines on the page, and in what is made of it.
        if line.is_item { format!("{}{}", self.bullet, line.text) } else { line.text.clone() }
    }
}

/// A block broken at `columns` characters, at spaces alone.
fn wrapped(block: &str, columns: usize) -> String {
    block.lines().map(|line| wrapped_line(line, columns)).collect::<Vec<_>>().join("\n")
}

fn wrapped_line(line: &str, columns: usize) -> String {
    let (mut text, mut width) = (String::new(), 0);
    for word in line.split_whitespace() {
        let chars = word.chars().count();
        if width > 0 && width + 1 + chars > columns {
            text.push('\n');
            width = 0;
        } else if width > 0 {
            text.push(' ');
            width += 1;
        }
        text.push_str(word);
        width += chars;
    }
    text
}
