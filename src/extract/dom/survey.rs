//! What a page asks of `readability`, told before it is asked.
//!
//! That crate recurses over the depth of a page, walks the tree below every element again, and builds a
//! path of all levels for each node. Its parser sees other trees than ours (`noscript` is text to it, and
//! it is older), so that our caps do not hold for it. Hence the page is parsed here once more, by its very
//! parser with its very options, but counted on the way.

use super::build::{MAX_DEPTH, MAX_NODES, ParseError, pieces};
use html5ever_026::tendril::{StrTendril, TendrilSink};
use html5ever_026::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever_026::{Attribute, ExpandedName, ParseOpts, QualName, parse_document};
use markup5ever_rcdom::{NodeData, RcDom};
use std::borrow::Cow;

/// Most work accepted, in steps of [`work`]: about five seconds of `readability` (measured on towers and on
/// long rows of empty paragraphs). None of the 1,934 pages of the shared corpora takes it half a second.
const MAX_WORK: u64 = 20_000_000;

/// How many characters of text cost as much as a node.
const CHARS_PER_STEP: u64 = 32;

/// How many neighbours cost as much as a node, where nodes are taken from between them.
const NEIGHBOURS_PER_STEP: u64 = 64;

/// Whether `readability` can walk over the page, on a stack of 2 MB and in reasonable time. It needs 1.4 kB
/// of stack for a level without optimisation and 0.2 kB with it (measured): 720 kB at most under the cap.
///
/// # Errors
/// When a cap strikes; the page is not to be given to `readability`.
pub(crate) fn survey(html: &str) -> Result<(), ParseError> {
    let mut parser = parse_document(CountingSink::default(), ParseOpts::default());
    for piece in pieces(html) {
        parser.process(StrTendril::from_slice(piece));
        if let Some(error) = parser.tokenizer.sink.sink.struck {
            return Err(error);
        }
    }
    let sink = parser.finish();
    sink.struck.map_or_else(|| judge(&sink.tree), Err)
}

/// Looks at the whole tree: on the way nodes may have moved with all that is below them.
fn judge(tree: &RcDom) -> Result<(), ParseError> {
    let mut sum = 0;
    let mut waiting = vec![(tree.document.clone(), 0)];
    while let Some((node, depth)) = waiting.pop() {
        if depth > MAX_DEPTH {
            return Err(ParseError::Depth);
        }
        let children = node.children.borrow();
        sum += work(depth, &node.data, children.len() as u64);
        if sum > MAX_WORK {
            return Err(ParseError::Work);
        }
        waiting.extend(children.iter().map(|child| (child.clone(), depth + 1)));
    }
    Ok(())
}

/// Steps that a node costs: all its ancestors read it, text by its length; and it looks for each child
/// that it loses among all of them.
fn work(depth: u16, data: &NodeData, children: u64) -> u64 {
    let chars = match data {
        NodeData::Text { contents } => contents.borrow().len() as u64,
        _ => 0,
    };
    u64::from(depth) * (1 + chars / CHARS_PER_STEP) + children * children / NEIGHBOURS_PER_STEP
}

/// A node of the tree, and how many were created before it.
#[derive(Clone)]
struct Handle {
    node: markup5ever_rcdom::Handle,
    number: usize,
}

/// The tree of `readability`, with depth and nodes counted while it grows.
struct CountingSink {
    tree: RcDom,
    /// Depth by [`Handle::number`], as at its placing.
    depths: Vec<u16>,
    struck: Option<ParseError>,
}

impl Default for CountingSink {
    fn default() -> Self {
        Self { tree: RcDom::default(), depths: vec![0], struck: None }
    }
}

impl CountingSink {
    fn number(&mut self, node: markup5ever_rcdom::Handle) -> Handle {
        if self.depths.len() > MAX_NODES {
            self.struck = Some(ParseError::Nodes);
        }
        self.depths.push(0);
        Handle { node, number: self.depths.len() - 1 }
    }

