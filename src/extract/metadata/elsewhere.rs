//! Whether an element stands where other articles and other people are named.

use super::marks::words;
use crate::extract::dom::{Attr, Document, NodeId, Tag};
use crate::extract::word_list::WordList;

/// Words of `class` and `id` of places where other articles and other people stand.
static ELSEWHERE_WORDS: WordList = WordList::new(&[
    "comment",
    "comments",
    "related",
    "sidebar",
    "footer",
    "recommended",
    "suggested",
    "teaser",
    "teasers",
    "next",
    "prev",
    "previous",
    "popular",
    "latest",
    "trending",
]);

/// Ancestors looked at to judge where an element stands. Far ones mislead by layout classes such as
/// `latest`: 24 instead of 8 cost 0.2 points of the dates and 0.5 of the authors of wcxb-dev.
const MAX_ANCESTORS: usize = 8;

/// Whether an element stands where other articles and other people are named: comments, related
/// articles, side columns, footers.
pub(super) fn is_elsewhere(document: &Document<'_>, node: NodeId) -> bool {
    let attributes = |node| [Attr::Class, Attr::Id].into_iter().filter_map(move |name| document.attribute(node, name));
    let says_so = |node| {
        attributes(node).any(|value| {
            words(value).any(|word| ELSEWHERE_WORDS.has(word))
                && !is_post_footer(value)
                && !(value == "footer" && is_post(document, node))
        })
    };
    let mut is_meta = false;
    let mut around = std::iter::once(node).chain(document.ancestors(node).take(MAX_ANCESTORS));
    around.any(|above| {
        is_meta |= attributes(above).flat_map(words).any(|word| word.eq_ignore_ascii_case("meta"));
        match document.tag(above) {
            // A column of author and date beside the article.
            Some(Tag::Aside) => !is_meta,
            Some(Tag::Nav) => true,
            Some(Tag::Footer) => !document.attribute(above, Attr::Class).is_some_and(is_post_footer),
            // Classes of `body` speak of the layout of the whole page.
            Some(Tag::Body | Tag::Html | Tag::Main | Tag::Article) if above != node => false,
            _ => says_so(above),
        }
    })
}

/// Words of the class of a post.
const POST_WORDS: [&str; 3] = ["post", "entry", "article"];

/// Whether an element stands right in that of a post.
fn is_post(document: &Document<'_>, node: NodeId) -> bool {
    let class = document.parent(node).and_then(|parent| document.attribute(parent, Attr::Class)).unwrap_or_default();
    POST_WORDS.contains(&class.trim())
}

/// Whether a class is that of the lines below a post (`post-footer`, `entry-footer`), where blogs say who wrote it and
/// when.
fn is_post_footer(value: &str) -> bool {
    let pairs = || words(value).zip(words(value).skip(1));
    pairs().any(|(owner, part)| {
        part.eq_ignore_ascii_case("footer") && POST_WORDS.iter().any(|known| owner.eq_ignore_ascii_case(known))
    })
}
