//! The words around a block: tags, classes, ids and roles of the elements it stands in, and what
//! the model has learnt of each (EXTRACTION.md section 5, "attr score").
//!
//! A word is known by the FNV-1a hash of its UTF-8 bytes. Words of the block's own element, the one
//! around it and the inline elements around its whole text are `near`, those of all elements farther
//! up `far`; each counts once. The body is no element in this sense.

use super::value_words::{MAX_WORDS, WordHashes, each_word_of_value};
use crate::extract::block::{Block, RegionId};
use crate::extract::dom::{Attr, Document, NodeId, Tag, Telling};
use crate::extract::fnv;
use crate::extract::rules::View;
use url::Url;

/// How many elements around a block are near, its own among them.
const NEAR_ELEMENTS: usize = 2;

/// How many inline elements around a block are looked at, from the inside.
pub(super) const INLINE_ELEMENTS: usize = 8;

/// Learnt weights of words: a linear score.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TokenTable {
    bias: f32,
    scale: f32,
    /// Sorted.
    words: Vec<TokenWeight>,
    /// Places in `words`, each in the first slot that was free from its hash on: most words of a
    /// page are not known, and one look says so.
    slots: Vec<u16>,
}

/// What a word adds to the score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TokenWeight {
    pub(crate) hash: u32,
    pub(crate) near: i8,
    pub(crate) far: i8,
}

/// A slot without a word.
const FREE: u16 = u16::MAX;

impl TokenTable {
    /// One that knows no word, and scores 0.
    pub(super) fn empty() -> Self {
        Self { bias: 0.0, scale: 0.0, words: vec![], slots: vec![FREE] }
    }

    /// `None` where the words are not sorted by their hashes, one stands twice, or they are too many
    /// to be numbered.
    pub(crate) fn new(bias: f32, scale: f32, words: Vec<TokenWeight>) -> Option<Self> {
        let is_sorted = words.windows(2).all(|pair| pair[0].hash < pair[1].hash);
        if !is_sorted || words.len() > usize::from(FREE) {
            return None;
        }
        let mut slots = vec![FREE; (2 * words.len() + 1).next_power_of_two()];
        for (place, word) in words.iter().enumerate() {
            let mut slot = word.hash as usize % slots.len();
            while slots[slot] != FREE {
                slot = (slot + 1) % slots.len();
            }
            slots[slot] = place as u16;
        }
        Some(Self { bias, scale, words, slots })
    }

    fn place(&self, word: &str) -> Option<u16> {
        self.place_of(fnv::pieces_32(&[word]))
    }

    pub(super) fn place_of(&self, hash: u32) -> Option<u16> {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let place = self.slots[slot];
            if place == FREE {
                return None;
            }
            if self.words[usize::from(place)].hash == hash {
                return Some(place);
            }
            slot = (slot + 1) & mask;
        }
    }

    pub(super) fn near(&self, place: u16) -> i32 {
        i32::from(self.words[usize::from(place)].near)
    }

    pub(super) fn far(&self, place: u16) -> i32 {
        i32::from(self.words[usize::from(place)].far)
    }

    /// The score of distinct words by their hashes.
    #[cfg(test)]
    pub(crate) fn score_hashes(&self, near: &[u32], far: &[u32]) -> f32 {
        let places = |hashes: &[u32]| hashes.iter().filter_map(|hash| self.place_of(*hash)).collect::<Vec<u16>>();
        let near: i32 = places(near).into_iter().map(|place| self.near(place)).sum();
        let far: i32 = places(far).into_iter().map(|place| self.far(place)).sum();
        self.score(near + far)
    }

    pub(super) fn score(&self, sum: i32) -> f32 {
        self.bias + self.scale * sum as f32
    }

    /// The score of a page's words, each counted once.
    pub(crate) fn score_page(&self, words: &[String]) -> f32 {
        let mut places: Vec<u16> = words.iter().filter_map(|word| self.place(word)).collect();
        places.sort_unstable();
        places.dedup();
        self.score(places.into_iter().map(|place| self.near(place)).sum())
    }
}

/// Scores blocks in document order: the words farther up are a running sum.
pub(super) struct Scores<'a> {
    view: &'a View<'a>,
    learnt: Learnt<'a>,
    steps: Vec<Step>,
    /// The learnt words of the elements of the path, by their places in the table; one may stand there twice.
    words: Vec<u16>,
    /// How often each word stands there.
    counts: Vec<u32>,
    sum: i32,
    new: Vec<RegionId>,
    /// How many blocks were scored, and the last of them that had each word near.
    blocks: u32,
    last_near: Vec<u32>,
}

