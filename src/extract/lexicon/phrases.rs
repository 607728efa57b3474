//! `phrases/<language>.toml`: what boilerplate says, one finder a language.

use super::finder::{Anchor, Finder, Place, Searched, first_word, limit};
use super::fold::{Folded, fold};
use super::kinds::KindRule;
use super::pattern::{End, Lists, Pattern, is_boundary, is_spaceless};
use super::script::Script;
use super::{Form, LexiconError, PhraseHit};
use crate::extract::block::Boilerplate;
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, OnceLock};

/// One kind's phrases.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Section {
    block: Vec<String>,
    start: Vec<String>,
    heading: Vec<String>,
    label: Vec<String>,
    has: Option<Occurring>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Occurring {
    max: u32,
    any: Vec<String>,
}

#[derive(Debug)]
struct Phrase {
    text: String,
    pattern: Pattern,
    kind: Boilerplate,
    form: Form,
    /// Longer blocks are not matched, in characters, and in bytes of folded text.
    max_chars: u32,
    max_bytes: usize,
    /// Where more spaces stand before its anchor in a text, it does not begin the text with that one.
    max_spaces: usize,
    /// Blocks with a sentence's end are not matched.
    no_sentence: bool,
}

/// A phrase of some language, found in a text. Language and phrase are known by their numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    pub(super) language: u16,
    phrase: u32,
    rest_from: u32,
}

/// What was found of one language in a text; kept to be used again.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) hits: Vec<Hit>,
    /// Phrases that need no further look.
    pub(super) seen: Vec<u32>,
}

/// The phrases of one language, read when a text may be of it: there are thousands, and most pages need two languages.
#[derive(Debug)]
pub(super) struct Language {
    /// ISO 639-1 code.
    pub(super) code: String,
    pub(super) script: Script,
    /// Its place in the lexicon.
    number: u16,
    file: &'static str,
    source: Box<str>,
    rules: Arc<[KindRule]>,
    content: OnceLock<Content>,
    /// Finds each phrase's most telling words.
    finder: OnceLock<Finder<u32>>,
}

/// What the file of a language has.
#[derive(Debug, Default)]
struct Content {
    phrases: Vec<Phrase>,
    /// Test lines and the kind that each must be given; empty for lines that must stay.
    #[cfg(test)]
    tests: BTreeMap<String, String>,
}

impl Language {
    /// Reads the head of a file.
    pub(super) fn open(
        number: u16,
        file: &'static str,
        source: &str,
        rules: &Arc<[KindRule]>,
    ) -> Result<Self, LexiconError> {
        let head = source.find("\n[").map_or(source, |end| &source[..end]);
        let mut head = table_of(file, head)?;
        Ok(Self {
            code: take(&mut head, file, "language")?,
            script: take(&mut head, file, "script")?,
            number,
            file,
            source: source.into(),
            rules: Arc::clone(rules),
            content: OnceLock::new(),
            finder: OnceLock::new(),
        })
    }

    /// Reads the rest.
    ///
    /// # Errors
    /// Names the file, the key and the value that is wrong.
    fn read(&self) -> Result<Content, LexiconError> {
        let file = self.file;
        let mut table = table_of(file, &self.source)?;
        for read in ["language", "script"] {
            table.remove(read);
        }
        let tests: BTreeMap<String, String> = take(&mut table, file, "test")?;
        let lists = take_lists(&mut table, file)?;
        let mut phrases = Vec::new();
        for (key, value) in table {
            let Some(kind) = Boilerplate::from_id(&key) else {
                return Err(LexiconError::UnknownKind { file, key });
            };
            let section =
                value.try_into().map_err(|error| LexiconError::Section { file, key, source: Box::new(error) })?;
            add_section(file, &self.rules[kind as usize], kind, section, &lists, &mut phrases)?;
        }
        #[cfg(not(test))]
        drop(tests);
        Ok(Content {
            phrases,
            #[cfg(test)]
            tests,
        })
    }

    /// Reads the rest now, and says what is wrong with it.
    #[cfg(test)]
    pub(super) fn check(&self) -> Result<(), LexiconError> {
        let content = self.read()?;
        self.content.get_or_init(|| content);
        Ok(())
    }

    /// The files are part of the program, and a test reads them all: one that does not hold together never gets here.
    fn phrases(&self) -> &[Phrase] {
        &self.content.get_or_init(|| self.read().unwrap_or_default()).phrases
    }

    #[cfg(test)]
    pub(super) fn tests(&self) -> &BTreeMap<String, String> {
        &self.content.get_or_init(|| self.read().unwrap()).tests
    }

    /// Looks for the phrases that the text is, begins with or has.
    pub(super) fn find(&self, text: &Searched<'_>, found: &mut Found) {
        let finder = self.finder.get_or_init(|| Finder::new(self.anchors()));
        for (owner, anchor) in finder.find(text) {
            self.look(text, owner, anchor, found);
        }
    }

