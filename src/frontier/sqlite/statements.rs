//! What each call does to the tables. Everything here runs inside one transaction of the writer.

use super::hosts::refresh;
use super::rebuild::{self, Recalled};
use super::{aliases, copies, polls, store};
use crate::article::Verdict;
use crate::frontier::{
    Address, FrontierError, Host, Key, Lease, NewText, Offer, Placed, RelativePath, Remembered, Standing, Target,
    Validators,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params, params};
use std::collections::BTreeSet;
use url::Url;

type Result<T> = std::result::Result<T, FrontierError>;

// `items.state`, as far as it is bound; the queries spell the numbers out, since a partial index
// serves only a query that names its state.
pub(super) const QUEUED: i64 = 0;
pub(super) const LEASED: i64 = 1;
pub(super) const DONE: i64 = 2;
pub(super) const FAILED: i64 = 3;
pub(super) const SAME: i64 = 5;
pub(super) const OLD: i64 = 6;

// `items.target`.
const PAGE: i64 = 0;
const FEED: i64 = 1;

/// Takes back every lease: nobody can hold one while the store is being opened.
pub(super) fn release_all(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    release(&transaction, Timestamp::MAX)?;
    transaction.commit()
}

/// Takes back the leases that run out at `now` or before.
fn release(transaction: &Transaction<'_>, now: Timestamp) -> rusqlite::Result<()> {
    let hosts: Vec<String> = transaction
        .prepare_cached("SELECT DISTINCT host FROM items WHERE state = 1 AND leased_until <= ?")?
        .query_map([millis(now)], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for host in hosts {
        transaction
            .prepare_cached(
                "UPDATE items SET state = 0, leased_until = NULL WHERE state = 1 AND host = ? AND leased_until <= ?",
            )?
            .execute(params![host, millis(now)])?;
        refresh(transaction, &host)?;
    }
    Ok(())
}

pub(super) fn set_feeds(transaction: &Transaction<'_>, feeds: &[Offer], at_once: bool, now: Timestamp) -> Result<()> {
    let mut hosts: BTreeSet<String> = transaction
        .prepare_cached("UPDATE items SET state = 4 WHERE target = 1 AND state = 0 RETURNING host")
        .and_then(|mut update| update.query_map([], |row| row.get(0))?.collect())
        .map_err(store)?;
    for feed in feeds {
        let host = insert(transaction, feed, now).and_then(|_| wake(transaction, feed, at_once, now)).map_err(store)?;
        hosts.extend(host);
    }
    hosts.iter().try_for_each(|host| refresh(transaction, host)).map_err(store)
}

/// Makes a feed one that is polled; gives the host that it waits for, which is another than that of its URL where it has
/// moved. `None` where it is at work.
fn wake(
    transaction: &Transaction<'_>,
    feed: &Offer,
    at_once: bool,
    now: Timestamp,
) -> rusqlite::Result<Option<String>> {
    transaction
        .prepare_cached(
            "UPDATE items SET state = 0, title = ifnull(:title, title),
                    due = CASE WHEN :at_once THEN :now
                               WHEN finished IS NOT NULL AND attempts = 0 AND due > :latest
                               THEN :now + abs(key % 1000) * (:latest - :now) / 1000
                               ELSE due END
             WHERE key = :key AND target = 1 AND state IN (0, 4) RETURNING host",
        )?
        .query_row(
            named_params! {
                ":title": feed.title,
                ":at_once": at_once,
                ":now": millis(now),
                ":latest": feed.latest.map(millis),
                ":key": signed(Key::of(&feed.url)),
            },
            |row| row.get(0),
        )
        .optional()
}

pub(super) fn offer(transaction: &Transaction<'_>, offers: &[Offer], now: Timestamp) -> Result<usize> {
    let mut new = 0;
    let mut hosts = BTreeSet::new();
    for offer in offers {
        if insert(transaction, offer, now).map_err(store)? {
            new += 1;
            hosts.insert(Host::of(&offer.url));
        }
    }
    hosts.iter().try_for_each(|host| refresh(transaction, host.as_str())).map_err(store)?;
    Ok(new)
}

/// Puts an item in where it is unknown; says whether there is something new to do.
fn insert(transaction: &Transaction<'_>, offer: &Offer, now: Timestamp) -> rusqlite::Result<bool> {
    if offer.target == Target::Page
        && (aliases::is_known(transaction, offer)? || polls::is_written(transaction, offer)?)
    {
        return Ok(false);
    }
    let inserted = transaction
        .prepare_cached(
            "INSERT INTO items
                (key, target, url, host, state, due, token, attempts, title, published, feed, first_seen, entry)
             VALUES (:key, :target, :url, :host, :state, :due, 0, 0, :title, :published, :feed, :now, :entry)
             ON CONFLICT (key, target) DO UPDATE SET state = 0, due = :due, feed = :feed
                WHERE state = 6 AND :state = 0 AND feed IS NOT :feed",
        )?
        .execute(named_params! {
            ":key": signed(Key::of(&offer.url)),
            ":target": target_number(offer.target),
            ":url": offer.url.as_str(),
            ":host": Host::of(&offer.url).as_str(),
            ":state": if offer.is_old { OLD } else { QUEUED },
            ":due": millis(offer.not_before.map_or(now, |not_before| not_before.max(now))),
            ":now": millis(now),
            ":title": offer.title,
            ":published": offer.published.map(millis),
            ":feed": offer.feed.map(signed),
            ":entry": offer.entry.map(u64::cast_signed),
        })?;
    if inserted > 0 && !offer.is_old {
        polls::keep_content(transaction, offer)?;
    }
    Ok(inserted > 0 && !offer.is_old)
}

pub(super) fn claim(transaction: &Transaction<'_>, max: usize, now: Timestamp, until: Timestamp) -> Result<Vec<Lease>> {
    release(transaction, now).map_err(store)?;
    let max = i64::try_from(max).unwrap_or(i64::MAX);
    let hosts: Vec<(String, i64)> = transaction
        .prepare_cached("SELECT host, ready FROM hosts WHERE ready <= ? ORDER BY ready, host LIMIT ?")
        .and_then(|mut select| {
            select.query_map(params![millis(now), max], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })
        .map_err(store)?;
    let mut leases = Vec::with_capacity(hosts.len());
    for (host, ready) in hosts {
        for target in [FEED, PAGE] {
            if let Some(lease) = lease_first(transaction, &host, target, now, until)? {
                let due = lease.due.max(moment(ready));
                leases.push(Lease { due, ..lease });
                break;
            }
        }
        refresh(transaction, &host).map_err(store)?;
    }
    Ok(leases)
}

fn lease_first(
    transaction: &Transaction<'_>,
    host: &str,
    target: i64,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<Lease>> {
    transaction
        .prepare_cached(
            "UPDATE items SET state = 1, leased_until = ?, token = token + 1 WHERE id = (
                SELECT id FROM items WHERE state = 0 AND host = ? AND target = ? AND due <= ? ORDER BY due, id LIMIT 1)
             RETURNING key, target, url, host, etag, last_modified, path, attempts, title, published, feed, entry,
                first_seen, due, failing_since, learnt, sighted, sightings, interval_s, reason,
                body, of_week, whole_at, hints, token",
        )
        .and_then(|mut update| {
            update.query_row(params![millis(until), host, target, millis(now)], |row| Ok(read_lease(row))).optional()
        })
        .map_err(store)?
        .transpose()
}

fn read_lease(row: &Row<'_>) -> Result<Lease> {
    let key = unsigned(row.get("key").map_err(store)?);
    let damaged = |column| FrontierError::Damaged { key, column };
    let url: String = row.get("url").map_err(store)?;
    let url = Url::parse(&url).map_err(|_| damaged("url"))?;
    let path: Option<String> = row.get("path").map_err(store)?;
    let path = path.map(|path| RelativePath::parse(&path)).transpose().map_err(|_| damaged("path"))?;
    let published: Option<i64> = row.get("published").map_err(store)?;
    let published = published.map(Timestamp::from_millisecond).transpose().map_err(|_| damaged("published"))?;
    let first_seen =
        Timestamp::from_millisecond(row.get("first_seen").map_err(store)?).map_err(|_| damaged("first_seen"))?;
    let target = if row.get::<_, i64>("target").map_err(store)? == FEED { Target::Feed } else { Target::Page };
    let failures: i64 = row.get("attempts").map_err(store)?;
    let failing_since: Option<i64> = row.get("failing_since").map_err(store)?;
    let address = Address {
        learnt: read_url(row, "learnt")?.transpose().map_err(|_| damaged("learnt"))?,
        sighted: read_url(row, "sighted")?.transpose().map_err(|_| damaged("sighted"))?,
        sightings: row.get("sightings").map_err(store)?,
    };
    Ok(Lease {
        key,
        host: Host::of(address.learnt.as_ref().unwrap_or(&url)),
        url,
        target,
        validators: Validators {
            etag: row.get("etag").map_err(store)?,
            last_modified: row.get("last_modified").map_err(store)?,
        },
        path,
        attempt: u32::try_from(failures).unwrap_or(u32::MAX).saturating_add(1),
        title: row.get("title").map_err(store)?,
        published,
        feed: row.get::<_, Option<i64>>("feed").map_err(store)?.map(unsigned),
        entry: row.get::<_, Option<i64>>("entry").map_err(store)?.map(i64::cast_unsigned),
        first_seen,
        due: moment(row.get("due").map_err(store)?),
        failing_since: failing_since.map(moment),
        address,
        polling: polls::read(row)?,
        token: row.get::<_, i64>("token").map_err(store)?.cast_unsigned(),
    })
}

fn read_url(row: &Row<'_>, column: &str) -> Result<Option<std::result::Result<Url, url::ParseError>>> {
    Ok(row.get::<_, Option<String>>(column).map_err(store)?.map(|url| Url::parse(&url)))
}

pub(super) fn place(transaction: &Transaction<'_>, lease: &Lease, path: &RelativePath) -> Result<Placed> {
    let fixed: Option<Option<String>> = transaction
        .prepare_cached("SELECT path FROM items WHERE key = ? AND target = ? AND token = ? AND state = 1")
        .and_then(|mut select| {
            select
                .query_row(params![signed(lease.key), target_number(lease.target), lease.token.cast_signed()], |row| {
                    row.get(0)
                })
                .optional()
        })
        .map_err(store)?;
    match fixed {
        None => Err(FrontierError::LeaseLost { url: lease.url.clone() }),
        Some(Some(fixed)) => RelativePath::parse(&fixed)
            .map(Placed::At)
            .map_err(|_| FrontierError::Damaged { key: lease.key, column: "path" }),
        Some(None) => {
            let updated = transaction
                .prepare_cached("UPDATE OR IGNORE items SET path = ? WHERE key = ? AND target = ?")
                .and_then(|mut update| {
                    update.execute(params![path.as_str(), signed(lease.key), target_number(lease.target)])
                })
                .map_err(store)?;
            Ok(if updated > 0 { Placed::At(path.clone()) } else { Placed::Taken })
        }
    }
}

pub(super) fn next_due(transaction: &Transaction<'_>) -> Result<Option<Timestamp>> {
    let next: Option<i64> = transaction
        .prepare_cached("SELECT min(ready) FROM hosts WHERE ready IS NOT NULL")
        .and_then(|mut select| select.query_row([], |row| row.get(0)))
        .map_err(store)?;
    Ok(next.map(moment))
}

pub(super) fn recall(transaction: &Transaction<'_>, pages: &[Remembered]) -> Result<usize> {
    let mut new = 0;
    for page in pages {
        let is_unknown = "SELECT NOT EXISTS (SELECT 1 FROM items WHERE key = ? AND target = 0)";
        let is_unknown = transaction
            .prepare_cached(is_unknown)
            .and_then(|mut select| select.query_row([signed(Key::of(&page.url))], |row| row.get::<_, bool>(0)))
            .map_err(store)?;
        if is_unknown && rebuild::recall(transaction, page).map_err(store)? == Recalled::Changed {
            new += 1;
        }
    }
    Ok(new)
}

pub(super) fn renew(transaction: &Transaction<'_>, texts: &[NewText]) -> Result<()> {
    for NewText { page, hash, is_truncated, fingerprint } in texts {
        let verdict = if *is_truncated { Verdict::Truncated } else { Verdict::Article };
        transaction
            .prepare_cached(
                "UPDATE items SET hash = ?2, verdict = ?3 WHERE key = ?1 AND target = 0 AND state = 2
                 AND (hash <> ?2 OR verdict <> ?3)",
            )
            .and_then(|mut update| update.execute(params![signed(*page), hash, verdict.id()]))
            .and_then(|_| fingerprint.map_or(Ok(()), |print| copies::renew(transaction, signed(*page), &print)))
            .map_err(store)?;
    }
    Ok(())
}

pub(super) fn is_blank(transaction: &Transaction<'_>) -> Result<bool> {
    let is_blank = "SELECT NOT EXISTS (SELECT 1 FROM items WHERE target = 0)";
    transaction.query_row(is_blank, [], |row| row.get(0)).map_err(store)
}

pub(super) fn standing(transaction: &Transaction<'_>) -> Result<Standing> {
    let (queued, leased, leased_pages, next): (i64, i64, i64, Option<i64>) = transaction
        .query_row(
            "SELECT (SELECT count(*) FROM items WHERE state = 0 AND target = 0),
                (SELECT count(*) FROM items WHERE state = 1),
                (SELECT count(*) FROM items WHERE state = 1 AND target = 0),
                (SELECT min(ready) FROM hosts WHERE ready IS NOT NULL)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .map_err(store)?;
    Ok(Standing {
        queued_pages: queued.cast_unsigned(),
        leased: leased.cast_unsigned(),
        leased_pages: leased_pages.cast_unsigned(),
        next: next.map(moment),
    })
}

/// What [`millis`] has written; what it never writes is the end of time.
pub(super) fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
}

pub(super) fn millis(time: Timestamp) -> i64 {
    time.as_millisecond()
}

pub(super) fn signed(key: Key) -> i64 {
    key.to_bits().cast_signed()
}

pub(super) fn unsigned(key: i64) -> Key {
    Key::from_bits(key.cast_unsigned())
}

pub(super) fn target_number(target: Target) -> i64 {
    match target {
        Target::Page => PAGE,
        Target::Feed => FEED,
    }
}
