//! The folder of texts: makes folders, follows no link out, replaces files in one step.

use super::{OutputError, RelativePath};
use crate::crash::{self, Point};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Where files grow before they are renamed to their place; hidden, and gone while nobody writes.
pub(super) const STAGING: &str = ".gleaner-unfinished";

/// As long as most texts, and a few blocks of the disk.
const TRIAL_BYTES: usize = 16 * 1024;

#[derive(Debug)]
pub(super) struct Tree {
    /// Canonical, so that links can be held against it.
    root: PathBuf,
}

impl Tree {
    pub(super) fn open(folder: &Path) -> Result<Self, OutputError> {
        let error = |error| OutputError::of(folder, error);
        fs::create_dir_all(folder).map_err(error)?;
        let root = folder.canonicalize().map_err(error)?;
        Ok(Self { root })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Removes what a killed run has left.
    pub(super) fn sweep(&self) -> Result<(), OutputError> {
        let staging = self.root.join(STAGING);
        match fs::remove_dir_all(&staging) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(OutputError::of(&staging, error)),
            _ => Ok(()),
        }
    }

    /// Makes `path` hold `bytes`, whatever happens in between; leaves a file that does alone. Returns
    /// whether there was anything to do.
    pub(super) fn write(&self, path: &RelativePath, bytes: &[u8]) -> Result<bool, OutputError> {
        let folder = self.make_folder_of(path)?;
        let file = path.under(&self.root);
        if holds(&file, bytes) {
            // The run that renamed it may have been killed before it synced the folder.
            return sync(&file).and_then(|()| sync(&folder)).map(|()| false);
        }
        self.replace(&file, bytes)?;
        crash::point(Point::Renamed);
        sync(&folder)?;
        crash::point(Point::FolderSynced);
        Ok(true)
    }

    /// Whether a file of a text's size can be written; it is gone again when this returns.
    pub(super) fn try_out(&self) -> Result<(), OutputError> {
        let staging = self.root.join(STAGING);
        let error = |error| OutputError::of(&staging, error);
        fs::create_dir_all(&staging).map_err(error)?;
        let mut trial = new_file().tempfile_in(&staging).map_err(error)?;
        trial.write_all(&[0; TRIAL_BYTES]).and_then(|()| trial.as_file().sync_all()).map_err(error)
    }

    fn replace(&self, file: &Path, bytes: &[u8]) -> Result<(), OutputError> {
        let staging = self.root.join(STAGING);
        fs::create_dir_all(&staging).map_err(|error| OutputError::of(&staging, error))?;
        let error = |error| OutputError::of(file, error);
        let mut unfinished = new_file().tempfile_in(&staging).map_err(error)?;
        crash::point(Point::TemporaryMade);
        unfinished.write_all(bytes).map_err(error)?;
        crash::point(Point::TemporaryWritten);
        unfinished.as_file().sync_all().map_err(error)?;
        crash::point(Point::TemporarySynced);
        unfinished.persist(file).map_err(|failed| error(failed.error))?;
        Ok(())
    }

    /// Makes the folders above `path` one by one, each synced into its parent.
    fn make_folder_of(&self, path: &RelativePath) -> Result<PathBuf, OutputError> {
        let mut folder = self.root.clone();
        let mut parts: Vec<_> = path.parts().collect();
        parts.pop();
        for part in parts {
            let parent = folder.clone();
            folder.push(part);
            match fs::create_dir(&folder) {
                Ok(()) => sync(&parent)?,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => self.check_folder(&folder)?,
                Err(error) => return Err(OutputError::of(&folder, error)),
            }
        }
        Ok(folder)
    }

    fn check_folder(&self, folder: &Path) -> Result<(), OutputError> {
        let error = |error| OutputError::of(folder, error);
        if fs::symlink_metadata(folder).map_err(error)?.is_symlink()
            && !folder.canonicalize().map_err(error)?.starts_with(&self.root)
        {
            return Err(OutputError::LeadsOut { path: folder.to_path_buf() });
        }
        if fs::metadata(folder).map_err(error)?.is_dir() {
            Ok(())
        } else {
            Err(OutputError::NotAFolder { path: folder.to_path_buf() })
        }
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        // Empty unless the run was cut short, and then the next one sweeps it.
        let _ = fs::remove_dir(self.root.join(STAGING));
    }
}

