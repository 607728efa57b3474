//! `[[site]]` entries of the configuration: CSS selectors for one host.

use super::fault::{Cause, SiteFault, SitePlace};
use super::{Directive, Expression, Rule, Site};
use crate::extract::dom::Selectors;
use serde::Deserialize;
use std::sync::Arc;
use toml::Spanned;
use url::Host;

/// Rules for one host, as in a `[[site]]` table. Every selector is CSS; of several for one thing, the first
/// that matches counts, but all of `keep` and `drop` do. The same table may say how the site is asked, which is for `F`
/// to know and nothing to the extractor.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteEntry<F = ()> {
    /// `example.org`, its `www.` host included, or `.example.org` for it and all hosts below it.
    host: Spanned<String>,
    /// What holds the text; all that stands elsewhere is left out.
    #[serde(default)]
    body: Vec<Spanned<String>>,
    /// What stays, whatever else is said of it.
    #[serde(default)]
    keep: Vec<Spanned<String>>,
    /// What is left out.
    #[serde(default)]
    drop: Vec<Spanned<String>>,
    /// The headline.
    #[serde(default)]
    title: Option<Spanned<String>>,
    /// Who wrote it; each match names one author or several.
    #[serde(default)]
    author: Option<Spanned<String>>,
    /// When it was published.
    #[serde(default)]
    date: Option<Spanned<String>>,
    /// How its pages are asked for.
    pub fetch: Option<F>,
}

impl<F> SiteEntry<F> {
    /// The host as it stands in the entry, and the byte of the file that it stands at.
    pub fn host(&self) -> (&str, usize) {
        (self.host.get_ref(), self.host.span().start)
    }

    /// The host as it is filed, lower case and without `www.`; `None` where it cannot be one.
    pub fn host_name(&self) -> Option<String> {
        host_name(self.host.get_ref())
    }

    /// # Errors
    /// The first thing that cannot be used.
    pub(super) fn compile(&self, file: &str, source: &str) -> Result<Site, SiteFault> {
        let file: Arc<str> = file.into();
        let place = |offset| SitePlace::of_offset(&file, source, offset);
        let (host, offset) = self.host();
        let host =
            host_name(host).ok_or_else(|| SiteFault::new(place(offset), "host", Cause::Host(host.to_owned())))?;
        let mut site = Site::new(&host);
        let lists = [
            (Directive::Title, self.title.as_slice()),
            (Directive::Author, self.author.as_slice()),
            (Directive::Date, self.date.as_slice()),
            (Directive::Keep, &self.keep),
            (Directive::Drop, &self.drop),
            (Directive::Body, &self.body),
        ];
        for (directive, selectors) in lists {
            for selector in selectors {
                let place = place(selector.span().start);
                let source = selector.get_ref().trim().to_owned();
                let compiled = Selectors::parse(&source);
                let expression = compiled.map_err(|error| SiteFault::new(place.clone(), directive.id(), error))?;
                site.rules.push(Rule {
                    place,
                    directive,
                    source,
                    expression: Expression::Css(expression),
                    condition: None,
                });
            }
        }
        Ok(site)
    }
}

/// A host as rules are filed under it, lower case, in the letters that URLs have it in (`xn--`) and without `www.`;
/// `None` where it cannot be one.
pub(super) fn host_name(name: &str) -> Option<String> {
    let name = name.trim().to_lowercase();
    if !name.is_ascii() {
        let (dot, host) = name.strip_prefix('.').map_or(("", name.as_str()), |host| (".", host));
        return host_name(&format!("{dot}{}", Host::parse(host).ok()?));
    }
    let (dot, host) = name.strip_prefix('.').map_or(("", name.as_str()), |host| (".", host));
    let host = host.strip_prefix("www.").unwrap_or(host);
    let is_label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
    host.split('.').all(is_label).then(|| format!("{dot}{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_filed_as_urls_have_them() {
        for (given, filed) in [
            ("WWW.Example.org", Some("example.org")),
            (".Example.org", Some(".example.org")),
            ("Bücher.example", Some("xn--bcher-kva.example")),
            (".www.bücher.example", Some(".xn--bcher-kva.example")),
            ("127.0.0.1", Some("127.0.0.1")),
            ("example..org", None),
            ("example.org/news", None),
            ("bü cher.example", None),
        ] {
            assert_eq!(host_name(given).as_deref(), filed, "{given}");
        }
    }
}