    fn place(&mut self, child: NodeOrText<Handle>, depth: u16) -> NodeOrText<markup5ever_rcdom::Handle> {
        match child {
            NodeOrText::AppendText(text) => NodeOrText::AppendText(text),
            NodeOrText::AppendNode(child) => {
                self.depths[child.number] = depth;
                if depth > MAX_DEPTH {
                    self.struck = Some(ParseError::Depth);
                }
                NodeOrText::AppendNode(child.node)
            }
        }
    }
}

impl TreeSink for CountingSink {
    type Handle = Handle;
    type Output = Self;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&mut self, _message: Cow<'static, str>) {}

    fn get_document(&mut self) -> Handle {
        Handle { node: self.tree.get_document(), number: 0 }
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        self.tree.elem_name(&target.node)
    }

    fn create_element(&mut self, name: QualName, attributes: Vec<Attribute>, flags: ElementFlags) -> Handle {
        let node = self.tree.create_element(name, attributes, flags);
        self.number(node)
    }

    fn create_comment(&mut self, text: StrTendril) -> Handle {
        let node = self.tree.create_comment(text);
        self.number(node)
    }

    fn create_pi(&mut self, target: StrTendril, data: StrTendril) -> Handle {
        let node = self.tree.create_pi(target, data);
        self.number(node)
    }

    fn append(&mut self, parent: &Handle, child: NodeOrText<Handle>) {
        let child = self.place(child, self.depths[parent.number].saturating_add(1));
        self.tree.append(&parent.node, child);
    }

    fn append_based_on_parent_node(&mut self, element: &Handle, previous: &Handle, child: NodeOrText<Handle>) {
        let child = self.place(child, self.depths[element.number]);
        self.tree.append_based_on_parent_node(&element.node, &previous.node, child);
    }

    fn append_doctype_to_document(&mut self, name: StrTendril, public_id: StrTendril, system_id: StrTendril) {
        self.tree.append_doctype_to_document(name, public_id, system_id);
    }

    fn get_template_contents(&mut self, target: &Handle) -> Handle {
        Handle { node: self.tree.get_template_contents(&target.node), number: target.number }
    }

    fn same_node(&self, x: &Handle, y: &Handle) -> bool {
        self.tree.same_node(&x.node, &y.node)
    }

    fn set_quirks_mode(&mut self, mode: QuirksMode) {
        self.tree.set_quirks_mode(mode);
    }

    fn append_before_sibling(&mut self, sibling: &Handle, new_node: NodeOrText<Handle>) {
        let new_node = self.place(new_node, self.depths[sibling.number]);
        self.tree.append_before_sibling(&sibling.node, new_node);
    }

    fn add_attrs_if_missing(&mut self, target: &Handle, attributes: Vec<Attribute>) {
        self.tree.add_attrs_if_missing(&target.node, attributes);
    }

    fn remove_from_parent(&mut self, target: &Handle) {
        self.tree.remove_from_parent(&target.node);
    }

    fn reparent_children(&mut self, node: &Handle, new_parent: &Handle) {
        self.tree.reparent_children(&node.node, &new_parent.node);
    }

    fn is_mathml_annotation_xml_integration_point(&self, target: &Handle) -> bool {
        self.tree.is_mathml_annotation_xml_integration_point(&target.node)
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn strikes_at_levels_that_our_own_parser_does_not_see() {
        let hidden = "<div><noscript></div></noscript>".repeat(2000);
        assert!(parse(&hidden).is_ok());
        assert_eq!(survey(&hidden), Err(ParseError::Depth));
    }

    #[test]
    fn strikes_at_work_that_would_take_minutes() {
        assert_eq!(survey(&"<p></p>".repeat(100_000)), Err(ParseError::Work));
        let tower = format!("{}{}", "<div>".repeat(400), "<i>a</i>".repeat(100_000));
        assert_eq!(survey(&tower), Err(ParseError::Work));
    }

    #[test]
    fn lets_a_long_page_pass() {
        let page = format!("<main><article>{}</article></main>", "<p>Some words of a story.</p>".repeat(5000));
        assert_eq!(survey(&page), Ok(()));
    }
}
