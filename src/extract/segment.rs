//! Cuts a document into blocks and regions, once (EXTRACTION.md section 5, Segmentation).

mod marks;
mod sight;

use super::block::{Block, BlockRole, Blocks, Region, RegionId};
use super::dom::{Document, NodeId, Tag};
use super::measure::measure;
use super::sites::Apart;
use sight::{is_block_level, is_for_screen_readers, is_invisible, is_invisible_character};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// Cuts the body of a document.
pub(crate) fn segment(document: &Document) -> Blocks {
    segment_apart(document, &Apart::default(), false)
}

/// Cuts the body of a document, the text of some elements into blocks of its own; `with_marks` notes where its links and
/// images stand.
pub(crate) fn segment_apart(document: &Document, apart: &Apart, with_marks: bool) -> Blocks {
    let mut cutter = Cutter::new(document, apart, with_marks);
    cutter.walk();
    let mut blocks = cutter.blocks;
    sum_up(&mut blocks);
    count_alike(document, &mut blocks);
    blocks
}

/// Most inline elements that are noted around a block: hundreds around thousands of blocks would cost
/// their product.
const MOST_INLINE: usize = 8;

/// Text gathered since the last boundary.
#[derive(Debug, Default)]
struct Open {
    text: String,
    link_chars: u32,
    links: u32,
    /// Inline elements that begin before any text: the element, and the length of the text at its
    /// end (`None` while open).
    leading: Vec<(NodeId, Option<usize>)>,
    /// The last character is a `br` with nothing after it yet.
    after_break: bool,
    /// Links and images in it; their ranges are of the text here.
    marks: Vec<(NodeId, Range<usize>)>,
}

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

struct Cutter<'a> {
    document: &'a Document,
    apart: &'a Apart,
    blocks: Blocks,
    open: Open,
    /// Blocks of screen-reader text that wait for the block around them to end.
    asides: Vec<Open>,
    pending: Vec<Pending>,
    regions: Vec<RegionId>,
    /// The outermost invisible element around or before the present place.
    hidden: Range<NodeId>,
    /// By node: whether block-level elements stand below it.
    holds_block_level: Vec<bool>,
    /// List items that have had their first block.
    started_items: HashSet<RegionId>,
    /// By ordered list: the number of its latest item, as a browser shows it.
    numbers: HashMap<NodeId, u32>,
    /// Whether links and images are noted.
    with_marks: bool,
    /// Images since the last block, outside of any.
    loose: Vec<NodeId>,
}

