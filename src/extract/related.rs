//! Related links and tags: what is left out of the text as such is kept as metadata.

use super::block::{BlockId, Boilerplate, RegionId};
use super::decide::Decision;
use super::dom::{NodeId, Tag};
use super::rules::View;
use crate::article::Link;
use std::collections::{HashMap, HashSet};
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
    let mut seen: HashSet<Url> = view.url.cloned().into_iter().collect();
    seen.extend(view.evidence.metadata.canonical_url.clone());
    for (block, anchor) in anchors(view) {
        let text = label(view, block, anchor);
        match kinds[block] {
            Some(Boilerplate::Tags) if tags.len() < MOST => {
                let tag = text.trim_start_matches('#').trim();
                if !tag.is_empty() && tag.chars().count() <= TAG_CHARS && !tags.iter().any(|known| known == tag) {
                    tags.push(tag.to_owned());
                }
            }
            Some(Boilerplate::RelatedList | Boilerplate::ReadAlso) if links.len() < MOST && !text.is_empty() => {
                let target = target(view, anchor).filter(|url| seen.insert(url.clone()));
                links.extend(target.map(|url| Link { text, url }));
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

/// Every link of the page with the block that it stands in, the first one for a link around several.
fn anchors(view: &View<'_>) -> Vec<(BlockId, NodeId)> {
    let (document, blocks) = (view.document, view.blocks);
    let regions: HashMap<NodeId, RegionId> =
        blocks.regions.iter().enumerate().map(|(id, region)| (region.node, id)).collect();
    let mut own: HashMap<RegionId, Vec<BlockId>> = HashMap::new();
    for (id, block) in blocks.blocks.iter().enumerate() {
        own.entry(block.region).or_default().push(id);
    }
    let mut cursors: HashMap<RegionId, usize> = HashMap::new();
    let mut found = Vec::new();
    for anchor in document.elements(Tag::A) {
        if let Some(region) = regions.get(&anchor) {
            let range = blocks.regions[*region].blocks.clone();
            found.extend((!range.is_empty()).then_some((range.start, anchor)));
            continue;
        }
        let Some(region) = document.ancestors(anchor).find_map(|node| regions.get(&node)) else { continue };
        let text = squeezed(&document.text_below(anchor));
        let Some(candidates) = own.get(region).filter(|_| !text.is_empty()) else { continue };
        let cursor = cursors.entry(*region).or_default();
        let holds = |id: &BlockId| blocks.text(&blocks.blocks[*id]).contains(&text);
        if let Some(offset) = candidates[*cursor..].iter().take(SEARCHED).position(holds) {
            *cursor += offset;
            found.push((candidates[*cursor], anchor));
        }
    }
    found
}

/// What a link is called: its own text, or, where it stands around a card, the heading in it.
fn label(view: &View<'_>, block: BlockId, anchor: NodeId) -> String {
    let heading = view
        .document
        .descendants(anchor)
        .find(|node| view.document.tag(*node).is_some_and(|tag| tag.heading_level().is_some()));
    let text = squeezed(&view.document.text_below(heading.unwrap_or(anchor)));
    if text.chars().count() <= LABEL_CHARS { text } else { view.blocks.text(&view.blocks.blocks[block]).to_owned() }
}

/// A longer text of a link is a card's: its first block is its name.
const LABEL_CHARS: usize = 240;

fn target(view: &View<'_>, anchor: NodeId) -> Option<Url> {
    let href = view.document.attribute(anchor, "href")?.trim();
    if href.is_empty() || href.starts_with('#') {
        return None;
    }
    let url = match view.url {
        Some(base) => base.join(href).ok()?,
        None => Url::parse(href).ok()?,
    };
    (matches!(url.scheme(), "http" | "https") && url.host_str().is_some()).then_some(url)
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
