//! A tolerant reading of JSON Feed, for those that `feed-rs` rejects whole: numbers in the place of ids, fields that are
//! missing or of another type, a cut end.

use super::content::of_text;
use super::dates;
use super::draft::{Draft, person, with_sane_dates};
use super::salvage::Found;
use serde_json::{Map, Value};

/// So many ends of objects are tried as the last whole one of a feed that is cut.
const MAX_CUTS: usize = 30;

/// Reads what can be read; nothing of what is no JSON Feed.
pub(super) fn read(text: &str) -> Found {
    let Some(Value::Object(feed)) = value(text) else { return Found::default() };
    let Some(Value::Array(items)) = feed.get("items") else { return Found::default() };
    let shared = authors(&feed);
    let entries = items.iter().filter_map(Value::as_object).map(|item| draft(item, &shared)).collect();
    Found { title: string(&feed, "title"), entries, ..Found::default() }
}

/// The first value of the text, whatever follows it; of a cut one as much as is whole.
fn value(text: &str) -> Option<Value> {
    let first = |text: &str| serde_json::Deserializer::from_str(text).into_iter().next()?.ok();
    let cuts = || text.rmatch_indices('}').take(MAX_CUTS).find_map(|(at, _)| first(&format!("{}]}}", &text[..=at])));
    first(text).or_else(cuts)
}

fn draft(item: &Map<String, Value>, shared: &[String]) -> Draft {
    let own = authors(item);
    with_sane_dates(Draft {
        link: string(item, "url").or_else(|| string(item, "external_url")),
        base: None,
        id: string(item, "id"),
        title: string(item, "title"),
        published: string(item, "date_published").and_then(|text| dates::read(&text)),
        updated: string(item, "date_modified").and_then(|text| dates::read(&text)),
        authors: if own.is_empty() { shared.to_vec() } else { own },
        content: string(item, "content_html").or_else(|| string(item, "content_text").map(|text| of_text(&text))),
        summary: None,
    })
}

fn string(object: &Map<String, Value>, name: &str) -> Option<String> {
    match object.get(name)? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn authors(object: &Map<String, Value>) -> Vec<String> {
    let list = object.get("authors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let all = list.iter().chain(object.get("author")).filter_map(Value::as_object);
    all.filter_map(|author| person(&string(author, "name")?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn cut_feeds_give_their_whole_items(cut in 0_usize..120) {
            let whole = "{\"version\":3,\"items\":[{\"id\":1,\"url\":\"/1\"},{\"id\":2,\"url\":\"/2 {}\",\"tags\":[{}]},{\"id\":3}]}";
            let text = &whole[..cut.min(whole.len())];
            let found = read(text).entries;
            let expected = usize::from(text.contains("/1\"}")) + usize::from(text.contains("[{}]}")) + usize::from(text.contains("3}"));
            prop_assert!(found.len() >= expected, "{text}: {found:?}");
        }
    }
}
