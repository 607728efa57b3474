//! The insertion modes (13.2.6.4): what becomes of a tag or a text by what is open.

use super::super::{Document, Tag};
use super::formatting::Entry;
use super::open::{Open, Stack};
use super::tokens::{Name, StartTag, Token, Tokens};
use super::traits::BUTTON_SCOPE;
use super::tree::{Place, ROOT, Tree};
use super::{Guess, Stop};
use std::ops::Range;

/// Where in the page the builder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Initial,
    BeforeHtml,
    BeforeHead,
    InHead,
    InHeadNoscript,
    AfterHead,
    InBody,
    InTable,
    InCaption,
    InColumnGroup,
    InTableBody,
    InRow,
    InCell,
    AfterBody,
    AfterAfterBody,
}

/// Whether a tag has been dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Done,
    /// Not yet: the mode has changed.
    Again,
}

/// Whether the page is of the kind that browsers read by old rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quirks {
    Yes,
    No,
    Unknown,
}

pub(super) struct Builder<'a> {
    pub(super) tokens: Tokens<'a>,
    pub(super) tree: Tree,
    pub(super) stack: Stack,
    pub(super) formatting: Vec<Entry>,
    pub(super) mode: Mode,
    pub(super) head: Option<u32>,
    pub(super) form: Option<u32>,
    /// Whether what would stand in a table goes before it.
    pub(super) is_fostering: bool,
    quirks: Quirks,
    /// Whether a line end that comes next is none.
    pub(super) skips_line_end: bool,
    /// How many bytes of text may still be copied to join it with other text.
    pub(super) joins_left: usize,
}

impl<'a> Builder<'a> {
    /// # Errors
    /// What is left to the conforming parser.
    pub(super) fn new(html: &'a str) -> Result<Self, Guess> {
        Ok(Self {
            tokens: Tokens::new(html)?,
            tree: Tree::new(html.len()),
            stack: Stack::new(),
            formatting: Vec::new(),
            mode: Mode::Initial,
            head: None,
            form: None,
            is_fostering: false,
            quirks: Quirks::Unknown,
            skips_line_end: false,
            joins_left: html.len(),
        })
    }

    /// Reads the whole page.
    ///
    /// # Errors
    /// As [`super::parse`].
    pub(super) fn build(mut self) -> Result<Self, Stop> {
        loop {
            let is_foreign = self.stack.current().is_some_and(|open| open.name.is_foreign());
            let token = self.tokens.next(is_foreign)?;
            let skips_line_end = std::mem::take(&mut self.skips_line_end);
            match token {
                Token::Start(tag) => self.start(tag)?,
                Token::End(name) => self.end(name)?,
                Token::Text(text) => self.text(if skips_line_end { self.behind_line_end(text) } else { text })?,
                Token::Doctype(declared) => self.doctype(declared),
                Token::EndOfSource => break,
            }
        }
        self.begin_body()?;
        Ok(self)
    }

