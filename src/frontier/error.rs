//! Why the store cannot be used.

use super::Key;
use std::path::PathBuf;
use url::Url;

/// The store failed, or somebody may not use it.
#[derive(Debug, thiserror::Error)]
pub enum FrontierError {
    /// A second process, or a second opening in this one.
    #[error("{path}: another gleaner uses this store; stop it first, or name another file under `store` in [frontier]")]
    Busy {
        /// The store.
        path: PathBuf,
    },
    /// A store of a later version of this program.
    #[error(
        "{path}: this store has format {found}, and this gleaner knows formats up to {known}; use the newer gleaner"
    )]
    Newer {
        /// The store.
        path: PathBuf,
        /// The format found.
        found: i64,
        /// The newest format known.
        known: i64,
    },
    /// A file of something else.
    #[error("{path}: not a store of gleaner; name another file under `store` in [frontier]")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file or its folder cannot be opened or made.
    #[error("{path}: cannot open the store; name a file in a writable folder under `store` in [frontier]")]
    Open {
        /// The store.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The store failed while in use: disk full, damaged file.
    #[error(
        "the store cannot be read or written; make room on its disk, see that its folder is writable, and start again"
    )]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The store holds something that this program never writes.
    #[error("the store is damaged: {column} of item {key} cannot be read")]
    Damaged {
        /// The item.
        key: Key,
        /// What is wrong with it.
        column: &'static str,
    },
    /// The lease ran out and the item was given to another.
    #[error("{url}: the lease ran out")]
    LeaseLost {
        /// The item.
        url: Url,
    },
    /// The store was closed while a call was under way.
    #[error("the store is closed")]
    Closed,
}

impl FrontierError {
    /// Whether waiting, or somebody who makes room, may put it right.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Store(source) if super::sqlite::may_pass(source.as_ref()))
    }
}
