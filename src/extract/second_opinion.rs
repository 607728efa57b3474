//! What the crate `readability` takes for the article, in our own blocks.
//!
//! It gives markup; parsed and cut like any page, that keeps paragraphs, headings and lists apart. Title,
//! authors and date are ours, and so is the verdict, by the same tests on its text as on our own.

use super::block::{Block, Blocks, Boilerplate};
use super::decide::Decision;
use super::lexicon::Memo;
use super::rules::View;
use super::{BlockVerdict, Explanation, Extraction, Extractor, Onward, Removal, Source};
use super::{assemble, dom, has_body, segment, verdict};
use crate::article::{Article, Verdict};
use crate::page::Page;
use std::collections::HashMap;
use std::panic;
use url::Url;

/// The rule that is named for all that is left out.
const RULE: &str = "engine:readability";

impl Extractor {
    /// `html` is what `source` was read from; `with_blocks` asks for the verdict on every block.
    ///
    /// # Errors
    /// What the page is, if `readability` cannot be asked or says nothing.
    pub(super) fn second_opinion(
        &self,
        html: &str,
        source: Source<'_>,
        page: &Page,
        with_blocks: bool,
    ) -> Result<Explanation, Verdict> {
        dom::survey(html).map_err(|_| Verdict::Hostile)?;
        let content = guarded(|| content(html, page.url.as_ref())).ok_or(Verdict::NotAnArticle)?;
        let document = dom::parse(&content).map_err(|_| Verdict::Hostile)?;
        let blocks = segment::segment(&document);
        let kept = vec![Decision::Keep; blocks.blocks.len()];
        let view = self.view(&source, page);
        let theirs = View { document: &document, blocks: &blocks, memo: &Memo::default(), ..self.view(&source, page) };
        let verdict = match verdict::judge(&theirs, &self.walls, &kept) {
            verdict if verdict.has_article() => verdict,
            _ => verdict::wall(&view, &self.walls).unwrap_or(Verdict::NotAnArticle),
        };
        let body =
            if has_body(verdict) { assemble::assemble(&document, &blocks, &kept, Vec::new()) } else { Vec::new() };
        let is_kept = kept_blocks(&source.blocks, &blocks);
        let explained = if with_blocks { verdicts(&source.blocks, &is_kept) } else { Vec::new() };
        let extraction = Extraction {
            removals: removals(&source.blocks, &is_kept),
            article: Article { metadata: source.evidence.metadata, blocks: body },
            confidence: None,
            verdict,
            is_from_data: false,
            unmatched_rules: Vec::new(),
            onward: Onward::default(),
        };
        Ok(Explanation { extraction, blocks: explained })
    }
}

/// `None` where the work panics: the page is then one that says nothing, and the process goes on.
fn guarded<T>(work: impl FnOnce() -> T + panic::UnwindSafe) -> Option<T> {
    panic::catch_unwind(work).ok()
}

/// The markup that `readability` leaves; empty where it fails.
fn content(html: &str, url: Option<&Url>) -> String {
    // Only addresses of links and pictures are made of it, which nobody reads here.
    let nowhere = || Url::parse("about:blank").ok();
    let Some(url) = url.cloned().or_else(nowhere) else { return String::new() };
    // It fails where its input cannot be read, and memory always can.
    readability::extractor::extract(&mut html.as_bytes(), &url).map(|product| product.content).unwrap_or_default()
}

/// Which blocks of the page have their text among those kept, as often as it stands there.
fn kept_blocks(page: &Blocks, kept: &Blocks) -> Vec<bool> {
    let mut left: HashMap<&str, usize> = HashMap::new();
    for block in &kept.blocks {
        *left.entry(kept.text(block)).or_default() += 1;
    }
    let is_kept = |block: &Block| match left.get_mut(page.text(block)) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    };
    page.blocks.iter().map(is_kept).collect()
}

fn removals(page: &Blocks, is_kept: &[bool]) -> Vec<Removal> {
    let removed = page.blocks.iter().zip(is_kept).filter(|(_, is_kept)| !**is_kept);
    let removal = |(block, _)| Removal {
        kind: Boilerplate::Unclassified,
        rule: RULE.into(),
        score: None,
        text: page.text(block).to_owned(),
    };
    removed.map(removal).collect()
}

