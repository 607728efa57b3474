//! Site rules from the disk: a folder of FiveFilters files, named by their hosts.

use crate::extract::{SiteFault, SiteFile, SiteRules};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The folder cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{path}: cannot read the site rules")]
pub struct SiteFolderError {
    /// The folder, or a file in it.
    path: PathBuf,
    #[source]
    source: io::Error,
}

/// Adds every `*.txt` of a folder to `rules`, in the order of their names; other files and folders are let be.
/// Bytes that are no UTF-8 become replacement characters. Gives the lines that cannot be used.
///
/// # Errors
/// A folder or a file that cannot be read.
pub fn read_site_rules(folder: &Path, rules: &mut SiteRules) -> Result<Vec<SiteFault>, SiteFolderError> {
    let (folder, faults) = SiteFolder::read(folder)?;
    folder.add_to(rules);
    Ok(faults)
}

/// What tells that a file has changed: when it was written, and its bytes; `None` where there is no file.
pub(super) type Stamp = Option<(Option<SystemTime>, u64)>;

/// The stamp of a file or what a link leads to.
pub(super) fn stamp(path: &Path) -> Stamp {
    let facts = std::fs::metadata(path).ok()?;
    Some((facts.modified().ok(), facts.len()))
}

/// A folder as it was last read.
#[derive(Debug, Clone)]
pub(super) struct SiteFolder {
    path: PathBuf,
    files: BTreeMap<PathBuf, KnownFile>,
    /// Whether it could not be read the last time, which has been told.
    is_lost: bool,
}

#[derive(Debug, Clone)]
struct KnownFile {
    stamp: Stamp,
    /// `None` where it has never been read.
    file: Option<SiteFile>,
    /// How many of its lines could not be used.
    faults: usize,
}

/// What a second look at a folder has found.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// How many files were taken, or are gone.
    pub(super) files: usize,
    /// Lines that cannot be used, of files whose other lines are.
    pub(super) unusable: Vec<SiteFault>,
    /// The same of files that keep the rules that they had before.
    pub(super) refused: Vec<SiteFault>,
    /// The folder, or files in it, that cannot be read.
    pub(super) lost: Vec<SiteFolderError>,
}

impl SiteFolder {
    /// Reads every file.
    ///
    /// # Errors
    /// As [`read_site_rules`].
    pub(super) fn read(path: &Path) -> Result<(Self, Vec<SiteFault>), SiteFolderError> {
        let mut folder = Self { path: path.to_owned(), files: BTreeMap::new(), is_lost: false };
        let mut all = Vec::new();
        for path in list(path)? {
            let stamp = stamp(&path);
            let (file, faults) = read(&path)?;
            folder.files.insert(path, KnownFile { stamp, file: Some(file), faults: faults.len() });
            all.extend(faults);
        }
        Ok((folder, all))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn add_to(&self, rules: &mut SiteRules) {
        self.files.values().filter_map(|known| known.file.as_ref()).for_each(|file| rules.add(file));
    }

    /// Reads again what has changed; with `is_forced`, all. A file that cannot be read, or has more lines than
    /// before that cannot be used, keeps the rules that it had. Nothing is told twice of a file that stays as it is.
    pub(super) fn refresh(&mut self, is_forced: bool) -> Changes {
        let mut changes = Changes::default();
        let paths = match list(&self.path) {
            Ok(paths) => paths,
            Err(error) => {
                if is_forced || !std::mem::replace(&mut self.is_lost, true) {
                    changes.lost.push(error);
                }
                return changes;
            }
        };
        self.is_lost = false;
        let before = self.files.len();
        self.files.retain(|path, _| paths.binary_search(path).is_ok());
        changes.files += before - self.files.len();
        for path in paths {
            self.refresh_file(path, is_forced, &mut changes);
        }
        changes
    }

    fn refresh_file(&mut self, path: PathBuf, is_forced: bool, changes: &mut Changes) {
        // Taken before the file is read: what is written meanwhile is seen at the next look.
        let stamp = stamp(&path);
        let known = self.files.get(&path);
        let is_changed = known.is_none_or(|known| known.stamp != stamp);
        if !is_changed && !is_forced {
            return;
        }
        let read = read(&path);
        let known = self.files.entry(path).or_insert(KnownFile { stamp, file: None, faults: usize::MAX });
        known.stamp = stamp;
        match read {
            Ok((file, faults)) => {
                if faults.len() <= known.faults {
                    changes.files += usize::from(is_changed);
                    (known.file, known.faults) = (Some(file), faults.len());
                    changes.unusable.extend(faults);
                } else {
                    changes.refused.extend(faults);
                }
            }
            Err(error) => changes.lost.push(error),
        }
    }
}

/// The files of a folder that hold rules, sorted.
fn list(folder: &Path) -> Result<Vec<PathBuf>, SiteFolderError> {
    let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = entries.map_err(|source| SiteFolderError { path: folder.to_owned(), source })?;
    let is_rules = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "txt") && path.is_file();
    let mut files: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).filter(is_rules).collect();
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<(SiteFile, Vec<SiteFault>), SiteFolderError> {
    let bytes = std::fs::read(path).map_err(|source| SiteFolderError { path: path.to_owned(), source })?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(SiteFile::read(&name, &String::from_utf8_lossy(&bytes)))
}
