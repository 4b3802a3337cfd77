//! Hex as keys are written in this trade: in either case, with `0x` in front, with spaces, colons and line breaks.

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
    // Room for all of it, since growing would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() / 2));
    let mut digits = digits(text);
    while let Some(high) = digits.next() {
        bytes.push(high? << 4 | digits.next()??);
    }
    Some(bytes)
}

/// The value of each digit, `None` for what is none; what may stand between bytes is skipped.
fn digits(text: &[u8]) -> impl Iterator<Item = Option<u8>> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let between = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b':' | b'-' | b',');
    let bare = |part| <[u8]>::strip_prefix(part, b"0x").or(<[u8]>::strip_prefix(part, b"0X")).unwrap_or(part);
    text.split(between).flat_map(bare).map(|byte| char::from(*byte).to_digit(16).map(|value| value as u8))
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
        ] {
            assert_eq!(bytes(text), [0, 255, 0xa0], "{text}");
        }
        for text in ["0", "0g", "00ffa", "0x", "x00", "00.ff", "00/ff", "٣٣"] {
            assert!(decode(text.as_bytes()).is_none_or(|bytes| bytes.is_empty()), "{text}");
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
