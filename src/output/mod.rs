//! Names and atomic files: a text stands whole under its name or not at all, and the manifest says
//! what stands where.
//!
//! A file is written in a staging folder inside the output folder, synced, renamed to its place, its
//! folder synced, and only then its line is appended to `manifest.jsonl` and synced. One staging
//! folder instead of temporaries beside the files, so that what a killed run has left is swept in one
//! look, however large the output has grown.

mod inventory;
mod manifest;
mod name;
mod raw;
mod template;
mod tree;

pub use crate::path::{PathError, RelativePath};
pub use crate::render::Format;
pub use inventory::{Entry, LatestEntries, Lines, Standing, hash_of, latest_entries, list, read_manifest};
pub use manifest::Record;
pub use name::ArticleName;
pub use raw::{RawArticle, RawKept, RawLook, RawOptions, RawPart, RawRole, RawStore, look_through};
pub use template::{NameTemplate, TemplateError};

use crate::key::Key;
use crate::trouble::Trouble;
use manifest::Manifest;
use serde::{Deserialize, Serialize};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use tree::Tree;
#[cfg(feature = "cli")]
pub(crate) use tree::new_file;

/// Settings of the room, as in the `[output]` section of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutputOptions {
    /// Where texts and manifest go; made where it is missing.
    pub folder: PathBuf,
    /// What they are called below it.
    pub names: NameTemplate,
    /// What articles are written as.
    pub format: Format,
    /// Whether each text or Markdown file starts with what is known of it, in YAML.
    pub front_matter: bool,
    /// Whether what is known of an article stands beside its file, too, as JSON; its JSON document has it already.
    pub sidecar: bool,
    /// What becomes of articles that are not whole.
    pub truncated: Truncated,
}

/// What becomes of articles that are not whole: cut off by a paywall, or without some of their pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Truncated {
    /// They are written, and marked.
    #[default]
    Keep,
    /// They are recorded like pages without an article, and nothing is written.
    Skip,
}

impl Default for OutputOptions {
    fn default() -> Self {
        Self {
            folder: PathBuf::from("articles"),
            names: NameTemplate::default(),
            format: Format::Text,
            front_matter: false,
            sidecar: false,
            truncated: Truncated::Keep,
        }
    }
}

/// What a call to [`Writer::write`] has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A file or the manifest's line was not there: a new text, new bytes for a known one, or a file
    /// that was lost.
    Written,
    /// File and manifest had it all already: a replay after a kill.
    Nothing,
}

/// What stands on the disk after [`Writer::write`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// BLAKE3 of the file's bytes, hexadecimal.
    pub hash: String,
    /// What the call had to do for it.
    pub change: Change,
}

/// The output folder, open for writing by this process alone; shared between threads.
#[derive(Debug)]
pub struct Writer {
    tree: Tree,
    manifest: Mutex<Manifest>,
}

impl Writer {
    /// Opens the folder: makes it where it is missing, locks its manifest, cuts off a last line that
    /// a kill has torn, and sweeps away temporaries. Reads the whole manifest (16 bytes of memory are
    /// kept for each text).
    ///
    /// # Errors
    /// A folder that cannot be written to, or that another process writes to.
    pub fn open(folder: &Path) -> Result<Self, OutputError> {
        let tree = Tree::open(folder)?;
        let manifest = Manifest::open(tree.root())?;
        // Only now: the lock says that no other process has temporaries there.
        tree.sweep()?;
        Ok(Self { tree, manifest: Mutex::new(manifest) })
    }

    /// Where the manifest says that the text of `key` stands; `None` for an unknown one. Keeps names
    /// stable even where the frontier's store was lost.
    ///
    /// # Errors
    /// A manifest that cannot be read.
    pub fn path_of(&self, key: Key) -> Result<Option<RelativePath>, OutputError> {
        self.manifest.lock().unwrap_or_else(PoisonError::into_inner).path_of(key)
    }

    /// How long the manifest is, in bytes.
    pub fn manifest_bytes(&self) -> u64 {
        self.manifest.lock().unwrap_or_else(PoisonError::into_inner).bytes()
    }

    /// The keys whose latest lines begin within these bytes of the manifest: what was written while it grew from one
    /// length to another. In no order.
    pub fn keys_within(&self, bytes: Range<u64>) -> Vec<Key> {
        self.manifest.lock().unwrap_or_else(PoisonError::into_inner).keys_within(&bytes)
    }

