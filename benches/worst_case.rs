//! `cargo bench --bench worst_case`: the pages that break others, in growing sizes.
//!
//! Prints seconds and the process's peak memory for each page, so that the curve can be read: twice
//! the size must cost about twice the time. Each page is measured in a process of its own.

use gleaner::extract::{Extractor, Options};
use gleaner::page::Page;
use std::process::Command;
use std::time::Instant;

const SIZES: &[usize] = &[25_000, 50_000, 100_000, 200_000];

type Maker = fn(usize) -> Vec<u8>;

const PAGES: &[(&str, Maker)] = &[
    ("nested <div>", |n| "<div>".repeat(n).into_bytes()),
    ("<ul><li>, nested", |n| "<ul><li>".repeat(n).into_bytes()),
    ("<p><b id=...>, unclosed", |n| (0..n).flat_map(|i| format!("<p><b id={i}>x").into_bytes()).collect()),
    ("one tag, n attributes", |n| [&b"<a"[..], &attributes(n), b">text</a>"].concat()),
    ("one tag behind a comment's script", |n| [&b"<!-- <script> --><a"[..], &attributes(n), b">"].concat()),
    ("n <br>", |n| "<br>".repeat(n).into_bytes()),
    ("n <li> of one list", |n| format!("<ol>{}</ol>", "<li>An item of a long list.".repeat(n)).into_bytes()),
    ("n paragraphs", |n| "<p>A paragraph that says one thing, and then another one.</p>".repeat(n).into_bytes()),
    ("n end marks in a long text", end_marks),
    ("n nested likely words", |n| "<div class=related><p>x".repeat(n).into_bytes()),
    ("n headings of lists", |n| {
        "<h3>Related</h3><a href=/x>A headline of another story</a>".repeat(n / 2).into_bytes()
    }),
    ("n screen-reader spans", |n| "<span class=sr-only>x".repeat(n).into_bytes()),
    ("n links in one paragraph", |n| {
        format!("<p>{}", "<a href=/x>Four words of link</a><br><br>".repeat(n / 4)).into_bytes()
    }),
    ("300 spans around n lines", |n| {
        format!("{}{}", "<span class=a-b>".repeat(300), "A line.<br><br>".repeat(n / 4)).into_bytes()
    }),
    ("n links", |n| "<a href=/x>A link</a> ".repeat(n).into_bytes()),
    ("n table cells", |n| format!("<table>{}", "<tr><td>1<td>2".repeat(n / 2)).into_bytes()),
    ("one line, 50 n characters", |n| "word ".repeat(10 * n).into_bytes()),
    ("one word, 50 n characters", |n| "x".repeat(50 * n).into_bytes()),
    ("n '<'", |n| "<".repeat(n).into_bytes()),
    ("n unclosed comments", |n| "<!--".repeat(n).into_bytes()),
    ("n unclosed scripts", |n| "<script><!--".repeat(n).into_bytes()),
    ("50 n random bytes", random_bytes),
];

fn end_marks(n: usize) -> Vec<u8> {
    let text =
        "<p>A paragraph of some length that says one thing about harbours, and then another one about boats.</p>";
    format!("{}{}", text.repeat(9), format!("<h2>Comments</h2>{text}").repeat(n / 8)).into_bytes()
}

fn attributes(n: usize) -> Vec<u8> {
    (0..n).flat_map(|i| format!(" a{i}=1").into_bytes()).collect()
}

/// The same bytes in every run (xorshift).
fn random_bytes(n: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    (0..50 * n)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        })
        .collect()
}

#[expect(clippy::print_stdout, clippy::expect_used, reason = "a benchmark prints, and stops where it cannot measure")]
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [name, size] = arguments.as_slice() {
        let make = PAGES.iter().find(|page| page.0 == name).expect("a page of the table").1;
        println!("{}", measure(&make(size.parse().expect("a size"))));
        return;
    }
    for (name, _) in PAGES {
        println!("{name}");
        for size in SIZES {
            let this = std::env::current_exe().expect("the path of this program");
            let run = Command::new(this)
                .args([&name.to_string(), &size.to_string()])
                .output()
                .expect("a run of this program");
            print!("  n = {size:>7}  {}", String::from_utf8_lossy(&run.stdout));
        }
    }
}

#[expect(clippy::expect_used, reason = "a benchmark stops where it cannot measure")]
fn measure(body: &[u8]) -> String {
    let extractor = Extractor::new(&Options::default()).expect("the built-in data");
    let page = Page::from_bytes(body.to_vec());
    let start = Instant::now();
    let extraction = extractor.extract(&page);
    let seconds = start.elapsed().as_secs_f64();
    let kilobytes = body.len() as f64 / 1e3;
    format!("{kilobytes:>9.0} kB  {seconds:>8.3} s  {:>6.0} MB  {}", peak_megabytes(), extraction.verdict.id())
}

/// Peak resident memory of this process in megabytes, as Linux counts it; NaN elsewhere.
fn peak_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) / 1e3
}
