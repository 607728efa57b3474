//! `cargo bench --bench fingerprints -- [COUNT]`: what a look-up among a million fingerprints costs, in time and memory.
//!
//! Makes a store of COUNT texts of 60 to 400 words, the words as often as in a natural language (the commonest 20,000 by
//! Zipf's law), looks for copies of some with a tenth of the words changed and for texts that are new, and prints the
//! median and the 99th percentile of a look-up, the memory of the process before and at its most (Linux), and the size of
//! the store. The time to make fingerprints is told apart: a look-up begins with one.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a benchmark prints, and stops where it cannot measure")]

use gleaner::fingerprint::Fingerprint;
use gleaner::frontier::{FrontierOptions, Key, Rebuild, SqliteFrontier};
use rusqlite::{Connection, params};
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

const COUNT: u64 = 1_000_000;
const WORDS: usize = 20_000;
const LOOK_UPS: u64 = 2_000;

fn main() {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(COUNT);
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("gleaner.db");
    drop(
        SqliteFrontier::open(&FrontierOptions { store: store.clone(), ..FrontierOptions::default() }).expect("a store"),
    );
    let zipf = Zipf::new();
    let began = Instant::now();
    fill(&store, count, &zipf);
    let filled = began.elapsed();
    let rebuild = Rebuild::open(&store, false).expect("the store");
    let before = memory("VmRSS");
    let known: Vec<_> = (0..LOOK_UPS).map(|at| Fingerprint::of(&zipf.text(at * 7919 % count, 0.1))).collect();
    let new: Vec<_> = (0..LOOK_UPS).map(|at| Fingerprint::of(&zipf.text(count + at, 0.0))).collect();
    let began = Instant::now();
    (0..LOOK_UPS).for_each(|at| {
        black_box(Fingerprint::of(&zipf.text(at, 0.0)));
    });
    let making = began.elapsed() / u32::try_from(LOOK_UPS).unwrap_or(u32::MAX);
    println!("{count} fingerprints in {:.0} s; one is made in {making:.0?}, its text with it", filled.as_secs_f64());
    for (name, texts) in [("copies", &known), ("new texts", &new)] {
        let mut found = 0;
        let mut times: Vec<Duration> = texts
            .iter()
            .map(|text| {
                let began = Instant::now();
                let first = rebuild.first_of(text.as_ref().expect("words")).expect("an answer");
                found += u64::from(first.is_some());
                began.elapsed()
            })
            .collect();
        times.sort_unstable();
        let (median, late) = (times[times.len() / 2], times[times.len() * 99 / 100]);
        println!(
            "{name}: p50 {median:.0?}, p99 {late:.0?}, at most {:.0?}; {found} of {LOOK_UPS} found",
            times[times.len() - 1]
        );
    }
    let size = std::fs::metadata(&store).map_or(0, |facts| facts.len());
    println!("memory: {} kB before, {} kB after the look-ups; store {} MB", before, memory("VmRSS"), size / 1_000_000);
    rebuild.forget().expect("nothing was changed");
}

/// Puts the texts in as the crawl does, but in the order of the bands, which takes minutes instead of an hour.
fn fill(store: &Path, count: u64, zipf: &Zipf) {
    let mut connection = Connection::open(store).expect("the store");
    connection.pragma_update(None, "synchronous", "OFF").expect("a pragma");
    let transaction = connection.transaction().expect("a transaction");
    transaction.execute_batch("CREATE TEMP TABLE unsorted (band INTEGER, item INTEGER)").expect("a table");
    {
        let mut item = transaction
            .prepare(
                "INSERT INTO items (id, key, target, url, host, state, due, token, attempts, first_seen, hash)
                 VALUES (?1, ?2, 0, 'http://a.test/' || ?1, 'a.test', 2, 0, 0, 0, 0, '')",
            )
            .expect("a statement");
        let mut sketch = transaction.prepare("INSERT INTO fingerprints VALUES (?, ?)").expect("a statement");
        let mut band = transaction.prepare("INSERT INTO unsorted VALUES (?, ?)").expect("a statement");
        for number in 0..count {
            let print = Fingerprint::of(&zipf.text(number, 0.0)).expect("words");
            let id = number.cast_signed() + 1;
            item.execute(params![id, Key::from_bits(mixed(number)).to_bits().cast_signed()]).expect("an item");
            sketch.execute(params![id, print.sketch().as_bytes()]).expect("a sketch");
            for of in print.bands() {
                band.execute(params![of, id]).expect("a band");
            }
        }
    }
    transaction.execute_batch("INSERT INTO bands SELECT band, item FROM unsorted ORDER BY 1, 2").expect("bands");
    transaction.commit().expect("a commit");
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").expect("a checkpoint");
}

/// How often each word comes.
struct Zipf(Vec<f64>);

impl Zipf {
    fn new() -> Self {
        let mut sum = 0.0;
        Self(
            (1..=WORDS)
                .map(|rank| {
                    sum += 1.0 / rank as f64;
                    sum
                })
                .collect(),
        )
    }

    /// The text of a number, with so much of its words changed.
    fn text(&self, number: u64, changed: f64) -> String {
        let mut state = mixed(number);
        let mut next = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            (mixed(state) >> 11) as f64 / (1_u64 << 53) as f64
        };
        let count = 60 + (340.0 * next()) as usize;
        let mut text = String::with_capacity(8 * count);
        for at in 0..count {
            let (draw, luck) = (next(), next());
            let rank = self.0.partition_point(|sum| *sum < draw * self.0[WORDS - 1]);
            text.push_str(&if luck < changed { format!("x{at} ") } else { format!("w{rank} ") });
        }
        text
    }
}

/// SplitMix64's finaliser.
fn mixed(bits: u64) -> u64 {
    let bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

/// A line of the process's status in kB; 0 where the system has none.
fn memory(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|it| it.strip_prefix(line)?.strip_prefix(':'));
    found.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
