//! HTML that is only what the article is: headings, paragraphs, lists, tables, quotations, code.

use super::About;
use super::line::{Piece, Pieces, cells, clean, pieces};
use super::list::{Level, Lists};
use super::{runs, text};
use crate::article::{Article, ArticleBlock, Image, Role};
use ammonia::Builder;
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

/// The elements that come out, and the attributes that they may have.
const ELEMENTS: &[(&str, &[&str])] = &[
    ("a", &["href"]),
    ("article", &["dir", "lang"]),
    ("blockquote", &[]),
    ("code", &[]),
    ("figcaption", &[]),
    ("figure", &[]),
    ("h1", &[]),
    ("h2", &[]),
    ("h3", &[]),
    ("h4", &[]),
    ("h5", &[]),
    ("h6", &[]),
    ("img", &["alt", "src"]),
    ("li", &["value"]),
    ("ol", &["start"]),
    ("p", &[]),
    ("pre", &[]),
    ("table", &[]),
    ("tbody", &[]),
    ("td", &[]),
    ("th", &[]),
    ("thead", &[]),
    ("tr", &[]),
    ("ul", &[]),
];

/// The last stage: what is built here of escaped text needs no cleaning, and gets it all the same.
static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let attributes: HashMap<_, HashSet<_>> =
        ELEMENTS.iter().map(|(name, attributes)| (*name, attributes.iter().copied().collect())).collect();
    let mut builder = Builder::empty();
    builder
        .tags(ELEMENTS.iter().map(|(name, _)| *name).collect())
        .tag_attributes(attributes)
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .link_rel(Some("noopener noreferrer"));
    builder
});

/// The article as an element `article`, for feed readers and for pages of one's own: the title as `h1`, then the body.
/// No scripts, no styles, no classes; links and images are those that were asked for. Empty where the article has no
/// body; else it ends with a newline.
pub fn html(article: &Article) -> String {
    if article.blocks.is_empty() {
        return String::new();
    }
    let mut writer = Writer::default();
    // What is written from right to left is shown so, whatever the page around it is.
    writer.out.push_str("<article dir=\"auto\"");
    if let Some(language) = &article.metadata.language {
        writer.attribute("lang", language);
    }
    writer.out.push_str(">\n");
    if let Some(title) = &article.metadata.title {
        writer.element("h1", &escaped(&clean(title)));
    }
    runs(&article.blocks).for_each(|run| writer.push(run));
    writer.close_lists();
    writer.out.push_str("</article>");
    SANITISER.clean(&writer.out).to_string() + "\n"
}

/// What the page may load: images, and nothing else.
const POLICY: &str = "default-src 'none'; img-src http: https:";

/// A page of its own around [`html`]: in UTF-8, with its title, canonical URL, authors and date in its head, and a policy
/// by which a browser runs and loads nothing but the images. Empty where the article has no body.
pub fn html_page(article: &Article, about: &About<'_>) -> String {
    let body = html(article);
    if body.is_empty() {
        return body;
    }
    let metadata = &article.metadata;
    let mut head = format!(
        "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n"
    );
    let title = metadata.title.as_deref().map(clean).unwrap_or_default();
    head.push_str(&format!("<title>{}</title>\n", escaped(&title)));
    let canonical = about.url_of(metadata).filter(|url| matches!(url.scheme(), "http" | "https"));
    if let Some(url) = canonical {
        head.push_str(&format!("<link rel=\"canonical\" href=\"{}\">\n", escaped(url.as_str())));
    }
    let date = metadata.published.map(|published| ("date", published.to_string()));
    let authors = metadata.authors.iter().map(|author| ("author", clean(author).into_owned()));
    for (name, content) in authors.chain(date) {
        head.push_str(&format!("<meta name=\"{name}\" content=\"{}\">\n", escaped(&content)));
    }
    format!("{head}</head>\n<body>\n{body}</body>\n</html>\n")
}

#[derive(Debug, Default)]
struct Writer {
    out: String,
    lists: Lists,
    /// Of the open lists, outermost first: whether they are ordered.
    ordered: Vec<bool>,
}

impl Writer {
    fn push(&mut self, run: &[ArticleBlock]) {
        let Some(first) = run.first() else { return };
        if let Role::ListItem { depth, number } = first.role {
            return self.item(depth, number, &inline(&pieces(first).line));
        }
        self.close_lists();
        match first.role {
            Role::Row { is_header, .. } => self.table(run, is_header),
            Role::Code => self.code(run),
            Role::Quote => {
                self.out.push_str("<blockquote>\n");
                run.iter().for_each(|block| self.line("p", block));
                self.out.push_str("</blockquote>\n");
            }
            Role::Heading { level } => self.line(["h1", "h2", "h3", "h4", "h5", "h6"][heading_index(level)], first),
            Role::Caption => {
                self.out.push_str("<figure>");
                self.line("figcaption", first);
                self.out.push_str("</figure>\n");
            }
            Role::Paragraph | Role::ListItem { .. } => self.line("p", first),
        }
    }

