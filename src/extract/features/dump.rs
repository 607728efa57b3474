//! What the trainer reads of a page.

use super::{Facts, LineFacts, PageFeatures, TextFeatures, TokenTable, block_names, line_names, words};
use crate::extract::rules::View;
use serde::Serialize;

/// The first line of a dump.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Schema {
    /// The form of the lines that follow.
    pub schema: u32,
    /// Names of the numbers of a block, in their order.
    pub block_features: Vec<String>,
    /// Names of the numbers of a page, in their order.
    pub page_features: Vec<String>,
}

/// The features of a page and of its blocks.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct PageDump {
    /// In the order of [`Schema::page_features`].
    pub page: Vec<f32>,
    /// Words that tell the page's kind.
    pub page_tokens: Vec<String>,
    /// The blocks in reading order.
    pub blocks: Vec<BlockDump>,
}

/// The features of a block.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct BlockDump {
    /// Its text.
    pub text: String,
    /// Its length in script-weighted words.
    pub words: f32,
    /// Words of the elements close around it.
    pub near: Vec<String>,
    /// Words of the elements farther up.
    pub far: Vec<String>,
    /// In the order of [`Schema::block_features`].
    pub f: Vec<f32>,
}

impl Schema {
    /// Of this build.
    pub fn current() -> Self {
        let page_features = PageFeatures::NAMES.iter().map(|name| (*name).to_owned()).collect();
        Self { schema: 1, block_features: block_names(), page_features }
    }

    /// Of texts without markup.
    pub fn of_lines() -> Self {
        let page_features = TextFeatures::NAMES.iter().map(|name| (*name).to_owned()).collect();
        Self { schema: 1, block_features: line_names(), page_features }
    }
}

impl PageDump {
    pub(crate) fn of(view: &View<'_>, facts: &Facts<'_>) -> Self {
        let mut page = Vec::new();
        facts.page().write(&mut page);
        let mut blocks = Vec::with_capacity(view.blocks.blocks.len());
        facts.each_row(
            &TokenTable::empty(),
            false,
            |_| true,
            |id, row| {
                let block = &view.blocks.blocks[id];
                let (near, far) = words::words_around(view, block);
                let text = view.blocks.text(block).to_owned();
                blocks.push(BlockDump { text, words: block.measure.words, near, far, f: row.to_vec() });
            },
        );
        Self { page, page_tokens: facts.page_words().to_vec(), blocks }
    }

    pub(crate) fn of_lines(view: &View<'_>, facts: &LineFacts<'_>) -> Self {
        let mut page = Vec::new();
        facts.page().write(&mut page);
        let mut blocks = Vec::with_capacity(view.blocks.blocks.len());
        facts.each_row(
            None,
            |_| true,
            |id, row| {
                let block = &view.blocks.blocks[id];
                let (near, far) = facts.words_of(id);
                let text = view.blocks.text(block).to_owned();
                blocks.push(BlockDump { text, words: block.measure.words, near, far, f: row.to_vec() });
            },
        );
        Self { page, page_tokens: facts.page_words().to_vec(), blocks }
    }
}
