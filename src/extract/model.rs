//! The learned model: two linear scores over words and three ensembles of trees over features.
//!
//! The file is written by `training/` and read into flat arrays. All is little endian: the magic,
//! the hash of the features' names, the words around blocks, the words of pages, then the trees that
//! tell articles from other pages, those for blocks of articles and those for blocks of other pages.
//! Sums run in the order of the file in `f32`, so that the same page has the same scores everywhere.

mod trees;

use super::features::{self, PageFeatures, TextFeatures, TokenTable, TokenWeight, block_names, line_names};
use super::fnv;
use std::ops::Range;
use trees::{Fork, NoTree, Planting, Trees};

pub(crate) use trees::Judge;

const MAGIC: &[u8; 8] = b"GLEANER1";

/// The model file does not fit the program.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Another kind of file.
    #[error("this is no model file")]
    NotAModel,
    /// Trained from other features than this program computes.
    #[error("the model was trained on other features (hash {found:016x}, expected {expected:016x}); train it anew")]
    OtherFeatures {
        /// In the file.
        found: u64,
        /// Of this program.
        expected: u64,
    },
    /// Ends too early, or goes on behind its end.
    #[error("the model file has the wrong length")]
    Length,
    /// A tree names a feature, node or leaf that is not there, or a node twice.
    #[error("a tree of the model does not hold together")]
    BadTree,
    /// Words out of order, or too many.
    #[error("the model's words are not sorted, or too many")]
    BadWords,
}

/// What a model judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Blocks of a page.
    Page,
    /// Lines of a text without markup.
    Text,
}

/// All that was learnt.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Model {
    pub(crate) subject: Subject,
    /// Weights of words around blocks: the feature `attr`.
    pub(crate) words: TokenTable,
    page_words: TokenTable,
    page_kind: Trees,
    article: Trees,
    general: Trees,
}

impl Model {
    /// The model that is part of the program.
    ///
    /// # Errors
    /// Where it does not fit the program's features.
    pub(crate) fn built_in() -> Result<Self, ModelError> {
        Self::read(include_bytes!("data/model.bin"))
    }

    /// The model for texts without markup.
    ///
    /// # Errors
    /// Where it does not fit the program's features.
    pub(crate) fn built_in_for_text() -> Result<Self, ModelError> {
        Self::read(include_bytes!("data/text_model.bin"))
    }

    /// Reads a model file.
    ///
    /// # Errors
    /// Where it is none, is broken, or was trained on other features.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, ModelError> {
        let mut reader = Reader(bytes.strip_prefix(MAGIC).ok_or(ModelError::NotAModel)?);
        let (found, expected) = (reader.u64()?, schema_hash(Subject::Page));
        let subject = match found {
            _ if found == expected => Subject::Page,
            _ if found == schema_hash(Subject::Text) => Subject::Text,
            _ => return Err(ModelError::OtherFeatures { found, expected }),
        };
        let (page, row) = match subject {
            Subject::Page => (PageFeatures::NAMES.len(), features::ROW),
            Subject::Text => (TextFeatures::NAMES.len(), features::LINE_ROW),
        };
        let shared = page_columns(subject);
        let model = Self {
            subject,
            words: reader.words()?,
            page_words: reader.words()?,
            page_kind: reader.trees(page + 1, &(0..page + 1))?,
            article: reader.trees(row, &shared)?,
            general: reader.trees(row, &shared)?,
        };
        if reader.0.is_empty() { Ok(model) } else { Err(ModelError::Length) }
    }

    /// The probability that a page is an article, from its features and its words.
    pub(crate) fn is_article(&self, page: &PageFeatures, words: &[String]) -> f32 {
        let mut row = Vec::with_capacity(PageFeatures::NAMES.len() + 1);
        page.write(&mut row);
        self.is_article_by(row, words)
    }

    /// The same of a text without markup.
    pub(crate) fn is_article_text(&self, page: &TextFeatures, words: &[String]) -> f32 {
        let mut row = Vec::with_capacity(TextFeatures::NAMES.len() + 1);
        page.write(&mut row);
        self.is_article_by(row, words)
    }

    fn is_article_by(&self, mut row: Vec<f32>, words: &[String]) -> f32 {
        row.push(self.page_words.score_page(words));
        self.page_kind.probability(&row)
    }

    /// Tells of block after block of a page the probability that it belongs to the main content of an
    /// article, or of another page.
    pub(crate) fn judge(&self, on_article: bool) -> Judge<'_> {
        Judge::new(if on_article { &self.article } else { &self.general })
    }
}

