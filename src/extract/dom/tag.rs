//! Element names.

macro_rules! tags {
    ($($variant:ident = $name:literal,)*) => {
        /// An element's name; `Custom` for all that HTML does not know.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Tag { $($variant,)* Custom }

        impl Tag {
            /// The tag of a lower-case name.
            pub(crate) fn from_name(name: &str) -> Self {
                match name { $($name => Self::$variant,)* _ => Self::Custom }
            }

            /// The lower-case name; empty for `Custom`.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* Self::Custom => "" }
            }
        }
    };
}

tags! {
    A = "a", Abbr = "abbr", Acronym = "acronym", Address = "address", Area = "area", Article = "article",
    Aside = "aside", Audio = "audio", B = "b", Base = "base", Big = "big", Blockquote = "blockquote",
    Body = "body", Br = "br", Button = "button", Canvas = "canvas", Caption = "caption", Center = "center",
    Cite = "cite", Code = "code", Col = "col", Colgroup = "colgroup", Data = "data", Datalist = "datalist",
    Dd = "dd", Del = "del", Details = "details", Dfn = "dfn", Dialog = "dialog", Dir = "dir", Div = "div",
    Dl = "dl", Dt = "dt", Em = "em", Embed = "embed", Fieldset = "fieldset", Figcaption = "figcaption",
    Figure = "figure", Font = "font", Footer = "footer", Form = "form", Frame = "frame",
    Frameset = "frameset", H1 = "h1", H2 = "h2", H3 = "h3", H4 = "h4", H5 = "h5", H6 = "h6", Head = "head",
    Header = "header", Hgroup = "hgroup", Hr = "hr", Html = "html", I = "i", Iframe = "iframe", Img = "img",
    Input = "input", Ins = "ins", Kbd = "kbd", Label = "label", Legend = "legend", Li = "li", Link = "link",
    Main = "main", Map = "map", Mark = "mark", Math = "math", Menu = "menu", Meta = "meta", Meter = "meter",
    Nav = "nav", Noframes = "noframes", Noscript = "noscript", Object = "object", Ol = "ol",
    Optgroup = "optgroup", Option = "option", Output = "output", P = "p", Param = "param",
    Picture = "picture", Pre = "pre", Progress = "progress", Q = "q", Rp = "rp", Rt = "rt", Ruby = "ruby",
    S = "s", Samp = "samp", Script = "script", Search = "search", Section = "section", Select = "select",
    Slot = "slot", Small = "small", Source = "source", Span = "span", Strike = "strike",
    Strong = "strong", Style = "style", Sub = "sub", Summary = "summary", Sup = "sup", Svg = "svg",
    Table = "table", Tbody = "tbody", Td = "td", Template = "template", Textarea = "textarea",
    Tfoot = "tfoot", Th = "th", Thead = "thead", Time = "time", Title = "title", Tr = "tr", Track = "track",
    Tt = "tt", U = "u", Ul = "ul", Var = "var", Video = "video", Wbr = "wbr", Xmp = "xmp",
}

impl Tag {
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
