//! `gleaner status`: feeds, queue and hosts as they stand in the store, and the daemon that works on it.

use super::check::{ConfigArgs, count};
use super::code::{Code, Ended, OrUsage as _};
use super::run_file::RunFile;
use super::terminal::{plain, print};
use crate::config::Config;
use crate::crawl::OPENS_AFTER;
use crate::frontier::{StoreView, StoredFailure, StoredFeed, StoredHost, Totals, holder};
use anyhow::anyhow;
use clap::{Args, ValueEnum};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::fmt::Write as _;

/// Pages that have failed are shown up to this number, unless more are asked for.
const FAILURES: usize = 20;

/// The arguments of `gleaner status`.
#[derive(Debug, Clone, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// How it is written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Form,
    /// How many pages that have failed are shown
    #[arg(long, value_name = "NUMBER", default_value_t = FAILURES)]
    failures: usize,
}

/// How what the store knows is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// Tables for people
    #[default]
    Table,
    /// One JSON object
    Json,
}

/// All that is told.
#[derive(Debug, Serialize)]
struct Status {
    /// `None`: none runs.
    daemon: Option<Daemon>,
    pages: Pages,
    feeds: Vec<StoredFeed>,
    failures: Vec<StoredFailure>,
    hosts: Vec<HostStatus>,
}

#[derive(Debug, Serialize)]
struct Daemon {
    pid: Option<u32>,
    /// What it says of itself; `None` where it has not said anything yet.
    #[serde(flatten)]
    said: Option<RunFile>,
}

#[derive(Debug, Serialize)]
struct Pages {
    queued: u64,
    /// Those of the queued ones that have failed before.
    queued_failing: u64,
    at_work: u64,
    written: u64,
    without_article: u64,
    same: u64,
    old: u64,
    failed: u64,
}

#[derive(Debug, Serialize)]
struct HostStatus {
    #[serde(flatten)]
    host: StoredHost,
    rests: bool,
    circuit_open: bool,
}

/// Reads the store and says how things stand.
///
/// # Errors
/// A configuration or a store that cannot be used.
pub(crate) fn run(args: &StatusArgs) -> Result<Code, Ended> {
    let config = args.config.read()?;
    let now = Timestamp::now();
    let status = look(&config, args.failures, now)?;
    match args.format {
        Form::Table => print(&table(&status, now))?,
        Form::Json => print(&format!("{}\n", serde_json::to_string(&status).map_err(anyhow::Error::from)?))?,
    }
    Ok(Code::AllWell)
}

fn look(config: &Config, failures: usize, now: Timestamp) -> Result<Status, Ended> {
    let store = &config.frontier.store;
    let view = StoreView::open(store).or_usage()?;
    let none = || Ended::Usage(anyhow!("{}: no such store yet; `gleaner run` makes it", store.display()));
    let view = view.ok_or_else(none)?;
    let totals = view.totals(now).or_usage()?;
    let Totals { pages_queued, pages_failing, pages_leased, pages_written, .. } = totals;
    let Totals { pages_without_article, pages_same, pages_old, pages_failed, .. } = totals;
    let host = |host: StoredHost| {
        let (rests, circuit_open) = (host.rests_until > now, host.failures >= OPENS_AFTER);
        HostStatus { host, rests, circuit_open }
    };
    Ok(Status {
        daemon: holder(store).map(|holder| {
            let said = holder.pid.and_then(|pid| RunFile::read(store, pid));
            Daemon { pid: holder.pid, said }
        }),
        pages: Pages {
            queued: pages_queued,
            queued_failing: pages_failing,
            at_work: pages_leased,
            written: pages_written,
            without_article: pages_without_article,
            same: pages_same,
            old: pages_old,
            failed: pages_failed,
        },
        feeds: view.feeds().or_usage()?,
        failures: view.failures(failures).or_usage()?,
        hosts: view.hosts(now).or_usage()?.into_iter().map(host).collect(),
    })
}

fn table(status: &Status, now: Timestamp) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_all(&mut text, status, now);
    text
}

fn write_all(text: &mut String, status: &Status, now: Timestamp) -> std::fmt::Result {
    daemon(text, status.daemon.as_ref(), now)?;
    let Pages { queued, queued_failing, at_work, written, without_article, same, old, failed } = status.pages;
    writeln!(
        text,
        "pages   {queued} queued ({queued_failing} of them failed before), {at_work} at work, {written} written,"
    )?;
    writeln!(
        text,
        "        {without_article} without an article, {same} the same as another, {old} too old, {failed} given up"
    )?;
    let rows = status.feeds.iter().map(|feed| feed_row(feed, now)).collect();
    section(text, "feeds", &["feed", "last success", "next", "why then", "failures", "what happened"], rows)?;
    let rows = status.failures.iter().map(|page| failure_row(page, now)).collect();
    section(text, "pages that failed", &["page", "attempts", "next", "class", "what happened"], rows)?;
    let rows = status.hosts.iter().map(|host| host_row(host, now)).collect();
    section(text, "hosts that rest or fail", &["host", "until", "failures", "circuit", "what happened"], rows)
}

