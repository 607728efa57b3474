//! Tags and text, as the tokenizer of the standard tells them apart (13.2.5).

use super::super::build::ParseError;
use super::super::prune::{comment_end, raw_text_end};
use super::super::{Attr, Attribute, Tag, Values, Wording};
use super::references::{Around, decode_into};
use super::seen::Seen;
use super::traits::{self, FOREIGN, HOLDS_HTML, HOLDS_TEXT};
use super::{Guess, Stop};
use crate::extract::fnv::FastMap;
use memchr::{memchr, memchr2};
use std::ops::Range;

/// An element's name: a tag, or the place of a custom name among those of the page; and of which language it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name(u32);

const SVG_BIT: u32 = 1 << 31;
const MATH_BIT: u32 = 1 << 30;

impl Name {
    pub(super) fn of(tag: Tag) -> Self {
        Self(tag as u32)
    }

    fn of_custom(place: u32) -> Self {
        Self(Tag::Custom as u32 | place << 8)
    }

    pub(super) fn tag(self) -> Tag {
        Tag::ALL[(self.0 & 0xff) as usize]
    }

    pub(super) fn custom(self) -> u32 {
        (self.0 & !(SVG_BIT | MATH_BIT)) >> 8
    }

    /// The same name in the language of `svg`.
    pub(super) fn of_svg(self) -> Self {
        Self(self.0 | SVG_BIT)
    }

    /// The same name in the language of `other`.
    pub(super) fn beside(self, other: Self) -> Self {
        Self(self.0 | other.0 & (SVG_BIT | MATH_BIT))
    }

    /// The same name in the language of `math`.
    pub(super) fn of_math(self) -> Self {
        Self(self.0 | MATH_BIT)
    }

    /// Whether it is not of HTML.
    pub(super) fn is_foreign(self) -> bool {
        self.0 & (SVG_BIT | MATH_BIT) != 0
    }
}

#[derive(Debug)]
pub(super) struct StartTag {
    pub(super) name: Name,
    pub(super) attributes: Range<u32>,
    pub(super) is_self_closing: bool,
    /// Where it stands in the source.
    pub(super) source: Range<usize>,
}

#[derive(Debug)]
pub(super) enum Token {
    Start(StartTag),
    End(Name),
    /// Never empty.
    Text(Range<u32>),
    /// Its name and all behind it, as they stand.
    Doctype(Range<usize>),
    EndOfSource,
}

/// The source being read, and what was read of it.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    source: &'a str,
    at: usize,
    /// Whether lines may end in a carriage return.
    has_returns: bool,
    pub(super) wording: Wording<'a>,
    pub(super) attributes: Vec<Attribute>,
    pub(super) names: Vec<Box<str>>,
    places: FastMap<Box<str>, u32>,
    pub(super) values: Values,
    seen: Seen,
}

/// Most bytes of a page, so that all that is decoded of it can be numbered too.
const MAX_BYTES: usize = u32::MAX as usize / 8;

/// Most custom names, as [`Name`] has room for.
const MAX_NAMES: usize = 1 << 22;

