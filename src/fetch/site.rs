//! How single sites are asked: what is said to them beside what is said to all, and by which way.

use super::options::{FetchSetupError, MOST_WAIT_S, is_named};
use super::proxy::Proxy;
use super::secret::{Secret, SecretError};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use url::{Origin, Url};

/// How the pages of one site are asked for, as in the `fetch` table of a `[[site]]`. What is left out is as in
/// `[fetch]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SiteOptions {
    /// The only origin that `headers`, `basic`, `bearer` and cookies are sent to; `None`: https on the site's own host
    /// or hosts, on the usual port.
    pub origin: Option<String>,
    /// The `User-Agent` header; robots.txt is obeyed under the name that it begins with.
    pub user_agent: Option<String>,
    /// Headers sent with each request; none of those that the fetcher sets itself.
    pub headers: BTreeMap<String, Secret>,
    /// Whether cookies that the site sets are sent back to it, for as long as the fetcher lives.
    pub cookies: bool,
    /// User name and password (RFC 7617).
    pub basic: Option<Basic>,
    /// A token (RFC 6750).
    pub bearer: Option<Secret>,
    /// The proxy for this site alone.
    pub proxy: Option<Proxy>,
    /// As in `[fetch]`.
    pub connect_timeout_s: Option<u64>,
    /// As in `[fetch]`.
    pub idle_timeout_s: Option<u64>,
    /// As in `[fetch]`; that of the URL asked for holds for all its redirects.
    pub total_timeout_s: Option<u64>,
    /// Whether certificates that prove nothing are taken: self-signed, run out, another host's.
    pub insecure: bool,
}

/// A login.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basic {
    /// The name, without a colon.
    pub user: String,
    /// The password.
    pub password: Secret,
}

/// Settings of one site that cannot be used. Each message names the key.
#[derive(Debug, thiserror::Error)]
pub enum SiteSetupError {
    /// A value that would be as wrong in `[fetch]`.
    #[error("{0}")]
    Value(#[source] Box<FetchSetupError>),
    /// No origin.
    #[error("`origin` is {value:?}, but must be a scheme and a host, as in `https://example.org:8443`")]
    Origin {
        /// What was given.
        value: String,
    },
    /// A header that has no such name or is the fetcher's own.
    #[error("`headers` has {name:?}, {problem}")]
    Header {
        /// What was given.
        name: String,
        /// Why not.
        problem: &'static str,
    },
    /// A secret that stands in the configuration for all to read.
    #[error("`{key}` is written out; put it into a variable or a file: {{ env = \"NAME\" }} or {{ file = \"path\" }}")]
    WrittenOut {
        /// The key.
        key: &'static str,
    },
    /// A user name that cannot be sent.
    #[error("`basic` has a user name with a colon or control characters")]
    User,
    /// Two ways to log in.
    #[error("`bearer` and `basic` are both given; leave one out")]
    TwoLogins,
    /// A secret that cannot be had.
    #[error("`{key}`: {source}")]
    Secret {
        /// The key.
        key: &'static str,
        /// Why not.
        source: SecretError,
    },
    /// A secret that nobody has read ([`SiteOptions::read_secrets`]).
    #[error("`{key}` has not been read from where it stands")]
    Unread {
        /// The key.
        key: &'static str,
    },
}

impl SiteSetupError {
    /// The key that is in question.
    pub fn key(&self) -> Option<String> {
        let message = self.to_string();
        message.split('`').nth(1).map(str::to_owned)
    }
}

/// Headers that the fetcher sets by itself, that would make it speak another protocol than it reads, or that have a
/// key of their own.
const OWN_HEADERS: [&str; 22] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

impl SiteOptions {
    /// Checks all but the secrets' values.
    ///
    /// # Errors
    /// The first thing that cannot be used.
    pub fn check(&self) -> Result<(), SiteSetupError> {
        self.check_values().map_err(|error| SiteSetupError::Value(Box::new(error)))?;
        self.own_origin()?;
        for name in self.headers.keys() {
            header_name(name)?;
        }
        let written_out = |secret: Option<&Secret>| secret.is_some_and(Secret::is_plain);
        if let Some(basic) = &self.basic
            && (basic.user.contains(':') || basic.user.chars().any(char::is_control))
        {
            return Err(SiteSetupError::User);
        }
        if written_out(self.basic.as_ref().map(|basic| &basic.password)) {
            return Err(SiteSetupError::WrittenOut { key: "basic" });
        }
        if written_out(self.bearer.as_ref()) {
            return Err(SiteSetupError::WrittenOut { key: "bearer" });
        }
        if self.basic.is_some() && self.bearer.is_some() {
            return Err(SiteSetupError::TwoLogins);
        }
        Ok(())
    }

