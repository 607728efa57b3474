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
