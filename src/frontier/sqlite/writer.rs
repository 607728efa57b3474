//! The thread that owns the connection. What waits for it is done in one transaction, so that calls which come together
//! share the wait for the disk: a commit is synced, which takes milliseconds, and everything else takes microseconds.

use super::{is_damage, store};
use crate::frontier::FrontierError;
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use tokio::sync::oneshot;

/// Calls in one transaction at most, so that the first of them does not wait for ever.
const MOST_TOGETHER: usize = 64;

/// Why nothing of a transaction is saved; all of its calls get it.
type Lost = Arc<rusqlite::Error>;

/// A call: does its work in a transaction, or hears that there is none.
pub(super) type Command = Box<dyn FnOnce(Result<&Transaction<'_>, Lost>) -> Answer + Send>;

/// Tells the caller what came of it, once the transaction is saved or lost.
type Answer = Box<dyn FnOnce(Result<(), Lost>)>;

/// Makes a call of `work`, whose answer goes to `caller`. Where it fails, nothing of it is saved; the calls beside it are.
pub(super) fn command<T: Send + 'static>(
    work: impl FnOnce(&Transaction<'_>) -> Result<T, FrontierError> + Send + 'static,
    caller: oneshot::Sender<Result<T, FrontierError>>,
) -> Command {
    Box::new(move |transaction| {
        let result = match transaction {
            Ok(transaction) => apart(transaction, work),
            Err(lost) => Err(shared(lost)),
        };
        Box::new(move |saved| {
            let answer = match saved {
                Err(lost) if result.is_ok() => Err(shared(lost)),
                _ => result,
            };
            // The caller may have been cancelled; the work is saved all the same.
            let _ = caller.send(answer);
        })
    })
}

/// The same as [`store`] for an error that several calls get.
fn shared(lost: Lost) -> FrontierError {
    match lost.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => FrontierError::Locked(Box::new(lost)),
        _ if is_damage(&lost) => FrontierError::Corrupt(Box::new(lost)),
        _ => FrontierError::Store(Box::new(lost)),
    }
}

/// Does one call's work so that it can be undone without that of the others.
fn apart<T>(
    transaction: &Transaction<'_>,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, FrontierError>,
) -> Result<T, FrontierError> {
    transaction.execute_batch("SAVEPOINT call").map_err(store)?;
    let result = work(transaction);
    // SQLite itself has undone everything where the disk is full or fails.
    if result.is_err() && !transaction.is_autocommit() {
        transaction.execute_batch("ROLLBACK TO call").map_err(store)?;
    }
    if !transaction.is_autocommit() {
        transaction.execute_batch("RELEASE call").map_err(store)?;
    }
    result
}

/// Does what comes until nobody is left to ask for anything.
pub(super) fn serve(connection: &mut Connection, queue: &Receiver<Command>) {
    while let Ok(first) = queue.recv() {
        let commands = std::iter::once(first).chain(queue.try_iter()).take(MOST_TOGETHER);
        let (answers, saved) = together(connection, commands);
        answers.into_iter().for_each(|answer| answer(saved.clone()));
    }
}

fn together(
    connection: &mut Connection,
    mut commands: impl Iterator<Item = Command>,
) -> (Vec<Answer>, Result<(), Lost>) {
    let transaction = match connection.transaction_with_behavior(TransactionBehavior::Immediate) {
        Ok(transaction) => transaction,
        Err(error) => {
            let lost = Arc::new(error);
            return (commands.map(|command| command(Err(lost.clone()))).collect(), Err(lost));
        }
    };
    let mut answers = Vec::new();
    // Where SQLite has given the transaction up, what came after it would be saved by itself, out of order.
    while !transaction.is_autocommit()
        && let Some(command) = commands.next()
    {
        answers.push(command(Ok(&transaction)));
    }
    (answers, transaction.commit().map_err(Arc::new))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    type Work = fn(&Transaction<'_>) -> Result<u8, FrontierError>;

    /// Runs calls that wait together; gives what each was told and which rows are there.
    fn run(works: Vec<Work>) -> (Vec<Option<u8>>, Vec<u8>) {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE rows (number INTEGER UNIQUE)").unwrap();
        let (commands, queue) = mpsc::channel();
        let mut callers = vec![];
        for work in works {
            let (caller, answer) = oneshot::channel();
            callers.push(answer);
            commands.send(command(work, caller)).unwrap();
        }
        drop(commands);
        serve(&mut connection, &queue);
        let told = callers.into_iter().map(|mut answer| answer.try_recv().unwrap().ok()).collect();
        let mut select = connection.prepare("SELECT number FROM rows ORDER BY number").unwrap();
        let rows = select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        (told, rows)
    }

    fn insert(transaction: &Transaction<'_>, number: u8) -> Result<u8, FrontierError> {
        transaction.execute("INSERT INTO rows VALUES (?)", [number]).map_err(store)?;
        Ok(number)
    }

    #[test]
    fn call_that_fails_takes_none_of_its_neighbours_with_it() {
        let (told, rows) = run(vec![
            |transaction| insert(transaction, 1),
            |transaction| insert(transaction, 2).and_then(|_| insert(transaction, 1)),
            |transaction| insert(transaction, 3),
        ]);
        assert_eq!((told, rows), (vec![Some(1), None, Some(3)], vec![1, 3]));
    }

    #[test]
    fn transaction_that_is_lost_is_told_to_all_its_calls() {
        let (told, rows) = run(vec![
            |transaction| insert(transaction, 1),
            // As SQLite does where the disk is full.
            |transaction| transaction.execute_batch("ROLLBACK").map_err(store).and(Err(FrontierError::Closed)),
        ]);
        assert_eq!((told, rows), (vec![None, None], vec![]));
    }

    #[test]
    fn calls_after_a_lost_transaction_get_one_of_their_own() {
        let (told, rows) = run(vec![
            |transaction| transaction.execute_batch("ROLLBACK").map_err(store).and(Err(FrontierError::Closed)),
            |transaction| insert(transaction, 2),
        ]);
        assert_eq!((told, rows), (vec![None, Some(2)], vec![2]));
    }
}
