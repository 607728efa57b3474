//! The frontier in one SQLite file: write-ahead log, every commit synced, one thread that owns the
//! connection (`writer`). Callers send it closures and await the answer, so that no async thread ever waits for the
//! disk, and calls that wait together share one commit.

mod aliases;
mod copies;
mod endings;
mod hosts;
mod lock;
mod polls;
mod rebuild;
mod salvage;
mod statements;
mod view;
mod writer;

use super::{
    Content, Frontier, FrontierError, FrontierOptions, Health, Host, Key, Lease, Likeness, Name, NewText, Offer,
    Outcome, Placed, RelativePath, Remembered, Standing, Target, United,
};
use crate::crash::{self, Point};
use jiff::{SignedDuration, Timestamp};
pub use lock::Holder;
pub use rebuild::{Condition, Kept, Rebuild, Recalled};
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use statements::moment;
use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;
pub use view::{PageState, StoreView, StoredCopy, StoredFailure, StoredFeed, StoredHost, StoredPage, Totals, holder};

/// The format that this version writes, kept in `user_version`.
const FORMAT: i64 = 4;

/// What brings a store from the format before to the one named.
const STEPS: &[(i64, &str)] =
    &[(2, include_str!("sqlite/to_2.sql")), (3, include_str!("sqlite/to_3.sql")), (4, include_str!("sqlite/to_4.sql"))];

/// `GLNR`: tells our files from other programs' (`application_id`).
const APPLICATION_ID: i64 = 0x474c_4e52;

/// How long a commit waits for somebody who reads the file with another tool.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A [`Frontier`] in one SQLite file.
#[derive(Debug)]
pub struct SqliteFrontier {
    commands: Option<mpsc::Sender<writer::Command>>,
    writer: Option<JoinHandle<()>>,
    lease_ms: i64,
}

impl SqliteFrontier {
    /// Opens the store, makes it where it is missing, and takes back all leases that a killed run
    /// has left. A lock on `<store>.lock`, which the system drops with the process, keeps others out; the file says which
    /// process has it.
    ///
    /// # Errors
    /// A store that is in use, of a newer format, of another program, or that cannot be opened.
    pub fn open(options: &FrontierOptions) -> Result<Self, FrontierError> {
        let path = &options.store;
        let lock = lock::take(path)?;
        let mut connection = connect(path)?;
        migrate(&mut connection, path)?;
        statements::release_all(&mut connection).map_err(|error| unusable(path, error))?;

        let (commands, queue) = mpsc::channel();
        let writer = std::thread::Builder::new()
            .name("frontier".to_owned())
            .spawn(move || {
                let _lock = lock;
                writer::serve(&mut connection, &queue);
            })
            .map_err(|error| cannot_open(path, error))?;
        let lease_ms = i64::from(options.lease_s) * 1000;
        Ok(Self { commands: Some(commands), writer: Some(writer), lease_ms })
    }

    /// Runs `work` on the writer's thread, wholly or not at all, and runs it to its end even if nobody awaits it any more.
    async fn transact<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, FrontierError> + Send + 'static,
    ) -> Result<T, FrontierError> {
        let (caller, answered) = oneshot::channel();
        let command = writer::command(work, caller);
        let commands = self.commands.as_ref().ok_or(FrontierError::Closed)?;
        commands.send(command).map_err(|_| FrontierError::Closed)?;
        answered.await.map_err(|_| FrontierError::Closed)?
    }
}

impl Drop for SqliteFrontier {
    /// Waits for what is under way, so that the store can be opened again at once.
    fn drop(&mut self) {
        drop(self.commands.take());
        if let Some(writer) = self.writer.take() {
            // A panic of the writer has been answered to its caller as `Closed`.
            let _ = writer.join();
        }
    }
}

impl Frontier for SqliteFrontier {
    async fn set_feeds(&self, feeds: &[Offer], at_once: bool, now: Timestamp) -> Result<(), FrontierError> {
        let feeds = feeds.to_vec();
        self.transact(move |transaction| statements::set_feeds(transaction, &feeds, at_once, now)).await
    }

    async fn offer(&self, offers: &[Offer], now: Timestamp) -> Result<usize, FrontierError> {
        let offers = offers.to_vec();
        self.transact(move |transaction| statements::offer(transaction, &offers, now)).await
    }

