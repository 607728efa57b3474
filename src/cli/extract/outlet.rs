//! Where articles go: standard output, a file of JSON Lines, or a file for each.

use super::bookmark::to_begin_anew;
use super::files::Files;
use super::show::{Shape, Shown};
use super::{ExtractArgs, Extracted, Format};
use crate::cli::code::{Ended, OrUsage as _};
use crate::cli::problem::Problem;
use crate::cli::terminal;
use anyhow::{Context as _, anyhow};
use indicatif::MultiProgress;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Where articles go.
#[derive(Debug)]
pub(super) enum Outlet {
    Printed(Printed),
    Files(Box<Files>, Paths),
    Lines(LineFile),
}

/// Whether somebody reads the paths of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paths {
    Read,
    /// As behind `| head`: the files are what was asked for, and go on.
    Unread,
}

/// Standard output.
#[derive(Debug)]
pub(super) struct Printed {
    /// Whether each says what it is of.
    is_named: bool,
    shown: usize,
}

impl Outlet {
    /// The place that the arguments name, for `count` inputs; `written` is what this call has written of it before, in
    /// bytes of the file of lines or of the folder's manifest. What follows in the file of lines is cut off.
    ///
    /// # Errors
    /// What cannot be written to.
    pub(super) fn open(args: &ExtractArgs, shape: Shape, count: usize, written: Range<u64>) -> Result<Self, Ended> {
        Ok(match &args.output {
            None => Self::Printed(Printed { is_named: count > 1 && !shape.is_json(), shown: 0 }),
            Some(file) if shape.format == Format::Jsonl => Self::Lines(LineFile::open(file, written.end).or_usage()?),
            Some(folder) => Self::Files(Box::new(Files::open(folder, written).or_usage()?), Paths::Read),
        })
    }

    /// Prints or writes what came of an input. Nothing waits here between the beginning and the end of a file or a line.
    ///
    /// # Errors
    /// What cannot be written: where the next ones may fare better as the problem of this one.
    pub(super) fn put(
        &mut self,
        found: &Extracted,
        shape: Shape,
        shown: &Shown,
        progress: &MultiProgress,
    ) -> Result<Result<(), Problem>, Ended> {
        match (self, shape.format.of_file()) {
            (Self::Lines(lines), _) => lines.write(&shown.content).map(Ok),
            (Self::Files(files, paths), Some(format)) => {
                match files.write(found, format, &shown.content, shown.sidecar.as_deref()) {
                    Ok(line) => paths.print(&line, progress).map(Ok),
                    Err(problem) => Ok(Err(problem)),
                }
            }
            (Self::Printed(printed), _) => {
                let opening = printed.opening(found, shape);
                printed.shown += 1;
                progress.suspend(|| terminal::print(&(opening + &shown.content))).map(Ok)
            }
            // `Files` is for formats that files have.
            (Self::Files(..), None) => Ok(Ok(())),
        }
    }

    /// Prints or writes a line that is of no article.
    ///
    /// # Errors
    /// What cannot be written.
    pub(super) fn put_line(&mut self, line: &str, progress: &MultiProgress) -> Result<(), Ended> {
        match self {
            Self::Lines(lines) => lines.write(line),
            Self::Printed(_) | Self::Files(..) => progress.suspend(|| terminal::print(line)),
        }
    }

    /// Makes sure that what was written outlives the machine; gives how many bytes of the file of lines or of the
    /// folder's manifest that are.
    ///
    /// # Errors
    /// A disk that fails.
    pub(super) fn sync(&self) -> Result<u64, Ended> {
        match self {
            Self::Lines(lines) => lines.sync(),
            // Each file was made sure of when it was written.
            Self::Files(files, _) => Ok(files.manifest_bytes()),
            Self::Printed(_) => Ok(0),
        }
    }
}

impl Paths {
    fn print(&mut self, line: &str, progress: &MultiProgress) -> Result<(), Ended> {
        if *self == Self::Unread {
            return Ok(());
        }
        match progress.suspend(|| terminal::print(line)) {
            Err(Ended::ReaderGone) => *self = Self::Unread,
            printed => return printed,
        }
        Ok(())
    }
}

impl Printed {
    /// What stands before an article among several, but for JSON: its input, in the manner of `head` and `tail`.
    fn opening(&self, found: &Extracted, shape: Shape) -> String {
        if !self.is_named && (!found.is_of_batch || shape.is_json()) {
            return String::new();
        }
        let gap = if self.shown > 0 { "\n" } else { "" };
        format!("{gap}==> {} <==\n\n", found.input.name)
    }
}

/// # Errors
/// A file that another call is writing.
pub(super) fn refuse_taken(path: &Path) -> anyhow::Result<()> {
    let lock = File::open(path).map(|file| file.try_lock_shared());
    if let Ok(Err(TryLockError::WouldBlock)) = lock { Err(taken(path)) } else { Ok(()) }
}

fn taken(path: &Path) -> anyhow::Error {
    anyhow!("--output {}: another gleaner is writing there; wait for it or name another file", path.display())
}

/// A file of JSON Lines.
#[derive(Debug)]
pub(super) struct LineFile {
    path: PathBuf,
    file: File,
    bytes: u64,
}

impl LineFile {
    /// Opens the file, which is made where it is missing, and cuts off all but its first `kept_bytes`.
    ///
    /// # Errors
    /// What cannot be written to, is shorter than that, or is being written by somebody else.
    fn open(path: &Path, kept_bytes: u64) -> anyhow::Result<Self> {
        let named = || format!("--output {}", path.display());
        if path.is_dir() {
            return Err(anyhow!("{}: is a folder; --format jsonl writes one file", named()));
        }
        let options = OpenOptions::new().write(true).create(kept_bytes == 0).truncate(false).open(path);
        let is_gone = |cause: &io::Error| kept_bytes > 0 && cause.kind() == io::ErrorKind::NotFound;
        let changed = |how: &str| anyhow!("{}: {how}; {}", named(), to_begin_anew(path));
        let mut file = match options {
            Err(cause) if is_gone(&cause) => return Err(changed("is not there any more")),
            opened => opened.with_context(named)?,
        };
        // Some file systems know no locks.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(taken(path));
        }
        let facts = file.metadata().with_context(named)?;
        if facts.is_file() {
            if facts.len() < kept_bytes {
                return Err(changed("is shorter than when it was left"));
            }
            file.set_len(kept_bytes).and_then(|()| file.seek(SeekFrom::Start(kept_bytes))).with_context(named)?;
        }
        Ok(Self { path: path.to_path_buf(), file, bytes: kept_bytes })
    }

    fn write(&mut self, line: &str) -> Result<(), Ended> {
        self.file.write_all(line.as_bytes()).map_err(|cause| self.unwritable(cause))?;
        self.bytes += line.len() as u64;
        Ok(())
    }

    fn sync(&self) -> Result<u64, Ended> {
        match self.file.sync_data() {
            // Pipes and devices have nothing to make sure of.
            Err(cause) if cause.kind() != io::ErrorKind::InvalidInput => Err(self.unwritable(cause)),
            _ => Ok(self.bytes),
        }
    }

    fn unwritable(&self, cause: io::Error) -> Ended {
        let written = format!("--output {}", self.path.display());
        let remedy = if self.path.is_file() { "; mend that, and the same command with --resume goes on" } else { "" };
        Ended::Unwritable(anyhow!("{written}: {cause}{remedy}"))
    }
}
