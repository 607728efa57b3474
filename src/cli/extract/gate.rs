//! How much of a batch is under way: so many bytes, whatever the order in which they come to their end.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Counts what is held of a batch, in bytes: records in work, and results that wait to be delivered.
#[derive(Debug)]
pub(super) struct Gate {
    held: Mutex<Held>,
    changed: Condvar,
    most_bytes: u64,
}

#[derive(Debug, Default)]
struct Held {
    bytes: u64,
    /// Records that were let in.
    taken: u64,
    is_closed: bool,
}

impl Gate {
    /// A gate that opens where less than `most_bytes` are held. So what is held is less than that and one record.
    pub(super) fn new(most_bytes: u64) -> Self {
        Self { held: Mutex::default(), changed: Condvar::new(), most_bytes }
    }

    /// Waits until another record may be read; false where none is to be read any more.
    pub(super) fn wait(&self) -> bool {
        let is_full = |held: &mut Held| held.bytes >= self.most_bytes && !held.is_closed;
        let held = self.changed.wait_while(self.held(), is_full).unwrap_or_else(PoisonError::into_inner);
        !held.is_closed
    }

    /// Whether another record may be read now.
    pub(super) fn has_room(&self) -> bool {
        let held = self.held();
        held.bytes < self.most_bytes && !held.is_closed
    }

    /// Lets in a record that was read; gives how many were let in before, or `None` where it is to be forgotten.
    pub(super) fn take(&self, bytes: u64) -> Option<u64> {
        let mut held = self.held();
        if held.is_closed {
            return None;
        }
        held.bytes += bytes;
        held.taken += 1;
        Some(held.taken - 1)
    }

    /// What was held as so many bytes is now held as others.
    pub(super) fn exchange(&self, before: u64, after: u64) {
        let mut held = self.held();
        let was_full = held.bytes >= self.most_bytes;
        held.bytes = held.bytes.saturating_sub(before).saturating_add(after);
        // Nobody waits otherwise, and to call is to ask the system.
        if was_full {
            self.changed.notify_all();
        }
    }

    /// Lets nothing in any more; gives how many were let in.
    pub(super) fn close(&self) -> u64 {
        let mut held = self.held();
        held.is_closed = true;
        self.changed.notify_all();
        held.taken
    }

    /// How many bytes are held, and how many records were let in.
    #[cfg(test)]
    pub(super) fn now(&self) -> (u64, u64) {
        let held = self.held();
        (held.bytes, held.taken)
    }

    /// Nothing that could panic is done under this lock.
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::mpsc::channel;

    #[test]
    fn what_is_full_lets_in_when_something_has_gone() {
        let gate = Arc::new(Gate::new(100));
        assert_eq!((gate.wait(), gate.take(90), gate.wait(), gate.take(30)), (true, Some(0), true, Some(1)));
        let (sender, told) = channel();
        let waiting = std::thread::spawn({
            let gate = Arc::clone(&gate);
            move || {
                let is_open = gate.wait();
                sender.send("let in").unwrap();
                is_open
            }
        });
        // 120 are held, then 105: whoever waits is woken and has to wait on.
        gate.exchange(90, 75);
        assert!(told.try_recv().is_err());
        gate.exchange(30, 5);
        assert!(waiting.join().unwrap());
    }

    #[test]
    fn what_is_closed_lets_nobody_wait_and_nothing_in() {
        let gate = Arc::new(Gate::new(10));
        gate.take(50);
        let waiting = std::thread::spawn({
            let gate = Arc::clone(&gate);
            move || gate.wait()
        });
        assert_eq!(gate.close(), 1);
        assert!(!waiting.join().unwrap());
        assert_eq!((gate.take(1), gate.close()), (None, 1));
    }
}
