//! What the end of a fetch tells of a host and of the network, beyond the page that was wanted.

use crate::fetch::{FetchError, Fetched, TimeLimit};
use crate::frontier::Host;
use url::Url;

/// What a failure tells of the host that it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sign {
    /// It answers, if not as we wished.
    Well(Host),
    /// It does not, or only to say that it cannot.
    Ill(Host, Trouble),
    /// Nothing: nobody was asked.
    None,
}

/// How a host fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No name or no connection: the host's fault or the network's.
    Connection,
    /// No secure connection, or a robots.txt that cannot be had: it fails for each of its pages.
    Door,
    /// No answer in time, or a broken one: perhaps for this page alone.
    Answer,
    /// It says that it fails (5xx): perhaps for this page alone.
    Status,
}

/// Reads the signs of a failure.
pub(super) fn of(error: &FetchError) -> Sign {
    let ill = |url: &Url, trouble| Sign::Ill(Host::of(url), trouble);
    match error {
        FetchError::Redirected { cause, .. } => of(cause),
        FetchError::Dns { url, .. }
        | FetchError::Connect { url, .. }
        | FetchError::Timeout { url, limit: TimeLimit::Connect } => ill(url, Trouble::Connection),
        FetchError::Tls { url, .. } => ill(url, Trouble::Door),
        FetchError::RobotsUnreachable { cause, .. } => match of(cause) {
            Sign::Ill(host, _) => Sign::Ill(host, Trouble::Door),
            other => other,
        },
        FetchError::Answer { url, .. } | FetchError::Timeout { url, .. } => ill(url, Trouble::Answer),
        FetchError::Status { url, status: 500.., .. } => ill(url, Trouble::Status),
        FetchError::Status { url, .. }
        | FetchError::Redirect { url, .. }
        | FetchError::RedirectLoop { url }
        | FetchError::TooLarge { url, .. }
        | FetchError::Bomb { url, .. }
        | FetchError::ContentType { url, .. }
        | FetchError::Encoding { url, .. }
        | FetchError::Damaged { url, .. }
        | FetchError::Truncated { url, .. } => Sign::Well(Host::of(url)),
        // Our own word (guard, robots.txt from memory, bounds), for which nobody was asked.
        _ => Sign::None,
    }
}

/// The hosts that have answered on the way to a page or to the word that it has not changed.
pub(super) fn answered(asked: &Url, fetched: &Fetched) -> Vec<Host> {
    let mut hosts = match fetched {
        Fetched::Page { page, .. } => page.hops.iter().map(|hop| Host::of(&hop.url)).collect(),
        Fetched::NotModified { .. } => vec![Host::of(asked)],
    };
    hosts.dedup();
    hosts
}

/// The host that wants to be left alone: the one that said so, which redirects may have led to.
pub(super) fn host_of(error: &FetchError, asked: &Host) -> Host {
    match of(error) {
        Sign::Well(host) | Sign::Ill(host, _) => host,
        Sign::None => asked.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn status(url: &str, status: u16) -> FetchError {
        FetchError::Status { url: self::url(url), status, retry_at: None }
    }

    #[test]
    fn statuses_of_the_server_are_signs_of_illness_and_those_of_the_page_are_not() {
        let host = Host::of(&url("http://a.example/"));
        for (code, ill) in [(500, true), (503, true), (599, true), (404, false), (403, false), (429, false)] {
            let expected = if ill { Sign::Ill(host.clone(), Trouble::Status) } else { Sign::Well(host.clone()) };
            assert_eq!(of(&status("http://a.example/1", code)), expected, "{code}");
        }
    }

    #[test]
    fn failure_after_a_redirect_is_the_last_hosts() {
        let cause = Box::new(status("http://b.example/", 502));
        let error = FetchError::Redirected { url: url("http://a.example/"), cause };
        assert_eq!(of(&error), Sign::Ill(Host::of(&url("http://b.example/")), Trouble::Status));
        assert_eq!(host_of(&error, &Host::of(&url("http://a.example/"))).as_str(), "b.example");
    }

    #[test]
    fn time_limits_are_told_apart_and_what_nobody_was_asked_for_is_no_sign() {
        let timeout = |limit| of(&FetchError::Timeout { url: url("http://a.example/"), limit });
        assert!(matches!(timeout(TimeLimit::Connect), Sign::Ill(_, Trouble::Connection)));
        assert!(matches!(timeout(TimeLimit::Total), Sign::Ill(_, Trouble::Answer)));
        let robots = FetchError::Robots { url: url("http://a.example/"), rule: "Disallow: /".into() };
        assert_eq!(of(&robots), Sign::None);
        let cause = Box::new(status("http://a.example/robots.txt", 500));
        let unreachable = FetchError::RobotsUnreachable { url: url("http://a.example/"), cause };
        assert!(matches!(of(&unreachable), Sign::Ill(_, Trouble::Door)));
    }
}
