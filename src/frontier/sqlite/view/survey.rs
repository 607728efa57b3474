//! What a store says of feeds, queue and hosts, for whoever watches a daemon.

use super::super::statements::{LEASED, QUEUED, millis, moment};
use super::{PageState, Result, StoreView, store};
use jiff::Timestamp;
use rusqlite::types::FromSql;
use rusqlite::{Row, params};
use serde::Serialize;

/// How much there is of everything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Feeds that are polled.
    pub feeds: u64,
    /// Those of them whose last poll failed.
    pub feeds_failing: u64,
    /// Pages that wait, due or not.
    pub pages_queued: u64,
    /// Those of them that have failed before.
    pub pages_failing: u64,
    /// Pages at work, as far as the store knows.
    pub pages_leased: u64,
    /// Pages whose text was written.
    pub pages_written: u64,
    /// Pages that have the text of another page.
    pub pages_same: u64,
    /// Pages that hold no article.
    pub pages_without_article: u64,
    /// Pages that were there before we looked, and are not fetched.
    pub pages_old: u64,
    /// Pages that were given up.
    pub pages_failed: u64,
    /// Feeds and pages at work, as far as the store knows.
    pub leased: u64,
    /// Hosts of which nothing is asked just now.
    pub hosts_resting: u64,
}

impl Totals {
    fn add(&mut self, is_feed: bool, state: i64, has_hash: bool, fails: bool, count: u64) {
        if state == LEASED {
            self.leased += count;
        }
        if is_feed {
            let is_polled = matches!(state, QUEUED | LEASED);
            self.feeds += if is_polled { count } else { 0 };
            self.feeds_failing += if is_polled && fails { count } else { 0 };
            return;
        }
        match PageState::of(state, has_hash) {
            PageState::Queued => {
                self.pages_queued += count;
                self.pages_failing += if fails { count } else { 0 };
            }
            PageState::Written => self.pages_written += count,
            PageState::NotAnArticle => self.pages_without_article += count,
            PageState::Failed => self.pages_failed += count,
            PageState::Leased => self.pages_leased += count,
            PageState::Same => self.pages_same += count,
            PageState::Old => self.pages_old += count,
            PageState::Unknown => (),
        }
    }
}

/// A feed that is polled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredFeed {
    /// Its URL.
    pub url: String,
    /// What the configuration calls it.
    pub title: Option<String>,
    /// Where it is asked instead of at its URL.
    pub learnt: Option<String>,
    /// When it was last at work; `None`: never.
    pub asked: Option<Timestamp>,
    /// When it was last read, or said to be unchanged.
    pub succeeded: Option<Timestamp>,
    /// When it is asked next; `None` while it is at work.
    pub next: Option<Timestamp>,
    /// Why then.
    pub reason: Option<String>,
    /// Counted failures in a row.
    pub failures: u32,
    /// The first failure since the last success.
    pub failing_since: Option<Timestamp>,
    /// What happened at the last failure.
    pub cause: Option<String>,
    /// The class of the last failure.
    pub class: Option<String>,
}

/// A page that has failed: it waits for its next attempt, or was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredFailure {
    /// Its URL.
    pub url: String,
    /// Counted failures.
    pub attempts: u32,
    /// When it is tried again; `None`: never.
    pub next: Option<Timestamp>,
    /// What happened last.
    pub cause: Option<String>,
    /// The class of that.
    pub class: Option<String>,
}

/// A host of which nothing is asked just now, or that has failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredHost {
    /// Its name.
    pub host: String,
    /// Until when it wants to be left alone, or rests; in the past where it does not.
    pub rests_until: Timestamp,
    /// Failures in a row.
    pub failures: u32,
    /// What happened at the last one.
    pub cause: Option<String>,
}

