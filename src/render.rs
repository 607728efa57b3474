//! Articles as files: plain text, JSON, front matter.
