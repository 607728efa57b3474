//! A store as somebody sees it who changes nothing: beside a running daemon, on a disk that is read-only, and where it is
//! damaged as far as it can be read.

mod copies;
mod survey;

use super::lock::{self, Holder};
use super::statements::{DONE, FAILED, LEASED, OLD, QUEUED, SAME, unsigned};
use super::{APPLICATION_ID, BUSY_TIMEOUT, FORMAT, cannot_open, store};
use crate::frontier::{FrontierError, Key};
pub use copies::StoredCopy;
use rusqlite::{Connection, OpenFlags, Row};
use std::fs;
use std::path::{Path, PathBuf};
pub use survey::{StoredFailure, StoredFeed, StoredHost, Totals};
use url::Url;

type Result<T> = std::result::Result<T, FrontierError>;

/// What became of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PageState {
    /// It waits.
    Queued,
    /// It is at work, or was when a run was killed.
    Leased,
    /// Its text was written.
    Written,
    /// It was read and holds no article.
    NotAnArticle,
    /// It was given up.
    Failed,
    /// Another page has its text.
    Same,
    /// It stood in a sitemap before anybody looked, and is not fetched.
    Old,
    /// A number that this program never writes.
    Unknown,
}

impl PageState {
    pub(super) fn of(state: i64, has_hash: bool) -> Self {
        match state {
            QUEUED => Self::Queued,
            LEASED => Self::Leased,
            DONE if has_hash => Self::Written,
            DONE => Self::NotAnArticle,
            FAILED => Self::Failed,
            SAME => Self::Same,
            OLD => Self::Old,
            _ => Self::Unknown,
        }
    }
}

/// A page as the store has it, unchecked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPage {
    /// Its name.
    pub key: Key,
    /// Where it stands.
    pub url: String,
    /// What became of it.
    pub state: PageState,
    /// Where its text stands or will.
    pub path: Option<String>,
    /// BLAKE3 of the text's bytes, hexadecimal.
    pub hash: Option<String>,
}

/// A store, opened to be read at one moment.
#[derive(Debug)]
pub struct StoreView {
    connection: Connection,
    holder: Option<Holder>,
}

/// Who has the store at `path` open for writing; `None`: nobody.
pub fn holder(path: &Path) -> Option<Holder> {
    lock::holder(path)
}

impl StoreView {
    /// Opens the store at `path` as it stands at this moment; `None` where there is none. Nothing is made or changed,
    /// but for the two files beside a store of which a run has left the log (`-wal`, `-shm`).
    ///
    /// # Errors
    /// What is no store of ours, is of a newer format, or cannot be opened or read.
    pub fn open(path: &Path) -> Result<Option<Self>> {
        let holder = lock::holder(path);
        if fs::metadata(path).map_or(true, |facts| facts.len() == 0) && !has_log(path) {
            return Ok(None);
        }
        let way = if holder.is_none() && !has_log(path) { "immutable=1" } else { "mode=ro" };
        let connection = connect(path, way)?;
        check_format(&connection, path)?;
        // What follows is read as it is now, whatever a daemon does meanwhile.
        connection
            .execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema")
            .map_err(|error| super::unusable(path, error))?;
        Ok(Some(Self { connection, holder }))
    }

    /// Who had it open for writing when it was opened here.
    pub fn holder(&self) -> Option<Holder> {
        self.holder
    }

    /// What SQLite finds wrong with the file, the first few things; nothing where all is well.
    ///
    /// # Errors
    /// A store that cannot be read for other reasons than its being damaged.
    pub fn damage(&self) -> Result<Vec<String>> {
        damage(&self.connection, "integrity_check").map_err(store)
    }

