//! Articles that stand in no markup.
//!
//! Pages that a script builds in the browser carry their text as data: in the calls of a framework's
//! stream (Next.js), in a state object (Nuxt, Arc, Apollo), in JSON-LD, in an attribute (Discourse,
//! Inertia). Nothing here knows a framework. All strings of the page's data are read, those that are
//! prose or markup with prose are gathered by the key they stand under, and the key with most words
//! is laid out as a page of its own, which then goes the way of all pages.

use super::dom;
use super::measure::{Measure, measure};
use memchr::{memchr, memchr2, memmem};
use std::collections::{BTreeMap, HashSet};

/// Fewest words, and sentences, of an article in data.
const LEAST_WORDS: f32 = 60.0;
const LEAST_SENTENCES: u32 = 3;

/// Fewest bytes of a string that is looked at, and words of one that is a paragraph without markup.
const LEAST_BYTES: usize = 40;
const PARAGRAPH_WORDS: f32 = 8.0;

/// Longest name of a key; a longer string before a `:` is text, and would be copied for each string after it.
const KEY_BYTES: usize = 64;

/// How often strings are looked for within strings: data is often JSON within JSON.
const NESTING: u8 = 2;

/// A page with the same head whose body is the article that stands in this page's data.
pub(super) fn page_of(html: &str) -> Option<String> {
    let mut texts = Texts::default();
    for (number, script) in dom::script_texts(html).into_iter().enumerate() {
        texts.read(script, &format!("{number}:"), NESTING);
    }
    for value in json_attributes(html) {
        texts.read(&value, "", NESTING);
    }
    let article = texts.longest()?;
    let head = memmem::find(html.as_bytes(), b"</head>").or_else(|| memmem::find(html.as_bytes(), b"<body"));
    Some(format!("{}</head><body><article>{article}</article></body></html>", &html[..head.unwrap_or(0)]))
}

/// Strings by the key they stand under.
#[derive(Debug, Default)]
struct Texts {
    by_key: BTreeMap<String, Texted>,
}

#[derive(Debug, Default)]
struct Texted {
    markup: String,
    words: f32,
    sentences: u32,
    /// The strings in it, none of which is taken twice.
    strings: HashSet<String>,
}

impl Texts {
    /// Reads the double-quoted strings of a script. `key` is that of strings without one.
    fn read(&mut self, data: &str, key: &str, nesting: u8) {
        let mut key = key.to_owned();
        let mut at = 0;
        while let Some(offset) = memchr(b'"', &data.as_bytes()[at..]) {
            let open = at + offset;
            let Some(close) = closing_quote(data.as_bytes(), open + 1) else { return };
            at = close + 1;
            if data[at..].trim_start().starts_with(':') {
                let name = &data[open + 1..close];
                if name.len() <= KEY_BYTES { name } else { "" }.clone_into(&mut key);
            } else if close - open >= LEAST_BYTES {
                // A script is not JSON: what cannot be read as a JSON string is some code's.
                let Ok(text) = serde_json::from_str::<String>(&data[open..=close]) else { continue };
                if nesting > 0 && text.contains("\":") {
                    self.read(&text, &key, nesting - 1);
                } else {
                    self.add(&key, text);
                }
            }
        }
    }

    fn add(&mut self, key: &str, text: String) {
        let Some((markup, Measure { words, sentences, .. })) = as_markup(&text) else { return };
        let texted = self.by_key.entry(key.to_owned()).or_default();
        if texted.strings.insert(text) {
            texted.markup.push_str(&markup);
            texted.words += words;
            texted.sentences += sentences;
        }
    }

    fn longest(self) -> Option<String> {
        let is_article = |texted: &Texted| texted.words >= LEAST_WORDS && texted.sentences >= LEAST_SENTENCES;
        let candidates = self.by_key.into_values().filter(is_article);
        candidates.max_by(|a, b| a.words.total_cmp(&b.words)).map(|texted| texted.markup)
    }
}

/// A string as markup, if it is a text, with the measure of what a reader sees of it.
fn as_markup(text: &str) -> Option<(String, Measure)> {
    if ["</p>", "</div>", "<br"].iter().any(|tag| text.contains(tag)) {
        return Some((format!("<div>{text}</div>"), measure(&without_tags(text))));
    }
    let measured = measure(text);
    if measured.sentences == 0 || measured.words < PARAGRAPH_WORDS {
        return None;
    }
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    let paragraphs = escaped.split('\n').map(str::trim).filter(|line| !line.is_empty());
    Some((paragraphs.map(|line| format!("<p>{line}</p>")).collect(), measured))
}

