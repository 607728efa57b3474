//! Expressions from their text, by recursive descent under a cap on nesting.

use super::tokens::{Token, tokens};
use super::{Axis, Comparison, Expr, Function, Operator, Start, Step, Test};
use crate::extract::dom::Tag;

/// Longest expression, in bytes; the longest of the public set has about 500.
const MAX_BYTES: usize = 4_096;

/// Deepest nesting of brackets and calls.
const MAX_DEPTH: usize = 24;

/// Most operators of one kind side by side, where each nests the ones before.
const MAX_CHAIN: usize = 16;

/// An expression that cannot be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum XPathError {
    #[error("nothing where an expression is expected")]
    Empty,
    #[error("unexpected `{found}` at character {at}")]
    Unexpected { at: usize, found: String },
    #[error("ends too early")]
    End,
    #[error("the quote at character {at} is never closed")]
    Quote { at: usize },
    #[error("unknown function `{0}`")]
    Function(String),
    #[error("`{0}` with {1} arguments")]
    Arguments(String, usize),
    #[error("unknown axis `{0}`")]
    Axis(String),
    #[error("variables are not known")]
    Variable,
    #[error("is longer than {MAX_BYTES} bytes")]
    TooLong,
    #[error("nests deeper than {MAX_DEPTH}, or chains more than {MAX_CHAIN} operators")]
    TooDeep,
}

impl XPathError {
    pub(super) fn unexpected(at: usize, found: &str) -> Self {
        Self::Unexpected { at: at + 1, found: found.to_owned() }
    }
}

/// Compiles an expression.
///
/// # Errors
/// See [`XPathError`].
pub(super) fn parse(source: &str) -> Result<Expr, XPathError> {
    if source.len() > MAX_BYTES {
        return Err(XPathError::TooLong);
    }
    let mut parser = Parser { tokens: tokens(source)?, at: 0, depth: 0 };
    if parser.tokens.is_empty() {
        return Err(XPathError::Empty);
    }
    let expression = parser.expression()?;
    match parser.tokens.get(parser.at) {
        None => Ok(expression),
        Some(_) => Err(parser.fault()),
    }
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    at: usize,
    depth: usize,
}

type Parsed<T = Expr> = Result<T, XPathError>;

