//! `cargo run --release --example near_duplicates -- CORPORA [SEEDS]`
//!
//! How well fingerprints tell copies of an article from other articles. CORPORA is a folder with unpacked corpora
//! (`fundus`, `wcxb-dev`: `truth.jsonl`, `html/ID.html`), of whose articles pairs are made (`set.rs`): copies, and articles
//! that are none although they share much. Their domains are in two halves: on one a threshold is chosen, on the other
//! it is held to. A pair counts as found where an index would find it: a band in common, and enough resemblance.
//! SimHash is measured beside it, on the same pairs, with the threshold that suits it best.
//!
//! All pairs of articles of the corpora are looked at too, and those that resemble each other are printed, to be judged
//! by eye. With SEEDS, the folder of the shared seeds, it ends in an error unless 000 and 001 are one text and no other two
//! are; and so it does where precision falls below 0.99 or recall below 0.97.

mod set;

use anyhow::{Context, Result, bail};
use gleaner::fingerprint::{Fingerprint, ONE_TEXT};
use set::{Half, Pair, Set};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

const LEAST_PRECISION: f64 = 0.99;
const LEAST_RECALL: f64 = 0.97;

/// Pairs of one kind, by the half that they are in.
type Kinds<'a> = BTreeMap<(bool, &'static str), Vec<&'a Pair>>;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let corpora = PathBuf::from(arguments.next().context("usage: near_duplicates CORPORA [SEEDS]")?);
    let set = Set::build(&corpora)?;
    let mut out = std::io::stdout().lock();
    let chosen = choose(&set.pairs, Half::Choosing);
    writeln!(out, "{} articles; threshold in use {ONE_TEXT:.2}, best on the choosing half {chosen:.2}", set.articles)?;
    let checked = table(&mut out, &set.pairs)?;
    simhashes(&mut out, &set.pairs)?;
    natural(&mut out, &set)?;
    if let Some(seeds) = arguments.next() {
        check_seeds(Path::new(&seeds))?;
    }
    if checked.precision() < LEAST_PRECISION || checked.recall() < LEAST_RECALL {
        bail!("precision {:.4}, recall {:.4} on the checking half", checked.precision(), checked.recall());
    }
    Ok(())
}

/// How two texts compare: as an index finds them, and by the share of common shingles; both are no where one text is empty.
fn compare(one: &str, other: &str) -> (bool, f32) {
    let Some((one, other)) = Fingerprint::of(one).zip(Fingerprint::of(other)) else { return (false, 0.0) };
    let shares_band = one.bands().iter().zip(other.bands()).any(|(one, other)| one == other);
    (shares_band, one.sketch().resemblance(other.sketch()))
}

#[derive(Default, Clone, Copy)]
struct Score {
    found: usize,
    missed: usize,
    wrong: usize,
}

impl Score {
    fn of<'a>(pairs: impl Iterator<Item = &'a Pair>, is_one: impl Fn(&Pair) -> bool) -> Self {
        let mut score = Self::default();
        pairs.for_each(|pair| score.count(pair.is_copy, is_one(pair)));
        score
    }

    fn count(&mut self, is_copy: bool, is_one: bool) {
        match (is_copy, is_one) {
            (true, true) => self.found += 1,
            (true, false) => self.missed += 1,
            (false, true) => self.wrong += 1,
            (false, false) => (),
        }
    }

    fn precision(self) -> f64 {
        self.found as f64 / (self.found + self.wrong).max(1) as f64
    }

    fn recall(self) -> f64 {
        self.found as f64 / (self.found + self.missed).max(1) as f64
    }

    fn f1(self) -> f64 {
        2.0 * self.precision() * self.recall() / (self.precision() + self.recall()).max(f64::MIN_POSITIVE)
    }
}

/// The threshold of the best F1 on one half; the middle one of several.
fn choose(pairs: &[Pair], half: Half) -> f32 {
    let compared: Vec<(&Pair, (bool, f32))> =
        pairs.iter().filter(|pair| pair.half == half).map(|pair| (pair, compare(&pair.one, &pair.other))).collect();
    let score = |threshold: f32| {
        let mut score = Score::default();
        compared.iter().for_each(|(pair, (band, share))| score.count(pair.is_copy, *band && *share >= threshold));
        score.f1()
    };
    let scored: Vec<(f32, f64)> =
        (10..80).map(|hundredth| hundredth as f32 / 100.0).map(|it| (it, score(it))).collect();
    let best = scored.iter().map(|(_, score)| *score).fold(0.0, f64::max);
    let equal: Vec<f32> = scored.iter().filter(|(_, score)| *score == best).map(|(it, _)| *it).collect();
    equal[equal.len() / 2]
}

