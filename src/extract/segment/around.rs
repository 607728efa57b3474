//! What the elements around a block make of it: carried from each region to those in it, since pages have as many blocks
//! as regions and both stand deep.

use crate::extract::block::{BlockRole, RegionId};
use crate::extract::dom::Tag;

/// An item of a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) region: RegionId,
    /// How many lists it stands in.
    pub(super) depth: usize,
}

/// What stands around the text of a region, the region itself included.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Around {
    /// The role that the nearest heading or caption gives.
    titled: Option<BlockRole>,
    /// The nearest item, where no heading, caption or quote is nearer.
    pub(super) item: Option<Item>,
    is_quoted: bool,
    lists: usize,
}

impl Around {
    /// The same for a region in this one.
    pub(super) fn with(self, tag: Tag, region: RegionId) -> Self {
        if let Some(level) = tag.heading_level() {
            return self.titled(BlockRole::Heading(level));
        }
        match tag {
            Tag::Figcaption | Tag::Caption => self.titled(BlockRole::Caption),
            Tag::Blockquote => Self { item: None, is_quoted: true, ..self },
            Tag::Li => Self { item: Some(Item { region, depth: self.lists }), ..self },
            Tag::Ul | Tag::Ol | Tag::Menu => Self { lists: self.lists + 1, ..self },
            _ => self,
        }
    }

    fn titled(self, role: BlockRole) -> Self {
        Self { titled: Some(role), item: None, is_quoted: false, lists: self.lists }
    }

    /// The role of a text that is no item's.
    pub(super) fn role(self) -> BlockRole {
        let untitled = if self.is_quoted { BlockRole::Quote } else { BlockRole::Paragraph };
        self.titled.unwrap_or(untitled)
    }
}
