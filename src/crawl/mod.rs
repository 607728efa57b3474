//! The loop: feeds in, text files out.