/// What the names of features that speak of the whole page begin with, which stand side by side.
const OF_PAGE: &str = "pg_";

/// The columns of a block's row that are the same in all rows of a page.
fn page_columns(subject: Subject) -> Range<usize> {
    let names = row_names(subject);
    let first = names.iter().position(|name| name.starts_with(OF_PAGE)).unwrap_or(names.len());
    let count = names[first..].iter().take_while(|name| name.starts_with(OF_PAGE)).count();
    first..first + count
}

fn row_names(subject: Subject) -> Vec<String> {
    match subject {
        Subject::Page => block_names(),
        Subject::Text => line_names(),
    }
}

/// FNV-1a, 64 bits, of the names of all features.
fn schema_hash(subject: Subject) -> u64 {
    let blocks = row_names(subject);
    let page = match subject {
        Subject::Page => PageFeatures::NAMES,
        Subject::Text => TextFeatures::NAMES,
    };
    fnv::bytes_64(format!("{}|{}", blocks.join(","), page.join(",")).as_bytes())
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], ModelError> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or(ModelError::Length)?;
        self.0 = rest;
        Ok(*head)
    }

    fn u16(&mut self) -> Result<u16, ModelError> {
        self.take().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32, ModelError> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, ModelError> {
        self.take().map(u64::from_le_bytes)
    }

    fn f32(&mut self) -> Result<f32, ModelError> {
        self.take().map(f32::from_le_bytes)
    }

    fn i8(&mut self) -> Result<i8, ModelError> {
        self.take().map(i8::from_le_bytes)
    }

    fn words(&mut self) -> Result<TokenTable, ModelError> {
        let (bias, scale, count) = (self.f32()?, self.f32()?, self.u32()?);
        let words = (0..count).map(|_| self.word()).collect::<Result<Vec<_>, _>>()?;
        TokenTable::new(bias, scale, words).ok_or(ModelError::BadWords)
    }

    fn word(&mut self) -> Result<TokenWeight, ModelError> {
        Ok(TokenWeight { hash: self.u32()?, near: self.i8()?, far: self.i8()? })
    }

    /// Trees over rows of `width` values, of which some are `shared` by all rows of a page.
    fn trees(&mut self, width: usize, shared: &Range<usize>) -> Result<Trees, ModelError> {
        let (base, mut planting) = (self.f32()?, Planting::default());
        for _ in 0..self.u32()? {
            let (forks, leaves) = (self.u16()?, self.u16()?);
            let forks = (0..forks).map(|_| self.fork()).collect::<Result<Vec<Fork>, _>>()?;
            let leaves = (0..leaves).map(|_| self.f32()).collect::<Result<Vec<f32>, _>>()?;
            planting.push(&forks, &leaves, width).map_err(|NoTree| ModelError::BadTree)?;
        }
        Ok(planting.trees(base, shared))
    }

    fn fork(&mut self) -> Result<Fork, ModelError> {
        Ok(Fork { feature: self.u16()?, threshold: self.f32()?, left: self.u16()?, right: self.u16()? })
    }
}

#[cfg(test)]
mod tests {
    use super::trees::LEAF;
    use super::*;

