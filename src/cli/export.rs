//! `gleaner export`: what the daemon has collected, in one file or stream.

use super::check::ConfigArgs;
use super::code::{Code, Ended, OrUsage as _};
use super::terminal::message;
use super::verify::refused;
use crate::config::FeedConfig;
use crate::key::Key;
use crate::ledger::without_front_matter;
use crate::output::{Entry, LatestEntries, OutputError};
use anyhow::{Context as _, anyhow};
use clap::Args;
use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan as _};
use serde::Serialize;
use std::collections::HashSet;
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

fn since(text: &str) -> Result<Timestamp, jiff::Error> {
    moment(text, Ok)
}

/// A day counts to its end.
fn until(text: &str) -> Result<Timestamp, jiff::Error> {
    let end = |day: Date| day.checked_add(1.day());
    let of_day = !text.contains(['T', 't', ' ']);
    moment(text, end).and_then(|moment| if of_day { moment.checked_sub(1.nanosecond()) } else { Ok(moment) })
}

fn moment(text: &str, of_day: impl Fn(Date) -> Result<Date, jiff::Error>) -> Result<Timestamp, jiff::Error> {
    match text.parse::<Date>() {
        Ok(day) if !text.contains(['T', 't', ' ']) => Offset::UTC.to_timestamp(of_day(day)?.at(0, 0, 0, 0)),
        _ => text.parse(),
    }
}

fn share(text: &str) -> Result<f32, String> {
    let share = text.parse::<f32>().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "is no number from 0 to 1".to_owned())
}

/// What is wanted of all that there is.
#[derive(Debug, Default)]
struct Filter {
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    /// Empty: all of them.
    feeds: HashSet<Key>,
    /// Lower case; empty: all of them.
    languages: Vec<String>,
    min_confidence: Option<f32>,
}

impl Filter {
    fn takes(&self, Entry { record, .. }: &Entry) -> bool {
        let day = |date: Date| Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok();
        let published = record.published.and_then(|published| published.timestamp.or_else(|| day(published.date)));
        let moment = published.unwrap_or(record.fetched);
        let language = record.language.as_deref().unwrap_or_default().to_lowercase();
        let speaks =
            |tag: &String| language.strip_prefix(tag.as_str()).is_some_and(|it| it.is_empty() || it.starts_with('-'));
        self.since.is_none_or(|since| moment >= since)
            && self.until.is_none_or(|until| moment <= until)
            && (self.feeds.is_empty() || record.feed.as_ref().is_some_and(|feed| self.feeds.contains(&Key::of(feed))))
            && (self.languages.is_empty() || self.languages.iter().any(speaks))
            && self.min_confidence.is_none_or(|least| record.confidence.is_some_and(|found| found >= least))
    }
}

/// A line: all that the manifest says, and the text.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    entry: &'a Entry,
    text: &'a str,
}

