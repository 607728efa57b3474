//! A store mended in its place, or made anew beside the one that is lost or damaged, of what others remember of it.

use super::is_damage;
use super::statements::{millis, signed, unsigned};
use super::view::{PageState, damage};
use super::{APPLICATION_ID, FORMAT};
use super::{aliases, cannot_open, connect, copies, hosts, lock, marks, migrate, moment, prepare, salvage, store};
use crate::crash::{self, Point};
use crate::fingerprint::Fingerprint;
use crate::frontier::{FrontierError, Host, Key, Likeness, RelativePath, Remembered};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use url::Url;

type Result<T> = std::result::Result<T, FrontierError>;

/// How a store was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// It can be used.
    Sound,
    /// There is none.
    Absent,
    /// It is damaged: what is wrong, in the words of SQLite.
    Damaged(Vec<String>),
}

/// What the store says of the text of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What became of the page.
    pub state: PageState,
    /// Where the text stands or will.
    pub path: Option<RelativePath>,
    /// BLAKE3 of its bytes, hexadecimal.
    pub hash: Option<String>,
}

/// What [`Rebuild::recall`] had to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recalled {
    /// The store knew it all.
    Known,
    /// The page is known as written from now on, or at another place or with other bytes than before.
    Changed,
    /// Another page has its path.
    Taken,
}

/// A store under repair, which nobody else can open meanwhile. What is done to it counts once it is
/// [kept](Rebuild::keep).
#[derive(Debug)]
pub struct Rebuild {
    path: PathBuf,
    condition: Condition,
    connection: Connection,
    /// Where the new one grows; `None`: the old one is mended in its place.
    beside: Option<PathBuf>,
    _lock: File,
}

impl Rebuild {
    /// Takes the store at `path`: as it is where it is sound, else, or with `anew`, a new one in the place of it.
    ///
    /// # Errors
    /// A store that is in use or of a newer format, a file of another program, a folder that cannot be written to.
    pub fn open(path: &Path, anew: bool) -> Result<Self> {
        let lock = lock::take(path)?;
        let mut condition = examine(path)?;
        let mut in_place = None;
        if condition == Condition::Sound && !anew {
            let mut connection = connect(path)?;
            match migrate(&mut connection, path) {
                Ok(()) => in_place = Some(connection),
                Err(FrontierError::Broken { source, .. }) => condition = Condition::Damaged(vec![source.to_string()]),
                Err(error) => return Err(error),
            }
        }
        let (connection, beside) = match in_place {
            Some(connection) => (connection, None),
            None => {
                let new = with_ending(path, ".rebuilt");
                remove(&new)?;
                let mut connection = connect(&new)?;
                prepare(&mut connection, None).map_err(|error| cannot_open(&new, error))?;
                (connection, Some(new))
            }
        };
        connection.execute_batch("BEGIN IMMEDIATE").map_err(store)?;
        Ok(Self { path: path.to_path_buf(), condition, connection, beside, _lock: lock })
    }

    /// How the store was found.
    pub fn condition(&self) -> &Condition {
        &self.condition
    }

    /// Whether a new one takes its place.
    pub fn is_anew(&self) -> bool {
        self.beside.is_some()
    }

    /// Takes over what can still be read of the pages in a damaged store, each checked by its key: which were written,
    /// which hold no article, which wait, and their other names. Returns how many pages those are. Feeds are not taken
    /// over: they are polled once more.
    ///
    /// # Errors
    /// The new store cannot be written.
    pub fn salvage(&mut self) -> Result<u64> {
        if self.beside.is_none() || self.condition == Condition::Absent {
            return Ok(0);
        }
        let copy = with_ending(&self.path, ".salvage");
        remove(&copy)?;
        let found = salvage::salvage(
            if salvage::readable_copy(&self.path, &copy)? { &copy } else { &self.path },
            &self.connection,
        );
        remove(&copy)?;
        found
    }

