//! Where an article goes on: found here, followed by whoever fetches.

use super::{Budget, Directive, HostRules, SiteRules, pagination};
use crate::extract::dom::Document;
use crate::page::ExtraHeaders;
use url::Url;

/// Where an article goes on, as the site rules of the page's host say, or where they say nothing of next pages, the page
/// itself (`rel=next`): absolute, http or https, another page than the one that says it. Whoever follows checks where it leads ([`is_same_site`]).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Onward {
    /// The page that has the whole article in one piece; `single_page_link`.
    pub single_page: Option<Url>,
    /// The next of the pages that it is cut into; `next_page_link`, or `rel=next` with an address that says it too.
    pub next_page: Option<Url>,
}

impl Onward {
    /// What the page says of itself, where its JSON-LD has things of these types.
    pub(crate) fn stated(document: &Document<'_>, url: Option<&Url>, json_ld_types: &[String]) -> Self {
        let url = url.filter(|_| pagination::is_article(json_ld_types));
        Self { single_page: None, next_page: url.and_then(|url| pagination::next(document, url)) }
    }
}

impl SiteRules {
    /// The headers for a host's pages, each by the nearest rule that states it. `user-agent` is not among them: by
    /// it sites decide whom they let in, and robots.txt is asked under the name that stands there.
    pub fn headers(&self, host: &str) -> ExtraHeaders {
        let sites = self.of_host(host).sites;
        let find = |name| {
            let mut all = sites.iter().flat_map(|site| &site.headers);
            all.find(|(given, _)| given == name).map(|(_, value)| value.clone())
        };
        ExtraHeaders { referer: find("referer"), cookie: find("cookie") }
    }
}

impl HostRules<'_> {
    /// Where the article of a page at `url` goes on; `None` where no rule is about that.
    pub(crate) fn onward(&self, document: &Document<'_>, url: Option<&Url>) -> Option<Onward> {
        let is_about = |directive| matches!(directive, Directive::SinglePage | Directive::NextPage);
        if !self.all().any(|(_, rule)| is_about(rule.directive)) {
            return None;
        }
        let Some(url) = url else { return Some(Onward::default()) };
        let link = |directive| self.link(directive, document, url);
        Some(Onward { single_page: link(Directive::SinglePage), next_page: link(Directive::NextPage) })
    }

    /// The page that the first matching rule of a directive leads to, other than `url` itself.
    fn link(&self, directive: Directive, document: &Document<'_>, url: &Url) -> Option<Url> {
        let budget = Budget::for_page();
        let rules = self.all().filter(|(_, rule)| rule.directive == directive);
        let found = rules.filter_map(|(_, rule)| rule.find(document, &budget).ok());
        let targets = found.flat_map(|found| found.values(document, directive));
        let mut targets = targets.filter_map(|target| url.join(&target).ok()).map(without_fragment);
        let here = without_fragment(url.clone());
        let is_web = |target: &Url| matches!(target.scheme(), "http" | "https");
        targets.find(|target| is_web(target) && *target != here)
    }
}

pub(super) fn without_fragment(mut url: Url) -> Url {
    url.set_fragment(None);
    url
}

/// Whether two URLs are of one site: of one host, or of hosts below one domain that somebody can register, which is
/// taken to be the last two labels, or three where the last but one is short and a country stands behind it
/// (`news.example.co.uk`). Where that is wrong, a host stands alone.
pub fn is_same_site(one: &Url, other: &Url) -> bool {
    match (one.domain(), other.domain()) {
        (Some(one), Some(other)) => registrable(one) == registrable(other),
        _ => one.host() == other.host(),
    }
}

/// What of a host somebody can register, as far as its look tells.
fn registrable(host: &str) -> &str {
    let host = host.trim_end_matches('.');
    let host = host.strip_prefix("www.").unwrap_or(host);
    let mut starts = host.rmatch_indices('.').map(|(at, _)| at + 1);
    let (Some(last), Some(second)) = (starts.next(), starts.next()) else { return host };
    let is_suffix = host.len() - last == 2 && last - 1 - second <= 3;
    if is_suffix { &host[starts.next().unwrap_or(0)..] } else { &host[second..] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_one_registrable_domain_are_one_site() {
        let is_same = |one: &str, other: &str| {
            let url = |host: &str| Url::parse(&format!("https://{host}/")).unwrap();
            is_same_site(&url(one), &url(other))
        };
        for (one, other) in [
            ("example.org", "print.example.org"),
            ("www.example.co.uk", "m.example.co.uk"),
            ("example.co.uk", "m.example.co.uk"),
            ("www.sz.de", "sz.de"),
            ("localhost", "localhost"),
            ("10.0.0.1", "10.0.0.1"),
            ("www.spiegel.de", "spiegel.de."),
        ] {
            assert!(is_same(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("example.org", "example.com"),
            ("one.co.uk", "other.co.uk"),
            ("10.0.0.1", "11.0.0.1"),
            ("10.0.0.1", "1.10.0.0.example"),
            ("example.org", "evil-example.org"),
            ("example.org", "127.0.0.1"),
            ("localhost", "127.0.0.1"),
        ] {
            assert!(!is_same(one, other), "{one} {other}");
        }
    }
}
