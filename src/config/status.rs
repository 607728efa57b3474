//! The `[status]` section: where a daemon tells how it fares.

use serde::{Deserialize, Deserializer};
use std::net::SocketAddr;

/// Where a daemon tells how it fares, as in the `[status]` section.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StatusOptions {
    /// The address and port that are listened at; `None`: nowhere.
    #[serde(deserialize_with = "listen")]
    pub listen: Option<SocketAddr>,
    /// Names by which it may be asked, beside `localhost` and IP addresses: a name that somebody else makes point here,
    /// in whose name a browser asks, is not among them.
    pub hosts: Vec<String>,
}

fn listen<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let wrong = || serde::de::Error::custom(format_args!("`{text}` is no address with a port, as in `127.0.0.1:9464`"));
    text.parse().map(Some).map_err(|_| wrong())
}
