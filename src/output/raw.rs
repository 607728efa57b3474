//! Pages as they came, kept on request, so that texts can be written again when rules or model have changed.
//!
//! `{folder}/ab/{BLAKE3 of the body}.html.zst` holds a body, each once however often it comes, and `index.jsonl` a line
//! for each article: of which pages it was made, in their order. Bodies go in with the same care as texts (`tree`), the line
//! last (`index`). What is kept has a cap; the bodies that were used longest ago go first.

mod check;
mod index;

use super::tree::Tree;
use super::{OutputError, RelativePath};
use crate::crash::{self, Point};
use crate::key::Key;
pub use check::{RawLook, look_through};
use index::{Index, read_lines};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use url::Url;

/// How hard bodies are packed: zstd's own default, which takes 144 kB of markup to a sixth in a millisecond or two.
const LEVEL: i32 = 3;

/// The largest body that is unpacked again: the most that `[fetch] max_body_bytes` may be.
const MAX_BODY_BYTES: u64 = 1 << 30;

/// Settings of raw pages, as in the `[raw]` section of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawOptions {
    /// Whether the pages of articles are kept.
    pub keep: bool,
    /// Where; made where it is missing. Not the output folder.
    pub folder: PathBuf,
    /// Their files together have no more bytes than this.
    pub max_bytes: u64,
}

impl Default for RawOptions {
    /// 10 GiB: some 400,000 pages of 144 kB, packed to a sixth.
    fn default() -> Self {
        Self { keep: false, folder: PathBuf::from("raw"), max_bytes: 10 << 30 }
    }
}

/// How a page came to the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RawRole {
    /// The page that was announced.
    First,
    /// The page that has the article in one piece.
    SinglePage,
    /// The next page of the article.
    NextPage,
}

/// One page of an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawPart {
    /// BLAKE3 of the body, hexadecimal.
    pub hash: String,
    /// Where it was found, after redirects.
    pub url: Url,
    /// The `Content-Type` header, whole, as sent.
    pub content_type: Option<String>,
    /// When it was fetched.
    pub fetched: Timestamp,
    /// What it is among the others.
    pub role: RawRole,
}

/// Of what an article was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawArticle {
    /// The article.
    pub key: Key,
    /// Its title as the feed gave it.
    pub title: Option<String>,
    /// Its publication as the feed gave it.
    pub published: Option<Timestamp>,
    /// Whether something of it is missing that its pages do not tell: a body may be cut off, or a further page could not
    /// be had.
    pub is_cut: bool,
    /// Its pages, in the order in which they were read; at least one.
    pub pages: Vec<RawPart>,
}

/// What [`RawStore::keep`] has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RawKept {
    /// The pages are there.
    Kept,
    /// They are larger than all that may be kept.
    TooLarge,
}

/// The folder of raw pages, open for this process alone.
#[derive(Debug)]
pub struct RawStore {
    tree: Tree,
    max_bytes: u64,
    index: Mutex<Index>,
}

impl RawStore {
    /// Opens the folder: makes it where it is missing, locks its index, and sweeps away what a killed run has left.
    ///
    /// # Errors
    /// A folder that cannot be written to, or that another process writes to.
    pub fn open(options: &RawOptions) -> Result<Self, OutputError> {
        let tree = Tree::open(&options.folder)?;
        let index = Index::open(&tree)?;
        tree.sweep()?;
        Ok(Self { tree, max_bytes: options.max_bytes, index: Mutex::new(index) })
    }

