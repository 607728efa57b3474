//! A page or a text as the rules and the model see it: parsed, cut into blocks, with what it says of itself.

use super::block::Blocks;
use super::dom::{self, Document};
use super::lexicon::{Lexicon, Memo};
use super::metadata::{self, Evidence, Stated};
use super::sites::{Effects, HostRules, Onward};
use super::{Detail, Options, decode, plain, segment};
use crate::article::Verdict;
use crate::page::Page;
use std::borrow::Cow;

/// A page parsed and cut, before anything is proposed.
pub(super) struct Source<'s> {
    pub(super) document: Document<'s>,
    pub(super) blocks: Blocks,
    /// What was asked of each block before.
    pub(super) memo: Memo,
    pub(super) evidence: Evidence,
    /// What site rules found.
    pub(super) effects: Option<Effects>,
    /// What the host's own rules say of the article.
    pub(super) stated: Stated,
    pub(super) onward: Onward,
}

impl<'s> Source<'s> {
    /// # Errors
    /// What the page is, if it cannot be read.
    pub(super) fn read(html: &'s str, page: &Page) -> Result<Self, Verdict> {
        Self::under_rules(html, page, None, Stated::default(), &Options::default())
    }

    /// A text without markup. The phrases tell its headline from what is said around it.
    ///
    /// # Errors
    /// What the text is, if it cannot be read.
    pub(super) fn of_text(text: &str, lexicon: &Lexicon) -> Result<Self, Verdict> {
        let mut blocks = plain::cut(text).map_err(|_| Verdict::Hostile)?;
        if blocks.blocks.is_empty() {
            return Err(Verdict::Empty);
        }
        let memo = Memo::default();
        let evidence = metadata::evidence_of_lines(&mut blocks, lexicon, &memo);
        Ok(Self {
            document: Document::without_markup(),
            blocks,
            memo,
            evidence,
            effects: None,
            stated: Stated::default(),
            onward: Onward::default(),
        })
    }

    /// `known` is what the rules have said of the article before, which they are not asked again.
    ///
    /// # Errors
    /// What the page is, if it cannot be read.
    pub(super) fn under_rules(
        html: &'s str,
        page: &Page,
        rules: Option<&HostRules<'_>>,
        known: Stated,
        options: &Options,
    ) -> Result<Self, Verdict> {
        let document = dom::parse(html).map_err(|_| Verdict::Hostile)?;
        // What rules say is held against what was found.
        let detail = if rules.is_some() { Detail::Whole } else { options.detail };
        let mut evidence = metadata::evidence(&document, page.url.as_ref(), page.fetched_at, detail);
        let mut effects = rules.map(|rules| Effects::of(rules, &document, known));
        let mut stated = Stated::default();
        if let Some(effects) = &mut effects {
            stated = std::mem::take(&mut effects.stated);
            evidence.overrule(stated.clone(), std::mem::take(&mut effects.fallback), page.fetched_at);
        }
        let apart = effects.as_ref().map(Effects::apart).unwrap_or_default();
        let blocks = segment::segment_apart(&document, &apart, options.marks());
        let (url, types) = (page.url.as_ref(), &evidence.json_ld_types);
        let ruled = rules.and_then(|rules| rules.onward(&document, url));
        let onward = ruled.unwrap_or_else(|| Onward::stated(&document, url, types));
        Ok(Self { document, blocks, memo: Memo::default(), evidence, effects, stated, onward })
    }
}

/// The page's source as text.
///
/// # Errors
/// What the page is, if there is nothing to read in it.
pub(super) fn readable(page: &Page) -> Result<Cow<'_, str>, Verdict> {
    if is_binary(&page.body) {
        return Err(Verdict::Unsupported);
    }
    let host = page.url.as_ref().and_then(|url| url.host_str());
    let domain = host.and_then(|host| host.rsplit('.').next());
    let html = decode::decode(&page.body, page.content_type.as_deref(), domain);
    if html.trim().is_empty() { Err(Verdict::Empty) } else { Ok(html) }
}

/// How many bytes are looked at to tell a binary file.
const SNIFFED_BYTES: usize = 4096;

/// Whether the bytes are no text in any encoding: signatures of PDF, images, archives, or NULs in
/// what is not UTF-16.
pub(crate) fn is_binary(body: &[u8]) -> bool {
    const SIGNATURES: &[&[u8]] =
        &[b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"RIFF", b"\x7fELF"];
    if SIGNATURES.iter().any(|signature| body.starts_with(signature)) {
        return true;
    }
    if encoding_rs::Encoding::for_bom(body).is_some() {
        return false;
    }
    let head = &body[..body.len().min(SNIFFED_BYTES)];
    let odd =
        head.iter().filter(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace() && **byte != 0x1b).count();
    odd * 50 > head.len()
}
