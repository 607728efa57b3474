//! A batch on all cores: each thread takes the next record, extracts from it and puts the result into its form; whoever
//! delivers gets them as they come.
//!
//! The threads take turns at reading ([`Reader`]), so that as many are busy as were asked for. What is held is bounded by a
//! [`Gate`].

use super::gate::Gate;
use super::order::{Done, Through};
use super::reading::{LEAST_BYTES, Reader, Taken};
use super::show::{Shape, Shown};
use super::{Extracted, Failed};
use crate::cli::batch::{Broken, Content, NoPage, Readable, Record, RecordFault};
use crate::cli::problem::Problem;
use crate::cli::source::{Input, OpenedBatch};
use crate::crawl::Reading;
use crate::extract::{Extraction, Extractor};
use jiff::Timestamp;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use url::Url;

/// How records become results.
#[derive(Debug, Clone)]
pub(super) struct Crew {
    pub(super) extractor: Arc<Extractor>,
    /// Where records stand that have no URL.
    pub(super) base_url: Option<Url>,
    pub(super) shape: Shape,
    /// How large a page may be, in bytes.
    pub(super) max_body_bytes: u64,
    pub(super) threads: usize,
    /// What may be held, in bytes as [`Reader`] counts them.
    pub(super) most_held_bytes: u64,
}

/// What came of a record.
pub(super) enum Product {
    /// It was read; with its form, where it has one.
    Extracted(Box<Extracted>, Option<Shown>),
    Failed(Box<Failed>),
    /// It holds no page, and there is nothing wrong with that.
    PassedOver(NoPage),
}

/// A product, and how many bytes are held for it.
pub(super) struct Parcel {
    pub(super) product: Product,
    pub(super) bytes: u64,
}

/// A batch that is being extracted from.
pub(super) struct Running {
    /// The batch as the user named it.
    pub(super) input: Input,
    pub(super) done: UnboundedReceiver<Done<Parcel>>,
    /// How far its file has been read, in bytes.
    bytes_read: Arc<AtomicU64>,
    pub(super) file_bytes: Option<u64>,
    work: Arc<Work>,
    threads: Vec<JoinHandle<()>>,
}

/// What the threads share.
struct Work {
    crew: Crew,
    input: Input,
    reader: Reader,
    gate: Gate,
    /// For what decodes pages.
    runtime: Handle,
}

impl Running {
    /// Begins to extract from the records of a batch behind those that an earlier run has delivered.
    ///
    /// # Errors
    /// A system that gives us no thread.
    pub(super) fn begin(opened: OpenedBatch, input: Input, crew: Crew, delivered: &Through) -> io::Result<Self> {
        let OpenedBatch { records, bytes_read, file_bytes } = opened;
        let (sender, done) = unbounded_channel();
        let count = crew.threads;
        let reads_ahead = count > 1 && file_bytes.is_some();
        let most_ahead = if reads_ahead { count } else { 0 };
        let work = Arc::new(Work {
            gate: Gate::new(crew.most_held_bytes),
            input: input.clone(),
            reader: Reader::new(records, most_ahead, delivered.beyond.iter().copied().collect()),
            runtime: Handle::current(),
            crew,
        });
        let mut threads = Vec::new();
        for number in 0..count {
            let (work, sender) = (Arc::clone(&work), sender.clone());
            let thread = std::thread::Builder::new().name(format!("batch-{number}"));
            match thread.spawn(move || work.run(&sender)) {
                Ok(thread) => threads.push(thread),
                Err(cause) if threads.is_empty() => return Err(cause),
                // Those that are there will do.
                Err(_) => break,
            }
        }
        Ok(Self { input, done, bytes_read, file_bytes, work, threads })
    }

    /// What is held of a product no more.
    pub(super) fn release(&self, bytes: u64) {
        self.work.gate.exchange(bytes, 0);
    }

    /// Has no more records begun; gives how many were.
    pub(super) fn stop(&self) -> u64 {
        self.work.gate.close()
    }

    /// How far the file has been read, in bytes.
    pub(super) fn bytes_read(&self) -> u64 {
        self.bytes_read.load(Ordering::Relaxed)
    }

    /// Records that were passed over by their types. Waits for whoever reads.
    pub(super) fn passed_over(&self) -> Vec<(&'static str, u64)> {
        self.work.reader.passed_over()
    }