    /// Keeps the pages of an article; `bodies` are theirs, in the same order. When it returns, they survive a loss of
    /// power. Makes room for them by removing the bodies that were used longest ago.
    ///
    /// # Errors
    /// A disk that is full or fails. What was kept before stays.
    pub fn keep(&self, article: &RawArticle, bodies: &[&[u8]]) -> Result<RawKept, OutputError> {
        let packed: Vec<(blake3::Hash, Vec<u8>)> = bodies
            .iter()
            .map(|body| Ok((blake3::hash(body), zstd::encode_all(*body, LEVEL)?)))
            .collect::<io::Result<_>>()
            .map_err(|error| OutputError::of(self.tree.root(), error))?;
        if packed.iter().map(|(_, packed)| packed.len() as u64).sum::<u64>() > self.max_bytes {
            return Ok(RawKept::TooLarge);
        }
        let mut index = self.lock();
        let new = packed.iter().filter(|(hash, _)| !index.bodies.contains_key(hash));
        let needed: u64 = new.map(|(_, packed)| packed.len() as u64).sum();
        // In use from now on: they are not to make room for themselves.
        packed.iter().for_each(|(hash, _)| index.touch(*hash));
        while index.bytes + needed > self.max_bytes && index.remove_oldest(&self.tree)? {}
        for (hash, packed) in &packed {
            if !index.bodies.contains_key(hash) {
                self.tree.write(&path_of(*hash), packed)?;
                index.add(*hash, packed.len() as u64);
            }
        }
        crash::point(Point::RawRenamed);
        index.append(article)?;
        crash::point(Point::RawListed);
        Ok(RawKept::Kept)
    }

    /// The articles of which pages are kept, by their keys: the latest of each.
    ///
    /// # Errors
    /// An index that cannot be read.
    pub fn articles(&self) -> Result<HashMap<Key, RawArticle>, OutputError> {
        let index = self.lock();
        let mut articles = HashMap::new();
        read_lines(&index.path, |article| drop(articles.insert(article.key, article)))?;
        Ok(articles)
    }

    /// The body of a page; `None` where it has made room for others.
    ///
    /// # Errors
    /// A body that cannot be read or is not the one that was kept.
    pub fn body(&self, part: &RawPart) -> Result<Option<Vec<u8>>, OutputError> {
        let Ok(hash) = blake3::Hash::from_hex(&part.hash) else { return Ok(None) };
        let file = path_of(hash).under(self.tree.root());
        let error = |error| OutputError::of(&file, error);
        let packed = match File::open(&file) {
            Err(absent) if absent.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(error)?,
        };
        unpacked(packed, hash).map(Some).map_err(error)
    }

    fn lock(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The body in a file.
fn unpacked(packed: File, hash: blake3::Hash) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    zstd::Decoder::new(packed)?.take(MAX_BODY_BYTES).read_to_end(&mut body)?;
    if blake3::hash(&body) == hash {
        Ok(body)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidData, "its bytes are not those that were kept"))
    }
}

fn path_of(hash: blake3::Hash) -> RelativePath {
    let hex = hash.to_hex();
    RelativePath::of_parts(&[&hex[..2], &format!("{hex}.html.zst")])
}

#[cfg(test)]
mod tests {
    use super::index::{DEAD_LINES, INDEX, bodies_in};
    use super::*;
    use std::fs;
    use std::path::Path;

    fn article(number: u8, bodies: &[&[u8]]) -> RawArticle {
        let url = Url::parse(&format!("http://a.test/{number}")).unwrap();
        let part = |(at, body): (usize, &&[u8])| RawPart {
            hash: blake3::hash(body).to_hex().to_string(),
            url: url.clone(),
            content_type: Some("text/html".into()),
            fetched: Timestamp::UNIX_EPOCH,
            role: if at == 0 { RawRole::First } else { RawRole::NextPage },
        };
        let pages = bodies.iter().enumerate().map(part).collect();
        RawArticle { key: Key::of(&url), title: None, published: None, is_cut: false, pages }
    }

    /// Bytes that cannot be packed.
    fn noise(seed: u8) -> Vec<u8> {
        (0..32_u8).flat_map(|block| *blake3::hash(&[seed, block]).as_bytes()).collect()
    }

    fn options(folder: &Path, max_bytes: u64) -> RawOptions {
        RawOptions { keep: true, folder: folder.join("raw"), max_bytes }
    }

    fn size(folder: &Path) -> u64 {
        bodies_in(&folder.join("raw")).unwrap().values().sum()
    }

