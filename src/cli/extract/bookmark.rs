//! The state of a call that writes somewhere, beside what it writes, for `--resume`: how far it has come.
//!
//! It is written each second and when the call is asked to stop, always behind the output itself, so that what it says
//! is there: a run that goes on from it loses nothing, and what was written after it, by a run that was killed, is cut
//! off (a file of lines) or written again under the same names (a folder). A call that has come to its end takes it
//! away.

use super::ExtractArgs;
use super::order::Through;
use super::outlet::refuse_taken;
use crate::cli::code::Tally;
use crate::cli::source::{Input, Source};
use anyhow::{Context as _, anyhow, bail, ensure};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Another number where a field goes or means something else.
const VERSION: u32 = 1;

/// How long a run that is killed has worked in vain, at most.
const INTERVAL: Duration = Duration::from_secs(1);

/// How far a call has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    version: u32,
    /// A hash of what the call was asked for.
    call: String,
    /// How many of its inputs are done, from the first on.
    pub(super) inputs: usize,
    /// The batch behind them that is not.
    pub(super) batch: Option<BatchProgress>,
    /// What the call has written, in bytes of the file of lines or of the folder's manifest.
    pub(super) written: Range<u64>,
    pub(super) tally: Tally,
}

/// How far a batch has been delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct BatchProgress {
    /// As the user named it.
    input: String,
    /// How long its file is, in bytes; `None` for standard input and pipes.
    file_bytes: Option<u64>,
    pub(super) through: Through,
}

impl BatchProgress {
    pub(super) fn new(input: &Input, file_bytes: Option<u64>, through: Through) -> Self {
        Self { input: input.name.clone(), file_bytes, through }
    }
}

/// The file in which a call's progress is kept.
#[derive(Debug)]
pub(super) struct Bookmark {
    path: PathBuf,
    call: String,
    kept: Instant,
    is_there: bool,
    /// Whether this call has begun it.
    is_new: bool,
    has_failed: bool,
}

/// What a call finds of an earlier one.
pub(super) enum Found {
    /// Nothing, or nothing that it asks for.
    Nothing,
    /// Where to go on.
    Unfinished(Box<Progress>),
    /// All is done.
    Finished,
}

impl Bookmark {
    /// The bookmark of a call, which stands beside what it writes.
    pub(super) fn new(output: &Path, args: &ExtractArgs, inputs: &[Input]) -> Self {
        let (path, call, kept) = (path_of(output), call(args, inputs), Instant::now());
        Self { path, call, kept, is_there: false, is_new: false, has_failed: false }
    }

