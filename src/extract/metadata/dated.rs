//! Elements that date the article, those near its headline first.

use super::elsewhere::is_elsewhere;
use super::marks::words;
use super::markup::Markup;
use crate::extract::dom::{Attr, Document, NodeId};

/// How many nodes behind the headline and before it a date is near to it.
const NODES_AFTER: usize = 400;
const NODES_BEFORE: usize = 60;

/// Elements with an `itemprop` of this name, those near the headline first.
pub(super) fn items(document: &Document<'_>, markup: &Markup<'_>, name: &str) -> Vec<NodeId> {
    let is_item = |node: &NodeId| document.attribute(*node, Attr::Itemprop).is_some_and(|stated| stated.contains(name));
    let named: Vec<NodeId> = markup.marked().dates.iter().copied().filter(is_item).collect();
    let is_asked_for_changes = name == "dateModified";
    let is_own =
        |node: &NodeId| !is_elsewhere(document, *node) && (is_asked_for_changes || !is_change(document, *node));
    by_nearness(markup, named.into_iter().filter(is_own).collect())
}

/// Those of some elements that date this article and not others or its changes; those not far behind the headline
/// first, then those just before it.
pub(super) fn own(document: &Document<'_>, markup: &Markup<'_>, nodes: &[NodeId]) -> Vec<NodeId> {
    let is_own = |node: &NodeId| !is_elsewhere(document, *node) && !is_change(document, *node);
    by_nearness(markup, nodes.iter().copied().filter(is_own).collect())
}

/// Not far behind the headline first, then just before it, then the others.
fn by_nearness(markup: &Markup<'_>, mut nodes: Vec<NodeId>) -> Vec<NodeId> {
    let headline = markup.h1.first().map(|(node, _)| node.index());
    nodes.sort_by_key(|node| match headline.map(|headline| (headline, node.index())) {
        Some((headline, node)) if node >= headline => {
            if node - headline <= NODES_AFTER {
                0
            } else {
                2
            }
        }
        Some((headline, node)) => {
            if headline - node <= NODES_BEFORE {
                1
            } else {
                3
            }
        }
        None => 0,
    });
    nodes
}

/// Whether an element says when the article was changed, and not also when it was published.
fn is_change(document: &Document<'_>, node: NodeId) -> bool {
    let says = |known: &[&str]| {
        [Attr::Class, Attr::Id, Attr::Itemprop]
            .into_iter()
            .filter_map(|name| document.attribute(node, name))
            .flat_map(words)
            .any(|word| known.iter().any(|known| word.eq_ignore_ascii_case(known)))
    };
    says(&["modified", "updated", "update", "changed"]) && !says(&["published", "publish", "pubdate"])
}
