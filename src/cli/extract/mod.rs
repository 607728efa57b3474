//! `gleaner extract`: from URLs, files and standard input to text.

mod batch;
mod engine;
mod files;
mod list;
mod show;

use super::code::{Code, Ended, OrUsage as _, Tally};
use super::form::{InputForm, text_of};
use super::logs::LogArgs;
use super::page::PageArgs;
use super::problem::Problem;
use super::signals::Stop;
use super::source::{Input, Loader, Opened};
use super::terminal;
use crate::article::Verdict;
use crate::crawl::{Reader, Reading};
use crate::extract::{Engine, Extractor, Options};
use crate::page::Page;
use crate::render;
use anyhow::Context as _;
use batch::Running;
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
    /// What the inputs are
    #[arg(long = "input", value_enum, default_value_t, value_name = "FORM")]
    read_as: InputForm,
    /// What is printed or written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Put title, URL, authors, date and more before the text or the Markdown, as YAML; among several inputs below
    /// `==> INPUT <==`
    #[arg(long)]
    front_matter: bool,
    /// With --output: put what is known of each article beside its file, too, as FILE.json
    #[arg(long, requires = "output")]
    sidecar: bool,
    /// Give the links of the text, in Markdown, HTML and JSON
    #[arg(long)]
    with_links: bool,
    /// Give the images of the article, with what they show and their captions, in Markdown, HTML and JSON
    #[arg(long)]
    with_images: bool,
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
    /// Markdown: headings, lists, quotations, code, tables
    Markdown,
    /// One JSON object a line: input, url, verdict, title, authors, published, text, blocks, tags, related, removed ...
    Json,
    /// JSON Lines for batches: the same with `id` and without `blocks`, and a line for what holds no article too
    Jsonl,
    /// A page of HTML with the article and nothing else, for feed readers and browsers
    Html,
}

impl Format {
    /// What a file of it is; JSON Lines are no files.
    fn of_file(self) -> Option<render::Format> {
        match self {
            Self::Text => Some(render::Format::Text),
            Self::Markdown => Some(render::Format::Markdown),
            Self::Json => Some(render::Format::Json),
            Self::Html => Some(render::Format::Html),
            Self::Jsonl => None,
        }
    }

    /// As it is written on the command line.
    fn name(self) -> String {
        self.to_possible_value().map_or(String::new(), |value| format!("--format {}", value.get_name()))
    }
}

/// What was found in an input, or in a record of a batch.
struct Extracted {
    input: Input,
    /// Where the page was found in the end, or its batch says; `None` for other files and standard input.
    url: Option<Url>,
    fetched_at: Option<Timestamp>,
    reading: Reading,
    /// What the batch calls it.
    id: Option<serde_json::Value>,
    is_of_batch: bool,
}

/// What came of an input or of a record of a batch.
type Outcome = Result<Box<Extracted>, Box<Failed>>;

/// What came of an input: one thing or many.
enum Taken {
    One(Outcome),
    Many(Running),
}

/// An input that could not be read.
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
    let results = stream::iter(inputs).map(move |input| under_way(worker.clone(), input)).buffered(UNDER_WAY);
    tokio::select! {
        ended = deliver(results, form, log, &progress, &bar) => ended,
        code = stop.asked() => Ok(code),
    }
}

/// Takes an input on a task of its own, so that it goes on while a long batch before it is delivered.
async fn under_way(worker: Worker, input: Input) -> Taken {
    let named = input.clone();
    let taken = tokio::spawn(worker.take(input)).await;
    taken.unwrap_or_else(|_| Taken::One(Err(Failed::new(named, Problem::Panicked))))
}

