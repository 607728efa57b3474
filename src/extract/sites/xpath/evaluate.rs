//! Expressions on a document, node by node against the steps that are left.

use super::functions::{number_of, string_of};
use super::{Axis, Comparison, Expr, Found, Item, Operator, Start, Step, Test};
use crate::extract::dom::{Document, NodeId};
use crate::extract::steps::{OutOfSteps, Steps};
use std::borrow::Cow;

#[derive(Debug, Clone)]
pub(super) enum Value<'a> {
    /// In document order, without repeats.
    Nodes(Vec<Item>),
    Text(Cow<'a, str>),
    Number(f64),
    Boolean(bool),
}

/// The node that an expression is evaluated at, and its place among its like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    pub(super) item: Item,
    pub(super) position: usize,
    pub(super) size: usize,
}

pub(super) type Evaluated<T> = Result<T, OutOfSteps>;

#[derive(Debug, Clone, Copy)]
pub(super) struct Evaluator<'a> {
    pub(super) document: &'a Document<'a>,
    pub(super) steps: &'a Steps,
}

impl<'a> Evaluator<'a> {
    pub(super) fn find(self, expression: &'a Expr) -> Evaluated<Found> {
        Ok(match self.value(expression, Context::ROOT)? {
            Value::Nodes(items) => Found::Nodes(items),
            value => Found::Text(self.text_of(value)?.into_owned()),
        })
    }

    pub(super) fn holds(self, expression: &'a Expr) -> Evaluated<bool> {
        self.boolean(expression, Context::ROOT)
    }

