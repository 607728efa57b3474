//! `gleaner verify`: is everything there once, and as it was written?

use super::check::ConfigArgs;
use super::code::{Code, Ended};
use super::terminal::{plain, print};
use crate::frontier::FrontierError;
use crate::ledger::{self, Finding, FindingKind, LedgerError, Report};
use crate::output::OutputError;
use clap::{Args, ValueEnum};
use std::fmt::Write as _;
use std::path::Path;

/// The arguments of `gleaner verify`.
#[derive(Debug, Clone, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Unpack and compare the raw pages of [raw] too
    #[arg(long)]
    raw: bool,
}

/// The form of a result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON object
    Json,
}

/// Holds store, manifest and texts against each other; changes nothing.
///
/// # Errors
/// A configuration that cannot be used; a store or a folder that cannot be read.
pub(crate) async fn run(args: &VerifyArgs) -> Result<Code, Ended> {
    let config = args.config.read()?;
    let raw = args.raw.then(|| config.raw.folder.clone());
    let looked = tokio::task::spawn_blocking(move || {
        let (folder, store) = (config.output.folder, config.frontier.store);
        ledger::verify(&folder, &store, raw.as_deref()).map_err(|error| refused(error, &store))
    });
    let report = looked.await.map_err(anyhow::Error::from)??;
    match args.format {
        Format::Text => print(&text(&report))?,
        Format::Json => print(&format!("{}\n", json(&report)))?,
    }
    Ok(if report.findings.is_empty() { Code::AllWell } else { Code::SomeFailed })
}

/// Why a ledger cannot be read: where somebody else is at work or the file is another one, the user can put that right;
/// else it is the disk.
pub(crate) fn refused(error: LedgerError, store: &Path) -> Ended {
    if let LedgerError::Frontier(
        FrontierError::Busy { .. } | FrontierError::Newer { .. } | FrontierError::Foreign { .. },
    )
    | LedgerError::Output(OutputError::Busy { .. }) = error
    {
        return Ended::Usage(error.into());
    }
    let said = error.to_string();
    let cause = anyhow::Error::new(error);
    let path = store.display().to_string();
    Ended::Unwritable(if said.contains(&path) { cause } else { cause.context(path) })
}

fn text(report: &Report) -> String {
    let mut out = String::new();
    for finding in report.findings.iter().chain(&report.notes) {
        push_line(&mut out, finding);
    }
    let counts = &report.counts;
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "pages: {} discovered = {} queued + {} leased + {} written + {} same + {} not articles + {} failed",
        counts.discovered,
        counts.queued,
        counts.leased,
        counts.written,
        counts.same,
        counts.not_articles,
        counts.failed
    );
    let beside = match report.daemon {
        Some(pid) => format!(", beside the daemon (process {pid})"),
        None if report.beside_a_daemon => ", beside the daemon".to_owned(),
        None => String::new(),
    };
    let left = match report.notes.len() {
        0 => String::new(),
        notes => format!("; {notes} left to the next run"),
    };
    if let Some(whole) = report.raw_pages {
        let damaged = report.count(FindingKind::DamagedRaw);
        let _ = writeln!(out, "raw pages: {whole} as they were kept, {damaged} damaged");
    }
    let _ = writeln!(
        out,
        "texts: {} as they were written, {} lost, {} doubled, {} changed, {} findings in all{left}{beside}",
        report.texts,
        report.count(FindingKind::Lost),
        report.count(FindingKind::Doubled),
        report.count(FindingKind::Changed),
        report.findings.len(),
    );
    out
}

/// `lost 0123456789abcdef news.test/2026-11-22/a-01234567.txt: it is not there; remedy`
pub(crate) fn push_line(out: &mut String, finding: &Finding) {
    let Finding { kind, key, path, what, remedy } = finding;
    let key = key.map(|key| format!(" {key}")).unwrap_or_default();
    let path = path.as_ref().map(|path| format!(" {path}")).unwrap_or_default();
    let line = plain(&format!("{}{key}{path}: {what}; {remedy}", kind.id()));
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{line}");
}

fn json(report: &Report) -> serde_json::Value {
    let count = |kind| report.count(kind);
    serde_json::json!({
        "ok": report.findings.is_empty(),
        "texts": report.texts,
        "raw_pages": report.raw_pages,
        "lost": count(FindingKind::Lost),
        "doubled": count(FindingKind::Doubled),
        "changed": count(FindingKind::Changed),
        "counts": report.counts,
        "findings": report.findings,
        "notes": report.notes,
        "beside_a_daemon": report.beside_a_daemon,
        "daemon": report.daemon,
    })
}
