//! Site rules: what their users know of single sites, as `[[site]]` entries of the configuration and as files
//! of the FiveFilters collection (`ftr-site-config`), which Full-Text RSS and wallabag read too.
//!
//! Rules are plain data, compiled once and held by [`Options::sites`](super::Options); whoever reloads them builds
//! a new extractor. They read the page's flat document and change nothing in it: what they find becomes sure
//! findings, a choice of the main content, and metadata (`effects`). A rule that matches nothing is told in
//! [`Extraction::unmatched_rules`](super::Extraction).

mod check;
mod effects;
mod entry;
mod fault;
mod fivefilters;
mod links;
mod pagination;
mod places;
mod xpath;

use super::dom::{Attr, Document, NodeId, Selectors, Tag};
use super::steps::{OutOfSteps, Steps};
pub use check::{SiteMatch, SiteOutcome};
pub(crate) use effects::{Chosen, Effects, Ruling, is_site_rule};
pub use entry::SiteEntry;
pub use fault::{SiteFault, SiteFaultKind, SitePlace};
pub use links::{Onward, is_same_site};
pub(crate) use places::Apart;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use xpath::{Found, Item, XPath};

/// Steps for one expression on one page, about 20 ms; no expression of the public set runs out of them on the 259
/// pages of the shared corpora that it covers (docs/sites.md).
const STEPS_OF_RULE: u64 = 2_000_000;

/// Steps for all expressions on one page.
const STEPS_OF_PAGE: u64 = 20_000_000;

/// Rules by host, compiled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SiteRules {
    /// From the configuration.
    entries: HashMap<String, Arc<Site>>,
    /// From files named by their host.
    files: HashMap<String, Arc<Site>>,
    /// From `global.txt`.
    global: Option<Arc<Site>>,
}

/// A FiveFilters file, read: for those who read some files of a folder again and keep the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteFile(Arc<Site>);

impl SiteFile {
    /// Reads a file, as [`SiteRules::add_file`] does.
    pub fn read(name: &str, text: &str) -> (Self, Vec<SiteFault>) {
        let (site, faults) = fivefilters::read(name, text);
        (Self(Arc::new(site)), faults)
    }
}

/// The rules of one host from one source.
#[derive(Debug)]
struct Site {
    /// As the file is named: `example.org`, `.example.org`, `global`.
    host: String,
    rules: Vec<Rule>,
    /// Strings of the source to put others in place of.
    replacements: Vec<(String, String)>,
    /// Request headers, names in lower case.
    headers: Vec<(String, String)>,
    test_urls: Vec<String>,
    /// Whether it has been said that no body rule matches.
    is_told: AtomicBool,
}

/// One line of a file, one selector of an entry.
#[derive(Debug)]
struct Rule {
    place: SitePlace,
    directive: Directive,
    source: String,
    expression: Expression,
    /// Holds for pages that this holds for; `if_page_contains`.
    condition: Option<XPath>,
}

#[derive(Debug)]
enum Expression {
    XPath(XPath),
    Css(Selectors),
    /// Elements whose id or class attribute contains the string.
    IdOrClass(String),
}

macro_rules! directives {
    ($($variant:ident = $id:literal,)*) => {
        /// What a rule is for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Directive { $($variant,)* }

        impl Directive {
            fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }
        }
    };
}

directives! {
    Title = "title", Body = "body", Author = "author", Date = "date", Keep = "keep", Drop = "drop",
    Strip = "strip", StripIdOrClass = "strip_id_or_class", NextPage = "next_page_link",
    SinglePage = "single_page_link",
}

impl Directive {
    /// Whether the rule leaves elements out.
    fn cuts(self) -> bool {
        matches!(self, Self::Drop | Self::Strip | Self::StripIdOrClass)
    }

    /// Whether such rules are alternatives: the first that finds something counts.
    fn is_alternative(self) -> bool {
        !self.cuts() && self != Self::Keep
    }
}

impl PartialEq for Site {
    fn eq(&self, other: &Self) -> bool {
        self.host == other.host
            && self.rules == other.rules
            && self.replacements == other.replacements
            && self.headers == other.headers
            && self.test_urls == other.test_urls
    }
}

impl Eq for Site {}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place && self.directive == other.directive && self.source == other.source
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}: {}", self.place, self.directive.id(), self.source)
    }
}

impl Site {
    fn new(host: &str) -> Self {
        Self {
            host: host.to_owned(),
            rules: Vec::new(),
            replacements: Vec::new(),
            headers: Vec::new(),
            test_urls: Vec::new(),
            is_told: AtomicBool::new(false),
        }
    }

