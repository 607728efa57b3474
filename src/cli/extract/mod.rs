//! `gleaner extract`: from URLs, files and standard input to text.

mod batch;
mod bookmark;
mod deliver;
mod engine;
mod files;
mod gate;
mod list;
mod order;
mod outlet;
mod progress;
mod reading;
mod show;

use super::batch::{Place, RecordRange};
use super::code::{Code, Ended, OrUsage as _};
use super::form::{InputForm, text_of};
use super::logs::LogArgs;
use super::page::PageArgs;
use super::problem::Problem;
use super::signals::Stop;
use super::source::{Input, Loader, Opened, OpenedBatch, Part};
use crate::article::Verdict;
use crate::crawl::{Reader, Reading};
use crate::extract::{Detail, Engine, Extractor, Options};
use crate::page::Page;
use crate::render;
use anyhow::Context as _;
use batch::Crew;
use bookmark::{Bookmark, Found, Progress};
use clap::{Args, ValueEnum};
use deliver::Delivery;
use engine::EngineName;
use futures_util::stream::{self, StreamExt as _};
use indicatif::MultiProgress;
use jiff::Timestamp;
use outlet::Outlet;
use show::Shape;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
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
    /// Write a file for each article below DIR, as the daemon names them, and print the paths; with --format jsonl, write
    /// all lines to FILE
    #[arg(short, long, value_name = "DIR | FILE")]
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
    /// Of batches, read the records FROM up to, but without, TO, as messages number them: 1000..2000, 1000.., ..1000
    #[arg(long, value_name = "FROM..TO", help_heading = "Batches")]
    records: Option<RecordRange>,
    /// How many threads extract from a batch [default: one for each core]
    #[arg(long, value_name = "N", help_heading = "Batches", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Give the records of a batch as they are done, not in the order of the file
    #[arg(long, help_heading = "Batches")]
    unordered: bool,
    /// Go on where the same command was stopped or killed, by the state beside its --output (DIR.state, FILE.state)
    #[arg(long, requires = "output", help_heading = "Batches")]
    resume: bool,
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

impl ExtractArgs {
    /// What is told of an article beside its text.
    fn detail(&self) -> Detail {
        // Files have names that metadata tell, and the log counts what was left out.
        let is_text_alone = self.output.is_none() && !self.front_matter && !tracing::enabled!(tracing::Level::INFO);
        match self.format {
            Format::Json | Format::Jsonl => Detail::Scored,
            Format::Text | Format::Markdown if is_text_alone => Detail::Text,
            Format::Text | Format::Markdown | Format::Html => Detail::Whole,
        }
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
    /// Why an archive has its beginning alone, where it says so.
    cut_off: Option<String>,
    is_of_batch: bool,
}

/// What came of an input or of a record of a batch.
type Outcome = Result<Box<Extracted>, Box<Failed>>;

/// What came of an input: one thing or many.
enum Taken {
    One(Outcome),
    /// Begun when those before it are delivered.
    Many(Box<OpenedBatch>, Input),
}

/// An input or a record that could not be read.
struct Failed {
    input: Input,
    /// What the batch calls it.
    id: Option<serde_json::Value>,
    /// Where the batch says that it was found.
    url: Option<Url>,
    problem: Problem,
}

impl Failed {
    fn new(input: Input, problem: impl Into<Problem>) -> Box<Self> {
        Self::of_record(input, None, None, problem)
    }

