//! `gleaner export`: what the daemon has collected, in one file or stream.

mod filter;
mod jsonl;
#[cfg(feature = "parquet")]
mod parquet;

use super::check::ConfigArgs;
use super::code::{Code, Ended, OrUsage as _};
use super::terminal::message;
use super::verify::refused;
use crate::config::FeedConfig;
use crate::key::Key;
use crate::ledger::without_front_matter;
use crate::output::{Entry, LatestEntries, OutputError, new_file};
use anyhow::{Context as _, anyhow, ensure};
use clap::{Args, ValueEnum};
use filter::{Filter, share, since, until};
use jiff::Timestamp;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use url::Url;

/// The arguments of `gleaner export`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Where it goes, whole or not at all [default: standard output]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// What it is written as [default: parquet for a FILE that ends so, else jsonl]
    #[arg(long, value_enum)]
    format: Option<ExportFormat>,
    /// Leave out what was published earlier, or fetched earlier where nothing is known of that: a day (UTC) or a moment
    #[arg(long, value_name = "DAY | MOMENT", value_parser = since)]
    since: Option<Timestamp>,
    /// Leave out what was published later; the day itself stays
    #[arg(long, value_name = "DAY | MOMENT", value_parser = until)]
    until: Option<Timestamp>,
    /// Only what this feed announced first, by its name or URL; may be given several times
    #[arg(long = "feed", value_name = "NAME | URL")]
    feeds: Vec<String>,
    /// Only what is in this language, in any of its countries' forms (`en` takes `en-gb`); may be given several times
    #[arg(long = "language", value_name = "TAG")]
    languages: Vec<String>,
    /// Only texts of which at least this word F1 is to be expected, 0 to 1
    #[arg(long, value_name = "F1", value_parser = share)]
    min_confidence: Option<f32>,
}

/// What an export is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ExportFormat {
    /// One JSON object a line
    Jsonl,
    /// A table in columns, compressed
    Parquet,
}

impl ExportArgs {
    fn format(&self) -> ExportFormat {
        let of_file = || match self.file.as_ref().and_then(|file| file.extension()) {
            Some(extension) if extension == "parquet" => ExportFormat::Parquet,
            _ => ExportFormat::Jsonl,
        };
        self.format.unwrap_or_else(of_file)
    }
}

fn is_built_in(format: ExportFormat) -> anyhow::Result<()> {
    ensure!(
        format != ExportFormat::Parquet || cfg!(feature = "parquet"),
        "--format parquet is not built into this program; build it with the cargo feature `parquet`: \
         cargo install --path . --features parquet"
    );
    Ok(())
}

/// Writes the texts that are wanted, in the order in which they were last written. May be asked
/// beside a running daemon.
///
/// # Errors
/// A configuration or a format that cannot be used, a manifest that cannot be read, a file that cannot be written.
pub(crate) async fn run(args: ExportArgs) -> Result<Code, Ended> {
    let format = args.format();
    is_built_in(format).or_usage()?;
    let config = args.config.read()?;
    let filter = filter(&args, &config.feeds).or_usage()?;
    let (folder, store) = (config.output.folder, config.frontier.store);
    let exported = tokio::task::spawn_blocking(move || {
        let entries = LatestEntries::open(&folder).map_err(|error| refused(error.into(), &store))?;
        let texts = Texts { folder, entries, filter };
        match &args.file {
            None => export(texts, format, io::stdout(), None),
            Some(file) => into_file(texts, format, file),
        }
    });
    exported.await.map_err(anyhow::Error::from)?
}

/// What the arguments want; feeds are named as in the configuration, or by any URL.
fn filter(args: &ExportArgs, known: &[FeedConfig]) -> anyhow::Result<Filter> {
    let key = |given: &String| {
        let named = known.iter().find(|feed| feed.name.as_ref() == Some(given)).map(|feed| feed.url.clone());
        let url = named.or_else(|| Url::parse(given).ok());
        url.map(|url| Key::of(&url))
            .ok_or_else(|| anyhow!("--feed {given}: no feed of the configuration has this name"))
    };
    Ok(Filter {
        since: args.since,
        until: args.until,
        feeds: args.feeds.iter().map(key).collect::<anyhow::Result<_>>()?,
        languages: args.languages.iter().map(|tag| tag.to_lowercase().replace('_', "-")).collect(),
        min_confidence: args.min_confidence,
    })
}

/// Writes beside the file and takes its place at the end.
fn into_file(texts: Texts, format: ExportFormat, file: &Path) -> Result<Code, Ended> {
    let unwritable =
        |error: io::Error| Ended::Unwritable(anyhow::Error::new(error).context(file.display().to_string()));
    let beside = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let unfinished = new_file().tempfile_in(beside).map_err(unwritable)?;
    let code = export(texts, format, unfinished.as_file(), Some(file))?;
    unfinished.as_file().sync_all().map_err(unwritable)?;
    unfinished.persist(file).map_err(|failed| unwritable(failed.error))?;
    beside_is_synced(beside).map_err(unwritable)?;
    Ok(code)
}

fn beside_is_synced(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Writes each text that is wanted to `out`, which is `file` or standard output.
fn export(texts: Texts, format: ExportFormat, out: impl Write + Send, file: Option<&Path>) -> Result<Code, Ended> {
    let unwritable = |error: io::Error| match (error.kind(), file) {
        (io::ErrorKind::BrokenPipe, None) => Ended::ReaderGone,
        (_, file) => {
            let name = file.map_or("standard output".to_owned(), |file| file.display().to_string());
            Ended::Unwritable(anyhow::Error::new(error).context(name))
        }
    };
    match format {
        #[cfg(feature = "parquet")]
        ExportFormat::Parquet => {
            let mut table = parquet::Table::new(out).map_err(unwritable)?;
            let code = texts.each(|entry, text| table.add(entry, text).map_err(unwritable))?;
            table.close().map_err(unwritable)?;
            Ok(code)
        }
        // Nothing else comes here: see `is_built_in`.
        _ => {
            let mut out = BufWriter::new(out);
            let code = texts.each(|entry, text| jsonl::write(&mut out, &entry, text).map_err(unwritable))?;
            out.flush().map_err(unwritable)?;
            Ok(code)
        }
    }
}

/// What there is, and what is wanted of it.
struct Texts {
    folder: PathBuf,
    entries: LatestEntries,
    filter: Filter,
}

impl Texts {
    /// Hands each text that is wanted to `write`, without its front matter; one that is not there is named.
    fn each(self, mut write: impl FnMut(Entry, &str) -> Result<(), Ended>) -> Result<Code, Ended> {
        let (mut written, mut missing) = (0_u64, 0_u64);
        for entry in self.entries {
            let entry = entry.context("the manifest").map_err(Ended::Unwritable)?;
            if !self.filter.takes(&entry) {
                continue;
            }
            match text_of(&self.folder, &entry) {
                Ok(text) => {
                    write(entry, without_front_matter(&text))?;
                    written += 1;
                }
                Err(error) => {
                    message(&format!("{error}; left out"));
                    missing += 1;
                }
            }
        }
        tracing::info!(written, missing, "exported");
        Ok(if missing == 0 { Code::AllWell } else { Code::SomeFailed })
    }
}

fn text_of(folder: &Path, entry: &Entry) -> Result<String, anyhow::Error> {
    let file = entry.record.path.under(folder);
    std::fs::read_to_string(&file).map_err(|error| {
        if error.kind() == io::ErrorKind::NotFound {
            anyhow!("{}: the text is not there", file.display())
        } else {
            OutputError::of(&file, error).into()
        }
    })
}
