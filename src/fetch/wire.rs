//! One request and its answer: the host's turn, the request, the status, the body.

use super::body::{self, Caps};
use super::error::{Cause, FetchError, TimeLimit};
use super::{ExtraHeaders, Fetcher, Target, Validators, encoding, guard, retry, sniff};
use bytes::Bytes;
use jiff::Timestamp;
use reqwest::Response;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, COOKIE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, LAST_MODIFIED, LOCATION, REFERER, RETRY_AFTER,
};
use std::error::Error;
use std::io;
use std::time::Duration;
use tokio::time::{Instant, timeout};
use url::Url;

/// A request.
#[derive(Debug)]
pub(super) struct Ask<'a> {
    pub(super) url: &'a Url,
    /// `None`: robots.txt, whose type nobody looks at.
    pub(super) target: Option<Target>,
    pub(super) validators: &'a Validators,
    pub(super) headers: &'a ExtraHeaders,
    pub(super) caps: Caps,
}

/// An answer that is no failure yet.
#[derive(Debug)]
pub(super) enum Answer {
    Body { status: u16, content_type: Option<String>, body: Bytes, validators: Validators },
    NotModified,
    Redirect { status: u16, location: String },
}

/// Sends one request and receives its answer, in the host's turn and within the time `left`, from
/// which it takes what it used.
pub(super) async fn exchange(fetcher: &Fetcher, ask: &Ask<'_>, left: &mut Duration) -> Result<Answer, FetchError> {
    fetcher.policy.check_url(ask.url)?;
    let addresses = if fetcher.leaves_names_to_proxy { Vec::new() } else { fetcher.resolve(ask.url).await? };
    let turn = fetcher.paces.turn(ask.url, &addresses, fetcher.pause(&addresses)).await;
    let started = Instant::now();
    let answer = timeout(*left, talk(fetcher, ask, turn.is_repeated())).await;
    drop(turn);
    *left = left.saturating_sub(started.elapsed());
    let answer = answer.unwrap_or_else(|_| Err(FetchError::Timeout { url: ask.url.clone(), limit: TimeLimit::Total }));
    tell(ask.url, &answer, started.elapsed());
    answer
}

fn tell(url: &Url, answer: &Result<Answer, FetchError>, took: Duration) {
    let host = url.host_str().unwrap_or_default();
    let ms = took.as_millis() as u64;
    match answer {
        Ok(Answer::Body { status, body, .. }) => tracing::debug!(%url, host, status, bytes = body.len(), ms, "fetched"),
        Ok(Answer::NotModified) => tracing::debug!(%url, host, status = 304, ms, "not modified"),
        Ok(Answer::Redirect { status, .. }) => tracing::debug!(%url, host, status, ms, "redirected"),
        Err(error) => tracing::debug!(%url, host, ms, error = error.id(), "failed"),
    }
}

async fn talk(fetcher: &Fetcher, ask: &Ask<'_>, may_reuse_connection: bool) -> Result<Answer, FetchError> {
    let response = send(fetcher, ask, may_reuse_connection).await?;
    let status = response.status().as_u16();
    match status {
        304 if *ask.validators != Validators::default() => Ok(Answer::NotModified),
        301 | 302 | 303 | 307 | 308 => {
            Ok(Answer::Redirect { status, location: header(&response, LOCATION).unwrap_or_default() })
        }
        // 206 is a part of a page, and no part was asked for.
        200..=205 | 207..=299 => receive(response, ask).await,
        _ => Err(FetchError::Status { url: ask.url.clone(), status, retry_at: retry_at(&response) }),
    }
}

fn retry_at(response: &Response) -> Option<Timestamp> {
    if !matches!(response.status().as_u16(), 429 | 503) {
        return None;
    }
    retry::retry_at(&header(response, RETRY_AFTER)?, Timestamp::now())
}

