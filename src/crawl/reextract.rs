//! Texts written again from raw pages, after rules or model have changed: under the same names, and only where they differ.

use super::CrawlError;
use super::pages::Panicked;
use super::pool::Pool;
use super::read::{Files, Hints, names, with_hints};
use crate::article::{Provenance, Verdict};
use crate::config::{Config, TextSettings};
use crate::extract::{Extraction, Extractor};
use crate::fingerprint::Fingerprint;
use crate::frontier::{Frontier, NewText};
use crate::key::Key;
use crate::output::{self, Entry, OutputError, RawArticle, RawPart, RawRole, RawStore, Record, Truncated, Writer};
use crate::page::Page;
use crate::render::{self, About};
use futures_util::StreamExt as _;
use futures_util::stream;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use url::Url;

/// New hashes that the store learns in one transaction.
const TOGETHER: usize = 200;

/// What became of the texts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reextracted {
    /// All that the manifest lists.
    pub texts: u64,
    /// They differ, and were written, or in a dry run would be.
    pub changed: u64,
    /// They came out as they stand.
    pub same: u64,
    /// None of their pages, or not all of them, are kept.
    pub without_pages: u64,
    /// Nothing came out that is to be written; what stands there stays.
    pub no_article: u64,
    /// They are not as they were written, or not there: somebody else has a hand in them, and they are left alone.
    pub foreign: u64,
    /// Their pages could not be read or taken apart.
    pub failed: u64,
}

/// One text of which there is something to tell.
#[derive(Debug)]
pub enum Retold<'a> {
    /// It differs.
    Changed {
        /// What stands there.
        before: &'a str,
        /// What takes its place.
        after: &'a str,
    },
    /// No article came out.
    NoArticle(Verdict),
    /// It is not as it was written.
    Foreign,
    /// Its pages could not be read or taken apart.
    Failed(&'a dyn std::error::Error),
    /// Nothing to tell: it is the same, or there are no pages of it.
    Nothing,
}

