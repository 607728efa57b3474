//! The house rules that no compiler checks: which room may know which, what pure rooms may not touch,
//! where crates may be named, and that every data file is in use.
//!
//! Each check is a function from a source text to its faults, and is shown to find a fault below.
#![allow(clippy::unwrap_used, reason = "a panic in a test is a failure that names its line")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

// ---------------------------------------------------------------- reading Rust

/// A token that matters here: a word, or one of the marks that paths are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Join,
    Open,
    Close,
    Other(char),
}

/// A path of names as it stands in the source, `use` groups spread out, with the line it begins on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    line: usize,
    path: Vec<String>,
}

/// Cuts a source into tokens with their lines; comments and the insides of literals are left out.
fn tokens(source: &str) -> Vec<(usize, Token)> {
    let chars: Vec<char> = source.chars().collect();
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(&c) = chars.get(at) {
        let next = chars.get(at + 1).copied();
        let end = match c {
            '/' if next == Some('/') => skip_while(&chars, at, |c| c != '\n'),
            '/' if next == Some('*') => skip_past(&chars, at + 2, &['*', '/']),
            '"' => skip_string(&chars, at + 1),
            '\'' if is_char_literal(&chars, at) => skip_char_literal(&chars, at + 1),
            'r' | 'b' if raw_hashes(&chars, at).is_some() => skip_raw(&chars, at),
            ':' if next == Some(':') => {
                found.push((line, Token::Join));
                at + 2
            }
            _ if c.is_alphanumeric() || c == '_' => {
                let end = skip_while(&chars, at, |c| c.is_alphanumeric() || c == '_');
                found.push((line, Token::Word(chars[at..end].iter().collect())));
                end
            }
            _ => {
                match c {
                    '{' => found.push((line, Token::Open)),
                    '}' => found.push((line, Token::Close)),
                    _ if c.is_whitespace() => {}
                    _ => found.push((line, Token::Other(c))),
                }
                at + 1
            }
        };
        let end = end.min(chars.len());
        line += chars[at..end].iter().filter(|c| **c == '\n').count();
        at = end;
    }
    found
}

fn skip_while(chars: &[char], from: usize, go_on: impl Fn(char) -> bool) -> usize {
    from + chars[from..].iter().take_while(|c| go_on(**c)).count()
}

fn skip_past(chars: &[char], from: usize, end: &[char]) -> usize {
    let rest = chars.get(from..).unwrap_or_default();
    rest.windows(end.len()).position(|window| window == end).map_or(chars.len(), |at| from + at + end.len())
}

