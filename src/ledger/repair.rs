//! Mends a ledger of which a part was lost or damaged by the parts that are left: the store by the manifest and by what
//! can still be read of it, the manifest by the store, both by the texts.

use super::front_matter;
use super::verify::{digits_of, verify};
use super::{LedgerError, Report, likeness};
use crate::article::{Provenance, Published, Verdict};
use crate::frontier::{Condition, FrontierError, Kept, Key, PageState, Rebuild, Recalled, Remembered};
use crate::output::{self, Entry, OutputError, Record, RelativePath, Standing, Writer};
use jiff::Timestamp;
use jiff::tz::Offset;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// How a ledger is to be mended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wish {
    /// Nothing is changed; what would be is told.
    pub dry_run: bool,
    /// Texts that are lost or have other bytes than were written are fetched once more.
    pub refetch: bool,
    /// A new store is made although the old one can be used.
    pub rebuild: bool,
}

/// What was done, or in a dry run would be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Repaired {
    /// What was wrong with the store; nothing where it was sound.
    pub store_damage: Vec<String>,
    /// Whether there was no store.
    pub store_was_absent: bool,
    /// Whether there is a new one; then all feeds are polled anew.
    pub store_is_new: bool,
    /// Pages taken over from the damaged store.
    pub salvaged: u64,
    /// Texts that the store knows from now on, or knows rightly.
    pub recalled: u64,
    /// Those of them that neither store nor manifest knew: their front matter told.
    pub of_front_matter: u64,
    /// Texts that the manifest lists from now on, or lists rightly.
    pub listed: u64,
    /// Lines of the manifest that could not be read and were taken out.
    pub bad_lines: u64,
    /// Lost or changed texts that are fetched once more.
    pub requeued: u64,
    /// Texts that others are held against from now on, or that are known as copies (docs/duplicates.md).
    pub compared: u64,
    /// Pages that were left out as copies of one that is not there: they are fetched after all.
    pub orphans: u64,
    /// Texts that are known by their names alone: their URLs cannot be known, and what is still in a feed is fetched
    /// and written once more, to the same name where title and day are the same.
    pub nameless: Vec<String>,
    /// What stood in the place of something new, and where it is kept.
    pub kept_aside: Vec<PathBuf>,
    /// What [`verify`] finds afterwards; in a dry run what it finds before.
    pub after: Report,
}

impl Repaired {
    /// Whether there was nothing to do.
    pub fn is_nothing(&self) -> bool {
        let done = self.recalled + self.listed + self.bad_lines + self.requeued + self.compared + self.orphans;
        done == 0 && !self.store_is_new
    }
}

/// Mends the ledger of an output folder and a store that no daemon uses. Doing it twice does no more than doing it once.
///
/// # Errors
/// A store or a folder that is in use, is of a newer format, or cannot be read or written.
pub fn repair(folder: &Path, store: &Path, wish: Wish) -> Result<Repaired, LedgerError> {
    match attempt(folder, store, wish) {
        // Its structure is sound, what stands in it is not: a new one takes over what can be read.
        Err(LedgerError::Frontier(error @ FrontierError::Corrupt(_))) if !wish.rebuild => {
            let mut done = attempt(folder, store, Wish { rebuild: true, ..wish })?;
            done.store_damage.push(error.to_string());
            Ok(done)
        }
        done => done,
    }
}

fn attempt(folder: &Path, store: &Path, wish: Wish) -> Result<Repaired, LedgerError> {
    let now = Timestamp::now();
    let rebuild = Rebuild::open(store, wish.rebuild)?;
    // Cuts a torn line off and sweeps temporaries, as any run does.
    let writer = if wish.dry_run { None } else { Some(Writer::open(folder)?) };
    let mut mending =
        Mending { folder, rebuild, done: Repaired::default(), list: BTreeMap::new(), known: HashSet::new() };
    mending.mend(wish, now)?;
    let Mending { rebuild, mut done, list, .. } = mending;
    match writer {
        None => rebuild.forget()?,
        Some(writer) => {
            if done.bad_lines > 0 {
                done.kept_aside.push(writer.clean(&format!(".damaged-{}", now.strftime("%Y%m%dT%H%M%SZ")))?);
            }
            writer.list(&list.into_values().collect::<Vec<_>>())?;
            done.kept_aside.extend(rebuild.keep(now)?);
        }
    }
    done.after = verify(folder, store, None)?;
    Ok(done)
}

struct Mending<'a> {
    folder: &'a Path,
    rebuild: Rebuild,
    done: Repaired,
    /// Lines that the manifest lacks.
    list: BTreeMap<Key, (Record, blake3::Hash)>,
    /// Paths that some article has.
    known: HashSet<String>,
}

