//! Which pages came later with nearly the text of another.

use super::{PageState, Result, StoreView, StoredPage, store};
use crate::frontier::Key;
use crate::frontier::sqlite::statements::unsigned;
use rusqlite::Row;

/// The first format that keeps copies.
const KEEPS_COPIES: i64 = 4;

/// A page with nearly the text of another that came first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCopy {
    /// The page.
    pub page: StoredPage,
    /// The key of the first one.
    pub duplicate_of: Key,
    /// The first one; `None`: the store does not know it.
    pub first: Option<StoredPage>,
}

impl StoredCopy {
    /// Whether it was left out for the sake of one that is not there.
    pub fn is_orphan(&self) -> bool {
        let is_there =
            |first: &StoredPage| matches!(first.state, PageState::Queued | PageState::Leased | PageState::Written);
        self.page.state == PageState::Same && !self.first.as_ref().is_some_and(is_there)
    }
}

impl StoreView {
    /// Hands each copy to `take`: all copies of one page together, both in the order in which they became known. A store
    /// of an older format has none.
    ///
    /// # Errors
    /// A store that cannot be read, in the middle of it too.
    pub fn each_copy(&self, mut take: impl FnMut(StoredCopy)) -> Result<()> {
        let (_, format) = super::super::marks(&self.connection).map_err(store)?;
        if format < KEEPS_COPIES {
            return Ok(());
        }
        let query = "SELECT copy.key, copy.url, copy.state, copy.path, copy.hash, copy.duplicate_of,
                first.key AS first_key, first.url AS first_url, first.state AS first_state, first.path AS first_path,
                first.hash AS first_hash
            FROM items AS copy LEFT JOIN items AS first ON first.key = copy.duplicate_of AND first.target = 0
            WHERE copy.duplicate_of IS NOT NULL AND copy.target = 0
            ORDER BY first.id, copy.duplicate_of, copy.id";
        let mut select = self.connection.prepare(query).map_err(store)?;
        let mut rows = select.query([]).map_err(store)?;
        while let Some(row) = rows.next().map_err(store)? {
            take(read(row).map_err(store)?);
        }
        Ok(())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredCopy> {
    let first = match row.get::<_, Option<i64>>("first_key")? {
        None => None,
        Some(key) => {
            let hash: Option<String> = row.get("first_hash")?;
            let state = PageState::of(row.get("first_state")?, hash.is_some());
            Some(StoredPage {
                key: unsigned(key),
                url: row.get("first_url")?,
                state,
                path: row.get("first_path")?,
                hash,
            })
        }
    };
    let page = super::read_page(row)?;
    Ok(StoredCopy { page, duplicate_of: unsigned(row.get("duplicate_of")?), first })
}
