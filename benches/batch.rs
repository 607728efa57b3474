//! `cargo bench --bench batch -- [--justext PYTHON] [FOLDER|TEXTS.jsonl]`: how fast JSON Lines of texts without markup
//! are cleaned.
//!
//! The pages of a folder, or the fixtures, are flattened to their visible lines; of a file of JSON Lines the "text" of
//! each is taken as it is. They are written as JSON Lines, again and again up to [`LEAST_BYTES`]. The program reads them, extracts and writes JSON Lines; its processor time counts, all
//! threads together, which on a machine with others at work is what one core would take. Beside it stand the parts that
//! can be measured alone: parsing the JSON, and extraction. Without Linux's `/proc` the time on the clock counts.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a benchmark prints, and stops where it cannot measure")]

use gleaner::extract::{Extractor, Options};
use gleaner::page::Page;
use std::hint::black_box;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// How much text is cleaned, in bytes: enough for the start of the program to be lost in it.
const LEAST_BYTES: usize = 32_000_000;

const ROUNDS: usize = 3;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let (mut python, mut input) = (None, None);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--justext" => python = arguments.next(),
            _ => input = Some(argument),
        }
    }
    let extractor = Extractor::new(&Options::default()).expect("the built-in data");
    let texts: Vec<String> = match input.as_deref().filter(|input| input.ends_with(".jsonl")) {
        Some(file) => texts(Path::new(file)),
        None => pages(input.as_deref()).iter().map(|page| flattened(&extractor, page)).collect(),
    };
    let texts: Vec<String> = texts.into_iter().filter(|text| !text.is_empty()).collect();
    let bytes_once: usize = texts.iter().map(String::len).sum();
    let times = LEAST_BYTES / bytes_once.max(1) + 1;
    println!("{} texts, {:.1} kB each, {times} times", texts.len(), bytes_once as f64 / 1e3 / texts.len() as f64);

    let lines: Vec<String> = texts.iter().map(|text| serde_json::json!({"id": 1, "text": text}).to_string()).collect();
    let mut file = tempfile::NamedTempFile::with_suffix(".jsonl").expect("a file");
    for _ in 0..times {
        for line in &lines {
            writeln!(file, "{line}").expect("room for the file");
        }
    }
    let empty = tempfile::NamedTempFile::with_suffix(".jsonl").expect("a file");
    let least = |work: &dyn Fn() -> f64| (0..ROUNDS).map(|_| work()).fold(f64::INFINITY, f64::min);
    let start = least(&|| program(empty.path()));
    let whole = least(&|| program(file.path())) - start;
    let once = |work: &dyn Fn()| least(&|| seconds(work)) * times as f64;
    let parsing =
        once(&|| lines.iter().for_each(|line| drop(black_box(serde_json::from_str::<serde_json::Value>(line)))));
    let extraction = once(&|| texts.iter().for_each(|text| drop(black_box(extractor.extract_text(text)))));
    println!("starting the program{:>31.2} s", start);
    for (name, total) in
        [("JSON Lines to JSON Lines", whole), ("of this, extraction", extraction), ("of this, parsing JSON", parsing)]
    {
        println!("{name:<28} {:>8.1} MB/s  {:>6.2} s", (bytes_once * times) as f64 / 1e6 / total, total);
    }
    if let Some(python) = python {
        let theirs = justext(&python, file.path());
        println!("{:<28} {:>8.1} MB/s", "jusText, the same texts", theirs / 1e6);
        println!("{:<28} {:>8.1}", "times as fast", (bytes_once * times) as f64 / whole / theirs);
    }
}

/// Bytes of text a second of processor time that jusText cleans.
fn justext(python: &str, batch: &Path) -> f64 {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("eval/justext_speed.py");
    let output = Command::new(python).arg(script).arg(batch).output().expect("Python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8(output.stdout).expect("two numbers");
    let mut told = told.split_whitespace().map(|number| number.parse::<f64>().expect("a number"));
    told.next().expect("bytes") / told.next().expect("seconds")
}

/// The texts of a file of JSON Lines.
fn texts(file: &Path) -> Vec<String> {
    let lines = std::fs::read_to_string(file).expect("a readable file");
    let text = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON on each line");
        line["text"].as_str().unwrap_or_default().to_owned()
    };
    lines.lines().map(text).collect()
}

/// The processor time of the program on a batch, in seconds.
fn program(batch: &Path) -> f64 {
    let begun = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner"));
    command.args(["extract", "--input", "jsonl", "--format", "jsonl"]).arg(batch);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program");
    let mut stdout = child.stdout.take().expect("its output");
    std::io::copy(&mut stdout, &mut std::io::sink()).expect("its output");
    // It has ended or is about to, and nobody has asked how: its entry is there.
    let spent = processor_seconds(child.id()).unwrap_or_else(|| begun.elapsed().as_secs_f64());
    child.wait().expect("its end");
    spent
}

/// What `/proc` says of a process: fields 14 and 15 of `stat`, in hundredths of a second (proc_pid_stat(5)).
fn processor_seconds(id: u32) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name of the program, in brackets, is field 2.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(11);
    let ticks: f64 = fields.next()?.parse::<f64>().ok()? + fields.next()?.parse::<f64>().ok()?;
    Some(ticks / 100.0)
}

fn seconds(work: &dyn Fn()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// The visible lines of a page, as scrapers leave them.
fn flattened(extractor: &Extractor, page: &Path) -> String {
    let shown = extractor.shown(&Page::from_bytes(std::fs::read(page).expect("a readable page")));
    shown.lines.iter().map(|line| format!("{}\n", line.text)).collect()
}

fn pages(folder: Option<&str>) -> Vec<PathBuf> {
    let of = |folder: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()).collect()
    };
    let mut pages = match folder {
        Some(folder) => of(Path::new(folder)),
        None => of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"))
            .iter()
            .map(|case| case.join("page.html"))
            .collect(),
    };
    pages.retain(|page| page.is_file() && page.extension().is_some_and(|extension| extension == "html"));
    pages.sort();
    pages
}