    /// How many pages there are, whatever their state.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn count_pages(&self) -> Result<u64> {
        let count =
            self.connection
                .query_row("SELECT count(*) FROM items WHERE target = 0 AND state <> 6", [], |row| row.get(0));
        count.map(i64::cast_unsigned).map_err(store)
    }

    /// Hands each page to `take`, but for those that stood in a sitemap before anybody looked.
    ///
    /// # Errors
    /// A store that cannot be read, in the middle of it too.
    pub fn each_page(&self, mut take: impl FnMut(StoredPage)) -> Result<()> {
        let mut select = self
            .connection
            .prepare("SELECT key, url, state, path, hash FROM items WHERE target = 0 AND state <> 6 ORDER BY id")
            .map_err(store)?;
        let mut rows = select.query([]).map_err(store)?;
        while let Some(row) = rows.next().map_err(store)? {
            take(read_page(row).map_err(store)?);
        }
        Ok(())
    }
}

fn read_page(row: &Row<'_>) -> rusqlite::Result<StoredPage> {
    let hash: Option<String> = row.get("hash")?;
    Ok(StoredPage {
        key: unsigned(row.get("key")?),
        url: row.get("url")?,
        state: PageState::of(row.get("state")?, hash.is_some()),
        path: row.get("path")?,
        hash,
    })
}

/// Whether a run has left a log, or is writing one.
fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    fs::metadata(PathBuf::from(log)).is_ok_and(|facts| facts.len() > 0)
}

/// Opens the file to be read; `way` is a parameter of SQLite's URIs (sqlite.org/uri.html).
pub(super) fn connect(path: &Path, way: &str) -> Result<Connection> {
    let absolute = std::path::absolute(path).map_err(|error| cannot_open(path, error))?;
    let uri = Url::from_file_path(&absolute).map_err(|()| FrontierError::Foreign { path: path.to_path_buf() })?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(format!("{uri}?{way}"), flags).map_err(|error| cannot_open(path, error))?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(|error| cannot_open(path, error))?;
    Ok(connection)
}

fn check_format(connection: &Connection, path: &Path) -> Result<()> {
    let (application, found) = super::marks(connection).map_err(|error| super::foreign(path, error))?;
    if application != APPLICATION_ID {
        return Err(FrontierError::Foreign { path: path.to_path_buf() });
    }
    if found > FORMAT {
        return Err(FrontierError::Newer { path: path.to_path_buf(), found, known: FORMAT });
    }
    Ok(())
}

/// What `check` (`quick_check`, `integrity_check`) finds, in the words of SQLite.
pub(super) fn damage(connection: &Connection, check: &str) -> rusqlite::Result<Vec<String>> {
    let lines = connection.prepare(&format!("PRAGMA {check}(10)")).and_then(|mut select| {
        select.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()
    });
    match lines.and_then(|lines| Ok((lines, has_our_tables(connection)?))) {
        Ok((lines, has_our_tables)) => {
            let lines = lines.iter().flat_map(|line| line.lines()).filter(|line| *line != "ok").map(str::to_owned);
            Ok(lines.chain((!has_our_tables).then(|| "its tables are not those of a store".to_owned())).collect())
        }
        Err(error) if super::is_damage(&error) => Ok(vec![error.to_string()]),
        Err(error) => Err(error),
    }
}

/// Whether a store of our format has the tables and columns that it should, which SQLite itself cannot know; a new one and
/// one of an older format have others.
fn has_our_tables(connection: &Connection) -> rusqlite::Result<bool> {
    if super::marks(connection)? != (APPLICATION_ID, FORMAT) {
        return Ok(true);
    }
    let ours = Connection::open_in_memory()?;
    ours.execute_batch(include_str!("schema.sql"))?;
    Ok(columns(connection)? == columns(&ours)?)
}

fn columns(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let query = "SELECT t.name || '.' || c.name || ' ' || c.type || ' ' || c.\"notnull\" FROM sqlite_schema t,
        pragma_table_info(t.name) c WHERE t.type IN ('table', 'index') ORDER BY 1";
    connection.prepare(query)?.query_map([], |row| row.get(0))?.collect()
}
