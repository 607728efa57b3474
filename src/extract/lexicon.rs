//! The words and phrases of boilerplate: data under `data/`, compiled once, looked up in linear time.
//!
//! `data/kinds.toml` says for each kind what becomes of it and which class words, tags and roles
//! name it. `data/phrases/<language>.toml` holds what boilerplate says in a language, each file with
//! test lines of its own. To add a language, write its file and name it in [`PHRASES`].

mod finder;
mod fold;
mod kinds;
mod listen;
mod pattern;
mod phrases;
mod script;
#[cfg(test)]
mod tests;
mod words;

use super::block::Boilerplate;
use finder::{Anchor, Finder, Searched};
use fold::Folded;
use phrases::{Found, Hit, Language};
use script::Scripts;
use std::sync::{Arc, OnceLock};
use words::Words;

pub(crate) use fold::fold;
pub(crate) use kinds::{Action, Cluster, Engine, KindRule, Sign, Until, Zone};
pub(crate) use listen::Memo;
pub(crate) use phrases::has_sentence_end;

/// File name and text of the kinds.
const KINDS: (&str, &str) = ("kinds.toml", include_str!("data/kinds.toml"));

/// File names and texts of the languages.
const PHRASES: &[(&str, &str)] = &[
    ("phrases/ar.toml", include_str!("data/phrases/ar.toml")),
    ("phrases/cs.toml", include_str!("data/phrases/cs.toml")),
    ("phrases/da.toml", include_str!("data/phrases/da.toml")),
    ("phrases/de.toml", include_str!("data/phrases/de.toml")),
    ("phrases/en.toml", include_str!("data/phrases/en.toml")),
    ("phrases/es.toml", include_str!("data/phrases/es.toml")),
    ("phrases/fi.toml", include_str!("data/phrases/fi.toml")),
    ("phrases/fr.toml", include_str!("data/phrases/fr.toml")),
    ("phrases/hi.toml", include_str!("data/phrases/hi.toml")),
    ("phrases/it.toml", include_str!("data/phrases/it.toml")),
    ("phrases/ja.toml", include_str!("data/phrases/ja.toml")),
    ("phrases/ko.toml", include_str!("data/phrases/ko.toml")),
    ("phrases/lt.toml", include_str!("data/phrases/lt.toml")),
    ("phrases/nl.toml", include_str!("data/phrases/nl.toml")),
    ("phrases/no.toml", include_str!("data/phrases/no.toml")),
    ("phrases/pl.toml", include_str!("data/phrases/pl.toml")),
    ("phrases/pt.toml", include_str!("data/phrases/pt.toml")),
    ("phrases/ru.toml", include_str!("data/phrases/ru.toml")),
    ("phrases/sv.toml", include_str!("data/phrases/sv.toml")),
    ("phrases/tr.toml", include_str!("data/phrases/tr.toml")),
    ("phrases/uk.toml", include_str!("data/phrases/uk.toml")),
    ("phrases/zh.toml", include_str!("data/phrases/zh.toml")),
];

/// Tags of languages whose phrases stand in another's file: Bokmål and Nynorsk in the Norwegian one.
const SHARED: [(&str, &str); 2] = [("nb", "no"), ("nn", "no")];

/// The language that many sites use for their furniture whatever they write in.
const COMMON: &str = "en";

/// The data files do not hold together. Every variant names the file.
#[derive(Debug, thiserror::Error)]
pub enum LexiconError {
    /// Not TOML, an unknown key, a missing one or a value of the wrong type.
    #[error("{file}: {source}")]
    Format {
        /// The data file.
        file: &'static str,
        /// What the reader of the format says.
        source: Box<toml::de::Error>,
    },
    /// The file is of another format than this code reads.
    #[error("{file}: schema {found} is not known")]
    Schema {
        /// The data file.
        file: &'static str,
        /// The schema number that it states.
        found: u32,
    },
    /// A section of a phrase file has an unknown key or a value of the wrong type.
    #[error("{file}: [{key}]: {source}")]
    Section {
        /// The data file.
        file: &'static str,
        /// The key or section.
        key: String,
        /// What the reader of the format says.
        source: Box<toml::de::Error>,
    },
    /// A key that every phrase file needs is not there.
    #[error("{file}: `{key}` is missing")]
    MissingKey {
        /// The data file.
        file: &'static str,
        /// The key or section.
        key: &'static str,
    },
    /// A name that is no kind's id.
    #[error("{file}: `{key}` is not a kind")]
    UnknownKind {
        /// The data file.
        file: &'static str,
        /// The key or section.
        key: String,
    },
    /// A kind without a rule.
    #[error("{file}: the kind `{kind}` is missing")]
    MissingKind {
        /// The data file.
        file: &'static str,
        /// The kind's id.
        kind: &'static str,
    },
    /// The same word, tag or role twice.
    #[error("{file}: `{value}` stands twice in `{key}` lists")]
    Twice {
        /// The data file.
        file: &'static str,
        /// The key or section.
        key: &'static str,
        /// The value.
        value: String,
    },
    /// A word that is not made of lower-case tokens, or holds one that is ignored.
    #[error("{file}: {key}: `{value}` can never match a token")]
    BadWord {
        /// The data file.
        file: &'static str,
        /// The key or section.
        key: &'static str,
        /// The value.
        value: String,
    },
    /// A phrase with an unknown placeholder or without words; one under `has` must begin with words.
    #[error("{file}: [{kind}]: the phrase `{phrase}` can not be matched")]
    BadPhrase {
        /// The data file.
        file: &'static str,
        /// The kind's id.
        kind: &'static str,
        /// The phrase.
        phrase: String,
    },
}

