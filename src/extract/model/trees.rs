//! Boosted trees, asked column by column (after QuickScorer: Lucchese et al., SIGIR 2015).
//!
//! A row that walks a tree waits at every fork for the one before, and which way it goes is a guess that the
//! processor loses one time in four. Here each leaf of a tree is a bit, from left to right, and every fork that a
//! row's value is above strikes out the leaves on its left: the first bit that is left is the leaf that the walk
//! would have come to. No fork waits for another, so that they are sorted by column and threshold: the questions to a
//! column end with the first threshold that no value is above, columns that are the same in all rows of a page
//! are asked once, and [`LANES`] rows are asked side by side. That is written down (`fearless_simd`) and not left to the
//! compiler, which makes vectors of loops in one build and single steps in the next.

use crate::extract::features::ROW;
use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, f32x16, u32x16};
use std::ops::Range;

/// How many rows are asked side by side: four to an instruction or all, as the processor has it, and enough for one fork
/// that what it costs to come to it hardly counts. Of more, those that are missing in a page's last batch would.
const LANES: usize = 16;

/// Most leaves of a tree: the bits of what is in reach. The trainer makes 31 (`training/trees.py`).
const LEAVES: usize = 32;

/// Marks a child that is a leaf.
pub(super) const LEAF: u16 = 0x8000;

/// A node as it stands in the file: goes left if the feature is at most the threshold. Children
/// are numbers of nodes, or of leaves with [`LEAF`] set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fork {
    pub(super) feature: u16,
    pub(super) threshold: f32,
    pub(super) left: u16,
    pub(super) right: u16,
}

/// An ensemble in flat arrays.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Trees {
    base: f32,
    /// By tree what its leaves add, from left to right.
    leaves: Vec<[f32; LEAVES]>,
    /// By column and threshold.
    questions: Vec<Question>,
    /// The columns that are the same in all rows of a page, and the others.
    shared: Vec<Column>,
    own: Vec<Column>,
}

/// A fork as it is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Question {
    threshold: f32,
    tree: u32,
    /// The leaves that stay in reach of a row whose value is above the threshold.
    above: u32,
}

/// The questions to one column.
#[derive(Debug, Clone, PartialEq)]
struct Column {
    feature: usize,
    questions: Range<usize>,
}

/// Forks that make no tree.
#[derive(Debug, PartialEq)]
pub(super) struct NoTree;

/// What trees are read into.
#[derive(Debug, Default)]
pub(super) struct Planting {
    leaves: Vec<[f32; LEAVES]>,
    /// By tree, each with its feature.
    questions: Vec<(u16, Question)>,
}

/// What is next on the way through a tree, from left to right.
enum Step {
    Child(u16),
    /// All leaves on a fork's left have been numbered, from this one on.
    LeftDone(Fork, usize),
}

impl Planting {
    /// Adds a tree over rows of `width` values.
    ///
    /// # Errors
    /// Where a fork names a feature, a fork or a leaf that is not there, or two forks name the same, a threshold is no
    /// number, or the tree has more than [`LEAVES`] leaves.
    pub(super) fn push(&mut self, forks: &[Fork], leaves: &[f32], width: usize) -> Result<(), NoTree> {
        let (mut values, mut count, mut entered) = ([0.0; LEAVES], 0, 0);
        let mut steps = vec![Step::Child(if forks.is_empty() { LEAF } else { 0 })];
        while let Some(step) = steps.pop() {
            match step {
                Step::Child(leaf) if leaf & LEAF != 0 => {
                    let value = leaves.get(usize::from(leaf & !LEAF)).ok_or(NoTree)?;
                    *values.get_mut(count).ok_or(NoTree)? = *value;
                    count += 1;
                }
                Step::Child(fork) => {
                    entered += 1;
                    let fork = *forks.get(usize::from(fork)).filter(|_| entered <= forks.len()).ok_or(NoTree)?;
                    if usize::from(fork.feature) >= width.min(ROW) || !fork.threshold.is_finite() {
                        return Err(NoTree);
                    }
                    steps.extend([Step::Child(fork.right), Step::LeftDone(fork, count), Step::Child(fork.left)]);
                }
                Step::LeftDone(fork, first) => {
                    let left = (1_u64 << count) - (1 << first);
                    let tree = self.leaves.len() as u32;
                    let question = Question { threshold: fork.threshold, tree, above: !(left as u32) };
                    self.questions.push((fork.feature, question));
                }
            }
        }
        self.leaves.push(values);
        Ok(())
    }

