//! The fast way to a document: a tokenizer and a tree builder of our own (WHATWG, section 13.2), as far as the text of
//! a page needs them.
//!
//! Most of what is found are ranges of the source, which is not copied. Implied tags, formatting elements that close out
//! of order, what stands wrongly in tables, and `svg` and `math` are dealt with as the standard says; what is rarer than
//! it is worth is a [`Guess`], for which the conforming parser is asked. Every loop is over what is open, which has a cap,
//! so that the cost is linear in the size of the page.

mod body;
mod foreign;
mod formatting;
mod head;
mod insertion;
mod modes;
mod open;
mod references;
mod seen;
mod tables;
#[cfg(test)]
mod tests;
mod tokens;
mod traits;
mod tree;

use super::Document;
use super::build::ParseError;
use modes::Builder;

/// Why a page was not parsed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// A cap struck.
    Struck(ParseError),
    /// The conforming parser knows.
    Guess(Guess),
}

/// What is left to the conforming parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guess {
    /// NUL characters, which mean something else at each place.
    Nul,
    /// A set of frames in place of a body.
    Frameset,
    /// `plaintext`, after which nothing is markup.
    Plaintext,
    /// `annotation-xml`, which is HTML or not as its attributes say.
    Annotation,
    /// A table in a paragraph, on a page whose doctype is none of the usual ones: it ends the paragraph or not.
    Doctype,
    /// A template with an element that formatting does not go through, whose end decides on what follows the template; or
    /// with another one behind `svg` or `math`, which may be foreign.
    Template,
    /// More text or names than our numbers are made for.
    Size,
}

impl From<Guess> for Stop {
    fn from(guess: Guess) -> Self {
        Self::Guess(guess)
    }
}

impl From<ParseError> for Stop {
    fn from(error: ParseError) -> Self {
        Self::Struck(error)
    }
}

/// Parses decoded HTML.
///
/// # Errors
/// When a cap strikes, or something is left to the conforming parser.
pub(super) fn parse(html: &str) -> Result<Document<'_>, Stop> {
    Ok(Builder::new(html)?.build()?.finish())
}
