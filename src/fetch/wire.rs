//! One request and its answer: the host's turn, the request, the status, the body.

use super::body::{self, Caps, Received};
use super::error::{Cause, FetchError, TimeLimit};
use super::freshness::{self, Freshness};
use super::memory::Share;
use super::politeness::Turn;
use super::{Exchange, ExtraHeaders, Fetcher, LookupError, Target, Validators, encoding, guard, names, retry, sniff};
use bytes::Bytes;
use jiff::Timestamp;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONNECTION, CONTENT_TYPE, COOKIE, ETAG, HeaderMap, HeaderName, HeaderValue,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION, REFERER, RETRY_AFTER, USER_AGENT,
};
use reqwest::{Response, StatusCode};
use std::error::Error;
use std::future::Future;
use std::io;
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tracing::field::Empty;
use tracing::{Instrument as _, Span};
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
    /// What robots.txt wants between two requests.
    pub(super) pause: Duration,
}

/// An answer that is no failure yet.
#[derive(Debug)]
pub(super) enum Answer {
    Body(Box<Content>),
    NotModified { freshness: Freshness },
    Redirect { status: u16, location: String },
}

impl Answer {
    /// Bytes of its body, where it has one.
    fn bytes(&self) -> Option<u64> {
        match self {
            Self::Body(content) => Some(content.body.len() as u64),
            Self::NotModified { .. } | Self::Redirect { .. } => None,
        }
    }
}

/// A body and what was said of it.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) status: u16,
    pub(super) content_type: Option<String>,
    pub(super) body: Bytes,
    pub(super) validators: Validators,
    pub(super) freshness: Freshness,
    /// When it came, or was last said to hold.
    pub(super) fetched_at: Timestamp,
    /// Whether the connection may have broken off before the end: nothing says where that is.
    pub(super) may_be_cut: bool,
}

/// Sends one request and receives its answer, in the host's turn and within the time `left`, from
/// which it takes what it used.
pub(super) async fn exchange(fetcher: &Fetcher, ask: &Ask<'_>, left: &mut Duration) -> Result<Answer, FetchError> {
    fetcher.policy.check_url(ask.url)?;
    let leaves_names = fetcher.ways.of(ask.url).leaves_names_to_proxy;
    let addresses = if leaves_names { Vec::new() } else { fetcher.resolve(ask.url).await? };
    let mut turn = fetcher.paces.turn(ask.url, &addresses, fetcher.pause(&addresses), ask.pause).await;
    let host = ask.url.host_str().unwrap_or_default();
    let span = tracing::debug_span!(
        "hop", url = %ask.url, host, status = Empty, version = Empty, bytes = Empty, wire_bytes = Empty, ms = Empty
    );
    let before = *left;
    let answer = talk(fetcher, ask, &mut turn, left).instrument(span.clone()).await;
    drop(turn);
    let took = before.saturating_sub(*left);
    span.record("ms", took.as_millis() as u64);
    span.in_scope(|| tell(&answer));
    if let Some(observer) = &fetcher.observer {
        let bytes = answer.as_ref().ok().and_then(Answer::bytes);
        observer(Exchange { took, bytes });
    }
    answer
}

/// Waits for what takes its time from `left`, and no longer.
async fn within<T>(
    left: &mut Duration,
    url: &Url,
    work: impl Future<Output = Result<T, FetchError>>,
) -> Result<T, FetchError> {
    let started = Instant::now();
    let done = timeout(*left, work).await;
    *left = left.saturating_sub(started.elapsed());
    done.unwrap_or_else(|_| Err(FetchError::Timeout { url: url.clone(), limit: TimeLimit::Total }))
}

/// Closes a hop's span with what came of it.
fn tell(answer: &Result<Answer, FetchError>) {
    match answer {
        Ok(Answer::Body(_)) => tracing::debug!("fetched"),
        Ok(Answer::NotModified { .. }) => tracing::debug!("not modified"),
        Ok(Answer::Redirect { .. }) => tracing::debug!("redirected"),
        Err(error) => tracing::debug!(error = error.id(), "failed"),
    }
}

