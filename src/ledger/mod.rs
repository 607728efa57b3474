//! The ledger: what the store says, what the manifest says, and what stands in the output folder. The crawl keeps the three
//! together; here they are held against each other (`verify`) and, where one of them was lost or damaged, mended by the
//! others (`repair`).

mod finding;
mod front_matter;
mod likeness;
mod repair;
mod verify;

pub use finding::{Finding, FindingKind};
pub(crate) use likeness::likeness;
#[cfg(feature = "cli")]
pub(crate) use likeness::without_front_matter;
pub use repair::{Repaired, Wish, repair};
pub use verify::{Counts, Report, verify};

use crate::frontier::FrontierError;
use crate::output::OutputError;

/// The ledger cannot be read or mended.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The store.
    #[error(transparent)]
    Frontier(#[from] FrontierError),
    /// The manifest or the texts.
    #[error(transparent)]
    Output(#[from] OutputError),
}