    /// Makes a page known as written, whatever the store says of it.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn recall(&mut self, page: &Remembered) -> Result<Recalled> {
        recall(&self.connection, page).map_err(store)
    }

    /// What the store says of a page.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn page(&self, key: Key) -> Result<Option<Kept>> {
        self.connection
            .prepare_cached("SELECT state, path, hash FROM items WHERE key = ? AND target = 0")
            .and_then(|mut select| select.query_row([signed(key)], read_state).optional())
            .map_err(store)
    }

    /// All pages that have a path, with their states.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn placed(&self) -> Result<Vec<(PageState, Remembered)>> {
        let mut select = self
            .connection
            .prepare(
                "SELECT items.key AS key, items.url AS url, items.state AS state, items.path AS path, items.hash AS hash,
                    ifnull(aliases.title, items.title) AS title, items.published AS published,
                    ifnull(items.finished, items.first_seen) AS fetched, items.verdict AS verdict,
                    feeds.url AS feed, items.entry AS entry
                 FROM items LEFT JOIN aliases ON aliases.key = items.key AND aliases.page = items.key
                 LEFT JOIN items AS feeds ON feeds.key = items.feed AND feeds.target = 1
                 WHERE items.target = 0 AND items.path IS NOT NULL ORDER BY items.id",
            )
            .map_err(store)?;
        let rows = select.query_map([], |row| self.read_remembered(row)).map_err(store)?;
        rows.filter_map(|row| row.transpose()).collect::<rusqlite::Result<_>>().map_err(store)
    }

    /// `None` for what this program never writes.
    fn read_remembered(&self, row: &Row<'_>) -> rusqlite::Result<Option<(PageState, Remembered)>> {
        let (url, path): (String, String) = (row.get("url")?, row.get("path")?);
        let (Ok(url), Ok(path)) = (Url::parse(&url), RelativePath::parse(&path)) else { return Ok(None) };
        let key: i64 = row.get("key")?;
        if signed(Key::of(&url)) != key {
            return Ok(None);
        }
        let hash: Option<String> = row.get("hash")?;
        let published: Option<i64> = row.get("published")?;
        let verdict: Option<String> = row.get("verdict")?;
        let mut names = self.connection.prepare_cached("SELECT url FROM aliases WHERE page = ?1 AND key <> ?1")?;
        let aliases = names.query_map([key], |row| row.get::<_, Option<String>>(0))?;
        let aliases = aliases.filter_map(|url| Url::parse(&url.ok()??).ok()).collect();
        let state = PageState::of(row.get("state")?, hash.is_some());
        let page = Remembered {
            url,
            aliases,
            path,
            hash: hash.unwrap_or_default(),
            title: row.get("title")?,
            published: published.map(moment),
            fetched: moment(row.get("fetched")?),
            feed: row.get::<_, Option<String>>("feed")?.and_then(|feed| Url::parse(&feed).ok()),
            entry: row.get::<_, Option<i64>>("entry")?.map(i64::cast_unsigned),
            is_truncated: verdict.as_deref() == Some("truncated"),
            // The store knows every copy, whether it is to be marked as one or not.
            duplicate_of: None,
            likeness: None,
        };
        Ok(Some((state, page)))
    }

    /// Puts a page that was written back into the queue, due at `now`; its path stays. Says whether there was one.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn requeue(&mut self, key: Key, now: Timestamp) -> Result<bool> {
        let host: Option<String> = self
            .connection
            .prepare_cached(
                "UPDATE items SET state = 0, due = ?, hash = NULL, verdict = NULL, attempts = 0, failing_since = NULL
                 WHERE key = ? AND target = 0 AND state = 2 RETURNING host",
            )
            .and_then(|mut update| update.query_row(params![millis(now), signed(key)], |row| row.get(0)).optional())
            .map_err(store)?;
        host.iter().try_for_each(|host| hosts::refresh(&self.connection, host)).map_err(store)?;
        Ok(host.is_some())
    }

    /// The written pages that are neither known by what their texts say nor copies, those that were written first first,
    /// with the paths of their texts and whether they are whole.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn without_fingerprint(&self) -> Result<Vec<(Key, RelativePath, bool)>> {
        let query = "SELECT key, path, verdict IS NOT 'truncated' FROM items
            WHERE target = 0 AND state = 2 AND hash IS NOT NULL AND path IS NOT NULL AND duplicate_of IS NULL
                AND NOT EXISTS (SELECT 1 FROM fingerprints WHERE item = id) ORDER BY finished, id";
        let mut select = self.connection.prepare(query).map_err(store)?;
        let rows = select.query_map([], |row| Ok((unsigned(row.get(0)?), row.get::<_, String>(1)?, row.get(2)?)));
        let rows = rows.and_then(Iterator::collect::<rusqlite::Result<Vec<_>>>).map_err(store)?;
        let with_path =
            |(key, path, is_whole): (Key, String, bool)| Some((key, RelativePath::parse(&path).ok()?, is_whole));
        Ok(rows.into_iter().filter_map(with_path).collect())
    }

    /// Makes a page known by what its text says, or as the copy of one that was known before. Says whether anything is
    /// known of it then that was not.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn resemble(&mut self, key: Key, text: &Likeness) -> Result<bool> {
        let first = copies::resemble(&self.connection, signed(key), text).map_err(store)?;
        Ok(text.is_whole || first.is_some())
    }

    /// The page that came first with nearly a text of this fingerprint; `None`: there is none.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn first_of(&self, fingerprint: &Fingerprint) -> Result<Option<Key>> {
        // No row has this id.
        copies::first_of(&self.connection, fingerprint, 0).map(|first| first.map(unsigned)).map_err(store)
    }

    /// Puts pages that were left out as copies of one that is not there back into the queue. Returns how many.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn free_orphans(&mut self, now: Timestamp) -> Result<u64> {
        copies::free_orphans(&self.connection, now).map_err(store)
    }

    /// Saves it all. A store that gives its place up to a new one stays beside it, under a name with `now`, which is
    /// returned.
    ///
    /// # Errors
    /// A disk that is full, a folder that cannot be written to; then the old store stands where it stood.
    pub fn keep(self, now: Timestamp) -> Result<Option<PathBuf>> {
        self.connection.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)").map_err(store)?;
        let Some(new) = self.beside else { return Ok(None) };
        self.connection.close().map_err(|(_, error)| store(error))?;
        let error = |error| cannot_open(&self.path, error);
        let aside = with_ending(&self.path, &format!(".damaged-{}", now.strftime("%Y%m%dT%H%M%SZ")));
        crash::point(Point::StoreRebuilt);
        let kept = match fs::hard_link(&self.path, &aside).or_else(|_| fs::copy(&self.path, &aside).map(drop)) {
            Ok(()) => Some(aside.clone()),
            Err(absent) if absent.kind() == io::ErrorKind::NotFound => None,
            Err(failed) => return Err(error(failed)),
        };
        // A new store must never meet an old log.
        for ending in ["-wal", "-shm"] {
            match fs::rename(with_ending(&self.path, ending), with_ending(&aside, ending)) {
                Err(failed) if failed.kind() != io::ErrorKind::NotFound => return Err(error(failed)),
                _ => {}
            }
        }
        crash::point(Point::StoreAside);
        fs::rename(&new, &self.path).map_err(error)?;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(error)?;
        Ok(kept)
    }

    /// Forgets it all: the store stands as it stood.
    ///
    /// # Errors
    /// A new store that cannot be removed.
    pub fn forget(self) -> Result<()> {
        // What was not committed is gone with the connection.
        drop(self.connection);
        self.beside.as_deref().map_or(Ok(()), remove)
    }
}

