//! A new configuration for a run under way.

use super::crew::Crew;
use super::{Crawl, CrawlError, LiveExtractor, network_size, start};
use crate::config::Config;
use crate::extract::Extractor;
use crate::fetch::FetchSetupError;
use crate::frontier::{Frontier, Key, Lease, Target};
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::oneshot;

/// A configuration that has been checked, on its way to the run.
#[derive(Debug)]
pub struct Renewal {
    /// All of it, its secrets read.
    pub(super) config: Config,
    /// The extractor that it asks for.
    pub(super) extractor: Arc<Extractor>,
    /// Told what came of it.
    pub(super) answer: oneshot::Sender<Result<(), CrawlError>>,
}

impl<F: Frontier> Crew<F> {
    /// Goes by a new configuration from now on, wholly or not at all. What is at work ends by the old one.
    pub(super) async fn renew(&mut self, renewal: Renewal) {
        let Renewal { config, extractor, answer } = renewal;
        let taken = self.take(config, extractor).await;
        // Whoever asked may have gone.
        let _ = answer.send(taken);
    }

    async fn take(&mut self, config: Config, extractor: Arc<Extractor>) -> Result<(), CrawlError> {
        let new = Arc::new(self.crawl.renewed(config)?);
        new.name_feeds(false).await?;
        let (hosts, window) = network_size(&new.config);
        new.network.resize(hosts, window);
        new.extractor.replace(extractor);
        let keys = |config: &Config| config.polled().map(|feed| Key::of(&feed.url)).collect::<HashSet<Key>>();
        let named = keys(&new.config);
        self.left_out.extend(keys(&self.crawl.config));
        self.left_out.retain(|key| !named.contains(key));
        self.crawl = new;
        Ok(())
    }

    /// Takes feeds out again that were left out while they were at work: the end of their lease has put them back.
    pub(super) async fn dismiss(&mut self) -> Result<(), CrawlError> {
        if self.has_returned {
            self.crawl.name_feeds(false).await?;
            self.has_returned = false;
        }
        Ok(())
    }

    /// An item has ended.
    pub(super) fn note_return(&mut self, lease: &Lease) {
        self.has_returned |= lease.target == Target::Feed && self.left_out.remove(&lease.key);
    }
}

impl<F: Frontier> Crawl<F> {
    /// The same by another configuration.
    fn renewed(&self, config: Config) -> Result<Self, FetchSetupError> {
        let fetcher = Arc::new(self.fetcher.renewed(&config.fetch_options())?);
        Ok(Self {
            reader: self.reader.fetching_by(fetcher.clone()),
            fetcher,
            feeds: Arc::new(config.feeds_by_key()),
            config: Arc::new(config),
            extractor: LiveExtractor::clone(&self.extractor),
            frontier: self.frontier.clone(),
            writer: self.writer.clone(),
            raw: self.raw.clone(),
            circuits: self.circuits.clone(),
            network: self.network.clone(),
            vitals: self.vitals.clone(),
            mode: self.mode,
            started: self.started,
            stopping: self.stopping.clone(),
        })
    }

    /// Tells the frontier which feeds are polled.
    pub(super) async fn name_feeds(&self, at_once: bool) -> Result<(), CrawlError> {
        let offers = start::feeds(&self.config, self.now());
        let new = self.frontier.unknown(&offers).await?;
        let offers = start::spread_out(offers, new, &self.config, self.mode, self.now());
        self.frontier.set_feeds(&offers, at_once, self.now()).await?;
        let insecure = self.config.fetch.sites.values().filter(|site| site.insecure).count();
        let metrics = &self.vitals.metrics;
        metrics.feeds.set(i64::try_from(offers.len()).unwrap_or(i64::MAX));
        metrics.insecure_sites.set(i64::try_from(insecure).unwrap_or(i64::MAX));
        Ok(())
    }
}
