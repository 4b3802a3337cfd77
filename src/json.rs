//! JSON objects read strictly: names are unique, depth is bounded, and every value keeps its exact source text.
//!
//! serde_json checks the grammar. What it does not check is checked here in one pass, and strings are unescaped here,
//! because its own buffers are not wiped and a configuration holds secrets.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

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
    /// What the string means; wiped when dropped, for it may be a secret.
    Text(Zeroizing<String>),
    /// The exact source text.
    Array(&'a str),
    /// The exact source text.
    Object(&'a str),
}

impl<'a> Object<'a> {
    /// Reads an object; the error says what is wrong without quoting any value.
    pub(crate) fn parse(text: &'a str) -> Result<Self, String> {
        let Members(members) = serde_json::from_str(text).map_err(|error| describe(&error))?;
        check(text)?;
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
            // `check` has seen every string, so each has a meaning; a null is dropped everywhere and can do no harm.
            Some(b'"') => unescape(&text[1..text.len() - 1]).map_or(Value::Null, Value::Text),
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

/// A member's name for a message: quoted if it looks like one, for a secret may stand where a name belongs.
pub(crate) fn shown_name(name: &str) -> String {
    let length = name.chars().count();
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let digits = name.chars().filter(char::is_ascii_digit).count();
    // Words in camelCase have a few capitals, Base64 has many.
    let capitals = name.chars().filter(char::is_ascii_uppercase).count();
    let is_word = capitals <= 4 || !name.contains(|c: char| c.is_ascii_lowercase());
    if (1..=32).contains(&length) && name.chars().all(plain) && digits <= 2 && is_word {
        format!("{name:?}")
    } else {
        format!("(a name of {length} characters, not shown since it does not look like one)")
    }
}

/// One pass over a text whose grammar is right: depth, unique names, and strings that have a meaning.
fn check(text: &str) -> Result<(), String> {
    // The names of each object that is open; an open array has none.
    let mut open: Vec<Option<HashSet<String>>> = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    // Whether a string that comes now is a name.
    let mut name_is_due = false;
    while at < bytes.len() {
        match bytes[at] {
            opening @ (b'{' | b'[') => {
                if open.len() > MAX_DEPTH {
                    return Err(format!("it is nested more than {MAX_DEPTH} deep"));
                }
                name_is_due = opening == b'{';
                open.push(name_is_due.then(HashSet::new));
            }
            b'}' | b']' => drop(open.pop()),
            b',' => name_is_due = open.last().is_some_and(Option::is_some),
            b'"' => {
                let end = at + 1 + string_length(&bytes[at + 1..]);
                let inner = &text[at + 1..end];
                if name_is_due && let Some(Some(names)) = open.last_mut() {
                    let name = unescape(inner).ok_or(HALF_A_CHARACTER)?;
                    if names.contains(name.as_str()) {
                        return Err(format!("{} stands twice in one object", shown_name(&name)));
                    }
                    names.insert(name.to_string());
                } else if inner.contains("\\u") {
                    unescape(inner).ok_or(HALF_A_CHARACTER)?;
                }
                name_is_due = false;
                at = end;
            }
            _ => {}
        }
        at += 1;
    }
    Ok(())
}

const HALF_A_CHARACTER: &str = "it is not valid JSON: a string holds half of a surrogate pair";

/// How far it is to the quote that ends a string.
fn string_length(bytes: &[u8]) -> usize {
    let mut at = 0;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at.min(bytes.len())
}

/// What the inside of a string means; `None` when an escape means nothing.
fn unescape(inner: &str) -> Option<Zeroizing<String>> {
    // An escape is never shorter than its meaning, so this never grows and leaves no copy behind.
    let mut out = Zeroizing::new(String::with_capacity(inner.len()));
    let mut rest = inner;
    while let Some(start) = rest.find('\\') {
        out.push_str(&rest[..start]);
        let escape = *rest.as_bytes().get(start + 1)?;
        rest = rest.get(start + 2..)?;
        out.push(match escape {
            b'"' | b'\\' | b'/' => char::from(escape),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = hex(&mut rest)?;
                let code = match first {
                    0xd800..=0xdbff => {
                        rest = rest.strip_prefix("\\u")?;
                        let second = hex(&mut rest)?.checked_sub(0xdc00).filter(|second| *second < 0x400)?;
                        0x10000 + (first - 0xd800) * 0x400 + second
                    }
                    other => other,
                };
                char::from_u32(code)?
            }
            _ => return None,
        });
    }
    out.push_str(rest);
    Some(out)
}

/// Takes four hexadecimal digits.
fn hex(rest: &mut &str) -> Option<u32> {
    let digits = rest.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    *rest = &rest[4..];
    u32::from_str_radix(digits, 16).ok()
}

/// People write the paths of Windows as they are.
const ESCAPE: &str = r": a \ there means nothing. In a path write / or \\ for it";

/// serde_json's description may quote the offending value, which may be a secret: only the place is told.
fn describe(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Eof => "it ends too early",
        serde_json::error::Category::Data => "it is not an object",
        _ => "it is not valid JSON",
    };
    // The words are serde_json's own and quote nothing.
    let advice = if error.to_string().starts_with("invalid escape") { ESCAPE } else { "" };
    format!("{what} (line {}, column {}){advice}", error.line(), error.column())
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
        assert_eq!(object.get("c"), Some(Value::Text(Zeroizing::new("中".into()))));
        assert_eq!(object.get("d"), Some(Value::Null));
        assert_eq!(object.get("e"), Some(Value::Number("1e999")));
        assert_eq!(object.get("f"), Some(Value::Bool(true)));
        assert_eq!(object.get("g"), None);
    }

    #[test]
    fn what_is_no_name_is_not_quoted() {
        for name in ["desKey", "sign_type", "rate-limit.per-second", "sm2Key", "私钥", "privateKeyPassword"] {
            assert_eq!(shown_name(name), format!("{name:?}"));
        }
        for secret in [
            "",
            "A81F41DE7406CC15",
            "desKey=hunter2",
            "MIIEvQIBADANBgkqhkiG9w",
            "-----BEGIN PRIVATE KEY-----",
            "correct horse battery",
            "a\u{1b}[31m",
            &"x".repeat(33),
        ] {
            let shown = shown_name(secret);
            assert!(shown.starts_with("(a name of ") && (secret.is_empty() || !shown.contains(secret)), "{shown}");
        }
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
        // How people on Windows write a path.
        let path = Object::parse(r#"{"path": "C:\keys\new.pfx"}"#).unwrap_err();
        assert!(path.ends_with(r": a \ there means nothing. In a path write / or \\ for it"), "{path}");
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
        assert!(Object::parse(&nested(MAX_DEPTH)).is_ok());
        assert!(Object::parse(&nested(MAX_DEPTH + 1)).unwrap_err().contains("deep"));
        assert!(Object::parse(&nested(500_000)).unwrap_err().contains("deep"));
    }

    #[test]
    fn strings_mean_what_serde_json_says() {
        for text in [
            r#""""#,
            r#""a\"b\\c\/d\b\f\n\r\t""#,
            r#""\u4e2d\u0000\ud83d\ude00x""#,
            "\"中文 \u{1f600}\"",
            r#""\\""#,
            r#""\\\"""#,
        ] {
            let expected: String = serde_json::from_str(text).unwrap();
            assert_eq!(unescape(&text[1..text.len() - 1]).as_deref(), Some(&expected), "{text}");
            let object = format!("{{\"a\":{text},\"b\":[{text},{{{text}:{text}}}]}}");
            assert_eq!(Object::parse(&object).unwrap().get("a"), Some(Value::Text(Zeroizing::new(expected))), "{text}");
        }
        for text in [r"\ud800", r"\udc00", r"\ud800x", r"\ud800\u0041", r"\ud800\ud800", r"\u12", r"\x", r"\"] {
            assert_eq!(unescape(text), None, "{text}");
        }
    }

    #[test]
    fn brackets_and_commas_in_strings_are_text() {
        let object = Object::parse(r#"{"a":"{[\",","b":["]}","a","a"],"c":{"a":1},"d":[{"a":1},{"a":2}]}"#).unwrap();
        assert_eq!(object.members().count(), 4);
    }

    #[test]
    fn an_error_quotes_no_value() {
        for text in [r#"{"desKey":"hunter2"#, r#"{"desKey":hunter2}"#, r#""hunter2""#] {
            assert!(!Object::parse(text).unwrap_err().contains("hunter2"));
        }
    }
}
