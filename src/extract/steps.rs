//! How much work an expression of a site rule may make of a page.

use std::cell::Cell;

/// An expression took more steps than it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("takes too many steps on this page")]
pub(crate) struct OutOfSteps;

/// Steps that are left: one for each node that is looked at, and for each [`BYTES`] of text that is read.
#[derive(Debug)]
pub(crate) struct Steps(Cell<u64>);

/// Bytes of text that cost a step.
const BYTES: u64 = 16;

impl Steps {
    pub(crate) fn new(steps: u64) -> Self {
        Self(Cell::new(steps))
    }

    /// Takes some.
    ///
    /// # Errors
    /// Where fewer are left; then none is left any more.
    pub(crate) fn take(&self, steps: u64) -> Result<(), OutOfSteps> {
        let left = self.0.get().checked_sub(steps);
        self.0.set(left.unwrap_or(0));
        left.map(|_| ()).ok_or(OutOfSteps)
    }

    /// Takes what reading a text of so many bytes costs.
    ///
    /// # Errors
    /// As [`Steps::take`].
    pub(crate) fn take_for_bytes(&self, bytes: usize) -> Result<(), OutOfSteps> {
        self.take(1 + bytes as u64 / BYTES)
    }

    /// How many are left.
    pub(crate) fn left(&self) -> u64 {
        self.0.get()
    }
}
