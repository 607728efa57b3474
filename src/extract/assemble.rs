//! Kept blocks to the article's blocks.

use super::block::{BlockRole, Blocks};
use super::decide::Decision;
use crate::article::{ArticleBlock, Role};

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
