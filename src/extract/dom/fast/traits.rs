//! What the standard says of elements by their names: a set of bits for each.

use super::super::Tag;

/// Ends the search for a formatting element (13.2.4.2, "special").
pub(super) const SPECIAL: u16 = 1;
/// Ends the search for an open element (13.2.4.2, "in scope").
pub(super) const SCOPE: u16 = 1 << 1;
/// As well for list items.
pub(super) const LIST_SCOPE: u16 = 1 << 2 | SCOPE;
/// As well for paragraphs.
pub(super) const BUTTON_SCOPE: u16 = 1 << 3 | SCOPE;
/// For parts of tables, this alone.
pub(super) const TABLE_SCOPE: u16 = 1 << 4;
/// What rows stand in.
pub(super) const BODY_CONTEXT: u16 = 1 << 5;
/// What cells stand in.
pub(super) const ROW_CONTEXT: u16 = 1 << 6;
/// Needs no end tag.
pub(super) const IMPLIED: u16 = 1 << 7;
/// What is no part of a table goes before it from here.
pub(super) const FOSTERS: u16 = 1 << 8;
pub(super) const HEADING: u16 = 1 << 9;
pub(super) const CELL: u16 = 1 << 10;
/// Not HTML.
pub(super) const FOREIGN: u16 = 1 << 11;
/// Not HTML, but HTML may stand in it, and all is told by HTML's rules.
pub(super) const HOLDS_HTML: u16 = 1 << 12;
/// As well, but for tags of its own.
pub(super) const HOLDS_TEXT: u16 = 1 << 13;

/// What holds of an element of HTML.
pub(super) fn of(tag: Tag) -> u16 {
    TRAITS[tag as usize]
}

static TRAITS: [u16; Tag::ALL.len()] = table();

const fn table() -> [u16; Tag::ALL.len()] {
    use Tag::*;
    let mut traits = [0; Tag::ALL.len()];
    let special: &[Tag] = &[
        Address, Applet, Area, Article, Aside, Base, Basefont, Bgsound, Blockquote, Body, Br, Button, Caption, Center,
        Col, Colgroup, Dd, Details, Dir, Div, Dl, Dt, Embed, Fieldset, Figcaption, Figure, Footer, Form, Frame,
        Frameset, H1, H2, H3, H4, H5, H6, Head, Header, Hgroup, Hr, Html, Iframe, Img, Input, Li, Link, Listing, Main,
        Marquee, Menu, Meta, Nav, Noembed, Noframes, Noscript, Object, Ol, P, Param, Plaintext, Pre, Script, Section,
        Select, Source, Style, Summary, Table, Tbody, Td, Template, Textarea, Tfoot, Th, Thead, Title, Tr, Track, Ul,
        Wbr, Xmp,
    ];
    mark(&mut traits, special, SPECIAL);
    mark(&mut traits, &[Applet, Caption, Html, Table, Td, Th, Marquee, Object, Select, Template], SCOPE);
    mark(&mut traits, &[Ol, Ul], LIST_SCOPE & !SCOPE);
    mark(&mut traits, &[Button], BUTTON_SCOPE & !SCOPE);
    mark(&mut traits, &[Html, Table, Template], TABLE_SCOPE);
    mark(&mut traits, &[Tbody, Tfoot, Thead, Template, Html], BODY_CONTEXT);
    mark(&mut traits, &[Tr, Template, Html], ROW_CONTEXT);
    mark(&mut traits, &[Dd, Dt, Li, Option, Optgroup, P, Rb, Rp, Rt, Rtc], IMPLIED);
    mark(&mut traits, &[Table, Tbody, Tfoot, Thead, Tr], FOSTERS);
    mark(&mut traits, &[H1, H2, H3, H4, H5, H6], HEADING);
    mark(&mut traits, &[Td, Th], CELL);
    traits
}

const fn mark(traits: &mut [u16; Tag::ALL.len()], tags: &[Tag], bits: u16) {
    let mut at = 0;
    while at < tags.len() {
        traits[tags[at] as usize] |= bits;
        at += 1;
    }
}
