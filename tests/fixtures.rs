//! The fixture folders: each page of `fixtures/<case>/` must give exactly the text that its
//! `expected.txt` holds. `UPDATE=1 cargo test --test fixtures` writes what the extractor gives now.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test says what broke by failing there")]

use gleaner::article::{Article, Metadata};
use gleaner::extract::block::Boilerplate;
use gleaner::extract::{Detail, Extraction, Extractor, Options, Removal};
use gleaner::page::Page;
use gleaner::render;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use url::Url;

/// Lines of this many characters or more must not stand twice in an expected text: a block that
/// comes out twice is the extractor's fault, shorter lines ("Yes.") repeat in good prose.
const REPEATABLE_CHARS: usize = 40;

/// Distance in bytes between the cuts of the truncation test: a prime, so that the cuts fall
/// inside tags, attributes, entities and multi-byte characters alike.
const CUT_STEP_BYTES: usize = 997;

/// The kinds that more than 3 of 100 news pages have within the article's zone, by a count over 438 pages with known
/// bodies; `embedded`, `ticker` and `hidden` by a count of their own.
const FREQUENT: [Boilerplate; 36] = [
    Boilerplate::Timestamp,
    Boilerplate::Byline,
    Boilerplate::Nav,
    Boilerplate::Caption,
    Boilerplate::RelatedList,
    Boilerplate::Share,
    Boilerplate::ReadAlso,
    Boilerplate::Tags,
    Boilerplate::AuthorBio,
    Boilerplate::Comments,
    Boilerplate::Newsletter,
    Boilerplate::MostRead,
    Boilerplate::Tools,
    Boilerplate::Ad,
    Boilerplate::GalleryCtl,
    Boilerplate::Pagination,
    Boilerplate::VideoPlayer,
    Boilerplate::Breadcrumb,
    Boilerplate::Copyright,
    Boilerplate::Paywall,
    Boilerplate::CommentForm,
    Boilerplate::SourceAttr,
    Boilerplate::ContactTip,
    Boilerplate::FollowUs,
    Boilerplate::Login,
    Boilerplate::EventPromo,
    Boilerplate::Consent,
    Boilerplate::AudioAiNotice,
    Boilerplate::ReadingTime,
    Boilerplate::Membership,
    Boilerplate::SocialEmbed,
    Boilerplate::Disclaimer,
    Boilerplate::FormState,
    Boilerplate::Embedded,
    Boilerplate::Ticker,
    Boilerplate::Hidden,
];

/// `case.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What the page is built like, in one sentence.
    models: String,
    /// Where the page is said to stand.
    url: Url,
    /// The `Content-Type` header, where one was sent.
    content_type: Option<String>,
    expect: Expect,
}

/// What must come out beside the text; what is left out is not checked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    verdict: String,
    title: Option<String>,
    authors: Option<Vec<String>>,
    published: Option<String>,
    language: Option<String>,
    site: Option<String>,
    canonical_url: Option<String>,
    subtitle: Option<String>,
    modified: Option<String>,
    section: Option<String>,
    tags: Option<Vec<String>>,
    image: Option<String>,
    license: Option<String>,
    accessible_for_free: Option<bool>,
    agency: Option<String>,
    /// Where the value of a field must come from, by the field's id.
    #[serde(default)]
    sources: BTreeMap<String, String>,
    /// `field source value` of what must be told although it was not taken.
    #[serde(default)]
    claims: Vec<String>,
    /// For each, at least one removal of this kind must hold the words.
    #[serde(default)]
    removed: Vec<Removed>,
    /// Words that must stand in the text: what the case guards against losing.
    #[serde(default)]
    kept: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Removed {
    kind: Boilerplate,
    has: String,
}

/// One folder, read.
struct Fixture {
    name: String,
    folder: PathBuf,
    case: Case,
    body: Vec<u8>,
    /// The body is `page.txt`, a text without markup.
    is_text: bool,
    expected: String,
}

impl Fixture {
    fn read(folder: &Path) -> Result<Self, String> {
        let bytes =
            |file: &str| fs::read(folder.join(file)).map_err(|cause| format!("{}/{file}: {cause}", folder.display()));
        let text = |file: &str| {
            String::from_utf8(bytes(file)?).map_err(|cause| format!("{}/{file}: {cause}", folder.display()))
        };
        let case: Case =
            toml::from_str(&text("case.toml")?).map_err(|cause| format!("{}/case.toml: {cause}", folder.display()))?;
        if case.models.is_empty() {
            return Err(format!("{}/case.toml: `models` says nothing", folder.display()));
        }
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_text = folder.join("page.txt").is_file();
        let body = bytes(if is_text { "page.txt" } else { "page.html" })?;
        Ok(Self { name, folder: folder.to_owned(), case, body, is_text, expected: text("expected.txt")? })
    }

