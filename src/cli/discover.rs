//! `gleaner discover`: which feeds does a site have?

use super::code::{Code, Ended, Failure, OrUsage as _};
use super::logs::LogArgs;
use super::problem::Problem;
use super::source::{FetchArgs, Input, Loader, Source, looks_like_host};
use super::terminal::{message, plain, print};
use crate::feed::{self, Feed, FeedKind};
use crate::key::Key;
use crate::page::Page;
use anyhow::anyhow;
use clap::{Args, ValueEnum};
use indicatif::MultiProgress;
use jiff::Timestamp;
use jiff::tz::Offset;
use std::collections::HashSet;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::sync::Arc;
use url::Url;

/// Addresses that are asked for one site; each waits a second for its turn.
const MOST_ASKED: usize = 40;

/// The arguments of `gleaner discover`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DiscoverArgs {
    /// A page of the site, http:// or https://; or what may be a feed itself
    #[arg(value_name = "URL")]
    url: OsString,
    /// How the feeds are shown
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
    #[command(flatten)]
    fetch: FetchArgs,
}

/// How feeds are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A line each: kind, entries, the newest date, URL, title
    Text,
    /// [[feed]] blocks for the configuration
    Toml,
}

/// A feed that was fetched and parsed.
#[derive(Debug)]
struct Found {
    url: Url,
    feed: Feed,
}

/// Prints the feeds of a site, each of them fetched and parsed: those that its page links, else those at the usual places,
/// and the sitemaps that robots.txt names.
///
/// # Errors
/// An address that is none.
pub(crate) async fn run(args: DiscoverArgs, log: &LogArgs, progress: &MultiProgress) -> Result<Code, Ended> {
    let input = web_input(&args.url).or_usage()?;
    let loader = Loader::new(&args.fetch, None, &Arc::default()).or_usage()?;
    let Some(home) = input.url().cloned() else { return Ok(Code::Usage) };
    let mut search = Search { loader, asked: HashSet::new(), found: vec![], refused: None };
    let page = match search.loader.fetch_feed(home.clone()).await {
        Ok(page) => page,
        Err(problem) => {
            log.failure(&input, &problem, progress);
            return Ok(Code::of(1, &[problem.failure()]));
        }
    };
    search.all(home, page).await;
    if search.found.is_empty() {
        message(&format!("{}: no feed found; look for one in a browser, or name another page of the site", input.name));
        return Ok(Code::of(1, &[search.refused.unwrap_or(Failure::NoArticle)]));
    }
    print(&shown(&search.found, args.format))?;
    Ok(Code::AllWell)
}

/// The URL; `https://` may be left out before a host.
fn web_input(argument: &OsString) -> anyhow::Result<Input> {
    let input = Input::parse(argument);
    match &input.source {
        Source::Url(_) => Ok(input),
        Source::BadUrl(cause) => Err(anyhow!("{}: no usable URL: {cause}; check its spelling", input.name)),
        Source::File(path) if looks_like_host(path) => Ok(Input::parse(format!("https://{}", path.display()).as_ref())),
        _ => Err(anyhow!("{}: only http:// and https:// addresses have feeds to be found", input.name)),
    }
}

/// What has been looked at.
struct Search {
    loader: Loader,
    asked: HashSet<Key>,
    found: Vec<Found>,
    /// Where the first candidate was refused by robots.txt, the guard or the site.
    refused: Option<Failure>,
}

impl Search {
    async fn all(&mut self, home: Url, page: Page) {
        self.asked.insert(Key::of(&home));
        if self.take(&home, &page) {
            return;
        }
        let home = page.url.clone().unwrap_or(home);
        let candidates = feed::candidates(&page);
        self.try_each(candidates.links).await;
        self.try_each(candidates.anchors).await;
        if self.found.is_empty() {
            self.try_each(feed::usual_places(&home)).await;
        }
        let before = self.found.len();
        let named = self.named_by_robots(&home).await;
        self.try_each(named).await;
        if self.found.len() == before {
            self.try_each(feed::usual_sitemaps(&home)).await;
        }
    }

