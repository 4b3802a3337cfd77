//! Bytes as text: Base64 as the platform's decoders take it, and what people use in its place.

use base64ct::{Base64, Base64Unpadded, Base64UrlUnpadded, Encoding};
use zeroize::Zeroizing;

/// Standard Base64; carriage returns, line feeds, tabs and spaces do not count.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let one_line: String = text.chars().filter(|c| !matches!(c, '\r' | '\n' | ' ' | '\t')).collect();
    Base64::decode_vec(&one_line).ok().filter(|bytes| !bytes.is_empty())
}

/// Without the `=` at the end, which some encoders leave out.
pub(crate) fn base64_unpadded(text: &str) -> Option<Vec<u8>> {
    let one_line: String = text.chars().filter(|c| !c.is_ascii_whitespace() && *c != '=').collect();
    Base64Unpadded::decode_vec(&one_line).ok().filter(|bytes| !bytes.is_empty())
}

/// With `-` and `_`.
pub(crate) fn base64_url(text: &str) -> Option<Vec<u8>> {
    let one_line: String = text.chars().filter(|c| !c.is_ascii_whitespace() && *c != '=').collect();
    if !one_line.contains(['-', '_']) {
        return None;
    }
    Base64UrlUnpadded::decode_vec(&one_line).ok().filter(|bytes| !bytes.is_empty())
}

pub(crate) fn to_base64(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

/// Hexadecimal digits, in either case.
pub(crate) fn hex(text: &str) -> Option<Vec<u8>> {
    // Wiped, and with room for all at once: it may be a key.
    let mut digits = Zeroizing::new(Vec::with_capacity(text.len()));
    digits.extend(text.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Zeroizing::new(Vec::with_capacity(digits.len() / 2));
    for pair in digits.chunks(2) {
        bytes.push(digit(pair[0])? << 4 | digit(pair[1])?);
    }
    Some(std::mem::take(&mut *bytes))
}

pub(crate) fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}