    /// Looks for a phrase whose words were found at `anchor`.
    pub(super) fn look(&self, text: &Searched<'_>, owner: u32, anchor: usize, found: &mut Found) {
        let phrase = &self.phrases()[owner as usize];
        if !phrase.may_match(text) || !phrase.reaches(text, anchor) || found.seen.contains(&owner) {
            return;
        }
        let end = phrase.end_in(text.folded, anchor, text.particles);
        let original = text.folded.original();
        let end = end.filter(|end| !phrase.is_of_labels() || !sentence_ends_behind(original, text.folded.origin(*end)));
        if end.is_some() || phrase.form != Form::Has {
            found.seen.push(owner);
        }
        let hit = |end| Hit { language: self.number, phrase: owner, rest_from: rest_from(text.folded, end) };
        found.hits.extend(end.map(hit));
    }

    /// What a hit says.
    pub(super) fn told(&self, hit: Hit) -> PhraseHit<'_> {
        let Phrase { text, kind, form, .. } = &self.phrases()[hit.phrase as usize];
        let number = u32::from(hit.language) << 24 | hit.phrase;
        let rest_from = hit.rest_from as usize;
        PhraseHit { kind: *kind, form: *form, phrase: text, language: &self.code, number, rest_from }
    }

    /// The most telling come first.
    pub(super) fn rank(&self, hit: Hit) -> (Form, Boilerplate) {
        let phrase = &self.phrases()[hit.phrase as usize];
        (phrase.form, phrase.kind)
    }

    /// The words to look for and, for each, the phrase that has them.
    pub(super) fn anchors(&self) -> impl Iterator<Item = Anchor<'_, u32>> {
        (0..).zip(self.phrases()).flat_map(Phrase::numbered_anchors)
    }

    /// The length of the longest block that a phrase may match, in characters.
    #[cfg(test)]
    pub(super) fn longest(&self) -> u32 {
        self.phrases().iter().map(|phrase| phrase.max_chars).max().unwrap_or(0)
    }

    /// The kinds that have phrases, with the longest words of each phrase.
    #[cfg(test)]
    pub(super) fn telling_words(&self) -> impl Iterator<Item = (Boilerplate, &str)> {
        self.phrases()
            .iter()
            .flat_map(|phrase| phrase.pattern.anchors().into_iter().map(|anchor| (phrase.kind, anchor)))
    }
}

impl Phrase {
    fn numbered_anchors((owner, phrase): (u32, &Self)) -> impl Iterator<Item = Anchor<'_, u32>> {
        let anchors = match phrase.form {
            Form::Has => phrase.pattern.openings(),
            _ => phrase.pattern.anchors(),
        };
        let begins = phrase.pattern.opens_with_anchor() && phrase.form != Form::Has;
        let place = if begins { Place::Beginning } else { Place::Anywhere };
        let longest = limit(phrase.max_chars, phrase.max_bytes);
        let openings = phrase.pattern.first_bytes().filter(|_| phrase.form != Form::Has);
        anchors.into_iter().map(move |words| Anchor { owner, words, place, longest, openings })
    }

    fn may_match(&self, text: &Searched<'_>) -> bool {
        text.chars <= self.max_chars
            && text.folded.text().len() <= self.max_bytes
            && (text.is_heading || self.form != Form::Heading)
    }

    /// Whether a match may go on from where it begins to an anchor.
    fn reaches(&self, text: &Searched<'_>, anchor: usize) -> bool {
        if self.max_spaces == usize::MAX {
            return true;
        }
        let before = text.folded.text().as_bytes().get(text.first_word..anchor).unwrap_or_default();
        before.iter().filter(|byte| **byte == b' ').nth(self.max_spaces).is_none()
    }

    /// Where the phrase ends in the text. `anchor`: where its words were found.
    fn end_in(&self, text: &Folded<'_>, anchor: usize, particles: &HashSet<String>) -> Option<usize> {
        let match_at = |start, end| self.pattern.match_at(text, start, end, particles);
        let begins_at = |start: usize| !is_quotation(text.text(), start);
        match self.form {
            Form::Block | Form::Heading => starts(text.text()).find_map(|start| match_at(start, End::OfText)),
            Form::Start => {
                starts(text.text()).filter(|start| begins_at(*start)).find_map(|start| match_at(start, End::Anywhere))
            }
            Form::Label => starts(text.text())
                .filter(|start| begins_at(*start))
                .find_map(|start| match_at(start, End::Anywhere))
                .filter(|end| !goes_on(text.text(), *end)),
            Form::Has if is_boundary(text.text(), anchor) && begins_at(anchor) => match_at(anchor, End::Anywhere),
            Form::Has => None,
        }
    }

    /// Headings end no sentences, nor do the beginnings of some kinds.
    fn is_of_labels(&self) -> bool {
        self.form == Form::Heading || self.no_sentence && self.form == Form::Start
    }
}

/// Where the text goes on behind a phrase and its colon or dash, in the original.
fn rest_from(text: &Folded<'_>, end: usize) -> u32 {
    let is_mark =
        |c: char| !c.is_alphanumeric() && !matches!(c, '"' | '\'' | '(' | '[' | '#' | '@' | '¿' | '¡' | '「' | '『');
    let rest = text.text()[end..].trim_start_matches(is_mark);
    text.origin(text.text().len() - rest.len()) as u32
}

