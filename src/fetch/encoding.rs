//! Content encodings undone: gzip, deflate, br, zstd.
//!
//! The client's own decoders are off: they drop the second member of a gzip body without a word,
//! and hide how many bytes came over the wire (CRAWLING.md 0.3).

use super::sniff::looks_like_markup;
use async_compression::tokio::bufread::{BrotliDecoder, DeflateDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder};
use async_compression::zstd::DParameter;
use bytes::Bytes;
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt};

/// What we offer in `Accept-Encoding`.
pub(super) const OFFERED: &str = "gzip, deflate, br, zstd";

/// Decoded bytes for each byte on the wire at which we stop, past [`RATIO_FREE_BYTES`]. Pages of our
/// corpora compress 3 to 20 times; gzip itself cannot go past 1,032.
pub(super) const MAX_RATIO: u64 = 200;

/// Up to here no ratio is asked for: small pages of one repeated line are harmless.
const RATIO_FREE_BYTES: u64 = 1024 * 1024;

/// Members of a gzip body, frames of a zstd body: real ones have one, block-wise writers some
/// hundreds; each costs a decoder.
const MAX_MEMBERS: usize = 10_000;

/// Encodings on top of each other; one is usual, two are met.
const MAX_CODINGS: usize = 2;

/// Log2 of the greatest zstd window: 8 MiB, the most that HTTP allows (RFC 9659).
const ZSTD_WINDOW_LOG: u32 = 23;

/// Decoded bytes taken at a time.
const PIECE_BYTES: usize = 64 * 1024;

/// A content encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

impl Coding {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }
}

/// An encoding that is not known here, or too many of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unknown(pub(super) String);

/// The encodings of a `Content-Encoding` header, the first applied first.
pub(super) fn codings(header: &str) -> Result<Vec<Coding>, Unknown> {
    let mut codings = Vec::new();
    for name in header.split(',').map(|name| name.trim().to_ascii_lowercase()) {
        match name.as_str() {
            "" | "identity" => {}
            "gzip" | "x-gzip" => codings.push(Coding::Gzip),
            "deflate" => codings.push(Coding::Deflate),
            "br" => codings.push(Coding::Brotli),
            "zstd" => codings.push(Coding::Zstd),
            _ => return Err(unknown(&name)),
        }
    }
    if codings.len() > MAX_CODINGS { Err(unknown(header)) } else { Ok(codings) }
}

/// Names go into messages, so a long one is cut.
fn unknown(name: &str) -> Unknown {
    Unknown(name.chars().take(100).collect())
}

/// Why a body cannot be decoded.
#[derive(Debug)]
pub(super) enum Trouble {
    /// More decoded bytes than allowed.
    TooLarge,
    /// Past [`MAX_RATIO`].
    Bomb,
    /// Cut off, or no such data.
    Damaged(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Damaged(error)
    }
}

/// Undoes one encoding. A body that is plain in spite of its label is returned as it is, and what
/// follows the last member of a gzip body is left out, both as browsers do.
///
/// With `cut`, a body past `max_bytes` ends there; without, it is an error.
pub(super) async fn undo(coding: Coding, body: Bytes, max_bytes: u64, cut: bool) -> Result<Bytes, Trouble> {
    if body.is_empty() || has_lying_label(coding, &body) {
        return Ok(body);
    }
    let mut sink = Sink { decoded: Vec::new(), wire_bytes: body.len() as u64, max_bytes };
    match decode(coding, &body, &mut sink).await {
        Ok(()) => Ok(sink.decoded.into()),
        Err(Trouble::TooLarge) if cut => Ok(sink.decoded.into()),
        Err(Trouble::Damaged(_)) if !has_magic(coding) && looks_like_markup(&body) => Ok(body),
        Err(trouble) => Err(trouble),
    }
}

/// Why the encodings of a body cannot be undone that was not fetched now: one of an archive.
#[cfg(feature = "cli")]
#[derive(Debug, thiserror::Error)]
pub(crate) enum Undecodable {
    /// An encoding that is not known here, or too many of them.
    #[error("encoded as {0:?}, which cannot be undone")]
    Unknown(String),
    /// More than it may have.
    #[error("decodes to more than {limit} bytes, the limit for one page (--max-body-bytes allows more)")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// Past [`MAX_RATIO`].
    #[error("decodes to more than {MAX_RATIO} times its size: a decompression bomb")]
    Bomb,
    /// Cut off, or no such data.
    #[error("its {encoding} data is damaged or cut off: {cause}")]
    Damaged {
        /// Its name.
        encoding: &'static str,
        /// What the decoder says.
        #[source]
        cause: io::Error,
    },
}