fn skip_string(chars: &[char], mut at: usize) -> usize {
    while let Some(c) = chars.get(at) {
        match c {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    at
}

/// Tells `'a'` and `'\n'` from the lifetime `'a`.
fn is_char_literal(chars: &[char], at: usize) -> bool {
    chars.get(at + 1) == Some(&'\\') || chars.get(at + 2) == Some(&'\'')
}

fn skip_char_literal(chars: &[char], at: usize) -> usize {
    let at = if chars.get(at) == Some(&'\\') { at + 2 } else { at + 1 };
    skip_while(chars, at.min(chars.len()), |c| c != '\'') + 1
}

/// The number of `#` of a raw string that begins here, after any `b` or `r` before it.
fn raw_hashes(chars: &[char], at: usize) -> Option<usize> {
    let before = at.checked_sub(1).and_then(|at| chars.get(at));
    if before.is_some_and(|c| c.is_alphanumeric() || *c == '_') {
        return None;
    }
    let at = if chars[at] == 'b' { at + 1 } else { at };
    (chars.get(at) == Some(&'r')).then_some(())?;
    let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
    (chars.get(at + 1 + hashes) == Some(&'"')).then_some(hashes)
}

fn skip_raw(chars: &[char], at: usize) -> usize {
    let hashes = raw_hashes(chars, at).unwrap_or(0);
    let open = skip_while(chars, at, |c| c != '"') + 1;
    let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    skip_past(chars, open, &end)
}

/// Every path of a source. `use a::{b, c::d}` gives `a::b` and `a::c::d`; a lone word is a path of one.
fn paths(source: &str) -> Vec<Named> {
    let tokens = tokens(source);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        at = match tokens[at].1 {
            Token::Word(_) => path_at(&tokens, at, &[], &mut found),
            _ => at + 1,
        };
    }
    found
}

/// Reads the path that begins at `at` below `prefix`; gives where to go on.
fn path_at(tokens: &[(usize, Token)], mut at: usize, prefix: &[String], found: &mut Vec<Named>) -> usize {
    let line = tokens[at].0;
    let mut path = prefix.to_vec();
    while let Some((_, Token::Word(word))) = tokens.get(at) {
        path.push(word.clone());
        at += 1;
        match (tokens.get(at), tokens.get(at + 1)) {
            (Some((_, Token::Join)), Some((_, Token::Open))) => return group_at(tokens, at + 2, &path, found),
            (Some((_, Token::Join)), Some((_, Token::Word(_)))) => at += 1,
            (Some((_, Token::Word(word))), Some(_)) if word == "as" && !prefix.is_empty() => {
                at += 2;
                break;
            }
            _ => break,
        }
    }
    found.push(Named { line, path });
    at
}

/// Reads the group of a `use` after its opening brace.
fn group_at(tokens: &[(usize, Token)], mut at: usize, prefix: &[String], found: &mut Vec<Named>) -> usize {
    while let Some((_, token)) = tokens.get(at) {
        match token {
            Token::Close => return at + 1,
            Token::Word(_) => at = path_at(tokens, at, prefix, found),
            _ => at += 1,
        }
    }
    at
}

/// The source without its unit tests, which may do what the room may not: everything from the first
/// `#[cfg(test)]` that opens a module's body at the left edge.
fn without_tests(source: &str) -> &str {
    source.split_once("\n#[cfg(test)]\nmod tests {").map_or(source, |(before, _)| before)
}

/// Whether a file holds nothing but unit tests (`extract/tests.rs`, `fetch/tests/server.rs`).
fn is_test_file(file: &Path) -> bool {
    module_of(file).iter().any(|name| name == "tests")
}

// ---------------------------------------------------------------- the rooms

/// A room's place in the building; a room may know those of lower floors and itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Floor {
    Values,
    Pure,
    Effects,
    Config,
    Crawl,
    CommandLine,
}

/// The floor of a room. `extract::block` is a value for those who look in; its file is the extractor's own.
fn floor(room: &str) -> Option<Floor> {
    Some(match room {
        "page" | "article" | "eight" | "extract::block" | "key" | "path" | "crash" | "trouble" => Floor::Values,
        "extract" | "render" | "feed" | "fingerprint" => Floor::Pure,
        "fetch" | "frontier" | "output" => Floor::Effects,
        "config" | "ledger" => Floor::Config,
        "crawl" => Floor::Crawl,
        "cli" | "main" => Floor::CommandLine,
        _ => return None,
    })
}

/// The module path of a file below `src`: `extract/dom/tag.rs` is `extract::dom::tag`.
fn module_of(file: &Path) -> Vec<String> {
    let mut path: Vec<String> =
        file.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if path.last().is_some_and(|name| name == "mod") {
        path.pop();
    }
    path
}

/// The room that a path from the crate's root leads to.
fn room_of(path: &[String]) -> Option<String> {
    match path {
        [first, second, ..] if first == "extract" && second == "block" => Some("extract::block".into()),
        [first, ..] => floor(first).map(|_| first.clone()),
        [] => None,
    }
}

/// A path as seen from the crate's root, where it leads into this crate.
fn from_root(module: &[String], path: &[String]) -> Option<Vec<String>> {
    match path.first().map(String::as_str) {
        Some("crate" | "gleaner") => Some(path[1..].to_vec()),
        Some("super") => {
            let ups = path.iter().take_while(|part| *part == "super").count();
            let base = module.len().checked_sub(ups)?;
            Some(module[..base].iter().chain(&path[ups..]).cloned().collect())
        }
        _ => None,
    }
}

