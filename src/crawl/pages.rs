//! From a fetched page to a whole article: the pages that site rules lead to are fetched, extracted and joined.
//!
//! The daemon and `gleaner extract` both read here. Every page of an article goes through the same [`Fetcher`] as the
//! first, and so waits for its host's turn, asks robots.txt and passes the guard; what is refused is told, and what
//! was read until then stays.

use super::Vitals;
use super::pool::Pool;
use crate::article::Verdict;
use crate::extract::{Extraction, Extractor, SiteRules, is_same_site};
use crate::fetch::{FailureClass, FetchError, Fetched, Fetcher, Request};
use crate::page::{ExtraHeaders, Page, Target};
use bytes::Bytes;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use tokio::time::{Instant, timeout_at};
use url::Url;

/// How far an article is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// Pages of one article, the first among them.
    pub pages: usize,
    /// Bytes of their bodies together.
    pub bytes: usize,
}

impl Default for Reach {
    /// Ten pages, which a second's pause apart take a host a quarter of a minute, and 50 MiB, five times what one page
    /// may have by default: guesses at what no article needs and no host minds.
    fn default() -> Self {
        Self { pages: 10, bytes: 50 * 1024 * 1024 }
    }
}

/// Takes pages apart, and fetches what belongs to them. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Reader {
    fetcher: Arc<Fetcher>,
    obey_robots: bool,
    reach: Reach,
    /// Whether readings have the pages too.
    keeps_pages: bool,
    /// One thread for each core: extraction is all processor.
    pool: Arc<Pool>,
    vitals: Option<Arc<Vitals>>,
}

/// What came of an article on one page or several.
#[derive(Debug)]
pub struct Reading {
    /// All pages as one. An article that lacks pages is [`Verdict::Truncated`].
    pub extraction: Extraction,
    /// Where the further pages were found whose text is in it, in order.
    pub pages: Vec<Url>,
    /// What was not followed, and why; `None` where all that the rules lead to is there.
    pub shortfall: Option<Shortfall>,
    /// The pages whose text is in it, the first one first, where they are to be kept ([`Reader::keeping_pages`]).
    pub kept: Vec<KeptPage>,
}

/// A page that was read.
#[derive(Debug, Clone)]
pub struct KeptPage {
    /// The page as it came.
    pub page: Page,
    /// Which rule led to it; `None` for the first.
    pub link: Option<Link>,
}

/// The extractor panicked on a page, which its hook has told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the extractor panicked; please report it")]
pub struct Panicked;

/// Which rule led on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// `single_page_link`: the article may be whole without it.
    SinglePage,
    /// `next_page_link`: without it the article is not whole.
    NextPage,
}

impl fmt::Display for Link {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::SinglePage => "single_page_link",
            Self::NextPage => "next_page_link",
        })
    }
}

/// A page of an article that could not be had.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{link}: {cause}")]
pub struct Shortfall {
    /// The rule that led to it.
    pub link: Link,
    /// Why it could not be had.
    #[source]
    pub cause: ShortfallCause,
}

/// Why a page of an article could not be had. Every message begins with the page's URL.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ShortfallCause {
    /// It leads to another site than the article's, by itself or by redirects.
    #[error("{url}: not followed: another site than the article's")]
    Elsewhere {
        /// Where it leads.
        url: Url,
    },
    /// It could not be fetched.
    #[error("{0}")]
    Fetch(#[source] Box<FetchError>),
    /// It was fetched and holds no text of an article.
    #[error("{url}: holds no text of an article ({})", .verdict.id())]
    NoText {
        /// Where it was found.
        url: Url,
        /// What it is.
        verdict: Verdict,
    },
    /// More pages than are joined.
    #[error("{url}: not followed: more than {most} pages")]
    TooMany {
        /// The first that is left out.
        url: Url,
        /// [`Reach::pages`].
        most: usize,
    },
    /// More bytes than are joined.
    #[error("{url}: not taken: all pages together have more than {most} bytes")]
    TooLarge {
        /// The first that is left out.
        url: Url,
        /// [`Reach::bytes`].
        most: usize,
    },
    /// No time is left.
    #[error("{url}: not followed: no time is left for this article")]
    TooLate {
        /// The first that is left out.
        url: Url,
    },
    /// The extractor panicked on it.
    #[error("{url}: {cause}")]
    Panicked {
        /// The page.
        url: Url,
        /// The same in words.
        #[source]
        cause: Panicked,
    },
}

