//! CSS selectors over the flat document: `scraper`'s own grammar and `selectors`' matching, asked of our
//! nodes, since `scraper`'s tree is gone when rules are run.

use super::{Document, NodeId, Tag};
use crate::extract::steps::{OutOfSteps, Steps};
use html5ever::{Namespace, ns};
use scraper::error::SelectorErrorKind;
use scraper::selector::{CssLocalName, CssString, NonTSPseudoClass, Parser, PseudoElement, Simple};
use selectors::attr::{AttrSelectorOperation, CaseSensitivity, NamespaceConstraint};
use selectors::bloom::BloomFilter;
use selectors::matching::{
    self, ElementSelectorFlags, MatchingContext, MatchingForInvalidation, MatchingMode, NeedsSelectorFlags, QuirksMode,
    SelectorCaches,
};
use selectors::parser::{ParseRelative, SelectorList};
use selectors::{Element, OpaqueElement};

/// Longest selector that is read, in bytes: its parser recurses over `:not(:not(...))`.
const MAX_BYTES: usize = 2_000;

/// A selector that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SelectorError {
    #[error("is no CSS selector: {0}")]
    Syntax(SelectorErrorKind),
    #[error("is longer than {MAX_BYTES} bytes")]
    TooLong,
}

/// A list of CSS selectors, compiled.
#[derive(Debug, Clone)]
pub(crate) struct Selectors(SelectorList<Simple>);

impl Selectors {
    /// Reads a list, separated by commas.
    ///
    /// # Errors
    /// What is no selector, or a pseudo-class that makes no sense without a reader (`:hover`).
    pub(crate) fn parse(source: &str) -> Result<Self, SelectorError> {
        if source.len() > MAX_BYTES {
            return Err(SelectorError::TooLong);
        }
        let mut input = cssparser::Parser::new(source);
        let list = SelectorList::parse(&Parser, &mut input, ParseRelative::No);
        list.map(Self).map_err(|error| SelectorError::Syntax(SelectorErrorKind::from(error)))
    }

    /// The elements that some selector of the list matches, in document order.
    ///
    /// # Errors
    /// When the page makes it too much work.
    pub(crate) fn select(&self, document: &Document<'_>, steps: &Steps) -> Result<Vec<NodeId>, OutOfSteps> {
        let mut caches = SelectorCaches::default();
        let mut context = MatchingContext::new(
            MatchingMode::Normal,
            None,
            &mut caches,
            QuirksMode::NoQuirks,
            NeedsSelectorFlags::No,
            MatchingForInvalidation::No,
        );
        let mut found = Vec::new();
        for node in document.nodes().filter(|node| document.tag(*node).is_some()) {
            let element = FlatElement { document, node, steps };
            let is_match =
                self.0.slice().iter().any(|it| matching::matches_selector(it, 0, None, &element, &mut context));
            // Past the last step nothing matches, so that the answer means nothing.
            steps.take(1)?;
            if is_match {
                found.push(node);
            }
        }
        Ok(found)
    }
}

/// An element as `selectors` wants to see it.
#[derive(Debug, Clone, Copy)]
struct FlatElement<'a> {
    document: &'a Document<'a>,
    node: NodeId,
    steps: &'a Steps,
}

/// Past the last step no name, attribute or child is there any more, which ends every search soon. Siblings
/// are, since `selectors` counts them more than once and wants the counts to agree.
impl<'a> FlatElement<'a> {
    /// The node as an element, if it is one.
    fn at(self, node: NodeId) -> Option<Self> {
        let _ = self.steps.take(1);
        self.document.tag(node).map(|_| Self { node, ..self })
    }

    fn has_steps(&self) -> bool {
        self.steps.left() > 0
    }

    fn attribute(&self, name: &str) -> Option<&'a str> {
        if self.has_steps() { self.document.attribute_named(self.node, name) } else { None }
    }

    /// The first element from `from` on among the children of `parent`.
    fn first_from(self, from: NodeId, parent: NodeId) -> Option<Self> {
        let end = self.document.after(parent);
        let mut child = from;
        while child < end {
            if let Some(element) = self.at(child) {
                return Some(element);
            }
            child = self.document.after(child);
        }
        None
    }
}

