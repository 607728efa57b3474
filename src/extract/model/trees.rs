//! Boosted trees, walked by several rows side by side.
//!
//! A row that walks a tree alone waits at every node for the one before, and which way it goes is a
//! guess that the processor loses one time in four. [`LANES`] rows that take their steps in turn,
//! without branches, do neither.

use crate::extract::features::ROW;

/// How many rows walk side by side.
const LANES: usize = 8;

/// Columns of a [`Batch`], more than any row has: a power of two, so that no look-up needs a check.
const COLUMNS: usize = ROW.next_power_of_two();

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
    /// Where each tree begins in `nodes`.
    roots: Vec<u32>,
    nodes: Vec<Node>,
    /// By node: what a leaf adds.
    values: Vec<f32>,
}

/// A fork or a leaf. A fork's left child stands right before its right one. A leaf is its own right
/// child and its threshold NaN, which nothing is at most, so that whoever has come there stays.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Node {
    threshold: f32,
    feature: u16,
    /// Counted from the tree's root.
    right: u16,
}

/// Forks that make no tree.
#[derive(Debug, PartialEq)]
pub(super) struct NoTree;

impl Trees {
    /// No trees, only what their sum begins with.
    pub(super) fn new(base: f32) -> Self {
        Self { base, ..Self::default() }
    }

    /// Adds a tree over rows of `width` values.
    ///
    /// # Errors
    /// Where a fork names a feature, a fork or a leaf that is not there, or two forks name the same.
    pub(super) fn push(&mut self, forks: &[Fork], leaves: &[f32], width: usize) -> Result<(), NoTree> {
        self.roots.push(self.nodes.len() as u32);
        // The file's children in the order in which their nodes are laid out, level by level.
        let mut children = vec![if forks.is_empty() { LEAF } else { 0 }];
        let mut at = 0;
        while let Some(&child) = children.get(at) {
            if child & LEAF == 0 {
                let fork = forks.get(usize::from(child)).filter(|fork| usize::from(fork.feature) < width.min(COLUMNS));
                let Fork { feature, threshold, left, right } = *fork.ok_or(NoTree)?;
                children.extend([left, right]);
                if children.len() > 2 * forks.len() + 1 {
                    return Err(NoTree);
                }
                self.nodes.push(Node { threshold, feature, right: (children.len() - 1) as u16 });
                self.values.push(0.0);
            } else {
                self.nodes.push(Node { threshold: f32::NAN, feature: 0, right: at as u16 });
                self.values.push(*leaves.get(usize::from(child & !LEAF)).ok_or(NoTree)?);
            }
            at += 1;
        }
        Ok(())
    }

    /// The probability of one row.
    pub(super) fn probability(&self, row: &[f32]) -> f32 {
        let mut batch = Batch::default();
        batch.push(row);
        self.probabilities(&batch)[0]
    }

    /// For each row of the batch the logistic of the sum of all trees' leaves.
    fn probabilities(&self, batch: &Batch) -> [f32; LANES] {
        let mut sums = [self.base; LANES];
        let ends = self.roots.iter().skip(1).map(|root| *root as usize).chain([self.nodes.len()]);
        for (root, end) in self.roots.iter().map(|root| *root as usize).zip(ends) {
            let values = &self.values[root..end];
            let leaves = leaves(&self.nodes[root..end], batch);
            for (sum, leaf) in sums.iter_mut().zip(leaves) {
                *sum += values[usize::from(leaf)];
            }
        }
        sums.map(|sum| 1.0 / (1.0 + (-sum).exp()))
    }
}

/// The leaves of one tree that the rows come to. Children stand behind their parents, so that this
/// ends.
fn leaves(tree: &[Node], batch: &Batch) -> [u16; LANES] {
    let mut places = [0; LANES];
    loop {
        let mut moved = 0;
        for (lane, place) in places.iter_mut().enumerate() {
            let node = tree[usize::from(*place)];
            let value = batch.columns[usize::from(node.feature) % COLUMNS][lane];
            let next = node.right - u16::from(value <= node.threshold);
            moved |= next ^ *place;
            *place = next;
        }
        if moved == 0 {
            return places;
        }
    }
}

/// Up to [`LANES`] rows, by column.
#[derive(Debug)]
struct Batch {
    columns: Box<[[f32; LANES]; COLUMNS]>,
    rows: usize,
}

impl Default for Batch {
    fn default() -> Self {
        Self { columns: Box::new([[0.0; LANES]; COLUMNS]), rows: 0 }
    }
}

impl Batch {
    /// Adds a row; the batch is not full.
    fn push(&mut self, row: &[f32]) {
        for (column, value) in self.columns.iter_mut().zip(row) {
            column[self.rows] = *value;
        }
        self.rows += 1;
    }
}

/// Asks an ensemble of one row after the other.
#[derive(Debug)]
pub(crate) struct Judge<'a> {
    trees: &'a Trees,
    batch: Batch,
    probabilities: Vec<f32>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(trees: &'a Trees) -> Self {
        Self { trees, batch: Batch::default(), probabilities: Vec::new() }
    }

    /// Takes the next row.
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
        self.probabilities.extend_from_slice(&self.trees.probabilities(&self.batch)[..rows]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fork(feature: u16, left: u16, right: u16) -> Fork {
        Fork { feature, threshold: 1.0, left, right }
    }

    /// The sum is 1 or 2 where the first value is at most 1, by the second; else 4.
    fn two_levels() -> Trees {
        let mut trees = Trees::new(0.0);
        trees.push(&[fork(0, 1, LEAF | 2), fork(1, LEAF, LEAF | 1)], &[1.0, 2.0, 4.0], 2).unwrap();
        trees
    }

    #[test]
    fn rows_of_a_batch_go_their_own_ways() {
        let rows = [[1.0, 1.0], [1.0, 1.5], [1.5, 0.0], [f32::NAN, 0.0], [0.0, f32::NAN]];
        let trees = two_levels();
        let mut judge = Judge::new(&trees);
        (0..20).for_each(|at| judge.push(&rows[at % rows.len()]));
        let sums = [1.0_f32, 2.0, 4.0, 4.0, 2.0];
        let expected: Vec<f32> = (0..20).map(|at| 1.0 / (1.0 + (-sums[at % sums.len()]).exp())).collect();
        assert_eq!(judge.finish(), expected);
    }

    #[test]
    fn refuses_what_is_no_tree() {
        let refused = |forks: &[Fork]| Trees::new(0.0).push(forks, &[1.0, 2.0], 2).is_err();
        assert!(!refused(&[fork(0, LEAF, LEAF | 1)]));
        assert!(refused(&[fork(2, LEAF, LEAF | 1)]), "a feature that is not there");
        assert!(refused(&[fork(0, LEAF, LEAF | 2)]), "a leaf that is not there");
        assert!(refused(&[fork(0, LEAF, 1)]), "a fork that is not there");
        assert!(refused(&[fork(0, 0, LEAF)]), "a fork that leads to itself");
        assert!(refused(&[fork(0, 1, 1), fork(0, LEAF, LEAF)]), "a fork that two lead to");
    }
}
