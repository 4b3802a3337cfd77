//! JSON read leniently: names may stand twice, numbers keep their source text, and what is odd is not refused.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A value, as far as a signature cares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`, which is signed as a blank field is: not at all.
    Null,
    /// What a string means.
    Text(String),
    /// The exact source text of a number, a boolean, an array or an object.
    Raw(String),
}

impl Value {
    /// What goes into the signed text.
    pub fn as_str(&self) -> &str {
        match self {
            Value::Null => "",
            Value::Text(text) | Value::Raw(text) => text,
        }
    }

    fn of(raw: &RawValue) -> Self {
        let source = raw.get();
        match source.as_bytes().first() {
            Some(b'n') => Value::Null,
            Some(b'"') => match serde_json::from_str(source) {
                Ok(text) => Value::Text(text),
                // Half of a surrogate pair: no text can be meant, so it is shown as it was written.
                Err(_) => Value::Text(source[1..source.len() - 1].to_owned()),
            },
            _ => Value::Raw(source.to_owned()),
        }
    }
}

/// The members of an object, in the order in which they came, duplicates included; `None` if it is none.
pub(crate) fn object(text: &str) -> Option<Vec<(String, Value)>> {
    // A quick look, for every value is tried.
    if !text.trim_start().starts_with('{') {
        return None;
    }
    serde_json::from_str::<Members>(text).ok().map(|Members(members)| members)
}

/// The text of an object without a member, and with an empty string in its place: two texts, or none if it has no such
/// member; of two with one name the last is meant.
pub(crate) fn without_member(object: &str, name: &str) -> Vec<String> {
    let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(object) else { return Vec::new() };
    let Some(raw) = members.get(name) else { return Vec::new() };
    // The value is a slice of the object's text.
    let start = raw.get().as_ptr() as usize - object.as_ptr() as usize;
    let end = start + raw.get().len();
    let Some(before) = object[..start].rfind(&format!("\"{name}\"")) else { return Vec::new() };
    let emptied = [&object[..start], "\"\"", &object[end..]].concat();
    let (head, tail) = (object[..before].trim_end(), object[end..].trim_start());
    let removed = match (head.strip_suffix(','), tail.strip_prefix(',')) {
        // The comma before it goes with it, or that after it if it is the first.
        (Some(head), _) => [head, &object[end..]].concat(),
        (None, Some(tail)) => [&object[..before], tail.trim_start()].concat(),
        (None, None) => [&object[..before], tail].concat(),
    };
    vec![removed, emptied]
}

struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Members;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((name, raw)) = map.next_entry::<String, &RawValue>()? {
                    members.push((name, Value::of(raw)));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_source_text_and_names_their_order() {
        let members = object(r#" {"b":10.00,"a":"\u4e2d","b":null,"o":{"x": [1]},"h":"\ud800","t":true}"#).unwrap();
        let shown: Vec<_> = members.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            shown,
            [("b", "10.00"), ("a", "中"), ("b", ""), ("o", "{\"x\": [1]}"), ("h", "\\ud800"), ("t", "true")]
        );
        assert!(object("[]").is_none() && object("{").is_none() && object("").is_none());
    }

    #[test]
    fn a_member_is_taken_out_with_its_comma() {
        for (object, removed, emptied) in [
            (r#"{"a":1,"s":"x","b":2}"#, r#"{"a":1,"b":2}"#, r#"{"a":1,"s":"","b":2}"#),
            (r#"{ "a": 1, "s": "x" }"#, r#"{ "a": 1 }"#, r#"{ "a": 1, "s": "" }"#),
            (r#"{"s":"x", "a":1}"#, r#"{"a":1}"#, r#"{"s":"", "a":1}"#),
            (r#"{"s":"x"}"#, "{}", r#"{"s":""}"#),
        ] {
            assert_eq!(without_member(object, "s"), [removed, emptied]);
        }
        assert!(without_member(r#"{"a":1}"#, "s").is_empty() && without_member("a=1", "s").is_empty());
    }
}
