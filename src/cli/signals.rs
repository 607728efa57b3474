//! Ctrl-C and SIGTERM: the first asks to stop, the second ends at once. SIGHUP asks a daemon to read its site
//! rules again.

use super::code::Code;
use std::io;
use std::sync::Arc;
use tokio::sync::{Notify, watch};

/// SIGINT, POSIX.
const INTERRUPT: u8 = 2;
/// SIGTERM, POSIX.
#[cfg(unix)]
const TERMINATE: u8 = 15;

/// Tells whether somebody has asked to stop.
#[derive(Debug, Clone)]
pub(crate) struct Stop(watch::Receiver<Option<u8>>);

impl Stop {
    /// Starts listening, for as long as the runtime lives.
    ///
    /// # Errors
    /// Where the system gives no handler.
    pub(crate) fn listen() -> io::Result<Self> {
        let (sender, receiver) = watch::channel(None);
        let mut signals = Signals::new()?;
        tokio::spawn(async move {
            let first = signals.next().await;
            let _ = sender.send(Some(first));
            let second = signals.next().await;
            std::process::exit(Code::Signal(second).number().into());
        });
        Ok(Self(receiver))
    }

    /// The code of the first signal, where one has come.
    pub(crate) fn code(&self) -> Option<Code> {
        self.0.borrow().map(Code::Signal)
    }

    /// Waits for the first signal and gives its code.
    pub(crate) async fn asked(mut self) -> Code {
        match self.0.wait_for(Option::is_some).await.map(|number| *number) {
            Ok(Some(number)) => Code::Signal(number),
            // The listener lives as long as the runtime: nobody will ever ask.
            Ok(None) | Err(_) => std::future::pending().await,
        }
    }
}

/// Notified at each SIGHUP from now on, which then ends nothing any more; elsewhere than on Unix, never.
///
/// # Errors
/// Where the system gives no handler.
pub(crate) fn hangups() -> io::Result<Arc<Notify>> {
    let asked = Arc::new(Notify::new());
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut hangup, told) = (signal(SignalKind::hangup())?, Arc::clone(&asked));
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                told.notify_one();
            }
        });
    }
    Ok(asked)
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> u8 {
        tokio::select! {
            _ = self.interrupt.recv() => INTERRUPT,
            _ = self.terminate.recv() => TERMINATE,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> u8 {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        INTERRUPT
    }
}