async fn receive(response: Response, ask: &Ask<'_>) -> Result<Answer, FetchError> {
    let status = response.status().as_u16();
    let content_type = header(&response, CONTENT_TYPE);
    let validators = Validators { etag: header(&response, ETAG), last_modified: header(&response, LAST_MODIFIED) };
    let refused = |found| FetchError::ContentType { url: ask.url.clone(), found };
    if let Some(found) = ask.target.and_then(|target| sniff::refused_by_header(target, content_type.as_deref())) {
        return Err(refused(found));
    }
    let body = body::read(response, ask.url, &ask.caps).await?;
    let found = ask.target.and_then(|target| sniff::refused_by_bytes(target, content_type.as_deref(), &body));
    match found {
        Some(found) => Err(refused(found)),
        None => Ok(Answer::Body { status, content_type, body, validators }),
    }
}

fn header(response: &Response, name: HeaderName) -> Option<String> {
    let value = response.headers().get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// Sends the request; once more where a kept connection may have died in the meantime, which the
/// client passes on as an error and a new connection cures (CRAWLING.md, C).
async fn send(fetcher: &Fetcher, ask: &Ask<'_>, may_reuse_connection: bool) -> Result<Response, FetchError> {
    let first = attempt(fetcher, ask).await?;
    let answer = match first {
        Err(error) if may_reuse_connection && !error.is_connect() && !error.is_timeout() => {
            tracing::debug!(url = %ask.url, "kept connection was gone, asking once more");
            attempt(fetcher, ask).await?
        }
        other => other,
    };
    answer.map_err(|error| failure(ask.url, error))
}

async fn attempt(fetcher: &Fetcher, ask: &Ask<'_>) -> Result<reqwest::Result<Response>, FetchError> {
    let request = fetcher.client.get(ask.url.clone()).headers(headers(ask)).send();
    let patience = Duration::from_secs(fetcher.options.connect_timeout_s) + ask.caps.idle;
    timeout(patience, request).await.map_err(|_| FetchError::Timeout { url: ask.url.clone(), limit: TimeLimit::Idle })
}

fn headers(ask: &Ask<'_>) -> HeaderMap {
    let accept = match ask.target {
        Some(Target::Page) => "text/html,application/xhtml+xml;q=0.9,text/plain;q=0.8,*/*;q=0.1",
        Some(Target::Feed) => {
            "application/rss+xml,application/atom+xml,application/feed+json,application/xml;q=0.9,text/xml;q=0.9,*/*;q=0.1"
        }
        None => "text/plain,*/*;q=0.1",
    };
    let mut headers = HeaderMap::from_iter([
        (ACCEPT, HeaderValue::from_static(accept)),
        (ACCEPT_ENCODING, HeaderValue::from_static(encoding::OFFERED)),
    ]);
    let conditions = [(IF_NONE_MATCH, &ask.validators.etag), (IF_MODIFIED_SINCE, &ask.validators.last_modified)];
    for (name, value) in conditions {
        let value = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok());
        headers.extend(value.map(|value| (name, value)));
    }
    for (name, value) in [(REFERER, &ask.headers.referer), (COOKIE, &ask.headers.cookie)] {
        if let Some(mut value) = value.as_deref().and_then(|value| HeaderValue::from_bytes(value.as_bytes()).ok()) {
            // Shown in no log, kept in no table of HTTP/2.
            value.set_sensitive(name == COOKIE);
            headers.insert(name, value);
        }
    }
    headers
}

/// Names a failure of the client by what lies at its root.
fn failure(url: &Url, error: reqwest::Error) -> FetchError {
    if let Some(refused) = find::<guard::Refused>(&error) {
        return refused.at(url);
    }
    let is_tls = find::<rustls::Error>(&error).is_some();
    let (is_dns, is_connect, is_timeout) = (error.is_dns(), error.is_connect(), error.is_timeout());
    let url = url.clone();
    let cause = Cause::new(error);
    if is_timeout {
        let limit = if is_connect { TimeLimit::Connect } else { TimeLimit::Idle };
        FetchError::Timeout { url, limit }
    } else if is_dns {
        guard::not_found(&url, cause)
    } else if is_tls {
        FetchError::Tls { url, cause }
    } else if is_connect {
        FetchError::Connect { url, cause }
    } else {
        FetchError::Answer { url, cause }
    }
}

/// The first error of a type in a chain of sources, also inside of an `io::Error`, whose `source`
/// skips what it wraps.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}