struct Step {
    region: RegionId,
    /// Where its words begin among those of the path.
    first_word: usize,
    /// Weights of all words from the body to here.
    far: i32,
    /// The hash of its own words.
    make: u32,
}

/// What the words around a block say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around {
    pub(super) score: f32,
    /// The hash of the near words: blocks that a template has made alike have the same.
    pub(super) make: u32,
}

impl<'a> Scores<'a> {
    pub(super) fn new(view: &'a View<'a>, table: &'a TokenTable) -> Self {
        let (counts, last_near) = (vec![0; table.words.len()], vec![0; table.words.len()]);
        let learnt = Learnt::new(view.document, table);
        let (steps, words, new) = (Vec::new(), Vec::new(), Vec::new());
        Self { view, learnt, steps, words, counts, sum: 0, new, blocks: 0, last_near }
    }

    /// What the words around the next block say.
    pub(super) fn of(&mut self, block: &Block) -> Around {
        self.go_to(block.region);
        self.blocks += 1;
        let table = self.learnt.table;
        let mut near = 0;
        let mut add = |place: u16| {
            let last = std::mem::replace(&mut self.last_near[usize::from(place)], self.blocks);
            near += if last == self.blocks { 0 } else { table.near(place) };
        };
        let close = &self.steps[self.steps.len().saturating_sub(NEAR_ELEMENTS)..];
        let from = close.first().map_or(0, |step| step.first_word);
        self.words[from..].iter().for_each(|place| add(*place));
        let mut make = close.iter().fold(fnv::START_32, |make, step| fnv::step_32(make, step.make));
        for node in self.view.blocks.inline(block).iter().rev().take(INLINE_ELEMENTS) {
            make = fnv::step_32(make, self.learnt.each(*node, &mut add));
        }
        let far = self.steps.iter().rev().nth(NEAR_ELEMENTS).map_or(0, |step| step.far);
        Around { score: table.score(near + far), make }
    }

    fn go_to(&mut self, region: RegionId) {
        let regions = &self.view.blocks.regions;
        while let Some(gone) = self.steps.pop_if(|step| !(step.region..regions[step.region].end).contains(&region)) {
            for place in self.words.drain(gone.first_word..) {
                let count = &mut self.counts[usize::from(place)];
                *count -= 1;
                if *count == 0 {
                    self.sum -= self.learnt.table.far(place);
                }
            }
        }
        let known = self.steps.last().map(|step| step.region);
        self.new.clear();
        self.new.extend(self.view.blocks.around(region).take_while(|around| Some(*around) != known));
        while let Some(next) = self.new.pop() {
            let first_word = self.words.len();
            let mut make = fnv::START_32;
            if has_words(self.view, next) {
                make = self.learnt.each(regions[next].node, |place| self.words.push(place));
            }
            for place in &self.words[first_word..] {
                let count = &mut self.counts[usize::from(*place)];
                if *count == 0 {
                    self.sum += self.learnt.table.far(*place);
                }
                *count += 1;
            }
            self.steps.push(Step { region: next, first_word, far: self.sum, make });
        }
    }
}

/// The learnt words of a page's elements: most have the name and the classes of others, so that each value is cut and
/// looked up once.
struct Learnt<'a> {
    document: &'a Document<'a>,
    table: &'a TokenTable,
    /// The place of each tag's name in the table.
    names: Vec<Option<Option<u16>>>,
    /// By the values' numbers, and by what stands before the words ([`prefix`]): which of the values read before it is,
    /// counted from 1.
    places: Vec<[u32; PREFIXES]>,
    values: Vec<Value>,
    /// The learnt words of all values that have numbers, one value's after the other; behind them those of the last
    /// value, if it has none.
    words: Vec<LearntWord>,
    remembered: usize,
    hashes: WordHashes,
}

/// The words of a value.
#[derive(Clone, Copy)]
struct Value {
    /// How many there are, learnt or not: [`MAX_WORDS`] at most.
    count: u8,
    /// The first of those that are learnt, and one past the last.
    first: u32,
    end: u32,
    /// The hash of all of them, learnt or not.
    hash: u32,
}

/// A learnt word: how many stand before it in the value, and its place in the table.
#[derive(Clone, Copy)]
struct LearntWord {
    before: u8,
    place: u16,
}

