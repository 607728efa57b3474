//! robots.txt (RFC 9309), asked once a day for each origin.

use super::body::Caps;
use super::error::FetchError;
use super::wire::{self, Answer, Ask};
use super::{ExtraHeaders, Fetcher, Validators, urls};
use bytes::Bytes;
use robotxt::{BYTE_LIMIT, Robots};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use url::{Position, Url};

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

    /// Forgets where robots.txt could not be had, but for those that are being asked just now.
    pub(super) fn forget_failures(&self) {
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        origins.retain(|_, slot| {
            slot.try_lock().map_or(true, |known| {
                known.as_ref().is_none_or(|known| !matches!(known.access, Access::Unreachable(_)))
            })
        });
    }
}

/// Whether somebody is asking just now, or the answer still holds.
fn is_worth_keeping(slot: &Slot, now: Instant) -> bool {
    slot.try_lock().map_or(true, |known| known.as_ref().is_some_and(|known| known.until > now))
}

/// Whether robots.txt of the URL's origin allows it; asks for the file where it is not known. Gives the pause that the
/// file wants between two requests, which no standard knows and many files have; longer than `max_crawl_delay_s` it is a
/// no, as in Nutch and StormCrawler.
pub(super) async fn check(fetcher: &Fetcher, url: &Url) -> Result<Duration, FetchError> {
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
    match access {
        Access::Everything => Ok(Duration::ZERO),
        Access::Unreachable(error) => Err(error.of_robots_for(url)),
        Access::Rules(robots) => {
            let delay = robots.crawl_delay().unwrap_or_default();
            if let Some(rule) = forbidding_rule(robots, url).await {
                return Err(FetchError::Robots { url: url.clone(), rule });
            }
            let most_s = fetcher.options.max_crawl_delay_s;
            if delay > Duration::from_secs(most_s) {
                return Err(FetchError::CrawlDelay { url: url.clone(), delay_s: delay.as_secs(), most_s });
            }
            Ok(delay)
        }
    }
}

/// Past this number of rules, matching leaves the async threads. None is dropped: RFC 9309, section
/// 2.5 wants 500 KiB read, and with `robotxt` 0.7 that much of wildcards (16,000 rules) takes 5 ms to
/// parse and 30 ms to match against a URL of 2,000 characters, in its worst case.
const RULES_MATCHED_IN_PLACE: usize = 1000;

async fn forbidding_rule(robots: Arc<Robots>, url: &Url) -> Option<String> {
    if robots.rules().len() <= RULES_MATCHED_IN_PLACE {
        return rule_against(&robots, url);
    }
    let url = url.clone();
    let matched = tokio::task::spawn_blocking(move || rule_against(&robots, &url)).await;
    // Only a panic in the matcher comes here; what cannot be judged is not allowed.
    matched.unwrap_or_else(|_| Some("unreadable".to_owned()))
}

/// The rule that forbids the URL, as the file has it, fit for a log; `None` where it is allowed.
fn rule_against(robots: &Robots, url: &Url) -> Option<String> {
    if robots.is_url_allowed(url) {
        return None;
    }
    let path = &url[Position::BeforePath..Position::AfterQuery];
    let pattern = robots.matching_rule(path).map_or("/", |rule| rule.pattern());
    Some(format!("Disallow: {}", pattern.chars().take(200).flat_map(char::escape_debug).collect::<String>()))
}

/// Asks an origin for its robots.txt and reads the answer as RFC 9309, section 2.3.1 says; 429 is
/// taken for an overloaded server, not for a missing file.
async fn ask(fetcher: &Fetcher, url: &Url) -> Access {
    match get(fetcher, url).await {
        Ok(Some(text)) => Access::Rules(parse(text, fetcher.ways.of(url).product.clone()).await),
        Ok(None) => Access::Everything,
        Err(FetchError::Status { status, .. }) if status < 500 && status != 429 => Access::Everything,
        Err(error) => Access::Unreachable(error),
    }
}

/// The first 500 KiB of robots.txt; `None` where its redirects lead nowhere.
async fn get(fetcher: &Fetcher, url: &Url) -> Result<Option<Bytes>, FetchError> {
    let mut left = fetcher.ways.of(url).total;
    let (validators, headers) = (Validators::default(), ExtraHeaders::default());
    let mut url = urls::parse_url("/robots.txt", Some(url))?;
    for _ in 0..=MAX_REDIRECTS {
        let caps = Caps { max_bytes: BYTE_LIMIT as u64, cut: true, ..Caps::new(fetcher, &url) };
        let (validators, headers, wanted) = (&validators, &headers, Duration::ZERO);
        let ask = Ask { url: &url, target: None, validators, headers, caps, pause: wanted };
        match wire::exchange(fetcher, &ask, &mut left).await? {
            Answer::Body(content) => return Ok(Some(content.body)),
            Answer::NotModified { .. } => return Ok(None),
            Answer::Redirect { location, .. } => match urls::parse_url(&location, Some(&url)) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[tokio::test]
    async fn hostile_file_is_parsed_and_matched_in_bounded_time() {
        let rules: String = (0..16_000).map(|n| format!("Disallow: /*a*b*c*d*{n}*z\n")).collect();
        let started = std::time::Instant::now();
        let robots = parse(format!("User-agent: *\n{rules}Disallow: /private\n").into(), "Gleaner".into()).await;
        let long = url(&format!("http://a.example/{}", "abcd".repeat(500)));
        assert_eq!(forbidding_rule(robots.clone(), &long).await, None);
        let private = forbidding_rule(robots, &url("http://a.example/private/x")).await;
        assert_eq!(private.as_deref(), Some("Disallow: /private"), "no rule is lost among many");
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    }

    #[tokio::test]
    async fn rules_past_500_kib_do_not_count() {
        let filler = "# a comment of forty characters, no more\n".repeat(BYTE_LIMIT / 40);
        let robots =
            parse(format!("User-agent: *\nDisallow: /a\n{filler}Disallow: /b\n").into(), "Gleaner".into()).await;
        assert!(rule_against(&robots, &url("http://a.example/a")).is_some());
        assert!(rule_against(&robots, &url("http://a.example/b")).is_none());
    }

    #[tokio::test]
    async fn group_of_our_name_goes_before_the_group_for_all() {
        let text = "User-agent: *\nDisallow: /\n\nUser-agent: GLEANER\nDisallow: /drafts\nAllow: /drafts/open\n";
        let robots = parse(text.into(), "Gleaner".into()).await;
        for (path, allowed) in [("/", true), ("/drafts/1", false), ("/drafts/open/1", true), ("/robots.txt", true)] {
            let found = rule_against(&robots, &url(&format!("http://a.example{path}")));
            assert_eq!(found.is_none(), allowed, "{path}: {found:?}");
        }
        let other = parse(text.into(), "Other".into()).await;
        assert!(rule_against(&other, &url("http://a.example/")).is_some());
    }

    #[test]
    fn origins_are_forgotten_before_they_fill_the_memory() {
        let cache = Cache::default();
        for number in 0..=ORIGINS_KEPT {
            cache.slot(format!("http://h{number}.example"));
        }
        assert!(cache.origins.lock().unwrap().len() <= ORIGINS_KEPT);
    }
}
