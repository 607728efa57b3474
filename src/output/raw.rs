//! Pages as they came, kept on request, so that texts can be written again when rules or model have changed.
//!
//! `{folder}/ab/{BLAKE3 of the body}.html.zst` holds a body, each once however often it comes, and `index.jsonl` a line
//! for each article: of which pages it was made, in their order. Bodies go in with the same care as texts (`tree`), the line
//! last. What is kept has a cap; the bodies that were used longest ago go first.

use super::manifest::locked;
use super::tree::Tree;
use super::{OutputError, RelativePath};
use crate::crash::{self, Point};
use crate::key::Key;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use url::Url;

/// The index's name in the folder.
const INDEX: &str = "index.jsonl";

/// How hard bodies are packed: zstd's own default, which takes 144 kB of markup to a sixth in a millisecond or two.
const LEVEL: i32 = 3;

/// The largest body that is unpacked again: the most that `[fetch] max_body_bytes` may be.
const MAX_BODY_BYTES: u64 = 1 << 30;

/// An index with more dead lines than this, and more dead than live ones, is written anew when it is opened.
const DEAD_LINES: usize = 1000;

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

#[derive(Debug)]
struct Index {
    path: PathBuf,
    file: File,
    /// Bytes; whole lines only.
    length: u64,
    bodies: HashMap<blake3::Hash, Body>,
    /// The bodies by their last use.
    uses: BTreeMap<u64, blake3::Hash>,
    next_use: u64,
    bytes: u64,
}

