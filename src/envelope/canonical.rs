//! The signed text: non-blank fields, sorted by name, `name=value` joined with `&`, nothing escaped.

use std::cmp::Ordering;

/// The signed text of `fields`. Blank values are dropped; others go in untrimmed.
pub(crate) fn signed_text<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut fields: Vec<_> = fields.into_iter().filter(|(_, value)| !is_blank(value)).collect();
    fields.sort_by(|(a, _), (b, _)| java_order(a, b));
    let mut text = String::new();
    for (name, value) in fields {
        if !text.is_empty() {
            text.push('&');
        }
        text.extend([name, "=", value]);
    }
    text
}

/// Java's `String.trim().isEmpty()`: only characters up to U+0020 are trimmed, so U+3000 is not blank.
pub(crate) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte <= b' ')
}

/// Java's `String.compareTo`: by UTF-16 code units, which sorts U+1F600 before U+FF5E.
fn java_order(a: &str, b: &str) -> Ordering {
    a.encode_utf16().cmp(b.encode_utf16())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_by_utf16_code_units() {
        assert_eq!(signed_text([("\u{ff5e}", "1"), ("\u{1f600}", "2")]), "\u{1f600}=2&\u{ff5e}=1");
        assert_eq!(signed_text([("msgCode", "c"), ("method", "m"), ("Z", "z")]), "Z=z&method=m&msgCode=c");
    }

    #[test]
    fn blank_is_javas_trim() {
        for blank in ["", " ", "\t\r\n", "\0\u{1f} "] {
            assert!(is_blank(blank), "{blank:?}");
        }
        for solid in ["\u{3000}", "\u{a0}", "\u{7f}", " x "] {
            assert!(!is_blank(solid), "{solid:?}");
        }
    }
}