impl StoreView {
    /// How much there is of everything at `now`.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn totals(&self, now: Timestamp) -> Result<Totals> {
        let resting = self.connection.query_row(
            "SELECT count(*) FROM hosts WHERE max(blocked_until, rest_until) > ?",
            [millis(now)],
            |row| row.get::<_, i64>(0),
        );
        // One look at the table, which may be large.
        let query = "SELECT target, state, hash IS NOT NULL, failing_since IS NOT NULL, count(*)
            FROM items GROUP BY 1, 2, 3, 4";
        let counts: Vec<(i64, i64, bool, bool, i64)> = self.rows(query, params![], |row| row.try_into())?;
        let mut totals = Totals { hosts_resting: resting.map(i64::cast_unsigned).map_err(store)?, ..Totals::default() };
        for (target, state, has_hash, fails, count) in counts {
            totals.add(target == 1, state, has_hash, fails, count.cast_unsigned());
        }
        Ok(totals)
    }

    /// The feeds that are polled, by their URLs.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn feeds(&self) -> Result<Vec<StoredFeed>> {
        let query = "SELECT * FROM items WHERE target = 1 AND state IN (0, 1) ORDER BY url";
        self.rows(query, params![], read_feed)
    }

    /// At most `most` pages that have failed, those that are tried again soonest first, then those given up last.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn failures(&self, most: usize) -> Result<Vec<StoredFailure>> {
        let query = "SELECT * FROM items WHERE target = 0 AND (state = 3 OR state = 0 AND failing_since IS NOT NULL)
            ORDER BY state, CASE state WHEN 0 THEN due ELSE -finished END LIMIT ?";
        self.rows(query, params![i64::try_from(most).unwrap_or(i64::MAX)], read_failure)
    }

    /// The hosts that rest at `now` or have failed, those that rest longest first.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn hosts(&self, now: Timestamp) -> Result<Vec<StoredHost>> {
        let query = "SELECT *, max(blocked_until, rest_until) AS rests_until FROM hosts
            WHERE max(blocked_until, rest_until) > ? OR failures > 0 ORDER BY rests_until DESC, host";
        self.rows(query, params![millis(now)], read_host)
    }

    fn rows<T>(
        &self,
        query: &str,
        parameters: impl rusqlite::Params,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let rows = || {
            let mut select = self.connection.prepare(query)?;
            select.query_map(parameters, read)?.collect::<rusqlite::Result<Vec<T>>>()
        };
        rows().map_err(store)
    }
}

/// A column that a store of an older format has not.
fn newer<T: FromSql>(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<T>> {
    match row.get(column) {
        Err(rusqlite::Error::InvalidColumnName(_)) => Ok(None),
        found => found,
    }
}

fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(moment))
}

fn read_feed(row: &Row<'_>) -> rusqlite::Result<StoredFeed> {
    let is_waiting = row.get::<_, i64>("state")? == 0;
    Ok(StoredFeed {
        url: row.get("url")?,
        title: row.get("title")?,
        learnt: newer(row, "learnt")?,
        asked: time(row, "finished")?,
        succeeded: newer::<i64>(row, "succeeded")?.map(moment),
        next: time(row, "due")?.filter(|_| is_waiting),
        reason: newer(row, "reason")?,
        failures: row.get("attempts")?,
        failing_since: time(row, "failing_since")?,
        cause: row.get("cause")?,
        class: newer(row, "class")?,
    })
}

fn read_failure(row: &Row<'_>) -> rusqlite::Result<StoredFailure> {
    let is_waiting = row.get::<_, i64>("state")? == 0;
    Ok(StoredFailure {
        url: row.get("url")?,
        attempts: row.get("attempts")?,
        next: time(row, "due")?.filter(|_| is_waiting),
        cause: row.get("cause")?,
        class: newer(row, "class")?,
    })
}

fn read_host(row: &Row<'_>) -> rusqlite::Result<StoredHost> {
    Ok(StoredHost {
        host: row.get("host")?,
        rests_until: moment(row.get("rests_until")?),
        failures: row.get("failures")?,
        cause: row.get("cause")?,
    })
}