impl<'a> Learnt<'a> {
    fn new(document: &'a Document<'a>, table: &'a TokenTable) -> Self {
        let (names, places) = (vec![None; Tag::Custom as usize], vec![[0; PREFIXES]; document.values()]);
        let (values, words) = (Vec::new(), Vec::new());
        Self { document, table, names, places, values, words, remembered: 0, hashes: WordHashes::default() }
    }

    /// Calls `each` with the place of every learnt word of an element: of those that [`each_word`] tells of it. Returns
    /// the hash of all its words.
    fn each(&mut self, node: NodeId, mut each: impl FnMut(u16)) -> u32 {
        let document = self.document;
        self.name(node).into_iter().for_each(&mut each);
        let mut left = MAX_WORDS as u8;
        let mut hash = fnv::step_32(fnv::START_32, document.tag(node).map_or(0, |tag| tag as u32));
        for telling in values(document, node) {
            let value = self.value(telling);
            self.words_of(value).iter().take_while(|word| word.before < left).for_each(|word| each(word.place));
            left -= value.count.min(left);
            hash = fnv::step_32(hash, value.hash);
        }
        hash
    }

    fn words_of(&self, value: Value) -> &[LearntWord] {
        &self.words[value.first as usize..value.end as usize]
    }

    /// The place of the element's own name.
    fn name(&mut self, node: NodeId) -> Option<u16> {
        let (document, table) = (self.document, self.table);
        let read = || table.place_of(fnv::pieces_32(&[NAME, document.name(node)]));
        let known = document.tag(node).and_then(|tag| self.names.get_mut(tag as usize));
        known.map_or_else(read, |known| *known.get_or_insert_with(read))
    }

    fn value(&mut self, Telling { attr, value, id }: Telling<'_>) -> Value {
        let (number, prefix) = prefix(attr);
        if let Some(known) = id.and_then(|id| self.places[id.index()][number].checked_sub(1)) {
            return self.values[known as usize];
        }
        self.words.truncate(self.remembered);
        let first = self.words.len() as u32;
        let hashes = self.hashes.of(prefix, value);
        for (before, hash) in (0..).zip(hashes) {
            self.words.extend(self.table.place_of(*hash).map(|place| LearntWord { before, place }));
        }
        let hash = hashes.iter().copied().fold(fnv::START_32, fnv::step_32);
        let read = Value { count: hashes.len() as u8, first, end: self.words.len() as u32, hash };
        if let Some(id) = id {
            self.values.push(read);
            self.places[id.index()][number] = self.values.len() as u32;
            self.remembered = self.words.len();
        }
        read
    }
}

/// The near and the far words of a block as they are written for training.
pub(super) fn words_around(view: &View<'_>, block: &Block) -> (Vec<String>, Vec<String>) {
    let (mut near, mut far) = (Vec::new(), Vec::new());
    for (level, region) in view.blocks.around(block.region).enumerate() {
        let words = if level < NEAR_ELEMENTS { &mut near } else { &mut far };
        each_word_of_region(view, region, |word| words.push(word.to_owned()));
    }
    for node in view.blocks.inline(block).iter().rev().take(INLINE_ELEMENTS) {
        each_word(view.document, *node, |word| near.push(word.to_owned()));
    }
    for words in [&mut near, &mut far] {
        words.sort_unstable();
        words.dedup();
    }
    (near, far)
}

fn each_word_of_region(view: &View<'_>, region: RegionId, each: impl FnMut(&str)) {
    if has_words(view, region) {
        each_word(view.document, view.blocks.regions[region].node, each);
    }
}

/// Whether a region is an element in the sense of this room.
fn has_words(view: &View<'_>, region: RegionId) -> bool {
    let region = &view.blocks.regions[region];
    region.parent.is_some() && !matches!(region.tag, Tag::Html | Tag::Body)
}

/// The words of one element, perhaps repeated.
fn each_word(document: &Document<'_>, node: NodeId, mut each: impl FnMut(&str)) {
    let (mut left, mut small) = (MAX_WORDS, String::new());
    let mut join = |prefix: &str, word: &str| each(&[prefix, word].concat());
    join(NAME, document.name(node));
    for Telling { attr, value, .. } in values(document, node) {
        each_word_of_value(prefix(attr).1, value, &mut left, &mut small, &mut join);
    }
}

/// What stands before an element's name.
const NAME: &str = "<";

/// How many kinds of [`prefix`] there are.
const PREFIXES: usize = 4;

