//! What a daemon says of itself to those who look from outside: a small file beside its store, there while it runs.

use crate::crawl::{Condition, Paused, Reload};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The daemon as it was when something last changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RunFile {
    #[serde(skip)]
    path: PathBuf,
    /// Its process.
    pub(crate) pid: u32,
    /// The version that runs.
    pub(crate) version: String,
    /// Since when.
    pub(crate) started: Timestamp,
    /// Its configuration's file.
    pub(crate) config: PathBuf,
    /// Why it does nothing just now.
    pub(crate) paused: Option<Paused>,
    /// How the last reload went.
    pub(crate) reload: Option<Reload>,
}

fn path_of(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".run");
    PathBuf::from(name)
}

impl RunFile {
    /// That of this process, which has just started; nothing is written yet.
    pub(crate) fn new(store: &Path, config: &Path) -> Self {
        Self {
            path: path_of(store),
            pid: std::process::id(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started: Timestamp::now(),
            config: std::path::absolute(config).unwrap_or_else(|_| config.to_owned()),
            paused: None,
            reload: None,
        }
    }

    /// What the daemon of a store says, where `pid` is its process; a file that another one has left says nothing.
    pub(crate) fn read(store: &Path, pid: u32) -> Option<Self> {
        let text = fs::read(path_of(store)).ok()?;
        serde_json::from_slice(&text).ok().filter(|found: &Self| found.pid == pid)
    }

    /// Writes it in one step. On a full disk the old one stays, and `/readyz` tells.
    pub(crate) fn tell(&mut self, condition: &Condition) {
        self.paused.clone_from(&condition.paused);
        self.reload.clone_from(&condition.reload);
        if let Err(error) = self.write() {
            tracing::debug!(file = %self.path.display(), %error, "what is said of the run cannot be written");
        }
    }

    fn write(&self) -> io::Result<()> {
        let new = self.path.with_extension("run.new");
        fs::write(&new, serde_json::to_vec(self)?)?;
        fs::rename(&new, &self.path)
    }

    /// Takes it away; where it cannot be, its process number says that it is old.
    pub(crate) fn remove(store: &Path) {
        let _ = fs::remove_file(path_of(store));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn daemon_is_told_while_its_process_is_the_one_that_is_asked_for() {
        let here = tempfile::tempdir().unwrap();
        let store = here.path().join("a.db");
        let reload = Reload { number: 3, at: Timestamp::UNIX_EPOCH, taken: false, said: "no".into() };
        let mut file = RunFile::new(&store, Path::new("/etc/a.toml"));
        file.tell(&Condition { running: true, paused: None, reload: Some(reload.clone()) });
        let found = RunFile::read(&store, std::process::id()).unwrap();
        assert_eq!((found.reload, found.started, found.config), (Some(reload), file.started, "/etc/a.toml".into()));
        assert_eq!(RunFile::read(&store, 1), None);
        RunFile::remove(&store);
        assert_eq!(fs::read_dir(here.path()).unwrap().count(), 0);
    }
}
