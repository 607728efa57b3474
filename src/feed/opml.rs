//! Lists of feeds as other readers write and read them: OPML 2.0 (opml.org/spec2.opml).
//!
//! Of the format there is little that anybody uses: `outline` elements with `xmlUrl` are feeds, those without are folders
//! around them. So the types are our own.

use super::parse::absolute;
use super::text::plain;
use super::xml::attribute;
use crate::key::Key;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Error, Reader};
use std::collections::HashSet;
use std::fmt::Write as _;
use url::Url;

/// A feed of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Where it stands; http or https.
    pub url: Url,
    /// What it is called.
    pub title: Option<String>,
}

/// A list of feeds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opml {
    /// In the list's order, out of all folders, each URL once.
    pub feeds: Vec<Outline>,
    /// Lines of outlines whose `xmlUrl` is no http or https URL.
    pub unusable: Vec<usize>,
}

/// A text that is no list of feeds. Every message begins with the line, from 1.
#[derive(Debug, thiserror::Error)]
pub enum OpmlError {
    /// Not well-formed.
    #[error("line {line}: {cause}; export the list anew, or repair it there")]
    Xml {
        /// Where.
        line: usize,
        /// What the parser said.
        #[source]
        cause: Error,
    },
    /// Cut off.
    #[error("line {line}: the list ends before its `</opml>`; export it anew")]
    Cut {
        /// The last.
        line: usize,
    },
    /// Another kind of file.
    #[error("line {line}: `<{found}>` where `<opml>` should be; is it a list of feeds?")]
    Root {
        /// Where.
        line: usize,
        /// The first element.
        found: String,
    },
    /// No element at all.
    #[error("line 1: no XML; is it a list of feeds?")]
    Empty,
}

/// Reads a list.
///
/// # Errors
/// Text that is no OPML or not well-formed.
pub fn read_opml(text: &str) -> Result<Opml, OpmlError> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = Reader::from_str(text);
    // Addresses with a bare `&` are as common as feeds themselves.
    reader.config_mut().allow_dangling_amp = true;
    let line = |position: u64| {
        1 + text.bytes().take(usize::try_from(position).unwrap_or(usize::MAX)).filter(|byte| *byte == b'\n').count()
    };
    let (mut list, mut seen, mut depth, mut is_opml) = (Opml::default(), HashSet::new(), 0_usize, false);
    loop {
        let at = reader.buffer_position();
        let event = reader.read_event();
        let (tag, is_open) = match event {
            Ok(Event::Start(tag)) => (tag, true),
            Ok(Event::Empty(tag)) => (tag, false),
            Ok(Event::End(_)) => {
                depth -= 1;
                continue;
            }
            Ok(Event::Eof) if depth > 0 => return Err(OpmlError::Cut { line: line(u64::MAX) }),
            Ok(Event::Eof) if !is_opml => return Err(OpmlError::Empty),
            Ok(Event::Eof) => return Ok(list),
            Ok(_) => continue,
            Err(cause) => return Err(OpmlError::Xml { line: line(reader.error_position()), cause }),
        };
        if !is_opml {
            let found = tag.local_name().as_ref().to_owned();
            if !found.eq_ignore_ascii_case("opml") {
                return Err(OpmlError::Root { line: line(at), found: plain(&found) });
            }
            is_opml = true;
        }
        depth += usize::from(is_open);
        match outline(&tag) {
            Some(Some(feed)) => list.feeds.extend(seen.insert(Key::of(&feed.url)).then_some(feed)),
            Some(None) => list.unusable.push(line(at)),
            None => {}
        }
    }
}

/// The feed of an outline, `None` where its address is none; nothing for folders and other elements.
fn outline(tag: &BytesStart<'_>) -> Option<Option<Outline>> {
    if !tag.local_name().as_ref().eq_ignore_ascii_case("outline") {
        return None;
    }
    let address = attribute(tag, "xmlUrl")?;
    let named = ["title", "text"].into_iter().find_map(|name| attribute(tag, name).filter(|it| !it.trim().is_empty()));
    let title = named.map(|name| plain(&name)).filter(|title| !title.is_empty() && *title != address);
    Some(absolute(&address, None).map(|url| Outline { url, title }))
}

