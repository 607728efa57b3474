//! `svg` and `math`, and HTML in them (13.2.6.5). Nobody reads what they hold, but where they end counts.

use super::super::Tag;
use super::modes::{Builder, Flow};
use super::open::Open;
use super::tokens::{Name, StartTag};
use super::traits::{FOREIGN, HOLDS_HTML, HOLDS_TEXT};
use super::{Guess, Stop};
use std::ops::Range;

impl Builder<'_> {
    fn current_traits(&self) -> u16 {
        self.stack.current().map_or(0, |open| open.traits)
    }

    /// Whether a text is not told by the rules of HTML.
    pub(super) fn is_foreign_for_text(&self) -> bool {
        let traits = self.current_traits();
        traits & FOREIGN != 0 && traits & (HOLDS_HTML | HOLDS_TEXT) == 0
    }

    /// Whether a start tag is not told by the rules of HTML.
    pub(super) fn is_foreign_for_start(&self, tag: &StartTag) -> bool {
        let traits = self.current_traits();
        let is_of_math = || {
            let name = self.tokens.names.get(tag.name.custom() as usize);
            tag.name.tag() == Tag::Custom && name.is_some_and(|name| matches!(&**name, "mglyph" | "malignmark"))
        };
        traits & FOREIGN != 0 && traits & HOLDS_HTML == 0 && (traits & HOLDS_TEXT == 0 || is_of_math())
    }

    /// Whether an end tag is not told by the rules of HTML.
    pub(super) fn is_foreign_for_end(&self) -> bool {
        self.current_traits() & FOREIGN != 0
    }

    /// `svg` or `math` itself, or, where it is not the outermost, what stands in it.
    pub(super) fn enter_foreign(&mut self, tag: &StartTag, is_outermost: bool) -> Result<(), Stop> {
        let around = self.stack.current().map(|open| open.name).filter(|name| name.is_foreign());
        let name = match (tag.name.tag(), around) {
            (_, Some(around)) if !is_outermost => tag.name.beside(around),
            (Tag::Math, _) => tag.name.of_math(),
            _ => tag.name.of_svg(),
        };
        if tag.is_self_closing {
            self.insert(name, 0..0)?;
        } else {
            self.open(name, 0..0)?;
        }
        Ok(())
    }

    /// A start tag in foreign content; given back where it ends that and is to be told by the rules of HTML.
    pub(super) fn foreign_start(&mut self, tag: StartTag) -> Result<Option<StartTag>, Stop> {
        if self.breaks_out(&tag) {
            self.leave_foreign();
            return Ok(Some(tag));
        }
        if tag.name.tag() == Tag::Custom && &*self.tokens.names[tag.name.custom() as usize] == "annotation-xml" {
            return Err(Guess::Annotation.into());
        }
        // Nobody sees these, so their attributes need not be kept.
        self.tokens.attributes.truncate(tag.attributes.start as usize);
        let tag = StartTag { attributes: 0..0, ..tag };
        self.enter_foreign(&tag, false)?;
        // The standard reads them as markup here; nobody writes them so, and a script that is cut short is none.
        use Tag::{Iframe, Noembed, Noframes, Script, Style, Textarea};
        let raw = tag.name.tag();
        if !tag.is_self_closing && matches!(raw, Iframe | Noembed | Noframes | Script | Style | Textarea) {
            self.tokens.raw(raw)?;
            self.stack.pop();
        }
        Ok(None)
    }

    fn leave_foreign(&mut self) {
        while self
            .stack
            .current()
            .is_some_and(|it| it.traits & FOREIGN != 0 && it.traits & (HOLDS_HTML | HOLDS_TEXT) == 0)
        {
            self.stack.pop();
        }
    }

    /// Whether a start tag is that of an element of HTML that nobody meant to be foreign.
    fn breaks_out(&self, tag: &StartTag) -> bool {
        use Tag::*;
        let said = |range: &Range<u32>| self.tokens.wording.get(range);
        match tag.name.tag() {
            B | Big | Blockquote | Body | Br | Center | Code | Dd | Div | Dl | Dt | Em | Embed | H1 | H2 | H3 | H4
            | H5 | H6 | Head | Hr | I | Img | Li | Listing | Menu | Meta | Nobr | Ol | P | Pre | Ruby | S | Small
            | Span | Strong | Strike | Sub | Sup | Table | Tt | U | Ul | Var => true,
            Font => {
                let listed = &self.tokens.attributes[tag.attributes.start as usize..tag.attributes.end as usize];
                listed.iter().any(|attribute| matches!(said(&attribute.name), "color" | "face" | "size"))
            }
            _ => false,
        }
    }

    /// An end tag in foreign content; [`Flow::Again`] where it is to be told by the rules of HTML.
    pub(super) fn foreign_end(&mut self, name: Name) -> Result<Flow, Stop> {
        if matches!(name.tag(), Tag::P | Tag::Br) {
            self.leave_foreign();
            return Ok(Flow::Again);
        }
        let is_end = |open: &Open| !open.name.is_foreign() || open.name == name.beside(open.name);
        let Some(above) = self.stack.nearest_first().position(is_end) else { return Ok(Flow::Done) };
        let at = self.stack.len() - 1 - above;
        if self.stack.get(at).is_some_and(|open| !open.name.is_foreign()) {
            return Ok(Flow::Again);
        }
        self.stack.truncate(at);
        Ok(Flow::Done)
    }
}
