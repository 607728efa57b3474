//! Cookies of the sites that are to have theirs back.
//!
//! Narrower than a browser's (RFC 6265): a cookie goes back to the very origin that set it and nowhere else, whatever
//! `Domain` it names, so that nothing can be set for somebody else's hosts. Kept in memory alone.

use reqwest::header::{HeaderMap, SET_COOKIE};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use url::{Origin, Url};

/// Cookies kept of one origin, and bytes of one cookie: what RFC 6265, section 6.1 wants at least.
const COOKIES_KEPT: usize = 50;
const MOST_BYTES: usize = 4096;

/// Past this number of origins all are forgotten.
const ORIGINS_KEPT: usize = 1024;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Cookie {
    name: String,
    value: String,
    path: String,
    /// `None`: for as long as the jar lives.
    until: Option<SystemTime>,
}

/// The cookies of all origins. Not shown.
#[derive(Default)]
pub(super) struct Jar {
    origins: Mutex<HashMap<Origin, Vec<Cookie>>>,
}

impl fmt::Debug for Jar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Jar").finish_non_exhaustive()
    }
}

impl Jar {
    /// Takes what an answer from `url` sets.
    pub(super) fn take(&self, url: &Url, headers: &HeaderMap, now: SystemTime) {
        let set = headers.get_all(SET_COOKIE).iter().filter_map(|value| parse(value.to_str().ok()?, url, now));
        let set: Vec<Cookie> = set.collect();
        if set.is_empty() {
            return;
        }
        // A panic elsewhere leaves the map whole: entries are only added and dropped.
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        if origins.len() >= ORIGINS_KEPT && !origins.contains_key(&url.origin()) {
            origins.clear();
        }
        let cookies = origins.entry(url.origin()).or_default();
        for cookie in set {
            cookies.retain(|known| (&known.name, &known.path) != (&cookie.name, &cookie.path));
            if !is_over(&cookie, now) && cookies.len() < COOKIES_KEPT {
                cookies.push(cookie);
            }
        }
    }

