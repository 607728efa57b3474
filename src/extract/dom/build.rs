//! The conforming way to a document: `scraper` (html5ever) behind caps.

use super::prune::{self, TooManyAttributes};
use super::{Attr, Content, Document, Node, Tag, Values};
use ego_tree::iter::Edge;
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeBuilderOpts, TreeSink};
use html5ever::{Attribute, ParseOpts, QualName, driver, ns};
use scraper::{Html, HtmlTreeSink};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};

/// Deepest nesting accepted. html5ever is quadratic in depth; the deepest of 1,035 real pages has
/// 42 levels (CRAWLING.md 0.4), and browsers stop at 512 too.
pub(super) const MAX_DEPTH: u16 = 512;

/// Most nodes accepted. None of the 1,934 pages of the shared corpora strikes it; unclosed
/// formatting elements let a page of 10 MB ask for hundreds of millions.
pub(super) const MAX_NODES: usize = 1_000_000;

/// How much is fed between two looks at the caps, in bytes.
const FEED_BYTES: usize = 4096;

/// A page past the caps: its parse would cost more than it is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ParseError {
    #[error("elements nest deeper than {MAX_DEPTH}")]
    Depth,
    #[error("more than {MAX_NODES} nodes")]
    Nodes,
    #[error("a tag with more than {} attributes", prune::MAX_ATTRIBUTES)]
    Attributes,
    #[cfg(feature = "readability")]
    #[error("too many nodes too deep, or too many side by side, for readability")]
    Work,
}

impl From<TooManyAttributes> for ParseError {
    fn from(_: TooManyAttributes) -> Self {
        Self::Attributes
    }
}

/// Parses decoded HTML.
///
/// # Errors
/// When a cap strikes; the page is then to be treated as hostile.
pub(crate) fn parse(html: &str) -> Result<Document<'static>, ParseError> {
    let pruned = prune::prune(html)?;
    let options = ParseOpts {
        tree_builder: TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() },
        ..ParseOpts::default()
    };
    let mut parser = driver::parse_document(CappedSink::new(), options);
    for piece in pieces(&pruned) {
        parser.process(StrTendril::from_slice(piece));
        if let Some(error) = parser.tokenizer.sink.sink.struck.get() {
            return Err(error);
        }
    }
    let sink = parser.finish();
    match sink.struck.get() {
        Some(error) => Err(error),
        None => Ok(flatten(&sink.html.finish())),
    }
}

/// Cuts at character boundaries into pieces of about [`FEED_BYTES`].
pub(super) fn pieces(mut html: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        if html.is_empty() {
            return None;
        }
        let mut end = FEED_BYTES.min(html.len());
        while !html.is_char_boundary(end) {
            end += 1;
        }
        let (piece, rest) = html.split_at(end);
        html = rest;
        Some(piece)
    })
}

/// A node of `scraper`'s tree, and how many were created before it.
#[derive(Debug, Clone, Copy)]
struct Handle {
    node: <HtmlTreeSink as TreeSink>::Handle,
    number: u32,
}

/// `scraper`'s sink, counting depth and nodes on the way.
struct CappedSink {
    html: HtmlTreeSink,
    /// Depth by [`Handle::number`].
    depths: RefCell<Vec<u16>>,
    struck: Cell<Option<ParseError>>,
}

impl CappedSink {
    fn new() -> Self {
        Self { html: HtmlTreeSink::new(Html::new_document()), depths: RefCell::new(vec![0]), struck: Cell::new(None) }
    }

    fn number(&self, node: <HtmlTreeSink as TreeSink>::Handle) -> Handle {
        let mut depths = self.depths.borrow_mut();
        if depths.len() > MAX_NODES {
            self.struck.set(Some(ParseError::Nodes));
        }
        depths.push(0);
        Handle { node, number: depths.len() as u32 - 1 }
    }

    /// Notes that `child` stands at `depth`.
    fn place(&self, child: &NodeOrText<Handle>, depth: u16) {
        if let NodeOrText::AppendNode(child) = child {
            self.depths.borrow_mut()[child.number as usize] = depth;
            if depth > MAX_DEPTH {
                self.struck.set(Some(ParseError::Depth));
            }
        }
    }

    fn depth(&self, handle: &Handle) -> u16 {
        self.depths.borrow()[handle.number as usize]
    }
}

fn unwrapped(child: NodeOrText<Handle>) -> NodeOrText<<HtmlTreeSink as TreeSink>::Handle> {
    match child {
        NodeOrText::AppendNode(handle) => NodeOrText::AppendNode(handle.node),
        NodeOrText::AppendText(text) => NodeOrText::AppendText(text),
    }
}

