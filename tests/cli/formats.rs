//! `--format`, `--with-links`, `--with-images`, `--front-matter` and `--sidecar`, as users call them.

use super::{Run, article, folder, gleaner, run_in, text};
use std::fs;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A folder with a page in it that has a list, a table, code, a quotation, a link and an image.
fn rich() -> TempDir {
    let here = folder();
    let more = r#"<h2>What it *costs*</h2><ul><li>Grown-ups <a href="/tickets?a=1&amp;b=2">pay</a><ul><li>less on Mondays</li></ul></li><li>Children do not</li></ul>
<figure><img src="/gate.jpg" alt="The gate" width="800" height="600"><figcaption>The gate on the first morning</figcaption></figure>
<table><tr><th>Day</th><th>Hours</th></tr><tr><td>Monday</td><td>9 | 5</td></tr><tr><td>Sunday</td><td></td></tr></table>
<pre><code>open(gate)
    if rain:
        close()</code></pre>
<blockquote><p>It was worth every hour that we waited for it.</p></blockquote>
<p>The architect"#;
    let page = article("The gate").replacen("<p>The architect", more, 1);
    fs::write(here.path().join("a.html"), page).unwrap();
    here
}

fn show(here: &TempDir, arguments: &[&str]) -> Run {
    // What is doubtful on so small a page stays.
    let page = ["extract", "a.html", "--base-url", "https://post.example/gate", "--level", "generous"];
    let run = run_in(here, &[&page, arguments].concat());
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    run
}

#[test]
fn markdown_has_headings_lists_tables_code_and_quotations() {
    let run = show(&rich(), &["--format", "markdown"]);
    for lines in [
        "# The gate opens after two years of work\n\nThe gate has opened",
        "\n\n## What it \\*costs\\*\n\n",
        "\n\n- Grown-ups pay\n  - less on Mondays\n- Children do not\n\n",
        "\n\n| Day | Hours |\n| --- | --- |\n| Monday | 9 \\| 5 |\n| Sunday |  |\n\n",
        "\n\n```\nopen(gate)\n    if rain:\n        close()\n```\n\n",
        "\n\n> It was worth every hour that we waited for it.\n\nThe architect said",
    ] {
        assert!(run.stdout.contains(lines), "{lines}\nis missing in\n{}", run.stdout);
    }
    assert!(run.stdout.ends_with("end of the summer.\n") && !run.stdout.contains("post.example"), "{}", run.stdout);
}

