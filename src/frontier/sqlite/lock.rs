//! One process at a time: a lock on `<store>.lock`, which the system drops with the process that holds it, however that
//! ends. The file stays and says whose it was last; it is the lock that counts, so that a stale file keeps nobody out.

use super::cannot_open;
use crate::frontier::FrontierError;
use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long somebody is waited for who holds the lock for a moment, such as one who only looks whether it is free.
const PATIENCE: Duration = Duration::from_millis(500);

/// Who has a store open for writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// The number of the process, where it has said so.
    pub pid: Option<u32>,
}

pub(super) fn file_of(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

/// Takes the lock and says so in its file; makes the store's folder where it is missing.
pub(super) fn take(store: &Path) -> Result<File, FrontierError> {
    if let Some(folder) = store.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| cannot_open(store, error))?;
    }
    let opened = File::options().read(true).write(true).create(true).truncate(false).open(file_of(store));
    let mut lock = opened.map_err(|error| cannot_open(store, error))?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match lock.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => std::thread::sleep(PATIENCE / 20),
            Err(TryLockError::WouldBlock) => {
                return Err(FrontierError::Busy { path: store.to_path_buf(), pid: pid_in(&mut lock) });
            }
            Err(TryLockError::Error(error)) => return Err(cannot_open(store, error)),
        }
    }
    // Only for people; on a full disk the lock holds all the same.
    let _ = sign(&mut lock);
    Ok(lock)
}

fn sign(lock: &mut File) -> io::Result<()> {
    lock.set_len(0)?;
    lock.seek(SeekFrom::Start(0))?;
    writeln!(lock, "{}", std::process::id())
}

fn pid_in(lock: &mut File) -> Option<u32> {
    let mut text = String::new();
    lock.seek(SeekFrom::Start(0)).ok()?;
    lock.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// Who holds the lock now; needs no more than to read its file.
pub(super) fn holder(store: &Path) -> Option<Holder> {
    let mut lock = File::open(file_of(store)).ok()?;
    match lock.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(Holder { pid: pid_in(&mut lock) }),
        _ => None,
    }
}
