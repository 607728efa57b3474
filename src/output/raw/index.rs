//! Which bodies lie in the folder of raw pages, which article is made of which, and who goes first.

use super::{RawArticle, RawPart, path_of};
use crate::crash::{self, Point};
use crate::output::OutputError;
use crate::output::manifest::locked;
use crate::output::tree::Tree;
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};

/// The index's name in the folder.
pub(super) const INDEX: &str = "index.jsonl";

/// An index with more dead lines than this, and more dead than live ones, is written anew when it is opened.
pub(super) const DEAD_LINES: usize = 1000;

#[derive(Debug)]
pub(super) struct Index {
    pub(super) path: PathBuf,
    file: File,
    /// Bytes; whole lines only.
    length: u64,
    pub(super) bodies: HashMap<blake3::Hash, Body>,
    /// The bodies by their last use.
    uses: BTreeMap<u64, blake3::Hash>,
    next_use: u64,
    pub(super) bytes: u64,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Body {
    bytes: u64,
    used: u64,
}

/// Hands the article of each whole line to `take`; gives the length of all whole lines.
pub(super) fn read_lines(path: &Path, mut take: impl FnMut(RawArticle)) -> Result<u64, OutputError> {
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
            take(article);
        }
        length += bytes;
    }
}

/// The bodies that lie in the folder.
pub(super) fn bodies_in(root: &Path) -> io::Result<HashMap<blake3::Hash, u64>> {
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
    pub(super) fn open(tree: &Tree) -> Result<Self, OutputError> {
        let path = tree.root().join(INDEX);
        let file = locked(&path)?;
        let error = |error| OutputError::of(&path, error);
        let there = bodies_in(tree.root()).map_err(error)?;
        let (bodies, uses) = (HashMap::new(), BTreeMap::new());
        let mut index = Self { path: path.clone(), file, length: 0, bodies, uses, next_use: 0, bytes: 0 };
        // Those that no line names go first: a killed run has left them.
        let mut lines = Vec::new();
        index.length = read_lines(&path, |article| lines.push(article))?;
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

    pub(super) fn add(&mut self, hash: blake3::Hash, bytes: u64) {
        self.bodies.insert(hash, Body { bytes, used: self.next_use });
        self.uses.insert(self.next_use, hash);
        self.next_use += 1;
        self.bytes += bytes;
    }

    /// Makes a body the last that goes, where it is there.
    pub(super) fn touch(&mut self, hash: blake3::Hash) {
        if let Some(body) = self.bodies.get_mut(&hash) {
            self.uses.remove(&body.used);
            body.used = self.next_use;
            self.uses.insert(self.next_use, hash);
            self.next_use += 1;
        }
    }

    /// Removes the body that was used longest ago; says whether there was one.
    pub(super) fn remove_oldest(&mut self, tree: &Tree) -> Result<bool, OutputError> {
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

    pub(super) fn append(&mut self, article: &RawArticle) -> Result<(), OutputError> {
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
