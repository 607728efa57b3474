//! The marks and words of an expression (XPath 1.0, 3.7).

use super::parse::XPathError;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name that is no operator here.
    Name(String),
    Literal(String),
    Number(f64),
    /// Marks, and the operators `and`, `or`, `div` and `mod`; the star as an operator is `mul`.
    Mark(&'static str),
}

/// Longer ones first.
const MARKS: &[&str] = &[
    "::", "//", "..", "!=", "<=", ">=", "(", ")", "[", "]", ".", "@", ",", "/", "|", "+", "-", "=", "<", ">", "*", "$",
];

const WORD_OPERATORS: &[&str] = &["and", "or", "div", "mod"];

/// Cuts an expression into tokens, each with the byte that it begins at.
///
/// # Errors
/// A sign that XPath does not know, a quote that is never closed.
pub(super) fn tokens(source: &str) -> Result<Vec<(usize, Token)>, XPathError> {
    let mut found: Vec<(usize, Token)> = Vec::new();
    let mut at = 0;
    while let Some(first) = source[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (token, length) = token(&source[at..], at, found.last().is_some_and(|(_, token)| ends_operand(token)))?;
        found.push((at, token));
        at += length;
    }
    Ok(found)
}

/// The token at the start of `rest` and its length in bytes.
fn token(rest: &str, at: usize, after_operand: bool) -> Result<(Token, usize), XPathError> {
    let first = rest.chars().next().unwrap_or_default();
    if matches!(first, '\'' | '"') {
        let end = rest[1..].find(first).ok_or(XPathError::Quote { at: at + 1 })?;
        return Ok((Token::Literal(rest[1..=end].to_owned()), end + 2));
    }
    let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    if rest[..digits].contains(|c: char| c.is_ascii_digit()) {
        let number = rest[..digits].parse().map_err(|_| XPathError::unexpected(at, &rest[..digits]))?;
        return Ok((Token::Number(number), digits));
    }
    if first.is_alphabetic() || first == '_' {
        let length = name_length(rest);
        let operator = WORD_OPERATORS.iter().find(|word| **word == &rest[..length]);
        return Ok(match operator {
            Some(word) if after_operand => (Token::Mark(word), length),
            _ => (Token::Name(rest[..length].to_owned()), length),
        });
    }
    match MARKS.iter().find(|mark| rest.starts_with(**mark)) {
        Some(&"*") if after_operand => Ok((Token::Mark("mul"), 1)),
        Some(mark) => Ok((Token::Mark(mark), mark.len())),
        None => Err(XPathError::unexpected(at, &first.to_string())),
    }
}

/// How long the name is that `rest` begins with; a colon is part of it where another name follows.
fn name_length(rest: &str) -> usize {
    let is_in_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let plain = |text: &str| text.find(|c| !is_in_name(c)).unwrap_or(text.len());
    let length = plain(rest);
    match rest[length..].strip_prefix(':') {
        Some(local) if local.starts_with(|c: char| c.is_alphabetic() || c == '_') => length + 1 + plain(local),
        _ => length,
    }
}

/// Whether what follows the token is an operator where it could be a name (XPath 1.0, 3.7).
fn ends_operand(token: &Token) -> bool {
    match token {
        Token::Name(_) | Token::Literal(_) | Token::Number(_) => true,
        Token::Mark(mark) => matches!(*mark, ")" | "]" | "." | ".." | "*"),
    }
}