impl Element for FlatElement<'_> {
    type Impl = Simple;

    fn opaque(&self) -> OpaqueElement {
        OpaqueElement::new(&self.document.nodes[self.node.index()])
    }

    fn parent_element(&self) -> Option<Self> {
        if self.has_steps() { self.at(self.document.parent(self.node)?) } else { None }
    }

    fn parent_node_is_shadow_root(&self) -> bool {
        false
    }

    fn containing_shadow_host(&self) -> Option<Self> {
        None
    }

    fn is_pseudo_element(&self) -> bool {
        false
    }

    fn prev_sibling_element(&self) -> Option<Self> {
        let parent = self.document.parent(self.node)?;
        // The node before ours in document order is at the end of the sibling before, or that itself.
        let mut before = self.document.before(self.node)?;
        while before > parent {
            while self.document.parent(before)? != parent {
                let _ = self.steps.take(1);
                before = self.document.parent(before)?;
            }
            if let Some(element) = self.at(before) {
                return Some(element);
            }
            before = self.document.before(before)?;
        }
        None
    }

    fn next_sibling_element(&self) -> Option<Self> {
        self.first_from(self.document.after(self.node), self.document.parent(self.node)?)
    }

    fn first_element_child(&self) -> Option<Self> {
        if self.has_steps() { self.first_from(self.document.next(self.node), self.node) } else { None }
    }

    fn is_html_element_in_html_document(&self) -> bool {
        true
    }

    fn has_local_name(&self, name: &CssLocalName) -> bool {
        self.has_steps() && *name.0 == *self.document.name(self.node)
    }

    fn has_namespace(&self, namespace: &Namespace) -> bool {
        *namespace == ns!(html)
    }

    fn is_same_type(&self, other: &Self) -> bool {
        self.document.name(self.node) == self.document.name(other.node)
    }

    fn attr_matches(
        &self,
        namespace: &NamespaceConstraint<&Namespace>,
        name: &CssLocalName,
        operation: &AttrSelectorOperation<&CssString>,
    ) -> bool {
        let is_here = !matches!(namespace, NamespaceConstraint::Specific(url) if **url != ns!());
        is_here && self.attribute(&name.0).is_some_and(|value| operation.eval_str(value))
    }

    fn match_non_ts_pseudo_class(&self, _: &NonTSPseudoClass, _: &mut MatchingContext<'_, Simple>) -> bool {
        false
    }

    fn match_pseudo_element(&self, _: &PseudoElement, _: &mut MatchingContext<'_, Simple>) -> bool {
        false
    }

    fn apply_selector_flags(&self, _: ElementSelectorFlags) {}

    fn is_link(&self) -> bool {
        matches!(self.document.tag(self.node), Some(Tag::A | Tag::Area)) && self.attribute("href").is_some()
    }

    fn is_html_slot_element(&self) -> bool {
        false
    }

    fn has_id(&self, id: &CssLocalName, case: CaseSensitivity) -> bool {
        self.attribute("id").is_some_and(|own| case.eq(own.as_bytes(), id.0.as_bytes()))
    }

    fn has_class(&self, name: &CssLocalName, case: CaseSensitivity) -> bool {
        let classes = self.attribute("class").unwrap_or_default();
        classes.split_ascii_whitespace().any(|class| case.eq(class.as_bytes(), name.0.as_bytes()))
    }

    fn has_custom_state(&self, _: &CssLocalName) -> bool {
        false
    }

    fn imported_part(&self, _: &CssLocalName) -> Option<CssLocalName> {
        None
    }

    fn is_part(&self, _: &CssLocalName) -> bool {
        false
    }

    fn is_empty(&self) -> bool {
        self.document.next(self.node) == self.document.after(self.node)
    }

    fn is_root(&self) -> bool {
        self.document.parent(self.node) == Some(NodeId::ROOT)
    }

    fn add_element_unique_hashes(&self, _: &mut BloomFilter) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::dom::parse;

    const PAGE: &str = "<body><div id=one class='story  wide'><p>a</p><p class=note>b</p>text<p>c</p></div>\
                        <div data-kind=AD><a href=/x>x</a></div></body>";

    fn selected(selector: &str) -> Vec<String> {
        let document = parse(PAGE).unwrap();
        let found = Selectors::parse(selector).unwrap().select(&document, &Steps::new(10_000)).unwrap();
        found.into_iter().map(|node| document.text_below(node)).collect()
    }

    #[test]
    fn selectors_find_elements_of_the_flat_document() {
        let cases: &[(&str, &[&str])] = &[
            ("p", &["a", "b", "c"]),
            ("DIV.story > p.note", &["b"]),
            ("#one p:first-child", &["a"]),
            ("#one p:last-child, a[href^='/']", &["c", "x"]),
            ("p:nth-of-type(2)", &["b"]),
            ("p.note + p", &["c"]),
            ("p:first-child ~ p:not(.note)", &["c"]),
            ("div:has(a)", &["x"]),
            ("[data-kind=ad i] a", &["x"]),
            (":is(h1, a)", &["x"]),
            ("p:nth-last-child(n+3)", &["a"]),
            (".wid", &[]),
        ];
        for (selector, expected) in cases {
            assert_eq!(selected(selector), *expected, "{selector}");
        }
    }

    #[test]
    fn what_is_no_selector_is_told() {
        for source in ["", "p >", "p:hover", "p::before", "//p", "p[", &"p ".repeat(2_000)] {
            assert!(Selectors::parse(source).is_err(), "{source}");
        }
    }

    #[test]
    fn hostile_pages_end_at_the_last_step() {
        let html = format!("{}{}", "<div>".repeat(500), "<p>x".repeat(20_000));
        let document = parse(&html).unwrap();
        for selector in ["div div div div div p", "p ~ p ~ p ~ q", "p:nth-last-child(7)", "div:has(q)", "p + p + q"] {
            let steps = Steps::new(100_000);
            let _ = Selectors::parse(selector).unwrap().select(&document, &steps);
        }
        let selectors = Selectors::parse("p ~ q ~ p").unwrap();
        assert_eq!(selectors.select(&document, &Steps::new(1_000)), Err(OutOfSteps));
    }
}