impl Parser {
    fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead).map(|(_, token)| token)
    }

    fn is_mark(&self, ahead: usize, mark: &str) -> bool {
        matches!(self.peek(ahead), Some(Token::Mark(found)) if *found == mark)
    }

    fn take_mark(&mut self, mark: &str) -> bool {
        let is_there = self.is_mark(0, mark);
        self.at += usize::from(is_there);
        is_there
    }

    /// The one of some marks that stands here, past it.
    fn take_one(&mut self, marks: &[&str]) -> Option<&'static str> {
        let Some(Token::Mark(found)) = self.peek(0) else { return None };
        let found = marks.contains(found).then_some(*found);
        self.at += usize::from(found.is_some());
        found
    }

    fn expect(&mut self, mark: &str) -> Parsed<()> {
        if self.take_mark(mark) { Ok(()) } else { Err(self.fault()) }
    }

    /// What is wrong with the token here.
    fn fault(&self) -> XPathError {
        let Some((at, token)) = self.tokens.get(self.at) else { return XPathError::End };
        match token {
            Token::Mark("$") => XPathError::Variable,
            Token::Mark(mark) => XPathError::unexpected(*at, mark),
            Token::Name(name) => XPathError::unexpected(*at, name),
            Token::Literal(text) => XPathError::unexpected(*at, text),
            Token::Number(number) => XPathError::unexpected(*at, &number.to_string()),
        }
    }

    fn expression(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(XPathError::TooDeep);
        }
        let expression = self.flat("or", Expr::Or, |parser| parser.flat("and", Expr::And, Self::equality))?;
        self.depth -= 1;
        Ok(expression)
    }

    /// Operands side by side between one operator.
    fn flat(&mut self, mark: &str, whole: fn(Vec<Expr>) -> Expr, operand: fn(&mut Self) -> Parsed) -> Parsed {
        let first = operand(self)?;
        if !self.is_mark(0, mark) {
            return Ok(first);
        }
        let mut operands = vec![first];
        while self.take_mark(mark) {
            operands.push(operand(self)?);
        }
        Ok(whole(operands))
    }

    /// Operands that nest to the left.
    fn chain(
        &mut self,
        marks: &[&str],
        operand: fn(&mut Self) -> Parsed,
        join: fn(&'static str, Box<Expr>, Box<Expr>) -> Option<Expr>,
    ) -> Parsed {
        let mut left = operand(self)?;
        let mut length = 0;
        while let Some(mark) = self.take_one(marks) {
            length += 1;
            if length > MAX_CHAIN {
                return Err(XPathError::TooDeep);
            }
            let right = operand(self)?;
            left = join(mark, Box::new(left), Box::new(right)).ok_or(XPathError::End)?;
        }
        Ok(left)
    }

    fn equality(&mut self) -> Parsed {
        self.chain(&["=", "!="], Self::relation, comparison)
    }

    fn relation(&mut self) -> Parsed {
        self.chain(&["<", "<=", ">", ">="], Self::sum, comparison)
    }

    fn sum(&mut self) -> Parsed {
        self.chain(&["+", "-"], Self::product, arithmetic)
    }

    fn product(&mut self) -> Parsed {
        self.chain(&["mul", "div", "mod"], Self::negation, arithmetic)
    }

    fn negation(&mut self) -> Parsed {
        let mut signs = 0;
        while self.take_mark("-") {
            signs += 1;
        }
        let operand = self.flat("|", Expr::Union, Self::path)?;
        Ok(match signs {
            0 => operand,
            signs if signs % 2 == 1 => Expr::Negative(Box::new(operand)),
            _ => Expr::Negative(Box::new(Expr::Negative(Box::new(operand)))),
        })
    }

    fn path(&mut self) -> Parsed {
        let Some(primary) = self.primary()? else { return self.location() };
        let predicates = self.predicates()?;
        let mut steps = Vec::new();
        if self.is_mark(0, "/") || self.is_mark(0, "//") {
            self.steps(&mut steps)?;
        }
        if predicates.is_empty() && steps.is_empty() {
            return Ok(primary);
        }
        Ok(Expr::Path(Start::Nodes(Box::new(primary), predicates), merged(steps)))
    }

    /// What a path may begin with that is no step; `None` where a step stands.
    fn primary(&mut self) -> Parsed<Option<Expr>> {
        let primary = match self.peek(0) {
            Some(Token::Literal(text)) => Expr::Literal(text.clone()),
            Some(Token::Number(number)) => Expr::Number(*number),
            Some(Token::Mark("(")) => {
                self.at += 1;
                let inner = self.expression()?;
                self.expect(")")?;
                return Ok(Some(inner));
            }
            Some(Token::Name(name)) if self.is_mark(1, "(") && !is_node_type(name) => return self.call().map(Some),
            Some(_) => return Ok(None),
            None => return Err(XPathError::End),
        };
        self.at += 1;
        Ok(Some(primary))
    }

    fn call(&mut self) -> Parsed {
        let Some(Token::Name(name)) = self.peek(0) else { return Err(self.fault()) };
        let name = name.clone();
        let function = Function::from_name(&name).ok_or_else(|| XPathError::Function(name.clone()))?;
        self.at += 2;
        let mut arguments = Vec::new();
        if !self.take_mark(")") {
            arguments.push(self.expression()?);
            while self.take_mark(",") {
                arguments.push(self.expression()?);
            }
            self.expect(")")?;
        }
        let (fewest, most) = function.arguments();
        if (fewest..=most).contains(&arguments.len()) {
            Ok(Expr::Call(function, arguments))
        } else {
            Err(XPathError::Arguments(name, arguments.len()))
        }
    }

    fn location(&mut self) -> Parsed {
        let is_absolute = self.is_mark(0, "/") || self.is_mark(0, "//");
        let start = if is_absolute { Start::Root } else { Start::Here };
        let mut steps = Vec::new();
        if self.is_mark(0, "/") && !self.begins_step(1) {
            self.at += 1;
            return Ok(Expr::Path(start, steps));
        }
        if !is_absolute {
            steps.push(self.step()?);
        }
        self.steps(&mut steps)?;
        Ok(Expr::Path(start, merged(steps)))
    }

    /// Whether a step stands some tokens ahead.
    fn begins_step(&self, ahead: usize) -> bool {
        match self.peek(ahead) {
            Some(Token::Name(_)) => true,
            Some(Token::Mark(mark)) => matches!(*mark, "." | ".." | "@" | "*"),
            _ => false,
        }
    }

    /// Steps, each behind its slash.
    fn steps(&mut self, steps: &mut Vec<Step>) -> Parsed<()> {
        while let Some(mark) = self.take_one(&["/", "//"]) {
            if mark == "//" {
                steps.push(Step { axis: Axis::DescendantOrSelf, test: Test::Node, predicates: vec![] });
            }
            steps.push(self.step()?);
        }
        Ok(())
    }

    fn step(&mut self) -> Parsed<Step> {
        for (mark, axis) in [(".", Axis::Itself), ("..", Axis::Parent)] {
            if self.take_mark(mark) {
                // Not in the grammar, but met: `..[@class]`.
                let predicates = self.predicates()?;
                return Ok(Step { axis, test: Test::Node, predicates });
            }
        }
        let axis = self.axis()?;
        let test = self.test()?;
        Ok(Step { axis, test, predicates: self.predicates()? })
    }

    fn axis(&mut self) -> Parsed<Axis> {
        if self.take_mark("@") {
            return Ok(Axis::Attribute);
        }
        let Some(Token::Name(name)) = self.peek(0) else { return Ok(Axis::Child) };
        if !self.is_mark(1, "::") {
            return Ok(Axis::Child);
        }
        let axis = Axis::from_name(name).ok_or_else(|| XPathError::Axis(name.clone()))?;
        self.at += 2;
        Ok(axis)
    }

    fn test(&mut self) -> Parsed<Test> {
        if self.take_mark("*") {
            return Ok(Test::Any);
        }
        let Some(Token::Name(name)) = self.peek(0) else { return Err(self.fault()) };
        let name = name.clone();
        self.at += 1;
        if !is_node_type(&name) || !self.take_mark("(") {
            return Ok(Test::Name(Tag::from_name(&name), name));
        }
        if matches!(self.peek(0), Some(Token::Literal(_))) {
            self.at += 1;
        }
        self.expect(")")?;
        Ok(match name.as_str() {
            "node" => Test::Node,
            "text" => Test::Text,
            _ => Test::Absent,
        })
    }

    fn predicates(&mut self) -> Parsed<Vec<Expr>> {
        let mut predicates = Vec::new();
        while self.take_mark("[") {
            predicates.push(self.expression()?);
            self.expect("]")?;
        }
        Ok(predicates)
    }
}

