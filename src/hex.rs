//! Hex as keys are written in this trade: in either case, with `0x` in front, with spaces, colons and line breaks, also in
//! the wide characters of Chinese keyboards.

use zeroize::Zeroizing;

/// Fewer digits are no key, but a name or a number.
const FEWEST: usize = 32;

/// How many hex digits a text has, if it is nothing but hex and long enough for a key.
pub(crate) fn count(text: &[u8]) -> Option<usize> {
    let count = digits(text).try_fold(0, |count, digit| digit.map(|_| count + 1))?;
    (count >= FEWEST).then_some(count)
}

/// The bytes, if there are only digits and an even number of them.
pub(super) fn decode(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    // Room for all of it, since growing would leave copies behind; a byte takes two characters, a blank perhaps.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len().div_ceil(2)));
    let mut digits = digits(text);
    while let Some(high) = digits.next() {
        bytes.push(high? << 4 | digits.next()??);
    }
    Some(bytes)
}

/// Whether it would be hex but for a minus sign, as programs print a number that they take for a signed one.
pub(crate) fn is_negative(text: &[u8]) -> bool {
    let rest = std::str::from_utf8(text).ok().and_then(|text| start(text).strip_prefix(MINUS));
    rest.is_some_and(|digits| count(digits.as_bytes()).is_some())
}

const MINUS: [char; 3] = ['-', '\u{ff0d}', '\u{2212}'];

/// The value of each digit, `None` for what is none; what may stand between bytes is skipped.
fn digits(text: &[u8]) -> impl Iterator<Item = Option<u8>> {
    // A dash stands between bytes, but in front it is a sign, and the number another one than its digits say.
    let text = std::str::from_utf8(text).ok().filter(|text| !start(text).starts_with(MINUS));
    let parts = text.unwrap_or_default().split(is_between).map(bare).filter(|part| !part.is_empty());
    // Printed byte by byte, as in `0x39, 0x5`, a single digit is a byte, too.
    let is_bytes = parts.clone().nth(1).is_some() && parts.clone().all(|part| part.chars().nth(2).is_none());
    let value = |c: char| narrow(c).to_digit(16).map(|value| value as u8);
    text.is_none().then_some(None).into_iter().chain(parts.flat_map(move |part| characters(part, is_bytes)).map(value))
}

/// The characters of a part, which may be one byte.
fn characters(part: &str, is_byte: bool) -> impl Iterator<Item = char> {
    let zero = (is_byte && part.chars().nth(1).is_none()).then_some('0');
    zero.into_iter().chain(part.chars())
}

/// The text from its first character that counts.
fn start(text: &str) -> &str {
    text.trim_start_matches(|c| is_between(c) && !MINUS.contains(&c))
}

/// White space of every kind and the marks that writers put between bytes. Copied text has characters that nobody sees.
fn is_between(c: char) -> bool {
    c.is_whitespace()
        || matches!(narrow(c), ':' | '-' | ',')
        || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// Without `0x`.
fn bare(part: &str) -> &str {
    let rest = part.strip_prefix(['0', '\u{ff10}']);
    rest.and_then(|rest| rest.strip_prefix(['x', 'X', '\u{ff58}', '\u{ff38}'])).unwrap_or(part)
}

/// Full-width forms, as Chinese keyboards write them, as ASCII.
pub(crate) fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The bytes of clean hex, for tests.
    pub(crate) fn bytes(text: &str) -> Vec<u8> {
        decode(text.as_bytes()).unwrap().to_vec()
    }

    #[test]
    fn what_stands_between_the_digits_is_skipped() {
        for text in [
            "00ffA0",
            "0x00ffa0",
            "0X00FFA0",
            "00 ff\ta0\r\n",
            "00:FF:A0",
            "00-ff-a0",
            "0x00, 0xff, 0xa0",
            "\u{feff}00ffa0",
            "00\u{a0}ff\u{3000}a0",
            "00\u{200b}ff\u{200b}a0",
            "00：ff：a0",
            "００ｆｆＡ０",
            "０ｘ００ｆｆａ０",
            "00f\nfa0",
            "0x0, 0xff, 0xa0",
            "0 ff a0",
        ] {
            assert_eq!(bytes(text), [0, 255, 0xa0], "{text}");
        }
        for text in
            ["0", "0g", "00ffa", "0x", "x00", "00.ff", "00/ff", "٣٣", "-00ff", " -00ff", "－00ff", "\u{2212}00ff"]
        {
            assert!(decode(text.as_bytes()).is_none_or(|bytes| bytes.is_empty()), "{text}");
        }
    }

    #[test]
    fn nothing_grows() {
        let text = b"1 2 3 4 5 6 7 8 9";
        assert_eq!(decode(text).unwrap().len(), 9);
        // It would have doubled.
        assert!(decode(text).unwrap().capacity() < 16);
    }

    /// The digits of a negative number are not those of the key.
    #[test]
    fn a_sign_is_no_separator() {
        let digits = "39".repeat(32);
        assert!(!is_negative(digits.as_bytes()) && !is_negative(b"-39") && !is_negative(b"-no hex"));
        for sign in ["-", " -", "－", "\u{2212}", "\u{feff}-"] {
            let text = format!("{sign}{digits}");
            assert!(is_negative(text.as_bytes()) && count(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn short_hex_may_be_a_name() {
        assert_eq!(count(&[b'a'; 31]), None);
        assert_eq!(count(&[b'a'; 32]), Some(32));
        assert_eq!(count("a".repeat(32).replace("aa", "aa:").as_bytes()), Some(32));
        assert_eq!(count(&[b'g'; 64]), None);
    }
}