impl ShortfallCause {
    /// Whether another attempt soon may bring the page.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Fetch(error) if error.class(Target::Page) == FailureClass::Transient)
    }
}

/// What the site of a URL wants its pages to be requested with.
pub fn headers_for(rules: &SiteRules, url: &Url) -> ExtraHeaders {
    url.host_str().map(|host| rules.headers(host)).unwrap_or_default()
}

impl Reader {
    /// A reader that fetches further pages with `fetcher`.
    pub fn new(fetcher: Arc<Fetcher>, obey_robots: bool, reach: Reach) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { fetcher, obey_robots, reach, keeps_pages: false, pool: Arc::new(Pool::new(cores)), vitals: None }
    }

    /// The same, watched by somebody.
    pub(super) fn watched_by(self, vitals: Arc<Vitals>) -> Self {
        Self { vitals: Some(vitals), ..self }
    }

    /// The same with another fetcher, on the same threads.
    pub(super) fn fetching_by(&self, fetcher: Arc<Fetcher>) -> Self {
        Self { fetcher, ..self.clone() }
    }

    /// Runs what is all processor on one of the threads.
    ///
    /// # Errors
    /// A panic in it.
    pub(super) async fn think<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Panicked> {
        self.pool.run(work).await
    }

    /// The same, whose readings have the pages too or do not.
    #[must_use]
    pub fn keeping_pages(self, keeps_pages: bool) -> Self {
        Self { keeps_pages, ..self }
    }

    /// The page, where it is to be kept; its body is a copy, for who waits for the next page may hold nothing that others
    /// wait for ([`Fetcher::bounded`]).
    fn kept(&self, page: &Page, link: Option<Link>) -> Option<KeptPage> {
        self.keeps_pages.then(|| {
            let body = Bytes::copy_from_slice(&page.body);
            KeptPage { page: Page { body, ..page.clone() }, link }
        })
    }

    /// Extracts one page, on a thread of its own, of which there are as many as cores.
    ///
    /// # Errors
    /// An extractor that panics on the page.
    pub async fn extract(&self, extractor: &Arc<Extractor>, page: Page) -> Result<Extraction, Panicked> {
        let (extractor, vitals) = (Arc::clone(extractor), self.vitals.clone());
        let work = move || {
            let began = std::time::Instant::now();
            let extraction = extractor.extract(&page);
            if let Some(vitals) = vitals {
                vitals.metrics.extracted(began.elapsed());
            }
            extraction
        };
        self.pool.run(work).await
    }

    /// Extracts a page and, where the site rules lead on, what it belongs to: the page that has the article in one
    /// piece in the place of this one, then the next pages after it, as far as they can be had until `until`.
    ///
    /// # Errors
    /// An extractor that panics on the first page.
    pub async fn read(&self, extractor: &Arc<Extractor>, page: Page, until: Instant) -> Result<Reading, Panicked> {
        let (url, bytes) = (page.url.clone(), page.body.len());
        let hops: Vec<Url> = page.hops.iter().map(|hop| hop.url.clone()).collect();
        let kept = self.kept(&page, None).into_iter().collect();
        let extraction = self.extract(extractor, page).await?;
        let reading = Reading { extraction, pages: Vec::new(), shortfall: None, kept };
        let Some(url) = url else { return Ok(reading) };
        let seen = hops.into_iter().chain([url.clone()]).map(without_fragment).collect();
        let mut trail = Trail { reader: self, extractor, home: url, seen, bytes, until, reading };
        trail.take_single_page().await;
        trail.add_next_pages().await;
        Ok(trail.reading)
    }
}

/// What one step has found.
type Step = (Extraction, Url, Option<KeptPage>);

/// The way from page to page of one article.
struct Trail<'a> {
    reader: &'a Reader,
    extractor: &'a Arc<Extractor>,
    /// The first page, whose site is not left.
    home: Url,
    /// Where it has been, by all names.
    seen: HashSet<Url>,
    bytes: usize,
    until: Instant,
    reading: Reading,
}