impl<'a> Tokens<'a> {
    /// # Errors
    /// What is left to the conforming parser.
    pub(super) fn new(source: &'a str) -> Result<Self, Guess> {
        if source.len() > MAX_BYTES {
            return Err(Guess::Size);
        }
        let first_odd = memchr2(0, b'\r', source.as_bytes());
        if first_odd.is_some_and(|odd| memchr(0, &source.as_bytes()[odd..]).is_some()) {
            return Err(Guess::Nul);
        }
        Ok(Self {
            source,
            at: if source.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 },
            has_returns: first_odd.is_some(),
            wording: Wording::new(source),
            attributes: Vec::with_capacity(source.len() / 64 + 8),
            names: Vec::new(),
            places: FastMap::default(),
            values: Values::new(),
            seen: Seen::new(),
        })
    }

    /// The next tag or text. `is_foreign`: whether it stands outside of HTML.
    ///
    /// # Errors
    /// A tag with too many attributes.
    pub(super) fn next(&mut self, is_foreign: bool) -> Result<Token, Stop> {
        let bytes = self.source.as_bytes();
        loop {
            let (end, has_reference) = self.text_end();
            if end > self.at {
                let text = self.at..end;
                self.at = end;
                return Ok(Token::Text(self.decoded_if(has_reference, text, Around::Text)));
            }
            match bytes.get(self.at + 1) {
                None => return Ok(Token::EndOfSource),
                Some(b'/') if !bytes[self.at + 2].is_ascii_alphabetic() => self.pass(b'>'),
                Some(b'/') => {
                    if let Some(name) = self.end_tag()? {
                        return Ok(Token::End(name));
                    }
                }
                Some(b'!') => {
                    if let Some(token) = self.declaration(is_foreign) {
                        return Ok(token);
                    }
                }
                Some(b'?') => self.pass(b'>'),
                Some(_) => {
                    if let Some(tag) = self.start_tag()? {
                        return Ok(Token::Start(tag));
                    }
                }
            }
        }
    }

    /// Where the text that begins here ends: at a sign that opens a tag, a comment or the like, or with the source; and
    /// whether an `&` is in it.
    fn text_end(&self) -> (usize, bool) {
        let bytes = self.source.as_bytes();
        let (mut from, mut has_reference) = (self.at, false);
        loop {
            let rest = &bytes[from..];
            let next = if has_reference { memchr(b'<', rest) } else { memchr2(b'<', b'&', rest) };
            let Some(open) = next.map(|offset| from + offset) else { return (bytes.len(), has_reference) };
            let opens = match (bytes[open], bytes.get(open + 1)) {
                (b'&', _) => {
                    has_reference = true;
                    false
                }
                (_, Some(b'/')) => open + 2 < bytes.len(),
                (_, Some(byte)) => byte.is_ascii_alphabetic() || matches!(byte, b'!' | b'?'),
                (_, None) => false,
            };
            if opens {
                return (open, has_reference);
            }
            from = open + 1;
        }
    }

    /// Goes behind the next such byte.
    fn pass(&mut self, byte: u8) {
        let rest = &self.source.as_bytes()[self.at..];
        self.at = memchr(byte, rest).map_or(self.source.len(), |offset| self.at + offset + 1);
    }

    /// What begins with `<!`: a doctype, or text that is none elsewhere (CDATA); comments are passed.
    fn declaration(&mut self, is_foreign: bool) -> Option<Token> {
        let bytes = self.source.as_bytes();
        let rest = &bytes[self.at..];
        if rest.starts_with(b"<!--") {
            self.at = comment_end(bytes, self.at);
            return None;
        }
        if is_foreign && rest.starts_with(b"<![CDATA[") {
            let inner = self.at + 9;
            let length = memchr::memmem::find(&bytes[inner..], b"]]>");
            self.at = length.map_or(bytes.len(), |length| inner + length + 3);
            return None;
        }
        let start = self.at + 2;
        self.pass(b'>');
        let is_doctype = rest.len() >= 9 && rest[2..9].eq_ignore_ascii_case(b"doctype");
        let end = if bytes[..self.at].ends_with(b">") { self.at - 1 } else { self.at };
        is_doctype.then(|| Token::Doctype(start + 7..end.max(start + 7)))
    }

    /// `None` where the source ends in it.
    fn end_tag(&mut self) -> Result<Option<Name>, Stop> {
        let first = self.attributes.len();
        let name = self.name(self.at + 2)?;
        let is_whole = self.rest_of_tag()?.is_some();
        self.attributes.truncate(first);
        Ok(is_whole.then_some(name))
    }

    /// `None` where the source ends in it.
    fn start_tag(&mut self) -> Result<Option<StartTag>, Stop> {
        let start = self.at;
        let first = self.attributes.len() as u32;
        let name = self.name(self.at + 1)?;
        let Some(is_self_closing) = self.rest_of_tag()? else { return Ok(None) };
        let attributes = first..self.attributes.len() as u32;
        Ok(Some(StartTag { name, attributes, is_self_closing, source: start..self.at }))
    }

    /// Reads the name that begins at `start`.
    fn name(&mut self, start: usize) -> Result<Name, Guess> {
        let bytes = self.source.as_bytes();
        let (end, has_capitals) = name_end(bytes, start, ENDS_NAME);
        self.at = end;
        let mut name = &bytes[start..end];
        let mut lower = [0; 16];
        if let (true, Some(short)) = (has_capitals, lower.get_mut(..name.len())) {
            short.copy_from_slice(name);
            short.make_ascii_lowercase();
            name = short;
        }
        let tag = Tag::from_bytes(name);
        if tag == Tag::Custom { self.custom(start..end) } else { Ok(Name::of(tag)) }
    }

    fn custom(&mut self, name: Range<usize>) -> Result<Name, Guess> {
        let name = self.source[name].to_ascii_lowercase();
        if let Some(place) = self.places.get(name.as_str()) {
            return Ok(Name::of_custom(*place));
        }
        if self.names.len() == MAX_NAMES {
            return Err(Guess::Size);
        }
        let place = self.names.len() as u32;
        self.names.push(name.as_str().into());
        self.places.insert(name.into(), place);
        Ok(Name::of_custom(place))
    }

    /// Reads attributes up to the end of the tag, and whether that closes the element; `None` where the source ends
    /// before.
    fn rest_of_tag(&mut self) -> Result<Option<bool>, Stop> {
        let bytes = self.source.as_bytes();
        // Most tags have no attributes.
        if bytes.get(self.at) == Some(&b'>') {
            self.at += 1;
            return Ok(Some(false));
        }
        let first = self.attributes.len();
        self.seen.begin();
        loop {
            let start = position_past(bytes, self.at, SPACE | SLASH);
            let Some(byte) = bytes.get(start) else {
                self.at = bytes.len();
                self.attributes.truncate(first);
                return Ok(None);
            };
            if *byte == b'>' {
                let is_self_closing = start > self.at && bytes[start - 1] == b'/';
                self.at = start + 1;
                return Ok(Some(is_self_closing));
            }
            // A `=` at the very start belongs to the name.
            let is_capital = byte.is_ascii_uppercase();
            let (end, has_capitals) = name_end(bytes, start + 1, ENDS_NAME | EQUALS);
            self.at = end;
            // Mostly a `=` follows at once.
            let equals = if bytes.get(end) == Some(&b'=') { end } else { position_past(bytes, end, SPACE) };
            let has_value = bytes.get(equals) == Some(&b'=');
            let (value, has_reference) = if has_value { self.value(equals + 1) } else { (start..start, false) };
            if let Some((attr, name)) = self.new_name(start..end, is_capital || has_capitals)? {
                let value = self.decoded_if(has_reference, value, Around::Attribute);
                self.attributes.push(Attribute::new(attr, name, value, &self.wording, &mut self.values));
            }
        }
    }

    /// Passes the value that begins at `start` or behind white space there; whether an `&` is in it.
    fn value(&mut self, start: usize) -> (Range<usize>, bool) {
        let bytes = self.source.as_bytes();
        let is_quote = |byte: &u8| matches!(byte, b'"' | b'\'');
        let start = if bytes.get(start).is_some_and(is_quote) { start } else { position_past(bytes, start, SPACE) };
        let Some(quote @ (b'"' | b'\'')) = bytes.get(start) else {
            self.at = position(bytes, start, SPACE | CLOSE);
            return (start..self.at, memchr(b'&', &bytes[start..self.at]).is_some());
        };
        let start = start + 1;
        let rest = &bytes[start..];
        let first = memchr2(*quote, b'&', rest);
        let has_reference = first.is_some_and(|first| rest[first] == b'&');
        let end = if has_reference { memchr(*quote, rest) } else { first };
        let end = end.map_or(bytes.len(), |offset| start + offset);
        self.at = (end + 1).min(bytes.len());
        (start..end, has_reference)
    }

    /// The name of an attribute in lower case, unless the tag has one of that name.
    fn new_name(&mut self, name: Range<usize>, has_capitals: bool) -> Result<Option<(Attr, Range<u32>)>, ParseError> {
        let name = if has_capitals { self.wording.push(&self.source[name].to_ascii_lowercase()) } else { narrow(name) };
        let said = |range: &Range<u32>| self.wording.get(range).as_bytes();
        let has_name = |at: u32| said(&self.attributes[at as usize].name) == said(&name);
        let attr = Attr::from_bytes(said(&name));
        let is_new = match attr {
            Attr::Other => self.seen.note(said(&name), self.attributes.len() as u32, has_name)?,
            known => self.seen.note_known(known)?,
        };
        Ok(is_new.then_some((attr, name)))
    }

    /// A range of the source with references and ends of lines replaced: itself where there are none.
    pub(super) fn decoded(&mut self, range: Range<usize>, around: Around) -> Range<u32> {
        let bytes = &self.source.as_bytes()[range.clone()];
        let has_reference = around != Around::Nothing && memchr(b'&', bytes).is_some();
        self.decoded_if(has_reference, range, around)
    }

    /// As [`Self::decoded`], where it is known whether there is an `&`.
    fn decoded_if(&mut self, has_reference: bool, range: Range<usize>, around: Around) -> Range<u32> {
        let has_return = || self.has_returns && memchr(b'\r', &self.source.as_bytes()[range.clone()]).is_some();
        if !has_reference && !has_return() {
            return narrow(range);
        }
        let from = self.wording.len();
        decode_into(&mut self.wording.more, &self.source[range], around);
        self.wording.since(from)
    }

    /// Passes the content of an element that is no markup, and its end tag; gives the content's place.
    pub(super) fn raw(&mut self, tag: Tag) -> Result<Range<usize>, Stop> {
        let bytes = self.source.as_bytes();
        let start = self.at;
        let end = raw_text_end(bytes, start, tag.name().as_bytes());
        self.at = end;
        if end < bytes.len() {
            self.end_tag()?;
        }
        Ok(start..end)
    }

    /// A part of the source as it stands.
    pub(super) fn source(&self, range: Range<usize>) -> &'a str {
        &self.source[range]
    }

    /// What holds of an element of this name.
    pub(super) fn traits(&self, name: Name) -> u16 {
        if !name.is_foreign() {
            return traits::of(name.tag());
        }
        let custom = if name.tag() == Tag::Custom { &*self.names[name.custom() as usize] } else { name.tag().name() };
        match (name.0 & MATH_BIT, custom) {
            (0, "title" | "foreignobject" | "desc") => FOREIGN | HOLDS_HTML | traits::SCOPE,
            (MATH_BIT, "mi" | "mo" | "mn" | "ms" | "mtext") => FOREIGN | HOLDS_TEXT | traits::SCOPE,
            _ => FOREIGN,
        }
    }
}

