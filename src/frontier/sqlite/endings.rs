//! How leases end, and what is kept of it.

use super::hosts::refresh;
use super::statements::{DONE, FAILED, QUEUED, SAME, millis, offer, signed, target_number};
use super::{aliases, copies, of_target, polls, store};
use crate::article::Verdict;
use crate::crash::{self, Point};
use crate::frontier::{Address, Cause, FrontierError, Host, Key, Lease, Outcome, Target, Validators};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, named_params, params};
use std::collections::BTreeSet;
use url::Url;

type Result<T> = std::result::Result<T, FrontierError>;

/// The columns that an outcome writes; `None` leaves the column as it is.
#[derive(Default)]
struct Ending<'a> {
    state: i64,
    due: Option<Timestamp>,
    failures: Failures,
    hash: Option<&'a str>,
    verdict: Option<Verdict>,
    cause: Option<&'a Cause>,
}

/// What becomes of the count of failed attempts.
#[derive(Default, Clone, Copy)]
enum Failures {
    #[default]
    None,
    /// As many as before, of which it is none.
    Same,
    /// As many as before, but it fails since then.
    Uncounted,
    OneMore,
}

impl<'a> Ending<'a> {
    fn of(outcome: &'a Outcome) -> Self {
        let queued = Self { state: QUEUED, ..Self::default() };
        match outcome {
            Outcome::Polled { next, .. } | Outcome::Unchanged { next } => Self { due: Some(*next), ..queued },
            Outcome::Written { verdict, hash } => {
                Self { state: DONE, verdict: Some(*verdict), hash: Some(hash), ..queued }
            }
            Outcome::NoArticle { verdict } => Self { state: DONE, verdict: Some(*verdict), ..queued },
            Outcome::Retry { next, cause } => {
                Self { due: Some(*next), failures: Failures::OneMore, cause: Some(cause), ..queued }
            }
            Outcome::Uncounted { next, cause } => {
                Self { due: Some(*next), failures: Failures::Uncounted, cause: Some(cause), ..queued }
            }
            Outcome::Deferred { next } => Self { due: Some(*next), failures: Failures::Same, ..queued },
            Outcome::Same { .. } | Outcome::Copy { .. } => Self { state: SAME, ..queued },
            Outcome::Failed { cause } => {
                Self { state: FAILED, failures: Failures::OneMore, cause: Some(cause), ..queued }
            }
            Outcome::Abandoned => Self { failures: Failures::Same, ..queued },
        }
    }
}

pub(super) fn finish(transaction: &Transaction<'_>, lease: &Lease, outcome: &Outcome, now: Timestamp) -> Result<usize> {
    end_lease(transaction, lease, &Ending::of(outcome), now)?;
    let mut new = 0;
    match outcome {
        Outcome::Polled { entries, validators, .. } => {
            new = offer(transaction, entries, now)?;
            crash::point(Point::EntriesSaved);
            save_validators(transaction, lease, validators).map_err(store)?;
        }
        Outcome::Written { .. } | Outcome::Copy { .. } => {
            aliases::settle(transaction, signed(lease.key)).map_err(store)?;
        }
        Outcome::NoArticle { .. } | Outcome::Failed { .. } | Outcome::Same { .. } => {
            aliases::forget(transaction, lease).map_err(store)?;
            copies::forget(transaction, signed(lease.key), now).map_err(store)?;
        }
        _ => (),
    }
    if lease.target == Target::Feed {
        save_address(transaction, lease).and_then(|()| polls::save(transaction, lease)).map_err(store)?;
    } else if ends_for_good(outcome) {
        polls::forget_content(transaction, signed(lease.key)).map_err(store)?;
    }
    refresh(transaction, lease.host.as_str()).map_err(store)?;
    crash::point(of_target(lease.target, Point::PageSaved, Point::PollSaved));
    Ok(new)
}

/// Whether nobody will ask for the page again.
fn ends_for_good(outcome: &Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Written { .. }
            | Outcome::NoArticle { .. }
            | Outcome::Failed { .. }
            | Outcome::Same { .. }
            | Outcome::Copy { .. }
    )
}