    async fn named_by_robots(&self, home: &Url) -> Vec<Url> {
        let Ok(address) = home.join("/robots.txt") else { return vec![] };
        let robots = self.loader.fetch_feed(address).await.map(|page| page.body).unwrap_or_default();
        feed::sitemaps_of(&String::from_utf8_lossy(&robots), home)
    }

    async fn try_each(&mut self, urls: Vec<Url>) {
        for url in urls {
            if self.asked.len() < MOST_ASKED && self.asked.insert(Key::of(&url)) {
                match self.loader.fetch_feed(url.clone()).await {
                    Ok(page) => drop(self.take(&url, &page)),
                    Err(problem) => self.note(&url, &problem),
                }
            }
        }
    }

    fn note(&mut self, url: &Url, problem: &Problem) {
        tracing::info!(%url, %problem, "no feed");
        if problem.failure() == Failure::Refused {
            self.refused = Some(Failure::Refused);
        }
    }

    /// Keeps what came if it is a feed, one for each address where it was found in the end.
    fn take(&mut self, asked: &Url, page: &Page) -> bool {
        let feed = match feed::parse(page) {
            Ok(feed) => feed,
            Err(cause) => {
                tracing::info!(%cause, "no feed");
                return false;
            }
        };
        // Words that happen to be a list of addresses are no feed that anybody looks for.
        let url = page.url.clone().unwrap_or_else(|| asked.clone());
        let is_known = self.found.iter().any(|found| Key::of(&found.url) == Key::of(&url));
        let is_empty = feed.kind == FeedKind::UrlList && feed.entries.is_empty();
        if !is_known && !is_empty {
            self.found.push(Found { url, feed });
        }
        true
    }
}

fn shown(found: &[Found], form: Form) -> String {
    match form {
        Form::Text => found.iter().map(line).collect(),
        Form::Toml => found.iter().map(|found| format!("{}\n", block(found))).collect(),
    }
}

fn line(Found { url, feed }: &Found) -> String {
    let items = feed.entries.len() + feed.sitemaps.len();
    let newest = newest(feed).map_or("-".to_owned(), |at| Offset::UTC.to_datetime(at).date().to_string());
    let title = plain(feed.title.as_deref().unwrap_or("-"));
    format!("{:13}\t{items:5}\t{newest:10}\t{url}\t{title}\n", feed.kind.id())
}

fn newest(feed: &Feed) -> Option<Timestamp> {
    let dates = feed.entries.iter().filter_map(|entry| entry.published.or(entry.updated));
    dates.chain(feed.sitemaps.iter().filter_map(|link| link.modified)).max()
}

fn block(Found { url, feed }: &Found) -> String {
    let mut block = format!("[[feed]]\nurl = {}\n", super::opml::quoted(url.as_str()));
    if let Some(title) = &feed.title {
        // Writing to a string cannot fail.
        let _ = writeln!(block, "name = {}", super::opml::quoted(&plain(title)));
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_read_by_the_configuration() {
        let feed = Feed { title: Some("A \"b\" \\ c".into()), ..Feed::default() };
        let found = [Found { url: Url::parse("https://a.example/x?a=\"").unwrap(), feed }];
        let config = crate::config::Config::parse(&shown(&found, Form::Toml), "test").unwrap();
        assert_eq!(config.feeds[0].name.as_deref(), Some("A \"b\" \\ c"));
    }

    #[test]
    fn scheme_may_be_left_out() {
        let of = |text: &str| web_input(&text.into()).map(|input| input.name).ok();
        assert_eq!(of("news.example/a").as_deref(), Some("https://news.example/a"));
        assert_eq!([of("-"), of("page.html"), of("http://[")], [None, None, None]);
    }
}
