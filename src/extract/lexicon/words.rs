//! Class, id and role words: split into tokens, looked up as tokens, never as substrings.

use super::LexiconError;
use super::kinds::{Engine, Kinds};
use super::{Strength, WordHit};
use crate::extract::block::Boilerplate;
use crate::extract::fnv::FastMap;
use crate::extract::letters;

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

/// Calls `each` with the [`tokens`] of a value, in their order, or with nothing for those that have no known shape; those
/// of ASCII are cut without asking Unicode.
fn each_token(value: &str, shapes: &Shapes, mut each: impl FnMut(Option<&str>)) {
    if !value.is_ascii() {
        tokens(value).for_each(|token| each(Some(&token)));
        return;
    }
    for run in letters::words(value) {
        if run.bytes().any(|byte| byte.is_ascii_uppercase()) {
            for word in camel_words(run) {
                each(shapes.may_have(word).then(|| word.to_ascii_lowercase()).as_deref());
            }
        } else {
            each(Some(run).filter(|run| shapes.may_have(run)));
        }
    }
}

/// A bit for each shape that a token of the data has, which is its length, its first letter and its last: most tokens
/// of pages have another one.
#[derive(Debug)]
struct Shapes([u64; SHAPES / 64]);

const SHAPES: usize = 1 << 13;

impl Shapes {
    /// In whatever case.
    fn bit(token: &str) -> usize {
        let letter = |byte: Option<&u8>| byte.map_or(0, |byte| u32::from(byte | 0x20));
        let bytes = token.as_bytes();
        let shape = letter(bytes.first()) << 16 | letter(bytes.last()) << 8 | bytes.len() as u32 & 0xff;
        (shape.wrapping_mul(0x9e37_79b1) >> 19) as usize
    }

    fn add(&mut self, token: &str) {
        let bit = Self::bit(token);
        self.0[bit / 64] |= 1 << (bit % 64);
    }

    fn may_have(&self, token: &str) -> bool {
        let bit = Self::bit(token);
        self.0[bit / 64] >> (bit % 64) & 1 != 0
    }
}

/// The number of a token that stands in the data.
type Token = u16;

/// All tokens that do not.
const UNKNOWN: Token = 0;

/// The numbers of the tokens of the data.
#[derive(Debug, Default)]
struct Numbers {
    /// Of those of up to sixteen bytes, which are compared without going to where they stand.
    short: FastMap<[u8; 16], Token>,
    long: FastMap<Box<str>, Token>,
}

impl Numbers {
    /// The bytes of a token, zeros behind them.
    fn short(token: &str) -> Option<[u8; 16]> {
        let mut bytes = [0; 16];
        bytes.get_mut(..token.len())?.copy_from_slice(token.as_bytes());
        Some(bytes)
    }

    fn get(&self, token: &str) -> Option<Token> {
        let number = match Self::short(token) {
            Some(bytes) => self.short.get(&bytes),
            None => self.long.get(token),
        };
        number.copied()
    }

    fn add(&mut self, token: &str, number: Token) {
        match Self::short(token) {
            Some(bytes) => self.short.insert(bytes, number),
            None => self.long.insert(token.into(), number),
        };
    }
}

/// What becomes of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sense {
    /// It may begin a word of the data, or go on with one.
    Telling,
    /// It says nothing.
    Ignored,
    /// It says nothing, nor does the next.
    HidesNext,
}

#[derive(Debug)]
struct Entry {
    /// As it stands in the data.
    word: String,
    /// The tokens after the first.
    rest: Vec<Token>,
    kind: Boilerplate,
    /// `None` for a word that suppresses its kind.
    strength: Option<Strength>,
}

/// An entry that begins with some token.
#[derive(Debug, Clone, Copy)]
struct Beginning {
    entry: u16,
    /// How many tokens come behind it, and the first of them.
    rest: u16,
    next: Option<Token>,
}

