//! The core functions (XPath 1.0, 4).

use super::evaluate::{Context, Evaluated, Evaluator, Value};
use super::{Expr, Function, Item};
use crate::extract::dom::Attr;
use std::borrow::Cow;

impl<'a> Evaluator<'a> {
    /// Calls a function; the parser has counted its arguments.
    pub(super) fn call(self, function: Function, arguments: &'a [Expr], here: Context) -> Evaluated<Value<'a>> {
        let text = |index: usize| match arguments.get(index) {
            Some(argument) => self.text(argument, here),
            None => self.item_text(here.item),
        };
        let number = |index: usize| match arguments.get(index) {
            Some(argument) => self.number(argument, here),
            None => Ok(number_of(&self.item_text(here.item)?)),
        };
        let nodes = |index: usize| match arguments.get(index) {
            Some(argument) => self.nodes(argument, here),
            None => Ok(vec![here.item]),
        };
        Ok(match function {
            Function::Last => Value::Number(here.size as f64),
            Function::Position => Value::Number(here.position as f64),
            Function::Count => Value::Number(nodes(0)?.len() as f64),
            Function::True => Value::Boolean(true),
            Function::False => Value::Boolean(false),
            Function::Not => Value::Boolean(!self.all_true(arguments, here)?),
            Function::Boolean => Value::Boolean(self.all_true(arguments, here)?),
            Function::Number => Value::Number(number(0)?),
            Function::Floor => Value::Number(number(0)?.floor()),
            Function::Ceiling => Value::Number(number(0)?.ceil()),
            Function::Round => Value::Number((number(0)? + 0.5).floor()),
            Function::Sum => Value::Number(self.sum(nodes(0)?)?),
            Function::StringLength => Value::Number(text(0)?.chars().count() as f64),
            Function::Contains => Value::Boolean(text(0)?.contains(&*text(1)?)),
            Function::StartsWith => Value::Boolean(text(0)?.starts_with(&*text(1)?)),
            Function::String => Value::Text(text(0)?),
            Function::NormalizeSpace => Value::Text(normalized(text(0)?)),
            Function::SubstringAfter => Value::Text(after(text(0)?, &text(1)?)),
            Function::SubstringBefore => Value::Text(before(text(0)?, &text(1)?)),
            Function::Concat => Value::Text(Cow::Owned(self.concat(arguments, here)?)),
            Function::Substring => {
                let length = if arguments.len() > 2 { number(2)? } else { f64::INFINITY };
                Value::Text(Cow::Owned(substring(&text(0)?, number(1)?, length)))
            }
            Function::Translate => {
                let (whole, from) = (text(0)?, text(1)?);
                self.steps.take_for_bytes(whole.len().saturating_mul(from.len().min(MAX_EXCHANGED)))?;
                Value::Text(Cow::Owned(translate(&whole, &from, &text(2)?)))
            }
            Function::Name | Function::LocalName => Value::Text(Cow::Borrowed(self.name(nodes(0)?.first()))),
            Function::Lang => Value::Boolean(self.is_in_language(here.item, &text(0)?)?),
            Function::Id => Value::Nodes(self.by_id(&text(0)?)?),
        })
    }

    /// Whether the one argument is true.
    fn all_true(self, arguments: &'a [Expr], here: Context) -> Evaluated<bool> {
        for argument in arguments {
            if !self.boolean(argument, here)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn sum(self, items: Vec<Item>) -> Evaluated<f64> {
        let mut sum = 0.0;
        for item in items {
            sum += number_of(&self.item_text(item)?);
        }
        Ok(sum)
    }

    fn concat(self, arguments: &'a [Expr], here: Context) -> Evaluated<String> {
        let mut whole = String::new();
        for argument in arguments {
            let part = self.text(argument, here)?;
            self.steps.take_for_bytes(part.len())?;
            whole.push_str(&part);
        }
        Ok(whole)
    }

    fn name(self, item: Option<&Item>) -> &'a str {
        match item {
            Some(Item { node, attribute: 0 }) => self.document.name(*node),
            Some(Item { node, attribute }) => {
                self.document.attributes(*node).nth(*attribute as usize - 1).map_or("", |(key, _)| key)
            }
            None => "",
        }
    }

    /// Whether the nearest `lang` around a node is the language or one of its kind.
    fn is_in_language(self, item: Item, language: &str) -> Evaluated<bool> {
        for node in std::iter::once(item.node).chain(self.document.ancestors(item.node)) {
            self.steps.take(1)?;
            if let Some(own) = self.document.attribute(node, Attr::Lang) {
                let own = own.to_ascii_lowercase();
                let rest = own.strip_prefix(&language.to_ascii_lowercase());
                return Ok(rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-')));
            }
        }
        Ok(false)
    }

    /// The elements whose `id` is among the words of `ids`.
    fn by_id(self, ids: &str) -> Evaluated<Vec<Item>> {
        let ids: Vec<&str> = ids.split_whitespace().collect();
        let mut found = Vec::new();
        for node in self.document.nodes() {
            self.steps.take(1 + ids.len() as u64)?;
            if self.document.attribute(node, Attr::Id).is_some_and(|id| ids.contains(&id)) {
                found.push(Item::of(node));
            }
        }
        Ok(found)
    }
}

/// White space single, none at the ends.
fn normalized(text: Cow<'_, str>) -> Cow<'_, str> {
    let is_plain = !text.starts_with(is_space)
        && !text.ends_with(is_space)
        && !text.contains(['\t', '\r', '\n'])
        && !text.contains("  ");
    if is_plain {
        text
    } else {
        Cow::Owned(text.split(is_space).filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" "))
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn after<'a>(text: Cow<'a, str>, mark: &str) -> Cow<'a, str> {
    let start = text.find(mark).map_or(text.len(), |at| at + mark.len());
    sliced(text, start..usize::MAX)
}

fn before<'a>(text: Cow<'a, str>, mark: &str) -> Cow<'a, str> {
    let end = text.find(mark).unwrap_or(0);
    sliced(text, 0..end)
}

fn sliced(text: Cow<'_, str>, range: std::ops::Range<usize>) -> Cow<'_, str> {
    let range = range.start..range.end.min(text.len());
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[range]),
        Cow::Owned(text) => Cow::Owned(text[range].to_owned()),
    }
}

/// The characters from `start` (the first is 1) on, rounded as the standard says.
fn substring(text: &str, start: f64, length: f64) -> String {
    let start = (start + 0.5).floor();
    let end = start + (length + 0.5).floor();
    let is_in = |position: f64| position >= start && position < end;
    text.chars().zip(1..).filter(|(_, position)| is_in(f64::from(*position))).map(|(c, _)| c).collect()
}

/// Most characters that are exchanged for others; each is looked for at each character of the text.
const MAX_EXCHANGED: usize = 256;

fn translate(text: &str, from: &str, to: &str) -> String {
    let from: Vec<char> = from.chars().take(MAX_EXCHANGED).collect();
    let to: Vec<char> = to.chars().take(MAX_EXCHANGED).collect();
    let exchanged = |c: char| match from.iter().position(|other| *other == c) {
        Some(index) => to.get(index).copied(),
        None => Some(c),
    };
    text.chars().filter_map(exchanged).collect()
}

/// A text as a number, not one where it is none.
pub(super) fn number_of(text: &str) -> f64 {
    let text = text.trim_matches(is_space);
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    if is_number { text.parse().unwrap_or(f64::NAN) } else { f64::NAN }
}

/// A number as a text.
pub(super) fn string_of(number: f64) -> String {
    if number == 0.0 {
        "0".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() }
    } else {
        number.to_string()
    }
}