/// Where an anchored phrase may begin: at the very start, or after a bullet or other marks.
fn starts(text: &str) -> impl Iterator<Item = usize> {
    std::iter::once(0).chain(first_word(text).filter(|marks| *marks > 0))
}

/// Whether a script without spaces goes on across `at`: there a label needs a mark or a space behind it.
fn goes_on(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    before.zip(text[at..].chars().next()).is_some_and(|(before, after)| is_spaceless(before) && is_spaceless(after))
}

/// Whether `at` stands inside a quotation: behind an odd number of double quotes, or right behind a
/// single one or a corner bracket.
fn is_quotation(folded: &str, at: usize) -> bool {
    let before = &folded[..at];
    before.ends_with(['\'', '「', '『']) || before.matches('"').count() % 2 == 1
}

/// Whether a sentence ends in the text: a stop after a word, at the end of the text or before a
/// space and a capital. Stops of abbreviations and initials (one letter, or up to three, the first a
/// capital) and a row of dots do not count, nor do question and exclamation marks: headlines
/// have them.
pub(crate) fn has_sentence_end(text: &str) -> bool {
    sentence_ends_behind(text, 0)
}

/// Whether a sentence ends at `from` or behind it: stops within a phrase are its own ("fot. {name}").
fn sentence_ends_behind(text: &str, from: usize) -> bool {
    let text = text
        .trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ')' | ']' | '”' | '’' | '»' | '」'));
    text.match_indices(['.', '。', '।', '۔']).any(|(at, stop)| {
        let after = text[at + stop.len()..].trim_start_matches(['"', '\'', ')', ']', '”', '’', '»', '」']);
        at >= from && (stop != "." || (ends_here(after) && ends_a_word(&text[..at])))
    })
}

fn ends_here(after: &str) -> bool {
    after.is_empty()
        || (after.starts_with(char::is_whitespace)
            && after.chars().find(|c| c.is_alphanumeric()).is_some_and(|c| c.is_alphabetic() && !c.is_lowercase()))
}

fn ends_a_word(before: &str) -> bool {
    let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let length = word.chars().count();
    let is_short = length == 1 && !word.starts_with(|c: char| c.is_ascii_digit() || is_spaceless(c))
        || length <= 3 && word.starts_with(char::is_uppercase);
    !word.is_empty() && !is_short
}

fn table_of(file: &'static str, source: &str) -> Result<toml::Table, LexiconError> {
    toml::from_str(source).map_err(|error| LexiconError::Format { file, source: Box::new(error) })
}

/// The file's `[lists]`, if it has some.
fn take_lists(table: &mut toml::Table, file: &'static str) -> Result<Lists, LexiconError> {
    if !table.contains_key("lists") {
        return Ok(Lists::new());
    }
    let lists: BTreeMap<String, Vec<String>> = take(table, file, "lists")?;
    Ok(lists.into_iter().map(|(name, words)| (name, list_of(&words))).collect())
}

/// The words of a list in their order, but those together that begin with the same byte.
fn list_of(words: &[String]) -> Arc<[String]> {
    let mut folded: Vec<String> = words.iter().map(|word| fold(word)).collect();
    folded.sort_by_key(|word| word.bytes().next());
    folded.into()
}

fn take<T: serde::de::DeserializeOwned>(
    table: &mut toml::Table,
    file: &'static str,
    key: &'static str,
) -> Result<T, LexiconError> {
    let value = table.remove(key).ok_or(LexiconError::MissingKey { file, key })?;
    value.try_into().map_err(|error| LexiconError::Section { file, key: key.to_owned(), source: Box::new(error) })
}

fn add_section(
    file: &'static str,
    rule: &KindRule,
    kind: Boilerplate,
    section: Section,
    lists: &Lists,
    phrases: &mut Vec<Phrase>,
) -> Result<(), LexiconError> {
    let occurring = section.has.unwrap_or(Occurring { max: 0, any: vec![] });
    for (form, list, max_chars) in [
        (Form::Block, section.block, rule.max_chars),
        (Form::Start, section.start, rule.max_chars),
        (Form::Heading, section.heading, rule.max_chars),
        (Form::Label, section.label, rule.max_chars),
        (Form::Has, occurring.any, occurring.max),
    ] {
        for text in list {
            let bad = || LexiconError::BadPhrase { file, kind: kind.id(), phrase: text.clone() };
            let pattern = Pattern::parse(&text, lists).ok_or_else(bad)?;
            if form == Form::Has && pattern.openings().is_empty() {
                return Err(bad());
            }
            let is_whole = matches!(form, Form::Block | Form::Heading);
            let max_bytes = pattern.longest().filter(|_| is_whole).unwrap_or(usize::MAX);
            let max_spaces = pattern.spaces_before_anchor().filter(|_| form != Form::Has).unwrap_or(usize::MAX);
            let no_sentence = rule.no_sentence;
            phrases.push(Phrase { text, pattern, kind, form, max_chars, max_bytes, max_spaces, no_sentence });
        }
    }
    Ok(())
}
