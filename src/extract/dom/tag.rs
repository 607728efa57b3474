//! Element names.

use super::names::names;

names! {
    /// An element's name; `Custom` for all that HTML does not know.
    Tag, else Custom:
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
    /// The lower-case name; empty for `Custom`.
    pub(crate) fn name(self) -> &'static str {
        Self::NAMES[self as usize]
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