/// Longer blocks match no phrase, in characters: notices in JSON are the longest.
const LONGEST: usize = 2_000;

/// How much a class word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Strength {
    /// It needs a witness.
    Likely,
    /// It is enough alone, behind the prose guard.
    Sure,
}

/// A class, id or role word that names a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WordHit<'a> {
    /// The kind it names.
    pub kind: Boilerplate,
    /// The word as it stands in the data.
    pub word: &'a str,
    /// Which of all words it is.
    pub number: u32,
    /// How much it says.
    pub strength: Strength,
}

/// How a phrase stands in a block; the more telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Form {
    /// The heading is the phrase.
    Heading,
    /// The block is the phrase.
    Block,
    /// The block begins with it.
    Start,
    /// The block begins with it; the rest has to be a link or a headline, or empty.
    Label,
    /// The block has it somewhere.
    Has,
}

/// A phrase found in a block's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PhraseHit<'a> {
    /// The kind it speaks for.
    pub kind: Boilerplate,
    /// How it stands there.
    pub form: Form,
    /// The phrase as it stands in the data.
    pub phrase: &'a str,
    /// The language of its file.
    pub language: &'a str,
    /// Which of all phrases it is.
    pub number: u32,
    /// Where, in bytes of the text given, the rest after the phrase and its colon or dash begins.
    pub rest_from: usize,
}

/// Moves the hits of one language, the most telling first.
fn move_sorted(language: &Language, found: &mut Found, hits: &mut Vec<Hit>) {
    found.seen.clear();
    if !found.hits.is_empty() {
        found.hits.sort_by_key(|hit| language.rank(*hit));
        hits.append(&mut found.hits);
    }
}

/// The languages that are asked of the texts of a page.
struct Wanted<'a> {
    /// The page's own, if it declares one.
    own: Option<&'a Language>,
    /// Those of the last text, and the writings that it has: most texts of a page have the same.
    last: Option<(Scripts, Vec<&'a Language>)>,
    /// Room for what is found, by language.
    found: Vec<Found>,
    /// Room for where words begin.
    starts: Vec<u32>,
}

impl<'a> Wanted<'a> {
    fn of(own: Option<&'a Language>) -> Self {
        Self { own, last: None, found: Vec::new(), starts: Vec::new() }
    }
}

/// Words and phrases, compiled.
#[derive(Debug)]
pub(crate) struct Lexicon {
    engine: Engine,
    /// In the order of `Boilerplate::ALL`, which is the order of the variants.
    rules: Arc<[KindRule]>,
    words: Words,
    hints: Words,
    languages: Vec<Language>,
    /// Which of them is [`COMMON`].
    common: Option<usize>,
    /// Finds the words of the phrases of all languages, known by the language's number and the phrase's; built for
    /// the first page that declares no language.
    any: OnceLock<Finder<(usize, u32)>>,
}

impl Lexicon {
    /// Reads the data files that are part of the program; what languages say is compiled for the first text that may
    /// be of them.
    ///
    /// # Errors
    /// Names the file, the key and the value that is wrong.
    pub(crate) fn built_in() -> Result<Self, LexiconError> {
        Self::open(KINDS, PHRASES)
    }

