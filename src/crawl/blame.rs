//! Whose fault a failure is, and so whether it counts against the item.

use super::circuits::{OPENS_AFTER, is_open};
use super::network::{Reading, Suspect};
use super::signs::{self, Sign, Trouble};
use super::{Crawl, CrawlError};
use crate::fetch::{FetchError, Fetched};
use crate::frontier::{Frontier, Health, Host, Lease};
use jiff::Timestamp;

/// Whose fault a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blame {
    /// The item's, as far as anybody knows: the attempt counts.
    Item,
    /// Its host's, whose circuit was open before and is open until then.
    Host { until: Timestamp },
    /// Nobody's: the network is down. Then it is looked at next.
    Network { until: Timestamp },
}

impl<F: Frontier> Crawl<F> {
    /// Notes that hosts have answered: their circuits close, and the network is up.
    pub(super) async fn note_answer(&self, lease: &Lease, fetched: &Fetched) -> Result<(), CrawlError> {
        for host in signs::answered(super::moved::asked(lease), fetched) {
            self.note_well(&host).await?;
        }
        Ok(())
    }

    /// Notes what a failure tells of its host and of the network, and says whose fault it is.
    pub(super) async fn note_failure(&self, lease: &Lease, error: &FetchError) -> Result<Blame, CrawlError> {
        if error.is_of_the_machine() {
            return Err(CrawlError::OutOfFiles(Box::new(error.clone())));
        }
        match signs::of(error) {
            Sign::None => Ok(Blame::Item),
            Sign::Well(host) => self.note_well(&host).await.map(|()| Blame::Item),
            Sign::Ill(host, trouble) => {
                if trouble == Trouble::Status {
                    self.note_up(&host);
                } else if (trouble == Trouble::Connection || self.network.next_look().is_some())
                    && let Some(until) = self.note_unreachable(lease, &host).await?
                {
                    return Ok(Blame::Network { until });
                }
                self.note_ill(&host, trouble, &error.reason(&lease.url)).await
            }
        }
    }

    /// Takes the failure of an item back that has just been counted, where the network has turned out to be down.
    pub(super) async fn note_counted(&self, (key, target): Item) -> Result<(), CrawlError> {
        match self.network.counted(key, target) {
            Some(suspect) => self.forgive(&[suspect]).await,
            None => Ok(()),
        }
    }

    async fn note_well(&self, host: &Host) -> Result<(), CrawlError> {
        self.note_up(host);
        let Some(was) = self.circuits.recover(host) else { return Ok(()) };
        self.frontier.set_health(host, None).await?;
        if is_open(&was) {
            tracing::info!(%host, failures = was.failures, "the host answers again, its circuit is closed");
        }
        Ok(())
    }

    async fn note_ill(&self, host: &Host, trouble: Trouble, cause: &str) -> Result<Blame, CrawlError> {
        let was_open = self.circuits.open_until(host).is_some();
        let health = self.circuits.fail(host, trouble, cause, Timestamp::now(), rand::random());
        self.frontier.set_health(host, Some(&health)).await?;
        let Health { failures, rest_until, cause } = health;
        if failures == OPENS_AFTER {
            tracing::warn!(%host, failures, cause, until = %rest_until, "the host fails, its circuit is open");
        } else if was_open {
            tracing::info!(%host, failures, cause, until = %rest_until, "the host still fails, its circuit stays open");
        }
        Ok(if was_open { Blame::Host { until: rest_until } } else { Blame::Item })
    }

    fn note_up(&self, host: &Host) {
        if let Some(since) = self.network.answered() {
            let seconds = Timestamp::now().duration_since(since).as_secs();
            tracing::warn!(%host, seconds, "the network is back");
        }
    }

    /// Until when nothing need be tried, since the network is down; `None`: it is up.
    async fn note_unreachable(&self, lease: &Lease, host: &Host) -> Result<Option<Timestamp>, CrawlError> {
        let suspect = Suspect { key: lease.key, target: lease.target, host: host.clone() };
        match self.network.failed(suspect, Timestamp::now()) {
            Reading::Up => return Ok(None),
            Reading::Down => (),
            Reading::JustDown(suspects) => {
                tracing::warn!(
                    last = %host,
                    "no host can be reached: the network is taken for down, nothing counts as failed until one answers"
                );
                self.forgive(&suspects).await?;
            }
        }
        Ok(Some(self.network.next_look().unwrap_or_else(Timestamp::now)))
    }

    async fn forgive(&self, suspects: &[Suspect]) -> Result<(), CrawlError> {
        let now = Timestamp::now();
        for Suspect { host, .. } in suspects {
            let health = self.circuits.pardon(host);
            self.frontier.set_health(host, health.as_ref()).await?;
        }
        let items: Vec<Item> = suspects.iter().map(|suspect| (suspect.key, suspect.target)).collect();
        let next = self.network.next_look().unwrap_or(now);
        Ok(self.frontier.forgive(&items, next).await?)
    }
}

/// What an item is known by.
pub(super) type Item = (crate::frontier::Key, crate::frontier::Target);
