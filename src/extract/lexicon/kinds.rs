//! `kinds.toml`: what is done with each kind, and the class words, tags and roles that name it.

use super::LexiconError;
use crate::extract::block::Boilerplate;
use crate::extract::fnv::FastSet;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};

/// Rules read this; the thresholds of the whole engine.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Engine {
    /// An element that holds more of the page's prose than this, 0 to 1, is not removed by a word.
    pub prose_guard: f32,
    /// Nor one with this many paragraphs of this many characters, unless the word is sure.
    pub prose_run: (u32, u32),
    /// Tags inside which nothing is removed by words or phrases.
    pub never_inside: FastSet<String>,
    /// Tokens that say nothing.
    pub ignore_tokens: HashSet<String>,
    /// Tokens that say nothing, and make the token after them say nothing ("has-comments").
    pub ignore_next: HashSet<String>,
    /// Lower-case words inside names ("de", "von").
    pub name_particles: HashSet<String>,
}

/// What becomes of a block of some kind, unless the caller asks to keep the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    /// It is left out.
    Drop,
    /// It stays: the kind speaks against removal by a likely rule.
    Keep,
    /// It is left out of the body and may become metadata.
    Metadata,
}

/// Where on a page, relative to the main content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Zone {
    /// Before the first block of the body, in the same container.
    Pre,
    /// Between blocks of the body.
    Mid,
    /// After the last block of the body, in the same container.
    Post,
    /// Elsewhere on the page.
    Out,
}

/// Something inside an element that speaks for a likely word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sign {
    /// A form.
    Form,
    /// An input for an e-mail address.
    EmailField,
    /// A button, or an input that sends a form.
    Button,
    /// A link.
    Link,
    /// A picture.
    Image,
    /// A `time` element.
    Time,
    /// A frame of another page.
    Frame,
    /// A phrase of the same kind in one of its blocks.
    Phrase,
}

/// What has to be seen beside a likely word. One of the stated conditions is enough.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Witness {
    /// The element holds one of these.
    pub has: Vec<Sign>,
    /// The element holds at least so many links, and they cover `link_share` of its text.
    pub min_links: Option<u32>,
    /// Share of the text inside links, 0 to 1.
    pub link_share: Option<f32>,
    /// Share of the text after a label that is inside links, 0 to 1.
    pub link_share_after_label: Option<f32>,
    /// The element has no paragraph of prose.
    pub no_prose: bool,
    /// The element's text has at most so many characters.
    pub max_chars: Option<u32>,
}

/// How far a heading of a kind reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Until {
    /// Up to the next heading or paragraph of prose.
    NextHeadingOrProse,
    /// Up to the end of the heading's container.
    EndOfContainer,
}

/// A heading that takes the blocks below it along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cluster {
    /// Only a heading starts it, not any phrase.
    pub heading: bool,
    /// Where it ends.
    pub until: Until,
}

/// The rules of one kind.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KindRule {
    id: String,
    /// What becomes of its blocks.
    pub action: Action,
    /// Where its blocks are believed.
    pub zones: Vec<Zone>,
    /// Longer blocks are never taken for it by their text.
    pub max_chars: u32,
    /// Blocks with a sentence's end are taken for it only as a whole block or heading.
    #[serde(default)]
    pub no_sentence: bool,
    /// What a likely word needs beside it; `None`: the kind has no likely words, or they need
    /// only the prose guard.
    #[serde(default)]
    pub witness: Option<Witness>,
    /// How its heading gathers the blocks below.
    #[serde(default)]
    pub cluster: Option<Cluster>,
    /// Its heading is a strong mark of the article's end.
    #[serde(default)]
    pub ends_article: bool,
    /// The page is cut where this stands.
    #[serde(default)]
    pub truncates: bool,
    #[serde(default)]
    pub(super) sure: Vec<String>,
    #[serde(default)]
    pub(super) likely: Vec<String>,
    /// Those of the likely words whose element must hold a link or a button too.
    #[serde(default)]
    pub leading: Vec<String>,
    #[serde(default)]
    pub(super) not: Vec<String>,
    /// Words that remove nothing, but name what was left out for another reason.
    #[serde(default)]
    pub(super) hint: Vec<String>,
    #[serde(default)]
    pub(super) tags: Vec<String>,
    #[serde(default)]
    pub(super) roles: Vec<String>,
}

impl KindRule {
    /// Whether a block in this zone is believed to be of the kind.
    pub(crate) fn is_in(&self, zone: Zone) -> bool {
        self.zones.contains(&zone)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KindsFile {
    schema: u32,
    engine: Engine,
    kind: Vec<KindRule>,
}

/// The format that this code reads.
const SCHEMA: u32 = 1;

/// All of `kinds.toml`, with a rule for every kind.
#[derive(Debug)]
pub(super) struct Kinds {
    pub(super) engine: Engine,
    /// In the order of `Boilerplate::ALL`.
    pub(super) rules: Vec<(Boilerplate, KindRule)>,
}

pub(super) fn read(file: &'static str, text: &str) -> Result<Kinds, LexiconError> {
    let read: KindsFile =
        toml::from_str(text).map_err(|error| LexiconError::Format { file, source: Box::new(error) })?;
    if read.schema != SCHEMA {
        return Err(LexiconError::Schema { file, found: read.schema });
    }
    let mut by_kind = HashMap::new();
    for rule in read.kind {
        let Some(kind) = Boilerplate::from_id(&rule.id) else {
            return Err(LexiconError::UnknownKind { file, key: rule.id });
        };
        if by_kind.insert(kind, rule).is_some() {
            return Err(LexiconError::Twice { file, key: "id", value: kind.id().to_owned() });
        }
    }
    let take = |&kind: &Boilerplate| {
        by_kind.remove(&kind).map(|rule| (kind, rule)).ok_or(LexiconError::MissingKind { file, kind: kind.id() })
    };
    let rules = Boilerplate::ALL.iter().map(take).collect::<Result<_, _>>()?;
    Ok(Kinds { engine: read.engine, rules })
}
