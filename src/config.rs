//! The configuration file: one section per room, read once, checked once.

mod crawl;
mod duplicates;
mod error;
mod extract;
mod feed;
mod place;
mod ready;
mod reload;
mod sites;
mod status;

use crate::extract::{Options, SiteEntry, SiteFault, SiteRules};
use crate::fetch::{FetchOptions, SiteOptions};
use crate::frontier::FrontierOptions;
use crate::key::Key;
use crate::output::{OutputOptions, RawOptions};
pub use crawl::{CrawlOptions, CrawlOptionsError};
pub use duplicates::{DuplicateOptions, DuplicatePolicy};
use error::quoted;
pub use error::{ConfigError, SecretsError};
pub use extract::ExtractSettings;
pub use feed::{FeedConfig, TextSettings};
pub use place::Place;
pub use ready::{Missing, NotReady};
pub use reload::{SiteChanges, SiteRefusal, SiteSource};
use serde::{Deserialize, Deserializer};
pub use sites::{SiteFolderError, read_site_rules};
pub use status::StatusOptions;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// The whole configuration. Every key is optional to read; [`Config::ready_to_run`] says what the
/// daemon cannot do without.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// A mail address or URL under which the operators of crawled sites reach ours.
    #[serde(deserialize_with = "contact")]
    pub contact: Option<String>,
    /// The feeds to poll, `[[feed]]` each.
    #[serde(rename = "feed")]
    pub feeds: Vec<FeedConfig>,
    /// Rules for single sites, `[[site]]` each.
    #[serde(rename = "site")]
    pub sites: Vec<SiteEntry<SiteOptions>>,
    /// The same, compiled: [`Config::parse`] does it.
    #[serde(skip)]
    pub site_rules: SiteRules,
    /// `[fetch]`
    pub fetch: FetchOptions,
    /// `[crawl]`
    pub crawl: CrawlOptions,
    /// `[output]`
    pub output: OutputOptions,
    /// `[duplicates]`
    pub duplicates: DuplicateOptions,
    /// `[raw]`
    pub raw: RawOptions,
    /// `[frontier]`
    pub frontier: FrontierOptions,
    /// `[extract]`
    pub extract: ExtractSettings,
    /// `[status]`
    pub status: StatusOptions,
}

fn contact<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let contact = String::deserialize(deserializer)?;
    let is_reachable = contact.contains('@') || contact.starts_with("https://") || contact.starts_with("http://");
    if is_reachable && contact.chars().all(|character| character.is_ascii_graphic()) {
        return Ok(Some(contact));
    }
    Err(serde::de::Error::custom(format_args!("`{contact}` is neither a mail address nor a URL, in plain ASCII")))
}

