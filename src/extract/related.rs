//! Related links and tags: what is left out of the text as such is kept as metadata.

use super::block::{BlockId, Boilerplate, RegionId};
use super::decide::Decision;
use super::dom::{Attr, NodeId, Tag};
use super::fnv::{FastMap, FastSet};
use super::rules::View;
use crate::article::Link;
use url::Url;

/// Most links, and most tags: pages with more list their archive.
const MOST: usize = 100;

/// Most characters of a tag.
const TAG_CHARS: usize = 60;

/// How many blocks of an element are searched for the one that a link stands in, from the last found on.
const SEARCHED: usize = 64;

/// The related links and the tags among the blocks that were left out, each once, in the page's order.
pub(super) fn gather(view: &View<'_>, decisions: &[Decision]) -> (Vec<Link>, Vec<String>) {
    let kinds: Vec<Option<Boilerplate>> = decisions.iter().map(telling_kind).collect();
    let (mut links, mut tags) = (Vec::new(), Vec::new());
    if kinds.iter().all(Option::is_none) {
        return (links, tags);
    }
    let mut targets = Targets::new(view);
    for Anchor { block, kind, node, text } in anchors(view, &kinds) {
        match kind {
            Boilerplate::Tags if tags.len() < MOST => {
                let text = label(view, block, node, text);
                let tag = text.trim_start_matches('#').trim();
                if !tag.is_empty() && tag.chars().count() <= TAG_CHARS && !tags.iter().any(|known| known == tag) {
                    tags.push(tag.to_owned());
                }
            }
            Boilerplate::RelatedList | Boilerplate::ReadAlso if links.len() < MOST => {
                let text = Some(label(view, block, node, text)).filter(|text| !text.is_empty());
                links.extend(text.and_then(|text| Some(Link { text, url: targets.take(node)? })));
            }
            _ => {}
        }
    }
    (links, tags)
}

/// The kind of a block that is left out for what it says. What merely stands behind the end of the
/// article may be anything.
fn telling_kind(decision: &Decision) -> Option<Boilerplate> {
    use Boilerplate::{ReadAlso, RelatedList, Tags};
    match decision {
        Decision::Drop { kind: kind @ (RelatedList | ReadAlso | Tags), rule } if !rule.starts_with("tail:") => {
            Some(*kind)
        }
        _ => None,
    }
}

/// A link in a block of a telling kind.
struct Anchor {
    block: BlockId,
    kind: Boilerplate,
    node: NodeId,
    /// Its text on one line, where it does not stand around blocks.
    text: Option<String>,
}

/// The blocks right in a region, and the one of them that its last link was found in.
#[derive(Default)]
struct Own {
    blocks: Vec<BlockId>,
    cursor: usize,
}

/// The links in blocks of telling kinds; one around several blocks counts for the first.
fn anchors(view: &View<'_>, kinds: &[Option<Boilerplate>]) -> Vec<Anchor> {
    let (document, regions) = (view.document, &view.blocks.regions);
    let mut own = own_blocks(view, kinds);
    let mut found = Vec::new();
    let mut begun = 0;
    for node in document.elements(Tag::A) {
        // Both come in document order.
        begun += regions[begun..].iter().take_while(|region| region.node <= node).count();
        let Some(last) = begun.checked_sub(1) else { continue };
        if regions[last].node == node {
            let first = Some(regions[last].blocks.clone()).filter(|range| !range.is_empty()).map(|range| range.start);
            let telling = first.and_then(|block| Some((block, kinds[block]?)));
            found.extend(telling.map(|(block, kind)| Anchor { block, kind, node, text: None }));
            continue;
        }
        let around = view.blocks.around(last).find(|region| node < document.after(regions[*region].node));
        let Some(own) = around.and_then(|region| own.get_mut(&region)) else { continue };
        let text = text_of(view, node);
        if let Some(block) = own.next_with(view, &text) {
            found.extend(kinds[block].map(|kind| Anchor { block, kind, node, text: Some(text) }));
        }
    }
    found
}

/// The blocks right in each region that has one of a telling kind.
fn own_blocks(view: &View<'_>, kinds: &[Option<Boilerplate>]) -> FastMap<RegionId, Own> {
    let blocks = &view.blocks.blocks;
    let mut is_telling = vec![false; view.blocks.regions.len()];
    for (block, _) in blocks.iter().zip(kinds).filter(|(_, kind)| kind.is_some()) {
        is_telling[block.region] = true;
    }
    let mut own: FastMap<RegionId, Own> = FastMap::default();
    for (id, block) in blocks.iter().enumerate().filter(|(_, block)| is_telling[block.region]) {
        own.entry(block.region).or_default().blocks.push(id);
    }
    own
}

impl Own {
    /// The next of the blocks that holds the text of a link.
    fn next_with(&mut self, view: &View<'_>, text: &str) -> Option<BlockId> {
        let holds = |id: &BlockId| {
            let block = view.blocks.text(&view.blocks.blocks[*id]);
            block == text || block.contains(text)
        };
        let ahead = self.blocks[self.cursor..].iter().take(SEARCHED);
        self.cursor += ahead.filter(|_| !text.is_empty()).position(holds)?;
        Some(self.blocks[self.cursor])
    }
}

/// What a link is called: its own text, or, where it stands around a card, the heading in it.
fn label(view: &View<'_>, block: BlockId, anchor: NodeId, text: Option<String>) -> String {
    let is_heading = |node: &NodeId| view.document.tag(*node).is_some_and(|tag| tag.heading_level().is_some());
    let text = match view.document.descendants(anchor).find(is_heading) {
        Some(heading) => text_of(view, heading),
        None => text.unwrap_or_else(|| text_of(view, anchor)),
    };
    if text.chars().count() <= LABEL_CHARS { text } else { view.blocks.text(&view.blocks.blocks[block]).to_owned() }
}

/// A longer text of a link is a card's: its first block is its name.
const LABEL_CHARS: usize = 240;

/// Where links lead, each address once.
struct Targets<'a> {
    view: &'a View<'a>,
    /// As they stand in the page: cards say them two or three times.
    stated: FastSet<&'a str>,
    seen: FastSet<Url>,
}

impl<'a> Targets<'a> {
    /// Neither the page itself nor what it calls itself is one.
    fn new(view: &'a View<'a>) -> Self {
        let canonical = &view.evidence.metadata.canonical_url;
        let seen = view.url.into_iter().chain(canonical).cloned().collect();
        Self { view, stated: FastSet::default(), seen }
    }

    /// The address of a link, where it is one of the web and no link before had it.
    fn take(&mut self, anchor: NodeId) -> Option<Url> {
        let href = self.view.document.attribute(anchor, Attr::Href)?.trim();
        if href.is_empty() || href.starts_with('#') || !self.stated.insert(href) {
            return None;
        }
        let url = match self.view.url {
            Some(base) => base.join(href).ok()?,
            None => Url::parse(href).ok()?,
        };
        let is_web = matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
        (is_web && self.seen.insert(url.clone())).then_some(url)
    }
}

/// The text of an element on one line.
fn text_of(view: &View<'_>, node: NodeId) -> String {
    let mut line = String::new();
    // Words of neighbouring texts stand together where no white space is between them.
    let mut is_apart = false;
    for text in view.document.descendants(node).filter_map(|node| view.document.text(node)) {
        is_apart |= text.starts_with(char::is_whitespace);
        for word in text.split_whitespace() {
            if is_apart && !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
            is_apart = true;
        }
        is_apart = text.ends_with(char::is_whitespace) || is_apart && text.trim_start().is_empty();
    }
    line
}