    /// Writes a file where unfinished ones stand, syncs it and takes it away again: whether texts can be written just now.
    ///
    /// # Errors
    /// Why not.
    pub fn try_out(&self) -> Result<(), OutputError> {
        self.tree.try_out()
    }

    /// Appends lines to the manifest for texts that stand there already, with the hashes of their bytes.
    ///
    /// # Errors
    /// A manifest that cannot be written.
    pub fn list(&self, entries: &[(Record, blake3::Hash)]) -> Result<(), OutputError> {
        self.manifest.lock().unwrap_or_else(PoisonError::into_inner).list(entries)
    }

    /// Takes lines that cannot be read out of the manifest. The old one stays beside it, under its name and `ending`,
    /// which is returned.
    ///
    /// # Errors
    /// A manifest that cannot be written.
    pub fn clean(&self, ending: &str) -> Result<PathBuf, OutputError> {
        self.manifest.lock().unwrap_or_else(PoisonError::into_inner).clean(ending)
    }

    /// Brings JSON about an article to its place beside the file at `path` ([`RelativePath::sidecar`]): whole, or not at
    /// all. To be called before [`Writer::write`], which brings the article to its end.
    ///
    /// # Errors
    /// As [`Writer::write`].
    pub fn write_sidecar(&self, path: &RelativePath, json: &str) -> Result<(), OutputError> {
        self.tree.write(&path.sidecar(), json.as_bytes()).map(drop)
    }

    /// Brings `text` to `record.path`, then the record to the manifest. When it returns, both
    /// survive a loss of power. Calling it again with the same arguments changes nothing.
    ///
    /// # Errors
    /// A disk that is full or read-only, a symbolic link that leads out of the folder.
    pub fn write(&self, record: &Record, text: &str) -> Result<Written, OutputError> {
        let is_new = self.tree.write(&record.path, text.as_bytes())?;
        let hash = blake3::hash(text.as_bytes());
        let mut manifest = self.manifest.lock().unwrap_or_else(PoisonError::into_inner);
        let recorded = manifest.record(record, hash)?;
        let change = if is_new { Change::Written } else { recorded };
        Ok(Written { hash: hash.to_hex().to_string(), change })
    }
}

/// Nothing can be written, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// A file where the output folder, or a folder in it, should be.
    #[error("{path}: is a file where the output needs a folder; move it away, or name another output folder")]
    NotAFolder {
        /// The file.
        path: PathBuf,
    },
    /// No permission, or a file system mounted read-only.
    #[error("{path}: cannot be written to; make it writable, or name another output folder")]
    NotWritable {
        /// What was to be written.
        path: PathBuf,
        /// The system's word.
        source: io::Error,
    },
    /// No space or quota left.
    #[error("{path}: the disk is full; make room, or name another output folder")]
    Full {
        /// What was to be written.
        path: PathBuf,
        /// The system's word.
        source: io::Error,
    },
    /// A link inside the output folder whose target is outside.
    #[error("{path}: a symbolic link that leads out of the output folder; remove it")]
    LeadsOut {
        /// The link.
        path: PathBuf,
    },
    /// A second process with the same output folder.
    #[error("{path}: another gleaner writes here; stop it first, or name another output folder")]
    Busy {
        /// The manifest.
        path: PathBuf,
    },
    /// Anything else of the file system.
    #[error("{path}: cannot be read or written ({source}); check the output folder and how many files may be open")]
    Io {
        /// What was to be read or written.
        path: PathBuf,
        /// The system's word.
        source: io::Error,
    },
}

impl OutputError {
    /// Whether the disk or the system failed, as opposed to a folder that cannot be the output.
    pub fn is_of_the_machine(&self) -> bool {
        matches!(self, Self::Full { .. } | Self::Io { .. })
    }

    /// What ails the machine, where it is the machine that fails and not the folder that was named.
    pub fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::NotWritable { source, .. } | Self::Full { source, .. } | Self::Io { source, .. } => {
                Some(Trouble::of(source))
            }
            Self::NotAFolder { .. } | Self::LeadsOut { .. } | Self::Busy { .. } => None,
        }
    }

    /// The error of `path`, sorted by what its reader can do about it.
    pub(crate) fn of(path: &Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => Self::NotAFolder { path },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::NotWritable { path, source },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path, source },
            _ => Self::Io { path, source },
        }
    }
}
