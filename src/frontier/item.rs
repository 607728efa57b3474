//! What goes into a frontier and comes out of it.

use super::{Content, Host, Key, Polling, RelativePath, Target, Validators};
use crate::article::Verdict;
use crate::fingerprint::Fingerprint;
use jiff::Timestamp;
use url::Url;

/// Something to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Where it stands; http or https.
    pub url: Url,
    /// What it is.
    pub target: Target,
    /// Its title as far as known: the feed's word for a page, the configuration's for a feed.
    pub title: Option<String>,
    /// Its publication as the feed gives it.
    pub published: Option<Timestamp>,
    /// The feed that announced it.
    pub feed: Option<Key>,
    /// The feed's own name for it, hashed, whatever its URL is: what was written under this name is not written again.
    pub entry: Option<u64>,
    /// What the feed carries of it in full.
    pub content: Option<Content>,
    /// Whether it was there before anybody looked: it is known from now on and never fetched.
    pub is_old: bool,
    /// A new one waits until then; `None`: it is due at once.
    pub not_before: Option<Timestamp>,
    /// A feed that has answered and is planned for later becomes due at a moment before this one, by its key, so that
    /// many do not come together; `None`: as it was planned.
    pub latest: Option<Timestamp>,
}

impl Offer {
    /// A feed of the configuration.
    pub fn feed(url: Url, name: Option<String>) -> Self {
        Self { target: Target::Feed, title: name, ..Self::page(url) }
    }

    /// A page of which only the URL is known.
    pub fn page(url: Url) -> Self {
        Self {
            url,
            target: Target::Page,
            title: None,
            published: None,
            feed: None,
            entry: None,
            content: None,
            is_old: false,
            not_before: None,
            latest: None,
        }
    }
}

/// An item handed out to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Where it stands, as it was first offered.
    pub url: Url,
    /// What it is.
    pub target: Target,
    /// Its name.
    pub key: Key,
    /// Its host, which nobody else fetches from meanwhile.
    pub host: Host,
    /// What the last answer carried; empty for pages.
    pub validators: Validators,
    /// The name of its file, where an earlier lease has fixed it.
    pub path: Option<RelativePath>,
    /// Which attempt this is since the last success, from 1.
    pub attempt: u32,
    /// Its title when it was first offered.
    pub title: Option<String>,
    /// Its publication when it was first offered.
    pub published: Option<Timestamp>,
    /// The feed that first announced it.
    pub feed: Option<Key>,
    /// What that feed calls it, hashed ([`Offer::entry`]).
    pub entry: Option<u64>,
    /// When it was first offered.
    pub first_seen: Timestamp,
    /// Since when it could have been claimed, but for other items of its host that were at work.
    pub due: Timestamp,
    /// When the first attempt failed since the last success; `None` where none did.
    pub failing_since: Option<Timestamp>,
    /// Where a feed is polled; as it stands here when the lease is finished, it is kept.
    pub address: Address,
    /// How a feed is polled; as it stands here when the lease is finished, it is kept.
    pub polling: Polling,
    /// Tells this lease from every other of the same item.
    pub token: u64,
}

/// What a failure was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cause {
    /// How it is treated, by the id of its class (`transient`, `slow`, `final`); `None`: nobody has said.
    pub class: Option<&'static str>,
    /// What happened, for people.
    pub said: String,
}

impl<S: Into<String>> From<S> for Cause {
    /// One of no class.
    fn from(said: S) -> Self {
        Self { class: None, said: said.into() }
    }
}

/// What became of a leased item.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A feed was read. Its entries, its validators and its next check are saved together.
    Polled {
        /// What it announced.
        entries: Vec<Offer>,
        /// What its answer carried.
        validators: Validators,
        /// When to look again.
        next: Timestamp,
    },
    /// A feed has nothing new (304); its validators stay.
    Unchanged {
        /// When to look again.
        next: Timestamp,
    },
    /// A page's file stands on the disk. Final.
    Written {
        /// `article` or `truncated`.
        verdict: Verdict,
        /// BLAKE3 of the file's bytes, hexadecimal.
        hash: String,
    },
    /// A page was read and there is nothing to write. Final.
    NoArticle {
        /// What it is instead.
        verdict: Verdict,
    },
    /// It failed and comes back; one more attempt is counted.
    Retry {
        /// When.
        next: Timestamp,
        /// What happened.
        cause: Cause,
    },
    /// It failed by no fault of its own: its host is ill. It comes back, no attempt is counted, but it fails since
    /// then.
    Uncounted {
        /// When.
        next: Timestamp,
        /// What happened.
        cause: Cause,
    },
    /// It was not tried, or by no fault of anybody else: it comes back as it was.
    Deferred {
        /// When.
        next: Timestamp,
    },
    /// A page has the text of another page ([`United::With`]). Final.
    Same {
        /// The other.
        page: Key,
    },
    /// A page has nearly the text of another page ([`United::CopyOf`]) and is not to be written. Final, as long as the
    /// other one does not come to nothing: then it is fetched after all.
    Copy {
        /// The other, which came first.
        page: Key,
    },
    /// A page failed for good.
    Failed {
        /// What happened.
        cause: Cause,
    },
    /// Given back as it was, at once claimable: nobody tried.
    Abandoned,
}

