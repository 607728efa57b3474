//! Links without a telling word: lists of them, and paragraphs that are nothing else.

use super::{Certainty, Finding, View};
use crate::extract::block::{BlockId, BlockRole, Boilerplate, Region};
use crate::extract::dom::{Attr, NodeId, Tag};
use crate::extract::measure::ends_in_sentence;
use url::Url;

/// Share of link characters of a list that is nothing but links; lists that are content have text
/// outside their links (TAXONOMY.md 4.5).
const LIST_LINK_SHARE: f32 = 0.9;

/// Fewest links of such a list.
const LIST_LINKS: u32 = 2;

/// The rule of such lists; above the main content they are menus.
pub(crate) const LINK_LIST: &str = "links:list";

/// Share of link characters and fewest words of a paragraph that is one link (EXTRACTION.md
/// section 5, Rules).
const PARAGRAPH_LINK_SHARE: f32 = 0.95;
const PARAGRAPH_WORDS: f32 = 4.0;

pub(super) fn propose(view: &View<'_>, findings: &mut Vec<Finding>) {
    let targets = Targets::count(view);
    for region in &view.blocks.regions {
        if is_link_list(view, region) && !targets.lead_away(view, region) {
            findings.extend(region.blocks.clone().map(|block| finding(block, Boilerplate::RelatedList, LINK_LIST)));
        }
    }
    for (id, block) in view.blocks.blocks.iter().enumerate() {
        let is_text = matches!(block.role, BlockRole::Paragraph | BlockRole::Heading(2..=6) | BlockRole::Quote);
        if is_text
            && block.link_share() >= PARAGRAPH_LINK_SHARE
            && block.measure.words >= PARAGRAPH_WORDS
            && !ends_in_sentence(view.blocks.text(block))
            && !targets.lead_away(view, &view.blocks.regions[block.region])
        {
            findings.push(finding(id, Boilerplate::ReadAlso, "links:only"));
        }
    }
}

fn is_link_list(view: &View<'_>, region: &Region) -> bool {
    let links: u32 = view.blocks.blocks[region.blocks.clone()].iter().map(|block| block.links).sum();
    matches!(region.tag, Tag::Ul | Tag::Ol | Tag::Menu | Tag::Dl)
        && region.link_share() >= LIST_LINK_SHARE
        && links >= LIST_LINKS
}

/// Links of the page in their order, each with how many of those before it lead to other sites.
struct Targets {
    links: Vec<(NodeId, u32)>,
    away: u32,
}

impl Targets {
    fn count(view: &View<'_>) -> Self {
        let mut targets = Self { links: Vec::new(), away: 0 };
        for node in view.document.elements(Tag::A) {
            if let Some(target) = view.document.attribute(node, Attr::Href) {
                targets.links.push((node, targets.away));
                targets.away += u32::from(view.host.is_some_and(|host| is_foreign(target.trim(), host)));
            }
        }
        targets
    }

    /// Whether most links of a region lead to other sites: sources and round-ups, which are content,
    /// do; lists of the site's own articles do not. Without a page URL nothing is known of that.
    fn lead_away(&self, view: &View<'_>, region: &Region) -> bool {
        let (before, within) = (self.before(region.node), self.before(view.document.after(region.node)));
        2 * (self.away(within) - self.away(before)) as usize > within - before
    }

    /// How many links stand before a node.
    fn before(&self, node: NodeId) -> usize {
        self.links.partition_point(|(link, _)| *link < node)
    }

    /// How many of the first links lead away.
    fn away(&self, first: usize) -> u32 {
        self.links.get(first).map_or(self.away, |(_, away)| *away)
    }
}

/// Whether a link's target names a host that is neither `host` nor above or below it.
fn is_foreign(target: &str, host: &str) -> bool {
    if let Some(other) = plain_host(target) {
        return is_other_site(other, host);
    }
    let Ok(url) = Url::parse(target) else { return false };
    url.host_str().is_some_and(|other| is_other_site(other, host))
}

/// The host of a target that is written as plainly as most are, so that no parser need be asked: small letters, digits,
/// hyphens and single dots, nothing of Punycode, and a last label that cannot be a number.
fn plain_host(target: &str) -> Option<&str> {
    let rest = target.strip_prefix("https://").or_else(|| target.strip_prefix("http://"))?;
    let is_plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-');
    let (host, path) = rest.split_at(rest.bytes().position(|byte| !is_plain(byte)).unwrap_or(rest.len()));
    let is_host = path.is_empty() || path.starts_with(['/', '?', '#']);
    let (_, last) = host.rsplit_once('.')?;
    let is_named = last.starts_with(|c: char| c.is_ascii_lowercase());
    let is_odd = host.starts_with('.') || host.contains("..") || host.contains("xn--");
    (is_host && is_named && !is_odd).then_some(host)
}

fn is_other_site(other: &str, host: &str) -> bool {
    let (other, host) = (other.trim_start_matches("www."), host.trim_start_matches("www."));
    let is_below = |inner: &str, outer: &str| inner.strip_suffix(outer).is_some_and(|rest| rest.ends_with('.'));
    other != host && !is_below(other, host) && !is_below(host, other)
}

fn finding(block: BlockId, kind: Boilerplate, rule: &str) -> Finding {
    Finding { block, kind, rule: rule.into(), certainty: Certainty::Witnessed, marks_end: false }
}

#[cfg(test)]
mod tests {
    use super::{is_foreign, plain_host};
    use url::Url;

    #[test]
    fn plain_hosts_are_those_that_the_parser_finds() {
        let odd =
            ["a.0x1f", "1.2.3.4", "a..b", ".a.b", "a.b.", "xn--a.b", "A.b", "a.b:80", "u@a.b", "a%2e.b", "a\tb.c", "-"];
        for host in odd {
            assert_eq!(plain_host(&format!("https://{host}/x")), None, "{host}");
        }
        for target in [
            "https://news.example",
            "http://a-1.news.example/a b",
            "https://1.b-c?q",
            "https://a.b#c",
            "https://a--b.c-",
        ] {
            assert!(plain_host(target).is_some(), "{target}");
            assert_eq!(plain_host(target), Url::parse(target).unwrap().host_str(), "{target}");
        }
    }

    #[test]
    fn sites_above_and_below_are_the_same_site() {
        assert!(is_foreign("https://other.example/a", "news.example"));
        assert!(is_foreign("https://goodnews.example/a", "news.example"));
        for own in ["/a", "a.html", "https://www.news.example/a", "https://sport.news.example", "#top", "mailto:x@y.z"]
        {
            assert!(!is_foreign(own, "news.example"), "{own}");
        }
    }
}
