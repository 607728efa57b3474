//! What `extract` and `explain` are both told of the pages that they read.

use super::kinds::KindArgs;
use super::source::{FetchArgs, web_url};
use clap::Args;
use url::Url;

/// How pages are got and read.
#[derive(Debug, Clone, Args)]
pub(crate) struct PageArgs {
    /// Where files and standard input come from on the web: the URL that relative links refer to
    #[arg(long, value_name = "URL", value_parser = web_url)]
    pub(crate) base_url: Option<Url>,
    #[command(flatten)]
    pub(crate) kinds: KindArgs,
    #[command(flatten)]
    pub(crate) fetch: FetchArgs,
}