/// A line for each kind; gives the score of the checking half.
fn table(out: &mut impl Write, pairs: &[Pair]) -> Result<Score> {
    let mut kinds: Kinds<'_> = BTreeMap::new();
    pairs.iter().for_each(|pair| kinds.entry((!pair.is_copy, pair.kind)).or_default().push(pair));
    writeln!(
        out,
        "\n| pair | choosing | taken for one | checking | taken for one | resemblance: least, median, most |"
    )?;
    writeln!(out, "|---|---:|---:|---:|---:|---|")?;
    let is_one = |pair: &Pair| {
        let (shares_band, share) = compare(&pair.one, &pair.other);
        shares_band && share >= ONE_TEXT
    };
    for ((_, kind), pairs) in &kinds {
        let of = |half| {
            let of: Vec<&&Pair> = pairs.iter().filter(|pair| pair.half == half).collect();
            (of.len(), of.iter().filter(|pair| is_one(pair)).count())
        };
        let ((chosen, chosen_one), (checked, checked_one)) = (of(Half::Choosing), of(Half::Checking));
        let mut shares: Vec<f32> = pairs.iter().map(|pair| compare(&pair.one, &pair.other).1).collect();
        shares.sort_by(f32::total_cmp);
        let (least, median, most) = (shares[0], shares[shares.len() / 2], shares[shares.len() - 1]);
        writeln!(
            out,
            "| {kind} | {chosen} | {chosen_one} | {checked} | {checked_one} | {least:.2}, {median:.2}, {most:.2} |"
        )?;
    }
    let mut last = Score::default();
    for (half, name) in [(Half::Choosing, "choosing"), (Half::Checking, "checking")] {
        last = Score::of(pairs.iter().filter(|pair| pair.half == half), is_one);
        writeln!(out, "\nMinHash, {name} half: precision {:.4}, recall {:.4}", last.precision(), last.recall())?;
    }
    Ok(last)
}

/// The same pairs by SimHash of 64 bits over words in a row, for each length and the distance that suits it.
fn simhashes(out: &mut impl Write, pairs: &[Pair]) -> Result<()> {
    for length in 1..=3 {
        let distances: Vec<(&Pair, u32)> = pairs
            .iter()
            .map(|pair| (pair, (simhash(&pair.one, length) ^ simhash(&pair.other, length)).count_ones()))
            .collect();
        let score = |half, most: u32| {
            let mut score = Score::default();
            let of_half = distances.iter().filter(|(pair, _)| pair.half == half);
            of_half.for_each(|(pair, distance)| score.count(pair.is_copy, *distance <= most));
            score
        };
        let f1 = |most: &u32| (score(Half::Choosing, *most).f1() * 1e9) as u64;
        let best = (0..=40).max_by_key(f1).unwrap_or_default();
        for most in [3, best] {
            let checked = score(Half::Checking, most);
            writeln!(
                out,
                "SimHash, {length} words, at most {most} bits: precision {:.4}, recall {:.4} on the checking half",
                checked.precision(),
                checked.recall()
            )?;
        }
    }
    Ok(())
}

/// Charikar's (2002): each bit is what most shingles say.
fn simhash(text: &str, length: usize) -> u64 {
    let text = text.to_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let shingles: BTreeSet<&[&str]> = words.windows(length.min(words.len().max(1))).collect();
    let mut votes = [0_i32; 64];
    for shingle in shingles {
        let bytes = blake3::hash(shingle.join(" ").as_bytes());
        let hash = u64::from_le_bytes(std::array::from_fn(|at| bytes.as_bytes()[at]));
        votes.iter_mut().enumerate().for_each(|(bit, vote)| *vote += if hash >> bit & 1 == 1 { 1 } else { -1 });
    }
    votes.iter().enumerate().filter(|(_, vote)| **vote > 0).fold(0, |hash, (bit, _)| hash | 1 << bit)
}

/// All articles of the corpora, two and two.
fn natural(out: &mut impl Write, set: &Set) -> Result<()> {
    let prints: Vec<_> =
        set.originals.iter().filter_map(|(id, text)| Fingerprint::of(text).map(|print| (id, print))).collect();
    let (mut pairs, mut candidates) = (0_u64, 0_u64);
    writeln!(out)?;
    for (at, (id, print)) in prints.iter().enumerate() {
        for (other_id, other) in &prints[..at] {
            pairs += 1;
            if print.bands().iter().zip(other.bands()).any(|(one, other)| one == other) {
                candidates += 1;
                let share = print.sketch().resemblance(other.sketch());
                if share >= ONE_TEXT - 0.1 {
                    writeln!(out, "natural pair at {share:.2}: {other_id} {id}")?;
                }
            }
        }
    }
    writeln!(out, "{pairs} natural pairs, {candidates} with a band in common")?;
    Ok(())
}

fn check_seeds(folder: &Path) -> Result<()> {
    let mut bodies = BTreeMap::new();
    for entry in std::fs::read_dir(folder)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".gold.json") {
            let gold: serde_json::Value = serde_json::from_slice(&std::fs::read(entry.path())?)?;
            let body = gold["body"].as_array().context("a seed without a body")?;
            let body: Vec<&str> = body.iter().filter_map(serde_json::Value::as_str).collect();
            bodies.insert(name[..3].to_owned(), body.join("\n\n"));
        }
    }
    for (one, body) in &bodies {
        for (other, other_body) in bodies.range(..one.clone()) {
            let (shares_band, share) = compare(body, other_body);
            let is_one = shares_band && share >= ONE_TEXT;
            if is_one != ((other.as_str(), one.as_str()) == ("000", "001")) {
                bail!(
                    "seeds {other} and {one}: resemblance {share:.2}, taken for {}",
                    if is_one { "one" } else { "two" }
                );
            }
        }
    }
    Ok(())
}
