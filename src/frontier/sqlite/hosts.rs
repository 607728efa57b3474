//! What is known of hosts, and when a claim may give something of theirs.

use super::statements::{millis, moment};
use super::store;
use crate::frontier::{FrontierError, Health, Host};
use rusqlite::{Connection, Row, Transaction, params};
use url::Url;

type Result<T> = std::result::Result<T, FrontierError>;

/// Computes `hosts.ready` anew; to be called after every change to a host's items.
pub(super) fn refresh(transaction: &Connection, host: &str) -> rusqlite::Result<()> {
    transaction.prepare_cached("INSERT INTO hosts (host) VALUES (?1) ON CONFLICT DO NOTHING")?.execute([host])?;
    transaction
        .prepare_cached(
            "UPDATE hosts SET ready = CASE
                WHEN EXISTS (SELECT 1 FROM items WHERE state = 1 AND host = ?1) THEN NULL
                ELSE (SELECT max(hosts.blocked_until, hosts.rest_until, min(due)) FROM (
                    SELECT (SELECT min(due) FROM items WHERE state = 0 AND host = ?1 AND target = 0) AS due
                    UNION ALL SELECT (SELECT min(due) FROM items WHERE state = 0 AND host = ?1 AND target = 1)))
             END WHERE host = ?1",
        )?
        .execute([host])?;
    Ok(())
}

pub(super) fn block(transaction: &Transaction<'_>, host: &Host, until: jiff::Timestamp) -> Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO hosts (host, blocked_until) VALUES (?1, ?2)
             ON CONFLICT (host) DO UPDATE SET blocked_until = ?2",
        )
        .and_then(|mut update| update.execute(params![host.as_str(), millis(until)]))
        .and_then(|_| refresh(transaction, host.as_str()))
        .map_err(store)
}

pub(super) fn set_health(transaction: &Transaction<'_>, host: &Host, health: Option<&Health>) -> Result<()> {
    let failures = health.map_or(0, |health| health.failures);
    let rest_until = health.map_or(0, |health| millis(health.rest_until));
    let cause = health.map(|health| health.cause.as_str());
    transaction
        .prepare_cached(
            "INSERT INTO hosts (host, failures, rest_until, cause) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (host) DO UPDATE SET failures = ?2, rest_until = ?3, cause = ?4",
        )
        .and_then(|mut update| update.execute(params![host.as_str(), failures, rest_until, cause]))
        .and_then(|_| refresh(transaction, host.as_str()))
        .map_err(store)
}

pub(super) fn ill(transaction: &Transaction<'_>) -> Result<Vec<(Host, Health)>> {
    transaction
        .prepare_cached("SELECT host, failures, rest_until, cause FROM hosts WHERE failures > 0 ORDER BY host")
        .and_then(|mut select| select.query_map([], |row| Ok(read_health(row)))?.flatten().flatten().collect())
        .map_err(store)
}

/// A row of `hosts`; `None` for a host that is none, which is never written.
fn read_health(row: &Row<'_>) -> Option<rusqlite::Result<(Host, Health)>> {
    let read = || {
        let host: String = row.get("host")?;
        let cause: Option<String> = row.get("cause")?;
        let rest_until = moment(row.get("rest_until")?);
        let health = Health { failures: row.get("failures")?, rest_until, cause: cause.unwrap_or_default() };
        Ok(Url::parse(&format!("http://{host}/")).ok().map(|url| (Host::of(&url), health)))
    };
    read().transpose()
}
