//! Site rules that are read again while the daemon runs.

use super::sites::{SiteFolder, Stamp, stamp};
use super::{Config, ConfigError, SiteFolderError};
use crate::extract::{SiteFault, SiteRules};
use std::path::{Path, PathBuf};

/// Where a configuration's site rules come from, and what was last read there: the `[[site]]` tables of its file
/// and the folder that `site_rules` of `[extract]` names.
#[derive(Debug, Clone)]
pub struct SiteSource {
    path: PathBuf,
    stamp: Stamp,
    /// As the run goes by, but for the site rules.
    config: Config,
    entries: SiteRules,
    folder: Option<SiteFolder>,
}

/// What a second look at the site rules has found.
#[derive(Debug, Default)]
pub struct SiteChanges {
    /// How many files were read again, are new or are gone, the configuration among them.
    pub files: usize,
    /// Lines that cannot be used, of files whose other lines are.
    pub unusable: Vec<SiteFault>,
    /// What keeps the rules that it had, and why.
    pub refused: Vec<SiteRefusal>,
    /// Whether the configuration says something new that only a reload brings about.
    pub wants_reload: bool,
}

/// Why rules stay as they were.
#[derive(Debug, thiserror::Error)]
pub enum SiteRefusal {
    /// A file has more lines than before that cannot be used; this is one of its lines.
    #[error(transparent)]
    Line(#[from] SiteFault),
    /// A file or the folder cannot be read.
    #[error(transparent)]
    Folder(#[from] SiteFolderError),
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] Box<ConfigError>),
}

impl SiteSource {
    /// Reads the folder; `config` is what the file at `path` says. Gives what in the folder cannot be used.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn open(path: &Path, config: &Config) -> Result<(Self, Vec<SiteFault>), SiteFolderError> {
        let (folder, faults) = config.extract.site_rules.as_deref().map(SiteFolder::read).transpose()?.unzip();
        let entries = config.site_rules.clone();
        let config = without_sites(config.clone());
        let source = Self { path: path.to_owned(), stamp: stamp(path), config, entries, folder };
        Ok((source, faults.unwrap_or_default()))
    }

    /// All rules, as last read.
    pub fn rules(&self) -> SiteRules {
        let mut rules = self.entries.clone();
        self.folder.iter().for_each(|folder| folder.add_to(&mut rules));
        rules
    }

    /// Looks again and reads what has other times or sizes than before. What cannot be used keeps its old rules and
    /// takes nothing else with it; it is told once.
    pub fn refresh(&mut self) -> SiteChanges {
        let mut changes = SiteChanges::default();
        self.refresh_entries(&mut changes);
        self.refresh_folder(false, &mut changes);
        changes
    }

    /// Reads all again by a new configuration, which has been read from the same file. A file of the folder that cannot
    /// be used any more keeps its old rules.
    ///
    /// # Errors
    /// A folder, where it is another than before, that cannot be read; then it stays as it was.
    pub fn renew(&mut self, config: &Config) -> Result<SiteChanges, SiteFolderError> {
        let mut changes = SiteChanges::default();
        let folder = config.extract.site_rules.as_deref();
        if self.folder.as_ref().map(SiteFolder::path) == folder {
            self.refresh_folder(true, &mut changes);
        } else {
            let (folder, faults) = folder.map(SiteFolder::read).transpose()?.unzip();
            self.folder = folder;
            changes.unusable = faults.unwrap_or_default();
        }
        let stamp = stamp(&self.path);
        changes.files += usize::from(self.stamp != stamp);
        self.stamp = stamp;
        self.entries = config.site_rules.clone();
        self.config = without_sites(config.clone());
        Ok(changes)
    }

    fn refresh_folder(&mut self, is_forced: bool, changes: &mut SiteChanges) {
        let Some(folder) = &mut self.folder else { return };
        let found = folder.refresh(is_forced);
        changes.files += found.files;
        changes.unusable = found.unusable;
        changes.refused.extend(found.refused.into_iter().map(SiteRefusal::from));
        changes.refused.extend(found.lost.into_iter().map(SiteRefusal::from));
    }

    fn refresh_entries(&mut self, changes: &mut SiteChanges) {
        let stamp = stamp(&self.path);
        if self.stamp == stamp {
            return;
        }
        self.stamp = stamp;
        match Config::load(&self.path) {
            Ok(config) => {
                changes.files += 1;
                self.entries = config.site_rules.clone();
                changes.wants_reload = without_sites(config) != self.config;
            }
            Err(error) => changes.refused.push(Box::new(error).into()),
        }
    }
}

/// All of a configuration that is not read again.
fn without_sites(config: Config) -> Config {
    Config { sites: Vec::new(), site_rules: SiteRules::default(), ..config }
}
