//! Copies: pages whose text is nearly that of another page, which came first. First copies alone have fingerprints, so that
//! every copy is held against the first one itself and a row of small changes leads nowhere.

use super::hosts::refresh;
use super::statements::{SAME, millis};
use crate::fingerprint::{Fingerprint, ONE_TEXT, Sketch};
use crate::frontier::Likeness;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use std::cmp::Reverse;
use std::collections::HashMap;

/// How many first copies are held against a text, those that share most bands with it. Texts that are one share several;
/// strangers share one now and then.
const CANDIDATES: usize = 64;

/// How many first copies are looked at of those that have a band. What thousands have, by a phrase that many texts share,
/// says little: a text and its copy share other bands too.
const OF_A_BAND: usize = 256;

/// Which page came first with the text of page `own`; `None`: itself, and it is known by its fingerprint from now on if it
/// is whole. What was decided once stays.
pub(super) fn resemble(connection: &Connection, own: i64, text: &Likeness) -> rusqlite::Result<Option<i64>> {
    let found: Option<(i64, Option<i64>, bool)> = connection
        .prepare_cached(
            "SELECT id, duplicate_of, EXISTS (SELECT 1 FROM fingerprints WHERE item = id)
             FROM items WHERE key = ? AND target = 0",
        )?
        .query_row([own], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((item, decided, is_first)) = found else { return Ok(None) };
    if decided.is_some() {
        return Ok(decided);
    }
    if !is_first && let Some(first) = first_of(connection, &text.fingerprint, item)? {
        connection.prepare_cached("UPDATE items SET duplicate_of = ? WHERE id = ?")?.execute(params![first, item])?;
        return Ok(Some(first));
    }
    if text.is_whole {
        put(connection, item, &text.fingerprint)?;
    }
    Ok(None)
}

/// The first copy that resembles a text most, among others than `item`; of several the one that was known first.
pub(super) fn first_of(connection: &Connection, fingerprint: &Fingerprint, item: i64) -> rusqlite::Result<Option<i64>> {
    let mut select = connection
        .prepare_cached("SELECT items.key, sketch FROM fingerprints JOIN items ON items.id = item WHERE item = ?")?;
    let mut best = None;
    for candidate in candidates(connection, fingerprint, item)? {
        let found: Option<(i64, Vec<u8>)> =
            select.query_row([candidate], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        // What this program never writes is no sketch, and resembles nothing.
        let Some((key, sketch)) = found.and_then(|(key, bytes)| Some((key, Sketch::from_bytes(&bytes)?))) else {
            continue;
        };
        let resemblance = fingerprint.sketch().resemblance(&sketch);
        if resemblance >= ONE_TEXT {
            // Bits of numbers that are not negative are in their order.
            best = best.max(Some((resemblance.to_bits(), Reverse(candidate), key)));
        }
    }
    Ok(best.map(|(_, _, key)| key))
}

/// The first copies that share most bands with a text, the earliest of them first.
fn candidates(connection: &Connection, fingerprint: &Fingerprint, item: i64) -> rusqlite::Result<Vec<i64>> {
    let mut select =
        connection.prepare_cached("SELECT item FROM bands WHERE band = ? AND item <> ? ORDER BY item LIMIT ?")?;
    let mut shared: HashMap<i64, usize> = HashMap::new();
    for band in fingerprint.bands() {
        let items = select.query_map(params![i64::from(*band), item, OF_A_BAND as i64], |row| row.get(0))?;
        for item in items {
            *shared.entry(item?).or_default() += 1;
        }
    }
    let mut found: Vec<(i64, usize)> = shared.into_iter().collect();
    found.sort_unstable_by_key(|(item, shared)| (Reverse(*shared), *item));
    found.truncate(CANDIDATES);
    Ok(found.into_iter().map(|(item, _)| item).collect())
}

/// Makes a page known by the fingerprint of its text. Bands that it had before stay: they lead to its new sketch.
fn put(connection: &Connection, item: i64, fingerprint: &Fingerprint) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO fingerprints (item, sketch) VALUES (?, ?)")?
        .execute(params![item, fingerprint.sketch().as_bytes()])?;
    let mut insert = connection.prepare_cached("INSERT OR IGNORE INTO bands (band, item) VALUES (?, ?)")?;
    fingerprint.bands().iter().try_for_each(|band| insert.execute(params![band, item]).map(drop))
}

/// Replaces the fingerprint of a first copy whose text has been written anew.
pub(super) fn renew(connection: &Connection, own: i64, fingerprint: &Fingerprint) -> rusqlite::Result<()> {
    let item = connection
        .prepare_cached("SELECT item FROM fingerprints JOIN items ON items.id = item WHERE key = ? AND target = 0")?
        .query_row([own], |row| row.get(0))
        .optional()?;
    item.map_or(Ok(()), |item| put(connection, item, fingerprint))
}

/// Forgets what the text of a page was, for nothing was written of it; what was left out as its copy is fetched after all.
pub(super) fn forget(connection: &Connection, own: i64, now: Timestamp) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM fingerprints WHERE item = (SELECT id FROM items WHERE key = ? AND target = 0)")?
        .execute([own])?;
    connection
        .prepare_cached(
            "UPDATE items SET duplicate_of = NULL WHERE key = ? AND target = 0 AND duplicate_of IS NOT NULL",
        )?
        .execute([own])?;
    free(connection, "duplicate_of = ?2", params![millis(now), own]).map(drop)
}

