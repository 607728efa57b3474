//! The chain of redirects, followed by ourselves: each hop has its guard, robots.txt and turn, and may be answered by
//! the cache.

use super::body::Caps;
use super::cache::{DiskCache, Key};
use super::error::FetchError;
use super::freshness::Freshness;
use super::wire::{self, Answer, Ask, Content};
use super::{Fetched, Fetcher, Request, robots, urls};
use crate::page::{ExtraHeaders, Hop, Page, Validators};
use jiff::Timestamp;
use std::time::Duration;
use url::Url;

/// Follows a request to its end.
pub(super) async fn follow(fetcher: &Fetcher, request: &Request) -> Result<Fetched, FetchError> {
    let mut url = urls::admit(&request.url)?;
    let mut hops: Vec<Hop> = Vec::new();
    let mut left = fetcher.ways.of(&url).total;
    loop {
        let answer = hop(fetcher, request, &url, &mut left).await.map_err(|error| told(error, &hops))?;
        match answer {
            Answer::NotModified { freshness } => return Ok(Fetched::NotModified { fresh_until: freshness.until }),
            Answer::Redirect { status, location } => {
                hops.push(Hop { url: url.clone(), status });
                url = next(&url, status, &location, &hops, fetcher.options.max_redirects)?;
            }
            Answer::Body(content) => return Ok(page(*content, url, hops)),
        }
    }
}

fn page(content: Content, url: Url, mut hops: Vec<Hop>) -> Fetched {
    let Content { status, content_type, body, validators, freshness, fetched_at, may_be_cut } = content;
    hops.push(Hop { url: url.clone(), status });
    let page = Page { url: Some(url), content_type, body, fetched_at: Some(fetched_at), hops, continues: false };
    Fetched::Page { page, validators, fresh_until: freshness.until, may_be_cut }
}

async fn hop(fetcher: &Fetcher, request: &Request, url: &Url, left: &mut Duration) -> Result<Answer, FetchError> {
    let Some((cache, key)) = cache_for(fetcher, request, url) else {
        return ask(fetcher, request, url, &request.validators, left).await;
    };
    let known = cache.find(key.clone()).await;
    let is_fresh = |known: &Content| known.freshness.until.is_some_and(|until| until > Timestamp::now());
    if let Some(fresh) = known.as_ref().filter(|known| is_fresh(known)) {
        tracing::debug!(%url, bytes = fresh.body.len(), "taken from the cache");
    }
    let validators = match known {
        Some(known) if is_fresh(&known) => return Ok(Answer::Body(Box::new(known))),
        Some(ref known) => known.validators.clone(),
        None => Validators::default(),
    };
    let content = match (ask(fetcher, request, url, &validators, left).await?, known) {
        (Answer::NotModified { freshness }, Some(known)) => Box::new(renewed(known, freshness)),
        (Answer::Body(content), _) => content,
        (answer, _) => return Ok(answer),
    };
    if content.status == 200 && content.freshness.may_store && !content.may_be_cut {
        cache.store(key, &content).await;
    }
    Ok(Answer::Body(content))
}

/// What is stored, which the server says has not changed.
fn renewed(known: Content, freshness: Freshness) -> Content {
    Content { freshness, fetched_at: Timestamp::now(), ..known }
}

/// The cache, where this hop may be answered by it: not where the caller has validators of its own, and nothing that
/// was asked for with secrets, which have no place on the disk.
fn cache_for<'a>(fetcher: &'a Fetcher, request: &Request, url: &Url) -> Option<(&'a DiskCache, Key)> {
    let cache = fetcher.cache.as_ref().filter(|_| request.validators == Validators::default())?;
    let way = fetcher.ways.of(url);
    if way.is_private(url) {
        return None;
    }
    let agent = way.agent.as_bytes().to_vec();
    let headers = headers(request, url);
    let networks = format!("{:?}", fetcher.options.allow_private);
    Some((cache, Key { url: url.clone(), target: request.target, agent, headers, networks }))
}

/// Asks the host; once more where the answer may have been cut off, and then takes what comes.
async fn ask(
    fetcher: &Fetcher,
    request: &Request,
    url: &Url,
    validators: &Validators,
    left: &mut Duration,
) -> Result<Answer, FetchError> {
    let pause = if request.obey_robots { robots::check(fetcher, url).await? } else { Duration::ZERO };
    let headers = headers(request, url);
    let caps = Caps::new(fetcher, url);
    let ask = Ask { url, target: Some(request.target), validators, headers: &headers, caps, pause };
    let first = match wire::exchange(fetcher, &ask, left).await? {
        Answer::Body(first) if first.may_be_cut => first,
        answer => return Ok(answer),
    };
    tracing::debug!(%url, bytes = first.body.len(), "the answer has no length and no end, asking once more");
    let content = match wire::exchange(fetcher, &ask, left).await {
        Ok(Answer::Body(second)) => second,
        _ => first,
    };
    if content.may_be_cut {
        let host = url.host_str().unwrap_or_default();
        tracing::warn!(%url, host, bytes = content.body.len(), "the page may be cut off: nothing says where it ends");
    }
    Ok(Answer::Body(content))
}

fn headers(request: &Request, url: &Url) -> ExtraHeaders {
    if is_of_origin(&request.url, url) { request.headers.clone() } else { ExtraHeaders::default() }
}

/// Whether a hop goes to the origin that was asked for, or to the same host by https instead of http, each on its
/// own port: what else answers there may be somebody else's.
fn is_of_origin(asked: &Url, hop: &Url) -> bool {
    let is_safer = asked.scheme() == "http" && hop.scheme() == "https" && (asked.port(), hop.port()) == (None, None);
    asked.origin() == hop.origin() || is_safer && asked.host() == hop.host()
}

/// Where a redirect leads; `hops` ends with the URL that sent it.
fn next(from: &Url, status: u16, location: &str, hops: &[Hop], limit: usize) -> Result<Url, FetchError> {
    if location.is_empty() {
        return Err(told(FetchError::Redirect { url: from.clone(), status }, &hops[..hops.len() - 1]));
    }
    let to = urls::parse_url(location, Some(from)).map_err(|error| told(error, hops))?;
    if hops.iter().any(|hop| hop.url == to) {
        return Err(told(FetchError::RedirectLoop { url: to }, hops));
    }
    if hops.len() > limit {
        return Err(told(FetchError::TooManyRedirects { url: to, limit }, hops));
    }
    Ok(to)
}

/// A failure after redirects names the URL that was asked for, too: the user knows no other.
fn told(error: FetchError, hops: &[Hop]) -> FetchError {
    match hops.first() {
        Some(first) => error.after_redirect(&first.url),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extra_headers_go_to_the_origin_asked_for_and_to_its_secure_self() {
        let goes = |asked: &str, hop: &str| is_of_origin(&Url::parse(asked).unwrap(), &Url::parse(hop).unwrap());
        assert!(goes("http://a.example/1", "http://a.example/2"));
        assert!(goes("http://a.example/", "https://a.example/"));
        for (asked, hop) in [
            ("https://a.example/", "http://a.example/"),
            ("https://a.example/", "https://b.a.example/"),
            ("https://a.example/", "https://a.example:8443/"),
            ("http://a.example:8080/", "https://a.example/"),
            ("http://a.example/", "https://a.example:8443/"),
        ] {
            assert!(!goes(asked, hop), "{asked} {hop}");
        }
    }
}