fn is_node_type(name: &str) -> bool {
    matches!(name, "node" | "text" | "comment" | "processing-instruction")
}

fn comparison(mark: &'static str, left: Box<Expr>, right: Box<Expr>) -> Option<Expr> {
    Comparison::from_name(mark).map(|comparison| Expr::Compare(comparison, left, right))
}

fn arithmetic(mark: &'static str, left: Box<Expr>, right: Box<Expr>) -> Option<Expr> {
    let name = if mark == "mul" { "*" } else { mark };
    Operator::from_name(name).map(|operator| Expr::Arithmetic(operator, left, right))
}

/// `//x` as one step down, where no predicate asks for a place among siblings.
fn merged(steps: Vec<Step>) -> Vec<Step> {
    let mut merged: Vec<Step> = Vec::with_capacity(steps.len());
    for step in steps {
        let is_any_depth = merged.last().is_some_and(|last| {
            last.axis == Axis::DescendantOrSelf && last.test == Test::Node && last.predicates.is_empty()
        });
        if is_any_depth && step.axis == Axis::Child && !step.predicates.iter().any(counts) {
            merged.pop();
            merged.push(Step { axis: Axis::Descendant, ..step });
        } else {
            merged.push(step);
        }
    }
    merged
}

/// Whether a predicate may ask for a place among siblings.
fn counts(predicate: &Expr) -> bool {
    match predicate {
        Expr::Number(_) | Expr::Arithmetic(..) | Expr::Negative(_) => true,
        Expr::Call(function, arguments) => function.gives_number() || arguments.iter().any(counts_within),
        _ => counts_within(predicate),
    }
}

/// Whether an expression asks for the place of the node it is evaluated at.
fn counts_within(expression: &Expr) -> bool {
    match expression {
        Expr::Or(parts) | Expr::And(parts) | Expr::Union(parts) => parts.iter().any(counts_within),
        Expr::Compare(_, left, right) | Expr::Arithmetic(_, left, right) => counts_within(left) || counts_within(right),
        Expr::Negative(inner) | Expr::Path(Start::Nodes(inner, _), _) => counts_within(inner),
        Expr::Call(Function::Position | Function::Last, _) => true,
        Expr::Call(_, arguments) => arguments.iter().any(counts_within),
        Expr::Path(..) | Expr::Literal(_) | Expr::Number(_) => false,
    }
}
