//! Which URLs are fetched at all, and how refused ones are shown.

use super::error::FetchError;
use url::Url;

/// What is wrong with a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlProblem {
    /// No absolute URL.
    #[error("is no URL ({0}); write it whole, as in `https://example.org/page`")]
    Unreadable(#[from] url::ParseError),
    /// Neither http nor https.
    #[error("refused: only http and https URLs are fetched")]
    Scheme,
    /// Backslashes: some programs take them for slashes, some do not, so that a check and a
    /// connection can mean different hosts (`http://inside\@outside/`).
    #[error("has a backslash, which programs read differently; write `/`, or `%5C` where it is meant")]
    Backslash,
    /// Tabs, line breaks and their like.
    #[error("has control characters; remove them")]
    ControlCharacter,
    /// `user:password@` before the host.
    #[error("carries a user name or password, which is never sent; remove what stands before the `@`")]
    UserInfo,
}

/// Reads a URL to be fetched, relative to `base` where one is given; its fragment is dropped.
///
/// # Errors
/// [`FetchError::Url`] for what is no http or https URL, or could be read in more ways than one.
pub fn parse_url(text: &str, base: Option<&Url>) -> Result<Url, FetchError> {
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    let wrong = |problem| FetchError::Url { url: shown(text), problem };
    // Behind the `?` a backslash is data, and every reader agrees on where the host ends.
    let before_query = text.split(['?', '#']).next().unwrap_or_default();
    if text.chars().any(char::is_control) {
        return Err(wrong(UrlProblem::ControlCharacter));
    }
    if before_query.contains('\\') {
        return Err(wrong(UrlProblem::Backslash));
    }
    let url = Url::options().base_url(base).parse(text).map_err(|error| wrong(error.into()))?;
    admit(&url)
}

/// Checks a URL that is parsed already, and drops its fragment.
pub(super) fn admit(url: &Url) -> Result<Url, FetchError> {
    let wrong = |problem| FetchError::Url { url: shown(url.as_str()), problem };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong(UrlProblem::Scheme));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(UrlProblem::UserInfo));
    }
    let mut url = url.clone();
    url.set_fragment(None);
    Ok(url)
}

/// A text that claims to be a URL, fit for a log: one line, no escapes, no user name or password.
pub(super) fn shown(text: &str) -> String {
    let (scheme, rest) = text.split_once("://").map_or(("", text), |(scheme, rest)| (scheme, rest));
    let authority_end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let after_user = rest[..authority_end].rfind('@').map_or(rest, |at| &rest[at + 1..]);
    let separator = if scheme.is_empty() { "" } else { "://" };
    format!("{scheme}{separator}{after_user}").chars().take(500).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_that_programs_read_differently_are_refused() {
        for (text, problem) in [
            ("http://127.0.0.1:80\\@example.org/", UrlProblem::Backslash),
            ("http:\\\\example.org/", UrlProblem::Backslash),
            ("http://exa\tmple.org/", UrlProblem::ControlCharacter),
            ("http://example.org/\u{0}", UrlProblem::ControlCharacter),
            ("http://example.org/\u{9b}31m", UrlProblem::ControlCharacter),
            ("http://user:secret@example.org/", UrlProblem::UserInfo),
            ("http://127.0.0.1@example.org/", UrlProblem::UserInfo),
            ("file:///etc/passwd", UrlProblem::Scheme),
            ("gopher://example.org/", UrlProblem::Scheme),
            ("data:text/html,x", UrlProblem::Scheme),
            ("javascript:alert(1)", UrlProblem::Scheme),
            ("/page", UrlProblem::Unreadable(url::ParseError::RelativeUrlWithoutBase)),
            ("http://[fe80::1%25eth0]/", UrlProblem::Unreadable(url::ParseError::InvalidIpv6Address)),
        ] {
            let FetchError::Url { problem: found, .. } = parse_url(text, None).unwrap_err() else { panic!("{text:?}") };
            assert_eq!(found, problem, "{text:?}");
        }
    }

    #[test]
    fn backslash_in_a_query_is_data_and_a_fragment_is_dropped() {
        assert_eq!(parse_url("http://a.example/?q=\\#top", None).unwrap().as_str(), "http://a.example/?q=\\");
        let base = Url::parse("https://a.example/x/y").unwrap();
        assert_eq!(parse_url(" ../z ", Some(&base)).unwrap().as_str(), "https://a.example/z");
    }

    #[test]
    fn refused_urls_are_shown_without_secrets_and_escapes() {
        for (text, said) in [
            ("http://user:secret@example.org/", "http://example.org/"),
            ("http://user:se@cret@example.org/a@b", "http://example.org/a@b"),
            ("http://example.org/\u{1b}]52;c;x\u{7}", "http://example.org/\\u{1b}]52;c;x\\u{7}"),
            ("http://example.org/\u{9b}\u{202e}", "http://example.org/\\u{9b}\\u{202e}"),
        ] {
            assert_eq!(shown(text), said);
        }
    }
}
