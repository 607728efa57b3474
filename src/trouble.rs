//! What ails a machine that cannot keep things, in one set of words for texts and store.

use std::io;

/// Why the disk or the system does not do what is asked of it. All of it may pass without anybody touching the
/// configuration, so that whoever is asked to go on for ever waits, says so and tries again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// No space or quota is left.
    Full,
    /// The file system is mounted read-only, or has been made so after an error.
    ReadOnly,
    /// No permission.
    Denied,
    /// The process, or the machine, has as many files open as it may.
    TooManyFiles,
    /// Anything else: the disk fails.
    Failing,
}

impl Trouble {
    /// What an error of the system is.
    pub fn of(error: &io::Error) -> Self {
        /// `EMFILE` and `ENFILE`, which have no kind of their own; the numbers are those of Linux, BSD and macOS.
        const TOO_MANY: [i32; 2] = [24, 23];
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            io::ErrorKind::PermissionDenied => Self::Denied,
            _ if error.raw_os_error().is_some_and(|number| TOO_MANY.contains(&number)) => Self::TooManyFiles,
            _ => Self::Failing,
        }
    }

    /// Its name in logs and in what users see.
    pub fn id(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::ReadOnly => "read_only",
            Self::Denied => "denied",
            Self::TooManyFiles => "too_many_files",
            Self::Failing => "failing",
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn system_errors_are_told_apart() {
        let of = |number| Trouble::of(&io::Error::from_raw_os_error(number));
        // ENOSPC, EROFS, EACCES, EMFILE, ENFILE, EIO
        let found = [28, 30, 13, 24, 23, 5].map(of);
        assert_eq!(
            found,
            [
                Trouble::Full,
                Trouble::ReadOnly,
                Trouble::Denied,
                Trouble::TooManyFiles,
                Trouble::TooManyFiles,
                Trouble::Failing
            ]
        );
    }
}

/// An error in one line, with those of its causes that it does not name itself.
pub(crate) fn with_sources(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source()).map(ToString::to_string);
    causes.fold(error.to_string(), |line, cause| if line.contains(&cause) { line } else { format!("{line}: {cause}") })
}
