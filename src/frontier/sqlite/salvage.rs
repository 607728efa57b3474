//! What can still be read of a damaged store.

use super::rebuild::with_ending;
use super::statements::{DONE, FAILED, LEASED, OLD, QUEUED, SAME, unsigned};
use super::{cannot_open, hosts, store, view};
use crate::frontier::{FrontierError, Host, Key, RelativePath};
use jiff::Timestamp;
use rusqlite::{Connection, Row, named_params, params};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use url::Url;

type Result<T> = std::result::Result<T, FrontierError>;

/// Copies the pages of the store at `old`, their other names and what feeds carry of them into `new`; gives how many pages
/// that are.
pub(super) fn salvage(old: &Path, new: &Connection) -> Result<u64> {
    let Ok(old) = view::connect(old, "mode=ro").or_else(|_| view::connect(old, "immutable=1")) else {
        return Ok(0);
    };
    let (mut saved, mut hosts) = (0, BTreeSet::new());
    each_readable(&old, "items", |row| {
        let Some(host) = copy_page(new, row)? else { return Ok(()) };
        hosts.insert(host);
        saved += 1;
        Ok(())
    })?;
    each_readable(&old, "aliases", |row| copy_alias(new, row))?;
    each_readable(&old, "contents", |row| copy_content(new, row))?;
    hosts.iter().try_for_each(|host| hosts::refresh(new, host)).map_err(store)?;
    Ok(saved)
}

/// What every file of SQLite begins with (sqlite.org/fileformat.html, 1.3).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Makes a copy that SQLite agrees to read, of a store that is shorter than its head says or whose first bytes are
/// overwritten: it would not look at anything in it. Says whether that was necessary and possible.
pub(super) fn readable_copy(store: &Path, copy: &Path) -> Result<bool> {
    let error = |error| cannot_open(store, error);
    let mut head = [0; 100];
    let mut file = File::open(store).map_err(error)?;
    if file.read_exact(&mut head).is_err() {
        return Ok(false);
    }
    // A page size of 1 stands for 65,536; ours are of SQLite's default of 4,096.
    let page_bytes = u64::from(u16::from_be_bytes([head[16], head[17]]));
    let pages = u64::from(u32::from_be_bytes([head[28], head[29], head[30], head[31]]));
    let (length, whole) = (file.metadata().map_err(error)?.len(), page_bytes * pages);
    let is_plausible = page_bytes == 4096 && whole <= length.saturating_mul(1024);
    if !is_plausible || (length >= whole && head.starts_with(MAGIC)) {
        return Ok(false);
    }
    fs::copy(store, copy).map_err(error)?;
    match fs::copy(with_ending(store, "-wal"), with_ending(copy, "-wal")) {
        Err(failed) if failed.kind() != io::ErrorKind::NotFound => return Err(error(failed)),
        _ => {}
    }
    let mut copied = File::options().write(true).open(copy).map_err(error)?;
    copied.set_len(length.max(whole)).and_then(|()| copied.write_all(MAGIC)).map_err(error)?;
    Ok(true)
}

