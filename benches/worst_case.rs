//! `cargo bench --bench worst_case -- [--csv FILE] [--only WORD] [--largest BYTES]`: pages that break others, as curves.
//!
//! Each kind of page is built in eight sizes from 1 kB to 50 MB and extracted in a process of its own. What counts is
//! the exponent, the slope of processor time against size, both as logarithms, over the larger half of the sizes that no
//! cap cut short: cost in proportion to size has 1, and more than [`STEEP`] is marked. The same for memory. Beside them stands an ordinary
//! page, whose rate at 200 kB all others are held against. `--csv` writes every point, for `eval/plots.py`.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a benchmark prints, and stops where it cannot measure")]

use gleaner::extract::{Extractor, Options};
use gleaner::page::Page;
use std::fmt::Write;
use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

// As the binary `gleaner` has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// In bytes, each 4.7 times the one before.
const SIZES: [usize; 8] = [1_000, 4_700, 22_000, 103_000, 484_000, 2_270_000, 10_700_000, 50_000_000];

/// The size that an ordinary page's rate is taken at.
const ORDINARY_BYTES: usize = 200_000;

/// An exponent above this is marked: noise of a shared machine stays below it, n log n over a decade is 1.05.
const STEEP: f64 = 1.15;

/// A page is extracted again until this much time went by, and all of it once more.
const SECONDS: f64 = 0.2;

/// Where one size took this long, larger ones are not tried.
const PATIENCE_SECONDS: f64 = 20.0;

type Maker = fn(usize) -> Vec<u8>;

const ORDINARY: &str = "an ordinary page";

const KINDS: &[(&str, Maker)] = &[
    (ORDINARY, ordinary),
    ("nested `<div>`", |bytes| repeated("", "<div>", bytes)),
    ("nested `<ul><li>`", |bytes| repeated("", "<ul><li>", bytes)),
    ("400 levels, closed, over and over", |bytes| {
        repeated("", &format!("{}text{}", "<div>".repeat(400), "</div>".repeat(400)), bytes)
    }),
    ("nested likely words", |bytes| repeated("", "<div class=related><p>x", bytes)),
    ("300 spans around short lines", |bytes| repeated(&"<span class=a-b>".repeat(300), "A line.<br><br>", bytes)),
    ("`<p><b id=...>`, unclosed", |bytes| numbered("", bytes, |i| format!("<p><b id={i}>x"))),
    ("`<b><i></b></i>`, misnested", |bytes| repeated("", "<p><b>one<i>two</b>three</i> ", bytes)),
    ("`<a>` in `<a>`, unclosed", |bytes| repeated("", "<a href=/x>A link <div>", bytes)),
    ("text between table rows", |bytes| repeated("<table>", "<tr>text<td>cell<p>", bytes)),
    ("end tags that close nothing", |bytes| repeated("<div><p>", "</b></section></table>", bytes)),
    ("one tag, all attributes", |bytes| numbered("<a", bytes, |i| format!(" a{i}=1"))),
    ("one tag, one attribute again", |bytes| repeated("<a", " href=1", bytes)),
    ("tags of 400 attributes", |bytes| {
        let many: String = (0..400).map(|i| format!(" a{i}=1")).collect();
        repeated("", &format!("<p{many}>A line."), bytes)
    }),
    ("one attribute, all of it", |bytes| repeated("<a title=\"", "word &amp; ", bytes)),
    ("one tag behind a comment's script", |bytes| numbered("<!-- <script> --><a", bytes, |i| format!(" a{i}=1"))),
    ("`<br>`", |bytes| repeated("", "<br>", bytes)),
    ("items of one list", |bytes| repeated("<ol>", "<li>An item of a long list.", bytes)),
    ("paragraphs", |bytes| repeated("", "<p>A paragraph that says one thing, and then another one.</p>", bytes)),
    ("paragraphs, no two alike", |bytes| {
        numbered("", bytes, |i| format!("<p>Paragraph {i} says one thing, and then another one about {}.</p>", 7 * i))
    }),
    ("end marks in a long text", end_marks),
    ("headings of lists", |bytes| repeated("", "<h3>Related</h3><a href=/x>A headline of another story</a>", bytes)),
    ("screen-reader spans", |bytes| repeated("", "<span class=sr-only>x", bytes)),
    ("links in one paragraph", |bytes| repeated("<p>", "<a href=/x>Four words of link</a><br><br>", bytes)),
    ("links", |bytes| repeated("", "<a href=/x>A link</a> ", bytes)),
    ("table cells", |bytes| repeated("<table>", "<tr><td>1<td>2", bytes)),
    ("tables in tables", |bytes| repeated("", "<table><tr><td>", bytes)),
    ("options", |bytes| repeated("<select>", "<option>One choice", bytes)),
    ("one line", |bytes| repeated("", "word ", bytes)),
    ("one word", |bytes| repeated("", "x", bytes)),
    ("`<`", |bytes| repeated("", "<", bytes)),
    ("`&`", |bytes| repeated("<p>", "&", bytes)),
    ("unfinished entities", |bytes| repeated("<p>", "&notin &#x", bytes)),
    ("unclosed comments", |bytes| repeated("", "<!--", bytes)),
    ("unclosed scripts", |bytes| repeated("", "<script><!--", bytes)),
    ("random bytes", random_bytes),
];