    /// Whether a thread has panicked, after all have come to their end: then the batch was not read to its own.
    pub(super) fn has_panicked(&mut self) -> bool {
        let ended = self.threads.drain(..).map(JoinHandle::join);
        // All are waited for.
        ended.filter(Result::is_err).count() > 0
    }
}

impl Drop for Running {
    /// Nobody takes what is still to come.
    fn drop(&mut self) {
        self.work.gate.close();
    }
}

impl Work {
    fn run(&self, sender: &UnboundedSender<Done<Parcel>>) {
        while let Some(Taken { found, done }) = self.reader.take(&self.gate) {
            let product = self.product(found);
            let bytes = product.bytes();
            self.gate.exchange(done.product, bytes);
            let Done { turn, number, place, .. } = done;
            if sender.send(Done { turn, number, place, product: Parcel { product, bytes } }).is_err() {
                return;
            }
        }
    }

    /// What comes of a record.
    fn product(&self, found: Result<Record, Broken>) -> Product {
        let named =
            |number: u64| Input { name: format!("{}:{number}", self.input.name), source: self.input.source.clone() };
        let record = match found {
            Ok(record) => record,
            Err(Broken { number, id, url, fault }) => {
                return Product::Failed(Failed::of_record(named(number), id, url, fault));
            }
        };
        let (input, id, url) = (named(record.number), record.id.clone(), record.url.clone());
        // The panic hook has told it; the other records are none the worse.
        match catch_unwind(AssertUnwindSafe(|| self.extracted(record, input.clone()))) {
            Ok(Ok(product)) => product,
            Ok(Err(fault)) => Product::Failed(Failed::of_record(input, id, url, fault)),
            Err(_) => Product::Failed(Failed::of_record(input, id, url, Problem::Panicked)),
        }
    }

    fn extracted(&self, record: Record, input: Input) -> Result<Product, RecordFault> {
        let Record { id, url, fetched_at, cut_off, content, .. } = record;
        let url = url.or_else(|| self.crew.base_url.clone());
        let fetched_at = Some(fetched_at.unwrap_or_else(Timestamp::now));
        let extraction = match self.extraction(content, url.clone(), fetched_at)? {
            Ok(extraction) => extraction,
            Err(why) => return Ok(Product::PassedOver(why)),
        };
        tracing::debug!(input = input.name, verdict = extraction.verdict.id(), "extracted");
        let reading = Reading { extraction, pages: Vec::new(), shortfall: None, kept: Vec::new() };
        let mut found = Extracted { input, url, fetched_at, reading, id, cut_off, is_of_batch: true };
        let shown = self.crew.shape.show(&found);
        // What waits to be delivered is held: the text is in its form now.
        found.reading.extraction.article.blocks = Vec::new();
        found.reading.extraction.removals = Vec::new();
        Ok(Product::Extracted(Box::new(found), shown))
    }

    fn extraction(
        &self,
        content: Content,
        url: Option<Url>,
        fetched_at: Option<Timestamp>,
    ) -> Result<Result<Extraction, NoPage>, RecordFault> {
        let extractor = &self.crew.extractor;
        let readable = content.readable(url, fetched_at, self.crew.max_body_bytes);
        Ok(match self.runtime.block_on(readable)? {
            Ok(Readable::Text(text)) => Ok(extractor.extract_text(&text)),
            Ok(Readable::Page(page)) => Ok(extractor.extract(&page)),
            Err(why) => Err(why),
        })
    }
}

impl Product {
    /// How many bytes are held for it.
    fn bytes(&self) -> u64 {
        let shown = match self {
            Self::Extracted(_, Some(shown)) => shown.bytes(),
            Self::Extracted(_, None) | Self::Failed(_) | Self::PassedOver(_) => 0,
        };
        shown as u64 + LEAST_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::batch::{Batch, BatchForm, Layout, Place, RecordRange};
    use crate::cli::extract::Format;
    use crate::cli::source::Source;
    use crate::extract::Options;
    use std::io::Read;

    const LINE: &[u8] = b"{\"id\": 1, \"text\": \"The ferry sails again from the old pier.\"}\n";

    /// The same line again and again.
    struct Endless {
        at: usize,
        bytes: Arc<AtomicU64>,
    }

    impl Read for Endless {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let read = (&LINE[self.at..]).read(into)?;
            self.at = (self.at + read) % LINE.len();
            self.bytes.fetch_add(read as u64, Ordering::Relaxed);
            Ok(read)
        }
    }