fn daemon(text: &mut String, daemon: Option<&Daemon>, now: Timestamp) -> std::fmt::Result {
    let Some(daemon) = daemon else { return writeln!(text, "daemon  none runs") };
    let pid = daemon.pid.map_or_else(|| "of unknown number".to_owned(), |pid| pid.to_string());
    let Some(said) = &daemon.said else { return writeln!(text, "daemon  process {pid}") };
    writeln!(text, "daemon  process {pid}, version {}, started {}", said.version, moment(said.started, now))?;
    if let Some(paused) = &said.paused {
        writeln!(text, "        paused {}: {}", moment(paused.since, now), plain(&paused.cause))?;
    }
    let Some(reload) = &said.reload else { return Ok(()) };
    let taken = if reload.taken { "taken" } else { "refused, the old configuration stays" };
    writeln!(text, "        last reload {}: {taken}: {}", moment(reload.at, now), plain(&reload.said))
}

fn feed_row(feed: &StoredFeed, now: Timestamp) -> Vec<String> {
    let name = feed.title.as_ref().unwrap_or(&feed.url);
    vec![
        plain(name),
        feed.succeeded.map_or_else(|| "never".into(), |at| moment(at, now)),
        feed.next.map_or_else(|| "at work".into(), |at| moment(at, now)),
        feed.reason.as_deref().map(plain).unwrap_or_default(),
        feed.failures.to_string(),
        happened(feed.class.as_deref(), feed.cause.as_deref()),
    ]
}

fn failure_row(page: &StoredFailure, now: Timestamp) -> Vec<String> {
    vec![
        plain(&page.url),
        page.attempts.to_string(),
        page.next.map_or_else(|| "never".into(), |at| moment(at, now)),
        page.class.clone().unwrap_or_default(),
        plain(page.cause.as_deref().unwrap_or_default()),
    ]
}

fn host_row(HostStatus { host, rests, circuit_open }: &HostStatus, now: Timestamp) -> Vec<String> {
    vec![
        plain(&host.host),
        if *rests { moment(host.rests_until, now) } else { "now".into() },
        host.failures.to_string(),
        if *circuit_open { "open" } else { "closed" }.into(),
        plain(host.cause.as_deref().unwrap_or_default()),
    ]
}

fn happened(class: Option<&str>, cause: Option<&str>) -> String {
    match (class, cause) {
        (Some(class), Some(cause)) => format!("{class}: {}", plain(cause)),
        (_, cause) => plain(cause.unwrap_or_default()),
    }
}

/// A moment as seen from now: `in 4 min`, `3 h ago`.
fn moment(at: Timestamp, now: Timestamp) -> String {
    let away = at.duration_since(now);
    let length = match away.abs() {
        away if away < SignedDuration::from_secs(1) => return "now".to_owned(),
        away if away < SignedDuration::from_mins(2) => format!("{} s", away.as_secs()),
        away if away < SignedDuration::from_hours(2) => format!("{} min", away.as_mins()),
        away if away < SignedDuration::from_hours(48) => format!("{} h", away.as_hours()),
        away => format!("{} days", away.as_hours() / 24),
    };
    if away.is_negative() { format!("{length} ago") } else { format!("in {length}") }
}

/// A table with its heading; one line where there is nothing in it.
fn section(text: &mut String, name: &str, head: &[&str], rows: Vec<Vec<String>>) -> std::fmt::Result {
    if rows.is_empty() {
        return writeln!(text, "\n{name}: none");
    }
    writeln!(text, "\n{name} ({}):", count(rows.len(), "row"))?;
    let head: Vec<String> = head.iter().map(|&word| word.to_owned()).collect();
    let width = |column: usize| rows.iter().chain([&head]).map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    for row in std::iter::once(&head).chain(&rows) {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}"));
        writeln!(text, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_as_seen_from_now() {
        let now = Timestamp::from_second(1_790_000_000).unwrap();
        let of = |seconds: i64| moment(now + SignedDuration::from_secs(seconds), now);
        let told = [0, 5, -119, 121, -7199, 7200, 10 * 86_400].map(of);
        assert_eq!(told, ["now", "in 5 s", "119 s ago", "in 2 min", "119 min ago", "in 2 h", "in 10 days"]);
    }

    #[test]
    fn columns_are_as_wide_as_they_must_be() {
        let mut text = String::new();
        let rows = vec![vec!["a longer one".to_owned(), "1".to_owned()], vec!["b".to_owned(), String::new()]];
        section(&mut text, "things", &["name", "n"], rows).unwrap();
        assert_eq!(text, "\nthings (2 rows):\nname          n\na longer one  1\nb\n");
    }
}
