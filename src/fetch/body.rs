//! A body, received in pieces under caps and then decoded.
//!
//! The bytes on the wire are collected first and decoded after: both are held under the same cap,
//! so a body never costs more than twice `max_body_bytes`, and a label that lies can be seen
//! before anything is decoded.

use super::encoding::{self, Trouble};
use super::error::{Cause, FetchError, TimeLimit};
use bytes::{Bytes, BytesMut};
use reqwest::Response;
use reqwest::header::CONTENT_ENCODING;
use std::time::Duration;
use tokio::time::{Instant, timeout};
use url::Url;

/// What a body may cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caps {
    /// Bytes on the wire, and decoded.
    pub(super) max_bytes: u64,
    /// Whether a longer body is cut there, where it would be an error else.
    pub(super) cut: bool,
    /// Time without a byte.
    pub(super) idle: Duration,
}

/// From here on a body must come at [`LEAST_BYTES_PER_SECOND`] (CRAWLING.md, section A, caps).
const RATE_GRACE: Duration = Duration::from_secs(10);

const LEAST_BYTES_PER_SECOND: u64 = 1000;

/// Receives the body and undoes its content encodings.
pub(super) async fn read(response: Response, url: &Url, caps: &Caps) -> Result<Bytes, FetchError> {
    let mut codings = encoding::codings(&encoding_header(&response))
        .map_err(|unknown| FetchError::Encoding { url: url.clone(), encoding: unknown.0 })?;
    let mut body = receive(response, url, caps).await?;
    while let Some(coding) = codings.pop() {
        body = encoding::undo(coding, body, caps.max_bytes, caps.cut).await.map_err(|trouble| match trouble {
            Trouble::TooLarge => too_large(url, caps),
            Trouble::Bomb => FetchError::Bomb { url: url.clone(), limit: encoding::MAX_RATIO },
            Trouble::Damaged(error) => {
                FetchError::Damaged { url: url.clone(), encoding: coding.name(), cause: Cause::new(error) }
            }
        })?;
    }
    Ok(body)
}

/// All `Content-Encoding` headers as one list (RFC 9110, section 5.3).
fn encoding_header(response: &Response) -> String {
    let values = response.headers().get_all(CONTENT_ENCODING).iter();
    values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect::<Vec<_>>().join(",")
}

async fn receive(mut response: Response, url: &Url, caps: &Caps) -> Result<Bytes, FetchError> {
    let announced = response.content_length().unwrap_or(0);
    if announced > caps.max_bytes && !caps.cut {
        return Err(too_large(url, caps));
    }
    let mut body = BytesMut::with_capacity(announced.min(caps.max_bytes) as usize);
    let started = Instant::now();
    while let Some(piece) = next_piece(&mut response, url, body.len(), caps).await? {
        body.extend_from_slice(&piece);
        let received = body.len() as u64;
        if received > caps.max_bytes {
            if !caps.cut {
                return Err(too_large(url, caps));
            }
            body.truncate(caps.max_bytes as usize);
            break;
        }
        if is_too_slow(received, started.elapsed()) {
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

fn is_too_slow(received_bytes: u64, elapsed: Duration) -> bool {
    elapsed > RATE_GRACE && received_bytes < LEAST_BYTES_PER_SECOND * elapsed.as_secs()
}

fn too_large(url: &Url, caps: &Caps) -> FetchError {
    FetchError::TooLarge { url: url.clone(), limit: caps.max_bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dripping_body_is_too_slow_after_ten_seconds() {
        assert!(!is_too_slow(1, Duration::from_secs(10)));
        assert!(is_too_slow(11, Duration::from_secs(11)));
        assert!(!is_too_slow(11_000, Duration::from_secs(11)));
        assert!(is_too_slow(29_999, Duration::from_secs(30)));
    }
}
