//! Pairs of texts of which it is known whether they are one article.

use anyhow::{Context, Result};
use gleaner::extract::{Extractor, Options};
use gleaner::page::Page;
use gleaner::render;
use serde::Deserialize;
use std::path::Path;
use url::Url;

/// Articles of which pairs are made.
const SAMPLE: usize = 320;

/// Pages whose boilerplate is put around other articles.
const TEMPLATES: usize = 60;

/// Fewer words make no article here; the corpora have poems and notices too.
const LEAST_WORDS: usize = 80;

/// Which half of the domains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Half {
    Choosing,
    Checking,
}

/// Two texts.
pub(crate) struct Pair {
    pub(crate) kind: &'static str,
    pub(crate) is_copy: bool,
    pub(crate) half: Half,
    pub(crate) one: String,
    pub(crate) other: String,
}

/// All pairs, and the articles that they are made of.
pub(crate) struct Set {
    pub(crate) pairs: Vec<Pair>,
    pub(crate) articles: usize,
    /// Every article of the corpora.
    pub(crate) originals: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct Truth {
    id: String,
    url: Option<String>,
    text: Option<String>,
    page_type: Option<String>,
    lang: Option<String>,
}

struct Source {
    id: String,
    url: String,
    host: String,
    lang: String,
    text: String,
    half: Half,
}

/// SplitMix64, so that the set is the same each time.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let bits = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ bits >> 31
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn comes(&mut self, share: f64) -> bool {
        (self.next() >> 11) as f64 / ((1_u64 << 53) as f64) < share
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

impl Set {
    pub(crate) fn build(corpora: &Path) -> Result<Self> {
        let mut chance = Chance(1);
        let (mut sources, mut pages) = (Vec::new(), Vec::new());
        for corpus in ["fundus", "wcxb-dev"] {
            read(&corpora.join(corpus), &mut sources, &mut pages)?;
        }
        let extractor = Extractor::new(&Options::default())?;
        let templates: Vec<Vec<String>> = (0..TEMPLATES)
            .filter_map(|_| {
                let page = Page::from_bytes(std::fs::read(chance.of(&pages)).ok()?);
                let left: Vec<String> = extractor.extract(&page).removals.into_iter().map(|it| it.text).collect();
                (left.len() > 10).then_some(left)
            })
            .collect();
        let mut maker = Maker { extractor, templates, sources: &sources, chance, pairs: Vec::new() };
        // Those in other languages than English are few, and all taken.
        let (english, other): (Vec<&Source>, Vec<&Source>) = sources.iter().partition(|source| source.lang == "en");
        let mut sample = other;
        while sample.len() < SAMPLE.min(sources.len()) {
            let next = *maker.chance.of(&english);
            if !sample.iter().any(|taken| taken.id == next.id) {
                sample.push(next);
            }
        }
        sample.iter().for_each(|source| maker.pair_up(source));
        maker.same_site();
        let pairs = maker.pairs;
        let originals = sources.iter().map(|source| (source.id.clone(), source.text.clone())).collect();
        Ok(Self { pairs, articles: sample.len(), originals })
    }
}

fn read(corpus: &Path, sources: &mut Vec<Source>, pages: &mut Vec<std::path::PathBuf>) -> Result<()> {
    let truth = std::fs::read_to_string(corpus.join("truth.jsonl")).with_context(|| corpus.display().to_string())?;
    for line in truth.lines() {
        let Truth { id, url, text, page_type, lang } = serde_json::from_str(line)?;
        let Some((text, url)) = text.zip(url) else { continue };
        let is_long =
            text.split_whitespace().count() >= LEAST_WORDS || (!text.is_ascii() && text.chars().count() >= 400);
        if page_type.as_deref() != Some("article") || !is_long {
            continue;
        }
        pages.push(corpus.join("html").join(format!("{id}.html")));
        let host = Url::parse(&url)?.host_str().unwrap_or_default().trim_start_matches("www.").to_owned();
        let half = if blake3::hash(host.as_bytes()).as_bytes()[0] & 1 == 0 { Half::Choosing } else { Half::Checking };
        let url = url.trim_end_matches('/').to_owned();
        sources.push(Source { id, url, host, lang: lang.unwrap_or_default(), text, half });
    }
    Ok(())
}

fn paragraphs(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn sentences(text: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    for character in text.chars() {
        if let Some(last) = all.last_mut() {
            last.push(character);
        }
        if matches!(character, '.' | '!' | '?' | '。' | '\n') {
            all.push(String::new());
        }
    }
    all.retain(|sentence| !sentence.trim().is_empty());
    all
}

/// Words, or pairs of letters where there are no spaces, and what joins them.
fn units(text: &str) -> (Vec<String>, &'static str) {
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    if words.len() * 20 >= text.chars().count() || text.is_ascii() {
        return (words, " ");
    }
    let letters: Vec<char> = text.chars().filter(|it| !it.is_whitespace()).collect();
    (letters.chunks(2).map(|pair| pair.iter().collect()).collect(), "")
}

struct Maker<'a> {
    extractor: Extractor,
    templates: Vec<Vec<String>>,
    sources: &'a [Source],
    chance: Chance,
    pairs: Vec<Pair>,
}

impl<'a> Maker<'a> {
    fn pair_up(&mut self, source: &'a Source) {
        let text = &source.text;
        let (one, other) = (self.wrapped(text), self.wrapped(text));
        self.add("two templates", true, source, one, other);
        let (one, other) = (self.with_leftovers(text), self.with_leftovers(text));
        self.add("two templates, leftovers of both", true, source, one, other);
        let edits: [(&'static str, String); 6] = [
            ("10 % of words replaced", self.replaced(text, 0.1)),
            ("10 % dropped", self.dropped(text, 0.1)),
            ("a paragraph moved", self.moved(text)),
            ("a paragraph added", self.added(text, 0.1)),
            ("10 % in all: replaced, dropped, moved, added", {
                let text = self.replaced(text, 0.04);
                let text = self.dropped(&text, 0.03);
                let text = self.moved(&text);
                self.added(&text, 0.03)
            }),
            ("agency copy, first lines of its own, 5 % replaced", {
                let text = self.begun_anew(text);
                self.replaced(&text, 0.05)
            }),
        ];
        for (kind, other) in edits {
            self.add(kind, true, source, text.clone(), other);
        }
        let rewrite = self.rewritten(text, 0.2);
        self.add("rewrite, a fifth of the sentences kept", false, source, text.clone(), rewrite);
        let translation = self.translated(source);
        self.add("translation: names and figures kept", false, source, text.clone(), translation);
        let (one, other) = self.with_same_boilerplate(source);
        self.add("nothing but boilerplate in common", false, source, one, other);
    }

    fn add(&mut self, kind: &'static str, is_copy: bool, source: &Source, one: String, other: String) {
        self.pairs.push(Pair { kind, is_copy, half: source.half, one, other });
    }

    /// Articles of one site; what the corpora have twice from one address is no pair of two.
    fn same_site(&mut self) {
        let sources = self.sources;
        for (at, source) in sources.iter().enumerate() {
            for other in sources[..at].iter().filter(|other| other.host == source.host && other.url != source.url) {
                self.add("articles of one site", false, source, source.text.clone(), other.text.clone());
            }
        }
    }

    /// The article on a page with another site's boilerplate, extracted.
    fn wrapped(&mut self, text: &str) -> String {
        let left = self.chance.of(&self.templates).clone();
        let (above, below) = left.split_at(left.len() / 2);
        let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
        let all = |tag: &str, lines: &[String]| -> String {
            lines.iter().map(|line| format!("<{tag}><a href=\"/x\">{}</a></{tag}>", escaped(line))).collect()
        };
        let body: String = paragraphs(text).iter().map(|line| format!("<p>{}</p>\n", escaped(line))).collect();
        let page = match self.chance.below(3) {
            0 => format!(
                "<header><nav><ul>{}</ul></nav></header><main><article><h1>A headline</h1>{body}</article></main><footer>{}</footer>",
                all("li", above),
                all("p", below)
            ),
            1 => format!(
                "<div class=\"top\">{}</div><div class=\"page\"><div class=\"story-body\">{body}</div><div class=\"rail\">{}</div></div>",
                all("div", above),
                all("div", below)
            ),
            _ => format!(
                "<table><tr><td>{}</td><td><h2>Another headline</h2>{body}</td></tr><tr><td>{}</td></tr></table>",
                all("p", above),
                all("p", below)
            ),
        };
        let page = format!("<html><head><title>A headline</title></head><body>{page}</body></html>");
        render::body(&self.extractor.extract(&Page::from_bytes(page)).article)
    }

    /// As if an extractor had left some of a site's boilerplate in.
    fn with_leftovers(&mut self, text: &str) -> String {
        let left = self.chance.of(&self.templates).clone();
        let some: Vec<&str> = (0..4).map(|_| self.chance.of(&left).as_str()).map(|line| first(line, 200)).collect();
        format!("{}\n{}\n{text}\n{}\n{}", some[0], some[1], some[2], some[3])
    }

    fn foreign_words(&mut self, count: usize) -> Vec<String> {
        let (words, _) = units(&self.chance.of(self.sources).text);
        let from = self.chance.below(words.len().saturating_sub(count));
        words.into_iter().skip(from).take(count).collect()
    }

    fn replaced(&mut self, text: &str, share: f64) -> String {
        let (words, joint) = units(text);
        let foreign = self.foreign_words(400);
        let words: Vec<String> = words
            .into_iter()
            .map(|word| if self.chance.comes(share) { self.chance.of(&foreign).clone() } else { word })
            .collect();
        words.join(joint)
    }

    /// Without paragraphs of so much of the text; without a piece of it where it is one paragraph.
    fn dropped(&mut self, text: &str, share: f64) -> String {
        let mut lines = paragraphs(text);
        let wanted = (text.len() as f64 * share) as usize;
        let mut gone = 0;
        for _ in 0..lines.len() {
            let at = self.chance.below(lines.len());
            if gone < wanted && lines.len() > 1 && lines[at].len() <= wanted + wanted / 2 - gone.min(wanted) {
                gone += lines.remove(at).len();
            }
        }
        if gone > 0 {
            return lines.join("\n");
        }
        let (mut words, joint) = units(text);
        let count = (words.len() as f64 * share) as usize;
        let from = self.chance.below(words.len() - count);
        words.drain(from..from + count);
        words.join(joint)
    }

    fn moved(&mut self, text: &str) -> String {
        let mut lines = paragraphs(text);
        let line = lines.remove(self.chance.below(lines.len()));
        lines.insert(self.chance.below(lines.len() + 1), line);
        lines.join("\n")
    }

    fn added(&mut self, text: &str, share: f64) -> String {
        let (words, joint) = units(text);
        let new = self.foreign_words(((words.len() as f64 * share) as usize).max(15)).join(joint);
        let mut lines = paragraphs(text);
        lines.insert(self.chance.below(lines.len() + 1), new);
        lines.join("\n")
    }

    /// With 25 to 45 words of another beginning in the place of its own.
    fn begun_anew(&mut self, text: &str) -> String {
        let count = 25 + self.chance.below(20);
        let (words, joint) = units(text);
        let rest: Vec<String> = words.into_iter().skip(count.min(text.len() / 100)).collect();
        [self.foreign_words(count), rest].concat().join(joint)
    }

    /// The same told by somebody else: some sentences (quotes) are kept, in the others a quarter of the words goes, a
    /// third of the rest are other ones, and they stand in another order.
    fn rewritten(&mut self, text: &str, kept: f64) -> String {
        let foreign = self.foreign_words(400);
        let mut told = Vec::new();
        for sentence in sentences(text) {
            if self.chance.comes(kept) {
                told.push(sentence);
                continue;
            }
            let (words, joint) = units(&sentence);
            let mut pieces: Vec<Vec<String>> = Vec::new();
            for word in words.into_iter().filter(|_| !self.chance.comes(0.25)).collect::<Vec<_>>() {
                let word = if self.chance.comes(0.3) { self.chance.of(&foreign).clone() } else { word };
                match pieces.last_mut() {
                    Some(piece) if piece.len() < 3 && self.chance.comes(0.5) => piece.push(word),
                    _ => pieces.push(vec![word]),
                }
            }
            for at in (1..pieces.len()).rev() {
                pieces.swap(at, self.chance.below(at + 1));
            }
            told.push(pieces.concat().join(joint));
        }
        told.join(" ")
    }

    /// An article in another language with the names and figures of this one.
    fn translated(&mut self, source: &Source) -> String {
        let others: Vec<&Source> = self.sources.iter().filter(|other| other.lang != source.lang).collect();
        let (words, _) = units(&source.text);
        let is_name = |word: &&String| word.starts_with(|c: char| c.is_uppercase() || c.is_numeric());
        let names: Vec<String> = words.iter().filter(is_name).cloned().collect();
        let (target, joint) = units(&self.chance.of(&others).text);
        let mut names = names.into_iter();
        let words = target
            .into_iter()
            .map(|word| if is_name(&&word) || self.chance.comes(0.05) { names.next().unwrap_or(word) } else { word });
        words.collect::<Vec<_>>().join(joint)
    }

    /// Two articles of half their length, with the same appeal and the same lines on the author.
    fn with_same_boilerplate(&mut self, source: &Source) -> (String, String) {
        let left = self.chance.of(&self.templates).clone();
        let mut long: Vec<&String> = left.iter().collect();
        long.sort_by_key(|line| std::cmp::Reverse(line.len()));
        let shared: Vec<&str> = long.iter().take(3).map(|line| first(line, 400)).collect();
        let other = loop {
            let other = self.chance.of(self.sources);
            if other.id != source.id {
                break other;
            }
        };
        let half = |text: &str| first(text, text.len() / 2).to_owned();
        let with = |text: &str| format!("{}\n{}\n{}\n{}", shared[0], half(text), shared[1], shared[2]);
        (with(&source.text), with(&other.text))
    }
}

/// At most so many bytes of a text.
fn first(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    &text[..end]
}