    #[test]
    fn pages_come_back_in_order_and_one_body_is_kept_once() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (noise(1), noise(2));
        let store = RawStore::open(&options(folder.path(), 1 << 20)).unwrap();
        store.keep(&article(1, &[&one, &two]), &[&one, &two]).unwrap();
        store.keep(&article(2, &[&one]), &[&one]).unwrap();
        drop(store);
        let store = RawStore::open(&options(folder.path(), 1 << 20)).unwrap();
        let articles = store.articles().unwrap();
        assert_eq!(articles.len(), 2);
        let pages = &articles[&article(1, &[]).key].pages;
        let bodies: Vec<_> = pages.iter().map(|part| store.body(part).unwrap().unwrap()).collect();
        assert_eq!(bodies, [one, two]);
        assert!(size(folder.path()) < 3000, "three pages, two bodies");
    }

    #[test]
    fn full_store_lets_the_bodies_go_that_were_used_longest_ago() {
        let folder = tempfile::tempdir().unwrap();
        let options = options(folder.path(), 3200);
        let bodies: Vec<_> = (0..6).map(noise).collect();
        let keep = |store: &RawStore, number: u8| {
            let body = &bodies[usize::from(number)];
            store.keep(&article(number, &[body]), &[body]).unwrap()
        };
        let store = RawStore::open(&options).unwrap();
        (0..3).for_each(|number| assert_eq!(keep(&store, number), RawKept::Kept));
        keep(&store, 0);
        // Also after a new start, which knows the uses by the index.
        drop(store);
        let store = RawStore::open(&options).unwrap();
        keep(&store, 3);
        let is_there = |number: u8| {
            let article = article(number, &[&bodies[usize::from(number)]]);
            store.body(&article.pages[0]).unwrap().is_some()
        };
        assert_eq!([0, 1, 2, 3].map(is_there), [true, false, true, true]);
        assert!(size(folder.path()) <= 3200);
        let huge: Vec<u8> = (0..9).flat_map(noise).collect();
        assert_eq!(store.keep(&article(9, &[&huge]), &[&huge]).unwrap(), RawKept::TooLarge);
        assert_eq!([0, 2, 3].map(is_there), [true; 3], "nothing makes room for what will not fit");
    }

    #[test]
    fn torn_line_and_body_without_a_line_harm_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let options = options(folder.path(), 1 << 20);
        let body = noise(1);
        RawStore::open(&options).unwrap().keep(&article(1, &[&body]), &[&body]).unwrap();
        let index = options.folder.join(INDEX);
        let mut text = fs::read(&index).unwrap();
        text.extend_from_slice(b"{\"key\":");
        fs::write(&index, text).unwrap();
        let store = RawStore::open(&options).unwrap();
        store.keep(&article(2, &[&body]), &[&body]).unwrap();
        assert_eq!(store.articles().unwrap().len(), 2);
    }

    #[test]
    fn body_with_other_bytes_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let (body, other) = (noise(1), noise(2));
        let store = RawStore::open(&options(folder.path(), 1 << 20)).unwrap();
        let kept = article(1, &[&body]);
        store.keep(&kept, &[&body]).unwrap();
        let file = path_of(blake3::hash(&body)).under(store.tree.root());
        fs::write(file, zstd::encode_all(&other[..], LEVEL).unwrap()).unwrap();
        assert!(store.body(&kept.pages[0]).unwrap_err().to_string().contains("not those that were kept"));
    }

    #[test]
    fn index_of_dead_lines_is_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let options = options(folder.path(), 1 << 20);
        let body = noise(1);
        let store = RawStore::open(&options).unwrap();
        let line = serde_json::to_string(&article(1, &[&body])).unwrap() + "\n";
        store.keep(&article(1, &[&body]), &[&body]).unwrap();
        drop(store);
        fs::write(options.folder.join(INDEX), line.repeat(DEAD_LINES + 3)).unwrap();
        let store = RawStore::open(&options).unwrap();
        assert_eq!(fs::metadata(options.folder.join(INDEX)).unwrap().len(), line.len() as u64);
        store.keep(&article(2, &[&body]), &[&body]).unwrap();
        assert_eq!(store.articles().unwrap().len(), 2);
    }
}