fn narrow(range: Range<usize>) -> Range<u32> {
    range.start as u32..range.end as u32
}

const SPACE: u8 = 1;
const SLASH: u8 = 2;
const CLOSE: u8 = 4;
const EQUALS: u8 = 8;
const CAPITAL: u8 = 16;
const ENDS_NAME: u8 = SPACE | SLASH | CLOSE;

static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0_u8;
    loop {
        if byte.is_ascii_whitespace() {
            classes[byte as usize] = SPACE;
        }
        if byte.is_ascii_uppercase() {
            classes[byte as usize] = CAPITAL;
        }
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    classes[b'/' as usize] = SLASH;
    classes[b'>' as usize] = CLOSE;
    classes[b'=' as usize] = EQUALS;
    classes
};

/// Where a name ends that begins at `start`, by the classes of bytes that end it; and whether it has capital letters.
fn name_end(bytes: &[u8], start: usize, ends: u8) -> (usize, bool) {
    let (mut at, mut seen) = (start, 0);
    while let Some(byte) = bytes.get(at) {
        let class = CLASSES[usize::from(*byte)];
        if class & ends != 0 {
            break;
        }
        seen |= class;
        at += 1;
    }
    (at, seen & CAPITAL != 0)
}

/// The first place from `start` whose byte is of one of these classes, else the end.
fn position(bytes: &[u8], start: usize, classes: u8) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    rest.iter().position(|byte| CLASSES[usize::from(*byte)] & classes != 0).map_or(bytes.len(), |offset| start + offset)
}

/// The first place from `start` whose byte is of none of these classes, else the end.
fn position_past(bytes: &[u8], start: usize, classes: u8) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    rest.iter().position(|byte| CLASSES[usize::from(*byte)] & classes == 0).map_or(bytes.len(), |offset| start + offset)
}
