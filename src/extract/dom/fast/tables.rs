//! What stands in tables, and what stands there wrongly (13.2.6.4.9 to .15).

use super::super::Tag;
use super::Stop;
use super::formatting::Entry;
use super::modes::{Builder, Flow, Mode};
use super::tokens::{Name, StartTag};
use super::traits::{BODY_CONTEXT, CELL, FOSTERS, ROW_CONTEXT, TABLE_SCOPE};
use std::ops::Range;

impl Builder<'_> {
    pub(super) fn table_start(&mut self, tag: &StartTag) -> Result<Flow, Stop> {
        match self.mode {
            Mode::InCaption => self.caption_start(tag),
            Mode::InColumnGroup => self.column_start(tag),
            Mode::InTableBody => self.table_body_start(tag),
            Mode::InRow => self.row_start(tag),
            Mode::InCell => self.cell_start(tag),
            _ => self.bare_table_start(tag),
        }
    }

    fn bare_table_start(&mut self, tag: &StartTag) -> Result<Flow, Stop> {
        use Tag::*;
        match tag.name.tag() {
            Caption => {
                self.stack.pop_to(TABLE_SCOPE);
                self.formatting.push(Entry::Marker);
                self.open_for(tag)?;
                self.mode = Mode::InCaption;
            }
            Colgroup => {
                self.stack.pop_to(TABLE_SCOPE);
                self.open_for(tag)?;
                self.mode = Mode::InColumnGroup;
            }
            Col => {
                self.stack.pop_to(TABLE_SCOPE);
                self.open(Name::of(Colgroup), 0..0)?;
                self.mode = Mode::InColumnGroup;
                return Ok(Flow::Again);
            }
            Tbody | Tfoot | Thead => {
                self.stack.pop_to(TABLE_SCOPE);
                self.open_for(tag)?;
                self.mode = Mode::InTableBody;
            }
            Td | Th | Tr => {
                self.stack.pop_to(TABLE_SCOPE);
                self.open(Name::of(Tbody), 0..0)?;
                self.mode = Mode::InTableBody;
                return Ok(Flow::Again);
            }
            Table if self.stack.has(Table, TABLE_SCOPE) => {
                self.close_table();
                return Ok(Flow::Again);
            }
            Table => {}
            Style | Script | Template => _ = self.metadata_start(tag)?,
            Input if self.is_hidden(tag) => _ = self.insert_for(tag)?,
            Form => {
                if self.form.is_none() {
                    self.form = Some(self.insert_for(tag)?);
                }
            }
            _ => self.foster(|builder| builder.body_start(tag))?,
        }
        Ok(Flow::Done)
    }

    fn close_table(&mut self) {
        self.stack.pop_through(Name::of(Tag::Table));
        self.mode = self.mode_of_stack();
    }

    /// Puts what does not belong into a table before it.
    fn foster<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, Stop>) -> Result<T, Stop> {
        self.is_fostering = true;
        let done = work(self);
        self.is_fostering = false;
        done
    }

    fn is_hidden(&self, tag: &StartTag) -> bool {
        let tokens = &self.tokens;
        let said = |range: &Range<u32>| tokens.wording.get(range);
        let listed = &tokens.attributes[tag.attributes.start as usize..tag.attributes.end as usize];
        listed.iter().any(|it| said(&it.name) == "type" && said(&it.value).eq_ignore_ascii_case("hidden"))
    }

    fn caption_start(&mut self, tag: &StartTag) -> Result<Flow, Stop> {
        if !is_part(tag.name.tag()) {
            self.body_start(tag)?;
            return Ok(Flow::Done);
        }
        Ok(self.close_caption())
    }

    fn close_caption(&mut self) -> Flow {
        if !self.stack.has(Tag::Caption, TABLE_SCOPE) {
            return Flow::Done;
        }
        self.stack.pop_implied();
        self.stack.pop_through(Name::of(Tag::Caption));
        self.forget_formatting();
        self.mode = Mode::InTable;
        Flow::Again
    }

    fn column_start(&mut self, tag: &StartTag) -> Result<Flow, Stop> {
        match tag.name.tag() {
            Tag::Col => _ = self.insert_for(tag)?,
            Tag::Template => _ = self.metadata_start(tag)?,
            _ if self.leave_column_group() => return Ok(Flow::Again),
            _ => {}
        }
        Ok(Flow::Done)
    }

    /// Ends a group of columns; whether there was one.
    pub(super) fn leave_column_group(&mut self) -> bool {
        let is_group = self.stack.is_current(Tag::Colgroup);
        if is_group {
            self.stack.pop();
            self.mode = Mode::InTable;
        }
        is_group
    }

    fn table_body_start(&mut self, tag: &StartTag) -> Result<Flow, Stop> {
        use Tag::*;
        match tag.name.tag() {
            Tr => {
                self.stack.pop_to(BODY_CONTEXT);
                self.open_for(tag)?;
                self.mode = Mode::InRow;
                Ok(Flow::Done)
            }
            Th | Td => {
                self.stack.pop_to(BODY_CONTEXT);
                self.open(Name::of(Tr), 0..0)?;
                self.mode = Mode::InRow;
                Ok(Flow::Again)
            }
            Caption | Col | Colgroup | Tbody | Tfoot | Thead => Ok(self.close_table_body()),
            _ => self.bare_table_start(tag),
        }
    }

    fn close_table_body(&mut self) -> Flow {
        let is_body = |name: Name| [Tag::Table, Tag::Tbody, Tag::Tfoot].into_iter().any(|tag| name == Name::of(tag));
        if !self.stack.has_within(TABLE_SCOPE, |open| is_body(open.name)) {
            return Flow::Done;
        }
        self.stack.pop_to(BODY_CONTEXT);
        self.stack.pop();
        self.mode = Mode::InTable;
        Flow::Again
    }

    fn row_start(&mut self, tag: &StartTag) -> Result<Flow, Stop> {
        use Tag::*;
        match tag.name.tag() {
            Th | Td => {
                self.stack.pop_to(ROW_CONTEXT);
                self.open_for(tag)?;
                self.mode = Mode::InCell;
                self.formatting.push(Entry::Marker);
                Ok(Flow::Done)
            }
            Caption | Col | Colgroup | Tbody | Tfoot | Thead | Tr => Ok(self.close_row()),
            _ => self.bare_table_start(tag),
        }
    }

    fn close_row(&mut self) -> Flow {
        if !self.stack.has(Tag::Tr, TABLE_SCOPE) {
            return Flow::Done;
        }
        self.stack.pop_to(ROW_CONTEXT);
        self.stack.pop();
        self.mode = Mode::InTableBody;
        Flow::Again
    }

    fn cell_start(&mut self, tag: &StartTag) -> Result<Flow, Stop> {
        if !is_part(tag.name.tag()) {
            self.body_start(tag)?;
            return Ok(Flow::Done);
        }
        if !self.stack.has_within(TABLE_SCOPE, |open| open.traits & CELL != 0) {
            return Ok(Flow::Done);
        }
        self.close_cell();
        Ok(Flow::Again)
    }

    fn close_cell(&mut self) {
        self.stack.pop_implied();
        self.stack.pop_through_trait(CELL);
        self.forget_formatting();
        self.mode = Mode::InRow;
    }

    pub(super) fn table_end(&mut self, name: Name) -> Result<Flow, Stop> {
        use Tag::*;
        let tag = name.tag();
        let is_in_scope = |builder: &Self| builder.stack.has(tag, TABLE_SCOPE);
        match (self.mode, tag) {
            (_, Template) => {}
            (Mode::InCaption, Caption) => _ = self.close_caption(),
            (Mode::InCaption, Table) => return Ok(self.close_caption()),
            (Mode::InColumnGroup, Colgroup) => _ = self.leave_column_group(),
            (Mode::InColumnGroup, Col) => {}
            (Mode::InColumnGroup, _) if self.leave_column_group() => return Ok(Flow::Again),
            (Mode::InColumnGroup, _) => {}
            (Mode::InTableBody, Tbody | Tfoot | Thead) => {
                if is_in_scope(self) {
                    _ = self.close_table_body();
                }
            }
            (Mode::InTableBody, Table) => return Ok(self.close_table_body()),
            (Mode::InRow, Tr) => _ = self.close_row(),
            (Mode::InRow, Table) => return Ok(self.close_row()),
            (Mode::InRow, Tbody | Tfoot | Thead) if is_in_scope(self) => return Ok(self.close_row()),
            (Mode::InCell, Td | Th) => {
                if is_in_scope(self) {
                    self.stack.pop_implied();
                    self.stack.pop_through(name);
                    self.forget_formatting();
                    self.mode = Mode::InRow;
                }
            }
            (Mode::InCell, Table | Tbody | Tfoot | Thead | Tr) => {
                if is_in_scope(self) {
                    self.close_cell();
                    return Ok(Flow::Again);
                }
            }
            (Mode::InTable, Table) => {
                if is_in_scope(self) {
                    self.close_table();
                }
            }
            (_, Body | Caption | Col | Colgroup | Html | Tbody | Td | Tfoot | Th | Thead | Tr) => {}
            (Mode::InCaption | Mode::InCell, _) => return self.body_end(name),
            _ => return self.foster(|builder| builder.body_end(name)),
        }
        Ok(Flow::Done)
    }

    /// Text that stands between the parts of a table.
    pub(super) fn table_text(&mut self, text: Range<u32>) -> Result<(), Stop> {
        if self.stack.current_has(FOSTERS) && self.is_blank(&text) {
            self.append_text(text);
            return Ok(());
        }
        self.foster(|builder| builder.body_text(text))
    }
}

/// Whether a start tag begins another part of the table, which ends a caption or a cell.
fn is_part(tag: Tag) -> bool {
    use Tag::{Caption, Col, Colgroup, Tbody, Td, Tfoot, Th, Thead, Tr};
    matches!(tag, Caption | Col | Colgroup | Tbody | Td | Tfoot | Th | Thead | Tr)
}