impl TreeSink for CappedSink {
    type Handle = Handle;
    type Output = Self;
    type ElemName<'a> = <HtmlTreeSink as TreeSink>::ElemName<'a>;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        Handle { node: self.html.get_document(), number: 0 }
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> Self::ElemName<'a> {
        self.html.elem_name(&target.node)
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, flags: ElementFlags) -> Handle {
        self.number(self.html.create_element(name, attributes, flags))
    }

    fn create_comment(&self, text: StrTendril) -> Handle {
        self.number(self.html.create_comment(text))
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> Handle {
        self.number(self.html.create_pi(target, data))
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        self.place(&child, self.depth(parent).saturating_add(1));
        self.html.append(&parent.node, unwrapped(child));
    }

    fn append_based_on_parent_node(&self, element: &Handle, previous: &Handle, child: NodeOrText<Handle>) {
        self.place(&child, self.depth(element));
        self.html.append_based_on_parent_node(&element.node, &previous.node, unwrapped(child));
    }

    fn append_doctype_to_document(&self, name: StrTendril, public_id: StrTendril, system_id: StrTendril) {
        self.html.append_doctype_to_document(name, public_id, system_id);
    }

    fn get_template_contents(&self, target: &Handle) -> Handle {
        Handle { node: self.html.get_template_contents(&target.node), number: target.number }
    }

    fn same_node(&self, x: &Handle, y: &Handle) -> bool {
        x.node == y.node
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.html.set_quirks_mode(mode);
    }

    fn append_before_sibling(&self, sibling: &Handle, new_node: NodeOrText<Handle>) {
        self.place(&new_node, self.depth(sibling));
        self.html.append_before_sibling(&sibling.node, unwrapped(new_node));
    }

    fn add_attrs_if_missing(&self, target: &Handle, attributes: Vec<Attribute>) {
        self.html.add_attrs_if_missing(&target.node, attributes);
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.html.remove_from_parent(&target.node);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        self.html.reparent_children(&node.node, &new_parent.node);
    }
}

/// Copies `scraper`'s tree into the flat arrays, leaving out what no reader sees.
fn flatten(html: &Html) -> Document<'static> {
    let (mut document, mut values) = (Document::default(), Values::new());
    let mut open: Vec<u32> = Vec::new();
    let mut unseen_depth = 0_usize;
    for edge in html.tree.root().traverse() {
        match edge {
            Edge::Open(node) if unseen_depth > 0 || is_unseen(node.value()) => unseen_depth += 1,
            Edge::Open(node) => {
                let at = document.nodes.len() as u32;
                let content = document.content(node.value(), &mut values);
                document.nodes.push(Node { parent: open.last().copied().unwrap_or(0), end: at + 1, content });
                open.push(at);
            }
            Edge::Close(_) if unseen_depth > 0 => unseen_depth -= 1,
            Edge::Close(_) => {
                let end = document.nodes.len() as u32;
                if let Some(closed) = open.pop() {
                    document.nodes[closed as usize].end = end;
                }
            }
        }
    }
    document.values = values.len();
    document.with_tags()
}

fn is_unseen(node: &scraper::Node) -> bool {
    match node {
        scraper::Node::Document | scraper::Node::Text(_) => false,
        scraper::Node::Element(element) => {
            element.name.ns == ns!(svg)
                || element.name.ns == ns!(mathml)
                || matches!(element.name(), "template" | "style" | "textarea" | "datalist" | "canvas")
        }
        _ => true,
    }
}

impl Document<'_> {
    /// Copies the strings of a node of `scraper`'s.
    fn content(&mut self, node: &scraper::Node, values: &mut Values) -> Content {
        match node {
            scraper::Node::Element(element) => {
                let tag = Tag::from_name(element.name());
                let custom = self.custom_names.len() as u32;
                if tag == Tag::Custom {
                    self.custom_names.push(element.name().into());
                }
                let start = self.attributes.len() as u32;
                for (name, value) in element.attrs() {
                    let attr = Attr::from_name(name);
                    let (name, value) = (self.wording.push(name), self.wording.push(value));
                    self.attributes.push(super::Attribute::new(attr, name, value, &self.wording, values));
                }
                Content::Element { tag, name: custom, attributes: start..self.attributes.len() as u32 }
            }
            scraper::Node::Text(text) => Content::Text(self.wording.push(text)),
            _ => Content::Element { tag: Tag::Custom, name: u32::MAX, attributes: 0..0 },
        }
    }
}