    fn endless(most_held_bytes: u64, file_bytes: Option<u64>) -> Running {
        let bytes = Arc::new(AtomicU64::new(0));
        running(Endless { at: 0, bytes: Arc::clone(&bytes) }, bytes, most_held_bytes, file_bytes)
    }

    fn running(
        lines: impl Read + Send + 'static,
        bytes_read: Arc<AtomicU64>,
        most_held_bytes: u64,
        file_bytes: Option<u64>,
    ) -> Running {
        let layout = Layout { form: BatchForm::Jsonl, is_gzip: false };
        let records = Batch::new(Box::new(lines), layout, 9999, Place::START, RecordRange::ALL);
        let opened = OpenedBatch { records, bytes_read, file_bytes };
        let crew = Crew {
            extractor: Arc::new(Extractor::new(&Options::default()).unwrap()),
            base_url: None,
            shape: Shape::of(Format::Jsonl),
            max_body_bytes: 9999,
            threads: 3,
            most_held_bytes,
        };
        let input = Input { name: "endless".into(), source: Source::Stdin };
        Running::begin(opened, input, crew, &Through::NOTHING).unwrap()
    }

    /// Gives what the other side writes, until it hangs up.
    struct Pipe {
        written: std::sync::mpsc::Receiver<&'static [u8]>,
        line: &'static [u8],
    }

    impl Read for Pipe {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if self.line.is_empty() {
                self.line = self.written.recv().unwrap_or_default();
            }
            self.line.read(into)
        }
    }

    #[tokio::test]
    async fn a_record_of_a_pipe_does_not_wait_for_the_next() {
        let (writer, written) = std::sync::mpsc::channel();
        let mut running = running(Pipe { written, line: &[] }, Arc::default(), 100_000, None);
        // By then one thread waits for the line, and the others for that one; earlier, the test says less.
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        writer.send(LINE).unwrap();
        let came = tokio::time::timeout(std::time::Duration::from_secs(60), running.done.recv()).await;
        assert_eq!(came.map(|done| done.map(|done| done.number)), Ok(Some(1)));
        drop(writer);
        assert!(running.done.recv().await.is_none() && !running.has_panicked());
    }

    #[tokio::test]
    async fn records_that_are_read_ahead_come_each_once_and_are_numbered_in_their_order() {
        let lines = std::io::Cursor::new(LINE.repeat(200));
        let mut running = running(lines, Arc::default(), 100_000, Some(9999));
        let mut turns = Vec::new();
        while let Some(done) = running.done.recv().await {
            assert_eq!(done.turn + 1, done.number);
            turns.push(done.turn);
            running.release(done.product.bytes);
        }
        turns.sort_unstable();
        assert!(turns.into_iter().eq(0..200) && !running.has_panicked());
    }

    #[tokio::test]
    async fn no_more_is_begun_than_may_be_held_however_long_nobody_takes_the_results() {
        for file_bytes in [None, Some(u64::MAX)] {
            none_is_begun_beyond_what_may_be_held(file_bytes).await;
        }
    }

    async fn none_is_begun_beyond_what_may_be_held(file_bytes: Option<u64>) {
        const MOST: u64 = 100_000;
        let mut running = endless(MOST, file_bytes);
        let begun = std::time::Instant::now();
        // Nothing is in work any more, and nothing more is let in.
        let is_at_rest = |running: &Running| {
            let (bytes, taken) = running.work.gate.now();
            bytes >= MOST && taken == running.done.len() as u64
        };
        while !is_at_rest(&running) {
            assert!(begun.elapsed().as_secs() < 60, "it does not come to rest: {:?}", running.work.gate.now());
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        let (bytes, taken) = running.work.gate.now();
        let one = running.done.recv().await.unwrap();
        assert!(bytes < MOST + one.product.bytes, "{bytes} bytes, {} for one", one.product.bytes);
        running.release(one.product.bytes);
        while running.work.gate.now().1 == taken {
            assert!(begun.elapsed().as_secs() < 60, "room lets nothing in");
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        let taken = running.stop();
        let mut came = 1;
        while came < taken {
            running.done.recv().await.unwrap();
            came += 1;
        }
        assert!(running.done.recv().await.is_none() && !running.has_panicked(), "what was let in came, and no more");
    }
}