    /// The trees. `base`: what their sum begins with. `shared`: columns that are the same in all rows of a page.
    pub(super) fn trees(mut self, base: f32, shared: &Range<usize>) -> Trees {
        self.questions.sort_by(|(a, first), (b, second)| a.cmp(b).then(first.threshold.total_cmp(&second.threshold)));
        let mut trees = Trees { base, leaves: self.leaves, ..Trees::default() };
        for alike in self.questions.chunk_by(|(a, _), (b, _)| a == b) {
            let first = trees.questions.len();
            trees.questions.extend(alike.iter().map(|(_, question)| *question));
            let column = Column { feature: usize::from(alike[0].0), questions: first..trees.questions.len() };
            if shared.contains(&column.feature) { &mut trees.shared } else { &mut trees.own }.push(column);
        }
        trees
    }
}

impl Trees {
    /// The probability of one row, all of whose columns are shared.
    pub(super) fn probability(&self, row: &[f32]) -> f32 {
        let in_reach = self.in_reach_of_all(|feature| row[feature]);
        let leaves = self.leaves.iter().zip(in_reach);
        probability(leaves.fold(self.base, |sum, (leaves, in_reach)| sum + first_of(leaves, in_reach)))
    }

    /// By tree the leaves that the shared columns leave in reach. `value`: that of a feature.
    fn in_reach_of_all(&self, value: impl Fn(usize) -> f32) -> Vec<u32> {
        let mut in_reach = vec![u32::MAX; self.leaves.len()];
        for column in &self.shared {
            let value = number(value(column.feature));
            for question in self.questions[column.questions.clone()].iter().take_while(|it| value > it.threshold) {
                in_reach[question.tree as usize] &= question.above;
            }
        }
        in_reach
    }

    /// For each row of the batch the logistic of the sum of all trees' leaves. `in_reach`: what the shared columns
    /// leave. Compiled once for each width of registers that processors have, as all that it calls.
    #[inline(always)]
    fn probabilities<S: Simd>(&self, simd: S, batch: &mut Batch, in_reach: &[u32]) -> [f32; LANES] {
        batch.in_reach.clear();
        batch.in_reach.extend(in_reach.iter().map(|in_reach| [*in_reach; LANES]));
        for column in &self.own {
            let values = f32x16::simd_from(simd, batch.columns[column.feature]);
            let (lowest, highest) = (values.reduce_min(), values.reduce_max());
            let asked = &self.questions[column.questions.clone()];
            for question in asked.iter().take_while(|question| question.threshold < highest) {
                let in_reach = &mut batch.in_reach[question.tree as usize];
                let before = u32x16::simd_from(simd, *in_reach);
                let above = before & u32x16::splat(simd, question.above);
                let after = if question.threshold < lowest {
                    above
                } else {
                    values.simd_gt(question.threshold).select(above, before)
                };
                after.store_slice(in_reach);
            }
        }
        let mut sums = [self.base; LANES];
        for (leaves, in_reach) in self.leaves.iter().zip(&batch.in_reach) {
            for lane in 0..LANES {
                sums[lane] += first_of(leaves, in_reach[lane]);
            }
        }
        sums.map(probability)
    }
}

/// What the first leaf in reach adds; there is always one.
#[inline(always)]
fn first_of(leaves: &[f32; LEAVES], in_reach: u32) -> f32 {
    leaves[in_reach.trailing_zeros() as usize % LEAVES]
}

fn probability(sum: f32) -> f32 {
    1.0 / (1.0 + (-sum).exp())
}

/// Nothing is above what is no number, which goes right at every fork: as infinity does, since thresholds are finite.
fn number(value: f32) -> f32 {
    if value.is_nan() { f32::INFINITY } else { value }
}

/// Up to [`LANES`] rows, by column.
#[derive(Debug)]
struct Batch {
    columns: Box<[[f32; LANES]; ROW]>,
    rows: usize,
    /// By tree and row the leaves that are left; kept to be used again.
    in_reach: Vec<[u32; LANES]>,
}

impl Batch {
    /// Adds a row; the batch is not full.
    fn push(&mut self, row: &[f32]) {
        for (column, value) in self.columns.iter_mut().zip(row) {
            column[self.rows] = number(*value);
        }
        self.rows += 1;
    }
}

/// Asks an ensemble of one row of a page after the other.
#[derive(Debug)]
pub(crate) struct Judge<'a> {
    trees: &'a Trees,
    batch: Batch,
    /// What the page's columns leave in reach, once there is a row.
    in_reach: Option<Vec<u32>>,
    probabilities: Vec<f32>,
    /// How wide its registers are.
    processor: Level,
}

