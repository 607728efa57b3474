//! Kept blocks to the article's blocks.

use super::Removal;
use super::block::{Block, BlockId, BlockRole, Blocks, Boilerplate, RegionId};
use super::decide::Decision;
use super::dom::{Document, NodeId, Tag};
use super::metadata;
use crate::article::{ArticleBlock, Dateline, Mark, Role, Span};

/// The kept blocks in reading order, with the `spans` of each; cells of one row become one block, a row of one cell is
/// text.
pub(crate) fn assemble(
    document: &Document<'_>,
    blocks: &Blocks,
    decisions: &[Decision],
    spans: Vec<(BlockId, Span)>,
) -> Vec<ArticleBlock> {
    let mut assembler = Assembler { document, blocks, article: Vec::new(), row: None, table: None };
    let mut spans = spans.into_iter().peekable();
    for (id, decision) in decisions.iter().enumerate() {
        if *decision == Decision::Keep {
            let mut own = Vec::new();
            while let Some((_, span)) = spans.next_if(|(block, _)| *block <= id) {
                own.push(span);
            }
            assembler.push(&blocks.blocks[id], own);
        }
    }
    assembler.article
}

struct Assembler<'a> {
    document: &'a Document<'a>,
    blocks: &'a Blocks,
    article: Vec<ArticleBlock>,
    /// The row that the last block is of.
    row: Option<OpenRow>,
    /// The table of the last row of several cells.
    table: Option<RegionId>,
}

impl Assembler<'_> {
    fn push(&mut self, block: &Block, spans: Vec<Span>) {
        let piece = ArticleBlock { role: role(block.role), text: self.blocks.text(block).to_owned(), spans };
        let BlockRole::Cell { row } = block.role else {
            self.row = None;
            self.article.push(piece);
            return;
        };
        let cell = self.blocks.regions.get(block.region);
        let names = cell.is_some_and(|cell| cell.tag == Tag::Th) || self.is_in_head(row);
        match (&mut self.row, self.article.last_mut()) {
            (Some(open), Some(last)) if open.row == row => {
                let gap = open.move_to(self.document, self.blocks, block.region);
                if gap == 0 {
                    join(last, " ", piece);
                    return;
                }
                let (opens_table, was_header) = match last.role {
                    Role::Row { is_header, opens_table } => (opens_table, is_header),
                    _ => {
                        indent(last, open.first);
                        let table = table_of(self.blocks, row);
                        (std::mem::replace(&mut self.table, table) != table || table.is_none(), open.names)
                    }
                };
                last.role = Role::Row { is_header: was_header && names, opens_table };
                join(last, &"\t".repeat(gap), piece);
            }
            _ => self.begin_row(row, block, piece, names),
        }
    }

    /// The first cell of a row. One that spans columns, or has empty cells beside it, goes on with the table above it.
    fn begin_row(&mut self, row: RegionId, block: &Block, mut piece: ArticleBlock, names: bool) {
        let mut open = OpenRow { row, cell: None, at: 0, next: row + 1, column: 0, first: 0, names };
        open.first = open.move_to(self.document, self.blocks, block.region);
        let is_below_row = self.article.last().is_some_and(|last| matches!(last.role, Role::Row { .. }));
        let table = table_of(self.blocks, row).filter(|_| is_below_row && !block.is_prose());
        if table.is_some() && table == self.table && width(self.document, self.blocks, row) > 1 {
            indent(&mut piece, open.first);
            piece.role = Role::Row { is_header: false, opens_table: false };
        }
        self.row = Some(open);
        self.article.push(piece);
    }

    fn is_in_head(&self, row: RegionId) -> bool {
        let parent = self.blocks.regions.get(row).and_then(|row| row.parent);
        parent.is_some_and(|parent| self.blocks.regions[parent].tag == Tag::Thead)
    }
}

/// A row whose cells are being gathered.
struct OpenRow {
    row: RegionId,
    /// The latest cell.
    cell: Option<RegionId>,
    /// Its column, from 0.
    at: usize,
    /// The first region in the row that was not looked at.
    next: RegionId,
    /// The column of that.
    column: usize,
    /// The column of the first cell.
    first: usize,
    /// Whether the first cell names its column.
    names: bool,
}

