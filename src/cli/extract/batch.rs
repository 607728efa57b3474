//! A batch, record by record, on a thread of its own and in order.

use super::{Extracted, Failed, Outcome};
use crate::cli::batch::{Batch, Broken, Content, Record};
use crate::cli::problem::Problem;
use crate::cli::source::Input;
use crate::crawl::Reading;
use crate::extract::{Extraction, Extractor};
use crate::page::Page;
use jiff::Timestamp;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tokio::sync::mpsc;
use url::Url;

/// How many results wait to be delivered; with the record in work they are all that is held of a batch.
const MOST_WAITING: usize = 4;

/// A batch that is being extracted from.
pub(super) struct Running {
    /// The batch as the user named it.
    pub(super) input: Input,
    pub(super) outcomes: mpsc::Receiver<Outcome>,
}

/// Begins to extract from every record; it goes no further than its outcomes are taken. Records without a URL stand
/// at `base_url`.
pub(super) fn begin(batch: Batch, input: Input, extractor: Arc<Extractor>, base_url: Option<Url>) -> Running {
    let (sender, outcomes) = mpsc::channel(MOST_WAITING);
    let named = input.clone();
    tokio::task::spawn_blocking(move || {
        let mut batch = batch;
        for found in batch.by_ref() {
            let outcome = outcome(found, &named, &extractor, base_url.as_ref());
            if sender.blocking_send(outcome).is_err() {
                return;
            }
        }
        tell_passed_over(&named, &batch.passed_over());
    });
    Running { input, outcomes }
}

fn outcome(found: Result<Record, Broken>, batch: &Input, extractor: &Extractor, base_url: Option<&Url>) -> Outcome {
    let named = |number: u64| Input { name: format!("{}:{number}", batch.name), source: batch.source.clone() };
    let Record { number, id, url, content } = match found {
        Ok(record) => record,
        Err(Broken { number, fault }) => return Err(Failed::new(named(number), fault)),
    };
    let (input, url, fetched_at) = (named(number), url.or_else(|| base_url.cloned()), Some(Timestamp::now()));
    // The panic hook has told it; the other records are none the worse.
    let extraction = catch_unwind(AssertUnwindSafe(|| extract(extractor, content, url.clone(), fetched_at)));
    let Ok(extraction) = extraction else { return Err(Failed::new(input, Problem::Panicked)) };
    tracing::debug!(input = input.name, verdict = extraction.verdict.id(), "extracted");
    let reading = Reading { extraction, pages: Vec::new(), shortfall: None, kept: Vec::new() };
    Ok(Box::new(Extracted { input, url, fetched_at, reading, id, is_of_batch: true }))
}

fn extract(extractor: &Extractor, content: Content, url: Option<Url>, fetched_at: Option<Timestamp>) -> Extraction {
    match content {
        Content::Text(text) => extractor.extract_text(&text),
        Content::Html(html) => {
            // JSON is UTF-8, whatever the page says of itself.
            let content_type = Some("text/html; charset=utf-8".to_owned());
            extractor.extract(&Page { url, content_type, fetched_at, ..Page::from_bytes(html) })
        }
    }
}

/// Says which records of an archive were no texts; aloud where they hold pages, which nobody would want to miss.
fn tell_passed_over(input: &Input, passed_over: &[(&'static str, u64)]) {
    let counts: Vec<String> = passed_over.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    let counts = counts.join(", ");
    if passed_over.iter().any(|(kind, _)| matches!(*kind, "response" | "resource")) {
        tracing::warn!(
            input = input.name,
            "records passed over: {counts}; only texts (`conversion`, as in WET files) are read"
        );
    } else if !passed_over.is_empty() {
        tracing::info!(input = input.name, "records passed over: {counts}");
    }
}
