//! Answers kept on the disk, for those who ask for the same pages again and again.
//!
//! One file for each answer: a line of JSON, then the body. A file appears whole, by a rename, and carries the hash of
//! its body, so that what a crash or another process left unfinished counts as absent. Processes share a folder without
//! a lock: who comes second replaces a whole file by a whole file.

use super::Target;
use super::freshness::Freshness;
use super::wire::Content;
use crate::page::{ExtraHeaders, Validators};
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, FileTimes};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};
use url::Url;

/// The folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{path}: cannot keep a cache there: {source}", path = .path.display())]
pub struct CacheError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

/// Whether stored answers are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reuse {
    /// Those that are fresh, and those that the server says have not changed.
    Allowed,
    /// None: everything is fetched, and stored in the place of what was there.
    Never,
}

/// A folder of answers; shared between fetchers and processes.
#[derive(Debug, Clone)]
pub struct DiskCache {
    folder: Arc<Path>,
    max_bytes: u64,
    reuse: Reuse,
    /// Bytes stored since the folder was last looked through.
    since_sweep: Arc<AtomicU64>,
}

/// What stands before a body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Head {
    form: u32,
    url: String,
    status: u16,
    content_type: Option<String>,
    etag: Option<String>,
    last_modified: Option<String>,
    fetched_at: Timestamp,
    fresh_until: Option<Timestamp>,
    bytes: u64,
    blake3: String,
}

/// The form of the files; another one is not read.
const FORM: u32 = 1;

/// The end of their names.
const ENDING: &str = "page";

/// The longest head that is read, in bytes: a URL and three headers.
const MOST_HEAD_BYTES: usize = 64 * 1024;

/// The folder is looked through whenever this share of `max_bytes` has been added: by so much, and by what other
/// processes add meanwhile, it may be too large ...
const SWEEP_SHARE: u64 = 16;

/// ... and then goes down to this share of it, in sixteenths.
const KEPT_SHARE: u64 = 14;

/// Unfinished files of this age were left by somebody who is gone.
const ABANDONED: Duration = Duration::from_secs(60 * 60);

impl DiskCache {
    /// Opens a folder, which is made where there is none. When its files have more than `max_bytes` together, those
    /// that were not used for the longest time go.
    ///
    /// # Errors
    /// A folder that cannot be made or read.
    pub fn open(folder: &Path, max_bytes: u64, reuse: Reuse) -> Result<Self, CacheError> {
        let wrong = |source| CacheError { path: folder.to_owned(), source };
        make_private_folder(folder).map_err(wrong)?;
        let cache = Self { folder: folder.into(), max_bytes, reuse, since_sweep: Arc::default() };
        cache.sweep(SystemTime::now()).map_err(wrong)?;
        Ok(cache)
    }

    /// The answer stored for a request.
    pub(super) async fn find(&self, key: Key) -> Option<Content> {
        if self.reuse == Reuse::Never {
            return None;
        }
        let path = self.path(&key);
        tokio::task::spawn_blocking(move || read(&path, &key)).await.ok()?
    }

    /// Stores an answer; what cannot be stored is told and otherwise let be.
    pub(super) async fn store(&self, key: Key, content: &Content) {
        let head = Head {
            form: FORM,
            url: key.url.to_string(),
            status: content.status,
            content_type: content.content_type.clone(),
            etag: content.validators.etag.clone(),
            last_modified: content.validators.last_modified.clone(),
            fetched_at: content.fetched_at,
            fresh_until: content.freshness.until,
            bytes: content.body.len() as u64,
            blake3: blake3::hash(&content.body).to_hex().to_string(),
        };
        let (cache, body) = (self.clone(), content.body.clone());
        let stored = tokio::task::spawn_blocking(move || cache.write(&key, &head, &body)).await;
        if let Ok(Err(error)) = stored {
            tracing::warn!(folder = %self.folder.display(), cause = %error, "an answer could not be put into the cache");
        }
    }

    fn write(&self, key: &Key, head: &Head, body: &[u8]) -> io::Result<()> {
        let head = serde_json::to_vec(head)?;
        let bytes = (head.len() + 1 + body.len()) as u64;
        if bytes > self.max_bytes || head.len() > MOST_HEAD_BYTES {
            return Ok(());
        }
        let path = self.path(key);
        let folder = path.parent().unwrap_or(&self.folder);
        make_private_folder(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&head)?;
        file.write_all(b"\n")?;
        file.write_all(body)?;
        file.persist(&path).map_err(|error| error.error)?;
        let added = self.since_sweep.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if added > self.max_bytes / SWEEP_SHARE {
            self.sweep(SystemTime::now())?;
        }
        Ok(())
    }