/// Rooms that a file knows and should not.
fn layering_faults(file: &Path, source: &str) -> Vec<String> {
    let module = module_of(file);
    let home = module.first().filter(|name| floor(name).is_some() && !is_test_file(file));
    let Some(here) = home.cloned() else { return Vec::new() };
    let mut faults = Vec::new();
    for Named { line, path } in paths(without_tests(source)) {
        let Some(there) = from_root(&module, &path).and_then(|path| room_of(&path)) else { continue };
        let same = here == there || (here == "main" && there == "cli");
        let (Some(from), Some(to)) = (floor(&here), floor(&there)) else { continue };
        // Values are made of values and pure rooms may use each other; rooms with effects are blind to each other.
        let neighbours = from == to && from <= Floor::Pure;
        if !same && !neighbours && to >= from {
            faults.push(format!("{}:{line}: {here} knows {there}", file.display()));
        }
    }
    faults
}

// ---------------------------------------------------------------- what is named where

/// What values and pure rooms never touch: input and output, the clock, the environment, async.
const IMPURE: &[&[&str]] = &[
    &["tokio"],
    &["reqwest"],
    &["rusqlite"],
    &["futures_util"],
    &["rand"],
    &["tempfile"],
    &["async"],
    &["std", "fs"],
    &["std", "net"],
    &["std", "env"],
    &["std", "process"],
    &["std", "thread"],
    &["SystemTime", "now"],
    &["Instant", "now"],
    &["Timestamp", "now"],
    &["Zoned", "now"],
    &["fs", "read"],
    &["fs", "write"],
    &["File", "open"],
];

/// The crates that parse and hold HTML trees.
const PARSERS: &[&[&str]] = &[
    &["scraper"],
    &["html5ever"],
    &["html5ever_026"],
    &["ego_tree"],
    &["markup5ever"],
    &["markup5ever_rcdom"],
    &["selectors"],
    &["cssparser"],
];

/// Paths of `source` that hold one of the `banned` runs of names. A run of one name counts where a path
/// begins with it, for `text.rand` is no crate; longer runs count anywhere.
fn banned_faults(file: &Path, source: &str, banned: &[&[&str]]) -> Vec<String> {
    let holds = |path: &[String], run: &[&str]| match run {
        [name] => path.first().is_some_and(|first| first == name) && (path.len() > 1 || *name == "async"),
        _ => path.windows(run.len()).any(|window| window.iter().zip(run).all(|(a, b)| a == b)),
    };
    let mut faults = Vec::new();
    for Named { line, path } in paths(source) {
        for run in banned.iter().filter(|run| holds(&path, run)) {
            faults.push(format!("{}:{line}: {}", file.display(), run.join("::")));
        }
    }
    faults
}

fn is_pure(file: &Path) -> bool {
    room_of(&module_of(file)).and_then(|room| floor(&room)).is_some_and(|floor| floor <= Floor::Pure)
}

fn purity_faults(file: &Path, source: &str) -> Vec<String> {
    if is_pure(file) && !is_test_file(file) { banned_faults(file, without_tests(source), IMPURE) } else { Vec::new() }
}

fn parser_faults(file: &Path, source: &str) -> Vec<String> {
    let module = module_of(file);
    let in_dom = matches!(module.as_slice(), [first, second, ..] if first == "extract" && second == "dom");
    if in_dom { Vec::new() } else { banned_faults(file, source, PARSERS) }
}

fn anyhow_faults(file: &Path, source: &str) -> Vec<String> {
    let at_home = matches!(module_of(file).first().map(String::as_str), Some("main" | "cli"));
    if at_home { Vec::new() } else { banned_faults(file, source, &[&["anyhow"]]) }
}

// ---------------------------------------------------------------- what is left lying about

/// Tests switched off, and code that says it is not there yet.
fn unfinished_faults(file: &Path, source: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for window in tokens(source).windows(3) {
        let [(line, first), (_, second), (_, third)] = window else { continue };
        let (first, second, third) = (as_text(first), as_text(second), as_text(third));
        let ignored = (first.as_str(), second.as_str(), third.as_str()) == ("#", "[", "ignore");
        let absent = second == "!" && matches!(first.as_str(), "todo" | "unimplemented");
        if ignored || absent {
            faults.push(format!("{}:{line}: {first}{second}{third}", file.display()));
        }
    }
    faults
}

fn as_text(token: &Token) -> String {
    match token {
        Token::Word(word) => word.clone(),
        Token::Other(mark) => mark.to_string(),
        Token::Join => "::".into(),
        Token::Open => "{".into(),
        Token::Close => "}".into(),
    }
}

