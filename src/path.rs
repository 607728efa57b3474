//! Paths that cannot leave the folder they are relative to.

use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};

/// Names that Windows keeps for devices, whatever the extension.
const RESERVED: &[&str] = &["con", "prn", "aux", "nul"];

/// The longest name of a file or folder, in bytes, on the file systems in use.
const MAX_NAME_BYTES: usize = 255;

/// A path of plain names below a folder: no `..`, nothing hidden, nothing absolute, no name that some
/// file system reads differently. The characters are `a-z`, `0-9`, `.`, `_` and `-`; parts are
/// separated by `/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RelativePath(String);

impl<'de> Deserialize<'de> for RelativePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// A text that is no [`RelativePath`].
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no plain path below a folder")]
pub struct PathError(Box<str>);

impl RelativePath {
    /// Reads back what [`RelativePath::as_str`] gave out.
    ///
    /// # Errors
    /// Any text that [`RelativePath::of_parts`] cannot produce.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let plain = text.split('/').all(|part| !part.is_empty() && plain_name(part) == part);
        if plain { Ok(Self(text.to_owned())) } else { Err(PathError(text.into())) }
    }

    /// The path made of `parts`, each made plain: foreign characters become `-`, leading dots and
    /// closing dots go, device names get a `_` in front, and what is empty then becomes `_`.
    pub fn of_parts(parts: &[&str]) -> Self {
        let parts: Vec<_> = parts.iter().map(|part| plain_name(part)).collect();
        Self(if parts.is_empty() { "_".to_owned() } else { parts.join("/") })
    }

    /// With `/` between the parts.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parts, outermost first; at least one.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }

    /// The same below another one.
    #[must_use]
    pub fn within(&self, folder: &Self) -> Self {
        Self(format!("{}/{}", folder.0, self.0))
    }

    /// The same with another extension (without the dot) in the place of its own.
    #[must_use]
    pub fn with_extension(&self, extension: &str) -> Self {
        let own = self.0.rsplit_once('.').filter(|(_, own)| !own.contains('/'));
        Self(format!("{}.{extension}", own.map_or(self.0.as_str(), |(stem, _)| stem)))
    }

    /// Where JSON about the file stands: beside it, under its name and `.json`.
    #[must_use]
    pub fn sidecar(&self) -> Self {
        Self(format!("{}.json", self.0))
    }

    /// The path below `root`.
    pub fn under(&self, root: &Path) -> PathBuf {
        self.parts().fold(root.to_path_buf(), |path, part| path.join(part))
    }
}

fn plain_name(part: &str) -> String {
    let plain: String = part
        .chars()
        .map(|character| character.to_ascii_lowercase())
        .map(|character| match character {
            'a'..='z' | '0'..='9' | '.' | '_' | '-' => character,
            _ => '-',
        })
        .collect();
    let plain = plain.trim_start_matches('.');
    // All characters are ASCII by now, so that any byte is a boundary. One byte is left for the `_`.
    let plain = plain[..plain.len().min(MAX_NAME_BYTES - 1)].trim_end_matches('.');
    if plain.is_empty() || is_reserved(plain) { format!("_{plain}") } else { plain.to_owned() }
}

fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    let numbered = ["com", "lpt"].iter().any(|device| {
        stem.strip_prefix(device).is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|byte| byte.is_ascii_digit()))
    });
    RESERVED.contains(&stem) || numbered
}

impl fmt::Display for RelativePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::Component;

    #[test]
    fn refuses_what_leads_elsewhere() {
        for text in [
            "",
            "/etc/passwd",
            "../a",
            "a/../../b",
            "a//b",
            "a/",
            ".hidden",
            "a/.b",
            "c:/x",
            "a\\b",
            "con.txt",
            "A",
            "ä",
        ] {
            assert!(RelativePath::parse(text).is_err(), "{text}");
        }
        assert!(RelativePath::parse("news.test/2026-11-21/a-title-0123abcd.txt").is_ok());
    }

    #[test]
    fn extensions_are_those_of_the_name_and_not_of_its_folders() {
        for (path, expected) in [("a.test/b.txt", "a.test/b.md"), ("a.test/b", "a.test/b.md"), ("b.c.txt", "b.c.md")] {
            let path = RelativePath::parse(path).unwrap();
            assert_eq!(path.with_extension("md").as_str(), expected);
            assert!(RelativePath::parse(path.sidecar().as_str()).is_ok());
        }
    }

    #[test]
    fn device_names_become_harmless() {
        assert_eq!(
            RelativePath::of_parts(&["con.news.test", "COM1", "company"]).as_str(),
            "_con.news.test/_com1/company"
        );
    }

    proptest! {
        #[test]
        fn made_paths_stay_below_the_root(parts in proptest::collection::vec(".*", 0..5)) {
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            let path = RelativePath::of_parts(&parts);
            let below = path.under(Path::new("root"));
            prop_assert!(below.starts_with("root") && below != Path::new("root"));
            prop_assert!(below.components().all(|part| matches!(part, Component::Normal(_))));
            prop_assert!(path.parts().all(|part| !part.starts_with('.') && part.len() <= MAX_NAME_BYTES));
            prop_assert_eq!(RelativePath::parse(path.as_str()).unwrap(), path);
        }

        #[test]
        fn read_paths_stay_below_the_root(text in "[./\\\\a-zA-Z:~ ]{0,20}") {
            if let Ok(path) = RelativePath::parse(&text) {
                let below = path.under(Path::new("root"));
                prop_assert!(below.components().all(|part| matches!(part, Component::Normal(_))));
            }
        }
    }
}
