//! Cuts a document into blocks and regions, once (EXTRACTION.md section 5, Segmentation).

mod around;
mod marks;
mod open;
mod sight;
mod sums;

use super::block::{Block, BlockRole, Blocks, Region, RegionId};
use super::dom::{Attr, Document, NodeId, Tag, ValueId};
use super::fnv::FastMap;
use super::measure::measure;
use super::sites::Apart;
use around::{Around, Item};
use open::Open;
use sight::{is_block_level, is_for_screen_readers, is_invisible};
use std::ops::Range;
use sums::{count_alike, holds_block_level, sum_up};

/// Cuts the body of a document.
#[cfg(any(test, feature = "readability"))]
pub(crate) fn segment(document: &Document<'_>) -> Blocks {
    segment_apart(document, &Apart::default(), false)
}

/// Cuts the body of a document, the text of some elements into blocks of its own; `with_marks` notes where its links and
/// images stand.
pub(crate) fn segment_apart(document: &Document<'_>, apart: &Apart, with_marks: bool) -> Blocks {
    let mut cutter = Cutter::new(document, apart, with_marks);
    cutter.walk();
    let Cutter { mut blocks, region_classes, .. } = cutter;
    sum_up(&mut blocks);
    count_alike(&mut blocks, &region_classes);
    blocks
}

/// Most inline elements that are noted around a block: hundreds around thousands of blocks would cost
/// their product.
const MOST_INLINE: usize = 8;

/// An element whose end is still to come.
struct Pending {
    node: NodeId,
    end: NodeId,
    kind: PendingKind,
}

enum PendingKind {
    Region(RegionId),
    Inline,
    Link {
        from: usize,
    },
    /// Inline text for screen readers: what was open around it.
    Aside(Box<Open>),
}

impl PendingKind {
    fn is_inline(&self) -> bool {
        matches!(self, Self::Inline | Self::Link { .. })
    }
}

/// A value of `class`.
#[derive(Debug, Clone, Copy)]
struct Class {
    /// `None` for no class, and where the page has too many.
    id: Option<ValueId>,
    is_for_screen_readers: bool,
}

/// A region whose end is still to come.
struct OpenRegion {
    id: RegionId,
    around: Around,
    /// Whether it or one of the two around it is preformatted.
    is_code: bool,
}

struct Cutter<'a> {
    document: &'a Document<'a>,
    apart: &'a Apart,
    blocks: Blocks,
    open: Open,
    /// Blocks of screen-reader text that wait for the block around them to end.
    asides: Vec<Open>,
    pending: Vec<Pending>,
    /// How many of the pending are inline elements, whose text goes on in the next block.
    pending_inline: usize,
    regions: Vec<OpenRegion>,
    /// The outermost invisible element around or before the present place.
    hidden: Range<NodeId>,
    /// By the value of `class`: most elements share theirs with others.
    /// By the classes' numbers, whether they are for screen readers, as far as it was asked.
    for_screen_readers: Vec<Option<bool>>,
    /// By region: the number of its class.
    region_classes: Vec<Option<ValueId>>,
    /// By node: whether block-level elements stand below it.
    holds_block_level: Vec<bool>,
    /// By region: whether it has had its first block as an item; as long as the last item that has.
    started_items: Vec<bool>,
    /// By ordered list: the number of its latest item, as a browser shows it.
    numbers: FastMap<NodeId, u32>,
    /// Whether links and images are noted.
    with_marks: bool,
    /// Images since the last block, outside of any.
    loose: Vec<NodeId>,
}

impl<'a> Cutter<'a> {
    fn new(document: &'a Document<'a>, apart: &'a Apart, with_marks: bool) -> Self {
        Self {
            document,
            apart,
            blocks: Blocks::with_room(document.len()),
            open: Open::default(),
            asides: Vec::new(),
            pending: Vec::new(),
            pending_inline: 0,
            regions: Vec::new(),
            hidden: NodeId::ROOT..NodeId::ROOT,
            for_screen_readers: vec![None; document.values()],
            region_classes: Vec::with_capacity(document.len() / 4),
            holds_block_level: holds_block_level(document),
            started_items: Vec::new(),
            numbers: FastMap::default(),
            with_marks,
            loose: Vec::new(),
        }
    }