    /// What comes of the first `end` bytes.
    fn extract(&self, extractor: &Extractor, end: usize) -> Extraction {
        if self.is_text {
            return extractor.extract_text(&String::from_utf8_lossy(&self.body[..end]));
        }
        extractor.extract(&Page { body: self.body[..end].to_vec().into(), ..self.page() })
    }

    fn page(&self) -> Page {
        Page {
            content_type: self.case.content_type.clone(),
            ..Page::from_bytes(self.body.clone()).at(self.case.url.clone())
        }
    }
}

/// Every case, by name. Hidden folders (`.inbox`) are not cases yet.
///
/// # Panics
/// Where a folder lacks a file or its `case.toml` does not parse, and where there is no case at all.
fn fixtures() -> Vec<Fixture> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut folders: Vec<PathBuf> = fs::read_dir(&root)
        .unwrap_or_else(|cause| panic!("{}: {cause}", root.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir() && !path.file_name().unwrap().to_string_lossy().starts_with('.'))
        .collect();
    folders.sort();
    let (read, broken): (Vec<_>, Vec<_>) = folders.iter().map(|folder| Fixture::read(folder)).partition(Result::is_ok);
    let broken: Vec<String> = broken.into_iter().filter_map(Result::err).collect();
    assert!(broken.is_empty(), "fixtures that cannot be read:\n{}", broken.join("\n"));
    let read: Vec<Fixture> = read.into_iter().flatten().collect();
    assert!(!read.is_empty(), "no fixture in {}", root.display());
    read
}

fn extractor() -> Extractor {
    Extractor::new(&Options::default()).expect("the built-in rules hold together")
}

/// The text as it is written to a file; nothing where the verdict has no article.
fn text_of(extraction: &Extraction) -> String {
    if extraction.verdict.has_article() { render::text(&extraction.article) } else { String::new() }
}

#[test]
fn every_fixture_gives_its_expected_text() {
    let update = std::env::var_os("UPDATE").is_some_and(|value| value != "0" && !value.is_empty());
    let extractor = extractor();
    let mut report = String::new();
    let (mut failed, mut all) = (vec![], 0);
    for fixture in fixtures() {
        all += 1;
        let extraction = fixture.extract(&extractor, fixture.body.len());
        let text = text_of(&extraction);
        let mut problems = unmet(&fixture.case.expect, &extraction, &text);
        if text != fixture.expected {
            let diff = diff_lines(&fixture.expected, &text);
            if update {
                fs::write(fixture.folder.join("expected.txt"), &text).expect("expected.txt can be written");
                let _ = writeln!(report, "\n--- {}: expected.txt rewritten (- before, + now)\n{diff}", fixture.name);
            } else {
                problems.push(format!("the text differs (- expected, + extracted):\n{diff}"));
            }
        }
        if !problems.is_empty() {
            let _ = writeln!(report, "\n=== {} ({})", fixture.name, fixture.case.models);
            problems.iter().for_each(|problem| report.push_str(&format!("* {problem}\n")));
            report.push_str(&reasons(&extraction.removals));
            failed.push(fixture.name);
        }
    }
    assert!(failed.is_empty(), "{} of {all} fixtures fail: {}\n{report}", failed.len(), failed.join(", "));
    if !report.is_empty() {
        eprintln!("{report}");
    }
}

