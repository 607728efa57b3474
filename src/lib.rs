//! Gleaner takes a web page apart and keeps the article.
//!
//! # From a URL to a text file
//!
//! 1. [`fetch::Fetcher::fetch`] brings a URL's body: it follows redirects itself, obeys robots.txt,
//!    connects to public addresses only and stops at caps on size and time. What comes is a
//!    [`page::Page`]: bytes, and what was said of them. A page from anywhere else is as good.
//! 2. [`extract::Extractor::extract`] takes the page apart: it decodes, parses under caps, cuts the
//!    text into blocks, lets rules propose what is boilerplate, decides block by block and gives an
//!    [`extract::Extraction`]: the [`article::Article`], everything that was left out with the rule
//!    that decided, and a [`article::Verdict`] on the page. It never fails; a bad page is a verdict.
//!    [`extract::Extractor::explain`] says of every block why it stayed or went.
//! 3. [`render::text`] makes a string of the article, [`render::front_matter`] what may stand above;
//!    [`render::document`] gives the same as Markdown, JSON or HTML.
//! 4. [`output::ArticleName`] gives the text a name that cannot leave the folder, and
//!    [`output::Writer::write`] puts it there whole or not at all, with a line in the manifest.
//!
//! ```no_run
//! # #[cfg(feature = "crawl")]
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use gleaner::extract::{Extractor, Options};
//! use gleaner::fetch::{FetchOptions, Fetched, Fetcher, Request, parse_url};
//!
//! let fetcher = Fetcher::new(&FetchOptions::default().identify("me@example.org"))?;
//! let extractor = Extractor::new(&Options::default())?;
//!
//! let url = parse_url("https://example.org/news/1", None)?;
//! if let Fetched::Page { page, .. } = fetcher.fetch(&Request::page(url)).await? {
//!     let extraction = extractor.extract(&page);
//!     if extraction.verdict.has_article() {
//!         std::fs::write("article.txt", gleaner::render::text(&extraction.article))?;
//!     }
//!     for removal in &extraction.removals {
//!         eprintln!("left out as {} by {}", removal.kind.id(), removal.rule);
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The daemon is the same way with a memory: [`feed::parse`] says what is new, a
//! [`frontier::Frontier`] remembers what is to be fetched and under which name it will stand, and
//! [`crawl::run`] goes round. With `default-features = false` the crate is steps 2 and 3 alone, without
//! async runtime, network, database or command line:
//!
//! ```
//! use gleaner::extract::{Extractor, Options};
//! use gleaner::page::Page;
//!
//! let html = "<html><head><title>Ferry sails again</title></head><body><nav><a href=/>Home</a></nav>\
//!     <article><h1>Ferry sails again</h1><p>The ferry between the two islands sails again from Monday, the \
//!     harbour office said, after its engine had been repaired for the third time this year.</p>\
//!     <p>Tickets cost what they cost before.</p></article></body></html>";
//! let extraction = Extractor::new(&Options::default())?.extract(&Page::from_bytes(html));
//! assert!(gleaner::render::text(&extraction.article).starts_with("Ferry sails again\n\nThe ferry between"));
//! # Ok::<(), gleaner::extract::RulesError>(())
//! ```

pub mod article;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "crawl")]
pub mod config;
#[cfg(feature = "crawl")]
#[doc(hidden)]
pub mod crash;
#[cfg(feature = "crawl")]
pub mod crawl;
mod eight;
pub mod extract;
#[cfg(feature = "crawl")]
pub mod feed;
#[cfg(feature = "crawl")]
pub mod fetch;
pub mod fingerprint;
#[cfg(feature = "crawl")]
pub mod frontier;
#[cfg(feature = "crawl")]
pub mod key;
#[cfg(feature = "crawl")]
pub mod ledger;
#[cfg(feature = "crawl")]
pub mod output;
pub mod page;
#[cfg(feature = "crawl")]
pub mod path;
pub mod render;
#[cfg(feature = "crawl")]
pub mod trouble;
