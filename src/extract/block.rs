//! The kinds of boilerplate, blocks and regions: what rules may know of a page.

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $id:literal,)*) => {
        /// What a piece of boilerplate is. The id is the same in code, data files, options and output.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Boilerplate {
            $($(#[$doc])* #[serde(rename = $id)] $variant,)*
        }

        impl Boilerplate {
            /// Every kind, in the order of `docs/kinds.md`.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The id used in data files, options and output.
            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// The kind of an id.
            pub fn from_id(id: &str) -> Option<Self> {
                match id { $($id => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

kinds! {
    /// Asks the reader to pay or log in to read on.
    Paywall = "paywall",
    /// Asks for support, donations, members.
    Membership = "membership",
    /// A newsletter's form or pitch.
    Newsletter = "newsletter",
    /// What a form says about its own state ("* indicates required").
    FormState = "form_state",
    /// A list of other articles.
    RelatedList = "related_list",
    /// One line that points to another article.
    ReadAlso = "read_also",
    /// The text of another article on the same page.
    Embedded = "embedded",
    /// Popular, latest or chosen items of the whole site.
    MostRead = "most_read",
    /// Clock times with one-line items of other stories.
    Ticker = "ticker",
    /// Menus, site header and footer, search.
    Nav = "nav",
    /// The path from the home page to this one.
    Breadcrumb = "breadcrumb",
    /// "Skip to content", "back to top".
    SkipLink = "skip_link",
    /// Buttons to share the page.
    Share = "share",
    /// What readers wrote.
    Comments = "comments",
    /// The form to write a comment.
    CommentForm = "comment_form",
    /// Cookie notices, placeholders of external content.
    Consent = "consent",
    /// Log in, register.
    Login = "login",
    /// Install the app.
    AppInstall = "app_install",
    /// Advertisement labels and slots.
    Ad = "ad",
    /// Who wrote it.
    Byline = "byline",
    /// Place and agency at the start of the first paragraph; kept by default.
    Dateline = "dateline",
    /// When it was published or changed.
    Timestamp = "timestamp",
    /// "5 min read".
    ReadingTime = "reading_time",
    /// Notices of audio versions, machine translation, AI summaries.
    AudioAiNotice = "audio_ai_notice",
    /// Captions and credits of pictures.
    Caption = "caption",
    /// Buttons and counters of galleries.
    GalleryCtl = "gallery_ctl",
    /// Text of video players.
    VideoPlayer = "video_player",
    /// Lists of tags or topics.
    Tags = "tags",
    /// Who the author is.
    AuthorBio = "author_bio",
    /// Corrections and editor's notes; kept by default.
    Correction = "correction",
    /// Copyright and legal lines.
    Copyright = "copyright",
    /// Disclaimers, affiliate disclosures.
    Disclaimer = "disclaimer",
    /// Source and wire credits.
    SourceAttr = "source_attr",
    /// Tables of contents.
    Toc = "toc",
    /// Polls, quizzes, ratings.
    PollQuiz = "poll_quiz",
    /// Events, products, calls to action.
    EventPromo = "event_promo",
    /// "Follow us on ...".
    FollowUs = "follow_us",
    /// Tip lines and feedback addresses.
    ContactTip = "contact_tip",
    /// Print, save, font size.
    Tools = "tools",
    /// Page numbers, previous and next.
    Pagination = "pagination",
    /// Embedded posts of social networks; text kept by default.
    SocialEmbed = "social_embed",
    /// Script, shortcode and entity garbage.
    AmpJson = "amp_json",
    /// Said before on the same page.
    Duplicate = "duplicate",
    /// Invisible, or for screen readers only.
    Hidden = "hidden",
    /// The headline again.
    HeadlineCopy = "headline_copy",
    /// Outside the main content, for no nameable reason.
    Unclassified = "unclassified",
}

use super::dom::{NodeId, Tag};
use super::measure::Measure;
use std::ops::Range;

/// Index of a block, in reading order.
pub(crate) type BlockId = usize;

/// Index of a region, in document order.
pub(crate) type RegionId = usize;

/// What the markup says a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockRole {
    Paragraph,
    Heading(u8),
    /// First block of a list item: depth and number.
    Item(u8, Option<u32>),
    Quote,
    Code,
    /// Text of a table cell; cells of one row share the region of their `tr`.
    Cell {
        row: RegionId,
    },
    Caption,
}

/// One piece of text between two block boundaries.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// In [`Blocks::text`].
    pub(crate) text: Range<u32>,
    /// The nearest block-level element around it.
    pub(crate) region: RegionId,
    pub(crate) role: BlockRole,
    pub(crate) measure: Measure,
    /// Characters inside links, counted as in [`Measure::chars`].
    pub(crate) link_chars: u32,
    /// Links that begin in it.
    pub(crate) links: u32,
    /// The innermost inline elements around its whole text, innermost first, in [`Blocks::inline`].
    pub(crate) inline: Range<u32>,
    /// Invisible, or meant for screen readers alone.
    pub(crate) is_hidden: bool,
}

impl Block {
    /// Share of the characters that stand in links, 0 to 1.
    pub(crate) fn link_share(&self) -> f32 {
        if self.measure.chars == 0 { 0.0 } else { self.link_chars as f32 / self.measure.chars as f32 }
    }

    /// A block that reads like running text: at least 80 characters, less than half of them linked
    /// (TAXONOMY.md section 2, the prose guard).
    pub(crate) fn is_prose(&self) -> bool {
        self.measure.chars >= 66 && self.link_share() < 0.5
    }
}

/// A block-level element.
#[derive(Debug, Clone)]
pub(crate) struct Region {
    pub(crate) tag: Tag,
    pub(crate) node: NodeId,
    /// `None` for the body.
    pub(crate) parent: Option<RegionId>,
    /// Its blocks, those of regions within it included.
    pub(crate) blocks: Range<BlockId>,
    /// One past the last region within it.
    pub(crate) end: RegionId,
    /// Number of siblings with the same tag and classes, itself included.
    pub(crate) alike: u32,
    /// The first of these.
    pub(crate) first_alike: RegionId,
    /// Inputs, selects and text areas that a reader sees.
    pub(crate) inputs: u32,
    /// Sum of [`Measure::chars`] over its prose blocks.
    pub(crate) prose_chars: u32,
    /// Number of its prose blocks.
    pub(crate) prose_blocks: u32,
    /// Sum of [`Measure::chars`] over its blocks.
    pub(crate) chars: u32,
    /// Sum of [`Block::link_chars`] over its blocks.
    pub(crate) link_chars: u32,
}

impl Region {
    /// Share of the characters that stand in links, 0 to 1.
    pub(crate) fn link_share(&self) -> f32 {
        if self.chars == 0 { 0.0 } else { self.link_chars as f32 / self.chars as f32 }
    }
}

/// How a block stood in a text without markup.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// Blank lines before it, at most 3.
    pub(crate) blanks_before: u8,
    /// Lines that were joined to it, itself included; more than 1 where the text is hard-wrapped.
    pub(crate) joined: u16,
    /// Begins with a bullet or a number.
    pub(crate) is_bulleted: bool,
    /// [`Boilerplate::HeadlineCopy`], [`Boilerplate::Byline`] or [`Boilerplate::Timestamp`], where the text's
    /// metadata were read from it.
    pub(crate) metadata: Option<Boilerplate>,
}

/// A page cut into blocks, with the regions around them.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    pub(crate) text: String,
    pub(crate) blocks: Vec<Block>,
    /// The body first, in document order.
    pub(crate) regions: Vec<Region>,
    pub(crate) inline: Vec<NodeId>,
    /// By block, in a text without markup; empty for a page. Such a text is one region.
    pub(crate) lines: Vec<Line>,
    /// Links and images, by block; empty where nobody asked for them.
    pub(crate) marks: Vec<BlockMark>,
}

/// A link or an image in a block, or an image before it; behind all blocks where it counts as one past the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BlockMark {
    pub(crate) block: BlockId,
    /// In the block's text; empty for images.
    pub(crate) range: Range<u32>,
    /// The element `a` or `img`.
    pub(crate) node: NodeId,
}

impl Blocks {
    /// None yet, with room for those of a page of so many nodes: the mean of pages is four nodes for a region, nine for a
    /// block, and six bytes of text for a node.
    pub(crate) fn with_room(nodes: usize) -> Self {
        Self {
            text: String::with_capacity(8 * nodes),
            blocks: Vec::with_capacity(nodes / 6),
            regions: Vec::with_capacity(nodes / 3),
            inline: Vec::with_capacity(nodes / 6),
            ..Self::default()
        }
    }

    /// The text of a block.
    pub(crate) fn text(&self, block: &Block) -> &str {
        &self.text[block.text.start as usize..block.text.end as usize]
    }

    /// Whether they are those of a text without markup.
    pub(crate) fn is_flat(&self) -> bool {
        !self.lines.is_empty()
    }

    /// The inline elements around a block's whole text.
    pub(crate) fn inline(&self, block: &Block) -> &[NodeId] {
        &self.inline[block.inline.start as usize..block.inline.end as usize]
    }

    /// The region and those around it, innermost first.
    pub(crate) fn around(&self, region: RegionId) -> impl Iterator<Item = RegionId> + '_ {
        std::iter::successors(Some(region), |region| self.regions[*region].parent)
    }

    /// Sum of [`Measure::chars`] over all prose blocks of the page.
    pub(crate) fn prose_chars(&self) -> u32 {
        self.regions.first().map_or(0, |body| body.prose_chars)
    }
}