/// The values of an element that are read.
fn values<'a>(document: &'a Document<'a>, node: NodeId) -> impl Iterator<Item = Telling<'a>> {
    document.telling(node).filter(|telling| telling.attr != Attr::Rel)
}

/// What stands before the whole names in the values of an attribute: nothing where only their parts count. Which of
/// these it is, and the signs.
fn prefix(attr: Attr) -> (usize, &'static str) {
    match attr {
        Attr::Class => (1, "="),
        Attr::Itemprop => (2, "ip="),
        Attr::Role => (3, "role="),
        _ => (0, ""),
    }
}

/// Most words of a page, and most bytes read of one source of them.
const MAX_PAGE_WORDS: usize = 96;

/// The words that tell a page's kind: directories of the URL, parts of the host, classes of the
/// body, types in JSON-LD and Open Graph, the generator.
pub(crate) fn page_tokens(view: &View<'_>) -> Vec<String> {
    let mut tokens = Vec::new();
    if let Some(url) = view.url {
        of_url(url, &mut tokens);
    }
    let body = view.document.elements(Tag::Body).next();
    for attr in [Attr::Class, Attr::Id] {
        let value = body.and_then(|body| view.document.attribute(body, attr)).unwrap_or_default();
        let (mut left, mut small) = (MAX_WORDS, String::new());
        each_word_of_value("body=", value, &mut left, &mut small, &mut |prefix, word| {
            tokens.push(format!("{}{word}", if prefix.is_empty() { "bodypart=" } else { prefix }));
        });
    }
    tokens.extend(view.evidence.json_ld_types.iter().take(12).map(|name| format!("ld={name}")));
    for (name, value) in metas(view) {
        let first = value.split(|c: char| !c.is_alphanumeric() && c != '.').next().unwrap_or_default();
        tokens.push(format!("{name}={}", first.to_lowercase()));
    }
    tokens.truncate(MAX_PAGE_WORDS);
    tokens.sort_unstable();
    tokens.dedup();
    tokens
}

fn of_url(url: &Url, tokens: &mut Vec<String>) {
    for segment in url.path_segments().into_iter().flatten().filter(|segment| !segment.is_empty()).take(6) {
        let is_word =
            segment.len() <= 24 && segment.bytes().all(|byte| byte.is_ascii_alphabetic() || b"-_".contains(&byte));
        if is_word {
            tokens.push(format!("url={}", segment.to_ascii_lowercase()));
        }
    }
    let host = url.host_str().unwrap_or_default();
    tokens.extend(host.split('.').filter(|part| part.len() <= 24).map(|part| format!("host={part}")));
    tokens.extend(url.query_pairs().take(4).filter(|(key, _)| key.len() <= 16).map(|(key, _)| format!("query={key}")));
}

/// What metas say of the page's type.
fn metas<'a>(view: &View<'a>) -> impl Iterator<Item = (&'static str, &'a str)> {
    let document = view.document;
    document.elements(Tag::Meta).take(200).filter_map(move |node| {
        let key = document.attribute(node, Attr::Property).or_else(|| document.attribute(node, Attr::Name))?;
        let name = match key.to_ascii_lowercase().as_str() {
            "og:type" => "og",
            "generator" => "generator",
            "twitter:card" => "card",
            _ => return None,
        };
        Some((name, document.attribute(node, Attr::Content)?.trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::dom;

    #[test]
    fn values_without_a_number_have_the_same_words() {
        let document = dom::parse("<p class='lead text'><p id=lead><p class='text lead'>").unwrap();
        let weigh = |word: &str| TokenWeight { hash: fnv::pieces_32(&[word]), near: 1, far: 1 };
        let mut weights: Vec<TokenWeight> = ["<p", "=lead", "lead", "text"].map(weigh).into();
        weights.sort_unstable_by_key(|word| word.hash);
        let table = TokenTable::new(0.0, 1.0, weights).unwrap();
        let places = |is_numbered: bool| {
            let mut learnt = Learnt::new(&document, &table);
            let mut places = Vec::new();
            for node in document.elements(Tag::P).chain(document.elements(Tag::P)) {
                places.extend(learnt.name(node));
                for told in values(&document, node) {
                    let value = learnt.value(Telling { id: told.id.filter(|_| is_numbered), ..told });
                    places.extend(learnt.words_of(value).iter().map(|word| word.place));
                }
            }
            places
        };
        assert_eq!(places(true).len(), 2 * (4 + 2 + 4));
        assert_eq!(places(true), places(false));
    }
}
