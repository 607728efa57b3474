//! What a page shows, line by line: what the flattener in `eval/` makes texts without markup of.

use super::block::{Block, BlockRole, RegionId};
use super::dom::Tag;
use super::main_content;
use super::rules::View;

/// Share of the page's prose from which an element that is marked up as the article is the one that a
/// scraper takes.
const MOST_PROSE: f32 = 0.5;

/// Share of hidden prose past which hiding says nothing: such pages show their text by script.
const MOST_HIDDEN: f32 = 0.5;

/// A page as its reader sees it, without what is invisible.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// The document's title, the site's name in it.
    pub title: Option<String>,
    /// The pieces of text between two ends of blocks, in order.
    pub lines: Vec<ShownLine>,
}

/// One piece of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownLine {
    /// Its text, with single spaces, links in place.
    pub text: String,
    /// Whether it is the first of an item of a list, which many flatteners put a bullet before.
    pub is_item: bool,
    /// The table row that it is a cell of; rows have numbers of their own.
    pub row: Option<usize>,
    /// Whether it stands in the element that a simple scraper takes for the article.
    pub in_container: bool,
}

/// The visible lines of a page.
pub(super) fn lines(view: &View<'_>) -> Shown {
    let container = container(view).map(|id| view.blocks.regions[id].blocks.clone()).unwrap_or_default();
    let blocks = &view.blocks.blocks;
    let prose = |is_wanted: fn(&Block) -> bool| -> u32 {
        blocks.iter().filter(|block| block.is_prose() && is_wanted(block)).map(|block| block.measure.chars).sum()
    };
    let shows_by_script = prose(|block| block.is_hidden) as f32 > MOST_HIDDEN * prose(|_| true) as f32;
    let visible = blocks.iter().enumerate().filter(|(_, block)| shows_by_script || !block.is_hidden);
    let line = |(id, block): (usize, &Block)| ShownLine {
        text: view.blocks.text(block).to_owned(),
        is_item: matches!(block.role, BlockRole::Item(..)),
        row: match block.role {
            BlockRole::Cell { row } => Some(row),
            _ => None,
        },
        in_container: container.contains(&id),
    };
    Shown { title: view.evidence.headlines.last().cloned(), lines: visible.map(line).collect() }
}

/// The element that a scraper asks for: `article` or `main` where one holds most of the prose, else the one
/// with the most paragraphs.
fn container(view: &View<'_>) -> Option<RegionId> {
    let is_marked = |id: &RegionId| {
        let region = &view.blocks.regions[*id];
        matches!(region.tag, Tag::Article | Tag::Main) && view.prose_share(*id) >= MOST_PROSE
    };
    // Of two that hold most of it, one is in the other, and the inner one comes later.
    (0..view.blocks.regions.len()).rev().find(is_marked).or_else(|| main_content::heaviest(view))
}
