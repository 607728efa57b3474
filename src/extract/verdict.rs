//! What a page as a whole is.

use super::block::{BlockId, Boilerplate, RegionId};
use super::decide::Decision;
use super::dom::Tag;
use super::lexicon::fold;
use super::rules::{View, names_kind};
use crate::article::Verdict;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

/// Fewest words of an article: less is a teaser or a notice.
const SHORTEST_ARTICLE_WORDS: f32 = 25.0;

/// Fewest sentences, side by side in one element, of an article without a single longer paragraph.
const SHORT_SENTENCES: u32 = 10;

/// Most words of a page that is nothing but a wall.
const WALL_WORDS: f32 = 600.0;

/// Most words that a page says beside asking whether its reader is a robot.
const WALLED_WORDS: f32 = 50.0;

/// Most words of what a paywall leaves to read, where the publisher does not say that there is one.
const STUB_WORDS: f32 = 200.0;

/// How many blocks behind the body a paywall's prompt may stand.
const PROMPT_REACH: usize = 4;

/// Share of the kept words inside one consent dialog from which the page is that dialog.
const MOSTLY_CONSENT: f32 = 0.6;

/// Share of the kept blocks' characters in links past which a page points to articles and is none.
const LISTING_LINK_SHARE: f32 = 0.4;

/// What walls say: `data/walls.toml`, phrases by language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Walls {
    #[serde(rename = "schema")]
    _schema: u32,
    bot_wall: BTreeMap<String, Vec<String>>,
    needs_script: BTreeMap<String, Vec<String>>,
    consent_page: BTreeMap<String, Vec<String>>,
}

impl Walls {
    /// Reads the data file that is part of the program.
    ///
    /// # Errors
    /// Where it does not parse.
    pub(crate) fn built_in() -> Result<Self, toml::de::Error> {
        toml::from_str(include_str!("data/walls.toml"))
    }

    /// The wall that a text tells of.
    fn find(&self, text: &str) -> Option<Verdict> {
        let text = fold(text);
        let says =
            |phrases: &BTreeMap<String, Vec<String>>| phrases.values().flatten().any(|it| text.contains(&fold(it)));
        [
            (&self.bot_wall, Verdict::BotWall),
            (&self.needs_script, Verdict::NeedsScript),
            (&self.consent_page, Verdict::ConsentPage),
        ]
        .into_iter()
        .find(|(phrases, _)| says(phrases))
        .map(|(_, verdict)| verdict)
    }
}

/// Judges the page by what was kept and what was left out of it.
pub(crate) fn judge(view: &View<'_>, walls: &Walls, decisions: &[Decision]) -> Verdict {
    let kept: Vec<BlockId> = (0..decisions.len()).filter(|id| decisions[*id] == Decision::Keep).collect();
    let block = |id: &BlockId| &view.blocks.blocks[*id];
    let words: f32 = kept.iter().map(|id| block(id).measure.words).sum();
    if words > 0.0 && consent_words(view, &kept) >= MOSTLY_CONSENT * words {
        return Verdict::ConsentPage;
    }
    let is_text = kept.iter().any(|id| block(id).is_prose()) || sentences_together(view, &kept) >= SHORT_SENTENCES;
    if words < SHORTEST_ARTICLE_WORDS || !is_text {
        return wall(view, walls).unwrap_or(Verdict::NotAnArticle);
    }
    if words < WALLED_WORDS && wall(view, walls) == Some(Verdict::BotWall) {
        return Verdict::BotWall;
    }
    if is_listing(view, &kept) {
        return Verdict::NotAnArticle;
    }
    if is_cut(view, decisions, words) { Verdict::Truncated } else { Verdict::Article }
}

/// Whether what was kept mostly points elsewhere: too much of it is links.
fn is_listing(view: &View<'_>, kept: &[BlockId]) -> bool {
    let blocks = kept.iter().map(|id| &view.blocks.blocks[*id]);
    let (chars, linked) =
        blocks.fold((0, 0), |(chars, linked), block| (chars + block.measure.chars, linked + block.link_chars));
    linked as f32 > LISTING_LINK_SHARE * chars as f32
}

/// Most sentences of kept blocks that are siblings; teasers stand each in a card of its own.
fn sentences_together(view: &View<'_>, kept: &[BlockId]) -> u32 {
    let mut by_parent: HashMap<Option<RegionId>, u32> = HashMap::new();
    for block in kept.iter().map(|id| &view.blocks.blocks[*id]) {
        *by_parent.entry(view.blocks.regions[block.region].parent).or_default() += block.measure.sentences;
    }
    by_parent.into_values().max().unwrap_or(0)
}

/// Most kept words inside one element that calls itself a consent dialog. Only elements that hold a
/// good part of the page's prose come into question, since the prose guard has spared no others.
fn consent_words(view: &View<'_>, kept: &[BlockId]) -> f32 {
    let guard = view.lexicon.engine().prose_guard;
    let is_dialog = |id: &RegionId| view.prose_share(*id) > guard && names_kind(view, *id, Boilerplate::Consent);
    let words_in = |region: RegionId| {
        let range = &view.blocks.regions[region].blocks;
        kept.iter().filter(|id| range.contains(id)).map(|id| view.blocks.blocks[*id].measure.words).sum::<f32>()
    };
    (0..view.blocks.regions.len()).filter(is_dialog).map(words_in).fold(0.0, f32::max)
}

/// Whether a paywall cuts the article: the publisher says that it is not free and a prompt stands on
/// the page, or a prompt follows few words.
fn is_cut(view: &View<'_>, decisions: &[Decision], words: f32) -> bool {
    let is_prompt = |decision: &Decision| matches!(decision, Decision::Drop { kind, rule } if view.lexicon.kind(*kind).truncates && rule.contains("phrase:"));
    let last = decisions.iter().rposition(|decision| *decision == Decision::Keep).map_or(0, |last| last + 1);
    let free = view.evidence.is_accessible_for_free;
    free == Some(false) && decisions.iter().any(is_prompt)
        || free.is_none() && words < STUB_WORDS && decisions[last..].iter().take(PROMPT_REACH).any(is_prompt)
}

/// Why a page without an article has none, where that can be told.
pub(crate) fn wall(view: &View<'_>, walls: &Walls) -> Option<Verdict> {
    let has_scripts = view.document.elements(Tag::Script).next().is_some();
    let words: f32 = view.blocks.blocks.iter().map(|block| block.measure.words).sum();
    if words < 1.0 {
        return Some(if has_scripts { Verdict::NeedsScript } else { Verdict::Empty });
    }
    let title = view.evidence.headlines.join(" ");
    (words <= WALL_WORDS).then(|| walls.find(&format!("{title} {}", spaced(view)))).flatten()
}

/// The page's text with a space between blocks.
fn spaced(view: &View<'_>) -> String {
    view.blocks.blocks.iter().map(|block| view.blocks.text(block)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walls_are_told_apart() {
        let walls = Walls::built_in().unwrap();
        assert_eq!(walls.find("Please verify you are human."), Some(Verdict::BotWall));
        assert_eq!(walls.find("You need to enable JavaScript to run this app."), Some(Verdict::NeedsScript));
        assert_eq!(walls.find("Alle akzeptieren"), Some(Verdict::ConsentPage));
        assert_eq!(walls.find("The council met on Monday."), None);
    }
}