/// Writes a list.
pub fn write_opml(feeds: &[Outline]) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n  <head>\n    <title>Feeds of Gleaner</title>\n  \
         </head>\n  <body>\n",
    );
    for Outline { url, title } in feeds {
        let (title, url) = (escaped(title.as_deref().unwrap_or(url.as_str())), escaped(url.as_str()));
        // Writing to a string cannot fail.
        let _ = writeln!(out, "    <outline type=\"rss\" text=\"{title}\" title=\"{title}\" xmlUrl=\"{url}\"/>");
    }
    out.push_str("  </body>\n</opml>\n");
    out
}

fn escaped(text: &str) -> String {
    let visible: String = text.chars().filter(|c| !c.is_control()).collect();
    visible.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn feeds_are_found_in_all_folders_each_once() {
        let list = read_opml(
            "\u{feff}<?xml version='1.0'?>\n<opml version='1.1'><head><title>Mine</title></head><body>\n\
             <outline text='News'><outline text='World'>\n\
             <outline type='rss' text='The Quay &amp; more' xmlUrl='https://a.example/f?a=1&b=2' htmlUrl='https://a.example/'/>\n\
             </outline><outline TEXT='Again' XMLURL='https://A.example/f?a=1&amp;b=2'></outline></outline>\n\
             <outline text='https://b.example/f' xmlUrl='https://b.example/f'/>\n\
             <outline text='Mail' xmlUrl='mailto:x@a.example'/></body></opml>",
        )
        .unwrap();
        let found: Vec<_> = list.feeds.iter().map(|feed| (feed.url.as_str(), feed.title.as_deref())).collect();
        assert_eq!(found, [("https://a.example/f?a=1&b=2", Some("The Quay & more")), ("https://b.example/f", None)]);
        assert_eq!(list.unusable, [7]);
    }

    #[test]
    fn what_is_no_list_is_named_with_its_line() {
        for (text, start) in [
            ("", "line 1: no XML"),
            ("just words", "line 1: no XML"),
            ("<?xml version='1.0'?>\n<rss/>", "line 2: `<rss>`"),
            ("<opml>\n<body>\n<outline xmlUrl='https://a.example/'>\n</body>\n</opml>", "line 4: "),
            ("<opml>\n<body>\n<outline text='x", "line 3: "),
            ("<opml>\n<body>\n", "line 3: the list ends"),
            ("</opml>", "line 1: "),
        ] {
            let told = read_opml(text).unwrap_err().to_string();
            assert!(told.starts_with(start), "{text:?}: {told}");
        }
    }

    proptest! {
        #[test]
        fn list_that_was_written_is_read_as_it_was(titles in proptest::collection::vec("[a-z]([ -~é]{0,20}[a-z])?", 0..5)) {
            let feeds: Vec<Outline> = titles.iter().enumerate().map(|(at, title)| Outline {
                url: Url::parse(&format!("https://a.example/{at}?x=1&y=%22")).unwrap(),
                title: Some(plain(title)).filter(|title| !title.is_empty()),
            }).collect();
            let again = read_opml(&write_opml(&feeds)).unwrap();
            prop_assert_eq!(again.feeds.len(), feeds.len());
            prop_assert_eq!(write_opml(&again.feeds), write_opml(&feeds));
        }

        #[test]
        fn random_text_never_panics(text in "\\PC{0,200}", cut in 0_usize..200) {
            let _ = read_opml(&text);
            let list = write_opml(&[Outline { url: Url::parse("https://a.example/").unwrap(), title: Some("é".into()) }]);
            let _ = read_opml(super::super::text::beginning(&list, cut));
            let _ = read_opml(&format!("<opml>{text}</opml></opml>"));
        }
    }
}