/// Undoes what a `Content-Encoding` header lists, under the same caps as for what is fetched.
///
/// # Errors
/// What cannot be undone, and more than `max_bytes`.
#[cfg(feature = "cli")]
pub(crate) async fn decoded(header: &str, mut body: Bytes, max_bytes: u64) -> Result<Bytes, Undecodable> {
    let mut codings = codings(header).map_err(|unknown| Undecodable::Unknown(unknown.0))?;
    while let Some(coding) = codings.pop() {
        body = undo(coding, body, max_bytes, false).await.map_err(|trouble| match trouble {
            Trouble::TooLarge => Undecodable::TooLarge { limit: max_bytes },
            Trouble::Bomb => Undecodable::Bomb,
            Trouble::Damaged(cause) => Undecodable::Damaged { encoding: coding.name(), cause },
        })?;
    }
    Ok(body)
}

/// Whether data in the encoding can be told by its first bytes.
fn has_magic(coding: Coding) -> bool {
    matches!(coding, Coding::Gzip | Coding::Zstd)
}

fn has_lying_label(coding: Coding, body: &[u8]) -> bool {
    has_magic(coding) && !starts_member(coding, body)
}

/// Whether a gzip member or zstd frame begins here; skippable frames count (RFC 8878, 3.1.2).
fn starts_member(coding: Coding, body: &[u8]) -> bool {
    match coding {
        Coding::Gzip => body.starts_with(b"\x1f\x8b"),
        Coding::Zstd => {
            body.starts_with(b"\x28\xb5\x2f\xfd")
                || matches!(body, [first, 0x2a, 0x4d, 0x18, ..] if first & 0xf0 == 0x50)
        }
        Coding::Deflate | Coding::Brotli => false,
    }
}

async fn decode(coding: Coding, body: &[u8], sink: &mut Sink) -> Result<(), Trouble> {
    let mut rest = body;
    for _ in 0..MAX_MEMBERS {
        rest = member(coding, rest, sink).await?;
        if !starts_member(coding, rest) {
            return Ok(());
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, "too many members").into())
}

/// Decodes one member and returns what follows it.
async fn member<'a>(coding: Coding, body: &'a [u8], sink: &mut Sink) -> Result<&'a [u8], Trouble> {
    match coding {
        Coding::Gzip => {
            let mut decoder = GzipDecoder::new(body);
            sink.drain(&mut decoder).await?;
            Ok(decoder.into_inner())
        }
        Coding::Zstd => {
            let mut decoder = ZstdDecoder::with_params(body, &[DParameter::window_log_max(ZSTD_WINDOW_LOG)]);
            sink.drain(&mut decoder).await?;
            Ok(decoder.into_inner())
        }
        Coding::Brotli => sink.drain(&mut BrotliDecoder::new(body)).await.map(|()| Default::default()),
        Coding::Deflate if has_zlib_header(body) => {
            sink.drain(&mut ZlibDecoder::new(body)).await.map(|()| Default::default())
        }
        Coding::Deflate => sink.drain(&mut DeflateDecoder::new(body)).await.map(|()| Default::default()),
    }
}

/// `deflate` means the zlib format (RFC 9110, section 8.4.1.2), but some send bare deflate data.
/// The header's check is that of RFC 1950, section 2.2.
fn has_zlib_header(body: &[u8]) -> bool {
    matches!(body, [method, flags, ..] if method & 0x0f == 8 && u16::from_be_bytes([*method, *flags]) % 31 == 0)
}

/// Takes decoded bytes up to the caps.
struct Sink {
    decoded: Vec<u8>,
    wire_bytes: u64,
    max_bytes: u64,
}