impl Config {
    /// Reads a file. Relative paths in it are relative to its folder.
    ///
    /// # Errors
    /// A file that cannot be read, is no TOML, has unknown keys or values that cannot be used.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let source =
            std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_path_buf(), source })?;
        let mut config = Self::parse(&source, &path.display().to_string())?;
        let folder = path.parent().unwrap_or(Path::new(""));
        config.output.folder = folder.join(config.output.folder);
        config.raw.folder = folder.join(config.raw.folder);
        config.frontier.store = folder.join(config.frontier.store);
        config.extract.site_rules = config.extract.site_rules.map(|rules| folder.join(rules));
        config.fetch.ca_file = config.fetch.ca_file.map(|certificates| folder.join(certificates));
        Ok(config)
    }

    /// Reads a text; `name` stands for it in errors. Relative paths stay as they are.
    ///
    /// # Errors
    /// As [`Config::load`], but for the reading.
    pub fn parse(source: &str, name: &str) -> Result<Self, ConfigError> {
        let mut config: Self = toml::from_str(source).map_err(|error| ConfigError::of_toml(&error, source, name))?;
        let at = |section, message: &str| Place::of_value(source, name, section, quoted(message).next());
        config.fetch.check().map_err(|source| {
            let place = at("fetch", &source.to_string());
            ConfigError::Fetch { place, source }
        })?;
        config.crawl.check().map_err(|source| {
            let place = at("crawl", &source.to_string());
            ConfigError::Crawl { place, source }
        })?;
        config.check_lease(source, name)?;
        config.check_raw(source, name)?;
        config.check_feeds(source, name)?;
        config.site_rules = config.compile_sites(source, name)?;
        config.fetch.sites = config.site_options(source, name)?;
        config.check_kinds(source, name)?;
        Ok(config)
    }

    /// A lease lasts for asking robots.txt and the page, each of which has its own time-out.
    fn check_lease(&self, source: &str, name: &str) -> Result<(), ConfigError> {
        let (lease_s, least) = (u64::from(self.frontier.lease_s), 2 * self.fetch.total_timeout_s);
        if lease_s >= least {
            return Ok(());
        }
        Err(ConfigError::Lease { place: Place::of_value(source, name, "frontier", Some("lease_s")), lease_s, least })
    }

    /// What sweeps one folder must not meet what stands in the other.
    fn check_raw(&self, source: &str, name: &str) -> Result<(), ConfigError> {
        let plain = |path: &Path| path.components().filter(|part| *part != Component::CurDir).collect::<PathBuf>();
        let (output, raw) = (plain(&self.output.folder), plain(&self.raw.folder));
        if !self.raw.keep || !raw.starts_with(&output) && !output.starts_with(&raw) {
            return Ok(());
        }
        let place = Place::of_value(source, name, "raw", Some("folder"));
        Err(ConfigError::RawAmongTexts { place, output: output.display().to_string() })
    }

    /// No kind is to stay and to go.
    fn check_kinds(&self, source: &str, name: &str) -> Result<(), ConfigError> {
        match self.extract.keep.iter().find(|kind| self.extract.drop.contains(kind)) {
            None => Ok(()),
            Some(kind) => Err(ConfigError::KeptAndDropped {
                place: Place::of_value(source, name, "extract", Some("drop")),
                kind: kind.id(),
            }),
        }
    }

    /// The rules of the `[[site]]` tables, compiled; `source` is the text that they stand in.
    fn compile_sites(&self, source: &str, name: &str) -> Result<SiteRules, ConfigError> {
        let mut rules = SiteRules::default();
        let mut seen = HashSet::new();
        for entry in &self.sites {
            rules.add_entry(entry, name, source)?;
            let (host, offset) = entry.host();
            if !seen.insert(host.to_lowercase()) {
                let place = Place::of_offset(source, name, offset);
                return Err(ConfigError::SiteTwice { place, host: host.to_owned() });
            }
        }
        Ok(rules)
    }

    /// How single sites are asked for, by host; their secrets have not been read.
    fn site_options(&self, source: &str, name: &str) -> Result<BTreeMap<String, SiteOptions>, ConfigError> {
        let mut options = BTreeMap::new();
        for (index, entry) in self.sites.iter().enumerate() {
            let (Some(host), Some(fetch)) = (entry.host_name(), &entry.fetch) else { continue };
            fetch.check().map_err(|source_error| {
                let place = Place::of_site_value(source, name, index, source_error.key().as_deref());
                ConfigError::SiteFetch { place, source: source_error }
            })?;
            options.insert(host, fetch.clone());
        }
        Ok(options)
    }

    /// Reads the secrets of the sites, from files relative to `folder` and from what `environment` says of a variable:
    /// to be done once before anything is fetched, by whoever may look there. Where there are none it does nothing.
    ///
    /// # Errors
    /// The first secret that cannot be had or cannot be sent.
    pub fn read_secrets(
        &mut self,
        folder: &Path,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(), SecretsError> {
        for (host, site) in &mut self.fetch.sites {
            let read = site.read_secrets(folder, environment);
            read.map_err(|source| SecretsError { host: host.clone(), source: Box::new(source) })?;
        }
        Ok(())
    }

    /// What the extractor needs, the rules of single sites read from their folder too, and what in that folder
    /// cannot be used.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn extractor_options(&self) -> Result<(Options, Vec<SiteFault>), SiteFolderError> {
        let mut rules = self.site_rules.clone();
        let faults = match &self.extract.site_rules {
            Some(folder) => read_site_rules(folder, &mut rules)?,
            None => Vec::new(),
        };
        Ok((Options { sites: Arc::new(rules), ..self.extract.options() }, faults))
    }

    /// No feed stands there twice, in whatever spelling.
    fn check_feeds(&self, source: &str, name: &str) -> Result<(), ConfigError> {
        let mut seen = HashSet::new();
        match self.feeds.iter().position(|feed| !seen.insert(Key::of(&feed.url))) {
            None => Ok(()),
            Some(again) => Err(ConfigError::FeedTwice {
                place: Place::of_feed(source, name, again),
                url: Box::new(self.feeds[again].url.clone()),
            }),
        }
    }

    /// The feeds that are polled.
    pub fn polled(&self) -> impl Iterator<Item = &FeedConfig> {
        self.feeds.iter().filter(|feed| feed.enabled)
    }

    /// The feeds, those that are left out too, by their keys.
    pub fn feeds_by_key(&self) -> HashMap<Key, FeedConfig> {
        self.feeds.iter().map(|feed| (Key::of(&feed.url), feed.clone())).collect()
    }

    /// How to fetch, with the contact in the `User-Agent`.
    pub fn fetch_options(&self) -> FetchOptions {
        match &self.contact {
            Some(contact) => self.fetch.clone().identify(contact),
            None => self.fetch.clone(),
        }
    }
}
