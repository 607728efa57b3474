//! JSON Lines: one object a text.

use crate::output::Entry;
use serde::Serialize;
use std::io::{self, Write};

/// A line: all that the manifest says, and the text.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    entry: &'a Entry,
    text: &'a str,
}

/// Writes the line of a text.
pub(super) fn write(out: &mut impl Write, entry: &Entry, text: &str) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Line { entry, text })?;
    out.write_all(b"\n")
}
