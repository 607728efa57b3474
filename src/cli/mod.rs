//! The command line: one file per subcommand.

mod batch;
mod capture;
mod check;
mod code;
mod discover;
mod duplicates;
mod explain;
mod export;
mod extract;
mod form;
mod kinds;
mod logs;
mod opml;
mod page;
mod problem;
mod reextract;
mod reload;
mod repair;
mod run;
mod run_file;
mod signals;
mod source;
mod status;
mod terminal;
mod thrift;
mod verify;

use clap::{Parser, Subcommand};
use code::{Code, Ended};
use indicatif::MultiProgress;
use logs::LogArgs;
use signals::Stop;
use std::ffi::OsString;
use std::panic::{self, UnwindSafe};
use std::process::ExitCode;
use std::time::Duration;

/// Takes a web page apart and keeps the article.
#[derive(Debug, Parser)]
#[command(name = "gleaner", version, after_help = code::HELP, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    log: LogArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the article of web pages, files or standard input
    #[command(after_help = code::HELP)]
    Extract(extract::ExtractArgs),
    /// Print every block of a page with what became of it, and why
    #[command(after_help = code::HELP)]
    Explain(explain::ExplainArgs),
    /// Poll the feeds of the configuration and write their articles, until told to stop; site rules are read again when
    /// they change, the whole configuration on SIGHUP
    #[command(after_help = code::HELP)]
    Run(run::RunArgs),
    /// Show feeds, queue and hosts as they stand, beside a running daemon or without one
    #[command(after_help = code::HELP)]
    Status(status::StatusArgs),
    /// Have the running daemon read its configuration again, and say what it took or why the old one stays
    #[command(after_help = code::HELP)]
    Reload(reload::ReloadArgs),
    /// Read the configuration and say what is wrong with it, or missing for `run`; with --site, show what its site
    /// rules do to a page
    #[command(after_help = code::HELP)]
    Check(check::CheckArgs),
    /// Find the feeds of a site, each of them fetched and parsed
    #[command(after_help = code::HELP)]
    Discover(discover::DiscoverArgs),
    /// Take feeds from other readers' lists, or print one for them
    #[command(after_help = code::HELP)]
    Opml(opml::OpmlArgs),
    /// Hold store, manifest and texts against each other: is everything there once? Changes nothing, and may be asked beside
    /// a running daemon
    #[command(after_help = code::HELP)]
    Verify(verify::VerifyArgs),
    /// Rebuild a lost or damaged store from manifest and texts, and a lost manifest from the store; the daemon must not run
    #[command(after_help = code::HELP)]
    Repair(repair::RepairArgs),
    /// Write the texts again from the raw pages that were kept, after rules or model have changed; the daemon must not run
    #[command(after_help = code::HELP)]
    Reextract(reextract::ReextractArgs),
    /// List the articles that came more than once, on any site: which came first, and what became of the others; may be asked
    /// beside a running daemon
    #[command(after_help = code::HELP)]
    Duplicates(duplicates::DuplicatesArgs),
    /// Write what the daemon has collected as JSON Lines or Parquet: all that the manifest says, and the text; may be asked
    /// beside a running daemon
    #[command(after_help = code::HELP)]
    Export(export::ExportArgs),
    /// Save a page as the beginning of a fixture, in fixtures/.inbox
    #[command(after_help = code::HELP)]
    Capture(capture::CaptureArgs),
}

/// Runs the command that `arguments` (with the program's name first) ask for, to its exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    panic::set_hook(Box::new(|panic| {
        terminal::message(&format!("internal error: {panic}; please report it with the command that you gave"));
    }));
    #[cfg(debug_assertions)]
    if let Ok(wanted) = std::env::var("GLEANER_CRASH_AT")
        && !crate::crash::arm(&wanted, || std::process::abort())
    {
        terminal::message(&format!("GLEANER_CRASH_AT: there is no moment `{wanted}`"));
        return ExitCode::from(Code::Usage.number());
    }
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    ExitCode::from(guarded(|| command(arguments)).number())
}

/// What the work ends with; a panic, which the hook has told, is a fault of the program.
fn guarded(work: impl FnOnce() -> Code + UnwindSafe) -> Code {
    panic::catch_unwind(work).unwrap_or(Code::Internal)
}

fn command(arguments: Vec<OsString>) -> Code {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(other) => {
            // Nothing can be done about a closed standard output here.
            let _ = other.print();
            return if other.use_stderr() { Code::Usage } else { Code::AllWell };
        }
    };
    if matches!(cli.command, Command::Run(_)) {
        thrift::begin_anew();
    }
    let progress = MultiProgress::new();
    cli.log.start(matches!(cli.command, Command::Run(_)), &progress);
    match in_runtime(cli, progress) {
        Ok(code) => code,
        Err(Ended::ReaderGone) => Code::AllWell,
        Err(Ended::Usage(cause)) => told(&cause, Code::Usage),
        Err(Ended::Unwritable(cause)) => told(&cause, Code::Unreadable),
        Err(Ended::Internal(cause)) => told(&cause, Code::Internal),
    }
}

fn told(cause: &anyhow::Error, code: Code) -> Code {
    terminal::message(&code::line(cause));
    code
}

/// Threads that wait for the disk and for names at a time: the runtime's own 512 have kept 60 MB for themselves in
/// `eval/crawl_bench`.
const BLOCKING_THREADS: usize = 64;

/// How long such a thread is kept for the next time.
const IDLE_THREAD: Duration = Duration::from_secs(2);

fn in_runtime(cli: Cli, progress: MultiProgress) -> Result<Code, Ended> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.max_blocking_threads(BLOCKING_THREADS).thread_keep_alive(IDLE_THREAD).enable_all().build();
    let runtime = runtime.map_err(anyhow::Error::from)?;
    let ended = runtime.block_on(async {
        let stop = Stop::listen().map_err(anyhow::Error::from)?;
        match cli.command {
            Command::Extract(args) => extract::run(args, &cli.log, progress, stop).await,
            Command::Explain(args) => explain::run(args, &cli.log, &progress).await,
            Command::Run(args) => run::run(&args, stop).await,
            Command::Reload(args) => reload::run(&args).await,
            Command::Status(args) => status::run(&args),
            Command::Check(args) => check::run(&args, &cli.log, &progress).await,
            Command::Discover(args) => discover::run(args, &cli.log, &progress).await,
            Command::Opml(args) => opml::run(&args),
            Command::Reextract(args) => reextract::run(&args, &cli.log, &progress).await,
            Command::Repair(args) => repair::run(&args).await,
            Command::Verify(args) => verify::run(&args).await,
            Command::Duplicates(args) => duplicates::run(&args).await,
            Command::Export(args) => export::run(args).await,
            Command::Capture(args) => capture::run(args, &cli.log, &progress).await,
        }
    });
    // Somebody may still wait for standard input, which never ends; nothing else is under way.
    runtime.shutdown_background();
    ended
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn a_panic_is_an_internal_error() {
        assert_eq!(guarded(|| Code::NoArticle), Code::NoArticle);
        assert_eq!(guarded(|| panic!("shown by a test, all is well")), Code::Internal);
    }

    #[test]
    fn options_hold_together() {
        Cli::command().debug_assert();
    }
}
