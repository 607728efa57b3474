//! The frontier in one SQLite file: write-ahead log, every commit synced, one thread that owns the
//! connection (`writer`). Callers send it closures and await the answer, so that no async thread ever waits for the
//! disk, and calls that wait together share one commit.

mod aliases;
mod endings;
mod hosts;
mod statements;
mod writer;

use super::{
    Frontier, FrontierError, FrontierOptions, Health, Host, Key, Lease, Name, Offer, Outcome, Placed, RelativePath,
    Standing, Target, United,
};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::fs::{File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// The format that this version writes, kept in `user_version`.
const FORMAT: i64 = 2;

/// What brings a store from the format before to the one named.
const STEPS: &[(i64, &str)] = &[(2, include_str!("sqlite/to_2.sql"))];

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
        let lock = lock(path)?;
        let mut connection = connect(path)?;
        migrate(&mut connection, path)?;
        statements::release_all(&mut connection).map_err(store)?;

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
        self.transact(move |transaction| statements::claim(transaction, max, now, until)).await
    }

    async fn place(&self, lease: &Lease, path: &RelativePath) -> Result<Placed, FrontierError> {
        let (lease, path) = (lease.clone(), path.clone());
        self.transact(move |transaction| statements::place(transaction, &lease, &path)).await
    }

    async fn finish(&self, lease: Lease, outcome: Outcome, now: Timestamp) -> Result<usize, FrontierError> {
        self.transact(move |transaction| endings::finish(transaction, &lease, &outcome, now)).await
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

    async fn unite(&self, lease: &Lease, names: &[Name], title: Option<&str>) -> Result<United, FrontierError> {
        let (lease, names, title) = (lease.clone(), names.to_vec(), title.map(str::to_owned));
        self.transact(move |transaction| aliases::unite(transaction, &lease, &names, title.as_deref())).await
    }

    async fn block_host(&self, host: &Host, until: Timestamp) -> Result<(), FrontierError> {
        let host = host.clone();
        self.transact(move |transaction| hosts::block(transaction, &host, until)).await
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, FrontierError> {
        self.transact(statements::next_due).await
    }

    async fn standing(&self) -> Result<Standing, FrontierError> {
        self.transact(statements::standing).await
    }
}

fn store(error: rusqlite::Error) -> FrontierError {
    FrontierError::Store(Box::new(error))
}

/// Whether SQLite failed for a reason that lies in the machine, not in the file: no room, no permission, no descriptor,
/// somebody else's lock.
pub(super) fn may_pass(error: &(dyn std::error::Error + 'static)) -> bool {
    use rusqlite::ErrorCode;
    let lost = || error.downcast_ref::<std::sync::Arc<rusqlite::Error>>().map(AsRef::as_ref);
    let code = error.downcast_ref().or_else(lost).and_then(rusqlite::Error::sqlite_error_code);
    matches!(
        code,
        Some(
            ErrorCode::DiskFull
                | ErrorCode::ReadOnly
                | ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::OutOfMemory
        )
    )
}

fn cannot_open(path: &Path, error: impl std::error::Error + Send + Sync + 'static) -> FrontierError {
    FrontierError::Open { path: path.to_path_buf(), source: Box::new(error) }
}

fn lock(path: &Path) -> Result<File, FrontierError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| cannot_open(path, error))?;
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    // What another process has written there stays until the lock is ours.
    let lock = File::options().write(true).create(true).truncate(false).open(PathBuf::from(name));
    let mut lock = lock.map_err(|error| cannot_open(path, error))?;
    match lock.try_lock() {
        Ok(()) => {
            let named = lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id()));
            named.map_err(|error| cannot_open(path, error)).map(|()| lock)
        }
        Err(TryLockError::WouldBlock) => Err(FrontierError::Busy { path: path.to_path_buf() }),
        Err(TryLockError::Error(error)) => Err(cannot_open(path, error)),
    }
}

fn connect(path: &Path) -> Result<Connection, FrontierError> {
    let connection = Connection::open(path).map_err(|error| cannot_open(path, error))?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(|error| cannot_open(path, error))?;
    Ok(connection)
}

/// Brings the file to [`FORMAT`], before which nothing is changed in it.
fn migrate(connection: &mut Connection, path: &Path) -> Result<(), FrontierError> {
    let number = |connection: &Connection, query| connection.query_row(query, [], |row| row.get::<_, i64>(0));
    let foreign = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => FrontierError::Foreign { path: path.to_path_buf() },
        _ => cannot_open(path, error),
    };
    let application = number(connection, "PRAGMA application_id").map_err(foreign)?;
    let found = number(connection, "PRAGMA user_version").map_err(foreign)?;
    let tables = number(connection, "SELECT count(*) FROM sqlite_schema").map_err(foreign)?;
    let is_new = application == 0 && found == 0 && tables == 0;
    if !is_new && application != APPLICATION_ID {
        return Err(FrontierError::Foreign { path: path.to_path_buf() });
    }
    if found > FORMAT {
        return Err(FrontierError::Newer { path: path.to_path_buf(), found, known: FORMAT });
    }
    prepare(connection, (!is_new).then_some(found)).map_err(|error| cannot_open(path, error))
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