/// The head and then the unit, as often as it fits.
fn repeated(head: &str, unit: &str, bytes: usize) -> Vec<u8> {
    let count = bytes.saturating_sub(head.len()) / unit.len();
    [head, &unit.repeat(count.max(1))].concat().into_bytes()
}

/// The head and then a unit for each number, until it is long enough.
fn numbered(head: &str, bytes: usize, unit: impl Fn(usize) -> String) -> Vec<u8> {
    let mut page = head.to_owned();
    let mut number = 0;
    while page.len() < bytes {
        page.push_str(&unit(number));
        number += 1;
    }
    page.into_bytes()
}

/// Paragraphs, lists and links in turn, between a bar of links and a footer, with the attributes that pages have.
fn ordinary(bytes: usize) -> Vec<u8> {
    let head = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>A long report</title></head><body>\
                <nav class=\"site-nav\"><ul><li><a href=\"/news\">News</a></li><li><a href=\"/sport\">Sport</a></li></ul></nav>\
                <main id=\"content\"><article class=\"story story--long\"><h1>A long report</h1>";
    let mut page = numbered(head, bytes, |i| {
        format!(
            "<section class=\"story__part\" data-part=\"{i}\"><h2 id=\"part-{i}\">What was seen on day {i}</h2>\
             <p class=\"story__text\">The harbour of the town was quiet in the morning, and of the {i} boats that had been \
             there the day before, none was to be seen; the <a href=\"/people/{i}\" class=\"link\">master of the port</a> said \
             that they had gone out at night &mdash; nobody knew where to.</p>\
             <p class=\"story__text\">Later in the day the first of them came back. <em>Nothing</em> was said about the catch, \
             and by the evening it was talked of in all of the town&rsquo;s {i} houses.</p>\
             <ul class=\"list\"><li>Boats at sea: {i}</li><li>Boats <b>in port</b>: none</li></ul>\
             <figure class=\"picture\"><img src=\"/pictures/{i}.jpg\" alt=\"Boats\" width=\"640\" height=\"360\"></figure>\
             <aside class=\"related\"><a href=\"/stories/{i}\">Another story of the sea</a></aside></section>\n"
        )
    });
    page.extend_from_slice(b"</article></main><footer><p>All rights reserved</p></footer></body></html>");
    page
}

fn end_marks(bytes: usize) -> Vec<u8> {
    let text =
        "<p>A paragraph of some length that says one thing about harbours, and then another one about boats.</p>";
    repeated(&text.repeat(9), &format!("<h2>Comments</h2>{text}"), bytes)
}