/// Every word of `kinds.toml`, by its first token.
#[derive(Debug)]
pub(super) struct Words {
    numbers: Numbers,
    shapes: Shapes,
    /// By token.
    senses: Vec<Sense>,
    /// By token, the entries that begin with it: those of the most tokens first, else in the order of the data.
    beginnings: Vec<Vec<Beginning>>,
    entries: Vec<Entry>,
    tags: FastMap<String, Boilerplate>,
    roles: FastMap<String, Boilerplate>,
}

/// What words say: entries of the data in the order of the text, and the kinds that others take back, a bit for each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Said {
    entries: Vec<u16>,
    taken_back: u64,
}

const _: () = assert!(Boilerplate::ALL.len() <= 64, "a bit for each kind");

impl Said {
    /// Adds what another value of the same element says.
    pub(super) fn add(&mut self, other: &Self) {
        self.entries.extend_from_slice(&other.entries);
        self.taken_back |= other.taken_back;
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.entries.is_empty() && self.taken_back == 0
    }

    fn takes_back(&self, kind: Boilerplate) -> bool {
        self.taken_back >> kind as u32 & 1 != 0
    }
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
        let mut words = Self {
            numbers: Numbers::default(),
            shapes: Shapes([0; SHAPES / 64]),
            senses: vec![Sense::Telling],
            beginnings: vec![Vec::new()],
            entries: Vec::new(),
            tags: FastMap::default(),
            roles: FastMap::default(),
        };
        for (tokens, sense) in [(&engine.ignore_tokens, Sense::Ignored), (&engine.ignore_next, Sense::HidesNext)] {
            for token in tokens {
                let number = words.number(token);
                words.senses[usize::from(number)] = sense;
            }
        }
        words
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

    /// The number of a token of the data.
    fn number(&mut self, token: &str) -> Token {
        if let Some(number) = self.numbers.get(token) {
            return number;
        }
        let number = self.senses.len() as Token;
        self.numbers.add(token, number);
        self.shapes.add(token);
        self.senses.push(Sense::Telling);
        self.beginnings.push(Vec::new());
        number
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
        let first = self.number(&first);
        let rest: Vec<Token> = split.map(|token| self.number(&token)).collect();
        if std::iter::once(&first).chain(&rest).any(|token| self.senses[usize::from(*token)] == Sense::Ignored) {
            return Err(LexiconError::BadWord { file, key, value: word.to_owned() });
        }
        let is_twice = |beginning: &Beginning| {
            let entry = &self.entries[usize::from(beginning.entry)];
            entry.rest == rest && entry.strength.is_some() && strength.is_some()
        };
        if self.beginnings[usize::from(first)].iter().any(is_twice) {
            return Err(LexiconError::Twice { file, key, value: word.to_owned() });
        }
        let beginnings = &mut self.beginnings[usize::from(first)];
        let is_shorter = |known: &Beginning| usize::from(known.rest) < rest.len();
        let at = beginnings.iter().position(is_shorter).unwrap_or(beginnings.len());
        let (entry, next) = (self.entries.len() as u16, rest.first().copied());
        beginnings.insert(at, Beginning { entry, rest: rest.len() as u16, next });
        self.entries.push(Entry { word: word.to_owned(), rest, kind, strength });
        Ok(())
    }

    /// What the words of a value say. What stands between white space is a name of its own, across which no word of
    /// the data goes.
    pub(super) fn read(&self, value: &str) -> Said {
        let (mut said, mut told) = (Said::default(), Vec::with_capacity(16));
        for name in value.split_ascii_whitespace() {
            self.telling(name, &mut told);
            self.find(&told, &mut said);
        }
        said
    }

