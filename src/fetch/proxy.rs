//! The proxy's address, whose password is not for logs.

use super::options::FetchSetupError;
use super::urls;
use serde::Deserialize;
use std::fmt;
use url::Url;

/// The URL of a proxy, with `user:password@` where it wants a login; shown without.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Proxy(String);

impl Proxy {
    /// The URL; the scheme is one that the client knows.
    pub(super) fn url(&self) -> Result<Url, FetchSetupError> {
        let is_proxy = |url: &Url| matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") && url.has_host();
        let url = Url::parse(&self.0).ok().filter(is_proxy);
        url.ok_or_else(|| FetchSetupError::Proxy { value: urls::shown(&self.0) })
    }
}

impl From<String> for Proxy {
    fn from(url: String) -> Self {
        Self(url)
    }
}

impl From<&str> for Proxy {
    fn from(url: &str) -> Self {
        Self(url.to_owned())
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&urls::shown(&self.0))
    }
}
