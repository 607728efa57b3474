//! WARC files with pages, on several threads: what comes out, what is passed over, what is told.

use super::{NO_ARTICLE, Run, article, folder, gleaner, run_in, text};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use std::fs;
use std::io::Write as _;

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A record of a WARC file, `fields` among its head.
pub(super) fn record(kind: &str, id: &str, fields: &str, content: &[u8]) -> Vec<u8> {
    let head = format!(
        "WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Target-URI: https://post.example/{id}\r\nWARC-Record-ID: <urn:uuid:{id}>\r\n\
         WARC-Date: 2026-04-03T10:00:00Z\r\n{fields}Content-Length: {}\r\n\r\n",
        content.len()
    );
    [head.as_bytes(), content, b"\r\n\r\n"].concat()
}

/// A record of an HTTP answer.
pub(super) fn response(id: &str, head: &str, body: &[u8]) -> Vec<u8> {
    let message = [head.replace('\n', "\r\n").as_bytes(), b"\r\n\r\n", body].concat();
    record("response", id, "Content-Type: application/http; msgtype=response\r\n", &message)
}

const HTML: &str = "HTTP/1.1 200 OK\nContent-Type: text/html; charset=utf-8";

fn page(id: &str, subject: &str) -> Vec<u8> {
    response(id, HTML, article(subject).as_bytes())
}

