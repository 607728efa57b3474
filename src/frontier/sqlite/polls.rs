//! How feeds are polled, and what they carry of pages.

use super::hosts::refresh;
use super::statements::{millis, moment, signed, target_number};
use super::{aliases, store};
use crate::frontier::{Content, FrontierError, Key, Lease, Offer, Polling};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params, params};

type Result<T> = std::result::Result<T, FrontierError>;

/// Reads what [`save`] has written.
pub(super) fn read(row: &Row<'_>) -> Result<Polling> {
    let read = || {
        let (body, whole_at): (Option<i64>, Option<i64>) = (row.get("body")?, row.get("whole_at")?);
        let hints: Option<String> = row.get("hints")?;
        Ok(Polling {
            interval_s: row.get("interval_s")?,
            reason: row.get("reason")?,
            body: body.map(i64::cast_unsigned),
            of_week: row.get("of_week")?,
            // What cannot be read is said again with the next body.
            hints: hints.and_then(|hints| serde_json::from_str(&hints).ok()).unwrap_or_default(),
            whole_at: whole_at.map(moment),
        })
    };
    read().map_err(store)
}

pub(super) fn save(transaction: &Transaction<'_>, lease: &Lease) -> rusqlite::Result<()> {
    let Polling { interval_s, reason, body, of_week, hints, whole_at } = &lease.polling;
    transaction
        .prepare_cached(
            "UPDATE items SET interval_s = :interval_s, reason = :reason, body = :body,
                of_week = :of_week, hints = :hints, whole_at = :whole_at
             WHERE key = :key AND target = 1",
        )?
        .execute(named_params! {
            ":interval_s": interval_s,
            ":reason": reason,
            ":body": body.map(u64::cast_signed),
            ":of_week": of_week,
            ":hints": serde_json::to_string(hints).ok(),
            ":whole_at": whole_at.map(millis),
            ":key": signed(lease.key),
        })?;
    Ok(())
}

/// Whether the feed has announced what is offered under another URL, and that was written. What waits there may fail
/// yet, so that both are asked for then.
pub(super) fn is_written(transaction: &Transaction<'_>, offer: &Offer) -> rusqlite::Result<bool> {
    let Some(entry) = offer.entry else { return Ok(false) };
    let found: Option<i64> = transaction
        .prepare_cached(
            "SELECT 1 FROM items WHERE entry = ? AND target = 0 AND (state = 2 AND hash IS NOT NULL OR state = 5)",
        )?
        .query_row([entry.cast_signed()], |row| row.get(0))
        .optional()?;
    Ok(found.is_some())
}

/// How many of the offers nobody knows.
pub(super) fn unknown(transaction: &Transaction<'_>, offers: &[Offer]) -> Result<usize> {
    let is_unknown = |offer: &Offer| -> rusqlite::Result<bool> {
        let known: Option<i64> = transaction
            .prepare_cached("SELECT 1 FROM items WHERE key = ? AND target = ?")?
            .query_row(params![signed(Key::of(&offer.url)), target_number(offer.target)], |row| row.get(0))
            .optional()?;
        Ok(known.is_none()
            && !offer.is_old
            && !aliases::is_known(transaction, offer)?
            && !is_written(transaction, offer)?)
    };
    offers.iter().try_fold(0, |sum, offer| Ok(sum + usize::from(is_unknown(offer)?))).map_err(store)
}

pub(super) fn keep_content(transaction: &Transaction<'_>, offer: &Offer) -> rusqlite::Result<()> {
    let Some(Content { html, authors }) = &offer.content else { return Ok(()) };
    transaction
        .prepare_cached("INSERT OR REPLACE INTO contents (key, html, authors) VALUES (?, ?, ?)")?
        .execute(params![signed(Key::of(&offer.url)), html, authors.join("\n")])?;
    Ok(())
}

pub(super) fn content(transaction: &Transaction<'_>, key: Key) -> Result<Option<Content>> {
    transaction
        .prepare_cached("SELECT html, authors FROM contents WHERE key = ?")
        .and_then(|mut select| {
            let content = |row: &Row<'_>| {
                let authors: String = row.get("authors")?;
                Ok(Content { html: row.get("html")?, authors: authors.lines().map(str::to_owned).collect() })
            };
            select.query_row([signed(key)], content).optional()
        })
        .map_err(store)
}

pub(super) fn forget_content(transaction: &Connection, key: i64) -> rusqlite::Result<()> {
    transaction.prepare_cached("DELETE FROM contents WHERE key = ?")?.execute([key])?;
    Ok(())
}

/// Brings moments back that lie later than any that is written by a clock that is right.
pub(super) fn pull_back(transaction: &Transaction<'_>, latest: Timestamp) -> Result<()> {
    let pull = || -> rusqlite::Result<()> {
        let mut hosts: Vec<String> = transaction
            .prepare(
                "UPDATE items SET due = ?1, reason = CASE target WHEN 1 THEN 'clock: the clock was ahead' END
                 WHERE state IN (0, 4) AND due > ?1 RETURNING host",
            )?
            .query_map([millis(latest)], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let resting: Vec<String> = transaction
            .prepare(
                "UPDATE hosts SET blocked_until = min(blocked_until, ?1), rest_until = min(rest_until, ?1)
                 WHERE blocked_until > ?1 OR rest_until > ?1 RETURNING host",
            )?
            .query_map([millis(latest)], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        hosts.extend(resting);
        hosts.sort();
        hosts.dedup();
        hosts.iter().try_for_each(|host| refresh(transaction, host))
    };
    pull().map_err(store)
}