    pub(super) fn value(self, expression: &'a Expr, here: Context) -> Evaluated<Value<'a>> {
        Ok(match expression {
            Expr::Or(parts) => Value::Boolean(self.is_one(parts, here, true)?),
            Expr::And(parts) => Value::Boolean(!self.is_one(parts, here, false)?),
            Expr::Union(parts) => {
                let mut all = Vec::new();
                for part in parts {
                    all.extend(self.nodes(part, here)?);
                }
                Value::Nodes(self.ordered(all)?)
            }
            Expr::Compare(comparison, left, right) => {
                let (left, right) = (self.value(left, here)?, self.value(right, here)?);
                Value::Boolean(self.compare(*comparison, &left, &right)?)
            }
            Expr::Arithmetic(operator, left, right) => {
                let (left, right) = (self.number(left, here)?, self.number(right, here)?);
                Value::Number(match operator {
                    Operator::Plus => left + right,
                    Operator::Minus => left - right,
                    Operator::Times => left * right,
                    Operator::Divide => left / right,
                    Operator::Modulo => left % right,
                })
            }
            Expr::Negative(inner) => Value::Number(-self.number(inner, here)?),
            Expr::Path(start, steps) => Value::Nodes(self.path(start, steps, here)?),
            Expr::Literal(text) => Value::Text(Cow::Borrowed(text)),
            Expr::Number(number) => Value::Number(*number),
            Expr::Call(function, arguments) => return self.call(*function, arguments, here),
        })
    }

    /// Whether one of some expressions is `wanted`.
    fn is_one(self, parts: &'a [Expr], here: Context, wanted: bool) -> Evaluated<bool> {
        for part in parts {
            if self.boolean(part, here)? == wanted {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn boolean(self, expression: &'a Expr, here: Context) -> Evaluated<bool> {
        Ok(truth(&self.value(expression, here)?))
    }

    pub(super) fn number(self, expression: &'a Expr, here: Context) -> Evaluated<f64> {
        match self.value(expression, here)? {
            Value::Number(number) => Ok(number),
            Value::Boolean(truth) => Ok(f64::from(u8::from(truth))),
            value => Ok(number_of(&self.text_of(value)?)),
        }
    }

    pub(super) fn text(self, expression: &'a Expr, here: Context) -> Evaluated<Cow<'a, str>> {
        if let Some(name) = own_attribute(expression) {
            self.steps.take(1)?;
            let value =
                if here.item.attribute == 0 { self.document.attribute_named(here.item.node, name) } else { None };
            let value = value.unwrap_or_default();
            self.steps.take_for_bytes(value.len())?;
            return Ok(Cow::Borrowed(value));
        }
        let value = self.value(expression, here)?;
        self.text_of(value)
    }

    /// The nodes of an expression; none where it is no path.
    pub(super) fn nodes(self, expression: &'a Expr, here: Context) -> Evaluated<Vec<Item>> {
        match self.value(expression, here)? {
            Value::Nodes(items) => Ok(items),
            _ => Ok(Vec::new()),
        }
    }

    fn text_of(self, value: Value<'a>) -> Evaluated<Cow<'a, str>> {
        Ok(match value {
            Value::Nodes(items) => match items.first() {
                Some(first) => self.item_text(*first)?,
                None => Cow::Borrowed(""),
            },
            Value::Text(text) => text,
            Value::Number(number) => Cow::Owned(string_of(number)),
            Value::Boolean(truth) => Cow::Borrowed(if truth { "true" } else { "false" }),
        })
    }

    pub(super) fn item_text(self, item: Item) -> Evaluated<Cow<'a, str>> {
        if item.attribute > 0 {
            let value = self.document.attributes(item.node).nth(item.attribute as usize - 1);
            let value = value.map_or("", |(_, value)| value);
            self.steps.take_for_bytes(value.len())?;
            return Ok(Cow::Borrowed(value));
        }
        if let Some(text) = self.document.text(item.node) {
            self.steps.take_for_bytes(text.len())?;
            return Ok(Cow::Borrowed(text));
        }
        let mut whole = Cow::Borrowed("");
        for node in self.document.descendants(item.node) {
            self.steps.take(1)?;
            let Some(text) = self.document.text(node) else { continue };
            self.steps.take_for_bytes(text.len())?;
            if whole.is_empty() {
                whole = Cow::Borrowed(text);
            } else {
                whole.to_mut().push_str(text);
            }
        }
        Ok(whole)
    }

    fn path(self, start: &'a Start, steps: &'a [Step], here: Context) -> Evaluated<Vec<Item>> {
        let mut items = match start {
            Start::Root => vec![Item::of(NodeId::ROOT)],
            Start::Here => vec![here.item],
            Start::Nodes(expression, predicates) => {
                let mut items = self.nodes(expression, here)?;
                for predicate in predicates {
                    items = self.filter(items, predicate)?;
                }
                items
            }
        };
        for step in steps {
            let mut next = Vec::new();
            for item in &items {
                let mut found = self.on_axis(*item, step)?;
                for predicate in &step.predicates {
                    found = self.filter(found, predicate)?;
                }
                next.append(&mut found);
            }
            items = self.ordered(next)?;
        }
        Ok(items)
    }

    fn ordered(self, mut items: Vec<Item>) -> Evaluated<Vec<Item>> {
        if !items.is_sorted_by(|left, right| left < right) {
            self.steps.take(items.len() as u64)?;
            items.sort_unstable();
            items.dedup();
        }
        Ok(items)
    }

    /// Those of some nodes, in the order of their axis, that a predicate lets pass.
    fn filter(self, items: Vec<Item>, predicate: &'a Expr) -> Evaluated<Vec<Item>> {
        let size = items.len();
        let mut passed = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            self.steps.take(1)?;
            let here = Context { item, position: index + 1, size };
            let passes = match self.value(predicate, here)? {
                Value::Number(number) => number == here.position as f64,
                value => truth(&value),
            };
            if passes {
                passed.push(item);
            }
        }
        Ok(passed)
    }

    /// The nodes of a step from one node, in the order of its axis: nearest first where it looks back.
    fn on_axis(self, from: Item, step: &Step) -> Evaluated<Vec<Item>> {
        let mut found = Vec::new();
        if step.axis == Axis::Attribute {
            self.attributes(from, &step.test, &mut found)?;
            return Ok(found);
        }
        let document = self.document;
        let node = from.node;
        let is_attribute = from.attribute > 0;
        let above = |node| std::iter::successors(document.parent(node), |node| document.parent(*node));
        match step.axis {
            Axis::Itself if is_attribute => {
                found.extend((step.test == Test::Node).then_some(from));
                return Ok(found);
            }
            Axis::Parent if is_attribute => self.test_all([node], step, &mut found)?,
            Axis::Ancestor | Axis::AncestorOrSelf if is_attribute => {
                self.test_all(std::iter::once(node).chain(above(node)), step, &mut found)?;
            }
            _ if is_attribute => {}
            Axis::Itself => self.test_all([node], step, &mut found)?,
            Axis::Parent => self.test_all(document.parent(node), step, &mut found)?,
            Axis::Child => self.test_all(document.children(node), step, &mut found)?,
            Axis::Descendant => self.test_all(document.descendants(node), step, &mut found)?,
            Axis::DescendantOrSelf => {
                self.test_all(std::iter::once(node).chain(document.descendants(node)), step, &mut found)?;
            }
            Axis::Ancestor => self.test_all(above(node), step, &mut found)?,
            Axis::AncestorOrSelf => self.test_all(std::iter::once(node).chain(above(node)), step, &mut found)?,
            Axis::FollowingSibling => {
                let parent = document.parent(node);
                let siblings = parent.into_iter().flat_map(|parent| document.children(parent));
                self.test_all(siblings.skip_while(|other| *other <= node), step, &mut found)?;
            }
            Axis::PrecedingSibling => {
                let parent = document.parent(node);
                let siblings = parent.into_iter().flat_map(|parent| document.children(parent));
                self.test_all(siblings.take_while(|other| *other < node), step, &mut found)?;
                found.reverse();
            }
            Axis::Following => {
                let after = document.after(node).index();
                self.test_all(document.nodes().skip(after), step, &mut found)?;
            }
            Axis::Preceding => {
                let before = document.nodes().take(node.index()).skip(1);
                self.test_all(before.filter(|other| document.after(*other) <= node), step, &mut found)?;
                found.reverse();
            }
            Axis::Attribute => {}
        }
        Ok(found)
    }

    fn test_all(self, nodes: impl IntoIterator<Item = NodeId>, step: &Step, found: &mut Vec<Item>) -> Evaluated<()> {
        for node in nodes {
            self.steps.take(1)?;
            if self.passes(node, &step.test) {
                found.push(Item::of(node));
            }
        }
        Ok(())
    }

    fn passes(self, node: NodeId, test: &Test) -> bool {
        match test {
            Test::Node => true,
            Test::Any => self.document.tag(node).is_some(),
            Test::Name(tag, name) => self.document.tag(node) == Some(*tag) && self.document.name(node) == name,
            Test::Text => self.document.text(node).is_some(),
            Test::Absent => false,
        }
    }

    fn attributes(self, from: Item, test: &Test, found: &mut Vec<Item>) -> Evaluated<()> {
        if from.attribute > 0 {
            return Ok(());
        }
        for (number, (key, _)) in (1..).zip(self.document.attributes(from.node)) {
            self.steps.take(1)?;
            let passes = match test {
                Test::Node | Test::Any => true,
                Test::Name(_, name) => key == name,
                Test::Text | Test::Absent => false,
            };
            if passes {
                found.push(Item { node: from.node, attribute: number });
            }
        }
        Ok(())
    }

    /// XPath 1.0, 3.4: a set of nodes compares as any of its nodes does.
    fn compare(self, comparison: Comparison, left: &Value<'a>, right: &Value<'a>) -> Evaluated<bool> {
        if let (Value::Nodes(items), Value::Boolean(_)) | (Value::Boolean(_), Value::Nodes(items)) = (left, right) {
            self.steps.take(items.len() as u64)?;
            return self.compare_plain(comparison, left, right);
        }
        let lefts = self.alternatives(left)?;
        let rights = self.alternatives(right)?;
        for left in &lefts {
            for right in &rights {
                self.steps.take(1)?;
                if self.compare_plain(comparison, left, right)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The value by itself, or the texts of its nodes.
    fn alternatives(self, value: &Value<'a>) -> Evaluated<Vec<Value<'a>>> {
        match value {
            Value::Nodes(items) => items.iter().map(|item| self.item_text(*item).map(Value::Text)).collect(),
            value => Ok(vec![value.clone()]),
        }
    }

    fn compare_plain(self, comparison: Comparison, left: &Value<'a>, right: &Value<'a>) -> Evaluated<bool> {
        let is_order = !matches!(comparison, Comparison::Equal | Comparison::Unequal);
        let as_number = |value: &Value<'a>| match value {
            Value::Number(number) => Ok(*number),
            Value::Boolean(truth) => Ok(f64::from(u8::from(*truth))),
            Value::Nodes(_) => Ok(f64::from(u8::from(truth(value)))),
            Value::Text(text) => Ok(number_of(text)),
        };
        let either = |is: fn(&Value<'a>) -> bool| is(left) || is(right);
        if !is_order && either(|value| matches!(value, Value::Boolean(_))) {
            return Ok((truth(left) == truth(right)) == (comparison == Comparison::Equal));
        }
        if !is_order && !either(|value| matches!(value, Value::Number(_))) {
            let (left, right) = (self.text_of(left.clone())?, self.text_of(right.clone())?);
            return Ok((left == right) == (comparison == Comparison::Equal));
        }
        let (left, right) = (as_number(left)?, as_number(right)?);
        Ok(match comparison {
            Comparison::Equal => left == right,
            Comparison::Unequal => left != right,
            Comparison::Less => left < right,
            Comparison::AtMost => left <= right,
            Comparison::Greater => left > right,
            Comparison::AtLeast => left >= right,
        })
    }
}

impl Context {
    const ROOT: Self = Self { item: Item { node: NodeId::ROOT, attribute: 0 }, position: 1, size: 1 };
}

fn truth(value: &Value<'_>) -> bool {
    match value {
        Value::Nodes(items) => !items.is_empty(),
        Value::Text(text) => !text.is_empty(),
        Value::Number(number) => *number != 0.0 && !number.is_nan(),
        Value::Boolean(truth) => *truth,
    }
}

/// The name, where the expression is `@name` and no more: by far the most frequent one.
fn own_attribute(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Path(Start::Here, steps) => match steps.as_slice() {
            [Step { axis: Axis::Attribute, test: Test::Name(_, name), predicates }] if predicates.is_empty() => {
                Some(name)
            }
            _ => None,
        },
        _ => None,
    }
}
