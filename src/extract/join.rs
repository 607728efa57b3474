//! Articles that stand on several pages: what was extracted of each becomes one extraction.

use super::block::Boilerplate;
use super::measure::measure;
use super::{Extraction, Removal};
use crate::article::{ArticleBlock, Claim, Metadata, Role, Verdict};
use std::collections::HashSet;
use url::Url;

/// Shortest text that counts as said twice wherever it stands, in words, as within a page (`rules/copies.rs`).
const SHORTEST_REPEAT_WORDS: f32 = 15.0;

/// The rule that is named for what a page says again.
const REPEATED: &str = "duplicate:page";

/// Longest lists of tags and of related articles, as for one page.
const MAX_LINKS: usize = 100;

impl Extraction {
    /// Adds the next page of the article, and goes on where that does. What it repeats of the pages before is left
    /// out: its first blocks as far as they stood there already (a series' heading, the standfirst), and whatever has
    /// fifteen words or more. Title, authors and date stay those of the first page. The verdict stays too, unless a
    /// paywall cuts the next page off; the confidence is the mean of both by the length of their texts. Gives
    /// whether the page has added anything.
    pub fn append(&mut self, mut next: Self) -> bool {
        let (fresh, repeated) = self.fresh(std::mem::take(&mut next.article.blocks));
        let has_added = !fresh.is_empty();
        self.confidence = mean([(self.confidence, chars(&self.article.blocks)), (next.confidence, chars(&fresh))]);
        self.article.blocks.extend(fresh);
        self.removals.extend(repeated);
        self.removals.extend(next.removals);
        add_links(&mut self.article.metadata, next.article.metadata);
        if next.verdict == Verdict::Truncated {
            self.verdict = Verdict::Truncated;
        }
        self.is_from_data |= next.is_from_data;
        self.unmatched_rules.retain(|rule| next.unmatched_rules.contains(rule));
        self.onward = next.onward;
        has_added
    }

    /// Gives its place to `whole`, which has the article in one piece. What this page says of its article stays:
    /// pages for printers say less, or something else. Where it is no article, it only fills gaps.
    pub fn give_place_to(&mut self, whole: Self) {
        let has_article = self.verdict.has_article();
        let first = std::mem::replace(self, whole);
        let (said, own) = (first.article.metadata, std::mem::take(&mut self.article.metadata));
        self.article.metadata = if has_article { filled(said, own) } else { filled(own, said) };
        self.unmatched_rules.retain(|rule| first.unmatched_rules.contains(rule));
    }

    /// What of some blocks is new, and what is said again.
    fn fresh(&self, blocks: Vec<ArticleBlock>) -> (Vec<ArticleBlock>, Vec<Removal>) {
        let said: HashSet<&str> = self.article.blocks.iter().map(|block| block.text.as_str()).collect();
        let mut is_top = true;
        let (repeated, fresh): (Vec<_>, Vec<_>) = blocks.into_iter().partition(|block| {
            let is_said = said.contains(block.text.as_str());
            is_top &= is_said;
            let is_long = || measure(&block.text).words >= SHORTEST_REPEAT_WORDS;
            is_said && (is_top || block.role != Role::Code && is_long())
        });
        let removal = |block: ArticleBlock| Removal {
            kind: Boilerplate::Duplicate,
            rule: REPEATED.into(),
            score: None,
            text: block.text,
        };
        (fresh, repeated.into_iter().map(removal).collect())
    }
}

fn chars(blocks: &[ArticleBlock]) -> usize {
    blocks.iter().map(|block| block.text.chars().count()).sum()
}

/// The mean by weights, in hundredths; `None` where one is.
fn mean(parts: [(Option<f32>, usize); 2]) -> Option<f32> {
    let [(Some(one), weight), (Some(other), other_weight)] = parts else { return None };
    let all = (weight + other_weight).max(1) as f32;
    Some(super::rounded((one * weight as f32 + other * other_weight as f32) / all))
}

/// Adds what tags and related articles the next page names.
fn add_links(metadata: &mut Metadata, next: Metadata) {
    let new_tags: Vec<String> = next.tags.into_iter().filter(|tag| !metadata.tags.contains(tag)).collect();
    metadata.tags.extend(new_tags);
    metadata.tags.truncate(MAX_LINKS);
    let is_new = |url: &Url| metadata.related.iter().all(|link| link.url != *url);
    let new_links: Vec<_> = next.related.into_iter().filter(|link| is_new(&link.url)).collect();
    metadata.related.extend(new_links);
    metadata.related.truncate(MAX_LINKS);
}

