//! `gleaner reload`: has a running daemon read its configuration again, and tells what came of it.

use super::check::ConfigArgs;
use super::code::{Code, Ended};
use super::run_file::RunFile;
use super::terminal::{message, print};
use crate::frontier::holder;
use anyhow::anyhow;
use clap::Args;
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long the daemon's answer is waited for: reading all site rules takes less than a second.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often it is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The arguments of `gleaner reload`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ReloadArgs {
    #[command(flatten)]
    config: ConfigArgs,
}

/// Sends SIGHUP to the daemon that has the configuration's store, and waits for its word.
///
/// # Errors
/// A configuration that cannot be used, with its line: then the daemon is not asked. No daemon, or none that answers.
pub(crate) async fn run(args: &ReloadArgs) -> Result<Code, Ended> {
    let config = args.config.read()?;
    let store = &config.frontier.store;
    let Some(pid) = holder(store).and_then(|holder| holder.pid) else {
        let none = anyhow!("{}: no daemon runs with this store; start it with `gleaner run`", store.display());
        return Err(Ended::Usage(none));
    };
    let before = reloads(store, pid).unwrap_or(0);
    hang_up(pid)?;
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        sleep(LOOK_EVERY).await;
        let said = RunFile::read(store, pid).and_then(|file| file.reload);
        if let Some(reload) = said.filter(|reload| reload.number > before) {
            return tell(reload.taken, &reload.said);
        }
        if holder(store).is_none() {
            return Err(Ended::Unwritable(anyhow!("the daemon (process {pid}) has ended")));
        }
    }
    let seconds = PATIENCE.as_secs();
    Err(Ended::Unwritable(anyhow!("the daemon (process {pid}) has not answered for {seconds} s; its log says more")))
}

fn reloads(store: &Path, pid: u32) -> Option<u64> {
    RunFile::read(store, pid)?.reload.map(|reload| reload.number)
}

fn tell(taken: bool, said: &str) -> Result<Code, Ended> {
    if taken {
        return print(&format!("configuration taken: {said}\n")).map(|()| Code::AllWell);
    }
    message(&format!("the daemon keeps its old configuration: {said}"));
    Ok(Code::Usage)
}

#[cfg(unix)]
fn hang_up(pid: u32) -> Result<(), Ended> {
    use rustix::process::{Pid, Signal, kill_process};
    let process = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let process = process.ok_or_else(|| anyhow!("{pid} is no process"))?;
    kill_process(process, Signal::HUP)
        .map_err(|error| Ended::Usage(anyhow!("the daemon (process {pid}) cannot be asked: {error}; ask as its user")))
}

#[cfg(not(unix))]
fn hang_up(_: u32) -> Result<(), Ended> {
    Err(Ended::Usage(anyhow!("this system has no SIGHUP; stop the daemon and start it again")))
}
