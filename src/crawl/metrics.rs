//! What a run counts, in the text format of Prometheus (OpenMetrics 1.0). docs/operating.md lists every name.

use crate::article::Verdict;
use crate::extract::Counters;
use crate::fetch::Exchange;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::fmt;
use std::time::Duration;

/// Bounds for what takes from a few milliseconds to a minute, seconds.
const SECONDS: [f64; 12] = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0];

/// Bounds for bodies, bytes: half of the pages of docs/benchmarks.md have less than 100 kB, and 10 MiB is the cap.
const BYTES: [f64; 7] = [10e3, 30e3, 100e3, 300e3, 1e6, 3e6, 10_485_760.0];

/// Counters that differ in the value of one label.
#[derive(Debug, Clone, Default)]
pub(super) struct ByLabel(Family<Vec<(&'static str, String)>, Counter>, &'static str);

impl ByLabel {
    fn new(label: &'static str) -> Self {
        Self(Family::default(), label)
    }

    /// The counter of a value.
    pub(super) fn of(&self, value: &str) -> Counter {
        self.0.get_or_create_owned(&vec![(self.1, value.to_owned())])
    }
}

/// The counts of a run, from its start.
pub struct Metrics {
    registry: Registry,
    pub(super) polls: ByLabel,
    pub(super) pages: ByLabel,
    pub(super) discovered: Counter,
    pub(super) verdicts: ByLabel,
    pub(super) removed: ByLabel,
    pub(super) reloads: ByLabel,
    pub(super) in_flight: Gauge,
    pub(super) paused: Gauge,
    pub(super) feeds: Gauge,
    pub(super) insecure_sites: Gauge,
    pub(super) lateness: Histogram,
    exchange: Histogram,
    bytes: Histogram,
    extraction: Histogram,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("gleaner"),
            polls: ByLabel::new("outcome"),
            pages: ByLabel::new("outcome"),
            discovered: Counter::default(),
            verdicts: ByLabel::new("verdict"),
            removed: ByLabel::new("kind"),
            reloads: ByLabel::new("outcome"),
            in_flight: Gauge::default(),
            paused: Gauge::default(),
            feeds: Gauge::default(),
            insecure_sites: Gauge::default(),
            lateness: Histogram::new(SECONDS),
            exchange: Histogram::new(SECONDS),
            bytes: Histogram::new(BYTES),
            extraction: Histogram::new(SECONDS),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let Self { registry, .. } = self;
        registry.register("polls", "Feeds that were asked", self.polls.0.clone());
        registry.register("pages", "Pages that were at work", self.pages.0.clone());
        registry.register("discovered", "Announced pages that were unknown", self.discovered.clone());
        registry.register("verdicts", "What pages turned out to be", self.verdicts.0.clone());
        registry.register("removed_blocks", "Blocks left out of texts", self.removed.0.clone());
        registry.register("reloads", "Configurations that were read again", self.reloads.0.clone());
        registry.register("in_flight", "Feeds and pages at work", self.in_flight.clone());
        registry.register("paused", "1 while nothing can be written", self.paused.clone());
        registry.register("configured_feeds", "Feeds of the configuration", self.feeds.clone());
        let insecure = "Sites whose certificates are not checked";
        registry.register("insecure_sites", insecure, self.insecure_sites.clone());
        registry.register("poll_lateness_seconds", "From a feed's due time to its claim", self.lateness.clone());
        registry.register("fetch_seconds", "One request and its answer", self.exchange.clone());
        registry.register("fetch_bytes", "Unpacked bodies", self.bytes.clone());
        registry.register("extraction_seconds", "Work of an extraction thread on one page", self.extraction.clone());
    }

    /// All of it, as Prometheus reads it, but for the last line (`# EOF`), before which others may add theirs.
    pub fn encode(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text.trim_end_matches("# EOF\n").to_owned()
    }

    /// In a few words, for a line of status.
    pub fn summary(&self) -> String {
        let polls: u64 = ["read", "failed", "refused"].iter().map(|outcome| self.polls.of(outcome).get()).sum();
        let written = self.pages.of("written").get();
        format!("{} feeds; {polls} polls, {written} texts written since the start", self.feeds.get())
    }

    pub(super) fn exchanged(&self, exchange: Exchange) {
        self.exchange.observe(exchange.took.as_secs_f64());
        if let Some(bytes) = exchange.bytes {
            // Far below 2^53.
            self.bytes.observe(bytes as f64);
        }
    }

    pub(super) fn extracted(&self, took: Duration) {
        self.extraction.observe(took.as_secs_f64());
    }

    /// A page was read.
    pub(super) fn judged(&self, verdict: Verdict, removed: &Counters) {
        self.verdicts.of(verdict.id()).inc();
        for (kind, count) in removed.iter() {
            self.removed.of(kind.id()).inc_by(count.blocks as u64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_told_by_name_and_label() {
        let metrics = Metrics::default();
        metrics.polls.of("failed").inc();
        metrics.exchanged(Exchange { took: Duration::from_millis(7), bytes: Some(50_000) });
        let text = metrics.encode();
        for line in [
            "gleaner_polls_total{outcome=\"failed\"} 1",
            "gleaner_fetch_seconds_bucket{le=\"0.01\"} 1",
            "gleaner_fetch_bytes_sum 50000.0",
            "gleaner_paused 0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("EOF"));
    }
}