    /// Where it stands.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Looks for what an earlier call has left. What a file of lines without a bookmark holds is whole.
    ///
    /// # Errors
    /// A bookmark that cannot be read, is of another call, or is in the way of a call that begins anew; an input that has
    /// changed; an output that another call is writing.
    pub(super) fn find(&mut self, resumes: bool, lines: Option<&Path>, inputs: &[Input]) -> anyhow::Result<Found> {
        let text = match fs::read_to_string(&self.path) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                // An empty one was made by a call that came no further.
                let has_bytes = |lines: &Path| fs::metadata(lines).is_ok_and(|facts| facts.len() > 0);
                let is_finished = resumes && lines.is_some_and(has_bytes);
                return Ok(if is_finished { Found::Finished } else { Found::Nothing });
            }
            read => read.with_context(|| self.path.display().to_string())?,
        };
        if !resumes {
            lines.map_or(Ok(()), refuse_taken)?;
            ensure!(
                lines.is_none(),
                "{}: an earlier call was stopped here; go on with --resume, or remove this file to begin anew",
                self.path.display()
            );
            return Ok(Found::Nothing);
        }
        self.is_there = true;
        let progress = self.read(&text)?;
        self.is_unchanged(&progress, inputs)?;
        Ok(Found::Unfinished(Box::new(progress)))
    }

    fn read(&self, text: &str) -> anyhow::Result<Progress> {
        let path = self.path.display();
        let progress: Progress = serde_json::from_str(text)
            .map_err(|cause| anyhow!("{path}: cannot be read ({cause}); remove it to begin anew"))?;
        if progress.version != VERSION || progress.call != self.call {
            bail!(
                "{path}: is of a call with other inputs or options; repeat that one, or remove this file to begin anew"
            );
        }
        Ok(progress)
    }

    /// # Errors
    /// A batch that is not as long as it was.
    fn is_unchanged(&self, progress: &Progress, inputs: &[Input]) -> anyhow::Result<()> {
        let Some(batch) = &progress.batch else { return Ok(()) };
        let Some(Input { source: Source::File(path), .. }) = inputs.get(progress.inputs) else { return Ok(()) };
        let facts = fs::metadata(path).with_context(|| batch.input.clone())?;
        let file_bytes = facts.is_file().then_some(facts.len());
        ensure!(
            file_bytes == batch.file_bytes,
            "{}: is longer or shorter than when the call was stopped; {}",
            batch.input,
            without(&self.path)
        );
        Ok(())
    }

    /// The progress of a call that begins.
    pub(super) fn nothing(&self) -> Progress {
        let (version, call) = (VERSION, self.call.clone());
        Progress { version, call, inputs: 0, batch: None, written: 0..0, tally: Tally::default() }
    }

    /// Keeps the progress of a call that begins.
    pub(super) fn begin(&mut self, progress: &Progress) {
        self.keep(progress);
        self.is_new = self.is_there;
    }

    /// Takes away what [`Self::begin`] has written, for the call comes to nothing.
    pub(super) fn forget(&mut self) {
        if self.is_new {
            self.remove();
        }
    }

    /// Whether it is time to keep the progress again.
    pub(super) fn is_due(&self) -> bool {
        self.kept.elapsed() >= INTERVAL
    }

    /// Keeps the progress: the file is always a whole one. Where that fails it is said once; the work goes on.
    pub(super) fn keep(&mut self, progress: &Progress) {
        match self.write(progress) {
            Ok(()) => self.is_there = true,
            Err(cause) if !self.has_failed => {
                self.has_failed = true;
                let path = self.path.display();
                tracing::warn!(%path, %cause, "cannot be written; without it --resume begins anew");
            }
            Err(_) => {}
        }
        self.kept = Instant::now();
    }

    fn write(&self, progress: &Progress) -> io::Result<()> {
        let mut new = self.path.clone().into_os_string();
        new.push(".new");
        let new = PathBuf::from(new);
        let mut file = File::create(&new)?;
        file.write_all(serde_json::to_string(progress)?.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(&new, &self.path)
    }

    /// Takes it away: all is done.
    pub(super) fn remove(&mut self) {
        if self.is_there
            && let Err(cause) = fs::remove_file(&self.path)
        {
            let path = self.path.display();
            tracing::warn!(%path, %cause, "cannot be removed, though all is done");
        }
    }
}

/// Where the bookmark of an output stands.
fn path_of(output: &Path) -> PathBuf {
    // A folder may be named with or without `/` at its end.
    let mut name: OsString = output.components().as_path().as_os_str().to_owned();
    name.push(".state");
    name.into()
}

/// What to do where a call cannot be gone on with.
pub(super) fn to_begin_anew(output: &Path) -> String {
    without(&path_of(output))
}

fn without(bookmark: &Path) -> String {
    format!("to begin anew remove {}", bookmark.display())
}

/// What a call was asked for, but for what may differ from run to run, as a hash.
fn call(args: &ExtractArgs, inputs: &[Input]) -> String {
    let asked = ExtractArgs {
        inputs: Vec::new(),
        from_file: None,
        threads: None,
        unordered: false,
        resume: false,
        ..args.clone()
    };
    blake3::hash(format!("{asked:?} {inputs:?}").as_bytes()).to_hex().to_string()
}
