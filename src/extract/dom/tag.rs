//! Element names.

/// How many entries the table of names has: a power of two, many more than there are names.
const SLOTS: usize = 1024;

macro_rules! tags {
    ($($variant:ident = $name:literal,)*) => {
        /// An element's name; `Custom` for all that HTML does not know.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub(crate) enum Tag { $($variant,)* Custom }

        impl Tag {
            /// All, `Custom` last; each stands at its own number.
            pub(super) const ALL: &[Self] = &[$(Self::$variant,)* Self::Custom];

            /// The lower-case name; empty for `Custom`.
            pub(crate) fn name(self) -> &'static str {
                NAMES[self as usize]
            }
        }

        /// By the tags' numbers.
        const NAMES: &[&str] = &[$($name,)* ""];
    };
}

/// For each slot the number of the tag that is found there, or a later one; that of `Custom` where none is.
static BY_NAME: [u8; SLOTS] = slots();

const fn slots() -> [u8; SLOTS] {
    let mut slots = [Tag::Custom as u8; SLOTS];
    let mut tag = 0;
    while tag < Tag::Custom as usize {
        let mut slot = slot(NAMES[tag].as_bytes());
        while slots[slot] != Tag::Custom as u8 {
            slot = (slot + 1) % SLOTS;
        }
        slots[slot] = tag as u8;
        tag += 1;
    }
    slots
}

/// Where a name is looked for first: by its first eight bytes and its length, scattered by the golden ratio.
const fn slot(name: &[u8]) -> usize {
    let mut key = name.len() as u64;
    let mut at = 0;
    while at < name.len() && at < 8 {
        key = key << 8 ^ key >> 56 ^ name[at] as u64;
        at += 1;
    }
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54) as usize
}

tags! {
    A = "a", Abbr = "abbr", Acronym = "acronym", Address = "address", Applet = "applet", Area = "area",
    Article = "article", Aside = "aside", Audio = "audio", B = "b", Base = "base", Basefont = "basefont",
    Bgsound = "bgsound", Big = "big", Blockquote = "blockquote", Body = "body", Br = "br",
    Button = "button", Canvas = "canvas", Caption = "caption", Center = "center", Cite = "cite",
    Code = "code", Col = "col", Colgroup = "colgroup", Data = "data", Datalist = "datalist", Dd = "dd",
    Del = "del", Details = "details", Dfn = "dfn", Dialog = "dialog", Dir = "dir", Div = "div", Dl = "dl",
    Dt = "dt", Em = "em", Embed = "embed", Fieldset = "fieldset", Figcaption = "figcaption",
    Figure = "figure", Font = "font", Footer = "footer", Form = "form", Frame = "frame",
    Frameset = "frameset", H1 = "h1", H2 = "h2", H3 = "h3", H4 = "h4", H5 = "h5", H6 = "h6", Head = "head",
    Header = "header", Hgroup = "hgroup", Hr = "hr", Html = "html", I = "i", Iframe = "iframe",
    Image = "image", Img = "img", Input = "input", Ins = "ins", Kbd = "kbd", Keygen = "keygen",
    Label = "label", Legend = "legend", Li = "li", Link = "link", Listing = "listing", Main = "main",
    Map = "map", Mark = "mark", Marquee = "marquee", Math = "math", Menu = "menu", Meta = "meta",
    Meter = "meter", Nav = "nav", Nobr = "nobr", Noembed = "noembed", Noframes = "noframes",
    Noscript = "noscript", Object = "object", Ol = "ol", Optgroup = "optgroup", Option = "option",
    Output = "output", P = "p", Param = "param", Picture = "picture", Plaintext = "plaintext", Pre = "pre",
    Progress = "progress", Q = "q", Rb = "rb", Rp = "rp", Rt = "rt", Rtc = "rtc", Ruby = "ruby", S = "s",
    Samp = "samp", Script = "script", Search = "search", Section = "section", Select = "select",
    Slot = "slot", Small = "small", Source = "source", Span = "span", Strike = "strike", Strong = "strong",
    Style = "style", Sub = "sub", Summary = "summary", Sup = "sup", Svg = "svg", Table = "table",
    Tbody = "tbody", Td = "td", Template = "template", Textarea = "textarea", Tfoot = "tfoot", Th = "th",
    Thead = "thead", Time = "time", Title = "title", Tr = "tr", Track = "track", Tt = "tt", U = "u",
    Ul = "ul", Var = "var", Video = "video", Wbr = "wbr", Xmp = "xmp",
}

impl Tag {
    /// The tag of a lower-case name.
    pub(crate) fn from_name(name: &str) -> Self {
        Self::from_bytes(name.as_bytes())
    }

    /// The tag of a lower-case name.
    pub(super) fn from_bytes(name: &[u8]) -> Self {
        let mut at = slot(name);
        loop {
            let tag = Self::ALL[BY_NAME[at] as usize];
            if tag == Self::Custom || tag.name().as_bytes() == name {
                return tag;
            }
            at = (at + 1) % SLOTS;
        }
    }

    /// The level of a heading, 1 to 6.
    pub(crate) fn heading_level(self) -> Option<u8> {
        match self {
            Self::H1 => Some(1),
            Self::H2 => Some(2),
            Self::H3 => Some(3),
            Self::H4 => Some(4),
            Self::H5 => Some(5),
            Self::H6 => Some(6),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_and_no_other() {
        for tag in Tag::ALL {
            assert_eq!(Tag::from_name(tag.name()), *tag);
        }
        for name in ["", "x", "blockquotes", "figcaptio", "h7", "DIV", "custom-element"] {
            assert_eq!(Tag::from_name(name), Tag::Custom, "{name}");
        }
    }
}