fn objects(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn ids(run: &Run) -> Vec<String> {
    objects(run).iter().map(|object| object["id"].as_str().unwrap_or("none").to_owned()).collect()
}

/// Runs `gleaner extract --format jsonl` on an archive.
fn of_archive(arguments: &[&str], bytes: &[u8]) -> Run {
    let here = folder();
    fs::write(here.path().join("a.warc"), bytes).unwrap();
    run_in(&here, &[&["extract", "--format", "jsonl", "a.warc"], arguments].concat())
}

fn body(subject: &str) -> String {
    text(subject).split_once("\n\n").unwrap().1.to_owned()
}

#[test]
fn pages_come_out_with_url_id_and_encodings_undone() {
    let chunked = {
        let packed = gzip(article("The mill").as_bytes());
        [format!("{:x}\r\n", packed.len()).as_bytes(), &packed, b"\r\n0\r\n\r\n"].concat()
    };
    let latin = article("The caf\u{e9}").replace("utf-8", "iso-8859-1");
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(&latin);
    let members = [
        record("warcinfo", "i", "", b"software: none\r\n"),
        page("1", "The bridge"),
        record("request", "2", "", b"GET / HTTP/1.1\r\n\r\n"),
        response("3", &format!("{HTML}\nTransfer-Encoding: chunked\nContent-Encoding: gzip"), &chunked),
        response("4", "HTTP/2 200\ncontent-type: text/html; charset=iso-8859-1", &latin),
        record("resource", "5", "Content-Type: text/html\r\n", article("The weir").as_bytes()),
    ];
    let compressed: Vec<u8> = members.iter().flat_map(|member| gzip(member)).collect();
    for bytes in [members.concat(), compressed] {
        let run = of_archive(&[], &bytes);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        assert_eq!(ids(&run), ["urn:uuid:1", "urn:uuid:3", "urn:uuid:4", "urn:uuid:5"]);
        let texts: Vec<Value> = objects(&run).iter().map(|object| object["text"].clone()).collect();
        assert_eq!(texts, ["The bridge", "The mill", "The caf\u{e9}", "The weir"].map(|it| json!(body(it))));
        let second = &objects(&run)[1];
        assert_eq!((&second["url"], &second["input"]), (&json!("https://post.example/3"), &json!("a.warc:4")));
    }
}

#[test]
fn what_is_no_page_is_passed_over_and_counted() {
    let file = [
        response("1", "HTTP/1.1 301 Moved\nLocation: /x", b""),
        response("2", "HTTP/1.1 404 Not Found\nContent-Type: text/html", article("The mill").as_bytes()),
        response("3", "HTTP/1.1 200 OK\nContent-Type: image/png", b"\x89PNG\r\n\x1a\n"),
        record("response", "4", "Content-Type: text/dns\r\n", b"20260403 post.example. A 192.0.2.1"),
        record("revisit", "5", "", b""),
        page("6", "The bridge"),
    ]
    .concat();
    let run = of_archive(&["-v"], &file);
    assert_eq!((run.code, ids(&run)), (Some(0), vec!["urn:uuid:6".to_owned()]), "{run:?}");
    for told in [
        "1 revisit",
        "1 answers redirects",
        "1 answers of another status than 200",
        "1 answers of another type than HTML",
        "1 answers not HTTP",
    ] {
        assert!(run.stderr.contains(told), "{told}: {}", run.stderr);
    }
    assert_eq!(of_archive(&[], &file).stderr, "", "nothing is said of it where nobody asks");
}

#[test]
fn what_cannot_be_used_is_a_row_and_never_ends_the_file() {
    let bomb = gzip(&b"<p>word word ".repeat(4_000_000));
    let long = response("5", HTML, "x".repeat(200_000).as_bytes());
    let file = [
        page("1", "The bridge"),
        response("2", &format!("{HTML}\nContent-Encoding: gzip"), &bomb),
        b"garbage between records\r\n".to_vec(),
        response("4", "HTTP/1.1 oh no", b""),
        long,
        response("6", "HTTP/1.1 200 OK\nContent-Type: video/mp4", "x".repeat(200_000).as_bytes()),
        response("7", HTML, NO_ARTICLE.as_bytes()),
        page("8", "The weir"),
    ]
    .concat();
    let run = of_archive(&["--max-body-bytes", "100000"], &file);
    assert_eq!(run.code, Some(3));
    let expected = ["urn:uuid:1", "urn:uuid:2", "none", "urn:uuid:4", "urn:uuid:5", "urn:uuid:7", "urn:uuid:8"];
    assert_eq!(ids(&run), expected);
    let rows = objects(&run);
    let error = |at: usize| rows[at]["error"].as_str().unwrap();
    assert!(error(1).contains("more than 100000 bytes"), "{}", error(1));
    assert_eq!(rows[1]["url"], "https://post.example/2");
    assert!(error(2).starts_with("no WARC record begins at byte"), "{}", error(2));
    assert!(error(3).contains("HTTP message"), "{}", error(3));
    assert!(error(4).starts_with("longer than 100000 bytes"), "{}", error(4));
    assert_eq!(rows[5]["verdict"], "not_an_article");
    assert_eq!(run.stderr.lines().count(), 4, "each failure is told once: {}", run.stderr);
}

#[test]
fn pages_that_the_archive_cut_off_say_so() {
    let cut = record("response", "1", "WARC-Truncated: length\r\n", &{
        let page = article("The bridge");
        let message = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{}", page.replace("</html>", ""));
        message.into_bytes()
    });
    let run = of_archive(&[], &[cut, page("2", "The weir")].concat());
    assert_eq!(objects(&run)[0]["cut_off"], "length");
    assert_eq!(objects(&run)[0]["text"], json!(body("The bridge")));
    assert!(objects(&run)[1].get("cut_off").is_none(), "{run:?}");
}

#[test]
fn records_keep_their_order_on_many_threads_unless_it_is_not_wanted() {
    // Every seventh is long, so that later ones are done before it.
    let long = article("The tower").replace("</article>", &format!("{}</article>", "<p>More of it.</p>".repeat(3000)));
    let member = |number: usize| {
        let id = number.to_string();
        if number.is_multiple_of(7) { response(&id, HTML, long.as_bytes()) } else { page(&id, "The bridge") }
    };
    let file: Vec<u8> = (0..60).flat_map(|number| gzip(&member(number))).collect();
    let expected: Vec<String> = (0..60).map(|number| format!("urn:uuid:{number}")).collect();
    let (one, four) = (of_archive(&["--threads", "1"], &file), of_archive(&["--threads", "4"], &file));
    assert_eq!((ids(&four), &four.stdout), (expected.clone(), &one.stdout));
    let mut unordered = ids(&of_archive(&["--threads", "4", "--unordered"], &file));
    unordered.sort_by_key(|id| expected.iter().position(|it| it == id));
    assert_eq!(unordered, expected);
}

#[test]
fn a_part_of_an_archive_is_read_by_its_records_numbers() {
    let file: Vec<u8> = (1..=9).flat_map(|number: u32| page(&number.to_string(), "The mill")).collect();
    let of = |range: &str| ids(&of_archive(&["--records", range], &file)).join(" ");
    let [one, two, three] = ["1..4", "4..7", "7.."].map(of);
    let whole = ids(&of_archive(&[], &file)).join(" ");
    assert_eq!(format!("{one} {two} {three}"), whole);
    assert_eq!((two.as_str(), of("5").as_str()), ("urn:uuid:4 urn:uuid:5 urn:uuid:6", "urn:uuid:5"));
}

#[test]
fn pages_of_archives_become_files_dated_by_the_archive() {
    let here = folder();
    let undated = article("The mill").replace("2026-04-02T08:30:00Z", "");
    fs::write(here.path().join("a.warc"), response("1", HTML, undated.as_bytes())).unwrap();
    let run = run_in(&here, &["extract", "a.warc", "-o", "out"]);
    assert!(run.code == Some(0) && run.stdout.starts_with("out/post.example/2026-04-03/the-mill"), "{run:?}");
    assert_eq!(fs::read_to_string(here.path().join(run.stdout.trim())).unwrap(), text("The mill"));
}

#[test]
fn another_engine_reads_the_pages_of_archives() {
    if cfg!(feature = "readability") {
        let run = of_archive(&["--engine", "readability"], &page("1", "The mill"));
        assert_eq!((run.code, &objects(&run)[0]["text"]), (Some(0), &json!(body("The mill"))), "{run:?}");
    }
}

#[test]
fn archives_come_through_pipes_too() {
    let file: Vec<u8> = (1..=3).flat_map(|number: u32| gzip(&page(&number.to_string(), "The mill"))).collect();
    let arguments = ["extract", "--format", "jsonl", "-"];
    let run: Run = gleaner(folder().path()).args(arguments).write_stdin(file).output().unwrap().into();
    assert_eq!(ids(&run), ["urn:uuid:1", "urn:uuid:2", "urn:uuid:3"]);
}
