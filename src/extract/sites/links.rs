//! Where an article goes on: found here, followed by whoever fetches.

use super::{Budget, Directive, HostRules};
use crate::extract::dom::Document;
use url::Url;

impl HostRules<'_> {
    /// The page that the first matching rule of a directive leads to, other than `url` itself.
    fn link(&self, directive: Directive, document: &Document, url: &Url) -> Option<Url> {
        let budget = Budget::for_page();
        let rules = self.all().filter(|(_, rule)| rule.directive == directive);
        let found = rules.filter_map(|(_, rule)| rule.find(document, &budget).ok());
        let targets = found.flat_map(|found| found.values(document, directive));
        targets.filter_map(|target| url.join(&target).ok()).find(|target| {
            matches!(target.scheme(), "http" | "https") && without_fragment(target) != without_fragment(url)
        })
    }

    /// The next page of the article.
    pub(crate) fn next_page(&self, document: &Document, url: &Url) -> Option<Url> {
        self.link(Directive::NextPage, document, url)
    }

    /// The page that has the article in one piece.
    pub(crate) fn single_page(&self, document: &Document, url: &Url) -> Option<Url> {
        self.link(Directive::SinglePage, document, url)
    }
}

fn without_fragment(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_fragment(None);
    url
}