    /// A block in an element, with the images that stand before and behind it.
    fn line(&mut self, name: &str, block: &ArticleBlock) {
        let Pieces { before, line, behind } = pieces(block);
        self.figures(&before);
        if !line.is_empty() {
            self.element(name, &inline(&line));
        }
        self.figures(&behind);
    }

    fn element(&mut self, name: &str, content: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.out, "<{name}>{content}</{name}>");
    }

    fn attribute(&mut self, name: &str, value: &str) {
        // Writing to a string cannot fail.
        let _ = write!(self.out, " {name}=\"{}\"", escaped(value));
    }

    fn figures(&mut self, images: &[&Image]) {
        for image in images {
            let caption = image.caption.as_deref().map(clean).filter(|caption| !caption.is_empty());
            let caption = caption.map_or(String::new(), |it| format!("<figcaption>{}</figcaption>", escaped(&it)));
            self.element("figure", &(image_of(image) + &caption));
        }
    }

    fn code(&mut self, run: &[ArticleBlock]) {
        let Some(first) = run.first() else { return };
        let Pieces { before, behind, .. } = pieces(first);
        self.figures(&before);
        let lines = run.iter().map(text::words).collect::<Vec<_>>().join("\n");
        // Writing to a string cannot fail.
        let _ = writeln!(self.out, "<pre><code>{}</code></pre>", escaped(&lines));
        self.figures(&behind);
    }

    fn table(&mut self, rows: &[ArticleBlock], has_header: bool) {
        let is_header = |row: &ArticleBlock| matches!(row.role, Role::Row { is_header: true, .. });
        let headers = if has_header { rows.iter().take_while(|row| is_header(row)).count() } else { 0 };
        let shown: Vec<Vec<String>> =
            rows.iter().map(|row| cells(row).iter().map(|cell| inline(cell)).collect()).collect();
        let columns = shown.iter().map(Vec::len).max().unwrap_or(0);
        self.out.push_str("<table>\n");
        for (group, cell, rows) in [("thead", "th", &shown[..headers]), ("tbody", "td", &shown[headers..])] {
            if rows.is_empty() {
                continue;
            }
            // Writing to a string cannot fail.
            let _ = writeln!(self.out, "<{group}>");
            for row in rows {
                let cells = (0..columns).map(|at| row.get(at).map_or("", String::as_str));
                let cells: String = cells.map(|content| format!("<{cell}>{content}</{cell}>")).collect();
                self.element("tr", &cells);
            }
            let _ = writeln!(self.out, "</{group}>");
        }
        self.out.push_str("</table>\n");
    }

    fn item(&mut self, depth: u8, number: Option<u32>, content: &str) {
        let step = self.lists.take(depth, number);
        self.end_lists(step.closed);
        match (step.goes_on, number) {
            (Some(Level { number: latest, .. }), Some(number)) => {
                self.out.push_str("</li>\n<li");
                if latest.and_then(|latest| latest.checked_add(1)) != Some(number) {
                    self.attribute("value", &number.to_string());
                }
            }
            (Some(_), None) => self.out.push_str("</li>\n<li"),
            (None, Some(number)) => {
                self.begin_list("<ol");
                if number != 1 {
                    self.attribute("start", &number.to_string());
                }
                self.out.push_str(">\n<li");
            }
            (None, None) => {
                self.begin_list("<ul");
                self.out.push_str(">\n<li");
            }
        }
        // Writing to a string cannot fail.
        let _ = write!(self.out, ">{content}");
    }

    fn begin_list(&mut self, tag: &str) {
        if !self.ordered.is_empty() {
            self.out.push('\n');
        }
        self.out.push_str(tag);
        self.ordered.push(tag == "<ol");
    }

    /// Ends the innermost lists; the item around them stays open.
    fn end_lists(&mut self, count: usize) {
        for _ in 0..count {
            let tag = if self.ordered.pop() == Some(true) { "ol" } else { "ul" };
            // Writing to a string cannot fail.
            let _ = writeln!(self.out, "</li>\n</{tag}>");
        }
    }

    fn close_lists(&mut self) {
        let open = self.lists.close();
        self.end_lists(open);
    }
}

fn heading_index(level: u8) -> usize {
    usize::from(level.clamp(1, 6)) - 1
}

fn inline(pieces: &[Piece<'_>]) -> String {
    let piece = |piece: &Piece<'_>| match piece {
        Piece::Text(text) => escaped(text),
        Piece::Link(text, url) => format!("<a href=\"{}\">{}</a>", escaped(url.as_str()), escaped(text)),
        Piece::Image(image) => image_of(image),
    };
    pieces.iter().map(piece).collect()
}

fn image_of(image: &Image) -> String {
    format!("<img src=\"{}\" alt=\"{}\">", escaped(image.url.as_str()), escaped(&clean(&image.alt)))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