impl Sink {
    async fn drain(&mut self, decoder: &mut (impl AsyncRead + Unpin)) -> Result<(), Trouble> {
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let read = decoder.read(&mut piece).await?;
            if read == 0 {
                return Ok(());
            }
            self.take(&piece[..read])?;
            // The data lies in memory, so nothing else would ever let other tasks in.
            tokio::task::yield_now().await;
        }
    }

    fn take(&mut self, piece: &[u8]) -> Result<(), Trouble> {
        let room = self.max_bytes.saturating_sub(self.decoded.len() as u64) as usize;
        self.decoded.extend_from_slice(&piece[..piece.len().min(room)]);
        if piece.len() > room {
            return Err(Trouble::TooLarge);
        }
        let decoded = self.decoded.len() as u64;
        if decoded > RATIO_FREE_BYTES && decoded / MAX_RATIO > self.wire_bytes {
            return Err(Trouble::Bomb);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_compression::tokio::bufread::{BrotliEncoder, DeflateEncoder, GzipEncoder, ZlibEncoder, ZstdEncoder};
    use proptest::prelude::*;

    const MIB: u64 = 1024 * 1024;
    const ALL: [Coding; 4] = [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd];

    async fn all(mut encoder: impl AsyncRead + Unpin) -> Vec<u8> {
        let mut out = Vec::new();
        encoder.read_to_end(&mut out).await.unwrap();
        out
    }

    async fn encoded(coding: Coding, plain: &[u8]) -> Vec<u8> {
        match coding {
            Coding::Gzip => all(GzipEncoder::new(plain)).await,
            Coding::Deflate => all(ZlibEncoder::new(plain)).await,
            Coding::Brotli => all(BrotliEncoder::new(plain)).await,
            Coding::Zstd => all(ZstdEncoder::new(plain)).await,
        }
    }

    async fn undone(coding: Coding, body: &[u8]) -> Result<Bytes, Trouble> {
        undo(coding, Bytes::copy_from_slice(body), MIB, false).await
    }

    fn page() -> String {
        (0..2000).map(|n| format!("<p>Paragraph {n} of a page.</p>\n")).collect()
    }

    #[tokio::test]
    async fn every_encoding_is_undone() {
        for coding in ALL {
            let body = encoded(coding, page().as_bytes()).await;
            assert_eq!(undone(coding, &body).await.unwrap(), page().as_bytes(), "{coding:?}");
        }
        let raw = all(DeflateEncoder::new(page().as_bytes())).await;
        assert_eq!(undone(Coding::Deflate, &raw).await.unwrap(), page().as_bytes(), "without zlib header");
    }

    #[tokio::test]
    async fn all_members_count_and_what_follows_them_does_not() {
        for coding in [Coding::Gzip, Coding::Zstd] {
            let mut body = encoded(coding, b"first ").await;
            body.extend(encoded(coding, b"second").await);
            assert_eq!(undone(coding, &body).await.unwrap(), "first second", "{coding:?}");
            body.extend(b"junk");
            assert_eq!(undone(coding, &body).await.unwrap(), "first second", "{coding:?} with junk behind it");
        }
    }

    #[tokio::test]
    async fn body_cut_off_anywhere_is_an_error() {
        for coding in ALL {
            let body = encoded(coding, page().as_bytes()).await;
            for length in [10, body.len() / 2, body.len() - 5, body.len() - 1] {
                let result = undone(coding, &body[..length]).await;
                assert!(matches!(result, Err(Trouble::Damaged(_))), "{coding:?} {length}/{}: {result:?}", body.len());
            }
        }
    }

    #[tokio::test]
    async fn plain_page_under_a_lying_label_is_taken_as_it_is() {
        for coding in ALL {
            assert_eq!(undone(coding, page().as_bytes()).await.unwrap(), page().as_bytes(), "{coding:?}");
            assert_eq!(undone(coding, b"").await.unwrap(), "", "{coding:?}");
        }
    }

    #[tokio::test]
    async fn bombs_stop_at_the_caps() {
        let zeros = vec![0; 20 * MIB as usize];
        for coding in ALL {
            let body = Bytes::from(encoded(coding, &zeros).await);
            let small = undo(coding, body.clone(), MIB, false).await;
            assert!(matches!(small, Err(Trouble::TooLarge)), "{coding:?}: {small:?}");
            let large = undo(coding, body.clone(), 30 * MIB, false).await;
            assert!(matches!(large, Err(Trouble::Bomb)), "{coding:?}");
            assert_eq!(undo(coding, body, MIB, true).await.unwrap().len() as u64, MIB, "{coding:?} cut");
        }
    }

    #[test]
    fn header_names_encodings_in_order_and_unknown_ones_are_told() {
        assert_eq!(codings("gzip"), Ok(vec![Coding::Gzip]));
        assert_eq!(codings("X-GZIP , br"), Ok(vec![Coding::Gzip, Coding::Brotli]));
        assert_eq!(codings("identity"), Ok(vec![]));
        assert_eq!(codings("compress"), Err(Unknown("compress".into())));
        assert_eq!(codings("gzip, gzip, gzip"), Err(Unknown("gzip, gzip, gzip".into())));
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(body in proptest::collection::vec(any::<u8>(), 0..600), with_magic in any::<bool>()) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            for (coding, magic) in ALL.into_iter().zip([&b"\x1f\x8b\x08\x00"[..], b"\x78\x9c", b"", b"\x28\xb5\x2f\xfd"]) {
                let body = if with_magic { [magic, &body].concat() } else { body.clone() };
                let _ = runtime.block_on(undone(coding, &body));
            }
        }
    }
}
