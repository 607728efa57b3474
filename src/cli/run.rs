//! `gleaner run`: the daemon.

mod plan;
mod service;
mod web;

use super::check::{ConfigArgs, warn_of};
use super::code::{Code, Ended, Failure, OrUsage as _};
use super::run_file::RunFile;
use super::signals::{self, Stop};
use super::terminal::print;
use crate::config::{Config, SiteSource};
use crate::crawl::{self, CrawlError, Halted, Keeper, LiveExtractor, Mode, Run, Summary, Vitals};
use crate::extract::{Extractor, Options};
use crate::frontier::{FrontierError, SqliteFrontier};
use anyhow::Context as _;
use clap::Args;
use service::Service;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::mpsc;

/// The arguments of `gleaner run`.
#[derive(Debug, Clone, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Poll every feed once, wait for the articles, and end with a line that sums up
    #[arg(long)]
    once: bool,
    /// Say what a run would begin with, and do nothing: no request, no file
    #[arg(long)]
    dry_run: bool,
}

/// Crawls until it is told to stop; with `--once` until the work is done. A daemon reads its configuration again when it is
/// told to, and tells how it fares.
///
/// # Errors
/// A configuration that cannot be used, a store that fails, a folder that cannot be written to.
pub(crate) async fn run(args: &RunArgs, stop: Stop) -> Result<Code, Ended> {
    let config = args.config.load()?;
    args.config.ready(&config)?;
    if args.dry_run {
        return plan::print(&config, args.once);
    }
    let (source, faults) = SiteSource::open(args.config.path(), &config).or_usage()?;
    if let Some(folder) = &config.extract.site_rules {
        warn_of(folder, &faults);
    }
    let options = Options { sites: Arc::new(source.rules()), ..config.extract.options() };
    let extractor = Extractor::new(&options).context("the extractor's own rules cannot be used")?;
    let live = LiveExtractor::from(Arc::new(extractor));
    let mode = if args.once { Mode::Once } else { Mode::Forever };
    let frontier = SqliteFrontier::open(&config.frontier).or_usage()?;
    let mut run = Run::new(&config, live.clone(), frontier, mode);
    if mode == Mode::Forever {
        let vitals = Arc::<Vitals>::default();
        let (renewals, new_ones) = mpsc::channel(1);
        let (path, environment) = (args.config.path().to_owned(), |name: &str| std::env::var(name).ok());
        let (config, vitals_of) = (config.clone(), vitals.clone());
        let keeper = Keeper { path, config, source, options, live, environment, renewals, vitals: vitals_of };
        serve(&keeper, &vitals, stop.clone()).await?;
        let asked = signals::hangups().context("SIGHUP cannot be listened for")?;
        tokio::spawn(crawl::keep_current(keeper, asked));
        run = run.watched_by(vitals).renewed_by(new_ones);
    }
    let told_to_stop = stop.clone();
    let summary = run.until(async move { _ = told_to_stop.asked().await }).await;
    RunFile::remove(&config.frontier.store);
    let done = summary.as_ref().map_or_else(|halted| halted.summary, |summary| Some(*summary));
    if let Some(done) = done {
        sum_up(&done, mode)?;
    }
    let summary = summary.map_err(|halted| ended(halted, &config.frontier.store))?;
    let whole = if args.once { once_code(&summary) } else { Code::AllWell };
    Ok(stop.code().filter(|_| args.once).unwrap_or(whole))
}

/// Tells whoever wants to know how the run fares: systemd, `gleaner status`, Prometheus.
async fn serve(keeper: &Keeper, vitals: &Arc<Vitals>, stop: Stop) -> Result<(), Ended> {
    let Config { status, frontier, .. } = &keeper.config;
    if status.listen.is_some() {
        let web = web::Web::listen(status, vitals.clone(), frontier.store.clone()).await.or_usage()?;
        tokio::spawn(web.serve());
    }
    let run_file = RunFile::new(&frontier.store, &keeper.path);
    tokio::spawn(Service::new(vitals.clone(), run_file).tell(stop));
    Ok(())
}

fn sum_up(summary: &Summary, mode: Mode) -> Result<(), Ended> {
    match mode {
        Mode::Once => print(&format!("{summary}\n")),
        Mode::Forever => {
            tracing::info!("{summary}");
            Ok(())
        }
    }
}

/// Who can put it right: before the start whoever wrote the configuration, under way whoever looks
/// after the disk.
fn ended(Halted { cause, summary }: Halted, store: &Path) -> Ended {
    match cause {
        CrawlError::Fetch(cause) => Ended::Usage(cause.into()),
        CrawlError::Output(cause) if summary.is_some() || cause.is_of_the_machine() => Ended::Unwritable(cause.into()),
        CrawlError::Output(cause) => Ended::Usage(cause.into()),
        cause @ CrawlError::OutOfFiles(_) => Ended::Unwritable(cause.into()),
        CrawlError::Frontier(cause) if cause.trouble().is_some() || matches!(cause, FrontierError::Corrupt(_)) => {
            Ended::Unwritable(anyhow::Error::new(cause).context(store.display().to_string()))
        }
        CrawlError::Frontier(cause) => Ended::Internal(anyhow::Error::new(cause).context(store.display().to_string())),
    }
}

/// The code of `--once`, to which feeds are what inputs are to `extract`. Pages that failed are tried
/// again by the next run and do not count.
fn once_code(summary: &Summary) -> Code {
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let unreadable = summary.feeds_failed.saturating_sub(summary.feeds_refused);
    let mut failures = vec![Failure::Refused; count(summary.feeds_refused)];
    failures.resize(failures.len() + count(unreadable), Failure::Unreadable);
    Code::of(count(summary.feeds), &failures)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::code::line;
    use crate::output::OutputError;
    use std::io;

    #[test]
    fn machine_that_fails_under_way_is_told_from_a_configuration_that_cannot_work() {
        let of = |cause, summary| ended(Halted { cause, summary }, Path::new("a.db"));
        let output = |kind: io::ErrorKind| CrawlError::Output(OutputError::of(Path::new("a"), kind.into()));
        let begun = Some(Summary::default());
        assert!(matches!(of(output(io::ErrorKind::NotADirectory), None), Ended::Usage(_)));
        assert!(matches!(of(output(io::ErrorKind::NotADirectory), begun), Ended::Unwritable(_)));
        assert!(matches!(of(output(io::ErrorKind::StorageFull), None), Ended::Unwritable(_)));
        let store = CrawlError::Frontier(FrontierError::Store("the disk is full".into()));
        let Ended::Unwritable(told) = of(store, begun) else { panic!("the store is no fault of the program") };
        let told = line(&told);
        assert!(
            told.starts_with("a.db: ") && told.contains("; make room") && told.ends_with("the disk is full"),
            "{told}"
        );
    }

    #[test]
    fn feeds_that_fail_are_told_by_the_code() {
        let code = |feeds, feeds_failed, feeds_refused| {
            once_code(&Summary { feeds, feeds_failed, feeds_refused, ..Summary::default() })
        };
        assert_eq!([code(2, 0, 0), code(2, 1, 0), code(2, 1, 1)], [Code::AllWell, Code::SomeFailed, Code::SomeFailed]);
        assert_eq!([code(2, 2, 0), code(2, 2, 1), code(2, 2, 2)], [Code::Unreadable, Code::AllFailed, Code::Refused]);
    }
}
