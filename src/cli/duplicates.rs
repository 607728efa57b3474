//! `gleaner duplicates`: which articles came more than once, and which came first.

use super::check::{ConfigArgs, count};
use super::code::{Code, Ended};
use super::status::Form;
use super::terminal::{plain, print};
use super::verify::refused;
use crate::frontier::{Key, PageState, StoreView, StoredCopy, StoredPage};
use clap::Args;
use serde::Serialize;
use std::fmt::Write as _;

/// The arguments of `gleaner duplicates`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DuplicatesArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// How they are listed: each first copy, and below it the others
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Form,
}

/// An article that came more than once.
#[derive(Debug, Serialize)]
struct Cluster {
    first: Told,
    copies: Vec<Told>,
}

#[derive(Debug, Serialize)]
struct Told {
    key: Key,
    /// `None`: the store does not know the page.
    url: Option<String>,
    /// Where its text stands; `None`: it has none.
    path: Option<String>,
    state: &'static str,
}

impl Told {
    fn of(page: StoredPage) -> Self {
        let state = match page.state {
            PageState::Written => "written",
            PageState::Same => "left_out",
            PageState::Queued | PageState::Leased => "waiting",
            PageState::NotAnArticle | PageState::Failed | PageState::Old | PageState::Unknown => "without_text",
        };
        let path = page.path.filter(|_| page.state == PageState::Written);
        Self { key: page.key, url: Some(page.url), path, state }
    }

    fn unknown(key: Key) -> Self {
        Self { key, url: None, path: None, state: "without_text" }
    }
}

/// Lists all copies that the store knows of; changes nothing, and may be asked beside a running daemon.
///
/// # Errors
/// A configuration that cannot be used, a store that cannot be read.
pub(crate) async fn run(args: &DuplicatesArgs) -> Result<Code, Ended> {
    let store = args.config.read()?.frontier.store;
    let read = tokio::task::spawn_blocking(move || {
        let mut clusters = Vec::new();
        let view = StoreView::open(&store);
        let read = view.and_then(|view| view.map_or(Ok(()), |view| view.each_copy(|copy| push(&mut clusters, copy))));
        read.map(|()| clusters).map_err(|error| refused(error.into(), &store))
    });
    let clusters = read.await.map_err(anyhow::Error::from)??;
    match args.format {
        Form::Table => print(&table(&clusters))?,
        Form::Json => print(&format!("{}\n", serde_json::json!({ "clusters": clusters })))?,
    }
    Ok(Code::AllWell)
}

/// Copies of one page come one after the other.
fn push(clusters: &mut Vec<Cluster>, copy: StoredCopy) {
    let StoredCopy { page, duplicate_of, first } = copy;
    match clusters.last_mut() {
        Some(cluster) if cluster.first.key == duplicate_of => cluster.copies.push(Told::of(page)),
        _ => {
            let first = first.map_or_else(|| Told::unknown(duplicate_of), Told::of);
            clusters.push(Cluster { first, copies: vec![Told::of(page)] });
        }
    }
}

fn table(clusters: &[Cluster]) -> String {
    let mut out = String::new();
    for Cluster { first, copies } in clusters {
        push_line(&mut out, "first   ", first);
        copies.iter().for_each(|copy| push_line(&mut out, "  copy  ", copy));
    }
    let copies = clusters.iter().map(|cluster| cluster.copies.len()).sum::<usize>();
    let copies = if copies == 1 { "1 copy".to_owned() } else { format!("{copies} copies") };
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{copies} of {}", count(clusters.len(), "article"));
    out
}

/// `  copy  0123456789abcdef written news.test/2026-11-22/a-01234567.txt http://news.test/a`
fn push_line(out: &mut String, head: &str, told: &Told) {
    let Told { key, url, path, state } = told;
    let rest = [path.as_deref(), url.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{head}{key} {} {}", state.replace('_', " "), plain(&rest));
}
