//! Tells the service manager and the run's file how a daemon fares.

use crate::cli::run_file::RunFile;
use crate::cli::signals::Stop;
use crate::crawl::{Condition, Vitals};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// How often the line of status is written anew where no watchdog wants to hear more.
const STATUS_EVERY: Duration = Duration::from_secs(10);

/// A loop that has come round within this is well in any case: it does so every ten seconds.
const LEAST_PATIENCE: Duration = Duration::from_secs(15);

/// One who watches a run and passes on what changes.
pub(super) struct Service {
    vitals: Arc<Vitals>,
    run_file: RunFile,
    /// How long the service manager waits for a sign of life; `None`: it does not.
    watchdog: Option<Duration>,
    is_ready: bool,
    reloads: u64,
}

impl Service {
    pub(super) fn new(vitals: Arc<Vitals>, run_file: RunFile) -> Self {
        Self { vitals, run_file, watchdog: notify::watchdog(), is_ready: false, reloads: 0 }
    }

    /// Passes on until the run is told to stop.
    pub(super) async fn tell(mut self, stop: Stop) {
        let mut condition = self.vitals.condition();
        let mut ticks = interval(self.watchdog.map_or(STATUS_EVERY, |patience| patience / 3));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = stop.clone().asked() => break,
                changed = condition.changed() => match changed {
                    Ok(()) => {
                        let now = condition.borrow_and_update().clone();
                        self.pass_on(&now);
                    }
                    Err(_) => return,
                },
                _ = ticks.tick() => self.give_sign_of_life(),
            }
        }
        notify::send(&[notify::stopping(), notify::status("stopping")]);
        // Stopping may take its time, and the watchdog goes on.
        loop {
            ticks.tick().await;
            notify::send(&[notify::alive()]);
        }
    }

    fn pass_on(&mut self, now: &Condition) {
        if !now.running {
            return;
        }
        self.run_file.tell(now);
        let reloads = now.reload.as_ref().map_or(0, |reload| reload.number);
        if reloads > self.reloads {
            // Together, since a reload takes no time worth telling; the manager wants both (systemd.service(5),
            // Type=notify-reload).
            self.reloads = reloads;
            notify::send(&notify::reloading());
            notify::send(&[notify::ready()]);
        } else if !self.is_ready {
            notify::send(&[notify::ready()]);
        }
        self.is_ready = true;
        notify::send(&[notify::status(&self.line(now))]);
    }

    fn line(&self, now: &Condition) -> String {
        match (&now.paused, &now.reload) {
            (Some(paused), _) => format!("paused since {:.0}: {}", paused.since, paused.cause),
            (None, Some(reload)) if !reload.taken => {
                format!("{}; the last reload was refused: {}", self.vitals.metrics.summary(), reload.said)
            }
            (None, _) => self.vitals.metrics.summary(),
        }
    }

    /// Only where the loop goes round, and not by a clock alone.
    fn give_sign_of_life(&self) {
        if !self.is_ready {
            return;
        }
        let now = self.vitals.condition().borrow().clone();
        notify::send(&[notify::status(&self.line(&now))]);
        let patience = self.watchdog.map_or(LEAST_PATIENCE, |watchdog| LEAST_PATIENCE.max(watchdog / 2));
        if self.vitals.since_beat() < patience {
            notify::send(&[notify::alive()]);
        }
    }
}

/// sd_notify(3): lines to the socket that `NOTIFY_SOCKET` names; without one, and elsewhere than on Unix, to nobody.
#[cfg(unix)]
mod notify {
    use sd_notify::NotifyState;
    use std::time::Duration;

    pub(super) fn send(states: &[NotifyState<'_>]) {
        if let Err(error) = sd_notify::notify(states) {
            tracing::debug!(%error, "the service manager cannot be told");
        }
    }

    pub(super) fn ready() -> NotifyState<'static> {
        NotifyState::Ready
    }

    pub(super) fn stopping() -> NotifyState<'static> {
        NotifyState::Stopping
    }

    pub(super) fn alive() -> NotifyState<'static> {
        NotifyState::Watchdog
    }

    pub(super) fn status(line: &str) -> NotifyState<'_> {
        NotifyState::Status(line)
    }

    pub(super) fn reloading() -> Vec<NotifyState<'static>> {
        std::iter::once(NotifyState::Reloading).chain(NotifyState::monotonic_usec_now().ok()).collect()
    }

    pub(super) fn watchdog() -> Option<Duration> {
        sd_notify::watchdog_enabled()
    }
}

#[cfg(not(unix))]
mod notify {
    use std::time::Duration;

    pub(super) struct Nothing;

    pub(super) fn send(_: &[Nothing]) {}

    pub(super) fn ready() -> Nothing {
        Nothing
    }

    pub(super) fn stopping() -> Nothing {
        Nothing
    }

    pub(super) fn alive() -> Nothing {
        Nothing
    }

    pub(super) fn status(_: &str) -> Nothing {
        Nothing
    }

    pub(super) fn reloading() -> Vec<Nothing> {
        Vec::new()
    }

    pub(super) fn watchdog() -> Option<Duration> {
        None
    }
}
