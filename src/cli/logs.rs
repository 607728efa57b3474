//! Logs on standard error, which share the terminal with the progress bar.

use super::problem::Problem;
use super::source::Input;
use super::terminal;
use clap::{Args, ValueEnum};
use indicatif::MultiProgress;
use std::io::{self, IsTerminal as _, Write};
use tracing_subscriber::EnvFilter;

/// How much is logged, and how.
#[derive(Debug, Clone, Args)]
pub(crate) struct LogArgs {
    /// Say more: -v what is done, -vv how, -vvv everything
    #[arg(short, long, action = clap::ArgAction::Count, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: u8,
    /// Log errors only, show no progress; an input that failed is still named
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// How logs and failures are written to standard error
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", global = true)]
    pub(crate) log_format: LogFormat,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

impl LogArgs {
    /// The filter in the words of `tracing`; a daemon says by itself what `extract` says with `-v`.
    fn filter(&self, daemon: bool) -> &'static str {
        match self.verbose + u8::from(daemon) {
            _ if self.quiet => "error",
            0 => "warn",
            1 => "warn,gleaner=info",
            2 => "info,gleaner=debug",
            _ => "debug,gleaner=trace",
        }
    }

    /// Tells of an input that failed: one line, whatever the level, beside the bars of `progress`.
    pub(crate) fn failure(&self, input: &Input, problem: &Problem, progress: &MultiProgress) {
        let why = problem.without(input.url());
        match self.log_format {
            LogFormat::Text => progress.suspend(|| terminal::message(&format!("{}: {why}", input.name))),
            // The log's writer takes the bars away by itself.
            LogFormat::Json => tracing::error!(input = input.name, why, "input failed"),
        }
    }

    /// Starts logging for the whole process; to be called once. Lines pass by the bars of `progress`.
    pub(crate) fn start(&self, daemon: bool, progress: &MultiProgress) {
        let progress = progress.clone();
        let lines = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(self.filter(daemon)))
            .with_ansi(io::stderr().is_terminal())
            .with_target(false)
            .with_writer(move || Beside(progress.clone()));
        // A second call changes nothing: the first subscriber stays.
        let _ = match self.log_format {
            LogFormat::Text => lines.try_init(),
            LogFormat::Json => lines.json().flatten_event(true).try_init(),
        };
    }
}

/// Standard error beside progress bars, which are taken away for as long as a line is written.
struct Beside(MultiProgress);

impl Write for Beside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.suspend(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(verbose: u8, quiet: bool, daemon: bool) -> &'static str {
        LogArgs { verbose, quiet, log_format: LogFormat::Text }.filter(daemon)
    }

    #[test]
    fn flags_turn_the_level() {
        assert_eq!(filter(0, false, false), "warn");
        assert_eq!(filter(1, false, false), "warn,gleaner=info");
        assert_eq!(filter(9, false, false), "debug,gleaner=trace");
        assert_eq!(filter(0, true, true), "error");
    }

    #[test]
    fn a_daemon_tells_more_by_itself() {
        assert_eq!(filter(0, false, true), filter(1, false, false));
    }

    #[test]
    fn every_filter_is_one_that_tracing_understands() {
        for verbose in 0..4 {
            assert!(EnvFilter::try_new(filter(verbose, false, false)).is_ok());
        }
    }
}
