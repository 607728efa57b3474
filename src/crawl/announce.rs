//! From what a feed lists to what is offered to the frontier.

use super::interval::WEEK;
use crate::feed::{Entry, Feed, FeedKind};
use crate::frontier::{Content, Key, Offer};
use crate::key::first_bits;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Sitemaps list all that a site has; of those that give dates, what is older than that is no news. News sitemaps hold
/// two days by Google's rule.
pub(super) const SITEMAP_AGE: SignedDuration = SignedDuration::from_hours(48);

/// How far ahead of the clock an entry may be dated and count.
const AHEAD: SignedDuration = SignedDuration::from_hours(1);

/// How many of the entries are of the last seven days; none of a sitemap that dates changes and not publications.
pub(super) fn of_week(feed: &Feed, now: Timestamp) -> u32 {
    let is_of_week = |at: &Timestamp| (-AHEAD..WEEK).contains(&now.duration_since(*at));
    let dates = feed.entries.iter().filter_map(|entry| entry.published).filter(is_of_week);
    if feed.kind == FeedKind::Sitemap { 0 } else { u32::try_from(dates.count()).unwrap_or(u32::MAX) }
}

/// The entries as offers. Of sitemaps only what is new: by its date, or where it has none, because it was not there at
/// the first look (`is_first`), at which it is noted and not fetched.
pub(super) fn offers(feed: Feed, key: Key, is_first: bool, now: Timestamp) -> Vec<Offer> {
    let is_sitemap = feed.kind.is_sitemap();
    let names: Vec<Option<u64>> = feed.entries.iter().map(|entry| name(key, entry)).collect();
    let mut uses: HashMap<u64, u32> = HashMap::new();
    names.iter().flatten().for_each(|name| *uses.entry(*name).or_default() += 1);
    let named = feed.entries.into_iter().zip(names);
    let wanted = named.filter(|(entry, _)| !is_sitemap || is_news(entry, now));
    wanted.map(|(entry, name)| offer(entry, name.filter(|name| uses[name] == 1), key, is_sitemap && is_first)).collect()
}

fn is_news(entry: &Entry, now: Timestamp) -> bool {
    let dated = entry.published.or(entry.updated);
    dated.is_none_or(|at| now.duration_since(at) < SITEMAP_AGE)
}

fn offer(entry: Entry, name: Option<u64>, feed: Key, is_first_of_sitemap: bool) -> Offer {
    let is_old = is_first_of_sitemap && entry.published.or(entry.updated).is_none();
    let url = entry.url;
    Offer {
        title: entry.title,
        published: entry.published,
        feed: Some(feed),
        entry: name,
        content: entry.content.map(|html| Content { html, authors: entry.authors }),
        is_old,
        ..Offer::page(url)
    }
}

/// The feed's own name for an entry, with what it says beside it: an id alone is too often a number that counts from the
/// top, or the same for all. So a new URL is the same article only if the feed gives it the id and the date (else the
/// title) that the old one had. An id that is the URL says nothing more than that.
fn name(feed: Key, entry: &Entry) -> Option<u64> {
    let id = entry.id.as_deref().filter(|id| *id != entry.url.as_str())?;
    let beside = entry.published.map(|at| at.to_string()).or_else(|| entry.title.clone())?;
    Some(first_bits(blake3::hash(format!("{feed}\n{id}\n{beside}").as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    const NOW: Timestamp = Timestamp::constant(1_790_512_000, 0);

    fn entry(path: &str, id: Option<&str>, hours_ago: Option<i64>) -> Entry {
        let at = hours_ago.and_then(|hours| NOW.checked_sub(SignedDuration::from_hours(hours)).ok());
        Entry {
            url: Url::parse("https://a.example").unwrap().join(path).unwrap(),
            title: Some(path.to_owned()),
            published: at,
            updated: at,
            id: id.map(str::to_owned),
            authors: vec![],
            content: None,
        }
    }

    fn offered(kind: FeedKind, entries: Vec<Entry>, is_first: bool) -> Vec<Offer> {
        let key = Key::of(&Url::parse("https://a.example/feed").unwrap());
        offers(Feed { kind, entries, ..Feed::default() }, key, is_first, NOW)
    }

    #[test]
    fn entry_is_named_by_its_id_and_what_stands_beside_it() {
        let name = |entry| offered(FeedKind::Rss, vec![entry], false)[0].entry;
        let first = name(entry("/a", Some("7"), Some(3)));
        assert!(first.is_some());
        assert_eq!(first, name(entry("/b", Some("7"), Some(3))), "it has moved");
        assert_ne!(first, name(entry("/b", Some("7"), Some(2))), "the id was given to another");
        assert_ne!(first, name(entry("/b", Some("8"), Some(3))));
        assert_eq!(name(entry("/a", None, Some(3))), None);
        assert_eq!(name(entry("/a", Some("https://a.example/a"), Some(3))), None);
    }

    #[test]
    fn ids_that_several_entries_share_name_none_of_them() {
        let shared = |path| entry(path, Some("story"), Some(1));
        let offers = offered(FeedKind::Rss, vec![shared("/a"), shared("/b"), entry("/c", Some("c"), Some(1))], false);
        assert_eq!(offers.iter().map(|offer| offer.entry.is_some()).collect::<Vec<_>>(), [false, false, true]);
    }

    #[test]
    fn sitemap_offers_what_is_new_and_notes_what_has_no_date_at_first() {
        let entries =
            || vec![entry("/new", None, Some(2)), entry("/old", None, Some(72)), entry("/undated", None, None)];
        let of = |kind, is_first| -> Vec<(String, bool)> {
            let offers = offered(kind, entries(), is_first);
            offers.iter().map(|offer| (offer.url.path().to_owned(), offer.is_old)).collect()
        };
        let expected = |is_old| vec![("/new".to_owned(), false), ("/undated".to_owned(), is_old)];
        assert_eq!((of(FeedKind::Sitemap, true), of(FeedKind::Sitemap, false)), (expected(true), expected(false)));
        assert_eq!(of(FeedKind::Rss, true).len(), 3);
        assert!(of(FeedKind::Rss, true).iter().all(|(_, is_old)| !is_old));
    }

    #[test]
    fn entries_of_the_last_week_are_counted() {
        let entries = [-48, 1, 100, 200].map(|hours| entry("/a", None, Some(hours))).to_vec();
        let count = |kind| of_week(&Feed { kind, entries: entries.clone(), ..Feed::default() }, NOW);
        assert_eq!([count(FeedKind::Atom), count(FeedKind::Sitemap)], [2, 0]);
    }
}
