//! The configuration file: one section per room, read once, checked once.

mod crawl;
mod place;
mod sites;

use crate::extract::{self, SiteEntry, SiteFault, SiteRules, block::Boilerplate};
use crate::fetch::FetchOptions;
use crate::frontier::FrontierOptions;
use crate::key::Key;
use crate::output::OutputOptions;
pub use crawl::{CrawlOptions, CrawlOptionsError};
pub use place::Place;
use serde::{Deserialize, Deserializer};
pub use sites::{SiteFolderError, read_site_rules};
use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// Domains that stand in documentation (RFC 2606); nobody answers mail there.
const PLACEHOLDER_DOMAINS: &[&str] = &["example.org", "example.com", "example.net", "example.edu"];

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
    pub sites: Vec<SiteEntry>,
    /// The same, compiled: [`Config::parse`] does it.
    #[serde(skip)]
    pub site_rules: SiteRules,
    /// `[fetch]`
    pub fetch: FetchOptions,
    /// `[crawl]`
    pub crawl: CrawlOptions,
    /// `[output]`
    pub output: OutputOptions,
    /// `[frontier]`
    pub frontier: FrontierOptions,
    /// `[extract]`
    pub extract: ExtractSettings,
}

/// A feed, as in a `[[feed]]` table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedConfig {
    /// Where it stands; http or https.
    #[serde(deserialize_with = "feed_url")]
    pub url: Url,
    /// What to call it in logs; the URL where it is left out.
    pub name: Option<String>,
}

/// What is left in the texts, as in the `[extract]` section.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExtractSettings {
    /// Kinds of boilerplate that stay, by their ids.
    pub keep: Vec<Boilerplate>,
    /// Kinds that go whatever else speaks for them, also those that stay by default.
    pub drop: Vec<Boilerplate>,
    /// How much is kept where there is doubt: `strict`, `balanced` or `generous`.
    #[serde(deserialize_with = "level")]
    pub level: extract::Level,
    /// What becomes of tables: `keep` or `drop`.
    #[serde(deserialize_with = "tables")]
    pub tables: extract::Tables,
    /// A folder of FiveFilters files with rules for single sites; `None` for none.
    pub site_rules: Option<PathBuf>,
}

impl ExtractSettings {
    /// As the extractor takes them, but for the rules of single sites.
    pub fn options(&self) -> extract::Options {
        extract::Options {
            keep: self.keep.clone(),
            drop: self.drop.clone(),
            level: self.level,
            tables: self.tables,
            ..extract::Options::default()
        }
    }
}

fn level<'de, D: Deserializer<'de>>(deserializer: D) -> Result<extract::Level, D::Error> {
    let id = String::deserialize(deserializer)?;
    let found = extract::Level::ALL.into_iter().find(|(name, _)| *name == id).map(|(_, level)| level);
    found.ok_or_else(|| serde::de::Error::custom(format_args!("`{id}` is none of `strict`, `balanced`, `generous`")))
}

fn tables<'de, D: Deserializer<'de>>(deserializer: D) -> Result<extract::Tables, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "keep" => Ok(extract::Tables::Keep),
        "drop" => Ok(extract::Tables::Drop),
        other => Err(serde::de::Error::custom(format_args!("`{other}` is neither `keep` nor `drop`"))),
    }
}

fn contact<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let contact = String::deserialize(deserializer)?;
    let is_reachable = contact.contains('@') || contact.starts_with("https://") || contact.starts_with("http://");
    if is_reachable && contact.chars().all(|character| character.is_ascii_graphic()) {
        return Ok(Some(contact));
    }
    Err(serde::de::Error::custom(format_args!("`{contact}` is neither a mail address nor a URL, in plain ASCII")))
}

fn feed_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    let text = String::deserialize(deserializer)?;
    crate::fetch::parse_url(&text, None).map_err(serde::de::Error::custom)
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
        config.frontier.store = folder.join(config.frontier.store);
        config.extract.site_rules = config.extract.site_rules.map(|rules| folder.join(rules));
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
        config.check_feeds(source, name)?;
        config.site_rules = config.compile_sites(source, name)?;
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

    /// What the extractor needs, the rules of single sites read from their folder too, and what in that folder
    /// cannot be used.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn extractor_options(&self) -> Result<(extract::Options, Vec<SiteFault>), SiteFolderError> {
        let mut rules = self.site_rules.clone();
        let faults = match &self.extract.site_rules {
            Some(folder) => read_site_rules(folder, &mut rules)?,
            None => Vec::new(),
        };
        Ok((extract::Options { sites: Arc::new(rules), ..self.extract.options() }, faults))
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

    /// How to fetch, with the contact in the `User-Agent`.
    pub fn fetch_options(&self) -> FetchOptions {
        match &self.contact {
            Some(contact) => self.fetch.clone().identify(contact),
            None => self.fetch.clone(),
        }
    }
}

