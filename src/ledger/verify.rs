//! Holds store, manifest and files against each other, without changing anything.

use super::LedgerError;
use super::finding::{Finding, FindingKind};
use crate::frontier::{FrontierError, Holder, Key, PageState, RelativePath, StoreView, StoredPage};
use crate::output::{self, Entry, Standing};
use crate::render::Format;
use crate::trouble::with_sources;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::time::Duration;
use url::Url;

/// How often a ledger is looked at that somebody writes to. What is under way differs from one look to the next; what is
/// wrong does not.
const LOOKS: usize = 3;

/// How long after the look before: longer than a text takes from its file to the store.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// The pages that the store knows, by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All of them.
    pub discovered: u64,
    /// They wait.
    pub queued: u64,
    /// They are at work, or were when a run was killed.
    pub leased: u64,
    /// Their texts were written.
    pub written: u64,
    /// Another page has their text.
    pub same: u64,
    /// They hold no article.
    pub not_articles: u64,
    /// They were given up.
    pub failed: u64,
}

impl Counts {
    fn add(&mut self, state: PageState) {
        match state {
            PageState::Queued => self.queued += 1,
            PageState::Leased => self.leased += 1,
            PageState::Written => self.written += 1,
            PageState::Same => self.same += 1,
            PageState::NotAnArticle => self.not_articles += 1,
            PageState::Failed => self.failed += 1,
            PageState::Old | PageState::Unknown => (),
        }
    }

    /// Whether every page is in exactly one state.
    pub fn add_up(&self) -> bool {
        let Self { discovered, queued, leased, written, same, not_articles, failed } = *self;
        discovered == queued + leased + written + same + not_articles + failed
    }
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What is wrong; nothing where all is well.
    pub findings: Vec<Finding>,
    /// What the next run puts in order by itself, or the one that is at work.
    pub notes: Vec<Finding>,
    /// Texts whose bytes were read and are the ones that were written.
    pub texts: u64,
    /// Raw pages that are as they were kept; `None` where they were not looked at.
    pub raw_pages: Option<u64>,
    /// The pages of the store.
    pub counts: Counts,
    /// Whether a daemon was at work meanwhile.
    pub beside_a_daemon: bool,
    /// Its process, where it has said so.
    pub daemon: Option<u32>,
}

impl Report {
    /// How many findings are of a kind.
    pub fn count(&self, kind: FindingKind) -> usize {
        self.findings.iter().filter(|finding| finding.kind == kind).count()
    }

    fn add(&mut self, finding: Finding) {
        if finding.kind.mends_itself() { self.notes.push(finding) } else { self.findings.push(finding) }
    }
}

/// Looks at everything that the output folder and the store hold, and reads every text; where a folder of raw pages is
/// given, unpacks every one of them. Beside a running daemon only
/// that counts as wrong which is still there at the last of three looks, a second apart.
///
/// # Errors
/// What is no store or of a newer format, and what cannot be read at all.
pub fn verify(folder: &Path, store: &Path, raw: Option<&Path>) -> Result<Report, LedgerError> {
    let mut report = look(folder, store)?;
    let raw = raw.map(output::look_through).transpose()?;
    for _ in 1..LOOKS {
        if report.findings.is_empty() || !report.beside_a_daemon {
            break;
        }
        std::thread::sleep(BETWEEN_LOOKS);
        let mut again = look(folder, store)?;
        again.findings.retain(|finding| report.findings.iter().any(|before| before.is_same(finding)));
        report = again;
    }
    for (path, error) in raw.iter().flat_map(|raw| &raw.damaged) {
        report.add(Finding::new(FindingKind::DamagedRaw, None, Some(path.as_str()), error.to_string()));
    }
    report.raw_pages = raw.map(|raw| raw.whole);
    Ok(report)
}

/// What the manifest says, key by key.
struct Listed {
    path: RelativePath,
    hash: String,
}

/// What the store says of a page that has a path or should.
struct Kept {
    state: PageState,
    path: Option<RelativePath>,
    hash: Option<String>,
}

struct Look<'a> {
    folder: &'a Path,
    report: Report,
    files: BTreeMap<String, Standing>,
    listed: HashMap<Key, Listed>,
    /// `None` where there is no store to ask.
    kept: Option<HashMap<Key, Kept>>,
    /// Paths that some article has.
    claimed: HashSet<String>,
}

/// The files first, then the manifest, then the store: what is made in between is known to what is read later.
fn look(folder: &Path, store: &Path) -> Result<Report, LedgerError> {
    let files = output::list(folder)?;
    let mut look =
        Look { folder, report: Report::default(), files, listed: HashMap::new(), kept: None, claimed: HashSet::new() };
    look.read_manifest()?;
    look.read_store(store)?;
    look.check_listed()?;
    look.check_kept()?;
    look.check_files();
    Ok(look.report)
}

