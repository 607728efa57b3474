//! What the site is called.

use super::claims::{Said, origin_of_meta};
use super::clean::{clean, squeezed};
use super::json_ld::Facts;
use super::markup::Markup;
use crate::article::Origin;
use crate::extract::dom::{Attr, Document, NodeId, Tag};
use url::Url;

/// The name shown to readers: Open Graph, JSON-LD, the application's name.
pub(super) fn name(markup: &Markup<'_>, json_ld: &Facts) -> (Option<(Origin, String)>, Said) {
    let keys = ["application-name", "apple-mobile-web-app-title", "dc.publisher", "citation_journal_title"];
    let metas = |keys| markup.metas_by_key(keys).map(|(key, value)| (origin_of_meta(key), clean(value)));
    let said: Said = metas(&["og:site_name"])
        .chain(json_ld.sites.iter().map(|name| (Origin::JsonLd, name.clone())))
        .chain(metas(&keys))
        .collect();
    (said.iter().find(|(_, name)| !name.is_empty() && !is_address(name)).cloned(), said)
}

fn is_address(name: &str) -> bool {
    name.contains("://") || name.starts_with('@')
}

/// All names by which the site may call itself in a title or a byline, [`squeezed`]: stated names
/// an `h1` that links home, and the host, whole and without its ends.
pub(super) fn names(document: &Document<'_>, markup: &Markup<'_>, json_ld: &Facts, url: Option<&Url>) -> Vec<String> {
    let stated = markup.metas(&[
        "og:site_name",
        "application-name",
        "apple-mobile-web-app-title",
        "al:ios:app_name",
        "dc.publisher",
        "twitter:site",
    ]);
    let mut names: Vec<String> = stated.map(squeezed).chain(json_ld.sites.iter().map(|name| squeezed(name))).collect();
    names.extend(markup.h1.iter().filter(|(node, _)| links_home(document, *node, url)).map(|(_, text)| squeezed(text)));
    if let Some(host) = url.and_then(Url::host_str) {
        let host = host.trim_start_matches("www.");
        names.push(squeezed(host));
        names.extend(label(host).map(squeezed));
    }
    names.retain(|name| name.chars().count() > 1);
    names.dedup();
    names
}

/// Most nodes of a heading that are searched for links.
const MAX_NODES: usize = 32;

/// Whether a heading is a link to the home page: then it is the site's name or logo.
fn links_home(document: &Document<'_>, heading: NodeId, url: Option<&Url>) -> bool {
    let around = document.parent(heading).into_iter();
    around.chain(document.descendants(heading).take(MAX_NODES)).any(|node| {
        let href = document.attribute(node, Attr::Href).filter(|_| document.tag(node) == Some(Tag::A));
        href.is_some_and(|href| is_home(href.trim(), url))
    })
}

fn is_home(href: &str, url: Option<&Url>) -> bool {
    let Some(url) = url else { return href == "/" };
    let is_page_home = url.path() == "/";
    !href.starts_with('#')
        && !is_page_home
        && url
            .join(href)
            .is_ok_and(|target| target.path() == "/" && target.query().is_none() && target.host_str() == url.host_str())
}

/// The label of a host that carries its name: the one before the public suffix, which is guessed
/// to be the last label and a short one before it (`co.uk`, `com.au`).
pub(super) fn label(host: &str) -> Option<&str> {
    let mut labels = host.rsplit('.').skip(1);
    let label = labels.next()?;
    if label.len() <= 3 { labels.next().or(Some(label)) } else { Some(label) }
}

/// Whether two hosts are of one registrable domain, as far as [`label`] can tell.
pub(super) fn is_same_site(one: &str, other: &str) -> bool {
    one == other || label(one).is_some_and(|name| label(other) == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_label_that_names_the_host() {
        for (host, name) in
            [("news.sun.example", "sun"), ("sun.co.uk", "sun"), ("dailysun.com", "dailysun"), ("bbc.com", "bbc")]
        {
            let expected = if host == "news.sun.example" { "news" } else { name };
            assert_eq!(label(host), Some(expected), "{host}");
        }
        assert_eq!(label("localhost"), None);
    }

    #[test]
    fn compares_hosts_by_their_registrable_part() {
        assert!(is_same_site("www.dailysun.com", "m.dailysun.com"));
        assert!(!is_same_site("dailysun.com", "dailymoon.com"));
    }
}
