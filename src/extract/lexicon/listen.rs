//! A page's blocks as the phrases see them: each folded once, and searched once, when somebody asks.

use super::fold::{Folded, fold_onto};
use super::phrases::Hit;
use super::{Lexicon, PhraseHit};
use crate::extract::block::{BlockId, Blocks};
use std::cell::OnceCell;

/// What was asked of the blocks of one page.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    folded: OnceCell<FoldedTexts>,
    phrases: OnceCell<BlockPhrases>,
}

impl Memo {
    /// A block's text, folded ([`super::fold`]).
    pub(crate) fn folded(&self, blocks: &Blocks, id: BlockId) -> &str {
        self.texts(blocks).block(id)
    }

    /// What [`Lexicon::phrases`] says of a block as of a heading.
    pub(crate) fn phrases<'l>(
        &self,
        blocks: &Blocks,
        lexicon: &'l Lexicon,
        language: Option<&str>,
        id: BlockId,
    ) -> impl Iterator<Item = PhraseHit<'l>> + use<'_, 'l> {
        let found = self.phrases.get_or_init(|| lexicon.listen(blocks, self.texts(blocks), language));
        found.block(id).iter().map(|hit| lexicon.told(*hit))
    }

    fn texts(&self, blocks: &Blocks) -> &FoldedTexts {
        self.folded.get_or_init(|| FoldedTexts::of(blocks))
    }
}

/// The folded texts of all blocks.
#[derive(Debug)]
struct FoldedTexts {
    text: String,
    ends: Vec<u32>,
}

impl FoldedTexts {
    /// Folds the texts of a page.
    fn of(blocks: &Blocks) -> Self {
        let mut folded = Self { text: String::with_capacity(blocks.text.len()), ends: Vec::new() };
        for block in &blocks.blocks {
            fold_onto(blocks.text(block), &mut folded.text);
            folded.ends.push(folded.text.len() as u32);
        }
        folded
    }

    /// The folded text of a block.
    fn block(&self, id: BlockId) -> &str {
        &self.text[start(&self.ends, id)..self.ends[id] as usize]
    }
}

/// The phrases in all blocks.
#[derive(Debug, Default)]
struct BlockPhrases {
    hits: Vec<Hit>,
    ends: Vec<u32>,
}

impl BlockPhrases {
    fn block(&self, id: BlockId) -> &[Hit] {
        &self.hits[start(&self.ends, id)..self.ends[id] as usize]
    }
}

fn start(ends: &[u32], id: BlockId) -> usize {
    id.checked_sub(1).map_or(0, |before| ends[before] as usize)
}

impl Lexicon {
    /// The phrases in all blocks of a page; `folded` are their texts.
    fn listen(&self, blocks: &Blocks, folded: &FoldedTexts, language: Option<&str>) -> BlockPhrases {
        let own = self.own(language);
        let mut found = BlockPhrases::default();
        for (id, block) in blocks.blocks.iter().enumerate() {
            let text = blocks.text(block);
            if let Some(chars) = self.short_chars(text) {
                self.search(&Folded::again(text, folded.block(id)), chars, true, own, &mut found.hits);
            }
            found.ends.push(found.hits.len() as u32);
        }
        found
    }
}
