//! Secrets of the configuration: where each stands, and once it is read, its value, which is never shown.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A value that is better not written into the configuration: `{ env = "NAME" }` or `{ file = "path" }`, and for
/// what is no secret the text itself. Two are equal where they come from the same place.
#[derive(Clone)]
pub struct Secret {
    source: Source,
    value: Option<SecretString>,
}

/// Where a secret stands.
#[derive(Clone, PartialEq, Eq)]
enum Source {
    /// In the configuration itself.
    Plain,
    /// In an environment variable of this name.
    Env(String),
    /// In a file, alone; white space around it does not count.
    File(PathBuf),
}

/// A secret cannot be had, or cannot be sent. No message shows a value.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// No such environment variable, or one that is no UTF-8.
    #[error("the environment variable {name} is not set")]
    Unset {
        /// Its name.
        name: String,
    },
    /// The file cannot be read.
    #[error("{path}: cannot read the secret: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's word.
        source: io::Error,
    },
    /// More than a header may hold.
    #[error("the secret is longer than {most} bytes")]
    TooLong {
        /// The most that is taken.
        most: usize,
    },
    /// Nothing in it.
    #[error("the secret is empty")]
    Empty,
    /// Line breaks and their like, which no header can hold.
    #[error("the secret has control characters; it must be one line")]
    ControlCharacter,
}

/// The longest secret, in bytes; servers take 8 KiB of a header line, and a file past this is another one.
const MOST_BYTES: usize = 8 * 1024;

impl Secret {
    /// Whether it is written out in the configuration.
    pub(super) fn is_plain(&self) -> bool {
        self.source == Source::Plain
    }

    /// The value; `None` until it has been read.
    pub(super) fn expose(&self) -> Option<&str> {
        self.value.as_ref().map(ExposeSecret::expose_secret)
    }

    /// Reads the value from where it stands; paths are relative to `folder`, variables are what `environment` says.
    ///
    /// # Errors
    /// A value that cannot be had, is empty or can stand in no header.
    pub(super) fn read(
        &mut self,
        folder: &Path,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(), SecretError> {
        let value = match &self.source {
            Source::Plain => self.expose().unwrap_or_default().to_owned(),
            Source::Env(name) => environment(name).ok_or_else(|| SecretError::Unset { name: name.clone() })?,
            Source::File(path) => {
                let path = folder.join(path);
                std::fs::read_to_string(&path).map_err(|source| SecretError::File { path, source })?
            }
        };
        let value = value.trim();
        if value.is_empty() {
            return Err(SecretError::Empty);
        }
        if value.len() > MOST_BYTES {
            return Err(SecretError::TooLong { most: MOST_BYTES });
        }
        if value.chars().any(char::is_control) {
            return Err(SecretError::ControlCharacter);
        }
        self.value = Some(value.into());
        Ok(())
    }
}

impl From<&str> for Secret {
    /// A secret that somebody has read already, for users of the library.
    fn from(value: &str) -> Self {
        Self { source: Source::Plain, value: Some(value.into()) }
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        let is_same_text = self.source != Source::Plain || self.expose() == other.expose();
        self.source == other.source && is_same_text
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Source::Plain => formatter.write_str("[redacted]"),
            Source::Env(name) => write!(formatter, "[redacted, from the variable {name}]"),
            Source::File(path) => write!(formatter, "[redacted, from {}]", path.display()),
        }
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Secret;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("{ env = \"NAME\" } or { file = \"path\" }")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Secret, E> {
        Ok(Secret::from(text.trim()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Secret, A::Error> {
        let source = match map.next_key::<String>()?.as_deref() {
            Some("env") => Source::Env(map.next_value()?),
            Some("file") => Source::File(map.next_value()?),
            Some(other) => return Err(de::Error::unknown_field(other, &["env", "file"])),
            None => return Err(de::Error::missing_field("env")),
        };
        match map.next_entry::<String, IgnoredAny>()? {
            None => Ok(Secret { source, value: None }),
            Some(_) => Err(de::Error::custom("one of `env` and `file` is enough")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Table {
        key: Secret,
    }

    fn parsed(value: &str) -> Result<Secret, toml::de::Error> {
        toml::from_str::<Table>(&format!("key = {value}")).map(|table| table.key)
    }

    fn read(value: &str, folder: &Path) -> Result<String, SecretError> {
        let mut secret = parsed(value).unwrap();
        secret.read(folder, &|name| (name == "KEY").then(|| " from the variable\n".to_owned()))?;
        Ok(secret.expose().unwrap().to_owned())
    }

    #[test]
    fn values_come_from_variables_and_files_without_the_space_around_them() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("token", "from the file\r\n");
        write("empty", " \n");
        write("lines", "a\nb");
        write("long", &"x".repeat(MOST_BYTES + 1));
        assert_eq!(read("{ env = 'KEY' }", folder.path()).unwrap(), "from the variable");
        assert_eq!(read("{ file = 'token' }", folder.path()).unwrap(), "from the file");
        assert_eq!(read("'text'", folder.path()).unwrap(), "text");
        for (value, said) in [
            ("{ env = 'OTHER' }", "the environment variable OTHER is not set"),
            ("{ file = 'absent' }", "cannot read the secret"),
            ("{ file = 'empty' }", "is empty"),
            ("{ file = 'lines' }", "control characters"),
            ("{ file = 'long' }", "longer than 8192 bytes"),
        ] {
            let error = read(value, folder.path()).unwrap_err().to_string();
            assert!(error.contains(said), "{value}: {error}");
        }
    }

    #[test]
    fn other_ways_to_name_a_secret_are_refused() {
        for (value, said) in [
            ("{ environment = 'X' }", "unknown field `environment`"),
            ("{ env = 'X', file = 'y' }", "one of `env` and `file`"),
            ("{}", "missing field `env`"),
            ("3", "{ env = \"NAME\" } or { file = \"path\" }"),
        ] {
            let error = parsed(value).unwrap_err().to_string();
            assert!(error.contains(said), "{value}: {error}");
        }
    }

    #[test]
    fn secrets_are_shown_by_their_place_alone() {
        let mut secret = parsed("{ env = 'KEY' }").unwrap();
        secret.read(Path::new(""), &|_| Some("hunter2".to_owned())).unwrap();
        assert_eq!(format!("{secret:?}"), "[redacted, from the variable KEY]");
        assert_eq!(format!("{:?}", Secret::from("hunter2")), "[redacted]");
        assert_eq!(secret, parsed("{ env = 'KEY' }").unwrap(), "read or not");
        assert_ne!(secret, parsed("{ env = 'OTHER' }").unwrap());
    }
}