#[derive(Debug, Clone, Copy)]
struct Body {
    bytes: u64,
    used: u64,
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
        read_lines(&index.path, |article, _| drop(articles.insert(article.key, article)))?;
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
        let mut body = Vec::new();
        let unpacked = zstd::Decoder::new(packed).and_then(|plain| plain.take(MAX_BODY_BYTES).read_to_end(&mut body));
        unpacked.map_err(error)?;
        if blake3::hash(&body) == hash {
            Ok(Some(body))
        } else {
            Err(error(io::Error::new(io::ErrorKind::InvalidData, "its bytes are not those that were kept")))
        }
    }

    fn lock(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn path_of(hash: blake3::Hash) -> RelativePath {
    let hex = hash.to_hex();
    RelativePath::of_parts(&[&hex[..2], &format!("{hex}.html.zst")])
}

/// Hands each whole line to `take`, with whether it is the last of its key so far; gives the length of all whole lines.
fn read_lines(path: &Path, mut take: impl FnMut(RawArticle, u64)) -> Result<u64, OutputError> {
    let error = |error| OutputError::of(path, error);
    let mut reader = BufReader::new(File::open(path).map_err(error)?);
    let (mut line, mut length) = (Vec::new(), 0);
    loop {
        line.clear();
        let bytes = reader.read_until(b'\n', &mut line).map_err(error)? as u64;
        if line.last() != Some(&b'\n') {
            return Ok(length);
        }
        // A line that cannot be read has lost its article; nothing else is to suffer by it.
        if let Ok(article) = serde_json::from_slice(&line) {
            take(article, length);
        }
        length += bytes;
    }
}

/// The bodies that lie in the folder.
fn bodies_in(root: &Path) -> io::Result<HashMap<blake3::Hash, u64>> {
    let mut found = HashMap::new();
    for below in fs::read_dir(root)? {
        let below = below?;
        if below.file_name().len() != 2 || !below.file_type()?.is_dir() {
            continue;
        }
        for entry in fs::read_dir(below.path())? {
            let entry = entry?;
            let name = entry.file_name();
            let hash = name.to_str().and_then(|name| blake3::Hash::from_hex(name.strip_suffix(".html.zst")?).ok());
            if let Some(hash) = hash {
                found.insert(hash, entry.metadata()?.len());
            }
        }
    }
    Ok(found)
}

impl Index {
    fn open(tree: &Tree) -> Result<Self, OutputError> {
        let path = tree.root().join(INDEX);
        let file = locked(&path)?;
        let error = |error| OutputError::of(&path, error);
        let there = bodies_in(tree.root()).map_err(error)?;
        let (bodies, uses) = (HashMap::new(), BTreeMap::new());
        let mut index = Self { path: path.clone(), file, length: 0, bodies, uses, next_use: 0, bytes: 0 };
        // Those that no line names go first: a killed run has left them.
        let mut lines = Vec::new();
        index.length = read_lines(&path, |article, _| lines.push(article))?;
        if index.file.metadata().map_err(error)?.len() > index.length {
            index.file.set_len(index.length).and_then(|()| index.file.sync_all()).map_err(error)?;
        }
        there.iter().for_each(|(hash, bytes)| index.add(*hash, *bytes));
        for part in lines.iter().flat_map(|article| &article.pages) {
            if let Ok(hash) = blake3::Hash::from_hex(&part.hash) {
                index.touch(hash);
            }
        }
        index.clean(lines)?;
        Ok(index)
    }

    /// Writes the lines anew where most of them are of no use any more.
    fn clean(&mut self, lines: Vec<RawArticle>) -> Result<(), OutputError> {
        let count = lines.len();
        let mut seen = std::collections::HashSet::new();
        let is_there =
            |part: &RawPart| blake3::Hash::from_hex(&part.hash).is_ok_and(|hash| self.bodies.contains_key(&hash));
        let mut live: Vec<RawArticle> = lines
            .into_iter()
            .rev()
            .filter(|article| seen.insert(article.key) && article.pages.iter().all(is_there))
            .collect();
        let dead = count - live.len();
        if dead <= DEAD_LINES || dead <= live.len() {
            return Ok(());
        }
        live.reverse();
        let error = |error| OutputError::of(&self.path, error);
        let new = self.path.with_extension("new");
        let mut text = Vec::new();
        for article in &live {
            serde_json::to_writer(&mut text, article).map_err(|failed| error(failed.into()))?;
            text.push(b'\n');
        }
        let mut file = File::create(&new).map_err(error)?;
        file.write_all(&text)
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::rename(&new, &self.path))
            .map_err(error)?;
        self.file = locked(&self.path)?;
        self.length = text.len() as u64;
        Ok(())
    }

    fn add(&mut self, hash: blake3::Hash, bytes: u64) {
        self.bodies.insert(hash, Body { bytes, used: self.next_use });
        self.uses.insert(self.next_use, hash);
        self.next_use += 1;
        self.bytes += bytes;
    }

    /// Makes a body the last that goes, where it is there.
    fn touch(&mut self, hash: blake3::Hash) {
        if let Some(body) = self.bodies.get_mut(&hash) {
            self.uses.remove(&body.used);
            body.used = self.next_use;
            self.uses.insert(self.next_use, hash);
            self.next_use += 1;
        }
    }

    /// Removes the body that was used longest ago; says whether there was one.
    fn remove_oldest(&mut self, tree: &Tree) -> Result<bool, OutputError> {
        let Some((used, hash)) = self.uses.first_key_value().map(|(used, hash)| (*used, *hash)) else {
            return Ok(false);
        };
        let file = path_of(hash).under(tree.root());
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(OutputError::of(&file, error)),
            _ => {}
        }
        self.uses.remove(&used);
        let body = self.bodies.remove(&hash);
        self.bytes -= body.map_or(0, |body| body.bytes);
        Ok(true)
    }

    fn append(&mut self, article: &RawArticle) -> Result<(), OutputError> {
        let error = |error| OutputError::of(&self.path, error);
        let mut line = serde_json::to_vec(article).map_err(|failed| error(failed.into()))?;
        line.push(b'\n');
        crash::point_after(Point::RawLineTorn, || {
            let _ = self.file.write_all(&line[..line.len() / 2]);
        });
        if let Err(failed) = self.file.write_all(&line).and_then(|()| self.file.sync_data()) {
            // As in the manifest: half a line must not become the start of the next one.
            let _ = self.file.set_len(self.length);
            return Err(error(failed));
        }
        self.length += line.len() as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
