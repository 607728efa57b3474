//! What the user names, a URL, a file or standard input, and how its page is got.

use super::batch::{Batch, Bytes, Layout, Place, RecordRange};
use super::form::{InputForm, is_gzip};
use super::problem::Problem;
use super::terminal::plain;
use crate::crawl::{Reach, Reader, headers_for};
use crate::extract::SiteRules;
use crate::fetch::{
    Cidr, DiskCache, FetchOptions, Fetched, Fetcher, MOST_BODY_BYTES, Request, Reuse, SiteOptions, Target,
};
use crate::page::Page;
use clap::Args;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use url::Url;

/// One thing to extract from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Input {
    /// As the user wrote it, fit for messages.
    pub(crate) name: String,
    /// What it is.
    pub(crate) source: Source,
}

/// Where the bytes come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// http or https.
    Url(Url),
    /// Starts like a URL and is none.
    BadUrl(url::ParseError),
    /// A file on this machine.
    File(PathBuf),
    /// Standard input, to its end.
    Stdin,
}

impl Input {
    /// Reads one argument: `http://` and `https://` open a URL, `-` is standard input, all else is a file.
    pub(crate) fn parse(argument: &OsStr) -> Self {
        let source = match argument.to_str() {
            Some("-") => Source::Stdin,
            Some(text) if has_web_scheme(text) => Url::parse(text).map_or_else(Source::BadUrl, Source::Url),
            _ => Source::File(PathBuf::from(argument)),
        };
        let name = match &source {
            Source::Url(url) if has_secret(url) => without_secret(url),
            _ => plain(&argument.to_string_lossy()),
        };
        Self { name, source }
    }

    /// The URL, where it is one.
    pub(crate) fn url(&self) -> Option<&Url> {
        match &self.source {
            Source::Url(url) => Some(url),
            _ => None,
        }
    }
}

fn has_secret(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

fn without_secret(url: &Url) -> String {
    let mut url = url.clone();
    // Both fail only for URLs that cannot carry credentials.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

fn has_web_scheme(text: &str) -> bool {
    ["http://", "https://"]
        .iter()
        .any(|scheme| text.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme)))
}

/// Whether a file's name was rather meant as an address: `example.org`, `www.example.org/news/1`.
pub(crate) fn looks_like_host(path: &Path) -> bool {
    let Some((host, tail)) = path.to_str().map(|text| text.split_once('/').unwrap_or((text, ""))) else { return false };
    let labels: Vec<&str> = host.split('.').collect();
    let is_label = |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    let ends_like_page = |ending: &str| matches!(ending, "html" | "htm" | "xhtml" | "txt" | "pdf" | "json" | "xml");
    match labels.as_slice() {
        [_, .., last] if labels.iter().all(is_label) => {
            last.len() >= 2 && last.chars().all(char::is_alphabetic) && !(tail.is_empty() && ends_like_page(last))
        }
        _ => false,
    }
}

/// How pages are fetched for a single command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Fetching")]
pub(crate) struct FetchArgs {
    /// Fetch even where the site's robots.txt says no
    #[arg(long)]
    ignore_robots: bool,
    /// Allow addresses of this network although it is not public (127.0.0.0/8, fd00::/8); repeatable
    #[arg(long, value_name = "CIDR")]
    allow_private: Vec<Cidr>,
    /// The User-Agent header to send
    #[arg(long, value_name = "TEXT")]
    user_agent: Option<String>,
    /// Give up on a page after this many seconds, of silence too [default: 60, 15 of silence, 10 to connect]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: Option<u64>,
    /// Refuse pages that are larger than this [default: 10485760]
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1024..=MOST_BODY_BYTES))]
    max_body_bytes: Option<u64>,
    /// Keep answers in this folder, up to 512 MiB, and ask again only for what is not fresh; several may share it
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    /// Take nothing from the cache, and put what comes into it
    #[arg(long, requires = "cache")]
    refetch: bool,
}

/// What a cache may grow to, in bytes: some thousands of pages.
const MOST_CACHE_BYTES: u64 = 512 * 1024 * 1024;