/// What came out of the pages of one text.
enum Outcome {
    Text { files: Files, record: Box<Record>, fingerprint: Option<Fingerprint> },
    NoArticle(Verdict),
    WithoutPages,
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

/// Takes the pages of every text apart once more and writes those that differ; with `dry_run` nothing is written. Each
/// text is handed to `tell` when it is done, in the order of their paths, with how many there are. Nobody else may use
/// the store and the folders meanwhile.
///
/// # Errors
/// A store, a folder of texts or one of raw pages that cannot be read or written. What a single page does is no error.
pub async fn reextract<F: Frontier>(
    config: &Config,
    extractor: &Arc<Extractor>,
    frontier: &F,
    dry_run: bool,
    mut tell: impl FnMut(&Entry, Retold<'_>, usize),
) -> Result<Reextracted, CrawlError> {
    let folder = &config.output.folder;
    let writer = if dry_run { None } else { Some(Writer::open(folder)?) };
    let raw = Arc::new(RawStore::open(&config.raw)?);
    let mut articles = raw.articles()?;
    let listed = listed(folder)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (pool, count) = (Pool::new(cores), listed.len());
    let feeds = config.feeds_by_key();
    let mut done = Reextracted::default();
    let mut new = Vec::new();
    let mut ready = stream::iter(listed.into_values().map(|entry| {
        let article = articles.remove(&entry.record.key);
        let feed = entry.record.feed.as_ref().and_then(|feed| feeds.get(&Key::of(feed)));
        let settings = config.text_settings(feed);
        let work = read_again(raw.clone(), extractor.at(settings.level), settings, entry.clone(), article);
        let read = pool.run(work);
        async move { (entry, read.await) }
    }))
    .buffered(2 * cores);
    while let Some((entry, read)) = ready.next().await {
        let outcome = read.unwrap_or_else(|Panicked| Outcome::Failed(Box::new(Panicked)));
        done.texts += 1;
        settle(folder, writer.as_ref(), &entry, outcome, &mut done, &mut new, |retold| tell(&entry, retold, count))?;
        if new.len() >= TOGETHER && !dry_run {
            frontier.renew(&std::mem::take(&mut new)).await?;
        }
    }
    if !dry_run {
        frontier.renew(&new).await?;
    }
    Ok(done)
}

/// The latest line of each text, by its path.
fn listed(folder: &Path) -> Result<BTreeMap<String, Entry>, OutputError> {
    let latest = output::latest_entries(folder)?;
    Ok(latest.into_values().map(|entry| (entry.record.path.as_str().to_owned(), entry)).collect())
}

/// What is done on the threads that extract.
fn read_again(
    raw: Arc<RawStore>,
    extractor: Extractor,
    settings: TextSettings,
    entry: Entry,
    article: Option<RawArticle>,
) -> impl FnOnce() -> Outcome + Send + 'static {
    move || {
        // What a feed carried in full is made of no page.
        let Some(article) = article.filter(|_| entry.record.source.is_page()) else { return Outcome::WithoutPages };
        match pages_of(&raw, &article) {
            Ok(Some(pages)) => compose(&extractor, settings, entry, &article, &pages),
            Ok(None) => Outcome::WithoutPages,
            Err(error) => Outcome::Failed(Box::new(error)),
        }
    }
}

/// The pages of an article; `None` where one of them has made room for others.
fn pages_of(raw: &RawStore, article: &RawArticle) -> Result<Option<Vec<(Page, RawRole)>>, OutputError> {
    let page = |part: &RawPart| {
        let body = raw.body(part)?;
        Ok(body.map(|body| {
            let page = Page {
                url: Some(part.url.clone()),
                content_type: part.content_type.clone(),
                body: body.into(),
                fetched_at: Some(part.fetched),
                hops: Vec::new(),
                continues: part.role == RawRole::NextPage,
            };
            (page, part.role)
        }))
    };
    article.pages.iter().map(page).collect()
}

fn compose(
    extractor: &Extractor,
    settings: TextSettings,
    entry: Entry,
    article: &RawArticle,
    pages: &[(Page, RawRole)],
) -> Outcome {
    let Some(mut extraction) = joined(extractor, pages) else { return Outcome::WithoutPages };
    if article.is_cut && extraction.verdict == Verdict::Article {
        extraction.verdict = Verdict::Truncated;
    }
    let verdict = extraction.verdict;
    let is_unwanted = verdict == Verdict::Truncated && settings.truncated == Truncated::Skip;
    if !verdict.has_article() || is_unwanted {
        return Outcome::NoArticle(verdict);
    }
    let Entry { record, .. } = entry;
    let landed = pages.first().and_then(|(page, _)| page.url.clone()).unwrap_or_else(|| record.url.clone());
    let (canonical, confidence) = (extraction.article.metadata.canonical_url.clone(), extraction.confidence);
    let hints = Hints { title: article.title.clone(), published: article.published };
    let found = with_hints(extraction.article, hints, record.fetched);
    let (first, source) = (record.duplicate_of.map(|first| first.to_string()), Provenance::Page);
    let about = About { url: Some(&landed), verdict, source, confidence, duplicate_of: first.as_deref() };
    let files = Files::of(&found, &about, &record.path, settings);
    let fingerprint = Fingerprint::of(&render::body(&found));
    let aliases = with_names(record.aliases.clone(), &record.url, &landed, canonical.as_ref());
    let (title, published, language) = (found.metadata.title, found.metadata.published, found.metadata.language);
    let record = Record { aliases, title, published, verdict, language, confidence, ..record };
    Outcome::Text { files, record: Box::new(record), fingerprint }
}

/// All pages as one, as they were joined when they were fetched.
fn joined(extractor: &Extractor, pages: &[(Page, RawRole)]) -> Option<Extraction> {
    let mut pages = pages.iter();
    let mut extraction = extractor.extract(&pages.next()?.0);
    for (page, role) in pages {
        let found = extractor.extract(page);
        match role {
            RawRole::SinglePage => extraction.give_place_to(found),
            RawRole::First | RawRole::NextPage => drop(extraction.append(found)),
        }
    }
    Some(extraction)
}

/// The names that are known already, and those that the page has now.
fn with_names(mut known: Vec<Url>, url: &Url, landed: &Url, canonical: Option<&Url>) -> Vec<Url> {
    let new = names(url, landed, canonical).into_iter().map(|name| name.url);
    new.for_each(|name| {
        if !known.contains(&name) {
            known.push(name);
        }
    });
    known
}

fn settle(
    folder: &Path,
    writer: Option<&Writer>,
    entry: &Entry,
    outcome: Outcome,
    done: &mut Reextracted,
    new: &mut Vec<NewText>,
    tell: impl FnOnce(Retold<'_>),
) -> Result<(), OutputError> {
    let (files, record, fingerprint) = match outcome {
        Outcome::Text { files, record, fingerprint } => (files, record, fingerprint),
        Outcome::WithoutPages => {
            done.without_pages += 1;
            tell(Retold::Nothing);
            return Ok(());
        }
        Outcome::NoArticle(verdict) => {
            done.no_article += 1;
            tell(Retold::NoArticle(verdict));
            return Ok(());
        }
        Outcome::Failed(error) => {
            done.failed += 1;
            tell(Retold::Failed(&*error));
            return Ok(());
        }
    };
    let file = entry.record.path.under(folder);
    let before = match std::fs::read(&file) {
        Err(absent) if absent.kind() == std::io::ErrorKind::NotFound => None,
        read => Some(read.map_err(|error| OutputError::of(&file, error))?),
    };
    let text = &files.text;
    let hash = blake3::hash(text.as_bytes()).to_hex().to_string();
    let is_same = before.as_deref() == Some(text.as_bytes());
    let is_ours = before.as_ref().is_some_and(|before| blake3::hash(before).to_hex().as_str() == entry.hash);
    if !is_same && !is_ours {
        done.foreign += 1;
        tell(Retold::Foreign);
        return Ok(());
    }
    if is_same {
        done.same += 1;
    } else {
        done.changed += 1;
    }
    // One that is the same may have been written by a run that was killed before it could say so.
    if let Some(writer) = writer.filter(|_| !is_same || entry.hash != hash) {
        files.write(writer, &record)?;
    } else if let (Some(writer), Some(sidecar)) = (writer, &files.sidecar) {
        writer.write_sidecar(&record.path, sidecar)?;
    }
    let is_truncated = record.verdict == Verdict::Truncated;
    new.push(NewText { page: record.key, hash, is_truncated, fingerprint });
    let before = String::from_utf8_lossy(before.as_deref().unwrap_or_default());
    tell(if is_same { Retold::Nothing } else { Retold::Changed { before: &before, after: text } });
    Ok(())
}
