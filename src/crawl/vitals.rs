//! How a run fares, for whoever watches it: counts, whether it is paused, how the last reload went, and its beat.

use super::metrics::Metrics;
use crate::output::{OutputError, Writer};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// How a run fares. The run writes, everybody else reads.
#[derive(Debug)]
pub struct Vitals {
    /// What is counted.
    pub metrics: Metrics,
    condition: watch::Sender<Condition>,
    /// Once the run has its folder.
    writer: OnceLock<Arc<Writer>>,
    began: Instant,
    /// Milliseconds from then to the loop's last turn.
    beat_ms: AtomicU64,
}

/// What changes now and then.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    /// Whether store and folder are open and the loop goes round.
    pub running: bool,
    /// Why nothing is begun just now; `None`: all is well.
    pub paused: Option<Paused>,
    /// How the last reload went; `None` before the first.
    pub reload: Option<Reload>,
}

/// A pause: the machine does not let texts or the store be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paused {
    /// Since when.
    pub since: Timestamp,
    /// What cannot be done, and what to do about it.
    pub cause: String,
}

/// What came of a reload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reload {
    /// Which one it is since the start, from 1.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// Whether the new configuration was taken; else the old one stays.
    pub taken: bool,
    /// What was taken, or why not; one line.
    pub said: String,
}

impl Default for Vitals {
    fn default() -> Self {
        Self {
            metrics: Metrics::default(),
            condition: watch::Sender::default(),
            writer: OnceLock::new(),
            began: Instant::now(),
            beat_ms: AtomicU64::new(0),
        }
    }
}

impl Vitals {
    /// As it is now, and told of every change.
    pub fn condition(&self) -> watch::Receiver<Condition> {
        self.condition.subscribe()
    }

    /// For how long the loop has not come round. It does so every ten seconds, whatever there is to do.
    pub fn since_beat(&self) -> Duration {
        self.began.elapsed().saturating_sub(Duration::from_millis(self.beat_ms.load(Ordering::Relaxed)))
    }

    /// Whether texts can be written just now; waits for the disk. A run that has not begun cannot tell.
    ///
    /// # Errors
    /// Why not.
    pub fn try_out(&self) -> Result<(), OutputError> {
        self.writer.get().map_or(Ok(()), |writer| writer.try_out())
    }

    /// The run begins.
    pub(super) fn begin(&self, writer: Arc<Writer>) {
        // One run each: a second one would be told of the first one's folder.
        let _ = self.writer.set(writer);
        self.beat();
        self.condition.send_modify(|condition| condition.running = true);
    }

    pub(super) fn beat(&self) {
        let ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.beat_ms.store(ms, Ordering::Relaxed);
    }

    pub(super) fn pause(&self, cause: &str) {
        let paused = Paused { since: Timestamp::now(), cause: cause.to_owned() };
        self.condition.send_modify(|condition| condition.paused = Some(paused));
        self.metrics.paused.set(1);
    }

    /// Ends a pause; gives since when it lasted.
    pub(super) fn resume(&self) -> Option<Timestamp> {
        let mut since = None;
        self.condition.send_modify(|condition| since = condition.paused.take().map(|paused| paused.since));
        self.metrics.paused.set(0);
        since
    }

    /// Notes how a reload went.
    pub(super) fn reloaded(&self, taken: bool, said: String) {
        self.metrics.reloads.of(if taken { "taken" } else { "refused" }).inc();
        self.condition.send_modify(|condition| {
            let number = condition.reload.as_ref().map_or(0, |last| last.number) + 1;
            condition.reload = Some(Reload { number, at: Timestamp::now(), taken, said });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn beat_that_stays_away_is_seen() {
        let vitals = Vitals::default();
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(vitals.since_beat(), Duration::from_secs(3));
        vitals.beat();
        assert_eq!(vitals.since_beat(), Duration::ZERO);
    }

    #[test]
    fn reloads_are_numbered_and_pauses_end() {
        let vitals = Vitals::default();
        vitals.reloaded(true, "all".into());
        vitals.reloaded(false, "a.toml:1:1: no".into());
        vitals.pause("the disk is full");
        let condition = vitals.condition().borrow().clone();
        assert_eq!(condition.reload.map(|reload| (reload.number, reload.taken)), Some((2, false)));
        assert_eq!(condition.paused.map(|paused| paused.since), vitals.resume());
        assert_eq!(vitals.condition().borrow().paused, None);
    }
}
