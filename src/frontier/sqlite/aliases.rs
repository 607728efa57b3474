//! Other URLs of pages: what makes an article that stands under several one file.

use super::hosts::refresh;
use super::statements::{DONE, LEASED, QUEUED, signed, unsigned};
use super::{copies, polls, store};
use crate::frontier::{FrontierError, Key, Lease, Likeness, Name, Offer, United};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use url::Url;

type Result<T> = std::result::Result<T, FrontierError>;

/// A row of `aliases`.
struct Alias {
    /// The page.
    page: i64,
    is_sure: bool,
    title: Option<String>,
}

impl Alias {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { page: row.get("page")?, is_sure: row.get("is_sure")?, title: row.get("title")? })
    }

    /// Whether it holds for something of this title.
    fn holds(&self, title: Option<&str>) -> bool {
        self.is_sure || is_same_title(self.title.as_deref(), title)
    }
}

/// Whether two titles do not differ, as far as both are known: by letters and digits alone.
fn is_same_title(one: Option<&str>, other: Option<&str>) -> bool {
    let plain =
        |title: &str| title.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    one.zip(other).is_none_or(|(one, other)| plain(one) == plain(other))
}

fn find(transaction: &Connection, key: i64) -> rusqlite::Result<Option<Alias>> {
    transaction
        .prepare_cached("SELECT page, is_sure, title FROM aliases WHERE key = ?")?
        .query_row([key], Alias::read)
        .optional()
}

/// Whether what is offered is a page that was fetched under another URL.
pub(super) fn is_known(transaction: &Transaction<'_>, offer: &Offer) -> rusqlite::Result<bool> {
    let alias = find(transaction, signed(Key::of(&offer.url)))?;
    Ok(alias.is_some_and(|alias| alias.holds(offer.title.as_deref())))
}

/// What another page that is known under a name of ours has come to. One that has a path may have been written by a run
/// that was killed before it could say so; it says so when it is at work again.
fn standing_of(transaction: &Connection, page: i64) -> rusqlite::Result<United> {
    let found: Option<(i64, bool, bool)> = transaction
        .prepare_cached("SELECT state, hash IS NOT NULL, path IS NOT NULL FROM items WHERE key = ? AND target = 0")?
        .query_row([page], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    Ok(match found {
        Some((DONE, true, _)) => United::With(unsigned(page)),
        Some((LEASED, ..) | (QUEUED, _, true)) => United::Undecided,
        _ => United::Alone,
    })
}

pub(super) fn unite(
    transaction: &Transaction<'_>,
    lease: &Lease,
    names: &[Name],
    title: Option<&str>,
    text: Option<&Likeness>,
) -> Result<United> {
    let own = signed(lease.key);
    let named = names.iter().map(|name| (signed(Key::of(&name.url)), name.is_sure, &name.url));
    // Its own name goes last: it is sure.
    let named: Vec<_> = named.chain([(own, true, &lease.url)]).collect();
    for (key, is_sure, _) in named.iter().copied() {
        match meet(transaction, own, key, is_sure, title).map_err(store)? {
            United::Alone => (),
            found => return Ok(found),
        }
    }
    named.iter().try_for_each(|name| keep(transaction, own, *name, title)).map_err(store)?;
    let first = text.map(|text| copies::resemble(transaction, own, text)).transpose().map_err(store)?;
    Ok(first.flatten().map_or(United::Alone, |first| United::CopyOf(unsigned(first))))
}

/// Whether another page than `own` has the text that is known as `key`.
fn meet(
    transaction: &Transaction<'_>,
    own: i64,
    key: i64,
    is_sure: bool,
    title: Option<&str>,
) -> rusqlite::Result<United> {
    match find(transaction, key)? {
        Some(alias) if alias.page == own => Ok(United::Alone),
        Some(alias) if is_sure && alias.is_sure || is_same_title(alias.title.as_deref(), title) => {
            standing_of(transaction, alias.page)
        }
        Some(_) => Ok(United::Alone),
        None if key == own => Ok(United::Alone),
        // It may be at work, or have been written before other names were kept.
        None => standing_of(transaction, key),
    }
}

/// Keeps a name of page `own`, unless a page that has got its text, or may, is known by it.
pub(super) fn keep(
    transaction: &Connection,
    own: i64,
    (key, is_sure, url): (i64, bool, &Url),
    title: Option<&str>,
) -> rusqlite::Result<()> {
    if let Some(alias) = find(transaction, key)?
        && alias.page != own
        && standing_of(transaction, alias.page)? != United::Alone
    {
        return Ok(());
    }
    transaction
        .prepare_cached("INSERT OR REPLACE INTO aliases (key, page, is_sure, title, url) VALUES (?, ?, ?, ?, ?)")?
        .execute(params![key, own, is_sure, title, url.as_str()])?;
    Ok(())
}

/// Takes what waits under the other names of a page that was written off the queue.
pub(super) fn settle(transaction: &Connection, page: i64) -> rusqlite::Result<()> {
    let waiting: Vec<(i64, String, Option<String>, Alias)> = transaction
        .prepare_cached(
            "SELECT items.key, items.host, items.title AS offered, page, is_sure, aliases.title
             FROM aliases JOIN items ON items.key = aliases.key AND items.target = 0 AND items.state = 0
             WHERE aliases.page = ?",
        )?
        .query_map([page], |row| Ok((row.get("key")?, row.get("host")?, row.get("offered")?, Alias::read(row)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (key, host, _, _) in waiting.iter().filter(|(_, _, offered, alias)| alias.holds(offered.as_deref())) {
        transaction
            .prepare_cached(
                "UPDATE items SET state = 5, cause = NULL, class = NULL WHERE key = ? AND target = 0 AND state = 0",
            )?
            .execute([key])?;
        polls::forget_content(transaction, *key)?;
        refresh(transaction, host)?;
    }
    Ok(())
}

/// Forgets the names of a page that nothing was written of.
pub(super) fn forget(transaction: &Transaction<'_>, lease: &Lease) -> rusqlite::Result<()> {
    transaction.prepare_cached("DELETE FROM aliases WHERE page = ?")?.execute([signed(lease.key)])?;
    Ok(())
}
