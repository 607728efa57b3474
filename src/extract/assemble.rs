//! Kept blocks to the article's blocks.

use super::Removal;
use super::block::{Block, BlockRole, Blocks, Boilerplate};
use super::decide::Decision;
use super::metadata;
use crate::article::{ArticleBlock, Dateline, Role};

/// The kept blocks in reading order; cells of one row become one block, a row of one cell is text.
pub(crate) fn assemble(blocks: &Blocks, decisions: &[Decision]) -> Vec<ArticleBlock> {
    let mut article: Vec<ArticleBlock> = Vec::new();
    let mut open_row = None;
    for (block, decision) in blocks.blocks.iter().zip(decisions) {
        if *decision != Decision::Keep {
            continue;
        }
        let text = blocks.text(block);
        if let (BlockRole::Cell { row }, Some(last)) = (block.role, article.last_mut())
            && open_row == Some(row)
        {
            last.role = Role::Row;
            last.text.push('\t');
            last.text.push_str(text);
            continue;
        }
        open_row = match block.role {
            BlockRole::Cell { row } => Some(row),
            _ => None,
        };
        article.push(ArticleBlock { role: role(block.role), text: text.to_owned() });
    }
    article
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
        block.text.drain(..found.text_from);
        Removal { kind: Boilerplate::Dateline, rule: "dateline".into(), score: None, text }
    });
    (Some(found.dateline), cut)
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