/// What stands outside of tags.
fn without_tags(markup: &str) -> String {
    let outside = |part: &str| part.split_once('>').map_or(" ", |(_, text)| text).to_owned();
    let mut parts = markup.split('<');
    let first = parts.next().unwrap_or_default().to_owned();
    first + &parts.map(outside).collect::<String>()
}

/// Where a string that starts at `start` is closed.
fn closing_quote(data: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        let here = at + memchr2(b'"', b'\\', data.get(at..)?)?;
        if data[here] == b'"' {
            return Some(here);
        }
        at = here + 2;
    }
}

/// The values of attributes that hold a JSON object or list, entities decoded.
fn json_attributes(html: &str) -> impl Iterator<Item = String> {
    ["=\"{&quot;", "=\"[{&quot;"].into_iter().flat_map(|start| html.match_indices(start)).map(|(at, _)| {
        let value = &html[at + 2..];
        let value = value.split('"').next().unwrap_or(value);
        ENTITIES.iter().fold(value.to_owned(), |value, (entity, text)| value.replace(entity, text))
    })
}

/// What is escaped in attributes; `&amp;` last, since it escapes the others.
const ENTITIES: [(&str, &str); 6] =
    [("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&#39;", "'"), ("&#x27;", "'"), ("&amp;", "&")];

#[cfg(test)]
mod tests {
    use super::*;

    /// Five sentences of twenty words.
    fn story() -> String {
        "The harbour office counted every crate that the two ferries brought over from the island in the first week. "
            .repeat(5)
    }

    fn body(html: &str) -> Option<String> {
        let page = page_of(html)?;
        Some(page[page.find("<article>")? + 9..page.find("</article>")?].to_owned())
    }

    #[test]
    fn reads_markup_in_the_calls_of_a_stream() {
        let story = story();
        let call = serde_json::to_string(&format!("<p>{story}</p><p>{story}</p>")).unwrap().replace('<', "\\u003c");
        let html = format!("<head><title>T</title></head><body><script>self.push([1,{call}])</script></body>");
        assert_eq!(body(&html).unwrap(), format!("<div><p>{story}</p><p>{story}</p></div>"));
        assert!(page_of(&html).unwrap().starts_with("<head><title>T</title></head><body>"));
    }

    #[test]
    fn takes_the_key_with_most_words_and_says_nothing_twice() {
        let story = story();
        let teaser = "Six cranes were sold to a yard in the north, the harbour said on Monday.";
        let state = format!(
            r#"window.state = {{"items":[{{"basic":"{teaser}","content":"{story}"}},{{"content":"{story}"}},{{"content":"{teaser}"}}]}}"#
        );
        let html = format!("<script>{state}</script>");
        assert_eq!(body(&html).unwrap(), format!("<p>{}</p><p>{teaser}</p>", story.trim()));
    }

    #[test]
    fn reads_json_in_json_in_an_attribute() {
        let posts = format!(r#"{{"posts":[{{"cooked":"<p>{}</p>"}}]}}"#, story());
        let value = serde_json::json!({ "topic_1": posts }).to_string();
        let value = value.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
        let html = format!(r#"<div id="app" data-page="{value}"></div>"#);
        assert_eq!(body(&html).unwrap(), format!("<div><p>{}</p></div>", story()));
    }

    #[test]
    fn a_key_of_megabytes_is_not_copied_for_each_string() {
        let (name, sentence) = ("k".repeat(4 << 20), "The harbour office counted every crate that came over, again.");
        let strings: Vec<String> = (0..50_000).map(|number| format!("\"{number} {sentence}\"")).collect();
        let html = format!("<script>x={{\"{name}\":[{}]}}</script>", strings.join(","));
        // Copied for each, the name alone would be 200 GB.
        assert_eq!(body(&html).unwrap().matches("<p>").count(), 50_000);
    }

    #[test]
    fn code_and_short_texts_are_no_article() {
        for script in [
            r#"var a = "a long string of code that says nothing to a reader", b = 'it"s';"#,
            r#"{"description":"One sentence about a harbour that is far too short to be the whole of an article."}"#,
            r#"{"a":"unclosed"#,
            "\"\\",
        ] {
            assert_eq!(page_of(&format!("<script>{script}</script>")), None, "{script}");
        }
    }
}