/// Prints or writes each result as it comes and counts the failures. Nothing here waits between the
/// beginning and the end of a file or a line, so that a signal finds it whole or not begun.
async fn deliver(
    results: impl Stream<Item = Taken>,
    form: Form,
    log: &LogArgs,
    progress: &MultiProgress,
    bar: &ProgressBar,
) -> Result<Code, Ended> {
    let mut counter = Counter { form, log, progress, tally: Tally::default() };
    let mut results = std::pin::pin!(results);
    while let Some(taken) = results.next().await {
        match taken {
            Taken::One(result) => counter.hand_over(result)?,
            Taken::Many(mut running) => {
                let before = counter.tally;
                while let Some(outcome) = running.outcomes.recv().await {
                    counter.hand_over(outcome)?;
                }
                tracing::info!(input = running.input.name, "batch: {}", counter.tally.since(before));
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(counter.tally.code())
}

/// Where results are handed over.
struct Counter<'a> {
    form: Form,
    log: &'a LogArgs,
    progress: &'a MultiProgress,
    tally: Tally,
}

impl Counter<'_> {
    /// Prints or writes a result, tells of a failure, and counts it. A record of a batch without an article is told by
    /// its line alone, where it has one.
    fn hand_over(&mut self, result: Outcome) -> Result<(), Ended> {
        let found = match result {
            Ok(found) => found,
            Err(failed) => {
                self.fail(&failed.input, &failed.problem);
                return Ok(());
            }
        };
        let verdict = found.reading.extraction.verdict;
        if verdict.has_article() || self.form.shows_all() {
            match self.form.render(&found) {
                Ok(text) => self.progress.suspend(|| terminal::print(&text))?,
                Err(problem) => {
                    self.fail(&found.input, &problem);
                    return Ok(());
                }
            }
        }
        let problem = Problem::NoArticle(verdict);
        if verdict.has_article() {
            self.tally.done();
        } else if found.is_of_batch && self.form.shows_all() {
            self.tally.failed(problem.failure());
        } else {
            self.fail(&found.input, &problem);
        }
        Ok(())
    }

    fn fail(&mut self, input: &Input, problem: &Problem) {
        self.log.failure(input, problem, self.progress);
        self.tally.failed(problem.failure());
    }
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
    read_as: InputForm,
    base_url: Option<Url>,
    /// Whether texts are told from pages by what they hold: another engine knows pages alone.
    knows_texts: bool,
}

impl Worker {
    fn new(args: &ExtractArgs) -> Result<Self, Ended> {
        let (with_links, with_images) = (args.with_links, args.with_images);
        let engine = args.engine().or_usage()?;
        let options = Options { engine, with_links, with_images, ..args.page.kinds.options().or_usage()? };
        let base_url = args.page.base_url.clone();
        let loader = Loader::new(&args.page.fetch, base_url.clone(), &options.sites).or_usage()?;
        let extractor = Extractor::new(&options).context("the extractor's own rules cannot be used")?;
        let knows_texts = options.engine == Engine::Gleaner;
        let (reader, extractor, read_as) = (loader.reader(), Arc::new(extractor), args.read_as);
        Ok(Self { reader, loader, extractor, read_as, base_url, knows_texts })
    }

    async fn take(self, input: Input) -> Taken {
        match self.loader.open(input.source.clone(), self.read_as).await {
            Ok(Opened::Page(page)) => Taken::One(self.extract(input, page).await),
            Ok(Opened::Batch(batch)) => Taken::Many(batch::begin(batch, input, self.extractor, self.base_url)),
            Err(problem) => Taken::One(Err(Failed::new(input, problem))),
        }
    }

    async fn extract(self, input: Input, page: Page) -> Outcome {
        let (url, fetched_at) = (page.url.clone(), page.fetched_at);
        match self.read(&input, page).await {
            Err(problem) => Err(Failed::new(input, problem)),
            Ok(reading) => {
                if reading.extraction.verdict.has_article() {
                    tell(&input, &reading);
                }
                Ok(Box::new(Extracted { input, url, fetched_at, reading, id: None, is_of_batch: false }))
            }
        }
    }

    /// Reads a page, and from the web the others of its article.
    async fn read(&self, input: &Input, page: Page) -> Result<Reading, Problem> {
        let text = if self.knows_texts { text_of(input, &page, self.read_as.page()) } else { None };
        if let Some(text) = text {
            let extractor = Arc::clone(&self.extractor);
            let extraction = tokio::task::spawn_blocking(move || extractor.extract_text(&text)).await;
            let extraction = extraction.map_err(|_| Problem::Panicked)?;
            return Ok(Reading { extraction, pages: Vec::new(), shortfall: None, kept: Vec::new() });
        }
        if input.url().is_some() {
            let until = Instant::now() + PATIENCE;
            return self.reader.read(&self.extractor, page, until).await.map_err(|_| Problem::Panicked);
        }
        let extraction = self.reader.extract(&self.extractor, page).await.map_err(|_| Problem::Panicked)?;
        for url in [&extraction.onward.single_page, &extraction.onward.next_page].into_iter().flatten() {
            tracing::warn!(input = input.name, %url, "the article goes on elsewhere; of files that is not followed");
        }
        Ok(Reading { extraction, pages: Vec::new(), shortfall: None, kept: Vec::new() })
    }
}

/// Says in the log what came of an input.
fn tell(input: &Input, Reading { extraction, pages, shortfall, .. }: &Reading) {
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