#[test]
fn links_and_images_come_where_they_are_asked_for() {
    let here = rich();
    let markdown = show(&here, &["--format", "markdown", "--with-links", "--with-images"]).stdout;
    assert!(markdown.contains("- Grown-ups [pay](https://post.example/tickets?a=1&b=2)\n"), "{markdown}");
    let image = "\n\n![The gate](https://post.example/gate.jpg)\n\n*The gate on the first morning*\n\n| Day";
    assert!(markdown.contains(image), "{markdown}");
    let html = show(&here, &["--format", "html", "--with-links"]).stdout;
    assert!(html.contains("<a href=\"https://post.example/tickets?a=1&amp;b=2\"") && !html.contains("<img"), "{html}");
    let json = show(&here, &["--format", "json", "--with-images"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let images: Vec<_> = json["blocks"].as_array().unwrap().iter().filter_map(|block| block.get("images")).collect();
    let url = "https://post.example/gate.jpg";
    let caption = "The gate on the first morning";
    assert_eq!(images, [&serde_json::json!([{"at": 0, "url": url, "alt": "The gate", "caption": caption}])]);
    let plain = show(&here, &[]).stdout;
    assert!(plain.contains("- Grown-ups pay\n  - less on Mondays\n") && !plain.contains("http"), "{plain}");
}

#[test]
fn html_is_a_page_of_the_article_alone() {
    let html = show(&rich(), &["--format", "html"]).stdout;
    for line in [
        "<title>The gate opens after two years of work</title>",
        "<h1>The gate opens after two years of work</h1>",
        "<tr><th>Day</th><th>Hours</th></tr>",
        "<tr><td>Sunday</td><td></td></tr>",
    ] {
        assert!(html.lines().any(|it| it == line), "{line} is missing in\n{html}");
    }
    assert!(html.starts_with("<!DOCTYPE html>\n") && html.ends_with("</article>\n</body>\n</html>\n"), "{html}");
    assert!(!html.contains("Subscribe") && !html.contains("<script"), "{html}");
}

#[test]
fn json_has_the_blocks_and_json_lines_do_not() {
    let here = rich();
    let of = |format| serde_json::from_str::<serde_json::Value>(&show(&here, &["--format", format]).stdout).unwrap();
    let (document, line) = (of("json"), of("jsonl"));
    let header = serde_json::json!({"role": "row", "is_header": true, "opens_table": true, "text": "Day\tHours"});
    let item = serde_json::json!({"role": "list_item", "depth": 2, "number": null, "text": "less on Mondays"});
    let blocks = document["blocks"].as_array().unwrap();
    assert!(blocks.contains(&header) && blocks.contains(&item), "{blocks:#?}");
    assert_eq!((&document["version"], &line["version"]), (&1.into(), &1.into()));
    assert!(line.get("blocks").is_none() && document.get("id").is_none() && line["id"].is_null());
    assert_eq!(document["text"], line["text"]);
}

#[test]
fn files_are_named_after_their_format_and_the_manifest_knows_them() {
    let here = rich();
    for (format, extension) in [("text", "txt"), ("markdown", "md"), ("json", "json"), ("html", "html")] {
        let path = show(&here, &["--format", format, "-o", format]).stdout.trim_end().to_owned();
        assert!(path.ends_with(&format!(".{extension}")), "{path}");
        assert!(fs::read_to_string(here.path().join(&path)).unwrap().ends_with('\n'));
        let manifest = fs::read_to_string(here.path().join(format).join("manifest.jsonl")).unwrap();
        assert!(manifest.contains(path.split_once('/').unwrap().1), "{manifest}");
    }
    let run = show(&here, &["--format", "markdown", "-o", "text"]);
    assert!(run.stdout.ends_with(".md\n"), "what is asked for counts more than what is there: {}", run.stdout);
}

#[test]
fn front_matter_stands_above_markdown_too() {
    let run = show(&rich(), &["--format", "markdown", "--front-matter"]);
    let (front, rest) = run.stdout.strip_prefix("---\n").unwrap().split_once("---\n\n").unwrap();
    for line in
        ["title: \"The gate opens", "url: \"https://post.example/gate\"", "date: 2026-04-02", "language: \"en\""]
    {
        assert!(front.lines().any(|there| there.starts_with(line)), "{line} is missing in\n{front}");
    }
    assert!(rest.starts_with("# The gate opens"), "{rest}");
}

#[test]
fn sidecars_stand_beside_their_files_and_say_what_is_known() {
    let here = rich();
    let path = show(&here, &["-o", "out", "--sidecar"]).stdout.trim_end().to_owned();
    let sidecar = fs::read(here.path().join(format!("{path}.json"))).unwrap();
    let sidecar: serde_json::Value = serde_json::from_slice(&sidecar).unwrap();
    assert_eq!(sidecar["title"], "The gate opens after two years of work");
    assert_eq!((&sidecar["url"], &sidecar["version"]), (&"https://post.example/gate".into(), &1.into()));
    assert!(sidecar.get("blocks").is_none() && sidecar["confidence"].is_f64(), "{sidecar}");
    let file = fs::read_to_string(here.path().join(path)).unwrap();
    assert!(file.starts_with("The gate opens"), "{file}");
}

#[test]
fn several_articles_stand_below_their_inputs_whatever_their_format() {
    let here = rich();
    fs::write(here.path().join("b.html"), article("The mill")).unwrap();
    let run = run_in(&here, &["extract", "a.html", "b.html", "--format", "markdown"]);
    assert!(run.stdout.starts_with("==> a.html <==\n\n# The gate opens"), "{}", run.stdout);
    let last = format!("\n\n==> b.html <==\n\n# {}", text("The mill"));
    assert!(run.stdout.ends_with(&last), "{}", run.stdout);
}

#[test]
fn reader_that_has_had_enough_ends_every_format_quietly() {
    for format in ["markdown", "html", "json"] {
        let here = rich();
        let mut child = Command::new(env!("CARGO_BIN_EXE_gleaner"))
            .current_dir(here.path())
            .args(["extract", "--format", format, "-", "a.html"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        drop(child.stdin.take());
        assert_eq!(child.wait().unwrap().code(), Some(0), "{format}");
    }
}

#[test]
fn standard_input_is_read_into_every_format() {
    let here = folder();
    for (format, beginning) in
        [("markdown", "# The dam opens"), ("html", "<!DOCTYPE html>"), ("json", "{\"version\":1,")]
    {
        let mut command = gleaner(here.path());
        let run: Run =
            command.args(["extract", "-", "--format", format]).write_stdin(article("The dam")).output().unwrap().into();
        assert!(run.code == Some(0) && run.stdout.starts_with(beginning), "{run:?}");
    }
}