    fn path(&self, key: &Key) -> PathBuf {
        let name = key.hash().to_hex();
        self.folder.join(&name[..2]).join(format!("{}.{ENDING}", &name[2..32]))
    }

    /// Removes what was not used for the longest time, down to the cap, and what was left unfinished. Files that are
    /// none of ours stay.
    fn sweep(&self, now: SystemTime) -> io::Result<()> {
        self.since_sweep.store(0, Ordering::Relaxed);
        let mut files = Vec::new();
        for folder in fs::read_dir(&self.folder)?.flatten().filter(|entry| entry.path().is_dir()) {
            // Another process may have removed what was there a moment ago, here and below.
            let Ok(entries) = fs::read_dir(folder.path()) else { continue };
            for entry in entries.flatten() {
                let Ok(facts) = entry.metadata() else { continue };
                let used = facts.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.starts_with(".tmp") && now.duration_since(used).is_ok_and(|age| age > ABANDONED) {
                    let _ = fs::remove_file(entry.path());
                } else if name.ends_with(ENDING) {
                    files.push((used, facts.len(), entry.path()));
                }
            }
        }
        let mut total: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
        if total <= self.max_bytes {
            return Ok(());
        }
        files.sort();
        for (_, bytes, path) in files {
            if total <= self.max_bytes / 16 * KEPT_SHARE {
                break;
            }
            let _ = fs::remove_file(path);
            total -= bytes;
        }
        Ok(())
    }
}

/// What an answer is filed under: all that another answer may depend on.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) url: Url,
    pub(super) target: Target,
    pub(super) agent: Vec<u8>,
    pub(super) headers: ExtraHeaders,
    /// `allow_private`: what was fetched where more was allowed is not for those to whom less is.
    pub(super) networks: String,
}

impl Key {
    fn hash(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        let target = format!("{:?}", self.target);
        let headers = [self.headers.referer.as_deref(), self.headers.cookie.as_deref()];
        let parts = [self.url.as_str(), &target, &self.networks].map(Some).into_iter().chain(headers);
        for part in parts.map(|part| part.map(str::as_bytes)).chain([Some(self.agent.as_slice())]) {
            // The length before each part keeps two of them from reading as two others.
            hasher.update(&part.map_or(u64::MAX, |part| part.len() as u64).to_le_bytes());
            hasher.update(part.unwrap_or_default());
        }
        hasher.finalize()
    }
}

/// A stored answer; `None` where there is none, or none that is whole.
fn read(path: &Path, key: &Key) -> Option<Content> {
    let bytes = Bytes::from(fs::read(path).ok()?);
    let end = bytes.iter().take(MOST_HEAD_BYTES + 1).position(|byte| *byte == b'\n')?;
    let head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
    let body = bytes.slice(end + 1..);
    let is_whole = body.len() as u64 == head.bytes && blake3::hash(&body).to_hex().as_str() == head.blake3;
    if head.form != FORM || head.url != key.url.as_str() || !is_whole {
        return None;
    }
    // Says that it was of use; where that fails, it goes a little earlier.
    let _ = File::options()
        .write(true)
        .open(path)
        .and_then(|file| file.set_times(FileTimes::new().set_modified(SystemTime::now())));
    Some(Content {
        status: head.status,
        content_type: head.content_type,
        body,
        validators: Validators { etag: head.etag, last_modified: head.last_modified },
        freshness: Freshness { may_store: true, until: head.fresh_until },
        fetched_at: head.fetched_at,
        may_be_cut: false,
    })
}