impl Look<'_> {
    fn read_manifest(&mut self) -> Result<(), LedgerError> {
        let (listed, report) = (&mut self.listed, &mut self.report);
        let lines = output::read_manifest(self.folder, |number, line| match line {
            Ok(Entry { record, hash }) => drop(listed.insert(record.key, Listed { path: record.path, hash })),
            Err(error) => {
                report.add(Finding::new(
                    FindingKind::BadLine,
                    None,
                    None,
                    format!("line {number} of the manifest: {error}"),
                ));
            }
        })?;
        if lines.torn_bytes > 0 {
            let what = format!("{} bytes of a line that was not finished end the manifest", lines.torn_bytes);
            self.report.add(Finding::new(FindingKind::TornLine, None, None, what));
        }
        Ok(())
    }

    fn read_store(&mut self, store: &Path) -> Result<(), LedgerError> {
        let view = match StoreView::open(store) {
            Ok(Some(view)) => view,
            Ok(None) => {
                if !self.listed.is_empty() {
                    let what =
                        format!("{} is not there, and the manifest lists {} texts", store.display(), self.listed.len());
                    self.report.add(Finding::new(FindingKind::NoStore, None, None, what));
                }
                return Ok(());
            }
            Err(error @ (FrontierError::Broken { .. } | FrontierError::Corrupt(_) | FrontierError::Foreign { .. })) => {
                self.report.add(damaged(&error));
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        if let Some(Holder { pid }) = view.holder() {
            (self.report.beside_a_daemon, self.report.daemon) = (true, pid);
        }
        for damage in view.damage()? {
            self.report.add(Finding::new(FindingKind::DamagedStore, None, None, damage));
        }
        let mut kept = HashMap::new();
        let mut counts = Counts::default();
        let report = &mut self.report;
        let read = view.count_pages().and_then(|discovered| {
            counts.discovered = discovered;
            view.each_page(|page| {
                counts.add(page.state);
                if let Some(what) = fault_of(&page) {
                    report.add(Finding::new(FindingKind::DamagedItem, Some(page.key), page.path.as_deref(), what));
                }
                let StoredPage { key, state, path, hash, .. } = page;
                if state == PageState::Written || path.is_some() {
                    let path = path.and_then(|path| RelativePath::parse(&path).ok());
                    kept.insert(key, Kept { state, path, hash });
                }
            })?;
            view.each_copy(|copy| {
                if copy.is_orphan() {
                    let what =
                        format!("left out as a copy of {}, which has no text: {}", copy.duplicate_of, copy.page.url);
                    report.add(Finding::new(FindingKind::Orphan, Some(copy.page.key), None, what));
                }
            })
        });
        match read {
            Ok(()) => {}
            Err(error @ FrontierError::Corrupt(_)) => {
                self.report.add(damaged(&error));
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
        if !counts.add_up() {
            let what = format!("{} pages, but {counts:?}", counts.discovered);
            self.report.add(Finding::new(FindingKind::Counts, None, None, what));
        }
        self.report.counts = counts;
        self.kept = Some(kept);
        Ok(())
    }

    /// Every text of the manifest stands there, and the store says the same of it.
    fn check_listed(&mut self) -> Result<(), LedgerError> {
        for (key, Listed { path, hash }) in std::mem::take(&mut self.listed) {
            if !self.claimed.insert(path.as_str().to_owned()) {
                let what = "the manifest names it for two articles";
                self.report.add(Finding::new(FindingKind::Doubled, Some(key), Some(path.as_str()), what));
            }
            let is_under_way = match self.kept.as_mut().map(|kept| kept.remove(&key)) {
                None => false,
                Some(None) => {
                    let what = "the manifest lists it, the store does not know it as written";
                    self.report.add(Finding::new(FindingKind::Unknown, Some(key), Some(path.as_str()), what));
                    false
                }
                Some(Some(kept)) => self.compare(key, &path, &hash, &kept),
            };
            self.check_text(key, &path, &hash, is_under_way)?;
        }
        Ok(())
    }

    /// What the store says beside what the manifest says; whether the page is still, or again, under way.
    fn compare(&mut self, key: Key, path: &RelativePath, hash: &str, kept: &Kept) -> bool {
        let is_same_path = kept.path.as_ref() == Some(path);
        let (kind, what) = match kept.state {
            PageState::Written if is_same_path && kept.hash.as_deref() == Some(hash) => return false,
            PageState::Queued | PageState::Leased if is_same_path => {
                (FindingKind::Unfinished, "the manifest lists it, the store has not finished it".to_owned())
            }
            PageState::Written if is_same_path => {
                (FindingKind::Differs, "store and manifest have different hashes".to_owned())
            }
            state => {
                let other = kept.path.as_ref().map_or("nowhere", RelativePath::as_str);
                (FindingKind::Differs, format!("the manifest lists it, in the store it is {state:?} at {other}"))
            }
        };
        self.report.add(Finding::new(kind, Some(key), Some(path.as_str()), what));
        kind == FindingKind::Unfinished
    }

    /// What the store has a path for and the manifest does not list.
    fn check_kept(&mut self) -> Result<(), LedgerError> {
        for (key, Kept { state, path, hash }) in self.kept.take().unwrap_or_default() {
            let Some(path) = path else { continue };
            let is_there = self.files.contains_key(path.as_str());
            let (kind, what) = match state {
                PageState::Written => {
                    (FindingKind::Unlisted, "the store says it is written, the manifest does not list it")
                }
                PageState::Queued | PageState::Leased if is_there => {
                    (FindingKind::Unfinished, "it stands there, manifest and store have not finished it")
                }
                _ if is_there => (FindingKind::Unlisted, "it stands there, but its page came to nothing later"),
                // What is told of it may stand there already.
                PageState::Queued | PageState::Leased => {
                    self.claimed.insert(path.as_str().to_owned());
                    continue;
                }
                _ => continue,
            };
            self.claimed.insert(path.as_str().to_owned());
            self.report.add(Finding::new(kind, Some(key), Some(path.as_str()), what));
            if let Some(hash) = hash.filter(|_| state == PageState::Written) {
                self.check_text(key, &path, &hash, false)?;
            }
        }
        Ok(())
    }

    fn check_text(&mut self, key: Key, path: &RelativePath, hash: &str, is_under_way: bool) -> Result<(), LedgerError> {
        let (kind, what) = match output::hash_of(self.folder, path)? {
            Some(found) if found == hash => {
                self.report.texts += 1;
                return Ok(());
            }
            _ if is_under_way => return Ok(()),
            Some(_) => (FindingKind::Changed, "its bytes are not those that were written"),
            None => (FindingKind::Lost, "it is not there"),
        };
        self.report.add(Finding::new(kind, Some(key), Some(path.as_str()), what));
        Ok(())
    }

    /// Whether a file is what is told of an article beside it.
    fn is_sidecar(&self, path: &str) -> bool {
        path.strip_suffix(".json").is_some_and(|article| self.claimed.contains(article))
    }

    /// What stands in the folder and belongs to nothing.
    fn check_files(&mut self) {
        let digits: HashSet<String> =
            self.claimed.iter().filter_map(|path| digits_of(path).map(str::to_owned)).collect();
        for (path, standing) in &self.files {
            let finding = match standing {
                Standing::Temporary if self.report.beside_a_daemon => continue,
                Standing::Temporary => (FindingKind::Temporary, "a killed run has left it"),
                Standing::File if self.claimed.contains(path) || self.is_sidecar(path) => continue,
                Standing::File if digits_of(path).is_some_and(|own| digits.contains(own)) => {
                    (FindingKind::Doubled, "its name carries the key of an article that has another file")
                }
                Standing::File => (FindingKind::Stray, "neither manifest nor store know of it"),
                Standing::Other if self.claimed.contains(path) => (FindingKind::Changed, "it is no plain file"),
                Standing::Other => (FindingKind::Stray, "it is no plain file, and nothing knows of it"),
            };
            self.report.add(Finding::new(finding.0, None, Some(path), finding.1));
        }
    }
}

fn damaged(error: &FrontierError) -> Finding {
    Finding::new(FindingKind::DamagedStore, None, None, with_sources(error))
}

/// What a page says of itself that cannot be.
fn fault_of(page: &StoredPage) -> Option<String> {
    let is_its_key = Url::parse(&page.url).is_ok_and(|url| Key::of(&url) == page.key);
    match page {
        _ if !is_its_key => Some(format!("its URL has another key: {}", page.url)),
        StoredPage { state: PageState::Unknown, .. } => Some("it is in no state that is known".into()),
        StoredPage { path: Some(path), .. } if RelativePath::parse(path).is_err() => Some("its path is none".into()),
        StoredPage { state: PageState::Written, path: None, .. } => Some("it is written, and has no path".into()),
        _ => None,
    }
}

/// The digits of the key that the name of a text carries: the first eight, which all of its names share.
pub(super) fn digits_of(path: &str) -> Option<&str> {
    let (stem, extension) = path.rsplit_once('.')?;
    let digits = stem.rsplit_once('-')?.1;
    let is_article = Format::ALL.iter().any(|(_, format)| format.extension() == extension);
    let is_key = is_article && (Key::SHORTEST..=Key::DIGITS).contains(&digits.len());
    let is_key = is_key && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_key.then(|| &digits[..Key::SHORTEST])
}
