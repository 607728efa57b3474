//! Why the store cannot be used.

use super::Key;
use crate::trouble::Trouble;
use rusqlite::ErrorCode;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use url::Url;

/// The store failed, or somebody may not use it.
#[derive(Debug, thiserror::Error)]
pub enum FrontierError {
    /// A second process, or a second opening in this one.
    #[error("{path}: another gleaner{} uses this store; stop it first, or name another file under `store` in [frontier]", OfProcess(*pid))]
    Busy {
        /// The store.
        path: PathBuf,
        /// The other process, where it has said who it is.
        pid: Option<u32>,
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
    #[error(
        "{path}: not a store of gleaner; name another file under `store` in [frontier] or, if it was one, let `gleaner repair` rebuild it"
    )]
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
    /// A store that is damaged: cut short, overwritten, on a failing disk.
    #[error("{path}: the store is damaged; let `gleaner repair` rebuild it from the manifest and the files")]
    Broken {
        /// The store.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A store that may only be read.
    #[error(
        "{path}: the store cannot be written to; make the file and its folder writable, or name another under `store` in [frontier]"
    )]
    ReadOnly {
        /// The store.
        path: PathBuf,
        /// The system's word.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Another program, no gleaner, holds the file, and has not let go of it for five seconds.
    #[error("another program holds the store and does not let go of it; close it and start again")]
    Locked(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The store was found damaged while in use.
    #[error("the store is damaged; let `gleaner repair` rebuild it from the manifest and the files")]
    Corrupt(#[source] Box<dyn std::error::Error + Send + Sync>),
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

/// " (process 12)", where it is known.
struct OfProcess(Option<u32>);

impl fmt::Display for OfProcess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |pid| write!(formatter, " (process {pid})"))
    }
}

impl FrontierError {
    /// What ails the machine, where it is the machine that fails and not the store, its user or the caller: may pass.
    pub fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::Open { source, .. } | Self::ReadOnly { source, .. } | Self::Store(source) => Some(trouble(&**source)),
            Self::Locked(_) => Some(Trouble::Failing),
            _ => None,
        }
    }
}

fn trouble(source: &(dyn std::error::Error + 'static)) -> Trouble {
    if let Some(error) = source.downcast_ref::<io::Error>() {
        return Trouble::of(error);
    }
    let shared = source.downcast_ref::<Arc<rusqlite::Error>>().map(|error| &**error);
    let code = shared.or_else(|| source.downcast_ref()).and_then(rusqlite::Error::sqlite_error_code);
    match code {
        Some(ErrorCode::DiskFull) => Trouble::Full,
        Some(ErrorCode::ReadOnly) => Trouble::ReadOnly,
        Some(ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied) => Trouble::Denied,
        _ => Trouble::Failing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ails_the_machine_is_told_from_what_ails_the_store() {
        // SQLITE_FULL, SQLITE_READONLY, SQLITE_PERM, SQLITE_IOERR, SQLITE_CANTOPEN
        let of = |code| rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
        let found = [13, 8, 3, 10, 14].map(|code| FrontierError::Store(Box::new(of(code))).trouble());
        let expected = [Trouble::Full, Trouble::ReadOnly, Trouble::Denied, Trouble::Failing, Trouble::Failing];
        assert_eq!(found, expected.map(Some));
        assert_eq!(
            FrontierError::Store(Box::new(Arc::new(of(13)))).trouble(),
            Some(Trouble::Full),
            "one that several share"
        );
        let open =
            FrontierError::Open { path: "a".into(), source: Box::new(io::Error::from(io::ErrorKind::StorageFull)) };
        assert_eq!(open.trouble(), Some(Trouble::Full));
        assert_eq!(FrontierError::Corrupt("page 7".into()).trouble(), None);
        assert_eq!(FrontierError::Busy { path: "a".into(), pid: None }.trouble(), None);
    }
}
