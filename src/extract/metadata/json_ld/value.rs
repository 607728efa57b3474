//! JSON with only the keys that the metadata room reads: a page's product lists, comments and
//! article bodies are skipped while they are parsed and cost no memory.

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// The keys that are kept, in schema.org's spelling.
const KEYS: &[&str] = &[
    "@graph",
    "@id",
    "@type",
    "@value",
    "alternativeHeadline",
    "articleSection",
    "author",
    "contentUrl",
    "creator",
    "dateCreated",
    "dateModified",
    "datePublished",
    "description",
    "headline",
    "image",
    "inLanguage",
    "isAccessibleForFree",
    "isPartOf",
    "keywords",
    "license",
    "mainEntity",
    "mainEntityOfPage",
    "name",
    "publisher",
    "uploadDate",
    "url",
];

/// A JSON value. Numbers are kept as text, `null` as the empty list.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Bool(bool),
    List(Vec<Value>),
    /// Known keys only, in source order.
    Object(Vec<(&'static str, Value)>),
}

impl Value {
    /// The value of a key of an object, the first where it is given twice.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(pairs) => pairs.iter().find(|(name, _)| *name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// A string, or the `@value` of a typed literal, or the first of a list of strings.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::List(list) => list.iter().find_map(|value| match value {
                Self::Text(text) => Some(text.as_str()),
                _ => None,
            }),
            Self::Object(_) => match self.get("@value") {
                Some(Self::Text(text)) => Some(text),
                _ => None,
            },
            Self::Bool(_) => None,
        }
    }

    /// The members of a list, or the value itself.
    pub(super) fn members(&self) -> &[Self] {
        match self {
            Self::List(list) => list,
            other => std::slice::from_ref(other),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::List(Vec::new()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = sequence.next_element()? {
            list.push(value);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(Key(key)) = map.next_key()? {
            match key {
                Some(key) => pairs.push((key, map.next_value()?)),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        pairs.shrink_to_fit();
        Ok(Value::Object(pairs))
    }
}

/// A key of [`KEYS`], or none of them.
struct Key(Option<&'static str>);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = Key;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a key")
            }

            fn visit_str<E>(self, value: &str) -> Result<Key, E> {
                let value = value.strip_prefix("schema:").unwrap_or(value);
                Ok(Key(KEYS.iter().find(|key| **key == value).copied()))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}
