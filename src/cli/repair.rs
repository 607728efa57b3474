//! `gleaner repair`: the store by the manifest, the manifest by the store, both by the texts.

use super::check::{ConfigArgs, count};
use super::code::{Code, Ended};
use super::terminal::print;
use super::verify::{Format, push_line, refused};
use crate::ledger::{self, Repaired, Wish};
use clap::Args;
use std::fmt::Write as _;

/// The arguments of `gleaner repair`.
#[derive(Debug, Clone, Args)]
pub(crate) struct RepairArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Change nothing; tell what would be done
    #[arg(long)]
    dry_run: bool,
    /// Have texts fetched once more that are lost or have other bytes than were written
    #[arg(long)]
    refetch: bool,
    /// Make a new store although the old one can be used; feeds are polled anew
    #[arg(long)]
    rebuild: bool,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

/// Mends what was lost or damaged, and verifies the whole afterwards.
///
/// # Errors
/// A configuration that cannot be used, a daemon at work, a disk that fails.
pub(crate) async fn run(args: &RepairArgs) -> Result<Code, Ended> {
    let config = args.config.read()?;
    let wish = Wish { dry_run: args.dry_run, refetch: args.refetch, rebuild: args.rebuild };
    let mended = tokio::task::spawn_blocking(move || {
        let (folder, store) = (config.output.folder, config.frontier.store);
        ledger::repair(&folder, &store, wish).map_err(|error| refused(error, &store))
    });
    let done = mended.await.map_err(anyhow::Error::from)??;
    match args.format {
        Format::Text => print(&text(&done, args.dry_run))?,
        Format::Json => print(&format!("{}\n", serde_json::json!(done)))?,
    }
    let is_well = done.after.findings.is_empty() && (!args.dry_run || done.is_nothing());
    Ok(if is_well { Code::AllWell } else { Code::SomeFailed })
}

fn text(done: &Repaired, is_dry: bool) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{text}");
    };
    done.store_damage.iter().for_each(|damage| line(format!("store: {damage}")));
    if done.store_was_absent {
        line("store: there is none".into());
    }
    let will = if is_dry { "would be " } else { "" };
    if done.store_is_new {
        let salvaged = count(usize::try_from(done.salvaged).unwrap_or(usize::MAX), "page");
        line(format!("store: {will}made anew, {salvaged} taken over from the old one; feeds {will}polled anew"));
    }
    for (number, what) in [
        (done.recalled, "made known to the store"),
        (done.of_front_matter, "of them known by their front matter alone"),
        (done.listed, "listed in the manifest"),
        (done.requeued, "put back into the queue, to be fetched once more"),
        (done.compared, "held against the others, for copies"),
    ] {
        if number > 0 {
            line(format!("{}: {will}{what}", count(usize::try_from(number).unwrap_or(usize::MAX), "text")));
        }
    }
    if done.orphans > 0 {
        let pages = count(usize::try_from(done.orphans).unwrap_or(usize::MAX), "page");
        line(format!("{pages}, left out as copies of what is not there: {will}put back into the queue"));
    }
    if done.bad_lines > 0 {
        line(format!(
            "manifest: {} that cannot be read {will}taken out",
            count(usize::try_from(done.bad_lines).unwrap_or(usize::MAX), "line")
        ));
    }
    for path in &done.nameless {
        line(format!("unknown {path}: its URL cannot be known; if a feed still has it, it is fetched once more"));
    }
    done.kept_aside.iter().for_each(|path| line(format!("kept: {}", path.display())));
    if done.is_nothing() {
        line("nothing to repair".into());
    }
    let after = &done.after;
    after.findings.iter().for_each(|finding| push_line(&mut out, finding));
    let _ = writeln!(out, "verified: {} texts as they were written, {} findings", after.texts, after.findings.len());
    out
}