    /// The same, compiled at once.
    #[cfg(test)]
    fn compile(kinds: (&'static str, &str), files: &[(&'static str, &str)]) -> Result<Self, LexiconError> {
        let lexicon = Self::open(kinds, files)?;
        lexicon.languages.iter().try_for_each(Language::check)?;
        Ok(lexicon)
    }

    fn open(
        (kinds_file, kinds_text): (&'static str, &str),
        files: &[(&'static str, &str)],
    ) -> Result<Self, LexiconError> {
        let kinds = kinds::read(kinds_file, kinds_text)?;
        let words = Words::new(kinds_file, &kinds)?;
        let hints = Words::hints(kinds_file, &kinds)?;
        let rules: Arc<[KindRule]> = kinds.rules.into_iter().map(|(_, rule)| rule).collect();
        let languages = files
            .iter()
            .zip(0..)
            .map(|((file, text), number)| Language::open(number, file, text, &rules))
            .collect::<Result<Vec<_>, _>>()?;
        let common = languages.iter().position(|language| language.code == COMMON);
        Ok(Self { engine: kinds.engine, rules, words, hints, languages, common, any: OnceLock::new() })
    }

    /// The thresholds of the whole engine.
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The rules of a kind.
    pub(crate) fn kind(&self, kind: Boilerplate) -> &KindRule {
        &self.rules[kind as usize]
    }

    /// The kind that an element's name alone speaks for. Lower case.
    pub(crate) fn tag_kind(&self, tag_name: &str) -> Option<Boilerplate> {
        self.words.tag(tag_name)
    }

    /// The kind that an ARIA role alone speaks for. Lower case.
    pub(crate) fn role_kind(&self, role: &str) -> Option<Boilerplate> {
        self.words.role(role)
    }

    /// The phrases that a block's text is, begins with or has; a long text has none.
    ///
    /// `language`: what the page declares (`de`, `pt-BR`); English is always tried too, and so are
    /// the languages of other scripts that occur in the text (declarations are often wrong). `None` tries all whose
    /// script occurs in the text. The most telling hits come first: those of the declared language,
    /// in the order of [`Form`], in the order of `Boilerplate::ALL`. What stands in
    /// quotation marks is a quotation, not a hit, unless it is the whole block.
    pub(crate) fn phrases(&self, text: &str, is_heading: bool, language: Option<&str>) -> Vec<PhraseHit<'_>> {
        let Some(chars) = self.short_chars(text) else { return vec![] };
        let mut hits = Vec::new();
        let mut wanted = Wanted::of(self.own(language));
        self.search(&Folded::new(text), chars, is_heading, &mut wanted, &mut hits);
        hits.into_iter().map(|hit| self.told(hit)).collect()
    }

    fn told(&self, hit: Hit) -> PhraseHit<'_> {
        self.languages[usize::from(hit.language)].told(hit)
    }

    fn search<'a>(
        &'a self,
        folded: &Folded<'_>,
        chars: u32,
        is_heading: bool,
        wanted: &mut Wanted<'a>,
        hits: &mut Vec<Hit>,
    ) {
        let Wanted { own, last, found, starts } = wanted;
        let text =
            Searched::new(folded, chars, is_heading, &self.engine.name_particles).in_room(std::mem::take(starts));
        found.resize_with(self.languages.len(), Found::default);
        let written = Scripts::of(folded.original());
        let Some(own) = *own else { return self.find_any(&text, written, found, hits) };
        let known = last.take().filter(|(known, _)| *known == written);
        let languages = || (written, self.languages_beside(written, own).collect());
        let (_, languages) = last.insert(known.unwrap_or_else(languages));
        for (language, found) in languages.iter().zip(found) {
            language.find(&text, found);
            move_sorted(language, found, hits);
        }
        *starts = text.into_room();
    }

    /// The phrases of all languages, in one pass: a page that declares nothing does not pay for each.
    fn find_any(&self, text: &Searched<'_>, written: Scripts, found: &mut [Found], hits: &mut Vec<Hit>) {
        let any = self.any.get_or_init(|| Finder::new(self.anchors()));
        for ((number, owner), anchor) in any.find(text) {
            let language = &self.languages[number];
            if self.common == Some(number) || written.may_hold(language.script) {
                language.look(text, owner, anchor, &mut found[number]);
            }
        }
        for (language, found) in self.languages.iter().zip(found) {
            move_sorted(language, found, hits);
        }
    }

    fn anchors(&self) -> impl Iterator<Item = Anchor<'_, (usize, u32)>> {
        let languages = self.languages.iter().enumerate();
        languages.flat_map(|(number, language)| language.anchors().map(move |anchor| anchor.of((number, anchor.owner))))
    }

    /// The number of characters, if there may be a phrase in so many.
    fn short_chars(&self, text: &str) -> Option<u32> {
        let text = text.trim();
        // A character has four bytes at most: long texts are known without counting.
        if text.is_empty() || text.len() > 4 * LONGEST {
            return None;
        }
        let chars = text.chars().count();
        (chars <= LONGEST).then_some(chars as u32)
    }

    /// The page's own language, the common one, and those of other scripts that occur in the text.
    fn languages_beside<'a>(&'a self, written: Scripts, own: &'a Language) -> impl Iterator<Item = &'a Language> {
        let is_wanted = move |language: &&Language| {
            let is_common = || self.common.is_some_and(|common| std::ptr::eq(*language, &self.languages[common]));
            !std::ptr::eq(*language, own) && (is_common() || written.hold_beside(language.script, own.script))
        };
        std::iter::once(own).chain(self.languages.iter().filter(is_wanted))
    }

    fn own(&self, language: Option<&str>) -> Option<&Language> {
        language.and_then(|language| self.language(language))
    }

    /// The language of a tag such as `de-AT`; for one without a file, the common one.
    fn language(&self, tag: &str) -> Option<&Language> {
        let code = tag.split(['-', '_']).next()?;
        let shared = SHARED.iter().find(|(own, _)| own.eq_ignore_ascii_case(code));
        let code = shared.map_or(code, |(_, file)| file);
        let has_code = |wanted: &str| self.languages.iter().find(|language| language.code.eq_ignore_ascii_case(wanted));
        has_code(code).or_else(|| has_code(COMMON))
    }
}