impl Mending<'_> {
    fn mend(&mut self, wish: Wish, now: Timestamp) -> Result<(), LedgerError> {
        match self.rebuild.condition() {
            Condition::Sound => {}
            Condition::Absent => self.done.store_was_absent = true,
            Condition::Damaged(damage) => self.done.store_damage.clone_from(damage),
        }
        self.done.store_is_new = self.rebuild.is_anew();
        self.done.salvaged = self.rebuild.salvage()?;
        let listed = self.read_manifest()?;
        for entry in listed.values() {
            self.recall_listed(entry)?;
        }
        self.list_placed(&listed)?;
        self.read_texts()?;
        if wish.refetch {
            self.refetch(&listed, now)?;
        }
        self.done.orphans = self.rebuild.free_orphans(now)?;
        self.compare(&listed)
    }

    /// Texts of which the store does not know what they say, in the order in which they were written.
    fn compare(&mut self, listed: &HashMap<Key, Entry>) -> Result<(), LedgerError> {
        for (key, path, is_whole) in self.rebuild.without_fingerprint()? {
            let known = listed.get(&key).map(|entry| &entry.record);
            let title = known.or(self.list.get(&key).map(|(record, _)| record)).and_then(|it| it.title.as_deref());
            let Some(text) = likeness(self.folder, &path, title, is_whole) else { continue };
            self.done.compared += u64::from(self.rebuild.resemble(key, &text)?);
        }
        Ok(())
    }

    fn read_manifest(&mut self) -> Result<HashMap<Key, Entry>, LedgerError> {
        let (mut listed, mut bad_lines) = (HashMap::new(), 0);
        output::read_manifest(self.folder, |_, line| match line {
            Ok(entry) => drop(listed.insert(entry.record.key, entry)),
            Err(_) => bad_lines += 1,
        })?;
        self.done.bad_lines = bad_lines;
        Ok(listed)
    }

    /// A text of the manifest: where the store says otherwise, the file tells who is right, and in doubt the manifest is.
    fn recall_listed(&mut self, entry: &Entry) -> Result<(), LedgerError> {
        let Entry { record, hash } = entry;
        self.known.insert(record.path.as_str().to_owned());
        let found = self.rebuild.page(record.key)?;
        if let Some(Kept { state: PageState::Written, path: Some(path), hash: Some(stored) }) = &found
            && (*path != record.path || stored != hash)
            && output::hash_of(self.folder, path)?.as_ref() == Some(stored)
            && output::hash_of(self.folder, &record.path)?.as_ref() != Some(hash)
        {
            let record = Record { path: path.clone(), ..record.clone() };
            self.known.insert(path.as_str().to_owned());
            self.add_line(record, stored);
            return Ok(());
        }
        // What is under way is finished by the next run; made known as written, it would not be looked at again.
        if matches!(found, Some(Kept { state: PageState::Queued | PageState::Leased, path: Some(_), .. }))
            && output::hash_of(self.folder, &record.path)?.as_ref() != Some(hash)
        {
            return Ok(());
        }
        self.recall(&Remembered::from(entry.clone()))
    }

    fn recall(&mut self, page: &Remembered) -> Result<(), LedgerError> {
        if self.rebuild.recall(page)? == Recalled::Changed {
            self.done.recalled += 1;
        }
        Ok(())
    }

    /// What the store has written and the manifest does not list, and what stands there although its page came to nothing
    /// later.
    fn list_placed(&mut self, listed: &HashMap<Key, Entry>) -> Result<(), LedgerError> {
        for (state, mut page) in self.rebuild.placed()? {
            self.known.insert(page.path.as_str().to_owned());
            let key = Key::of(&page.url);
            if listed.contains_key(&key) || matches!(state, PageState::Queued | PageState::Leased) {
                continue;
            }
            if state != PageState::Written {
                let Some(hash) = output::hash_of(self.folder, &page.path)? else { continue };
                page.hash = hash;
                self.recall(&page)?;
            }
            self.add_line(record(&page), &page.hash);
        }
        Ok(())
    }

    /// Texts that neither of them knows, by what they say of themselves.
    fn read_texts(&mut self) -> Result<(), LedgerError> {
        let files = output::list(self.folder)?;
        let own = |(path, standing): (String, Standing)| (standing == Standing::File).then_some(path);
        for path in files.into_iter().filter_map(own).filter(|path| digits_of(path).is_some()) {
            if self.known.contains(&path) {
                continue;
            }
            match self.read_text(&path)? {
                Some(page) => {
                    self.recall(&page)?;
                    self.done.of_front_matter += 1;
                    self.add_line(record(&page), &page.hash);
                }
                None => self.done.nameless.push(path),
            }
        }
        Ok(())
    }

    /// The page of a text whose front matter names a URL of the key in its name; `None` where that cannot be known, or
    /// where another file has the page.
    fn read_text(&self, path: &str) -> Result<Option<Remembered>, LedgerError> {
        let Ok(path) = RelativePath::parse(path) else { return Ok(None) };
        let file = path.under(self.folder);
        let bytes = std::fs::read(&file).map_err(|error| OutputError::of(&file, error))?;
        let beside =
            || std::fs::read(path.sidecar().under(self.folder)).ok().and_then(|json| front_matter::read_json(&json));
        let above = || std::str::from_utf8(&bytes).ok().and_then(front_matter::read);
        let said = above().or_else(|| front_matter::read_json(&bytes)).or_else(beside).unwrap_or_default();
        let Some(url) = said.url else { return Ok(None) };
        let key = Key::of(&url);
        let is_its_own = digits_of(path.as_str()) == Some(key.digits(Key::SHORTEST).as_str());
        if !is_its_own
            || self.list.contains_key(&key)
            || self.rebuild.page(key)?.is_some_and(|page| page.path.is_some())
        {
            return Ok(None);
        }
        let fetched = std::fs::metadata(&file).and_then(|facts| facts.modified()).ok();
        let fetched = fetched.and_then(|time| Timestamp::try_from(time).ok()).unwrap_or(Timestamp::UNIX_EPOCH);
        Ok(Some(Remembered {
            url,
            aliases: vec![],
            path,
            hash: blake3::hash(&bytes).to_hex().to_string(),
            title: said.title,
            published: said.published.map(|published| moment_of(published, fetched)),
            fetched,
            // The text does not say.
            feed: None,
            entry: None,
            is_truncated: said.is_truncated,
            duplicate_of: said.duplicate_of,
            likeness: None,
        }))
    }

    fn refetch(&mut self, listed: &HashMap<Key, Entry>, now: Timestamp) -> Result<(), LedgerError> {
        let known = listed.values().map(|entry| (entry.record.key, entry.record.path.clone(), entry.hash.clone()));
        let added =
            self.list.values().map(|(record, hash)| (record.key, record.path.clone(), hash.to_hex().to_string()));
        for (key, path, hash) in known.chain(added).collect::<Vec<_>>() {
            if output::hash_of(self.folder, &path)?.as_ref() != Some(&hash) && self.rebuild.requeue(key, now)? {
                self.done.requeued += 1;
            }
        }
        Ok(())
    }

    fn add_line(&mut self, record: Record, hash: &str) {
        // A hash that is none has no text: the store never writes one.
        let Ok(hash) = blake3::Hash::from_hex(hash) else { return };
        self.done.listed += 1;
        self.list.insert(record.key, (record, hash));
    }
}