/// Puts pages that were left out as copies of one that is not there back into the queue. Returns how many.
pub(super) fn free_orphans(connection: &Connection, now: Timestamp) -> rusqlite::Result<u64> {
    let is_orphan = "duplicate_of IS NOT NULL AND NOT EXISTS (SELECT 1 FROM items AS first WHERE first.target = 0
        AND first.key = items.duplicate_of AND (first.state IN (0, 1) OR first.hash IS NOT NULL))";
    free(connection, is_orphan, params![millis(now)])
}

fn free(connection: &Connection, which: &str, parameters: impl rusqlite::Params) -> rusqlite::Result<u64> {
    let free = format!(
        "UPDATE items SET state = 0, due = ?1, duplicate_of = NULL, attempts = 0, failing_since = NULL
         WHERE target = 0 AND state = {SAME} AND {which} RETURNING host"
    );
    let hosts: Vec<String> =
        connection.prepare_cached(&free)?.query_map(parameters, |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    hosts.iter().try_for_each(|host| refresh(connection, host))?;
    Ok(hosts.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_found_though_thousands_came_earlier_with_one_of_its_bands() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(include_str!("schema.sql")).unwrap();
        let text: Vec<String> = (0..200).map(|number| format!("heron{number}")).collect();
        let fingerprint = Fingerprint::of(&text.join(" ")).unwrap();
        let strange = Fingerprint::of(&text.join(" ").replace("heron", "otter")).unwrap();
        let mut insert = connection
            .prepare(
                "INSERT INTO items (id, key, target, url, host, state, due, token, attempts, first_seen)
                 VALUES (?1, ?1 + 70000, 0, '', '', 2, 0, 0, 0, 0)",
            )
            .unwrap();
        let band = i64::from(fingerprint.bands()[0]);
        for item in 1..=2_000_i64 {
            insert.execute([item]).unwrap();
            put(&connection, item, &strange).unwrap();
            connection.execute("INSERT INTO bands (band, item) VALUES (?, ?)", [band, item]).unwrap();
        }
        insert.execute([3_000]).unwrap();
        assert_eq!(first_of(&connection, &fingerprint, 3_000).unwrap(), None, "one band makes no copy");
        put(&connection, 3_000, &fingerprint).unwrap();
        assert_eq!(first_of(&connection, &fingerprint, 4_000).unwrap(), Some(73_000));
        let looked_at = candidates(&connection, &fingerprint, 4_000).unwrap();
        assert_eq!((looked_at.len(), looked_at[0]), (CANDIDATES, 3_000), "what shares most comes first");
    }
}
