//! How far a phrase speaks: a heading for what follows it, an appeal for the box that it stands in.

use super::View;
use crate::extract::block::{Block, BlockId, BlockRole, Boilerplate};
use crate::extract::lexicon::{Cluster, Form, PhraseHit, Until};

/// Whether the block is the heading of what follows it.
pub(super) fn opens_cluster(block: &Block, hit: &PhraseHit<'_>) -> bool {
    match hit.form {
        Form::Heading => true,
        Form::Block => !block.is_prose(),
        Form::Label => hit.kind == Boilerplate::RelatedList,
        Form::Start | Form::Has => false,
    }
}

/// One past the last block that a heading speaks for: the blocks of its container, or, where the
/// container is the article itself, those up to the next heading of its level or to prose.
pub(super) fn cluster_end(view: &View<'_>, heading: BlockId, kind: Boilerplate, cluster: Cluster) -> BlockId {
    let blocks = &view.blocks.blocks;
    let container = container(view, heading);
    let end = view.blocks.regions[container].blocks.end;
    let holds_article = view.prose_share(container) > view.lexicon.engine().prose_guard;
    if cluster.until == Until::EndOfContainer && !holds_article {
        let goes_on = |block: &Block| points_elsewhere(kind) && is_long_text(block, TEASER_WORDS);
        return blocks[heading + 1..end].iter().position(goes_on).map_or(end, |offset| heading + 1 + offset);
    }
    let level = level(blocks[heading].role);
    let is_next =
        |block: &Block| is_running_text(block) || matches!(block.role, BlockRole::Heading(other) if other <= level);
    blocks[heading + 1..end].iter().position(is_next).map_or(end, |offset| heading + 1 + offset)
}

/// Kinds whose lists lead to other pages.
pub(super) fn points_elsewhere(kind: Boilerplate) -> bool {
    matches!(kind, Boilerplate::RelatedList | Boilerplate::ReadAlso | Boilerplate::MostRead)
}

/// Whether nothing in the blocks leads anywhere: what is recommended then is said on the spot. Of a text without
/// markup that is not known.
pub(super) fn leads_nowhere(view: &View<'_>, blocks: std::ops::Range<BlockId>) -> bool {
    !view.blocks.is_flat() && view.blocks.blocks[blocks].iter().all(|block| block.links == 0)
}

/// Whether two items without a link begin at the block: a list of what is recommended, by name.
pub(super) fn is_bare_list(view: &View<'_>, first: BlockId) -> bool {
    let is_bare = |block: &Block| matches!(block.role, BlockRole::Item(..)) && block.links == 0;
    let list = view.blocks.blocks.get(first..first + 2);
    !view.blocks.is_flat() && list.is_some_and(|items| items.iter().all(is_bare))
}

/// Text that no list of links or cards carries: prose with a sentence, outside links.
pub(super) fn is_running_text(block: &Block) -> bool {
    block.is_prose() && block.link_share() < 0.2 && block.measure.sentences >= 1
}

/// Most words of a teaser in a list of other stories, and of a paragraph that leads up to an appeal: what is longer,
/// in several sentences, is the article's own, in pieces that share their container with a list or a form.
const TEASER_WORDS: f32 = 50.0;
const PITCH_WORDS: f32 = 100.0;

fn is_long_text(block: &Block, most_words: f32) -> bool {
    is_running_text(block) && block.measure.words > most_words && block.measure.sentences >= 2
}

fn level(role: BlockRole) -> u8 {
    match role {
        BlockRole::Heading(level) => level,
        _ => 6,
    }
}

/// The innermost region around the heading that holds more than the heading.
pub(super) fn container(view: &View<'_>, heading: BlockId) -> usize {
    let region = view.blocks.blocks[heading].region;
    view.blocks.around(region).find(|id| view.blocks.regions[*id].blocks.len() > 1).unwrap_or(0)
}

/// Most characters and blocks of a box: a pitch with its form, never an article.
const BOX_CHARS: u32 = 1_500;
const BOX_BLOCKS: usize = 12;

/// The other blocks of the small box that an appeal stands in, if it stands in one.
pub(super) fn box_around(view: &View<'_>, id: BlockId) -> impl Iterator<Item = BlockId> {
    let region = container(view, id);
    let around = &view.blocks.regions[region];
    let is_box = around.chars <= BOX_CHARS
        && around.blocks.len() <= BOX_BLOCKS
        && view.prose_share(region) <= view.lexicon.engine().prose_guard;
    let blocks = if is_box { around.blocks.clone() } else { id..id };
    blocks.filter(|other| !is_long_text(&view.blocks.blocks[*other], PITCH_WORDS))
}
