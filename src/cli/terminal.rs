//! What the user sees: standard output that may be cut off, messages that cannot command a terminal.

use super::code::Ended;
use std::io::{self, IsTerminal as _, Write as _};

/// The name that opens every message.
const NAME: &str = "gleaner";

/// Text from a page or a URL as it may stand in a message: one line, without control characters,
/// escape sequences and marks that turn the direction of writing.
pub(crate) fn plain(text: &str) -> String {
    let unbroken = text.chars().map(|c| if c == '\n' || c == '\r' || c == '\t' { ' ' } else { c });
    unbroken.filter(|c| !c.is_control() && !turns_writing(*c)).collect()
}

/// Unicode's explicit marks of direction, and its separators of lines and paragraphs.
fn turns_writing(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether standard output shows colours: a terminal, and nobody has set `NO_COLOR` (no-color.org).
pub(crate) fn takes_colours() -> bool {
    let is_unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    io::stdout().is_terminal() && !is_unwanted
}

/// Writes one line to standard error. A closed standard error is no reason to stop.
pub(crate) fn message(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{NAME}: {}", plain(text));
}

/// Writes `text` to standard output at once.
///
/// # Errors
/// [`Ended::ReaderGone`] where nobody reads any more, else whatever standard output says.
pub(crate) fn print(text: &str) -> Result<(), Ended> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    written.map_err(|cause| match cause.kind() {
        io::ErrorKind::BrokenPipe => Ended::ReaderGone,
        _ => Ended::Unwritable(anyhow::Error::new(cause).context("standard output cannot be written")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_what_commands_a_terminal() {
        assert_eq!(plain("a\u{1b}]52;c;aGk=\u{7}b"), "a]52;c;aGk=b");
        assert_eq!(plain("a\u{1b}]8;;http://x/\u{1b}\\b"), "a]8;;http://x/\\b");
        assert_eq!(plain("a\u{9b}2Jb\u{202e}c\u{2028}d"), "a2Jbcd");
    }

    #[test]
    fn stays_on_one_line_and_keeps_letters() {
        assert_eq!(plain("née\r\nЄва\t日本"), "née  Єва 日本");
    }
}
