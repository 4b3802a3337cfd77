//! `signValue` as bytes: as it should be written, and as it may have been by mistake.

use crate::encoding;
use crate::form;
use crate::mistake::Mistake;

/// The bytes of a signature, and what was wrong with how they were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) bytes: Vec<u8>,
    pub(crate) mistakes: Vec<Mistake>,
}

/// No signature is longer when written; one of RSA-8192 in hex, encoded twice, stays far below.
const MAX_LENGTH: usize = 16 << 10;

/// Every way to read it, the right one first.
pub(crate) fn readings(sign_value: &str) -> Vec<Reading> {
    if sign_value.len() > MAX_LENGTH {
        return Vec::new();
    }
    let mut found: Vec<Reading> = Vec::new();
    let mut add = |bytes: Option<Vec<u8>>, mistakes: &[Mistake]| {
        if let Some(bytes) = bytes
            && !found.iter().any(|reading| reading.bytes == bytes)
        {
            found.push(Reading { bytes, mistakes: mistakes.to_vec() });
        }
    };
    let right = encoding::base64(sign_value);
    add(right.clone(), &[]);
    add(encoding::hex(sign_value), &[Mistake::SignatureHex]);
    add(encoding::base64_url(sign_value), &[Mistake::SignatureBase64Url]);
    add(encoding::base64_unpadded(sign_value), &[Mistake::SignatureUnpadded]);
    let trimmed = sign_value.trim();
    // A plus at its end is one, too, unless spaces only pad it.
    for text in [sign_value.trim_matches(['\r', '\n']), trimmed] {
        if text.contains(' ') {
            add(encoding::base64(&text.replace(' ', "+")), &[Mistake::SignaturePlusAsSpace]);
        }
    }
    if trimmed.contains('%') {
        let unescaped = form::decoded(&trimmed.replace('+', "%2B"));
        add(unescaped.and_then(|text| encoding::base64(&text)), &[Mistake::SignatureUrlEncoded]);
    }
    if let Some(text) = right.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok()) {
        add(encoding::hex(text), &[Mistake::SignatureHexInBase64]);
        add(encoding::base64(text), &[Mistake::SignatureBase64Twice]);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::{to_base64, to_hex};

    #[test]
    fn each_way_of_writing_is_read() {
        let bytes: Vec<u8> = (0..128).map(|at: u8| at.wrapping_mul(37) ^ 0xfb).collect();
        let right = to_base64(&bytes);
        assert!(right.contains(['+', '/']) && right.ends_with('='));
        for (written, mistakes) in [
            (right.clone(), vec![]),
            (format!("{}\r\n{}  ", &right[..76], &right[76..]), vec![]),
            (to_hex(&bytes), vec![Mistake::SignatureHex]),
            (to_hex(&bytes).to_uppercase(), vec![Mistake::SignatureHex]),
            (right.replace('+', "-").replace('/', "_"), vec![Mistake::SignatureBase64Url]),
            (right.trim_end_matches('=').to_owned(), vec![Mistake::SignatureUnpadded]),
            (right.replace('+', " "), vec![Mistake::SignaturePlusAsSpace]),
            (form::encoded(right.as_bytes(), form::Escaping::Plus), vec![Mistake::SignatureUrlEncoded]),
            (to_base64(to_hex(&bytes).as_bytes()), vec![Mistake::SignatureHexInBase64]),
            (to_base64(right.as_bytes()), vec![Mistake::SignatureBase64Twice]),
        ] {
            let readings = readings(&written);
            assert!(readings.contains(&Reading { bytes: bytes.clone(), mistakes }), "{written}: {readings:?}");
        }
        for nothing in ["", "not Base64!", &"A".repeat(MAX_LENGTH + 4)] {
            assert_eq!(readings(nothing), []);
        }
    }
}
