//! A feed of the configuration, and what is wanted of it.

use super::Config;
use crate::extract::Level;
use crate::output::{Format, Truncated};
use crate::path::RelativePath;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer};
use url::Url;

/// A feed, as in a `[[feed]]` table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedConfig {
    /// Where it stands; http or https.
    #[serde(deserialize_with = "url")]
    pub url: Url,
    /// What to call it in logs; the URL where it is left out.
    pub name: Option<String>,
    /// Whether it is polled; what it has announced before is fetched all the same.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Seconds between two looks at it, give or take a tenth, whatever it publishes and says; at least 60.
    #[serde(default, deserialize_with = "interval")]
    pub interval_s: Option<u32>,
    /// A folder below that of `[output]`, where its articles go in the place of that folder itself.
    #[serde(default, deserialize_with = "folder")]
    pub folder: Option<RelativePath>,
    /// Keywords of which an entry's title has to have one; empty: none need be there.
    #[serde(default, deserialize_with = "keywords")]
    pub include: Vec<String>,
    /// Keywords of which an entry's title may have none.
    #[serde(default, deserialize_with = "keywords")]
    pub exclude: Vec<String>,
    /// How much of its articles is kept where there is doubt, in the place of what `[extract]` says.
    #[serde(default, deserialize_with = "level")]
    pub level: Option<Level>,
    /// What its texts are written as, in the place of what `[output]` says.
    #[serde(default)]
    pub format: Option<Format>,
    /// Whether they start with title, URL, authors and date, in the place of what `[output]` says.
    #[serde(default)]
    pub front_matter: Option<bool>,
    /// Entries that are dated earlier than so many days ago are not fetched.
    #[serde(default, deserialize_with = "days")]
    pub max_age_days: Option<u32>,
}

impl FeedConfig {
    /// Whether an entry is wanted, by what the feed says of it; what it does not say speaks against nothing.
    pub fn wants(&self, title: Option<&str>, published: Option<Timestamp>, now: Timestamp) -> bool {
        let oldest = self.max_age_days.map(|days| SignedDuration::from_hours(24 * i64::from(days)));
        if oldest.zip(published).is_some_and(|(oldest, published)| now.duration_since(published) > oldest) {
            return false;
        }
        let Some(title) = title.map(words) else { return true };
        let says = |keyword: &String| title.contains(&words(keyword));
        (self.include.is_empty() || self.include.iter().any(says)) && !self.exclude.iter().any(says)
    }
}

/// How texts are made and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextSettings {
    /// How much is kept where there is doubt.
    pub level: Level,
    /// What they are written as.
    pub format: Format,
    /// Whether they start with title, URL, authors and date.
    pub front_matter: bool,
    /// Whether what is known of them stands beside them as JSON.
    pub sidecar: bool,
    /// What becomes of articles that are not whole.
    pub truncated: Truncated,
}

impl Config {
    /// How the texts of a feed are made: by its own settings, by the general ones where it has none or is `None`.
    pub fn text_settings(&self, feed: Option<&FeedConfig>) -> TextSettings {
        TextSettings {
            level: feed.and_then(|feed| feed.level).unwrap_or(self.extract.level),
            format: feed.and_then(|feed| feed.format).unwrap_or(self.output.format),
            front_matter: feed.and_then(|feed| feed.front_matter).unwrap_or(self.output.front_matter),
            sidecar: self.output.sidecar,
            truncated: self.output.truncated,
        }
    }
}

/// The words of a text, small and each between spaces, so that one text has another's words where it contains it.
fn words(text: &str) -> String {
    let small = text.to_lowercase();
    let words = small.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.fold(" ".to_owned(), |line, word| line + word + " ")
}

fn yes() -> bool {
    true
}

fn url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    let text = String::deserialize(deserializer)?;
    crate::fetch::parse_url(&text, None).map_err(serde::de::Error::custom)
}

fn interval<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    between(u32::deserialize(deserializer)?, 60, 366 * 24 * 3600).map(Some).map_err(serde::de::Error::custom)
}

fn level<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Level>, D::Error> {
    super::extract::level(deserializer).map(Some)
}

fn days<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    between(u32::deserialize(deserializer)?, 1, 36_500).map(Some).map_err(serde::de::Error::custom)
}

fn between(value: u32, least: u32, most: u32) -> Result<u32, String> {
    if (least..=most).contains(&value) { Ok(value) } else { Err(format!("`{value}` is not from {least} to {most}")) }
}

fn folder<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<RelativePath>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let plain = RelativePath::of_parts(&text.split('/').collect::<Vec<_>>());
    if plain.as_str() == text {
        return Ok(Some(plain));
    }
    let message = format_args!("`{text}` is no plain path below the output folder; `{}` would be", plain.as_str());
    Err(serde::de::Error::custom(message))
}

fn keywords<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let keywords = Vec::<String>::deserialize(deserializer)?;
    match keywords.iter().find(|keyword| words(keyword).trim().is_empty()) {
        Some(empty) => Err(serde::de::Error::custom(format_args!("`{empty}` has no letter and no digit to look for"))),
        None => Ok(keywords),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_790_000_000, 0);

    fn feed(more: &str) -> FeedConfig {
        toml::from_str(&format!("url = \"https://a.example/feed\"\n{more}")).unwrap()
    }

    #[test]
    fn keywords_are_whole_words_whatever_their_case() {
        let feed = feed("include = [\"Rail\", \"city council\", \"Škoda\"]\nexclude = [\"sport\"]");
        let wants = |title| feed.wants(Some(title), None, NOW);
        for title in ["RAIL: the plan", "Why the City-Council voted", "the new škoda works"] {
            assert!(wants(title), "{title}");
        }
        for title in ["Derailed again", "The council of the city", "Rail and sport"] {
            assert!(!wants(title), "{title}");
        }
        assert!(feed.wants(None, None, NOW), "nothing is known of it");
    }

    #[test]
    fn old_entries_are_not_wanted_and_undated_ones_are() {
        let feed = feed("max_age_days = 3");
        let days_ago = |days: i64| NOW.checked_sub(SignedDuration::from_hours(24 * days)).ok();
        let wanted = [days_ago(2), days_ago(4), None].map(|published| feed.wants(Some("a"), published, NOW));
        assert_eq!(wanted, [true, false, true]);
    }
}
