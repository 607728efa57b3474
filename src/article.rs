//! What was found.

mod claim;

use crate::eight::Eight;
pub use claim::{Claim, Field, Origin};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;
use url::Url;

/// What a block of text is in the article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case", tag = "role")]
pub enum Role {
    /// Running text.
    Paragraph,
    /// A heading; `level` is 1 to 6.
    Heading {
        /// 1 to 6, as in `h1` to `h6`.
        level: u8,
    },
    /// An item of a list; `depth` is 1 for the outermost list.
    ListItem {
        /// How many lists the item stands in, at least 1.
        depth: u8,
        /// The number it is shown with in an ordered list, `None` in a bulleted one.
        number: Option<u32>,
    },
    /// A quotation set off from the text.
    Quote,
    /// Preformatted text: white space counts.
    Code,
    /// A row of a table, cells separated by tabs; empty ones count, but for those at its end.
    Row {
        /// Its cells name the columns.
        is_header: bool,
        /// The first row of its table.
        opens_table: bool,
    },
    /// The caption of a picture, video or table.
    Caption,
}

/// One block of an article, in reading order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArticleBlock {
    /// What it is.
    #[serde(flatten)]
    pub role: Role,
    /// Its text: one line with single spaces, except `Code` and `Row`.
    pub text: String,
    /// Links and images in it, in their order, links not within each other; empty where they were not asked for
    /// ([`crate::extract::Options::with_links`], [`crate::extract::Options::with_images`]) and for code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<Span>,
}

impl ArticleBlock {
    /// A block without links and images.
    pub fn new(role: Role, text: impl Into<String>) -> Self {
        Self { role, text: text.into(), spans: Vec::new() }
    }
}

/// Something that a piece of a block's text is, besides text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Span {
    /// The piece, in bytes of the block's text. That of an image is empty: it stands before the byte, so that one at
    /// the start of a block stands before the block, and one at its end behind it.
    pub range: Range<usize>,
    /// What it is.
    pub mark: Mark,
}

/// What a piece of text is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// It leads there: absolute; http, https or mailto.
    Link(Url),
    /// No text, but an image.
    Image(Box<Image>),
}

/// An image of an article's body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Image {
    /// Where it is: absolute, http or https.
    pub url: Url,
    /// What it shows, for who cannot see it; empty where the page does not say.
    pub alt: String,
    /// The line below it, where it has one that does not stand in the text.
    pub caption: Option<String>,
}

/// When something was published: a day, and the moment where a time and zone were given too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Published {
    /// The day as the page states it, in the page's own zone.
    pub date: Date,
    /// The moment, where the page states a time with a zone.
    pub timestamp: Option<Timestamp>,
}

impl fmt::Display for Published {
    /// RFC 3339: the moment in UTC, else the day.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.timestamp {
            Some(moment) => moment.fmt(formatter),
            None => self.date.fmt(formatter),
        }
    }
}

/// What a page says about its article. Every field is empty where nothing trustworthy was found; `claims` has what each
/// source says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Metadata {
    /// The headline without the site's name.
    pub title: Option<String>,
    /// What the page says of its article in a sentence or two: mostly the standfirst, which stands in the text too
    /// where the page shows it.
    pub subtitle: Option<String>,
    /// People, in the order of the page, without "By" and roles; where none is named, whoever signs instead.
    pub authors: Vec<String>,
    /// First publication.
    pub published: Option<Published>,
    /// The last change, not before `published`.
    pub modified: Option<Published>,
    /// What the text's first paragraph begins with, where that is place or agency; it stays in the text unless its kind
    /// is dropped.
    pub dateline: Option<Dateline>,
    /// The wire agency that the report is from or that helped with it, as it is written.
    pub agency: Option<String>,
    /// The name of the site.
    pub site: Option<String>,
    /// BCP 47 language tag as declared, lower case (`en`, `pt-br`), unless the text is clearly in another language; where
    /// none is declared, and of a text without markup, the language that the text shows.
    pub language: Option<String>,
    /// The canonical URL, absolute, http or https.
    pub canonical_url: Option<Url>,
    /// The part of the site that the article stands in.
    pub section: Option<String>,
    /// The topics that the page names below or above its text, without `#`, each once, at most 100; where it shows
    /// none, those that its metadata name for the article (`article:tag`, `news_keywords`, the keywords of its
    /// JSON-LD). Empty where tags are kept in the text.
    pub tags: Vec<String>,
    /// The picture that stands for the article: absolute, http or https.
    pub image: Option<Url>,
    /// What the text may be used for: the address of a licence, or its name.
    pub license: Option<String>,
    /// Whether everybody can read the whole, as the page states it (`isAccessibleForFree`, `article:content_tier`).
    pub accessible_for_free: Option<bool>,
    /// Where the page's lists of related articles and lines like "Read also" lead, each once, at most
    /// 100. Empty where they are kept in the text.
    pub related: Vec<Link>,
    /// What each source says of each field, fields in the order of [`Field`], sources best first; at most eight for a
    /// field, and the chosen one where that is none of these.
    pub claims: Vec<Claim>,
}

