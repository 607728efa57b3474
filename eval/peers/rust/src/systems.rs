//! The systems, each as its own documentation calls it.

use encoding_rs::{Encoding, WINDOWS_1252};
use gleaner::extract::{Detail, Extractor, Options};
use gleaner::page::Page;
use gleaner::render;
use scraper::Html;
use serde::Serialize;
use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use url::Url;

/// A page in the forms that systems take it in.
pub struct Input {
    /// For who takes bytes.
    pub page: Page,
    /// For who takes text.
    pub html: String,
    /// A model file for Gleaner instead of its own.
    pub model: Option<PathBuf>,
}

/// What a system says of a page.
#[derive(Default, Serialize)]
pub struct Found {
    text: String,
    title: Option<String>,
    author: Option<String>,
    date: Option<String>,
}

/// Extracts one page. Who answers that there is no article has found nothing; an error is what keeps a system from
/// being asked at all.
pub type System = dyn Fn(&Input) -> Result<Found, String>;

/// All systems of this program.
pub const NAMES: [&str; 6] = ["scraper", "gleaner", "gleaner-text", "dom_smoothie", "rs-trafilatura", "trafilatura"];

/// What opens a system of that name, to be called on the thread that it is to run on.
pub fn system(name: &str) -> Option<fn() -> Box<System>> {
    Some(match name {
        "scraper" => || Box::new(scraper),
        "gleaner" => || gleaner(Detail::Whole),
        "gleaner-text" => || gleaner(Detail::Text),
        "dom_smoothie" => || Box::new(dom_smoothie),
        "rs-trafilatura" => || Box::new(rs_trafilatura),
        "trafilatura" => || Box::new(trafilatura),
        _ => return None,
    })
}

impl Input {
    /// A page of these bytes.
    pub fn new(bytes: Vec<u8>, url: Option<&str>, model: Option<PathBuf>) -> Self {
        let html = decoded(&bytes);
        let url = url.and_then(|url| Url::parse(url).ok());
        Self { page: Page { url, ..Page::from_bytes(bytes) }, html, model }
    }

    fn url(&self) -> Option<&str> {
        self.page.url.as_ref().map(Url::as_str)
    }
}

/// UTF-8 if it can be, else by what the first kilobytes declare, else Windows-1252.
fn decoded(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]);
    let label = head.split_once("charset=").map(|(_, rest)| rest.trim_start_matches(['"', '\'']));
    let label = label.and_then(|rest| rest.split(['"', '\'', ' ', ';', '>', '/']).next());
    let encoding = label.and_then(|label| Encoding::for_label(label.as_bytes())).unwrap_or(WINDOWS_1252);
    encoding.decode(bytes).0.into_owned()
}

/// The tree alone, dropped again: no text.
fn scraper(input: &Input) -> Result<Found, String> {
    black_box(Html::parse_document(&input.html).tree.nodes().len());
    Ok(Found::default())
}

fn gleaner(detail: Detail) -> Box<System> {
    // A model is read when a page first asks for it: that page's first time is longer, and its least counts.
    let opened: RefCell<HashMap<Option<PathBuf>, Extractor>> = RefCell::default();
    Box::new(move |input| {
        let mut opened = opened.borrow_mut();
        let extractor = match opened.entry(input.model.clone()) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(extractor(input.model.as_deref(), detail)?),
        };
        let article = extractor.extract(&input.page).article;
        let text = render::body(&article);
        let metadata = article.metadata;
        Ok(Found {
            text,
            title: metadata.title,
            author: Some(metadata.authors.join(", ")),
            date: metadata.published.map(|published| published.date.to_string()),
        })
    })
}

fn extractor(model: Option<&Path>, detail: Detail) -> Result<Extractor, String> {
    let extractor = Extractor::new(&Options { detail, ..Options::default() }).map_err(|error| error.to_string())?;
    let Some(file) = model else { return Ok(extractor) };
    let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    extractor.with_model(Some(&bytes)).map_err(|error| format!("{}: {error}", file.display()))
}

fn dom_smoothie(input: &Input) -> Result<Found, String> {
    let config = dom_smoothie::Config { text_mode: dom_smoothie::TextMode::Formatted, ..Default::default() };
    let reader = dom_smoothie::Readability::new(input.html.as_str(), input.url(), Some(config));
    let Ok(article) = reader.and_then(|mut reader| reader.parse()) else { return Ok(Found::default()) };
    Ok(Found {
        text: article.text_content.to_string(),
        title: Some(article.title),
        author: article.byline,
        date: article.published_time,
    })
}

fn rs_trafilatura(input: &Input) -> Result<Found, String> {
    let options = rs_trafilatura::Options { url: input.url().map(str::to_owned), ..Default::default() };
    let result = rs_trafilatura::extract_bytes_with_options(&input.page.body, &options);
    let Ok(result) = result else { return Ok(Found::default()) };
    Ok(Found {
        text: result.content_text,
        title: result.metadata.title,
        author: result.metadata.author,
        date: result.metadata.date.map(|date| date.date_naive().to_string()),
    })
}

fn trafilatura(input: &Input) -> Result<Found, String> {
    let mut options = trafilatura::Options::default().with_fallback(true);
    options.original_url = input.page.url.clone();
    let Ok(result) = trafilatura::extract(&input.html, &options) else { return Ok(Found::default()) };
    Ok(Found {
        text: result.content_text,
        title: Some(result.metadata.title),
        author: Some(result.metadata.author),
        date: result.metadata.date.map(|date| date.to_string()),
    })
}
