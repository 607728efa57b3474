//! XML as feeds, sitemaps, lists and pages have it, more or less.

use quick_xml::events::BytesStart;
use quick_xml::{Reader, XmlVersion};
use std::borrow::Cow;

/// A reader that goes on where end tags do not match and an `&` begins nothing.
pub(super) fn tolerant_reader(text: &str) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    reader
}

/// The value of an attribute, whatever the case of its name; as it stands where its entities cannot be read.
pub(super) fn attribute(tag: &BytesStart<'_>, wanted: &str) -> Option<String> {
    let mut all = tag.html_attributes();
    let found = all.with_checks(false).flatten().find(|found| found.key.as_ref().eq_ignore_ascii_case(wanted))?;
    let value = found.normalized_value(XmlVersion::Implicit1_0).map(Cow::into_owned);
    Some(value.unwrap_or_else(|_| found.value.into_owned()))
}