/// What `case.toml` asks for and the extraction does not give, one line each.
fn unmet(expect: &Expect, extraction: &Extraction, text: &str) -> Vec<String> {
    let metadata = &extraction.article.metadata;
    let mut problems = vec![];
    let mut same = |what: &str, wanted: Option<&String>, got: Option<String>| {
        if wanted.is_some_and(|wanted| got.as_ref() != Some(wanted)) {
            problems.push(format!("{what}: expected {wanted:?}, got {got:?}"));
        }
    };
    same("verdict", Some(&expect.verdict), Some(extraction.verdict.id().to_owned()));
    same("title", expect.title.as_ref(), metadata.title.clone());
    same("published", expect.published.as_ref(), metadata.published.map(|published| published.date.to_string()));
    same("language", expect.language.as_ref(), metadata.language.clone());
    same("site", expect.site.as_ref(), metadata.site.clone());
    same("canonical_url", expect.canonical_url.as_ref(), metadata.canonical_url.as_ref().map(Url::to_string));
    same("subtitle", expect.subtitle.as_ref(), metadata.subtitle.clone());
    same("modified", expect.modified.as_ref(), metadata.modified.map(|modified| modified.date.to_string()));
    same("section", expect.section.as_ref(), metadata.section.clone());
    same("image", expect.image.as_ref(), metadata.image.as_ref().map(Url::to_string));
    same("license", expect.license.as_ref(), metadata.license.clone());
    same("agency", expect.agency.as_ref(), metadata.agency.clone());
    let free = |free: Option<bool>| free.map(|free| free.to_string());
    same("accessible_for_free", free(expect.accessible_for_free).as_ref(), free(metadata.accessible_for_free));
    for (field, wanted) in &expect.sources {
        let taken = metadata.claims.iter().find(|claim| claim.chosen && claim.field.id() == field);
        same(&format!("source of {field}"), Some(wanted), taken.map(|claim| claim.source.id().to_owned()));
    }
    let others = metadata.claims.iter().filter(|claim| !claim.chosen);
    let others: Vec<String> =
        others.map(|claim| format!("{} {} {}", claim.field.id(), claim.source.id(), claim.value)).collect();
    let untold = expect.claims.iter().filter(|claim| !others.contains(claim));
    problems.extend(untold.map(|claim| format!("not told: {claim:?}; only {others:?}")));
    if expect.tags.as_ref().is_some_and(|wanted| wanted != &metadata.tags) {
        problems.push(format!("tags: expected {:?}, got {:?}", expect.tags, metadata.tags));
    }
    if expect.authors.as_ref().is_some_and(|wanted| wanted != &metadata.authors) {
        problems.push(format!("authors: expected {:?}, got {:?}", expect.authors, metadata.authors));
    }
    for wanted in &expect.kept {
        if !text.contains(wanted.as_str()) {
            problems.push(format!("lost: {wanted:?}"));
        }
    }
    problems.extend(expect.removed.iter().filter_map(|wanted| unmet_removal(wanted, &extraction.removals)));
    problems
}

fn unmet_removal(wanted: &Removed, removals: &[Removal]) -> Option<String> {
    let kinds: Vec<&str> =
        removals.iter().filter(|removal| removal.text.contains(&wanted.has)).map(|removal| removal.kind.id()).collect();
    if kinds.contains(&wanted.kind.id()) {
        return None;
    }
    let instead = if kinds.is_empty() { "not removed".to_owned() } else { format!("removed as {}", kinds.join(", ")) };
    Some(format!("removal: expected {:?} as {}, but it was {instead}", wanted.has, wanted.kind.id()))
}

/// The removals as a table: kind, rule, the first words.
fn reasons(removals: &[Removal]) -> String {
    let mut table = String::from("  removals:\n");
    for removal in removals {
        let start: String = removal.text.chars().take(70).collect();
        let _ = writeln!(table, "    {:<16} {:<28} {start:?}", removal.kind.id(), removal.rule);
    }
    table
}

/// A line diff by longest common subsequence, with the lines that both have left out.
/// Quadratic in lines, which is fine for the hundred lines of an article.
fn diff_lines(before: &str, after: &str) -> String {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.split('\n').collect(), after.split('\n').collect());
    let mut longest = vec![vec![0u32; after.len() + 1]; before.len() + 1];
    for i in (0..before.len()).rev() {
        for j in (0..after.len()).rev() {
            longest[i][j] = if before[i] == after[j] {
                longest[i + 1][j + 1] + 1
            } else {
                longest[i + 1][j].max(longest[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut diff) = (0, 0, String::new());
    while i < before.len() || j < after.len() {
        if i < before.len() && j < after.len() && before[i] == after[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == after.len() || (i < before.len() && longest[i + 1][j] >= longest[i][j + 1]) {
            let _ = writeln!(diff, "    {:>3} - {}", i + 1, before[i]);
            i += 1;
        } else {
            let _ = writeln!(diff, "    {:>3} + {}", j + 1, after[j]);
            j += 1;
        }
    }
    diff
}

/// A row of the table in `README.md`: a kind, and a fixture with words of it for each column.
struct Row<'a> {
    kind: &'a str,
    goes: (&'a str, &'a str),
    stays: (&'a str, &'a str),
}

/// The rows of the table by kind, in order.
///
/// # Panics
/// Where a row is not built like the others.
fn rows(readme: &str) -> Vec<Row<'_>> {
    let table = readme.lines().skip_while(|line| !line.starts_with("| kind | goes |")).skip(2);
    table
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            let [kind, goes, stays] = cells[..] else { panic!("not three cells: {line}") };
            Row { kind: kind.trim_matches('`'), goes: case_and_words(goes), stays: case_and_words(stays) }
        })
        .collect()
}

/// The two of "`case`: "words"".
fn case_and_words(cell: &str) -> (&str, &str) {
    let parts =
        cell.strip_prefix('`').and_then(|cell| cell.strip_suffix('"')).and_then(|cell| cell.split_once("`: \""));
    parts.unwrap_or_else(|| panic!("not a case with words: {cell}"))
}