    /// The same for a record.
    fn of_record(
        input: Input,
        id: Option<serde_json::Value>,
        url: Option<Url>,
        problem: impl Into<Problem>,
    ) -> Box<Self> {
        Box::new(Self { input, id, url, problem: problem.into() })
    }
}

/// Extracts from every input, in the order given.
///
/// # Errors
/// Arguments that cannot be used, and an output that cannot be written.
pub(crate) async fn run(args: ExtractArgs, log: &LogArgs, progress: MultiProgress, stop: Stop) -> Result<Code, Ended> {
    let inputs = list::collect(&args.inputs, args.from_file.as_deref()).or_usage()?;
    let shape = Shape::new(&args).or_usage()?;
    if let Some(output) = &args.output {
        list::refuse_as_output(output, &inputs, args.from_file.as_deref()).or_usage()?;
    }
    let worker = Worker::new(&args)?;
    let Some((mut bookmark, mut done)) = earlier(&args, &inputs).or_usage()? else { return Ok(Code::AllWell) };
    let outlet = Outlet::open(&args, shape, inputs.len(), done.written.clone()).inspect_err(|_| {
        if let Some(bookmark) = &mut bookmark {
            // It would be in the way of the next call.
            bookmark.forget();
        }
    })?;
    if done.written.is_empty() && args.format != Format::Jsonl {
        // What stands in the folder's manifest already is of others.
        let before = outlet.sync()?;
        done.written = before..before;
    }
    let crew = worker.crew(&args, shape);
    let (count, range) = (inputs.len() - done.inputs, args.records.unwrap_or(RecordRange::ALL));
    let mut first = done
        .batch
        .as_ref()
        .map(|batch| Part { place: batch.through.place, range: range.from(batch.through.number + 1) });
    let part = move || first.take().unwrap_or(Part { place: Place::START, range });
    let parted: Vec<(Input, Part)> = inputs.into_iter().skip(done.inputs).zip(std::iter::repeat_with(part)).collect();
    let results = stream::iter(parted).map(move |(input, part)| under_way(worker.clone(), input, part));
    let keeps_order = !args.unordered;
    let delivery = Delivery { crew, outlet, keeps_order, log, bars: &progress, bookmark, progress: done };
    delivery.run(results.buffered(UNDER_WAY), count, stop).await
}

/// How far an earlier call has come that this one is to go on with, and where that is kept; `None` where it has come to
/// its end.
fn earlier(args: &ExtractArgs, inputs: &[Input]) -> anyhow::Result<Option<(Option<Bookmark>, Progress)>> {
    let Some(output) = &args.output else { return Ok(Some((None, Progress::default()))) };
    let lines = (args.format == Format::Jsonl).then_some(output.as_path());
    if lines.is_some_and(|lines| lines.exists() && !lines.is_file()) {
        // A pipe or a device: what went there is gone.
        return Ok(Some((None, Progress::default())));
    }
    if let Some(folder) = lines.and_then(Path::parent) {
        fs::create_dir_all(folder).with_context(|| format!("--output {}", output.display()))?;
    }
    let mut bookmark = Bookmark::new(output, args, inputs);
    let progress = match bookmark.find(args.resume, lines, inputs)? {
        Found::Unfinished(progress) => *progress,
        Found::Finished => {
            tracing::warn!("{} is there, and no call was stopped; nothing is left to be done", output.display());
            return Ok(None);
        }
        Found::Nothing => {
            let progress = bookmark.nothing();
            // What stands in a file of lines without a bookmark counts as whole.
            if lines.is_some() {
                bookmark.begin(&progress);
            }
            progress
        }
    };
    Ok(Some((Some(bookmark), progress)))
}

/// Takes an input on a task of its own, so that it goes on while a long batch before it is delivered.
async fn under_way(worker: Worker, input: Input, part: Part) -> Taken {
    let named = input.clone();
    let taken = tokio::spawn(worker.take(input, part)).await;
    taken.unwrap_or_else(|_| Taken::One(Err(Failed::new(named, Problem::Panicked))))
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
        let options = args.page.kinds.options().or_usage()?;
        let options = Options { engine, with_links, with_images, detail: args.detail(), ..options };
        let base_url = args.page.base_url.clone();
        let loader = Loader::new(&args.page.fetch, base_url.clone(), &options.sites).or_usage()?;
        let extractor = Extractor::new(&options).context("the extractor's own rules cannot be used")?;
        let knows_texts = options.engine == Engine::Gleaner;
        let (reader, extractor, read_as) = (loader.reader(), Arc::new(extractor), args.read_as);
        Ok(Self { reader, loader, extractor, read_as, base_url, knows_texts })
    }

    /// What extracts from batches in the same way.
    fn crew(&self, args: &ExtractArgs, shape: Shape) -> Crew {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = args.threads.map_or_else(cores, usize::from);
        Crew {
            extractor: Arc::clone(&self.extractor),
            base_url: self.base_url.clone(),
            shape,
            max_body_bytes: self.loader.max_body_bytes(),
            threads,
            most_held_bytes: reading::BYTES_A_THREAD * threads as u64,
        }
    }

    async fn take(self, input: Input, part: Part) -> Taken {
        match self.loader.open(input.source.clone(), self.read_as, part).await {
            Ok(Opened::Page(page)) => Taken::One(self.extract(input, page).await),
            Ok(Opened::Batch(batch)) => Taken::Many(Box::new(batch), input),
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
                Ok(Box::new(Extracted { input, url, fetched_at, reading, id: None, cut_off: None, is_of_batch: false }))
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