    /// The `Cookie` header for a URL, the longest path first; `None` where there is nothing to send.
    pub(super) fn header(&self, url: &Url, now: SystemTime) -> Option<String> {
        let origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        let cookies = origins.get(&url.origin())?;
        let mut sent: Vec<&Cookie> =
            cookies.iter().filter(|cookie| !is_over(cookie, now) && is_below(url.path(), &cookie.path)).collect();
        sent.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<String> = sent.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

fn is_over(cookie: &Cookie, now: SystemTime) -> bool {
    cookie.until.is_some_and(|until| until <= now)
}

/// RFC 6265, section 5.1.4.
fn is_below(path: &str, of_cookie: &str) -> bool {
    let rest = path.strip_prefix(of_cookie);
    rest.is_some_and(|rest| rest.is_empty() || of_cookie.ends_with('/') || rest.starts_with('/'))
}

/// Reads a `Set-Cookie` header (RFC 6265, section 5.2); `None` for what is none, or for https alone and came by http.
fn parse(header: &str, url: &Url, now: SystemTime) -> Option<Cookie> {
    if header.len() > MOST_BYTES || header.chars().any(char::is_control) {
        return None;
    }
    let mut parts = header.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    let mut cookie =
        Cookie { name: name.trim().to_owned(), value: value.trim().to_owned(), path: folder(url), until: None };
    let (mut expires, mut max_age) = (None, None);
    for part in parts {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        match key.trim().to_ascii_lowercase().as_str() {
            "path" if value.trim().starts_with('/') => cookie.path = value.trim().to_owned(),
            "expires" => expires = httpdate::parse_http_date(value.trim()).ok(),
            "max-age" => max_age = value.trim().parse::<i64>().ok(),
            "secure" if url.scheme() != "https" => return None,
            _ => {}
        }
    }
    let by_age = max_age.map(|seconds| now.checked_add(Duration::from_secs(u64::try_from(seconds).unwrap_or(0))));
    cookie.until = by_age.unwrap_or(expires);
    (!cookie.name.is_empty()).then_some(cookie)
}

/// The path that a cookie holds for where it names none: up to the last slash.
fn folder(url: &Url) -> String {
    let end = url.path().rfind('/').filter(|end| *end > 0);
    end.map_or("/", |end| &url.path()[..end]).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use reqwest::header::HeaderValue;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn set(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (SET_COOKIE, line.parse().unwrap())).collect()
    }

    #[test]
    fn cookies_go_back_to_their_origin_and_path_and_nowhere_else() {
        let (jar, now) = (Jar::default(), SystemTime::now());
        let lines = ["a=1; Domain=example.org; HttpOnly", "b=2; Path=/news", "c=3; Path=/; Secure", "no cookie", "=5"];
        jar.take(&url("https://www.example.org/x/y"), &set(&lines), now);
        for (asked, sent) in [
            ("https://www.example.org/x/z", Some("a=1; c=3")),
            ("https://www.example.org/news/1", Some("b=2; c=3")),
            ("https://www.example.org/newsroom", Some("c=3")),
            ("https://example.org/x/z", None),
            ("https://www.example.org:8443/x/z", None),
            ("http://www.example.org/x/z", None),
        ] {
            assert_eq!(jar.header(&url(asked), now).as_deref(), sent, "{asked}");
        }
        jar.take(&url("http://plain.example/"), &set(&["s=1; Secure", "t=2"]), now);
        assert_eq!(jar.header(&url("http://plain.example/"), now).as_deref(), Some("t=2"));
    }

    #[test]
    fn cookies_end_when_they_say_and_are_replaced() {
        let (jar, now) = (Jar::default(), SystemTime::now());
        let here = url("https://example.org/");
        jar.take(&here, &set(&["a=1; Max-Age=60", "b=2; Expires=Sun, 01 Mar 2020 12:00:00 GMT"]), now);
        assert_eq!(jar.header(&here, now).as_deref(), Some("a=1"));
        assert_eq!(jar.header(&here, now + Duration::from_secs(61)), None);
        jar.take(&here, &set(&["a=other"]), now);
        assert_eq!(jar.header(&here, now + Duration::from_secs(61)).as_deref(), Some("a=other"));
        jar.take(&here, &set(&["a=; Max-Age=0"]), now);
        assert_eq!(jar.header(&here, now), None);
    }

    #[test]
    fn no_site_fills_the_jar() {
        let (jar, now) = (Jar::default(), SystemTime::now());
        let many: Vec<String> = (0..200).map(|number| format!("c{number}=1")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        jar.take(&url("https://example.org/"), &set(&many), now);
        let sent = jar.header(&url("https://example.org/"), now).unwrap();
        assert_eq!(sent.matches('=').count(), COOKIES_KEPT);
        let long = format!("d={}", "x".repeat(MOST_BYTES));
        jar.take(&url("https://other.example/"), &set(&[&long]), now);
        assert_eq!(jar.header(&url("https://other.example/"), now), None);
    }

    proptest! {
        #[test]
        fn whatever_is_set_only_what_can_be_sent_comes_back(lines in proptest::collection::vec("\\PC{0,60}", 0..5), path in "[ -~]{0,20}") {
            let here = Url::parse("https://example.org/").unwrap().join(&path).unwrap_or_else(|_| url("https://example.org/"));
            let headers = lines.iter().filter_map(|line| Some((SET_COOKIE, HeaderValue::from_bytes(line.as_bytes()).ok()?)));
            let jar = Jar::default();
            jar.take(&here, &headers.collect(), SystemTime::now());
            if let Some(sent) = jar.header(&here, SystemTime::now()) {
                prop_assert!(HeaderValue::from_str(&sent).is_ok() && sent.contains('='), "{sent:?}");
            }
        }
    }
}