    /// Whether it is the first time that somebody asks to tell.
    fn is_first_time(&self) -> bool {
        !self.is_told.swap(true, Ordering::Relaxed)
    }
}

impl SiteRules {
    /// Adds a `[[site]]` entry; `file` and its text `source` are those that the entry was read from. A second
    /// entry for a host takes the place of the first, and one without rules, which only says how the site is asked, is
    /// checked and adds none.
    ///
    /// # Errors
    /// The first thing in it that cannot be used, and where it stands.
    pub fn add_entry<F>(&mut self, entry: &SiteEntry<F>, file: &str, source: &str) -> Result<(), SiteFault> {
        let site = entry.compile(file, source)?;
        if site.rules.is_empty() {
            return Ok(());
        }
        self.entries.insert(site.host.clone(), Arc::new(site));
        Ok(())
    }

    /// Adds a FiveFilters file by its name, `example.org.txt`, `.example.org.txt` for the domain with all hosts
    /// below it, or `global.txt`. Gives what cannot be used in it, in its order; the rest is used.
    pub fn add_file(&mut self, name: &str, text: &str) -> Vec<SiteFault> {
        let (file, faults) = SiteFile::read(name, text);
        self.add(&file);
        faults
    }

    /// Adds a file that was read before.
    pub fn add(&mut self, SiteFile(site): &SiteFile) {
        if site.host == "global" {
            self.global = Some(Arc::clone(site));
        } else {
            self.files.insert(site.host.clone(), Arc::clone(site));
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.files.is_empty() && self.global.is_none()
    }

    /// How many hosts have rules of their own.
    pub fn hosts(&self) -> usize {
        let only_files = self.files.keys().filter(|host| !self.entries.contains_key(*host));
        self.entries.len() + only_files.count()
    }

    /// Whether a host, without those rules that are for any, has rules.
    pub fn covers(&self, host: &str) -> bool {
        !self.of_host(host).sites.is_empty()
    }

    /// Pages that the rules of a host were written for.
    pub fn test_urls(&self, host: &str) -> Vec<String> {
        self.of_host(host).sites.iter().flat_map(|site| site.test_urls.iter().cloned()).collect()
    }

    /// The rules for the pages of a host: its entry before its file, then those for any host.
    fn of_host(&self, host: &str) -> HostRules<'_> {
        let names = names(host);
        let find = |sites: &'_ HashMap<String, Arc<Site>>| names.iter().find_map(|name| sites.get(name).cloned());
        let sites = [find(&self.entries), find(&self.files)].into_iter().flatten().collect();
        HostRules { sites, global: self.global.as_deref() }
    }

    /// As [`SiteRules::of_host`]; `None` where there is no rule.
    pub(crate) fn for_host(&self, host: Option<&str>) -> Option<HostRules<'_>> {
        if self.is_empty() {
            return None;
        }
        let rules = self.of_host(host.unwrap_or_default());
        (!rules.sites.is_empty() || rules.global.is_some()).then_some(rules)
    }
}

/// Under which names the rules of a host may stand, the nearest first: the host, then it and every domain
/// around it with a dot before.
fn names(host: &str) -> Vec<String> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let domains = std::iter::successors(Some(host), |domain| domain.split_once('.').map(|(_, around)| around));
    std::iter::once(host.to_owned()).chain(domains.map(|domain| format!(".{domain}"))).collect()
}

/// What applies to the pages of one host.
#[derive(Debug)]
pub(crate) struct HostRules<'a> {
    /// Its own, the user's before the collection's.
    sites: Vec<Arc<Site>>,
    /// Those for any host.
    global: Option<&'a Site>,
}

/// Most that replacing strings may add to a page: as much again, and a megabyte.
const MAX_GROWN_BYTES: usize = 1_000_000;

impl HostRules<'_> {
    /// All rules, the host's own first, each with whose they are.
    fn all(&self) -> impl Iterator<Item = (&Site, &Rule)> {
        self.sources().flat_map(|site| site.rules.iter().map(move |rule| (site, rule)))
    }

    fn sources(&self) -> impl Iterator<Item = &Site> {
        self.sites.iter().map(|site| &**site).chain(self.global)
    }

    /// The page's source with its strings replaced.
    pub(crate) fn replaced<'h>(&self, html: Cow<'h, str>) -> Cow<'h, str> {
        let limit = html.len() * 2 + MAX_GROWN_BYTES;
        let mut html = html;
        for (find, replace) in self.sources().flat_map(|site| &site.replacements) {
            let count = html.matches(find.as_str()).count();
            if count > 0 && html.len() + count * replace.len() <= limit {
                html = Cow::Owned(html.replace(find.as_str(), replace));
            }
        }
        html
    }
}