impl OpenRow {
    /// Goes on to a cell; gives how many columns that is away from the latest one, none where it is the same. Cells
    /// without text have columns too.
    fn move_to(&mut self, document: &Document<'_>, blocks: &Blocks, cell: RegionId) -> usize {
        if self.cell == Some(cell) {
            return 0;
        }
        while self.next < cell {
            let region = &blocks.regions[self.next];
            if matches!(region.tag, Tag::Td | Tag::Th) {
                self.column += columns(document, region.node);
            }
            self.next = region.end;
        }
        let column = self.column;
        if self.next == cell {
            self.column += columns(document, blocks.regions[cell].node);
            self.next = blocks.regions[cell].end;
        }
        self.cell = Some(cell);
        column - std::mem::replace(&mut self.at, column)
    }
}

/// The most columns that one cell may span; sheets that make a page of a table go to hundreds.
const MOST_COLUMNS: usize = 50;

fn columns(document: &Document<'_>, cell: NodeId) -> usize {
    let stated = document.attribute_named(cell, "colspan").and_then(|stated| stated.trim().parse().ok());
    stated.unwrap_or(1).clamp(1, MOST_COLUMNS)
}

/// How many columns the cells of a row take.
fn width(document: &Document<'_>, blocks: &Blocks, row: RegionId) -> usize {
    let end = blocks.regions[row].end;
    let first = Some(row + 1).filter(|first| *first < end);
    let cells = std::iter::successors(first, |cell| Some(blocks.regions[*cell].end).filter(|next| *next < end));
    cells.map(|cell| columns(document, blocks.regions[cell].node)).sum()
}

fn table_of(blocks: &Blocks, row: RegionId) -> Option<RegionId> {
    blocks.around(row).find(|region| blocks.regions[*region].tag == Tag::Table)
}

/// Puts empty cells before a row.
fn indent(row: &mut ArticleBlock, cells: usize) {
    let rest = std::mem::replace(row, ArticleBlock::new(row.role, "\t".repeat(cells)));
    join(row, "", rest);
}

/// Appends a block to another one, with what stands between them.
fn join(block: &mut ArticleBlock, between: &str, other: ArticleBlock) {
    block.text.push_str(between);
    let start = block.text.len();
    let moved = |span: Span| Span { range: span.range.start + start..span.range.end + start, ..span };
    block.text.push_str(&other.text);
    block.spans.extend(other.spans.into_iter().map(moved));
}

/// How many first blocks are looked at for the paragraph that a dateline begins: a standfirst may stand before it.
const DATELINE_REACH: usize = 3;

/// The dateline of a body; where it `is_dropped` it goes from the text, with the record of that.
pub(crate) fn dateline(body: &mut [ArticleBlock], is_dropped: bool) -> (Option<Dateline>, Option<Removal>) {
    let paragraphs = body.iter_mut().take(DATELINE_REACH).filter(|block| block.role == Role::Paragraph);
    let mut found = paragraphs.filter_map(|block| Some((metadata::dateline(&block.text)?, block)));
    let Some((found, block)) = found.next() else { return (None, None) };
    let cut = is_dropped.then(|| {
        let text = block.text[..found.end].to_owned();
        cut_front(block, found.text_from);
        Removal { kind: Boilerplate::Dateline, rule: "dateline".into(), score: None, text }
    });
    (Some(found.dateline), cut)
}

/// Takes the first bytes from a block, with the links in them.
fn cut_front(block: &mut ArticleBlock, bytes: usize) {
    block.text.drain(..bytes);
    let left = |span: Span| {
        let range = span.range.start.saturating_sub(bytes)..span.range.end.saturating_sub(bytes);
        (matches!(span.mark, Mark::Image(_)) || !range.is_empty()).then_some(Span { range, ..span })
    };
    block.spans = std::mem::take(&mut block.spans).into_iter().filter_map(left).collect();
}

/// How many blocks were left out before the kept one that begins with what was cut from it.
pub(crate) fn removed_before(blocks: &Blocks, decisions: &[Decision], cut: &Removal) -> usize {
    let is_it = |(block, decision): (&Block, &Decision)| {
        *decision == Decision::Keep && blocks.text(block).starts_with(cut.text.as_str())
    };
    let at = blocks.blocks.iter().zip(decisions).position(is_it).unwrap_or(decisions.len());
    decisions[..at].iter().filter(|decision| **decision != Decision::Keep).count()
}

fn role(role: BlockRole) -> Role {
    match role {
        BlockRole::Paragraph | BlockRole::Cell { .. } => Role::Paragraph,
        BlockRole::Heading(level) => Role::Heading { level },
        BlockRole::Item(depth, number) => Role::ListItem { depth, number },
        BlockRole::Quote => Role::Quote,
        BlockRole::Code => Role::Code,
        BlockRole::Caption => Role::Caption,
    }
}