fn verdicts(page: &Blocks, is_kept: &[bool]) -> Vec<BlockVerdict> {
    let first = is_kept.iter().position(|it| *it).unwrap_or(is_kept.len());
    let last = is_kept.iter().rposition(|it| *it).unwrap_or(0);
    let verdict = |(id, block): (usize, &Block)| BlockVerdict {
        kept: is_kept[id],
        kind: (!is_kept[id]).then_some(Boilerplate::Unclassified),
        rule: RULE.into(),
        score: None,
        evidence: Vec::new(),
        tag: page.regions[block.region].tag.name(),
        inside: (first..=last).contains(&id),
        text: page.text(block).to_owned(),
    };
    page.blocks.iter().enumerate().map(verdict).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Engine, Options};
    use super::*;
    use crate::article::Role;

    const PAGE: &str = "<html><head><title>The ferry sails again</title></head><body><nav><a href=/>Home</a> <a href=/b>Boats</a></nav>\
        <div class=story><p>The ferry between the two islands sails again from Monday, the harbour office said, after its \
        engine had been repaired for the third time this year.</p><h2>What it costs</h2><p>Tickets cost what they cost before, \
        and children travel free, as long as they bring a grown-up who does not, the office said.</p>\
        <p>The old engine goes to the museum, where it will stand beside the one before it.</p></div>\
        <div class=footer><p>Harbour office, Pier 1</p></div></body></html>";

    fn extract(html: impl Into<Vec<u8>>) -> Extraction {
        let options = Options { engine: Engine::Readability, ..Options::default() };
        Extractor::new(&options).unwrap().extract(&Page::from_bytes(html.into()))
    }

    #[test]
    fn text_comes_in_blocks_with_our_metadata() {
        let extraction = extract(PAGE);
        assert_eq!((extraction.verdict, extraction.confidence), (Verdict::Article, None));
        assert_eq!(extraction.article.metadata.title.as_deref(), Some("The ferry sails again"));
        let roles: Vec<Role> = extraction.article.blocks.iter().map(|block| block.role).collect();
        assert_eq!(roles, [Role::Paragraph, Role::Heading { level: 2 }, Role::Paragraph, Role::Paragraph]);
        let removed: Vec<_> = extraction.removals.iter().map(|it| (it.text.as_str(), it.rule.as_str())).collect();
        assert_eq!(removed, [("Home Boats", RULE), ("Harbour office, Pier 1", RULE)]);
    }

    #[test]
    fn a_tower_of_elements_is_hostile_and_overflows_nothing() {
        for tower in ["<div>".repeat(100_000), "<div><noscript></div></noscript>".repeat(100_000)] {
            assert_eq!(extract(format!("<body>{tower}<p>{PAGE}")).verdict, Verdict::Hostile);
        }
    }

    #[test]
    fn a_tower_just_below_the_cap_survives_on_a_small_stack() {
        // The document, `html`, `body`, the paragraph and its text stand in the tower too.
        let tower = |levels: usize| format!("<body>{}<p>A line of text, and another.", "<ul>".repeat(levels));
        let verdict = |html: String| {
            std::thread::Builder::new().stack_size(2 << 20).spawn(|| extract(html).verdict).unwrap().join().unwrap()
        };
        assert_eq!(verdict(tower(508)), Verdict::NotAnArticle);
        assert_eq!(verdict(tower(509)), Verdict::Hostile);
    }

    #[test]
    fn a_panic_ends_in_nothing() {
        assert_eq!(guarded(|| 1), Some(1));
        assert_eq!(guarded(|| if PAGE.is_empty() { 1 } else { panic!("shown by a test, all is well") }), None);
    }

    #[test]
    fn a_wall_is_a_wall_to_it_too() {
        let wall = "<body><div>Please verify you are human.</div></body>";
        assert_eq!(extract(wall).verdict, Verdict::BotWall);
        assert_eq!(extract("  ").verdict, Verdict::Empty);
        assert_eq!(extract("%PDF-1.7").verdict, Verdict::Unsupported);
    }
}