    fn walk(&mut self) {
        let Some(body) = self.body() else { return };
        let end = self.document.after(body);
        let mut at = body;
        while at < end {
            self.close_before(at);
            at = self.enter(at);
        }
        self.close_before(end);
        self.mark_loose();
    }

    /// The element to cut: the body, else the first frameset, else everything.
    fn body(&self) -> Option<NodeId> {
        let by_tag = |tag| self.document.elements(tag).next();
        by_tag(Tag::Body).or_else(|| by_tag(Tag::Frameset)).or_else(|| by_tag(Tag::Html))
    }

    /// Opens a node; returns where to go on.
    fn enter(&mut self, at: NodeId) -> NodeId {
        let document = self.document;
        let next = document.next(at);
        let Some(tag) = document.tag(at) else {
            self.push_text(document.text(at).unwrap_or_default());
            return next;
        };
        match tag {
            Tag::Script | Tag::Head | Tag::Map | Tag::Audio | Tag::Template | Tag::Style => return document.after(at),
            Tag::Iframe | Tag::Video | Tag::Object | Tag::Select | Tag::Textarea | Tag::Hr | Tag::Embed => {
                if tag != Tag::Hr && self.is_amid_text() {
                    self.push_text(" ");
                } else {
                    self.flush();
                }
                self.count_input(tag, at);
                return document.after(at);
            }
            Tag::Button | Tag::Label if self.is_amid_text() && !self.holds_block_level[at.index()] => {
                // A glossary's word belongs to the sentence, the number of a note does not.
                let mut texts = document.descendants(at).filter_map(|node| document.text(node));
                if !texts.any(|text| text.contains(char::is_alphabetic)) {
                    let around = std::mem::take(&mut self.open);
                    self.pend(at, PendingKind::Aside(Box::new(around)));
                }
                return next;
            }
            Tag::Img => {
                self.push_text(" ");
                self.mark(at, self.open.text.len());
            }
            Tag::Input => self.count_input(tag, at),
            Tag::Br => self.push_break(),
            _ => {}
        }
        if is_block_level(tag) || self.regions.is_empty() || self.apart.regions.contains(&at) {
            self.flush();
            self.open_region(at, tag);
        } else if self.holds_block_level[at.index()] {
            self.open_region(at, tag);
            if tag == Tag::A {
                self.open_inline(at, tag);
            }
        } else {
            self.open_inline(at, tag);
        }
        next
    }

    fn open_region(&mut self, at: NodeId, tag: Tag) {
        let class = self.class(at);
        self.hide(at, class);
        self.region_classes.push(class.id);
        if tag == Tag::Li {
            self.count_item(at);
        }
        let id = self.blocks.regions.len();
        let first = self.blocks.blocks.len();
        self.blocks.regions.push(Region {
            tag,
            node: at,
            parent: self.regions.last().map(|region| region.id),
            blocks: first..first,
            end: id + 1,
            alike: 1,
            first_alike: self.blocks.regions.len(),
            inputs: 0,
            prose_chars: 0,
            prose_blocks: 0,
            chars: 0,
            link_chars: 0,
        });
        let is_code =
            tag == Tag::Pre || self.regions.iter().rev().take(2).any(|region| self.is_preformatted(region.id));
        let around = self.regions.last().map_or_else(Around::default, |region| region.around);
        self.regions.push(OpenRegion { id, around: around.with(tag, id), is_code });
        self.pend(at, PendingKind::Region(id));
    }

    fn is_preformatted(&self, region: RegionId) -> bool {
        self.blocks.regions[region].tag == Tag::Pre
    }

    /// Whether text of a paragraph, heading or item has begun: a button in it is no end of it.
    fn is_amid_text(&self) -> bool {
        let tag = self.regions.last().map(|region| self.blocks.regions[region.id].tag);
        let is_piece = tag.is_some_and(|tag| matches!(tag, Tag::P | Tag::Li) || tag.heading_level().is_some());
        is_piece && !self.open.text.trim().is_empty()
    }

