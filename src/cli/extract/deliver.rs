//! Results are delivered one after the other by one task, which never waits in the middle of a file or a line: a signal
//! finds each of them whole or not begun.

use super::batch::{Parcel, Product, Running};
use super::bookmark::{BatchProgress, Bookmark, Progress};
use super::order::{Order, Through};
use super::outlet::Outlet;
use super::progress::{BatchBar, bar};
use super::show::{Shape, Shown};
use super::{Crew, Extracted, Failed, Outcome, Taken};
use crate::cli::batch::NoPage;
use crate::cli::code::{Code, Ended};
use crate::cli::logs::LogArgs;
use crate::cli::problem::Problem;
use crate::cli::signals::Stop;
use crate::cli::source::{Input, OpenedBatch};
use futures_util::stream::{Stream, StreamExt as _};
use indicatif::MultiProgress;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::{Pin, pin};
use std::time::Duration;

/// Where results are delivered, and what is known of them.
pub(super) struct Delivery<'a> {
    pub(super) crew: Crew,
    pub(super) outlet: Outlet,
    pub(super) keeps_order: bool,
    pub(super) log: &'a LogArgs,
    pub(super) bars: &'a MultiProgress,
    /// Where the progress is kept, where something is written that can be gone on with.
    pub(super) bookmark: Option<Bookmark>,
    pub(super) progress: Progress,
}

/// How long results are left to gather before they are taken: to be woken for each costs more than to deliver it.
const GATHERING: Duration = Duration::from_millis(5);

/// Somebody asking to stop.
type Asked<'a> = Pin<&'a mut dyn Future<Output = Code>>;

