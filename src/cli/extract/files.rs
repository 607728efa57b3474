//! Articles as files, named and written as the daemon does it.

use super::Extracted;
use crate::article::Provenance;
use crate::cli::problem::Problem;
use crate::cli::source::Source;
use crate::key::Key;
use crate::output::{ArticleName, Record, Writer};
use crate::render::Format;
use anyhow::Context as _;
use jiff::Timestamp;
use std::collections::HashSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use url::Url;

/// The folder given with `--output`, open for writing.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    writer: Writer,
    /// What this call has written.
    written: HashSet<Key>,
}

impl Files {
    /// Opens the folder; makes it where it is missing. What was written while its manifest grew by `written_bytes` counts
    /// as written by this call.
    ///
    /// # Errors
    /// A folder that cannot be written to.
    pub(super) fn open(folder: &Path, written_bytes: Range<u64>) -> anyhow::Result<Self> {
        let writer = Writer::open(folder).with_context(|| format!("--output {}", folder.display()))?;
        let written = writer.keys_within(written_bytes).into_iter().collect();
        Ok(Self { folder: folder.to_path_buf(), writer, written })
    }

    /// How long the folder's manifest is, in bytes.
    pub(super) fn manifest_bytes(&self) -> u64 {
        self.writer.manifest_bytes()
    }

    /// Writes an article as `text`, which is of a format, and what is to stand beside it, and gives the line to print:
    /// the file's path. An article that the folder holds already keeps its name, but for the format's extension.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn write(
        &mut self,
        found: &Extracted,
        format: Format,
        text: &str,
        sidecar: Option<&str>,
    ) -> Result<String, Problem> {
        let url = self.address(found, text);
        let metadata = &found.reading.extraction.article.metadata;
        let key = Key::of(&url);
        let fetched = found.fetched_at.unwrap_or_else(Timestamp::now);
        let date = ArticleName::day(metadata.published, fetched);
        let path = match self.writer.path_of(key)? {
            Some(path) => path,
            // That two keys share their first 32 bits, host, day and title has never been seen.
            None => ArticleName::new(&url, metadata.title.as_deref(), date).path(Key::SHORTEST),
        };
        let path = path.with_extension(format.extension());
        let record = Record {
            key,
            aliases: aliases(found, &url),
            url,
            path: path.clone(),
            title: metadata.title.clone(),
            published: metadata.published,
            fetched,
            feed: None,
            entry: None,
            verdict: found.reading.extraction.verdict,
            source: Provenance::Page,
            language: metadata.language.clone(),
            confidence: found.reading.extraction.confidence,
            duplicate_of: None,
        };
        if let Some(sidecar) = sidecar {
            self.writer.write_sidecar(&record.path, sidecar)?;
        }
        self.writer.write(&record, text)?;
        self.written.insert(key);
        Ok(format!("{}\n", self.folder.join(path.as_str()).display()))
    }

    /// What the article is known by: the URL asked for, else the one it says it has, else its file or,
    /// for standard input and the records of a batch, its text. Pages exist that all say they are their site's front page: a
    /// second file never takes the name of another one of the same call.
    fn address(&self, found: &Extracted, text: &str) -> Url {
        let canonical = found.reading.extraction.article.metadata.canonical_url.as_ref();
        let stated = found.url.as_ref().or(canonical).filter(|url| !self.written.contains(&Key::of(url)));
        let named = found.input.url().or(stated).cloned();
        let file = || if found.is_of_batch { None } else { file_url(&found.input.source) };
        named.or_else(file).unwrap_or_else(|| text_url(text))
    }
}

fn file_url(source: &Source) -> Option<Url> {
    let Source::File(path) = source else { return None };
    Url::from_file_path(std::path::absolute(path).ok()?).ok()
}

/// A URN of the text itself.
#[expect(clippy::expect_used, reason = "a fixed beginning and hexadecimal digits are always a URL")]
fn text_url(text: &str) -> Url {
    Url::parse(&format!("urn:blake3:{}", blake3::hash(text.as_bytes()).to_hex())).expect("a URN")
}

/// Where redirects led and what the page calls itself, apart from `url`.
fn aliases(found: &Extracted, url: &Url) -> Vec<Url> {
    let mut aliases: Vec<Url> = Vec::new();
    for other in
        [found.url.as_ref(), found.reading.extraction.article.metadata.canonical_url.as_ref()].into_iter().flatten()
    {
        if other != url && !aliases.contains(other) {
            aliases.push(other.clone());
        }
    }
    aliases
}