impl FetchArgs {
    /// What fetches by these arguments, single sites in their own way.
    fn fetcher(&self, sites: &BTreeMap<String, SiteOptions>) -> anyhow::Result<Fetcher> {
        if self.ignore_robots {
            tracing::warn!("--ignore-robots: robots.txt is not asked; be sure that the sites allow it");
        }
        let fetcher = Fetcher::new(&FetchOptions { sites: sites.clone(), ..self.options() })?;
        let Some(folder) = &self.cache else { return Ok(fetcher) };
        let reuse = if self.refetch { Reuse::Never } else { Reuse::Allowed };
        Ok(fetcher.cached(DiskCache::open(folder, MOST_CACHE_BYTES, reuse)?))
    }

    fn options(&self) -> FetchOptions {
        let defaults = FetchOptions::default();
        FetchOptions {
            user_agent: self.user_agent.clone(),
            allow_private: self.allow_private.clone(),
            connect_timeout_s: self.timeout.unwrap_or(defaults.connect_timeout_s),
            idle_timeout_s: self.timeout.unwrap_or(defaults.idle_timeout_s),
            total_timeout_s: self.timeout.unwrap_or(defaults.total_timeout_s),
            max_body_bytes: self.max_body_bytes.unwrap_or(defaults.max_body_bytes),
            // Holds for the user's own networks only; everybody else's hosts get a second's rest.
            host_pause_ms: 0,
            ..defaults
        }
    }
}

/// What an input turned out to be.
pub(crate) enum Opened {
    /// A page or a text, whole.
    Page(Page),
    /// Many of them, to be read one after the other.
    Batch(OpenedBatch),
}

/// A batch that can be read.
pub(crate) struct OpenedBatch {
    pub(crate) records: Batch,
    /// How far its file has been read, in bytes.
    pub(crate) bytes_read: Arc<AtomicU64>,
    /// How long its file is, in bytes; `None` for standard input and pipes.
    pub(crate) file_bytes: Option<u64>,
}

/// What of a batch is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    /// Where reading begins, in what can be gone about in; elsewhere all is read from its beginning.
    pub(crate) place: Place,
    pub(crate) range: RecordRange,
}

/// Gets the page of an input, whatever it is.
#[derive(Debug, Clone)]
pub(crate) struct Loader {
    fetcher: Arc<Fetcher>,
    obey_robots: bool,
    base_url: Option<Url>,
    max_body_bytes: u64,
    /// They say what headers their sites want.
    rules: Arc<SiteRules>,
}

impl Loader {
    /// Prepares fetching by site rules; files and standard input are said to stand at `base_url`.
    ///
    /// # Errors
    /// Options that cannot be used, a cache that cannot be opened.
    pub(crate) fn new(args: &FetchArgs, base_url: Option<Url>, rules: &Arc<SiteRules>) -> anyhow::Result<Self> {
        Self::with_sites(args, base_url, rules, &BTreeMap::new())
    }