/// The same bytes in every run (xorshift).
fn random_bytes(bytes: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    (0..bytes)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        })
        .collect()
}

// ---------------------------------------------------------------- one point, in a process of its own

/// What one page cost.
struct Point {
    bytes: usize,
    seconds: f64,
    /// Peak memory of the process in MB (10^6 bytes), and how much of it came with the extraction.
    peak_mb: f64,
    added_mb: f64,
    verdict: String,
}

/// Extracts the page and prints the fields of a [`Point`].
fn measure(make: Maker, bytes: usize) {
    let extractor = Extractor::new(&Options::default()).expect("the built-in data");
    let page = Page::from_bytes(make(bytes));
    let before = peak_mb();
    let (mut seconds, mut verdict) = timed(&extractor, &page, 1);
    let (peak, added) = (peak_mb(), peak_mb() - before);
    if seconds < 5.0 * SECONDS {
        let runs = (SECONDS / seconds.max(1e-6)).ceil() as u32;
        for _ in 0..2 {
            let (again, same) = timed(&extractor, &page, runs);
            (seconds, verdict) = (seconds.min(again), same);
        }
    }
    println!("{} {seconds} {peak} {added} {verdict}", page.body.len());
}

/// Processor time of one extraction, the mean of some, and the verdict.
fn timed(extractor: &Extractor, page: &Page, runs: u32) -> (f64, &'static str) {
    let (start, clock) = (processor_seconds(), Instant::now());
    let mut verdict = "";
    for _ in 0..runs {
        verdict = black_box(extractor.extract(page)).verdict.id();
    }
    let clock = clock.elapsed().as_secs_f64();
    // Too coarse for less than a good many ticks.
    let spent = match (start, processor_seconds()) {
        (Some(start), Some(end)) if clock > SECONDS / 2.0 => end - start,
        _ => clock,
    };
    (spent / f64::from(runs), verdict)
}

/// What this process has had of a processor, as Linux counts it: in hundredths of a second, user and system apart.
fn processor_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the program's name, which may hold spaces, the times are the twelfth and the thirteenth field.
    let mut fields = stat.rsplit(')').next()?.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / 100.0)
}

/// Peak resident memory of this process in MB, as Linux counts it; NaN elsewhere.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) / 1e3
}

// ---------------------------------------------------------------- the curves

/// The point of a kind and size; `None` where the process came to no end of its own.
fn point(name: &str, bytes: usize) -> Option<Point> {
    let this = std::env::current_exe().expect("the path of this program");
    let run = Command::new(this).args(["--point", name, &bytes.to_string()]).output().expect("a run of this program");
    let line = String::from_utf8_lossy(&run.stdout).into_owned();
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [bytes, seconds, peak, added, verdict] = fields.as_slice() else { return None };
    Some(Point {
        bytes: bytes.parse().ok()?,
        seconds: seconds.parse().ok()?,
        peak_mb: peak.parse().ok()?,
        added_mb: added.parse().ok()?,
        verdict: (*verdict).to_owned(),
    })
}

/// All sizes of a kind up to the largest; fewer where one takes too long or breaks the process.
fn curve(name: &str, largest: usize) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    for bytes in SIZES.into_iter().filter(|bytes| *bytes <= largest) {
        if points.last().is_some_and(|last| last.seconds > PATIENCE_SECONDS) {
            break;
        }
        let Some(point) = point(name, bytes) else { break };
        points.push(point);
    }
    points
}

