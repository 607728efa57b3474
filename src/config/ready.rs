//! What the daemon needs beyond a configuration that can be read.

use super::Config;
use std::path::{Path, PathBuf};

/// Domains that stand in documentation (RFC 2606); nobody answers mail there.
const PLACEHOLDER_DOMAINS: &[&str] = &["example.org", "example.com", "example.net", "example.edu"];

impl Config {
    /// Says what `gleaner run` needs beyond a readable file: a feed, a contact that is not the
    /// example's, and nothing in the way of its folder and its store.
    ///
    /// # Errors
    /// Everything that is missing, and how to add it.
    pub fn ready_to_run(&self) -> Result<(), NotReady> {
        let mut missing = vec![];
        match self.contact.as_deref() {
            None => missing.push(Missing::Contact),
            Some(contact) if PLACEHOLDER_DOMAINS.iter().any(|domain| contact.contains(domain)) => {
                missing.push(Missing::RealContact { given: contact.to_owned() });
            }
            Some(_) => (),
        }
        if self.feeds.is_empty() {
            missing.push(Missing::Feed);
        }
        missing.extend(self.obstacles());
        if missing.is_empty() { Ok(()) } else { Err(NotReady { missing }) }
    }

    /// What stands where texts and store are to go.
    fn obstacles(&self) -> Vec<Missing> {
        let (folder, store) = (&self.output.folder, &self.frontier.store);
        let in_the_way = |path: &Path| {
            path.ancestors().find(|above| above.is_file()).map(|file| Missing::Folder { file: file.into() })
        };
        let above_store = store.parent().and_then(in_the_way);
        let is_folder = store.is_dir().then(|| Missing::StoreFile { folder: store.clone() });
        in_the_way(folder).into_iter().chain(above_store).chain(is_folder).collect()
    }
}

/// What keeps the daemon from starting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .missing.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct NotReady {
    /// Everything that is missing, at least one thing.
    pub missing: Vec<Missing>,
}

/// One thing that the daemon needs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// `contact` is not set.
    #[error(
        "no contact: add a line `contact = \"...\"` at the top, with a mail address or URL where site operators reach you"
    )]
    Contact,
    /// `contact` is an example's.
    #[error("the contact `{given}` is an example: put your own mail address or URL in its place")]
    RealContact {
        /// As it stands in the file.
        given: String,
    },
    /// A file where a folder has to be.
    #[error("{file}: is a file where a folder is needed; move it away, or name another `folder` or `store`")]
    Folder {
        /// The file.
        file: PathBuf,
    },
    /// A folder where the store has to be.
    #[error("{folder}: is a folder where the store's file is to be; name a file under `store` in [frontier]")]
    StoreFile {
        /// The folder.
        folder: PathBuf,
    },
    /// No `[[feed]]`.
    #[error("no feed: add a line `[[feed]]` and below it `url = \"...\"`, once for each feed")]
    Feed,
}
