//! The page as a whole, by which its kind is told.

use super::{Facts, features, flag, is_long};
use crate::extract::block::BlockRole;
use crate::extract::dom::Tag;
use crate::extract::features::text;

features! {
    /// What tells an article from a listing, a forum, a shop. Shares are of words or of blocks.
    PageFeatures {
        // Sizes and shares.
        n w logw logs ld pw nlong flong cw maxw wpb
        articles h1 forms inputs tables images has_main
        li td pre heading price clock digit copies hidden quoted spaceless
        // The element with most of the prose, and what the rules make of the page.
        top_share top_words main_w main_n main_ld ruled rule_phrase
        // The largest set of alike siblings: their number, their share of the words.
        rep_n rep_share rep_long
        // What the head says.
        og_article ld_article ld_product ld_forum ld_listing ld_faq ld_any has_author has_date has_description
        headlines free
        // The URL.
        url_depth url_last url_hyphens url_digits url_date url_slash url_root url_query url_extension
    }
}

/// Fewest alike siblings of a repeated set.
const REPEATED: u32 = 4;

pub(super) fn features(facts: &Facts<'_>) -> PageFeatures {
    let mut page = PageFeatures::default();
    set_sizes(&mut page, facts);
    set_markup(&mut page, facts);
    set_main(&mut page, facts);
    set_repeated(&mut page, facts);
    set_head(&mut page, facts);
    set_url(&mut page, facts);
    page
}

fn set_sizes(page: &mut PageFeatures, facts: &Facts<'_>) {
    let blocks = &facts.view.blocks.blocks;
    let sum = facts.sums.of(0);
    let words = sum.words.max(1.0);
    page.n = blocks.len() as f32;
    page.w = sum.words;
    page.logw = sum.words.ln_1p();
    page.logs = sum.sentences.ln_1p();
    page.ld = sum.link_words / words;
    page.pw = sum.p_words / words;
    page.nlong = blocks.iter().filter(|block| is_long(block)).count() as f32;
    page.flong = page.nlong / page.n.max(1.0);
    page.cw = sum.long_words / words;
    page.maxw = blocks.iter().map(|block| block.measure.words).fold(0.0, f32::max);
    page.wpb = sum.words / page.n.max(1.0);
    page.heading = sum.headings / page.n.max(1.0);
    page.images = (1.0 + sum.images).ln();
    page.ruled = sum.ruled / words;
}

fn set_markup(page: &mut PageFeatures, facts: &Facts<'_>) {
    for region in &facts.view.blocks.regions {
        match region.tag {
            Tag::Article => page.articles += 1.0,
            Tag::H1 => page.h1 += 1.0,
            Tag::Form => page.forms += 1.0,
            Tag::Table => page.tables += 1.0,
            Tag::Main => page.has_main = 1.0,
            _ => {}
        }
    }
    page.inputs = facts.view.blocks.regions.first().map_or(0.0, |body| body.inputs as f32);
    let count = page.n.max(1.0);
    let words = page.w.max(1.0);
    let mut digits = 0;
    for (block, text) in facts.view.blocks.blocks.iter().zip(&facts.texts) {
        match block.role {
            BlockRole::Item(..) => page.li += 1.0 / count,
            BlockRole::Cell { .. } => page.td += 1.0 / count,
            BlockRole::Code => page.pre += block.measure.words / words,
            BlockRole::Quote => page.quoted += block.measure.words / words,
            _ => {}
        }
        page.price += flag(text.has(text::PRICE)) / count;
        page.clock += flag(text.has(text::CLOCK)) / count;
        page.copies += flag(text.copies > 1) / count;
        page.hidden += flag(block.is_hidden) / count;
        page.spaceless += flag(text.has(text::SPACELESS)) / count;
        digits += text.digits;
    }
    page.digit = digits as f32 / words;
}

fn set_main(page: &mut PageFeatures, facts: &Facts<'_>) {
    page.top_share = facts.sums.top_share();
    page.top_words = facts.sums.top.map_or(0.0, |top| facts.sums.words(top));
    let mut linked = 0.0;
    for (id, block) in facts.view.blocks.blocks.iter().enumerate().filter(|(id, _)| facts.is_main[*id]) {
        page.main_w += block.measure.words;
        page.main_n += 1.0;
        linked += block.measure.words * block.link_share();
        page.rule_phrase += flag(facts.rules[id] & super::family::PHRASE != 0);
    }
    page.main_ld = linked / page.main_w.max(1.0);
}

fn set_repeated(page: &mut PageFeatures, facts: &Facts<'_>) {
    let regions = &facts.view.blocks.regions;
    let is_set = |id: &usize| regions[*id].alike >= REPEATED && regions[*id].chars > 0;
    let mut best = 0.0;
    for id in (0..regions.len()).filter(is_set) {
        // Each of the set counts its own words times the set's size; the largest stands for the set.
        let weight = facts.sums.words(id) * regions[id].alike as f32;
        if weight > best {
            best = weight;
            page.rep_n = regions[id].alike.min(1000) as f32;
            page.rep_share = weight / page.w.max(1.0);
            page.rep_long = facts.sums.long_words(id) / facts.sums.words(id).max(1.0);
        }
    }
}

fn set_head(page: &mut PageFeatures, facts: &Facts<'_>) {
    let evidence = facts.view.evidence;
    let types = &evidence.json_ld_types;
    let has = |words: &[&str]| flag(types.iter().any(|name| words.iter().any(|word| name.contains(word))));
    page.og_article = flag(facts.page_words.iter().any(|word| word == "og=article"));
    page.ld_article = has(&["Article", "BlogPosting", "Report", "Posting"]);
    page.ld_product = has(&["Product", "Offer"]);
    page.ld_forum = has(&["Forum", "QAPage", "Question", "Discussion"]);
    page.ld_listing = has(&["ItemList", "CollectionPage", "SearchResults"]);
    page.ld_faq = has(&["FAQ", "HowTo", "Recipe"]);
    page.ld_any = types.len().min(20) as f32;
    page.has_author = flag(evidence.is_signed);
    page.has_date = flag(evidence.is_dated);
    page.has_description = flag(evidence.description.is_some());
    page.headlines = evidence.headlines.len().min(20) as f32;
    page.free = evidence.is_accessible_for_free.map_or(-1.0, flag);
}

fn set_url(page: &mut PageFeatures, facts: &Facts<'_>) {
    let Some(url) = facts.view.url else {
        (page.url_depth, page.url_last) = (-1.0, -1.0);
        return;
    };
    let path = url.path();
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let is_year = |part: &str| part.len() == 4 && (part.starts_with("19") || part.starts_with("20"));
    page.url_depth = path.split('/').filter(|part| !part.is_empty()).count() as f32;
    page.url_last = last.len() as f32;
    page.url_hyphens = last.bytes().filter(|byte| matches!(byte, b'-' | b'_')).count() as f32;
    page.url_digits = path.bytes().filter(u8::is_ascii_digit).count() as f32;
    page.url_date =
        flag(path.split(['/', '-']).any(|part| is_year(part) && part.bytes().all(|byte| byte.is_ascii_digit())));
    page.url_slash = flag(path.ends_with('/'));
    page.url_root = flag(path == "/");
    page.url_query = url.query_pairs().count().min(10) as f32;
    page.url_extension = flag(last.contains('.'));
}