/// What stands between backticks in a message of `toml` or ours: the key or value in question first,
/// then, for `toml`'s, what would have been known.
fn quoted(message: &str) -> impl Iterator<Item = &str> {
    message.split('`').skip(1).step_by(2)
}

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No file, or no permission.
    #[error("{path}: cannot read the configuration")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// A key, or a word in a closed list, that means nothing.
    #[error("{place}: unknown {what} `{given}`{}", Hint(.nearest.as_deref(), .what))]
    Unknown {
        /// Where it stands.
        place: Place,
        /// `key in [crawl]`, `key at the top level`, `table`, `kind`.
        what: String,
        /// As it stands there.
        given: String,
        /// The known one that is spelled most like it, where one is near.
        nearest: Option<String>,
    },
    /// No TOML, or a value of another type than the key wants.
    #[error("{place}: {key}{message}")]
    Value {
        /// Where it stands.
        place: Place,
        /// The key in backticks with a colon, or empty where none is in question.
        key: String,
        /// What is wrong with it, and with which value.
        message: String,
    },
    /// A value of `[fetch]` that cannot work.
    #[error("{place}: {source}")]
    Fetch {
        /// Where it stands.
        place: Place,
        /// What is wrong with it.
        source: crate::fetch::FetchSetupError,
    },
    /// Leases that run out while their page is still being fetched.
    #[error("{place}: `lease_s` is {lease_s}, but must be at least {least}, twice `total_timeout_s` of [fetch]")]
    Lease {
        /// Where it stands.
        place: Place,
        /// As given, seconds.
        lease_s: u64,
        /// The least that works with the time-out given, seconds.
        least: u64,
    },
    /// A rule of a `[[site]]` table that cannot be used.
    #[error(transparent)]
    Site(#[from] SiteFault),
    /// One host in two `[[site]]` tables.
    #[error("{place}: the site {host} is there twice; make one table of the two")]
    SiteTwice {
        /// Where it stands for the second time.
        place: Place,
        /// The host as it stands there.
        host: String,
    },
    /// One feed in two tables.
    #[error("{place}: the feed {url} is there twice; remove one of the two")]
    FeedTwice {
        /// Where it stands for the second time.
        place: Place,
        /// Its URL.
        url: Box<Url>,
    },
    /// One kind that is to stay and to go.
    #[error("{place}: the kind `{kind}` stands under `keep` and under `drop`; remove one of the two")]
    KeptAndDropped {
        /// Where it stands under `drop`.
        place: Place,
        /// Its id.
        kind: &'static str,
    },
    /// A value of `[crawl]` that cannot work.
    #[error("{place}: {source}")]
    Crawl {
        /// Where it stands.
        place: Place,
        /// What is wrong with it.
        source: CrawlOptionsError,
    },
}

/// The nearest known word, and what kind of word it is.
struct Hint<'a>(Option<&'a str>, &'a str);

impl fmt::Display for Hint<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(nearest) => write!(formatter, "; did you mean `{nearest}`?"),
            None if self.1 == "kind" => formatter.write_str("; docs/kinds.md of the distribution lists them"),
            None => formatter.write_str("; the file config.toml of the distribution lists what is known"),
        }
    }
}

impl ConfigError {
    fn of_toml(error: &toml::de::Error, source: &str, name: &str) -> Self {
        let start = error.span().map_or(0, |span| span.start);
        let place = Place::of_offset(source, name, start);
        let message = error.message();
        let mut words = quoted(message).map(str::to_owned);
        let what = match message.split('`').next() {
            Some("unknown field ") => place::section(source, start),
            Some("unknown variant ") => "kind".to_owned(),
            _ => return Self::Value { place, key: place::key(source, start), message: place::plain(message) },
        };
        let given = words.next().unwrap_or_default();
        let nearest = place::nearest(&given, words);
        Self::Unknown { place, what, given, nearest }
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
