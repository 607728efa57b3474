//! A store that was lost, at the start of a run: what the manifest lists is made known to the new one, so that nothing is
//! fetched or written a second time, under whatever URL.

use super::{Crawl, CrawlError};
use crate::config::DuplicatePolicy;
use crate::frontier::{Frontier, Key, Remembered};
use crate::ledger;
use crate::output::{self, OutputError};

/// Texts that are made known in one transaction.
const TOGETHER: usize = 1000;

/// Tells a store that knows no page what the manifest lists; does nothing to any other.
pub(super) async fn recall<F: Frontier>(crawl: &Crawl<F>) -> Result<(), CrawlError> {
    if !crawl.frontier.is_blank().await? {
        return Ok(());
    }
    let folder = crawl.config.output.folder.clone();
    let compares = crawl.config.duplicates.policy != DuplicatePolicy::Keep;
    let read = tokio::task::spawn_blocking(move || {
        let listed = output::latest_entries(&folder)?;
        let mut pages: Vec<Remembered> = listed.into_values().map(Remembered::from).collect();
        if compares {
            // The first copy is the one that was written first.
            pages.sort_by_key(|page| (page.fetched, Key::of(&page.url)));
            for page in &mut pages {
                page.likeness = ledger::likeness(&folder, &page.path, page.title.as_deref(), !page.is_truncated);
            }
        }
        Ok::<_, OutputError>(pages)
    });
    // It is cancelled with the runtime alone.
    let Ok(listed) = read.await else { return Ok(()) };
    let listed = listed?;
    let mut known = 0;
    for pages in listed.chunks(TOGETHER) {
        known += crawl.frontier.recall(pages).await?;
    }
    if known > 0 {
        tracing::warn!(
            texts = known,
            "the store is new, the manifest is not: its texts are known and are not fetched again"
        );
    }
    Ok(())
}
