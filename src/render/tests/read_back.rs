//! Markdown as a parser of CommonMark reads it, for the tests here and for `eval/round_trip.rs`.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// What stands in Markdown, block by block: a word for what it is, and its text.
pub(crate) fn read_back(markdown: &str) -> Vec<(String, String)> {
    let mut reader = Reader::default();
    Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS)
        .for_each(|event| reader.take(event));
    reader.end();
    reader.blocks
}

#[derive(Default)]
struct Reader {
    blocks: Vec<(String, String)>,
    open: Option<(String, String)>,
    lists: Vec<Option<u64>>,
    quotes: usize,
    in_emphasis: bool,
}

impl Reader {
    fn end(&mut self) {
        self.blocks.extend(self.open.take().filter(|(kind, text)| kind != "paragraph" || !text.is_empty()));
    }

    fn begin(&mut self, kind: impl Into<String>) {
        self.end();
        self.open = Some((kind.into(), String::new()));
    }

    fn text(&mut self, text: &str) {
        if let Some((_, all)) = &mut self.open {
            all.push_str(text);
        }
    }

    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => self.begin(format!("heading {}", level as usize)),
            Event::Start(Tag::Paragraph) if self.quotes > 0 => self.begin("quote"),
            // Of an item in a list with gaps.
            Event::Start(Tag::Paragraph) if self.open.as_ref().is_some_and(|(kind, _)| kind.starts_with("item")) => {}
            Event::Start(Tag::Paragraph) => self.begin("paragraph"),
            Event::Start(Tag::CodeBlock(_)) => self.begin("code"),
            Event::Start(Tag::BlockQuote(_)) => self.quotes += 1,
            Event::End(TagEnd::BlockQuote(_)) => self.quotes -= 1,
            Event::Start(Tag::List(first)) => self.lists.push(first),
            Event::End(TagEnd::List(_)) => {
                self.lists.pop();
            }
            Event::Start(Tag::Item) => {
                let depth = self.lists.len();
                let number = self.lists.last_mut().and_then(|list| list.as_mut());
                let kind = match number {
                    Some(number) => {
                        *number += 1;
                        format!("item {depth} {}", *number - 1)
                    }
                    None => format!("item {depth}"),
                };
                self.begin(kind);
            }
            Event::Start(Tag::TableHead | Tag::TableRow) => self.begin("row"),
            Event::Start(Tag::TableCell) => self.text("\t"),
            Event::Start(Tag::Emphasis) => {
                self.in_emphasis = true;
                if let Some((kind, _)) = &mut self.open {
                    "caption".clone_into(kind);
                }
            }
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::Table(_)) => {}
            Event::Start(other) => panic!("{other:?} was never written"),
            Event::Text(text) => self.text(&text),
            Event::End(TagEnd::Item) => self.end(),
            Event::End(_) => {}
            other => panic!("{other:?} was never written"),
        }
    }
}