/// Marks of a merge that went wrong, and notes that belong into an issue.
fn marker_faults(file: &Path, text: &str) -> Vec<String> {
    // Written apart, so that this file does not hold them.
    let marks = [["<<<<", "<<< "], [">>>>", ">>> "], ["TO", "DO"], ["FIX", "ME"]].map(|halves| halves.concat());
    let holds = |line: &str| marks.iter().any(|mark| line.contains(mark.as_str()));
    let lines = text.lines().enumerate().filter(|(_, line)| holds(line));
    lines.map(|(at, line)| format!("{}:{}: {line}", file.display(), at + 1)).collect()
}

/// The files that a source takes in with `include_str!` or `include_bytes!`, as written. Where a macro
/// puts names together, `concat!("a/", $name, ".b")`, every short literal of the source may be the name.
fn included(source: &str) -> Vec<String> {
    let opened = source.split("include_str!(").skip(1).chain(source.split("include_bytes!(").skip(1));
    opened.flat_map(|rest| included_by(rest.trim_start(), source)).collect()
}

fn included_by(call: &str, source: &str) -> Vec<String> {
    let Some(parts) = call.strip_prefix("concat!(") else {
        return call
            .strip_prefix('"')
            .and_then(|rest| rest.split_once('"'))
            .map(|(path, _)| path.into())
            .into_iter()
            .collect();
    };
    let parts: Vec<&str> = parts.split(')').next().unwrap_or_default().split(',').map(str::trim).collect();
    let [before, name, after] = parts.as_slice() else { return Vec::new() };
    let (before, after) = (before.trim_matches('"'), after.trim_matches('"'));
    assert!(name.starts_with('$'), "tests/tidy.rs cannot read include_str!({call:.60}");
    let names = source.split('"').skip(1).step_by(2).filter(|name| name.len() < 20 && !name.contains(['/', '.']));
    names.map(|name| format!("{before}{name}{after}")).collect()
}

/// Names that say nothing of what a file is about.
fn name_faults(file: &Path) -> Vec<String> {
    let empty = ["util", "utils", "helper", "helpers", "manager", "common", "misc"];
    module_of(file)
        .into_iter()
        .filter(|name| empty.contains(&name.as_str()))
        .map(|name| format!("{}: {name}", file.display()))
        .collect()
}

