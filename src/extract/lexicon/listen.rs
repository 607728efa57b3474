//! A page's blocks as the phrases see them: each folded once, and searched once, when somebody asks. And what the words
//! of its elements say: most have the classes of others.

use super::fold::{Folded, fold_onto};
use super::phrases::Hit;
use super::words::{Said, Words};
use super::{Lexicon, PhraseHit, Wanted, WordHit};
use crate::extract::block::{BlockId, Blocks};
use crate::extract::fnv::FastMap;
use std::cell::{OnceCell, RefCell};

/// What was asked of the blocks and elements of one page.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    folded: OnceCell<FoldedTexts>,
    phrases: OnceCell<BlockPhrases>,
    words: RefCell<Sayings>,
    hints: RefCell<Sayings>,
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

    /// The kinds that an element's words name, in the order of the words.
    ///
    /// `values`: of the attributes by which the element is named, in their order. `a-b` in the data are neighbours in
    /// one name of a value. A word that stands under `not` takes back all hits of its kind.
    pub(crate) fn words<'l, 'v>(
        &self,
        lexicon: &'l Lexicon,
        values: impl Iterator<Item = &'v str>,
    ) -> Vec<WordHit<'l>> {
        self.words.borrow_mut().hits(&lexicon.words, values)
    }

    /// The kinds that an element's words hint at, where it is known that what stands in it was left out.
    pub(crate) fn hints<'l, 'v>(
        &self,
        lexicon: &'l Lexicon,
        values: impl Iterator<Item = &'v str>,
    ) -> Vec<WordHit<'l>> {
        self.hints.borrow_mut().hits(&lexicon.hints, values)
    }

    fn texts(&self, blocks: &Blocks) -> &FoldedTexts {
        self.folded.get_or_init(|| FoldedTexts::of(blocks))
    }
}

/// Most values that are remembered of a page, and most bytes of each: hostile pages have millions, all different.
const REMEMBERED_VALUES: usize = 1 << 16;
const REMEMBERED_BYTES: usize = 512;

/// What the values of attributes say, by value.
#[derive(Debug, Default)]
struct Sayings(FastMap<Box<str>, Said>);

impl Sayings {
    fn hits<'l, 'v>(&mut self, words: &'l Words, values: impl Iterator<Item = &'v str>) -> Vec<WordHit<'l>> {
        let mut said = Said::default();
        values.for_each(|value| self.add(words, value, &mut said));
        words.hits(&said)
    }

    fn add(&mut self, words: &Words, value: &str, said: &mut Said) {
        if let Some(known) = self.0.get(value) {
            said.add(known);
            return;
        }
        let read = words.read(value);
        said.add(&read);
        if value.len() <= REMEMBERED_BYTES && self.0.len() < REMEMBERED_VALUES {
            self.0.insert(value.into(), read);
        }
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
        let mut wanted = Wanted::of(self.own(language));
        let mut found = BlockPhrases::default();
        for (id, block) in blocks.blocks.iter().enumerate() {
            let text = blocks.text(block);
            if let Some(chars) = self.short_chars(text) {
                self.search(&Folded::again(text, folded.block(id)), chars, true, &mut wanted, &mut found.hits);
            }
            found.ends.push(found.hits.len() as u32);
        }
        found
    }
}
