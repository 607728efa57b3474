//! `gleaner reextract`: the texts once more, from the pages that were kept.

use super::check::{ConfigArgs, count};
use super::code::{Code, Ended, OrUsage as _};
use super::logs::LogArgs;
use super::terminal::{message, plain, print};
use crate::crawl::{self, CrawlError, Reextracted, Retold};
use crate::extract::Extractor;
use crate::frontier::SqliteFrontier;
use crate::output::OutputError;
use anyhow::{Context as _, anyhow};
use clap::Args;
use indicatif::{MultiProgress, ProgressBar};
use std::fmt::Write as _;
use std::sync::Arc;

/// Texts with more lines than this are not compared line by line.
const MOST_LINES: usize = 3000;

/// The arguments of `gleaner reextract`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ReextractArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Write nothing; tell which texts would change
    #[arg(long)]
    dry_run: bool,
    /// Print the lines that change, too
    #[arg(long)]
    diff: bool,
}

/// Writes the texts that come out otherwise than they stand.
///
/// # Errors
/// A configuration that cannot be used, a daemon at work, raw pages that were never kept, a disk that fails.
pub(crate) async fn run(args: &ReextractArgs, log: &LogArgs, progress: &MultiProgress) -> Result<Code, Ended> {
    let config = args.config.read()?;
    if !config.raw.folder.is_dir() {
        let why = anyhow!("{}: no raw pages are kept here; set `keep = true` in [raw]", config.raw.folder.display());
        return Err(Ended::Usage(why));
    }
    let (options, faults) = config.extractor_options().or_usage()?;
    faults.iter().for_each(|fault| message(&fault.to_string()));
    let extractor = Arc::new(Extractor::new(&options).context("the extractor's own rules cannot be used")?);
    let frontier = SqliteFrontier::open(&config.frontier).or_usage()?;
    let bar = if log.quiet { ProgressBar::hidden() } else { progress.add(ProgressBar::no_length()) };
    let mut told = Ok(());
    let done = crawl::reextract(&config, &extractor, &frontier, args.dry_run, |entry, retold, all| {
        bar.set_length(all as u64);
        bar.inc(1);
        let line = line_of(entry.record.path.as_str(), &retold, args.diff);
        if told.is_ok() && !line.is_empty() {
            told = progress.suspend(|| print(&line));
        }
    });
    let done = done.await.map_err(|error| ended(error, &config.frontier.store));
    bar.finish_and_clear();
    let done = done?;
    told?;
    print(&format!("{}\n", sum(&done, args.dry_run)))?;
    Ok(if done.failed > 0 { Code::SomeFailed } else { Code::AllWell })
}

fn ended(error: CrawlError, store: &std::path::Path) -> Ended {
    match error {
        CrawlError::Output(cause @ OutputError::Busy { .. }) => Ended::Usage(cause.into()),
        CrawlError::Output(cause) => Ended::Unwritable(cause.into()),
        CrawlError::Frontier(cause) => {
            Ended::Unwritable(anyhow::Error::new(cause).context(store.display().to_string()))
        }
        cause @ CrawlError::OutOfFiles(_) => Ended::Unwritable(cause.into()),
        cause @ CrawlError::Fetch(_) => Ended::Internal(cause.into()),
    }
}

fn line_of(path: &str, retold: &Retold<'_>, with_diff: bool) -> String {
    match retold {
        Retold::Changed { before, after } if with_diff => format!("changed {path}\n{}", diff(before, after)),
        Retold::Changed { .. } => format!("changed {path}\n"),
        Retold::NoArticle(verdict) => {
            format!("left {path}: no article comes out of its page any more ({})\n", verdict.id())
        }
        Retold::Foreign => format!("left {path}: it is not there, or not as it was written\n"),
        Retold::Failed(error) => format!("failed {}\n", plain(&format!("{path}: {error}"))),
        Retold::Nothing => String::new(),
    }
}

fn sum(done: &Reextracted, is_dry: bool) -> String {
    let Reextracted { texts, changed, same, without_pages, no_article, foreign, failed } = done;
    let all = count(usize::try_from(*texts).unwrap_or(usize::MAX), "text");
    let verb = if is_dry { "would change" } else { "changed" };
    format!(
        "{all}: {changed} {verb}, {same} the same, {without_pages} without raw pages, {no_article} without an article, \
         {foreign} left to whoever changed them, {failed} failed"
    )
}

/// The lines that go (`-`) and come (`+`), each with what stands around it left out.
fn diff(before: &str, after: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let head = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut out = String::new();
    let mut push = |sign: char, line: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{sign} {}", plain(line));
    };
    if old.len().max(new.len()) > MOST_LINES {
        push('-', &format!("({} lines)", old.len()));
        push('+', &format!("({} lines)", new.len()));
        return out;
    }
    let common = common_lengths(old, new);
    let (mut at, mut to) = (0, 0);
    while at < old.len() || to < new.len() {
        if at < old.len() && to < new.len() && old[at] == new[to] {
            (at, to) = (at + 1, to + 1);
        } else if to == new.len() || at < old.len() && common[at + 1][to] >= common[at][to + 1] {
            push('-', old[at]);
            at += 1;
        } else {
            push('+', new[to]);
            to += 1;
        }
    }
    out
}

/// How many lines the rests from each pair of lines on have in common, in order.
fn common_lengths(old: &[&str], new: &[&str]) -> Vec<Vec<u16>> {
    let mut common = vec![vec![0; new.len() + 1]; old.len() + 1];
    for (at, line) in old.iter().enumerate().rev() {
        for (to, other) in new.iter().enumerate().rev() {
            common[at][to] =
                if line == other { common[at + 1][to + 1] + 1 } else { common[at + 1][to].max(common[at][to + 1]) };
        }
    }
    common
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_go_and_come_are_shown() {
        assert_eq!(diff("a\nb\nc\nd\n", "a\nc\nx\nd\n"), "- b\n+ x\n");
        assert_eq!(diff("a\n", "a\n"), "");
        assert_eq!(diff("", "a\nb\n"), "+ a\n+ b\n");
    }
}