/// What `first` says, and where it says nothing, `second`.
fn filled(first: Metadata, second: Metadata) -> Metadata {
    let longer = |first: Vec<_>, second| if first.is_empty() { second } else { first };
    let is_new = |claim: &Claim| first.claims.iter().all(|known| known.field != claim.field);
    let more: Vec<Claim> = second.claims.into_iter().filter(is_new).collect();
    let mut claims = [first.claims, more].concat();
    claims.sort_by_key(|claim| claim.field);
    Metadata {
        title: first.title.or(second.title),
        subtitle: first.subtitle.or(second.subtitle),
        authors: longer(first.authors, second.authors),
        published: first.published.or(second.published),
        modified: first.modified.or(second.modified),
        dateline: first.dateline,
        agency: first.agency.or(second.agency),
        site: first.site.or(second.site),
        language: first.language.or(second.language),
        canonical_url: first.canonical_url.or(second.canonical_url),
        section: first.section.or(second.section),
        tags: longer(first.tags, second.tags),
        image: first.image.or(second.image),
        license: first.license.or(second.license),
        accessible_for_free: first.accessible_for_free.or(second.accessible_for_free),
        related: if first.related.is_empty() { second.related } else { first.related },
        claims,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Article;

    const LONG: &str = "The ferry left the northern pier at dawn and came back before the tide had turned on Monday.";

    fn extraction(texts: &[&str]) -> Extraction {
        let block = |text: &&str| ArticleBlock::new(Role::Paragraph, *text);
        let blocks = texts.iter().map(block).collect();
        let article = Article { blocks, metadata: Metadata::default() };
        Extraction { article, confidence: Some(0.9), ..Extraction::without_article(Verdict::Article) }
    }

    fn texts(extraction: &Extraction) -> Vec<&str> {
        extraction.article.blocks.iter().map(|block| block.text.as_str()).collect()
    }

    #[test]
    fn heads_and_long_texts_are_said_once_and_short_ones_in_the_text_again() {
        let mut first = extraction(&["A series", LONG, "“No,” he said.", "End of one."]);
        assert!(first.append(extraction(&["A series", LONG, "Then it rained.", "“No,” he said.", LONG])));
        let expected = ["A series", LONG, "“No,” he said.", "End of one.", "Then it rained.", "“No,” he said."];
        assert_eq!(texts(&first), expected);
        let removed: Vec<(Boilerplate, &str)> =
            first.removals.iter().map(|removal| (removal.kind, removal.rule.as_str())).collect();
        assert_eq!(removed, [(Boilerplate::Duplicate, REPEATED); 3]);
    }

    #[test]
    fn page_that_says_nothing_new_adds_nothing() {
        let mut first = extraction(&[LONG, "End."]);
        assert!(!first.append(extraction(&[LONG, "End."])));
        assert_eq!(texts(&first), [LONG, "End."]);
    }

    #[test]
    fn verdict_confidence_and_rules_tell_of_all_pages() {
        let rules = |extraction: Extraction, rules: &[&str]| Extraction {
            unmatched_rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
            ..extraction
        };
        let mut first = rules(extraction(&["Four"]), &["a", "b"]);
        let next = Extraction { confidence: Some(0.5), verdict: Verdict::Truncated, ..extraction(&["Twelve chars"]) };
        first.append(rules(next, &["b", "c"]));
        assert_eq!((first.verdict, first.confidence), (Verdict::Truncated, Some(0.6)));
        assert_eq!(first.unmatched_rules, ["b"], "matched on one page is matched");
    }

    #[test]
    fn page_in_one_piece_is_called_what_its_article_is() {
        let titled = |title: &str, verdict| {
            let metadata = Metadata { title: Some(title.into()), ..Metadata::default() };
            Extraction { article: Article { metadata, blocks: vec![] }, ..Extraction::without_article(verdict) }
        };
        for (mut first, title) in
            [(titled("Ferry", Verdict::Article), "Ferry"), (titled("Cookies", Verdict::NotAnArticle), "Print")]
        {
            first.give_place_to(titled("Print", Verdict::Article));
            assert_eq!((first.verdict, first.article.metadata.title.as_deref()), (Verdict::Article, Some(title)));
        }
    }
}
