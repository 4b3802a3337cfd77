//! JSON objects read strictly: names are unique, depth is bounded, and every value keeps its exact source text.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// How deep arrays and objects may nest; the protocol's own nest two deep.
const MAX_DEPTH: usize = 64;

/// An object whose every name is unique, at any depth; values are slices of the text it was read from.
#[derive(Debug)]
pub(crate) struct Object<'a> {
    members: Vec<(String, &'a RawValue)>,
}

/// One value, by its kind.
#[derive(Debug, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    /// The number's exact source text.
    Number(&'a str),
    Text(String),
    /// The exact source text.
    Array(&'a str),
    /// The exact source text.
    Object(&'a str),
}

impl<'a> Object<'a> {
    /// Reads an object; the error says what is wrong without quoting any value.
    pub(crate) fn parse(text: &'a str) -> Result<Self, String> {
        let members = members(text)?;
        check_names(&members)?;
        for (name, value) in &members {
            check_nested(value, MAX_DEPTH).map_err(|reason| format!("in {name:?}: {reason}"))?;
        }
        Ok(Object { members })
    }

    /// The value of `name`, if the object has it.
    pub(crate) fn get(&self, name: &str) -> Option<Value<'a>> {
        self.members.iter().find(|(member, _)| member == name).map(|(_, raw)| Value::of(raw))
    }

    /// The members in the order in which they came.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.members.iter().map(|(name, raw)| (name.as_str(), *raw))
    }
}

impl<'a> Value<'a> {
    pub(crate) fn of(raw: &'a RawValue) -> Self {
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'n') => Value::Null,
            Some(b't') => Value::Bool(true),
            Some(b'f') => Value::Bool(false),
            Some(b'"') => match serde_json::from_str(text) {
                Ok(decoded) => Value::Text(decoded),
                // Unreachable after `check_nested`; a null is dropped everywhere, so it can do no harm.
                Err(_) => Value::Null,
            },
            Some(b'[') => Value::Array(text),
            Some(b'{') => Value::Object(text),
            _ => Value::Number(text),
        }
    }

    /// What kind of value this is, for an error message.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::Text(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        }
    }
}

fn members(text: &str) -> Result<Vec<(String, &RawValue)>, String> {
    serde_json::from_str::<Members>(text).map(|members| members.0).map_err(|error| describe(&error))
}

fn check_names(members: &[(String, &RawValue)]) -> Result<(), String> {
    let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!("the name {:?} stands twice in one object", clip(pair[0]))),
        None => Ok(()),
    }
}

fn check_nested(raw: &RawValue, depth_left: usize) -> Result<(), String> {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'{' | b'[') if depth_left == 0 => Err(format!("nested more than {MAX_DEPTH} deep")),
        Some(b'{') => {
            let members = members(text)?;
            check_names(&members)?;
            members.iter().try_for_each(|(_, value)| check_nested(value, depth_left - 1))
        }
        Some(b'[') => {
            let Elements(elements) = serde_json::from_str(text).map_err(|error| describe(&error))?;
            elements.iter().try_for_each(|value| check_nested(value, depth_left - 1))
        }
        // A raw string may still hold half a surrogate pair.
        Some(b'"') => serde_json::from_str::<String>(text).map(drop).map_err(|error| describe(&error)),
        _ => Ok(()),
    }
}

/// serde_json's description may quote the offending value, which may be a secret: only the place is told.
fn describe(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Eof => "it ends too early",
        serde_json::error::Category::Data => "it is not an object",
        _ => "it is not valid JSON",
    };
    format!("{what} (line {}, column {})", error.line(), error.column())
}

fn clip(name: &str) -> String {
    name.chars().take(60).collect()
}

struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

struct Elements<'a>(Vec<&'a RawValue>);

impl<'de> Deserialize<'de> for Elements<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Elements<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = seq.next_element()? {
                    elements.push(element);
                }
                Ok(Elements(elements))
            }
        }
        deserializer.deserialize_seq(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_source_text_and_order() {
        let object =
            Object::parse(r#" {"b": 10.00, "a": {"x" : [1, 2]}, "c":"\u4e2d","d":null,"e":1e999,"f":true} "#).unwrap();
        let names: Vec<_> = object.members().map(|(name, _)| name).collect();
        assert_eq!(names, ["b", "a", "c", "d", "e", "f"]);
        assert_eq!(object.get("b"), Some(Value::Number("10.00")));
        assert_eq!(object.get("a"), Some(Value::Object(r#"{"x" : [1, 2]}"#)));
        assert_eq!(object.get("c"), Some(Value::Text("中".into())));
        assert_eq!(object.get("d"), Some(Value::Null));
        assert_eq!(object.get("e"), Some(Value::Number("1e999")));
        assert_eq!(object.get("f"), Some(Value::Bool(true)));
        assert_eq!(object.get("g"), None);
    }

    #[test]
    fn a_name_twice_is_refused_at_any_depth_and_in_any_spelling() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"x":{"a":1,"a":1}}"#,
            r#"{"x":[{"y":[{"a":1,"b":2,"a":1}]}]}"#,
        ] {
            assert!(Object::parse(text).unwrap_err().contains(r#""a" stands twice"#), "{text}");
        }
    }

    #[test]
    fn what_is_not_an_object_is_refused() {
        for text in
            ["", "[]", "1", "null", "\"a\"", "{", "{\"a\":}", "{\"a\":1}x", r#"{"a":"\ud800"}"#, r#"{"a":["\udc00"]}"#]
        {
            assert!(Object::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
        assert!(Object::parse(&nested(MAX_DEPTH)).is_ok());
        assert!(Object::parse(&nested(MAX_DEPTH + 1)).unwrap_err().contains("deep"));
        assert!(Object::parse(&nested(500_000)).unwrap_err().contains("deep"));
    }

    #[test]
    fn an_error_quotes_no_value() {
        for text in [r#"{"desKey":"hunter2"#, r#"{"desKey":hunter2}"#, r#""hunter2""#] {
            assert!(!Object::parse(text).unwrap_err().contains("hunter2"));
        }
    }
}