impl From<Entry> for Remembered {
    fn from(Entry { record, hash }: Entry) -> Self {
        let published = record.published.map(|published| moment_of(published, record.fetched));
        Self {
            url: record.url,
            aliases: record.aliases,
            path: record.path,
            hash,
            title: record.title,
            published,
            fetched: record.fetched,
            feed: record.feed,
            entry: record.entry.map(Key::to_bits),
            is_truncated: record.verdict == Verdict::Truncated,
            duplicate_of: record.duplicate_of,
            likeness: None,
        }
    }
}

fn record(page: &Remembered) -> Record {
    let published = |moment| Published { date: Offset::UTC.to_datetime(moment).date(), timestamp: Some(moment) };
    Record {
        key: Key::of(&page.url),
        url: page.url.clone(),
        aliases: page.aliases.clone(),
        path: page.path.clone(),
        title: page.title.clone(),
        published: page.published.map(published),
        fetched: page.fetched,
        feed: page.feed.clone(),
        entry: page.entry.map(Key::from_bits),
        verdict: if page.is_truncated { Verdict::Truncated } else { Verdict::Article },
        // The store does not say.
        source: Provenance::Page,
        language: None,
        confidence: None,
        duplicate_of: page.duplicate_of,
    }
}

/// The moment of a publication; of a day alone its beginning in UTC.
fn moment_of(published: Published, otherwise: Timestamp) -> Timestamp {
    let day = || Offset::UTC.to_timestamp(published.date.at(0, 0, 0, 0)).unwrap_or(otherwise);
    published.timestamp.unwrap_or_else(day)
}
