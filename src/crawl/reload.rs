//! The extractor of a daemon that runs, and its site rules when they change.

use crate::config::{SiteChanges, SiteSource};
use crate::extract::{Extractor, Options};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Notify;

/// How often the times of the files are looked at: soon enough for whoever edits one and waits, and with the
/// 2,041 files of the public collection some 10 ms of work.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// An extractor that another one can take the place of, under way. Clones are the same one.
#[derive(Debug, Clone)]
pub struct LiveExtractor(Arc<RwLock<Arc<Extractor>>>);

impl From<Arc<Extractor>> for LiveExtractor {
    fn from(extractor: Arc<Extractor>) -> Self {
        Self(Arc::new(RwLock::new(extractor)))
    }
}

impl LiveExtractor {
    /// The extractor as it is now; who has begun a page with one ends it with the same.
    pub fn current(&self) -> Arc<Extractor> {
        // A panic elsewhere leaves a whole extractor: it is only ever put in another's place.
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another one in its place.
    pub fn replace(&self, extractor: Arc<Extractor>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = extractor;
    }
}

/// Keeps the site rules of an extractor as they are on the disk: looks at the files' times every ten seconds, and
/// reads all when `asked` (SIGHUP). `options` are the extractor's, whatever rules they hold. Never ends.
pub async fn keep_current(live: LiveExtractor, source: SiteSource, options: Options, asked: Arc<Notify>) {
    let mut source = source;
    loop {
        let is_forced = tokio::select! {
            () = asked.notified() => true,
            () = tokio::time::sleep(LOOK_EVERY) => false,
        };
        let (live, options) = (live.clone(), options.clone());
        let looked = tokio::task::spawn_blocking(move || {
            let changes = source.refresh(is_forced);
            if is_forced || changes.files > 0 {
                renew(&live, &source, options);
            }
            tell(&changes, is_forced, live.current().sites().hosts());
            source
        });
        match looked.await {
            Ok(back) => source = back,
            Err(panic) => {
                tracing::error!(%panic, "reading the site rules again panicked; they stay as they are");
                return;
            }
        }
    }
}

/// Builds an extractor with the rules as they were read.
fn renew(live: &LiveExtractor, source: &SiteSource, options: Options) {
    match Extractor::new(&Options { sites: Arc::new(source.rules()), ..options }) {
        Ok(extractor) => live.replace(Arc::new(extractor)),
        Err(error) => tracing::error!(%error, "the extractor cannot be built again; the site rules stay as they are"),
    }
}

fn tell(changes: &SiteChanges, is_forced: bool, hosts: usize) {
    for refusal in &changes.refused {
        tracing::warn!(cause = chain(refusal), "site rules cannot be used; the old ones stay");
    }
    for fault in &changes.unusable {
        tracing::debug!("{fault}");
    }
    let SiteChanges { files, unusable, wants_restart, .. } = changes;
    if !unusable.is_empty() {
        let lines = unusable.len();
        tracing::warn!(lines, "some lines of the site rules cannot be used; `gleaner check` lists them");
    }
    if is_forced || *files > 0 {
        tracing::info!(files, hosts, "site rules read again");
    }
    if *wants_restart {
        tracing::warn!("the configuration says more that is new; it takes hold with a restart");
    }
}

/// An error in one line, with those of its causes that it does not name itself.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source()).map(ToString::to_string);
    causes.fold(error.to_string(), |line, cause| if line.contains(&cause) { line } else { format!("{line}: {cause}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use std::fs;

    #[tokio::test(start_paused = true)]
    async fn rules_are_taken_when_their_file_changes_or_when_asked() {
        let here = tempfile::tempdir().unwrap();
        let path = here.path().join("my.toml");
        let entry = |host: &str| fs::write(&path, format!("[[site]]\nhost = \"{host}\"\nbody = [\"p\"]")).unwrap();
        entry("first.example");
        let (source, _) = SiteSource::open(&path, &Config::load(&path).unwrap()).unwrap();
        let options = Options { sites: Arc::new(source.rules()), ..Options::default() };
        let live = LiveExtractor::from(Arc::new(Extractor::new(&options).unwrap()));
        let (asked, first) = (Arc::new(Notify::new()), live.current());
        let keeper = tokio::spawn(keep_current(live.clone(), source, options, asked.clone()));
        entry("another.example");
        while !live.current().sites().covers("another.example") {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        assert!(first.sites().covers("first.example"), "who has begun goes on with the old ones");
        let before = live.current();
        asked.notify_one();
        while Arc::ptr_eq(&before, &live.current()) {
            tokio::task::yield_now().await;
        }
        keeper.abort();
    }
}
