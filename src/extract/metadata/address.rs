//! The canonical URL and the language, as declared.

use super::claims::{Said, origin_of_meta};
use super::markup::Markup;
use super::site::is_same_site;
use crate::article::Origin;
use url::Url;

/// The canonical URL: absolute, http or https, of the page's own site, and not its home page
/// (which is what careless templates put on every page).
pub(super) fn canonical(markup: &Markup<'_>, url: Option<&Url>) -> (Option<(Origin, Url)>, Said) {
    let link = markup.canonical.map(|stated| (Origin::Link, stated));
    let stated = || link.into_iter().chain(markup.meta(&["og:url"]).map(|stated| (Origin::OpenGraph, stated)));
    let absolute = stated().filter_map(|(origin, stated)| Some((origin, absolute(stated, markup, url)?)));
    let chosen = absolute.into_iter().find(|(_, canonical)| is_plausible(canonical, url));
    (chosen, stated().map(|(origin, stated)| (origin, stated.trim().to_owned())).collect())
}

pub(super) fn absolute(stated: &str, markup: &Markup<'_>, url: Option<&Url>) -> Option<Url> {
    let stated = stated.trim();
    let base = match (markup.base, url) {
        (Some(base), Some(url)) => url.join(base).ok(),
        (Some(base), None) => Url::parse(base).ok(),
        (None, url) => url.cloned(),
    };
    let mut canonical = match base {
        Some(base) => base.join(stated).ok()?,
        None => Url::parse(stated).ok()?,
    };
    canonical.set_fragment(None);
    Some(canonical)
}

fn is_plausible(canonical: &Url, url: Option<&Url>) -> bool {
    let is_web = matches!(canonical.scheme(), "http" | "https") && canonical.host_str().is_some();
    let is_home = |url: &Url| url.path() == "/" && url.query().is_none();
    is_web
        && url.is_none_or(|url| match (url.host_str(), canonical.host_str()) {
            (Some(own), Some(other)) => is_same_site(own, other) && (is_home(url) || !is_home(canonical)),
            _ => true,
        })
}

/// The language tag, lower case: `html lang`, else JSON-LD, `og:locale`, `content-language`.
pub(super) fn language(markup: &Markup<'_>, json_ld: Option<&str>) -> (Option<(Origin, String)>, Said) {
    let keys = ["og:locale", "content-language", "dc.language", "language"];
    let metas = markup.metas_by_key(&keys).map(|(key, value)| (origin_of_meta(key), value));
    let first = markup.language.map(|stated| (Origin::Html, stated)).into_iter();
    let stated = first.chain(json_ld.map(|stated| (Origin::JsonLd, stated))).chain(metas);
    let said: Said = stated.filter_map(|(origin, stated)| Some((origin, tag(stated)?))).collect();
    (said.first().cloned(), said)
}

/// A BCP 47 tag in lower case; `None` where it cannot be one.
fn tag(stated: &str) -> Option<String> {
    let first = stated.split([',', ';']).next()?.trim();
    let tag = first.split(['.', '@']).next()?.replace('_', "-").to_ascii_lowercase();
    let mut subtags = tag.split('-');
    let is_language =
        |subtag: &str| matches!(subtag.len(), 2 | 3) && subtag.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_subtag =
        |subtag: &str| matches!(subtag.len(), 1..=8) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (subtags.next().is_some_and(is_language)
        && subtags.all(is_subtag)
        && !matches!(tag.as_str(), "und" | "utf-8" | "utf-16"))
    .then_some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::dom::parse;

    fn canonical_of(html: &str, url: &str) -> Option<String> {
        let document = parse(html).ok()?;
        let (chosen, _) = canonical(&Markup::scan(&document), Url::parse(url).ok().as_ref());
        chosen.map(|(_, url)| url.into())
    }

    #[test]
    fn resolves_the_canonical_url() {
        let html = "<link rel=canonical href='/rain#top'>";
        assert_eq!(
            canonical_of(html, "https://www.sun.example/rain?ref=x").as_deref(),
            Some("https://www.sun.example/rain")
        );
    }

    #[test]
    fn falls_back_to_open_graph() {
        let html =
            "<link rel=canonical href='https://sun.example/'><meta property=og:url content='https://sun.example/rain'>";
        assert_eq!(canonical_of(html, "https://sun.example/rain?x").as_deref(), Some("https://sun.example/rain"));
    }

    #[test]
    fn refuses_home_other_sites_and_schemes() {
        for href in [
            "https://sun.example/",
            "https://elsewhere.example.org/rain",
            "javascript:void(0)",
            "data:text/plain,x",
            "https://",
        ] {
            let html = format!("<link rel=canonical href='{href}'>");
            assert_eq!(canonical_of(&html, "https://sun.example/rain"), None, "{href}");
        }
    }

    #[test]
    fn reads_language_tags() {
        for (stated, expected) in [
            ("en-US", Some("en-us")),
            ("de_DE.UTF-8", Some("de-de")),
            ("uk, ru", Some("uk")),
            ("zh-Hant-TW", Some("zh-hant-tw")),
        ] {
            assert_eq!(tag(stated).as_deref(), expected, "{stated}");
        }
        for stated in ["", "English", "und", "UTF-8", "x", "{{ lang }}", "-"] {
            assert_eq!(tag(stated), None, "{stated}");
        }
    }
}
