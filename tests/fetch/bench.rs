//! A fetcher under observation, for the rows of the matrix.

use crate::loopback::{Reply, Server, lookup, request};
use gleaner::fetch::{
    DiskCache, FailureClass, FetchError, FetchOptions, Fetched, Fetcher, Lookup, Request, Reuse, Target,
};
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use url::Url;

pub(crate) const WHOLE: &str = "<html><p>Words</p></html>";

/// A fetcher, its cache, and a host that is well.
pub(crate) struct Bench {
    pub(crate) fetcher: Arc<Fetcher>,
    pub(crate) folder: TempDir,
    healthy: Server,
}

impl Bench {
    pub(crate) async fn new(options: &FetchOptions) -> Self {
        Self::with_lookup(options, lookup(&[])).await
    }

    pub(crate) async fn with_lookup(options: &FetchOptions, lookup: Lookup) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cache = DiskCache::open(folder.path(), 100_000_000, Reuse::Allowed).unwrap();
        let fetcher = Fetcher::with_lookup(options, lookup).unwrap().cached(cache);
        let healthy = Server::start_at("127.0.0.3:0", |_| Reply::with(200, &["Cache-Control: no-store"], WHOLE)).await;
        Self { fetcher: Arc::new(fetcher), folder, healthy }
    }

    /// Does `work` while the healthy host is fetched from; each of its answers must be whole and soon there.
    pub(crate) async fn beside<T>(&self, work: impl Future<Output = T>) -> T {
        let mut slowest = Duration::ZERO;
        let others = async {
            loop {
                let started = Instant::now();
                let fetched = self.fetcher.fetch(&request(self.healthy.url("/"))).await.unwrap();
                assert!(matches!(fetched, Fetched::Page { page, .. } if page.body == WHOLE));
                slowest = slowest.max(started.elapsed());
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let done = tokio::select! {
            biased;
            never = others => never,
            done = work => done,
        };
        assert!(slowest < Duration::from_millis(900), "the healthy host had to wait {slowest:?}");
        done
    }

    pub(crate) async fn fetch(&self, target: Target, url: Url) -> Result<Fetched, FetchError> {
        self.beside(self.fetcher.fetch(&Request { target, ..request(url) })).await
    }

    /// The body that comes.
    pub(crate) async fn body(&self, url: Url) -> String {
        match self.fetch(Target::Page, url.clone()).await {
            Ok(Fetched::Page { page, .. }) => String::from_utf8(page.body.to_vec()).unwrap(),
            other => panic!("{url}: {other:?}"),
        }
    }

    /// What must fail, by its id, in this class, and leave nothing.
    pub(crate) async fn fails(&self, url: Url, id: &str, class: FailureClass) -> FetchError {
        for target in [Target::Page, Target::Feed] {
            let error = self.fetch(target, url.clone()).await.unwrap_err();
            assert_eq!(error.id(), id, "{url}: {error}");
            assert!(target == Target::Feed || error.class(target) == class, "{url}: {:?}", error.class(target));
            assert_eq!(files_below(self.folder.path()), 0, "{url}");
            if target == Target::Feed {
                return error;
            }
        }
        unreachable!("a feed comes last");
    }
}

pub(crate) fn files_below(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files_below(&path) } else { 1 }).sum()
}
