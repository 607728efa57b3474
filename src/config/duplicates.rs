//! The `[duplicates]` section: what becomes of copies.

use serde::{Deserialize, Serialize};

/// Settings of copies, as in the `[duplicates]` section of the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DuplicateOptions {
    /// What becomes of articles that other pages have told before.
    pub policy: DuplicatePolicy,
}

/// What becomes of an article whose text is nearly that of one that came before it, wherever both stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DuplicatePolicy {
    /// It is written like any other; the store keeps of which it is a copy.
    #[default]
    Keep,
    /// It is written, and manifest and front matter name the first one.
    Mark,
    /// It is not written; the store keeps of which it is a copy.
    Skip,
}