    async fn claim(&self, max: usize, now: Timestamp) -> Result<Vec<Lease>, FrontierError> {
        let until = now.saturating_add(SignedDuration::from_millis(self.lease_ms)).unwrap_or(Timestamp::MAX);
        let leases = self.transact(move |transaction| statements::claim(transaction, max, now, until)).await?;
        if !leases.is_empty() {
            crash::point(Point::Claimed);
        }
        Ok(leases)
    }

    async fn place(&self, lease: &Lease, path: &RelativePath) -> Result<Placed, FrontierError> {
        let (lease, path) = (lease.clone(), path.clone());
        crash::point(Point::Placing);
        let placed = self.transact(move |transaction| statements::place(transaction, &lease, &path)).await?;
        crash::point(Point::Placed);
        Ok(placed)
    }

    async fn finish(&self, lease: Lease, outcome: Outcome, now: Timestamp) -> Result<usize, FrontierError> {
        let target = lease.target;
        crash::point(of_target(target, Point::PageFinishing, Point::FeedFinishing));
        let new = self.transact(move |transaction| endings::finish(transaction, &lease, &outcome, now)).await?;
        crash::point(of_target(target, Point::PageFinished, Point::FeedFinished));
        Ok(new)
    }

    async fn set_health(&self, host: &Host, health: Option<&Health>) -> Result<(), FrontierError> {
        let (host, health) = (host.clone(), health.cloned());
        self.transact(move |transaction| hosts::set_health(transaction, &host, health.as_ref())).await
    }

    async fn ill_hosts(&self) -> Result<Vec<(Host, Health)>, FrontierError> {
        self.transact(hosts::ill).await
    }

    async fn forgive(&self, items: &[(Key, Target)], next: Timestamp) -> Result<(), FrontierError> {
        let items = items.to_vec();
        self.transact(move |transaction| endings::forgive(transaction, &items, next)).await
    }

    async fn unite(
        &self,
        lease: &Lease,
        names: &[Name],
        title: Option<&str>,
        text: Option<&Likeness>,
    ) -> Result<United, FrontierError> {
        let (lease, names, title, text) = (lease.clone(), names.to_vec(), title.map(str::to_owned), text.copied());
        let unite = move |transaction: &Transaction<'_>| {
            aliases::unite(transaction, &lease, &names, title.as_deref(), text.as_ref())
        };
        let united = self.transact(unite).await?;
        crash::point(Point::United);
        Ok(united)
    }

    async fn block_host(&self, host: &Host, until: Timestamp) -> Result<(), FrontierError> {
        let host = host.clone();
        self.transact(move |transaction| hosts::block(transaction, &host, until)).await
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, FrontierError> {
        self.transact(statements::next_due).await
    }

    async fn unknown(&self, offers: &[Offer]) -> Result<usize, FrontierError> {
        // The contents, which may be megabytes, stay where they are.
        let bare = |Offer { url, target, title, entry, is_old, .. }: &Offer| {
            let title = title.clone();
            Offer { target: *target, title, entry: *entry, is_old: *is_old, ..Offer::page(url.clone()) }
        };
        let offers: Vec<Offer> = offers.iter().map(bare).collect();
        self.transact(move |transaction| polls::unknown(transaction, &offers)).await
    }

    async fn content(&self, lease: &Lease) -> Result<Option<Content>, FrontierError> {
        let key = lease.key;
        self.transact(move |transaction| polls::content(transaction, key)).await
    }

    async fn pull_back(&self, latest: Timestamp) -> Result<(), FrontierError> {
        self.transact(move |transaction| polls::pull_back(transaction, latest)).await
    }

    async fn recall(&self, pages: &[Remembered]) -> Result<usize, FrontierError> {
        let pages = pages.to_vec();
        self.transact(move |transaction| statements::recall(transaction, &pages)).await
    }

    async fn renew(&self, texts: &[NewText]) -> Result<(), FrontierError> {
        let texts = texts.to_vec();
        self.transact(move |transaction| statements::renew(transaction, &texts)).await
    }

    async fn is_blank(&self) -> Result<bool, FrontierError> {
        self.transact(statements::is_blank).await
    }

    async fn standing(&self) -> Result<Standing, FrontierError> {
        self.transact(statements::standing).await
    }
}