#[test]
fn each_frequent_kind_goes_in_one_fixture_and_what_looks_like_it_stays_in_another() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/README.md")).unwrap();
    let rows = rows(&readme);
    let listed: Vec<&str> = rows.iter().map(|row| row.kind).collect();
    assert_eq!(listed, FREQUENT.map(Boilerplate::id), "a row for each kind");
    let fixtures = fixtures();
    let page = |name: &str| fixtures.iter().find(|fixture| fixture.name == name).expect(name).page();
    let usual = extractor();
    // The only frequent kind that stays unless the caller wants it gone.
    let drop = vec![Boilerplate::SocialEmbed];
    let without_embeds = Extractor::new(&Options { drop: drop.clone(), ..Options::default() }).unwrap();
    for (row, kind) in rows.iter().zip(FREQUENT) {
        let (case, words) = row.goes;
        let extractor = if drop.contains(&kind) { &without_embeds } else { &usual };
        let removals = extractor.extract(&page(case)).removals;
        let wanted = Removed { kind, has: words.to_owned() };
        assert_eq!(unmet_removal(&wanted, &removals), None, "{case}");
        let (case, words) = row.stays;
        assert!(text_of(&usual.extract(&page(case))).contains(words), "{case} lost {words:?} ({})", row.kind);
    }
}

#[test]
fn two_runs_give_the_same_bytes() {
    // Two extractors, since each builds its own tables, whose order may be another.
    let (first, second) = (extractor(), extractor());
    for fixture in fixtures() {
        let end = fixture.body.len();
        assert_eq!(fixture.extract(&first, end), fixture.extract(&second, end), "{}", fixture.name);
    }
}

#[test]
fn the_text_is_the_same_however_much_is_told_beside_it() {
    let [least, whole, most] = [Detail::Text, Detail::Whole, Detail::Scored]
        .map(|detail| Options { detail, with_links: true, with_images: true, ..Options::default() })
        .map(|options| Extractor::new(&options).unwrap());
    for fixture in fixtures() {
        let [least, whole, most] = [&least, &whole, &most].map(|it| fixture.extract(it, fixture.body.len()));
        let scoreless = |removal: &Removal| Removal { score: None, ..removal.clone() };
        let told = |it: &Extraction| it.removals.iter().map(scoreless).collect::<Vec<_>>();
        assert_eq!(told(&most), told(&whole), "{}", fixture.name);
        let title = whole.article.metadata.title.clone();
        let metadata = Metadata { title, ..Metadata::default() };
        let expected = Extraction { article: Article { metadata, ..whole.article }, removals: vec![], ..whole };
        assert_eq!(least, expected, "{}", fixture.name);
    }
}

#[test]
fn no_long_line_of_an_expected_text_repeats() {
    for fixture in fixtures() {
        let mut seen = BTreeSet::new();
        for line in fixture.expected.lines().filter(|line| line.chars().count() >= REPEATABLE_CHARS) {
            assert!(seen.insert(line), "{}: expected.txt says twice {line:?}", fixture.name);
        }
    }
}

#[test]
fn expected_texts_are_clean() {
    for fixture in fixtures() {
        let (name, text) = (&fixture.name, &fixture.expected);
        assert!(text.is_empty() || (text.ends_with('\n') && !text.ends_with("\n\n")), "{name}: one newline at the end");
        assert!(!text.contains("\n\n\n"), "{name}: two empty lines in a row");
        for line in text.lines() {
            assert!(!line.ends_with(char::is_whitespace), "{name}: space at the end of {line:?}");
            assert!(!line.chars().any(|c| c.is_control() && c != '\t'), "{name}: control character in {line:?}");
        }
    }
}

#[test]
fn kept_words_of_a_case_stand_in_its_expected_text() {
    for fixture in fixtures() {
        for wanted in &fixture.case.expect.kept {
            assert!(fixture.expected.contains(wanted.as_str()), "{}: expected.txt lacks {wanted:?}", fixture.name);
        }
    }
}

#[test]
fn a_page_cut_off_anywhere_still_gives_a_verdict() {
    let extractor = extractor();
    for fixture in fixtures() {
        for end in (0..fixture.body.len()).step_by(CUT_STEP_BYTES) {
            let extraction = fixture.extract(&extractor, end);
            assert!(
                !extraction.verdict.has_article() || !extraction.article.blocks.is_empty(),
                "{} cut after {end} bytes: the verdict is {}",
                fixture.name,
                extraction.verdict.id()
            );
        }
    }
}

#[test]
fn unknown_keys_in_a_case_are_refused() {
    let case = "models = \"x\"\nurl = \"https://site.example/\"\n[expect]\nverdict = \"article\"\nauthor = \"x\"\n";
    let refusal = toml::from_str::<Case>(case).expect_err("`author` is no key of a case").to_string();
    assert!(refusal.contains("author"), "{refusal}");
}
