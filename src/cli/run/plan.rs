//! `gleaner run --dry-run`: what a run would begin with, without a request or a write.

use crate::cli::check::count;
use crate::cli::code::{Code, Ended, OrUsage as _};
use crate::cli::terminal::{plain, print as print_text};
use crate::config::Config;
use crate::frontier::{Key, StoreView, StoredFeed, Totals};
use jiff::Timestamp;
use std::collections::HashMap;
use std::fmt::Write as _;
use url::Url;

/// Says which feeds would be asked, what waits, and where texts would go. `asks_all`: `--once`, which asks every feed.
///
/// # Errors
/// A store that cannot be read.
pub(super) fn print(config: &Config, asks_all: bool) -> Result<Code, Ended> {
    let now = Timestamp::now();
    let store = &config.frontier.store;
    let view = StoreView::open(store).or_usage()?;
    let totals = view.as_ref().map(|view| view.totals(now)).transpose().or_usage()?.unwrap_or_default();
    let hosts = view.as_ref().map(|view| view.hosts(now)).transpose().or_usage()?.unwrap_or_default();
    let known = view.as_ref().map(StoreView::feeds).transpose().or_usage()?.unwrap_or_default();
    let by_key = |feed: StoredFeed| Url::parse(&feed.url).ok().map(|url| (Key::of(&url), feed));
    let known: HashMap<Key, StoredFeed> = known.into_iter().filter_map(by_key).collect();
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = feeds(&mut text, config, &known, asks_all, now);
    let Totals { pages_queued, pages_leased, .. } = totals;
    let _ = writeln!(text, "{} of earlier runs", count(queued(pages_queued + pages_leased), "page"));
    for host in hosts.iter().filter(|host| host.rests_until > now) {
        let _ = writeln!(text, "host {} rests until {:.0}", plain(&host.host), host.rests_until);
    }
    let state = if view.is_some() { "" } else { ", which would be made" };
    let _ =
        writeln!(text, "texts would go to {}, the store is {}{state}", config.output.folder.display(), store.display());
    print_text(&text)?;
    Ok(Code::AllWell)
}

fn queued(pages: u64) -> usize {
    usize::try_from(pages).unwrap_or(usize::MAX)
}

fn feeds(
    text: &mut String,
    config: &Config,
    known: &HashMap<Key, StoredFeed>,
    asks_all: bool,
    now: Timestamp,
) -> std::fmt::Result {
    for feed in &config.feeds {
        let stored = known.get(&Key::of(&feed.url));
        let next = stored.and_then(|stored| stored.next);
        let plan = match (feed.enabled, asks_all, stored, next) {
            (false, ..) => "left out (`enabled`)".to_owned(),
            (_, true, ..) => "asked".to_owned(),
            (_, _, None, _) => "asked for the first time".to_owned(),
            (.., Some(next)) if next > now => format!("asked at {next:.0}"),
            _ => "asked".to_owned(),
        };
        let folder = feed.folder.as_ref().map(|folder| format!(", texts in {}", folder.as_str())).unwrap_or_default();
        writeln!(text, "feed {}: {plan}{folder}", plain(feed.url.as_str()))?;
    }
    Ok(())
}