/// The work that one page may make.
struct Budget(Steps);

impl Budget {
    fn for_page() -> Self {
        Self(Steps::new(STEPS_OF_PAGE))
    }

    /// Runs a rule with its share.
    fn run<T>(&self, work: impl FnOnce(&Steps) -> Result<T, OutOfSteps>) -> Result<T, OutOfSteps> {
        let share = STEPS_OF_RULE.min(self.0.left());
        let steps = Steps::new(share);
        let result = work(&steps);
        let _ = self.0.take(share - steps.left());
        result
    }
}

impl Rule {
    /// What the rule finds on a page; nothing where its condition does not hold.
    fn find(&self, document: &Document<'_>, budget: &Budget) -> Result<Found, OutOfSteps> {
        budget.run(|steps| {
            if let Some(condition) = &self.condition
                && !condition.holds(document, steps)?
            {
                return Ok(Found::Nodes(Vec::new()));
            }
            match &self.expression {
                Expression::XPath(xpath) => xpath.find(document, steps),
                Expression::Css(selectors) => selectors.select(document, steps).map(elements),
                Expression::IdOrClass(part) => by_id_or_class(document, part, steps).map(elements),
            }
        })
    }
}

fn elements(nodes: Vec<NodeId>) -> Found {
    Found::Nodes(nodes.into_iter().map(|node| Item { node, attribute: 0 }).collect())
}

/// The elements whose id or class contains a string, as Full-Text RSS looks for them.
fn by_id_or_class(document: &Document<'_>, part: &str, steps: &Steps) -> Result<Vec<NodeId>, OutOfSteps> {
    let mut found = Vec::new();
    for node in document.nodes() {
        steps.take(1)?;
        let has = |attr| document.attribute(node, attr).is_some_and(|value| value.contains(part));
        if has(Attr::Class) || has(Attr::Id) {
            found.push(node);
        }
    }
    Ok(found)
}

impl Found {
    /// The elements, in document order; a text counts as the element that holds nothing else.
    fn elements(&self, document: &Document<'_>) -> Vec<NodeId> {
        let Self::Nodes(items) = self else { return Vec::new() };
        let plain = items.iter().filter(|item| item.attribute == 0);
        let mut nodes: Vec<NodeId> = plain.filter_map(|item| element(document, item.node)).collect();
        nodes.dedup();
        nodes
    }

    /// The values of what was found, white space single, empty ones left out.
    fn values(&self, document: &Document<'_>, directive: Directive) -> Vec<String> {
        let values = match self {
            Self::Text(text) => vec![text.clone()],
            Self::Nodes(items) => items.iter().map(|item| value(document, *item, directive)).collect(),
        };
        let plain = values.iter().map(|value| value.split_whitespace().collect::<Vec<_>>().join(" "));
        plain.filter(|value| !value.is_empty()).collect()
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Nodes(items) => items.is_empty(),
            Self::Text(text) => text.trim().is_empty(),
        }
    }
}

/// The element itself, or the one that holds a text and nothing else.
fn element(document: &Document<'_>, node: NodeId) -> Option<NodeId> {
    if document.text(node).is_none() {
        return Some(node);
    }
    let parent = document.parent(node)?;
    let is_alone = document
        .descendants(parent)
        .all(|other| other == node || document.text(other).is_some_and(|text| text.trim().is_empty()));
    is_alone.then_some(parent)
}

/// What an element says: in an attribute where that is its use, else its text.
fn value(document: &Document<'_>, item: Item, directive: Directive) -> String {
    let telling = match (document.tag(item.node), directive) {
        _ if item.attribute > 0 => None,
        (Some(Tag::Meta), _) => Some("content"),
        (Some(Tag::Time), Directive::Date) => Some("datetime"),
        (Some(Tag::A | Tag::Link | Tag::Area), Directive::NextPage | Directive::SinglePage) => Some("href"),
        (Some(Tag::Iframe | Tag::Frame), Directive::NextPage | Directive::SinglePage) => Some("src"),
        _ => None,
    };
    let said = telling.and_then(|name| document.attribute_named(item.node, name));
    said.map_or_else(|| item.value(document), str::to_owned)
}

#[cfg(test)]
mod tests;
