//! `gleaner extract`: from URLs, files and standard input to text.

mod engine;
mod files;
mod list;
mod show;

use super::code::{Code, Ended, OrUsage as _};
use super::logs::LogArgs;
use super::page::PageArgs;
use super::problem::Problem;
use super::signals::Stop;
use super::source::{Input, Loader};
use super::terminal;
use crate::article::Verdict;
use crate::crawl::{Reader, Reading};
use crate::extract::{Extractor, Options};
use crate::page::Page;
use anyhow::Context as _;
use clap::{Args, ValueEnum};
use engine::EngineName;
use futures_util::stream::{self, Stream, StreamExt as _};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use jiff::Timestamp;
use show::Form;
use std::ffi::OsString;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// How many inputs are under way at a time. Fetching waits for others most of the time, and each
/// input holds one page in memory; hosts are spared by the fetcher, not by this number.
const UNDER_WAY: usize = 16;

/// How long the further pages of one article may take, all together.
const PATIENCE: Duration = Duration::from_secs(300);

/// The arguments of `gleaner extract`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ExtractArgs {
    /// Web pages (http:// or https://), files, or - for standard input
    #[arg(value_name = "URL | FILE | -", required_unless_present = "from_file")]
    inputs: Vec<OsString>,
    /// Read inputs from LIST too, one a line, `#` for comments; - for standard input
    #[arg(long, value_name = "LIST")]
    from_file: Option<PathBuf>,
    /// Write a file for each article below DIR, as the daemon names them, and print the paths
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// What is printed or written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Put title, URL, authors and date before the text, as YAML; among several inputs below `==> INPUT <==`
    #[arg(long)]
    front_matter: bool,
    /// Who chooses the text; others than Gleaner's own are there to be compared with
    #[arg(long, value_enum, default_value_t)]
    engine: EngineName,
    #[command(flatten)]
    page: PageArgs,
}

/// What an article is printed as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The title and the text
    #[default]
    Text,
    /// One JSON object a line: input, url, verdict, title, authors, published, text, tags, related, pages, removed ...
    Json,
}

/// An input that gave an article.
struct Extracted {
    input: Input,
    /// Where the page was found in the end; `None` for files and standard input.
    url: Option<Url>,
    fetched_at: Option<Timestamp>,
    reading: Reading,
}

/// An input that gave none.
struct Failed {
    input: Input,
    problem: Problem,
}

impl Failed {
    fn new(input: Input, problem: impl Into<Problem>) -> Box<Self> {
        Box::new(Self { input, problem: problem.into() })
    }
}

/// Extracts from every input, in the order given.
///
/// # Errors
/// Arguments that cannot be used, and a standard output that cannot be written.
pub(crate) async fn run(args: ExtractArgs, log: &LogArgs, progress: MultiProgress, stop: Stop) -> Result<Code, Ended> {
    let inputs = list::collect(&args.inputs, args.from_file.as_deref()).or_usage()?;
    let count = inputs.len();
    let form = Form::new(&args, count).or_usage()?;
    let worker = Worker::new(&args)?;
    let bar = progress.add(bar(count, log));
    let results = stream::iter(inputs).map(move |input| worker.clone().extract(input)).buffered(UNDER_WAY);
    tokio::select! {
        ended = deliver(results, form, count, log, &progress, &bar) => ended,
        code = stop.asked() => Ok(code),
    }
}

/// Prints or writes each result as it comes and counts the failures. Nothing here waits between the
/// beginning and the end of a file, so that a signal finds it whole or not begun.
async fn deliver(
    results: impl Stream<Item = Result<Extracted, Box<Failed>>>,
    mut form: Form,
    count: usize,
    log: &LogArgs,
    progress: &MultiProgress,
    bar: &ProgressBar,
) -> Result<Code, Ended> {
    let mut failures = Vec::new();
    let mut results = std::pin::pin!(results);
    while let Some(result) = results.next().await {
        let shown = result.and_then(|found| form.render(&found).map_err(|cause| Failed::new(found.input, cause)));
        match shown {
            Ok(text) => progress.suspend(|| terminal::print(&text))?,
            Err(failed) => {
                log.failure(&failed.input, &failed.problem, progress);
                failures.push(failed.problem.failure());
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(Code::of(count, &failures))
}

/// A bar for several inputs before a terminal, else nothing that shows.
fn bar(count: usize, log: &LogArgs) -> ProgressBar {
    if count < 2 || log.quiet || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(count as u64);
    match ProgressStyle::with_template("{bar:32} {pos}/{len} ({eta})") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Turns inputs into articles; cheap to copy.
#[derive(Clone)]
struct Worker {
    loader: Loader,
    reader: Reader,
    extractor: Arc<Extractor>,
}

impl Worker {
    fn new(args: &ExtractArgs) -> Result<Self, Ended> {
        let options = Options { engine: args.engine().or_usage()?, ..args.page.kinds.options().or_usage()? };
        let loader = Loader::new(&args.page.fetch, args.page.base_url.clone(), &options.sites).or_usage()?;
        let extractor = Extractor::new(&options).context("the extractor's own rules cannot be used")?;
        Ok(Self { reader: loader.reader(), loader, extractor: Arc::new(extractor) })
    }

    async fn extract(self, input: Input) -> Result<Extracted, Box<Failed>> {
        let page = match self.loader.load(input.source.clone()).await {
            Ok(page) => page,
            Err(problem) => return Err(Failed::new(input, problem)),
        };
        let (url, fetched_at) = (page.url.clone(), page.fetched_at);
        match self.read(&input, page).await {
            Err(problem) => Err(Failed::new(input, problem)),
            Ok(reading) if !reading.extraction.verdict.has_article() => {
                Err(Failed::new(input, Problem::NoArticle(reading.extraction.verdict)))
            }
            Ok(reading) => {
                tell(&input, &reading);
                Ok(Extracted { input, url, fetched_at, reading })
            }
        }
    }

    /// Reads a page, and from the web the others of its article.
    async fn read(&self, input: &Input, page: Page) -> Result<Reading, Problem> {
        if input.url().is_some() {
            let until = Instant::now() + PATIENCE;
            return self.reader.read(&self.extractor, page, until).await.map_err(|_| Problem::Panicked);
        }
        let extraction = self.reader.extract(&self.extractor, page).await.map_err(|_| Problem::Panicked)?;
        for url in [&extraction.onward.single_page, &extraction.onward.next_page].into_iter().flatten() {
            tracing::warn!(input = input.name, %url, "the article goes on elsewhere; of files that is not followed");
        }
        Ok(Reading { extraction, pages: Vec::new(), shortfall: None })
    }
}

/// Says in the log what came of an input.
fn tell(input: &Input, Reading { extraction, pages, shortfall }: &Reading) {
    if let Some(missing) = shortfall {
        tracing::warn!(input = input.name, cause = %missing, "a page of the article is missing");
    } else if extraction.verdict == Verdict::Truncated {
        tracing::warn!(input = input.name, "the article is cut off by a paywall");
    }
    for rule in &extraction.unmatched_rules {
        tracing::debug!(input = input.name, rule, "site rule without effect");
    }
    let (verdict, removed) = (extraction.verdict.id(), extraction.removals.len());
    let (blocks, pages) = (extraction.article.blocks.len(), pages.len() + 1);
    tracing::info!(input = input.name, verdict, blocks, removed, pages, "extracted");
}
