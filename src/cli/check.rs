//! `gleaner check`: is the configuration one that `run` can use, and what do its site rules do?

mod site;

use super::code::{Code, Ended, OrUsage as _, line};
use super::logs::LogArgs;
use super::source::{FetchArgs, web_url};
use super::terminal::{message, print};
use crate::config::{Config, ConfigError};
use crate::extract::Extractor;
use crate::fetch::Fetcher;
use anyhow::{Context as _, anyhow};
use clap::Args;
use indicatif::MultiProgress;
pub(crate) use site::warn_of;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use url::Url;

/// Where the configuration is.
#[derive(Debug, Clone, Args)]
pub(crate) struct ConfigArgs {
    /// The configuration; paths in it are relative to its folder
    #[arg(long, value_name = "FILE", default_value = "config.toml")]
    config: PathBuf,
}

/// The arguments of `gleaner check`.
#[derive(Debug, Clone, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Show instead what the site rules do to this page: http://, https://, a file, or - for standard input
    #[arg(long, value_name = "URL | FILE")]
    site: Option<OsString>,
    /// Where the file comes from on the web [default: the canonical URL that it states]
    #[arg(long, value_name = "URL", value_parser = web_url, requires = "site")]
    url: Option<Url>,
    /// A folder of FiveFilters files instead of the configuration's
    #[arg(long, value_name = "FOLDER", requires = "site")]
    site_rules: Option<PathBuf>,
    #[command(flatten)]
    fetch: FetchArgs,
}

impl ConfigArgs {
    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.config
    }

    /// Reads the file alone.
    ///
    /// # Errors
    /// A file that cannot be read, and whatever in it cannot be used, with its line.
    pub(crate) fn read(&self) -> Result<Config, Ended> {
        Config::load(&self.config).map_err(with_remedy).or_usage()
    }

    /// Reads the file, and the secrets that it names from variables and files.
    ///
    /// # Errors
    /// A file that cannot be read, whatever in it cannot be used, with its line, and secrets that cannot be had.
    pub(crate) fn load(&self) -> Result<Config, Ended> {
        let mut config = self.read()?;
        let folder = self.config.parent().unwrap_or(Path::new(""));
        let read = config.read_secrets(folder, &|name| std::env::var(name).ok());
        read.with_context(|| self.config.display().to_string()).or_usage()?;
        Ok(config)
    }

    /// Whether the configuration has all that `run` needs.
    ///
    /// # Errors
    /// Everything that is missing, and how to add it.
    pub(crate) fn ready(&self, config: &Config) -> Result<(), Ended> {
        config.ready_to_run().with_context(|| self.config.display().to_string()).or_usage()
    }
}

/// The error in one line; where the file itself is missing, with what can be done.
fn with_remedy(cause: ConfigError) -> anyhow::Error {
    let is_absent = matches!(cause, ConfigError::Read { .. });
    let cause = anyhow::Error::new(cause);
    if is_absent { anyhow!("{}; name the right file with --config FILE", line(&cause)) } else { cause }
}

/// Says whether `run` could start, and what it would do; with `--site` what the rules of a site do to a page.
///
/// # Errors
/// A configuration that cannot be used, or that lacks what `run` needs.
pub(crate) async fn run(args: &CheckArgs, log: &LogArgs, progress: &MultiProgress) -> Result<Code, Ended> {
    match &args.site {
        Some(site) => site::run(args, site, log, progress).await,
        None => check_config(&args.config),
    }
}

fn check_config(args: &ConfigArgs) -> Result<Code, Ended> {
    let config = args.load()?;
    args.ready(&config)?;
    let can_fetch = Fetcher::new(&config.fetch_options()).with_context(|| args.config.display().to_string());
    can_fetch.or_usage()?;
    let (options, faults) = config.extractor_options().or_usage()?;
    for fault in &faults {
        message(&fault.to_string());
    }
    let hosts = options.sites.hosts();
    Extractor::new(&options).context("the extractor's own rules cannot be used")?;
    let sites = if hosts > 0 { format!(", rules for {}", count(hosts, "site")) } else { String::new() };
    print(&format!(
        "{}: ready to run: {}{sites}, texts go to {}\n",
        args.config.display(),
        count(config.feeds.len(), "feed"),
        config.output.folder.display()
    ))?;
    Ok(Code::AllWell)
}

/// A number with its noun: `1 feed`, `2 feeds`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
