//! Texts of a page that are a date, or the label of one.

use super::elsewhere::is_elsewhere;
use crate::article::Published;
use crate::extract::dom::{Document, Tag};
use crate::extract::letters::{begins_in_small, small};

/// Longest line that is searched for a date, in bytes.
const MAX_LINE_BYTES: usize = 120;

/// Longest text that can be a date and nothing else, in bytes, and most letters in it: a weekday, a
/// month, "Uhr".
const MAX_LONE_BYTES: usize = 44;
const MAX_LONE_LETTERS: usize = 26;

/// Most texts of one sort that are read before the page is taken to have no date.
const MAX_TRIES: usize = 200;

/// Longest text that can be a label with or without its date, in bytes.
const MAX_LABEL_BYTES: usize = 80;

/// Words before the day of publication, lower case.
const LABELS: &[&str] = &[
    "published",
    "posted",
    "date published",
    "publication date",
    "release date",
    "veröffentlicht",
    "erschienen",
    "erstellt",
    "publié",
    "mise en ligne",
    "publicado",
    "fecha",
    "publicada",
    "pubblicato",
    "gepubliceerd",
    "publisert",
    "publicerad",
    "udgivet",
    "opublikowano",
    "data publikacji",
    "опубліковано",
    "опубликовано",
    "дата",
    "datum",
    "date",
    "julkaistu",
    "paskelbta",
    "发布",
    "公開",
    "掲載",
];

/// The first bytes of the labels.
const LABEL_STARTS: [bool; 256] = {
    let mut starts = [false; 256];
    let mut at = 0;
    while at < LABELS.len() {
        starts[LABELS[at].as_bytes()[0] as usize] = true;
        at += 1;
    }
    starts
};

/// A date behind a label, anywhere on the page.
pub(super) fn labelled(document: &Document<'_>, read: &dyn Fn(&str) -> Option<Published>) -> Option<Published> {
    let mut texts = document
        .nodes()
        .filter_map(|node| Some((node, document.text(node)?)))
        .filter(|(_, text)| !text.trim().is_empty())
        .peekable();
    let mut tries = 0;
    while let Some((node, text)) = texts.next() {
        let text = text.trim();
        if text.len() > MAX_LABEL_BYTES || !is_label(text) || is_elsewhere(document, node) {
            continue;
        }
        tries += 1;
        if tries > MAX_TRIES {
            break;
        }
        let next = texts.peek().map(|(_, next)| next.trim()).filter(|next| next.len() <= MAX_LABEL_BYTES);
        if let Some(found) = read(text).or_else(|| read(next?)) {
            return Some(found);
        }
    }
    None
}

pub(super) fn is_label(text: &str) -> bool {
    let Some(first) = text.chars().next().map(small) else { return false };
    let begins_with = |label: &str| {
        let mut letters = text.chars().flat_map(char::to_lowercase);
        label.chars().all(|letter| letters.next() == Some(letter)) && !letters.next().is_some_and(char::is_alphabetic)
    };
    let first = first.encode_utf8(&mut [0; 4]).as_bytes()[0];
    LABEL_STARTS[usize::from(first)] && LABELS.iter().any(|label| label.as_bytes()[0] == first && begins_with(label))
}

/// Whether a line can date the article: it is short, or begins like a byline, and does not speak
/// of a change.
pub(super) fn is_date_line(line: &str) -> bool {
    const CHANGES: &[&str] = &[
        "updated",
        "modified",
        "edited",
        "aktualisiert",
        "stand",
        "mis à jour",
        "modifié",
        "actualizado",
        "aggiornato",
        "оновлено",
        "обновлено",
        "atualizado",
        "oppdatert",
        "uppdaterad",
        "reviewed",
        "bijgewerkt",
    ];
    let says = |start: &str| begins_in_small(line, start);
    line.len() <= MAX_LINE_BYTES && !says("last") && !CHANGES.iter().any(|change| says(change))
}

/// The first text of the body that is a date and hardly anything else, and no link.
pub(super) fn lone(document: &Document<'_>, read: &dyn Fn(&str) -> Option<Published>) -> Option<Published> {
    let is_lone = |text: &str| {
        (6..=MAX_LONE_BYTES).contains(&text.len())
            && text.contains(|character: char| character.is_ascii_digit())
            && text.chars().filter(|character| character.is_alphabetic()).count() <= MAX_LONE_LETTERS
            && is_date_line(text)
    };
    let is_in_link =
        |node| document.ancestors(node).take(6).any(|above| matches!(document.tag(above), Some(Tag::A | Tag::Title)));
    let texts = document.nodes().filter_map(|node| Some((node, document.text(node)?.trim())));
    texts
        .filter(|(node, text)| is_lone(text) && !is_in_link(*node) && !is_elsewhere(document, *node))
        .take(MAX_TRIES)
        .find_map(|(_, text)| read(text))
}

/// Whether a line of a text without markup can date it: it is a date and hardly anything else, begins with a label, or
/// is a byline.
pub(super) fn can_be_date(line: &str, is_byline: bool) -> bool {
    let letters = || line.chars().filter(|character| character.is_alphabetic()).count();
    let is_short = || line.len() <= MAX_LONE_BYTES && letters() <= MAX_LONE_LETTERS;
    let has_digit = line.bytes().any(|byte| byte.is_ascii_digit()) && line.len() <= MAX_LINE_BYTES;
    has_digit && is_date_line(line) && (is_byline || is_label(line) || is_short())
}
