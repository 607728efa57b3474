//! Why an input gave no text, and what the user can do about it.

use super::batch::{NoPage, RecordFault};
use super::code::Failure;
use super::terminal::plain;
use crate::article::Verdict;
use crate::fetch::FetchError;
use crate::output::OutputError;
use std::io;
use url::Url;

/// Why an input gave no text. Each message says what can be done after a semicolon.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    /// Starts like a URL and is none.
    #[error("no usable URL: {0}; check its spelling")]
    Url(url::ParseError),
    /// The fetcher brought nothing; its messages name the URL and carry their own remedy.
    #[error("{0}")]
    Fetch(#[source] Box<FetchError>),
    /// 304 to a request without conditions.
    #[error("the server says that nothing has changed, which was not asked; try again later")]
    NotModified,
    /// There is no such file.
    #[error("no such file; check the path")]
    NoFile,
    /// There is no such file, and its name reads like an address.
    #[error("no such file; for the web page write https://{0}")]
    MeantUrl(String),
    /// There is no such file, and its name has a scheme that nobody fetches here.
    #[error("no such file; only http:// and https:// addresses are fetched")]
    Scheme,
    /// The path leads to a folder.
    #[error("is a folder; name the files in it")]
    Folder,
    /// The file or standard input cannot be read.
    #[error("cannot be read: {0}; check the path and the permissions")]
    Read(#[source] io::Error),
    /// More bytes than a page may have.
    #[error("larger than {limit} bytes, the limit for one page; cut it into pages, or give --max-body-bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// A URL that is said to be a batch.
    #[error("batches are read from files and standard input alone; save it and name the file")]
    BatchUrl,
    /// Many pages where one is wanted.
    #[error(
        "holds many pages; name one by --record NUMBER, which JSON has behind `input`, or say that it is one by --input html"
    )]
    Batch,
    /// One page where a record is wanted.
    #[error("is no batch; leave --record out")]
    NoBatch,
    /// A number that no record has, or one of a type that is passed over.
    #[error("is no record that may hold a page; take the number from `input` in `gleaner extract --format jsonl`")]
    NoRecord,
    /// An answer that is no page.
    #[error("holds no page ({}); name another record", .0.name())]
    NoPage(NoPage),
    /// A record of a batch that cannot be used; its messages carry their own remedy.
    #[error("{0}")]
    Record(#[from] RecordFault),
    /// It was read, and no article came out.
    #[error("{}; {}", what(*.0), remedy(*.0))]
    NoArticle(Verdict),
    /// The extractor panicked.
    #[error("internal error in the extractor; please report it together with the page")]
    Panicked,
    /// The text could not be written; the messages name the path and carry their own remedy.
    #[error("{cause}")]
    Write {
        /// What the output says.
        #[from]
        cause: OutputError,
    },
}

impl From<FetchError> for Problem {
    fn from(cause: FetchError) -> Self {
        Self::Fetch(Box::new(cause))
    }
}

impl Problem {
    /// What the exit code is to tell.
    pub(crate) fn failure(&self) -> Failure {
        match self {
            Self::Fetch(cause) if cause.is_refusal() => Failure::Refused,
            Self::NoArticle(verdict) => verdict_failure(*verdict),
            Self::Panicked => Failure::Internal,
            _ => Failure::Unreadable,
        }
    }

    /// Why, and what can be done, on one line; without the URL that the message would begin with, for
    /// that is named already.
    pub(crate) fn without(&self, url: Option<&Url>) -> String {
        let message = plain(&self.to_string());
        let stripped = url.and_then(|url| message.strip_prefix(url.as_str()));
        let why = stripped.map_or(message.as_str(), |rest| rest.trim_start_matches([':', ' ']));
        if why.contains("; ") { why.to_owned() } else { format!("{why}; {}", self.last_resort()) }
    }

    /// What can be done where the message does not say.
    fn last_resort(&self) -> &'static str {
        match self.failure() {
            Failure::Refused => "save the page from a browser and extract from the file",
            _ => "check the address in a browser",
        }
    }
}

/// The reason behind a verdict without an article.
fn verdict_failure(verdict: Verdict) -> Failure {
    match verdict {
        Verdict::ConsentPage | Verdict::BotWall => Failure::Refused,
        Verdict::Hostile | Verdict::Unsupported => Failure::Unreadable,
        Verdict::NotAnArticle | Verdict::NeedsScript | Verdict::Empty => Failure::NoArticle,
        // These two come with an article; without one there is none.
        Verdict::Article | Verdict::Truncated => Failure::NoArticle,
    }
}

/// A verdict in words.
fn what(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Article | Verdict::Truncated | Verdict::NotAnArticle => "no article found on the page",
        Verdict::ConsentPage => "the page asks for consent before it shows anything",
        Verdict::BotWall => "the page asks whether the reader is a robot",
        Verdict::NeedsScript => "the page is empty without JavaScript",
        Verdict::Empty => "the page is empty",
        Verdict::Hostile => "the page is nested too deeply or too large to be read safely",
        Verdict::Unsupported => "neither HTML nor plain text",
    }
}

/// What can be done about a verdict.
fn remedy(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Article | Verdict::Truncated | Verdict::NotAnArticle => "name the page of a single article",
        Verdict::ConsentPage | Verdict::BotWall | Verdict::NeedsScript => {
            "save the page from a browser and extract from the file"
        }
        Verdict::Empty => "check that the page shows text in a browser",
        Verdict::Hostile => "check that it is the page you mean; no article is built like that",
        Verdict::Unsupported => "convert it to HTML or text first",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERDICTS: [Verdict; 9] = [
        Verdict::Article,
        Verdict::Truncated,
        Verdict::NotAnArticle,
        Verdict::ConsentPage,
        Verdict::BotWall,
        Verdict::NeedsScript,
        Verdict::Empty,
        Verdict::Hostile,
        Verdict::Unsupported,
    ];

    #[test]
    fn verdicts_map_to_reasons() {
        let of = |verdict| Problem::NoArticle(verdict).failure();
        assert_eq!(of(Verdict::NotAnArticle), Failure::NoArticle);
        assert_eq!(of(Verdict::Empty), Failure::NoArticle);
        assert_eq!(of(Verdict::NeedsScript), Failure::NoArticle);
        assert_eq!(of(Verdict::ConsentPage), Failure::Refused);
        assert_eq!(of(Verdict::BotWall), Failure::Refused);
        assert_eq!(of(Verdict::Unsupported), Failure::Unreadable);
        assert_eq!(of(Verdict::Hostile), Failure::Unreadable);
    }

    #[test]
    fn every_verdict_has_a_remedy() {
        for verdict in VERDICTS {
            assert!(Problem::NoArticle(verdict).to_string().contains("; "), "{verdict:?}");
        }
    }

    #[test]
    fn the_url_is_not_said_twice() {
        let url = Url::parse("https://example.org/a").unwrap();
        let status = FetchError::Status { url: url.clone(), status: 404, retry_at: None };
        assert!(Problem::from(status).without(Some(&url)).starts_with("HTTP status 404"));
        assert!(Problem::NoFile.without(Some(&url)).starts_with("no such file"));
    }
}
