//! What stands in the head (13.2.6.4.4 to .6), and the same elsewhere.

use super::super::Tag;
use super::insertion::Content;
use super::modes::{Builder, Flow, Mode};
use super::open::Open;
use super::tokens::{Name, StartTag, Token};
use super::{Guess, Stop};

impl Builder<'_> {
    pub(super) fn head_start(&mut self, tag: &StartTag) -> Result<Flow, Stop> {
        match tag.name.tag() {
            Tag::Noscript => {
                self.open_for(tag)?;
                self.mode = Mode::InHeadNoscript;
            }
            Tag::Head => {}
            _ if self.metadata_start(tag)? => {}
            _ => {
                self.leave_head();
                return Ok(Flow::Again);
            }
        }
        Ok(Flow::Done)
    }

    pub(super) fn head_noscript_start(&mut self, tag: &StartTag) -> Result<Flow, Stop> {
        use Tag::{Basefont, Bgsound, Head, Link, Meta, Noframes, Noscript, Style};
        match tag.name.tag() {
            Basefont | Bgsound | Link | Meta | Noframes | Style => _ = self.metadata_start(tag)?,
            Head | Noscript => {}
            _ => {
                self.leave_head_noscript();
                return Ok(Flow::Again);
            }
        }
        Ok(Flow::Done)
    }

    pub(super) fn after_head_start(&mut self, tag: &StartTag) -> Result<Flow, Stop> {
        match tag.name.tag() {
            Tag::Body => self.enter_body(tag.attributes.clone())?,
            Tag::Frameset => return Err(Guess::Frameset.into()),
            Tag::Head => {}
            _ if is_metadata(tag.name) => {
                let name = Name::of(Tag::Head);
                let open = self.head.map(|node| Open { node, name, traits: self.tokens.traits(name) });
                open.into_iter().for_each(|open| self.stack.push(open));
                self.metadata_start(tag)?;
                self.head.into_iter().for_each(|head| self.stack.remove_node(head));
            }
            _ => {
                self.enter_body(0..0)?;
                return Ok(Flow::Again);
            }
        }
        Ok(Flow::Done)
    }

    /// Deals with what may stand in the head wherever it stands (13.2.6.4.4); whether it was that.
    pub(super) fn metadata_start(&mut self, tag: &StartTag) -> Result<bool, Stop> {
        match tag.name.tag() {
            Tag::Base | Tag::Basefont | Tag::Bgsound | Tag::Link | Tag::Meta => _ = self.insert_for(tag)?,
            Tag::Title => self.insert_raw(tag, Content::Decoded)?,
            Tag::Noframes | Tag::Style => self.insert_raw(tag, Content::Nothing)?,
            Tag::Script => {
                let source = self.tokens.source(tag.source.clone()).to_ascii_lowercase();
                let is_data = source.contains("ld+json");
                self.insert_raw(tag, if is_data { Content::AsItStands } else { Content::Nothing })?;
            }
            Tag::Template => {
                self.insert_for(tag)?;
                self.pass_template()?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Nothing in a template is seen, so it need not be built.
    fn pass_template(&mut self) -> Result<(), Stop> {
        let first = self.tokens.attributes.len();
        let (mut depth, mut has_foreign) = (1, false);
        while depth > 0 {
            match self.tokens.next(false)? {
                Token::Start(tag) => match tag.name.tag() {
                    // It may be foreign as well, and end with what it stands in.
                    Tag::Template if has_foreign => return Err(Guess::Template.into()),
                    Tag::Template => depth += 1,
                    Tag::Svg | Tag::Math => has_foreign = true,
                    Tag::Title if has_foreign => {}
                    Tag::Applet | Tag::Caption | Tag::Marquee | Tag::Object | Tag::Td | Tag::Th => {
                        return Err(Guess::Template.into());
                    }
                    raw @ (Tag::Script | Tag::Style | Tag::Textarea | Tag::Title | Tag::Iframe | Tag::Xmp) => {
                        self.tokens.raw(raw)?;
                    }
                    _ => {}
                },
                Token::End(name) if name == Name::of(Tag::Template) => depth -= 1,
                Token::EndOfSource => break,
                Token::End(_) | Token::Text(_) | Token::Doctype(_) => {}
            }
            self.tokens.attributes.truncate(first);
        }
        Ok(())
    }
}

fn is_metadata(name: Name) -> bool {
    use Tag::{Base, Basefont, Bgsound, Link, Meta, Noframes, Script, Style, Template, Title};
    let tag = name.tag();
    matches!(tag, Base | Basefont | Bgsound | Link | Meta | Noframes | Script | Style | Template | Title)
}
