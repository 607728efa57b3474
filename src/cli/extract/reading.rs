//! Reading the records of a batch by the threads that work on them.
//!
//! They take turns. Of a file they read a little ahead, lest they wait for each other; of what comes through a pipe each
//! record is worked on as soon as it is there.

use super::gate::Gate;
use super::order::Done;
use crate::cli::batch::{Batch, Broken, Record};
use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What may be held for each thread, in bytes as [`WORK`] counts them: pages of 4 MiB on all threads.
pub(super) const BYTES_A_THREAD: u64 = 64 * 1024 * 1024;

/// How many bytes a record in work is counted for each of its own: what parsing makes of pages.
const WORK: u64 = 16;

/// What everything that is held is counted beside its own bytes.
pub(super) const LEAST_BYTES: u64 = 2048;

/// A record that was taken to be worked on.
pub(super) struct Taken {
    pub(super) found: Result<Record, Broken>,
    pub(super) done: Done<u64>,
}

/// What is left of a batch.
pub(super) struct Reader {
    batch: Mutex<Batch>,
    /// Records that were read and wait to be worked on, in their order.
    ahead: Mutex<VecDeque<Taken>>,
    /// How many of them there may be.
    most_ahead: usize,
    /// Numbers of records that an earlier run has delivered.
    skipped: HashSet<u64>,
}

impl Reader {
    /// `most_ahead`: how many records may be read before somebody asks for them.
    pub(super) fn new(batch: Batch, most_ahead: usize, skipped: HashSet<u64>) -> Self {
        Self { batch: Mutex::new(batch), ahead: Mutex::default(), most_ahead, skipped }
    }

    /// Records that were passed over by their types. Waits for whoever reads.
    pub(super) fn passed_over(&self) -> Vec<(&'static str, u64)> {
        self.batch.lock().unwrap_or_else(PoisonError::into_inner).passed_over()
    }

    /// The next record; `None` where there is none or nobody wants it any more.
    pub(super) fn take(&self, gate: &Gate) -> Option<Taken> {
        self.read_ahead(gate);
        if let Some(taken) = self.ahead().pop_front() {
            return Some(taken);
        }
        // Where reading has panicked, nobody goes on.
        let mut batch = self.batch.lock().ok()?;
        // Whoever was reading may have read ahead.
        let taken = self.ahead().pop_front();
        taken.or_else(|| self.read(&mut batch, gate))
    }

    /// Reads what may be read ahead, unless somebody else is reading or there is no room.
    fn read_ahead(&self, gate: &Gate) {
        let Some(mut batch) = (self.most_ahead > 0).then(|| self.batch.try_lock().ok()).flatten() else { return };
        while self.ahead().len() < self.most_ahead && gate.has_room() {
            let Some(taken) = self.read(&mut batch, gate) else { return };
            self.ahead().push_back(taken);
        }
    }

    fn ahead(&self) -> MutexGuard<'_, VecDeque<Taken>> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the next record when there is room.
    fn read(&self, batch: &mut Batch, gate: &Gate) -> Option<Taken> {
        loop {
            if !gate.wait() {
                return None;
            }
            let found = batch.next()?;
            let number = found.as_ref().map_or_else(|broken| broken.number, |record| record.number);
            if self.skipped.contains(&number) {
                continue;
            }
            let bytes = found.as_ref().map_or(0, |record| record.content.bytes() as u64 * WORK) + LEAST_BYTES;
            let turn = gate.take(bytes)?;
            return Some(Taken { found, done: Done { turn, number, place: batch.place(), product: bytes } });
        }
    }
}
