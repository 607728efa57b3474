//! The `[extract]` section: what is left in the texts.

use crate::extract::{self, block::Boilerplate};
use serde::{Deserialize, Deserializer};
use std::path::PathBuf;

/// What is left in the texts, as in the `[extract]` section.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExtractSettings {
    /// Kinds of boilerplate that stay, by their ids.
    pub keep: Vec<Boilerplate>,
    /// Kinds that go whatever else speaks for them, also those that stay by default.
    pub drop: Vec<Boilerplate>,
    /// How much is kept where there is doubt: `strict`, `balanced` or `generous`.
    #[serde(deserialize_with = "level")]
    pub level: extract::Level,
    /// What becomes of tables: `keep` or `drop`.
    #[serde(deserialize_with = "tables")]
    pub tables: extract::Tables,
    /// Whether links of the texts are given in Markdown, HTML and JSON.
    pub with_links: bool,
    /// Whether images of the articles are given in Markdown, HTML and JSON.
    pub with_images: bool,
    /// A folder of FiveFilters files with rules for single sites; `None` for none.
    pub site_rules: Option<PathBuf>,
}

impl ExtractSettings {
    /// As the extractor takes them, but for the rules of single sites.
    pub fn options(&self) -> extract::Options {
        extract::Options {
            keep: self.keep.clone(),
            drop: self.drop.clone(),
            level: self.level,
            tables: self.tables,
            with_links: self.with_links,
            with_images: self.with_images,
            ..extract::Options::default()
        }
    }
}

pub(super) fn level<'de, D: Deserializer<'de>>(deserializer: D) -> Result<extract::Level, D::Error> {
    let id = String::deserialize(deserializer)?;
    let found = extract::Level::ALL.into_iter().find(|(name, _)| *name == id).map(|(_, level)| level);
    found.ok_or_else(|| serde::de::Error::custom(format_args!("`{id}` is none of `strict`, `balanced`, `generous`")))
}

fn tables<'de, D: Deserializer<'de>>(deserializer: D) -> Result<extract::Tables, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "keep" => Ok(extract::Tables::Keep),
        "drop" => Ok(extract::Tables::Drop),
        other => Err(serde::de::Error::custom(format_args!("`{other}` is neither `keep` nor `drop`"))),
    }
}
