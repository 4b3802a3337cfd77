//! What people make of a value before it is signed.

use std::fmt::Write as _;

use crate::form::{self, Escaping};
use crate::json::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    Encoded(Escaping),
    /// `+` as a space, as what decodes a form leaves it.
    PlusAsSpace,
    /// The other way round.
    SpaceAsPlus,
    /// As Java's `trim`.
    Trimmed,
    /// As `strip` and the `trim` of other languages.
    UnicodeTrimmed,
    Quoted,
    /// As PHP's `json_encode`, which escapes `/` and all beyond ASCII.
    QuotedInPhp,
    Escaped,
    EscapedInPhp,
    /// Nested JSON without white space, its members and numbers as they are.
    RawCompact,
    /// Nested JSON as a library writes it that sorts members and shortens numbers.
    RawSorted,
    /// `10.00` as `10`.
    NumbersShort,
    /// `10.00` as `10.0`.
    NumbersWithPoint,
    /// `true` as `True`.
    PythonWords,
}

impl Rule {
    pub(super) fn apply(self, value: &Value, text: &str) -> String {
        let is_raw = matches!(value, Value::Raw(_));
        match self {
            Rule::Encoded(escaping) => form::encoded(text.as_bytes(), escaping),
            Rule::PlusAsSpace => text.replace('+', " "),
            Rule::SpaceAsPlus => text.replace(' ', "+"),
            Rule::Trimmed => text.trim_matches(|c| c <= ' ').to_owned(),
            Rule::UnicodeTrimmed => text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').to_owned(),
            Rule::Quoted => quoted(text),
            Rule::QuotedInPhp => quoted_in_php(text),
            Rule::Escaped => inside(&quoted(text)),
            Rule::EscapedInPhp => inside(&quoted_in_php(text)),
            Rule::RawCompact if is_raw && text.starts_with(['{', '[']) => compact(text),
            Rule::RawSorted if is_raw && text.starts_with(['{', '[']) => {
                serde_json::from_str::<serde_json::Value>(text)
                    .map_or_else(|_| text.to_owned(), |json| json.to_string())
            }
            Rule::NumbersShort if is_raw => number(text, |number| number.to_string()),
            Rule::NumbersWithPoint if is_raw => number(text, |number| format!("{number:?}")),
            Rule::PythonWords if is_raw => match text {
                "true" => "True".to_owned(),
                "false" => "False".to_owned(),
                _ => text.to_owned(),
            },
            _ => text.to_owned(),
        }
    }
}

/// JSON without the white space between its parts.
fn compact(json: &str) -> String {
    let (mut in_string, mut is_escaped) = (false, false);
    let is_kept = |c: &char| {
        let is_kept = in_string || !matches!(c, ' ' | '\t' | '\r' | '\n');
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = in_string,
            '"' => in_string = !in_string,
            _ => {}
        }
        is_kept
    };
    json.chars().filter(is_kept).collect()
}

fn number(text: &str, written: impl Fn(f64) -> String) -> String {
    let is_number = text.starts_with(|first: char| first.is_ascii_digit() || first == '-');
    match text.parse::<f64>() {
        // A huge one would be written with hundreds of digits, as nobody does.
        Ok(number) if is_number && number.abs() < 1e15 => written(number),
        _ => text.to_owned(),
    }
}

pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

pub(super) fn quoted_in_php(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    for character in quoted(text).chars() {
        match character {
            '/' => out.push_str("\\/"),
            other if other.is_ascii() => out.push(other),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out
}

fn inside(quoted: &str) -> String {
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_does_what_its_language_does() {
        let text = |text: &str| Value::Text(text.to_owned());
        let raw = |text: &str| Value::Raw(text.to_owned());
        for (rule, value, made) in [
            (Rule::Encoded(Escaping::Plus), text("a+b/c="), "a%2Bb%2Fc%3D"),
            (Rule::Trimmed, text(" a\u{3000} "), "a\u{3000}"),
            (Rule::UnicodeTrimmed, text(" a\u{3000} "), "a"),
            (Rule::Quoted, text("a\"中/"), "\"a\\\"中/\""),
            (Rule::QuotedInPhp, text("a\"中/"), "\"a\\\"\\u4e2d\\/\""),
            (Rule::Escaped, text("a\r\nb"), "a\\r\\nb"),
            (Rule::EscapedInPhp, text("a/\u{1f600}"), "a\\/\\ud83d\\ude00"),
            (Rule::RawCompact, raw("{\"a\" : [1, 2]}"), "{\"a\":[1,2]}"),
            (Rule::RawCompact, raw("{\"b\": \"x \\\" y\",\n \"a\": 2.50}"), "{\"b\":\"x \\\" y\",\"a\":2.50}"),
            (Rule::RawSorted, raw("{\"b\": \"x \\\" y\",\n \"a\": 2.50}"), "{\"a\":2.5,\"b\":\"x \\\" y\"}"),
            (Rule::NumbersShort, raw("10.00"), "10"),
            (Rule::NumbersWithPoint, raw("10.00"), "10.0"),
            (Rule::NumbersShort, raw("1e999"), "1e999"),
            (Rule::NumbersShort, text("10.00"), "10.00"),
            (Rule::PythonWords, raw("true"), "True"),
        ] {
            assert_eq!(rule.apply(&value, value.as_str()), made, "{rule:?}");
        }
    }
}