/// Where a report was written and whose it is; one of the two at least is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dateline {
    /// The town, as it is written, without region or date.
    pub place: Option<String>,
    /// The agency, as it is written in brackets.
    pub agency: Option<String>,
}

/// A link to another page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// What it is called; never empty.
    pub text: String,
    /// Where it leads: absolute, http or https.
    pub url: Url,
}

/// The article of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Article {
    /// Title, authors, dates ...
    pub metadata: Metadata,
    /// The body in reading order, without the headline; empty unless the verdict is
    /// [`Verdict::Article`], [`Verdict::Truncated`] or [`Verdict::NotAnArticle`], whose main content it
    /// then is (a listing, a product): the command line and the daemon write nothing of it.
    pub blocks: Vec<ArticleBlock>,
}

impl Article {
    /// How many words the body has: what white space parts, and in scripts without spaces every two characters.
    pub fn words(&self) -> usize {
        self.blocks.iter().map(|block| words(&block.text)).sum()
    }
}

/// The words of a text.
fn words(text: &str) -> usize {
    let is_spaceless =
        |c: char| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}');
    let (mut spaced, mut spaceless) = (0_usize, 0_usize);
    // Before what no letter or digit stands, back to the last white space; answers about eight characters.
    let mut without = Eight::HIGHEST;
    let mut rest = text;
    while !rest.is_empty() {
        // Most bytes of most texts are ASCII: those need no decoding.
        while let Some(found) = Eight::of_ascii(rest.as_bytes()).and_then(|eight| first_letters(eight, &mut without)) {
            spaced += found as usize;
            rest = &rest[8..];
        }
        let mut chars = rest.chars();
        for c in chars.by_ref() {
            if c.is_whitespace() {
                without = Eight::HIGHEST;
            } else if is_spaceless(c) {
                spaceless += 1;
            } else if without >> 63 != 0 && c.is_alphanumeric() {
                spaced += 1;
                without = 0;
            }
            if !matches!(c, ' '..='~') {
                break;
            }
        }
        rest = chars.as_str();
    }
    spaced + spaceless.div_ceil(2)
}

/// How many of eight characters are the first letters or digits of what white space parts, if all can be printed.
#[inline]
fn first_letters(eight: Eight, without: &mut u64) -> Option<u32> {
    let (letters, spaces) = (eight.letters_and_digits(), eight.all_of(b' '));
    let signs = (letters | spaces) ^ Eight::HIGHEST;
    if signs != 0 && !eight.is_printed() {
        return None;
    }
    let before = std::mem::replace(without, Eight::carried_on(spaces, *without, signs));
    Some(Eight::count(letters & Eight::behind(*without, before)))
}

/// Where an article's text was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provenance {
    /// On its page.
    #[default]
    Page,
    /// In the feed that announced it, which carries it in full, because the page could not be had.
    Feed,
}

impl Provenance {
    /// Whether it is the page, as nearly always.
    pub fn is_page(&self) -> bool {
        *self == Self::Page
    }
}

/// What a page as a whole is. The list is closed: exit codes and the daemon's outcomes rest on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// An article, complete as far as can be seen.
    Article,
    /// An article that is not whole: cut off by a paywall, or without some of its pages.
    Truncated,
    /// A page with text that is no article.
    NotAnArticle,
    /// A page that asks for consent before it shows anything.
    ConsentPage,
    /// A page that asks whether the reader is a robot.
    BotWall,
    /// A page that is empty without JavaScript.
    NeedsScript,
    /// Nothing to read at all.
    Empty,
    /// A page past the caps on nesting, attributes or nodes.
    Hostile,
    /// Neither HTML nor text.
    Unsupported,
}

impl Verdict {
    /// Whether an article came out that is worth writing.
    pub fn has_article(self) -> bool {
        matches!(self, Self::Article | Self::Truncated)
    }

    /// The id used in JSON, manifests and logs.
    pub fn id(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Truncated => "truncated",
            Self::NotAnArticle => "not_an_article",
            Self::ConsentPage => "consent_page",
            Self::BotWall => "bot_wall",
            Self::NeedsScript => "needs_script",
            Self::Empty => "empty",
            Self::Hostile => "hostile",
            Self::Unsupported => "unsupported",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::words;
    use proptest::prelude::*;

    /// Words by their definition: [`words`] of texts without scripts that write no spaces.
    fn parted(text: &str) -> usize {
        text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count()
    }

    const PIECES: &[&str] =
        &["a", "Zq9", " ", " ", "  ", "-", "“", "'", "(", "\n", "\u{1}", "\u{a0}", "é", "№", "plain text", "слово"];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn eight_characters_in_one_have_the_words_that_white_space_parts(
            pieces in prop::collection::vec(prop::sample::select(PIECES), 0..23),
        ) {
            let text = pieces.concat();
            prop_assert_eq!(words(&text), parted(&text));
        }
    }

    #[test]
    fn counts_words_of_all_scripts() {
        assert_eq!(words("The ferry – it’s late, by 2 hours."), 7);
        assert_eq!(words("渡し船は月曜日に来ませんでした。"), 8);
        assert_eq!(words("* * *"), 0);
    }
}