pub(super) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Removes a store that a killed repair has left, with its log.
fn remove(path: &Path) -> Result<()> {
    for ending in ["", "-wal", "-shm", "-journal"] {
        match fs::remove_file(with_ending(path, ending)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(cannot_open(path, error)),
            _ => (),
        }
    }
    Ok(())
}

fn examine(path: &Path) -> Result<Condition> {
    if fs::metadata(path).map_or(true, |facts| facts.len() == 0) {
        return Ok(Condition::Absent);
    }
    let connection = connect(path)?;
    match marks(&connection) {
        Ok((APPLICATION_ID, found)) if found > FORMAT => {
            Err(FrontierError::Newer { path: path.to_path_buf(), found, known: FORMAT })
        }
        Ok((APPLICATION_ID, _)) => {
            let found = damage(&connection, "integrity_check").map_err(store)?;
            Ok(if found.is_empty() { Condition::Sound } else { Condition::Damaged(found) })
        }
        // A beginning that is overwritten, which no other program's file has either.
        Err(error) if is_damage(&error) => Ok(Condition::Damaged(vec![error.to_string()])),
        Ok(_) => {
            let is_ours = connection.query_row("SELECT count(*) FROM items, hosts", [], |_| Ok(())).is_ok();
            let found = "its mark is another".to_owned();
            if is_ours {
                Ok(Condition::Damaged(vec![found]))
            } else {
                Err(FrontierError::Foreign { path: path.to_path_buf() })
            }
        }
        Err(error) => Err(cannot_open(path, error)),
    }
}

