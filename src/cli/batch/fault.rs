//! What is wrong with a record of a batch.

use crate::fetch::Undecodable;
use std::io;

/// Why a record cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordFault {
    /// Not the object that was expected; `what` is cut off where it quotes at length.
    #[error("no usable JSON: {} (column {}); the line is skipped", what(.0), .0.column())]
    Json(#[source] serde_json::Error),
    /// A line that begins like no object.
    #[error("no JSON object; the line is skipped")]
    NoObject,
    /// Two contents.
    #[error("both `text` and `html` are given; the line is skipped, leave one of them out")]
    TwoContents,
    /// No content.
    #[error("neither `text` nor `html` is given; the line is skipped")]
    NoContent,
    /// An id that would not come out as it went in.
    #[error("`id` is neither a text nor a whole number; the line is skipped")]
    Id,
    /// A `url` that is none.
    #[error("`url` is none: {0}; the line is skipped, leave the URL out where there is none")]
    Url(#[source] url::ParseError),
    /// A `url` that is not on the web.
    #[error("`url` does not begin with http:// or https://; the line is skipped")]
    Scheme,
    /// Too long to be held.
    #[error("longer than {limit} bytes, the limit for one record; it is skipped, --max-body-bytes allows more")]
    TooLong {
        /// The limit, in bytes.
        limit: u64,
    },
    /// Something else than a record.
    #[error("no WARC record begins at byte {offset}; all is skipped up to the next one")]
    NoRecord {
        /// Where, in the file; in a compressed one where the gzip member begins.
        offset: u64,
    },
    /// A head without an end.
    #[error("the WARC record at byte {offset} has too long a head; it is skipped")]
    Head {
        /// As above.
        offset: u64,
    },
    /// A head that does not say how long the record is.
    #[error("the WARC record at byte {offset} has no usable Content-Length; it is skipped")]
    NoLength {
        /// As above.
        offset: u64,
    },
    /// The input ends in the middle.
    #[error("the WARC record at byte {offset} is cut off; it is skipped, get the file anew")]
    CutOff {
        /// As above.
        offset: u64,
    },
    /// A length that ends in the middle of another record.
    #[error("the WARC record at byte {offset} is not as long as it says; it is skipped, those behind it are read")]
    Length {
        /// As above.
        offset: u64,
    },
    /// Compressed bytes that cannot be.
    #[error("the gzip member at byte {offset} is damaged: {cause}; it is skipped, get the file anew")]
    Gzip {
        /// As above.
        offset: u64,
        /// What the decoder says.
        #[source]
        cause: io::Error,
    },
    /// A body that is no HTTP message, or one whose head cannot be read.
    #[error("the HTTP message in it cannot be read: {0}; it is skipped")]
    Http(#[source] httparse::Error),
    /// An HTTP message that ends in its head.
    #[error("the HTTP message in it has no end of its head; it is skipped")]
    HttpHead,
    /// A body whose encodings cannot be undone.
    #[error("{0}; it is skipped")]
    Encoding(#[from] Undecodable),
    /// Nothing more can be read.
    #[error("cannot be read on: {0}; what follows is left out")]
    Read(#[source] io::Error),
}

/// How much of the parser's message is told, in characters: it may quote the whole line.
const MESSAGE_CHARS: usize = 160;

/// What `serde_json` says, without the line, which it counts within the line.
fn what(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    message.strip_suffix(&place).unwrap_or(&message).chars().take(MESSAGE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_the_parser_are_cut_and_name_the_column() {
        let quoted = format!("\"{}\"", "x".repeat(5000));
        let error = serde_json::from_str::<Vec<u8>>(&quoted).unwrap_err();
        let told = RecordFault::Json(error).to_string();
        assert!(told.len() < 300 && told.contains("(column ") && !told.contains("at line"), "{told}");
    }
}
