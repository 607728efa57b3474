//! Files of the FiveFilters collection: a directive and its value a line
//! (<https://help.fivefilters.org/full-text-rss/site-patterns.html>).

use super::entry::host_name;
use super::fault::{Cause, SiteFault, SitePlace};
use super::xpath::XPath;
use super::{Directive, Expression, Rule, Site};
use std::sync::Arc;

/// Directives that are read and have no effect on a text: what they say of markup, pictures, logging in and
/// the other program's own ways.
const WITHOUT_EFFECT: &[&str] = &[
    "autodetect_next_page",
    "autodetect_on_failure",
    "convert_double_br_tags",
    "dissolve",
    "footnotes",
    "https",
    "insert_detected_image",
    "login_extra_fields",
    "login_password_field",
    "login_uri",
    "login_username_field",
    "move_into",
    "native_ad_clue",
    "not_logged_in_xpath",
    "parser",
    "post_strip_attr",
    "prune",
    "requires_login",
    "skip_id_or_class",
    "skip_json_ld",
    "src_lazy_load_attr",
    "strip_attr",
    "strip_comments",
    "strip_image_src",
    "test_contains",
    "test_content",
    "tidy",
    "wrap_in",
];

/// Elements whose content the document does not hold.
const NOT_KEPT: &[&str] = &["script", "style", "svg", "template", "textarea"];

/// Reads a file; gives the rules that can be used, and in its order the lines that cannot.
pub(super) fn read(name: &str, text: &str) -> (Site, Vec<SiteFault>) {
    let file: Arc<str> = name.into();
    let stem = name.strip_suffix(".txt").unwrap_or(name);
    let host = host_name(stem);
    let mut reader = Reader { site: Site::new(host.as_deref().unwrap_or(stem)), finds: Vec::new(), faults: Vec::new() };
    if host.is_none() {
        let cause = Cause::Host(stem.to_owned());
        reader.faults.push(SiteFault::new(SitePlace::of_line(&file, 1), "", cause));
    }
    for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let place = SitePlace::of_line(&file, number);
        let (directive, read) = match split(line) {
            Some((directive, argument, value)) => (directive, reader.take(&place, directive, argument, value)),
            None => ("", Err(Cause::NoDirective)),
        };
        if let Err(cause) = read {
            reader.faults.push(SiteFault::new(place, directive, cause));
        }
    }
    for (place, _) in reader.finds {
        reader.faults.push(SiteFault::new(place, "find_string", Cause::NoReplacement));
    }
    (reader.site, reader.faults)
}

/// Directive, what stands in brackets behind it, and value.
fn split(line: &str) -> Option<(&str, Option<&str>, &str)> {
    let name_end = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(line.len());
    let (name, rest) = (&line[..name_end], line[name_end..].trim_start());
    if let Some(value) = rest.strip_prefix(':') {
        return Some((name, None, value.trim()));
    }
    let (argument, value) = rest.strip_prefix('(')?.split_once("):")?;
    Some((name, Some(argument), value.trim()))
}

struct Reader {
    site: Site,
    /// Strings that wait for what is to stand in their place.
    finds: Vec<(SitePlace, String)>,
    faults: Vec<SiteFault>,
}

impl Reader {
    /// Takes one directive.
    fn take(&mut self, place: &SitePlace, name: &str, argument: Option<&str>, value: &str) -> Result<(), Cause> {
        let directive = match name {
            "title" => Directive::Title,
            "body" => Directive::Body,
            "author" => Directive::Author,
            "date" => Directive::Date,
            "strip" => Directive::Strip,
            "strip_id_or_class" => Directive::StripIdOrClass,
            "next_page_link" => Directive::NextPage,
            "single_page_link" => Directive::SinglePage,
            _ => return self.take_other(place, name, argument, value),
        };
        if value.is_empty() {
            return Err(Cause::NoValue);
        }
        let expression = match directive {
            Directive::StripIdOrClass => Expression::IdOrClass(value.replace(['\'', '"'], "")),
            _ => Expression::XPath(XPath::parse(value)?),
        };
        if !directive.cuts()
            && let Some(name) = reads_what_is_not_kept(value)
        {
            return Err(Cause::NotInDocument(name));
        }
        let rule = Rule { place: place.clone(), directive, source: value.to_owned(), expression, condition: None };
        self.site.rules.push(rule);
        Ok(())
    }

    /// Takes a directive that is no rule by itself.
    fn take_other(&mut self, place: &SitePlace, name: &str, argument: Option<&str>, value: &str) -> Result<(), Cause> {
        match (name, argument) {
            (_, None) if value.is_empty() && !matches!(name, "replace_string") => return Err(Cause::NoValue),
            ("if_page_contains", None) => {
                let condition = XPath::parse(value)?;
                self.site.rules.last_mut().ok_or(Cause::NoRuleAbove)?.condition = Some(condition);
            }
            ("find_string", None) => self.finds.push((place.clone(), value.to_owned())),
            ("replace_string", None) => {
                // Pairs may stand one below the other or as two lists: the first waits longest.
                if self.finds.is_empty() {
                    return Err(Cause::NothingToFind);
                }
                let (_, find) = self.finds.remove(0);
                self.site.replacements.push((find, value.to_owned()));
            }
            ("replace_string", Some(find)) if !find.is_empty() => {
                self.site.replacements.push((find.to_owned(), value.to_owned()));
            }
            ("http_header", Some(header)) => {
                self.site.headers.push((header.trim().to_ascii_lowercase(), value.to_owned()));
            }
            ("test_url", None) => self.site.test_urls.push(value.to_owned()),
            _ if WITHOUT_EFFECT.contains(&name) => {}
            _ => return Err(Cause::UnknownDirective),
        }
        Ok(())
    }
}

/// The name of an element that an expression reads the text of though the document does not hold it;
/// JSON-LD it holds.
fn reads_what_is_not_kept(expression: &str) -> Option<&'static str> {
    if expression.contains("ld+json") {
        return None;
    }
    let names = |name: &&&str| {
        expression.match_indices(**name).any(|(at, _)| {
            let before = expression[..at].ends_with(['/', ':']);
            before && !expression[at + name.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_')
        })
    };
    NOT_KEPT.iter().find(names).copied()
}
