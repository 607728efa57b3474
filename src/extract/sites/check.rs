//! What each rule does to a page, for those who write rules.

use super::places::Subtrees;
use super::{Budget, Found, HostRules};
use crate::extract::dom::Document;
use crate::extract::measure::measure;
use serde::Serialize;

/// What one rule does to a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SiteOutcome {
    /// Where the rule stands, `file:line`.
    pub place: String,
    /// `body`, `strip` ...
    pub directive: &'static str,
    /// The expression.
    pub expression: String,
    /// What it matches; `None` where it could not be run to its end within its steps.
    pub matched: Option<SiteMatch>,
    /// Whether rules above have found what this one is for, so that it is not asked.
    pub is_spare: bool,
}

/// What a rule matches on a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SiteMatch {
    /// Elements, or attributes.
    pub count: usize,
    /// Characters of text in the elements, white space not counted twice; those of elements in each other once.
    pub chars: usize,
    /// The first value that is no white space; empty where there is none.
    pub value: String,
}

impl HostRules<'_> {
    /// The host's own rules, for an engine that takes none.
    #[cfg(feature = "readability")]
    pub(crate) fn unheard(&self) -> Vec<String> {
        let own = self.sites.iter().flat_map(|site| &site.rules);
        own.map(|rule| format!("{rule} (this engine takes no rules)")).collect()
    }

    /// Runs every rule, those that others make needless too.
    pub(crate) fn check(&self, document: &Document<'_>) -> Vec<SiteOutcome> {
        let budget = Budget::for_page();
        let mut outcomes: Vec<SiteOutcome> = Vec::new();
        for (_, rule) in self.all() {
            let directive = rule.directive.id();
            let matched = rule.find(document, &budget).ok().map(|found| {
                let value = found.values(document, rule.directive).into_iter().next();
                let count = match &found {
                    Found::Nodes(items) => items.len(),
                    Found::Text(text) => usize::from(!text.trim().is_empty()),
                };
                SiteMatch { count, chars: chars(document, &found), value: value.unwrap_or_default() }
            });
            let has_found = |before: &SiteOutcome| {
                before.directive == directive && before.matched.as_ref().is_some_and(|matched| matched.count > 0)
            };
            let is_spare = rule.directive.is_alternative() && outcomes.iter().any(has_found);
            let (place, expression) = (rule.place.to_string(), rule.source.clone());
            outcomes.push(SiteOutcome { place, directive, expression, matched, is_spare });
        }
        outcomes
    }
}

fn chars(document: &Document<'_>, found: &Found) -> usize {
    let elements = Subtrees::of(document, found.elements(document));
    let texts = document.nodes().filter(|node| elements.hold(*node)).filter_map(|node| document.text(node));
    texts.map(|text| measure(text).chars as usize).sum()
}