    /// Counts an item of an ordered list.
    fn count_item(&mut self, item: NodeId) {
        let Some(list) = self.document.parent(item).filter(|list| self.document.tag(*list) == Some(Tag::Ol)) else {
            return;
        };
        let number =
            |node, name| self.document.attribute_named(node, name).and_then(|value| value.trim().parse::<u32>().ok());
        let next = match self.numbers.get(&list) {
            Some(latest) => latest.saturating_add(1),
            None => number(list, "start").unwrap_or(1),
        };
        self.numbers.insert(list, number(item, "value").unwrap_or(next));
    }

    fn open_inline(&mut self, at: NodeId, tag: Tag) {
        if self.document.after(at).index() == at.index() + 1 {
            return;
        }
        let is_aside = tag != Tag::A && self.class(at).is_for_screen_readers;
        let kind = if is_aside || self.apart.asides.contains(&at) {
            PendingKind::Aside(Box::new(std::mem::take(&mut self.open)))
        } else if tag == Tag::A {
            self.open.links += 1;
            PendingKind::Link { from: self.open.text.len() }
        } else {
            PendingKind::Inline
        };
        if self.open.text.is_empty() {
            self.open.leading.push((at, None));
        }
        self.pend(at, kind);
    }

    fn pend(&mut self, node: NodeId, kind: PendingKind) {
        self.pending_inline += usize::from(kind.is_inline());
        self.pending.push(Pending { node, end: self.document.after(node), kind });
    }

    /// The class of an element; those without one share one too.
    fn class(&mut self, at: NodeId) -> Class {
        let Some(value) = self.document.attribute(at, Attr::Class).filter(|value| !value.is_empty()) else {
            return Class { id: None, is_for_screen_readers: false };
        };
        let id = self.document.value_id(at, Attr::Class);
        let known = id.map(|id| &mut self.for_screen_readers[id.index()]);
        let is_for_screen_readers = known.map_or_else(
            || is_for_screen_readers(value),
            |known| *known.get_or_insert_with(|| is_for_screen_readers(value)),
        );
        Class { id, is_for_screen_readers }
    }

    /// Notes that everything below `at` is invisible, if it is.
    fn hide(&mut self, at: NodeId, class: Class) {
        if at >= self.hidden.end && (class.is_for_screen_readers || is_invisible(self.document, at)) {
            self.hidden = at..self.document.after(at);
        }
    }

    fn count_input(&mut self, tag: Tag, at: NodeId) {
        let is_seen = tag == Tag::Select
            || tag == Tag::Textarea
            || tag == Tag::Input
                && !matches!(self.document.attribute(at, Attr::Type), Some("hidden" | "submit" | "button" | "image"));
        if let (true, Some(region)) = (is_seen, self.regions.last()) {
            self.blocks.regions[region.id].inputs += 1;
        }
    }

    /// Closes all elements that end before `at`.
    fn close_before(&mut self, at: NodeId) {
        while let Some(last) = self.pending.pop_if(|last| last.end <= at) {
            self.pending_inline -= usize::from(last.kind.is_inline());
            match last.kind {
                PendingKind::Region(id) => {
                    self.flush();
                    self.regions.pop();
                    let region_end = self.blocks.regions.len();
                    let region = &mut self.blocks.regions[id];
                    region.end = region_end;
                    region.blocks.end = self.blocks.blocks.len();
                }
                PendingKind::Inline => self.close_inline(last.node),
                PendingKind::Link { from } => {
                    let linked = self.open.text.get(from..).unwrap_or_default();
                    self.open.link_chars += measure(linked).chars;
                    self.mark(last.node, from);
                    self.close_inline(last.node);
                }
                PendingKind::Aside(around) => {
                    let aside = std::mem::replace(&mut self.open, *around);
                    self.asides.push(aside);
                }
            }
        }
    }

    fn close_inline(&mut self, node: NodeId) {
        let length = self.open.text.trim_end().len();
        if let Some(leading) = self.open.leading.iter_mut().rev().find(|(leading, _)| *leading == node) {
            leading.1 = Some(length);
        }
    }

    fn in_preformatted(&self) -> bool {
        self.regions.last().is_some_and(|region| region.is_code)
    }