/// The moment of an item of this kind.
fn of_target(target: Target, page: Point, feed: Point) -> Point {
    match target {
        Target::Page => page,
        Target::Feed => feed,
    }
}

fn store(error: rusqlite::Error) -> FrontierError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => FrontierError::Locked(Box::new(error)),
        _ if is_damage(&error) => FrontierError::Corrupt(Box::new(error)),
        _ => FrontierError::Store(Box::new(error)),
    }
}

/// Whether the file is to blame. SQLite says so; or what it says of a statement of ours is that it cannot be one (no such
/// column, a head of another version), for the tables are others than ours; or a value is of no kind that this program
/// writes, for a bit has flipped that SQLite has not seen.
fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error};
    let code = error.sqlite_error_code();
    if matches!(code, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown)) {
        return true;
    }
    matches!(error, FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..) | Utf8Error(..))
}

fn cannot_open(path: &Path, error: impl std::error::Error + Send + Sync + 'static) -> FrontierError {
    FrontierError::Open { path: path.to_path_buf(), source: Box::new(error) }
}

fn connect(path: &Path) -> Result<Connection, FrontierError> {
    let connection = Connection::open(path).map_err(|error| cannot_open(path, error))?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(|error| cannot_open(path, error))?;
    Ok(connection)
}

/// Brings the file to [`FORMAT`], before which nothing is changed in it.
fn migrate(connection: &mut Connection, path: &Path) -> Result<(), FrontierError> {
    let (application, found) = marks(connection).map_err(|error| foreign(path, error))?;
    let tables = "SELECT count(*) FROM sqlite_schema";
    let tables: i64 = connection.query_row(tables, [], |row| row.get(0)).map_err(|error| foreign(path, error))?;
    let is_new = application == 0 && found == 0 && tables == 0;
    if !is_new && application != APPLICATION_ID {
        return Err(FrontierError::Foreign { path: path.to_path_buf() });
    }
    if found > FORMAT {
        return Err(FrontierError::Newer { path: path.to_path_buf(), found, known: FORMAT });
    }
    let damage = view::damage(connection, "quick_check").map_err(|error| unusable(path, error))?;
    if let Some(damage) = damage.into_iter().next() {
        return Err(FrontierError::Broken { path: path.to_path_buf(), source: damage.into() });
    }
    prepare(connection, (!is_new).then_some(found)).map_err(|error| unusable(path, error))
}

/// Whose file it is, and of which format: `application_id` and `user_version`.
fn marks(connection: &Connection) -> rusqlite::Result<(i64, i64)> {
    let number = |query| connection.query_row(query, [], |row| row.get(0));
    Ok((number("PRAGMA application_id")?, number("PRAGMA user_version")?))
}

/// What an error at the first look at a file means.
fn foreign(path: &Path, error: rusqlite::Error) -> FrontierError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => FrontierError::Foreign { path: path.to_path_buf() },
        _ => unusable(path, error),
    }
}

/// What an error while a store is being opened means.
fn unusable(path: &Path, error: rusqlite::Error) -> FrontierError {
    let path = path.to_path_buf();
    match error.sqlite_error_code() {
        Some(ErrorCode::ReadOnly) => FrontierError::ReadOnly { path, source: Box::new(error) },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => FrontierError::Locked(Box::new(error)),
        _ if is_damage(&error) => FrontierError::Broken { path, source: Box::new(error) },
        _ => cannot_open(&path, error),
    }
}

/// Makes a new store, or brings one of the format `found` to ours: wholly or not at all.
fn prepare(connection: &mut Connection, found: Option<i64>) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    if found == Some(FORMAT) {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    match found {
        None => {
            transaction.execute_batch(include_str!("sqlite/schema.sql"))?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        }
        Some(found) => {
            let missing = STEPS.iter().filter(|(format, _)| *format > found);
            missing.map(|(_, step)| *step).try_for_each(|step| transaction.execute_batch(step))?;
        }
    }
    transaction.pragma_update(None, "user_version", FORMAT)?;
    transaction.commit()
}