fn read_state(row: &Row<'_>) -> rusqlite::Result<Kept> {
    let (path, hash): (Option<String>, Option<String>) = (row.get("path")?, row.get("hash")?);
    let path = path.and_then(|path| RelativePath::parse(&path).ok());
    Ok(Kept { state: PageState::of(row.get("state")?, hash.is_some()), path, hash })
}

/// Makes a page known as written.
pub(super) fn recall(connection: &Connection, page: &Remembered) -> rusqlite::Result<Recalled> {
    let key = signed(Key::of(&page.url));
    let known = connection
        .prepare_cached("SELECT state, path, hash FROM items WHERE key = ? AND target = 0")?
        .query_row([key], read_state)
        .optional()?;
    let written = Kept { state: PageState::Written, path: Some(page.path.clone()), hash: Some(page.hash.clone()) };
    if known == Some(written) {
        return Ok(Recalled::Known);
    }
    let owner: Option<i64> = connection
        .prepare_cached("SELECT key FROM items WHERE path = ?")?
        .query_row([page.path.as_str()], |row| row.get(0))
        .optional()?;
    if owner.is_some_and(|owner| owner != key) {
        return Ok(Recalled::Taken);
    }
    let host = Host::of(&page.url);
    connection
        .prepare_cached(
            "INSERT INTO items (key, target, url, host, state, due, token, attempts, title, published, feed, first_seen,
                finished, path, hash, verdict, entry, duplicate_of)
             VALUES (:key, 0, :url, :host, 2, :fetched, 0, 0, :title, :published, :feed, :fetched, :fetched, :path, :hash,
                :verdict, :entry, :duplicate_of)
             ON CONFLICT (key, target) DO UPDATE SET state = 2, leased_until = NULL, attempts = 0, failing_since = NULL,
                finished = :fetched, path = :path, hash = :hash, verdict = :verdict, cause = NULL, class = NULL,
                feed = ifnull(feed, :feed), entry = ifnull(entry, :entry),
                duplicate_of = ifnull(duplicate_of, :duplicate_of)",
        )?
        .execute(named_params! {
            ":key": key,
            ":url": page.url.as_str(),
            ":host": host.as_str(),
            ":fetched": millis(page.fetched),
            ":title": page.title,
            ":published": page.published.map(millis),
            ":path": page.path.as_str(),
            ":hash": page.hash,
            ":feed": page.feed.as_ref().map(|feed| signed(Key::of(feed))),
            ":entry": page.entry.map(u64::cast_signed),
            ":verdict": if page.is_truncated { "truncated" } else { "article" },
            ":duplicate_of": page.duplicate_of.map(signed),
        })?;
    let names = page.aliases.iter().map(|url| (signed(Key::of(url)), false, url));
    for name in names.chain([(key, true, &page.url)]) {
        aliases::keep(connection, key, name, page.title.as_deref())?;
    }
    aliases::settle(connection, key)?;
    if let Some(text) = &page.likeness {
        copies::resemble(connection, key, text)?;
    }
    hosts::refresh(connection, host.as_str())?;
    Ok(Recalled::Changed)
}
