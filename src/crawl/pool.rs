//! The threads that extract: as many as there are cores, and always the same ones.
//!
//! The runtime's own threads for blocking work are as many as there are files being written and feeds being read, some
//! hundreds in a large crawl, and each that has extracted once keeps memory for the next time: one run of
//! `eval/crawl_bench` had its peak at 723 MB with 256 connections on them; docs/benchmarks.md has what these threads take.

use super::pages::Panicked;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

type Job = Box<dyn FnOnce() + Send>;

/// The threads; they end with it.
#[derive(Debug)]
pub(super) struct Pool {
    /// `None` where the system gives us no thread of our own.
    jobs: Option<Sender<Job>>,
}

impl Pool {
    pub(super) fn new(threads: usize) -> Self {
        let (jobs, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        let started = (0..threads.max(1)).filter(|number| {
            let queue = queue.clone();
            let thread = std::thread::Builder::new().name(format!("extract-{number}"));
            thread.spawn(move || work(&queue)).is_ok()
        });
        Self { jobs: (started.count() > 0).then_some(jobs) }
    }

    /// Runs `work` on one of the threads, when it is free.
    ///
    /// # Errors
    /// A panic in it.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Panicked> {
        let Some(jobs) = &self.jobs else {
            return tokio::task::spawn_blocking(work).await.map_err(|_| Panicked);
        };
        let (caller, answer) = oneshot::channel();
        let job: Job = Box::new(move || {
            // The caller may have been cancelled.
            let _ = caller.send(work());
        });
        jobs.send(job).map_err(|_| Panicked)?;
        answer.await.map_err(|_| Panicked)
    }
}

fn work(queue: &Mutex<Receiver<Job>>) {
    loop {
        // A panic of a job cannot poison it: the lock is held for waiting alone.
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // What the panic leaves behind is the job's own, and dropped with it; its caller hears that no answer comes.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::sync::Barrier;

    #[tokio::test]
    async fn jobs_run_on_the_same_few_threads_side_by_side() {
        let pool = Pool::new(2);
        let both = Arc::new(Barrier::new(2));
        let mut threads = HashSet::new();
        for _ in 0..20 {
            let wait = || {
                let both = both.clone();
                move || {
                    both.wait();
                    std::thread::current().id()
                }
            };
            let (one, two) = tokio::join!(pool.run(wait()), pool.run(wait()));
            threads.extend([one.unwrap(), two.unwrap()]);
        }
        assert_eq!(threads.len(), 2);
    }

    #[tokio::test]
    async fn panic_ends_its_job_alone() {
        let pool = Pool::new(1);
        assert_eq!(pool.run(|| panic!("a bad page")).await, Err::<(), _>(Panicked));
        assert_eq!(pool.run(|| 7).await, Ok(7));
    }
}