    pub(super) fn finish(self) -> Document<'a> {
        let Tokens { wording, attributes, names, values, .. } = self.tokens;
        let nodes = self.tree.flattened();
        let (custom_names, values) = (names, values.len());
        Document { nodes, wording, attributes, custom_names, values, ..Document::default() }.with_tags()
    }

    /// Brings a page that ends before its body to it.
    fn begin_body(&mut self) -> Result<(), Stop> {
        if matches!(self.mode, Mode::Initial | Mode::BeforeHtml) {
            self.begin_html(0..0)?;
        }
        if self.mode == Mode::BeforeHead {
            self.begin_head(0..0)?;
        }
        if self.mode == Mode::InHeadNoscript {
            self.leave_head_noscript();
        }
        if self.mode == Mode::InHead {
            self.leave_head();
        }
        if self.mode == Mode::AfterHead {
            self.enter_body(0..0)?;
        }
        Ok(())
    }

    fn behind_line_end(&self, text: Range<u32>) -> Range<u32> {
        let has_end = self.tokens.wording.get(&text).starts_with('\n');
        text.start + u32::from(has_end)..text.end
    }

    fn doctype(&mut self, declared: Range<usize>) {
        if self.mode != Mode::Initial {
            return;
        }
        self.mode = Mode::BeforeHtml;
        let declared =
            self.tokens.source(declared).trim_matches(|c: char| c.is_ascii_whitespace()).to_ascii_lowercase();
        self.quirks = match declared.as_str() {
            "html" => Quirks::No,
            _ if declared.contains("\"-//w3c//dtd xhtml 1.") && declared.starts_with("html public") => Quirks::No,
            _ => Quirks::Unknown,
        };
    }

    /// Begins the page without a doctype.
    fn leave_initial(&mut self) {
        self.quirks = Quirks::Yes;
        self.mode = Mode::BeforeHtml;
    }

    fn begin_html(&mut self, attributes: Range<u32>) -> Result<(), Stop> {
        let name = Name::of(Tag::Html);
        let node = self.tree.element(name, attributes)?;
        self.tree.insert(node, Place::at_end_of(ROOT))?;
        self.stack.push(Open { node, name, traits: self.tokens.traits(name) });
        self.mode = Mode::BeforeHead;
        Ok(())
    }

    fn begin_head(&mut self, attributes: Range<u32>) -> Result<(), Stop> {
        self.head = Some(self.open(Name::of(Tag::Head), attributes)?);
        self.mode = Mode::InHead;
        Ok(())
    }

    pub(super) fn leave_head(&mut self) {
        self.stack.pop();
        self.mode = Mode::AfterHead;
    }

    pub(super) fn leave_head_noscript(&mut self) {
        self.stack.pop();
        self.mode = Mode::InHead;
    }

    pub(super) fn enter_body(&mut self, attributes: Range<u32>) -> Result<(), Stop> {
        self.open(Name::of(Tag::Body), attributes)?;
        self.mode = Mode::InBody;
        Ok(())
    }

    /// A start tag, wherever it stands.
    fn start(&mut self, tag: StartTag) -> Result<(), Stop> {
        let tag = if self.is_foreign_for_start(&tag) {
            match self.foreign_start(tag)? {
                Some(tag) => tag,
                None => return Ok(()),
            }
        } else {
            tag
        };
        while self.start_in_mode(&tag)? == Flow::Again {}
        Ok(())
    }

    fn start_in_mode(&mut self, tag: &StartTag) -> Result<Flow, Stop> {
        match self.mode {
            Mode::InBody => self.body_start(tag)?,
            Mode::Initial => {
                self.leave_initial();
                return Ok(Flow::Again);
            }
            Mode::BeforeHtml if tag.name == Name::of(Tag::Html) => self.begin_html(tag.attributes.clone())?,
            Mode::BeforeHtml => {
                self.begin_html(0..0)?;
                return Ok(Flow::Again);
            }
            _ if tag.name == Name::of(Tag::Html) && !self.is_in_table() => self.add_attributes(0, tag),
            Mode::BeforeHead if tag.name == Name::of(Tag::Head) => self.begin_head(tag.attributes.clone())?,
            Mode::BeforeHead => {
                self.begin_head(0..0)?;
                return Ok(Flow::Again);
            }
            Mode::InHead => return self.head_start(tag),
            Mode::InHeadNoscript => return self.head_noscript_start(tag),
            Mode::AfterHead => return self.after_head_start(tag),
            Mode::AfterBody | Mode::AfterAfterBody => {
                self.mode = Mode::InBody;
                return Ok(Flow::Again);
            }
            _ => return self.table_start(tag),
        }
        Ok(Flow::Done)
    }

    fn is_in_table(&self) -> bool {
        matches!(self.mode, Mode::InTable | Mode::InCaption | Mode::InTableBody | Mode::InRow | Mode::InCell)
    }

    /// An end tag, wherever it stands.
    fn end(&mut self, name: Name) -> Result<(), Stop> {
        if self.is_foreign_for_end() && self.foreign_end(name)? == Flow::Done {
            return Ok(());
        }
        while self.end_in_mode(name)? == Flow::Again {}
        Ok(())
    }

    fn end_in_mode(&mut self, name: Name) -> Result<Flow, Stop> {
        let tag = name.tag();
        let begins_body = matches!(tag, Tag::Body | Tag::Html | Tag::Br);
        match self.mode {
            Mode::InBody => return self.body_end(name),
            Mode::Initial => self.leave_initial(),
            Mode::BeforeHtml if begins_body || tag == Tag::Head => self.begin_html(0..0)?,
            Mode::BeforeHead if begins_body || tag == Tag::Head => self.begin_head(0..0)?,
            Mode::InHead if begins_body => self.leave_head(),
            Mode::InHeadNoscript if tag == Tag::Br => self.leave_head_noscript(),
            Mode::AfterHead if begins_body => self.enter_body(0..0)?,
            Mode::AfterBody if tag == Tag::Html => {
                self.mode = Mode::AfterAfterBody;
                return Ok(Flow::Done);
            }
            Mode::AfterBody | Mode::AfterAfterBody => self.mode = Mode::InBody,
            Mode::InHead if tag == Tag::Head => {
                self.leave_head();
                return Ok(Flow::Done);
            }
            Mode::InHeadNoscript if tag == Tag::Noscript => {
                self.leave_head_noscript();
                return Ok(Flow::Done);
            }
            Mode::BeforeHtml | Mode::BeforeHead | Mode::InHead | Mode::InHeadNoscript | Mode::AfterHead => {
                return Ok(Flow::Done);
            }
            _ => return self.table_end(name),
        }
        Ok(Flow::Again)
    }

    /// A text, wherever it stands.
    fn text(&mut self, mut text: Range<u32>) -> Result<(), Stop> {
        while !text.is_empty() {
            if self.is_foreign_for_text() {
                self.append_text(text);
                return Ok(());
            }
            let blank = self.blank_start(&text);
            let rest = blank.end..text.end;
            match self.mode {
                Mode::InBody | Mode::InCaption | Mode::InCell => return self.body_text(text),
                Mode::InTable | Mode::InTableBody | Mode::InRow => return self.table_text(text),
                Mode::InHead | Mode::InHeadNoscript | Mode::AfterHead | Mode::InColumnGroup => self.append_text(blank),
                Mode::AfterBody | Mode::AfterAfterBody if !blank.is_empty() => self.body_text(blank)?,
                _ => {}
            }
            if rest.is_empty() {
                return Ok(());
            }
            text = rest;
            match self.mode {
                Mode::Initial => self.leave_initial(),
                Mode::BeforeHtml => self.begin_html(0..0)?,
                Mode::BeforeHead => self.begin_head(0..0)?,
                Mode::InHead => self.leave_head(),
                Mode::InHeadNoscript => self.leave_head_noscript(),
                Mode::AfterHead => self.enter_body(0..0)?,
                Mode::AfterBody | Mode::AfterAfterBody => self.mode = Mode::InBody,
                _ => {}
            }
            if self.mode == Mode::InColumnGroup && !self.leave_column_group() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The white space that a text begins with.
    fn blank_start(&self, text: &Range<u32>) -> Range<u32> {
        let bytes = self.tokens.wording.get(text).as_bytes();
        let length = bytes.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(bytes.len());
        text.start..text.start + length as u32
    }

    pub(super) fn is_blank(&self, text: &Range<u32>) -> bool {
        self.blank_start(text).end == text.end
    }

    pub(super) fn body_text(&mut self, text: Range<u32>) -> Result<(), Stop> {
        self.reopen_formatting()?;
        self.append_text(text);
        Ok(())
    }

    /// Ends a paragraph that is open (13.2.6.4.7, "close a p element").
    pub(super) fn close_paragraph(&mut self) {
        if self.stack.has(Tag::P, BUTTON_SCOPE) {
            self.stack.pop_implied_but(Name::of(Tag::P));
            self.stack.pop_through(Name::of(Tag::P));
        }
    }

    /// Whether a table ends a paragraph on this page.
    ///
    /// # Errors
    /// Where only the conforming parser knows.
    pub(super) fn table_ends_paragraph(&self) -> Result<bool, Guess> {
        match self.quirks {
            Quirks::Yes => Ok(false),
            Quirks::No => Ok(true),
            Quirks::Unknown if self.stack.has(Tag::P, BUTTON_SCOPE) => Err(Guess::Doctype),
            Quirks::Unknown => Ok(true),
        }
    }

    /// The mode that what is open asks for (13.2.4.1).
    pub(super) fn mode_of_stack(&self) -> Mode {
        let html = self.stack.len().saturating_sub(1);
        for (above, open) in self.stack.nearest_first().enumerate() {
            if open.name.is_foreign() {
                continue;
            }
            return match open.name.tag() {
                Tag::Td | Tag::Th if above < html => Mode::InCell,
                Tag::Tr => Mode::InRow,
                Tag::Tbody | Tag::Thead | Tag::Tfoot => Mode::InTableBody,
                Tag::Caption => Mode::InCaption,
                Tag::Colgroup => Mode::InColumnGroup,
                Tag::Table => Mode::InTable,
                Tag::Head if above < html => Mode::InHead,
                Tag::Body => Mode::InBody,
                Tag::Html if self.head.is_none() => Mode::BeforeHead,
                Tag::Html => Mode::AfterHead,
                _ => continue,
            };
        }
        Mode::InBody
    }
}
