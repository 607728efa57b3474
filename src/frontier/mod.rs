//! What is to be fetched next, and what became of what was.