/// Writes the texts that are wanted, one JSON object a line, in the order in which they were last written. May be asked
/// beside a running daemon.
///
/// # Errors
/// A configuration that cannot be used, a manifest that cannot be read, a file that cannot be written.
pub(crate) async fn run(args: ExportArgs) -> Result<Code, Ended> {
    let config = args.config.read()?;
    let filter = filter(&args, &config.feeds).or_usage()?;
    let (folder, store) = (config.output.folder, config.frontier.store);
    let exported = tokio::task::spawn_blocking(move || {
        let entries = LatestEntries::open(&folder).map_err(|error| refused(error.into(), &store))?;
        match &args.file {
            None => export(&folder, entries, &filter, io::stdout().lock(), None),
            Some(file) => into_file(&folder, entries, &filter, file),
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
fn into_file(folder: &Path, entries: LatestEntries, filter: &Filter, file: &Path) -> Result<Code, Ended> {
    let unwritable =
        |error: io::Error| Ended::Unwritable(anyhow::Error::new(error).context(file.display().to_string()));
    let beside = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let unfinished = tempfile::NamedTempFile::new_in(beside).map_err(unwritable)?;
    let code = export(folder, entries, filter, unfinished.as_file(), Some(file))?;
    unfinished.as_file().sync_all().map_err(unwritable)?;
    unfinished.persist(file).map_err(|failed| unwritable(failed.error))?;
    beside_is_synced(beside).map_err(unwritable)?;
    Ok(code)
}

fn beside_is_synced(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Writes a line for each text that is wanted; one that is not there is named.
fn export(
    folder: &Path,
    entries: LatestEntries,
    filter: &Filter,
    out: impl Write,
    file: Option<&Path>,
) -> Result<Code, Ended> {
    let unwritable = |error: io::Error| match (error.kind(), file) {
        (io::ErrorKind::BrokenPipe, None) => Ended::ReaderGone,
        (_, file) => {
            let name = file.map_or("standard output".to_owned(), |file| file.display().to_string());
            Ended::Unwritable(anyhow::Error::new(error).context(name))
        }
    };
    let mut out = BufWriter::new(out);
    let (mut written, mut missing) = (0_u64, 0_u64);
    for entry in entries {
        let entry = entry.context("the manifest").map_err(Ended::Unwritable)?;
        if !filter.takes(&entry) {
            continue;
        }
        match text_of(folder, &entry) {
            Ok(text) => {
                let line = Line { entry: &entry, text: without_front_matter(&text) };
                serde_json::to_writer(&mut out, &line).map_err(|error| unwritable(error.into()))?;
                out.write_all(b"\n").map_err(unwritable)?;
                written += 1;
            }
            Err(error) => {
                message(&format!("{error}; left out"));
                missing += 1;
            }
        }
    }
    out.flush().map_err(unwritable)?;
    tracing::info!(written, missing, "exported");
    Ok(if missing == 0 { Code::AllWell } else { Code::SomeFailed })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(more: &str) -> Entry {
        let line = format!(
            r#"{{"key":"0123456789abcdef","url":"http://a.test/1","aliases":[],"path":"a.txt","title":null,
            "published":null,"fetched":"2026-11-20T10:00:00Z","verdict":"article","hash":"00"{more}}}"#
        );
        serde_json::from_str(&line).unwrap()
    }

    #[test]
    fn texts_are_taken_by_when_they_were_published_else_fetched() {
        let takes = |from: Option<&str>, to: Option<&str>, entry: &Entry| {
            let filter = Filter {
                since: from.map(|text| since(text).unwrap()),
                until: to.map(|text| until(text).unwrap()),
                ..Filter::default()
            };
            filter.takes(entry)
        };
        let (undated, dated) = (entry(""), entry(""));
        let day = crate::article::Published { date: jiff::civil::date(2026, 11, 18), timestamp: None };
        let mut dated = dated;
        dated.record.published = Some(day);
        assert!(takes(Some("2026-11-20"), Some("2026-11-20"), &undated));
        assert!(!takes(Some("2026-11-20T10:00:01Z"), None, &undated) && !takes(None, Some("2026-11-19"), &undated));
        assert!(takes(Some("2026-11-18"), Some("2026-11-18"), &dated) && !takes(Some("2026-11-19"), None, &dated));
        assert!(since("yesterday").is_err() && until("2026-13-01").is_err());
    }

    #[test]
    fn old_lines_without_language_confidence_or_feed_are_left_out_where_those_are_asked_for() {
        let (old, new) =
            (entry(""), entry(r#","language":"en-gb","confidence":0.9,"feed":"http://a.test/feed?utm_source=x""#));
        let feed = Key::of(&Url::parse("http://a.test/feed").unwrap());
        for filter in [
            Filter { languages: vec!["en".into()], ..Filter::default() },
            Filter { min_confidence: Some(0.9), ..Filter::default() },
            Filter { feeds: HashSet::from([feed]), ..Filter::default() },
        ] {
            assert!(filter.takes(&new) && !filter.takes(&old), "{filter:?}");
        }
        let others = Filter { languages: vec!["e".into(), "en-us".into()], ..Filter::default() };
        assert!(!others.takes(&new));
        assert!(Filter::default().takes(&old));
        assert!(share("1.1").is_err() && share("NaN").is_err() && share("0.5").is_ok());
    }
}