    fn check_values(&self) -> Result<(), FetchSetupError> {
        for (key, value) in [
            ("connect_timeout_s", self.connect_timeout_s),
            ("idle_timeout_s", self.idle_timeout_s),
            ("total_timeout_s", self.total_timeout_s),
        ] {
            if let Some(value) = value.filter(|value| !(1..=MOST_WAIT_S).contains(value)) {
                return Err(FetchSetupError::OutOfRange { key, value, least: 1, most: MOST_WAIT_S });
            }
        }
        if let Some(agent) = self.user_agent.as_ref().filter(|agent| !is_named(agent)) {
            return Err(FetchSetupError::UserAgent { value: agent.clone() });
        }
        self.proxy.as_ref().map(Proxy::url).transpose().map(|_| ())
    }

    /// Reads every secret from where it stands; paths are relative to `folder`, variables are what `environment` says.
    ///
    /// # Errors
    /// The first one that cannot be had, or can stand in no header.
    pub fn read_secrets(
        &mut self,
        folder: &Path,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(), SiteSetupError> {
        let headers = self.headers.values_mut().map(|secret| ("headers", secret));
        let basic = self.basic.iter_mut().map(|basic| ("basic", &mut basic.password));
        let bearer = self.bearer.iter_mut().map(|secret| ("bearer", secret));
        for (key, secret) in headers.chain(basic).chain(bearer) {
            secret.read(folder, environment).map_err(|source| SiteSetupError::Secret { key, source })?;
        }
        Ok(())
    }

    /// Whether anything is sent that only the site itself may see.
    pub(super) fn has_secrets(&self) -> bool {
        !self.headers.is_empty() || self.basic.is_some() || self.bearer.is_some() || self.cookies
    }

    fn own_origin(&self) -> Result<Option<Origin>, SiteSetupError> {
        let Some(text) = &self.origin else { return Ok(None) };
        let url = Url::parse(text).ok().filter(|url| {
            let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
            let is_nobodys = url.username().is_empty() && url.password().is_none();
            matches!(url.scheme(), "http" | "https") && is_bare && is_nobodys
        });
        let origin = url.map(|url| url.origin());
        origin.map(Some).ok_or_else(|| SiteSetupError::Origin { value: text.clone() })
    }

    /// Whether a request for this URL may carry the site's secrets; the URL is one of the site's hosts already.
    pub(super) fn trusts(&self, url: &Url) -> bool {
        match self.own_origin() {
            Ok(Some(origin)) => url.origin() == origin,
            Ok(None) => url.scheme() == "https" && url.port().is_none(),
            Err(_) => false,
        }
    }

    /// The headers with the secrets in them, marked as such.
    pub(super) fn credentials(&self) -> Result<HeaderMap, SiteSetupError> {
        let mut headers = HeaderMap::new();
        for (name, secret) in &self.headers {
            headers.insert(header_name(name)?, sensitive("headers", exposed("headers", secret)?)?);
        }
        if let Some(basic) = &self.basic {
            let pair = format!("{}:{}", basic.user, exposed("basic", &basic.password)?);
            headers.insert(AUTHORIZATION, sensitive("basic", &format!("Basic {}", BASE64_STANDARD.encode(pair)))?);
        }
        if let Some(token) = &self.bearer {
            headers.insert(AUTHORIZATION, sensitive("bearer", &format!("Bearer {}", exposed("bearer", token)?))?);
        }
        Ok(headers)
    }
}

fn header_name(name: &str) -> Result<HeaderName, SiteSetupError> {
    let wrong = |problem| SiteSetupError::Header { name: name.to_owned(), problem };
    let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong("which is no name of a header"))?;
    if OWN_HEADERS.contains(&parsed.as_str()) {
        return Err(wrong("which is not set here: the fetcher sets it, or it has a key of its own"));
    }
    Ok(parsed)
}

fn exposed<'a>(key: &'static str, secret: &'a Secret) -> Result<&'a str, SiteSetupError> {
    secret.expose().ok_or(SiteSetupError::Unread { key })
}

fn sensitive(key: &'static str, value: &str) -> Result<HeaderValue, SiteSetupError> {
    let value = HeaderValue::from_bytes(value.as_bytes());
    let mut value = value.map_err(|_| SiteSetupError::Secret { key, source: SecretError::ControlCharacter })?;
    // Shown in no log, kept in no table of HTTP/2.
    value.set_sensitive(true);
    Ok(value)
}

/// The settings for a URL among those of all sites, by host: `example.org` holds for its `www.` host too,
/// `.example.org` for it and all hosts below it; the nearest one counts.
pub(super) fn nearest<'a, T>(sites: &'a BTreeMap<String, T>, url: &Url) -> Option<&'a T> {
    let host = url.host_str()?.trim_end_matches('.');
    let host = host.strip_prefix("www.").unwrap_or(host);
    if let Some(found) = sites.get(host) {
        return Some(found);
    }
    let mut rest = host;
    loop {
        if let Some(found) = sites.get(&format!(".{rest}")) {
            return Some(found);
        }
        rest = rest.split_once('.')?.1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(text: &str) -> SiteOptions {
        toml::from_str(text).unwrap()
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn settings_that_cannot_be_used_are_told_with_their_key() {
        for (text, key, said) in [
            ("user_agent = ''", "user_agent", "must be printable ASCII"),
            ("proxy = 'nowhere'", "proxy", "must be a URL"),
            ("total_timeout_s = 0", "total_timeout_s", "must be 1 to 3600"),
            ("origin = 'example.org'", "origin", "scheme and a host"),
            ("origin = 'https://example.org/path'", "origin", "scheme and a host"),
            ("origin = 'ftp://example.org'", "origin", "scheme and a host"),
            ("headers = { 'a b' = 'x' }", "headers", "no name of a header"),
            ("headers = { Authorization = 'x' }", "headers", "a key of its own"),
            ("headers = { Host = 'x' }", "headers", "the fetcher sets it"),
            ("bearer = 'abc'", "bearer", "is written out"),
            ("basic = { user = 'me', password = 'abc' }", "basic", "is written out"),
            ("basic = { user = 'm:e', password = { env = 'X' } }", "basic", "colon"),
            ("bearer = { env = 'X' }\nbasic = { user = 'me', password = { env = 'X' } }", "bearer", "both"),
        ] {
            let error = site(text).check().unwrap_err();
            assert_eq!(error.key().as_deref(), Some(key), "{text}: {error}");
            assert!(error.to_string().contains(said) && !error.to_string().contains("abc"), "{text}: {error}");
        }
        assert!(toml::from_str::<SiteOptions>("cookie = true").is_err());
        assert!(SiteOptions::default().check().is_ok());
    }

    #[test]
    fn secrets_go_to_https_on_the_usual_port_or_to_the_origin_that_is_stated() {
        let by_default = site("cookies = true");
        assert!(by_default.trusts(&url("https://example.org/x")));
        for other in ["http://example.org/", "https://example.org:8443/"] {
            assert!(!by_default.trusts(&url(other)), "{other}");
        }
        let stated = site("origin = 'http://example.org:8080'");
        assert!(stated.trusts(&url("http://example.org:8080/x")));
        for other in ["http://example.org/", "https://example.org:8080/", "http://www.example.org:8080/"] {
            assert!(!stated.trusts(&url(other)), "{other}");
        }
    }

    #[test]
    fn nearest_site_counts() {
        let sites = ["example.org", ".example.org", ".news.example.org"];
        let sites = BTreeMap::from(sites.map(|it| (it.to_owned(), it)));
        for (host, expected) in [
            ("example.org", Some("example.org")),
            ("www.example.org", Some("example.org")),
            ("a.example.org", Some(".example.org")),
            ("a.news.example.org.", Some(".news.example.org")),
            ("news.example.org", Some(".news.example.org")),
            ("example.com", None),
            ("badexample.org", None),
        ] {
            assert_eq!(nearest(&sites, &url(&format!("https://{host}/"))).copied(), expected, "{host}");
        }
    }

    #[test]
    fn logins_become_headers_once_they_are_read() {
        let mut basic =
            site("basic = { user = 'Aladdin', password = { env = 'P' } }\nheaders = { X-Key = { env = 'K' } }");
        assert!(matches!(basic.credentials(), Err(SiteSetupError::Unread { .. })));
        basic.read_secrets(Path::new(""), &|name| Some(if name == "P" { "open sesame" } else { "k1" }.into())).unwrap();
        let headers = basic.credentials().unwrap();
        // The example of RFC 7617, section 2.
        assert_eq!(headers["authorization"], "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(headers["x-key"], "k1");
        assert!(!format!("{headers:?} {basic:?}").contains("QWxh"), "{headers:?}");
        let unset = site("bearer = { env = 'T' }").read_secrets(Path::new(""), &|_| None).unwrap_err();
        assert_eq!(unset.to_string(), "`bearer`: the environment variable T is not set");
    }
}
