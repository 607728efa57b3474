//! Names and atomic files.