/// A page that was written, as others than the store remember it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// Where it stood when it was announced; its key is the page's.
    pub url: Url,
    /// Its other URLs.
    pub aliases: Vec<Url>,
    /// Where its text stands.
    pub path: RelativePath,
    /// BLAKE3 of the text's bytes, hexadecimal.
    pub hash: String,
    /// Its title.
    pub title: Option<String>,
    /// Its publication.
    pub published: Option<Timestamp>,
    /// When it was fetched.
    pub fetched: Timestamp,
    /// Where the feed stands that announced it first.
    pub feed: Option<Url>,
    /// What that feed calls it, hashed ([`Offer::entry`]).
    pub entry: Option<u64>,
    /// Whether it is an article that is not whole.
    pub is_truncated: bool,
    /// The page that came first with nearly its text.
    pub duplicate_of: Option<Key>,
    /// What its text says, to be held against others; `None`: nobody has looked.
    pub likeness: Option<Likeness>,
}

/// What the text of a page that was written is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewText {
    /// The page.
    pub page: Key,
    /// BLAKE3 of the text's bytes, hexadecimal.
    pub hash: String,
    /// Whether it is an article that is not whole.
    pub is_truncated: bool,
    /// What others are held against from now on, where the page is a first copy; `None`: what it was.
    pub fingerprint: Option<Fingerprint>,
}

/// What [`Frontier::place`](super::Frontier::place) made of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placed {
    /// The path of the item from now on: the one proposed, or the one fixed before.
    At(RelativePath),
    /// Another item has that path: propose another.
    Taken,
}

/// Where a feed is polled. Redirects that say that they are for good are learnt from; the feed's own URL stays its
/// name all the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// Where it is asked instead of its own URL; `None`: there.
    pub learnt: Option<Url>,
    /// Where the last polls were led to by permanent redirects alone; `None`: nowhere.
    pub sighted: Option<Url>,
    /// How many polls in a row were led there.
    pub sightings: u32,
}

/// How a host fares of which the last requests failed; of a host that is well nothing is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Failures in a row, at least 1.
    pub failures: u32,
    /// Nothing is asked of it before this moment.
    pub rest_until: Timestamp,
    /// What happened last, for people.
    pub cause: String,
}

/// Another URL of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The URL.
    pub url: Url,
    /// Whether the page was found there, by redirects; else it only says so (`rel=canonical`), and pages err: such a
    /// name makes two pages one only where their titles do not differ.
    pub is_sure: bool,
}

/// What a text says, to be held against others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Likeness {
    /// The text's body, as [`Fingerprint::of`] has it.
    pub fingerprint: Fingerprint,
    /// Whether the article is whole: nothing counts as a copy of one that is not.
    pub is_whole: bool,
}

/// What [`Frontier::unite`](super::Frontier::unite) has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum United {
    /// The page is the only one of its names. Once it is written, they are known; pages that wait under them are not
    /// fetched any more.
    Alone,
    /// Another page has the text: nothing is to be written.
    With(Key),
    /// Another page came first with nearly the same text, whatever its site; it was written, or will be. Kept for good, as
    /// is that a page is the first: asked once more, the answer is the same.
    CopyOf(Key),
    /// Another page is at work under one of the names, or was when a run was killed, and may get the text or not: it has
    /// to be asked again.
    Undecided,
}

/// How much there is to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// Pages that wait, due or not.
    pub queued_pages: u64,
    /// Items handed out and not yet finished.
    pub leased: u64,
    /// Those of them that are pages.
    pub leased_pages: u64,
    /// The first moment at which a claim may give something, as things stand; `None` where only the
    /// finishing of a lease can change that, or nothing is left.
    pub next: Option<Timestamp>,
}