    /// The same, with single sites asked in their own way.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub(crate) fn with_sites(
        args: &FetchArgs,
        base_url: Option<Url>,
        rules: &Arc<SiteRules>,
        sites: &BTreeMap<String, SiteOptions>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            fetcher: Arc::new(args.fetcher(sites)?),
            obey_robots: !args.ignore_robots,
            base_url,
            max_body_bytes: args.options().max_body_bytes,
            rules: Arc::clone(rules),
        })
    }

    /// What reads pages and fetches what belongs to them in the same way.
    pub(crate) fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.fetcher), self.obey_robots, Reach::default())
    }

    /// How large a page may be, in bytes.
    pub(crate) fn max_body_bytes(&self) -> u64 {
        self.max_body_bytes
    }

    /// Gets the page, or opens the batch where the input is one, for a part of it. Nothing of a batch is held but its
    /// first bytes.
    ///
    /// # Errors
    /// Whatever keeps the bytes from coming; a URL that is said to be a batch.
    pub(crate) async fn open(&self, source: Source, form: InputForm, part: Part) -> Result<Opened, Problem> {
        let path = match source {
            Source::File(path) => Some(path),
            Source::Stdin => None,
            Source::Url(_) if matches!(form, InputForm::Jsonl | InputForm::Warc) => return Err(Problem::BatchUrl),
            Source::Url(_) | Source::BadUrl(_) => return self.load(source).await.map(Opened::Page),
        };
        let limit = self.max_body_bytes;
        let opened = aside(move || {
            let mut file = path.as_deref().map(open_file).transpose()?;
            let mut bytes: Bytes = match &file {
                Some(file) => Box::new(file.try_clone().map_err(Problem::Read)?),
                None => Box::new(io::stdin()),
            };
            let head = read_head(&mut bytes).map_err(Problem::Read)?;
            let is_gzip = is_gzip(&head);
            match form.batch(&head, path.as_deref()) {
                None => read_whole(io::Cursor::new(head).chain(bytes), limit).map(Content::Page),
                Some(form) => {
                    let (whole, place) = begun_at(file.as_mut(), part.place, head, bytes).map_err(Problem::Read)?;
                    let bytes_read = Arc::new(AtomicU64::new(place.offset));
                    let counted = Counted { inner: whole, bytes: Arc::clone(&bytes_read) };
                    let layout = Layout { form, is_gzip };
                    let records = Batch::new(Box::new(counted), layout, limit, place, part.range);
                    let facts = file.and_then(|file| file.metadata().ok()).filter(std::fs::Metadata::is_file);
                    let file_bytes = facts.map(|facts| facts.len());
                    Ok(Content::Batch(OpenedBatch { records, bytes_read, file_bytes }))
                }
            }
        });
        Ok(match opened.await? {
            Content::Page(bytes) => Opened::Page(self.page(bytes)),
            Content::Batch(batch) => Opened::Batch(batch),
        })
    }

    /// Gets the page.
    ///
    /// # Errors
    /// Whatever keeps the bytes from coming whole.
    pub(crate) async fn load(&self, source: Source) -> Result<Page, Problem> {
        let limit = self.max_body_bytes;
        let page = match source {
            Source::Url(url) => return self.fetch(url).await,
            Source::BadUrl(cause) => return Err(Problem::Url(cause)),
            Source::File(path) => aside(move || read_file(&path, limit)).await?,
            Source::Stdin => aside(move || read_whole(io::stdin().lock(), limit)).await?,
        };
        Ok(self.page(page))
    }

    /// Gets what may be a feed, under whatever label it comes.
    ///
    /// # Errors
    /// Whatever keeps the bytes from coming whole.
    pub(crate) async fn fetch_feed(&self, url: Url) -> Result<Page, Problem> {
        self.ask(Request { target: Target::Feed, obey_robots: self.obey_robots, ..Request::page(url) }).await
    }

    fn page(&self, bytes: Vec<u8>) -> Page {
        // What is said to be published later than this is not believed.
        Page { url: self.base_url.clone(), fetched_at: Some(Timestamp::now()), ..Page::from_bytes(bytes) }
    }

    async fn fetch(&self, url: Url) -> Result<Page, Problem> {
        let (headers, obey_robots) = (headers_for(&self.rules, &url), self.obey_robots);
        self.ask(Request { headers, obey_robots, ..Request::page(url) }).await
    }

    async fn ask(&self, request: Request) -> Result<Page, Problem> {
        match self.fetcher.fetch(&request).await? {
            Fetched::Page { page, .. } => Ok(page),
            Fetched::NotModified { .. } => Err(Problem::NotModified),
        }
    }
}

/// What a file or standard input holds.
enum Content {
    Page(Vec<u8>),
    Batch(OpenedBatch),
}

/// The bytes from a place on, where the input is a file of which it is not the beginning; else all of them, of which the
/// head has been read.
fn begun_at(file: Option<&mut File>, place: Place, head: Vec<u8>, rest: Bytes) -> io::Result<(Bytes, Place)> {
    match file {
        Some(file) if place.offset > 0 => {
            // The two share their position.
            file.seek(SeekFrom::Start(place.offset))?;
            Ok((rest, place))
        }
        _ => Ok((Box::new(io::Cursor::new(head).chain(rest)), Place::START)),
    }
}

/// Tells others how far it was read.
struct Counted {
    inner: Bytes,
    bytes: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Runs what may block apart from the runtime's own threads.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(Problem::Panicked))
}

fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, Problem> {
    read_whole(open_file(path)?, limit)
}

fn open_file(path: &Path) -> Result<File, Problem> {
    match File::open(path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Err(no_file(path)),
        Err(cause) => Err(Problem::Read(cause)),
        Ok(_) if path.is_dir() => Err(Problem::Folder),
        Ok(file) => Ok(file),
    }
}

/// Bytes that are enough to tell what an input is.
const HEAD_BYTES: usize = 16 * 1024;

/// Reads what an input begins with: a line that is not blank, or as much as is enough.
fn read_head(bytes: &mut Bytes) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut part = vec![0; HEAD_BYTES];
    while head.len() < HEAD_BYTES && !head.trim_ascii_start().contains(&b'\n') {
        match bytes.read(&mut part) {
            Ok(0) => break,
            Ok(read) => head.extend_from_slice(&part[..read]),
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(head)
}

fn no_file(path: &Path) -> Problem {
    let name = plain(&path.to_string_lossy());
    if looks_like_host(path) {
        Problem::MeantUrl(name)
    } else if name.contains("://") {
        Problem::Scheme
    } else {
        Problem::NoFile
    }
}

/// Reads to the end, but never more than `limit` bytes.
fn read_whole(reader: impl Read, limit: u64) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    reader.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(Problem::Read)?;
    if bytes.len() as u64 > limit { Err(Problem::TooLarge { limit }) } else { Ok(bytes) }
}

/// Reads a URL given as an option.
///
/// # Errors
/// Anything but an absolute http or https URL.
pub(crate) fn web_url(text: &str) -> Result<Url, anyhow::Error> {
    let url = Url::parse(text)?;
    anyhow::ensure!(matches!(url.scheme(), "http" | "https"), "must begin with http:// or https://");
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(argument: &str) -> Source {
        Input::parse(argument.as_ref()).source
    }

    #[test]
    fn schemes_make_urls_and_all_else_files() {
        assert!(matches!(source("https://example.org/a"), Source::Url(_)));
        assert!(matches!(source("HTTP://example.org"), Source::Url(_)));
        assert!(matches!(source("http://[::"), Source::BadUrl(_)));
        assert_eq!(source("example.org"), Source::File("example.org".into()));
        assert_eq!(source("ftp://example.org/a"), Source::File("ftp://example.org/a".into()));
        assert_eq!(source("-"), Source::Stdin);
        assert_eq!(source("./-"), Source::File("./-".into()));
    }

    #[test]
    fn host_names_are_told_from_file_names() {
        for host in ["example.org", "www.example.co.uk/news/1", "пошта.укр", "a-b.example/x.html"] {
            assert!(looks_like_host(Path::new(host)), "{host}");
        }
        for file in ["page.html", "notes", "./example.org", "/tmp/a.b/c", "a b.org", "page.v2", "a..org", ".hidden"] {
            assert!(!looks_like_host(Path::new(file)), "{file}");
        }
    }

    #[test]
    fn names_carry_no_escapes() {
        assert_eq!(Input::parse("a\u{1b}[31m.html".as_ref()).name, "a[31m.html");
    }

    #[test]
    fn passwords_are_not_named() {
        assert_eq!(Input::parse("https://me:secret@example.org/".as_ref()).name, "https://example.org/");
    }

    #[test]
    fn what_is_too_large_is_not_read_on() {
        assert_eq!(read_whole(&b"12345"[..], 5).unwrap(), b"12345");
        assert!(matches!(read_whole(io::repeat(b'x'), 5), Err(Problem::TooLarge { limit: 5 })));
    }

    #[test]
    fn missing_files_are_told_apart() {
        assert!(matches!(no_file(Path::new("example.org/a")), Problem::MeantUrl(_)));
        assert!(matches!(no_file(Path::new("ftp://example.org/a")), Problem::Scheme));
        assert!(matches!(no_file(Path::new("page.html")), Problem::NoFile));
    }

    #[test]
    fn base_urls_are_web_addresses() {
        assert!(web_url("https://example.org/").is_ok());
        assert!(web_url("mailto:a@example.org").is_err());
        assert!(web_url("example.org").is_err());
    }
}
