//! What each source says of each field, and which one is believed.

use crate::article::{Claim, Field, Origin};

/// What is said of one field, best source first.
pub(super) type Said = Vec<(Origin, String)>;

/// Most claims of one field; what says the same in the same place counts once.
const MOST: usize = 8;

/// Longest value of a claim, in bytes; longer ones are cut.
const MAX_BYTES: usize = 500;

/// The field a meta belongs to by its name.
pub(super) fn origin_of_meta(key: &str) -> Origin {
    let is_of = |starts: &[&str]| starts.iter().any(|start| key.starts_with(start));
    if is_of(&["og:", "article:"]) {
        Origin::OpenGraph
    } else if is_of(&["dc.", "dc:", "dcterms."]) {
        Origin::DublinCore
    } else {
        Origin::Meta
    }
}

/// Adds what is said of a field, of which `chosen` was taken: the first claim of that source with that value, else one
/// of its own, put before the others.
pub(super) fn add(claims: &mut Vec<Claim>, field: Field, said: Said, chosen: Option<(Origin, String)>) {
    let start = claims.len();
    let mut said: Vec<Claim> = said
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(source, value)| Claim { field, source, value: cut(value), chosen: false })
        .collect();
    if let Some((source, value)) = chosen {
        let value = cut(value);
        match said.iter_mut().find(|claim| claim.source == source && claim.value == value) {
            Some(claim) => claim.chosen = true,
            None => said.insert(0, Claim { field, source, value, chosen: true }),
        }
    }
    for claim in said {
        let is_known = claims[start..].iter().any(|known| known.source == claim.source && known.value == claim.value);
        if !is_known && (claims.len() - start < MOST || claim.chosen) {
            claims.push(claim);
        }
    }
}

/// Puts another value in the place of the one that was chosen, and keeps that as a claim.
pub(super) fn replace(claims: &mut Vec<Claim>, field: Field, source: Origin, value: String) {
    let at = claims.iter().position(|claim| claim.field >= field).unwrap_or(claims.len());
    claims.iter_mut().filter(|claim| claim.field == field).for_each(|claim| claim.chosen = false);
    claims.insert(at, Claim { field, source, value: cut(value), chosen: true });
}

/// Marks the claim that was taken after all.
pub(super) fn choose(claims: &mut [Claim], field: Field, source: Origin, value: &str) {
    let value = cut(value.to_owned());
    let is_it = |claim: &&mut Claim| claim.field == field && claim.source == source && claim.value == value;
    if let Some(claim) = claims.iter_mut().find(is_it) {
        claim.chosen = true;
    }
}

fn cut(mut value: String) -> String {
    let end = (0..=MAX_BYTES.min(value.len())).rev().find(|end| value.is_char_boundary(*end)).unwrap_or(0);
    value.truncate(end);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(values: &[(Origin, &str)]) -> Said {
        values.iter().map(|(source, value)| (*source, (*value).to_owned())).collect()
    }

    fn lines(claims: &[Claim]) -> Vec<String> {
        let line =
            |claim: &Claim| format!("{}{} {}", if claim.chosen { "*" } else { "" }, claim.source.id(), claim.value);
        claims.iter().map(line).collect()
    }

    #[test]
    fn marks_the_claim_that_was_taken_and_drops_repeats() {
        let mut claims = Vec::new();
        let all = said(&[(Origin::JsonLd, "Rain"), (Origin::OpenGraph, "Rain!"), (Origin::OpenGraph, "Rain!")]);
        add(&mut claims, Field::Title, all, Some((Origin::OpenGraph, "Rain!".into())));
        assert_eq!(lines(&claims), ["json_ld Rain", "*open_graph Rain!"]);
    }

    #[test]
    fn what_no_source_says_as_it_stands_is_a_claim_of_its_own() {
        let mut claims = Vec::new();
        add(&mut claims, Field::Title, said(&[(Origin::JsonLd, "Rain")]), Some((Origin::Heading, "Snow".into())));
        assert_eq!(lines(&claims), ["*heading Snow", "json_ld Rain"]);
    }

    #[test]
    fn a_field_has_few_claims_and_the_taken_one_is_among_them() {
        let many = (0..100).map(|number| (Origin::Meta, number.to_string())).collect();
        let mut claims = Vec::new();
        add(&mut claims, Field::Title, many, Some((Origin::Meta, "99".into())));
        assert_eq!((claims.len(), claims.iter().filter(|claim| claim.chosen).count()), (MOST + 1, 1));
        add(&mut claims, Field::Site, said(&[(Origin::Meta, &"é".repeat(1_000))]), None);
        assert!(claims.last().is_some_and(|claim| claim.value.len() <= MAX_BYTES));
    }

    #[test]
    fn another_value_takes_the_place_of_the_one_taken() {
        let mut claims = Vec::new();
        add(&mut claims, Field::Language, said(&[(Origin::Html, "en")]), Some((Origin::Html, "en".into())));
        replace(&mut claims, Field::Language, Origin::Text, "de".into());
        assert_eq!(lines(&claims), ["*text de", "html en"]);
    }

    #[test]
    fn metas_belong_to_who_defined_them() {
        let origins = ["article:author", "og:title", "dcterms.creator", "author"].map(origin_of_meta);
        assert_eq!(origins, [Origin::OpenGraph, Origin::OpenGraph, Origin::DublinCore, Origin::Meta]);
    }
}
