//! Looks out for records inside of what a record is said to hold: where its length is wrong, they are its neighbours.

use memchr::memmem;

/// What a line begins with that may begin a record.
const OPENING: &[u8] = b"\nWARC/";

/// How much is kept of what has passed, so that an opening in two pieces is seen.
const KEPT_BYTES: usize = OPENING.len() + 2;

/// What passes of a record's content.
#[derive(Debug)]
pub(super) struct Lookout {
    /// The end of what has passed, or from the first line on that may begin a record.
    passed: Vec<u8>,
    has_found: bool,
    /// How much may be kept of what follows such a line.
    most_bytes: usize,
}

impl Lookout {
    pub(super) fn new(most_bytes: usize) -> Self {
        Self { passed: Vec::new(), has_found: false, most_bytes }
    }

    /// Takes the next piece; whether there is room for more.
    pub(super) fn take(&mut self, piece: &[u8]) -> bool {
        self.passed.extend_from_slice(piece);
        if !self.has_found {
            let opening = memmem::find_iter(&self.passed, OPENING).find(|at| is_behind_blank(&self.passed[..*at]));
            self.has_found = opening.is_some();
            let from = opening.map_or(self.passed.len().saturating_sub(KEPT_BYTES), |at| at + 1);
            self.passed.drain(..from);
        }
        !self.has_found || self.passed.len() < self.most_bytes
    }

    /// All from the first line on that may begin a record, if there is one.
    pub(super) fn found(self) -> Option<Vec<u8>> {
        self.has_found.then_some(self.passed)
    }
}

/// Whether a line ends that is blank; the end itself is not there.
fn is_behind_blank(before: &[u8]) -> bool {
    before.strip_suffix(b"\r").unwrap_or(before).ends_with(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pieces: &[&str]) -> Option<String> {
        let mut lookout = Lookout::new(30);
        let _ = pieces.iter().all(|piece| lookout.take(piece.as_bytes()));
        lookout.found().map(|found| String::from_utf8(found).unwrap())
    }

    #[test]
    fn a_record_begins_behind_a_blank_line_in_whatever_pieces() {
        let text = "<p>old news</p>\r\n\r\nWARC/1.0\r\nW";
        for cut in 0..text.len() {
            assert_eq!(found(&[&text[..cut], &text[cut..]]).as_deref(), Some("WARC/1.0\r\nW"), "{cut}");
        }
        assert_eq!(found(&["a\n\nWARC/1.1"]).as_deref(), Some("WARC/1.1"));
        for other in ["", "a\nWARC/1.0\n", "the WARC/1.0 format", "\n\nWAR"] {
            assert_eq!(found(&[other]), None, "{other}");
        }
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let mut lookout = Lookout::new(30);
        assert!(lookout.take(&[b'a'; 100]) && lookout.take(b"\n\nWARC/1.0") && !lookout.take(&[b'a'; 30]));
    }
}
