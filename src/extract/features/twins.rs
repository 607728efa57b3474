//! Twins: the blocks of a page that a template has made alike, wherever they stand. Posts of a thread, cards of a listing
//! and rows of a table are content together or not at all.

use super::words::Around;
use super::{Facts, TwinFeatures};
use crate::extract::block::BlockId;
use crate::extract::fnv::FastMap;

/// The twins of all blocks.
#[derive(Debug)]
pub(super) struct Twins {
    /// By block: which of the sets it belongs to, and how many of that stand before it.
    places: Vec<(u32, u32)>,
    sets: Vec<Set>,
}

/// The blocks whose near words are the same.
#[derive(Debug, Default)]
struct Set {
    blocks: f32,
    words: f32,
    link_words: f32,
    sentences: f32,
    /// Words of those that the rules choose.
    main_words: f32,
    first: BlockId,
    last: BlockId,
}

impl Twins {
    /// `around`: what the words around each block of the page say.
    pub(super) fn of(facts: &Facts<'_>, around: &[Around]) -> Self {
        let (mut places, mut sets) = (Vec::with_capacity(around.len()), Vec::<Set>::new());
        let mut known: FastMap<u32, u32> = FastMap::default();
        for (id, (block, around)) in facts.view.blocks.blocks.iter().zip(around).enumerate() {
            let number = *known.entry(around.make).or_insert_with(|| {
                sets.push(Set { first: id, ..Set::default() });
                sets.len() as u32 - 1
            });
            let set = &mut sets[number as usize];
            places.push((number, set.blocks as u32));
            let words = block.measure.words;
            set.blocks += 1.0;
            set.words += words;
            set.link_words += words * block.link_share();
            set.sentences += block.measure.sentences as f32;
            set.main_words += if facts.is_main[id] { words } else { 0.0 };
            set.last = id;
        }
        Self { places, sets }
    }

    pub(super) fn features(&self, facts: &Facts<'_>, id: BlockId) -> TwinFeatures {
        let (number, before) = self.places[id];
        let set = &self.sets[number as usize];
        let (words, span) = (set.words.max(1.0), (set.last - set.first + 1) as f32);
        TwinFeatures {
            n: set.blocks,
            wshare: set.words / facts.sums.words(0).max(1.0),
            wpb: set.words / set.blocks,
            first: set.first as f32 / self.places.len() as f32,
            span: span / self.places.len() as f32,
            dense: set.blocks / span,
            rel: before as f32 / set.blocks,
            ld: set.link_words / words,
            sent: 10.0 * set.sentences / words,
            is_main: set.main_words / words,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::features::words::{Scores, TokenTable};
    use crate::extract::rules::tests::viewed;
    use crate::extract::{Options, decide};

    #[test]
    fn blocks_in_elements_of_the_same_words_are_twins() {
        let post = |i: usize| format!("<div id=post-{i} class='post p{i}'><p>Boat {i} is here.</p><b>Ann</b></div>");
        let html = format!("<main>{}<p class=note>A note.</p>{}</main>", post(1), post(2));
        viewed(&html, |view| {
            let (proposals, _, main) = decide::by_rules(view, &Options::default());
            let facts = Facts::gather(view, &proposals, &main);
            let table = TokenTable::empty();
            let mut scores = Scores::new(view, &table);
            let around: Vec<Around> = view.blocks.blocks.iter().map(|block| scores.of(block)).collect();
            let twins = Twins::of(&facts, &around);
            let rows: Vec<TwinFeatures> = (0..around.len()).map(|id| twins.features(&facts, id)).collect();
            assert_eq!(rows.iter().map(|row| row.n).collect::<Vec<_>>(), [2.0, 2.0, 1.0, 2.0, 2.0]);
            assert_eq!(rows.iter().map(|row| row.rel).collect::<Vec<_>>(), [0.0, 0.0, 0.0, 0.5, 0.5]);
            let TwinFeatures { first, span, dense, wpb, sent, .. } = rows[3];
            assert_eq!((first, span, dense, wpb, sent), (0.0, 0.8, 0.5, 4.0, 2.5));
        });
    }
}
