//! What is said twice: the headline above the body, long paragraphs that repeat.

use super::{Certainty, Finding, View};
use crate::extract::block::{BlockRole, Boilerplate};
use crate::extract::fnv::{self, FastMap, FastSet};
use crate::extract::letters::{self, is_letter_or_digit, small};
use crate::extract::lexicon::fold;

/// Shortest text that counts as said twice, in words: shorter ones repeat in honest articles
/// (EXTRACTION.md section 4, "exact duplicates of 15 tokens or more").
const SHORTEST_REPEAT_WORDS: f32 = 15.0;

/// No headline is longer, in bytes of any script.
const LONGEST_HEADLINE_BYTES: usize = 600;

pub(super) fn propose(view: &View<'_>, findings: &mut Vec<Finding>) {
    propose_headline(view, findings);
    propose_repeats(view, findings);
}

/// The headline wherever it stands as a block of its own, and the page's one `h1`.
fn propose_headline(view: &View<'_>, findings: &mut Vec<Finding>) {
    let title = view.evidence.metadata.title.as_deref().map(fold);
    let headlines = Headlines::of(view);
    if view.blocks.is_flat() && headlines.folded.is_empty() {
        return;
    }
    let is_top = |id: usize| view.blocks.blocks[id].role == BlockRole::Heading(1);
    let tops = (0..view.blocks.blocks.len()).filter(|id| is_top(*id)).count();
    for (block, _) in texts(view).filter(|(_, text)| text.len() <= LONGEST_HEADLINE_BYTES) {
        let folded = view.folded(block);
        let is_heading = matches!(view.blocks.blocks[block].role, BlockRole::Heading(_));
        let is_title = |text: &str| title.as_ref().is_some_and(|title| title == text);
        let rule = if is_title(folded) || is_heading && headlines.folded.contains(folded) {
            "headline:copy"
        } else if is_top(block) && (tops == 1 || headlines.has_like(folded, 0.5)) {
            "headline:h1"
        } else if is_heading && headlines.has_like(folded, NEARLY_EQUAL) {
            "headline:copy"
        } else {
            continue;
        };
        findings.push(Finding {
            block,
            kind: Boilerplate::HeadlineCopy,
            rule: rule.into(),
            certainty: Certainty::Sure,
            marks_end: false,
        });
    }
}

/// Likeness of two versions of one headline that differ in punctuation.
const NEARLY_EQUAL: f32 = 0.85;

/// What the page calls itself.
struct Headlines {
    folded: FastSet<String>,
    /// The distinct words of each.
    words: Vec<Vec<String>>,
}

impl Headlines {
    fn of(view: &View<'_>) -> Self {
        let folded = view.evidence.headlines.iter().map(|headline| fold(headline)).filter(|it| !it.is_empty());
        let folded: FastSet<String> = folded.collect();
        let words_of = |headline: &String| distinct_words(headline).into_iter().map(str::to_owned).collect();
        Self { words: folded.iter().map(words_of).collect(), folded }
    }

    /// Whether a folded text is at least so like one of them.
    fn has_like(&self, folded: &str, least: f32) -> bool {
        // A text of far fewer words than all of them is like none.
        let count = letters::words(folded).count() as f32;
        if !self.words.iter().any(|headline| count >= least * headline.len() as f32) {
            return false;
        }
        let words = distinct_words(folded);
        self.words.iter().any(|headline| likeness(headline, &words) >= least)
    }
}

fn distinct_words(folded: &str) -> Vec<&str> {
    let mut words: Vec<&str> = letters::words(folded).collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// Jaccard index of distinct words, 0 to 1.
fn likeness(a: &[String], b: &[&str]) -> f32 {
    let shared = a.iter().filter(|word| b.binary_search(&word.as_str()).is_ok()).count();
    shared as f32 / (a.len() + b.len() - shared).max(1) as f32
}

/// Every long text but its first visible sight. Two are the same by their letters and digits, for copies are
/// often set with other spaces, quotes and dashes. In a text without markup one alone may be its own, a line of a
/// schedule or a refrain; copies of an article come in runs.
fn propose_repeats(view: &View<'_>, findings: &mut Vec<Finding>) {
    let mut seen: FastMap<u64, usize> = FastMap::default();
    let long = |id: &usize| {
        let block = &view.blocks.blocks[*id];
        !block.is_hidden && block.measure.words >= SHORTEST_REPEAT_WORDS && block.role != BlockRole::Code
    };
    let texts: Vec<_> = texts(view).filter(|(id, _)| long(id)).collect();
    // Most texts are known to be different by their beginnings.
    let beginnings: Vec<u64> = texts.iter().map(|(_, text)| letters(text, BEGINNING)).collect();
    let mut alike: FastMap<u64, u32> = FastMap::default();
    beginnings.iter().for_each(|beginning| *alike.entry(*beginning).or_default() += 1);
    let mut is_copy = |(at, (block, text)): (usize, &(usize, &str))| {
        alike[&beginnings[at]] > 1 && *seen.entry(letters(text, usize::MAX)).or_insert(*block) != *block
    };
    let is_repeat: Vec<bool> = texts.iter().enumerate().map(&mut is_copy).collect();
    let is_repeat_at = |at: Option<usize>| at.and_then(|at| is_repeat.get(at)).is_some_and(|it| *it);
    for (at, (block, _)) in texts.iter().enumerate().filter(|(at, _)| is_repeat[*at]) {
        if !view.blocks.is_flat() || is_repeat_at(at.checked_sub(1)) || is_repeat_at(at.checked_add(1)) {
            findings.push(Finding {
                block: *block,
                kind: Boilerplate::Duplicate,
                rule: "duplicate:exact".into(),
                certainty: Certainty::Sure,
                marks_end: false,
            });
        }
    }
}

/// How many letters and digits of a text tell it from most others.
const BEGINNING: usize = 24;

/// A hash of the first letters and digits of a text, at most so many, in lower case.
fn letters(text: &str, most: usize) -> u64 {
    let mut hash = fnv::START_64;
    let (mut at, mut left) = (0, most);
    while let Some(&byte) = text.as_bytes().get(at).filter(|_| left > 0) {
        if byte.is_ascii() {
            if byte.is_ascii_alphanumeric() {
                hash = fnv::step_64(hash, u64::from(byte.to_ascii_lowercase()));
                left -= 1;
            }
            at += 1;
            continue;
        }
        let Some(c) = text[at..].chars().next() else { break };
        at += c.len_utf8();
        if is_letter_or_digit(c) {
            hash = fnv::step_64(hash, u64::from(small(c)));
            left -= 1;
        }
    }
    hash
}

fn texts<'a>(view: &View<'a>) -> impl Iterator<Item = (usize, &'a str)> {
    let blocks = view.blocks;
    blocks.blocks.iter().enumerate().map(|(id, block)| (id, blocks.text(block)))
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn copies_set_with_other_signs_are_the_same() {
        let text = "\u{201c}It came back,\u{201d} she said \u{2014} before the tide\u{a0}turned.";
        assert_eq!(
            letters(text, usize::MAX),
            letters("\"It came back\" she said - before the Tide turned", usize::MAX)
        );
        assert_ne!(
            letters(text, usize::MAX),
            letters("\"It came back,\" he said - before the tide turned.", usize::MAX)
        );
    }
}
