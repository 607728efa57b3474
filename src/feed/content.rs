//! Content that a feed carries in full.

use super::text::{entity, tag};

/// Bytes of HTML that are kept of one entry. An article of 40,000 words has as many; what is longer is left out, for half
/// an article is none.
const MAX_BYTES: usize = 256 * 1024;

/// Characters of visible text below which something is a summary: 200 words or so. Teasers have some 50, and what a
/// feed cuts by itself is seldom cut after more than 100 (the default of the most common blog software is 55 words).
const MIN_CHARS: usize = 1000;

/// How a text ends that goes on elsewhere, lower case.
const CUT_ENDS: &[&str] = &["…", "...", "[…]", "[...]", "(…)", "(...)", "»"];

/// Words in the last characters of a text that goes on elsewhere, lower case; phrases that stand on links of feeds.
const CUT_WORDS: &[&str] = &[
    "continue reading",
    "keep reading",
    "read more",
    "read the full",
    "read the rest",
    "view the full",
    "weiterlesen",
    "zum artikel",
    "lire la suite",
    "lire l'article",
    "leer más",
    "seguir leyendo",
    "continua a leggere",
    "leggi tutto",
    "lees verder",
    "czytaj dalej",
    "leia mais",
    "continue lendo",
    "читать дальше",
    "читати далі",
];

/// Characters at the end in which those words count.
const END_CHARS: usize = 60;

/// The content, where it is one and not a summary: the feed's own content first, else a description as long as an
/// article.
pub(super) fn in_full(content: Option<String>, summary: Option<String>) -> Option<String> {
    [content, summary].into_iter().flatten().find(|html| is_whole(html))
}

fn is_whole(html: &str) -> bool {
    if html.len() > MAX_BYTES {
        return false;
    }
    let text = visible(html);
    let end = text.chars().count();
    if end < MIN_CHARS {
        return false;
    }
    let last: String = text.chars().skip(end - END_CHARS).collect::<String>().to_lowercase();
    let last = last.trim_end();
    !CUT_ENDS.iter().any(|mark| last.ends_with(mark)) && !CUT_WORDS.iter().any(|words| last.contains(words))
}

/// The text of HTML with single spaces; scripts and styles, of which feeds have none to speak of, count as text.
fn visible(html: &str) -> String {
    let mut out = String::new();
    // Behind the last `>` no tag is looked for: each look would go to the end.
    let (mut rest, behind) = html.split_at(html.rfind('>').map_or(0, |at| at + 1));
    while let Some(at) = rest.find(['<', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (read, text) = if rest.starts_with('<') { tag(rest) } else { entity(rest) };
        out.push_str(if text.is_empty() { " " } else { &text });
        rest = &rest[read..];
    }
    out.push_str(rest);
    out.push_str(&super::text::plain(behind));
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// HTML of plain text: paragraphs are what blank lines part.
pub(super) fn of_text(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace("\r\n", "\n");
    escaped.split("\n\n").map(|paragraph| format!("<p>{}</p>", paragraph.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_are_told_from_contents() {
        let article = format!("<p>{}</p>", "The ferry sailed again. ".repeat(60));
        let with = |end: &str| Some(format!("{article}{end}"));
        assert!(in_full(with(""), None).is_some());
        assert_eq!(in_full(Some("<p>Short.</p>".into()), with("")), with(""));
        for cut in
            ["<p>It went on [&#8230;]</p>", "<a href='/x'>Read more</a>", "and so on...", "<b>Lire la suite</b> "]
        {
            assert_eq!(in_full(with(cut), None), None, "{cut}");
        }
        assert_eq!(in_full(None, Some("<p>Short.</p>".repeat(10))), None);
        assert_eq!(in_full(Some(article.repeat(1000)), None), None, "too long to be kept");
        assert_eq!(in_full(Some(format!("<p title='{}'>Little text</p>", "x".repeat(5000))), None), None);
    }

    #[test]
    fn plain_text_becomes_paragraphs() {
        assert_eq!(of_text("a < b\r\n\r\nc & d"), "<p>a &lt; b</p><p>c &amp; d</p>");
    }

    #[test]
    fn text_of_nothing_but_beginnings_takes_no_time() {
        let started = std::time::Instant::now();
        for beginning in ["&", "<a", "<"] {
            is_whole(&beginning.repeat(MAX_BYTES / beginning.len()));
        }
        assert!(started.elapsed() < std::time::Duration::from_secs(2), "{:?}", started.elapsed());
    }
}
