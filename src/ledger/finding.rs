//! What may be wrong with a ledger, and what can be done about it.

use crate::key::Key;
use serde::{Serialize, Serializer};

/// One thing that is not as it should be, or that the next run puts in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What kind of thing.
    pub kind: FindingKind,
    /// The article, where it is known.
    pub key: Option<Key>,
    /// The file below the output folder, where it is about one.
    pub path: Option<String>,
    /// What it is, in a few words.
    pub what: String,
    /// What can be done.
    pub remedy: &'static str,
}

impl Finding {
    pub(super) fn new(kind: FindingKind, key: Option<Key>, path: Option<&str>, what: impl Into<String>) -> Self {
        Self { kind, key, path: path.map(str::to_owned), what: what.into(), remedy: kind.remedy() }
    }

    /// Whether both are about the same thing.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (self.kind, self.key, &self.path) == (other.kind, other.key, &other.path)
    }
}

/// What kind of thing a [`Finding`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FindingKind {
    /// A text that was written is not there.
    Lost,
    /// An article has a second file, or two articles have one.
    Doubled,
    /// A text has other bytes than were written.
    Changed,
    /// A file that nothing is known of.
    Stray,
    /// The manifest lacks a text that the store says is written.
    Unlisted,
    /// The store does not know a text that the manifest lists.
    Unknown,
    /// Store and manifest say different things of a text.
    Differs,
    /// A line of the manifest that cannot be read.
    BadLine,
    /// There is no store although there are texts.
    NoStore,
    /// The store is damaged.
    DamagedStore,
    /// The store says something of a page that it never should.
    DamagedItem,
    /// A raw page cannot be unpacked, or has other bytes than were kept.
    DamagedRaw,
    /// The pages of the store do not add up.
    Counts,
    /// A page was left out as a copy of one whose text is not there.
    Orphan,
    /// The next run does it: a temporary file is left.
    Temporary,
    /// The next run does it: the manifest's last line is torn.
    TornLine,
    /// The next run does it: a text stands whose page was not finished.
    Unfinished,
}

impl FindingKind {
    /// Its name in what users see.
    pub fn id(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Doubled => "doubled",
            Self::Changed => "changed",
            Self::Stray => "stray",
            Self::Unlisted => "unlisted",
            Self::Unknown => "unknown",
            Self::Differs => "differs",
            Self::BadLine => "bad_line",
            Self::NoStore => "no_store",
            Self::DamagedStore => "damaged_store",
            Self::DamagedItem => "damaged_item",
            Self::DamagedRaw => "damaged_raw",
            Self::Counts => "counts",
            Self::Orphan => "orphan",
            Self::Temporary => "temporary",
            Self::TornLine => "torn_line",
            Self::Unfinished => "unfinished",
        }
    }

    /// Whether the next run puts it in order by itself: what a killed run leaves behind.
    pub fn mends_itself(self) -> bool {
        matches!(self, Self::Temporary | Self::TornLine | Self::Unfinished)
    }

    /// What can be done about it.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Lost => "put it back from a backup, or have it fetched once more by `gleaner repair --refetch`",
            Self::Doubled => "compare the files and remove the one that the manifest does not name",
            Self::Changed => "put it back from a backup, or have it written once more by `gleaner repair --refetch`",
            Self::Stray => "move it out of the output folder if it is yours",
            Self::Unlisted
            | Self::Unknown
            | Self::Differs
            | Self::BadLine
            | Self::NoStore
            | Self::DamagedStore
            | Self::Orphan => "stop the daemon and let `gleaner repair` put it right",
            Self::DamagedRaw => "remove the file: the text stays, and `gleaner reextract` leaves it as it is",
            Self::DamagedItem | Self::Counts => "stop the daemon and let `gleaner repair --rebuild` make a new store",
            Self::Temporary | Self::TornLine | Self::Unfinished => "nothing: the next run puts it in order",
        }
    }
}

impl Serialize for FindingKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}
