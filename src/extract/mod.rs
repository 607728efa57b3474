//! From a page's bytes to its article.

pub mod block;
mod decode;
mod dom;
mod measure;
mod segment;

use crate::article::{Article, Verdict};
use crate::page::Page;
use block::Boilerplate;
use serde::Serialize;

/// What the caller wants of an extraction.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Kinds that stay in the text although they are dropped by default.
    pub keep: Vec<Boilerplate>,
}

/// A block that was left out, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Removal {
    /// What it was taken for.
    pub kind: Boilerplate,
    /// The rule that decided, `family:detail`.
    pub rule: String,
    /// The text that was left out, whole.
    pub text: String,
}

/// What came of a page.
#[derive(Debug, Clone)]
pub struct Extraction {
    /// Metadata and body.
    pub article: Article,
    /// Everything that was left out, in the page's order.
    pub removals: Vec<Removal>,
    /// The word F1 to be expected, 0 to 1; `None` until a model says (not in this version).
    pub confidence: Option<f32>,
    /// What the page is.
    pub verdict: Verdict,
}

/// The data files under `src/extract/data` do not hold together.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {}

/// The extractor: built once, immutable, shared between threads.
#[derive(Debug)]
pub struct Extractor {}

impl Extractor {
    /// Compiles the lexicons.
    ///
    /// # Errors
    /// A data file that does not parse or names an unknown kind.
    pub fn new(_options: &Options) -> Result<Self, RulesError> {
        Ok(Self {})
    }

    /// Extracts the article of a page. Never fails: a bad page is a verdict.
    pub fn extract(&self, _page: &Page) -> Extraction {
        Extraction { article: Article::default(), removals: vec![], confidence: None, verdict: Verdict::Empty }
    }
}