/// Makes a folder that nobody else may look into, where the system knows such.
fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(url: &str) -> Key {
        let url = Url::parse(url).unwrap();
        Key {
            url,
            target: Target::Page,
            agent: b"Gleaner/1".to_vec(),
            headers: ExtraHeaders::default(),
            networks: String::new(),
        }
    }

    fn content(body: &str) -> Content {
        Content {
            status: 200,
            content_type: Some("text/html".into()),
            body: Bytes::copy_from_slice(body.as_bytes()),
            validators: Validators { etag: Some("\"a\"".into()), last_modified: None },
            freshness: Freshness { may_store: true, until: Some("2026-03-01T12:00:00Z".parse().unwrap()) },
            fetched_at: "2026-03-01T11:00:00Z".parse().unwrap(),
            may_be_cut: false,
        }
    }

    fn open(folder: &Path, max_bytes: u64) -> DiskCache {
        DiskCache::open(folder, max_bytes, Reuse::Allowed).unwrap()
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        let below = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
        let below = below.flat_map(|folder| fs::read_dir(folder).unwrap());
        below.map(|entry| entry.unwrap().path()).collect()
    }

    #[tokio::test]
    async fn what_is_stored_comes_back_and_only_for_the_same_request() {
        let folder = tempfile::tempdir().unwrap();
        let (key, cache) = (key("https://a.example/x"), open(folder.path(), 1_000_000));
        cache.store(key.clone(), &content("<p>Words")).await;
        let found = open(folder.path(), 1_000_000).find(key.clone()).await.unwrap();
        assert_eq!((found.body.as_ref(), found.status), (&b"<p>Words"[..], 200));
        assert_eq!(found.validators.etag.as_deref(), Some("\"a\""));
        assert_eq!(found.freshness.until.unwrap().to_string(), "2026-03-01T12:00:00Z");
        let headers = ExtraHeaders { cookie: Some("a=1".into()), referer: None };
        for other in [
            Key { url: Url::parse("https://a.example/y").unwrap(), ..key.clone() },
            Key { target: Target::Feed, ..key.clone() },
            Key { agent: b"Other".to_vec(), ..key.clone() },
            Key { headers, ..key.clone() },
            Key { networks: "10.0.0.0/8".into(), ..key.clone() },
        ] {
            assert!(cache.find(other.clone()).await.is_none(), "{other:?}");
        }
        let refetching = DiskCache::open(folder.path(), 1_000_000, Reuse::Never).unwrap();
        assert!(refetching.find(key).await.is_none());
    }

    #[tokio::test]
    async fn damaged_files_count_as_absent() {
        let folder = tempfile::tempdir().unwrap();
        let (key, cache) = (key("https://a.example/"), open(folder.path(), 1_000_000));
        cache.store(key.clone(), &content("<p>Words")).await;
        let path = files(folder.path()).remove(0);
        let whole = fs::read(&path).unwrap();
        let flipped =
            whole.iter().copied().enumerate().map(|(at, byte)| if at + 1 == whole.len() { byte ^ 1 } else { byte });
        for damaged in [
            whole[..whole.len() - 1].to_vec(),
            flipped.collect(),
            [&whole[..], b"x"].concat(),
            vec![],
            b"{}\n".to_vec(),
        ] {
            fs::write(&path, &damaged).unwrap();
            assert!(cache.find(key.clone()).await.is_none(), "{}", String::from_utf8_lossy(&damaged));
        }
        fs::write(&path, &whole).unwrap();
        assert!(cache.find(key).await.is_some());
    }

    #[tokio::test]
    async fn folder_stays_below_its_cap_and_keeps_what_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let cache = open(folder.path(), 100_000);
        let used = key("https://a.example/used");
        cache.store(used.clone(), &content("used")).await;
        fs::write(folder.path().join("notes.txt"), "mine").unwrap();
        for number in 0..40 {
            cache.store(key(&format!("https://a.example/{number}")), &content(&"x".repeat(10_000))).await;
            // File systems tell times apart by milliseconds at best.
            let later = SystemTime::now() + Duration::from_secs(number);
            for file in files(folder.path()) {
                let aged = File::options().write(true).open(&file).unwrap();
                let is_used = file == cache.path(&used);
                aged.set_times(FileTimes::new().set_modified(later + Duration::from_secs(60 * u64::from(is_used))))
                    .unwrap();
            }
        }
        let total: u64 = files(folder.path()).iter().map(|file| file.metadata().unwrap().len()).sum();
        assert!(total <= 100_000 + 100_000 / SWEEP_SHARE + 11_000, "{total}");
        assert!(cache.find(used).await.is_some());
        assert!(folder.path().join("notes.txt").exists());
        cache.store(key("https://a.example/large"), &content(&"x".repeat(200_000))).await;
        assert!(cache.find(key("https://a.example/large")).await.is_none(), "larger than the cap");
    }

    #[tokio::test]
    async fn what_a_killed_process_left_unfinished_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("ab");
        fs::create_dir(&below).unwrap();
        fs::write(below.join(".tmpOld"), "half").unwrap();
        fs::write(below.join(".tmpNew"), "half").unwrap();
        let old = SystemTime::now() - 2 * ABANDONED;
        let file = File::options().write(true).open(below.join(".tmpOld")).unwrap();
        file.set_times(FileTimes::new().set_modified(old)).unwrap();
        open(folder.path(), 1000);
        assert!(!below.join(".tmpOld").exists() && below.join(".tmpNew").exists());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn many_writers_leave_whole_files() {
        let folder = tempfile::tempdir().unwrap();
        let key = key("https://a.example/");
        let writers = (0..8).map(|number| {
            let (cache, key) = (open(folder.path(), 10_000_000), key.clone());
            tokio::spawn(async move {
                for _ in 0..20 {
                    cache.store(key.clone(), &content(&format!("{number}").repeat(50_000))).await;
                    assert_eq!(cache.find(key.clone()).await.unwrap().body.len(), 50_000);
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        assert_eq!(files(folder.path()).len(), 1);
    }
}
