//! A text without markup as a whole, by which its kind is told.

use super::lines::LineFacts;
use super::runs::is_ruled;
use super::{features, flag, is_long, text};
use crate::extract::block::BlockRole;
use crate::extract::rules::Finding;

features! {
    /// The text as a whole, by which its kind is told. Shares are of words or of lines.
    TextFeatures {
        n w logw logs nlong flong cw maxw wpb
        blank joined bullets items heading price clock digit copies quoted questions spaceless caps short
        runs best_share best_n main_w main_n ruled hits has_title has_author has_date
    }
}

impl LineFacts<'_> {
    pub(super) fn page_features(&self) -> TextFeatures {
        let mut page = TextFeatures::default();
        let sum = self.sums.last().copied().unwrap_or_default();
        let count = self.places.len() as f32;
        let words = sum.words.max(1.0);
        let mut digits = 0;
        for (id, (block, text)) in self.view.blocks.blocks.iter().zip(&self.texts).enumerate() {
            let line = self.view.blocks.lines[id];
            let share = 1.0 / count.max(1.0);
            page.nlong += flag(is_long(block));
            page.cw += if is_long(block) { block.measure.words / words } else { 0.0 };
            page.maxw = page.maxw.max(block.measure.words);
            page.logs += block.measure.sentences as f32;
            page.blank += share * flag(line.blanks_before > 0);
            page.joined += share * flag(line.joined > 1);
            page.bullets += share * flag(line.is_bulleted);
            page.items += share * flag(matches!(block.role, BlockRole::Item(..)));
            page.heading += share * flag(matches!(block.role, BlockRole::Heading(_)));
            page.price += share * flag(text.has(text::PRICE));
            page.clock += share * flag(text.has(text::CLOCK));
            page.copies += share * flag(text.copies > 1);
            page.quoted += share * flag(text.has(text::STARTS_QUOTE));
            page.questions += share * flag(text.questions > 0);
            page.spaceless += share * flag(text.has(text::SPACELESS));
            page.ruled += if is_ruled(self.rules[id]) { block.measure.words / words } else { 0.0 };
            if self.is_main[id] {
                page.main_w += block.measure.words;
                page.main_n += 1.0;
            }
            digits += text.digits;
        }
        page.n = count;
        page.w = sum.words;
        page.logw = sum.words.ln_1p();
        page.logs = page.logs.ln_1p();
        page.flong = page.nlong / count.max(1.0);
        page.wpb = sum.words / count.max(1.0);
        page.digit = digits as f32 / words;
        page.caps = sum.capitals / count.max(1.0);
        page.short = sum.short / count.max(1.0);
        page.hits = sum.hits / count.max(1.0);
        page.runs = self.runs.len().min(200) as f32;
        let all: f32 = self.runs.iter().map(|run| run.words).sum::<f32>().max(1.0);
        page.best_share = self.best.map_or(0.0, |best| best.words / all);
        page.best_n = self.best.map_or(0.0, |best| best.lines as f32);
        let metadata = &self.view.evidence.metadata;
        page.has_title = flag(metadata.title.is_some());
        page.has_author = flag(!metadata.authors.is_empty());
        page.has_date = flag(metadata.published.is_some());
        page
    }
}

/// The kinds that rules speak of.
pub(super) fn page_words(findings: &[Finding]) -> Vec<String> {
    let mut kinds: Vec<&str> = findings.iter().map(|finding| finding.kind.id()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.into_iter().map(|kind| format!("kind={kind}")).collect()
}
