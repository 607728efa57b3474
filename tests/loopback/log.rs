//! What is logged on this thread, for a test to read.

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, Once};
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};

/// A log, kept in memory; clones are the same one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

thread_local! {
    /// The log of the test that runs on this thread.
    static HERE: RefCell<Option<Log>> = const { RefCell::new(None) };
}

/// One subscriber for the process: others come too late for what other threads have logged before, as `tracing`
/// remembers of each place whether anybody wants to hear of it.
static SUBSCRIBED: Once = Once::new();

/// Ends the log when it goes.
pub(crate) struct Listening;

impl Drop for Listening {
    fn drop(&mut self) {
        HERE.with_borrow_mut(Option::take);
    }
}

impl Log {
    /// Takes what is logged on this thread until the guard goes: every level, every crate, as lines of JSON.
    pub(crate) fn listen(&self) -> Listening {
        SUBSCRIBED.call_once(|| {
            let wanted = dynamic_filter_fn(|_, _| HERE.with_borrow(Option::is_some));
            let lines = tracing_subscriber::fmt::layer().json().with_writer(|| Here).with_filter(wanted);
            tracing::subscriber::set_global_default(tracing_subscriber::registry().with(lines)).unwrap();
        });
        HERE.set(Some(self.clone()));
        Listening
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

/// Writes to the log of the thread.
struct Here;

impl Write for Here {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        HERE.with_borrow(|log| log.iter().for_each(|log| log.0.lock().unwrap().extend_from_slice(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