async fn talk(fetcher: &Fetcher, ask: &Ask<'_>, turn: &mut Turn, left: &mut Duration) -> Result<Answer, FetchError> {
    let response = match within(left, ask.url, open(fetcher, ask, turn)).await? {
        Opened::Whole(answer) => return Ok(answer),
        Opened::Body(response) => response,
    };
    // The wait for memory is nobody's fault and takes nothing from the time that the host has.
    let mut share = match &fetcher.memory {
        Some(memory) => memory.share(response.content_length()).await,
        None => Share::default(),
    };
    let mut content = within(left, ask.url, receive(response, ask, &mut share)).await?;
    content.body = share.kept_with(content.body);
    Ok(Answer::Body(Box::new(content)))
}

/// An answer of which the head has come.
enum Opened {
    /// It has no body that anybody wants.
    Whole(Answer),
    Body(Response),
}

async fn open(fetcher: &Fetcher, ask: &Ask<'_>, turn: &mut Turn) -> Result<Opened, FetchError> {
    let response = send(fetcher, ask, turn.is_repeated()).await?;
    turn.answered();
    let status = response.status().as_u16();
    Span::current().record("status", status).record("version", tracing::field::debug(response.version()));
    fetcher.ways.of(ask.url).take_cookies(ask.url, response.headers());
    match status {
        304 if *ask.validators != Validators::default() => {
            let freshness = freshness::read(response.headers(), Timestamp::now());
            Ok(Opened::Whole(Answer::NotModified { freshness }))
        }
        301 | 302 | 303 | 307 | 308 => {
            let location = header(&response, LOCATION).unwrap_or_default();
            Ok(Opened::Whole(Answer::Redirect { status, location }))
        }
        // 206 is a part of a page, and no part was asked for.
        200..=205 | 207..=299 => Ok(Opened::Body(response)),
        _ => Err(FetchError::Status { url: ask.url.clone(), status, retry_at: retry_at(&response) }),
    }
}

fn retry_at(response: &Response) -> Option<Timestamp> {
    if !matches!(response.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        return None;
    }
    retry::retry_at(&header(response, RETRY_AFTER)?, Timestamp::now())
}

async fn receive(response: Response, ask: &Ask<'_>, share: &mut Share) -> Result<Content, FetchError> {
    let status = response.status().as_u16();
    let content_type = header(&response, CONTENT_TYPE);
    let validators = Validators { etag: header(&response, ETAG), last_modified: header(&response, LAST_MODIFIED) };
    let refused = |found| FetchError::ContentType { url: ask.url.clone(), found };
    if let Some(found) = ask.target.and_then(|target| sniff::refused_by_header(target, content_type.as_deref())) {
        return Err(refused(found));
    }
    let fetched_at = Timestamp::now();
    let freshness = freshness::read(response.headers(), fetched_at);
    let Received { body, wire_bytes, has_end } = body::read(response, ask.url, &ask.caps, share).await?;
    Span::current().record("bytes", body.len()).record("wire_bytes", wire_bytes);
    let found = ask.target.and_then(|target| sniff::refused_by_bytes(target, content_type.as_deref(), &body));
    if let Some(found) = found {
        return Err(refused(found));
    }
    let lacks_end = |target| sniff::lacks_end(target, content_type.as_deref(), &body);
    let may_be_cut = !has_end && ask.target.is_some_and(lacks_end);
    Ok(Content { status, content_type, body, validators, freshness, fetched_at, may_be_cut })
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
    let way = fetcher.ways.of(ask.url);
    let mut headers = headers(ask);
    headers.insert(USER_AGENT, way.agent.clone());
    if !fetcher.kept_hosts.may_keep(ask.url, Instant::now()) {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    // robots.txt is everybody's.
    if ask.target.is_some() {
        way.add_private(ask.url, &mut headers);
    }
    let request = way.client.get(ask.url.clone()).headers(headers).send();
    let sent = timeout(way.connect + ask.caps.idle, request).await;
    sent.map_err(|_| FetchError::Timeout { url: ask.url.clone(), limit: TimeLimit::Idle })
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
    let is_temporary = find::<LookupError>(&error).map(names::is_temporary);
    let is_tls = find::<rustls::Error>(&error).is_some();
    let (is_connect, is_timeout) = (error.is_connect(), error.is_timeout());
    let url = url.clone();
    let cause = Cause::new(error.without_url());
    if is_timeout {
        let limit = if is_connect { TimeLimit::Connect } else { TimeLimit::Idle };
        FetchError::Timeout { url, limit }
    } else if let Some(temporary) = is_temporary {
        FetchError::Dns { url, cause, temporary }
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
