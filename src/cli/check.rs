//! `gleaner check`: is the configuration one that `run` can use?

use super::code::{Code, Ended, OrUsage as _, line};
use super::terminal::print;
use crate::config::{Config, ConfigError};
use crate::extract::Extractor;
use anyhow::{Context as _, anyhow};
use clap::Args;
use std::path::PathBuf;

/// Where the configuration is.
#[derive(Debug, Clone, Args)]
pub(crate) struct ConfigArgs {
    /// The configuration; paths in it are relative to its folder
    #[arg(long, value_name = "FILE", default_value = "config.toml")]
    config: PathBuf,
}

impl ConfigArgs {
    /// Reads the file.
    ///
    /// # Errors
    /// A file that cannot be read, and whatever in it cannot be used, with its line.
    pub(crate) fn load(&self) -> Result<Config, Ended> {
        Config::load(&self.config).map_err(with_remedy).or_usage()
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

/// Says whether `run` could start, and what it would do.
///
/// # Errors
/// A configuration that cannot be used, or that lacks what `run` needs.
pub(crate) fn run(args: &ConfigArgs) -> Result<Code, Ended> {
    let config = args.load()?;
    args.ready(&config)?;
    Extractor::new(&config.extract.options()).context("the extractor's own rules cannot be used")?;
    print(&format!(
        "{}: ready to run: {}, texts go to {}\n",
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
