//! `gleaner run`: the daemon.

use super::check::ConfigArgs;
use super::code::{Code, Ended, Failure, OrUsage as _};
use super::signals::Stop;
use super::terminal::print;
use crate::crawl::{self, CrawlError, Mode, Summary};
use crate::extract::Extractor;
use crate::frontier::SqliteFrontier;
use anyhow::Context as _;
use clap::Args;
use std::sync::Arc;

/// The arguments of `gleaner run`.
#[derive(Debug, Clone, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Poll every feed once, wait for the articles, and end with a line that sums up
    #[arg(long)]
    once: bool,
}

/// Crawls until it is told to stop; with `--once` until the work is done.
///
/// # Errors
/// A configuration that cannot be used, a store that fails, a folder that cannot be written to.
pub(crate) async fn run(args: &RunArgs, stop: Stop) -> Result<Code, Ended> {
    let config = args.config.load()?;
    args.config.ready(&config)?;
    let extractor = Extractor::new(&config.extract.options()).context("the extractor's own rules cannot be used")?;
    let frontier = SqliteFrontier::open(&config.frontier).or_usage()?;
    let mode = if args.once { Mode::Once } else { Mode::Forever };
    let told_to_stop = stop.clone();
    let shutdown = async move {
        told_to_stop.asked().await;
        tracing::info!("stopping: what is in flight gets {} s; ask again to stop at once", config.crawl.drain_s);
    };
    let summary = crawl::run(&config, Arc::new(extractor), frontier, mode, shutdown).await.map_err(ended)?;
    if args.once {
        print(&format!("{summary}\n"))?;
        return Ok(stop.code().unwrap_or_else(|| once_code(&summary)));
    }
    tracing::info!("{summary}");
    Ok(Code::AllWell)
}

/// Whether the user can put it right.
fn ended(cause: CrawlError) -> Ended {
    match cause {
        CrawlError::Output(_) | CrawlError::Fetch(_) => Ended::Usage(cause.into()),
        CrawlError::Frontier(_) => Ended::Internal(cause.into()),
    }
}

/// The code of `--once`, to which feeds are what inputs are to `extract`. Pages that failed are tried
/// again by the next run and do not count.
fn once_code(summary: &Summary) -> Code {
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    Code::of(count(summary.feeds), &vec![Failure::Unreadable; count(summary.feeds_failed)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_that_fail_are_told_by_the_code() {
        let code = |feeds, feeds_failed| once_code(&Summary { feeds, feeds_failed, ..Summary::default() });
        assert_eq!([code(2, 0), code(2, 1), code(2, 2)], [Code::AllWell, Code::SomeFailed, Code::Unreadable]);
    }
}
