//! Runs the extractor over a corpus.

fn main() {}
