//! What the loop does where the machine lets nothing be written or opened: disk full, folder read-only, store locked, no
//! descriptor left.
//!
//! Nothing new is begun then. What was at work and could not be brought to its end is kept, and given back to the frontier as
//! it was, no attempt counted, when a look finds that all can be written again.

use super::crew::Crew;
use super::read::off_thread;
use super::{CrawlError, Vitals};
use crate::frontier::{Frontier, FrontierError, Lease, Outcome};
use crate::trouble::with_sources;
use jiff::Timestamp;
use std::time::Duration;
use tokio::time::Instant;

/// The wait before the first look whether it can go on, doubled with each that fails ...
const FIRST_LOOK: Duration = Duration::from_secs(1);

/// ... up to this: whoever has made room does not wait longer.
const LONGEST_LOOK: Duration = Duration::from_secs(30);

/// Whether the loop is paused, and what waits for its end.
#[derive(Debug, Default)]
pub(super) struct Pause {
    /// When to look next; `None`: it is not paused.
    next: Option<Instant>,
    /// Looks since something was written; a disk with room for one text is not taken for one with room.
    looks: u32,
    stranded: Vec<Lease>,
}

impl Pause {
    /// Begins a pause, or goes on with it after a look that failed; says so once. Gives how long until the next look.
    pub(super) fn begin(&mut self, vitals: &Vitals, cause: &CrawlError, lease: Option<Lease>) -> Duration {
        let is_of_a_look = lease.is_none();
        self.stranded.extend(lease);
        if self.next.is_some() && !is_of_a_look {
            return self.left().unwrap_or_default();
        }
        let wait = (FIRST_LOOK * 2_u32.pow(self.looks.min(10))).min(LONGEST_LOOK);
        self.looks = self.looks.saturating_add(1);
        if self.next.replace(Instant::now() + wait).is_none() {
            let cause = with_sources(cause);
            vitals.pause(&cause);
            tracing::warn!(cause, "paused: nothing new is begun until this has passed");
        }
        wait
    }

    /// Whether it is paused and the time for a look has not come.
    pub(super) fn holds(&self) -> bool {
        self.next.is_some_and(|next| Instant::now() < next)
    }

    /// How long until the next look; `None`: it is not paused.
    pub(super) fn left(&self) -> Option<Duration> {
        self.next.map(|next| next.saturating_duration_since(Instant::now()))
    }

    /// Something was written: the next pause begins with a short wait.
    pub(super) fn forget(&mut self) {
        self.looks = 0;
    }
}

impl<F: Frontier> Crew<F> {
    /// Looks whether a pause is over, and ends it.
    ///
    /// # Errors
    /// What still cannot be done.
    pub(super) async fn resume(&mut self) -> Result<(), CrawlError> {
        if self.pause.next.is_none() {
            return Ok(());
        }
        let writer = self.crawl.writer.clone();
        off_thread(move || writer.try_out()).await?;
        while let Some(lease) = self.pause.stranded.last() {
            match self.crawl.frontier.finish(lease.clone(), Outcome::Abandoned, self.crawl.now()).await {
                Ok(_) | Err(FrontierError::LeaseLost { .. }) => drop(self.pause.stranded.pop()),
                Err(error) => return Err(error.into()),
            }
        }
        self.pause.next = None;
        // robots.txt may have been out of reach for want of a descriptor.
        self.crawl.fetcher.forget_failures();
        let since = self.crawl.vitals.resume();
        let seconds = since.map_or(0, |since| Timestamp::now().duration_since(since).as_secs());
        tracing::warn!(seconds, "resumed: it can be written again");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::OutputError;
    use std::io;
    use std::path::Path;

    fn full() -> CrawlError {
        OutputError::of(Path::new("articles"), io::ErrorKind::StorageFull.into()).into()
    }

    #[tokio::test(start_paused = true)]
    async fn looks_become_rarer_and_the_pause_is_told_once() {
        let (vitals, mut pause) = (Vitals::default(), Pause::default());
        let waits: Vec<u64> = (0..7).map(|_| pause.begin(&vitals, &full(), None).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
        assert!(pause.holds());
        tokio::time::advance(LONGEST_LOOK).await;
        assert!(!pause.holds());
        let said = vitals.condition().borrow().paused.clone().unwrap().cause;
        assert!(said.starts_with("articles: the disk is full"), "{said}");
    }
}
