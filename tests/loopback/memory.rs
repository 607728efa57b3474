//! What something costs in memory, measured in a process of its own: the test runs itself again for one job.

use std::process::Stdio;
use tokio::process::Command;

/// The variable that says which job the process is there for.
const JOB: &str = "GLEANER_TEST_JOB";

/// How a job ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// What it had to say.
    pub(crate) said: String,
    /// The most memory that the process held, in KiB; `None` where the system does not tell.
    pub(crate) peak_kib: Option<u64>,
}

/// The job that this process is there for; `None` in the ordinary run of the tests.
pub(crate) fn job() -> Option<String> {
    std::env::var(JOB).ok()
}

/// Ends a job: one line for whoever waits for it.
#[allow(clippy::print_stdout, reason = "it is how a job answers")]
pub(crate) fn end(said: &str) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak_kib = peak.and_then(|peak| peak.split_whitespace().next()).unwrap_or("?");
    println!("job ended: {peak_kib} {said}");
}

/// Runs the test `name` of this binary as a process of its own, for `job`.
pub(crate) async fn run(name: &str, job: &str) -> Ended {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--nocapture", "--test-threads", "1"]).env(JOB, job).stdin(Stdio::null());
    let output = command.kill_on_drop(true).output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find_map(|line| line.split_once("job ended: ")).map(|(_, line)| line);
    let line = line.unwrap_or_else(|| panic!("{name} {job}: {text}{}", String::from_utf8_lossy(&output.stderr)));
    let (peak, said) = line.split_once(' ').unwrap();
    Ended { said: said.to_owned(), peak_kib: peak.parse().ok() }
}

/// The most that a job may hold, in MiB, beside what the process needs anyway.
pub(crate) fn assert_below(ended: &Ended, most_mib: u64) {
    if let Some(peak_kib) = ended.peak_kib {
        assert!(peak_kib <= most_mib * 1024, "{} MiB, more than {most_mib}: {}", peak_kib / 1024, ended.said);
    }
}
