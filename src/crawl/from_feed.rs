//! An article as its feed carries it, for where its page cannot be had.

use super::worker::Failure;
use super::{Crawl, CrawlError};
use crate::article::{Provenance, Verdict};
use crate::extract::Extraction;
use crate::frontier::{Content, Frontier, Lease};
use crate::page::Page;
use std::fmt::Write as _;

/// The article of a leased page by what its feed carries in full, extracted as a page of its own; `None` where it
/// carries nothing, or nothing that is an article.
pub(super) async fn article<F: Frontier>(crawl: &Crawl<F>, lease: &Lease) -> Result<Option<Extraction>, CrawlError> {
    let Some(content) = crawl.frontier.content(lease).await? else { return Ok(None) };
    let page = page(&content, lease);
    let extracted = crawl.reader.extract(&crawl.extractor_for(lease), page).await;
    Ok(extracted.ok().filter(|extraction| extraction.verdict == Verdict::Article))
}

/// The same for a page that failed, where another attempt would bring nothing better (`is_last`): it was refused, or
/// this was its last one.
pub(super) async fn instead_of_failed<F: Frontier>(
    crawl: &Crawl<F>,
    lease: &Lease,
    failure: &Failure,
    is_last: bool,
) -> Result<Option<Extraction>, CrawlError> {
    if !is_last && !failure.is_refusal {
        return Ok(None);
    }
    let found = article(crawl, lease).await?;
    if found.is_some() {
        let (url, host, cause) = (&lease.url, &lease.host, &failure.cause);
        tracing::info!(%url, %host, cause, "the page cannot be had, its feed has the article");
    }
    Ok(found)
}

/// The better of a page and of what its feed carries: the page's own article wherever it is whole.
pub(super) async fn or_article<F: Frontier>(
    crawl: &Crawl<F>,
    lease: &Lease,
    extraction: Extraction,
) -> Result<(Extraction, Provenance), CrawlError> {
    if !is_remnant(extraction.verdict) {
        return Ok((extraction, Provenance::Page));
    }
    let verdict = extraction.verdict;
    match article(crawl, lease).await? {
        Some(found) if chars(&found) > chars(&extraction) || !verdict.has_article() => {
            let (url, host) = (&lease.url, &lease.host);
            tracing::info!(%url, %host, verdict = verdict.id(), "the page has no whole article, its feed has");
            Ok((found, Provenance::Feed))
        }
        _ => Ok((extraction, Provenance::Page)),
    }
}

/// Whether something stands in the way of the article or is left of it. A page that was read and is no article is not
/// spoken against by its feed.
fn is_remnant(verdict: Verdict) -> bool {
    !matches!(verdict, Verdict::Article | Verdict::NotAnArticle)
}

fn chars(extraction: &Extraction) -> usize {
    extraction.article.blocks.iter().map(|block| block.text.len()).sum()
}

/// The content as a page: what the entry says of it stands in its head. It has no URL, so that the site's rules, which
/// speak of its pages, are not held against it.
fn page(content: &Content, lease: &Lease) -> Page {
    let mut head = "<meta charset=\"utf-8\"><meta property=\"og:type\" content=\"article\">".to_owned();
    let title = lease.title.as_deref().unwrap_or_default();
    let mut meta = |name: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = write!(head, "<meta property=\"{name}\" content=\"{}\">", escaped(value));
    };
    meta("og:title", title);
    content.authors.iter().for_each(|author| meta("author", author));
    if let Some(published) = lease.published {
        meta("article:published_time", &published.to_string());
    }
    let title = escaped(title);
    let html = format!(
        "<!doctype html><html><head>{head}<title>{title}</title></head><body><article><h1>{title}</h1>{}</article></body></html>",
        content.html
    );
    Page { content_type: Some("text/html; charset=utf-8".to_owned()), ..Page::from_bytes(html) }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
