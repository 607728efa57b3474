//! A page's blocks as the phrases see them: each folded once, and searched once, when somebody asks. And what the words
//! of its elements say: most have the classes of others.

use super::fold::{Folded, fold_onto};
use super::phrases::Hit;
use super::words::{Said, Words};
use super::{Lexicon, PhraseHit, Wanted, WordHit};
use crate::extract::block::{BlockId, Blocks};
use crate::extract::dom::{Telling, ValueId};
use crate::extract::fnv::FastMap;
use std::cell::{OnceCell, RefCell};
use std::ops::Range;
use std::rc::Rc;

/// What was asked of the blocks and elements of one page.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    originals: OnceCell<Vec<BlockId>>,
    folded: OnceCell<FoldedTexts>,
    phrases: OnceCell<BlockPhrases>,
    words: RefCell<Sayings>,
    hints: RefCell<Sayings>,
    /// By family and number of a word or phrase.
    rules: RefCell<FastMap<(&'static str, u32), Rc<str>>>,
}

impl Memo {
    /// The name of a rule, `family:detail`, which everything shares of which it speaks. `number`: which word or phrase
    /// it goes by.
    pub(crate) fn rule(&self, family: &'static str, number: u32, detail: impl FnOnce() -> String) -> Rc<str> {
        let mut rules = self.rules.borrow_mut();
        let rule = rules.entry((family, number)).or_insert_with(|| format!("{family}:{}", detail()).into());
        Rc::clone(rule)
    }

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
        let found =
            self.phrases.get_or_init(|| lexicon.listen(blocks, self.originals(blocks), self.texts(blocks), language));
        found.block(id).iter().map(|hit| lexicon.told(*hit))
    }

    /// The kinds that an element's words name, in the order of the words.
    ///
    /// `values`: of the attributes by which the element is named, in their order. `a-b` in the data are neighbours in
    /// one name of a value. A word that stands under `not` takes back all hits of its kind.
    pub(crate) fn words<'l, 'v>(
        &self,
        lexicon: &'l Lexicon,
        values: impl Iterator<Item = Telling<'v>>,
    ) -> Vec<WordHit<'l>> {
        self.words.borrow_mut().hits(&lexicon.words, values)
    }

    /// The kinds that an element's words hint at, where it is known that what stands in it was left out.
    pub(crate) fn hints<'l, 'v>(
        &self,
        lexicon: &'l Lexicon,
        values: impl Iterator<Item = Telling<'v>>,
    ) -> Vec<WordHit<'l>> {
        self.hints.borrow_mut().hits(&lexicon.hints, values)
    }

    /// For each block the first one of the same text, which is mostly itself: menus and labels are there more than
    /// once, and what their text alone tells need be read once.
    pub(crate) fn originals(&self, blocks: &Blocks) -> &[BlockId] {
        self.originals.get_or_init(|| {
            let mut known: FastMap<&str, BlockId> = FastMap::default();
            known.reserve(blocks.blocks.len());
            blocks.blocks.iter().enumerate().map(|(id, block)| *known.entry(blocks.text(block)).or_insert(id)).collect()
        })
    }

    fn texts(&self, blocks: &Blocks) -> &FoldedTexts {
        self.folded.get_or_init(|| FoldedTexts::of(blocks, self.originals(blocks)))
    }
}

/// What the values of attributes say.
#[derive(Debug, Default)]
struct Sayings {
    /// By the values' numbers; most say nothing.
    places: Vec<Place>,
    said: Vec<Said>,
}

/// Where it stands what a value says.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// The value was not read.
    Unread,
    /// Nowhere: it says nothing.
    Nowhere,
    At(u16),
}

impl Sayings {
    fn hits<'l, 'v>(&mut self, words: &'l Words, values: impl Iterator<Item = Telling<'v>>) -> Vec<WordHit<'l>> {
        let mut said = Said::default();
        values.for_each(|value| self.add(words, value, &mut said));
        words.hits(&said)
    }

    fn add(&mut self, words: &Words, Telling { value, id, .. }: Telling<'_>, said: &mut Said) {
        let Some(number) = id.map(ValueId::index) else {
            said.add(&words.read(value));
            return;
        };
        if number >= self.places.len() {
            self.places.resize((2 * self.places.len()).max(number + 1), Place::Unread);
        }
        if let Place::Unread = self.places[number] {
            self.places[number] = self.keep(words.read(value));
        }
        if let Place::At(place) = self.places[number] {
            said.add(&self.said[usize::from(place)]);
        }
    }

    fn keep(&mut self, said: Said) -> Place {
        if said.is_nothing() {
            return Place::Nowhere;
        }
        self.said.push(said);
        Place::At((self.said.len() - 1) as u16)
    }
}

/// The folded texts of all blocks.
#[derive(Debug)]
struct FoldedTexts {
    text: String,
    /// By block.
    ranges: Vec<Range<u32>>,
}

impl FoldedTexts {
    /// Folds the texts of a page.
    fn of(blocks: &Blocks, originals: &[BlockId]) -> Self {
        let mut folded =
            Self { text: String::with_capacity(blocks.text.len()), ranges: Vec::with_capacity(originals.len()) };
        for (id, block) in blocks.blocks.iter().enumerate() {
            if let Some(known) = folded.ranges.get(originals[id]).cloned() {
                folded.ranges.push(known);
                continue;
            }
            let start = folded.text.len() as u32;
            fold_onto(blocks.text(block), &mut folded.text);
            folded.ranges.push(start..folded.text.len() as u32);
        }
        folded
    }

    /// The folded text of a block.
    fn block(&self, id: BlockId) -> &str {
        let Range { start, end } = self.ranges[id];
        &self.text[start as usize..end as usize]
    }
}

/// The phrases in all blocks.
#[derive(Debug, Default)]
struct BlockPhrases {
    hits: Vec<Hit>,
    /// By block.
    ranges: Vec<Range<u32>>,
}

impl BlockPhrases {
    fn block(&self, id: BlockId) -> &[Hit] {
        let Range { start, end } = self.ranges[id];
        &self.hits[start as usize..end as usize]
    }
}

impl Lexicon {
    /// The phrases in all blocks of a page; `folded` are their texts.
    fn listen(
        &self,
        blocks: &Blocks,
        originals: &[BlockId],
        folded: &FoldedTexts,
        language: Option<&str>,
    ) -> BlockPhrases {
        let mut wanted = Wanted::of(self.own(language));
        let mut found = BlockPhrases::default();
        for (id, block) in blocks.blocks.iter().enumerate() {
            if let Some(known) = found.ranges.get(originals[id]).cloned() {
                found.ranges.push(known);
                continue;
            }
            let (text, start) = (blocks.text(block), found.hits.len() as u32);
            if let Some(chars) = self.short_chars(text) {
                self.search(&Folded::again(text, folded.block(id)), chars, true, &mut wanted, &mut found.hits);
            }
            found.ranges.push(start..found.hits.len() as u32);
        }
        found
    }
}