/// Hands `take` each row of a table that can still be read. Where reading fails, it goes on behind the damage, in steps that
/// grow, and from the other end.
fn each_readable(old: &Connection, table: &str, mut take: impl FnMut(&Row<'_>) -> Result<()>) -> Result<()> {
    let mut from = i64::MIN;
    let (ascending, descending) = (
        format!("SELECT rowid AS at, * FROM {table} WHERE rowid > ? ORDER BY rowid"),
        format!("SELECT rowid AS at, * FROM {table} WHERE rowid > ? ORDER BY rowid DESC"),
    );
    let (mut last_good, is_whole) = read_on(old, &ascending, from, &mut take)?;
    if is_whole {
        return Ok(());
    }
    // Past the damage by its own size each time, as long as there is something behind it; keys are far between in the
    // table of names, so that nothing is tried there but the other end.
    from = last_good.unwrap_or(0);
    let mut step = 1;
    while table == "items" && step < 1 << 24 {
        let (found, is_whole) = read_on(old, &ascending, from.saturating_add(step), &mut take)?;
        match found {
            Some(at) => (from, step, last_good) = (at, 1, Some(at)),
            None => step *= 2,
        }
        if is_whole {
            return Ok(());
        }
    }
    read_on(old, &descending, last_good.unwrap_or(i64::MIN), &mut take)?;
    Ok(())
}

/// Reads rows until the end or to the damage; gives the last row read, and whether it came to the end.
fn read_on(
    old: &Connection,
    query: &str,
    from: i64,
    take: &mut impl FnMut(&Row<'_>) -> Result<()>,
) -> Result<(Option<i64>, bool)> {
    let mut last = None;
    let Ok(mut select) = old.prepare(query) else { return Ok((None, false)) };
    let Ok(mut rows) = select.query([from]) else { return Ok((None, false)) };
    loop {
        match rows.next() {
            Ok(Some(row)) => {
                last = row.get("at").ok().or(last);
                take(row)?;
            }
            Ok(None) => return Ok((last, true)),
            Err(_) => return Ok((last, false)),
        }
    }
}

/// Copies a page, unless it is none or says what cannot be; gives its host.
fn copy_page(new: &Connection, row: &Row<'_>) -> Result<Option<String>> {
    let text = |column| row.get::<_, Option<String>>(column).ok().flatten();
    let number = |column| row.get::<_, Option<i64>>(column).ok().flatten();
    let Some((key, url)) = number("key").zip(text("url")) else { return Ok(None) };
    let Ok(url) = Url::parse(&url) else { return Ok(None) };
    let state = number("state").map(|state| if state == LEASED { QUEUED } else { state });
    let is_page = number("target") == Some(0) && Key::of(&url) == unsigned(key);
    let Some(state) = state.filter(|state| is_page && [QUEUED, DONE, FAILED, SAME, OLD].contains(state)) else {
        return Ok(None);
    };
    let host = Host::of(&url);
    let path = text("path").filter(|path| RelativePath::parse(path).is_ok());
    let hash = text("hash").filter(|hash| blake3::Hash::from_hex(hash).is_ok());
    // What was written and has lost its place or its hash is asked for once more.
    let state = if state == DONE
        && text("verdict").is_some_and(|id| is_article(&id))
        && hash.as_ref().zip(path.as_ref()).is_none()
    {
        QUEUED
    } else {
        state
    };
    let copied = new
        .prepare_cached(
            "INSERT INTO items (key, target, url, host, state, due, token, attempts, failing_since, title, published, feed,
                first_seen, finished, path, hash, verdict, cause, class, entry, duplicate_of)
             VALUES (:key, 0, :url, :host, :state, :due, 0, :attempts, :failing_since, :title, :published, :feed,
                :first_seen, :finished, :path, :hash, :verdict, :cause, :class, :entry, :duplicate_of)
             ON CONFLICT DO NOTHING",
        )
        .and_then(|mut insert| {
            insert.execute(named_params! {
                ":key": key,
                ":url": url.as_str(),
                ":host": host.as_str(),
                ":state": state,
                ":due": number("due").unwrap_or_default(),
                ":attempts": number("attempts").unwrap_or_default().clamp(0, 1000),
                ":failing_since": number("failing_since"),
                ":title": text("title"),
                ":published": number("published").filter(|at| Timestamp::from_millisecond(*at).is_ok()),
                ":feed": number("feed"),
                ":first_seen": number("first_seen").filter(|at| Timestamp::from_millisecond(*at).is_ok()).unwrap_or_default(),
                ":finished": number("finished"),
                ":path": path,
                ":hash": hash,
                ":verdict": text("verdict"),
                ":cause": text("cause"),
                ":class": text("class"),
                ":entry": number("entry"),
                ":duplicate_of": number("duplicate_of"),
            })
        })
        .map_err(store)?;
    Ok((copied > 0).then(|| host.as_str().to_owned()))
}

fn is_article(verdict: &str) -> bool {
    matches!(verdict, "article" | "truncated")
}

fn copy_alias(new: &Connection, row: &Row<'_>) -> Result<()> {
    let text = |column| row.get::<_, Option<String>>(column).ok().flatten();
    let number = |column| row.get::<_, Option<i64>>(column).ok().flatten();
    let Some(((key, page), is_sure)) = number("key").zip(number("page")).zip(number("is_sure")) else { return Ok(()) };
    new.prepare_cached("INSERT OR IGNORE INTO aliases (key, page, is_sure, title, url) VALUES (?, ?, ?, ?, ?)")
        .and_then(|mut insert| insert.execute(params![key, page, is_sure != 0, text("title"), text("url")]))
        .map(drop)
        .map_err(store)
}

/// What a feed carries of a page that waits.
fn copy_content(new: &Connection, row: &Row<'_>) -> Result<()> {
    let text = |column| row.get::<_, String>(column).ok();
    let found = row.get::<_, i64>("key").ok().zip(text("html")).zip(text("authors"));
    let Some(((key, html), authors)) = found else { return Ok(()) };
    new.prepare_cached(
        "INSERT OR IGNORE INTO contents (key, html, authors)
         SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM items WHERE key = ?1 AND target = 0 AND state = 0)",
    )
    .and_then(|mut insert| insert.execute(params![key, html, authors]))
    .map(drop)
    .map_err(store)
}
