//! What cannot be used in site rules, and where it stands.

use super::super::dom::SelectorError;
use super::xpath::XPathError;
use std::fmt;
use std::sync::Arc;

/// Where a rule stands: `file:line`, with a column where the file is a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitePlace {
    file: Arc<str>,
    line: usize,
    column: Option<usize>,
}

impl SitePlace {
    pub(super) fn of_line(file: &Arc<str>, line: usize) -> Self {
        Self { file: Arc::clone(file), line, column: None }
    }

    /// The place of a byte of `source`; the column counts characters.
    pub(super) fn of_offset(file: &Arc<str>, source: &str, offset: usize) -> Self {
        let before = source.get(..offset).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let column = before[line_start..].chars().count() + 1;
        Self { file: Arc::clone(file), line: before.matches('\n').count() + 1, column: Some(column) }
    }
}

impl fmt::Display for SitePlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.file, self.line)?;
        self.column.map_or(Ok(()), |column| write!(formatter, ":{column}"))
    }
}

/// A rule that cannot be used; the others of its file can.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {directive}{}{cause}", if .directive.is_empty() { "" } else { ": " })]
pub struct SiteFault {
    place: SitePlace,
    directive: String,
    #[source]
    cause: Cause,
}

/// Why rules cannot be used, for counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SiteFaultKind {
    /// No XPath 1.0, or more than is supported of it.
    XPath,
    /// No CSS selector.
    Css,
    /// No directive, or one that is not known.
    Directive,
    /// A directive without a value, or one half of a pair.
    Incomplete,
    /// Text is looked for in what the document does not hold: scripts, styles.
    NotInDocument,
    /// No host name.
    Host,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum Cause {
    #[error("is no XPath that can be run: {0}")]
    XPath(#[from] XPathError),
    #[error(transparent)]
    Css(#[from] SelectorError),
    #[error("unknown directive")]
    UnknownDirective,
    #[error("neither a comment nor a directive with a colon")]
    NoDirective,
    #[error("has no value")]
    NoValue,
    #[error("has no rule above that it could be a condition of")]
    NoRuleAbove,
    #[error("has no `replace_string` to it")]
    NoReplacement,
    #[error("has no `find_string` before it")]
    NothingToFind,
    #[error("reads `{0}`, which is not kept of a page")]
    NotInDocument(&'static str),
    #[error("`{0}` is no host name; write `example.org`, or `.example.org` for all below it too")]
    Host(String),
}

impl SiteFault {
    pub(super) fn new(place: SitePlace, directive: &str, cause: impl Into<Cause>) -> Self {
        Self { place, directive: directive.to_owned(), cause: cause.into() }
    }

    /// Where it stands.
    pub fn place(&self) -> &SitePlace {
        &self.place
    }

    /// The directive as it stands in the file; empty where none was read.
    pub fn directive(&self) -> &str {
        &self.directive
    }

    /// Why the rule cannot be used.
    pub fn kind(&self) -> SiteFaultKind {
        match self.cause {
            Cause::XPath(_) => SiteFaultKind::XPath,
            Cause::Css(_) => SiteFaultKind::Css,
            Cause::UnknownDirective | Cause::NoDirective => SiteFaultKind::Directive,
            Cause::NoValue | Cause::NoRuleAbove | Cause::NoReplacement | Cause::NothingToFind => {
                SiteFaultKind::Incomplete
            }
            Cause::NotInDocument(_) => SiteFaultKind::NotInDocument,
            Cause::Host(_) => SiteFaultKind::Host,
        }
    }
}
