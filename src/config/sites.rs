//! Site rules from the disk: a folder of FiveFilters files, named by their hosts.

use crate::extract::{SiteFault, SiteRules};
use std::io;
use std::path::{Path, PathBuf};

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
    let of = |path: &Path| {
        let path = path.to_owned();
        move |source| SiteFolderError { path, source }
    };
    let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>).map_err(of(folder))?;
    let is_rules = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "txt") && path.is_file();
    let mut files: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).filter(is_rules).collect();
    files.sort();
    let mut faults = Vec::new();
    for file in files {
        let bytes = std::fs::read(&file).map_err(of(&file))?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        faults.extend(rules.add_file(&name, &String::from_utf8_lossy(&bytes)));
    }
    Ok(faults)
}
