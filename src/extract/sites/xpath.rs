//! XPath 1.0 (<https://www.w3.org/TR/1999/REC-xpath-19991116/>) over the flat document.
//!
//! No kept crate runs it on a tree of ours: `sxd-xpath` has had no release since 2018, and `xee-xpath`,
//! `skyscraper` and `amxml` bring trees of their own. All of the language is here but variables, the
//! namespace axis and `id()` of node sets' many ids beyond one list; what the document does not hold (comments,
//! scripts other than JSON-LD, styles, SVG) cannot be found. Names with a colon (`fb:like`) are plain names, as
//! in HTML. An evaluation ends after a number of steps, so that no page can keep it busy.

mod evaluate;
mod functions;
mod parse;
mod tokens;

use super::super::dom::{Document, NodeId, Tag};
use super::super::steps::{OutOfSteps, Steps};
use evaluate::Evaluator;
pub(crate) use parse::XPathError;

/// An expression, compiled.
#[derive(Debug, Clone)]
pub(super) struct XPath(Expr);

/// What an expression finds on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// Nodes in document order.
    Nodes(Vec<Item>),
    /// The value of an expression that is no path.
    Text(String),
}

impl XPath {
    /// Compiles an expression.
    ///
    /// # Errors
    /// What is not XPath 1.0, or not in the part of it that is here.
    pub(super) fn parse(source: &str) -> Result<Self, XPathError> {
        parse::parse(source).map(Self)
    }

    /// Evaluates the expression at the root of a document.
    ///
    /// # Errors
    /// When the page makes it too much work.
    pub(super) fn find(&self, document: &Document<'_>, steps: &Steps) -> Result<Found, OutOfSteps> {
        Evaluator { document, steps }.find(&self.0)
    }

    /// Whether the expression holds for a document, as in a predicate.
    ///
    /// # Errors
    /// When the page makes it too much work.
    pub(super) fn holds(&self, document: &Document<'_>, steps: &Steps) -> Result<bool, OutOfSteps> {
        Evaluator { document, steps }.holds(&self.0)
    }
}

/// A node or one of its attributes, in document order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Item {
    pub(super) node: NodeId,
    /// 0 for the node itself, else the number of the attribute from 1.
    pub(super) attribute: u32,
}

impl Item {
    fn of(node: NodeId) -> Self {
        Self { node, attribute: 0 }
    }

    /// The text of the node, or the value of the attribute.
    pub(super) fn value(self, document: &Document<'_>) -> String {
        match (self.attribute, document.text(self.node)) {
            (0, None) => document.text_below(self.node),
            (0, Some(text)) => text.to_owned(),
            (number, _) => {
                document.attributes(self.node).nth(number as usize - 1).map_or("", |(_, value)| value).to_owned()
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Expr {
    Or(Vec<Expr>),
    And(Vec<Expr>),
    Union(Vec<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    Arithmetic(Operator, Box<Expr>, Box<Expr>),
    Negative(Box<Expr>),
    Path(Start, Vec<Step>),
    Literal(String),
    Number(f64),
    Call(Function, Vec<Expr>),
}

/// Where a path begins.
#[derive(Debug, Clone, PartialEq)]
enum Start {
    Root,
    Here,
    /// What an expression finds, filtered by predicates in document order.
    Nodes(Box<Expr>, Vec<Expr>),
}

#[derive(Debug, Clone, PartialEq)]
struct Step {
    axis: Axis,
    test: Test,
    predicates: Vec<Expr>,
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    /// `node()`
    Node,
    /// `*`
    Any,
    /// An element's name, or an attribute's.
    Name(Tag, String),
    /// `text()`
    Text,
    /// `comment()`, `processing-instruction()`: not in the document.
    Absent,
}

macro_rules! named {
    ($(#[$doc:meta])* $type:ident { $($variant:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum $type { $($variant,)* }

        impl $type {
            fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

named! {
    Axis {
        Ancestor = "ancestor", AncestorOrSelf = "ancestor-or-self", Attribute = "attribute", Child = "child",
        Descendant = "descendant", DescendantOrSelf = "descendant-or-self", Following = "following",
        FollowingSibling = "following-sibling", Parent = "parent", Preceding = "preceding",
        PrecedingSibling = "preceding-sibling", Itself = "self",
    }
}

named! {
    Comparison { Equal = "=", Unequal = "!=", Less = "<", AtMost = "<=", Greater = ">", AtLeast = ">=", }
}

named! {
    Operator { Plus = "+", Minus = "-", Times = "*", Divide = "div", Modulo = "mod", }
}

named! {
    Function {
        Boolean = "boolean", Ceiling = "ceiling", Concat = "concat", Contains = "contains", Count = "count",
        False = "false", Floor = "floor", Id = "id", Lang = "lang", Last = "last", LocalName = "local-name",
        Name = "name", NormalizeSpace = "normalize-space", Not = "not", Number = "number", Position = "position",
        Round = "round", StartsWith = "starts-with", String = "string", StringLength = "string-length",
        Substring = "substring", SubstringAfter = "substring-after", SubstringBefore = "substring-before",
        Sum = "sum", Translate = "translate", True = "true",
    }
}

impl Function {
    /// Fewest and most arguments.
    fn arguments(self) -> (usize, usize) {
        match self {
            Self::False | Self::True | Self::Last | Self::Position => (0, 0),
            Self::LocalName | Self::Name | Self::NormalizeSpace | Self::Number | Self::String | Self::StringLength => {
                (0, 1)
            }
            Self::Contains | Self::StartsWith | Self::SubstringAfter | Self::SubstringBefore => (2, 2),
            Self::Concat => (2, usize::MAX),
            Self::Substring => (2, 3),
            Self::Translate => (3, 3),
            _ => (1, 1),
        }
    }

    fn gives_number(self) -> bool {
        matches!(
            self,
            Self::Last
                | Self::Position
                | Self::Count
                | Self::StringLength
                | Self::Sum
                | Self::Floor
                | Self::Ceiling
                | Self::Round
                | Self::Number
        )
    }
}

#[cfg(test)]
mod tests;