impl<'a> Cutter<'a> {
    fn new(document: &'a Document, apart: &'a Apart, with_marks: bool) -> Self {
        Self {
            document,
            apart,
            blocks: Blocks::default(),
            open: Open::default(),
            asides: Vec::new(),
            pending: Vec::new(),
            regions: Vec::new(),
            hidden: NodeId::ROOT..NodeId::ROOT,
            holds_block_level: holds_block_level(document),
            started_items: HashSet::new(),
            numbers: HashMap::new(),
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
                if !document.text_below(at).contains(char::is_alphabetic) {
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
        self.hide(at);
        if tag == Tag::Li {
            self.count_item(at);
        }
        let id = self.blocks.regions.len();
        let first = self.blocks.blocks.len();
        self.blocks.regions.push(Region {
            tag,
            node: at,
            parent: self.regions.last().copied(),
            blocks: first..first,
            end: id + 1,
            alike: 1,
            inputs: 0,
            prose_chars: 0,
            prose_blocks: 0,
            chars: 0,
            link_chars: 0,
        });
        self.regions.push(id);
        self.pend(at, PendingKind::Region(id));
    }

    /// Whether text of a paragraph, heading or item has begun: a button in it is no end of it.
    fn is_amid_text(&self) -> bool {
        let tag = self.regions.last().map(|region| self.blocks.regions[*region].tag);
        let is_piece = tag.is_some_and(|tag| matches!(tag, Tag::P | Tag::Li) || tag.heading_level().is_some());
        is_piece && !self.open.text.trim().is_empty()
    }

    /// Counts an item of an ordered list.
    fn count_item(&mut self, item: NodeId) {
        let Some(list) = self.document.parent(item).filter(|list| self.document.tag(*list) == Some(Tag::Ol)) else {
            return;
        };
        let number =
            |node, name| self.document.attribute(node, name).and_then(|value| value.trim().parse::<u32>().ok());
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
        let is_aside = is_for_screen_readers(self.document, at) && tag != Tag::A;
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
        self.pending.push(Pending { node, end: self.document.after(node), kind });
    }

    /// Notes that everything below `at` is invisible, if it is.
    fn hide(&mut self, at: NodeId) {
        if at >= self.hidden.end && (is_invisible(self.document, at) || is_for_screen_readers(self.document, at)) {
            self.hidden = at..self.document.after(at);
        }
    }

    fn count_input(&mut self, tag: Tag, at: NodeId) {
        let is_seen = tag == Tag::Select
            || tag == Tag::Textarea
            || tag == Tag::Input
                && !matches!(self.document.attribute(at, "type"), Some("hidden" | "submit" | "button" | "image"));
        if let (true, Some(region)) = (is_seen, self.regions.last()) {
            self.blocks.regions[*region].inputs += 1;
        }
    }

    /// Closes all elements that end before `at`.
    fn close_before(&mut self, at: NodeId) {
        while let Some(last) = self.pending.pop_if(|last| last.end <= at) {
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
        self.regions.iter().rev().take(3).any(|region| self.blocks.regions[*region].tag == Tag::Pre)
    }

    fn push_text(&mut self, text: &str) {
        if self.in_preformatted() {
            self.open.text.push_str(text);
            return;
        }
        for c in text.chars() {
            if c.is_whitespace() || c.is_control() {
                if !self.open.text.is_empty() && !self.open.text.ends_with(' ') {
                    self.open.text.push(' ');
                }
            } else if !is_invisible_character(c) {
                self.open.text.push(c);
                self.open.after_break = false;
            }
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
        if self.with_marks {
            self.mark_pending();
        }
        let open = std::mem::take(&mut self.open);
        self.emit(&open, false);
        for aside in std::mem::take(&mut self.asides) {
            self.emit(&aside, true);
        }
        for pending in &mut self.pending {
            match &mut pending.kind {
                PendingKind::Link { from } => {
                    let linked = open.text.get(*from..).unwrap_or_default();
                    if let (false, Some(block)) = (linked.trim().is_empty(), self.blocks.blocks.last_mut()) {
                        block.link_chars = (block.link_chars + measure(linked).chars).min(block.measure.chars);
                    }
                    *from = 0;
                    self.open.links += 1;
                    self.open.leading.push((pending.node, None));
                }
                PendingKind::Inline => self.open.leading.push((pending.node, None)),
                PendingKind::Region(_) | PendingKind::Aside(_) => {}
            }
        }
    }

    fn emit(&mut self, open: &Open, is_aside: bool) {
        let Some(&region) = self.regions.last() else { return };
        let is_code = self.in_preformatted();
        let text = if is_code { open.text.trim_end().trim_start_matches('\n') } else { open.text.trim() };
        if text.trim().is_empty() {
            self.loosen(open);
            return;
        }
        if self.with_marks {
            self.mark_block(open, open.text.len() - open.text.trim_start().len(), text.len(), is_code);
        }
        let role = self.role(region, is_code);
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

    /// What the nearest telling element around a block makes of it.
    fn role(&mut self, region: RegionId, is_code: bool) -> BlockRole {
        if is_code {
            return BlockRole::Code;
        }
        let mut is_quoted = false;
        for around in self.blocks.around(region) {
            let tag = self.blocks.regions[around].tag;
            if let Some(level) = tag.heading_level() {
                return BlockRole::Heading(level);
            }
            match tag {
                Tag::Figcaption | Tag::Caption => return BlockRole::Caption,
                Tag::Blockquote => is_quoted = true,
                Tag::Td | Tag::Th if around == region => {
                    let row = self.blocks.regions[around].parent.unwrap_or(around);
                    return BlockRole::Cell { row };
                }
                Tag::Li if !is_quoted => {
                    if !self.started_items.insert(around) {
                        return BlockRole::Paragraph;
                    }
                    return self.item(around);
                }
                _ => {}
            }
        }
        if is_quoted { BlockRole::Quote } else { BlockRole::Paragraph }
    }

    fn item(&self, item: RegionId) -> BlockRole {
        let is_list = |region: &RegionId| matches!(self.blocks.regions[*region].tag, Tag::Ul | Tag::Ol | Tag::Menu);
        let depth = self.blocks.around(item).filter(is_list).count().clamp(1, 255) as u8;
        let list = self.document.parent(self.blocks.regions[item].node);
        BlockRole::Item(depth, list.and_then(|list| self.numbers.get(&list).copied()))
    }
}

/// Adds each block to all regions around it: bottom-up, since a region's parent stands before it.
fn sum_up(blocks: &mut Blocks) {
    for block in &blocks.blocks {
        let region = &mut blocks.regions[block.region];
        region.chars += block.measure.chars;
        region.link_chars += block.link_chars;
        if block.is_prose() {
            region.prose_chars += block.measure.chars;
            region.prose_blocks += 1;
        }
    }
    for id in (1..blocks.regions.len()).rev() {
        let Region { parent, chars, link_chars, prose_chars, prose_blocks, inputs, .. } = blocks.regions[id];
        if let Some(parent) = parent {
            let parent = &mut blocks.regions[parent];
            parent.chars += chars;
            parent.link_chars += link_chars;
            parent.prose_chars += prose_chars;
            parent.prose_blocks += prose_blocks;
            parent.inputs += inputs;
        }
    }
}

/// Counts siblings of equal tag and class.
fn count_alike(document: &Document, blocks: &mut Blocks) {
    let mut counts: HashMap<(Option<RegionId>, Tag, &str), u32> = HashMap::new();
    let signature =
        |region: &Region| (region.parent, region.tag, document.attribute(region.node, "class").unwrap_or(""));
    for region in &blocks.regions {
        *counts.entry(signature(region)).or_default() += 1;
    }
    for region in &mut blocks.regions {
        region.alike = counts[&signature(region)];
    }
}

/// Marks the ancestors of block-level elements: one backward pass, since parents stand before children.
fn holds_block_level(document: &Document) -> Vec<bool> {
    let mut holds = vec![false; document.len()];
    for node in document.nodes().rev() {
        let counts = holds[node.index()] || document.tag(node).is_some_and(is_block_level);
        if let (true, Some(parent)) = (counts, document.parent(node)) {
            holds[parent.index()] = true;
        }
    }
    holds
}
