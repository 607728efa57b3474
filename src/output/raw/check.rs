//! Whether the raw pages are still the ones that were kept.

use super::index::bodies_in;
use super::{path_of, unpacked};
use crate::output::{OutputError, RelativePath};
use std::fs::File;
use std::io;
use std::path::Path;

/// What a look through all bodies has found.
#[derive(Debug, Default)]
pub struct RawLook {
    /// Bodies that are as they were kept.
    pub whole: u64,
    /// The others, by their paths below the folder, and what is wrong with them.
    pub damaged: Vec<(RelativePath, io::Error)>,
}

/// Unpacks every body in a folder of raw pages, changing nothing. One that is removed meanwhile, to make room, is none.
///
/// # Errors
/// A folder that cannot be read.
pub fn look_through(folder: &Path) -> Result<RawLook, OutputError> {
    let mut look = RawLook::default();
    let bodies = match bodies_in(folder) {
        Err(absent) if absent.kind() == io::ErrorKind::NotFound => return Ok(look),
        bodies => bodies.map_err(|error| OutputError::of(folder, error))?,
    };
    for hash in bodies.into_keys() {
        let path = path_of(hash);
        match File::open(path.under(folder)).and_then(|packed| unpacked(packed, hash)) {
            Ok(_) => look.whole += 1,
            Err(absent) if absent.kind() == io::ErrorKind::NotFound => {}
            Err(error) => look.damaged.push((path, error)),
        }
    }
    look.damaged.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
    Ok(look)
}
