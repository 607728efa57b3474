//! Where a report was written and whose it is: `LONDON (AA) – `, `KATHMANDU, April 25 (Reuters) - `, `Berlin (dpa) - `.

use crate::article::Dateline;
use crate::extract::letters::{is_capital, is_letter_or_digit};

/// No dateline is longer, in bytes: place, region, date and agency.
const MOST_BYTES: usize = 80;

/// No agency's name is longer, in bytes.
const MOST_AGENCY_BYTES: usize = 30;

/// A place alone, without region, date or agency, has as many letters: shorter words in capitals before a dash are
/// mostly abbreviations.
const LEAST_PLACE_LETTERS: usize = 5;

/// What stands between a dateline and the text; a hyphen only with spaces around it.
const DASHES: &[&str] = &[" – ", " — ", " - ", " -- ", "– ", "— ", "—"];

/// The longest of them, in bytes.
const LONGEST_DASH_BYTES: usize = 5;

/// A dateline at the beginning of a paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) dateline: Dateline,
    /// Where it ends, in bytes.
    pub(crate) end: usize,
    /// Where the text begins behind its dash, in bytes.
    pub(crate) text_from: usize,
}

/// The dateline that a report's first paragraph begins with.
pub(crate) fn dateline(paragraph: &str) -> Option<Found> {
    let (end, text_from) = first_dash(paragraph)?;
    let (head, text) = (paragraph[..end].trim_end(), &paragraph[text_from..]);
    let opens_text = |c: char| is_capital(c) || matches!(c, '"' | '“' | '„' | '«' | '‘' | '\'') || c.is_ascii_digit();
    if !text.starts_with(|c: char| opens_text(c) || c.is_alphabetic() && !c.is_lowercase()) {
        return None;
    }
    let (place, agency) = match head.strip_suffix(')').and_then(|head| head.rsplit_once('(')) {
        Some((place, date)) if is_date(date) => (place.trim_end(), None),
        Some((place, agency)) if is_agency(agency) => (place.trim_end(), Some(agency.trim())),
        Some(_) => return None,
        None => (head, None),
    };
    let is_place = match (place, agency) {
        ("", agency) => agency.is_some(),
        (place, Some(_)) => is_name(place),
        (place, None) => is_place_alone(place),
    };
    let known = |part: &str| (!part.is_empty()).then(|| part.to_owned());
    is_place.then(|| Found {
        dateline: Dateline { place: known(town(place)), agency: agency.and_then(known) },
        end: head.len(),
        text_from,
    })
}

/// The first dash: where it begins and ends.
fn first_dash(text: &str) -> Option<(usize, usize)> {
    // Behind that no dash ends a dateline.
    let mut end = text.len().min(MOST_BYTES + LONGEST_DASH_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = &text[..end];
    let dashes = DASHES.iter().filter_map(|dash| Some((head.find(dash)?, dash.len())));
    let (at, length) = dashes.min_by_key(|(at, length)| (*at, usize::MAX - length))?;
    (at > 0 && at <= MOST_BYTES).then_some((at, at + length))
}

fn is_agency(text: &str) -> bool {
    let is_word = |word: &str| word.starts_with(is_letter_or_digit) && !word.ends_with(['.', ',', '!', '?', ':']);
    let words = text.split_whitespace().count();
    text.len() <= MOST_AGENCY_BYTES && (1..=3).contains(&words) && text.split_whitespace().all(is_word)
}

/// What stands in brackets behind a place: an agency, or a date, which is none.
fn is_date(text: &str) -> bool {
    text.len() <= MOST_AGENCY_BYTES && text.contains(|c: char| c.is_ascii_digit())
}

/// Whether a place that an agency stands behind reads like one: its words begin with capitals, but for short ones between
/// them.
fn is_name(place: &str) -> bool {
    let is_name_word = |word: &str| word.starts_with(|c| is_capital(c) || c == '(') || word.chars().count() <= 3;
    place.starts_with(is_capital)
        && !place.contains(['!', '?', ':', ';', '"'])
        && place.split_whitespace().count() <= 8
        && town(place).split_whitespace().all(is_name_word)
}

/// Whether a place without an agency is one: in capitals, and more than an abbreviation.
fn is_place_alone(place: &str) -> bool {
    let town = town(place);
    let letters: Vec<char> = town.chars().filter(|c| c.is_alphabetic()).collect();
    let has_region = town.len() < place.len();
    let is_shouted = !letters.is_empty() && letters.iter().all(|c| is_capital(*c));
    is_shouted
        && is_name(place)
        && town.split_whitespace().count() <= 4
        && !town.contains(|c: char| c.is_ascii_digit())
        && (has_region || letters.len() >= LEAST_PLACE_LETTERS)
}

/// The place without the region or the date behind its comma.
fn town(place: &str) -> &str {
    place.split(',').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(paragraph: &str) -> Option<(Option<String>, Option<String>, &str)> {
        let Found { dateline, text_from, .. } = dateline(paragraph)?;
        Some((dateline.place, dateline.agency, &paragraph[text_from..]))
    }

    fn found<'t>(place: &str, agency: &str, text: &'t str) -> Option<(Option<String>, Option<String>, &'t str)> {
        let known = |part: &str| (!part.is_empty()).then(|| part.to_owned());
        Some((known(place), known(agency), text))
    }

    #[test]
    fn place_and_agency_are_told_in_the_ways_of_the_agencies() {
        assert_eq!(parts("LISSMOUTH (AP) — The ferry is back."), found("LISSMOUTH", "AP", "The ferry is back."));
        assert_eq!(parts("LISSMOUTH, April 25 (Reuters) - The ferry"), found("LISSMOUTH", "Reuters", "The ferry"));
        assert_eq!(parts("OLD QUAY, Wis. (AP) — “It is”"), found("OLD QUAY", "AP", "“It is”"));
        assert_eq!(parts("Lissmund (dpa) - Die Fähre"), found("Lissmund", "dpa", "Die Fähre"));
        assert_eq!(parts("(Lloyd News) - The ferry"), found("", "Lloyd News", "The ferry"));
        assert_eq!(parts("LISSMOUTH – The ferry"), found("LISSMOUTH", "", "The ferry"));
        assert_eq!(parts("ROSS, Isle of Man — The ferry"), found("ROSS", "", "The ferry"));
        assert_eq!(parts("LISSMOUTH (January 24, 2017) — The ferry"), found("LISSMOUTH", "", "The ferry"));
        assert_eq!(parts("ЛИСМУТ – Паром вернулся"), found("ЛИСМУТ", "", "Паром вернулся"));
    }

    #[test]
    fn sentences_and_abbreviations_before_a_dash_are_no_datelines() {
        for text in [
            "NATO – The alliance met on Monday.",
            "UNESCOS – the agency said so.",
            "The ferry – Old and slow – is back.",
            "It was late (too late, said Ann) – The crew had gone.",
            "Ann Lee – The captain of the ferry",
            "1926 – The year of the storm",
            "The ferry sails again on Monday, from the old quay at Lissmouth, with a new crew and a new cat (AP) — Really",
            "LISSMOUTH",
            "",
        ] {
            assert_eq!(parts(text), None, "{text}");
        }
    }
}