/// The slope of the logarithms over the larger half of the sizes, by least squares; `None` below two points.
///
/// Sizes at which a cap struck are left out where enough others are: behind a cap every curve is flat.
fn exponent(points: &[Point], cost: impl Fn(&Point) -> f64) -> Option<f64> {
    let whole: Vec<&Point> = points.iter().filter(|point| point.verdict != "hostile").collect();
    let fitted = if whole.len() > 3 { whole } else { points.iter().collect() };
    let logs: Vec<(f64, f64)> = fitted[fitted.len() / 2..]
        .iter()
        .filter(|point| cost(point) > 0.0)
        .map(|point| ((point.bytes as f64).ln(), cost(point).ln()))
        .collect();
    if logs.len() < 2 {
        return None;
    }
    let count = logs.len() as f64;
    let (x, y) = logs.iter().fold((0.0, 0.0), |sum, log| (sum.0 + log.0 / count, sum.1 + log.1 / count));
    let (rise, run) =
        logs.iter().fold((0.0, 0.0), |sum, log| (sum.0 + (log.0 - x) * (log.1 - y), sum.1 + (log.0 - x).powi(2)));
    (run > 0.0).then(|| rise / run)
}

fn shown(exponent: Option<f64>) -> String {
    let mark = if exponent.is_some_and(|slope| slope > STEEP) { " **steep**" } else { "" };
    exponent.map_or_else(String::new, |slope| format!("{slope:.2}{mark}"))
}

fn rate(point: &Point) -> f64 {
    point.bytes as f64 / 1e6 / point.seconds
}

fn row(name: &str, points: &[Point], wanted: usize, ordinary_rate: f64) -> String {
    let Some(last) = points.last() else { return format!("| {name} | breaks the smallest page |") };
    let at = |index: usize| points.get(index).map_or_else(String::new, |point| format!("{:.2}", point.seconds * 1e3));
    let cut = if points.len() < wanted { format!(" **stopped at {} bytes**", last.bytes) } else { String::new() };
    format!(
        "| {name} | {} | {} | {} | {:.2}{cut} | {:.0} | {:.2} | {} | {:.0} | {} | {} |",
        at(1),
        at(3),
        at(5),
        last.seconds,
        rate(last),
        rate(last) / ordinary_rate,
        shown(exponent(points, |point| point.seconds)),
        last.peak_mb,
        // Below a few MB it is the allocator's steps that are seen.
        shown(exponent(points, |point| if point.added_mb > 4.0 { point.added_mb } else { 0.0 })),
        last.verdict,
    )
}

fn csv(name: &str, points: &[Point]) -> String {
    points.iter().fold(String::new(), |mut text, point| {
        let Point { bytes, seconds, peak_mb, added_mb, verdict } = point;
        writeln!(text, "\"{name}\",{bytes},{seconds:.9},{peak_mb:.1},{added_mb:.1},{verdict}").expect("memory");
        text
    })
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let option = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)).map(String::as_str)
    };
    if let [mode, name, size] = arguments.as_slice()
        && mode == "--point"
    {
        let make = KINDS.iter().find(|kind| kind.0 == name).expect("a kind of page").1;
        return measure(make, size.parse().expect("a size"));
    }
    let largest = option("--largest").map_or(SIZES[7], |bytes| bytes.parse().expect("a number of bytes"));
    let wanted = SIZES.iter().filter(|bytes| **bytes <= largest).count();
    let ordinary_rate = rate(&point(ORDINARY, ORDINARY_BYTES).expect("an ordinary page"));
    println!("{ORDINARY} of {} kB: {ordinary_rate:.1} MB/s\n", ORDINARY_BYTES / 1000);
    println!(
        "| page | 4.7 kB, ms | 103 kB, ms | 2.3 MB, ms | largest, s | MB/s | of the ordinary rate | time's exponent \
         | peak MB | memory's exponent | verdict |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|"
    );
    let mut written = "page,bytes,seconds,peak_mb,added_mb,verdict\n".to_owned();
    for (name, _) in KINDS.iter().filter(|kind| kind.0.contains(option("--only").unwrap_or_default())) {
        let points = curve(name, largest);
        println!("{}", row(name, &points, wanted, ordinary_rate));
        written += &csv(name, &points);
    }
    if let Some(file) = option("--csv") {
        std::fs::write(file, written).expect("a file that can be written");
    }
}
