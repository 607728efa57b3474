//! Gleaner takes a web page apart and keeps the article.

pub mod article;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "crawl")]
pub mod config;
#[cfg(feature = "crawl")]
pub mod crawl;
pub mod extract;
#[cfg(feature = "crawl")]
pub mod feed;
#[cfg(feature = "crawl")]
pub mod fetch;
#[cfg(feature = "crawl")]
pub mod frontier;
#[cfg(feature = "crawl")]
pub mod key;
#[cfg(feature = "crawl")]
pub mod output;
pub mod page;
#[cfg(feature = "crawl")]
pub mod path;
pub mod render;