fn save_validators(transaction: &Transaction<'_>, lease: &Lease, validators: &Validators) -> rusqlite::Result<usize> {
    transaction
        .prepare_cached("UPDATE items SET etag = ?, last_modified = ? WHERE key = ? AND target = ?")?
        .execute(params![validators.etag, validators.last_modified, signed(lease.key), target_number(lease.target)])
}

/// Keeps where a feed is polled, and on which host it waits for its turn.
fn save_address(transaction: &Transaction<'_>, lease: &Lease) -> rusqlite::Result<()> {
    let Address { learnt, sighted, sightings } = &lease.address;
    let host = Host::of(learnt.as_ref().unwrap_or(&lease.url));
    transaction
        .prepare_cached(
            "UPDATE items SET learnt = :learnt, sighted = :sighted, sightings = :sightings, host = :host
             WHERE key = :key AND target = 1",
        )?
        .execute(named_params! {
            ":learnt": learnt.as_ref().map(Url::as_str),
            ":sighted": sighted.as_ref().map(Url::as_str),
            ":sightings": sightings,
            ":host": host.as_str(),
            ":key": signed(lease.key),
        })?;
    refresh(transaction, host.as_str())
}

fn end_lease(transaction: &Transaction<'_>, lease: &Lease, ending: &Ending<'_>, now: Timestamp) -> Result<()> {
    let (attempts, failing_since, succeeded) = match ending.failures {
        Failures::None => ("0", "NULL", ":now"),
        Failures::Same => ("attempts", "failing_since", "succeeded"),
        Failures::Uncounted => ("attempts", "ifnull(failing_since, :now)", "succeeded"),
        Failures::OneMore => ("attempts + 1", "ifnull(failing_since, :now)", "succeeded"),
    };
    let update = format!(
        "UPDATE items SET state = :state, leased_until = NULL, finished = :now, attempts = {attempts},
            failing_since = {failing_since}, succeeded = {succeeded}, due = ifnull(:due, due), hash = ifnull(:hash, hash),
            verdict = ifnull(:verdict, verdict), cause = :cause, class = :class
         WHERE key = :key AND target = :target AND token = :token AND state = 1",
    );
    let ended = transaction
        .prepare_cached(&update)
        .and_then(|mut update| {
            update.execute(named_params! {
                ":state": ending.state,
                ":now": millis(now),
                ":due": ending.due.map(millis),
                ":hash": ending.hash,
                ":verdict": ending.verdict.map(Verdict::id),
                ":cause": ending.cause.map(|cause| &cause.said),
                ":class": ending.cause.and_then(|cause| cause.class),
                ":key": signed(lease.key),
                ":target": target_number(lease.target),
                ":token": lease.token.cast_signed(),
            })
        })
        .map_err(store)?;
    if ended == 0 { Err(FrontierError::LeaseLost { url: lease.url.clone() }) } else { Ok(()) }
}

pub(super) fn forgive(transaction: &Transaction<'_>, items: &[(Key, Target)], next: Timestamp) -> Result<()> {
    let mut hosts = BTreeSet::new();
    for (key, target) in items {
        let host: Option<String> = transaction
            .prepare_cached(
                "UPDATE items SET due = CASE state WHEN 0 THEN min(due, ?1) ELSE ?1 END, state = 0,
                    attempts = max(attempts - 1, 0), failing_since = CASE WHEN attempts > 1 THEN failing_since END
                 WHERE key = ?2 AND target = ?3 AND state IN (0, 3) AND attempts > 0 RETURNING host",
            )
            .and_then(|mut update| {
                update
                    .query_row(params![millis(next), signed(*key), target_number(*target)], |row| row.get(0))
                    .optional()
            })
            .map_err(store)?;
        hosts.extend(host);
    }
    hosts.iter().try_for_each(|host| refresh(transaction, host)).map_err(store)
}
