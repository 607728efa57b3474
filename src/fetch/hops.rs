//! The chain of redirects, followed by ourselves: each hop has its guard, robots.txt and turn.

use super::body::Caps;
use super::error::FetchError;
use super::wire::{self, Answer, Ask};
use super::{Fetched, Fetcher, Request, robots, urls};
use crate::page::{ExtraHeaders, Hop, Page};
use jiff::Timestamp;
use std::time::Duration;
use url::Url;

/// Follows a request to its end.
pub(super) async fn follow(fetcher: &Fetcher, request: &Request) -> Result<Fetched, FetchError> {
    let mut url = urls::admit(&request.url)?;
    let mut hops: Vec<Hop> = Vec::new();
    let mut left = fetcher.options.total();
    loop {
        let answer = hop(fetcher, request, &url, &mut left).await.map_err(|error| told(error, &hops))?;
        match answer {
            Answer::NotModified => return Ok(Fetched::NotModified),
            Answer::Redirect { status, location } => {
                hops.push(Hop { url: url.clone(), status });
                url = next(&url, status, &location, &hops, fetcher.options.max_redirects)?;
            }
            Answer::Body { status, content_type, body, validators } => {
                hops.push(Hop { url: url.clone(), status });
                let page = Page { url: Some(url), content_type, body, fetched_at: Some(Timestamp::now()), hops };
                return Ok(Fetched::Page { page, validators });
            }
        }
    }
}

async fn hop(fetcher: &Fetcher, request: &Request, url: &Url, left: &mut Duration) -> Result<Answer, FetchError> {
    if request.obey_robots {
        robots::check(fetcher, url).await?;
    }
    let caps = Caps { max_bytes: fetcher.options.max_body_bytes, cut: false, idle: fetcher.options.idle() };
    let nothing = ExtraHeaders::default();
    let headers = if is_of_origin(&request.url, url) { &request.headers } else { &nothing };
    let ask = Ask { url, target: Some(request.target), validators: &request.validators, headers, caps };
    wire::exchange(fetcher, &ask, left).await
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
