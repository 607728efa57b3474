//! A body, received in pieces under caps and then decoded.
//!
//! The bytes on the wire are collected first and decoded after: both are held under the same cap,
//! so a body never costs more than twice `max_body_bytes`, and a label that lies can be seen
//! before anything is decoded.

use super::Fetcher;
use super::encoding::{self, Trouble};
use super::error::{Cause, FetchError, TimeLimit};
use super::memory::Share;
use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_ENCODING, TRANSFER_ENCODING};
use reqwest::{Response, Version};
use std::time::Duration;
use tokio::time::{Instant, timeout};
use url::Url;

/// How much longer than packed a page is expected to be before it is unpacked: what `gzip` makes of HTML.
const UNPACKED: u64 = 5;

/// What a body may cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caps {
    /// Bytes on the wire, and decoded.
    pub(super) max_bytes: u64,
    /// Whether a longer body is cut there, where it would be an error else.
    pub(super) cut: bool,
    /// Time without a byte.
    pub(super) idle: Duration,
    /// Bytes a second, on the average, asked for from `rate_grace` on.
    pub(super) least_bytes_per_s: u64,
    pub(super) rate_grace: Duration,
}

impl Caps {
    /// Those of the options, for a URL.
    pub(super) fn new(fetcher: &Fetcher, url: &Url) -> Self {
        let options = &fetcher.options;
        Self {
            max_bytes: options.max_body_bytes,
            cut: false,
            idle: fetcher.ways.of(url).idle,
            least_bytes_per_s: options.least_bytes_per_s,
            rate_grace: Duration::from_secs(options.rate_grace_s),
        }
    }
}

/// A body that has come.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) body: Bytes,
    /// Bytes before content encodings were undone.
    pub(super) wire_bytes: u64,
    /// Whether anything said where the body ends: its length, chunks, HTTP/2, an encoding with an end of its own. Where
    /// nothing did, a connection that broke off looks like the end.
    pub(super) has_end: bool,
}

/// Receives the body and undoes its content encodings. The share of memory grows and shrinks with it.
pub(super) async fn read(
    response: Response,
    url: &Url,
    caps: &Caps,
    share: &mut Share,
) -> Result<Received, FetchError> {
    let is_delimited = has_end(&response);
    let mut codings = encoding::codings(&encoding_header(&response))
        .map_err(|unknown| FetchError::Encoding { url: url.clone(), encoding: unknown.0 })?;
    let is_encoded = !codings.is_empty();
    let mut body = receive(response, url, caps, share).await?;
    let wire_bytes = body.len() as u64;
    while let Some(coding) = codings.pop() {
        let expected = (UNPACKED * body.len() as u64).min(caps.max_bytes);
        share.fit(body.len() as u64 + expected).await;
        body = encoding::undo(coding, body, caps.max_bytes, caps.cut).await.map_err(|trouble| match trouble {
            Trouble::TooLarge => too_large(url, caps),
            Trouble::Bomb => FetchError::Bomb { url: url.clone(), limit: encoding::MAX_RATIO },
            Trouble::Damaged(error) => {
                FetchError::Damaged { url: url.clone(), encoding: coding.name(), cause: Cause::new(error) }
            }
        })?;
    }
    share.fit(body.len() as u64).await;
    Ok(Received { body, wire_bytes, has_end: is_delimited || is_encoded })
}

/// Whether a connection that closes early would be seen (RFC 9112, section 6.3).
fn has_end(response: &Response) -> bool {
    response.version() >= Version::HTTP_2
        || response.content_length().is_some()
        || response.headers().contains_key(TRANSFER_ENCODING)
}

/// All `Content-Encoding` headers as one list (RFC 9110, section 5.3).
fn encoding_header(response: &Response) -> String {
    let values = response.headers().get_all(CONTENT_ENCODING).iter();
    values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect::<Vec<_>>().join(",")
}

async fn receive(mut response: Response, url: &Url, caps: &Caps, share: &mut Share) -> Result<Bytes, FetchError> {
    let announced = response.content_length().unwrap_or(0);
    if announced > caps.max_bytes && !caps.cut {
        return Err(too_large(url, caps));
    }
    let mut body = BytesMut::with_capacity(announced.min(caps.max_bytes) as usize);
    let started = Instant::now();
    while let Some(piece) = next_piece(&mut response, url, body.len(), caps).await? {
        share.fit_at_least((body.len() + piece.len()) as u64).await;
        body.extend_from_slice(&piece);
        let received = body.len() as u64;
        if received > caps.max_bytes {
            if !caps.cut {
                return Err(too_large(url, caps));
            }
            body.truncate(caps.max_bytes as usize);
            break;
        }
        if is_too_slow(received, started.elapsed(), caps) {
            return Err(FetchError::Timeout { url: url.clone(), limit: TimeLimit::Rate });
        }
    }
    Ok(body.freeze())
}

async fn next_piece(
    response: &mut Response,
    url: &Url,
    received: usize,
    caps: &Caps,
) -> Result<Option<Bytes>, FetchError> {
    let piece = timeout(caps.idle, response.chunk())
        .await
        .map_err(|_| FetchError::Timeout { url: url.clone(), limit: TimeLimit::Idle })?;
    piece.map_err(|error| FetchError::Truncated {
        url: url.clone(),
        received: received as u64,
        cause: Cause::new(error),
    })
}

fn is_too_slow(received_bytes: u64, elapsed: Duration, caps: &Caps) -> bool {
    elapsed > caps.rate_grace && received_bytes < caps.least_bytes_per_s.saturating_mul(elapsed.as_secs())
}

fn too_large(url: &Url, caps: &Caps) -> FetchError {
    FetchError::TooLarge { url: url.clone(), limit: caps.max_bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dripping_body_is_too_slow_after_ten_seconds() {
        let idle = Duration::from_secs(15);
        let caps =
            Caps { max_bytes: 1, cut: false, idle, least_bytes_per_s: 1000, rate_grace: Duration::from_secs(10) };
        assert!(!is_too_slow(1, Duration::from_secs(10), &caps));
        assert!(is_too_slow(11, Duration::from_secs(11), &caps));
        assert!(!is_too_slow(11_000, Duration::from_secs(11), &caps));
        assert!(is_too_slow(29_999, Duration::from_secs(30), &caps));
        let patient = Caps { least_bytes_per_s: 0, ..caps };
        assert!(!is_too_slow(0, Duration::from_secs(3000), &patient));
    }
}
