//! What stands in the body (13.2.6.4.7).

use super::super::Tag;
use super::formatting::Entry;
use super::modes::{Builder, Flow, Mode};
use super::tokens::{Name, StartTag};
use super::traits::{BUTTON_SCOPE, HEADING, LIST_SCOPE, SCOPE, SPECIAL};
use super::{Guess, Stop};

impl Builder<'_> {
    pub(super) fn body_start(&mut self, tag: &StartTag) -> Result<(), Stop> {
        use Tag::*;
        match tag.name.tag() {
            Address | Article | Aside | Blockquote | Center | Details | Dialog | Dir | Div | Dl | Fieldset
            | Figcaption | Figure | Footer | Header | Hgroup | Main | Menu | Nav | Ol | P | Search | Section
            | Summary | Ul => {
                self.close_paragraph();
                self.open_for(tag)?;
            }
            A => {
                self.close_link()?;
                self.open_formatting(tag)?;
            }
            B | Big | Code | Em | Font | I | S | Small | Strike | Strong | Tt | U => self.open_formatting(tag)?,
            Li | Dd | Dt => self.item_start(tag)?,
            H1 | H2 | H3 | H4 | H5 | H6 => {
                self.close_paragraph();
                if self.stack.current_has(HEADING) {
                    self.stack.pop();
                }
                self.open_for(tag)?;
            }
            Pre | Listing => {
                self.close_paragraph();
                self.open_for(tag)?;
                self.skips_line_end = true;
            }
            Form if self.form.is_none() => {
                self.close_paragraph();
                self.form = Some(self.open_for(tag)?);
            }
            Button => {
                if self.stack.has(Button, SCOPE) {
                    self.stack.pop_implied();
                    self.stack.pop_through(tag.name);
                }
                self.open_inline(tag)?;
            }
            Nobr => {
                self.reopen_formatting()?;
                if self.stack.has(Nobr, SCOPE) {
                    self.close_formatting(tag.name)?;
                }
                self.open_formatting(tag)?;
            }
            Applet | Marquee | Object => {
                self.open_inline(tag)?;
                self.formatting.push(Entry::Marker);
            }
            Table => {
                if self.table_ends_paragraph()? {
                    self.close_paragraph();
                }
                self.open_for(tag)?;
                self.mode = Mode::InTable;
            }
            Hr => {
                self.close_paragraph();
                if self.stack.has(Select, SCOPE) {
                    self.stack.pop_implied();
                }
                self.insert_for(tag)?;
            }
            Param | Source | Track => _ = self.insert_for(tag)?,
            Input | Select | Option | Optgroup | Textarea => self.field_start(tag)?,
            Xmp => {
                self.close_paragraph();
                self.reopen_formatting()?;
                self.insert_verbatim(tag)?;
            }
            Iframe | Noembed => self.insert_empty(tag)?,
            Area | Br | Embed | Img | Keygen | Wbr | Image => {
                self.reopen_formatting()?;
                let name = if tag.name == Name::of(Image) { Name::of(Img) } else { tag.name };
                self.insert(name, tag.attributes.clone())?;
            }
            Rb | Rtc | Rp | Rt => {
                if self.stack.has(Ruby, SCOPE) {
                    let but = if matches!(tag.name.tag(), Rp | Rt) { Rtc } else { Ruby };
                    self.stack.pop_implied_but(Name::of(but));
                }
                self.open_for(tag)?;
            }
            Svg | Math => {
                self.reopen_formatting()?;
                self.enter_foreign(tag, true)?;
            }
            Html => self.add_attributes(0, tag),
            Body => {
                if self.stack.get(1).is_some_and(|open| open.name == tag.name) {
                    self.add_attributes(1, tag);
                }
            }
            Frameset => return Err(Guess::Frameset.into()),
            Plaintext => return Err(Guess::Plaintext.into()),
            Form | Caption | Col | Colgroup | Frame | Head | Tbody | Td | Tfoot | Th | Thead | Tr => {}
            _ if self.metadata_start(tag)? => {}
            _ => self.open_inline(tag)?,
        }
        Ok(())
    }

    /// Opens an element with the formatting that goes on in it.
    fn open_inline(&mut self, tag: &StartTag) -> Result<(), Stop> {
        self.reopen_formatting()?;
        self.open_for(tag)?;
        Ok(())
    }

    /// An item ends the one before it.
    fn item_start(&mut self, tag: &StartTag) -> Result<(), Stop> {
        let is_item = |name: Name| match tag.name.tag() {
            Tag::Li => name == Name::of(Tag::Li),
            _ => name == Name::of(Tag::Dd) || name == Name::of(Tag::Dt),
        };
        let is_passed = |name: Name| [Tag::Address, Tag::Div, Tag::P].into_iter().any(|tag| name == Name::of(tag));
        let ends = |name: Name, traits: u16| is_item(name) || traits & SPECIAL != 0 && !is_passed(name);
        let found = self.stack.nearest_first().find(|open| ends(open.name, open.traits)).map(|open| open.name);
        if let Some(name) = found.filter(|name| is_item(*name)) {
            self.stack.pop_implied_but(name);
            self.stack.pop_through(name);
        }
        self.close_paragraph();
        self.open_for(tag)?;
        Ok(())
    }

    /// Fields of forms.
    fn field_start(&mut self, tag: &StartTag) -> Result<(), Stop> {
        let is_in_select = self.stack.has(Tag::Select, SCOPE);
        match tag.name.tag() {
            Tag::Textarea => return self.insert_empty(tag),
            Tag::Input | Tag::Select if is_in_select => self.stack.pop_through(Name::of(Tag::Select)),
            Tag::Option if is_in_select => self.stack.pop_implied_but(Name::of(Tag::Optgroup)),
            Tag::Optgroup if is_in_select => self.stack.pop_implied(),
            Tag::Option | Tag::Optgroup if self.stack.is_current(Tag::Option) => _ = self.stack.pop(),
            _ => {}
        }
        match tag.name.tag() {
            Tag::Input => {
                self.reopen_formatting()?;
                self.insert_for(tag)?;
            }
            Tag::Select if is_in_select => {}
            _ => self.open_inline(tag)?,
        }
        Ok(())
    }

    pub(super) fn body_end(&mut self, name: Name) -> Result<Flow, Stop> {
        use Tag::*;
        match name.tag() {
            Address | Article | Aside | Blockquote | Button | Center | Details | Dialog | Dir | Div | Dl | Fieldset
            | Figcaption | Figure | Footer | Header | Hgroup | Listing | Main | Menu | Nav | Ol | Pre | Search
            | Section | Select | Summary | Ul => _ = self.close_in_scope(name),
            A | B | Big | Code | Em | Font | I | Nobr | S | Small | Strike | Strong | Tt | U => {
                self.close_formatting(name)?;
            }
            P => {
                if !self.stack.has(P, BUTTON_SCOPE) {
                    self.open(name, 0..0)?;
                }
                self.close_paragraph();
            }
            Li if self.stack.has(Li, LIST_SCOPE) => self.close_item(name),
            Dd | Dt if self.stack.has_in_scope(name) => self.close_item(name),
            H1 | H2 | H3 | H4 | H5 | H6 => {
                if self.stack.has_within(SCOPE, |open| open.traits & HEADING != 0) {
                    self.stack.pop_implied();
                    self.stack.pop_through_trait(HEADING);
                }
            }
            Body | Html => {
                if self.stack.has(Body, SCOPE) {
                    self.mode = Mode::AfterBody;
                    return Ok(if name == Name::of(Html) { Flow::Again } else { Flow::Done });
                }
            }
            Form => self.close_form(),
            Applet | Marquee | Object => {
                if self.close_in_scope(name) {
                    self.forget_formatting();
                }
            }
            Br => {
                self.reopen_formatting()?;
                self.insert(name, 0..0)?;
            }
            Template | Li | Dd | Dt => {}
            _ => self.close_other(name),
        }
        Ok(Flow::Done)
    }

    /// Closes an element and what is open in it, if it is in scope; whether it was.
    fn close_in_scope(&mut self, name: Name) -> bool {
        let is_open = self.stack.has_in_scope(name);
        if is_open {
            self.stack.pop_implied();
            self.stack.pop_through(name);
        }
        is_open
    }

    fn close_item(&mut self, name: Name) {
        self.stack.pop_implied_but(name);
        self.stack.pop_through(name);
    }

    fn close_form(&mut self) {
        let Some(form) = self.form.take() else { return };
        if self.stack.has_within(SCOPE, |open| open.node == form) {
            self.stack.pop_implied();
            self.stack.remove_node(form);
        }
    }

    /// Closes an element that has no rules of its own, unless a special one is open in it.
    pub(super) fn close_other(&mut self, name: Name) {
        let found = self.stack.nearest_first().position(|open| open.name == name || open.traits & SPECIAL != 0);
        let Some(at) = found.map(|above| self.stack.len() - 1 - above) else { return };
        if self.stack.get(at).is_some_and(|open| open.name == name) {
            self.stack.pop_implied_but(name);
            self.stack.truncate(at);
        }
    }
}