    /// Adds the hits in one name's tokens, in their order; a longer word hides the shorter ones of other kinds that
    /// begin at the same token (`comment-form` is no `comment`).
    fn find(&self, tokens: &[Token], said: &mut Said) {
        for (at, token) in tokens.iter().enumerate().filter(|(_, token)| **token != UNKNOWN) {
            let behind = &tokens[at + 1..];
            let may_stand = |it: &&Beginning| it.next.is_none() || it.next.as_ref() == behind.first();
            let mut longest = None;
            for beginning in self.beginnings[usize::from(*token)].iter().filter(may_stand) {
                let entry = &self.entries[usize::from(beginning.entry)];
                // The first token behind it is known to be there.
                if beginning.rest > 1 && !behind.starts_with(&entry.rest) {
                    continue;
                }
                if entry.strength.is_none() {
                    said.taken_back |= 1 << entry.kind as u32;
                } else if *longest.get_or_insert(entry.rest.len()) == entry.rest.len() {
                    said.entries.push(beginning.entry);
                }
            }
        }
    }

    /// The tokens of a name that say something.
    fn telling(&self, name: &str, told: &mut Vec<Token>) {
        told.clear();
        let mut is_hidden = false;
        each_token(name, &self.shapes, |token| {
            let token = token.and_then(|token| self.numbers.get(token)).unwrap_or(UNKNOWN);
            match self.senses[usize::from(token)] {
                Sense::HidesNext => is_hidden = true,
                _ if std::mem::take(&mut is_hidden) => {}
                Sense::Ignored => {}
                Sense::Telling => told.push(token),
            }
        });
    }

    /// The hits of an element, given what its values say together. A word that stands under `not` takes back all hits
    /// of its kind.
    pub(super) fn hits(&self, said: &Said) -> Vec<WordHit<'_>> {
        let mut hits = Vec::new();
        for number in &said.entries {
            let Entry { word, kind, strength, .. } = &self.entries[usize::from(*number)];
            if let Some(strength) = *strength
                && !said.takes_back(*kind)
            {
                hits.push(WordHit { kind: *kind, word, number: u32::from(*number), strength });
            }
        }
        hits
    }

    pub(super) fn tag(&self, name: &str) -> Option<Boilerplate> {
        self.tags.get(name).copied()
    }

    pub(super) fn role(&self, name: &str) -> Option<Boilerplate> {
        self.roles.get(name).copied()
    }
}

fn add_names(
    file: &'static str,
    key: &'static str,
    kind: Boilerplate,
    names: &[String],
    into: &mut FastMap<String, Boilerplate>,
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

    #[test]
    fn values_of_ascii_are_cut_as_all_others_are() {
        for value in
            ["", "a", "aB", "AB", "ABc", "relatedPosts", "HTMLForm js-X2", "--x__Y9z:Z", "X2X aBCdE-", "9A9a A"]
        {
            let mut cut = Vec::new();
            each_token(value, &Shapes([u64::MAX; SHAPES / 64]), |token| cut.push(token.unwrap().to_owned()));
            assert_eq!(cut, split(value), "{value}");
        }
    }

    #[test]
    fn tokens_have_their_numbers_however_long_they_are() {
        let tokens = ["", "a", "fifteen-letters", "sixteen-letters-", "seventeen-letters", "seventeen-letterz"];
        let mut numbers = Numbers::default();
        tokens.iter().zip(1..).for_each(|(token, number)| numbers.add(token, number));
        assert!(tokens.iter().zip(1..).all(|(token, number)| numbers.get(token) == Some(number)));
        assert_eq!((numbers.get("b"), numbers.get("seventeen-letter")), (None, None));
    }

    #[test]
    fn tokens_of_no_known_shape_are_passed_over_and_others_are_told_in_any_case() {
        let mut shapes = Shapes([0; SHAPES / 64]);
        ["related", "список"].iter().for_each(|token| shapes.add(token));
        let mut told = Vec::new();
        each_token("RelatedPosts-related wp relayed", &shapes, |token| told.push(token.map(str::to_owned)));
        let told: Vec<Option<&str>> = told.iter().map(Option::as_deref).collect();
        assert_eq!(told, [Some("related"), None, Some("related"), None, Some("relayed")]);
        let mut told = Vec::new();
        each_token("это-список", &shapes, |token| told.extend(token.map(str::to_owned)));
        assert_eq!(told, ["это", "список"], "beyond ASCII all are");
    }
}