// ---------------------------------------------------------------- the tree

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder`, sorted.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut waiting = vec![folder.to_path_buf()];
    let mut files = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|cause| panic!("{}: {cause}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() { waiting.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// Runs a check over the Rust files of the given folders, each named as seen from its folder.
fn check(folders: &[&str], check: impl Fn(&Path, &str) -> Vec<String>) {
    let mut faults = Vec::new();
    for folder in folders.iter().map(|folder| root().join(folder)).filter(|folder| folder.is_dir()) {
        for file in files_below(&folder).iter().filter(|file| file.extension().is_some_and(|ext| ext == "rs")) {
            faults.extend(check(file.strip_prefix(&folder).unwrap(), &fs::read_to_string(file).unwrap()));
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn rooms_know_only_lower_floors() {
    check(&["src"], layering_faults);
}

#[test]
fn every_module_has_a_floor() {
    let entries = fs::read_dir(root().join("src")).unwrap().map(|entry| entry.unwrap().path());
    let names =
        entries.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).filter(|name| name != "lib");
    let homeless: Vec<String> = names.filter(|name| floor(name).is_none()).collect();
    assert!(homeless.is_empty(), "give {homeless:?} a floor in tests/tidy.rs and docs/architecture.md");
}

#[test]
fn pure_rooms_touch_nothing() {
    check(&["src"], purity_faults);
}

#[test]
fn only_the_dom_room_names_a_parser() {
    check(&["src"], parser_faults);
}

#[test]
fn anyhow_stays_in_the_command_line() {
    check(&["src"], anyhow_faults);
}

#[test]
fn nothing_is_ignored_or_left_for_later() {
    check(&["src", "tests", "benches", "eval"], unfinished_faults);
}

#[test]
fn no_markers_are_left() {
    check(&["src", "tests", "benches", "eval"], marker_faults);
}

#[test]
fn files_are_named_after_what_they_hold() {
    check(&["src"], |file, _| name_faults(file));
}

#[test]
fn every_data_file_is_compiled_in() {
    let data = root().join("src/extract/data");
    let mut used = BTreeSet::new();
    for file in files_below(&root().join("src")).iter().filter(|file| file.extension().is_some_and(|ext| ext == "rs")) {
        let paths = included(&fs::read_to_string(file).unwrap());
        // What is no file comes of a name that was put together; the compiler checks the others.
        used.extend(paths.iter().filter_map(|path| fs::canonicalize(file.parent().unwrap().join(path)).ok()));
    }
    let data_files = if data.is_dir() { files_below(&data) } else { Vec::new() };
    let unused: Vec<_> = data_files.iter().filter(|file| !used.contains(&fs::canonicalize(file).unwrap())).collect();
    assert!(unused.is_empty(), "no include_str! takes in {unused:?}");
}

#[test]
fn the_core_pulls_no_runtime_network_database_or_command_line() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--no-default-features", "-e", "normal", "--prefix", "none", "--offline", "--locked"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).unwrap();
    assert!(tree.contains("scraper v"), "this is not the tree of the core:\n{tree}");
    assert_eq!(crates_of(&tree, &["tokio", "reqwest", "rusqlite", "clap", "hyper", "indicatif", "anyhow"]), [""; 0]);
}

/// Those of `names` that stand in the output of `cargo tree --prefix none`.
fn crates_of<'a>(tree: &str, names: &[&'a str]) -> Vec<&'a str> {
    let present: BTreeSet<&str> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    names.iter().copied().filter(|name| present.contains(name)).collect()
}

#[test]
fn continuous_integration_runs_what_the_readme_says() {
    let read = |name: &str| fs::read_to_string(root().join(name)).unwrap();
    let (readme, script) = (read("README.md"), read(".ci/run"));
    for command in ["cargo test", "cargo run --release -- extract fixtures/ghost_member_goal/page.html"] {
        assert!(has_line(&readme, command), "README.md lacks the line `{command}`");
        assert!(script.contains(command), ".ci/run does not run `{command}`");
    }
}

/// Whether a command stands alone on a line, as in a code block.
fn has_line(text: &str, command: &str) -> bool {
    text.lines().any(|line| line.trim() == command)
}

// ---------------------------------------------------------------- each check can fail

fn spread(source: &str) -> Vec<String> {
    paths(source).into_iter().map(|named| named.path.join("::")).collect()
}

#[test]
fn reads_paths_and_spreads_groups() {
    assert_eq!(
        spread("use crate::{page::Page, extract::{self, block as b}};"),
        ["use", "crate::page::Page", "crate::extract::self", "crate::extract::block"]
    );
    assert_eq!(spread("let x = a::b(c);"), ["let", "x", "a::b", "c"]);
}

#[test]
fn reads_past_comments_and_literals() {
    let hidden =
        "// std::fs\n/* std::fs */ \"std::fs \\\" std::fs\" r#\"std::fs \" \"# br\"std::fs\" 'x' '\\'' '\"' \"\"";
    assert_eq!(spread(hidden), [""; 0]);
    assert_eq!(spread("fn f<'a>(x: &'a str) {}"), ["fn", "f", "a", "x", "a", "str"]);
    assert_eq!(paths("\"\n\n\" a").first().map(|named| named.line), Some(3));
}

#[test]
fn unit_tests_are_cut_off() {
    assert_eq!(without_tests("use a;\n#[cfg(test)]\nmod tests {\n use std::fs;\n}"), "use a;");
    assert_eq!(without_tests("a\n#[cfg(test)]\nmod tests;\nb"), "a\n#[cfg(test)]\nmod tests;\nb");
}

fn layering(file: &str, source: &str) -> usize {
    layering_faults(Path::new(file), source).len()
}

#[test]
fn finds_rooms_that_know_too_much() {
    for (file, source) in [
        ("page.rs", "use crate::extract::Extractor;"),
        ("extract/block.rs", "use super::super::output::Writer;"),
        ("article.rs", "use crate::render::text;"),
        ("extract/mod.rs", "use crate::fetch::Fetcher;"),
        ("render.rs", "use crate::{article::Article, output::Writer};"),
        ("render/text.rs", "use super::super::config::Config;"),
        ("feed/mod.rs", "fn f(x: crate::frontier::Lease) {}"),
        ("fetch/guard.rs", "use crate::frontier::Host;"),
        ("frontier/mod.rs", "use crate::output::RelativePath;"),
        ("output.rs", "use crate::config::Config;"),
        ("config.rs", "use crate::crawl::run;"),
        ("crawl/worker.rs", "use crate::cli;"),
    ] {
        assert_eq!(layering(file, source), 1, "{file}: {source}");
    }
}

#[test]
fn lets_rooms_know_what_lies_below() {
    for (file, source) in [
        ("article.rs", "use crate::extract::block::Boilerplate;"),
        ("extract/rules/words.rs", "use super::super::block::Block; use crate::page::Page; use super::x;"),
        ("render.rs", "use crate::article::Article;"),
        ("fetch/mod.rs", "use crate::page::Page; use super::fetch::guard;"),
        ("crawl/mod.rs", "use crate::{config::Config, fetch::Fetcher, frontier::Frontier, extract::Extractor};"),
        ("main.rs", "gleaner::cli::main()"),
        ("lib.rs", "pub use crate::cli;"),
        ("fetch/mod.rs", "// crate::crawl\nfn f() {}\n#[cfg(test)]\nmod tests { use crate::crawl::run; }"),
    ] {
        assert_eq!(layering(file, source), 0, "{file}: {source}");
    }
}

#[test]
fn finds_impure_pure_rooms() {
    let faults = |file: &str, source: &str| purity_faults(Path::new(file), source).len();
    for source in [
        "use std::{fs, io};",
        "let now = jiff::Timestamp::now();",
        "std::env::var(name)",
        "use tokio::sync::Mutex;",
        "async fn f() {}",
        "use std::net::IpAddr;",
        "let t = SystemTime::now();",
    ] {
        assert_eq!(faults("extract/mod.rs", source), 1, "{source}");
        assert_eq!(faults("fetch/mod.rs", source), 0, "{source}");
    }
    assert_eq!(faults("page.rs", "let rand = 1; fn now() {} env!(X); include_str!(Y)"), 0);
}

#[test]
fn finds_parsers_outside_the_dom() {
    let faults = |file: &str| parser_faults(Path::new(file), "use scraper::Html;").len();
    assert_eq!([faults("extract/mod.rs"), faults("extract/dom.rs"), faults("extract/dom/build.rs")], [1, 0, 0]);
}

#[test]
fn finds_anyhow_outside_the_command_line() {
    let faults = |file: &str| anyhow_faults(Path::new(file), "fn f() -> anyhow::Result<()> {}").len();
    assert_eq!([faults("crawl/mod.rs"), faults("cli/run.rs"), faults("main.rs")], [1, 0, 0]);
}

#[test]
fn finds_what_is_unfinished() {
    let faults = |source: &str| unfinished_faults(Path::new("x.rs"), source).len();
    assert_eq!(faults("#[test]\n#[ignore]\nfn f() {}"), 1);
    assert_eq!(faults("#[ignore = \"slow\"]"), 1);
    assert_eq!(faults("fn f() { todo!() } fn g() { unimplemented!(\"x\") }"), 2);
    assert_eq!(faults("let ignore = [1]; // todo!()"), 0);
}

#[test]
fn finds_markers() {
    let text = ["a\n// TO", "DO: b\n<<<<", "<<< HEAD\n<<<<< x"].concat();
    assert_eq!(marker_faults(Path::new("x.rs"), &text).len(), 2);
}

#[test]
fn finds_included_files() {
    assert_eq!(
        included("const A: &str = include_str!(\"data/a.toml\"); include_bytes!( \"b\" )"),
        ["data/a.toml", "b"]
    );
}

#[test]
fn finds_names_that_say_nothing() {
    assert_eq!(name_faults(Path::new("extract/utils.rs")).len(), 1);
    assert_eq!(name_faults(Path::new("extract/lexicon.rs")).len(), 0);
}

#[test]
fn finds_crates_in_a_tree() {
    assert_eq!(crates_of("a v1.0.0\ntokio v1.2.3 (*)\ntokio-util v1", &["tokio", "clap"]), ["tokio"]);
}

#[test]
fn finds_commands_only_on_lines_of_their_own() {
    assert!(has_line("```\ncargo test\n```", "cargo test") && !has_line("run cargo test now", "cargo test"));
}