impl<'a> Judge<'a> {
    pub(super) fn new(trees: &'a Trees) -> Self {
        let batch = Batch { columns: Box::new([[0.0; LANES]; ROW]), rows: 0, in_reach: Vec::new() };
        Self { trees, batch, in_reach: None, probabilities: Vec::new(), processor: Level::new() }
    }

    /// Takes the next row; in the columns that are shared it is like the first.
    pub(crate) fn push(&mut self, row: &[f32]) {
        self.batch.push(row);
        if self.batch.rows == LANES {
            self.judge();
        }
    }

    /// The probability of each row, in their order.
    pub(crate) fn finish(mut self) -> Vec<f32> {
        self.judge();
        self.probabilities
    }

    fn judge(&mut self) {
        let rows = std::mem::take(&mut self.batch.rows);
        if rows == 0 {
            return;
        }
        let Self { trees, batch, in_reach, probabilities, processor } = self;
        let in_reach = in_reach.get_or_insert_with(|| trees.in_reach_of_all(|feature| batch.columns[feature][0]));
        let of_batch = dispatch!(*processor, simd => trees.probabilities(simd, batch, in_reach));
        probabilities.extend_from_slice(&of_batch[..rows]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fork(feature: u16, left: u16, right: u16) -> Fork {
        Fork { feature, threshold: 1.0, left, right }
    }

    /// The sum is 1 or 2 where the first value is at most 1, by the second; else 4.
    fn two_levels(shared: Range<usize>) -> Trees {
        let mut planting = Planting::default();
        planting.push(&[fork(0, 1, LEAF | 2), fork(1, LEAF, LEAF | 1)], &[1.0, 2.0, 4.0], 2).unwrap();
        planting.trees(0.0, &shared)
    }

    #[test]
    fn rows_of_a_batch_go_their_own_ways() {
        let rows = [[1.0, 1.0], [1.0, 1.5], [1.5, 0.0], [f32::NAN, 0.0], [0.0, f32::NAN]];
        let trees = two_levels(0..0);
        let mut judge = Judge::new(&trees);
        (0..20).for_each(|at| judge.push(&rows[at % rows.len()]));
        let sums = [1.0_f32, 2.0, 4.0, 4.0, 2.0];
        let expected: Vec<f32> = (0..20).map(|at| 1.0 / (1.0 + (-sums[at % sums.len()]).exp())).collect();
        assert_eq!(judge.finish(), expected);
    }

    #[test]
    fn columns_of_the_page_are_asked_once_and_count_like_others() {
        for page in [[1.0, 1.0], [1.0, 1.5], [1.5, 0.0], [f32::NAN, 0.0], [0.0, f32::NAN]] {
            let expected = two_levels(0..0);
            let mut judge = Judge::new(&expected);
            judge.push(&page);
            let expected = judge.finish();
            assert_eq!([two_levels(0..2).probability(&page)], expected[..]);
            for shared in [0..1, 1..2] {
                let trees = two_levels(shared);
                let mut judge = Judge::new(&trees);
                (0..9).for_each(|_| judge.push(&page));
                assert_eq!(judge.finish(), expected.repeat(9));
            }
        }
    }

    #[test]
    fn refuses_what_is_no_tree() {
        let refused = |forks: &[Fork]| Planting::default().push(forks, &[1.0, 2.0], 2).is_err();
        assert!(!refused(&[fork(0, LEAF, LEAF | 1)]));
        assert!(refused(&[fork(2, LEAF, LEAF | 1)]), "a feature that is not there");
        assert!(refused(&[fork(0, LEAF, LEAF | 2)]), "a leaf that is not there");
        assert!(refused(&[fork(0, LEAF, 1)]), "a fork that is not there");
        assert!(refused(&[fork(0, 0, LEAF)]), "a fork that leads to itself");
        assert!(refused(&[fork(0, 1, 1), fork(0, LEAF, LEAF)]), "a fork that two lead to");
        assert!(refused(&[Fork { threshold: f32::NAN, ..fork(0, LEAF, LEAF | 1) }]), "a threshold that is no number");
        let chain: Vec<Fork> = (1..40).map(|next| fork(0, LEAF, if next < 39 { next } else { LEAF })).collect();
        assert!(refused(&chain) && !refused(&[&chain[..30], &[fork(0, LEAF, LEAF)]].concat()), "leaves without a bit");
    }
}
