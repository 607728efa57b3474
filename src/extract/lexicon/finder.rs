//! Finds the words by which phrases are known: those that begin a text by its first bytes, all others by one automaton.

use super::phrases::Searched;
use aho_corasick::AhoCorasick;
use std::collections::HashMap;

/// Where in a text an anchor is of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// At its beginning or behind the marks there: the phrase begins the text, with these words.
    Beginning,
    Anywhere,
}

/// Words that phrases are known by, and whose each is.
#[derive(Debug)]
pub(super) struct Finder<O> {
    beginnings: Beginnings<O>,
    anywhere: Automaton<O>,
}

impl<O: Copy> Finder<O> {
    pub(super) fn new<'a>(anchors: impl Iterator<Item = Anchor<'a, O>>) -> Self {
        let (beginnings, anywhere): (Vec<_>, Vec<_>) = anchors.partition(|anchor| anchor.place == Place::Beginning);
        Self { beginnings: Beginnings::new(beginnings), anywhere: Automaton::new(anywhere) }
    }

    /// The owner and the place of each word in the text.
    pub(super) fn find<'f>(&'f self, text: &'f Searched<'_>) -> impl Iterator<Item = (O, usize)> + use<'f, O> {
        let folded = text.folded.text();
        let behind_marks = Some(text.first_word).filter(|first_word| *first_word > 0);
        let begins = move |at: usize| self.beginnings.find(&folded[at..]).map(move |owner| (owner, at));
        let beginnings = std::iter::once(0).chain(behind_marks).flat_map(begins);
        beginnings.chain(self.anywhere.find(folded))
    }
}

/// The most telling words of a phrase.
#[derive(Debug, Clone, Copy)]
pub(super) struct Anchor<'a, O> {
    pub(super) owner: O,
    pub(super) words: &'a str,
    pub(super) place: Place,
}

impl<'a, O> Anchor<'a, O> {
    /// The same for an owner among more.
    pub(super) fn of<P>(self, owner: P) -> Anchor<'a, P> {
        Anchor { owner, words: self.words, place: self.place }
    }
}

/// Words that texts begin with, by their first bytes.
#[derive(Debug)]
struct Beginnings<O>(HashMap<[u8; FIRST_BYTES], Vec<(Box<str>, O)>>);

/// By how many bytes words are told apart at first; of shorter words the rest is zero.
const FIRST_BYTES: usize = 4;

impl<O: Copy> Beginnings<O> {
    fn new(anchors: Vec<Anchor<'_, O>>) -> Self {
        let mut words: HashMap<_, Vec<_>> = HashMap::new();
        for anchor in anchors {
            let first = first_bytes(anchor.words, FIRST_BYTES);
            words.entry(first).or_default().push((anchor.words.into(), anchor.owner));
        }
        Self(words)
    }

    /// The owners of all words that the text begins with.
    fn find<'f>(&'f self, text: &'f str) -> impl Iterator<Item = O> + use<'f, O> {
        let of_length = move |length: usize| self.0.get(&first_bytes(text, length));
        let known = (1..=FIRST_BYTES.min(text.len())).filter_map(of_length).flatten();
        known.filter(|(words, _)| text.starts_with(&**words)).map(|(_, owner)| *owner)
    }
}

fn first_bytes(text: &str, length: usize) -> [u8; FIRST_BYTES] {
    let mut first = [0; FIRST_BYTES];
    let length = length.min(text.len());
    first[..length].copy_from_slice(&text.as_bytes()[..length]);
    first
}

/// An automaton that finds words.
#[derive(Debug)]
struct Automaton<O> {
    /// `None` where there are more words than one can have, which no file of ours comes near.
    automaton: Option<AhoCorasick>,
    owners: Vec<O>,
}

impl<O: Copy> Automaton<O> {
    fn new(anchors: Vec<Anchor<'_, O>>) -> Self {
        // At the default of 3 the automaton of all languages clears so many pages that it takes three times as long
        // to build, and finds nothing faster.
        let automaton = AhoCorasick::builder().dense_depth(2).build(anchors.iter().map(|anchor| anchor.words));
        Self { automaton: automaton.ok(), owners: anchors.into_iter().map(|anchor| anchor.owner).collect() }
    }

    fn find<'f>(&'f self, text: &'f str) -> impl Iterator<Item = (O, usize)> + use<'f, O> {
        let found = self.automaton.iter().flat_map(move |automaton| automaton.find_overlapping_iter(text));
        found.map(|word| (self.owners[word.pattern().as_usize()], word.start()))
    }
}
