//! Class, id and role words: split into tokens, looked up as tokens, never as substrings.

use super::LexiconError;
use super::kinds::{Engine, Kinds};
use super::{Strength, WordHit};
use crate::extract::block::Boilerplate;
use std::collections::{HashMap, HashSet};

/// The lower-case words of a class, id or role value: split at everything that is neither letter
/// nor digit, and where camel case begins a word (`relatedPosts`, `HTMLForm`).
pub(crate) fn tokens(value: &str) -> impl Iterator<Item = String> + '_ {
    value.split(|c: char| !c.is_alphanumeric()).flat_map(camel_words).map(str::to_lowercase)
}

fn camel_words(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (first, after) = rest.split_at(camel_word_end(rest));
        rest = after;
        Some(first)
    })
}

fn camel_word_end(word: &str) -> usize {
    let mut previous: Option<char> = None;
    let mut characters = word.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next_is_lower = characters.peek().is_some_and(|(_, next)| next.is_lowercase());
        if let Some(previous) = previous
            && character.is_uppercase()
            && (!previous.is_uppercase() || next_is_lower)
        {
            return at;
        }
        previous = Some(character);
    }
    word.len()
}

#[derive(Debug)]
struct Entry {
    /// As it stands in the data.
    word: String,
    /// The tokens after the first.
    rest: Vec<String>,
    kind: Boilerplate,
    /// `None` for a word that suppresses its kind.
    strength: Option<Strength>,
}

/// Every word of `kinds.toml`, by its first token.
#[derive(Debug)]
pub(super) struct Words {
    entries: HashMap<String, Vec<Entry>>,
    ignore: HashSet<String>,
    ignore_next: HashSet<String>,
    tags: HashMap<String, Boilerplate>,
    roles: HashMap<String, Boilerplate>,
}

impl Words {
    /// The words that only name what was left out for another reason.
    pub(super) fn hints(file: &'static str, kinds: &Kinds) -> Result<Self, LexiconError> {
        let mut words = Self::empty(&kinds.engine);
        for (kind, rule) in &kinds.rules {
            for word in &rule.hint {
                words.add(file, "hint", *kind, word, Some(Strength::Likely))?;
            }
        }
        Ok(words)
    }

    fn empty(engine: &Engine) -> Self {
        Self {
            entries: HashMap::new(),
            ignore: engine.ignore_tokens.clone(),
            ignore_next: engine.ignore_next.clone(),
            tags: HashMap::new(),
            roles: HashMap::new(),
        }
    }

    pub(super) fn new(file: &'static str, kinds: &Kinds) -> Result<Self, LexiconError> {
        let mut words = Self::empty(&kinds.engine);
        for (kind, rule) in &kinds.rules {
            for (key, list, strength) in [
                ("sure", &rule.sure, Some(Strength::Sure)),
                ("likely", &rule.likely, Some(Strength::Likely)),
                ("not", &rule.not, None),
            ] {
                for word in list {
                    words.add(file, key, *kind, word, strength)?;
                }
            }
            add_names(file, "tags", *kind, &rule.tags, &mut words.tags)?;
            add_names(file, "roles", *kind, &rule.roles, &mut words.roles)?;
        }
        Ok(words)
    }

    /// A removing word belongs to one kind: two would say that the data is undecided.
    fn add(
        &mut self,
        file: &'static str,
        key: &'static str,
        kind: Boilerplate,
        word: &str,
        strength: Option<Strength>,
    ) -> Result<(), LexiconError> {
        let mut split = tokens(word);
        let first = split.next().filter(|first| word.starts_with(first.as_str()));
        let Some(first) = first else {
            return Err(LexiconError::BadWord { file, key, value: word.to_owned() });
        };
        let rest: Vec<String> = split.collect();
        if std::iter::once(&first).chain(&rest).any(|token| self.ignore.contains(token)) {
            return Err(LexiconError::BadWord { file, key, value: word.to_owned() });
        }
        let entries = self.entries.entry(first).or_default();
        let is_twice = |entry: &Entry| entry.rest == rest && entry.strength.is_some() && strength.is_some();
        if entries.iter().any(is_twice) {
            return Err(LexiconError::Twice { file, key, value: word.to_owned() });
        }
        entries.push(Entry { word: word.to_owned(), rest, kind, strength });
        Ok(())
    }

    /// The hits in one element's tokens, in their order; a longer word hides the shorter ones of
    /// other kinds that begin at the same token (`comment-form` is no `comment`).
    pub(super) fn find(&self, tokens: &[&str]) -> Vec<WordHit<'_>> {
        let told = self.telling(tokens);
        let mut hits = Vec::new();
        let mut suppressed = Vec::new();
        for (at, token) in told.iter().enumerate() {
            let Some(entries) = self.entries.get(*token) else { continue };
            let after = &told[at + 1..];
            let found: Vec<&Entry> = entries.iter().filter(|entry| starts_with(after, &entry.rest)).collect();
            let longest = found.iter().filter(|entry| entry.strength.is_some()).map(|entry| entry.rest.len()).max();
            for entry in found {
                match entry.strength {
                    None => suppressed.push(entry.kind),
                    Some(strength) if Some(entry.rest.len()) == longest => {
                        hits.push(WordHit { kind: entry.kind, word: &entry.word, strength });
                    }
                    Some(_) => {}
                }
            }
        }
        hits.retain(|hit| !suppressed.contains(&hit.kind));
        hits
    }

    fn telling<'t>(&self, tokens: &[&'t str]) -> Vec<&'t str> {
        let mut told = Vec::with_capacity(tokens.len());
        let mut skip = false;
        for &token in tokens {
            if self.ignore_next.contains(token) {
                skip = true;
            } else if std::mem::take(&mut skip) && !token.is_empty() || self.ignore.contains(token) {
                continue;
            } else {
                told.push(token);
            }
        }
        told
    }

    pub(super) fn tag(&self, name: &str) -> Option<Boilerplate> {
        self.tags.get(name).copied()
    }

    pub(super) fn role(&self, name: &str) -> Option<Boilerplate> {
        self.roles.get(name).copied()
    }
}

fn starts_with(tokens: &[&str], rest: &[String]) -> bool {
    tokens.len() >= rest.len() && tokens.iter().zip(rest).all(|(token, expected)| token == expected)
}

fn add_names(
    file: &'static str,
    key: &'static str,
    kind: Boilerplate,
    names: &[String],
    into: &mut HashMap<String, Boilerplate>,
) -> Result<(), LexiconError> {
    for name in names {
        if into.insert(name.clone(), kind).is_some() {
            return Err(LexiconError::Twice { file, key, value: name.clone() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(value: &str) -> Vec<String> {
        tokens(value).collect()
    }

    #[test]
    fn splits_at_marks_and_camel_case() {
        assert_eq!(split("relatedPosts related_list--item"), ["related", "posts", "related", "list", "item"]);
        assert_eq!(split("HTMLForm js-X2"), ["html", "form", "js", "x2"]);
        assert_eq!(split(" :: "), [""; 0]);
        assert_eq!(split("ПідпискаНаНас"), ["підписка", "на", "нас"]);
    }
}