    /// A file without words; `article` says yes where the first feature is above 1.
    fn tiny() -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(schema_hash(Subject::Page).to_le_bytes());
        let empty_words = [0.5_f32.to_le_bytes(), 0.25_f32.to_le_bytes(), 0_u32.to_le_bytes()].concat();
        bytes.extend([empty_words.clone(), empty_words].concat());
        let constant = [0.0_f32.to_le_bytes().to_vec(), 0_u32.to_le_bytes().to_vec()].concat();
        bytes.extend(&constant);
        bytes.extend([1.0_f32.to_le_bytes(), 2_u32.to_le_bytes()].concat());
        bytes.extend([1_u16, 2, 0].map(u16::to_le_bytes).concat());
        bytes.extend(1.0_f32.to_le_bytes());
        bytes.extend([LEAF, LEAF | 1].map(u16::to_le_bytes).concat());
        bytes.extend([-3.0_f32, 2.0].map(f32::to_le_bytes).concat());
        bytes.extend([0_u16, 1].map(u16::to_le_bytes).concat());
        bytes.extend(0.5_f32.to_le_bytes());
        bytes.extend(&constant);
        bytes
    }

    fn row(first: f32) -> Vec<f32> {
        let mut row = vec![0.0; features::ROW];
        row[0] = first;
        row
    }

    /// What the model says of rows, each of another page.
    fn content(model: &Model, rows: &[Vec<f32>], on_article: bool) -> Vec<f32> {
        let of_row = |row: &Vec<f32>| {
            let mut judge = model.judge(on_article);
            judge.push(row);
            judge.finish()
        };
        rows.iter().flat_map(of_row).collect()
    }

    #[test]
    fn sums_leaves_and_squashes() {
        let model = Model::read(&tiny()).unwrap();
        let sigmoid = |x: f32| 1.0 / (1.0 + (-x).exp());
        assert_eq!(content(&model, &[row(1.0), row(1.1)], true), [sigmoid(1.0 - 3.0 + 0.5), sigmoid(1.0 + 2.0 + 0.5)]);
        assert_eq!(content(&model, &[row(1.1)], false), [0.5]);
        assert_eq!(model.words.score_hashes(&[1], &[2]), 0.5);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let broken = |at: usize, value: u8| {
            let mut bytes = tiny();
            bytes[at] = value;
            Model::read(&bytes).unwrap_err()
        };
        let tree = 8 + 8 + 24 + 8 + 8 + 4;
        assert!(matches!(broken(0, b'X'), ModelError::NotAModel));
        assert!(matches!(broken(8, !tiny()[8]), ModelError::OtherFeatures { .. }));
        assert!(matches!(broken(tree + 1, 0xff), ModelError::BadTree), "a feature that is not there");
        assert!(matches!(broken(tree + 6, 9), ModelError::BadTree), "a leaf that is not there");
        assert!(matches!(broken(tree + 7, 0), ModelError::BadTree), "a node that leads to itself");
        let whole = tiny();
        assert!(matches!(Model::read(&whole[..whole.len() - 1]).unwrap_err(), ModelError::Length));
        assert!(matches!(Model::read(&[whole, vec![0]].concat()).unwrap_err(), ModelError::Length));
    }

    /// Rows and what the trainer's own trees say of them, written with the model.
    #[derive(serde::Deserialize)]
    struct Sample {
        block_rows: Vec<Vec<f32>>,
        article: Vec<f32>,
        general: Vec<f32>,
        page_rows: Vec<Vec<f32>>,
        page_kind: Vec<f32>,
        words: Vec<WordsSample>,
    }

    /// Hashes of the words around a block, and their score.
    #[derive(serde::Deserialize)]
    struct WordsSample {
        near: Vec<u32>,
        far: Vec<u32>,
        attr: f32,
    }

    #[test]
    fn agrees_with_the_trainer() {
        agrees("sample.json", &Model::built_in().unwrap());
        agrees("text_sample.json", &Model::built_in_for_text().unwrap());
    }

    fn agrees(file: &str, model: &Model) {
        let file = format!("{}/training/{file}", env!("CARGO_MANIFEST_DIR"));
        let sample: Sample = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let close = |ours: f32, theirs: f32| assert!((ours - theirs).abs() <= 1e-5, "{ours} for {theirs}");
        assert!(!sample.block_rows.is_empty() && !sample.page_rows.is_empty() && !sample.words.is_empty());
        for (on_article, expected) in [(true, &sample.article), (false, &sample.general)] {
            let ours = content(model, &sample.block_rows, on_article);
            assert_eq!(ours.len(), expected.len());
            ours.iter().zip(expected).for_each(|(ours, theirs)| close(*ours, *theirs));
        }
        for (row, probability) in sample.page_rows.iter().zip(&sample.page_kind) {
            close(model.page_kind.probability(row), *probability);
        }
        for words in &sample.words {
            close(model.words.score_hashes(&words.near, &words.far), words.attr);
        }
    }
}