impl Delivery<'_> {
    /// Delivers all results in the order of the inputs; `count` is how many are to come. Asked to stop, it delivers what
    /// is in work of a batch and keeps the progress.
    ///
    /// # Errors
    /// An output that cannot be written.
    pub(super) async fn run(
        mut self,
        results: impl Stream<Item = Taken>,
        count: usize,
        stop: Stop,
    ) -> Result<Code, Ended> {
        let bar = bar(count, self.bars, self.log);
        let (mut results, mut asked) = (pin!(results), pin!(stop.asked()));
        loop {
            let taken = tokio::select! {
                biased;
                code = asked.as_mut() => return self.stopped(code, None),
                taken = results.next() => taken,
            };
            match taken {
                None => break,
                Some(Taken::One(outcome)) => self.deliver_outcome(outcome)?,
                Some(Taken::Many(opened, input)) => {
                    if let Some(code) = self.deliver_batch(*opened, input, asked.as_mut()).await? {
                        return Ok(code);
                    }
                }
            }
            self.progress.inputs += 1;
            self.progress.batch = None;
            if self.is_keeping_due() {
                self.keep()?;
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        self.outlet.sync()?;
        if let Some(bookmark) = &mut self.bookmark {
            bookmark.remove();
        }
        Ok(self.progress.tally.code())
    }

    /// Delivers a batch; gives the code to end with where somebody asked to stop.
    async fn deliver_batch(
        &mut self,
        opened: OpenedBatch,
        input: Input,
        mut asked: Asked<'_>,
    ) -> Result<Option<Code>, Ended> {
        let earlier = self.progress.batch.take().map_or(Through::NOTHING, |batch| batch.through);
        let mut running = match Running::begin(opened, input.clone(), self.crew.clone(), &earlier) {
            Ok(running) => running,
            Err(cause) => {
                self.deliver_outcome(Err(Failed::new(input, Problem::Read(cause))))?;
                return Ok(None);
            }
        };
        let bar = BatchBar::new(&running, self.bars, self.log);
        let (before, mut passed_over) = (self.progress.tally, BTreeMap::new());
        let mut order = Order::new(self.keeps_order, earlier);
        let (mut code, mut awaited) = (None, u64::MAX);
        while order.came() < awaited {
            if running.done.is_empty() {
                tokio::time::sleep(GATHERING).await;
            }
            let done = tokio::select! {
                biased;
                asked = asked.as_mut(), if code.is_none() => {
                    code = Some(asked);
                    awaited = running.stop();
                    continue;
                }
                done = running.done.recv() => done,
            };
            let Some(done) = done else { break };
            order.push(done);
            while let Some(Parcel { product, bytes }) = order.pop() {
                self.deliver(product, &mut passed_over)?;
                running.release(bytes);
                bar.show(&running);
            }
            if self.is_keeping_due() {
                self.progress.batch = Some(BatchProgress::new(&input, running.file_bytes, order.through()));
                self.keep()?;
            }
        }
        bar.finish();
        if let Some(code) = code {
            let through = order.through();
            self.progress.batch = Some(BatchProgress::new(&input, running.file_bytes, through.clone()));
            return self.stopped(code, Some((&input, &through))).map(Some);
        }
        if running.has_panicked() {
            self.deliver_outcome(Err(Failed::new(input.clone(), Problem::Panicked)))?;
        }
        tell_passed_over(&input, &running.passed_over(), &passed_over);
        tracing::info!(input = input.name, "batch: {}", self.progress.tally.since(before));
        Ok(None)
    }

    /// Prints or writes what came of a record.
    fn deliver(&mut self, product: Product, passed_over: &mut BTreeMap<NoPage, u64>) -> Result<(), Ended> {
        match product {
            Product::Extracted(found, shown) => self.deliver_found(&found, shown.as_ref()),
            Product::Failed(failed) => self.deliver_failed(&failed),
            Product::PassedOver(why) => {
                *passed_over.entry(why).or_default() += 1;
                Ok(())
            }
        }
    }

    fn deliver_outcome(&mut self, outcome: Outcome) -> Result<(), Ended> {
        match outcome {
            Ok(found) => {
                let shown = self.shape().show(&found);
                self.deliver_found(&found, shown.as_ref())
            }
            Err(failed) => self.deliver_failed(&failed),
        }
    }

    /// Prints or writes what was read, and counts it. A record of a batch without an article is told by its line alone,
    /// where it has one.
    fn deliver_found(&mut self, found: &Extracted, shown: Option<&Shown>) -> Result<(), Ended> {
        let verdict = found.reading.extraction.verdict;
        if let Some(shown) = shown
            && let Err(problem) = self.outlet.put(found, self.crew.shape, shown, self.bars)?
        {
            self.fail(&found.input, &problem);
            return Ok(());
        }
        let problem = Problem::NoArticle(verdict);
        if verdict.has_article() {
            self.progress.tally.done();
        } else if found.is_of_batch && self.shape().shows_all() {
            self.progress.tally.failed(problem.failure());
        } else {
            self.fail(&found.input, &problem);
        }
        Ok(())
    }

    /// Tells of a failure, gives its line where it has one, and counts it.
    fn deliver_failed(&mut self, failed: &Failed) -> Result<(), Ended> {
        if let Some(line) = self.shape().failure(failed) {
            self.outlet.put_line(&line, self.bars)?;
        }
        self.fail(&failed.input, &failed.problem);
        Ok(())
    }

    fn fail(&mut self, input: &Input, problem: &Problem) {
        self.log.failure(input, problem, self.bars);
        self.progress.tally.failed(problem.failure());
    }

    fn shape(&self) -> Shape {
        self.crew.shape
    }

    fn is_keeping_due(&self) -> bool {
        self.bookmark.as_ref().is_some_and(Bookmark::is_due)
    }

    /// Keeps the progress, behind the output.
    fn keep(&mut self) -> Result<(), Ended> {
        if let Some(bookmark) = &mut self.bookmark {
            self.progress.written.end = self.outlet.sync()?;
            bookmark.keep(&self.progress);
        }
        Ok(())
    }

    /// Ends before all is done, and says how to go on.
    fn stopped(&mut self, code: Code, batch: Option<(&Input, &Through)>) -> Result<Code, Ended> {
        self.keep()?;
        match (&self.bookmark, batch) {
            (Some(bookmark), _) => {
                let state = bookmark.path().display();
                tracing::warn!(%state, "stopped; the same command with --resume goes on");
            }
            (None, Some((input, through))) if through.beyond.is_empty() => {
                let next = through.number + 1;
                tracing::warn!(input = input.name, "stopped; --records {next}.. goes on");
            }
            (None, _) => {}
        }
        Ok(code)
    }
}

/// Says which records were no texts and no pages.
fn tell_passed_over(input: &Input, by_type: &[(&'static str, u64)], answers: &BTreeMap<NoPage, u64>) {
    let by_type = by_type.iter().map(|(kind, count)| format!("{count} {kind}"));
    let answers = answers.iter().map(|(why, count)| format!("{count} answers {}", why.name()));
    let counts: Vec<String> = by_type.chain(answers).collect();
    if !counts.is_empty() {
        tracing::info!(input = input.name, "records passed over: {}", counts.join(", "));
    }
}