/// Whether `file` is a plain file of exactly these bytes.
fn holds(file: &Path, bytes: &[u8]) -> bool {
    let same_size = fs::symlink_metadata(file).is_ok_and(|facts| facts.is_file() && facts.len() == bytes.len() as u64);
    same_size && fs::read(file).is_ok_and(|found| found == bytes)
}

/// Syncs a file, or a folder's list of names.
fn sync(path: &Path) -> Result<(), OutputError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(|error| OutputError::of(path, error))
}

/// Readable by whom the user's umask lets read, as any file that he makes; `tempfile` alone would
/// keep it to him.
pub(crate) fn new_file() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> (tempfile::TempDir, Tree) {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree::open(&folder.path().join("out")).unwrap();
        (folder, tree)
    }

    #[test]
    fn file_is_replaced_whole_and_nothing_else_is_left() {
        let (_folder, tree) = tree();
        let path = RelativePath::of_parts(&["host", "day", "a.txt"]);
        assert!(tree.write(&path, b"first, and longer").unwrap());
        tree.write(&path, b"second").unwrap();
        assert_eq!(fs::read(path.under(tree.root())).unwrap(), b"second");
        let root = tree.root().to_path_buf();
        drop(tree);
        let names: Vec<_> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["host"]);
    }

    #[test]
    fn same_bytes_leave_the_file_alone() {
        let (_folder, tree) = tree();
        let path = RelativePath::of_parts(&["a.txt"]);
        tree.write(&path, b"text").unwrap();
        let file = path.under(tree.root());
        let long_ago = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        File::options().write(true).open(&file).unwrap().set_modified(long_ago).unwrap();
        assert!(!tree.write(&path, b"text").unwrap());
        assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), long_ago);
    }

    #[test]
    fn leftovers_of_a_killed_run_are_swept() {
        let (_folder, tree) = tree();
        let staging = tree.root().join(STAGING);
        fs::create_dir(&staging).unwrap();
        fs::write(staging.join("half"), "ha").unwrap();
        tree.sweep().unwrap();
        assert!(!staging.exists());
        tree.sweep().unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn link_that_leads_out_is_refused_and_one_that_stays_inside_is_followed() {
        let (folder, tree) = tree();
        let outside = folder.path().join("outside");
        fs::create_dir(&outside).unwrap();
        std::os::unix::fs::symlink(&outside, tree.root().join("evil.test")).unwrap();
        let refused = tree.write(&RelativePath::of_parts(&["evil.test", "a.txt"]), b"x").unwrap_err();
        assert!(matches!(refused, OutputError::LeadsOut { .. }), "{refused}");
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);

        fs::create_dir(tree.root().join("new.test")).unwrap();
        std::os::unix::fs::symlink("new.test", tree.root().join("old.test")).unwrap();
        tree.write(&RelativePath::of_parts(&["old.test", "a.txt"]), b"x").unwrap();
        assert!(tree.root().join("new.test/a.txt").is_file());
    }

    #[cfg(unix)]
    #[test]
    fn file_that_is_a_link_is_replaced_and_its_target_left_alone() {
        let (folder, tree) = tree();
        let target = folder.path().join("precious");
        fs::write(&target, "precious").unwrap();
        std::os::unix::fs::symlink(&target, tree.root().join("a.txt")).unwrap();
        tree.write(&RelativePath::of_parts(&["a.txt"]), b"text").unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "precious");
        assert!(fs::symlink_metadata(tree.root().join("a.txt")).unwrap().is_file());
    }

    #[test]
    fn file_in_the_place_of_a_folder_is_named() {
        let (folder, tree) = tree();
        fs::write(tree.root().join("host"), "").unwrap();
        let refused = tree.write(&RelativePath::of_parts(&["host", "a.txt"]), b"x").unwrap_err();
        assert!(matches!(&refused, OutputError::NotAFolder { path } if path.ends_with("host")), "{refused}");
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(matches!(Tree::open(&file).unwrap_err(), OutputError::NotAFolder { path } if path == file));
        assert!(matches!(Tree::open(&file.join("below")).unwrap_err(), OutputError::NotAFolder { .. }));
    }
}
