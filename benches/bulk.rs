//! `cargo bench --bench bulk -- ARCHIVE.warc.gz [THREADS...]`: how fast a WARC file becomes JSON Lines on one thread and on
//! several (2 where nothing is said), and in how much memory.
//!
//! The program reads the archive, which `eval/warc.py` assembles, and writes a file; it runs with each number of threads in
//! turn, [`ROUNDS`] times. Printed are of each the least time on the clock, the rate by the bytes of the records before
//! compression, the processor time of all threads together and the peak of the memory, as Linux's `/proc` has them, and by
//! how much it is faster than one thread. On a machine with others at work only the processor time says something. What
//! comes out must be the same with any number.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a benchmark prints, and stops where it cannot measure")]

use flate2::read::MultiGzDecoder;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 3;

/// What one run took.
#[derive(Debug, Clone, Copy)]
struct Run {
    seconds: f64,
    processor_seconds: f64,
    peak_mb: f64,
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let Some(archive) = arguments.next() else {
        println!("no archive is named; `eval/warc.py CORPUS... -o ARCHIVE.warc.gz` assembles one");
        return;
    };
    let mut threads = vec![1_u32];
    threads.extend(arguments.map(|number| number.parse::<u32>().expect("numbers of threads")));
    if threads.len() == 1 {
        threads.push(2);
    }
    let bytes = plain_bytes(Path::new(&archive));
    println!("{archive}: {:.1} MB before compression, {ROUNDS} rounds", bytes as f64 / 1e6);
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out.jsonl");
    let mut runs: Vec<Vec<Run>> = vec![Vec::new(); threads.len()];
    let mut first = None;
    for _ in 0..ROUNDS {
        for (at, count) in threads.iter().enumerate() {
            runs[at].push(run(&archive, *count, &out));
            let (lines, hash) = (fs::metadata(&out).expect("the output").len(), hash_of(&out));
            assert_eq!(*first.get_or_insert((lines, hash)), (lines, hash), "other output with {count} threads");
        }
    }
    let least = |at: usize, of: fn(&Run) -> f64| runs[at].iter().map(of).fold(f64::INFINITY, f64::min);
    let alone = least(0, |run| run.seconds);
    println!("threads   seconds      MB/s   processor s   peak MB   times as fast");
    for (at, count) in threads.iter().enumerate() {
        let seconds = least(at, |run| run.seconds);
        println!(
            "{count:>7} {seconds:>9.2} {:>9.1} {:>13.2} {:>9.0} {:>15.2}",
            bytes as f64 / 1e6 / seconds,
            least(at, |run| run.processor_seconds),
            runs[at].iter().map(|run| run.peak_mb).fold(0.0, f64::max),
            alone / seconds,
        );
    }
}

/// How many bytes an archive has, decompressed.
fn plain_bytes(archive: &Path) -> u64 {
    let file = BufReader::new(File::open(archive).expect("a readable archive"));
    if archive.extension().is_some_and(|extension| extension == "gz") {
        return io::copy(&mut MultiGzDecoder::new(file), &mut io::sink()).expect("a whole archive");
    }
    fs::metadata(archive).expect("a readable archive").len()
}

fn run(archive: &str, threads: u32, out: &Path) -> Run {
    let begun = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner"));
    command.args(["extract", "-q", "--input", "warc", "--format", "jsonl", "--threads", &threads.to_string()]);
    command.args(["-o".as_ref(), out.as_os_str(), archive.as_ref()]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the program");
    let (mut processor_seconds, mut peak_mb) = (0.0, 0.0);
    // What `/proc` says last of a process before it ends misses some hundredths of a second.
    while child.try_wait().expect("its end").is_none() {
        if let Some((seconds, peak)) = taken(child.id()) {
            (processor_seconds, peak_mb) = (seconds, peak);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Run { seconds: begun.elapsed().as_secs_f64(), processor_seconds, peak_mb }
}

/// Processor seconds (fields 14 and 15 of `stat`, in hundredths; proc_pid_stat(5)) and peak memory in MB of a process.
fn taken(id: u32) -> Option<(f64, f64)> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name of the program, in brackets, is field 2.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(11);
    let ticks = fields.next()?.parse::<f64>().ok()? + fields.next()?.parse::<f64>().ok()?;
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let peak_kib: f64 = peak.split_whitespace().next()?.parse().ok()?;
    Some((ticks / 100.0, peak_kib * 1024.0 / 1e6))
}

fn hash_of(file: &Path) -> blake3::Hash {
    let (mut hasher, mut part) = (blake3::Hasher::new(), vec![0; 1 << 20]);
    let mut file = File::open(file).expect("the output");
    loop {
        let read = file.read(&mut part).expect("the output");
        if read == 0 {
            return hasher.finalize();
        }
        hasher.update(&part[..read]);
    }
}
