//! One system over the pages that `eval/peers/run.py` asks for.
//!
//! `peer SYSTEM` reads a JSON object a line from standard input, `{"path", "url", "times", "model"}`, and answers each with
//! a line: `{"seconds", "text", "title", "author", "date"}`, or `{"fault"}` where the system gave up or panicked.
//! The page is read before the clock starts, extracted `times` times in a row, and the least time counts: processor
//! time of the whole process, which neighbours on the machine disturb least. Who takes text is given it decoded, before
//! the clock; who takes bytes decodes them while it runs.

mod systems;

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
pub use systems::{Found, Input, System, system};

/// Some peers walk trees by recursion; a page of the corpora must not end them.
const STACK_BYTES: usize = 256 << 20;

#[derive(Deserialize)]
struct Request {
    path: String,
    url: Option<String>,
    /// How often in a row the page is extracted.
    times: u32,
    /// A model file for Gleaner instead of its own.
    model: Option<PathBuf>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Found {
        /// The least processor time of one extraction.
        seconds: f64,
        #[serde(flatten)]
        found: Found,
    },
    Fault {
        fault: String,
    },
}

/// Answers until standard input ends; fails where the system is unknown or a line cannot be read.
pub fn main() -> ExitCode {
    let Some(system) = std::env::args().nth(1).and_then(|name| system(&name)) else {
        eprintln!("usage: peer SYSTEM, one of {}", systems::NAMES.join(", "));
        return ExitCode::FAILURE;
    };
    std::panic::set_hook(Box::new(|_| {}));
    let worker = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || serve(&*system()));
    match worker.map(std::thread::JoinHandle::join) {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        Ok(Ok(Err(error))) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
        _ => ExitCode::FAILURE,
    }
}

fn serve(run: &System) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let request: Request = serde_json::from_str(&line?)?;
        serde_json::to_writer(&mut out, &answer(run, request)?)?;
        out.write_all(b"\n")?;
        out.flush()?;
    }
    Ok(())
}

fn answer(run: &System, request: Request) -> std::io::Result<Answer> {
    let input = Input::new(std::fs::read(&request.path)?, request.url.as_deref(), request.model);
    let mut least = f64::INFINITY;
    let mut last = Err("asked for nothing".to_owned());
    for _ in 0..request.times {
        let start = processor_seconds();
        last = catch_unwind(AssertUnwindSafe(|| run(&input))).unwrap_or_else(|_| Err("panic".to_owned()));
        least = least.min(processor_seconds() - start);
    }
    Ok(match last {
        Ok(found) => Answer::Found { seconds: least, found },
        Err(fault) => Answer::Fault { fault },
    })
}

fn processor_seconds() -> f64 {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
}
