//! `application/x-www-form-urlencoded`, as some send what should be JSON, and the escaping of URLs.

/// The pairs of a form; `None` if the text is none.
pub(crate) fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    if text.is_empty() || text.starts_with(['{', '[', '"', '<']) || text.contains(['\n', '\r']) {
        return None;
    }
    let pairs: Option<Vec<_>> = text.split('&').map(|pair| pair.split_once('=')).collect();
    pairs?.into_iter().map(|(name, value)| Some((decoded(name)?, decoded(value)?))).collect()
}

/// What a text of a form means; `None` if its escapes are none, or not UTF-8.
pub(crate) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = rest.first_chunk::<2>().and_then(|digits| std::str::from_utf8(digits).ok())?;
                let byte = u8::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))?;
                rest = &rest[2..];
                byte
            }
            other => *other,
        });
    }
    String::from_utf8(bytes).ok()
}

/// How a text is escaped for a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Escaping {
    /// `%2B`, and `%20` for a space (RFC 3986).
    Upper,
    /// `%2B`, and `+` for a space: Java's URLEncoder.
    Plus,
    /// As `Upper`, but `/` stays: Python's `quote`.
    Slash,
    /// Only what cannot stand in an address: `encodeURI` of JavaScript.
    Address,
    /// `%2b`: .NET's HttpUtility.
    Lower,
}

pub(crate) fn encoded(text: &[u8], escaping: Escaping) -> String {
    const UPPER: &[u8; 16] = b"0123456789ABCDEF";
    const LOWER: &[u8; 16] = b"0123456789abcdef";
    let digits = if escaping == Escaping::Lower { LOWER } else { UPPER };
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    for &byte in text {
        let is_plain = byte.is_ascii_alphanumeric()
            || b"-_.".contains(&byte)
            || match escaping {
                Escaping::Upper => byte == b'~',
                Escaping::Slash => b"~/".contains(&byte),
                Escaping::Address => b"~!*'();/?:@&=+$,#".contains(&byte),
                Escaping::Plus => byte == b'*',
                Escaping::Lower => b"!*()".contains(&byte),
            };
        if is_plain {
            out.push(char::from(byte));
        } else if byte == b' ' && matches!(escaping, Escaping::Plus | Escaping::Lower) {
            out.push('+');
        } else {
            out.push('%');
            out.push(char::from(digits[usize::from(byte >> 4)]));
            out.push(char::from(digits[usize::from(byte & 15)]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_and_anything_else_is_not() {
        assert_eq!(
            pairs("a=1%2B2&b=x+y&c="),
            Some(vec![("a".into(), "1+2".into()), ("b".into(), "x y".into()), ("c".into(), String::new())])
        );
        for text in ["", "a", "a=1&b", "{a=1}", "a=%zz", "a=%f", "a=%ff", "a=%+1", "a=1\nb=2"] {
            assert_eq!(pairs(text), None, "{text}");
        }
    }

    #[test]
    fn each_language_escapes_in_its_own_way() {
        for (escaping, escaped) in [
            (Escaping::Upper, "a%2Bb%20%3D%E4%B8%AD~%2A%2F"),
            (Escaping::Slash, "a%2Bb%20%3D%E4%B8%AD~%2A/"),
            (Escaping::Address, "a+b%20=%E4%B8%AD~*/"),
            (Escaping::Plus, "a%2Bb+%3D%E4%B8%AD%7E*%2F"),
            (Escaping::Lower, "a%2bb+%3d%e4%b8%ad%7e*%2f"),
        ] {
            assert_eq!(encoded("a+b =中~*/".as_bytes(), escaping), escaped, "{escaping:?}");
        }
        assert_eq!(encoded(&[0xd6, 0xd0], Escaping::Upper), "%D6%D0");
    }
}
