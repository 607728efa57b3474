//! robots.txt (RFC 9309), asked once a day for each origin.

use super::body::Caps;
use super::error::FetchError;
use super::wire::{self, Answer, Ask};
use super::{Fetcher, Validators, guard};
use bytes::Bytes;
use robotxt::{BYTE_LIMIT, Robots};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// How long an answer holds (RFC 9309, section 2.4).
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a failure holds: long enough that a queue of pages does not hammer a host that is down.
const FAILURE_KEPT: Duration = Duration::from_secs(60);

/// Redirects followed to robots.txt (RFC 9309, section 2.3.1.2).
const MAX_REDIRECTS: usize = 5;

/// Past this number of origins, answers that are out of date are forgotten, then any.
const ORIGINS_KEPT: usize = 4096;

/// What robots.txt of an origin came to.
#[derive(Debug, Clone)]
enum Access {
    Rules(Arc<Robots>),
    Everything,
    Unreachable(FetchError),
}

#[derive(Debug)]
struct Known {
    access: Access,
    until: Instant,
}

type Slot = Arc<tokio::sync::Mutex<Option<Known>>>;

/// The answers of all origins.
#[derive(Debug, Default)]
pub(super) struct Cache {
    origins: Mutex<HashMap<String, Slot>>,
}

impl Cache {
    fn slot(&self, origin: String) -> Slot {
        // A panic elsewhere leaves the map whole: entries are only added and dropped.
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        if origins.len() >= ORIGINS_KEPT && !origins.contains_key(&origin) {
            let now = Instant::now();
            origins.retain(|_, slot| is_worth_keeping(slot, now));
            if origins.len() >= ORIGINS_KEPT {
                origins.clear();
            }
        }
        origins.entry(origin).or_default().clone()
    }
}

/// Whether somebody is asking just now, or the answer still holds.
fn is_worth_keeping(slot: &Slot, now: Instant) -> bool {
    slot.try_lock().map_or(true, |known| known.as_ref().is_some_and(|known| known.until > now))
}

/// Whether robots.txt of the URL's origin allows it; asks for the file where it is not known.
pub(super) async fn check(fetcher: &Fetcher, url: &Url) -> Result<(), FetchError> {
    let slot = fetcher.robots.slot(url.origin().ascii_serialization());
    // Whoever comes first asks, and the others wait for the answer here. The host's turn is taken
    // under this lock and never the other way round, so the two cannot block each other.
    let mut slot = slot.lock().await;
    let access = match &*slot {
        Some(known) if known.until > Instant::now() => known.access.clone(),
        _ => {
            let access = ask(fetcher, url).await;
            let kept = if matches!(access, Access::Unreachable(_)) { FAILURE_KEPT } else { KEPT };
            *slot = Some(Known { access: access.clone(), until: Instant::now() + kept });
            access
        }
    };
    drop(slot);
    access.judge(url)
}

impl Access {
    fn judge(self, url: &Url) -> Result<(), FetchError> {
        match self {
            Self::Everything => Ok(()),
            Self::Unreachable(error) => Err(error.of_robots_for(url)),
            Self::Rules(robots) if robots.is_url_allowed(url) => Ok(()),
            Self::Rules(robots) => {
                let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
                let pattern = robots.matching_rule(path).map_or("/", |rule| rule.pattern());
                let rule = pattern.chars().take(200).flat_map(char::escape_debug).collect::<String>();
                Err(FetchError::Robots { url: url.clone(), rule: format!("Disallow: {rule}") })
            }
        }
    }
}

/// Asks an origin for its robots.txt and reads the answer as RFC 9309, section 2.3.1 says; 429 is
/// taken for an overloaded server, not for a missing file.
async fn ask(fetcher: &Fetcher, url: &Url) -> Access {
    match get(fetcher, url).await {
        Ok(Some(text)) => Access::Rules(parse(text, fetcher.options.product()).await),
        Ok(None) => Access::Everything,
        Err(FetchError::Status { status, .. }) if status < 500 && status != 429 => Access::Everything,
        Err(error) => Access::Unreachable(error),
    }
}

/// The first 500 KiB of robots.txt; `None` where its redirects lead nowhere.
async fn get(fetcher: &Fetcher, url: &Url) -> Result<Option<Bytes>, FetchError> {
    let mut left = fetcher.options.total();
    let validators = Validators::default();
    let mut url = guard::parse_url("/robots.txt", Some(url))?;
    for _ in 0..=MAX_REDIRECTS {
        let caps = Caps { max_bytes: BYTE_LIMIT as u64, cut: true, idle: fetcher.options.idle() };
        let ask = Ask { url: &url, target: None, validators: &validators, caps };
        match wire::exchange(fetcher, &ask, &mut left).await? {
            Answer::Body { body, .. } => return Ok(Some(body)),
            Answer::NotModified => return Ok(None),
            Answer::Redirect { location, .. } => match guard::parse_url(&location, Some(&url)) {
                Ok(next) => url = next,
                Err(_) => return Ok(None),
            },
        }
    }
    Ok(None)
}

/// Parses on a thread where it holds up nobody: a hostile file takes a while.
async fn parse(text: Bytes, product: String) -> Arc<Robots> {
    let parsed = tokio::task::spawn_blocking(move || Robots::parse(&text, &product)).await;
    // Only a panic in the parser comes here; a file that cannot be read allows nothing.
    Arc::new(parsed.unwrap_or_else(|_| Robots::disallow_all()))
}