impl Trail<'_> {
    /// Puts the page that has the article in one piece in the place of the first. Where that cannot be had, the first
    /// stays and the next pages are added to it.
    async fn take_single_page(&mut self) {
        let Some(url) = self.reading.extraction.onward.single_page.take() else { return };
        match self.step(url, Link::SinglePage).await {
            Ok(Some((whole, url, kept))) => {
                self.reading.extraction.give_place_to(whole);
                self.reading.pages.push(url);
                self.reading.kept.extend(kept);
            }
            Ok(None) => {}
            Err(cause) => self.reading.shortfall = Some(Shortfall { link: Link::SinglePage, cause }),
        }
    }

    /// Adds the pages that follow, to the last or to one that cannot be had. A link back to where it has been is the
    /// end, and so is a page that says nothing new.
    async fn add_next_pages(&mut self) {
        while self.reading.extraction.verdict.has_article() {
            let Some(url) = self.reading.extraction.onward.next_page.take() else { return };
            match self.step(url, Link::NextPage).await {
                Ok(Some((next, url, kept))) => {
                    if !self.reading.extraction.append(next) {
                        return;
                    }
                    self.reading.pages.push(url);
                    self.reading.kept.extend(kept);
                    // What the one page would have had is there now.
                    self.reading.shortfall = None;
                }
                Ok(None) => return,
                Err(cause) => {
                    self.reading.extraction.verdict = Verdict::Truncated;
                    self.reading.shortfall = Some(Shortfall { link: Link::NextPage, cause });
                    return;
                }
            }
        }
    }

    /// The page that a link leads to, where it was found, and the page itself where it is to be kept; `None` where it has
    /// been there already.
    async fn step(&mut self, url: Url, link: Link) -> Result<Option<Step>, ShortfallCause> {
        if !self.seen.insert(url.clone()) {
            return Ok(None);
        }
        let Reach { pages: most, bytes: most_bytes } = self.reader.reach;
        if !is_same_site(&self.home, &url) {
            return Err(ShortfallCause::Elsewhere { url });
        }
        if self.reading.pages.len() + 1 >= most {
            return Err(ShortfallCause::TooMany { url, most });
        }
        let page = Page { continues: link == Link::NextPage, ..self.fetch(url.clone()).await? };
        let landed = page.url.clone().unwrap_or_else(|| url.clone());
        if !is_same_site(&self.home, &landed) {
            return Err(ShortfallCause::Elsewhere { url: landed });
        }
        if landed != url && !self.seen.insert(landed.clone()) {
            return Ok(None);
        }
        self.bytes += page.body.len();
        if self.bytes > most_bytes {
            return Err(ShortfallCause::TooLarge { url: landed, most: most_bytes });
        }
        let kept = self.reader.kept(&page, Some(link));
        match self.reader.extract(self.extractor, page).await {
            Ok(found) if is_of_use(&found, link) => Ok(Some((found, landed, kept))),
            Ok(found) => Err(ShortfallCause::NoText { url: landed, verdict: found.verdict }),
            Err(cause) => Err(ShortfallCause::Panicked { url: landed, cause }),
        }
    }

    async fn fetch(&self, url: Url) -> Result<Page, ShortfallCause> {
        let headers = headers_for(self.extractor.sites(), &url);
        let request = Request { headers, obey_robots: self.reader.obey_robots, ..Request::page(url.clone()) };
        match timeout_at(self.until, self.reader.fetcher.fetch(&request)).await {
            Ok(Ok(Fetched::Page { page, .. })) => Ok(page),
            // Nothing was asked that could be unmodified.
            Ok(Ok(Fetched::NotModified { .. })) => Err(ShortfallCause::NoText { url, verdict: Verdict::Empty }),
            Ok(Err(error)) => Err(ShortfallCause::Fetch(Box::new(error))),
            Err(_) => Err(ShortfallCause::TooLate { url }),
        }
    }
}

/// Whether a page is what its link promises. The last page of an article may be too short to be one by itself.
fn is_of_use(found: &Extraction, link: Link) -> bool {
    found.verdict.has_article()
        || link == Link::NextPage && found.verdict == Verdict::NotAnArticle && !found.article.blocks.is_empty()
}

fn without_fragment(mut url: Url) -> Url {
    url.set_fragment(None);
    url
}