    fn push_text(&mut self, text: &str) {
        if self.in_preformatted() {
            self.open.text.push_str(text);
        } else {
            self.open.push(text);
        }
    }

    /// One `br` is a space; the second in a row ends the block.
    fn push_break(&mut self) {
        if self.in_preformatted() {
            self.open.text.push('\n');
        } else if self.open.after_break {
            self.flush();
        } else if !self.open.text.is_empty() {
            self.push_text(" ");
            self.open.after_break = true;
        }
    }

    /// Ends the open block; links and inline elements around it go on in the next one.
    fn flush(&mut self) {
        // Most ends of elements have no text before them.
        let is_between = self.open.text.is_empty() && self.pending_inline == 0;
        if is_between && self.asides.is_empty() && !self.with_marks {
            self.open.clear();
            return;
        }
        if self.with_marks {
            self.mark_pending();
        }
        let mut open = std::mem::take(&mut self.open);
        self.emit(&open, false);
        for aside in std::mem::take(&mut self.asides) {
            self.emit(&aside, true);
        }
        if self.pending_inline > 0 {
            self.go_on(&open);
        } else {
            open.clear();
            self.open = open;
        }
    }

    /// Opens the next block within the inline elements around the last one.
    fn go_on(&mut self, last: &Open) {
        for pending in &mut self.pending {
            if let PendingKind::Link { from } = &mut pending.kind {
                let linked = last.text.get(*from..).unwrap_or_default();
                if let (false, Some(block)) = (linked.trim().is_empty(), self.blocks.blocks.last_mut()) {
                    block.link_chars = (block.link_chars + measure(linked).chars).min(block.measure.chars);
                }
                *from = 0;
                self.open.links += 1;
            }
            if pending.kind.is_inline() {
                self.open.leading.push((pending.node, None));
            }
        }
    }

    fn emit(&mut self, open: &Open, is_aside: bool) {
        let Some(&OpenRegion { id: region, around, is_code }) = self.regions.last() else { return };
        let text = if is_code { open.text.trim_end().trim_start_matches('\n') } else { open.text.trim() };
        if text.trim().is_empty() {
            self.loosen(open);
            return;
        }
        if self.with_marks {
            self.mark_block(open, open.text.len() - open.text.trim_start().len(), text.len(), is_code);
        }
        let role = if is_code { BlockRole::Code } else { self.role(region, around) };
        let start = self.blocks.text.len() as u32;
        self.blocks.text.push_str(text);
        let inline_start = self.blocks.inline.len() as u32;
        let length = open.text.trim_end().len();
        let covering = open.leading.iter().rev().filter(|(_, end)| end.is_none_or(|end| end >= length));
        self.blocks.inline.extend(covering.take(MOST_INLINE).map(|(node, _)| *node));
        let measure = measure(text);
        self.blocks.blocks.push(Block {
            text: start..self.blocks.text.len() as u32,
            region,
            role,
            measure,
            link_chars: open.link_chars.min(measure.chars),
            links: open.links,
            inline: inline_start..self.blocks.inline.len() as u32,
            is_hidden: is_aside || self.hidden.contains(&self.blocks.regions[region].node),
        });
    }

    /// What the elements around the next block make of it.
    fn role(&mut self, region: RegionId, around: Around) -> BlockRole {
        let Region { tag, parent, .. } = self.blocks.regions[region];
        if matches!(tag, Tag::Td | Tag::Th) {
            return BlockRole::Cell { row: parent.unwrap_or(region) };
        }
        let Some(item) = around.item else { return around.role() };
        if self.started_items.len() <= item.region {
            self.started_items.resize(item.region + 1, false);
        }
        let is_started = std::mem::replace(&mut self.started_items[item.region], true);
        if is_started { BlockRole::Paragraph } else { self.first_of(item) }
    }

    /// The role of the first block of an item.
    fn first_of(&self, item: Item) -> BlockRole {
        let list = self.document.parent(self.blocks.regions[item.region].node);
        let number = list.and_then(|list| self.numbers.get(&list).copied());
        BlockRole::Item(item.depth.clamp(1, 255) as u8, number)
    }
}
