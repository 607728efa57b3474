//! Exit codes: what a script may rely on.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why an input failed, as far as the exit code tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The input was read, and holds no article.
    NoArticle,
    /// We declined (robots.txt, the address guard) or they did (401, 403, a consent page, a bot wall).
    Refused,
    /// The input could not be fetched or read, or its text not be written.
    Unreadable,
    /// A fault of the program.
    Internal,
}

/// How a command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    /// Everything asked for was done.
    AllWell,
    /// A fault of the program.
    Internal,
    /// The command line or the configuration cannot be used.
    Usage,
    /// Some inputs failed.
    SomeFailed,
    /// Every input failed, for several reasons.
    AllFailed,
    /// Every input failed for want of an article.
    NoArticle,
    /// Every input was refused or blocked.
    Refused,
    /// No input could be fetched, read or written.
    Unreadable,
    /// Stopped by a signal; 128 is added to its number, as shells do.
    Signal(u8),
}

/// The table of `--help`.
pub(crate) const HELP: &str = "\
Exit codes:
  0    all well
  1    internal error
  2    the command line or the configuration cannot be used
  3    some inputs failed, the others are done; for `verify`, `repair` and `reextract`: not all is well; for
       `export`: texts are missing
  4    all inputs failed, for several reasons
  5    all inputs failed: no article found
  6    all inputs failed: refused or blocked (robots.txt, address guard, consent page, bot wall)
  7    all inputs failed: could not be fetched, read or written; or what comes out cannot be written (a full disk)
  130  stopped by Ctrl-C (143: by SIGTERM)";

impl Code {
    /// The number that the process ends with.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::AllWell => 0,
            Self::Internal => 1,
            Self::Usage => 2,
            Self::SomeFailed => 3,
            Self::AllFailed => 4,
            Self::NoArticle => 5,
            Self::Refused => 6,
            Self::Unreadable => 7,
            Self::Signal(number) => 128 + number,
        }
    }

    /// The code for `failures` among `inputs` inputs. A fault of the program outweighs all else.
    pub(crate) fn of(inputs: usize, failures: &[Failure]) -> Self {
        let done = inputs.saturating_sub(failures.len());
        let mut tally = Tally { done: done as u64, ..Tally::default() };
        failures.iter().for_each(|failure| tally.failed(*failure));
        tally.code()
    }
}

/// How the inputs of a call ended, however many there are: each record of a batch is one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    done: u64,
    no_article: u64,
    refused: u64,
    unreadable: u64,
    internal: u64,
}

impl Tally {
    /// Counts an input that gave what was asked for.
    pub(crate) fn done(&mut self) {
        self.done += 1;
    }

    /// Counts an input that failed.
    pub(crate) fn failed(&mut self, failure: Failure) {
        *match failure {
            Failure::NoArticle => &mut self.no_article,
            Failure::Refused => &mut self.refused,
            Failure::Unreadable => &mut self.unreadable,
            Failure::Internal => &mut self.internal,
        } += 1;
    }

    /// What was counted since `before`.
    pub(crate) fn since(&self, before: Self) -> Self {
        Self {
            done: self.done - before.done,
            no_article: self.no_article - before.no_article,
            refused: self.refused - before.refused,
            unreadable: self.unreadable - before.unreadable,
            internal: self.internal - before.internal,
        }
    }

    /// The code for all that was counted. A fault of the program outweighs all else.
    pub(crate) fn code(&self) -> Code {
        let Self { done, no_article, refused, unreadable, internal } = *self;
        match (no_article > 0, refused > 0, unreadable > 0) {
            _ if internal > 0 => Code::Internal,
            (false, false, false) => Code::AllWell,
            _ if done > 0 => Code::SomeFailed,
            (true, false, false) => Code::NoArticle,
            (false, true, false) => Code::Refused,
            (false, false, true) => Code::Unreadable,
            _ => Code::AllFailed,
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { done, no_article, refused, unreadable, internal } = self;
        write!(formatter, "{done} extracted, {no_article} without an article")?;
        write!(formatter, ", {refused} refused, {unreadable} unusable, {internal} failed")
    }
}

/// Why a command came to its end before its work was done.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The user can put it right: command line, configuration, folders.
    Usage(anyhow::Error),
    /// The disk is full, too many files are open: what was asked for cannot be written.
    Unwritable(anyhow::Error),
    /// The program is at fault, or the machine under it.
    Internal(anyhow::Error),
    /// Whoever read standard output has had enough, as in `| head`.
    ReaderGone,
}

impl From<anyhow::Error> for Ended {
    fn from(cause: anyhow::Error) -> Self {
        Self::Internal(cause)
    }
}

/// An error and its causes on one line; what a message says of its cause already is not said again.
pub(crate) fn line(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |line, cause| match cause.to_string() {
        said if line.is_empty() => said,
        said if line.contains(&said) => line,
        said => format!("{line}: {said}"),
    })
}

/// Marks errors that the user can put right.
pub(crate) trait OrUsage<T> {
    /// The value, or [`Ended::Usage`].
    fn or_usage(self) -> Result<T, Ended>;
}

impl<T, E: Into<anyhow::Error>> OrUsage<T> for Result<T, E> {
    fn or_usage(self) -> Result<T, Ended> {
        self.map_err(|cause| Ended::Usage(cause.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Failure::{Internal, NoArticle, Refused, Unreadable};

    #[test]
    fn failures_map_to_the_documented_numbers() {
        let table: &[(usize, &[Failure], u8)] = &[
            (0, &[], 0),
            (1, &[], 0),
            (3, &[], 0),
            (3, &[Unreadable], 3),
            (3, &[NoArticle, Refused], 3),
            (2, &[NoArticle, Refused], 4),
            (3, &[Unreadable, Unreadable, Refused], 4),
            (1, &[NoArticle], 5),
            (2, &[NoArticle, NoArticle], 5),
            (1, &[Refused], 6),
            (2, &[Refused, Refused], 6),
            (1, &[Unreadable], 7),
            (3, &[Unreadable, Unreadable, Unreadable], 7),
            (1, &[Internal], 1),
            (3, &[Refused, Internal], 1),
        ];
        for (inputs, failures, number) in table {
            assert_eq!(Code::of(*inputs, failures).number(), *number, "{failures:?} of {inputs}");
        }
    }

    #[test]
    fn causes_are_said_once() {
        let cause = anyhow::anyhow!("`a` is 1").context("my.toml:1: `a` is 1").context("reading failed");
        assert_eq!(line(&cause), "reading failed: my.toml:1: `a` is 1");
    }

    #[test]
    fn signals_are_told_as_shells_do() {
        assert_eq!(Code::Signal(2).number(), 130);
        assert_eq!(Code::Signal(15).number(), 143);
    }

    #[test]
    fn help_names_every_code() {
        for code in [0_u8, 1, 2, 3, 4, 5, 6, 7, 130] {
            assert!(HELP.contains(&format!("\n  {code} ")), "{code} is missing");
        }
    }
}
